"""The steps of `relu_err_and_grads` (S4, parts (a) to (c)) and how they go wrong."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from ...checking.steps import Rule, Step, Stepwise, step_length
from ...reference.activations import logsumexp, softmax

PARTS = ("err", "dW1", "db1", "dW2", "db2")
LEAK = 0.01


def _forward(W1, b1, W2, b2, X, Y, *, phi=None, hidden_bias=1.0, output_bias=1.0):
    """Forward values of one example; keyword arguments make the known mistakes."""
    x, y = np.asarray(X, dtype=float)[0], np.asarray(Y, dtype=float)[0]
    a = W1 @ x + hidden_bias * b1
    h = np.maximum(a, 0.0) if phi is None else phi(a)
    z = W2 @ h + output_bias * b2
    return SimpleNamespace(
        W1=W1, b1=b1, W2=W2, b2=b2, x=x, y=y, a=a, h=h, z=z, p=softmax(z), phi=phi
    )


def _gate(c):
    """phi'(a) of the activation that the forward pass used."""
    if c.phi is np.tanh:
        return 1 - c.h**2
    return np.where(c.a > 0, 1.0, LEAK if c.phi is _leaky else 0.0)


def _leaky(a):
    return np.where(a > 0, a, LEAK * a)


def _variant(**changes):
    return lambda W1, b1, W2, b2, X, Y: _forward(W1, b1, W2, b2, X, Y, **changes)


FORWARDS = (
    Rule(
        "tanh_for_relu",
        "a tanh hidden layer",
        "Which activation does this network use?",
        _variant(phi=np.tanh),
    ),
    Rule(
        "leaky",
        "a ReLU that leaks for negative a",
        "What does max(0, a) give for a = -2?",
        _variant(phi=_leaky),
    ),
    Rule(
        "no_hidden_bias",
        "a forward pass without b1",
        "What is added to W1 x before the ReLU?",
        _variant(hidden_bias=0.0),
    ),
    Rule(
        "no_output_bias",
        "a forward pass without b2",
        "What is added to W2 h?",
        _variant(output_bias=0.0),
    ),
    Rule(
        "no_biases",
        "a forward pass without b1 and b2",
        "What is added to W1 x, and to W2 h?",
        _variant(hidden_bias=0.0, output_bias=0.0),
    ),
)


def _err(c, own):
    return logsumexp(c.z) - c.y @ c.z


def _sigmoid(z):
    return 0.5 + 0.5 * np.tanh(z / 2)


ERR = (
    Rule(
        "sign",
        "the log-likelihood, not its negative",
        "-log of a probability: positive or negative?",
        lambda c, own: -_err(c, own),
    ),
    Rule(
        "no_normaliser",
        "-y z alone",
        "Raise every logit by 1. Should the error fall?",
        lambda c, own: -c.y @ c.z,
    ),
    Rule(
        "no_label",
        "log-sum-exp alone",
        "Where does the label enter?",
        lambda c, own: logsumexp(c.z),
    ),
    Rule(
        "squared_error",
        "a squared error",
        "Which error has the derivative p - y?",
        lambda c, own: ((c.p - c.y) ** 2).sum(),
    ),
    Rule(
        "all_classes",
        "log(1 - p) of the other classes added",
        "S4's error is the likelihood of one label out of K. Where do the other classes enter?",
        lambda c, own: -np.log(np.where(c.y > 0, c.p, 1 - c.p)).sum(),
    ),
    Rule(
        "base_two",
        "logarithms to base 2",
        "Which logarithm has the derivative 1/x?",
        lambda c, own: _err(c, own) / np.log(2),
    ),
)

DB2 = (
    Rule(
        "sign",
        "y - p",
        "Should descent raise or lower the label's logit?",
        lambda c, own: c.y - c.p,
    ),
    Rule(
        "captured_index",
        "1 - y: a softmax whose sum runs over the wrong index",
        "In S4's bracket one k is free and one is summed. Which letter does the sum need? And in "
        "code, which axis?",
        lambda c, own: 1 - c.y,
    ),
    Rule("no_label", "p alone", "Where does the label enter?", lambda c, own: c.p),
    Rule(
        "plus", "p + y", "To what must the entries of this gradient sum?", lambda c, own: c.p + c.y
    ),
    Rule(
        "logits",
        "z - y, the logits for the probabilities",
        "p is a function of z. Which one?",
        lambda c, own: c.z - c.y,
    ),
    Rule(
        "extra_slope",
        "(p - y) p (1 - p)",
        "Has the logarithm not cancelled that slope already?",
        lambda c, own: (c.p - c.y) * c.p * (1 - c.p),
    ),
    Rule(
        "sigmoid_slope",
        "(p - y) times the slope of a sigmoid at z",
        "Has the logarithm not cancelled the slope of the output already?",
        lambda c, own: (c.p - c.y) * _sigmoid(c.z) * (1 - _sigmoid(c.z)),
    ),
    Rule(
        "gated",
        "p - y passed through a gate of its own",
        "Which layers of this network have a ReLU?",
        lambda c, own: (c.p - c.y) * (c.z > 0),
    ),
    Rule(
        "probabilities",
        "-y / p, the gradient for the probabilities",
        "Which Jacobian lies between probabilities and logits?",
        lambda c, own: -c.y / c.p,
    ),
    Rule(
        "column",
        "a gradient of shape (K, 1)",
        "Which shape has b2?",
        lambda c, own: (c.p - c.y)[:, None],
    ),
    Rule(
        "times_h",
        "row sums of dW2 for db2",
        "What is b2 multiplied by in the forward pass: the activations, or 1?",
        lambda c, own: (c.p - c.y) * c.h.sum(),
    ),
    Rule(
        "twice",
        "2 (p - y)",
        "Which error has a factor 2 in its derivative?",
        lambda c, own: 2 * (c.p - c.y),
    ),
)

