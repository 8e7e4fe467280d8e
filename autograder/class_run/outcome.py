"""What came out of a run: of one submission, and of a class."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from mlp_helpers.checking import Report

from ..gradebook.cell_marks import Mark
from ..ground.task import Task
from ..judge.grade import CHECK


@dataclass(frozen=True)
class Outcome:
    """How the grading of one submission went.

    Attributes
    ----------
    task : Task
    reports : dict of str to Report
        By exercise; empty if the submission was not graded.
    seconds : float
        0.0 if an earlier run had graded it already.
    problem : str
        Why it was not graded; "" if it was.
    notes : tuple of str
        What had to be put right, or went wrong on the way.
    feedback : Path or None
    reasons : tuple of str
        Codes of why it was graded in this run, see `WHY` in the terminal's summary: "new", the
        digests of its key that changed, ...; () if an earlier run had graded it.
    isolation : str
        How it was confined, see `autograder.worker.confinement`; "" if it was not graded.
    marks : dict of str to Mark
        By grade id; empty if it was not graded.
    """

    task: Task
    reports: dict[str, Report] = field(default_factory=dict)
    seconds: float = 0.0
    problem: str = ""
    notes: tuple[str, ...] = ()
    feedback: Path | None = None
    reasons: tuple[str, ...] = ()
    isolation: str = ""
    marks: dict[str, Mark] = field(default_factory=dict)

    @property
    def undecided(self) -> list[str]:
        """Exercises that the judge could not decide on, so that a person has to: list of str."""
        return [name.removeprefix(CHECK) for name, mark in self._checks() if mark.score is None]

    @property
    def full(self) -> float:
        """Points of all exercises, those that could not be decided included."""
        return sum(mark.points for _, mark in self._checks())

    def _checks(self):
        """The marks of the check cells; `check_shapes` is also an exercise, without points."""
        return [
            (name, mark)
            for name, mark in self.marks.items()
            if name.startswith(CHECK) and mark.points is not None
        ]


@dataclass(frozen=True)
class ClassResult:
    """What grading a class gave.

    Attributes
    ----------
    outcomes : list of Outcome
        By chapter and student.
    gradebook : Path
    feedback : Path
        The folder of the feedback pages.
    misplaced : list of Path
        Notebooks among the submissions that belong to no chapter, and were not graded.
    """

    outcomes: list[Outcome]
    gradebook: Path
    feedback: Path
    misplaced: list[Path] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every exercise of every submission was graded."""
        return not self.misplaced and not any(o.problem or o.undecided for o in self.outcomes)

    def graded(self, chapter: str) -> dict[str, dict[str, Report]]:
        """Reports of one chapter: student -> exercise -> Report."""
        return {
            o.task.student: o.reports
            for o in self.outcomes
            if o.task.chapter == chapter and not o.problem
        }
