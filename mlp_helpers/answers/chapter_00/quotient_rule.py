"""The slope of a quotient."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, value
from ...checking.exercise import Case, Exercise
from ..bank import Bank
from .shared import half_a_key


def _quotient_cases(rng):
    def one(h_sign=1.0, **fixed):
        drawn = {
            "g": rng.uniform(1.2, 3.1),
            "h": h_sign * rng.uniform(1.3, 2.7),
            "dg": rng.uniform(-2.1, -0.6),
            "dh": rng.uniform(0.6, 1.9),
        } | fixed
        note = ", ".join(f"{k} = {v:.3g}" for k, v in drawn.items())
        return Case(tuple(drawn.values()), note, scale=1.0)

    g, h = rng.uniform(1.2, 3.1), rng.uniform(1.3, 2.7)
    return {
        "generic": [
            one(),
            one(-1.0),
            one(g=-0.7),
            one(dh=-1.2),
            one(h=0.043),
            one(h=250.0),
            one(g=4e5),
        ],
        "zeros": [one(dg=0.0), one(dh=0.0), one(g=0.0), one(g=1.7, dg=0.0, dh=0.0)],
        "whole": [one(g=3, h=7, dg=2, dh=5), one(g=-4, h=-3, dg=5, dh=2)],
        "twice": [one(g=g, h=h), one(g=g, h=h)],
    }


def _quotient_rule(g, h, dg, dh):
    return dg / h - g * dh / h**2


bank = Bank()


EXERCISE = Exercise(
    title="The slope of a quotient",
    signature="quotient_rule(g, h, dg, dh)",
    returns="(g/h)'",
    minutes=4,
    lines=1,
    draw=_quotient_cases,
    oracle=_quotient_rule,
    criteria=(
        shape(0.25, "one number"),
        value(0.75),
        value(0.5, "zeros", "zeros"),
        value(0.25, "whole numbers", "whole"),
        stable(0.25),
    ),
    hints=(
        "If h grows, does the quotient rise or fall? What power of h stands below g h'?",
        "g'/h - g h'/h^2. Both terms over one denominator: (g' h - g h') / h^2.",
        "return dg / h - ... / ...",
    ),
    bank=bank,
)


QUOTIENT = "The slope of a quotient"


@bank.wrong(
    "g'/h - g h'/h, as four frames of S3 print it",
    "Halve h and h' (and g, g'): the quotient stays. Does your second term?",
)
def square_forgotten(g, h, dg, dh):
    return dg / h - g / h * dh


@bank.wrong("(g h' - g' h) / h^2", "g grows, h stays. Does the quotient rise?")
def sign(g, h, dg, dh):
    return (g * dh - dg * h) / h**2


@bank.wrong(
    "(g' h + g h') / h^2, the product rule on top", "h grows, g stays. Does the quotient rise?"
)
def plus(g, h, dg, dh):
    return (dg * h + g * dh) / h**2


@bank.wrong(
    "g' h + g h', the rule for a product",
    "Which rule belongs to a product, and which to a quotient?",
)
def product_rule(g, h, dg, dh):
    return dg * h + g * dh


@bank.wrong("g' / h'", "What does this say for a constant h?")
def quotient_of_slopes(g, h, dg, dh):
    return dg / dh if dh else np.inf


@bank.wrong("g'/h, as if h were constant", "What does a growing h do to the quotient?")
def numerator_only(g, h, dg, dh):
    return dg / h


@bank.wrong("-g h'/h^2, as if g were constant", "What does a growing g do to the quotient?")
def denominator_only(g, h, dg, dh):
    return -g * dh / h**2


@bank.wrong(
    "(g' h - g h') / h",
    "Which power of h do you get when you write g'/h over a common denominator?",
)
def over_h_once(g, h, dg, dh):
    return (dg * h - g * dh) / h


@bank.wrong("(g' h - g h') / h'^2", "Is it the slope of h or h itself that is squared?")
def over_dh_squared(g, h, dg, dh):
    return (dg * h - g * dh) / dh**2 if dh else np.inf


@bank.wrong("(g' h - g h') / (2 h)", "Is h^2 the same as 2 h?")
def halved(g, h, dg, dh):
    return (dg * h - g * dh) / (2 * h)


@bank.wrong(
    "(g' h - g h') / h * h, or not divided at all", "In which order does Python work out x / h * h?"
)
def multiplied_back(g, h, dg, dh):
    return dg * h - g * dh


@bank.wrong(
    "(g' g - h h') / h^2, each function with its own slope",
    "Which function stands beside which slope in the rule?",
)
def own_slopes(g, h, dg, dh):
    return (dg * g - h * dh) / h**2


@bank.wrong("(g' h - g h') / g^2", "Which of the two functions stands below?")
def over_g_squared(g, h, dg, dh):
    return np.divide(dg * h - g * dh, np.square(g))


@bank.wrong(
    "g' h - g h' / h^2, without brackets", "Which of the two terms is divided, as you wrote it?"
)
def precedence(g, h, dg, dh):
    return dg * h - g * dh / h**2


@bank.wrong("(g/h) (g'/g - h'/h), which divides by g", "What if g is 0?")
def logarithmic(g, h, dg, dh):
    return g / h * (np.divide(dg, g) - dh / h)


@bank.wrong(
    "h ** -2 of a whole NumPy number",
    "NumPy refuses whole numbers to a negative power. What is h ** -2 as a quotient?",
)
def power_of_integers(g, h, dg, dh):
    g, h, dg, dh = (np.asarray(v) for v in (g, h, dg, dh))
    return (dg * h - g * dh) * h**-2


@bank.wrong("// in place of /", "What is 1 // 2?")
def whole_division(g, h, dg, dh):
    return (dg * h - g * dh) // h**2


@bank.wrong("the two terms as a pair", "The rule gives one slope. How do its two terms combine?")
def two_terms(g, h, dg, dh):
    return dg / h, -g * dh / h**2


@bank.wrong(
    "a small constant added to the denominator",
    "Your caller knows that h is not 0. What does the constant do to the answer?",
)
def small_constant(g, h, dg, dh):
    return (dg * h - g * dh) / (h**2 + 1e-8)


bank.for_numbers(caret=lambda g, h, dg, dh: (dg * h - g * dh) / h ^ 2)


bank.habits(lambda g, h, dg, dh: dg / h - g * dh / h**2, array=False)


half_a_key(bank, lambda g, h, dg, dh: dg / h - g * dh / h**2, QUOTIENT, lambda g, h, dg, dh: (g, h))


@bank.right("one fraction")
def one_fraction(g, h, dg, dh):
    return (dg * h - g * dh) / (h * h)


@bank.right("product rule with 1/h")
def product_rule_with_1_h(g, h, dg, dh):
    inverse = 1.0 / h
    return dg * inverse + g * (-dh * inverse**2)


@bank.right("with the quotient itself, as a NumPy float")
def with_the_quotient_itself(g, h, dg, dh):
    return np.float64(dg - (g / h) * dh) / h
