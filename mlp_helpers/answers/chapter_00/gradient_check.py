"""The verdict: do they agree?"""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Case, Exercise
from ...named import Named
from ..bank import Bank
from ..draw import strided
from .shared import (
    DTYPES,
    EPS,
    GRADIENT,
    STEP,
    distance,
    half_a_key,
    numerical_gradient_oracle,
    point,
    relative_error_of,
    right_distance,
    right_gradient,
    seed,
    small_whole,
)


def _check_cases(rng):
    def one(x, flaw="right", scale=1.0, tol=()):
        params = (x.shape, seed(rng), scale)
        note = f"x of shape {x.shape}; the gradient: {flaw}" + "".join(f", tol = {t}" for t in tol)
        args = (Named("landscape", params), Named("landscape_gradient", (*params, flaw)), x, *tol)
        return Case(args, note)

    zero, again = np.zeros((3, 5)), point(rng, 3, 5)
    bowl, clipped = Named("bowl"), Named("clipped_slope_of_bowl")
    small = 10.0 ** rng.uniform(-16.0, -15.0)
    almost = point(rng, 5)
    almost[rng.integers(5)] = 1e-9
    return {
        "generic": [
            one(point(rng, 3, 5)),
            one(point(rng, 7, 3), "last entry"),
            one(point(rng, 5), "sign"),
            one(strided(point(rng, 7))),
            one(point(rng, 7, 3), "first entry"),
            one(point(rng, 5, 5)),
            one(point(rng, 5, 3), "middle entry"),
            one(point(rng, 5, 5), "transposed"),
            one(point(rng, 7), "double"),
            one(point(rng, 7, 3), "backwards"),
            one(point(rng, 3, 2), "all zero"),
            one(point(rng, 3, 5), "6e-6 too large"),
            one(point(rng, 1)),
            one(point(rng, 1, 1), "double"),
            one(point(rng, 23, 7)),
            one(point(rng, 61), "middle entry"),
            Case((bowl, Named("slope_of_bowl"), almost), "one entry nearly zero"),
            Case((bowl, clipped, 0.6 * point(rng, 5)), "a gradient that is right at x"),
            Case(
                (bowl, clipped, 2.0 * np.sign(point(rng, 5)) + point(rng, 5)),
                "a gradient that is right elsewhere, not at x",
            ),
        ],
        "shapes": [
            one(point(rng, 3, 5), "flat"),
            one(point(rng, 7), "column"),
            one(point(rng, 7), "row"),
            one(point(rng, 5), "one number"),
            one(point(rng, 3, 5), "first row only"),
            one(point(rng, 7, 1)),
        ],
        "nonfinite": [
            one(point(rng, 3, 5), "nan"),
            one(point(rng, 7), "inf"),
            one(point(rng, 5), "all nan"),
            Case((Named("undefined"), Named("slope_of_bowl"), point(rng, 5)), "f is NaN"),
            one(point(rng, 5, 3)),
        ],
        "tol": [
            one(point(rng, 3, 5), "2e-4 too large", tol=(1e-3,)),
            one(point(rng, 7), "2e-4 too large", tol=(1e-5,)),
            one(point(rng, 5), "5 % too large", tol=(1e-3,)),
            one(point(rng, 5, 3), "5 % too large", tol=(0.1,)),
            one(point(rng, 3, 5), tol=(2e-9,)),
        ],
        "scale": [
            one(point(rng, 3, 5), "double", scale=small),
            one(point(rng, 7), scale=1 / small),
            one(point(rng, 5), scale=small),
            one(point(rng, 5), "double", scale=1e-11),
            one(point(rng, 5), scale=1e-100),
            one(point(rng, 3), "double", scale=1e-100),
            one(point(rng, 5), "6e-6 too large", scale=1 / small),
        ],
        "zero": [
            Case((bowl, Named("slope_of_bowl"), zero), "a gradient that is zero"),
            Case((bowl, Named("slope_of_bowl"), np.zeros(7)), "a gradient that is zero"),
            Case(
                (bowl, Named("landscape_gradient", ((7,), seed(rng))), np.zeros(7)),
                "f has a minimum at x; the gradient is not zero",
            ),
        ],
        "dtypes": [
            one(small_whole(rng, 3, 5)),
            one(point(rng, 7).astype(np.float32)),
            one(small_whole(rng, 5), "double"),
        ],
        "twice": [one(again), one(again, "sign")],
    }


def _gradient_check(f, grad, x, tol=1e-6):
    return relative_error_of(grad(x), numerical_gradient_oracle(f, x)) <= tol


bank = Bank()


