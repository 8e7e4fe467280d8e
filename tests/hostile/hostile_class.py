"""Build a class of attackers and honest students, grade it with the real command, look around."""

from __future__ import annotations

import copy
import functools
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat
from attacks import ATTACKS
from nbgrader.api import Gradebook

PROJECT = Path(__file__).resolve().parents[2]
CHAPTER = "01_softmax_jacobian"
EXERCISES = ("logsumexp_rows", "nll")
HONEST = ("a-honest", "m-honest", "z-honest")
NOBODY = 65534
# Runs a command on a machine whose kernel knows no Landlock, as far as it can tell.
WITHOUT_LANDLOCK = """
import errno, os, sys, pyseccomp
filter = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
filter.add_rule(pyseccomp.ERRNO(errno.ENOSYS), 444)
filter.load()
os.execv(sys.argv[1], sys.argv[1:])"""
LIMITS = "\nc = get_config()\nc.Judge.call_seconds = 1.0\nc.Judge.cell_seconds = 1.5\n"


# --- interpreters --------------------------------------------------------------------------------


def python_for(uid, folder):
    """Find a Python with all packages that a user may run, or make one; None if there is none."""
    if uid == os.geteuid() or _runs(sys.executable, uid):
        return sys.executable
    made = Path(folder, "venv", "bin", "python")
    system = shutil.which(f"python3.{sys.version_info.minor}", path="/usr/bin")
    if system is None:
        return None
    subprocess.run([system, "-m", "venv", "--without-pip", made.parent.parent], check=True)
    site = next(made.parent.parent.glob("lib/python3*/site-packages"))
    (site / "course.pth").write_text(f"{sysconfig.get_path('purelib')}\n{PROJECT}\n")
    (made.parent.parent / "share").symlink_to(Path(sys.prefix, "share"))  # nbconvert's templates
    alembic = made.parent / "alembic"  # nbgrader starts it from PATH
    alembic.write_text(f"#!{made}\nfrom alembic.config import main\nmain()\n")
    alembic.chmod(0o755)
    return str(made) if _runs(made, uid) else None


def _runs(python, uid):
    command = [python, "-c", "import autograder.cli, numpy, landlock, pyseccomp"]
    try:
        return (
            subprocess.run(
                command, capture_output=True, cwd="/", user=uid, group=uid, extra_groups=[]
            ).returncode
            == 0
        )
    except PermissionError:
        return False


# --- the class -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Folders of one run.

    Attributes
    ----------
    top : Path
        Holds all the others, and nothing else.
    mark, token : str
        Words that occur nowhere else: what an attack prints when something went through, and what
        the bait's secret says.
    """

    top: Path
    mark: str
    token: str

    @property
    def course(self):
        return self.top / "course"

    @property
    def bait(self):
        return self.top / "bait"

    def fill(self, text, port=0):
        """Put this run's places into an attack's text."""
        words = {
            "ROOT": self.course,
            "PACKAGES": PROJECT,
            "BAIT": self.bait,
            "MARK": self.mark,
            "HOME": self.top / "home",
            "PORT": port,
            "CHAPTER": CHAPTER,
        }
        for word, value in words.items():
            text = text.replace(f"@{word}@", str(value))
        return text


def make_place():
    """Make the folders of a run, readable by every user on the way down."""
    top = Path(tempfile.mkdtemp(prefix="mlp-hostile-", dir="/tmp"))
    top.chmod(0o755)
    place = Place(top, f"mark{os.urandom(6).hex()}", f"token{os.urandom(6).hex()}")
    for name in ("bait", "home", "tmp"):
        (top / name).mkdir()
    (place.bait / "secret").write_text(place.token)
    (place.bait / "victim").write_text("victim")
    return place


@functools.cache
def chapter():
    """The release, cut down to two exercises, and the right solution cells."""
    release = nbformat.read(PROJECT / "course" / CHAPTER / f"{CHAPTER}.ipynb", as_version=4)
    release.cells = [cell for cell in release.cells if _is_wanted(cell)]
    master = jupytext.read(PROJECT / "solutions" / f"{CHAPTER}.py")
    return release, {_name(cell): cell.source for cell in master.cells}


def make_course(place):
    """Write the course: its settings, the master and the release."""
    for folder in ("solutions", f"course/{CHAPTER}"):
        (place.course / folder).mkdir(parents=True)
    shutil.copy(PROJECT / "solutions" / f"{CHAPTER}.py", place.course / "solutions")
    (place.course / "nbgrader_config.py").write_text(
        (PROJECT / "nbgrader_config.py").read_text() + LIMITS
    )
    path = place.course / "course" / CHAPTER / f"{CHAPTER}.ipynb"
    path.write_text(json.dumps(chapter()[0]))


def _is_wanted(cell):
    name = _name(cell) or ""
    return name.removeprefix("check_") in EXERCISES or "\nimport numpy" in f"\n{cell.source}"


def _name(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def hand_in(place, student, release, sources, attack=None):
    """Write one submission."""
    notebook = copy.deepcopy(release)
    for cell in notebook.cells:
        cell.source = sources.get(_name(cell), cell.source)
    if attack and attack.edit:
        attack.edit(notebook)
    folder = place.course / "classroom" / "submitted" / student / CHAPTER
    folder.mkdir(parents=True)
    (folder / f"{CHAPTER}.ipynb").write_text(json.dumps(notebook))
    if attack and attack.plant:
        attack.plant(folder, place.fill)


def make_class(place, attacks, port=0):
    """Hand in for the honest students and every attacker."""
    make_course(place)
    release, right = chapter()
    for student in HONEST:
        hand_in(place, student, release, {name: right[name] for name in EXERCISES})
    for attack in attacks:
        sources = {"nll": place.fill(attack.source, port)} if attack.source else {}
        hand_in(place, attack.name, release, sources, attack)


def run_class(attacks=ATTACKS, uid=0, bubblewrap=True, landlock=True, options=()):
    """Grade a hostile class with ``mlp-course grade``.

    Parameters
    ----------
    attacks : sequence of Attack
    uid : int
        Who grades.
    bubblewrap, landlock : bool
        Whether the machine has it.
    options : sequence of str
        More arguments of the command.

    Returns
    -------
    Run or None
        None if there is no Python that this user may run.
    """
    place = make_place()
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as mailbox,
    ):
        mailbox.bind(str(place.bait / "mailbox"))
        make_class(place, attacks, server.getsockname()[1])
        python = python_for(uid, place.top)
        if python is None:
            shutil.rmtree(place.top)
            return None
        give(place, uid)
        before = _state(place)
        command = [python, "-P", "-m", "autograder", "grade", "--class", str(place.course)]
        if not landlock:
            command = [python, "-c", WITHOUT_LANDLOCK, *command]
        done = _watched(place, uid, environment(place, python, bubblewrap), [*command, *options])
        server.settimeout(0)
        mailbox.settimeout(0)
        reached = [
            name
            for name, receive in (("port", server.accept), ("mailbox", lambda: mailbox.recv(64)))
            if _succeeds(receive)
        ]
    return Run(place, done, before, _state(place), reached)


def give(place, uid):
    """Make everything a user's own."""
    if uid != os.geteuid():
        for path in [place.top, *place.top.rglob("*")]:
            os.chown(path, uid, uid, follow_symlinks=False)


