"""Chapter 02, two-layer sigmoid regression: what is asked (S2, S0 5)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..activations import sigmoid
from ..checking.compare import compare
from ..checking.exercise import Case, Exercise, Requirement
from ..checking.requirements import (
    Finding,
    cost,
    error_text,
    own_memory,
    shape,
    stable,
    step,
    unchanged,
    value,
)
from ..gradcheck import STEP, complex_step_gradient
from .bank import known_mistakes
from .draw import case, strided

HUGE = "saturated units (pre-activation 1000)"
DTYPES = "integers and float32"
NO_STEPS = "no step at all (n_steps = 0)"

# Cases ----------------------------------------------------------------------------------------
#
# Pre-activations stay within 2.5, so that no unit is saturated by accident, and residuals are
# between 0.6 and 1.9 in size: near a perfect fit a right gradient is mostly rounding.


def _network(rng, X, h, sign=1.0):
    """Draw A (h, m), b (h,) and targets y (N,) for the inputs X (N, m).

    Residuals have both signs; that of a single example has the given one.
    """
    A = rng.standard_normal((h, X.shape[1]))
    A *= rng.uniform(1.6, 2.5) / np.abs(X @ A.T).max()
    b = rng.standard_normal(h) + rng.choice([-0.7, 0.7], h)
    residuals = rng.uniform(0.6, 1.9, len(X)) * rng.permutation(np.resize([sign, -sign], len(X)))
    return A, b, sigmoid(X @ A.T) @ b + residuals


def _single(rng, h, m, wrap=np.asarray, sign=1.0):
    """Draw (A, b, x, y) for one example; z4 has the given sign and is neither 1 nor 2."""
    X = rng.standard_normal((1, m))
    A, b, _ = _network(rng, X, h)
    y = sigmoid(X @ A.T) @ b + sign * rng.uniform(1.2, 1.9)
    return wrap(A), wrap(b), wrap(X[0]), float(y[0])


def _batch(rng, N, h, m, wrap=np.asarray, sign=1.0):
    """Draw (A, b, X, y) for N examples."""
    X = rng.standard_normal((N, m))
    A, b, y = _network(rng, X, h, sign)
    return wrap(A), wrap(b), wrap(X), wrap(y)


def _saturated(A, X):
    """Turn two units up until their largest pre-activations are 1000 and -1000."""
    A = A.copy()
    for k, top in ((0, 1000.0), (1, -1000.0)):
        z = A[k] @ np.atleast_2d(X).T
        A[k] *= top / z[np.abs(z).argmax()]
    return A


def _whole(rng, *shape):
    """Small integers, none of them 0."""
    return rng.choice([-2, -1, 1, 2, 3], shape).astype(np.int64)


def _float32(array):
    return array.astype(np.float32)


def _single_cases(rng):
    """One example: x of shape (m,), y a number."""

    def one(h, m, **more):
        return case(*_single(rng, h, m, **more), h=h, m=m)

    A, b, x, y = _single(rng, 5, 3)
    integers = (_whole(rng, 5, 3), _whole(rng, 5), _whole(rng, 3), int(rng.integers(4, 9)))
    return {
        "generic": [
            one(5, 3),
            one(3, 7, wrap=strided, sign=-1.0),
            one(5, 5, sign=-1.0),
            one(2, 11),
            one(1, 3, sign=-1.0),
            one(3, 1),
            one(1, 1, sign=-1.0),
            one(31, 23),
        ],
        "cost": [one(31, 29)],
        "huge": [case(_saturated(A, x), b, x, y, h=5, m=3, scale=1.0)],
        "dtypes": [case(*integers, h=5, m=3, scale=1.0), one(3, 5, wrap=_float32)],
        "twice": [one(5, 3), one(5, 3)],
    }


def _forward_cases(rng):
    """The same, for z3: a sum of terms of size 1 that may all but cancel."""
    return {name: [replace(c, scale=1.0) for c in cases]
            for name, cases in _single_cases(rng).items()}


def _entry_cases(rng):
    """The same, and the place (i, j) of one weight: i and j differ, and two corners."""
    singles = _single_cases(rng)
    groups = {name: [_at(c, *_off_diagonal(rng, *c.args[0].shape)) for c in cases]
              for name, cases in singles.items()}
    for h, m, i, j in ((7, 5, 0, 0), (5, 2, 4, 1)):
        groups["generic"].append(_at(case(*_single(rng, h, m), h=h, m=m), i, j))
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


def _batch_cases(rng):
    """N examples."""

    def one(N, h, m, scale=0.0, **more):
        return case(*_batch(rng, N, h, m, **more), N=N, h=h, m=m, scale=scale)

    A, b, X, y = _batch(rng, 7, 5, 3)
    integers = (_whole(rng, 5, 3), _whole(rng, 5), _whole(rng, 7, 3), _whole(rng, 7))
    return {
        "generic": [
            one(7, 5, 3),
            one(3, 7, 2, wrap=strided),
            one(5, 5, 5),
            one(11, 3, 5),
            one(1, 5, 3),
            one(5, 1, 3, scale=1.0),  # db is one number, a sum over N that may all but cancel
            one(3, 5, 1),
            one(1, 1, 1),
            one(61, 23, 2),
            one(2, 3, 31),
        ],
        "cost": [one(2, 31, 29)],
        "steps": [one(1, 5, 3), one(1, 3, 7, sign=-1.0), one(1, 7, 2), one(1, 2, 5, sign=-1.0)],
        "steps_square": [one(1, 5, 5), one(1, 5, 5, sign=-1.0)],
        "huge": [case(_saturated(A, X), b, X, y, N=7, h=5, m=3, scale=1.0)],
        "dtypes": [case(*integers, N=7, h=5, m=3, scale=1.0), one(5, 3, 7, wrap=_float32)],
        "twice": [one(7, 5, 3), one(7, 5, 3)],
    }


def _fit_cases(rng):
    """N examples, a learning rate under which the loss falls, and a number of steps."""

    def one(N, h, m, n_steps, wrap=np.asarray):
        return with_steps(_batch(rng, N, h, m, wrap), n_steps, N=N, h=h, m=m)

    def with_steps(data, n_steps, **sizes):
        lr = float(rng.uniform(0.3, 0.6)) / (sizes["N"] * sizes["h"])
        return case(*data, lr, n_steps, **sizes, n_steps=n_steps)

    integers = (_whole(rng, 5, 3), _whole(rng, 5), _whole(rng, 7, 3), _whole(rng, 7))
    return {
        "generic": [
            one(7, 5, 3, 11),
            one(3, 7, 2, 4, wrap=strided),
            one(5, 5, 5, 5),
            one(11, 3, 5, 2),
            one(5, 3, 2, 1),
            one(1, 1, 1, 2),
            one(61, 23, 2, 3),
            # hardly moving: whoever stops when little happens is seen here
            case(*_batch(rng, 5, 2, 3), 1e-9, 7, N=5, h=2, m=3, n_steps=7),
        ],
        "none": [one(5, 3, 2, 0)],
        "dtypes": [with_steps(integers, 3, N=7, h=5, m=3), one(5, 3, 7, 3, wrap=_float32)],
        "twice": [one(7, 5, 3, 4), one(7, 5, 3, 4)],
    }


def _step_cases(rng):
    """Lists of one to three parameters of any shape, and as many gradients."""

    def one(*shapes, wrap=np.asarray):
        params = [wrap(rng.standard_normal(s)) for s in shapes]
        grads = [wrap(rng.standard_normal(s) + 0.4) for s in shapes]
        return with_rate(params, grads)

    def with_rate(params, grads):
        return case(params, grads, float(rng.uniform(0.05, 0.4)), tensors=len(params))

    flat = [np.zeros((5, 3)), rng.standard_normal(5)]
    return {
        "generic": [
            one((5, 3), (5,)),
            one((3, 5), (7,), (2, 3, 5), wrap=strided),
            one((5, 5), (5, 5)),
            one((11,)),
            one((1, 1), (1,)),
            one((61, 23), (2,), (3, 2), (1,), (5,), (7, 1)),
            # large gradients: whoever clips them is seen here
            with_rate([rng.standard_normal((3, 2))], [1000.0 * rng.standard_normal((3, 2))]),
        ],
        "zeros": [with_rate([rng.standard_normal((5, 3)), rng.standard_normal(5)], flat)],
        "dtypes": [
            with_rate([_whole(rng, 5, 3), _whole(rng, 5)], [_whole(rng, 5, 3), _whole(rng, 5)]),
            one((5, 3), (5,), wrap=_float32),
        ],
        "twice": [one((5, 3), (5,)), one((5, 3), (5,))],
    }


# Oracles: the forward pass, differentiated by complex step; no gradient formula is written here ---


def _losses(Z, b, y):
    """Squared error of each example from its pre-activations Z, shape (..., h)."""
    return (y - (sigmoid(Z) * b).sum(axis=-1)) ** 2


def _forward(A, b, x, y):
    z1 = np.asarray(A, dtype=float) @ x
    z2 = sigmoid(z1)
    z3 = z2 @ b
    return z1, z2, z3, y - z3, (y - z3) ** 2


def _entry(A, b, x, y, i, j):
    return float(complex_step_gradient(lambda A: _losses(A @ x, b, y), A)[i, j])


def _loss_and_grads(A, b, X, y):
    """Move every unit's pre-activation, and every output weight, once for all examples.

    What comes back is dL_n/dz1_k, shape (h, N). A's entry (k, j) enters z1_k with the factor x_j.
    """
    A, b, X = (np.asarray(a, dtype=float) for a in (A, b, X))
    Z = X @ A.T
    steps = 1j * STEP * np.eye(len(b))[:, None, :]
    delta = np.imag(_losses(Z + steps, b, y)) / STEP
    db = np.imag(_losses(Z, b + steps, y)).sum(axis=1) / STEP
    return float(_losses(Z, b, y).sum()), delta @ X, db


def _backward(A, b, x, y):
    return _loss_and_grads(A, b, x[None, :], y)[1:]


def _gd_step(params, grads, lr):
    return [p - lr * g for p, g in zip(params, grads, strict=True)]


def _fit(A, b, X, y, lr, n_steps):
    losses = np.zeros(n_steps)
    for n in range(n_steps):
        losses[n], dA, db = _loss_and_grads(A, b, X, y)
        A, b = A - lr * dA, b - lr * db
    return A, b, losses


def _forward_macs(A, b, X, y):
    return len(np.atleast_2d(X)) * (A.size + b.size)


# Criteria of this chapter alone -----------------------------------------------------------------


def part(points, name, *positions):
    """The right numbers in some parts of a returned tuple."""

    def judge(trial, group):
        for one, answer in zip(trial.cases[group], trial.answers(group), strict=True):
            if answer.error is not None:
                return Finding(error_text(answer.error, one))
            expected = trial.expected(one)
            count = len(expected.value)
            if not isinstance(answer.value, (tuple, list)) or len(answer.value) != count:
                return Finding(f"the answer should have {count} parts")
            for i in positions:
                wanted = replace(expected, value=expected.value[i], names=expected.names[i])
                difference = compare(answer.value[i], wanted)
                if difference is not None:
                    return Finding(f"{difference.message} (with {one.note})", difference)
        return None

    return Requirement(name, points, judge)


def _stepwise():
    from .steps.chapter_02 import STEPWISE

    return STEPWISE


EXERCISES = (
    Exercise(
        id="regression_forward",
        chapter="02",
        title="Five quantities on the way up",
        signature="regression_forward(A, b, x, y)",
        returns=("z1", "z2", "z3", "z4", "loss"),
        minutes=10,
        lines=6,
        section="Five quantities on the way up",
        draw=_forward_cases,
        oracle=_forward,
        requirements=(
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
        bank=known_mistakes("02", "regression_forward"),
    ),
    Exercise(
        id="grad_A_entry",
        chapter="02",
        title="One weight at a time",
        signature="grad_A_entry(A, b, x, y, i, j)",
        returns="dL/dA[i, j]",
        minutes=12,
        lines=3,
        section="One weight at a time",
        draw=_entry_cases,
        oracle=_entry,
        requirements=(
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
        bank=known_mistakes("02", "grad_A_entry"),
    ),
    Exercise(
        id="regression_backward",
        chapter="02",
        title="The way back down",
        signature="regression_backward(A, b, x, y)",
        returns=("dA", "db"),
        minutes=15,
        lines=5,
        section="The way back down",
        draw=_single_cases,
        oracle=_backward,
        requirements=(
            shape(0.25),
            part(1.0, "value of db", 1),
            part(1.5, "value of dA", 0),
            value(0.25, HUGE, "huge"),
            value(0.25, DTYPES, "dtypes"),
            cost(0.25, _forward_macs),
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "Start at the loss and go down: dL/dz3 is one number, dL/dz2 and dL/dz1 have one entry "
            "per hidden unit. Which parameter meets which of them?",
            "dz3 = -2 z4. Then db = dz3 z2 and dz2 = dz3 b. Through the sigmoid: "
            "dz1 = dz2 * z2 * (1 - z2), entry by entry. Entry (i, j) of dA is dz1[i] x[j].",
            "z1, z2, z3, z4, loss = regression_forward(A, b, x, y)\n"
            "dz3 = -2 * z4\ndb = ...\ndz1 = dz3 * b * ...\ndA = np.outer(..., ...)\n"
            "return dA, db",
        ),
        bank=known_mistakes("02", "regression_backward"),
    ),
    Exercise(
        id="regression_loss_and_grads",
        chapter="02",
        title="All examples at once",
        signature="regression_loss_and_grads(A, b, X, y)",
        returns=("loss", "dA", "db"),
        minutes=20,
        lines=8,
        section="All examples at once",
        draw=_batch_cases,
        oracle=_loss_and_grads,
        requirements=(
            shape(0.5),
            step(0.75, "loss"),
            step(0.75, "db"),
            step(1.25, "dA", "db"),
            value(1.25, "value, several examples"),
            value(0.5, HUGE, "huge"),
            value(0.25, DTYPES, "dtypes"),
            cost(0.25, _forward_macs),
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "Give every quantity a first axis of length N and write down all shapes before you "
            "write code. Which axis has to disappear in dA and db, and which operation makes an "
            "axis disappear by adding along it?",
            "Z1 = X A^T and Z2 = sigma(Z1) have shape (N, h); z3, z4 have shape (N,). Row n of dZ1 "
            "is -2 z4[n] b * Z2[n] * (1 - Z2[n]). The sum over n of outer(dZ1[n], X[n]) is a "
            "matrix product.",
            "Z2 = sigmoid(X @ A.T)\nz4 = y - Z2 @ b\ndz3 = -2 * z4\n"
            "dZ1 = dz3[:, None] * ... * Z2 * (1 - Z2)\n"
            "return (z4**2).sum(), dZ1.T @ ..., Z2.T @ ...",
        ),
        bank=known_mistakes("02", "regression_loss_and_grads"),
        stepwise=_stepwise,
    ),
    Exercise(
        id="gd_step",
        chapter="02",
        title="One step downhill",
        signature="gd_step(params, grads, lr)",
        returns="new",
        minutes=6,
        lines=2,
        section="One step downhill",
        draw=_step_cases,
        oracle=_gd_step,
        requirements=(
            shape(0.5),
            value(1.0),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.5),
            own_memory(0.5, "fresh arrays, also where a gradient is 0", "zeros"),
            stable(0.25),
        ),
        hints=(
            "The gradient points uphill. In which direction do you go, and which numbers of which "
            "parameter belong to which gradient?",
            "Each new parameter is p - lr * g, where g is the gradient of the same parameter. "
            "zip(params, grads) walks through both lists together. p -= lr * g would change the "
            "caller's array.",
            "return [p - ... for p, g in zip(..., ...)]",
        ),
        bank=known_mistakes("02", "gd_step"),
    ),
    Exercise(
        id="fit_regression",
        chapter="02",
        title="The whole descent",
        signature="fit_regression(A, b, X, y, lr, n_steps)",
        returns=("A", "b", "losses"),
        minutes=12,
        lines=6,
        section="The whole descent",
        draw=_fit_cases,
        oracle=_fit,
        requirements=(
            shape(0.5),
            part(1.0, "value of A and b", 0, 1),
            part(1.0, "value of the losses", 2),
            value(0.5, NO_STEPS, "none"),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.5),
            stable(0.25),
        ),
        hints=(
            "Before you move, you know the loss of where you stand. After n_steps moves, how many "
            "losses have you seen from the inside of the loop?",
            "In each round: loss and both gradients from the same A and b; write the loss down; "
            "then replace A and b together by gd_step.",
            "losses = np.zeros(n_steps)\nfor step in range(n_steps):\n"
            "    losses[step], dA, db = ...\n    A, b = gd_step(...)\nreturn A, b, losses",
        ),
        bank=known_mistakes("02", "fit_regression"),
    ),
)
