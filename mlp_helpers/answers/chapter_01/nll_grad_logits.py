"""Back to the logits."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import logsumexp, softmax
from ...reference.gradcheck import complex_step_gradient
from ...reference.losses import nll_per_example
from ..bank import Bank
from ..draw import case, sure_logits
from .shared import (
    DTYPES,
    FAR,
    HUGE,
    LABELS,
    ROWS,
    STABLE,
    batch_cases,
    columns_summed,
    hot,
    picked,
    right_loss,
)


def _grad_batch_cases(rng):
    """The same, but gradients are of size 1 however large the logits are."""
    groups = batch_cases(rng)
    for name in ("huge", "far"):
        groups[name] = [case(*c.args, scale=1.0, **c.sizes) for c in groups[name]]
    groups["far"].append(case(*sure_logits(rng), N=3, K=5))
    return groups


def _nll_grad_logits(F, y):
    def row_gradient(f, k):
        return complex_step_gradient(lambda g: nll_per_example(g[None], [k])[0], f)

    return np.stack([row_gradient(f, k) for f, k in zip(F, y, strict=True)])


bank = Bank()


EXERCISE = Exercise(
    title="Back to the logits",
    signature="nll_grad_logits(F, y)",
    returns="dL/dF",
    minutes=12,
    lines=2,
    section="The gradient everything starts from",
    draw=_grad_batch_cases,
    oracle=_nll_grad_logits,
    criteria=(
        shape(0.5),
        value(1.5),
        value(0.5, HUGE, "huge"),
        value(0.5, FAR, "far"),
        value(0.25, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.5),
    ),
    hints=(
        "For one example, differentiate logsumexp(f) - f_y with respect to each f_k. What is "
        "the derivative of logsumexp? You have met it under another name.",
        "The gradient of logsumexp is the softmax. The second term contributes -1 in the "
        "column of the label only. No 1/N: the loss is a sum.",
        "G = softmax_rows(F)\nreturn G - ...         # one-hot rows of y",
    ),
    bank=bank,
)


@bank.wrong(
    "divided by N, the gradient of the mean",
    "The contract of this chapter: is the loss a sum, or a mean?",
)
def mean(F, y):
    return (softmax(F) - hot(y, F.shape[1])) / len(F)


@bank.wrong("e_y - p", "Descent goes against the gradient. Should it lower the label's logit?")
def sign(F, y):
    return hot(y, F.shape[1]) - softmax(F)


@bank.wrong("p + e_y", "The rows of this gradient sum to a fixed number. To which, and why?")
def plus(F, y):
    return softmax(F) + hot(y, F.shape[1])


@bank.wrong("p alone", "Where do the labels enter?")
def no_label(F, y):
    return softmax(F)


@bank.wrong(
    "the loss minus e_y, as printed in S1",
    "The printed line subtracts a vector from one number, and NumPy broadcasts without a "
    "word. Which vector should stand there?",
)
def loss_minus_one_hot(F, y):
    loss = logsumexp(F) - picked(F, y)
    return loss[:, None] - hot(y, F.shape[1])


@bank.wrong(
    "the total loss minus e_y",
    "A vector is subtracted from one number here. Which vector should stand there?",
)
def total_loss_minus_one_hot(F, y):
    return (logsumexp(F) - picked(F, y)).sum() - hot(y, F.shape[1])


@bank.wrong(
    "the proof line of S1 with phi_k for phi_j",
    "In the off-diagonal term phi_j phi_k / phi_k, which of the two is left?",
)
def wrong_index(F, y):
    P, E = softmax(F), hot(y, F.shape[1])
    return np.where(E == 1, P - 1, picked(P, y)[:, None])


@bank.wrong(
    "-e_y / p, the gradient for the probabilities",
    "That is the gradient one step later. Which Jacobian lies between probabilities and logits?",
)
def grad_probabilities(F, y):
    return -hot(y, F.shape[1]) / softmax(F)


@bank.wrong("F - e_y", "p is a function of F. Which one?")
def logits_minus_one_hot(F, y):
    return np.asarray(F, dtype=float) - hot(y, F.shape[1])


@bank.wrong(
    "the label as a number, not as its vector",
    "y is a column of class numbers. What should class 4 subtract, and where?",
)
def minus_label_number(F, y):
    return softmax(F) - np.asarray(y)[:, None]


@bank.wrong(
    "P - y, which lines the labels up with the classes",
    "y holds class numbers, one for each row. What should class 4 subtract, and where?",
    reread=LABELS,
)
def minus_label_vector(F, y):
    return softmax(F) - y


@bank.wrong(
    "P[y] -= 1, which takes whole rows",
    "P[y] takes row number y. How do you pick one entry per row?",
    reread=LABELS,
)
def whole_rows(F, y):
    P = softmax(np.asarray(F, dtype=float))
    P[y] -= 1
    return P


@bank.wrong(
    "(p - e_y) sigma'(f)",
    "The logits are not squashed one by one. Has softmax's Jacobian not been multiplied in "
    "already?",
)
def sigmoid_slope(F, y):
    s = 1 / (1 + np.exp(-np.asarray(F, dtype=float)))
    return (softmax(F) - hot(y, F.shape[1])) * s * (1 - s)


@bank.wrong(
    "(p - e_y) tanh'(f)",
    "The logits are not squashed one by one. Has softmax's Jacobian not been multiplied in "
    "already?",
)
def tanh_slope(F, y):
    return (softmax(F) - hot(y, F.shape[1])) * (1 - np.tanh(np.asarray(F, dtype=float)) ** 2)


@bank.wrong("2 (p - e_y)", "The 2 comes from a square. Is there one in this loss?")
def doubled(F, y):
    return 2 * (softmax(F) - hot(y, F.shape[1]))


@bank.wrong("divided by N K", "The contract of this chapter: is the loss a sum, or a mean?")
def mean_of_entries(F, y):
    return (softmax(F) - hot(y, F.shape[1])) / np.size(F)


@bank.wrong(
    "the gradient of K yes-or-no losses, through softmax",
    "How many questions does one label answer? Does the loss mention log(1 - p)?",
)
def binary(F, y):
    P, E = softmax(np.asarray(F, dtype=float)), hot(y, F.shape[1])
    V = -E / P + (1 - E) / (1 - P)
    return P * (V - (P * V).sum(axis=1, keepdims=True))


@bank.wrong("the gradient of 1 - p", "Which loss does the likelihood give: 1 - p, or -log p?")
def one_minus(F, y):
    P, E = softmax(F), hot(y, F.shape[1])
    return picked(P, y)[:, None] * (P - E)


@bank.wrong(
    "the label's entry right, the others 0",
    "Raising another logit lowers the label's probability. What is its derivative?",
)
def label_entry_only(F, y):
    E = hot(y, F.shape[1])
    return (softmax(F) - E) * E


@bank.wrong(
    "(p - e_y) p (1 - p)",
    "That slope belongs to a squared error through a sigmoid. Has the logarithm not cancelled it?",
)
def extra_slope(F, y):
    P = softmax(F)
    return (P - hot(y, F.shape[1])) * P * (1 - P)


@bank.wrong(
    "P[:, y] -= 1, which takes whole columns",
    "P[:, y] takes every row. How do you pick one entry per row?",
    reread=LABELS,
)
def whole_columns(F, y):
    P = softmax(np.asarray(F, dtype=float))
    P[:, y] -= 1
    return P


@bank.wrong(
    "labels counted from 1",
    "Labels here run from 0 to K-1. What does the index -1 mean to NumPy?",
    reread=LABELS,
)
def counts_from_one(F, y):
    return softmax(F) - np.eye(F.shape[1])[np.asarray(y) - 1]


@bank.wrong(
    "softmax over columns",
    "One example is one row. Along which axis do its classes lie?",
    reread=ROWS,
)
def columns(F, y):
    return softmax(F.T).T - hot(y, F.shape[1])


@bank.wrong(
    "exponentials divided by the totals of the columns",
    "One example is one row. Along which axis do its probabilities sum to 1?",
)
def columns_summed_(F, y):
    return columns_summed(F) - hot(y, F.shape[1])


@bank.wrong(
    "the maximum of each column subtracted",
    "A shift cancels if all logits of a row are shifted alike. Along which axis do you "
    "take the maximum?",
)
def shift_per_column(F, y):
    E = np.exp(F - np.max(F, axis=0))
    return E / E.sum(axis=1, keepdims=True) - hot(y, F.shape[1])


@bank.wrong(
    "as many classes as the largest label of the batch says",
    "A batch need not contain every class. Which argument tells how many there are?",
)
def classes_up_to_the_largest_label(F, y):
    return softmax(F) - np.eye(np.max(y) + 1)[y]


@bank.wrong(
    "as many classes as different labels occur in the batch",
    "A batch need not contain every class. Which argument tells how many there are?",
)
def classes_that_occur(F, y):
    return softmax(F) - np.eye(len(np.unique(y)))[y]


@bank.wrong(
    "one-hot rows of the most likely class, not of the label",
    "Does your gradient know the labels at all?",
)
def own_guess(F, y):
    return softmax(F) - hot(np.argmax(F, axis=1), F.shape[1])


@bank.wrong(
    "probabilities kept away from 0 and 1",
    "What does the limit protect from? This gradient has no logarithm.",
)
def clipped_probabilities(F, y):
    return np.clip(softmax(F), 1e-12, 1 - 1e-12) - hot(y, F.shape[1])


@bank.wrong(
    "one softmax over the whole batch",
    "Which entries compete for probability: those of a row, or all?",
    reread=ROWS,
)
def one_softmax(F, y):
    return softmax(F.ravel()).reshape(F.shape) - hot(y, F.shape[1])


@bank.wrong("the rows summed", "One gradient row per example: which shape is asked for?")
def summed(F, y):
    return (softmax(F) - hot(y, F.shape[1])).sum(axis=0)


@bank.wrong(
    "shape (K, N)", "A gradient has the shape of what it is taken with respect to. Which is that?"
)
def transposed(F, y):
    return (softmax(F) - hot(y, F.shape[1])).T


@bank.wrong(
    "exp of the logits as they come", "What does a computer make of exp(1000)?", reread=STABLE
)
def no_shift(F, y):
    E = np.exp(np.asarray(F, dtype=float))
    return E / E.sum(axis=1, keepdims=True) - hot(y, F.shape[1])


@bank.wrong(
    "one maximum for the whole batch",
    "What is left of exp(f - 900) in a row whose logits lie near -900?",
    reread=ROWS,
)
def one_maximum(F, y):
    F = np.asarray(F, dtype=float)
    E = np.exp(F - F.max())
    return E / E.sum(axis=1, keepdims=True) - hot(y, F.shape[1])


@bank.wrong(
    "central differences of the loss",
    "The differences are right to about ten digits. What does the formula give, and at what cost?",
)
def central_differences(F, y):
    F = np.asarray(F, dtype=float)
    out, eps = np.zeros(F.shape), 1e-5
    for index in np.ndindex(F.shape):
        step = np.zeros(F.shape)
        step[index] = eps
        out[index] = (right_loss(F + step, y) - right_loss(F - step, y)) / (2 * eps)
    return out


@bank.wrong("the result written into the caller's F", "Who else holds the array F?")
def changes_argument(F, y):
    P = softmax(np.asarray(F, dtype=float))
    if F.dtype == np.float64:
        F[...] = P
    P[np.arange(len(y)), y] -= 1
    return P


@bank.right("plain NumPy, in the precision of the input")
def plain_numpy(F, y):
    P = softmax(F)
    P[np.arange(len(y)), y] -= 1
    return P


def _grad(F, y):
    return softmax(np.asarray(F, dtype=float)) - hot(y, F.shape[1])


@bank.wrong(
    "-e_y / p carried back through the Jacobian",
    "On paper p_y cancels. What is 0 / 0 when it has underflowed?",
)
def long_road(F, y):
    P = softmax(np.asarray(F, dtype=float))
    V = -hot(y, F.shape[1]) / P
    return P * (V - (P * V).sum(axis=1, keepdims=True))


bank.habits(_grad)


@bank.right("subtract at index pairs")
def subtract_at_index_pairs(F, y):
    G = softmax(F.astype(float))
    np.subtract.at(G, (np.arange(len(y)), y), 1.0)
    return G


@bank.right("loops")
def loops(F, y):
    rows = []
    for f, k in zip(F.astype(float), y, strict=True):
        p = softmax(f)
        rows.append([p[j] - (1.0 if j == k else 0.0) for j in range(len(f))])
    return np.array(rows)


@bank.right("through the Jacobian of log-softmax")
def through_the_jacobian_of_log_softmax(F, y):
    S = softmax(F.astype(float))
    K = S.shape[1]
    return np.stack([S[n] - np.eye(K)[k] for n, k in enumerate(y)])


@bank.right("as most people write it")
def as_most_people_write_it(F, y):
    E = np.exp(F - F.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    P[np.arange(len(y)), y] -= 1
    return P


@bank.right("rows of an identity matrix")
def rows_of_an_identity_matrix(F, y):
    return softmax(F) - np.eye(F.shape[1])[y]
