"""Compare an answer with what was expected, norm-wise and tensor by tensor.

A tensor is right when ``max|got - want| <= tol * max|want|``: never entry by entry, because a small
entry of a gradient carries the rounding of the large ones. The messages say where and by how much,
never what the right value is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

TOL = 1e-12
ROUNDING = 1e-15  # of the largest number of an answer
MAX_KEY = 40  # characters of a key in a message
NOTHING = 1e-9  # of a natural size: an expected value below it is zero up to rounding


@dataclass(frozen=True)
class Difference:
    """The first thing that is wrong in an answer.

    Attributes
    ----------
    kind : str
        "structure", "shape", "dtype", "nonfinite" or "value".
    message : str
        One sentence for the student.
    where : str
        The name of the tensor, "" when the answer is one tensor.
    size : float
        Largest difference relative to the largest expected entry; inf when not comparable.
    yours, off : ndarray or None
        The student's tensor and the magnitude of its difference in eighths of the largest, for
        the picture; together they do not tell the right value.
    says_size : bool
        Whether the message names a size of the case.
    """

    kind: str
    message: str
    where: str = ""
    size: float = float("inf")
    yours: np.ndarray | None = None
    off: np.ndarray | None = None
    says_size: bool = False


@dataclass(frozen=True)
class Expected:
    """What one case should give.

    Attributes
    ----------
    value : plain data
    names : str or tuple of str
        Names of the returned tensors.
    tol : float
        Relative tolerance.
    scale : float
        A natural size for tensors whose exact value is (nearly) zero.
    sizes : dict of str to int
        Sizes of the case; an error by such a factor is named by it.
    """

    value: object
    names: str | tuple[str, ...] = ""
    tol: float = TOL
    scale: float = 0.0
    sizes: Mapping[str, int] | None = None


def compare(got: Any, expected: Expected) -> Difference | None:
    """Find the first difference between an answer and what was expected.

    Parameters
    ----------
    got : plain data
    expected : Expected

    Returns
    -------
    Difference or None
    """
    names = expected.names
    title = names if isinstance(names, str) else ""
    with np.errstate(all="ignore"):  # an answer may be of any size
        for leaf in _leaves(got, expected.value, title, names):
            difference = leaf if isinstance(leaf, Difference) else _tensor(expected, *leaf)
            if difference is not None:
                return difference
    return None


def same_answer(a: Any, b: Any, tol: float = 1e-9) -> bool:
    """Whether two answers agree everywhere, NaN and infinities included.

    Used to recognise a known mistake: two wrong answers that agree in every entry of generic data.
    A tensor agrees to `tol` of its own size; what is rounding beside the largest number of the
    whole answer (a sum that ought to vanish) agrees with any other rounding.
    """
    return _same_form(a, b) and _agree(a, b, tol, ROUNDING * max(largest(a), largest(b)))


_NUMBERS = (bool, int, float, complex, np.ndarray)


def _same_form(a, b):
    """Whether two answers have the same parts: looked at first, an answer may be of any size."""
    if isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)):
        return len(a) == len(b) and all(map(_same_form, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same_form(a[k], b[k]) for k in a)
    if isinstance(a, _NUMBERS) and isinstance(b, _NUMBERS):
        return np.shape(a) == np.shape(b)
    return type(a) is type(b)


def _agree(a, b, tol, floor):
    if isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)):
        return len(a) == len(b) and all(_agree(x, y, tol, floor) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_agree(a[k], b[k], tol, floor) for k in a)
    if not (isinstance(a, _NUMBERS) and isinstance(b, _NUMBERS)):
        return a == b if type(a) is type(b) else False
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        return False
    if object in (a.dtype, b.dtype):  # whole numbers that no float can hold
        return bool(np.all(a == b))
    finite = np.isfinite(a) & np.isfinite(b)
    scale = max(np.abs(b[finite]).max(initial=0.0), np.abs(a[finite]).max(initial=0.0))
    with np.errstate(invalid="ignore"):
        off = np.abs(np.subtract(a, b, dtype=np.result_type(a, b, float)))
    odd = ~finite
    same_odd = np.array_equal(a[odd].astype(complex), b[odd].astype(complex), equal_nan=True)
    return bool(same_odd and np.all(off[finite] <= max(tol * scale, floor)))


def largest(value: Any) -> float:
    """The largest finite magnitude in an answer, 0 without any."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (tuple, list)):
        return max(map(largest, value), default=0.0)
    if not isinstance(value, _NUMBERS) or np.asarray(value).dtype == object:
        return 0.0
    sizes = np.abs(np.asarray(value))
    return float(sizes[np.isfinite(sizes)].max(initial=0.0))


