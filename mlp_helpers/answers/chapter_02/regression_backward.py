"""The backward pass."""

from __future__ import annotations

import numpy as np

from ...checking.cost_criterion import cost
from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import sigmoid
from ..bank import Bank
from .shared import (
    CALLER,
    DIFFERENCES,
    DTYPES,
    FORWARD,
    HUGE,
    OVERFLOW,
    SLOPE,
    floats,
    loss_and_grads,
    part,
    quotient,
    right_backward,
    right_entry,
    right_forward,
    single_cases,
    stepped,
    up,
)


def _backward(A, b, x, y):
    return loss_and_grads(A, b, x[None, :], y)[1:]


bank = Bank()


EXERCISE = Exercise(
    title="The backward pass",
    signature="regression_backward(A, b, x, y)",
    returns=("dA", "db"),
    minutes=15,
    lines=5,
    section="The way back down",
    draw=single_cases,
    oracle=_backward,
    criteria=(
        shape(0.25),
        part(1.0, "value of db", 1),
        part(1.5, "value of dA", 0),
        value(0.25, HUGE, "huge"),
        value(0.25, DTYPES, "dtypes"),
        cost(0.25),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "Start at the loss and go down: dL/dz3 is one number, dL/dz2 and dL/dz1 have one entry "
        "per hidden unit. Which parameter meets which of them?",
        "dz3 = -2 z4. Then db = dz3 z2 and dz2 = dz3 b. Through the sigmoid: "
        "dz1 = dz2 * z2 * (1 - z2), entry by entry. Entry (i, j) of dA is dz1[i] x[j].",
        "z1, z2, z3, z4, loss = regression_forward(A, b, x, y)\n"
        "dz3 = -2 * z4\ndb = ...\ndz1 = dz3 * b * ...\ndA = np.outer(..., ...)\n"
        "return dA, db",
    ),
    bank=bank,
)


def down(b, x, z4, z2, slope):
    """The right steps, with a slope of one's own."""
    return np.outer(-2 * z4 * b * slope, x), -2 * z4 * z2


@bank.wrong(
    "the sign of dz4/dz3 forgotten",
    "When the prediction z3 rises, does the error z4 = y - z3 rise or fall?",
)
def sign(A, b, x, y):
    dA, db = right_backward(A, b, x, y)
    return -dA, -db


@bank.wrong("the sign forgotten in dA only", "Both gradients pass through dz4/dz3. What is it?")
def sign_of_dA(A, b, x, y):
    dA, db = right_backward(A, b, x, y)
    return -dA, db


@bank.wrong("the sign forgotten in db only", "Both gradients pass through dz4/dz3. What is it?")
def sign_of_db(A, b, x, y):
    dA, db = right_backward(A, b, x, y)
    return dA, -db


@bank.wrong("the factor 2 left out", "What is the derivative of z4^2? Is there a 1/2 in this loss?")
def half(A, b, x, y):
    dA, db = right_backward(A, b, x, y)
    return dA / 2, db / 2


@bank.wrong(
    "the factor 2 left out of dA only", "Both gradients start from the same dL/dz4. What is it?"
)
def half_of_dA(A, b, x, y):
    dA, db = right_backward(A, b, x, y)
    return dA / 2, db


@bank.wrong("the error z4 left out", "If the prediction is perfect, what should the gradients be?")
def no_error(A, b, x, y):
    dA, db = right_backward(A, b, x, y)
    z4 = up(A, b, x, y)[-1]
    return dA / z4, db / z4


@bank.wrong(
    "|z4| in place of z4",
    "Must the step not turn round when the prediction is too high and not too low?",
)
def absolute_error(A, b, x, y):
    dA, db = right_backward(A, b, x, y)
    sign = np.sign(up(A, b, x, y)[-1])
    return dA * sign, db * sign


