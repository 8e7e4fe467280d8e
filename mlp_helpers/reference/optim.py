"""Descent of the reference implementation (S0 section 5; S1 section 1; S3 optimisation).

Everything works on one flat parameter vector theta, shape (P,), and returns new arrays. A run
returns its whole history, one row per iterate, because that is what figures and tests look at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from .activations import as_float

# One step ------------------------------------------------------------------------------------


def momentum_step(theta, phi, g, gamma, alpha):
    """One step with momentum, averaging form (S0 section 5).

    Parameters
    ----------
    theta, phi, g : ndarray, shape (P,)
        Parameters, smoothed gradient so far, gradient at theta.
    gamma : float
        Step size.
    alpha : float
        Weight of the new gradient, 0 < alpha <= 1; 1 is plain gradient descent.

    Returns
    -------
    theta', phi' : ndarray, shape (P,)
        phi' = (1 - alpha) phi + alpha g; theta' = theta - gamma phi'.
    """
    phi = (1 - alpha) * as_float(phi) + alpha * as_float(g)
    return theta - gamma * phi, phi


def momentum_accum(theta, v, grad, alpha, beta):
    """One step with momentum, accumulating form (S3 momentum).

    Parameters
    ----------
    theta, v, grad : ndarray, shape (P,)
        Parameters, accumulated gradient so far, gradient at theta.
    alpha : float
        Step size.
    beta : float
        How much of the past is kept, 0 <= beta < 1; 0 is plain gradient descent.

    Returns
    -------
    theta', v' : ndarray, shape (P,)
        v' = grad + beta v; theta' = theta - alpha v'.
    """
    v = as_float(grad) + beta * as_float(v)
    return theta - alpha * v, v


def accum_to_ema(alpha: float, beta: float) -> tuple[float, float]:
    """Translate the accumulating form into the averaging form.

    Parameters
    ----------
    alpha, beta : float
        Step size and memory of `momentum_accum`, beta < 1.

    Returns
    -------
    gamma, a : float
        Step size and weight of `momentum_step` that give the same iterates from zero buffers:
        a = 1 - beta, gamma = alpha / (1 - beta).

    Raises
    ------
    ValueError
        If beta = 1: the accumulated gradient never forgets, and no average does that.
    """
    if beta == 1:
        raise ValueError("beta = 1 has no averaging form: take beta < 1")
    return alpha / (1 - beta), 1 - beta


# Whole runs ----------------------------------------------------------------------------------


def descend(grad, theta0, gamma, n_steps):
    """Plain gradient descent with the full gradient (S0 section 5).

    Parameters
    ----------
    grad : callable
        (P,) -> (P,), the gradient of the risk.
    theta0 : ndarray, shape (P,)
        Starting point.
    gamma : float
        Step size.
    n_steps : int

    Returns
    -------
    ndarray, shape (n_steps + 1, P)
        theta^0 ... theta^n_steps.
    """
    return descend_momentum(grad, theta0, gamma, 1.0, n_steps)


def descend_momentum(grad, theta0, gamma, alpha, n_steps):
    """Gradient descent with momentum, averaging form, from phi^0 = 0 (S0 section 5).

    Parameters
    ----------
    grad : callable
        (P,) -> (P,), the gradient of the risk.
    theta0 : ndarray, shape (P,)
    gamma, alpha : float
        As in `momentum_step`.
    n_steps : int

    Returns
    -------
    ndarray, shape (n_steps + 1, P)
        theta^0 ... theta^n_steps.
    """
    theta = as_float(theta0)
    phi = np.zeros_like(theta)
    history = [theta]
    for _ in range(n_steps):
        theta, phi = momentum_step(theta, phi, grad(theta), gamma, alpha)
        history.append(theta)
    return np.stack(history)


# Stochastic gradients ------------------------------------------------------------------------


def minibatches(n: int, B: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Cut one shuffled pass over n examples into batches.

    Parameters
    ----------
    n, B : int
        Number of examples; batch size, at least 1.
    rng : numpy.random.Generator

    Returns
    -------
    list of ndarray of int
        Every index 0..n-1 once; all batches have B entries, the last one may have fewer.

    Raises
    ------
    ValueError
        If B is less than 1.
    """
    if B < 1:
        raise ValueError(f"the batch size must be at least 1, not {B}")
    order = rng.permutation(n)
    return [order[start : start + B] for start in range(0, n, B)]


def sgd_pass(
    grad: Callable, theta: np.ndarray, batches: Iterable[np.ndarray], rate: float
) -> np.ndarray:
    """One pass of plain stochastic gradient descent (S3 stochastic gradient descent).

    Parameters
    ----------
    grad : callable
        (theta, idx) -> (P,), the gradient on the examples idx.
    theta : ndarray, shape (P,)
    batches : iterable of ndarray of int
        For example from `minibatches`.
    rate : float
        Step size of this pass.

    Returns
    -------
    ndarray, shape (P,)
        The parameters after one step per batch.
    """
    theta = as_float(theta)
    for idx in batches:
        theta = theta - rate * grad(theta, idx)
    return theta


def learning_rate(t: int, alpha: float, delta: float, kind: str, t0: int = 0) -> float:
    """Step size at iteration t of a decreasing schedule.

    The notes only say that the rate should decrease; these are the two usual ways.

    Parameters
    ----------
    t : int
        Iteration.
    alpha : float
        The rate kept up to and including iteration t0.
    delta : float
        How fast it falls; for "pow", convergence asks for 1/2 < delta <= 1.
    kind : {"inv", "pow"}
        alpha / (1 + delta (t - t0)) or alpha / (t - t0)^delta.
    t0 : int, optional

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If kind is neither.
    """
    if kind not in ("inv", "pow"):
        raise ValueError(f'kind must be "inv" or "pow", not {kind!r}')
    if t <= t0:
        return float(alpha)
    late = t - t0
    return float(alpha / (1 + delta * late) if kind == "inv" else alpha / late**delta)
