"""Loss and gradients of a data set."""

from __future__ import annotations

import math

import numpy as np

from ...checking.cost_criterion import cost
from ...checking.criteria import shape, stable, step, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import sigmoid
from ..bank import Bank
from ..draw import case, counted, strided
from .shared import (
    BACK,
    CALLER,
    DIFFERENCES,
    DTYPES,
    FORWARD,
    HUGE,
    OVERFLOW,
    ROUNDED,
    SLOPE,
    batch,
    down_batch,
    float32,
    floats,
    forward_macs,
    loss_and_grads,
    quotient,
    right_backward,
    right_batch,
    right_forward,
    saturated,
    stepped,
    up_batch,
    whole,
)


def _batch_cases(rng):
    """N examples."""

    def one(N, h, m, scale=0.0, **more):
        return case(*batch(rng, N, h, m, **more), N=N, h=h, m=m, scale=scale)

    A, b, X, y = batch(rng, 7, 5, 3)
    integers = (whole(rng, 5, 3), whole(rng, 5), whole(rng, 7, 3), whole(rng, 7))
    return {
        "generic": [
            one(7, 5, 3),
            one(3, 7, 2, wrap=strided),
            one(5, 5, 5),
            one(11, 3, 5),
            one(1, 5, 3),
            one(5, 1, 3, scale=1.0),  # db is one number, a sum over N that may all but cancel
            one(3, 5, 1),
            one(1, 1, 1),
            one(61, 23, 2),
            one(2, 3, 31),
        ],
        "cost": [counted(one(2, 31, 29), forward_macs)],
        "steps": [one(1, 5, 3), one(1, 3, 7, sign=-1.0), one(1, 7, 2), one(1, 2, 5, sign=-1.0)],
        "steps_square": [one(1, 5, 5), one(1, 5, 5, sign=-1.0)],
        "huge": [case(saturated(A, X), b, X, y, N=7, h=5, m=3, scale=1.0)],
        "dtypes": [case(*integers, N=7, h=5, m=3, scale=1.0), one(5, 3, 7, wrap=float32)],
        "twice": [one(7, 5, 3), one(7, 5, 3)],
    }


def _stepwise():
    from .regression_loss_and_grads_steps import STEPWISE

    return STEPWISE


bank = Bank()


EXERCISE = Exercise(
    title="Loss and gradients of a data set",
    signature="regression_loss_and_grads(A, b, X, y)",
    returns=("loss", "dA", "db"),
    minutes=20,
    lines=8,
    section="All examples at once",
    draw=_batch_cases,
    oracle=loss_and_grads,
    criteria=(
        shape(0.5),
        step(0.75, "loss"),
        step(0.75, "db"),
        step(1.25, "dA", "db"),
        value(1.25, "value, several examples"),
        value(0.5, HUGE, "huge"),
        value(0.25, DTYPES, "dtypes"),
        cost(0.25),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "Give every quantity a first axis of length N and write down all shapes before you "
        "write code. Which axis has to disappear in dA and db, and which operation makes an "
        "axis disappear by adding along it?",
        "Z1 = X A^T and Z2 = sigma(Z1) have shape (N, h); z3, z4 have shape (N,). Row n of dZ1 "
        "is -2 z4[n] b * Z2[n] * (1 - Z2[n]). The sum over n of outer(dZ1[n], X[n]) is a "
        "matrix product.",
        "Z2 = sigmoid(X @ A.T)\nz4 = y - Z2 @ b\ndz3 = -2 * z4\n"
        "dZ1 = dz3[:, None] * ... * Z2 * (1 - Z2)\n"
        "return (z4**2).sum(), dZ1.T @ ..., Z2.T @ ...",
    ),
    bank=bank,
    stepwise=_stepwise,
)


@bank.wrong(
    "the mean over the examples",
    "Does the contract ask for the mean over examples, or for the sum?",
)
def mean(A, b, X, y):
    loss, dA, db = right_batch(A, b, X, y)
    return loss / len(y), dA / len(y), db / len(y)


@bank.wrong(
    "the mean of the losses beside the sum of the gradients",
    "Your gradients belong to the sum. Which loss do they belong to?",
)
def mean_loss(A, b, X, y):
    loss, dA, db = right_batch(A, b, X, y)
    return loss / len(y), dA, db


