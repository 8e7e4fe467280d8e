"""The steps of `regression_loss_and_grads` (S2 1) and how they go wrong.

Both gradients start from the error z4 of the forward pass; neither is made from the other.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from ...checking.steps import Rule, Step, Stepwise


def _sigmoid(a):
    return 1 / (1 + np.exp(-a))


def _forward(A, b, X, y, *, sigma=_sigmoid, sign=1.0):
    x = np.asarray(X, dtype=float)[0]
    z1 = A @ x
    z2 = sigma(z1)
    z3 = b @ z2
    slope = {_sigmoid: z2 * (1 - z2), np.tanh: 1 - z2**2}.get(sigma, np.ones_like(z1))
    return SimpleNamespace(A=A, b=b, x=x, z1=z1, z2=z2, z3=z3, z4=sign * (float(y[0]) - z3),
                           slope=slope)


def _variant(**changes):
    return lambda A, b, X, y: _forward(A, b, X, y, **changes)


FORWARDS = (
    Rule("tanh_for_sigmoid", "a tanh hidden layer", "Which activation does this network use?",
         _variant(sigma=np.tanh)),
    Rule("no_activation", "no activation at all", "What happens to z1 before b meets it?",
         _variant(sigma=lambda a: a)),
)

LOSS = (
    Rule("half", "half the square", "The contract: is there a 1/2 in this loss?",
         lambda c, own: 0.5 * c.z4**2),
    Rule("absolute", "the absolute error", "Squared error, or absolute?",
         lambda c, own: abs(c.z4)),
    Rule("not_squared", "the error itself", "Where is the square?", lambda c, own: c.z4),
    Rule("sum_for_difference", "y + f", "Is the error a sum or a difference?",
         lambda c, own: (c.z4 + 2 * c.z3) ** 2),
)

DB = (
    Rule("sign", "2 z4 z2", "z4 = y - z3: which sign does z3 have in it?",
         lambda c, own: 2 * c.z4 * c.z2),
    Rule("no_factor", "-z4 z2, without the 2", "What is the derivative of a square?",
         lambda c, own: -c.z4 * c.z2),
    Rule("pre_activation", "z1 for z2", "What is b multiplied by in the forward pass?",
         lambda c, own: -2 * c.z4 * c.z1),
    Rule("no_error", "z2 alone", "Where does the error z4 enter?", lambda c, own: c.z2),
    Rule("slope", "the slope of the sigmoid included",
         "Does the path from b to the loss pass through the sigmoid?",
         lambda c, own: -2 * c.z4 * c.slope),
    Rule("slope_too", "z2 times the slope",
         "Does the path from b to the loss pass through the sigmoid?",
         lambda c, own: -2 * c.z4 * c.z2 * c.slope),
    Rule("read_literally", "2 z4 - z2, as S2 prints it without parentheses",
         "Is the minus a sign, or a subtraction?", lambda c, own: 2 * c.z4 - c.z2),
    Rule("times_b", "times b", "f is linear in b. What is the derivative?",
         lambda c, own: -2 * c.z4 * c.z2 * c.b),
    Rule("prediction_for_error", "the prediction z3 for the error z4",
         "What does the derivative of (y - f)^2 start with?", lambda c, own: -2 * c.z3 * c.z2),
)


def _signal(c):
    return -2 * c.z4


def _da(c, own):
    return _signal(c) * np.outer(c.b * c.slope, c.x)


DA = (
    Rule("no_slope", "without the slope z2 (1 - z2)",
         "From z2 back to z1: which factor does the sigmoid contribute?",
         lambda c, own: _signal(c) * np.outer(c.b, c.x)),
    Rule("no_b", "without b", "By which number does hidden unit i enter f?",
         lambda c, own: _signal(c) * np.outer(c.slope, c.x)),
    Rule("slope_of_z2", "sigma'(z2), the slope taken at z2",
         "At which point is sigma' taken: at z1, or at z2?",
         lambda c, own: _signal(c)
         * np.outer(c.b * _sigmoid(c.z2) * (1 - _sigmoid(c.z2)), c.x)),
    Rule("one_minus_only", "1 - z2 for z2 (1 - z2)", "What is the slope of the sigmoid?",
         lambda c, own: _signal(c) * np.outer(c.b * (1 - c.z2), c.x)),
    Rule("z2_only", "z2 for z2 (1 - z2)", "What is the slope of the sigmoid?",
         lambda c, own: _signal(c) * np.outer(c.b * c.z2, c.x)),
    Rule("slope_of_tanh", "1 - z2^2, the slope of tanh", "Whose slope is 1 - z2^2?",
         lambda c, own: _signal(c) * np.outer(c.b * (1 - c.z2**2), c.x)),
    Rule("slope_divided", "sigma(z1)/z1, as S2 prints it", "What was lost: a d, or a division?",
         lambda c, own: _signal(c) * np.outer(c.b * c.z2 / c.z1, c.x)),
    Rule("slope_twice", "the slope twice", "How often does the path pass through the sigmoid?",
         lambda c, own: _signal(c) * np.outer(c.b * c.slope**2, c.x)),
    Rule("transposed", "x times the signal, transposed",
         "Which shape has A, and which index belongs to its rows?", lambda c, own: _da(c, own).T),
    Rule("sign", "the sign flipped", "z4 = y - z3: which sign does z3 have in it?",
         lambda c, own: -_da(c, own)),
    Rule("no_factor", "without the 2", "What is the derivative of a square?",
         lambda c, own: 0.5 * _da(c, own)),
    Rule("no_error", "without the error signal", "Where does the error z4 enter?",
         lambda c, own: np.outer(c.b * c.slope, c.x)),
    Rule("times_A", "times A, entry by entry", "z1 is linear in A. What is the derivative?",
         lambda c, own: _da(c, own) * c.A),
    Rule("hidden_for_input", "z2 for x", "What is A multiplied by in the forward pass?",
         lambda c, own: _signal(c) * np.outer(c.b * c.slope, c.z2)),
)

STEPWISE = Stepwise(
    forward=_forward,
    forwards=FORWARDS,
    parts=lambda value: dict(zip(("loss", "dA", "db"), value, strict=True)),
    join=lambda p: (p["loss"], p["dA"], p["db"]),
    steps=(
        Step("loss", "", lambda c, own: c.z4**2, LOSS),
        Step("db", "", lambda c, own: -2 * c.z4 * c.z2, DB),
        Step("dA", "", _da, DA),
    ),
    split=lambda A, b, X, y: [(A, b, X[n:n + 1], y[n:n + 1]) for n in range(len(y))],
    mean=False,
)
