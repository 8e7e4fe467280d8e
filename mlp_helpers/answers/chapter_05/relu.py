"""The ramp."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import relu
from ..bank import Bank
from .shared import CLOSE, SHAPES, elementwise_cases, ramp, unit_step

bank = Bank()


EXERCISE = Exercise(
    title="The ramp",
    signature="relu(a)",
    returns="h",
    minutes=4,
    lines=1,
    section="A ramp and a step",
    draw=elementwise_cases,
    oracle=relu,
    criteria=(
        shape(0.25),
        value(0.75),
        value(0.25, SHAPES, "shapes"),
        value(0.25, CLOSE, "close"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "Which of the two numbers a and 0 is the answer, entry by entry? NumPy has a function "
        "that chooses the larger of two, entry by entry. It is not np.max.",
        "np.maximum compares entry by entry and broadcasts a single number against an array. "
        "np.max reduces an array to its largest entry. a[a < 0] = 0 would change the caller's "
        "array.",
        "return np.maximum(..., ...)",
    ),
    bank=bank,
)


@bank.wrong("|a|", "What should become of a negative number: its size, or 0?")
def absolute(a):
    return np.abs(a)


@bank.wrong("the negative part, min(a, 0)", "Which half of the numbers should pass unchanged?")
def negative_part(a):
    return np.minimum(a, 0.0)


@bank.wrong("max(0, -a)", "Which sign passes the gate?")
def sign(a):
    return np.maximum(0.0, -a)


@bank.wrong("the slope instead of the ramp", "Is relu(3) equal to 1 or to 3?")
def step_(a):
    return unit_step(a)


@bank.wrong("a ramp that leaks for negative numbers", "What does max(0, a) give for a = -2?")
def leaky(a):
    return np.where(a > 0, a, 0.01 * a)


@bank.wrong("log(1 + exp(a))", "The smooth ramp is log 2 at 0. What is the ramp there?")
def softplus(a):
    return np.log1p(np.exp(a))


@bank.wrong(
    "a smooth ramp with a very sharp bend",
    "How large is your answer for a = -1e-6, and how large should it be?",
)
def sharp_softplus(a):
    return np.logaddexp(0.0, 1e9 * np.asarray(a, dtype=float)) / 1e9


@bank.wrong("a small number instead of 0", "Should a closed gate let something through?")
def floor(a):
    return np.maximum(a, 1e-13)


@bank.wrong(
    "numbers below a small threshold set to 0",
    "Is there a positive number so small that max(0, a) is 0?",
)
def threshold(a):
    return np.where(a > 1e-8, a, 0.0)


@bank.wrong("a ramp that ends at 1", "What does max(0, a) give for a = 1.7?")
def capped(a):
    return np.clip(a, 0.0, 1.0)


@bank.wrong(
    "np.max, the largest entry of the whole array",
    "max along an array, or the larger of two, entry by entry: which NumPy function is which?",
)
def reduces(a):
    return np.max(a, initial=0.0)


@bank.wrong("a[a < 0] = 0, which changes the caller's array", "Who else holds the array a?")
def changes_argument(a):
    a[a < 0] = 0.0
    return a


@bank.wrong(
    "loops over the rows and columns of a matrix",
    "A single vector has one axis only. Which NumPy function works for any number of axes?",
)
def two_axes_only(a):
    return np.array([[max(float(v), 0.0) for v in row] for row in a])


@bank.wrong("numbers in float32", "float32 keeps seven digits. Where does the precision get lost?")
def single_precision(a):
    return np.maximum(np.asarray(a, dtype=np.float32), 0)


@bank.wrong(
    "an answer rounded to a few digits",
    "What do the next steps compute with: what you print, or what you return?",
)
def rounded(a):
    return np.round(ramp(a), 6)


@bank.wrong("the array transposed", "Which shape comes in, which goes out?")
def transposed(a):
    return ramp(a).T


@bank.wrong("the positive entries alone", "How many entries come in, how many go out?")
def drops_negatives(a):
    a = np.asarray(a)
    return a[a > 0]


bank.habits(ramp)


bank.for_numbers(condition=lambda a: a if a > 0 else 0.0)


@bank.right("where")
def where(a):
    return np.where(np.asarray(a) > 0, a, 0.0)


@bank.right("maximum, plain")
def maximum(a):
    return np.maximum(0, a)


@bank.right("a copy, its negatives set to 0")
def a_copy(a):
    out = a.copy()
    out[out < 0] = 0
    return out


@bank.right("times its gate")
def times_its_gate(a):
    return a * (a > 0)


@bank.right("half of a + |a|")
def half_of_a_a(a):
    return (a + np.abs(a)) / 2


@bank.right("clip, a copy")
def clip(a):
    return np.clip(np.array(a, dtype=float), 0.0, None)


@bank.right("one number at a time")
def one_number_at_a_time(a):
    out = np.zeros(np.shape(a))
    for i in np.ndindex(out.shape):
        if a[i] > 0:
            out[i] = a[i]
    return out


@bank.right("nested lists")
def nested_lists(a):
    return ramp(a).tolist()
