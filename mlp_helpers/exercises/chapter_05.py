"""Chapter 05, the ReLU network and its kinks: what is asked (S4)."""

from __future__ import annotations

import numpy as np

from ..activations import as_float, logsumexp, relu, relu_prime
from ..checking.exercise import Exercise
from ..checking.requirements import cost, shape, stable, step, unchanged, value
from ..checking.values import Named
from ..gradcheck import STEP
from .bank import known_mistakes
from .draw import case, labels, strided, whole

DTYPES = "integers and float32"
HUGE = "huge logits (largest 1000)"
FAR = "rows far apart"
ZERO = "pre-activations exactly 0"
NEXT = "pre-activations at 0 and next to it"
CLOSE = "numbers close to 0"
SHAPES = "one axis, three axes"
GRADS = ("err", "dW1", "db1", "dW2", "db2")
DIFFERENCE_TOL = 1e-10
TINY = 2.0**-30

# Cases ----------------------------------------------------------------------------------------


def _signs(rng, n):
    """Both signs, in random order."""
    return rng.permutation(np.where(np.arange(n) % 2 == 0, 1.0, -1.0))


def _offsets(rng, n):
    """Biases well away from 0, of both signs."""
    return rng.uniform(0.3, 0.9, n) * _signs(rng, n)


def _elementwise_cases(rng):
    """Arrays of both signs for `relu` and `relu_prime`; the answers do not depend on a scale."""

    def mixed(*shape):
        return rng.uniform(0.05, 2.0, shape) * _signs(rng, int(np.prod(shape))).reshape(shape)

    def close(size, *shape):
        return size * mixed(*shape)

    with_zeros = mixed(5, 3)
    with_zeros[[0, 2, 4], [1, 0, 2]] = 0.0
    first = mixed(5, 3)
    return {
        "generic": [case(mixed(5, 3)), case(strided(mixed(3, 7))), case(30 * mixed(5, 5)),
                    case(np.asfortranarray(mixed(7, 11))), case(np.abs(mixed(1, 1))),
                    case(mixed(61, 23))],
        "shapes": [case(mixed(11)), case(mixed(3, 5, 2))],
        "zero": [case(with_zeros), case(rng.permutation(np.arange(-3, 4)).reshape(7, 1))],
        "close": [case(close(1e-6, 3, 5)), case(close(1e-13, 5, 3)), case(close(1e-305, 3, 5))],
        "twice": [case(first), case(-first)],
    }


def _hidden(rng, h, d):
    """W1 and b1."""
    return rng.standard_normal((h, d)) / np.sqrt(d), _offsets(rng, h)


def _parameters(rng, d, h, K):
    """W1, b1, W2, b2 of generic numbers."""
    return (*_hidden(rng, h, d), 0.8 * rng.standard_normal((K, h)), _offsets(rng, K))


def _one_hot(y, K):
    return np.eye(K)[y]


def _network(rng, N, d, h, K):
    """Parameters, examples and one-hot labels; in every row some gates are open."""
    W1, b1, W2, b2 = _parameters(rng, d, h, K)
    X = rng.standard_normal((N, d)) + 0.2
    while (closed := (X @ W1.T + b1 > 0).sum(axis=1) < 2).any():
        X[closed] = rng.standard_normal((closed.sum(), d)) + 0.2
    return W1, b1, W2, b2, X, _one_hot(labels(rng, N, K), K)


def _smallest_network(rng):
    """One example, one input, one unit, and its gate open; two classes."""
    W1, _, W2, b2 = _parameters(rng, 1, 1, 2)
    X = rng.standard_normal((1, 1)) + 0.2
    return W1, 0.7 + np.abs(W1 @ X[0]), W2, b2, X, _one_hot(labels(rng, 1, 2), 2)


def _awkward_layout(args):
    """The same numbers, none of the matrices in row-major order."""
    W1, b1, W2, b2, X, Y = args
    return (strided(W1), strided(b1), np.asfortranarray(W2), b2, strided(X),
            np.asfortranarray(Y))


