"""The price that a prior asks."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, value
from ...checking.exercise import Exercise
from ...reference import regularisation as reference
from ..bank import Bank
from ..draw import case


def _prior_cases(rng):
    def one(kind, scale=None, T=None):
        scale = float(rng.uniform(0.6, 0.9) if scale is None else scale)
        return case(scale, int(rng.integers(11, 97) if T is None else T), kind, T=T or 0)

    gauss, laplace = (
        [one(kind), one(kind, rng.uniform(1.2, 3.0)), one(kind, T=1097)]
        for kind in ("gauss", "laplace")
    )
    return {
        "generic": [one("gauss"), one("laplace"), one("gauss", 1.7, 59), one("laplace", 2.3, 61)],
        "gauss": gauss,
        "laplace": laplace,
        "extreme": [
            one("gauss", 1e-3, 10**7),
            one("laplace", 1e-3, 10**7),
            case(3, 7, "gauss"),
            case(3, 7, "laplace"),
            one("gauss", 1.3, 1),
        ],
    }


bank = Bank()


EXERCISE = Exercise(
    title="The price that a prior asks",
    signature="prior_to_lambda(scale, T, kind)",
    returns="lam",
    minutes=5,
    lines=3,
    section="A penalty is a prior",
    draw=_prior_cases,
    oracle=reference.prior_to_lambda,
    criteria=(
        shape(0.25, "one number"),
        value(0.75, "Gaussian prior", "gauss", needs_value=False),
        value(0.75, "Laplacian prior", "laplace", needs_value=False),
        value(0.25, "whole, tiny and large numbers", "extreme"),
    ),
    hints=(
        "Write down the logarithm of each density. What stands in front of w^2, and what in "
        "front of |w|?",
        "-log p(w) is w^2 / (2 s^2) for the Gaussian and |w| / s for the Laplacian prior, plus "
        "constants. The risk is a mean over T examples, so everything is divided by T.",
        'if kind == "gauss":\n    return 1 / (... * T)\nreturn 1 / (...)',
    ),
    bank=bank,
)


@bank.wrong(
    "1 / (s^2 T) for the Gaussian prior",
    "What stands in the exponent of a Gaussian density, next to w^2?",
)
def two_missing(scale, T, kind):
    return 1 / (scale**2 * T) if kind == "gauss" else 1 / (scale * T)


@bank.wrong(
    "1 / (2 s T): the standard deviation without its square",
    "Is the exponent of a Gaussian density divided by s or by s^2?",
)
def not_squared(scale, T, kind):
    return 1 / (2 * scale * T) if kind == "gauss" else 1 / (scale * T)


@bank.wrong(
    "the number of examples forgotten",
    "The log-likelihood is a sum over T examples, the risk a mean. What divides the prior?",
)
def no_T(scale, T, kind):
    return 1 / (2 * scale**2) if kind == "gauss" else 1 / scale


@bank.wrong("multiplied by T", "Do more examples make the prior weigh more, or less?")
def times_T(scale, T, kind):
    return T / (2 * scale**2) if kind == "gauss" else T / scale


@bank.wrong(
    "1 / (2 s T) for the Laplacian prior",
    "The density is exp(-|w| / s) / (2 s). Does the 2 in front depend on w?",
)
def two_for_laplace(scale, T, kind):
    return 1 / (2 * scale**2 * T) if kind == "gauss" else 1 / (2 * scale * T)


@bank.wrong("1 / (s^2 T) for the Laplacian prior", "What stands in the exponent next to |w|?")
def laplace_squared(scale, T, kind):
    return 1 / (2 * scale**2 * T) if kind == "gauss" else 1 / (scale**2 * T)


@bank.wrong(
    "sqrt(2) / (s T): s taken as a standard deviation",
    "For the Laplacian prior, is `scale` its standard deviation or its parameter s?",
)
def laplace_by_deviation(scale, T, kind):
    return 1 / (2 * scale**2 * T) if kind == "gauss" else np.sqrt(2) / (scale * T)


@bank.wrong("the two priors swapped", "Which prior has w^2 in its exponent?")
def swapped(scale, T, kind):
    return 1 / (2 * scale**2 * T) if kind != "gauss" else 1 / (scale * T)


@bank.wrong("the Gaussian formula for both", "What changes when the exponent is |w| / s?")
def gauss_only(scale, T, kind):
    return 1 / (2 * scale**2 * T)


@bank.wrong("2 s^2 T, upside down", "Does a broad prior ask for a large lam or a small one?")
def inverted(scale, T, kind):
    return 2 * scale**2 * T if kind == "gauss" else scale * T


@bank.wrong(
    "s^2 / (2 T): s taken as a precision", "Does a broad prior ask for a large lam or a small one?"
)
def precision(scale, T, kind):
    return scale**2 / (2 * T) if kind == "gauss" else scale / T


@bank.wrong("the sign flipped", "Is a penalty that rewards large weights what a prior says?")
def sign(scale, T, kind):
    return -1 / (2 * scale**2 * T) if kind == "gauss" else -1 / (scale * T)


@bank.wrong("//, which cuts decimals off", "What is 1 // 3 in Python?")
def whole_division(scale, T, kind):
    if isinstance(scale, int):
        return 1 // (2 * scale**2 * T) if kind == "gauss" else 1 // (scale * T)
    return 1 / (2 * scale**2 * T) if kind == "gauss" else 1 / (scale * T)


@bank.wrong("a pair of both answers", "Which of the two does `kind` ask for?")
def both(scale, T, kind):
    return 1 / (2 * scale**2 * T), 1 / (scale * T)


@bank.wrong(
    "a small number added to the denominator",
    "For which scale is the denominator 0? Is that a prior?",
)
def added_epsilon(scale, T, kind):
    return 1 / ((2 * scale**2 if kind == "gauss" else scale) * T + 1e-8)


@bank.right("in several divisions")
def in_several_divisions(scale, T, kind):
    return 0.5 / scale / scale / T if kind == "gauss" else 1.0 / scale / T


@bank.right("a table of functions")
def a_table_of_functions(scale, T, kind):
    return {"gauss": lambda s: (2 * s * s * T) ** -1, "laplace": lambda s: (s * T) ** -1}[kind](
        float(scale)
    )


@bank.right("NumPy scalars")
def numpy_scalars(scale, T, kind):
    variance = np.square(np.float64(scale))
    return np.where(kind == "gauss", np.reciprocal(2 * variance), 1 / np.sqrt(variance)) / T
