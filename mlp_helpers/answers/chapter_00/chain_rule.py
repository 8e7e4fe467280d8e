"""Sum over paths."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ..bank import Bank
from ..draw import case, single, strided
from .shared import DTYPES, small_whole


def _chain_cases(rng):
    def one(n, m, draw=lambda *shape: rng.standard_normal(shape) + 0.4):
        return case(draw(n), draw(n, m), n=n, m=m)

    view = one(3, 7)
    return {
        "generic": [
            one(5, 3),
            replace(view, args=tuple(map(strided, view.args))),
            one(5, 5),
            one(2, 11),
            one(2, 2),
            one(53, 61),
            one(3, 2, lambda *shape: 1e6 * rng.standard_normal(shape)),
        ],
        "single": [one(1, 5), one(7, 1), one(1, 1)],
        "dtypes": [
            one(5, 3, lambda *shape: small_whole(rng, *shape)),
            one(3, 5, lambda *shape: single(rng, *shape)),
        ],
        "twice": [one(5, 3), one(5, 3)],
    }


def _chain_rule(dp_dq, dq_da):
    return np.asarray(dp_dq, dtype=float) @ np.asarray(dq_da, dtype=float)


bank = Bank()


EXERCISE = Exercise(
    title="Sum over paths",
    signature="chain_rule(dp_dq, dq_da)",
    returns="dp/da",
    minutes=6,
    lines=1,
    draw=_chain_cases,
    oracle=_chain_rule,
    criteria=(
        shape(0.5),
        value(1.25),
        value(0.25, "one path, or one input", "single"),
        value(0.5, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "For one input a_j: how many paths lead from a_j to p, and what does each of them "
        "contribute?",
        "dp/da_j is the sum over i of dp/dq_i times dq_i/da_j. The index that is summed is the "
        "first one of dq_da.",
        "return dp_dq @ ...     # one number per input",
    ),
    bank=bank,
)


@bank.wrong("dq_da @ dp_dq", "Which index is summed, and is it the first or the second of dq_da?")
def wrong_order(dp_dq, dq_da):
    return np.asarray(dq_da, dtype=float) @ np.asarray(dp_dq, dtype=float)


@bank.wrong(
    "the wrong order where it fits, the right one elsewhere",
    "For n = m both orders have a result. Are they the same?",
)
def square_only(dp_dq, dq_da):
    dp_dq, dq_da = np.asarray(dp_dq, dtype=float), np.asarray(dq_da, dtype=float)
    return dq_da @ dp_dq if dq_da.shape[0] == dq_da.shape[1] else dp_dq @ dq_da


@bank.wrong(
    "the products, not added up", "p feels a through all paths. How do their contributions combine?"
)
def no_sum(dp_dq, dq_da):
    return np.asarray(dp_dq, dtype=float)[:, None] * np.asarray(dq_da, dtype=float)


@bank.wrong(
    "dp_dq * dq_da, which lines dp_dq up with the inputs",
    "Broadcasting lines up the last axes. Which axis of dq_da counts the paths?",
)
def no_column(dp_dq, dq_da):
    return dp_dq * dq_da


@bank.wrong(
    "(dp_dq * dq_da).sum(axis=0), with dp_dq lined up with the inputs",
    "Broadcasting lines up the last axes. Which axis of dq_da counts the paths?",
)
def no_column_summed(dp_dq, dq_da):
    return (dp_dq * dq_da).sum(axis=0)


@bank.wrong(
    "everything added up", "How many inputs are there, and how many entries has your answer?"
)
def one_total(dp_dq, dq_da):
    return (np.asarray(dp_dq, dtype=float) @ np.asarray(dq_da, dtype=float)).sum()


@bank.wrong(
    "a sum over the inputs instead of the paths",
    "How many inputs are there, and how many entries has your answer?",
)
def sums_over_inputs(dp_dq, dq_da):
    return (np.asarray(dp_dq, dtype=float)[:, None] * np.asarray(dq_da, dtype=float)).sum(axis=1)


@bank.wrong(
    "the mean over paths instead of the sum",
    "Two equal paths: is the effect the same as of one, or twice as large?",
)
def mean(dp_dq, dq_da):
    return (np.asarray(dp_dq, dtype=float)[:, None] * np.asarray(dq_da, dtype=float)).mean(axis=0)


@bank.wrong("the first path alone", "Through how many q's does a reach p?")
def first_path(dp_dq, dq_da):
    return float(dp_dq[0]) * np.asarray(dq_da[0], dtype=float)


@bank.wrong("a loop that overwrites instead of adding", "Is it = or += in your loop?")
def last_path(dp_dq, dq_da):
    return float(dp_dq[-1]) * np.asarray(dq_da[-1], dtype=float)


@bank.wrong(
    "the paths multiplied with each other",
    "Along a path you multiply. What do you do with different paths?",
)
def product_over_paths(dp_dq, dq_da):
    return np.prod(np.asarray(dp_dq, dtype=float)[:, None] * np.asarray(dq_da, dtype=float), axis=0)


@bank.wrong(
    "the slopes added along a path instead of multiplied",
    "q moves by 3 for each unit of a, and p by 2 for each unit of q. How far does p move?",
)
def sums_added(dp_dq, dq_da):
    return (np.asarray(dp_dq, dtype=float)[:, None] + np.asarray(dq_da, dtype=float)).sum(axis=0)


@bank.wrong("dp/dq left out", "What if p does not depend on one of the q's at all?")
def inner_only(dp_dq, dq_da):
    return np.asarray(dq_da, dtype=float).sum(axis=0)


@bank.wrong(
    "the sum of all dp/dq times the sum of all dq/da",
    "Is a sum of products the product of the sums?",
)
def total_times_total(dp_dq, dq_da):
    return np.sum(dp_dq, dtype=float) * np.sum(dq_da, axis=0, dtype=float)


@bank.wrong("the wrong sign", "Two positive slopes: which sign has the slope of the chain?")
def sign(dp_dq, dq_da):
    return -(np.asarray(dp_dq, dtype=float) @ np.asarray(dq_da, dtype=float))


@bank.wrong("shape (1, m)", "How many axes has a gradient with respect to m inputs?")
def keeps_a_row(dp_dq, dq_da):
    return (np.asarray(dp_dq, dtype=float) @ np.asarray(dq_da, dtype=float))[None]


@bank.wrong(
    "axes of length 1 left out",
    "There is one input. Is its gradient a number or a vector of one entry?",
)
def squeezed(dp_dq, dq_da):
    return np.squeeze(np.asarray(dp_dq, dtype=float) @ np.asarray(dq_da, dtype=float))


@bank.wrong("numbers in float32", "float32 keeps seven digits. Where does the precision get lost?")
def single_precision(dp_dq, dq_da):
    return np.asarray(dp_dq, dtype=np.float32) @ np.asarray(dq_da, dtype=np.float32)


@bank.right("plain NumPy")
def plain_numpy(dp_dq, dq_da):
    return dp_dq @ dq_da


@bank.wrong("dq_da *= ..., which changes the caller's array", "Who else holds the array dq_da?")
def changes_argument(dp_dq, dq_da):
    if dq_da.dtype != np.float64:
        dp_dq, dq_da = dp_dq.astype(float), dq_da.astype(float)
    dq_da *= dp_dq[:, None]
    return dq_da.sum(axis=0)


bank.habits(lambda p, q: np.asarray(p, dtype=float) @ np.asarray(q, dtype=float))


@bank.right("two loops")
def two_loops(dp_dq, dq_da):
    n, m = dq_da.shape
    out = [0.0] * m
    for j in range(m):
        for i in range(n):
            out[j] += float(dp_dq[i]) * float(dq_da[i, j])
    return out


@bank.right("a column, then a sum, as it stands")
def a_column(dp_dq, dq_da):
    return (dp_dq[:, None] * dq_da).sum(axis=0)


@bank.right("dq_da transposed, as it stands")
def dq_da_transposed(dp_dq, dq_da):
    return dq_da.T.dot(dp_dq)


@bank.right("einsum")
def einsum(dp_dq, dq_da):
    return np.einsum("i,ij->j", dp_dq.astype(float), dq_da.astype(float))


@bank.right("transposed and multiplied")
def transposed_and_multiplied(dp_dq, dq_da):
    return np.array(dq_da, dtype=float).T @ np.array(dp_dq, dtype=float)


@bank.right("broadcast and summed")
def broadcast_and_summed(dp_dq, dq_da):
    return (np.float64(dp_dq)[:, np.newaxis] * np.float64(dq_da)).sum(0)
