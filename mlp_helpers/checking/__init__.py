"""The verdict engine: exercises, cases, callers, criteria, reports. It knows no exercise."""

from .callers import Answer, Caller, Failure, LocalCaller
from .compare import compare
from .evaluate import evaluate_caller
from .exercise import Case, Exercise, Misconception, Requirement
from .report import OUTCOMES, Criterion, Report
from .values import Named, plain

__all__ = [
    "OUTCOMES",
    "Answer",
    "Caller",
    "Case",
    "Criterion",
    "Exercise",
    "Failure",
    "LocalCaller",
    "Misconception",
    "Named",
    "Report",
    "Requirement",
    "compare",
    "evaluate_caller",
    "plain",
]
