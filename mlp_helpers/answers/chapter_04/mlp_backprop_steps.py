"""The steps of `mlp_backprop` (S1 section 2, S3) and how they go wrong.

The steps are written for a net of three weight layers, W_1 .. W_3; the probes have that depth.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from ...checking.steps import Rule, Step, Stepwise
from ...reference.activations import ACTIVATIONS, logsumexp, softmax

DEPTH = 3


def _forward(params, acts, X, y, *, bias=1.0, acts_for=None, shift=0):
    """Forward values of one example; keyword arguments make the known mistakes."""
    names = acts_for(acts) if acts_for else acts
    hs, zs = [np.asarray(X, dtype=float)[0]], []
    for (W, b), name in zip(params, [*names, "linear"], strict=True):
        zs.append(W @ hs[-1] + bias * b)
        hs.append(ACTIVATIONS[name][0](zs[-1]))
    label = (int(y[0]) - shift) % len(zs[-1])
    slopes = [ACTIVATIONS[name][1](z) for name, z in zip(names, zs, strict=False)]
    return SimpleNamespace(
        W=[W for W, _ in params],
        z=zs,
        h=hs,
        p=softmax(zs[-1]),
        e=np.eye(len(zs[-1]))[label],
        slopes=slopes,
        names=names,
        loss=logsumexp(zs[-1]) - zs[-1][label],
    )


def _variant(**changes):
    return lambda params, acts, X, y: _forward(params, acts, X, y, **changes)


FORWARDS = (
    Rule(
        "no_bias", "a forward pass without the biases", "What is added to W h?", _variant(bias=0.0)
    ),
    Rule(
        "first_activation_everywhere",
        "the first activation used in every layer",
        "Each hidden layer has its own name in acts. Which one does yours use?",
        _variant(acts_for=lambda acts: [acts[0]] * len(acts)),
    ),
    Rule(
        "activations_reversed",
        "the activations in reverse order",
        "Which activation belongs to the first layer: acts[0], or the last?",
        _variant(acts_for=lambda acts: list(acts)[::-1]),
    ),
    Rule(
        "always_tanh",
        "tanh in every layer",
        "Where does your code look at acts?",
        _variant(acts_for=lambda acts: ["tanh"] * len(acts)),
    ),
    Rule(
        "always_sigmoid",
        "a sigmoid in every layer",
        "Where does your code look at acts?",
        _variant(acts_for=lambda acts: ["sigmoid"] * len(acts)),
    ),
    Rule(
        "counts_from_one",
        "labels counted from 1",
        "Labels run from 0 to K-1. What does the index -1 mean to NumPy?",
        _variant(shift=1),
    ),
)

START = (
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
        "loss_minus_one_hot",
        "the loss minus e_y, as S1 prints the start of the recursion",
        "A vector is subtracted from one number, and NumPy broadcasts. Which vector belongs there?",
        lambda c, own: c.loss - c.e,
    ),
    Rule(
        "logits",
        "z - e_y, the logits for the probabilities",
        "p is a function of z. Which one?",
        lambda c, own: c.z[-1] - c.e,
    ),
    Rule(
        "extra_slope",
        "(p - e_y) p (1 - p)",
        "Has the logarithm not cancelled that slope?",
        lambda c, own: (c.p - c.e) * c.p * (1 - c.p),
    ),
    Rule(
        "probabilities",
        "-e_y / p, the gradient for the probabilities",
        "Which Jacobian lies between probabilities and logits?",
        lambda c, own: -c.e / c.p,
    ),
    Rule(
        "twice",
        "2 (p - e_y)",
        "Which loss has a factor 2 in its derivative?",
        lambda c, own: 2 * (c.p - c.e),
    ),
)


def _bias_steps(k):
    """db_k from the student's own db_{k+1}: the recursion of S1 section 2, question 3."""
    above = f"db_{k + 1}"

    def up(c, own):
        return c.W[k].T @ own[above]

    def right(c, own):
        return up(c, own) * c.slopes[k - 1]

    first = (
        ()
        if k == 1
        else (
            Rule(
                "slope_of_first_layer",
                "the slope of the first activation",
                "Each hidden layer has its own name in acts. Which one does your way back use?",
                lambda c, own: up(c, own) * ACTIVATIONS[c.names[0]][1](c.z[k - 1]),
            ),
        )
    )
    return Step(
        f"db_{k}",
        above,
        right,
        (
            *first,
            Rule(
                "no_slope",
                "W^T delta, without phi'",
                "From h back to z: which factor does the activation contribute?",
                up,
            ),
            Rule(
                "not_transposed",
                "W delta, without the transpose, as S3's algorithm box prints it",
                "Each unit collects from the layer above. Over which index of W is that sum?",
                lambda c, own: (c.W[k] @ own[above]) * c.slopes[k - 1],
            ),
            Rule(
                "own_weights",
                "this layer's own W for that of the layer above",
                "Which weights lead from this layer to the next?",
                lambda c, own: (c.W[k - 1].T @ own[above]) * c.slopes[k - 1],
            ),
            Rule(
                "first_weights",
                "W^1 in every layer, as S1 repeats it",
                "Which weights lead from this layer to the next?",
                lambda c, own: (c.W[0].T @ own[above]) * c.slopes[k - 1],
            ),
            Rule(
                "slope_of_h",
                "the slope taken at h",
                "At which point is phi' taken: at h, or at z?",
                lambda c, own: up(c, own) * ACTIVATIONS[c.names[k - 1]][1](c.h[k]),
            ),
            Rule(
                "slope_of_next_layer",
                "the slope of another layer's activation",
                "Which layer's phi' belongs to this z?",
                lambda c, own: up(c, own) * ACTIVATIONS[c.names[-k]][1](c.z[k - 1]),
            ),
            Rule(
                "slope_of_tanh",
                "1 - h^2 whatever the activation",
                "Where does your code look at acts?",
                lambda c, own: up(c, own) * (1 - c.h[k] ** 2),
            ),
            Rule(
                "tanh_prime",
                "1 - tanh(z)^2 whatever the activation",
                "Where does your way back look at acts?",
                lambda c, own: up(c, own) * ACTIVATIONS["tanh"][1](c.z[k - 1]),
            ),
            Rule(
                "sigmoid_prime",
                "sigma(z) (1 - sigma(z)) whatever the activation",
                "Where does your way back look at acts?",
                lambda c, own: up(c, own) * ACTIVATIONS["sigmoid"][1](c.z[k - 1]),
            ),
            Rule(
                "slope_of_sigmoid",
                "h (1 - h) whatever the activation",
                "Where does your code look at acts?",
                lambda c, own: up(c, own) * c.h[k] * (1 - c.h[k]),
            ),
            Rule(
                "times_activation",
                "phi(z) in place of phi'(z)",
                "Value or slope: which is asked?",
                lambda c, own: up(c, own) * c.h[k],
            ),
            Rule(
                "slope_twice",
                "phi' twice",
                "How often does the path pass through the activation?",
                lambda c, own: right(c, own) * c.slopes[k - 1],
            ),
            Rule(
                "sign",
                "the sign flipped",
                "Where does a minus enter?",
                lambda c, own: -right(c, own),
            ),
            Rule(
                "twice",
                "a factor 2",
                "Where would a factor 2 come from?",
                lambda c, own: 2 * right(c, own),
            ),
        ),
    )


