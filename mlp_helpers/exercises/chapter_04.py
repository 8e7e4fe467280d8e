"""Chapter 04, the general L-layer recursion: what is asked (S1 sections 1-2, S3)."""

from __future__ import annotations

import numpy as np

from ..checking.exercise import Exercise, Requirement
from ..checking.requirements import (
    CostOfBackprop,
    own_memory,
    shape,
    stable,
    step,
    unchanged,
    value,
)
from ..gradcheck import Net, complex_step_jacobian, unit_gradient
from ..named import Named
from ..network import forward
from .bank import known_mistakes
from .draw import case, labels, single, strided, whole

HUGE = "values up to +-1000"
DTYPES = "integers and float32"

# Drawing networks ---------------------------------------------------------------------------


def _letters(dims):
    return {f"d_{k}": d for k, d in enumerate(dims)}


def _params(rng, dims, array=lambda a: a):
    """Weights of a size that neither saturates nor fades, biases that are not 0."""
    return [
        (array(1.2 * rng.standard_normal((m, n)) / np.sqrt(n)),
         array(0.4 * rng.standard_normal(m) + 0.3))
        for m, n in zip(dims[1:], dims[:-1], strict=True)
    ]


def _net(rng, dims, acts, N, array=lambda a: a):
    """Parameters, activations and a batch, wide enough that no layer of ramps is dead."""
    return _params(rng, dims, array), list(acts), array(rng.standard_normal((N, dims[0])) + 0.2)


def _float32(a):
    return a.astype(np.float32)


def _rounded(rng, dims, acts, N):
    """A net of whole numbers."""
    params = [(whole(rng, m, n), whole(rng, m)) for m, n in zip(dims[1:], dims[:-1], strict=True)]
    return params, list(acts), whole(rng, N, dims[0])


def _signs(rng, *size):
    return rng.choice([-1.0, 1.0], size) * rng.integers(1, 3, size)


def _saturated(rng, dims, acts, N):
    """Whole numbers below, so that hidden pre-activations of +-1000 have no rounding at all."""
    params = _params(rng, dims)
    W = _signs(rng, dims[1], dims[0])
    X = _signs(rng, N, dims[0])
    X[0] = 1000.0 * np.eye(dims[0])[0]
    X[1] = -1000.0 * np.eye(dims[0])[1]
    params[0] = (np.sign(W) * (1 + (np.arange(dims[0]) > 1)), _signs(rng, dims[1]))
    return _damped(params, 300), list(acts), X


def _damped(params, factor):
    """Scale layer 2 down: logits of the size that ramps pass on would be nothing but rounding."""
    return [params[0], (params[1][0] / factor, params[1][1]), *params[2:]]


def _tens(rng, dims, acts, N):
    """Pre-activations of some tens, where ramps are no longer bent but not yet straight."""
    params, acts, X = _net(rng, dims, acts, N)
    params[0] = (20 * params[0][0], params[0][1])
    return _damped(params, 10), acts, X


def _huge_logits(rng, N):
    """Three classes whose logits are whole numbers, +-1000 among them, rows far apart."""
    X = rng.permuted(np.tile([1.0, -1.0, 2.0, -2.0, 3.0], (N, 1)), axis=1)
    X[0] = [1000.0, 0.0, 0.0, 0.0, 0.0]
    X[1] = [-1000.0, 0.0, 0.0, 0.0, 0.0]
    copy = np.array([[1.0, 0, 0, 0, 0], [1.0, 1, 0, 0, 0], [-1.0, 0, 1, 0, 0], [0, 0, 0, 1, 1]])
    top = np.array([[1.0, 0, 0, 0], [0, 1.0, 0, 1], [0, 0, 1.0, 0]])
    params = [(copy, np.array([0.0, 1.0, 2.0, 0.0])),
              (top[rng.permutation(3)], np.array([0.0, -1.0, 0.0]))]
    return params, ["linear"], X


