"""Gradient descent with momentum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...checking.compare import compare
from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Criterion, Exercise
from ...checking.finding import differs
from ...checking.values import Named
from ...reference.activations import as_float
from ..bank import Bank
from ..draw import case, strided, whole
from .shared import (
    DTYPES,
    PLAIN,
    drawn_weight,
    ema,
    momentum_step_oracle,
    right_step,
    stepping,
    wrong_structure,
)


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
            one("affine_gradient", 5, 7, drawn_weight(rng)),
            one("bent_gradient", 3, 11, drawn_weight(rng), strided(rng.standard_normal(3))),
            one("bent_gradient", 7, 6, drawn_weight(rng)),
            # long enough to arrive: whoever stops when little happens is seen here
            one("affine_gradient", 2, 199, drawn_weight(rng), gamma=0.4),
            one("affine_gradient", 1, 1, drawn_weight(rng)),
            one("bent_gradient", 53, 3, drawn_weight(rng)),
            # far away, where gradients are large: whoever clips them is seen here
            one("affine_gradient", 4, 5, drawn_weight(rng), 1000.0 * rng.standard_normal(4)),
        ],
        "plain": [one("affine_gradient", 4, 7, 1.0), one("bent_gradient", 6, 11, 1.0)],
        "none": [one("affine_gradient", 8, 0, drawn_weight(rng))],
        "dtypes": [
            one("affine_gradient", 9, 7, drawn_weight(rng), whole(rng, 9)),
            one(
                "bent_gradient", 9, 7, drawn_weight(rng), rng.standard_normal(9).astype(np.float32)
            ),
        ],
        "twice": [one("affine_gradient", 11, 7, drawn_weight(rng)) for _ in range(2)],
    }


def _train_momentum(grad, theta0, gamma, alpha, n_steps):
    theta = as_float(theta0)
    rows, phi = [theta], 0.0 * theta
    for _ in range(n_steps):
        theta, phi = momentum_step_oracle(theta, phi, grad(theta), gamma, alpha)
        rows.append(theta)
    return np.stack(rows)


def first_step_is_right(trial, group):
    """The first two rows: the start itself, and one step from phi^0 = 0."""
    for case_, answer in zip(trial.cases[group], trial.answers(group), strict=True):
        if finding := wrong_structure(trial, case_, answer):
            return finding
        expected = trial.expected(case_)
        for row in (0, 1):
            difference = compare(
                np.asarray(answer.value[row]),
                replace(expected, value=expected.value[row], names=f"row {row}"),
            )
            if difference is not None:
                return differs(difference, case_)
    return None


bank = Bank()


EXERCISE = Exercise(
    title="Gradient descent with momentum",
    signature="train_momentum(grad, theta0, gamma, alpha, n_steps)",
    returns="history",
    minutes=12,
    lines=7,
    section="The whole descent",
    draw=_descent_cases,
    oracle=_train_momentum,
    criteria=(
        shape(0.5),
        Criterion("start and first step", 0.5, first_step_is_right),
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
    bank=bank,
)


STEP_SECTION = "A step with a memory"


def _descend(grad, theta0, gamma, alpha, n_steps):
    return descending()(grad, theta0, gamma, alpha, n_steps)


def descending(step=right_step, at=None, phi0=None, rows=None):
    """A descent with one part replaced: the step, the point of the gradient, the first phi, or
    which rows are returned."""

    def train_momentum(grad, theta0, gamma, alpha, n_steps):
        theta = np.array(theta0, dtype=float)
        phi = np.zeros_like(theta) if phi0 is None else phi0(grad, theta)
        history = [theta]
        for _ in range(n_steps):
            where = theta if at is None else at(history, phi, gamma, alpha)
            theta, phi = step(theta, phi, grad(where), gamma, alpha)
            history.append(theta)
        history = np.array(history)
        return history if rows is None else rows(history)

    return train_momentum


def _corrected(grad, theta0, gamma, alpha, n_steps):
    theta, phi = np.asarray(theta0, dtype=float), 0.0
    history = [theta]
    for r in range(1, n_steps + 1):
        phi = (1 - alpha) * phi + alpha * grad(theta)
        theta = theta - gamma * phi / (1 - (1 - alpha) ** r)
        history.append(theta)
    return np.array(history)


def wrong_descent(id, looks_like, question, fn, reread=""):
    bank.wrong(looks_like, question, id=id, reread=reread)(fn)


wrong_descent(
    "starts_with_gradient",
    "phi^0 set to the first gradient",
    "S0 does not say what phi^0 is. What does the contract say?",
    descending(phi0=lambda grad, theta: np.asarray(grad(theta), dtype=float)),
)


wrong_descent(
    "starts_with_ones",
    "phi^0 set to ones",
    "Before the first step nothing has been smoothed yet. What is phi^0?",
    descending(phi0=lambda grad, theta: np.ones_like(theta)),
)


wrong_descent(
    "gradient_of_start",
    "the gradient always taken at theta0",
    "Where are you in step 3, and where do you ask for the gradient?",
    descending(at=lambda history, phi, gamma, alpha: history[0]),
)


wrong_descent(
    "gradient_one_late",
    "the gradient of the point before the current one",
    "Where are you when you ask for the gradient?",
    descending(at=lambda history, phi, gamma, alpha: history[max(0, len(history) - 2)]),
)


wrong_descent(
    "gradient_ahead",
    "the gradient taken one momentum step ahead (Nesterov)",
    "That is a good method, and not this one. At which point does S0 take the gradient?",
    descending(at=lambda history, phi, gamma, alpha: history[-1] - gamma * (1 - alpha) * phi),
)


wrong_descent(
    "forgets_phi",
    "phi set back to 0 in every step",
    "What should survive from one step to the next?",
    descending(lambda theta, phi, g, gamma, alpha: right_step(theta, 0 * phi, g, gamma, alpha)),
)


wrong_descent(
    "no_momentum",
    "plain gradient descent",
    "What does alpha do in your loop?",
    descending(lambda theta, phi, g, gamma, alpha: (theta - gamma * g, g)),
)


wrong_descent(
    "weights_swapped",
    "alpha on the old phi and 1 - alpha on the new gradient",
    "With alpha = 1 the descent should be plain. Is yours?",
    descending(lambda theta, phi, g, gamma, alpha: right_step(theta, phi, g, gamma, 1 - alpha)),
    STEP_SECTION,
)


wrong_descent(
    "accumulates",
    "g + (1 - alpha) phi: the gradient not weighted by alpha",
    "The two weights of an average sum to 1. What do yours sum to?",
    descending(stepping(lambda phi, g, gamma, alpha: (1 - alpha) * phi + g)),
    STEP_SECTION,
)


wrong_descent(
    "alpha_kept_old",
    "alpha phi + g: the other way to write momentum",
    "Which of the two does alpha weigh here: the old phi, or the new gradient?",
    descending(stepping(lambda phi, g, gamma, alpha: alpha * phi + g)),
    STEP_SECTION,
)


wrong_descent(
    "rate_twice",
    "gamma twice: in phi and in the step",
    "In which of S0's two lines does gamma stand, and how often?",
    descending(stepping(lambda phi, g, gamma, alpha: (1 - alpha) * phi + alpha * gamma * g)),
    STEP_SECTION,
)


wrong_descent(
    "both_factors",
    "theta - gamma alpha phi",
    "alpha has done its work in phi. Why does it come back?",
    descending(
        stepping(ema, lambda theta, phi, g, smooth, gamma, alpha: theta - gamma * alpha * smooth)
    ),
    STEP_SECTION,
)


wrong_descent(
    "decay_twice",
    "1 - alpha once more in the step",
    "1 - alpha has done its work in phi. Why does it come back?",
    descending(
        stepping(
            ema, lambda theta, phi, g, smooth, gamma, alpha: theta - gamma * (1 - alpha) * smooth
        )
    ),
    STEP_SECTION,
)


wrong_descent(
    "corrected",
    "phi divided by 1 - (1 - alpha)^r, a bias correction",
    "phi^0 = 0 makes the first phi too small. Does S0 correct for it?",
    _corrected,
    STEP_SECTION,
)


wrong_descent(
    "old_phi",
    "theta moved along the old phi",
    "Does the first step move at all in your version?",
    descending(stepping(ema, lambda theta, phi, g, smooth, gamma, alpha: theta - gamma * phi)),
    STEP_SECTION,
)


@bank.wrong(
    "theta moved first, phi renewed after it",
    "The step goes along the new phi. Which of the two lines comes first?",
    reread=STEP_SECTION,
)
def moved_before_smoothing(grad, theta0, gamma, alpha, n_steps):
    theta, phi = np.asarray(theta0, dtype=float), np.zeros(len(theta0))
    history = [theta]
    for _ in range(n_steps):
        theta = theta - gamma * phi
        phi = (1 - alpha) * phi + alpha * grad(theta)
        history.append(theta)
    return np.array(history)


@bank.wrong("`return` inside the loop", "How many rounds does your loop make before it returns?")
def returns_in_the_loop(grad, theta0, gamma, alpha, n_steps):
    return _descend(grad, theta0, gamma, alpha, min(n_steps, 1))


@bank.wrong(
    "only the last theta kept, after the loop",
    "Row r is theta^r. Which line has to run once in every round?",
)
def kept_after_the_loop(grad, theta0, gamma, alpha, n_steps):
    history = _descend(grad, theta0, gamma, alpha, n_steps)
    return history[[0, -1]]


@bank.wrong(
    "gradients cut off at a fixed number",
    "Where is a limit in S0's two lines? Which step does a gradient of 1000 make?",
    reread=STEP_SECTION,
)
def clipped(grad, theta0, gamma, alpha, n_steps):
    return _descend(lambda theta: np.clip(grad(theta), -5, 5), theta0, gamma, alpha, n_steps)


@bank.wrong(
    "theta changed entry by entry, the gradient asked for in between",
    "All entries of a gradient belong to one point. At how many points is yours taken?",
)
def one_coordinate_at_a_time(grad, theta0, gamma, alpha, n_steps):
    theta, phi = np.array(theta0, dtype=float), np.zeros(len(theta0))
    history = [theta.copy()]
    for _ in range(n_steps):
        for i in range(len(theta)):
            phi[i] = (1 - alpha) * phi[i] + alpha * grad(theta)[i]
            theta[i] -= gamma * phi[i]
        history.append(theta.copy())
    return np.array(history)


wrong_descent(
    "uphill",
    "theta + gamma phi",
    "The gradient points uphill. Which way do you want to go?",
    descending(lambda theta, phi, g, gamma, alpha: right_step(theta, phi, g, -gamma, alpha)),
    STEP_SECTION,
)


wrong_descent(
    "no_start",
    "the starting point missing from the history",
    "The history has n_steps + 1 rows. What is in the first one?",
    descending(rows=lambda history: history[1:] if len(history) > 1 else history),
)


wrong_descent(
    "one_row_short",
    "the last iterate missing",
    "The history has n_steps + 1 rows. Where does the loop stop?",
    descending(rows=lambda history: history[:-1] if len(history) > 1 else history),
)


wrong_descent(
    "last_only",
    "the last iterate instead of the history",
    "Which shape does the contract ask for?",
    descending(rows=lambda history: history[-1]),
)


wrong_descent(
    "columns",
    "one column per step",
    "One row per iterate: what is the shape of your history?",
    descending(rows=lambda history: history.T),
)


wrong_descent(
    "rounded",
    "iterates rounded to a few digits",
    "What do the next steps compute with: what you print, or what you return?",
    descending(rows=lambda history: np.round(history, 6)),
)


wrong_descent(
    "backwards",
    "the history in reverse order",
    "Which row should hold theta0?",
    descending(rows=lambda history: history[::-1].copy()),
)


wrong_descent(
    "no_momentum_for_one",
    "a branch of its own for alpha = 1 that forgets to move on",
    "With alpha = 1 the formula is plain descent by itself. What does your branch do?",
    descending(at=lambda history, phi, gamma, alpha: history[-1 if alpha < 1 else 0]),
)


@bank.wrong(
    "one array appended again and again, changed in place",
    "A list holds references. How many different arrays are in yours?",
)
def same_array(grad, theta0, gamma, alpha, n_steps):
    theta = np.array(theta0, dtype=float)
    phi, history = np.zeros_like(theta), [theta]
    for _ in range(n_steps):
        phi = (1 - alpha) * phi + alpha * grad(theta)
        theta -= gamma * phi
        history.append(theta)
    return np.array(history)


@bank.wrong(
    "theta0 itself moved downhill",
    "theta = theta0 gives the array a second name. What does theta -= ... change?",
)
def changes_theta0(grad, theta0, gamma, alpha, n_steps):
    history = _descend(grad, theta0, gamma, alpha, n_steps)
    theta0[...] = history[-1]
    return history


@bank.wrong("a loop that always takes one step", "How many rows should there be for n_steps = 0?")
def at_least_one_step(grad, theta0, gamma, alpha, n_steps):
    return _descend(grad, theta0, gamma, alpha, max(1, n_steps))


@bank.wrong(
    "a history with the dtype of theta0",
    "A step of 0.3 from a whole number: what is left of it in an integer array?",
)
def whole_numbers(grad, theta0, gamma, alpha, n_steps):
    history = np.zeros((n_steps + 1, len(theta0)), dtype=theta0.dtype)
    history[...] = _descend(grad, theta0, gamma, alpha, n_steps)
    return history


@bank.wrong(
    "n_steps + 1 steps after the start",
    "The start is row 0. After how many steps is row n_steps reached?",
)
def one_step_too_many(grad, theta0, gamma, alpha, n_steps):
    return _descend(grad, theta0, gamma, alpha, n_steps + 1 if n_steps else 0)


@bank.wrong(
    "no more steps once the gradient is small",
    "The contract asks for n_steps steps. Who decides when enough is enough?",
)
def stops_early(grad, theta0, gamma, alpha, n_steps):
    def step(theta, phi, g, gamma, alpha):
        return right_step(theta, phi, g, gamma, alpha) if np.linalg.norm(g) > 1e-6 else (theta, phi)

    return descending(step)(grad, theta0, gamma, alpha, n_steps)


@bank.wrong(
    "a step size that falls with the step number", "gamma is constant here. Which line changes it?"
)
def falling_rate(grad, theta0, gamma, alpha, n_steps):
    theta = np.array(theta0, dtype=float)
    phi, history = np.zeros_like(theta), [theta]
    for r in range(n_steps):
        theta, phi = right_step(theta, phi, grad(theta), gamma / (1 + r), alpha)
        history.append(theta)
    return np.array(history)


bank.habits(_descend)


@bank.right("a copy that moves, copies that stay, plain")
def a_copy_that_moves(grad, theta0, gamma, alpha, n_steps):
    theta, phi, history = theta0, 0, [theta0]
    for _ in range(n_steps):
        phi = (1 - alpha) * phi + alpha * grad(theta)
        theta = theta - gamma * phi
        history += [theta.copy()]
    return np.stack(history)


@bank.right("a velocity with gamma and alpha inside")
def a_velocity_with_gamma_and_alpha_inside(grad, theta0, gamma, alpha, n_steps):
    history, v = [theta0], np.zeros(len(theta0))
    for _ in range(n_steps):
        v = (1 - alpha) * v - gamma * alpha * grad(history[-1])
        history.append(history[-1] + v)
    return np.vstack(history)


@bank.right("an array filled row by row")
def an_array_filled_row_by_row(grad, theta0, gamma, alpha, n_steps):
    history = np.empty((n_steps + 1, len(theta0)))
    history[0] = theta0
    phi = np.zeros(len(theta0))
    for r in range(n_steps):
        phi = (1 - alpha) * phi + alpha * grad(history[r])
        history[r + 1] = history[r] - gamma * phi
    return history


@bank.right("a list of lists")
def a_list_of_lists(grad, theta0, gamma, alpha, n_steps):
    theta = [float(t) for t in theta0]
    phi, history = [0.0] * len(theta), [theta]
    for _ in range(n_steps):
        g = grad(np.array(theta))
        phi = [(1 - alpha) * p + alpha * float(d) for p, d in zip(phi, g, strict=True)]
        theta = [t - gamma * p for t, p in zip(theta, phi, strict=True)]
        history.append(theta)
    return history


@bank.right("as a heavy ball")
def as_a_heavy_ball(grad, theta0, gamma, alpha, n_steps):
    rows = [np.asarray(theta0, dtype=float)]
    for r in range(n_steps):
        inertia = rows[-1] - rows[-2] if r else 0.0
        rows.append(rows[-1] - gamma * alpha * grad(rows[-1]) + (1 - alpha) * inertia)
    return np.stack(rows)


@bank.right("from all earlier gradients")
def from_all_earlier_gradients(grad, theta0, gamma, alpha, n_steps):
    rows, gradients = [np.asarray(theta0, dtype=float)], []
    for r in range(n_steps):
        gradients.append(np.asarray(grad(rows[-1])))
        phi = sum(alpha * (1 - alpha) ** (r - i) * g for i, g in enumerate(gradients))
        rows.append(rows[-1] - gamma * phi)
    return np.vstack(rows)
