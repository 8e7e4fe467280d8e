"""The two functions everybody calls: `evaluate` decides, `check` shows the decision."""

from __future__ import annotations

import sys

from .checking.callers import LocalCaller
from .checking.evaluate import evaluate_caller


class CheckFailed(Exception):
    """A check earned no point. Its traceback is one line: the report says the rest."""

    def _render_traceback_(self):
        return [f"CheckFailed: {self}"]


def evaluate(fn, exercise=None, seed=0):
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
    from .exercises import find

    name = exercise if exercise is not None else getattr(fn, "__name__", type(fn).__name__)
    return evaluate_caller(LocalCaller(fn), find(name), seed)


def check(fn, exercise=None):
    """Check a function, show the report, and remember the result for `progress()`.

    Parameters
    ----------
    fn : callable
    exercise : str, optional
        Id of the exercise; by default the function's name, or if that is none of an exercise
        (a lambda's), the name by which the caller knows it.

    Raises
    ------
    CheckFailed
        If no point is earned, also when the exercise is not attempted yet.
    UnknownExercise
        If there is no exercise of that name.
    """
    # The package's name `progress` is the function of that module, hence the longer imports.
    from .notebook import show_report
    from .progress import record

    report = evaluate(fn, exercise or _known_as(fn, sys._getframe(1).f_globals))
    show_report(report)
    record(report)
    if report.points == 0:
        state = "not attempted yet" if report.outcome == "not_attempted" else "no points yet"
        raise CheckFailed(f"{report.exercise}: {state}")


def _known_as(fn, names):
    """The exercise that a function answers, by its name or by the caller's name for it."""
    from .exercises import UnknownExercise, exercises, find

    try:
        return find(getattr(fn, "__name__", "")).id
    except UnknownExercise:
        return next((name for name in exercises() if names.get(name) is fn), None)
