"""Deal the cards."""

from __future__ import annotations

import math

import numpy as np

from ...checking.exercise import Criterion, Exercise
from ...checking.values import Named
from ...reference import regularisation as reference
from ..bank import Bank
from ..draw import case
from .shared import DELTA, draw_cases, drawn_seed, each, from_rng, next_draw


def _fractions(rng, n):
    """Three fractions with sum 1 whose rounded sizes add up to n; cutting off decimals shows."""
    while True:
        first, second = rng.integers(52, 68) / 100, rng.integers(13, 27) / 100
        fracs = (float(first), float(second), round(float(1 - first - second), 2))
        exact = np.array(fracs) * n
        up = exact % 1 > 0.52
        if (
            sum(map(round, exact)) == n
            and up[0]
            and not up.all()
            and (np.abs(exact % 1 - 0.5) > 0.02).all()
        ):
            return fracs


SPLIT_N = 2503


def _split_cases(rng):
    def one(n, fracs=None):
        fracs = _fractions(rng, n) if fracs is None else fracs
        return case(n, fracs, Named("rng", (drawn_seed(rng),)), n=n)

    large = [one(SPLIT_N) for _ in range(3)]
    # 0.57 * 100 is 56.99999999999999 in floating point.
    return {
        "generic": [one(97), one(61), one(100, (0.57, 0.29, 0.14)), one(10, (0.4, 0.3, 0.3))],
        "large": large,
    } | draw_cases(rng, 59, _fractions(rng, 59))


def _parts(answer):
    """Three index arrays, or a text."""
    if not isinstance(answer, (tuple, list)) and not (
        isinstance(answer, np.ndarray) and answer.ndim
    ):
        return f"returned a {type(answer).__name__}; expected (train, valid, test)"
    parts = [
        np.asarray(p, dtype=np.int64)
        if isinstance(p, (list, tuple)) and not len(p)
        else np.asarray(p)
        if _flat_numbers(p)
        else None
        for p in answer
    ]
    if len(parts) != 3:
        return f"{len(parts)} parts; expected (train, valid, test)"
    if any(p is None or p.ndim != 1 or p.dtype.kind not in "iu" for p in parts):
        return "a part is not a one-dimensional array of whole numbers"
    return parts


def _flat_numbers(part):
    return isinstance(part, np.ndarray) or (
        isinstance(part, (list, tuple)) and all(type(i) is int for i in part)
    )


def _not_indices(answer, n, fracs, rng):
    parts = _parts(answer)
    if isinstance(parts, str):
        return parts
    every = np.concatenate(parts)
    if ((every < 0) | (every >= n)).any():
        return "an index lies outside 0..n-1"
    return ""


def _wrong_sizes(answer, n, fracs, rng):
    parts = _parts(answer)
    if isinstance(parts, str):
        return parts
    sizes = [len(p) for p in parts]
    if sizes != [round(f * n) for f in fracs]:
        return f"the sizes are {sizes} for the fractions {fracs}"
    return ""


def _not_once(answer, n, fracs, rng):
    if text := _not_indices(answer, n, fracs, rng):
        return text
    count = np.bincount(np.concatenate(_parts(answer)), minlength=n)
    if (count > 1).any():
        return f"{(count > 1).sum()} examples are dealt out more than once"
    return f"{(count == 0).sum()} examples are in no part" if (count == 0).any() else ""


def _not_shuffled(answer, n, fracs, rng):
    """Parts must be spread evenly over 0..n-1, and mixed.

    The mean of m indices drawn without replacement is farther than n e from the middle with
    probability at most 2 exp(-2 m e^2) = DELTA (Hoeffding). Of the n - 1 pairs of neighbours at
    least 0.49 n belong to different parts in expectation. A swap of two indices changes their
    number by at most 4, so by Azuma's inequality it is below 0.2 n with probability at most
    exp(-2 (0.29 n)^2 / (16 n)) < 4e-12 for n = 2503.
    """
    if text := _not_once(answer, n, fracs, rng) or _wrong_sizes(answer, n, fracs, rng):
        return f"counts once every index is dealt out once: {text}"
    part = np.empty(n, dtype=int)
    for k, indices in enumerate(_parts(answer)):
        part[indices] = k
        far = abs(indices.mean() - (n - 1) / 2) / n
        if far > np.sqrt(np.log(2 / DELTA) / (2 * len(indices))):
            name = ("train", "valid", "test")[k]
            return f"{name} is not spread over 0..n-1: its mean index is {indices.mean():.0f}"
    if np.mean(np.diff(part) != 0) < 0.2:
        return "whole runs of neighbouring indices end up in the same part"
    return ""


