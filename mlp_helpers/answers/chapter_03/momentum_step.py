"""One step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...checking.compare import compare
from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Criterion, Exercise
from ...checking.finding import differs
from ..bank import Bank
from ..draw import case, strided, whole
from .shared import (
    DTYPES,
    PLAIN,
    drawn_weight,
    ema,
    floats,
    momentum_step_oracle,
    right_step,
    stepping,
    wrong_structure,
)


def _step_cases(rng):
    def one(P, alpha, *vectors):
        vectors = vectors or tuple(rng.standard_normal((3, P)))
        return case(*vectors, float(rng.uniform(0.1, 0.4)), alpha, P=P)

    return {
        "generic": [
            one(5, drawn_weight(rng)),
            one(7, drawn_weight(rng), *map(strided, rng.standard_normal((3, 7)))),
            one(11, drawn_weight(rng)),
            one(1, drawn_weight(rng)),
            one(211, drawn_weight(rng)),
            one(
                17, drawn_weight(rng), *(1000.0 * rng.standard_normal((3, 17)))
            ),  # nothing is clipped
        ],
        "plain": [one(13, 1.0)],
        "dtypes": [
            one(6, drawn_weight(rng), whole(rng, 6), whole(rng, 6), whole(rng, 6)),
            one(6, drawn_weight(rng), *rng.standard_normal((3, 6)).astype(np.float32)),
        ],
        "twice": [one(3, drawn_weight(rng)) for _ in range(2)],
    }


def phi_is_right(trial, group):
    """The second part is the new smoothed gradient."""
    for case_, answer in zip(trial.cases[group], trial.answers(group), strict=True):
        if finding := wrong_structure(trial, case_, answer):
            return finding
        expected = trial.expected(case_)
        difference = compare(
            answer.value[1], replace(expected, value=expected.value[1], names="phi'")
        )
        if difference is not None:
            return differs(difference, case_)
    return None


def theta_follows_phi(trial, group):
    """The first part is theta - gamma phi', with the phi' that was returned."""
    for case_, answer in zip(trial.cases[group], trial.answers(group), strict=True):
        if finding := wrong_structure(trial, case_, answer):
            return finding
        theta, _, _, gamma, _ = case_.args
        want = theta - gamma * np.asarray(answer.value[1], dtype=np.float64)
        difference = compare(
            answer.value[0], replace(trial.expected(case_), value=want, names="theta'")
        )
        if difference is not None:
            return differs(difference, case_)
    return None


bank = Bank()


EXERCISE = Exercise(
    title="One step",
    signature="momentum_step(theta, phi, g, gamma, alpha)",
    returns=("theta'", "phi'"),
    minutes=6,
    lines=2,
    section="A step with a memory",
    draw=_step_cases,
    oracle=momentum_step_oracle,
    criteria=(
        shape(0.25),
        Criterion("phi'", 1.0, phi_is_right),
        Criterion("theta' from your phi'", 0.75, theta_follows_phi),
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
        "phi_new = (1 - alpha) * ... + alpha * ...\nreturn theta - gamma * ..., phi_new",
    ),
    bank=bank,
)


def wrong_step(id, looks_like, question, fn):
    bank.wrong(looks_like, question, id=id)(fn)


wrong_step(
    "weights_swapped",
    "alpha on the old phi and 1 - alpha on the new gradient",
    "With alpha = 1 the step should be plain gradient descent. Is yours?",
    stepping(lambda phi, g, gamma, alpha: alpha * phi + (1 - alpha) * g),
)


wrong_step(
    "without_parentheses",
    "1 - alpha phi + alpha g, without the parentheses",
    "Python multiplies before it subtracts. What does alpha multiply in your line?",
    stepping(lambda phi, g, gamma, alpha: 1 - alpha * phi + alpha * g),
)


wrong_step(
    "rates_swapped",
    "gamma where alpha belongs, and alpha where gamma belongs",
    "Which of the two is the weight of the new gradient, and which the step size?",
    stepping(
        lambda phi, g, gamma, alpha: (1 - gamma) * phi + gamma * g,
        lambda theta, phi, g, smooth, gamma, alpha: theta - alpha * smooth,
    ),
)


wrong_step(
    "clipped",
    "gradients cut off at a fixed number",
    "Where is a limit in the two lines? Which step does a gradient of 1000 make?",
    stepping(lambda phi, g, gamma, alpha: (1 - alpha) * phi + alpha * np.clip(g, -5, 5)),
)


wrong_step(
    "scaled_gradient",
    "the gradient scaled to length 1",
    "A steep place should make a longer step than a flat one. Does it in your version?",
    stepping(lambda phi, g, gamma, alpha: (1 - alpha) * phi + alpha * g / np.linalg.norm(g)),
)


wrong_step(
    "accumulates",
    "g + (1 - alpha) phi: the gradient not weighted by alpha",
    "The two weights of an average sum to 1. What do yours sum to?",
    stepping(lambda phi, g, gamma, alpha: (1 - alpha) * phi + g),
)


wrong_step(
    "forgets_nothing",
    "phi + alpha g: the old phi not weighted",
    "The two weights of an average sum to 1. What do yours sum to?",
    stepping(lambda phi, g, gamma, alpha: phi + alpha * g),
)


wrong_step(
    "no_memory",
    "phi' = g: plain gradient descent",
    "Where does the old phi enter?",
    stepping(lambda phi, g, gamma, alpha: g),
)


wrong_step(
    "no_gradient",
    "phi' = (1 - alpha) phi: the new gradient left out",
    "Where does the new gradient enter?",
    stepping(lambda phi, g, gamma, alpha: (1 - alpha) * phi),
)


wrong_step(
    "gradient_sign",
    "the gradient subtracted in phi'",
    "phi smooths the gradient itself. In which of the two lines does the minus stand?",
    stepping(lambda phi, g, gamma, alpha: (1 - alpha) * phi - alpha * g),
)


wrong_step(
    "gamma_in_phi",
    "the step size already inside phi'",
    "In which of the two lines does gamma stand, and how often?",
    stepping(lambda phi, g, gamma, alpha: (1 - alpha) * phi + gamma * g),
)


wrong_step(
    "old_phi",
    "theta moved along the old phi",
    "S0 writes phi^{r+1} in the second line. Which phi do you use?",
    stepping(ema, lambda theta, phi, g, smooth, gamma, alpha: theta - gamma * phi),
)


wrong_step(
    "gradient_step",
    "theta moved along the raw gradient",
    "What is phi' for, if theta does not move along it?",
    stepping(ema, lambda theta, phi, g, smooth, gamma, alpha: theta - gamma * g),
)


wrong_step(
    "uphill",
    "theta + gamma phi'",
    "The gradient points uphill. Which way do you want to go?",
    stepping(ema, lambda theta, phi, g, smooth, gamma, alpha: theta + gamma * smooth),
)


wrong_step(
    "velocity",
    "a velocity: (1 - alpha) phi - gamma g, added to theta",
    "That is another form of momentum, and not S0's. What are its two lines?",
    stepping(
        lambda phi, g, gamma, alpha: (1 - alpha) * phi - gamma * g,
        lambda theta, phi, g, smooth, gamma, alpha: theta + smooth,
    ),
)


wrong_step(
    "step_in_memory",
    "(1 - alpha) phi + gamma g, taken off theta",
    "That is another form of momentum, and not S0's. In which of its lines stands gamma?",
    stepping(
        lambda phi, g, gamma, alpha: (1 - alpha) * phi + gamma * g,
        lambda theta, phi, g, smooth, gamma, alpha: theta - smooth,
    ),
)


wrong_step(
    "rate_twice",
    "gamma twice: in phi' and in the step",
    "In which of the two lines does gamma stand, and how often?",
    stepping(lambda phi, g, gamma, alpha: (1 - alpha) * phi + alpha * gamma * g),
)


wrong_step(
    "decay_twice",
    "1 - alpha once more in the step",
    "1 - alpha has done its work in phi'. Why does it come back?",
    stepping(ema, lambda theta, phi, g, smooth, gamma, alpha: theta - gamma * (1 - alpha) * smooth),
)


wrong_step(
    "alpha_kept_old",
    "alpha phi + g: the other way to write momentum",
    "Which of the two does alpha weigh here: the old phi, or the new gradient?",
    stepping(lambda phi, g, gamma, alpha: alpha * phi + g),
)


wrong_step(
    "no_step_size",
    "theta - phi', without gamma",
    "How long should the step be?",
    stepping(ema, lambda theta, phi, g, smooth, gamma, alpha: theta - smooth),
)


wrong_step(
    "alpha_as_step",
    "theta - alpha phi'",
    "Two Greek letters: which is the step size, which the weight of the new gradient?",
    stepping(ema, lambda theta, phi, g, smooth, gamma, alpha: theta - alpha * smooth),
)


wrong_step(
    "both_factors",
    "theta - gamma alpha phi'",
    "alpha has done its work in phi'. Why does it come back?",
    stepping(ema, lambda theta, phi, g, smooth, gamma, alpha: theta - gamma * alpha * smooth),
)


wrong_step(
    "looks_ahead",
    "a second helping of momentum, as in Nesterov's variant",
    "That is a good method, and not this one. What stands in S0's second line?",
    stepping(
        ema,
        lambda theta, phi, g, smooth, gamma, alpha: (
            theta - gamma * ((1 - alpha) * smooth + alpha * g)
        ),
    ),
)


wrong_step(
    "corrected",
    "phi' divided by alpha, as a bias correction would",
    "phi^0 = 0 makes the first phi too small. Does S0 correct for it?",
    stepping(ema, lambda theta, phi, g, smooth, gamma, alpha: theta - gamma * smooth / alpha),
)


wrong_step(
    "scaled_to_length_one",
    "a step of fixed length",
    "Near a minimum the gradient gets short. Should the step?",
    stepping(
        ema,
        lambda theta, phi, g, smooth, gamma, alpha: theta - gamma * smooth / np.linalg.norm(smooth),
    ),
)


@bank.wrong(
    "phi', theta' instead of theta', phi'", "In which order does the contract ask for the two?"
)
def order(theta, phi, g, gamma, alpha):
    return right_step(theta, phi, g, gamma, alpha)[::-1]


@bank.wrong("theta' without phi'", "The next step needs the new phi. Who remembers it?")
def theta_only(theta, phi, g, gamma, alpha):
    return right_step(theta, phi, g, gamma, alpha)[0]


@bank.wrong(
    "theta -= ..., which changes the caller's array",
    "Your caller keeps every theta in a history. What happens to the old rows?",
)
def changes_theta(theta, phi, g, gamma, alpha):
    new, smooth = right_step(theta, phi, g, gamma, alpha)
    theta[...] = new
    return theta.astype(float), smooth


@bank.wrong("phi *= ..., which changes the caller's array", "Who else holds the array phi?")
def changes_phi(theta, phi, g, gamma, alpha):
    new, smooth = right_step(theta, phi, g, gamma, alpha)
    phi[...] = smooth
    return new, smooth


@bank.right("plain NumPy: the precision that came in")
def plain_numpy(theta, phi, g, gamma, alpha):
    phi = (1 - alpha) * phi + alpha * g
    return theta - gamma * phi, phi


wrong_step(
    "own_case_for_one",
    "a branch of its own for alpha = 1 that keeps the old phi",
    "With alpha = 1 the formula gives phi' = g by itself. What does your branch return?",
    stepping(
        lambda phi, g, gamma, alpha: ema(phi, g, gamma, alpha) if alpha < 1 else phi,
        lambda theta, phi, g, smooth, gamma, alpha: theta - gamma * (smooth if alpha < 1 else g),
    ),
)


@bank.wrong(
    "results stored in the dtype of theta",
    "A step of 0.3 from a whole number: what is left of it in an integer array?",
)
def whole_numbers(theta, phi, g, gamma, alpha):
    new, smooth = right_step(theta, phi, g, gamma, alpha)
    return new.astype(theta.dtype), smooth.astype(phi.dtype)


bank.habits(right_step, array=False)


@bank.right("copies, then -=")
def copies(theta, phi, g, gamma, alpha):
    phi = phi + alpha * (g - phi)
    theta = 1.0 * theta
    theta -= gamma * phi
    return theta, phi


@bank.right("loops")
def loops(theta, phi, g, gamma, alpha):
    smooth = [(1 - alpha) * float(p) + alpha * float(d) for p, d in zip(phi, g, strict=True)]
    return [float(t) - gamma * s for t, s in zip(theta, smooth, strict=True)], smooth


@bank.right("a correction of phi")
def a_correction_of_phi(theta, phi, g, gamma, alpha):
    theta, phi, g = floats(theta, phi, g)
    smooth = phi + alpha * (g - phi)
    return theta - gamma * smooth, smooth


@bank.right("one matrix product")
def one_matrix_product(theta, phi, g, gamma, alpha):
    mix = np.array([[1.0, -gamma * (1 - alpha), -gamma * alpha], [0.0, 1 - alpha, alpha]])
    new = mix @ np.array([theta, phi, g], dtype=float)
    return new[0], new[1]


@bank.right("in place, on copies")
def in_place(theta, phi, g, gamma, alpha):
    new, smooth = np.array(theta, dtype=float), np.array(phi, dtype=float)
    smooth *= 1 - alpha
    smooth += alpha * np.asarray(g, dtype=float)
    new -= gamma * smooth
    return (new, smooth)
