"""Known wrong and right implementations of chapter 00 (S3 gradient checking, S2, S3 slides)."""

from __future__ import annotations

import math

import numpy as np

from ...activations import sigmoid, sigmoid_prime, tanh_prime
from ...gradcheck import central, forward, jacobian, richardson
from . import Bank

bank = Bank()

SLOPE = "A slope from two function values"
STEP = "How small is small?"
GRADIENT = "One slope per entry"
JACOBIAN = "Many outputs: the Jacobian"
ERROR = "How far apart are two gradients?"
CHECK = "The verdict: do they agree?"
SIGMOID = "The sigmoid"
SIGMOID_SLOPE = "The slope of the sigmoid"
TANH_SLOPE = "The slope of tanh"
PATHS = "Sum over paths"
QUOTIENT = "The slope of a quotient"
EPS = 1e-5


def by(rule, f, W, eps=EPS):
    return jacobian(f, W, lambda phi: rule(phi, eps))


def right_gradient(f, W, eps=EPS):
    return by(central, f, W, eps)


def distance(a, b):
    size = np.linalg.norm(a) + np.linalg.norm(b)
    return np.linalg.norm(a - b) / size if size else 0.0


def right_distance(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return np.inf
    return distance(a, b)


def half_a_key(exercise, fn, section, known_by):
    """Register a function that remembers its answers by a part of what they depend on."""

    def make():
        kept = {}

        def wrapped(*args):
            key = known_by(*args)
            if key not in kept:
                kept[key] = fn(*args)
            return kept[key]

        return wrapped

    bank.stateful(exercise, "remembers_too_little", make,
                  "an answer kept from an earlier call that was alike in part",
                  "Which arguments does the answer depend on, and which of them does your memory "
                  "look at?", section)


FIXED = ((1e-3, "3"), (1e-4, "4"))  # steps that people know by heart


def fixed_steps(exercise, fn, section):
    """Register steps of one's own in place of the one that is given."""
    for own, digit in FIXED:
        @bank.wrong(exercise, f"own_eps_{digit}", f"always a step of {own:g}, whatever eps is",
                    "What is the third argument for?", section)
        def _(f, x, eps=EPS, own=own):
            return fn(f, x, own)


# central_difference -----------------------------------------------------------------------------


@bank.wrong("central_difference", "forward", "(f(x + eps) - f(x)) / eps, one-sided",
            "Which two points lie on either side of x?", SLOPE)
def _(f, x, eps):
    return (f(x + eps) - f(x)) / eps


@bank.wrong("central_difference", "backward", "(f(x) - f(x - eps)) / eps, one-sided",
            "Which two points lie on either side of x?", SLOPE)
def _(f, x, eps):
    return (f(x) - f(x - eps)) / eps


@bank.wrong("central_difference", "divides_by_eps", "divided by eps instead of 2 eps",
            "How far apart are x + eps and x - eps?", SLOPE)
def _(f, x, eps):
    return (f(x + eps) - f(x - eps)) / eps


@bank.wrong("central_difference", "precedence", "(f(x + eps) - f(x - eps)) / 2 * eps",
            "In which order does Python work out a / 2 * eps?", SLOPE)
def _(f, x, eps):
    return (f(x + eps) - f(x - eps)) / 2 * eps


@bank.wrong("central_difference", "no_brackets", "f(x + eps) - f(x - eps) / (2 eps)",
            "Which of the two values is divided, as you wrote it?", SLOPE)
def _(f, x, eps):
    return f(x + eps) - f(x - eps) / (2 * eps)


@bank.wrong("central_difference", "sign", "the two values in the wrong order",
            "If f rises, which of the two values is larger, and which sign has the slope?", SLOPE)
def _(f, x, eps):
    return (f(x - eps) - f(x + eps)) / (2 * eps)


@bank.wrong("central_difference", "half_steps", "points at x + eps/2 and x - eps/2",
            "How far from x are the two points that the formula asks for?", SLOPE)
def _(f, x, eps):
    return (f(x + eps / 2) - f(x - eps / 2)) / eps


@bank.wrong("central_difference", "own_eps",
            "the slope to many digits, not the approximation with the eps that was given",
            "What is the third argument for?", SLOPE)
def _(f, x, eps):
    return (f(x + EPS) - f(x - EPS)) / (2 * EPS)


@bank.wrong("central_difference", "numerator_only", "the difference without the division",
            "A slope is a rise over a run. Where is the run?", SLOPE)
def _(f, x, eps):
    return f(x + eps) - f(x - eps)


@bank.wrong("central_difference", "average", "a sum of the two values instead of their difference",
            "What is left of a slope if f is constant?", SLOPE)
def _(f, x, eps):
    return (f(x + eps) + f(x - eps)) / (2 * eps)


@bank.wrong("central_difference", "second_difference",
            "(f(x + eps) - 2 f(x) + f(x - eps)) / eps^2, which is a curvature",
            "What does this give for a straight line?", SLOPE)
def _(f, x, eps):
    return (f(x + eps) - 2 * f(x) + f(x - eps)) / eps**2


@bank.wrong("central_difference", "richardson", "a better approximation than the one asked for",
            "The exercise asks for this one quotient, its error included. What does yours do in "
            "addition?", SLOPE)
def _(f, x, eps):
    return richardson(lambda t: f(x + t), eps)


@bank.wrong("central_difference", "rounded", "an answer rounded to a few digits",
            "What do the next steps compute with: what you print, or what you return?", SLOPE)
def _(f, x, eps):
    return round(float(central(lambda t: f(x + t), eps)), 8)


@bank.wrong("central_difference", "in_an_array_of_x", "x + eps stored in an array made from x",
            "What happens to 2 + 0.1 in an array of whole numbers?", SLOPE)
def _(f, x, eps):
    points = np.array([x, x])
    points[0] = points[0] + eps
    points[1] = points[1] - eps
    return (f(points[0]) - f(points[1])) / (2 * eps)


@bank.wrong("central_difference", "both_values", "two one-sided slopes instead of one number",
            "What is the slope in the middle of the two?", SLOPE)
def _(f, x, eps):
    return [(f(x + eps) - f(x)) / eps, (f(x) - f(x - eps)) / eps]


bank.habits("central_difference", lambda f, x, eps: central(lambda t: f(x + t), eps), array=False)
half_a_key("central_difference", lambda f, x, eps: central(lambda t: f(x + t), eps), SLOPE,
           lambda f, x, eps: x)


def _first_eps():
    kept = []

    def slope(f, x, eps):
        kept.append(eps)
        return central(lambda t: f(x + t), kept[0])

    return slope


bank.stateful("central_difference", "first_eps_kept", _first_eps,
              "the first eps kept for all later calls",
              "Where does the second call take its eps from?", SLOPE)
fixed_steps("central_difference", lambda f, x, eps: central(lambda t: f(x + t), eps), SLOPE)


@bank.right("central_difference", "the mean of two one-sided slopes")
def _(f, x, eps):
    x = float(x)
    return 0.5 * ((f(x + eps) - f(x)) / eps + (f(x) - f(x - eps)) / eps)


@bank.right("central_difference", "a dot product with weights")
def _(f, x, eps):
    points = x + eps * np.array([-1.0, 1.0])
    return np.array([-0.5, 0.5]) @ [f(p) for p in points] / eps


@bank.right("central_difference", "a sum over signs, as a float")
def _(f, x, eps):
    return float(sum(s * f(x + s * eps) for s in (1, -1)) / (eps + eps))


# numerical_gradient -----------------------------------------------------------------------------


@bank.wrong("numerical_gradient", "forward", "one-sided differences",
            "How large is the error of a one-sided difference, compared with a central one?", STEP)
def _(f, W, eps=EPS):
    return by(forward, f, W, eps)


@bank.wrong("numerical_gradient", "divides_by_eps", "divided by eps instead of 2 eps",
            "How far apart are the two points?", SLOPE)
def _(f, W, eps=EPS):
    return 2 * right_gradient(f, W, eps)


@bank.wrong("numerical_gradient", "never_put_back", "entries moved and not put back",
            "When you move the second entry, where is the first one?", GRADIENT)
def _(f, W, eps=EPS):
    W = np.array(W, dtype=float)
    G = np.zeros(W.shape)
    for i in np.ndindex(W.shape):
        W[i] += eps
        above = f(W)
        W[i] -= 2 * eps
        G[i] = (above - f(W)) / (2 * eps)
    return G


@bank.wrong("numerical_gradient", "all_at_once", "all entries moved together",
            "A partial derivative moves one entry. How many does W + eps move?", GRADIENT)
def _(f, W, eps=EPS):
    return np.full(W.shape, (f(W + eps) - f(W - eps)) / (2 * eps))


@bank.wrong("numerical_gradient", "changes_argument", "W[i] += eps in the caller's array",
            "Who else holds the array W, and is every bit of it back in its place at the end?",
            GRADIENT)
def _(f, W, eps=EPS):
    if W.dtype != np.float64:
        W = W.astype(float)
    G = np.zeros(W.shape)
    for i in np.ndindex(W.shape):
        W[i] += eps
        above = f(W)
        W[i] -= 2 * eps
        below = f(W)
        W[i] += eps
        G[i] = (above - below) / (2 * eps)
    return G


@bank.wrong("numerical_gradient", "keeps_the_dtype", "a copy with the dtype of W",
            "What is 2 + 0.1 in an array of whole numbers, and how many digits has a float32?",
            GRADIENT)
def _(f, W, eps=EPS):
    W = W.copy()
    G = np.zeros(W.shape)
    for i in np.ndindex(W.shape):
        old = W[i]
        W[i] = old + eps
        above = f(W)
        W[i] = old - eps
        G[i] = (above - f(W)) / (2 * eps)
        W[i] = old
    return G


@bank.wrong("numerical_gradient", "gradient_like_W", "an output array with the dtype of W",
            "np.zeros_like(W) of whole numbers holds whole numbers. What becomes of 0.3 in it?",
            GRADIENT)
def _(f, W, eps=EPS):
    G = np.zeros_like(W)
    G[...] = right_gradient(f, W, eps)
    return G


@bank.wrong("numerical_gradient", "ravel_may_copy", "W moved through W.ravel()",
            "ravel gives a view of some arrays and a copy of others. Which do you move then?",
            GRADIENT)
def _(f, W, eps=EPS):
    W = W.astype(float, order="K") if W.flags.contiguous else np.lib.stride_tricks.as_strided(W)
    G, flat = np.zeros(W.size), W.ravel()
    for i in range(W.size):
        old = flat[i]
        flat[i] = old + eps
        above = f(W)
        flat[i] = old - eps
        G[i] = (above - f(W)) / (2 * eps)
        flat[i] = old
    return G.reshape(W.shape)


@bank.wrong("numerical_gradient", "memory_order", "entries in the order of memory, not of indices",
            "For a transposed array, is the second number in memory the second entry of the first "
            "row?", GRADIENT)
def _(f, W, eps=EPS):
    G = right_gradient(f, W, eps)
    if W.flags.c_contiguous:
        return G
    return G.ravel(order="F").reshape(W.shape)


@bank.wrong("numerical_gradient", "flat_answer", "an answer of shape (P,)",
            "What shape has W, and what shape has your answer?", GRADIENT)
def _(f, W, eps=EPS):
    return right_gradient(f, W, eps).ravel()


@bank.wrong("numerical_gradient", "whole_rows", "one loop: whole rows are moved",
            "For a matrix, what is W[i]?", GRADIENT)
def _(f, W, eps=EPS):
    G = np.zeros(W.shape)
    for i in range(len(W)):
        E = np.zeros(W.shape)
        E[i] = eps
        G[i] = (f(W + E) - f(W - E)) / (2 * eps)
    return G


@bank.wrong("numerical_gradient", "two_axes_only", "loops for one axis or two",
            "Which loop goes through the indices of an array of any number of axes?", GRADIENT)
def _(f, W, eps=EPS):
    rows, columns = W.shape if W.ndim == 2 else (1, len(W))
    G = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            E = np.zeros((rows, columns))
            E[i, j] = eps
            E = E.reshape(W.shape)
            G[i, j] = (f(W + E) - f(W - E)) / (2 * eps)
    return G.reshape(W.shape)


@bank.wrong("numerical_gradient", "other_default", "another default than eps = 1e-5",
            "Which eps does a caller get who leaves it out?", STEP)
def _(f, W, eps=1e-6):
    return right_gradient(f, W, eps)


@bank.wrong("numerical_gradient", "own_eps", "an eps of its own instead of the one given",
            "What is the third argument for?", GRADIENT)
def _(f, W, eps=EPS):
    return right_gradient(f, W)


@bank.wrong("numerical_gradient", "relative_step", "a step proportional to each entry",
            "How far does the exercise ask you to move each entry?", GRADIENT)
def _(f, W, eps=EPS):
    W = np.array(W, dtype=float)
    G = np.zeros(W.shape)
    for i in np.ndindex(W.shape):
        E = np.zeros(W.shape)
        E[i] = eps * max(1.0, abs(W[i])) if abs(W[i]) > 1 else eps * (abs(W[i]) + 0.1)
        G[i] = (f(W + E) - f(W - E)) / (2 * E[i])
    return G


@bank.wrong("numerical_gradient", "complex_step", "the derivative itself, by a complex step",
            "The exercise asks for central differences, their error included. Where is yours?",
            GRADIENT)
def _(f, W, eps=EPS):
    return jacobian(f, W)


@bank.wrong("numerical_gradient", "richardson", "a better approximation than the one asked for",
            "The exercise asks for this one quotient, its error included. What does yours do in "
            "addition?", GRADIENT)
def _(f, W, eps=EPS):
    return by(richardson, f, W, eps)


@bank.wrong("numerical_gradient", "single_precision", "numbers in float32",
            "float32 keeps seven digits. How many are left after the subtraction?", STEP)
def _(f, W, eps=EPS):
    return by(central, lambda V: np.float32(f(V)), W, eps)


@bank.wrong("numerical_gradient", "transposed", "the transposed gradient",
            "Which entry of the answer belongs to W[i, j]?", GRADIENT)
def _(f, W, eps=EPS):
    return right_gradient(f, W, eps).T


@bank.wrong("numerical_gradient", "first_entry_only", "a loop that returns inside its first round",
            "How far is the `return` indented?", GRADIENT)
def _(f, W, eps=EPS):
    G = np.zeros(W.shape)
    for i in np.ndindex(W.shape):
        G[i] = right_gradient(f, W, eps)[i]
        return G
    return G


@bank.wrong("numerical_gradient", "aliased", "no difference between the two values: zeros",
            "After `P = W` there is one array with two names. When P moves, what does W do, and "
            "are the two arguments of f different at all?", GRADIENT)
def _(f, W, eps=EPS):
    return np.zeros(W.shape)


@bank.wrong("numerical_gradient", "replaced", "entries set to eps and -eps instead of moved by it",
            "Where is W[i] + eps, if W[i] is 3?", GRADIENT)
def _(f, W, eps=EPS):
    G = np.zeros(W.shape)
    for i in np.ndindex(W.shape):
        up, down = np.array(W, dtype=float), np.array(W, dtype=float)
        up[i], down[i] = eps, -eps
        G[i] = (f(up) - f(down)) / (2 * eps)
    return G


@bank.wrong("numerical_gradient", "precedence", "(f(above) - f(below)) / 2 * eps",
            "In which order does Python work out a / 2 * eps?", SLOPE)
def _(f, W, eps=EPS):
    return right_gradient(f, W, eps) * eps**2


@bank.wrong("numerical_gradient", "backward", "one-sided differences, to the left",
            "Which two points lie on either side of W[i]?", STEP)
def _(f, W, eps=EPS):
    return by(lambda phi, e: (phi(0.0) - phi(-e)) / e, f, W, eps)


@bank.wrong("numerical_gradient", "sign", "the two values in the wrong order",
            "If f rises, which of the two values is larger, and which sign has the slope?", SLOPE)
def _(f, W, eps=EPS):
    return -right_gradient(f, W, eps)


@bank.wrong("numerical_gradient", "overwritten", "one number for the whole gradient",
            "Which entry of G does each round of your loop write?", GRADIENT)
def _(f, W, eps=EPS):
    return np.full(W.shape, right_gradient(f, W, eps).flat[-1])


bank.habits("numerical_gradient", right_gradient)
fixed_steps("numerical_gradient", right_gradient, GRADIENT)


@bank.right("numerical_gradient", "each entry moved and put back")
def _(f, W, eps=1e-5):
    W = np.array(W, dtype=np.float64)
    G = np.empty_like(W)
    for index in np.ndindex(*W.shape):
        old = W[index]
        W[index] = old + eps
        above = f(W)
        W[index] = old - eps
        below = f(W)
        W[index] = old
        G[index] = (above - below) / (2 * eps)
    return G


@bank.right("numerical_gradient", "rows of an identity matrix, as nested lists")
def _(f, W, eps=1e-5):
    W = np.asarray(W, dtype=float)
    slopes = [f(W + eps * e.reshape(W.shape)) - f(W - eps * e.reshape(W.shape))
              for e in np.eye(W.size)]
    return (np.array(slopes) / eps / 2).reshape(W.shape).tolist()


@bank.right("numerical_gradient", "nditer on a copy in C order")
def _(f, W, eps=1e-5):
    x = np.array(W, dtype=float, order="C")
    grad = np.zeros(x.shape)
    it = np.nditer(x, flags=["multi_index"])
    while not it.finished:
        ix = it.multi_index
        value = x[ix]
        x[ix] = value + eps
        grad[ix] += f(x) / (2.0 * eps)
        x[ix] = value - eps
        grad[ix] -= f(x) / (2.0 * eps)
        x[ix] = value
        it.iternext()
    return grad


@bank.right("numerical_gradient", "the flat iterator")
def _(f, W, eps=1e-5):
    V = np.asarray(W).astype(float).copy()
    out = []
    for k in range(V.size):
        kept = V.flat[k]
        values = []
        for s in (eps, -eps):
            V.flat[k] = kept + s
            values.append(float(f(V.copy())))
        V.flat[k] = kept
        out.append((values[0] - values[1]) * (0.5 / eps))
    return np.reshape(out, np.shape(W))


# numerical_jacobian -----------------------------------------------------------------------------


@bank.wrong("numerical_jacobian", "transposed", "inputs along the rows",
            "J[i, j] is the slope of output i along input j. Which of them counts the rows?",
            JACOBIAN)
def _(F, x, eps=EPS):
    return right_gradient(F, x, eps).T


@bank.wrong("numerical_jacobian", "reshaped", "columns stacked as rows, then reshaped to (m, n)",
            "Reshaping keeps the order of the numbers. Does it exchange rows and columns?",
            JACOBIAN)
def _(F, x, eps=EPS):
    J = right_gradient(F, x, eps)
    return J.T.reshape(J.shape)


@bank.wrong("numerical_jacobian", "forward", "one-sided differences",
            "How large is the error of a one-sided difference, compared with a central one?", STEP)
def _(F, x, eps=EPS):
    return by(forward, F, x, eps)


@bank.wrong("numerical_jacobian", "divides_by_eps", "divided by eps instead of 2 eps",
            "How far apart are the two points?", SLOPE)
def _(F, x, eps=EPS):
    return 2 * right_gradient(F, x, eps)


@bank.wrong("numerical_jacobian", "sums_outputs", "the gradient of the sum of all outputs",
            "How many outputs does F have, and how many rows has your answer?", JACOBIAN)
def _(F, x, eps=EPS):
    return right_gradient(lambda v: F(v).sum(), x, eps)


@bank.wrong("numerical_jacobian", "square", "an answer of shape (n, n)",
            "F has m outputs. Where does your code find out what m is?", JACOBIAN)
def _(F, x, eps=EPS):
    J = np.zeros((len(x), len(x)))
    for j, column in enumerate(right_gradient(F, x, eps).T):
        J[: len(column), j] = column[: len(x)]
    return J


@bank.wrong("numerical_jacobian", "never_put_back", "inputs moved and not put back",
            "When you move the second input, where is the first one?", JACOBIAN)
def _(F, x, eps=EPS):
    x = np.array(x, dtype=float)
    columns = []
    for j in range(len(x)):
        x[j] += eps
        above = F(x)
        x[j] -= 2 * eps
        columns.append((above - F(x)) / (2 * eps))
    return np.stack(columns, axis=1)


@bank.wrong("numerical_jacobian", "all_at_once", "all inputs moved together",
            "A partial derivative moves one input. How many does x + eps move?", JACOBIAN)
def _(F, x, eps=EPS):
    slope = (F(x + eps) - F(x - eps)) / (2 * eps)
    return np.repeat(slope[:, None], len(x), axis=1)


@bank.wrong("numerical_jacobian", "changes_argument", "x[j] += eps in the caller's array",
            "Who else holds the array x, and is every bit of it back in its place at the end?",
            JACOBIAN)
def _(F, x, eps=EPS):
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


@bank.wrong("numerical_jacobian", "keeps_the_dtype", "a copy with the dtype of x",
            "What is 2 + 0.1 in an array of whole numbers, and how many digits has a float32?",
            JACOBIAN)
def _(F, x, eps=EPS):
    columns = []
    for j in range(len(x)):
        up, down = x.copy(), x.copy()
        up[j] += np.asarray(eps).astype(x.dtype)
        down[j] -= np.asarray(eps).astype(x.dtype)
        columns.append((F(up) - F(down)) / (2 * eps))
    return np.stack(columns, axis=1)


@bank.wrong("numerical_jacobian", "squeezed", "axes of length 1 left out",
            "F has one output. Is its Jacobian a vector or a matrix with one row?", JACOBIAN)
def _(F, x, eps=EPS):
    return right_gradient(F, x, eps).squeeze()


@bank.wrong("numerical_jacobian", "other_default", "another default than eps = 1e-5",
            "Which eps does a caller get who leaves it out?", STEP)
def _(F, x, eps=1e-6):
    return right_gradient(F, x, eps)


@bank.wrong("numerical_jacobian", "own_eps", "an eps of its own instead of the one given",
            "What is the third argument for?", JACOBIAN)
def _(F, x, eps=EPS):
    return right_gradient(F, x)


@bank.wrong("numerical_jacobian", "complex_step", "the derivative itself, by a complex step",
            "The exercise asks for central differences, their error included. Where is yours?",
            JACOBIAN)
def _(F, x, eps=EPS):
    return jacobian(F, x)


@bank.wrong("numerical_jacobian", "single_precision", "numbers in float32",
            "float32 keeps seven digits. How many are left after the subtraction?", STEP)
def _(F, x, eps=EPS):
    return by(central, lambda v: F(v).astype(np.float32), x, eps).astype(float)


@bank.wrong("numerical_jacobian", "last_input_left_out", "one column left at zero",
            "Where does range(len(x) - 1) end?", JACOBIAN)
def _(F, x, eps=EPS):
    J = right_gradient(F, x, eps)
    J[:, -1] = 0
    return J


@bank.wrong("numerical_jacobian", "aliased", "no difference between the two values: zeros",
            "After `p = x` there is one array with two names. When p moves, what does x do, and "
            "are the two arguments of F different at all?", GRADIENT)
def _(F, x, eps=EPS):
    return np.zeros((len(F(x)), len(x)))


@bank.wrong("numerical_jacobian", "integer_columns", "a Jacobian with the dtype of x",
            "An array of whole numbers holds whole numbers. What becomes of 0.3 in it?", GRADIENT)
def _(F, x, eps=EPS):
    J = right_gradient(F, x, eps)
    return J.astype(x.dtype) if x.dtype.kind == "i" else J


@bank.wrong("numerical_jacobian", "sign", "the two values in the wrong order",
            "If F rises, which of the two values is larger, and which sign has the slope?", SLOPE)
def _(F, x, eps=EPS):
    return -right_gradient(F, x, eps)


@bank.wrong("numerical_jacobian", "precedence", "(F(above) - F(below)) / 2 * eps",
            "In which order does Python work out a / 2 * eps?", SLOPE)
def _(F, x, eps=EPS):
    return right_gradient(F, x, eps) * eps**2


bank.habits("numerical_jacobian", right_gradient)
fixed_steps("numerical_jacobian", right_gradient, JACOBIAN)


@bank.right("numerical_jacobian", "a new array per step, np.column_stack")
def _(F, x, eps=1e-5):
    columns = []
    for j in range(x.shape[0]):
        above, below = x.astype(float), x.astype(float)
        above[j] += eps
        below[j] -= eps
        columns.append((F(above) - F(below)) / (2 * eps))
    return np.column_stack(columns)


@bank.right("numerical_jacobian", "column by column into zeros")
def _(F, x, eps=1e-5):
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


@bank.right("numerical_jacobian", "steps from an identity matrix, transposed at the end")
def _(F, x, eps=1e-5):
    x = np.asarray(x, dtype=np.float64)
    return np.array([(F(x + e) - F(x - e)) / (2 * eps) for e in eps * np.eye(len(x))]).T


@bank.right("numerical_jacobian", "one gradient per output, as lists")
def _(F, x, eps=1e-5):
    x = [float(v) for v in x]

    def slope(i, j):
        up = np.array([v + eps * (k == j) for k, v in enumerate(x)])
        down = np.array([v - eps * (k == j) for k, v in enumerate(x)])
        return (F(up)[i] - F(down)[i]) / (eps + eps)

    return [[slope(i, j) for j in range(len(x))] for i in range(len(F(np.array(x))))]


# relative_error ---------------------------------------------------------------------------------


@bank.wrong("relative_error", "absolute", "norm(a - b), not divided",
            "Is a difference of 0.1 large or small? Compared with what?", ERROR)
def _(a, b):
    e = right_distance(a, b)
    return e * (np.linalg.norm(a) + np.linalg.norm(b)) if np.isfinite(e) else e


@bank.wrong("relative_error", "by_b_alone", "divided by norm(b) alone",
            "Should it matter which of the two you call a?", ERROR)
def _(a, b):
    e = right_distance(a, b)
    if not np.isfinite(e) or not np.any(b):
        return e
    return np.linalg.norm(np.subtract(a, b, dtype=float)) / np.linalg.norm(np.asarray(b, float))


@bank.wrong("relative_error", "norm_of_sum", "divided by norm(a + b)",
            "How large is a + b if a and b differ by their sign?", ERROR)
def _(a, b):
    e = right_distance(a, b)
    if not np.isfinite(e) or e == 0:
        return e
    return np.linalg.norm(np.subtract(a, b, dtype=float)) / np.linalg.norm(
        np.add(a, b, dtype=float))


@bank.wrong("relative_error", "squared", "sums of squares without the root",
            "Is the square of a norm a norm?", ERROR)
def _(a, b):
    e = right_distance(a, b)
    if not np.isfinite(e) or e == 0:
        return e
    a, b = np.asarray(a, float), np.asarray(b, float)
    return np.sum((a - b) ** 2) / (np.sum(a**2) + np.sum(b**2))


@bank.wrong("relative_error", "largest_entry", "the largest difference over the largest entries",
            "Which norm does the formula ask for?", ERROR)
def _(a, b):
    e = right_distance(a, b)
    if not np.isfinite(e) or e == 0:
        return e
    a, b = np.asarray(a, float), np.asarray(b, float)
    return np.abs(a - b).max() / (np.abs(a).max() + np.abs(b).max())


@bank.wrong("relative_error", "entry_by_entry", "the mean of the relative errors of all entries",
            "What if one entry of both is nearly 0, with a little rounding?", ERROR)
def _(a, b):
    e = right_distance(a, b)
    if not np.isfinite(e) or e == 0:
        return e
    a, b = np.asarray(a, float), np.asarray(b, float)
    return np.mean(np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), 1e-300))


