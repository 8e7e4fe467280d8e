"""Count the work of one call: is it backprop, or a forward pass per parameter?

Values cannot tell backprop from a complex step; cost can. The arguments are handed over as
`Counted` arrays, which add up the floating-point operations done on them, and the student's module
sees a NumPy whose ``asarray`` and friends give `Counted` arrays again. Beside it the executed lines
of Python are counted: the trace of loops over single numbers, whose arithmetic no array ever sees.
Both counts are the same on every machine and in every run.
"""

from __future__ import annotations

import contextlib
import gc
import inspect
import math
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .callers import Failure

MAX_CALLS = 20_000  # counted array operations, about 0.3 s
_NOT_COUNTED = (__file__, np.__path__[0])


@dataclass(frozen=True)
class Work:
    """What one call did.

    Attributes
    ----------
    operations : float
        Floating-point operations on arrays; a product of (m, k) and (k, n) counts 2 m k n, an
        elementwise function 1 per entry.
    lines : int
        Lines of Python executed, NumPy's own left out.
    complex : bool
        Whether any array was complex.
    stopped : bool
        Whether the counting stopped early: the counts are then lower bounds.
    raised : str
        Name of the exception that ended the call, "" if it returned.
    error : Failure or None
        Why the call could not be made at all (a deadline, a dead process).
    """

    operations: float = 0.0
    lines: int = 0
    complex: bool = False
    stopped: bool = False
    raised: str = ""
    error: Failure | None = None


class _Enough(BaseException):
    """Ends a call whose count is high enough for any verdict."""


class _Tally:
    """The counts of the call that is running."""

    def __init__(self, most):
        self.most = most
        self.operations, self.calls, self.lines = 0.0, 0, 0
        self.complex = self.stopped = False

    def add(self, operations, result):
        self.operations += operations
        self.calls += 1
        self.complex = self.complex or getattr(result, "dtype", np.dtype(float)).kind == "c"
        self._stop_if(self.calls > MAX_CALLS)

    def trace(self, frame, event, arg):
        """Count lines of the frames that are not ours or NumPy's; for `sys.settrace`."""
        return None if frame.f_code.co_filename.startswith(_NOT_COUNTED) else self._line

    def _line(self, frame, event, arg):
        if event == "line":
            self.lines += 1
            if self.lines > self.most:  # inlined: this runs once for every line
                self._stop_if(True)
        return self._line

    def _stop_if(self, enough):
        if enough:
            self.stopped = True
            raise _Enough


_tally = _Tally(most=0)


# The arrays ----------------------------------------------------------------------------------


class Counted(np.ndarray):
    """An array that computes what any array computes, and counts it."""

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        outs = {} if out is None else {"out": tuple(map(_plain, out))}
        result = getattr(ufunc, method)(*map(_plain, inputs), **outs, **_plain(kwargs))
        _tally.add(_ufunc_work(ufunc, method, inputs, result), result)
        if out is not None:
            return out[0] if len(out) == 1 else out
        return _counted(result)

    def __array_function__(self, func, types, args, kwargs):
        if func in _PRODUCTS or func is np.einsum:
            args, kwargs = _plain(args), _plain(kwargs)
            result = func(*args, **kwargs)
            work = _einsum_work if func is np.einsum else _product_work
            _tally.add(work(args, kwargs, result), result)
        else:
            result = super().__array_function__(func, types, args, kwargs)
        return _counted(result)

    def dot(self, b: Any, out: Any = None) -> Any:
        """Count what the method would hide from both protocols."""
        return np.dot(self, b) if out is None else np.dot(self, b, out=out)


_PRODUCTS = {np.dot, np.inner, np.outer, np.vdot, np.tensordot, np.kron}


def _ufunc_work(ufunc, method, inputs, result):
    if method == "at":
        return np.size(inputs[1][0] if isinstance(inputs[1], tuple) else inputs[1])
    if method in ("reduce", "accumulate", "reduceat"):
        return np.size(inputs[0])
    size = np.size(result[0] if isinstance(result, tuple) else result)
    return 2 * size * np.shape(inputs[0])[-1] if ufunc.signature else size


