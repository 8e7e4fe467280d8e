"""Count the mistakes."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, value
from ...checking.exercise import Exercise
from ...reference import regularisation as reference
from ..bank import Bank
from ..draw import case, labels, strided, whole
from .shared import double


def _error_cases(rng):
    def scores(N, K):
        F = rng.standard_normal((N, K)) - 1.3
        y = labels(rng, N, K)
        right = rng.permutation(N)[: max(1, N // 3)]
        F[right, y[right]] += 6.0
        return F, y

    def one(N, K, layout=np.asarray):
        F, y = scores(N, K)
        return case(layout(F), layout(y), N=N, K=K)

    tied = np.array([[1.0, 1.0, 0.0], [0.0, 2.0, 2.0], [3.0, 0.0, 3.0], [0.0, 0.0, 0.0]])
    F, y = scores(11, 5)
    return {
        "generic": [
            one(7, 3),
            one(23, 5, strided),
            one(5, 5),
            one(13, 7, np.asfortranarray),
            one(29, 3),
            one(3, 11),
        ],
        "one": [case(np.array([[0.3, 1.2, -0.5]]), np.array([k]), N=1) for k in (1, 2)],
        "ties": [
            case(tied, np.array([0, 1, 0, 0]), N=4),
            case(tied, np.array([1, 2, 2, 1]), N=4),
            case(tied, np.array([0, 2, 0, 2]), N=4),
        ],
        "dtypes": [
            case(whole(rng, 7, 5), labels(rng, 7, 5), N=7),
            case(F.astype(np.float32), y.astype(np.int32), N=11),
            case(1000.0 + 10 * F, y.astype(np.uint8), N=11),
        ],
        "twice": [case(*scores(7, 3), N=7, scale=1.0) for _ in range(2)],
    }


bank = Bank()


EXERCISE = Exercise(
    title="Count the mistakes",
    signature="zero_one_error(F, y)",
    returns="error",
    minutes=4,
    lines=1,
    section="The error you report",
    draw=_error_cases,
    oracle=reference.zero_one_error,
    criteria=(
        shape(0.25, "one number"),
        value(0.75),
        value(0.25, "a single example", "one"),
        value(0.25, "ties", "ties"),
        value(0.25, "integers, float32, huge logits", "dtypes"),
        stable(0.25),
    ),
    hints=(
        "Which class does the network choose for each row of F? How many choices are wrong?",
        "F.argmax(axis=1) gives the first largest entry of each row. Compare it with y; the "
        "mean of booleans is a share.",
        "return float(np.mean(F.argmax(axis=...) != ...))",
    ),
    bank=bank,
)


def share_wrong(F, y):
    return float(np.mean(np.asarray(F).argmax(axis=1) != y))


@bank.wrong("the share of right answers", "Is 0.97 a good error?")
def accuracy(F, y):
    return 1 - share_wrong(F, y)


@bank.wrong("the number of mistakes", "A share of how many?")
def count(F, y):
    return int(round(len(y) * share_wrong(F, y)))


@bank.wrong("percent", "Is half of the examples 0.5 or 50?")
def percent(F, y):
    return 100 * share_wrong(F, y)


@bank.wrong("the smallest logit", "Which logit does the network choose?")
def smallest(F, y):
    return np.mean(np.argmin(F, axis=1) != y)


@bank.wrong("the logit of the largest absolute value", "Is -5 a vote for a class?")
def by_size(F, y):
    return np.mean(np.abs(F).argmax(axis=1) != y)


@bank.wrong("the last of equal logits", "Which of equal logits does argmax choose?")
def last_of_ties(F, y):
    K = F.shape[1]
    return np.mean(K - 1 - F[:, ::-1].argmax(axis=1) != y)


@bank.wrong(
    "any of the largest logits accepted",
    "When two logits are equal, how many classes may the network name?",
)
def ties_are_right(F, y):
    return np.mean(F[np.arange(len(y)), y] < F.max(axis=1))


@bank.wrong(
    "a tie counted as a mistake", "When two logits are equal, which class does the network name?"
)
def ties_are_wrong(F, y):
    wrong = F.argmax(axis=1) != y
    return np.mean(wrong | ((F == F.max(axis=1, keepdims=True)).sum(axis=1) > 1))


@bank.wrong(
    "the mean distance between class numbers",
    "Is a 9 taken for a 0 nine times as wrong as a 1 taken for a 0?",
)
def distance(F, y):
    return np.mean(np.abs(np.argmax(F, axis=1) - y.astype(int)))


@bank.wrong("one answer per example", "How many numbers is an error rate?")
def one_per_example(F, y):
    return (np.argmax(F, axis=1) != y).astype(float)


@bank.wrong("divided by the number of classes", "A share of how many?")
def over_classes(F, y):
    return np.sum(np.argmax(F, axis=1) != y) / F.shape[1]


@bank.wrong("every entry of F compared with the one-hot label", "How often does one example count?")
def all_entries(F, y):
    chosen = np.eye(F.shape[1])[np.argmax(F, axis=1)]
    return np.mean(chosen != np.eye(F.shape[1])[y])


@bank.wrong(
    "label logits that are not positive", "Does a class need a positive logit to be chosen?"
)
def threshold(F, y):
    return np.mean(F[np.arange(len(y)), y] <= 0)


@bank.wrong(
    "the mean negative log-likelihood", "The surrogate was for training. Which error is reported?"
)
def nll(F, y):
    F = F - F.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(F).sum(axis=1)) - F[np.arange(len(y)), y])


@bank.wrong("divided by N - 1", "A share of how many?")
def minus_one(F, y):
    return np.sum(np.argmax(F, axis=1) != y) / (len(y) - 1)


@bank.wrong(
    "exp of the logits as they come",
    "What does a computer make of exp(1000), and do you need probabilities at all?",
)
def no_shift(F, y):
    E = np.exp(double(F))
    return np.mean(np.argmax(E / E.sum(axis=1, keepdims=True), axis=1) != y)


bank.habits(share_wrong, array=False)


@bank.right("loops")
def loops(F, y):
    wrong = 0
    for row, label in zip(F, y, strict=True):
        best = 0
        for k in range(len(row)):
            if row[k] > row[best]:
                best = k
        wrong += best != label
    return wrong / len(y)


@bank.right("one minus the accuracy")
def one_minus_the_accuracy(F, y):
    return 1.0 - np.count_nonzero(np.equal(np.argmax(F, -1), y)) / len(F)


@bank.right("a dot product of indicators")
def a_dot_product_of_indicators(F, y):
    wrong = (np.asarray(F).argmax(1) != np.asarray(y)).astype(float)
    return wrong @ np.ones(len(y)) / len(y)
