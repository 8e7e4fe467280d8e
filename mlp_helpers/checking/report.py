"""The report: what a student reads, as text and as HTML, and the numbers a grader takes."""

from __future__ import annotations

import sys
import textwrap
from dataclasses import dataclass, field, replace

from .compare import Difference
from .exercise import Diagnosis, Exercise
from .report_html import report_html

OUTCOMES = (
    "correct",
    "known_mistake",
    "wrong_value",
    "wrong_shape",
    "crashed",
    "not_attempted",
)


@dataclass(frozen=True)
class CriterionResult:
    """One line of a report.

    Attributes
    ----------
    name : str
    passed : bool
    points : float
        Points earned.
    message : str
        What was seen; empty when there is nothing to add.
    max_points : float
    code : str
        Why it is not met: "waits" (counts once the values are right), "same" (the same cause as a
        criterion above), "again" (the same sentence as above), the label of a cause that was
        found, or the kind of the difference; "" for one that is met.
    """

    name: str
    passed: bool
    points: float
    message: str
    max_points: float
    code: str = ""

    @property
    def earned(self) -> str:
        """The points as shown: "0.5", or "0 of 0.5"."""
        lost = "" if self.passed else f" of {number(self.max_points)}"
        return number(self.points) + lost


@dataclass(frozen=True)
class Report:
    """The verdict on one function.

    Attributes
    ----------
    spec : Exercise
        The exercise it belongs to.
    outcome : str
        One of `OUTCOMES`.
    criteria : list of CriterionResult
    diagnoses : list of Diagnosis
        Known mistakes that explain what was seen, most specific first.
    difference : Difference or None
        The first wrong tensor, for the picture.
    reason : str
        Why nothing could be judged, in one sentence; empty when the criteria tell.
    unknown_from : str
        The first wrong step of a backward pass that no known mistake explains.
    failing : (str, int) or None
        Group and number of the case that fails.
    stub : str
        The unsolved function that this one calls, "" if there is none.
    seed : int or None
        What the cases were drawn with, where the reader may have them (never in a grader).
    helper : Exercise or None
        The exercise of `stub`.
    spoiled_by : tuple of str
        Other exercises whose functions this one calls and that fail their own checks.
    otherwise : float
        The points that it would have with right ones in their place.
    given : tuple of str
        Names of the arguments that the failing case gives.
    spelled : str
        The arguments of the failing case as Python writes them, where a picture of numbers would
        not tell what was asked (a flow graph); "" elsewhere.
    cause : str
        The code of what stopped the function, see `mlp_helpers.checking.Failure`; "" if
        something could be judged.
    """

    spec: Exercise
    outcome: str
    criteria: list[CriterionResult]
    diagnoses: list[Diagnosis] = field(default_factory=list)
    difference: Difference | None = None
    reason: str = ""
    unknown_from: str = ""
    failing: tuple[str, int] | None = None
    stub: str = ""
    seed: int | None = None
    helper: Exercise | None = None
    spoiled_by: tuple[str, ...] = ()
    otherwise: float = 0.0
    given: tuple[str, ...] = ()
    spelled: str = ""
    cause: str = ""

    @property
    def exercise(self) -> str:
        """Id of the exercise."""
        return self.spec.id

    @property
    def points(self) -> float:
        """Points earned."""
        return float(sum(c.points for c in self.criteria))

    @property
    def max_points(self) -> float:
        """Full marks."""
        return float(sum(c.max_points for c in self.criteria))

    @property
    def passed(self) -> bool:
        """Whether every criterion is met."""
        return all(c.passed for c in self.criteria)

    @property
    def misconceptions(self) -> list[str]:
        """Ids of the recognised mistakes, most specific first; [] if there are none."""
        return [m.id for m in self.diagnoses]

    @property
    def headline(self) -> str:
        """One line: the function and its points."""
        state = "not attempted" if self.outcome == "not_attempted" else "points"
        if state == "points":
            return f"{self.exercise} · {number(self.points)} of {number(self.max_points)} points"
        return f"{self.exercise} · not attempted yet · {number(self.max_points)} points"

    def __str__(self) -> str:
        lines = [self.headline]
        for paragraph in self.causes():
            lines += ["", *_paragraph(paragraph)]
        if not self.reason:
            lines += ["", *(row for c in self.lines() for row in _criterion_lines(c))]
            lines += [
                row
                for title, names in self.folded()
                for row in _wrapped(f"{title}: {names}", 76, 11)
            ]
        if self.spelled:
            lines += ["", "  A case that fails:", *(f"    {x}" for x in self.spelled.splitlines())]
        for paragraph in self.ways_on():
            lines += ["", *_paragraph(paragraph)]
        return printable_here("\n".join(lines))

    def _repr_html_(self) -> str:
        return report_html(self)

    def causes(self) -> list[str]:
        """What is wrong, as far as it is known: a question, or where the function stopped."""
        if self.outcome == "not_attempted":
            return [self._first_steps()]
        said = [_carried(self)] if self.spoiled_by else []
        said += [f"Your function {self.reason}."] if self.reason else []
        shown = [m for m in self.diagnoses if m.step] or self.diagnoses
        steps: dict[tuple[str, str], list[str]] = {}  # one mistake at several steps is told once
        for m in shown:
            steps.setdefault((m.looks_like, m.question), []).append(m.step)
        said += [
            f"This looks like: {_code(looks_like)}{_where(at)}. {question}"
            for (looks_like, question), at in list(steps.items())[:2]
        ]
        if self.unknown_from and not self.diagnoses:
            step = self.unknown_from
            said += [
                f"Wrong from step {step} on: what comes before it is right. Take one example "
                f"and compute {step} by hand."
            ]
        return said

    def _first_steps(self):
        if self.stub:
            lines = f" (about {_count(self.helper.lines, 'line')})" if self.helper else ""
            push = f' A first push: `hint("{self.stub}")`.' if self.helper else ""
            return (
                f"`{self.exercise}` calls `{self.stub}`, which is not solved yet. Solve that "
                f"first{lines}, then run this cell again.{push}"
            )
        return (
            f"Replace `raise NotImplementedError` by your code (about "
            f"{_count(self.spec.lines, 'line')}), run the cell, then run this one again. "
            f'A first push: `hint("{self.exercise}")`.'
        )

    def lines(self) -> list[CriterionResult]:
        """The criteria that have a line of their own: those met, each independent failure.

        A sentence that was said before is not said again.
        """
        shown = [c for c in self.criteria if c.code not in FOLDED]
        return [
            replace(c, message="the same is seen here") if c.code == "again" else c for c in shown
        ]

    def folded(self) -> list[tuple[str, str]]:
        """What follows from the failures above: (how many criteria and why, their names)."""
        groups = []
        for code, (one, many) in FOLDED.items():
            those = [c for c in self.criteria if c.code == code]
            if those:
                lost = number(sum(c.max_points for c in those))
                title = one if len(those) == 1 else f"{len(those)} {many}"
                groups.append(
                    (
                        f"{title} ({lost} {'point' if lost == '1' else 'points'})",
                        ", ".join(c.name for c in those),
                    )
                )
        return groups

    def ways_on(self) -> list[str]:
        """Where to go on: the failing case as variables, what to read, the hints."""
        if self.outcome == "correct":
            return []
        if self.outcome == "not_attempted":
            return [f"What is looked at: {', '.join(c.name for c in self.criteria)}."]
        said = []
        if self.seed is not None and self.given:
            names = ", ".join(self.given)
            names = f"({names},)" if len(self.given) == 1 else names
            seed = f", seed={self.seed}" if self.seed else ""
            line = f'from mlp_helpers import case; {names} = case("{self.exercise}"{seed})'
            said = [f"Try it: `{line}` gives you the arguments of a case that fails."]
        reread = next((m.reread for m in self.diagnoses if m.reread), self.spec.reread)
        return [*said, f'Reread: "{reread}". More help: `hint("{self.exercise}")`.']


