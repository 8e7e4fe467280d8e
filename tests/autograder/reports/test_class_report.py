"""The class report counts right, says why, is readable without scripts, and exports import."""

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from conftest import CHAPTER
from nbformat.v4 import new_code_cell, new_notebook

from autograder import cli
from autograder.class_run.grade_key import Key
from autograder.class_run.journal import Entry, Journal
from autograder.ground.report_records import record_of
from autograder.ground.task import Task
from autograder.judge.submission import stand_in
from autograder.reports import class_data, class_files, exports, spreadsheet
from autograder.reports.class_analysis import STATES, items, mistakes, reasons, state_of
from autograder.reports.class_data import Submission
from autograder.reports.class_report import page
from autograder.reports.grades import Grade
from autograder.reports.roster import Person
from mlp_helpers import evaluate


def right(z):
    e = np.exp(np.asarray(z, dtype=float) - np.max(z))
    return e / e.sum()


def unshifted(z):
    return np.exp(z) / np.exp(z).sum()


def crashing(z):
    raise KeyError("no such name")


def unsolved(z):
    raise NotImplementedError


REPORTS = {fn.__name__: evaluate(fn, "softmax") for fn in (right, unshifted, crashing, unsolved)}


def submission(student, kind="right", other=3.0, pending=False, **more):
    """A submission of two cells: softmax, judged, and a derivation, graded by hand."""
    report = REPORTS[kind]
    grades = (
        Grade(CHAPTER, student, "check_softmax", report.points, 3.0, False),
        Grade(CHAPTER, student, "derive", 0.0 if pending else other, 4.0, pending),
    )
    return Submission(CHAPTER, student, grades, {"softmax": report}, **more)


# Counting ----------------------------------------------------------------------------------------


def test_items_count_everybody_once():
    found = items(
        [
            submission("a"),
            submission("b", "unshifted"),
            submission("c", "crashing"),
            submission("d", "unsolved", 0.0),
            submission("e", pending=True),
        ]
    )
    softmax, derive = found
    assert [i.name for i in found] == ["softmax", "derive"]
    assert softmax.states == dict(zip(STATES, (2, 1, 1, 0, 1), strict=True))
    assert derive.states["waits for a reader"] == 1 and sum(derive.states.values()) == 5
    expected = (3 + 3 + REPORTS["unshifted"].points) / 5
    assert softmax.mean == pytest.approx(expected)
    assert softmax.weakest is None and softmax.gap == -1  # a small class says nothing


def test_what_divides_a_class_is_measured_without_the_exercise_itself():
    strong = [submission(f"s{i}", "right", 4.0) for i in range(3)]
    middle = [submission(f"m{i}", "right", 2.0) for i in range(3)]
    weak = [submission(f"w{i}", "crashing", 1.0) for i in range(3)]
    softmax, derive = items([*strong, *middle, *weak])
    assert (softmax.weakest, softmax.strongest, softmax.gap) == (0, 1, 1)
    # by softmax alone two thirds are equally strong, and equal totals are never torn apart
    assert derive.weakest == 0.25 and derive.strongest == pytest.approx(0.75)


def test_those_who_tried_nothing_divide_no_class():
    tried = [submission(f"t{i}", "right", float(i % 3)) for i in range(6)]
    absent = [submission(f"a{i}", "unsolved", 0.0) for i in range(6)]
    assert items(tried)[0].gap == items(tried + absent)[0].gap


def test_mistakes_are_counted_by_student_with_the_most_frequent_first():
    found = mistakes(
        [
            submission("a", "unshifted"),
            submission("b", "unshifted"),
            submission("c", "crashing"),
            submission("d"),
            submission("e", "unsolved"),
        ]
    )
    assert [(m.students, m.exercise) for m in found] == [
        (("a", "b"), "softmax"),
        (("c",), "softmax"),
    ]
    assert found[0].question.endswith("?") and "error" in found[1].text


@pytest.mark.parametrize(
    "given, says",
    [
        (submission("a"), []),
        (submission("a", "crashing"), []),  # the feedback says what an ordinary error was
        (submission("a", pending=True), []),
        (submission("a", notes=("could not be read: the file is empty",)), ["the file is empty"]),
        (submission("a", "crashing", 0.0), ["no points, although something was tried"]),
        (submission("a", "unsolved", 0.0), ["nothing was attempted"]),
        (replace(submission("a"), reports={"nll": REPORTS["right"]}), ["there is no verdict on"]),
        (
            replace(
                submission("a"),
                reports={
                    "softmax": replace(
                        REPORTS["crashing"], reason="ended the Python process", cause="died"
                    )
                },
            ),
            ["softmax: ended the Python"],
        ),
        (
            replace(
                submission("a"),
                reports={"softmax": replace(REPORTS["crashing"], cause="cell_stopped")},
            ),
            ["softmax: stopped with"],
        ),
    ],
)
def test_who_needs_a_look(given, says):
    found = reasons(given)
    assert len(found) == len(says)
    assert all(part in text for part, text in zip(says, found, strict=True))


def test_a_cell_whose_judge_said_nothing_has_no_points():
    lone = replace(submission("a", "crashing"), reports={})
    assert state_of(lone, lone.grades[0]) == "no points"


