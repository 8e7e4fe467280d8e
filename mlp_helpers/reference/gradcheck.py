"""Numeric derivatives without a gradient formula, and gradients verified entry by entry.

Four rules estimate phi'(0) for phi of one number, each with its own error model. With machine
epsilon u = 2.2e-16, |phi| and its derivatives of size 1:

===============  =====================  ==============  ==========  =======  ===================
rule             truncation             rounding        best eps    floor    evaluations of phi
===============  =====================  ==============  ==========  =======  ===================
`forward`        eps   |phi''| / 2      2 u |phi|/eps   2e-8        3e-8     2 (one is phi(0))
`central`        eps^2 |phi'''| / 6     u |phi|/eps     6e-6        6e-11    2
`richardson`     eps^4 |phi^(5)| / 480  3 u |phi|/eps   2e-3        3e-13    4
`complex_step`   eps^2 |phi'''| / 6     u |phi'|        below 1e-8  2e-16    1, in complex numbers
===============  =====================  ==============  ==========  =======  ===================

Truncation grows with eps, rounding shrinks with it, so a difference has a best eps and cannot get
below its floor. The complex step subtracts nothing: it has no floor but the rounding of phi' itself
(S3 gradient checking gives `central`).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from .activations import ACTIVATIONS
from .losses import nll_per_example
from .network import forward as network_forward

STEP = 1e-20
TOL = 1e-12


# Rules: phi of one number -> the derivative at 0 ---------------------------------------------


def forward(phi, eps=2e-8):
    """One-sided difference (phi(eps) - phi(0)) / eps; error eps |phi''| / 2 + 2 u |phi| / eps."""
    return (phi(eps) - phi(0.0)) / eps


def central(phi, eps=6e-6):
    """Central difference; error eps^2 |phi'''| / 6 + u |phi| / eps (S3 gradient checking)."""
    return (phi(eps) - phi(-eps)) / (2 * eps)


def richardson(phi, eps=2e-3):
    """Two central differences combined so that eps^2 cancels.

    The error is eps^4 |phi^(5)| / 480 + 3 u |phi| / eps.
    """
    return (4 * central(phi, eps / 2) - central(phi, eps)) / 3


def complex_step(phi, eps=STEP):
    """Im phi(i eps) / eps for analytic phi; error eps^2 |phi'''| / 6 + u |phi'|.

    Raises
    ------
    numpy.exceptions.ComplexWarning
        If phi drops the imaginary part on the way: the answer would be silently wrong.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        return np.imag(phi(1j * eps)) / eps


def jacobian(F, x, rule=complex_step):
    """Jacobian of F at x, one column per entry of x.

    Parameters
    ----------
    F : callable
        From an array of x's shape to a number or an array of any shape; analytic for
        `complex_step`.
    x : ndarray, any shape
    rule : callable
        One of the four rules above.

    Returns
    -------
    ndarray, shape F(x).shape + x.shape
        J[i, j] = d F_i / d x_j.
    """
    x = np.asarray(x, dtype=np.float64)
    columns = []
    for index in np.ndindex(x.shape):
        e = np.zeros(x.shape)
        e[index] = 1.0
        columns.append(rule(lambda t, e=e: F(x + t * e)))
    columns = np.stack(columns, axis=-1)
    return columns.reshape(columns.shape[:-1] + x.shape)


def complex_step_gradient(f, x):
    """Gradient of a scalar function by complex step: shape of x, exact to rounding."""
    return jacobian(f, x)


def complex_step_jacobian(F, x):
    """Jacobian of F at x by complex step: shape F(x).shape + x.shape, exact to rounding."""
    return jacobian(F, x)


