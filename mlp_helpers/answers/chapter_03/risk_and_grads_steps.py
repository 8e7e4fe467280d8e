"""The steps of `risk_and_grads` (S0 section 4) and how they go wrong."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from ...checking.steps import Rule, Step, Stepwise, step_length
from ...reference.activations import logsumexp, softmax


def _forward(W, V, b, c, X, y, *, phi=np.tanh, hidden_bias=1.0, output_bias=1.0):
    """Forward values of one example; keyword arguments make the known mistakes."""
    x, label = np.asarray(X, dtype=float)[0], int(y[0])
    s = W @ x + hidden_bias * b
    h = phi(s)
    f = V @ h + output_bias * c
    e = np.eye(len(f))[label % len(f)]
    return SimpleNamespace(
        W=W, V=V, b=b, c=c, x=x, s=s, h=h, f=f, p=softmax(f), e=e, label=label, phi=phi
    )


def _slope(c):
    """phi'(s) of the activation that the forward pass used."""
    return {np.tanh: 1 - c.h**2, _sigmoid: c.h * (1 - c.h)}.get(c.phi, (c.s > 0) * 1.0)


def _sigmoid(a):
    return 1 / (1 + np.exp(-a))


def _relu(a):
    return np.maximum(a, 0.0)


def _variant(**changes):
    return lambda W, V, b, c, X, y: _forward(W, V, b, c, X, y, **changes)


def _shifted_label(W, V, b, c, X, y):
    return _forward(W, V, b, c, X, np.asarray(y) - 1)


FORWARDS = (
    Rule(
        "sigmoid_for_tanh",
        "a sigmoid hidden layer",
        "Which activation does this network use?",
        _variant(phi=_sigmoid),
    ),
    Rule(
        "relu_for_tanh",
        "a ReLU hidden layer",
        "Which activation does this network use?",
        _variant(phi=_relu),
    ),
    Rule(
        "no_hidden_bias",
        "a forward pass without b",
        "What is added to W x before the tanh?",
        _variant(hidden_bias=0.0),
    ),
    Rule(
        "no_output_bias",
        "a forward pass without c",
        "What is added to V h?",
        _variant(output_bias=0.0),
    ),
    Rule(
        "no_biases",
        "a forward pass without b and c",
        "What is added to W x, and to V h?",
        _variant(hidden_bias=0.0, output_bias=0.0),
    ),
    Rule(
        "hidden_bias_subtracted",
        "W x - b",
        "Is the bias added or subtracted?",
        _variant(hidden_bias=-1.0),
    ),
    Rule(
        "counts_from_one",
        "labels counted from 1",
        "Labels run from 0 to K-1. What does the index -1 mean to NumPy?",
        _shifted_label,
    ),
)


def _risk(c, own):
    return logsumexp(c.f) - c.f[c.label]


RISK = (
    Rule(
        "no_exp",
        "log sum f, as printed in S0",
        "Add 7 to every logit. Should the loss change?",
        lambda c, own: np.log(c.f.sum()) - c.f[c.label],
    ),
    Rule(
        "sign",
        "the log-likelihood, not its negative",
        "-log of a probability: positive or negative?",
        lambda c, own: -_risk(c, own),
    ),
    Rule(
        "no_normaliser",
        "-f_y alone",
        "Raise every logit by 1. Should the loss fall?",
        lambda c, own: -c.f[c.label],
    ),
    Rule(
        "binary_terms",
        "log(1 - p) of the other classes added",
        "The loss is -log of one probability, that of the label. Where do the others enter?",
        lambda c, own: -np.log(np.where(c.e > 0, c.p, 1 - c.p)).sum(),
    ),
    Rule(
        "squared_error",
        "a squared error",
        "Which loss does a likelihood give?",
        lambda c, own: ((c.p - c.e) ** 2).sum(),
    ),
    Rule(
        "half_squared_error",
        "half a squared error",
        "Which loss does a likelihood give?",
        lambda c, own: 0.5 * ((c.p - c.e) ** 2).sum(),
    ),
    Rule(
        "base_two",
        "logarithms to base 2",
        "Which logarithm has the derivative 1/x?",
        lambda c, own: _risk(c, own) / np.log(2),
    ),
)

