"""What the exercises of chapter 05 share: cases, criteria and formulas."""

from __future__ import annotations

import numpy as np

from ...reference.activations import as_float, relu
from ...reference.gradcheck import STEP
from ..draw import case, labels, strided, whole

DTYPES = "integers and float32"


NEXT = "pre-activations at 0 and next to it"


CLOSE = "numbers close to 0"


SHAPES = "one axis, three axes"


TINY = 2.0**-30


def both_signs(rng, n):
    """Both signs, in random order."""
    return rng.permutation(np.where(np.arange(n) % 2 == 0, 1.0, -1.0))


def offsets(rng, n):
    """Biases well away from 0, of both signs."""
    return rng.uniform(0.3, 0.9, n) * both_signs(rng, n)


def elementwise_cases(rng):
    """Arrays of both signs for `relu` and `relu_prime`; the answers do not depend on a scale."""

    def mixed(*shape):
        return rng.uniform(0.05, 2.0, shape) * both_signs(rng, int(np.prod(shape))).reshape(shape)

    def close(size, *shape):
        return size * mixed(*shape)

    with_zeros = mixed(5, 3)
    with_zeros[[0, 2, 4], [1, 0, 2]] = 0.0
    first = mixed(5, 3)
    return {
        "generic": [
            case(mixed(5, 3)),
            case(strided(mixed(3, 7))),
            case(30 * mixed(5, 5)),
            case(np.asfortranarray(mixed(7, 11))),
            case(np.abs(mixed(1, 1))),
            case(mixed(61, 23)),
        ],
        "shapes": [case(mixed(11)), case(mixed(3, 5, 2))],
        "zero": [case(with_zeros), case(rng.permutation(np.arange(-3, 4)).reshape(7, 1))],
        "close": [case(close(1e-6, 3, 5)), case(close(1e-13, 5, 3)), case(close(1e-305, 3, 5))],
        "twice": [case(first), case(-first)],
    }


def hidden(rng, h, d):
    """W1 and b1."""
    return rng.standard_normal((h, d)) / np.sqrt(d), offsets(rng, h)


def parameters(rng, d, h, K):
    """W1, b1, W2, b2 of generic numbers."""
    return (*hidden(rng, h, d), 0.8 * rng.standard_normal((K, h)), offsets(rng, K))


def one_hot(y, K):
    return np.eye(K)[y]


def network(rng, N, d, h, K):
    """Parameters, examples and one-hot labels; in every row some gates are open."""
    W1, b1, W2, b2 = parameters(rng, d, h, K)
    X = rng.standard_normal((N, d)) + 0.2
    while (closed := (X @ W1.T + b1 > 0).sum(axis=1) < 2).any():
        X[closed] = rng.standard_normal((closed.sum(), d)) + 0.2
    return W1, b1, W2, b2, X, one_hot(labels(rng, N, K), K)


def smallest_network(rng):
    """One example, one input, one unit, and its gate open; two classes."""
    W1, _, W2, b2 = parameters(rng, 1, 1, 2)
    X = rng.standard_normal((1, 1)) + 0.2
    return W1, 0.7 + np.abs(W1 @ X[0]), W2, b2, X, one_hot(labels(rng, 1, 2), 2)


def net_at_zero(rng, N, d, h, K):
    """Unit j is exactly 0 for example j mod N, or 2^-30 above; whole numbers keep that exact."""
    W1, b1, W2, b2, X, Y = network(rng, N, d, h, K)
    W1, X = rng.integers(1, 4, (h, d)) * both_signs(rng, d), rng.integers(-3, 4, (N, d)) + 0.0
    b1 = np.arange(h) % 3 // 2 * TINY - np.array([X[j % N] @ W1[j] for j in range(h)])
    # Logits of ordinary size: a sure softmax would hide what the gates let through.
    W2 *= 1.5 / np.abs(relu(X @ W1.T + b1) @ W2.T).max()
    return W1, b1, W2, b2, X, Y


def whole_network(rng, N, d, h, K):
    """Integers everywhere; even products and odd biases keep every unit away from 0."""
    return (
        2 * whole(rng, h, d),
        2 * whole(rng, h) + 1,
        whole(rng, K, h),
        whole(rng, K),
        whole(rng, N, d),
        one_hot(labels(rng, N, K), K).astype(np.int64),
    )


def logits(W1, b1, W2, b2, X):
    """Logits, shape (..., N, K); the parameters may have leading axes of their own."""
    W1, b1, W2, b2, X = (as_float(a) for a in (W1, b1, W2, b2, X))
    H = relu(X @ np.swapaxes(W1, -1, -2) + b1[..., None, :])
    return H @ np.swapaxes(W2, -1, -2) + b2[..., None, :]


def entries_moved(theta):
    """One copy of theta per entry, each with one entry moved: all derivatives in one pass."""
    return theta + 1j * STEP * np.eye(theta.size).reshape(-1, *theta.shape)


SLOPE = "The slope, and what to say at 0"


GATE = "One gate for a whole sum"


def doubles(*arrays):
    """Arrays in double precision; one whose work is counted stays so."""
    return [np.asanyarray(a, dtype=float) for a in arrays]


def ramp(a):
    return np.maximum(np.asarray(a, dtype=float), 0.0)


def unit_step(a):
    return (np.asarray(a) > 0).astype(float)
