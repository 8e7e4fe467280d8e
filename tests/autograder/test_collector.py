"""`nbgrader zip_collect` on downloads as Canvas and Moodle make them, damaged ones included."""

import io
import os
import subprocess
import sys
import zipfile

import pytest
from conftest import CHAPTER, make_course

from autograder.collector import author, stored_name
from autograder.submission import MAX_FILE

NAME = f"{CHAPTER}.ipynb"


@pytest.mark.parametrize("path, expected", [
    (f"lastfirst_1234_5678_{NAME}", ("1234", 5678, NAME)),
    (f"lastfirst_LATE_1234_5678_{NAME}", ("1234", 5678, NAME)),
    (f"o'last_1_2_{NAME}", ("1", 2, NAME)),
    ("näme_1234_5678_my work.ipynb", ("1234", 5678, "my work.ipynb")),
    (f"submissions/lastfirst_1234_5678_{NAME}", ("1234", 5678, NAME)),
    (f"anon_x7Kd2_5678_{NAME}", ("anon_x7Kd2", 5678, NAME)),
    (f"First Last_4321_assignsubmission_file_/{NAME}", ("4321", 0, NAME)),
    (f"First Last_4321_assignsubmission_file/{NAME}", ("4321", 0, NAME)),
    (f"Group A/First Last_4321_assignsubmission_file_/sub/{NAME}", ("4321", 0, NAME)),
    (f"First Last_4321_assignsubmission_file_{NAME}", ("4321", 0, NAME)),
    (f"Participant_77_assignsubmission_file_/{NAME}", ("77", 0, NAME)),
    (NAME, None), (f"student-01/{NAME}", None), ("", None)])
def test_whose_file_it_is(path, expected):
    assert author(path) == expected


@pytest.mark.parametrize("given, stored", [
    (NAME, NAME), (f"{CHAPTER}-2.ipynb", NAME), (f"{CHAPTER} (1).ipynb", NAME),
    ("my work.ipynb", "my work.ipynb"), ("a/b\\c\n.ipynb", "a_b_c_.ipynb"),
    ("..ipynb", ".ipynb"), ("-rf.ipynb", "-rf.ipynb"), ("x" * 300 + ".ipynb", "x" * 80 + ".ipynb")])
def test_how_it_is_stored(given, stored):
    assert stored_name(given, CHAPTER) == stored


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def collected(root, tmp_path_factory):
    """A class whose downloads lie in the archive folder, collected by nbgrader's command."""
    course = tmp_path_factory.mktemp("collect")
    make_course(course, root)
    archive = course / "classroom" / "downloaded" / CHAPTER / "archive"
    archive.mkdir(parents=True)
    (archive / "canvas.zip").write_bytes(zipped({
        f"lastfirst_1_10_{NAME}": "first",
        f"secondone_LATE_2_20_{CHAPTER}-1.ipynb": "later",
        f"secondone_LATE_2_19_{NAME}": "earlier",
        "thirdone_3_30_homework.zip": zipped({f"a/{NAME}": "zipped", f"__MACOSX/a/._{NAME}": "x"}),
        "fourthone_4_40_homework.zip": zipped({NAME: "abc" * 1000})[:-200],
        "fifthone_5_50_essay.pdf": "%PDF",
        f"sixthone_6_60_../../../{NAME}": "escape",
        "bomb_7_70_bomb.zip": zipped({NAME: bytes(MAX_FILE + 1000)}),
        "README.txt": "no student's"}))
    (archive / "moodle.zip").write_bytes(zipped({
        f"First Last_101_assignsubmission_file_/{NAME}": "moodle first",
        "First Last_101_assignsubmission_file_/notes.txt": "x",
        f"Näme Vorname_102_assignsubmission_file_/{CHAPTER} (1).ipynb": "moodle second"}))
    (archive / "damaged.zip").write_bytes(b"PK\x03\x04 and no more")
    (archive / f"Third Person_103_assignsubmission_file_{NAME}").write_text("unpacked by hand")
    (archive / f"evil_8_80_{NAME}").symlink_to("/etc/passwd")
    done = subprocess.run([sys.executable, "-m", "nbgrader", "zip_collect", CHAPTER], cwd=course,
                          capture_output=True, text=True, env=os.environ | {"LC_ALL": "C.UTF-8"})
    return course / "classroom" / "submitted", done


def test_the_command_ends_well_and_says_what_it_left_out(collected):
    _, done = collected
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    for text in ("damaged.zip cannot be read", "'README.txt' is not named as", "4: 'homework.zip'",
                 "5 handed in no notebook: essay.pdf"):
        assert text in done.stderr


@pytest.mark.parametrize("student, text", [
    ("1", "first"), ("2", "later"), ("3", "zipped"), ("101", "moodle first"),
    ("102", "moodle second"), ("103", "unpacked by hand"), ("4", "no notebook was handed in"),
    ("5", "no notebook was handed in")])
def test_every_student_has_one_notebook(collected, student, text):
    folder = collected[0] / student / CHAPTER
    assert [path.name for path in folder.iterdir()] == [NAME]
    assert (folder / NAME).read_text() == text


def test_nothing_else_was_written(collected):
    submitted, _ = collected
    assert sorted(p.name for p in submitted.iterdir()) == sorted(
        ["1", "2", "3", "4", "5", "7", "101", "102", "103"])
    assert (submitted / "7" / CHAPTER / NAME).stat().st_size == MAX_FILE + 1
    outside = [p for p in submitted.parent.parent.rglob(NAME) if p.read_bytes() == b"escape"]
    assert outside == []
