"""What a grading run says at its end: points per student and exercise, and the mistakes named."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlp_helpers import exercises
from mlp_helpers.checking.report import number

from ..ground.table import WIDTH, table
from ..worker.confinement import NOT_COVERED
from .submissions import shown

if TYPE_CHECKING:
    from mlp_helpers.checking import Exercise, Report

    from .outcome import ClassResult, Outcome


LISTED = 30  # pages named one by one
LONGEST = 28  # characters of a name in a table
MARKS = {"crashed": "!", "not_attempted": "-"}
# Why a submission was graded: code -> words, in the order in which they are said.
WHY = {
    "new": "new",
    "asked": "asked for",
    "submission": "handed in again",
    "exercises": "the exercises changed",
    "release": "the chapter's release changed",
    "settings": "the secret or the time limits changed",
    "gone": "its files were gone",
}
LEGEND = "Points per exercise;  - not attempted,  ! stopped with an error or did not end."


def outcome_line(outcome: Outcome) -> str:
    """Say in one line how the grading of one submission went.

    Parameters
    ----------
    outcome : Outcome
    """
    who = f"{shown(outcome.task.student)}  {outcome.task.chapter}"
    if outcome.problem:
        return f"{who}  NOT GRADED: {outcome.problem}"
    points = number(sum(r.points for r in outcome.reports.values()))
    full = number(outcome.full)
    time = f"{outcome.seconds:.1f} s" if outcome.seconds else "graded before"
    again = f"; {why(outcome)}" if outcome.reasons not in ((), ("new",)) else ""
    open_ = outcome.undecided
    waits = f"; A PERSON MUST GRADE {', '.join(open_)}" if open_ else ""
    return f"{who}  {points} of {full} points{waits}  ({time}{again})"


def why(outcome: Outcome) -> str:
    """Say why a submission was graded in this run."""
    return ", ".join(words for code, words in WHY.items() if code in outcome.reasons)


def class_summary(result: ClassResult, root: Path) -> str:
    """Write what an instructor wants to see when a class is graded.

    Parameters
    ----------
    result : ClassResult
    root : Path
        The course's folder.

    Returns
    -------
    str
    """
    parts = []
    for chapter in dict.fromkeys(o.task.chapter for o in result.outcomes):
        asked = [e for e in exercises().values() if e.chapter == chapter[:2]]
        graded = result.graded(chapter)
        parts += [f"\n{chapter}", points_table(asked, graded), mistakes_table(graded)]
    parts += [counts(result.outcomes), confinement(result.outcomes)]
    notes = [note for o in result.outcomes for note in attention(o)]
    notes += [
        f"  {shown(str(path))}: NOT GRADED, put it at STUDENT/CHAPTER/CHAPTER.ipynb"
        for path in result.misplaced
    ]
    if notes:
        parts.append("To look at:\n" + "\n".join(notes))
    pages = [o.feedback for o in result.outcomes if o.feedback]
    parts.append(places(result, pages, root))
    return "\n\n".join(filter(None, parts))


def counts(outcomes: Sequence[Outcome]) -> str:
    """Say how many submissions this run graded, and why those that were graded before."""
    reasons = Counter(
        f"graded ({why(o)})" if o.reasons else "graded before" for o in outcomes if not o.problem
    )
    parts = [f"{count} {reason}" for reason, count in reasons.most_common()]
    missed = sum(bool(o.problem) for o in outcomes)
    half = sum(bool(o.undecided) for o in outcomes)
    parts += [f"{missed} NOT GRADED"] * bool(missed)
    parts += [f"{half} NOT GRADED IN FULL"] * bool(half)
    return "Submissions: " + "; ".join(parts)


def confinement(outcomes: Sequence[Outcome]) -> str:
    """Say how the submissions were confined, and what that leaves open."""
    levels = Counter(o.isolation for o in outcomes if o.isolation)
    lines = [
        f"Confinement: {level} ({count}); not covered: {NOT_COVERED[level]}"
        for level, count in levels.most_common()
    ]
    return "\n".join(textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in lines)


def attention(outcome: Outcome) -> Iterator[str]:
    """List what an instructor should know about one submission, wrapped and indented."""
    who = f"{shown(outcome.task.student)}, {outcome.task.chapter}: "
    for note in (outcome.problem,) if outcome.problem else outcome.notes:
        yield textwrap.fill(
            who + note,
            WIDTH,
            initial_indent="  ",
            subsequent_indent="    ",
            break_on_hyphens=False,
        )


def places(result: ClassResult, pages: Sequence[Path], root: Path) -> str:
    """Name the files that grading wrote."""
    lines = [f"Feedback pages ({len(pages)}) in {result.feedback}"]
    lines += [f"  {page.relative_to(result.feedback)}" for page in pages[:LISTED]]
    lines += ["  ..."] * (len(pages) > LISTED)
    by_hand = f"Answers on paper: run `jupyter lab` in {root}, menu Nbgrader, Formgrader"
    return "\n".join([*lines, f"Gradebook: {result.gradebook}", by_hand])


def points_table(exercises: Sequence[Exercise], graded: Mapping[str, Mapping[str, Report]]) -> str:
    """Lay out students by exercises.

    Parameters
    ----------
    exercises : list of Exercise
        Of one chapter, in order; the columns are numbered and named below.
    graded : dict of str to (dict of str to Report)
        By student, then by exercise.

    Returns
    -------
    str
    """
    names = [str(i) for i, _ in enumerate(exercises, 1)]
    full = [number(e.points) for e in exercises]
    rows = [["of", *full, number(sum(e.points for e in exercises)), ""]]
    for student, reports in graded.items():
        marks = [_mark(reports.get(e.id)) for e in exercises]
        total = sum(r.points for r in reports.values())
        rows.append([_short(student), *marks, number(total), _bar(total, exercises)])
    grid = table(["student", *names, "sum", ""], rows, right=range(1, len(names) + 2))
    return "\n".join([grid, "", _key(exercises), LEGEND])


def _short(name):
    """A long name by its beginning and end, so that the points fit beside it."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 10]}..{name[-8:]}"


