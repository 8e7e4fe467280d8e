"""The gate."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import relu_prime
from ..bank import Bank
from .shared import CLOSE, SHAPES, elementwise_cases, ramp, unit_step

bank = Bank()


EXERCISE = Exercise(
    title="The gate",
    signature="relu_prime(a)",
    returns="phi'",
    minutes=5,
    lines=1,
    section="The slope, and what to say at 0",
    draw=elementwise_cases,
    oracle=relu_prime,
    criteria=(
        shape(0.25),
        value(0.75),
        value(0.75, "the convention at exactly 0", "zero"),
        value(0.25, CLOSE, "close"),
        value(0.25, SHAPES, "shapes"),
        unchanged(0.25),
        stable(0.5),
    ),
    hints=(
        "The slope has only two values. For which a is it 1? And what did this course agree on "
        "at a = 0?",
        "It is 1 where a > 0 and 0 elsewhere, a = 0 included. A comparison gives booleans; the "
        "contract asks for float64 numbers.",
        "return (a > ...).astype(...)",
    ),
    bank=bank,
)


bank.for_numbers(condition=lambda a: 1.0 if a > 0 else 0.0)


@bank.wrong(
    "a >= 0, which gives 1 at 0",
    "Neither 0 nor 1 is the derivative at 0. Which of them did this course agree on?",
)
def one_at_zero(a):
    return (np.asarray(a) >= 0).astype(float)


@bank.wrong(
    "1/2 at 0, the slope of a central difference",
    "Which number between the two slopes did this course agree on at 0?",
)
def half_at_zero(a):
    return (np.sign(a) + 1) / 2


@bank.wrong("relu(a) / a", "What does the computer make of 0 / 0?")
def nan_at_zero(a):
    return np.maximum(a, 0.0) / a


@bank.wrong("the ramp instead of its slope", "How steep is the ramp at a = 3: 3, or 1?")
def ramp_(a):
    return ramp(a)


@bank.wrong(
    "a where the gate is closed", "What is the slope for a = -2: how far does the ramp rise there?"
)
def identity_times_step(a):
    return np.where(np.asarray(a) > 0, 1.0, a)


@bank.wrong("1 for negative numbers", "On which side does the ramp rise?")
def inverted(a):
    return (np.asarray(a) < 0).astype(float)


@bank.wrong("the sign of a: -1 for negative numbers", "Does the ramp fall on the left of 0?")
def sign(a):
    return np.sign(np.asarray(a, dtype=float))


@bank.wrong(
    "a small slope for negative numbers", "How far does max(0, a) rise from a = -2 to a = -1?"
)
def leaky(a):
    return np.where(np.asarray(a) > 0, 1.0, 0.01)


@bank.wrong(
    "the slope of the smooth ramp",
    "The sigmoid is the slope of softplus. Which two values has the slope of the ramp?",
)
def sigmoid(a):
    return 1 / (1 + np.exp(-np.asarray(a, dtype=float)))


@bank.wrong("a very steep sigmoid", "What is your slope at a = 1e-12: 0, 1, or something between?")
def sharp_sigmoid(a):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-1e9 * np.asarray(a, dtype=float)))


@bank.wrong("1 - h^2, the slope of tanh", "Which activation has the slope 1 - h^2?")
def tanh_slope(a):
    return 1 - np.tanh(a) ** 2


@bank.wrong(
    "a slope that starts beyond a small threshold", "At a = 1e-13 the ramp rises. With which slope?"
)
def threshold(a):
    return (np.asarray(a) > 1e-8).astype(float)


@bank.wrong(
    "a central difference of the ramp",
    "A difference reaches over the kink from eps away. Can you write the slope without one?",
)
def central_difference(a):
    eps = 1e-6
    return (ramp(a + eps) - ramp(a - eps)) / (2 * eps)


@bank.wrong(
    "an array of booleans",
    "True is no number: what is -True? Which dtype does the contract ask for?",
)
def booleans(a):
    return np.asarray(a) > 0


@bank.wrong("1 everywhere", "What is the slope where the ramp is flat?")
def ones_only(a):
    return np.ones(np.shape(a))


@bank.wrong("a[a > 0] = 1, which changes the caller's array", "Who else holds the array a?")
def changes_argument(a):
    a[a <= 0] = 0
    a[a > 0] = 1
    return a


@bank.wrong(
    "loops over the rows and columns of a matrix",
    "A single vector has one axis only. Which comparison works for any number of axes?",
)
def two_axes_only(a):
    return np.array([[1.0 if v > 0 else 0.0 for v in row] for row in a])


@bank.wrong("the array transposed", "Which shape comes in, which goes out?")
def transposed(a):
    return unit_step(a).T


bank.habits(unit_step)


@bank.right("where")
def where(a):
    return np.where(a > 0, 1.0, 0.0)


@bank.right("a comparison times 1.0")
def a_comparison_times_1_0(a):
    return 1.0 * (a > 0)


@bank.right("zeros_like, filled")
def zeros_like(a):
    out = np.zeros_like(a)
    out[a > 0] = 1
    return out


@bank.right("heaviside with its value at 0")
def heaviside_with_its_value_at_0(a):
    return np.heaviside(np.asarray(a, dtype=float), 0.0)


@bank.right("of the ramp's own values, whole numbers")
def of_the_ramp_s_own_values(a):
    return np.sign(np.maximum(a, 0)).astype(int)


@bank.right("one number at a time")
def one_number_at_a_time(a):
    out = np.empty(np.shape(a))
    for i in np.ndindex(out.shape):
        out[i] = 0 if a[i] <= 0 else 1
    return out