@bank.wrong("relative_error", "sum_of_absolute", "sums of absolute values instead of norms",
            "Which norm does the formula ask for?", ERROR)
def _(a, b):
    e = right_distance(a, b)
    if not np.isfinite(e) or e == 0:
        return e
    a, b = np.asarray(a, float), np.asarray(b, float)
    return np.abs(a - b).sum() / (np.abs(a).sum() + np.abs(b).sum())


@bank.wrong("relative_error", "spectral_norm", "the largest singular value for matrices",
            "What does ord=2 mean for a matrix, and what for a vector?", ERROR)
def _(a, b):
    e = right_distance(a, b)
    if not np.isfinite(e) or e == 0:
        return e
    a, b = np.asarray(a, float), np.asarray(b, float)
    return np.linalg.norm(a - b, 2) / (np.linalg.norm(a, 2) + np.linalg.norm(b, 2))


@bank.wrong("relative_error", "norm_per_row", "one relative error per row",
            "How many numbers does the norm of a matrix give, with axis and without?", ERROR)
def _(a, b):
    e = right_distance(a, b)
    if not np.isfinite(e) or e == 0:
        return e
    a, b = np.asarray(a, float), np.asarray(b, float)
    size = np.linalg.norm(a, axis=-1) + np.linalg.norm(b, axis=-1)
    return np.linalg.norm(a - b, axis=-1) / size


