"""Whatever numbers a function returns, it is judged and the report can be drawn."""

import numpy as np
import pytest

from mlp_helpers import evaluate, exercises
from mlp_helpers.checking.compare import Expected, compare, same_answer
from mlp_helpers.checking.values import plain

LARGEST = np.finfo(float).max
ODD = {
    "a whole number of 400 digits": lambda *a: 10**400,
    "beyond 64 bits": lambda *a: [[10**30]],
    "a list of whole numbers of 400 digits": lambda *a: [10**400],
    "half a complex number": lambda *a: complex(np.nan, 1),
    "the largest float": lambda *a: LARGEST,
    "an array of the largest": lambda *a: np.full(np.shape(a[0]), -LARGEST),
    "complex infinities": lambda *a: np.full(np.shape(a[0]), complex(np.inf, np.nan)),
    "a dict": lambda *a: {"a": 10**400, 10**400: LARGEST},
    "a bit of all": lambda *a: (10**400, LARGEST, [[[]]], None),
}


@pytest.mark.parametrize("name", exercises())
def test_odd_numbers_are_wrong_answers(name):
    for kind, function in ODD.items():
        report = evaluate(function, exercise=name, seed=3)
        assert not report.passed, kind
        assert report._repr_html_() and str(report)


def test_whole_numbers_beyond_64_bits_become_floats():
    assert plain((2**63 - 1, -(2**63))) == (2**63 - 1, -(2**63))
    assert plain([10**30, -(10**400), np.uint64(2**64 - 1)]) == [1e30, -np.inf, float(2**64)]


def test_a_message_does_not_grow_with_the_keys_of_an_answer():
    got = {"x" * 10**6: 1.0, "y" * 10**6: 2.0, "a": 1.0}
    message = compare(got, Expected({"a": 1.0})).message
    assert "too many: 'x" in message and len(message) < 200


def test_parts_are_compared_before_their_numbers(monkeypatch):
    monkeypatch.setitem(same_answer.__globals__, "largest", None)  # it goes through all
    for odd in ({str(i): i for i in range(3)}, [1.0] * 3, [[1.0], [2.0]], "text", np.ones(3)):
        assert not same_answer(odd, (1.0, 2.0)) and not same_answer((1.0, 2.0), odd)
