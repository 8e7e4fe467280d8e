"""The quadratic model."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import as_float
from ..bank import Bank
from ..draw import case, strided, whole
from .shared import DTYPES, PRECISION, floats, hessian, wrong


def _taylor_cases(rng):
    def one(P, length=1.0, layout=np.asarray, signs=None):
        g, d = rng.standard_normal((2, P))
        d *= length * np.sqrt(P / (d @ d))
        mixed = np.where(np.arange(P) % 3 == 1, -1.0, 1.0)
        H = hessian(rng, P, mixed if signs is None else signs)
        return case(float(rng.uniform(0.7, 2.0)), layout(g), layout(H), layout(d), P=P, scale=1.0)

    H = np.array([[3, 1, -2], [1, -4, 5], [-2, 5, 1]])
    whole_case = case(2, whole(rng, 3), H, whole(rng, 3), P=3, scale=1.0)
    f0, *arrays = one(5).args
    single = case(f0, *(a.astype(np.float32) for a in arrays), P=5, scale=1.0)
    return {
        "generic": [
            one(5),
            one(7, layout=strided),
            one(11, length=0.1),
            # curved upwards, and downwards so strongly that the model is negative
            one(3, length=10.0, signs=1.0),
            one(13, length=30.0, signs=-1.0),
        ],
        "single": [one(1), one(1)],
        "here": [one(5, length=0.0)],
        "dtypes": [whole_case, single],
        "twice": [one(3) for _ in range(2)],
    }


def _taylor2(f0, g, H, d):
    return f0 + float((g + as_float(H) @ d / 2) @ d)


bank = Bank()


EXERCISE = Exercise(
    title="The quadratic model",
    signature="taylor2(f0, g, H, d)",
    returns="model",
    minutes=5,
    lines=1,
    section="A parabola that touches the loss",
    draw=_taylor_cases,
    oracle=_taylor2,
    criteria=(
        shape(0.5, "a number"),
        value(1.25),
        value(0.25, "one parameter", "single"),
        value(0.25, "d = 0: the value itself", "here"),
        value(0.25, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "Three terms: value, slope along d, curvature along d. What stands in front of the "
        "last one, and why?",
        "f0 + g^T d + d^T H d / 2. In NumPy d @ H @ d is a number; d * H * d is not.",
        "return f0 + g @ ... + 0.5 * (d @ ... @ d)",
    ),
    earned_by_stubs=("d = 0: the value itself",),  # f0 is the model of order zero
    bank=bank,
)


TAYLOR = "A parabola that touches the loss"


def parabola(f0, g, H, d):
    g, H, d = floats(g, H, d)
    return float(f0 + g @ d + 0.5 * d @ H @ d)


def model(terms):
    """A model terms(f0, g, H, d) of arrays in double precision."""

    def taylor2(f0, g, H, d):
        return terms(f0, *floats(g, H, d))

    return taylor2


wrong_taylor = wrong(bank, TAYLOR)


wrong_taylor(
    "no_half",
    "d^T H d without the 1/2",
    "Differentiate your model twice. Do you get H or 2 H?",
    model(lambda f0, g, H, d: f0 + g @ d + d @ H @ d),
)


wrong_taylor(
    "linear",
    "the first two terms only",
    "What bends the model?",
    model(lambda f0, g, H, d: f0 + g @ d),
)


wrong_taylor(
    "no_slope",
    "the slope left out",
    "What does the model do for a very small d?",
    model(lambda f0, g, H, d: f0 + 0.5 * d @ H @ d),
)


wrong_taylor(
    "no_value",
    "the change without the value",
    "What is the model at d = 0?",
    model(lambda f0, g, H, d: g @ d + 0.5 * d @ H @ d),
)


wrong_taylor(
    "slope_sign",
    "the slope with a minus",
    "Uphill, does the loss grow or shrink?",
    model(lambda f0, g, H, d: f0 - g @ d + 0.5 * d @ H @ d),
)


wrong_taylor(
    "curvature_sign",
    "the curvature with a minus",
    "Positive curvature bends upwards. Does yours?",
    model(lambda f0, g, H, d: f0 + g @ d - 0.5 * d @ H @ d),
)


wrong_taylor(
    "diagonal",
    "the diagonal of H only",
    "Do the parameters not interact?",
    model(lambda f0, g, H, d: f0 + g @ d + 0.5 * np.diag(H) @ d**2),
)


wrong_taylor(
    "half_of_slope",
    "1/2 on both terms",
    "Which term does the 1/2 belong to?",
    model(lambda f0, g, H, d: f0 + 0.5 * (g @ d + d @ H @ d)),
)


wrong_taylor(
    "gradient_in_both",
    "g^T H d in the last term",
    "Which vector stands on both sides of H?",
    model(lambda f0, g, H, d: f0 + g @ d + 0.5 * g @ H @ d),
)


wrong_taylor(
    "squared_product",
    "the square of H d",
    "d^T H d or (H d)^T (H d)?",
    model(lambda f0, g, H, d: f0 + g @ d + 0.5 * (H @ d) @ (H @ d)),
)


wrong_taylor(
    "inverse",
    "the inverse of H",
    "The inverse belongs to Newton's step. What belongs to the model?",
    model(lambda f0, g, H, d: f0 + g @ d + 0.5 * d @ np.linalg.solve(H, d)),
)


wrong_taylor(
    "factorial",
    "1/6, the factor of the third order",
    "Which order has 1/2?",
    model(lambda f0, g, H, d: f0 + g @ d + d @ H @ d / 6),
)


wrong_taylor(
    "sum_of_H",
    "the sum of all entries of H",
    "What weighs the entries of H?",
    model(lambda f0, g, H, d: f0 + g @ d + 0.5 * H.sum() * (d @ d)),
)


wrong_taylor(
    "vector",
    "a vector: d * (H d) without the sum",
    "The model is one number. What does * give for two vectors?",
    model(lambda f0, g, H, d: f0 + g * d + 0.5 * d * (H @ d)),
)


wrong_taylor(
    "matrix",
    "an array of shape (1, 1)",
    "The model is one number. Which shape has yours?",
    model(lambda f0, g, H, d: np.array([[f0 + g @ d + 0.5 * d @ H @ d]])),
)


wrong_taylor(
    "one_entry",
    "an array with one entry",
    "The model is one number. Which shape has yours?",
    model(lambda f0, g, H, d: np.array([f0 + g @ d + 0.5 * d @ H @ d])),
)


wrong_taylor(
    "elementwise",
    "d * H * d, summed",
    "What does broadcasting make of d * H * d: d_i H_ij d_j, or H_ij d_j^2?",
    model(lambda f0, g, H, d: f0 + g @ d + 0.5 * (d * H * d).sum()),
)


wrong_taylor(
    "minimum",
    "the lowest value of the model",
    "Was the bottom of the parabola asked for, or its value at d?",
    model(lambda f0, g, H, d: f0 - 0.5 * g @ np.linalg.solve(H, g)),
)


wrong_taylor(
    "single_precision",
    "numbers in float32",
    PRECISION,
    lambda f0, g, H, d: float(np.float32(parabola(f0, g, H, d))),
)


wrong_taylor(
    "rounded",
    "a number rounded to a few digits",
    "What do the next steps compute with: what you print, or what you return?",
    lambda *args: round(parabola(*args), 8),
)


@bank.wrong(
    "np.cov-like code that fails for one parameter",
    "For one parameter, what is left of H after squeeze()?",
)
def squeezed(f0, g, H, d):
    H = np.asarray(H, dtype=float).squeeze()
    return parabola(f0, g, [H[i] for i in range(len(d))], d)


@bank.wrong("d divided by its length", "Does the length of d count? And what is 0 / 0?")
def direction(f0, g, H, d):
    g, H, d = floats(g, H, d)
    length = np.sqrt(d @ d)
    u = d / length
    return float(f0 + length * (g @ u) + 0.5 * length**2 * (u @ H @ u))


@bank.right("in the precision of its arguments")
def in_the_precision_of_its_arguments(f0, g, H, d):
    return float(f0 + g @ d + 0.5 * d @ H @ d)


@bank.wrong("d *= ..., which changes the caller's array", "Who else holds the array d?")
def changes_argument(f0, g, H, d):
    value = parabola(f0, g, H, d)
    d *= 2
    return value


bank.habits(parabola, array=False)


@bank.right("einsum")
def einsum(f0, g, H, d):
    g, H, d = floats(g, H, d)
    return f0 + np.einsum("i,i", g, d) + np.einsum("i,ij,j", d, H, d) / 2


@bank.right("loops")
def loops(f0, g, H, d):
    value = float(f0)
    for i, di in enumerate(d):
        value += float(g[i]) * float(di)
        for j, dj in enumerate(d):
            value += 0.5 * float(di) * float(H[i][j]) * float(dj)
    return value


@bank.right("the mean of two slopes")
def the_mean_of_two_slopes(f0, g, H, d):
    g, H, d = floats(g, H, d)
    return f0 + d @ (g + (g + H @ d)) / 2
