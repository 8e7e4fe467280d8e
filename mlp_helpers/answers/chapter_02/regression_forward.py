"""The forward pass."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import sigmoid
from ..bank import Bank
from .shared import (
    CALLER,
    DTYPES,
    HUGE,
    OVERFLOW,
    ROUNDED,
    SLOPE,
    floats,
    part,
    quotient,
    right_forward,
    single_cases,
    up,
)


def _forward_cases(rng):
    """The same, for z3: a sum of terms of size 1 that may all but cancel."""
    return {
        name: [replace(c, scale=1.0) for c in cases] for name, cases in single_cases(rng).items()
    }


def _forward(A, b, x, y):
    z1 = np.asarray(A, dtype=float) @ x
    z2 = sigmoid(z1)
    z3 = z2 @ b
    return z1, z2, z3, y - z3, (y - z3) ** 2


bank = Bank()


EXERCISE = Exercise(
    title="The forward pass",
    signature="regression_forward(A, b, x, y)",
    returns=("z1", "z2", "z3", "z4", "loss"),
    minutes=10,
    lines=6,
    section="Five quantities on the way up",
    draw=_forward_cases,
    oracle=_forward,
    criteria=(
        shape(0.5),
        part(0.5, "value of z1 and z2", 0, 1),
        part(0.5, "value of z3, z4 and the loss", 2, 3, 4),
        value(0.5, HUGE, "huge"),
        value(0.5, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "Five lines, one for each quantity, each made of the one before. Which of the five are "
        "vectors, and which are single numbers?",
        "z1 = A x, z2 = sigma(z1) entry by entry, z3 = b^T z2, z4 = y - z3, loss = z4^2. "
        "For the sigmoid: 1 / (1 + exp(-z)) has no quotient of two infinities, "
        "exp(z) / (1 + exp(z)) has.",
        "z1 = A @ ...\nz2 = sigmoid(...)\nz3 = ...\nz4 = ...\nreturn z1, z2, z3, z4, z4**2",
    ),
    bank=bank,
)


def _rest(z1, z2, b, y):
    z3 = b @ z2
    return z1, z2, z3, y - z3, (y - z3) ** 2


@bank.wrong("exp(z) / (1 + exp(z))", OVERFLOW, reread=SLOPE)
def exp_quotient(A, b, x, y):
    A, b, x = floats(A, b, x)
    return _rest(A @ x, quotient(A @ x), b, y)


@bank.wrong("z2 = z1, no sigmoid", "Without the sigmoid, what kind of function of x is b^T A x?")
def no_activation(A, b, x, y):
    A, b, x = floats(A, b, x)
    return _rest(A @ x, A @ x, b, y)


@bank.wrong(
    "tanh in place of the sigmoid",
    "Between which two values does the sigmoid stay, and between which does tanh?",
)
def tanh(A, b, x, y):
    A, b, x = floats(A, b, x)
    return _rest(A @ x, np.tanh(A @ x), b, y)


@bank.wrong(
    "1 / (1 + exp(z)), without the minus",
    "Should a unit with a large positive pre-activation be near 1 or near 0?",
)
def sigmoid_sign(A, b, x, y):
    A, b, x = floats(A, b, x)
    return _rest(A @ x, sigmoid(-(A @ x)), b, y)


@bank.wrong(
    "the derivative of the sigmoid as z2",
    "Which does the forward pass need: the value of the sigmoid, or its slope?",
)
def slope_for_value(A, b, x, y):
    A, b, x = floats(A, b, x)
    s = sigmoid(A @ x)
    return _rest(A @ x, s * (1 - s), b, y)


@bank.wrong(
    "the sigmoid of the sigmoid", "How often does the sigmoid stand in f(x) = b^T sigma(A x)?"
)
def sigmoid_twice(A, b, x, y):
    A, b, x = floats(A, b, x)
    return _rest(A @ x, sigmoid(sigmoid(A @ x)), b, y)


@bank.wrong(
    "A sigma(x): the sigmoid before the weights",
    "Which comes first in f(x) = b^T sigma(A x): the weights A, or the sigmoid?",
)
def sigmoid_of_input(A, b, x, y):
    A, b, x = floats(A, b, x)
    z1 = A @ x
    return _rest(z1, A @ sigmoid(x), b, y)


@bank.wrong(
    "the output squashed as well",
    "The targets are any real numbers. Which values could sigma(b^T z2) take?",
)
def sigmoid_of_output(A, b, x, y):
    *_, z1, z2, z3, _ = up(A, b, x, y)
    z3 = sigmoid(z3)
    return z1, z2, z3, y - z3, (y - z3) ** 2


@bank.wrong(
    "z4 = z3 - y", "The loss does not notice. Which sign does the definition of z4 give it?"
)
def error_sign(A, b, x, y):
    z1, z2, z3, z4, loss = right_forward(A, b, x, y)
    return z1, z2, z3, -z4, loss


@bank.wrong("z4^2 / 2", "Some books put 1/2 before the square. Does this course?")
def half_loss(A, b, x, y):
    *first, loss = right_forward(A, b, x, y)
    return *first, loss / 2


@bank.wrong("|z4|", "Is the loss the size of the error, or its square?")
def absolute_loss(A, b, x, y):
    *first, loss = right_forward(A, b, x, y)
    return *first, np.sqrt(loss)


@bank.wrong(
    "the mean over hidden units",
    "b^T z2 is a sum over the hidden units. By what does a mean differ from it?",
)
def mean_of_units(A, b, x, y):
    *_, b, _, z1, z2, _, _ = up(A, b, x, y)
    return _rest(z1, z2, b / len(b), y)


@bank.wrong(
    "the plain sum of the hidden units",
    "How much does each hidden unit count in the output, and which letter says so?",
)
def b_left_out(A, b, x, y):
    *_, z1, z2, _, _ = up(A, b, x, y)
    return _rest(z1, z2, np.ones(len(z2)), y)


@bank.wrong("A^T x", "One row of A belongs to one hidden unit. Which product takes rows times x?")
def transposed(A, b, x, y):
    A, b, x = floats(A, b, x)
    return _rest(x @ A, sigmoid(x @ A), b, y)


@bank.wrong(
    "vectors of shape (h, 1)",
    "Which shape do x and b have here, and which shape does A @ x have then?",
)
def columns(A, b, x, y):
    z1, z2, z3, z4, loss = right_forward(A, b, x, y)
    return z1[:, None], z2[:, None], z3, z4, loss


@bank.wrong(
    "the loss alone", "The way back needs the intermediate quantities. Which five are asked for?"
)
def loss_only(A, b, x, y):
    return right_forward(A, b, x, y)[4]


@bank.wrong(
    "the sigmoid written over z1", "After the sigmoid went into the same array, where is z1?"
)
def z1_overwritten(A, b, x, y):
    z1, z2, *rest = right_forward(A, b, x, y)
    return z2, z2, *rest


@bank.wrong("x scaled in place", CALLER)
def changes_argument(A, b, x, y):
    if A.dtype != np.float64:
        return right_forward(A, b, x, y)
    A *= x
    z1 = A.sum(axis=1)
    return _rest(z1, sigmoid(z1), b, y)


@bank.right("plain NumPy: the precision that came in")
def plain_numpy(A, b, x, y):
    return _rest(A @ x, sigmoid(A @ x), b, y)


@bank.wrong(
    "an output array with the dtype of x",
    "np.zeros of whole numbers holds whole numbers. What becomes of 0.3 in it?",
)
def stays_integer(A, b, x, y):
    z1, z2, *_ = right_forward(A, b, x, y)
    stored = np.zeros(len(b), dtype=x.dtype)
    stored[:] = z2
    return _rest(z1, stored, b, y)


@bank.wrong("numbers rounded to a few digits", ROUNDED)
def rounded(A, b, x, y):
    return tuple(np.round(v, 7) for v in right_forward(A, b, x, y))


bank.habits(right_forward)


@bank.right("plain, 1 / (1 + exp(-z)) with a clip")
def plain(A, b, x, y):
    z1 = A @ x
    z2 = 1 / (1 + np.exp(-np.clip(z1, -80, 80)))
    z3 = np.dot(b, z2)
    return z1, z2, z3, y - z3, np.square(y - z3)


@bank.right("loops")
def loops(A, b, x, y):
    h, m = A.shape
    z1 = [sum(float(A[i, j]) * float(x[j]) for j in range(m)) for i in range(h)]
    z2 = [1 / (1 + math.exp(-z)) if z > -700 else 0.0 for z in z1]
    z3 = math.fsum(float(b[i]) * z2[i] for i in range(h))
    z4 = float(y) - z3
    return z1, z2, z3, z4, z4 * z4


@bank.right("columns and back, tanh form of the sigmoid")
def columns_and_back(A, b, x, y):
    z1 = np.asarray(A, float) @ np.asarray(x, float).reshape(-1, 1)
    z2 = 0.5 * (1 + np.tanh(z1 / 2))
    z3 = (np.asarray(b, float).reshape(1, -1) @ z2).item()
    return z1.ravel(), z2.ravel(), z3, y - z3, np.square(y - z3)


@bank.right("einsum, a list")
def einsum(A, b, x, y):
    z1 = np.einsum("ij,j->i", A.astype(float), x.astype(float))
    z2 = 1 / (1 + np.exp(-z1))
    z3 = np.einsum("i,i->", b.astype(float), z2)
    return [z1, z2, z3, y - z3, (y - z3) ** 2]
