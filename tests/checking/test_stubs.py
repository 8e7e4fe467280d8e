"""Trivial stubs earn nothing, in any exercise."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from mlp_helpers import evaluate, exercises
from mlp_helpers.checking.values import fresh
from mlp_helpers.named import build

ALL = exercises()
FIRST = "its first argument"
CONSTANTS = {
    repr(value): value
    for value in (None, 0, 0.0, 1.0, float("inf"), float("nan"), True, False, [], {}, (), "")
}

# An argument that has the answer's shape is not constant: its shape is as right as any.
SHAPES = ("shape", "a number", "one number")
DESERVED = {
    ("taylor2", FIRST): ("d = 0: the value itself",),  # f0 is the model of order zero
    ("minibatches", "zeros"): (
        "a list of index arrays",
        "a single example",
        "batches of B, the last one may be short",
    ),  # sizes, and [0] of 1
    ("split", "zeros"): ("three arrays of indices", "sizes"),  # the sizes come from the oracle
    ("grid_configs", "zeros"): ("a list of dicts",),  # so do the names
}


def zeros(value):
    """The same structure and shapes, and nothing but zeros."""
    if isinstance(value, (tuple, list)):
        return type(value)(map(zeros, value))
    if isinstance(value, dict):
        return {name: zeros(v) for name, v in value.items()}
    if isinstance(value, str) or value is None:
        return ""
    value = np.asarray(value)
    return np.zeros(value.shape, value.dtype) if value.ndim else value.dtype.type(0).item()


def stubs(exercise):
    for name, value in CONSTANTS.items():
        yield name, lambda *args, value=value: value
    yield FIRST, lambda *args: args[0]
    yield "zeros like its first argument", lambda *args: np.zeros_like(args[0])
    yield "zeros", lambda *args: zeros(exercise.oracle(*build(fresh(args))))


@pytest.mark.parametrize("name", ALL)
def test_a_trivial_stub_earns_nothing(name):
    for stub, fn in stubs(ALL[name]):
        deserved = DESERVED.get((name, stub), ()) + (SHAPES if stub == FIRST else ())
        for seed in (0, 1):
            report = evaluate(fn, name, seed)
            earned = [c.name for c in report.criteria if c.points and c.name not in deserved]
            assert earned == [], (stub, seed, str(report))


def test_what_ignores_its_arguments_earns_at_most_three_percent_of_the_course(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[2] / "benchmarks"))
    benchmark = import_module("stubs")
    strongest = ("normal numbers", "uniform numbers", "numbers seeded by the shape", "[arange(n)]")
    earned = 0.0
    for exercise in ALL.values():
        fns = [fn for name, fn in benchmark.stubs(exercise) if name in strongest]
        earned += max(evaluate(fn, exercise.id, seed).points for fn in fns for seed in (0, 1))
    assert 0 < earned <= benchmark.GOAL * sum(e.points for e in ALL.values())
