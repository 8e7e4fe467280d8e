"""Where submissions are graded: processes of this machine, or a Dask cluster.

Both are executors of `concurrent.futures`; `stream` feeds either, a few jobs ahead, so that a class
of any size needs the memory of a few submissions.
"""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import re
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, ProcessPoolExecutor, wait
from multiprocessing.util import Finalize

from ..ground.errors import Problem
from ..worker.processes import die_with_parent
from .grade_one import forget_tools

AHEAD = 2  # jobs given out per worker: one at work, one waiting


@contextlib.contextmanager
def local_pool(jobs):
    """Worker processes on this machine, none of which outlives this one.

    Parameters
    ----------
    jobs : int

    Yields
    ------
    (make, width) : a function that makes an executor, and how many jobs to give out.
    """
    context = multiprocessing.get_context("fork")  # all that is imported is shared

    def make(processes=jobs):
        return ProcessPoolExecutor(processes, context, _begin)

    try:
        yield make, AHEAD * jobs
    finally:
        for process in multiprocessing.active_children():  # after Ctrl-C some are still at work
            process.terminate()


def _begin():
    """Set a worker process up: it ends with ours, and takes its confined worker along."""
    die_with_parent()
    Finalize(None, forget_tools, exitpriority=0)


@contextlib.contextmanager
def dask_pool(address):
    """The workers of a Dask cluster.

    Parameters
    ----------
    address : str
        Of its scheduler, for example tcp://10.0.0.1:8786.

    Yields
    ------
    (make, width), as `local_pool`.

    Raises
    ------
    Problem
        Dask is not installed, or nobody answers there.
    """
    if not re.fullmatch(r"(\w+://)?\S+:\d+/?", address):
        raise Problem(f"{address!r} is no address of a Dask scheduler: write tcp://HOST:PORT")
    try:
        from distributed import Client
    except ImportError as error:
        raise Problem("--dask needs Dask: pip install -e '.[dask]'") from error
    try:
        client = Client(address, timeout=10, set_as_default=False)
    except (OSError, ValueError) as error:
        raise Problem(f"no Dask scheduler answers at {address}: {error}") from error
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise Problem(f"the Dask scheduler at {address} has no workers: start `dask worker`s")
        yield lambda processes=None: client.get_executor(pure=False), AHEAD * threads


def stream(make, width, function, jobs):
    """Run a function on jobs, in any order.

    A worker process that dies takes the jobs down that were given out. Each of them then gets a
    process of its own, so that the one at fault is known, and the others are done.

    Parameters
    ----------
    make : callable
        ``make()`` gives an executor, ``make(1)`` one with a single process.
    width : int
        How many jobs to give out at a time.
    function : callable
    jobs : iterable

    Yields
    ------
    (job, result, error), one of the last two None.
    """
    todo = iter(jobs)
    while True:
        suspects = yield from _until_broken(make, width, function, todo)
        if not suspects:
            return
        for job in suspects:
            executor = make(1)
            yield _outcome(job, executor.submit(function, job))
            executor.shutdown()


def _until_broken(make, width, function, todo):
    """Run jobs until all are done or the executor breaks; return those that it broke with."""
    executor, waiting, broken = make(), {}, []
    while not broken:
        try:
            for job in itertools.islice(todo, width - len(waiting)):
                broken.append(job)
                waiting[executor.submit(function, job)] = broken.pop()
        except BrokenExecutor:
            break
        if not waiting:
            break
        for future in wait(waiting, return_when=FIRST_COMPLETED).done:
            outcome = _outcome(waiting.pop(future), future)
            if isinstance(outcome[2], BrokenExecutor):
                broken.append(outcome[0])
            else:
                yield outcome
    executor.shutdown()
    return broken + list(waiting.values())


def _outcome(job, future):
    if future.cancelled():
        return job, None, Problem("the Dask cluster has lost it")
    error = future.exception()
    return (job, None, error) if error is not None else (job, future.result(), None)
