"""A class's folder that cannot be written: every command says so in one true line."""

import os
import shutil
import subprocess

import pytest
from hostile_class import (
    CHAPTER,
    EXERCISES,
    HONEST,
    NOBODY,
    PROJECT,
    as_user,
    chapter,
    environment,
    give,
    hand_in,
    make_course,
    make_place,
    python_for,
)

from autograder.ground import scratch

USER = NOBODY if os.geteuid() == 0 else os.geteuid()


# In a mount namespace of its own, so that nobody else sees it.
MOUNTED = [
    "unshare",
    "--mount",
    "sh",
    "-c",
    'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && cd "$0" && exec "$@"',
]
AS_USER = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--"]


class Closed:
    """A class of one student that an ordinary user owns, and a way to close it."""

    def __init__(self, way):
        self.way, self.place, self.closed = way, make_place(), False
        make_course(self.place)
        shutil.copy(PROJECT / "solutions" / "README.py", self.place.course / "solutions")
        release, right = chapter()
        hand_in(self.place, HONEST[0], release, {name: right[name] for name in EXERCISES})
        self.python = python_for(USER, self.place.top)
        give(self.place, USER)

    def close(self):
        self.closed = True
        if self.way == "permissions":
            subprocess.run(["chmod", "-R", "a-w", self.place.course], check=True)

    def open(self):
        self.closed = False
        if self.way == "permissions":
            subprocess.run(["chmod", "-R", "u+w", self.place.course], check=True)

    def run(self, *arguments):
        command, who = [self.python, "-P", "-m", "autograder", *arguments], as_user(USER)
        if self.closed and self.way == "mount":
            command, who = [*MOUNTED, self.place.course, *AS_USER, *command], {}
        return subprocess.run(
            command,
            cwd=self.place.course,
            text=True,
            capture_output=True,
            env=environment(self.place, self.python),
            **who,
        )


@pytest.fixture(scope="module", params=["permissions", "mount"])
def made(request):
    if (
        request.param == "mount"
        and subprocess.run([*MOUNTED, "/tmp", "true"], capture_output=True).returncode
    ):
        pytest.skip("nothing can be mounted here: that takes root, and more than most containers")
    closed = Closed(request.param)
    if closed.python is None:
        pytest.skip("no Python here that an ordinary user may run")
    yield closed
    closed.open()
    scratch.remove(closed.place.top)


def says(done, *words):
    assert done.returncode == 2 and done.stdout == "", done.stdout + done.stderr
    assert done.stderr.startswith("mlp-course: ") and done.stderr.strip().count("\n") == 0
    assert any(
        cause in done.stderr
        for cause in ("Permission denied", "Read-only file system", "readonly database")
    ), done.stderr
    assert "partial" not in done.stderr  # it names the file that was to be written
    assert all(word in done.stderr for word in (*words, "in a copy of the")), done.stderr


@pytest.mark.slow
def test_what_writes_says_what_cannot_be_written(made):
    course = made.place.course
    made.close()
    says(made.run("grade", "--class", str(course)), str(course))
    says(made.run("build"), f"{course}/course/{CHAPTER}/{CHAPTER}.ipynb")
    says(made.run("demo", "--dir", str(course / "demo")), f"{course}/demo")
    notebook = course / "classroom" / "submitted" / HONEST[0] / CHAPTER / f"{CHAPTER}.ipynb"
    done = made.run("check", str(notebook))  # writes nothing: it works
    assert done.returncode == 1 and "nll" in done.stdout and done.stderr == ""
    made.open()
    done = made.run("grade", "--class", str(course))
    assert done.returncode == 0, done.stderr
    before = {path: path.lstat().st_mtime_ns for path in course.rglob("*")}
    made.close()
    for extra in ([], ["--regrade"]):
        says(made.run("grade", "--class", str(course), *extra), f"{course}/classroom")
    says(made.run("report", "--class", str(course)), f"{course}/classroom/reports")
    done = made.run(
        "report",
        "--class",
        str(course),
        "--html",
        str(made.place.top / "home/r.html"),
        "--csv",
        str(made.place.top / "home/points.csv"),
    )
    assert done.returncode == 0 and "nll" in done.stdout, done.stderr
    assert {path: path.lstat().st_mtime_ns for path in course.rglob("*")} == before
    made.open()


def test_a_gradebook_that_cannot_be_written_is_named(made):
    if made.way == "mount":
        pytest.skip("the file alone is closed by its permissions")
    course = made.place.course
    made.run("grade", "--class", str(course))
    book = course / "classroom" / "gradebook.db"
    book.chmod(0o400)
    done = made.run("grade", "--class", str(course), "--regrade")
    book.chmod(0o600)
    says(done, "the gradebook cannot be written")
    done = made.run("grade", "--class", str(course))
    assert done.returncode == 0, done.stderr


def test_a_device_is_written_to_and_not_replaced(made):
    made.run("grade", "--class", str(made.place.course))
    link, pipe = made.place.top / "home" / "link", made.place.top / "home" / "pipe"
    os.mkfifo(pipe)
    link.symlink_to("points.csv")
    give(made.place, USER)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE, text=True) as reader:
        done = made.run(
            "report", "--class", str(made.place.course), "--csv", str(pipe), "--html", str(link)
        )
        assert done.returncode == 0, done.stderr
        assert reader.communicate()[0].startswith("chapter,student")
    assert pipe.is_fifo() and link.is_symlink()
    assert "<html" in (made.place.top / "home" / "points.csv").read_text(encoding="utf-8")