for _floor in (1e-8, 1e-12):
    @bank.wrong("relative_error", f"worst_entry_{_floor:g}",
                "the largest of the relative errors of all entries",
                "What if one entry of both is nearly 0, with a little rounding?", ERROR)
    def _(a, b, floor=_floor):
        e = right_distance(a, b)
        if not np.isfinite(e) or e == 0:
            return e
        a, b = np.asarray(a, float), np.asarray(b, float)
        return np.max(np.abs(a - b) / np.maximum(floor, np.abs(a) + np.abs(b)))


@bank.wrong("relative_error", "by_larger", "divided by the larger of the two norms",
            "By what does the formula divide: by one of the norms, or by both together?", ERROR)
def _(a, b):
    e = right_distance(a, b)
    if not np.isfinite(e) or e == 0:
        return e
    a, b = np.asarray(a, float), np.asarray(b, float)
    return np.linalg.norm(a - b) / max(np.linalg.norm(a), np.linalg.norm(b))


@bank.wrong("relative_error", "by_a_alone", "divided by norm(a) alone",
            "Should it matter which of the two you call a?", ERROR)
def _(a, b):
    e = right_distance(a, b)
    if not np.isfinite(e) or not np.any(a):
        return e
    return np.linalg.norm(np.subtract(a, b, dtype=float)) / np.linalg.norm(np.asarray(a, float))