# (dims, hidden activations, N): sizes pairwise different twice, all equal once.
DEEP = ((7, 13, 5, 11, 3), ("relu", "sigmoid", "linear"), 17)
MIDDLE = ((5, 7, 11, 3), ("tanh", "softplus"), 13)
EQUAL = ((5, 5, 5, 5), ("softplus", "tanh"), 5)
SMALL = ((3, 7, 5), ("sigmoid",), 4)
# One activation in two layers, of different and of equal widths: looked up by its name, it is the
# first of them.
AGAIN = ((5, 7, 11, 6, 3), ("tanh", "softplus", "tanh"), 6)
AGAIN_EQUAL = ((4, 6, 6, 6, 3), ("sigmoid", "tanh", "sigmoid"), 7)
DEEPEST = ((3, 5, 4, 6, 5, 7, 4, 6, 5, 3, 4, 5, 3),
           ("tanh", "softplus", "sigmoid", "linear", "relu", "tanh", "softplus", "linear",
            "sigmoid", "tanh", "softplus"), 5)
LARGE = ((17, 23, 19), ("tanh",), 53)
LEAST = ((1, 1, 1, 2), ("tanh", "softplus"), 1)
EVERY = ((3, 7, 5, 11, 6, 13, 4), ("linear", "tanh", "softplus", "relu", "sigmoid"), 7)


def _drawn(rng, one):
    """Groups shared by the forward pass and backprop; `one` turns a net into a case."""
    return {
        "generic": [
            one(_net(rng, *MIDDLE)),
            one(_net(rng, *DEEP, array=strided)),
            one(_net(rng, *EQUAL)),
            one(_net(rng, *EVERY)),
            one(_net(rng, *AGAIN)),
            one(_net(rng, *AGAIN_EQUAL)),
            one(_net(rng, *DEEPEST)),
        ],
        "huge": [one(_huge_logits(rng, 4), scale=1.0),
                 one(_saturated(rng, (3, 7, 5), ["softplus"], 4)),
                 one(_saturated(rng, (3, 5, 7, 4), ["tanh", "softplus"], 5)),
                 one(_saturated(rng, (3, 7, 4), ["sigmoid"], 5)),
                 one(_saturated(rng, (3, 5, 4), ["relu"], 7)),
                 one(_tens(rng, (3, 11, 4), ["softplus"], 7))],
        "least": [one(_net(rng, (5, 3), (), 7)), one(_net(rng, (5, 7, 11, 3), MIDDLE[1], 1)),
                  # 1 - h^2 of a lone unit may be nothing but rounding: hence the scale
                  one(_net(rng, *LEAST), scale=1.0), one(_net(rng, (1, 2), (), 1)),
                  one(_net(rng, *LARGE))],
        "dtypes": [one(_rounded(rng, (4, 5, 3), ["tanh"], 7)),
                   one(_net(rng, *SMALL, array=_float32))],
        "twice": [one(_net(rng, *SMALL)), one(_net(rng, *SMALL))],
    }


def _sizes(net):
    params, _, X = net
    return {"N": len(X), **_letters([X.shape[1], *(len(W) for W, _ in params)])}


def _forward_cases(rng):
    return _drawn(rng, lambda net, scale=0.0: case(*net, scale=scale, **_sizes(net)))


def _backprop_cases(rng):
    def one(net, scale=0.0):
        N, K = len(net[2]), len(net[0][-1][1])
        return case(*net, labels(rng, N, K), scale=scale, **_sizes(net))

    dims = (13, 17, 19, 17, 13, 19, 17, 13, 7)
    acts = ("tanh", "sigmoid", "softplus", "linear", "relu", "tanh", "softplus")
    smooth = ("tanh", "softplus", "sigmoid")
    shapes = ((3, 5, 7, 4), (5, 7, 3, 11), (7, 3, 5, 6))
    return _drawn(rng, one) | {
        "cost": [one(_net(rng, dims, acts, 2))],
        "steps": [one(_net(rng, shape, (smooth[i], smooth[i - 1]), 1))
                  for i, shape in enumerate(shapes)],
        "steps_square": [one(_net(rng, (5,) * 4, (smooth[i], smooth[i - 1]), 1)) for i in (0, 1)],
        "deep": [one(_net(rng, (9, 7, 11, 8) * 8 + (5,), (acts * 5)[:31], 1))],
    }


