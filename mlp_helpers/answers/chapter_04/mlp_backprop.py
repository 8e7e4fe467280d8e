"""Backprop."""

from __future__ import annotations

import numpy as np

from ...checking.cost_criterion import CostOfBackprop
from ...checking.criteria import shape, stable, step, unchanged, value
from ...checking.exercise import Criterion, Exercise
from ...reference.activations import logsumexp, softmax
from ...reference.gradcheck import Net, unit_gradient
from ..bank import Bank
from ..draw import case, counted, labels
from .shared import (
    DTYPES,
    HUGE,
    PHI,
    PRIME,
    columns_summed,
    drawn,
    drawn_net,
    real,
    run,
    sizes,
)


def _backprop_cases(rng):
    def one(net, scale=0.0):
        N, K = len(net[2]), len(net[0][-1][1])
        return case(*net, labels(rng, N, K), scale=scale, **sizes(net))

    dims = (13, 17, 19, 17, 13, 19, 17, 13, 7)
    acts = ("tanh", "sigmoid", "softplus", "linear", "relu", "tanh", "softplus")
    smooth = ("tanh", "softplus", "sigmoid")
    shapes = ((3, 5, 7, 4), (5, 7, 3, 11), (7, 3, 5, 6))
    return drawn(rng, one) | {
        "cost": [counted(one(drawn_net(rng, dims, acts, 2)), _macs_of_case)],
        "steps": [
            one(drawn_net(rng, shape, (smooth[i], smooth[i - 1]), 1))
            for i, shape in enumerate(shapes)
        ],
        "steps_square": [
            one(drawn_net(rng, (5,) * 4, (smooth[i], smooth[i - 1]), 1)) for i in (0, 1)
        ],
        "deep": [
            counted(
                one(drawn_net(rng, (9, 7, 11, 8) * 8 + (5,), (acts * 5)[:31], 1)), _macs_of_case
            )
        ],
    }


def _mlp_backprop(params, acts, X, y):
    X = np.asarray(X, dtype=float)
    return unit_gradient(Net(tuple(acts), X, y), params)


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
    from .mlp_backprop_steps import STEPWISE

    return STEPWISE


bank = Bank()


