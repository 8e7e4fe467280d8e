"""What one graded cell is worth and what is said about it, in nbgrader's terms."""

from __future__ import annotations

from dataclasses import dataclass

from nbgrader import utils


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
    """

    points: float | None = None
    score: float | None = None
    comment: str | None = None


def automatic_marks(notebook):
    """Read the marks out of a graded notebook, as nbgrader's SaveAutoGrades does.

    Returns
    -------
    dict of str to Mark, by grade id.
    """
    cells = [cell for cell in notebook.cells if utils.is_grade(cell) or utils.is_solution(cell)]
    return {cell.metadata.nbgrader["grade_id"]: _mark(cell) for cell in cells}


def is_pending(cell):
    """Whether the judge could not decide on a check cell, so that a person has to."""
    return "pending" in cell.metadata.get("course", {})


def _mark(cell):
    score, points = utils.determine_grade(cell) if utils.is_grade(cell) else (None, None)
    score = None if is_pending(cell) else score
    untouched = cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
    comment = "No response." if utils.is_solution(cell) and untouched else None
    return Mark(points, score, comment)


def shown(marks):
    """Marks as the gradebook shows them: what waits for a reader has 0 points so far."""
    return {name: Mark(mark.points, None if mark.points is None else mark.score or 0.0,
                       mark.comment) for name, mark in marks.items()}
