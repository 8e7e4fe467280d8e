"""The untrusted side: a process that holds no answer, no seed and no score.

``python -m autograder.worker.zygote --fd N --level full`` becomes a *zygote*: it imports NumPy,
matplotlib and IPython once and then forks one child per submission. The child confines itself,
runs the student's cells and answers calls of the student's functions with plain data. The judge
decides elsewhere.

On the control socket the judge sends ``start`` with the child's end of a new channel, or ``end``,
which kills everything that the submission started. The zygote leaves when the judge does.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import gc
import importlib
import os
import random
import resource
import select
import signal
import socket
import stat
import sys
import tempfile
import time

from ..ground import scratch
from . import canaries, processes, visible_files, wire
from . import confinement as sandbox

KEY = tuple(f"mlp_helpers.{name}" for name in visible_files.KEY)
LOOK_SECONDS = 0.2  # between two looks at what a submission has written
GLANCE_SECONDS = 0.02  # between two looks at the room on its disk, which cost next to nothing
NOTES = {  # what needs the answers does nothing while a notebook is graded, and says so
    "checked by the grader": ("check", "check_yours", "evaluate"),
    "shown in your own notebook, not in the graded copy": (
        "case",
        "exercises",
        "hint",
        "progress",
        "quiz",
    ),
}
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "Agg",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


# --- the zygote ----------------------------------------------------------------------------------


def main(arguments=None):
    """Run the zygote on the control socket whose descriptor is given."""
    parser = argparse.ArgumentParser(prog="python -m autograder.worker.zygote")
    parser.add_argument("--fd", type=int, required=True, help="the control socket's descriptor")
    parser.add_argument("--level", required=True, choices=(*sandbox.CONFINED, sandbox.NONE))
    parser.add_argument("--package", action="append", default=[], dest="packages")
    options = parser.parse_args(arguments)
    control = socket.socket(fileno=options.fd)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)  # the clerk's limit is none of ours
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
    # When the judge dies, end as if it had left: nothing stays behind.
    signal.signal(signal.SIGTERM, lambda *_: control.shutdown(socket.SHUT_RDWR))
    processes.die_with_parent(signal.SIGTERM)
    processes.adopt_orphans()
    with scratch.Folder("worker") as home:
        try:
            packages = tuple(options.packages)
            confinement = sandbox.Confinement(options.level, packages)
            shell = _prepare(
                home.path,
                set()
                if options.level == sandbox.NONE
                else {path.name.split(".")[0] for path in visible_files.not_allowed(packages)},
            )
            wire.send(control, home.path)
            _serve(control, shell, home, confinement)
        finally:
            processes.kill_children()


def _prepare(home, closed):
    """Import once what every notebook needs, and make sure that no answer came along."""
    import numpy.random  # noqa: F401  (for the children)

    from .quiet_shell import make_shell, warm_up

    for name in sorted(visible_files.student_modules()):
        importlib.import_module(name)
    shell = make_shell(home)
    found = [name for name in sys.modules if _holds_answers(name)]
    if found:
        raise RuntimeError(f"modules that hold answers were imported: {', '.join(found)}")
    os.environ.clear()
    os.environ.update(ENVIRONMENT)
    warm_up(shell)
    _student_edition(closed)
    gc.collect()
    gc.freeze()  # a child's collector leaves alone what was there before it, and shares its memory
    return shell


def _serve(control, shell, home, confinement):
    """Answer the judge until it leaves: fork a child for ``start``, kill it for ``end``."""
    while True:
        word, descriptors, _, _ = socket.recv_fds(control, 64, 1)
        if not word:
            return
        if word.startswith(b"start"):
            folder = tempfile.mkdtemp(prefix="submission-", dir=home.path)
            pid = os.fork()
            if pid == 0:
                control.close()
                home.disown()
                sock = socket.socket(fileno=descriptors[0])
                _child(sock, shell, folder, confinement, int(word.split()[1]))
            os.close(descriptors[0])
            overfull = _watch(control, pid, folder)
        else:
            ended = processes.kill_children()
            scratch.remove(folder)
            wire.send(control, int(signal.SIGXFSZ) if overfull else ended.get(pid, 0))


def _watch(control, pid, folder):
    """Wait for the judge's next word; kill a child that writes too much, and say so."""
    room, looked = scratch.room(folder), time.monotonic()
    while not select.select([control], [], [], GLANCE_SECONDS)[0]:
        left, now = scratch.room(folder), time.monotonic()
        if now - looked < LOOK_SECONDS and not scratch.has_shrunk(room, left):
            continue
        room, looked = left, now
        if scratch.overfull(folder, pid):
            os.kill(pid, signal.SIGKILL)
            return True
    return False


# --- one child, one submission -------------------------------------------------------------------