def _at_zero(rng, N, d, h, K):
    """Unit j is exactly 0 for example j mod N, or 2^-30 above; whole numbers keep that exact."""
    W1, b1, W2, b2, X, Y = _network(rng, N, d, h, K)
    W1, X = rng.integers(1, 4, (h, d)) * _signs(rng, d), rng.integers(-3, 4, (N, d)) + 0.0
    b1 = np.arange(h) % 3 // 2 * TINY - np.array([X[j % N] @ W1[j] for j in range(h)])
    # Logits of ordinary size: a sure softmax would hide what the gates let through.
    W2 *= 1.5 / np.abs(relu(X @ W1.T + b1) @ W2.T).max()
    return W1, b1, W2, b2, X, Y


def _whole_network(rng, N, d, h, K):
    """Integers everywhere; even products and odd biases keep every unit away from 0."""
    return (2 * whole(rng, h, d), 2 * whole(rng, h) + 1, whole(rng, K, h), whole(rng, K),
            whole(rng, N, d), _one_hot(labels(rng, N, K), K).astype(np.int64))


def _single_network(rng, N, d, h, K):
    return tuple(a.astype(np.float32) for a in _network(rng, N, d, h, K))


def _huge_outputs(rng, N, d, h, K):
    """The bias b2 drives the largest logit to 1000, a near rival beside it, another to -1000."""
    W1, b1, W2, b2, X, Y = _network(rng, N, d, h, K)
    b2[:] = -1900.0 + 300.0 * rng.uniform(0.0, 1.0, K)  # a shift by the mean overflows as well
    b2[:3] = rng.permutation([0.0, rng.uniform(-0.9, -0.3), -2000.0])
    return W1, b1, W2, b2 + 1000.0 - _logits(W1, b1, W2, b2, X).max(), X, Y


def _far_outputs(rng, N, d, h, K):
    """The first hidden unit moves all logits of a row together, by hundreds."""
    W1, b1, W2, b2, X, Y = _network(rng, N, d, h, K)
    X[:, 0] = rng.permutation(np.linspace(0.5, 4.5, N))
    W1[0], b1[0] = np.eye(d)[0], 0.4
    W2[:, 0] += 300.0
    return W1, b1, W2, b2, X, Y


def _telling(rng, d, h, K):
    """One example whose gates cannot be told from one input, and whose label is very unlikely.

    So a wrong gate, or a constant inside a logarithm, is seen whatever the seed is.
    """
    while True:
        W1, b1, W2, b2, X, _ = _network(rng, 1, d, h, K)
        gates = W1 @ X[0] + b1 > 0
        by_one_input = W1 * X[0] + b1[:, None] > 0
        if (by_one_input != gates[:, None]).any(axis=0).all():
            break
    b2[0] += _logits(W1, b1, W2, b2, X).max() - _logits(W1, b1, W2, b2, X)[0, 0] - 9.0
    return W1, b1, W2, b2, X, _one_hot([0], K)


def _last_unit_open(network):
    """The same network with a bias that opens the last unit for every example."""
    W1, b1, W2, b2, X, Y = network
    b1 = np.append(b1[:-1], 0.7 + np.abs(X @ W1[-1]).max())
    return W1, b1, W2, b2, X, Y


def _grad_cases(rng):
    def one(args, **more):
        W1, _, W2, _, X, _ = args
        return case(*args, **more, N=len(X), d=X.shape[1], h=len(W1), K=len(W2))

    return {
        "generic": [
            one(_network(rng, 7, 3, 11, 5)),
            one(_awkward_layout(_network(rng, 11, 7, 3, 5))),
            one(_network(rng, 5, 5, 5, 5)),
            one(_network(rng, 1, 3, 7, 5)),
            one(_smallest_network(rng), scale=1.0),  # its error may be next to nothing
            one(_network(rng, 61, 2, 23, 13)),
            one(_network(rng, 2, 31, 3, 2)),
        ],
        "steps": [one(_last_unit_open(_network(rng, 1, 3, 11, 5))), one(_telling(rng, 7, 5, 3))],
        "steps_square": [one(_network(rng, 1, 5, 5, 5)) for _ in range(2)],
        # Sums of 1000 and rounding errors of 300 * (sum of p - y) are no fault: hence the scale.
        "huge": [one(_huge_outputs(rng, 7, 3, 11, 5), scale=1000.0)],
        "far": [one(_far_outputs(rng, 7, 3, 11, 5), scale=1000.0)],
        "zero": [one(_at_zero(rng, 5, 3, 7, 11)), one(_at_zero(rng, 3, 7, 11, 5))],
        "dtypes": [one(_whole_network(rng, 5, 3, 7, 11), scale=1.0),
                   one(_single_network(rng, 7, 5, 3, 11))],
        # Two classes: summing S4's dz_k/dw over k is honest work and stays cheap.
        "cost": [one(_network(rng, 2, 29, 31, 2))],
        "twice": [one(_network(rng, 5, 3, 7, 11)) for _ in range(2)],
    }


