"""The judge's side of the worker: start it, run a submission's cells, call its functions.

A submission may hang, crash or lie at any moment. Each such moment costs what was running then and
nothing else: the child is killed, a new one is forked, the cells are replayed, and work goes on.
"""

from __future__ import annotations

import math
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mlp_helpers.checking.callers import Answer, Failure, printable
from mlp_helpers.checking.cost import Work
from mlp_helpers.checking.values import Unsupported, plain
from mlp_helpers.named import ANSWERED_ELSEWHERE, Named, build

from . import canaries, sandbox, scratch, wire
from .errors import Problem

START_SECONDS = 60.0
END_SECONDS = 10.0
ELSEWHERE = ", or set TMPDIR to a folder on another disk"
MAX_REASON = 300
DEFINES = re.compile(r"[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)|(\w+)[ \t]*[:=]")  # of one line
MAX_ASKED = 10_000  # numbers in an argument of a function that the child asks for
MAX_FAULTS = 5  # cells named
# A cell of imports goes on after a line that fails: a module, a folder or a file that is not here
# must not cost the names that are.
IMPORTS = re.compile(r"^(?:import|from)[ \t]", re.MULTILINE)


@dataclass(frozen=True)
class Limits:
    """Seconds of wall-clock time that a submission may take.

    Attributes
    ----------
    call : float
        One call of a student's function.
    exercise : float
        All calls of one exercise together.
    cell, cells : float
        One cell, and all cells together; as long again for all that is run once more after a
        function or a cell has ended its process.
    submission : float
        The whole submission: reading it, running it, judging and drawing it.
    """

    call: float = 10.0
    exercise: float = 60.0
    cell: float = 20.0
    cells: float = 60.0
    submission: float = 120.0

    @property
    def code(self):
        """Seconds for all that a student's code does; the rest of `submission` is for judging."""
        return 0.75 * self.submission


class WorkerError(Problem):
    """The worker process itself did not start, or cannot be confined."""


class Worker:
    """The zygote process: forks one child at a time. Use as a context manager, or `close` it.

    Parameters
    ----------
    levels : tuple of str
        Levels of confinement (see `autograder.sandbox`) to try, best first. At every start the
        first that holds, shown by canaries in a real child, is taken.
    packages : tuple of str
        Distributions that submissions may import beside `autograder.places.ALLOWED`.

    Attributes
    ----------
    level : str or None
        The level that holds; None before the first start.
    stopped : dict of str to str
        What the canaries said at the last start, see `autograder.canaries.attempt`.
    """

    def __init__(self, levels=sandbox.CONFINED, packages=()):
        self.packages = tuple(packages)
        self.levels, self.level, self.stopped = levels, None, {}
        self._process = self._control = self._home = self._words = None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def start(self, cpu_seconds):
        """Fork a child; give the judge's end of the channel to it.

        Raises
        ------
        WorkerError
            The worker does not start on this machine, cannot be confined, or has no room for files;
        the text says why.
        """
        if self._process is None or self._process.poll() is not None:
            self._launch()
        if self._home is not None:
            try:
                scratch.require_room(os.path.dirname(self._home), ELSEWHERE)
            except Problem as error:
                raise WorkerError(str(error)) from error
        return self._fork(cpu_seconds)

    def _fork(self, cpu_seconds):
        ours, theirs = wire.channel()
        try:
            with theirs:
                socket.send_fds(self._control, [b"start %d" % cpu_seconds], [theirs.fileno()])
            wire.receive(ours, START_SECONDS)
        except (OSError, wire.WireError) as error:  # TimeoutError is an OSError
            ours.close()
            raise self._failed() from error
        return ours

    def end(self):
        """Kill everything that the submission started; give the child's wait status.

        A worker that does not answer is killed itself; the next `start` launches a new one.
        """
        try:
            self._control.settimeout(END_SECONDS)
            self._control.send(b"end")
            status = wire.receive(self._control, END_SECONDS)
        except (OSError, wire.WireError):
            self.close()
            return signal.SIGKILL
        return status if type(status) is int else 0

    def close(self):
        """End the worker and everything below it, and remove its folder."""
        if self._process is None:
            return
        self._control.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._words.close()
        if self._home is not None:  # a worker that was killed could not do it
            scratch.remove(self._home)
        self._process = self._control = self._home = self._words = None

    def _launch(self):
        """Start at the best level that holds."""
        self.level, self.stopped, reasons = None, {}, []
        for level in self.levels:
            try:
                self._launch_at(level)
            except (WorkerError, sandbox.Unavailable) as error:
                self.close()
                reasons.append(f"{level}: {error}")
            else:
                self.level = level
                return
        if self.levels == (sandbox.NONE,):
            raise WorkerError(reasons[0])
        raise WorkerError(f"submissions cannot be confined here ({'; '.join(reasons)}). "
                          "`mlp-course doctor` says what helps; --unsafe-no-sandbox grades "
                          "without, if you trust every submission")

    def _launch_at(self, level):
        self.close()
        self._control, theirs = wire.channel()
        self._words = tempfile.TemporaryFile("w+")
        command = [sys.executable, "-P", "-m", "autograder.worker", "--level", level]
        command += [f"--package={name}" for name in self.packages]
        with theirs:
            self._process = subprocess.Popen(
                sandbox.wrap([*command, "--fd", str(theirs.fileno())], level, self.packages),
                env=_environment(level),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._words,
            )
        try:
            home = wire.receive(self._control, START_SECONDS)
        except (OSError, wire.WireError) as error:
            raise self._failed() from error
        self._home = home if level != "full" else None  # there it is in a file system of its own
        self.stopped = self._try_canaries()
        escaped = canaries.not_held(level, self.stopped)
        if escaped:
            raise WorkerError(f"not held: {', '.join(escaped)}")

    def _try_canaries(self):
        """Let the canaries loose in a child of their own; give what stopped each."""
        with canaries.Cage() as cage, self._fork(cpu_seconds=5) as sock:
            try:
                wire.send(sock, {"canaries": cage.place}, START_SECONDS)
                found = wire.receive(sock, START_SECONDS)
            except (OSError, wire.WireError) as error:
                raise self._failed() from error
        self.end()
        return found

    def _failed(self):
        """Close the worker; make an error of its last words."""
        self._process.kill()
        self._words.seek(0)
        last = (self._words.read().strip().splitlines() or ["it said nothing"])[-1]
        self.close()
        return WorkerError(f"the grading worker did not start: {last}")


