"""nbgrader, with the judge in the place of its Execute and the release as the measure of a file.

These are its steps; `autograder.gradebook.nbgrader_settings` puts them into force.
"""

from __future__ import annotations

import atexit
import functools
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook
from nbgrader.preprocessors import (
    GetGrades,
    NbGraderPreprocessor,
    SaveAutoGrades,
)
from traitlets import Bool, Bytes, Enum, Float, List, Unicode

from ..ground.course_settings import UNTOUCHED
from ..ground.files import put_beside
from ..judge.clerk import Clerk, Overrun, at_end
from ..judge.grade import grade_notebook, undecided
from ..judge.handed_in import find
from ..judge.secret import course_secret
from ..judge.session import Limits
from ..judge.submission import restore_or_stand_in, stand_in
from ..judge.worker_process import Worker
from ..worker.confinement import CONFINED, NONE
from .cell_marks import automatic_marks, handed_in_beside, said, wait_if_untouched
from .lateness import LatePenalties
from .own_tables import TABLES, settle


class SubmissionExporter(NotebookExporter):
    """Reads what a student handed in; whatever it is, a notebook that can be graded comes out."""

    def from_filename(self, filename, resources=None, **kwargs):
        """Read and restore a submission, then run nbgrader's steps on it."""
        names, course = resources["nbgrader"], self.parent.coursedir
        if not self.parent._sanitizing:  # the second pass, over what the first has written
            return super().from_filename(filename, resources, **kwargs)
        release = read_release(course, names["assignment"], names["notebook"])
        found = find(Path(course.root, filename))
        seconds = Judge(config=self.config).limits.submission
        try:
            notebook, notes = clerk().ask(seconds, restore_or_stand_in, found, release)
        except Overrun as error:
            notebook, notes = stand_in(release, str(error)), [str(error)]
        for note in notes:
            self.log.warning("%s, %s: %s", names["student"], names["notebook"], note)
        folder = course.format_path(
            course.autograded_directory, names["student"], names["assignment"]
        )
        put_beside(Path(course.root, folder), found.beside)
        return self.from_notebook_node(notebook, resources, **kwargs)


class Judge(NbGraderPreprocessor):
    """Takes the place of nbgrader's Execute: the judge decides, no kernel runs."""

    secret = Bytes(help="The course secret; left out, it is taken from its usual place.")
    call_seconds = Float(Limits.call, help="Time for one call of a student's function.")
    cell_seconds = Float(Limits.cell, help="Time for one cell of a student.")
    submission_seconds = Float(Limits.submission, help="Time for the whole of one submission.")
    packages = List(Unicode(), help="What may be imported beside NumPy and matplotlib.")
    unsafe_no_sandbox = Bool(help="Run submissions without confinement; recorded with the grades.")
    untouched = Enum(UNTOUCHED, UNTOUCHED[0], help="What a written answer is that was not begun.")
    for _setting in (
        secret,
        call_seconds,
        cell_seconds,
        submission_seconds,
        packages,
        unsafe_no_sandbox,
        untouched,
    ):
        _setting.tag(config=True)

    def preprocess(self, nb, resources):
        """Grade one notebook; its check cells get their reports and points."""
        course, names = self.parent.parent.coursedir, resources["nbgrader"]
        release = read_release(course, names["assignment"], names["notebook"])
        secret = self.secret or course_secret(course.root)
        try:
            notebook, log = clerk().ask(
                self.limits.submission,
                _judge,
                nb,
                release,
                secret,
                self.levels,
                tuple(self.packages),
                self.limits,
            )
        except Overrun as error:
            notebook, log = undecided(nb, release, str(error)), [str(error)]
        for line in log:
            self.log.error("%s, %s: %s", names["student"], names["notebook"], line)
        return self.finish(notebook), resources

    def finish(self, notebook):
        """Let what was not begun wait for a reader, if that is how it is set, or if there are
        pages beside the notebook on which it may be."""
        if self.untouched == "pending" or handed_in_beside(notebook):
            wait_if_untouched(notebook)
        return notebook

    @property
    def limits(self):
        """What a submission may take, as configured."""
        return Limits(
            call=self.call_seconds, cell=self.cell_seconds, submission=self.submission_seconds
        )

    @property
    def levels(self):
        """The levels of confinement to try, as configured."""
        return (NONE,) if self.unsafe_no_sandbox else CONFINED


class RecordGrades(SaveAutoGrades):
    """nbgrader's step, by our rules: what the judge could not decide waits for a person, and a
    mark given by hand stays settled as long as its answer is the same."""

    def preprocess(self, nb, resources):
        """Write the grades and comments of one notebook."""
        self._marks = automatic_marks(nb)
        with Gradebook(resources["nbgrader"]["db_url"]) as book:
            TABLES.create_all(book.engine)
        return super().preprocess(nb, resources)

    def _add_score(self, cell, resources):
        name = cell.metadata.nbgrader.grade_id
        grade = self.gradebook.find_grade(
            name, self.notebook_id, self.assignment_id, self.student_id
        )
        settle(self.gradebook.db, grade, self._marks[name])
        self.gradebook.db.commit()

    def _add_comment(self, cell, resources):
        name = cell.metadata.nbgrader.grade_id
        comment = self.gradebook.find_comment(
            name, self.notebook_id, self.assignment_id, self.student_id
        )
        comment.auto_comment = self._marks[name].comment if name in self._marks else None
        self.gradebook.db.commit()


class CurrentGrades(GetGrades):
    """nbgrader's step of the feedback, after the penalty for being late was worked out anew."""

    def preprocess(self, nb, resources):
        """Write the grades of one notebook into it."""
        LatePenalties(parent=self.parent).preprocess(nb, resources)
        return super().preprocess(nb, resources)

    def _get_score(self, cell, resources):
        super()._get_score(cell, resources)
        about = cell.metadata.nbgrader
        grade = self.gradebook.find_grade(
            about.grade_id, self.notebook_id, self.assignment_id, self.student_id
        )
        about["comment"] = said(about.get("comment"), grade.needs_manual_grade)


def read_release(course, assignment, notebook):
    """Read the released notebook that a submission is measured by."""
    folder = course.format_path(course.release_directory, ".", assignment)
    path = Path(course.root, folder, f"{notebook}.ipynb")
    if not path.is_file():
        raise FileNotFoundError(f"there is no release {path}: run `mlp-course build`")
    return nbformat.read(path, as_version=4)


@functools.cache
def clerk():
    """The clerk of this process, ended when the process ends."""
    made = Clerk()
    atexit.register(made.close)
    return made


def _judge(notebook, release, secret, levels, packages, limits):
    """The clerk's part of judging: the notebook with its verdicts, and what is to be said."""
    result = grade_notebook(notebook, release, secret, _worker(levels, packages), limits)
    return result.notebook, result.log


@functools.cache
def _worker(levels, packages):
    """The clerk's worker for some levels of confinement and packages."""
    worker = Worker(levels, packages)
    at_end(worker.close)
    return worker
