"""Many outputs: the Jacobian."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...named import Named
from ...reference.gradcheck import central, forward, jacobian
from ..bank import Bank
from ..draw import case, strided
from .shared import (
    DTYPES,
    EPS,
    GRADIENT,
    SLOPE,
    STEP,
    by,
    by_default,
    drawn_eps,
    fixed_steps,
    numerical_gradient_oracle,
    point,
    right_gradient,
    seed,
    small_whole,
)


def _jacobian_cases(rng):
    def one(x, m):
        F = Named("swirl", (m, len(x), seed(rng)))
        return case(F, x, drawn_eps(rng), m=m, n=len(x))

    def by_default(m, n):
        return case(Named("wavy_map", (m, n, seed(rng))), point(rng, n), m=m, n=n)

    return {
        "generic": [
            one(point(rng, 5), 3),
            one(strided(point(rng, 3)), 7),
            one(point(rng, 5), 5),
            one(point(rng, 2), 11),
            one(point(rng, 29), 31),
            one(point(rng, 2), 2),
            one(point(rng, 127), 2),
        ],
        "default": [by_default(3, 5), by_default(7, 2)],
        "single": [one(point(rng, 5), 1), one(point(rng, 1), 3), one(point(rng, 1), 1)],
        "dtypes": [one(small_whole(rng, 5), 3), one(point(rng, 3).astype(np.float32), 5)],
        "twice": [one(point(rng, 5), 3) for _ in range(2)],
    }


bank = Bank()


EXERCISE = Exercise(
    title="Many outputs: the Jacobian",
    signature="numerical_jacobian(F, x, eps=1e-5)",
    returns="J",
    minutes=10,
    lines=7,
    draw=_jacobian_cases,
    oracle=numerical_gradient_oracle,
    criteria=(
        shape(0.5),
        value(1.5),
        by_default(0.5),
        value(0.25, "one output, or one input", "single"),
        value(0.5, DTYPES, "dtypes"),
        unchanged(0.5),
        stable(0.25),
    ),
    hints=(
        "Move one input by eps. How many outputs answer, and in which row or column of J do "
        "their answers belong?",
        "J[i, j] is the slope of output i along input j. So input j gives column j, and all "
        "its entries come from the same two calls of F.",
        "x = np.array(x, dtype=float)\n"
        "columns = []\n"
        "for j in range(len(x)):\n"
        "    step = np.zeros(len(x))\n"
        "    step[j] = eps\n"
        "    columns.append(...)                 # shape (m,)\n"
        "return np.stack(columns, axis=...)",
    ),
    bank=bank,
)


JACOBIAN = "Many outputs: the Jacobian"


@bank.wrong(
    "inputs along the rows",
    "J[i, j] is the slope of output i along input j. Which of them counts the rows?",
)
def transposed(F, x, eps=EPS):
    return right_gradient(F, x, eps).T


@bank.wrong(
    "columns stacked as rows, then reshaped to (m, n)",
    "Reshaping keeps the order of the numbers. Does it exchange rows and columns?",
)
def reshaped(F, x, eps=EPS):
    J = right_gradient(F, x, eps)
    return J.T.reshape(J.shape)


@bank.wrong(
    "one-sided differences",
    "How large is the error of a one-sided difference, compared with a central one?",
    reread=STEP,
)
def forward_(F, x, eps=EPS):
    return by(forward, F, x, eps)


@bank.wrong("divided by eps instead of 2 eps", "How far apart are the two points?", reread=SLOPE)
def divides_by_eps(F, x, eps=EPS):
    return 2 * right_gradient(F, x, eps)


@bank.wrong(
    "the gradient of the sum of all outputs",
    "How many outputs does F have, and how many rows has your answer?",
)
def sums_outputs(F, x, eps=EPS):
    return right_gradient(lambda v: F(v).sum(), x, eps)


@bank.wrong(
    "an answer of shape (n, n)", "F has m outputs. Where does your code find out what m is?"
)
def square(F, x, eps=EPS):
    J = np.zeros((len(x), len(x)))
    for j, column in enumerate(right_gradient(F, x, eps).T):
        J[: len(column), j] = column[: len(x)]
    return J


@bank.wrong(
    "inputs moved and not put back", "When you move the second input, where is the first one?"
)
def never_put_back(F, x, eps=EPS):
    x = np.array(x, dtype=float)
    columns = []
    for j in range(len(x)):
        x[j] += eps
        above = F(x)
        x[j] -= 2 * eps
        columns.append((above - F(x)) / (2 * eps))
    return np.stack(columns, axis=1)


@bank.wrong(
    "all inputs moved together", "A partial derivative moves one input. How many does x + eps move?"
)
def all_at_once(F, x, eps=EPS):
    slope = (F(x + eps) - F(x - eps)) / (2 * eps)
    return np.repeat(slope[:, None], len(x), axis=1)


@bank.wrong(
    "x[j] += eps in the caller's array",
    "Who else holds the array x, and is every bit of it back in its place at the end?",
)
def changes_argument(F, x, eps=EPS):
    if x.dtype != np.float64:
        x = x.astype(float)
    columns = []
    for j in range(len(x)):
        x[j] += eps
        above = F(x)
        x[j] -= 2 * eps
        below = F(x)
        x[j] += eps
        columns.append((above - below) / (2 * eps))
    return np.stack(columns, axis=1)


@bank.wrong(
    "a copy with the dtype of x",
    "What is 2 + 0.1 in an array of whole numbers, and how many digits has a float32?",
)
def keeps_the_dtype(F, x, eps=EPS):
    columns = []
    for j in range(len(x)):
        up, down = x.copy(), x.copy()
        up[j] += np.asarray(eps).astype(x.dtype)
        down[j] -= np.asarray(eps).astype(x.dtype)
        columns.append((F(up) - F(down)) / (2 * eps))
    return np.stack(columns, axis=1)


@bank.wrong(
    "axes of length 1 left out",
    "F has one output. Is its Jacobian a vector or a matrix with one row?",
)
def squeezed(F, x, eps=EPS):
    return right_gradient(F, x, eps).squeeze()


@bank.wrong(
    "another default than eps = 1e-5", "Which eps does a caller get who leaves it out?", reread=STEP
)
def other_default(F, x, eps=1e-6):
    return right_gradient(F, x, eps)


@bank.wrong("an eps of its own instead of the one given", "What is the third argument for?")
def own_eps(F, x, eps=EPS):
    return right_gradient(F, x)


@bank.wrong(
    "the derivative itself, by a complex step",
    "The exercise asks for central differences, their error included. Where is yours?",
)
def complex_step(F, x, eps=EPS):
    return jacobian(F, x)


@bank.wrong(
    "numbers in float32",
    "float32 keeps seven digits. How many are left after the subtraction?",
    reread=STEP,
)
def single_precision(F, x, eps=EPS):
    return by(central, lambda v: F(v).astype(np.float32), x, eps).astype(float)


@bank.wrong("one column left at zero", "Where does range(len(x) - 1) end?")
def last_input_left_out(F, x, eps=EPS):
    J = right_gradient(F, x, eps)
    J[:, -1] = 0
    return J


@bank.wrong(
    "no difference between the two values: zeros",
    "After `p = x` there is one array with two names. When p moves, what does x do, and "
    "are the two arguments of F different at all?",
    reread=GRADIENT,
)
def aliased(F, x, eps=EPS):
    return np.zeros((len(F(x)), len(x)))


@bank.wrong(
    "a Jacobian with the dtype of x",
    "An array of whole numbers holds whole numbers. What becomes of 0.3 in it?",
    reread=GRADIENT,
)
def integer_columns(F, x, eps=EPS):
    J = right_gradient(F, x, eps)
    return J.astype(x.dtype) if x.dtype.kind == "i" else J


@bank.wrong(
    "the two values in the wrong order",
    "If F rises, which of the two values is larger, and which sign has the slope?",
    reread=SLOPE,
)
def sign(F, x, eps=EPS):
    return -right_gradient(F, x, eps)


@bank.wrong(
    "(F(above) - F(below)) / 2 * eps",
    "In which order does Python work out a / 2 * eps?",
    reread=SLOPE,
)
def precedence(F, x, eps=EPS):
    return right_gradient(F, x, eps) * eps**2


bank.habits(right_gradient)


fixed_steps(bank, right_gradient, JACOBIAN)


@bank.right("a new array per step, np.column_stack")
def a_new_array_per_step(F, x, eps=1e-5):
    columns = []
    for j in range(x.shape[0]):
        above, below = x.astype(float), x.astype(float)
        above[j] += eps
        below[j] -= eps
        columns.append((F(above) - F(below)) / (2 * eps))
    return np.column_stack(columns)


@bank.right("column by column into zeros")
def column_by_column_into_zeros(F, x, eps=1e-5):
    x = np.array(x, dtype=float)
    J = np.zeros((len(F(x)), x.size))
    for j in range(x.size):
        old = x[j]
        x[j] = old + eps
        J[:, j] = F(x)
        x[j] = old - eps
        J[:, j] -= F(x)
        x[j] = old
    return J / (2 * eps)


@bank.right("steps from an identity matrix, transposed at the end")
def steps_from_an_identity_matrix(F, x, eps=1e-5):
    x = np.asarray(x, dtype=np.float64)
    return np.array([(F(x + e) - F(x - e)) / (2 * eps) for e in eps * np.eye(len(x))]).T


@bank.right("one gradient per output, as lists")
def one_gradient_per_output(F, x, eps=1e-5):
    x = [float(v) for v in x]

    def slope(i, j):
        up = np.array([v + eps * (k == j) for k, v in enumerate(x)])
        down = np.array([v - eps * (k == j) for k, v in enumerate(x)])
        return (F(up)[i] - F(down)[i]) / (eps + eps)

    return [[slope(i, j) for j in range(len(x))] for i in range(len(F(np.array(x))))]
