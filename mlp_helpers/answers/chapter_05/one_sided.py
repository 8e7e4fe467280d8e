"""One slope for each side."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, value
from ...checking.exercise import Exercise
from ...checking.values import Named
from ..bank import Bank
from ..draw import case

DIFFERENCE_TOL = 1e-10


def _one_sided_cases(rng):
    def bent(at_kink):
        """A line bent at c plus a curve; x at the kink, or a little beside it."""
        c = float(rng.uniform(-1.0, 1.0))
        slopes = rng.permutation([rng.uniform(-2.0, -0.5), rng.uniform(0.7, 2.5)])
        f = Named("bent_line", (c, *map(float, slopes), float(rng.uniform(0.5, 1.5))))
        return f, c if at_kink else c + float(rng.uniform(0.6, 1.5))

    def another(f):
        """A line bent at the same place, with other slopes."""
        return Named("bent_line", (f.params[0], *bent(False)[0].params[1:]))

    def near(f_and_x, **more):
        eps = float(rng.uniform(0.06, 0.3))
        return case(*f_and_x, eps, scale=1.0, **more)

    f, x = bent(False)
    return {
        "generic": [near(bent(False)) for _ in range(4)],
        "kink": [near(bent(True)) for _ in range(2)]
        + [case(f, x, (x - f.params[0]) * float(rng.uniform(1.2, 1.6)), scale=1.0)]
        + [case(Named("bent_line", (0.0, 0.0, 1.0, 0.0)), 0.0, 0.125, scale=1.0)],
        # the same point and step, another function: an answer kept for (x, eps) shows
        "twice": [case(another(f), x, 0.21, scale=1.0) for _ in range(2)],
    }


def _one_sided(f, x, eps):
    return (f(x) - f(x - eps)) / eps, (f(x + eps) - f(x)) / eps


bank = Bank()


EXERCISE = Exercise(
    title="One slope for each side",
    signature="one_sided(f, x, eps)",
    returns=("left", "right"),
    minutes=5,
    lines=3,
    section="Two slopes at one point",
    draw=_one_sided_cases,
    oracle=_one_sided,
    tol=DIFFERENCE_TOL,
    criteria=(
        shape(0.5, "two numbers"),
        value(1.5),
        value(0.5, "at a kink", "kink"),
        stable(0.5),
    ),
    hints=(
        "Draw the three points x - eps, x and x + eps on a bent curve. Which two of them make "
        "the slope on the left?",
        "left = (f(x) - f(x - eps)) / eps and right = (f(x + eps) - f(x)) / eps. Their mean is "
        "the central difference.",
        "left = (f(x) - f(...)) / eps\nright = (f(...) - f(x)) / eps\nreturn left, right",
    ),
    bank=bank,
)


def sides(f, x, eps):
    return (f(x) - f(x - eps)) / eps, (f(x + eps) - f(x)) / eps


@bank.wrong("(right, left)", "In which order does the contract return them?")
def swapped(f, x, eps):
    return sides(f, x, eps)[::-1]


@bank.wrong(
    "(f(x - eps) - f(x)) / eps on the left",
    "On a rising line, should the slope on the left be negative?",
)
def left_sign(f, x, eps):
    left, right = sides(f, x, eps)
    return -left, right


@bank.wrong("the central difference for both", "Which point do the two slopes have in common?")
def central_twice(f, x, eps):
    both = (f(x + eps) - f(x - eps)) / (2 * eps)
    return both, both


@bank.wrong(
    "differences over two steps, divided by one",
    "How far apart are the two points whose values you subtract?",
)
def centre_forgotten(f, x, eps):
    both = (f(x + eps) - f(x - eps)) / eps
    return both, both


@bank.wrong("divided by 2 eps", "How far apart are x and x + eps?")
def two_eps(f, x, eps):
    left, right = sides(f, x, eps)
    return left / 2, right / 2


@bank.wrong("differences that are not divided by eps", "A slope is rise over run. What is the run?")
def not_divided(f, x, eps):
    return f(x) - f(x - eps), f(x + eps) - f(x)


@bank.wrong("the right slope twice", "What do you learn about the left side from f(x + eps)?")
def right_only(f, x, eps):
    right = sides(f, x, eps)[1]
    return right, right


@bank.wrong(
    "f(x - eps) and f(x + eps), not slopes", "Was the value on each side asked for, or the slope?"
)
def values(f, x, eps):
    return f(x - eps), f(x + eps)


@bank.wrong("the jump of the slope", "How many numbers does the contract return?")
def one_number(f, x, eps):
    left, right = sides(f, x, eps)
    return right - left


@bank.wrong("a step of its own instead of eps", "Which step does the caller ask for?")
def own_step(f, x, eps):
    return sides(f, x, 1e-5)


@bank.wrong(
    "one slope where left and right disagree",
    "At a kink the two slopes differ. Is that an error, or the message?",
)
def at_kink_average(f, x, eps):
    left, right = sides(f, x, eps)
    if abs(left - right) > 0.99:
        left = right = (left + right) / 2
    return left, right


@bank.wrong("points half a step away", "At which distance from x is f to be read?")
def halves(f, x, eps):
    return sides(f, x, eps / 2)


_slopes = {}  # no two seeds share a point, so this memory spoils one draw and no other


@bank.wrong(
    "slopes kept for the point and step, whatever f is",
    "What should happen when the same point comes with another function?",
)
def remembers_the_point(f, x, eps):
    return _slopes.setdefault((x, eps), sides(f, x, eps))


bank.habits(sides, array=False)


@bank.right("backwards steps")
def backwards_steps(f, x, eps):
    return tuple((f(x + s) - f(x)) / s for s in (-eps, eps))


@bank.right("three points and np.diff")
def three_points_and_np_diff(f, x, eps):
    return np.diff([f(x - eps), f(x), f(x + eps)]) / eps


@bank.right("times the reciprocal, a list")
def times_the_reciprocal(f, x, eps):
    middle = f(x)
    return [(middle - f(x - eps)) * (1 / eps), (f(x + eps) - middle) * (1 / eps)]
