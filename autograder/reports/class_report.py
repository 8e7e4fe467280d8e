"""The class report: what a class did, read from the gradebook, as one page that needs nothing else.

`gather` reads, `chapter_view` counts, the template ``class_report.html`` writes. Points are the
gradebook's, those given by hand included; mistakes, times and notes are the judge's, from the
journal, or from the graded notebooks if nbgrader's own command graded the class.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from urllib.parse import quote

import nbformat
from jinja2 import Environment, PackageLoader, StrictUndefined

from mlp_helpers.checking import Report
from mlp_helpers.checking.report import number

from ..class_run.journal import Journal
from ..class_run.submissions import plan
from ..ground.class_list import Roster, read_roster
from ..ground.report_records import outdated, report_records, reports_of
from ..ground.task import Task
from ..judge.submission import refusal
from . import figures
from .grades import Grade
from .review_aids import review
from .roster import attendance

CHECK = "check_"
ORDINARY = "raised"  # an error as every beginner makes them; other causes need a look
FEWEST = 6  # with fewer students, thirds of a class say nothing
SLOWEST = 5
STATES = ("full marks", "part", "no points", "waits for a reader", "not attempted")


# What is known -----------------------------------------------------------------------------------


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
    def points(self):
        """Points earned, without a penalty for being late."""
        return sum(g.points for g in self.grades)

    @property
    def late(self):
        """Points lost for being late."""
        return max((g.late for g in self.grades), default=0.0)

    @property
    def final(self):
        """Points earned, less what is taken off for being late."""
        return max(0.0, self.points - self.late)

    @property
    def max_points(self):
        """Full marks."""
        return sum(g.max_points for g in self.grades)

    @property
    def attempted(self):
        """Whether anything was tried."""
        return any(g.points or g.pending for g in self.grades) or any(
            r.outcome != "not_attempted" for r in self.reports.values()
        )


def gather(root, found):
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


def ungraded(root, chapters, submissions):
    """List the tasks that were handed in and have no grades."""
    known = {(s.chapter, s.student) for s in submissions}
    return [t for t in plan(chapters, root) if (t.chapter, t.student) not in known]


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
    def gap(self):
        """What divides the thirds; -1 where that is not known."""
        return -1.0 if self.weakest is None else self.strongest - self.weakest


def items(submissions):
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


def cells_in_order(submissions):
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


def state_of(submission, grade):
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


def mistakes(submissions):
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


def reasons(submission):
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


# The page ----------------------------------------------------------------------------------------


def page(root, submissions, missing, folder, known=None):
    """Write the class report.

    Parameters
    ----------
    root : Path
        The course's folder.
    submissions : list of Submission
    missing : list of Task
        Handed in, not graded.
    folder : Path
        Where the page will be, for its links to the feedback pages.
    known : dict of str to autograder.reports.roster.Person, optional
        Who the students are.

    Returns
    -------
    str
        One HTML document without scripts that loads nothing.
    """
    chapters = dict.fromkeys(s.chapter for s in submissions)
    listed = read_roster(root)
    views = [
        chapter_view(
            [s for s in submissions if s.chapter == chapter],
            [t for t in missing if t.chapter == chapter],
            listed,
        )
        | {"aids": review(root, chapter, [s.student for s in submissions if s.chapter == chapter])}
        for chapter in chapters
    ]
    environment = Environment(
        loader=PackageLoader("autograder.reports", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "percent": lambda share: f"{share:.0%}"}
    feedback = Path(root, "classroom", "feedback")

    def link(student, chapter):
        return _link(feedback / student / chapter / f"{chapter}.html", folder)

    def named(student):
        return known[student].shown if known and student in known else student

    environment.filters["named"] = named
    template = environment.get_template("class_report.html")
    return template.render(chapters=views, states=STATES, link=link)


def _link(path, folder):
    """A relative link to a file, None if there is none."""
    if not path.is_file():
        return None
    return quote(os.fsencode(os.path.relpath(path.resolve(), Path(folder).resolve())))


def chapter_view(submissions, missing=(), listed=None):
    """Count one chapter for the page.

    Parameters
    ----------
    submissions : list of Submission
        Of one chapter, at least one.
    missing : list of Task
    listed : autograder.ground.class_list.Roster, optional
        The class's list.

    Returns
    -------
    dict of str to object
        What the template shows.
    """
    counted, totals = items(submissions), [s.points for s in submissions]
    timed = sorted((s for s in submissions if s.seconds is not None), key=lambda s: -s.seconds)
    full = sum(i.max_points for i in counted)
    waiting = sum(g.pending for s in submissions for g in s.grades)
    attention = [(s.student, reasons(s)) for s in submissions if reasons(s)]
    attention += [(t.student, ["handed in, not graded: run `mlp-course grade`"]) for t in missing]
    divided = [i for i in counted if i.weakest is not None]
    return {
        "name": submissions[0].chapter,
        "full": full,
        "submissions": submissions,
        "waiting": waiting,
        "late": any(s.late for s in submissions),
        "mean": mean(totals),
        "median": median(totals),
        "low": min(totals),
        "high": max(totals),
        "isolation": Counter(s.isolation for s in submissions if s.isolation),
        "items": counted,
        "mistakes": mistakes(submissions),
        "attention": attention,
        "attendance": attendance(
            listed or Roster(), [s.student for s in submissions] + [t.student for t in missing]
        ),
        "cells": cells_in_order(submissions),
        "state_of": state_of,
        "divided": sorted(divided, key=lambda i: -i.gap),
        "slowest": timed[:SLOWEST],
        "timed": len(timed),
        "seconds": sum(s.seconds for s in timed),
        "figures": {
            "points": figures.points_per_exercise(counted, STATES),
            "distribution": figures.distribution(totals, full),
            "divided": figures.divided(divided) if divided else None,
            "time": figures.times([s.seconds for s in timed]) if timed else None,
        },
    }
