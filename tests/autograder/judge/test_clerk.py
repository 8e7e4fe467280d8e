"""One submission's text may take time and memory; the run goes on, and says whose it was."""

import os
import signal
import threading

import nbformat
import numpy as np
import pytest

from autograder.gradebook.cell_marks import automatic_marks
from autograder.judge import clerk
from autograder.judge.clerk import Clerk, Overrun, once
from autograder.judge.grade import undecided
from autograder.judge.remote_caller import RemoteCaller
from autograder.judge.session import Limits, Session
from autograder.judge.worker_process import WorkerError


@pytest.fixture
def made():
    with Clerk() as made:
        yield made


def hang():
    while True:
        pass


def fill():
    return len(bytearray(clerk.MEMORY))


def fill_slowly():
    kept = []
    while True:
        kept.append(np.ones(2**20))


def end():
    os._exit(3)


class Odd(Exception):
    """An error that does not survive being packed."""

    def __init__(self, a, b):
        super().__init__(a)


def odd():
    raise Odd("odd", 1)


def pid():
    return os.getpid()


def test_it_is_another_process_and_stays_the_same(made):
    assert made.ask(5, pid) == made.ask(5, pid) != os.getpid()


@pytest.mark.parametrize(
    "function, words", [(fill, "1024 MiB"), (fill_slowly, "1024 MiB"), (end, "died")]
)
def test_what_takes_too_much_is_ended_and_the_next_is_served(made, function, words):
    before = made.ask(5, pid)
    with pytest.raises(Overrun, match=words):
        made.ask(60, function)
    assert made.ask(5, pid) != before


def test_what_takes_too_long_is_ended(made):
    before = made.ask(5, pid)
    with pytest.raises(Overrun, match="longer than 0.2 s"):
        made.ask(0.2, hang)
    assert made.ask(5, pid) != before
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


def test_errors_come_back_as_what_they_are(made):
    with pytest.raises(ZeroDivisionError):
        made.ask(5, divmod, 1, 0)
    with pytest.raises(RuntimeError, match="Odd: odd"):
        made.ask(5, odd)
    assert made.ask(5, divmod, 7, 2) == (3, 1)


def test_a_program_with_threads_starts_it_anew(made):
    """A fork would inherit locks that nobody opens any more."""
    done, waiting = [], threading.Event()
    threads = [
        threading.Thread(target=waiting.wait),
        threading.Thread(target=lambda: done.append(made.ask(60, divmod, 7, 2))),
    ]
    for thread in threads:
        thread.start()
    threads[1].join()
    waiting.set()
    assert done == [(3, 1)]
    with pytest.raises(Overrun, match="1024 MiB"):
        made.ask(60, bytearray, clerk.MEMORY)


def test_it_does_not_outlive_the_one_that_asks():
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, str(Clerk().ask(5, pid)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    found = int(os.read(read, 20))
    os.close(read), os.close(write)
    for _ in range(1000):
        try:
            os.kill(found, 0)
        except ProcessLookupError:
            return
        signal.sigtimedwait([], 0.01)
    pytest.fail("it is still there")


def test_once_takes_any_function():
    here = []
    assert once(5, lambda: here.append(1) or pid()) != os.getpid()
    assert here == []
    with pytest.raises(Overrun):
        once(0.2, hang)


# --- a submission --------------------------------------------------------------------------------


def test_one_limit_for_all_that_a_submission_runs(worker):
    limits = Limits(call=5, exercise=10, cell=5, cells=10, submission=2)
    cells = ["import time\ndef f(): time.sleep(0.6); return 1\ndef g(): return 1", "time.sleep(1)"]
    with Session(worker, cells, limits) as session:
        session.run()
        answers = [RemoteCaller(session, name)(()) for name in ("f", "f", "f", "g")]
        assert session.overran
    assert {answer.error.kind for answer in answers[1:]} == {"Timeout"}
    assert "1.5 s, which is what one notebook may take" in answers[-1].error.message


def test_what_was_not_judged_waits_for_a_person(course):
    notebook = undecided(course.release, course.release, "why")
    checks = {n: m for n, m in automatic_marks(notebook).items() if n.startswith("check_")}
    assert checks and all(mark.score is None for mark in checks.values())
    nbformat.validate(notebook)


def test_a_worker_that_does_not_start_is_said_across(made):
    with pytest.raises(WorkerError, match="refused"):
        made.ask(5, refuse)


def refuse():
    raise WorkerError("refused")
