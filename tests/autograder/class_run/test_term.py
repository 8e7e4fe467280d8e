"""A term in one class: hand marks, chapters that change, late and extended students, a kill.

Three chapters, cut down to a few exercises each. What every cell of the gradebook has to say is
written down here and compared after each step.
"""

import csv
import multiprocessing
import os
import shutil
import signal
from datetime import datetime, timedelta

import nbformat
import pytest
from conftest import SECRET, cell_of, grade_id, solved
from formgrader import formgrader
from nbgrader import utils
from nbgrader.api import Gradebook

from autograder.class_run.grade_class import grade_class
from autograder.cli import main
from autograder.gradebook.migration import back_up
from autograder.ground.course_settings import read_settings
from autograder.ground.errors import Problem
from autograder.release.masters import master_notebook

FORK = multiprocessing.get_context("fork")
FIRST, SECOND, THIRD = "00_gradient_checking", "01_softmax_jacobian", "02_sigmoid_regression"
CELLS = {
    FIRST: ["sigmoid", "sigmoid_prime", "derive_central_error"],
    SECOND: ["softmax", "softmax_rows", "derive_softmax_jacobian", "derive_nll_gradient"],
    THIRD: ["regression_forward", "derive_regression_gradients"],
}
ANN, BEN, CLEO, DAN = "student-01", "student-02", "student-03", "student-04"
DUE = datetime(2026, 3, 2, 12)


def cut(path, names):
    """A release with some exercises and derivations only; imports, helpers and Markdown stay."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [
        c
        for c in notebook.cells
        if (
            grade_id(c).removeprefix("check_") in names
            if grade_id(c)
            else c.cell_type == "markdown" or c.source.startswith(("import", "def "))
        )
    ]
    return notebook


def release(folder, project, chapter, names=None, points=()):
    """Put a release of a chapter into a class; `points` weighs check cells and answers anew."""
    notebook = cut(project / "course" / chapter / f"{chapter}.ipynb", names or CELLS[chapter])
    for name, value in dict(points).items():
        cell = cell_of(notebook, name)
        cell.metadata.nbgrader.points = value
        cell.metadata.nbgrader.checksum = utils.compute_checksum(cell)
    path = folder / "course" / chapter / f"{chapter}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    return notebook


def hand_in(folder, project, student, chapter, late=timedelta(0), **sources):
    """Hand in a solved chapter; `sources` replaces cells."""
    notebook = nbformat.read(folder / "course" / chapter / f"{chapter}.ipynb", as_version=4)
    master = master_notebook(project / "solutions" / f"{chapter}.py")
    path = folder / "classroom" / "submitted" / student / chapter / f"{chapter}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    written = {
        name: f"My text on {name}."
        for name in map(grade_id, notebook.cells)
        if name and name.startswith("derive_")
    }
    path.write_text(
        nbformat.writes(solved(notebook, master, **written | sources)), encoding="utf-8"
    )
    path.with_name("timestamp.txt").write_text(f"{DUE + late:%Y-%m-%d %H:%M:%S} UTC")


def book(folder):
    return Gradebook(f"sqlite:///{folder / 'classroom' / 'gradebook.db'}")


def mark(server, student, chapter, name, score, comment=None, extra=0):
    """Grade by hand, by what formgrader's page asks of its server."""
    submission = server.submissions(chapter)[student]
    if student == ANN:
        assert f'id="{name}"' in server.page(f"submissions/{submission}/")
    [grade] = [g for g in server.ask(f"grades?submission_id={submission}") if g["name"] == name]
    server.put(f"grade/{grade['id']}", grade | {"manual_score": score, "extra_credit": extra})
    if comment:
        [said] = [
            c for c in server.ask(f"comments?submission_id={submission}") if c["name"] == name
        ]
        server.put(f"comment/{said['id']}", said | {"manual_comment": comment})


def marks(folder, chapter):
    """What the gradebook says of a chapter: (student, cell) -> (score, of, waits for a reader)."""
    with book(folder) as gradebook:
        return {
            (s.student.id, g.name): (g.score, g.max_score, g.needs_manual_grade)
            for s in gradebook.assignment_submissions(chapter)
            for n in s.notebooks
            for g in n.grades
        }


def comments(folder, chapter):
    with book(folder) as gradebook:
        return {
            (s.student.id, c.name): c.manual_comment
            for s in gradebook.assignment_submissions(chapter)
            for n in s.notebooks
            for c in n.comments
            if c.manual_comment
        }


