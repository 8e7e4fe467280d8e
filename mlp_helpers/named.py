"""Callables that exercises hand to a student's function, built from a name on either side.

A case of an exercise holds ``Named("cubic", (2.0, -1.0))`` instead of a function, so that the same
case can be sent to a confined process as data. Register a factory with ``@named``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_FACTORIES = {}
# Callables whose inside says what is right about them: a confined process does not get them, it
# asks for each of their values, see `asked`.
ANSWERED_ELSEWHERE = frozenset(("landscape_gradient", "slope_of_bowl", "clipped_slope_of_bowl"))


@dataclass(frozen=True)
class Named:
    """A callable (or generator of random numbers) that crosses the boundary by its name.

    Attributes
    ----------
    name : str
        A name registered below with `@named`.
    params : tuple
        Plain parameters, handed to the registered factory.
    """

    name: str
    params: tuple = ()


def named(factory: Callable) -> Callable:
    """Register a factory under its own name; it takes plain parameters, returns a callable."""
    _FACTORIES[factory.__name__] = factory
    return factory


def build(value: Any) -> Any:
    """Replace every `Named` inside plain arguments by what its factory makes.

    Parameters
    ----------
    value : plain data with `Named` references

    Returns
    -------
    The same structure with callables and generators in place of the references.

    Raises
    ------
    KeyError
        If a name is not registered.
    """
    if isinstance(value, Named):
        if value.name not in _FACTORIES:
            raise KeyError(f"no callable is registered under the name {value.name!r}")
        return _FACTORIES[value.name](*value.params)
    if isinstance(value, (tuple, list)):
        return type(value)(build(v) for v in value)
    if isinstance(value, dict):
        return {k: build(v) for k, v in value.items()}
    return value


@named
def rng(seed: int) -> np.random.Generator:
    """NumPy's default generator, fresh at every call."""
    return np.random.default_rng(seed)


_ASK = []


def ask_by(function: Callable[[int, Any], Any]) -> None:
    """Say how this process asks for a value: ``function(place, x)``."""
    _ASK[:] = [function]


@named
def asked(place: int) -> Callable:
    """A callable of which this process knows nothing but its place among the arguments."""
    return lambda x: _ASK[0](place, x)


@named
def affine_gradient(A: np.ndarray, r: np.ndarray) -> Callable:
    """Gradient A theta - r of a quadratic bowl, A symmetric."""
    return lambda theta: A @ theta - r


@named
def bent_gradient(A: np.ndarray, r: np.ndarray) -> Callable:
    """Gradient A^T tanh(A theta - r) of a bowl whose walls become straight."""
    return lambda theta: A.T @ np.tanh(A @ theta - r)


# Chapter 00: functions to differentiate, and gradients to be checked ---------------------------


@named
def cubic(a: float, b: float, c: float) -> Callable:
    """x^3 + a x^2 + b x + c, of one number."""
    return lambda x: ((x + a) * x + b) * x + c


@named
def wave(w: float, c: float) -> Callable:
    """sin(w x) + c exp(x / 2), of one number."""
    return lambda x: np.sin(w * x) + c * np.exp(x / 2)


def _double(x, shape=None):
    """x in double precision; one line that says so if it has not the shape that is needed."""
    if shape is not None and np.shape(x) != tuple(shape):
        raise ValueError(
            f"the function needs an array of shape {tuple(shape)}; "
            f"it was given one of shape {np.shape(x)}"
        )
    return np.asarray(x, dtype=complex if np.iscomplexobj(x) else float)


@named
def landscape(shape: Sequence[int], seed: int, scale: float = 1.0) -> Callable:
    """A smooth scalar function of an array of one shape, in which all entries are coupled."""
    A = np.random.default_rng(seed).standard_normal(tuple(shape))

    def f(x):
        x = _double(x, shape)
        return scale * (np.sin(np.sum(A * x)) + np.sum(A**2 * x**3) / 3)

    return f


@named
def landscape_gradient(
    shape: Sequence[int], seed: int, scale: float = 1.0, flaw: str = "right"
) -> Callable:
    """The gradient of `landscape`, or one with a flaw."""
    A = np.random.default_rng(seed).standard_normal(tuple(shape))

    def gradient(x):
        x = _double(x)
        return scale * _FLAWS[flaw](A * np.cos(np.sum(A * x)) + A**2 * x**2)

    return gradient