@bank.wrong("relative_error", "by_the_mean", "divided by the mean of the two norms",
            "By what does the formula divide: by the mean of the norms, or by their sum?", ERROR)
def _(a, b):
    return 2 * right_distance(a, b)


@bank.wrong("relative_error", "difference_of_norms", "|norm(a) - norm(b)| above",
            "How far apart are a and -a? What does a difference of their norms say?", ERROR)
def _(a, b):
    e = right_distance(a, b)
    if not np.isfinite(e) or e == 0:
        return e
    m, n = (np.linalg.norm(np.asarray(t, float)) for t in (a, b))
    return abs(m - n) / (m + n)


@bank.wrong("relative_error", "zero_by_zero", "0/0 when both are zero",
            "Two zero gradients: do they agree? What does your quotient say?", ERROR)
def _(a, b):
    e = right_distance(a, b)
    with np.errstate(invalid="ignore"):
        return e if np.any(a) or np.any(b) else np.divide(0.0, 0.0)


for _small in (1e-8, 1e-10, 1e-12, 1e-15, 1e-16):
    @bank.wrong("relative_error", f"small_constant_{_small:g}",
                "a small constant added to the denominator",
                "How large may such a constant be, compared with a gradient near the end of "
                "training?", ERROR)
    def _(a, b, small=_small):
        e = right_distance(a, b)
        if not np.isfinite(e):
            return e
        a, b = np.asarray(a, float), np.asarray(b, float)
        return np.linalg.norm(a - b) / (np.linalg.norm(a) + np.linalg.norm(b) + small)

    @bank.wrong("relative_error", f"floor_{_small:g}", f"a denominator of at least {_small:g}",
                "How large may such a bound be, compared with a gradient near the end of "
                "training?", ERROR)
    def _(a, b, small=_small):
        e = right_distance(a, b)
        if not np.isfinite(e):
            return e
        a, b = np.asarray(a, float), np.asarray(b, float)
        return np.linalg.norm(a - b) / max(np.linalg.norm(a) + np.linalg.norm(b), small)


@bank.wrong("relative_error", "broadcasts", "shapes not compared",
            "What does NumPy do with a - b if the shapes are (5,) and (5, 1)?", ERROR)
def _(a, b):
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return np.inf
    return distance(np.asarray(a, float), np.asarray(b, float))


@bank.wrong("relative_error", "sizes_not_shapes", "numbers of entries compared, not shapes",
            "Have arrays of shape (3, 5) and (5, 3) the same size, and the same shape?", ERROR)
def _(a, b):
    if np.size(a) != np.size(b) or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return np.inf
    return distance(np.ravel(np.asarray(a, float)), np.ravel(np.asarray(b, float)))


@bank.wrong("relative_error", "lets_nan_through", "NaN passed on",
            "Is NaN larger than the tolerance, or smaller, or neither?", ERROR)
def _(a, b):
    if np.shape(a) != np.shape(b):
        return np.inf
    with np.errstate(invalid="ignore"):
        return distance(np.asarray(a, float), np.asarray(b, float))


@bank.wrong("relative_error", "only_nan", "NaN noticed, infinity not",
            "What is infinity minus infinity?", ERROR)
def _(a, b):
    if np.shape(a) != np.shape(b) or np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    with np.errstate(invalid="ignore"):
        return distance(np.asarray(a, float), np.asarray(b, float))


@bank.wrong("relative_error", "only_a_is_looked_at", "only one of the two arrays tested for NaN",
            "In which of the two could the NaN be?", ERROR)
def _(a, b):
    if np.shape(a) != np.shape(b) or not np.isfinite(a).all():
        return np.inf
    with np.errstate(invalid="ignore"):
        return distance(np.asarray(a, float), np.asarray(b, float))


@bank.right("relative_error", "norms in the precision of the input")
def _(a, b):
    e = right_distance(a, b)
    return e if not np.isfinite(e) else float(distance(a, b))


@bank.wrong("relative_error", "changes_argument", "a -= b, which changes the caller's array",
            "Who else holds the array a?", ERROR)
def _(a, b):
    e = right_distance(a, b)
    if a.shape == b.shape and a.dtype == np.float64:
        a -= b
    return e


bank.habits("relative_error", right_distance, array=False)


@bank.right("relative_error", "plain NumPy, three questions first")
def _(a, b):
    if a.shape != b.shape:
        return np.inf
    if not np.all(np.isfinite(a)) or not np.all(np.isfinite(b)):
        return np.inf
    total = np.linalg.norm(a) + np.linalg.norm(b)
    if total == 0:
        return 0.0
    return np.linalg.norm(a - b) / total


@bank.right("relative_error", "norms of flat arrays")
def _(a, b):
    if np.shape(a) != np.shape(b):
        return math.inf
    a, b = np.ravel(a).astype(float), np.ravel(b).astype(float)
    if not np.all(np.isfinite(np.concatenate([a, b]))):
        return math.inf
    total = math.sqrt(a @ a) + math.sqrt(b @ b)
    return 0.0 if total == 0 else math.sqrt((a - b) @ (a - b)) / total


@bank.right("relative_error", "math.fsum over entries")
def _(a, b):
    if a.shape != b.shape:
        return float("inf")
    pairs = [(float(u), float(v)) for u, v in zip(a.ravel(), b.ravel(), strict=True)]
    if any(not (math.isfinite(u) and math.isfinite(v)) for u, v in pairs):
        return float("inf")
    top = math.sqrt(math.fsum((u - v) ** 2 for u, v in pairs))
    below = math.hypot(*(u for u, _ in pairs)) + math.hypot(*(v for _, v in pairs))
    return top / below if below > 0 else 0.0


@bank.right("relative_error", "einsum, and an exception for NaN")
def _(a, b):
    if np.array(a).shape != np.array(b).shape:
        return np.inf
    try:
        a, b = (np.asarray_chkfinite(t, dtype=float) for t in (a, b))
    except ValueError:
        return np.inf
    if not a.any() and not b.any():
        return 0.0
    d, na, nb = (np.sqrt(np.einsum("i,i", t.ravel(), t.ravel())) for t in (a - b, a, b))
    return d / (na + nb)


# gradient_check ---------------------------------------------------------------------------------


def agrees(f, grad, x, tol=1e-6):
    return bool(right_distance(grad(x), right_gradient(f, x)) <= tol)


@bank.wrong("gradient_check", "always_true", "True for every gradient",
            "What does your check say of a gradient that is twice too large?", CHECK)
def _(f, grad, x, tol=1e-6):
    return True


@bank.wrong("gradient_check", "never_true",
            "no gradient accepted: the differences are too coarse, too fine or one-sided",
            "How large is the error of your numerical gradient, compared with tol?", STEP)
def _(f, grad, x, tol=1e-6):
    return bool(right_distance(grad(x), right_gradient(f, x, 1e-12)) <= tol)


@bank.wrong("gradient_check", "negated", "True when they differ",
            "The function asks whether they agree. What does a small error mean?", CHECK)
def _(f, grad, x, tol=1e-6):
    return not agrees(f, grad, x, tol)


@bank.wrong("gradient_check", "not_larger", "not (error > tol), which NaN passes",
            "Is NaN larger than tol?", CHECK)
def _(f, grad, x, tol=1e-6):
    g, n = grad(x), right_gradient(f, x)
    if np.shape(g) != np.shape(n):
        return False
    with np.errstate(invalid="ignore"):
        return bool(not distance(g, n) > tol)


@bank.wrong("gradient_check", "broadcasts", "shapes not compared",
            "What does NumPy do with a difference of shapes (5,) and (5, 1)?", CHECK)
def _(f, grad, x, tol=1e-6):
    g, n = grad(x), right_gradient(f, x)
    if not np.isfinite(n).all() or not np.isfinite(g).all():
        return False
    try:
        return bool(np.abs(g - n).max() <= tol * np.abs(n).max() or not n.any())
    except ValueError:
        return False


@bank.wrong("gradient_check", "flattens", "both flattened before they are compared",
            "Is a gradient of shape (15,) a gradient for W of shape (3, 5)?", CHECK)
def _(f, grad, x, tol=1e-6):
    return bool(right_distance(np.ravel(grad(x)), np.ravel(right_gradient(f, x))) <= tol)


@bank.wrong("gradient_check", "absolute", "an absolute difference compared with tol",
            "A loss of size 1e-9 has gradients of that size. Which of them pass your check?", CHECK)