DC = (
    Rule(
        "sign",
        "e_y - p",
        "Should descent raise or lower the label's logit?",
        lambda c, own: c.e - c.p,
    ),
    Rule("no_label", "p alone", "Where does the label enter?", lambda c, own: c.p),
    Rule(
        "plus",
        "p + e_y",
        "To what must the entries of this gradient sum?",
        lambda c, own: c.p + c.e,
    ),
    Rule(
        "logits",
        "f - e_y, the logits for the probabilities",
        "p is a function of f. Which one?",
        lambda c, own: c.f - c.e,
    ),
    Rule(
        "extra_slope",
        "(p - e_y) p (1 - p)",
        "Has the logarithm not cancelled that slope already?",
        lambda c, own: (c.p - c.e) * c.p * (1 - c.p),
    ),
    Rule(
        "sigmoid_slope",
        "(p - e_y) times the slope of a sigmoid at f",
        "Has the logarithm not cancelled the slope of the output already?",
        lambda c, own: (c.p - c.e) * _sigmoid(c.f) * (1 - _sigmoid(c.f)),
    ),
    Rule(
        "tanh_slope",
        "(p - e_y) (1 - f^2)",
        "Which layer of this network has a tanh?",
        lambda c, own: (c.p - c.e) * (1 - c.f**2),
    ),
    Rule(
        "column",
        "a gradient of shape (K, 1)",
        "Which shape has c?",
        lambda c, own: (c.p - c.e)[:, None],
    ),
    Rule(
        "times_h",
        "row sums of dV for dc",
        "What is c multiplied by in the forward pass: the activations, or 1?",
        lambda c, own: (c.p - c.e) * c.h.sum(),
    ),
    Rule(
        "twice",
        "2 (p - e_y)",
        "Which loss has a factor 2 in its derivative?",
        lambda c, own: 2 * (c.p - c.e),
    ),
    Rule(
        "probabilities",
        "-e_y / p, the gradient for the probabilities",
        "Which Jacobian lies between probabilities and logits?",
        lambda c, own: -c.e / c.p,
    ),
    Rule(
        "loss_minus_one_hot",
        "the loss minus e_y, as printed in S1",
        "A vector is subtracted from one number. Which vector should stand there?",
        lambda c, own: _risk(c, own) - c.e,
    ),
)

DV = (
    Rule(
        "transposed",
        "h dc^T",
        "Which shape has V, and which index belongs to the class?",
        lambda c, own: np.outer(c.h, own["dc"]),
    ),
    Rule(
        "pre_activation",
        "dc s^T, with s for h",
        "What is V multiplied by in the forward pass?",
        lambda c, own: np.outer(own["dc"], c.s),
    ),
    Rule(
        "sign",
        "the sign flipped",
        "Which sign does f have in V?",
        lambda c, own: -np.outer(own["dc"], c.h),
    ),
    Rule(
        "times_V",
        "dc h^T times V, entry by entry",
        "Is f not linear in V? What is the derivative of a product with a constant?",
        lambda c, own: np.outer(own["dc"], c.h) * c.V,
    ),
    Rule(
        "slope",
        "the slope of tanh included",
        "Does the path from V to the loss pass through the tanh?",
        lambda c, own: np.outer(own["dc"], c.h * _slope(c)),
    ),
    Rule(
        "slope_for_h",
        "phi'(s) in place of h",
        "What is V multiplied by in the forward pass: h, or its slope?",
        lambda c, own: np.outer(own["dc"], _slope(c)),
    ),
    Rule(
        "twice",
        "a factor 2",
        "Where would a factor 2 come from?",
        lambda c, own: 2 * np.outer(own["dc"], c.h),
    ),
    Rule(
        "weight_decay",
        "V added to the gradient",
        "Does this risk have a penalty?",
        lambda c, own: np.outer(own["dc"], c.h) + c.V,
    ),
)


def _up(c, own):
    return c.V.T @ own["dc"]


def _with_moved_V(c, own):
    """db after a step on V; how long the step was is read off the student's own db."""
    right = _up(c, own) * _slope(c)
    change = (own["dV"].T @ own["dc"]) * _slope(c)
    return right - step_length(right - own["db"] if "db" in own else 0.1 * change, change) * change


