"""A class folder: written whole or not at all, brought up to date without losing anything."""

import copy
import json
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from conftest import CHAPTER, without_demos
from nbgrader.api import Gradebook
from nbgrader.exchange.default.exchange import Exchange

from autograder import cli
from autograder.class_run import doctor
from autograder.class_run.grade_class import grade_class
from autograder.gradebook.nbgrader_settings import load_config
from autograder.ground.course_settings import FILE, read_settings
from autograder.release import class_folder
from autograder.release.class_folder import CONFIG, PARTIAL, RECORD, difference, init, upgrade

MASTER = f"solutions/{CHAPTER}.py"
RELEASE = f"course/{CHAPTER}/{CHAPTER}.ipynb"


def run(*arguments):
    return cli.main([str(a) for a in arguments])


def files(folder):
    """Names and contents of all files: dict of str to bytes."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@pytest.fixture
def made(tmp_path):
    """A class folder with chapter 01."""
    init(tmp_path / "class", [CHAPTER])
    return tmp_path / "class"


@pytest.fixture
def older(root, tmp_path, monkeypatch):
    """An older course: its chapter 01 asks for one derivation less, another is worth more."""
    source = tmp_path / "older"
    shutil.copytree(
        root / "solutions",
        source / "solutions",
        ignore=lambda at, names: [name for name in names if not name.endswith(".py")],
    )
    shutil.copy(root / CONFIG, source)
    path = source / MASTER
    cells = re.split(r"(?m)^(?=# %%)", path.read_text(encoding="utf-8"))
    derivations = [i for i, cell in enumerate(cells) if '"grade_id": "derive_' in cell]
    dropped, weighed = (
        re.search(r'"grade_id": "(\w+)", .*?"points": (\d+)', cells[i]) for i in derivations[:2]
    )
    heavier = int(weighed[2]) + 2
    cells[derivations[1]] = cells[derivations[1]].replace(
        f'"points": {weighed[2]}', f'"points": {heavier}'
    )
    del cells[derivations[0]]
    path.write_text("".join(cells), encoding="utf-8")
    with monkeypatch.context() as context:
        context.setattr(class_folder, "course_source", lambda: source)
        yield {
            "use": context.undo,
            "added": dropped[1],
            "weighed": (weighed[1], heavier, int(weighed[2])),
        }


# Writing -----------------------------------------------------------------------------------------


def test_a_class_folder_is_what_the_course_has(root, tmp_path, capsys):
    folder = tmp_path / "class of spring"
    assert run("init", folder, "--chapters", "01,03_tanh_homework") == 0
    assert str(folder) in capsys.readouterr().out
    found = files(folder)
    for name in (MASTER, "solutions/03_tanh_homework.py", RELEASE, CONFIG):
        assert found[name] == (root / name).read_bytes(), name
    assert {name for name in found if "/" not in name} == {
        ".gitignore",
        "README.md",
        FILE,
        CONFIG,
        RECORD,
    }
    assert len([name for name in found if name.startswith("solutions/0")]) == 2
    assert folder.stat().st_mode & 0o077 == 0
    assert sum(line[:1].isdigit() for line in found["README.md"].decode().splitlines()) == 6


def test_the_first_page_links_to_the_chapters_that_are_there(made):
    def links():
        page = (made / "course" / "README.ipynb").read_text(encoding="utf-8")
        return re.findall(r"\]\((\w+)/\w+\.ipynb\)", page)

    assert links() == [CHAPTER]
    upgrade(made, ["08_generalisation"])
    assert links() == [CHAPTER, "08_generalisation"]


@pytest.mark.parametrize(
    "wanted, count",
    [(None, 9), ("01-04", 4), ("00,02-03", 3), ("08_generalisation", 1), ("07-08,08", 2)],
)
def test_chapters_are_chosen_by_ranges_lists_and_names(root, wanted, count):
    assert len(cli.chapter_names(root, [wanted] if wanted else [])) == count


@pytest.mark.parametrize(
    "wanted, says", [("01-12", "'01-12'"), ("1", "'1'"), ("", "''"), ("04-01", "backwards")]
)
def test_chapters_that_are_not_there_are_named(tmp_path, capsys, wanted, says):
    assert run("init", tmp_path / "class", "--chapters", wanted) == 2
    err = capsys.readouterr().err
    assert says in err and err.count("\n") == 1
    assert not (tmp_path / "class").exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path, capsys):
    (tmp_path / "thesis.tex").write_text("years of work", encoding="utf-8")
    assert run("init", tmp_path) == 2
    err = capsys.readouterr().err
    assert "not an empty folder" in err and err.count("\n") == 1
    assert list(files(tmp_path)) == ["thesis.tex"]
    assert run("init", tmp_path / "thesis.tex") == 2


@pytest.mark.parametrize("name", ["a b", "../x", "", 'x"; import os', ".hidden", "x" * 65])
def test_names_of_courses_that_cannot_be_are_refused(tmp_path, capsys, name):
    assert run("init", tmp_path / "class", "--course-id", name) == 2
    assert "cannot name a course" in capsys.readouterr().err
    assert not (tmp_path / "class").exists()


@pytest.mark.parametrize("there", [False, True], ids=["new", "empty"])
def test_all_or_nothing(tmp_path, monkeypatch, there):
    folder = tmp_path / "class"
    if there:
        folder.mkdir()

    def stopped(root):
        assert (root / MASTER).is_file()
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr(class_folder, "build", stopped)
        with pytest.raises(KeyboardInterrupt):
            init(folder, [CHAPTER])
    assert folder.exists() == there and not files(tmp_path)
    (folder / PARTIAL / "course").mkdir(parents=True)  # as a run leaves it that was killed
    init(folder, [CHAPTER])
    assert (folder / RELEASE).is_file() and not (folder / PARTIAL).exists()


def test_the_settings_in_it_are_good_once_their_marks_are_taken_away(made):
    path = made / FILE
    assert read_settings(made).extensions == {}
    text = path.read_text(encoding="utf-8")
    path.write_text(
        re.sub(r"(?m)^# (?=\[|untouched|student|per_day|at_most)", "", text), encoding="utf-8"
    )
    settings = read_settings(made)
    assert [key for key in settings.extensions] == [(CHAPTER, "student-03")]
    assert (settings.late.per_day, settings.late.at_most) == (10, 50)

    config = made / CONFIG
    text = config.read_text(encoding="utf-8")
    config.write_text(re.sub(r"(?m)^# (?=c\.)", "", text), encoding="utf-8")
    config = load_config(made)
    assert config.LateSubmissionPlugin.penalty_method == "zero"
    assert config.CourseDirectory.course_id == "mlp"
    assert config.Exchange.root == Exchange.root.default_value


def test_the_name_in_the_exchange_is_nbgraders(tmp_path):
    init(tmp_path / "class", [CHAPTER], "ml1.2026")
    assert load_config(tmp_path / "class").CourseDirectory.course_id == "ml1.2026"
    assert (tmp_path / "class" / CONFIG).read_text(encoding="utf-8").count("course_id") == 1


@pytest.mark.parametrize("inside", [True, False], ids=["inside", "--class"])
def test_commands_work_inside_and_from_elsewhere(made, tmp_path, monkeypatch, capsys, inside):
    monkeypatch.chdir(made / "course" if inside else tmp_path)
    monkeypatch.setattr(doctor, "try_levels", list)  # seconds, tried elsewhere
    there = () if inside else ("--class", made)
    (made / RELEASE).unlink()
    assert run("doctor", *there) == 2 and "not built" in capsys.readouterr().out
    assert run("build", *there) == 0 and RELEASE in capsys.readouterr().out
    assert run("doctor", *there) == 2 and f"ok     {CHAPTER}" in capsys.readouterr().out
    assert run("grade", *there) == 2 and "submitted" in capsys.readouterr().err
    assert run("report", *there) == 2 and "mlp-course grade" in capsys.readouterr().err


# Bringing up to date -----------------------------------------------------------------------------


def test_a_folder_that_is_up_to_date_stays_as_it_is(made):
    before = files(made)
    assert [line for line in upgrade(made) if "unchanged" in line] == [f"{CHAPTER}: unchanged"]
    assert files(made) == before


def test_a_newer_course_comes_with_a_line_for_what_changed(older, tmp_path, root):
    folder = tmp_path / "class"
    init(folder, [CHAPTER], "ml1")
    config = files(folder)[CONFIG]
    (folder / "classroom").mkdir()
    (folder / "classroom" / "secret").write_bytes(b"kept")
    older["use"]()
    [line] = [line for line in upgrade(folder) if line.startswith(CHAPTER)]
    name, before, after = older["weighed"]
    assert line == f"{CHAPTER}: added {older['added']}; {name} {before} -> {after} points"
    found = files(folder)
    assert found[MASTER] == (root / MASTER).read_bytes()
    assert found[RELEASE] == (root / RELEASE).read_bytes()
    assert found[CONFIG] == config and found["classroom/secret"] == b"kept"


def test_what_the_instructor_changed_stays_beside_the_courses_own(older, tmp_path, root):
    folder = tmp_path / "class"
    init(folder, [CHAPTER])
    master, settings = folder / MASTER, folder / FILE
    mine = (root / MASTER).read_text(encoding="utf-8") + "\n# %% [markdown]\n# Our own end.\n"
    master.write_text(mine, encoding="utf-8")
    settings.write_text("[answers]\nuntouched = 'pending'\n", encoding="utf-8")
    (folder / "README.md").unlink()
    older["use"]()
    lines = upgrade(folder)
    assert f"{MASTER}: you have changed it, so it stays; the course's own is {MASTER}.new" in lines
    assert master.read_text(encoding="utf-8") == mine
    assert (folder / f"{MASTER}.new").read_bytes() == (root / MASTER).read_bytes()
    assert "Our own end." in (folder / RELEASE).read_text(encoding="utf-8")
    assert read_settings(folder).untouched == "pending"
    assert not (folder / f"{FILE}.new").exists()  # the course's own did not change
    assert not (folder / "README.md").exists()
    assert not [line for line in upgrade(folder) if ".new" in line]  # it has been said


def test_a_master_that_cannot_be_released_any_more_changes_nothing(older, tmp_path, capsys):
    folder = tmp_path / "class"
    init(folder, [CHAPTER])
    master = folder / MASTER
    text = master.read_text(encoding="utf-8")
    master.write_text(text.replace("check(softmax)", "check(hardmax)"), encoding="utf-8")
    older["use"]()
    before = files(folder)
    assert run("init", "--upgrade", folder) == 2
    assert "check(softmax)" in capsys.readouterr().err
    assert files(folder) == before


def test_chapters_are_added_to_a_class(made):
    assert "08_generalisation: new here" in upgrade(made, ["08_generalisation"])
    assert (made / "course/08_generalisation/08_generalisation.ipynb").is_file()
    assert "08_generalisation: unchanged" in upgrade(made)


def test_a_chapter_that_the_course_does_not_have_stays(made):
    (made / "solutions" / "99_our_own.py").write_text("# ours\n", encoding="utf-8")
    assert "99_our_own: not in the installed course; it stays" in upgrade(made)
    assert (made / "solutions" / "99_our_own.py").read_text(encoding="utf-8") == "# ours\n"


@pytest.mark.parametrize("record", [None, "", "[]", "{}", '{"version": 1'])
def test_a_folder_without_a_record_is_not_upgraded(made, capsys, record):
    (made / RECORD).unlink()
    if record is not None:
        (made / RECORD).write_text(record, encoding="utf-8")
    before = files(made)
    assert run("init", "--upgrade", made) == 2
    err = capsys.readouterr().err
    assert RECORD in err and err.count("\n") == 1 and files(made) == before


@pytest.mark.slow
def test_marks_by_hand_survive_a_newer_course(older, tmp_path, course):
    folder = tmp_path / "class"
    init(folder, [CHAPTER])
    path = folder / "classroom/submitted/student-01" / CHAPTER / f"{CHAPTER}.ipynb"
    path.parent.mkdir(parents=True)
    notebook = copy.deepcopy(course.release)
    without_demos(notebook)
    nbformat.write(notebook, path)
    assert grade_class([CHAPTER], root=folder).complete
    name, _, after = older["weighed"]
    url = f"sqlite:///{folder / 'classroom' / 'gradebook.db'}"
    with Gradebook(url) as book:
        book.find_grade(name, CHAPTER, CHAPTER, "student-01").manual_score = 1.5
        book.find_comment(name, CHAPTER, CHAPTER, "student-01").manual_comment = "as we discussed"
        book.db.commit()
    older["use"]()
    upgrade(folder)
    assert grade_class([CHAPTER], root=folder).complete
    with Gradebook(url) as book:
        grade = book.find_grade(name, CHAPTER, CHAPTER, "student-01")
        assert (grade.manual_score, grade.max_score) == (1.5, after)
        comment = book.find_comment(name, CHAPTER, CHAPTER, "student-01")
        assert comment.manual_comment == "as we discussed"
        assert book.find_grade(older["added"], CHAPTER, CHAPTER, "student-01") is not None


def test_differences_name_what_is_added_dropped_and_weighed_anew():
    def notebook(**points):
        return {
            "cells": [
                {"metadata": {"nbgrader": {"grade": True, "grade_id": name, "points": number}}}
                for name, number in points.items()
            ]
            + [{"metadata": {}}, {"metadata": {"nbgrader": {"grade": False, "grade_id": "f"}}}]
        }

    old = notebook(check_a=1, check_b=2, derive_c=3)
    new = notebook(check_a=1.5, derive_c=3, check_d=1)
    assert difference(old, new) == "added d; dropped b; a 1 -> 1.5 points"
    assert difference(old, json.loads(json.dumps(old))) == ""


# Without what an instructor's machine has --------------------------------------------------------

BARE = """
import sys
sys.modules[{missing!r}] = None  # as if it were not installed
from autograder.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("missing", ["nbgrader", "jupytext"])
def test_a_students_installation_says_what_is_missing(tmp_path, missing):
    done = subprocess.run(
        [sys.executable, "-c", BARE.format(missing=missing), "init", tmp_path / "class"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and missing in done.stderr and "[teach]" in done.stderr
    assert not (tmp_path / "class").exists()
