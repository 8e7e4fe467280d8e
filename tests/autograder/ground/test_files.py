"""Nothing is read or copied before it is looked at, by mlp-course and by nbgrader's commands."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import CHAPTER, SECRET, make_course, nbgrader, solved, without_demos
from nbgrader.api import Gradebook

from autograder.class_run.grade_class import grade_class
from autograder.ground.files import Refused, TooLarge, read_file, time_of
from autograder.judge import handed_in
from autograder.judge.handed_in import find
from mlp_helpers import exercises

NAME = f"{CHAPTER}.ipynb"
FULL = sum(e.points for e in exercises().values() if e.chapter == "01")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)
SOON = "2026-03-01 16:30:00 UTC"


# --- one file ------------------------------------------------------------------------------------


def test_an_ordinary_file_is_read_up_to_a_limit(tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    assert read_file(tmp_path / "a", 5) == b"12345"
    with pytest.raises(TooLarge):
        read_file(tmp_path / "a", 4)
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "b", 4)


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.symlink_to("/etc/passwd"),
        lambda path: path.symlink_to("/dev/zero"),
        lambda path: os.mkfifo(path),
        lambda path: path.mkdir(),
        lambda path: path.symlink_to(path),
    ],
    ids=["link", "device", "pipe", "folder", "loop"],
)
def test_what_is_no_ordinary_file_is_refused(tmp_path, make):
    make(tmp_path / "a")
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(Refused, match="not an ordinary file"):
        read_file(tmp_path / "a", 100)
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_file_of_the_kernel_without_size_or_end_is_refused():
    with pytest.raises(Refused, match="not an ordinary file"):
        read_file(Path("/dev/zero"), 100)


def test_a_folder_that_is_a_link_is_refused(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a").write_bytes(b"1")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(Refused, match="its folder is a link"):
        read_file(tmp_path / "link" / "a", 100)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01 16:30:00 UTC",
        "2026-03-01 08:30:00 -0800",
        "2026-03-01T16:30:00Z",
        "2026-03-01 16:30:00",
        "2026-03-01 17:30:00 Europe/Paris",
        "2026-03-01 16:30:00.000000 UTC",
    ],
)
def test_times(text):
    assert time_of(text) == "2026-03-01 16:30:00.000000 UTC"


@pytest.mark.parametrize(
    "text, says",
    [
        ("2026-03-01 16:30:00 PST", "names a time zone by letters"),
        ("", "empty"),
        ("2026-03-01 16:30:00 CEST", "names a time zone by letters"),
        ("yesterday", "not a time"),
        ("9" * 30 + "h", "not a time"),
        ("2026-03", "not a whole date"),
        ("16:30:00 UTC", "not a whole date"),
        ("2026", "not a whole date"),
    ],
)
def test_what_is_no_time(text, says):
    with pytest.raises(Refused, match=says):
        time_of(text)


def test_the_right_name_counts_however_full_the_folder_is(tmp_path, monkeypatch):
    monkeypatch.setattr(handed_in, "entries", lambda folder: ["old.ipynb"])
    (tmp_path / NAME).write_text("{}")
    (tmp_path / "old.ipynb").write_text("[]")
    assert find(tmp_path / NAME).data == b"{}"


def test_everything_in_the_folder_has_a_line(tmp_path):
    (tmp_path / NAME).write_text("{}")
    (tmp_path / f"{CHAPTER}-Copy1.ipynb").write_text("{}")
    (tmp_path / "page 1.PNG").write_bytes(PNG)
    (tmp_path / "derivation.pdf").write_bytes(b"%PDF-1.7 ...")
    (tmp_path / "not.png").write_bytes(b"<svg/>")
    (tmp_path / "linked.png").symlink_to("/dev/zero")
    (tmp_path / "data.csv").write_text("1")
    (tmp_path / "sub").mkdir()
    found = find(tmp_path / NAME)
    assert [(b.name, b.stored, b.data) for b in found.beside] == [
        ("derivation.pdf", "beside/1.pdf", b"%PDF-1.7 ..."),
        ("page 1.PNG", "beside/2.png", PNG),
    ]
    told = "\n".join(found.notes)
    for text in (
        f"{CHAPTER}-Copy1.ipynb' was handed in too",
        "reader, beside the notebook: deriv",
        "left out: 'not.png'",
        "left out: 'linked.png' (it is not an ordinary file)",
        "left out: 'data.csv'",
        "left out: 'sub'",
    ):
        assert text in told


def test_names_of_a_notebook_that_programs_make(tmp_path):
    (tmp_path / f"{CHAPTER}.ipynb.txt").write_text("{}")
    found = find(tmp_path / NAME)
    assert found.data == b"{}" and "ipynb.txt', the only notebook" in found.notes[0]


# --- a class, both ways --------------------------------------------------------------------------


def fill(course, root):
    """Hand in; give the name of each student."""
    notebook = solved(course.release, course.master)
    without_demos(notebook)
    text = json.dumps(notebook)
    secret = root / "classroom" / "secret"

    def folder(student, content=text):
        place = root / "classroom" / "submitted" / student / CHAPTER
        place.mkdir(parents=True)
        (place / NAME).write_bytes(content if isinstance(content, bytes) else content.encode())
        return place

    place = folder("beside")
    (place / "photo.png").write_bytes(PNG)
    (place / "timestamp.txt").write_text(SOON)
    (place / "submission_secret.txt").write_text("between nbgrader and its exchange")
    (folder("deep") / "sub").mkdir()
    (root / "classroom/submitted/deep" / CHAPTER / "sub" / "timestamp.txt").symlink_to(secret)
    (folder("device") / "zero.txt").symlink_to("/dev/zero")
    (folder("endless") / "timestamp.txt").symlink_to("/dev/zero")
    os.mkfifo(folder("pipe") / "timestamp.txt")
    (folder("secret") / "submission_secret.txt").symlink_to(secret)
    (folder("zone") / "timestamp.txt").write_text("2026-03-01 16:30:00 PST")
    folder("utf-16", text.encode("utf-16"))
    folder("näme")
    other = [
        {
            "cell_type": "code",
            "source": "",
            "outputs": [],
            "execution_count": None,
            "metadata": {"nbgrader": {"grade_id": f"check_{e.id}", "grade": True}},
        }
        for e in exercises().values()
        if e.chapter == "04"
    ]
    folder(
        "wrong", json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": other})
    )


@pytest.fixture(scope="module")
def made(course, root, tmp_path_factory):
    """Two equal classes, one graded by nbgrader's commands and one by ours."""
    folders = []
    for name in ("nbgrader", "ours"):
        folder = tmp_path_factory.mktemp("files") / name
        make_course(folder, root)
        (folder / "classroom").mkdir()
        (folder / "classroom" / "secret").write_bytes(SECRET)
        fill(course, folder)
        folders.append(folder)
    first = [
        nbgrader(folders[0], *words)
        for words in (
            ("generate_assignment", "--force", CHAPTER),
            ("autograde", CHAPTER),
            ("generate_feedback", CHAPTER),
            ("autograde", "--force", CHAPTER),
        )
    ]
    return SimpleNamespace(
        nbgrader=folders[0],
        ours=folders[1],
        first=first,
        result=grade_class(root=folders[1], secret=SECRET),
    )


