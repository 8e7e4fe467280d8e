"""A class with every trap, through nbgrader's own commands and through grade_class: same grades."""

import copy
import csv
import json
import os
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from conftest import (
    CHAPTER,
    SECRET,
    as_colab,
    as_version_3,
    as_vscode,
    cell_of,
    grade_id,
    make_course,
    nbgrader,
    solved,
    without_demos,
    without_kernelspec,
)
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook

from autograder.class_run.grade_class import grade_class
from autograder.class_run.grade_notebook_file import check_notebook
from autograder.class_run.submissions import plan
from autograder.ground.errors import Problem
from autograder.ground.report_records import read_reports
from autograder.judge.worker_process import Worker, WorkerError
from autograder.release.masters import notebook_text
from mlp_helpers import exercises

AUTO = sum(e.points for e in exercises().values() if e.chapter == "01")
NLL = exercises()["nll"].points
XSS = "<script>alert('xss')</script>"


def edited(edit, **sources):
    """A submission made by editing a right one."""

    def make(course):
        notebook = solved(course.release, course.master, **sources)
        edit(notebook)
        return json.dumps(notebook)  # without nbformat's repairs

    return make


def wrong(body):
    """A right submission but for nll."""
    return edited(without_demos, nll=f"def nll(F, y):\n    {body}")


def duplicate(*names):
    def edit(notebook):
        without_demos(notebook)
        for name in names:
            notebook.cells.append(copy.deepcopy(cell_of(notebook, name)))

    return edit


def delete(*names):
    def edit(notebook):
        without_demos(notebook)
        notebook.cells = [c for c in notebook.cells if grade_id(c) not in names]

    return edit


def forge(notebook):
    without_demos(notebook)
    for cell in notebook.cells:
        if grade_id(cell):
            cell.metadata.nbgrader.update(points=1000, schema_version=1)
        if (grade_id(cell) or "").startswith("check_"):
            cell.source = "1000.0"
            cell.outputs = [
                nbformat.v4.new_output(
                    "execute_result", data={"text/plain": "1000.0"}, execution_count=1
                )
            ]


def markup(notebook):
    without_demos(notebook)
    cell_of(notebook, "derive_softmax_jacobian").source = XSS
    notebook.cells += [
        new_markdown_cell(XSS + "[x](javascript:alert('xss')) <img src=x onerror=alert('xss')>"),
        new_code_cell(
            f"from IPython.display import *\ndisplay(HTML({XSS!r}), Latex({XSS!r}), "
            f"Javascript({XSS!r}))\nprint({XSS!r})\n{XSS!r}"
        ),
        new_code_cell(f"raise ValueError({XSS!r})"),
    ]


def dump(save):
    def make(course):
        notebook = solved(course.release, course.master)
        without_demos(notebook)
        return json.dumps(save(notebook))

    return make


# student -> (file content, points of the checks); every one of these must be graded
CLASS = {
    "a-right": (edited(without_demos), AUTO),
    "b-untouched": (lambda course: nbformat.writes(course.release), 0),
    "c-duplicated-check": (edited(duplicate("check_nll", "check_nll")), AUTO),
    "d-duplicated-solution": (edited(duplicate("nll", "softmax")), AUTO),
    "e-deleted-check": (edited(delete("check_nll", "check_softmax")), AUTO),
    "f-deleted-solution": (edited(delete("nll")), AUTO - NLL),
    "g-forged": (edited(forge), AUTO),
    "h-stderr": (wrong("import sys; print('x', file=sys.stderr); return 0.0"), AUTO - NLL),
    "i-nan": (wrong("return float('nan')"), AUTO - NLL),
    "j-numpy-scalar": (wrong("return np.float64(0.25)"), AUTO - NLL),
    "k-os-exit": (wrong("import os; os._exit(1)"), AUTO - NLL),
    "l-segfault": (wrong("import ctypes; ctypes.string_at(0)"), AUTO - NLL),
    "m-endless": (
        wrong(
            "while True:\n        try:\n            while True: pass\n"
            "        except BaseException: pass"
        ),
        AUTO - NLL,
    ),
    "n-truncated": (lambda course: nbformat.writes(course.master)[:9000], 0),
    "o-empty": (lambda course: "", 0),
    "p-text": (lambda course: "my homework", 0),
    "q-vscode": (dump(as_vscode), AUTO),
    "r-colab": (dump(as_colab), AUTO),
    "s-version-3": (dump(as_version_3), AUTO),
    "t-no-kernelspec": (dump(without_kernelspec), AUTO),
    "u-markup": (edited(markup), AUTO),
    "v-renamed": (edited(without_demos), AUTO),
    "w-other-files": (edited(without_demos), AUTO),
    "x-no-notebook": (None, 0),
    "z-last": (edited(without_demos), AUTO),
}


