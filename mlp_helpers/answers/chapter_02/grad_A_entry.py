"""One entry of the gradient."""

from __future__ import annotations

import math

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Case, Exercise
from ...reference.activations import sigmoid
from ...reference.gradcheck import complex_step_gradient
from ..bank import Bank
from ..draw import case
from .shared import (
    CALLER,
    DIFFERENCES,
    DTYPES,
    HUGE,
    OVERFLOW,
    ROUNDED,
    SLOPE,
    floats,
    losses,
    quotient,
    right_entry,
    right_forward,
    single,
    single_cases,
    up,
)


def _entry_cases(rng):
    """The same, and the place (i, j) of one weight: i and j differ, and two corners."""
    singles = single_cases(rng)
    groups = {
        name: [_at(c, *_off_diagonal(rng, *c.args[0].shape)) for c in cases]
        for name, cases in singles.items()
    }
    for h, m, i, j in ((7, 5, 0, 0), (5, 2, 4, 1)):
        groups["generic"].append(_at(case(*single(rng, h, m), h=h, m=m), i, j))
    groups["huge"].append(_at(singles["huge"][0], 3, 1))  # unit 3 is not saturated
    return groups


def _off_diagonal(rng, h, m):
    i = int(rng.integers(1, h)) if h > 1 else 0
    return i, int(rng.choice([j for j in range(m) if j != i] or [0]))


def _at(one, i, j):
    """Add (i, j) to a case; where units are saturated, a single entry may be nearly 0."""
    A, b, x, y = one.args
    size = one.scale * float(np.abs(b).max() * np.abs(x).max())
    return Case((A, b, x, y, i, j), f"{one.note}, i = {i}, j = {j}", one.sizes, size)


def _entry(A, b, x, y, i, j):
    return float(complex_step_gradient(lambda A: losses(A @ x, b, y), A)[i, j])


bank = Bank()


