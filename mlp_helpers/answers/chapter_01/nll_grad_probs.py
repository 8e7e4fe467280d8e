"""Back to the probabilities."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.gradcheck import complex_step_gradient
from ..bank import Bank
from ..draw import case, probabilities, strided
from .shared import LABELS


def _grad_probs_cases(rng):
    def one(K):
        return case(probabilities(rng, K), int(rng.integers(1, K - 1)), K=K)

    def certain(K):
        p, y = probabilities(rng, K), int(rng.integers(1, K))
        p[(y + 1) % K] = 0.0
        return case(p, y, K=K)

    return {
        "generic": [
            one(5),
            one(7),
            one(3),
            one(11),
            one(211),
            case(probabilities(rng, 2), 1, K=2),
            case(strided(probabilities(rng, 5)), 2, K=5),
        ],
        "zeros": [certain(5), certain(3)],
        "ends": [case(probabilities(rng, 5), y, K=5) for y in (0, 4)] + [case(np.ones(1), 0, K=1)],
        "twice": [one(5), one(5)],
    }


def _nll_grad_probs(p, y):
    return complex_step_gradient(lambda q: -np.log(q[y]), p)


bank = Bank()


EXERCISE = Exercise(
    title="Back to the probabilities",
    signature="nll_grad_probs(p, y)",
    returns="dL/dp",
    minutes=6,
    lines=3,
    section="The same loss, seen from the probabilities",
    draw=_grad_probs_cases,
    oracle=_nll_grad_probs,
    criteria=(
        shape(0.25),
        value(0.75),
        value(0.25, "zeros at other classes", "zeros"),
        value(0.25, "first and last class", "ends"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "The loss is -log p_y. Which entries of p does it mention at all? What is the "
        "derivative with respect to an entry that it does not mention?",
        "All entries are 0 except the one of the label, which is -1 / p_y. This is not "
        "p - e_y: that is the gradient with respect to the logits.",
        "g = np.zeros(len(p))\ng[y] = ...\nreturn g",
    ),
    bank=bank,
)


@bank.wrong(
    "p - e_y, the gradient for the logits",
    "S1 prints this as the gradient with respect to h^L. Which of the two vectors, logits "
    "or probabilities, does -log p_y mention directly?",
)
def gradient_for_logits(p, y):
    return p - np.eye(len(p))[y]


@bank.wrong("+1 / p_y", "Raising p_y makes the label more likely. Does the loss rise?")
def sign(p, y):
    return np.eye(len(p))[y] / p[y]


@bank.wrong("-1 / p in every entry", "Which entries of p does -log p_y mention at all?")
def all_classes(p, y):
    return -1.0 / p


@bank.wrong("-e_y", "What is the derivative of the logarithm?")
def no_division(p, y):
    return -np.eye(len(p))[y]


@bank.wrong("-p_y e_y", "Is the derivative of log p equal to p, or to 1 / p?")
def multiplied(p, y):
    return -np.eye(len(p))[y] * p[y]


@bank.wrong("-log p_y in the label's entry", "That is the loss. What is its derivative?")
def the_loss(p, y):
    return -np.eye(len(p))[y] * np.log(p[y])


@bank.wrong(
    "-e_y / p + (1 - e_y) / (1 - p)",
    "How many questions does one label answer? Does -log p_y mention 1 - p?",
)
def binary(p, y):
    e = np.eye(len(p))[y]
    return np.where(e == 1, -1 / p, 1 / (1 - p))


@bank.wrong(
    "e_y - p",
    "That is a gradient with respect to the logits, with its sign flipped. Which vector "
    "does -log p_y mention directly?",
)
def label_minus_p(p, y):
    return np.eye(len(p))[y] - p


@bank.wrong("-1 / p_y^2", "Which function has the derivative 1 / p, and which one has -1 / p^2?")
def squared(p, y):
    return -np.eye(len(p))[y] / p[y] ** 2


@bank.wrong("-1 / p_y in every entry", "Which entries of p does -log p_y mention at all?")
def spread(p, y):
    return np.full(len(p), -1 / p[y])


@bank.wrong("divided by K", "Is there a mean in -log p_y?")
def divided_by_classes(p, y):
    return -np.eye(len(p))[y] / p[y] / len(p)


@bank.wrong(
    "labels counted from 1",
    "Labels here run from 0 to K-1. Which entry belongs to label 0?",
    reread=LABELS,
)
def counts_from_one(p, y):
    g = np.zeros(len(p))
    g[y - 1] = -1.0 / p[y - 1]
    return g


@bank.wrong(
    "-e_y / p, dividing every entry", "What does 0 / 0 give where another class has probability 0?"
)
def zero_over_zero(p, y):
    return -np.eye(len(p))[y] / p


@bank.wrong("one number", "One derivative per entry of p: how many numbers should come back?")
def scalar(p, y):
    return -1.0 / p[y]


for _small in (1e-6, 1e-7, 1e-8, 1e-9, 1e-10):

    @bank.wrong(
        "a small constant added to p_y",
        "p_y is not 0 here. What does the constant do to the answer?",
        id=f"epsilon_{_small:g}",
    )
    def epsilon(p, y, small=_small):
        return -np.eye(len(p))[y] / (p[y] + small)


@bank.wrong("label 0 treated as no label", "`if y:` is False for y = 0. Is class 0 no class?")
def skips_first_class(p, y):
    g = np.zeros(len(p))
    if y:
        g[y] = -1.0 / p[y]
    return g


@bank.wrong("the result written into the caller's p", "Who else holds the array p?")
def changes_argument(p, y):
    g = np.zeros(len(p))
    g[y] = -1.0 / p[y]
    p[...] = g
    return g


bank.habits(lambda p, y: -np.eye(len(p))[y] / p[y])


@bank.right("one entry set")
def one_entry_set(p, y):
    g = np.zeros_like(p)
    g[y] = -1.0 / p[y]
    return g


@bank.right("a list")
def a_list(p, y):
    return [-1.0 / float(p[k]) if k == y else 0.0 for k in range(len(p))]


@bank.right("np.where")
def np_where(p, y):
    return np.where(np.arange(p.size) == y, -1.0 / p[y], 0.0)


@bank.right("a row of an identity matrix")
def a_row_of_an_identity_matrix(p, y):
    return -np.eye(p.shape[0])[y] / p[y]
