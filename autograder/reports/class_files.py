"""Everything that is written of a class: the report, the table, and the exports."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlp_helpers.checking.report import number

from ..class_run.submissions import plan
from ..ground.class_list import read_roster
from .class_data import gather, ungraded
from .class_report import page
from .exports import canvas_rows, gradescope_results, moodle_rows, point_rows
from .roster import attendance, roster
from .spreadsheet import write_rows, write_text

if TYPE_CHECKING:
    from .grades import Grade


SHOWN = 20  # names in one line of the terminal; the report has them all


def write_class(
    root: str | Path,
    found: Sequence[Grade],
    html: Path | None = None,
    table: Path | None = None,
    systems: Collection[str] = (),
) -> list[Path]:
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
    known = roster(root)
    write_text(page(root, submissions, missing, html.absolute().parent, known), html)
    write_rows(point_rows(submissions), table)
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


def advice(systems: Collection[str], found: Sequence[Grade]) -> Iterator[str]:
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


def who_handed_in(root, found):
    """Say who of the class's list has not handed in, and who has and is not on it.

    Parameters
    ----------
    root : Path
    found : list of autograder.reports.grades.Grade

    Yields
    ------
    str
    """
    listed = read_roster(root)
    for chapter in dict.fromkeys(g.chapter for g in found):
        students = [g.student for g in found if g.chapter == chapter]
        here = attendance(listed, students + [task.student for task in plan([chapter], root)])
        for words, names in (
            ("not handed in", here.absent),
            ("handed in and not on the roster", here.strangers),
            ("handed in under several ids, which one counts is yours to say", here.twice),
        ):
            if names:
                more = f"; and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
                yield f"{chapter}, {words} ({len(names)}): {'; '.join(names[:SHOWN])}{more}"
