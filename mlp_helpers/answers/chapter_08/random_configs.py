"""A cloud."""

from __future__ import annotations

import math

import numpy as np

from ...checking.exercise import Criterion, Exercise
from ...checking.values import Named
from ...reference import regularisation as reference
from ..bank import Bank
from ..draw import case
from .shared import (
    DELTA,
    arguments_left_alone,
    columns,
    draw_cases,
    drawn_seed,
    each,
    from_rng,
    next_draw,
    not_uniform,
    out_of_range,
    wrong_count,
)

CONFIGS = 1501


def _space(rng, *names):
    low = rng.uniform(-5.0, 2.0, len(names))
    width = rng.uniform(0.7, 4.0, len(names))
    return {name: (float(a), float(a + w)) for name, a, w in zip(names, low, width, strict=True)}


def _random_cases(rng):
    def one(n, space):
        return case(space, n, Named("rng", (drawn_seed(rng),)), n=n)

    few = _space(rng, "log_rate", "log_lam")
    draws = draw_cases(rng)
    return {
        "generic": [
            one(7, _space(rng, "log_rate", "log_lam", "log_width")),
            one(5, few),
            one(1, _space(rng, "rate")),
            one(3, {"low": (0.0, 1.0), "high": (10, 11)}),
        ],
        "many": [
            one(CONFIGS, _space(rng, "log_rate", "log_lam", "log_width")),
            one(CONFIGS, _space(rng, "rate", "decay")),
        ],
    } | {group: [case(few, 5, *c.args) for c in cases] for group, cases in draws.items()}


def _not_centred(products):
    """Whether independent numbers in [-1, 1] of mean 0 have another mean (Hoeffding, DELTA)."""
    return not abs(np.mean(products)) <= np.sqrt(2 * np.log(2 / DELTA) / np.size(products))


def _not_uniform_configs(answer, space, n, rng):
    if text := wrong_count(answer, space, n, rng):
        return text
    for name, u in zip(space, columns(answer, space), strict=True):
        if not_uniform(u):
            return f"{name!r} is not uniform over its range"
        if np.unique(u).size < 0.95 * n:
            return f"{name!r} takes only {np.unique(u).size} different values in {n} draws"
    return ""


