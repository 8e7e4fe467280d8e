"""The command: its messages, exit codes, tables, and the made-up class."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograder import cli
from autograder.class_run import terminal_summary
from autograder.class_run.doctor import Trial, confinement
from autograder.class_run.outcome import ClassResult, Outcome
from autograder.demo.classmates import STUDENTS, chapter_of, source_of, usable_mistakes
from autograder.demo.made_up_class import MARK, exercises_of, hand_in, make_course
from autograder.gradebook.cell_marks import Mark
from autograder.ground.errors import Problem
from autograder.ground.table import WIDTH, table
from autograder.ground.task import Task
from autograder.release.masters import master_names, master_notebook
from autograder.reports.grades import Grade
from autograder.reports.grades import summary as class_report
from autograder.worker.canaries import CANARIES
from mlp_helpers import evaluate, exercises

ROOT = Path(__file__).resolve().parent.parent
CHAPTER = "01_softmax_jacobian"
COMMANDS = re.findall(r"^    ([a-z-]+)", cli.parser().format_help(), re.MULTILINE)


def run(*arguments):
    """Run the command in this process; give its exit code."""
    return cli.main([str(a) for a in arguments])


@pytest.fixture
def course(tmp_path):
    """A course folder with a master's name and nothing else."""
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / f"{CHAPTER}.py").write_text("", encoding="utf-8")
    (tmp_path / "nbgrader_config.py").write_text("", encoding="utf-8")
    (tmp_path / "classroom").mkdir()
    return tmp_path


def one_line(capsys):
    """The error text: one line on stderr, nothing on stdout."""
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("mlp-course: ") and err.count("\n") == 1
    return err


# Calls that cannot work --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments, says",
    [
        ((), "COMMAND"),
        (("grad",), "grad"),
        (("check",), "NOTEBOOK"),
        (("grade", "--wrong"), "--wrong"),
        (("check", "no/such.ipynb"), "no/such.ipynb"),
        (("init",), "DIR"),
        (("build", "77"), CHAPTER),
        (("new", "exercise", "hinge"), "--chapter"),
        (("new", "chapter", "hinge", "--chapter", "01"), "chapter"),
        (("check-exercise",), "NAME"),
        (("grade", "02_nothing"), CHAPTER),
        (("report", "--class", "no/such/folder"), "no/such/folder"),
    ],
)
def test_wrong_calls_get_one_line_and_exit_code_2(arguments, says, capsys, monkeypatch, course):
    monkeypatch.chdir(course)
    before = sorted(course.rglob("*"))
    assert run(*arguments) == 2
    assert says in one_line(capsys)
    assert sorted(course.rglob("*")) == before  # nothing half written


def test_report_without_a_gradebook_says_what_to_run(capsys, course):
    assert run("report", "--class", course) == 2
    assert "mlp-course grade" in one_line(capsys)


def test_grade_without_submissions_says_where_to_put_them(capsys, course):
    assert run("grade", "--class", course) == 2
    assert "submitted" in one_line(capsys)


@pytest.mark.parametrize("name", ["a?x", "main%20copy", "[1]", "$HOME"])
def test_paths_that_nbgrader_cannot_work_in_are_refused(capsys, tmp_path, name):
    (tmp_path / name / "solutions").mkdir(parents=True)
    assert run("grade", "--class", tmp_path / name) == 2
    assert "rename it" in one_line(capsys)


def test_a_file_that_is_no_notebook_is_refused(capsys, tmp_path):
    path = tmp_path / "essay.ipynb"
    path.write_text("no notebook", encoding="utf-8")
    assert run("check", path) == 2
    assert "essay.ipynb" in one_line(capsys)


def test_a_place_that_is_not_there_gets_one_line(capsys, course):
    (course / "classroom" / "gradebook.db").write_bytes(b"")
    assert run("report", "--class", course, "--csv", course / "absent" / "points.csv") == 2
    assert "absent" in one_line(capsys)


def test_a_file_that_is_no_gradebook_gets_one_line(capsys, course):
    (course / "classroom" / "gradebook.db").write_bytes(b"not a database" * 100)
    assert run("report", "--class", course) == 2
    assert "gradebook.db" in one_line(capsys)


def test_ctrl_c_is_one_line_and_130(capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "parser", interrupted)
    assert run("doctor") == 130
    assert "stopped" in one_line(capsys)


