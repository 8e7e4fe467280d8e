"""Loss plus price."""

from __future__ import annotations

import math

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference import regularisation as reference
from ..bank import Bank
from ..draw import case, strided, whole
from .shared import double, lam, weights


def _risk_cases(rng):
    def one(kind, N, *shapes, layout=np.asarray):
        losses = layout(rng.uniform(0.2, 3.0, N))
        return case(losses, [layout(weights(rng, *s)) for s in shapes], lam(rng), kind, N=N)

    ints = (whole(rng, 7) + 2, [whole(rng, 5, 3), whole(rng, 2, 5)], lam(rng), "l2")
    single = (
        rng.uniform(0.2, 3.0, 11).astype(np.float32),
        [weights(rng, 3, 7).astype(np.float32), weights(rng, 5, 3).astype(np.float32)],
        lam(rng),
        "l1",
    )
    return {
        "generic": [
            one("l2", 7, (5, 3), (2, 5)),
            one("l1", 11, (5, 3), (2, 5)),
            one("l2", 3, (3, 3), (3, 3)),
            one("l1", 3, (3, 3), (3, 3)),
            one("l2", 13, (3, 7), (5, 3), (2, 5), layout=strided),
            one("l2", 5, (3, 7)),
            one("l1", 1, (1, 1)),
            one("l1", 401, (23, 41)),
            case(*ints, N=7),
            case(*single, N=11),
        ],
        "twice": [one("l1", 5, (7, 3), (2, 7)) for _ in range(2)],
    }


bank = Bank()


EXERCISE = Exercise(
    title="Loss plus price",
    signature="regularised_risk(losses, Ws, lam, kind)",
    returns="risk",
    minutes=6,
    lines=3,
    section="A price on weights",
    draw=_risk_cases,
    oracle=reference.regularised_risk,
    criteria=(
        shape(0.25, "one number"),
        value(2.25),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "There are two terms. Which of them is a mean over examples, and does the other one "
        "depend on the number of examples at all?",
        "risk = mean(losses) + lam * Omega, and Omega adds up w^2 (or |w|) over all entries of "
        "all matrices: a sum, not a mean, and no square root.",
        'size = np.square if kind == "l2" else ...\n'
        "omega = sum(size(W)... for W in Ws)\nreturn np.mean(losses) + ...",
    ),
    bank=bank,
)


def omega(Ws, kind):
    size = np.square if kind == "l2" else np.abs
    return sum(size(double(W)).sum() for W in Ws)


def risk(losses, Ws, lam, kind):
    return float(double(losses).mean() + lam * omega(Ws, kind))


@bank.wrong("the sum of the losses", "Is the risk of this chapter a sum over examples, or a mean?")
def sum_of_losses(losses, Ws, lam, kind):
    return float(double(losses).sum() + lam * omega(Ws, kind))


@bank.wrong("a mean over the weights", "Is the penalty a sum over all weights, or their mean?")
def mean_of_weights(losses, Ws, lam, kind):
    size = np.square if kind == "l2" else np.abs
    return float(double(losses).mean() + lam * sum(size(W).mean() for W in Ws))


@bank.wrong(
    "lam / 2 for the squares",
    "The contract's penalty is the sum of squares. Where does a half come from?",
)
def half(losses, Ws, lam, kind):
    return risk(losses, Ws, lam / 2 if kind == "l2" else lam, kind)


@bank.wrong("the Frobenius norm without its square", "Is the penalty the norm, or its square?")
def norm(losses, Ws, lam, kind):
    size = np.linalg.norm if kind == "l2" else lambda W: np.abs(W).sum()
    return float(double(losses).mean() + lam * sum(size(double(W)) for W in Ws))


@bank.wrong("a penalty without lam", "What sets the price of the penalty?")
def lam_forgotten(losses, Ws, lam, kind):
    return risk(losses, Ws, 1.0, kind)


