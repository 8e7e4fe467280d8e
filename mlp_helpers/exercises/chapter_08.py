"""Chapter 08, generalisation, initialisation and model selection: what is asked (S3)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .. import regularisation as reference
from ..checking.exercise import Exercise, Requirement
from ..checking.requirements import (
    Finding,
    arguments_unchanged,
    error_text,
    shape,
    stable,
    unchanged,
    value,
    values_agree,
)
from ..checking.values import Named, same_bits
from ..gradcheck import STEP
from .bank import known_mistakes
from .draw import case, labels, strided, whole

DTYPES = "integers and float32"
RNG_ALONE = "from the generator alone"
NEXT_DRAW = "another draw in the next call"
ROUNDING = "zero up to rounding"

# Cases: penalties -----------------------------------------------------------------------------


def _weights(rng, *shape):
    """Weights of both signs, none near 0."""
    signs = rng.permutation(np.where(np.arange(int(np.prod(shape))) % 2 == 0, 1.0, -1.0))
    return rng.uniform(0.1, 1.9, shape) * signs.reshape(shape)


def _lam(rng):
    return float(rng.uniform(0.11, 0.43))


def _risk_cases(rng):
    def one(kind, N, *shapes, layout=np.asarray):
        losses = layout(rng.uniform(0.2, 3.0, N))
        return case(losses, [layout(_weights(rng, *s)) for s in shapes], _lam(rng), kind, N=N)

    ints = (whole(rng, 7) + 2, [whole(rng, 5, 3), whole(rng, 2, 5)], _lam(rng), "l2")
    single = (rng.uniform(0.2, 3.0, 11).astype(np.float32),
              [_weights(rng, 3, 7).astype(np.float32), _weights(rng, 5, 3).astype(np.float32)],
              _lam(rng), "l1")
    return {
        "generic": [one("l2", 7, (5, 3), (2, 5)), one("l1", 11, (5, 3), (2, 5)),
                    one("l2", 3, (3, 3), (3, 3)), one("l1", 3, (3, 3), (3, 3)),
                    one("l2", 13, (3, 7), (5, 3), (2, 5), layout=strided),
                    one("l2", 5, (3, 7)), one("l1", 1, (1, 1)), one("l1", 401, (23, 41)),
                    case(*ints, N=7), case(*single, N=11)],
        "twice": [one("l1", 5, (7, 3), (2, 7)) for _ in range(2)],
    }


def _params(rng, *dims, draw=_weights):
    return [(draw(rng, m, n), draw(rng, m)) for n, m in zip(dims[:-1], dims[1:], strict=True)]


def _penalty_cases(rng):
    def one(kind, params):
        return case(params, _lam(rng), kind, L=len(params))

    def with_zeros(*dims):
        params = _params(rng, *dims)
        for W, b in params:
            W.flat[rng.permutation(W.size)[: W.size // 2]] = 0.0
            b[0] = 0.0
        return params

    layout = [(strided(W), b) for W, b in _params(rng, 3, 7, 5)]
    fortran = [(np.asfortranarray(W), strided(b)) for W, b in _params(rng, 7, 2, 3)]
    floats = [(W.astype(np.float32), b.astype(np.float32)) for W, b in _params(rng, 3, 5, 2)]
    tiny = [(1e-9 * W, 1e-9 * b) for W, b in _params(rng, 3, 5, 2)]
    return {
        "generic": [one("l2", _params(rng, 3, 7, 5)), one("l1", _params(rng, 5, 3, 7)),
                    one("l2", fortran), one("l1", layout), one("l2", _params(rng, 3, 3, 3, 3)),
                    one("l1", _params(rng, 3, 3, 3, 3)), one("l2", _params(rng, 5, 2)),
                    one("l1", _params(rng, 7, 3))],
        "zero": [one("l1", with_zeros(3, 5, 2)), one("l2", with_zeros(2, 7, 3))],
        "tiny": [one("l1", tiny), one("l2", tiny)],
        "dtypes": [one("l2", _params(rng, 3, 5, 2, draw=whole)),
                   one("l1", _params(rng, 3, 5, 2, draw=whole)), one("l2", floats),
                   one("l1", floats)],
        "twice": [one("l2", _params(rng, 3, 7, 5)) for _ in range(2)],
    }


def _prox_cases(rng):
    def one(W, t):
        return case(W, t)

    def t():
        return float(rng.uniform(0.6, 1.1))

    binary = rng.permutation([0.25, -0.25, 0.0, 0.5, -0.75, 0.125, -0.125, 1.0, -0.25, 0.25])
    return {
        "generic": [one(_weights(rng, 5, 7), t()), one(strided(_weights(rng, 3, 11)), t()),
                    one(np.asfortranarray(_weights(rng, 7, 5)), t()),
                    one(_weights(rng, 5, 5), t())],
        "exact": [one(1e-3 * _weights(rng, 5, 3), t()), one(0.3 * _weights(rng, 3, 7), t())],
        "edge": [one(binary.reshape(5, 2), 0.25), one(np.zeros((3, 2)), t()),
                 one(np.append(_weights(rng, 7), 0.0), 0.0)],
        "shapes": [one(_weights(rng, 13), t()), one(_weights(rng, 3, 5, 2), t())],
        "dtypes": [one(whole(rng, 7, 5), 1.3), one(whole(rng, 5, 3), 1),
                   one(_weights(rng, 7, 3).astype(np.float32), t())],
        "twice": [one(_weights(rng, 5, 7), 0.7) for _ in range(2)],
    }


def zero_here(trial, group):
    """Exactly 0 on these cases, but not on every generic one too."""
    values = [a.value for a in trial.answers("generic")]
    if all(isinstance(v, np.ndarray) and not v.any() for v in values):
        return Finding("0, but so is every other answer")
    return values_agree(trial, group)


def _prior_cases(rng):
    def one(kind, scale=None, T=None):
        scale = float(rng.uniform(0.6, 0.9) if scale is None else scale)
        return case(scale, int(rng.integers(11, 97) if T is None else T), kind, T=T or 0)

    gauss, laplace = ([one(kind), one(kind, rng.uniform(1.2, 3.0)), one(kind, T=1097)]
                      for kind in ("gauss", "laplace"))
    return {
        "generic": [one("gauss"), one("laplace"), one("gauss", 1.7, 59), one("laplace", 2.3, 61)],
        "gauss": gauss,
        "laplace": laplace,
        "extreme": [one("gauss", 1e-3, 10**7), one("laplace", 1e-3, 10**7),
                    case(3, 7, "gauss"), case(3, 7, "laplace"), one("gauss", 1.3, 1)],
    }


# Cases: starts --------------------------------------------------------------------------------


def _seed(rng):
    return int(rng.integers(2**31))


def _draws(rng, *args):
    """Cases "seeds" (seed a, seed b, seed a again) and "next" (one generator, used twice)."""
    a, b = _seed(rng), _seed(rng)
    return {"seeds": [case(*args, Named("rng", (s,))) for s in (a, b, a)],
            "next": [case(*args, Named("kept_rng", (a, i))) for i in (0, 1)]}


def _glorot_cases(rng):
    def one(n_out, n_in):
        return case(n_out, n_in, Named("rng", (_seed(rng),)), n_out=n_out, n_in=n_in)

    return {
        "generic": [one(149, 97), one(61, 211), one(113, 113)],
    } | _draws(rng, 7, 5)


def _spread(rng, *dims):
    """Generic parameters: every entry another."""
    return [(rng.standard_normal((m, n)) / np.sqrt(n), rng.uniform(0.2, 0.6, m))
            for n, m in zip(dims[:-1], dims[1:], strict=True)]


def _constant(rng, *dims):
    """One value per layer, another for the next; the biases too."""
    return [(np.full((m, n), rng.uniform(0.2, 0.6)), np.full(m, rng.uniform(0.1, 0.3)))
            for n, m in zip(dims[:-1], dims[1:], strict=True)]


def _zero(*dims):
    return [(np.zeros((m, n)), np.zeros(m)) for n, m in zip(dims[:-1], dims[1:], strict=True)]


def _balanced(rng, K, times=2):
    return rng.permutation(np.repeat(np.arange(K), times))


def _fitted_bias(rng, d, h, K, N):
    """Output weights 0, output bias at the log frequencies: its gradient is 0 up to rounding."""
    (W, b), _ = _spread(rng, d, h, K)
    y = rng.permutation(np.concatenate([np.arange(K), rng.integers(0, K, N - K)]))
    c = np.log(np.bincount(y, minlength=K) / N)
    return [(W, b), (np.zeros((K, h)), c)], ["tanh"], rng.standard_normal((N, d)), y


def _twins(rng, *dims):
    """Equal units in every hidden layer, but output weights that differ from class to class.

    Output weights that are all equal would send nothing back: p - e_y sums to 0.
    """
    *hidden, (V, c) = _constant(rng, *dims)
    return [*hidden, (np.repeat(rng.standard_normal((len(c), 1)), V.shape[1], axis=1), c)]


def _twins_below(rng, d, h1, h2, K):
    """The units of layer 1 are equal, those of layer 2 are not."""
    (W1, b1), *_ = _constant(rng, d, h1)
    (W2, b2), top = _spread(rng, h1, h2, K)
    return [(W1, b1), (np.repeat(W2[:, :1], h1, axis=1), b2), top]


def _twins_above(rng, d, h1, h2, K):
    """The units of layer 2 are equal, those of layer 1 are not."""
    (bottom,), (_, top) = _spread(rng, d, h1), _twins(rng, h1, h2, K)
    W2 = np.repeat(rng.standard_normal((1, h1)), h2, axis=0)
    return [bottom, (W2, np.full(h2, 0.2)), top]


def _opposed_twins(rng, d, h, K, N):
    """Pairs of equal units with opposite output weights: only the output bias moves the logits.

    Its gradient is 0, and that of the hidden biases is not.
    """
    ((W, b), (_, c)), acts, X, y = _fitted_bias(rng, d, h, K, N)
    V = rng.standard_normal((K, h))
    return [(np.concatenate([W, W]), np.concatenate([b, b])),
            (np.concatenate([V, -V], axis=1), c)], acts, X, y


def _init_cases(rng):
    def one(params, acts, N=None, y=None, X=None):
        d, K = params[0][0].shape[1], len(params[-1][1])
        y = labels(rng, N, K) if y is None else y
        X = rng.standard_normal((len(y), d)) if X is None else X
        return case(params, acts, X, y, N=len(y), d=d, K=K)

    def awake(params):
        """Zero weights, hidden biases that are not zero."""
        return [(W, np.full(len(b), 0.3) if k + 1 < len(params) else b)
                for k, (W, b) in enumerate(params)]

    layouts = [(np.asfortranarray(W), strided(b)) for W, b in _spread(rng, 5, 7, 3)]
    three = ["tanh", "sigmoid"]
    silent = [(np.zeros((7, 5)), np.zeros(7)), _spread(rng, 7, 3)[0]]  # only the first layer is 0
    opposed = _opposed_twins(rng, 3, 5, 7, 23)
    # The last two show whether every hidden layer is asked.
    generic = [
        one(_spread(rng, 5, 7, 3), ["tanh"], 11),
        one(_constant(rng, 5, 7, 3), ["tanh"], 11),
        one(_zero(3, 5, 7), ["tanh"], 1),
        one(_zero(3, 5, 7), ["tanh"], y=_balanced(rng, 7)),
        one(_zero(7, 3, 5), ["sigmoid"], 11),
        one(awake(_zero(7, 3, 5)), ["tanh"], 11),
        one(_twins(rng, 5, 7, 3), ["tanh"], 11),
        one(_twins(rng, 2, 5, 7, 3), three, 11),
        one(silent, ["tanh"], 11),
        one(*opposed[:2], X=opposed[2], y=opposed[3]),
        one(_zero(2, 5, 7, 3), ["tanh", "tanh"], 11),
        one(_spread(rng, 3, 3, 3, 3), ["softplus", "tanh"], 3),
        one(layouts, ["relu"], X=strided(rng.standard_normal((11, 5))), y=labels(rng, 11, 3)),
        one(_twins_above(rng, 2, 5, 7, 3), three, 11),
        one(_twins_below(rng, 2, 5, 7, 3), three, 11),
    ]
    params, acts, X, y = _fitted_bias(rng, 3, 5, 7, 23)
    whole_X = np.array([[1, -2, 3], [0, 1, -1], [2, 2, 1], [1, 0, 1], [-1, 3, 2]])
    return {
        "generic": generic,
        "rounding": [one(params, acts, y=y, X=X)]
        + [one(_zero(3, 5, K), ["tanh"], y=_balanced(rng, K, 3)) for K in (3, 7, 11)],
        "dtypes": [one([(W.astype(int), b.astype(int)) for W, b in _zero(3, 5, 2)], ["tanh"],
                       X=whole_X, y=np.array([0, 1, 0, 0, 1])),
                   one([(W.astype(np.float32), b.astype(np.float32))
                        for W, b in _twins(rng, 2, 5, 3)], ["tanh"], 7)],
        "twice": [one(_spread(rng, 5, 7, 3), ["tanh"], 11),
                  one(_twins(rng, 5, 7, 3), ["tanh"], 11)],
    }


# Cases: splits, stopping, choices ---------------------------------------------------------------


def _fractions(rng, n):
    """Three fractions with sum 1 whose rounded sizes add up to n; cutting off decimals shows."""
    while True:
        first, second = rng.integers(52, 68) / 100, rng.integers(13, 27) / 100
        fracs = (float(first), float(second), round(float(1 - first - second), 2))
        exact = np.array(fracs) * n
        up = exact % 1 > 0.52
        if (sum(map(round, exact)) == n and up[0] and not up.all()
                and (np.abs(exact % 1 - 0.5) > 0.02).all()):
            return fracs


SPLIT_N = 2503


def _split_cases(rng):
    def one(n, fracs=None):
        fracs = _fractions(rng, n) if fracs is None else fracs
        return case(n, fracs, Named("rng", (_seed(rng),)), n=n)

    large = [one(SPLIT_N) for _ in range(3)]
    # 0.57 * 100 is 56.99999999999999 in floating point.
    return {
        "generic": [one(97), one(61), one(100, (0.57, 0.29, 0.14)), one(10, (0.4, 0.3, 0.3))],
        "large": large,
    } | _draws(rng, 59, _fractions(rng, 59))


def _curve(rng, n, best):
    """A validation curve without ties whose smallest value is at `best`."""
    val = 0.2 + 0.02 * np.abs(np.arange(n) - best) + rng.uniform(0.0, 0.015, n)
    val[best] = 0.15
    return val


def _stopping_cases(rng):
    def one(val, patience):
        return case(np.asarray(val), patience, n=len(val))

    def second_valley(n, first, patience, gap):
        """A valley, a bump of `gap` epochs, then a deeper valley."""
        val = np.concatenate([_curve(rng, first + 1, first), rng.uniform(0.3, 0.4, gap),
                              rng.permutation(np.linspace(0.01, 0.09, n - first - 1 - gap))])
        return one(val, patience)

    def saw():
        """Every second epoch is worse than the last, no three in a row fail to improve."""
        return (0.9 - 0.03 * np.arange(14) + 0.05 * (np.arange(14) % 2)
                + rng.uniform(0.0, 0.005, 14))

    bumpy = rng.permutation(np.linspace(0.1, 0.9, 23))
    steps = np.array([0.5, 0.4, 0.4, 0.3, 0.3, 0.3, 0.35, 0.3, 0.2, 0.2])
    return {
        "generic": [one(_curve(rng, 23, 7), 5), one(_curve(rng, 17, 4), 2), one(bumpy, 3),
                    one(rng.permutation(bumpy), 2), one(strided(_curve(rng, 19, 11)), 4),
                    one(_curve(rng, 13, 0), 3), one(_curve(rng, 13, 6), 1),
                    one(0.4 - 1e-7 * np.arange(9), 2), one(saw(), 3), one(saw() + 3e5, 3),
                    one(1e200 * bumpy, 3), one(-7e6 * bumpy, 2), one([3e5, 2e5, 1e5, 1.5e5], 2)],
        "later": [second_valley(29, 6, 4, 4), second_valley(29, 6, 4, 3),
                  second_valley(23, 3, 2, 2), second_valley(23, 3, 1, 1)],
        "never": [one(_curve(rng, 11, 10), 3), one(_curve(rng, 13, 9), 7),
                  one(_curve(rng, 7, 2), 5), one(_curve(rng, 7, 2), 4), one([0.4], 2)],
        "ties": [one(steps, 4), one(steps, 2), one(np.full(9, 0.25), 3), one([3, 2, 2, 2, 1], 3)],
        "twice": [one(_curve(rng, 23, best), 5) for best in (7, 12)],
    }


def _grid_cases(rng):
    def numbers(n, scale=1.0):
        return (scale * np.sort(rng.choice(np.arange(1, 90), n, replace=False))).tolist()

    def one(**grid):
        return case(grid)

    return {
        "generic": [one(rate=numbers(3, 0.01), lam=numbers(5, 1e-4)),
                    one(width=numbers(2), rate=numbers(3, 0.01), lam=numbers(5, 1e-4)),
                    one(a=numbers(3), b=numbers(3), c=numbers(3))],
        "mixed": [one(act=["tanh", "relu", "sigmoid"], width=numbers(2), rate=numbers(3, 0.01)),
                  one(kind=["l1", "l2"], lam=[0.0, *numbers(3, 1e-3)]),
                  one(low=[1, 2, 3], high=[1, 2, 3])],
        "single": [one(rate=numbers(5, 0.01)), one(rate=[0.3], lam=[0.01], width=[7]),
                   one(rate=[0.1], width=numbers(3)), one(a=[1], b=[2], c=[3, 4], d=[5, 6])],
        "twice": [one(rate=numbers(3, 0.01), lam=numbers(2, 1e-4)) for _ in range(2)],
    }


CONFIGS = 1501


def _space(rng, *names):
    low = rng.uniform(-5.0, 2.0, len(names))
    width = rng.uniform(0.7, 4.0, len(names))
    return {name: (float(a), float(a + w)) for name, a, w in zip(names, low, width, strict=True)}


def _random_cases(rng):
    def one(n, space):
        return case(space, n, Named("rng", (_seed(rng),)), n=n)

    few = _space(rng, "log_rate", "log_lam")
    draws = _draws(rng)
    return {
        "generic": [one(7, _space(rng, "log_rate", "log_lam", "log_width")), one(5, few),
                    one(1, _space(rng, "rate")), one(3, {"low": (0.0, 1.0), "high": (10, 11)})],
        "many": [one(CONFIGS, _space(rng, "log_rate", "log_lam", "log_width")),
                 one(CONFIGS, _space(rng, "rate", "decay"))],
    } | {group: [case(few, 5, *c.args) for c in cases] for group, cases in draws.items()}


def _select_cases(rng):
    def one(errors):
        return case(np.asarray(errors), n=len(errors))

    def errors(n):
        return rng.permutation(np.linspace(0.11, 0.83, n))

    def gone(n, *, lost=np.nan, first=False):
        values = errors(n)
        spots = np.setdiff1d(rng.permutation(n), [values.argmin()])[: n // 3]
        values[spots] = lost
        if first:
            values = np.concatenate([[lost], values])
        return one(values)

    tied = np.array([0.4, 0.2, 0.3, 0.2, 0.2, 0.5])
    return {
        "generic": [one(errors(7)), one(strided(errors(11))), one(errors(3) - 0.5), one(errors(5)),
                    one(100 + 3 * errors(13)), one(3e5 + errors(17)), one(1e200 * errors(19)),
                    one(-7e6 * errors(23)), one(errors(211)), one([0.3])],
        "nan": [gone(11), gone(7, first=True), one([np.nan, np.nan, 0.3]), one([0.2, np.nan]),
                gone(13, first=True), one([np.nan, 0.0, 0.4]), one([0.0, np.nan, 0.4]),
                one([2.5, np.nan, 1.7, 3.0])],
        "inf": [gone(11, lost=np.inf), one([np.inf, np.nan, 0.7, 0.9])],
        "ties": [one(tied), one(np.array([np.nan, 0.3, 0.1, 0.1])), one(np.array([3, 2, 2]))],
        "twice": [one([0.3, 0.1, 0.2]), one([0.3, 0.2, 0.1])],
    }


def _bias_cases(rng):
    def one(S, n, layout=np.asarray, **more):
        truth = rng.standard_normal(n)
        preds = truth + rng.uniform(0.2, 0.6, n) + rng.standard_normal((S, n))
        return case(layout(preds), layout(truth), S=S, n=n, **more)

    def far(S, n):
        preds, truth = one(S, n).args
        return case(preds + 1e5, truth + 1e5, scale=1000.0, S=S, n=n)

    preds, truth = one(11, 3).args
    return {
        "generic": [one(7, 11), one(11, 5, strided), one(5, 5), one(13, 3, np.asfortranarray),
                    one(3, 1)],
        "one": [one(1, 7)],
        # Right code, in any order, is off by 1e-10 here; a difference of squares by 1e-6.
        "far": [far(7, 5)],
        "dtypes": [case(whole(rng, 7, 5), whole(rng, 5), S=7, n=5),
                   case(preds.astype(np.float32), truth.astype(np.float32),
                        S=11, n=3)],
        "twice": [one(7, 11) for _ in range(2)],
    }


def _error_cases(rng):
    def scores(N, K):
        F = rng.standard_normal((N, K)) - 1.3
        y = labels(rng, N, K)
        right = rng.permutation(N)[: max(1, N // 3)]
        F[right, y[right]] += 6.0
        return F, y

    def one(N, K, layout=np.asarray):
        F, y = scores(N, K)
        return case(layout(F), layout(y), N=N, K=K)

    tied = np.array([[1.0, 1.0, 0.0], [0.0, 2.0, 2.0], [3.0, 0.0, 3.0], [0.0, 0.0, 0.0]])
    F, y = scores(11, 5)
    return {
        "generic": [one(7, 3), one(23, 5, strided), one(5, 5), one(13, 7, np.asfortranarray),
                    one(29, 3), one(3, 11)],
        "one": [case(np.array([[0.3, 1.2, -0.5]]), np.array([k]), N=1) for k in (1, 2)],
        "ties": [case(tied, np.array([0, 1, 0, 0]), N=4), case(tied, np.array([1, 2, 2, 1]), N=4),
                 case(tied, np.array([0, 2, 0, 2]), N=4)],
        "dtypes": [case(whole(rng, 7, 5), labels(rng, 7, 5), N=7),
                   case(F.astype(np.float32), y.astype(np.int32), N=11),
                   case(1000.0 + 10 * F, y.astype(np.uint8), N=11)],
        "twice": [case(*scores(7, 3), N=7, scale=1.0) for _ in range(2)],
    }


# Oracles ----------------------------------------------------------------------------------------


def _penalty_grad(params, lam, kind):
    """Differentiate the penalty by complex step, entry by entry; the slope at 0 is 0 by contract.

    sqrt(w^2) is |w| for complex w near the real axis, so no formula of a slope is needed.
    """
    size = {"l2": lambda w: w * w, "l1": lambda w: np.sqrt(w * w)}[kind]

    def slope(W):
        W = np.asarray(W, dtype=np.float64)
        return np.where(W == 0, 0.0, lam * size(W + 1j * STEP).imag / STEP)

    return [(slope(W), np.zeros(np.shape(b))) for W, b in params]


# Judges of properties: every right way of drawing, or of ordering, must pass -------------------

# Each statistical test rejects a right answer with probability at most DELTA; no exercise has more
# than twelve of them, so a right answer is rejected with probability below 2e-7 per draw of cases.
DELTA = 1e-8


def _each(fault):
    """Make a judge that applies fault(value, *args) -> text or "" to every answer of a group."""

    def judge(trial, group):
        for one, answer in zip(trial.cases[group], trial.answers(group), strict=True):
            if answer.error is not None:
                return Finding(error_text(answer.error, one))
            if text := fault(answer.value, *one.args):
                return Finding(f"{text} (with {one.note})" if one.note else text)
        return None

    return judge


def _not_uniform(u):
    """Whether numbers are not uniform in [0, 1], by the distance of their distribution function.

    The inequality of Dvoretzky, Kiefer and Wolfowitz (with Massart's constant) says that m
    independent draws come farther than e from it with probability at most 2 exp(-2 m e^2) = DELTA.
    """
    u, m = np.sort(np.ravel(u)), np.size(u)
    steps = np.arange(m + 1) / m
    distance = max(np.abs(u - steps[1:]).max(), np.abs(u - steps[:-1]).max())
    return not distance <= np.sqrt(np.log(2 / DELTA) / (2 * m))


def _not_centred(products):
    """Whether independent numbers in [-1, 1] of mean 0 have another mean (Hoeffding, DELTA)."""
    return not abs(np.mean(products)) <= np.sqrt(2 * np.log(2 / DELTA) / np.size(products))


def same_draw_for_a_seed(trial, group):
    """Seeds a, b, a: the first and the last answer are equal, the middle one is another.

    Two of them agree by chance with probability below 1e-20.
    """
    answers = trial.answers(group)
    for one, answer in zip(trial.cases[group], answers, strict=True):
        if answer.error is not None:
            return Finding(error_text(answer.error, one))
    first, other, again = (answer.value for answer in answers)
    if not same_bits(first, again):
        return Finding("two generators with the same seed give two different draws: where does the "
                       "other randomness come from?", label="other randomness")
    if same_bits(first, other):
        return Finding("generators with different seeds give the same draw",
                       label="generator ignored")
    return None


def next_draw_differs(trial, group):
    """One generator, used for two calls: the second draw is another one (chance below 1e-20)."""
    for one, answer in zip(trial.cases[group], trial.answers(group), strict=True):
        if answer.error is not None:
            return Finding(error_text(answer.error, one))
    first, second = (answer.value for answer in trial.answers(group))
    if same_bits(first, second):
        return Finding("the same generator, used for a second call, gives the same draw again",
                       label="generator not used up")
    return None


def arguments_left_alone(trial, group):
    """As `arguments_unchanged`, where the values have many right forms."""
    if finding := arguments_unchanged(trial, group):
        return replace(finding, label="argument changed")
    right = _all_once if trial.exercise.id == "grid_configs" else _in_range
    return right(trial, "generic") and Finding("counts once the values are right")


def _from_rng(points):
    return Requirement(RNG_ALONE, points, same_draw_for_a_seed, "seeds")


def _next(points):
    return Requirement(NEXT_DRAW, points, next_draw_differs, "next")


# Glorot -----------------------------------------------------------------------------------------


def _matrix(answer, n_out, n_in):
    """The answer divided by the bound of the recipe; a text if it is no such matrix."""
    try:
        W = np.asarray(answer)
    except ValueError:  # rows of different lengths
        return "not an array of real numbers"
    if W.dtype.kind not in "biuf":
        return "not an array of real numbers"
    W = W.astype(np.float64)
    if W.shape != (n_out, n_in) or not np.isfinite(W).all():
        return "counts once the shape is right and all entries are finite"
    return W / np.sqrt(6.0 / (n_out + n_in))


def _outside(answer, n_out, n_in, rng):
    u = _matrix(answer, n_out, n_in)
    if isinstance(u, str):
        return u
    if u.size > 1 and np.all(u == u.flat[0]):
        return "the entries are all the same number"
    if (out := np.abs(u) > 1 + 1e-12).any():
        return f"{out.mean():.0%} of the entries lie outside the interval of the recipe"
    return ""


def _glorot_shape(answer, n_out, n_in, rng):
    u = _matrix(answer, n_out, n_in)
    if isinstance(u, str):
        return u
    if _not_uniform((u + 1) / 2):
        return f"not uniform over the interval: the largest entry is {np.abs(u).max():.2g} bounds"
    return ""


def _repeats(answer, n_out, n_in, rng):
    u = _matrix(answer, n_out, n_in)
    if isinstance(u, str):
        return u
    # Independent draws of 53 bits hardly ever agree, and in 24 bits only a few of 14,000 do.
    distinct = np.unique(np.abs(u)).size
    if distinct < 0.95 * u.size:
        return f"only {distinct} of {u.size} entries are draws of their own, the others repeat"
    return ""


def _short(answer, n_out, n_in, rng):
    """The largest of m entries comes near the bound.

    All of them are below 1 - 20 / m of it with probability (1 - 20 / m)^m < exp(-20) = 2.1e-9.
    """
    u = _matrix(answer, n_out, n_in)
    if isinstance(u, str):
        return u
    if not 1 - 20 / u.size <= np.abs(u).max() <= 1 + 1e-12:
        return f"the largest entry is {np.abs(u).max():.4f} bounds; every unit of the layer counts"
    return ""


# Split ------------------------------------------------------------------------------------------


def _parts(answer):
    """Three index arrays, or a text."""
    if not isinstance(answer, (tuple, list)) and not (isinstance(answer, np.ndarray)
                                                      and answer.ndim):
        return f"returned a {type(answer).__name__}; expected (train, valid, test)"
    parts = [np.asarray(p, dtype=np.int64) if isinstance(p, (list, tuple)) and not len(p)
             else np.asarray(p) if _flat_numbers(p) else None for p in answer]
    if len(parts) != 3:
        return f"{len(parts)} parts; expected (train, valid, test)"
    if any(p is None or p.ndim != 1 or p.dtype.kind not in "iu" for p in parts):
        return "a part is not a one-dimensional array of whole numbers"
    return parts


def _flat_numbers(part):
    return isinstance(part, np.ndarray) or (
        isinstance(part, (list, tuple)) and all(type(i) is int for i in part))


def _not_indices(answer, n, fracs, rng):
    parts = _parts(answer)
    if isinstance(parts, str):
        return parts
    every = np.concatenate(parts)
    if ((every < 0) | (every >= n)).any():
        return "an index lies outside 0..n-1"
    return ""


def _wrong_sizes(answer, n, fracs, rng):
    parts = _parts(answer)
    if isinstance(parts, str):
        return parts
    sizes = [len(p) for p in parts]
    if sizes != [round(f * n) for f in fracs]:
        return f"the sizes are {sizes} for the fractions {fracs}"
    return ""


def _not_once(answer, n, fracs, rng):
    if text := _not_indices(answer, n, fracs, rng):
        return text
    count = np.bincount(np.concatenate(_parts(answer)), minlength=n)
    if (count > 1).any():
        return f"{(count > 1).sum()} examples are dealt out more than once"
    return f"{(count == 0).sum()} examples are in no part" if (count == 0).any() else ""


def _not_shuffled(answer, n, fracs, rng):
    """Parts must be spread evenly over 0..n-1, and mixed.

    The mean of m indices drawn without replacement is farther than n e from the middle with
    probability at most 2 exp(-2 m e^2) = DELTA (Hoeffding). Of the n - 1 pairs of neighbours at
    least 0.49 n belong to different parts in expectation. A swap of two indices changes their
    number by at most 4, so by Azuma's inequality it is below 0.2 n with probability at most
    exp(-2 (0.29 n)^2 / (16 n)) < 4e-12 for n = 2503.
    """
    if text := _not_once(answer, n, fracs, rng) or _wrong_sizes(answer, n, fracs, rng):
        return f"counts once every index is dealt out once: {text}"
    part = np.empty(n, dtype=int)
    for k, indices in enumerate(_parts(answer)):
        part[indices] = k
        far = abs(indices.mean() - (n - 1) / 2) / n
        if far > np.sqrt(np.log(2 / DELTA) / (2 * len(indices))):
            name = ("train", "valid", "test")[k]
            return f"{name} is not spread over 0..n-1: its mean index is {indices.mean():.0f}"
    if np.mean(np.diff(part) != 0) < 0.2:
        return "whole runs of neighbouring indices end up in the same part"
    return ""


# Choices ----------------------------------------------------------------------------------------


def _no_configs(answer, names):
    """A text if the answer is not a list of dicts with these names."""
    if not isinstance(answer, (list, tuple)):
        return f"returned a {type(answer).__name__}; expected a list of dicts"
    for config in answer:
        if not isinstance(config, dict):
            return f"the list holds a {type(config).__name__}; expected dicts"
        if set(config) != set(names):
            odd = sorted(map(str, set(config) ^ set(names)))
            return f"a configuration has other names than were given: check {odd[0]!r}"
    return ""


def _config_list(answer, grid):
    return _no_configs(answer, grid) or ("" if answer else "there is no configuration")


def _frozen(config):
    """A configuration as a set; 16 and 16.0 are not the same width."""
    return frozenset((name, type(v).__name__, str(v)) for name, v in config.items())


def _not_all_once(answer, grid):
    """Every combination once, in any order."""
    if text := _no_configs(answer, grid):
        return text
    wanted = {_frozen(config) for config in reference.grid_configs(grid)}
    given = [_frozen(config) for config in answer]
    if odd := [config for config in given if config not in wanted]:
        return f"{len(odd)} configurations hold a value that the grid does not have for that name"
    if len(set(given)) < len(wanted):
        return f"{len(wanted) - len(set(given))} of {len(wanted)} combinations are missing"
    if len(given) > len(wanted):
        return f"{len(given) - len(wanted)} configurations come more than once"
    return ""


def same_configs_twice(trial, group):
    """Call A, call B, look at A's result again, call A again; the order is free but fixed."""
    if (finding := _each(_not_all_once)(trial, group)) is not None:
        return finding
    a, b = trial.cases[group]
    rerun = trial.ask(lambda: trial.caller.rerun(a.args, b.args))
    if not isinstance(rerun, tuple):
        return Finding(error_text(rerun.error, a))
    first, later, third = (answer.value for answer in rerun)
    if not same_bits(first, later) or not same_bits(first, third):
        return Finding("something is kept between calls: the same grid gives another list")
    return None


def _wrong_count(answer, space, n, rng):
    text = _no_configs(answer, space)
    if not text and len(answer) != n:
        text = f"{len(answer)} configurations; expected n = {n}"
    if not text and not all(type(v) is float for config in answer for v in config.values()):
        text = "a value is not a single float"
    if not text and len({v for config in answer for v in config.values()}) == 1 < n:
        text = "every value is the same number"
    return text


def _columns(answer, space):
    """Each hyper-parameter's draws, scaled to [0, 1]: shape (number of names, n)."""
    return np.array([[(config[name] - low) / (high - low) for config in answer]
                     for name, (low, high) in space.items()])


def _out_of_range(answer, space, n, rng):
    if text := _wrong_count(answer, space, n, rng):
        return text
    for name, u in zip(space, _columns(answer, space), strict=True):
        if not ((-1e-12 <= u) & (u <= 1 + 1e-12)).all():
            return f"a value of {name!r} lies outside its range"
    return ""


def _not_uniform_configs(answer, space, n, rng):
    if text := _wrong_count(answer, space, n, rng):
        return text
    for name, u in zip(space, _columns(answer, space), strict=True):
        if _not_uniform(u):
            return f"{name!r} is not uniform over its range"
        if np.unique(u).size < 0.95 * n:
            return f"{name!r} takes only {np.unique(u).size} different values in {n} draws"
    return ""


def _dependent(answer, space, n, rng):
    """Products of independent centred numbers have mean 0: across names, and across draws."""
    if text := _wrong_count(answer, space, n, rng):
        return text
    centred = np.clip(2 * _columns(answer, space) - 1, -1.0, 1.0)
    for i, a in enumerate(centred):
        for b in centred[:i]:
            if _not_centred(a * b):
                return "two hyper-parameters of a configuration move together"
        if _not_centred(a[: n // 2 * 2 : 2] * a[1::2][: n // 2]):
            return "a draw depends on the draw before it"
    return ""


_all_once, _in_range = _each(_not_all_once), _each(_out_of_range)


# A part of a returned tuple of booleans ---------------------------------------------------------


def _part(points, name, place):
    """One of the three verdicts on a start."""

    def judge(trial, group):
        for one, answer in zip(trial.cases[group], trial.answers(group), strict=True):
            if answer.error is not None:
                return Finding(error_text(answer.error, one))
            given = answer.value
            given = given.tolist() if isinstance(given, np.ndarray) else given
            if not isinstance(given, (tuple, list)) or len(given) != 3:
                return Finding("expected three values: (rows, weights, bias)")
            given = given[place]
            if not isinstance(given, bool):
                return Finding(f"a {type(given).__name__}; expected True or False")
            if given != trial.expected(one).value[place]:
                return Finding(f"{given} where it should not be (with {one.note})")
        return None

    return Requirement(name, points, judge)


def _exercise(id, title, signature, returns, minutes, lines, draw, oracle, requirements, hints):
    """An exercise of this chapter, whose title is the heading to reread."""
    return Exercise(id=id, chapter="08", title=title, signature=signature, returns=returns,
                    minutes=minutes, lines=lines, section=title, draw=draw, oracle=oracle,
                    requirements=requirements, hints=hints, bank=known_mistakes("08", id))


EXERCISES = (
    _exercise(
        "regularised_risk", "A price on weights", "regularised_risk(losses, Ws, lam, kind)",
        "risk", 6, 3, _risk_cases, reference.regularised_risk,
        (
            shape(0.25, "one number"),
            value(2.25),
            unchanged(0.25),
            stable(0.25),
        ),
        (
            "There are two terms. Which of them is a mean over examples, and does the other one "
            "depend on the number of examples at all?",
            "risk = mean(losses) + lam * Omega, and Omega adds up w^2 (or |w|) over all entries of "
            "all matrices: a sum, not a mean, and no square root.",
            'size = np.square if kind == "l2" else ...\n'
            "omega = sum(size(W)... for W in Ws)\nreturn np.mean(losses) + ...",
        ),
    ),
    _exercise(
        "penalty_grad", "The gradient of the price", "penalty_grad(params, lam, kind)",
        "grads", 8, 4, _penalty_cases, _penalty_grad,
        (
            shape(0.5),
            value(1.5),
            value(0.5, "weights that are exactly 0", "zero"),
            value(0.25, "weights next to 0", "tiny"),
            value(0.5, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.5),
        ),
        (
            "What is the derivative of w^2, and what is that of |w| left and right of 0? Which of "
            "the parameters does the penalty not contain?",
            "l2: 2 lam W. l1: lam sign(W), and np.sign(0) is 0. The penalty has no biases in it: "
            "their gradient is an array of zeros of their shape.",
            'slope = 2 * W if kind == "l2" else np.sign(...)\n'
            "return [(lam * ..., np.zeros_like(...)) for W, b in params]",
        ),
    ),
    _exercise(
        "prox_l1", "What exactly zero needs", "prox_l1(W, t)",
        "V", 8, 1, _prox_cases, reference.prox_l1,
        (
            shape(0.25),
            value(1.0),
            Requirement("exactly 0", 0.5, zero_here, "exact"),
            value(0.25, "at the edge, at 0, with t = 0", "edge"),
            value(0.25, "one axis, three axes", "shapes"),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.25),
        ),
        (
            "Every weight moves towards 0 by t. What becomes of a weight whose distance to 0 is "
            "smaller than t?",
            "sign(W) * max(|W| - t, 0), entry by entry. np.maximum compares entry by entry.",
            "return np.sign(W) * np.maximum(np.abs(W) - ..., ...)",
        ),
    ),
    _exercise(
        "prior_to_lambda", "A penalty is a prior", "prior_to_lambda(scale, T, kind)",
        "lam", 5, 3, _prior_cases, reference.prior_to_lambda,
        (
            shape(0.25, "one number"),
            value(0.75, "Gaussian prior", "gauss", needs_value=False),
            value(0.75, "Laplacian prior", "laplace", needs_value=False),
            value(0.25, "whole, tiny and large numbers", "extreme"),
        ),
        (
            "Write down the logarithm of each density. What stands in front of w^2, and what in "
            "front of |w|?",
            "-log p(w) is w^2 / (2 s^2) for the Gaussian and |w| / s for the Laplacian prior, plus "
            "constants. The risk is a mean over T examples, so everything is divided by T.",
            'if kind == "gauss":\n    return 1 / (... * T)\nreturn 1 / (...)',
        ),
    ),
    _exercise(
        "init_diagnosis", "What a start does to the first gradient",
        "init_diagnosis(params, acts, X, y)", ("rows", "weights", "bias"), 15, 6, _init_cases,
        reference.init_diagnosis,
        (
            _part(1.0, "hidden gradient rows identical?", 0),
            _part(1.0, "all weight gradients zero?", 1),
            _part(1.0, "output-bias gradient zero?", 2),
            value(0.25, ROUNDING, "rounding", needs_value=False),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.25),
        ),
        (
            "One call of mlp_backprop gives a list of pairs (dW, db). Which of these pairs belong "
            "to hidden layers, and which one to the output layer?",
            "Rows: in every hidden layer dW - dW[0] is zero. Weights: every dW is zero. Bias: the "
            "db of the last pair is zero. Zero means: no entry larger than 1e-12 in size.",
            "grads = mlp_backprop(params, acts, X, y)\n"
            "def zero(a): return bool(np.abs(a).max() <= 1e-12)\n"
            "rows = all(zero(...) for dW, db in grads[:-1])\n"
            "return rows, all(...), zero(...)",
        ),
    ),
    _exercise(
        "glorot_uniform", "A random start of the right size", "glorot_uniform(n_out, n_in, rng)",
        "W", 6, 2, _glorot_cases, reference.glorot_uniform,
        (
            shape(0.25),
            Requirement("no entry outside the interval", 0.5, _each(_outside)),
            Requirement("uniform over the interval", 1.0, _each(_glorot_shape)),
            Requirement("every weight drawn for itself", 0.25, _each(_repeats)),
            Requirement("up to the ends of the interval", 0.25, _each(_short)),
            _from_rng(0.5),
            _next(0.25),
        ),
        (
            "The bound has both sizes of the layer under one root. Which method of the generator "
            "draws from an interval, and how do you tell it the shape?",
            "r = sqrt(6 / (n_out + n_in)); entries from U[-r, r], shape (n_out, n_in). Use the rng "
            "that you are given, not np.random.",
            "r = np.sqrt(... / (...))\nreturn rng.uniform(-r, ..., size=(..., ...))",
        ),
    ),
    _exercise(
        "bias2_variance", "Bias and variance, measured", "bias2_variance(preds, truth)",
        ("bias2", "variance"), 8, 3, _bias_cases, reference.bias2_variance,
        (
            shape(0.25, "two numbers"),
            value(1.25),
            value(0.25, "a single training set", "one"),
            value(0.5, "values far from 0", "far"),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.25),
        ),
        (
            "Rows of preds are training sets, columns are inputs. Which axis do you average over "
            "to get the average model?",
            "bias2 = mean over inputs of (preds.mean(axis=0) - truth)^2; variance = mean over "
            "inputs of the variance down each column, divided by S.",
            "average = preds.mean(axis=...)\n"
            "return np.mean((... - truth)**2), np.mean((preds - ...)**2)",
        ),
    ),
    _exercise(
        "split", "Three sets, three jobs", "split(n, fracs, rng)",
        ("train", "valid", "test"), 8, 4, _split_cases, reference.split,
        (
            Requirement("three arrays of indices", 0.25, _each(_not_indices)),
            Requirement("sizes", 0.75, _each(_wrong_sizes)),
            Requirement("every index exactly once", 0.75, _each(_not_once)),
            Requirement("shuffled", 0.75, _each(_not_shuffled), "large"),
            _from_rng(0.25),
            _next(0.25),
        ),
        (
            "Shuffle a pack of n cards once, then cut it in two places. Where do you cut?",
            "order = rng.permutation(n). The sizes are round(f * n), and the first cut comes after "
            "the size of the training set. int(f * n) cuts decimals off, and 0.57 * 100 is "
            "56.99999999999999.",
            "order = rng.permutation(n)\na = round(fracs[0] * n)\nb = a + ...\n"
            "return order[:a], order[a:b], ...",
        ),
    ),
    _exercise(
        "zero_one_error", "The error you report", "zero_one_error(F, y)",
        "error", 4, 1, _error_cases, reference.zero_one_error,
        (
            shape(0.25, "one number"),
            value(0.75),
            value(0.25, "a single example", "one"),
            value(0.25, "ties", "ties"),
            value(0.25, "integers, float32, huge logits", "dtypes"),
            stable(0.25),
        ),
        (
            "Which class does the network choose for each row of F? How many choices are wrong?",
            "F.argmax(axis=1) gives the first largest entry of each row. Compare it with y; the "
            "mean of booleans is a share.",
            "return float(np.mean(F.argmax(axis=...) != ...))",
        ),
    ),
    _exercise(
        "early_stopping", "Knowing when to stop", "early_stopping(val, patience)",
        ("best", "stop"), 10, 7, _stopping_cases, reference.early_stopping,
        (
            shape(0.25, "two whole numbers"),
            value(1.5),
            value(0.75, "nothing after the stop is seen", "later", needs_value=False),
            value(0.5, "never stopped", "never", needs_value=False),
            value(0.5, "ties are no improvement", "ties"),
            unchanged(0.25),
            stable(0.25),
        ),
        (
            "Walk through the epochs as training would: you cannot see the next one. What two "
            "numbers must you remember on the way?",
            "Remember the best epoch so far. A strictly smaller error is a new best. Stop at the "
            "first epoch with epoch - best = patience; if that never happens, at the last one.",
            "best = 0\nfor epoch in range(len(val)):\n"
            "    if val[epoch] < ...: best = epoch\n"
            "    if epoch - best == ...: return best, ...\nreturn best, ...",
        ),
    ),
    _exercise(
        "grid_configs", "Every combination", "grid_configs(grid)",
        "configs", 6, 2, _grid_cases, reference.grid_configs,
        (
            Requirement("a list of dicts", 0.25, _each(_config_list)),
            Requirement("every combination exactly once", 0.75, _each(_not_all_once)),
            Requirement("texts and whole numbers as given", 0.25, _each(_not_all_once), "mixed"),
            Requirement("a single name, single values", 0.25, _each(_not_all_once), "single"),
            Requirement("arguments unchanged", 0.25, arguments_left_alone),
            Requirement("same answer twice", 0.25, same_configs_twice, "twice"),
        ),
        (
            "With two names you would write two nested loops. What do you do when you do not know "
            "how many names there are?",
            "itertools.product(*grid.values()) yields one tuple per combination, in the order of "
            "the names. dict(zip(names, values)) makes a configuration of it.",
            "from itertools import product\n"
            "return [dict(zip(grid, values)) for values in product(...)]",
        ),
    ),
    _exercise(
        "random_configs", "Random search", "random_configs(space, n, rng)",
        "configs", 6, 2, _random_cases, reference.random_configs,
        (
            Requirement("n dicts of floats", 0.5, _each(_wrong_count)),
            Requirement("within the ranges", 0.5, _each(_out_of_range), "many"),
            Requirement("uniform", 0.75, _each(_not_uniform_configs), "many"),
            Requirement("independent", 0.5, _each(_dependent), "many"),
            _from_rng(0.25),
            _next(0.25),
            Requirement("arguments unchanged", 0.25, arguments_left_alone),
        ),
        (
            "How many random numbers does one configuration need? Must two hyper-parameters share "
            "one?",
            "rng.uniform(low, high) gives one number. Draw one for every name of every "
            "configuration, n times, and turn it into a float.",
            "return [{name: float(rng.uniform(..., ...)) for name, (low, high) in space.items()}\n"
            "        for _ in range(...)]",
        ),
    ),
    _exercise(
        "select_best", "Choose by validation", "select_best(val_errors)",
        "index", 4, 1, _select_cases, reference.select_best,
        (
            shape(0.25, "one whole number"),
            value(0.5),
            value(0.5, "runs that diverged (NaN)", "nan"),
            value(0.25, "infinite errors", "inf"),
            value(0.25, "the first of ties", "ties"),
            stable(0.25),
        ),
        (
            "What does np.argmin return when one of the numbers is NaN? Try it.",
            "A NaN must never win. np.nanargmin leaves NaN out; replacing NaN by infinity does so "
            "too.",
            "return int(np....(val_errors))",
        ),
    ),
)
