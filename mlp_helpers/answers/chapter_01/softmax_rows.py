"""Softmax of every row."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import softmax
from ..bank import Bank
from .shared import DTYPES, FAR, HUGE, STABLE, columns_summed, row_cases

bank = Bank()


EXERCISE = Exercise(
    title="Softmax of every row",
    signature="softmax_rows(Z)",
    returns="S",
    minutes=8,
    lines=3,
    section="A whole batch, row by row",
    draw=row_cases,
    oracle=softmax,
    criteria=(
        shape(0.5),
        value(0.75),
        value(0.25, HUGE, "huge"),
        value(0.5, FAR, "far"),
        value(0.25, "an empty batch (N = 0)", "empty", needs_value=True),
        value(0.25, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "Each row is a vector of logits of its own. Over which axis do you take the maximum "
        "and the sum, and what shape must they have to line up with Z again?",
        "axis=1 runs along a row. keepdims=True keeps the shape (N, 1), which broadcasts "
        "against (N, K); without it (N,) lines up with the columns.",
        "E = np.exp(Z - Z.max(axis=..., keepdims=...))\nreturn E / E.sum(axis=..., keepdims=...)",
    ),
    bank=bank,
)


@bank.wrong(
    "columns that sum to 1 instead of rows",
    "One example is one row. Along which axis do its classes lie?",
)
def columns(Z):
    Z = np.asarray(Z, dtype=float)
    E = np.exp(Z - Z.max(axis=0, keepdims=True)) if Z.size else Z
    return E / E.sum(axis=0, keepdims=True)


@bank.wrong(
    "exponentials divided by the totals of the columns",
    "Which entries should sum to 1: those of a row, or those of a column?",
)
def columns_summed_(Z):
    return columns_summed(Z)


@bank.wrong(
    "all entries divided by one total", "How many rows should sum to 1: all together, or each?"
)
def one_total(Z):
    E = np.exp(np.asarray(Z, dtype=float))
    return E / E.sum()


@bank.wrong(
    "row sums of shape (N,) under a matrix of shape (N, K)",
    "Broadcasting lines up the last axes. With which axis of Z does a vector of length N line up?",
)
def no_keepdims(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1)


@bank.wrong(
    "row maxima of shape (N,) under a matrix of shape (N, K)",
    "Broadcasting lines up the last axes. With which axis of Z does a vector of length N line up?",
)
def maximum_without_axis_kept(Z):
    E = np.exp(Z - Z.max(axis=1))
    return E / E.sum(axis=1, keepdims=True)


@bank.wrong(
    "row sums of shape (N,) under a matrix of shape (N, K), and no shift row by row",
    "Broadcasting lines up the last axes. With which axis of Z does a vector of length N line up?",
)
def no_keepdims_one_shift(Z):
    E = np.exp(Z - Z.max(initial=-np.inf))
    return E / E.sum(axis=1)


@bank.wrong(
    "row maxima and row sums of shape (N,) under a matrix of shape (N, K)",
    "Broadcasting lines up the last axes. With which axis of Z does a vector of length N line up?",
)
def no_keepdims_at_all(Z):
    E = np.exp(Z - Z.max(axis=1))
    return E / E.sum(axis=1)


@bank.wrong(
    "the shift above the fraction bar only",
    "You divided each exponential above by exp(m). What has to happen below?",
    reread=STABLE,
)
def shifted_above_only(Z):
    return np.exp(Z - Z.max(axis=1, keepdims=True)) / np.exp(Z).sum(axis=1, keepdims=True)


@bank.wrong(
    "exp(-z)",
    "Which logit should get the largest probability, the largest or the smallest?",
    reread=STABLE,
)
def sign(Z):
    return softmax(-np.asarray(Z, dtype=float))


@bank.wrong("exp(z - max) without the division", "What should each row sum to?")
def not_normalised(Z):
    return np.exp(Z - Z.max(axis=1, keepdims=True, initial=-np.inf))


@bank.wrong(
    "Z divided by its row sums", "What if a logit is negative: can a probability be?", reread=STABLE
)
def no_exp(Z):
    return Z / Z.sum(axis=1, keepdims=True)


for _small in (1e-8, 1e-9, 1e-10):

    @bank.wrong(
        "a small constant added to the denominator",
        "With the largest exponent equal to 0, can the denominator be 0 at all?",
        id=f"epsilon_{_small:g}",
        reread=STABLE,
    )
    def epsilon(Z, small=_small):
        E = np.exp(Z - Z.max(axis=1, keepdims=True))
        return E / (E.sum(axis=1, keepdims=True) + small)


@bank.wrong(
    "exp of the logits as they come", "What does a computer make of exp(1000)?", reread=STABLE
)
def no_shift(Z):
    E = np.exp(np.asarray(Z, dtype=float))
    return E / E.sum(axis=1, keepdims=True)


@bank.wrong(
    "one maximum for the whole batch",
    "If one row has a logit of 900 and another only ones near -900, what is left of the "
    "second after subtracting 900?",
)
def one_maximum(Z):
    Z = np.asarray(Z, dtype=float)
    E = np.exp(Z - Z.max(initial=-np.inf))
    return E / E.sum(axis=1, keepdims=True)


@bank.wrong(
    "the maximum of each column subtracted",
    "Which shift leaves a row's probabilities unchanged: one number per row, or one per column?",
)
def shift_per_column(Z):
    Z = np.asarray(Z, dtype=float)
    E = np.exp(Z - Z.max(axis=0, initial=-np.inf))
    return E / E.sum(axis=1, keepdims=True)


@bank.wrong("a loop that returns inside its first round", "How far is the `return` indented?")
def first_row_only(Z):
    out = np.zeros(Z.shape)
    for n, z in enumerate(Z):
        out[n] = softmax(z)
        return out
    return out


@bank.wrong(
    "a step that needs at least one row",
    "A filter may leave no example at all. Which of your steps needs one? What does it "
    "make of an empty batch?",
)
def empty_batch(Z):
    return np.stack([softmax(np.asarray(z, dtype=float)) for z in Z])


@bank.wrong("the batch transposed", "Which shape comes in, which goes out?")
def transposed(Z):
    return softmax(np.asarray(Z, dtype=float)).T


@bank.wrong("Z -= ..., which changes the caller's array", "Who else holds the array Z?")
def changes_argument(Z):
    if Z.dtype != np.float64:
        Z = Z.astype(float)
    Z -= Z.max(axis=1, keepdims=True)
    E = np.exp(Z)
    return E / E.sum(axis=1, keepdims=True)


@bank.wrong(
    "an output array with the dtype of the logits",
    "np.zeros_like(Z) of whole numbers holds whole numbers. What becomes of 0.3 in it?",
)
def stays_integer(Z):
    out = np.zeros_like(Z)
    for n, z in enumerate(Z):
        out[n] = softmax(np.asarray(z, dtype=float))
    return out


@bank.right("plain NumPy, in the precision of the input")
def plain_numpy(Z):
    return softmax(Z)


bank.habits(lambda Z: softmax(np.asarray(Z, dtype=float)))


@bank.right("a loop over rows")
def a_loop_over_rows(Z):
    out = np.empty(Z.shape)
    for n in range(Z.shape[0]):
        e = np.exp(Z[n].astype(float) - float(Z[n].max()))
        out[n] = e / e.sum()
    return out


@bank.right("transposed and back, einsum")
def transposed_and_back(Z):
    E = np.exp(Z.astype(float).T - Z.astype(float).max(axis=1))
    return np.einsum("kn,n->nk", E, 1.0 / E.sum(axis=0))


@bank.right("through log-sum-exp")
def through_log_sum_exp(Z):
    Z = np.array(Z, dtype=np.float64)
    m = np.max(Z, axis=1, keepdims=True)
    return np.exp(Z - m - np.log(np.exp(Z - m).sum(1, keepdims=True)))


@bank.right("as most people write it")
def as_most_people_write_it(Z):
    E = np.exp(Z - np.max(Z, axis=1, keepdims=True))
    return E / np.sum(E, axis=1, keepdims=True)


@bank.right("[:, None], as it stands")
def plain(Z):
    E = np.exp(Z - Z.max(1)[:, None])
    return E / E.sum(1)[:, None]


@bank.right("a loop into np.zeros(Z.shape)")
def a_loop_into_np_zeros(Z):
    out = np.zeros(Z.shape)
    for n, z in enumerate(Z):
        e = np.exp(z - z.max())
        out[n] = e / e.sum()
    return out
