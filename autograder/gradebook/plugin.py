"""nbgrader, with the judge in the place of its Execute and the release as the measure of a file.

`configure` holds every setting of the course; ``nbgrader_config.py`` and our own commands use the
same, so that nbgrader's commands and ``mlp-course`` agree.
"""

from __future__ import annotations

import atexit
import functools
import os
import sys
from pathlib import Path

import nbformat
import nbgrader
from nbconvert.exporters import NotebookExporter
from nbconvert.preprocessors import ClearMetadataPreprocessor, CSSHTMLHeaderPreprocessor
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, BaseConverter, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    GetGrades,
    IgnorePattern,
    LimitOutput,
    LockCells,
    NbGraderPreprocessor,
    SaveAutoGrades,
)
from nbgrader.utils import parse_utc
from traitlets import Bool, Bytes, Enum, Float, List, Unicode

from .clerk import Clerk, Overrun, at_end
from .files import TIMESTAMP, keep_private, small_texts
from .journal import put_beside, put_texts
from .judge import course_secret, grade_notebook, undecided
from .lateness import LatePenalties
from .ledger import TABLES, settle
from .marks import automatic_marks, handed_in_beside, said, wait_if_untouched
from .migrate import SaveRelease
from .pages import FeedbackExporter
from .sandbox import CONFINED, NONE
from .session import Limits, Worker
from .settings import UNTOUCHED, read_settings
from .submission import FOR_READERS, find, restore_or_stand_in, stand_in

# how autograder.collector lays out what it took from a learning management system
STUDENT_AND_FILE = r".*/(?P<student_id>[^/]+)/(?P<file_id>[^/]+)$"
TEMPLATES = Path(__file__).with_name("templates")  # looked at before nbgrader's
NBGRADERS_TEMPLATES = Path(nbgrader.__file__).parent / "server_extensions/formgrader/templates"


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
        folder = course.format_path(course.autograded_directory, names["student"],
                                    names["assignment"])
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
    for _setting in (secret, call_seconds, cell_seconds, submission_seconds, packages,
                     unsafe_no_sandbox, untouched):
        _setting.tag(config=True)

    def preprocess(self, nb, resources):
        """Grade one notebook; its check cells get their reports and points."""
        course, names = self.parent.parent.coursedir, resources["nbgrader"]
        release = read_release(course, names["assignment"], names["notebook"])
        secret = self.secret or course_secret(course.root)
        try:
            notebook, log = clerk().ask(self.limits.submission, _judge, nb, release, secret,
                                        self.levels, tuple(self.packages), self.limits)
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
        return Limits(call=self.call_seconds, cell=self.cell_seconds,
                      submission=self.submission_seconds)

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
        grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id,
                                          self.student_id)
        settle(self.gradebook.db, grade, self._marks[name])
        self.gradebook.db.commit()

    def _add_comment(self, cell, resources):
        name = cell.metadata.nbgrader.grade_id
        comment = self.gradebook.find_comment(name, self.notebook_id, self.assignment_id,
                                              self.student_id)
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
        grade = self.gradebook.find_grade(about.grade_id, self.notebook_id, self.assignment_id,
                                          self.student_id)
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


def expect_notebook(assignment, student, notebooks):
    """Before a submission is graded: expect the chapter's notebook, also if it is not there.

    nbgrader calls this with the list of the notebooks found; a missing one is added, and graded as
    an empty chapter with a note that says so.
    """
    for folder in {os.path.dirname(path) for path in notebooks}:
        expected = os.path.join(folder, os.path.basename(folder) + ".ipynb")
        if expected not in notebooks:
            notebooks.append(expected)