EXERCISE = Exercise(
    title="Backprop",
    signature="mlp_backprop(params, acts, X, y)",
    returns="grads",
    minutes=25,
    lines=10,
    section="Backprop through L layers",
    draw=_backprop_cases,
    oracle=_mlp_backprop,
    criteria=(
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
        Criterion(
            "cost of backprop",
            0.5,
            CostOnTwoNets(),
            "cost",
            needs_value=True,
            says_anyway=True,
            costly=True,
        ),
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
    bank=bank,
    stepwise=_stepwise,
)


FORWARD = "Forward through any number of layers"


TOP = "What a layer needs for its own gradient"
BACK = "One layer back"


def hot(y, K):
    return (np.arange(K) == np.asarray(y)[:, None]).astype(float)


def backprop(
    params,
    acts,
    X,
    y,
    *,
    forward=run,
    top=lambda P, Y: P - Y,
    scale=lambda P: len(P),
    carry=lambda delta, params, k: delta @ params[k][0],
    gate=lambda delta, name, Z, H: delta * PRIME[name](Z),
    weights=lambda delta, hs, k: delta.T @ hs[k],
    biases=lambda delta: delta.sum(axis=0),
):
    """Backprop with exchangeable parts."""
    params = [(real(W), real(b)) for W, b in params]
    zs, hs = forward(params, acts, X)
    delta = top(hs[-1], hot(y, len(params[-1][1]))) / scale(hs[-1])
    grads = []
    for k in reversed(range(len(params))):
        grads.append((weights(delta, hs, k), biases(delta)))
        if k > 0:
            delta = gate(carry(delta, params, k), acts[k - 1], zs[k - 1], hs[k])
    return grads[::-1]


def loss(params, acts, X, y):
    """Mean negative log-likelihood, also for complex parameters."""
    H = np.asarray(X)
    for k, (W, b) in enumerate(params):
        Z = H @ W.T + b
        if k < len(acts):
            H = CPHI[acts[k]](Z)
    m = Z.real.max(axis=1, keepdims=True)
    lse = m[:, 0] + np.log(np.exp(Z - m).sum(axis=1))
    return np.mean(lse - Z[np.arange(len(y)), y])


CPHI = {
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "softplus": lambda z: (
        np.where(z.real > 0, z, 0) + np.log1p(np.exp(np.where(z.real > 0, -z, z)))
    ),
    "linear": lambda z: z,
    "relu": lambda z: np.where(z.real > 0, z, 0),
}


def perturbed(params, acts, X, y, quotient, dtype=float):
    """A gradient from one quotient(f) per parameter, f(t) being the loss with an entry moved."""
    params = [(np.array(W, dtype=dtype), np.array(b, dtype=dtype)) for W, b in params]

    def entry(array, i):
        base = array[i]

        def moved(t):
            array[i] = base + t
            try:
                return loss(params, acts, X, y)
            finally:
                array[i] = base

        return quotient(moved)

    def whole(array):
        return np.array([entry(array, i) for i in np.ndindex(array.shape)]).reshape(array.shape)

    return [(whole(W), whole(b)) for W, b in params]


@bank.wrong(
    "a sum over examples",
    "The loss is a mean. What happens to its gradient when every example is there twice?",
)
def sum_not_mean(params, acts, X, y):
    return backprop(params, acts, X, y, scale=lambda P: 1)


@bank.wrong(
    "a mean over all N K entries",
    "How many losses are averaged: one per example, or one per logit?",
)
def mean_over_entries(params, acts, X, y):
    return backprop(params, acts, X, y, scale=lambda P: P.size)


@bank.wrong("divided by N again at every layer", "How often does 1/N stand in front of the loss?")
def mean_at_every_layer(params, acts, X, y):
    return backprop(
        params, acts, X, y, carry=lambda delta, params, k: delta @ params[k][0] / len(delta)
    )


@bank.wrong(
    "the loss minus one-hot, as printed in the notes",
    "The recursion starts from a vector minus a vector. Is the loss a vector?",
    reread=TOP,
)
def starts_from_loss(params, acts, X, y):
    def top(P, Y):
        return -np.log((P * Y).sum(axis=1, keepdims=True)) - Y

    return backprop(params, acts, X, y, top=top)


@bank.wrong(
    "one-hot minus p", "If the label's logit grows, the loss falls. Which sign has that entry?"
)
def sign(params, acts, X, y):
    return backprop(params, acts, X, y, top=lambda P, Y: Y - P)


@bank.wrong("labels counted from 1", "Which column belongs to label 0?")
def labels_shifted(params, acts, X, y):
    return backprop(params, acts, X, np.asarray(y) - 1)


@bank.wrong(
    "the gradient with respect to p",
    "-1/p_y is the gradient with respect to the probabilities. What lies between them and "
    "the logits?",
)
def gradient_of_probabilities(params, acts, X, y):
    return backprop(params, acts, X, y, top=lambda P, Y: -Y / P)


@bank.wrong(
    "p - e_y multiplied by p (1 - p) as well",
    "p - e_y is the gradient with respect to the logits. Is softmax in it already?",
)
def softmax_twice(params, acts, X, y):
    return backprop(params, acts, X, y, top=lambda P, Y: (P - Y) * P * (1 - P))


@bank.wrong("the gradient of a squared error", "Which loss is asked for: (p - e_y)^2, or -log p_y?")
def squared_error(params, acts, X, y):
    def top(P, Y):
        E = P - Y
        return P * (E - (E * P).sum(axis=1, keepdims=True))

    return backprop(params, acts, X, y, top=top)


@bank.wrong(
    "the recursion without the transpose, as printed",
    "Rows are examples here, so delta W^T in the code is W delta on paper. Does the shape "
    "fit when W is not square?",
    reread=BACK,
)
def no_transpose(params, acts, X, y):
    return backprop(params, acts, X, y, carry=lambda delta, params, k: delta @ params[k][0].T)


@bank.wrong("W_k where W_{k+1} belongs", "Which matrix lies between h_k and z_{k+1}?")
def weights_of_layer_below(params, acts, X, y):
    return backprop(params, acts, X, y, carry=lambda delta, params, k: delta @ params[k - 1][0])


@bank.wrong("phi' missing", "delta W is the gradient with respect to h. What lies between h and z?")
def no_slope(params, acts, X, y):
    return backprop(params, acts, X, y, gate=lambda delta, name, Z, H: delta)


@bank.wrong("phi' taken at h instead of z", "At which point was the activation computed?")
def slope_at_h(params, acts, X, y):
    return backprop(params, acts, X, y, gate=lambda delta, name, Z, H: delta * PRIME[name](H))


@bank.wrong(
    "phi(z) instead of phi'(z)", "Going back, do you multiply by the activation or by its slope?"
)
def activation_not_slope(params, acts, X, y):
    return backprop(params, acts, X, y, gate=lambda delta, name, Z, H: delta * H)


@bank.wrong(
    "the slope of the activation above",
    "acts[k] belongs to layer k + 1. Which one lies between z and h here?",
)
def slope_of_next_layer(params, acts, X, y):
    above = dict(zip(acts, [*acts[1:], "linear"], strict=True))
    return backprop(
        params, acts, X, y, gate=lambda delta, name, Z, H: delta * PRIME[above[name]](Z)
    )


@bank.wrong("1 - h^2 for every activation", "For which activation is 1 - h^2 the slope?")
def tanh_everywhere(params, acts, X, y):
    return backprop(params, acts, X, y, gate=lambda delta, name, Z, H: delta * (1 - H * H))


@bank.wrong("h (1 - h) for every activation", "For which activation is h (1 - h) the slope?")
def sigmoid_everywhere(params, acts, X, y):
    return backprop(params, acts, X, y, gate=lambda delta, name, Z, H: delta * H * (1 - H))


@bank.wrong(
    "1 - tanh(z)^2 for every activation",
    "acts names an activation for each layer. Where does your way back look at it?",
)
def tanh_prime_everywhere(params, acts, X, y):
    return backprop(
        params, acts, X, y, gate=lambda delta, name, Z, H: delta * (1 - np.tanh(Z) ** 2)
    )


@bank.wrong(
    "sigma(z) (1 - sigma(z)) for every activation",
    "acts names an activation for each layer. Where does your way back look at it?",
)
def sigmoid_prime_everywhere(params, acts, X, y):
    return backprop(params, acts, X, y, gate=lambda delta, name, Z, H: delta * PRIME["sigmoid"](Z))


@bank.wrong(
    "the slope of acts[0] in every layer",
    "Each hidden layer has its own name in acts. Which one does your way back use?",
)
def first_slope_everywhere(params, acts, X, y):
    return backprop(params, acts, X, y, gate=lambda delta, name, Z, H: delta * PRIME[acts[0]](Z))


@bank.wrong("h (1 - h) as the slope of softplus", "What is the derivative of log(1 + e^z)?")
def softplus_slope(params, acts, X, y):
    def gate(delta, name, Z, H):
        return delta * (H * (1 - H) if name == "softplus" else PRIME[name](Z))

    return backprop(params, acts, X, y, gate=gate)


def gated(name, slope):
    """A gate with a wrong slope(Z, H) of one activation, the right ones of the others."""
    return lambda delta, mine, Z, H: delta * (slope(Z, H) if mine == name else PRIME[mine](Z))


def wrong_gate(id, looks_like, question, name, slope):
    bank.wrong(looks_like, question, id=id)(
        lambda params, acts, X, y: backprop(params, acts, X, y, gate=gated(name, slope))
    )


AT_H = "At which point is phi' taken: at h, or at z?"


wrong_gate(
    "tanh_slope_at_h",
    "1 - tanh(h)^2, the slope of tanh taken at h",
    AT_H,
    "tanh",
    lambda Z, H: 1 - np.tanh(H) ** 2,
)


wrong_gate(
    "sigmoid_slope_at_h",
    "the slope of the sigmoid taken at h",
    AT_H,
    "sigmoid",
    lambda Z, H: PRIME["sigmoid"](H),
)


wrong_gate(
    "softplus_slope_at_h",
    "sigma(h), the slope of softplus taken at h",
    AT_H,
    "softplus",
    lambda Z, H: PRIME["softplus"](H),
)


wrong_gate(
    "softplus_mirrored",
    "1 - sigma(z) as the slope of softplus",
    "Softplus is flat on the left and steep on the right. Which way round is yours?",
    "softplus",
    lambda Z, H: 1 - PRIME["softplus"](Z),
)


wrong_gate(
    "relu_slope_for_softplus",
    "the slope of relu as the slope of softplus",
    "Softplus has no kink. What is its slope at 0?",
    "softplus",
    lambda Z, H: Z > 0,
)


wrong_gate(
    "linear_slope_z",
    "z as the slope of a linear layer",
    "What is the derivative of z with respect to z?",
    "linear",
    lambda Z, H: Z,
)


wrong_gate(
    "linear_slope_zero",
    "0 as the slope of a linear layer",
    "What is the derivative of z with respect to z?",
    "linear",
    lambda Z, H: 0.0,
)


@bank.wrong(
    "exponentials divided by the totals of the columns",
    "One example is one row. Along which axis do its probabilities sum to 1?",
)
def columns_summed_(params, acts, X, y):
    return backprop(
        params,
        acts,
        X,
        y,
        forward=lambda params, acts, X: run(params, acts, X, output=columns_summed),
    )


@bank.wrong(
    "softmax down each column",
    "One example is one row. Along which axis do its probabilities sum to 1?",
)
def softmax_over_columns(params, acts, X, y):
    return backprop(
        params,
        acts,
        X,
        y,
        forward=lambda params, acts, X: run(params, acts, X, output=lambda Z: softmax(Z.T).T),
    )


@bank.wrong(
    "divided by K, the number of classes", "The mean runs over the examples. How many are there?"
)
def mean_over_classes(params, acts, X, y):
    return backprop(params, acts, X, y, scale=lambda P: P.shape[1])


CLASSES = "A batch need not contain every class. Which argument tells how many there are?"


@bank.wrong("as many classes as the largest label of the batch says", CLASSES)
def classes_up_to_the_largest_label(params, acts, X, y):
    return backprop(params, acts, X, y, top=lambda P, Y: P - np.eye(np.max(y) + 1)[y])


@bank.wrong("as many classes as different labels occur in the batch", CLASSES)
def classes_that_occur(params, acts, X, y):
    return backprop(params, acts, X, y, top=lambda P, Y: P - np.eye(len(np.unique(y)))[y])


@bank.wrong(
    "1 as the slope of relu everywhere", "How much does relu(z) change where z is negative?"
)
def open_gates(params, acts, X, y):
    def gate(delta, name, Z, H):
        return delta * (1 if name == "relu" else PRIME[name](Z))

    return backprop(params, acts, X, y, gate=gate)


@bank.wrong(
    "delta times h of the same layer", "W_k multiplies h_{k-1}. Which activations did you use?"
)
def activation_of_own_layer(params, acts, X, y):
    return backprop(params, acts, X, y, weights=lambda delta, hs, k: delta.T @ hs[k + 1])


@bank.wrong(
    "delta times z of the layer below", "W_k multiplies h_{k-1}. Is that the pre-activation?"
)
def preactivation_below(params, acts, X, y):
    zs, _hs = run(params, acts, X)
    return backprop(
        params, acts, X, y, weights=lambda delta, hs, k: delta.T @ (zs[k - 1] if k else hs[0])
    )


@bank.wrong("dW transposed", "dW has the shape of W. Which index runs along its rows?")
def weights_transposed(params, acts, X, y):
    return backprop(params, acts, X, y, weights=lambda delta, hs, k: hs[k].T @ delta)


@bank.wrong(
    "the bias gradient averaged once more",
    "delta contains 1/N already. Is the bias gradient its sum or its mean?",
)
def bias_mean(params, acts, X, y):
    return backprop(params, acts, X, y, biases=lambda delta: delta.mean(axis=0))


@bank.wrong(
    "the bias gradient of the last example",
    "The bias is added to every example. Whose gradients do you collect?",
)
def bias_of_one_example(params, acts, X, y):
    return backprop(params, acts, X, y, biases=lambda delta: delta[-1].copy())


@bank.wrong("the bias gradient summed over units", "Which axis of delta are the examples?")
def bias_over_units(params, acts, X, y):
    return backprop(params, acts, X, y, biases=lambda delta: delta.sum(axis=1))


@bank.wrong("zeros for the biases", "What is dz/db?")
def bias_forgotten(params, acts, X, y):
    return backprop(params, acts, X, y, biases=lambda delta: np.zeros(delta.shape[1]))


@bank.wrong(
    "one row of bias gradients for each example",
    "One bias serves all examples. What do their gradients do when they meet?",
)
def bias_per_example(params, acts, X, y):
    return backprop(params, acts, X, y, biases=lambda delta: delta)


@bank.wrong("bias gradients of shape (1, d_k)", "What shape has b?")
def bias_row(params, acts, X, y):
    return backprop(params, acts, X, y, biases=lambda delta: delta.sum(axis=0, keepdims=True))


@bank.wrong(
    "the pairs from the output to the input",
    "You collected them from the top. In which order are they asked for?",
)
def layers_reversed(params, acts, X, y):
    return backprop(params, acts, X, y)[::-1]


@bank.wrong("(db, dW) in each pair", "Which of the two does params name first?")
def bias_first(params, acts, X, y):
    return [(db, dW) for dW, db in backprop(params, acts, X, y)]


@bank.wrong("the gradient of the first example", "How many examples are in the batch?")
def first_example_only(params, acts, X, y):
    return backprop(params, acts, X[:1], y[:1])


@bank.wrong("a penalty on the weights added", "Is there a penalty in this loss?")
def weight_decay(params, acts, X, y):
    grads = backprop(params, acts, X, y)
    return [(dW + 0.01 * W, db) for (dW, db), (W, _) in zip(grads, params, strict=True)]


@bank.wrong("the recursion stopped after one step", "Which delta do the layers below use?")
def two_layers_only(params, acts, X, y):
    grads = backprop(params, acts, X, y)
    return [
        (dW * (k >= len(params) - 2), db * (k >= len(params) - 2))
        for k, (dW, db) in enumerate(grads)
    ]


@bank.wrong(
    "exp of the logits as they come", "What does a computer make of exp(1000)?", reread=FORWARD
)
def no_shift(params, acts, X, y):
    def unshifted(Z):
        return np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)

    return backprop(params, acts, X, y, forward=lambda *net: run(*net, output=unshifted))


