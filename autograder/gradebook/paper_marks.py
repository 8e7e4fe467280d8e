"""Marks for written answers out of a table, kept as formgrader keeps those that are typed there."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from mlp_helpers.checking.report import number

from ..ground.class_list import read_roster
from ..ground.read_table import read_table
from .database_errors import plain_errors

COLUMNS = {name: name for name in ("student", "chapter", "question", "points", "comment")}
POINTS = re.compile(r"[+-]?\d{1,6}([.,]\d{1,6})?")


@dataclass
class Taken:
    """What became of a table of marks.

    Attributes
    ----------
    new, changed, same : int
        How many marks were that.
    left_out : int
        How many lines were not taken.
    chapters : list of str
        Those in which a mark is another than before.
    notes : list of str
        What was odd, a line each.
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    left_out: int = 0
    chapters: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class _Refused(ValueError):
    """A line that is not taken; the text says why."""


def take_marks(path, config, root):
    """Write the marks and comments of a table into the gradebook.

    Parameters
    ----------
    path : Path
        With the columns student, question and points, and chapter and comment if need be.
    config : traitlets.config.Config
        nbgrader's configuration.
    root : Path
        The course's folder.

    Returns
    -------
    Taken
    """
    table, listed = read_table(path, COLUMNS), read_roster(root)
    taken = Taken(notes=list(table.notes))
    if table.unused:
        taken.notes.append(f"columns that are not used: {', '.join(table.unused)[:300]}")
    with plain_errors(), Gradebook(CourseDirectory(config=config).db_url) as book:
        answers, found = _answers(book), []
        for line, fields in table.rows:
            try:
                grade, comment = _answer(fields, answers, listed)
                found.append((line, fields, grade, comment, _points(fields, grade)))
            except _Refused as why:
                taken.left_out += 1
                taken.notes.append(f"line {line}: {why}; left out")
        often = Counter(grade.id for _, _, grade, _, _ in found)
        for line, fields, grade, comment, points in found:
            if often[grade.id] > 1:
                taken.left_out += 1
                taken.notes.append(
                    f"line {line}: {fields['student']}, {grade.name} stands in {often[grade.id]} "
                    "lines; left out"
                )
                continue
            _write(grade, comment, points, fields, line, taken)
        book.db.commit()
    return taken


def _answers(book):
    """All written answers: by chapter and question, then student: (Grade, Comment)."""
    found = {}
    for assignment in book.assignments:
        for submission in assignment.submissions:
            for notebook in submission.notebooks:
                comments = {comment.name: comment for comment in notebook.comments}
                for grade in notebook.grades:
                    if grade.name in comments:  # a cell of its own is solution and grade
                        students = found.setdefault((assignment.name, grade.name), {})
                        students[submission.student_id] = grade, comments[grade.name]
    return found


def _answer(fields, answers, listed):
    """The grade and the comment that a line is about."""
    student, question = fields.get("student", ""), fields.get("question", "")
    chapter = fields.get("chapter", "")
    if not student or not question:
        raise _Refused("it names no student" if not student else "it names no question")
    known = [key for key in answers if not chapter or chapter in (key[0], key[0][:2])]
    if not known:
        raise _Refused(f"chapter {chapter!r} has no written answers that were graded")
    keys = [key for key in known if key[1] == question]
    if not keys:
        names = ", ".join(sorted({name for _, name in known}))
        raise _Refused(f"there is no written answer {question!r} (there are: {names})")
    if len(keys) > 1:
        raise _Refused(f"{question} is in several chapters: add a column chapter")
    students = answers[keys[0]]
    if student in students:
        return students[student]
    same = [one for one in students if listed.same(student, one)]
    if len(same) > 1:
        raise _Refused(f"{student} has handed in under several ids ({', '.join(same)})")
    if not same:
        raise _Refused(
            f"{student} has no graded submission of {keys[0][0]}; if all is on paper, put the "
            f"released notebook into classroom/submitted/{student}/{keys[0][0]}/ and grade it"
        )
    return students[same[0]]


def _points(fields, grade):
    """The points of a line."""
    text, who = fields.get("points", ""), f"{fields['student']}, {grade.name}"
    if not text:
        raise _Refused(f"{who}: it gives no points")
    if not POINTS.fullmatch(text):
        raise _Refused(f"{who}: {text[:40]!r} is not a number of points")
    points = float(text.replace(",", "."))
    if not 0 <= points <= grade.max_score:
        why = (
            "negative" if points < 0 else f"more than the {number(grade.max_score)} that it can be"
        )
        raise _Refused(f"{who}: {text} is {why}")
    return points


def _write(grade, comment, points, fields, line, taken):
    before, settled = grade.manual_score, not grade.needs_manual_grade
    said = fields.get("comment", "") or comment.manual_comment
    if before == points and settled and said == comment.manual_comment:
        taken.same += 1
        return
    if before is not None and before != points:
        taken.notes.append(
            f"line {line}: {fields['student']}, {grade.name} had {number(before)} points by hand, "
            f"has {number(points)}"
        )
    if comment.manual_comment and said != comment.manual_comment:
        taken.notes.append(
            f"line {line}: {fields['student']}, {grade.name}: the comment "
            f"{comment.manual_comment[:200]!r} is replaced"
        )
    grade.manual_score, grade.needs_manual_grade = points, False
    comment.manual_comment = said
    taken.new += before is None
    taken.changed += before is not None
    chapter = grade.assignment.name
    if chapter not in taken.chapters:
        taken.chapters.append(chapter)
