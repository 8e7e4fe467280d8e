"""A small summary of a class, read from nbgrader's gradebook."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import mean, median

from mlp_helpers.checking.report import number

from ..errors import Problem
from ..table import table


@dataclass(frozen=True)
class Grade:
    """One graded cell of one student; `pending` says that it still waits for a reader."""

    chapter: str
    student: str
    cell: str
    points: float
    max_points: float
    pending: bool


def grades(gradebook, chapters=None):
    """Read every grade.

    Parameters
    ----------
    gradebook : Path
        nbgrader's database.
    chapters : collection of str, optional
        Only these assignments.

    Returns
    -------
    list of Grade, by chapter and student.

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
                raise Problem(f"no grades for {', '.join(unknown) or 'any chapter'}; run "
                              "`mlp-course grade` first")
            return [grade for name in chapters or found for grade in _of_chapter(book, name)]
    except SQLAlchemyError as error:
        reason = getattr(error, "orig", None) or error
        raise Problem(f"{gradebook} cannot be read ({reason}): close what uses it; if that does "
                      "not help, put a backup of it back") from error


def _of_chapter(book, chapter):
    for submission in sorted(book.assignment_submissions(chapter), key=lambda s: s.student.id):
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                yield Grade(chapter, submission.student.id, grade.name, float(grade.score),
                            float(grade.max_score), bool(grade.needs_manual_grade))


def summary(found):
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
    full = sum(g.max_points for g in found) / len(students)
    pending = sum(g.pending for g in found)
    rows = []
    for cell in dict.fromkeys(g.cell for g in found):
        mine = [g for g in found if g.cell == cell]
        share = sum(g.points >= g.max_points for g in mine) / len(mine)
        name = cell.removeprefix("check_") + (" (by hand)" if any(g.pending for g in mine) else "")
        rows.append([name, number(mine[0].max_points), number(mean(g.points for g in mine)),
                     f"{share:.0%}"])
    head = (f"{chapter}: {len(students)} students, {number(full)} points; mean "
            f"{number(mean(totals.values()))}, median {number(median(totals.values()))}, "
            f"from {number(min(totals.values()))} to {number(max(totals.values()))}")
    lines = [head, "", table(["cell", "points", "mean", "full marks"], rows, right=[1, 2, 3])]
    if pending:
        lines.append(f"{pending} answers wait to be graded by hand (JupyterLab, menu Nbgrader)")
    return "\n".join(lines)