# The page ----------------------------------------------------------------------------------------


@pytest.fixture
def written(tmp_path):
    """A page of a class with an evil name, and where it is."""
    kinds = ("right", "unshifted", "crashing", "unsolved")
    evil = "<script>alert(1)</script>"
    found = [
        submission(
            f"student-{i:02}",
            kinds[i % 4],
            i % 5,
            i % 3 == 0,
            seconds=1.0 + i,
            isolation="landlock",
        )
        for i in range(12)
    ]
    found.append(submission(evil, notes=(f"read from {evil!r}",)))
    feedback = tmp_path / "classroom" / "feedback" / "student-01" / CHAPTER / f"{CHAPTER}.html"
    feedback.parent.mkdir(parents=True)
    feedback.write_text("")
    text = page(tmp_path, found, [Task(CHAPTER, "late")], tmp_path / "classroom" / "reports")
    return text, BeautifulSoup(text, "html.parser")


def test_the_page_loads_and_runs_nothing(written):
    text, parsed = written
    assert not parsed.find_all(["script", "link", "iframe", "object"])
    assert not re.search(r"https?://(?!www\.w3\.org)", text)
    assert all(i["src"].startswith("data:image/svg+xml;base64,") for i in parsed.find_all("img"))
    assert not [tag for tag in parsed.find_all() if any(a.startswith("on") for a in tag.attrs)]
    assert "&lt;script&gt;alert(1)" in text


def test_every_figure_has_a_message_and_a_text_alternative(written):
    _, parsed = written
    figures = parsed.find_all("figure")
    assert len(figures) == 4
    for figure in figures:
        assert len(figure.img["alt"].split()) > 10
        assert len(figure.figcaption.get_text().split()) > 5
    assert "softmax: " in figures[0].img["alt"]


def test_tables_can_be_read_aloud(written):
    _, parsed = written
    assert parsed.html["lang"] == "en" and parsed.title.get_text()
    for table in parsed.find_all("table"):
        assert table.caption.get_text().strip()
        assert all(th.get("scope") for th in table.find_all("th"))


def test_the_page_says_what_there_is_to_say(written):
    _, parsed = written
    words = " ".join(parsed.get_text(" ").split())
    for text in (
        "13 submissions, 7 points",
        "landlock (12)",
        "late handed in, not graded",
        "answers wait to be graded by hand",
        "student-11 12.0",
    ):
        assert text in words
    links = [a["href"] for a in parsed.select("tbody a")]
    assert set(links) == {f"../feedback/student-01/{CHAPTER}/{CHAPTER}.html"}


def test_the_same_class_gives_the_same_page(tmp_path):
    found = [submission(f"s{i}", seconds=float(i)) for i in range(7)]
    assert page(tmp_path, found, [], tmp_path) == page(tmp_path, found, [], tmp_path)


@pytest.mark.parametrize(
    "found",
    [
        [submission("one")],
        [submission("one", "unsolved", 0.0)],
        [submission("one", pending=True)],
        [replace(submission("one"), reports={})],
    ],
)
def test_a_class_of_one(found, tmp_path):
    assert "Too few students" in page(tmp_path, found, [], tmp_path)


# Exports -----------------------------------------------------------------------------------------

SECOND = Person("student-02", "First", "Last", "student-02@example.org", "77")
KNOWN = {"1234": Person("1234"), "student-02": SECOND}


def late(given, points):
    return replace(given, grades=tuple(replace(g, late=points) for g in given.grades))


CLASS = [
    submission("1234", "unshifted"),
    late(submission("student-02"), 1.5),
    submission("=cmd()", other=0.0),
]


def test_canvas_finds_its_header_its_points_row_and_its_students():
    header, full, *rows = exports.canvas_rows(CLASS, KNOWN)
    assert header == ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", CHAPTER)
    assert full[0].strip() == "Points Possible" and full[-1] == "7"
    assert rows[0][:4] == ("1234", "1234", "1234", "1234")
    # 6 points less 1.5 for being late
    assert rows[1] == ("Last, First", "77", "student-02", "student-02", "", "4.5")
    assert {len(row) for row in (header, full, *rows)} == {6}


def test_canvas_leaves_what_was_not_handed_in_empty():
    other = replace(submission("new"), chapter="02_other")
    header, _, *rows = exports.canvas_rows([*CLASS, other], KNOWN)
    assert header[-2:] == (CHAPTER, "02_other")
    assert rows[0][-1] == "" and rows[-1][-2:] == ("", "6")


def test_moodle_finds_the_columns_of_its_worksheet():
    header, first, second, third = exports.moodle_rows(CLASS, KNOWN)
    row = dict(zip(header, second, strict=True))
    assert {"Identifier", "Grade", "Last modified (grade)"} <= set(header)  # asked for by Moodle
    assert row["Identifier"] == "Participant 77" and row["Grade"] == "4.5"
    assert first[0] == "Participant 1234" and third[0] == "=cmd()"
    assert "softmax: 3 of 3; derive: 3 of 4" in row["Feedback comments"]
    assert "taken off for being late: 1.5 points" in row["Feedback comments"]
    assert "late" not in first[-1]


