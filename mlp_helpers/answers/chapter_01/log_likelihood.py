"""The log-likelihood of the labels."""

from __future__ import annotations

import math

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import as_float
from ..bank import Bank
from ..draw import case, labels, probabilities, strided
from .shared import LABELS, SMALL, hot, picked


def _log_likelihood_cases(rng):
    def one(N, K):
        return case(probabilities(rng, N, K), labels(rng, N, K), N=N, K=K)

    def certain(N, K):
        P, y = probabilities(rng, N, K), labels(rng, N, K)
        P[0], P[0, y[0]] = 0.0, 1.0
        P[1, (y[1] + 1) % K] = 0.0
        return case(P, y, N=N, K=K)

    def tiny(N, K):
        P, y = probabilities(rng, N, K), labels(rng, N, K)
        P[np.arange(N), y] *= 10.0 ** rng.uniform(-290.0, -20.0, N)
        return case(P, y, N=N, K=K)

    return {
        "generic": [
            one(5, 3),
            one(4, 7),
            one(5, 5),
            one(11, 4),
            one(1, 2),
            one(2, 211),
            case(strided(probabilities(rng, 3, 5)), labels(rng, 3, 5), N=3, K=5),
        ],
        "zeros": [certain(5, 3), certain(3, 7)],
        "tiny": [tiny(5, 3)],
        "many": [one(1009, 7)],
        "twice": [one(5, 3), one(5, 3)],
    }


def _log_likelihood(P, y):
    return float(np.log(as_float(P)[np.arange(len(P)), y]).sum())


bank = Bank()


EXERCISE = Exercise(
    title="The log-likelihood of the labels",
    signature="log_likelihood(P, y)",
    returns="log-likelihood",
    minutes=6,
    lines=2,
    section="How likely was what happened?",
    draw=_log_likelihood_cases,
    oracle=_log_likelihood,
    criteria=(
        shape(0.25, "one number"),
        value(0.5),
        value(0.25, "zeros at other classes", "zeros"),
        value(0.25, "tiny probabilities", "tiny"),
        value(0.25, "a thousand examples", "many"),
        unchanged(0.25, group="zeros"),
        stable(0.25),
    ),
    hints=(
        "Of each row only one entry matters. Which one? What would 0 * log 0 give, and do you "
        "need to compute it at all?",
        "Pick the entries first, take logarithms second, add third. A product of a thousand "
        "probabilities is smaller than any float.",
        "picked = P[np.arange(len(y)), ...]\nreturn np.log(...).sum()",
    ),
    bank=bank,
)


@bank.wrong(
    "the mean instead of the sum", "Is the likelihood of all examples a product, or an average?"
)
def mean(P, y):
    return np.log(picked(P, y)).mean()


@bank.wrong(
    "the negative log-likelihood",
    "A log-likelihood of probabilities below 1: positive or negative?",
)
def sign(P, y):
    return -np.log(picked(P, y)).sum()


@bank.wrong(
    "the logarithms of all classes",
    "Which entry of a row tells how likely the class that occurred was?",
)
def all_classes(P, y):
    return np.log(P).sum()


@bank.wrong(
    "the logarithm of the sum",
    "Independent examples multiply. What does the logarithm make of a product?",
)
def log_of_sum(P, y):
    return np.log(picked(P, y).sum())


@bank.wrong("the probabilities summed without a logarithm", "Where is the logarithm?")
def no_log(P, y):
    return picked(P, y).sum()


@bank.wrong(
    "the logarithm of the product",
    "How small is the product of a thousand probabilities, and what is the smallest float?",
)
def product_first(P, y):
    return np.log(np.prod(picked(P, y)))


@bank.wrong(
    "one-hot times log P, summed over everything",
    "What does 0 * log(0) give in floating point, and do you need those entries?",
)
def zero_times_log_zero(P, y):
    return (hot(y, P.shape[1]) * np.log(P)).sum()


for _small in SMALL:

    @bank.wrong(
        "a small constant inside the logarithm",
        "The constant protects from log(0), but what does it do to a probability of 1e-30?",
        id=f"epsilon_{_small:g}",
    )
    def epsilon(P, y, small=_small):
        return np.log(picked(P, y) + small).sum()


