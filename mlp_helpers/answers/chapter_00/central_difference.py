"""A slope from two function values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...checking.criteria import shape, stable, value
from ...checking.exercise import Case, Exercise
from ...named import Named
from ...reference.gradcheck import central, richardson
from ..bank import Bank
from .shared import EPS, SLOPE, fixed_steps, half_a_key


def _central_cases(rng):
    def function(kind):
        if kind == "cubic":
            return Named("cubic", tuple(rng.uniform(0.5, 2.5, 3).tolist()))
        return Named("wave", tuple(rng.uniform(1.2, 2.2, 2).tolist()))

    def one(kind, low=0.07, high=0.45, far=1.0):
        x, eps = far * rng.uniform(0.4, 1.9) * rng.choice([-1, 1]), rng.uniform(low, high)
        return Case((function(kind), float(x), float(eps)), f"eps = {eps:.2f}", scale=1.0)

    def whole(x):
        eps = float(rng.uniform(0.07, 0.45))
        return Case((function("cubic"), x, eps), f"x = {x}, eps = {eps:.2f}", scale=1.0)

    first, second = one("cubic"), one("wave")  # the same x, everything else not
    return {
        "generic": [
            one("cubic", 0.01, 0.05),
            one("wave", 0.3, 0.5),
            one("cubic"),
            one("wave"),
            one("wave", 2.0, 4.0),
            one("cubic", far=100.0),
        ],
        "whole": [whole(2), whole(-3)],
        "twice": [first, replace(second, args=(second.args[0], first.args[1], second.args[2]))],
    }


def _central_difference(f, x, eps):
    return central(lambda t: f(x + t), eps)


bank = Bank()


EXERCISE = Exercise(
    title="A slope from two function values",
    signature="central_difference(f, x, eps)",
    returns="slope",
    minutes=5,
    lines=1,
    draw=_central_cases,
    oracle=_central_difference,
    criteria=(
        shape(0.5, "one number"),
        value(1.75),
        value(0.5, "x a whole number", "whole"),
        stable(0.25),
    ),
    hints=(
        "A slope is a rise over a run. How far apart are the two points at which you evaluate f?",
        "The points are x + eps and x - eps. The run between them is 2 eps, not eps. Return "
        "the quotient itself, with the eps that was given.",
        "return (f(...) - f(...)) / (...)",
    ),
    bank=bank,
)


@bank.wrong("(f(x + eps) - f(x)) / eps, one-sided", "Which two points lie on either side of x?")
def forward_(f, x, eps):
    return (f(x + eps) - f(x)) / eps


@bank.wrong("(f(x) - f(x - eps)) / eps, one-sided", "Which two points lie on either side of x?")
def backward(f, x, eps):
    return (f(x) - f(x - eps)) / eps


@bank.wrong("divided by eps instead of 2 eps", "How far apart are x + eps and x - eps?")
def divides_by_eps(f, x, eps):
    return (f(x + eps) - f(x - eps)) / eps


@bank.wrong(
    "(f(x + eps) - f(x - eps)) / 2 * eps", "In which order does Python work out a / 2 * eps?"
)
def precedence(f, x, eps):
    return (f(x + eps) - f(x - eps)) / 2 * eps


@bank.wrong(
    "f(x + eps) - f(x - eps) / (2 eps)", "Which of the two values is divided, as you wrote it?"
)
def no_brackets(f, x, eps):
    return f(x + eps) - f(x - eps) / (2 * eps)


@bank.wrong(
    "the two values in the wrong order",
    "If f rises, which of the two values is larger, and which sign has the slope?",
)
def sign(f, x, eps):
    return (f(x - eps) - f(x + eps)) / (2 * eps)


@bank.wrong(
    "points at x + eps/2 and x - eps/2",
    "How far from x are the two points that the formula asks for?",
)
def half_steps(f, x, eps):
    return (f(x + eps / 2) - f(x - eps / 2)) / eps


@bank.wrong(
    "the slope to many digits, not the approximation with the eps that was given",
    "What is the third argument for?",
)
def own_eps(f, x, eps):
    return (f(x + EPS) - f(x - EPS)) / (2 * EPS)


@bank.wrong(
    "the difference without the division", "A slope is a rise over a run. Where is the run?"
)
def numerator_only(f, x, eps):
    return f(x + eps) - f(x - eps)


@bank.wrong(
    "a sum of the two values instead of their difference",
    "What is left of a slope if f is constant?",
)
def average(f, x, eps):
    return (f(x + eps) + f(x - eps)) / (2 * eps)


@bank.wrong(
    "(f(x + eps) - 2 f(x) + f(x - eps)) / eps^2, which is a curvature",
    "What does this give for a straight line?",
)
def second_difference(f, x, eps):
    return (f(x + eps) - 2 * f(x) + f(x - eps)) / eps**2


@bank.wrong(
    "a better approximation than the one asked for",
    "The exercise asks for this one quotient, its error included. What does yours do in addition?",
)
def richardson_(f, x, eps):
    return richardson(lambda t: f(x + t), eps)


@bank.wrong(
    "an answer rounded to a few digits",
    "What do the next steps compute with: what you print, or what you return?",
)
def rounded(f, x, eps):
    return round(float(central(lambda t: f(x + t), eps)), 8)


@bank.wrong(
    "x + eps stored in an array made from x",
    "What happens to 2 + 0.1 in an array of whole numbers?",
)
def in_an_array_of_x(f, x, eps):
    points = np.array([x, x])
    points[0] = points[0] + eps
    points[1] = points[1] - eps
    return (f(points[0]) - f(points[1])) / (2 * eps)


@bank.wrong(
    "two one-sided slopes instead of one number", "What is the slope in the middle of the two?"
)
def both_values(f, x, eps):
    return [(f(x + eps) - f(x)) / eps, (f(x) - f(x - eps)) / eps]


bank.habits(lambda f, x, eps: central(lambda t: f(x + t), eps), array=False)


half_a_key(bank, lambda f, x, eps: central(lambda t: f(x + t), eps), SLOPE, lambda f, x, eps: x)


def _first_eps():
    kept = []

    def slope(f, x, eps):
        kept.append(eps)
        return central(lambda t: f(x + t), kept[0])

    return slope


bank.stateful(
    "first_eps_kept",
    _first_eps,
    "the first eps kept for all later calls",
    "Where does the second call take its eps from?",
)


fixed_steps(bank, lambda f, x, eps: central(lambda t: f(x + t), eps), SLOPE)


@bank.right("the mean of two one-sided slopes")
def the_mean_of_two_one_sided_slopes(f, x, eps):
    x = float(x)
    return 0.5 * ((f(x + eps) - f(x)) / eps + (f(x) - f(x - eps)) / eps)


@bank.right("a dot product with weights")
def a_dot_product_with_weights(f, x, eps):
    points = x + eps * np.array([-1.0, 1.0])
    return np.array([-0.5, 0.5]) @ [f(p) for p in points] / eps


@bank.right("a sum over signs, as a float")
def a_sum_over_signs(f, x, eps):
    return float(sum(s * f(x + s * eps) for s in (1, -1)) / (eps + eps))
