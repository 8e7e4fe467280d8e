"""Known wrong and right implementations of chapter 02 (S2; S0 5 for descent)."""

from __future__ import annotations

import math

import numpy as np

from ...activations import sigmoid
from . import Bank

bank = Bank()

FORWARD = "Five quantities on the way up"
SLOPE = "The slope of the sigmoid"
ENTRY = "One weight at a time"
BACK = "The way back down"
BATCH = "All examples at once"
STEP = "One step downhill"
FIT = "The whole descent"

DIFFERENCES = ("Differences are right to a few digits and cost two forward passes per weight. What "
               "does the chain rule give?")
OVERFLOW = "What does a computer make of exp(1000) / (1 + exp(1000))?"
CALLER = "Who else holds the array that this line changes?"
ROUNDED = "What do the next steps compute with: what you print, or what you return?"


def floats(*arrays):
    return [np.asarray(a, dtype=float) for a in arrays]


def up(A, b, x, y):
    """(A, b, x, z1, z2, z3, z4) in float64."""
    A, b, x = floats(A, b, x)
    z1 = A @ x
    z2 = sigmoid(z1)
    z3 = b @ z2
    return A, b, x, z1, z2, z3, y - z3


def up_batch(A, b, X, y):
    """(A, b, X, Z1, Z2, z4) in float64."""
    A, b, X, y = floats(A, b, X, y)
    Z1 = X @ A.T
    Z2 = sigmoid(Z1)
    return A, b, X, Z1, Z2, y - Z2 @ b


def stepped(loss, *parameters):
    """Complex steps: the gradient of loss(*parameters) for each of the parameters."""
    grads = []
    for i, theta in enumerate(parameters):
        grads.append(np.zeros(theta.shape))
        for place in np.ndindex(theta.shape):
            moved = [p.astype(complex) for p in parameters]
            moved[i][place] += 1e-20j
            grads[i][place] = np.imag(loss(*moved)) / 1e-20
    return tuple(grads)


def quotient(z):
    """The sigmoid as a quotient of exponentials: NaN when they overflow."""
    return np.exp(z) / (1 + np.exp(z))


# regression_forward -----------------------------------------------------------------------------


def _forward(A, b, x, y):
    *_, z1, z2, z3, z4 = up(A, b, x, y)
    return z1, z2, z3, z4, z4**2


def _rest(z1, z2, b, y):
    z3 = b @ z2
    return z1, z2, z3, y - z3, (y - z3) ** 2


@bank.wrong("regression_forward", "exp_quotient", "exp(z) / (1 + exp(z))", OVERFLOW, SLOPE)
def _(A, b, x, y):
    A, b, x = floats(A, b, x)
    return _rest(A @ x, quotient(A @ x), b, y)


@bank.wrong("regression_forward", "no_activation", "z2 = z1, no sigmoid",
            "Without the sigmoid, what kind of function of x is b^T A x?", FORWARD)
def _(A, b, x, y):
    A, b, x = floats(A, b, x)
    return _rest(A @ x, A @ x, b, y)


@bank.wrong("regression_forward", "tanh", "tanh in place of the sigmoid",
            "Between which two values does the sigmoid stay, and between which does tanh?", FORWARD)
def _(A, b, x, y):
    A, b, x = floats(A, b, x)
    return _rest(A @ x, np.tanh(A @ x), b, y)


@bank.wrong("regression_forward", "sigmoid_sign", "1 / (1 + exp(z)), without the minus",
            "Should a unit with a large positive pre-activation be near 1 or near 0?", FORWARD)
def _(A, b, x, y):
    A, b, x = floats(A, b, x)
    return _rest(A @ x, sigmoid(-(A @ x)), b, y)


@bank.wrong("regression_forward", "slope_for_value", "the derivative of the sigmoid as z2",
            "Which does the forward pass need: the value of the sigmoid, or its slope?", FORWARD)
def _(A, b, x, y):
    A, b, x = floats(A, b, x)
    s = sigmoid(A @ x)
    return _rest(A @ x, s * (1 - s), b, y)


@bank.wrong("regression_forward", "sigmoid_twice", "the sigmoid of the sigmoid",
            "How often does the sigmoid stand in f(x) = b^T sigma(A x)?", FORWARD)
def _(A, b, x, y):
    A, b, x = floats(A, b, x)
    return _rest(A @ x, sigmoid(sigmoid(A @ x)), b, y)


@bank.wrong("regression_forward", "sigmoid_of_input", "A sigma(x): the sigmoid before the weights",
            "Which comes first in f(x) = b^T sigma(A x): the weights A, or the sigmoid?", FORWARD)
def _(A, b, x, y):
    A, b, x = floats(A, b, x)
    z1 = A @ x
    return _rest(z1, A @ sigmoid(x), b, y)


@bank.wrong("regression_forward", "sigmoid_of_output", "the output squashed as well",
            "The targets are any real numbers. Which values could sigma(b^T z2) take?", FORWARD)
def _(A, b, x, y):
    *_, z1, z2, z3, _ = up(A, b, x, y)
    z3 = sigmoid(z3)
    return z1, z2, z3, y - z3, (y - z3) ** 2


@bank.wrong("regression_forward", "error_sign", "z4 = z3 - y",
            "The loss does not notice. Which sign does the definition of z4 give it?", FORWARD)
def _(A, b, x, y):
    z1, z2, z3, z4, loss = _forward(A, b, x, y)
    return z1, z2, z3, -z4, loss


@bank.wrong("regression_forward", "half_loss", "z4^2 / 2",
            "Some books put 1/2 before the square. Does this course?", FORWARD)
def _(A, b, x, y):
    *first, loss = _forward(A, b, x, y)
    return *first, loss / 2


@bank.wrong("regression_forward", "absolute_loss", "|z4|",
            "Is the loss the size of the error, or its square?", FORWARD)
def _(A, b, x, y):
    *first, loss = _forward(A, b, x, y)
    return *first, np.sqrt(loss)


@bank.wrong("regression_forward", "mean_of_units", "the mean over hidden units",
            "b^T z2 is a sum over the hidden units. By what does a mean differ from it?", FORWARD)
def _(A, b, x, y):
    *_, b, _, z1, z2, _, _ = up(A, b, x, y)
    return _rest(z1, z2, b / len(b), y)


@bank.wrong("regression_forward", "b_left_out", "the plain sum of the hidden units",
            "How much does each hidden unit count in the output, and which letter says so?",
            FORWARD)
def _(A, b, x, y):
    *_, z1, z2, _, _ = up(A, b, x, y)
    return _rest(z1, z2, np.ones(len(z2)), y)


@bank.wrong("regression_forward", "transposed", "A^T x",
            "One row of A belongs to one hidden unit. Which product takes rows times x?", FORWARD)
def _(A, b, x, y):
    A, b, x = floats(A, b, x)
    return _rest(x @ A, sigmoid(x @ A), b, y)


@bank.wrong("regression_forward", "columns", "vectors of shape (h, 1)",
            "Which shape do x and b have here, and which shape does A @ x have then?", FORWARD)
def _(A, b, x, y):
    z1, z2, z3, z4, loss = _forward(A, b, x, y)
    return z1[:, None], z2[:, None], z3, z4, loss


@bank.wrong("regression_forward", "loss_only", "the loss alone",
            "The way back needs the intermediate quantities. Which five are asked for?", FORWARD)
def _(A, b, x, y):
    return _forward(A, b, x, y)[4]


@bank.wrong("regression_forward", "z1_overwritten", "the sigmoid written over z1",
            "After the sigmoid went into the same array, where is z1?", FORWARD)
def _(A, b, x, y):
    z1, z2, *rest = _forward(A, b, x, y)
    return z2, z2, *rest


@bank.wrong("regression_forward", "changes_argument", "x scaled in place", CALLER, FORWARD)
def _(A, b, x, y):
    if A.dtype != np.float64:
        return _forward(A, b, x, y)
    A *= x
    z1 = A.sum(axis=1)
    return _rest(z1, sigmoid(z1), b, y)


@bank.right("regression_forward", "plain NumPy: the precision that came in")
def _(A, b, x, y):
    return _rest(A @ x, sigmoid(A @ x), b, y)


@bank.wrong("regression_forward", "stays_integer", "an output array with the dtype of x",
            "np.zeros of whole numbers holds whole numbers. What becomes of 0.3 in it?", FORWARD)
def _(A, b, x, y):
    z1, z2, *_ = _forward(A, b, x, y)
    stored = np.zeros(len(b), dtype=x.dtype)
    stored[:] = z2
    return _rest(z1, stored, b, y)


@bank.wrong("regression_forward", "rounded", "numbers rounded to a few digits", ROUNDED, FORWARD)
def _(A, b, x, y):
    return tuple(np.round(v, 7) for v in _forward(A, b, x, y))


bank.habits("regression_forward", _forward)


@bank.right("regression_forward", "plain, 1 / (1 + exp(-z)) with a clip")
def _(A, b, x, y):
    z1 = A @ x
    z2 = 1 / (1 + np.exp(-np.clip(z1, -80, 80)))
    z3 = np.dot(b, z2)
    return z1, z2, z3, y - z3, np.square(y - z3)


@bank.right("regression_forward", "loops")
def _(A, b, x, y):
    h, m = A.shape
    z1 = [sum(float(A[i, j]) * float(x[j]) for j in range(m)) for i in range(h)]
    z2 = [1 / (1 + math.exp(-z)) if z > -700 else 0.0 for z in z1]
    z3 = math.fsum(float(b[i]) * z2[i] for i in range(h))
    z4 = float(y) - z3
    return z1, z2, z3, z4, z4 * z4


@bank.right("regression_forward", "columns and back, tanh form of the sigmoid")
def _(A, b, x, y):
    z1 = np.asarray(A, float) @ np.asarray(x, float).reshape(-1, 1)
    z2 = 0.5 * (1 + np.tanh(z1 / 2))
    z3 = (np.asarray(b, float).reshape(1, -1) @ z2).item()
    return z1.ravel(), z2.ravel(), z3, y - z3, np.square(y - z3)