WAYS = pytest.mark.parametrize("way", ["nbgrader", "ours"])


def test_both_ways_end_well(made):
    for done in made.first:
        assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr[-3000:]
    assert made.result.complete


@WAYS
def test_odd_files_cost_nobody_a_point(made, way):
    with Gradebook(f"sqlite:///{getattr(made, way) / 'classroom' / 'gradebook.db'}") as book:
        points = {
            s.student.id: sum(g.auto_score or 0 for n in s.notebooks for g in n.grades)
            for s in book.assignment_submissions(CHAPTER)
        }
    assert points == {s: FULL if s != "wrong" else 0 for s in points} and len(points) == 10


@WAYS
def test_what_is_kept(made, way):
    root = getattr(made, way) / "classroom"
    kept = {
        str(p.relative_to(root / "autograded"))
        for p in (root / "autograded").rglob("*")
        if not p.is_dir()
    }
    assert kept == {f"{s.name}/{CHAPTER}/{NAME}" for s in (root / "submitted").iterdir()} | {
        f"beside/{CHAPTER}/{name}"
        for name in ("beside/1.png", "timestamp.txt", "submission_secret.txt")
    }
    assert (root / f"autograded/beside/{CHAPTER}/beside/1.png").read_bytes() == PNG
    graded = json.loads((root / f"autograded/beside/{CHAPTER}/{NAME}").read_text())
    assert any("[photo.png](beside/1.png)" in "".join(c["source"]) for c in graded["cells"])
    page = (root / f"feedback/beside/{CHAPTER}/{CHAPTER}.html").read_text()
    assert "beside/1.png" not in page


