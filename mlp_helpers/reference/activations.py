"""Activation functions of the reference implementation (S1 section 2, S2 1, S3 activations).

All accept arrays of any shape and keep their dtype (integers become float64). They are analytic
in floating point as well: complex input gives the derivative through its imaginary part.
"""

from __future__ import annotations

import numpy as np


def as_float(x: np.ndarray) -> np.ndarray:
    """Give x as a floating-point (or complex) array; integers and booleans become float64."""
    x = np.asarray(x)
    return x if x.dtype.kind in "fc" else x.astype(np.float64)


def logsumexp(Z: np.ndarray) -> np.ndarray:
    """Logarithm of the sum of exponentials over the last axis.

    Parameters
    ----------
    Z : ndarray, shape (..., K)
        Logits, K >= 1.

    Returns
    -------
    ndarray, shape (...)
    """
    Z = as_float(Z)
    # The largest real part is a constant: it cancels, so it may be left out of the derivative.
    top = Z.real.max(axis=-1, keepdims=True)
    return top[..., 0] + np.log(np.exp(Z - top).sum(axis=-1))


def softmax(Z: np.ndarray) -> np.ndarray:
    """Softmax over the last axis (S1 section 2).

    Parameters
    ----------
    Z : ndarray, shape (..., K)
        Logits.

    Returns
    -------
    ndarray, shape (..., K)
        Probabilities; each row sums to 1.
    """
    Z = as_float(Z)
    E = np.exp(Z - Z.real.max(axis=-1, keepdims=True))
    return E / E.sum(axis=-1, keepdims=True)


def _decay(a):
    """Give exp(-|a|), the sign of the real part deciding: it never overflows and is analytic."""
    return np.exp(np.where(a.real >= 0, -a, a))


def sigmoid(a: np.ndarray) -> np.ndarray:
    """Logistic function 1 / (1 + exp(-a)), elementwise (S2 1, S3 activations).

    Parameters
    ----------
    a : ndarray, any shape

    Returns
    -------
    ndarray, shape of a
        No overflow for any a; the relative error stays small where the value is tiny.
    """
    a = as_float(a)
    e = _decay(a)
    return np.where(a.real >= 0, np.ones_like(e), e) / (1 + e)


def sigmoid_prime(a: np.ndarray) -> np.ndarray:
    """Derivative sigma(a) (1 - sigma(a)), elementwise, exact in both tails (S2 1)."""
    e = _decay(as_float(a))
    return e / (1 + e) ** 2


def tanh(a: np.ndarray) -> np.ndarray:
    """Hyperbolic tangent, elementwise (S0 2, S3 activations)."""
    return np.tanh(as_float(a))


def tanh_prime(a: np.ndarray) -> np.ndarray:
    """Derivative 1 - tanh(a)^2, elementwise; written as 4 sigma'(2a), exact in both tails."""
    return 4 * sigmoid_prime(2 * as_float(a))


def softplus(a: np.ndarray) -> np.ndarray:
    """Smooth ramp log(1 + exp(a)), elementwise; its derivative is the sigmoid (S3 activations)."""
    a = as_float(a)
    return np.where(a.real >= 0, a, np.zeros_like(a)) + np.log1p(_decay(a))


def relu(a: np.ndarray) -> np.ndarray:
    """Ramp max(a, 0), elementwise (S3 activations, S4)."""
    a = as_float(a)
    return np.where(a.real > 0, a, np.zeros_like(a))


def relu_prime(a: np.ndarray) -> np.ndarray:
    """Derivative of the ramp, elementwise; relu'(0) = 0 by convention (S4)."""
    a = as_float(a)
    return (a.real > 0).astype(a.dtype)


def linear(a: np.ndarray) -> np.ndarray:
    """Identity, elementwise: a hidden layer without an activation."""
    return as_float(a)


def linear_prime(a: np.ndarray) -> np.ndarray:
    """Derivative of the identity: ones of a's shape."""
    return np.ones_like(as_float(a))


# name -> (phi, phi'), the hidden activations that a network may use.
ACTIVATIONS = {
    "tanh": (tanh, tanh_prime),
    "sigmoid": (sigmoid, sigmoid_prime),
    "softplus": (softplus, sigmoid),
    "linear": (linear, linear_prime),
    "relu": (relu, relu_prime),
}