def _environment(level):
    """What the worker sees of our environment: where Python and the font cache are; no secret."""
    kept = ("HOME", "PATH", "LANG", "TMPDIR", "MPLCONFIGDIR", "XDG_CACHE_HOME", "LD_LIBRARY_PATH")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    if level == "full":  # our folders are not there
        environment |= {"HOME": "/tmp", "TMPDIR": "/tmp", "MPLCONFIGDIR": "/tmp/matplotlib"}
    packages = str(Path(__file__).resolve().parent.parent)
    threads = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    return environment | threads | {"PYTHONPATH": packages, "MPLBACKEND": "Agg"}


class Session:
    """One submission in the worker.

    Parameters
    ----------
    worker : Worker
    cells : list of str
        Sources of the code cells to run, in order.
    limits : Limits
    exercises : int
        How many exercises will be judged (for the CPU limit).
    """

    def __init__(self, worker, cells, limits, exercises=1):
        self.worker, self.cells, self.limits = worker, cells, limits
        self._cpu = int(min(limits.cells + exercises * limits.exercise, limits.code))
        self._deadline = time.monotonic() + limits.code
        self.overran = False
        self._sock = None
        self._failed = {}  # of a cell that stopped: its place -> Failure
        self._names = {}  # what `_names_in` found
        self._ended = set()  # places of those that ended the child, or had to be ended
        self._for_replay = limits.cells
        self._ran = []  # cells to replay in a new child; one that killed its child is left out

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.end()

    def run(self):
        """Run the cells; give the list of their recorded outputs."""
        deadline = time.monotonic() + self.limits.cells
        return [self._run(i, deadline) for i in range(len(self.cells))]

    def request(self, message, seconds, functions=()):
        """Ask the child; give its reply, or a `Failure` if that was the child's end.

        Parameters
        ----------
        message : plain data
        seconds : float
        functions : sequence of callable
            Those that the child may ask for values meanwhile, by their place here.
        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            self.overran = True
            self.end()
            return Failure("Timeout", f"was not run: all that ran before it took "
                           f"{self.limits.code:g} s, which is what one notebook may take")
        seconds = min(seconds, left)
        while self._sock is None:
            if self._for_replay <= 0:
                return Failure("Timeout", "was not run: the cells before it, which have to run "
                               "again after a crash, take too long")
            self._revive()
        try:
            return self._exchange(message, time.monotonic() + seconds, functions)
        except TimeoutError:
            self.end()
            return Failure("Timeout", f"took longer than {seconds:.3g} s: an endless loop, "
                           "or very many prints?")
        except wire.Closed:
            return Failure("Died", _last_words(self.end()))
        except wire.WireError as error:
            self.end()
            return Failure("Died", f"sent {error} to the grader")

    def _exchange(self, message, deadline, functions):
        """Send a message and answer what the child asks, until it gives its reply."""
        while True:
            wire.send(self._sock, message, deadline - time.monotonic())
            reply = wire.receive(self._sock, deadline - time.monotonic())
            if not (isinstance(reply, dict) and reply.keys() == {"ask", "x"}):
                return reply
            message = _value_of(functions, reply["ask"], reply["x"])

    def undefined(self, name):
        """Say why a name is not there: nobody wrote it, or the cell that defines it stopped."""
        for i, failure in reversed(self._failed.items()):
            if name in self._names_in(i):
                message = f"the cell that defines {name} stopped: {failure.message}"
                return Failure(failure.kind, message, "", name)
        return Failure("NotImplementedError", f"{name} is not defined", "", name)

    def _names_in(self, i):
        """Names that a cell begins to define, by its lines: it need not be Python."""
        if i not in self._names:
            found = map(DEFINES.match, self.cells[i].split("\n"))
            self._names[i] = {line[1] or line[2] for line in found if line}
        return self._names[i]

    def faults(self):
        """Say what went wrong in cells that every other may need.

        Returns
        -------
        list of str
            The first cell of imports in which one failed, and each that had to be ended.
        """
        told, imports = [], False
        for i, failure in sorted(self._failed.items()):
            if i in self._ended:
                told.append(f"cell {i + 1} {failure.message}: what it defines is missing")
            elif not imports and IMPORTS.search(self.cells[i]):
                imports = True
                told.append(f"cell {i + 1}, with imports, does not run here in full: {failure.kind}"
                            f": {failure.message}; its other lines have run")
        return told[:MAX_FAULTS]

    def end(self):
        """Kill the child; give its wait status."""
        if self._sock is None:
            return 0
        self._sock.close()
        self._sock = None
        return self.worker.end()

    def _run(self, i, deadline):
        seconds = min(self.limits.cell, deadline - time.monotonic())
        if seconds <= 0:
            text = f"not run: the cells before took {self.limits.cells:g} s together"
            reply = Failure("Timeout", text)
        else:
            reply = self.request(self._cell(i), seconds)
        if isinstance(reply, Failure):
            self._failed[i] = reply
            self._ended.add(i)
            return [_error(reply)]
        self._ran.append(i)
        reply = reply if isinstance(reply, list) else []
        for record in reply:
            if isinstance(record, dict) and str(record.get("kind")) == "error":
                name, message = (readable(record.get(key)) for key in ("name", "message"))
                self._failed.setdefault(i, Failure(name, message))
        return reply

    def _cell(self, i, replay=False):
        return {"number": i + 1, "source": self.cells[i], "replay": replay,
                "goes on": IMPORTS.search(self.cells[i]) is not None}

    def _revive(self):
        """Fork a new child and replay the cells that ran; one that now kills it is dropped."""
        self._sock = self.worker.start(self._cpu)
        started, budget = time.monotonic(), self._for_replay
        for i in list(self._ran):
            seconds = min(self.limits.cell, self._for_replay)
            failed = isinstance(self.request(self._cell(i, True), seconds), Failure)
            self._for_replay = budget - (time.monotonic() - started)
            if self._for_replay <= 0:
                self.end()
                return
            if failed:
                self._ran.remove(i)
                return


def _error(failure):
    text = f"{failure.kind}: this cell {failure.message}"
    return {"kind": "error", "name": failure.kind, "message": failure.message, "text": text}


def _last_words(status):
    """Put a wait status into words."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        known = number in set(signal.Signals)
        name = signal.Signals(number).name if known else f"signal {number}"
        meaning = {"SIGSEGV": "a crash in compiled code or endless recursion",
                   "SIGXCPU": "too much computing time",
                   "SIGXFSZ": "too many or too large files", "SIGKILL": "killed"}.get(name, name)
        return f"ended the Python process ({meaning})"
    return "ended the Python process (os._exit?)"


