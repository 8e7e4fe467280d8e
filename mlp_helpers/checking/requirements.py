"""The criteria an exercise can ask for, and the trial in which they are judged.

A judge takes the trial and the name of a group of cases and returns None when all is well, or the
`Finding` that says what is not. Exercise modules build requirements with the functions at the end.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..named import build
from .compare import Difference, Expected, compare, same_answer
from .exercise import Requirement
from .steps import walk
from .values import arrays_in, fresh, same_bits

SINGLE = 1e-5  # float32 carries 6e-8; a sum of some hundred rounded terms stays below this


@dataclass(frozen=True)
class Finding:
    """Why a criterion failed: a sentence, and the difference it came from, if any.

    With ``passed=True`` it is a remark on a criterion that is met. Two findings of one `label`
    have the same cause, whatever the values are.
    """

    message: str
    difference: Difference | None = None
    passed: bool = False
    label: str = ""


class Trial:
    """One function on one draw of cases; every case is called once and remembered."""

    def __init__(self, caller, exercise, seed):
        self.caller = caller
        self.exercise = exercise
        rng = np.random.default_rng([seed % 2**64, *exercise.id.encode()])
        self.cases = exercise.draw(rng)
        self._answers = {}
        self._expected = {}
        self._findings = {}
        self._work = {}
        self._judged = {}
        self.known = {}  # mistakes of the bank on these cases, by id
        self.stopped = None

    def beside(self, caller):
        """Try another function on the same cases; what they should give is computed once."""
        other = copy(self)
        other.__dict__.pop("walk", None)
        other.__dict__.pop("trivial", None)
        other.caller, other.stopped = caller, None
        other._answers, other._findings, other._work, other._judged = {}, {}, {}, {}
        return other

    def answering(self, answers):
        """The same trial with other answers to some cases."""
        other = self.beside(self.caller)
        other._answers = {**self._answers, **answers}
        return other

    @cached_property
    def walk(self):
        """Walk along the exercise's steps; None if its answers cannot be read that way."""
        if self.exercise.stepwise is None:
            return None
        for group in ("steps", "steps_square"):
            cases, answers = self.cases.get(group, ()), self.answers(group)
            if cases and all(a.error is None for a in answers):
                examples = [build(fresh(c.args)) for c in cases]
                return walk(self.exercise.stepwise(), examples, [a.value for a in answers])
        return None

    def answers(self, group):
        """Give the answers to every case of a group."""
        return [self.answer(group, i) for i in range(len(self.cases.get(group, ())))]

    def answer(self, group, i):
        """Give the answer to one case of a group; every case is asked for once."""
        if (group, i) not in self._answers:
            args = self.cases[group][i].args
            self._answers[group, i] = self.ask(lambda: self.caller(args))
        return self._answers[group, i]

    def work(self, group, most):
        """Count the work on the first case of a group, once, up to `most` lines of Python."""
        if group not in self._work:
            args = self.cases[group][0].args
            self._work[group] = self.ask(lambda: self.caller.work(args, most))
        return self._work[group]

    def follow(self, trial):
        """Ask for the same cases in the same order: functions that keep state depend on it."""
        for group, i in trial._answers:
            self.answer(group, i)

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
        """What a case should give; computed once per case."""
        if id(case) not in self._expected:
            # The case is kept with its answer: as long as it lives, no other has its id.
            self._expected[id(case)] = case, self.expected_of(case.args, case.scale, case.sizes)
        return self._expected[id(case)][1]

    def expected_of(self, args, scale=0.0, sizes=None):
        """Compute what arguments should give, in double precision."""
        value = self.exercise.oracle(*build(fresh(_double(args))))
        tol = max(SINGLE, self.exercise.tol) if _is_single(args) else self.exercise.tol
        return Expected(value, self.exercise.returns, tol, scale, sizes)

    def finding(self, group):
        """Give the first wrong value of a group, None if all are right; computed once."""
        if group not in self._findings:
            self._findings[group] = self._look(group)
        return self._findings[group]

    def _look(self, group):
        for i, case in enumerate(self.cases[group]):
            answer = self.answer(group, i)
            if answer.error is not None:
                return Finding(error_text(answer.error, case))
            difference = compare(answer.value, self.expected(case))
            if difference is not None:
                return Finding(_told(difference, case), difference)
        return None

    def judged(self, requirement):
        """Give what is wrong by one criterion (or a passed remark), None if all is well; once."""
        if requirement.name not in self._judged:
            self._judged[requirement.name] = self._judge(requirement)
        return self._judged[requirement.name]

    def _judge(self, requirement):
        if requirement.needs_value and not self.value_is_right:
            waits = Finding("counts once the values are right", label="value first")
            found = requirement.says_anyway and requirement.judge(self, requirement.group)
            return found if found and not found.passed else waits
        finding = requirement.judge(self, requirement.group)
        return self.trivial or finding if finding is None or finding.passed else finding

    @property
    def value_is_right(self):
        """Whether every generic case has the right value."""
        return self.finding("generic") is None

    @cached_property
    def trivial(self):
        """A Finding if the answers owe nothing to the values of the arguments, None otherwise.

        Whatever it is right about (a shape, a special case) then earns nothing.
        """
        if self.value_is_right or all(map(self._meets, self.exercise.requirements)):
            return None  # the second: where more than one answer is right
        return _trivial(self)

    def _meets(self, requirement):
        """Whether a criterion is met, trivial or not; what waits for the value is no evidence."""
        if requirement.needs_value:
            return True
        finding = requirement.judge(self, requirement.group)
        return finding is None or finding.passed


