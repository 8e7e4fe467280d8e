"""What this machine can do for grading: versions, tools, files, and what confines submissions."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from ..ground.table import table

NEEDED = ("numpy", "matplotlib", "jupyterlab", "nbgrader", "jupytext")
INSTALL = "run `make install` in a clone, or pip install 'mlp-course[teach]'"
# A level -> how to reach it, after the reason why it is not reached.
WAYS = {
    "full": "Install bubblewrap (Debian, Ubuntu: apt install bubblewrap; Fedora: dnf install "
    "bubblewrap). If it is installed, the system forbids it to make namespaces: allow it "
    "an AppArmor profile (Ubuntu 24.04), or user namespaces in your container",
    "landlock": "It needs Linux 5.13 or newer with Landlock switched on, libseccomp, and the "
    f"packages landlock and pyseccomp: {INSTALL}",
}
NO_CLASS = ("class folder", True, "none here; `mlp-course init DIR` writes one")
REFUSED = (
    "none: grading refuses to run. --unsafe-no-sandbox grades without confinement and "
    "records that with each grade; use it only if you trust every submission"
)


@dataclass(frozen=True)
class Trial:
    """How one level of confinement did on this machine.

    Attributes
    ----------
    level : str
    holds : bool
    stopped : dict of str to str
        Canary -> the error that stopped it, "" if it escaped; empty if none could be tried.
    reason : str
        Why the level does not hold; "" if it does.
    """

    level: str
    holds: bool
    stopped: dict[str, str]
    reason: str = ""


def examine(root):
    """Look at everything that grading needs.

    Parameters
    ----------
    root : Path or None
        The class's folder, if there is one.

    Returns
    -------
    (str, bool)
        A report, and whether grading can run.
    """
    found, trials = findings(root), try_levels()
    rows = [(name, "ok" if good else "MISSING", text) for name, good, text in found]
    good = all(good for _, good, _ in found) and any(trial.holds for trial in trials)
    return f"{table(['what', 'state', 'seen'], rows)}\n\n{confinement(trials)}", good


def findings(root: Path | None) -> list[tuple[str, bool, str]]:
    """Look at versions, tools and files.

    Returns
    -------
    list of (str, bool, str)
        What was looked at, whether grading can go on with it, and what was seen.
    """
    return [
        _python(),
        *(_distribution(name) for name in NEEDED),
        _command("alembic", "nbgrader makes its database with it: activate the .venv"),
        *([_chapters(root), _secret(root)] if root else [NO_CLASS]),
    ]


# --- confinement ---------------------------------------------------------------------------------


def try_levels() -> list[Trial]:
    """Start a worker at each level and let its canaries loose.

    Returns
    -------
    list of Trial, best level first; empty where there is no Linux.
    """
    if sys.platform != "linux":
        return []
    from ..worker.confinement import CONFINED

    return [_try(level) for level in CONFINED]


def _try(level):
    from ..judge.worker_process import Worker, WorkerError

    with Worker((level,)) as worker:
        try:
            worker.start(cpu_seconds=1).close()
            worker.end()
        except WorkerError as error:
            return Trial(level, False, worker.stopped, str(error))
        return Trial(level, True, worker.stopped)


def confinement(trials: Sequence[Trial]) -> str:
    """Put the trials into words: a table of canaries, the level, its limits, and the next one.

    Parameters
    ----------
    trials : list of Trial

    Returns
    -------
    str
    """
    if not trials:
        return f"confinement: {REFUSED}.\nSubmissions run on Linux only: use WSL2 or a container."
    from ..worker.canaries import CANARIES
    from ..worker.confinement import NOT_COVERED

    rows = [
        (text, *(_seen(trial, name) for trial in trials)) for name, (text, _) in CANARIES.items()
    ]
    header = ["a submission tries to", *(trial.level for trial in trials)]
    best = next((trial.level for trial in trials if trial.holds), None)
    lines = [
        table(header, rows),
        "",
        f"confinement: {best}\nnot covered: {NOT_COVERED[best]}"
        if best
        else f"confinement: {REFUSED}",
    ]
    for trial in trials:
        if trial.holds:
            break
        lines.append(f"{trial.level} does not hold: {trial.reason}. {WAYS[trial.level]}.")
    return "\n".join(lines)


def _seen(trial, name):
    if name not in trial.stopped:
        return "not tried"
    reason = trial.stopped[name]
    return f"stopped ({reason})" if reason else "POSSIBLE"


# --- the rest ------------------------------------------------------------------------------------


def _python():
    version = platform.python_version()
    return ("Python", sys.version_info >= (3, 11), f"{version} on {platform.system()}")


def _distribution(name):
    try:
        return (name, True, metadata.version(name))
    except metadata.PackageNotFoundError:
        return (name, False, f"not installed: {INSTALL}")


def _command(name, advice):
    # the environment may be in use without being activated
    path = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    return (name, path is not None, "found" if path else f"not found; {advice}")


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
