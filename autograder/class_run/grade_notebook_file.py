"""Grade one's own notebook: needs what a student has installed, and no nbgrader."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import nbformat

from mlp_helpers import exercises

from ..ground.cells import grade_id
from ..ground.errors import Problem
from ..judge.grade import grade_notebook
from ..judge.notebook_file import Unreadable, read
from ..judge.worker_process import Worker
from ..worker.confinement import CONFINED, NONE

if TYPE_CHECKING:
    from pathlib import Path

    from mlp_helpers.checking import Report

    from ..judge.session import Limits


def check_notebook(
    path: str | Path, secret: bytes = b"self-study", limits: Limits | None = None
) -> dict[str, Report]:
    """Grade a notebook for self-study: no class, no gradebook, nothing written.

    Parameters
    ----------
    path : str or Path
    secret : bytes
        Draws the cases.

    Returns
    -------
    dict of str to Report
        By exercise, for the chapters whose exercises occur in the notebook.

    Raises
    ------
    Problem
        The file is no notebook of this course.
    """
    try:
        notebook = read(path)
    except Unreadable as error:
        raise Problem(f"{path}: {error}") from error
    names = {grade_id(cell) for cell in notebook.cells}  # or their text, where it was stripped off
    names |= {
        f"check_{found[1]}"
        for cell in notebook.cells
        if (found := re.match(r"check\((\w+)\)", cell.source))
    }
    chapters = {e.chapter for e in exercises().values() if f"check_{e.id}" in names}
    if not chapters:
        raise Problem(f"{path} has no exercise of this course: open a notebook of course/")
    release = _as_release([e for e in exercises().values() if e.chapter in chapters])
    checks = {f"check_{name}" for name in exercises()}  # `check_shapes` is an exercise itself
    notebook.cells = [c for c in notebook.cells if grade_id(c) not in checks]
    notebook.cells += release.cells
    # one's own code on one's own machine: confined where that can be had
    with Worker((*CONFINED, NONE)) as worker:
        result = grade_notebook(notebook, release, secret, worker, limits)
    if len(result.reports) < len(release.cells):
        raise RuntimeError("\n".join(result.log))
    return result.reports


def _as_release(wanted):
    """The check cells of some exercises as a notebook of their own."""
    cells = [
        nbformat.v4.new_code_cell(
            f"check({e.id})",
            metadata={
                "nbgrader": {
                    "grade": True,
                    "solution": False,
                    "grade_id": f"check_{e.id}",
                    "points": e.points,
                }
            },
        )
        for e in wanted
    ]
    return nbformat.v4.new_notebook(cells=cells)
