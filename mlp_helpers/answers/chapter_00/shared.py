"""What the exercises of chapter 00 share: cases, criteria and formulas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...checking.compare import compare
from ...checking.exercise import Case, Criterion
from ...checking.finding import differs, stopped
from ...reference.gradcheck import central, jacobian
from ..draw import single, strided

EPS = 1e-5


# With |f| near 5 and slopes near 30, two right ways of adding up f differ by 1e-16 * 5 / EPS / 30,
# about 2e-12; the step 1e-6 instead of 1e-5 changes the approximation by 1.5e-8.
DEFAULT_TOL = 1e-9


DTYPES = "integers and float32"


HUGE = "huge arguments (up to 1000)"


def seed(rng):
    return int(rng.integers(2**31))


def small_whole(rng, *shape):
    """Integers between -2 and 2, not all alike."""
    values = rng.integers(-2, 3, shape)
    values.flat[0], values.flat[-1] = 2, -1
    return values.astype(np.int64)


def point(rng, *shape):
    return rng.uniform(0.3, 1.1, shape) * rng.choice([-1.0, 1.0], shape)


def drawn_eps(rng):
    return float(rng.uniform(0.05, 0.2))


def activation_cases(rng):
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
        "generic": [
            one(spread(7)),
            one(strided(spread(3, 5))),
            one(spread(5, 5)),
            one(spread(11) - 0.8),
            one(spread(1)),
            one(spread(1, 1)),
            one(spread(61, 7)),
        ],
        "huge": [
            large(huge(7)),
            large(huge(3, 5)),
            large(np.array([-1000, 1000, 0])),
            large(np.array([-746.0, -710.0, -354.0, 354.0, 710.0, 746.0])),
        ],
        "any": [one(spread(3, 2, 5)), one(np.array(rng.uniform(0.3, 1.3)))],
        "dtypes": [one(small_whole(rng, 3, 5)), one(single(rng, 7))],
        "twice": [one(spread(3, 5)), one(spread(3, 5))],
    }


def numerical_gradient_oracle(f, W, eps=EPS):
    return jacobian(f, W, lambda phi: central(phi, eps))


def relative_error_oracle(a, b):
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return np.inf
    size = np.sqrt(np.sum(np.square(a))) + np.sqrt(np.sum(np.square(b)))
    return np.sqrt(np.sum(np.square(a - b))) / size if size else 0.0


def relative_error_of(a, b):
    return float(relative_error_oracle(np.asarray(a, dtype=float), np.asarray(b, dtype=float)))


def right_by_default(trial, group):
    """The right approximation where eps was left out; its rounding needs a wider tolerance."""
    for given, answer in zip(trial.cases[group], trial.answers(group), strict=True):
        if answer.error is not None:
            return stopped(answer.error, given)
        wanted = replace(trial.expected(given), tol=DEFAULT_TOL)
        difference = compare(answer.value, wanted)
        if difference is not None:
            return differs(difference, given)
    return None


def by_default(points):
    """Criterion: the default eps = 1e-5 is used where none is given."""
    return Criterion("eps = 1e-5 when left out", points, right_by_default, "default")


SLOPE = "A slope from two function values"


STEP = "How small is small?"


GRADIENT = "One slope per entry"


EPS = 1e-5


def by(rule, f, W, eps=EPS):
    return jacobian(f, W, lambda phi: rule(phi, eps))


def right_gradient(f, W, eps=EPS):
    return by(central, f, W, eps)


def distance(a, b):
    size = np.linalg.norm(a) + np.linalg.norm(b)
    return np.linalg.norm(a - b) / size if size else 0.0


def right_distance(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return np.inf
    return distance(a, b)


def half_a_key(bank, fn, section, known_by):
    """Register a function that remembers its answers by a part of what they depend on."""

    def make():
        kept = {}

        def wrapped(*args):
            key = known_by(*args)
            if key not in kept:
                kept[key] = fn(*args)
            return kept[key]

        return wrapped

    bank.stateful(
        "remembers_too_little",
        make,
        "an answer kept from an earlier call that was alike in part",
        "Which arguments does the answer depend on, and which of them does your memory look at?",
        section,
    )


FIXED = ((1e-3, "3"), (1e-4, "4"))  # steps that people know by heart


def fixed_steps(bank, fn, section):
    """Register steps of one's own in place of the one that is given."""
    for own, digit in FIXED:

        @bank.wrong(
            f"always a step of {own:g}, whatever eps is",
            "What is the third argument for?",
            id=f"own_eps_{digit}",
            reread=section,
        )
        def own_eps(f, x, eps=EPS, own=own):
            return fn(f, x, own)


def elementwise(bank, fn, section):
    """Register the mistakes that are the same for all three activations."""

    @bank.wrong(
        "an output array with the dtype of a",
        "np.zeros_like(a) of whole numbers holds whole numbers. What becomes of 0.3 in it?",
        reread=section,
    )
    def stays_integer(a):
        out = np.zeros_like(a)
        out[...] = fn(a)
        return out

    @bank.right("in the precision of the input")
    def in_the_precision_of_the_input(a):
        return fn(a.astype(np.float32)) if a.dtype == np.float32 else fn(a)

    @bank.wrong(
        "all numbers in float32",
        "float32 keeps seven digits. Where does the precision get lost?",
        reread=section,
    )
    def single_precision(a):
        return fn(a.astype(np.float32))

    @bank.wrong(
        "an answer rounded to a few digits",
        "What do the next steps compute with: what you print, or what you return?",
        reread=section,
    )
    def rounded(a):
        return np.round(fn(a), 8)

    @bank.wrong(
        "an operation in place on the caller's array", "Who else holds the array a?", reread=section
    )
    def changes_argument(a):
        out = fn(a)
        if a.dtype == np.float64:
            a[...] = -a
        return out

    @bank.wrong(
        "loops for one axis or two",
        "What happens to an array of three axes, or of none?",
        reread=section,
    )
    def one_or_two_axes(a):
        rows = a[None] if a.ndim == 1 else a
        m, n = rows.shape
        return np.array([[fn(rows[i, j]) for j in range(n)] for i in range(m)]).reshape(a.shape)

    @bank.wrong(
        "an answer of one axis", "What shape has a, and what shape has your answer?", reread=section
    )
    def flat_answer(a):
        return fn(a).ravel()

    bank.habits(fn)


def stable_if(a):
    return 1 / (1 + np.exp(-a)) if a >= 0 else np.exp(a) / (1 + np.exp(a))
