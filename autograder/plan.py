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

from .errors import Problem
from .files import EXCHANGE_SECRET, TIMESTAMP, small_texts
from .submission import Found, find

PACKAGES = Path(__file__).resolve().parent.parent
# of autograder
DECIDING = ("files", "judge", "marks", "run", "session", "shell", "submission", "wire", "worker")
OF_A_CHAPTER = re.compile(r"_(\d\d)\.py$")


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
    exchange_secret : str
        By which nbgrader's exchange gives feedback back; "" if there is none.
    """

    task: Task
    found: Found
    timestamp: str = ""
    exchange_secret: str = ""

    @property
    def texts(self):
        """What travels beside the notebook, by the name of the file."""
        return {TIMESTAMP: self.timestamp, EXCHANGE_SECRET: self.exchange_secret}


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
    found = find(folder / f"{task.chapter}.ipynb")
    texts, notes = small_texts(folder)
    found = dataclasses.replace(found, notes=(*found.notes, *notes))
    return Handed(task, found, texts[TIMESTAMP], texts[EXCHANGE_SECRET])


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
    said = repr((found.fault, found.notes, handed.timestamp)).encode()
    submission = _digest(found.data, said, *(b.data for b in found.beside))
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
