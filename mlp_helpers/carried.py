"""Errors carried forward: a function of the reader's that calls a wrong one of theirs.

A right `softmax_jacobian` above a wrong `softmax` gives wrong numbers, and none of its lines is to
blame. So the functions that it calls are checked as well, and it is tried once more with right
ones in their place.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .checking import Report


def carried_forward(report: Report, fn: Callable, judge: Callable) -> Report:
    """Say whether the fault of a failed function lies in other exercises that it calls.

    Parameters
    ----------
    report : Report
    fn : callable
        The reader's function.
    judge : callable
        ``judge(fn, exercise) -> Report``.

    Returns
    -------
    Report
        With `spoiled_by` and `otherwise` set, and only the mistakes that are the function's own;
        the report itself if it calls no wrong function.
    """
    if report.passed or report.outcome == "not_attempted":
        return report
    from .catalogue import NAMES, find

    names = [name for name in called(fn, NAMES) if name != report.exercise]
    wrong = [name for name in names if not judge(fn.__globals__[name], find(name)).passed]
    if not wrong:
        return report
    rights = {name: find(name).oracle for name in wrong}
    if None in rights.values():  # the students' edition has none to put in their place
        return replace(report, spoiled_by=tuple(wrong), otherwise=report.points)
    with _replaced(fn.__globals__, rights):
        own = judge(fn, report.spec)
    if own.points <= report.points and (report.diagnoses or not own.diagnoses):
        return report  # the fault below changes nothing here
    return replace(
        report,
        diagnoses=own.diagnoses,
        unknown_from=own.unknown_from,
        spoiled_by=tuple(wrong),
        otherwise=own.points,
    )


def called(fn, known):
    """Known names that a function uses, and that its module defines as functions."""
    names = getattr(fn, "__globals__", {})
    used = _names(getattr(fn, "__code__", None))
    return [n for n in known if n in used and isinstance(names.get(n), types.FunctionType)]


def _names(code):
    """All global names in a code object and in the functions defined inside it."""
    if code is None:
        return set()
    inner = [c for c in code.co_consts if isinstance(c, types.CodeType)]
    return set(code.co_names).union(*map(_names, inner))


@contextmanager
def _replaced(names, others):
    before = {name: names[name] for name in others}
    names.update(others)
    try:
        yield
    finally:
        names.update(before)