DW2 = (
    Rule(
        "factor_twice",
        "the factor dz/dw twice, S4's (alpha) put into the chain rule",
        "How often does the chain rule multiply by dz_k/dw?",
        lambda c, own: np.outer(own["db2"], c.h**2),
    ),
    Rule(
        "pre_activation",
        "db2 a^T, with a for h",
        "What is W2 multiplied by in the forward pass?",
        lambda c, own: np.outer(own["db2"], c.a),
    ),
    Rule(
        "gate_for_h",
        "the gate in place of h",
        "What is W2 multiplied by in the forward pass: h, or its slope?",
        lambda c, own: np.outer(own["db2"], _gate(c)),
    ),
    Rule("transposed", "h db2^T", "Which shape has W2?", lambda c, own: np.outer(c.h, own["db2"])),
    Rule(
        "last_unit",
        "the last hidden unit only",
        "S4 writes h for the number of units and for one of them. Which is meant here?",
        lambda c, own: np.outer(own["db2"], c.h * (np.arange(len(c.h)) == len(c.h) - 1)),
    ),
    Rule(
        "times_W2",
        "db2 h^T times W2, entry by entry",
        "z is linear in W2. What is the derivative of a product with a constant?",
        lambda c, own: np.outer(own["db2"], c.h) * c.W2,
    ),
    Rule(
        "sign",
        "the sign flipped",
        "Which sign does z have in W2?",
        lambda c, own: -np.outer(own["db2"], c.h),
    ),
    Rule(
        "weight_decay",
        "W2 added to the gradient",
        "Does this error have a penalty?",
        lambda c, own: np.outer(own["db2"], c.h) + c.W2,
    ),
)


def _up(c, own):
    return c.W2.T @ own["db2"]


def _one_class(c, own):
    """S4's chain rule without the sum: the share of the label's logit alone."""
    return (c.y * own["db2"]) @ c.W2


def _with_moved_W2(c, own):
    """db1 after a step on W2; how long the step was is read off the student's own db1."""
    right = _up(c, own) * _gate(c)
    change = (own["dW2"].T @ own["db2"]) * _gate(c)
    off = right - own["db1"] if "db1" in own else 0.1 * change
    return right - step_length(off, change) * change


DB1 = (
    Rule(
        "missing_sum",
        "one class k only, without the sum over k",
        "A hidden unit speaks to every logit. Over what must its gradient be summed?",
        lambda c, own: _one_class(c, own) * _gate(c),
    ),
    Rule(
        "one_input_gate",
        "a gate that looks at one input only",
        "Does the gate of a unit open for one input, or for the whole sum W1 x + b1?",
        lambda c, own: _up(c, own) * (c.W1[:, 0] * c.x[0] + c.b1 > 0),
    ),
    Rule(
        "factor_twice",
        "the factor dz/dw twice, S4's (alpha) put into the chain rule",
        "How often does the chain rule multiply by dz_k/dw?",
        lambda c, own: (c.W2**2).T @ own["db2"] * _gate(c),
    ),
    Rule(
        "no_gate",
        "W2^T (p - y), without the gate",
        "What does a unit pass on whose pre-activation is negative?",
        _up,
    ),
    Rule(
        "times_h",
        "h in place of the gate",
        "What is the derivative of the ramp: itself?",
        lambda c, own: _up(c, own) * c.h,
    ),
    Rule(
        "gate_of_the_gradient",
        "a gate that looks at the gradient",
        "Which number decides whether the gate is open: the pre-activation, or what comes back?",
        lambda c, own: np.maximum(_up(c, own), 0.0),
    ),
    Rule(
        "gate_inverted",
        "the gate open where a < 0",
        "For which a is the slope 1?",
        lambda c, own: _up(c, own) * (1 - _gate(c)),
    ),
    Rule(
        "not_transposed",
        "W2 db2, without the transpose",
        "Each hidden unit collects from all logits. Over which index of W2 is that sum?",
        lambda c, own: (c.W2 @ own["db2"]) * _gate(c),
    ),
    Rule(
        "column_sums",
        "W2's columns summed, without p - y",
        "What does each logit send back: 1, or p - y?",
        lambda c, own: c.W2.sum(axis=0) * _gate(c),
    ),
    Rule(
        "gradient_for_weight",
        "dW2 where W2 belongs on the way back",
        "Through which weights did the hidden units reach the logits?",
        lambda c, own: (own["dW2"].T @ own["db2"]) * _gate(c),
    ),
    Rule(
        "updated_before_use",
        "a step on W2 before it carries the gradient back",
        "All gradients belong to one point. At which W2 does your dW1 stand?",
        _with_moved_W2,
    ),
    Rule(
        "top_gradient",
        "db2 itself, not carried back through W2",
        "The gradient at the logits has K entries. How does it get to the h units?",
        lambda c, own: own["db2"] * _gate(c),
    ),
    Rule(
        "column",
        "a gradient of shape (h, 1)",
        "Which shape has b1?",
        lambda c, own: (_up(c, own) * _gate(c))[:, None],
    ),
    Rule(
        "one_number",
        "one number for all entries of b1",
        "Each bias has its own derivative. Over which axis, and over it alone, do you add?",
        lambda c, own: np.asarray((_up(c, own) * _gate(c)).sum()),
    ),
    Rule(
        "times_x",
        "row sums of dW1 for db1",
        "What is b1 multiplied by in the forward pass: the inputs, or 1?",
        lambda c, own: _up(c, own) * _gate(c) * c.x.sum(),
    ),
    Rule(
        "sign",
        "the sign flipped",
        "Which sign does a have in b1?",
        lambda c, own: -_up(c, own) * _gate(c),
    ),
)

