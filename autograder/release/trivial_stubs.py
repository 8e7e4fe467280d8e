"""Functions that compute nothing: whatever one of them earns, an exercise gives for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from mlp_helpers.checking.exercise import Exercise
from mlp_helpers.checking.values import fresh
from mlp_helpers.named import build

FIRST = "its first argument"
CONSTANTS = (None, 0, 0.0, 1.0, float("inf"), float("nan"), True, False, [], {}, (), "")


def trivial_stubs(exercise: Exercise) -> Iterator[tuple[str, Callable]]:
    """Yield stubs with what they return: (str, callable)."""
    for value in CONSTANTS:
        yield repr(value), lambda *args, value=value: value
    yield FIRST, lambda *args: args[0]
    yield "zeros like its first argument", lambda *args: np.zeros_like(args[0])
    yield (
        "zeros in the right shape",
        lambda *args: _zeros(exercise.oracle(*build(fresh(args)))),
    )


def _zeros(value):
    """The same structure and shapes, and nothing but zeros."""
    if isinstance(value, (tuple, list)):
        return type(value)(map(_zeros, value))
    if isinstance(value, dict):
        return {name: _zeros(v) for name, v in value.items()}
    if isinstance(value, str) or value is None:
        return ""
    value = np.asarray(value)
    return np.zeros(value.shape, value.dtype) if value.ndim else value.dtype.type(0).item()