def random_directions(f, x, gradient, n=2, rng=0, rule=complex_step):
    """Compare a gradient with derivatives of f along random directions.

    One direction costs as much as one entry of the gradient and involves all of them: an error e
    shows as e.v, which is 0 for a random v with probability 0. An error of relative size r in the
    whole gradient gives values near r.

    Parameters
    ----------
    f : callable
        Scalar function of an array of x's shape; analytic for `complex_step`.
    x, gradient : ndarray, same shape
        The gradient claimed at x.
    n : int
        Number of directions.
    rng : int or numpy.random.Generator
        Draws the directions from the normal distribution.
    rule : callable
        One of the four rules above.

    Returns
    -------
    ndarray, shape (n,)
        |df/dv - gradient.v| / max(norm(gradient), |df/dv|): inf where something is not finite.
    """
    x, gradient = np.asarray(x, dtype=np.float64), np.asarray(gradient, dtype=np.float64)
    if gradient.shape != x.shape:
        raise ValueError(f"the gradient has shape {gradient.shape}; expected {x.shape}")
    rng = np.random.default_rng(rng)
    errors = np.empty(n)
    for i in range(n):
        v = rng.standard_normal(x.shape)
        slope = float(rule(lambda t, v=v: f(x + t * v)))
        off = abs(slope - float(np.sum(gradient * v)))
        size = max(np.linalg.norm(gradient), abs(slope))
        errors[i] = off / size if size else off
    return np.where(np.isfinite(errors), errors, np.inf)


# Every entry of a network's gradient ---------------------------------------------------------


@dataclass(frozen=True)
class Net:
    """A softmax classifier on given data; its loss depends on the parameters only.

    Attributes
    ----------
    acts : sequence of str
        Names of the L-1 hidden activations; keys of `ACTIVATIONS`.
    X : ndarray, shape (N, d_0)
    y : ndarray of int, shape (N,)
        Labels.
    reduction : str
        "mean" or "sum" over the examples.
    """

    acts: tuple[str, ...]
    X: np.ndarray
    y: np.ndarray
    reduction: str = "mean"

    def __post_init__(self):
        if self.reduction not in ("mean", "sum"):
            raise ValueError(f'reduction must be "mean" or "sum", not {self.reduction!r}')

    @property
    def weight(self):
        """What each example's loss is multiplied by."""
        return 1.0 / len(self.X) if self.reduction == "mean" else 1.0

    def forward(self, params):
        """Give pre-activations z_1 .. z_L and the inputs h_0 .. h_{L-1} of the layers."""
        zs, hs = network_forward(params, self.acts, self.X)
        return zs, hs[:-1]

    def loss(self, params):
        """Negative log-likelihood of the data."""
        return self.weight * nll_per_example(self.forward(params)[0][-1], self.y).sum()


def unit_gradient(net, params):
    """Gradient of a net's loss, exact to rounding, without a derivative formula.

    Every unit's pre-activation is moved once, for all examples together: its response is how each
    logit answers. Weighed with the slopes of the loss it is the unit's delta, and delta^T h is
    the gradient of its row of weights. The slopes of activations and loss are complex steps of
    the forward functions. A unit acts through the units above it, whose responses are known by
    then, so the cost is about K + 3 forward passes for K classes at any depth; see `unit_macs`.
    A ReLU at exactly 0 has slope 0 here.

    Parameters
    ----------
    net : Net
    params : list of (W, b), shapes (d_k, d_{k-1}) and (d_k,)

    Returns
    -------
    list of (dW, db), shapes as in params
    """
    params = [(np.asarray(W, np.float64), np.asarray(b, np.float64)) for W, b in params]
    zs, hs = net.forward(params)
    top = net.weight * _loss_slopes(zs[-1], net.y)
    deltas = [top]
    response = None
    for k in reversed(range(len(net.acts))):
        phi, W = ACTIVATIONS[net.acts[k]][0], params[k + 1][0]
        slope = complex_step(lambda t, phi=phi, z=zs[k]: phi(z + t))
        # The logits answer to themselves alone, so below them the matrix itself is the response.
        pushed = W.T[:, None, :] if response is None else np.tensordot(W.T, response, axes=1)
        response = slope.T[:, :, None] * pushed
        deltas.append(np.einsum("dnk,nk->nd", response, top))
    return [(delta.T @ h, delta.sum(axis=0)) for delta, h in zip(deltas[::-1], hs, strict=True)]


def _loss_slopes(F, y):
    """Derivative of each example's loss with respect to each of its logits, shape (N, K)."""
    columns = [
        complex_step(lambda t, e=e: nll_per_example(F + t * e, y)) for e in np.eye(F.shape[1])
    ]
    return np.stack(columns, axis=1)


