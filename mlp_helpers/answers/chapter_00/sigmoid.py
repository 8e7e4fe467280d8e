"""The sigmoid."""

from __future__ import annotations

import math

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import sigmoid, sigmoid_prime
from ..bank import Bank
from .shared import DTYPES, HUGE, activation_cases, elementwise, stable_if

bank = Bank()


EXERCISE = Exercise(
    title="The sigmoid",
    signature="sigmoid(a)",
    returns="sigmoid",
    minutes=8,
    lines=3,
    draw=activation_cases,
    oracle=sigmoid,
    criteria=(
        shape(0.5),
        value(0.75),
        value(0.5, HUGE, "huge"),
        value(0.25, "any number of axes", "any"),
        value(0.25, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.5),
    ),
    hints=(
        "exp overflows for large positive arguments only. For which a do you need exp(-a), and "
        "for which exp(a)?",
        "1/(1 + exp(-a)) survives infinity in the denominator; exp(a)/(1 + exp(a)) does not. "
        "With e = exp(-|a|), which never overflows, the sigmoid is 1/(1 + e) for a >= 0 and "
        "e/(1 + e) for a < 0.",
        "e = np.exp(-np.abs(a))\nreturn np.where(a >= 0, ..., ...)",
    ),
    bank=bank,
)


SIGMOID = "The sigmoid"


@bank.wrong(
    "exp(a) / (1 + exp(a)) as it is written",
    "What is exp(1000), and what is infinity divided by infinity?",
)
def overflows(a):
    e = np.exp(np.asarray(a, dtype=float))
    return e / (1 + e)


@bank.wrong(
    "1 / (1 + exp(a)), without the minus",
    "Should the sigmoid of a large positive number be near 1 or near 0?",
)
def sign(a):
    return sigmoid(-np.asarray(a, dtype=float))


@bank.wrong("1 / (1 - exp(-a))", "What happens at a = 0?")
def minus_below(a):
    return 1 / (1 - np.exp(-np.asarray(a, dtype=float)))


@bank.wrong("1 / 1 + exp(-a)", "In which order does Python work out 1 / 1 + x?")
def precedence(a):
    return 1 / 1 + np.exp(-np.asarray(a, dtype=float))


@bank.wrong("tanh", "Between which two numbers does the sigmoid lie?")
def tanh(a):
    return np.tanh(np.asarray(a, dtype=float))


@bank.wrong(
    "(1 + tanh(a)) / 2",
    "Compare tanh(a) with 2 sigma(2a) - 1. By which factor is the argument off?",
)
def half_argument_forgotten(a):
    return 0.5 * (1 + np.tanh(np.asarray(a, dtype=float)))


@bank.wrong(
    "exp(a) divided by the sum over all entries",
    "Does one entry of the answer depend on the other entries of a?",
)
def softmax(a):
    e = np.exp(np.asarray(a, dtype=float) - np.max(a))
    return e / e.sum()


@bank.wrong(
    "arguments cut off at a fixed number",
    "Which value does sigma(a) have for a beyond the cut, and which do you return?",
)
def clips(a):
    return 1 / (1 + np.exp(-np.clip(np.asarray(a, dtype=float), -20, 20)))


@bank.wrong("a straight line between 0 and 1", "Is the sigmoid straight anywhere?")
def hard(a):
    return np.clip(0.25 * np.asarray(a, dtype=float) + 0.5, 0, 1)


@bank.wrong(
    "the slope sigma (1 - sigma) instead of the value", "Which of the two is asked for here?"
)
def slope(a):
    return sigmoid_prime(np.asarray(a, dtype=float))


@bank.wrong("powers of 2 instead of e", "Which base does the formula use?")
def base_two(a):
    return 1 / (1 + 2.0 ** -np.asarray(a, dtype=float))


@bank.wrong(
    "math.exp, which raises an error on overflow",
    "math.exp(1000) is an error, np.exp(1000) is infinity. And which exponent is safe?",
)
def math_exp(a):
    flat = [1 / (1 + math.exp(-float(v))) for v in np.ravel(a)]
    return np.reshape(flat, np.shape(a))


@bank.wrong(
    "exp(-a) / (1 + exp(-a)), which is 1 - sigma",
    "Should the sigmoid of a large positive number be near 1 or near 0?",
)
def one_minus(a):
    return 1 - sigmoid(a)


@bank.wrong("1 / exp(-a), without the 1 below", "Which value has your function at a = 0?")
def no_one(a):
    return np.exp(np.asarray(a, dtype=float))


@bank.wrong(
    "a small constant added to the denominator",
    "1 + exp(-a) is never 0. What does the constant do to the answer?",
)
def small_constant(a):
    return 1 / (1 + np.exp(-np.asarray(a, dtype=float)) + 1e-8)


elementwise(bank, lambda a: sigmoid(np.asarray(a)), SIGMOID)


bank.for_numbers(condition=stable_if, math=lambda a: 1 / (1 + math.exp(-a)))


@bank.right("1 / (1 + exp(-a)), infinity and all")
def one_over_one_plus_exp(a):
    return 1.0 / (1.0 + np.exp(-np.asarray(a, dtype=float)))


@bank.right("through tanh")
def through_tanh(a):
    return 0.5 * (1 + np.tanh(0.5 * np.array(a, dtype=np.float64)))


@bank.right("np.where with a safe exponent")
def np_where_with_a_safe_exponent(a):
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1 / (1 + e), e / (1 + e))


@bank.right("plain NumPy, as the formula stands")
def plain_numpy(a):
    return 1 / (1 + np.exp(-1.0 * a))


@bank.right("through tanh, as it stands")
def through_tanh_(a):
    return 0.5 + 0.5 * np.tanh(a / 2)


@bank.right("two masks")
def two_masks(a):
    a = np.array(a, dtype=float)
    out = np.empty(a.shape)
    up = a >= 0
    out[up] = 1 / (1 + np.exp(-a[up]))
    e = np.exp(a[~up])
    out[~up] = e / (1 + e)
    return out


@bank.right("a loop over Python floats")
def a_loop_over_python_floats(a):
    def one(v):
        e = math.exp(-abs(v))
        return 1 / (1 + e) if v >= 0 else e / (1 + e)

    return np.array([one(float(v)) for v in np.ravel(a)]).reshape(np.shape(a))


@bank.right("exp of minus log(1 + exp(-a))")
def exp_of_minus_log(a):
    return np.exp(-np.logaddexp(0.0, -np.asarray(a, dtype=float)))
