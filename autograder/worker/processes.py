"""Processes that end with their parent, and how to end all that a submission started."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def die_with_parent(number=None):
    """Ask the kernel to send this process a signal, or to kill it, when its parent ends."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL if number is None else number)


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
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
