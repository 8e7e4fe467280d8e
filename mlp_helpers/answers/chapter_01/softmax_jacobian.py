"""The Jacobian of softmax."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import softmax
from ...reference.gradcheck import complex_step_jacobian
from ..bank import Bank
from .shared import DTYPES, HUGE, STABLE, jacobian, vector_cases

bank = Bank()


EXERCISE = Exercise(
    title="The Jacobian of softmax",
    signature="softmax_jacobian(z)",
    returns="J",
    minutes=12,
    lines=2,
    section="What one logit does to the others",
    draw=vector_cases,
    oracle=lambda z: complex_step_jacobian(softmax, z),
    criteria=(
        shape(0.5),
        value(1.75),
        value(0.5, HUGE, "huge"),
        value(0.5, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.5),
    ),
    hints=(
        "There are two kinds of entries. What does a logit do to its own probability, and "
        "what does it do to another one? Start from the quotient rule.",
        "On the diagonal s_i (1 - s_i), off the diagonal -s_i s_j. Write s_i (1 - s_i) as "
        "s_i - s_i s_i: now one matrix appears in every entry, the other on the diagonal only.",
        "s = softmax(z)\nreturn np.diag(...) - np.outer(..., ...)",
    ),
    bank=bank,
)


@bank.wrong(
    "diag(s (1 - s)), zeros elsewhere",
    "When one logit rises, its own probability rises. What happens to all the others?",
)
def diagonal_only(z):
    s = softmax(z)
    return np.diag(s * (1 - s))


@bank.wrong("-s s^T alone", "When one logit rises, should its own probability fall?")
def no_diagonal_term(z):
    s = softmax(z)
    return -np.outer(s, s)


@bank.wrong(
    "diag(s) + s s^T",
    "The rows of a softmax always sum to 1. What must each row of J sum to, then?",
)
def plus(z):
    s = softmax(z)
    return np.diag(s) + np.outer(s, s)


@bank.wrong("s s^T - diag(s)", "When one logit rises, does its own probability rise or fall?")
def sign(z):
    s = softmax(z)
    return np.outer(s, s) - np.diag(s)


@bank.wrong(
    "diag(s (1 - s)) - s s^T",
    "The term -s_i s_i is in the outer product already. How often do you subtract it?",
)
def diagonal_twice(z):
    s = softmax(z)
    return np.diag(s * (1 - s)) - np.outer(s, s)


@bank.wrong("I - s s^T", "What should stand on the diagonal before s_i^2 is taken away: 1, or s_i?")
def identity_minus(z):
    s = softmax(z)
    return np.eye(len(s)) - np.outer(s, s)


@bank.wrong(
    "-s_j off the diagonal, without the s_i",
    "The quotient rule leaves a square of the sum below. Which two exponentials stand above?",
)
def missing_factor(z):
    s = softmax(z)
    J = -np.tile(s, (len(s), 1))
    np.fill_diagonal(J, s * (1 - s))
    return J


@bank.wrong(
    "the Jacobian of log softmax, 1{i=j} - s_j",
    "This is d log s_i / d z_j. Which factor turns d log s into d s?",
)
def log_softmax(z):
    s = softmax(z)
    return np.eye(len(s)) - s[None, :]


@bank.wrong(
    "1{i=j} - s_i", "This resembles the derivative of log softmax. Which factor turns it into d s?"
)
def log_softmax_transposed(z):
    s = softmax(z)
    return np.eye(len(s)) - s[:, None]


@bank.wrong("diag(s) - s z^T", "Both factors of the outer product are the same vector. Which one?")
def logits_in_the_product(z):
    s = softmax(z)
    return np.diag(s) - np.outer(s, z)


@bank.wrong("diag(s) - z s^T", "Both factors of the outer product are the same vector. Which one?")
def logits_in_the_product_first(z):
    s = softmax(z)
    return np.diag(s) - np.outer(z, s)


@bank.wrong(
    "s_i (1 - s_j) in every entry",
    "The 1 belongs to i = j alone. What does s_i do when another logit rises?",
)
def one_minus_everywhere(z):
    s = softmax(z)
    return np.outer(s, 1 - s)


@bank.wrong(
    "s_i (1 - s_i) on the diagonal, s_i (1 - s_j) off it, with the sign flipped",
    "Which two factors stand in the off-diagonal entries?",
)
def both_one_minus(z):
    s = softmax(z)
    J = -np.outer(s, 1 - s)
    np.fill_diagonal(J, s * (1 - s))
    return J


@bank.wrong(
    "diag(z) - s s^T",
    "What stands on the diagonal before s_i^2 is taken away: a logit, or a probability?",
)
def diagonal_of_logits(z):
    s = softmax(z)
    return np.diag(z) - np.outer(s, s)


@bank.wrong(
    "softmax applied to the probabilities again",
    "z holds logits. How often should softmax be applied to them?",
)
def softmax_twice(z):
    s = softmax(softmax(z))
    return np.diag(s) - np.outer(s, s)


@bank.wrong("diag(z) - z z^T", "The formula is written in s. What is s, given z?")
def logits_for_probabilities(z):
    z = np.asarray(z, dtype=float)
    return np.diag(z) - np.outer(z, z)


@bank.wrong(
    "exponentials never divided by their sum",
    "What should s sum to before it goes into the formula?",
)
def not_normalised(z):
    e = np.exp(z - np.max(z))
    return np.diag(e) - np.outer(e, e)


@bank.wrong(
    "s (1 - s), a vector", "K outputs and K inputs: how many partial derivatives are there?"
)
def vector_of_slopes(z):
    s = softmax(z)
    return s * (1 - s)


@bank.wrong(
    "diag(s) minus the number s . s",
    "s @ s is one number, np.outer(s, s) a matrix. Which one does the formula need?",
)
def inner_product(z):
    s = softmax(z)
    return np.diag(s) - s @ s


@bank.wrong(
    "diag(s) - diag(s^2) spread by broadcasting",
    "s * s multiplies entry by entry. Which product pairs every i with every j?",
)
def elementwise_square(z):
    s = softmax(z)
    return np.diag(s) - s * s


@bank.wrong(
    "central differences",
    "The differences are right to about ten digits. What does the formula give?",
)
def central_differences(z):
    z = np.asarray(z, dtype=float)
    eps = 1e-6
    step = eps * np.eye(len(z))
    return ((softmax(z + step) - softmax(z - step)) / (2 * eps)).T


@bank.wrong(
    "forward differences", "How large is the error of a one-sided difference? The formula has none."
)
def forward_differences(z):
    z = np.asarray(z, dtype=float)
    eps = 1e-7
    return ((softmax(z + eps * np.eye(len(z))) - softmax(z)) / eps).T


@bank.wrong("a softmax that overflows", "What does a computer make of exp(1000)?", reread=STABLE)
def no_shift(z):
    e = np.exp(np.asarray(z, dtype=float))
    s = e / e.sum()
    return np.diag(s) - np.outer(s, s)


@bank.wrong(
    "a softmax that changes the caller's array", "Who else holds the array z?", reread=STABLE
)
def changes_argument(z):
    if z.dtype != np.float64:
        z = z.astype(float)
    z -= z.max()
    s = softmax(z)
    return np.diag(s) - np.outer(s, s)


@bank.wrong(
    "an output array with the dtype of the logits",
    "np.zeros_like of whole numbers holds whole numbers. What becomes of 0.3 in it?",
)
def stays_integer(z):
    s = softmax(z)
    J = np.zeros((len(z), len(z)), dtype=np.asarray(z).dtype)
    J[:] = np.diag(s) - np.outer(s, s)
    return J


@bank.right("plain NumPy, in the precision of the input")
def plain_numpy(z):
    s = softmax(z)
    return np.diag(s) - np.outer(s, s)


@bank.wrong(
    "+s_i s_j off the diagonal", "When one logit rises, do the other probabilities rise or fall?"
)
def plus_off_diagonal(z):
    s = softmax(z)
    J = np.outer(s, s)
    np.fill_diagonal(J, s * (1 - s))
    return J


bank.habits(jacobian)


@bank.right("two loops")
def two_loops(z):
    s = [float(v) for v in softmax(np.asarray(z, dtype=float))]
    K = len(s)
    return np.array([[s[i] * ((i == j) - s[j]) for j in range(K)] for i in range(K)])


@bank.right("einsum")
def einsum(z):
    s = softmax(z.astype(float))
    return np.einsum("i,ij->ij", s, np.eye(s.size)) - np.einsum("i,j->ij", s, s)


@bank.right("s_i (delta - s_j), broadcast")
def s_i(z):
    s = softmax(z.astype(float))
    return s[:, None] * (np.eye(len(s)) - s[None, :])


@bank.right("fill the diagonal")
def fill_the_diagonal(z):
    s = softmax(z.astype(float)).reshape(-1, 1)
    J = -(s @ s.T)
    np.fill_diagonal(J, (s * (1 - s)).ravel())
    return J


@bank.right("a column times a row, as it stands")
def a_column_times_a_row(z):
    s = softmax(z)[:, None]
    return np.diagflat(s) - s @ s.T


@bank.right("s_i (delta - s_j), np.identity")
def s_i_(z):
    s = softmax(z)
    return s.reshape(-1, 1) * (np.identity(len(z)) - s)
