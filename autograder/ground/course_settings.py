"""What an instructor may set for one class: ``course_settings.toml`` in the class's folder.

::

    [answers]
    untouched = "zero"      # a written answer that was not begun: "zero" (nothing to read), or
                            # "pending" (it waits for a reader: answers come in on paper)

    [late]                  # left out, nbgrader's own setting counts
    per_day = 10            # percent of the points earned, for each day that has begun
    at_most = 50            # percent; 100 if it is left out

    [extensions.01_softmax_jacobian]
    student-03 = 2          # days after the due date of the chapter; 0.5 is twelve hours

Everything may be left out, and so may the file.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from .errors import Problem

FILE = "course_settings.toml"
UNTOUCHED = ("zero", "pending")


@dataclass(frozen=True)
class Late:
    """What being late costs, in percent of the points earned."""

    per_day: float
    at_most: float = 100.0

    def share(self, seconds: float) -> float:
        """The share of the points that is lost after so many seconds: each day begun counts."""
        return min(self.per_day * math.ceil(seconds / 86_400), self.at_most) / 100


@dataclass(frozen=True)
class Settings:
    """The settings of a class.

    Attributes
    ----------
    untouched : str
        What a written answer is that was not begun: one of `UNTOUCHED`.
    extensions : dict of (str, str) to timedelta
        Time after the due date, by chapter and student.
    late : Late or None
        None if nbgrader's setting counts.
    """

    untouched: str = UNTOUCHED[0]
    extensions: dict[tuple[str, str], timedelta] = field(default_factory=dict)
    late: Late | None = None


def read_settings(root: str | Path) -> Settings:
    """Read the settings of the class in a folder.

    Parameters
    ----------
    root : str or Path

    Returns
    -------
    Settings

    Raises
    ------
    Problem
        The file cannot be read, or says something that is not known.
    """
    path = Path(root, FILE)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except ValueError as error:  # a TOMLDecodeError and a UnicodeDecodeError are
        raise Problem(f"{path} cannot be read: {error}") from error
    return Settings(
        _untouched(data.pop("answers", {}), path),
        _extensions(data.pop("extensions", {}), path),
        _late(data.pop("late", None), path),
        **_nothing(data, path),
    )


def _nothing(data, path, where=""):
    """Refuse what is left: a setting that is misspelt would be without effect."""
    for name in data:
        raise Problem(f"{path}: there is no setting {where}{name}")
    return {}


def _table(data, path, name):
    if not isinstance(data, dict):
        raise Problem(f"{path}: {name} is a table, written [{name}]")
    return dict(data)


def _untouched(data, path):
    data = _table(data, path, "answers")
    value = data.pop("untouched", UNTOUCHED[0])
    _nothing(data, path, "answers.")
    if value not in UNTOUCHED:
        raise Problem(f'{path}: answers.untouched is "zero" or "pending", not {value!r}')
    return value


def _late(data, path):
    if data is None:
        return None
    data, found = _table(data, path, "late"), {}
    if "per_day" not in data:
        raise Problem(f"{path}: [late] needs per_day, in percent of the points earned")
    for name in ("per_day", "at_most"):
        value = data.pop(name, 100)
        if not _is_number(value) or not 0 <= value <= 100:
            raise Problem(f"{path}: late.{name} is a percentage from 0 to 100, not {value!r}")
        found[name] = float(value)
    _nothing(data, path, "late.")
    return Late(**found)


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _extensions(data, path):
    found = {}
    for chapter, students in _table(data, path, "extensions").items():
        for student, days in _table(students, path, f"extensions.{chapter}").items():
            if not _is_number(days) or not 0 <= days <= 1000:  # NaN is neither
                raise Problem(
                    f"{path}: extensions.{chapter}.{student} is a number of days from 0 "
                    f"to 1000, not {days!r}"
                )
            found[chapter, student] = timedelta(days=days)
    return found
