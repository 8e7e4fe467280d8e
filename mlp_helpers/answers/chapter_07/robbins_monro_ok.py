"""A rule for powers."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, value
from ...checking.exercise import Exercise
from ..bank import Bank
from ..draw import case
from .shared import wrong


def _delta_cases(rng):
    hair = 2.0**-40
    inside = [float(rng.uniform(0.56, 0.74)), float(rng.uniform(0.76, 0.95))]
    outside = [float(rng.uniform(0.05, 0.45)), float(rng.uniform(1.05, 1.9)), -inside[0]]
    return {
        "generic": [case(d) for d in (*inside, *outside)],
        "half": [case(0.5)],
        "one": [case(1.0)],
        "near": [case(d) for d in (0.5 + hair, 0.5 - hair, 1.0 + hair, 1.0 - hair)],
        "whole": [case(d) for d in (0, 1, 2)],
    }


def _robbins_monro_ok(delta):
    return bool(0.5 < delta <= 1)


bank = Bank()


EXERCISE = Exercise(
    title="A rule for powers",
    signature="robbins_monro_ok(delta)",
    returns="the answer",
    minutes=5,
    lines=1,
    section="How fast may the rate fall?",
    draw=_delta_cases,
    oracle=_robbins_monro_ok,
    criteria=(
        shape(0.25, "True or False"),
        value(0.75),
        value(0.25, "delta = 1/2", "half", needs_value=True),
        value(0.25, "delta = 1", "one", needs_value=True),
        value(0.25, "a hair beside 1/2 and 1", "near"),
        value(0.25, "whole numbers", "whole"),
    ),
    hints=(
        "For which exponents does the sum of 1/t^s diverge, for which does it converge? Apply "
        "that to delta and to 2 delta.",
        "The sum of 1/t^s is infinite for s <= 1 and finite for s > 1. You need delta <= 1 "
        "and 2 delta > 1.",
        "return bool(... < delta <= ...)",
    ),
    bank=bank,
)


FALL = "How fast may the rate fall?"


wrong_fall = wrong(bank, FALL)


wrong_fall(
    "half_included",
    "1/2 <= delta",
    "At delta = 1/2 the squares are 1/t. Is their sum finite?",
    lambda delta: bool(0.5 <= delta <= 1),
)


wrong_fall(
    "one_excluded",
    "delta < 1",
    "At delta = 1 the rates are 1/t. Is their sum infinite?",
    lambda delta: bool(0.5 < delta < 1),
)


wrong_fall(
    "only_the_sum",
    "the first condition only",
    "A constant rate passes your test. Is the sum of its squares finite?",
    lambda delta: bool(delta <= 1),
)


wrong_fall(
    "only_the_squares",
    "the second condition only",
    "Rates 1/t^3 pass your test. How far can they carry you?",
    lambda delta: bool(delta > 0.5),
)


wrong_fall(
    "negated",
    "the conditions the wrong way round",
    "For which of the two sums is infinity good?",
    lambda delta: not 0.5 < delta <= 1,
)


wrong_fall(
    "halves_swapped",
    "0 < delta < 1/2",
    "The squares are t^(-2 delta). Does doubling delta make the sum smaller or larger?",
    lambda delta: bool(0 < delta <= 0.5),
)


wrong_fall(
    "squares_one_to_two",
    "1 < delta <= 2: the bounds for 2 delta",
    "Is the bound for delta or for 2 delta?",
    lambda delta: bool(1 < delta <= 2),
)


wrong_fall(
    "positive",
    "any positive delta up to 1",
    "At delta = 0.3 the squares are t^-0.6. Is their sum finite?",
    lambda delta: bool(0 < delta <= 1),
)


wrong_fall(
    "absolute",
    "|delta|",
    "What do the rates do when delta is negative?",
    lambda delta: bool(0.5 < abs(delta) <= 1),
)


wrong_fall("always", "True for every delta", "Which two sums did you look at?", lambda delta: True)


wrong_fall("never", "False for every delta", "Which two sums did you look at?", lambda delta: False)


wrong_fall(
    "loose",
    "bounds with a tolerance",
    "delta = 1/2 + 10^-12 converges, delta = 1/2 does not. Can a tolerance be right?",
    lambda delta: bool(0.5 + 1e-9 < delta <= 1 + 1e-9),
)


wrong_fall(
    "number",
    "1 or 0 instead of True or False",
    "The contract asks for a bool. What do you return?",
    lambda delta: int(0.5 < delta <= 1),
)


wrong_fall(
    "array",
    "an array of one boolean",
    "The contract asks for one answer. Which shape has yours?",
    lambda delta: np.array([0.5 < delta <= 1]),
)


wrong_fall(
    "three_quarters",
    "3/4 in the place of 1/2",
    "2 delta > 1: what does that say about delta?",
    lambda delta: bool(0.75 < delta <= 1),
)


wrong_fall(
    "floats_only",
    "False for whole numbers",
    "Is 1 less of a number than 1.0?",
    lambda delta: isinstance(delta, float) and 0.5 < delta <= 1,
)


wrong_fall(
    "no_whole_numbers",
    "an error for whole numbers",
    "Is 1 less of a number than 1.0?",
    lambda delta: not delta.is_integer() and 0.5 < delta <= 1 or delta == 1.0,
)


@bank.right("two conditions")
def two_conditions(delta):
    diverges, squares_converge = delta <= 1, 2 * delta > 1
    return diverges and squares_converge


@bank.right("if and return")
def if_and_return(delta):
    if delta > 1.0:
        return False
    return not delta <= 0.5


@bank.right("a NumPy boolean")
def a_numpy_boolean(delta):
    return np.logical_and(np.greater(delta, 0.5), np.less_equal(delta, 1))
