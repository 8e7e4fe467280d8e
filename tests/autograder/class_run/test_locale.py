"""Every command that prints works on terminals that cannot show what it prints."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from conftest import CHAPTER, make_course, solved, without_demos

STUDENTS = ("näme-é", "学生-01")
LOCALES = {
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "ascii": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
    "cp932": {"PYTHONIOENCODING": "cp932"},
}
SHOWN = {
    "C": STUDENTS,
    "ascii": ("n\\xe4me-\\xe9", "\\u5b66\\u751f-01"),
    "cp932": ("n\\xe4me-\\xe9", "学生-01"),
}


def run(name, *arguments, where="/"):
    """Run the command in one of the locales; give its exit code and what it printed."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("LC_", "LANG", "PYTHON"))
    }
    done = subprocess.run(
        [Path(sys.executable).with_name("mlp-course"), *arguments],
        capture_output=True,
        cwd=where,
        env=kept | LOCALES[name] | {"MLP_COURSE_SECRET": "locale"},
    )
    encoding = "cp932" if name == "cp932" else "utf-8"
    return done.returncode, done.stdout.decode(encoding), done.stderr.decode(encoding)


@pytest.fixture(scope="module")
def graded_class(tmp_path_factory, root, course):
    """A class with names and errors beyond ASCII."""
    folder = tmp_path_factory.mktemp("locale")
    make_course(folder, root)
    wrong = 'def softmax(z):\n    raise ValueError("größer → 学 \\udc80 \\x1b[31m")'
    for student, sources in zip(STUDENTS, ({}, {"softmax": wrong}), strict=True):
        notebook = solved(course.release, course.master, **sources)
        without_demos(notebook)
        path = folder / "classroom" / "submitted" / student / CHAPTER / f"{CHAPTER}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    return folder


@pytest.mark.parametrize("name", LOCALES)
def test_grade_and_report(graded_class, name):
    code, out, err = run(name, "grade", "--regrade", "--class", graded_class)
    assert code == 0 and err == "", err
    assert all(student in out for student in SHOWN[name])
    assert "\x1b" not in out and "stopped with ValueError" in out
    code, out, err = run(
        name, "report", "--class", graded_class, "--export", "canvas", "moodle", "gradescope"
    )
    assert code == 0 and err == "", err
    assert f"{CHAPTER}: 2 students" in out
    reports = graded_class / "classroom" / "reports"
    for written in ("points.csv", "canvas.csv", "report.html"):
        text = (reports / written).read_text(encoding="utf-8")
        assert all(student in text for student in STUDENTS), written
    code, out, err = run(name, "grade", "--class", graded_class)
    assert code == 0 and all(student in out for student in SHOWN[name]) and err == ""


@pytest.mark.parametrize("name", LOCALES)
def test_doctor_and_errors(graded_class, name):
    code, out, err = run(name, "doctor", where=graded_class)
    assert code == 0 and "confinement: " in out and err == ""
    code, out, err = run(name, "check", "学生-é.ipynb")
    shown = {"C": "学生-é", "ascii": "\\u5b66\\u751f-\\xe9", "cp932": "学生-\\xe9"}[name]
    assert code == 2 and out == "" and err == f"mlp-course: there is no file {shown}.ipynb\n"


@pytest.mark.parametrize("name", ["ascii", "cp932"])
@pytest.mark.slow
def test_demo(graded_class, tmp_path, name):
    code, out, err = run(name, "demo", "--dir", tmp_path / "größer", where=graded_class)
    assert err == "" and code in (0, 1)
    assert "student-12" in out and "Submissions: " in out and "Confinement: " in out
    assert "gr\\xf6\\xdfer" in out
