"""Marks out of a table are kept as formgrader's are, and a line that cannot be taken is said."""

import shutil

import nbformat
import pytest
from conftest import CHAPTER, SECRET, cell_of, solved, without_demos
from nbgrader.api import Gradebook

from autograder.class_run.grade_class import grade_class
from autograder.cli import main
from autograder.reports.class_files import write_class
from autograder.reports.grades import grades

ANN, BEN = "student-01", "student-02"
FIRST, SECOND = "derive_softmax_jacobian", "derive_nll_gradient"


def hand_in(folder, course, student, **sources):
    notebook = solved(course.release, course.master, **sources)
    without_demos(notebook)
    path = folder / "classroom" / "submitted" / student / CHAPTER / f"{CHAPTER}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook), encoding="utf-8")


@pytest.fixture(scope="module")
def graded(course, tmp_path_factory):
    """A class of two, graded, not to be changed."""
    folder = tmp_path_factory.mktemp("paper") / "class"
    shutil.copytree(course.root, folder)
    (folder / "classroom").mkdir(exist_ok=True)
    (folder / "classroom" / "secret").write_bytes(SECRET)
    for student in (ANN, BEN):
        hand_in(folder, course, student, **{FIRST: f"By {student}.", SECOND: f"By {student}."})
    assert grade_class([CHAPTER], root=folder, jobs=1).complete
    return folder


@pytest.fixture
def folder(graded, tmp_path):
    shutil.copytree(graded, tmp_path / "class")
    return tmp_path / "class"


def take(folder, *lines, header="student,question,points,comment"):
    path = folder / "marks.csv"
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return main(["marks", str(path), "--class", str(folder)])


def marks(folder):
    """Of the written answers: (student, question) -> (score, waits for a reader, comment)."""
    with Gradebook(f"sqlite:///{folder / 'classroom' / 'gradebook.db'}") as book:
        return {
            (s.student.id, g.name): (g.score, g.needs_manual_grade, c.manual_comment)
            for s in book.assignment_submissions(CHAPTER)
            for n in s.notebooks
            for g in n.grades
            for c in n.comments
            if g.name == c.name and g.name in (FIRST, SECOND)
        }


def test_marks_are_kept_like_those_of_formgrader(folder, course, capsys):
    before = marks(folder)
    assert set(before.values()) == {(0.0, True, None)}
    lines = [
        f"{ANN},{FIRST},3.5,well argued: a < b",
        f'{BEN},{FIRST},"2,25",',
        f"{BEN},{SECOND},0,",
    ]
    assert take(folder, *lines) == 0
    assert "3 new, 0 changed, 0 as before; 0 lines left out" in capsys.readouterr().out
    expected = before | {
        (ANN, FIRST): (3.5, False, "well argued: a < b"),
        (BEN, FIRST): (2.25, False, None),
        (BEN, SECOND): (0.0, False, None),
    }
    assert marks(folder) == expected
    assert take(folder, *lines) == 0
    assert "0 new, 0 changed, 3 as before" in capsys.readouterr().out
    assert take(folder, f"{ANN},{FIRST},4,") == 0
    assert f"{ANN}, {FIRST} had 3.5 points by hand, has 4" in capsys.readouterr().out
    expected[ANN, FIRST] = (4.0, False, "well argued: a < b")

    # they outlive another act of grading, and wait again only if the answer is another
    hand_in(folder, course, BEN, **{FIRST: "Another answer.", SECOND: f"By {BEN}."})
    assert grade_class([CHAPTER], root=folder, jobs=1, regrade=True).complete
    assert marks(folder) == expected | {(BEN, FIRST): (2.25, True, None)}
    assert take(folder, f"{BEN},{FIRST},2.25,") == 0
    assert marks(folder) == expected

    found = grades(folder / "classroom" / "gradebook.db")
    write_class(folder, found, systems=["moodle", "gradescope"])
    reports = folder / "classroom" / "reports"
    assert "4 of 4 (well argued: a &lt; b)" in (reports / f"moodle_{CHAPTER}.csv").read_text(
        "utf-8"
    )
    results = reports / "gradescope" / CHAPTER / ANN / "results.json"
    assert "well argued: a < b" in results.read_text("utf-8")


@pytest.mark.parametrize(
    "line, said",
    [
        (f"{ANN},{FIRST},4.5", "4.5 is more than the 4 that it can be"),
        (f"{ANN},{FIRST},-1", "-1 is negative"),
        (f"{ANN},{FIRST},nan", "'nan' is not a number of points"),
        (f"{ANN},{FIRST},1e999", "is not a number of points"),
        (f"{ANN},{FIRST},", "gives no points"),
        (f"{ANN},check_softmax,1", "there is no written answer 'check_softmax' (there are:"),
        (f"{ANN},derive_nothing,1", "there is no written answer 'derive_nothing'"),
        (f"student-09,{FIRST},1", f"student-09 has no graded submission of {CHAPTER}"),
        (f",{FIRST},1", "it names no student"),
        (f"{ANN},,1", "it names no question"),
        (f"{BEN},{FIRST},2", f"line 3: {BEN}, {FIRST} stands in 2 lines"),
    ],
)
def test_a_line_that_cannot_be_taken_is_said_and_the_others_count(folder, capsys, line, said):
    before = marks(folder)
    good = f"{BEN},{SECOND},1"
    twice = [f"{BEN},{FIRST},1"] if "stands in" in said else []
    assert take(folder, line, *twice, good) == 1
    assert said in capsys.readouterr().out.replace("line 2", "line 3")
    assert marks(folder) == before | {(BEN, SECOND): (1.0, False, None)}


def test_a_student_is_found_by_any_id_and_a_chapter_by_its_number(folder, capsys):
    (folder / "list.csv").write_text(f"name,login,email\nTwo Student,{BEN},two@example.org\n")
    assert main(["roster", str(folder / "list.csv"), "--class", str(folder)]) == 0
    header = "student;chapter;question;points;seen by"
    assert take(folder, f"two@example.org;01;{FIRST};1,5;me", header=header) == 0
    assert "columns that are not used: seen by" in capsys.readouterr().out
    assert marks(folder)[BEN, FIRST] == (1.5, False, None)
    assert take(folder, f"{BEN};07;{FIRST};1;", header=header) == 1
    assert "chapter '07' has no written answers" in capsys.readouterr().out


def test_without_a_gradebook_there_is_a_line(tmp_path, capsys):
    (tmp_path / "solutions").mkdir()
    assert take(tmp_path) == 2
    assert "there is no gradebook" in capsys.readouterr().err


def test_the_questions_of_this_test_are_the_chapters(course):
    for name in (FIRST, SECOND):
        assert cell_of(course.release, name).metadata.nbgrader.points == 4