def hand_in(course, root):
    """Write the class's submissions."""
    for student, (make, _) in CLASS.items():
        folder = root / "classroom" / "submitted" / student / CHAPTER
        folder.mkdir(parents=True)
        name = f"{CHAPTER} (1).ipynb" if student == "v-renamed" else f"{CHAPTER}.ipynb"
        if make is not None:
            (folder / name).write_text(make(course), encoding="utf-8")
    folder = root / "classroom" / "submitted" / "w-other-files" / CHAPTER
    (folder / "numpy.py").write_text("raise SystemExit")
    (folder / "link.txt").symlink_to(root / "classroom" / "secret")
    (folder / "sub").mkdir()
    (folder / "sub" / "other.ipynb").write_text("{}")


FAST = "\nc = get_config()\nc.Judge.call_seconds = 1.0\nc.Judge.cell_seconds = 3.0\n"


@pytest.fixture(scope="module")
def classes(course, root, tmp_path_factory):
    """Two equal classes: one for nbgrader's commands, one for grade_class."""
    made = []
    for name in ("by nbgrader", "by us"):
        folder = tmp_path_factory.mktemp("class") / name
        make_course(folder, root)
        with open(folder / "nbgrader_config.py", "a") as config:
            config.write(FAST)
        hand_in(course, folder)
        (folder / "classroom" / "secret").write_bytes(SECRET)
        made.append(folder)
    return made


@pytest.fixture(scope="module")
def by_nbgrader(classes):
    """The class graded by nbgrader's commands: folder and the commands' results."""
    root, before = classes[0], (classes[0] / "course" / CHAPTER / f"{CHAPTER}.ipynb").read_bytes()
    done = {
        name: nbgrader(root, name, CHAPTER, *more)
        for name, more in (
            ("generate_assignment", ["--force"]),
            ("autograde", []),
            ("generate_feedback", []),
        )
    }
    done["export"] = nbgrader(root, "export")
    return root, done, before


@pytest.fixture(scope="module")
def by_us(classes):
    """The class graded by grade_class: folder, result, and what progress was told."""
    told = []
    result = grade_class(root=classes[1], progress=lambda *a: told.append(a))
    return classes[1], result, told


def points(root):
    """student -> cell -> (score, needs a reader), from the gradebook."""
    with Gradebook(f"sqlite:///{root / 'classroom' / 'gradebook.db'}") as book:
        return {
            s.student.id: {
                g.name: (g.score, g.needs_manual_grade) for n in s.notebooks for g in n.grades
            }
            for s in book.assignment_submissions(CHAPTER)
        }


def page(root, student):
    path = root / "classroom" / "feedback" / student / CHAPTER / f"{CHAPTER}.html"
    return path.read_text(encoding="utf-8")


def test_nbgraders_commands_run_unmodified(by_nbgrader):
    root, done, before = by_nbgrader
    for name, result in done.items():
        assert result.returncode == 0, f"{name}: {result.stderr[-2000:]}"
        assert "Traceback" not in result.stderr
    assert (root / "course" / CHAPTER / f"{CHAPTER}.ipynb").read_bytes() == before


@pytest.mark.parametrize("student", CLASS)
def test_every_submission_gets_what_it_earned(by_us, student):
    cells = points(by_us[0])[student]
    assert sum(
        score for name, (score, _) in cells.items() if name.startswith("check_")
    ) == pytest.approx(CLASS[student][1])
    assert not any(waits for name, (_, waits) in cells.items() if name.startswith("check_"))


