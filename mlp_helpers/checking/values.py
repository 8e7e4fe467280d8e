"""Plain data: what may go into a student's function and what is taken from it.

Everything that crosses between the judge and the code under test is one of: None, bool, int,
float, complex, str, lists, tuples, dicts and NumPy arrays of numbers, or a `Named` reference to a
callable that both sides can build. Nothing here runs a method of a student's object.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..named import Named

__all__ = [
    "Named",
    "Unsupported",
    "arrays_in",
    "entries",
    "fresh",
    "plain",
    "same_bits",
    "strided",
]

NUMERIC_KINDS = "biufc"
MAX_DEPTH = 12
MAX_ITEMS = 200_000
MAX_BYTES = 64 * 2**20  # of all arrays together
MAX_ENTRIES = 4_000_000


class Unsupported(TypeError):
    """A value that is not plain data; the message says what was found."""


def plain(value: object) -> Any:
    """Reduce a value to plain data with base-class arrays that share no memory with it.

    Parameters
    ----------
    value : object
        Whatever a function returned.

    Returns
    -------
    None, bool, int, float, complex, str, list, tuple, dict or ndarray

    Raises
    ------
    Unsupported
        For anything else, for nesting deeper than 12, for more than 64 MiB and for arrays of
        more than 4,000,000 entries.
    """
    return _Reducer().reduce(value, 0)


class _Reducer:
    """Carries the running totals of one reduction, so that a result cannot be endless."""

    def __init__(self):
        self.items = 0
        self.bytes = self.entries = 0

    def reduce(self, value, depth):
        self.items += 1
        if depth > MAX_DEPTH or self.items > MAX_ITEMS:
            raise Unsupported("a structure that is nested too deeply or has too many parts")
        if value is None or isinstance(value, (bool, np.bool_)):
            return None if value is None else bool(value)
        if isinstance(value, np.ndarray):
            return self._array(value)
        if isinstance(value, np.generic):
            return _scalar(value)
        for kind, convert in _SCALARS:
            if isinstance(value, kind):
                return convert(value)
        if isinstance(value, tuple):
            return tuple(self.reduce(v, depth + 1) for v in tuple.__iter__(value))
        if isinstance(value, list):
            return [self.reduce(v, depth + 1) for v in list.__iter__(value)]
        if isinstance(value, dict):
            pairs = dict.items(value)
            return {_key(k): self.reduce(v, depth + 1) for k, v in pairs}
        raise Unsupported(_describe(value))

    def _array(self, value):
        if value.dtype.kind not in NUMERIC_KINDS:
            raise Unsupported(f"an array of dtype {value.dtype}, not of numbers")
        self.bytes += value.nbytes
        if self.bytes > MAX_BYTES:
            raise Unsupported(f"arrays of more than {MAX_BYTES // 2**20} MiB")
        self.entries += entries(value.shape)
        if self.entries > MAX_ENTRIES:
            raise Unsupported(f"arrays of more than {MAX_ENTRIES:,} entries")
        base = np.array(value, subok=False)
        if base.dtype.itemsize > 8 and base.dtype.kind == "f":
            return base.astype(np.float64)
        return base.astype(np.complex128) if base.dtype.itemsize > 16 else base


# int has no conversion slot to override: int.__index__ reads the digits of any subclass.
_SCALARS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (int, lambda value: _whole(int.__index__(value))),
    (float, float.__float__),
    (complex, complex.__complex__),
    (str, str.__str__),
)


def entries(shape: Sequence[int]) -> int:
    """Count what an array of some shape costs whoever goes through it; an empty row counts too."""
    return math.prod(max(int(n), 1) for n in shape)


def _whole(value):
    """A whole number that NumPy can hold, or else the float that is nearest to it."""
    if -(2**63) <= value < 2**63:
        return value
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else -float("inf")


def _scalar(value):
    kind = value.dtype.kind
    if kind not in NUMERIC_KINDS:
        raise Unsupported(f"a NumPy value of dtype {value.dtype}, not a number")
    convert: dict[str, Callable[[Any], Any]] = {
        "i": int,
        "u": lambda v: _whole(int(v)),
        "f": float,
        "c": complex,
    }
    return convert[kind](value)


def _key(key):
    if isinstance(key, (str, int)):
        return key
    raise Unsupported("a dict whose keys are neither text nor whole numbers")


def _describe(value):
    name = type(value).__name__
    if value is Ellipsis:
        return "the placeholder ..."
    if callable(value):
        return f"a {name} (forgot to call it?)"
    if hasattr(type(value), "__next__"):
        return f"a {name}; wrap it in list(...)"
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def fresh(value: Any) -> Any:
    """Copy plain arguments, keeping dtype and memory layout, sharing nothing.

    Parameters
    ----------
    value : plain data or Named

    Returns
    -------
    The same structure with every array copied.
    """
    if isinstance(value, np.ndarray):
        contiguous = value.flags.c_contiguous or value.flags.f_contiguous
        return value.copy(order="K") if contiguous else strided(value)
    if isinstance(value, (tuple, list)):
        return type(value)(fresh(v) for v in value)
    if isinstance(value, dict):
        return {k: fresh(v) for k, v in value.items()}
    return value


def strided(values: np.ndarray) -> np.ndarray:
    """Copy an array of at least one axis into every second entry of a wider buffer.

    Returns
    -------
    ndarray, the shape of `values`, not contiguous when its last axis is longer than 1.
    """
    values = np.asarray(values)
    buffer = np.zeros(values.shape[:-1] + (2 * values.shape[-1],), dtype=values.dtype)
    view = buffer[..., ::2]
    view[...] = values
    return view


def same_bits(a: Any, b: Any) -> bool:
    """Whether two plain structures are equal bit for bit (types, shapes, dtypes, NaN included)."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(map(same_bits, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same_bits(a[k], b[k]) for k in a)
    if isinstance(a, Named):
        return a.name == b.name and same_bits(a.params, b.params)
    return repr(a) == repr(b) if isinstance(a, (float, complex)) else a == b


def arrays_in(value: object) -> list[np.ndarray]:
    """List the arrays inside nested tuples, lists and dicts."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (tuple, list)):
        return []
    return [a for part in value for a in arrays_in(part)]


def flat(value: object) -> list[Any]:
    """The numbers and arrays inside tuples, lists and dicts, in order."""
    if isinstance(value, (tuple, list)):
        return [x for part in value for x in flat(part)]
    if isinstance(value, dict):
        return [x for part in value.values() for x in flat(part)]
    return [value] if isinstance(value, (bool, int, float, np.ndarray)) else []
