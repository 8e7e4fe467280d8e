"""What a judge finds: why a criterion is not met, in a sentence with its cause."""

from __future__ import annotations

from dataclasses import dataclass

from .compare import Difference


@dataclass(frozen=True)
class Finding:
    """Why a criterion failed: a sentence, and the difference it came from, if any.

    With ``passed=True`` it is a remark on a criterion that is met. Two findings of one `label`
    have the same cause, whatever the values are.
    """

    message: str
    difference: Difference | None = None
    passed: bool = False
    label: str = ""


def told(difference, case):
    """The sentence of a difference, and the sizes of the case where it does not say one."""
    return difference.message + ("" if "(here " in difference.message else _for(case))


def _for(case):
    return f" (with {case.note})" if case.note else ""


def error_text(error, case=None):
    """Put a failed call into one sentence."""
    if error.kind == "NotImplementedError":
        return f"{error.where} is not solved yet" if error.where else "not solved yet"
    if error.kind == "Unsupported":
        return f"returned {error.message}"
    if error.kind in ("Timeout", "Died"):
        return error.message
    line = f" in the line `{error.line}`" if error.line else ""
    message = f": {error.message}" if error.message else ""
    return f"stopped with {error.kind}{message}{line}" + (_for(case) if case else "")
