"""The criteria an exercise can ask for, and the trial in which they are judged.

A judge takes the trial and the name of a group of cases and returns None when all is well, or the
`Finding` that says what is not. Exercise modules build requirements with the functions at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..named import build
from .compare import Difference, Expected, compare, same_answer
from .exercise import Requirement
from .values import fresh, same_bits


@dataclass(frozen=True)
class Finding:
    """Why a criterion failed: a sentence, and the difference it came from, if any."""

    message: str
    difference: Difference | None = None


class Trial:
    """One function on one draw of cases; every case is called once and remembered."""

    def __init__(self, caller, exercise, seed):
        self.caller = caller
        self.exercise = exercise
        rng = np.random.default_rng([seed % 2**64, *exercise.id.encode()])
        self.cases = exercise.draw(rng)
        self._answers = {}
        self._findings = {}
        self.stopped = None

    def answers(self, group):
        """Give the answers to every case of a group."""
        if group not in self._answers:
            self._answers[group] = [self.ask(lambda c=c: self.caller(c.args))
                                    for c in self.cases[group]]
        return self._answers[group]

    def ask(self, call):
        """Make one call, unless an earlier one hung or died: it would do so again."""
        if self.stopped is not None:
            return self.stopped
        answer = call()
        last = answer if not isinstance(answer, tuple) else answer[0]
        if last.error is not None and last.error.kind in ("Timeout", "Died"):
            self.stopped = last
        return answer

    def expected(self, case):
        """Compute what a case should give, in double precision."""
        value = self.exercise.oracle(*build(fresh(_double(case.args))))
        return Expected(value, self.exercise.returns, self.exercise.tol, case.scale, case.sizes)

    def finding(self, group):
        """Give the first wrong value of a group, None if all are right; computed once."""
        if group not in self._findings:
            self._findings[group] = self._look(group)
        return self._findings[group]

    def _look(self, group):
        for case, answer in zip(self.cases[group], self.answers(group), strict=True):
            if answer.error is not None:
                return Finding(error_text(answer.error, case))
            difference = compare(answer.value, self.expected(case))
            if difference is not None:
                return Finding(difference.message + _for(case), difference)
        return None

    @property
    def value_is_right(self):
        """Whether every generic case has the right value."""
        return self.finding("generic") is None


def _double(args):
    """Give float32 arguments as float64: integers and float32 must give the float64 answer."""
    if isinstance(args, np.ndarray) and args.dtype == np.float32:
        return args.astype(np.float64)
    if isinstance(args, (tuple, list)):
        return type(args)(_double(a) for a in args)
    return args


def _for(case):
    return f" (with {case.note})" if case.note else ""


def error_text(error, case=None):
    """Put a failed call into one sentence."""
    if error.kind == "NotImplementedError":
        return f"{error.where} is not solved yet" if error.where else "not solved yet"
    if error.kind == "Unsupported":
        return f"returned {error.message}"
    if error.kind in ("Timeout", "Died"):
        return error.message
    line = f" in the line `{error.line}`" if error.line else ""
    message = f": {error.message}" if error.message else ""
    return f"stopped with {error.kind}{message}{line}" + (_for(case) if case else "")


# Judges -------------------------------------------------------------------------------------


def values_agree(trial, group):
    """Every answer of the group equals the oracle's."""
    return trial.finding(group)


def shapes_agree(trial, group):
    """Every answer has the right structure and shape, is finite, and depends on the input."""
    cases, answers = trial.cases[group], trial.answers(group)
    for case, answer in zip(cases, answers, strict=True):
        if answer.error is not None:
            return Finding(error_text(answer.error, case))
        difference = compare(answer.value, replace(trial.expected(case), tol=np.inf))
        if difference is not None:
            return Finding(difference.message + _for(case), difference)
    if not trial.value_is_right and _all_constant([a.value for a in answers]):
        return Finding("the right shape, but its entries are all the same fixed number")
    return None


def _all_constant(values):
    """Whether all answers together hold one single number: nothing was computed."""
    numbers = [np.ravel(np.asarray(v)) for value in values for v in _flat(value)]
    numbers = np.concatenate(numbers) if numbers else np.zeros(0)
    return numbers.size > 1 and bool(np.all(numbers == numbers[0]))


def _flat(value):
    if isinstance(value, (tuple, list)):
        return [x for part in value for x in _flat(part)]
    if isinstance(value, dict):
        return [x for part in value.values() for x in _flat(part)]
    return [value] if isinstance(value, (bool, int, float, np.ndarray)) else []


def arguments_unchanged(trial, group):
    """No call of the group modified an argument."""
    for answer in trial.answers(group):
        if answer.changed:
            name = trial.exercise.parameters[answer.changed[0]]
            return Finding(f"the argument {name} is not the same after the call")
    return None


def memory_is_fresh(trial, group):
    """No result shares memory with an argument."""
    for answer in trial.answers(group):
        if answer.shared:
            name = trial.exercise.parameters[answer.shared[0]]
            return Finding(f"the result shares its memory with the argument {name}: "
                           f"changing one would change the other")
    return None


def answers_are_stable(trial, group):
    """Call A, call B, look at A's result again, overwrite it, call A again."""
    a, b = trial.cases[group][:2]
    if (stale := trial.finding(group)) is not None:
        return Finding(f"right once, wrong when called again with the same shapes: "
                       f"{stale.message}", stale.difference)
    rerun = trial.ask(lambda: trial.caller.rerun(a.args, b.args))
    if not isinstance(rerun, tuple):
        return Finding(error_text(rerun.error, a))
    first, later, third = rerun
    for answer in rerun:
        if answer.error is not None:
            return Finding(error_text(answer.error, a))
    if not same_bits(first.value, later.value):
        return Finding("an earlier result changed when the function was called again: "
                       "both share one buffer")
    if not same_answer(third.value, first.value, trial.exercise.tol):
        return Finding("a second call with the same arguments gives another answer: "
                       "something is kept between calls")
    return None


# How exercise modules write them --------------------------------------------------------------


def shape(points, name="shape", group="generic", **text):
    """The right structure and shapes."""
    return Requirement(name, points, shapes_agree, group, **text)


def value(points, name="value", group="generic", **text):
    """The right numbers on the cases of a group."""
    return Requirement(name, points, values_agree, group, **text)


def unchanged(points, name="arguments unchanged", group="generic", **text):
    """The arguments are left as they were."""
    return Requirement(name, points, arguments_unchanged, group, needs_value=True, **text)


def stable(points, name="same answer twice", group="twice", **text):
    """No state between calls; the group's first two cases have the same shapes."""
    return Requirement(name, points, answers_are_stable, group, needs_value=True, **text)


def own_memory(points, name="a fresh array", group="generic", **text):
    """The result is a fresh array."""
    return Requirement(name, points, memory_is_fresh, group, needs_value=True, **text)
