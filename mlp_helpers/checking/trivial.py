"""Answers that owe nothing to the values of the arguments: random, constant, handed back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .compare import compare
from .finding import Finding
from .values import flat, same_bits

if TYPE_CHECKING:
    from .trial import Trial


def find_trivial(trial: Trial) -> Finding | None:
    """Look for random answers, answers fixed by the shapes, and arguments handed back."""
    cases, answers = trial.cases["generic"], trial.answers("generic")
    if any(a.error is not None for a in answers):
        return None
    if "rng" not in trial.exercise.parameters and _changes(trial, cases, answers):
        return Finding("the same arguments, given twice, get two different answers", label="random")
    groups = [
        list(zip(trial.cases[g], trial.answers(g), strict=True))
        for g in ("generic", "twice")
        if g in trial.cases
    ]
    asked = [(case, answer) for group in groups for case, answer in group if answer.error is None]
    if _ignores_values(trial, asked):
        return Finding("the answer is the same whatever numbers are tried here", label="constant")
    if all(_handed_back(a.value, c.args) for c, a in groups[0]):
        return Finding("the answer is what was given, handed back", label="handed back")
    return None


def _changes(trial, cases, answers):
    """Whether the same arguments get other answers, though no call before can be the reason."""
    # True or False agree by chance, so every case is tried; else an answer that was right at
    # first was spoiled by what is kept between calls, which is another fault.
    chance = isinstance(answers[0].value, bool)
    if not chance and compare(answers[0].value, trial.expected(cases[0])) is None:
        return False
    for case, answer in zip(cases, answers if chance else answers[:1], strict=False):
        again = trial.ask(lambda args=case.args: trial.caller(args))
        if again.error is None and not same_bits(again.value, answer.value):
            return True
    return False


def _ignores_values(trial, asked):
    """Whether answers stay the same where they ought to differ: between all cases of one shape,
    or between all cases at all."""
    groups: dict[tuple, list[tuple]] = {}
    for case, answer in asked:
        shapes = _shapes(case.args), _shapes(answer.value)
        groups.setdefault(shapes, []).append((trial.expected(case).value, answer.value))
    pairs = [g for g in groups.values() if _differ([want for want, _ in g])]
    if pairs and not any(_differ([got for _, got in g]) for g in pairs):
        return True
    leaves = [flat(answer.value) for _, answer in asked]
    numbers = [np.ravel(np.asarray(x)) for leaf in leaves for x in leaf]
    if not numbers:  # names, for example: no two cases need share their shapes
        return False
    every = np.concatenate(numbers)
    wanted = [trial.expected(case).value for case, _ in asked]
    return _differ(wanted) and bool(np.all(every == every[:1]))


def _differ(values):
    return any(not same_bits(values[0], v) for v in values[1:])


def _shapes(args):
    """The structure of arguments without their numbers."""
    if isinstance(args, np.ndarray):
        return args.shape
    if isinstance(args, (tuple, list)):
        return tuple(map(_shapes, args))
    if isinstance(args, dict):
        return tuple((k, _shapes(v)) for k, v in args.items())
    return type(args).__name__


def _handed_back(value, args):
    """Whether every part of an answer is an argument, as it is, reshaped or transposed."""
    if _names(value):
        return any(_names(a) and list(a) == list(value) for a in args)
    given = [way for x in flat(args) for way in (np.ravel(x), np.ravel(np.transpose(x)))]
    parts = [np.ravel(x) for x in flat(value)]
    return bool(parts) and all(any(_equal(x, g) for g in given) for x in parts)


def _names(value):
    """Whether a value is a list of texts."""
    return (
        isinstance(value, (list, tuple)) and bool(value) and all(isinstance(v, str) for v in value)
    )


def _equal(a, b):
    return a.shape == b.shape and np.array_equal(
        a.astype(complex), b.astype(complex), equal_nan=True
    )