def test_gradescope_gets_its_tests():
    given = replace(late(submission("student-02", pending=True), 1.5), seconds=2.0)
    result = exports.gradescope_results(given)
    assert result["output"] == "Taken off for being late: 1.5 points."
    assert json.loads(json.dumps(result)) == result
    assert result["score"] == 1.5 and result["execution_time"] == 2.0
    softmax, derive = result["tests"]
    assert (softmax["score"], softmax["max_score"], softmax["status"]) == (3, 3, "passed")
    assert "softmax · 3 of 3 points" in softmax["output"]
    assert derive["status"] == "failed" and "waits for a reader" in derive["output"]


def test_gradescope_shows_no_traceback_of_the_graders():
    given = replace(submission("student-02"), notes=("softmax: the grader failed:\n  File x",))
    assert exports.gradescope_results(given)["output"] == "softmax: the grader failed:"


def test_points_have_one_line_per_grade_and_no_formulas(tmp_path):
    path = tmp_path / "points.csv"
    spreadsheet.write_rows(exports.point_rows(CLASS), path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["student"], r["cell"]) for r in rows[:2]] == [
        ("1234", "check_softmax"),
        ("1234", "derive"),
    ]
    assert rows[0]["outcome"] == "known_mistake" and rows[0]["mistakes"] == "no_shift"
    assert rows[-1]["student"] == "'=cmd()"
    taken = [(r["student"], r["points"]) for r in rows if r["cell"] == "late_penalty"]
    assert taken == [("student-02", "-1.5")]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "text, kept",
    [
        ("-3.5", True),
        ("-", True),
        ("+x", False),
        ("@a", False),
        ("-student", False),
        ("a=b", True),
        ("", True),
        (" =1+1", False),
        ("\uff1d1", False),
        ("\tx", False),
    ],
)
def test_what_counts_as_a_formula(text, kept, tmp_path):
    spreadsheet.write_rows([[text, "x"]], tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(newline="") as file:
        assert next(csv.reader(file)) == [text if kept else f"'{text}", "x"]


# The command -------------------------------------------------------------------------------------


@pytest.fixture
def graded(tmp_path, monkeypatch):
    """A course folder with a gradebook, without the gradebook's content."""
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / f"{CHAPTER}.py").write_text("")
    (tmp_path / "classroom").mkdir()
    (tmp_path / "classroom" / "gradebook.db").write_bytes(b"")
    monkeypatch.setattr(
        "autograder.reports.grades.grades",
        lambda book, chapters=None: [g for s in CLASS for g in s.grades],
    )
    monkeypatch.setattr(class_files, "roster", lambda book: KNOWN)
    return tmp_path


def test_the_command_writes_what_it_says(graded, capsys):
    assert (
        cli.main(["report", "--class", str(graded), "--export", "canvas", "moodle", "gradescope"])
        == 0
    )
    written = [Path(line.strip()) for line in capsys.readouterr().out.split("Written:")[1].split()]
    folder = graded / "classroom" / "reports"
    assert written == [
        folder / name
        for name in (
            "report.html",
            "points.csv",
            "canvas.csv",
            f"moodle_{CHAPTER}.csv",
            "gradescope",
        )
    ]
    assert all(path.exists() for path in written)
    assert (folder / "gradescope" / CHAPTER / "student-02" / "results.json").is_file()


def test_the_files_go_where_they_are_asked_for(graded, tmp_path):
    html, table = tmp_path / "a.html", tmp_path / "b.csv"
    assert (
        cli.main(["report", "--class", str(graded), "--html", str(html), "--csv", str(table)]) == 0
    )
    assert html.is_file() and table.is_file()
    assert not (graded / "classroom" / "reports").exists()


def test_without_a_journal_the_graded_notebooks_tell(tmp_path):
    check = new_code_cell(metadata={"course": {"report": record_of(REPORTS["unshifted"])}})
    unread = stand_in(new_notebook(), "the file is empty")
    for student, notebook in (("1234", new_notebook(cells=[check])), ("student-02", unread)):
        path = tmp_path / "classroom" / "autograded" / student / CHAPTER / f"{CHAPTER}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    first, second, third = class_data.gather(tmp_path, [g for s in CLASS for g in s.grades])
    assert first.reports["softmax"].misconceptions == ["no_shift"] and first.seconds is None
    assert second.notes == ("could not be read: the file is empty",)
    assert (third.student, third.reports) == ("=cmd()", {})


def test_the_journal_tells_time_and_notes(tmp_path):
    task, key = Task(CHAPTER, "1234"), Key("a", "b", "c", "d")
    entry = Entry(
        task, key, "act", 2.5, "full", ("a note",), "", {}, [record_of(REPORTS["unshifted"])]
    )
    (tmp_path / "classroom").mkdir()
    Journal(tmp_path / "classroom").write(entry)
    (found,) = class_data.gather(tmp_path, list(CLASS[0].grades))
    assert (found.seconds, found.isolation, found.notes) == (2.5, "full", ("a note",))
    assert found.reports["softmax"].points == REPORTS["unshifted"].points
