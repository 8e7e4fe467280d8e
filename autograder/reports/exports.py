"""Points as other systems take them: Canvas, Moodle, Gradescope, and a table for a spreadsheet.

Every function gives rows or plain data; `write_rows` and `write_text` write them, in one step.
What they ask for is described in docs/instructors.md.
"""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from mlp_helpers.checking.report import number

from ..writing import write
from .class_report import gather, page, ungraded

POINTS = ("chapter", "student", "cell", "points", "max_points", "graded_by_hand_pending",
          "outcome", "mistakes", "seconds")
CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE = ("Identifier", "Full name", "Username", "Email address", "Grade", "Maximum Grade",
          "Last modified (grade)", "Feedback comments")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for a formula


@dataclass(frozen=True)
class Person:
    """What nbgrader's gradebook knows of a student besides the id; "" where it knows nothing."""

    student: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""

    @property
    def name(self):
        """The name as systems sort it, else the id."""
        return ", ".join(filter(None, (self.last_name, self.first_name))) or self.student


def roster(gradebook):
    """Read who is in the class.

    Parameters
    ----------
    gradebook : Path
        nbgrader's database.

    Returns
    -------
    dict of str to Person
    """
    from nbgrader.api import Gradebook

    fields = ("first_name", "last_name", "email", "lms_user_id")
    with Gradebook(f"sqlite:///{gradebook}") as book:
        return {s.id: Person(s.id, *(getattr(s, name) or "" for name in fields))
                for s in book.students}


# What the systems take ---------------------------------------------------------------------------


def point_rows(submissions):
    """One line per graded cell, for a spreadsheet, and one for what being late costs.

    Returns
    -------
    list of sequences of str, the header first.
    """
    rows = [POINTS]
    for s in submissions:
        for g in s.grades:
            report = s.reports.get(g.cell.removeprefix("check_"))
            rows.append((s.chapter, s.student, g.cell, number(g.points), number(g.max_points),
                         "yes" if g.pending else "no", report.outcome if report else "",
                         " ".join(report.misconceptions) if report else "",
                         "" if s.seconds is None else f"{s.seconds:.2f}"))
        if s.late:
            rows.append((s.chapter, s.student, "late_penalty", number(-s.late), "0", "no", "", "",
                         ""))
    return rows


def canvas_rows(submissions, known):
    """One line per student, one column per chapter, as Canvas's gradebook imports it.

    A student of whom only a number is known is found by it as Canvas's user id, others as SIS id or
    login. A chapter that was not handed in stays empty, which changes nothing in Canvas.

    Parameters
    ----------
    submissions : list of autograder.reports.class_report.Submission
    known : dict of str to Person

    Returns
    -------
    list of sequences of str, the header first.
    """
    full = {s.chapter: number(s.max_points) for s in submissions}
    points = {(s.student, s.chapter): number(s.final) for s in submissions}
    rows = [(*CANVAS, *full), ("    Points Possible", "", "", "", "", *full.values())]
    for student in dict.fromkeys(s.student for s in submissions):
        person = known.get(student, Person(student))
        user = person.lms_user_id or (student if _is_canvas_id(student) else "")
        rows.append((person.name, user, student, student, "",
                     *(points.get((student, chapter), "") for chapter in full)))
    return rows


def _is_canvas_id(text):
    """Whether this can be a number that Canvas gave; one with a leading zero is somebody else's."""
    return text.isascii() and text.isdecimal() and not text.startswith("0")


def moodle_rows(submissions, known):
    """One line per student of one chapter, as Moodle's grading worksheet and grade import take it.

    Parameters
    ----------
    submissions : list of autograder.reports.class_report.Submission
        Of one chapter.
    known : dict of str to Person

    Returns
    -------
    list of sequences of str, the header first.
    """
    rows = [MOODLE]
    for s in submissions:
        person = known.get(s.student, Person(s.student))
        number_of = person.lms_user_id or s.student
        identifier = f"Participant {number_of}" if number_of.isdecimal() else s.student
        rows.append((identifier, person.name, s.student, person.email,
                     number(s.final), number(s.max_points), "-", _in_one_line(s)))
    return rows


