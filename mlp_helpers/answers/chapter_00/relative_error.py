"""How far apart are two gradients?"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value, values_agree
from ...checking.exercise import Case, Criterion, Exercise
from ...checking.finding import Finding
from ..bank import Bank
from ..draw import single, strided
from .shared import DTYPES, distance, relative_error_of, right_distance, small_whole


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
    tiny = [
        Case(tuple(t * size for t in pair(7).args), f"entries near {size:g}")
        for size in (1e-12, 1e-30, 1e30)
    ]
    return {
        "generic": [
            pair(5),
            strided_pair(pair(3, 7)),
            pair(5, 5),
            pair(11, off=1e-6),
            pair(3, 5),
            few(1),
            few(1, 1),
            few(2),
            pair(41, 13),
        ],
        "zeros": [
            Case((np.zeros((3, 5)), np.zeros((3, 5))), "both zero"),
            Case((np.zeros(7), np.zeros(7)), "both zero"),
            Case((some, np.zeros((3, 5))), "b zero"),
            Case((np.zeros((3, 5)), some), "a zero"),
        ],
        "shapes": [
            shapes((5,), (5, 1)),
            shapes((3, 5), (5,)),
            shapes((), (7,)),
            shapes((3, 5), (5, 3)),
            shapes((4,), (6,)),
            shapes((2, 6), (12,)),
        ],
        "nonfinite": [
            odd(3, 5, bad=np.nan, second=False),
            odd(7, bad=np.inf, second=True),
            odd(5, bad=-np.inf, second=False),
            odd(3, 5, bad=np.nan, second=True),
            Case((np.full(3, np.inf), np.full(3, np.inf)), "both infinite"),
        ],
        "tiny": tiny,
        "dtypes": [
            Case((small_whole(rng, 3, 5), small_whole(rng, 3, 5) - 1), "integers"),
            Case((single(rng, 7), single(rng, 7)), "float32"),
        ],
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


bank = Bank()


EXERCISE = Exercise(
    title="How far apart are two gradients?",
    signature="relative_error(a, b)",
    returns="relative error",
    minutes=8,
    lines=6,
    draw=_relative_error_cases,
    oracle=relative_error_of,
    criteria=(
        shape(0.25, "one number"),
        value(1.0),
        value(0.5, "zeros", "zeros"),
        Criterion("shapes that differ", 0.5, infinite_here, "shapes"),
        Criterion("NaN and infinity", 0.5, infinite_here, "nonfinite"),
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
    bank=bank,
)


@bank.wrong(
    "norm(a - b), not divided", "Is a difference of 0.1 large or small? Compared with what?"
)
def absolute(a, b):
    e = right_distance(a, b)
    return e * (np.linalg.norm(a) + np.linalg.norm(b)) if np.isfinite(e) else e


@bank.wrong("divided by norm(b) alone", "Should it matter which of the two you call a?")
def by_b_alone(a, b):
    e = right_distance(a, b)
    if not np.isfinite(e) or not np.any(b):
        return e
    return np.linalg.norm(np.subtract(a, b, dtype=float)) / np.linalg.norm(np.asarray(b, float))


@bank.wrong("divided by norm(a + b)", "How large is a + b if a and b differ by their sign?")
def norm_of_sum(a, b):
    e = right_distance(a, b)
    if not np.isfinite(e) or e == 0:
        return e
    return np.linalg.norm(np.subtract(a, b, dtype=float)) / np.linalg.norm(
        np.add(a, b, dtype=float)
    )


@bank.wrong("sums of squares without the root", "Is the square of a norm a norm?")
def squared(a, b):
    e = right_distance(a, b)
    if not np.isfinite(e) or e == 0:
        return e
    a, b = np.asarray(a, float), np.asarray(b, float)
    return np.sum((a - b) ** 2) / (np.sum(a**2) + np.sum(b**2))


@bank.wrong(
    "the largest difference over the largest entries", "Which norm does the formula ask for?"
)
def largest_entry(a, b):
    e = right_distance(a, b)
    if not np.isfinite(e) or e == 0:
        return e
    a, b = np.asarray(a, float), np.asarray(b, float)
    return np.abs(a - b).max() / (np.abs(a).max() + np.abs(b).max())


@bank.wrong(
    "the mean of the relative errors of all entries",
    "What if one entry of both is nearly 0, with a little rounding?",
)
def entry_by_entry(a, b):
    e = right_distance(a, b)
    if not np.isfinite(e) or e == 0:
        return e
    a, b = np.asarray(a, float), np.asarray(b, float)
    return np.mean(np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), 1e-300))


@bank.wrong("sums of absolute values instead of norms", "Which norm does the formula ask for?")
def sum_of_absolute(a, b):
    e = right_distance(a, b)
    if not np.isfinite(e) or e == 0:
        return e
    a, b = np.asarray(a, float), np.asarray(b, float)
    return np.abs(a - b).sum() / (np.abs(a).sum() + np.abs(b).sum())


@bank.wrong(
    "the largest singular value for matrices",
    "What does ord=2 mean for a matrix, and what for a vector?",
)
def spectral_norm(a, b):
    e = right_distance(a, b)
    if not np.isfinite(e) or e == 0:
        return e
    a, b = np.asarray(a, float), np.asarray(b, float)
    return np.linalg.norm(a - b, 2) / (np.linalg.norm(a, 2) + np.linalg.norm(b, 2))


@bank.wrong(
    "one relative error per row",
    "How many numbers does the norm of a matrix give, with axis and without?",
)
def norm_per_row(a, b):
    e = right_distance(a, b)
    if not np.isfinite(e) or e == 0:
        return e
    a, b = np.asarray(a, float), np.asarray(b, float)
    size = np.linalg.norm(a, axis=-1) + np.linalg.norm(b, axis=-1)
    return np.linalg.norm(a - b, axis=-1) / size


for _floor in (1e-8, 1e-12):

    @bank.wrong(
        "the largest of the relative errors of all entries",
        "What if one entry of both is nearly 0, with a little rounding?",
        id=f"worst_entry_{_floor:g}",
    )
    def worst_entry(a, b, floor=_floor):
        e = right_distance(a, b)
        if not np.isfinite(e) or e == 0:
            return e
        a, b = np.asarray(a, float), np.asarray(b, float)
        return np.max(np.abs(a - b) / np.maximum(floor, np.abs(a) + np.abs(b)))


@bank.wrong(
    "divided by the larger of the two norms",
    "By what does the formula divide: by one of the norms, or by both together?",
)
def by_larger(a, b):
    e = right_distance(a, b)
    if not np.isfinite(e) or e == 0:
        return e
    a, b = np.asarray(a, float), np.asarray(b, float)
    return np.linalg.norm(a - b) / max(np.linalg.norm(a), np.linalg.norm(b))


@bank.wrong("divided by norm(a) alone", "Should it matter which of the two you call a?")
def by_a_alone(a, b):
    e = right_distance(a, b)
    if not np.isfinite(e) or not np.any(a):
        return e
    return np.linalg.norm(np.subtract(a, b, dtype=float)) / np.linalg.norm(np.asarray(a, float))


@bank.wrong(
    "divided by the mean of the two norms",
    "By what does the formula divide: by the mean of the norms, or by their sum?",
)
def by_the_mean(a, b):
    return 2 * right_distance(a, b)


@bank.wrong(
    "|norm(a) - norm(b)| above",
    "How far apart are a and -a? What does a difference of their norms say?",
)
def difference_of_norms(a, b):
    e = right_distance(a, b)
    if not np.isfinite(e) or e == 0:
        return e
    m, n = (np.linalg.norm(np.asarray(t, float)) for t in (a, b))
    return abs(m - n) / (m + n)


@bank.wrong(
    "0/0 when both are zero", "Two zero gradients: do they agree? What does your quotient say?"
)
def zero_by_zero(a, b):
    e = right_distance(a, b)
    with np.errstate(invalid="ignore"):
        return e if np.any(a) or np.any(b) else np.divide(0.0, 0.0)


for _small in (1e-8, 1e-10, 1e-12, 1e-15, 1e-16):

    @bank.wrong(
        "a small constant added to the denominator",
        "How large may such a constant be, compared with a gradient near the end of training?",
        id=f"small_constant_{_small:g}",
    )
    def small_constant(a, b, small=_small):
        e = right_distance(a, b)
        if not np.isfinite(e):
            return e
        a, b = np.asarray(a, float), np.asarray(b, float)
        return np.linalg.norm(a - b) / (np.linalg.norm(a) + np.linalg.norm(b) + small)

    @bank.wrong(
        f"a denominator of at least {_small:g}",
        "How large may such a bound be, compared with a gradient near the end of training?",
        id=f"floor_{_small:g}",
    )
    def floor_(a, b, small=_small):
        e = right_distance(a, b)
        if not np.isfinite(e):
            return e
        a, b = np.asarray(a, float), np.asarray(b, float)
        return np.linalg.norm(a - b) / max(np.linalg.norm(a) + np.linalg.norm(b), small)


@bank.wrong(
    "shapes not compared", "What does NumPy do with a - b if the shapes are (5,) and (5, 1)?"
)
def broadcasts(a, b):
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return np.inf
    return distance(np.asarray(a, float), np.asarray(b, float))


@bank.wrong(
    "numbers of entries compared, not shapes",
    "Have arrays of shape (3, 5) and (5, 3) the same size, and the same shape?",
)
def sizes_not_shapes(a, b):
    if np.size(a) != np.size(b) or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return np.inf
    return distance(np.ravel(np.asarray(a, float)), np.ravel(np.asarray(b, float)))


@bank.wrong("NaN passed on", "Is NaN larger than the tolerance, or smaller, or neither?")
def lets_nan_through(a, b):
    if np.shape(a) != np.shape(b):
        return np.inf
    with np.errstate(invalid="ignore"):
        return distance(np.asarray(a, float), np.asarray(b, float))


@bank.wrong("NaN noticed, infinity not", "What is infinity minus infinity?")
def only_nan(a, b):
    if np.shape(a) != np.shape(b) or np.isnan(a).any() or np.isnan(b).any():
        return np.inf
    with np.errstate(invalid="ignore"):
        return distance(np.asarray(a, float), np.asarray(b, float))


@bank.wrong("only one of the two arrays tested for NaN", "In which of the two could the NaN be?")
def only_a_is_looked_at(a, b):
    if np.shape(a) != np.shape(b) or not np.isfinite(a).all():
        return np.inf
    with np.errstate(invalid="ignore"):
        return distance(np.asarray(a, float), np.asarray(b, float))


@bank.right("norms in the precision of the input")
def norms_in_the_precision_of_the_input(a, b):
    e = right_distance(a, b)
    return e if not np.isfinite(e) else float(distance(a, b))


@bank.wrong("a -= b, which changes the caller's array", "Who else holds the array a?")
def changes_argument(a, b):
    e = right_distance(a, b)
    if a.shape == b.shape and a.dtype == np.float64:
        a -= b
    return e


bank.habits(right_distance, array=False)


@bank.right("plain NumPy, three questions first")
def plain_numpy(a, b):
    if a.shape != b.shape:
        return np.inf
    if not np.all(np.isfinite(a)) or not np.all(np.isfinite(b)):
        return np.inf
    total = np.linalg.norm(a) + np.linalg.norm(b)
    if total == 0:
        return 0.0
    return np.linalg.norm(a - b) / total


@bank.right("norms of flat arrays")
def norms_of_flat_arrays(a, b):
    if np.shape(a) != np.shape(b):
        return math.inf
    a, b = np.ravel(a).astype(float), np.ravel(b).astype(float)
    if not np.all(np.isfinite(np.concatenate([a, b]))):
        return math.inf
    total = math.sqrt(a @ a) + math.sqrt(b @ b)
    return 0.0 if total == 0 else math.sqrt((a - b) @ (a - b)) / total


@bank.right("math.fsum over entries")
def math_fsum_over_entries(a, b):
    if a.shape != b.shape:
        return float("inf")
    pairs = [(float(u), float(v)) for u, v in zip(a.ravel(), b.ravel(), strict=True)]
    if any(not (math.isfinite(u) and math.isfinite(v)) for u, v in pairs):
        return float("inf")
    top = math.sqrt(math.fsum((u - v) ** 2 for u, v in pairs))
    below = math.hypot(*(u for u, _ in pairs)) + math.hypot(*(v for _, v in pairs))
    return top / below if below > 0 else 0.0


@bank.right("einsum, and an exception for NaN")
def einsum(a, b):
    if np.array(a).shape != np.array(b).shape:
        return np.inf
    try:
        a, b = (np.asarray_chkfinite(t, dtype=float) for t in (a, b))
    except ValueError:
        return np.inf
    if not a.any() and not b.any():
        return 0.0
    d, na, nb = (np.sqrt(np.einsum("i,i", t.ravel(), t.ravel())) for t in (a - b, a, b))
    return d / (na + nb)