def _(f, grad, x, tol=1e-6):
    g, n = grad(x), right_gradient(f, x)
    if np.shape(g) != np.shape(n):
        return False
    return bool(np.linalg.norm(g - n) <= tol)


@bank.wrong("gradient_check", "allclose", "np.allclose with its own tolerances",
            "allclose adds an absolute tolerance of 1e-8 and a relative one of 1e-5. Who asked for "
            "them?", CHECK)
def _(f, grad, x, tol=1e-6):
    g, n = grad(x), right_gradient(f, x)
    return np.shape(g) == np.shape(n) and bool(np.allclose(g, n))


@bank.wrong("gradient_check", "allclose_rtol",
            "np.allclose with rtol=tol and an absolute tolerance",
            "What does atol (1e-8 by itself) accept if all entries are smaller than that?", CHECK)
def _(f, grad, x, tol=1e-6):
    g, n = grad(x), right_gradient(f, x)
    return np.shape(g) == np.shape(n) and bool(np.allclose(g, n, rtol=2 * tol))


@bank.wrong("gradient_check", "own_tol", "a tolerance of its own instead of the one given",
            "What is the fourth argument for?", CHECK)
def _(f, grad, x, tol=1e-6):
    return agrees(f, grad, x)


@bank.wrong("gradient_check", "tol_as_eps", "tol handed on as the step of the differences",
            "numerical_gradient takes a third argument too. What does it do with your tol?", CHECK)
def _(f, grad, x, tol=1e-6):
    return bool(right_distance(grad(x), right_gradient(f, x, tol)) <= tol)


for _small in (1e-8, 1e-12):
    @bank.wrong("gradient_check", f"small_constant_{_small:g}",
                "a small constant in the denominator of the relative error",
                "How large may such a constant be, compared with a gradient near the end of "
                "training?", ERROR)
    def _(f, grad, x, tol=1e-6, small=_small):
        g, n = grad(x), right_gradient(f, x)
        if np.shape(g) != np.shape(n) or not np.isfinite(g).all() or not np.isfinite(n).all():
            return False
        size = np.linalg.norm(g) + np.linalg.norm(n)
        return bool(np.linalg.norm(g - n) <= tol * (size + small))


@bank.wrong("gradient_check", "every_entry", "every entry held against its own size",
            "One entry of the gradient is nearly 0 and carries the rounding of the others. What "
            "is its relative error?", ERROR)
def _(f, grad, x, tol=1e-6):
    g, n = grad(x), right_gradient(f, x)
    if np.shape(g) != np.shape(n) or not np.isfinite(g).all():
        return False
    return bool(np.all(np.abs(g - n) <= tol * np.maximum(np.abs(g) + np.abs(n), 1e-300)))


@bank.wrong("gradient_check", "loose", "a tolerance of 1e-2",
            "How large is the error of central differences, and how large that of a forgotten "
            "term?", CHECK)
def _(f, grad, x, tol=1e-2):
    return agrees(f, grad, x, tol)


@bank.wrong("gradient_check", "norms_only", "the two norms compared, not the arrays",
            "Which norm has a gradient with the wrong sign?", CHECK)
def _(f, grad, x, tol=1e-6):
    g, n = grad(x), right_gradient(f, x)
    if np.shape(g) != np.shape(n):
        return False
    a, b = np.linalg.norm(g), np.linalg.norm(n)
    return bool(abs(a - b) <= tol * (a + b))


@bank.wrong("gradient_check", "direction_only", "only the angle between the two",
            "Which angle lies between a gradient and twice that gradient?", CHECK)
def _(f, grad, x, tol=1e-6):
    g, n = grad(x), right_gradient(f, x)
    if np.shape(g) != np.shape(n) or not np.isfinite(g).all():
        return False
    size = np.linalg.norm(g) * np.linalg.norm(n)
    return bool(np.sum(g * n) >= (1 - tol) * size)


@bank.wrong("gradient_check", "first_row", "only the first entries compared",
            "Where else could a mistake be?", CHECK)
def _(f, grad, x, tol=1e-6):
    g, n = grad(x), right_gradient(f, x)
    if np.shape(g) != np.shape(n):
        return False
    return bool(right_distance(g[:1], n[:1]) <= tol)


@bank.wrong("gradient_check", "sums_compared", "the sums of the entries compared",
            "Which mistakes leave a sum as it is?", CHECK)
def _(f, grad, x, tol=1e-6):
    g, n = grad(x), right_gradient(f, x)
    if np.shape(g) != np.shape(n):
        return False
    return bool(abs(np.sum(g) - np.sum(n)) <= tol * (abs(np.sum(g)) + abs(np.sum(n))))


@bank.wrong("gradient_check", "returns_the_error", "the error itself instead of a verdict",
            "The caller asks a yes-or-no question. What is your answer?", CHECK)
def _(f, grad, x, tol=1e-6):
    return float(right_distance(grad(x), right_gradient(f, x)))


@bank.wrong("gradient_check", "zero_by_zero", "0/0 when both gradients are zero",
            "At a minimum both are zero. Do they agree?", CHECK)
def _(f, grad, x, tol=1e-6):
    g, n = grad(x), right_gradient(f, x)
    if np.shape(g) != np.shape(n):
        return False
    with np.errstate(invalid="ignore"):
        return bool(np.linalg.norm(g - n) / (np.linalg.norm(g) + np.linalg.norm(n)) <= tol)


@bank.wrong("gradient_check", "steps_in_the_dtype", "x moved in its own dtype",
            "What is 2 + 0.00001 in an array of whole numbers?", GRADIENT)
def _(f, grad, x, tol=1e-6):
    def moved(t):
        return f(t.astype(x.dtype))

    return bool(right_distance(grad(x), right_gradient(moved, x)) <= tol)


@bank.wrong("gradient_check", "changes_argument", "x[i] += eps in the caller's array",
            "Who else holds the array x, and is every bit of it back in its place at the end?",
            GRADIENT)
def _(f, grad, x, tol=1e-6):
    verdict = agrees(f, grad, x, tol)
    if x.dtype == np.float64:
        x += EPS
        x -= 2 * EPS
        x += EPS
    return verdict


bank.habits("gradient_check", agrees, array=False)
half_a_key("gradient_check", agrees, CHECK, lambda f, grad, x, *tol: (x.tobytes(), *tol))


@bank.right("gradient_check", "max-norm, relative")
def _(f, grad, x, tol=1e-6):
    x = np.array(x, dtype=float)
    g = np.asarray(grad(x), dtype=float)
    if g.shape != x.shape:
        return False
    n = right_gradient(f, x, 1e-6)
    if not (np.isfinite(g).all() and np.isfinite(n).all()):
        return False
    size = max(np.abs(g).max(), np.abs(n).max())
    return bool(size == 0 or np.abs(g - n).max() <= tol * size)


@bank.right("gradient_check", "an assertion that is caught")
def _(f, grad, x, tol=1e-6):
    numeric = right_gradient(f, x)
    analytic = grad(np.array(x, dtype=float))
    try:
        assert np.shape(analytic) == np.shape(numeric)
        assert np.all(np.isfinite(analytic))
        size = np.linalg.norm(analytic) + np.linalg.norm(numeric)
        assert np.linalg.norm(analytic - numeric) <= tol * size
    except AssertionError:
        return False
    return True


@bank.right("gradient_check", "a NumPy boolean, squares compared")
def _(f, grad, x, tol=1e-6):
    a, b = np.asarray(grad(x), dtype=float), right_gradient(f, x)
    if a.shape != b.shape or np.isnan(a.sum() + b.sum()) or np.isinf(a).any():
        return np.False_
    size = np.sqrt((a * a).sum()) + np.sqrt((b * b).sum())
    return ((a - b) ** 2).sum() <= (tol * size) ** 2


# sigmoid ----------------------------------------------------------------------------------------


@bank.wrong("sigmoid", "overflows", "exp(a) / (1 + exp(a)) as it is written",
            "What is exp(1000), and what is infinity divided by infinity?", SIGMOID)
def _(a):
    e = np.exp(np.asarray(a, dtype=float))
    return e / (1 + e)


@bank.wrong("sigmoid", "sign", "1 / (1 + exp(a)), without the minus",
            "Should the sigmoid of a large positive number be near 1 or near 0?", SIGMOID)
def _(a):
    return sigmoid(-np.asarray(a, dtype=float))


@bank.wrong("sigmoid", "minus_below", "1 / (1 - exp(-a))",
            "What happens at a = 0?", SIGMOID)
def _(a):
    return 1 / (1 - np.exp(-np.asarray(a, dtype=float)))


@bank.wrong("sigmoid", "precedence", "1 / 1 + exp(-a)",
            "In which order does Python work out 1 / 1 + x?", SIGMOID)
def _(a):
    return 1 / 1 + np.exp(-np.asarray(a, dtype=float))


@bank.wrong("sigmoid", "tanh", "tanh",
            "Between which two numbers does the sigmoid lie?", SIGMOID)
def _(a):
    return np.tanh(np.asarray(a, dtype=float))


@bank.wrong("sigmoid", "half_argument_forgotten", "(1 + tanh(a)) / 2",
            "Compare tanh(a) with 2 sigma(2a) - 1. By which factor is the argument off?", SIGMOID)
def _(a):
    return 0.5 * (1 + np.tanh(np.asarray(a, dtype=float)))


@bank.wrong("sigmoid", "softmax", "exp(a) divided by the sum over all entries",
            "Does one entry of the answer depend on the other entries of a?", SIGMOID)
def _(a):
    e = np.exp(np.asarray(a, dtype=float) - np.max(a))
    return e / e.sum()


@bank.wrong("sigmoid", "clips", "arguments cut off at a fixed number",
            "Which value does sigma(a) have for a beyond the cut, and which do you return?",
            SIGMOID)
def _(a):
    return 1 / (1 + np.exp(-np.clip(np.asarray(a, dtype=float), -20, 20)))


