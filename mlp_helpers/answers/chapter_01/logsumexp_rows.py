"""Log-sum-exp of every row."""

from __future__ import annotations

import math

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import logsumexp
from ..bank import Bank
from .shared import DTYPES, FAR, HUGE, row_cases

bank = Bank()


EXERCISE = Exercise(
    title="Log-sum-exp of every row",
    signature="logsumexp_rows(F)",
    returns="lse",
    minutes=8,
    lines=3,
    section="The logarithm that does not overflow",
    draw=row_cases,
    oracle=logsumexp,
    criteria=(
        shape(0.5),
        value(0.75),
        value(0.5, HUGE, "huge"),
        value(0.5, FAR, "far"),
        value(0.25, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "Take m out of the sum: each exp(f_k) is exp(m) times something. What does the "
        "logarithm make of the factor exp(m)?",
        "log sum_k exp(f_k) = m + log sum_k exp(f_k - m), with m the largest logit of the "
        "same row. What you subtract inside must be added back outside.",
        "m = F.max(axis=1)                      # shape (N,); m[:, None] lines up with rows\n"
        "return ... + np.log(np.exp(...).sum(axis=1))",
    ),
    bank=bank,
)


@bank.wrong(
    "log(sum(exp(F))) as it is written",
    "What does a computer make of exp(1000), and what can you take out of the sum?",
)
def no_shift(F):
    return np.log(np.exp(np.asarray(F, dtype=float)).sum(axis=1))


@bank.wrong(
    "the maximum subtracted, never added back",
    "Inside the logarithm you divided by exp(m). What does that do outside?",
)
def shift_not_added_back(F):
    F = np.asarray(F, dtype=float)
    return np.log(np.exp(F - F.max(axis=1, keepdims=True)).sum(axis=1))


@bank.wrong(
    "log of the sum of the logits themselves",
    "This is the loss as printed in S0, section 3. What if a row of logits sums to a "
    "negative number?",
)
def no_exp(F):
    return np.log(np.asarray(F, dtype=float).sum(axis=1))


@bank.wrong(
    "the sum of log(exp(f)), which is the sum of f",
    "Is the logarithm of a sum the sum of the logarithms?",
)
def sum_of_logs(F):
    return np.asarray(F, dtype=float).sum(axis=1)


@bank.wrong(
    "the maximum alone", "The maximum is close when one logit stands out. And when two are equal?"
)
def maximum_only(F):
    return np.asarray(F, dtype=float).max(axis=1)


@bank.wrong(
    "one maximum for the whole batch",
    "What is left of exp(f - 900) in a row whose logits lie near -900?",
)
def one_maximum(F):
    F = np.asarray(F, dtype=float)
    m = F.max()
    return m + np.log(np.exp(F - m).sum(axis=1))


@bank.wrong(
    "columns summed instead of rows", "One example is one row. Over which axis do its classes lie?"
)
def columns(F):
    return logsumexp(np.asarray(F, dtype=float).T)


@bank.wrong(
    "the mean inside the logarithm", "By which number does a mean of K terms differ from their sum?"
)
def mean_not_sum(F):
    F = np.asarray(F, dtype=float)
    return logsumexp(F) - np.log(F.shape[1])


@bank.wrong("shape (N, 1)", "One number per row: which shape is that?")
def keeps_a_column(F):
    return logsumexp(np.asarray(F, dtype=float))[:, None]


@bank.wrong("one number for the whole batch", "One number per row: how many should there be?")
def one_total(F):
    return logsumexp(np.asarray(F, dtype=float).ravel())


@bank.wrong(
    "row maxima of shape (N,) under a matrix of shape (N, K)",
    "Broadcasting lines up the last axes. With which axis of F does a vector of length N line up?",
)
def no_keepdims(F):
    m = F.max(axis=1)
    return m + np.log(np.exp(F - m).sum(axis=1))


@bank.wrong(
    "the maximum subtracted outside as well",
    "exp(f - m) is exp(f) / exp(m). Does its logarithm grow or shrink by m when you undo that?",
)
def shift_subtracted_twice(F):
    return logsumexp(np.asarray(F, dtype=float)) - 2 * np.asarray(F, dtype=float).max(axis=1)


@bank.wrong("logarithms to base 2", "exp has one inverse. Which logarithm is it?")
def base_two(F):
    m = F.max(axis=1)
    return m + np.log2(np.exp(F - m[:, None]).sum(axis=1))


@bank.wrong("the sum of exponentials, without the logarithm", "Where is the logarithm?")
def no_log(F):
    return np.exp(np.asarray(F, dtype=float)).sum(axis=1)


for _small in (1e-6, 1e-8, 1e-10):

    @bank.wrong(
        "a small constant inside the logarithm",
        "With the largest exponent equal to 0, can the sum be 0 at all?",
        id=f"epsilon_{_small:g}",
    )
    def epsilon(F, small=_small):
        m = F.max(axis=1)
        return m + np.log(np.exp(F - m[:, None]).sum(axis=1) + small)


@bank.wrong("log(1 + sum exp)", "log1p adds a 1 of its own. Whose logit would that be?")
def log_one_plus(F):
    return np.log1p(np.exp(np.asarray(F, dtype=float)).sum(axis=1))


@bank.wrong("F -= ..., which changes the caller's array", "Who else holds the array F?")
def changes_argument(F):
    if F.dtype != np.float64:
        F = F.astype(float)
    m = F.max(axis=1)
    F -= m[:, None]
    return m + np.log(np.exp(F).sum(axis=1))


@bank.wrong(
    "an output array with the dtype of the logits",
    "np.zeros_like of whole numbers holds whole numbers. What becomes of 0.3 in it?",
)
def stays_integer(F):
    out = np.zeros_like(F[:, 0])
    out[:] = logsumexp(F)
    return out


@bank.right("plain NumPy, in the precision of the input")
def plain_numpy(F):
    return logsumexp(F)


@bank.wrong(
    "an (N, N) array from (N, 1) and (N,)",
    "m has shape (N, 1), the logarithms have shape (N,). What does NumPy make of their sum?",
)
def all_pairs_of_rows(F):
    F = np.asarray(F, dtype=float)
    m = F.max(axis=1, keepdims=True)
    return m + np.log(np.exp(F - m).sum(axis=1))


bank.habits(lambda F: logsumexp(np.asarray(F, dtype=float)))


@bank.right("np.logaddexp.reduce")
def np_logaddexp_reduce(F):
    return np.logaddexp.reduce(np.asarray(F, dtype=float), axis=1)


@bank.right("loops")
def loops(F):
    out = []
    for row in F:
        m = max(map(float, row))
        out.append(m + math.log(sum(math.exp(float(f) - m) for f in row)))
    return np.array(out)


@bank.right("squeeze")
def squeeze(F):
    F = F.astype(float)
    m = F.max(1, keepdims=True)
    return np.squeeze(m + np.log(np.sum(np.exp(F - m), 1, keepdims=True)), axis=1)


@bank.right("as most people write it")
def as_most_people_write_it(F):
    m = F.max(axis=1, keepdims=True)
    return m[:, 0] + np.log(np.exp(F - m).sum(axis=1))


@bank.right("np.logaddexp.reduce, as it stands")
def np_logaddexp_reduce_(F):
    return np.logaddexp.reduce(F, axis=1)
