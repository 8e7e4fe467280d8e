"""What is known of each submission of a class: the gradebook's points beside the judge's verdicts.

Points are the gradebook's, those given by hand included; mistakes, times and notes are the judge's,
from the journal, or from the graded notebooks if nbgrader's own command graded the class.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from mlp_helpers.checking import Report

from ..class_run.journal import Journal
from ..class_run.submissions import plan
from ..ground.report_records import outdated, report_records, reports_of
from ..ground.task import Task
from ..judge.grade import CHECK
from ..judge.submission import refusal
from .grades import Grade


@dataclass(frozen=True)
class Submission:
    """One graded submission.

    Attributes
    ----------
    chapter, student : str
    grades : tuple of Grade
    reports : dict of str to Report
        By exercise.
    notes : tuple of str
        What had to be put right, or went wrong.
    seconds : float or None
        The time that grading took; None if nobody noted it.
    isolation : str
        What confined it; "" if nobody noted it.
    """

    chapter: str
    student: str
    grades: tuple[Grade, ...]
    reports: dict[str, Report] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    seconds: float | None = None
    isolation: str = ""

    @property
    def points(self) -> float:
        """Points earned, without a penalty for being late."""
        return sum(g.points for g in self.grades)

    @property
    def late(self) -> float:
        """Points lost for being late."""
        return max((g.late for g in self.grades), default=0.0)

    @property
    def final(self) -> float:
        """Points earned, less what is taken off for being late."""
        return max(0.0, self.points - self.late)

    @property
    def max_points(self) -> float:
        """Full marks."""
        return sum(g.max_points for g in self.grades)

    @property
    def attempted(self) -> bool:
        """Whether anything was tried."""
        return any(g.points or g.pending for g in self.grades) or any(
            r.outcome != "not_attempted" for r in self.reports.values()
        )


def gather(root: str | Path, found: Sequence[Grade]) -> list[Submission]:
    """Join each submission's grades with what the judge said.

    Parameters
    ----------
    root : Path
        The course's folder.
    found : list of Grade

    Returns
    -------
    list of Submission, in the order of `found`.
    """
    grouped = {}
    for grade in found:
        grouped.setdefault(Task(grade.chapter, grade.student), []).append(grade)
    return [_submission(root, task, tuple(grades)) for task, grades in grouped.items()]


def _submission(root, task, grades):
    entry = Journal(Path(root, "classroom")).read(task)
    if entry is not None:
        return _known(task, grades, entry.records, entry.notes, entry.seconds, entry.isolation)
    path = Path(root, "classroom", "autograded", task.student, task.chapter)
    path /= f"{task.chapter}.ipynb"
    if not path.is_file():
        return Submission(task.chapter, task.student, grades)
    notebook = nbformat.read(path, as_version=4)
    reason = refusal(notebook)
    notes = (f"could not be read: {reason}",) if reason else ()
    return _known(task, grades, report_records(notebook), notes)


def _known(task, grades, records, notes, seconds=None, isolation=""):
    """A submission, without what was said of exercises that its chapter no longer has."""
    cells, reports = {g.cell for g in grades}, reports_of(records)
    gone = [r["exercise"] for r in records if f"{CHECK}{r['exercise']}" not in cells]
    old = [name for name in outdated(records) if name not in gone]
    if gone:
        notes = (*notes, f"no longer in this chapter, left out here: {', '.join(gone)}")
    if old:
        notes = (
            *notes,
            "graded by an earlier version of the course, which said more about "
            f"{', '.join(old)}: run `mlp-course grade --regrade` to see it",
        )
    reports = {name: report for name, report in reports.items() if name not in gone}
    return Submission(task.chapter, task.student, grades, reports, tuple(notes), seconds, isolation)


def ungraded(
    root: str | Path, chapters: Iterable[str], submissions: Iterable[Submission]
) -> list[Task]:
    """List the tasks that were handed in and have no grades."""
    known = {(s.chapter, s.student) for s in submissions}
    return [t for t in plan(chapters, root) if (t.chapter, t.student) not in known]
