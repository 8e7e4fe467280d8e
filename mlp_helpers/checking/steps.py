"""Stepwise diagnosis: judge each step of a backward pass given the student's own earlier steps.

For a single example the bias gradients *are* the deltas, so the steps can be read off the returned
gradients: is dV what the student's own dc gives? Is db what it gives? One mistake then costs one
step, two mistakes are two steps, and none hides another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

TOL = 1e-11  # right steps are good to 1e-13; differences, in the best of cases, to 1e-10


@dataclass(frozen=True)
class Rule:
    """One way to do a step (or the forward pass) wrong.

    Attributes
    ----------
    id, looks_like, question : str
        As in a `Mistake`.
    fn : callable
        For a step ``fn(c, own) -> array`` from the forward values c and the student's own tensors;
        for a forward pass ``fn(*args) -> c``.
    """

    id: str
    looks_like: str
    question: str
    fn: Callable


@dataclass(frozen=True)
class Step:
    """One line of the backward pass.

    Attributes
    ----------
    name : str
        The tensor it gives, as the student knows it.
    given : str
        The student's tensor it starts from, "" for the first.
    right : callable
        ``right(c, own) -> array``.
    wrong : tuple of Rule
    """

    name: str
    given: str
    right: Callable
    wrong: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class Stepwise:
    """How to read one exercise's answer step by step.

    Attributes
    ----------
    forward : callable
        ``forward(*args) -> c``, any object with the forward values of one example.
    forwards : tuple of Rule
        Forward passes with a known mistake.
    parts : callable
        ``parts(value) -> {name: array}``; may raise when the answer has another structure.
    join : callable
        The inverse of `parts`.
    steps : tuple of Step
        In the order of the backward pass.
    split : callable
        ``split(*args) -> [args, ...]``, one per example of a batch.
    mean : bool
        Whether a batch's gradient is the mean over its examples, not the sum.
    """

    forward: Callable
    forwards: tuple[Rule, ...]
    parts: Callable[[object], Mapping[str, np.ndarray]]
    join: Callable[[Mapping[str, np.ndarray]], object]
    steps: tuple[Step, ...]
    split: Callable[..., Sequence[tuple]]
    mean: bool

    def walk(self, examples: Sequence, values: Sequence, rights: Sequence) -> Walk | None:
        """Walk along the steps; what is right follows from the formulas, not from `rights`."""
        return walk(self, examples, values)


@dataclass(frozen=True)
class Walk:
    """What a walk along the steps found.

    Attributes
    ----------
    forward : Rule or None
        The known mistake in the forward pass, None if the right one fits best.
    faults : dict of str to (Rule or None)
        Wrong steps in order; None where the mistake is not a known one.
    """

    forward: Rule | None
    faults: dict[str, Rule | None]

    @property
    def rules(self) -> list[tuple[str, Rule]]:
        """The known mistakes met on the way, as (step, rule)."""
        found = [("forward", self.forward)] if self.forward else []
        return found + [(name, rule) for name, rule in self.faults.items() if rule]

    @property
    def unknown_from(self) -> str:
        """Name of the first wrong step that no known mistake explains, "" if there is none."""
        return next((name for name, rule in self.faults.items() if rule is None), "")


def walk(stepwise: Stepwise, examples: Sequence[tuple], values: Sequence[object]) -> Walk | None:
    """Walk along the steps of several single-example answers.

    Parameters
    ----------
    stepwise : Stepwise
    examples : sequence of tuple
        Arguments of single-example calls.
    values : sequence of plain data
        What the student's function returned for them.

    Returns
    -------
    Walk or None
        None if an answer does not have the parts (another structure or shape).
    """
    owns = [_own(stepwise, value) for value in values]
    if not owns or any(own is None for own in owns):
        return None
    found = []
    for rule in (None, *stepwise.forwards):
        forward = rule.fn if rule else stepwise.forward
        contexts = [forward(*args) for args in examples]
        starts = _starts(stepwise, contexts, owns)
        faults = {s.name: f for s in stepwise.steps for f in _fault(s, contexts, owns, starts)}
        unknown = sum(f is None for f in faults.values())
        cost = (unknown, len(faults) + (rule is not None), rule is not None)
        found.append((cost, Walk(rule, faults)))
    return min(found, key=lambda pair: pair[0])[1]


def _own(stepwise, value):
    """Name the tensors of an answer; None if they are not all there as numbers."""
    try:
        found = {k: np.asarray(v) for k, v in stepwise.parts(value).items()}
        if any(map(np.iscomplexobj, found.values())):
            return None
        return {k: v.astype(np.float64) for k, v in found.items()}
    except (TypeError, ValueError, IndexError, KeyError, OverflowError):
        return None


def _starts(stepwise, contexts, owns):
    """What a step may have started from: the student's own tensors, or those repaired.

    A tensor may be right on the way and spoiled only when it is returned, on one level or on
    several in a row. The first repair gives each tensor as the student's own earlier one makes
    it, the next as that one's repair makes it, and so on up to the top.
    """
    starts = [owns]
    for _ in stepwise.steps:
        starts.append(_repaired(stepwise, contexts, starts[-1]))
    return starts


def _repaired(stepwise, contexts, owns):
    """Replace each tensor by what the earlier ones give."""
    return [
        own
        | {s.name: value for s in stepwise.steps if (value := _apply(s.right, c, own)) is not None}
        for c, own in zip(contexts, owns, strict=True)
    ]


def _apply(fn, c, own):
    """Give fn(c, own), or None where the shapes do not fit together."""
    with np.errstate(all="ignore"):
        try:
            return np.asarray(fn(c, own), dtype=np.float64)
        except ValueError:
            return None


def _fault(step, contexts, owns, starts):
    """Give [] for a right step, [rule] for a known mistake, [None] for an unknown one."""
    for rule in (None, *step.wrong):
        fn = rule.fn if rule else step.right
        if any(_fits(step.name, fn, contexts, owns, start) for start in starts):
            return [rule] if rule else []
    return [None]


def _fits(name, fn, contexts, owns, start):
    """Whether fn gives the student's tensor on every example, not all of it zero or NaN."""
    informative = False
    for c, own, given in zip(contexts, owns, start, strict=True):
        got, want = own[name], _apply(fn, c, given)
        if want is None or got.shape != want.shape:
            return False
        if np.isnan(got).all() and np.isnan(want).all():
            continue
        size = np.abs(want).max(initial=0.0)
        if not size < np.inf or not np.abs(got - want).max(initial=0.0) <= TOL * size:
            return False
        informative = informative or size > 0.0
    return informative