def test_both_ways_give_the_same_gradebook(by_nbgrader, by_us):
    theirs, ours = points(by_nbgrader[0]), points(by_us[0])
    assert set(ours) - set(theirs) == {"x-no-notebook"}  # nbgrader passes over an empty folder
    assert theirs == {name: cells for name, cells in ours.items() if name in theirs}


def test_both_ways_give_the_same_feedback(by_nbgrader, by_us):
    for student in ("a-right", "k-os-exit", "n-truncated"):
        assert page(by_nbgrader[0], student) == page(by_us[0], student)


def test_the_export_lists_everybody(by_nbgrader):
    with open(by_nbgrader[0] / "grades.csv", newline="") as file:
        rows = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert rows["a-right"] >= AUTO and rows["o-empty"] == 0
    assert set(rows) == set(CLASS) - {"x-no-notebook"}


def test_answers_by_hand_wait_for_a_reader_only_if_given(by_us):
    cells = points(by_us[0])
    name = "derive_softmax_jacobian"
    assert cells["a-right"][name] == (0, True)
    for student in ("b-untouched", "o-empty", "x-no-notebook"):
        assert cells[student][name] == (0, False)


def test_the_result_tells_the_same(by_us):
    root, result, told = by_us
    assert result.complete and result.gradebook.is_file()
    assert [(i, n) for i, n, _ in told] == [(i + 1, len(CLASS)) for i in range(len(CLASS))]
    for outcome in result.outcomes:
        assert sum(r.points for r in outcome.reports.values()) == CLASS[outcome.task.student][1]
        assert outcome.feedback.is_file()
    assert result.graded(CHAPTER)["i-nan"]["nll"].outcome != "correct"


@pytest.mark.parametrize(
    "student, reason",
    [
        ("n-truncated", "a part of it is missing"),
        ("o-empty", "the file is empty"),
        ("p-text", "not a notebook"),
        ("x-no-notebook", "there is no file named"),
    ],
)
def test_a_broken_submission_is_told_why(by_nbgrader, by_us, student, reason):
    _, result, _ = by_us
    (outcome,) = [o for o in result.outcomes if o.task.student == student]
    assert any(reason in note for note in outcome.notes)
    assert reason in page(by_us[0], student) and "could not be graded" in page(by_us[0], student)
    if student != "x-no-notebook":
        assert reason in by_nbgrader[1]["autograde"].stderr


@pytest.mark.parametrize(
    "student, reason",
    [
        ("k-os-exit", "ended the Python process"),
        ("l-segfault", "ended the Python process"),
        ("m-endless", "an endless loop, or"),
        ("f-deleted-solution", "not attempted yet"),
    ],
)
def test_the_feedback_says_what_happened(by_us, student, reason):
    assert reason in page(by_us[0], student)


def test_a_students_markup_does_not_reach_the_feedback(by_us):
    text = page(by_us[0], "u-markup")
    parsed = BeautifulSoup(text, "html.parser")
    assert not [tag for tag in parsed.find_all("script") if "xss" in tag.get_text()]
    assert not [tag for tag in parsed.find_all() if "onerror" in tag.attrs]
    assert not [a for a in parsed.find_all("a") if "javascript:" in a.get("href", "")]
    assert text.count("alert(") >= 6  # shown, as text


def test_no_secret_and_no_foreign_file_is_handed_on(by_us, by_nbgrader):
    for root in (by_us[0], by_nbgrader[0]):
        for step in ("autograded", "feedback"):
            folder = root / "classroom" / step / "w-other-files" / CHAPTER
            assert [p.name for p in folder.rglob("*") if p.is_file()] == [
                CHAPTER + (".ipynb" if step == "autograded" else ".html")
            ]
    found = subprocess.run(
        ["grep", "-rlF", SECRET.decode(), by_us[0] / "classroom"], capture_output=True, text=True
    ).stdout.split("\n")
    assert [Path(p).name for p in found if p and "submitted" not in p] == ["secret"]


