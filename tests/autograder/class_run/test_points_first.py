"""Points are decided and recorded before anything is drawn; what could not be judged is named."""

import json
from types import SimpleNamespace

import pytest
from conftest import CHAPTER, SECRET, make_course, solved, without_demos
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI

from autograder.class_run.grade_class import grade_class
from autograder.class_run.outcome import Outcome
from autograder.class_run.terminal_summary import class_summary
from autograder.cli import main
from autograder.gradebook import feedback
from autograder.gradebook.cell_marks import Mark
from autograder.gradebook.nbgrader_settings import load_config
from autograder.ground.task import Task
from autograder.judge import grade
from mlp_helpers import exercises

FULL = {f"check_{e.id}": e.points for e in exercises().values() if e.chapter == "01"}


@pytest.fixture
def made(course, root, tmp_path, monkeypatch):
    """A class of two right submissions."""
    folder = tmp_path / "class"
    make_course(folder, root)
    notebook = solved(course.release, course.master)
    without_demos(notebook)
    for student in ("student-01", "student-02"):
        place = folder / "classroom" / "submitted" / student / CHAPTER
        place.mkdir(parents=True)
        (place / f"{CHAPTER}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    (folder / "classroom" / "secret").write_bytes(SECRET)
    monkeypatch.delenv("MLP_COURSE_SECRET", raising=False)
    return SimpleNamespace(root=folder, notebook=notebook)


@pytest.fixture
def broken_judge(monkeypatch, new_clerks):
    """The judge fails on one exercise."""
    real = grade.evaluate_caller

    def broken(caller, exercise, seed):
        if exercise.id == "nll":
            raise OverflowError("ours")
        return real(caller, exercise, seed)

    monkeypatch.setattr(grade, "evaluate_caller", broken)


def grades(root):
    """student -> cell -> (automatic score, waits for a person)."""
    with Gradebook(f"sqlite:///{root / 'classroom' / 'gradebook.db'}") as book:
        return {
            s.student.id: {
                g.name: (g.auto_score, g.needs_manual_grade)
                for n in s.notebooks
                for g in n.grades
                if g.name in FULL
            }
            for s in book.assignment_submissions(CHAPTER)
        }


WAITS = {**{name: (points, False) for name, points in FULL.items()}, "check_nll": (None, True)}


def test_what_could_not_be_judged_waits_for_a_person(made, broken_judge, capsys):
    assert main(["grade", "--class", str(made.root), "--jobs", "1"]) == 1
    assert grades(made.root) == {"student-01": WAITS, "student-02": WAITS}
    said = capsys.readouterr().out
    earned, full = sum(FULL.values()) - FULL["check_nll"], sum(FULL.values())
    assert said.count(f"{earned:g} of {full:g} points; A PERSON MUST GRADE nll") == 2
    assert "2 NOT GRADED IN FULL" in said and f"{earned:g} of {earned:g}" not in said
    # and so it stays, when nothing is graded again
    assert main(["grade", "--class", str(made.root), "--jobs", "1"]) == 1
    assert "graded before" in capsys.readouterr().out
    assert main(["report", "--class", str(made.root)]) == 0
    page = (made.root / "classroom" / "reports" / "report.html").read_text()
    assert "there is no verdict on nll" in page


def test_by_nbgraders_command_it_waits_as_well(made, broken_judge):
    api = NbGraderAPI(config=load_config(made.root))
    assert api.generate_assignment(CHAPTER)["success"]
    assert api.autograde(CHAPTER, "student-01")["success"]
    assert grades(made.root) == {"student-01": WAITS}


def test_a_page_that_cannot_be_made_costs_no_point(made, monkeypatch):
    def broken(*args):
        raise RecursionError("ours")

    monkeypatch.setattr(feedback, "_render", broken)
    with pytest.raises(RecursionError):  # the release's own page is not a student's
        grade_class(root=made.root, jobs=1)
    real = feedback.feedback_page
    monkeypatch.undo()
    monkeypatch.setattr(
        feedback,
        "feedback_page",
        lambda exporter, notebook, *more: (
            broken() if notebook.metadata.get("kernelspec") else real(exporter, notebook, *more)
        ),
    )
    result = grade_class(root=made.root, secret=SECRET, jobs=1)
    assert result.complete
    assert {
        o.task.student: sum(m.score for m in o.marks.values() if m.score) for o in result.outcomes
    } == dict.fromkeys(("student-01", "student-02"), sum(FULL.values()))
    assert "the feedback page could not be made in full" in class_summary(result, made.root)
    page = result.outcomes[0].feedback.read_text()
    assert f"<td>check_nll</td><td>{FULL['check_nll']:g} of" in page


@pytest.mark.parametrize("way", ["nbgrader", "ours"])
def test_an_answer_that_waits_is_called_unread(made, way):
    for cell in made.notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "derive_softmax_jacobian":
            cell.source = "It follows from the quotient rule."
    place = made.root / "classroom" / "submitted" / "student-01" / CHAPTER / f"{CHAPTER}.ipynb"
    place.write_text(json.dumps(made.notebook), encoding="utf-8")
    if way == "ours":
        grade_class(root=made.root, secret=SECRET, jobs=1)
    else:
        api = NbGraderAPI(config=load_config(made.root))
        for step in (api.generate_assignment, api.autograde, api.generate_feedback):
            assert step(CHAPTER, *["student-01"] * (step != api.generate_assignment))["success"]
    page = made.root / "classroom" / "feedback" / "student-01" / CHAPTER / f"{CHAPTER}.html"
    text = page.read_text(encoding="utf-8")
    written = [
        c
        for c in made.notebook.cells
        if c.cell_type == "markdown" and c.metadata.get("nbgrader", {}).get("solution")
    ]
    assert text.count("Not read yet") == len(written) > 0
    assert text.count('name="viewport"') == 1
    assert '<a href="#check_softmax">softmax</a>' in text
    assert '<a href="#derive_softmax_jacobian">derive_softmax_jacobian</a>' in text


def test_an_exercise_that_is_called_like_a_check_counts_once():
    marks = {"check_shapes": Mark(), "check_check_shapes": Mark(2.0, None), "check_f": Mark(3.0, 1)}
    outcome = Outcome(Task("04", "student-01"), marks=marks)
    assert (outcome.full, outcome.undecided) == (5.0, ["check_shapes"])
