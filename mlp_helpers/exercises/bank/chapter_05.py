"""Known wrong and right implementations of chapter 05 (S4)."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from ...activations import logsumexp, softmax
from . import Bank

bank = Bank()

RAMP = "A ramp and a step"
SLOPE = "The slope, and what to say at 0"
LOGIT = "From one weight to one logit"
GATE = "One gate for a whole sum"
BACK = "The error and its four gradients"
SUM = "Every logit sends something back"
SIDES = "Two slopes at one point"
MASK = "Which entries to leave out"
DEAD = "Units that never wake up"


def doubles(*arrays):
    return [np.asarray(a, dtype=float) for a in arrays]


def ramp(a):
    return np.maximum(np.asarray(a, dtype=float), 0.0)


def step(a):
    return (np.asarray(a) > 0).astype(float)


# relu -------------------------------------------------------------------------------------------


@bank.wrong("relu", "absolute", "|a|",
            "What should become of a negative number: its size, or 0?", RAMP)
def _(a):
    return np.abs(a)


@bank.wrong("relu", "negative_part", "the negative part, min(a, 0)",
            "Which half of the numbers should pass unchanged?", RAMP)
def _(a):
    return np.minimum(a, 0.0)


@bank.wrong("relu", "sign", "max(0, -a)", "Which sign passes the gate?", RAMP)
def _(a):
    return np.maximum(0.0, -a)


@bank.wrong("relu", "step", "the slope instead of the ramp",
            "Is relu(3) equal to 1 or to 3?", RAMP)
def _(a):
    return step(a)


@bank.wrong("relu", "leaky", "a ramp that leaks for negative numbers",
            "What does max(0, a) give for a = -2?", RAMP)
def _(a):
    return np.where(a > 0, a, 0.01 * a)


@bank.wrong("relu", "softplus", "log(1 + exp(a))",
            "The smooth ramp is log 2 at 0. What is the ramp there?", RAMP)
def _(a):
    return np.log1p(np.exp(a))


@bank.wrong("relu", "sharp_softplus", "a smooth ramp with a very sharp bend",
            "How large is your answer for a = -1e-6, and how large should it be?", RAMP)
def _(a):
    return np.logaddexp(0.0, 1e9 * np.asarray(a, dtype=float)) / 1e9


@bank.wrong("relu", "floor", "a small number instead of 0",
            "Should a closed gate let something through?", RAMP)
def _(a):
    return np.maximum(a, 1e-13)


@bank.wrong("relu", "threshold", "numbers below a small threshold set to 0",
            "Is there a positive number so small that max(0, a) is 0?", RAMP)
def _(a):
    return np.where(a > 1e-8, a, 0.0)


@bank.wrong("relu", "capped", "a ramp that ends at 1",
            "What does max(0, a) give for a = 1.7?", RAMP)
def _(a):
    return np.clip(a, 0.0, 1.0)


@bank.wrong("relu", "reduces", "np.max, the largest entry of the whole array",
            "max along an array, or the larger of two, entry by entry: which NumPy function is "
            "which?", RAMP)
def _(a):
    return np.max(a, initial=0.0)


@bank.wrong("relu", "changes_argument", "a[a < 0] = 0, which changes the caller's array",
            "Who else holds the array a?", RAMP)
def _(a):
    a[a < 0] = 0.0
    return a


@bank.wrong("relu", "two_axes_only", "loops over the rows and columns of a matrix",
            "A single vector has one axis only. Which NumPy function works for any number of "
            "axes?", RAMP)
def _(a):
    return np.array([[max(float(v), 0.0) for v in row] for row in a])


@bank.wrong("relu", "single_precision", "numbers in float32",
            "float32 keeps seven digits. Where does the precision get lost?", RAMP)
def _(a):
    return np.maximum(np.asarray(a, dtype=np.float32), 0)


@bank.wrong("relu", "rounded", "an answer rounded to a few digits",
            "What do the next steps compute with: what you print, or what you return?", RAMP)
def _(a):
    return np.round(ramp(a), 6)


@bank.wrong("relu", "transposed", "the array transposed",
            "Which shape comes in, which goes out?", RAMP)
def _(a):
    return ramp(a).T


@bank.wrong("relu", "drops_negatives", "the positive entries alone",
            "How many entries come in, how many go out?", RAMP)
def _(a):
    a = np.asarray(a)
    return a[a > 0]


bank.habits("relu", ramp)


bank.for_numbers("relu", condition=lambda a: a if a > 0 else 0.0)
bank.for_numbers("relu_prime", condition=lambda a: 1.0 if a > 0 else 0.0)


@bank.right("relu", "where")
def _(a):
    return np.where(np.asarray(a) > 0, a, 0.0)


@bank.right("relu", "maximum, plain")
def _(a):
    return np.maximum(0, a)


@bank.right("relu", "a copy, its negatives set to 0")
def _(a):
    out = a.copy()
    out[out < 0] = 0
    return out


@bank.right("relu", "times its gate")
def _(a):
    return a * (a > 0)


@bank.right("relu", "half of a + |a|")
def _(a):
    return (a + np.abs(a)) / 2


@bank.right("relu", "clip, a copy")
def _(a):
    return np.clip(np.array(a, dtype=float), 0.0, None)


@bank.right("relu", "one number at a time")
def _(a):
    out = np.zeros(np.shape(a))
    for i in np.ndindex(out.shape):
        if a[i] > 0:
            out[i] = a[i]
    return out


@bank.right("relu", "nested lists")
def _(a):
    return ramp(a).tolist()


# relu_prime -------------------------------------------------------------------------------------


@bank.wrong("relu_prime", "one_at_zero", "a >= 0, which gives 1 at 0",
            "Neither 0 nor 1 is the derivative at 0. Which of them did this course agree on?",
            SLOPE)
def _(a):
    return (np.asarray(a) >= 0).astype(float)


@bank.wrong("relu_prime", "half_at_zero", "1/2 at 0, the slope of a central difference",
            "Which number between the two slopes did this course agree on at 0?", SLOPE)
def _(a):
    return (np.sign(a) + 1) / 2


@bank.wrong("relu_prime", "nan_at_zero", "relu(a) / a",
            "What does the computer make of 0 / 0?", SLOPE)
def _(a):
    return np.maximum(a, 0.0) / a


@bank.wrong("relu_prime", "ramp", "the ramp instead of its slope",
            "How steep is the ramp at a = 3: 3, or 1?", SLOPE)
def _(a):
    return ramp(a)


@bank.wrong("relu_prime", "identity_times_step", "a where the gate is closed",
            "What is the slope for a = -2: how far does the ramp rise there?", SLOPE)
def _(a):
    return np.where(np.asarray(a) > 0, 1.0, a)


@bank.wrong("relu_prime", "inverted", "1 for negative numbers",
            "On which side does the ramp rise?", SLOPE)
def _(a):
    return (np.asarray(a) < 0).astype(float)


@bank.wrong("relu_prime", "sign", "the sign of a: -1 for negative numbers",
            "Does the ramp fall on the left of 0?", SLOPE)
def _(a):
    return np.sign(np.asarray(a, dtype=float))


@bank.wrong("relu_prime", "leaky", "a small slope for negative numbers",
            "How far does max(0, a) rise from a = -2 to a = -1?", SLOPE)
def _(a):
    return np.where(np.asarray(a) > 0, 1.0, 0.01)


@bank.wrong("relu_prime", "sigmoid", "the slope of the smooth ramp",
            "The sigmoid is the slope of softplus. Which two values has the slope of the ramp?",
            SLOPE)
def _(a):
    return 1 / (1 + np.exp(-np.asarray(a, dtype=float)))


@bank.wrong("relu_prime", "sharp_sigmoid", "a very steep sigmoid",
            "What is your slope at a = 1e-12: 0, 1, or something between?", SLOPE)
def _(a):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-1e9 * np.asarray(a, dtype=float)))


@bank.wrong("relu_prime", "tanh_slope", "1 - h^2, the slope of tanh",
            "Which activation has the slope 1 - h^2?", SLOPE)
def _(a):
    return 1 - np.tanh(a) ** 2


@bank.wrong("relu_prime", "threshold", "a slope that starts beyond a small threshold",
            "At a = 1e-13 the ramp rises. With which slope?", SLOPE)
def _(a):
    return (np.asarray(a) > 1e-8).astype(float)


@bank.wrong("relu_prime", "central_difference", "a central difference of the ramp",
            "A difference reaches over the kink from eps away. Can you write the slope without "
            "one?", SLOPE)
def _(a):
    eps = 1e-6
    return (ramp(a + eps) - ramp(a - eps)) / (2 * eps)


@bank.wrong("relu_prime", "booleans", "an array of booleans",
            "True is no number: what is -True? Which dtype does the contract ask for?", SLOPE)
def _(a):
    return np.asarray(a) > 0


@bank.wrong("relu_prime", "ones_only", "1 everywhere",
            "What is the slope where the ramp is flat?", SLOPE)
def _(a):
    return np.ones(np.shape(a))


@bank.wrong("relu_prime", "changes_argument", "a[a > 0] = 1, which changes the caller's array",
            "Who else holds the array a?", SLOPE)
def _(a):
    a[a <= 0] = 0
    a[a > 0] = 1
    return a


@bank.wrong("relu_prime", "two_axes_only", "loops over the rows and columns of a matrix",
            "A single vector has one axis only. Which comparison works for any number of axes?",
            SLOPE)
def _(a):
    return np.array([[1.0 if v > 0 else 0.0 for v in row] for row in a])


@bank.wrong("relu_prime", "transposed", "the array transposed",
            "Which shape comes in, which goes out?", SLOPE)
def _(a):
    return step(a).T


bank.habits("relu_prime", step)


@bank.right("relu_prime", "where")
def _(a):
    return np.where(a > 0, 1.0, 0.0)


@bank.right("relu_prime", "a comparison times 1.0")
def _(a):
    return 1.0 * (a > 0)


@bank.right("relu_prime", "zeros_like, filled")
def _(a):
    out = np.zeros_like(a)
    out[a > 0] = 1
    return out


@bank.right("relu_prime", "heaviside with its value at 0")
def _(a):
    return np.heaviside(np.asarray(a, dtype=float), 0.0)


@bank.right("relu_prime", "of the ramp's own values, whole numbers")
def _(a):
    return np.sign(np.maximum(a, 0)).astype(int)


@bank.right("relu_prime", "one number at a time")
def _(a):
    out = np.empty(np.shape(a))
    for i in np.ndindex(out.shape):
        out[i] = 0 if a[i] <= 0 else 1
    return out


# dzk_dW1 ----------------------------------------------------------------------------------------


def opened(W1, b1, x):
    """The gates as numbers."""
    W1, b1, x = doubles(W1, b1, x)
    return step(W1 @ x + b1)


def dzk(W1, b1, W2, x, k):
    return np.outer(np.asarray(W2[k], dtype=float) * opened(W1, b1, x), np.asarray(x, dtype=float))


@bank.wrong("dzk_dW1", "one_input_gate", "a gate that looks at one input only, as printed in S4",
            "Does the gate of unit j open for the input m, or for the whole sum W1 x + b1?", GATE)
def _(W1, b1, W2, x, k):
    W1, b1, W2, x = doubles(W1, b1, W2, x)
    return np.outer(W2[k], x) * (W1 * x + b1[:, None] > 0)


@bank.wrong("dzk_dW1", "no_gate", "no gate at all",
            "What does a unit pass on whose pre-activation is negative?", LOGIT)
def _(W1, b1, W2, x, k):
    return np.outer(W2[k], x)


@bank.wrong("dzk_dW1", "gate_without_bias", "a gate that forgets the bias",
            "What is added to W1 x before the ReLU?", GATE)
def _(W1, b1, W2, x, k):
    return dzk(W1, np.zeros(len(b1)), W2, x, k)


@bank.wrong("dzk_dW1", "one_at_zero", "a gate that is open at 0",
            "Which slope did this course agree on at 0?", SLOPE)
def _(W1, b1, W2, x, k):
    W1, b1, W2, x = doubles(W1, b1, W2, x)
    return np.outer(W2[k] * (W1 @ x + b1 >= 0), x)


@bank.wrong("dzk_dW1", "half_at_zero", "half a gate at 0",
            "Which slope did this course agree on at 0?", SLOPE)
def _(W1, b1, W2, x, k):
    W1, b1, W2, x = doubles(W1, b1, W2, x)
    return np.outer(W2[k] * (np.sign(W1 @ x + b1) + 1) / 2, x)


@bank.wrong("dzk_dW1", "ramp_for_gate", "relu(a) in place of relu'(a)",
            "What is the derivative of the ramp: itself?", LOGIT)
def _(W1, b1, W2, x, k):
    W1, b1, W2, x = doubles(W1, b1, W2, x)
    return np.outer(W2[k] * ramp(W1 @ x + b1), x)


@bank.wrong("dzk_dW1", "input_forgotten", "the factor x left out",
            "By how much does a_j move when W1[j, m] moves by 1?", LOGIT)
def _(W1, b1, W2, x, k):
    return np.outer(W2[k] * opened(W1, b1, x), np.ones(len(x)))


@bank.wrong("dzk_dW1", "weight_for_input", "W1 in place of x",
            "a_j is linear in W1[j, m]. What is its coefficient?", LOGIT)
def _(W1, b1, W2, x, k):
    return (W2[k] * opened(W1, b1, x))[:, None] * W1


@bank.wrong("dzk_dW1", "output_weight_forgotten", "the factor W2[k, j] left out",
            "How strongly does z_k listen to unit j?", LOGIT)
def _(W1, b1, W2, x, k):
    return np.outer(opened(W1, b1, x), x)


@bank.wrong("dzk_dW1", "sum_over_classes", "all logits added up",
            "The derivative of one logit was asked for. Which row of W2 belongs to it?", LOGIT)
def _(W1, b1, W2, x, k):
    return np.outer(W2.sum(axis=0) * opened(W1, b1, x), x)


@bank.wrong("dzk_dW1", "column_of_W2", "column k of W2 instead of row k",
            "W2 has a row per logit and a column per hidden unit. Which of them has h entries?",
            LOGIT)
def _(W1, b1, W2, x, k):
    return np.outer(W2[:, k] * opened(W1, b1, x), x)


@bank.wrong("dzk_dW1", "counts_from_one", "logits counted from 1",
            "Logits run from 0 to K-1. What does the index -1 mean to NumPy?", LOGIT)
def _(W1, b1, W2, x, k):
    return dzk(W1, b1, W2, x, k - 1)


@bank.wrong("dzk_dW1", "transposed", "shape (d, h)", "Which shape has W1?", LOGIT)
def _(W1, b1, W2, x, k):
    return dzk(W1, b1, W2, x, k).T


@bank.wrong("dzk_dW1", "factor_twice", "every factor squared",
            "How often does the path from W1[j, m] to z_k pass through each factor?", LOGIT)
def _(W1, b1, W2, x, k):
    return dzk(W1, b1, W2, x, k) ** 2


@bank.wrong("dzk_dW1", "sign", "the sign flipped", "Which sign does a have in W1?", LOGIT)
def _(W1, b1, W2, x, k):
    return -dzk(W1, b1, W2, x, k)


@bank.wrong("dzk_dW1", "inverted", "the gate open where a < 0",
            "For which a is the slope 1?", SLOPE)
def _(W1, b1, W2, x, k):
    return np.outer(W2[k] * (1 - opened(W1, b1, x)), x)


@bank.wrong("dzk_dW1", "gated_input", "x passed through the ReLU",
            "Whose sign decides: that of a_j, or that of x_m?", LOGIT)
def _(W1, b1, W2, x, k):
    return np.outer(W2[k] * opened(W1, b1, x), ramp(x))


@bank.wrong("dzk_dW1", "gate_of_the_product", "a gate around the finished product",
            "Which number decides whether the gate is open?", GATE)
def _(W1, b1, W2, x, k):
    return ramp(np.outer(W2[k], x))


@bank.wrong("dzk_dW1", "last_unit", "the last hidden unit only",
            "S4 writes h for the number of units and for one of them. Which is meant here?", LOGIT)
def _(W1, b1, W2, x, k):
    out = dzk(W1, b1, W2, x, k)
    out[:-1] = 0
    return out


@bank.wrong("dzk_dW1", "tanh_slope", "the slope of tanh",
            "Which activation has the slope 1 - h^2?", LOGIT)
def _(W1, b1, W2, x, k):
    W1, b1, W2, x = doubles(W1, b1, W2, x)
    return np.outer(W2[k] * (1 - np.tanh(W1 @ x + b1) ** 2), x)


@bank.wrong("dzk_dW1", "differences", "central differences handed in as the derivative",
            "A difference is a way to check. Which three factors make the derivative itself?",
            LOGIT)
def _(W1, b1, W2, x, k):
    W1, b1, W2, x = doubles(W1, b1, W2, x)
    out = np.empty(W1.shape)
    for i in np.ndindex(W1.shape):
        moved = np.zeros(W1.shape)
        moved[i] = 1e-6
        up, down = (W2[k] @ ramp((W1 + s * moved) @ x + b1) for s in (1, -1))
        out[i] = (up - down) / 2e-6
    return out


@bank.right("dzk_dW1", "columns and broadcasting, plain")
def _(W1, b1, W2, x, k):
    gates = np.where(W1 @ x + b1 > 0, 1, 0)
    return (gates * W2[k])[:, None] * x


@bank.right("dzk_dW1", "plain NumPy: the precision that came in")
def _(W1, b1, W2, x, k):
    return np.outer(W2[k] * (W1 @ x + b1 > 0), x)


@bank.wrong("dzk_dW1", "changes_argument", "W2[k] *= ..., which changes the caller's array",
            "W2[k] is a view of W2. What does *= do to it?", LOGIT)
def _(W1, b1, W2, x, k):
    gates = opened(W1, b1, x)
    W2[k] *= gates.astype(W2.dtype)
    return np.outer(W2[k].astype(float), x)


@bank.wrong("dzk_dW1", "whole_numbers", "an output array with the dtype of W1",
            "np.zeros_like of whole numbers holds whole numbers. What becomes of 0.3 in it?", LOGIT)
def _(W1, b1, W2, x, k):
    out = np.zeros_like(W1)
    out[...] = dzk(W1, b1, W2, x, k)
    return out


bank.habits("dzk_dW1", dzk)


@bank.right("dzk_dW1", "loops")
def _(W1, b1, W2, x, k):
    h, d = W1.shape
    out = np.zeros((h, d))
    for j in range(h):
        a = float(b1[j]) + sum(float(W1[j, m]) * float(x[m]) for m in range(d))
        for m in range(d):
            out[j, m] = float(W2[k, j]) * float(x[m]) if a > 0 else 0.0
    return out


@bank.right("dzk_dW1", "einsum")
def _(W1, b1, W2, x, k):
    W1, b1, W2, x = doubles(W1, b1, W2, x)
    return np.einsum("h,h,d->hd", W2[k], np.heaviside(np.einsum("hd,d->h", W1, x) + b1, 0.0), x)


@bank.right("dzk_dW1", "rows of closed gates set to 0")
def _(W1, b1, W2, x, k):
    W1, b1, W2, x = doubles(W1, b1, W2, x)
    out = W2[k][:, None] * x[None, :]
    out[W1.dot(x) + b1 <= 0] = 0
    return out.tolist()


@bank.right("dzk_dW1", "through the diagonal Jacobian of the ReLU")
def _(W1, b1, W2, x, k):
    W1, b1, W2, x = doubles(W1, b1, W2, x)
    upstream = np.eye(len(W2))[k] @ W2 @ np.diag(step(b1 + W1 @ x))
    return upstream.reshape(-1, 1) @ x.reshape(1, -1)


# relu_err_and_grads -----------------------------------------------------------------------------


def passed(W1, b1, W2, b2, X, Y):
    """Forward values, the pieces of the backward pass, and how they make an answer."""
    W1, b1, W2, b2, X, Y = doubles(W1, b1, W2, b2, X, Y)
    A = X @ W1.T + b1
    H = ramp(A)
    Z = H @ W2.T + b2
    P = softmax(Z)
    D = P - Y
    return SimpleNamespace(W1=W1, b1=b1, W2=W2, b2=b2, X=X, Y=Y, A=A, H=H, Z=Z, P=P, D=D,
                           G=step(A), U=D @ W2)


def error(c):
    return float((logsumexp(c.Z) - (c.Y * c.Z).sum(axis=1)).sum())


def answer(c, **changes):
    """Put the pieces together; changed pieces make the known mistakes."""
    c = SimpleNamespace(**(vars(c) | changes))
    if "D" in changes and "U" not in changes:
        c.U = c.D @ c.W2
    dA = changes.get("dA", c.U * c.G)
    dW1 = changes.get("dW1", dA.T @ c.X)
    dW2 = changes.get("dW2", c.D.T @ c.H)
    return (changes.get("err", error(c)), dW1, changes.get("db1", dA.sum(axis=0)), dW2,
            changes.get("db2", c.D.sum(axis=0)))


def err_and_grads(*args):
    return answer(passed(*args))


def mistake(id, looks_like, question, reread=BACK):
    """Register a wrong `relu_err_and_grads`, written as a change of the pieces."""

    def register(change):
        def fn(W1, b1, W2, b2, X, Y):
            c = passed(W1, b1, W2, b2, X, Y)
            return answer(c, **change(c))

        bank.wrong("relu_err_and_grads", id, looks_like, question, reread)(fn)
        return change

    return register


@mistake("factor_twice", "the factor dz/dw twice, S4's (alpha) put into the chain rule",
         "How often does the chain rule multiply by dz_k/dw? Why does db2 not show it?", SUM)
def _(c):
    dA = (c.D @ c.W2**2) * c.G
    return {"dW2": c.D.T @ c.H**2, "db1": dA.sum(axis=0), "dW1": dA.T @ c.X**2}


@mistake("missing_sum", "one class k only, without the sum over k",
         "A hidden unit speaks to every logit. Over what must its gradient be summed?", SUM)
def _(c):
    return {"dA": (c.D * c.Y) @ c.W2 * c.G}


@mistake("missing_sum_first_class", "the share of logit 0 only",
         "A hidden unit speaks to every logit. Over what must its gradient be summed?", SUM)
def _(c):
    return {"dA": np.outer(c.D[:, 0], c.W2[0]) * c.G}


@mistake("one_input_gate", "a gate that looks at one input only, as printed in S4",
         "Does the gate of unit j open for the input m, or for the whole sum W1 x + b1?", GATE)
def _(c):
    gates = c.W1 * c.X[:, None, :] + c.b1[:, None] > 0
    return {"dW1": np.einsum("nh,nhd,nd->hd", c.U, gates, c.X)}


@mistake("one_input_gate_everywhere", "a gate that looks at the first input only",
         "Does the gate of unit j open for one input, or for the whole sum W1 x + b1?", GATE)
def _(c):
    return {"G": step(np.outer(c.X[:, 0], c.W1[:, 0]) + c.b1)}


@mistake("captured_index", "1 - y, with the index k captured by its own sum",
         "In S4's bracket one k is free and one is summed. Which letter does the sum need?")
def _(c):
    return {"D": 1 - c.Y}


@mistake("last_unit", "the last hidden unit only",
         "S4 writes h for the number of units and for one of them. Which is meant here?")
def _(c):
    last = np.arange(len(c.b1)) == len(c.b1) - 1
    return {"H": c.H * last, "G": c.G * last}


@mistake("one_at_zero", "gates that are open at 0",
         "Which slope did this course agree on at 0?", SLOPE)
def _(c):
    return {"G": (c.A >= 0).astype(float)}


@mistake("half_at_zero", "half a gate at 0", "Which slope did this course agree on at 0?", SLOPE)
def _(c):
    return {"G": (np.sign(c.A) + 1) / 2}


@mistake("no_gate", "W2^T (p - y), without the gate",
         "What does a unit pass on whose pre-activation is negative?")
def _(c):
    return {"dA": c.U}


@mistake("times_h", "h in place of the gate", "What is the derivative of the ramp: itself?")
def _(c):
    return {"G": c.H}


@mistake("gate_of_the_gradient", "a gate that looks at the gradient",
         "Which number decides whether the gate is open: the pre-activation, or what comes back?")
def _(c):
    return {"dA": ramp(c.U)}


@mistake("inverted", "the gate open where a < 0", "For which a is the slope 1?", SLOPE)
def _(c):
    return {"G": 1 - c.G}


@mistake("gate_of_the_mean", "one gate per unit for the whole batch",
         "Which examples open a unit: all alike, or each for itself?")
def _(c):
    return {"G": step(c.A.mean(axis=0))[None, :]}


@mistake("leaky_gate", "a gate that leaks for negative a",
         "How far does max(0, a) rise from a = -2 to a = -1?", SLOPE)
def _(c):
    return {"G": np.where(c.A > 0, 1.0, 0.01)}


@mistake("tanh_slope", "the slope 1 - h^2", "Which activation has the slope 1 - h^2?")
def _(c):
    return {"G": 1 - c.H**2}


@mistake("pre_activation", "a for h in dW2", "What is W2 multiplied by in the forward pass?")
def _(c):
    return {"dW2": c.D.T @ c.A}


@mistake("gate_for_h", "the gate for h in dW2",
         "What is W2 multiplied by in the forward pass: h, or its slope?")
def _(c):
    return {"dW2": c.D.T @ c.G}


@mistake("mean", "the mean over the examples",
         "The contract: is this error a sum over examples, or a mean?")
def _(c):
    return {"D": c.D / len(c.X), "err": error(c) / len(c.X)}


@mistake("mean_gradient", "the mean in the gradients, the sum in the error",
         "Is the gradient that of your error?")
def _(c):
    return {"D": c.D / len(c.X)}


@mistake("mean_error", "the mean in the error, the sum in the gradients",
         "Is the gradient that of your error?")
def _(c):
    return {"err": error(c) / len(c.X)}


@mistake("mean_biases", "the mean over examples in the bias gradients",
         "A bias acts on every example. Do their shares add up, or average?")
def _(c):
    return {"db1": (c.U * c.G).mean(axis=0), "db2": c.D.mean(axis=0)}


@mistake("first_example", "the first example only",
         "What happens to the other examples of the batch?")
def _(c):
    first = np.arange(len(c.X))[:, None] == 0
    return {"D": c.D * first, "err": float(logsumexp(c.Z[0]) - c.Y[0] @ c.Z[0])}


@mistake("last_example", "gradients of the last example only, = where += belongs",
         "What happens to the first example's share when the second one is computed?")
def _(c):
    return {"D": c.D * (np.arange(len(c.X))[:, None] == len(c.X) - 1)}


@mistake("first_gradients", "gradients of the first example only",
         "The error adds up all examples. Do the gradients?")
def _(c):
    return {"D": c.D * (np.arange(len(c.X))[:, None] == 0)}


@mistake("biases_not_summed", "bias gradients not yet added up over the examples",
         "b1 has h entries. How many rows has your db1?")
def _(c):
    return {"db1": c.U * c.G, "db2": c.D}


@mistake("biases_along_rows", "bias gradients added up along the wrong axis",
         "Which axis runs over the examples, and which over the units?")
def _(c):
    return {"db1": (c.U * c.G).sum(axis=1), "db2": c.D.sum(axis=1)}


@mistake("biases_one_number", "np.sum without an axis: one number for all biases",
         "Each bias has its own derivative. Over which axis, and over it alone, do you add?")
def _(c):
    return {"db1": (c.U * c.G).sum(), "db2": c.D.sum()}


@mistake("biases_from_weights", "bias gradients as row sums of the weight gradients",
         "What is b1 multiplied by in the forward pass: the inputs, or 1?")
def _(c):
    dA = c.U * c.G
    return {"db1": (dA.T @ c.X).sum(axis=1), "db2": (c.D.T @ c.H).sum(axis=1)}


@mistake("biases_as_columns", "bias gradients of shape (h, 1) and (K, 1)", "Which shape has b1?")
def _(c):
    return {"db1": (c.U * c.G).sum(axis=0)[:, None], "db2": c.D.sum(axis=0)[:, None]}


@mistake("gradient_for_weight", "dW2 where W2 belongs on the way back",
         "Through which weights did the hidden units reach the logits?")
def _(c):
    return {"U": c.D @ (c.D.T @ c.H)}


@mistake("binary_terms", "log(1 - p) of the other classes added, the gradient that of a softmax",
         "The error is -log of one probability, that of the label. Where do the others enter?")
def _(c):
    return {"err": float(-np.log(np.where(c.Y > 0, c.P, 1 - c.P)).sum())}


@mistake("sigmoid_output_slope", "(p - y) times the slope of a sigmoid at z",
         "Has the logarithm not cancelled the slope of the output already?")
def _(c):
    s = 0.5 + 0.5 * np.tanh(c.Z / 2)
    return {"D": c.D * s * (1 - s)}


@mistake("gate_at_the_logits", "p - y passed through a gate of its own",
         "Which layers of this network have a ReLU?")
def _(c):
    return {"D": c.D * (c.Z > 0)}


@mistake("unpaired_sums", "dW1 and dW2 as products of two sums",
         "Is a sum of products the product of the sums?")
def _(c):
    return {"dW1": np.outer((c.U * c.G).sum(axis=0), c.X.sum(axis=0)),
            "dW2": np.outer(c.D.sum(axis=0), c.H.sum(axis=0))}


@mistake("updated_before_use", "a step on W2 before it carries the gradient back",
         "All gradients belong to one point. At which W2 does your dW1 stand?")
def _(c):
    return {"U": c.D @ (c.W2 - 0.1 * c.D.T @ c.H)}


@mistake("sign", "the sign flipped", "Should descent raise or lower the label's logit?")
def _(c):
    return {"D": -c.D}


@mistake("no_label", "p alone for p - y", "Where does the label enter?")
def _(c):
    return {"D": c.P}


@mistake("logits", "z - y for p - y", "p is a function of z. Which one?")
def _(c):
    return {"D": c.Z - c.Y}


@mistake("extra_slope", "(p - y) p (1 - p)", "Has the logarithm not cancelled that slope already?")
def _(c):
    return {"D": c.D * c.P * (1 - c.P)}


@mistake("no_hidden_bias", "a forward pass without b1", "What is added to W1 x before the ReLU?")
def _(c):
    return vars(passed(c.W1, 0 * c.b1, c.W2, c.b2, c.X, c.Y))


@mistake("no_output_bias", "a forward pass without b2", "What is added to W2 h?")
def _(c):
    return vars(passed(c.W1, c.b1, c.W2, 0 * c.b2, c.X, c.Y))


@mistake("no_biases", "a forward pass without b1 and b2",
         "What is added to W1 x, and to W2 h?")
def _(c):
    return vars(passed(c.W1, 0 * c.b1, c.W2, 0 * c.b2, c.X, c.Y))


@mistake("second_relu", "a ReLU on the logits as well",
         "Which layers of this network have a ReLU?")
def _(c):
    Z = ramp(c.Z)
    return {"Z": Z, "D": softmax(Z) - c.Y}


@mistake("softmax_over_examples", "softmax down the columns",
         "One example is one row. Along which axis do its classes lie?")
def _(c):
    return {"D": softmax(c.Z.T).T - c.Y}


@mistake("weight_decay", "W1 and W2 added to their gradients",
         "Does this error have a penalty?")
def _(c):
    _, dW1, _, dW2, _ = answer(c)
    return {"dW1": dW1 + c.W1, "dW2": dW2 + c.W2}


@mistake("squared_error", "a squared error for the likelihood",
         "Which error has the derivative p - y with respect to the logits?")
def _(c):
    return {"err": float((c.D**2).sum())}


@mistake("added_epsilon", "log(p + 1e-12)",
         "From the logits no logarithm of 0 can arise. What is the constant for?")
def _(c):
    return {"err": float(-(c.Y * np.log(c.P + 1e-12)).sum())}


@mistake("log_of_softmax", "the logarithm of a probability that may be 0",
         "When p underflows to 0, what is its logarithm, and what is 0 times that?")
def _(c):
    return {"err": float(-(c.Y * np.log(c.P)).sum())}


@mistake("no_shift", "exp of the logits as they come",
         "What does a computer make of exp(1000)?")
def _(c):
    E = np.exp(c.Z)
    total = E.sum(axis=1, keepdims=True)
    return {"D": E / total - c.Y, "err": float((np.log(total[:, 0]) - (c.Y * c.Z).sum(1)).sum())}


@mistake("one_maximum", "one maximum for the whole batch",
         "What is left of a row whose logits lie 900 below another's?")
def _(c):
    Z = c.Z - c.Z.max()
    E = np.exp(Z)
    total = E.sum(axis=1, keepdims=True)
    return {"D": E / total - c.Y, "err": float((np.log(total[:, 0]) - (c.Y * Z).sum(1)).sum())}


@mistake("biases_as_rows", "bias gradients of shape (1, h) and (1, K)", "Which shape has b1?")
def _(c):
    return {"db1": (c.U * c.G).sum(axis=0, keepdims=True), "db2": c.D.sum(axis=0, keepdims=True)}


@mistake("rounded", "gradients rounded to a few digits",
         "What do the next steps compute with: what you print, or what you return?")
def _(c):
    return dict(zip(("err", "dW1", "db1", "dW2", "db2"),
                    (np.round(part, 8) for part in answer(c)), strict=True))


@bank.wrong("relu_err_and_grads", "not_transposed", "a product with W2 the wrong way round",
            "Each hidden unit collects from all logits. Over which index of W2 is that sum?", SUM)
def _(W1, b1, W2, b2, X, Y):
    c = passed(W1, b1, W2, b2, X, Y)
    return answer(c, U=c.D @ c.W2.T)


@bank.wrong("relu_err_and_grads", "inputs_not_transposed", "X W1 in place of X W1^T",
            "Rows of X are examples, rows of W1 are units. Along which axes do they meet?", BACK)
def _(W1, b1, W2, b2, X, Y):
    return err_and_grads(W1.T, b1, W2, b2, X, Y)


@bank.wrong("relu_err_and_grads", "transposed", "the weight gradients transposed",
            "Which shapes have W1 and W2?", BACK)
def _(*args):
    err, dW1, db1, dW2, db2 = err_and_grads(*args)
    return err, dW1.T, db1, dW2.T, db2


@bank.wrong("relu_err_and_grads", "other_order", "the parts in another order",
            "In which order does the contract return them?", BACK)
def _(*args):
    err, dW1, db1, dW2, db2 = err_and_grads(*args)
    return err, dW1, dW2, db1, db2


@bank.right("relu_err_and_grads", "gates read off the activations, a ReLU by clip")
def _(W1, b1, W2, b2, X, Y):
    H = np.clip(X @ W1.T + b1, 0, None)
    Z = H @ W2.T + b2
    logs = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    D = np.exp(logs) - Y
    dA = np.where(H > 0, D @ W2, 0)
    return -np.sum(Y * logs), dA.T @ X, np.sum(dA, axis=0), D.T @ H, np.sum(D, axis=0)


@bank.right("relu_err_and_grads", "labels by argmax, gates by *=")
def _(W1, b1, W2, b2, X, Y):
    n, y = np.arange(len(X)), np.argmax(Y, axis=1)
    A = X @ W1.T + b1
    Z = np.maximum(0, A) @ W2.T + b2
    Z = Z - Z.max(axis=1, keepdims=True)
    dZ = np.exp(Z)
    total = dZ.sum(axis=1)
    err = np.sum(np.log(total) - Z[n, y])
    dZ /= total[:, None]
    dZ[n, y] -= 1
    dA = dZ @ W2
    dA *= A > 0
    return err, dA.T @ X, dA.sum(0), dZ.T @ np.maximum(0, A), dZ.sum(0)


@bank.right("relu_err_and_grads", "plain NumPy: the precision that came in")
def _(W1, b1, W2, b2, X, Y):
    A = X @ W1.T + b1
    H = A * (A > 0)
    Z = H @ W2.T + b2
    P = softmax(Z)
    dA = ((P - Y) @ W2) * (A > 0)
    err = float((logsumexp(Z) - (Y * Z).sum(axis=1)).sum())
    return err, dA.T @ X, dA.sum(axis=0), (P - Y).T @ H, (P - Y).sum(axis=0)


@bank.wrong("relu_err_and_grads", "changes_argument", "Y -= P, which changes the caller's labels",
            "Who else holds the array Y?", BACK)
def _(W1, b1, W2, b2, X, Y):
    c = passed(W1, b1, W2, b2, X, Y)
    result = answer(c)
    Y -= c.P.astype(Y.dtype)
    return result


@bank.wrong("relu_err_and_grads", "differences", "central differences handed in as the gradient",
            "A difference is a way to check. Which quantity do all weights of a unit share?", BACK,
            cost="per parameter")
def _(W1, b1, W2, b2, X, Y):
    parameters = doubles(W1, b1, W2, b2)

    def part(i):
        out = np.empty(parameters[i].shape)
        for j in np.ndindex(out.shape):
            moved = [p.copy() for p in parameters]
            moved[i][j] += 1e-6
            up = error(passed(*moved, X, Y))
            moved[i][j] -= 2e-6
            out[j] = (up - error(passed(*moved, X, Y))) / 2e-6
        return out

    return error(passed(*parameters, X, Y)), *map(part, range(4))


@bank.wrong("relu_err_and_grads", "complex_step", "a complex step for every parameter",
            "A complex step is a way to check, at the price of a forward pass per parameter. "
            "Which quantity do all weights of a unit share?", BACK, cost="complex step")
def _(W1, b1, W2, b2, X, Y):
    W1, b1, W2, b2, X, Y = (np.array(a, dtype=float) for a in (W1, b1, W2, b2, X, Y))

    def err(W1, b1, W2, b2):
        A = X @ W1.T + b1
        Z = (A * (A.real > 0)) @ W2.T + b2
        Z = Z - Z.real.max(axis=1, keepdims=True)
        return (np.log(np.exp(Z).sum(axis=1)) - (Y * Z).sum(axis=1)).sum()

    def part(i):
        out = np.zeros(parameters[i].shape)
        for j in np.ndindex(out.shape):
            moved = [p.astype(complex) for p in parameters]
            moved[i][j] += 1e-20j
            out[j] = err(*moved).imag / 1e-20
        return out

    parameters = [W1, b1, W2, b2]
    return float(err(*parameters)), *map(part, range(4))


bank.habits("relu_err_and_grads", err_and_grads)


@bank.right("relu_err_and_grads", "one example at a time")
def _(W1, b1, W2, b2, X, Y):
    W1, b1, W2, b2, X, Y = (np.array(a, dtype=float) for a in (W1, b1, W2, b2, X, Y))
    err, grads = 0.0, [np.zeros(p.shape) for p in (W1, b1, W2, b2)]
    for x, y in zip(X, Y, strict=True):
        a = W1 @ x + b1
        h = np.maximum(a, 0)
        z = W2 @ h + b2
        z = z - z.max()
        total = np.exp(z).sum()
        err += np.log(total) - y @ z
        dz = np.exp(z) / total - y
        da = np.where(a > 0, W2.T @ dz, 0.0)
        for g, part in zip(grads, (np.outer(da, x), da, np.outer(dz, h), dz), strict=True):
            g += part
    return err, *grads


@bank.right("relu_err_and_grads", "einsum, a list")
def _(W1, b1, W2, b2, X, Y):
    W1, b1, W2, b2, X, Y = (np.array(a, dtype=float) for a in (W1, b1, W2, b2, X, Y))
    A = np.einsum("nd,hd->nh", X, W1) + b1
    G = np.heaviside(A, 0.0)
    H = A * G
    Z = np.einsum("nh,kh->nk", H, W2) + b2
    Z -= Z.max(axis=1, keepdims=True)
    logs = Z - np.log(np.sum(np.exp(Z), axis=1, keepdims=True))
    D = np.exp(logs) - Y
    dA = np.einsum("nk,kh,nh->nh", D, W2, G)
    return [-(Y * logs).sum(), np.einsum("nh,nd->hd", dA, X), np.einsum("nh->h", dA),
            np.einsum("nk,nh->kh", D, H), np.einsum("nk->k", D)]


@bank.right("relu_err_and_grads", "S4's way: dz_k/dw for every k, then the sum over k")
def _(W1, b1, W2, b2, X, Y):
    W1, b1, W2, b2, X, Y = (np.array(a, dtype=float) for a in (W1, b1, W2, b2, X, Y))
    err, dW1, db1 = 0.0, np.zeros(W1.shape), np.zeros(b1.shape)
    dW2, db2 = np.zeros(W2.shape), np.zeros(b2.shape)
    for x, y in zip(X, Y, strict=True):
        a = W1 @ x + b1
        z = W2 @ np.maximum(a, 0) + b2
        top = np.max(z)
        err += top - z[np.argmax(y)] + np.log(np.sum(np.exp(z - top)))
        p = np.exp(z - top) / np.sum(np.exp(z - top))
        for k in range(len(b2)):
            slope = p[k] - y[k]
            dW2[k] += slope * np.maximum(a, 0)
            db2[k] += slope
            db1 += slope * (W2[k] * (a > 0))
            dW1 += slope * np.outer(W2[k] * (a > 0), x)
    return err, dW1, db1, dW2, db2


@bank.right("relu_err_and_grads", "examples as columns, biases as a column of ones")
def _(W1, b1, W2, b2, X, Y):
    W1, b1, W2, b2, X, Y = (np.array(a, dtype=float) for a in (W1, b1, W2, b2, X, Y))
    ones = np.ones((1, X.shape[0]))
    inputs = np.concatenate([X.T, ones])
    H = np.concatenate([np.clip(np.hstack([W1, b1[:, None]]) @ inputs, 0, None), ones])
    Z = np.hstack([W2, b2[:, None]]) @ H
    Z = Z - Z.max(axis=0)
    E = np.exp(Z)
    D = E / E.sum(axis=0) - Y.T
    first = ((W2.T @ D) * (H[:-1] > 0)) @ inputs.T
    second = D @ H.T
    err = (np.log(E.sum(axis=0)) - (Y.T * Z).sum(axis=0)).sum()
    return err, first[:, :-1], first[:, -1], second[:, :-1], second[:, -1]


# one_sided --------------------------------------------------------------------------------------


def sides(f, x, eps):
    return (f(x) - f(x - eps)) / eps, (f(x + eps) - f(x)) / eps


@bank.wrong("one_sided", "swapped", "(right, left)",
            "In which order does the contract return them?", SIDES)
def _(f, x, eps):
    return sides(f, x, eps)[::-1]


@bank.wrong("one_sided", "left_sign", "(f(x - eps) - f(x)) / eps on the left",
            "On a rising line, should the slope on the left be negative?", SIDES)
def _(f, x, eps):
    left, right = sides(f, x, eps)
    return -left, right


@bank.wrong("one_sided", "central_twice", "the central difference for both",
            "Which point do the two slopes have in common?", SIDES)
def _(f, x, eps):
    both = (f(x + eps) - f(x - eps)) / (2 * eps)
    return both, both


@bank.wrong("one_sided", "centre_forgotten", "differences over two steps, divided by one",
            "How far apart are the two points whose values you subtract?", SIDES)
def _(f, x, eps):
    both = (f(x + eps) - f(x - eps)) / eps
    return both, both


@bank.wrong("one_sided", "two_eps", "divided by 2 eps",
            "How far apart are x and x + eps?", SIDES)
def _(f, x, eps):
    left, right = sides(f, x, eps)
    return left / 2, right / 2


@bank.wrong("one_sided", "not_divided", "differences that are not divided by eps",
            "A slope is rise over run. What is the run?", SIDES)
def _(f, x, eps):
    return f(x) - f(x - eps), f(x + eps) - f(x)


@bank.wrong("one_sided", "right_only", "the right slope twice",
            "What do you learn about the left side from f(x + eps)?", SIDES)
def _(f, x, eps):
    right = sides(f, x, eps)[1]
    return right, right


@bank.wrong("one_sided", "values", "f(x - eps) and f(x + eps), not slopes",
            "Was the value on each side asked for, or the slope?", SIDES)
def _(f, x, eps):
    return f(x - eps), f(x + eps)


@bank.wrong("one_sided", "one_number", "the jump of the slope",
            "How many numbers does the contract return?", SIDES)
def _(f, x, eps):
    left, right = sides(f, x, eps)
    return right - left


@bank.wrong("one_sided", "own_step", "a step of its own instead of eps",
            "Which step does the caller ask for?", SIDES)
def _(f, x, eps):
    return sides(f, x, 1e-5)


@bank.wrong("one_sided", "at_kink_average", "one slope where left and right disagree",
            "At a kink the two slopes differ. Is that an error, or the message?", SIDES)
def _(f, x, eps):
    left, right = sides(f, x, eps)
    if abs(left - right) > 0.99:
        left = right = (left + right) / 2
    return left, right


@bank.wrong("one_sided", "halves", "points half a step away",
            "At which distance from x is f to be read?", SIDES)
def _(f, x, eps):
    return sides(f, x, eps / 2)


_slopes = {}  # no two seeds share a point, so this memory spoils one draw and no other


@bank.wrong("one_sided", "remembers_the_point", "slopes kept for the point and step, whatever f is",
            "What should happen when the same point comes with another function?", SIDES)
def _(f, x, eps):
    return _slopes.setdefault((x, eps), sides(f, x, eps))


bank.habits("one_sided", sides, array=False)


@bank.right("one_sided", "backwards steps")
def _(f, x, eps):
    return tuple((f(x + s) - f(x)) / s for s in (-eps, eps))


@bank.right("one_sided", "three points and np.diff")
def _(f, x, eps):
    return np.diff([f(x - eps), f(x), f(x + eps)]) / eps


@bank.right("one_sided", "times the reciprocal, a list")
def _(f, x, eps):
    middle = f(x)
    return [(middle - f(x - eps)) * (1 / eps), (f(x + eps) - middle) * (1 / eps)]


# kink_mask --------------------------------------------------------------------------------------


def near_kink(W1, b1, x, eps):
    W1, b1, x = doubles(W1, b1, x)
    return np.abs(W1 @ x + b1)[:, None] <= eps * np.abs(x)


@bank.wrong("kink_mask", "eps_alone", "|a_j| <= eps for all inputs alike",
            "You move a weight by eps. How far does the pre-activation move?", MASK)
def _(W1, b1, x, eps):
    a, = doubles(W1 @ x + b1)
    return np.tile((np.abs(a) <= eps)[:, None], len(x))


@bank.wrong("kink_mask", "sign_of_x", "eps x_m without the absolute value",
            "The weight moves both ways. Does the sign of x_m matter?", MASK)
def _(W1, b1, x, eps):
    W1, b1, x = doubles(W1, b1, x)
    return np.abs(W1 @ x + b1)[:, None] <= eps * x


@bank.wrong("kink_mask", "sign_of_a", "a_j without the absolute value",
            "Can a unit be far from its kink on the negative side?", MASK)
def _(W1, b1, x, eps):
    W1, b1, x = doubles(W1, b1, x)
    return (W1 @ x + b1)[:, None] <= eps * np.abs(x)


@bank.wrong("kink_mask", "strict", "< instead of <=",
            "A step that lands exactly on the kink: does the contract count it?", MASK)
def _(W1, b1, x, eps):
    W1, b1, x = doubles(W1, b1, x)
    return np.abs(W1 @ x + b1)[:, None] < eps * np.abs(x)


@bank.wrong("kink_mask", "division", "|a_j| / |x_m| <= eps, which is 0 / 0 when both are 0",
            "What does the computer make of 0 / 0, and what is NaN <= eps?", MASK)
def _(W1, b1, x, eps):
    W1, b1, x = doubles(W1, b1, x)
    return np.abs(W1 @ x + b1)[:, None] / np.abs(x) <= eps


@bank.wrong("kink_mask", "inverted", "the entries to keep",
            "True marks entries in reach of a kink. Do you mark the others?", MASK)
def _(*args):
    return ~near_kink(*args)


@bank.wrong("kink_mask", "no_bias", "a pre-activation without b1",
            "What is added to W1 x before the ReLU?", MASK)
def _(W1, b1, x, eps):
    return near_kink(W1, 0 * b1, x, eps)


@bank.wrong("kink_mask", "one_input", "a pre-activation of one input only, S4's gate again",
            "Where does the kink lie: where one term of the sum is 0, or the whole sum?", GATE)
def _(W1, b1, x, eps):
    W1, b1, x = doubles(W1, b1, x)
    return np.abs(W1 * x + b1[:, None]) <= eps * np.abs(x)


@bank.wrong("kink_mask", "transposed", "shape (d, h)", "Which shape has W1?", MASK)
def _(*args):
    return near_kink(*args).T


@bank.wrong("kink_mask", "one_per_unit", "one answer per unit, for its largest input",
            "Can one weight of a unit be in reach of the kink, and another not?", MASK)
def _(W1, b1, x, eps):
    mask = near_kink(W1, b1, x, eps)
    return np.tile(mask.any(axis=1, keepdims=True), len(x))


@bank.wrong("kink_mask", "both_steps", "2 eps, the distance between the two points",
            "From where to where does one of the two steps go?", MASK)
def _(W1, b1, x, eps):
    return near_kink(W1, b1, x, 2 * eps)


@bank.wrong("kink_mask", "step_of_the_weight", "eps |W1[j, m]|: a relative step",
            "W1[j, m] moves by eps. How far does the pre-activation move?", MASK)
def _(W1, b1, x, eps):
    W1, b1, x = doubles(W1, b1, x)
    return np.abs(W1 @ x + b1)[:, None] <= eps * np.abs(W1)


@bank.wrong("kink_mask", "open_gates", "units whose gate is closed",
            "Is a closed gate near the kink, or far from it?", MASK)
def _(W1, b1, x, eps):
    W1, b1, x = doubles(W1, b1, x)
    return np.tile((W1 @ x + b1 <= 0)[:, None], len(x))


@bank.wrong("kink_mask", "numbers", "0 and 1 instead of booleans",
            "An array of whole numbers picks rows; booleans pick entries. Which one is a mask?",
            MASK)
def _(*args):
    return near_kink(*args).astype(int)


@bank.right("kink_mask", "an outer comparison, plain")
def _(W1, b1, x, eps):
    return np.less_equal.outer(abs(b1 + W1.dot(x)), eps * abs(x))


@bank.right("kink_mask", "plain NumPy: the precision that came in")
def _(W1, b1, x, eps):
    return np.abs(W1 @ x + b1)[:, None] <= eps * np.abs(x)


@bank.wrong("kink_mask", "whole_numbers", "the reach eps |x| in an array with the dtype of x",
            "An array of whole numbers holds whole numbers. What becomes of 0.7 in it?", MASK)
def _(W1, b1, x, eps):
    reach = np.zeros_like(x)
    reach[...] = eps * np.abs(x)
    return np.abs(W1 @ x + b1)[:, None] <= reach


@bank.wrong("kink_mask", "changes_argument", "b1 += ..., which changes the caller's array",
            "Who else holds the array b1?", MASK)
def _(W1, b1, x, eps):
    result = near_kink(W1, b1, x, eps)
    b1 += (W1 @ x).astype(b1.dtype)
    return result


bank.habits("kink_mask", near_kink)


@bank.right("kink_mask", "does the sign change?")
def _(W1, b1, x, eps):
    W1, b1, x = doubles(W1, b1, x)
    a = (W1 @ x + b1)[:, None]
    reach = np.outer(np.ones(len(b1)), eps * np.abs(x))
    return (a - reach <= 0) & (a + reach >= 0)


@bank.right("kink_mask", "loops, nested lists")
def _(W1, b1, x, eps):
    h, d = np.shape(W1)
    a = [float(b1[j]) + sum(float(W1[j, m]) * float(x[m]) for m in range(d)) for j in range(h)]
    return [[abs(a[j]) <= eps * abs(float(x[m])) for m in range(d)] for j in range(h)]


@bank.right("kink_mask", "not greater")
def _(W1, b1, x, eps):
    W1, b1, x = doubles(W1, b1, x)
    return ~np.greater.outer(np.abs(np.einsum("hd,d->h", W1, x) + b1), np.abs(eps * x))


# dead_units -------------------------------------------------------------------------------------


def dead(W1, b1, X):
    W1, b1, X = doubles(W1, b1, X)
    return (X @ W1.T + b1 <= 0).all(axis=0)


@bank.wrong("dead_units", "alive", "the units that are alive",
            "True marks the dead. Which units do you mark?", DEAD)
def _(*args):
    return ~dead(*args)


@bank.wrong("dead_units", "ever_asleep", "units that sleep for some example",
            "Is a unit dead when one example leaves it cold, or when all do?", DEAD)
def _(W1, b1, X):
    return (X @ W1.T + b1 <= 0).any(axis=0)


@bank.wrong("dead_units", "over_units", "one answer per example",
            "Which axis runs over the examples? The answer has one entry per unit.", DEAD)
def _(W1, b1, X):
    return (X @ W1.T + b1 <= 0).all(axis=1)


@bank.wrong("dead_units", "strict", "a < 0 instead of a <= 0",
            "At a = 0, does this course call the gate open or closed?", DEAD)
def _(W1, b1, X):
    return (X @ W1.T + b1 < 0).all(axis=0)


@bank.wrong("dead_units", "mean", "the mean pre-activation",
            "A unit may sleep on average and wake up for one example. Is it dead?", DEAD)
def _(W1, b1, X):
    return (X @ W1.T + b1).mean(axis=0) <= 0


@bank.wrong("dead_units", "first_example", "the first example only",
            "What happens to the other examples?", DEAD)
def _(W1, b1, X):
    return W1 @ X[0] + b1 <= 0


@bank.wrong("dead_units", "no_bias", "a pre-activation without b1",
            "What is added to W1 x before the ReLU?", DEAD)
def _(W1, b1, X):
    return dead(W1, 0 * b1, X)


@bank.wrong("dead_units", "threshold", "a small threshold instead of 0",
            "A unit that is awake by a hair has a gradient. Is it dead?", DEAD)
def _(W1, b1, X):
    W1, b1, X = doubles(W1, b1, X)
    return (X @ W1.T + b1 <= 1e-8).all(axis=0)


@bank.wrong("dead_units", "negative_bias", "units with a negative bias",
            "Can a large W1 x make up for a negative bias?", DEAD)
def _(W1, b1, X):
    return np.asarray(b1) < 0


@bank.wrong("dead_units", "indices", "the numbers of the dead units",
            "One boolean per unit was asked for. Which shape is that?", DEAD)
def _(*args):
    return np.flatnonzero(dead(*args))


@bank.wrong("dead_units", "numbers", "0 and 1 instead of booleans",
            "Which dtype does the contract ask for, so that ~ and indexing work?", DEAD)
def _(*args):
    return dead(*args).astype(int)


@bank.wrong("dead_units", "count", "how many units are dead",
            "One boolean per unit was asked for. What do you return?", DEAD)
def _(*args):
    return int(dead(*args).sum())


@bank.right("dead_units", "no positive entry in a column, plain")
def _(W1, b1, X):
    return np.logical_not(np.any(X.dot(W1.T) + b1 > 0, axis=0))


@bank.right("dead_units", "plain NumPy: the precision that came in")
def _(W1, b1, X):
    return (X @ W1.T + b1 <= 0).all(axis=0)


@bank.wrong("dead_units", "whole_numbers", "pre-activations in an array with the dtype of X",
            "An array of whole numbers holds whole numbers. What becomes of 0.5 in it?", DEAD)
def _(W1, b1, X):
    A = np.zeros((len(X), len(b1)), dtype=X.dtype)
    A[...] = X @ W1.T + b1
    return (A <= 0).all(axis=0)


@bank.wrong("dead_units", "changes_argument", "X -= ..., which changes the caller's array",
            "Who else holds the array X?", DEAD)
def _(W1, b1, X):
    result = dead(W1, b1, X)
    X *= 2
    return result


bank.habits("dead_units", dead)


@bank.right("dead_units", "the largest pre-activation")
def _(W1, b1, X):
    W1, b1, X = doubles(W1, b1, X)
    return np.max(W1 @ X.T + b1[:, None], axis=1) <= 0


@bank.right("dead_units", "no activation at all")
def _(W1, b1, X):
    W1, b1, X = doubles(W1, b1, X)
    return np.count_nonzero(np.maximum(X @ W1.T + b1, 0), axis=0) == 0


@bank.right("dead_units", "loops, a list of booleans")
def _(W1, b1, X):
    W1, b1, X = doubles(W1, b1, X)
    return [not any(w @ x + b > 0 for x in X) for w, b in zip(W1, b1, strict=True)]