def _product_work(args, kwargs, result):
    # (m, k) times (k, n): the three sizes multiply to (m k n)^2, whatever the number of axes.
    a, b = [*args, *kwargs.values()][:2]
    return 2 * math.sqrt(np.size(a) * np.size(b) * np.size(result))


def _einsum_work(args, kwargs, result):
    report = np.einsum_path(*args, optimize=kwargs.get("optimize", False))[1]
    return float(report.split("Optimized FLOP count:")[1].split()[0])


def _plain(value):
    """Strip `Counted` from arrays, also inside tuples, lists and dicts."""
    if isinstance(value, Counted):
        return value.view(np.ndarray)
    if isinstance(value, (tuple, list)):
        return type(value)(map(_plain, value))
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return value


def _counted(value):
    """Make arrays `Counted`, also inside tuples, lists and dicts."""
    if type(value) is np.ndarray:
        return value.view(Counted)
    if type(value) in (tuple, list):
        return type(value)(map(_counted, value))
    if type(value) is dict:
        return {k: _counted(v) for k, v in value.items()}
    return value


# The NumPy that the student's module sees -------------------------------------------------------


class _CountingNumpy(types.ModuleType):
    """NumPy, except that its functions return `Counted` arrays."""

    def __getattr__(self, name):
        return _counting(getattr(np, name))


def _counting(value):
    """Wrap one function of NumPy; ufuncs, classes and constants count already or need not."""
    if not isinstance(value, (types.FunctionType, types.BuiltinFunctionType)) and not hasattr(
        value, "_implementation"
    ):
        return value

    def wrapped(*args, **kwargs):
        return _counted(value(*args, **kwargs))

    return wrapped


_NUMPY = _CountingNumpy("numpy")


@contextlib.contextmanager
def _numpy_replaced(namespace):
    """Put the counting NumPy in the place of NumPy and its functions in a module's namespace."""
    before = {k: v for k, v in namespace.items() if _from_numpy(v)}
    namespace.update({k: _NUMPY if v is np else _counting(v) for k, v in before.items()})
    real, sys.modules["numpy"] = sys.modules["numpy"], _NUMPY  # for an import inside a function
    try:
        yield
    finally:
        sys.modules["numpy"] = real
        namespace.update(before)


def _from_numpy(value):
    return value is np or (callable(value) and getattr(np, _name(value), None) is value)


def _name(value):
    name = getattr(value, "__name__", "")
    return name if isinstance(name, str) else ""


# Counting ------------------------------------------------------------------------------------


def count(fn: Callable, args: tuple, most: int = 1_000_000) -> Work:
    """Run fn on `Counted` copies of its arguments and count.

    Parameters
    ----------
    fn : callable
        The student's function. Its module sees the counting NumPy for as long as it runs.
    args : tuple
        Arguments that fn may change.
    most : int
        Lines of Python after which the call is stopped.

    Returns
    -------
    Work
        Never raises because fn does: `Work.raised` names the exception.
    """
    global _tally
    _tally = tally = _Tally(most)
    raised, tracer = "", sys.gettrace()
    with _numpy_replaced(_namespace(fn)), _no_collection():
        try:
            sys.settrace(tally.trace)
            fn(*_counted(args))
        except _Enough:
            pass  # `tally.stopped` tells
        except KeyboardInterrupt:
            raise
        except BaseException as failure:  # the student's code may raise anything
            raised = type(failure).__name__
        finally:
            sys.settrace(tracer)
    return Work(float(tally.operations), tally.lines, tally.complex, tally.stopped, raised)


@contextlib.contextmanager
def _no_collection():
    """Keep the garbage collector away: what it calls (finalizers of others) would be counted."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _namespace(fn):
    """Give the globals of a function, also behind decorators, partials and callable objects."""
    fn = inspect.unwrap(getattr(fn, "func", fn))
    return getattr(fn, "__globals__", None) or getattr(type(fn).__call__, "__globals__", {})
