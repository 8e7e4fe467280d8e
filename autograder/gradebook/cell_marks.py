"""What one graded cell is worth and what is said about it, in nbgrader's terms."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbformat import from_dict
from nbgrader import utils

if TYPE_CHECKING:
    from nbformat import NotebookNode


NOTHING = "Nothing was handed in here."
UNREAD = "Not read yet: the points of this answer are still to come."


@dataclass(frozen=True)
class Mark:
    """The mark of one cell.

    Attributes
    ----------
    points : float or None
        The most it can earn; None if it is not graded.
    score : float or None
        None while it waits for a reader.
    comment : str or None
    answer : str
        A digest of what it is for; "" where nobody asks.
    """

    points: float | None = None
    score: float | None = None
    comment: str | None = None
    answer: str = ""


def automatic_marks(notebook: NotebookNode) -> dict[str, Mark]:
    """Read the marks out of a graded notebook, by nbgrader's rules.

    Returns
    -------
    dict of str to Mark, by grade id.
    """
    cells = {
        cell.metadata.nbgrader["grade_id"]: cell
        for cell in notebook.cells
        if utils.is_grade(cell) or utils.is_solution(cell)
    }
    beside = handed_in_beside(notebook)
    return {
        name: _mark(cell, cells.get(name.removeprefix("check_")), beside)
        for name, cell in cells.items()
    }


def handed_in_beside(notebook: NotebookNode) -> str:
    """A digest of the pictures and pages handed in beside a notebook; "" if there are none."""
    return next(
        (
            cell.metadata.course.beside
            for cell in notebook.cells
            if "beside" in cell.metadata.get("course", {})
        ),
        "",
    )


def wait_if_untouched(notebook):
    """Let written answers that were not begun wait for a reader, who may have them on paper."""
    for cell in notebook.cells:
        if utils.is_grade(cell) and utils.is_solution(cell) and _untouched(cell):
            course = {**cell.metadata.get("course", {}), "pending": NOTHING}
            cell.metadata = from_dict({**cell.metadata, "course": course})


def is_pending(cell: NotebookNode) -> bool:
    """Whether nothing decides on a cell but a person."""
    return "pending" in cell.metadata.get("course", {})


def _untouched(cell):
    return cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)


def _mark(cell, solution, beside):
    score, points = utils.determine_grade(cell) if utils.is_grade(cell) else (None, None)
    score = None if is_pending(cell) else score
    comment = NOTHING if utils.is_solution(cell) and _untouched(cell) else None
    answer = [
        score,
        solution.source if solution else "",
        solution.get("attachments", {}) if solution else {},
    ]
    if utils.is_grade(cell) and utils.is_solution(cell):  # it may be on one of those pages
        answer.append(beside)
    text = json.dumps(answer, sort_keys=True)
    digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
    return Mark(points, score, comment, digest if points is not None else "")


def shown(marks: dict[str, Mark]) -> dict[str, Mark]:
    """Marks as the gradebook shows them: what waits for a reader has 0 points so far."""
    return {
        name: Mark(
            mark.points,
            None if mark.points is None else mark.score or 0.0,
            said(mark.comment, mark.points is not None and mark.score is None),
        )
        for name, mark in marks.items()
    }


def said(comment: str | None, waits: bool) -> str | None:
    """The comment of a cell as its author reads it, who should not take waiting for 0 points."""
    return comment or (UNREAD if waits else None)
