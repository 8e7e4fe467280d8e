"""How Canvas and Moodle name the files of a download, and how they are named here."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from ..judge.handed_in import NOTEBOOKS

# Of one part of a path each; no name, however long, makes one of them look at a character often.
MOODLE_FOLDER = re.compile(r"_(?P<student>\d+)_assignsubmission_(?:file|onlinetext)_?\Z")
MOODLE = re.compile(
    r"_(?P<student>\d+)_assignsubmission_(?:file|onlinetext)_(?P<name>.+)", re.DOTALL
)
ANONYMOUS = re.compile(
    r"\A(?P<student>anon_[^_]+)_(?P<late>LATE_)?(?P<order>\d+)_(?P<name>.+)", re.DOTALL
)
CANVAS = re.compile(
    r"(?<!\A)_(?P<late>LATE_)?(?P<student>\d+)_(?P<order>\d+)_(?P<name>.+)", re.DOTALL
)
# how browsers mark a second file of one name, and how Canvas does
BROWSER_COPY = re.compile(r" ?\((\d{1,9})\)$")
CANVAS_COPY = re.compile(r"-(\d{1,9})$")


def _parts(path):
    """Take apart by the form whose student comes first: what follows, a student may have made up.

    Returns
    -------
    dict of str to str, empty if no form fits
    """
    *folders, name = path.split("/")
    if not name:
        return {}
    for folder in folders:
        if found := MOODLE_FOLDER.search(folder):
            return found.groupdict() | {"name": name}
    found = filter(None, (form.search(name) for form in (MOODLE, ANONYMOUS, CANVAS)))
    first = min(found, key=lambda match: match.start("student"), default=None)
    return first.groupdict() if first else {}


def author(path):
    """Take apart the path of a file of Canvas's or Moodle's.

    Parameters
    ----------
    path : str
        With "/" between its parts.

    Returns
    -------
    (str, int, str) or None
        Student, order, and the name that the student gave; None if it is neither system's.
    """
    found = _parts(path)
    return (found["student"], _number(found.get("order", "")), found["name"]) if found else None


def _number(digits):
    """A number of at most 18 digits, of a longer one the last; Canvas's have fewer."""
    return int(digits[-18:] or 0)


def is_late(path: str) -> bool:
    """Tell if Canvas marked a file as late; Moodle's names do not say it."""
    return bool(_parts(path).get("late"))


def copy_number(name: str, *patterns: re.Pattern[str]) -> int:
    """The number that tells copies of one file name apart, 0 if the name has none."""
    stem = PurePosixPath(name).stem
    found = next((m for m in (p.search(stem) for p in patterns) if m), None)
    return int(found[1]) if found else 0


def rank(order, name, changed, archive="", archived=0.0):
    """Say how late a file is, for comparison with others of one student.

    Moodle's files have no number. The time inside an archive goes before the archive's own, which
    is lost when it is copied; where both are equal, a browser's "(1)" is the later download.

    Parameters
    ----------
    order : int
        Canvas's number of the attachment, else 0.
    name : str
        As the student gave it.
    changed : tuple of int
        Year to second.
    archive : str
        The archive's name.
    archived : float
        The archive's time.
    """
    return (
        order,
        changed,
        int(archived),
        copy_number(archive, BROWSER_COPY),
        copy_number(name, BROWSER_COPY, CANVAS_COPY),
    )


def stored_name(name: str, chapter: str) -> str:
    """Name a notebook as nbgrader wants it; one that is called otherwise keeps its name, tamed."""
    ending = next((e for e in NOTEBOOKS if name.lower().endswith(e)), "")
    stem = name[: len(name) - len(ending)]
    original = CANVAS_COPY.sub("", BROWSER_COPY.sub("", stem)).rstrip()
    if original.casefold() == chapter.casefold():
        stem = chapter
    # without a stem the file would be hidden, and nbgrader would drop its student
    return (_tame(stem) or "unnamed") + ".ipynb"


def picture_name(name: str) -> str:
    """Name a picture or a page for a reader: tamed, with its ending."""
    stem, dot, ending = name.rpartition(".")
    return (_tame(stem) or "unnamed") + dot + ending.lower()


def _tame(stem):
    """A file's name without what harms, of at most 240 bytes: file systems take 255."""
    short = re.sub(r"[^\w.() -]", "_", stem)[:80].encode()[:240].decode(errors="ignore")
    return short.lstrip(". ")