@bank.wrong(
    "slopes from e^z typed as they stand",
    "What is infinity divided by infinity squared?",
    reread=FORWARD,
)
def naive_slopes(params, acts, X, y):
    def gate(delta, name, Z, H):
        E = np.exp(Z)
        slope = {"sigmoid": lambda: E / (1 + E) ** 2, "softplus": lambda: E / (1 + E)}
        return delta * slope.get(name, lambda: PRIME[name](Z))()

    return backprop(params, acts, X, y, gate=gate)


@bank.wrong(
    "probabilities kept away from 0 and 1", "p - e_y contains no logarithm. What needs protection?"
)
def clipped_probabilities(params, acts, X, y):
    return backprop(params, acts, X, y, top=lambda P, Y: np.clip(P, 1e-9, 1 - 1e-9) - Y)


@bank.wrong(
    "the pre-activation looked up by the name of its activation, as in `zs[acts.index(name)]`",
    "Two layers may have the same activation. Which of them does index() find?",
)
def looked_up_by_name(params, acts, X, y):
    zs, hs = run(params, acts, X)
    delta = (hs[-1] - hot(y, hs[-1].shape[1])) / len(y)
    grads = []
    for k in reversed(range(len(params))):
        grads.append((delta.T @ hs[k], delta.sum(axis=0)))
        if k > 0:
            name = acts[k - 1]
            delta = (delta @ params[k][0]) * PRIME[name](zs[acts.index(name)])
    return grads[::-1]


