"""What the exercises of chapter 08 share: cases, criteria and formulas."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ...checking.criteria import arguments_unchanged
from ...checking.exercise import Criterion
from ...checking.finding import Finding, stopped
from ...checking.values import Named, same_bits
from ..draw import case

DTYPES = "integers and float32"


RNG_ALONE = "from the generator alone"


NEXT_DRAW = "another draw in the next call"


def weights(rng, *shape):
    """Weights of both signs, none near 0."""
    signs = rng.permutation(np.where(np.arange(int(np.prod(shape))) % 2 == 0, 1.0, -1.0))
    return rng.uniform(0.1, 1.9, shape) * signs.reshape(shape)


def lam(rng):
    return float(rng.uniform(0.11, 0.43))


def drawn_seed(rng):
    return int(rng.integers(2**31))


def draw_cases(rng, *args):
    """Cases "seeds" (seed a, seed b, seed a again) and "next" (one generator, used twice)."""
    a, b = drawn_seed(rng), drawn_seed(rng)
    return {
        "seeds": [case(*args, Named("rng", (s,))) for s in (a, b, a)],
        "next": [case(*args, Named("kept_rng", (a, i))) for i in (0, 1)],
    }


# Each statistical test rejects a right answer with probability at most DELTA; no exercise has more
# than twelve of them, so a right answer is rejected with probability below 2e-7 per draw of cases.
DELTA = 1e-8


def each(fault):
    """Make a judge that applies fault(value, *args) -> text or "" to every answer of a group."""

    def judge(trial, group):
        for one, answer in zip(trial.cases[group], trial.answers(group), strict=True):
            if answer.error is not None:
                return stopped(answer.error, one)
            if text := fault(answer.value, *one.args):
                return Finding(text, case=one.note)
        return None

    return judge


def not_uniform(u):
    """Whether numbers are not uniform in [0, 1], by the distance of their distribution function.

    The inequality of Dvoretzky, Kiefer and Wolfowitz (with Massart's constant) says that m
    independent draws come farther than e from it with probability at most 2 exp(-2 m e^2) = DELTA.
    """
    u, m = np.sort(np.ravel(u)), np.size(u)
    steps = np.arange(m + 1) / m
    distance = max(np.abs(u - steps[1:]).max(), np.abs(u - steps[:-1]).max())
    return not distance <= np.sqrt(np.log(2 / DELTA) / (2 * m))


def same_draw_for_a_seed(trial, group):
    """Seeds a, b, a: the first and the last answer are equal, the middle one is another.

    Two of them agree by chance with probability below 1e-20.
    """
    answers = trial.answers(group)
    for one, answer in zip(trial.cases[group], answers, strict=True):
        if answer.error is not None:
            return stopped(answer.error, one)
    first, other, again = (answer.value for answer in answers)
    if not same_bits(first, again):
        return Finding(
            "two generators with the same seed give two different draws: where does the "
            "other randomness come from?",
            label="other randomness",
        )
    if same_bits(first, other):
        return Finding(
            "generators with different seeds give the same draw", label="generator ignored"
        )
    return None


def next_draw_differs(trial, group):
    """One generator, used for two calls: the second draw is another one (chance below 1e-20)."""
    for one, answer in zip(trial.cases[group], trial.answers(group), strict=True):
        if answer.error is not None:
            return stopped(answer.error, one)
    first, second = (answer.value for answer in trial.answers(group))
    if same_bits(first, second):
        return Finding(
            "the same generator, used for a second call, gives the same draw again",
            label="generator not used up",
        )
    return None


def arguments_left_alone(trial, group):
    """As `arguments_unchanged`, where the values have many right forms."""
    if finding := arguments_unchanged(trial, group):
        return replace(finding, label="argument changed")
    right = all_once if trial.exercise.id == "grid_configs" else in_range
    return right(trial, "generic") and Finding("counts once the values are right")


def from_rng(points):
    return Criterion(RNG_ALONE, points, same_draw_for_a_seed, "seeds")


def next_draw(points):
    return Criterion(NEXT_DRAW, points, next_draw_differs, "next")


def no_configs(answer, names):
    """A text if the answer is not a list of dicts with these names."""
    if not isinstance(answer, (list, tuple)):
        return f"returned a {type(answer).__name__}; expected a list of dicts"
    for config in answer:
        if not isinstance(config, dict):
            return f"the list holds a {type(config).__name__}; expected dicts"
        if set(config) != set(names):
            odd = sorted(map(str, set(config) ^ set(names)))
            return f"a configuration has other names than were given: check {odd[0]!r}"
    return ""


def frozen(config):
    """A configuration as a set; 16 and 16.0 are not the same width."""
    return frozenset((name, type(v).__name__, str(v)) for name, v in config.items())


def not_all_once(answer, grid):
    """Every combination once, in any order."""
    if text := no_configs(answer, grid):
        return text
    known = {frozen({name: value}) for name, values in grid.items() for value in values}
    odd = [
        c for c in answer if any(frozen({name: value}) not in known for name, value in c.items())
    ]
    if odd:
        return f"{len(odd)} configurations hold a value that the grid does not have for that name"
    wanted = math.prod(len({frozen({name: v}) for v in values}) for name, values in grid.items())
    given = [frozen(config) for config in answer]
    if len(set(given)) < wanted:
        return f"{wanted - len(set(given))} of {wanted} combinations are missing"
    if len(given) > wanted:
        return f"{len(given) - wanted} configurations come more than once"
    return ""


def wrong_count(answer, space, n, rng):
    text = no_configs(answer, space)
    if not text and len(answer) != n:
        text = f"{len(answer)} configurations; expected n = {n}"
    if not text and not all(type(v) is float for config in answer for v in config.values()):
        text = "a value is not a single float"
    if not text and len({v for config in answer for v in config.values()}) == 1 < n:
        text = "every value is the same number"
    return text


def columns(answer, space):
    """Each hyper-parameter's draws, scaled to [0, 1]: shape (number of names, n)."""
    return np.array(
        [
            [(config[name] - low) / (high - low) for config in answer]
            for name, (low, high) in space.items()
        ]
    )


def out_of_range(answer, space, n, rng):
    if text := wrong_count(answer, space, n, rng):
        return text
    for name, u in zip(space, columns(answer, space), strict=True):
        if not ((-1e-12 <= u) & (u <= 1 + 1e-12)).all():
            return f"a value of {name!r} lies outside its range"
    return ""


all_once, in_range = each(not_all_once), each(out_of_range)


def double(a):
    return np.asarray(a, dtype=float)
