"""The reference flow graph: a small reverse-mode engine (S3 flow graph, S2 computation graph).

A graph is plain data: ``spec`` is a list of ``(name, op, inputs)`` in any order, and names that are
no box are leaves. Every box runs its fprop once and its bprop once, however many paths lead through
it. The forward pass accepts complex leaves, so that a complex step through it is a derivative.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

import numpy as np

from .activations import as_float, relu, relu_prime, softmax


@dataclass(frozen=True)
class Op:
    """What a kind of box does.

    Attributes
    ----------
    fprop : callable
        ``fprop(*inputs) -> value``.
    bprop : callable
        ``bprop(g, value, *inputs)`` -> one gradient per input; g is dL/dvalue.
    """

    fprop: Callable
    bprop: Callable


OPS = {
    "add": Op(np.add, lambda g, v, a, b: (_shrink(g, a), _shrink(g, b))),
    "sub": Op(np.subtract, lambda g, v, a, b: (_shrink(g, a), _shrink(-g, b))),
    "mul": Op(np.multiply, lambda g, v, a, b: (_shrink(g * b, a), _shrink(g * a, b))),
    "matvec": Op(np.matmul, lambda g, v, W, x: (np.multiply.outer(g, x), g @ W)),
    "dot": Op(np.dot, lambda g, v, a, b: (g * b, g * a)),
    "tanh": Op(np.tanh, lambda g, v, a: (g * (1 - v * v),)),
    "relu": Op(relu, lambda g, v, a: (g * relu_prime(a),)),
    "sum": Op(np.sum, lambda g, v, a: (np.broadcast_to(g, a.shape),)),
}


def _shrink(g, like):
    """Add up g over the axes along which `like` was broadcast."""
    if g.shape == like.shape:
        return g
    g = g.sum(axis=tuple(range(g.ndim - like.ndim)))
    widened = tuple(i for i, n in enumerate(like.shape) if n == 1)
    return g.sum(axis=widened, keepdims=True)


# Structure -----------------------------------------------------------------------------------


def needed(spec, root):
    """Collect what root needs, root included.

    Returns
    -------
    dict of str to tuple of str
        Inputs of every needed box; () for a leaf.
    """
    boxes = {name: tuple(inputs) for name, _, inputs in spec}
    found, waiting = {}, [root]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = boxes.get(name, ())
            waiting.extend(found[name])
    return found


def topological_order(spec, root):
    """Order what root needs so that every box comes after its inputs (S3 flow graph).

    Parameters
    ----------
    spec : list of (name, op, inputs)
        In any order.
    root : str

    Returns
    -------
    list of str
        Leaves included, root last. One of several valid orders.

    Raises
    ------
    ValueError
        If the graph has a cycle.
    """
    try:
        return list(TopologicalSorter(needed(spec, root)).static_order())
    except CycleError as error:
        raise ValueError(f"the graph has a cycle: {' -> '.join(error.args[1])}") from None


def boxes_needing_bprop(spec, root, params):
    """List the boxes and parameters on a path from a parameter to root (S3 flow graph).

    Parameters
    ----------
    spec, root
        As in `topological_order`.
    params : iterable of str
        Leaves whose gradient is wanted.

    Returns
    -------
    list of str
        Sorted names.
    """
    wanted, inputs = set(params), needed(spec, root)
    for name in topological_order(spec, root):
        if not wanted.isdisjoint(inputs[name]):
            wanted.add(name)
    return sorted(wanted & inputs.keys())


# fprop and bprop -----------------------------------------------------------------------------


def plan(spec, root):
    """List what has to run, in order: (name, op, inputs) of needed boxes.

    Raises
    ------
    ValueError
        If an op is unknown, or the graph has a cycle.
    """
    boxes = {name: (name, op, tuple(inputs)) for name, op, inputs in spec}
    steps = [boxes[name] for name in topological_order(spec, root) if name in boxes]
    if unknown := sorted({op for _, op, _ in steps} - OPS.keys()):
        raise ValueError(f"no op is called {unknown[0]!r}; use {', '.join(OPS)}")
    return steps


def run(steps, values):
    """Run the boxes of a plan forwards.

    Parameters
    ----------
    steps : list of (name, op, inputs)
        As `plan` gives it.
    values : dict of str to ndarray
        Values of the leaves; complex ones are welcome.

    Returns
    -------
    dict of str to ndarray
        Leaves and boxes.

    Raises
    ------
    ValueError
        If a leaf has no value.
    """
    found = dict(values)
    for name, op, inputs in steps:
        if missing := [i for i in inputs if i not in found]:
            raise ValueError(f"{missing[0]!r} is neither a box nor a leaf with a value")
        found[name] = OPS[op].fprop(*(found[i] for i in inputs))
    return found


def fprop_bprop(spec, values, root):
    """Value of a scalar root and its gradient with respect to every leaf, in one backward pass.

    Parameters
    ----------
    spec, root
        As in `topological_order`.
    values : dict of str to array_like
        Values of the leaves; computed in float64.

    Returns
    -------
    value : float
    grads : dict of str to ndarray
        One gradient per leaf in `values`, of the leaf's shape; zeros where root needs it not.

    Raises
    ------
    ValueError
        As `plan` and `run`, and if root is not a single number.
    """
    steps = plan(spec, root)
    found = run(steps, {name: np.asarray(v, dtype=np.float64) for name, v in values.items()})
    if root not in found:
        raise ValueError(f"{root!r} is neither a box nor a leaf with a value")
    if np.ndim(found[root]) != 0:
        raise ValueError(
            f"the root {root!r} has shape {np.shape(found[root])}; a gradient needs a single number"
        )
    grads = {name: np.zeros(np.shape(v)) for name, v in found.items()}
    grads[root] = np.ones(())
    for name, op, inputs in reversed(steps):
        shares = OPS[op].bprop(grads[name], found[name], *(found[i] for i in inputs))
        for i, share in zip(inputs, shares, strict=True):
            grads[i] = grads[i] + share
    return float(found[root]), {name: grads[name] for name in values}


# Two boxes that a network is made of ---------------------------------------------------------


def linear_bprop(W, b, x, g):
    """Backward pass of the box z = W x + b.

    Parameters
    ----------
    W, b, x : ndarrays, shapes (m, n), (m,), (n,)
    g : ndarray, shape (m,)
        Upstream gradient dL/dz.

    Returns
    -------
    gx, gW, gb : ndarrays, shapes (n,), (m, n), (m,)
    """
    W, x, g = (as_float(a) for a in (W, x, g))
    return g @ W, np.multiply.outer(g, x), g.copy()


def softmax_nll_bprop(F, y, g):
    """Backward pass of the box L = sum over n of -log softmax(F[n])[y_n].

    Parameters
    ----------
    F : ndarray, shape (N, K)
        Logits.
    y : ndarray of int, shape (N,)
    g : float
        Upstream gradient with respect to L.

    Returns
    -------
    ndarray, shape (N, K)
    """
    P = softmax(F)
    P[np.arange(len(P)), y] -= 1
    return g * P
