"""solutions/NN_name.py -> course/NN_name/NN_name.ipynb, the same bytes at every build.

A master is a jupytext py:percent file. It becomes a notebook whose cell ids follow from its grade
ids and texts, is held against the exercise registry, and goes through nbgrader's own release steps.
solutions/README.py, the page from which readers start, holds no exercises: it becomes
course/README.ipynb as it is.
"""

from __future__ import annotations

import logging
import re
import stat
from collections.abc import Iterable
from pathlib import Path

from ..ground.errors import Problem
from ..ground.scratch import Folder
from ..ground.writing import write
from . import masters
from .masters import master_names, master_notebook, notebook_text, read_master

LANDING = "README"
ROW = re.compile(
    r"^\| \[[^]\n]*\]\((\w+)/\1\.ipynb\).*\n", re.MULTILINE
)  # of the first page's table
LEAKS = ("BEGIN SOLUTION", "END SOLUTION", "MARK SCHEME", "HIDDEN TESTS")


def build(chapters: Iterable[str] | None = None, root: str | Path = ".") -> list[Path]:
    """Build the released notebooks.

    Parameters
    ----------
    chapters : iterable of str, optional
        Names such as "01_softmax_jacobian"; if left out, all chapters and the first page.
    root : str or Path
        The course's folder.

    Returns
    -------
    list of Path
        The notebooks in ``course/``; each is replaced in one step.

    Raises
    ------
    Problem
        A master that cannot be released; the text names the file and what to change.
    """
    root = Path(root).resolve()
    names = list(chapters) if chapters is not None else [*master_names(root), *_landing(root)]
    built = []
    with Folder("build") as work:
        for name in names:
            master = root / "solutions" / f"{name}.py"
            if name == LANDING:
                target, text = root / "course" / f"{name}.ipynb", _first_page(master)
            else:
                target = root / "course" / name / f"{name}.ipynb"
                text = _released(master, work.path)
            _write(target, text)
            built.append(target)
    return built


def _landing(root):
    return [LANDING] if (root / "solutions" / f"{LANDING}.py").exists() else []


def _first_page(master):
    """The text of the first page, whose table has the chapters of this folder alone."""
    notebook, here = read_master(master), master_names(master.parents[1])
    for cell in notebook.cells:
        cell.source = ROW.sub(lambda row: row[0] if row[1] in here else "", cell.source)
    return notebook_text(notebook)


def _released(master, folder):
    """The text of a chapter's release, made in `folder`."""
    source = Path(folder, "solutions", master.stem, f"{master.stem}.ipynb")
    _write(source, notebook_text(master_notebook(master)))
    return _release(master.stem, Path(folder)).read_text(encoding="utf-8")


def sync_sources(root: str | Path = ".") -> list[Path]:
    """Make the notebooks that nbgrader's own commands read, where a master is newer.

    ``solutions/NN_name/NN_name.ipynb`` is derived from ``solutions/NN_name.py`` and not kept in
    git.

    Returns
    -------
    list of Path
        The notebooks that were made anew.

    Raises
    ------
    Problem
        A master that cannot be released.
    """
    solutions, made = Path(root).resolve() / "solutions", []
    for name in master_names(root):
        master, target = solutions / f"{name}.py", solutions / name / f"{name}.ipynb"
        newest = max(master.stat().st_mtime_ns, Path(masters.__file__).stat().st_mtime_ns)
        if target.exists() and target.stat().st_mtime_ns > newest:
            continue
        _write(target, notebook_text(master_notebook(master)))
        made.append(target)
    return made


# --- nbgrader's release steps --------------------------------------------------------------------


def _release(name, folder):
    """Run nbgrader's generate_assignment in `folder`, without a database."""
    from nbgrader.converters import NbGraderException
    from traitlets.config import Config

    from ..gradebook.nbgrader_settings import configure

    config = configure(Config(), folder)
    config.GenerateAssignment.no_database = True
    config.SaveRelease.enabled = False
    try:
        generate_assignment(config, name, logging.ERROR)
    except NbGraderException as error:
        raise Problem(f"solutions/{name}.py: nbgrader cannot release it; see above") from error
    released = folder / "course" / name / f"{name}.ipynb"
    text = released.read_text(encoding="utf-8")
    left = [word for word in LEAKS if word in text]
    if left:
        raise Problem(f"solutions/{name}.py: the release would still contain {', '.join(left)}")
    return released


def generate_assignment(config, name, level=logging.WARNING):
    """Run nbgrader's GenerateAssignment on one chapter with the given configuration."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory

    course = CourseDirectory(config=config)
    course.assignment_id = name
    converter = GenerateAssignment(coursedir=course, config=config)
    converter.force = True
    converter.log.setLevel(level)
    converter.start()


def _write(path, text):
    """Write a notebook with the permissions of the one that it replaces."""
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644
    write(path, text, mode, alone=False)