@bank.wrong(
    "the penalty divided by N as well",
    "Does the size of the weights depend on the number of examples?",
)
def penalty_over_n(losses, Ws, lam, kind):
    return risk(losses, Ws, lam / len(losses), kind)


@bank.wrong(
    "lam / (2 N) times the squares",
    "Some books write the penalty so. What stands in front of Omega here?",
)
def over_2n(losses, Ws, lam, kind):
    return risk(losses, Ws, lam / (2 * len(losses)), kind)


@bank.wrong("the penalty subtracted", "Should large weights be cheap or dear?")
def minus(losses, Ws, lam, kind):
    return risk(losses, Ws, -lam, kind)


@bank.wrong("squares for l1 and absolute values for l2", "Which of the two is called l1?")
def swapped(losses, Ws, lam, kind):
    return risk(losses, Ws, lam, "l1" if kind == "l2" else "l2")


@bank.wrong("the sum of the weights for l1", "May a negative weight lower the risk?")
def no_absolute_value(losses, Ws, lam, kind):
    term = omega(Ws, kind) if kind == "l2" else sum(W.sum() for W in Ws)
    return float(double(losses).mean() + lam * term)


@bank.wrong("the first weight matrix only", "Over how many layers does the penalty add up?")
def first_layer(losses, Ws, lam, kind):
    return risk(losses, Ws[:1], lam, kind)


@bank.wrong(
    "the largest column sum, which NumPy calls norm 1",
    "np.linalg.norm(W, 1) of a matrix is an operator norm. Which sum is the penalty?",
)
def column_norm(losses, Ws, lam, kind):
    term = omega(Ws, kind) if kind == "l2" else sum(np.linalg.norm(W, 1) for W in Ws)
    return float(double(losses).mean() + lam * term)


@bank.wrong("one risk per example", "How many numbers is the risk?")
def per_example(losses, Ws, lam, kind):
    return double(losses) + lam * omega(Ws, kind)


@bank.wrong("two weight matrices, whatever the list holds", "How many layers may a network have?")
def two_layers(losses, Ws, lam, kind):
    return risk(losses, [Ws[0], Ws[1]], lam, kind)


@bank.wrong("all matrices but the last", "Which layers does the penalty charge?")
def output_layer_free(losses, Ws, lam, kind):
    return risk(losses, Ws[:-1] if len(Ws) > 1 else Ws, lam, kind)


@bank.right("in the precision of its arguments")
def in_the_precision_of_its_arguments(losses, Ws, lam, kind):
    size = np.square if kind == "l2" else np.abs
    return float(losses.mean() + lam * sum(size(W).sum() for W in Ws))


@bank.wrong("Ws changed in place", "Who else holds the weights?")
def changes_argument(losses, Ws, lam, kind):
    result = risk(losses, Ws, lam, kind)
    for W in Ws:
        np.abs(W, out=W)
    return result


bank.habits(risk, array=False)


bank.repeats(risk)


@bank.right("loops")
def loops(losses, Ws, lam, kind):
    total = 0.0
    for W in Ws:
        for w in np.ravel(W):
            total += float(w) ** 2 if kind == "l2" else abs(float(w))
    return sum(map(float, losses)) / len(losses) + lam * total


@bank.right("all weights in one vector, np.linalg.norm")
def all_weights_in_one_vector(losses, Ws, lam, kind):
    w = np.concatenate([double(W).ravel() for W in Ws])
    return np.mean(losses, dtype=float) + lam * (
        np.linalg.norm(w) ** 2 if kind == "l2" else np.linalg.norm(w, 1)
    )


@bank.right("traces and einsum")
def traces_and_einsum(losses, Ws, lam, kind):
    terms = [
        np.einsum("ij,ij->", W, W) if kind == "l2" else np.einsum("ij,ij->", W, np.sign(W))
        for W in map(double, Ws)
    ]
    return np.average(double(losses)) + lam * math.fsum(terms)