# code: (said of one criterion, of several)
FOLDED = {
    "same": (
        "One more criterion fails for a reason given above",
        "more criteria fail for reasons given above",
    ),
    "waits": (
        "One criterion counts once the values are right",
        "criteria count once the values are right",
    ),
}


def _code(text):
    """Mark a formula as code; words stay words."""
    return f"`{text}`" if any(c in "=*@[]^/_+" for c in text) and "`" not in text else text


def printable_here(text: str) -> str:
    """Text that standard output can show in its encoding: print(report) never raises."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    if not "·".encode(encoding, "ignore"):
        text = text.replace("·", "-")
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _carried(report):
    """Say that another function of the reader's is at fault."""
    names = " and ".join(f"`{name}`" for name in report.spoiled_by)
    one = len(report.spoiled_by) == 1
    fails = "does not pass its own check" if one else "do not pass their own checks"
    right = "a right one in its place" if one else "right ones in their places"
    of = f"{number(report.otherwise)} of {number(report.max_points)} points"
    rest = (
        "this function would be right"
        if report.otherwise == report.max_points
        else f"it would have {of}"
        if report.otherwise > report.points
        else "what follows is still to be found"
    )
    return f"{names}, which this function calls, {fails}. With {right}, {rest}. Begin there."


def _paragraph(text):
    return textwrap.wrap(text, 96, initial_indent="  ", subsequent_indent="  ")


def _criterion_lines(criterion):
    """Lay one criterion out in columns: mark, text, points at the right."""
    mark = "ok      " if criterion.passed else "not yet "
    text = criterion.name + (f": {criterion.message}" if criterion.message else "")
    first, *rest = _wrapped(text, 76, 0) or [""]
    return [f"  {mark} {first:<78}{criterion.earned:>9}", *(f"           {row}" for row in rest)]


def _wrapped(text, width, indent):
    return [" " * indent + row for row in textwrap.wrap(text, width)]


def _where(steps):
    if steps == ["forward"]:
        return " (in the forward pass)"
    named = [step for step in steps if step not in ("", "batch")]
    return f" (at step{'s' * (len(named) > 1)} {' and '.join(named)})" if named else ""


def _count(n, word):
    return f"{n} {word}" if n == 1 else f"{n} {word}s"


def number(points: float) -> str:
    """Write points without needless digits: 3, 0.5, 1.25."""
    return f"{points:.2f}".rstrip("0").rstrip(".")