@bank.wrong(
    "the mean of the gradients beside the sum of the losses",
    "Your loss is the sum. Which gradients belong to it?",
)
def mean_gradients(A, b, X, y):
    loss, dA, db = right_batch(A, b, X, y)
    return loss, dA / len(y), db / len(y)


@bank.wrong(
    "1/2 before the square, in the loss and in the gradients",
    "Some books put 1/2 before the square. Does this course?",
    reread=FORWARD,
)
def half(A, b, X, y):
    loss, dA, db = right_batch(A, b, X, y)
    return loss / 2, dA / 2, db / 2


@bank.wrong(
    "the factor 2 left out of the gradients", "What is the derivative of z4^2?", reread=BACK
)
def half_gradients(A, b, X, y):
    loss, dA, db = right_batch(A, b, X, y)
    return loss, dA / 2, db / 2


@bank.wrong(
    "1/2 before the square, in the loss only",
    "Some books put 1/2 before the square. Does this course?",
    reread=FORWARD,
)
def half_loss(A, b, X, y):
    loss, dA, db = right_batch(A, b, X, y)
    return loss / 2, dA, db


@bank.wrong(
    "the sign of dz4/dz3 forgotten",
    "When the prediction z3 rises, does the error z4 = y - z3 rise or fall?",
    reread=BACK,
)
def sign(A, b, X, y):
    loss, dA, db = right_batch(A, b, X, y)
    return loss, -dA, -db


@bank.wrong(
    "the gradients of the last example alone",
    "In your loop, does each example add to the gradient, or replace it?",
)
def last_example(A, b, X, y):
    return right_batch(A, b, X, y)[0], *right_batch(A, b, X[-1:], y[-1:])[1:]


@bank.wrong(
    "the last example alone, its loss as well",
    "In your loop, does each example add to the result, or replace it?",
)
def last_example_only(A, b, X, y):
    return right_batch(A, b, X[-1:], y[-1:])


@bank.wrong("the first example alone", "How far is the `return` indented?")
def first_example_only(A, b, X, y):
    return right_batch(A, b, X[:1], y[:1])


@bank.wrong(
    "every example but the last", "range(N) ends with N - 1. What does range(N - 1) leave out?"
)
def all_but_last(A, b, X, y):
    return right_batch(A, b, X[:-1], y[:-1])


