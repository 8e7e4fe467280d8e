"""Newton's step."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ..bank import Bank
from ..draw import case, strided, whole
from .shared import DTYPES, PRECISION, floats, hessian, wrong


def _newton_cases(rng):
    def one(P, H=None, size=1.0, layout=np.asarray):
        H = size * hessian(rng, P) if H is None else H
        theta, g = rng.standard_normal(P), size * rng.standard_normal(P)
        return case(layout(theta), layout(g), layout(H), P=P)

    def whole_bowl():
        H = np.array([[4, 1, 0], [1, 5, 2], [0, 2, 7]])
        return case(whole(rng, 3), whole(rng, 3), H, P=3)

    theta, g, H = one(7).args
    single = case(*(a.astype(np.float32) for a in (theta, g, H)), P=7)
    return {
        "generic": [one(5), one(7, layout=strided), one(2), one(1)],
        "saddle": [
            one(5, hessian(rng, 5, rng.permutation([1, -1, 1, -1, 1]))),
            one(3, -hessian(rng, 3)),
        ],
        "small": [one(5, size=1e-10), one(3, size=1e-14)],
        "dtypes": [whole_bowl(), single],
        "twice": [one(3) for _ in range(2)],
    }


def _newton_step(theta, grad, hess):
    return theta - np.linalg.solve(hess, grad)


bank = Bank()


EXERCISE = Exercise(
    title="Newton's step",
    signature="newton_step(theta, grad, hess)",
    returns="theta'",
    minutes=6,
    lines=1,
    section="Jump to the bottom of the parabola",
    draw=_newton_cases,
    oracle=_newton_step,
    criteria=(
        shape(0.5),
        value(1.0),
        value(0.5, "a saddle, and the top of a hill", "saddle"),
        value(0.25, "small curvature", "small"),
        value(0.25, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "Which equation says that the gradient of the quadratic model is 0? Which vector do "
        "you solve it for?",
        "0 = g + H (theta' - theta). Solve H step = g and take theta - step. np.linalg.solve "
        "does it without an inverse. H may have negative eigenvalues.",
        "return theta - np.linalg.solve(..., ...)",
    ),
    bank=bank,
)


NEWTON = "Jump to the bottom of the parabola"


def newton(theta, grad, hess):
    theta, grad, hess = floats(theta, grad, hess)
    return theta - np.linalg.solve(hess, grad)


def newton_by(step):
    """theta plus step(grad, hess)."""

    def newton_step(theta, grad, hess):
        theta, grad, hess = floats(theta, grad, hess)
        return theta + step(grad, hess)

    return newton_step


wrong_newton = wrong(bank, NEWTON)


wrong_newton(
    "plus",
    "theta + H^-1 g",
    "0 = g + H (theta' - theta). What is theta' - theta?",
    newton_by(lambda g, H: np.linalg.solve(H, g)),
)


wrong_newton(
    "no_inverse",
    "H g instead of H^-1 g",
    "Do you multiply by H, or solve an equation with it?",
    newton_by(lambda g, H: -H @ g),
)


wrong_newton(
    "step_only",
    "the step without theta",
    "From where does the step start?",
    lambda theta, g, H: -np.linalg.solve(np.asarray(H, dtype=float), g),
)


wrong_newton(
    "gradient_step",
    "theta - g: plain descent with step 1",
    "What is the Hessian for?",
    newton_by(lambda g, H: -g),
)


wrong_newton(
    "entrywise",
    "1 / H, entry by entry",
    "H^-1 is the inverse of a matrix. What does H^-1 H give?",
    newton_by(lambda g, H: -(1 / H) @ g),
)


wrong_newton(
    "diagonal",
    "the diagonal of H only",
    "Do the parameters not interact?",
    newton_by(lambda g, H: -g / np.diag(H)),
)


wrong_newton(
    "half",
    "half the step",
    "Set the derivative of the model to 0. Is the 1/2 still there?",
    newton_by(lambda g, H: -0.5 * np.linalg.solve(H, g)),
)


wrong_newton(
    "double",
    "twice the step",
    "Set the derivative of the model to 0. Where would a 2 come from?",
    newton_by(lambda g, H: -2 * np.linalg.solve(H, g)),
)


wrong_newton(
    "one_curvature",
    "one curvature for all directions",
    "What does the trace say about single directions?",
    newton_by(lambda g, H: -g * len(g) / np.trace(H)),
)


wrong_newton(
    "along_gradient",
    "the best step along the gradient",
    "That is the steepest descent with a perfect step. Does Newton's step point along "
    "the gradient?",
    newton_by(lambda g, H: -g * (g @ g) / (g @ H @ g)),
)


wrong_newton(
    "damped",
    "H + 0.001 I",
    "That is the repair for a singular H. Was H singular here?",
    newton_by(lambda g, H: -np.linalg.solve(H + 1e-3 * np.eye(len(g)), g)),
)


wrong_newton(
    "hair_damped",
    "a tiny multiple of I added to H",
    "Tiny compared with what? Let all of H be 1e-10.",
    newton_by(lambda g, H: -np.linalg.solve(H + 1e-13 * np.eye(len(g)), g)),
)


wrong_newton(
    "absolute_curvature",
    "|eigenvalues|: always downhill",
    "That is a repair. Where does the plain step go on a saddle?",
    newton_by(lambda g, H: -np.linalg.solve(_absolute(H), g)),
)


wrong_newton(
    "downhill_only",
    "the gradient step where H is not positive definite",
    "That is a repair. Where does the plain step go on a saddle?",
    newton_by(lambda g, H: -np.linalg.solve(H, g) if np.linalg.eigvalsh(H).min() > 0 else -g),
)


wrong_newton(
    "cholesky",
    "Cholesky, which needs positive definite H",
    "What happens on a saddle?",
    newton_by(lambda g, H: -np.linalg.solve((L := np.linalg.cholesky(H)).T, np.linalg.solve(L, g))),
)


wrong_newton(
    "small_is_singular",
    "no step where the determinant is small",
    "The determinant of a small H is tiny. Is H singular?",
    newton_by(lambda g, H: -np.linalg.solve(H, g) if abs(np.linalg.det(H)) > 1e-12 else 0 * g),
)


wrong_newton(
    "single_precision",
    "numbers in float32",
    PRECISION,
    lambda *args: newton(*args).astype(np.float32),
)


wrong_newton(
    "column",
    "a column of shape (P, 1)",
    "Which shape has theta?",
    lambda *args: newton(*args)[:, None],
)


wrong_newton(
    "broadcast",
    "a matrix: theta minus a column",
    "theta has shape (P,). What does NumPy make of (P,) minus (P, 1)?",
    newton_by(lambda g, H: -np.linalg.solve(H, g[:, None])),
)


wrong_newton(
    "clipped",
    "a step of length at most 1/4",
    "A flat parabola has a distant bottom. Does the contract cut the step?",
    newton_by(lambda g, H: -(s := np.linalg.solve(H, g)) * min(1.0, 0.25 / np.linalg.norm(s))),
)


def _absolute(H):
    w, Q = np.linalg.eigh(H)
    return (Q * np.abs(w)) @ Q.T


@bank.right("in the precision of its arguments")
def in_the_precision_of_its_arguments(theta, grad, hess):
    return theta - np.linalg.solve(hess, grad)


@bank.wrong("theta -= ..., which changes the caller's array", "Who else holds the array theta?")
def changes_argument(theta, grad, hess):
    new = newton(theta, grad, hess)
    theta[...] = new
    return new


bank.habits(newton)


@bank.right("the inverse")
def the_inverse(theta, grad, hess):
    return np.asarray(theta, dtype=float) - np.linalg.inv(np.asarray(hess, dtype=float)) @ grad


@bank.right("eigenvectors, a list")
def eigenvectors(theta, grad, hess):
    theta, grad, hess = floats(theta, grad, hess)
    w, Q = np.linalg.eigh(hess)
    return list(theta - Q @ ((Q.T @ grad) / w))


@bank.right("solves for the new point")
def solves_for_the_new_point(theta, grad, hess):
    theta, grad, hess = floats(theta, grad, hess)
    step = np.linalg.lstsq(hess, -grad, rcond=None)[0]
    return theta + step


@bank.right("elimination by hand")
def elimination_by_hand(theta, grad, hess):
    P = len(theta)
    A = np.column_stack([np.array(hess, dtype=float), np.array(grad, dtype=float)])
    for i in range(P):
        k = i + int(np.argmax(np.abs(A[i:, i])))
        A[[i, k]] = A[[k, i]]
        A[i] /= A[i, i]
        for j in range(P):
            if j != i:
                A[j] -= A[j, i] * A[i]
    return np.asarray(theta, dtype=float) - A[:, -1]
