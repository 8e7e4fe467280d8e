"""A process beside ours in which one submission at a time is restored, judged and drawn.

The code that does so is trusted, but the text that it works on is a student's: some text makes a
parser take hours, or all memory. Here both are bounded. What a submission makes of the clerk is
that submission's problem; the next one gets a new clerk.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ..worker import processes

MEMORY = 2**30  # bytes of a clerk's own data; libraries and what it shares are not counted
END_SECONDS = 15.0
NO_MEMORY = pickle.dumps((False, MemoryError()))
_closing = contextlib.ExitStack()  # of a clerk's process: what to do before it leaves


class Overrun(Exception):
    """A submission took more than it may; the text says what, in words for the instructor."""


def at_end(function: Callable[[], object]) -> None:
    """Call a function before this clerk leaves."""
    _closing.callback(function)


class Clerk:
    """The process. Use as a context manager, or `close` it; it starts when it is first asked."""

    def __init__(self) -> None:
        self._pid = self._channel = None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def ask(self, seconds: float, function: Callable, *arguments: object) -> Any:
        """Call a function of a module in the clerk; give what it returns, or raise what it raises.

        Parameters
        ----------
        seconds : float
        function : callable
        *arguments
            They and the result must be picklable.

        Raises
        ------
        Overrun
            There was no answer within the time or the memory; the clerk has been ended.
        """
        self.start()
        try:
            self._channel.send((seconds, function, arguments))
            return self._answer(seconds)
        except (EOFError, ConnectionError) as error:
            self._kill()
            raise Overrun("the process that judged it has died") from error

    def start(self, first=None):
        """Start the process, unless it is there."""
        if self._pid is not None:
            if not os.waitpid(self._pid, os.WNOHANG)[0]:
                return
            self._channel.close()  # somebody has killed it
        self._channel, theirs = multiprocessing.Pipe()
        with theirs:
            if first is None and threading.active_count() > 1:  # a fork could inherit locks
                self._pid = _spawn(theirs.fileno())
                return
            self._pid = os.fork()
            if self._pid == 0:
                self._channel.close()
                processes.die_with_parent()
                _be_a_clerk(theirs, first)

    def _answer(self, seconds):
        if not self._channel.poll(seconds):
            self._kill()
            raise Overrun(f"judging it took longer than {seconds:g} s")
        succeeded, value = self._channel.recv()
        if succeeded:
            return value
        if isinstance(value, MemoryError):
            self._kill()
            raise Overrun(f"judging it took more than {MEMORY // 2**20} MiB of memory")
        raise value

    def close(self) -> None:
        """Let the clerk end what it has begun, and leave."""
        if self._pid is None:
            return
        with contextlib.suppress(OSError):
            self._channel.send(None)
        impatient = threading.Timer(END_SECONDS, os.kill, (self._pid, signal.SIGKILL))
        impatient.start()
        os.waitpid(self._pid, 0)
        impatient.cancel()
        impatient.join()  # a thread less: the next clerk may be forked
        self._channel.close()
        self._pid = self._channel = None

    def _kill(self):
        self._channel.close()
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        self._pid = self._channel = None


def once(seconds: float, function: Callable) -> Any:
    """Call a function, which need not be picklable, in a clerk of its own; see `Clerk.ask`."""
    with Clerk() as clerk:
        clerk.start(function)
        try:
            return clerk._answer(seconds)
        except (EOFError, ConnectionError) as error:
            raise Overrun("the process that drew it has died") from error


# --- the process ---------------------------------------------------------------------------------


def _spawn(descriptor):
    """Start a clerk as a new program, which finds the same modules; give its process id."""
    os.set_inheritable(descriptor, True)
    packages = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, [packages, *sys.path]))
    command = [sys.executable, "-m", "autograder.judge.clerk", str(descriptor)]
    return os.posix_spawn(sys.executable, command, os.environ | {"PYTHONPATH": path})


def _be_a_clerk(channel, first=None):
    """Answer until the other side leaves; never returns."""
    import resource

    code = 1
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that asks
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, hard))
        with _closing:
            if first is not None:
                _reply(channel, 0, first, ())
            with contextlib.suppress(EOFError):
                while (request := channel.recv()) is not None:
                    _reply(channel, *request)
        code = 0
    finally:
        os._exit(code)


def _reply(channel, seconds, function, arguments):
    # whoever asks ends us in time, unless that is gone
    signal.setitimer(signal.ITIMER_REAL, seconds and seconds + END_SECONDS)
    try:
        answer = pickle.dumps((True, function(*arguments)))
    except MemoryError:  # until this is over, its frames hold what has filled the memory
        answer = NO_MEMORY
    except Exception as error:
        answer = _failed(error)
    channel.send_bytes(answer)
    signal.setitimer(signal.ITIMER_REAL, 0)


def _failed(error):
    """An error as the other side can read it."""
    try:
        packed = pickle.dumps((False, error))
        pickle.loads(packed)
        return packed
    except Exception:  # one that does not survive being packed
        return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))


if __name__ == "__main__":
    _be_a_clerk(Connection(int(sys.argv[1])))
