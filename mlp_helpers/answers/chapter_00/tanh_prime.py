"""The slope of tanh."""

from __future__ import annotations

import math

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import sigmoid, sigmoid_prime, tanh_prime
from ...reference.gradcheck import central
from ..bank import Bank
from .shared import DTYPES, EPS, HUGE, activation_cases, elementwise

bank = Bank()


EXERCISE = Exercise(
    title="The slope of tanh",
    signature="tanh_prime(a)",
    returns="tanh_prime",
    minutes=5,
    lines=2,
    draw=activation_cases,
    oracle=tanh_prime,
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
        "NumPy's tanh is finite everywhere. How is the slope of tanh written with tanh itself?",
        "tanh'(a) = 1 - tanh(a)^2. The square is of tanh(a), not of a.",
        "t = np.tanh(a)\nreturn ...",
    ),
    bank=bank,
)


TANH_SLOPE = "The slope of tanh"


@bank.wrong(
    "1 - ((e^2a - 1) / (e^2a + 1))^2, with exponentials as printed",
    "S3 prints tanh with exponentials. What do they give at a = 400?",
)
def formula_overflows(a):
    e = np.exp(2 * np.asarray(a, dtype=float))
    return 1 - ((e - 1) / (e + 1)) ** 2


@bank.wrong("1 - a^2, which takes a for tanh(a)", "Is a already the output of tanh?")
def of_the_argument(a):
    return 1 - np.asarray(a, dtype=float) ** 2


@bank.wrong("1 - tanh(a)", "What is the slope far to the left, and what does 1 - tanh give there?")
def no_square(a):
    return 1 - np.tanh(np.asarray(a, dtype=float))


@bank.wrong(
    "tanh (1 - tanh), which is the form of the sigmoid",
    "Which activation has the slope g (1 - g)? What is the slope of tanh at 0?",
)
def sigmoid_form(a):
    t = np.tanh(np.asarray(a, dtype=float))
    return t * (1 - t)


@bank.wrong("tanh itself", "Which of the two is asked for here?")
def value_(a):
    return np.tanh(np.asarray(a, dtype=float))


@bank.wrong("1 + tanh^2", "What is the slope far from 0, read off a drawing?")
def plus(a):
    return 1 + np.tanh(np.asarray(a, dtype=float)) ** 2


@bank.wrong("tanh^2 - 1", "Does tanh rise or fall?")
def sign(a):
    return -tanh_prime(a)


@bank.wrong("1 - tanh(tanh(a))^2", "How often is tanh applied in your code?")
def applied_twice(a):
    return 1 - np.tanh(np.tanh(a)) ** 2


@bank.wrong("the slope at sigma(a)", "At which number is the slope asked for?")
def at_the_sigmoid(a):
    return tanh_prime(sigmoid(a))


@bank.wrong("1 - tanh(a^2)", "What is squared, the argument or the value?")
def squared_argument(a):
    return 1 - np.tanh(np.asarray(a, dtype=float) ** 2)


@bank.wrong("a factor 2 that belongs to tanh(a) = 2 sigma(2a) - 1", "How large is the slope at 0?")
def factor_two(a):
    return 2 * sigmoid_prime(2 * np.asarray(a, dtype=float))


@bank.wrong("1 / cosh(a), without the square", "What power of cosh stands in the slope?")
def one_over_cosh(a):
    return 1 / np.cosh(np.asarray(a, dtype=float))


@bank.wrong(
    "the quotient rule on sinh / cosh, with inf / inf for large arguments",
    "What are sinh(1000) and cosh(1000)?",
)
def sinh_over_cosh(a):
    a = np.asarray(a, dtype=float)
    return (np.cosh(a) ** 2 - np.sinh(a) ** 2) / np.cosh(a) ** 2


@bank.wrong(
    "a difference quotient instead of the formula",
    "You know the slope in closed form. How many digits does a difference have?",
)
def difference(a):
    a = np.asarray(a, dtype=float)
    return central(lambda t: np.tanh(a + t), EPS)


elementwise(bank, lambda a: tanh_prime(np.asarray(a)), TANH_SLOPE)


bank.for_numbers(math=lambda a: 1 - math.tanh(a) ** 2, caret=lambda a: 1 - np.tanh(a) ^ 2)


@bank.right("one minus the square")
def one_minus_the_square(a):
    return 1 - np.tanh(np.asarray(a, dtype=float)) ** 2


@bank.right("plain NumPy")
def plain_numpy(a):
    t = np.tanh(a)
    return 1 - t * t


@bank.right("cosh to the power -2, as it stands")
def cosh_to_the_power_2(a):
    return np.cosh(a) ** -2


@bank.right("1 / cosh^2")
def one_over_cosh_squared(a):
    return 1 / np.cosh(np.array(a, dtype=float)) ** 2


@bank.right("(1 - t)(1 + t), in a loop")
def plain(a):
    flat = [(1 - math.tanh(v)) * (1 + math.tanh(v)) for v in np.ravel(a).astype(float).tolist()]
    return np.array(flat).reshape(np.shape(a))


@bank.right("sums of exponentials that may overflow")
def sums_of_exponentials_that_may_overflow(a):
    a = np.asarray(a, dtype=float)
    return 4 / (np.exp(a) + np.exp(-a)) ** 2
