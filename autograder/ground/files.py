"""Files that strangers made: looked at before anything is read, and read from what was looked at.

A name is opened once, without following a link and without waiting for a pipe's other end. What
the open descriptor is decides; whatever happens to the name afterwards changes nothing.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import re
import shutil
import stat
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

import dateutil.parser
from dateutil import tz

from .writing import write

TIMESTAMP = "timestamp.txt"
EXCHANGE_SECRET = "submission_secret.txt"  # by which nbgrader's exchange gives feedback back
MAX_SMALL = 1000  # bytes of either
MAX_ENTRIES = 1000  # of one folder
DAYS = datetime(2000, 1, 1), datetime(2004, 2, 2)  # two that share nothing
PLACE = re.compile(r"[A-Za-z]+/[A-Za-z_]+")  # a time zone by its place
EFFECT = {
    TIMESTAMP: f"{TIMESTAMP} holds no time ({{}}): it counts as handed in on time",
    EXCHANGE_SECRET: f"{EXCHANGE_SECRET} is left out ({{}}): nbgrader's exchange cannot give "
    "feedback back",
}
BESIDE = "beside"  # their folder, beside the graded notebook


class Kept(Protocol):
    """A file that is kept beside a graded notebook, and under which name."""

    @property
    def stored(self) -> str: ...

    @property
    def data(self) -> bytes: ...


class Refused(ValueError):
    """A file that is not read; the text says why, without its name."""


class TooLarge(Refused):
    """A file of more bytes than are read."""


def read_file(path: Path, limit: int) -> bytes:
    """Read an ordinary file.

    Parameters
    ----------
    path : Path
        Neither it nor its folder may be a link.
    limit : int
        In bytes; a larger file is not read at all.

    Returns
    -------
    bytes

    Raises
    ------
    FileNotFoundError
    Refused
    """
    handle = _opened(path)
    about = os.fstat(handle)
    if not stat.S_ISREG(about.st_mode):
        os.close(handle)
        raise Refused("it is not an ordinary file")
    with os.fdopen(handle, "rb") as file:
        # a file of the kernel's has no size, and may have no end
        data = file.read(limit + 1) if about.st_size <= limit else b""
    if max(len(data), about.st_size) > limit:
        raise TooLarge(f"it is larger than {limit} bytes")
    return data


def _opened(path):
    """Open a file without following a link and without waiting; give its descriptor."""
    if not hasattr(os, "O_NOFOLLOW"):  # Windows, where a class is reported on, and never graded
        return _opened_by_name(path)
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        folder = os.open(path.parent, flags | os.O_DIRECTORY)
    except NotADirectoryError as error:
        raise Refused("its folder is a link to another place") from error
    except OSError as error:
        raise _refused(error) from error
    try:
        return os.open(path.name, flags | os.O_NONBLOCK, dir_fd=folder)
    except OSError as error:
        raise _refused(error) from error
    finally:
        os.close(folder)


def _opened_by_name(path):
    """The same where the system cannot do that: it looks first, then opens."""
    if path.is_symlink() or path.parent.is_symlink():
        raise Refused("it is not an ordinary file")
    try:
        return os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise _refused(error) from error


def _refused(error):
    if isinstance(error, FileNotFoundError):
        return error
    if error.errno in (errno.ELOOP, errno.ENXIO):  # a link, a socket
        return Refused("it is not an ordinary file")
    return Refused(f"it cannot be read: {error.strerror}")


def entries(folder: str | Path) -> list[str]:
    """List the names in a folder, sorted, at most `MAX_ENTRIES`; none if it cannot be listed."""
    try:
        with os.scandir(folder) as found:
            return sorted(entry.name for entry in itertools.islice(found, MAX_ENTRIES))
    except OSError:
        return []


def small_texts(folder: str | Path) -> tuple[dict[str, str], list[str]]:
    """Read what travels beside a notebook: when it was handed in, and the exchange's secret.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    (dict of str to str, list of str)
        The text of each file, by name, "" where there is none that counts; and what is wrong.
    """
    texts, notes = dict.fromkeys(EFFECT, ""), []
    for name in texts:
        try:
            text = read_file(Path(folder, name), MAX_SMALL).decode("utf-8").strip()
            texts[name] = time_of(text) if name == TIMESTAMP else text
        except FileNotFoundError:
            continue
        except ValueError as error:  # Refused, and what is no text or no time
            why = str(error) if isinstance(error, Refused) else "it is not text"
            notes.append(EFFECT[name].format(why))
    return texts, notes


def time_of(text: str) -> str:
    """Read a time; one without a zone is in UTC, as nbgrader has it.

    Returns
    -------
    str
        The same in UTC, in nbgrader's form.

    Raises
    ------
    Refused
        It is no time, or names a zone that is not known here.
    """
    if not text:
        raise Refused("it is empty")
    try:
        moment, other = (_parsed(text, day) for day in DAYS)
        if moment != other:
            raise Refused("it is not a whole date")
        moment = moment.replace(tzinfo=moment.tzinfo or tz.UTC).astimezone(tz.UTC)
    except Refused:
        raise
    except (ValueError, ArithmeticError) as error:  # dateutil counts with Decimal
        raise Refused("it is not a time") from error
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f UTC")


def _parsed(text, day):
    """Parse a time; what it leaves out of its date is taken from a day."""
    rest, _, place = text.rpartition(" ")
    if PLACE.fullmatch(place):
        return dateutil.parser.parse(rest, default=day).replace(tzinfo=_zone(place, None))
    return dateutil.parser.parse(text, default=day, tzinfos=_zone)


def _zone(name, offset):
    """Find a time zone; nbgrader drops one that it does not know, and takes hours for seconds."""
    zone = tz.gettz(name) if offset is None else tz.tzoffset(name, offset)
    if zone is None:
        raise Refused(
            f"it names a time zone by letters that are not known here, {name[:8]}: write "
            "the hours from UTC instead, such as -0800"
        )
    return zone


def keep_private(path: str | Path, groupshared: bool = False) -> None:
    """Take a file or folder from everybody but its owner, unless the class shares with a group."""
    mask = stat.S_IRWXO if groupshared else stat.S_IRWXG | stat.S_IRWXO
    with contextlib.suppress(FileNotFoundError):
        mode = stat.S_IMODE(os.lstat(path).st_mode)
        if mode & mask and os.lstat(path).st_uid == os.geteuid():
            os.chmod(path, mode & ~mask)


def put_texts(folder: Path, texts: Mapping[str, str], mode: int) -> None:
    """Write what travels beside a notebook; take away what an earlier submission had there.

    Parameters
    ----------
    folder : Path
    texts : dict of str to str
        By the name of the file; one that is "" is not there.
    mode : int
    """
    for name, text in texts.items():
        if text:
            write(folder / name, text, mode)
        else:
            (folder / name).unlink(missing_ok=True)


def put_beside(folder: Path, beside: Iterable[Kept]) -> None:
    """Write the pictures and pages kept for a reader, in the place of an earlier submission's.

    Parameters
    ----------
    folder : Path
    beside : iterable of autograder.judge.handed_in.Beside
    """
    if (folder / BESIDE).is_dir():
        shutil.rmtree(folder / BESIDE)
    for file in beside:
        write(folder / file.stored, file.data, 0o400)