def _value_of(functions, place, x):
    """Answer the child's question for a value of one of the judge's own functions."""
    if type(place) is not int or not 0 <= place < len(functions):
        return {"refused": "this function can be called only while its exercise is judged"}
    try:
        if np.size(x) > MAX_ASKED:
            return {"refused": f"the function was given more than {MAX_ASKED} numbers"}
        with np.errstate(all="ignore"):
            return {"value": np.asarray(functions[place](x))}
    except (TypeError, ValueError, IndexError, ArithmeticError) as error:  # no x that it takes
        return {"refused": str(error)}


class RemoteCaller:
    """A `mlp_helpers.checking.callers.Caller` whose function lives in a session's child."""

    def __init__(self, session, name):
        self.session, self.name = session, name
        self._deadline = time.monotonic() + session.limits.exercise
        self._stopped = None

    def __call__(self, args):
        return self._ask({"name": self.name, "args": args}, 1)[0]

    def rerun(self, a, b):
        return self._ask({"name": self.name, "args": a, "again": b}, 3)

    def work(self, args, most):
        reply = self._request({"name": self.name, "args": args, "count": most})
        return _work(reply) if self._stopped is None else Work(error=self._stopped.error)

    def _ask(self, message, count):
        reply = self._request(message)
        if self._stopped is not None:
            return (self._stopped,) * count
        if isinstance(reply, dict) and "undefined" in reply:
            return (Answer(error=self.session.undefined(self.name)),) * count
        return _answers(reply, count, message["args"])

    def _request(self, message):
        """Send one request; after a hang or a crash nothing is sent any more."""
        if self._stopped is not None:
            return None
        left = self._deadline - time.monotonic()
        if left > 0:
            functions = []
            message = {key: _kept_here(value, functions) for key, value in message.items()}
            reply = self.session.request(message, min(self.session.limits.call, left), functions)
        else:
            limit = self.session.limits.exercise
            reply = Failure("Timeout", f"took longer than {limit:g} s in all")
        if isinstance(reply, Failure):
            self._stopped = Answer(error=reply)
        return reply


