"""The verdict engine: exercises, cases, callers, criteria, reports. It knows no exercise."""

from .callers import Answer, Caller, Failure, LocalCaller
from .compare import compare
from .evaluate import evaluate_caller
from .exercise import Case, Criterion, Exercise, Mistake
from .report import OUTCOMES, CriterionResult, Report
from .values import Named, plain

__all__ = [
    "OUTCOMES",
    "Answer",
    "Caller",
    "Case",
    "CriterionResult",
    "Exercise",
    "Failure",
    "LocalCaller",
    "Mistake",
    "Named",
    "Report",
    "Criterion",
    "compare",
    "evaluate_caller",
    "plain",
]
