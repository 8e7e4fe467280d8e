"""What the exercises of chapter 03 share: cases, criteria and formulas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...checking.compare import compare
from ...checking.finding import Finding, stopped
from ...reference.activations import as_float
from ..draw import strided, whole

DTYPES = "integers and float32"


SATURATED = "saturated units (pre-activations of 1000)"


HUGE = "huge logits (largest 1000)"


PLAIN = "alpha = 1: plain gradient descent"


def offsets(rng, n):
    """Biases well away from 0, of both signs."""
    return rng.uniform(0.3, 0.9, n) * np.where(rng.random(n) < 0.5, -1.0, 1.0)


def parameters(rng, p, M, K):
    """W, V, b, c such that the hidden units are neither linear nor saturated."""
    return (
        rng.standard_normal((M, p)) / np.sqrt(p),
        0.8 * rng.standard_normal((K, M)),
        offsets(rng, M),
        offsets(rng, K),
    )


def network(rng, N, p, M, K):
    """W, V, b, c, X of generic numbers."""
    return (*parameters(rng, p, M, K), rng.standard_normal((N, p)) + 0.2)


def awkward_layout(args):
    """The same numbers, none of the matrices in row-major order."""
    W, V, b, c, X = args
    return strided(W), np.asfortranarray(V), strided(b), c, strided(X)


def saturated_net(rng, N, p, M, K):
    """Two units are driven to +1 and -1; the largest pre-activation is about 1000."""
    W, V, b, c, X = network(rng, N, p, M, K)
    W[0] *= 1000.0 / np.abs(X @ W[0]).max()
    W[1] = -W[0]  # so that both signs occur
    return W, V, b, c, X


def whole_network(rng, N, p, M, K):
    return whole(rng, M, p), whole(rng, K, M), whole(rng, M), whole(rng, K), whole(rng, N, p)


def single_network(rng, N, p, M, K):
    return tuple(a.astype(np.float32) for a in network(rng, N, p, M, K))


def drawn_weight(rng):
    """A weight of the new gradient that is neither near 0 or 1, nor 1/2."""
    return float(rng.choice([rng.uniform(0.15, 0.4), rng.uniform(0.6, 0.85)]))


def logits_of(W, V, b, c, X):
    """Logits, shape (..., N, K); the parameters may have leading axes of their own."""
    W, V, b, c, X = (as_float(a) for a in (W, V, b, c, X))
    H = np.tanh(X @ np.swapaxes(W, -1, -2) + b[..., None, :])
    return H @ np.swapaxes(V, -1, -2) + c[..., None, :]


def momentum_step_oracle(theta, phi, g, gamma, alpha):
    smooth = (1 - alpha) * phi + alpha * g
    return theta - gamma * smooth, smooth


def wrong_structure(trial, case_, answer):
    """A Finding if the answer is no answer or has the wrong shape, None otherwise."""
    if answer.error is not None:
        return stopped(answer.error, case_)
    loose = compare(answer.value, replace(trial.expected(case_), tol=np.inf))
    return None if loose is None else Finding(loose.message, loose)


def floats(*arrays):
    """Arrays in double precision; one whose work is counted stays so."""
    return tuple(np.asanyarray(a, dtype=float) for a in arrays)


def hot(y, K):
    return (np.arange(K) == np.asarray(y)[:, None]).astype(float)


def sigmoid(a):
    return 0.5 * (1.0 + np.tanh(0.5 * a))


def right_step(theta, phi, g, gamma, alpha):
    theta, phi, g = floats(theta, phi, g)
    phi = (1 - alpha) * phi + alpha * g
    return theta - gamma * phi, phi


def stepping(line, follow=None):
    """A step in which line(...) makes phi', and follow(...) makes theta' of it."""

    def momentum_step(theta, phi, g, gamma, alpha):
        theta, phi, g = floats(theta, phi, g)
        smooth = line(phi, g, gamma, alpha)
        if follow is None:
            return theta - gamma * smooth, smooth
        return follow(theta, phi, g, smooth, gamma, alpha), smooth

    return momentum_step


def ema(phi, g, gamma, alpha):
    return (1 - alpha) * phi + alpha * g