bank = Bank()


EXERCISE = Exercise(
    title="Deal the cards",
    signature="split(n, fracs, rng)",
    returns=("train", "valid", "test"),
    minutes=8,
    lines=4,
    section="Three sets, three jobs",
    draw=_split_cases,
    oracle=reference.split,
    criteria=(
        Criterion("three arrays of indices", 0.25, each(_not_indices)),
        Criterion("sizes", 0.75, each(_wrong_sizes)),
        Criterion("every index exactly once", 0.75, each(_not_once)),
        Criterion("shuffled", 0.75, each(_not_shuffled), "large"),
        from_rng(0.25),
        next_draw(0.25),
    ),
    hints=(
        "Shuffle a pack of n cards once, then cut it in two places. Where do you cut?",
        "order = rng.permutation(n). The sizes are round(f * n), and the first cut comes after "
        "the size of the training set. int(f * n) cuts decimals off, and 0.57 * 100 is "
        "56.99999999999999.",
        "order = rng.permutation(n)\na = round(fracs[0] * n)\nb = a + ...\n"
        "return order[:a], order[a:b], ...",
    ),
    earned_by_stubs=("three arrays of indices", "sizes"),  # zeros of the right lengths
    bank=bank,
)


def deal(order, sizes):
    a, b = sizes[0], sizes[0] + sizes[1]
    return order[:a], order[a:b], order[b : b + sizes[2]]


def rounded(n, fracs):
    return [round(f * n) for f in fracs]


@bank.wrong("the examples in the order of the file", "What if the file is sorted by class?")
def not_shuffled_(n, fracs, rng):
    return deal(np.arange(n), rounded(n, fracs))


@bank.wrong(
    "a cut at a random place of the file, but no shuffling", "What if the file is sorted by class?"
)
def rolled(n, fracs, rng):
    return deal(np.roll(np.arange(n), rng.integers(n)), rounded(n, fracs))


@bank.wrong(
    "validation and test in the order of the file",
    "Training draws at random. Who takes what is left, and in which order?",
)
def train_only_shuffled(n, fracs, rng):
    a, b, _ = rounded(n, fracs)
    train = rng.choice(n, a, replace=False)
    rest = np.setdiff1d(np.arange(n), train)
    return train, rest[:b], rest[b:]


@bank.wrong("indices drawn with replacement", "May an example be in two sets, or twice in one?")
def with_replacement(n, fracs, rng):
    return tuple(rng.integers(0, n, size) for size in rounded(n, fracs))


@bank.wrong("three independent draws", "May an example of the test set be one you trained on?")
def overlapping(n, fracs, rng):
    return tuple(rng.choice(n, size, replace=False) for size in rounded(n, fracs))


@bank.wrong(
    "parts of three different shuffles",
    "Each call of rng.permutation shuffles anew. Can an example then be in two parts?",
)
def three_shuffles(n, fracs, rng):
    a, b, _ = rounded(n, fracs)
    return rng.permutation(n)[:a], rng.permutation(n)[a : a + b], rng.permutation(n)[a + b :]


@bank.wrong(
    "int(f n), which cuts decimals off",
    "0.57 * 100 is 56.99999999999999. What does int make of it?",
)
def decimals_cut(n, fracs, rng):
    a, b = int(fracs[0] * n), int(fracs[1] * n)
    return deal(rng.permutation(n), [a, b, n - a - b])