def numbers(value: Any) -> np.ndarray | None:
    """All numbers of an answer in one vector; None where there are other things."""
    if isinstance(value, (tuple, list)):
        parts = [numbers(v) for v in value]
    elif isinstance(value, dict):
        parts = [numbers(v) for v in value.values()]
    elif isinstance(value, (bool, int, float, complex, np.ndarray)):
        array = np.ravel(np.asarray(value))
        return array if array.dtype.kind in "biufc" else None
    else:
        return None
    found = [p for p in parts if p is not None]
    if len(found) < len(parts):
        return None
    return np.concatenate(found) if found else np.zeros(0)


def blew_up(mine: Any, wanted: Any) -> bool:
    """Whether NaN or infinities stand where finite numbers belong."""
    mine, wanted = numbers(mine), numbers(wanted)
    if mine is None or wanted is None or mine.shape != wanted.shape:
        return False
    return bool(np.any(~np.isfinite(mine) & np.isfinite(wanted)))


def _leaves(got, want, where, names=""):
    """Yield (got, want, where) for each tensor, or a Difference where the structure is wrong."""
    if isinstance(want, dict):
        yield from _dict_leaves(got, want, where)
    elif isinstance(want, (tuple, list)):
        yield from _sequence_leaves(got, want, where, names)
    else:
        yield got, want, where


def _dict_leaves(got, want, where):
    if not isinstance(got, dict):
        yield Difference("structure", f"{where or 'the answer'} is {_kind(got)}, not a dict")
    elif got.keys() != want.keys():
        yield Difference("structure", _keys_text(got.keys(), want.keys()))
    else:
        for key in want:
            yield from _leaves(got[key], want[key], f"{where}[{key!r}]")


def _keys_text(got, want):
    """Say which keys are missing and which are too many."""
    parts = []
    for word, odd in (("missing", want - got), ("too many", got - want)):
        names = sorted(repr(key)[:MAX_KEY] for key in odd)
        if names:
            parts.append(f"{word}: {', '.join(names[:5])}{' ...' if len(names) > 5 else ''}")
    return f"the keys differ ({'; '.join(parts)})"


def _sequence_leaves(got, want, where, names):
    if got is None and where:
        yield Difference("structure", f"{where} is None; expected {len(want)} parts", where)
        return
    if isinstance(got, np.ndarray) and got.ndim and len(got) == len(want):
        got = got.tolist() if got.ndim == 1 else list(got)
    if isinstance(got, np.ndarray) and got.ndim:  # too many rows or too few to be looked at
        message = f"{where or 'the answer'} has {len(got)} parts; expected {len(want)}"
        yield Difference("structure", message, where)
        return
    if not isinstance(got, (tuple, list)):
        shape = ", ".join(names) if not isinstance(names, str) else f"{len(want)} parts"
        yield Difference("structure", f"returned {_kind(got)}; expected ({shape})", where)
    elif len(got) != len(want):
        message = f"{where or 'the answer'} has {len(got)} parts; expected {len(want)}"
        yield Difference("structure", message, where)
    else:
        labels = _labels(where, names, len(want))
        for g, w, label in zip(got, want, labels, strict=True):
            yield from _leaves(g, w, label)


def _labels(where, names, n):
    if not isinstance(names, str) and len(names) == n:
        return list(names)
    return [f"{where or 'answer'}[{i}]" for i in range(n)]


