"""The functions everybody calls: `evaluate` decides, `check` shows the decision, `case` gives the
arguments at which a function fails."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .carried import called, carried_forward
from .checking.callers import LocalCaller, failure_of
from .checking.evaluate import drawn, evaluate_caller
from .checking.values import fresh
from .limits import TimedCaller
from .named import build

if TYPE_CHECKING:
    from .checking import Exercise, Report


CALL_SECONDS = 10  # for one call of the reader's function
ALL_SECONDS = 60  # for all calls of one check
MOST = 900  # characters of a case that is written out
SEED = 0  # of the cases that `check` uses

_failing = {}  # (exercise, seed) -> the failing case of the last report


class CheckFailed(Exception):
    """A check earned no point, or could not be made. One line: the report says the rest."""

    def _render_traceback_(self):
        return [f"CheckFailed: {self}"]


def exercises() -> Mapping[str, Exercise]:
    """Return every exercise of the course by its id, in the order of the chapters.

    Returns
    -------
    dict of str to Exercise
        Printed, it is a list with points and minutes.
    """
    from .catalogue import exercises

    return exercises()


def evaluate(fn: Callable, exercise: str | None = None, seed: int = SEED) -> Report:
    """Judge a function on hidden cases.

    Parameters
    ----------
    fn : callable
        The student's function.
    exercise : str, optional
        Id of the exercise; by default the function's name.
    seed : int
        Draws the cases; the same seed gives the same verdict everywhere.

    Returns
    -------
    Report

    Raises
    ------
    UnknownExercise
        If there is no exercise of that name. A wrong or crashing function never raises.
    """
    from .catalogue import find

    name = exercise if exercise is not None else getattr(fn, "__name__", type(fn).__name__)
    return _report(fn, LocalCaller, find(name), seed)


def _report(fn, caller, exercise, seed):
    """A report that names the failing case, which is then at hand for `case`."""

    def judge(fn, exercise):
        return evaluate_caller(caller(fn), exercise, seed)

    report = carried_forward(judge(fn, exercise), fn, judge)
    _failing[exercise.id, seed] = report.failing
    args = _args(exercise, seed) if report.failing else ()
    given = tuple(exercise.parameters[: len(args)])
    return replace(
        report, seed=seed, helper=_helper(report.stub), given=given, spelled=_spelled(given, args)
    )


def _args(exercise, seed):
    group, i = _failing.get((exercise.id, seed)) or ("generic", 0)
    return drawn(exercise, seed).cases[group][i].args


def _spelled(names, args):
    """Arguments as Python writes them, where names in them say what is asked; "" elsewhere."""
    if not any(isinstance(part, str) for part in _parts(args)):
        return ""
    with np.printoptions(precision=3, suppress=True, threshold=40):
        text = "\n".join(
            f"{name} = {_literal(arg)}" for name, arg in zip(names, args, strict=False)
        )
    return text if len(text) <= MOST else ""


def _parts(value):
    if isinstance(value, dict):
        return [p for pair in value.items() for part in pair for p in _parts(part)]
    return [p for v in value for p in _parts(v)] if isinstance(value, (tuple, list)) else [value]


def _literal(value):
    if isinstance(value, np.ndarray):
        return np.array2string(value, separator=", ").replace("\n", "")
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k!r}: {_literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (tuple, list)):
        inner = ", ".join(map(_literal, value)) + "," * (len(value) == 1)
        return f"[{inner.rstrip(',')}]" if isinstance(value, list) else f"({inner})"
    return f"{value:.3g}" if isinstance(value, float) else repr(value)


def _timed(fn):
    return TimedCaller(LocalCaller(fn), CALL_SECONDS, ALL_SECONDS)


def _helper(name):
    """The exercise of a function that another one needs; None if it is not one."""
    from .catalogue import NAMES, find

    return find(name) if name in NAMES else None


def check(fn: Callable | str, exercise: str | None = None) -> None:
    """Check a function, show the report, and remember the result for `progress()`.

    A call that takes longer than ten seconds is stopped, and so is a check whose calls take
    longer than a minute in all.

    Parameters
    ----------
    fn : callable or str
        The function, or its name.
    exercise : str, optional
        Id of the exercise; by default the function's name, or if there is no such exercise
        (a lambda's name), the name by which the caller knows it.

    Raises
    ------
    CheckFailed
        If no point is earned, also when the exercise is not attempted yet, when what is given is
        not a function, or when the check is interrupted. Its traceback is one line. While nbgrader
        validates a notebook, whatever has less than full marks raises it, with the report as text.
    UnknownExercise
        If there is no exercise of that name.
    """
    # The package's name `progress` is the function of that module, hence the longer imports.
    from .catalogue import find
    from .notebook import note, show_report
    from .progress import record

    names = sys._getframe(1).f_globals
    fn = _function(fn, names)
    asked = find(exercise or _known_as(fn, names) or getattr(fn, "__name__", type(fn).__name__))
    try:
        report = _report(fn, _timed, asked, SEED)
    except KeyboardInterrupt as stop:
        where = _line(stop, fn)
        raise CheckFailed(f"{asked.id}: interrupted{where}; nothing is recorded") from None
    show_report(report)
    record(report, fn)
    attempted = report.outcome != "not_attempted"  # else the report says where to begin
    if attempted and not report.passed and (below := _failing_below(fn)):
        names = ", ".join(f"`{name}`" for name in below)
        note(
            "Begin below",
            f"This function calls {names}: not shown to be right, as it stands, "
            "by the check below its own cell. Run that check first.",
        )
    if os.environ.get("NBGRADER_EXECUTION") == "validate" and not report.passed:
        raise CheckFailed(str(report))  # it would pass for complete: an error is all nbgrader sees
    if report.points == 0:
        state = "no points yet" if attempted else "not attempted yet"
        raise CheckFailed(f"{report.exercise}: {state}")


def case(name: str | Callable, seed: int = SEED) -> tuple:
    """Give the arguments with which `check` called a function, to try it on them.

    Those of the first case that failed when the function was last checked in this session; of the
    first case of all if it has not been checked, or has passed.

    Parameters
    ----------
    name : str or function
        The exercise, for example ``"softmax_vjp"``: ``z, v = case("softmax_vjp")``.
    seed : int
        As given to `evaluate`.

    Returns
    -------
    tuple
        The arguments, fresh copies each time: ``(z,) = case("softmax")`` if there is only one.

    Raises
    ------
    UnknownExercise
        If there is no exercise of that name.
    """
    from .catalogue import find

    exercise = find(getattr(name, "__name__", name))
    return build(fresh(_args(exercise, seed)))


def incomplete(report: Report) -> bool:
    """Whether an answer still lacks points. The one rule for `check`, Validate and the grader."""
    return not report.passed


def _function(fn, names):
    """What is to be checked: the function itself, or the one that the caller knows by a name."""
    if isinstance(fn, str):
        from .catalogue import find

        name = find(fn).id
        if name not in names:
            raise CheckFailed(f"{name} is not defined yet: run the cell with your function first")
        fn = names[name]
    if not callable(fn) or inspect.isclass(fn):
        what = "a class" if inspect.isclass(fn) else "None" if fn is None else "not a function"
        kind = "" if fn is None or inspect.isclass(fn) else f" ({type(fn).__name__})"
        raise CheckFailed(
            f"this is {what}{kind}: give the function itself, without calling it, "
            "as in check(softmax); nothing is recorded"
        )
    return fn


def _known_as(fn, names):
    """The exercise that a function answers, by its name or by the caller's name for it."""
    from .catalogue import NAMES

    if getattr(fn, "__name__", "") in NAMES:
        return fn.__name__
    return next((name for name in NAMES if names.get(name) is fn), None)


def _failing_below(fn):
    """Functions without points that `fn` calls, and that `check_yours` has found wrong."""
    from .catalogue import NAMES
    from .progress import passed, recall

    ungraded = [name for name in recall("checked") if name not in NAMES]
    return [n for n in called(fn, ungraded) if passed(n, fn.__globals__[n]) is False]


def _line(error, fn):
    """Where in the reader's function an interrupt came, as the end of a sentence."""
    line = failure_of(error, fn).line
    return f" in the line `{line}`" if line else ""
