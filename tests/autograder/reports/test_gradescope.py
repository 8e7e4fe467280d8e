"""Gradescope's container, laid out in a folder: its archive is unpacked, set up and run."""

import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from conftest import CHAPTER, SECRET, make_course, solved, without_demos

from autograder.class_run.grade_class import grade_class
from autograder.cli import main
from autograder.reports import gradescope_run
from autograder.reports.class_data import gather
from autograder.reports.exports import gradescope_results
from autograder.reports.grades import grades

WRONG = "def softmax(z):\n    return np.exp(z) / np.exp(z).sum()\n"
APT = """#!/bin/sh
# An image that has one Python, and no bubblewrap to install.
case "$*" in
  update) exit 0 ;;
  *python{version}*) exit 0 ;;
  *) exit 100 ;;
esac
"""


@pytest.fixture
def container(root, course, tmp_path, capsys):
    """A class's folder and Gradescope's, with the archive unpacked and a submission uploaded."""
    folder, place = tmp_path / "class", tmp_path / "autograder"
    make_course(folder, root)
    (folder / "classroom").mkdir(exist_ok=True)
    (folder / "classroom" / "secret").write_bytes(SECRET)
    assert main(["gradescope", "01", "--class", str(folder)]) == 0
    path = folder / "classroom" / "reports" / f"gradescope_{CHAPTER}_autograder.zip"
    assert str(path) in capsys.readouterr().out
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for name in ("source", "submission", "results"):
        (place / name).mkdir(parents=True)
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            archive.extract(info, place / "source")
            (place / "source" / info.filename).chmod(info.external_attr >> 16 & 0o777)
    shutil.copy(place / "source" / "run_autograder", place)
    notebook = solved(course.release, course.master, softmax=WRONG)
    without_demos(notebook)
    nbformat.write(notebook, place / "submission" / "my work.ipynb")
    return folder, place


def results(place):
    return json.loads((place / "results" / "results.json").read_text(encoding="utf-8"))


def by_the_class(folder, place):
    """The results of the same submission, graded with its class."""
    path = folder / "classroom" / "submitted" / "student-01" / CHAPTER / f"{CHAPTER}.ipynb"
    path.parent.mkdir(parents=True)
    shutil.copy(place / "submission" / "my work.ipynb", path)
    assert grade_class([CHAPTER], root=folder, jobs=1).complete
    [found] = gather(folder, grades(folder / "classroom" / "gradebook.db"))
    return gradescope_results(found)


def test_it_grades_as_the_class_is_graded(container):
    folder, place = container
    assert gradescope_run.main([str(place)]) == 0
    found, expected = results(place), by_the_class(folder, place)
    assert found["score"] == expected["score"] and found["score"] > 20
    assert found["tests"] == expected["tests"]
    assert "read from 'my work.ipynb'" in found["output"]
    assert found["output"].splitlines()[-1].startswith("Confinement while grading: ")
    assert "NONE" not in found["output"]


def test_without_confinement_there_is_no_result(container, new_clerks, monkeypatch, capsys):
    _, place = container
    monkeypatch.setattr("autograder.gradebook.plugin.CONFINED", ())
    assert gradescope_run.main([str(place)]) == 1
    assert "not graded: " in capsys.readouterr().err
    assert not list((place / "results").iterdir())
    assert gradescope_run.main([str(place), "--unsafe-no-sandbox"]) == 0
    assert "NONE, as the instructor chose" in results(place)["output"]


def test_the_archive_holds_what_it_needs_and_no_more(container):
    _, place = container
    source = place / "source"
    names = {p.relative_to(source).as_posix() for p in source.rglob("*") if p.is_file()}
    [wheel] = [name for name in names if name.endswith(".whl")]
    assert names == {
        wheel,
        "setup.sh",
        "run_autograder",
        "class/nbgrader_config.py",
        "class/classroom/secret",
        f"class/course/{CHAPTER}/{CHAPTER}.ipynb",
    }
    for name in ("setup.sh", "run_autograder"):
        assert os.access(source / name, os.X_OK)
        assert subprocess.run(["sh", "-n", source / name]).returncode == 0
    with zipfile.ZipFile(source / wheel) as archive:
        held = archive.namelist()
    assert "mlp_helpers/__init__.py" in held and "autograder/cli.py" in held
    assert not [name for name in held if "__pycache__" in name or "solutions/" in name]


@pytest.mark.slow
def test_its_setup_installs_the_wheel_and_its_run_grades(container, tmp_path):
    folder, place = container
    tools, version = tmp_path / "tools", f"{sys.version_info.major}.{sys.version_info.minor}"
    tools.mkdir()
    (tools / "apt-get").write_text(APT.format(version=version))
    python = Path(sys.base_prefix, "bin", f"python{version}")
    (tools / python.name).write_text(f'#!/bin/sh\nexec "{python}" "$@"\n')
    for tool in tools.iterdir():
        tool.chmod(0o755)
    own = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL"))}
    own["PATH"] = f"{tools}:{own['PATH']}"
    for program in (place / "source" / "setup.sh", place / "run_autograder"):
        done = subprocess.run([program], cwd=tmp_path, env=own, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    where = [place / "venv" / "bin" / "python", "-c", "import autograder; print(autograder)"]
    text = subprocess.run(where, cwd=tmp_path, env=own, capture_output=True, text=True).stdout
    assert str(place / "venv") in text
    found, expected = results(place), by_the_class(folder, place)
    assert found["score"] == expected["score"] and found["tests"] == expected["tests"]
