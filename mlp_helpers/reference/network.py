"""The reference networks: S0's one hidden layer, and the general L layers (S1 section 2, S3).

Rows of X are examples, so a layer is ``Z = H W^T + b``. Batches go through as whole matrices, and
the hidden activations are differentiated from their own values (tanh' = 1 - h^2), in place: what
is left is the time of the matrix products. float32 stays float32; complex parameters pass forward,
so that a complex step through `forward` is a derivative.
"""

from __future__ import annotations

import numpy as np

from .activations import ACTIVATIONS, as_float, softmax
from .losses import nll_per_example

# phi and phi' of the hidden layers in place: z becomes h, and h becomes phi'(z), for phi'(z) can be
# told from h = phi(z) alone. Each takes an array that nobody else holds, and overwrites it.


def _tanh_slope(h):
    h *= h
    np.subtract(1, h, out=h)


def _sigmoid_slope(h):
    h *= 1 - h


def _softplus_slope(h):
    # h = log(1 + e^z), so sigma(z) = 1 - e^-h; expm1 keeps its digits where h is tiny.
    np.negative(h, out=h)
    np.expm1(h, out=h)
    np.negative(h, out=h)


def _relu_slope(h):
    np.greater(h, 0, out=h, casting="unsafe")


def _linear_slope(h):
    h.fill(1)


_SLOPES = {
    "tanh": _tanh_slope,
    "sigmoid": _sigmoid_slope,
    "softplus": _softplus_slope,
    "relu": _relu_slope,
    "linear": _linear_slope,
}


# The L-layer network -------------------------------------------------------------------------


def forward(params, acts, X):
    """Run a batch through all layers (S1 section 2).

    Parameters
    ----------
    params : list of L pairs (W, b)
        W_k of shape (d_k, d_{k-1}), b_k of shape (d_k,).
    acts : list of L-1 str
        Names of the hidden activations: keys of `activations.ACTIVATIONS`.
    X : ndarray, shape (N, d_0)
        One example per row.

    Returns
    -------
    zs : list of L ndarrays, shapes (N, d_k)
        Pre-activations; zs[k-1] belongs to layer k, and zs[L-1] holds the logits.
    hs : list of L+1 ndarrays
        hs[0] = X, hs[k] the activations of layer k, hs[L] the class probabilities.

    Raises
    ------
    ValueError
        If the number of activations does not fit, or a name is unknown.
    """
    _check_activations(params, acts)
    zs, hs = [], [as_float(X)]
    for (W, b), name in zip(params, [*acts, None], strict=True):
        Z = _affine(hs[-1], W, b)
        zs.append(Z)
        hs.append(softmax(Z) if name is None else ACTIVATIONS[name][0](Z))
    return zs, hs


def backward(params, acts, X, y):
    """Gradient of the mean negative log-likelihood with respect to every W and b.

    Parameters
    ----------
    params, acts, X
        As in `forward`.
    y : ndarray of int, shape (N,)
        Labels, 0..d_L - 1.

    Returns
    -------
    list of L pairs (dW, db)
        Shapes of the parameters (S1 section 2, questions 2 and 3).

    Raises
    ------
    ValueError
        As `forward`.
    """
    _check_activations(params, acts)
    hs = [as_float(X)]
    for (W, b), name in zip(params, [*acts, None], strict=True):
        hs.append(_activate(_affine(hs[-1], W, b, columns=name is None), name))
    delta = _output_delta(hs.pop(), y)
    delta /= len(y)
    grads = []
    for (W, _), name in zip(params[::-1], [*acts[::-1], None], strict=True):
        H = hs.pop()
        grads.append(_layer_grads(delta, H))
        if name is not None:
            delta = delta @ W
            _SLOPES[name](H)
            delta *= H
    return grads[::-1]


def _check_activations(params, acts):
    if len(acts) != len(params) - 1:
        raise ValueError(
            f"{len(params)} layers need {len(params) - 1} hidden activations, "
            f"not {len(acts)}: the output layer is softmax"
        )
    if unknown := sorted(set(acts) - set(ACTIVATIONS)):
        raise ValueError(f"no activation is called {unknown[0]!r}; use {', '.join(ACTIVATIONS)}")


def _affine(H, W, b, columns=False):
    """H W^T + b, in an array of its own; by columns, sums over a short row run down memory."""
    Z = as_float((W @ H.T).T if columns else H @ W.T)
    return np.add(Z, b, out=Z) if Z.dtype == np.result_type(Z, b) else Z + b


def _activate(Z, name):
    """phi(Z), over Z's own memory where a call or two can; softmax if name is None."""
    if name == "tanh":
        return np.tanh(Z, out=Z)
    if name == "relu":
        return np.maximum(Z, 0, out=Z)
    if name == "linear":
        return Z
    if name is not None:
        return ACTIVATIONS[name][0](Z)
    Z -= np.maximum.reduce(Z, axis=1, keepdims=True)
    np.exp(Z, out=Z)
    Z /= np.add.reduce(Z, axis=1, keepdims=True)
    return Z


def _output_delta(P, y):
    """p - e_y, written over the probabilities, which nobody needs any more."""
    P[np.arange(len(P)), y] -= 1
    return P


def _layer_grads(delta, H):
    """Give (dW, db) of the layer whose input is H and whose pre-activation gradient is delta."""
    return delta.T @ H, np.add.reduce(delta, axis=0)


# S0's network: one hidden layer, sum over examples -------------------------------------------


def one_hidden_forward(
    W: np.ndarray, V: np.ndarray, b: np.ndarray, c: np.ndarray, X: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Logits of f(x) = c + V tanh(b + W x) for a batch (S0 section 2).

    Parameters
    ----------
    W, V, b, c : ndarrays, shapes (M, p), (K, M), (M,), (K,)
    X : ndarray, shape (N, p)

    Returns
    -------
    S, H, F : ndarrays, shapes (N, M), (N, M), (N, K)
        Hidden pre-activations, hidden activations, logits.
    """
    (S, F), (_, H, _) = forward([(W, b), (V, c)], ["tanh"], X)
    return S, H, F


def one_hidden_backward(
    W: np.ndarray, V: np.ndarray, b: np.ndarray, c: np.ndarray, X: np.ndarray, y: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Risk and its gradient, both **summed** over the examples (S0 sections 3 and 4).

    Parameters
    ----------
    W, V, b, c, X
        As in `one_hidden_forward`.
    y : ndarray of int, shape (N,)
        Labels, 0..K-1.

    Returns
    -------
    risk : float
        Sum of the negative log-likelihoods.
    dW, dV, db, dc : ndarrays, shapes of W, V, b, c
    """
    (_, F), (X, H, P) = forward([(W, b), (V, c)], ["tanh"], X)
    risk = nll_per_example(F, y).sum()
    delta = _output_delta(P, y)
    dV, dc = _layer_grads(delta, H)
    delta = delta @ V
    _tanh_slope(H)
    delta *= H
    dW, db = _layer_grads(delta, X)
    return risk, dW, dV, db, dc