def _in_one_line(submission):
    """The points of every cell, and what being late costs, for a comment field."""
    parts = [f"{g.cell.removeprefix('check_')}: {_earned(g)}" for g in submission.grades]
    return "; ".join(parts + [_late(submission)] * bool(submission.late))


def _earned(grade):
    """Say what a cell earned; an earlier mark counts until its new answer is read."""
    points = f"{number(grade.points)} of {number(grade.max_points)}"
    if not grade.pending:
        return points
    return "waits for a reader" + (f", so far {points}" if grade.points else "")


def _late(submission):
    return f"taken off for being late: {number(submission.late)} points"


def gradescope_results(submission):
    """One submission as Gradescope's ``results.json``.

    Parameters
    ----------
    submission : autograder.reports.class_report.Submission

    Returns
    -------
    dict
    """
    notes = [note.partition("\n")[0] for note in submission.notes]  # not a traceback of ours
    notes += [f"{_late(submission).capitalize()}."] * bool(submission.late)
    result = {"score": submission.final, "visibility": "visible",
              "stdout_visibility": "hidden", "output": "\n".join(notes),
              "tests": [_test(i, g, submission) for i, g in enumerate(submission.grades, 1)]}
    if submission.seconds is not None:
        result["execution_time"] = round(submission.seconds, 3)
    return result


def _test(place, grade, submission):
    """One graded cell as one of Gradescope's tests."""
    name = grade.cell.removeprefix("check_")
    report = submission.reports.get(name)
    output = str(report) if report else ""
    return {"name": name, "number": str(place), "score": grade.points,
            "max_score": grade.max_points, "visibility": "visible", "output_format": "text",
            "status": "passed" if grade.points >= grade.max_points else "failed",
            "output": f"This answer {_earned(grade)}." if grade.pending else output}


# Everything at once ------------------------------------------------------------------------------


def write_class(root, found, html=None, table=None, systems=()):
    """Write the class report, the table of points, and what other systems import.

    Parameters
    ----------
    root : Path
        The course's folder.
    found : list of autograder.reports.gradebook.Grade
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
    return [html, table, *(path for name in dict.fromkeys(systems)
                           for path in EXPORTS[name](submissions, known, folder))]


def _write_canvas(submissions, known, folder):
    path = folder / "canvas.csv"
    write_rows(canvas_rows(submissions, known), path)
    return [path]


def _write_moodle(submissions, known, folder):
    written = []
    for chapter in dict.fromkeys(s.chapter for s in submissions):
        written.append(folder / f"moodle_{chapter}.csv")
        write_rows(moodle_rows([s for s in submissions if s.chapter == chapter], known),
                   written[-1])
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
    found : list of autograder.reports.gradebook.Grade

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


# Files -------------------------------------------------------------------------------------------


def write_rows(rows, path):
    """Write a CSV file. Text that a spreadsheet would run as a formula gets an apostrophe.

    Parameters
    ----------
    rows : iterable of sequences of str
    path : Path
    """
    file = io.StringIO(newline="")
    csv.writer(file).writerows([_plain(text) for text in row] for row in rows)
    write_text(file.getvalue(), path)


def _plain(text):
    """A field that is no formula; a number or a lone dash stays."""
    begin = unicodedata.normalize("NFKC", text).lstrip()  # full-width signs count as well
    harmless = not text.startswith(FORMULA) and not begin.startswith(FORMULA)
    return text if harmless or text == "-" or _is_number(text) else f"'{text}"


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def write_text(text, path):
    """Write a file in one step; a link or a device, such as /dev/stdout, is written to.

    Parameters
    ----------
    text : str
    path : Path
        Its folder is made if need be.
    """
    path = Path(path)
    if path.is_symlink() or (path.exists() and not path.is_file()):
        path.write_text(text, encoding="utf-8", errors="backslashreplace", newline="")
    else:
        write(path, text, alone=False)