@bank.wrong(
    "W delta for W^T delta where W is square",
    "Where W is square both products have a shape that fits. Which of its indices belongs "
    "to the layer above?",
)
def no_transpose_when_square(params, acts, X, y):
    def carry(delta, params, k):
        W = params[k][0]
        return delta @ (W.T if W.shape[0] == W.shape[1] else W)

    return backprop(params, acts, X, y, carry=carry)


@bank.wrong(
    "z (1 - z) for the slope", "sigma' is sigma (1 - sigma). Of which value: of z, or of sigma(z)?"
)
def slope_of_the_argument(params, acts, X, y):
    return backprop(params, acts, X, y, gate=lambda delta, name, Z, H: delta * Z * (1 - Z))


@bank.wrong(
    "np.sum(delta), one number for all biases",
    "Every unit has a bias of its own. Over which axis do you add?",
)
def biases_to_one_number(params, acts, X, y):
    return backprop(params, acts, X, y, biases=np.sum)


@bank.wrong(
    "a function for nets of a few layers",
    "How many layers may a net have? Is there a line in your code for each of them?",
)
def only_shallow_nets(params, acts, X, y):
    if len(params) > 7:
        raise IndexError("list index out of range")
    return backprop(params, acts, X, y)


@bank.wrong(
    "the way back begun again from the top for each layer",
    "The delta of layer 3 has been computed on the way to layer 2. Do you keep it?",
    cost="per layer",
)
def begun_again(params, acts, X, y):
    params = [(real(W), real(b)) for W, b in params]
    zs, hs = run(params, acts, X)
    grads = []
    for k in range(len(params)):
        delta = (hs[-1] - hot(y, hs[-1].shape[1])) / len(y)
        for j in range(len(params) - 1, k, -1):
            delta = (delta @ params[j][0]) * PRIME[acts[j - 1]](zs[j - 1])
        grads.append((delta.T @ hs[k], delta.sum(axis=0)))
    return grads


