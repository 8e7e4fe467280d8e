"""The negative log-likelihood."""

from __future__ import annotations

import math

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import logsumexp, softmax
from ...reference.losses import nll_per_example
from ..bank import Bank
from .shared import DTYPES, FAR, HUGE, LABELS, ROWS, SMALL, batch_cases, hot, picked, right_loss


def _nll(F, y):
    return float(nll_per_example(F, y).sum())


bank = Bank()


EXERCISE = Exercise(
    title="The negative log-likelihood",
    signature="nll(F, y)",
    returns="loss",
    minutes=10,
    lines=3,
    section="The loss, from logits",
    draw=batch_cases,
    oracle=_nll,
    criteria=(
        shape(0.5, "one number"),
        value(1.25),
        value(0.75, HUGE, "huge"),
        value(0.5, FAR, "far"),
        value(0.5, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "Write -log softmax(f)_y as a difference of two terms before you compute anything. "
        "You have already solved one of them in this chapter.",
        "-log softmax(f)_y = logsumexp(f) - f_y, and the loss is the sum over examples. No "
        "probability is ever formed, so none can underflow to 0.",
        "return (logsumexp_rows(F) - F[np.arange(len(y)), ...]).sum()",
    ),
    bank=bank,
)


LSE = "The logarithm that does not overflow"


@bank.wrong("the mean instead of the sum", "The contract of this chapter: sum, or mean?")
def mean(F, y):
    return (logsumexp(F) - picked(F, y)).mean()


@bank.wrong("the sign flipped", "-log of a probability: positive or negative?")
def sign(F, y):
    return (picked(F, y) - logsumexp(F)).sum()


@bank.wrong(
    "log of the sum of the logits, as printed in S0, section 3",
    "Add 7 to all logits. Should the loss change? Try it on this formula.",
)
def no_exp(F, y):
    F = np.asarray(F, dtype=float)
    return (np.log(F.sum(axis=1)) - picked(F, y)).sum()


@bank.wrong("-f_y alone", "Raise every logit by 1. Should the loss fall?")
def no_normaliser(F, y):
    return -picked(np.asarray(F, dtype=float), y).sum()


@bank.wrong("log-sum-exp alone", "Where do the labels enter?")
def normaliser_only(F, y):
    return logsumexp(F).sum()


@bank.wrong(
    "log(softmax), with a probability that rounds to 0",
    "A probability of e^-2000 is 0 in floating point. What is its logarithm then?",
)
def log_of_probability(F, y):
    return -np.log(picked(softmax(np.asarray(F, dtype=float)), y)).sum()


@bank.wrong("exp of the logits as they come", "What does a computer make of exp(1000)?", reread=LSE)
def no_shift(F, y):
    F = np.asarray(F, dtype=float)
    return (np.log(np.exp(F).sum(axis=1)) - picked(F, y)).sum()


@bank.wrong(
    "one maximum for the whole batch",
    "What is left of exp(f - 900) in a row whose logits lie near -900?",
    reread=LSE,
)
def one_maximum(F, y):
    F = np.asarray(F, dtype=float)
    m = F.max()
    return (m + np.log(np.exp(F - m).sum(axis=1)) - picked(F, y)).sum()


for _small in SMALL:

    @bank.wrong(
        "a small constant inside the logarithm",
        "The constant protects from log(0), but which loss does it give a probability of e^-2000?",
        id=f"epsilon_{_small:g}",
    )
    def epsilon(F, y, small=_small):
        return -np.log(picked(softmax(np.asarray(F, dtype=float)), y) + small).sum()


for _small in SMALL[:7]:

    @bank.wrong(
        "probabilities cut off from below",
        "Which loss does a probability of e^-2000 get after the cut?",
        id=f"clipped_{_small:g}",
    )
    def clipped(F, y, small=_small):
        return -np.log(np.clip(picked(softmax(np.asarray(F, dtype=float)), y), small, 1)).sum()


for _small in (1e-8, 1e-10, 1e-12):

    @bank.wrong(
        "the mean instead of the sum, and a small constant inside the logarithm",
        "The contract of this chapter: sum, or mean? And which loss does the constant give "
        "a probability of e^-2000?",
        id=f"mean_epsilon_{_small:g}",
    )
    def mean_epsilon(F, y, small=_small):
        return -np.log(picked(softmax(np.asarray(F, dtype=float)), y) + small).mean()


@bank.wrong(
    "1 - p, not -log p",
    "Which loss does the likelihood give a probability near 0: one near 1, or a large one?",
)
def one_minus(F, y):
    return (1 - picked(softmax(F), y)).sum()


@bank.wrong("-p, without the logarithm", "Where is the logarithm?")
def no_log(F, y):
    return -picked(softmax(F), y).sum()


@bank.wrong(
    "-log p of the label and -log(1 - p) of every other class",
    "That is the loss of K separate yes-or-no questions. How many questions does one label answer?",
)
def binary(F, y):
    P, E = softmax(np.asarray(F, dtype=float)), hot(y, F.shape[1]) == 1
    return -np.log(np.where(E, P, 1 - P)).sum()


@bank.wrong("divided by N K", "The contract of this chapter: sum, or mean?")
def mean_of_entries(F, y):
    return (logsumexp(F) - picked(F, y)).sum() / np.size(F)


@bank.wrong(
    "the maximum subtracted inside and never added back",
    "Inside the logarithm you divided by exp(m). What does that do outside?",
    reread=LSE,
)
def shift_lost(F, y):
    return (logsumexp(F) - F.max(axis=1) - picked(F, y)).sum()


@bank.wrong(
    "as many classes as the largest label of the batch says",
    "A batch need not contain every class. Which argument tells how many there are?",
)
def classes_up_to_the_largest_label(F, y):
    return (logsumexp(F) - (np.eye(np.max(y) + 1)[y] * F).sum(axis=1)).sum()


@bank.wrong(
    "row maxima of shape (N,) under a matrix of shape (N, K)",
    "Broadcasting lines up the last axes. With which axis of F does a vector of length N line up?",
    reread=LSE,
)
def no_keepdims(F, y):
    m = F.max(axis=1)
    return (m + np.log(np.exp(F - m).sum(axis=1)) - picked(F, y)).sum()


@bank.wrong(
    "one softmax over the whole batch",
    "Which entries compete for probability: those of a row, or all?",
    reread=ROWS,
)
def one_softmax(F, y):
    return -np.log(picked(softmax(F.ravel()).reshape(F.shape), y)).sum()


@bank.wrong("one-hot times log softmax", "What does 0 * log(0) give in floating point?")
def zero_times_log_zero(F, y):
    return -(hot(y, F.shape[1]) * np.log(softmax(np.asarray(F, dtype=float)))).sum()


@bank.wrong("one number per example", "The loss of the batch is one number. What is missing?")
def per_example(F, y):
    return logsumexp(F) - picked(F, y)


@bank.wrong(
    "labels counted from 1",
    "Labels here run from 0 to K-1. What does the index -1 mean to NumPy?",
    reread=LABELS,
)
def counts_from_one(F, y):
    return (logsumexp(F) - picked(F, np.asarray(y) - 1)).sum()


@bank.wrong(
    "softmax over columns",
    "One example is one row. Along which axis do its classes lie?",
    reread=ROWS,
)
def columns(F, y):
    L = F - logsumexp(F.T)[None, :]
    return -picked(L, y).sum()


@bank.wrong(
    "F[:, y], which pairs every row with every label",
    "F[:, y] takes whole columns. How do you pick one entry per row?",
)
def all_pairs(F, y):
    return (logsumexp(F) - F[:, y].sum(axis=1)).sum()


@bank.wrong("logarithms to base 2", "Which logarithm does the gradient p - e_y belong to?")
def base_two(F, y):
    return (logsumexp(F) - picked(F, y)).sum() / np.log(2)


@bank.wrong(
    "squared distance to the one-hot rows",
    "This is the loss of a regression. Which loss does a likelihood give?",
)
def squared_error(F, y):
    return ((softmax(F) - hot(y, F.shape[1])) ** 2).sum()


@bank.wrong(
    "-log of every class", "Which entry of a row tells how likely the class that occurred was?"
)
def all_classes(F, y):
    return (logsumexp(F)[:, None] - F).sum()


@bank.wrong("F -= ..., which changes the caller's array", "Who else holds the array F?")
def changes_argument(F, y):
    if F.dtype != np.float64:
        F = F.astype(float)
    F -= F.max(axis=1, keepdims=True)
    return (np.log(np.exp(F).sum(axis=1)) - picked(F, y)).sum()


@bank.wrong("numbers in float32", "float32 keeps seven digits. Where does the precision get lost?")
def single_precision(F, y):
    F = F.astype(np.float32)
    return float((logsumexp(F) - picked(F, y)).sum())


@bank.right("plain NumPy, in the precision of the input")
def plain_numpy(F, y):
    return float((logsumexp(F) - picked(F, y)).sum())


@bank.wrong(
    "F[y], which picks whole rows",
    "F[y] takes row number y. How do you pick one entry of each row?",
)
def whole_rows(F, y):
    return logsumexp(F).sum() - F[y].sum()


@bank.wrong(
    "-log P[y], which picks whole rows",
    "P[y] takes row number y. How do you pick one entry of each row?",
)
def log_of_whole_rows(F, y):
    return -np.log(softmax(F)[y]).sum()


@bank.wrong(
    "-log P[:, y], which pairs every row with every label",
    "P[:, y] takes whole columns. How do you pick one entry per row?",
)
def log_of_columns(F, y):
    return -np.log(softmax(F)[:, y]).sum()


@bank.wrong(
    "the shift in one of the two terms only",
    "You took m away from the logits inside. Which f_y belongs to the shifted logits?",
    reread=LSE,
)
def shifted_once(F, y):
    F = np.asarray(F, dtype=float)
    return (logsumexp(F - F.max(axis=1, keepdims=True)) - picked(F, y)).sum()


bank.habits(lambda F, y: right_loss(F, y), array=False)


@bank.right("loops")
def loops(F, y):
    total = 0.0
    for f, k in zip(F.astype(float), y, strict=True):
        m = f.max()
        total += m + math.log(sum(math.exp(v - m) for v in f)) - f[k]
    return total


@bank.right("log-softmax and one-hot")
def log_softmax_and_one_hot(F, y):
    F = F.astype(float)
    Z = F - F.max(axis=1, keepdims=True)
    L = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    return -np.sum(np.where(hot(y, F.shape[1]) == 1, L, 0.0))


@bank.right("differences to the label")
def differences_to_the_label(F, y):
    F = F.astype(float)
    return np.logaddexp.reduce(F - picked(F, y)[:, None], axis=1).sum()


@bank.right("as most people write it")
def as_most_people_write_it(F, y):
    m = F.max(axis=1)
    lse = m + np.log(np.exp(F - m[:, None]).sum(axis=1))
    return np.sum(lse - F[np.arange(len(y)), y])


@bank.right("log-softmax, index pairs")
def log_softmax(F, y):
    Z = F - F.max(axis=1, keepdims=True)
    L = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    return -L[range(len(y)), y].sum()