def _dependent(answer, space, n, rng):
    """Products of independent centred numbers have mean 0: across names, and across draws."""
    if text := wrong_count(answer, space, n, rng):
        return text
    centred = np.clip(2 * columns(answer, space) - 1, -1.0, 1.0)
    for i, a in enumerate(centred):
        for b in centred[:i]:
            if _not_centred(a * b):
                return "two hyper-parameters of a configuration move together"
        if _not_centred(a[: n // 2 * 2 : 2] * a[1::2][: n // 2]):
            return "a draw depends on the draw before it"
    return ""


bank = Bank()


EXERCISE = Exercise(
    title="A cloud",
    signature="random_configs(space, n, rng)",
    returns="configs",
    minutes=6,
    lines=2,
    section="Random search",
    draw=_random_cases,
    oracle=reference.random_configs,
    criteria=(
        Criterion("n dicts of floats", 0.5, each(wrong_count)),
        Criterion("within the ranges", 0.5, each(out_of_range), "many"),
        Criterion("uniform", 0.75, each(_not_uniform_configs), "many"),
        Criterion("independent", 0.5, each(_dependent), "many"),
        from_rng(0.25),
        next_draw(0.25),
        Criterion("arguments unchanged", 0.25, arguments_left_alone),
    ),
    hints=(
        "How many random numbers does one configuration need? Must two hyper-parameters share one?",
        "rng.uniform(low, high) gives one number. Draw one for every name of every "
        "configuration, n times, and turn it into a float.",
        "return [{name: float(rng.uniform(..., ...)) for name, (low, high) in space.items()}\n"
        "        for _ in range(...)]",
    ),
    bank=bank,
)


def configs(space, n, rng):
    return [
        {name: float(rng.uniform(low, high)) for name, (low, high) in space.items()}
        for _ in range(n)
    ]


@bank.wrong("one random number for all names", "How many random numbers does a configuration need?")
def shared_number(space, n, rng):
    return [
        {name: float(low + u * (high - low)) for name, (low, high) in space.items()}
        for u in rng.random(n)
    ]


@bank.wrong("the same configuration n times", "How often do you draw?")
def one_configuration(space, n, rng):
    return configs(space, 1, rng) * n


@bank.wrong(
    "a normal distribution around the middle", "Are values near the middle more likely than others?"
)
def normal(space, n, rng):
    return [
        {
            name: float(np.clip(rng.normal((a + b) / 2, (b - a) / 6), a, b))
            for name, (a, b) in space.items()
        }
        for _ in range(n)
    ]


@bank.wrong("whole numbers", "Is 0.3 in the range (0, 1)?")
def whole_numbers(space, n, rng):
    return [
        {
            name: float(rng.integers(math.floor(a), math.ceil(b) + 1))
            for name, (a, b) in space.items()
        }
        for _ in range(n)
    ]


@bank.wrong(
    "a choice among ten values: a grid in disguise",
    "How many different values does each hyper-parameter get in n draws?",
)
def few_values(space, n, rng):
    return [
        {name: float(rng.choice(np.linspace(a, b, 10))) for name, (a, b) in space.items()}
        for _ in range(n)
    ]


@bank.wrong("low forgotten: from 0 to high - low", "Where does the range begin?")
def from_zero(space, n, rng):
    return [
        {name: float(rng.random() * (b - a)) for name, (a, b) in space.items()} for _ in range(n)
    ]


@bank.wrong("low + u high: high taken as a width", "Where does low + u high end when u is 1?")
def low_plus_high(space, n, rng):
    return [{name: float(a + rng.random() * b) for name, (a, b) in space.items()} for _ in range(n)]


@bank.wrong("low or high, nothing between", "Is the range an interval, or two numbers?")
def ends_only(space, n, rng):
    return [{name: float(rng.choice(ends)) for name, ends in space.items()} for _ in range(n)]


@bank.wrong("the lower half of the range", "Where does the range end?")
def half_of_the_range(space, n, rng):
    return [
        {name: float(rng.uniform(a, (a + b) / 2)) for name, (a, b) in space.items()}
        for _ in range(n)
    ]


@bank.wrong("draws in rising order", "Does a draw know the one before it?")
def sorted_(space, n, rng):
    columns = {name: np.sort(rng.uniform(*ends, n)).tolist() for name, ends in space.items()}
    return [{name: column[i] for name, column in columns.items()} for i in range(n)]


@bank.wrong(
    "u^2 for u, which crowds the low end", "Are values near the low end more likely than others?"
)
def squared(space, n, rng):
    return [
        {name: float(a + rng.random() ** 2 * (b - a)) for name, (a, b) in space.items()}
        for _ in range(n)
    ]


@bank.wrong(
    "10 to a uniform power", "The range is that of the number itself. Who takes the power of ten?"
)
def powers_of_ten(space, n, rng):
    return [
        {name: float(10 ** rng.uniform(*ends)) for name, ends in space.items()} for _ in range(n)
    ]


@bank.wrong("n + 1 configurations", "How many configurations were asked for?")
def one_more(space, n, rng):
    return configs(space, n + 1, rng)


@bank.wrong("one dict with n values for every name", "How many dicts were asked for?")
def arrays(space, n, rng):
    return {name: rng.uniform(*ends, n) for name, ends in space.items()}


@bank.wrong("arrays of one number instead of floats", "Is the rate a number or an array?")
def arrays_inside(space, n, rng):
    return [{name: rng.uniform(*ends, 1) for name, ends in space.items()} for _ in range(n)]


@bank.wrong("a generator of its own with a fixed seed", "What is the argument rng for?")
def own_seed(space, n, rng):
    return configs(space, n, np.random.default_rng(0))


@bank.wrong(
    "a copy of the generator, so that it stays put",
    "What do you get when you ask the same generator again?",
)
def copied_generator(space, n, rng):
    copy = np.random.PCG64()
    copy.state = rng.bit_generator.state
    return configs(space, n, np.random.Generator(copy))


@bank.wrong("the space used up on the way", "Who else holds the space?")
def changes_argument(space, n, rng):
    found = configs(space, n, rng)
    space.clear()
    return found


@bank.right("column by column")
def column_by_column(space, n, rng):
    columns = {name: rng.uniform(low, high, size=n) for name, (low, high) in space.items()}
    return [{name: float(column[i]) for name, column in columns.items()} for i in range(n)]


@bank.right("a matrix of random numbers, NumPy floats, a tuple")
def a_matrix_of_random_numbers(space, n, rng):
    low, high = np.array(list(space.values()), dtype=float).T
    draws = low + rng.random((n, len(space))) * (high - low)
    return tuple(dict(zip(space, row, strict=True)) for row in draws)


@bank.right("high minus a share, names backwards")
def high_minus_a_share(space, n, rng):
    found = []
    for _ in range(n):
        config = {}
        for name in reversed(space):
            low, high = space[name]
            config[name] = high - (high - low) * float(rng.random())
        found.append(config)
    return found