DW1 = (
    Rule(
        "one_input_gate",
        "a gate that looks at one input only, as printed in S4",
        "Does the gate of unit j open for the input m, or for the whole sum W1 x + b1?",
        lambda c, own: np.outer(_up(c, own), c.x) * (c.W1 * c.x + c.b1[:, None] > 0),
    ),
    Rule(
        "factor_twice",
        "the factor dz/dw twice, S4's (alpha) put into the chain rule",
        "How often does the chain rule multiply by dz_k/dw?",
        lambda c, own: np.outer((c.W2**2).T @ own["db2"] * _gate(c), c.x**2),
    ),
    Rule(
        "no_gate",
        "the gate left out",
        "What does a unit pass on whose pre-activation is negative?",
        lambda c, own: np.outer(_up(c, own), c.x),
    ),
    Rule(
        "missing_sum",
        "one class k only, without the sum over k",
        "A hidden unit speaks to every logit. Over what must its gradient be summed?",
        lambda c, own: np.outer(_one_class(c, own) * _gate(c), c.x),
    ),
    Rule(
        "hidden_for_input",
        "db1 h^T, with h for x",
        "What is W1 multiplied by in the forward pass?",
        lambda c, own: np.outer(own["db1"], c.h),
    ),
    Rule("transposed", "x db1^T", "Which shape has W1?", lambda c, own: np.outer(c.x, own["db1"])),
    Rule(
        "gated_input",
        "x passed through the ReLU",
        "What is W1 multiplied by: x, or its positive part?",
        lambda c, own: np.outer(own["db1"], np.maximum(c.x, 0.0)),
    ),
    Rule(
        "last_unit",
        "the last hidden unit only",
        "S4 writes h for the number of units and for one of them. Which is meant here?",
        lambda c, own: np.outer(own["db1"] * (np.arange(len(c.h)) == len(c.h) - 1), c.x),
    ),
    Rule(
        "times_W1",
        "db1 x^T times W1, entry by entry",
        "a is linear in W1. What is the derivative of a product with a constant?",
        lambda c, own: np.outer(own["db1"], c.x) * c.W1,
    ),
    Rule(
        "sign",
        "the sign flipped",
        "Which sign does a have in W1?",
        lambda c, own: -np.outer(own["db1"], c.x),
    ),
    Rule(
        "weight_decay",
        "W1 added to the gradient",
        "Does this error have a penalty?",
        lambda c, own: np.outer(own["db1"], c.x) + c.W1,
    ),
)

STEPWISE = Stepwise(
    forward=_forward,
    forwards=FORWARDS,
    parts=lambda value: dict(zip(PARTS, value, strict=True)),
    join=lambda p: tuple(p[k] for k in PARTS),
    steps=(
        Step("err", "", _err, ERR),
        Step("db2", "", lambda c, own: c.p - c.y, DB2),
        Step("dW2", "db2", lambda c, own: np.outer(own["db2"], c.h), DW2),
        Step("db1", "db2", lambda c, own: _up(c, own) * _gate(c), DB1),
        Step("dW1", "db1", lambda c, own: np.outer(own["db1"], c.x), DW1),
    ),
    split=lambda W1, b1, W2, b2, X, Y: [
        (W1, b1, W2, b2, X[n : n + 1], Y[n : n + 1]) for n in range(len(X))
    ],
    mean=False,
)
