"""What students import: checks, hints, predictions, and the reference behind them."""

from .demos import check_yours, first_test, when_solved
from .notebook import hint, predict, predicted, quiz
from .progress import progress
from .verdicts import CheckFailed, case, check, evaluate, exercises

__all__ = [
    "CheckFailed",
    "case",
    "check",
    "check_yours",
    "evaluate",
    "exercises",
    "first_test",
    "hint",
    "predict",
    "predicted",
    "progress",
    "quiz",
    "when_solved",
]
