"""Losses of the reference implementation, from logits (S0 section 3 corrected, S1 section 2)."""

from __future__ import annotations

import numpy as np

from .activations import as_float, logsumexp


def nll_per_example(F: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Negative log-likelihood of each example.

    Parameters
    ----------
    F : ndarray, shape (N, K)
        Logits.
    y : ndarray of int, shape (N,)
        Labels, 0..K-1.

    Returns
    -------
    ndarray, shape (N,)
        -log softmax(F)[n, y_n].
    """
    F = as_float(F)
    return logsumexp(F) - F[np.arange(len(F)), y]