EXERCISE = Exercise(
    title="One entry of the gradient",
    signature="grad_A_entry(A, b, x, y, i, j)",
    returns="dL/dA[i, j]",
    minutes=12,
    lines=3,
    section="One weight at a time",
    draw=_entry_cases,
    oracle=_entry,
    criteria=(
        shape(0.25),
        value(1.75),
        value(0.25, HUGE, "huge"),
        value(0.25, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "Follow the one weight A[i, j] upwards. Which single entry of z1 contains it, and with "
        "which factor? Which entries of z2 does that one reach?",
        "Five factors, one per step: dL/dz4 = 2 z4, dz4/dz3 = -1, dz3/dz2[i] = b[i], "
        "dz2[i]/dz1[i] = z2[i] (1 - z2[i]), and dz1[i]/dA[i, j] = x[j].",
        "z1, z2, z3, z4, loss = regression_forward(A, b, x, y)\n"
        "return -2 * z4 * b[...] * z2[...] * (1 - ...) * x[...]",
    ),
    bank=bank,
)


@bank.wrong(
    "the sign of dz4/dz3 forgotten",
    "When the prediction z3 rises, does the error z4 = y - z3 rise or fall?",
)
def sign(A, b, x, y, i, j):
    return -right_entry(A, b, x, y, i, j)


@bank.wrong("the factor 2 left out", "What is the derivative of z4^2? Is there a 1/2 in this loss?")
def half(A, b, x, y, i, j):
    return right_entry(A, b, x, y, i, j) / 2


@bank.wrong("the factor 2 twice", "How often does the square in the loss get differentiated?")
def doubled(A, b, x, y, i, j):
    return 2 * right_entry(A, b, x, y, i, j)


@bank.wrong("the error z4 left out", "If the prediction is perfect, what should the gradient be?")
def no_error(A, b, x, y, i, j):
    *_, z4 = up(A, b, x, y)
    return right_entry(A, b, x, y, i, j) / z4


@bank.wrong(
    "|z4| in place of z4",
    "Must the step not turn round when the prediction is too high and not too low?",
)
def absolute_error(A, b, x, y, i, j):
    *_, z4 = up(A, b, x, y)
    return right_entry(A, b, x, y, i, j) * np.sign(z4)


@bank.wrong("z4^2 in place of z4", "What is the derivative of z4^2 with respect to z4?")
def squared_error(A, b, x, y, i, j):
    *_, z4 = up(A, b, x, y)
    return right_entry(A, b, x, y, i, j) * z4


@bank.wrong("z3 in place of z4", "Which of the five quantities is squared?")
def prediction_for_error(A, b, x, y, i, j):
    *_, z3, z4 = up(A, b, x, y)
    return right_entry(A, b, x, y, i, j) / z4 * z3


@bank.wrong("y in place of z4", "Which of the five quantities is squared?")
def target_for_error(A, b, x, y, i, j):
    *_, z4 = up(A, b, x, y)
    return right_entry(A, b, x, y, i, j) / z4 * y


@bank.wrong("b[i] left out", "Unit i reaches the output through one weight. Which?")
def no_b(A, b, x, y, i, j):
    return right_entry(A, b, x, y, i, j) / np.asarray(b, dtype=float)[i]


@bank.wrong("x[j] left out", "A[i, j] is multiplied by something before it enters z1[i]. By what?")
def no_x(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * z2[i] * (1 - z2[i])


@bank.wrong(
    "the slope of the sigmoid left out",
    "Between z1 and z2 stands the sigmoid. What is its derivative?",
    reread=SLOPE,
)
def no_slope(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * x[j]


@bank.wrong(
    "z2[i] in place of z2[i] (1 - z2[i])",
    "For a saturated unit, z2[i] = 1. Does a small change of its weight change anything?",
    reread=SLOPE,
)
def value_for_slope(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * z2[i] * x[j]


@bank.wrong(
    "1 - z2[i] in place of z2[i] (1 - z2[i])",
    "The slope of the sigmoid has two factors. Which one is missing?",
    reread=SLOPE,
)
def one_minus_value(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * (1 - z2[i]) * x[j]


@bank.wrong(
    "the sigmoid applied to z2 once more inside the slope",
    "z2 is sigma(z1) already. What is sigma'(z1), written with z2 alone?",
    reread=SLOPE,
)
def slope_of_z2(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    s = sigmoid(z2)
    return -2 * z4 * b[i] * s[i] * (1 - s[i]) * x[j]


@bank.wrong(
    "z1[i] (1 - z2[i]): input times one minus value",
    "The slope is written with the value of the sigmoid alone. What is z1 doing in it?",
    reread=SLOPE,
)
def input_and_value(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * z1[i] * (1 - z2[i]) * x[j]


@bank.wrong(
    "z2[i] (1 - z1[i]): value times one minus input",
    "The slope is written with the value of the sigmoid alone. What is z1 doing in it?",
    reread=SLOPE,
)
def value_and_input(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * z2[i] * (1 - z1[i]) * x[j]


@bank.wrong(
    "the slope of the sigmoid twice",
    "How often does the path from A[i, j] to the loss pass through the sigmoid?",
    reread=SLOPE,
)
def slope_twice(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * (z2[i] * (1 - z2[i])) ** 2 * x[j]


@bank.wrong(
    "z1 (1 - z1)",
    "The slope is written with the value of the sigmoid. Which of the quantities is that?",
    reread=SLOPE,
)
def slope_of_z1(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * z1[i] * (1 - z1[i]) * x[j]


@bank.wrong(
    "1 - z2^2, the slope of tanh",
    "Which activation function has the slope 1 - value^2?",
    reread=SLOPE,
)
def tanh_slope(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * (1 - z2[i] ** 2) * x[j]


@bank.wrong(
    "sigma(z1) / z1, as S2's hint prints it",
    "What does sigma(z)/z give at z = 0, and how steep is the sigmoid there?",
    reread=SLOPE,
)
def printed_slope(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * z2[i] / z1[i] * x[j]


@bank.wrong("i and j exchanged", "Which index of A counts hidden units, and which counts inputs?")
def swapped(A, b, x, y, i, j):
    return right_entry(A, b, x, y, j, i)


@bank.wrong(
    "x[i] in place of x[j]", "z1[i] = sum_j A[i, j] x[j]. Which entry of x stands beside A[i, j]?"
)
def input_i(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * z2[i] * (1 - z2[i]) * x[i]


@bank.wrong(
    "b[j] in place of b[i]",
    "Which unit does row i of A feed, and which output weight does that unit have?",
)
def b_j(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[j] * z2[i] * (1 - z2[i]) * x[j]


@bank.wrong(
    "a sum over all hidden units", "A[i, j] enters z1[i] alone. What does it do to the other units?"
)
def all_units(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * (b @ (z2 * (1 - z2))) * x[j]


@bank.wrong(
    "a sum over all inputs",
    "The derivative of sum_k A[i, k] x[k] with respect to A[i, j]: which terms stay?",
)
def all_inputs(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * z2[i] * (1 - z2[i]) * x.sum()


@bank.wrong(
    "multiplied by A[i, j] itself",
    "The derivative of A[i, j] x[j] with respect to A[i, j] is x[j]. Is A[i, j] left?",
)
def times_weight(A, b, x, y, i, j):
    return right_entry(A, b, x, y, i, j) * np.asarray(A, dtype=float)[i, j]


@bank.wrong(
    "2 z4 - ..., a subtraction where the notes print a dot",
    "S2 prints 2 z4 . -z2. Is that a difference, or a product with a negative factor?",
)
def minus_for_times(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return 2 * z4 - b[i] * z2[i] * (1 - z2[i]) * x[j]


@bank.wrong(
    "a row of the gradient", "One number is asked for. Which entry of x belongs to A[i, j]?"
)
def whole_row(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * z2[i] * (1 - z2[i]) * x


@bank.wrong("the whole gradient", "One number is asked for. Where are i and j used?")
def whole_matrix(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return np.outer(-2 * z4 * b * z2 * (1 - z2), x)


@bank.wrong("central differences", DIFFERENCES)
def central_differences(A, b, x, y, i, j):
    A, eps = np.array(A, dtype=float), 1e-6
    step = np.zeros(A.shape)
    step[i, j] = eps
    return (right_forward(A + step, b, x, y)[4] - right_forward(A - step, b, x, y)[4]) / (2 * eps)


@bank.wrong("forward differences", DIFFERENCES)
def forward_differences(A, b, x, y, i, j):
    A, eps = np.array(A, dtype=float), 1e-7
    step = np.zeros(A.shape)
    step[i, j] = eps
    return (right_forward(A + step, b, x, y)[4] - right_forward(A, b, x, y)[4]) / eps


@bank.wrong("exp(z) / (1 + exp(z))", OVERFLOW, reread=SLOPE)
def exp_quotient(A, b, x, y, i, j):
    A, b, x = floats(A, b, x)
    z2 = quotient(A @ x)
    return -2 * (y - b @ z2) * b[i] * z2[i] * (1 - z2[i]) * x[j]


@bank.wrong("an argument changed in place", CALLER)
def changes_argument(A, b, x, y, i, j):
    if b.dtype != np.float64:
        return right_entry(A, b, x, y, i, j)
    *_, z2, _, z4 = up(A, b, x, y)
    b *= z2 * (1 - z2)
    return -2 * z4 * b[i] * x[j]


@bank.right("plain NumPy: the precision that came in")
def plain_numpy(A, b, x, y, i, j):
    z2 = sigmoid(A @ x)
    return -2 * (y - b @ z2) * b[i] * z2[i] * (1 - z2[i]) * x[j]


@bank.wrong("numbers rounded to a few digits", ROUNDED)
def rounded(A, b, x, y, i, j):
    return round(float(right_entry(A, b, x, y, i, j)), 7)


bank.habits(right_entry, array=False)


@bank.right("plain, factor by factor")
def plain(A, b, x, y, i, j):
    s = sigmoid(A @ x)
    chain = [2 * (y - b.dot(s)), -1, b[i], s[i] * (1 - s[i]), x[j]]
    return np.prod(chain)


@bank.right("sums of products, math.exp")
def sums_of_products(A, b, x, y, i, j):
    h, m = A.shape
    z1 = [math.fsum(float(A[k, l]) * float(x[l]) for l in range(m)) for k in range(h)]  # noqa: E741
    z2 = [1 / (1 + math.exp(-z)) if z > -700 else 0.0 for z in z1]
    z4 = float(y) - math.fsum(float(b[k]) * z2[k] for k in range(h))
    return 2 * z4 * -1 * float(b[i]) * (z2[i] - z2[i] ** 2) * float(x[j])


@bank.right("one entry of the outer product")
def one_entry_of_the_outer_product(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return np.outer(b * z2 * (1 - z2) * -2 * z4, x)[i, j]


@bank.right("the slope as 1 / (4 cosh^2)")
def the_slope_as_1(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    slope = 0.25 / np.cosh(min(abs(z1[i]), 700.0) / 2) ** 2
    return float(2 * (z3 - y) * b[i] * slope * x[j])


@bank.right("forward mode: a Kronecker delta pushed through the net")
def forward_mode(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    dA = np.zeros(A.shape)
    dA[i, j] = 1.0
    dz1 = dA @ x
    dz3 = b @ (z2 * (1 - z2) * dz1)
    return 2 * z4 * -dz3
