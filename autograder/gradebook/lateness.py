"""What being late costs: worked out anew from due dates and extensions whenever it is asked for.

The rule is [late] of course_settings.toml, else nbgrader's plugin (``LateSubmissionPlugin``).
nbgrader applies it once, when a submission is graded; due dates that are moved later, extensions
and marks given by hand count here as soon as grades are read.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from traitlets import TraitError

from ..ground.class_list import read_roster
from ..ground.course_settings import FILE, read_settings
from ..ground.errors import Problem
from ..ground.task import Task
from .database_errors import plain_errors


class LatePenalties(AssignLatePenalties):
    """nbgrader's step, with the extensions of course_settings.toml."""

    def preprocess(self, nb, resources):
        """Write the penalty of the submission at hand."""
        names = resources["nbgrader"]
        rule = Lateness(self.config, self.parent.parent.coursedir.root)
        with Gradebook(names["db_url"]) as book:
            submission = book.find_submission(names["assignment"], names["student"])
            rule.refresh(submission)
            book.db.commit()
        return nb, resources


class Lateness:
    """The rule of a course.

    Parameters
    ----------
    config : traitlets.config.Config
        nbgrader's configuration.
    root : str or Path
        The course's folder.

    Raises
    ------
    Problem
        The rule cannot be loaded.
    """

    def __init__(self, config, root):
        self._settings, self._roster = read_settings(root), read_roster(root)
        self._step = AssignLatePenalties(config=config)
        self._step.log = logging.Logger("mlp-course", logging.CRITICAL)
        try:
            self._step.init_plugin()
        except (TraitError, ImportError) as error:
            raise Problem(
                f"nbgrader_config.py names a penalty for being late that cannot be "
                f"loaded: {' '.join(str(error).split())}"
            ) from error

    def due(self, submission):
        """When a submission is due: the longer of nbgrader's extension and ours counts.

        Returns
        -------
        datetime, in UTC without a zone, or None
        """
        ours = (
            longer
            for (chapter, student), longer in self._settings.extensions.items()
            if chapter == submission.assignment.name
            and self._roster.same(student, submission.student_id)
        )
        longer = max(submission.extension or timedelta(0), *ours, timedelta(0))
        due = submission.assignment.duedate
        return None if due is None else due + longer

    def seconds(self, submission):
        """How late a submission is; 0.0 if it is not, or nobody knows."""
        due, handed_in = self.due(submission), submission.timestamp
        if due is None or handed_in is None:
            return 0.0
        return max(0.0, (handed_in - due).total_seconds())

    def penalty(self, submission, notebook):
        """Points that a notebook loses; None if none."""
        seconds = self.seconds(submission)
        if seconds <= 0:
            return None
        if self._settings.late is not None:
            return notebook.score * self._settings.late.share(seconds) or None
        penalty = self._step.plugin_inst.late_submission_penalty(
            submission.student_id, notebook.score, seconds
        )
        return None if penalty is None else self._step._check_late_penalty(notebook, penalty)

    def refresh(self, submission):
        """Write the penalty of a submission; give whether it is another than before."""
        changed = False
        for notebook in submission.notebooks:
            penalty = self.penalty(submission, notebook)
            if (penalty or 0.0) != (notebook.late_submission_penalty or 0.0):
                notebook.late_submission_penalty, changed = penalty, True
        return changed


def refresh(config, root):
    """Write all penalties of a gradebook anew.

    Returns
    -------
    list of Task
        Those whose penalty is another than before.
    """
    rule, changed = Lateness(config, root), []
    with plain_errors(), Gradebook(CourseDirectory(config=config).db_url) as book:
        for assignment in book.assignments:
            changed += [
                Task(assignment.name, s.student_id)
                for s in assignment.submissions
                if rule.refresh(s)
            ]
        if changed:
            book.db.commit()
    return changed


def lost_extensions(config, root):
    """Say which extensions are for a chapter or a student that is not there.

    Yields
    ------
    str
    """
    course = CourseDirectory(config=config)
    chapters = {path.name for path in Path(root, "course").glob("[0-9][0-9]_*")}
    students = {path.name for path in Path(root, "classroom", "submitted").glob("*")}
    if Path(course.db_url.removeprefix("sqlite:///")).exists():
        with plain_errors(), Gradebook(course.db_url) as book:
            chapters |= {assignment.name for assignment in book.assignments}
            students |= {student.id for student in book.students}
    listed, told = read_roster(root), set()
    for chapter, student in read_settings(root).extensions:
        if chapter not in chapters and chapter not in told:
            told.add(chapter)
            yield (
                f"{FILE}: there is no chapter {chapter}, so its extensions do nothing; there are: "
                f"{', '.join(sorted(chapters))}"
            )
        if student not in students and listed.member(student) is None:
            yield (
                f"{FILE}: extensions.{chapter}.{student} does nothing: nobody of that id has "
                "handed in or is on the roster"
            )
