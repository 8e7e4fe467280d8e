"""What the exercises of chapter 04 share: cases, criteria and formulas."""

from __future__ import annotations

import numpy as np

from ...reference.activations import softmax
from ..draw import strided, whole

HUGE = "values up to +-1000"


DTYPES = "integers and float32"


def letters(dims):
    return {f"d_{k}": d for k, d in enumerate(dims)}


def drawn_params(rng, dims, array=lambda a: a):
    """Weights of a size that neither saturates nor fades, biases that are not 0."""
    return [
        (
            array(1.2 * rng.standard_normal((m, n)) / np.sqrt(n)),
            array(0.4 * rng.standard_normal(m) + 0.3),
        )
        for m, n in zip(dims[1:], dims[:-1], strict=True)
    ]


def drawn_net(rng, dims, acts, N, array=lambda a: a):
    """Parameters, activations and a batch, wide enough that no layer of ramps is dead."""
    return (
        drawn_params(rng, dims, array),
        list(acts),
        array(rng.standard_normal((N, dims[0])) + 0.2),
    )


def float32(a):
    return a.astype(np.float32)


def rounded(rng, dims, acts, N):
    """A net of whole numbers."""
    params = [(whole(rng, m, n), whole(rng, m)) for m, n in zip(dims[1:], dims[:-1], strict=True)]
    return params, list(acts), whole(rng, N, dims[0])


def signs(rng, *size):
    return rng.choice([-1.0, 1.0], size) * rng.integers(1, 3, size)


def saturated(rng, dims, acts, N):
    """Whole numbers below, so that hidden pre-activations of +-1000 have no rounding at all."""
    params = drawn_params(rng, dims)
    W = signs(rng, dims[1], dims[0])
    X = signs(rng, N, dims[0])
    X[0] = 1000.0 * np.eye(dims[0])[0]
    X[1] = -1000.0 * np.eye(dims[0])[1]
    params[0] = (np.sign(W) * (1 + (np.arange(dims[0]) > 1)), signs(rng, dims[1]))
    return damped(params, 300), list(acts), X


def damped(params, factor):
    """Scale layer 2 down: logits of the size that ramps pass on would be nothing but rounding."""
    return [params[0], (params[1][0] / factor, params[1][1]), *params[2:]]


def net_with_tens(rng, dims, acts, N):
    """Pre-activations of some tens, where ramps are no longer bent but not yet straight."""
    params, acts, X = drawn_net(rng, dims, acts, N)
    params[0] = (20 * params[0][0], params[0][1])
    return damped(params, 10), acts, X


def huge_logits(rng, N):
    """Three classes whose logits are whole numbers, +-1000 among them, rows far apart."""
    X = rng.permuted(np.tile([1.0, -1.0, 2.0, -2.0, 3.0], (N, 1)), axis=1)
    X[0] = [1000.0, 0.0, 0.0, 0.0, 0.0]
    X[1] = [-1000.0, 0.0, 0.0, 0.0, 0.0]
    copy = np.array([[1.0, 0, 0, 0, 0], [1.0, 1, 0, 0, 0], [-1.0, 0, 1, 0, 0], [0, 0, 0, 1, 1]])
    top = np.array([[1.0, 0, 0, 0], [0, 1.0, 0, 1], [0, 0, 1.0, 0]])
    params = [
        (copy, np.array([0.0, 1.0, 2.0, 0.0])),
        (top[rng.permutation(3)], np.array([0.0, -1.0, 0.0])),
    ]
    return params, ["linear"], X


# (dims, hidden activations, N): sizes pairwise different twice, all equal once.
DEEP = ((7, 13, 5, 11, 3), ("relu", "sigmoid", "linear"), 17)


MIDDLE = ((5, 7, 11, 3), ("tanh", "softplus"), 13)


EQUAL = ((5, 5, 5, 5), ("softplus", "tanh"), 5)


SMALL = ((3, 7, 5), ("sigmoid",), 4)


