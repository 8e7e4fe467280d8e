"""A grid."""

from __future__ import annotations

import itertools
import math

import numpy as np

from ...checking.exercise import Criterion, Exercise
from ...checking.finding import Finding, stopped
from ...checking.values import same_bits
from ...reference import regularisation as reference
from ..bank import Bank
from ..draw import case
from .shared import arguments_left_alone, each, no_configs, not_all_once


def _grid_cases(rng):
    def numbers(n, scale=1.0):
        return (scale * np.sort(rng.choice(np.arange(1, 90), n, replace=False))).tolist()

    def one(**grid):
        return case(grid)

    return {
        "generic": [
            one(rate=numbers(3, 0.01), lam=numbers(5, 1e-4)),
            one(width=numbers(2), rate=numbers(3, 0.01), lam=numbers(5, 1e-4)),
            one(a=numbers(3), b=numbers(3), c=numbers(3)),
        ],
        "mixed": [
            one(act=["tanh", "relu", "sigmoid"], width=numbers(2), rate=numbers(3, 0.01)),
            one(kind=["l1", "l2"], lam=[0.0, *numbers(3, 1e-3)]),
            one(low=[1, 2, 3], high=[1, 2, 3]),
        ],
        "single": [
            one(rate=numbers(5, 0.01)),
            one(rate=[0.3], lam=[0.01], width=[7]),
            one(rate=[0.1], width=numbers(3)),
            one(a=[1], b=[2], c=[3, 4], d=[5, 6]),
        ],
        "twice": [one(rate=numbers(3, 0.01), lam=numbers(2, 1e-4)) for _ in range(2)],
    }


def _config_list(answer, grid):
    return no_configs(answer, grid) or ("" if answer else "there is no configuration")


def same_configs_twice(trial, group):
    """Call A, call B, look at A's result again, call A again; the order is free but fixed."""
    if (finding := each(not_all_once)(trial, group)) is not None:
        return finding
    a, b = trial.cases[group]
    rerun = trial.ask(lambda: trial.caller.rerun(a.args, b.args))
    if not isinstance(rerun, tuple):
        return stopped(rerun.error, a)
    first, later, third = (answer.value for answer in rerun)
    if not same_bits(first, later) or not same_bits(first, third):
        return Finding("something is kept between calls: the same grid gives another list")
    return None


bank = Bank()


EXERCISE = Exercise(
    title="A grid",
    signature="grid_configs(grid)",
    returns="configs",
    minutes=6,
    lines=2,
    section="Every combination",
    draw=_grid_cases,
    oracle=reference.grid_configs,
    criteria=(
        Criterion("a list of dicts", 0.25, each(_config_list)),
        Criterion("every combination exactly once", 0.75, each(not_all_once)),
        Criterion("texts and whole numbers as given", 0.25, each(not_all_once), "mixed"),
        Criterion("a single name, single values", 0.25, each(not_all_once), "single"),
        Criterion("arguments unchanged", 0.25, arguments_left_alone),
        Criterion("same answer twice", 0.25, same_configs_twice, "twice"),
    ),
    hints=(
        "With two names you would write two nested loops. What do you do when you do not know "
        "how many names there are?",
        "itertools.product(*grid.values()) yields one tuple per combination, in the order of "
        "the names. dict(zip(names, values)) makes a configuration of it.",
        "from itertools import product\n"
        "return [dict(zip(grid, values)) for values in product(...)]",
    ),
    earned_by_stubs=("a list of dicts",),  # zeros under the right names
    bank=bank,
)


def combos(grid):
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]


@bank.wrong(
    "values paired off in order, not combined",
    "With 3 rates and 5 penalties, how many combinations are there?",
)
def zipped(grid):
    return [dict(zip(grid, values, strict=False)) for values in zip(*grid.values(), strict=False)]


@bank.wrong("one hyper-parameter changed at a time", "Is the best rate the same for every width?")
def one_at_a_time(grid):
    start = {name: values[0] for name, values in grid.items()}
    found = [start]
    for name, values in grid.items():
        found += [start | {name: v} for v in values[1:]]
    return found