def _shape_cases(rng):
    """Networks that fit, and networks with one thing wrong."""

    def one(dims, d=None, change=None, note=None):
        params = _params(rng, dims)
        if change is not None:
            k, pair = change
            W, b = params[k]
            params[k] = pair(W, b)
        d = dims[0] if d is None else d
        return case(params, d, **_letters(dims))

    def column(W, b):
        return W, b[:, None]

    def row(W, b):
        return W, b[None, :]

    def flipped(W, b):
        return W.T, b

    def short(W, b):
        return W, b[:-1]

    def number(W, b):
        return W, np.array(b[0])

    def flat(W, b):
        return W.ravel(), b

    def stack(W, b):
        return W[:, :, None], b

    dims, flat_dims = (5, 7, 11, 3), (4, 4, 4, 4)
    return {
        "generic": [one(dims), one((7, 3)), one(flat_dims), one((2, 13, 5, 3, 11)),
                    one(dims, d=7), one(dims, d=3), one(flat_dims, d=5)],
        "chain": [one(dims, change=(k, flipped)) for k in range(3)]
        + [one(dims, change=(2, lambda W, b: (W[:, 1:], b))),
           one(dims, change=(1, lambda W, b: (W[1:], b[1:]))),
           one(flat_dims, change=(2, lambda W, b: (np.zeros((4, 5)), b))),
           one((1, 1, 1), change=(1, lambda W, b: (np.zeros((1, 2)), b))),
           one(dims)],
        "biases": [one(dims, change=(k, pair)) for k in range(3) for pair in (column, row, short)]
        + [one(flat_dims, change=(1, pair)) for pair in (column, row, number)]
        + [one((3, 1, 2), change=(0, pair)) for pair in (column, number)]
        + [one((3, 1, 2))],
        "axes": [one(dims, change=(1, flat)), one(dims, change=(0, stack)),
                 one((1, 3), change=(0, flat)), one((3, 1), change=(0, flat)), one((1, 3))],
        "twice": [one(dims), one(dims, d=6)],
    }


def _layer_cases(rng):
    def one(delta, h):
        return case(delta, h, d_m=len(delta), d_below=len(h))

    def draw(*n):
        return rng.standard_normal(n)

    return {
        "generic": [one(draw(5), draw(3)), one(strided(draw(3)), strided(draw(7))),
                    one(draw(5), draw(5) + 1.0), one(draw(11), draw(2))],
        "one": [one(draw(1), draw(5)), one(draw(7), draw(1))],
        "dtypes": [one(whole(rng, 5), whole(rng, 3)), one(single(rng, 3), single(rng, 7))],
        "twice": [one(draw(5), draw(3)), one(draw(5), draw(3))],
    }


def _step_cases(rng):
    def slope():
        return Named("quadratic_slope", tuple(map(float, rng.uniform(0.4, 1.4, 3))))

    def one(W, delta, z, phi_prime=None, scale=0.0):
        return case(W, delta, z, phi_prime or slope(), scale=scale, d_next=len(W), d_m=len(z))

    def draw(*n):
        return rng.standard_normal(n)

    z = draw(7)
    z[::2] = -np.abs(z[::2])
    z[1::2] = np.abs(z[1::2])
    return {
        "generic": [one(draw(5, 3), draw(5), draw(3)),
                    one(strided(draw(3, 7)), strided(draw(3)), strided(draw(7))),
                    one(draw(5, 5), draw(5), draw(5)),
                    one(draw(2, 11), draw(2), draw(11))],
        "gate": [one(draw(5, 7), draw(5), z, Named("gate_slope"))],
        "one": [one(draw(1, 5), draw(1), draw(5)), one(draw(5, 1), draw(5), draw(1))],
        # Weights of one sign times deltas of one sign: the answer is never all zero.
        "dtypes": [one(whole(rng, 5, 3) - 1, whole(rng, 5) + 3, whole(rng, 3), scale=1.0),
                   one(single(rng, 3, 7), single(rng, 3), single(rng, 7))],
        "twice": [one(draw(5, 3), draw(5), draw(3)) for _ in range(2)],
    }


