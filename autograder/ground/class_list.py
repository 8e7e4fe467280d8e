"""Who is in a class: ``classroom/roster.csv``, one line per person with all ids that are known.

A student's folder is named by one of these ids: Canvas's number, a login, or the number of a Moodle
participant, which is another one in every assignment. So a person may have many.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .errors import Problem
from .read_table import read_table

FILE = Path("classroom", "roster.csv")
SINGLE = ("email", "canvas_id", "sis_id", "login", "id_number")  # ids of which one has one
FIELDS = ("last_name", "first_name", *SINGLE, "participants")


@dataclass(frozen=True)
class Member:
    """One person of a class; "" where nothing is known.

    Attributes
    ----------
    participants : tuple of str
        The numbers by which Moodle knows the person, one per assignment.
    """

    last_name: str = ""
    first_name: str = ""
    email: str = ""
    canvas_id: str = ""
    sis_id: str = ""
    login: str = ""
    id_number: str = ""
    participants: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name as systems sort it, else an id."""
        name = ", ".join(filter(None, (self.last_name, self.first_name)))
        return name or next(iter(self.ids), "")

    @property
    def ids(self) -> tuple[str, ...]:
        """Everything that can name a folder of this person."""
        found = (self.login, self.canvas_id, *self.participants, self.sis_id, self.id_number)
        return tuple(filter(None, (*found, self.email)))


class Roster:
    """The people of a class, found by any of their ids.

    Parameters
    ----------
    members : iterable of Member
    """

    def __init__(self, members: Iterable[Member] = ()) -> None:
        self.members = list(members)
        self._by_id: dict[str, list[Member]] = {}
        for member in self.members:
            for name in dict.fromkeys(map(str.casefold, member.ids)):
                self._by_id.setdefault(name, []).append(member)

    def member(self, student: str) -> Member | None:
        """Who a student is; None if nobody has that id, or more than one."""
        found = self._by_id.get(student.casefold(), [])
        return found[0] if len(found) == 1 else None

    def participant(self, student: str) -> str:
        """The number by which Moodle knows a student in one assignment; "" if that is not sure."""
        member = self.member(student)
        known = () if member is None else member.participants
        if student in known:
            return student
        return known[0] if len(known) == 1 else ""

    def shared(self) -> dict[str, list[Member]]:
        """Ids that more than one person has: dict of str to list of Member."""
        return {name: found for name, found in self._by_id.items() if len(found) > 1}

    def same(self, one: str, other: str) -> bool:
        """Whether two ids name one person."""
        member = self.member(one)
        return one == other or (member is not None and member is self.member(other))


def read_roster(root: str | Path) -> Roster:
    """Read who is in the class in a folder; nobody if there is no list.

    Returns
    -------
    Roster

    Raises
    ------
    Problem
        The list cannot be read.
    """
    path = Path(root, FILE)
    if not path.exists():
        return Roster()
    try:
        rows = read_table(path, {name: name for name in FIELDS}).rows
    except OSError as error:
        raise Problem(f"{path} cannot be read: {error.strerror}") from error
    return Roster(_member(fields) for _, fields in rows)


def _member(fields: dict[str, str]) -> Member:
    numbers = tuple(fields.get("participants", "").split())
    return Member(
        **{n: text for n, text in fields.items() if n != "participants"}, participants=numbers
    )
