"""A made-up class, graded by the real pipeline."""

from __future__ import annotations

import copy
import shutil
from typing import TYPE_CHECKING

import jupytext
import nbformat

from mlp_helpers import exercises

from ..ground.errors import Problem
from ..release.generate import build
from .classmates import STUDENTS, chapter_of

if TYPE_CHECKING:
    from mlp_helpers.checking import Exercise


MARK = ".mlp-course-demo"  # in every folder that a demo may replace


def exercises_of(chapter: str) -> list[Exercise]:
    """List the exercises of a chapter such as "01_softmax_jacobian", in their order."""
    return [e for e in exercises().values() if e.chapter == chapter[:2]]


def make_course(source, folder):
    """Write what grading needs into a fresh folder.

    Parameters
    ----------
    source : Path
        The course.
    folder : Path
        New, empty, or left by an earlier demo, which is replaced.

    Raises
    ------
    Problem
        The folder holds something else.
    """
    if folder.exists():
        if not folder.is_dir() or (any(folder.iterdir()) and not (folder / MARK).is_file()):
            raise Problem(f"{folder} is not empty and not an earlier demo: choose another --dir")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARK).write_text("`mlp-course demo` replaces this folder.\n", encoding="utf-8")
    shutil.copy(source / "nbgrader_config.py", folder)
    (folder / "solutions").mkdir()
    for master in sorted((source / "solutions").glob("*.py")):
        shutil.copy(master, folder / "solutions")
    build(root=folder)


def hand_in(folder, chapter):
    """Write every student's notebook of one chapter.

    Parameters
    ----------
    folder : Path
        The demo's course.
    chapter : str
    """
    release = nbformat.read(folder / "course" / chapter / f"{chapter}.ipynb", as_version=4)
    master = jupytext.read(folder / "solutions" / f"{chapter}.py")
    content = chapter_of(master, exercises_of(chapter))
    for student in STUDENTS:
        path = folder / "classroom" / "submitted" / student.name / chapter / f"{chapter}.ipynb"
        path.parent.mkdir(parents=True)
        text = nbformat.writes(solved(release, student.solve(content))) + "\n"
        if not student.readable:
            text = text[: len(text) // 3]  # as when an upload breaks off
        path.write_text(text, encoding="utf-8")


def solved(release, sources):
    """Give a copy of the release with some solution cells filled in.

    Parameters
    ----------
    release : NotebookNode
    sources : dict of str to str
        By grade id.
    """
    notebook = copy.deepcopy(release)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = sources.get(name, cell.source)
    return notebook


def introduction(folder, chapters):
    """Say what is about to be graded."""
    who = "\n".join(f"  {s.name}  {s.story}" for s in STUDENTS)
    return (
        f"A made-up class of {len(STUDENTS)} hands in {', '.join(chapters)}:\n\n{who}\n\n"
        f"Grading in {folder}\n"
    )
