"""One submission of one chapter: what every part of a run is about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """One submission of one chapter."""

    chapter: str
    student: str
