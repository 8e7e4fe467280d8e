"""One durable record per graded submission, so that a run that was killed goes on where it was.

``classroom/journal/STUDENT/CHAPTER.json`` is written after the graded notebook and its feedback
page: where it is, they are. It holds the key of all that the grade depends on.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mlp_helpers.checking import Report

from ..gradebook.cell_marks import Mark
from ..ground.errors import Problem
from ..ground.files import read_file
from ..ground.report_records import reports_of
from ..ground.task import Task
from ..ground.writing import write
from .grade_key import Key

MAX_RECORD = 64 * 2**20  # bytes


@dataclass(frozen=True)
class Entry:
    """What the journal keeps of one submission.

    Attributes
    ----------
    task : Task
    key : Key
    act : str
        A name for this act of grading; the gradebook takes each act once.
    seconds : float
    isolation : str
        What confined the submission.
    notes : tuple of str
        What had to be put right, or went wrong on the way.
    timestamp : str
        When it was handed in; "" if nobody said.
    marks : dict of str to Mark
    records : list of dict
        The reports as plain data, see `reports`.
    """

    task: Task
    key: Key
    act: str
    seconds: float
    isolation: str
    notes: tuple[str, ...]
    timestamp: str
    marks: dict[str, Mark]
    records: list[dict]

    @property
    def reports(self) -> dict[str, Report]:
        """By exercise: dict of str to Report."""
        return reports_of(self.records)


def _is_sound(entry):
    """Whether a record that was read holds what one that was written does."""
    texts = (*entry.notes, entry.act, entry.isolation, entry.timestamp)
    numbers = (
        entry.seconds,
        *(m.score or 0.0 for m in entry.marks.values()),
        *(m.points or 0.0 for m in entry.marks.values()),
    )
    return (
        all(isinstance(text, str) for text in texts)
        and isinstance(entry.reports, dict)
        and all(isinstance(n, (int, float)) and math.isfinite(n) for n in numbers)
    )


class Journal:
    """The journal of one course.

    Parameters
    ----------
    classroom : Path
    """

    def __init__(self, classroom: str | Path) -> None:
        self.folder = Path(classroom, "journal")

    def path(self, task: Task) -> Path:
        """Where the record of a task is."""
        return self.folder / task.student / f"{task.chapter}.json"

    def read(self, task: Task) -> Entry | None:
        """Read one record.

        Returns
        -------
        Entry or None
            None if there is none, or it is damaged or another's, or this version cannot read it:
            the submission is graded again.
        """
        try:
            data = json.loads(read_file(self.path(task), MAX_RECORD))
            if data.pop("digest", None) not in (None, _digest(data)):  # earlier versions had none
                return None
            data["task"], data["key"] = Task(**data["task"]), Key(**data["key"])
            data["marks"] = {name: Mark(**mark) for name, mark in data["marks"].items()}
            entry = Entry(**data | {"notes": tuple(data["notes"])})
            return entry if entry.task == task and _is_sound(entry) else None
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None

    def write(self, entry: Entry) -> None:
        """Write one record: after this call it survives a crash of the machine."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        data = dataclasses.asdict(entry)
        text = json.dumps(data | {"digest": _digest(data)}, indent=1)
        write(self.path(entry.task), text, durable=True)


def _digest(data):
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


@contextlib.contextmanager
def only_one(classroom: Path) -> Iterator[None]:
    """Keep every other run of the grader away from a class while this one is at work.

    The lock goes with the process, however that ends.

    Raises
    ------
    Problem
        Another run is at work.
    """
    import fcntl

    classroom.mkdir(parents=True, exist_ok=True)
    with open(classroom / "grading.lock", "a+", encoding="ascii") as file:
        try:
            # of this process alone: its workers, which outlive it for a moment, do not hold it
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            raise Problem(
                f"{classroom} is being graded by process {file.read().strip() or '?'}: "
                "wait for its end, or stop it and run this again"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
