"""The judge's side of the worker: start it, run a submission's cells, call its functions.

A submission may hang, crash or lie at any moment. Each such moment costs what was running then and
nothing else: the child is killed, a new one is forked, the cells are replayed, and work goes on.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from mlp_helpers.checking.callers import CellStopped, Failure, printable

from ..worker import wire

if TYPE_CHECKING:
    from .worker_process import Worker


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
    def code(self) -> float:
        """Seconds for all that a student's code does; the rest of `submission` is for judging."""
        return 0.75 * self.submission


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

    def __init__(
        self, worker: Worker, cells: Sequence[str], limits: Limits, exercises: int = 1
    ) -> None:
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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def run(self) -> list[list]:
        """Run the cells; give the list of their recorded outputs."""
        deadline = time.monotonic() + self.limits.cells
        return [self._run(i, deadline) for i in range(len(self.cells))]

    def request(self, message: object, seconds: float, functions: Sequence[Callable] = ()) -> Any:
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
            return Failure(
                "Timeout",
                f"was not run: all that ran before it took "
                f"{self.limits.code:g} s, which is what one notebook may take",
            )
        seconds = min(seconds, left)
        while self._sock is None:
            if self._for_replay <= 0:
                return Failure(
                    "Timeout",
                    "was not run: the cells before it, which have to run "
                    "again after a crash, take too long",
                )
            self._revive()
        try:
            return self._exchange(message, time.monotonic() + seconds, functions)
        except TimeoutError:
            self.end()
            return Failure(
                "Timeout",
                f"took longer than {seconds:.3g} s: an endless loop, or very many prints?",
            )
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

    def undefined(self, name: str) -> Failure:
        """Say why a name is not there: nobody wrote it, or the cell that defines it stopped."""
        for i, failure in reversed(self._failed.items()):
            if name in self._names_in(i):
                message = f"the cell that defines {name} stopped: {failure.message}"
                return CellStopped(failure.kind, message, "", name)
        return Failure("NotImplementedError", f"{name} is not defined", "", name)

    def _names_in(self, i):
        """Names that a cell begins to define, by its lines: it need not be Python."""
        if i not in self._names:
            found = map(DEFINES.match, self.cells[i].split("\n"))
            self._names[i] = {line[1] or line[2] for line in found if line}
        return self._names[i]

    def faults(self) -> list[str]:
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
                told.append(
                    f"cell {i + 1}, with imports, does not run here in full: {failure.kind}"
                    f": {failure.message}; its other lines have run"
                )
        return told[:MAX_FAULTS]

    def end(self) -> int:
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
        return {
            "number": i + 1,
            "source": self.cells[i],
            "replay": replay,
            "goes on": IMPORTS.search(self.cells[i]) is not None,
        }

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
        meaning = {
            "SIGSEGV": "a crash in compiled code or endless recursion",
            "SIGXCPU": "too much computing time",
            "SIGXFSZ": "too many or too large files",
            "SIGKILL": "killed",
        }.get(name, name)
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


def readable(value: object) -> str:
    """Text that came from a student, fit for files and terminals: short, and only what shows."""
    text = value if isinstance(value, str) else repr(type(value))
    return printable(text[:MAX_REASON])
