"""Who is in a class, as nbgrader's gradebook knows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """What nbgrader's gradebook knows of a student besides the id; "" where it knows nothing."""

    student: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""

    @property
    def name(self):
        """The name as systems sort it, else the id."""
        return ", ".join(filter(None, (self.last_name, self.first_name))) or self.student


def roster(gradebook):
    """Read who is in the class.

    Parameters
    ----------
    gradebook : Path
        nbgrader's database.

    Returns
    -------
    dict of str to Person
    """
    from nbgrader.api import Gradebook

    fields = ("first_name", "last_name", "email", "lms_user_id")
    with Gradebook(f"sqlite:///{gradebook}") as book:
        return {
            s.id: Person(s.id, *(getattr(s, name) or "" for name in fields)) for s in book.students
        }
