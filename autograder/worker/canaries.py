"""Canaries: each tries, in a real child, one thing that a submission must not be able to do.

`attempt` runs in the child, before any student's code; `Cage` holds what the canaries go for, on
the judge's side. A canary that gets what it wants says that the level does not hold here.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import threading
from pathlib import Path

from ..ground import scratch
from . import visible_files

ANSWERS = visible_files.PACKAGES / "mlp_helpers" / "answers" / "chapter_01" / "softmax.py"
CLONE_NEWUSER = 0x10000000
MISSING = "/no/such/program"


def _read(place):
    Path(place["secret"]).read_bytes()


def _names(place):
    os.stat(place["secret"])


def _write(place):
    with open(place["victim"], "a") as file:
        file.write("x")


def _create(place):
    Path(place["folder"], "new").touch()


def _truncate(place):
    os.truncate(place["victim"], 0)


def _delete(place):
    os.unlink(place["victim"])


def _chmod(place):
    os.chmod(place["secret"], 0o777)


def _answers(place):
    Path(place["answers"]).read_bytes()


def _connect(place):
    socket.create_connection(("127.0.0.1", place["port"]), timeout=1).close()


def _datagram(place):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs, _short(place["folder"]) as folder:
        ours.sendto(b"x", f"{folder}/mailbox")


@contextlib.contextmanager
def _short(folder):
    """Another path of a folder: a socket's address holds no more than 107 bytes."""
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def _fork(place):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _thread(place):
    threading.Thread(target=int).start()


def _execute(place):
    try:
        os.execv(MISSING, [MISSING])
    except FileNotFoundError:  # so the call itself was let through
        return


def _kill(place):
    os.kill(place["judge"], 0)


def _signal_by_descriptor(place):
    import fcntl

    with open(os.devnull) as file:
        fcntl.fcntl(file, fcntl.F_SETOWN, os.getppid())


def _unshare(place):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")


def _memory(place):
    open(f"/proc/{os.getppid()}/mem", "rb").close()


def _environment(place):
    Path("/proc", str(place["judge"]), "environ").read_bytes()


# name -> (what it tries, how); only "names" may succeed, and only at the level `landlock`
CANARIES = {
    "read": ("read a file of the grader's user", _read),
    "names": ("see a file's name and size", _names),
    "write": ("write into a file", _write),
    "create": ("make a file outside its own folder", _create),
    "truncate": ("empty a file", _truncate),
    "delete": ("delete a file", _delete),
    "chmod": ("change a file's mode", _chmod),
    "answers": ("read the exercises' answers", _answers),
    "connect": ("connect to a port of this machine", _connect),
    "datagram": ("send to a local mailbox socket", _datagram),
    "fork": ("start a process", _fork),
    "exec": ("run a program", _execute),
    "kill": ("signal the grader", _kill),
    "owner": ("have the kernel signal a process", _signal_by_descriptor),
    "unshare": ("make a namespace", _unshare),
    "thread": ("start a thread", _thread),  # after unshare, which a thread would hinder
    "memory": ("open a process's memory", _memory),
    "environment": ("read the grader's environment", _environment),
}
MAY_ESCAPE = {"full": (), "landlock": ("names",), "none": tuple(CANARIES)}


def attempt(place):
    """Try everything.

    Parameters
    ----------
    place : dict
        As `Cage.place` gives it.

    Returns
    -------
    dict of str to str
        Canary -> the error that stopped it, "" if nothing did.
    """
    found = {}
    for name, (_, canary) in CANARIES.items():
        try:
            canary(place)
            found[name] = ""
        except (OSError, RuntimeError) as error:  # RuntimeError: a thread that cannot start
            found[name] = type(error).__name__
    return found


def not_held(level, found):
    """List the canaries that escaped though the level promises to hold them.

    A canary of which nothing is known counts as escaped.
    """
    return [name for name in CANARIES if not found.get(name) and name not in MAY_ESCAPE[level]]


class Cage(scratch.Folder):
    """Files, a port and a mailbox for the canaries to go for; a context manager."""

    def __init__(self):
        super().__init__("canary")

    def __enter__(self):
        super().__enter__()
        self._folder = Path(self.path)
        (self._folder / "secret").write_text("secret")
        (self._folder / "victim").write_text("victim")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._mailbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with _short(self._folder) as folder:
            self._mailbox.bind(f"{folder}/mailbox")
        return self

    def __exit__(self, *error):
        self._listener.close()
        self._mailbox.close()
        super().__exit__(*error)

    @property
    def place(self):
        """Where everything is, as plain data."""
        files = {name: str(self._folder / name) for name in ("secret", "victim")}
        return {
            "folder": str(self._folder),
            **files,
            "answers": str(ANSWERS),
            "judge": os.getpid(),
            "port": self._listener.getsockname()[1],
        }