def _dzk_cases(rng):
    def net(N, d, h, K):
        W1, b1, W2, _, X, _ = _network(rng, 1, d, h, K)
        return W1, b1, W2, X[0]

    def one(args, k, **more):
        W1, b1, W2, x = args
        sizes = {"d": len(x), "h": len(W1), "K": len(W2)}
        return case(W1, b1, W2, x, k, **more, **sizes)

    def smallest():
        W1, b1, W2, _, X, _ = _smallest_network(rng)
        return W1, b1, W2, X[0]

    def at_zero(d, h, K):
        W1, _, W2, _, X, _ = _at_zero(rng, 2, d, h, K)
        return W1, np.array([0.0, TINY, 1.0])[np.arange(h) % 3] - W1 @ X[0], W2, X[0]

    W1, b1, W2, x = net(1, 7, 5, 3)
    whole_net = _whole_network(rng, 3, 5, 7, 11)
    return {
        "generic": [
            one(net(1, 3, 7, 5), int(rng.integers(1, 4))),
            one((strided(W1), strided(b1), np.asfortranarray(W2), strided(x)), 1),
            one(net(1, 5, 5, 5), 0),
            one(net(1, 11, 3, 7), 6),
            one(smallest(), int(rng.integers(0, 2))),
            one(net(1, 23, 53, 11), 7),
        ],
        "zero": [one(at_zero(3, 7, 5), 2), one(at_zero(5, 11, 3), 1)],
        # the output weights are no integers, so that an integer array cannot hold the answer
        "dtypes": [one((*whole_net[:2], 0.25 + whole_net[2], whole_net[4][0]), 3),
                   one(tuple(a.astype(np.float32) for a in net(1, 5, 7, 3)), 1)],
        "twice": [one(net(1, 3, 7, 5), 2) for _ in range(2)],
    }


def _one_sided_cases(rng):
    def bent(at_kink):
        """A line bent at c plus a curve; x at the kink, or a little beside it."""
        c = float(rng.uniform(-1.0, 1.0))
        slopes = rng.permutation([rng.uniform(-2.0, -0.5), rng.uniform(0.7, 2.5)])
        f = Named("bent_line", (c, *map(float, slopes), float(rng.uniform(0.5, 1.5))))
        return f, c if at_kink else c + float(rng.uniform(0.6, 1.5))

    def another(f):
        """A line bent at the same place, with other slopes."""
        return Named("bent_line", (f.params[0], *bent(False)[0].params[1:]))

    def near(f_and_x, **more):
        eps = float(rng.uniform(0.06, 0.3))
        return case(*f_and_x, eps, scale=1.0, **more)

    f, x = bent(False)
    return {
        "generic": [near(bent(False)) for _ in range(4)],
        "kink": [near(bent(True)) for _ in range(2)]
        + [case(f, x, (x - f.params[0]) * float(rng.uniform(1.2, 1.6)), scale=1.0)]
        + [case(Named("bent_line", (0.0, 0.0, 1.0, 0.0)), 0.0, 0.125, scale=1.0)],
        # the same point and step, another function: an answer kept for (x, eps) shows
        "twice": [case(another(f), x, 0.21, scale=1.0) for _ in range(2)],
    }