def _trivial(trial):
    """Look for random answers, answers fixed by the shapes, and arguments handed back."""
    cases, answers = trial.cases["generic"], trial.answers("generic")
    if any(a.error is not None for a in answers):
        return None
    if "rng" not in trial.exercise.parameters and _changes(trial, cases, answers):
        return Finding("the same arguments, given twice, get two different answers",
                       label="random")
    groups = [list(zip(trial.cases[g], trial.answers(g), strict=True))
              for g in ("generic", "twice") if g in trial.cases]
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
    groups = {}
    for case, answer in asked:
        shapes = _shapes(case.args), _shapes(answer.value)
        groups.setdefault(shapes, []).append((trial.expected(case).value, answer.value))
    pairs = [g for g in groups.values() if _differ([want for want, _ in g])]
    if pairs and not any(_differ([got for _, got in g]) for g in pairs):
        return True
    leaves = [_flat(answer.value) for _, answer in asked]
    numbers = [np.ravel(np.asarray(x)) for leaf in leaves for x in leaf]
    if not numbers:  # names, for example: no two cases need share their shapes
        return False
    numbers = np.concatenate(numbers)
    wanted = [trial.expected(case).value for case, _ in asked]
    return _differ(wanted) and bool(np.all(numbers == numbers[:1]))


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
    given = [way for x in _flat(args) for way in (np.ravel(x), np.ravel(np.transpose(x)))]
    parts = [np.ravel(x) for x in _flat(value)]
    return bool(parts) and all(any(_equal(x, g) for g in given) for x in parts)


def _names(value):
    """Whether a value is a list of texts."""
    return (isinstance(value, (list, tuple)) and bool(value)
            and all(isinstance(v, str) for v in value))


def _equal(a, b):
    return a.shape == b.shape and np.array_equal(a.astype(complex), b.astype(complex),
                                                 equal_nan=True)


def _is_single(args):
    return any(a.dtype == np.float32 for a in arrays_in(args))


def _double(args):
    """Give float32 arguments as float64: the oracle always computes in double precision."""
    if isinstance(args, np.ndarray) and args.dtype == np.float32:
        return args.astype(np.float64)
    if isinstance(args, (tuple, list)):
        return type(args)(_double(a) for a in args)
    return args


def _told(difference, case):
    """The sentence of a difference, and the sizes of the case where it does not say one."""
    return difference.message + ("" if "(here " in difference.message else _for(case))


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
    """Every answer has the right structure, shape and kind of numbers."""
    cases, answers = trial.cases[group], trial.answers(group)
    for case, answer in zip(cases, answers, strict=True):
        if answer.error is not None:
            return Finding(error_text(answer.error, case))
        difference = compare(answer.value, replace(trial.expected(case), tol=np.inf))
        if difference is not None:
            return Finding(_told(difference, case), difference)
    return None


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
            return Finding(f"the argument {name} is not the same after the call",
                           label=f"changes {name}")
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
    before = trial.answers(group)[0].value
    if not all(same_answer(x, first.value, trial.exercise.tol) for x in (before, third.value)):
        return Finding("a second call with the same arguments gives another answer: "
                       "something is kept between calls")
    return None


# Is it backprop? -------------------------------------------------------------------------------

ESCAPED = 2.0  # forward passes: a gradient cannot cost less, so work was done out of sight
BACKPROP = 8.0  # honest code counts 2.7 to 4.5; a forward pass per layer 12 and more
LARGE_NET = 1e-9  # on the counted net, sums are longer and cancel more than in the value cases
PER_LAYER = 40.0  # above: a pass per unit, or Jacobians multiplied out; 50 to 400
# Per multiply-accumulate of a forward pass: backprop in scalar loops takes 3 to 12 lines, a graph
# of single numbers with one pass back over it (an object for every sum and product) 80 to 95.
LINES = 130


