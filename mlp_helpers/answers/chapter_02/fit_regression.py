"""Fit."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import sigmoid
from ..bank import Bank
from ..draw import case, strided
from .shared import (
    BACK,
    CALLER,
    DIFFERENCES,
    DTYPES,
    batch,
    down_batch,
    float32,
    floats,
    loss_and_grads,
    part,
    right_batch,
    up_batch,
    whole,
)

NO_STEPS = "no step at all (n_steps = 0)"


def _fit_cases(rng):
    """N examples, a learning rate under which the loss falls, and a number of steps."""

    def one(N, h, m, n_steps, wrap=np.asarray):
        return with_steps(batch(rng, N, h, m, wrap), n_steps, N=N, h=h, m=m)

    def with_steps(data, n_steps, **sizes):
        lr = float(rng.uniform(0.3, 0.6)) / (sizes["N"] * sizes["h"])
        return case(*data, lr, n_steps, **sizes, n_steps=n_steps)

    integers = (whole(rng, 5, 3), whole(rng, 5), whole(rng, 7, 3), whole(rng, 7))
    return {
        "generic": [
            one(7, 5, 3, 11),
            one(3, 7, 2, 4, wrap=strided),
            one(5, 5, 5, 5),
            one(11, 3, 5, 2),
            one(5, 3, 2, 1),
            one(1, 1, 1, 2),
            one(61, 23, 2, 3),
            # hardly moving: whoever stops when little happens is seen here
            case(*batch(rng, 5, 2, 3), 1e-9, 7, N=5, h=2, m=3, n_steps=7),
        ],
        "none": [one(5, 3, 2, 0)],
        "dtypes": [with_steps(integers, 3, N=7, h=5, m=3), one(5, 3, 7, 3, wrap=float32)],
        "twice": [one(7, 5, 3, 4), one(7, 5, 3, 4)],
    }


def _fit(A, b, X, y, lr, n_steps):
    losses = np.zeros(n_steps)
    for n in range(n_steps):
        losses[n], dA, db = loss_and_grads(A, b, X, y)
        A, b = A - lr * dA, b - lr * db
    return A, b, losses


bank = Bank()


EXERCISE = Exercise(
    title="Fit",
    signature="fit_regression(A, b, X, y, lr, n_steps)",
    returns=("A", "b", "losses"),
    minutes=12,
    lines=6,
    section="The whole descent",
    draw=_fit_cases,
    oracle=_fit,
    criteria=(
        shape(0.5),
        part(1.0, "value of A and b", 0, 1),
        part(1.0, "value of the losses", 2),
        value(0.5, NO_STEPS, "none"),
        value(0.25, DTYPES, "dtypes"),
        unchanged(0.5),
        stable(0.25),
    ),
    hints=(
        "Before you move, you know the loss of where you stand. After n_steps moves, how many "
        "losses have you seen from the inside of the loop?",
        "In each round: loss and both gradients from the same A and b; write the loss down; "
        "then replace A and b together by gd_step.",
        "losses = np.zeros(n_steps)\nfor step in range(n_steps):\n"
        "    losses[step], dA, db = ...\n    A, b = gd_step(...)\nreturn A, b, losses",
    ),
    bank=bank,
)


BATCH = "All examples at once"


STEP_SECTION = "One step downhill"


def right_fit(A, b, X, y, lr, n_steps, grads=right_batch):
    A, b, losses = np.array(A, dtype=float), np.array(b, dtype=float), []
    for _ in range(n_steps):
        loss, dA, db = grads(A, b, X, y)
        losses.append(loss)
        A, b = A - lr * dA, b - lr * db
    return A, b, np.array(losses)


@bank.wrong(
    "losses recorded after the update",
    "Is the first loss that of the starting point, or that after one step?",
)
def loss_after(A, b, X, y, lr, n_steps):
    A, b, losses = right_fit(A, b, X, y, lr, n_steps + 1)
    old = right_fit(*floats(A, b), X, y, lr, 0)
    return *old[:2], losses[1:]


@bank.wrong(
    "losses recorded after each update, the weights right",
    "Is the first loss that of the starting point, or that after one step?",
)
def loss_after_only(A, b, X, y, lr, n_steps):
    new_A, new_b, _ = right_fit(A, b, X, y, lr, n_steps)
    return new_A, new_b, right_fit(A, b, X, y, lr, n_steps + 1)[2][1:]


@bank.wrong(
    "the starting loss and one per step", "n_steps losses are asked for. How many did you record?"
)
def one_loss_more(A, b, X, y, lr, n_steps):
    new_A, new_b, _ = right_fit(A, b, X, y, lr, n_steps)
    return new_A, new_b, right_fit(A, b, X, y, lr, n_steps + 1)[2]


@bank.wrong("one update too few", "After the last loss is recorded, does one more update follow?")
def one_step_less(A, b, X, y, lr, n_steps):
    new_A, new_b, _ = right_fit(A, b, X, y, lr, max(n_steps - 1, 0))
    return new_A, new_b, right_fit(A, b, X, y, lr, n_steps)[2]


@bank.wrong("the last loss alone", "One loss per step is asked for. Where are the earlier ones?")
def final_loss_only(A, b, X, y, lr, n_steps):
    A, b, losses = right_fit(A, b, X, y, lr, n_steps)
    return A, b, losses[-1]


@bank.wrong(
    "A updated first, b from a gradient at the new A",
    "Both steps should start from the same point. Where was A when you computed db?",
)
def in_turn(A, b, X, y, lr, n_steps):
    A, b, losses = *floats(A, b), []
    for _ in range(n_steps):
        loss, dA, _ = right_batch(A, b, X, y)
        losses.append(loss)
        A = A - lr * dA
        b = b - lr * right_batch(A, b, X, y)[2]
    return A, b, np.array(losses)


@bank.wrong(
    "b updated first, A from a gradient at the new b",
    "Both steps should start from the same point. Where was b when you computed dA?",
)
def in_turn_b_first(A, b, X, y, lr, n_steps):
    A, b, losses = *floats(A, b), []
    for _ in range(n_steps):
        loss, _, db = right_batch(A, b, X, y)
        losses.append(loss)
        b = b - lr * db
        A = A - lr * right_batch(A, b, X, y)[1]
    return A, b, np.array(losses)


@bank.wrong(
    "b updated first, A along a gradient with the new b in it",
    "Both steps should start from the same point. Which b stands in your dA?",
)
def new_b_old_errors(A, b, X, y, lr, n_steps):
    A, b, losses = *floats(A, b), []
    for _ in range(n_steps):
        A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
        loss, _, db = down_batch(b, X, z4, Z2, Z2 * (1 - Z2))
        losses.append(loss)
        b = b - lr * db
        A = A - lr * down_batch(b, X, z4, Z2, Z2 * (1 - Z2))[1]
    return A, b, np.array(losses)


@bank.wrong(
    "the gradient of the starting point at every step",
    "After a step you stand somewhere else. Which gradient holds there?",
)
def same_gradient(A, b, X, y, lr, n_steps):
    first = right_batch(A, b, X, y)
    return right_fit(
        A, b, X, y, lr, n_steps, lambda A, b, X, y: (right_batch(A, b, X, y)[0], *first[1:])
    )


@bank.wrong("A never moves", "Which parameters does the descent move?")
def only_b(A, b, X, y, lr, n_steps):
    def grads(*at):
        loss, dA, db = right_batch(*at)
        return loss, 0 * dA, db

    return right_fit(A, b, X, y, lr, n_steps, grads)


@bank.wrong("b never moves", "Which parameters does the descent move?")
def only_A(A, b, X, y, lr, n_steps):
    def grads(*at):
        loss, dA, db = right_batch(*at)
        return loss, dA, 0 * db

    return right_fit(A, b, X, y, lr, n_steps, grads)


@bank.wrong(
    "steps up the gradient",
    "The gradient points uphill. Where do you want to go?",
    reread=STEP_SECTION,
)
def uphill(A, b, X, y, lr, n_steps):
    A, b, losses = right_fit(A, b, X, y, -lr, n_steps)
    return A, b, losses


@bank.wrong(
    "the learning rate twice",
    "gd_step multiplies by lr. Is your gradient multiplied before as well?",
    reread=STEP_SECTION,
)
def rate_twice(A, b, X, y, lr, n_steps):
    return right_fit(A, b, X, y, lr * lr, n_steps)


@bank.wrong(
    "half of the gradient, or half of the rate",
    "Is there a 1/2 in this loss, and so in your step?",
    reread=BATCH,
)
def half(A, b, X, y, lr, n_steps):
    return right_fit(A, b, X, y, lr / 2, n_steps)


@bank.wrong(
    "a mean of this gradient and the one before",
    "In plain gradient descent, does a step depend on the step before?",
    reread=STEP_SECTION,
)
def average_step(A, b, X, y, lr, n_steps):
    A, b, losses, before = *floats(A, b), [], None
    for _ in range(n_steps):
        loss, dA, db = right_batch(A, b, X, y)
        losses.append(loss)
        pA, pb = before or (dA, db)
        A, b, before = A - lr * (dA + pA) / 2, b - lr * (db + pb) / 2, (dA, db)
    return A, b, np.array(losses)


@bank.wrong(
    "the gradient of the mean loss",
    "Is the learning rate meant for the gradient of the sum, or of the mean?",
    reread=BATCH,
)
def mean(A, b, X, y, lr, n_steps):
    return right_fit(A, b, X, y, lr / len(y), n_steps)


@bank.wrong(
    "mean losses recorded, steps along the sum",
    "Which loss do your steps descend on, and which one do you record?",
    reread=BATCH,
)
def mean_losses(A, b, X, y, lr, n_steps):
    A, b, losses = right_fit(A, b, X, y, lr, n_steps)
    return A, b, losses / len(y)


@bank.wrong(
    "one example per step",
    "The loss is a sum over all examples. How many does one step look at?",
    reread=BATCH,
)
def one_example_per_step(A, b, X, y, lr, n_steps):
    A, b, losses = *floats(A, b), []
    for n in range(n_steps):
        losses.append(right_batch(A, b, X, y)[0])
        k = n % len(y)
        _, dA, db = right_batch(A, b, X[k : k + 1], y[k : k + 1])
        A, b = A - lr * dA, b - lr * db
    return A, b, np.array(losses)


@bank.wrong("a learning rate that shrinks with the steps", "Which learning rate does step 5 use?")
def shrinking_rate(A, b, X, y, lr, n_steps):
    A, b, losses = *floats(A, b), []
    for n in range(n_steps):
        loss, dA, db = right_batch(A, b, X, y)
        losses.append(loss)
        A, b = A - lr / (n + 1) * dA, b - lr / (n + 1) * db
    return A, b, np.array(losses)


@bank.wrong(
    "a memory of the last step", "In plain gradient descent, does a step depend on the step before?"
)
def momentum(A, b, X, y, lr, n_steps):
    A, b, losses = *floats(A, b), []
    vA, vb = np.zeros(A.shape), np.zeros(b.shape)
    for _ in range(n_steps):
        loss, dA, db = right_batch(A, b, X, y)
        losses.append(loss)
        vA, vb = 0.9 * vA + dA, 0.9 * vb + db
        A, b = A - lr * vA, b - lr * vb
    return A, b, np.array(losses)


@bank.wrong(
    "an end as soon as the loss changes little",
    "n_steps steps are asked for. When does your loop end?",
)
def stops_early(A, b, X, y, lr, n_steps):
    A, b, losses = *floats(A, b), []
    for n in range(n_steps):
        loss, dA, db = right_batch(A, b, X, y)
        if n and losses[-1] - loss < 0.3 * losses[-1]:
            break
        losses.append(loss)
        A, b = A - lr * dA, b - lr * db
    return A, b, np.array(losses)


@bank.wrong(
    "weights of one's own at the start", "Where does the contract say that the descent starts?"
)
def new_start(A, b, X, y, lr, n_steps):
    return right_fit(0.1 * np.ones(A.shape), b, X, y, lr, n_steps)


@bank.wrong(
    "a variable that only the loop defines",
    "If the loop does not run once, what is there to return?",
)
def needs_a_step(A, b, X, y, lr, n_steps):
    A, b, losses = right_fit(A, b, X, y, lr, n_steps)
    return A, b, np.stack(list(losses))


@bank.wrong(
    "(b, A, losses): the order of the answers", "In which order does the contract return them?"
)
def swapped(A, b, X, y, lr, n_steps):
    A, b, losses = right_fit(A, b, X, y, lr, n_steps)
    return b, A, losses


@bank.wrong("A -= ..., which changes the caller's arrays", CALLER, reread=STEP_SECTION)
def in_place(A, b, X, y, lr, n_steps):
    new_A, new_b, losses = right_fit(A, b, X, y, lr, n_steps)
    if A.dtype == np.float64:
        A[...], b[...] = new_A, new_b
    return new_A, new_b, losses


@bank.right("plain NumPy: the precision that came in")
def plain_numpy(A, b, X, y, lr, n_steps):
    losses = np.zeros(n_steps)
    for n in range(n_steps):
        Z2 = sigmoid(X @ A.T)
        losses[n], dA, db = down_batch(b, X, y - Z2 @ b, Z2, Z2 * (1 - Z2))
        A, b = A - lr * dA, b - lr * db
    return A, b, losses


@bank.wrong(
    "losses kept in an array of whole numbers",
    "np.zeros(n, dtype=y.dtype) of whole numbers holds whole numbers. What becomes of 0.3?",
)
def integer_losses(A, b, X, y, lr, n_steps):
    A, b, losses = right_fit(A, b, X, y, lr, n_steps)
    return A, b, losses.astype(y.dtype) if y.dtype.kind == "i" else losses


@bank.wrong("central differences", DIFFERENCES, reread=BACK)
def central_differences(A, b, X, y, lr, n_steps):
    def grads(A, b, X, y):
        eps, loss = 1e-6, right_batch(A, b, X, y)[0]
        dA, db = np.zeros(A.shape), np.zeros(b.shape)
        for place in np.ndindex(A.shape):
            step = np.zeros(A.shape)
            step[place] = eps
            dA[place] = (right_batch(A + step, b, X, y)[0] - right_batch(A - step, b, X, y)[0]) / (
                2 * eps
            )
        for k in range(len(b)):
            step = np.zeros(b.shape)
            step[k] = eps
            db[k] = (right_batch(A, b + step, X, y)[0] - right_batch(A, b - step, X, y)[0]) / (
                2 * eps
            )
        return loss, dA, db

    return right_fit(A, b, X, y, lr, n_steps, grads)


bank.habits(right_fit)


@bank.right("an array filled step by step, copies updated in place")
def an_array_filled_step_by_step(A, b, X, y, lr, n_steps):
    A, b, losses = A.astype(float), b.astype(float), np.empty(n_steps)
    for n in range(n_steps):
        losses[n], dA, db = right_batch(A, b, X, y)
        A -= lr * dA
        b -= lr * db
    return A, b, losses


@bank.right("plain, a list of losses")
def plain(A, b, X, y, lr, n_steps):
    losses = []
    for _ in range(n_steps):
        S = sigmoid(X @ A.T)
        r = y - S @ b
        losses.append(np.sum(r**2))
        dA = (-2 * r[:, None] * b * S * (1 - S)).T @ X
        A, b = A - lr * dA, b + 2 * lr * S.T @ r
    return A, b, np.array(losses)


@bank.right("recursion, lists")
def recursion(A, b, X, y, lr, n_steps):
    if n_steps == 0:
        return np.array(A, dtype=float), np.array(b, dtype=float), []
    loss, dA, db = right_batch(A, b, X, y)
    A, b, later = right_fit(A - lr * dA, b - lr * db, X, y, lr, n_steps - 1)
    return A, b, [loss, *later]


@bank.right("one flat vector of parameters, gradients by einsum")
def one_flat_vector_of_parameters(A, b, X, y, lr, n_steps):
    A, b, X, y = floats(A, b, X, y)
    h, m = A.shape
    theta, losses = np.concatenate([A.ravel(), b]), []
    for _ in range(n_steps):
        A, b = theta[: h * m].reshape(h, m), theta[h * m :]
        Z2 = sigmoid(np.einsum("nj,kj->nk", X, A))
        r = Z2 @ b - y
        losses.append(r @ r)
        dA = np.einsum("n,k,nk,nj->kj", 2 * r, b, Z2 * (1 - Z2), X)
        theta = theta - lr * np.concatenate([dA.ravel(), 2 * r @ Z2])
    return theta[: h * m].reshape(h, m), theta[h * m :], np.array(losses)