def _flatten_cases(rng):
    def one(params):
        return case(params, L=len(params), P=sum(W.size + b.size for W, b in params))

    return {
        "generic": [one(_params(rng, (5, 7, 11, 3))), one(_params(rng, (3, 5, 2))),
                    one(_params(rng, (4, 4, 4, 4))), one(_params(rng, (7, 2, 13, 5, 3)))],
        "layout": [one(_params(rng, (5, 7, 3), array=np.asfortranarray)),
                   one(_params(rng, (5, 7, 3), array=strided))],
        "least": [one(_params(rng, (5, 3))), one(_params(rng, (3, 1)))],
        "twice": [one(_params(rng, (3, 5, 2))) for _ in range(2)],
    }


def _macs_cases(rng):
    def one(dims, B):
        return case(list(dims), B, B=B, **_letters(dims))

    odd = [int(d) for d in rng.permutation([3, 5, 7, 11, 13, 17])]
    return {
        "generic": [one(odd[:4], 19), one(odd, 23), one((7, 7, 7, 7), 5), one(odd[2:5], 2)],
        "least": [one((5, 3), 7), one(odd[:4], 1), one((11, 1), 13)],
        "large": [one((100_003, 70_001, 50_021, 10), 4099)],
        "twice": [one(odd[:3], 5), one(odd[1:4], 7)],
    }


# Oracles ------------------------------------------------------------------------------------


def _check_shapes(params, d):
    for W, b in params:
        if W.ndim != 2 or W.shape[1] != d or b.shape != (W.shape[0],):
            return False
        d = W.shape[0]
    return True


def _layer_grads(delta, h_prev):
    """From the loss delta . (W h + b), differentiated by complex step."""
    delta, h = np.asarray(delta, dtype=float), np.asarray(h_prev, dtype=float)
    W, b = np.zeros((len(delta), len(h))), np.zeros(len(delta))
    return (complex_step_jacobian(lambda W: delta @ (W @ h), W),
            complex_step_jacobian(lambda b: delta @ b, b))


def _backward_step(W_next, delta_next, z, phi_prime):
    """Chain rule, written over single entries."""
    slopes = phi_prime(np.asarray(z, dtype=float))
    sums = [sum(float(W_next[i, j]) * float(delta_next[i]) for i in range(len(delta_next)))
            for j in range(len(z))]
    return np.array(sums) * slopes


def _mlp_backprop(params, acts, X, y):
    X = np.asarray(X, dtype=float)
    return unit_gradient(Net(tuple(acts), X, y), params)


def _flatten_params(params):
    return np.array([float(v) for pair in params for part in pair for v in part.ravel()])


def _forward_macs(dims, B):
    return float(sum(B * m * n for m, n in zip(dims[1:], dims[:-1], strict=True)))


def _macs_of_case(params, acts, X, y):
    return len(X) * sum(W.size for W, _ in params)


class CostOnTwoNets(CostOfBackprop):
    """The cost of backprop, counted on a net of 8 layers and on one of 32.

    What is run again for every layer, a forward pass or the way back from the top, costs little on
    a shallow net and more and more on a deep one; backprop costs the same share on both.
    """

    def __call__(self, trial, group):
        finding = super().__call__(trial, group)
        if finding is None or not finding.passed:
            return finding
        deep = super().__call__(trial, "deep")
        return finding if deep.passed else deep


def _stepwise():
    from .steps.chapter_04 import STEPWISE

    return STEPWISE


