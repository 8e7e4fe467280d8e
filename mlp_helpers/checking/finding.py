"""What a judge finds: why a criterion is not met, in a sentence with its cause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .callers import CAUSES
from .compare import Difference

if TYPE_CHECKING:
    from .callers import Failure
    from .exercise import Case


@dataclass(frozen=True)
class Finding:
    """Why a criterion failed: a sentence, and the difference it came from, if any.

    With ``passed=True`` it is a remark on a criterion that is met. Two findings of one `label`
    have the same cause, whatever the values are. `case` says at which sizes it was seen.
    """

    message: str
    difference: Difference | None = None
    passed: bool = False
    label: str = ""
    case: str = ""

    @property
    def text(self) -> str:
        """The whole sentence: what was found, and with which sizes."""
        return self.message + (f" (with {self.case})" if self.case else "")


def differs(difference: Difference, case: Case) -> Finding:
    """What a wrong answer to a case gives: the sizes are said where the difference does not."""
    return Finding(difference.message, difference, case="" if difference.says_size else case.note)


def stopped(error: Failure, case: Case | None = None) -> Finding:
    """What a failed call gives."""
    note = case.note if case and error.kind not in CAUSES else ""
    return Finding(error_text(error), case=note)


def error_text(error: Failure) -> str:
    """Put a failed call into one sentence."""
    if error.kind == "NotImplementedError":
        return f"{error.where} is not solved yet" if error.where else "not solved yet"
    if error.kind == "Unsupported":
        return f"returned {error.message}"
    if error.kind in ("Timeout", "Died"):
        return error.message
    line = f" in the line `{error.line}`" if error.line else ""
    message = f": {error.message}" if error.message else ""
    return f"stopped with {error.kind}{message}{line}"