def _tensor(expected, got, want, where):
    """Compare one leaf; None if it is right."""
    name = where or "the answer"
    if isinstance(want, (str, bool)) or want is None:
        difference = _literal(got, want, name)
        structure = expected.tol == np.inf  # asked for the kind alone
        return None if structure and difference and difference.kind == "value" else difference
    want = np.asarray(want)
    array = _as_array(got)
    if array is None or _is_bundle(got, array, want):
        found = "None" if got is None and where and expected.names != where else _kind(got)
        return Difference("structure", f"{name} is {found}; expected {_shape(want)}", where)
    if array.shape != want.shape:
        message = f"{name} has shape {array.shape}; expected {want.shape}"
        if want.ndim == 0:
            message = f"{name} has shape {array.shape}; expected a single number"
        return Difference("shape", message, where)
    if wrong := _wrong_kind(array, want, name):
        return Difference("dtype", wrong, where)
    return _numbers(array, want, where, name, expected)


def _is_bundle(got, array, want):
    """Whether several arrays were returned in a tuple where one was asked for."""
    return (
        isinstance(got, tuple) and array.shape != want.shape and any(np.ndim(part) for part in got)
    )


def _literal(got, want, name):
    if type(got) is np.ndarray and got.shape == () and got.dtype == bool:
        got = bool(got)
    if type(got) is type(want) and got == want:
        return None
    if isinstance(want, bool) and isinstance(got, bool):
        return Difference("value", f"{name} is {got} here, and should not be", name)
    expected = {bool: "True or False", str: "a text"}.get(type(want), "None")
    if type(got) is type(want):
        return Difference("value", f"{name} is not the right text here", name)
    return Difference("structure", f"{name} is {_kind(got)}; expected {expected}", name)


def _as_array(got):
    if isinstance(got, np.ndarray):
        return got
    if isinstance(got, (int, float, complex)):
        return np.asarray(got) if isinstance(got, (float, complex)) or abs(got) < 2**63 else None
    if isinstance(got, (list, tuple)) and got:
        parts = [_as_array(g) for g in got]
        if all(p is not None and p.shape == parts[0].shape for p in parts):
            return np.stack(parts)
    if isinstance(got, (list, tuple)):
        return np.zeros(0) if not got else None
    return None


def _wrong_kind(array, want, name):
    """Say what is wrong with the dtype, "" if nothing is."""
    if array.dtype.kind == "c":
        return f"{name} is complex ({array.dtype}); expected real numbers"
    if want.dtype.kind == "b" and array.dtype.kind != "b":
        return f"{name} has dtype {array.dtype}; expected booleans"
    if want.dtype.kind in "iu" and array.dtype.kind not in "iu":
        return f"{name} has dtype {array.dtype}; expected whole numbers (an integer dtype)"
    if want.dtype.kind == "f" and array.dtype.kind == "b":
        return f"{name} has dtype bool; expected float64 numbers"
    return ""


def _numbers(array, want, where, name, expected):
    """Compare two arrays of one shape and of fitting kinds."""
    if expected.tol == np.inf or want.dtype.kind in "biu" and np.array_equal(array, want):
        return None
    if want.dtype.kind in "biu":
        off = (array != want).astype(float)
        place = _place(off)
        count = int(off.sum())
        message = f"{name} differs in {count} of {off.size} entries{place}"
        return Difference("value", message, where, float("inf"), array, _eighths(off))
    got, want = array.astype(np.float64), want.astype(np.float64)
    regular = np.isfinite(want)
    bad = regular & ~np.isfinite(got)
    bad |= ~regular & ~((got == want) | (np.isnan(got) & np.isnan(want)))
    if bad.any():
        return _nonfinite(got, bad, where, name)
    off = np.abs(
        np.where(regular, got - np.where(regular, want, 0.0), 0.0),
        where=regular,
        out=np.zeros(want.shape),
    )
    size = np.abs(want[regular]).max(initial=0.0)
    worst = off.max(initial=0.0)
    if worst <= expected.tol * max(size, expected.scale):
        return None
    # What is told is the share of the right size; `scale` only where that is nothing.
    natural = size if size > NOTHING * expected.scale else expected.scale
    relative = worst / natural if natural else float("inf")
    remark, says_size = _remark(got, want, regular, relative, expected)
    message = f"{name} is off by {_percent(relative)}{_place(off)}{remark}"
    return Difference("value", message, where, relative, got, _eighths(off), says_size)