@bank.wrong(
    "gradients stored in the dtype of the parameters",
    "np.zeros_like(W) of whole numbers holds whole numbers. What becomes of a gradient of "
    "0.3 in it?",
)
def keeps_dtype(params, acts, X, y):
    params = [(W.copy(), b.copy()) for W, b in params]
    grads = backprop(params, acts, X, y)
    return [
        (dW.astype(W.dtype), db.astype(b.dtype))
        for (dW, db), (W, b) in zip(grads, params, strict=True)
    ]


@bank.wrong("numbers in float32", "float32 keeps seven digits. Where does the precision get lost?")
def single_precision(params, acts, X, y):
    return [
        (dW.astype(np.float32), db.astype(np.float32)) for dW, db in backprop(params, acts, X, y)
    ]


@bank.wrong(
    "gradients rounded to a few digits",
    "What do the next steps compute with: what you print, or what you return?",
)
def rounded_(params, acts, X, y):
    return [(np.round(dW, 8), np.round(db, 8)) for dW, db in backprop(params, acts, X, y)]


@bank.wrong(
    "acts[-1], which may not exist", "A network with L = 1 has no hidden layer. What is acts then?"
)
def needs_a_hidden_layer(params, acts, X, y):
    assert acts[-1] in PHI
    return backprop(params, acts, X, y)


