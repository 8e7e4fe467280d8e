"""All entries for one logit."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import as_float
from ...reference.gradcheck import STEP
from ..bank import Bank
from ..draw import case, strided
from .shared import (
    DTYPES,
    GATE,
    NEXT,
    SLOPE,
    TINY,
    doubles,
    entries_moved,
    logits,
    net_at_zero,
    network,
    ramp,
    smallest_network,
    unit_step,
    whole_network,
)


def _dzk_cases(rng):
    def net(N, d, h, K):
        W1, b1, W2, _, X, _ = network(rng, 1, d, h, K)
        return W1, b1, W2, X[0]

    def one(args, k, **more):
        W1, b1, W2, x = args
        sizes = {"d": len(x), "h": len(W1), "K": len(W2)}
        return case(W1, b1, W2, x, k, **more, **sizes)

    def smallest():
        W1, b1, W2, _, X, _ = smallest_network(rng)
        return W1, b1, W2, X[0]

    def at_zero(d, h, K):
        W1, _, W2, _, X, _ = net_at_zero(rng, 2, d, h, K)
        return W1, np.array([0.0, TINY, 1.0])[np.arange(h) % 3] - W1 @ X[0], W2, X[0]

    W1, b1, W2, x = net(1, 7, 5, 3)
    whole_net = whole_network(rng, 3, 5, 7, 11)
    return {
        "generic": [
            one(net(1, 3, 7, 5), int(rng.integers(1, 4))),
            one((strided(W1), strided(b1), np.asfortranarray(W2), strided(x)), 1),
            one(net(1, 5, 5, 5), 0),
            one(net(1, 11, 3, 7), 6),
            one(smallest(), int(rng.integers(0, 2))),
            one(net(1, 23, 53, 11), 7),
        ],
        "zero": [one(at_zero(3, 7, 5), 2), one(at_zero(5, 11, 3), 1)],
        # the output weights are no integers, so that an integer array cannot hold the answer
        "dtypes": [
            one((*whole_net[:2], 0.25 + whole_net[2], whole_net[4][0]), 3),
            one(tuple(a.astype(np.float32) for a in net(1, 5, 7, 3)), 1),
        ],
        "twice": [one(net(1, 3, 7, 5), 2) for _ in range(2)],
    }


def _dzk_dW1(W1, b1, W2, x, k):
    W1 = as_float(W1)
    Z = logits(entries_moved(W1), b1, W2, np.zeros(len(W2)), as_float(x)[None, :])
    return (Z[:, 0, k].imag / STEP).reshape(W1.shape)


bank = Bank()


EXERCISE = Exercise(
    title="All entries for one logit",
    signature="dzk_dW1(W1, b1, W2, x, k)",
    returns="dz_k/dW1",
    minutes=12,
    lines=3,
    section="From one weight to one logit",
    draw=_dzk_cases,
    oracle=_dzk_dW1,
    criteria=(
        shape(0.5),
        value(2.0),
        value(0.5, NEXT, "zero"),
        value(0.25, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.5),
    ),
    hints=(
        "The weight W1[j, m] reaches the logit z_k along one path. Which three factors lie on "
        "it? What does the gate of unit j look at: one input, or all of them?",
        "dz_k/dW1[j, m] = W2[k, j] * relu'(a_j) * x_m with a = W1 x + b1, the whole sum. The "
        "first two factors carry the index j, the last one m: an outer product.",
        "a = W1 @ x + b1\nreturn np.outer(... * relu_prime(a), ...)",
    ),
    bank=bank,
)


def opened(W1, b1, x):
    """The gates as numbers."""
    W1, b1, x = doubles(W1, b1, x)
    return unit_step(W1 @ x + b1)


def dzk(W1, b1, W2, x, k):
    return np.outer(np.asarray(W2[k], dtype=float) * opened(W1, b1, x), np.asarray(x, dtype=float))


@bank.wrong(
    "a gate that looks at one input only, as printed in S4",
    "Does the gate of unit j open for the input m, or for the whole sum W1 x + b1?",
    reread=GATE,
)
def one_input_gate(W1, b1, W2, x, k):
    W1, b1, W2, x = doubles(W1, b1, W2, x)
    return np.outer(W2[k], x) * (W1 * x + b1[:, None] > 0)


@bank.wrong("no gate at all", "What does a unit pass on whose pre-activation is negative?")
def no_gate(W1, b1, W2, x, k):
    return np.outer(W2[k], x)


@bank.wrong("a gate that forgets the bias", "What is added to W1 x before the ReLU?", reread=GATE)
def gate_without_bias(W1, b1, W2, x, k):
    return dzk(W1, np.zeros(len(b1)), W2, x, k)


@bank.wrong("a gate that is open at 0", "Which slope did this course agree on at 0?", reread=SLOPE)
def one_at_zero(W1, b1, W2, x, k):
    W1, b1, W2, x = doubles(W1, b1, W2, x)
    return np.outer(W2[k] * (W1 @ x + b1 >= 0), x)


@bank.wrong("half a gate at 0", "Which slope did this course agree on at 0?", reread=SLOPE)
def half_at_zero(W1, b1, W2, x, k):
    W1, b1, W2, x = doubles(W1, b1, W2, x)
    return np.outer(W2[k] * (np.sign(W1 @ x + b1) + 1) / 2, x)


@bank.wrong("relu(a) in place of relu'(a)", "What is the derivative of the ramp: itself?")
def ramp_for_gate(W1, b1, W2, x, k):
    W1, b1, W2, x = doubles(W1, b1, W2, x)
    return np.outer(W2[k] * ramp(W1 @ x + b1), x)


@bank.wrong("the factor x left out", "By how much does a_j move when W1[j, m] moves by 1?")
def input_forgotten(W1, b1, W2, x, k):
    return np.outer(W2[k] * opened(W1, b1, x), np.ones(len(x)))


@bank.wrong("W1 in place of x", "a_j is linear in W1[j, m]. What is its coefficient?")
def weight_for_input(W1, b1, W2, x, k):
    return (W2[k] * opened(W1, b1, x))[:, None] * W1


@bank.wrong("the factor W2[k, j] left out", "How strongly does z_k listen to unit j?")
def output_weight_forgotten(W1, b1, W2, x, k):
    return np.outer(opened(W1, b1, x), x)


@bank.wrong(
    "all logits added up",
    "The derivative of one logit was asked for. Which row of W2 belongs to it?",
)
def sum_over_classes(W1, b1, W2, x, k):
    return np.outer(W2.sum(axis=0) * opened(W1, b1, x), x)


@bank.wrong(
    "column k of W2 instead of row k",
    "W2 has a row per logit and a column per hidden unit. Which of them has h entries?",
)
def column_of_W2(W1, b1, W2, x, k):
    return np.outer(W2[:, k] * opened(W1, b1, x), x)


@bank.wrong(
    "logits counted from 1", "Logits run from 0 to K-1. What does the index -1 mean to NumPy?"
)
def counts_from_one(W1, b1, W2, x, k):
    return dzk(W1, b1, W2, x, k - 1)


@bank.wrong("shape (d, h)", "Which shape has W1?")
def transposed(W1, b1, W2, x, k):
    return dzk(W1, b1, W2, x, k).T


@bank.wrong(
    "every factor squared", "How often does the path from W1[j, m] to z_k pass through each factor?"
)
def factor_twice(W1, b1, W2, x, k):
    return dzk(W1, b1, W2, x, k) ** 2


@bank.wrong("the sign flipped", "Which sign does a have in W1?")
def sign(W1, b1, W2, x, k):
    return -dzk(W1, b1, W2, x, k)


@bank.wrong("the gate open where a < 0", "For which a is the slope 1?", reread=SLOPE)
def inverted(W1, b1, W2, x, k):
    return np.outer(W2[k] * (1 - opened(W1, b1, x)), x)


@bank.wrong("x passed through the ReLU", "Whose sign decides: that of a_j, or that of x_m?")
def gated_input(W1, b1, W2, x, k):
    return np.outer(W2[k] * opened(W1, b1, x), ramp(x))


@bank.wrong(
    "a gate around the finished product",
    "Which number decides whether the gate is open?",
    reread=GATE,
)
def gate_of_the_product(W1, b1, W2, x, k):
    return ramp(np.outer(W2[k], x))


@bank.wrong(
    "the last hidden unit only",
    "S4 writes h for the number of units and for one of them. Which is meant here?",
)
def last_unit(W1, b1, W2, x, k):
    out = dzk(W1, b1, W2, x, k)
    out[:-1] = 0
    return out


@bank.wrong("the slope of tanh", "Which activation has the slope 1 - h^2?")
def tanh_slope(W1, b1, W2, x, k):
    W1, b1, W2, x = doubles(W1, b1, W2, x)
    return np.outer(W2[k] * (1 - np.tanh(W1 @ x + b1) ** 2), x)


@bank.wrong(
    "central differences handed in as the derivative",
    "A difference is a way to check. Which three factors make the derivative itself?",
)
def differences(W1, b1, W2, x, k):
    W1, b1, W2, x = doubles(W1, b1, W2, x)
    out = np.empty(W1.shape)
    for i in np.ndindex(W1.shape):
        moved = np.zeros(W1.shape)
        moved[i] = 1e-6
        up, down = (W2[k] @ ramp((W1 + s * moved) @ x + b1) for s in (1, -1))
        out[i] = (up - down) / 2e-6
    return out


@bank.right("columns and broadcasting, plain")
def columns_and_broadcasting(W1, b1, W2, x, k):
    gates = np.where(W1 @ x + b1 > 0, 1, 0)
    return (gates * W2[k])[:, None] * x


@bank.right("plain NumPy: the precision that came in")
def plain_numpy(W1, b1, W2, x, k):
    return np.outer(W2[k] * (W1 @ x + b1 > 0), x)


@bank.wrong(
    "W2[k] *= ..., which changes the caller's array",
    "W2[k] is a view of W2. What does *= do to it?",
)
def changes_argument(W1, b1, W2, x, k):
    gates = opened(W1, b1, x)
    W2[k] *= gates.astype(W2.dtype)
    return np.outer(W2[k].astype(float), x)


@bank.wrong(
    "an output array with the dtype of W1",
    "np.zeros_like of whole numbers holds whole numbers. What becomes of 0.3 in it?",
)
def whole_numbers(W1, b1, W2, x, k):
    out = np.zeros_like(W1)
    out[...] = dzk(W1, b1, W2, x, k)
    return out


bank.habits(dzk)


@bank.right("loops")
def loops(W1, b1, W2, x, k):
    h, d = W1.shape
    out = np.zeros((h, d))
    for j in range(h):
        a = float(b1[j]) + sum(float(W1[j, m]) * float(x[m]) for m in range(d))
        for m in range(d):
            out[j, m] = float(W2[k, j]) * float(x[m]) if a > 0 else 0.0
    return out


@bank.right("einsum")
def einsum(W1, b1, W2, x, k):
    W1, b1, W2, x = doubles(W1, b1, W2, x)
    return np.einsum("h,h,d->hd", W2[k], np.heaviside(np.einsum("hd,d->h", W1, x) + b1, 0.0), x)


@bank.right("rows of closed gates set to 0")
def rows_of_closed_gates_set_to_0(W1, b1, W2, x, k):
    W1, b1, W2, x = doubles(W1, b1, W2, x)
    out = W2[k][:, None] * x[None, :]
    out[W1.dot(x) + b1 <= 0] = 0
    return out.tolist()


@bank.right("through the diagonal Jacobian of the ReLU")
def through_the_diagonal_jacobian_of_the(W1, b1, W2, x, k):
    W1, b1, W2, x = doubles(W1, b1, W2, x)
    upstream = np.eye(len(W2))[k] @ W2 @ np.diag(unit_step(b1 + W1 @ x))
    return upstream.reshape(-1, 1) @ x.reshape(1, -1)
