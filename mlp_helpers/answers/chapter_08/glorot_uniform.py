"""Glorot's start."""

from __future__ import annotations

import math

import numpy as np

from ...checking.criteria import shape
from ...checking.exercise import Criterion, Exercise
from ...checking.values import Named
from ...reference import regularisation as reference
from ..bank import Bank
from ..draw import case
from .shared import draw_cases, drawn_seed, each, from_rng, next_draw, not_uniform


def _glorot_cases(rng):
    def one(n_out, n_in):
        return case(n_out, n_in, Named("rng", (drawn_seed(rng),)), n_out=n_out, n_in=n_in)

    return {
        "generic": [one(149, 97), one(61, 211), one(113, 113)],
    } | draw_cases(rng, 7, 5)


def _matrix(answer, n_out, n_in):
    """The answer divided by the bound of the recipe; a text if it is no such matrix."""
    try:
        W = np.asarray(answer)
    except ValueError:  # rows of different lengths
        return "not an array of real numbers"
    if W.dtype.kind not in "biuf":
        return "not an array of real numbers"
    W = W.astype(np.float64)
    if W.shape != (n_out, n_in) or not np.isfinite(W).all():
        return "counts once the shape is right and all entries are finite"
    return W / np.sqrt(6.0 / (n_out + n_in))


def _outside(answer, n_out, n_in, rng):
    u = _matrix(answer, n_out, n_in)
    if isinstance(u, str):
        return u
    if u.size > 1 and np.all(u == u.flat[0]):
        return "the entries are all the same number"
    if (out := np.abs(u) > 1 + 1e-12).any():
        return f"{out.mean():.0%} of the entries lie outside the interval of the recipe"
    return ""


def _glorot_shape(answer, n_out, n_in, rng):
    u = _matrix(answer, n_out, n_in)
    if isinstance(u, str):
        return u
    if not_uniform((u + 1) / 2):
        return f"not uniform over the interval: the largest entry is {np.abs(u).max():.2g} bounds"
    return ""


def _repeats(answer, n_out, n_in, rng):
    u = _matrix(answer, n_out, n_in)
    if isinstance(u, str):
        return u
    # Independent draws of 53 bits hardly ever agree, and in 24 bits only a few of 14,000 do.
    distinct = np.unique(np.abs(u)).size
    if distinct < 0.95 * u.size:
        return f"only {distinct} of {u.size} entries are draws of their own, the others repeat"
    return ""


def _short(answer, n_out, n_in, rng):
    """The largest of m entries comes near the bound.

    All of them are below 1 - 20 / m of it with probability (1 - 20 / m)^m < exp(-20) = 2.1e-9.
    """
    u = _matrix(answer, n_out, n_in)
    if isinstance(u, str):
        return u
    if not 1 - 20 / u.size <= np.abs(u).max() <= 1 + 1e-12:
        return f"the largest entry is {np.abs(u).max():.4f} bounds; every unit of the layer counts"
    return ""


bank = Bank()


EXERCISE = Exercise(
    title="Glorot's start",
    signature="glorot_uniform(n_out, n_in, rng)",
    returns="W",
    minutes=6,
    lines=2,
    section="A random start of the right size",
    draw=_glorot_cases,
    oracle=reference.glorot_uniform,
    criteria=(
        shape(0.25),
        Criterion("no entry outside the interval", 0.5, each(_outside)),
        Criterion("uniform over the interval", 1.0, each(_glorot_shape)),
        Criterion("every weight drawn for itself", 0.25, each(_repeats)),
        Criterion("up to the ends of the interval", 0.25, each(_short)),
        from_rng(0.5),
        next_draw(0.25),
    ),
    hints=(
        "The bound has both sizes of the layer under one root. Which method of the generator "
        "draws from an interval, and how do you tell it the shape?",
        "r = sqrt(6 / (n_out + n_in)); entries from U[-r, r], shape (n_out, n_in). Use the rng "
        "that you are given, not np.random.",
        "r = np.sqrt(... / (...))\nreturn rng.uniform(-r, ..., size=(..., ...))",
    ),
    bank=bank,
)


def draws_between(bound):
    """Draw from U[-r, r] with r = bound(n_out, n_in)."""
    return lambda n_out, n_in, rng: rng.uniform(-1, 1, (n_out, n_in)) * bound(n_out, n_in)


def limit(n_out, n_in):
    return np.sqrt(6 / (n_out + n_in))


def glorot(n_out, n_in, rng):
    r = limit(n_out, n_in)
    return rng.uniform(-r, r, (n_out, n_in))


