"""The worker's process as the judge sees it: started at a level that holds, as canaries show."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ..ground import scratch
from ..ground.errors import Problem
from ..worker import canaries, confinement, wire

START_SECONDS = 60.0
END_SECONDS = 10.0
ELSEWHERE = ", or set TMPDIR to a folder on another disk"


class WorkerError(Problem):
    """The worker process itself did not start, or cannot be confined."""


class Worker:
    """The zygote process: forks one child at a time. Use as a context manager, or `close` it.

    Parameters
    ----------
    levels : tuple of str
        Levels of confinement (see `autograder.worker.confinement`) to try, best first. At
        every start the first that holds, shown by canaries in a real child, is taken.
    packages : tuple of str
        Distributions that submissions may import beside `autograder.worker.visible_files.ALLOWED`.

    Attributes
    ----------
    level : str or None
        The level that holds; None before the first start.
    stopped : dict of str to str
        What the canaries said at the last start, see `autograder.worker.canaries.attempt`.
    """

    def __init__(
        self, levels: Sequence[str] = confinement.CONFINED, packages: Sequence[str] = ()
    ) -> None:
        self.packages = tuple(packages)
        self.levels, self.level, self.stopped = levels, None, {}
        self._process = self._control = self._home = self._words = None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def start(self, cpu_seconds: int) -> socket.socket:
        """Fork a child; give the judge's end of the channel to it.

        Raises
        ------
        WorkerError
            The worker does not start on this machine, cannot be confined, or has no room for files;
        the text says why.
        """
        if self._process is None or self._process.poll() is not None:
            self._launch()
        if self._home is not None:
            try:
                scratch.require_room(os.path.dirname(self._home), ELSEWHERE)
            except Problem as error:
                raise WorkerError(str(error)) from error
        return self._fork(cpu_seconds)

    def _fork(self, cpu_seconds):
        ours, theirs = wire.channel()
        try:
            with theirs:
                socket.send_fds(self._control, [b"start %d" % cpu_seconds], [theirs.fileno()])
            wire.receive(ours, START_SECONDS)
        except (OSError, wire.WireError) as error:  # TimeoutError is an OSError
            ours.close()
            raise self._failed() from error
        return ours

    def end(self) -> int:
        """Kill everything that the submission started; give the child's wait status.

        A worker that does not answer is killed itself; the next `start` launches a new one.
        """
        try:
            self._control.settimeout(END_SECONDS)
            self._control.send(b"end")
            status = wire.receive(self._control, END_SECONDS)
        except (OSError, wire.WireError):
            self.close()
            return signal.SIGKILL
        return status if type(status) is int else 0

    def close(self) -> None:
        """End the worker and everything below it, and remove its folder."""
        if self._process is None:
            return
        self._control.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._words.close()
        if self._home is not None:  # a worker that was killed could not do it
            scratch.remove(self._home)
        self._process = self._control = self._home = self._words = None

    def _launch(self):
        """Start at the best level that holds."""
        self.level, self.stopped, reasons = None, {}, []
        for level in self.levels:
            try:
                self._launch_at(level)
            except (WorkerError, confinement.Unavailable) as error:
                self.close()
                reasons.append(f"{level}: {error}")
            else:
                self.level = level
                return
        if self.levels == (confinement.NONE,):
            raise WorkerError(reasons[0])
        raise WorkerError(
            f"submissions cannot be confined here ({'; '.join(reasons)}). "
            "`mlp-course doctor` says what helps; --unsafe-no-sandbox grades "
            "without, if you trust every submission"
        )

    def _launch_at(self, level):
        self.close()
        self._control, theirs = wire.channel()
        self._words = tempfile.TemporaryFile("w+")
        command = [sys.executable, "-P", "-m", "autograder.worker.zygote", "--level", level]
        command += [f"--package={name}" for name in self.packages]
        with theirs:
            self._process = subprocess.Popen(
                confinement.wrap([*command, "--fd", str(theirs.fileno())], level, self.packages),
                env=_environment(level),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._words,
            )
        try:
            home = wire.receive(self._control, START_SECONDS)
        except (OSError, wire.WireError) as error:
            raise self._failed() from error
        self._home = home if level != "full" else None  # there it is in a file system of its own
        self.stopped = self._try_canaries()
        escaped = canaries.not_held(level, self.stopped)
        if escaped:
            raise WorkerError(f"not held: {', '.join(escaped)}")

    def _try_canaries(self):
        """Let the canaries loose in a child of their own; give what stopped each."""
        with canaries.Cage() as cage, self._fork(cpu_seconds=5) as sock:
            try:
                wire.send(sock, {"canaries": cage.place}, START_SECONDS)
                found = wire.receive(sock, START_SECONDS)
            except (OSError, wire.WireError) as error:
                raise self._failed() from error
        self.end()
        return found

    def _failed(self):
        """Close the worker; make an error of its last words."""
        self._process.kill()
        self._words.seek(0)
        last = (self._words.read().strip().splitlines() or ["it said nothing"])[-1]
        self.close()
        return WorkerError(f"the grading worker did not start: {last}")


def _environment(level):
    """What the worker sees of our environment: where Python and the font cache are; no secret."""
    kept = ("HOME", "PATH", "LANG", "TMPDIR", "MPLCONFIGDIR", "XDG_CACHE_HOME", "LD_LIBRARY_PATH")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    if level == "full":  # our folders are not there
        environment |= {"HOME": "/tmp", "TMPDIR": "/tmp", "MPLCONFIGDIR": "/tmp/matplotlib"}
    packages = str(Path(__file__).resolve().parents[2])
    threads = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    return environment | threads | {"PYTHONPATH": packages, "MPLBACKEND": "Agg"}
