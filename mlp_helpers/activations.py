"""Activation functions of the reference implementation (S1 section 2, S2 1, S3 activations).

All accept arrays of any shape and keep their dtype (integers become float64). They are analytic
in floating point as well: complex input gives the derivative through its imaginary part.
"""

from __future__ import annotations

import numpy as np


def as_float(x):
    """Give x as a floating-point (or complex) array; integers and booleans become float64."""
    x = np.asarray(x)
    return x if x.dtype.kind in "fc" else x.astype(np.float64)


def logsumexp(Z):
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


def softmax(Z):
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
