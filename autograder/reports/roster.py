"""Who is in a class: nbgrader's gradebook knows some of it, the class's list the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..ground.class_list import Roster, read_roster


@dataclass(frozen=True)
class Person:
    """What is known of a student besides the id; "" where nothing is."""

    student: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""
    sis_id: str = ""
    login: str = ""
    participant: str = ""

    @property
    def name(self) -> str:
        """The name as systems sort it, else the id."""
        return ", ".join(filter(None, (self.last_name, self.first_name))) or self.student

    @property
    def shown(self) -> str:
        """The name with the id, for people to read."""
        return self.student if self.name == self.student else f"{self.name} ({self.student})"


def roster(root: str | Path) -> dict[str, Person]:
    """Read who is in the class.

    Parameters
    ----------
    root : Path
        The course's folder, with a gradebook.

    Returns
    -------
    dict of str to Person
    """
    from nbgrader.api import Gradebook

    listed = read_roster(root)
    with Gradebook(f"sqlite:///{Path(root, 'classroom', 'gradebook.db')}") as book:
        return {s.id: _person(s, listed) for s in book.students}


def _person(student, listed):
    member = listed.member(student.id)
    if member is None:
        fields = ("first_name", "last_name", "email", "lms_user_id")
        return Person(student.id, *(getattr(student, name) or "" for name in fields))
    return Person(
        student.id,
        member.first_name,
        member.last_name,
        member.email or student.email or "",
        member.canvas_id or student.lms_user_id or "",
        member.sis_id,
        member.login,
        listed.participant(student.id),
    )


@dataclass(frozen=True)
class Attendance:
    """Who of a class's list has handed in a chapter.

    Attributes
    ----------
    absent : tuple of str
        Names, with an id, of those on the list who have not.
    strangers : tuple of str
        Those who have, and are not on the list.
    twice : tuple of str
        Names of those who have under several ids.
    """

    absent: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()


def attendance(listed: Roster, students: Iterable[str]) -> Attendance:
    """Compare a class's list with those who have handed in one chapter.

    Parameters
    ----------
    listed : autograder.ground.class_list.Roster
    students : iterable of str

    Returns
    -------
    Attendance
        Empty if there is no list.
    """
    if not listed.members:
        return Attendance()
    students = list(dict.fromkeys(students))
    who = {student: listed.member(student) for student in students}
    here = [id(member) for member in who.values() if member is not None]
    return Attendance(
        tuple(sorted(_shown(m) for m in listed.members if id(m) not in here)),
        tuple(student for student, member in who.items() if member is None),
        tuple(sorted(_shown(m) for m in listed.members if here.count(id(m)) > 1)),
    )


def _shown(member):
    first = next(iter(member.ids), "")
    return member.name if member.name == first else f"{member.name} ({first})"