@pytest.mark.parametrize("arguments", [("grade",), ("demo",), ("check", __file__)])
def test_other_systems_are_told_what_to_use(arguments, capsys, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert run(*arguments) == 2
    assert "WSL2" in one_line(capsys)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command, capsys):
    with pytest.raises(SystemExit) as stop:
        run(command, "--help")
    assert stop.value.code == 0
    assert f"mlp-course {command}" in capsys.readouterr().out.split("example:")[1]


def test_the_commands_that_pages_name_are_there():
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
    texts = [page.read_text(encoding="utf-8") for page in pages]
    named = {name for text in texts for name in re.findall(r"`mlp-course ([a-z-]+)", text)}
    assert len(named) > 5 and named <= {*COMMANDS}


def test_the_installed_command_is_this_one():
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "grad"], capture_output=True, text=True
    )
    assert done.returncode == 2 and done.stderr.startswith("mlp-course: ")


def test_an_exercise_belongs_to_one_chapter(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert run("new", "exercise", "hinge", "--chapter", "01-02") == 2
    assert "one chapter" in one_line(capsys)


def test_chapters_may_be_named_by_number(course):
    assert cli.chapter_names(course, ["01"]) == [CHAPTER]
    assert cli.chapter_names(course, []) == [CHAPTER]


def test_course_is_found_from_inside_and_never_another_one(
    course, tmp_path_factory, monkeypatch, capsys
):
    assert cli.course_root(course / "solutions") == course.resolve()
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    writing = ("grade", "report", "build", "new exercise hinge --chapter 01")
    for command in writing:  # never into another folder
        assert run(*command.split()) == 2
        assert "not a course folder" in one_line(capsys)


def test_doctor_looks_at_everything(capsys):
    code = run("doctor")
    out = capsys.readouterr().out
    assert code == (2 if "MISSING" in out or "refuses to run" in out else 0)
    assert all(word in out for word in ("Python", "nbgrader", "read a file", "confinement: "))


STOPPED = {name: "PermissionError" for name in CANARIES}


@pytest.mark.parametrize(
    "trials, says",
    [
        (
            [Trial("full", True, STOPPED), Trial("landlock", True, {**STOPPED, "names": ""})],
            ["confinement: full", "not covered: ", "POSSIBLE"],
        ),
        (
            [
                Trial("full", False, {}, "bubblewrap is not installed"),
                Trial("landlock", True, STOPPED),
            ],
            ["confinement: landlock", "names and sizes", "not tried", "apt install bubblewrap"],
        ),
        (
            [
                Trial("full", False, {}, "no"),
                Trial("landlock", False, {}, "Landlock cannot be used"),
            ],
            ["refuses to run", "--unsafe-no-sandbox", "Linux 5.13", "Landlock cannot be used"],
        ),
        ([], ["refuses to run", "WSL2"]),
    ],
    ids=["full", "landlock", "none", "no Linux"],
)
def test_doctor_says_what_is_confined_and_how_to_do_better(trials, says):
    text = confinement(trials)
    assert all(words in text for words in says)
    assert ("does not hold" in text) == any(not trial.holds for trial in trials)


# Tables ------------------------------------------------------------------------------------------


def test_tables_stay_within_the_width_and_lose_nothing():
    words = " ".join(f"word{i}" for i in range(60))
    text = table(["a", "text"], [["x", words], ["y", ""]])
    assert max(map(len, text.splitlines())) <= WIDTH
    assert text.split()[-1] == "y" and all(w in text.split() for w in words.split())


def graded_class():
    """Two students: one with a known mistake in softmax, one with everything right."""

    def mistaken(z):
        return np.exp(z) / np.exp(z).sum()

    def right(z):
        e = np.exp(np.asarray(z, dtype=float) - np.max(z))
        return e / e.sum()

    return {
        "student-01": {"softmax": evaluate(right, "softmax")},
        "student-02": {"softmax": evaluate(mistaken, "softmax")},
    }


def test_class_tables_name_points_and_mistakes():
    graded = graded_class()
    points = terminal_summary.points_table([exercises()["softmax"]], graded)
    right, wrong = (line.split() for line in points.splitlines()[3:5])
    assert right[:3] == ["student-01", "3", "3"]
    assert wrong[0] == "student-02" and 0 < float(wrong[1]) < 3
    mistakes = terminal_summary.mistakes_table(graded)
    assert "student-02" in mistakes and "student-01" not in mistakes
    assert exercises()["softmax"].mistakes[0].looks_like in mistakes


def test_class_summary_names_what_needs_a_look(tmp_path):
    feedback = tmp_path / "feedback"
    graded = graded_class()
    marks = {"check_softmax": Mark(3.0, 3.0)}
    outcomes = [
        Outcome(Task(CHAPTER, name), reports, 1.0, "", (), feedback / f"{name}.html", marks=marks)
        for name, reports in graded.items()
    ]
    outcomes.append(Outcome(Task(CHAPTER, "student-03"), problem="the disk is full"))
    result = ClassResult(outcomes, tmp_path / "gradebook.db", feedback)
    text = terminal_summary.class_summary(result, "here")
    assert "student-03, 01_softmax_jacobian: the disk is full" in text
    assert "student-02.html" in text and "gradebook.db" in text
    assert "NOT GRADED" in terminal_summary.outcome_line(outcomes[-1])
    assert "3 of 3 points" in terminal_summary.outcome_line(outcomes[0])


def grades_of_two():
    return [
        Grade(CHAPTER, name, cell, points, 3.0, pending)
        for name, cell, points, pending in (
            ("student-01", "check_softmax", 3.0, False),
            ("student-01", "derive_loss", 0.0, True),
            ("student-02", "check_softmax", 0.5, False),
            ("student-02", "derive_loss", 0.0, True),
        )
    ]


def test_report_summarises_a_class():
    text = class_report(grades_of_two())
    assert "2 students, 6 points; mean 1.75, median 1.75, from 0.5 to 3" in text
    assert "softmax" in text and "50%" in text
    assert "2 answers wait to be graded by hand" in text


# The made-up class -------------------------------------------------------------------------------


def taught():
    """The exercises of the chapters that have a master."""
    chapters = {name[:2] for name in master_names(ROOT)}
    return [e for e in exercises().values() if e.chapter in chapters]


@pytest.fixture(scope="module")
def chapter(root):
    master = master_notebook(root / "solutions" / f"{CHAPTER}.py")
    return chapter_of(master, exercises_of(CHAPTER))


@pytest.mark.parametrize("exercise", taught(), ids=lambda e: e.id)
def test_bank_entries_become_cells_that_stand_alone(exercise):
    for source in usable_mistakes(exercise)[:3]:
        names = {"np": np}
        exec(source, names)
        report = evaluate(names[exercise.id])
        assert not report.passed and report.misconceptions


def test_most_exercises_have_mistakes_for_the_demo():
    counts = [len(usable_mistakes(exercise)) for exercise in taught()]
    assert sum(count >= 3 for count in counts) > len(counts) / 2


def test_closures_are_not_usable_as_cells():
    kept = {}

    def remembering(z):
        return kept.setdefault(len(z), z)

    assert source_of(remembering, "softmax") is None


def test_every_student_writes_cells_of_the_chapter(chapter):
    written = {s.name: s.solve(chapter) for s in STUDENTS}
    assert len(STUDENTS) == 12 and len(written) == 12
    known = {*chapter.right, *chapter.paper}
    assert all(set(sources) <= known for sources in written.values())
    assert written["student-11"] == {}
    for name in ("student-03", "student-04", "student-05", "student-06", "student-07"):
        wrong = [i for i in chapter.right if written[name][i] != chapter.right[i]]
        assert len(wrong) >= 3
    for sources in written.values():
        for source in (sources[i] for i in chapter.right if i in sources):
            compile(source, "cell", "exec")


def test_hang_and_exit_are_put_where_the_fewest_other_cells_call_them(chapter):
    calls = {e.id: sum(f"{e.id}(" in cell for cell in chapter.demos) for e in chapter.exercises}
    assert calls[chapter.loneliest.id] == min(calls.values())


def test_demo_writes_a_class_and_replaces_only_an_earlier_one(root, tmp_path):
    folder = tmp_path / "class of twelve"
    make_course(root, folder)
    hand_in(folder, CHAPTER)
    files = sorted(folder.glob("classroom/submitted/*/*/*.ipynb"))
    assert [f.parts[-3] for f in files] == [s.name for s in STUDENTS]
    make_course(root, folder)
    assert not (folder / "classroom").exists()
    (folder / MARK).unlink()
    with pytest.raises(Problem, match="choose another"):
        make_course(root, folder)
    assert (folder / "solutions").is_dir()