@bank.wrong(
    "the square of the summed errors", "Errors of +1 and -1 sum to 0. Is such a fit perfect?"
)
def square_of_sum(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    _, dA, db = down_batch(b, X, np.full(len(y), z4.sum()), Z2, Z2 * (1 - Z2))
    return z4.sum() ** 2, dA, db


@bank.wrong(
    "the sum of |z4|",
    "Is the loss of one example the size of its error, or the square?",
    reread=FORWARD,
)
def absolute_loss(A, b, X, y):
    loss, dA, db = right_batch(A, b, X, y)
    return np.abs(up_batch(A, b, X, y)[-1]).sum(), dA, db


@bank.wrong(
    "the root of the sum of squares",
    "Which function of the errors does this chapter minimise?",
    reread=FORWARD,
)
def root(A, b, X, y):
    loss, dA, db = right_batch(A, b, X, y)
    return np.sqrt(loss), dA, db


@bank.wrong(
    "every target compared with every prediction",
    "Shape (N,) minus shape (N, 1) is (N, N). How many errors should there be?",
)
def pairs(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    errors = y - (Z2 @ b)[:, None]
    _, dA, db = down_batch(b, X, errors.sum(axis=1), Z2, Z2 * (1 - Z2))
    return (errors**2).sum(), dA, db


@bank.wrong(
    "b left out of dA", "Unit i reaches the output through b[i]. Where is b in dA?", reread=BACK
)
def no_b(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return down_batch(b, X, z4, Z2, Z2 * (1 - Z2) / b)


@bank.wrong(
    "the slope of the sigmoid left out",
    "Between Z1 and Z2 stands the sigmoid. What is its derivative?",
    reread=SLOPE,
)
def no_slope(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return down_batch(b, X, z4, Z2, np.ones_like(Z2))


@bank.wrong(
    "Z2 in place of Z2 (1 - Z2)",
    "For a saturated unit Z2 = 1. Does a small change of its weights change anything?",
    reread=SLOPE,
)
def value_for_slope(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return down_batch(b, X, z4, Z2, Z2)


@bank.wrong(
    "the sigmoid applied to Z2 once more inside the slope",
    "Z2 is sigma(Z1) already. What is sigma'(Z1), written with Z2 alone?",
    reread=SLOPE,
)
def slope_of_Z2(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    S = sigmoid(Z2)
    return down_batch(b, X, z4, Z2, S * (1 - S))


@bank.wrong(
    "Z1 (1 - Z2): input times one minus value",
    "The slope is written with the value of the sigmoid alone. What is Z1 doing in it?",
    reread=SLOPE,
)
def input_and_value(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return down_batch(b, X, z4, Z2, Z1 * (1 - Z2))


@bank.wrong(
    "Z2 (1 - Z1): value times one minus input",
    "The slope is written with the value of the sigmoid alone. What is Z1 doing in it?",
    reread=SLOPE,
)
def value_and_input(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return down_batch(b, X, z4, Z2, Z2 * (1 - Z1))


@bank.wrong(
    "db where b belongs in dA",
    "Through which weight does unit i reach the output: b[i], or its gradient?",
    reread=BACK,
)
def gradient_for_weight(A, b, X, y):
    loss, _, db = right_batch(A, b, X, y)
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return loss, down_batch(db, X, z4, Z2, Z2 * (1 - Z2))[1], db


@bank.wrong(
    "a step on b before dA is computed",
    "Both gradients belong to one point. At which b does your dA stand?",
    reread=BACK,
)
def updated_before_use(A, b, X, y):
    loss, _, db = right_batch(A, b, X, y)
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return loss, down_batch(b - 0.1 * db, X, z4, Z2, Z2 * (1 - Z2))[1], db


@bank.wrong(
    "the gradients of the first example alone", "The loss adds up all examples. Do the gradients?"
)
def first_gradients(A, b, X, y):
    return right_batch(A, b, X, y)[0], *right_batch(A, b, X[:1], y[:1])[1:]


@bank.wrong(
    "row sums of dA for db",
    "b meets Z2, above the sigmoid. What has X to do with its gradient?",
    reread=BACK,
)
def db_from_dA(A, b, X, y):
    loss, dA, _ = right_batch(A, b, X, y)
    return loss, dA, dA.sum(axis=1)


@bank.wrong(
    "np.sum without an axis: one number for all of b",
    "Each entry of b has its own derivative. Over which axis, and over it alone, do you add?",
)
def db_one_number(A, b, X, y):
    loss, dA, db = right_batch(A, b, X, y)
    return loss, dA, db.sum()


@bank.wrong(
    "db added up along the wrong axis",
    "Which axis runs over the examples, and which over the units?",
)
def db_along_rows(A, b, X, y):
    loss, dA, _ = right_batch(A, b, X, y)
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return loss, dA, (-2 * z4[:, None] * Z2).sum(axis=1)


@bank.wrong("db not yet added up over the examples", "b has h entries. How many rows has your db?")
def db_not_summed(A, b, X, y):
    loss, dA, _ = right_batch(A, b, X, y)
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return loss, dA, -2 * z4[:, None] * Z2


@bank.wrong("db of shape (h, 1)", "A gradient has the shape of its parameter. Which shape has b?")
def db_column(A, b, X, y):
    loss, dA, db = right_batch(A, b, X, y)
    return loss, dA, db[:, None]


@bank.wrong(
    "dz3 multiplied along the units, not the examples",
    "dz3 has one entry per example. With which axis of an (N, h) array does NumPy line it "
    "up, and what does [:, None] change?",
)
def column_forgotten(A, b, X, y):
    loss, _, db = right_batch(A, b, X, y)
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return loss, (-2 * z4 * b * Z2 * (1 - Z2)).T @ X, db


@bank.wrong(
    "Z1 (1 - Z1)",
    "The slope is written with the value of the sigmoid. Which quantity is that?",
    reread=SLOPE,
)
def slope_of_Z1(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return down_batch(b, X, z4, Z2, Z1 * (1 - Z1))


@bank.wrong(
    "1 - Z2^2, the slope of tanh",
    "Which activation function has the slope 1 - value^2?",
    reread=SLOPE,
)
def tanh_slope(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return down_batch(b, X, z4, Z2, 1 - Z2**2)


@bank.wrong(
    "sigma(Z1) / Z1, as S2's hint prints it",
    "What does sigma(z)/z give at z = 0, and how steep is the sigmoid there?",
    reread=SLOPE,
)
def printed_slope(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    return down_batch(b, X, z4, Z2, Z2 / Z1)


@bank.wrong(
    "a tanh in the forward pass and in the slope",
    "Both halves agree with each other. Do they agree with f(x) = b^T sigma(A x)?",
    reread=FORWARD,
)
def tanh_net(A, b, X, y):
    A, b, X, y = floats(A, b, X, y)
    Z2 = np.tanh(X @ A.T)
    return down_batch(b, X, y - Z2 @ b, Z2, 1 - Z2**2)


@bank.wrong(
    "no sigmoid anywhere",
    "Without the sigmoid, what kind of function of x is b^T A x?",
    reread=FORWARD,
)
def linear_net(A, b, X, y):
    A, b, X, y = floats(A, b, X, y)
    return down_batch(b, X, y - X @ A.T @ b, X @ A.T, np.ones((len(y), len(b))))


@bank.wrong(
    "a penalty on the weights, in the loss and in the gradients",
    "Loss and gradients agree. Does sum (y - f)^2 contain the size of the weights?",
)
def weight_decay(A, b, X, y):
    loss, dA, db = right_batch(A, b, X, y)
    return loss + 0.01 * ((A**2).sum() + (b**2).sum()), dA + 0.02 * A, db + 0.02 * b


@bank.wrong(
    "the errors left out of dA",
    "Where an example is fitted perfectly, what should it add to dA?",
    reread=BACK,
)
def no_error_in_dA(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    loss, _, db = right_batch(A, b, X, y)
    return loss, -2 * (b * Z2 * (1 - Z2)).T @ X, db


@bank.wrong(
    "the summed error times the summed rest, in dA", "Is a sum of products the product of the sums?"
)
def summed_error_in_dA(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    loss, _, db = right_batch(A, b, X, y)
    return loss, -2 * z4.sum() * (b * Z2 * (1 - Z2)).T @ X, db


@bank.wrong(
    "the summed error times the summed activations, in db",
    "Is a sum of products the product of the sums?",
)
def summed_error_in_db(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    loss, dA, _ = right_batch(A, b, X, y)
    return loss, dA, -2 * z4.sum() * Z2.sum(axis=0)


@bank.wrong(
    "the outer product of two sums, in dA",
    "Each example pairs its own dz1 with its own x. What does summing first mix up?",
)
def unpaired_outer(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    loss, _, db = right_batch(A, b, X, y)
    dZ1 = -2 * z4[:, None] * b * Z2 * (1 - Z2)
    return loss, np.outer(dZ1.sum(axis=0), X.sum(axis=0)), db


@bank.wrong(
    "db averaged while dA is summed",
    "Which of mean and sum over the examples does the contract ask for, in both?",
)
def no_sum_in_db(A, b, X, y):
    loss, dA, db = right_batch(A, b, X, y)
    return loss, dA, db / len(y)


@bank.wrong(
    "dA averaged while db is summed",
    "Which of mean and sum over the examples does the contract ask for, in both?",
)
def no_sum_in_dA(A, b, X, y):
    loss, dA, db = right_batch(A, b, X, y)
    return loss, dA / len(y), db


@bank.wrong(
    "db passed through the sigmoid",
    "b stands above the sigmoid. Does its gradient pass through it?",
    reread=BACK,
)
def db_with_slope(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    loss, dA, _ = right_batch(A, b, X, y)
    return loss, dA, -2 * (Z2 * (1 - Z2)).T @ z4


@bank.wrong(
    "Z1 in place of Z2 in db",
    "The derivative of v^T w with respect to v is w. Which vectors meet b?",
    reread=BACK,
)
def db_with_Z1(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    loss, dA, _ = right_batch(A, b, X, y)
    return loss, dA, -2 * Z1.T @ z4


@bank.wrong(
    "db of a bias: -2 sum z4 in every entry",
    "Here b is a vector of weights, not of biases. What is it multiplied by?",
    reread=BACK,
)
def db_of_a_bias(A, b, X, y):
    loss, dA, db = right_batch(A, b, X, y)
    return loss, dA, np.full(len(b), -2 * up_batch(A, b, X, y)[-1].sum())


@bank.wrong("dA transposed", "A gradient has the shape of its parameter. Which shape has X^T dZ1?")
def transposed(A, b, X, y):
    loss, dA, db = right_batch(A, b, X, y)
    return loss, dA.T, db


@bank.wrong(
    "X A in place of X A^T",
    "Rows of X are examples, rows of A are units. Along which axes do they meet?",
)
def A_not_transposed(A, b, X, y):
    A, b, X, y = floats(A, b, X, y)
    Z2 = sigmoid(X @ A)
    return down_batch(b, X, y - Z2 @ b, Z2, Z2 * (1 - Z2))


@bank.wrong(
    "(loss, db, dA): the order of the answers",
    "In which order does the contract return the two gradients?",
)
def swapped(A, b, X, y):
    loss, dA, db = right_batch(A, b, X, y)
    return loss, db, dA


@bank.wrong("one loss per example", "One number is asked for. What happens to the N losses?")
def losses_(A, b, X, y):
    _, dA, db = right_batch(A, b, X, y)
    return up_batch(A, b, X, y)[-1] ** 2, dA, db


@bank.wrong(
    "one gradient per example, not added up",
    "A gradient has the shape of its parameter. What happens to the axis of examples?",
)
def per_example(A, b, X, y):
    one_by_one = [right_batch(A, b, x[None], [t])[1:] for x, t in zip(X, y, strict=True)]
    dA, db = zip(*one_by_one, strict=True)
    return right_batch(A, b, X, y)[0], np.stack(dA), np.stack(db)


@bank.wrong(
    "np.squeeze, which also removes an axis of length 1 that you need",
    "What does np.squeeze do to shape (5, 1) when there is one hidden unit?",
)
def squeezed(A, b, X, y):
    loss, dA, db = right_batch(A, b, X, y)
    return loss, np.squeeze(dA), np.squeeze(db)


@bank.wrong(
    "a step taken after each example",
    "All examples must be measured at the same A and b. What changed between them?",
)
def descends_on_the_way(A, b, X, y):
    total, dA, db = 0.0, np.zeros(A.shape), np.zeros(b.shape)
    for x, t in zip(X, y, strict=True):
        loss, gA, gb = right_batch(A, b, x[None], np.array([t]))
        total, dA, db = total + loss, dA + gA, db + gb
        A, b = A - 0.01 * gA, b - 0.01 * gb
    return total, dA, db


@bank.wrong(
    "inputs with their mean taken off",
    "Standardising is a decision for whoever prepares the data. Which X is asked about?",
)
def centred_inputs(A, b, X, y):
    return right_batch(A, b, X - X.mean(axis=0), y)


@bank.wrong("central differences", DIFFERENCES, cost="per parameter")
def central_differences(A, b, X, y):
    A, b, eps = *floats(A, b), 1e-6

    def slopes(shape, f):
        out = np.zeros(shape)
        for place in np.ndindex(shape):
            step = np.zeros(shape)
            step[place] = eps
            out[place] = (f(step) - f(-step)) / (2 * eps)
        return out

    return (
        right_batch(A, b, X, y)[0],
        slopes(A.shape, lambda d: right_batch(A + d, b, X, y)[0]),
        slopes(b.shape, lambda d: right_batch(A, b + d, X, y)[0]),
    )


@bank.wrong(
    "a complex step for every weight",
    "Right to the last digit, at the price of a forward pass per weight: good for a "
    "check. Which quantity do all weights of a unit share?",
    reread=BACK,
    cost="complex step",
)
def complex_step(A, b, X, y):
    def loss(A, b):
        return ((y - (0.5 + 0.5 * np.tanh(X @ A.T / 2)) @ b) ** 2).sum()

    return right_batch(A, b, X, y)[0], *stepped(loss, *floats(A, b))


@bank.wrong("exp(z) / (1 + exp(z))", OVERFLOW, reread=SLOPE)
def exp_quotient(A, b, X, y):
    A, b, X, y = floats(A, b, X, y)
    Z2 = quotient(X @ A.T)
    return down_batch(b, X, y - Z2 @ b, Z2, Z2 * (1 - Z2))


@bank.wrong("an argument changed in place", CALLER)
def changes_argument(A, b, X, y):
    result = right_batch(A, b, X, y)
    y -= (sigmoid(X @ A.T) @ b).astype(y.dtype)
    return result


@bank.right("plain NumPy: the precision that came in")
def plain_numpy(A, b, X, y):
    Z2 = sigmoid(X @ A.T)
    return down_batch(b, X, y - Z2 @ b, Z2, Z2 * (1 - Z2))


@bank.wrong(
    "sums kept in arrays with the dtype of the parameters",
    "np.zeros_like of whole numbers holds whole numbers. What becomes of 0.3 in it?",
)
def stays_integer(A, b, X, y):
    loss, dA, db = right_batch(A, b, X, y)
    return loss, dA.astype(A.dtype), db.astype(b.dtype)


@bank.wrong("numbers rounded to a few digits", ROUNDED)
def rounded(A, b, X, y):
    return tuple(np.round(v, 7) for v in right_batch(A, b, X, y))


bank.habits(right_batch)


@bank.right("plain, sums over outer products")
def plain(A, b, X, y):
    S = sigmoid(X @ A.T)
    r = S @ b - y
    D = 2 * np.outer(r, b) * S * (1 - S)
    return np.sum(r**2), np.sum(D[:, :, None] * X[:, None], axis=0), np.dot(2 * r, S)


@bank.right("zeros of the parameters' shapes, +=")
def zeros_of_the_parameters_shapes(A, b, X, y):
    loss, dA, db = 0, np.zeros(A.shape), np.zeros(b.shape)
    for n in range(X.shape[0]):
        s = sigmoid(A @ X[n])
        e = y[n] - b @ s
        loss += e**2
        db += -2 * e * s
        dA += np.outer(-2 * e * b * s * (1 - s), X[n])
    return loss, dA, db


@bank.right("a loop over examples")
def a_loop_over_examples(A, b, X, y):
    A, b, X, y = floats(A, b, X, y)
    loss, dA, db = 0.0, np.zeros_like(A), np.zeros_like(b)
    for x, t in zip(X, y, strict=True):
        one = right_backward(A, b, x, t)
        loss += right_forward(A, b, x, t)[4]
        dA += one[0]
        db += one[1]
    return loss, dA, db


@bank.right("einsum")
def einsum(A, b, X, y):
    A, b, X, Z1, Z2, z4 = up_batch(A, b, X, y)
    r = 2 * (Z2 @ b - np.asarray(y, dtype=float))
    return np.einsum("n,n->", z4, z4), np.einsum("n,k,nk,nk,nj->kj", r, b, Z2, 1 - Z2, X), r @ Z2


@bank.right("units as rows")
def units_as_rows(A, b, X, y):
    A, b, X, y = floats(A, b, X, y)
    Z2 = 0.5 + 0.5 * np.tanh((A @ X.T) / 2)
    z4 = y - b @ Z2
    dZ1 = np.outer(b, -2 * z4) * Z2 * (1 - Z2)
    return float(z4 @ z4), dZ1 @ X, Z2 @ (-2 * z4)


@bank.right("a scalar loop over everything")
def a_scalar_loop_over_everything(A, b, X, y):
    (h, m), N = A.shape, len(y)
    loss, dA, db = 0.0, [[0.0] * m for _ in range(h)], [0.0] * h
    for n in range(N):
        z1 = [sum(float(A[k, j]) * float(X[n, j]) for j in range(m)) for k in range(h)]
        z2 = [1 / (1 + math.exp(-z)) if z > -700 else 0.0 for z in z1]
        z4 = float(y[n]) - sum(float(b[k]) * z2[k] for k in range(h))
        loss += z4 * z4
        for k in range(h):
            db[k] -= 2 * z4 * z2[k]
            for j in range(m):
                dA[k][j] -= 2 * z4 * float(b[k]) * z2[k] * (1 - z2[k]) * float(X[n, j])
    return loss, dA, db
