"""A whole class: plan what is to be graded, grade it, record it in nbgrader's gradebook.

Grading and recording are nbgrader's own Autograde and GenerateFeedback with our judge inside, one
submission at a time, so the gradebook is the one that `nbgrader autograde` writes.
"""

from __future__ import annotations

import copy
import logging
import tempfile
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateFeedback, NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import CheckCellMetadata, SaveCells
from sqlalchemy.exc import SAWarning
from traitlets.config import Config, PyFileConfigLoader

from mlp_helpers import exercises
from mlp_helpers.checking import Report

from .build import generate_assignment, master_names
from .errors import Problem
from .judge import course_secret, grade_notebook, read_reports
from .nbgrader_plugin import configure, shared_worker
from .session import Worker, WorkerError
from .submission import Unreadable, grade_id, read

EXPECTED = ("Removing existing", "Removing failed", "No submitted file")  # said when all is well


@dataclass(frozen=True)
class Task:
    """One submission of one chapter."""

    chapter: str
    student: str


@dataclass(frozen=True)
class Outcome:
    """How the grading of one submission went.

    Attributes
    ----------
    task : Task
    reports : dict of str to Report
        By exercise; empty if the submission was not graded.
    seconds : float
        0.0 if an earlier run had graded it already.
    problem : str
        Why it was not graded; "" if it was.
    notes : tuple of str
        What had to be put right, or went wrong on the way.
    feedback : Path or None
    """

    task: Task
    reports: dict[str, Report] = field(default_factory=dict)
    seconds: float = 0.0
    problem: str = ""
    notes: tuple[str, ...] = ()
    feedback: Path | None = None


@dataclass(frozen=True)
class ClassResult:
    """What grading a class gave.

    Attributes
    ----------
    outcomes : list of Outcome
        By chapter and student.
    gradebook : Path
    feedback : Path
        The folder of the feedback pages.
    """

    outcomes: list[Outcome]
    gradebook: Path
    feedback: Path

    @property
    def complete(self):
        """Whether every submission was graded."""
        return not any(outcome.problem for outcome in self.outcomes)

    def graded(self, chapter):
        """Reports of one chapter: student -> exercise -> Report."""
        return {o.task.student: o.reports for o in self.outcomes
                if o.task.chapter == chapter and not o.problem}


# --- a class -------------------------------------------------------------------------------------


def grade_class(chapters=None, root=".", secret=None, progress=None, regrade=False):
    """Grade every submission below ``classroom/submitted`` and write the feedback.

    Parameters
    ----------
    chapters : iterable of str, optional
        Names of chapters; all with a master if left out.
    root : str or Path
        The course's folder.
    secret : bytes, optional
        The course secret; by default `autograder.judge.course_secret`.
    progress : callable, optional
        Called as ``progress(done, total, outcome)`` after each submission.
    regrade : bool
        Also grade what was graded since it was handed in.

    Returns
    -------
    ClassResult

    Raises
    ------
    Problem
        There is nothing to grade, or a chapter cannot be graded, or the worker does not start.
    """
    root = Path(root).resolve()
    tasks = plan(list(chapters) if chapters is not None else master_names(root), root)
    if not tasks:
        raise Problem(f"no submissions below {root / 'classroom' / 'submitted'}: "
                      "put them at submitted/STUDENT/CHAPTER/CHAPTER.ipynb")
    secret = secret if secret is not None else course_secret(root)
    config = load_config(root)
    for chapter in dict.fromkeys(task.chapter for task in tasks):
        register(chapter, root, config)
    known = set() if regrade else _recorded(config)
    _try_worker()
    outcomes = []
    for task in tasks:
        outcomes.append(grade_submission(task, root, config, secret, task not in known))
        if progress is not None:
            progress(len(outcomes), len(tasks), outcomes[-1])
    classroom = root / "classroom"
    return ClassResult(outcomes, classroom / "gradebook.db", classroom / "feedback")


def plan(chapters, root):
    """List the submissions of the given chapters.

    Returns
    -------
    list of Task, by chapter and student.
    """
    folders = Path(root, "classroom", "submitted")
    found = sorted(folders.glob("*/*")) if folders.is_dir() else []
    return [Task(chapter, folder.parent.name) for chapter in chapters for folder in found
            if folder.name == chapter and folder.is_dir()]


def load_config(root):
    """Read the course's nbgrader_config.py, so that its settings count here too; else ours."""
    if (root / "nbgrader_config.py").is_file():
        return PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    return configure(Config(), root)


def register(chapter, root, config):
    """Make sure that the gradebook knows the chapter as it is released now.

    Raises
    ------
    Problem
        There is no release, or the gradebook has submissions of a release with other cells.
    """
    release = Path(root, "course", chapter, f"{chapter}.ipynb")
    if not release.is_file():
        raise Problem(f"{chapter} has no release: run `mlp-course build {chapter}`")
    Path(root, "classroom").mkdir(exist_ok=True)
    if _is_registered(config, chapter, release):
        return
    with tempfile.TemporaryDirectory(prefix="mlp-register-") as folder:
        config = copy.deepcopy(config)
        config.CourseDirectory.source_directory = str(Path(root, "course"))
        config.CourseDirectory.release_directory = folder
        config.GenerateAssignment.preprocessors = [CheckCellMetadata, SaveCells]
        try:
            generate_assignment(config, chapter, logging.CRITICAL)
        except NbGraderException as error:
            raise Problem(f"{chapter}: the release has other graded cells than the submissions in "
                          "the gradebook; move classroom/gradebook.db away and grade again"
                          ) from error


