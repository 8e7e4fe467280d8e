"""Callers: the one thing that differs between a notebook, the command line and the grader.

A `Caller` hands plain arguments to the function under test and brings plain answers back. The
verdict is made from answers alone, so it does not matter where the function ran.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import linecache
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..named import build
from .cost import Work, count
from .values import Unsupported, arrays_in, fresh, plain, same_bits

MAX_TEXT = 300
LINES = "\r\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029"  # spaces that act on a terminal or break lines


# Failures that are not an error in a line of the student: kind -> code of the cause.
CAUSES = {
    "NotImplementedError": "unsolved",
    "Unsupported": "unusable",
    "Timeout": "timeout",
    "Died": "died",
}


@dataclass(frozen=True)
class Failure:
    """Why a call gave no value.

    Attributes
    ----------
    kind : str
        Name of the exception class, or "Timeout", "Died", "Unsupported".
    message : str
        Its text, at most 300 characters.
    line : str
        The line of the student's function that raised, "" if unknown.
    where : str
        Name of the innermost function of the student's code that was running.
    """

    kind: str
    message: str = ""
    line: str = ""
    where: str = ""

    @property
    def cause(self) -> str:
        """The code of the cause: one of `CAUSES`, or else "raised"."""
        return CAUSES.get(self.kind, "raised")


class CellStopped(Failure):
    """The function is missing, since the cell that defines it stopped; it says how that did."""

    cause = "cell_stopped"


@dataclass(frozen=True)
class Answer:
    """What came back from one call.

    Attributes
    ----------
    value : plain data
        The returned value; None if `error` is set.
    error : Failure or None
    changed : tuple of int
        Positions of the arguments that the call modified.
    shared : tuple of int
        Positions of the arguments whose memory the result shares.
    """

    value: object = None
    error: Failure | None = None
    changed: tuple[int, ...] = ()
    shared: tuple[int, ...] = ()


class Caller(Protocol):
    """Calls one function of a student, wherever it lives."""

    def __call__(self, args: tuple) -> Answer:
        """Call with a deep copy of plain arguments."""
        ...

    def rerun(self, a: tuple, b: tuple) -> tuple[Answer, Answer, Answer]:
        """Call with `a`, then `b`; give a's value at once, a's value read again after b, and
        the value of a new call with `a` made after the first result was overwritten."""
        ...

    def work(self, args: tuple, most: int) -> Work:
        """Call once and count the work, up to so many lines; the value is of no interest."""
        ...


class LocalCaller:
    """Calls a function in this process, quietly: no output, no warnings, no exception."""

    def __init__(self, fn: Callable) -> None:
        self.fn = fn

    def __call__(self, args: tuple) -> Answer:
        given = build(fresh(args))
        raw, failure = _run(self.fn, given)
        return _answer(raw, failure, args, given)

    def rerun(self, a: tuple, b: tuple) -> tuple[Answer, Answer, Answer]:
        given = build(fresh(a))
        raw, failure = _run(self.fn, given)
        first = _answer(raw, failure, a, given)
        _run(self.fn, build(fresh(b)))
        later = _answer(raw, failure, a, given)
        _overwrite(raw)
        return first, later, self(a)

    def work(self, args: tuple, most: int) -> Work:
        with _quiet():
            return count(self.fn, build(fresh(args)), most)


def _run(fn, args):
    """Call fn(*args); return (value, None) or (None, Failure)."""
    if not callable(fn):
        return None, Failure("TypeError", f"this is a {type(fn).__name__}, not a function")
    try:
        with _quiet():
            raw = fn(*args)
            if inspect.iscoroutine(raw):
                raw.close()
                return None, Failure("Unsupported", "an async function; write `def` alone")
            return raw, None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # the student's code may raise anything, SystemExit included
        return None, failure_of(error, fn)


@contextlib.contextmanager
def _quiet():
    """Send prints nowhere and silence warnings: a warning alone never costs points."""
    sink = io.TextIOWrapper(io.BufferedWriter(_Nowhere()), "utf-8", "replace")
    with contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield


class _Nowhere(io.RawIOBase):
    def writable(self) -> bool:
        return True

    def write(self, data):
        return len(data)


def _answer(raw, failure, original, given):
    """Make an Answer of what a call left behind."""
    changed = tuple(i for i, x in enumerate(original) if not _unchanged(x, given[i]))
    if failure is not None:
        return Answer(error=failure, changed=changed)
    try:
        value = plain(raw)
    except Unsupported as error:
        return Answer(error=Failure("Unsupported", str(error)), changed=changed)
    outs = [a for a in arrays_in(raw) if a.size]
    shared = tuple(i for i, x in enumerate(given) if _overlap(arrays_in(x), outs))
    return Answer(value, None, changed, shared)


def _unchanged(before, after):
    return same_bits(before, after) if _is_data(before) else True


def _is_data(value):
    """Whether an argument holds only data; a Named part is built anew and cannot be compared."""
    if isinstance(value, (tuple, list)):
        return all(map(_is_data, value))
    if isinstance(value, dict):
        return all(map(_is_data, value.values()))
    return value is None or isinstance(value, (bool, int, float, complex, str, np.ndarray))


def _overlap(inputs, outputs):
    # Separate allocations never overlap, so comparing address ranges is exact enough and cheap.
    return any(np.may_share_memory(a, b) for a in inputs for b in outputs)


def _overwrite(raw):
    """Fill every writeable array of a result, as a caller who owns it may do."""
    for array in arrays_in(raw):
        if array.flags.writeable and array.dtype.kind in "biufc":
            array[...] = 1 if array.dtype.kind in "bu" else -7


def failure_of(error: BaseException, fn: Callable) -> Failure:
    """Describe an exception by kind, text and the student's own line."""
    where, line = _place(error, fn)
    return Failure(type(error).__name__, _text(error), line, where)


def _text(error):
    try:
        text = str(error)
    except Exception as inner:  # a student's exception may fail while describing itself
        text = f"(its text could not be read: {type(inner).__name__})"
    return printable(text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + " ...")


def printable(text: str) -> str:
    """Text without what would act on a terminal: escapes, other controls, changes of direction.

    White space stays; anything else that cannot be printed becomes a question mark.
    """
    return "".join(c if c.isprintable() or c.isspace() and c not in LINES else "?" for c in text)


def _place(error, fn):
    """Find the innermost frame that lives in the same file as fn, or in another notebook cell."""
    home = getattr(getattr(fn, "__code__", None), "co_filename", None)
    found = ("", "")
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if code.co_filename == home or "ipykernel" in code.co_filename:
            line = linecache.getline(code.co_filename, step.tb_lineno).strip()
            found = (code.co_name, line[:MAX_TEXT])
        step = step.tb_next
    return found
