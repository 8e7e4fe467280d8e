"""Risk and gradients."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ...checking.compare import compare
from ...checking.cost_criterion import cost
from ...checking.criteria import shape, stable, step, unchanged, value
from ...checking.exercise import Criterion, Exercise
from ...checking.finding import Finding, differs, stopped
from ...reference.activations import as_float, logsumexp, softmax
from ...reference.gradcheck import STEP
from ..bank import Bank
from ..draw import case, counted, labels
from .shared import (
    DTYPES,
    HUGE,
    SATURATED,
    awkward_layout,
    floats,
    hot,
    logits_of,
    network,
    saturated_net,
    sigmoid,
    single_network,
    whole_network,
)

FAR = "rows far apart"


GRADS = ("risk", "dW", "dV", "db", "dc")


def _huge_outputs(rng, N, p, M, K):
    """The bias c drives the largest logit to 1000, a near rival beside it, another to -1000."""
    W, V, b, c, X = network(rng, N, p, M, K)
    c[:3] = rng.permutation([0.0, rng.uniform(-0.9, -0.3), -2000.0])
    return W, V, b, c + 1000.0 - logits_of(W, V, b, c, X).max(), X


def _far_outputs(rng, N, p, M, K):
    """The first hidden unit moves all logits of a row together, by hundreds."""
    W, V, b, c, X = network(rng, N, p, M, K)
    X[:, 0] = rng.permutation(np.linspace(-2.0, 2.0, N))
    W[0], b[0] = 0.0, 0.4
    W[0, 0] = 1.0
    V[:, 0] += 900.0
    return W, V, b, c, X


def _positive_logits(network):
    """The same network with a bias c that makes every logit positive, for one example."""
    W, V, b, c, X = network
    return W, V, b, c + np.maximum(0.3 - logits_of(*network).min(), 0.0), X


def _unlikely(network):
    """The same network with a bias c that makes class 0 very unlikely for one example.

    So a small constant inside a logarithm is seen whatever the seed is.
    """
    W, V, b, c, X = network
    F = logits_of(*network)[0]
    return W, V, b, c + np.where(np.arange(len(c)) == 0, F.max() - F[0] - 9.0, 0.0), X


def _grad_cases(rng):
    def one(args, y=None, **more):
        W, V, _, _, X = args
        N, K = len(X), len(V)
        y = labels(rng, N, K) if y is None else y
        return case(*args, y, **more, N=N, p=X.shape[1], M=len(W), K=K)

    huge = _huge_outputs(rng, 7, 3, 5, 11)
    worst = np.argmin(huge[3])  # the class whose probability underflows

    return {
        "generic": [
            one(network(rng, 7, 3, 11, 5)),
            one(awkward_layout(network(rng, 11, 7, 3, 5))),
            one(network(rng, 5, 5, 5, 5)),
            one(network(rng, 1, 3, 7, 5)),
            # 1 - h^2 of a lone unit may be nothing but rounding: hence the scale
            one(network(rng, 1, 1, 1, 2), scale=1.0),
            one(network(rng, 61, 2, 23, 13)),
            one(network(rng, 2, 31, 3, 2)),
        ],
        "cost": [counted(one(network(rng, 2, 29, 31, 2)), _forward_macs)],
        "steps": [
            one(_positive_logits(network(rng, 1, 3, 11, 5))),
            one(_unlikely(network(rng, 1, 7, 5, 3)), np.array([0])),
            one(network(rng, 1, 5, 3, 7)),
        ],
        "steps_square": [one(network(rng, 1, 5, 5, 5)) for _ in range(2)],
        # Sums of 1000 and rounding errors of 900 * (sum of p - e_y) are no fault: hence the scale.
        "huge": [one(huge, np.append(labels(rng, 6, 11), worst), scale=1000.0)],
        "far": [one(_far_outputs(rng, 11, 5, 3, 7), scale=1000.0)],
        "saturated": [one(saturated_net(rng, 5, 11, 7, 3), scale=1.0)],
        "dtypes": [
            one(whole_network(rng, 11, 3, 7, 5), scale=1.0),
            one(single_network(rng, 11, 3, 7, 5)),
        ],
        "twice": [one(network(rng, 5, 3, 7, 11)) for _ in range(2)],
    }


def _risk(W, V, b, c, X, y):
    F = logits_of(W, V, b, c, X)
    return (logsumexp(F) - F[..., np.arange(len(X)), y]).sum(axis=-1)


def _risk_and_grads(W, V, b, c, X, y):
    parameters = [as_float(a) for a in (W, V, b, c)]
    parts = [float(_risk(*parameters, X, y))]
    for i, theta in enumerate(parameters):
        # one copy of theta per entry, each with one entry moved: all derivatives in one pass
        moved = parameters.copy()
        moved[i] = theta + 1j * STEP * np.eye(theta.size).reshape(-1, *theta.shape)
        parts.append((_risk(*moved, X, y).imag / STEP).reshape(theta.shape))
    return tuple(parts)


def _forward_macs(W, V, b, c, X, y):
    return len(X) * (W.size + V.size)


def _part_fault(trial, group, i):
    """Why part i of the answers of a group is wrong; None if it is right in every case."""
    for case_, answer in zip(trial.cases[group], trial.answers(group), strict=True):
        if answer.error is not None:
            return stopped(answer.error, case_)
        expected = trial.expected(case_)
        if not (isinstance(answer.value, (tuple, list)) and len(answer.value) == len(GRADS)):
            difference = compare(answer.value, expected)
            return Finding(difference.message, difference)
        part = replace(expected, value=expected.value[i], names=GRADS[i])
        difference = compare(answer.value[i], part)
        if difference is not None:
            return differs(difference, case_)
    return None


def still_right(trial, group):
    """What is right on ordinary cases is right on these as well."""
    if trial.finding(group) is None:
        return None
    sound = [i for i in range(len(GRADS)) if _part_fault(trial, "generic", i) is None]
    if not sound:
        return Finding("counts once one of the five parts is right")
    faults = (_part_fault(trial, group, i) for i in sound)
    return next((fault for fault in faults if fault is not None), None)


def _stepwise():
    from .risk_and_grads_steps import STEPWISE

    return STEPWISE


bank = Bank()


EXERCISE = Exercise(
    title="Risk and gradients",
    signature="risk_and_grads(W, V, b, c, X, y)",
    returns=GRADS,
    minutes=30,
    lines=10,
    section="Back through the network",
    draw=_grad_cases,
    oracle=_risk_and_grads,
    criteria=(
        shape(0.5),
        step(0.5, "risk"),
        step(0.5, "dc"),
        step(0.75, "dV", "dc"),
        step(1.0, "db", "dc"),
        step(1.0, "dW", "db"),
        value(1.25, "value, for a batch"),
        Criterion(HUGE, 0.5, still_right, "huge"),
        Criterion(FAR, 0.5, still_right, "far"),
        Criterion(SATURATED, 0.5, still_right, "saturated"),
        Criterion(DTYPES, 0.25, still_right, "dtypes"),
        cost(0.25),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "Go through the forward pass backwards. You know dF = softmax(F) - one_hot(y), one row "
        "per example. What must the shape of dV be, and which product of dF and H has it?",
        "dV = dF^T H and dc sums the rows of dF. Then dH = dF V, dS = dH * (1 - H**2), "
        "dW = dS^T X, and db sums the rows of dS. The matrix products add up the examples, "
        "so nothing is divided by N.",
        "H = np.tanh(...)\nF = ...\nrisk, dF = loss_and_dF(F, y)\n"
        "dV, dc = dF.T @ ..., dF.sum(axis=0)\n"
        "dS = (dF @ ...) * ...\n"
        "dW, db = dS.T @ ..., dS.sum(axis=0)\n"
        "return risk, dW, dV, db, dc",
    ),
    bank=bank,
    stepwise=_stepwise,
)


FORWARD = "The network, line by line"


LOSS = "How wrong is the network?"


BACKWARD = "Back through the network"


HIDDEN = "Through the hidden units"


BATCH = "From one example to a batch"


def forward(W, V, b, c, X):
    H = np.tanh(X @ W.T + b)
    return H, H @ V.T + c


def loss(F, y):
    return (logsumexp(F) - F[np.arange(len(y)), y]).sum()


def collect(X, H, dS, dF):
    """dW, dV, db, dc from the two pre-activation gradients."""
    return dS.T @ X, dF.T @ H, dS.sum(axis=0), dF.sum(axis=0)


def right_risk_and_grads(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    H, F = forward(W, V, b, c, X)
    dF = softmax(F) - hot(y, len(c))
    return (loss(F, y), *collect(X, H, (dF @ V) * (1 - H * H), dF))


def altered(change):
    """The right pass with one line replaced: change(parts) edits the named intermediate parts."""

    def risk_and_grads(W, V, b, c, X, y):
        W, V, b, c, X = floats(W, V, b, c, X)
        H, F = forward(W, V, b, c, X)
        dF = softmax(F) - hot(y, len(c))
        risk = loss(F, y)
        dS = (dF @ V) * (1 - H * H)
        dW, dV, db, dc = collect(X, H, dS, dF)
        grads = {"risk": risk, "dW": dW, "dV": dV, "db": db, "dc": dc}
        grads.update(change(W, V, b, c, X, y, H, F, dF, dS))
        return tuple(grads[name] for name in ("risk", "dW", "dV", "db", "dc"))

    return risk_and_grads


def slope(line):
    """A mistake in the derivative of tanh: line(S, H) stands where 1 - H**2 should."""

    def change(W, V, b, c, X, y, H, F, dF, dS):
        wrong = (dF @ V) * line(X @ W.T + b, H)
        return {"dW": wrong.T @ X, "db": wrong.sum(axis=0)}

    return altered(change)


def output(line):
    """A mistake in the output gradient: line(F, y) stands where softmax - one-hot should."""

    def change(W, V, b, c, X, y, H, F, dF, dS):
        wrong = line(F, y)
        parts = collect(X, H, (wrong @ V) * (1 - H * H), wrong)
        return dict(zip(("dW", "dV", "db", "dc"), parts, strict=True))

    return altered(change)


def whole_net(line):
    """Another network, differentiated without a slip: line(...) gives all five parts."""
    return lambda W, V, b, c, X, y: line(*floats(W, V, b, c, X), y)


def wrong_net(id, looks_like, question, reread, fn):
    bank.wrong(looks_like, question, id=id, reread=reread)(fn)


wrong_net(
    "average",
    "everything divided by N, as an average",
    "S0's text says average, its formula says something else. Which one does this course follow?",
    LOSS,
    lambda *args: tuple(part / len(args[4]) for part in right_risk_and_grads(*args)),
)


wrong_net(
    "average_risk",
    "the risk as an average, its gradients as sums",
    "Are the risk and its gradients still risk and gradient of the same thing?",
    LOSS,
    altered(lambda W, V, b, c, X, y, H, F, dF, dS: {"risk": loss(F, y) / len(y)}),
)


wrong_net(
    "average_grads",
    "gradients divided by N, the risk not",
    "The risk is a sum. Is there an N in its derivative?",
    BATCH,
    output(lambda F, y: (softmax(F) - hot(y, F.shape[1])) / len(y)),
)


wrong_net(
    "average_biases",
    "bias gradients as means over the examples",
    "Each example adds its own share to db and dc. Is a mean what you get by adding?",
    BATCH,
    altered(lambda W, V, b, c, X, y, H, F, dF, dS: {"db": dS.mean(axis=0), "dc": dF.mean(axis=0)}),
)


for part, line in {"db": lambda dF, dS: dS, "dc": lambda dF, dS: dF}.items():
    wrong_net(
        f"{part}_not_added_up",
        f"one {part} for each example, not added up",
        f"The risk adds up the examples. What does {part} do with its rows?",
        BATCH,
        altered(lambda W, V, b, c, X, y, H, F, dF, dS, part=part, line=line: {part: line(dF, dS)}),
    )
    wrong_net(
        f"{part}_over_the_wrong_axis",
        f"{part} added up over the units, not the examples",
        f"Which axis of the rows holds the examples, and which one is left in {part}?",
        BATCH,
        altered(
            lambda W, V, b, c, X, y, H, F, dF, dS, part=part, line=line: {
                part: line(dF, dS).sum(axis=1)
            }
        ),
    )


wrong_net(
    "no_exp",
    "the loss as S0 prints it, log of a sum of logits",
    "Logits can be negative, and their sum too. What stands inside the sum before the "
    "logarithm is taken?",
    LOSS,
    altered(
        lambda W, V, b, c, X, y, H, F, dF, dS: {
            "risk": (np.log(F.sum(axis=1)) - F[np.arange(len(y)), y]).sum()
        }
    ),
)


wrong_net(
    "no_log",
    "the sum of exponentials without its logarithm",
    "Which function undoes the exponentials, so that the loss is measured in logits?",
    LOSS,
    altered(
        lambda W, V, b, c, X, y, H, F, dF, dS: {
            "risk": (np.exp(F).sum(axis=1) - F[np.arange(len(y)), y]).sum()
        }
    ),
)


wrong_net(
    "risk_sign",
    "the log-likelihood instead of its negative",
    "Is the risk small or large when the labels are likely?",
    LOSS,
    altered(lambda W, V, b, c, X, y, H, F, dF, dS: {"risk": -loss(F, y)}),
)


wrong_net(
    "one_log",
    "one logarithm for the whole batch",
    "Is the log-sum-exp taken per example and then added, or over everything at once?",
    LOSS,
    altered(
        lambda W, V, b, c, X, y, H, F, dF, dS: {
            "risk": logsumexp(F.ravel()) - F[np.arange(len(y)), y].sum()
        }
    ),
)


wrong_net(
    "loss_per_example",
    "one loss per example instead of their sum",
    "The risk is one number. What is left to do with the N losses?",
    LOSS,
    altered(
        lambda W, V, b, c, X, y, H, F, dF, dS: {"risk": logsumexp(F) - F[np.arange(len(y)), y]}
    ),
)


wrong_net(
    "half_squared_error",
    "squared error between probabilities and one-hot labels",
    "Which loss does the chapter use, and what is it for a probability of 0?",
    LOSS,
    altered(
        lambda W, V, b, c, X, y, H, F, dF, dS: {
            "risk": 0.5 * ((softmax(F) - hot(y, len(c))) ** 2).sum()
        }
    ),
)


wrong_net(
    "output_sign",
    "e_y - softmax(f), the sign turned round",
    "When the label is sure to lose, should its logit go up or down the gradient?",
    BACKWARD,
    output(lambda F, y: hot(y, F.shape[1]) - softmax(F)),
)


wrong_net(
    "no_label",
    "softmax(f) without taking off the one-hot label",
    "Does your gradient know the labels at all?",
    BACKWARD,
    output(lambda F, y: softmax(F)),
)


wrong_net(
    "raw_logits",
    "f - e_y: the logits where their softmax should be",
    "What you said minus what was true: what did the network say, logits or probabilities?",
    BACKWARD,
    output(lambda F, y: F - hot(y, F.shape[1])),
)


wrong_net(
    "columns_normalised",
    "softmax down the columns",
    "One example is one row. Along which axis do its probabilities sum to 1?",
    BACKWARD,
    output(lambda F, y: softmax(F.T).T - hot(y, F.shape[1])),
)


def columns_summed(F):
    """Each row with its own maximum, and then the totals of the columns."""
    E = np.exp(F - F.max(axis=1, keepdims=True))
    return E / E.sum(axis=0)


def shifted_by_columns(F):
    """The maximum of each column, and then the totals of the rows."""
    E = np.exp(F - F.max(axis=0))
    return E / E.sum(axis=1, keepdims=True)


def by_probabilities(line):
    """A mistake in the softmax that spoils the risk as well: line(F) stands for softmax(F)."""

    def change(W, V, b, c, X, y, H, F, dF, dS):
        P = line(F)
        wrong = P - hot(y, len(c))
        parts = collect(X, H, (wrong @ V) * (1 - H * H), wrong)
        return dict(
            zip(("dW", "dV", "db", "dc"), parts, strict=True),
            risk=-np.log(P[np.arange(len(y)), y]).sum(),
        )

    return altered(change)


COLUMNS = "One example is one row. Along which axis do its probabilities sum to 1?"


wrong_net(
    "columns_summed",
    "exponentials divided by the totals of the columns",
    COLUMNS,
    BACKWARD,
    output(lambda F, y: columns_summed(F) - hot(y, F.shape[1])),
)


wrong_net(
    "columns_summed_in_the_risk",
    "exponentials divided by the totals of the columns",
    COLUMNS,
    BACKWARD,
    by_probabilities(columns_summed),
)


SHIFT = (
    "A shift cancels if all logits of a row are shifted alike. Along which axis do you take "
    "the largest?"
)


@bank.wrong("the largest logit of each column taken off", SHIFT, reread=LOSS)
def largest_of_columns(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    H, F = forward(W, V, b, c, X)
    shifted = F - F.max(axis=0)
    dF = shifted_by_columns(F) - hot(y, len(c))
    return (loss(shifted, y), *collect(X, H, (dF @ V) * (1 - H * H), dF))


wrong_net(
    "largest_of_columns_in_the_gradient",
    "the largest logit of each column taken off",
    SHIFT,
    BACKWARD,
    output(lambda F, y: shifted_by_columns(F) - hot(y, F.shape[1])),
)


wrong_net(
    "labels_alone",
    "-e_y: the probabilities overwritten or left out",
    "What you said minus what was true: where is what the network said?",
    BACKWARD,
    output(lambda F, y: -hot(y, F.shape[1])),
)


wrong_net(
    "own_guess",
    "one-hot rows of the most likely class, not of the label",
    "Does your gradient know the labels at all?",
    BACKWARD,
    output(lambda F, y: softmax(F) - hot(F.argmax(axis=1), F.shape[1])),
)


CLASSES = "A batch need not contain every class. Which argument tells how many there are?"


@bank.wrong("as many classes as the largest label of the batch says", CLASSES, reread=LOSS)
def classes_up_to_the_largest_label(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    H, F = forward(W, V, b, c, X)
    dF = softmax(F) - np.eye(np.max(y) + 1)[y]
    return (loss(F, y), *collect(X, H, (dF @ V) * (1 - H * H), dF))


@bank.wrong("as many classes as different labels occur in the batch", CLASSES, reread=LOSS)
def classes_that_occur(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    H, F = forward(W, V, b, c, X)
    dF = softmax(F) - np.eye(len(np.unique(y)))[y]
    return (loss(F, y), *collect(X, H, (dF @ V) * (1 - H * H), dF))


wrong_net(
    "shifted_labels",
    "labels counted from 1, in risk and gradient",
    "Labels here run from 0 to K-1. Which column belongs to label 0?",
    LOSS,
    lambda W, V, b, c, X, y: right_risk_and_grads(W, V, b, c, X, (np.asarray(y) - 1) % len(c)),
)


wrong_net(
    "rounded_output",
    "a small constant added to the sum of exponentials",
    "The largest exponential is 1 after the shift. Can the sum be 0 at all?",
    BACKWARD,
    output(
        lambda F, y: (
            np.exp(F - F.max(axis=1, keepdims=True))
            / (np.exp(F - F.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True) + 1e-8)
            - hot(y, F.shape[1])
        )
    ),
)


wrong_net(
    "one_vs_rest",
    "a sigmoid per class instead of a softmax",
    "Must raising one logit not lower the probabilities of the other classes?",
    LOSS,
    output(lambda F, y: sigmoid(F) - hot(y, F.shape[1])),
)


wrong_net(
    "no_slope",
    "dL/dh carried past the tanh unchanged",
    "A saturated unit cannot move. Which factor says so?",
    HIDDEN,
    slope(lambda S, H: 1.0),
)


wrong_net(
    "slope_doubled",
    "1 - 2 h for the derivative of tanh",
    "The derivative of tanh is 1 - h^2. Is h^2 the same as 2 h?",
    HIDDEN,
    slope(lambda S, H: 1 - 2 * H),
)


wrong_net(
    "slope_of_relu",
    "a gate that is open where s > 0, as for a ReLU",
    "Whose derivative is 0 on the left and 1 on the right?",
    HIDDEN,
    slope(lambda S, H: S > 0),
)


@altered
def _without_parentheses(W, V, b, c, X, y, H, F, dF, dS):
    wrong = (dF @ V) * 1 - H**2
    return {"dW": wrong.T @ X, "db": wrong.sum(axis=0)}


wrong_net(
    "slope_without_parentheses",
    "dH * 1 - H**2, without the parentheses",
    "Python multiplies before it subtracts. What does it subtract from what?",
    HIDDEN,
    _without_parentheses,
)


@bank.wrong(
    "a sigmoid hidden layer with the slope of tanh",
    "Which activation does your forward pass use, and whose derivative is 1 - h^2?",
    reread=HIDDEN,
)
def tanh_slope_of_a_sigmoid(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    H = sigmoid(X @ W.T + b)
    F = H @ V.T + c
    dF = softmax(F) - hot(y, len(c))
    return (loss(F, y), *collect(X, H, (dF @ V) * (1 - H * H), dF))


def in_order(*places):
    """The five parts, in another order."""

    def fn(*args):
        parts = right_risk_and_grads(*args)
        return tuple(parts[i] for i in places)

    return fn


wrong_net(
    "output_bias_first",
    "dc, db instead of db, dc",
    "In which order does the contract ask for the five parts?",
    BACKWARD,
    in_order(0, 1, 2, 4, 3),
)


wrong_net(
    "slope_not_squared",
    "1 - h for the derivative of tanh",
    "What is the derivative of tanh at 0, and what is yours at h = -1?",
    HIDDEN,
    slope(lambda S, H: 1 - H),
)


wrong_net(
    "slope_plus",
    "1 + h^2 for the derivative of tanh",
    "Should a saturated unit let more or less through?",
    HIDDEN,
    slope(lambda S, H: 1 + H * H),
)


wrong_net(
    "slope_of_sigmoid",
    "h(1 - h), the sigmoid's derivative, at a tanh",
    "h(1 - h) is negative where h is negative. Can the slope of tanh be?",
    HIDDEN,
    slope(lambda S, H: H * (1 - H)),
)


wrong_net(
    "tanh_of_tanh",
    "1 - tanh(h)^2: tanh applied to what was tanh already",
    "Is 1 - tanh^2 to be taken at s, or at h = tanh(s)?",
    HIDDEN,
    slope(lambda S, H: 1 - np.tanh(H) ** 2),
)


wrong_net(
    "slope_at_pre_activation",
    "1 - s^2: s where h should stand",
    "h = tanh(s). Which of the two is squared in the derivative?",
    HIDDEN,
    slope(lambda S, H: 1 - S * S),
)


wrong_net(
    "slope_squared",
    "the factor 1 - h^2 applied twice",
    "How many tanh's lie between s and h?",
    HIDDEN,
    slope(lambda S, H: (1 - H * H) ** 2),
)


wrong_net(
    "slope_of_first_example",
    "the slope of the first example used for all",
    "Does every example saturate the same units?",
    HIDDEN,
    slope(lambda S, H: 1 - H[:1] ** 2),
)


wrong_net(
    "slope_without_bias",
    "the slope taken at Wx, without b",
    "At which point was tanh evaluated in the forward pass?",
    HIDDEN,
    lambda W, V, b, c, X, y: slope(lambda S, H: 1 - np.tanh(S - np.asarray(b, dtype=float)) ** 2)(
        W, V, b, c, X, y
    ),
)


wrong_net(
    "slope_by_cosh",
    "1/cosh(s), not squared",
    "tanh' = 1/cosh^2. Which exponent is missing?",
    HIDDEN,
    slope(lambda S, H: 1 / np.cosh(S)),
)


wrong_net(
    "db_without_slope",
    "db from dL/dh instead of dL/ds",
    "S0 writes dL/db = sigma'(s) times something. Is b inside or outside the tanh?",
    HIDDEN,
    altered(lambda W, V, b, c, X, y, H, F, dF, dS: {"db": (dF @ V).sum(axis=0)}),
)


wrong_net(
    "dw_without_slope",
    "dW from dL/dh instead of dL/ds",
    "Is W inside or outside the tanh?",
    HIDDEN,
    altered(lambda W, V, b, c, X, y, H, F, dF, dS: {"dW": (dF @ V).T @ X}),
)


wrong_net(
    "no_v",
    "dL/dh taken as a plain sum of dL/df",
    "Each hidden unit reaches the logits through its own column of V. Where is it?",
    HIDDEN,
    altered(
        lambda W, V, b, c, X, y, H, F, dF, dS: {
            "dW": (dF.sum(axis=1, keepdims=True) * (1 - H * H)).T @ X,
            "db": (dF.sum(axis=1, keepdims=True) * (1 - H * H)).sum(axis=0),
        }
    ),
)


wrong_net(
    "v_squared",
    "V squared on the way back",
    "Is dL/dh linear in V, or quadratic?",
    HIDDEN,
    altered(
        lambda W, V, b, c, X, y, H, F, dF, dS: {
            "dW": ((dF @ V**2) * (1 - H * H)).T @ X,
            "db": ((dF @ V**2) * (1 - H * H)).sum(axis=0),
        }
    ),
)


def _v_not_transposed(W, V, b, c, X, y, H, F, dF, dS):
    back = dF @ (V.T if V.shape[0] == V.shape[1] else V)
    wrong = back * (1 - H * H)
    return {"dW": wrong.T @ X, "db": wrong.sum(axis=0)}


wrong_net(
    "v_transposed_if_square",
    "V where V^T belongs, unnoticed because V is square",
    "If V is square, both products run. Which index of V belongs to the hidden units?",
    HIDDEN,
    altered(_v_not_transposed),
)


wrong_net(
    "parentheses",
    "sigma'(s) times a finished dH^T X, as S0's printed line reads",
    "The outer product adds over the examples. Can the slope, which differs from example to "
    "example, still be multiplied in afterwards?",
    BATCH,
    altered(
        lambda W, V, b, c, X, y, H, F, dF, dS: {
            "dW": (1 - H * H).sum(axis=0)[:, None] * ((dF @ V).T @ X)
        }
    ),
)


@bank.wrong(
    "S0's dW as printed, without its parentheses",
    "sigma'(s) has one entry per hidden unit. With which axis of the M x p matrix to its "
    "right does it line up, and what if M is not p?",
    reread=HIDDEN,
)
def printed_brackets(W, V, b, c, X, y):
    risk, _, dV, db, dc = right_risk_and_grads(W, V, b, c, X, y)
    W, V, b, c, X = floats(W, V, b, c, X)
    H, F = forward(W, V, b, c, X)
    dH = (softmax(F) - hot(y, len(c))) @ V
    dW = np.zeros(W.shape)
    for n in range(len(X)):
        dW += (1 - H[n] ** 2) * np.outer(dH[n], X[n])
    return risk, dW, dV, db, dc


wrong_net(
    "dv_from_s",
    "dV from the pre-activations instead of the activations",
    "Which vector does V multiply in the forward pass, s or h?",
    BACKWARD,
    altered(lambda W, V, b, c, X, y, H, F, dF, dS: {"dV": dF.T @ (X @ W.T + b)}),
)


wrong_net(
    "dv_transposed",
    "dV with its axes swapped",
    "A gradient has the shape of its parameter. Which is that for V?",
    BACKWARD,
    altered(lambda W, V, b, c, X, y, H, F, dF, dS: {"dV": H.T @ dF}),
)


wrong_net(
    "dw_transposed",
    "dW with its axes swapped",
    "A gradient has the shape of its parameter. Which is that for W?",
    BACKWARD,
    altered(lambda W, V, b, c, X, y, H, F, dF, dS: {"dW": X.T @ dS}),
)


wrong_net(
    "dv_of_sums",
    "dV as the product of two sums",
    "Is a sum of products the product of the sums?",
    BATCH,
    altered(lambda W, V, b, c, X, y, H, F, dF, dS: {"dV": np.outer(dF.sum(axis=0), H.sum(axis=0))}),
)


wrong_net(
    "dw_of_sums",
    "dW as the product of two sums",
    "Is a sum of products the product of the sums?",
    BATCH,
    altered(lambda W, V, b, c, X, y, H, F, dF, dS: {"dW": np.outer(dS.sum(axis=0), X.sum(axis=0))}),
)


wrong_net(
    "last_example",
    "gradients of the last example only, = where += belongs",
    "What happens to the first example's share when the second one is computed?",
    BATCH,
    altered(
        lambda W, V, b, c, X, y, H, F, dF, dS: dict(
            zip(("dW", "dV", "db", "dc"), collect(X[-1:], H[-1:], dS[-1:], dF[-1:]), strict=True)
        )
    ),
)


wrong_net(
    "first_gradients",
    "gradients of the first example only",
    "The risk adds up all examples. Do the gradients?",
    BATCH,
    altered(
        lambda W, V, b, c, X, y, H, F, dF, dS: dict(
            zip(("dW", "dV", "db", "dc"), collect(X[:1], H[:1], dS[:1], dF[:1]), strict=True)
        )
    ),
)


def _columns_of_labels(F, y):
    dF = softmax(F)
    dF[:, y] -= 1
    return dF


wrong_net(
    "columns_of_labels",
    "dF[:, y] -= 1, which takes 1 off the labels of all examples",
    "dF[:, y] holds whole columns. Which two index arrays pick one entry in each row?",
    BATCH,
    output(_columns_of_labels),
)


wrong_net(
    "binary_terms",
    "log(1 - p) of the other classes added, the gradient that of a softmax",
    "The loss is -log of one probability, that of the label. Where do the others enter?",
    LOSS,
    altered(
        lambda W, V, b, c, X, y, H, F, dF, dS: {
            "risk": -np.log(np.where(hot(y, len(c)) > 0, softmax(F), 1 - softmax(F))).sum()
        }
    ),
)


wrong_net(
    "output_slope",
    "(p - e_y) p (1 - p)",
    "Has the logarithm not cancelled that slope already?",
    BACKWARD,
    output(lambda F, y: (softmax(F) - hot(y, F.shape[1])) * softmax(F) * (1 - softmax(F))),
)


wrong_net(
    "sigmoid_output_slope",
    "(p - e_y) times the slope of a sigmoid at f",
    "Has the logarithm not cancelled the slope of the output already?",
    BACKWARD,
    output(lambda F, y: (softmax(F) - hot(y, F.shape[1])) * sigmoid(F) * (1 - sigmoid(F))),
)


wrong_net(
    "slope_of_product",
    "1 - s h for 1 - h^2",
    "tanh' is written with the value h alone. What is s doing in it?",
    HIDDEN,
    slope(lambda S, H: 1 - S * H),
)


wrong_net(
    "gradient_for_weight",
    "dV where V belongs on the way back",
    "Through which weights did the hidden units reach the logits?",
    HIDDEN,
    altered(
        lambda W, V, b, c, X, y, H, F, dF, dS: {
            "dW": ((dF @ (dF.T @ H)) * (1 - H * H)).T @ X,
            "db": ((dF @ (dF.T @ H)) * (1 - H * H)).sum(axis=0),
        }
    ),
)


wrong_net(
    "updated_before_use",
    "a step on V before it carries the gradient back",
    "All gradients belong to one point. At which V does your dW stand?",
    BACKWARD,
    altered(
        lambda W, V, b, c, X, y, H, F, dF, dS: {
            "dW": ((dF @ (V - 0.1 * dF.T @ H)) * (1 - H * H)).T @ X,
            "db": ((dF @ (V - 0.1 * dF.T @ H)) * (1 - H * H)).sum(axis=0),
        }
    ),
)


wrong_net(
    "biases_along_rows",
    "bias gradients added up along the wrong axis",
    "Which axis runs over the examples, and which over the units?",
    BATCH,
    altered(lambda W, V, b, c, X, y, H, F, dF, dS: {"db": dS.sum(axis=1), "dc": dF.sum(axis=1)}),
)


wrong_net(
    "biases_one_number",
    "np.sum without an axis: one number for all biases",
    "Each bias has its own derivative. Over which axis, and over it alone, do you add?",
    BATCH,
    altered(lambda W, V, b, c, X, y, H, F, dF, dS: {"db": dS.sum(), "dc": dF.sum()}),
)


wrong_net(
    "biases_from_weights",
    "bias gradients as row sums of the weight gradients",
    "What is b multiplied by in the forward pass: the inputs, or 1?",
    BATCH,
    altered(
        lambda W, V, b, c, X, y, H, F, dF, dS: {
            "db": (dS.T @ X).sum(axis=1),
            "dc": (dF.T @ H).sum(axis=1),
        }
    ),
)


wrong_net(
    "biases_as_columns",
    "bias gradients of shape (M, 1) and (K, 1)",
    "A gradient has the shape of its parameter. Which is that for b?",
    BATCH,
    altered(
        lambda W, V, b, c, X, y, H, F, dF, dS: {
            "db": dS.sum(axis=0)[:, None],
            "dc": dF.sum(axis=0)[:, None],
        }
    ),
)


wrong_net(
    "squeezed",
    "np.squeeze, which also removes an axis of length 1 that you need",
    "What does np.squeeze do to shape (5, 1) when there is one hidden unit?",
    BATCH,
    lambda *args: tuple(np.squeeze(part) for part in right_risk_and_grads(*args)),
)


wrong_net(
    "bias_rows",
    "bias gradients not yet added up over the examples",
    "b has M entries. How many rows has your db?",
    BATCH,
    altered(lambda W, V, b, c, X, y, H, F, dF, dS: {"db": dS, "dc": dF}),
)


wrong_net(
    "bias_columns",
    "bias gradients of shape (1, M) and (1, K)",
    "A gradient has the shape of its parameter. What does keepdims do here?",
    BATCH,
    altered(
        lambda W, V, b, c, X, y, H, F, dF, dS: {
            "db": dS.sum(axis=0, keepdims=True),
            "dc": dF.sum(axis=0, keepdims=True),
        }
    ),
)


wrong_net(
    "no_bias_grads",
    "bias gradients left at zero",
    "Do the biases not change the risk?",
    BATCH,
    altered(
        lambda W, V, b, c, X, y, H, F, dF, dS: {"db": np.zeros(len(b)), "dc": np.zeros(len(c))}
    ),
)


wrong_net(
    "first_step_order",
    "dV, dW instead of dW, dV",
    "In which order does the contract ask for the five parts?",
    BACKWARD,
    in_order(0, 2, 1, 3, 4),
)


wrong_net(
    "grouped_by_layer",
    "the order risk, dW, db, dV, dc",
    "In which order does the contract ask for the five parts?",
    BACKWARD,
    in_order(0, 1, 3, 2, 4),
)


def _with_sigmoid(W, V, b, c, X, y):
    H = sigmoid(X @ W.T + b)
    F = H @ V.T + c
    dF = softmax(F) - hot(y, len(c))
    return (loss(F, y), *collect(X, H, (dF @ V) * H * (1 - H), dF))


def _linear(W, V, b, c, X, y):
    H = X @ W.T + b
    F = H @ V.T + c
    dF = softmax(F) - hot(y, len(c))
    return (loss(F, y), *collect(X, H, dF @ V, dF))


def _decayed(W, V, b, c, X, y):
    risk, dW, dV, db, dc = right_risk_and_grads(W, V, b, c, X, y)
    lam = 1e-3
    return risk + lam * ((W**2).sum() + (V**2).sum()), dW + 2 * lam * W, dV + 2 * lam * V, db, dc


def _binary(W, V, b, c, X, y):
    H, F = forward(W, V, b, c, X)
    T = hot(y, len(c))
    dF = sigmoid(F) - T
    risk = (np.logaddexp(0, F) - T * F).sum()
    return (risk, *collect(X, H, (dF @ V) * (1 - H * H), dF))


def _squared(W, V, b, c, X, y):
    H, F = forward(W, V, b, c, X)
    dF = F - hot(y, len(c))
    return (0.5 * (dF**2).sum(), *collect(X, H, (dF @ V) * (1 - H * H), dF))


wrong_net(
    "sigmoid_network",
    "a sigmoid network, differentiated without a slip",
    "Risk and gradients fit each other, but not the network that was asked for. Which "
    "function does each hidden unit apply?",
    FORWARD,
    whole_net(_with_sigmoid),
)


wrong_net(
    "linear_network",
    "a network without tanh, differentiated without a slip",
    "Risk and gradients fit each other. What became of the hidden units' tanh?",
    FORWARD,
    whole_net(_linear),
)


wrong_net(
    "weight_decay",
    "a penalty on the weights in risk and gradients",
    "The contract asks for the risk alone. Which term did you add?",
    LOSS,
    whole_net(_decayed),
)


wrong_net(
    "binary_losses",
    "K binary losses instead of one multiclass loss",
    "Do the classes compete in your loss?",
    LOSS,
    whole_net(_binary),
)


wrong_net(
    "squared_loss",
    "squared error on the logits, differentiated without a slip",
    "Which loss does the chapter use?",
    LOSS,
    whole_net(_squared),
)


wrong_net(
    "no_hidden_bias",
    "b never used in the forward pass",
    "Which of the four parameters does your forward pass never touch?",
    FORWARD,
    lambda W, V, b, c, X, y: right_risk_and_grads(W, V, 0 * b, c, X, y),
)


wrong_net(
    "no_output_bias",
    "c never used in the forward pass",
    "Which of the four parameters does your forward pass never touch?",
    FORWARD,
    lambda W, V, b, c, X, y: right_risk_and_grads(W, V, b, 0 * c, X, y),
)


wrong_net(
    "no_biases",
    "b and c never used in the forward pass",
    "Which two of the four parameters does your forward pass never touch?",
    FORWARD,
    lambda W, V, b, c, X, y: right_risk_and_grads(W, V, 0 * b, 0 * c, X, y),
)


@bank.wrong(
    "X W in place of X W^T",
    "Rows of X are examples, rows of W are units. Along which axes do they meet?",
    reread=FORWARD,
)
def not_transposed(W, V, b, c, X, y):
    return right_risk_and_grads(W.T, V, b, c, X, y)


@bank.wrong(
    "exp of the logits as they come", "What does a computer make of exp(1000)?", reread=LOSS
)
def overflows(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    H, F = forward(W, V, b, c, X)
    E = np.exp(F)
    P = E / E.sum(axis=1, keepdims=True)
    risk = -np.log(P[np.arange(len(y)), y]).sum()
    dF = P - hot(y, len(c))
    return (risk, *collect(X, H, (dF @ V) * (1 - H * H), dF))


wrong_net(
    "log_of_probability",
    "the logarithm of a probability that has become 0",
    "The softmax is safe, and then the label's probability underflows to 0. Can the loss be "
    "computed without any probability?",
    LOSS,
    altered(
        lambda W, V, b, c, X, y, H, F, dF, dS: {
            "risk": -np.log(softmax(F)[np.arange(len(y)), y]).sum()
        }
    ),
)


wrong_net(
    "log_of_clipped",
    "a probability kept above 1e-15 before the logarithm",
    "What is the loss of a label whose logit lies 2000 below the others, and what is yours?",
    LOSS,
    altered(
        lambda W, V, b, c, X, y, H, F, dF, dS: {
            "risk": -np.log(np.maximum(softmax(F)[np.arange(len(y)), y], 1e-15)).sum()
        }
    ),
)


wrong_net(
    "log_of_sum",
    "a small constant added inside the logarithm",
    "What does the constant protect from, and could you avoid it by starting from logits?",
    LOSS,
    altered(
        lambda W, V, b, c, X, y, H, F, dF, dS: {
            "risk": -np.log(softmax(F)[np.arange(len(y)), y] + 1e-12).sum()
        }
    ),
)


@bank.wrong(
    "one maximum for the whole batch",
    "What is left of exp(f - 900) in a row whose logits lie near -900?",
    reread=LOSS,
)
def one_maximum(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    H, F = forward(W, V, b, c, X)
    E = np.exp(F - F.max())
    total = E.sum(axis=1, keepdims=True)
    risk = (np.log(total[:, 0]) + F.max() - F[np.arange(len(y)), y]).sum()
    dF = E / total - hot(y, len(c))
    return (risk, *collect(X, H, (dF @ V) * (1 - H * H), dF))


@bank.wrong(
    "tanh as a quotient of exponentials",
    "What is (e^{2a} - 1)/(e^{2a} + 1) on a computer when a = 1000?",
    reread=FORWARD,
)
def tanh_by_exponentials(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    E = np.exp(2 * (X @ W.T + b))
    H = (E - 1) / (E + 1)
    F = H @ V.T + c
    dF = softmax(F) - hot(y, len(c))
    return (loss(F, y), *collect(X, H, (dF @ V) * (1 - H * H), dF))


@bank.wrong(
    "central differences of the risk",
    "The differences are right to about ten digits, and each entry costs two forward "
    "passes. What does the chain rule give in one backward pass?",
    cost="per parameter",
)
def central_differences(W, V, b, c, X, y):
    theta = [np.array(a, dtype=float) for a in (W, V, b, c)]
    X = np.asarray(X, dtype=float)
    eps, grads = 1e-5, []
    for part in theta:
        g = np.zeros(part.shape)
        for index in np.ndindex(part.shape):
            kept = part[index]
            part[index] = kept + eps
            up = loss(forward(*theta, X)[1], y)
            part[index] = kept - eps
            down = loss(forward(*theta, X)[1], y)
            part[index] = kept
            g[index] = (up - down) / (2 * eps)
        grads.append(g)
    return (loss(forward(*theta, X)[1], y), *grads)


@bank.right("plain NumPy: the precision that came in")
def plain_numpy(W, V, b, c, X, y):
    H, F = forward(W, V, b, c, X)
    dF = softmax(F)
    dF[np.arange(len(y)), y] -= 1
    return (loss(F, y), *collect(X, H, (dF @ V) * (1 - H * H), dF))


def moved(parts, i, place, by):
    """The parameters with one entry moved by a complex or real number."""
    parts = [np.array(a, dtype=complex if np.iscomplex(by) else float) for a in parts]
    parts[i][place] += by
    return parts


@bank.wrong(
    "a complex step for every parameter",
    "Right to the last digit, at the price of a forward pass per parameter: good for a "
    "check. Which quantity do all weights of a unit share?",
    cost="complex step",
)
def complex_step(W, V, b, c, X, y):
    def risk(*theta):
        F = forward(*theta, X)[1]
        top = F.real.max(axis=1, keepdims=True)
        lse = top[:, 0] + np.log(np.exp(F - top).sum(axis=1))
        return (lse - F[np.arange(len(y)), y]).sum()

    theta, grads = floats(W, V, b, c), []
    for i, part in enumerate(theta):
        grads.append(np.zeros(part.shape))
        for place in np.ndindex(part.shape):
            grads[i][place] = risk(*moved(theta, i, place, 1e-20j)).imag / 1e-20
    return risk(*theta).item(), *grads


@bank.wrong(
    "one pass forward with derivatives for every parameter",
    "You carry the derivative with respect to one parameter through the whole network, "
    "once for each of them. What do they all share at the other end?",
    cost="per parameter",
)
def tangents(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    grads = []
    for i, part in enumerate((W, V, b, c)):
        grads.append(np.zeros(part.shape))
        for place in np.ndindex(part.shape):
            zero = [np.zeros(a.shape) for a in (W, V, b, c)]
            dW, dV, db, dc = moved(zero, i, place, 1.0)
            H, F = forward(W, V, b, c, X)
            tangent = H @ dV.T + ((X @ dW.T + db) * (1 - H * H)) @ V.T + dc
            grads[i][place] = ((softmax(F) - hot(y, len(c))) * tangent).sum()
    return loss(forward(W, V, b, c, X)[1], y), *grads


@bank.wrong(
    "gradients stored in the dtype of the parameters",
    "np.zeros_like(W) of whole numbers holds whole numbers. What becomes of 0.3 in it?",
    reread=BATCH,
)
def whole_numbers(W, V, b, c, X, y):
    risk, *grads = right_risk_and_grads(W, V, b, c, X, y)
    return risk, *(g.astype(a.dtype) for g, a in zip(grads, (W, V, b, c), strict=True))


@bank.wrong(
    "a gradient step taken inside the function",
    "The caller asked for a gradient. Who decides what is done with it?",
)
def changes_argument(W, V, b, c, X, y):
    out = right_risk_and_grads(W, V, b, c, X, y)
    for a, g in zip((W, V, b, c), out[1:], strict=True):
        a -= (0.01 * g).astype(a.dtype)
    return out


@bank.wrong(
    "gradients rounded to a few digits",
    "What do the next steps compute with: what you print, or what you return?",
)
def rounded(W, V, b, c, X, y):
    return tuple(np.round(part, 6) for part in right_risk_and_grads(W, V, b, c, X, y))


@bank.wrong(
    "gradients scaled to length 1",
    "The direction is right. Does the step rule need the length as well?",
)
def scaled_to_length_one(W, V, b, c, X, y):
    risk, *grads = right_risk_and_grads(W, V, b, c, X, y)
    return risk, *(g / np.linalg.norm(g) for g in grads)


bank.habits(right_risk_and_grads, array=False)


@bank.right("through log-probabilities, plain")
def through_log_probabilities(W, V, b, c, X, y):
    H = np.tanh(X @ W.T + b)
    F = H @ V.T + c
    logs = F - np.logaddexp.reduce(F, axis=1, keepdims=True)
    T = np.eye(len(c))[y]
    dF = np.exp(logs) - T
    dS = dF @ V * (1 - H**2)
    return -np.sum(T * logs), dS.T @ X, dF.T @ H, dS.sum(0), dF.sum(0)


@bank.right("grads added up in zeros_like, plain")
def grads_added_up_in_zeros_like(W, V, b, c, X, y):
    risk, grads = 0, [np.zeros(np.shape(a)) for a in (W, V, b, c)]
    for x, label in zip(X, y, strict=True):
        h = np.tanh(W.dot(x) + b)
        f = V.dot(h) + c
        p = np.exp(f - np.max(f))
        risk += np.log(p.sum()) + f.max() - f[label]
        p /= p.sum()
        p[label] -= 1
        s = (V.T @ p) * (1 - h * h)
        for g, part in zip(grads, (np.outer(s, x), np.outer(p, h), s, p), strict=True):
            g += part
    return risk, *grads


@bank.right("loops over examples and units")
def loops_over_examples_and_units(W, V, b, c, X, y):
    W, V, b, c, X = (np.asarray(a, dtype=float).tolist() for a in (W, V, b, c, X))
    M, p, K = len(W), len(W[0]), len(V)
    risk = 0.0
    dW, dV = [[0.0] * p for _ in range(M)], [[0.0] * M for _ in range(K)]
    db, dc = [0.0] * M, [0.0] * K
    for x, label in zip(X, np.asarray(y).tolist(), strict=True):
        h = [math.tanh(b[m] + sum(W[m][j] * x[j] for j in range(p))) for m in range(M)]
        f = [c[k] + sum(V[k][m] * h[m] for m in range(M)) for k in range(K)]
        top = max(f)
        total = sum(math.exp(v - top) for v in f)
        risk += top + math.log(total) - f[label]
        df = [math.exp(f[k] - top) / total - (k == label) for k in range(K)]
        ds = [(1 - h[m] ** 2) * sum(V[k][m] * df[k] for k in range(K)) for m in range(M)]
        for k in range(K):
            dc[k] += df[k]
            for m in range(M):
                dV[k][m] += df[k] * h[m]
        for m in range(M):
            db[m] += ds[m]
            for j in range(p):
                dW[m][j] += ds[m] * x[j]
    return [risk, dW, dV, db, dc]


@bank.right("one example at a time, outer products")
def one_example_at_a_time(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    total = [0.0, np.zeros_like(W), np.zeros_like(V), np.zeros_like(b), np.zeros_like(c)]
    for x, label in zip(X, y, strict=True):
        s = b + W @ x
        f = c + V @ np.tanh(s)
        df = softmax(f)
        df[label] -= 1
        ds = (V.T @ df) / np.cosh(np.clip(s, -300, 300)) ** 2
        parts = (logsumexp(f) - f[label], np.outer(ds, x), np.outer(df, np.tanh(s)), ds, df)
        total = [t + part for t, part in zip(total, parts, strict=True)]
    return tuple(total)


@bank.right("einsum, chain rule with full Jacobians")
def einsum(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    S = np.einsum("mp,np->nm", W, X) + b
    H = np.tanh(S)
    F = np.einsum("km,nm->nk", V, H) + c
    dF = softmax(F) - np.eye(len(c))[y]
    dH_dS = np.einsum("nm,mi->nmi", 1 - H**2, np.eye(len(b)))
    dS = np.einsum("nk,km,nmi->ni", dF, V, dH_dS)
    return (
        float(loss(F, y)),
        np.einsum("nm,np->mp", dS, X),
        np.einsum("nk,nm->km", dF, H),
        np.einsum("nm->m", dS),
        np.einsum("nk->k", dF),
    )


@bank.right("columns are examples, biases folded into the weights")
def columns_are_examples(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    N = len(X)
    X1 = np.vstack([X.T, np.ones(N)])
    H = np.tanh(np.column_stack([W, b]) @ X1)
    H1 = np.vstack([H, np.ones(N)])
    F = np.column_stack([V, c]) @ H1
    lse = np.logaddexp.reduce(F, axis=0)
    G = np.exp(F - lse)
    G[y, np.arange(N)] -= 1.0
    D = V.T @ G * (1 - H) * (1 + H)
    dWb, dVc = D @ X1.T, G @ H1.T
    return (lse - F[y, np.arange(N)]).sum(), dWb[:, :-1], dVc[:, :-1], dWb[:, -1], dVc[:, -1]


@bank.right("slopes by 4 sigma(2s) sigma(-2s)")
def slopes_by_4_sigma_sigma(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    S = X @ W.T + b
    F = np.tanh(S) @ V.T + c
    Z = F - F.max(axis=1)[:, None]
    P = np.exp(Z)
    P /= P.sum(axis=1)[:, None]
    risk = sum(np.log(np.exp(z).sum()) - z[k] for z, k in zip(Z, y, strict=True))
    dF = P.copy()
    np.subtract.at(dF, (np.arange(len(y)), y), 1)
    dS = np.matmul(dF, V) * (4 * sigmoid(2 * S) * sigmoid(-2 * S))
    return risk, np.tensordot(dS, X, (0, 0)), np.tensordot(dF, np.tanh(S), (0, 0)), sum(dS), sum(dF)