@bank.wrong("divided by N - 1", "How many losses are averaged?")
def unbiased_mean(params, acts, X, y):
    return backprop(params, acts, X, y, scale=lambda P: len(P) - 1)


@bank.wrong(
    "axes of length 1 removed from the batch",
    "A batch of one example is still a batch. What is delta.sum(axis=0) then?",
)
def squeezed(params, acts, X, y):
    grads = backprop(params, acts, X, y)
    return grads if len(X) > 1 else [(dW, db.sum()) for dW, db in grads]


@bank.wrong(
    "axes of length 1 removed from the gradients",
    "A layer may have one unit, or one input. Which shape has its W then?",
)
def squeezed_gradients(params, acts, X, y):
    return [(np.squeeze(dW), np.squeeze(db)) for dW, db in backprop(params, acts, X, y)]


@bank.wrong(
    "the caller's list or arrays changed in place",
    "Who else holds params and X? Are they the same after the call?",
)
def changes_arguments(params, acts, X, y):
    grads = backprop(params, acts, X, y)
    params.reverse()
    return grads


@bank.wrong(
    "central differences, two losses per parameter",
    "How many forward passes does your gradient need, and how many would a network with a "
    "million parameters need?",
    cost="per parameter",
)
def central_differences(params, acts, X, y):
    return perturbed(params, acts, X, y, lambda f: (f(1e-6) - f(-1e-6)) / 2e-6)


