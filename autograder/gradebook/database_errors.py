"""What a gradebook's database refuses, in one line that says what to do."""

from __future__ import annotations

import contextlib
import sqlite3

from sqlalchemy.exc import DatabaseError, OperationalError

from ..ground.errors import Problem

IN_USE = (
    "the gradebook cannot be opened or written ({}): close what uses it and run this again; "
    "nothing is lost"
)
READ_ONLY = (
    "the gradebook cannot be written ({}): make it and its folder writable for you, or "
    "work in a copy of the class's folder; nothing is lost"
)
DAMAGED = (
    "the gradebook is damaged ({}): put a backup of it back (dated copies lie beside it), "
    "or save what can be read with `sqlite3 gradebook.db .recover`; keep the damaged file, "
    "marks given by hand are in it alone"
)


@contextlib.contextmanager
def plain_errors():
    """Say in a line of text what is wrong with a gradebook.

    Raises
    ------
    Problem
        Another program keeps it for itself, or it is no database any more.
    """
    try:
        yield
    except OperationalError as error:
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        text = READ_ONLY if code == sqlite3.SQLITE_READONLY else IN_USE
        raise Problem(text.format(error.orig)) from error
    except DatabaseError as error:
        if type(error) is not DatabaseError:  # something about one row
            raise
        raise Problem(DAMAGED.format(error.orig)) from error