def penalties(folder, chapter):
    with book(folder) as gradebook:
        return {
            s.student.id: s.late_submission_penalty
            for s in gradebook.assignment_submissions(chapter)
        }


def report(folder, capsys, *more):
    """Run `mlp-course report`; every state has to be reportable, as the gradebook has it."""
    assert main(["report", "--class", str(folder), *more]) == 0
    text = (folder / "classroom" / "reports" / "points.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    told = {
        (row["chapter"], row["student"], row["cell"]): (
            float(row["points"]),
            float(row["max_points"]),
            row["graded_by_hand_pending"] == "yes",
        )
        for row in rows
    }
    assert len(told) == len(rows)
    assert told == {
        (chapter, *who): mark for chapter in CELLS for who, mark in marks(folder, chapter).items()
    } | {
        (chapter, student, "late_penalty"): (-points, 0, False)
        for chapter in CELLS
        for student, points in penalties(folder, chapter).items()
        if points
    }
    return capsys.readouterr().out


@pytest.fixture
def term(root, tmp_path):
    """A class folder where late work earns nothing. Nothing is handed in."""
    folder = tmp_path / "class"
    (folder / "solutions").mkdir(parents=True)
    shutil.copy(root / "nbgrader_config.py", folder)
    with open(folder / "nbgrader_config.py", "a", encoding="utf-8") as file:
        file.write("\nget_config().LateSubmissionPlugin.penalty_method = 'zero'\n")
    for chapter in (FIRST, SECOND, THIRD):
        shutil.copy(root / "solutions" / f"{chapter}.py", folder / "solutions")
    (folder / "classroom").mkdir()
    (folder / "classroom" / "secret").write_bytes(SECRET)
    return folder


@pytest.mark.parametrize(
    "text, said",
    [
        ("[answers]\nuntouched = 'paper'", "answers.untouched is"),
        ("[extension]\na = 1", "there is no setting extension"),
        ("[answers]\nuntuched = 'zero'", "there is no setting answers.untuched"),
        ("[extensions.01_x]\na = nan", "is a number of days"),
        ("answers = 1", "is a table"),
        ("[extensions.01_x]\na = true", "is a number of days"),
        ("[", "cannot be read"),
        ("[late]\nat_most = 5", "needs per_day"),
        ("[late]\nper_day = 101", "late.per_day is a percentage"),
        ("[late]\nper_day = true", "late.per_day is a percentage"),
        ("[late]\nper_day = 10\nat_most = nan", "late.at_most is a percentage"),
        ("[late]\nper_day = 10\nperday = 1", "there is no setting late.perday"),
    ],
)
def test_settings_that_mean_nothing_are_refused(tmp_path, text, said):
    assert read_settings(tmp_path).untouched == "zero"
    (tmp_path / "course_settings.toml").write_text(text)
    with pytest.raises(Problem, match=said):
        read_settings(tmp_path)


@pytest.mark.parametrize(
    "hours, share", [(0.1, 0.1), (24, 0.1), (24.1, 0.2), (71, 0.3), (500, 0.35)]
)
def test_each_day_that_has_begun_costs_up_to_the_limit(tmp_path, hours, share):
    (tmp_path / "course_settings.toml").write_text("[late]\nper_day = 10\nat_most = 35\n")
    assert read_settings(tmp_path).late.share(hours * 3600) == pytest.approx(share)


def test_a_gradebook_that_cannot_be_copied_is_a_line_of_text(tmp_path):
    (tmp_path / "gradebook.db").write_bytes(b"no database" * 1000)
    with pytest.raises(Problem, match="cannot be copied first .*nothing is changed"):
        back_up(f"sqlite:///{tmp_path / 'gradebook.db'}", FIRST)
    assert [path.name for path in tmp_path.iterdir()] == ["gradebook.db"]


