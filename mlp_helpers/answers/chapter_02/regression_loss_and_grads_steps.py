"""The steps of `regression_loss_and_grads` (S2, parts a and b) and how they go wrong."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from ...checking.steps import Rule, Step, Stepwise, step_length
from ...reference.activations import sigmoid

PARTS = ("loss", "dA", "db")


def _forward(A, b, X, y, *, phi=sigmoid):
    """Forward values of one example; another phi makes a known mistake."""
    x = np.asarray(X, dtype=float)[0]
    z1 = A @ x
    z2 = phi(z1)
    z4 = y[0] - b @ z2
    return SimpleNamespace(A=A, b=b, x=x, z1=z1, z2=z2, z3=b @ z2, z4=z4, phi=phi)


def _linear(z):
    return z


def _falling(z):
    return sigmoid(-z)


def _slope(c):
    """phi'(z1) of the activation that the forward pass used."""
    slopes = {np.tanh: 1 - c.z2**2, _linear: np.ones_like(c.z2), _falling: -c.z2 * (1 - c.z2)}
    return slopes.get(c.phi, c.z2 * (1 - c.z2))


def _variant(phi):
    return lambda A, b, X, y: _forward(A, b, X, y, phi=phi)


FORWARDS = (
    Rule(
        "tanh",
        "tanh in place of the sigmoid",
        "Between which two values does the sigmoid stay, and between which does tanh?",
        _variant(np.tanh),
    ),
    Rule(
        "no_activation", "no sigmoid", "What kind of function of x is b^T A x?", _variant(_linear)
    ),
    Rule(
        "sigmoid_sign",
        "1 / (1 + exp(z)), without the minus",
        "Should a unit with a large positive pre-activation be near 1 or near 0?",
        _variant(_falling),
    ),
)

LOSS = (
    Rule(
        "half",
        "z4^2 / 2",
        "Some books put 1/2 before the square. Does this course?",
        lambda c, own: c.z4**2 / 2,
    ),
    Rule(
        "absolute",
        "|z4|",
        "Is the loss the size of the error, or its square?",
        lambda c, own: abs(c.z4),
    ),
    Rule("error", "z4 itself", "Can a loss be negative?", lambda c, own: c.z4),
    Rule(
        "sign",
        "-z4^2",
        "Should a larger error give a larger loss, or a smaller one?",
        lambda c, own: -(c.z4**2),
    ),
)


def _db(c, own=None):
    return -2 * c.z4 * c.z2


DB = (
    Rule(
        "sign",
        "the sign of dz4/dz3 forgotten",
        "When the prediction z3 rises, does the error z4 = y - z3 rise or fall?",
        lambda c, own: -_db(c),
    ),
    Rule(
        "half",
        "the factor 2 left out",
        "What is the derivative of z4^2?",
        lambda c, own: _db(c) / 2,
    ),
    Rule(
        "half_sign",
        "z4 z2: neither the 2 nor the sign",
        "What is the derivative of (y - z3)^2 with respect to z3?",
        lambda c, own: c.z4 * c.z2,
    ),
    Rule(
        "no_error",
        "the error left out",
        "If the prediction is perfect, what should the gradient be?",
        lambda c, own: -2 * c.z2,
    ),
    Rule(
        "absolute_error",
        "|z4| in place of z4",
        "Must the step not turn round when the prediction is too high?",
        lambda c, own: -2 * abs(c.z4) * c.z2,
    ),
    Rule(
        "prediction_for_error",
        "z3 in place of z4",
        "Which of the five quantities is squared?",
        lambda c, own: -2 * c.z3 * c.z2,
    ),
    Rule(
        "slope",
        "db passed through the sigmoid",
        "b stands above the sigmoid. Does its gradient pass through it?",
        lambda c, own: _db(c) * (1 - c.z2),
    ),
    Rule(
        "z1",
        "z1 in place of z2",
        "The derivative of v^T w with respect to v is w. Which vector meets b?",
        lambda c, own: -2 * c.z4 * c.z1,
    ),
    Rule(
        "b",
        "b in place of z2",
        "The derivative of v^T w with respect to v is w, not v. Which vector meets b?",
        lambda c, own: -2 * c.z4 * c.b,
    ),
    Rule(
        "bias",
        "the gradient of a bias, -2 z4 in every entry",
        "Here b is a vector of weights. What is it multiplied by?",
        lambda c, own: np.full(len(c.b), -2 * c.z4),
    ),
    Rule(
        "minus_for_times",
        "2 z4 - z2",
        "S2 prints 2 z4 . -z2. Is that a difference, or a product with a negative factor?",
        lambda c, own: 2 * c.z4 - c.z2,
    ),
    Rule(
        "column",
        "a gradient of shape (h, 1)",
        "A gradient has the shape of its parameter. Which shape has b?",
        lambda c, own: _db(c)[:, None],
    ),
    Rule(
        "one_number",
        "one number for all of b",
        "Each entry of b has its own derivative. Over which axis, and over it alone, do you add?",
        lambda c, own: np.asarray(_db(c).sum()),
    ),
    Rule(
        "twice",
        "a factor 2 too much",
        "How often is the square differentiated?",
        lambda c, own: 2 * _db(c),
    ),
    Rule(
        "weight_decay",
        "b added to the gradient",
        "Does this loss have a penalty?",
        lambda c, own: _db(c) + c.b,
    ),
)