class CostOfBackprop:
    """The gradient is found for the work of a few forward passes (GRADING section 2).

    Work that escapes the counter (loops over single numbers, another module's NumPy) is not held
    against anyone by itself: only lines of Python for dozens of forward passes are a second sign.
    """

    def __init__(self, forward_macs):
        self.forward_macs = forward_macs

    def __call__(self, trial, group):
        case = trial.cases[group][0]
        macs = self.forward_macs(*case.args)
        work = trial.work(group, LINES * macs)
        if work.error is not None:
            return Finding(error_text(work.error, case))
        passes = work.operations / (2 * macs)
        if passes > BACKPROP or work.lines > LINES * macs:
            return _too_much(work, passes, _entries(trial.expected(case).value))
        if not trial.value_is_right:
            return None
        if (wrong := self._wrong(trial, group)) is not None:
            return wrong
        return Finding(_fair(work, passes, macs), passed=True)


    @staticmethod
    def _wrong(trial, group):
        """Why the plain answer to the counted case is wrong, if it is; rounding apart."""
        case, answer = trial.cases[group][0], trial.answer(group, 0)
        if answer.error is not None:
            return Finding(error_text(answer.error, case))
        difference = compare(answer.value, replace(trial.expected(case), tol=LARGE_NET))
        return difference and Finding(_told(difference, case), difference)


def _entries(value):
    return sum(np.size(part) for part in _flat(value))


SHARED = "Which quantity do all weights of a layer share, so that one pass backwards is enough?"


def _too_much(work, passes, parameters):
    """Say what an expensive gradient looks like; backprop needs about three passes."""
    if passes <= BACKPROP:
        return Finding("loops over single numbers that run through the network again and again: "
                       f"once per unit or per parameter. {SHARED}", label="scalar loops")
    least = "at least " if work.stopped else ""
    cost = f"the work of {least}{passes:.0f} forward passes, where backprop needs about 3"
    if work.complex:
        return Finding(f"{cost}, with complex numbers: a complex step for every entry is a way to "
                       f"check. {SHARED}", label="complex step")
    if passes > parameters / 8:  # counting may have stopped early
        return Finding(f"{cost}: one or two passes for every one of the {parameters} parameters. "
                       f"{SHARED}", label="per parameter")
    if passes > PER_LAYER or work.stopped:
        return Finding(f"{cost}: a pass for every unit, or matrices multiplied where a vector "
                       f"would do. {SHARED}", label="per unit")
    return Finding(f"{cost}. Is the forward pass, or the way back from the top, run again for "
                   "every layer?", label="per layer")


def _fair(work, passes, macs):
    """Remark on a gradient whose cost is in order, or cannot be seen."""
    if work.raised or (passes < ESCAPED and work.lines < macs / 2):
        return ("the work was done where it cannot be counted, so your word is taken for it: "
                "backprop costs about 3 forward passes")
    if passes < ESCAPED:
        return ("honest work, one number at a time; write whole-array products next, they are "
                "about a hundred times faster")
    return f"the whole gradient for the work of {passes:.1f} forward passes"


def step_agrees(name):
    """Make the judge of one step: right, given the student's own earlier steps."""

    def judge(trial, group):
        if trial.walk is None:
            return Finding("cannot be judged: the answers for one example lack a part, "
                           "or have another shape")
        if name not in trial.walk.faults:
            return None
        rule = trial.walk.faults[name]
        return Finding(rule.looks_like if rule else "the wrong step, or the first of several")

    return judge


# How exercise modules write them --------------------------------------------------------------


def shape(points, name="shape", group="generic", **text):
    """The right structure and shapes."""
    return Requirement(name, points, shapes_agree, group, **text)


def value(points, name="value", group="generic", **text):
    """The right numbers on the cases of a group; special cases count once the generic are right."""
    text.setdefault("needs_value", group != "generic")
    return Requirement(name, points, values_agree, group, **text)


def unchanged(points, name="arguments unchanged", group="generic", **text):
    """The arguments are left as they were."""
    return Requirement(name, points, arguments_unchanged, group, needs_value=True,
                       says_anyway=True, **text)


def stable(points, name="same answer twice", group="twice", **text):
    """No state between calls; the group's first two cases have the same shapes."""
    return Requirement(name, points, answers_are_stable, group, needs_value=True, **text)


def own_memory(points, name="a fresh array", group="generic", **text):
    """The result is a fresh array."""
    return Requirement(name, points, memory_is_fresh, group, needs_value=True, **text)


def cost(points, forward_macs, name="cost of backprop", group="cost", **text):
    """The gradient for a few forward passes; the group holds one case, made to be counted.

    Parameters
    ----------
    points : float
    forward_macs : callable
        Called with the case's arguments; multiply-accumulates of one forward pass.
    """
    return Requirement(name, points, CostOfBackprop(forward_macs), group, needs_value=True,
                       says_anyway=True, costly=True, **text)


def step(points, name, given=""):
    """One step of a backward pass, judged on single examples given the student's own earlier ones.

    Parameters
    ----------
    points : float
    name, given : str
        The step's tensor, and the one it starts from.
    """
    title = f"{name}, given your {given}" if given else name
    return Requirement(f"step {title}", points, step_agrees(name), "steps")