@pytest.mark.slow
def test_a_term(term, root, capsys):
    # Three weeks: two chapters on time, in the third BEN, CLEO and DAN are late.
    for chapter in (FIRST, SECOND, THIRD):
        release(term, root, chapter)
        for student in (ANN, BEN, CLEO, DAN):
            late = timedelta(days=1) if chapter == THIRD and student != ANN else timedelta(0)
            hand_in(term, root, student, chapter, late)
    hand_in(term, root, BEN, SECOND, softmax="def softmax(z):\n    return z")
    assert grade_class(root=term, jobs=2).complete
    with book(term) as gradebook:
        for chapter in (FIRST, SECOND, THIRD):
            gradebook.update_or_create_assignment(chapter, duedate=DUE)
        gradebook.update_or_create_student(ANN, first_name="Student", last_name="One")
    (term / "course_settings.toml").write_text(f"[extensions.{THIRD}]\n{DAN} = 2\n")

    # Marks by hand, as formgrader gives them: whole points, so that a loss is seen.
    by_hand = {
        (student, chapter, name): float(i % 3)
        for i, (chapter, name, student) in enumerate(
            (chapter, name, student)
            for chapter in CELLS
            for name in CELLS[chapter]
            if name.startswith("derive_")
            for student in (ANN, BEN, CLEO, DAN)
        )
    }
    with formgrader(term) as server:
        for (student, chapter, name), score in by_hand.items():
            mark(
                server,
                student,
                chapter,
                name,
                score,
                f"{score:g} for {name}",
                extra=0.5 if student == ANN else 0,
            )
    given = dict(by_hand)
    by_hand |= {who: score + 0.5 for who, score in by_hand.items() if who[0] == ANN}
    full = {
        FIRST: {"check_sigmoid": 3, "check_sigmoid_prime": 3, "derive_central_error": 4},
        SECOND: {
            "check_softmax": 3,
            "check_softmax_rows": 3,
            "derive_softmax_jacobian": 4,
            "derive_nll_gradient": 4,
        },
        THIRD: {"check_regression_forward": 3, "derive_regression_gradients": 4},
    }
    wrong = marks(term, SECOND)[BEN, "check_softmax"][0]
    assert 0 <= wrong < 3

    def expected(chapter, waiting=()):
        """By the rule: full marks for what is solved, what was given by hand for the others."""
        found = {
            (student, name): (
                by_hand.get((student, chapter, name), of),
                of,
                (student, name) in waiting,
            )
            for name, of in full[chapter].items()
            for student in (ANN, BEN, CLEO, DAN)
        }
        if chapter == SECOND:
            of = full[SECOND]["check_softmax"]
            found[BEN, "check_softmax"] = (wrong * of / 3, of, False)
        return found

    for chapter in CELLS:
        assert marks(term, chapter) == expected(chapter)
    text = report(term, capsys, "--export", "canvas", "moodle", "gradescope")
    assert f"{BEN}: 3" not in text
    scores = {
        s: sum(m[0] for (who, _), m in marks(term, THIRD).items() if who == s)
        for s in (ANN, BEN, CLEO, DAN)
    }
    assert penalties(term, THIRD) == {ANN: 0, BEN: scores[BEN], CLEO: scores[CLEO], DAN: 0}

    # The roster names them; an extension may name any of a student's ids, and one that can mean
    # nobody is said.
    (term / "list.csv").write_text(
        f"Identifier,Full name,Username\nParticipant 7,Four; Student,{DAN}\n"
        f"Participant 8,Five; Student,student-05\n"
    )
    assert main(["roster", str(term / "list.csv"), "--class", str(term)]) == 0
    with book(term) as gradebook:
        assert gradebook.find_student(DAN).last_name == "Four; Student"
    (term / "course_settings.toml").write_text(
        f"[extensions.{THIRD}]\n7 = 2\nstudent-99 = 1\n[extensions.01]\n{ANN} = 1\n"
    )
    with open(term / "course_settings.toml", "a", encoding="utf-8") as file:
        file.write("[late]\nper_day = 10\n")  # in the place of nbgrader's "zero"
    text = report(term, capsys)
    assert penalties(term, THIRD) == {ANN: 0, DAN: 0} | {
        who: pytest.approx(scores[who] / 10) for who in (BEN, CLEO)
    }
    settings = (term / "course_settings.toml").read_text(encoding="utf-8").partition("[late]")[0]
    (term / "course_settings.toml").write_text(settings, encoding="utf-8")
    text = report(term, capsys)
    assert penalties(term, THIRD) == {ANN: 0, BEN: scores[BEN], CLEO: scores[CLEO], DAN: 0}
    assert f"extensions.{THIRD}.student-99 does nothing" in text
    assert "there is no chapter 01, so its extensions do nothing; there are: 00_" in text
    assert f"{THIRD}, not handed in (1): Five; Student (student-05)" in text
    assert f"{THIRD}, handed in and not on the roster (3): {ANN}; {BEN}; {CLEO}" in text
    page = (term / "classroom" / "reports" / "report.html").read_text(encoding="utf-8")
    assert f"Four; Student ({DAN})" in page and "Not handed in (1): Five; Student" in page

    # The second chapter changes: one exercise more, one less, one of other weight.
    release(
        term,
        root,
        SECOND,
        ["softmax", "one_hot", "derive_softmax_jacobian", "derive_nll_gradient"],
        {"check_softmax": 6.0},
    )
    full[SECOND] = {
        "check_softmax": 6,
        "check_one_hot": 2,
        "derive_softmax_jacobian": 4,
        "derive_nll_gradient": 4,
    }
    report(term, capsys, "--export", "canvas", "moodle", "gradescope")  # not graded yet
    process = FORK.Process(target=grade_class, kwargs={"root": term, "jobs": 1})
    process.start()
    process.join(2.5)
    if process.is_alive():
        os.kill(process.pid, signal.SIGKILL)
    process.join()
    report(term, capsys, "--export", "canvas", "moodle", "gradescope")  # in between
    said = []
    outcomes = grade_class(root=term, jobs=2, say=said.append).outcomes
    assert not any(o.problem for o in outcomes)
    copies = sorted((term / "classroom").glob("gradebook-*.db"))
    assert len(copies) == 1 and copies[0].stat().st_mode & 0o777 == 0o600
    # those who handed in the older release have no cell for the new exercise: nothing attempted
    found = expected(SECOND)
    for student in (ANN, BEN, CLEO, DAN):
        found[student, "check_one_hot"] = (0, 2, False)
    assert marks(term, SECOND) == found
    assert marks(term, FIRST) == expected(FIRST) and marks(term, THIRD) == expected(THIRD)
    for (student, chapter, name), score in given.items():
        assert comments(term, chapter)[student, name] == f"{score:g} for {name}"
    with book(term) as gradebook:
        assert {a.name: a.duedate for a in gradebook.assignments} == dict.fromkeys(CELLS, DUE)
        assert gradebook.find_student(ANN).last_name == "One"
    report(term, capsys, "--export", "canvas", "moodle", "gradescope")

    # Resubmissions: only the answer that changed is read again.
    hand_in(term, root, CLEO, SECOND, derive_nll_gradient="Another text.")
    hand_in(term, root, DAN, SECOND, softmax="def softmax(z):\n    return z")
    grade_class(root=term, jobs=2)
    found = expected(SECOND, {(CLEO, "derive_nll_gradient")})
    for student, points in ((ANN, 0), (BEN, 0), (CLEO, 2), (DAN, 2)):
        found[student, "check_one_hot"] = (points, 2, False)
    found[DAN, "check_softmax"] = found[BEN, "check_softmax"]
    assert marks(term, SECOND) == found
    assert "waits" in report(term, capsys)

    # The due date moves, with nbgrader's own command; a mark given late counts in the penalty.
    with formgrader(term) as server:
        mark(server, BEN, THIRD, "derive_regression_gradients", 4.0)
    by_hand[BEN, THIRD, "derive_regression_gradients"] = 4.0
    report(term, capsys)
    assert penalties(term, THIRD)[BEN] == 7
    with book(term) as gradebook:
        gradebook.update_or_create_assignment(THIRD, duedate=DUE + timedelta(days=3))
    report(term, capsys)
    assert set(penalties(term, THIRD).values()) == {0}
    assert marks(term, THIRD) == expected(THIRD)

    # A dropped derivation comes back, and with it what was given for it.
    release(term, root, FIRST, ["sigmoid", "sigmoid_prime"])
    grade_class(root=term, jobs=2, say=said.append)
    assert "derive_central_error (marks given by hand: 4, kept aside" in said[-1]
    assert {name for _, name in marks(term, FIRST)} == {"check_sigmoid", "check_sigmoid_prime"}
    release(term, root, FIRST)
    grade_class(root=term, jobs=2, say=said.append)
    assert marks(term, FIRST) == expected(FIRST)
    assert comments(term, FIRST)[DAN, "derive_central_error"].endswith("for derive_central_error")

    # What was taken back meanwhile does not return with it another time.
    with book(term) as gradebook:
        grade = gradebook.find_grade("derive_central_error", FIRST, FIRST, DAN)
        grade.manual_score, grade.needs_manual_grade = None, True
        comment = gradebook.find_comment("derive_central_error", FIRST, FIRST, DAN)
        comment.manual_comment = None
        gradebook.db.commit()
    for names in (["sigmoid", "sigmoid_prime"], None):
        release(term, root, FIRST, names)
        grade_class(root=term, jobs=2, say=said.append)
    assert marks(term, FIRST)[DAN, "derive_central_error"] == (0, 4, True)
    assert (
        marks(term, FIRST)[ANN, "derive_central_error"]
        == (expected(FIRST)[ANN, "derive_central_error"])
    )
    assert (DAN, "derive_central_error") not in comments(term, FIRST)
