"""The error and all four gradients."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from ...checking.cost_criterion import cost
from ...checking.criteria import shape, stable, step, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import as_float, logsumexp, softmax
from ...reference.gradcheck import STEP
from ..bank import Bank
from ..draw import case, counted, strided
from .shared import (
    DTYPES,
    GATE,
    NEXT,
    SLOPE,
    doubles,
    entries_moved,
    logits,
    net_at_zero,
    network,
    one_hot,
    ramp,
    smallest_network,
    unit_step,
    whole_network,
)

HUGE = "huge logits (largest 1000)"


FAR = "rows far apart"


GRADS = ("err", "dW1", "db1", "dW2", "db2")


def _awkward_layout(args):
    """The same numbers, none of the matrices in row-major order."""
    W1, b1, W2, b2, X, Y = args
    return (strided(W1), strided(b1), np.asfortranarray(W2), b2, strided(X), np.asfortranarray(Y))


def _single_network(rng, N, d, h, K):
    return tuple(a.astype(np.float32) for a in network(rng, N, d, h, K))


def _huge_outputs(rng, N, d, h, K):
    """The bias b2 drives the largest logit to 1000, a near rival beside it, another to -1000."""
    W1, b1, W2, b2, X, Y = network(rng, N, d, h, K)
    b2[:] = -1900.0 + 300.0 * rng.uniform(0.0, 1.0, K)  # a shift by the mean overflows as well
    b2[:3] = rng.permutation([0.0, rng.uniform(-0.9, -0.3), -2000.0])
    return W1, b1, W2, b2 + 1000.0 - logits(W1, b1, W2, b2, X).max(), X, Y


def _far_outputs(rng, N, d, h, K):
    """The first hidden unit moves all logits of a row together, by hundreds."""
    W1, b1, W2, b2, X, Y = network(rng, N, d, h, K)
    X[:, 0] = rng.permutation(np.linspace(0.5, 4.5, N))
    W1[0], b1[0] = np.eye(d)[0], 0.4
    W2[:, 0] += 300.0
    return W1, b1, W2, b2, X, Y


def _telling(rng, d, h, K):
    """One example whose gates cannot be told from one input, and whose label is very unlikely.

    So a wrong gate, or a constant inside a logarithm, is seen whatever the seed is.
    """
    while True:
        W1, b1, W2, b2, X, _ = network(rng, 1, d, h, K)
        gates = W1 @ X[0] + b1 > 0
        by_one_input = W1 * X[0] + b1[:, None] > 0
        if (by_one_input != gates[:, None]).any(axis=0).all():
            break
    b2[0] += logits(W1, b1, W2, b2, X).max() - logits(W1, b1, W2, b2, X)[0, 0] - 9.0
    return W1, b1, W2, b2, X, one_hot([0], K)


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
            one(network(rng, 7, 3, 11, 5)),
            one(_awkward_layout(network(rng, 11, 7, 3, 5))),
            one(network(rng, 5, 5, 5, 5)),
            one(network(rng, 1, 3, 7, 5)),
            one(smallest_network(rng), scale=1.0),  # its error may be next to nothing
            one(network(rng, 61, 2, 23, 13)),
            one(network(rng, 2, 31, 3, 2)),
        ],
        "steps": [one(_last_unit_open(network(rng, 1, 3, 11, 5))), one(_telling(rng, 7, 5, 3))],
        "steps_square": [one(network(rng, 1, 5, 5, 5)) for _ in range(2)],
        # Sums of 1000 and rounding errors of 300 * (sum of p - y) are no fault: hence the scale.
        "huge": [one(_huge_outputs(rng, 7, 3, 11, 5), scale=1000.0)],
        "far": [one(_far_outputs(rng, 7, 3, 11, 5), scale=1000.0)],
        "zero": [one(net_at_zero(rng, 5, 3, 7, 11)), one(net_at_zero(rng, 3, 7, 11, 5))],
        "dtypes": [
            one(whole_network(rng, 5, 3, 7, 11), scale=1.0),
            one(_single_network(rng, 7, 5, 3, 11)),
        ],
        # Two classes: summing S4's dz_k/dw over k is honest work and stays cheap.
        "cost": [counted(one(network(rng, 2, 29, 31, 2)), _forward_macs)],
        "twice": [one(network(rng, 5, 3, 7, 11)) for _ in range(2)],
    }


def _err(W1, b1, W2, b2, X, Y):
    Z = logits(W1, b1, W2, b2, X)
    return (logsumexp(Z) - (Y * Z).sum(axis=-1)).sum(axis=-1)


def _relu_err_and_grads(W1, b1, W2, b2, X, Y):
    parameters = [as_float(a) for a in (W1, b1, W2, b2)]
    parts = [float(_err(*parameters, X, Y))]
    for i, theta in enumerate(parameters):
        moved = [*parameters[:i], entries_moved(theta), *parameters[i + 1 :]]
        parts.append((_err(*moved, X, Y).imag / STEP).reshape(theta.shape))
    return tuple(parts)


def _forward_macs(W1, b1, W2, b2, X, Y):
    return len(X) * (W1.size + W2.size)


def _stepwise():
    from .relu_err_and_grads_steps import STEPWISE

    return STEPWISE


bank = Bank()


EXERCISE = Exercise(
    title="The error and all four gradients",
    signature="relu_err_and_grads(W1, b1, W2, b2, X, Y)",
    returns=GRADS,
    minutes=30,
    lines=10,
    section="The error and its four gradients",
    draw=_grad_cases,
    oracle=_relu_err_and_grads,
    criteria=(
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
        cost(0.5),
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
    bank=bank,
    stepwise=_stepwise,
)


SUM = "Every logit sends something back"


def passed(W1, b1, W2, b2, X, Y):
    """Forward values, the pieces of the backward pass, and how they make an answer."""
    W1, b1, W2, b2, X, Y = doubles(W1, b1, W2, b2, X, Y)
    A = X @ W1.T + b1
    H = ramp(A)
    Z = H @ W2.T + b2
    P = softmax(Z)
    D = P - Y
    return SimpleNamespace(
        W1=W1, b1=b1, W2=W2, b2=b2, X=X, Y=Y, A=A, H=H, Z=Z, P=P, D=D, G=unit_step(A), U=D @ W2
    )


def error(c):
    return float((logsumexp(c.Z) - (c.Y * c.Z).sum(axis=1)).sum())


def answer(c, **changes):
    """Put the pieces together; changed pieces make the known mistakes."""
    c = SimpleNamespace(**(vars(c) | changes))
    if "D" in changes and "U" not in changes:
        c.U = c.D @ c.W2
    dA = changes.get("dA", c.U * c.G)
    dW1 = changes.get("dW1", dA.T @ c.X)
    dW2 = changes.get("dW2", c.D.T @ c.H)
    return (
        changes.get("err", error(c)),
        dW1,
        changes.get("db1", dA.sum(axis=0)),
        dW2,
        changes.get("db2", c.D.sum(axis=0)),
    )


def err_and_grads(*args):
    return answer(passed(*args))


def mistake(looks_like, question, reread="", id=""):
    """Register a wrong `relu_err_and_grads`, written as a change of the pieces."""

    def register(change):
        def fn(W1, b1, W2, b2, X, Y):
            c = passed(W1, b1, W2, b2, X, Y)
            return answer(c, **change(c))

        bank.wrong(looks_like, question, id=id or change.__name__.rstrip("_"), reread=reread)(fn)
        return change

    return register


@mistake(
    "the factor dz/dw twice, S4's (alpha) put into the chain rule",
    "How often does the chain rule multiply by dz_k/dw? Why does db2 not show it?",
    SUM,
)
def factor_twice(c):
    dA = (c.D @ c.W2**2) * c.G
    return {"dW2": c.D.T @ c.H**2, "db1": dA.sum(axis=0), "dW1": dA.T @ c.X**2}


@mistake(
    "one class k only, without the sum over k",
    "A hidden unit speaks to every logit. Over what must its gradient be summed?",
    SUM,
)
def missing_sum(c):
    return {"dA": (c.D * c.Y) @ c.W2 * c.G}


@mistake(
    "the share of logit 0 only",
    "A hidden unit speaks to every logit. Over what must its gradient be summed?",
    SUM,
)
def missing_sum_first_class(c):
    return {"dA": np.outer(c.D[:, 0], c.W2[0]) * c.G}


@mistake(
    "a gate that looks at one input only, as printed in S4",
    "Does the gate of unit j open for the input m, or for the whole sum W1 x + b1?",
    GATE,
)
def one_input_gate(c):
    gates = c.W1 * c.X[:, None, :] + c.b1[:, None] > 0
    return {"dW1": np.einsum("nh,nhd,nd->hd", c.U, gates, c.X)}


@mistake(
    "a gate that looks at the first input only",
    "Does the gate of unit j open for one input, or for the whole sum W1 x + b1?",
    GATE,
)
def one_input_gate_everywhere(c):
    return {"G": unit_step(np.outer(c.X[:, 0], c.W1[:, 0]) + c.b1)}


@mistake(
    "1 - y, with the index k captured by its own sum",
    "In S4's bracket one k is free and one is summed. Which letter does the sum need?",
)
def captured_index(c):
    return {"D": 1 - c.Y}


@mistake(
    "the last hidden unit only",
    "S4 writes h for the number of units and for one of them. Which is meant here?",
)
def last_unit(c):
    last = np.arange(len(c.b1)) == len(c.b1) - 1
    return {"H": c.H * last, "G": c.G * last}


@mistake("gates that are open at 0", "Which slope did this course agree on at 0?", SLOPE)
def one_at_zero(c):
    return {"G": (c.A >= 0).astype(float)}


@mistake("half a gate at 0", "Which slope did this course agree on at 0?", SLOPE)
def half_at_zero(c):
    return {"G": (np.sign(c.A) + 1) / 2}


@mistake(
    "W2^T (p - y), without the gate", "What does a unit pass on whose pre-activation is negative?"
)
def no_gate(c):
    return {"dA": c.U}


@mistake("h in place of the gate", "What is the derivative of the ramp: itself?")
def times_h(c):
    return {"G": c.H}


@mistake(
    "a gate that looks at the gradient",
    "Which number decides whether the gate is open: the pre-activation, or what comes back?",
)
def gate_of_the_gradient(c):
    return {"dA": ramp(c.U)}


@mistake("the gate open where a < 0", "For which a is the slope 1?", SLOPE)
def inverted(c):
    return {"G": 1 - c.G}


@mistake(
    "one gate per unit for the whole batch",
    "Which examples open a unit: all alike, or each for itself?",
)
def gate_of_the_mean(c):
    return {"G": unit_step(c.A.mean(axis=0))[None, :]}


@mistake(
    "a gate that leaks for negative a", "How far does max(0, a) rise from a = -2 to a = -1?", SLOPE
)
def leaky_gate(c):
    return {"G": np.where(c.A > 0, 1.0, 0.01)}


@mistake("the slope 1 - h^2", "Which activation has the slope 1 - h^2?")
def tanh_slope(c):
    return {"G": 1 - c.H**2}


@mistake("a for h in dW2", "What is W2 multiplied by in the forward pass?")
def pre_activation(c):
    return {"dW2": c.D.T @ c.A}


@mistake("the gate for h in dW2", "What is W2 multiplied by in the forward pass: h, or its slope?")
def gate_for_h(c):
    return {"dW2": c.D.T @ c.G}


@mistake(
    "the mean over the examples", "The contract: is this error a sum over examples, or a mean?"
)
def mean(c):
    return {"D": c.D / len(c.X), "err": error(c) / len(c.X)}


@mistake("the mean in the gradients, the sum in the error", "Is the gradient that of your error?")
def mean_gradient(c):
    return {"D": c.D / len(c.X)}


@mistake("the mean in the error, the sum in the gradients", "Is the gradient that of your error?")
def mean_error(c):
    return {"err": error(c) / len(c.X)}


@mistake(
    "the mean over examples in the bias gradients",
    "A bias acts on every example. Do their shares add up, or average?",
)
def mean_biases(c):
    return {"db1": (c.U * c.G).mean(axis=0), "db2": c.D.mean(axis=0)}


@mistake("the first example only", "What happens to the other examples of the batch?")
def first_example(c):
    first = np.arange(len(c.X))[:, None] == 0
    return {"D": c.D * first, "err": float(logsumexp(c.Z[0]) - c.Y[0] @ c.Z[0])}


@mistake(
    "gradients of the last example only, = where += belongs",
    "What happens to the first example's share when the second one is computed?",
)
def last_example(c):
    return {"D": c.D * (np.arange(len(c.X))[:, None] == len(c.X) - 1)}


@mistake("gradients of the first example only", "The error adds up all examples. Do the gradients?")
def first_gradients(c):
    return {"D": c.D * (np.arange(len(c.X))[:, None] == 0)}


@mistake(
    "bias gradients not yet added up over the examples",
    "b1 has h entries. How many rows has your db1?",
)
def biases_not_summed(c):
    return {"db1": c.U * c.G, "db2": c.D}


@mistake(
    "bias gradients added up along the wrong axis",
    "Which axis runs over the examples, and which over the units?",
)
def biases_along_rows(c):
    return {"db1": (c.U * c.G).sum(axis=1), "db2": c.D.sum(axis=1)}


@mistake(
    "np.sum without an axis: one number for all biases",
    "Each bias has its own derivative. Over which axis, and over it alone, do you add?",
)
def biases_one_number(c):
    return {"db1": (c.U * c.G).sum(), "db2": c.D.sum()}


@mistake(
    "bias gradients as row sums of the weight gradients",
    "What is b1 multiplied by in the forward pass: the inputs, or 1?",
)
def biases_from_weights(c):
    dA = c.U * c.G
    return {"db1": (dA.T @ c.X).sum(axis=1), "db2": (c.D.T @ c.H).sum(axis=1)}


@mistake("bias gradients of shape (h, 1) and (K, 1)", "Which shape has b1?")
def biases_as_columns(c):
    return {"db1": (c.U * c.G).sum(axis=0)[:, None], "db2": c.D.sum(axis=0)[:, None]}


@mistake(
    "dW2 where W2 belongs on the way back",
    "Through which weights did the hidden units reach the logits?",
)
def gradient_for_weight(c):
    return {"U": c.D @ (c.D.T @ c.H)}


@mistake(
    "log(1 - p) of the other classes added, the gradient that of a softmax",
    "The error is -log of one probability, that of the label. Where do the others enter?",
)
def binary_terms(c):
    return {"err": float(-np.log(np.where(c.Y > 0, c.P, 1 - c.P)).sum())}


@mistake(
    "(p - y) times the slope of a sigmoid at z",
    "Has the logarithm not cancelled the slope of the output already?",
)
def sigmoid_output_slope(c):
    s = 0.5 + 0.5 * np.tanh(c.Z / 2)
    return {"D": c.D * s * (1 - s)}


@mistake("p - y passed through a gate of its own", "Which layers of this network have a ReLU?")
def gate_at_the_logits(c):
    return {"D": c.D * (c.Z > 0)}


@mistake("dW1 and dW2 as products of two sums", "Is a sum of products the product of the sums?")
def unpaired_sums(c):
    return {
        "dW1": np.outer((c.U * c.G).sum(axis=0), c.X.sum(axis=0)),
        "dW2": np.outer(c.D.sum(axis=0), c.H.sum(axis=0)),
    }


@mistake(
    "a step on W2 before it carries the gradient back",
    "All gradients belong to one point. At which W2 does your dW1 stand?",
)
def updated_before_use(c):
    return {"U": c.D @ (c.W2 - 0.1 * c.D.T @ c.H)}


@mistake("the sign flipped", "Should descent raise or lower the label's logit?")
def sign(c):
    return {"D": -c.D}


@mistake("p alone for p - y", "Where does the label enter?")
def no_label(c):
    return {"D": c.P}


@mistake("z - y for p - y", "p is a function of z. Which one?")
def logits_(c):
    return {"D": c.Z - c.Y}


@mistake("(p - y) p (1 - p)", "Has the logarithm not cancelled that slope already?")
def extra_slope(c):
    return {"D": c.D * c.P * (1 - c.P)}


@mistake("a forward pass without b1", "What is added to W1 x before the ReLU?")
def no_hidden_bias(c):
    return vars(passed(c.W1, 0 * c.b1, c.W2, c.b2, c.X, c.Y))


@mistake("a forward pass without b2", "What is added to W2 h?")
def no_output_bias(c):
    return vars(passed(c.W1, c.b1, c.W2, 0 * c.b2, c.X, c.Y))


@mistake("a forward pass without b1 and b2", "What is added to W1 x, and to W2 h?")
def no_biases(c):
    return vars(passed(c.W1, 0 * c.b1, c.W2, 0 * c.b2, c.X, c.Y))


@mistake("a ReLU on the logits as well", "Which layers of this network have a ReLU?")
def second_relu(c):
    Z = ramp(c.Z)
    return {"Z": Z, "D": softmax(Z) - c.Y}


@mistake("softmax down the columns", "One example is one row. Along which axis do its classes lie?")
def softmax_over_examples(c):
    return {"D": softmax(c.Z.T).T - c.Y}


@mistake("W1 and W2 added to their gradients", "Does this error have a penalty?")
def weight_decay(c):
    _, dW1, _, dW2, _ = answer(c)
    return {"dW1": dW1 + c.W1, "dW2": dW2 + c.W2}


@mistake(
    "a squared error for the likelihood",
    "Which error has the derivative p - y with respect to the logits?",
)
def squared_error(c):
    return {"err": float((c.D**2).sum())}


@mistake("log(p + 1e-12)", "From the logits no logarithm of 0 can arise. What is the constant for?")
def added_epsilon(c):
    return {"err": float(-(c.Y * np.log(c.P + 1e-12)).sum())}


@mistake(
    "the logarithm of a probability that may be 0",
    "When p underflows to 0, what is its logarithm, and what is 0 times that?",
)
def log_of_softmax(c):
    return {"err": float(-(c.Y * np.log(c.P)).sum())}


@mistake("exp of the logits as they come", "What does a computer make of exp(1000)?")
def no_shift(c):
    E = np.exp(c.Z)
    total = E.sum(axis=1, keepdims=True)
    return {"D": E / total - c.Y, "err": float((np.log(total[:, 0]) - (c.Y * c.Z).sum(1)).sum())}


@mistake(
    "one maximum for the whole batch", "What is left of a row whose logits lie 900 below another's?"
)
def one_maximum(c):
    Z = c.Z - c.Z.max()
    E = np.exp(Z)
    total = E.sum(axis=1, keepdims=True)
    return {"D": E / total - c.Y, "err": float((np.log(total[:, 0]) - (c.Y * Z).sum(1)).sum())}


@mistake("bias gradients of shape (1, h) and (1, K)", "Which shape has b1?")
def biases_as_rows(c):
    return {"db1": (c.U * c.G).sum(axis=0, keepdims=True), "db2": c.D.sum(axis=0, keepdims=True)}


@mistake(
    "gradients rounded to a few digits",
    "What do the next steps compute with: what you print, or what you return?",
)
def rounded(c):
    return dict(
        zip(
            ("err", "dW1", "db1", "dW2", "db2"),
            (np.round(part, 8) for part in answer(c)),
            strict=True,
        )
    )


@bank.wrong(
    "a product with W2 the wrong way round",
    "Each hidden unit collects from all logits. Over which index of W2 is that sum?",
    reread=SUM,
)
def not_transposed(W1, b1, W2, b2, X, Y):
    c = passed(W1, b1, W2, b2, X, Y)
    return answer(c, U=c.D @ c.W2.T)


@bank.wrong(
    "X W1 in place of X W1^T",
    "Rows of X are examples, rows of W1 are units. Along which axes do they meet?",
)
def inputs_not_transposed(W1, b1, W2, b2, X, Y):
    return err_and_grads(W1.T, b1, W2, b2, X, Y)


@bank.wrong("the weight gradients transposed", "Which shapes have W1 and W2?")
def transposed(*args):
    err, dW1, db1, dW2, db2 = err_and_grads(*args)
    return err, dW1.T, db1, dW2.T, db2


@bank.wrong("the parts in another order", "In which order does the contract return them?")
def other_order(*args):
    err, dW1, db1, dW2, db2 = err_and_grads(*args)
    return err, dW1, dW2, db1, db2


@bank.right("gates read off the activations, a ReLU by clip")
def gates_read_off_the_activations(W1, b1, W2, b2, X, Y):
    H = np.clip(X @ W1.T + b1, 0, None)
    Z = H @ W2.T + b2
    logs = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    D = np.exp(logs) - Y
    dA = np.where(H > 0, D @ W2, 0)
    return -np.sum(Y * logs), dA.T @ X, np.sum(dA, axis=0), D.T @ H, np.sum(D, axis=0)


@bank.right("labels by argmax, gates by *=")
def labels_by_argmax(W1, b1, W2, b2, X, Y):
    n, y = np.arange(len(X)), np.argmax(Y, axis=1)
    A = X @ W1.T + b1
    Z = np.maximum(0, A) @ W2.T + b2
    Z = Z - Z.max(axis=1, keepdims=True)
    dZ = np.exp(Z)
    total = dZ.sum(axis=1)
    err = np.sum(np.log(total) - Z[n, y])
    dZ /= total[:, None]
    dZ[n, y] -= 1
    dA = dZ @ W2
    dA *= A > 0
    return err, dA.T @ X, dA.sum(0), dZ.T @ np.maximum(0, A), dZ.sum(0)


@bank.right("plain NumPy: the precision that came in")
def plain_numpy(W1, b1, W2, b2, X, Y):
    A = X @ W1.T + b1
    H = A * (A > 0)
    Z = H @ W2.T + b2
    P = softmax(Z)
    dA = ((P - Y) @ W2) * (A > 0)
    err = float((logsumexp(Z) - (Y * Z).sum(axis=1)).sum())
    return err, dA.T @ X, dA.sum(axis=0), (P - Y).T @ H, (P - Y).sum(axis=0)


@bank.wrong("Y -= P, which changes the caller's labels", "Who else holds the array Y?")
def changes_argument(W1, b1, W2, b2, X, Y):
    c = passed(W1, b1, W2, b2, X, Y)
    result = answer(c)
    Y -= c.P.astype(Y.dtype)
    return result


@bank.wrong(
    "central differences handed in as the gradient",
    "A difference is a way to check. Which quantity do all weights of a unit share?",
    cost="per parameter",
)
def differences(W1, b1, W2, b2, X, Y):
    parameters = doubles(W1, b1, W2, b2)

    def part(i):
        out = np.empty(parameters[i].shape)
        for j in np.ndindex(out.shape):
            moved = [p.copy() for p in parameters]
            moved[i][j] += 1e-6
            up = error(passed(*moved, X, Y))
            moved[i][j] -= 2e-6
            out[j] = (up - error(passed(*moved, X, Y))) / 2e-6
        return out

    return error(passed(*parameters, X, Y)), *map(part, range(4))


@bank.wrong(
    "a complex step for every parameter",
    "A complex step is a way to check, at the price of a forward pass per parameter. "
    "Which quantity do all weights of a unit share?",
    cost="complex step",
)
def complex_step(W1, b1, W2, b2, X, Y):
    W1, b1, W2, b2, X, Y = (np.array(a, dtype=float) for a in (W1, b1, W2, b2, X, Y))

    def err(W1, b1, W2, b2):
        A = X @ W1.T + b1
        Z = (A * (A.real > 0)) @ W2.T + b2
        Z = Z - Z.real.max(axis=1, keepdims=True)
        return (np.log(np.exp(Z).sum(axis=1)) - (Y * Z).sum(axis=1)).sum()

    def part(i):
        out = np.zeros(parameters[i].shape)
        for j in np.ndindex(out.shape):
            moved = [p.astype(complex) for p in parameters]
            moved[i][j] += 1e-20j
            out[j] = err(*moved).imag / 1e-20
        return out

    parameters = [W1, b1, W2, b2]
    return float(err(*parameters)), *map(part, range(4))


bank.habits(err_and_grads)


@bank.right("one example at a time")
def one_example_at_a_time(W1, b1, W2, b2, X, Y):
    W1, b1, W2, b2, X, Y = (np.array(a, dtype=float) for a in (W1, b1, W2, b2, X, Y))
    err, grads = 0.0, [np.zeros(p.shape) for p in (W1, b1, W2, b2)]
    for x, y in zip(X, Y, strict=True):
        a = W1 @ x + b1
        h = np.maximum(a, 0)
        z = W2 @ h + b2
        z = z - z.max()
        total = np.exp(z).sum()
        err += np.log(total) - y @ z
        dz = np.exp(z) / total - y
        da = np.where(a > 0, W2.T @ dz, 0.0)
        for g, part in zip(grads, (np.outer(da, x), da, np.outer(dz, h), dz), strict=True):
            g += part
    return err, *grads


@bank.right("einsum, a list")
def einsum(W1, b1, W2, b2, X, Y):
    W1, b1, W2, b2, X, Y = (np.array(a, dtype=float) for a in (W1, b1, W2, b2, X, Y))
    A = np.einsum("nd,hd->nh", X, W1) + b1
    G = np.heaviside(A, 0.0)
    H = A * G
    Z = np.einsum("nh,kh->nk", H, W2) + b2
    Z -= Z.max(axis=1, keepdims=True)
    logs = Z - np.log(np.sum(np.exp(Z), axis=1, keepdims=True))
    D = np.exp(logs) - Y
    dA = np.einsum("nk,kh,nh->nh", D, W2, G)
    return [
        -(Y * logs).sum(),
        np.einsum("nh,nd->hd", dA, X),
        np.einsum("nh->h", dA),
        np.einsum("nk,nh->kh", D, H),
        np.einsum("nk->k", D),
    ]


@bank.right("S4's way: dz_k/dw for every k, then the sum over k")
def s4_s_way(W1, b1, W2, b2, X, Y):
    W1, b1, W2, b2, X, Y = (np.array(a, dtype=float) for a in (W1, b1, W2, b2, X, Y))
    err, dW1, db1 = 0.0, np.zeros(W1.shape), np.zeros(b1.shape)
    dW2, db2 = np.zeros(W2.shape), np.zeros(b2.shape)
    for x, y in zip(X, Y, strict=True):
        a = W1 @ x + b1
        z = W2 @ np.maximum(a, 0) + b2
        top = np.max(z)
        err += top - z[np.argmax(y)] + np.log(np.sum(np.exp(z - top)))
        p = np.exp(z - top) / np.sum(np.exp(z - top))
        for k in range(len(b2)):
            slope = p[k] - y[k]
            dW2[k] += slope * np.maximum(a, 0)
            db2[k] += slope
            db1 += slope * (W2[k] * (a > 0))
            dW1 += slope * np.outer(W2[k] * (a > 0), x)
    return err, dW1, db1, dW2, db2


@bank.right("examples as columns, biases as a column of ones")
def examples_as_columns(W1, b1, W2, b2, X, Y):
    W1, b1, W2, b2, X, Y = (np.array(a, dtype=float) for a in (W1, b1, W2, b2, X, Y))
    ones = np.ones((1, X.shape[0]))
    inputs = np.concatenate([X.T, ones])
    H = np.concatenate([np.clip(np.hstack([W1, b1[:, None]]) @ inputs, 0, None), ones])
    Z = np.hstack([W2, b2[:, None]]) @ H
    Z = Z - Z.max(axis=0)
    E = np.exp(Z)
    D = E / E.sum(axis=0) - Y.T
    first = ((W2.T @ D) * (H[:-1] > 0)) @ inputs.T
    second = D @ H.T
    err = (np.log(E.sum(axis=0)) - (Y.T * Z).sum(axis=0)).sum()
    return err, first[:, :-1], first[:, -1], second[:, :-1], second[:, -1]