def step_length(off: np.ndarray, change: np.ndarray) -> float:
    """The number for which it times `change` comes nearest to `off`; 0 where nothing changes."""
    size = np.sum(change * change)
    return np.sum(off * change) / size if size else 0.0


def batch_rule(stepwise: Stepwise, whole: object, singles: Sequence[object]) -> str:
    """Say how a batch's gradient was put together from its examples.

    Parameters
    ----------
    whole : plain data
        The student's answer for a batch.
    singles : sequence of plain data
        The student's answers for its examples alone.

    Returns
    -------
    str
        "" if it is the mean (or sum) that was asked for, otherwise "sum", "mean", "first" or
        "other"; "other" also when an answer has another structure.
    """
    own, parts = _own(stepwise, whole), [_own(stepwise, s) for s in singles]
    if own is None or any(p is None for p in parts):
        return "other"
    n = len(parts)
    total = {k: sum(p[k] for p in parts) for k in own}
    rules = {
        "mean": {k: t / n for k, t in total.items()},
        "sum": total,
        "first": parts[0],
        "last": parts[-1],
        "mean twice": {k: t / n**2 for k, t in total.items()},
    }
    asked = "mean" if stepwise.mean else "sum"
    found = [name for name, want in rules.items() if _all_close(own, want)]
    if asked in found:
        return ""
    return found[0] if found else "other"


def _all_close(own, want):
    return all(
        own[k].shape == w.shape
        and np.abs(own[k] - w).max(initial=0.0) <= TOL * np.abs(w).max(initial=0.0)
        for k, w in want.items()
    )


def mistaken(
    stepwise: Stepwise, forward: Rule | None = None, rules: Mapping[str, Rule] | None = None
) -> Callable:
    """Make an implementation with chosen mistakes: one in the forward pass, one at any step.

    Parameters
    ----------
    stepwise : Stepwise
    forward : Rule, optional
    rules : dict of str to Rule, optional
        The mistake at each step named.

    Returns
    -------
    callable
        Takes the exercise's arguments; every step starts from the ones before it, as it made them.
    """
    rules = rules or {}

    def one(args):
        c = (forward.fn if forward else stepwise.forward)(*args)
        own: dict[str, np.ndarray] = {}
        for step in stepwise.steps:
            fn = rules[step.name].fn if step.name in rules else step.right
            own[step.name] = np.asarray(fn(c, own))
        return own

    def fn(*args):
        owns = [one(example) for example in stepwise.split(*args)]
        scale = 1 / len(owns) if stepwise.mean else 1.0
        return stepwise.join({k: scale * sum(own[k] for own in owns) for k in owns[0]})

    return fn