EXERCISES = (
    Exercise(
        id="check_shapes",
        chapter="04",
        title="Do the layers fit together?",
        signature="check_shapes(params, d)",
        returns="the answer",
        minutes=8,
        lines=5,
        section="Any number of layers",
        draw=_shape_cases,
        oracle=_check_shapes,
        requirements=(
            shape(0.25, "a bool"),
            value(0.5, "fits, or another input size"),
            value(0.5, "a layer that breaks the chain", "chain"),
            value(0.25, "biases that are not (d_k,)", "biases"),
            value(0.25, "weights with another number of axes", "axes"),
            unchanged(0.25),
        ),
        hints=(
            "Walk through the layers with one number in your hand: the size of what comes in. "
            "Which axis of W must equal it, and what is the number after this layer?",
            "W.shape must be (len(b), size) and b.shape must be (W.shape[0],). Compare whole "
            "shapes: a bias of shape (d_k, 1) has d_k rows as well.",
            "for W, b in params:\n"
            "    if W.ndim != 2 or W.shape[1] != d or b.shape != ...:\n"
            "        return False\n"
            "    d = ...\n"
            "return True",
        ),
        bank=known_mistakes("04", "check_shapes"),
    ),
    Exercise(
        id="mlp_forward",
        chapter="04",
        title="Forward through any number of layers",
        signature="mlp_forward(params, acts, X)",
        returns=("zs", "hs"),
        minutes=15,
        lines=9,
        section="Forward through any number of layers",
        draw=_forward_cases,
        oracle=forward,
        tol=1e-13,  # a forward pass has no cancellation to speak of; 1e-12 is a favourite epsilon
        requirements=(
            shape(0.5),
            value(2.0),
            value(1.0, HUGE, "huge"),
            value(0.5, "smallest and largest sizes", "least"),
            value(0.5, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "The same two lines are run once per layer. Which list does the next layer read from, "
            "and what is different at the last layer?",
            "Rows are examples: Z = H @ W.T + b. Append Z to zs and phi(Z) to hs. After the loop "
            "hs has L+1 entries and zs has L. Stable forms: np.logaddexp(0, z) for softplus.",
            "hs, zs = [X], []\n"
            "for (W, b), name in zip(params, [*acts, 'softmax']):\n"
            "    zs.append(hs[-1] @ ... + ...)\n"
            "    hs.append(...)\n"
            "return zs, hs",
        ),
        bank=known_mistakes("04", "mlp_forward"),
    ),
    Exercise(
        id="layer_grads",
        chapter="04",
        title="The gradient of one layer's parameters",
        signature="layer_grads(delta, h_prev)",
        returns=("dW", "db"),
        minutes=6,
        lines=2,
        section="What a layer needs for its own gradient",
        draw=_layer_cases,
        oracle=_layer_grads,
        requirements=(
            shape(0.25),
            value(0.5),
            value(0.25, "layers of one unit", "one"),
            value(0.25, DTYPES, "dtypes"),
            own_memory(0.25, "db is an array of its own"),
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "W_ij multiplies h_j and adds to z_i. By how much does the loss change when W_ij "
            "moves, if delta_i says how it changes with z_i?",
            "dW_ij = delta_i h_j for all pairs i, j: which product of two vectors holds all "
            "products of their entries? For b the factor h_j is 1.",
            "return np.outer(..., ...), delta....",
        ),
        bank=known_mistakes("04", "layer_grads"),
    ),
    Exercise(
        id="backward_step",
        chapter="04",
        title="One layer back",
        signature="backward_step(W_next, delta_next, z, phi_prime)",
        returns="delta",
        minutes=8,
        lines=2,
        section="One layer back",
        draw=_step_cases,
        oracle=_backward_step,
        requirements=(
            shape(0.5),
            value(1.25),
            value(0.25, "closed gates", "gate"),
            value(0.25, "layers of one unit", "one"),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "h_j feeds every unit i of the layer above, through W_ij. Over which index do you sum "
            "to collect what comes back to unit j?",
            "sum_i W_ij delta_i is entry j of W^T delta. The activation acts on each unit for "
            "itself, so its slope multiplies entry by entry.",
            "return (... @ delta_next) * phi_prime(...)",
        ),
        bank=known_mistakes("04", "backward_step"),
    ),
    Exercise(
        id="mlp_backprop",
        chapter="04",
        title="Backprop through L layers",
        signature="mlp_backprop(params, acts, X, y)",
        returns="grads",
        minutes=25,
        lines=10,
        section="Backprop through L layers",
        draw=_backprop_cases,
        oracle=_mlp_backprop,
        requirements=(
            shape(0.5),
            step(0.25, "db_3"),
            step(0.25, "dW_3", "db_3"),
            step(0.75, "db_2", "db_3"),
            step(0.25, "dW_2", "db_2"),
            step(0.75, "db_1", "db_2"),
            step(0.25, "dW_1", "db_1"),
            value(2.0, "value, for a batch"),
            value(0.75, HUGE, "huge"),
            value(0.5, "smallest and largest sizes", "least"),
            value(0.5, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.5),
            Requirement("cost of backprop", 0.5, CostOnTwoNets(_macs_of_case), "cost",
                        needs_value=True, says_anyway=True, costly=True),
        ),
        hints=(
            "You have one number per example and unit of the top layer: the derivative of the "
            "mean loss with respect to its logits. Which two gradients does it give at once, and "
            "how does it get one layer down?",
            "Delta_L = (P - one-hot) / N. For k = L .. 1: dW_k = Delta_k^T H_{k-1}, db_k = sum of "
            "Delta_k over examples; then Delta_{k-1} = (Delta_k W_k) * phi'(Z_{k-1}), if k > 1.",
            "zs, hs = mlp_forward(params, acts, X)\n"
            "delta = hs[-1].copy(); delta[np.arange(N), y] -= 1; delta /= N\n"
            "grads = []\n"
            "for k in reversed(range(len(params))):\n"
            "    grads.append((..., ...))\n"
            "    if k > 0:\n"
            "        delta = ...\n"
            "return grads[::-1]",
        ),
        bank=known_mistakes("04", "mlp_backprop"),
        stepwise=_stepwise,
    ),
    Exercise(
        id="flatten_params",
        chapter="04",
        title="All parameters in one vector",
        signature="flatten_params(params)",
        returns="theta",
        minutes=5,
        lines=1,
        section="All parameters in one vector",
        draw=_flatten_cases,
        oracle=_flatten_params,
        tol=1e-15,  # nothing is computed
        requirements=(
            shape(0.25),
            value(0.75),
            value(0.25, "any memory layout", "layout"),
            value(0.25, "a single layer", "least"),
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "Which of the two comes first in each layer, W or b? And in which order do you read "
            "the entries of a matrix, along rows or along columns?",
            "W.ravel() reads row by row. np.concatenate joins a list of one-dimensional arrays: "
            "W_1, b_1, W_2, b_2, ...",
            "return np.concatenate([part.ravel() for ... in params for part in ...])",
        ),
        bank=known_mistakes("04", "flatten_params"),
    ),
    Exercise(
        id="forward_macs",
        chapter="04",
        title="Counting the work",
        signature="forward_macs(dims, B)",
        returns="multiply-accumulates",
        minutes=5,
        lines=1,
        section="What a gradient costs",
        draw=_macs_cases,
        oracle=_forward_macs,
        requirements=(
            shape(0.25, "one number"),
            value(0.75),
            value(0.25, "one layer, one example", "least"),
            value(0.5, "a large net", "large"),
            unchanged(0.25),
        ),
        hints=(
            "How many products does one entry of z_k take, how many entries has z_k, and for how "
            "many examples is it computed?",
            "Layer k: B d_k d_{k-1}. Neighbours in the list dims belong together: "
            "zip(dims[:-1], dims[1:]).",
            "return B * sum(... for m, n in zip(dims[:-1], dims[1:]))",
        ),
        bank=known_mistakes("04", "forward_macs"),
    ),
)
