"""bprop of the loss box."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import logsumexp, softmax
from ...reference.gradcheck import complex_step_gradient
from ...reference.losses import nll_per_example
from ..bank import Bank
from ..draw import case, far_rows, huge_logits, labels, logits, single, strided, sure_logits, whole
from .shared import DTYPES

HUGE = "huge logits (largest 1000)"


FAR = "rows far apart"


def _nll_cases(rng):
    def one(F, y=None, **more):
        N, K = F.shape
        g = float(rng.uniform(1.3, 2.7) * rng.choice([-1.0, 1.0]))
        return case(F, labels(rng, N, K) if y is None else y, g, **more, N=N, K=K)

    return {
        "generic": [
            one(logits(rng, 5, 3)),
            one(strided(logits(rng, 3, 7))),
            one(logits(rng, 5, 5)),
            one(logits(rng, 11, 4) - 3.0),
            one(logits(rng, 1, 13)),
            one(logits(rng, 1, 2)),
            one(logits(rng, 101, 17)),
        ],
        "huge": [
            one(huge_logits(rng, 7, 5), scale=1.0),
            one(logits(rng, 3, 5) - 1000.0, scale=1.0),
        ],
        "far": [one(far_rows(rng, 5, 3), scale=1.0), one(*sure_logits(rng))],
        "dtypes": [one(whole(rng, 3, 5)), one(single(rng, 5, 7))],
        "twice": [one(logits(rng, 5, 3)), one(logits(rng, 5, 3))],
    }


def _softmax_nll_bprop(F, y, g):
    def row_gradient(f, k):
        return complex_step_gradient(lambda t: g * nll_per_example(t[None], [k])[0], f)

    return np.stack([row_gradient(f, k) for f, k in zip(F, y, strict=True)])


bank = Bank()


EXERCISE = Exercise(
    title="bprop of the loss box",
    signature="softmax_nll_bprop(F, y, g)",
    returns="dF",
    minutes=8,
    lines=5,
    section="The loss box",
    draw=_nll_cases,
    oracle=_softmax_nll_bprop,
    criteria=(
        shape(0.5),
        value(1.0),
        value(0.25, HUGE, "huge"),
        value(0.25, FAR, "far"),
        value(0.25, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.5),
    ),
    hints=(
        "Chapter 01 gave you the gradient of the summed loss with respect to the logits. What "
        "does the chain rule do with it when the loss itself is followed by something whose "
        "derivative is g?",
        "g multiplies everything: g (softmax(F) - one_hot(y)), row by row. Shift each row by "
        "its own maximum before you exponentiate.",
        "E = np.exp(F - F.max(axis=1, keepdims=True))\n"
        "P = E / ...\n"
        "P[np.arange(len(y)), y] -= ...\n"
        "return ...",
    ),
    bank=bank,
)


def hot(y, K):
    return (np.arange(K) == np.asarray(y)[:, None]).astype(float)


def loss_gradient(F):
    """P and the one-hot rows are all that the variants below differ in."""
    return softmax(np.asarray(F, dtype=float))


def nll_box(F, y, g):
    P = loss_gradient(F)
    return g * (P - hot(y, P.shape[1]))


@bank.wrong("the upstream g left out", "The loss may be followed by a factor. Where does g enter?")
def no_upstream(F, y, g):
    return nll_box(F, y, 1.0)


@bank.wrong("p - g e_y", "Which terms does the chain rule multiply by g?")
def g_on_labels(F, y, g):
    return loss_gradient(F) - g * hot(y, F.shape[1])


@bank.wrong("g p - e_y", "Which terms does the chain rule multiply by g?")
def g_on_probabilities(F, y, g):
    return g * loss_gradient(F) - hot(y, F.shape[1])


@bank.wrong(
    "g added instead of multiplied",
    "Does the chain rule add derivatives along a path, or multiply them?",
)
def g_added(F, y, g):
    return g + nll_box(F, y, 1.0)


@bank.wrong("|g| for g", "What if whatever follows turns the loss upside down?")
def g_size_only(F, y, g):
    return nll_box(F, y, abs(g))


@bank.wrong("divided by g", "Does the chain rule multiply, or divide?")
def g_divides(F, y, g):
    return nll_box(F, y, 1.0 / g)


@bank.wrong("divided by N", "The box computes the sum over examples. Where would a mean come from?")
def mean(F, y, g):
    return nll_box(F, y, g) / len(F)


@bank.wrong("g (e_y - p)", "Should a rise of the label's logit raise the loss?")
def sign(F, y, g):
    return -nll_box(F, y, g)


@bank.wrong("g p", "Where do the labels enter?")
def no_label(F, y, g):
    return g * loss_gradient(F)


@bank.wrong(
    "multiplied by the value of the loss",
    "bprop gets the gradient of what follows. Is that the value of the box?",
)
def times_loss(F, y, g):
    return nll_box(F, y, g) * (logsumexp(F) - F[np.arange(len(y)), y]).sum()


@bank.wrong(
    "the loss minus e_y, as printed in S1",
    "A vector is subtracted from one number here. Which vector should stand there?",
)
def loss_minus_one_hot(F, y, g):
    return g * ((logsumexp(F) - F[np.arange(len(y)), y])[:, None] - hot(y, F.shape[1]))


@bank.wrong(
    "the Jacobian of softmax times g",
    "That is the gradient of a sum of probabilities. Which loss is in this box?",
)
def through_softmax_only(F, y, g):
    P = loss_gradient(F)
    return g * P * (1 - P)


@bank.wrong("softmax over columns", "One example is one row. Along which axis do its classes lie?")
def columns(F, y, g):
    return g * (loss_gradient(F.T).T - hot(y, F.shape[1]))


@bank.wrong(
    "exponentials divided by the totals of the columns",
    "One example is one row. Along which axis do its probabilities sum to 1?",
)
def columns_summed(F, y, g):
    E = np.exp(F - np.max(F, axis=1, keepdims=True))
    return g * (E / E.sum(axis=0) - hot(y, F.shape[1]))


@bank.wrong(
    "exponentials divided by the total of the batch",
    "Which entries compete for probability: those of a row, or all?",
)
def divided_by_everything(F, y, g):
    E = np.exp(F - np.max(F, axis=1, keepdims=True))
    return g * (E / E.sum() - hot(y, F.shape[1]))


@bank.wrong(
    "the largest logit of each column taken off",
    "A shift cancels if all logits of a row are shifted alike. Along which axis do you "
    "take the largest?",
)
def largest_of_columns(F, y, g):
    E = np.exp(F - np.max(F, axis=0))
    return g * (E / E.sum(axis=1, keepdims=True) - hot(y, F.shape[1]))


@bank.wrong(
    "as many classes as the largest label of the batch says",
    "A batch need not contain every class. Which argument tells how many there are?",
)
def classes_up_to_the_largest_label(F, y, g):
    return g * (loss_gradient(F) - np.eye(np.max(y) + 1)[y])


@bank.wrong(
    "as many classes as different labels occur in the batch",
    "A batch need not contain every class. Which argument tells how many there are?",
)
def classes_that_occur(F, y, g):
    return g * (loss_gradient(F) - np.eye(len(np.unique(y)))[y])


@bank.wrong("(p - e_y) p (1 - p)", "Has the logarithm not cancelled that slope already?")
def extra_slope(F, y, g):
    P = loss_gradient(F)
    return g * (P - hot(y, F.shape[1])) * P * (1 - P)


@bank.wrong(
    "-e_y / p, the gradient for the probabilities",
    "Which Jacobian lies between probabilities and logits?",
)
def for_probabilities(F, y, g):
    return -g * hot(y, F.shape[1]) / loss_gradient(F)


@bank.wrong(
    "f - e_y: the logits where their softmax should be",
    "What did the network say, logits or probabilities?",
)
def raw_logits(F, y, g):
    return g * (np.asarray(F, dtype=float) - hot(y, F.shape[1]))


@bank.wrong(
    "one-hot rows of the most likely class, not of the label",
    "Does your gradient know the labels at all?",
)
def own_guess(F, y, g):
    return nll_box(F, np.argmax(F, axis=1), g)


@bank.wrong(
    "probabilities kept away from 0 and 1",
    "What does the limit protect from? This gradient has no logarithm.",
)
def clipped_probabilities(F, y, g):
    return g * (np.clip(loss_gradient(F), 1e-12, 1 - 1e-12) - hot(y, F.shape[1]))


@bank.wrong(
    "one softmax over the whole batch",
    "Which entries compete for probability: those of a row, or all?",
)
def one_softmax(F, y, g):
    return g * (loss_gradient(F.ravel()).reshape(F.shape) - hot(y, F.shape[1]))


@bank.wrong(
    "P[:, y] -= 1, which takes whole columns",
    "P[:, y] takes every row. How do you pick one entry per row?",
)
def whole_columns(F, y, g):
    P = loss_gradient(F)
    P[:, y] -= 1
    return g * P


@bank.wrong(
    "labels counted from 1", "Labels here run from 0 to K-1. What does the index -1 mean to NumPy?"
)
def counts_from_one(F, y, g):
    return nll_box(F, np.asarray(y) - 1 + F.shape[1] * (np.asarray(y) == 0), g)


@bank.wrong("the rows summed", "One gradient row per example: which shape is asked for?")
def summed(F, y, g):
    return nll_box(F, y, g).sum(axis=0)


@bank.wrong("exp of the logits as they come", "What does a computer make of exp(1000)?")
def no_shift(F, y, g):
    E = np.exp(np.asarray(F, dtype=float))
    return g * (E / E.sum(axis=1, keepdims=True) - hot(y, F.shape[1]))


@bank.wrong(
    "one maximum for the whole batch",
    "What is left of exp(f - 900) in a row whose logits lie near -900?",
)
def one_maximum(F, y, g):
    F = np.asarray(F, dtype=float)
    E = np.exp(F - F.max())
    return g * (E / E.sum(axis=1, keepdims=True) - hot(y, F.shape[1]))


@bank.wrong(
    "central differences of the loss",
    "The differences are right to about ten digits. What does the formula give?",
)
def central_differences(F, y, g):
    F = np.asarray(F, dtype=float)
    out = np.zeros(F.shape)
    for k in np.ndindex(F.shape):
        e = np.zeros(F.shape)
        e[k] = 1e-5
        up, down = ((logsumexp(A) - A[np.arange(len(y)), y]).sum() for A in (F + e, F - e))
        out[k] = g * (up - down) / 2e-5
    return out


@bank.wrong("the result written into the caller's F", "Who else holds the array F?")
def changes_argument(F, y, g):
    answer = nll_box(F, y, g)
    F[...] = answer
    return answer


@bank.wrong(
    "zero for all classes but the label",
    "When another logit rises, what happens to the label's probability?",
)
def label_only(F, y, g):
    dF, rows = np.zeros(F.shape), np.arange(len(y))
    dF[rows, y] = g * (softmax(np.asarray(F, dtype=float))[rows, y] - 1)
    return dF


@bank.right("in the precision of its arguments")
def in_the_precision_of_its_arguments(F, y, g):
    P = softmax(F)
    P[np.arange(len(y)), y] -= 1
    return g * P


bank.habits(nll_box)


@bank.right("loops")
def loops(F, y, g):
    rows = []
    for f, k in zip(F.astype(float), y, strict=True):
        e = np.exp(f - f.max())
        rows.append([g * (v / e.sum() - (j == k)) for j, v in enumerate(e)])
    return np.array(rows)


@bank.right("in place on its own array")
def in_place_on_its_own_array(F, y, g):
    F = np.array(F, dtype=np.float64)
    F -= F.max(axis=1, keepdims=True)
    np.exp(F, out=F)
    F /= F.sum(axis=1, keepdims=True)
    np.subtract.at(F, (np.arange(len(y)), y), 1.0)
    F *= g
    return F


@bank.right("through log-softmax")
def through_log_softmax(F, y, g):
    F = F.astype(float)
    return g * np.exp(F - logsumexp(F)[:, None]) - g * np.eye(F.shape[1])[y]
