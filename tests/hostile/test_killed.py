"""`mlp-course grade` killed with SIGKILL, all its processes at once: the next run clears up."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from hostile_class import (
    HONEST,
    NOBODY,
    as_user,
    chapter,
    environment,
    give,
    hand_in,
    make_course,
    make_place,
    python_for,
)
from test_hostile import LEVELS, USERS, require

from autograder.ground import scratch

ENDLESS = "\nc = get_config()\nc.Judge.cell_seconds = c.Judge.submission_seconds = 1e5\n"
HANGING = "from pathlib import Path\nPath('deep/down').mkdir(parents=True)\nwhile True: pass"


@pytest.fixture(params=[(u, v) for u in USERS for v in LEVELS], ids="-".join)
def killed(request):
    """A class, what grades it, and the temporary folders that a killed run left."""
    user, level = request.param
    require(level)
    uid = 0 if user == "root" else NOBODY if os.geteuid() == 0 else os.geteuid()
    place = make_place()
    make_course(place)
    settings = place.course / "nbgrader_config.py"
    usual = settings.read_text()
    settings.write_text(usual + ENDLESS)
    release, right = chapter()
    hand_in(place, "student-01", release, {"nll": HANGING})
    python = python_for(uid, place.top)
    if python is None:
        scratch.remove(place.top)
        pytest.skip("no Python here that an ordinary user may run")
    give(place, uid)
    command = [python, "-P", "-m", "autograder", "grade", "--class", str(place.course)]
    start = {
        "env": environment(place, python, level == "full"),
        "cwd": "/",
        "text": True,
        **as_user(uid),
    }
    with (place.top / "said").open("w+") as said:
        run = subprocess.Popen(command, start_new_session=True, stdout=said, stderr=said, **start)
        hangs = in_a_hanging_cell if level == "landlock" else graded_by_a_worker
        deadline = time.monotonic() + 120
        while not hangs(place, run) and run.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        said.seek(0)
        assert run.returncode == -signal.SIGKILL, said.read()
    hand_in_right(place, release, right, uid)
    settings.write_text(usual)
    yield place, level, command, start
    scratch.remove(place.top)


def in_a_hanging_cell(place, run):
    return any((place.top / "tmp").glob("mlp-worker-*/submission-*/deep/down"))


def graded_by_a_worker(place, run):
    """At `full` the worker's folder is not to be seen; its processes are."""
    with contextlib.suppress(OSError):
        found = subprocess.run(
            ["ps", "-ww", "-o", "args", "-g", str(run.pid)], capture_output=True, text=True
        ).stdout
        return sum("autograder.worker.zygote" in line for line in found.splitlines()) > 1
    return False


def hand_in_right(place, release, right, uid):
    scratch.remove(place.course / "classroom" / "submitted")
    hand_in(place, HONEST[0], release, {name: right[name] for name in ("logsumexp_rows", "nll")})
    give(place, uid)


def test_the_next_run_removes_what_a_killed_one_left_and_grades(killed):
    place, level, command, start = killed
    temporary = place.top / "tmp"
    left = {path.name for path in temporary.iterdir()}
    assert any(name.startswith("mlp-worker-") for name in left) == (level == "landlock")
    uid = start.get("user", os.geteuid())
    alive = subprocess.Popen(
        [
            command[0],
            "-c",
            "import time\nfrom autograder.ground import scratch\n"
            "with scratch.Folder('register') as folder:\n"
            "    print(folder.path, flush=True)\n    time.sleep(1000)",
        ],
        stdout=subprocess.PIPE,
        **start,
    )
    with alive, contextlib.closing(alive.stdout):
        kept = Path(alive.stdout.readline().strip())
        assert kept.parent == temporary and kept.stat().st_uid == uid
        done = subprocess.run(command, capture_output=True, **start)
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"Confinement: {level}" in done.stdout
        assert list(temporary.iterdir()) == [kept]
        alive.kill()
        alive.wait()
    again = subprocess.run(command, capture_output=True, **start)
    assert again.returncode == 0 and list(temporary.iterdir()) in ([], [kept])
