"""From answers to a verdict: judge every criterion, then name what went wrong."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from .compare import compare
from .diagnose import diagnose, diagnose_crash
from .faults import is_fault
from .finding import error_text, stopped
from .report import CriterionResult, Report
from .trial import Trial

if TYPE_CHECKING:
    from .callers import Caller
    from .exercise import Exercise


def evaluate_caller(caller: Caller, exercise: Exercise, seed: int = 0) -> Report:
    """Judge one function on the cases that a seed draws.

    Parameters
    ----------
    caller : Caller
        Calls the function, here or in a confined process.
    exercise : Exercise
    seed : int
        The same seed gives the same cases and the same verdict everywhere.

    Returns
    -------
    Report
    """
    trial = drawn(exercise, seed).beside(caller)
    answers = trial.answers("generic")
    errors = [a.error for a in answers if a.error is not None]
    none_came = len(errors) == len(answers)
    if none_came and all(e.kind == "NotImplementedError" for e in errors):
        stub = errors[0].where if errors[0].where != exercise.id else ""
        return _nothing(exercise, "not_attempted", error_text(errors[0]), stub=stub)
    if none_came:
        mistakes = diagnose_crash(trial)
        return _nothing(
            exercise,
            "known_mistake" if mistakes else "crashed",
            stopped(errors[0], trial.cases["generic"][0]).text,
            cause=errors[0].cause,
            failing=("generic", 0),
            diagnoses=mistakes,
        )
    results, failed, difference = _judge_all(trial)
    mistakes = diagnose(trial, failed) if failed else []
    return Report(
        spec=exercise,
        outcome=_outcome(trial, failed, mistakes, difference),
        criteria=results,
        diagnoses=mistakes,
        difference=difference,
        unknown_from=_unknown_from(trial.walk) if failed else "",
        failing=_failing(trial, failed),
    )


def _unknown_from(walk):
    """The first wrong step, where all before it is right, the forward pass included."""
    return walk.unknown_from if walk is not None and walk.forward is None else ""


def _failing(trial, failed):
    """The place (group, number) of the first case with a wrong value that made a criterion fail,
    else of the first case of the first criterion that fails; None if none does."""
    groups = [r.group for r in failed if trial.cases.get(r.group)]
    for group in dict.fromkeys(groups):
        for i, case in enumerate(trial.cases[group]):
            if _is_wrong(trial, group, i, case):
                return group, i
    return (groups[0], 0) if groups else None


def _is_wrong(trial, group, i, case):
    answer = trial.answer(group, i)
    return answer.error is not None or compare(answer.value, trial.expected(case)) is not None


@lru_cache(maxsize=64)
def drawn(exercise: Exercise, seed: int) -> Trial:
    """Draw cases; a whole class gets the same, and what they should give is computed once."""
    return Trial(None, exercise, seed)


def _judge_all(trial):
    """Judge each criterion; return (results, failed criteria, first difference)."""
    results, failed, first, causes, said = [], [], None, set(), set()
    for criterion in trial.exercise.criteria:
        finding = trial.judged(criterion)
        if finding is None or finding.passed:
            results.append(_result(criterion, remark=finding.text if finding else ""))
            continue
        if finding.label == "value first":
            results.append(_result(criterion, finding.message, code="waits"))
            continue
        failed.append(criterion)
        first = first or finding.difference
        cause = _cause(criterion, finding)
        results.append(
            _result(
                criterion,
                finding.text,
                code="same"
                if cause in causes
                else "again"
                if finding.message in said
                else finding.label or _kind(finding),
            )
        )
        causes.add(cause)
        said.add(finding.message)
    return results, failed, first


def _cause(criterion, finding):
    """What two criteria must share to fail for the same reason: a cause that was found, one
    exception in one line, or the same difference of the same cases."""
    if finding.label:
        return finding.label
    if finding.difference is None:
        return finding.message  # the same exception at other sizes
    return criterion.group, finding.text


def _kind(finding):
    return finding.difference.kind if finding.difference is not None else "stopped"


def _result(criterion, fault=None, remark="", code=""):
    if fault is None:
        points = float(criterion.points)
        return CriterionResult(criterion.name, True, points, remark or criterion.good, points)
    message = f"{criterion.bad}: {fault}" if criterion.bad else fault
    return CriterionResult(criterion.name, False, 0.0, message, float(criterion.points), code)


def _outcome(trial, failed, mistakes, difference):
    if not failed:
        return "correct"
    if any(not is_fault(m) for m in mistakes):
        return "known_mistake"
    if difference is not None and difference.kind in ("shape", "structure"):
        return "wrong_shape"
    if difference is None and any(_crashes(trial, r.group) for r in failed):
        return "crashed"
    return "wrong_value"


def _crashes(trial, group):
    return any(answer.error is not None for answer in trial.answers(group))


def _nothing(exercise, outcome, reason, **more):
    """A report in which nothing earned a point, for one reason."""
    results = [
        CriterionResult(r.name, False, 0.0, "not reached", float(r.points))
        for r in exercise.criteria
    ]
    return Report(exercise, outcome, results, reason=reason, **more)