def _nonfinite(got, bad, where, name):
    first = tuple(int(i) for i in np.argwhere(bad)[0])
    what = "NaN" if np.isnan(got[first]) else "infinite"
    if np.isfinite(got[first]):
        what = "finite where it should be infinite"
    more = f" ({int(bad.sum())} of {bad.size} entries)" if bad.size > 1 else ""
    message = f"{name} is {what}{_at(first)}{more}"
    return Difference("nonfinite", message, where, float("inf"), got, _eighths(bad.astype(float)))


def _remark(got, want, regular, relative, expected):
    """Say what the pattern of the error suggests: nothing, a factor, or an approximation.

    Returns
    -------
    (str, bool)
        The remark, and whether it names a size of the case.
    """
    if np.abs(got[regular]).max(initial=0.0) <= NOTHING * np.abs(want[regular]).max(initial=0.0):
        return ". Your answer is zero" if want.size == 1 else ". All of yours is zero", False
    factor = _factor(got[regular], want[regular])
    if factor is not None:
        return _factor_text(factor, expected.sizes or {}, want.size)
    if 1e-13 < relative < 1e-5:
        return (
            ". That is more than rounding: the size of an error that float32, an approximation "
            "or a small constant added for safety makes"
        ), False
    return "", False


def _factor(got, want):
    """Return c when got = c * want with c other than 1, None otherwise."""
    norm = float(np.sum(want * want))
    if norm == 0.0 or not np.isfinite(norm):
        return None
    factor = float(np.sum(got * want)) / norm
    close = np.abs(got - factor * want).max(initial=0.0) <= 1e-9 * np.abs(want).max(initial=0.0)
    return factor if close and factor != 0.0 and abs(factor - 1) > 1e-9 else None


def _factor_text(factor, sizes, count):
    what = "Every entry" if count > 1 else "It"
    if abs(factor + 1) < 1e-9:
        return f". {what} has the wrong sign", False
    sign = " and has the wrong sign" if factor < 0 else ""
    for size, letter in [(n, k) for k, n in sizes.items() if n > 1] + [(2, ""), (3, "")]:
        named = f" (here {letter} = {size})" if letter else ""
        if abs(abs(factor) - size) < 1e-9 * size:
            return f". {what} is {size} times too large{sign}{named}", bool(letter)
        if abs(abs(factor) * size - 1) < 1e-9:
            return f". {what} is {size} times too small{sign}{named}", bool(letter)
    return ". Every entry is off by the same factor" if count > 1 else "", False


def _percent(relative):
    if not np.isfinite(relative) or relative > 1000:
        return "more than 1000 times its size"
    if relative >= 10:
        return f"{relative:.0f} times its size"
    if relative < 1e-4:
        return f"{relative:.1e} of its size"
    return f"{100 * relative:.3g} % of its size"


def _place(off):
    if off.size <= 1:
        return ""
    index = np.unravel_index(int(np.argmax(off)), off.shape)
    return ", most" + _at(tuple(int(i) for i in index))


def _at(index):
    if not index:
        return ""
    return f" at entry {index[0]}" if len(index) == 1 else f" at entry {list(index)}"


def _eighths(off):
    worst = off.max(initial=0.0)
    return np.ceil(8 * off / worst).astype(int) if worst and np.isfinite(worst) else None


def _shape(want):
    return f"an array of shape {want.shape}" if want.ndim else "a number"


def _kind(value):
    if value is None:
        return "None (is a `return` missing?)"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**63:
        return "a whole number too large for NumPy"
    if value is Ellipsis:
        return "the placeholder ..."
    name = _NAMES.get(type(value), type(value).__name__)
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


_NAMES = {
    int: "whole number",
    float: "number",
    complex: "complex number",
    str: "text",
    bool: "bool",
}
