"""Lists that Canvas and Moodle write of a class, taken into the class's own."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass, field
from pathlib import Path

from ..ground.class_list import FIELDS, FILE, SINGLE, Member, Roster, read_roster
from ..ground.read_table import read_table
from .spreadsheet import write_rows

# headings in small letters -> what they hold; "" is known and of no use here
COLUMNS = {
    # Canvas, gradebook
    "student": "name",
    "id": "id",
    "sis user id": "sis_id",
    "sis login id": "login",
    "integration id": "",
    "section": "section",
    "root account": "",
    # Moodle: participants, grades, the grading worksheet of an assignment
    "identifier": "participants",
    "full name": "name",
    "name": "name",
    "first name": "first_name",
    "last name": "last_name",
    "surname": "last_name",
    "username": "login",
    "id number": "id_number",
    "email address": "email",
    "email": "email",
    "e-mail": "email",
    "groups": "",
    "institution": "",
    "department": "",
    "status": "",
    "grade": "",
    "maximum grade": "",
    "grade can be changed": "",
    "last modified (submission)": "",
    "last modified (grade)": "",
    "online text": "",
    "feedback comments": "",
    "last downloaded from this course": "",
    # ours
    **{name: name for name in FIELDS},
}
NOBODY = (
    "points possible",
    "student, test",
    "test student",
)  # lines of Canvas's that are no people
BROKEN = re.compile(
    r"\d([.,]\d+)?E\+?\d+", re.IGNORECASE
)  # what a spreadsheet makes of long numbers
NUMBER = re.compile(r"(\d+)\Z")


@dataclass
class Taken:
    """What became of a list.

    Attributes
    ----------
    members : list of Member
        Everybody who is on the class's list now.
    new, changed, same : int
        How many lines were that.
    left_out : int
        How many were not taken.
    notes : list of str
        What was odd, a line each.
    """

    members: list[Member]
    new: int = 0
    changed: int = 0
    same: int = 0
    left_out: int = 0
    notes: list[str] = field(default_factory=list)

    def refuse(self, line: int, why: str) -> None:
        """Leave a line out."""
        self.left_out += 1
        self.notes.append(f"line {line}: {why}; left out")


def take_roster(path, root):
    """Take a list into ``classroom/roster.csv``. Who is there and not on it, stays.

    Parameters
    ----------
    path : Path
    root : Path
        The course's folder.

    Returns
    -------
    Taken
    """
    table = read_table(path, COLUMNS)
    taken = Taken(read_roster(root).members, notes=list(table.notes))
    if table.unused:
        shown = ", ".join(heading[:60] for heading in table.unused[:8])
        more = f" and {len(table.unused) - 8} more" if len(table.unused) > 8 else ""
        taken.notes.append(f"columns that are not used: {shown}{more}")
    kind = "canvas_id" if "section" in table.columns else "login"  # Canvas has both always
    lines = {}  # of this file: id -> (line, Member)
    for line, fields in table.rows:
        if "id" in fields:
            fields = {kind: fields["id"], **fields}
            del fields["id"]
        if fields.get("name", "").casefold() in NOBODY or not any(
            fields.get(name) for name in ("name", "last_name", "first_name", *_IDS)
        ):
            continue
        _take(line, _member(line, fields, taken.notes), lines, taken)
    for name, people in Roster(taken.members).shared().items():
        who = "; ".join(member.name for member in people)
        taken.notes.append(f"{name} is an id of several people, so it finds none of them: {who}")
    rows = [
        [getattr(m, f) for f in FIELDS[:-1]] + [" ".join(m.participants)] for m in taken.members
    ]
    write_rows([FIELDS, *rows], Path(root, FILE))
    return taken


_IDS = (*SINGLE, "participants")


def _member(line, fields, notes):
    """Make a person of a line; an id that a spreadsheet has spoilt is left out."""
    found = {name: fields.get(name, "") for name in FIELDS}
    if not found["last_name"] and not found["first_name"]:  # "Last, First" is Canvas's form
        last, _, first = fields.get("name", "").partition(", ")
        found |= {"last_name": last, "first_name": first}
    number = NUMBER.search(found["participants"])  # "Participant 12", in the site's language
    found["participants"] = number[1] if number else found["participants"]
    for name in _IDS:
        value = found[name]
        if BROKEN.fullmatch(value):
            notes.append(f"line {line}: a spreadsheet has cut {name} to {value}; it is not used")
        elif name in ("canvas_id", "participants") and value and not _is_number(value):
            notes.append(f"line {line}: {name} {value!r} is not a number; it is not used")
        elif value and folder_fault(value):
            notes.append(
                f"line {line}: {name} {value!r} cannot name a folder ({folder_fault(value)}): work "
                "must be handed in under another id of this person"
            )
            continue
        else:
            continue
        found[name] = ""
    ids = tuple(filter(None, [found.pop("participants")]))
    return Member(**found, participants=ids)


def _is_number(text):
    return text.isascii() and text.isdecimal()


def folder_fault(name: str) -> str:
    """Say why an id cannot be the name of a folder on every system; "" if it can."""
    if re.search(r'[/\\:*?"<>|]', name):
        return 'it has one of / \\ : * ? " < > |'
    if name.startswith(".") or name.endswith((".", " ")):
        return "it begins or ends with a dot"
    return "it is too long" if len(name.encode()) > 200 else ""


def _take(line, member, lines, taken):
    keys = _keys(member)
    if not keys:
        taken.refuse(line, f"{member.name or 'this person'} has no id and no e-mail address")
        return
    twins = {id(twin[1]): twin for twin in (lines[key] for key in keys if key in lines)}
    for earlier, twin in twins.values():
        if _name(twin) != _name(member):
            taken.refuse(line, f"{member.name} has an id of {twin.name}, line {earlier}")
            return
        taken.notes.append(f"line {line}: the same person as in line {earlier}, put together")
    known = [i for i, other in enumerate(taken.members) if keys & _keys(other)]
    if len(known) > 1:
        who = "; ".join(taken.members[i].name for i in known)
        taken.refuse(line, f"{member.name} has ids of several people on the class's list ({who})")
        return
    lines |= dict.fromkeys(keys, (line, member))
    if not known:
        taken.members.append(member)
        taken.new += 1
        return
    old = taken.members[known[0]]
    joined = _joined(old, member)
    for name in ("last_name", "first_name", *SINGLE):
        before, after = getattr(old, name), getattr(joined, name)
        if before and before != after:
            taken.notes.append(f"line {line}: {name} of {old.name} was {before}, is {after}")
    taken.members[known[0]] = joined
    taken.changed += joined != old
    taken.same += joined == old


def _keys(member):
    """What tells people apart: their ids, by kind."""
    keys = {(kind, getattr(member, kind).casefold()) for kind in SINGLE if getattr(member, kind)}
    return keys | {("participants", number) for number in member.participants}


def _name(member):
    """The words of a name, in whatever order a system writes them."""
    return sorted(f"{member.first_name} {member.last_name}".casefold().split())


def _joined(old, new):
    """What is known of a person from two lists; the newer counts, a name in two parts stays."""
    found = {name: getattr(new, name) or getattr(old, name) for name in SINGLE}
    if _name(old) == _name(new) or not _name(new):
        found |= {"last_name": old.last_name, "first_name": old.first_name}
        if not old.first_name and new.first_name:
            found |= {"last_name": new.last_name, "first_name": new.first_name}
    participants = tuple(dict.fromkeys((*old.participants, *new.participants)))
    return dataclasses.replace(new, **found, participants=participants)
