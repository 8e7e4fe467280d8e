"""Scratch space: left-over folders go, those of living runs stay, and a full disk is seen early."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import pytest
from conftest import CHAPTER, make_course, solved

from autograder.ground import scratch
from autograder.ground.errors import Problem
from autograder.judge.worker_process import Worker, WorkerError
from autograder.worker import canaries
from autograder.worker import zygote as worker


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """A folder for temporary folders alone."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def held_elsewhere(make, folder):
    """Start a process that makes a folder with an expression, writes into it and then waits."""
    code = (
        "import time\nfrom autograder.worker import canaries\n"
        "from autograder.ground import scratch\n"
        f"with {make} as folder:\n    open(folder.path + '/file', 'w').close()\n"
        "    print(folder.path, flush=True)\n    time.sleep(1000)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(folder)},
    )
    return process, Path(process.stdout.readline().strip())


MAKERS = [
    *(f"scratch.Folder({kind!r})" for kind in ("worker", "register", "build")),
    "canaries.Cage()",
]


@pytest.mark.parametrize("make", MAKERS)
def test_what_a_killed_process_left_goes_and_what_a_living_one_has_stays(make, temporary):
    process, path = held_elsewhere(make, temporary)
    with process, contextlib.closing(process.stdout):
        with scratch.Folder("worker"):
            assert (path / "file").exists()
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert (path / "file").exists()
        with scratch.Folder("worker") as other:
            assert [str(p) for p in temporary.iterdir()] == [other.path]
    assert list(temporary.iterdir()) == []


def test_every_temporary_folder_of_the_grader_is_one_that_goes(temporary):
    assert canaries.Cage.__mro__[1] is scratch.Folder
    package = Path(scratch.__file__).parents[1]
    found = {
        path.name: path.read_text(encoding="utf-8").count("mkdtemp(")
        + path.read_text(encoding="utf-8").count("TemporaryDirectory(")
        for path in package.rglob("*.py")
    }
    # the worker's second one, of a submission, is inside its own
    assert {name for name, count in found.items() if count} == {"scratch.py", "zygote.py"}
    assert found["zygote.py"] == 1


def test_what_is_not_a_left_over_of_this_user_is_not_touched(temporary, tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "work").write_text("weeks of it")
    name = "mlp-worker-abcdefg%d" + scratch.MARK
    (temporary / (name % 1)).symlink_to(kept)
    (temporary / (name % 2)).write_text("a file")
    others = [
        temporary / other
        for other in (
            "mlp-worker-abcdefgh",
            f"x{name % 3}",
            f"{name % 4}x",
            "mlp-hostile-abcdefgh",
            "scratch",
        )
    ]
    for path in others:
        path.mkdir()
    foreign = temporary / (name % 5)
    foreign.mkdir()
    if os.geteuid() == 0:
        os.chown(foreign, 65534, 65534)
    before = sorted(temporary.iterdir())
    scratch.remove_left_over()
    gone = [] if os.geteuid() == 0 else [foreign]
    assert sorted(temporary.iterdir()) == [path for path in before if path not in gone]
    assert (kept / "work").read_text() == "weeks of it"


def test_links_in_a_left_over_are_not_followed(temporary, tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir(mode=0o700)
    (kept / "work").write_text("weeks of it")
    left = temporary / f"mlp-worker-abcdefgh{scratch.MARK}"
    left.mkdir()
    (left / "away").symlink_to(kept)
    (left / "closed").mkdir()
    (left / "closed" / "file").touch()
    (left / "closed" / "away").symlink_to(kept)
    (left / "closed").chmod(0)
    scratch.remove_left_over()
    assert not left.exists() and (kept / "work").read_text() == "weeks of it"
    assert kept.stat().st_mode & 0o777 == 0o700


def test_a_folder_taken_for_a_left_over_before_it_is_locked_is_made_anew(temporary, monkeypatch):
    lock, taken = scratch._locked, []

    def too_late(path, wait=True):
        if wait and not taken:
            taken.append(path)
            handle = lock(path)
            shutil.rmtree(path)
            return handle
        return lock(path, wait)

    monkeypatch.setattr(scratch, "_locked", too_late)
    with scratch.Folder("build") as folder:
        assert Path(folder.path).is_dir() and folder.path not in taken
    assert len(taken) == 1 and list(temporary.iterdir()) == []


def test_the_lock_does_not_stay_with_a_submission(temporary):
    """A child that kept it could give it away, or keep a folder from being removed."""
    with Worker(("landlock",)) as own:
        try:
            own.start(5).close()
        except WorkerError as error:
            pytest.skip(str(error))
        home = own._home
        assert scratch.NAME.fullmatch(Path(home).name)
        with pytest.raises(BlockingIOError):
            scratch._locked(home, wait=False)
        zygote = own._process.pid
        [child] = Path(f"/proc/{zygote}/task/{zygote}/children").read_text().split()

        def holds(pid):
            return [
                link
                for link in Path(f"/proc/{pid}/fd").iterdir()
                if os.path.realpath(link) == os.path.realpath(home)
            ]

        assert holds(zygote) and not holds(child)


# --- room on the disk ----------------------------------------------------------------------------


def test_a_submission_is_seen_to_fill_the_disk_between_two_looks(temporary, monkeypatch):
    monkeypatch.setattr(worker, "LOOK_SECONDS", 10.0**6)  # only the room on the disk says it
    ours, theirs = socket.socketpair()
    writer = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import os, sys, time\n"
            "for i in range(8):\n"
            f"    with open(f'{temporary}/{{i}}', 'wb') as file:\n"
            "        file.write(bytes(2**24)); file.flush(); os.fsync(file)\n"
            "time.sleep(1000)",
        ]
    )
    given_up = threading.Timer(60, ours.send, [b"end"])
    given_up.start()
    with ours, theirs:
        seen = worker._watch(theirs, writer.pid, str(temporary))
    given_up.cancel()
    assert seen and writer.wait() == -signal.SIGKILL


