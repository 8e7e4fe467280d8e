"""nbgrader's exchange, from release to feedback, with its own commands and our grading."""

import os
import shutil
import subprocess
import sys

import nbformat
import pytest
from conftest import CHAPTER, SECRET, make_course, nbgrader, solved, without_demos
from nbgrader.utils import get_username

from autograder.class_run.grade_class import grade_class

SETTINGS = """
c = get_config()
c.CourseDirectory.course_id = "mlp"
c.Exchange.root = {root!r}
"""


@pytest.fixture
def exchange(root, course, tmp_path):
    """A class with an exchange, and a student's home that knows of it."""
    folder, home, place = (tmp_path / name for name in ("class", "home", "exchange"))
    make_course(folder, root)
    place.mkdir()
    place.chmod(0o777)
    home.mkdir()
    settings = SETTINGS.format(root=str(place))
    with open(folder / "nbgrader_config.py", "a", encoding="utf-8") as file:
        file.write(settings)
    (home / "nbgrader_config.py").write_text(settings, encoding="utf-8")
    (folder / "classroom").mkdir(exist_ok=True)
    (folder / "classroom" / "secret").write_bytes(SECRET)
    return folder, home


def own(home, *arguments):
    """Run one of nbgrader's commands as a student does."""
    settings = {
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "HOME": str(home),
    }
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=home,
        text=True,
        capture_output=True,
        env=os.environ | settings,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def instructor(folder, *arguments):
    done = nbgrader(folder, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.parametrize("graded_by", ["mlp-course", "nbgrader"])
@pytest.mark.slow
def test_feedback_comes_back_through_the_exchange(exchange, course, graded_by):
    folder, home = exchange
    instructor(folder, "release_assignment", CHAPTER)
    own(home, "fetch_assignment", CHAPTER)
    notebook = solved(course.release, course.master)
    without_demos(notebook)
    nbformat.write(notebook, home / CHAPTER / f"{CHAPTER}.ipynb")
    own(home, "submit", CHAPTER)
    instructor(folder, "collect", CHAPTER)
    student = get_username()
    handed_in = folder / "classroom" / "submitted"
    assert (handed_in / student / CHAPTER / "submission_secret.txt").is_file()
    # by mail, alphabetically before and after the other
    for name in ("aa-by-mail", "zz-by-mail"):
        (handed_in / name / CHAPTER).mkdir(parents=True)
        shutil.copy(handed_in / student / CHAPTER / f"{CHAPTER}.ipynb", handed_in / name / CHAPTER)
    if graded_by == "mlp-course":
        assert grade_class([CHAPTER], root=folder, jobs=1).complete
    else:
        instructor(folder, "generate_assignment", CHAPTER, "--force")
        instructor(folder, "autograde", CHAPTER, "--create")
        instructor(folder, "generate_feedback", CHAPTER)
    said = instructor(folder, "release_feedback", CHAPTER)
    for name in ("aa-by-mail", "zz-by-mail"):
        assert f"{name}, {CHAPTER}: not handed in through the exchange" in said
    own(home, "fetch_feedback", CHAPTER)
    [page] = (home / CHAPTER / "feedback").rglob("*.html")
    mine = folder / "classroom" / "feedback" / student / CHAPTER / f"{CHAPTER}.html"
    assert page.read_bytes() == mine.read_bytes()
