"""A whole class: plan what is to be graded, grade it in parallel, keep a journal, record it.

``submissions`` finds them; ``grade_one`` grades one, here or elsewhere; the ``journal`` keeps what
came out, so that a run that was killed goes on; the ``recorder`` writes nbgrader's gradebook.
Files, journal and gradebook are written by this process alone.
"""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import BrokenExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SQLAlchemyError

from ..gradebook.database_errors import plain_errors
from ..gradebook.lateness import lost_extensions, refresh
from ..gradebook.nbgrader_settings import close_classroom, load_config
from ..gradebook.plugin import Judge
from ..gradebook.recorder import Recorder
from ..ground.errors import Problem
from ..ground.files import put_beside, put_texts
from ..ground.scratch import require_room
from ..ground.writing import write
from ..judge.clerk import Overrun
from ..judge.secret import course_secret
from ..judge.worker_process import WorkerError
from ..release.masters import master_names
from .grade_key import OF_THE_COURSE, folder_fault, key_of, settings_digest
from .grade_one import Course, Job, forget_tools, page_of, run, warm_up
from .journal import Entry, Journal, only_one
from .outcome import ClassResult, Outcome
from .pool import dask_pool, local_pool, stream
from .registration import register, released
from .submissions import collect, misplaced, name_fault, plan

# --- a class -------------------------------------------------------------------------------------


def grade_class(
    chapters: Iterable[str] | None = None,
    root: str | Path = ".",
    secret: bytes | None = None,
    progress: Callable[[int, int, Outcome], object] | None = None,
    regrade: bool = False,
    jobs: int | None = None,
    dask: str | None = None,
    unsafe: bool = False,
    say: Callable[[str], object] = print,
) -> ClassResult:
    """Grade every submission below ``classroom/submitted`` and write the feedback.

    What an earlier run has graded stays as it is, unless something that its grade depends on has
    changed since: the submission, the release, the exercises, the secret or the time limits.

    Parameters
    ----------
    chapters : iterable of str, optional
        Names of chapters; all with a master if left out.
    root : str or Path
        The course's folder.
    secret : bytes, optional
        The course secret; by default `autograder.judge.secret.course_secret`.
    progress : callable, optional
        Called as ``progress(done, total, outcome)`` after each submission.
    regrade : bool
        Also grade what an earlier run has graded.
    jobs : int, optional
        How many submissions to grade at a time on this machine; by default one per core.
    dask : str, optional
        Address of a Dask scheduler whose workers grade instead.
    unsafe : bool
        Run submissions without confinement; it is recorded with each grade.
    say : callable
        Called with a line that has to be read: before the gradebook is changed for a chapter that
        was changed, of an extension that does nothing.

    Returns
    -------
    ClassResult

    Raises
    ------
    Problem
        There is nothing to grade, or a chapter cannot be graded, or the worker does not start, or
        another run is at work on this class.
    """
    root = Path(root).resolve()
    config = load_config(root)
    excluded = CourseDirectory(config=config).student_id_exclude.split(",")
    chapters = None if chapters is None else list(chapters)
    tasks = plan(master_names(root) if chapters is None else chapters, root, excluded)
    if not tasks:
        which = f"of {', '.join(chapters)} " if chapters is not None else ""
        raise Problem(
            f"no submissions {which}below {root / 'classroom' / 'submitted'}: "
            "put them at submitted/STUDENT/CHAPTER/CHAPTER.ipynb"
        )
    for line in lost_extensions(config, root):
        say(line)
    config.Judge.unsafe_no_sandbox = unsafe or config.Judge.get("unsafe_no_sandbox", False)
    jobs = min(jobs or os.cpu_count(), len(tasks))
    pool = local_pool(jobs) if dask is None else dask_pool(dask)
    with only_one(root / "classroom"), pool as (make, width):
        secret = secret if secret is not None else course_secret(root)
        names = list(dict.fromkeys(task.chapter for task in tasks))
        with plain_errors():
            for chapter in names:
                register(chapter, root, config, say)
        releases = {name: released(name, root).read_text(encoding="utf-8") for name in names}
        with _Class(root, Course(config, secret, releases), say) as work:
            found = work.grade(tasks, partial(stream, make, width), regrade)
            outcomes = []
            for outcome in found:
                outcomes.append(outcome)
                if progress is not None:
                    progress(len(outcomes), len(tasks), outcome)
    place = {task: i for i, task in enumerate(tasks)}
    outcomes.sort(key=lambda outcome: place[outcome.task])
    return ClassResult(
        outcomes,
        root / "classroom" / "gradebook.db",
        root / "classroom" / "feedback",
        misplaced(master_names(root), root),
    )


