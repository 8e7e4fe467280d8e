"""The class's list: what Canvas and Moodle write, in every encoding, with every oddity said."""

import csv
import io

import pytest

from autograder.cli import main
from autograder.ground.class_list import Member, Roster, read_roster
from autograder.ground.errors import Problem
from autograder.reports.roster import attendance
from autograder.reports.roster_file import folder_fault, take_roster

CANVAS = [
    ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "01_softmax_jacobian (77)"],
    ["    Points Possible", "", "", "", "", "33"],
    ["Öne, Student", "1001", "S-1", "student-01", "A", "30"],
    ["Two, Student", "1002", "S-2", "student-02", "A", ""],
    ["Student, Test", "1999", "", "", "A", ""],
]
PEOPLE = [
    Member("Öne", "Student", "", "1001", "S-1", "student-01"),
    Member("Two", "Student", "", "1002", "S-2", "student-02"),
]
PARTICIPANTS = [
    ["First name", "Last name", "ID number", "Email address", "Groups"],
    ["Student", "Öne", "S1", "student-01@example.org", ""],
    ["Student", "Two", "S2", "student-02@example.org", ""],
]
WORKSHEET = [
    ["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade"],
    ["Participant 501", "Student Öne", "student-01@example.org", "Submitted", "", "100"],
    ["Participant 502", "Student Two", "student-02@example.org", "No submission", "", "100"],
]


def text_of(rows, separator=","):
    file = io.StringIO()
    csv.writer(file, delimiter=separator).writerows(rows)
    return file.getvalue()


def listed(tmp_path, rows, *more):
    """Take lists in; give what became of the last."""
    for number, one in enumerate((rows, *more)):
        path = tmp_path / f"list{number}.csv"
        text = one if isinstance(one, bytes) else text_of(one).encode("utf-8")
        path.write_bytes(text)
        taken = take_roster(path, tmp_path)
        assert read_roster(tmp_path).members == taken.members  # the file says the same
    return taken


@pytest.mark.parametrize("separator", [",", ";", "\t", ":"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_every_encoding_and_separator_is_read(tmp_path, encoding, separator):
    taken = listed(tmp_path, text_of(CANVAS, separator).encode(encoding))
    assert taken.members == PEOPLE
    assert (taken.new, taken.left_out) == (2, 0)
    assert taken.notes[-1] == "columns that are not used: 01_softmax_jacobian (77)"
    assert any("Latin-1" in note for note in taken.notes) == (encoding == "latin-1")


def test_moodle_lists_of_one_class_are_put_together(tmp_path):
    again = [[*row] for row in WORKSHEET]
    again[1][0], again[2][0] = "Teilnehmer/in601", "Participant 602"  # of another assignment
    taken = listed(tmp_path, PARTICIPANTS, WORKSHEET, again)
    assert taken.members == [
        Member("Öne", "Student", "student-01@example.org", "", "", "", "S1", ("501", "601")),
        Member("Two", "Student", "student-02@example.org", "", "", "", "S2", ("502", "602")),
    ]
    assert taken.notes == [] and taken.changed == 2
    people = Roster(taken.members)
    assert people.same("501", "601") and not people.same("501", "602")
    here = attendance(people, ["601", "700"])
    assert here.absent == ("Two, Student (502)",) and here.strangers == ("700",)
    assert attendance(people, ["501", "601", "502"]).twice == ("Öne, Student (501)",)


def test_a_list_taken_twice_changes_nothing(tmp_path):
    taken = listed(tmp_path, CANVAS, CANVAS)
    assert taken.members == PEOPLE and (taken.new, taken.changed, taken.same) == (0, 0, 2)


@pytest.mark.parametrize(
    "row, said, left_out",
    [
        (["Two, Student", "1002", "", "", "A"], "line 5: the same person as in line 4", 0),
        (["Six, Student", "1002", "", "", "A"], "line 5: Six, Student has an id of Two", 1),
        (["Six, Student", "", "", "", "A"], "Six, Student has no id and no e-mail", 1),
        (["Six, Student", "1.0E+11", "", "s6", "A"], "a spreadsheet has cut canvas_id", 0),
        (["Six, Student", "12x", "", "s6", "A"], "canvas_id '12x' is not a number", 0),
        (["Six, Student", "1006", "a/../b", "", "A"], "sis_id 'a/../b' cannot name a folder", 0),
        (["Six, Student", "1006", "S-1", "", "A"], "", 1),
        (["Six, Student", "1006", "", "S-1", "A"], "s-1 is an id of several people", 0),
        (["x" * 900, "1006", "", "", "A"], "line 5: name is cut to 500 characters", 0),
        (["Six, Student", "1006", "", "", "A", "9", "more"], "line 5: it has more fields", 0),
    ],
)
def test_each_oddity_has_a_line(tmp_path, row, said, left_out):
    taken = listed(tmp_path, [*CANVAS[:4], row])
    assert taken.left_out == left_out
    assert any(said in note for note in taken.notes), taken.notes
    assert taken.members[:2] == PEOPLE


def test_what_changed_is_said_and_nobody_leaves(tmp_path):
    renamed = [CANVAS[0], ["New, Student", "1001", "S-1", "student-01", "A", ""]]
    taken = listed(tmp_path, CANVAS, renamed)
    assert "line 2: last_name of Öne, Student was Öne, is New" in taken.notes
    assert [m.last_name for m in taken.members] == ["New", "Two"]
    both = [CANVAS[0], ["New, Student", "1001", "S-2", "", "A", ""]]
    taken = listed(tmp_path, both)
    assert taken.left_out == 1 and "ids of several people" in taken.notes[-1]


@pytest.mark.parametrize(
    "data, said",
    [
        (b"PK\x03\x04rest", "is a workbook"),
        (b"one,two\n1,2\n", "no column that is known"),
        (b"", "no column that is known"),
        (b"\xff\xfe\x00", "is damaged"),
        (b"Student,ID\n\0\n", "is not a text"),
        (b'Student,ID\n"open,1\n' + b"x" * 200_000, "quotation mark"),
    ],
)
def test_what_is_no_list_is_refused_in_a_line(tmp_path, data, said):
    with pytest.raises(Problem, match=said):
        listed(tmp_path, data)
    assert not (tmp_path / "classroom").exists()


def test_names_that_would_act_are_text(tmp_path):
    rows = [["name", "id"], ['=HYPERLINK("http://x")', "s1"], ["<b>Bold</b>\x1b[31m\u202e", "s2"]]
    taken = listed(tmp_path, rows)
    assert [m.name for m in taken.members] == ['=HYPERLINK("http://x")', "<b>Bold</b> [31m"]
    text = (tmp_path / "classroom" / "roster.csv").read_text(encoding="utf-8")
    assert "'=HYPERLINK" in text


@pytest.mark.parametrize("name", ["a/b", "..", ".x", "x.", "a\\b", "c:", "x" * 300])
def test_folder_fault(name):
    assert folder_fault(name)
    assert not folder_fault("student-01@example.org")


def test_the_command_says_how_many(tmp_path, root, capsys):
    (tmp_path / "solutions").mkdir()
    path = tmp_path / "canvas.csv"
    path.write_text(text_of(CANVAS), encoding="utf-8")
    assert main(["roster", str(path), "--class", str(tmp_path)]) == 0
    assert "2 people; of this file 2 new, 0 changed, 0 known, 0 left out" in capsys.readouterr().out
    assert main(["roster", str(tmp_path / "gone.csv"), "--class", str(tmp_path)]) == 2
    assert "there is no file" in capsys.readouterr().err
