"""Trivial stubs earn nothing, in any exercise."""

from importlib import import_module
from pathlib import Path

import pytest

from autograder.release.check_exercise import of_stubs
from mlp_helpers import evaluate, exercises

ALL = exercises()


@pytest.mark.parametrize("name", ALL)
def test_a_trivial_stub_earns_nothing(name):
    assert list(of_stubs(ALL[name])) == []


def test_what_ignores_its_arguments_earns_at_most_three_percent_of_the_course(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[2] / "benchmarks"))
    benchmark = import_module("stubs")
    strongest = ("normal numbers", "uniform numbers", "numbers seeded by the shape", "[arange(n)]")
    earned = 0.0
    for exercise in ALL.values():
        fns = [fn for name, fn in benchmark.stubs(exercise) if name in strongest]
        earned += max(evaluate(fn, exercise.id, seed).points for fn in fns for seed in (0, 1))
    assert 0 < earned <= benchmark.GOAL * sum(e.points for e in ALL.values())