def _bumped(g, place):
    g = np.array(g)
    g.flat[place] += 2e-3 * np.sqrt(np.sum(g * g))
    return g


def _with(g, place, odd):
    g = np.array(g)
    g.flat[place] = odd
    return g


_FLAWS = {
    "right": lambda g: g,
    "sign": lambda g: -g,
    "double": lambda g: 2 * g,
    "backwards": lambda g: g[::-1],
    "transposed": lambda g: g.T,
    "first entry": lambda g: _bumped(g, 0),
    "last entry": lambda g: _bumped(g, -1),
    "middle entry": lambda g: _bumped(g, np.size(g) // 2),
    "6e-6 too large": lambda g: (1 + 6e-6) * g,
    "2e-4 too large": lambda g: (1 + 2e-4) * g,
    "5 % too large": lambda g: 1.05 * g,
    "all zero": lambda g: 0 * g,
    "flat": lambda g: np.ravel(g),
    "column": lambda g: g[..., None],
    "row": lambda g: g[None],
    "one number": lambda g: np.sum(g),
    "first row only": lambda g: g[0],
    "nan": lambda g: _with(g, -1, np.nan),
    "inf": lambda g: _with(g, 0, np.inf),
    "all nan": lambda g: np.nan * g,
}


@named
def bowl(scale: float = 1.0) -> Callable:
    """scale times the sum of squares, of an array of any shape."""
    return lambda x: scale * np.sum(np.square(_double(x)))


@named
def slope_of_bowl(factor: float = 2.0) -> Callable:
    """factor times x; the gradient of `bowl()` is 2 x."""
    return lambda x: factor * _double(x)


@named
def clipped_slope_of_bowl(limit: float = 0.8) -> Callable:
    """The gradient of `bowl()` where |x| <= limit, and too small elsewhere."""
    return lambda x: 2 * np.clip(_double(x), -limit, limit)


@named
def undefined() -> Callable:
    """A function that is not a number anywhere."""
    return lambda x: np.nan


@named
def ripples(shape: Sequence[int], seed: int) -> Callable:
    """A scalar function of an array, so wavy that the size of a difference step shows."""
    A = 1.0 + np.random.default_rng(seed).random(tuple(shape))

    def f(x):
        x = _double(x, shape)
        return np.sum(A * np.sin(30 * x))

    return f


@named
def swirl(m: int, n: int, seed: int) -> Callable:
    """A smooth map from n numbers to m."""
    A = np.random.default_rng(seed).standard_normal((2, m, n))

    def F(x):
        x = _double(x, (n,))
        return np.sin(A[0] @ x) + (A[1] @ x) ** 3 / 3

    return F


@named
def wavy_map(m: int, n: int, seed: int) -> Callable:
    """A map from n numbers to m, so wavy that the size of a difference step shows."""
    A = np.random.default_rng(seed).standard_normal((m, n))

    def F(x):
        x = _double(x, (n,))
        return A @ np.sin(30 * x)

    return F


@named
def bent_line(c: float, left: float, right: float, curve: float) -> Callable:
    """A line whose slope changes from left to right at c, plus a gentle wave."""

    def f(t):
        return left * np.minimum(t - c, 0) + right * np.maximum(t - c, 0) + curve * np.sin(t)

    return f


# Chapter 04: slopes of activations, for a single backward step -----------------------------------


@named
def quadratic_slope(a: float, b: float, c: float) -> Callable:
    """a + b z + c z^2, elementwise: the slope of some activation that nobody has a name for."""
    return lambda z: a + b * np.asarray(z, dtype=float) + c * np.asarray(z, dtype=float) ** 2


@named
def gate_slope() -> Callable:
    """1 where z > 0, else 0: the slope of the ramp."""
    return lambda z: (np.asarray(z) > 0).astype(float)


# Chapter 07: a generator that is used for two passes ----------------------------------------------

_KEPT = {}


@named
def kept_rng(seed: int, call: int) -> np.random.Generator:
    """One generator for two calls: call 0 makes it, call 1 gets it as call 0 left it."""
    if call == 0:
        _KEPT["rng"] = np.random.default_rng(seed)
    return _KEPT["rng"]