def _kinked(rng, h, d):
    """W1, b1, x, eps such that the mask holds both values: |a_j| and eps |x_m| overlap widely."""
    x = _signs(rng, d) * 10.0 ** rng.permutation(np.linspace(-1.0, 0.8, d))
    a = _signs(rng, h) * 10.0 ** rng.permutation(np.linspace(-1.3, 0.4, h))
    W1 = rng.standard_normal((h, d))
    return W1, a - W1 @ x, x, float(rng.uniform(0.3, 0.7))


def _one_weight(rng, steps):
    """W1, b1, x, eps of one weight whose kink is a number of steps away."""
    W1, x, eps = rng.standard_normal((1, 1)), rng.uniform(0.5, 2.0, 1), 0.3
    return W1, steps * eps * x * _signs(rng, 2)[:1] - W1 @ x, x, eps


def _mask_cases(rng):
    def one(W1, b1, x, eps):
        return case(W1, b1, x, eps, h=len(b1), d=len(x))

    def small():
        W1, b1, x, eps = _kinked(rng, 7, 5)
        return W1, b1 - (1.0 - 1e-5) * (W1 @ x + b1), x, 1e-5 * eps

    W1, b1, x, eps = _kinked(rng, 5, 7)
    return {
        "generic": [one(*_kinked(rng, 7, 3)), one(strided(W1), strided(b1), strided(x), eps),
                    one(*_kinked(rng, 5, 5)), one(*small()), one(*_kinked(rng, 11, 7)),
                    one(*_one_weight(rng, 0.5)), one(*_one_weight(rng, 2.0)),
                    one(*_kinked(rng, 53, 23))],
        "edge": [one(*_on_the_edge(rng)), one(*_by_a_hair(rng))],
        "dtypes": [one(*_whole_mask(rng)), one(*_single_mask(rng))],
        "twice": [one(*_kinked(rng, 11, 7)) for _ in range(2)],
    }


def _on_the_edge(rng):
    """Exact binary fractions: |a_j| equals eps |x_m| for some pairs, 0 = 0 among them."""
    x = rng.permutation([2.0, -4.0, 0.0, 1.0, -8.0])
    a = rng.permutation([0.0, 0.5, -1.0, 0.25, 2.0, -2.0, -0.125])
    W1 = rng.integers(-3, 4, (7, 5)) + 0.0
    return W1, a - W1 @ x, x, 0.25


def _by_a_hair(rng):
    """|a_j| and eps |x_m| differ by a factor 1 +- 2^-40."""
    x = rng.permutation([1.0, -2.0, 4.0])
    W1 = (1 + 2.0**-40 * _signs(rng, 7))[:, None] * np.eye(3)[np.arange(7) % 3]
    return W1, np.zeros(7), x, 1.0


def _whole_mask(rng):
    """Whole weights and inputs; pre-activations just below eps |x_m|, which are no integers."""
    x = rng.permutation([3, -5, 1, -2, 7])
    W1 = rng.integers(-3, 4, (7, 5))
    return W1, rng.permutation([0.6, -0.8, 1.3, -2.05, 3.4, -4.8, 6.0]) - W1 @ x, x, 0.7


def _single_mask(rng):
    return tuple(np.asarray(a, dtype=np.float32) for a in _kinked(rng, 7, 5)[:3]) + (0.5,)


