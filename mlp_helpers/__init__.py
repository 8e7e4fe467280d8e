"""What students import: checks, hints, predictions, and the reference behind them."""

from .exercises import exercises
from .notebook import hint, predict, predicted, quiz, when_solved
from .progress import progress
from .verdicts import CheckFailed, check, evaluate

__all__ = [
    "CheckFailed",
    "check",
    "evaluate",
    "exercises",
    "hint",
    "predict",
    "predicted",
    "progress",
    "quiz",
    "when_solved",
]