@bank.wrong("b left out of dA", "Unit i reaches the output through b[i]. Where is b in dA?")
def no_b(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return down(np.ones_like(b), x, z4, z2, z2 * (1 - z2))


@bank.wrong(
    "the slope of the sigmoid left out",
    "Between z1 and z2 stands the sigmoid. What is its derivative?",
    reread=SLOPE,
)
def no_slope(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return down(b, x, z4, z2, 1.0)


@bank.wrong(
    "z2 in place of z2 (1 - z2)",
    "For a saturated unit z2 = 1. Does a small change of its weights change anything?",
    reread=SLOPE,
)
def value_for_slope(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return down(b, x, z4, z2, z2)


@bank.wrong(
    "1 - z2 in place of z2 (1 - z2)",
    "The slope of the sigmoid has two factors. Which one is missing?",
    reread=SLOPE,
)
def one_minus_value(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return down(b, x, z4, z2, 1 - z2)


@bank.wrong(
    "the sigmoid applied to z2 once more inside the slope",
    "z2 is sigma(z1) already. What is sigma'(z1), written with z2 alone?",
    reread=SLOPE,
)
def slope_of_z2(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    s = sigmoid(z2)
    return down(b, x, z4, z2, s * (1 - s))


@bank.wrong(
    "z1 (1 - z2): input times one minus value",
    "The slope is written with the value of the sigmoid alone. What is z1 doing in it?",
    reread=SLOPE,
)
def input_and_value(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return down(b, x, z4, z2, z1 * (1 - z2))


@bank.wrong(
    "z2 (1 - z1): value times one minus input",
    "The slope is written with the value of the sigmoid alone. What is z1 doing in it?",
    reread=SLOPE,
)
def value_and_input(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return down(b, x, z4, z2, z2 * (1 - z1))


@bank.wrong(
    "db where b belongs in dA",
    "Through which weight does unit i reach the output: b[i], or its gradient?",
)
def gradient_for_weight(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return np.outer(-2 * z4 * (-2 * z4 * z2) * z2 * (1 - z2), x), -2 * z4 * z2


@bank.wrong(
    "the slope of the sigmoid twice in dA",
    "How often does the path from A to the loss pass through the sigmoid?",
    reread=SLOPE,
)
def slope_twice(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return down(b, x, z4, z2, (z2 * (1 - z2)) ** 2)


@bank.wrong(
    "row sums of dA for db", "b meets z2, above the sigmoid. What has x to do with its gradient?"
)
def db_from_dA(A, b, x, y):
    dA, _ = right_backward(A, b, x, y)
    return dA, dA.sum(axis=1)


@bank.wrong(
    "one number for all of b", "A gradient has the shape of its parameter. Which shape has b?"
)
def db_one_number(A, b, x, y):
    dA, db = right_backward(A, b, x, y)
    return dA, db.sum()


@bank.wrong("db of shape (h, 1)", "A gradient has the shape of its parameter. Which shape has b?")
def db_column(A, b, x, y):
    dA, db = right_backward(A, b, x, y)
    return dA, db[:, None]


@bank.wrong(
    "np.squeeze, which also removes an axis of length 1 that you need",
    "What does np.squeeze do to shape (5, 1) when there is one input?",
)
def squeezed(A, b, x, y):
    dA, db = right_backward(A, b, x, y)
    return np.squeeze(dA), np.squeeze(db)


@bank.wrong(
    "z1 (1 - z1)",
    "The slope is written with the value of the sigmoid. Which quantity is that?",
    reread=SLOPE,
)
def slope_of_z1(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return down(b, x, z4, z2, z1 * (1 - z1))


@bank.wrong(
    "1 - z2^2, the slope of tanh",
    "Which activation function has the slope 1 - value^2?",
    reread=SLOPE,
)
def tanh_slope(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return down(b, x, z4, z2, 1 - z2**2)


@bank.wrong(
    "sigma(z1) / z1, as S2's hint prints it",
    "What does sigma(z)/z give at z = 0, and how steep is the sigmoid there?",
    reread=SLOPE,
)
def printed_slope(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return down(b, x, z4, z2, z2 / z1)


@bank.wrong(
    "a tanh in the forward pass and in the slope",
    "Both halves agree with each other. Do they agree with f(x) = b^T sigma(A x)?",
    reread=FORWARD,
)
def tanh_net(A, b, x, y):
    A, b, x = floats(A, b, x)
    z2 = np.tanh(A @ x)
    return down(b, x, y - b @ z2, z2, 1 - z2**2)


@bank.wrong(
    "no sigmoid in the forward pass and none in the slope",
    "Both halves agree with each other. Do they agree with f(x) = b^T sigma(A x)?",
    reread=FORWARD,
)
def linear_net(A, b, x, y):
    A, b, x = floats(A, b, x)
    return down(b, x, y - b @ A @ x, A @ x, 1.0)


@bank.wrong(
    "the gradient of a penalty on the weights added",
    "Does (y - f)^2 contain the size of the weights?",
)
def weight_decay(A, b, x, y):
    dA, db = right_backward(A, b, x, y)
    return dA + 0.02 * A, db + 0.02 * b


@bank.wrong(
    "(db, dA): the order of the answers",
    "In which order does the contract return the two gradients?",
)
def swapped(A, b, x, y):
    return right_backward(A, b, x, y)[::-1]


@bank.wrong(
    "dA transposed",
    "A gradient has the shape of its parameter. Which shape has A, and which has np.outer(x, dz1)?",
)
def transposed(A, b, x, y):
    dA, db = right_backward(A, b, x, y)
    return dA.T, db


@bank.wrong(
    "dz1 * x, an elementwise product for the outer product",
    "Every unit meets every input. Which product of two vectors gives a matrix?",
)
def elementwise_outer(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return np.ones_like(A) * (-2 * z4 * b * z2 * (1 - z2) * x), -2 * z4 * z2


@bank.wrong(
    "a sum over the hidden units in dA",
    "Row i of dA belongs to unit i alone. Which product keeps the units apart?",
)
def inner_product(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return np.tile(-2 * z4 * (b @ (z2 * (1 - z2))) * x, (len(b), 1)), -2 * z4 * z2


@bank.wrong(
    "a sum over the inputs in dA", "Column j of dA belongs to input j alone. Where is x[j]?"
)
def input_sum(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return np.outer(-2 * z4 * b * z2 * (1 - z2), np.full(len(x), x.sum())), -2 * z4 * z2


@bank.wrong(
    "x left out of dA", "A[i, j] is multiplied by something before it enters z1[i]. By what?"
)
def no_x(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return np.outer(-2 * z4 * b * z2 * (1 - z2), np.ones(len(x))), -2 * z4 * z2


@bank.wrong(
    "A in place of x in dA",
    "The derivative of A[i, j] x[j] with respect to A[i, j]: which of the two is left?",
)
def times_A(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return (-2 * z4 * b * z2 * (1 - z2))[:, None] * A, -2 * z4 * z2


@bank.wrong(
    "b @ ..., one number for all units",
    "b, z2 and 1 - z2 are multiplied entry by entry. Which sign in NumPy does that?",
)
def dot_of_slopes(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return np.outer(-2 * z4 * (b @ z2) * (1 - z2), x), -2 * z4 * z2


@bank.wrong(
    "db passed through the sigmoid",
    "b stands above the sigmoid. Does its gradient pass through it?",
)
def db_with_slope(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return right_backward(A, b, x, y)[0], -2 * z4 * z2 * (1 - z2)


@bank.wrong(
    "z1 in place of z2 in db",
    "The derivative of v^T w with respect to v is w. Which vector meets b?",
)
def db_with_z1(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return right_backward(A, b, x, y)[0], -2 * z4 * z1


@bank.wrong(
    "b in place of z2 in db",
    "The derivative of v^T w with respect to v is w, not v. Which vector meets b?",
)
def db_with_b(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return right_backward(A, b, x, y)[0], -2 * z4 * b


@bank.wrong(
    "db of a bias: -2 z4 in every entry",
    "Here b is a vector of weights, not of biases. What is it multiplied by?",
)
def db_of_a_bias(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return right_backward(A, b, x, y)[0], np.full(len(b), -2 * z4)


@bank.wrong(
    "2 z4 - z2, a subtraction where the notes print a dot",
    "S2 prints 2 z4 . -z2. Is that a difference, or a product with a negative factor?",
)
def minus_for_times(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return 2 * z4 - np.outer(b * z2 * (1 - z2), x), 2 * z4 - z2


@bank.wrong(
    "a step on b before dA is computed",
    "Both gradients belong to one point. At which b does your dA stand?",
)
def updated_b(A, b, x, y):
    db = right_backward(A, b, x, y)[1]
    return right_backward(A, b - 0.1 * db, x, y)[0], db


@bank.wrong(
    "gradients scaled to length 1",
    "How far to step is the business of the learning rate. How long is the gradient?",
)
def normalised(A, b, x, y):
    dA, db = right_backward(A, b, x, y)
    return dA / np.linalg.norm(dA), db / np.linalg.norm(db)


@bank.wrong(
    "1 - 2 z2 for the slope z2 (1 - z2)",
    "Which of the two is the derivative of sigma, and which that of its slope?",
)
def slope_doubled(A, b, x, y):
    A, b, x = floats(A, b, x)
    z2 = sigmoid(A @ x)
    back = -2 * (y - b @ z2)
    return np.outer(back * b * (1 - 2 * z2), x), back * z2


@bank.wrong(
    "z2 * 1 - z2, without the parentheses",
    "Python multiplies before it subtracts. What is subtracted from what?",
)
def slope_without_parentheses(A, b, x, y):
    A, b, x = floats(A, b, x)
    z2 = sigmoid(A @ x)
    back = -2 * (y - b @ z2)
    return np.outer(back * b * z2 * 1 - z2, x), back * z2


@bank.wrong(
    "entries cut off at 1", "What does a gradient check say about an entry that was cut off?"
)
def clipped(A, b, x, y):
    dA, db = right_backward(A, b, x, y)
    return np.clip(dA, -1, 1), np.clip(db, -1, 1)


@bank.wrong("central differences", DIFFERENCES, cost="per parameter")
def central_differences(A, b, x, y):
    A, b, eps = *floats(A, b), 1e-6

    def loss(dA, db):
        return right_forward(A + dA, b + db, x, y)[4]

    def slopes(shape, f):
        out = np.zeros(shape)
        for place in np.ndindex(shape):
            step = np.zeros(shape)
            step[place] = eps
            out[place] = (f(step) - f(-step)) / (2 * eps)
        return out

    return slopes(A.shape, lambda d: loss(d, 0)), slopes(b.shape, lambda d: loss(0, d))


@bank.wrong(
    "one forward pass for every weight",
    "Every entry of dA starts with the same factors. How often do you compute them?",
    cost="per parameter",
)
def entry_by_entry(A, b, x, y):
    dA = np.array([[right_entry(A, b, x, y, i, j) for j in range(len(x))] for i in range(len(b))])
    return dA, right_backward(A, b, x, y)[1]


@bank.wrong(
    "a complex step for every weight",
    "Right to the last digit, at the price of a forward pass per weight: good for a "
    "check. Which quantity do all weights of a unit share?",
    cost="complex step",
)
def complex_step(A, b, x, y):
    def loss(A, b):
        return (y - b @ (0.5 + 0.5 * np.tanh(A @ x / 2))) ** 2

    return stepped(loss, *floats(A, b))


@bank.wrong("exp(z) / (1 + exp(z))", OVERFLOW, reread=SLOPE)
def exp_quotient(A, b, x, y):
    A, b, x = floats(A, b, x)
    z2 = quotient(A @ x)
    return down(b, x, y - b @ z2, z2, z2 * (1 - z2))


@bank.wrong(
    "a small constant added to the slope",
    "What would a slope that cannot be 0 protect against here? Nothing is divided.",
    reread=SLOPE,
)
def epsilon(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    return down(b, x, z4, z2, z2 * (1 - z2) + 1e-8)


@bank.wrong("an argument changed in place", CALLER)
def changes_argument(A, b, x, y):
    if b.dtype != np.float64:
        return right_backward(A, b, x, y)
    *_, z2, _, z4 = up(A, b, x, y)
    b *= z2 * (1 - z2)
    return np.outer(-2 * z4 * b, x), -2 * z4 * z2


@bank.right("plain NumPy: the precision that came in")
def plain_numpy(A, b, x, y):
    z2 = sigmoid(A @ x)
    return down(b, x, y - b @ z2, z2, z2 * (1 - z2))


@bank.wrong(
    "an output array with the dtype of A",
    "np.zeros_like of whole numbers holds whole numbers. What becomes of 0.3 in it?",
)
def stays_integer(A, b, x, y):
    dA, db = right_backward(A, b, x, y)
    out = np.zeros_like(A)
    out[:] = dA
    return out, db


bank.habits(right_backward)


@bank.right("plain, two columns")
def plain(A, b, x, y):
    s = sigmoid(A.dot(x))
    dz3 = -2 * (y - b.dot(s))
    delta = dz3 * b * s * (1 - s)
    return delta[:, np.newaxis] * x[np.newaxis], dz3 * s


@bank.right("loops over entries")
def loops_over_entries(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    h, m = A.shape
    dA = np.empty((h, m))
    for i in range(h):
        for j in range(m):
            dA[i, j] = -2.0 * z4 * b[i] * z2[i] * (1 - z2[i]) * x[j]
    return dA, np.array([-2.0 * z4 * z2[i] for i in range(h)])


@bank.right("one step of the chain rule per line, columns")
def one_step_of_the_chain_rule_per_line(A, b, x, y):
    A, b, x = floats(A, b, x)
    z2 = 1 / (1 + np.exp(-(A @ x[:, None])))
    dz4 = 2 * (y - b[None, :] @ z2)
    dz3 = -dz4
    dz2 = b[:, None] * dz3
    dz1 = dz2 * (z2 - z2**2)
    return [(dz1 @ x[None, :]).tolist(), (z2 @ dz3).ravel()]


@bank.right("einsum, tanh form of the slope")
def einsum(A, b, x, y):
    A, b, x, z1, z2, z3, z4 = up(A, b, x, y)
    slope = 0.25 * (1 - np.tanh(z1 / 2) ** 2)
    return np.einsum("i,i,j->ij", b, slope, x) * (2 * (z3 - y)), 2 * (z3 - y) * z2
