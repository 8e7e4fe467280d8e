"""The trial of one function: every case is called once, every criterion judged once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ..named import build
from .compare import Expected, blew_up, compare, largest, same_answer
from .finding import Finding, differs, stopped
from .trivial import find_trivial
from .values import arrays_in, fresh

if TYPE_CHECKING:
    from .callers import Answer, Caller
    from .cost import Work
    from .exercise import Case, Criterion, Exercise
    from .steps import Walk


SINGLE = 1e-5  # float32 carries 6e-8; a sum of some hundred rounded terms stays below this


class Trial:
    """One function on one draw of cases; every case is called once and remembered."""

    def __init__(self, caller: Caller | None, exercise: Exercise, seed: int) -> None:
        self.caller = cast("Caller", caller)  # None where only `beside` is called
        self.exercise = exercise
        rng = np.random.default_rng([seed % 2**64, *exercise.id.encode()])
        self.cases = exercise.draw(rng)
        self._answers: dict[tuple[str, int], Answer] = {}
        self._expected: dict[int, tuple[Case, Expected]] = {}
        self._findings: dict[str, Finding | None] = {}
        self._work: dict[str, Work] = {}
        self._judged: dict[str, Finding | None] = {}
        self.known: dict[str, Trial] = {}  # mistakes of the bank on these cases, by id
        self.stopped: Answer | Work | None = None

    def beside(self, caller: Caller) -> Trial:
        """Try another function on the same cases; what they should give is computed once."""
        other = copy(self)
        other.__dict__.pop("walk", None)
        other.__dict__.pop("trivial", None)
        other.caller, other.stopped = caller, None
        other._answers, other._findings, other._work, other._judged = {}, {}, {}, {}
        return other

    def answering(self, answers: Mapping[tuple[str, int], Answer]) -> Trial:
        """The same trial with other answers to some cases."""
        other = self.beside(self.caller)
        other._answers = {**self._answers, **answers}
        return other

    @cached_property
    def walk(self) -> Walk | None:
        """Walk along the exercise's steps; None if its answers cannot be read that way."""
        if self.exercise.stepwise is None:
            return None
        for group in ("steps", "steps_square"):
            cases, answers = self.cases.get(group, ()), self.answers(group)
            if cases and all(a.error is None for a in answers):
                examples = [build(fresh(c.args)) for c in cases]
                rights = [self.expected(c).value for c in cases]
                return self.exercise.stepwise().walk(examples, [a.value for a in answers], rights)
        return None

    def answers(self, group: str) -> list[Answer]:
        """Give the answers to every case of a group."""
        return [self.answer(group, i) for i in range(len(self.cases.get(group, ())))]

    def answer(self, group: str, i: int) -> Answer:
        """Give the answer to one case of a group; every case is asked for once."""
        if (group, i) not in self._answers:
            args = self.cases[group][i].args
            self._answers[group, i] = self.ask(lambda: self.caller(args))
        return self._answers[group, i]

    def work(self, group: str, most: int) -> Work:
        """Count the work on the first case of a group, once, up to `most` lines of Python."""
        if group not in self._work:
            args = self.cases[group][0].args
            self._work[group] = self.ask(lambda: self.caller.work(args, most))
        return self._work[group]

    def follow(self, trial: Trial) -> None:
        """Ask for the same cases in the same order: functions that keep state depend on it."""
        for group, i in trial._answers:
            self.answer(group, i)

    def ask(self, call: Callable[[], Any]) -> Any:
        """Make one call, unless an earlier one hung or died: it would do so again."""
        if self.stopped is not None:
            return self.stopped
        answer = call()
        last = answer if not isinstance(answer, tuple) else answer[0]
        if last.error is not None and last.error.kind in ("Timeout", "Died"):
            self.stopped = last
        return answer

    def expected(self, case: Case) -> Expected:
        """What a case should give; computed once per case."""
        if id(case) not in self._expected:
            # The case is kept with its answer: as long as it lives, no other has its id.
            self._expected[id(case)] = case, self.expected_of(case.args, case.scale, case.sizes)
        return self._expected[id(case)][1]

    def expected_of(
        self, args: tuple, scale: float = 0.0, sizes: Mapping[str, int] | None = None
    ) -> Expected:
        """Compute what arguments should give, in double precision."""
        value = self.exercise.answer(as_double(args))
        tol = max(SINGLE, self.exercise.tol) if _is_single(args) else self.exercise.tol
        return Expected(value, self.exercise.returns, tol, scale, sizes)

    def is_right(self, group: str, i: int) -> bool:
        """Whether the answer to a case is right."""
        answer, case = self.answer(group, i), self.cases[group][i]
        return answer.error is None and compare(answer.value, self.expected(case)) is None

    # How another trial is compared with this one: what it gave need not be told, see `recorded`.

    def gives(self, group: str, i: int, value: Any, tol: float) -> bool:
        """Whether the answer to a case is this value."""
        return same_answer(value, self.answer(group, i).value, tol)

    def is_near(self, group: str, i: int, value: Any, tol: float) -> bool:
        """Whether a value is as near to the answer to a case as the case asks of a right one."""
        theirs, expected = self.answer(group, i).value, self.expected(self.cases[group][i])
        # A tensor of theirs may be all rounding, such as a sum that ought to vanish.
        scale = max(expected.scale, largest(theirs))
        wanted = replace(expected, value=theirs, tol=max(tol, expected.tol), scale=scale)
        return compare(value, wanted) is None

    def blows_up(self, group: str, i: int, value: Any) -> bool:
        """Whether a value has NaN or infinities where the answer to a case is finite."""
        return blew_up(value, self.answer(group, i).value)

    def gives_for(self, args: tuple, value: Any, tol: float) -> bool:
        """Whether the answer to other arguments is this value."""
        answer = self.ask(lambda: self.caller(args))
        return answer.error is None and same_answer(value, answer.value, tol)

    def finding(self, group: str) -> Finding | None:
        """Give the first wrong value of a group, None if all are right; computed once."""
        if group not in self._findings:
            self._findings[group] = self._look(group)
        return self._findings[group]

    def _look(self, group):
        for i, case in enumerate(self.cases[group]):
            answer = self.answer(group, i)
            if answer.error is not None:
                return stopped(answer.error, case)
            difference = compare(answer.value, self.expected(case))
            if difference is not None:
                return differs(difference, case)
        return None

    def judged(self, criterion: Criterion) -> Finding | None:
        """Give what is wrong by one criterion (or a passed remark), None if all is well; once."""
        if criterion.name not in self._judged:
            self._judged[criterion.name] = self._judge(criterion)
        return self._judged[criterion.name]

    def _judge(self, criterion):
        if criterion.needs_value and not self.value_is_right:
            waits = Finding("counts once the values are right", label="value first")
            found = criterion.says_anyway and criterion.judge(self, criterion.group)
            return found if found and not found.passed else waits
        finding = criterion.judge(self, criterion.group)
        return self.trivial or finding if finding is None or finding.passed else finding

    @property
    def value_is_right(self) -> bool:
        """Whether every generic case has the right value."""
        return self.finding("generic") is None

    @cached_property
    def trivial(self) -> Finding | None:
        """A Finding if the answers owe nothing to the values of the arguments, None otherwise.

        Whatever it is right about (a shape, a special case) then earns nothing.
        """
        if self.value_is_right or all(map(self._meets, self.exercise.criteria)):
            return None  # the second: where more than one answer is right
        return find_trivial(self)

    def _meets(self, criterion):
        """Whether a criterion is met, trivial or not; what waits for the value is no evidence."""
        if criterion.needs_value:
            return True
        finding = criterion.judge(self, criterion.group)
        return finding is None or finding.passed


def _is_single(args):
    return any(a.dtype == np.float32 for a in arrays_in(args))


def as_double(args: Any) -> Any:
    """Give float32 arguments as float64: the oracle always computes in double precision."""
    if isinstance(args, np.ndarray) and args.dtype == np.float32:
        return args.astype(np.float64)
    if isinstance(args, (tuple, list)):
        return type(args)(as_double(a) for a in args)
    return args