def _copy_what_was_looked_at(converter, assignment_id, student_id):
    """Take the place of nbgrader's copying of everything beside a notebook, links followed.

    nbgrader has no setting for it. What is not made from submissions is left to its own method.
    """
    if not isinstance(converter, Autograde | GenerateFeedback):
        return _COPY_ALL(converter, assignment_id, student_id)
    source, target = (Path(converter.coursedir.root, place(assignment_id, student_id))
                      for place in (converter._format_source, converter._format_dest))
    target.mkdir(parents=True, exist_ok=True)
    texts, notes = small_texts(source)
    for note in notes:
        converter.log.warning("%s, %s: %s", student_id, assignment_id, note)
    put_texts(target, texts, 0o600)
    close_classroom(converter.coursedir)


def _time_that_was_looked_at(course, folder):
    """Take the place of nbgrader's reading of timestamp.txt, whatever that is, to its end."""
    text = small_texts(Path(course.root, folder))[0][TIMESTAMP]
    return parse_utc(text) if text else None


def close_classroom(course):
    """Keep grades and graded work for their owner, and the group if the configuration says so."""
    root = Path(course.root)
    for step in (course.autograded_directory, course.feedback_directory):
        keep_private(root / Path(step), course.groupshared)
    keep_private(Path(course.db_url.removeprefix("sqlite:///")), course.groupshared)


_COPY_ALL = BaseConverter.init_assignment


def configure(config, root):
    """Fill in nbgrader's configuration for the course in `root`.

    Parameters
    ----------
    config : traitlets.config.Config
    root : str or Path

    Returns
    -------
    The same config.
    """
    root = Path(root).resolve()
    BaseConverter.init_assignment = _copy_what_was_looked_at
    CourseDirectory.get_existing_timestamp = _time_that_was_looked_at
    # nbgrader starts `alembic` from PATH when it makes a database
    bin_folder = str(Path(sys.executable).parent)
    if bin_folder not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([bin_folder, os.environ.get("PATH", os.defpath)])
    config.Judge.untouched = read_settings(root).untouched
    course = config.CourseDirectory
    course.root = str(root)
    course.source_directory, course.release_directory = "solutions", "course"
    for step in ("submitted", "autograded", "feedback"):
        setattr(course, f"{step}_directory", f"classroom/{step}")
    course.solution_directory = "classroom/solution"
    course.db_url = f"sqlite:///{root / 'classroom' / 'gradebook.db'}"
    config.ZipCollectApp.downloaded_directory = "classroom/downloaded"
    config.ZipCollectApp.extractor_plugin = "autograder.collector.Extractor"
    config.FileNameCollectorPlugin.named_regexp = STUDENT_AND_FILE
    config.FileNameCollectorPlugin.valid_ext = [".ipynb", *FOR_READERS]
    config.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
    config.ClearSolutions.text_stub = "*Write your answer here.*"
    # The rubric goes before cells are saved: the gradebook's copy is what a student may see.
    config.ClearMarkScheme.enforce_metadata = False
    config.GenerateFeedback.exporter_class = FeedbackExporter
    # For formgrader's pages as well. nbconvert's own filters take time that grows with the cube of
    # some texts, and leave formulas to a script from another machine.
    config.TemplateExporter.filters = {"strip_files_prefix": "autograder.pages.as_it_is",
                                       "markdown2html": "autograder.pages.markdown2html"}
    config.HTMLExporter.extra_template_basedirs = [str(TEMPLATES), str(NBGRADERS_TEMPLATES)]
    config.GenerateFeedback.preprocessors = [CurrentGrades, CSSHTMLHeaderPreprocessor]
    config.GenerateAssignment.preprocessors = [
        LockCells, ClearSolutions, ClearOutput, ClearMarkScheme, CheckCellMetadata,
        ComputeChecksums, SaveRelease, CheckCellMetadata,
    ]
    config.Validator.width = 110  # a report's lines are not cut
    config.Autograde.exporter_class = SubmissionExporter
    config.Autograde.pre_convert_hook = expect_notebook
    config.OverwriteCells.add_missing_cells = True
    config.Autograde.autograde_preprocessors = [
        Judge, IgnorePattern, ClearMetadataPreprocessor, LimitOutput, RecordGrades,
        LatePenalties, CheckCellMetadata,
    ]
    return config
