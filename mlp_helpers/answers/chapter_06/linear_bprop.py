"""bprop of the linear box."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import as_float
from ...reference.gradcheck import complex_step_gradient
from ..bank import Bank
from ..draw import case, strided, whole
from .shared import DTYPES


def _linear_cases(rng):
    def one(m, n, wrap=lambda a: a):
        args = (
            rng.standard_normal((m, n)),
            rng.standard_normal(m) + 0.5,
            rng.standard_normal(n) - 0.2,
            rng.standard_normal(m),
        )
        return case(*map(wrap, args), m=m, n=n)

    ints = case(whole(rng, 3, 7), whole(rng, 3), whole(rng, 7), whole(rng, 3) + 1, m=3, n=7)
    return {
        "generic": [
            one(5, 3),
            one(3, 7, strided),
            one(5, 5),
            one(1, 4),
            one(11, 7),
            one(1, 1),
            one(23, 41),
        ],
        "dtypes": [ints, one(5, 3, lambda a: a.astype(np.float32))],
        "twice": [one(5, 3), one(5, 3)],
    }


def _linear_bprop(W, b, x, g):
    """Differentiate g . (W x + b) by complex step: no gradient formula."""
    W, b, x, g = (as_float(a).astype(float) for a in (W, b, x, g))
    return (
        complex_step_gradient(lambda t: g @ (W @ t + b), x),
        complex_step_gradient(lambda t: g @ (t @ x + b), W),
        complex_step_gradient(lambda t: g @ (W @ x + t), b),
    )


bank = Bank()


EXERCISE = Exercise(
    title="bprop of the linear box",
    signature="linear_bprop(W, b, x, g)",
    returns=("gx", "gW", "gb"),
    minutes=8,
    lines=2,
    section="The linear box",
    draw=_linear_cases,
    oracle=_linear_bprop,
    criteria=(
        shape(0.5),
        value(1.5),
        value(0.25, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.5),
    ),
    hints=(
        "z_i = sum_j W_ij x_j + b_i. In how many of the z_i does x_j occur, and in how many "
        "does W_ij?",
        "x_j is in every z_i, so its gradient sums over i: sum_i g_i W_ij. W_ij is in z_i "
        "alone, with the factor x_j. b_i is in z_i alone, with the factor 1.",
        "return ... @ g, np.outer(..., ...), ...",
    ),
    bank=bank,
)


def fl(*arrays):
    return [np.asarray(a, dtype=float) for a in arrays]


def linear(W, b, x, g):
    W, b, x, g = fl(W, b, x, g)
    return W.T @ g, np.outer(g, x), g.copy()


@bank.wrong(
    "W g for W^T g",
    "g has one entry per output, gx one per input. Which of W and W^T has columns for outputs?",
)
def no_transpose(W, b, x, g):
    W, b, x, g = fl(W, b, x, g)
    return W @ g, np.outer(g, x), g


@bank.wrong(
    "x g^T for g x^T", "gW has the shape of W: rows for outputs. Which vector runs along the rows?"
)
def outer_swapped(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    return gx, gW.T, gb


@bank.wrong("gW, gb, gx", "In which order does the contract ask for the three?")
def order(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    return gW, gb, gx


@bank.wrong("ones for the bias", "dz/db is 1. And dL/db?")
def bias_one(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    return gx, gW, np.ones_like(gb)


@bank.wrong("one number for the bias", "b has one entry per output. What shape has its gradient?")
def bias_summed(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    return gx, gW, gb.sum()


@bank.wrong("zeros for the bias", "The bias is added. Does a change of it not change z?")
def bias_zero(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    return gx, gW, 0 * gb


@bank.wrong("g * b for the bias", "In z = W x + b, what multiplies b?")
def bias_times_b(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    return gx, gW, gb * b


@bank.wrong("g * x broadcast for gW", "Each g_i meets each x_j. What is that product called?")
def elementwise(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    return gx, np.broadcast_to(gb[:, None] * 1.0, gW.shape) * gx, gb


@bank.wrong(
    "z = W x + b where g belongs",
    "bprop carries gradients, fprop carries values. Which of the two is z?",
)
def value_for_gradient(W, b, x, g):
    W, b, x, g = fl(W, b, x, g)
    return linear(W, b, x, W @ x + b)


@bank.wrong(
    "the slope of a tanh included",
    "A tanh is a box of its own, with a bprop of its own. Is there one in z = W x + b?",
)
def through_a_tanh(W, b, x, g):
    W, b, x, g = fl(W, b, x, g)
    return linear(W, b, x, g * (1 - np.tanh(W @ x + b) ** 2))


@bank.wrong("gW, gx, gb", "In which order does the contract ask for the three?")
def weights_first(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    return gW, gx, gb


@bank.wrong("the local derivatives alone", "Where does what arrives from above come in?")
def no_upstream(W, b, x, g):
    W, b, x, g = fl(W, b, x, g)
    return W.sum(axis=0), np.outer(np.ones(len(g)), x), np.ones(len(g))


@bank.wrong("g left out of gx", "Does x not reach the loss through z as well?")
def upstream_for_weights_only(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    return np.asarray(W, dtype=float).sum(axis=0), gW, gb


@bank.wrong("the wrong sign", "A gradient points uphill. Who takes the step down?")
def sign(W, b, x, g):
    return tuple(-a for a in linear(W, b, x, g))


@bank.wrong("the bias added to what comes back", "z is W x + b. Does b occur in dz/dx?")
def bias_in_x(W, b, x, g):
    W, b, x, g = fl(W, b, x, g)
    return W.T @ (g + b), np.outer(g, x), g


@bank.wrong(
    "gW from the output z instead of the input x", "Which vector did W multiply on the way forward?"
)
def forward_in_weights(W, b, x, g):
    W, b, x, g = fl(W, b, x, g)
    return W.T @ g, np.outer(W @ x + b, x) * g[:, None], g


@bank.wrong("divided by the number of outputs", "Where in z = W x + b is a mean?")
def mean(W, b, x, g):
    return tuple(a / len(g) for a in linear(W, b, x, g))


@bank.wrong("W^T z for W^T g", "What comes back through W: the value, or its gradient?")
def input_for_gradient(W, b, x, g):
    W, b, x, g = fl(W, b, x, g)
    return W.T @ (W @ x + b), np.outer(g, x), g


@bank.wrong("the weights added to their gradient", "Does the loss of this box contain a penalty?")
def weight_decay(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    return gx, gW + 0.01 * W, gb


@bank.wrong("a bias gradient of shape (m, 1)", "Which shape does b have?")
def column_bias(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    return gx, gW, gb[:, None]


@bank.wrong(
    "central differences of g . z",
    "Differences are right to about ten digits, and need a forward pass per entry. What "
    "does the formula give?",
)
def central_differences(W, b, x, g):
    W, b, x, g = fl(W, b, x, g)

    def slope(f, a):
        out = np.zeros(a.shape)
        for k in np.ndindex(a.shape):
            e = np.zeros(a.shape)
            e[k] = 1e-6
            out[k] = (f(a + e) - f(a - e)) / 2e-6
        return out

    return (
        slope(lambda t: g @ (W @ t + b), x),
        slope(lambda t: g @ (t @ x + b), W),
        slope(lambda t: g @ (W @ x + t), b),
    )


@bank.wrong("the result written into the caller's x", "Who else holds the array x?")
def changes_argument(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    x[...] = gx
    return gx, gW, gb


@bank.wrong(
    "W g for W^T g where W is square",
    "Where W is square both products have a shape that fits. Which of its indices belongs "
    "to the output?",
)
def no_transpose_when_square(W, b, x, g):
    return (W if W.shape[0] == W.shape[1] else W.T) @ g, np.outer(g, x), 1.0 * g


@bank.right("in the precision of its arguments")
def in_the_precision_of_its_arguments(W, b, x, g):
    return W.T @ g, np.outer(g, x), g


bank.habits(linear)


@bank.right("loops")
def loops(W, b, x, g):
    gx, gW = [0.0] * len(x), [[0.0] * len(x) for _ in g]
    for i in range(len(g)):
        for j in range(len(x)):
            gx[j] += float(g[i]) * float(W[i, j])
            gW[i][j] = float(g[i]) * float(x[j])
    return np.array(gx), np.array(gW), [float(v) for v in g]


@bank.right("einsum")
def einsum(W, b, x, g):
    W, x, g = fl(W, x, g)
    return [np.einsum("ij,i->j", W, g), np.einsum("i,j->ij", g, x), 1.0 * g]


@bank.right("rows and columns")
def rows_and_columns(W, b, x, g):
    W, x, g = fl(W, x, g)
    return g @ W, g[:, None] @ x[None, :], g