def _mark(report):
    if report is None:
        return "?"
    if report.points == 0:
        return MARKS.get(report.outcome, "0")
    return number(report.points)


def _bar(total, exercises):
    """Draw the share of full marks with twenty signs."""
    full = sum(e.points for e in exercises)
    return "#" * round(20 * total / full) if full else ""


def _key(exercises):
    """Name the numbered columns, three to a line."""
    names = [f"{i:>3} {e.id:<28}" for i, e in enumerate(exercises, 1)]
    return "\n".join("".join(names[i : i + 3]).rstrip() for i in range(0, len(names), 3))


def mistakes_table(graded: Mapping[str, Mapping[str, Report]]) -> str:
    """List everything below full marks with what it looks like.

    Parameters
    ----------
    graded : dict of str to (dict of str to Report)

    Returns
    -------
    str
    """
    rows = [
        (_short(student), name, f"{number(r.points)}/{number(r.max_points)}", seen(r))
        for student, reports in graded.items()
        for name, r in reports.items()
        if not r.passed and r.outcome != "not_attempted"
    ]
    if not rows:
        return "No mistakes."
    return table(["student", "exercise", "points", "what it looks like"], rows, right=[2])


def exercise_table(reports: Mapping[str, Report]) -> str:
    """List one notebook's exercises: points, outcome, and what it looks like."""
    rows = [
        (name, f"{number(r.points)}/{number(r.max_points)}", r.outcome.replace("_", " "), seen(r))
        for name, r in reports.items()
    ]
    return table(["exercise", "points", "outcome", "what it looks like"], rows, right=[1])


def seen(report: Report) -> str:
    """Say in one line what was seen: why it stopped, the known mistake, or what failed first."""
    if report.passed:
        return ""
    if report.reason or report.diagnoses:
        return report.reason or report.diagnoses[0].looks_like
    failed = next(c for c in report.criteria if not c.passed)
    return failed.message or failed.name
