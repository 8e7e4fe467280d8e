"""The criteria an exercise can ask for.

A judge takes the trial and the name of a group of cases and returns None when all is well, or the
`Finding` that says what is not. Exercise modules build criteria with the functions at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .compare import compare, same_answer
from .exercise import Criterion
from .finding import Finding, differs, stopped
from .values import same_bits

if TYPE_CHECKING:
    from .trial import Trial


def values_agree(trial: Trial, group: str) -> Finding | None:
    """Every answer of the group equals the oracle's."""
    return trial.finding(group)


def shapes_agree(trial: Trial, group: str) -> Finding | None:
    """Every answer has the right structure, shape and kind of numbers."""
    cases, answers = trial.cases[group], trial.answers(group)
    for case, answer in zip(cases, answers, strict=True):
        if answer.error is not None:
            return stopped(answer.error, case)
        difference = compare(answer.value, replace(trial.expected(case), tol=np.inf))
        if difference is not None:
            return differs(difference, case)
    return None


def arguments_unchanged(trial: Trial, group: str) -> Finding | None:
    """No call of the group modified an argument."""
    for answer in trial.answers(group):
        if answer.changed:
            name = trial.exercise.parameters[answer.changed[0]]
            return Finding(
                f"the argument {name} is not the same after the call", label=f"changes {name}"
            )
    return None


def memory_is_fresh(trial: Trial, group: str) -> Finding | None:
    """No result shares memory with an argument."""
    for answer in trial.answers(group):
        if answer.shared:
            name = trial.exercise.parameters[answer.shared[0]]
            return Finding(
                f"the result shares its memory with the argument {name}: "
                f"changing one would change the other"
            )
    return None


def answers_are_stable(trial: Trial, group: str) -> Finding | None:
    """Call A, call B, look at A's result again, overwrite it, call A again."""
    a, b = trial.cases[group][:2]
    if (stale := trial.finding(group)) is not None:
        return Finding(
            f"right once, wrong when called again with the same shapes: {stale.message}",
            stale.difference,
            case=stale.case,
        )
    rerun = trial.ask(lambda: trial.caller.rerun(a.args, b.args))
    if not isinstance(rerun, tuple):
        return stopped(rerun.error, a)
    first, later, third = rerun
    for answer in rerun:
        if answer.error is not None:
            return stopped(answer.error, a)
    if not same_bits(first.value, later.value):
        return Finding(
            "an earlier result changed when the function was called again: both share one buffer"
        )
    before = trial.answers(group)[0].value
    if not all(same_answer(x, first.value, trial.exercise.tol) for x in (before, third.value)):
        return Finding(
            "a second call with the same arguments gives another answer: "
            "something is kept between calls"
        )
    return None


def step_agrees(name: str) -> Callable[[Trial, str], Finding | None]:
    """Make the judge of one step: right, given the student's own earlier steps."""

    def judge(trial, group):
        if trial.walk is None:
            return Finding(
                "cannot be judged: the answers for one example lack a part, or have another shape"
            )
        faults = trial.walk.faults
        if name not in faults:
            return None
        # After a step that nothing explains, a known mistake may fit by accident.
        explained = None not in list(faults.values())[: list(faults).index(name)]
        rule = faults[name] if explained else None
        return Finding(rule.looks_like if rule else "the wrong step, or the first of several")

    return judge


# How exercise modules write them --------------------------------------------------------------


def shape(points: float, name: str = "shape", group: str = "generic", **text: Any) -> Criterion:
    """The right structure and shapes."""
    return Criterion(name, points, shapes_agree, group, **text)


def value(points: float, name: str = "value", group: str = "generic", **text: Any) -> Criterion:
    """The right numbers on the cases of a group; special cases count once the generic are right."""
    text.setdefault("needs_value", group != "generic")
    return Criterion(name, points, values_agree, group, **text)


def unchanged(
    points: float, name: str = "arguments unchanged", group: str = "generic", **text: Any
) -> Criterion:
    """The arguments are left as they were."""
    return Criterion(
        name, points, arguments_unchanged, group, needs_value=True, says_anyway=True, **text
    )


def stable(
    points: float, name: str = "same answer twice", group: str = "twice", **text: Any
) -> Criterion:
    """No state between calls; the group's first two cases have the same shapes."""
    return Criterion(name, points, answers_are_stable, group, needs_value=True, **text)


def own_memory(
    points: float, name: str = "a fresh array", group: str = "generic", **text: Any
) -> Criterion:
    """The result is a fresh array."""
    return Criterion(name, points, memory_is_fresh, group, needs_value=True, **text)


def step(points: float, name: str, given: str = "") -> Criterion:
    """One step of a backward pass, judged on single examples given the student's own earlier ones.

    Parameters
    ----------
    points : float
    name, given : str
        The step's tensor, and the one it starts from.
    """
    title = f"{name}, given your {given}" if given else name
    return Criterion(f"step {title}", points, step_agrees(name), "steps")
