"""One step."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ..bank import Bank
from ..draw import case, strided, whole
from .shared import DTYPES, floats, weight, wrong


def _sgd_cases(rng):
    def one(P, *vectors, size=1.0):
        vectors = vectors or tuple(size * rng.standard_normal((3, P)))
        return case(*vectors, float(rng.uniform(0.1, 0.4)), weight(rng), P=P)

    return {
        "generic": [
            one(5),
            one(7, *map(strided, rng.standard_normal((3, 7)))),
            one(11, size=1e5),
            one(3, size=1e-7),
            one(1),
        ],
        "dtypes": [
            one(5, *(whole(rng, 5) for _ in range(3))),
            one(7, *rng.standard_normal((3, 7)).astype(np.float32)),
        ],
        "twice": [one(3) for _ in range(2)],
    }


def _sgd_update(theta, grad_l, grad_omega, alpha, lam):
    return theta - alpha * grad_l - alpha * lam * grad_omega


bank = Bank()


EXERCISE = Exercise(
    title="One step",
    signature="sgd_update(theta, grad_l, grad_omega, alpha, lam)",
    returns="theta'",
    minutes=5,
    lines=1,
    section="One step, with a regulariser",
    draw=_sgd_cases,
    oracle=_sgd_update,
    criteria=(
        shape(0.5),
        value(1.5),
        value(0.5, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "You want to make l + lam Omega smaller. What is its gradient, and in which direction "
        "do you step?",
        "The gradient of the sum is grad_l + lam grad_omega. A step goes against it, with "
        "length alpha. Both terms have the same sign.",
        "return theta - alpha * (... + lam * ...)",
    ),
    bank=bank,
)


STEP = "One step, with a regulariser"


def sgd(theta, grad_l, grad_omega, alpha, lam):
    theta, grad_l, grad_omega = floats(theta, grad_l, grad_omega)
    return theta - alpha * (grad_l + lam * grad_omega)


def along(direction):
    """A step theta + direction(grad_l, grad_omega, alpha, lam)."""

    def sgd_update(theta, grad_l, grad_omega, alpha, lam):
        theta, grad_l, grad_omega = floats(theta, grad_l, grad_omega)
        return theta + direction(grad_l, grad_omega, alpha, lam)

    return sgd_update


wrong_sgd = wrong(bank, STEP)


wrong_sgd(
    "lost_minus",
    "-grad l + lambda grad Omega: the minus that S3's copies lost",
    "The regulariser should become smaller too. Which sign has its gradient in Delta?",
    along(lambda g, o, alpha, lam: alpha * (-g + lam * o)),
)


wrong_sgd(
    "product",
    "-grad l times lambda grad Omega, as S3's copies read without the sign",
    "The objective is a sum. Is the gradient of a sum a product?",
    along(lambda g, o, alpha, lam: -alpha * g * lam * o),
)


wrong_sgd(
    "uphill",
    "a step along the gradient",
    "The gradient points uphill. Which way do you want to go?",
    along(lambda g, o, alpha, lam: alpha * (g + lam * o)),
)


wrong_sgd(
    "no_regulariser",
    "the loss alone",
    "Where does grad_omega enter?",
    along(lambda g, o, alpha, lam: -alpha * g),
)


wrong_sgd(
    "regulariser_only",
    "the regulariser alone",
    "Where does grad_l enter?",
    along(lambda g, o, alpha, lam: -alpha * lam * o),
)


wrong_sgd(
    "no_lambda",
    "the regulariser without lam",
    "How much should the regulariser count?",
    along(lambda g, o, alpha, lam: -alpha * (g + o)),
)


wrong_sgd(
    "lambda_on_loss",
    "lam on the loss",
    "Which of the two gradients does lam multiply?",
    along(lambda g, o, alpha, lam: -alpha * (lam * g + o)),
)


wrong_sgd(
    "lambda_on_both",
    "lam on both gradients",
    "Which of the two gradients does lam multiply?",
    along(lambda g, o, alpha, lam: -alpha * lam * (g + o)),
)


wrong_sgd(
    "mixture",
    "(1 - lam) grad l + lam grad Omega",
    "Is the objective a weighted mean of the two, or a sum?",
    along(lambda g, o, alpha, lam: -alpha * ((1 - lam) * g + lam * o)),
)


wrong_sgd(
    "alpha_on_loss",
    "a regulariser that alpha does not multiply",
    "What does S3's update multiply by alpha: one term, or all of Delta?",
    along(lambda g, o, alpha, lam: -alpha * g - lam * o),
)


wrong_sgd(
    "alpha_on_regulariser",
    "a loss gradient that alpha does not multiply",
    "What does S3's update multiply by alpha: one term, or all of Delta?",
    along(lambda g, o, alpha, lam: -g - alpha * lam * o),
)


wrong_sgd(
    "no_step_size",
    "a step without alpha",
    "How long should the step be?",
    along(lambda g, o, alpha, lam: -(g + lam * o)),
)


wrong_sgd(
    "swapped_numbers",
    "alpha and lam exchanged",
    "Which number is the learning rate, which the weight of the regulariser?",
    along(lambda g, o, alpha, lam: -lam * (g + alpha * o)),
)


wrong_sgd(
    "direction_only",
    "the step without theta",
    "From where does the step start?",
    lambda theta, *rest: sgd(theta, *rest) - np.asarray(theta, dtype=float),
)


wrong_sgd(
    "assumes_l2",
    "2 theta for the gradient of Omega",
    "Omega need not be the sum of squares. Which argument holds its gradient?",
    lambda theta, g, o, alpha, lam: sgd(theta, g, 2 * np.asarray(theta), alpha, lam),
)


wrong_sgd(
    "clipped",
    "gradients cut off at 1",
    "A long gradient asks for a long step. Does the contract cut it?",
    along(lambda g, o, alpha, lam: -alpha * np.clip(g + lam * o, -1, 1)),
)


wrong_sgd(
    "length_one",
    "a step of fixed length",
    "Near a minimum the gradient gets short. Should the step?",
    along(lambda g, o, alpha, lam: -alpha * (g + lam * o) / (np.linalg.norm(g + lam * o) + 1e-12)),
)


wrong_sgd(
    "rounded",
    "an answer rounded to a few digits",
    "What do the next steps compute with: what you print, or what you return?",
    lambda *args: np.round(sgd(*args), 8),
)


wrong_sgd(
    "with_the_step",
    "theta' together with the step",
    "How many arrays does the contract return?",
    lambda theta, *rest: (sgd(theta, *rest), sgd(0 * np.asarray(theta), *rest)),
)


def penalty_again(theta, grad_l, grad_omega, alpha, lam):
    return sgd(
        theta, sgd(0 * np.asarray(theta), grad_l, grad_omega, -1.0, lam), grad_omega, alpha, lam
    )


wrong_sgd(
    "twice",
    "the regulariser counted twice",
    "How often does lam grad Omega stand in Delta?",
    penalty_again,
)


@bank.wrong("theta -= ..., which changes the caller's array", "Who else holds the array theta?")
def changes_argument(theta, grad_l, grad_omega, alpha, lam):
    new = sgd(theta, grad_l, grad_omega, alpha, lam)
    theta[...] = new
    return new


@bank.wrong(
    "theta - alpha grad l + lam grad Omega",
    "Both terms are to become smaller. Which sign does each of them have, and what does "
    "alpha multiply?",
)
def sign_of_regulariser(theta, grad_l, grad_omega, alpha, lam):
    return theta - alpha * grad_l + lam * grad_omega


@bank.right("in the precision of its arguments")
def in_the_precision_of_its_arguments(theta, grad_l, grad_omega, alpha, lam):
    return theta - alpha * (grad_l + lam * grad_omega)


@bank.wrong(
    "the result stored in the dtype of theta",
    "A step of 0.3 from a whole number: what is left of it in an integer array?",
)
def whole_numbers(theta, *rest):
    return sgd(theta, *rest).astype(theta.dtype)


bank.habits(sgd)


@bank.right("loops, a list")
def loops(theta, grad_l, grad_omega, alpha, lam):
    return [
        float(t) - alpha * (float(g) + lam * float(o))
        for t, g, o in zip(theta, grad_l, grad_omega, strict=True)
    ]


@bank.right("S3's Delta, then theta + alpha Delta")
def s3_s_delta(theta, grad_l, grad_omega, alpha, lam):
    theta, grad_l, grad_omega = floats(theta, grad_l, grad_omega)
    delta = -grad_l - lam * grad_omega
    return theta + alpha * delta


@bank.right("in place, on a copy")
def in_place(theta, grad_l, grad_omega, alpha, lam):
    new = np.array(theta, dtype=np.float64)
    new -= alpha * np.asarray(grad_l, dtype=float)
    new -= alpha * lam * np.asarray(grad_omega, dtype=float)
    return new


@bank.right("one matrix product")
def one_matrix_product(theta, grad_l, grad_omega, alpha, lam):
    return np.array([1, -alpha, -alpha * lam]) @ np.array([theta, grad_l, grad_omega], dtype=float)
