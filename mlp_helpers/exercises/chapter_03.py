"""Chapter 03, the tanh homework network: what is asked (S0)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..activations import as_float, logsumexp
from ..checking.compare import compare
from ..checking.exercise import Exercise, Requirement
from ..checking.requirements import (
    Finding,
    cost,
    error_text,
    shape,
    stable,
    step,
    unchanged,
    value,
)
from ..checking.values import Named
from ..gradcheck import STEP
from .bank import known_mistakes
from .draw import case, huge_logits, labels, logits, strided, whole

DTYPES = "integers and float32"
SATURATED = "saturated units (pre-activations of 1000)"
HUGE = "huge logits (largest 1000)"
FAR = "rows far apart"
PLAIN = "alpha = 1: plain gradient descent"
GRADS = ("risk", "dW", "dV", "db", "dc")

# Cases ----------------------------------------------------------------------------------------


def _offsets(rng, n):
    """Biases well away from 0, of both signs."""
    return rng.uniform(0.3, 0.9, n) * np.where(rng.random(n) < 0.5, -1.0, 1.0)


def _parameters(rng, p, M, K):
    """W, V, b, c such that the hidden units are neither linear nor saturated."""
    return (rng.standard_normal((M, p)) / np.sqrt(p), 0.8 * rng.standard_normal((K, M)),
            _offsets(rng, M), _offsets(rng, K))


def _network(rng, N, p, M, K):
    """W, V, b, c, X of generic numbers."""
    return (*_parameters(rng, p, M, K), rng.standard_normal((N, p)) + 0.2)


def _awkward_layout(args):
    """The same numbers, none of the matrices in row-major order."""
    W, V, b, c, X = args
    return strided(W), np.asfortranarray(V), strided(b), c, strided(X)


def _saturated(rng, N, p, M, K):
    """Two units are driven to +1 and -1; the largest pre-activation is about 1000."""
    W, V, b, c, X = _network(rng, N, p, M, K)
    W[0] *= 1000.0 / np.abs(X @ W[0]).max()
    W[1] = -W[0]  # so that both signs occur
    return W, V, b, c, X


def _whole_network(rng, N, p, M, K):
    return whole(rng, M, p), whole(rng, K, M), whole(rng, M), whole(rng, K), whole(rng, N, p)


def _single_network(rng, N, p, M, K):
    return tuple(a.astype(np.float32) for a in _network(rng, N, p, M, K))


def _logits_cases(rng):
    def one(args, **more):
        W, V, _, _, X = args
        return case(*args, **more, N=len(X), p=X.shape[1], M=len(W), K=len(V))

    return {
        "generic": [
            one(_network(rng, 7, 3, 11, 5)),
            one(_awkward_layout(_network(rng, 11, 7, 3, 5))),
            one(_network(rng, 5, 5, 5, 5)),
            one(_network(rng, 1, 3, 7, 5)),
            one(_network(rng, 1, 1, 1, 2)),
            one(_network(rng, 61, 31, 23, 13)),
        ],
        "saturated": [one(_saturated(rng, 5, 11, 7, 3), scale=1.0)],
        "dtypes": [one(_whole_network(rng, 11, 3, 7, 5), scale=1.0),
                   one(_single_network(rng, 11, 3, 7, 5))],
        "twice": [one(_network(rng, 5, 3, 7, 11)) for _ in range(2)],
    }


def _close_race(rng, N, K):
    """Logits; in the first row the two best differ by 1e-9, and the later one wins."""
    F = logits(rng, N, K) - 1.0
    first, second = np.sort(rng.choice(K, 2, replace=False))
    F[0, second] = F[0].max() + 0.1
    F[0, first] = F[0, second] - 1e-9
    return F


def _tied(rng, N, K):
    """Rows whose largest logit occurs twice, not always at the ends; the last row is constant."""
    F = logits(rng, N, K)
    for row in F[:-1]:
        row[rng.choice(K, 2, replace=False)] = row.max() + 0.25
    F[-1] = -1.5
    return F


def _class_cases(rng):
    def one(F):
        return case(F, N=len(F), K=F.shape[1])

    return {
        "generic": [
            one(_close_race(rng, 7, 5)),
            one(strided(_close_race(rng, 11, 7))),
            one(_close_race(rng, 5, 5)),
            one(_close_race(rng, 3, 5) - 20.0),
            one(_close_race(rng, 1, 3)),
            one(_close_race(rng, 1, 2)),
            one(_close_race(rng, 61, 23)),
        ],
        "ties": [one(_tied(rng, 7, 11)), one(_tied(rng, 5, 3)),
                 one(rng.integers(-2, 3, (13, 7))), one(_tied(rng, 13, 7).astype(np.float32))],
        "huge": [one(huge_logits(rng, 7, 3)), one(logits(rng, 3, 7) - 1000.0)],
        "twice": [one(logits(rng, 11, 5)), one(logits(rng, 11, 5))],
    }


def _huge_outputs(rng, N, p, M, K):
    """The bias c drives the largest logit to 1000, a near rival beside it, another to -1000."""
    W, V, b, c, X = _network(rng, N, p, M, K)
    c[:3] = rng.permutation([0.0, rng.uniform(-0.9, -0.3), -2000.0])
    return W, V, b, c + 1000.0 - _logits(W, V, b, c, X).max(), X


def _far_outputs(rng, N, p, M, K):
    """The first hidden unit moves all logits of a row together, by hundreds."""
    W, V, b, c, X = _network(rng, N, p, M, K)
    X[:, 0] = rng.permutation(np.linspace(-2.0, 2.0, N))
    W[0], b[0] = 0.0, 0.4
    W[0, 0] = 1.0
    V[:, 0] += 900.0
    return W, V, b, c, X


def _positive_logits(network):
    """The same network with a bias c that makes every logit positive, for one example."""
    W, V, b, c, X = network
    return W, V, b, c + np.maximum(0.3 - _logits(*network).min(), 0.0), X


def _unlikely(network):
    """The same network with a bias c that makes class 0 very unlikely for one example.

    So a small constant inside a logarithm is seen whatever the seed is.
    """
    W, V, b, c, X = network
    F = _logits(*network)[0]
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
            one(_network(rng, 7, 3, 11, 5)),
            one(_awkward_layout(_network(rng, 11, 7, 3, 5))),
            one(_network(rng, 5, 5, 5, 5)),
            one(_network(rng, 1, 3, 7, 5)),
            # 1 - h^2 of a lone unit may be nothing but rounding: hence the scale
            one(_network(rng, 1, 1, 1, 2), scale=1.0),
            one(_network(rng, 61, 2, 23, 13)),
            one(_network(rng, 2, 31, 3, 2)),
        ],
        "cost": [one(_network(rng, 2, 29, 31, 2))],
        "steps": [one(_positive_logits(_network(rng, 1, 3, 11, 5))),
                  one(_unlikely(_network(rng, 1, 7, 5, 3)), np.array([0])),
                  one(_network(rng, 1, 5, 3, 7))],
        "steps_square": [one(_network(rng, 1, 5, 5, 5)) for _ in range(2)],
        # Sums of 1000 and rounding errors of 900 * (sum of p - e_y) are no fault: hence the scale.
        "huge": [one(huge, np.append(labels(rng, 6, 11), worst), scale=1000.0)],
        "far": [one(_far_outputs(rng, 11, 5, 3, 7), scale=1000.0)],
        "saturated": [one(_saturated(rng, 5, 11, 7, 3), scale=1.0)],
        "dtypes": [one(_whole_network(rng, 11, 3, 7, 5), scale=1.0),
                   one(_single_network(rng, 11, 3, 7, 5))],
        "twice": [one(_network(rng, 5, 3, 7, 11)) for _ in range(2)],
    }


def _weight(rng):
    """A weight of the new gradient that is neither near 0 or 1, nor 1/2."""
    return float(rng.choice([rng.uniform(0.15, 0.4), rng.uniform(0.6, 0.85)]))


def _step_cases(rng):
    def one(P, alpha, *vectors):
        vectors = vectors or tuple(rng.standard_normal((3, P)))
        return case(*vectors, float(rng.uniform(0.1, 0.4)), alpha, P=P)

    return {
        "generic": [
            one(5, _weight(rng)),
            one(7, _weight(rng), *map(strided, rng.standard_normal((3, 7)))),
            one(11, _weight(rng)),
            one(1, _weight(rng)),
            one(211, _weight(rng)),
            one(17, _weight(rng), *(1000.0 * rng.standard_normal((3, 17)))),  # nothing is clipped
        ],
        "plain": [one(13, 1.0)],
        "dtypes": [one(6, _weight(rng), whole(rng, 6), whole(rng, 6), whole(rng, 6)),
                   one(6, _weight(rng), *rng.standard_normal((3, 6)).astype(np.float32))],
        "twice": [one(3, _weight(rng)) for _ in range(2)],
    }


def _descent_cases(rng):
    def bowl(P):
        Q, _ = np.linalg.qr(rng.standard_normal((P, P)))
        A = (Q * rng.uniform(0.3, 2.0, P)) @ Q.T
        return A, rng.standard_normal(P)

    def one(kind, P, n_steps, alpha, theta0=None, gamma=None):
        theta0 = rng.standard_normal(P) if theta0 is None else theta0
        gamma = float(rng.uniform(0.15, 0.4)) if gamma is None else gamma
        return case(Named(kind, bowl(P)), theta0, gamma, alpha, n_steps, P=P, n_steps=n_steps)

    return {
        "generic": [
            one("affine_gradient", 5, 7, _weight(rng)),
            one("bent_gradient", 3, 11, _weight(rng), strided(rng.standard_normal(3))),
            one("bent_gradient", 7, 6, _weight(rng)),
            # long enough to arrive: whoever stops when little happens is seen here
            one("affine_gradient", 2, 199, _weight(rng), gamma=0.4),
            one("affine_gradient", 1, 1, _weight(rng)),
            one("bent_gradient", 53, 3, _weight(rng)),
            # far away, where gradients are large: whoever clips them is seen here
            one("affine_gradient", 4, 5, _weight(rng), 1000.0 * rng.standard_normal(4)),
        ],
        "plain": [one("affine_gradient", 4, 7, 1.0), one("bent_gradient", 6, 11, 1.0)],
        "none": [one("affine_gradient", 8, 0, _weight(rng))],
        "dtypes": [one("affine_gradient", 9, 7, _weight(rng), whole(rng, 9)),
                   one("bent_gradient", 9, 7, _weight(rng),
                       rng.standard_normal(9).astype(np.float32))],
        "twice": [one("affine_gradient", 11, 7, _weight(rng)) for _ in range(2)],
    }


# Oracles: forward passes, differentiated by complex step; no gradient formula is written here --


def _logits(W, V, b, c, X):
    """Logits, shape (..., N, K); the parameters may have leading axes of their own."""
    W, V, b, c, X = (as_float(a) for a in (W, V, b, c, X))
    H = np.tanh(X @ np.swapaxes(W, -1, -2) + b[..., None, :])
    return H @ np.swapaxes(V, -1, -2) + c[..., None, :]


def _risk(W, V, b, c, X, y):
    F = _logits(W, V, b, c, X)
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


def _momentum_step(theta, phi, g, gamma, alpha):
    smooth = (1 - alpha) * phi + alpha * g
    return theta - gamma * smooth, smooth


def _train_momentum(grad, theta0, gamma, alpha, n_steps):
    theta = as_float(theta0)
    rows, phi = [theta], 0.0 * theta
    for _ in range(n_steps):
        theta, phi = _momentum_step(theta, phi, grad(theta), gamma, alpha)
        rows.append(theta)
    return np.stack(rows)


# Criteria of this chapter alone -----------------------------------------------------------------


def _part_fault(trial, group, i):
    """Why part i of the answers of a group is wrong; None if it is right in every case."""
    for case_, answer in zip(trial.cases[group], trial.answers(group), strict=True):
        if answer.error is not None:
            return Finding(error_text(answer.error, case_))
        expected = trial.expected(case_)
        if not (isinstance(answer.value, (tuple, list)) and len(answer.value) == len(GRADS)):
            difference = compare(answer.value, expected)
            return Finding(difference.message, difference)
        part = replace(expected, value=expected.value[i], names=GRADS[i])
        difference = compare(answer.value[i], part)
        if difference is not None:
            return Finding(f"{difference.message} (with {case_.note})", difference)
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


def _wrong_structure(trial, case_, answer):
    """A Finding if the answer is no answer or has the wrong shape, None otherwise."""
    if answer.error is not None:
        return Finding(error_text(answer.error, case_))
    loose = compare(answer.value, replace(trial.expected(case_), tol=np.inf))
    return None if loose is None else Finding(loose.message, loose)


def phi_is_right(trial, group):
    """The second part is the new smoothed gradient."""
    for case_, answer in zip(trial.cases[group], trial.answers(group), strict=True):
        if finding := _wrong_structure(trial, case_, answer):
            return finding
        expected = trial.expected(case_)
        difference = compare(answer.value[1],
                             replace(expected, value=expected.value[1], names="phi'"))
        if difference is not None:
            return Finding(f"{difference.message} (with {case_.note})", difference)
    return None


def theta_follows_phi(trial, group):
    """The first part is theta - gamma phi', with the phi' that was returned."""
    for case_, answer in zip(trial.cases[group], trial.answers(group), strict=True):
        if finding := _wrong_structure(trial, case_, answer):
            return finding
        theta, _, _, gamma, _ = case_.args
        want = theta - gamma * np.asarray(answer.value[1], dtype=np.float64)
        difference = compare(answer.value[0],
                             replace(trial.expected(case_), value=want, names="theta'"))
        if difference is not None:
            return Finding(f"{difference.message} (with {case_.note})", difference)
    return None


def first_step_is_right(trial, group):
    """The first two rows: the start itself, and one step from phi^0 = 0."""
    for case_, answer in zip(trial.cases[group], trial.answers(group), strict=True):
        if finding := _wrong_structure(trial, case_, answer):
            return finding
        expected = trial.expected(case_)
        for row in (0, 1):
            difference = compare(np.asarray(answer.value[row]),
                                 replace(expected, value=expected.value[row], names=f"row {row}"))
            if difference is not None:
                return Finding(f"{difference.message} (with {case_.note})", difference)
    return None


def _stepwise():
    from .steps.chapter_03 import STEPWISE

    return STEPWISE


EXERCISES = (
    Exercise(
        id="predict_logits",
        chapter="03",
        title="The network, line by line",
        signature="predict_logits(W, V, b, c, X)",
        returns="F",
        minutes=10,
        lines=2,
        section="The network, line by line",
        draw=_logits_cases,
        oracle=_logits,
        requirements=(
            shape(0.5),
            value(1.25),
            value(0.5, SATURATED, "saturated"),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "For one example the first step is b + W x. In a batch the examples are rows of X. "
            "Which product of X and W has one row per example and one column per hidden unit?",
            "H = tanh(X W^T + b), shape (N, M), and F = H V^T + c, shape (N, K). The biases "
            "broadcast over the rows. np.tanh is safe for any input.",
            "H = np.tanh(X @ ... + b)\nreturn H @ ... + c",
        ),
        bank=known_mistakes("03", "predict_logits"),
    ),
    Exercise(
        id="predict_class",
        chapter="03",
        title="From logits to a decision",
        signature="predict_class(F)",
        returns="classes",
        minutes=4,
        lines=1,
        section="From logits to a decision",
        draw=_class_cases,
        oracle=lambda F: np.argmax(F, axis=1),
        requirements=(
            shape(0.25),
            value(0.5),
            value(0.5, "first of ties", "ties"),
            value(0.25, HUGE, "huge"),
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "One number per example: not how large its largest logit is, but where it stands. "
            "Along which axis do you look?",
            "np.argmax gives the position of the largest entry, and of equal ones the first. "
            "Classes lie along axis 1. Softmax keeps the order, so you do not need it.",
            "return np.argmax(F, axis=...)",
        ),
        bank=known_mistakes("03", "predict_class"),
    ),
    Exercise(
        id="risk_and_grads",
        chapter="03",
        title="Back through the network",
        signature="risk_and_grads(W, V, b, c, X, y)",
        returns=GRADS,
        minutes=30,
        lines=10,
        section="Back through the network",
        draw=_grad_cases,
        oracle=_risk_and_grads,
        requirements=(
            shape(0.5),
            step(0.5, "risk"),
            step(0.5, "dc"),
            step(0.75, "dV", "dc"),
            step(1.0, "db", "dc"),
            step(1.0, "dW", "db"),
            value(1.25, "value, for a batch"),
            Requirement(HUGE, 0.5, still_right, "huge"),
            Requirement(FAR, 0.5, still_right, "far"),
            Requirement(SATURATED, 0.5, still_right, "saturated"),
            Requirement(DTYPES, 0.25, still_right, "dtypes"),
            cost(0.25, _forward_macs),
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
        bank=known_mistakes("03", "risk_and_grads"),
        stepwise=_stepwise,
    ),
    Exercise(
        id="momentum_step",
        chapter="03",
        title="A step with a memory",
        signature="momentum_step(theta, phi, g, gamma, alpha)",
        returns=("theta'", "phi'"),
        minutes=6,
        lines=2,
        section="A step with a memory",
        draw=_step_cases,
        oracle=_momentum_step,
        requirements=(
            shape(0.25),
            Requirement("phi'", 1.0, phi_is_right),
            Requirement("theta' from your phi'", 0.75, theta_follows_phi),
            value(0.25, PLAIN, "plain"),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "Two lines, in the order of the formulas. Which phi stands in the second one, the old "
            "one or the new one?",
            "phi' = (1 - alpha) phi + alpha g. Then theta' = theta - gamma phi'. Both are new "
            "arrays: theta -= ... would change the caller's.",
            "phi_new = (1 - alpha) * ... + alpha * ...\n"
            "return theta - gamma * ..., phi_new",
        ),
        bank=known_mistakes("03", "momentum_step"),
    ),
    Exercise(
        id="train_momentum",
        chapter="03",
        title="The whole descent",
        signature="train_momentum(grad, theta0, gamma, alpha, n_steps)",
        returns="history",
        minutes=12,
        lines=7,
        section="The whole descent",
        draw=_descent_cases,
        oracle=_train_momentum,
        requirements=(
            shape(0.5),
            Requirement("start and first step", 0.5, first_step_is_right),
            value(1.5),
            value(0.5, PLAIN, "plain"),
            value(0.25, "no steps (n_steps = 0)", "none"),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "How many rows does the history have after n_steps steps, and what is in the first? "
            "At which point do you ask for the gradient in step 3?",
            "Start with theta = theta0 and phi = 0. In every round: the gradient at the "
            "current theta, one momentum_step, one new row. Nothing else is kept.",
            "theta, phi = theta0, 0 * theta0\n"
            "history = [theta]\n"
            "for _ in range(n_steps):\n"
            "    theta, phi = momentum_step(..., ..., ..., gamma, alpha)\n"
            "    history.append(...)\n"
            "return np.array(history)",
        ),
        bank=known_mistakes("03", "train_momentum"),
    ),
)
