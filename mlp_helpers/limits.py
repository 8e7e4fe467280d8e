"""A time limit for the reader's functions, so that an endless loop does not hang a notebook.

Where there are interval timers (Linux, macOS) a signal stops the main thread; elsewhere a watchdog
raises an exception in the thread that is too slow.  Not stopped are one single call into compiled
code while it runs, a function that catches every exception again and again, and anything in a
browser, where there are neither signals nor threads.
"""

from __future__ import annotations

import contextlib
import ctypes
import signal
import sys
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .checking.callers import Answer, Failure
from .checking.cost import Work

if TYPE_CHECKING:
    from .checking.callers import Caller


AGAIN = 1.0  # seconds until a function that swallowed the exception gets it again


class TimeUp(BaseException):
    """The time for a call is over."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TimeUp` in this thread if the block takes longer than some seconds."""
    armed = [True]
    with _alarm(armed)(seconds, armed):
        try:
            yield
        finally:
            armed[0] = False


def _alarm(armed):
    if sys.platform == "emscripten":
        return _no_alarm
    main = threading.current_thread() is threading.main_thread()
    return _signal if main and hasattr(signal, "setitimer") else _watchdog


@contextlib.contextmanager
def _no_alarm(seconds, armed):
    yield


@contextlib.contextmanager
def _signal(seconds, armed):
    def ring(number, frame):
        if armed[0]:
            raise TimeUp

    handler = signal.signal(signal.SIGALRM, ring)
    timer = signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *timer)
        signal.signal(signal.SIGALRM, handler)


@contextlib.contextmanager
def _watchdog(seconds, armed):
    thread, done, thrown = ctypes.c_ulong(threading.get_ident()), threading.Event(), []
    throw = ctypes.pythonapi.PyThreadState_SetAsyncExc

    def watch():
        wait = seconds
        while not done.wait(wait) and armed[0]:
            thrown.append(throw(thread, ctypes.py_object(TimeUp)))
            wait = AGAIN

    dog = threading.Thread(target=watch, daemon=True)
    dog.start()
    try:
        yield
    finally:
        done.set()
        dog.join()
        if thrown:  # one that is under way has nothing left to stop: it arrives here
            # (Taking it back by throwing NULL makes Python 3.11 hang in the next traced call.)
            with contextlib.suppress(TimeUp):
                for _ in range(100):
                    pass


class TimedCaller:
    """A `Caller` that gives another one some seconds per call, and some for all calls together."""

    def __init__(self, caller: Caller, per_call: float, in_all: float) -> None:
        self.caller, self.per_call, self.left = caller, per_call, in_all

    def __call__(self, args: tuple) -> Answer:
        return self._limited(lambda: self.caller(args))

    def rerun(self, a: tuple, b: tuple) -> tuple[Answer, Answer, Answer]:
        return self._limited(lambda: self.caller.rerun(a, b))

    def work(self, args: tuple, most: int) -> Work:
        answer = self._limited(lambda: self.caller.work(args, most))
        return Work(error=answer.error) if isinstance(answer, Answer) else answer

    def _limited(self, call):
        seconds, began = max(min(self.per_call, self.left), 0.01), time.monotonic()
        try:
            with time_limit(seconds):
                answer = call()
        except TimeUp:
            answer = None
        self.left -= (taken := time.monotonic() - began)
        return answer if taken < seconds and answer is not None else _too_long(answer, seconds)


def _too_long(answer, seconds):
    last = answer[-1] if isinstance(answer, tuple) and answer else answer
    error = getattr(last, "error", None)
    where = f" in the line `{error.line}`" if error and error.line else ""
    text = (
        f"took longer than {seconds:.2g} s and was stopped{where}; look for a loop that does "
        "not end, or does far more than it must"
    )
    return Answer(error=Failure("Timeout", text, where=error.where if error else ""))
