"""The class report: what a class did, as one page that needs nothing else.

`class_data` reads, `class_analysis` counts, the template ``class_report.html`` writes.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from mlp_helpers.checking.report import number

from ..ground.class_list import Roster, read_roster
from . import figures
from .class_analysis import STATES, cells_in_order, items, mistakes, reasons, state_of
from .review_aids import review
from .roster import attendance

if TYPE_CHECKING:
    from ..ground.task import Task
    from .class_data import Submission
    from .roster import Person


SLOWEST = 5


def page(
    root: str | Path,
    submissions: Sequence[Submission],
    missing: Sequence[Task],
    folder: str | Path,
    known: Mapping[str, Person] | None = None,
) -> str:
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


def chapter_view(
    submissions: Sequence[Submission], missing: Sequence[Task] = (), listed: Roster | None = None
) -> dict[str, Any]:
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
