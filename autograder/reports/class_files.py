"""Everything that is written of a class: the report, the table, and the exports."""

from __future__ import annotations

import json
from pathlib import Path

from mlp_helpers.checking.report import number

from .class_report import gather, page, ungraded
from .exports import canvas_rows, gradescope_results, moodle_rows, point_rows
from .roster import roster
from .spreadsheet import write_rows, write_text


def write_class(root, found, html=None, table=None, systems=()):
    """Write the class report, the table of points, and what other systems import.

    Parameters
    ----------
    root : Path
        The course's folder.
    found : list of autograder.reports.grades.Grade
    html, table : Path, optional
        Where the report and the table go; by default into ``classroom/reports``.
    systems : collection of str
        "canvas", "moodle", "gradescope".

    Returns
    -------
    list of Path
        What was written.
    """
    folder = Path(root, "classroom", "reports")
    html, table = html or folder / "report.html", table or folder / "points.csv"
    submissions = gather(root, found)
    chapters = list(dict.fromkeys(s.chapter for s in submissions))
    missing = ungraded(root, chapters, submissions)
    write_text(page(root, submissions, missing, html.absolute().parent), html)
    write_rows(point_rows(submissions), table)
    known = roster(Path(root, "classroom", "gradebook.db"))
    return [
        html,
        table,
        *(
            path
            for name in dict.fromkeys(systems)
            for path in EXPORTS[name](submissions, known, folder)
        ),
    ]


def _write_canvas(submissions, known, folder):
    path = folder / "canvas.csv"
    write_rows(canvas_rows(submissions, known), path)
    return [path]


def _write_moodle(submissions, known, folder):
    written = []
    for chapter in dict.fromkeys(s.chapter for s in submissions):
        written.append(folder / f"moodle_{chapter}.csv")
        write_rows(
            moodle_rows([s for s in submissions if s.chapter == chapter], known), written[-1]
        )
    return written


def _write_gradescope(submissions, known, folder):
    for s in submissions:
        text = json.dumps(gradescope_results(s), indent=1)
        write_text(text + "\n", folder / "gradescope" / s.chapter / s.student / "results.json")
    return [folder / "gradescope"]


EXPORTS = {"canvas": _write_canvas, "moodle": _write_moodle, "gradescope": _write_gradescope}


def advice(systems, found):
    """Say what has to be typed into another system.

    Parameters
    ----------
    systems : collection of str
        As in `write_class`.
    found : list of autograder.reports.grades.Grade

    Yields
    ------
    str
    """
    full = {}
    for g in found:
        full.setdefault(g.chapter, {})[g.cell] = g.max_points
    if "moodle" in systems:
        yield "\nMoodle takes 100 as the most, these are points: before the import, set the maximum"
        yield "grade of the assignment (Edit settings, Grade, Maximum grade) to"
        yield from (f"  {number(sum(of.values())):>6}  {chapter}" for chapter, of in full.items())
