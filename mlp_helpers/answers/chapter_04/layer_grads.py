"""The gradient of one layer's parameters."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import own_memory, shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.gradcheck import complex_step_jacobian
from ..bank import Bank
from ..draw import case, single, strided, whole
from .shared import DTYPES, real


def _layer_cases(rng):
    def one(delta, h):
        return case(delta, h, d_m=len(delta), d_below=len(h))

    def draw(*n):
        return rng.standard_normal(n)

    return {
        "generic": [
            one(draw(5), draw(3)),
            one(strided(draw(3)), strided(draw(7))),
            one(draw(5), draw(5) + 1.0),
            one(draw(11), draw(2)),
        ],
        "one": [one(draw(1), draw(5)), one(draw(7), draw(1))],
        "dtypes": [one(whole(rng, 5), whole(rng, 3)), one(single(rng, 3), single(rng, 7))],
        "twice": [one(draw(5), draw(3)), one(draw(5), draw(3))],
    }


def _layer_grads(delta, h_prev):
    """From the loss delta . (W h + b), differentiated by complex step."""
    delta, h = np.asarray(delta, dtype=float), np.asarray(h_prev, dtype=float)
    W, b = np.zeros((len(delta), len(h))), np.zeros(len(delta))
    return (
        complex_step_jacobian(lambda W: delta @ (W @ h), W),
        complex_step_jacobian(lambda b: delta @ b, b),
    )


bank = Bank()


EXERCISE = Exercise(
    title="The gradient of one layer's parameters",
    signature="layer_grads(delta, h_prev)",
    returns=("dW", "db"),
    minutes=6,
    lines=2,
    section="What a layer needs for its own gradient",
    draw=_layer_cases,
    oracle=_layer_grads,
    criteria=(
        shape(0.25),
        value(0.5),
        value(0.25, "layers of one unit", "one"),
        value(0.25, DTYPES, "dtypes"),
        own_memory(0.25, "db is an array of its own"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "W_ij multiplies h_j and adds to z_i. By how much does the loss change when W_ij "
        "moves, if delta_i says how it changes with z_i?",
        "dW_ij = delta_i h_j for all pairs i, j: which product of two vectors holds all "
        "products of their entries? For b the factor h_j is 1.",
        "return np.outer(..., ...), delta....",
    ),
    bank=bank,
)


@bank.wrong("h delta^T, the transpose", "dW has the shape of W: which index runs along its rows?")
def transposed(delta, h_prev):
    return np.outer(real(h_prev), real(delta)), real(delta).copy()


@bank.wrong(
    "a product summed to one number, spread over W", "dW_ij = delta_i h_j. Is anything summed?"
)
def inner_product(delta, h_prev):
    n = min(len(delta), len(h_prev))
    s = float(real(delta)[:n] @ real(h_prev)[:n])
    return np.full((len(delta), len(h_prev)), s), real(delta).copy()


@bank.wrong(
    "delta * h, which needs equal lengths",
    "delta belongs to this layer, h to the one below. How many pairs (i, j) are there?",
)
def elementwise(delta, h_prev):
    return real(delta) * real(h_prev), real(delta).copy()


@bank.wrong("delta itself returned as db", "If the caller scales db, what else changes?")
def shares_delta(delta, h_prev):
    return np.outer(real(delta), real(h_prev)), real(delta)


@bank.wrong(
    "the bias gradient multiplied by h", "z_i = b_i + sum_j W_ij h_j. By what is b_i multiplied?"
)
def bias_with_h(delta, h_prev):
    return np.outer(real(delta), real(h_prev)), real(delta) * real(h_prev).sum()


@bank.wrong(
    "the bias gradient summed over units",
    "There is one example here and d_m biases. What would you sum over?",
)
def bias_summed(delta, h_prev):
    return np.outer(real(delta), real(h_prev)), np.sum(real(delta))


@bank.wrong(
    "the opposite sign",
    "This is the gradient itself. Which step of training brings the minus sign?",
)
def sign(delta, h_prev):
    return -np.outer(real(delta), real(h_prev)), -real(delta)


@bank.wrong("db = 1", "dz_i/db_i is 1. By what is it multiplied to give dl/db_i?")
def ones(delta, h_prev):
    return np.outer(real(delta), real(h_prev)), np.ones(len(delta))


@bank.wrong("db of shape (d_m, 1)", "What shape has b?")
def column(delta, h_prev):
    return np.outer(real(delta), real(h_prev)), real(delta)[:, None].copy()


@bank.wrong("(db, dW)", "Which of the two does the contract name first?")
def swapped(delta, h_prev):
    return real(delta).copy(), np.outer(real(delta), real(h_prev))


@bank.wrong(
    "delta @ h^T of vectors without a second axis",
    "Transposing a vector of shape (n,) changes nothing. Which function forms all products "
    "of pairs?",
)
def matrix_product(delta, h_prev):
    return real(delta) @ real(h_prev).T, real(delta).copy()


@bank.wrong("an average over the units", "Where does the formula divide?")
def mean(delta, h_prev):
    return np.outer(real(delta), real(h_prev)) / len(delta), real(delta) / len(delta)


@bank.right("in the precision of its arguments")
def in_the_precision_of_its_arguments(delta, h_prev):
    return np.outer(delta, h_prev), delta.copy()


@bank.wrong(
    "axes of length 1 removed",
    "A layer of one unit still has a matrix of weights. What is its shape?",
)
def squeezed(delta, h_prev):
    return np.squeeze(np.outer(real(delta), real(h_prev))), real(delta).copy()


@bank.wrong("delta scaled in place", "Who else holds the array delta?")
def changes_argument(delta, h_prev):
    dW, db = np.outer(real(delta), real(h_prev)), real(delta).copy()
    if delta.dtype == float:
        delta *= 0
    return dW, db


bank.habits(lambda d, h: (np.outer(real(d), real(h)), real(d).copy()))


@bank.right("loops")
def loops(delta, h_prev):
    dW = np.zeros((len(delta), len(h_prev)))
    for i, d in enumerate(delta):
        for j, h in enumerate(h_prev):
            dW[i, j] = float(d) * float(h)
    return dW, np.array([float(d) for d in delta])


@bank.right("broadcasting")
def broadcasting(delta, h_prev):
    delta = np.array(delta, dtype=float)
    return delta[:, None] * np.array(h_prev, dtype=float)[None, :], delta


@bank.right("columns times rows, lists")
def columns_times_rows(delta, h_prev):
    d = np.asarray(delta, dtype=float).reshape(-1, 1)
    return [d @ np.asarray(h_prev, dtype=float).reshape(1, -1), d.ravel().tolist()]
