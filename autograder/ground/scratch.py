"""Scratch space: temporary folders that go with their owner, and how much is written into them.

A folder is locked by the process that made it. The kernel takes the lock away when that process
ends, however it ends: a folder that nobody has locked is left over, and the next one of the same
user that is made removes it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import Self

from .errors import Problem

try:
    import fcntl
except ImportError:  # Windows, where chapters can be built: left-overs stay
    fcntl = None  # type: ignore[assignment]

FILE_SIZE = 16 * 2**20
DISK = 64 * 2**20  # all files of one submission
FILES = 1000
ROOM = 4 * DISK  # that has to be free: what is past a limit is seen a moment later
MARK = "-scratch"
NAME = re.compile(rf"mlp-[a-z]+-\w{{8}}{MARK}")


# --- folders -------------------------------------------------------------------------------------


class Folder:
    """A temporary folder that is removed at the end; a context manager.

    Parameters
    ----------
    kind : str
        What it is for, as a part of its name.

    Attributes
    ----------
    path : str
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __enter__(self) -> Self:
        remove_left_over()
        while True:  # another process may take it for a left-over before it is locked
            self.path = tempfile.mkdtemp(MARK, f"mlp-{self.kind}-")
            try:
                self._lock = _locked(self.path)
            except FileNotFoundError:
                continue
            if os.path.isdir(self.path):
                return self
            self.disown()

    def __exit__(self, *error: object) -> None:
        remove(self.path)
        self.disown()

    def disown(self) -> None:
        """Give the lock up, as a process has to that was forked from the owner."""
        if self._lock is not None:
            os.close(self._lock)


def _locked(path, wait=True):
    """Lock a folder of this user's; give the descriptor that holds the lock, None if there is none.

    Raises
    ------
    BlockingIOError
        It is locked, and we do not wait.
    OSError
        It is no folder, a link, or gone.
    """
    if fcntl is None:
        return None
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if os.fstat(handle).st_uid != os.geteuid():
            raise PermissionError(f"{path} belongs to another user")
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle


def remove_left_over() -> None:
    """Remove the folders that runs of this user left when they were killed."""
    if fcntl is None:
        return
    for entry in os.scandir(tempfile.gettempdir()):
        if NAME.fullmatch(entry.name):
            # of another user, of a run that lives, a link, or gone meanwhile: not ours to remove
            with contextlib.suppress(OSError):
                lock = _locked(entry.path, wait=False)
                try:
                    remove(entry.path)
                finally:
                    os.close(lock)


def remove(folder: str | Path) -> None:
    """Remove a folder of a submission's, however deep it is and whatever its modes are."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except (OSError, RecursionError):
        for command in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
            subprocess.run([*command, "--", folder], check=False, stderr=subprocess.DEVNULL)


# --- how much is written -------------------------------------------------------------------------


def room(folder: str | Path) -> tuple[int, int]:
    """Bytes and files for which there is room on a folder's disk: (int, int)."""
    about = os.statvfs(folder)
    return about.f_bavail * about.f_frsize, about.f_favail


def require_room(folder: str | Path, advice: str = "") -> None:
    """Make sure that there is room on a folder's disk before a submission is run.

    Parameters
    ----------
    folder : str or Path
    advice : str
        What helps beside making room.

    Raises
    ------
    Problem
        There is less than `ROOM`.
    """
    free, _ = room(folder)
    if free < ROOM:
        raise Problem(
            f"{folder}: its disk has {free // 2**20} MiB free, and grading needs "
            f"{ROOM // 2**20} MiB: make room there{advice}, and run this again"
        )


def has_shrunk(before: tuple[int, int], now: tuple[int, int]) -> bool:
    """Whether so much has been written, by anybody, that a submission may be past its limits."""
    return before[0] - now[0] > DISK // 4 or before[1] - now[1] > FILES // 4


def overfull(folder: str, pid: int) -> bool:
    """Whether a submission has written more than `DISK` bytes or `FILES` files.

    Parameters
    ----------
    folder : str
    pid : int
        Its process, which may hold files that have no name any more.
    """
    size, count, todo = FILE_SIZE * _nameless(pid), 0, [folder]
    while todo:
        try:
            entries = list(itertools.islice(os.scandir(todo.pop()), FILES + 1))
        except FileNotFoundError:  # removed meanwhile
            continue
        except OSError:  # too deep, or closed to us: nothing that a chapter needs
            return True
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):
                size, count = size + entry.stat(follow_symlinks=False).st_blocks * 512, count + 1
                if entry.is_dir(follow_symlinks=False):
                    todo.append(entry.path)
        if size > DISK or count > FILES:
            return True
    return False


def _nameless(pid):
    """Count the removed files that a process still holds open or mapped; each may be full."""
    found: set[tuple[object, ...]] = set()
    with contextlib.suppress(OSError):  # the process has ended
        for line in Path(f"/proc/{pid}/maps").read_text(errors="replace").splitlines():
            if line.endswith(" (deleted)"):
                found.add(tuple(line.split()[3:5]))  # device and inode
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                about = link.stat()
                if stat.S_ISREG(about.st_mode) and not about.st_nlink:
                    found.add((about.st_dev, about.st_ino))
    return len(found)