def _child(sock, shell, folder, confinement, cpu_seconds):
    """Be the process of one submission; never returns."""
    try:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _silence()
        os.chdir(folder)
        os.environ["HOME"] = os.environ["TMPDIR"] = tempfile.tempdir = folder
        sys.path.insert(0, "")  # as in a notebook: what a cell writes here, another may import
        _reseed()
        _own_files()
        confinement.enter(folder, cpu_seconds)
        wire.send(sock, "ready")
        _answer(sock, shell)
        os._exit(0)
    finally:
        os._exit(1)


def _silence():
    """Point the three standard descriptors at nothing: input() meets the end of the file."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    sys.stdin = open(os.devnull, encoding="utf-8")


def _reseed():
    """Give this child random numbers of its own; a fork inherits its parent's state."""
    import numpy as np

    random.seed()
    np.random.seed()


def _own_files():
    """Open the zygote's files (its fonts) anew: the place in a file is shared after a fork, and
    one submission could leave a number there for the next."""
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # the descriptor of the list itself is closed
            if stat.S_ISREG(os.fstat(int(name)).st_mode):
                fresh = os.open(f"/proc/self/fd/{name}", os.O_RDONLY)
                os.lseek(fresh, os.lseek(int(name), 0, os.SEEK_CUR), os.SEEK_SET)
                os.dup2(fresh, int(name), inheritable=False)
                os.close(fresh)


def _answer(sock, shell):
    """Answer the judge's requests, one after the other, until it closes the channel."""
    from mlp_helpers import named
    from mlp_helpers.checking.callers import LocalCaller
    from mlp_helpers.checking.values import plain

    def ask(place, x):
        """Ask the judge for a value of a function that is not here."""
        wire.send(sock, {"ask": place, "x": plain(x)})
        reply = wire.receive(sock)
        if "refused" in reply:
            raise ValueError(reply["refused"])
        return reply["value"][()]  # of no axes: a NumPy number, as the function itself gives

    named.ask_by(ask)
    while True:
        try:
            request = wire.receive(sock)
        except wire.Closed:
            return
        if "canaries" in request:
            reply = canaries.attempt(request["canaries"])
        elif "source" in request:
            reply = shell.run(
                request["number"], request["source"], request["replay"], request["goes on"]
            )
        else:
            reply = _call(shell, LocalCaller, request)
        try:
            wire.send(sock, reply)
        except wire.WireError as error:
            wire.send(sock, {"unsendable": str(error)})


def _call(shell, local_caller, request):
    name = request["name"]
    if name not in shell.user_ns:
        return {"undefined": name}
    caller = local_caller(shell.user_ns[name])
    if "count" in request:
        return dataclasses.asdict(caller.work(request["args"], request["count"]))
    if "again" in request:
        return list(map(_reply, caller.rerun(request["args"], request["again"])))
    return [_reply(caller(request["args"]))]


def _reply(answer):
    return {**vars(answer), "error": None if answer.error is None else vars(answer.error)}


# --- what a student may import here --------------------------------------------------------------


def _student_edition(closed):
    """Take the answers, the grader and closed packages out of reach of all children's imports."""
    for name in [name for name in sys.modules if _belongs(name, ("autograder",))]:
        del sys.modules[name]
    sys.meta_path.insert(0, _Gate(closed))
    course = sys.modules["mlp_helpers"]
    for text, names in NOTES.items():
        for name in names:
            setattr(course, name, _note(name, text))


class _Gate:
    """An import hook that says why a module is not there; confinement is what keeps it away."""

    def __init__(self, closed=()):
        self.closed = closed

    def find_spec(self, name, path=None, target=None):
        if _belongs(name, visible_files.FRAMEWORKS):
            raise ImportError(
                f"{name} is not available while a notebook is graded: "
                "write the derivative yourself, with NumPy"
            )
        if _holds_answers(name) or _belongs(name, ("autograder",)):
            raise ImportError(
                f"{name} is not available while a notebook is graded: it answers "
                "exercises; mlp_helpers.plots and mlp_helpers.data are"
            )
        if name in self.closed:
            raise ImportError(
                f"{name} is not available while a notebook is graded: NumPy, "
                "matplotlib and the standard library are"
            )
        return None


def _holds_answers(name):
    """Whether a module may answer an exercise: the key, and what differentiates."""
    return _belongs(name, (*KEY, *visible_files.FRAMEWORKS))


def _note(name, text):
    """A function that says in one line why it does nothing here."""

    def note(*args, **kwargs):
        print(f"({name}: {text})")

    note.__name__ = name
    return note


def _belongs(name, packages):
    return any(name == package or name.startswith(package + ".") for package in packages)


if __name__ == "__main__":
    main()