def _population(rng, N, d, dead, place=0):
    """W1, b1, X whose unit j is dead where `dead` says so.

    The living are awake for all examples, for one only, or for about half of them; the example
    that wakes the first of the second kind stands at row `place`.
    """
    W1, X = rng.standard_normal((len(dead), d)), rng.standard_normal((N, d)) + 0.2
    kind = np.cumsum(~dead) % 3
    X = np.roll(X, place - (X @ W1[np.argmax(~dead & (kind == 1))]).argmax(), axis=0)
    A = np.sort(X @ W1.T, axis=0)
    top, second, low = A[-1], A[-2] if N > 1 else A[-1] - 1.0, A[0]
    living = [-low + 0.2, -0.5 * (top + second), -A[N // 2] + 1e-3]
    b1 = np.where(dead, -top - rng.uniform(0.02, 0.6, len(dead)), np.choose(kind, living))
    return W1, b1, X


def _one_unit(rng, dead):
    """One example, one input, one unit; W1 x alone has the sign of the pre-activation."""
    W1, b1, X = _population(rng, 1, 1, np.array([dead]))
    product = W1 @ X[0]
    return (-W1, b1 + 2 * product, X) if (product[0] > 0) == dead else (W1, b1, X)


def _dead_cases(rng):
    def one(W1, b1, X):
        return case(W1, b1, X, N=len(X), d=X.shape[1], h=len(b1))

    def pattern(h):
        return rng.permutation(np.arange(h) % 3 == 0)

    first = pattern(7)
    W1, b1, X = _population(rng, 11, 7, pattern(5))
    return {
        "generic": [one(*_population(rng, 7, 3, pattern(11))),
                    one(strided(W1), strided(b1), strided(X)),
                    one(*_population(rng, 5, 5, pattern(5), place=-1)),
                    one(*_population(rng, 1, 5, pattern(7))),
                    one(*_population(rng, 13, 5, pattern(11))),
                    one(*_population(rng, 7, 7, pattern(11))),
                    one(*_one_unit(rng, True)),
                    one(*_one_unit(rng, False)),
                    one(*_population(rng, 61, 23, pattern(53)))],
        "zero": [one(*_asleep_at_zero(rng))],
        "barely": [one(*_barely_awake(rng))],
        "dtypes": [one(*_whole_population(rng)), one(*_single_population(rng))],
        "twice": [one(*_population(rng, 5, 3, first)), one(*_population(rng, 5, 3, ~first))],
    }


def _asleep_at_zero(rng):
    """Whole numbers; the largest pre-activation of units 0, 2, 4, 6 is exactly 0."""
    W1 = (rng.integers(1, 4, (7, 3)) * _signs(rng, 3)) + 0.0
    X = rng.integers(-3, 4, (5, 3)) + 0.0
    top = (X @ W1.T).max(axis=0)
    return W1, -top + (np.arange(7) % 2), X


def _barely_awake(rng):
    """As above, but the largest pre-activation of every second unit is 2^-30, and exact."""
    W1, b1, X = _asleep_at_zero(rng)
    return W1, b1 + np.where(np.arange(7) % 4 == 0, TINY, -0.5), X


def _whole_population(rng):
    """Whole weights and inputs; the biases between them decide by halves."""
    W1, X = rng.integers(-3, 4, (7, 3)), rng.integers(-3, 4, (5, 3))
    return W1, rng.permutation(np.arange(7) % 2 - 0.5) - (X @ W1.T).max(axis=0), X


def _single_population(rng):
    return tuple(a.astype(np.float32) for a in _population(rng, 7, 3, np.arange(5) % 2 == 0))


# Oracles: a forward pass, differentiated by complex step; no gradient formula is written here -----


def _logits(W1, b1, W2, b2, X):
    """Logits, shape (..., N, K); the parameters may have leading axes of their own."""
    W1, b1, W2, b2, X = (as_float(a) for a in (W1, b1, W2, b2, X))
    H = relu(X @ np.swapaxes(W1, -1, -2) + b1[..., None, :])
    return H @ np.swapaxes(W2, -1, -2) + b2[..., None, :]


def _err(W1, b1, W2, b2, X, Y):
    Z = _logits(W1, b1, W2, b2, X)
    return (logsumexp(Z) - (Y * Z).sum(axis=-1)).sum(axis=-1)


def _moved(theta):
    """One copy of theta per entry, each with one entry moved: all derivatives in one pass."""
    return theta + 1j * STEP * np.eye(theta.size).reshape(-1, *theta.shape)


def _relu_err_and_grads(W1, b1, W2, b2, X, Y):
    parameters = [as_float(a) for a in (W1, b1, W2, b2)]
    parts = [float(_err(*parameters, X, Y))]
    for i, theta in enumerate(parameters):
        moved = [*parameters[:i], _moved(theta), *parameters[i + 1 :]]
        parts.append((_err(*moved, X, Y).imag / STEP).reshape(theta.shape))
    return tuple(parts)


def _dzk_dW1(W1, b1, W2, x, k):
    W1 = as_float(W1)
    Z = _logits(_moved(W1), b1, W2, np.zeros(len(W2)), as_float(x)[None, :])
    return (Z[:, 0, k].imag / STEP).reshape(W1.shape)


def _one_sided(f, x, eps):
    return (f(x) - f(x - eps)) / eps, (f(x + eps) - f(x)) / eps


def _kink_mask(W1, b1, x, eps):
    a = as_float(W1) @ x + b1
    return np.abs(a)[:, None] <= eps * np.abs(x)


def _dead_units(W1, b1, X):
    return ~(as_float(X) @ as_float(W1).T + b1 > 0).any(axis=0)


def _forward_macs(W1, b1, W2, b2, X, Y):
    return len(X) * (W1.size + W2.size)


def _stepwise():
    from .steps.chapter_05 import STEPWISE

    return STEPWISE


EXERCISES = (
    Exercise(
        id="relu",
        chapter="05",
        title="A ramp and a step",
        signature="relu(a)",
        returns="h",
        minutes=4,
        lines=1,
        section="A ramp and a step",
        draw=_elementwise_cases,
        oracle=relu,
        requirements=(
            shape(0.25),
            value(0.75),
            value(0.25, SHAPES, "shapes"),
            value(0.25, CLOSE, "close"),
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "Which of the two numbers a and 0 is the answer, entry by entry? NumPy has a function "
            "that chooses the larger of two, entry by entry. It is not np.max.",
            "np.maximum compares entry by entry and broadcasts a single number against an array. "
            "np.max reduces an array to its largest entry. a[a < 0] = 0 would change the caller's "
            "array.",
            "return np.maximum(..., ...)",
        ),
        bank=known_mistakes("05", "relu"),
    ),
    Exercise(
        id="relu_prime",
        chapter="05",
        title="The slope, and what to say at 0",
        signature="relu_prime(a)",
        returns="phi'",
        minutes=5,
        lines=1,
        section="The slope, and what to say at 0",
        draw=_elementwise_cases,
        oracle=relu_prime,
        requirements=(
            shape(0.25),
            value(0.75),
            value(0.75, "the convention at exactly 0", "zero"),
            value(0.25, CLOSE, "close"),
            value(0.25, SHAPES, "shapes"),
            unchanged(0.25),
            stable(0.5),
        ),
        hints=(
            "The slope has only two values. For which a is it 1? And what did this course agree on "
            "at a = 0?",
            "It is 1 where a > 0 and 0 elsewhere, a = 0 included. A comparison gives booleans; the "
            "contract asks for float64 numbers.",
            "return (a > ...).astype(...)",
        ),
        bank=known_mistakes("05", "relu_prime"),
    ),
    Exercise(
        id="dzk_dW1",
        chapter="05",
        title="From one weight to one logit",
        signature="dzk_dW1(W1, b1, W2, x, k)",
        returns="dz_k/dW1",
        minutes=12,
        lines=3,
        section="From one weight to one logit",
        draw=_dzk_cases,
        oracle=_dzk_dW1,
        requirements=(
            shape(0.5),
            value(2.0),
            value(0.5, NEXT, "zero"),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.5),
        ),
        hints=(
            "The weight W1[j, m] reaches the logit z_k along one path. Which three factors lie on "
            "it? What does the gate of unit j look at: one input, or all of them?",
            "dz_k/dW1[j, m] = W2[k, j] * relu'(a_j) * x_m with a = W1 x + b1, the whole sum. The "
            "first two factors carry the index j, the last one m: an outer product.",
            "a = W1 @ x + b1\nreturn np.outer(... * relu_prime(a), ...)",
        ),
        bank=known_mistakes("05", "dzk_dW1"),
    ),
    Exercise(
        id="relu_err_and_grads",
        chapter="05",
        title="The error and its four gradients",
        signature="relu_err_and_grads(W1, b1, W2, b2, X, Y)",
        returns=GRADS,
        minutes=30,
        lines=10,
        section="The error and its four gradients",
        draw=_grad_cases,
        oracle=_relu_err_and_grads,
        requirements=(
            shape(0.5),
            step(0.5, "err"),
            step(0.5, "db2"),
            step(0.75, "dW2", "db2"),
            step(1.0, "db1", "db2"),
            step(1.0, "dW1", "db1"),
            value(1.25, "value, for a batch"),
            value(0.5, HUGE, "huge"),
            value(0.25, FAR, "far"),
            value(0.5, NEXT, "zero"),
            value(0.25, DTYPES, "dtypes"),
            cost(0.5, _forward_macs),
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "Go through the forward pass backwards. You know dZ = P - Y, one row per example. What "
            "does a hidden unit collect from the K logits, and what does its gate do to it?",
            "dW2 = dZ^T H and db2 sums the rows of dZ. Then dA = (dZ W2) * relu'(A): the product "
            "with W2 is the sum over k. dW1 = dA^T X, and db1 sums the rows of dA.",
            "A = X @ W1.T + b1\nH = relu(A)\nZ = ...\n"
            "err, P = ...                     # shift each row of Z by its maximum\n"
            "dZ = P - Y\n"
            "dA = (dZ @ ...) * ...\n"
            "return err, dA.T @ ..., dA.sum(axis=0), dZ.T @ ..., dZ.sum(axis=0)",
        ),
        bank=known_mistakes("05", "relu_err_and_grads"),
        stepwise=_stepwise,
    ),
    Exercise(
        id="one_sided",
        chapter="05",
        title="Two slopes at one point",
        signature="one_sided(f, x, eps)",
        returns=("left", "right"),
        minutes=5,
        lines=3,
        section="Two slopes at one point",
        draw=_one_sided_cases,
        oracle=_one_sided,
        # f is of size 10 at most, so its rounding, 1e-15, divided by eps >= 0.06 and the slope's
        # scale of 1 stays below 1e-12; another formula is off by the curvature, eps / 2 or more.
        tol=DIFFERENCE_TOL,
        requirements=(
            shape(0.5, "two numbers"),
            value(1.5),
            value(0.5, "at a kink", "kink"),
            stable(0.5),
        ),
        hints=(
            "Draw the three points x - eps, x and x + eps on a bent curve. Which two of them make "
            "the slope on the left?",
            "left = (f(x) - f(x - eps)) / eps and right = (f(x + eps) - f(x)) / eps. Their mean is "
            "the central difference.",
            "left = (f(x) - f(...)) / eps\nright = (f(...) - f(x)) / eps\nreturn left, right",
        ),
        bank=known_mistakes("05", "one_sided"),
    ),
    Exercise(
        id="kink_mask",
        chapter="05",
        title="Which entries to leave out",
        signature="kink_mask(W1, b1, x, eps)",
        returns="mask",
        minutes=10,
        lines=2,
        section="Which entries to leave out",
        draw=_mask_cases,
        oracle=_kink_mask,
        requirements=(
            shape(0.5),
            value(1.75),
            value(0.75, "exactly at the edge", "edge"),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.5),
        ),
        hints=(
            "You move W1[j, m] by eps. By how much does the pre-activation a_j move? When does it "
            "reach 0 on the way?",
            "a_j moves by eps x_m, up or down, so the kink is in reach when |a_j| <= eps |x_m|. "
            "The left side has an entry per unit, the right side one per input.",
            "a = W1 @ x + b1\nreturn np.abs(a)[:, None] <= ...",
        ),
        bank=known_mistakes("05", "kink_mask"),
    ),
    Exercise(
        id="dead_units",
        chapter="05",
        title="Units that never wake up",
        signature="dead_units(W1, b1, X)",
        returns="dead",
        minutes=6,
        lines=2,
        section="Units that never wake up",
        draw=_dead_cases,
        oracle=_dead_units,
        requirements=(
            shape(0.5),
            value(1.0),
            value(0.5, ZERO, "zero"),
            value(0.25, "barely awake", "barely"),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "A unit is dead if no example opens its gate. Which axis of the pre-activations runs "
            "over the examples?",
            "Compute A = X W1^T + b1, shape (N, h). A unit lives if A > 0 for any example; dead is "
            "the opposite of that.",
            "A = X @ W1.T + b1\nreturn ~(A > 0).any(axis=...)",
        ),
        bank=known_mistakes("05", "dead_units"),
    ),
)
