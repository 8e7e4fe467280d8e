"""What the exercises of chapter 02 share: cases, criteria and formulas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...checking.compare import compare
from ...checking.exercise import Criterion
from ...checking.finding import Finding, differs, stopped
from ...reference.activations import sigmoid
from ...reference.gradcheck import STEP
from ..draw import case, counted, strided

HUGE = "saturated units (pre-activation 1000)"


DTYPES = "integers and float32"


def network(rng, X, h, sign=1.0):
    """Draw A (h, m), b (h,) and targets y (N,) for the inputs X (N, m).

    Residuals have both signs; that of a single example has the given one.
    """
    A = rng.standard_normal((h, X.shape[1]))
    A *= rng.uniform(1.6, 2.5) / np.abs(X @ A.T).max()
    b = rng.standard_normal(h) + rng.choice([-0.7, 0.7], h)
    residuals = rng.uniform(0.6, 1.9, len(X)) * rng.permutation(np.resize([sign, -sign], len(X)))
    return A, b, sigmoid(X @ A.T) @ b + residuals


def single(rng, h, m, wrap=np.asarray, sign=1.0):
    """Draw (A, b, x, y) for one example; z4 has the given sign and is neither 1 nor 2."""
    X = rng.standard_normal((1, m))
    A, b, _ = network(rng, X, h)
    y = sigmoid(X @ A.T) @ b + sign * rng.uniform(1.2, 1.9)
    return wrap(A), wrap(b), wrap(X[0]), float(y[0])


def batch(rng, N, h, m, wrap=np.asarray, sign=1.0):
    """Draw (A, b, X, y) for N examples."""
    X = rng.standard_normal((N, m))
    A, b, y = network(rng, X, h, sign)
    return wrap(A), wrap(b), wrap(X), wrap(y)


def saturated(A, X):
    """Turn two units up until their largest pre-activations are 1000 and -1000."""
    A = A.copy()
    for k, top in ((0, 1000.0), (1, -1000.0)):
        z = A[k] @ np.atleast_2d(X).T
        A[k] *= top / z[np.abs(z).argmax()]
    return A


def whole(rng, *shape):
    """Small integers, none of them 0."""
    return rng.choice([-2, -1, 1, 2, 3], shape).astype(np.int64)


def float32(array):
    return array.astype(np.float32)


def single_cases(rng):
    """One example: x of shape (m,), y a number."""

    def one(h, m, **more):
        return case(*single(rng, h, m, **more), h=h, m=m)

    A, b, x, y = single(rng, 5, 3)
    integers = (whole(rng, 5, 3), whole(rng, 5), whole(rng, 3), int(rng.integers(4, 9)))
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
        "cost": [counted(one(31, 29), forward_macs)],
        "huge": [case(saturated(A, x), b, x, y, h=5, m=3, scale=1.0)],
        "dtypes": [case(*integers, h=5, m=3, scale=1.0), one(3, 5, wrap=float32)],
        "twice": [one(5, 3), one(5, 3)],
    }


def losses(Z, b, y):
    """Squared error of each example from its pre-activations Z, shape (..., h)."""
    return (y - (sigmoid(Z) * b).sum(axis=-1)) ** 2


def loss_and_grads(A, b, X, y):
    """Move every unit's pre-activation, and every output weight, once for all examples.

    What comes back is dL_n/dz1_k, shape (h, N). A's entry (k, j) enters z1_k with the factor x_j.
    """
    A, b, X = (np.asarray(a, dtype=float) for a in (A, b, X))
    Z = X @ A.T
    steps = 1j * STEP * np.eye(len(b))[:, None, :]
    delta = np.imag(losses(Z + steps, b, y)) / STEP
    db = np.imag(losses(Z, b + steps, y)).sum(axis=1) / STEP
    return float(losses(Z, b, y).sum()), delta @ X, db


def forward_macs(A, b, X, y):
    return len(np.atleast_2d(X)) * (A.size + b.size)


def part(points, name, *positions):
    """The right numbers in some parts of a returned tuple."""

    def judge(trial, group):
        for one, answer in zip(trial.cases[group], trial.answers(group), strict=True):
            if answer.error is not None:
                return stopped(answer.error, one)
            expected = trial.expected(one)
            count = len(expected.value)
            if not isinstance(answer.value, (tuple, list)) or len(answer.value) != count:
                return Finding(f"the answer should have {count} parts")
            for i in positions:
                wanted = replace(expected, value=expected.value[i], names=expected.names[i])
                difference = compare(answer.value[i], wanted)
                if difference is not None:
                    return differs(difference, one)
        return None

    return Criterion(name, points, judge)


FORWARD = "Five quantities on the way up"


SLOPE = "The slope of the sigmoid"


BACK = "The way back down"


DIFFERENCES = (
    "Differences are right to a few digits and cost two forward passes per weight. What "
    "does the chain rule give?"
)


OVERFLOW = "What does a computer make of exp(1000) / (1 + exp(1000))?"


CALLER = "Who else holds the array that this line changes?"


ROUNDED = "What do the next steps compute with: what you print, or what you return?"


def floats(*arrays):
    """Arrays in double precision; one whose work is counted stays so."""
    return [np.asanyarray(a, dtype=float) for a in arrays]


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


def right_forward(A, b, x, y):
    *_, z1, z2, z3, z4 = up(A, b, x, y)
    return z1, z2, z3, z4, z4**2


def right_entry(A, b, x, y, i, j):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return -2 * z4 * b[i] * z2[i] * (1 - z2[i]) * x[j]


def right_backward(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return np.outer(-2 * z4 * b * z2 * (1 - z2), x), -2 * z4 * z2


def right_batch(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return down_batch(b, X, z4, Z2, Z2 * (1 - Z2))


def down_batch(b, X, z4, Z2, slope):
    """The right sums, with a slope of one's own."""
    dz3 = -2 * z4
    return (z4**2).sum(), (dz3[:, None] * b * slope).T @ X, Z2.T @ dz3
