"""One-hot rows."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Criterion, Exercise
from ...checking.finding import Finding
from ..bank import Bank
from ..draw import case, labels
from .shared import hot


def _one_hot_cases(rng):
    def one(N, K):
        """Labels among which the last class occurs, so that their largest tells how many."""
        y = labels(rng, N, K)
        y[rng.integers(0, N)] = K - 1
        return case(y, K, N=N, K=K)

    top, y = labels(rng, 5, 7) % 5, labels(rng, 5, 3)
    return {
        "generic": [
            one(5, 3),
            one(4, 7),
            one(5, 5),
            one(11, 4),
            one(1, 13),
            one(1, 2),
            one(211, 2),
            one(3, 211),
            one(2, 5),
        ],
        "missing": [
            case(top, 7, N=5, K=7),
            case(np.zeros(4, dtype=np.int64), 3, N=4, K=3),
            case(np.zeros(1, dtype=np.int64), 1, N=1, K=1),
        ],
        "twice": [case(y, 3, N=5, K=3), case((y + 1) % 3, 3, N=5, K=3)],
    }


def _one_hot(y, K):
    return (np.arange(K) == np.asarray(y)[:, None]).astype(np.float64)


def float64_answers(trial, group):
    """Every answer is a float64 array."""
    for answer in trial.answers(group):
        dtype = getattr(answer.value, "dtype", None)
        if dtype != np.float64:
            found = f"dtype {dtype}" if dtype is not None else f"a {type(answer.value).__name__}"
            return Finding(
                f"the answer is {found}; expected an array of dtype float64", label=found
            )
    return None


FLOAT64 = Criterion("float64", 0.25, float64_answers, needs_value=True)


bank = Bank()


EXERCISE = Exercise(
    title="One-hot rows",
    signature="one_hot(y, K)",
    returns="E",
    minutes=5,
    lines=3,
    section="Labels as vectors",
    draw=_one_hot_cases,
    oracle=_one_hot,
    criteria=(
        shape(0.25),
        value(0.5),
        value(0.5, "classes that do not occur", "missing"),
        FLOAT64,
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "Row n is zero except for a single 1. In which column does it stand? How many columns "
        "are there if the last class does not occur in y?",
        "Start from np.zeros((len(y), K)) and set one entry per row. Indexing with two arrays "
        "picks pairs: E[np.arange(N), y].",
        "E = np.zeros((..., ...))\nE[np.arange(len(y)), ...] = 1.0\nreturn E",
    ),
    bank=bank,
)


@bank.wrong(
    "labels counted from 1", "Labels here run from 0 to K-1. Which column belongs to label 0?"
)
def counts_from_one(y, K):
    return hot(np.asarray(y) - 1, K)


@bank.wrong(
    "labels counted from 1, with -1 as the last column",
    "Labels here run from 0 to K-1. What does the index -1 mean to NumPy?",
)
def wraps_around(y, K):
    return np.eye(K)[np.asarray(y) - 1]


@bank.wrong("shape (K, N)", "One example is one row. Which axis numbers the examples?")
def transposed(y, K):
    return hot(y, K).T


@bank.wrong(
    "as many columns as the largest label needs",
    "What if the last class does not occur in this batch?",
)
def own_class_count(y, K):
    return hot(y, int(np.max(y)) + 1)


@bank.wrong(
    "float32 instead of float64",
    "Which dtype does the contract ask for, and which does np.zeros give by itself?",
)
def single_precision(y, K):
    return hot(y, K).astype(np.float32)


@bank.wrong("0 at the label, 1 elsewhere", "Which single entry of a row is to be 1?")
def inverted(y, K):
    return 1.0 - hot(y, K)


@bank.wrong("one long row", "One row per example: how many axes has the answer?")
def flat(y, K):
    return hot(y, K).ravel()


@bank.wrong("K + 1 columns", "Labels run from 0 to K-1. How many are these?")
def too_many_columns(y, K):
    return hot(y, K + 1)


@bank.wrong(
    "rows of an identity with as many columns as labels that occur",
    "A class may be missing from y. Which argument says how many there are?",
)
def rows_of_too_small_an_identity(y, K):
    return np.eye(len(set(y.tolist())))[y]


@bank.wrong("one column per label that occurs", "What if a class does not occur in this batch?")
def distinct_labels(y, K):
    classes = np.unique(y)
    return (np.asarray(y)[:, None] == classes).astype(float)


@bank.wrong(
    "E[:, y] = 1, which fills whole columns",
    "E[:, y] takes every row. How do you pick one row with one column?",
)
def whole_columns(y, K):
    E = np.zeros((len(y), K))
    E[:, y] = 1.0
    return E


@bank.wrong("the first N rows of an identity matrix", "Where do the labels enter?")
def identity(y, K):
    return np.eye(len(y), K)


@bank.wrong(
    "the label itself instead of 1",
    "Row n should say which class it is by the place, not by the number. What stands "
    "there for label 0?",
)
def label_value(y, K):
    return hot(y, K) * np.asarray(y)[:, None]


@bank.wrong(
    "whole numbers instead of float64",
    "These rows will be subtracted from probabilities. Which dtype does the contract ask for?",
)
def integers(y, K):
    return hot(y, K).astype(int)


@bank.wrong(
    "True and False instead of 1.0 and 0.0",
    "NumPy cannot subtract booleans. Which dtype does the contract ask for?",
)
def booleans(y, K):
    return hot(y, K).astype(bool)


@bank.wrong("y -= ..., which changes the caller's labels", "Who else holds the array y?")
def changes_labels(y, K):
    E = hot(y, K)
    y -= y
    return E


@bank.wrong(
    "E[y] = 1, which fills whole rows",
    "E[y] takes row number y. How do you pick one row with one column?",
)
def whole_rows(y, K):
    E = np.zeros((len(y), K))
    E[y] = 1.0
    return E


bank.habits(lambda y, K: hot(y, K))


@bank.right("rows of the identity")
def rows_of_the_identity(y, K):
    return np.eye(K)[y]


@bank.right("index pairs")
def index_pairs(y, K):
    E = np.zeros((len(y), K))
    E[np.arange(len(y)), y] = 1.0
    return E


@bank.right("nested lists")
def nested_lists(y, K):
    return np.array([[1.0 if k == label else 0.0 for k in range(K)] for label in y])


@bank.right("put_along_axis")
def put_along_axis(y, K):
    E = np.zeros((y.shape[0], K), dtype=np.float64)
    np.put_along_axis(E, y.reshape(-1, 1), 1.0, axis=1)
    return E
