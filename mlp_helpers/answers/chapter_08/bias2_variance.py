"""Bias and variance from many models."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference import regularisation as reference
from ..bank import Bank
from ..draw import case, strided, whole
from .shared import DTYPES, double


def _bias_cases(rng):
    def one(S, n, layout=np.asarray, **more):
        truth = rng.standard_normal(n)
        preds = truth + rng.uniform(0.2, 0.6, n) + rng.standard_normal((S, n))
        return case(layout(preds), layout(truth), S=S, n=n, **more)

    def far(S, n):
        preds, truth = one(S, n).args
        return case(preds + 1e5, truth + 1e5, scale=1000.0, S=S, n=n)

    preds, truth = one(11, 3).args
    return {
        "generic": [
            one(7, 11),
            one(11, 5, strided),
            one(5, 5),
            one(13, 3, np.asfortranarray),
            one(3, 1),
        ],
        "one": [one(1, 7)],
        # Right code, in any order, is off by 1e-10 here; a difference of squares by 1e-6.
        "far": [far(7, 5)],
        "dtypes": [
            case(whole(rng, 7, 5), whole(rng, 5), S=7, n=5),
            case(preds.astype(np.float32), truth.astype(np.float32), S=11, n=3),
        ],
        "twice": [one(7, 11) for _ in range(2)],
    }


bank = Bank()


EXERCISE = Exercise(
    title="Bias and variance from many models",
    signature="bias2_variance(preds, truth)",
    returns=("bias2", "variance"),
    minutes=8,
    lines=3,
    section="Bias and variance, measured",
    draw=_bias_cases,
    oracle=reference.bias2_variance,
    criteria=(
        shape(0.25, "two numbers"),
        value(1.25),
        value(0.25, "a single training set", "one"),
        value(0.5, "values far from 0", "far"),
        value(0.25, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "Rows of preds are training sets, columns are inputs. Which axis do you average over "
        "to get the average model?",
        "bias2 = mean over inputs of (preds.mean(axis=0) - truth)^2; variance = mean over "
        "inputs of the variance down each column, divided by S.",
        "average = preds.mean(axis=...)\n"
        "return np.mean((... - truth)**2), np.mean((preds - ...)**2)",
    ),
    bank=bank,
)


def measured(preds, truth):
    preds, truth = double(preds), double(truth)
    return float(np.mean((preds.mean(axis=0) - truth) ** 2)), float(preds.var(axis=0).mean())


@bank.wrong(
    "the variance divided by S - 1",
    "Does the contract divide by S or by S - 1? Which of them adds up with the bias?",
)
def ddof(preds, truth):
    return measured(preds, truth)[0], double(preds).var(axis=0, ddof=1).mean()


@bank.wrong(
    "the mean squared error in place of the bias",
    "Do you square first and average over the training sets then, or the other way round?",
)
def error_for_bias(preds, truth):
    return np.mean((double(preds) - truth) ** 2), measured(preds, truth)[1]


@bank.wrong("the mean bias, not its square", "May a positive and a negative bias cancel?")
def not_squared(preds, truth):
    return np.mean(double(preds).mean(axis=0) - truth), measured(preds, truth)[1]


@bank.wrong(
    "the square of the mean bias over the inputs",
    "May the bias at one input cancel that at another?",
)
def squared_mean(preds, truth):
    return np.mean(double(preds) - truth) ** 2, measured(preds, truth)[1]


@bank.wrong("the variance along each row", "Does the variance compare training sets, or inputs?")
def wrong_axis(preds, truth):
    return measured(preds, truth)[0], double(preds).var(axis=1).mean()


@bank.wrong(
    "the variance of all numbers together",
    "Does the curve itself, as it goes up and down, count as variance?",
)
def all_together(preds, truth):
    return measured(preds, truth)[0], double(preds).var()


@bank.wrong(
    "the spread around the truth, not around the average",
    "The variance is the spread around which curve?",
)
def around_truth(preds, truth):
    return measured(preds, truth)[0], np.mean((double(preds) - truth) ** 2)


@bank.wrong(
    "the standard deviation for the variance", "Which of the two adds up with a squared bias?"
)
def deviation(preds, truth):
    return measured(preds, truth)[0], double(preds).std(axis=0).mean()


@bank.wrong("sums over the inputs", "Sums or means over the inputs?")
def sums(preds, truth):
    n = len(truth)
    return tuple(n * part for part in measured(preds, truth))


@bank.wrong("(variance, bias2)", "In which order does the contract return them?")
def swapped(preds, truth):
    return measured(preds, truth)[::-1]


@bank.wrong(
    "one pair of numbers per input", "Two numbers were asked for: what becomes of the inputs?"
)
def per_input(preds, truth):
    preds = double(preds)
    return (preds.mean(axis=0) - truth) ** 2, preds.var(axis=0)


@bank.wrong(
    "E[p^2] - E[p]^2, which loses its digits",
    "What is left of a difference between two numbers of size 1e10?",
)
def difference_of_squares(preds, truth):
    preds = double(preds)
    variance = np.mean((preds**2).mean(axis=0) - preds.mean(axis=0) ** 2)
    return measured(preds, truth)[0], variance


@bank.wrong("the median model for the average model", "Which curve is the bias taken from?")
def median(preds, truth):
    return np.mean((np.median(double(preds), axis=0) - truth) ** 2), measured(preds, truth)[1]


@bank.wrong("the first training set only", "What do the other training sets say?")
def first_set(preds, truth):
    return np.mean((double(preds)[0] - truth) ** 2), measured(preds, truth)[1]


@bank.wrong("0 / 0 for a single training set", "How large is the spread of one number?")
def nan_for_one(preds, truth):
    if len(preds) == 1:
        return measured(preds, truth)[0], float("nan")
    return measured(preds, truth)


@bank.wrong(
    "the average kept in the dtype of the predictions",
    "The average of whole numbers is rarely a whole number. What becomes of it there?",
)
def keeps_dtype(preds, truth):
    return (
        np.mean((preds.mean(axis=0, dtype=preds.dtype) - truth) ** 2),
        np.mean((preds - preds.mean(axis=0, dtype=preds.dtype)) ** 2),
    )


@bank.wrong("preds -= ..., which changes the caller's array", "Who else holds the predictions?")
def changes_argument(preds, truth):
    result = measured(preds, truth)
    preds += 1
    return result


bank.habits(measured, array=False)


@bank.right("loops")
def loops(preds, truth):
    preds, truth = np.array(preds, dtype=float), np.array(truth, dtype=float)
    S, n = preds.shape
    bias2, variance = 0.0, 0.0
    for i in range(n):
        average = sum(preds[s, i] for s in range(S)) / S
        bias2 += (average - truth[i]) ** 2 / n
        variance += sum((preds[s, i] - average) ** 2 for s in range(S)) / S / n
    return bias2, variance


@bank.right("the mean squared error minus the squared bias")
def the_mean_squared_error_minus_the_squared(preds, truth):
    d = double(preds) - double(truth)
    bias2 = (d.mean(axis=0) ** 2).mean()
    return bias2, (d**2).mean() - bias2


@bank.right("einsum on deviations, a list")
def einsum_on_deviations(preds, truth):
    d = double(preds) - double(truth)
    S, n = d.shape
    m = np.einsum("sn->n", d) / S
    return [np.einsum("n,n->", m, m) / n, np.einsum("sn,sn->", d - m, d - m) / (S * n)]