@bank.wrong("the same dict n times, changed again and again", "How many dicts does your loop make?")
def one_dict(grid):
    config, found = {}, []
    for values in itertools.product(*grid.values()):
        config.update(zip(grid, values, strict=True))
        found.append(config)
    return found


@bank.wrong(
    "tuples without names", "How does the reader of a configuration know which number is the rate?"
)
def tuples(grid):
    return list(itertools.product(*grid.values()))


@bank.wrong("lists of one value", "Is rate a number or a list?")
def values_as_lists(grid):
    return [{name: [v] for name, v in config.items()} for config in combos(grid)]


@bank.wrong(
    "permutations: no value twice in a configuration",
    "May two hyper-parameters have the same value?",
)
def distinct_values(grid):
    return [c for c in combos(grid) if len(set(map(str, c.values()))) == len(c)]


@bank.wrong("two nested loops, for two names", "What happens with a third name, or with one?")
def two_names(grid):
    first, second, *_ = grid
    return [{first: a, second: b} for a in grid[first] for b in grid[second]]


@bank.wrong("every value turned into a float", "Can a layer have 16.0 units?")
def floats(grid):
    return [{k: v if isinstance(v, str) else float(v) for k, v in c.items()} for c in combos(grid)]


@bank.wrong("every value turned into text", "Can you multiply by '0.1'?")
def texts(grid):
    return [{name: str(v) for name, v in config.items()} for config in combos(grid)]


@bank.wrong("names and values mixed up", "In which order do the values of a combination come?")
def wrong_names(grid):
    names = sorted(grid, reverse=True)
    return [dict(zip(names, values, strict=True)) for values in itertools.product(*grid.values())]


@bank.wrong("the first combination missing", "With which index do you begin?")
def first_missing(grid):
    return combos(grid)[1:]


@bank.wrong("every combination twice", "How often is each one tried?")
def listed_twice(grid):
    return combos(grid) * 2


@bank.wrong(
    "a dict of columns", "One dict per configuration was asked for. How many do you return?"
)
def dict_of_lists(grid):
    return {name: [c[name] for c in combos(grid)] for name in grid}


@bank.wrong("no more than three names", "What happens with a fourth name?")
def three_names_at_most(grid):
    return combos(dict(list(grid.items())[:3]))


@bank.wrong("the grid used up on the way", "Who else holds the grid?")
def changes_argument(grid):
    found = [{}]
    for name in list(grid):
        values = grid.pop(name)
        found = [{**c, name: v} for c in found for v in values]
    return found


def _growing():
    kept = []

    def fn(grid):
        kept.extend(combos(grid))
        return list(kept)

    return fn


def _remembers_names():
    kept = {}
    return lambda grid: kept.setdefault(tuple((k, len(v)) for k, v in grid.items()), combos(grid))


bank.stateful(
    "list_keeps_growing",
    _growing,
    "a list that keeps growing from call to call",
    "Where is your list made: in the function, or once and for all?",
)


bank.stateful(
    "remembers_the_names",
    _remembers_names,
    "an answer kept for a grid with the same names",
    "What should happen when the same names come with other values?",
)


@bank.right("grown name by name, in another order")
def grown_name_by_name(grid):
    found = [{}]
    for name, values in grid.items():
        found = [{**config, name: v} for v in values for config in found]
    return found


@bank.right("recursion")
def recursion(grid):
    if not grid:
        return [{}]
    (name, values), *rest = grid.items()
    return [{name: v} | config for v in values for config in combos(dict(rest))]


@bank.right("counting in a mixed base, a tuple")
def counting_in_a_mixed_base(grid):
    sizes = [len(v) for v in grid.values()]
    found = []
    for number in range(math.prod(sizes)):
        config = {}
        for name, values in grid.items():
            number, k = divmod(number, len(values))
            config[name] = values[k]
        found.append(config)
    return tuple(found)
