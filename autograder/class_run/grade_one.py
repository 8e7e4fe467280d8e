"""Grade one submission: a pure function from what was handed in to everything that is kept of it.

It needs no file of the class and leaves none behind, so it runs in a process beside ours or on
another machine. What is costly to make (the confined worker, the warm exporter) is kept per thread.
"""

from __future__ import annotations

import functools
import json
import os
import pickle
import threading
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import nbformat
from nbgrader.preprocessors import IgnorePattern, LimitOutput

from ..gradebook.cell_marks import automatic_marks, shown
from ..gradebook.feedback import feedback_exporter, feedback_page, page_or_table, points_alone
from ..gradebook.plugin import Judge
from ..ground.errors import Problem
from ..ground.report_records import report_records
from ..judge.clerk import Clerk, Overrun, at_end
from ..judge.grade import grade_notebook
from ..judge.submission import restore_or_stand_in
from ..judge.worker_process import Worker
from .grade_key import Key, exercises_digest
from .submissions import Handed

if TYPE_CHECKING:
    from ..gradebook.cell_marks import Mark


@dataclass(frozen=True)
class Course:
    """What all submissions of a class share.

    Attributes
    ----------
    config : traitlets.config.Config
        nbgrader's configuration.
    secret : bytes
    releases : dict of str to str
        The text of each released notebook, by chapter.
    """

    config: object
    secret: bytes
    releases: dict[str, str]

    def packed(self) -> bytes:
        """This course as bytes, to be sent to the workers.

        Raises
        ------
        Problem
            The configuration holds something that cannot be sent.
        """
        try:
            return pickle.dumps(self)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise Problem(
                "nbgrader_config.py holds something that cannot be sent to the workers; "
                f"define it in a module of its own ({error})"
            ) from error


@dataclass(frozen=True)
class Job:
    """One submission and the key of what its grade depends on."""

    handed: Handed
    key: Key


@dataclass(frozen=True)
class Graded:
    """What grading one submission gave.

    Attributes
    ----------
    act : str
        A name for this act of grading.
    notebook, page : str
        The graded notebook, and the feedback page as long as nobody changes a mark.
    marks : dict of str to Mark
    records : list of dict
        The reports as plain data.
    notes : tuple of str
    seconds : float
    isolation : str
    """

    act: str
    notebook: str
    page: str
    marks: dict
    records: list[dict]
    notes: tuple[str, ...]
    seconds: float
    isolation: str


def run(course: bytes, job: Job) -> Graded:
    """Grade one submission.

    Parameters
    ----------
    course : bytes
        A packed `Course`.
    job : Job

    Returns
    -------
    Graded

    Raises
    ------
    Problem
        This machine has other exercises than the one that asks.
    WorkerError
        The confined worker does not start here.
    Overrun
        It took more time or memory than one submission may.
    """
    if exercises_digest(job.handed.task.chapter) != job.key.exercises:
        raise Problem("the machine that grades has another version of the course than this one")
    return clerk().ask(_seconds(course), _grade, course, job)


def page_of(course: bytes, notebook: str, name: str, marks: dict[str, Mark], penalty: float) -> str:
    """Draw the feedback page of a notebook that was graded.

    Parameters
    ----------
    course : bytes
        A packed `Course`.
    notebook : str
    name, marks, penalty
        As `autograder.gradebook.feedback.feedback_page` takes them.

    Returns
    -------
    str, HTML
    """
    try:
        return clerk().ask(_seconds(course), _draw, course, notebook, name, marks, penalty)
    except Overrun:
        return points_alone(name, marks, penalty)


@functools.lru_cache(4)
def _seconds(course):
    return Judge(config=pickle.loads(course).config).limits.submission


_kept = threading.local()


def clerk() -> Clerk:
    """The clerk of this thread; a process that is forked from ours has one of its own."""
    if getattr(_kept, "clerk_of", None) != os.getpid():
        _kept.clerk, _kept.clerk_of = Clerk(), os.getpid()
    return _kept.clerk


def _grade(course, job):
    """Grade a submission: the clerk's part of `run`."""
    return _tools(course).grade(job.handed.task.chapter, job.handed.found)


def _draw(course, notebook, *about):
    """Draw a page: the clerk's part of `page_of`."""
    return page_or_table(_tools(course).exporter, nbformat.reads(notebook, 4), *about)[0]


def _tools(course):
    """The tools of this thread for a course; those of another course are given up."""
    if getattr(_kept, "course", None) != course:
        forget_tools()
        _kept.course, _kept.tools = course, _Tools(pickle.loads(course))
    return _kept.tools


def warm_up(course: bytes, chapters: Iterable[str]) -> None:
    """Draw the empty pages of chapters, so that what all pages share is there, in this thread and
    in every process that is forked from it; and start this thread's clerk.

    Parameters
    ----------
    course : bytes
    chapters : iterable of str
    """
    tools = _tools(course)
    for chapter in chapters:
        release = tools.release(chapter)
        feedback_page(tools.exporter, release, chapter, shown(automatic_marks(release)))
    clerk().start()


def forget_tools() -> None:
    """End the clerk and the confined worker of this thread, if it has them."""
    if getattr(_kept, "clerk_of", None) == os.getpid():
        _kept.clerk.close()
    if getattr(_kept, "course", None) is not None:
        _kept.tools.worker.close()
        _kept.course = _kept.tools = None


class _Tools:
    """What is made once and serves many submissions."""

    def __init__(self, course):
        self.course = course
        judge = Judge(config=course.config)
        self.worker, self.limits = Worker(judge.levels, judge.packages), judge.limits
        self.finish = judge.finish
        at_end(self.worker.close)
        self.exporter = feedback_exporter(course.config)
        self.filters = [IgnorePattern(config=course.config), LimitOutput(config=course.config)]
        self.release = functools.cache(self._read_release)

    def grade(self, chapter, found):
        started = time.monotonic()
        restored, notes = restore_or_stand_in(found, self.release(chapter))
        result = grade_notebook(
            restored, self.release(chapter), self.course.secret, self.worker, self.limits
        )
        notebook = self.finish(result.notebook)
        for step in self.filters:
            notebook, _ = step(notebook, {})
        marks = automatic_marks(notebook)
        page, fault = page_or_table(self.exporter, notebook, chapter, shown(marks))
        return Graded(
            act=uuid.uuid4().hex,
            notebook=json.dumps(notebook),
            page=page,
            marks=marks,
            records=report_records(notebook),
            notes=(*notes, *result.log, *filter(None, [fault])),
            seconds=time.monotonic() - started,
            isolation=result.isolation,
        )

    def _read_release(self, chapter):
        return nbformat.reads(self.course.releases[chapter], as_version=4)
