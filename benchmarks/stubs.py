"""What trivial answers earn: functions that ignore the values of their arguments, or hand one back.

Every stub goes through the real `evaluate`; the table gives the best one of each exercise, and the
sum over the course as a share of all points. The goal is 3 %. The shapes are taken from the right
answer: a stub that knows them is the strongest of its kind.

    python benchmarks/stubs.py [--seeds 2] [--exercises softmax nll]
"""

from __future__ import annotations

import argparse
import sys
import warnings
from itertools import permutations

import numpy as np
from tables import markdown, save

from mlp_helpers import evaluate, exercises
from mlp_helpers.checking.values import fresh
from mlp_helpers.named import build

GOAL = 0.03
CONSTANTS = (None, True, False, 0, 1, 0.0, 1.0, [], (), {}, "")
FULL = (0.0, 1.0, 0.5, -1.0, np.nan, np.inf)


def like(value, fill):
    """The structure, shapes and kinds of a value, filled by ``fill(shape)``."""
    if isinstance(value, (tuple, list)):
        return type(value)(like(v, fill) for v in value)
    if isinstance(value, dict):
        return {name: like(v, fill) for name, v in value.items()}
    if isinstance(value, str) or value is None:
        return ""
    if isinstance(value, bool):
        return bool(fill(()) > 0.5)
    value = np.asarray(value)
    with np.errstate(invalid="ignore"):  # NaN as a whole number
        filled = np.asarray(fill(value.shape))
        if value.dtype.kind in "iub":
            filled = (3 * filled).astype(value.dtype)
    return filled if value.ndim else filled.item()


def fills():
    """Ways to fill an answer of the right shape, by their names."""
    rng = np.random.default_rng(0)
    yield "normal numbers", rng.standard_normal
    yield "uniform numbers", rng.random
    yield "numbers seeded by the shape", lambda s: np.random.default_rng([7, *s]).standard_normal(s)
    yield "0, 1, 2, ...", lambda s: np.arange(float(np.prod(s, dtype=int))).reshape(s)
    for number in FULL:
        yield f"all {number:g}", lambda s, number=number: np.full(s, number)


def stubs(exercise):
    """Functions that do nothing, by their names."""
    for name, fill in fills():
        yield name, lambda *a, fill=fill: like(exercise.oracle(*build(fresh(a))), fill)
    for constant in CONSTANTS:
        yield f"the constant {constant!r}", lambda *a, constant=constant: constant
    for i, name in enumerate(exercise.parameters):
        yield name, lambda *a, i=i: a[i]
        yield f"a copy of {name}", lambda *a, i=i: np.array(a[i])
        yield f"{name}.T", lambda *a, i=i: a[i].T
        yield f"[{name}]", lambda *a, i=i: [a[i]]
        yield f"zeros like {name}", lambda *a, i=i: np.zeros_like(a[i])
        yield f"arange({name})", lambda *a, i=i: np.arange(int(a[i]))
        yield f"[arange({name})]", lambda *a, i=i: [np.arange(int(a[i]))]
    for count in (2, 3):
        for chosen in permutations(range(len(exercise.parameters)), count):
            names = ", ".join(exercise.parameters[i] for i in chosen)
            yield f"({names})", lambda *a, chosen=chosen: tuple(a[i] for i in chosen)


def best(exercise, seeds):
    """The most that a stub earns: (points, stub, criteria, number of stubs)."""
    found, tried = (0.0, "", ""), 0
    for name, fn in stubs(exercise):
        tried += 1
        for seed in seeds:
            report = evaluate(fn, exercise.id, seed)
            if report.points > found[0]:
                earned = ", ".join(c.name for c in report.criteria if c.points)
                found = report.points, name, earned
    return *found, tried


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--exercises", nargs="+", default=list(exercises()))
    args = parser.parse_args()
    rows, total, full, stubs_tried = [], 0.0, 0.0, 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for exercise in map(exercises().get, args.exercises):
            points, stub, earned, tried = best(exercise, range(args.seeds))
            total, full, stubs_tried = total + points, full + exercise.points, stubs_tried + tried
            if points:
                rows.append(
                    [
                        exercise.chapter,
                        exercise.id,
                        f"{points:g}",
                        f"{exercise.points:g}",
                        stub,
                        earned,
                    ]
                )
    share = total / full
    header = ["chapter", "exercise", "earned", "of", "best stub", "criteria"]
    save(
        "stubs.md",
        markdown(header, rows)
        + f"""
{stubs_tried} stubs of {len(args.exercises)} exercises, cases drawn {args.seeds} times; exercises
in which none earns a point are left out. Together the best ones earn {total:g} of {full:g} points
({100 * share:.1f} %; goal: at most {100 * GOAL:g} %).
""",
    )
    return 1 if share > GOAL else 0


if __name__ == "__main__":
    sys.exit(main())
