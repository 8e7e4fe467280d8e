"""The course secret, and the seeds of hidden cases that are drawn from it."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import sqlite3
from pathlib import Path

from ..ground.errors import Problem

SECRET_VARIABLE = "MLP_COURSE_SECRET"


def course_secret(root: str | Path) -> bytes:
    """The secret from which hidden cases are drawn.

    Taken from the environment variable MLP_COURSE_SECRET, else from ``classroom/secret`` below
    `root`, which is made on first use and readable by its owner alone.

    Returns
    -------
    bytes

    Raises
    ------
    Problem
        It is gone, and there are grades that were made with it.
    """
    given = os.environ.get(SECRET_VARIABLE)
    if given:
        return given.encode()
    path = Path(root) / "classroom" / "secret"
    if not path.exists() and _has_grades(path.with_name("gradebook.db")):
        raise Problem(
            f"{path} is missing, and there are grades that were made with it: put it "
            f"back or set {SECRET_VARIABLE}; if it is lost, write a new text into it: "
            "everything is graded again, marks given by hand stay"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(descriptor, "w") as file:
            file.write(os.urandom(32).hex())
    secret = path.read_bytes().strip()
    if not secret:
        raise Problem(
            f"{path} is empty: put its text back; if nothing was graded yet, delete it, "
            "and a new one is made at the next run"
        )
    return secret


def _has_grades(gradebook):
    """Whether a gradebook holds a grade that a grader gave."""
    if not gradebook.is_file():
        return False
    try:
        with contextlib.closing(sqlite3.connect(f"{gradebook.as_uri()}?mode=ro", uri=True)) as book:
            query = "SELECT 1 FROM grade WHERE auto_score IS NOT NULL LIMIT 1"
            return book.execute(query).fetchone() is not None
    except sqlite3.Error:  # whoever opens it next says what is wrong with it
        return False


def case_seed(secret: bytes, chapter: str, exercise: str) -> int:
    """The seed of an exercise's hidden cases: the same for every student, unknown to all."""
    digest = hmac.new(secret, f"{chapter}/{exercise}".encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big")