@bank.wrong("sigmoid", "hard", "a straight line between 0 and 1",
            "Is the sigmoid straight anywhere?", SIGMOID)
def _(a):
    return np.clip(0.25 * np.asarray(a, dtype=float) + 0.5, 0, 1)


@bank.wrong("sigmoid", "slope", "the slope sigma (1 - sigma) instead of the value",
            "Which of the two is asked for here?", SIGMOID)
def _(a):
    return sigmoid_prime(np.asarray(a, dtype=float))


@bank.wrong("sigmoid", "base_two", "powers of 2 instead of e",
            "Which base does the formula use?", SIGMOID)
def _(a):
    return 1 / (1 + 2.0 ** -np.asarray(a, dtype=float))


@bank.wrong("sigmoid", "math_exp", "math.exp, which raises an error on overflow",
            "math.exp(1000) is an error, np.exp(1000) is infinity. And which exponent is safe?",
            SIGMOID)
def _(a):
    flat = [1 / (1 + math.exp(-float(v))) for v in np.ravel(a)]
    return np.reshape(flat, np.shape(a))


@bank.wrong("sigmoid", "one_minus", "exp(-a) / (1 + exp(-a)), which is 1 - sigma",
            "Should the sigmoid of a large positive number be near 1 or near 0?", SIGMOID)
def _(a):
    return 1 - sigmoid(a)


@bank.wrong("sigmoid", "no_one", "1 / exp(-a), without the 1 below",
            "Which value has your function at a = 0?", SIGMOID)
def _(a):
    return np.exp(np.asarray(a, dtype=float))


@bank.wrong("sigmoid", "small_constant", "a small constant added to the denominator",
            "1 + exp(-a) is never 0. What does the constant do to the answer?", SIGMOID)
def _(a):
    return 1 / (1 + np.exp(-np.asarray(a, dtype=float)) + 1e-8)


# Two slopes ---------------------------------------------------------------------------------------


@bank.wrong("sigmoid_prime", "formula_overflows", "exp(-a) / (1 + exp(-a))^2 as it is written",
            "What is exp(1000), and what is infinity divided by infinity?", SIGMOID_SLOPE)
def _(a):
    e = np.exp(-np.asarray(a, dtype=float))
    return e / (1 + e) ** 2


@bank.wrong("sigmoid_prime", "of_the_argument", "a (1 - a), which takes a for sigma(a)",
            "Is a already the output of the sigmoid?", SIGMOID_SLOPE)
def _(a):
    a = np.asarray(a, dtype=float)
    return a * (1 - a)


@bank.wrong("sigmoid_prime", "printed_quotient", "sigma(a) / a, as S2 prints it",
            "A slope is d sigma / d a. What is left if the two d's are lost?", SIGMOID_SLOPE)
def _(a):
    a = np.asarray(a, dtype=float)
    return sigmoid(a) / a


@bank.wrong("sigmoid_prime", "square", "1 - sigma^2, which is the form of tanh",
            "Which activation has the slope 1 - g^2?", SIGMOID_SLOPE)
def _(a):
    return 1 - sigmoid(a) ** 2


@bank.wrong("sigmoid_prime", "value", "the sigmoid itself",
            "Which of the two is asked for here?", SIGMOID_SLOPE)
def _(a):
    return sigmoid(a)


@bank.wrong("sigmoid_prime", "one_minus", "1 - sigma, one factor missing",
            "What is the slope far to the left, and what does 1 - sigma give there?", SIGMOID_SLOPE)
def _(a):
    return 1 - sigmoid(a)


@bank.wrong("sigmoid_prime", "sign", "the wrong sign",
            "Does the sigmoid rise or fall?", SIGMOID_SLOPE)
def _(a):
    return -sigmoid_prime(a)


@bank.wrong("sigmoid_prime", "plus", "sigma (1 + sigma)",
            "What is the slope at 0, read off a drawing?", SIGMOID_SLOPE)
def _(a):
    s = sigmoid(a)
    return s * (1 + s)


@bank.wrong("sigmoid_prime", "applied_twice", "sigma(sigma(a)) in place of sigma(a)",
            "How often is the sigmoid applied in your code?", SIGMOID_SLOPE)
def _(a):
    return sigmoid_prime(sigmoid(a))


@bank.wrong("sigmoid_prime", "value_and_input", "sigma(a) (1 - a), one factor of the value and "
            "one of the argument",
            "Both factors of the slope are made of the same number. Which one?", SIGMOID_SLOPE)
def _(a):
    return sigmoid(a) * (1 - np.asarray(a, dtype=float))


@bank.wrong("sigmoid_prime", "input_and_value", "a (1 - sigma(a)), one factor of the argument and "
            "one of the value",
            "Both factors of the slope are made of the same number. Which one?", SIGMOID_SLOPE)
def _(a):
    return np.asarray(a, dtype=float) * (1 - sigmoid(a))


@bank.wrong("sigmoid_prime", "minus_square", "1 - sigma (1 - sigma)",
            "What is the slope far to the left?", SIGMOID_SLOPE)
def _(a):
    return 1 - sigmoid_prime(a)


@bank.wrong("sigmoid_prime", "squared_value", "sigma - sigma (1 - sigma), which is sigma^2",
            "What is the slope far to the right?", SIGMOID_SLOPE)
def _(a):
    return sigmoid(a) ** 2


@bank.wrong("sigmoid_prime", "tanh_slope", "the slope of tanh",
            "What is the largest slope of each of the two?", SIGMOID_SLOPE)
def _(a):
    return tanh_prime(a)


@bank.wrong("sigmoid_prime", "difference", "a difference quotient instead of the formula",
            "You know the slope in closed form. How many digits does a difference have?",
            SIGMOID_SLOPE)
def _(a):
    a = np.asarray(a, dtype=float)
    return central(lambda t: sigmoid(a + t), EPS)


@bank.wrong("sigmoid_prime", "square_of_the_slope", "sigma^2 (1 - sigma)^2",
            "What is the slope at 0, read off a drawing?", SIGMOID_SLOPE)
def _(a):
    return sigmoid_prime(a) ** 2


@bank.wrong("tanh_prime", "formula_overflows",
            "1 - ((e^2a - 1) / (e^2a + 1))^2, with exponentials as printed",
            "S3 prints tanh with exponentials. What do they give at a = 400?", TANH_SLOPE)
def _(a):
    e = np.exp(2 * np.asarray(a, dtype=float))
    return 1 - ((e - 1) / (e + 1)) ** 2


@bank.wrong("tanh_prime", "of_the_argument", "1 - a^2, which takes a for tanh(a)",
            "Is a already the output of tanh?", TANH_SLOPE)
def _(a):
    return 1 - np.asarray(a, dtype=float) ** 2


@bank.wrong("tanh_prime", "no_square", "1 - tanh(a)",
            "What is the slope far to the left, and what does 1 - tanh give there?", TANH_SLOPE)
def _(a):
    return 1 - np.tanh(np.asarray(a, dtype=float))


@bank.wrong("tanh_prime", "sigmoid_form", "tanh (1 - tanh), which is the form of the sigmoid",
            "Which activation has the slope g (1 - g)? What is the slope of tanh at 0?", TANH_SLOPE)
def _(a):
    t = np.tanh(np.asarray(a, dtype=float))
    return t * (1 - t)


@bank.wrong("tanh_prime", "value", "tanh itself",
            "Which of the two is asked for here?", TANH_SLOPE)
def _(a):
    return np.tanh(np.asarray(a, dtype=float))


@bank.wrong("tanh_prime", "plus", "1 + tanh^2",
            "What is the slope far from 0, read off a drawing?", TANH_SLOPE)
def _(a):
    return 1 + np.tanh(np.asarray(a, dtype=float)) ** 2


@bank.wrong("tanh_prime", "sign", "tanh^2 - 1",
            "Does tanh rise or fall?", TANH_SLOPE)
def _(a):
    return -tanh_prime(a)


@bank.wrong("tanh_prime", "applied_twice", "1 - tanh(tanh(a))^2",
            "How often is tanh applied in your code?", TANH_SLOPE)
def _(a):
    return 1 - np.tanh(np.tanh(a)) ** 2


@bank.wrong("tanh_prime", "at_the_sigmoid", "the slope at sigma(a)",
            "At which number is the slope asked for?", TANH_SLOPE)
def _(a):
    return tanh_prime(sigmoid(a))


@bank.wrong("tanh_prime", "squared_argument", "1 - tanh(a^2)",
            "What is squared, the argument or the value?", TANH_SLOPE)
def _(a):
    return 1 - np.tanh(np.asarray(a, dtype=float) ** 2)


@bank.wrong("tanh_prime", "factor_two", "a factor 2 that belongs to tanh(a) = 2 sigma(2a) - 1",
            "How large is the slope at 0?", TANH_SLOPE)
def _(a):
    return 2 * sigmoid_prime(2 * np.asarray(a, dtype=float))


@bank.wrong("tanh_prime", "one_over_cosh", "1 / cosh(a), without the square",
            "What power of cosh stands in the slope?", TANH_SLOPE)
def _(a):
    return 1 / np.cosh(np.asarray(a, dtype=float))


@bank.wrong("tanh_prime", "sinh_over_cosh",
            "the quotient rule on sinh / cosh, with inf / inf for large arguments",
            "What are sinh(1000) and cosh(1000)?", TANH_SLOPE)
def _(a):
    a = np.asarray(a, dtype=float)
    return (np.cosh(a) ** 2 - np.sinh(a) ** 2) / np.cosh(a) ** 2


@bank.wrong("tanh_prime", "difference", "a difference quotient instead of the formula",
            "You know the slope in closed form. How many digits does a difference have?",
            TANH_SLOPE)
def _(a):
    a = np.asarray(a, dtype=float)
    return central(lambda t: np.tanh(a + t), EPS)


