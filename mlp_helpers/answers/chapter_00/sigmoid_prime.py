"""The slope of the sigmoid."""

from __future__ import annotations

import math

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import sigmoid, sigmoid_prime, tanh_prime
from ...reference.gradcheck import central
from ..bank import Bank
from .shared import DTYPES, EPS, HUGE, activation_cases, elementwise, stable_if

bank = Bank()


EXERCISE = Exercise(
    title="The slope of the sigmoid",
    signature="sigmoid_prime(a)",
    returns="sigmoid_prime",
    minutes=5,
    lines=2,
    draw=activation_cases,
    oracle=sigmoid_prime,
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
        "You derived the slope on paper. It needs no new exponential: which number do you know "
        "already?",
        "sigma'(a) = sigma(a) (1 - sigma(a)). Call your sigmoid once; if it is finite, so is "
        "the product.",
        "s = sigmoid(a)\nreturn ...",
    ),
    bank=bank,
)


SIGMOID_SLOPE = "The slope of the sigmoid"


@bank.wrong(
    "exp(-a) / (1 + exp(-a))^2 as it is written",
    "What is exp(1000), and what is infinity divided by infinity?",
)
def formula_overflows(a):
    e = np.exp(-np.asarray(a, dtype=float))
    return e / (1 + e) ** 2


@bank.wrong("a (1 - a), which takes a for sigma(a)", "Is a already the output of the sigmoid?")
def of_the_argument(a):
    a = np.asarray(a, dtype=float)
    return a * (1 - a)


@bank.wrong(
    "sigma(a) / a, as S2 prints it",
    "A slope is d sigma / d a. What is left if the two d's are lost?",
)
def printed_quotient(a):
    a = np.asarray(a, dtype=float)
    return sigmoid(a) / a


@bank.wrong("1 - sigma^2, which is the form of tanh", "Which activation has the slope 1 - g^2?")
def square(a):
    return 1 - sigmoid(a) ** 2


@bank.wrong("the sigmoid itself", "Which of the two is asked for here?")
def value_(a):
    return sigmoid(a)


@bank.wrong(
    "1 - sigma, one factor missing",
    "What is the slope far to the left, and what does 1 - sigma give there?",
)
def one_minus(a):
    return 1 - sigmoid(a)


@bank.wrong("the wrong sign", "Does the sigmoid rise or fall?")
def sign(a):
    return -sigmoid_prime(a)


@bank.wrong("sigma (1 + sigma)", "What is the slope at 0, read off a drawing?")
def plus(a):
    s = sigmoid(a)
    return s * (1 + s)


@bank.wrong(
    "sigma(sigma(a)) in place of sigma(a)", "How often is the sigmoid applied in your code?"
)
def applied_twice(a):
    return sigmoid_prime(sigmoid(a))


@bank.wrong(
    "sigma(a) (1 - a), one factor of the value and one of the argument",
    "Both factors of the slope are made of the same number. Which one?",
)
def value_and_input(a):
    return sigmoid(a) * (1 - np.asarray(a, dtype=float))


@bank.wrong(
    "a (1 - sigma(a)), one factor of the argument and one of the value",
    "Both factors of the slope are made of the same number. Which one?",
)
def input_and_value(a):
    return np.asarray(a, dtype=float) * (1 - sigmoid(a))


@bank.wrong("1 - sigma (1 - sigma)", "What is the slope far to the left?")
def minus_square(a):
    return 1 - sigmoid_prime(a)


@bank.wrong("sigma - sigma (1 - sigma), which is sigma^2", "What is the slope far to the right?")
def squared_value(a):
    return sigmoid(a) ** 2


@bank.wrong("the slope of tanh", "What is the largest slope of each of the two?")
def tanh_slope(a):
    return tanh_prime(a)


@bank.wrong(
    "a difference quotient instead of the formula",
    "You know the slope in closed form. How many digits does a difference have?",
)
def difference(a):
    a = np.asarray(a, dtype=float)
    return central(lambda t: sigmoid(a + t), EPS)


@bank.wrong("sigma^2 (1 - sigma)^2", "What is the slope at 0, read off a drawing?")
def square_of_the_slope(a):
    return sigmoid_prime(a) ** 2


elementwise(bank, lambda a: sigmoid_prime(np.asarray(a)), SIGMOID_SLOPE)


bank.for_numbers(
    condition=lambda a: stable_if(a) * (1 - stable_if(a)),
    math=lambda a: math.exp(-a) / (1 + math.exp(-a)) ** 2,
)


@bank.right("sigma times one minus sigma")
def sigma_times_one_minus_sigma(a):
    s = 1 / (1 + np.exp(-np.asarray(a, dtype=float)))
    return s * (1 - s)


@bank.right("s - s^2, as it stands")
def s_s_2(a):
    s = 1 / (1 + np.exp(-1.0 * a))
    return s - s**2


@bank.right("sigma(a) sigma(-a), as it stands")
def sigma_sigma(a):
    e = np.exp(-np.abs(a))
    return e / (1 + e) ** 2


@bank.right("sigma(a) sigma(-a)")
def sigma_sigma_(a):
    a = np.asarray(a, dtype=float)
    return (1 / (1 + np.exp(-a))) * (1 / (1 + np.exp(a)))


@bank.right("a quarter of the slope of tanh at half the argument")
def a_quarter_of_the_slope_of_tanh_at_half(a):
    return 0.25 * (1 - np.tanh(np.asarray(a, dtype=float) / 2) ** 2)


@bank.right("a loop, with exp(-|a|)")
def a_loop(a):
    flat = []
    for v in np.ravel(a):
        e = math.exp(-abs(float(v)))
        flat.append(e / (1 + e) ** 2)
    return np.reshape(flat, np.shape(a))