def _kept_here(value, functions):
    """Arguments in which functions whose inside tells an answer are only named by their place."""
    if isinstance(value, tuple):
        return tuple(_kept_here(v, functions) for v in value)
    if isinstance(value, Named) and value.name in ANSWERED_ELSEWHERE:
        functions.append(build(value))
        return Named("asked", (len(functions) - 1,))
    return value


def _answers(reply, count, args):
    """Check what the child sent and make `count` answers of it."""
    if isinstance(reply, dict) and "unsendable" in reply:
        return (Answer(error=Failure("Unsupported", readable(reply["unsendable"]))),) * count
    if not (isinstance(reply, list) and len(reply) == count):
        return (_forged(),) * count
    return tuple(_answer(item, len(args)) for item in reply)


def _answer(item, arity):
    if not (isinstance(item, dict) and set(item) == {"value", "error", "changed", "shared"}):
        return _forged()
    if item["error"] is not None:
        parts = item["error"]
        if not (isinstance(parts, dict) and set(parts) == {"kind", "message", "line", "where"}):
            return _forged()
        failure = Failure(**{key: readable(text) for key, text in parts.items()})
        return Answer(error=failure, changed=_positions(item["changed"], arity))
    try:
        value = plain(item["value"])
    except Unsupported as error:
        return Answer(error=Failure("Unsupported", str(error)))
    changed, shared = (_positions(item[key], arity) for key in ("changed", "shared"))
    return Answer(value, None, changed, shared)


def _work(reply):
    """Check the counts that the child sent; anything else counts as work that nobody saw."""
    kinds = {"operations": float, "lines": int, "complex": bool, "stopped": bool, "raised": str}
    if not (isinstance(reply, dict) and reply.keys() == {*kinds, "error"}
            and all(type(reply[key]) is kind for key, kind in kinds.items())
            and math.isfinite(reply["operations"])):
        return Work(raised="not a count")
    return Work(**{key: reply[key] for key in kinds} | {"raised": readable(reply["raised"])})


def _forged():
    return Answer(error=Failure("Unsupported", "something that is not an answer"))


def _positions(value, arity):
    if not isinstance(value, tuple):
        return ()
    return tuple(i for i in value if type(i) is int and 0 <= i < arity)


def readable(value):
    """Text that came from a student, fit for files and terminals: short, and only what shows."""
    text = value if isinstance(value, str) else repr(type(value))
    return printable(text[:MAX_REASON])