@bank.wrong("int(f n) for all three, some examples in no set", "Do your three sizes add up to n?")
def some_left_over(n, fracs, rng):
    return deal(rng.permutation(n), [int(f * n) for f in fracs])


@bank.wrong("sizes rounded up", "Which whole number is nearest to f n?")
def rounded_up(n, fracs, rng):
    a, b = math.ceil(fracs[0] * n), math.ceil(fracs[1] * n)
    return deal(rng.permutation(n), [a, b, n - a - b])


@bank.wrong("(train, test, valid)", "In which order does the contract return them?")
def order(n, fracs, rng):
    train, valid, test = deal(rng.permutation(n), rounded(n, fracs))
    return train, test, valid


@bank.wrong(
    "the second fraction as a place to cut", "Is the second cut at f2 n, or at f1 n + f2 n?"
)
def cut_points(n, fracs, rng):
    order = rng.permutation(n)
    a, b, _ = rounded(n, fracs)
    return order[:a], order[b:a], order[a:]


@bank.wrong(
    "one index lost at every cut", "order[:a] ends before a. Where does the next part begin?"
)
def one_missing(n, fracs, rng):
    order = rng.permutation(n)
    a, b, _ = rounded(n, fracs)
    return order[:a], order[a + 1 : a + b], order[a + b + 1 :]


@bank.wrong("indices from 1 to n", "What is the index of the first example?")
def from_one(n, fracs, rng):
    return deal(1 + rng.permutation(n), rounded(n, fracs))


@bank.wrong("two parts only", "Which three sets does the contract return?")
def two_parts(n, fracs, rng):
    train, valid, _ = deal(rng.permutation(n), rounded(n, fracs))
    return train, valid


@bank.wrong(
    "masks of booleans instead of indices",
    "Index arrays were asked for. What has length round(f n)?",
)
def masks(n, fracs, rng):
    parts = deal(rng.permutation(n), rounded(n, fracs))
    return tuple(np.isin(np.arange(n), part) for part in parts)


@bank.wrong(
    "every example thrown into a set by chance",
    "Does every run give sets of the sizes that were asked for?",
)
def each_by_chance(n, fracs, rng):
    part = rng.choice(3, n, p=np.array(fracs) / sum(fracs))
    return tuple(np.flatnonzero(part == k) for k in range(3))


@bank.wrong("a generator of its own with a fixed seed", "What is the argument rng for?")
def own_seed(n, fracs, rng):
    return deal(np.random.default_rng(0).permutation(n), rounded(n, fracs))


@bank.wrong(
    "a copy of the generator, so that it stays put",
    "What do you get when you ask the same generator again?",
)
def copied_generator(n, fracs, rng):
    copy = np.random.PCG64()
    copy.state = rng.bit_generator.state
    return deal(np.random.Generator(copy).permutation(n), rounded(n, fracs))


@bank.right("np.split at the cumulative sizes")
def np_split_at_the_cumulative_sizes(n, fracs, rng):
    return np.split(rng.permutation(n), np.cumsum(rounded(n, fracs))[:2])


@bank.right("shuffle in place, sorted lists")
def shuffle_in_place(n, fracs, rng):
    order = list(range(n))
    rng.shuffle(order)
    a, b = round(fracs[0] * n), round(fracs[1] * n)
    return sorted(order[:a]), sorted(order[a : a + b]), sorted(order[a + b :])


@bank.right("argsort of random numbers, NumPy's rounding")
def argsort_of_random_numbers(n, fracs, rng):
    order = np.argsort(rng.random(n))
    a, b, _ = np.round(np.array(fracs) * n).astype(int)
    return order[:a], order[a : a + b], order[a + b :]


@bank.right("choice without replacement, from what is left")
def choice_without_replacement(n, fracs, rng):
    a, b, _ = rounded(n, fracs)
    train = rng.choice(n, size=a, replace=False)
    left = np.setdiff1d(np.arange(n), train)
    valid = rng.choice(left, size=b, replace=False, shuffle=False)
    return train, valid, np.setdiff1d(left, valid)
