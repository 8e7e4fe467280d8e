"""What holds the untrusted side, from kept parts: bubblewrap, Landlock, seccomp and rlimits.

- ``full``: bubblewrap around the worker (what is not bound is absent, no network, processes of its
  own), and Landlock, seccomp and rlimits in each child.
- ``landlock``: Landlock, seccomp and rlimits in each child; names and sizes of files are visible.
- ``none``: rlimits alone, for submissions that are trusted.

`wrap` is applied by the judge, `Confinement` by the zygote in each child. Whether a level holds on
this machine is never assumed: `autograder.worker.canaries` proves it in a real child.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from pathlib import Path

from ..ground import scratch
from . import syscalls, visible_files
from .processes import die_with_parent

CONFINED = ("full", "landlock")  # best first
NONE = "none"
NOT_COVERED = {
    "full": "a child sees the system's own files, and can tell that it is being graded",
    "landlock": "names and sizes of files are visible to submissions (their contents are not)",
    NONE: "files, network and other processes are open to submissions: only time, memory and "
    "file sizes are limited",
}

MEMORY = 2 * 2**30
OPEN_FILES = 64


class Unavailable(RuntimeError):
    """A level that this machine does not offer; the text says what is missing."""


# --- around the worker ---------------------------------------------------------------------------


def wrap(command, level, packages=()):
    """Give the command line that starts the worker at a level.

    Parameters
    ----------
    command : list of str
    level : str
    packages : tuple of str
        Distributions that a submission may import beside `autograder.worker.visible_files.ALLOWED`.

    Returns
    -------
    list of str

    Raises
    ------
    Unavailable
        The level is ``full`` and bubblewrap is not installed.
    """
    if level != "full":
        return command
    bubblewrap = shutil.which("bwrap")
    if bubblewrap is None:
        raise Unavailable("bubblewrap is not installed")
    separate = ["user", "ipc", "pid", "net", "uts"]
    return [
        bubblewrap,
        *(f"--unshare-{kind}" for kind in separate),
        "--unshare-cgroup-try",
        "--die-with-parent",
        "--cap-drop",
        "ALL",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        *_size(bubblewrap),
        "--tmpfs",
        "/tmp",
        *_binds(packages),
        "--remount-ro",
        "/",
        "--chdir",
        "/tmp",
        "--",
        *command,
    ]


def _size(bubblewrap):
    """Arguments that bound the folder in memory, where bubblewrap knows them (from 0.7 on)."""
    text = subprocess.run([bubblewrap, "--help"], capture_output=True, text=True).stdout
    return ["--size", str(scratch.ROOM)] if "--size " in text else []


def _binds(packages=()):
    """Arguments that show the system, Python, the students' edition and the worker, read-only."""
    secrets, found = visible_files.hidden(packages), []
    for folder in visible_files.public_folders():
        found += ["--ro-bind", folder, folder]
        for mask in visible_files.masks(folder, secrets):
            found += ["--tmpfs", mask] if mask.is_dir() else ["--ro-bind", "/dev/null", mask]
    for path in (*visible_files.student_files(), *visible_files.worker_files()):
        found += ["--ro-bind", path, path]
    for path in _font_caches():  # else every worker would search the machine for fonts
        found += ["--ro-bind", path, Path("/tmp/matplotlib", path.name)]
    return list(map(str, found))


def _font_caches():
    """The user's lists of fonts, as matplotlib keeps them."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = os.environ.get("MPLCONFIGDIR") or os.path.join(cache, "matplotlib")
    return sorted(Path(folder).glob("fontlist-*.json"))


# --- in each child -------------------------------------------------------------------------------


class Confinement:
    """What each child of one worker takes upon itself; prepared once, in the zygote.

    Parameters
    ----------
    level : str
    packages : tuple of str
        As `wrap` takes them.

    Raises
    ------
    Unavailable
        A library or the kernel lacks what the level needs.
    """

    def __init__(self, level, packages=()):
        self.level = level
        if level == NONE:
            return
        try:
            import landlock

            landlock.landlock_abi_version()
        except (ImportError, OSError) as error:
            raise Unavailable(f"Landlock cannot be used ({_one_line(error)})") from error
        try:
            self._filter = syscalls.make_filter()
        except (ImportError, RuntimeError, OSError) as error:
            raise Unavailable(f"seccomp cannot be used ({_one_line(error)})") from error
        self._rules = self._make_rules(*_visible(packages))

    def enter(self, folder, cpu_seconds):
        """Take the limits; nothing that runs afterwards can loosen them.

        Parameters
        ----------
        folder : str
            The one folder in which files may be written.
        cpu_seconds : float
            CPU time for everything that the child runs.
        """
        die_with_parent()
        _limit(cpu_seconds)
        if self.level == NONE:
            return
        self._hide_files(folder)
        syscalls.load_filter(self._filter)

    def _make_rules(self, readable, listable):
        """The rules that all children share; each adds its folder, which goes when it goes."""
        from landlock import FSAccess, Ruleset

        ctypes.set_errno(0)  # the library takes an old errno for its own
        read = FSAccess.READ_FILE | FSAccess.READ_DIR
        rules = Ruleset()
        for path in readable:
            rules.allow(path, rules=read if os.path.isdir(path) else FSAccess.READ_FILE)
        rules.allow(*listable, rules=FSAccess.READ_DIR)
        rules.allow("/dev/null", rules=FSAccess.READ_FILE | FSAccess.WRITE_FILE)
        return rules

    def _hide_files(self, folder):
        from landlock import FSAccess

        ctypes.set_errno(0)
        special = (
            FSAccess.EXECUTE
            | FSAccess.MAKE_CHAR
            | FSAccess.MAKE_BLOCK
            | FSAccess.MAKE_SOCK
            | FSAccess.MAKE_FIFO
        )
        self._rules.allow(folder, rules=FSAccess.all() & ~special)
        self._rules.apply()


def _visible(packages=()):
    """Paths to be read, and folders of which only the names may be."""
    secrets = visible_files.hidden(packages)
    readable = [Path("/dev", name) for name in ("zero", "random", "urandom")]
    listable = [visible_files.PACKAGES / "mlp_helpers"]
    for folder in visible_files.public_folders():
        whole, split = visible_files.parts(folder, secrets)
        readable, listable = readable + whole, listable + split
    readable += visible_files.student_files()
    return list(dict.fromkeys(readable)), list(dict.fromkeys(listable))


def _limit(cpu_seconds):
    """Set the limits on memory, CPU time, file size and open files."""
    import resource

    limits = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CPU: int(cpu_seconds) + 1,
        resource.RLIMIT_FSIZE: scratch.FILE_SIZE,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in limits.items():
        _, hard = resource.getrlimit(kind)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


def _one_line(error):
    text = getattr(error, "strerror", None) or str(error)
    return (text.splitlines() or [type(error).__name__])[0]
