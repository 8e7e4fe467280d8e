"""Whatever is handed in: the class is graded, each odd one is named with its reason, none more."""

import json
import os
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import pytest
from corpus import CASES, REFUSED
from nbgrader.api import Gradebook

from autograder.class_run.submissions import shown
from autograder.demo.made_up_class import solved
from autograder.release.generate import build
from autograder.release.masters import master_notebook
from mlp_helpers import exercises

CHAPTER = "01_softmax_jacobian"
HONEST = ("honest-01", "zz-honest-02")
AUTO = sum(e.points for e in exercises().values() if e.chapter == CHAPTER[:2])
FAST = "\nc = get_config()\nc.Judge.call_seconds = 3.0\nc.Judge.cell_seconds = 5.0\n"
LONGEST = 240  # seconds for the whole class


def make_class(root, project):
    (root / "solutions").mkdir(parents=True)
    shutil.copy(project / "solutions" / f"{CHAPTER}.py", root / "solutions")
    shutil.copy(project / "nbgrader_config.py", root)
    with open(root / "nbgrader_config.py", "a", encoding="utf-8") as config:
        config.write(FAST)
    [released] = build(root=root)
    master = master_notebook(root / "solutions" / f"{CHAPTER}.py")
    answers = {
        c.metadata.nbgrader.grade_id: c.source
        for c in master.cells
        if c.metadata.get("nbgrader", {}).get("solution")
    }
    notebook = solved(nbformat.read(released, as_version=4), answers)
    # without the demos, for speed
    notebook.cells = [
        c
        for c in notebook.cells
        if c.cell_type == "markdown" or "nbgrader" in c.metadata or c.source.startswith("import")
    ]
    return json.dumps(notebook)


def folder_of(root, student):
    folder = root / "classroom" / "submitted" / student / CHAPTER
    folder.mkdir(parents=True)
    return folder


def grade(root):
    """Run the real command."""
    return subprocess.run(
        [sys.executable, "-m", "autograder", "grade", "--class", str(root), "--jobs", "2"],
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=LONGEST,
        env=os.environ | {"MLP_COURSE_SECRET": "malformed", "LC_ALL": "C.UTF-8"},
    )


@pytest.fixture(scope="module")
def classes(root, tmp_path_factory):
    """The honest alone, and the honest among the corpus: both graded by the command."""
    alone, crowd = (tmp_path_factory.mktemp(name) / "class" for name in ("alone", "crowd"))
    right = make_class(alone, root)
    shutil.copytree(alone, crowd)
    for course in (alone, crowd):
        for student in HONEST:
            (folder_of(course, student) / f"{CHAPTER}.ipynb").write_text(right, encoding="utf-8")
    for case in CASES:
        case.fill(folder_of(crowd, case.student), f"{CHAPTER}.ipynb", right)
    for student in REFUSED:
        (folder_of(crowd, student) / f"{CHAPTER}.ipynb").write_text(right, encoding="utf-8")
    return SimpleNamespace(alone=alone, crowd=crowd, done_alone=grade(alone), done=grade(crowd))


def points(root):
    """Points of every check cell: student -> cell -> score."""
    with Gradebook(f"sqlite:///{root / 'classroom' / 'gradebook.db'}") as book:
        return {
            s.student.id: {
                g.name: g.score
                for n in s.notebooks
                for g in n.grades
                if g.name.startswith("check_")
            }
            for s in book.assignment_submissions(CHAPTER)
        }


def page(root, student):
    path = root / "classroom" / "feedback" / student / CHAPTER / f"{CHAPTER}.html"
    return path.read_text(encoding="utf-8")


def spoken(text):
    """What was printed, without the breaks of lines."""
    return " ".join(text.split())


def test_the_run_ends_by_itself_and_says_how(classes):
    assert classes.done_alone.returncode == 0, classes.done_alone.stderr
    assert classes.done.returncode == 1  # some were refused
    for text in (classes.done.stdout, classes.done.stderr):
        assert "Traceback" not in text and "\x1b[31m" not in text


def test_the_honest_are_graded_as_without_the_others(classes):
    alone, crowd = points(classes.alone), points(classes.crowd)
    for student in HONEST:
        assert sum(alone[student].values()) == AUTO
        assert crowd[student] == alone[student]
        assert page(classes.crowd, student) == page(classes.alone, student)


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case.student))
def test_each_has_its_grade_and_its_page(classes, case):
    earned = points(classes.crowd)[case.student]
    assert sum(earned.values()) == (AUTO if case.keeps else 0)
    assert len(earned) == sum(e.chapter == CHAPTER[:2] for e in exercises().values())
    text = page(classes.crowd, case.student)
    assert ("could not be graded" in text) == (not case.keeps)
    assert "onerror=alert" not in text and "root:x:0" not in text


@pytest.mark.parametrize("case", [c for c in CASES if c.told], ids=lambda case: case.student)
def test_the_instructor_is_told_why(classes, case):
    assert case.told in spoken(classes.done.stdout).split("To look at:")[1]


@pytest.mark.parametrize("student", REFUSED, ids=ascii)
def test_a_name_that_nothing_can_hold_is_refused(classes, student):
    assert student not in points(classes.crowd)
    lines = [t for t in classes.done.stdout.splitlines() if f"{shown(student)}  {CHAPTER}" in t]
    assert len(lines) == 1 and "NOT GRADED: the name of its folder" in lines[0]


def test_a_second_run_grades_nothing_again(classes):
    before = points(classes.crowd)
    done = grade(classes.crowd)
    assert done.returncode == 1 and points(classes.crowd) == before
    lines = [t for t in done.stdout.splitlines() if re.match(r"\[ *\d+/\d+\]", t)]
    assert len(lines) == len(CASES) + len(HONEST) + len(REFUSED)
    again = [t for t in lines if "graded before" not in t and "NOT GRADED" not in t]
    assert again == []


def test_the_report_holds_them_all(classes):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "autograder",
            "report",
            "--class",
            str(classes.crowd),
            "--export",
            "canvas",
            "moodle",
            "gradescope",
        ],
        capture_output=True,
        text=True,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stderr
    html = (classes.crowd / "classroom" / "reports" / "report.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;student" in html and "<b>student" not in html
    assert "the file is empty" in html
    rows = (classes.crowd / "classroom" / "reports" / "points.csv").read_text(encoding="utf-8")
    assert "'=1+1" in rows and ",=1+1" not in rows