def _is_registered(config, chapter, release):
    """Whether the gradebook holds the release's graded cells, text and points included."""
    if not Path(config.CourseDirectory.db_url.removeprefix("sqlite:///")).exists():
        return False
    cells = nbformat.read(release, as_version=4).cells
    wanted = {grade_id(c): c.metadata.nbgrader.checksum for c in cells if grade_id(c)}
    with Gradebook(config.CourseDirectory.db_url) as book:
        try:
            known = book.find_notebook(chapter, chapter).source_cells
        except MissingEntry:
            return False
        return {cell.name: cell.checksum for cell in known} == wanted


def _try_worker():
    """Find out before the first submission whether the worker runs on this machine."""
    try:
        shared_worker().start(1).close()
    except WorkerError as error:
        raise Problem(str(error)) from error
    shared_worker().end()


def _recorded(config):
    """The submissions that the gradebook knows."""
    with Gradebook(config.CourseDirectory.db_url) as book:
        return {Task(assignment.name, submission.student.id) for assignment in book.assignments
                for submission in book.assignment_submissions(assignment.name)}


# --- one submission ------------------------------------------------------------------------------


class _Autograde(Autograde):
    """Autograde of one submission, whatever files its folder holds."""

    def init_notebooks(self):
        student, chapter = self.coursedir.student_id, self.coursedir.assignment_id
        folder = self._format_source(chapter, student)
        self.assignments = {folder: [str(Path(folder, f"{chapter}.ipynb"))]}


class _Notes(logging.Handler):
    """Collects what is logged while one submission is graded; of a traceback the last line."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines, self.reason = [], "nbgrader could not grade it"

    def emit(self, record):
        text = record.getMessage().strip()
        if text.startswith("Traceback"):
            self.reason = text = text.splitlines()[-1]
        if not text.startswith(EXPECTED):
            self.lines.append(text)


def grade_submission(task, root, config, secret, regrade):
    """Grade one submission into the gradebook and write its feedback page.

    Parameters
    ----------
    task : Task
    root : Path
    config : Config
        nbgrader's configuration, see `load_config`.
    secret : bytes
    regrade : bool
        Also if its feedback page is newer than everything that was handed in.

    Returns
    -------
    Outcome
    """
    files = {step: Path(root, "classroom", step, task.student, task.chapter, task.chapter)
             for step in ("submitted", "autograded", "feedback")}
    graded, page = files["autograded"].with_suffix(".ipynb"), files["feedback"].with_suffix(".html")
    if not regrade and _is_newer(page, files["submitted"].parent):
        return Outcome(task, read_reports(graded), feedback=page)
    started, notes = time.monotonic(), _Notes()
    config = copy.deepcopy(config)
    config.Judge.secret = secret
    try:
        for converter in (_Autograde, GenerateFeedback):
            _convert(converter, config, task, notes)
    except NbGraderException:
        return Outcome(task, {}, time.monotonic() - started, notes.reason, tuple(notes.lines))
    seconds = time.monotonic() - started
    return Outcome(task, read_reports(graded), seconds, "", tuple(notes.lines), page)


def _convert(converter, config, task, notes):
    """Run one of nbgrader's converters on one submission."""
    course = CourseDirectory(config=config)
    course.assignment_id, course.student_id = task.chapter, task.student
    step = converter(coursedir=course, config=config)
    step.force = True
    logger = logging.Logger("mlp-course")
    logger.addHandler(notes)
    step.log = course.log = logger
    with warnings.catch_warnings():
        # nbgrader 0.9 triggers SQLAlchemy's warnings in its own bookkeeping
        warnings.simplefilter("ignore", SAWarning)
        step.start()


def _is_newer(page, folder):
    """Whether a feedback page was written after everything that was handed in."""
    if not page.exists():
        return False
    handed_in = [path.lstat().st_mtime_ns for path in (folder, *folder.rglob("*"))]
    return page.stat().st_mtime_ns > max(handed_in)


# --- one notebook, for its author ----------------------------------------------------------------


def check_notebook(path, secret=b"self-study", limits=None):
    """Grade a notebook for self-study: no class, no gradebook, nothing written.

    Parameters
    ----------
    path : str or Path
    secret : bytes
        Draws the cases.

    Returns
    -------
    dict of str to Report
        By exercise, for the chapters whose exercises occur in the notebook.

    Raises
    ------
    Problem
        The file is no notebook of this course.
    """
    try:
        notebook = read(path)
    except Unreadable as error:
        raise Problem(f"{path}: {error}") from error
    names = {grade_id(cell) for cell in notebook.cells}
    chapters = {e.chapter for e in exercises().values() if f"check_{e.id}" in names}
    if not chapters:
        raise Problem(f"{path} has no exercise of this course: open a notebook of course/")
    release = _as_release([e for e in exercises().values() if e.chapter in chapters])
    notebook.cells = [c for c in notebook.cells if not (grade_id(c) or "").startswith("check_")]
    notebook.cells += release.cells
    with Worker() as worker:
        result = grade_notebook(notebook, release, secret, worker, limits)
    if result.log:
        raise RuntimeError("\n".join(result.log))
    return result.reports


def _as_release(wanted):
    """The check cells of some exercises as a notebook of their own."""
    cells = [nbformat.v4.new_code_cell(f"check({e.id})", metadata={"nbgrader": {
        "grade": True, "solution": False, "grade_id": f"check_{e.id}", "points": e.points}})
        for e in wanted]
    return nbformat.v4.new_notebook(cells=cells)
