"""Points as other systems take them: Canvas, Moodle, Gradescope, and a table for a spreadsheet.

Every function gives rows or plain data; `autograder.reports.class_files` writes them.
What they ask for is described in docs/instructors.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from mlp_helpers.checking.report import number

from .roster import Person

if TYPE_CHECKING:
    from .class_data import Submission
    from .roster import Person


POINTS = (
    "chapter",
    "student",
    "cell",
    "points",
    "max_points",
    "graded_by_hand_pending",
    "outcome",
    "mistakes",
    "seconds",
)
CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE = (
    "Identifier",
    "Full name",
    "Username",
    "Email address",
    "Grade",
    "Maximum Grade",
    "Last modified (grade)",
    "Feedback comments",
)


# What the systems take ---------------------------------------------------------------------------


def point_rows(submissions: Sequence[Submission]) -> list[tuple[str, ...]]:
    """One line per graded cell, for a spreadsheet, and one for what being late costs.

    Returns
    -------
    list of sequences of str, the header first.
    """
    rows = [POINTS]
    for s in submissions:
        for g in s.grades:
            report = s.reports.get(g.cell.removeprefix("check_"))
            rows.append(
                (
                    s.chapter,
                    s.student,
                    g.cell,
                    number(g.points),
                    number(g.max_points),
                    "yes" if g.pending else "no",
                    report.outcome if report else "",
                    " ".join(report.misconceptions) if report else "",
                    "" if s.seconds is None else f"{s.seconds:.2f}",
                )
            )
        if s.late:
            rows.append(
                (s.chapter, s.student, "late_penalty", number(-s.late), "0", "no", "", "", "")
            )
    return rows


def canvas_rows(
    submissions: Sequence[Submission], known: Mapping[str, Person]
) -> list[tuple[str, ...]]:
    """One line per student, one column per chapter, as Canvas's gradebook imports it.

    A student of whom only a number is known is found by it as Canvas's user id, others as SIS id or
    login. A chapter that was not handed in stays empty, which changes nothing in Canvas.

    Parameters
    ----------
    submissions : list of autograder.reports.class_data.Submission
    known : dict of str to Person

    Returns
    -------
    list of sequences of str, the header first.
    """
    full = {s.chapter: number(s.max_points) for s in submissions}
    rows = [(*CANVAS, *full), ("    Points Possible", "", "", "", "", *full.values())]
    points = {}
    for s in submissions:
        found = points.setdefault(_canvas_person(known.get(s.student, Person(s.student))), {})
        found.setdefault(s.chapter, s.final)
    for person, found in points.items():
        given = (number(found[chapter]) if chapter in found else "" for chapter in full)
        rows.append((*person, "", *given))
    return rows


def _canvas_person(person):
    """Name and ids by which Canvas finds a person; one who is not on a list, by the student's id.

    Returns
    -------
    (str, str, str, str)
    """
    student = person.student
    user = person.lms_user_id or (student if _is_canvas_id(student) else "")
    if person.sis_id or person.login:
        return person.name, user, person.sis_id, person.login
    return person.name, user, student, student


def _is_canvas_id(text):
    """Whether this can be a number that Canvas gave; one with a leading zero is somebody else's."""
    return text.isascii() and text.isdecimal() and not text.startswith("0")


def moodle_rows(
    submissions: Sequence[Submission], known: Mapping[str, Person]
) -> list[tuple[str, ...]]:
    """One line per student of one chapter, as Moodle's grading worksheet and grade import take it.

    Parameters
    ----------
    submissions : list of autograder.reports.class_data.Submission
        Of one chapter.
    known : dict of str to Person

    Returns
    -------
    list of sequences of str, the header first.
    """
    rows = [MOODLE]
    for s in submissions:
        person = known.get(s.student, Person(s.student))
        number_of = person.participant or person.lms_user_id or s.student
        identifier = f"Participant {number_of}" if number_of.isdecimal() else s.student
        rows.append(
            (
                identifier,
                person.name,
                person.login or s.student,
                person.email,
                number(s.final),
                number(s.max_points),
                "-",
                _in_one_line(s),
            )
        )
    return rows


def _in_one_line(submission):
    """The points of every cell, what a person said of it, and what being late costs, for a
    comment field, which takes HTML."""
    parts = [
        f"{g.cell.removeprefix('check_')}: {_earned(g)}"
        + (f" ({escape(' '.join(g.comment.split()), quote=False)})" if g.comment else "")
        for g in submission.grades
    ]
    return "; ".join(parts + [_late(submission)] * bool(submission.late))


def _earned(grade):
    """Say what a cell earned; an earlier mark counts until its new answer is read."""
    points = f"{number(grade.points)} of {number(grade.max_points)}"
    if not grade.pending:
        return points
    return "waits for a reader" + (f", so far {points}" if grade.points else "")


def _late(submission):
    return f"taken off for being late: {number(submission.late)} points"


def gradescope_results(submission: Submission) -> dict[str, Any]:
    """One submission as Gradescope's ``results.json``.

    Parameters
    ----------
    submission : autograder.reports.class_data.Submission

    Returns
    -------
    dict
    """
    notes = [note.partition("\n")[0] for note in submission.notes]  # not a traceback of ours
    notes += [f"{_late(submission).capitalize()}."] * bool(submission.late)
    result = {
        "score": submission.final,
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "output": "\n".join(notes),
        "tests": [_test(i, g, submission) for i, g in enumerate(submission.grades, 1)],
    }
    if submission.seconds is not None:
        result["execution_time"] = round(submission.seconds, 3)
    return result


def _test(place, grade, submission):
    """One graded cell as one of Gradescope's tests."""
    name = grade.cell.removeprefix("check_")
    report = submission.reports.get(name)
    output = f"This answer {_earned(grade)}." if grade.pending else str(report or "")
    return {
        "name": name,
        "number": str(place),
        "score": grade.points,
        "max_score": grade.max_points,
        "visibility": "visible",
        "output_format": "text",
        "status": "passed" if grade.points >= grade.max_points else "failed",
        "output": "\n\n".join(filter(None, (output, grade.comment))),
    }