@bank.wrong(
    "a complex step per parameter",
    "The values are right to the last digit. How many forward passes did they cost?",
    cost="complex step",
)
def complex_step(params, acts, X, y):
    return perturbed(params, acts, X, y, lambda f: f(1e-20j).imag / 1e-20, complex)


@bank.wrong(
    "a derivative carried forward for every parameter",
    "You carry one direction forward at a time. What could you carry backward for all of "
    "them at once?",
    cost="per parameter",
)
def forward_mode(params, acts, X, y):
    params = [(real(W), real(b)) for W, b in params]
    zs, hs = run(params, acts, X)
    top = (hs[-1] - hot(y, hs[-1].shape[1])) / len(X)

    def directional(k, dZ):
        for m in range(k + 1, len(params)):
            dZ = (PRIME[acts[m - 1]](zs[m - 1]) * dZ) @ params[m][0].T
        return np.sum(top * dZ)

    def along(k, i, column):
        dZ = np.zeros(zs[k].shape)
        dZ[:, i] = column
        return directional(k, dZ)

    return [
        (
            np.array(
                [[along(k, i, hs[k][:, j]) for j in range(W.shape[1])] for i in range(W.shape[0])]
            ),
            np.array([along(k, i, 1.0) for i in range(len(b))]),
        )
        for k, (W, b) in enumerate(params)
    ]


@bank.wrong(
    "every unit moved once to read off its delta",
    "Each delta costs you a pass through the rest of the network. From which delta could "
    "you compute it in one step?",
    cost="per unit",
)
def one_pass_per_unit(params, acts, X, y):
    params = [(real(W), real(b)) for W, b in params]
    zs, hs = run(params, acts, X)
    top = (hs[-1] - hot(y, hs[-1].shape[1])) / len(X)

    def delta(k, i):
        dZ = np.zeros(zs[k].shape)
        dZ[:, i] = 1.0
        for m in range(k + 1, len(params)):
            dZ = (PRIME[acts[m - 1]](zs[m - 1]) * dZ) @ params[m][0].T
        return (top * dZ).sum(axis=1)

    grads = []
    for k, (_, b) in enumerate(params):
        d = np.stack([delta(k, i) for i in range(len(b))], axis=1)
        grads.append((d.T @ hs[k], d.sum(axis=0)))
    return grads


bank.habits(lambda params, acts, X, y: backprop(params, acts, X, y))


@bank.right("one example at a time, outer products")
def one_example_at_a_time(params, acts, X, y):
    params = [(W.astype(float), b.astype(float)) for W, b in params]
    grads = [[np.zeros(W.shape), np.zeros(b.shape)] for W, b in params]
    for x, label in zip(X, y, strict=True):
        h, zs, hs = np.asarray(x, dtype=float), [], []
        for k, (W, b) in enumerate(params):
            hs.append(h)
            zs.append(W @ h + b)
            h = PHI[acts[k]](zs[-1]) if k < len(acts) else softmax(zs[-1])
        delta = h.copy()
        delta[label] -= 1
        for k in range(len(params) - 1, -1, -1):
            grads[k][0] += np.outer(delta, hs[k]) / len(X)
            grads[k][1] += delta / len(X)
            if k:
                delta = (params[k][0].T @ delta) * PRIME[acts[k - 1]](zs[k - 1])
    return grads


