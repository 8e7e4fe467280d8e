"""What this machine can do for grading: versions, tools, files, and the level of isolation."""

from __future__ import annotations

import platform
import shutil
import sys
from importlib import metadata
from pathlib import Path

NEEDED = ("numpy", "matplotlib", "jupyterlab", "nbgrader", "jupytext")
LIMITS = ("limits only: time, memory, file size and open files of each submission are bounded; "
          "its files and its network are not walled off")
ADVICE = "grade submissions that you do not trust on a machine or in a container of their own"


def findings(root):
    """Look at everything that grading needs.

    Parameters
    ----------
    root : Path
        The course's folder.

    Returns
    -------
    list of (str, bool, str)
        What was looked at, whether grading can go on with it, and what was seen.
    """
    return [
        _python(),
        *(_distribution(name) for name in NEEDED),
        _command("alembic", "nbgrader makes its database with it: activate the .venv"),
        _worker(),
        _chapters(root),
        _secret(root),
        ("isolation", True, LIMITS),
    ]


def _python():
    version = platform.python_version()
    return ("Python", sys.version_info >= (3, 11), f"{version} on {platform.system()}")


def _distribution(name):
    try:
        return (name, True, metadata.version(name))
    except metadata.PackageNotFoundError:
        return (name, False, "not installed: run `make install`, or pip install -e '.[teach]'")


def _command(name, advice):
    # the environment may be in use without being activated
    path = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    return (name, path is not None, "found" if path else f"not found; {advice}")


def _worker():
    """Start the worker process as grading does; it needs what Linux gives."""
    if sys.platform != "linux":
        return ("worker process", False, "needs Linux: use WSL2 or a container")
    from .session import Worker, WorkerError

    try:
        with Worker() as worker:
            worker.start(cpu_seconds=1).close()
            worker.end()
    except WorkerError as error:
        return ("worker process", False, str(error))
    return ("worker process", True, "starts, and can be ended")


def _chapters(root):
    masters = sorted(path.stem for path in (root / "solutions").glob("[0-9][0-9]_*.py"))
    missing = [m for m in masters if not (root / "course" / m / f"{m}.ipynb").is_file()]
    if not masters:
        return ("chapters", False, f"no masters in {root / 'solutions'}")
    if missing:
        return ("chapters", False, f"not built: {', '.join(missing)}; run `mlp-course build`")
    return ("chapters", True, ", ".join(masters))


def _secret(root):
    path = root / "classroom" / "secret"
    if not path.exists():
        return ("course secret", True, "none yet; the first `mlp-course grade` makes one")
    if path.stat().st_mode & 0o077:
        return ("course secret", False, f"readable by others; run: chmod 600 '{path}'")
    return ("course secret", True, f"{path}, readable by you only")