def _dz3(c, own):
    """dL/dz3 as the student's own db has it: the number for which dL/dz3 z2 comes nearest."""
    return (own["db"] * c.z2).sum() / (c.z2 @ c.z2)


def _dA(c, own, slope):
    return np.outer(_dz3(c, own) * c.b * slope, c.x)


def _with_moved_b(c, own):
    """dA after a step on b; how long the step was is read off the student's own dA."""
    right = _dA(c, own, _slope(c))
    change = np.outer(_dz3(c, own) * own["db"] * _slope(c), c.x)
    return right - step_length(right - own["dA"] if "dA" in own else 0.1 * change, change) * change


DA = (
    Rule(
        "no_slope",
        "the slope of the sigmoid left out",
        "Between z1 and z2 stands the sigmoid. What is its derivative?",
        lambda c, own: _dA(c, own, 1.0),
    ),
    Rule(
        "value_for_slope",
        "z2 in place of z2 (1 - z2)",
        "For a saturated unit z2 = 1. Does a small change of its weights change anything?",
        lambda c, own: _dA(c, own, c.z2),
    ),
    Rule(
        "one_minus_value",
        "1 - z2 in place of z2 (1 - z2)",
        "The slope of the sigmoid has two factors. Which one is missing?",
        lambda c, own: _dA(c, own, 1 - c.z2),
    ),
    Rule(
        "slope_of_z2",
        "the sigmoid applied once more inside the slope",
        "z2 is sigma(z1) already. What is sigma'(z1), written with z2 alone?",
        lambda c, own: _dA(c, own, sigmoid(c.z2) * (1 - sigmoid(c.z2))),
    ),
    Rule(
        "slope_of_z1",
        "z1 (1 - z1)",
        "The slope is written with the value of the sigmoid. Which quantity is that?",
        lambda c, own: _dA(c, own, c.z1 * (1 - c.z1)),
    ),
    Rule(
        "value_and_input",
        "z2 (1 - z1): value times one minus input",
        "The slope is written with the value of the sigmoid alone. What is z1 doing in it?",
        lambda c, own: _dA(c, own, c.z2 * (1 - c.z1)),
    ),
    Rule(
        "gradient_for_weight",
        "db where b belongs in dA",
        "Through which weight does unit i reach the output: b[i], or its gradient?",
        lambda c, own: np.outer(_dz3(c, own) * own["db"] * _slope(c), c.x),
    ),
    Rule(
        "input_and_value",
        "z1 (1 - z2): input times one minus value",
        "The slope is written with the value of the sigmoid alone. What is z1 doing in it?",
        lambda c, own: _dA(c, own, c.z1 * (1 - c.z2)),
    ),
    Rule(
        "updated_before_use",
        "a step on b before dA is computed",
        "Both gradients belong to one point. At which b does your dA stand?",
        _with_moved_b,
    ),
    Rule(
        "slope_doubled",
        "1 - 2 z2 for z2 (1 - z2)",
        "Which of the two is the derivative of sigma, and which that of its slope?",
        lambda c, own: _dA(c, own, 1 - 2 * c.z2),
    ),
    Rule(
        "without_parentheses",
        "z2 * 1 - z2, without the parentheses",
        "Python multiplies before it subtracts. What is z2 * 1 - z2?",
        lambda c, own: np.outer(_dz3(c, own) * c.b * c.z2 - c.z2, c.x),
    ),
    Rule(
        "tanh_slope",
        "1 - z2^2, the slope of tanh",
        "Which activation function has the slope 1 - value^2?",
        lambda c, own: _dA(c, own, 1 - c.z2**2),
    ),
    Rule(
        "printed_slope",
        "sigma(z1) / z1, as S2's hint prints it",
        "What does sigma(z)/z give at z = 0, and how steep is the sigmoid there?",
        lambda c, own: _dA(c, own, c.z2 / c.z1),
    ),
    Rule(
        "slope_twice",
        "the slope twice",
        "How often does the path pass through the sigmoid?",
        lambda c, own: _dA(c, own, _slope(c) ** 2),
    ),
    Rule(
        "no_b",
        "b left out",
        "Unit i reaches the output through b[i]. Where is b in dA?",
        lambda c, own: np.outer(_dz3(c, own) * _slope(c), c.x),
    ),
    Rule(
        "no_x",
        "x left out",
        "A[i, j] is multiplied by something before it enters z1[i]. By what?",
        lambda c, own: np.outer(_dz3(c, own) * c.b * _slope(c), np.ones_like(c.x)),
    ),
    Rule(
        "times_A",
        "multiplied by A, entry by entry",
        "z1 is linear in A. What is the derivative of a product with a constant?",
        lambda c, own: _dA(c, own, _slope(c)) * c.A,
    ),
    Rule(
        "one_number",
        "one number for all units",
        "b, z2 and 1 - z2 are multiplied entry by entry. Which sign in NumPy does that?",
        lambda c, own: np.tile((_dz3(c, own) * c.b) @ _slope(c) * c.x, (len(c.b), 1)),
    ),
    Rule(
        "transposed",
        "dA transposed",
        "A gradient has the shape of its parameter. Which has A?",
        lambda c, own: _dA(c, own, _slope(c)).T,
    ),
    Rule(
        "sign",
        "a sign of its own",
        "dA and db share dz4/dz3. What is it?",
        lambda c, own: -_dA(c, own, _slope(c)),
    ),
    Rule(
        "half",
        "half of what db calls for",
        "dA and db start from the same dL/dz3. Which?",
        lambda c, own: _dA(c, own, _slope(c)) / 2,
    ),
    Rule(
        "twice",
        "twice what db calls for",
        "dA and db start from the same dL/dz3. Which?",
        lambda c, own: 2 * _dA(c, own, _slope(c)),
    ),
    Rule(
        "no_error",
        "the error left out",
        "If the prediction is perfect, what should the gradient be?",
        lambda c, own: np.outer(-2 * c.b * _slope(c), c.x),
    ),
    Rule(
        "weight_decay",
        "A added to the gradient",
        "Does this loss have a penalty?",
        lambda c, own: _dA(c, own, _slope(c)) + c.A,
    ),
)

STEPWISE = Stepwise(
    forward=_forward,
    forwards=FORWARDS,
    parts=lambda value: dict(zip(PARTS, value, strict=True)),
    join=lambda parts: tuple(parts[k] for k in PARTS),
    steps=(
        Step("loss", "", lambda c, own: c.z4**2, LOSS),
        Step("db", "", _db, DB),
        Step("dA", "db", lambda c, own: _dA(c, own, _slope(c)), DA),
    ),
    split=lambda A, b, X, y: [(A, b, X[n : n + 1], y[n : n + 1]) for n in range(len(y))],
    mean=False,
)
