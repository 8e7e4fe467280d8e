"""Write grades into nbgrader's gradebook: its own models, one session, one transaction each.

A table of ours beside nbgrader's says which act of grading each submission's grades come from. It
changes in the same transaction as the grades, so each act is recorded exactly once, whatever
happens in between; a second record would call answers that a person has graded ungraded again.
"""

from __future__ import annotations

import functools
import warnings

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import parse_utc
from sqlalchemy.exc import SAWarning

from ..ground.task import Task
from .cell_marks import Mark, said, shown
from .database_errors import plain_errors
from .lateness import Lateness
from .own_tables import ACTS, TABLES, settle


class Recorder:
    """The one writer of a gradebook. Use as a context manager.

    Parameters
    ----------
    config : traitlets.config.Config
        nbgrader's configuration.
    """

    def __init__(self, config):
        course = CourseDirectory(config=config)
        self._lateness = Lateness(config, course.root)
        self._cells = functools.cache(self._read_cells)
        with warnings.catch_warnings(), plain_errors():
            # nbgrader 0.9 triggers SQLAlchemy's warnings in its own models
            warnings.simplefilter("ignore", SAWarning)
            self._book = Gradebook(course.db_url, course.course_id)
            TABLES.create_all(self._book.engine)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._book.close()

    def acts(self):
        """The act that each submission's grades come from.

        Returns
        -------
        dict of Task to str
        """
        found = self._book.db.query(Assignment.name, SubmittedAssignment.student_id, ACTS.c.act)
        found = found.join(SubmittedAssignment, SubmittedAssignment.assignment_id == Assignment.id)
        found = found.join(ACTS, ACTS.c.submission == SubmittedAssignment.id)
        with plain_errors():
            return {Task(chapter, student): act for chapter, student, act in found}

    def closed(self, now):
        """The submissions whose due date is over: set of Task.

        Parameters
        ----------
        now : datetime
            In UTC, without a zone, as nbgrader keeps its times.
        """
        with plain_errors():
            return {
                Task(s.assignment.name, s.student_id)
                for s in self._book.db.query(SubmittedAssignment)
                if (due := self._lateness.due(s)) is not None and due < now
            }

    def marks(self, entry):
        """The marks and the penalty of a recorded submission, as the gradebook has them now."""
        with plain_errors():
            _, notebook = self._submission(entry)
            found = self._marks(notebook, entry), notebook.late_submission_penalty or 0.0
            self._book.db.remove()
        return found

    def record(self, entry, publish):
        """Write the grades of one submission, as ``nbgrader autograde`` does.

        Parameters
        ----------
        entry : Entry
        publish : callable
            ``publish(marks, penalty)`` is called before the grades count, if the gradebook says
            something else than `entry`: a person's marks and comments, or a penalty.

        Raises
        ------
        Problem
            Another program keeps the gradebook for itself.
        """
        session = self._book.db
        try:
            with plain_errors():
                self._record(session, entry, publish)
        finally:
            session.remove()  # rolls back what was not committed, and forgets all objects

    def _record(self, session, entry, publish):
        submission, notebook = self._submission(entry)
        self._write_marks(notebook, entry)
        self._book.db.refresh(notebook)
        self._lateness.refresh(submission)
        marks, penalty = self._marks(notebook, entry), notebook.late_submission_penalty or 0.0
        if penalty or marks != shown(entry.marks):
            publish(marks, penalty)
        session.execute(ACTS.delete().where(ACTS.c.submission == submission.id))
        session.execute(ACTS.insert().values(submission=submission.id, act=entry.act))
        session.commit()

    def _submission(self, entry):
        """Find or make the rows of a submission and its notebook."""
        session, (chapter, student) = self._book.db, (entry.task.chapter, entry.task.student)
        if session.get(Student, student) is None:
            session.add(Student(id=student))
        assignment, source = (
            session.query(Assignment.id, Notebook.id)
            .join(Notebook, Notebook.assignment_id == Assignment.id)
            .filter(Assignment.name == chapter, Notebook.name == chapter)
            .one()
        )
        submission = (
            session.query(SubmittedAssignment)
            .filter_by(assignment_id=assignment, student_id=student)
            .one_or_none()
        )
        if submission is None:
            submission = SubmittedAssignment(
                id=new_uuid(), assignment_id=assignment, student_id=student
            )
            notebook = SubmittedNotebook(
                id=new_uuid(), notebook_id=source, assignment_id=submission.id
            )
            session.add_all([submission, notebook])
        else:
            notebook = (
                session.query(SubmittedNotebook)
                .filter_by(notebook_id=source, assignment_id=submission.id)
                .one()
            )
        if entry.timestamp:
            submission.timestamp = parse_utc(entry.timestamp)
        session.flush()
        return submission, notebook

    def _write_marks(self, notebook, entry):
        session = self._book.db
        for model, column, fill in ((Grade, "grade", settle), (Comment, "comment", _comment)):
            rows = {
                row.cell_id: row
                for row in self._book.db.query(model).filter_by(notebook_id=notebook.id)
            }
            for name, cell in self._cells(notebook.notebook_id)[column].items():
                row = rows.get(cell) or model(id=new_uuid(), cell_id=cell, notebook_id=notebook.id)
                fill(session, row, entry.marks.get(name, Mark()))
                session.add(row)
        session.flush()

    def _read_cells(self, notebook):
        """Names and ids of the cells of a released notebook that have grades, and comments."""
        cells = (
            self._book.db.query(BaseCell.type, BaseCell.name, BaseCell.id)
            .filter(BaseCell.notebook_id == notebook)
            .order_by(BaseCell.name)
            .all()
        )
        kinds = {"grade": ("GradeCell", "TaskCell"), "comment": ("SolutionCell", "TaskCell")}
        return {
            column: {name: cell for kind, name, cell in cells if kind in wanted}
            for column, wanted in kinds.items()
        }

    def _marks(self, notebook, entry):
        """The marks as the gradebook now has them, those of a person included."""
        grades = (
            self._book.db.query(BaseCell.name, Grade.score, Grade.needs_manual_grade)
            .join(Grade, Grade.cell_id == BaseCell.id)
            .filter(Grade.notebook_id == notebook.id)
            .all()
        )
        scores = {name: score for name, score, _ in grades}
        waiting = {name for name, _, waits in grades if waits}
        comments = dict(
            self._book.db.query(BaseCell.name, Comment.comment)
            .join(Comment, Comment.cell_id == BaseCell.id)
            .filter(Comment.notebook_id == notebook.id)
            .all()
        )
        return {
            name: Mark(mark.points, scores.get(name), said(comments.get(name), name in waiting))
            for name, mark in entry.marks.items()
        }


def _comment(session, row, mark):
    row.auto_comment = mark.comment