@WAYS
def test_the_secret_goes_nowhere(made, way):
    root = getattr(made, way) / "classroom"
    for path in root.rglob("*"):
        if path.is_file() and "submitted" not in path.parts and path != root / "secret":
            assert SECRET not in path.read_bytes(), path


@WAYS
def test_grades_and_graded_work_are_their_owners(made, way):
    root = getattr(made, way) / "classroom"
    for name in ("gradebook.db", "autograded", "feedback"):
        assert stat.S_IMODE((root / name).stat().st_mode) & 0o077 == 0, name


def test_what_is_odd_has_a_line(made):
    notes = {o.task.student: "\n".join(o.notes) for o in made.result.outcomes}
    for student, text in {
        "device": "left out: 'zero.txt'",
        "deep": "left out: 'sub'",
        "endless": "timestamp.txt holds no time (it is not an ordinary file)",
        "pipe": "timestamp.txt holds no time (it is not an ordinary file)",
        "zone": "it names a time zone by letters",
        "secret": "submission_secret.txt is left out (it is not an ordinary file)",
        "utf-16": "the file is in UTF-16",
        "wrong": "this is the notebook of chapter 04, handed in in the place of this one",
        "beside": "kept for the reader, beside the notebook: photo.png",
    }.items():
        assert text in notes[student]
        assert text.splitlines()[0] in made.first[1].stderr, student
    assert "graded cell" not in notes["wrong"].replace("graded cells were missing", "")
    page = made.ours / "classroom" / "feedback" / "wrong" / CHAPTER / f"{CHAPTER}.html"
    assert "This is the notebook of chapter 04" in page.read_text()


@WAYS
def test_feedback_goes_back_through_the_exchange(made, way, tmp_path):
    root = getattr(made, way)
    exchange = tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    done = nbgrader(
        root,
        "release_feedback",
        CHAPTER,
        "--student=beside",
        "--course=course-101",
        f"--Exchange.root={exchange}",
    )
    assert done.returncode == 0, done.stderr
    assert len(list((exchange / "course-101" / "feedback").glob("*.html"))) == 1


def test_reports_and_exports_in_a_locale_without_utf_8(made):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "PYTHON"))}
    environment |= {
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONIOENCODING": "ascii",
    }
    command = [
        sys.executable,
        "-m",
        "autograder",
        "report",
        "--class",
        made.ours,
        "--export",
        "canvas",
        "moodle",
        "gradescope",
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    reports = made.ours / "classroom" / "reports"
    assert (reports / "gradescope" / CHAPTER / "näme" / "results.json").is_file()
    assert "näme" in (reports / "canvas.csv").read_text(encoding="utf-8")