# What can go wrong with any elementwise function ------------------------------------------------


def elementwise(name, fn, section):
    """Register the mistakes that are the same for all three activations."""

    @bank.wrong(name, "stays_integer", "an output array with the dtype of a",
                "np.zeros_like(a) of whole numbers holds whole numbers. What becomes of 0.3 in it?",
                section)
    def _(a):
        out = np.zeros_like(a)
        out[...] = fn(a)
        return out

    @bank.right(name, "in the precision of the input")
    def _(a):
        return fn(a.astype(np.float32)) if a.dtype == np.float32 else fn(a)

    @bank.wrong(name, "single_precision", "all numbers in float32",
                "float32 keeps seven digits. Where does the precision get lost?", section)
    def _(a):
        return fn(a.astype(np.float32))

    @bank.wrong(name, "rounded", "an answer rounded to a few digits",
                "What do the next steps compute with: what you print, or what you return?", section)
    def _(a):
        return np.round(fn(a), 8)

    @bank.wrong(name, "changes_argument", "an operation in place on the caller's array",
                "Who else holds the array a?", section)
    def _(a):
        out = fn(a)
        if a.dtype == np.float64:
            a[...] = -a
        return out

    @bank.wrong(name, "one_or_two_axes", "loops for one axis or two",
                "What happens to an array of three axes, or of none?", section)
    def _(a):
        rows = a[None] if a.ndim == 1 else a
        m, n = rows.shape
        return np.array([[fn(rows[i, j]) for j in range(n)] for i in range(m)]).reshape(a.shape)

    @bank.wrong(name, "flat_answer", "an answer of one axis",
                "What shape has a, and what shape has your answer?", section)
    def _(a):
        return fn(a).ravel()

    bank.habits(name, fn)


elementwise("sigmoid", lambda a: sigmoid(np.asarray(a)), SIGMOID)
elementwise("sigmoid_prime", lambda a: sigmoid_prime(np.asarray(a)), SIGMOID_SLOPE)
elementwise("tanh_prime", lambda a: tanh_prime(np.asarray(a)), TANH_SLOPE)


def _stable_if(a):
    return 1 / (1 + np.exp(-a)) if a >= 0 else np.exp(a) / (1 + np.exp(a))


bank.for_numbers("sigmoid", condition=_stable_if, math=lambda a: 1 / (1 + math.exp(-a)))
bank.for_numbers("sigmoid_prime", condition=lambda a: _stable_if(a) * (1 - _stable_if(a)),
                 math=lambda a: math.exp(-a) / (1 + math.exp(-a)) ** 2)
bank.for_numbers("tanh_prime", math=lambda a: 1 - math.tanh(a) ** 2,
                 caret=lambda a: 1 - np.tanh(a) ^ 2)


@bank.right("sigmoid", "1 / (1 + exp(-a)), infinity and all")
def _(a):
    return 1.0 / (1.0 + np.exp(-np.asarray(a, dtype=float)))


@bank.right("sigmoid", "through tanh")
def _(a):
    return 0.5 * (1 + np.tanh(0.5 * np.array(a, dtype=np.float64)))


@bank.right("sigmoid", "np.where with a safe exponent")
def _(a):
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1 / (1 + e), e / (1 + e))


@bank.right("sigmoid", "plain NumPy, as the formula stands")
def _(a):
    return 1 / (1 + np.exp(-1.0 * a))


@bank.right("sigmoid", "through tanh, as it stands")
def _(a):
    return 0.5 + 0.5 * np.tanh(a / 2)


@bank.right("sigmoid", "two masks")
def _(a):
    a = np.array(a, dtype=float)
    out = np.empty(a.shape)
    up = a >= 0
    out[up] = 1 / (1 + np.exp(-a[up]))
    e = np.exp(a[~up])
    out[~up] = e / (1 + e)
    return out


@bank.right("sigmoid", "a loop over Python floats")
def _(a):
    def one(v):
        e = math.exp(-abs(v))
        return 1 / (1 + e) if v >= 0 else e / (1 + e)

    return np.array([one(float(v)) for v in np.ravel(a)]).reshape(np.shape(a))


@bank.right("sigmoid", "exp of minus log(1 + exp(-a))")
def _(a):
    return np.exp(-np.logaddexp(0.0, -np.asarray(a, dtype=float)))


@bank.right("sigmoid_prime", "sigma times one minus sigma")
def _(a):
    s = 1 / (1 + np.exp(-np.asarray(a, dtype=float)))
    return s * (1 - s)


@bank.right("sigmoid_prime", "s - s^2, as it stands")
def _(a):
    s = 1 / (1 + np.exp(-1.0 * a))
    return s - s**2


@bank.right("sigmoid_prime", "sigma(a) sigma(-a), as it stands")
def _(a):
    e = np.exp(-np.abs(a))
    return e / (1 + e) ** 2


@bank.right("sigmoid_prime", "sigma(a) sigma(-a)")
def _(a):
    a = np.asarray(a, dtype=float)
    return (1 / (1 + np.exp(-a))) * (1 / (1 + np.exp(a)))


@bank.right("sigmoid_prime", "a quarter of the slope of tanh at half the argument")
def _(a):
    return 0.25 * (1 - np.tanh(np.asarray(a, dtype=float) / 2) ** 2)


@bank.right("sigmoid_prime", "a loop, with exp(-|a|)")
def _(a):
    flat = []
    for v in np.ravel(a):
        e = math.exp(-abs(float(v)))
        flat.append(e / (1 + e) ** 2)
    return np.reshape(flat, np.shape(a))


@bank.right("tanh_prime", "one minus the square")
def _(a):
    return 1 - np.tanh(np.asarray(a, dtype=float)) ** 2


@bank.right("tanh_prime", "plain NumPy")
def _(a):
    t = np.tanh(a)
    return 1 - t * t


@bank.right("tanh_prime", "cosh to the power -2, as it stands")
def _(a):
    return np.cosh(a) ** -2


@bank.right("tanh_prime", "1 / cosh^2")
def _(a):
    return 1 / np.cosh(np.array(a, dtype=float)) ** 2


@bank.right("tanh_prime", "(1 - t)(1 + t), in a loop")
def _(a):
    flat = [(1 - math.tanh(v)) * (1 + math.tanh(v)) for v in np.ravel(a).astype(float).tolist()]
    return np.array(flat).reshape(np.shape(a))


@bank.right("tanh_prime", "sums of exponentials that may overflow")
def _(a):
    a = np.asarray(a, dtype=float)
    return 4 / (np.exp(a) + np.exp(-a)) ** 2


# chain_rule -------------------------------------------------------------------------------------


@bank.wrong("chain_rule", "wrong_order", "dq_da @ dp_dq",
            "Which index is summed, and is it the first or the second of dq_da?", PATHS)
def _(dp_dq, dq_da):
    return np.asarray(dq_da, dtype=float) @ np.asarray(dp_dq, dtype=float)


@bank.wrong("chain_rule", "square_only", "the wrong order where it fits, the right one elsewhere",
            "For n = m both orders have a result. Are they the same?", PATHS)
def _(dp_dq, dq_da):
    dp_dq, dq_da = np.asarray(dp_dq, dtype=float), np.asarray(dq_da, dtype=float)
    return dq_da @ dp_dq if dq_da.shape[0] == dq_da.shape[1] else dp_dq @ dq_da


@bank.wrong("chain_rule", "no_sum", "the products, not added up",
            "p feels a through all paths. How do their contributions combine?", PATHS)
def _(dp_dq, dq_da):
    return np.asarray(dp_dq, dtype=float)[:, None] * np.asarray(dq_da, dtype=float)


@bank.wrong("chain_rule", "no_column", "dp_dq * dq_da, which lines dp_dq up with the inputs",
            "Broadcasting lines up the last axes. Which axis of dq_da counts the paths?", PATHS)
def _(dp_dq, dq_da):
    return dp_dq * dq_da


@bank.wrong("chain_rule", "no_column_summed", "(dp_dq * dq_da).sum(axis=0), with dp_dq lined up "
            "with the inputs",
            "Broadcasting lines up the last axes. Which axis of dq_da counts the paths?", PATHS)
def _(dp_dq, dq_da):
    return (dp_dq * dq_da).sum(axis=0)


@bank.wrong("chain_rule", "one_total", "everything added up",
            "How many inputs are there, and how many entries has your answer?", PATHS)
def _(dp_dq, dq_da):
    return (np.asarray(dp_dq, dtype=float) @ np.asarray(dq_da, dtype=float)).sum()


@bank.wrong("chain_rule", "sums_over_inputs", "a sum over the inputs instead of the paths",
            "How many inputs are there, and how many entries has your answer?", PATHS)
def _(dp_dq, dq_da):
    return (np.asarray(dp_dq, dtype=float)[:, None] * np.asarray(dq_da, dtype=float)).sum(axis=1)


@bank.wrong("chain_rule", "mean", "the mean over paths instead of the sum",
            "Two equal paths: is the effect the same as of one, or twice as large?", PATHS)
def _(dp_dq, dq_da):
    return (np.asarray(dp_dq, dtype=float)[:, None] * np.asarray(dq_da, dtype=float)).mean(axis=0)


@bank.wrong("chain_rule", "first_path", "the first path alone",
            "Through how many q's does a reach p?", PATHS)
def _(dp_dq, dq_da):
    return float(dp_dq[0]) * np.asarray(dq_da[0], dtype=float)


@bank.wrong("chain_rule", "last_path", "a loop that overwrites instead of adding",
            "Is it = or += in your loop?", PATHS)
def _(dp_dq, dq_da):
    return float(dp_dq[-1]) * np.asarray(dq_da[-1], dtype=float)


@bank.wrong("chain_rule", "product_over_paths", "the paths multiplied with each other",
            "Along a path you multiply. What do you do with different paths?", PATHS)
