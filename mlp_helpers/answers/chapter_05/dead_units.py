"""Dead units."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import as_float
from ..bank import Bank
from ..draw import case, strided
from .shared import DTYPES, TINY, both_signs, doubles

ZERO = "pre-activations exactly 0"


def _population(rng, N, d, dead, place=0):
    """W1, b1, X whose unit j is dead where `dead` says so.

    The living are awake for all examples, for one only, or for about half of them; the example
    that wakes the first of the second kind stands at row `place`.
    """
    W1, X = rng.standard_normal((len(dead), d)), rng.standard_normal((N, d)) + 0.2
    kind = np.cumsum(~dead) % 3
    X = np.roll(X, place - (X @ W1[np.argmax(~dead & (kind == 1))]).argmax(), axis=0)
    A = np.sort(X @ W1.T, axis=0)
    top, second, low = A[-1], A[-2] if N > 1 else A[-1] - 1.0, A[0]
    living = [-low + 0.2, -0.5 * (top + second), -A[N // 2] + 1e-3]
    b1 = np.where(dead, -top - rng.uniform(0.02, 0.6, len(dead)), np.choose(kind, living))
    return W1, b1, X


def _one_unit(rng, dead):
    """One example, one input, one unit; W1 x alone has the sign of the pre-activation."""
    W1, b1, X = _population(rng, 1, 1, np.array([dead]))
    product = W1 @ X[0]
    return (-W1, b1 + 2 * product, X) if (product[0] > 0) == dead else (W1, b1, X)


def _dead_cases(rng):
    def one(W1, b1, X):
        return case(W1, b1, X, N=len(X), d=X.shape[1], h=len(b1))

    def pattern(h):
        return rng.permutation(np.arange(h) % 3 == 0)

    first = pattern(7)
    W1, b1, X = _population(rng, 11, 7, pattern(5))
    return {
        "generic": [
            one(*_population(rng, 7, 3, pattern(11))),
            one(strided(W1), strided(b1), strided(X)),
            one(*_population(rng, 5, 5, pattern(5), place=-1)),
            one(*_population(rng, 1, 5, pattern(7))),
            one(*_population(rng, 13, 5, pattern(11))),
            one(*_population(rng, 7, 7, pattern(11))),
            one(*_one_unit(rng, True)),
            one(*_one_unit(rng, False)),
            one(*_population(rng, 61, 23, pattern(53))),
        ],
        "zero": [one(*_asleep_at_zero(rng))],
        "barely": [one(*_barely_awake(rng))],
        "dtypes": [one(*_whole_population(rng)), one(*_single_population(rng))],
        "twice": [one(*_population(rng, 5, 3, first)), one(*_population(rng, 5, 3, ~first))],
    }


def _asleep_at_zero(rng):
    """Whole numbers; the largest pre-activation of units 0, 2, 4, 6 is exactly 0."""
    W1 = (rng.integers(1, 4, (7, 3)) * both_signs(rng, 3)) + 0.0
    X = rng.integers(-3, 4, (5, 3)) + 0.0
    top = (X @ W1.T).max(axis=0)
    return W1, -top + (np.arange(7) % 2), X


def _barely_awake(rng):
    """As above, but the largest pre-activation of every second unit is 2^-30, and exact."""
    W1, b1, X = _asleep_at_zero(rng)
    return W1, b1 + np.where(np.arange(7) % 4 == 0, TINY, -0.5), X


def _whole_population(rng):
    """Whole weights and inputs; the biases between them decide by halves."""
    W1, X = rng.integers(-3, 4, (7, 3)), rng.integers(-3, 4, (5, 3))
    return W1, rng.permutation(np.arange(7) % 2 - 0.5) - (X @ W1.T).max(axis=0), X


def _single_population(rng):
    return tuple(a.astype(np.float32) for a in _population(rng, 7, 3, np.arange(5) % 2 == 0))


def _dead_units(W1, b1, X):
    return ~(as_float(X) @ as_float(W1).T + b1 > 0).any(axis=0)


bank = Bank()


EXERCISE = Exercise(
    title="Dead units",
    signature="dead_units(W1, b1, X)",
    returns="dead",
    minutes=6,
    lines=2,
    section="Units that never wake up",
    draw=_dead_cases,
    oracle=_dead_units,
    criteria=(
        shape(0.5),
        value(1.0),
        value(0.5, ZERO, "zero"),
        value(0.25, "barely awake", "barely"),
        value(0.25, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "A unit is dead if no example opens its gate. Which axis of the pre-activations runs "
        "over the examples?",
        "Compute A = X W1^T + b1, shape (N, h). A unit lives if A > 0 for any example; dead is "
        "the opposite of that.",
        "A = X @ W1.T + b1\nreturn ~(A > 0).any(axis=...)",
    ),
    bank=bank,
)


def dead(W1, b1, X):
    W1, b1, X = doubles(W1, b1, X)
    return (X @ W1.T + b1 <= 0).all(axis=0)


@bank.wrong("the units that are alive", "True marks the dead. Which units do you mark?")
def alive(*args):
    return ~dead(*args)


@bank.wrong(
    "units that sleep for some example",
    "Is a unit dead when one example leaves it cold, or when all do?",
)
def ever_asleep(W1, b1, X):
    return (X @ W1.T + b1 <= 0).any(axis=0)


@bank.wrong(
    "one answer per example",
    "Which axis runs over the examples? The answer has one entry per unit.",
)
def over_units(W1, b1, X):
    return (X @ W1.T + b1 <= 0).all(axis=1)


@bank.wrong("a < 0 instead of a <= 0", "At a = 0, does this course call the gate open or closed?")
def strict(W1, b1, X):
    return (X @ W1.T + b1 < 0).all(axis=0)


@bank.wrong(
    "the mean pre-activation",
    "A unit may sleep on average and wake up for one example. Is it dead?",
)
def mean(W1, b1, X):
    return (X @ W1.T + b1).mean(axis=0) <= 0


@bank.wrong("the first example only", "What happens to the other examples?")
def first_example(W1, b1, X):
    return W1 @ X[0] + b1 <= 0


@bank.wrong("a pre-activation without b1", "What is added to W1 x before the ReLU?")
def no_bias(W1, b1, X):
    return dead(W1, 0 * b1, X)


@bank.wrong(
    "a small threshold instead of 0", "A unit that is awake by a hair has a gradient. Is it dead?"
)
def threshold(W1, b1, X):
    W1, b1, X = doubles(W1, b1, X)
    return (X @ W1.T + b1 <= 1e-8).all(axis=0)


@bank.wrong("units with a negative bias", "Can a large W1 x make up for a negative bias?")
def negative_bias(W1, b1, X):
    return np.asarray(b1) < 0


@bank.wrong(
    "the numbers of the dead units", "One boolean per unit was asked for. Which shape is that?"
)
def indices(*args):
    return np.flatnonzero(dead(*args))


@bank.wrong(
    "0 and 1 instead of booleans",
    "Which dtype does the contract ask for, so that ~ and indexing work?",
)
def numbers(*args):
    return dead(*args).astype(int)


@bank.wrong("how many units are dead", "One boolean per unit was asked for. What do you return?")
def count(*args):
    return int(dead(*args).sum())


@bank.right("no positive entry in a column, plain")
def no_positive_entry_in_a_column(W1, b1, X):
    return np.logical_not(np.any(X.dot(W1.T) + b1 > 0, axis=0))


@bank.right("plain NumPy: the precision that came in")
def plain_numpy(W1, b1, X):
    return (X @ W1.T + b1 <= 0).all(axis=0)


@bank.wrong(
    "pre-activations in an array with the dtype of X",
    "An array of whole numbers holds whole numbers. What becomes of 0.5 in it?",
)
def whole_numbers(W1, b1, X):
    A = np.zeros((len(X), len(b1)), dtype=X.dtype)
    A[...] = X @ W1.T + b1
    return (A <= 0).all(axis=0)


@bank.wrong("X -= ..., which changes the caller's array", "Who else holds the array X?")
def changes_argument(W1, b1, X):
    result = dead(W1, b1, X)
    X *= 2
    return result


bank.habits(dead)


@bank.right("the largest pre-activation")
def the_largest_pre_activation(W1, b1, X):
    W1, b1, X = doubles(W1, b1, X)
    return np.max(W1 @ X.T + b1[:, None], axis=1) <= 0


@bank.right("no activation at all")
def no_activation_at_all(W1, b1, X):
    W1, b1, X = doubles(W1, b1, X)
    return np.count_nonzero(np.maximum(X @ W1.T + b1, 0), axis=0) == 0


@bank.right("loops, a list of booleans")
def loops(W1, b1, X):
    W1, b1, X = doubles(W1, b1, X)
    return [not any(w @ x + b > 0 for x in X) for w, b in zip(W1, b1, strict=True)]
