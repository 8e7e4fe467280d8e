"""What an instructor may set for one class: ``course_settings.toml`` in the class's folder.

::

    [answers]
    untouched = "zero"      # a written answer that was not begun: "zero" (nothing to read), or
                            # "pending" (it waits for a reader: answers come in on paper)

    [extensions.01_softmax_jacobian]
    student-03 = 2          # days after the due date of the chapter; 0.5 is twelve hours

Everything may be left out, and so may the file.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from .errors import Problem

FILE = "course_settings.toml"
UNTOUCHED = ("zero", "pending")


@dataclass(frozen=True)
class Settings:
    """The settings of a class.

    Attributes
    ----------
    untouched : str
        What a written answer is that was not begun: one of `UNTOUCHED`.
    extensions : dict of (str, str) to timedelta
        Time after the due date, by chapter and student.
    """

    untouched: str = UNTOUCHED[0]
    extensions: dict[tuple[str, str], timedelta] = field(default_factory=dict)


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


def _extensions(data, path):
    found = {}
    for chapter, students in _table(data, path, "extensions").items():
        for student, days in _table(students, path, f"extensions.{chapter}").items():
            good = isinstance(days, (int, float)) and not isinstance(days, bool)
            if not good or not 0 <= days <= 1000:  # NaN is neither
                raise Problem(
                    f"{path}: extensions.{chapter}.{student} is a number of days from 0 "
                    f"to 1000, not {days!r}"
                )
            found[chapter, student] = timedelta(days=days)
    return found