# One activation in two layers, of different and of equal widths: looked up by its name, it is the
# first of them.
AGAIN = ((5, 7, 11, 6, 3), ("tanh", "softplus", "tanh"), 6)


AGAIN_EQUAL = ((4, 6, 6, 6, 3), ("sigmoid", "tanh", "sigmoid"), 7)


DEEPEST = (
    (3, 5, 4, 6, 5, 7, 4, 6, 5, 3, 4, 5, 3),
    (
        "tanh",
        "softplus",
        "sigmoid",
        "linear",
        "relu",
        "tanh",
        "softplus",
        "linear",
        "sigmoid",
        "tanh",
        "softplus",
    ),
    5,
)


LARGE = ((17, 23, 19), ("tanh",), 53)


LEAST = ((1, 1, 1, 2), ("tanh", "softplus"), 1)


EVERY = ((3, 7, 5, 11, 6, 13, 4), ("linear", "tanh", "softplus", "relu", "sigmoid"), 7)


def drawn(rng, one):
    """Groups shared by the forward pass and backprop; `one` turns a net into a case."""
    return {
        "generic": [
            one(drawn_net(rng, *MIDDLE)),
            one(drawn_net(rng, *DEEP, array=strided)),
            one(drawn_net(rng, *EQUAL)),
            one(drawn_net(rng, *EVERY)),
            one(drawn_net(rng, *AGAIN)),
            one(drawn_net(rng, *AGAIN_EQUAL)),
            one(drawn_net(rng, *DEEPEST)),
        ],
        "huge": [
            one(huge_logits(rng, 4), scale=1.0),
            one(saturated(rng, (3, 7, 5), ["softplus"], 4)),
            one(saturated(rng, (3, 5, 7, 4), ["tanh", "softplus"], 5)),
            one(saturated(rng, (3, 7, 4), ["sigmoid"], 5)),
            one(saturated(rng, (3, 5, 4), ["relu"], 7)),
            one(net_with_tens(rng, (3, 11, 4), ["softplus"], 7)),
        ],
        "least": [
            one(drawn_net(rng, (5, 3), (), 7)),
            one(drawn_net(rng, (5, 7, 11, 3), MIDDLE[1], 1)),
            # 1 - h^2 of a lone unit may be nothing but rounding: hence the scale
            one(drawn_net(rng, *LEAST), scale=1.0),
            one(drawn_net(rng, (1, 2), (), 1)),
            one(drawn_net(rng, *LARGE)),
        ],
        "dtypes": [
            one(rounded(rng, (4, 5, 3), ["tanh"], 7)),
            one(drawn_net(rng, *SMALL, array=float32)),
        ],
        "twice": [one(drawn_net(rng, *SMALL)), one(drawn_net(rng, *SMALL))],
    }


def sizes(net):
    params, _, X = net
    return {"N": len(X), **letters([X.shape[1], *(len(W) for W, _ in params)])}


def real(a):
    """An array in double precision; one whose work is counted stays so."""
    return np.asanyarray(a, dtype=float)


def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


PHI = {
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "softplus": lambda z: np.logaddexp(0, z),
    "linear": lambda z: z.copy(),
    "relu": lambda z: np.maximum(z, 0),
}


PRIME = {
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "sigmoid": lambda z: sigmoid(z) * (1 - sigmoid(z)),
    "softplus": sigmoid,
    "linear": np.ones_like,
    "relu": lambda z: (z > 0).astype(float),
}


def run(
    params, acts, X, *, affine=lambda H, W, b: H @ W.T + b, phi=None, output=softmax, convert=real
):
    """A forward pass with exchangeable parts."""
    phi = phi or (lambda k, name, Z: PHI[name](Z))
    zs, hs = [], [convert(X)]
    for k, (W, b) in enumerate(params):
        zs.append(affine(hs[-1], convert(W), convert(b)))
        hs.append(phi(k, acts[k], zs[-1]) if k < len(acts) else output(zs[-1]))
    return zs, hs


def columns_summed(Z):
    """Each row with its own maximum, and then the totals of the columns."""
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=0)