def _weight_steps(k):
    """dW_k from the student's own db_k."""
    mine = f"db_{k}"

    def right(c, own):
        return np.outer(own[mine], c.h[k - 1])

    below = (
        ()
        if k == 1
        else (
            Rule(
                "input_everywhere",
                "delta x^T in every layer",
                "What is W multiplied by in the forward pass?",
                lambda c, own: np.outer(own[mine], c.h[0]),
            ),
        )
    )
    return Step(
        f"dW_{k}",
        mine,
        right,
        (
            *below,
            Rule(
                "transposed",
                "h delta^T",
                "Which shape has W, and which index belongs to its rows?",
                lambda c, own: np.outer(c.h[k - 1], own[mine]),
            ),
            Rule(
                "wrong_activation",
                "delta h^T with the h of the same layer",
                "What is W multiplied by in the forward pass: what goes in, or what comes out?",
                lambda c, own: np.outer(own[mine], c.h[k] if k < DEPTH else c.p),
            ),
            Rule(
                "pre_activation",
                "delta z^T, with z for h",
                "What is W multiplied by in the forward pass?",
                lambda c, own: np.outer(own[mine], c.z[k - 2] if k > 1 else c.h[0] ** 2),
            ),
            Rule(
                "times_W",
                "delta h^T times W, entry by entry",
                "z is linear in W. What is the derivative of a product with a constant?",
                lambda c, own: right(c, own) * c.W[k - 1],
            ),
            Rule(
                "extra_slope",
                "the slope once more",
                "delta has passed through phi already. Again?",
                lambda c, own: np.outer(
                    own[mine] * (c.slopes[k - 1] if k < DEPTH else c.p), c.h[k - 1]
                ),
            ),
            Rule(
                "sign",
                "the sign flipped",
                "Where does a minus enter?",
                lambda c, own: -right(c, own),
            ),
            Rule(
                "twice",
                "a factor 2",
                "Where would a factor 2 come from?",
                lambda c, own: 2 * right(c, own),
            ),
            Rule(
                "weight_decay",
                "W added to the gradient",
                "Does this loss have a penalty?",
                lambda c, own: right(c, own) + c.W[k - 1],
            ),
        ),
    )


def _parts(value):
    if len(value) != DEPTH:
        raise ValueError("another number of layers")
    return {
        name: tensor
        for k, (dW, db) in enumerate(value, start=1)
        for name, tensor in ((f"dW_{k}", dW), (f"db_{k}", db))
    }


STEPWISE = Stepwise(
    forward=_forward,
    forwards=FORWARDS,
    parts=_parts,
    join=lambda p: [(p[f"dW_{k}"], p[f"db_{k}"]) for k in range(1, DEPTH + 1)],
    steps=(
        Step("db_3", "", lambda c, own: c.p - c.e, START),
        _weight_steps(3),
        _bias_steps(2),
        _weight_steps(2),
        _bias_steps(1),
        _weight_steps(1),
    ),
    split=lambda params, acts, X, y: [
        (params, acts, X[n : n + 1], y[n : n + 1]) for n in range(len(y))
    ],
    mean=True,
)
