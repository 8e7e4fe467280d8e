"""A small summary of a class, read from nbgrader's gradebook."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

from mlp_helpers.checking.report import number

from ..ground.errors import Problem
from ..ground.table import table


@dataclass(frozen=True)
class Grade:
    """One graded cell of one student.

    Attributes
    ----------
    chapter, student, cell : str
    points, max_points : float
    pending : bool
        It waits for a reader.
    place : int
        Where the cell stands in the chapter.
    late : float
        Points that the whole submission loses for being late.
    comment : str
        What a person said of it.
    """

    chapter: str
    student: str
    cell: str
    points: float
    max_points: float
    pending: bool
    place: int = 0
    late: float = 0.0
    comment: str = ""


def grades(gradebook: str | Path, chapters: Collection[str] | None = None) -> list[Grade]:
    """Read every grade.

    Parameters
    ----------
    gradebook : Path
        nbgrader's database.
    chapters : collection of str, optional
        Only these assignments.

    Returns
    -------
    list of Grade, by chapter, student, and place in the chapter.

    Raises
    ------
    Problem
        A chapter of that name has no grades, or the file is no gradebook.
    """
    from nbgrader.api import Gradebook
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with Gradebook(f"sqlite:///{gradebook}") as book:
            found = sorted(a.name for a in book.assignments if a.num_submissions)
            unknown = sorted(set(chapters or ()) - set(found))
            if unknown or not found:
                raise Problem(
                    f"no grades for {', '.join(unknown) or 'any chapter'}; run "
                    "`mlp-course grade` first"
                )
            root = Path(gradebook).parent.parent
            return [
                grade
                for name in chapters or found
                for grade in _of_chapter(book, name, cells_of_release(root, name))
            ]
    except SQLAlchemyError as error:
        reason = getattr(error, "orig", None) or error
        raise Problem(
            f"{gradebook} cannot be read ({reason}): close what uses it; if that does "
            "not help, put a backup of it back"
        ) from error


def cells_of_release(root: str | Path, chapter: str) -> list[str]:
    """Grade ids of the cells of a chapter's release, in their order; [] if it cannot be read."""
    path = Path(root, "course", chapter, f"{chapter}.ipynb")
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        found = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # the gradebook is enough
        return []
    return list(filter(None, found))


def _of_chapter(book, chapter, order):
    place = {name: i for i, name in enumerate(order)}
    for submission in sorted(book.assignment_submissions(chapter), key=lambda s: s.student.id):
        late = float(submission.late_submission_penalty or 0)
        for notebook in submission.notebooks:
            said = {c.name: c.manual_comment or "" for c in notebook.comments}
            found = sorted(notebook.grades, key=lambda g: (place.get(g.name, len(place)), g.name))
            for grade in found:
                yield Grade(
                    chapter,
                    submission.student.id,
                    grade.name,
                    float(grade.score),
                    float(grade.max_score),
                    bool(grade.needs_manual_grade),
                    place.get(grade.name, len(place)),
                    late,
                    said.get(grade.name) or said.get(grade.name.removeprefix("check_"), ""),
                )


def summary(found: Sequence[Grade]) -> str:
    """Write the summary of a class as text.

    Parameters
    ----------
    found : list of Grade

    Returns
    -------
    str
    """
    chapters = dict.fromkeys(g.chapter for g in found)
    parts = [_chapter(chapter, [g for g in found if g.chapter == chapter]) for chapter in chapters]
    return "\n\n".join(parts)


def _chapter(chapter, found):
    students = dict.fromkeys(g.student for g in found)
    totals = {s: sum(g.points for g in found if g.student == s) for s in students}
    full = sum({g.cell: g.max_points for g in found}.values())
    pending = sum(g.pending for g in found)
    rows = []
    for cell in dict.fromkeys(g.cell for g in sorted(found, key=lambda g: g.place)):
        mine = [g for g in found if g.cell == cell]
        share = sum(g.points >= g.max_points for g in mine) / len(mine)
        name = cell.removeprefix("check_") + (" (by hand)" if any(g.pending for g in mine) else "")
        rows.append(
            [name, number(mine[0].max_points), number(mean(g.points for g in mine)), f"{share:.0%}"]
        )
    head = (
        f"{chapter}: {len(students)} students, {number(full)} points; mean "
        f"{number(mean(totals.values()))}, median {number(median(totals.values()))}, "
        f"from {number(min(totals.values()))} to {number(max(totals.values()))}"
    )
    lines = [head, "", table(["cell", "points", "mean", "full marks"], rows, right=[1, 2, 3])]
    late = {g.student: g.late for g in found if g.late}
    if late:
        named = ", ".join(f"{student} -{number(points)}" for student, points in late.items())
        lines.append(f"Taken off for being late, not counted above: {named}")
    if pending:
        wait = "answer waits" if pending == 1 else "answers wait"
        lines.append(f"{pending} {wait} to be graded by hand (JupyterLab, menu Nbgrader)")
    return "\n".join(lines)