@bank.right("recursion, slopes from h, einsum")
def recursion(params, acts, X, y):
    slope = {
        "tanh": lambda h: 1 - h**2,
        "sigmoid": lambda h: h * (1 - h),
        "softplus": lambda h: -np.expm1(-h),
        "linear": lambda h: np.ones(h.shape),
        "relu": lambda h: np.where(h > 0, 1.0, 0.0),
    }

    def visit(H, k):
        """Return (gradients of layers k and above, gradient with respect to H)."""
        W, b = np.array(params[k][0], dtype=float), np.array(params[k][1], dtype=float)
        Z = np.einsum("nj,ij->ni", H, W) + b
        if k == len(acts):
            delta = np.exp(Z - logsumexp(Z)[:, None])
            delta[np.arange(len(y)), y] -= 1
            delta, above = delta / len(y), ()
        else:
            out = PHI[acts[k]](Z)
            above, back = visit(out, k + 1)
            delta = back * slope[acts[k]](out)
        pair = (np.einsum("ni,nj->ij", delta, H), np.einsum("ni->i", delta))
        return (pair, *above), delta @ W

    return visit(np.array(X, dtype=float), 0)[0]


@bank.right("columns, biases in the weights, 1/N last")
def columns(params, acts, X, y):
    N = X.shape[0]
    A = [np.hstack([W, b[:, None]]).astype(float) for W, b in params]
    hs, zs = [np.vstack([X.T.astype(float), np.ones((1, N))])], []
    for k, B in enumerate(A):
        zs.append(B.dot(hs[k]))
        out = PHI[acts[k]](zs[k]) if k < len(acts) else softmax(zs[k].T).T
        hs.append(np.vstack([out, np.ones((1, N))]))
    delta = hs[-1][:-1] - hot(y, len(A[-1])).T
    grads = [None] * len(A)
    for k in range(len(A))[::-1]:
        G = np.tensordot(delta, hs[k], axes=(1, 1)) / N
        grads[k] = (G[:, :-1], G[:, -1])
        if k:
            delta = PRIME[acts[k - 1]](zs[k - 1]) * A[k][:, :-1].T.dot(delta)
    return grads


@bank.right("scalar loops over lists")
def scalar_loops_over_lists(params, acts, X, y):
    def dot(u, v):
        total = 0.0
        for a, b in zip(u, v, strict=True):
            total += a * b
        return total

    Ws = [[[float(v) for v in row] for row in W] for W, _ in params]
    bs = [[float(v) for v in b] for _, b in params]
    dWs = [[[0.0] * len(row) for row in W] for W in Ws]
    dbs = [[0.0] * len(b) for b in bs]
    for n, x in enumerate(X):
        hs, slopes = [[float(v) for v in x]], []
        for k, (W, b) in enumerate(zip(Ws, bs, strict=True)):
            z = [dot(row, hs[-1]) + bias for row, bias in zip(W, b, strict=True)]
            Z = np.array(z)
            hs.append(PHI[acts[k]](Z).tolist() if k < len(acts) else softmax(Z).tolist())
            slopes.append(PRIME[acts[k]](Z).tolist() if k < len(acts) else None)
        delta = [p - (c == int(y[n])) for c, p in enumerate(hs[-1])]
        for k in range(len(Ws) - 1, -1, -1):
            for i, d in enumerate(delta):
                dbs[k][i] += d / len(X)
                for j, h in enumerate(hs[k]):
                    dWs[k][i][j] += d * h / len(X)
            if k:
                columns = zip(*Ws[k], strict=True)
                delta = [dot(c, delta) * s for c, s in zip(columns, slopes[k - 1], strict=True)]
    return [(np.array(dW), np.array(db)) for dW, db in zip(dWs, dbs, strict=True)]
