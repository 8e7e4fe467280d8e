"""Feedback archives are named as Moodle's and Canvas's import code reads names."""

import re
import zipfile

import pytest

from autograder.gradebook.feedback_zip import write_feedback

CHAPTER = "01_softmax_jacobian"


def moodle_reads(name):
    """Participant, plugin and file of a name, by the rule of Moodle's importziplib.php."""
    assert not name.startswith((".", "~"))
    _, participant, kind, plugin, rest = name.split("_", 4)
    assert (kind, plugin) == ("assignfeedback", "file") and participant.isdecimal()
    return participant, rest


def canvas_reads(name):
    """User and attachment of a name, by the rule of infer_comment_context_from_filename."""
    parts = name.split("_")
    assert not parts[-1].startswith("link") and not name.startswith("._")
    return tuple([part for part in parts if re.fullmatch(r"\d+", part)][:2])


@pytest.fixture
def folder(tmp_path):
    for student in ("501", "1234", "student-03"):
        path = tmp_path / "classroom" / "feedback" / student / CHAPTER / f"{CHAPTER}.html"
        path.parent.mkdir(parents=True)
        path.write_text(f"page of {student}")
    return tmp_path


def archive(path):
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name).decode() for name in file.namelist()}


def test_moodle_finds_its_participants(folder):
    (folder / "classroom" / "roster.csv").write_text(
        "last_name,first_name,login,participants\n"
        "O_ne/../x,Student,student-01,501\nThree,Student,student-03,503\n"
    )
    [path], notes = write_feedback(folder, [CHAPTER], ["moodle", "gradescope"])
    assert path.name == f"moodle_{CHAPTER}_feedback.zip" and notes == []
    assert {moodle_reads(name): text for name, text in archive(path).items()} == {
        ("501", f"{CHAPTER}.html"): "page of 501",
        ("1234", f"{CHAPTER}.html"): "page of 1234",
        ("503", f"{CHAPTER}.html"): "page of student-03",
    }
    assert all("/" not in name for name in archive(path))


def test_who_cannot_be_named_is_said(folder):
    paths, notes = write_feedback(folder, [CHAPTER], ["moodle", "canvas"])
    assert [path.name for path in paths] == [f"moodle_{CHAPTER}_feedback.zip"]
    assert "Moodle: without student-03 (their participant numbers" in notes[0]
    assert "Canvas: without 1234, 501, student-03 (classroom/downloaded" in notes[1]


def test_two_ids_of_one_person_are_not_one_file(folder):
    (folder / "classroom" / "roster.csv").write_text("login,participants\nstudent-03,501\n")
    [path], notes = write_feedback(folder, [CHAPTER], ["moodle"])
    assert notes == [
        f"{CHAPTER}, feedback for Moodle: without 501, student-03 (handed in under several ids)"
    ]
    assert list(archive(path).values()) == ["page of 1234"]


def test_canvas_finds_users_and_files(folder):
    (folder / "classroom" / "roster.csv").write_text("last_name,login,canvas_id\nC,student-03,77\n")
    place = folder / "classroom" / "downloaded" / CHAPTER / "archive"
    place.mkdir(parents=True)
    with zipfile.ZipFile(place / "submissions.zip", "w") as file:
        file.writestr("onestudent_1234_88_01_softmax_jacobian.ipynb", "")
        file.writestr("onestudent_1234_91_01_softmax_jacobian-1.ipynb", "")
        file.writestr("onestudent_1234_99_photo.jpg", "")
        file.writestr("two_LATE_501_90_work.zip", "")
    (place / "damaged.zip").write_bytes(b"PK")
    (place / "three_77_92_01_softmax_jacobian.ipynb").write_text("")
    [path], notes = write_feedback(folder, [CHAPTER], ["canvas"])
    assert notes == []
    assert {canvas_reads(name): text for name, text in archive(path).items()} == {
        ("1234", "91"): "page of 1234",
        ("501", "90"): "page of 501",
        ("77", "92"): "page of student-03",
    }


def test_without_pages_there_is_no_archive(tmp_path):
    assert write_feedback(tmp_path, [CHAPTER], ["moodle", "canvas"]) == ([], [])