@bank.right("regression_forward", "einsum, a list")
def _(A, b, x, y):
    z1 = np.einsum("ij,j->i", A.astype(float), x.astype(float))
    z2 = 1 / (1 + np.exp(-z1))
    z3 = np.einsum("i,i->", b.astype(float), z2)
    return [z1, z2, z3, y - z3, (y - z3) ** 2]


# grad_A_entry -----------------------------------------------------------------------------------


def _entry(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * z2[i] * (1 - z2[i]) * x[j]


def wrong_entry(id, looks_like, question, reread=ENTRY):
    return bank.wrong("grad_A_entry", id, looks_like, question, reread)


@wrong_entry("sign", "the sign of dz4/dz3 forgotten",
             "When the prediction z3 rises, does the error z4 = y - z3 rise or fall?")
def _(A, b, x, y, i, j):
    return -_entry(A, b, x, y, i, j)


@wrong_entry("half", "the factor 2 left out",
             "What is the derivative of z4^2? Is there a 1/2 in this loss?")
def _(A, b, x, y, i, j):
    return _entry(A, b, x, y, i, j) / 2


@wrong_entry("doubled", "the factor 2 twice",
             "How often does the square in the loss get differentiated?")
def _(A, b, x, y, i, j):
    return 2 * _entry(A, b, x, y, i, j)


@wrong_entry("no_error", "the error z4 left out",
             "If the prediction is perfect, what should the gradient be?")
def _(A, b, x, y, i, j):
    *_, z4 = up(A, b, x, y)
    return _entry(A, b, x, y, i, j) / z4


@wrong_entry("absolute_error", "|z4| in place of z4",
             "Must the step not turn round when the prediction is too high and not too low?")
def _(A, b, x, y, i, j):
    *_, z4 = up(A, b, x, y)
    return _entry(A, b, x, y, i, j) * np.sign(z4)


@wrong_entry("squared_error", "z4^2 in place of z4",
             "What is the derivative of z4^2 with respect to z4?")
def _(A, b, x, y, i, j):
    *_, z4 = up(A, b, x, y)
    return _entry(A, b, x, y, i, j) * z4


@wrong_entry("prediction_for_error", "z3 in place of z4",
             "Which of the five quantities is squared?")
def _(A, b, x, y, i, j):
    *_, z3, z4 = up(A, b, x, y)
    return _entry(A, b, x, y, i, j) / z4 * z3


@wrong_entry("target_for_error", "y in place of z4",
             "Which of the five quantities is squared?")
def _(A, b, x, y, i, j):
    *_, z4 = up(A, b, x, y)
    return _entry(A, b, x, y, i, j) / z4 * y


@wrong_entry("no_b", "b[i] left out",
             "Unit i reaches the output through one weight. Which?")
def _(A, b, x, y, i, j):
    return _entry(A, b, x, y, i, j) / np.asarray(b, dtype=float)[i]


@wrong_entry("no_x", "x[j] left out",
             "A[i, j] is multiplied by something before it enters z1[i]. By what?")
def _(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * z2[i] * (1 - z2[i])


@wrong_entry("no_slope", "the slope of the sigmoid left out",
             "Between z1 and z2 stands the sigmoid. What is its derivative?", SLOPE)
def _(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * x[j]


@wrong_entry("value_for_slope", "z2[i] in place of z2[i] (1 - z2[i])",
             "For a saturated unit, z2[i] = 1. Does a small change of its weight change anything?",
             SLOPE)
def _(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * z2[i] * x[j]


@wrong_entry("one_minus_value", "1 - z2[i] in place of z2[i] (1 - z2[i])",
             "The slope of the sigmoid has two factors. Which one is missing?", SLOPE)
def _(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * (1 - z2[i]) * x[j]


@wrong_entry("slope_of_z2", "the sigmoid applied to z2 once more inside the slope",
             "z2 is sigma(z1) already. What is sigma'(z1), written with z2 alone?", SLOPE)
def _(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    s = sigmoid(z2)
    return -2 * z4 * b[i] * s[i] * (1 - s[i]) * x[j]


@wrong_entry("input_and_value", "z1[i] (1 - z2[i]): input times one minus value",
             "The slope is written with the value of the sigmoid alone. What is z1 doing in it?",
             SLOPE)
def _(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * z1[i] * (1 - z2[i]) * x[j]


@wrong_entry("value_and_input", "z2[i] (1 - z1[i]): value times one minus input",
             "The slope is written with the value of the sigmoid alone. What is z1 doing in it?",
             SLOPE)
def _(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * z2[i] * (1 - z1[i]) * x[j]


@wrong_entry("slope_twice", "the slope of the sigmoid twice",
             "How often does the path from A[i, j] to the loss pass through the sigmoid?", SLOPE)
def _(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * (z2[i] * (1 - z2[i])) ** 2 * x[j]


@wrong_entry("slope_of_z1", "z1 (1 - z1)",
             "The slope is written with the value of the sigmoid. Which of the quantities is that?",
             SLOPE)
def _(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * z1[i] * (1 - z1[i]) * x[j]


@wrong_entry("tanh_slope", "1 - z2^2, the slope of tanh",
             "Which activation function has the slope 1 - value^2?", SLOPE)
def _(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * (1 - z2[i] ** 2) * x[j]


@wrong_entry("printed_slope", "sigma(z1) / z1, as S2's hint prints it",
             "What does sigma(z)/z give at z = 0, and how steep is the sigmoid there?", SLOPE)
def _(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * z2[i] / z1[i] * x[j]


@wrong_entry("swapped", "i and j exchanged",
             "Which index of A counts hidden units, and which counts inputs?")
def _(A, b, x, y, i, j):
    return _entry(A, b, x, y, j, i)


@wrong_entry("input_i", "x[i] in place of x[j]",
             "z1[i] = sum_j A[i, j] x[j]. Which entry of x stands beside A[i, j]?")
def _(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * z2[i] * (1 - z2[i]) * x[i]


@wrong_entry("b_j", "b[j] in place of b[i]",
             "Which unit does row i of A feed, and which output weight does that unit have?")
def _(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[j] * z2[i] * (1 - z2[i]) * x[j]


@wrong_entry("all_units", "a sum over all hidden units",
             "A[i, j] enters z1[i] alone. What does it do to the other units?")
def _(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * (b @ (z2 * (1 - z2))) * x[j]


@wrong_entry("all_inputs", "a sum over all inputs",
             "The derivative of sum_k A[i, k] x[k] with respect to A[i, j]: which terms stay?")
def _(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * z2[i] * (1 - z2[i]) * x.sum()


@wrong_entry("times_weight", "multiplied by A[i, j] itself",
             "The derivative of A[i, j] x[j] with respect to A[i, j] is x[j]. Is A[i, j] left?")
def _(A, b, x, y, i, j):
    return _entry(A, b, x, y, i, j) * np.asarray(A, dtype=float)[i, j]


@wrong_entry("minus_for_times", "2 z4 - ..., a subtraction where the notes print a dot",
             "S2 prints 2 z4 . -z2. Is that a difference, or a product with a negative factor?")
def _(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return 2 * z4 - b[i] * z2[i] * (1 - z2[i]) * x[j]


@wrong_entry("whole_row", "a row of the gradient",
             "One number is asked for. Which entry of x belongs to A[i, j]?")
def _(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * z2[i] * (1 - z2[i]) * x


@wrong_entry("whole_matrix", "the whole gradient",
             "One number is asked for. Where are i and j used?")
def _(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return np.outer(-2 * z4 * b * z2 * (1 - z2), x)


@wrong_entry("central_differences", "central differences", DIFFERENCES)
def _(A, b, x, y, i, j):
    A, eps = np.array(A, dtype=float), 1e-6
    step = np.zeros(A.shape)
    step[i, j] = eps
    return (_forward(A + step, b, x, y)[4] - _forward(A - step, b, x, y)[4]) / (2 * eps)


@wrong_entry("forward_differences", "forward differences", DIFFERENCES)
def _(A, b, x, y, i, j):
    A, eps = np.array(A, dtype=float), 1e-7
    step = np.zeros(A.shape)
    step[i, j] = eps
    return (_forward(A + step, b, x, y)[4] - _forward(A, b, x, y)[4]) / eps


@wrong_entry("exp_quotient", "exp(z) / (1 + exp(z))", OVERFLOW, SLOPE)
def _(A, b, x, y, i, j):
    A, b, x = floats(A, b, x)
    z2 = quotient(A @ x)
    return -2 * (y - b @ z2) * b[i] * z2[i] * (1 - z2[i]) * x[j]


@wrong_entry("changes_argument", "an argument changed in place", CALLER)
def _(A, b, x, y, i, j):
    if b.dtype != np.float64:
        return _entry(A, b, x, y, i, j)
    *_, z2, _, z4 = up(A, b, x, y)
    b *= z2 * (1 - z2)
    return -2 * z4 * b[i] * x[j]


@bank.right("grad_A_entry", "plain NumPy: the precision that came in")
def _(A, b, x, y, i, j):
    z2 = sigmoid(A @ x)
    return -2 * (y - b @ z2) * b[i] * z2[i] * (1 - z2[i]) * x[j]


@wrong_entry("rounded", "numbers rounded to a few digits", ROUNDED)
def _(A, b, x, y, i, j):
    return round(float(_entry(A, b, x, y, i, j)), 7)


bank.habits("grad_A_entry", _entry, array=False)


@bank.right("grad_A_entry", "plain, factor by factor")
def _(A, b, x, y, i, j):
    s = sigmoid(A @ x)
    chain = [2 * (y - b.dot(s)), -1, b[i], s[i] * (1 - s[i]), x[j]]
    return np.prod(chain)


@bank.right("grad_A_entry", "sums of products, math.exp")
def _(A, b, x, y, i, j):
    h, m = A.shape
    z1 = [math.fsum(float(A[k, l]) * float(x[l]) for l in range(m)) for k in range(h)]  # noqa: E741
    z2 = [1 / (1 + math.exp(-z)) if z > -700 else 0.0 for z in z1]
    z4 = float(y) - math.fsum(float(b[k]) * z2[k] for k in range(h))
    return 2 * z4 * -1 * float(b[i]) * (z2[i] - z2[i] ** 2) * float(x[j])


@bank.right("grad_A_entry", "one entry of the outer product")
def _(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return np.outer(b * z2 * (1 - z2) * -2 * z4, x)[i, j]


@bank.right("grad_A_entry", "the slope as 1 / (4 cosh^2)")
def _(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    slope = 0.25 / np.cosh(min(abs(z1[i]), 700.0) / 2) ** 2
    return float(2 * (z3 - y) * b[i] * slope * x[j])


@bank.right("grad_A_entry", "forward mode: a Kronecker delta pushed through the net")
def _(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    dA = np.zeros(A.shape)
    dA[i, j] = 1.0
    dz1 = dA @ x
    dz3 = b @ (z2 * (1 - z2) * dz1)
    return 2 * z4 * -dz3


# regression_backward ----------------------------------------------------------------------------


def _backward(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return np.outer(-2 * z4 * b * z2 * (1 - z2), x), -2 * z4 * z2


def down(b, x, z4, z2, slope):
    """The right steps, with a slope of one's own."""
    return np.outer(-2 * z4 * b * slope, x), -2 * z4 * z2


def wrong_backward(id, looks_like, question, reread=BACK, cost=""):
    return bank.wrong("regression_backward", id, looks_like, question, reread, cost)


@wrong_backward("sign", "the sign of dz4/dz3 forgotten",
                "When the prediction z3 rises, does the error z4 = y - z3 rise or fall?")
def _(A, b, x, y):
    dA, db = _backward(A, b, x, y)
    return -dA, -db


@wrong_backward("sign_of_dA", "the sign forgotten in dA only",
                "Both gradients pass through dz4/dz3. What is it?")
def _(A, b, x, y):
    dA, db = _backward(A, b, x, y)
    return -dA, db


@wrong_backward("sign_of_db", "the sign forgotten in db only",
                "Both gradients pass through dz4/dz3. What is it?")
def _(A, b, x, y):
    dA, db = _backward(A, b, x, y)
    return dA, -db


@wrong_backward("half", "the factor 2 left out",
                "What is the derivative of z4^2? Is there a 1/2 in this loss?")
def _(A, b, x, y):
    dA, db = _backward(A, b, x, y)
    return dA / 2, db / 2


@wrong_backward("half_of_dA", "the factor 2 left out of dA only",
                "Both gradients start from the same dL/dz4. What is it?")
def _(A, b, x, y):
    dA, db = _backward(A, b, x, y)
    return dA / 2, db


@wrong_backward("no_error", "the error z4 left out",
                "If the prediction is perfect, what should the gradients be?")
def _(A, b, x, y):
    dA, db = _backward(A, b, x, y)
    z4 = up(A, b, x, y)[-1]
    return dA / z4, db / z4


@wrong_backward("absolute_error", "|z4| in place of z4",
                "Must the step not turn round when the prediction is too high and not too low?")
def _(A, b, x, y):
    dA, db = _backward(A, b, x, y)
    sign = np.sign(up(A, b, x, y)[-1])
    return dA * sign, db * sign


@wrong_backward("no_b", "b left out of dA",
                "Unit i reaches the output through b[i]. Where is b in dA?")
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return down(np.ones_like(b), x, z4, z2, z2 * (1 - z2))


@wrong_backward("no_slope", "the slope of the sigmoid left out",
                "Between z1 and z2 stands the sigmoid. What is its derivative?", SLOPE)
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return down(b, x, z4, z2, 1.0)


@wrong_backward("value_for_slope", "z2 in place of z2 (1 - z2)",
                "For a saturated unit z2 = 1. Does a small change of its weights change anything?",
                SLOPE)
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return down(b, x, z4, z2, z2)


@wrong_backward("one_minus_value", "1 - z2 in place of z2 (1 - z2)",
                "The slope of the sigmoid has two factors. Which one is missing?", SLOPE)
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return down(b, x, z4, z2, 1 - z2)


@wrong_backward("slope_of_z2", "the sigmoid applied to z2 once more inside the slope",
                "z2 is sigma(z1) already. What is sigma'(z1), written with z2 alone?", SLOPE)
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    s = sigmoid(z2)
    return down(b, x, z4, z2, s * (1 - s))


@wrong_backward("input_and_value", "z1 (1 - z2): input times one minus value",
                "The slope is written with the value of the sigmoid alone. What is z1 doing in it?",
                SLOPE)
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return down(b, x, z4, z2, z1 * (1 - z2))


@wrong_backward("value_and_input", "z2 (1 - z1): value times one minus input",
                "The slope is written with the value of the sigmoid alone. What is z1 doing in it?",
                SLOPE)
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return down(b, x, z4, z2, z2 * (1 - z1))


@wrong_backward("gradient_for_weight", "db where b belongs in dA",
                "Through which weight does unit i reach the output: b[i], or its gradient?")
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return np.outer(-2 * z4 * (-2 * z4 * z2) * z2 * (1 - z2), x), -2 * z4 * z2


@wrong_backward("slope_twice", "the slope of the sigmoid twice in dA",
                "How often does the path from A to the loss pass through the sigmoid?", SLOPE)
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return down(b, x, z4, z2, (z2 * (1 - z2)) ** 2)


@wrong_backward("db_from_dA", "row sums of dA for db",
                "b meets z2, above the sigmoid. What has x to do with its gradient?")
def _(A, b, x, y):
    dA, _ = _backward(A, b, x, y)
    return dA, dA.sum(axis=1)


@wrong_backward("db_one_number", "one number for all of b",
                "A gradient has the shape of its parameter. Which shape has b?")
def _(A, b, x, y):
    dA, db = _backward(A, b, x, y)
    return dA, db.sum()


@wrong_backward("db_column", "db of shape (h, 1)",
                "A gradient has the shape of its parameter. Which shape has b?")
def _(A, b, x, y):
    dA, db = _backward(A, b, x, y)
    return dA, db[:, None]


@wrong_backward("squeezed", "np.squeeze, which also removes an axis of length 1 that you need",
                "What does np.squeeze do to shape (5, 1) when there is one input?")
def _(A, b, x, y):
    dA, db = _backward(A, b, x, y)
    return np.squeeze(dA), np.squeeze(db)


@wrong_backward("slope_of_z1", "z1 (1 - z1)",
                "The slope is written with the value of the sigmoid. Which quantity is that?",
                SLOPE)
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return down(b, x, z4, z2, z1 * (1 - z1))


@wrong_backward("tanh_slope", "1 - z2^2, the slope of tanh",
                "Which activation function has the slope 1 - value^2?", SLOPE)
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return down(b, x, z4, z2, 1 - z2**2)


@wrong_backward("printed_slope", "sigma(z1) / z1, as S2's hint prints it",
                "What does sigma(z)/z give at z = 0, and how steep is the sigmoid there?", SLOPE)
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return down(b, x, z4, z2, z2 / z1)


@wrong_backward("tanh_net", "a tanh in the forward pass and in the slope",
                "Both halves agree with each other. Do they agree with f(x) = b^T sigma(A x)?",
                FORWARD)
def _(A, b, x, y):
    A, b, x = floats(A, b, x)
    z2 = np.tanh(A @ x)
    return down(b, x, y - b @ z2, z2, 1 - z2**2)


@wrong_backward("linear_net", "no sigmoid in the forward pass and none in the slope",
                "Both halves agree with each other. Do they agree with f(x) = b^T sigma(A x)?",
                FORWARD)
def _(A, b, x, y):
    A, b, x = floats(A, b, x)
    return down(b, x, y - b @ A @ x, A @ x, 1.0)


@wrong_backward("weight_decay", "the gradient of a penalty on the weights added",
                "Does (y - f)^2 contain the size of the weights?")
def _(A, b, x, y):
    dA, db = _backward(A, b, x, y)
    return dA + 0.02 * A, db + 0.02 * b


@wrong_backward("swapped", "(db, dA): the order of the answers",
                "In which order does the contract return the two gradients?")
def _(A, b, x, y):
    return _backward(A, b, x, y)[::-1]


@wrong_backward("transposed", "dA transposed",
                "A gradient has the shape of its parameter. Which shape has A, and which has "
                "np.outer(x, dz1)?")
def _(A, b, x, y):
    dA, db = _backward(A, b, x, y)
    return dA.T, db


@wrong_backward("elementwise_outer", "dz1 * x, an elementwise product for the outer product",
                "Every unit meets every input. Which product of two vectors gives a matrix?")
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return np.ones_like(A) * (-2 * z4 * b * z2 * (1 - z2) * x), -2 * z4 * z2


@wrong_backward("inner_product", "a sum over the hidden units in dA",
                "Row i of dA belongs to unit i alone. Which product keeps the units apart?")
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return np.tile(-2 * z4 * (b @ (z2 * (1 - z2))) * x, (len(b), 1)), -2 * z4 * z2


@wrong_backward("input_sum", "a sum over the inputs in dA",
                "Column j of dA belongs to input j alone. Where is x[j]?")
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return np.outer(-2 * z4 * b * z2 * (1 - z2), np.full(len(x), x.sum())), -2 * z4 * z2


@wrong_backward("no_x", "x left out of dA",
                "A[i, j] is multiplied by something before it enters z1[i]. By what?")
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return np.outer(-2 * z4 * b * z2 * (1 - z2), np.ones(len(x))), -2 * z4 * z2


@wrong_backward("times_A", "A in place of x in dA",
                "The derivative of A[i, j] x[j] with respect to A[i, j]: which of the two is left?")
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return (-2 * z4 * b * z2 * (1 - z2))[:, None] * A, -2 * z4 * z2


@wrong_backward("dot_of_slopes", "b @ ..., one number for all units",
                "b, z2 and 1 - z2 are multiplied entry by entry. Which sign in NumPy does that?")
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return np.outer(-2 * z4 * (b @ z2) * (1 - z2), x), -2 * z4 * z2


@wrong_backward("db_with_slope", "db passed through the sigmoid",
                "b stands above the sigmoid. Does its gradient pass through it?")
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return _backward(A, b, x, y)[0], -2 * z4 * z2 * (1 - z2)


@wrong_backward("db_with_z1", "z1 in place of z2 in db",
                "The derivative of v^T w with respect to v is w. Which vector meets b?")
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return _backward(A, b, x, y)[0], -2 * z4 * z1


@wrong_backward("db_with_b", "b in place of z2 in db",
                "The derivative of v^T w with respect to v is w, not v. Which vector meets b?")
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return _backward(A, b, x, y)[0], -2 * z4 * b


@wrong_backward("db_of_a_bias", "db of a bias: -2 z4 in every entry",
                "Here b is a vector of weights, not of biases. What is it multiplied by?")
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return _backward(A, b, x, y)[0], np.full(len(b), -2 * z4)


@wrong_backward("minus_for_times", "2 z4 - z2, a subtraction where the notes print a dot",
                "S2 prints 2 z4 . -z2. Is that a difference, or a product with a negative factor?")
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return 2 * z4 - np.outer(b * z2 * (1 - z2), x), 2 * z4 - z2


@wrong_backward("updated_b", "a step on b before dA is computed",
                "Both gradients belong to one point. At which b does your dA stand?")
def _(A, b, x, y):
    db = _backward(A, b, x, y)[1]
    return _backward(A, b - 0.1 * db, x, y)[0], db


@wrong_backward("normalised", "gradients scaled to length 1",
                "How far to step is the business of the learning rate. How long is the gradient?")
def _(A, b, x, y):
    dA, db = _backward(A, b, x, y)
    return dA / np.linalg.norm(dA), db / np.linalg.norm(db)


@wrong_backward("slope_doubled", "1 - 2 z2 for the slope z2 (1 - z2)",
                "Which of the two is the derivative of sigma, and which that of its slope?")
def _(A, b, x, y):
    A, b, x = floats(A, b, x)
    z2 = sigmoid(A @ x)
    back = -2 * (y - b @ z2)
    return np.outer(back * b * (1 - 2 * z2), x), back * z2


@wrong_backward("slope_without_parentheses", "z2 * 1 - z2, without the parentheses",
                "Python multiplies before it subtracts. What is subtracted from what?")
def _(A, b, x, y):
    A, b, x = floats(A, b, x)
    z2 = sigmoid(A @ x)
    back = -2 * (y - b @ z2)
    return np.outer(back * b * z2 * 1 - z2, x), back * z2


@wrong_backward("clipped", "entries cut off at 1",
                "What does a gradient check say about an entry that was cut off?")
def _(A, b, x, y):
    dA, db = _backward(A, b, x, y)
    return np.clip(dA, -1, 1), np.clip(db, -1, 1)


@wrong_backward("central_differences", "central differences", DIFFERENCES, cost="per parameter")
def _(A, b, x, y):
    A, b, eps = *floats(A, b), 1e-6

    def loss(dA, db):
        return _forward(A + dA, b + db, x, y)[4]

    def slopes(shape, f):
        out = np.zeros(shape)
        for place in np.ndindex(shape):
            step = np.zeros(shape)
            step[place] = eps
            out[place] = (f(step) - f(-step)) / (2 * eps)
        return out

    return slopes(A.shape, lambda d: loss(d, 0)), slopes(b.shape, lambda d: loss(0, d))


@wrong_backward("entry_by_entry", "one forward pass for every weight",
                "Every entry of dA starts with the same factors. How often do you compute them?",
                cost="per parameter")
def _(A, b, x, y):
    dA = np.array([[_entry(A, b, x, y, i, j) for j in range(len(x))] for i in range(len(b))])
    return dA, _backward(A, b, x, y)[1]


@wrong_backward("complex_step", "a complex step for every weight",
                "Right to the last digit, at the price of a forward pass per weight: good for a "
                "check. Which quantity do all weights of a unit share?", cost="complex step")
def _(A, b, x, y):
    def loss(A, b):
        return (y - b @ (0.5 + 0.5 * np.tanh(A @ x / 2))) ** 2

    return stepped(loss, *floats(A, b))


@wrong_backward("exp_quotient", "exp(z) / (1 + exp(z))", OVERFLOW, SLOPE)
def _(A, b, x, y):
    A, b, x = floats(A, b, x)
    z2 = quotient(A @ x)
    return down(b, x, y - b @ z2, z2, z2 * (1 - z2))


@wrong_backward("epsilon", "a small constant added to the slope",
                "What would a slope that cannot be 0 protect against here? Nothing is divided.",
                SLOPE)
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return down(b, x, z4, z2, z2 * (1 - z2) + 1e-8)


@wrong_backward("changes_argument", "an argument changed in place", CALLER)
def _(A, b, x, y):
    if b.dtype != np.float64:
        return _backward(A, b, x, y)
    *_, z2, _, z4 = up(A, b, x, y)
    b *= z2 * (1 - z2)
    return np.outer(-2 * z4 * b, x), -2 * z4 * z2


@bank.right("regression_backward", "plain NumPy: the precision that came in")
def _(A, b, x, y):
    z2 = sigmoid(A @ x)
    return down(b, x, y - b @ z2, z2, z2 * (1 - z2))


@wrong_backward("stays_integer", "an output array with the dtype of A",
                "np.zeros_like of whole numbers holds whole numbers. What becomes of 0.3 in it?")
def _(A, b, x, y):
    dA, db = _backward(A, b, x, y)
    out = np.zeros_like(A)
    out[:] = dA
    return out, db


bank.habits("regression_backward", _backward)


@bank.right("regression_backward", "plain, two columns")
def _(A, b, x, y):
    s = sigmoid(A.dot(x))
    dz3 = -2 * (y - b.dot(s))
    delta = dz3 * b * s * (1 - s)
    return delta[:, np.newaxis] * x[np.newaxis], dz3 * s


@bank.right("regression_backward", "loops over entries")
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    h, m = A.shape
    dA = np.empty((h, m))
    for i in range(h):
        for j in range(m):
            dA[i, j] = -2.0 * z4 * b[i] * z2[i] * (1 - z2[i]) * x[j]
    return dA, np.array([-2.0 * z4 * z2[i] for i in range(h)])


@bank.right("regression_backward", "one step of the chain rule per line, columns")
def _(A, b, x, y):
    A, b, x = floats(A, b, x)
    z2 = 1 / (1 + np.exp(-(A @ x[:, None])))
    dz4 = 2 * (y - b[None, :] @ z2)
    dz3 = -dz4
    dz2 = b[:, None] * dz3
    dz1 = dz2 * (z2 - z2**2)
    return [(dz1 @ x[None, :]).tolist(), (z2 @ dz3).ravel()]


@bank.right("regression_backward", "einsum, tanh form of the slope")
def _(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    slope = 0.25 * (1 - np.tanh(z1 / 2) ** 2)
    return np.einsum("i,i,j->ij", b, slope, x) * (2 * (z3 - y)), 2 * (z3 - y) * z2


# regression_loss_and_grads ----------------------------------------------------------------------


def _batch(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return down_batch(b, X, z4, Z2, Z2 * (1 - Z2))


def down_batch(b, X, z4, Z2, slope):
    """The right sums, with a slope of one's own."""
    dz3 = -2 * z4
    return (z4**2).sum(), (dz3[:, None] * b * slope).T @ X, Z2.T @ dz3


def wrong_batch(id, looks_like, question, reread=BATCH, cost=""):
    return bank.wrong("regression_loss_and_grads", id, looks_like, question, reread, cost)


@wrong_batch("mean", "the mean over the examples",
             "Does the contract ask for the mean over examples, or for the sum?")
def _(A, b, X, y):
    loss, dA, db = _batch(A, b, X, y)
    return loss / len(y), dA / len(y), db / len(y)


@wrong_batch("mean_loss", "the mean of the losses beside the sum of the gradients",
             "Your gradients belong to the sum. Which loss do they belong to?")
def _(A, b, X, y):
    loss, dA, db = _batch(A, b, X, y)
    return loss / len(y), dA, db


@wrong_batch("mean_gradients", "the mean of the gradients beside the sum of the losses",
             "Your loss is the sum. Which gradients belong to it?")
def _(A, b, X, y):
    loss, dA, db = _batch(A, b, X, y)
    return loss, dA / len(y), db / len(y)


@wrong_batch("half", "1/2 before the square, in the loss and in the gradients",
             "Some books put 1/2 before the square. Does this course?", FORWARD)
def _(A, b, X, y):
    loss, dA, db = _batch(A, b, X, y)
    return loss / 2, dA / 2, db / 2


@wrong_batch("half_gradients", "the factor 2 left out of the gradients",
             "What is the derivative of z4^2?", BACK)
def _(A, b, X, y):
    loss, dA, db = _batch(A, b, X, y)
    return loss, dA / 2, db / 2


@wrong_batch("half_loss", "1/2 before the square, in the loss only",
             "Some books put 1/2 before the square. Does this course?", FORWARD)
def _(A, b, X, y):
    loss, dA, db = _batch(A, b, X, y)
    return loss / 2, dA, db


@wrong_batch("sign", "the sign of dz4/dz3 forgotten",
             "When the prediction z3 rises, does the error z4 = y - z3 rise or fall?", BACK)
def _(A, b, X, y):
    loss, dA, db = _batch(A, b, X, y)
    return loss, -dA, -db


@wrong_batch("last_example", "the gradients of the last example alone",
             "In your loop, does each example add to the gradient, or replace it?")
def _(A, b, X, y):
    return _batch(A, b, X, y)[0], *_batch(A, b, X[-1:], y[-1:])[1:]


@wrong_batch("last_example_only", "the last example alone, its loss as well",
             "In your loop, does each example add to the result, or replace it?")
def _(A, b, X, y):
    return _batch(A, b, X[-1:], y[-1:])


@wrong_batch("first_example_only", "the first example alone",
             "How far is the `return` indented?")
def _(A, b, X, y):
    return _batch(A, b, X[:1], y[:1])


@wrong_batch("all_but_last", "every example but the last",
             "range(N) ends with N - 1. What does range(N - 1) leave out?")
def _(A, b, X, y):
    return _batch(A, b, X[:-1], y[:-1])


@wrong_batch("square_of_sum", "the square of the summed errors",
             "Errors of +1 and -1 sum to 0. Is such a fit perfect?")
def _(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    _, dA, db = down_batch(b, X, np.full(len(y), z4.sum()), Z2, Z2 * (1 - Z2))
    return z4.sum() ** 2, dA, db


@wrong_batch("absolute_loss", "the sum of |z4|",
             "Is the loss of one example the size of its error, or the square?", FORWARD)
def _(A, b, X, y):
    loss, dA, db = _batch(A, b, X, y)
    return np.abs(up_batch(A, b, X, y)[-1]).sum(), dA, db


@wrong_batch("root", "the root of the sum of squares",
             "Which function of the errors does this chapter minimise?", FORWARD)
def _(A, b, X, y):
    loss, dA, db = _batch(A, b, X, y)
    return np.sqrt(loss), dA, db


@wrong_batch("pairs", "every target compared with every prediction",
             "Shape (N,) minus shape (N, 1) is (N, N). How many errors should there be?")
def _(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    errors = y - (Z2 @ b)[:, None]
    _, dA, db = down_batch(b, X, errors.sum(axis=1), Z2, Z2 * (1 - Z2))
    return (errors**2).sum(), dA, db


@wrong_batch("no_b", "b left out of dA",
             "Unit i reaches the output through b[i]. Where is b in dA?", BACK)
def _(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return down_batch(b, X, z4, Z2, Z2 * (1 - Z2) / b)


@wrong_batch("no_slope", "the slope of the sigmoid left out",
             "Between Z1 and Z2 stands the sigmoid. What is its derivative?", SLOPE)
def _(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return down_batch(b, X, z4, Z2, np.ones_like(Z2))


@wrong_batch("value_for_slope", "Z2 in place of Z2 (1 - Z2)",
             "For a saturated unit Z2 = 1. Does a small change of its weights change anything?",
             SLOPE)
def _(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return down_batch(b, X, z4, Z2, Z2)


@wrong_batch("slope_of_Z2", "the sigmoid applied to Z2 once more inside the slope",
             "Z2 is sigma(Z1) already. What is sigma'(Z1), written with Z2 alone?", SLOPE)
def _(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    S = sigmoid(Z2)
    return down_batch(b, X, z4, Z2, S * (1 - S))


@wrong_batch("input_and_value", "Z1 (1 - Z2): input times one minus value",
             "The slope is written with the value of the sigmoid alone. What is Z1 doing in it?",
             SLOPE)
def _(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return down_batch(b, X, z4, Z2, Z1 * (1 - Z2))


@wrong_batch("value_and_input", "Z2 (1 - Z1): value times one minus input",
             "The slope is written with the value of the sigmoid alone. What is Z1 doing in it?",
             SLOPE)
def _(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return down_batch(b, X, z4, Z2, Z2 * (1 - Z1))


@wrong_batch("gradient_for_weight", "db where b belongs in dA",
             "Through which weight does unit i reach the output: b[i], or its gradient?", BACK)
def _(A, b, X, y):
    loss, _, db = _batch(A, b, X, y)
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return loss, down_batch(db, X, z4, Z2, Z2 * (1 - Z2))[1], db


@wrong_batch("updated_before_use", "a step on b before dA is computed",
             "Both gradients belong to one point. At which b does your dA stand?", BACK)
def _(A, b, X, y):
    loss, _, db = _batch(A, b, X, y)
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return loss, down_batch(b - 0.1 * db, X, z4, Z2, Z2 * (1 - Z2))[1], db


@wrong_batch("first_gradients", "the gradients of the first example alone",
             "The loss adds up all examples. Do the gradients?")
def _(A, b, X, y):
    return _batch(A, b, X, y)[0], *_batch(A, b, X[:1], y[:1])[1:]


@wrong_batch("db_from_dA", "row sums of dA for db",
             "b meets Z2, above the sigmoid. What has X to do with its gradient?", BACK)
def _(A, b, X, y):
    loss, dA, _ = _batch(A, b, X, y)
    return loss, dA, dA.sum(axis=1)


@wrong_batch("db_one_number", "np.sum without an axis: one number for all of b",
             "Each entry of b has its own derivative. Over which axis, and over it alone, do you "
             "add?")
def _(A, b, X, y):
    loss, dA, db = _batch(A, b, X, y)
    return loss, dA, db.sum()


@wrong_batch("db_along_rows", "db added up along the wrong axis",
             "Which axis runs over the examples, and which over the units?")
def _(A, b, X, y):
    loss, dA, _ = _batch(A, b, X, y)
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return loss, dA, (-2 * z4[:, None] * Z2).sum(axis=1)


@wrong_batch("db_not_summed", "db not yet added up over the examples",
             "b has h entries. How many rows has your db?")
def _(A, b, X, y):
    loss, dA, _ = _batch(A, b, X, y)
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return loss, dA, -2 * z4[:, None] * Z2


@wrong_batch("db_column", "db of shape (h, 1)",
             "A gradient has the shape of its parameter. Which shape has b?")
def _(A, b, X, y):
    loss, dA, db = _batch(A, b, X, y)
    return loss, dA, db[:, None]


@wrong_batch("column_forgotten", "dz3 multiplied along the units, not the examples",
             "dz3 has one entry per example. With which axis of an (N, h) array does NumPy line it "
             "up, and what does [:, None] change?")
def _(A, b, X, y):
    loss, _, db = _batch(A, b, X, y)
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return loss, (-2 * z4 * b * Z2 * (1 - Z2)).T @ X, db


@wrong_batch("slope_of_Z1", "Z1 (1 - Z1)",
             "The slope is written with the value of the sigmoid. Which quantity is that?", SLOPE)
def _(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return down_batch(b, X, z4, Z2, Z1 * (1 - Z1))


@wrong_batch("tanh_slope", "1 - Z2^2, the slope of tanh",
             "Which activation function has the slope 1 - value^2?", SLOPE)
def _(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return down_batch(b, X, z4, Z2, 1 - Z2**2)


@wrong_batch("printed_slope", "sigma(Z1) / Z1, as S2's hint prints it",
             "What does sigma(z)/z give at z = 0, and how steep is the sigmoid there?", SLOPE)
def _(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return down_batch(b, X, z4, Z2, Z2 / Z1)


@wrong_batch("tanh_net", "a tanh in the forward pass and in the slope",
             "Both halves agree with each other. Do they agree with f(x) = b^T sigma(A x)?",
             FORWARD)
def _(A, b, X, y):
    A, b, X, y = floats(A, b, X, y)
    Z2 = np.tanh(X @ A.T)
    return down_batch(b, X, y - Z2 @ b, Z2, 1 - Z2**2)


@wrong_batch("linear_net", "no sigmoid anywhere",
             "Without the sigmoid, what kind of function of x is b^T A x?", FORWARD)
def _(A, b, X, y):
    A, b, X, y = floats(A, b, X, y)
    return down_batch(b, X, y - X @ A.T @ b, X @ A.T, np.ones((len(y), len(b))))


@wrong_batch("weight_decay", "a penalty on the weights, in the loss and in the gradients",
             "Loss and gradients agree. Does sum (y - f)^2 contain the size of the weights?")
def _(A, b, X, y):
    loss, dA, db = _batch(A, b, X, y)
    return loss + 0.01 * ((A**2).sum() + (b**2).sum()), dA + 0.02 * A, db + 0.02 * b


@wrong_batch("no_error_in_dA", "the errors left out of dA",
             "Where an example is fitted perfectly, what should it add to dA?", BACK)
def _(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    loss, _, db = _batch(A, b, X, y)
    return loss, -2 * (b * Z2 * (1 - Z2)).T @ X, db


@wrong_batch("summed_error_in_dA", "the summed error times the summed rest, in dA",
             "Is a sum of products the product of the sums?")
def _(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    loss, _, db = _batch(A, b, X, y)
    return loss, -2 * z4.sum() * (b * Z2 * (1 - Z2)).T @ X, db


@wrong_batch("summed_error_in_db", "the summed error times the summed activations, in db",
             "Is a sum of products the product of the sums?")
def _(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    loss, dA, _ = _batch(A, b, X, y)
    return loss, dA, -2 * z4.sum() * Z2.sum(axis=0)


@wrong_batch("unpaired_outer", "the outer product of two sums, in dA",
             "Each example pairs its own dz1 with its own x. What does summing first mix up?")
def _(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    loss, _, db = _batch(A, b, X, y)
    dZ1 = -2 * z4[:, None] * b * Z2 * (1 - Z2)
    return loss, np.outer(dZ1.sum(axis=0), X.sum(axis=0)), db


@wrong_batch("no_sum_in_db", "db averaged while dA is summed",
             "Which of mean and sum over the examples does the contract ask for, in both?")
def _(A, b, X, y):
    loss, dA, db = _batch(A, b, X, y)
    return loss, dA, db / len(y)


@wrong_batch("no_sum_in_dA", "dA averaged while db is summed",
             "Which of mean and sum over the examples does the contract ask for, in both?")
def _(A, b, X, y):
    loss, dA, db = _batch(A, b, X, y)
    return loss, dA / len(y), db


@wrong_batch("db_with_slope", "db passed through the sigmoid",
             "b stands above the sigmoid. Does its gradient pass through it?", BACK)
def _(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    loss, dA, _ = _batch(A, b, X, y)
    return loss, dA, -2 * (Z2 * (1 - Z2)).T @ z4


@wrong_batch("db_with_Z1", "Z1 in place of Z2 in db",
             "The derivative of v^T w with respect to v is w. Which vectors meet b?", BACK)
def _(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    loss, dA, _ = _batch(A, b, X, y)
    return loss, dA, -2 * Z1.T @ z4


@wrong_batch("db_of_a_bias", "db of a bias: -2 sum z4 in every entry",
             "Here b is a vector of weights, not of biases. What is it multiplied by?", BACK)
def _(A, b, X, y):
    loss, dA, db = _batch(A, b, X, y)
    return loss, dA, np.full(len(b), -2 * up_batch(A, b, X, y)[-1].sum())


@wrong_batch("transposed", "dA transposed",
             "A gradient has the shape of its parameter. Which shape has X^T dZ1?")
def _(A, b, X, y):
    loss, dA, db = _batch(A, b, X, y)
    return loss, dA.T, db


@wrong_batch("A_not_transposed", "X A in place of X A^T",
             "Rows of X are examples, rows of A are units. Along which axes do they meet?")
def _(A, b, X, y):
    A, b, X, y = floats(A, b, X, y)
    Z2 = sigmoid(X @ A)
    return down_batch(b, X, y - Z2 @ b, Z2, Z2 * (1 - Z2))


@wrong_batch("swapped", "(loss, db, dA): the order of the answers",
             "In which order does the contract return the two gradients?")
def _(A, b, X, y):
    loss, dA, db = _batch(A, b, X, y)
    return loss, db, dA


@wrong_batch("losses", "one loss per example",
             "One number is asked for. What happens to the N losses?")
def _(A, b, X, y):
    _, dA, db = _batch(A, b, X, y)
    return up_batch(A, b, X, y)[-1] ** 2, dA, db


@wrong_batch("per_example", "one gradient per example, not added up",
             "A gradient has the shape of its parameter. What happens to the axis of examples?")
def _(A, b, X, y):
    one_by_one = [_batch(A, b, x[None], [t])[1:] for x, t in zip(X, y, strict=True)]
    dA, db = zip(*one_by_one, strict=True)
    return _batch(A, b, X, y)[0], np.stack(dA), np.stack(db)


@wrong_batch("squeezed", "np.squeeze, which also removes an axis of length 1 that you need",
             "What does np.squeeze do to shape (5, 1) when there is one hidden unit?")
def _(A, b, X, y):
    loss, dA, db = _batch(A, b, X, y)
    return loss, np.squeeze(dA), np.squeeze(db)


@wrong_batch("descends_on_the_way", "a step taken after each example",
             "All examples must be measured at the same A and b. What changed between them?")
def _(A, b, X, y):
    total, dA, db = 0.0, np.zeros(A.shape), np.zeros(b.shape)
    for x, t in zip(X, y, strict=True):
        loss, gA, gb = _batch(A, b, x[None], np.array([t]))
        total, dA, db = total + loss, dA + gA, db + gb
        A, b = A - 0.01 * gA, b - 0.01 * gb
    return total, dA, db


@wrong_batch("centred_inputs", "inputs with their mean taken off",
             "Standardising is a decision for whoever prepares the data. Which X is asked about?")
def _(A, b, X, y):
    return _batch(A, b, X - X.mean(axis=0), y)


@wrong_batch("central_differences", "central differences", DIFFERENCES, cost="per parameter")
def _(A, b, X, y):
    A, b, eps = *floats(A, b), 1e-6

    def slopes(shape, f):
        out = np.zeros(shape)
        for place in np.ndindex(shape):
            step = np.zeros(shape)
            step[place] = eps
            out[place] = (f(step) - f(-step)) / (2 * eps)
        return out

    return (_batch(A, b, X, y)[0], slopes(A.shape, lambda d: _batch(A + d, b, X, y)[0]),
            slopes(b.shape, lambda d: _batch(A, b + d, X, y)[0]))


@wrong_batch("complex_step", "a complex step for every weight",
             "Right to the last digit, at the price of a forward pass per weight: good for a "
             "check. Which quantity do all weights of a unit share?", BACK, cost="complex step")
def _(A, b, X, y):
    def loss(A, b):
        return ((y - (0.5 + 0.5 * np.tanh(X @ A.T / 2)) @ b) ** 2).sum()

    return _batch(A, b, X, y)[0], *stepped(loss, *floats(A, b))


@wrong_batch("exp_quotient", "exp(z) / (1 + exp(z))", OVERFLOW, SLOPE)
def _(A, b, X, y):
    A, b, X, y = floats(A, b, X, y)
    Z2 = quotient(X @ A.T)
    return down_batch(b, X, y - Z2 @ b, Z2, Z2 * (1 - Z2))


@wrong_batch("changes_argument", "an argument changed in place", CALLER)
def _(A, b, X, y):
    result = _batch(A, b, X, y)
    y -= (sigmoid(X @ A.T) @ b).astype(y.dtype)
    return result


@bank.right("regression_loss_and_grads", "plain NumPy: the precision that came in")
def _(A, b, X, y):
    Z2 = sigmoid(X @ A.T)
    return down_batch(b, X, y - Z2 @ b, Z2, Z2 * (1 - Z2))


@wrong_batch("stays_integer", "sums kept in arrays with the dtype of the parameters",
             "np.zeros_like of whole numbers holds whole numbers. What becomes of 0.3 in it?")
def _(A, b, X, y):
    loss, dA, db = _batch(A, b, X, y)
    return loss, dA.astype(A.dtype), db.astype(b.dtype)


@wrong_batch("rounded", "numbers rounded to a few digits", ROUNDED)
def _(A, b, X, y):
    return tuple(np.round(v, 7) for v in _batch(A, b, X, y))


bank.habits("regression_loss_and_grads", _batch)


@bank.right("regression_loss_and_grads", "plain, sums over outer products")
def _(A, b, X, y):
    S = sigmoid(X @ A.T)
    r = S @ b - y
    D = 2 * np.outer(r, b) * S * (1 - S)
    return np.sum(r**2), np.sum(D[:, :, None] * X[:, None], axis=0), np.dot(2 * r, S)


@bank.right("regression_loss_and_grads", "zeros of the parameters' shapes, +=")
def _(A, b, X, y):
    loss, dA, db = 0, np.zeros(A.shape), np.zeros(b.shape)
    for n in range(X.shape[0]):
        s = sigmoid(A @ X[n])
        e = y[n] - b @ s
        loss += e**2
        db += -2 * e * s
        dA += np.outer(-2 * e * b * s * (1 - s), X[n])
    return loss, dA, db


@bank.right("regression_loss_and_grads", "a loop over examples")
def _(A, b, X, y):
    A, b, X, y = floats(A, b, X, y)
    loss, dA, db = 0.0, np.zeros_like(A), np.zeros_like(b)
    for x, t in zip(X, y, strict=True):
        one = _backward(A, b, x, t)
        loss += _forward(A, b, x, t)[4]
        dA += one[0]
        db += one[1]
    return loss, dA, db


@bank.right("regression_loss_and_grads", "einsum")
def _(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    r = 2 * (Z2 @ b - np.asarray(y, dtype=float))
    return np.einsum("n,n->", z4, z4), np.einsum("n,k,nk,nk,nj->kj", r, b, Z2, 1 - Z2, X), r @ Z2


@bank.right("regression_loss_and_grads", "units as rows")
def _(A, b, X, y):
    A, b, X, y = floats(A, b, X, y)
    Z2 = 0.5 + 0.5 * np.tanh((A @ X.T) / 2)
    z4 = y - b @ Z2
    dZ1 = np.outer(b, -2 * z4) * Z2 * (1 - Z2)
    return float(z4 @ z4), dZ1 @ X, Z2 @ (-2 * z4)


@bank.right("regression_loss_and_grads", "a scalar loop over everything")
def _(A, b, X, y):
    (h, m), N = A.shape, len(y)
    loss, dA, db = 0.0, [[0.0] * m for _ in range(h)], [0.0] * h
    for n in range(N):
        z1 = [sum(float(A[k, j]) * float(X[n, j]) for j in range(m)) for k in range(h)]
        z2 = [1 / (1 + math.exp(-z)) if z > -700 else 0.0 for z in z1]
        z4 = float(y[n]) - sum(float(b[k]) * z2[k] for k in range(h))
        loss += z4 * z4
        for k in range(h):
            db[k] -= 2 * z4 * z2[k]
            for j in range(m):
                dA[k][j] -= 2 * z4 * float(b[k]) * z2[k] * (1 - z2[k]) * float(X[n, j])
    return loss, dA, db


# gd_step ----------------------------------------------------------------------------------------


def _gd(params, grads, lr):
    return [p - lr * g for p, g in zip(map(np.float64, params), grads, strict=True)]


def wrong_step(id, looks_like, question):
    return bank.wrong("gd_step", id, looks_like, question, STEP)


@wrong_step("cut_off_far_out", "gradients cut off at a fixed number",
            "Where is a limit in p - lr g? Which step does a gradient of 1000 make?")
def _(params, grads, lr):
    return _gd(params, [np.clip(g, -5, 5) for g in grads], lr)


@wrong_step("cut_to_a_length", "gradients scaled down to a fixed length",
            "Where is a limit in p - lr g? Which step does a gradient of 1000 make?")
def _(params, grads, lr):
    sizes = [max(1.0, np.linalg.norm(g)) for g in grads]
    return _gd(params, [g / size for g, size in zip(grads, sizes, strict=True)], lr)


@wrong_step("uphill", "p + lr * g", "The gradient points uphill. Where do you want to go?")
def _(params, grads, lr):
    return _gd(params, grads, -lr)


@wrong_step("no_rate", "p - g, without the learning rate", "How far is one step?")
def _(params, grads, lr):
    return _gd(params, grads, 1.0)


@wrong_step("rate_twice", "the learning rate twice",
            "How often does lr stand in p - lr * g?")
def _(params, grads, lr):
    return _gd(params, grads, lr * lr)


@wrong_step("ignores_rate", "a learning rate of its own",
            "Which learning rate does the caller ask for?")
def _(params, grads, lr):
    return _gd(params, grads, 0.01)


@wrong_step("rate_divides", "p - g / lr", "Should a smaller learning rate give a smaller step?")
def _(params, grads, lr):
    return _gd(params, grads, 1 / lr)


@wrong_step("steps_only", "-lr * g: the step, not where it ends",
            "The new parameter is the old one and the step. Which of the two is missing?")
def _(params, grads, lr):
    return [-lr * np.float64(g) for g in grads]


@wrong_step("old_parameters", "the parameters as they came", "Where is the gradient used?")
def _(params, grads, lr):
    return [np.array(p, dtype=float) for p in params]


@wrong_step("reversed", "gradients taken in reverse order",
            "Which gradient belongs to which parameter?")
def _(params, grads, lr):
    return _gd(params, grads[::-1], lr)


@wrong_step("first_only", "only the first parameter moved",
            "How many parameters are in the list, and how many have moved?")
def _(params, grads, lr):
    return [p - lr * g if k == 0 else 1.0 * p
            for k, (p, g) in enumerate(zip(map(np.float64, params), grads, strict=True))]


@wrong_step("last_missing", "the last parameter left out",
            "How many parameters came in, and how many go out?")
def _(params, grads, lr):
    return _gd(params, grads, lr)[:-1] or _gd(params, grads, lr)


@wrong_step("two_parameters", "exactly two parameters expected",
            "How many parameters may the list have? Which loop works for any number?")
def _(params, grads, lr):
    (A, b), (dA, db) = map(np.float64, params[:2]), grads[:2]
    return [A - lr * dA, b - lr * db]


@wrong_step("sign_of_gradient", "the sign of the gradient in place of the gradient",
            "Should a steep slope and a gentle one give steps of the same size?")
def _(params, grads, lr):
    return _gd(params, [np.sign(g) for g in grads], lr)


@wrong_step("normalised", "gradients scaled to length 1",
            "Near a minimum the gradient shrinks. What would a step of fixed length do there?")
def _(params, grads, lr):
    return _gd(params, [g / (np.linalg.norm(g) or 1.0) for g in grads], lr)


@wrong_step("clipped", "entries of the gradient cut off at 1",
            "What does the formula say about large entries?")
def _(params, grads, lr):
    return _gd(params, [np.clip(g, -1, 1) for g in grads], lr)


@wrong_step("mean_gradient", "the mean of each gradient taken off every entry",
            "Each entry has its own derivative. Why average them?")
def _(params, grads, lr):
    return _gd(params, [np.full_like(g, g.mean()) for g in grads], lr)


@wrong_step("weight_decay", "the parameters shrunk as well",
            "Which term of p - lr * g makes a parameter smaller where its gradient is 0?")
def _(params, grads, lr):
    return [p - 0.01 * lr * p for p in _gd(params, grads, lr)]


@wrong_step("rate_per_tensor", "the learning rate divided by the number of parameters",
            "Does a step get shorter because there are more arrays in the list?")
def _(params, grads, lr):
    return _gd(params, grads, lr / (len(params) + 1))


@wrong_step("in_place", "p -= lr * g, which changes the caller's arrays", CALLER)
def _(params, grads, lr):
    for p, g in zip(params, grads, strict=True):
        p -= lr * g
    return params


@wrong_step("list_in_place", "params[k] = ..., which changes the caller's list",
            "Who else holds this list?")
def _(params, grads, lr):
    for k, new in enumerate(_gd(params, grads, lr)):
        params[k] = new
    return params


@wrong_step("same_where_flat", "the old array itself where the gradient is 0",
            "The caller may change a new parameter later. Whose array is that, then?")
def _(params, grads, lr):
    moved = zip(params, _gd(params, grads, lr), grads, strict=True)
    return [new if g.any() else p for p, new, g in moved]


@bank.right("gd_step", "plain NumPy: the precision that came in")
def _(params, grads, lr):
    return [p - lr * g for p, g in zip(params, grads, strict=True)]


@wrong_step("stays_integer", "new parameters with the dtype of the old ones",
            "An array of whole numbers holds whole numbers. What becomes of 0.3 in it?")
def _(params, grads, lr):
    news = zip(_gd(params, grads, lr), params, strict=True)
    return [new.astype(p.dtype) if p.dtype.kind == "i" else new for new, p in news]


@wrong_step("rounded", "numbers rounded to a few digits", ROUNDED)
def _(params, grads, lr):
    return [np.round(p, 8) for p in _gd(params, grads, lr)]


bank.habits("gd_step", _gd)


@bank.right("gd_step", "np.subtract in a loop, plain")
def _(params, grads, lr):
    new = []
    for i, p in enumerate(params):
        new.append(np.subtract(p, grads[i] * lr))
    return new


@bank.right("gd_step", "a loop that appends")
def _(params, grads, lr):
    new = []
    for k in range(len(params)):
        new.append(np.array(params[k], dtype=float))
        new[k] -= lr * grads[k]
    return new


@bank.right("gd_step", "a tuple, np.add")
def _(params, grads, lr):
    return tuple(np.add(np.asarray(p, float), np.multiply(-lr, np.asarray(g, float)))
                 for p, g in zip(params, grads, strict=True))


@bank.right("gd_step", "one flat vector and back")
def _(params, grads, lr):
    flat = np.concatenate([np.ravel(p).astype(float) for p in params])
    flat = flat - lr * np.concatenate([np.ravel(g) for g in grads])
    ends = np.cumsum([np.size(p) for p in params])
    pieces = np.split(flat, ends[:-1])
    return [piece.reshape(np.shape(p)) for piece, p in zip(pieces, params, strict=True)]


# fit_regression ---------------------------------------------------------------------------------


def _fit(A, b, X, y, lr, n_steps, grads=_batch):
    A, b, losses = np.array(A, dtype=float), np.array(b, dtype=float), []
    for _ in range(n_steps):
        loss, dA, db = grads(A, b, X, y)
        losses.append(loss)
        A, b = A - lr * dA, b - lr * db
    return A, b, np.array(losses)


def wrong_fit(id, looks_like, question, reread=FIT):
    return bank.wrong("fit_regression", id, looks_like, question, reread)


@wrong_fit("loss_after", "losses recorded after the update",
           "Is the first loss that of the starting point, or that after one step?")
def _(A, b, X, y, lr, n_steps):
    A, b, losses = _fit(A, b, X, y, lr, n_steps + 1)
    old = _fit(*floats(A, b), X, y, lr, 0)
    return *old[:2], losses[1:]


@wrong_fit("loss_after_only", "losses recorded after each update, the weights right",
           "Is the first loss that of the starting point, or that after one step?")
def _(A, b, X, y, lr, n_steps):
    new_A, new_b, _ = _fit(A, b, X, y, lr, n_steps)
    return new_A, new_b, _fit(A, b, X, y, lr, n_steps + 1)[2][1:]


@wrong_fit("one_loss_more", "the starting loss and one per step",
           "n_steps losses are asked for. How many did you record?")
def _(A, b, X, y, lr, n_steps):
    new_A, new_b, _ = _fit(A, b, X, y, lr, n_steps)
    return new_A, new_b, _fit(A, b, X, y, lr, n_steps + 1)[2]


@wrong_fit("one_step_less", "one update too few",
           "After the last loss is recorded, does one more update follow?")
def _(A, b, X, y, lr, n_steps):
    new_A, new_b, _ = _fit(A, b, X, y, lr, max(n_steps - 1, 0))
    return new_A, new_b, _fit(A, b, X, y, lr, n_steps)[2]


@wrong_fit("final_loss_only", "the last loss alone",
           "One loss per step is asked for. Where are the earlier ones?")
def _(A, b, X, y, lr, n_steps):
    A, b, losses = _fit(A, b, X, y, lr, n_steps)
    return A, b, losses[-1]


@wrong_fit("in_turn", "A updated first, b from a gradient at the new A",
           "Both steps should start from the same point. Where was A when you computed db?")
def _(A, b, X, y, lr, n_steps):
    A, b, losses = *floats(A, b), []
    for _ in range(n_steps):
        loss, dA, _ = _batch(A, b, X, y)
        losses.append(loss)
        A = A - lr * dA
        b = b - lr * _batch(A, b, X, y)[2]
    return A, b, np.array(losses)


@wrong_fit("in_turn_b_first", "b updated first, A from a gradient at the new b",
           "Both steps should start from the same point. Where was b when you computed dA?")
def _(A, b, X, y, lr, n_steps):
    A, b, losses = *floats(A, b), []
    for _ in range(n_steps):
        loss, _, db = _batch(A, b, X, y)
        losses.append(loss)
        b = b - lr * db
        A = A - lr * _batch(A, b, X, y)[1]
    return A, b, np.array(losses)


@wrong_fit("new_b_old_errors", "b updated first, A along a gradient with the new b in it",
           "Both steps should start from the same point. Which b stands in your dA?")
def _(A, b, X, y, lr, n_steps):
    A, b, losses = *floats(A, b), []
    for _ in range(n_steps):
        A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
        loss, _, db = down_batch(b, X, z4, Z2, Z2 * (1 - Z2))
        losses.append(loss)
        b = b - lr * db
        A = A - lr * down_batch(b, X, z4, Z2, Z2 * (1 - Z2))[1]
    return A, b, np.array(losses)


@wrong_fit("same_gradient", "the gradient of the starting point at every step",
           "After a step you stand somewhere else. Which gradient holds there?")
def _(A, b, X, y, lr, n_steps):
    first = _batch(A, b, X, y)
    return _fit(A, b, X, y, lr, n_steps, lambda A, b, X, y: (_batch(A, b, X, y)[0], *first[1:]))


@wrong_fit("only_b", "A never moves", "Which parameters does the descent move?")
def _(A, b, X, y, lr, n_steps):
    def grads(*at):
        loss, dA, db = _batch(*at)
        return loss, 0 * dA, db

    return _fit(A, b, X, y, lr, n_steps, grads)


@wrong_fit("only_A", "b never moves", "Which parameters does the descent move?")
def _(A, b, X, y, lr, n_steps):
    def grads(*at):
        loss, dA, db = _batch(*at)
        return loss, dA, 0 * db

    return _fit(A, b, X, y, lr, n_steps, grads)


@wrong_fit("uphill", "steps up the gradient",
           "The gradient points uphill. Where do you want to go?", STEP)
def _(A, b, X, y, lr, n_steps):
    A, b, losses = _fit(A, b, X, y, -lr, n_steps)
    return A, b, losses


@wrong_fit("rate_twice", "the learning rate twice",
           "gd_step multiplies by lr. Is your gradient multiplied before as well?", STEP)
def _(A, b, X, y, lr, n_steps):
    return _fit(A, b, X, y, lr * lr, n_steps)


@wrong_fit("half", "half of the gradient, or half of the rate",
           "Is there a 1/2 in this loss, and so in your step?", BATCH)
def _(A, b, X, y, lr, n_steps):
    return _fit(A, b, X, y, lr / 2, n_steps)


@wrong_fit("average_step", "a mean of this gradient and the one before",
           "In plain gradient descent, does a step depend on the step before?", STEP)
def _(A, b, X, y, lr, n_steps):
    A, b, losses, before = *floats(A, b), [], None
    for _ in range(n_steps):
        loss, dA, db = _batch(A, b, X, y)
        losses.append(loss)
        pA, pb = before or (dA, db)
        A, b, before = A - lr * (dA + pA) / 2, b - lr * (db + pb) / 2, (dA, db)
    return A, b, np.array(losses)


@wrong_fit("mean", "the gradient of the mean loss",
           "Is the learning rate meant for the gradient of the sum, or of the mean?", BATCH)
def _(A, b, X, y, lr, n_steps):
    return _fit(A, b, X, y, lr / len(y), n_steps)


@wrong_fit("mean_losses", "mean losses recorded, steps along the sum",
           "Which loss do your steps descend on, and which one do you record?", BATCH)
def _(A, b, X, y, lr, n_steps):
    A, b, losses = _fit(A, b, X, y, lr, n_steps)
    return A, b, losses / len(y)


@wrong_fit("one_example_per_step", "one example per step",
           "The loss is a sum over all examples. How many does one step look at?", BATCH)
def _(A, b, X, y, lr, n_steps):
    A, b, losses = *floats(A, b), []
    for n in range(n_steps):
        losses.append(_batch(A, b, X, y)[0])
        k = n % len(y)
        _, dA, db = _batch(A, b, X[k : k + 1], y[k : k + 1])
        A, b = A - lr * dA, b - lr * db
    return A, b, np.array(losses)


@wrong_fit("shrinking_rate", "a learning rate that shrinks with the steps",
           "Which learning rate does step 5 use?")
def _(A, b, X, y, lr, n_steps):
    A, b, losses = *floats(A, b), []
    for n in range(n_steps):
        loss, dA, db = _batch(A, b, X, y)
        losses.append(loss)
        A, b = A - lr / (n + 1) * dA, b - lr / (n + 1) * db
    return A, b, np.array(losses)


@wrong_fit("momentum", "a memory of the last step",
           "In plain gradient descent, does a step depend on the step before?")
def _(A, b, X, y, lr, n_steps):
    A, b, losses = *floats(A, b), []
    vA, vb = np.zeros(A.shape), np.zeros(b.shape)
    for _ in range(n_steps):
        loss, dA, db = _batch(A, b, X, y)
        losses.append(loss)
        vA, vb = 0.9 * vA + dA, 0.9 * vb + db
        A, b = A - lr * vA, b - lr * vb
    return A, b, np.array(losses)


@wrong_fit("stops_early", "an end as soon as the loss changes little",
           "n_steps steps are asked for. When does your loop end?")
def _(A, b, X, y, lr, n_steps):
    A, b, losses = *floats(A, b), []
    for n in range(n_steps):
        loss, dA, db = _batch(A, b, X, y)
        if n and losses[-1] - loss < 0.3 * losses[-1]:
            break
        losses.append(loss)
        A, b = A - lr * dA, b - lr * db
    return A, b, np.array(losses)


@wrong_fit("new_start", "weights of one's own at the start",
           "Where does the contract say that the descent starts?")
def _(A, b, X, y, lr, n_steps):
    return _fit(0.1 * np.ones(A.shape), b, X, y, lr, n_steps)


@wrong_fit("needs_a_step", "a variable that only the loop defines",
           "If the loop does not run once, what is there to return?")
def _(A, b, X, y, lr, n_steps):
    A, b, losses = _fit(A, b, X, y, lr, n_steps)
    return A, b, np.stack(list(losses))


@wrong_fit("swapped", "(b, A, losses): the order of the answers",
           "In which order does the contract return them?")
def _(A, b, X, y, lr, n_steps):
    A, b, losses = _fit(A, b, X, y, lr, n_steps)
    return b, A, losses


@wrong_fit("in_place", "A -= ..., which changes the caller's arrays", CALLER, STEP)
def _(A, b, X, y, lr, n_steps):
    new_A, new_b, losses = _fit(A, b, X, y, lr, n_steps)
    if A.dtype == np.float64:
        A[...], b[...] = new_A, new_b
    return new_A, new_b, losses


@bank.right("fit_regression", "plain NumPy: the precision that came in")
def _(A, b, X, y, lr, n_steps):
    losses = np.zeros(n_steps)
    for n in range(n_steps):
        Z2 = sigmoid(X @ A.T)
        losses[n], dA, db = down_batch(b, X, y - Z2 @ b, Z2, Z2 * (1 - Z2))
        A, b = A - lr * dA, b - lr * db
    return A, b, losses


@wrong_fit("integer_losses", "losses kept in an array of whole numbers",
           "np.zeros(n, dtype=y.dtype) of whole numbers holds whole numbers. What becomes of 0.3?")
def _(A, b, X, y, lr, n_steps):
    A, b, losses = _fit(A, b, X, y, lr, n_steps)
    return A, b, losses.astype(y.dtype) if y.dtype.kind == "i" else losses


@wrong_fit("central_differences", "central differences", DIFFERENCES, BACK)
def _(A, b, X, y, lr, n_steps):
    def grads(A, b, X, y):
        eps, loss = 1e-6, _batch(A, b, X, y)[0]
        dA, db = np.zeros(A.shape), np.zeros(b.shape)
        for place in np.ndindex(A.shape):
            step = np.zeros(A.shape)
            step[place] = eps
            dA[place] = (_batch(A + step, b, X, y)[0] - _batch(A - step, b, X, y)[0]) / (2 * eps)
        for k in range(len(b)):
            step = np.zeros(b.shape)
            step[k] = eps
            db[k] = (_batch(A, b + step, X, y)[0] - _batch(A, b - step, X, y)[0]) / (2 * eps)
        return loss, dA, db

    return _fit(A, b, X, y, lr, n_steps, grads)


bank.habits("fit_regression", _fit)


@bank.right("fit_regression", "an array filled step by step, copies updated in place")
def _(A, b, X, y, lr, n_steps):
    A, b, losses = A.astype(float), b.astype(float), np.empty(n_steps)
    for n in range(n_steps):
        losses[n], dA, db = _batch(A, b, X, y)
        A -= lr * dA
        b -= lr * db
    return A, b, losses


@bank.right("fit_regression", "plain, a list of losses")
def _(A, b, X, y, lr, n_steps):
    losses = []
    for _ in range(n_steps):
        S = sigmoid(X @ A.T)
        r = y - S @ b
        losses.append(np.sum(r**2))
        dA = (-2 * r[:, None] * b * S * (1 - S)).T @ X
        A, b = A - lr * dA, b + 2 * lr * S.T @ r
    return A, b, np.array(losses)


@bank.right("fit_regression", "recursion, lists")
def _(A, b, X, y, lr, n_steps):
    if n_steps == 0:
        return np.array(A, dtype=float), np.array(b, dtype=float), []
    loss, dA, db = _batch(A, b, X, y)
    A, b, later = _fit(A - lr * dA, b - lr * db, X, y, lr, n_steps - 1)
    return A, b, [loss, *later]


@bank.right("fit_regression", "one flat vector of parameters, gradients by einsum")
def _(A, b, X, y, lr, n_steps):
    A, b, X, y = floats(A, b, X, y)
    h, m = A.shape
    theta, losses = np.concatenate([A.ravel(), b]), []
    for _ in range(n_steps):
        A, b = theta[: h * m].reshape(h, m), theta[h * m :]
        Z2 = sigmoid(np.einsum("nj,kj->nk", X, A))
        r = Z2 @ b - y
        losses.append(r @ r)
        dA = np.einsum("n,k,nk,nj->kj", 2 * r, b, Z2 * (1 - Z2), X)
        theta = theta - lr * np.concatenate([dA.ravel(), 2 * r @ Z2])
    return theta[: h * m].reshape(h, m), theta[h * m :], np.array(losses)