class _Class:
    """One class being graded: what is kept of it, and who writes that down."""

    def __init__(self, root, course, say):
        self.root, self.course, self.say = root, course, say
        self.packed = course.packed()
        judge = Judge(config=course.config)
        self.settings = settings_digest(
            course.secret, judge.limits, judge.untouched, tuple(judge.packages)
        )
        self.journal = Journal(root / "classroom")
        self.recorder = Recorder(course.config)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        forget_tools()
        self.recorder.__exit__(*error)

    def grade(self, tasks, stream, regrade):
        """Grade what has to be graded; yield the outcome of every task, in any order."""
        reasons = yield from self._graded_before(tasks, regrade)
        if not reasons:
            return
        warm_up(self.packed, {task.chapter for task in reasons})
        worked = False
        for job, graded, error in stream(partial(run, self.packed), self._jobs(reasons)):
            if isinstance(error, WorkerError) and not worked:
                raise Problem(str(error)) from error
            worked = worked or error is None
            task = job.handed.task
            if error is None:
                try:
                    yield self._keep(job, graded, reasons[task])
                    continue
                except Problem:  # nothing can be written
                    raise
                except (ValueError, SQLAlchemyError) as refused:  # a name no database can hold
                    error = refused
            yield Outcome(task, problem=_words(error), reasons=reasons[task])

    def _graded_before(self, tasks, regrade):
        """Yield what needs no grading; return the others, each with the codes of why it does."""
        acts, reasons = self.recorder.acts(), {}
        moved = set(refresh(self.course.config, self.root))
        closed, kept = self.recorder.closed(datetime.now(UTC).replace(tzinfo=None)), Counter()
        for task in tasks:
            if fault := name_fault(task.student) or folder_fault(task.student, self.root):
                yield Outcome(task, problem=fault)
                continue
            entry = self.journal.read(task)
            why = ("asked",) if regrade else self._why(task, entry)
            if why and OF_THE_COURSE.issuperset(why) and task in closed and self._whole(task):
                kept[task.chapter] += 1
            elif why:
                reasons[task] = why
                continue
            if acts.get(task) != entry.act:
                self.recorder.record(entry, partial(self._publish, task))
            elif task in moved:
                self._publish(task, *self.recorder.marks(entry))
            yield self._outcome(entry, 0.0, ())
        for chapter, count in kept.items():
            self.say(
                f"{chapter} is closed (its due date is over) and the course has changed since "
                f"it was graded: {count} grades stay as they are; to grade anew: "
                f"mlp-course grade {chapter} --regrade"
            )
        return reasons

    def _jobs(self, tasks):
        for task in tasks:
            require_room(self.root / "classroom")
            yield self._job(task)

    def _job(self, task):
        handed = collect(task, self.root)
        return Job(handed, key_of(handed, self.course.releases[task.chapter], self.settings))

    def _why(self, task, entry):
        """Codes of why a task has to be graded; () if what an earlier run found still holds."""
        if entry is None:
            return ("new",)
        changed = self._job(task).key.changed(entry.key)
        return changed or (() if self._whole(task) else ("gone",))

    def _whole(self, task):
        """Whether the files of a graded submission are there."""
        return all(path.is_file() and path.stat().st_size for path in self._files(task))

    def _keep(self, job, graded, reasons):
        """Write down what came out: files, then the journal, then the gradebook."""
        handed, task = job.handed, job.handed.task
        entry = Entry(
            task,
            job.key,
            graded.act,
            graded.seconds,
            graded.isolation,
            graded.notes,
            handed.timestamp,
            graded.marks,
            graded.records,
        )
        for path, text, mode in zip(
            self._files(task), (graded.notebook, graded.page), (0o400, 0o600), strict=True
        ):
            write(path, text, mode)
            put_texts(path.parent, handed.texts, mode)
        put_beside(self._files(task)[0].parent, handed.found.beside)
        self._share(task)
        self.journal.write(entry)
        self.recorder.record(entry, partial(self._publish, task))
        return self._outcome(entry, graded.seconds, reasons)

    def _outcome(self, entry, seconds, reasons):
        _, page = self._files(entry.task)
        return Outcome(
            entry.task,
            entry.reports,
            seconds,
            "",
            entry.notes,
            page,
            reasons,
            entry.isolation,
            entry.marks,
        )

    def _files(self, task):
        """The graded notebook and the feedback page."""
        return [
            Path(self.root, "classroom", step, task.student, task.chapter, task.chapter + ending)
            for step, ending in (("autograded", ".ipynb"), ("feedback", ".html"))
        ]

    def _publish(self, task, marks, penalty):
        """Write the feedback page with the marks that the gradebook now holds."""
        graded, page = self._files(task)
        text = graded.read_text(encoding="utf-8")
        write(page, page_of(self.packed, text, task.chapter, marks, penalty))

    def _share(self, task):
        """Give the files the permissions that nbgrader's configuration asks for."""
        course = CourseDirectory(config=self.course.config)
        close_classroom(course)
        if course.groupshared:
            with contextlib.chdir(self.root):
                for converter in (Autograde, GenerateFeedback):
                    converter(coursedir=course, config=self.course.config).set_permissions(
                        task.chapter, task.student
                    )


def _words(error):
    """Say why a submission could not be graded."""
    if isinstance(error, BrokenExecutor):
        return "the process that graded it died; was the memory exhausted?"
    if isinstance(error, (Problem, WorkerError, Overrun)):
        return str(error)
    text = " ".join(str(error).split())  # one line
    return f"the grader itself failed ({type(error).__name__}: {text})"
