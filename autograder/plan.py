"""What is to be graded: the submissions of a class, and the key of everything that decides."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from nbgrader.utils import parse_utc

from .errors import Problem
from .submission import Found, find

PACKAGES = Path(__file__).resolve().parent.parent
# of autograder
DECIDING = ("judge", "marks", "run", "session", "shell", "submission", "wire", "worker")
OF_A_CHAPTER = re.compile(r"_(\d\d)\.py$")
TIMESTAMP = "timestamp.txt"
MAX_TIMESTAMP = 1000  # characters


@dataclass(frozen=True)
class Task:
    """One submission of one chapter."""

    chapter: str
    student: str


@dataclass(frozen=True)
class Key:
    """Digests of all that a grade depends on: equal keys, equal grades."""

    submission: str
    release: str
    exercises: str
    settings: str

    def changed(self, older):
        """Name what differs from an older key, None where there is none: "" if nothing does."""
        if older is None:
            return "new"
        reasons = (("submission", "handed in again"), ("exercises", "the exercises changed"),
                   ("release", "the chapter's release changed"),
                   ("settings", "the secret or the time limits changed"))
        return ", ".join(reason for name, reason in reasons
                         if getattr(self, name) != getattr(older, name))


@dataclass(frozen=True)
class Handed:
    """What one student handed in.

    Attributes
    ----------
    task : Task
    found : Found
    timestamp : str
        nbgrader's time of handing in; "" if there is none that can be read.
    """

    task: Task
    found: Found
    timestamp: str = ""


def plan(chapters, root, excluded=()):
    """List the submissions of the given chapters.

    Parameters
    ----------
    chapters : iterable of str
    root : str or Path
    excluded : collection of str
        Students to leave out.

    Returns
    -------
    list of Task, by chapter and student.
    """
    folders = Path(root, "classroom", "submitted")
    found = sorted(folders.glob("*/*")) if folders.is_dir() else []
    return [Task(chapter, folder.parent.name) for chapter in chapters for folder in found
            if folder.name == chapter and folder.is_dir() and folder.parent.name not in excluded]


def misplaced(chapters, root):
    """List the notebooks among the submissions that lie in no chapter's folder.

    Parameters
    ----------
    chapters : iterable of str
        All that have a master; whatever else is released in ``course/`` is left to nbgrader.
    root : str or Path

    Returns
    -------
    list of Path, below ``classroom/submitted``
    """
    folder = Path(root, "classroom", "submitted")
    known = {*chapters, *(path.name for path in Path(root, "course").glob("*"))}
    found = [path.relative_to(folder) for pattern in ("*.ipynb", "*/*.ipynb", "*/*/*.ipynb")
             for path in folder.glob(pattern)]
    return sorted(path for path in found if not any(part.startswith(".") for part in path.parts)
                  and (len(path.parts) < 3 or path.parts[1] not in known))


def name_fault(student):
    """Say why a student's name cannot be graded under; "" if it can."""
    if shown(student) == student:
        return ""
    return ("the name of its folder holds control characters, or bytes that are no text, which "
            "nothing can show: rename the folder")


def shown(name):
    """Write a file's name without what would act on a terminal, or cannot be written at all."""
    return "".join(c.encode("unicode_escape").decode() if unicodedata.category(c) in ("Cc", "Cs")
                   else c for c in name)


def collect(task, root):
    """Read what was handed in for a task.

    Returns
    -------
    Handed
    """
    folder = Path(root, "classroom", "submitted", task.student, task.chapter)
    found, stamp = find(folder / f"{task.chapter}.ipynb"), folder / TIMESTAMP
    try:
        if stamp.is_symlink() or not stamp.is_file():
            return Handed(task, found)
        with stamp.open(encoding="utf-8") as file:
            text = file.read(MAX_TIMESTAMP).strip()
        parse_utc(text)
    except (OSError, ValueError, OverflowError):  # a UnicodeDecodeError is a ValueError
        note = f"{TIMESTAMP} holds no time: it counts as handed in on time"
        return Handed(task, dataclasses.replace(found, notes=(*found.notes, note)))
    return Handed(task, found, text)


def key_of(handed, release, settings):
    """The key of one submission.

    Parameters
    ----------
    handed : Handed
    release : str
        The text of the released notebook.
    settings : str
        See `settings_digest`.

    Returns
    -------
    Key
    """
    found = handed.found
    submission = _digest(found.data, repr((found.fault, found.notes, handed.timestamp)).encode())
    return Key(submission, _digest(release.encode()), exercises_digest(handed.task.chapter),
               settings)


@functools.cache
def exercises_digest(chapter):
    """Digest of the exercise bank of a chapter: the package, without what other chapters own.

    The part of the grader that decides is in it as well.

    Raises
    ------
    Problem
        A file of the package cannot be read.
    """
    files = [path for path in sorted((PACKAGES / "mlp_helpers").rglob("*"))
             if path.is_file() and path.suffix != ".pyc" and _belongs(path, chapter[:2])]
    files += [PACKAGES / "autograder" / f"{name}.py" for name in DECIDING]
    try:
        parts = [part for path in files
                 for part in (str(path.relative_to(PACKAGES)).encode(), path.read_bytes())]
    except OSError as error:
        raise Problem(f"{error.filename} cannot be read: {error.strerror}") from error
    return _digest(*parts)


def settings_digest(secret, *limits):
    """Digest of the secret and the time limits, from which neither can be found."""
    return hmac.new(secret, repr(limits).encode(), hashlib.sha256).hexdigest()


def _belongs(path, number):
    owner = OF_A_CHAPTER.search(path.name)
    return owner is None or owner.group(1) == number


def _digest(*parts):
    """A digest of byte strings in which each keeps its borders."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
