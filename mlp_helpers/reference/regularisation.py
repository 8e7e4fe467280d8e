"""Generalisation of the reference implementation: penalties, starts, splits, choices (S3).

Random draws take their generator as an argument; nothing here keeps state.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from .activations import as_float
from .network import backward

ROUNDING = 1e-12  # gradients that are equal on paper differ by this much at most

# Penalties -----------------------------------------------------------------------------------


def penalty(Ws: list[np.ndarray], kind: str) -> float:
    """Omega, the penalty of some weight matrices (S3 regularization).

    Parameters
    ----------
    Ws : list of ndarray
    kind : {"l2", "l1"}
        Sum of squares, or sum of absolute values.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If kind is neither.
    """
    if kind not in ("l2", "l1"):
        raise ValueError(f'kind must be "l2" or "l1", not {kind!r}')
    size = np.square if kind == "l2" else np.abs
    return float(sum(size(np.asarray(W, dtype=np.float64)).sum() for W in Ws))


def regularised_risk(losses: np.ndarray, Ws: list[np.ndarray], lam: float, kind: str) -> float:
    """Mean loss plus lam times the penalty (S3 empirical risk minimization).

    Parameters
    ----------
    losses : ndarray, shape (N,)
    Ws : list of ndarray
        Weight matrices, no biases.
    lam : float
    kind : {"l2", "l1"}

    Returns
    -------
    float
    """
    return float(np.mean(np.asarray(losses, dtype=np.float64)) + lam * penalty(Ws, kind))


def penalty_grad(params, lam, kind):
    """Gradient of lam times the penalty; biases are not penalised (S3 regularization).

    Parameters
    ----------
    params : list of pairs (W, b)
    lam : float
    kind : {"l2", "l1"}
        2 lam W, or lam sign(W) with sign(0) = 0.

    Returns
    -------
    list of pairs (dW, db)
    """
    slope = (lambda W: 2.0 * W) if kind == "l2" else np.sign
    return [(lam * slope(as_float(W)), np.zeros(np.shape(b))) for W, b in params]


def prox_l1(W: np.ndarray, t: float) -> np.ndarray:
    """Soft threshold: the minimiser V of (1/2) |V - W|^2 + t |V|_1, entry by entry.

    Parameters
    ----------
    W : ndarray, any shape
    t : float, at least 0

    Returns
    -------
    ndarray, shape of W
        Exactly 0 where |W| <= t.
    """
    W = as_float(W)
    return W - np.clip(W, -t, t)


def prior_to_lambda(scale: float, T: int, kind: str) -> float:
    """Give the lam with which the regularised mean risk is the posterior's negative logarithm.

    Parameters
    ----------
    scale : float
        Standard deviation of a Gaussian prior, or scale s of a Laplacian one.
    T : int
        Number of training examples.
    kind : {"gauss", "laplace"}

    Returns
    -------
    float
        1 / (2 scale^2 T) or 1 / (scale T).
    """
    return 1.0 / (2.0 * scale**2 * T) if kind == "gauss" else 1.0 / (scale * T)


# Where to start ------------------------------------------------------------------------------


def glorot_uniform(n_out: int, n_in: int, rng: np.random.Generator) -> np.ndarray:
    """Draw a weight matrix from U[-r, r], r = sqrt(6 / (n_out + n_in)) (S3 initialization).

    Parameters
    ----------
    n_out, n_in : int
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (n_out, n_in)
    """
    r = np.sqrt(6.0 / (n_out + n_in))
    return rng.uniform(-r, r, (n_out, n_in))


def init_diagnosis(params, acts, X, y):
    """Say what a start does to the first gradient of the mean loss, up to rounding.

    Parameters
    ----------
    params, acts, X, y
        As in `network.backward`.

    Returns
    -------
    rows, weights, bias : bool
        In every hidden layer, are all rows of the weight gradient identical? Are all weight
        gradients zero? Is the gradient of the output bias zero?
    """
    grads = backward(params, acts, X, y)

    def zero(array):
        return bool(np.abs(array).max() <= ROUNDING)

    return (
        all(zero(dW - dW[0]) for dW, _ in grads[:-1]),
        all(zero(dW) for dW, _ in grads),
        zero(grads[-1][1]),
    )


# Data that nobody has seen ---------------------------------------------------------------------


def split(n, fracs, rng):
    """Deal the indices 0..n-1 out to training, validation and test set (S3 model selection).

    Parameters
    ----------
    n : int
    fracs : three floats with sum 1
        The sizes round(f n) must add up to n.
    rng : numpy.random.Generator

    Returns
    -------
    train, valid, test : ndarray of int
    """
    first, second, _ = np.cumsum([round(f * n) for f in fracs])
    return tuple(np.split(rng.permutation(n), [first, second]))


def early_stopping(val: np.ndarray, patience: int) -> tuple[int, int]:
    """Follow a validation curve with look-ahead (S3 knowing when to stop).

    Parameters
    ----------
    val : ndarray, shape (n_epochs,)
    patience : int, at least 1
        Epochs without a strict improvement after which training stops.

    Returns
    -------
    best, stop : int
        The epoch to keep, and the last one that was run.
    """
    best = 0
    for epoch, error in enumerate(val):
        if error < val[best]:
            best = epoch
        if epoch - best >= patience:
            return best, epoch
    return best, len(val) - 1


# Choosing ------------------------------------------------------------------------------------


def grid_configs(grid):
    """All combinations of the values of each hyper-parameter (S3 grid search).

    Parameters
    ----------
    grid : dict of str to list

    Returns
    -------
    list of dict
    """
    return [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]


def random_configs(space, n, rng):
    """n configurations, every hyper-parameter uniform and independent (S3 random search).

    Parameters
    ----------
    space : dict of str to (low, high)
    n : int
    rng : numpy.random.Generator

    Returns
    -------
    list of n dicts of str to float
    """
    return [{name: float(rng.uniform(*ends)) for name, ends in space.items()} for _ in range(n)]


def select_best(val_errors):
    """Index of the smallest validation error; NaN stands for a run that diverged.

    Parameters
    ----------
    val_errors : ndarray, shape (n,)
        Not all NaN.

    Returns
    -------
    int
        The first of ties.
    """
    return int(np.nanargmin(np.asarray(val_errors, dtype=np.float64)))


# Measuring -----------------------------------------------------------------------------------


def bias2_variance(preds: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Squared bias and variance of a model trained on S training sets (S3 bias-variance).

    Parameters
    ----------
    preds : ndarray, shape (S, n)
        Predictions of the S trained models at n inputs.
    truth : ndarray, shape (n,)

    Returns
    -------
    bias2, variance : float
        Means over the inputs; the variance divides by S.
    """
    preds, truth = (np.asarray(a, dtype=np.float64) for a in (preds, truth))
    return float(np.mean((preds.mean(axis=0) - truth) ** 2)), float(preds.var(axis=0).mean())


def zero_one_error(F: np.ndarray, y: np.ndarray) -> float:
    """Share of examples whose largest logit is not the label's (the first of ties counts).

    Parameters
    ----------
    F : ndarray, shape (N, K)
    y : ndarray of int, shape (N,)

    Returns
    -------
    float
    """
    return float(np.mean(np.argmax(F, axis=1) != y))
