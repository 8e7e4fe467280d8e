"""One slope per entry."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Case, Exercise
from ...named import Named
from ...reference.gradcheck import central, forward, jacobian, richardson
from ..bank import Bank
from ..draw import strided
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


def _gradient_cases(rng):
    def one(W):
        f = Named("landscape", (W.shape, seed(rng)))
        return Case((f, W, drawn_eps(rng)), f"an array of shape {W.shape}", _sizes(W), scale=0.1)

    def by_default(W):
        return Case((Named("ripples", (W.shape, seed(rng))), W), "eps left out", _sizes(W))

    return {
        "generic": [
            one(point(rng, 3, 5)),
            one(point(rng, 7)),
            one(point(rng, 5, 5)),
            one(point(rng, 5, 2)),
            one(point(rng, 1)),
            one(point(rng, 1, 1)),
            one(point(rng, 2, 1)),
            one(point(rng, 23, 7)),
            one(point(rng, 61)),
        ],
        "default": [by_default(point(rng, 3, 5)), by_default(point(rng, 7))],
        "layout": [
            one(strided(point(rng, 3, 5))),
            one(np.asfortranarray(point(rng, 5, 3))),
            one(point(rng, 5, 7).T),
            one(strided(point(rng, 7))),
        ],
        "any": [one(point(rng, 3, 2, 5)), one(np.array(rng.uniform(0.3, 1.1)))],
        "dtypes": [one(small_whole(rng, 3, 5)), one(point(rng, 5, 3).astype(np.float32))],
        "twice": [one(point(rng, 3, 5)) for _ in range(2)],
    }


def _sizes(W):
    return {"entries": W.size} if W.size > 1 else {}


bank = Bank()


EXERCISE = Exercise(
    title="One slope per entry",
    signature="numerical_gradient(f, W, eps=1e-5)",
    returns="gradient",
    minutes=15,
    lines=8,
    draw=_gradient_cases,
    oracle=numerical_gradient_oracle,
    criteria=(
        shape(0.5),
        value(1.5),
        by_default(0.5),
        value(0.5, "any memory layout", "layout"),
        value(0.25, "any number of axes", "any"),
        value(0.5, DTYPES, "dtypes"),
        unchanged(0.5),
        stable(0.25),
    ),
    hints=(
        "The gradient has one entry for each entry of W. What has to be true of all other "
        "entries while you move one? And who else owns the array W?",
        "Make your own float64 copy of W. For each index of the copy: remember the old value, "
        "evaluate f at old + eps and at old - eps, put the old value back. np.ndindex(W.shape) "
        "goes through all indices, whatever the number of axes.",
        "W = np.array(W, dtype=float)            # a copy, float64\n"
        "G = np.zeros(W.shape)\n"
        "for index in np.ndindex(W.shape):\n"
        "    old = W[index]\n"
        "    W[index] = old + eps\n"
        "    above = f(W)\n"
        "    ...\n"
        "    W[index] = old\n"
        "return G",
    ),
    bank=bank,
)


@bank.wrong(
    "one-sided differences",
    "How large is the error of a one-sided difference, compared with a central one?",
    reread=STEP,
)
def forward_(f, W, eps=EPS):
    return by(forward, f, W, eps)


@bank.wrong("divided by eps instead of 2 eps", "How far apart are the two points?", reread=SLOPE)
def divides_by_eps(f, W, eps=EPS):
    return 2 * right_gradient(f, W, eps)


@bank.wrong(
    "entries moved and not put back", "When you move the second entry, where is the first one?"
)
def never_put_back(f, W, eps=EPS):
    W = np.array(W, dtype=float)
    G = np.zeros(W.shape)
    for i in np.ndindex(W.shape):
        W[i] += eps
        above = f(W)
        W[i] -= 2 * eps
        G[i] = (above - f(W)) / (2 * eps)
    return G


@bank.wrong(
    "all entries moved together",
    "A partial derivative moves one entry. How many does W + eps move?",
)
def all_at_once(f, W, eps=EPS):
    return np.full(W.shape, (f(W + eps) - f(W - eps)) / (2 * eps))


@bank.wrong(
    "W[i] += eps in the caller's array",
    "Who else holds the array W, and is every bit of it back in its place at the end?",
)
def changes_argument(f, W, eps=EPS):
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


@bank.wrong(
    "a copy with the dtype of W",
    "What is 2 + 0.1 in an array of whole numbers, and how many digits has a float32?",
)
def keeps_the_dtype(f, W, eps=EPS):
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


@bank.wrong(
    "an output array with the dtype of W",
    "np.zeros_like(W) of whole numbers holds whole numbers. What becomes of 0.3 in it?",
)
def gradient_like_W(f, W, eps=EPS):
    G = np.zeros_like(W)
    G[...] = right_gradient(f, W, eps)
    return G


@bank.wrong(
    "W moved through W.ravel()",
    "ravel gives a view of some arrays and a copy of others. Which do you move then?",
)
def ravel_may_copy(f, W, eps=EPS):
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


@bank.wrong(
    "entries in the order of memory, not of indices",
    "For a transposed array, is the second number in memory the second entry of the first row?",
)
def memory_order(f, W, eps=EPS):
    G = right_gradient(f, W, eps)
    if W.flags.c_contiguous:
        return G
    return G.ravel(order="F").reshape(W.shape)


@bank.wrong("an answer of shape (P,)", "What shape has W, and what shape has your answer?")
def flat_answer(f, W, eps=EPS):
    return right_gradient(f, W, eps).ravel()


@bank.wrong("one loop: whole rows are moved", "For a matrix, what is W[i]?")
def whole_rows(f, W, eps=EPS):
    G = np.zeros(W.shape)
    for i in range(len(W)):
        E = np.zeros(W.shape)
        E[i] = eps
        G[i] = (f(W + E) - f(W - E)) / (2 * eps)
    return G


@bank.wrong(
    "loops for one axis or two",
    "Which loop goes through the indices of an array of any number of axes?",
)
def two_axes_only(f, W, eps=EPS):
    rows, columns = W.shape if W.ndim == 2 else (1, len(W))
    G = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            E = np.zeros((rows, columns))
            E[i, j] = eps
            E = E.reshape(W.shape)
            G[i, j] = (f(W + E) - f(W - E)) / (2 * eps)
    return G.reshape(W.shape)


@bank.wrong(
    "another default than eps = 1e-5", "Which eps does a caller get who leaves it out?", reread=STEP
)
def other_default(f, W, eps=1e-6):
    return right_gradient(f, W, eps)


@bank.wrong("an eps of its own instead of the one given", "What is the third argument for?")
def own_eps(f, W, eps=EPS):
    return right_gradient(f, W)


@bank.wrong(
    "a step proportional to each entry", "How far does the exercise ask you to move each entry?"
)
def relative_step(f, W, eps=EPS):
    W = np.array(W, dtype=float)
    G = np.zeros(W.shape)
    for i in np.ndindex(W.shape):
        E = np.zeros(W.shape)
        E[i] = eps * max(1.0, abs(W[i])) if abs(W[i]) > 1 else eps * (abs(W[i]) + 0.1)
        G[i] = (f(W + E) - f(W - E)) / (2 * E[i])
    return G


@bank.wrong(
    "the derivative itself, by a complex step",
    "The exercise asks for central differences, their error included. Where is yours?",
)
def complex_step(f, W, eps=EPS):
    return jacobian(f, W)


@bank.wrong(
    "a better approximation than the one asked for",
    "The exercise asks for this one quotient, its error included. What does yours do in addition?",
)
def richardson_(f, W, eps=EPS):
    return by(richardson, f, W, eps)


@bank.wrong(
    "numbers in float32",
    "float32 keeps seven digits. How many are left after the subtraction?",
    reread=STEP,
)
def single_precision(f, W, eps=EPS):
    return by(central, lambda V: np.float32(f(V)), W, eps)


@bank.wrong("the transposed gradient", "Which entry of the answer belongs to W[i, j]?")
def transposed(f, W, eps=EPS):
    return right_gradient(f, W, eps).T


@bank.wrong("a loop that returns inside its first round", "How far is the `return` indented?")
def first_entry_only(f, W, eps=EPS):
    G = np.zeros(W.shape)
    for i in np.ndindex(W.shape):
        G[i] = right_gradient(f, W, eps)[i]
        return G
    return G


@bank.wrong(
    "no difference between the two values: zeros",
    "After `P = W` there is one array with two names. When P moves, what does W do, and "
    "are the two arguments of f different at all?",
)
def aliased(f, W, eps=EPS):
    return np.zeros(W.shape)


@bank.wrong(
    "entries set to eps and -eps instead of moved by it", "Where is W[i] + eps, if W[i] is 3?"
)
def replaced(f, W, eps=EPS):
    G = np.zeros(W.shape)
    for i in np.ndindex(W.shape):
        up, down = np.array(W, dtype=float), np.array(W, dtype=float)
        up[i], down[i] = eps, -eps
        G[i] = (f(up) - f(down)) / (2 * eps)
    return G


@bank.wrong(
    "(f(above) - f(below)) / 2 * eps",
    "In which order does Python work out a / 2 * eps?",
    reread=SLOPE,
)
def precedence(f, W, eps=EPS):
    return right_gradient(f, W, eps) * eps**2


@bank.wrong(
    "one-sided differences, to the left",
    "Which two points lie on either side of W[i]?",
    reread=STEP,
)
def backward(f, W, eps=EPS):
    return by(lambda phi, e: (phi(0.0) - phi(-e)) / e, f, W, eps)


@bank.wrong(
    "the two values in the wrong order",
    "If f rises, which of the two values is larger, and which sign has the slope?",
    reread=SLOPE,
)
def sign(f, W, eps=EPS):
    return -right_gradient(f, W, eps)


@bank.wrong(
    "one number for the whole gradient", "Which entry of G does each round of your loop write?"
)
def overwritten(f, W, eps=EPS):
    return np.full(W.shape, right_gradient(f, W, eps).flat[-1])


bank.habits(right_gradient)


fixed_steps(bank, right_gradient, GRADIENT)


@bank.right("each entry moved and put back")
def each_entry_moved_and_put_back(f, W, eps=1e-5):
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


@bank.right("rows of an identity matrix, as nested lists")
def rows_of_an_identity_matrix(f, W, eps=1e-5):
    W = np.asarray(W, dtype=float)
    slopes = [
        f(W + eps * e.reshape(W.shape)) - f(W - eps * e.reshape(W.shape)) for e in np.eye(W.size)
    ]
    return (np.array(slopes) / eps / 2).reshape(W.shape).tolist()


@bank.right("nditer on a copy in C order")
def nditer_on_a_copy_in_c_order(f, W, eps=1e-5):
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


@bank.right("the flat iterator")
def the_flat_iterator(f, W, eps=1e-5):
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