def test_what_has_shrunk():
    assert not scratch.has_shrunk((2**30, 10**6), (2**30 - 2**20, 10**6 - 10))
    assert scratch.has_shrunk((2**30, 10**6), (2**30 - scratch.DISK, 10**6))
    assert scratch.has_shrunk((2**30, 10**6), (2**30, 10**6 - scratch.FILES))
    assert not scratch.has_shrunk((2**30, 0), (2**31, 0))  # somebody made room; files uncounted


# A disk of 40 MiB with a copy of a folder on it, in a mount namespace of its own.
SMALL = [
    "unshare",
    "--mount",
    "sh",
    "-c",
    'mount -t tmpfs -o size=40m tmpfs "$0" && cp -R "$1/." "$0" && shift && exec "$@"',
]


@pytest.fixture
def on_small_disk(tmp_path):
    """A function that runs a command where a folder is a small disk."""

    def run(source, *command, **variables):
        variables = [f"{name}={value}" for name, value in variables.items()]
        return subprocess.run(
            [*SMALL, run.disk, source, "env", *variables, sys.executable, *command],
            text=True,
            capture_output=True,
        )

    run.disk, run.empty = tmp_path / "disk", tmp_path / "empty"
    run.disk.mkdir()
    run.empty.mkdir()
    if (mounted := run(run.empty, "-c", "")).returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    return run


@pytest.fixture
def made_class(tmp_path, root, course):
    """A course with one submission, with everything right."""
    made = tmp_path / "class"
    make_course(made, root)
    path = made / "classroom" / "submitted" / "student-01" / CHAPTER / f"{CHAPTER}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(solved(course.release, course.master), path)
    return made


def test_a_class_on_a_disk_without_room_is_told_before_anything_is_run(on_small_disk, made_class):
    done = on_small_disk(made_class, "-m", "autograder", "grade", "--class", on_small_disk.disk)
    assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1, done.stderr
    assert f"{on_small_disk.disk}/classroom: its disk has " in done.stderr
    assert "needs 256 MiB: make room there, and run this again" in done.stderr


def test_a_disk_without_room_for_temporary_files_is_named_with_the_way_out(
    on_small_disk, made_class
):
    disk, without_bubblewrap = str(on_small_disk.disk), {"PATH": str(Path(sys.executable).parent)}
    grade = ["-m", "autograder", "grade", "--class", made_class]
    check = ["-m", "autograder", "check", *made_class.glob("classroom/submitted/*/*/*.ipynb")]
    for command in (grade, check):
        done = on_small_disk(on_small_disk.empty, *command, TMPDIR=disk, **without_bubblewrap)
        assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1
        assert f"{disk}: its disk has " in done.stderr
        assert "or set TMPDIR to a folder on another disk" in done.stderr
    done = subprocess.run(
        [sys.executable, *grade],
        env=os.environ | without_bubblewrap,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and "Confinement: landlock" in done.stdout, done.stderr


def test_at_full_nothing_of_a_submission_is_on_a_disk(on_small_disk, made_class):
    done = on_small_disk(
        on_small_disk.empty,
        "-m",
        "autograder",
        "grade",
        "--class",
        made_class,
        TMPDIR=str(on_small_disk.disk),
    )
    if "set TMPDIR" in done.stderr:
        pytest.skip("bubblewrap is not to be had here")
    assert done.returncode == 0 and "Confinement: full" in done.stdout, done.stderr


def test_room_is_what_the_disk_says(tmp_path):
    free = shutil.disk_usage(tmp_path).free
    assert abs(scratch.room(tmp_path)[0] - free) < free / 2
    if free > scratch.ROOM:
        scratch.require_room(tmp_path)
    else:
        with pytest.raises(Problem, match="make room"):
            scratch.require_room(tmp_path)


def test_a_folder_that_is_taken_for_a_left_over_at_once_is_made_again(temporary, monkeypatch):
    lock, taken = scratch._locked, []

    def late(path, wait=True):
        if not taken:
            taken.append(path)
            os.rmdir(path)
        return lock(path, wait)

    monkeypatch.setattr(scratch, "_locked", late)
    with scratch.Folder("worker") as folder:
        assert os.path.isdir(folder.path) and folder.path != taken[0]