def environment(place, python, bubblewrap=True):
    """The environment of a command that grades."""
    path = [str(Path(python).parent), *(["/usr/bin", "/bin"] * bubblewrap)]
    return {
        "PATH": os.pathsep.join(path),
        "HOME": str(place.top / "home"),
        "LANG": "C.UTF-8",
        "TMPDIR": str(place.top / "tmp"),
        "PYTHONPATH": str(PROJECT),
        "MLP_COURSE_SECRET": place.token,
    }


def as_user(uid):
    """Arguments that start a process as a user."""
    return {"user": uid, "group": uid, "extra_groups": []} if uid != os.geteuid() else {}


def _watched(place, uid, variables, command):
    """Run a command as a user; what it leaves behind is written to the place's file `left`."""
    watch = [
        sys.executable,
        str(Path(__file__).with_name("watch.py")),
        str(uid),
        str(place.top / "left"),
    ]
    return subprocess.run(
        [*watch, *command], env=variables, cwd="/", text=True, capture_output=True, timeout=300
    )


def _succeeds(receive):
    try:
        receive()
    except OSError:
        return False
    return True


def _state(place):
    """Everything that no submission may change: file -> what it is like."""
    files = [
        *place.bait.iterdir(),
        *(place.course / "course").rglob("*"),
        *(place.course / "classroom" / "submitted").rglob("*"),
        *(place.course / "solutions").glob("*.py"),
    ]
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    return {**{str(path): _like(path) for path in files}, "mounts": tuple(mounts)}


def _like(path):
    status = path.lstat()
    text = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
    content = hashlib.sha256(text).hexdigest()
    return content, status.st_mode, status.st_uid, status.st_mtime_ns


@dataclass(frozen=True)
class Run:
    """What grading a hostile class left.

    Attributes
    ----------
    place : Place
    done : CompletedProcess
    before, after : dict
        See `_state`.
    reached : list of str
        Which of the port and the mailbox was reached.
    """

    place: Place
    done: subprocess.CompletedProcess
    before: dict
    after: dict
    reached: list[str]

    def points(self):
        """student -> points of the checks, from the gradebook."""
        book = self.place.course / "classroom" / "gradebook.db"
        with Gradebook(f"sqlite:///{book}") as gradebook:
            return {
                s.student.id: sum(g.score for n in s.notebooks for g in n.grades)
                for s in gradebook.assignment_submissions(CHAPTER)
            }

    def graded(self, student):
        """The graded notebook."""
        return nbformat.read(
            self.place.course / "classroom" / "autograded" / student / CHAPTER / f"{CHAPTER}.ipynb",
            as_version=4,
        )

    def page(self, student):
        """The feedback page."""
        path = self.place.course / "classroom" / "feedback" / student / CHAPTER / f"{CHAPTER}.html"
        return path.read_text(encoding="utf-8")

    def remove(self):
        """Remove the run's folders."""
        shutil.rmtree(self.place.top)