def _(dp_dq, dq_da):
    return np.prod(np.asarray(dp_dq, dtype=float)[:, None] * np.asarray(dq_da, dtype=float), axis=0)


@bank.wrong("chain_rule", "sums_added", "the slopes added along a path instead of multiplied",
            "q moves by 3 for each unit of a, and p by 2 for each unit of q. How far does p move?",
            PATHS)
def _(dp_dq, dq_da):
    return (np.asarray(dp_dq, dtype=float)[:, None] + np.asarray(dq_da, dtype=float)).sum(axis=0)


@bank.wrong("chain_rule", "inner_only", "dp/dq left out",
            "What if p does not depend on one of the q's at all?", PATHS)
def _(dp_dq, dq_da):
    return np.asarray(dq_da, dtype=float).sum(axis=0)


@bank.wrong("chain_rule", "total_times_total", "the sum of all dp/dq times the sum of all dq/da",
            "Is a sum of products the product of the sums?", PATHS)
def _(dp_dq, dq_da):
    return np.sum(dp_dq, dtype=float) * np.sum(dq_da, axis=0, dtype=float)


@bank.wrong("chain_rule", "sign", "the wrong sign",
            "Two positive slopes: which sign has the slope of the chain?", PATHS)
def _(dp_dq, dq_da):
    return -(np.asarray(dp_dq, dtype=float) @ np.asarray(dq_da, dtype=float))


@bank.wrong("chain_rule", "keeps_a_row", "shape (1, m)",
            "How many axes has a gradient with respect to m inputs?", PATHS)
def _(dp_dq, dq_da):
    return (np.asarray(dp_dq, dtype=float) @ np.asarray(dq_da, dtype=float))[None]


@bank.wrong("chain_rule", "squeezed", "axes of length 1 left out",
            "There is one input. Is its gradient a number or a vector of one entry?", PATHS)
def _(dp_dq, dq_da):
    return np.squeeze(np.asarray(dp_dq, dtype=float) @ np.asarray(dq_da, dtype=float))


@bank.wrong("chain_rule", "single_precision", "numbers in float32",
            "float32 keeps seven digits. Where does the precision get lost?", PATHS)
def _(dp_dq, dq_da):
    return np.asarray(dp_dq, dtype=np.float32) @ np.asarray(dq_da, dtype=np.float32)


@bank.right("chain_rule", "plain NumPy")
def _(dp_dq, dq_da):
    return dp_dq @ dq_da


@bank.wrong("chain_rule", "changes_argument", "dq_da *= ..., which changes the caller's array",
            "Who else holds the array dq_da?", PATHS)
def _(dp_dq, dq_da):
    if dq_da.dtype != np.float64:
        dp_dq, dq_da = dp_dq.astype(float), dq_da.astype(float)
    dq_da *= dp_dq[:, None]
    return dq_da.sum(axis=0)


bank.habits("chain_rule", lambda p, q: np.asarray(p, dtype=float) @ np.asarray(q, dtype=float))


@bank.right("chain_rule", "two loops")
def _(dp_dq, dq_da):
    n, m = dq_da.shape
    out = [0.0] * m
    for j in range(m):
        for i in range(n):
            out[j] += float(dp_dq[i]) * float(dq_da[i, j])
    return out


@bank.right("chain_rule", "a column, then a sum, as it stands")
def _(dp_dq, dq_da):
    return (dp_dq[:, None] * dq_da).sum(axis=0)


@bank.right("chain_rule", "dq_da transposed, as it stands")
def _(dp_dq, dq_da):
    return dq_da.T.dot(dp_dq)


@bank.right("chain_rule", "einsum")
def _(dp_dq, dq_da):
    return np.einsum("i,ij->j", dp_dq.astype(float), dq_da.astype(float))


@bank.right("chain_rule", "transposed and multiplied")
def _(dp_dq, dq_da):
    return np.array(dq_da, dtype=float).T @ np.array(dp_dq, dtype=float)


@bank.right("chain_rule", "broadcast and summed")
def _(dp_dq, dq_da):
    return (np.float64(dp_dq)[:, np.newaxis] * np.float64(dq_da)).sum(0)


# quotient_rule ----------------------------------------------------------------------------------


@bank.wrong("quotient_rule", "square_forgotten", "g'/h - g h'/h, as four frames of S3 print it",
            "Halve h and h' (and g, g'): the quotient stays. Does your second term?", QUOTIENT)
def _(g, h, dg, dh):
    return dg / h - g / h * dh


@bank.wrong("quotient_rule", "sign", "(g h' - g' h) / h^2",
            "g grows, h stays. Does the quotient rise?", QUOTIENT)
def _(g, h, dg, dh):
    return (g * dh - dg * h) / h**2


@bank.wrong("quotient_rule", "plus", "(g' h + g h') / h^2, the product rule on top",
            "h grows, g stays. Does the quotient rise?", QUOTIENT)
def _(g, h, dg, dh):
    return (dg * h + g * dh) / h**2


@bank.wrong("quotient_rule", "product_rule", "g' h + g h', the rule for a product",
            "Which rule belongs to a product, and which to a quotient?", QUOTIENT)
def _(g, h, dg, dh):
    return dg * h + g * dh


@bank.wrong("quotient_rule", "quotient_of_slopes", "g' / h'",
            "What does this say for a constant h?", QUOTIENT)
def _(g, h, dg, dh):
    return dg / dh if dh else np.inf


@bank.wrong("quotient_rule", "numerator_only", "g'/h, as if h were constant",
            "What does a growing h do to the quotient?", QUOTIENT)
def _(g, h, dg, dh):
    return dg / h


@bank.wrong("quotient_rule", "denominator_only", "-g h'/h^2, as if g were constant",
            "What does a growing g do to the quotient?", QUOTIENT)
def _(g, h, dg, dh):
    return -g * dh / h**2


@bank.wrong("quotient_rule", "over_h_once", "(g' h - g h') / h",
            "Which power of h do you get when you write g'/h over a common denominator?", QUOTIENT)
def _(g, h, dg, dh):
    return (dg * h - g * dh) / h


@bank.wrong("quotient_rule", "over_dh_squared", "(g' h - g h') / h'^2",
            "Is it the slope of h or h itself that is squared?", QUOTIENT)
def _(g, h, dg, dh):
    return (dg * h - g * dh) / dh**2 if dh else np.inf


@bank.wrong("quotient_rule", "halved", "(g' h - g h') / (2 h)",
            "Is h^2 the same as 2 h?", QUOTIENT)
def _(g, h, dg, dh):
    return (dg * h - g * dh) / (2 * h)


@bank.wrong("quotient_rule", "multiplied_back", "(g' h - g h') / h * h, or not divided at all",
            "In which order does Python work out x / h * h?", QUOTIENT)
def _(g, h, dg, dh):
    return dg * h - g * dh


@bank.wrong("quotient_rule", "own_slopes", "(g' g - h h') / h^2, each function with its own slope",
            "Which function stands beside which slope in the rule?", QUOTIENT)
def _(g, h, dg, dh):
    return (dg * g - h * dh) / h**2


@bank.wrong("quotient_rule", "over_g_squared", "(g' h - g h') / g^2",
            "Which of the two functions stands below?", QUOTIENT)
def _(g, h, dg, dh):
    return np.divide(dg * h - g * dh, np.square(g))


@bank.wrong("quotient_rule", "precedence", "g' h - g h' / h^2, without brackets",
            "Which of the two terms is divided, as you wrote it?", QUOTIENT)
def _(g, h, dg, dh):
    return dg * h - g * dh / h**2


@bank.wrong("quotient_rule", "logarithmic", "(g/h) (g'/g - h'/h), which divides by g",
            "What if g is 0?", QUOTIENT)
def _(g, h, dg, dh):
    return g / h * (np.divide(dg, g) - dh / h)


@bank.wrong("quotient_rule", "power_of_integers", "h ** -2 of a whole NumPy number",
            "NumPy refuses whole numbers to a negative power. What is h ** -2 as a quotient?",
            QUOTIENT)
def _(g, h, dg, dh):
    g, h, dg, dh = (np.asarray(v) for v in (g, h, dg, dh))
    return (dg * h - g * dh) * h**-2


@bank.wrong("quotient_rule", "whole_division", "// in place of /",
            "What is 1 // 2?", QUOTIENT)
def _(g, h, dg, dh):
    return (dg * h - g * dh) // h**2


@bank.wrong("quotient_rule", "two_terms", "the two terms as a pair",
            "The rule gives one slope. How do its two terms combine?", QUOTIENT)
def _(g, h, dg, dh):
    return dg / h, -g * dh / h**2


@bank.wrong("quotient_rule", "small_constant", "a small constant added to the denominator",
            "Your caller knows that h is not 0. What does the constant do to the answer?", QUOTIENT)
def _(g, h, dg, dh):
    return (dg * h - g * dh) / (h**2 + 1e-8)


bank.for_numbers("quotient_rule", caret=lambda g, h, dg, dh: (dg * h - g * dh) / h ^ 2)
bank.habits("quotient_rule", lambda g, h, dg, dh: dg / h - g * dh / h**2, array=False)
half_a_key("quotient_rule", lambda g, h, dg, dh: dg / h - g * dh / h**2, QUOTIENT,
           lambda g, h, dg, dh: (g, h))


@bank.right("quotient_rule", "one fraction")
def _(g, h, dg, dh):
    return (dg * h - g * dh) / (h * h)


@bank.right("quotient_rule", "product rule with 1/h")
def _(g, h, dg, dh):
    inverse = 1.0 / h
    return dg * inverse + g * (-dh * inverse**2)


@bank.right("quotient_rule", "with the quotient itself, as a NumPy float")
def _(g, h, dg, dh):
    return np.float64(dg - (g / h) * dh) / h
