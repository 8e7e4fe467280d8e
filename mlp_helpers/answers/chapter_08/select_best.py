"""Take the smallest, ignore runs that diverged."""

from __future__ import annotations

import math

import numpy as np

from ...checking.criteria import shape, stable, value
from ...checking.exercise import Exercise
from ...reference import regularisation as reference
from ..bank import Bank
from ..draw import case, strided
from .shared import double


def _select_cases(rng):
    def one(errors):
        return case(np.asarray(errors), n=len(errors))

    def errors(n):
        return rng.permutation(np.linspace(0.11, 0.83, n))

    def gone(n, *, lost=np.nan, first=False):
        values = errors(n)
        spots = np.setdiff1d(rng.permutation(n), [values.argmin()])[: n // 3]
        values[spots] = lost
        if first:
            values = np.concatenate([[lost], values])
        return one(values)

    tied = np.array([0.4, 0.2, 0.3, 0.2, 0.2, 0.5])
    return {
        "generic": [
            one(errors(7)),
            one(strided(errors(11))),
            one(errors(3) - 0.5),
            one(errors(5)),
            one(100 + 3 * errors(13)),
            one(3e5 + errors(17)),
            one(1e200 * errors(19)),
            one(-7e6 * errors(23)),
            one(errors(211)),
            one([0.3]),
        ],
        "nan": [
            gone(11),
            gone(7, first=True),
            one([np.nan, np.nan, 0.3]),
            one([0.2, np.nan]),
            gone(13, first=True),
            one([np.nan, 0.0, 0.4]),
            one([0.0, np.nan, 0.4]),
            one([2.5, np.nan, 1.7, 3.0]),
        ],
        "inf": [gone(11, lost=np.inf), one([np.inf, np.nan, 0.7, 0.9])],
        "ties": [one(tied), one(np.array([np.nan, 0.3, 0.1, 0.1])), one(np.array([3, 2, 2]))],
        "twice": [one([0.3, 0.1, 0.2]), one([0.3, 0.2, 0.1])],
    }


bank = Bank()


EXERCISE = Exercise(
    title="Take the smallest, ignore runs that diverged",
    signature="select_best(val_errors)",
    returns="index",
    minutes=4,
    lines=1,
    section="Choose by validation",
    draw=_select_cases,
    oracle=reference.select_best,
    criteria=(
        shape(0.25, "one whole number"),
        value(0.5),
        value(0.5, "runs that diverged (NaN)", "nan"),
        value(0.25, "infinite errors", "inf"),
        value(0.25, "the first of ties", "ties"),
        stable(0.25),
    ),
    hints=(
        "What does np.argmin return when one of the numbers is NaN? Try it.",
        "A NaN must never win. np.nanargmin leaves NaN out; replacing NaN by infinity does so too.",
        "return int(np....(val_errors))",
    ),
    bank=bank,
)


def best_of(val_errors):
    return int(np.nanargmin(double(val_errors)))


@bank.wrong(
    "np.argmin, for which NaN is the smallest", "What does np.argmin return when an entry is NaN?"
)
def nan_wins(val_errors):
    return int(np.argmin(val_errors))


@bank.wrong(
    "min() over a list with NaN in it",
    "min keeps its first number unless a later one is smaller. What is smaller than NaN?",
)
def python_min(val_errors):
    values = list(val_errors)
    return min(range(len(values)), key=values.__getitem__)


@bank.wrong("NaN replaced by 0", "Is a run that diverged a run without errors?")
def nan_to_zero(val_errors):
    return int(np.argmin(np.nan_to_num(double(val_errors))))


@bank.wrong(
    "NaN dropped first, so that the index is another one",
    "Which position has the winner in the list that came in?",
)
def nan_dropped(val_errors):
    values = double(val_errors)
    return int(np.argmin(values[~np.isnan(values)]))


@bank.wrong("the largest error", "Is a large error good?")
def largest(val_errors):
    return int(np.nanargmax(double(val_errors)))


@bank.wrong(
    "a smallest error that begins at a fixed number",
    "Which errors can be larger than the number you begin with?",
)
def begins_at_a_number(val_errors):
    index, smallest = 0, 1e5
    for i, error in enumerate(val_errors):
        if error < smallest:
            index, smallest = i, error
    return index


@bank.wrong("the smallest error itself", "Was the error asked for, or its index?")
def value_(val_errors):
    return float(np.nanmin(double(val_errors)))


@bank.wrong("the last of ties", "Which of equal errors does the contract ask for?")
def last_of_ties(val_errors):
    values = double(val_errors)
    return int(np.flatnonzero(values == np.nanmin(values))[-1])


@bank.wrong("the indices of all ties, as an array", "How many indices were asked for?")
def all_of_ties(val_errors):
    values = double(val_errors)
    return np.flatnonzero(values == np.nanmin(values))


@bank.wrong("the whole ranking", "How many indices were asked for?")
def order(val_errors):
    return np.argsort(val_errors)


@bank.wrong("counted from 1", "What is the index of the first entry?")
def from_one(val_errors):
    return best_of(val_errors) + 1


@bank.wrong("the error nearest to 0, whatever its sign", "Which number is the smallest?")
def by_size(val_errors):
    return int(np.nanargmin(np.abs(val_errors)))


@bank.wrong("an error of 0 taken for a failed run", "Can a run have no errors at all?")
def zero_means_failed(val_errors):
    values = double(val_errors)
    return int(np.nanargmin(np.where(values == 0, np.nan, values)))


@bank.wrong(
    "infinite errors replaced by a small number", "Is an infinite error better than a finite one?"
)
def infinity_wins(val_errors):
    return int(np.nanargmin(np.where(np.isinf(val_errors), -1.0, val_errors)))


@bank.wrong("NaN replaced by 1.0", "Are all errors below 1? What if the validation loss is 2?")
def large_number_for_nan(val_errors):
    return int(np.argmin(np.nan_to_num(double(val_errors), nan=1.0)))


bank.habits(best_of, array=False)


@bank.right("NaN replaced by infinity")
def nan_replaced_by_infinity(val_errors):
    values = np.array(val_errors, dtype=float)
    return np.argmin(np.where(np.isnan(values), np.inf, values))


@bank.right("a loop")
def a_loop(val_errors):
    best = None
    for i, v in enumerate(val_errors):
        if v == v and (best is None or v < val_errors[best]):
            best = i
    return best


@bank.right("NumPy sorts NaN to the end")
def numpy_sorts_nan_to_the_end(val_errors):
    return int(np.argsort(double(val_errors), kind="stable")[0])


@bank.right("min() over pairs without NaN")
def min_over_pairs_without_nan(val_errors):
    return min((float(v), i) for i, v in enumerate(val_errors) if not math.isnan(v))[1]