DB = (
    Rule(
        "no_slope",
        "V^T dc, without the slope of tanh",
        "From h back to s: which factor does the tanh contribute?",
        _up,
    ),
    Rule(
        "slope_of_h",
        "1 - tanh(h)^2, the slope taken at h",
        "At which point is phi' taken: at h, or at s?",
        lambda c, own: _up(c, own) * (1 - np.tanh(c.h) ** 2),
    ),
    Rule(
        "slope_of_s",
        "1 - s^2",
        "phi'(s) = 1 - tanh(s)^2. Which of the two squares is yours?",
        lambda c, own: _up(c, own) * (1 - c.s**2),
    ),
    Rule(
        "slope_linear",
        "1 - h",
        "Where has the square gone in 1 - h^2?",
        lambda c, own: _up(c, own) * (1 - c.h),
    ),
    Rule(
        "slope_sigmoid",
        "h (1 - h), the slope of a sigmoid",
        "Whose derivative is h (1 - h)?",
        lambda c, own: _up(c, own) * c.h * (1 - c.h),
    ),
    Rule(
        "slope_square_only",
        "-h^2 for 1 - h^2",
        "What is the slope of tanh at 0?",
        lambda c, own: -_up(c, own) * c.h**2,
    ),
    Rule(
        "times_h",
        "h in place of the slope",
        "What is the derivative of tanh?",
        lambda c, own: _up(c, own) * c.h,
    ),
    Rule(
        "slope_twice",
        "the slope twice",
        "How often does the path pass through the tanh?",
        lambda c, own: _up(c, own) * _slope(c) ** 2,
    ),
    Rule(
        "not_transposed",
        "V dc, without the transpose",
        "Each hidden unit collects from all classes. Over which index of V is that sum?",
        lambda c, own: (c.V @ own["dc"]) * _slope(c),
    ),
    Rule(
        "column_sums",
        "V's columns summed, without dc",
        "Which upstream gradient does each class send back?",
        lambda c, own: c.V.sum(axis=0) * _slope(c),
    ),
    Rule(
        "slope_of_product",
        "1 - s h for 1 - h^2",
        "tanh' is written with the value h alone. What is s doing in it?",
        lambda c, own: _up(c, own) * (1 - c.s * c.h),
    ),
    Rule(
        "gradient_for_weight",
        "dV where V belongs on the way back",
        "Through which weights did the hidden units reach the logits?",
        lambda c, own: (own["dV"].T @ own["dc"]) * _slope(c),
    ),
    Rule(
        "updated_before_use",
        "a step on V before it carries the gradient back",
        "All gradients belong to one point. At which V does your dW stand?",
        _with_moved_V,
    ),
    Rule(
        "top_gradient",
        "dc itself, not carried back through V",
        "The gradient at the logits has K entries. How does it get to the M units?",
        lambda c, own: own["dc"] * _slope(c),
    ),
    Rule(
        "column",
        "a gradient of shape (M, 1)",
        "Which shape has b?",
        lambda c, own: (_up(c, own) * _slope(c))[:, None],
    ),
    Rule(
        "one_number",
        "one number for all entries of b",
        "Each bias has its own derivative. Over which axis, and over it alone, do you add?",
        lambda c, own: np.asarray((_up(c, own) * _slope(c)).sum()),
    ),
    Rule(
        "times_x",
        "row sums of dW for db",
        "What is b multiplied by in the forward pass: the inputs, or 1?",
        lambda c, own: _up(c, own) * _slope(c) * c.x.sum(),
    ),
    Rule(
        "sign",
        "the sign flipped",
        "Which sign does s have in b?",
        lambda c, own: -_up(c, own) * _slope(c),
    ),
    Rule(
        "twice",
        "a factor 2",
        "Where would a factor 2 come from?",
        lambda c, own: 2 * _up(c, own) * _slope(c),
    ),
)

DW = (
    Rule(
        "missing_parentheses",
        "the printed formula of S0, read from right to left",
        "Which two factors make the outer product, and where do the parentheses belong?",
        lambda c, own: _slope(c) * np.outer(_up(c, own), c.x),
    ),
    Rule("transposed", "x db^T", "Which shape has W?", lambda c, own: np.outer(c.x, own["db"])),
    Rule(
        "hidden_for_input",
        "db h^T, with h for x",
        "What is W multiplied by in the forward pass?",
        lambda c, own: np.outer(own["db"], c.h),
    ),
    Rule(
        "no_slope",
        "the slope of tanh left out",
        "From h back to s: which factor does the tanh contribute?",
        lambda c, own: np.outer(_up(c, own), c.x),
    ),
    Rule(
        "slope_twice",
        "the slope once more",
        "db has passed through the tanh already. Again?",
        lambda c, own: np.outer(own["db"] * _slope(c), c.x),
    ),
    Rule(
        "sign",
        "the sign flipped",
        "Which sign does s have in W?",
        lambda c, own: -np.outer(own["db"], c.x),
    ),
    Rule(
        "times_W",
        "db x^T times W, entry by entry",
        "s is linear in W. What is the derivative of a product with a constant?",
        lambda c, own: np.outer(own["db"], c.x) * c.W,
    ),
    Rule(
        "twice",
        "a factor 2",
        "Where would a factor 2 come from?",
        lambda c, own: 2 * np.outer(own["db"], c.x),
    ),
    Rule(
        "weight_decay",
        "W added to the gradient",
        "Does this risk have a penalty?",
        lambda c, own: np.outer(own["db"], c.x) + c.W,
    ),
)

STEPWISE = Stepwise(
    forward=_forward,
    forwards=FORWARDS,
    parts=lambda value: dict(zip(("risk", "dW", "dV", "db", "dc"), value, strict=True)),
    join=lambda p: tuple(p[k] for k in ("risk", "dW", "dV", "db", "dc")),
    steps=(
        Step("risk", "", _risk, RISK),
        Step("dc", "", lambda c, own: c.p - c.e, DC),
        Step("dV", "dc", lambda c, own: np.outer(own["dc"], c.h), DV),
        Step("db", "dc", lambda c, own: _up(c, own) * _slope(c), DB),
        Step("dW", "db", lambda c, own: np.outer(own["db"], c.x), DW),
    ),
    split=lambda W, V, b, c, X, y: [
        (W, V, b, c, X[n : n + 1], y[n : n + 1]) for n in range(len(y))
    ],
    mean=False,
)