for _id, _bound, _looks, _question in (
    (
        "root_of_six_only",
        lambda m, n: np.sqrt(6) / (m + n),
        "sqrt(6) / (n_out + n_in)",
        "What stands under the root?",
    ),
    (
        "no_root",
        lambda m, n: 6 / (m + n),
        "6 / (n_out + n_in) without the root",
        "A bound is a length, a variance its square. Which one did you use?",
    ),
    (
        "fan_in_only",
        lambda m, n: np.sqrt(6 / n),
        "sqrt(6 / n_in)",
        "The recipe looks at both sides of the layer. Which side is missing?",
    ),
    (
        "fan_out_only",
        lambda m, n: np.sqrt(6 / m),
        "sqrt(6 / n_out)",
        "The recipe looks at both sides of the layer. Which side is missing?",
    ),
    (
        "three",
        lambda m, n: np.sqrt(3 / (m + n)),
        "sqrt(3 / (n_out + n_in))",
        "Which number stands over the sum of the sizes?",
    ),
    (
        "standard_deviation",
        lambda m, n: np.sqrt(2 / (m + n)),
        "the standard deviation as bound",
        "A uniform number in [-r, r] has standard deviation r / sqrt(3). Which of them is r here?",
    ),
    (
        "brackets",
        lambda m, n: np.sqrt(6 / n + m),
        "sqrt(6 / n_in + n_out), without the brackets",
        "What does Python compute first, the division or the sum?",
    ),
    (
        "product",
        lambda m, n: np.sqrt(6 / (m * n)),
        "sqrt(6 / (n_out n_in))",
        "Are the sizes of the layer added or multiplied?",
    ),
    ("fixed", lambda m, n: 0.05, "a fixed bound", "What should happen when the layer grows?"),
    (
        "counts_the_bias",
        lambda m, n: np.sqrt(6 / (m + n + 1)),
        "n_in + 1, counting the bias",
        "Which two numbers does the recipe add?",
    ),
):
    bank.wrong(_looks, _question, id=_id)(draws_between(_bound))


@bank.wrong("a normal distribution of the same variance", "Which distribution has the recipe?")
def normal(n_out, n_in, rng):
    return rng.normal(0, np.sqrt(2 / (n_out + n_in)), (n_out, n_in))


@bank.wrong("a normal distribution, clipped to the interval", "Which distribution has the recipe?")
def clipped_normal(n_out, n_in, rng):
    r = limit(n_out, n_in)
    return np.clip(rng.normal(0, r / np.sqrt(3), (n_out, n_in)), -r, r)


@bank.wrong("from [0, r]", "Should all weights be positive?")
def positive(n_out, n_in, rng):
    return rng.uniform(0, limit(n_out, n_in), (n_out, n_in))


@bank.wrong(
    "r or -r, nothing between", "Does the recipe draw from an interval, or from its two ends?"
)
def two_values(n_out, n_in, rng):
    return rng.choice([-1.0, 1.0], (n_out, n_in)) * limit(n_out, n_in)


@bank.wrong("shape (n_in, n_out)", "Z = H W^T: which shape has W?")
def transposed(n_out, n_in, rng):
    return glorot(n_out, n_in, rng).T.copy()


@bank.wrong("one row for all units", "What do hidden units with equal weights compute?")
def one_row(n_out, n_in, rng):
    r = limit(n_out, n_in)
    return np.tile(rng.uniform(-r, r, n_in), (n_out, 1))


@bank.wrong("a generator of its own with a fixed seed", "What is the argument rng for?")
def own_seed(n_out, n_in, rng):
    return glorot(n_out, n_in, np.random.default_rng(0))


@bank.wrong(
    "a copy of the generator, so that it stays put",
    "What does the next layer get from the same generator?",
)
def copied_generator(n_out, n_in, rng):
    copy = np.random.PCG64()
    copy.state = rng.bit_generator.state
    return glorot(n_out, n_in, np.random.Generator(copy))


def _one_for_all():
    own = np.random.default_rng(5)
    return lambda n_out, n_in, rng: glorot(n_out, n_in, own)


bank.stateful(
    "generator_outside",
    _one_for_all,
    "a generator that lives outside of the function",
    "With the same rng, does your function give the same matrix twice?",
)


@bank.right("scaled and shifted random()")
def scaled_and_shifted_random(n_out, n_in, rng):
    r = math.sqrt(6) / math.sqrt(n_in + n_out)
    return (2 * rng.random((n_out, n_in)) - 1) * r


@bank.right("column by column")
def column_by_column(n_out, n_in, rng):
    r = limit(n_out, n_in)
    return np.stack([rng.uniform(low=-r, high=r, size=n_out) for _ in range(n_in)], axis=1)


@bank.right("one entry at a time, nested lists")
def one_entry_at_a_time(n_out, n_in, rng):
    r = limit(n_out, n_in)
    return [[-r + 2 * r * rng.random() for _ in range(n_in)] for _ in range(n_out)]


@bank.right("a size and a sign")
def a_size_and_a_sign(n_out, n_in, rng):
    size = rng.uniform(0, limit(n_out, n_in), (n_in, n_out)).T
    return size * np.where(rng.integers(0, 2, (n_out, n_in)) == 1, 1.0, -1.0)


@bank.right("a generator seeded by the generator, float32 numbers")
def a_generator_seeded_by_the_generator(n_out, n_in, rng):
    own = np.random.default_rng(rng.integers(2**63))
    return (own.random((n_out, n_in), dtype=np.float32) * 2.0 - 1.0) * np.float64(
        limit(n_out, n_in)
    )
