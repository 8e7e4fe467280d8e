"""Three questions about a start."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import stable, unchanged, value
from ...checking.exercise import Criterion, Exercise
from ...checking.finding import Finding, stopped
from ...reference import network
from ...reference import regularisation as reference
from ..bank import Bank
from ..draw import case, labels, strided
from .shared import DTYPES, double

ROUNDING = "zero up to rounding"


def _spread(rng, *dims):
    """Generic parameters: every entry another."""
    return [
        (rng.standard_normal((m, n)) / np.sqrt(n), rng.uniform(0.2, 0.6, m))
        for n, m in zip(dims[:-1], dims[1:], strict=True)
    ]


def _constant(rng, *dims):
    """One value per layer, another for the next; the biases too."""
    return [
        (np.full((m, n), rng.uniform(0.2, 0.6)), np.full(m, rng.uniform(0.1, 0.3)))
        for n, m in zip(dims[:-1], dims[1:], strict=True)
    ]


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
    return (
        [(np.concatenate([W, W]), np.concatenate([b, b])), (np.concatenate([V, -V], axis=1), c)],
        acts,
        X,
        y,
    )


def _init_cases(rng):
    def one(params, acts, N=None, y=None, X=None):
        d, K = params[0][0].shape[1], len(params[-1][1])
        y = labels(rng, N, K) if y is None else y
        X = rng.standard_normal((len(y), d)) if X is None else X
        return case(params, acts, X, y, N=len(y), d=d, K=K)

    def awake(params):
        """Zero weights, hidden biases that are not zero."""
        return [
            (W, np.full(len(b), 0.3) if k + 1 < len(params) else b)
            for k, (W, b) in enumerate(params)
        ]

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
        "dtypes": [
            one(
                [(W.astype(int), b.astype(int)) for W, b in _zero(3, 5, 2)],
                ["tanh"],
                X=whole_X,
                y=np.array([0, 1, 0, 0, 1]),
            ),
            one(
                [(W.astype(np.float32), b.astype(np.float32)) for W, b in _twins(rng, 2, 5, 3)],
                ["tanh"],
                7,
            ),
        ],
        "twice": [
            one(_spread(rng, 5, 7, 3), ["tanh"], 11),
            one(_twins(rng, 5, 7, 3), ["tanh"], 11),
        ],
    }


def _part(points, name, place):
    """One of the three verdicts on a start."""

    def judge(trial, group):
        for one, answer in zip(trial.cases[group], trial.answers(group), strict=True):
            if answer.error is not None:
                return stopped(answer.error, one)
            given = answer.value
            given = given.tolist() if isinstance(given, np.ndarray) else given
            if not isinstance(given, (tuple, list)) or len(given) != 3:
                return Finding("expected three values: (rows, weights, bias)")
            given = given[place]
            if not isinstance(given, bool):
                return Finding(f"a {type(given).__name__}; expected True or False")
            if given != trial.expected(one).value[place]:
                return Finding(f"{given} where it should not be", case=one.note)
        return None

    return Criterion(name, points, judge)


bank = Bank()


EXERCISE = Exercise(
    title="Three questions about a start",
    signature="init_diagnosis(params, acts, X, y)",
    returns=("rows", "weights", "bias"),
    minutes=15,
    lines=6,
    section="What a start does to the first gradient",
    draw=_init_cases,
    oracle=reference.init_diagnosis,
    criteria=(
        _part(1.0, "hidden gradient rows identical?", 0),
        _part(1.0, "all weight gradients zero?", 1),
        _part(1.0, "output-bias gradient zero?", 2),
        value(0.25, ROUNDING, "rounding", needs_value=False),
        value(0.25, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "One call of mlp_backprop gives a list of pairs (dW, db). Which of these pairs belong "
        "to hidden layers, and which one to the output layer?",
        "Rows: in every hidden layer dW - dW[0] is zero. Weights: every dW is zero. Bias: the "
        "db of the last pair is zero. Zero means: no entry larger than 1e-12 in size.",
        "grads = mlp_backprop(params, acts, X, y)\n"
        "def zero(a): return bool(np.abs(a).max() <= 1e-12)\n"
        "rows = all(zero(...) for dW, db in grads[:-1])\n"
        "return rows, all(...), zero(...)",
    ),
    bank=bank,
)


def small(a, tol=1e-12):
    return bool(np.abs(a).max() <= tol)


def verdicts(params, acts, X, y, backward=network.backward):
    g = backward(params, acts, X, y)
    rows = all(small(dW - dW[0]) for dW, _ in g[:-1])
    return rows, all(small(dW) for dW, _ in g), small(g[-1][1])


def verdict(looks_like, question, id=""):
    def register(fn):
        def wrong(params, acts, X, y):
            return fn(network.backward(params, acts, X, y), verdicts(params, acts, X, y))

        bank.wrong(looks_like, question, id=id or fn.__name__.rstrip("_"))(wrong)
        return fn

    return register


@verdict("columns compared, not rows", "Which index of dW counts the units?")
def columns_(g, right):
    return all(small(dW - dW[:, :1]) for dW, _ in g[:-1]), *right[1:]


@verdict(
    "the rows of the output layer compared as well",
    "Do the rows of the output layer belong to hidden units, or to classes?",
)
def all_layers(g, right):
    return all(small(dW - dW[0]) for dW, _ in g), *right[1:]


@verdict("the first hidden layer only", "How many hidden layers are there?")
def first_layer_rows(g, right):
    return small(g[0][0] - g[0][0][0]), *right[1:]


@verdict("the last hidden layer only", "How many hidden layers are there?")
def last_layer_rows(g, right):
    return small(g[-2][0] - g[-2][0][0]), *right[1:]


@verdict("any hidden layer instead of every one", "One layer with identical rows: is that enough?")
def any_layer(g, right):
    return any(small(dW - dW[0]) for dW, _ in g[:-1]), *right[1:]


@verdict(
    "the weights of the hidden layers only", "Does 'all weights' include those of the output layer?"
)
def hidden_weights_only(g, right):
    return right[0], all(small(dW) for dW, _ in g[:-1]), right[2]


@verdict(
    "the weights of the output layer only", "Does 'all weights' include those of the hidden layers?"
)
def output_weights_only(g, right):
    return right[0], small(g[-1][0]), right[2]


@verdict(
    "the output bias counted among the weights: S3's 'all gradients'",
    "With zero weights and tanh, which one gradient is not 0?",
)
def biases_too(g, right):
    return right[0], all(small(dW) and small(db) for dW, db in g), right[2]


@verdict("the bias of the first layer", "Which pair of the list is the output's?")
def hidden_bias(g, right):
    return *right[:2], small(g[0][1])


@verdict(
    "the biases of all layers",
    "Can the hidden biases have gradient 0 while the output bias has none?",
)
def all_biases(g, right):
    return *right[:2], all(small(db) for _, db in g)


@verdict(
    "the sum of the output-bias gradient",
    "Probabilities and one-hot labels both sum to 1. To what does their difference sum?",
)
def bias_sums_to_zero(g, right):
    return *right[:2], small(g[-1][1].sum())


@verdict("True where something is not zero", "What does True mean in the contract?")
def negated(g, right):
    return right[0], not right[1], not right[2]


@verdict("the values in another order", "In which order does the contract return them?")
def order(g, right):
    return right[::-1]


@verdict(
    "== 0, which rounding defeats", "Thirds that cancel on paper: do they cancel in floating point?"
)
def exact(g, right):
    rows = all(bool((dW == dW[0]).all()) for dW, _ in g[:-1])
    return (
        rows,
        all(not dW.any() for dW, _ in g),
        bool(np.all(g[-1][1] * 3 + 1.0 - 1.0 == 0) and not g[-1][1].any()),
    )


@verdict("a tolerance of 0.1", "Is a gradient of 0.05 zero, or a small step that you would take?")
def relative_to_nothing(g, right):
    return (
        all(small(dW - dW[0], 0.1) for dW, _ in g[:-1]),
        all(small(dW, 0.1) for dW, _ in g),
        small(g[-1][1], 0.1),
    )


@bank.wrong(
    "the parameters themselves, not their gradients",
    "Are the rows of W asked about, or those of its gradient?",
)
def parameters(params, acts, X, y):
    return verdicts(params, acts, X, y, backward=lambda params, acts, X, y: params)


@bank.wrong(
    "the gradient of the first example only",
    "The gradient is a mean over the batch. What happens to the other examples?",
)
def first_example(params, acts, X, y):
    return verdicts(params, acts, X[:1], y[:1])


@bank.wrong("tanh in every hidden layer", "What is acts for?")
def tanh_everywhere(params, acts, X, y):
    return verdicts(params, ["tanh"] * len(acts), X, y)


@bank.wrong("gradients computed in whole numbers", "What does int make of a gradient of 0.4?")
def integer_gradients(params, acts, X, y):
    def backward(params, acts, X, y):
        kind = params[0][0].dtype
        return [
            (dW.astype(kind), db.astype(kind)) for dW, db in network.backward(params, acts, X, y)
        ]

    return verdicts(params, acts, X, y, backward)


@bank.wrong("the parameters changed while looking at them", "Who else holds the parameters?")
def changes_argument(params, acts, X, y):
    result = verdicts(params, acts, X, y)
    for _, b in params:
        b += 1
    return result


bank.habits(verdicts, array=False)


bank.repeats(verdicts)


@bank.right("np.ptp down the columns, np.allclose")
def np_ptp_down_the_columns(params, acts, X, y):
    g = network.backward(params, acts, X, y)
    return [
        all(np.ptp(dW, axis=0).max() < 1e-10 for dW, _ in g[:-1]),
        all(np.allclose(dW, 0) for dW, _ in g),
        np.allclose(g[-1][1], 0),
    ]


@bank.right("loops over all pairs of units")
def loops_over_all_pairs_of_units(params, acts, X, y):
    g = network.backward(params, acts, X, y)
    rows = True
    for dW, _ in g[:-1]:
        for a in dW:
            for b in dW:
                rows = rows and max(abs(a - b)) < 1e-13
    weights = sum(np.linalg.norm(dW) for dW, _ in g) < 1e-11
    return rows, bool(weights), bool(np.linalg.norm(g[-1][1]) < 1e-11)


@bank.right("backprop written out, the sum over examples")
def backprop_written_out(params, acts, X, y):
    phi = {
        "tanh": (np.tanh, lambda h: 1 - h**2),
        "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda h: h * (1 - h)),
        "softplus": (lambda z: np.logaddexp(0, z), lambda h: 1 - np.exp(-h)),
        "relu": (lambda z: np.maximum(z, 0), lambda h: (h > 0) * 1.0),
        "linear": (lambda z: z, lambda h: np.ones_like(h)),
    }
    H = [double(X)]
    for (W, b), name in zip(params[:-1], acts, strict=True):
        H.append(phi[name][0](H[-1] @ double(W).T + b))
    W, b = params[-1]
    Z = H[-1] @ double(W).T + b
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    D = E / E.sum(axis=1, keepdims=True) - np.eye(len(b))[y]
    bias = np.allclose(D.sum(axis=0), 0.0, atol=1e-11)
    rows, weights = True, True
    for k in reversed(range(len(params))):
        dW = D.T @ H[k]
        weights = weights and bool(np.all(np.abs(dW) < 1e-11))
        if k < len(acts):
            rows = rows and bool(np.all(np.abs(dW - dW.mean(axis=0)) < 1e-11))
        if k:
            D = (D @ double(params[k][0])) * phi[acts[k - 1]][1](H[k])
    return rows, weights, bias
