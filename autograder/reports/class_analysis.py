"""What a chapter's submissions show: each exercise over the class, mistakes, who needs a look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean
from typing import TYPE_CHECKING

from ..judge.grade import CHECK

if TYPE_CHECKING:
    from .class_data import Submission
    from .grades import Grade


ORDINARY = "raised"  # an error as every beginner makes them; other causes need a look
FEWEST = 6  # with fewer students, thirds of a class say nothing
STATES = ("full marks", "part", "no points", "waits for a reader", "not attempted")


# One exercise ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """One graded cell of a chapter, over the class.

    Attributes
    ----------
    name : str
        The exercise's, or the cell's if a person grades it.
    max_points : float
    mean : float
        Mean of the points.
    states : dict of str to int
        How many students are in each of `STATES`.
    weakest, strongest : float or None
        Mean share of the points in the two outer thirds of the class, by the points of all *other*
        cells; None for a small class.
    """

    name: str
    max_points: float
    mean: float
    states: dict[str, int]
    weakest: float | None = None
    strongest: float | None = None

    @property
    def gap(self) -> float:
        """What divides the thirds; -1 where that is not known."""
        return -1.0 if self.weakest is None else self.strongest - self.weakest


def items(submissions: Sequence[Submission]) -> list[Item]:
    """Count one chapter, cell by cell.

    Parameters
    ----------
    submissions : list of Submission
        Of one chapter.

    Returns
    -------
    list of Item, in the order of the chapter.
    """
    return [_item(cell, submissions) for cell in cells_in_order(submissions)]


def cells_in_order(submissions: Sequence[Submission]) -> list[str]:
    """Names of a chapter's graded cells, in the chapter's order."""
    places = {g.cell: g.place for s in submissions for g in s.grades}
    return sorted(places, key=lambda name: (places[name], name))


def _item(cell, submissions):
    pairs = [(s, g) for s in submissions for g in s.grades if g.cell == cell]
    states = Counter(state_of(s, g) for s, g in pairs)
    weakest, strongest = _outer_thirds([(s, g) for s, g in pairs if s.attempted and not g.pending])
    return Item(
        name=cell.removeprefix(CHECK),
        max_points=pairs[0][1].max_points,
        mean=mean(g.points for _, g in pairs),
        states={state: states[state] for state in STATES},
        weakest=weakest,
        strongest=strongest,
    )


def state_of(submission: Submission, grade: Grade) -> str:
    """Say how far a student came with one cell: one of `STATES`."""
    if grade.pending:
        return "waits for a reader"
    if grade.points >= grade.max_points:
        return "full marks"
    if grade.points > 0:
        return "part"
    report = submission.reports.get(grade.cell.removeprefix(CHECK))
    tried = report is not None and report.outcome != "not_attempted"
    return "no points" if tried or not submission.reports else "not attempted"


def _outer_thirds(pairs):
    """Mean share of a cell's points among those weakest and strongest in all other cells.

    Equal totals are never torn apart, so a third may be larger than a third.
    """
    if len(pairs) < FEWEST or pairs[0][1].max_points == 0:
        return None, None
    rest = [s.points - g.points for s, g in pairs]
    ordered, third = sorted(rest), len(pairs) // 3
    low, high = ordered[third - 1], ordered[-third]
    share = [g.points / g.max_points for _, g in pairs]
    return (
        mean(x for x, r in zip(share, rest, strict=True) if r <= low),
        mean(x for x, r in zip(share, rest, strict=True) if r >= high),
    )


# Mistakes, and who needs a look ------------------------------------------------------------------


@dataclass(frozen=True)
class Mistake:
    """One mistake and who made it."""

    exercise: str
    text: str
    question: str
    students: tuple[str, ...]


def mistakes(submissions: Sequence[Submission]) -> list[Mistake]:
    """Count the mistakes of a chapter.

    Returns
    -------
    list of Mistake, the most frequent first.
    """
    who = {}
    for submission in submissions:
        for report in submission.reports.values():
            for text, question in _seen(report):
                key = (report.exercise, text, question)
                who.setdefault(key, {})[submission.student] = None
    found = [Mistake(*key, tuple(students)) for key, students in who.items()]
    order = cells_in_order(submissions)
    return sorted(found, key=lambda m: (-len(m.students), order.index(f"{CHECK}{m.exercise}")))


def _seen(report):
    """What one report names: known mistakes, or else the kind of failure."""
    if report.passed or report.outcome == "not_attempted":
        return []
    if report.diagnoses:
        return [(m.looks_like, m.question) for m in report.diagnoses]
    kinds = {
        "crashed": "stops with an error, or does not end",
        "wrong_shape": "an answer of the wrong shape or kind",
    }
    where = f" from step {report.unknown_from} on" if report.unknown_from else ""
    return [(kinds.get(report.outcome, f"wrong values{where}, no known mistake"), "")]


def reasons(submission: Submission) -> list[str]:
    """List why a person should look at a submission; [] if nobody needs to."""
    found = list(submission.notes)
    graded = [g.cell for g in submission.grades if g.cell.startswith(CHECK)]
    lost = [
        c.removeprefix(CHECK) for c in graded if c.removeprefix(CHECK) not in submission.reports
    ]
    if lost and submission.reports:
        found.append(
            f"there is no verdict on {', '.join(lost)}: run `mlp-course grade`, or grade it by hand"
        )
    found += [
        f"{name}: {r.reason}"
        for name, r in submission.reports.items()
        if r.outcome == "crashed" and r.reason and r.cause != ORDINARY
    ]
    if submission.attempted and submission.points == 0:
        found.append("no points, although something was tried")
    if not submission.attempted and not submission.notes:
        found.append("nothing was attempted")
    return found
