"""Chapter 00, gradient checking: what is asked (S3 gradient checking and activations, S2)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..activations import sigmoid, sigmoid_prime, tanh_prime
from ..checking.compare import compare
from ..checking.exercise import Case, Exercise, Requirement
from ..checking.requirements import (
    Finding,
    error_text,
    shape,
    stable,
    unchanged,
    value,
    values_agree,
)
from ..gradcheck import central, jacobian
from ..named import Named
from .bank import known_mistakes
from .draw import case, single, strided

EPS = 1e-5
# With |f| near 5 and slopes near 30, two right ways of adding up f differ by 1e-16 * 5 / EPS / 30,
# about 2e-12; the step 1e-6 instead of 1e-5 changes the approximation by 1.5e-8.
DEFAULT_TOL = 1e-9

DTYPES = "integers and float32"
HUGE = "huge arguments (up to 1000)"


def _seed(rng):
    return int(rng.integers(2**31))


def _small_whole(rng, *shape):
    """Integers between -2 and 2, not all alike."""
    values = rng.integers(-2, 3, shape)
    values.flat[0], values.flat[-1] = 2, -1
    return values.astype(np.int64)


# Cases: difference quotients ------------------------------------------------------------------
# Where eps is given, it is large: the truncation error then shows which approximation was made,
# and rounding, 1e-16 |f| / eps, stays far below 1e-12.


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
        "generic": [one("cubic", 0.01, 0.05), one("wave", 0.3, 0.5), one("cubic"), one("wave"),
                    one("wave", 2.0, 4.0), one("cubic", far=100.0)],
        "whole": [whole(2), whole(-3)],
        "twice": [first, replace(second, args=(second.args[0], first.args[1], second.args[2]))],
    }


def _point(rng, *shape):
    return rng.uniform(0.3, 1.1, shape) * rng.choice([-1.0, 1.0], shape)


def _eps(rng):
    return float(rng.uniform(0.05, 0.2))


def _gradient_cases(rng):
    def one(W):
        f = Named("landscape", (W.shape, _seed(rng)))
        return Case((f, W, _eps(rng)), f"an array of shape {W.shape}", _sizes(W), scale=0.1)

    def by_default(W):
        return Case((Named("ripples", (W.shape, _seed(rng))), W), "eps left out", _sizes(W))

    return {
        "generic": [one(_point(rng, 3, 5)), one(_point(rng, 7)), one(_point(rng, 5, 5)),
                    one(_point(rng, 5, 2)), one(_point(rng, 1)), one(_point(rng, 1, 1)),
                    one(_point(rng, 2, 1)), one(_point(rng, 23, 7)), one(_point(rng, 61))],
        "default": [by_default(_point(rng, 3, 5)), by_default(_point(rng, 7))],
        "layout": [one(strided(_point(rng, 3, 5))), one(np.asfortranarray(_point(rng, 5, 3))),
                   one(_point(rng, 5, 7).T), one(strided(_point(rng, 7)))],
        "any": [one(_point(rng, 3, 2, 5)), one(np.array(rng.uniform(0.3, 1.1)))],
        "dtypes": [one(_small_whole(rng, 3, 5)), one(_point(rng, 5, 3).astype(np.float32))],
        "twice": [one(_point(rng, 3, 5)) for _ in range(2)],
    }


def _sizes(W):
    return {"entries": W.size} if W.size > 1 else {}


def _jacobian_cases(rng):
    def one(x, m):
        F = Named("swirl", (m, len(x), _seed(rng)))
        return case(F, x, _eps(rng), m=m, n=len(x))

    def by_default(m, n):
        return case(Named("wavy_map", (m, n, _seed(rng))), _point(rng, n), m=m, n=n)

    return {
        "generic": [one(_point(rng, 5), 3), one(strided(_point(rng, 3)), 7),
                    one(_point(rng, 5), 5), one(_point(rng, 2), 11), one(_point(rng, 29), 31),
                    one(_point(rng, 2), 2), one(_point(rng, 127), 2)],
        "default": [by_default(3, 5), by_default(7, 2)],
        "single": [one(_point(rng, 5), 1), one(_point(rng, 1), 3), one(_point(rng, 1), 1)],
        "dtypes": [one(_small_whole(rng, 5), 3), one(_point(rng, 3).astype(np.float32), 5)],
        "twice": [one(_point(rng, 5), 3) for _ in range(2)],
    }


# Cases: comparing gradients -----------------------------------------------------------------------


def _relative_error_cases(rng):
    def pair(*shape, off=1.0):
        b = rng.standard_normal(shape) + 0.3
        return Case((b + off * rng.standard_normal(shape), b), f"arrays of shape {shape}")

    def few(*shape):
        b = rng.uniform(2.0, 4.0, shape) * rng.choice([-1.0, 1.0])
        return Case((b * rng.uniform(1.2, 1.8), b), f"arrays of shape {shape}")

    def odd(*shape, bad, second):
        a, b = rng.standard_normal(shape), rng.standard_normal(shape)
        (b if second else a).flat[int(rng.integers(a.size))] = bad
        return Case((a, b), f"one entry {bad}")

    def shapes(s, t):
        b = np.full(t, rng.uniform(0.5, 1.5))
        return Case((np.broadcast_to(b.flat[0], s).copy(), b), f"shapes {s} and {t}")

    some = rng.standard_normal((3, 5))
    tiny = [Case(tuple(t * size for t in pair(7).args), f"entries near {size:g}")
            for size in (1e-12, 1e-30, 1e30)]
    return {
        "generic": [pair(5), strided_pair(pair(3, 7)), pair(5, 5), pair(11, off=1e-6), pair(3, 5),
                    few(1), few(1, 1), few(2), pair(41, 13)],
        "zeros": [Case((np.zeros((3, 5)), np.zeros((3, 5))), "both zero"),
                  Case((np.zeros(7), np.zeros(7)), "both zero"),
                  Case((some, np.zeros((3, 5))), "b zero"),
                  Case((np.zeros((3, 5)), some), "a zero")],
        "shapes": [shapes((5,), (5, 1)), shapes((3, 5), (5,)), shapes((), (7,)),
                   shapes((3, 5), (5, 3)), shapes((4,), (6,)), shapes((2, 6), (12,))],
        "nonfinite": [odd(3, 5, bad=np.nan, second=False), odd(7, bad=np.inf, second=True),
                      odd(5, bad=-np.inf, second=False), odd(3, 5, bad=np.nan, second=True),
                      Case((np.full(3, np.inf), np.full(3, np.inf)), "both infinite")],
        "tiny": tiny,
        "dtypes": [Case((_small_whole(rng, 3, 5), _small_whole(rng, 3, 5) - 1), "integers"),
                   Case((single(rng, 7), single(rng, 7)), "float32")],
        "twice": [pair(3, 5), pair(3, 5)],
    }


def strided_pair(pair):
    """The same pair, both arrays not contiguous."""
    return replace(pair, args=tuple(strided(a) for a in pair.args))


def infinite_here(trial, group):
    """Infinite on these cases, but not on every generic one too."""
    values = [a.value for a in trial.answers("generic")]
    if all(isinstance(v, (float, np.ndarray)) and np.all(np.isinf(v)) for v in values):
        return Finding("infinite, but so is every other answer")
    return values_agree(trial, group)


def _check_cases(rng):
    def one(x, flaw="right", scale=1.0, tol=()):
        params = (x.shape, _seed(rng), scale)
        note = f"x of shape {x.shape}; the gradient: {flaw}" + "".join(f", tol = {t}" for t in tol)
        args = (Named("landscape", params), Named("landscape_gradient", (*params, flaw)), x, *tol)
        return Case(args, note)

    zero, again = np.zeros((3, 5)), _point(rng, 3, 5)
    bowl, clipped = Named("bowl"), Named("clipped_slope_of_bowl")
    small = 10.0 ** rng.uniform(-16.0, -15.0)
    almost = _point(rng, 5)
    almost[rng.integers(5)] = 1e-9
    return {
        "generic": [one(_point(rng, 3, 5)), one(_point(rng, 7, 3), "last entry"),
                    one(_point(rng, 5), "sign"), one(strided(_point(rng, 7))),
                    one(_point(rng, 7, 3), "first entry"), one(_point(rng, 5, 5)),
                    one(_point(rng, 5, 3), "middle entry"), one(_point(rng, 5, 5), "transposed"),
                    one(_point(rng, 7), "double"), one(_point(rng, 7, 3), "backwards"),
                    one(_point(rng, 3, 2), "all zero"), one(_point(rng, 3, 5), "6e-6 too large"),
                    one(_point(rng, 1)), one(_point(rng, 1, 1), "double"),
                    one(_point(rng, 23, 7)), one(_point(rng, 61), "middle entry"),
                    Case((bowl, Named("slope_of_bowl"), almost), "one entry nearly zero"),
                    Case((bowl, clipped, 0.6 * _point(rng, 5)), "a gradient that is right at x"),
                    Case((bowl, clipped, 2.0 * np.sign(_point(rng, 5)) + _point(rng, 5)),
                         "a gradient that is right elsewhere, not at x")],
        "shapes": [one(_point(rng, 3, 5), "flat"), one(_point(rng, 7), "column"),
                   one(_point(rng, 7), "row"), one(_point(rng, 5), "one number"),
                   one(_point(rng, 3, 5), "first row only"), one(_point(rng, 7, 1))],
        "nonfinite": [one(_point(rng, 3, 5), "nan"), one(_point(rng, 7), "inf"),
                      one(_point(rng, 5), "all nan"),
                      Case((Named("undefined"), Named("slope_of_bowl"), _point(rng, 5)),
                           "f is NaN"),
                      one(_point(rng, 5, 3))],
        "tol": [one(_point(rng, 3, 5), "2e-4 too large", tol=(1e-3,)),
                one(_point(rng, 7), "2e-4 too large", tol=(1e-5,)),
                one(_point(rng, 5), "5 % too large", tol=(1e-3,)),
                one(_point(rng, 5, 3), "5 % too large", tol=(0.1,)),
                one(_point(rng, 3, 5), tol=(2e-9,))],
        "scale": [one(_point(rng, 3, 5), "double", scale=small),
                  one(_point(rng, 7), scale=1 / small), one(_point(rng, 5), scale=small),
                  one(_point(rng, 5), "double", scale=1e-11), one(_point(rng, 5), scale=1e-100),
                  one(_point(rng, 3), "double", scale=1e-100),
                  one(_point(rng, 5), "6e-6 too large", scale=1 / small)],
        "zero": [Case((bowl, Named("slope_of_bowl"), zero), "a gradient that is zero"),
                 Case((bowl, Named("slope_of_bowl"), np.zeros(7)), "a gradient that is zero"),
                 Case((bowl, Named("landscape_gradient", ((7,), _seed(rng))), np.zeros(7)),
                      "f has a minimum at x; the gradient is not zero")],
        "dtypes": [one(_small_whole(rng, 3, 5)), one(_point(rng, 7).astype(np.float32)),
                   one(_small_whole(rng, 5), "double")],
        "twice": [one(again), one(again, "sign")],
    }


# Cases: activations and the two rules -------------------------------------------------------------


def _activation_cases(rng):
    def one(a):
        return Case((a,), f"an array of shape {a.shape}")

    def spread(*shape):
        return 1.4 * rng.standard_normal(shape) + 0.3

    def huge(*shape):
        a = rng.uniform(-990.0, 990.0, shape)
        a.flat[0], a.flat[1], a.flat[2] = 1000.0, -1000.0, rng.uniform(0.5, 1.5)
        return a

    def large(a):
        return Case((a,), "arguments up to 1000", scale=1.0)

    return {
        "generic": [one(spread(7)), one(strided(spread(3, 5))), one(spread(5, 5)),
                    one(spread(11) - 0.8), one(spread(1)), one(spread(1, 1)),
                    one(spread(61, 7))],
        "huge": [large(huge(7)), large(huge(3, 5)), large(np.array([-1000, 1000, 0])),
                 large(np.array([-746.0, -710.0, -354.0, 354.0, 710.0, 746.0]))],
        "any": [one(spread(3, 2, 5)), one(np.array(rng.uniform(0.3, 1.3)))],
        "dtypes": [one(_small_whole(rng, 3, 5)), one(single(rng, 7))],
        "twice": [one(spread(3, 5)), one(spread(3, 5))],
    }


def _chain_cases(rng):
    def one(n, m, draw=lambda *shape: rng.standard_normal(shape) + 0.4):
        return case(draw(n), draw(n, m), n=n, m=m)

    view = one(3, 7)
    return {
        "generic": [one(5, 3), replace(view, args=tuple(map(strided, view.args))), one(5, 5),
                    one(2, 11), one(2, 2), one(53, 61),
                    one(3, 2, lambda *shape: 1e6 * rng.standard_normal(shape))],
        "single": [one(1, 5), one(7, 1), one(1, 1)],
        "dtypes": [one(5, 3, lambda *shape: _small_whole(rng, *shape)),
                   one(3, 5, lambda *shape: single(rng, *shape))],
        "twice": [one(5, 3), one(5, 3)],
    }


def _quotient_cases(rng):
    def one(h_sign=1.0, **fixed):
        drawn = {"g": rng.uniform(1.2, 3.1), "h": h_sign * rng.uniform(1.3, 2.7),
                 "dg": rng.uniform(-2.1, -0.6), "dh": rng.uniform(0.6, 1.9)} | fixed
        note = ", ".join(f"{k} = {v:.3g}" for k, v in drawn.items())
        return Case(tuple(drawn.values()), note, scale=1.0)

    g, h = rng.uniform(1.2, 3.1), rng.uniform(1.3, 2.7)
    return {
        "generic": [one(), one(-1.0), one(g=-0.7), one(dh=-1.2), one(h=0.043),
                    one(h=250.0), one(g=4e5)],
        "zeros": [one(dg=0.0), one(dh=0.0), one(g=0.0), one(g=1.7, dg=0.0, dh=0.0)],
        "whole": [one(g=3, h=7, dg=2, dh=5), one(g=-4, h=-3, dg=5, dh=2)],
        "twice": [one(g=g, h=h), one(g=g, h=h)],
    }


# Oracles ------------------------------------------------------------------------------------------


def _central_difference(f, x, eps):
    return central(lambda t: f(x + t), eps)


def _numerical_gradient(f, W, eps=EPS):
    return jacobian(f, W, lambda phi: central(phi, eps))


def _relative_error(a, b):
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return np.inf
    size = np.sqrt(np.sum(np.square(a))) + np.sqrt(np.sum(np.square(b)))
    return np.sqrt(np.sum(np.square(a - b))) / size if size else 0.0


def _relative_error_of(a, b):
    return float(_relative_error(np.asarray(a, dtype=float), np.asarray(b, dtype=float)))


def _gradient_check(f, grad, x, tol=1e-6):
    return _relative_error_of(grad(x), _numerical_gradient(f, x)) <= tol


def _chain_rule(dp_dq, dq_da):
    return np.asarray(dp_dq, dtype=float) @ np.asarray(dq_da, dtype=float)


def _quotient_rule(g, h, dg, dh):
    return dg / h - g * dh / h**2


# Criteria of this chapter alone -------------------------------------------------------------------


def right_by_default(trial, group):
    """The right approximation where eps was left out; its rounding needs a wider tolerance."""
    for given, answer in zip(trial.cases[group], trial.answers(group), strict=True):
        if answer.error is not None:
            return Finding(error_text(answer.error, given))
        wanted = replace(trial.expected(given), tol=DEFAULT_TOL)
        difference = compare(answer.value, wanted)
        if difference is not None:
            return Finding(f"{difference.message} (with {given.note})", difference)
    return None


def by_default(points):
    """Requirement: the default eps = 1e-5 is used where none is given."""
    return Requirement("eps = 1e-5 when left out", points, right_by_default, "default")


def _activation(name, title, hints, oracle, lines, minutes):
    """Exercise on one elementwise function."""
    return Exercise(
        id=name,
        chapter="00",
        title=title,
        signature=f"{name}(a)",
        returns=name,
        minutes=minutes,
        lines=lines,
        section=title,
        draw=_activation_cases,
        oracle=oracle,
        requirements=(
            shape(0.5),
            value(0.75),
            value(0.5, HUGE, "huge"),
            value(0.25, "any number of axes", "any"),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.5),
        ),
        hints=hints,
        bank=known_mistakes("00", name),
    )


EXERCISES = (
    Exercise(
        id="central_difference",
        chapter="00",
        title="A slope from two function values",
        signature="central_difference(f, x, eps)",
        returns="slope",
        minutes=5,
        lines=1,
        section="A slope from two function values",
        draw=_central_cases,
        oracle=_central_difference,
        requirements=(
            shape(0.5, "one number"),
            value(1.75),
            value(0.5, "x a whole number", "whole"),
            stable(0.25),
        ),
        hints=(
            "A slope is a rise over a run. How far apart are the two points at which you evaluate "
            "f?",
            "The points are x + eps and x - eps. The run between them is 2 eps, not eps. Return "
            "the quotient itself, with the eps that was given.",
            "return (f(...) - f(...)) / (...)",
        ),
        bank=known_mistakes("00", "central_difference"),
    ),
    Exercise(
        id="numerical_gradient",
        chapter="00",
        title="One slope per entry",
        signature="numerical_gradient(f, W, eps=1e-5)",
        returns="gradient",
        minutes=15,
        lines=8,
        section="One slope per entry",
        draw=_gradient_cases,
        oracle=_numerical_gradient,
        requirements=(
            shape(0.5),
            value(1.5),
            by_default(0.5),
            value(0.5, "any memory layout", "layout"),
            value(0.25, "any number of axes", "any"),
            value(0.5, DTYPES, "dtypes"),
            unchanged(0.5),
            stable(0.25),
        ),
        hints=(
            "The gradient has one entry for each entry of W. What has to be true of all other "
            "entries while you move one? And who else owns the array W?",
            "Make your own float64 copy of W. For each index of the copy: remember the old value, "
            "evaluate f at old + eps and at old - eps, put the old value back. np.ndindex(W.shape) "
            "goes through all indices, whatever the number of axes.",
            "W = np.array(W, dtype=float)            # a copy, float64\n"
            "G = np.zeros(W.shape)\n"
            "for index in np.ndindex(W.shape):\n"
            "    old = W[index]\n"
            "    W[index] = old + eps\n"
            "    above = f(W)\n"
            "    ...\n"
            "    W[index] = old\n"
            "return G",
        ),
        bank=known_mistakes("00", "numerical_gradient"),
    ),
    Exercise(
        id="numerical_jacobian",
        chapter="00",
        title="Many outputs: the Jacobian",
        signature="numerical_jacobian(F, x, eps=1e-5)",
        returns="J",
        minutes=10,
        lines=7,
        section="Many outputs: the Jacobian",
        draw=_jacobian_cases,
        oracle=_numerical_gradient,
        requirements=(
            shape(0.5),
            value(1.5),
            by_default(0.5),
            value(0.25, "one output, or one input", "single"),
            value(0.5, DTYPES, "dtypes"),
            unchanged(0.5),
            stable(0.25),
        ),
        hints=(
            "Move one input by eps. How many outputs answer, and in which row or column of J do "
            "their answers belong?",
            "J[i, j] is the slope of output i along input j. So input j gives column j, and all "
            "its entries come from the same two calls of F.",
            "x = np.array(x, dtype=float)\n"
            "columns = []\n"
            "for j in range(len(x)):\n"
            "    step = np.zeros(len(x))\n"
            "    step[j] = eps\n"
            "    columns.append(...)                 # shape (m,)\n"
            "return np.stack(columns, axis=...)",
        ),
        bank=known_mistakes("00", "numerical_jacobian"),
    ),
    Exercise(
        id="relative_error",
        chapter="00",
        title="How far apart are two gradients?",
        signature="relative_error(a, b)",
        returns="relative error",
        minutes=8,
        lines=6,
        section="How far apart are two gradients?",
        draw=_relative_error_cases,
        oracle=_relative_error_of,
        requirements=(
            shape(0.25, "one number"),
            value(1.0),
            value(0.5, "zeros", "zeros"),
            Requirement("shapes that differ", 0.5, infinite_here, "shapes"),
            Requirement("NaN and infinity", 0.5, infinite_here, "nonfinite"),
            value(0.25, "tiny and huge entries", "tiny"),
            value(0.5, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "What would NumPy do with a - b if the shapes are (5,) and (5, 1)? What is NaN > 1, "
            "and what is 0/0? Answer these three before you divide.",
            "Shapes first: return inf unless they are equal. Then np.isfinite(...).all() for both. "
            "Then the denominator: if it is 0, both arrays are zero.",
            "if a.shape != b.shape or not (...):\n"
            "    return float('inf')\n"
            "size = np.linalg.norm(a) + np.linalg.norm(b)\n"
            "return ... if size > 0 else 0.0",
        ),
        bank=known_mistakes("00", "relative_error"),
    ),
    Exercise(
        id="gradient_check",
        chapter="00",
        title="The verdict: do they agree?",
        signature="gradient_check(f, grad, x, tol=1e-6)",
        returns="the answer",
        minutes=8,
        lines=2,
        section="The verdict: do they agree?",
        draw=_check_cases,
        oracle=_gradient_check,
        requirements=(
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
        bank=known_mistakes("00", "gradient_check"),
    ),
    _activation(
        "sigmoid",
        "The sigmoid",
        (
            "exp overflows for large positive arguments only. For which a do you need exp(-a), and "
            "for which exp(a)?",
            "1/(1 + exp(-a)) survives infinity in the denominator; exp(a)/(1 + exp(a)) does not. "
            "With e = exp(-|a|), which never overflows, the sigmoid is 1/(1 + e) for a >= 0 and "
            "e/(1 + e) for a < 0.",
            "e = np.exp(-np.abs(a))\n"
            "return np.where(a >= 0, ..., ...)",
        ),
        sigmoid,
        3,
        8,
    ),
    _activation(
        "sigmoid_prime",
        "The slope of the sigmoid",
        (
            "You derived the slope on paper. It needs no new exponential: which number do you know "
            "already?",
            "sigma'(a) = sigma(a) (1 - sigma(a)). Call your sigmoid once; if it is finite, so is "
            "the product.",
            "s = sigmoid(a)\nreturn ...",
        ),
        sigmoid_prime,
        2,
        5,
    ),
    _activation(
        "tanh_prime",
        "The slope of tanh",
        (
            "NumPy's tanh is finite everywhere. How is the slope of tanh written with tanh itself?",
            "tanh'(a) = 1 - tanh(a)^2. The square is of tanh(a), not of a.",
            "t = np.tanh(a)\nreturn ...",
        ),
        tanh_prime,
        2,
        5,
    ),
    Exercise(
        id="chain_rule",
        chapter="00",
        title="Sum over paths",
        signature="chain_rule(dp_dq, dq_da)",
        returns="dp/da",
        minutes=6,
        lines=1,
        section="Sum over paths",
        draw=_chain_cases,
        oracle=_chain_rule,
        requirements=(
            shape(0.5),
            value(1.25),
            value(0.25, "one path, or one input", "single"),
            value(0.5, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "For one input a_j: how many paths lead from a_j to p, and what does each of them "
            "contribute?",
            "dp/da_j is the sum over i of dp/dq_i times dq_i/da_j. The index that is summed is the "
            "first one of dq_da.",
            "return dp_dq @ ...     # one number per input",
        ),
        bank=known_mistakes("00", "chain_rule"),
    ),
    Exercise(
        id="quotient_rule",
        chapter="00",
        title="The slope of a quotient",
        signature="quotient_rule(g, h, dg, dh)",
        returns="(g/h)'",
        minutes=4,
        lines=1,
        section="The slope of a quotient",
        draw=_quotient_cases,
        oracle=_quotient_rule,
        requirements=(
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
        bank=known_mistakes("00", "quotient_rule"),
    ),
)