for _small in SMALL[:7]:

    @bank.wrong(
        "probabilities cut off from below",
        "What becomes of a probability smaller than the cut?",
        id=f"clipped_{_small:g}",
    )
    def clipped(P, y, small=_small):
        return np.log(np.clip(picked(P, y), small, 1.0)).sum()


for _small in (1e-8, 1e-10, 1e-12):

    @bank.wrong(
        "the mean instead of the sum, and a small constant inside the logarithm",
        "Is the likelihood of all examples a product, or an average? And what does the "
        "constant do to a probability of 1e-30?",
        id=f"mean_epsilon_{_small:g}",
    )
    def mean_epsilon(P, y, small=_small):
        return np.log(picked(P, y) + small).mean()

    @bank.wrong(
        "the negative log-likelihood, with a small constant inside the logarithm",
        "A log-likelihood of probabilities below 1: positive or negative? And what does "
        "the constant do to a probability of 1e-30?",
        id=f"sign_epsilon_{_small:g}",
    )
    def sign_epsilon(P, y, small=_small):
        return -np.log(picked(P, y) + small).sum()


@bank.wrong(
    "P[y], which picks whole rows",
    "P[y] takes row number y. How do you pick one entry of each row?",
)
def whole_rows(P, y):
    return np.log(P[y]).sum()


@bank.wrong(
    "1 - p, not a logarithm",
    "Independent examples multiply. Which function turns a product into a sum?",
)
def one_minus(P, y):
    return (1 - picked(P, y)).sum()


@bank.wrong(
    "log p of the label and log(1 - p) of every other class",
    "That is the likelihood of K separate yes-or-no questions. How many questions does "
    "one label answer?",
)
def binary(P, y):
    E = hot(y, P.shape[1]) == 1
    return np.log(np.where(E, P, 1 - P)).sum()


@bank.wrong("p log p", "Are the examples weighted in a likelihood?")
def entropy(P, y):
    return (picked(P, y) * np.log(picked(P, y))).sum()


@bank.wrong("log of column number y of the first row", "Which row belongs to example n?")
def first_column(P, y):
    return np.log(P[0, y]).sum()


@bank.wrong("logarithms to base 2", "Which logarithm do the derivatives of this chapter need?")
def base_two(P, y):
    return np.log2(picked(P, y)).sum()


@bank.wrong(
    "labels counted from 1",
    "Labels here run from 0 to K-1. What does the index -1 mean to NumPy?",
    reread=LABELS,
)
def counts_from_one(P, y):
    return np.log(picked(P, np.asarray(y) - 1)).sum()


@bank.wrong(
    "one number per example",
    "The likelihood of all examples together is one number. What is missing?",
)
def per_example(P, y):
    return np.log(picked(P, y))


@bank.wrong(
    "zeros of P replaced in the caller's array",
    "Who else holds the array P? And do you need those entries at all?",
)
def changes_argument(P, y):
    P[P == 0.0] = 1.0
    return (hot(y, P.shape[1]) * np.log(P)).sum()


@bank.wrong(
    "P[:, y], which pairs every row with every label",
    "P[:, y] takes whole columns. How do you pick one entry per row?",
)
def all_pairs(P, y):
    return np.log(P[:, y]).sum()


@bank.wrong("logarithms to base 10", "Which logarithm do the derivatives of this chapter need?")
def base_ten(P, y):
    return np.log10(picked(P, y)).sum()


bank.habits(lambda P, y: float(np.log(picked(P, y)).sum()), array=False)


@bank.right("index pairs")
def index_pairs(P, y):
    return float(np.sum(np.log(P[np.arange(len(y)), y])))


@bank.right("math.log in a loop")
def math_log_in_a_loop(P, y):
    return math.fsum(math.log(P[n, k]) for n, k in enumerate(y))


@bank.right("take_along_axis, a 0-d array")
def take_along_axis(P, y):
    return np.asarray(np.log(np.take_along_axis(P, y[:, None], axis=1)).sum())


@bank.right("a boolean mask")
def a_boolean_mask(P, y):
    return np.log(P[np.arange(P.shape[1]) == y[:, None]]).sum()