def test_a_second_run_grades_only_what_is_new(by_us):
    root, first, _ = by_us
    path = root / "classroom" / "submitted" / "a-right" / CHAPTER / f"{CHAPTER}.ipynb"
    path.write_text(path.read_text() + "\n")
    again = grade_class(root=root)
    assert {o.task.student: o.reasons for o in again.outcomes if o.seconds > 0} == {
        "a-right": ("submission",)
    }
    for before, after in zip(first.outcomes, again.outcomes, strict=True):
        assert {k: (r.outcome, r.points, r.misconceptions) for k, r in before.reports.items()} == {
            k: (r.outcome, r.points, r.misconceptions) for k, r in after.reports.items()
        }
    assert points(root) == points(root)


def test_a_lost_gradebook_is_made_anew(by_us, tmp_path):
    root = tmp_path / "class"
    shutil.copytree(by_us[0], root, symlinks=True)
    for student in set(CLASS) - {"a-right", "o-empty"}:
        shutil.rmtree(root / "classroom" / "submitted" / student)
    (root / "classroom" / "gradebook.db").unlink()
    assert grade_class(root=root).complete
    assert points(root) == {name: points(by_us[0])[name] for name in ("a-right", "o-empty")}


def test_reports_can_be_read_from_what_nbgrader_graded(by_nbgrader):
    path = by_nbgrader[0] / "classroom" / "autograded" / "h-stderr" / CHAPTER / f"{CHAPTER}.ipynb"
    reports = read_reports(path)
    assert reports["softmax"].passed and not reports["nll"].passed
    assert str(reports["nll"]).startswith("nll · ")


# --- without a class -----------------------------------------------------------------------------


def test_checking_ones_own_notebook(course, tmp_path):
    path = tmp_path / "mine.ipynb"
    path.write_text(edited(without_demos, nll="def nll(F, y): return 0.0")(course))
    reports = check_notebook(path)
    assert list(reports) == [e.id for e in exercises().values() if e.chapter == "01"]
    assert [name for name, r in reports.items() if not r.passed] == ["nll"]
    assert os.listdir(tmp_path) == ["mine.ipynb"]


@pytest.mark.parametrize(
    "text, says",
    [
        ("", "empty"),
        ("{", "not a notebook"),
        (notebook_text(nbformat.v4.new_notebook()), "no exercise of this course"),
    ],
)
def test_checking_something_else(tmp_path, text, says):
    (tmp_path / "a.ipynb").write_text(text)
    with pytest.raises(Problem, match=says):
        check_notebook(tmp_path / "a.ipynb")


def test_an_empty_class(course, tmp_path):
    assert plan([CHAPTER], tmp_path) == []
    with pytest.raises(Problem, match="no submissions"):
        grade_class([CHAPTER], root=tmp_path)


def test_a_chapter_without_a_release(tmp_path):
    (tmp_path / "classroom" / "submitted" / "student-01" / CHAPTER).mkdir(parents=True)
    with pytest.raises(Problem, match="mlp-course build"):
        grade_class([CHAPTER], root=tmp_path, secret=SECRET)


def test_a_machine_without_a_worker(by_us, monkeypatch):
    def fail(self, cpu_seconds):
        raise WorkerError("the grading worker did not start: no memory")

    monkeypatch.setattr(Worker, "start", fail)
    with pytest.raises(Problem, match="no memory"):
        grade_class([CHAPTER], root=by_us[0], regrade=True)


def test_a_release_that_changed_under_graded_submissions(by_us, tmp_path):
    root = tmp_path / "class"
    shutil.copytree(by_us[0], root, symlinks=True)
    path = root / "course" / CHAPTER / f"{CHAPTER}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [c for c in notebook.cells if grade_id(c) != "check_nll"]
    path.write_text(notebook_text(notebook))
    said = []
    result = grade_class([CHAPTER], root=root, say=said.append)
    assert not any(outcome.problem for outcome in result.outcomes)
    assert len(said) == 1 and "dropped check_nll" in said[0]  # see test_term.py for what stays
