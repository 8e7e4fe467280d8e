"""What holds the untrusted side: resource limits for each child, and no orphan left behind.

These are rlimits and the signals of the process tree. They bound memory, CPU time, file size and
open files of one child; they do not hide files, the network or other processes. `wrap` and `enter`
are the two places where the operating system's confinement goes: around the worker, and in each
child.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import time
from pathlib import Path

MEMORY = 4 * 2**30
FILE_SIZE = 32 * 2**20
OPEN_FILES = 256

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


def wrap(command):
    """Give the command line that starts the worker inside its confinement."""
    return command


def enter(cpu_seconds):
    """Take this child's limits; nothing that runs afterwards can raise them again.

    Parameters
    ----------
    cpu_seconds : float
        CPU time for everything that the child runs.
    """
    die_with_parent()
    limits = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CPU: int(cpu_seconds) + 1,
        resource.RLIMIT_FSIZE: FILE_SIZE,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in limits.items():
        _, hard = resource.getrlimit(kind)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


def die_with_parent():
    """Ask the kernel to kill this process when its parent ends."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans():
    """Become the parent of every orphan below this process, so that `kill_children` finds it."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def kill_children(seconds=5.0):
    """Kill every process below this one and wait for its end.

    Parameters
    ----------
    seconds : float
        How long to go on while new ones appear.

    Returns
    -------
    dict of int to int, process id -> wait status, for each that ended.
    """
    ended, deadline = {}, time.monotonic() + seconds
    while time.monotonic() < deadline:
        for pid in _children():
            os.kill(pid, signal.SIGKILL)
        try:
            pid, status = os.waitpid(-1, 0)
        except ChildProcessError:
            return ended
        ended[pid] = status
    raise TimeoutError("processes of a submission go on starting new ones")


def _children():
    """List the direct children of this process, dead ones that were not yet awaited included."""
    return [
        int(pid)
        for task in Path("/proc/self/task").iterdir()
        for pid in (task / "children").read_text().split()
    ]


def _prctl(option, value):
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
