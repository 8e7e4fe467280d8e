"""The decision."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import softmax
from ..bank import Bank
from ..draw import case, huge_logits, logits, strided
from .shared import HUGE, hot


def _close_race(rng, N, K):
    """Logits; in the first row the two best differ by 1e-9, and the later one wins."""
    F = logits(rng, N, K) - 1.0
    first, second = np.sort(rng.choice(K, 2, replace=False))
    F[0, second] = F[0].max() + 0.1
    F[0, first] = F[0, second] - 1e-9
    return F


def _tied(rng, N, K):
    """Rows whose largest logit occurs twice, not always at the ends; the last row is constant."""
    F = logits(rng, N, K)
    for row in F[:-1]:
        row[rng.choice(K, 2, replace=False)] = row.max() + 0.25
    F[-1] = -1.5
    return F


def _class_cases(rng):
    def one(F):
        return case(F, N=len(F), K=F.shape[1])

    return {
        "generic": [
            one(_close_race(rng, 7, 5)),
            one(strided(_close_race(rng, 11, 7))),
            one(_close_race(rng, 5, 5)),
            one(_close_race(rng, 3, 5) - 20.0),
            one(_close_race(rng, 1, 3)),
            one(_close_race(rng, 1, 2)),
            one(_close_race(rng, 61, 23)),
        ],
        "ties": [
            one(_tied(rng, 7, 11)),
            one(_tied(rng, 5, 3)),
            one(rng.integers(-2, 3, (13, 7))),
            one(_tied(rng, 13, 7).astype(np.float32)),
        ],
        "huge": [one(huge_logits(rng, 7, 3)), one(logits(rng, 3, 7) - 1000.0)],
        "twice": [one(logits(rng, 11, 5)), one(logits(rng, 11, 5))],
    }


bank = Bank()


EXERCISE = Exercise(
    title="The decision",
    signature="predict_class(F)",
    returns="classes",
    minutes=4,
    lines=1,
    section="From logits to a decision",
    draw=_class_cases,
    oracle=lambda F: np.argmax(F, axis=1),
    criteria=(
        shape(0.25),
        value(0.5),
        value(0.5, "first of ties", "ties"),
        value(0.25, HUGE, "huge"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "One number per example: not how large its largest logit is, but where it stands. "
        "Along which axis do you look?",
        "np.argmax gives the position of the largest entry, and of equal ones the first. "
        "Classes lie along axis 1. Softmax keeps the order, so you do not need it.",
        "return np.argmax(F, axis=...)",
    ),
    bank=bank,
)


def _classes(F):
    return np.argmax(F, axis=1)


@bank.wrong(
    "the best example of each class",
    "One answer per example. Along which axis do the classes of an example lie?",
)
def along_columns(F):
    return np.argmax(F, axis=0)


@bank.wrong("argmax over the whole batch", "How many answers should a batch of N examples have?")
def flattened(F):
    return np.argmax(F)


@bank.wrong("the largest logit itself", "Do you want to know how large it is, or where it stands?")
def the_largest_logit(F):
    return np.max(F, axis=1)


@bank.wrong(
    "the last of equal logits", "When two classes have the same logit, which of them comes first?"
)
def last_of_ties(F):
    return F.shape[1] - 1 - np.argmax(F[:, ::-1], axis=1)


@bank.wrong(
    "every place of the largest logit",
    "When two classes have the same logit, how many answers does the row give?",
)
def all_of_ties(F):
    return np.where(F == F.max(axis=1, keepdims=True))[1]


@bank.wrong("classes counted from 1", "Labels here run from 0 to K-1. Which is the first class?")
def counts_from_one(F):
    return np.argmax(F, axis=1) + 1


@bank.wrong(
    "the class with the smallest logit", "Does a large logit speak for a class or against it?"
)
def smallest(F):
    return np.argmin(F, axis=1)


@bank.wrong(
    "the logit that is largest in size, sign ignored",
    "Is a logit of -5 a good or a bad sign for its class?",
)
def largest_size(F):
    return np.argmax(np.abs(F), axis=1)


@bank.wrong("one-hot rows", "Is the answer a class number or a vector per example?")
def one_hot(F):
    return hot(np.argmax(F, axis=1), F.shape[1])


@bank.wrong(
    "class numbers as floats",
    "You will use the classes as indices. Which dtype can index an array?",
)
def floats_(F):
    return np.argmax(F, axis=1).astype(float)


@bank.wrong("shape (N, 1)", "One number per example: is that a column or a vector?")
def keeps_a_column(F):
    return np.argmax(F, axis=1)[:, None]


@bank.wrong(
    "the class with more than half of the probability",
    "With five classes, must any of them reach one half?",
)
def more_than_half(F):
    return np.argmax(softmax(F) > 0.5, axis=1)


@bank.wrong("a running maximum that starts at 0", "What if all logits of a row are negative?")
def starts_at_zero(F):
    out = []
    for row in F:
        best, place = 0.0, 0
        for k, f in enumerate(row):
            if f > best:
                best, place = f, k
        out.append(place)
    return np.array(out)


@bank.wrong("the last class never considered", "Up to which number does range(K - 1) run?")
def skips_the_last(F):
    return np.argmax(F[:, :-1], axis=1)


@bank.wrong(
    "exp of the logits before comparing",
    "What does a computer make of exp(1000), and do you need probabilities at all?",
)
def softmax_overflows(F):
    E = np.exp(np.asarray(F, dtype=float))
    return np.argmax(E / E.sum(axis=1, keepdims=True), axis=1)


@bank.wrong(
    "logits rounded (or cut to float32) before comparing",
    "Two logits may differ in the ninth digit. Which class is ahead then?",
)
def rounded(F):
    return np.argmax(np.round(F, 6), axis=1)


@bank.wrong("the winners crossed out in the caller's F", "Who else holds the array F?")
def changes_argument(F):
    out = np.argmax(F, axis=1)
    F[np.arange(len(F)), out] = F.min() - 1
    return out


bank.habits(_classes)


@bank.right("the method, one row at a time")
def the_method(F):
    return np.array([row.argmax() for row in F])


@bank.right("loops")
def loops(F):
    out = []
    for row in F:
        place = 0
        for k in range(1, len(row)):
            if row[k] > row[place]:
                place = k
        out.append(place)
    return out


@bank.right("first column equal to the row's maximum")
def first_column_equal_to_the_row_s_maximum(F):
    return (F == F.max(axis=1, keepdims=True)).argmax(axis=1)


@bank.right("a stable sort of the negatives")
def a_stable_sort_of_the_negatives(F):
    return np.argsort(-np.asarray(F, dtype=float), axis=1, kind="stable")[:, 0]


@bank.right("through a stable softmax")
def through_a_stable_softmax(F):
    F = np.asarray(F, dtype=float)
    E = np.exp(F - F.max(axis=1, keepdims=True))
    return np.argmax(E / E.sum(axis=1, keepdims=True), axis=1).astype(np.int32)
