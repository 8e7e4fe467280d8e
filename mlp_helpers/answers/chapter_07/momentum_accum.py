"""One step with a sum."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Criterion, Exercise
from ...reference import optim
from ..bank import Bank
from ..draw import case, strided, whole
from .shared import DTYPES, floats, part_agrees, weight, wrong


def _accum_cases(rng):
    def one(P, *vectors, beta=None, size=1.0):
        vectors = vectors or tuple(size * rng.standard_normal((3, P)))
        beta = weight(rng) if beta is None else beta
        return case(*vectors, float(rng.uniform(0.1, 0.4)), beta, P=P)

    return {
        "generic": [
            one(5),
            one(7, *map(strided, rng.standard_normal((3, 7)))),
            one(11, size=1e5),
            one(3, size=1e-7),
            one(1),
        ],
        "plain": [one(13, beta=0.0)],
        "dtypes": [
            one(5, *(whole(rng, 5) for _ in range(3))),
            one(7, *rng.standard_normal((3, 7)).astype(np.float32)),
        ],
        "twice": [one(3) for _ in range(2)],
    }


def v_is_right(trial, group):
    """The second part is the new accumulated gradient."""
    return part_agrees(trial, group, 1, "v'", lambda case_, answer, right: right[1])


def theta_follows_v(trial, group):
    """The first part is theta - alpha v', with the v' that was returned."""

    def want(case_, answer, right):
        theta, _, _, alpha, _ = case_.args
        return theta - alpha * np.asarray(answer.value[1], dtype=np.float64)

    return part_agrees(trial, group, 0, "theta'", want)


bank = Bank()


EXERCISE = Exercise(
    title="One step with a sum",
    signature="momentum_accum(theta, v, grad, alpha, beta)",
    returns=("theta'", "v'"),
    minutes=6,
    lines=2,
    section="A sum that forgets",
    draw=_accum_cases,
    oracle=optim.momentum_accum,
    criteria=(
        shape(0.25),
        Criterion("v'", 1.0, v_is_right),
        Criterion("theta' from your v'", 0.75, theta_follows_v),
        value(0.25, "beta = 0: plain descent", "plain"),
        value(0.25, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "Two lines, in the order of the formulas. Is the new gradient weighted here? Which v "
        "does the second line use?",
        "v' = grad + beta v: only the old sum is shrunk. Then theta' = theta - alpha v', with "
        "the new v'. Return theta' first.",
        "v_new = ... + beta * ...\nreturn theta - alpha * ..., v_new",
    ),
    bank=bank,
)


ACCUM = "A sum that forgets"


def accum(theta, v, grad, alpha, beta):
    theta, v, grad = floats(theta, v, grad)
    v = grad + beta * v
    return theta - alpha * v, v


def moving(line, follow=None):
    """A step in which line(v, g, alpha, beta) makes v', and follow(...) makes theta' of it."""

    def momentum_accum(theta, v, grad, alpha, beta):
        theta, v, grad = floats(theta, v, grad)
        new = line(v, grad, alpha, beta)
        if follow is None:
            return theta - alpha * new, new
        return follow(theta, v, grad, new, alpha, beta), new

    return momentum_accum


def kept(v, g, alpha, beta):
    return g + beta * v


wrong_accum = wrong(bank, ACCUM)


wrong_accum(
    "averages",
    "(1 - beta) grad + beta v: the average of chapter 03",
    "That is an average. Which weight has the new gradient in S3's line?",
    moving(lambda v, g, alpha, beta: (1 - beta) * g + beta * v),
)


wrong_accum(
    "swapped",
    "beta on the gradient instead of the old v",
    "With beta = 0 the step should be plain descent. Is yours?",
    moving(lambda v, g, alpha, beta: beta * g + v),
)


wrong_accum(
    "weights_swapped",
    "beta grad + (1 - beta) v",
    "With beta = 0 the step should be plain descent. Is yours?",
    moving(lambda v, g, alpha, beta: beta * g + (1 - beta) * v),
)


wrong_accum(
    "complement",
    "grad + (1 - beta) v",
    "How much of the past does beta = 0 keep?",
    moving(lambda v, g, alpha, beta: g + (1 - beta) * v),
)


wrong_accum(
    "forgets_nothing",
    "grad + v: nothing is ever forgotten",
    "What shrinks the old gradients?",
    moving(lambda v, g, alpha, beta: g + v),
)


wrong_accum(
    "no_memory",
    "v' = grad: plain descent",
    "Where does the old v enter?",
    moving(lambda v, g, alpha, beta: g),
)


wrong_accum(
    "no_gradient",
    "v' = beta v: the new gradient left out",
    "Where does the new gradient enter?",
    moving(lambda v, g, alpha, beta: beta * v),
)


wrong_accum(
    "velocity_sign",
    "the gradient subtracted in v'",
    "v adds gradients up. In which of the two lines does the minus stand?",
    moving(lambda v, g, alpha, beta: beta * v - g),
)


wrong_accum(
    "shrinks_all",
    "beta (grad + v)",
    "Has the newest gradient already been forgotten a little?",
    moving(lambda v, g, alpha, beta: beta * (g + v)),
)


wrong_accum(
    "rate_inside",
    "a velocity with the step size inside",
    "That is another common form, with theta' = theta - v'. In which line does alpha stand here?",
    moving(
        lambda v, g, alpha, beta: alpha * g + beta * v,
        lambda theta, v, g, new, alpha, beta: theta - new,
    ),
)


wrong_accum(
    "rate_twice",
    "the step size in both lines",
    "In which of the two lines does alpha stand, and how often?",
    moving(lambda v, g, alpha, beta: alpha * g + beta * v),
)


wrong_accum(
    "old_v",
    "theta moved along the old v",
    "Which v stands in the second line, the old one or the new one?",
    moving(kept, lambda theta, v, g, new, alpha, beta: theta - alpha * v),
)


wrong_accum(
    "gradient_step",
    "theta moved along the raw gradient",
    "What is v' for, if theta does not move along it?",
    moving(kept, lambda theta, v, g, new, alpha, beta: theta - alpha * g),
)


wrong_accum(
    "uphill",
    "theta + alpha v'",
    "The gradient points uphill. Which way do you want to go?",
    moving(kept, lambda theta, v, g, new, alpha, beta: theta + alpha * new),
)


wrong_accum(
    "no_step_size",
    "theta - v', without alpha",
    "How long should the step be?",
    moving(kept, lambda theta, v, g, new, alpha, beta: theta - new),
)


wrong_accum(
    "beta_as_step",
    "theta - beta v'",
    "Two Greek letters: which is the step size, which the memory?",
    moving(kept, lambda theta, v, g, new, alpha, beta: theta - beta * new),
)


wrong_accum(
    "looks_ahead",
    "a second helping of momentum, as in Nesterov's variant",
    "That is a good method, and not this one. What stands in the second line?",
    moving(kept, lambda theta, v, g, new, alpha, beta: theta - alpha * (g + beta * new)),
)


wrong_accum(
    "normalised",
    "a step divided by the sum of the weights",
    "That turns the sum into an average. Does the contract?",
    moving(kept, lambda theta, v, g, new, alpha, beta: theta - alpha * (1 - beta) * new),
)


wrong_accum(
    "clipped",
    "a sum cut off at 1",
    "A long v asks for a long step. Does the contract cut it?",
    moving(lambda v, g, alpha, beta: np.clip(g + beta * v, -1, 1)),
)


wrong_accum(
    "default_beta",
    "0.9 where beta is 0",
    "What does `beta or 0.9` give when beta is 0?",
    lambda theta, v, grad, alpha, beta: accum(theta, v, grad, alpha, beta or 0.9),
)


@bank.wrong("v', theta' instead of theta', v'", "In which order does the contract ask for the two?")
def order(*args):
    return accum(*args)[::-1]


@bank.wrong("theta' without v'", "The next step needs the new v. Who remembers it?")
def theta_only(*args):
    return accum(*args)[0]


@bank.wrong(
    "v *= beta and theta -= ..., in place",
    "Your caller keeps every theta in a history. What happens to the old rows?",
)
def changes_arguments(theta, v, grad, alpha, beta):
    new, total = accum(theta, v, grad, alpha, beta)
    theta[...], v[...] = new, total
    return new, total


@bank.wrong(
    "v' = beta v - alpha grad, theta' = theta + v'",
    "That is the same path written with another v. What does this course's v add up: "
    "gradients, or steps?",
)
def velocity_is_a_step(theta, v, grad, alpha, beta):
    v = beta * v - alpha * grad
    return theta + v, v


@bank.right("in the precision of its arguments")
def in_the_precision_of_its_arguments(theta, v, grad, alpha, beta):
    v = grad + beta * v
    return theta - alpha * v, v


@bank.wrong(
    "an answer rounded to a few digits",
    "What do the next steps compute with: what you print, or what you return?",
)
def rounded(*args):
    return tuple(np.round(part, 8) for part in accum(*args))


bank.habits(accum)


@bank.right("loops, lists")
def loops(theta, v, grad, alpha, beta):
    new = [float(g) + beta * float(u) for g, u in zip(grad, v, strict=True)]
    return [float(t) - alpha * u for t, u in zip(theta, new, strict=True)], new


@bank.right("in place, on copies")
def in_place(theta, v, grad, alpha, beta):
    new = np.array(v, dtype=float)
    new *= beta
    new += np.asarray(grad, dtype=float)
    return np.subtract(np.asarray(theta, dtype=float), alpha * new), new


@bank.right("one matrix product")
def one_matrix_product(theta, v, grad, alpha, beta):
    mix = np.array([[1.0, -alpha * beta, -alpha], [0.0, beta, 1.0]])
    return mix @ np.array([theta, v, grad], dtype=float)