EXERCISE = Exercise(
    title="The verdict: do they agree?",
    signature="gradient_check(f, grad, x, tol=1e-6)",
    returns="the answer",
    minutes=8,
    lines=2,
    draw=_check_cases,
    oracle=_gradient_check,
    criteria=(
        shape(0.5, "True or False"),
        value(1.25),
        value(0.5, "a gradient of the wrong shape", "shapes"),
        value(0.5, "NaN and infinity", "nonfinite"),
        value(0.5, "the tolerance that is given", "tol"),
        value(0.5, "functions of any size", "scale"),
        value(0.25, "a gradient that is zero", "zero"),
        value(0.5, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "You have written both halves already. Which of your functions gives the numerical "
        "gradient, and which says how far apart two arrays are?",
        "Compare grad(x) with numerical_gradient(f, x) by relative_error. It gives inf for a "
        "wrong shape and for NaN, and inf <= tol is False.",
        "numeric = numerical_gradient(...)\nreturn relative_error(...) <= ...",
    ),
    bank=bank,
)


ERROR = "How far apart are two gradients?"


CHECK = "The verdict: do they agree?"


def agrees(f, grad, x, tol=1e-6):
    return bool(right_distance(grad(x), right_gradient(f, x)) <= tol)


@bank.wrong(
    "True for every gradient", "What does your check say of a gradient that is twice too large?"
)
def always_true(f, grad, x, tol=1e-6):
    return True


@bank.wrong(
    "no gradient accepted: the differences are too coarse, too fine or one-sided",
    "How large is the error of your numerical gradient, compared with tol?",
    reread=STEP,
)
def never_true(f, grad, x, tol=1e-6):
    return bool(right_distance(grad(x), right_gradient(f, x, 1e-12)) <= tol)


@bank.wrong(
    "True when they differ", "The function asks whether they agree. What does a small error mean?"
)
def negated(f, grad, x, tol=1e-6):
    return not agrees(f, grad, x, tol)


@bank.wrong("not (error > tol), which NaN passes", "Is NaN larger than tol?")
def not_larger(f, grad, x, tol=1e-6):
    g, n = grad(x), right_gradient(f, x)
    if np.shape(g) != np.shape(n):
        return False
    with np.errstate(invalid="ignore"):
        return bool(not distance(g, n) > tol)


@bank.wrong(
    "shapes not compared", "What does NumPy do with a difference of shapes (5,) and (5, 1)?"
)
def broadcasts(f, grad, x, tol=1e-6):
    g, n = grad(x), right_gradient(f, x)
    if not np.isfinite(n).all() or not np.isfinite(g).all():
        return False
    try:
        return bool(np.abs(g - n).max() <= tol * np.abs(n).max() or not n.any())
    except ValueError:
        return False


@bank.wrong(
    "both flattened before they are compared",
    "Is a gradient of shape (15,) a gradient for W of shape (3, 5)?",
)
def flattens(f, grad, x, tol=1e-6):
    return bool(right_distance(np.ravel(grad(x)), np.ravel(right_gradient(f, x))) <= tol)


@bank.wrong(
    "an absolute difference compared with tol",
    "A loss of size 1e-9 has gradients of that size. Which of them pass your check?",
)
def absolute(f, grad, x, tol=1e-6):
    g, n = grad(x), right_gradient(f, x)
    if np.shape(g) != np.shape(n):
        return False
    return bool(np.linalg.norm(g - n) <= tol)


@bank.wrong(
    "np.allclose with its own tolerances",
    "allclose adds an absolute tolerance of 1e-8 and a relative one of 1e-5. Who asked for them?",
)
def allclose(f, grad, x, tol=1e-6):
    g, n = grad(x), right_gradient(f, x)
    return np.shape(g) == np.shape(n) and bool(np.allclose(g, n))


@bank.wrong(
    "np.allclose with rtol=tol and an absolute tolerance",
    "What does atol (1e-8 by itself) accept if all entries are smaller than that?",
)
def allclose_rtol(f, grad, x, tol=1e-6):
    g, n = grad(x), right_gradient(f, x)
    return np.shape(g) == np.shape(n) and bool(np.allclose(g, n, rtol=2 * tol))


@bank.wrong("a tolerance of its own instead of the one given", "What is the fourth argument for?")
def own_tol(f, grad, x, tol=1e-6):
    return agrees(f, grad, x)


@bank.wrong(
    "tol handed on as the step of the differences",
    "numerical_gradient takes a third argument too. What does it do with your tol?",
)
def tol_as_eps(f, grad, x, tol=1e-6):
    return bool(right_distance(grad(x), right_gradient(f, x, tol)) <= tol)


for _small in (1e-8, 1e-12):

    @bank.wrong(
        "a small constant in the denominator of the relative error",
        "How large may such a constant be, compared with a gradient near the end of training?",
        id=f"small_constant_{_small:g}",
        reread=ERROR,
    )
    def small_constant(f, grad, x, tol=1e-6, small=_small):
        g, n = grad(x), right_gradient(f, x)
        if np.shape(g) != np.shape(n) or not np.isfinite(g).all() or not np.isfinite(n).all():
            return False
        size = np.linalg.norm(g) + np.linalg.norm(n)
        return bool(np.linalg.norm(g - n) <= tol * (size + small))


@bank.wrong(
    "every entry held against its own size",
    "One entry of the gradient is nearly 0 and carries the rounding of the others. What "
    "is its relative error?",
    reread=ERROR,
)
def every_entry(f, grad, x, tol=1e-6):
    g, n = grad(x), right_gradient(f, x)
    if np.shape(g) != np.shape(n) or not np.isfinite(g).all():
        return False
    return bool(np.all(np.abs(g - n) <= tol * np.maximum(np.abs(g) + np.abs(n), 1e-300)))


@bank.wrong(
    "a tolerance of 1e-2",
    "How large is the error of central differences, and how large that of a forgotten term?",
)
def loose(f, grad, x, tol=1e-2):
    return agrees(f, grad, x, tol)


@bank.wrong(
    "the two norms compared, not the arrays", "Which norm has a gradient with the wrong sign?"
)
def norms_only(f, grad, x, tol=1e-6):
    g, n = grad(x), right_gradient(f, x)
    if np.shape(g) != np.shape(n):
        return False
    a, b = np.linalg.norm(g), np.linalg.norm(n)
    return bool(abs(a - b) <= tol * (a + b))


@bank.wrong(
    "only the angle between the two", "Which angle lies between a gradient and twice that gradient?"
)
def direction_only(f, grad, x, tol=1e-6):
    g, n = grad(x), right_gradient(f, x)
    if np.shape(g) != np.shape(n) or not np.isfinite(g).all():
        return False
    size = np.linalg.norm(g) * np.linalg.norm(n)
    return bool(np.sum(g * n) >= (1 - tol) * size)


@bank.wrong("only the first entries compared", "Where else could a mistake be?")
def first_row(f, grad, x, tol=1e-6):
    g, n = grad(x), right_gradient(f, x)
    if np.shape(g) != np.shape(n):
        return False
    return bool(right_distance(g[:1], n[:1]) <= tol)


@bank.wrong("the sums of the entries compared", "Which mistakes leave a sum as it is?")
def sums_compared(f, grad, x, tol=1e-6):
    g, n = grad(x), right_gradient(f, x)
    if np.shape(g) != np.shape(n):
        return False
    return bool(abs(np.sum(g) - np.sum(n)) <= tol * (abs(np.sum(g)) + abs(np.sum(n))))


@bank.wrong(
    "the error itself instead of a verdict",
    "The caller asks a yes-or-no question. What is your answer?",
)
def returns_the_error(f, grad, x, tol=1e-6):
    return float(right_distance(grad(x), right_gradient(f, x)))


@bank.wrong("0/0 when both gradients are zero", "At a minimum both are zero. Do they agree?")
def zero_by_zero(f, grad, x, tol=1e-6):
    g, n = grad(x), right_gradient(f, x)
    if np.shape(g) != np.shape(n):
        return False
    with np.errstate(invalid="ignore"):
        return bool(np.linalg.norm(g - n) / (np.linalg.norm(g) + np.linalg.norm(n)) <= tol)


@bank.wrong(
    "x moved in its own dtype", "What is 2 + 0.00001 in an array of whole numbers?", reread=GRADIENT
)
def steps_in_the_dtype(f, grad, x, tol=1e-6):
    def moved(t):
        return f(t.astype(x.dtype))

    return bool(right_distance(grad(x), right_gradient(moved, x)) <= tol)


@bank.wrong(
    "x[i] += eps in the caller's array",
    "Who else holds the array x, and is every bit of it back in its place at the end?",
    reread=GRADIENT,
)
def changes_argument(f, grad, x, tol=1e-6):
    verdict = agrees(f, grad, x, tol)
    if x.dtype == np.float64:
        x += EPS
        x -= 2 * EPS
        x += EPS
    return verdict


bank.habits(agrees, array=False)


half_a_key(bank, agrees, CHECK, lambda f, grad, x, *tol: (x.tobytes(), *tol))


@bank.right("max-norm, relative")
def max_norm(f, grad, x, tol=1e-6):
    x = np.array(x, dtype=float)
    g = np.asarray(grad(x), dtype=float)
    if g.shape != x.shape:
        return False
    n = right_gradient(f, x, 1e-6)
    if not (np.isfinite(g).all() and np.isfinite(n).all()):
        return False
    size = max(np.abs(g).max(), np.abs(n).max())
    return bool(size == 0 or np.abs(g - n).max() <= tol * size)


@bank.right("an assertion that is caught")
def an_assertion_that_is_caught(f, grad, x, tol=1e-6):
    numeric = right_gradient(f, x)
    analytic = grad(np.array(x, dtype=float))
    try:
        assert np.shape(analytic) == np.shape(numeric)
        assert np.all(np.isfinite(analytic))
        size = np.linalg.norm(analytic) + np.linalg.norm(numeric)
        assert np.linalg.norm(analytic - numeric) <= tol * size
    except AssertionError:
        return False
    return True


@bank.right("a NumPy boolean, squares compared")
def a_numpy_boolean(f, grad, x, tol=1e-6):
    a, b = np.asarray(grad(x), dtype=float), right_gradient(f, x)
    if a.shape != b.shape or np.isnan(a.sum() + b.sum()) or np.isinf(a).any():
        return np.False_
    size = np.sqrt((a * a).sum()) + np.sqrt((b * b).sum())
    return ((a - b) ** 2).sum() <= (tol * size) ** 2
