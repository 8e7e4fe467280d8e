"""The submissions of a class: which there are, and what was handed in."""

from __future__ import annotations

import dataclasses
import stat
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from ..ground.files import EXCHANGE_SECRET, TIMESTAMP, small_texts
from ..ground.task import Task
from ..judge.handed_in import Found, find


@dataclass(frozen=True)
class Handed:
    """What one student handed in.

    Attributes
    ----------
    task : Task
    found : Found
    timestamp : str
        nbgrader's time of handing in; "" if there is none that can be read.
    exchange_secret : str
        By which nbgrader's exchange gives feedback back; "" if there is none.
    """

    task: Task
    found: Found
    timestamp: str = ""
    exchange_secret: str = ""

    @property
    def texts(self) -> dict[str, str]:
        """What travels beside the notebook, by the name of the file."""
        return {TIMESTAMP: self.timestamp, EXCHANGE_SECRET: self.exchange_secret}


def plan(chapters: Iterable[str], root: str | Path, excluded: Collection[str] = ()) -> list[Task]:
    """List the submissions of the given chapters.

    Parameters
    ----------
    chapters : iterable of str
    root : str or Path
    excluded : collection of str
        Students to leave out.

    Returns
    -------
    list of Task, by chapter and student.
    """
    folder = Path(root, "classroom", "submitted")
    students = sorted(folder.iterdir()) if folder.is_dir() else []
    return [
        Task(chapter, student.name)
        for chapter in chapters
        for student in students
        if student.name not in excluded and _may_be_there(student / chapter)
    ]


def _may_be_there(folder):
    """Whether there is a folder, or the way to it is closed to us."""
    try:
        return stat.S_ISDIR(folder.stat().st_mode)
    except OSError as error:
        return isinstance(error, PermissionError)


def misplaced(chapters: Iterable[str], root: str | Path) -> list[Path]:
    """List the notebooks among the submissions that lie in no chapter's folder.

    Parameters
    ----------
    chapters : iterable of str
        All that have a master; whatever else is released in ``course/`` is left to nbgrader.
    root : str or Path

    Returns
    -------
    list of Path, below ``classroom/submitted``
    """
    folder = Path(root, "classroom", "submitted")
    known = {*chapters, *(path.name for path in Path(root, "course").glob("*"))}
    found = [
        path.relative_to(folder)
        for pattern in ("*.ipynb", "*/*.ipynb", "*/*/*.ipynb")
        for path in folder.glob(pattern)
    ]
    return sorted(
        path
        for path in found
        if not any(part.startswith(".") for part in path.parts)
        and (len(path.parts) < 3 or path.parts[1] not in known)
    )


def name_fault(student: str) -> str:
    """Say why a student's name cannot be graded under; "" if it can."""
    if shown(student) == student:
        return ""
    return (
        "the name of its folder holds control characters, or bytes that are no text, which "
        "nothing can show: rename the folder"
    )


def shown(name: str) -> str:
    """Write a file's name without what would act on a terminal, or cannot be written at all."""
    return "".join(
        c.encode("unicode_escape").decode() if unicodedata.category(c) in ("Cc", "Cs") else c
        for c in name
    )


def collect(task: Task, root: str | Path) -> Handed:
    """Read what was handed in for a task.

    Returns
    -------
    Handed
    """
    folder = Path(root, "classroom", "submitted", task.student, task.chapter)
    found = find(folder / f"{task.chapter}.ipynb")
    texts, notes = small_texts(folder)
    found = dataclasses.replace(found, notes=(*found.notes, *notes))
    return Handed(task, found, texts[TIMESTAMP], texts[EXCHANGE_SECRET])