def unit_macs(dims):
    """Multiply-adds per example of `unit_gradient`, and of one forward pass.

    Parameters
    ----------
    dims : sequence of int
        Layer sizes d_0 .. d_L.

    Returns
    -------
    (int, int)
    """
    layers = [m * n for m, n in zip(dims[1:], dims[:-1], strict=True)]
    hidden, K = dims[1:-1], dims[-1]
    pushes = K * sum(layers[1:-1])
    # forward pass and delta^T h; the slopes' factors and deltas; the steps of the loss
    return 2 * sum(layers) + pushes + 2 * K * sum(hidden) + K * K, sum(layers)


@dataclass(frozen=True)
class TensorCheck:
    """How far one tensor of a gradient is off, relative to its largest entry, and where most."""

    name: str
    error: float
    entry: tuple[int, ...] = ()


@dataclass(frozen=True)
class Verification:
    """What `verify_gradient` found; true if every tensor is within the tolerance."""

    tensors: tuple[TensorCheck, ...]
    tol: float

    def __bool__(self):
        return all(t.error <= self.tol for t in self.tensors)

    def __str__(self):
        lines = []
        for t in self.tensors:
            verdict = "ok" if t.error <= self.tol else f"not within {self.tol:.0e}"
            place = f", most at {list(t.entry)}" if t.entry else ""
            lines.append(f"{t.name:6} off by {t.error:.1e}{place}: {verdict}")
        return "\n".join(lines)


def verify_gradient(loss_or_net, params, grads, tol=TOL, rng=0):
    """Verify a gradient tensor by tensor: max|got - want| <= tol max|want|.

    Parameters
    ----------
    loss_or_net : Net or callable
        For a `Net`, every entry is compared with `unit_gradient`, at the cost of about K + 3
        forward passes. For any other analytic loss(params) -> number, each tensor is compared
        along two random directions (`random_directions`): two complex evaluations per tensor.
    params, grads : list of (W, b)
        Parameters, and the gradient claimed for them.
    tol : float
        Relative to the largest entry (for directions: to the norm) of each tensor.
    rng : int or numpy.random.Generator
        Draws the directions.

    Returns
    -------
    Verification
        False when any tensor is off, has another shape or is not finite; its text says which and
        where.

    Raises
    ------
    ValueError
        If the gradient has not one pair (dW, db) per layer.
    """
    if len(grads) != len(params) or any(len(pair) != 2 for pair in grads):
        raise ValueError(f"expected {len(params)} pairs (dW, db), one per layer")
    if isinstance(loss_or_net, Net):
        exact = unit_gradient(loss_or_net, params)
        checks = [_compare(name, got, want) for name, got, want in _tensors(grads, exact)]
    else:
        rng = np.random.default_rng(rng)
        checks = [
            _along(loss_or_net, params, i, name, got, rng)
            for i, (name, got, _) in enumerate(_tensors(grads, params))
        ]
    return Verification(tuple(checks), tol)


def _tensors(grads, others):
    """Yield (name, tensor, other) for dW1, db1, dW2, ..."""
    for k, (mine, other) in enumerate(zip(grads, others, strict=True), start=1):
        yield f"dW{k}", np.asarray(mine[0]), np.asarray(other[0])
        yield f"db{k}", np.asarray(mine[1]), np.asarray(other[1])


def _compare(name, got, want):
    if got.shape != want.shape or not np.all(np.isfinite(got)):
        return TensorCheck(name, float("inf"))
    off = np.abs(got - want)
    entry = tuple(int(i) for i in np.unravel_index(np.argmax(off), off.shape))
    size = np.abs(want).max()
    error = off[entry] / size if size else (float("inf") if off[entry] else 0.0)
    return TensorCheck(name, float(error), entry)


def _along(loss, params, i, name, got, rng):
    """Check one tensor of a general loss along random directions."""
    flat = [np.asarray(t, dtype=np.float64) for pair in params for t in pair]
    if got.shape != flat[i].shape or not np.all(np.isfinite(got)):
        return TensorCheck(name, float("inf"))

    def moved(t):
        tensors = [*flat[:i], t, *flat[i + 1 :]]
        return loss(list(zip(tensors[::2], tensors[1::2], strict=True)))

    return TensorCheck(name, float(random_directions(moved, flat[i], got, rng=rng).max()))
