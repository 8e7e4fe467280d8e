"""The gradient of a batch."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import as_float
from ..bank import Bank
from ..draw import case, strided, whole
from .shared import DTYPES, PRECISION, wrong


def _minibatch_cases(rng):
    def one(n, P, drawn, B=None, G=None, idx=None):
        G = rng.standard_normal((n, P)) + 0.3 if G is None else G
        idx = rng.permutation(n)[:drawn] if idx is None else idx
        return case(G, idx, drawn if B is None else B, n=n, P=P, B=B or drawn, scale=1.0)

    def repeated(n, B):
        """Indices drawn with replacement; one of them three times."""
        return rng.permutation(np.append(rng.permutation(n)[: B - 2], [0, 0]) % n)

    def often(n, B):
        some = rng.permutation(n)[: B - 2]
        return rng.permutation(np.append(some, some[:1].repeat(2)))

    return {
        "generic": [
            one(7, 3, 5),
            one(
                11,
                7,
                3,
                G=strided(rng.standard_normal((11, 7))),
                idx=strided(rng.permutation(11)[:3]),
            ),
            one(5, 5, 5),
            one(13, 5, 11, G=np.asfortranarray(rng.standard_normal((13, 5)))),
            one(11, 5, 1),
        ],
        "short": [one(11, 3, 4, B=7), one(13, 5, 2, B=11), one(7, 3, 1, B=5)],
        "repeated": [
            one(7, 5, 5, idx=often(7, 5)),
            one(11, 3, 7, idx=repeated(11, 7)),
            one(3, 5, 7, idx=rng.permutation(np.repeat([0, 1, 2], [4, 2, 1]))),
        ],
        "dtypes": [
            one(7, 5, 3, G=whole(rng, 7, 5)),
            one(7, 3, 5, G=rng.standard_normal((7, 3)).astype(np.float32)),
        ],
        "twice": [one(7, 5, 3) for _ in range(2)],
    }


def _minibatch_grad(per_example_grads, idx, B):
    n = len(per_example_grads)
    return np.bincount(idx, minlength=n) @ as_float(per_example_grads) / len(idx)


bank = Bank()


EXERCISE = Exercise(
    title="The gradient of a batch",
    signature="minibatch_grad(per_example_grads, idx, B)",
    returns="gradient",
    minutes=6,
    lines=1,
    section="An average over the drawn",
    draw=_minibatch_cases,
    oracle=_minibatch_grad,
    criteria=(
        shape(0.25),
        value(1.0),
        value(0.5, "a short batch (fewer than B indices)", "short"),
        value(0.5, "repeated indices", "repeated"),
        value(0.25, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "Which rows were drawn, how many are they, and along which axis do you average? What "
        "should count twice if it was drawn twice?",
        "per_example_grads[idx] has one row per drawn example, repeated ones included. Its "
        "mean over the rows has shape (P,). A short batch has fewer than B rows.",
        "drawn = per_example_grads[...]\nreturn drawn.sum(axis=...) / len(...)",
    ),
    bank=bank,
)


MEAN = "An average over the drawn"


def mean_of(G, idx, B):
    return np.asarray(G, dtype=float)[idx].mean(axis=0)


wrong_mean = wrong(bank, MEAN)


wrong_mean(
    "sum",
    "the sum over the batch",
    "Should a batch that is twice as large make a step that is twice as long?",
    lambda G, idx, B: np.asarray(G, dtype=float)[idx].sum(axis=0),
)


wrong_mean(
    "all",
    "the mean over all examples",
    "Which rows were drawn?",
    lambda G, idx, B: np.asarray(G, dtype=float).mean(axis=0),
)


wrong_mean(
    "divides_by_n",
    "the sum over the batch divided by n",
    "How many gradients do you add, and by how many do you divide?",
    lambda G, idx, B: np.asarray(G, dtype=float)[idx].sum(axis=0) / len(G),
)


wrong_mean(
    "divides_by_B",
    "a short batch divided by B",
    "The last batch is short. How many gradients do you add there?",
    lambda G, idx, B: np.asarray(G, dtype=float)[idx].sum(axis=0) / B,
)


wrong_mean(
    "first_B",
    "the first B rows instead of the drawn ones",
    "What is idx for?",
    lambda G, idx, B: np.asarray(G, dtype=float)[:B].mean(axis=0),
)


wrong_mean(
    "cut_at_B",
    "one example too few",
    "A slice [:k] holds k entries. Which of the drawn ones do you lose?",
    lambda G, idx, B: np.asarray(G, dtype=float)[idx[: max(1, len(idx) - 1)]].mean(axis=0),
)


wrong_mean(
    "once_each",
    "repeated examples counted once",
    "An example that was drawn twice: how often does it count?",
    lambda G, idx, B: np.asarray(G, dtype=float)[np.unique(idx)].mean(axis=0),
)


wrong_mean(
    "mask",
    "a mask, which forgets repeated examples",
    "grads[mask] picks a row once. How often was it drawn?",
    lambda G, idx, B: np.isin(np.arange(len(G)), idx) @ np.asarray(G, dtype=float) / len(idx),
)


wrong_mean(
    "over_parameters",
    "the mean over the parameters",
    "Which axis runs over the examples? The answer has one entry per parameter.",
    lambda G, idx, B: np.asarray(G, dtype=float)[idx].mean(axis=1),
)


wrong_mean(
    "one_number",
    "one number for all parameters",
    "Which axis runs over the examples?",
    lambda G, idx, B: np.asarray(G, dtype=float)[idx].mean(),
)


wrong_mean(
    "keeps_axis",
    "a row of shape (1, P)",
    "Which shape has theta?",
    lambda G, idx, B: np.asarray(G, dtype=float)[idx].mean(axis=0, keepdims=True),
)


wrong_mean(
    "columns",
    "columns instead of rows",
    "Does idx pick examples or parameters?",
    lambda G, idx, B: np.asarray(G, dtype=float)[:, np.asarray(idx) % G.shape[1]].mean(axis=0),
)


wrong_mean(
    "from_one",
    "indices taken to start at 1",
    "Which row has the index 0?",
    lambda G, idx, B: np.asarray(G, dtype=float)[np.asarray(idx) - 1].mean(axis=0),
)


wrong_mean(
    "last_drawn",
    "the last drawn example only",
    "What happens to the other drawn examples?",
    lambda G, idx, B: np.asarray(G, dtype=float)[idx[-1]].copy(),
)


wrong_mean(
    "median",
    "the median instead of the mean",
    "S1 prints 1/B times a sum. Is that a median?",
    lambda G, idx, B: np.median(np.asarray(G, dtype=float)[idx], axis=0),
)


wrong_mean(
    "sign",
    "the direction of descent",
    "Was the gradient asked for, or the step?",
    lambda *args: -mean_of(*args),
)


wrong_mean(
    "length_one",
    "a gradient of length one",
    "Is the length of the gradient part of the answer?",
    lambda *args: mean_of(*args) / np.linalg.norm(mean_of(*args)),
)


wrong_mean(
    "one_less",
    "the sum divided by B - 1",
    "That corrects a variance. What does a mean divide by?",
    lambda G, idx, B: np.asarray(G, dtype=float)[idx].sum(axis=0) / max(1, len(idx) - 1),
)


wrong_mean(
    "single_precision",
    "numbers in float32",
    PRECISION,
    lambda G, idx, B: np.asarray(G, dtype=np.float32)[idx].mean(axis=0),
)


@bank.right("in the precision of its arguments")
def in_the_precision_of_its_arguments(G, idx, B):
    return G[idx].mean(axis=0)


@bank.wrong("idx.sort(), which changes the caller's array", "Who else holds the array idx?")
def sorts_argument(G, idx, B):
    idx.sort()
    return mean_of(G, idx, B)


bank.habits(mean_of)


@bank.right("a loop with +=")
def a_loop_with(G, idx, B):
    total = np.zeros(np.shape(G)[1])
    for i in idx:
        total += G[i]
    return total / len(idx)


@bank.right("counts as weights")
def counts_as_weights(G, idx, B):
    counts = np.zeros(len(G))
    np.add.at(counts, idx, 1.0)
    return counts / counts.sum() @ np.asarray(G, dtype=np.float64)


@bank.right("np.take and einsum, a list")
def np_take_and_einsum(G, idx, B):
    rows = np.take(np.asarray(G, dtype=float), idx, axis=0)
    return (np.einsum("bp->p", rows) / rows.shape[0]).tolist()
