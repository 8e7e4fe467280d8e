"""The rate of update t."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, value
from ...checking.exercise import Exercise
from ...reference import optim
from ..bank import Bank
from ..draw import case
from .shared import wrong


def _rate_cases(rng):
    def one(late, kind, t0=None, **fixed):
        t0 = int(rng.integers(20, 60)) if t0 is None else t0
        alpha = fixed.get("alpha", float(rng.uniform(0.02, 0.9)))
        delta = fixed.get("delta", float(rng.uniform(0.55, 0.95)))
        return case(t0 + late, alpha, delta, kind, t0)

    def both(*lates, **more):
        return [one(late, kind, **more) for late in lates for kind in ("inv", "pow")]

    return {
        "generic": both(int(rng.integers(3, 11)), int(rng.integers(100, 300))),
        "kept": both(0, -int(rng.integers(3, 15))),
        "first": both(1),
        "from the start": [*both(0, 7, t0=0), *both(0, 3, t0=1)],
        "far": both(10**9, delta=1.9),
        "whole": both(3, alpha=1, delta=1),
    }


bank = Bank()


EXERCISE = Exercise(
    title="The rate of update t",
    signature="learning_rate(t, alpha, delta, kind, t0)",
    returns="rate",
    minutes=8,
    lines=5,
    section="Fixed first, then smaller",
    draw=_rate_cases,
    oracle=optim.learning_rate,
    criteria=(
        shape(0.5, "a number"),
        value(1.0),
        value(0.5, "alpha up to and including t0", "kept"),
        value(0.25, "the first update after t0", "first"),
        value(0.25, "t0 = 0 and t0 = 1", "from the start"),
        value(0.25, "a thousand million updates later", "far"),
        value(0.25, "whole numbers", "whole"),
    ),
    hints=(
        'Three cases: not later than t0, later with "inv", later with "pow". From where '
        "does the schedule count its updates?",
        "Up to and including t0 the rate is alpha. Later, with s = t - t0, it is "
        "alpha / (1 + delta s) or alpha / s^delta. At s = 0 the second would divide by 0.",
        "if t <= t0:\n    return ...\ns = t - t0\n"
        'return alpha / (1 + ...) if kind == "inv" else alpha / s**...',
    ),
    bank=bank,
)


RATE = "Fixed first, then smaller"


def rate(t, alpha, delta, kind, t0):
    if t <= t0:
        return float(alpha)
    s = t - t0
    return alpha / (1 + delta * s) if kind == "inv" else alpha / s**delta


def later(inv, power):
    """Keep alpha up to t0; later use inv(...) or power(...) of t, alpha, delta, t0."""

    def learning_rate(t, alpha, delta, kind, t0):
        if t <= t0:
            return float(alpha)
        return (inv if kind == "inv" else power)(t, alpha, delta, t0)

    return learning_rate


def inv_rate(t, alpha, delta, t0):
    return alpha / (1 + delta * (t - t0))


def pow_rate(t, alpha, delta, t0):
    return alpha / (t - t0) ** delta


wrong_rate = wrong(bank, RATE)


wrong_rate(
    "counts_from_zero",
    "t in the place of t - t0",
    "The decrease begins after t0. How large is the rate one update later?",
    later(
        lambda t, alpha, delta, t0: alpha / (1 + delta * t),
        lambda t, alpha, delta, t0: alpha / t**delta,
    ),
)


wrong_rate(
    "kinds_swapped",
    "the two kinds exchanged",
    "Which of the two has delta in the exponent?",
    later(pow_rate, inv_rate),
)


wrong_rate(
    "inv_only",
    "the same formula for both kinds",
    "What does kind choose?",
    later(inv_rate, inv_rate),
)


wrong_rate(
    "pow_only", "the power for both kinds", "What does kind choose?", later(pow_rate, pow_rate)
)


wrong_rate(
    "exponential",
    "an exponential decrease",
    "Do the rates of a geometric sequence sum to infinity?",
    later(lambda t, alpha, delta, t0: alpha * np.exp(-delta * (t - t0)), pow_rate),
)


wrong_rate(
    "linear",
    "a straight line down",
    "What does your rate become after 1/delta updates?",
    later(lambda t, alpha, delta, t0: alpha * (1 - delta * (t - t0)), pow_rate),
)


wrong_rate(
    "one_plus_delta",
    "(1 + delta)(t - t0) in the denominator",
    "Which of the two factors does the 1 belong to?",
    later(lambda t, alpha, delta, t0: alpha / ((1 + delta) * (t - t0)), pow_rate),
)


wrong_rate(
    "no_delta",
    "1 + (t - t0), without delta",
    "Where does delta enter?",
    later(lambda t, alpha, delta, t0: alpha / (1 + (t - t0)), pow_rate),
)


wrong_rate(
    "no_one",
    "delta (t - t0), without the 1",
    "Is the rate near alpha when delta is small?",
    later(lambda t, alpha, delta, t0: alpha / (delta * (t - t0)), pow_rate),
)


wrong_rate(
    "shifted_power",
    "(1 + t - t0) to the power delta",
    "The power has no 1 in the contract. What is the first rate after t0?",
    later(inv_rate, lambda t, alpha, delta, t0: alpha / (1 + t - t0) ** delta),
)


wrong_rate(
    "alpha_inside",
    "alpha inside the power",
    "What does the power apply to?",
    later(inv_rate, lambda t, alpha, delta, t0: (alpha / (t - t0)) ** delta),
)


wrong_rate(
    "factor_for_power",
    "delta as a factor in the power law",
    "Which of the two has delta in the exponent?",
    later(inv_rate, lambda t, alpha, delta, t0: alpha / (delta * (t - t0))),
)


wrong_rate(
    "growing",
    "a rate that grows",
    "Should later steps be longer or shorter?",
    later(
        lambda t, alpha, delta, t0: alpha * (1 + delta * (t - t0)),
        lambda t, alpha, delta, t0: alpha * (t - t0) ** delta,
    ),
)


wrong_rate(
    "square_root",
    "a square root in the place of delta",
    "Which exponent does the caller ask for?",
    later(inv_rate, lambda t, alpha, delta, t0: alpha / np.sqrt(t - t0)),
)


wrong_rate(
    "relative_time",
    "t / t0 in the place of t - t0",
    "That is another common schedule. How many updates after t0 is t?",
    later(
        lambda t, alpha, delta, t0: alpha / (1 + delta * t / max(t0, 1)),
        lambda t, alpha, delta, t0: alpha / (t / max(t0, 1)) ** delta,
    ),
)


wrong_rate(
    "floor",
    "a rate that never falls below a floor",
    "If the rate stays above a positive number, is the sum of its squares finite?",
    lambda *args: max(rate(*args), 1e-4),
)


@bank.wrong("a decrease from the first update on", "What is the rate while t <= t0?")
def no_fixed_phase(t, alpha, delta, kind, t0):
    s = abs(t - t0) + (t == t0)
    return rate(t0 + s, alpha, delta, kind, t0)


@bank.wrong("a rate that grows up to t0", "S3 asks for a fixed rate at first. Is yours fixed?")
def warm_up(t, alpha, delta, kind, t0):
    return alpha * t / t0 if t <= t0 and t0 else rate(t, alpha, delta, kind, t0)


@bank.wrong("a division by 0 at t = t0", "The contract says t <= t0. What does 1 / 0^delta give?")
def starts_at_t0(t, alpha, delta, kind, t0):
    return rate(t, alpha, delta, kind, t0) if t != t0 else alpha / (t - t0) ** delta


@bank.wrong(
    "a decrease that begins one update too late",
    "At t = t0 + 1, how many updates after t0 is that?",
)
def one_too_late(t, alpha, delta, kind, t0):
    return rate(t, alpha, delta, kind, t0) if t > t0 + 1 else float(alpha)


@bank.wrong("a t0 of its own where t0 is 0", "What does `t0 or 10` give when t0 is 0?")
def default_t0(t, alpha, delta, kind, t0):
    return rate(t, alpha, delta, kind, t0 or 10)


@bank.wrong(
    "a negative power of a whole number",
    "NumPy's whole numbers refuse negative whole powers. What happens for delta = 1?",
)
def integer_power(t, alpha, delta, kind, t0):
    if t <= t0 or kind == "inv":
        return rate(t, alpha, delta, kind, t0)
    return float(alpha * np.power(t - t0, -delta))


@bank.wrong("// where / belongs", "What is 1 // 4?")
def floor_division(t, alpha, delta, kind, t0):
    if t <= t0:
        return float(alpha)
    whole = isinstance(alpha, int)
    return float(alpha // (1 + t - t0)) if whole else rate(t, alpha, delta, kind, t0)


@bank.wrong("a list with one rate in it", "The contract asks for a number. What do you return?")
def as_a_list(*args):
    return [rate(*args)]


@bank.right("max(0, t - t0), one line for each kind")
def max_(t, alpha, delta, kind, t0):
    late = max(0, t - t0)
    return {"inv": alpha / (1.0 + delta * late), "pow": alpha / max(1, late) ** delta}[kind]


@bank.right("logarithms")
def logarithms(t, alpha, delta, kind, t0):
    if t <= t0:
        return alpha
    log = np.log1p(delta * (t - t0)) if kind == "inv" else delta * np.log(t - t0)
    return np.exp(np.log(alpha) - log)


@bank.right("negative powers of a float")
def negative_powers_of_a_float(t, alpha, delta, kind, t0):
    if not t > t0:
        return float(alpha)
    base, exponent = (1 + delta * (t - t0), 1) if kind == "inv" else (t - t0, delta)
    return alpha * float(base) ** -exponent
