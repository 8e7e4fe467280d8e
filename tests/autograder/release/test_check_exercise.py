"""What an author is told about an exercise that is not whole: what, where, what to do."""

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from autograder import cli
from autograder.ground.errors import Problem
from autograder.release import check_exercise as module
from autograder.release.check_exercise import (
    check_exercise,
    of_cases,
    of_contract,
    of_master,
    of_mistakes,
    of_sections,
    of_solution,
    of_stubs,
    of_todos,
    of_variants,
)
from mlp_helpers import exercises
from mlp_helpers.checking.exercise import Criterion, Mistake

WHOLE = exercises()["one_hot"]
CASES = WHOLE.draw(np.random.default_rng(0))


def right(y, K):
    return (np.arange(K) == y[:, None]).astype(float)


def transposed(y, K):
    return right(y, K).T


def mistake(fn, id="made_up", question="Why?"):
    return Mistake(id, "something", question, make=lambda: fn)


def bank(mistakes=WHOLE.bank.mistakes, variants=WHOLE.bank.variants):
    return SimpleNamespace(mistakes=list(mistakes), variants=list(variants))


def said(gaps):
    return [f"{gap.what}: {gap.cure}" for gap in gaps]


def test_a_whole_exercise_lacks_nothing(root):
    assert check_exercise(root, "one_hot") == []


def test_an_exercise_that_is_not_there(root):
    with pytest.raises(Problem, match="no exercise named 'one_hut'. Did you mean one_hot"):
        check_exercise(root, "one_hut")
    with pytest.raises(Problem, match="no exercise named 'shared'"):
        check_exercise(root, "shared")


def test_an_exercise_that_is_in_no_list(root, tmp_path, monkeypatch):
    (tmp_path / "chapter_01").mkdir()
    (tmp_path / "chapter_01" / "hinge.py").write_text("EXERCISE = Exercise()\n")
    monkeypatch.setattr(module, "PACKAGE", tmp_path)
    with pytest.raises(Problem, match=r"the list in chapter_01/__init__.py lacks hinge"):
        check_exercise(root, "hinge")


@pytest.mark.parametrize(
    "change, at, says",
    [
        ({"signature": "one_hot"}, "signature=", "the signature 'one_hot' is none"),
        ({"signature": "onehot(y, K)"}, "signature=", "names onehot"),
        ({"title": ""}, "title=", "no title"),
        ({"minutes": 0}, "minutes=", "minutes is 0: estimate it"),
        ({"lines": 0}, "lines=", "lines is 0"),
        ({"hints": WHOLE.hints[:2]}, "hints=", "2 hints: three"),
        ({"hints": (*WHOLE.hints[:2], "no")}, "hints=", "hint 3 is very short"),
        ({"criteria": WHOLE.criteria[:1] * 2}, "criteria=", "two criteria are called"),
        ({"criteria": ()}, "criteria=", "no criterion gives points"),
        (
            {"criteria": (replace(WHOLE.criteria[0], points=0.3),)},
            "criteria=",
            "0.3 points in all: take whole or half ones",
        ),
        ({"bank": None}, "bank = ", "0 known mistakes: collect 6 or more"),
        ({"bank": bank(variants=WHOLE.bank.variants[:1])}, "bank = ", "1 right variant: collect 3"),
        (
            {"bank": bank([*WHOLE.mistakes, replace(WHOLE.mistakes[0], question="Think.")])},
            WHOLE.mistakes[0].fn,
            "asks nothing",
        ),
    ],
)
def test_a_contract_that_is_not_whole(change, at, says):
    gaps = list(of_contract(replace(WHOLE, **change), "one_hot"))
    assert any(gap.at == at and says in text for gap, text in zip(gaps, said(gaps), strict=True))


def drawing(**groups):
    return {"draw": lambda rng: {**WHOLE.draw(rng), **groups}}


def unready(*_):
    raise NotImplementedError("not yet")


@pytest.mark.parametrize(
    "change, says",
    [
        (drawing(generic=CASES["generic"][:2]), "2 cases in the group 'generic': draw 3 or more"),
        (drawing(twice=CASES["twice"][:1]), "asks for cases 'twice': draw 2 or more"),
        (drawing(more=[replace(CASES["generic"][0], args=(1,))]), "cases of 'more' with [1] arg"),
        ({"draw": unready}, "the cases cannot be drawn: NotImplementedError: not yet"),
        ({"draw": lambda rng: [1, 2, 3]}, "draw gives something else: return {group: [case(...)"),
        ({"oracle": unready}, "stops on case 0 of 'generic': NotImplementedError: not yet"),
        (
            {"draw": lambda rng: WHOLE.draw(np.random.default_rng())},
            "draws other cases of 'generic' the second time: draw from rng alone",
        ),
    ],
)
def test_cases_that_cannot_be_drawn_or_answered(change, says):
    assert list(of_cases(WHOLE)) == []
    gaps = said(of_cases(replace(WHOLE, **change)))
    assert any(says in text for text in gaps), gaps


def test_a_mistake_that_is_right_unnamed_or_the_same_as_another():
    made = [
        mistake(right, "not_wrong"),
        mistake(transposed, "one_way"),
        mistake(transposed, "the_other_way"),
        mistake(unready, "says_nothing"),
    ]
    found = said(of_mistakes(replace(WHOLE, bank=bank(made)), [0]))
    assert "not_wrong gets full marks (seed 0): add a case or a criterion" in found[0]
    assert "the_other_way is named one_way (seed 0): draw cases on which" in found[1]
    assert "says_nothing is not named: not_attempted" in found[2]
    assert not any("mistake one_way" in text for text in found)


def test_a_criterion_that_no_mistake_fails():
    idle = Criterion("idle", 0.5, lambda trial, group: None)
    found = said(of_mistakes(replace(WHOLE, criteria=(*WHOLE.criteria, idle)), [0]))
    assert found == [
        "no mistake fails the criterion 'idle': add one that does, or leave the criterion out"
    ]


def wrong_for_some_seeds(y, K):
    return right(y, K) * (y[0] != 1)


def test_right_answers_without_full_marks_are_named_with_their_seed():
    variants = [("plain", right), ("sometimes", wrong_for_some_seeds)]
    assert said(of_variants(replace(WHOLE, bank=bank(variants=variants[:1])), range(20))) == []
    (text,) = said(of_variants(replace(WHOLE, bank=bank(variants=variants)), range(20)))
    assert re.match(r"the right variant 'sometimes' has .* of 2 points \(seed \d+; ", text)
    (text,) = said(of_solution(WHOLE, {"one_hot": transposed}, range(20)))
    assert text.startswith("the solution has 0 of 2 points (seed 0; ")
    assert said(of_solution(WHOLE, {"one_hot": right}, range(3))) == []


def test_what_is_earned_by_computing_nothing():
    free = Criterion("free", 0.5, lambda trial, group: None)
    open_to_all = replace(WHOLE, criteria=(free,))
    found = said(of_stubs(open_to_all))
    assert "a function that returns None earns 'free': draw cases" in found[0]
    assert said(of_stubs(replace(open_to_all, earned_by_stubs=("free",)))) == []


CHECK_CELL = re.compile(r"# %% nbgrader=\{[^\n]*check_one_hot[^\n]*\n[^\n]*\n")


@pytest.mark.parametrize(
    "change, says",
    [
        (
            lambda text: text.replace("### Exercise: one_hot\n", ""),
            "0 headings `### Exercise: one_hot`: announce the exercise once",
        ),
        (
            lambda text: (
                text.replace("Exercise: one_hot\n", "@")
                .replace("Exercise: log_likelihood\n", "Exercise: one_hot\n")
                .replace("@", "Exercise: log_likelihood\n")
            ),
            "one_hot comes after log_likelihood here: in the list of its chapter it comes after "
            "softmax_vjp",
        ),
        (
            lambda text: CHECK_CELL.sub("", text),
            "the master's cells: exercise one_hot needs a solution cell one_hot and a check cell",
        ),
        (
            lambda text: text.replace("## Labels as vectors", "## Labels"),
            "the section 'Labels as vectors' is 0 headings",
        ),
        (
            lambda text: (
                text.replace("## Labels as vectors", "## Labels") + "\n## Labels as vectors\n"
            ),
            "the section 'Labels as vectors' comes after the check",
        ),
        (
            lambda text: text.replace("### Exercise: one_hot\n", "### Exercise: one_hot\nTODO\n"),
            "a TODO is left",
        ),
    ],
    ids=["heading", "order", "cells", "section", "section below", "todo"],
)
def test_what_a_master_lacks(change, says, root, tmp_path):
    (master,) = (root / "solutions").glob("01_*.py")
    assert list(of_master(WHOLE, master)) == []
    changed = tmp_path / master.name
    text = change(master.read_text(encoding="utf-8"))
    assert text != master.read_text(encoding="utf-8")
    changed.write_text(text, encoding="utf-8")
    gaps = said(of_master(WHOLE, changed))
    assert any(says in gap for gap in gaps), gaps


def test_what_is_to_be_reread_stands_above_the_check(root):
    for exercise in exercises().values():
        (master,) = (root / "solutions").glob(f"{exercise.chapter}_*.py")
        assert list(of_sections(exercise, master.read_text(encoding="utf-8"))) == []


def test_todos_are_found_in_their_lines(tmp_path):
    path = tmp_path / "any.py"
    path.write_text("first\n# TODO: this\nlast\n# TODO\n")
    assert [(gap.at, gap.cure) for gap in of_todos(path)] == [
        (2, "this"),
        (4, "do it, and take the word away"),
    ]
    assert [gap.at for gap in of_todos(path, 3, 3)] == []


# From the template to an exercise ----------------------------------------------------------------

FILLED = {
    "import numpy as np\n": "import numpy as np\n\nfrom ...reference.activations import sigmoid\n",
    'raise NotImplementedError("TODO: the right answer")': "return x * sigmoid(x)",
    'title="TODO: a title of a few words"': 'title="A gate for each number"',
    "    # TODO: the arguments in their order, with the letters of the chapter\n": "",
    "minutes=0": "minutes=5",
    "lines=0": "lines=1",
    "TODO: the heading of the master to reread": "The first slopes to check",
    "TODO: a question that shows where to look": "Which numbers does the sigmoid let through?",
    "TODO: a nudge, such as the formula": "Each number times its own sigmoid: x / (1 + exp(-x)).",
    "TODO: a skeleton of the code, with ... for what is asked": "return x * ...  # elementwise",
    "# TODO: six mistakes or more, ten for a gradient; the name says what is wrong\n": "",
    "TODO: what it looks like": "zeros",
    "TODO: which question leads on?": "Does nothing come through?",
    "def says_what_is_wrong(x):\n    return np.zeros_like(x)": "def forgets_the_number(x):\n"
    "    return sigmoid(x)",
    "# TODO: three right answers or more, each in a style of its own\n": "",
}
MORE = """

@bank.right("plain")
def plain(x):
    return x / (1 + np.exp(-x))


@bank.right("by tanh")
def by_tanh(x):
    return x * (1 + np.tanh(x / 2)) / 2


@bank.wrong("x squared times the sigmoid", "How often is x a factor?")
def squared(x):
    return x**2 * sigmoid(x)


@bank.wrong("minus the right answer", "Which sign has the answer for a large x?")
def sign(x):
    return -x * sigmoid(x)


@bank.wrong("an array of shape (N, 1)", "Which shape has x?")
def column(x):
    return (x * sigmoid(x))[:, None]


@bank.wrong("x *= ..., which writes into the argument", "Whose array is x?")
def changes_argument(x):
    x *= sigmoid(x)
    return x
"""


@pytest.fixture
def course(root, tmp_path):
    """A copy of what an author works on."""
    for name in ("mlp_helpers", "autograder"):
        shutil.copytree(root / name, tmp_path / name)
    (tmp_path / "solutions").mkdir()
    for master in (root / "solutions").glob("0*.py"):
        shutil.copy(master, tmp_path / "solutions")
    shutil.copy(root / "nbgrader_config.py", tmp_path)
    return tmp_path


def command(course, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "autograder", *arguments],
        cwd=course,
        capture_output=True,
        text=True,
    )
    assert done.stderr.count("\n") <= 1, done.stderr
    return done.returncode, (done.stdout or done.stderr).splitlines()


def filled(text, pieces):
    for old, new in pieces.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("chapter", ["01-02", "01,02", "77", ""])
def test_a_new_exercise_belongs_to_one_chapter(chapter, root, monkeypatch, capsys):
    monkeypatch.chdir(root)
    assert cli.main(["new", "exercise", "gate", "--chapter", chapter]) == 2
    assert "chapter" in capsys.readouterr().err
    assert not list(root.glob("mlp_helpers/answers/*/gate.py"))


def test_an_exercise_from_the_template_to_its_last_gap(course):
    assert command(course, "new", "exercise", "gate", "--chapter", "00")[0] == 0
    file = "mlp_helpers/answers/chapter_00/gate.py"
    master = "solutions/00_gradient_checking.py"
    code, lines = command(course, "check-exercise", "gate")
    assert code == 1
    for line in lines:
        path, number, what = line.split(":", 2)
        assert path in (file, master) and what.count(": ") >= 1
        source = (course / path).read_text(encoding="utf-8").splitlines()[int(number) - 1]
        assert ("a TODO is left" in what) == ("TODO" in source), line
    every = "\n".join(lines)
    for gap in (
        "minutes is 0",
        "lines is 0",
        "3 known mistakes",
        "1 right variant",
        "a nudge, such",
    ):
        assert every.count(gap) == 1
    todos = [line for line in lines if "a TODO is left" in line]
    for path in (file, master):
        text = (course / path).read_text(encoding="utf-8")
        text = text[text.find("### Exercise: gate") if path == master else 0 :]
        assert sum(line.startswith(path) for line in todos) == sum(
            "TODO" in line for line in text.splitlines()
        )

    text = filled((course / file).read_text(encoding="utf-8"), FILLED)
    (course / file).write_text(text.replace("TODO: ", "") + MORE, encoding="utf-8")
    text = (course / master).read_text(encoding="utf-8")
    text = text.replace('raise NotImplementedError("TODO: the solution")', "return x * sigmoid(x)")
    (course / master).write_text(text.replace("TODO: ", ""), encoding="utf-8")
    assert command(course, "check-exercise", "gate") == (0, ["gate: nothing is missing"])


def test_a_file_that_cannot_be_imported_is_named_with_its_line(course):
    file = course / "mlp_helpers/answers/chapter_00/sigmoid.py"
    file.write_text(file.read_text(encoding="utf-8") + "\n\nEXERCISE = (\n", encoding="utf-8")
    code, lines = command(course, "check-exercise", "sigmoid")
    number = len(file.read_text().splitlines())
    assert code == 1 and len(lines) == 1
    assert lines[0].startswith(
        f"mlp_helpers/answers/chapter_00/sigmoid.py:{number}: cannot be imported: SyntaxError"
    )


@pytest.mark.parametrize(
    "old, new, says",
    [
        ("EXERCISE = ", "OTHER = ", "cannot be imported: AttributeError"),
        ("criteria=(", "criteria=0 and (", "cannot be looked at: TypeError: 'int' object is not"),
        ("draw=", "draw=lambda rng: rng.nothing() or ", "drawn: AttributeError"),
    ],
)
def test_whatever_an_authors_file_raises_is_a_line(course, old, new, says):
    file = course / "mlp_helpers/answers/chapter_00/sigmoid.py"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    code, lines = command(course, "check-exercise", "sigmoid")
    assert code == 1 and any(says in line for line in lines), lines


def test_another_course_than_the_one_of_the_command_is_refused(course, monkeypatch, capsys):
    monkeypatch.chdir(course)
    for arguments in (["check-exercise", "sigmoid"], ["new", "exercise", "gate", "--chapter", "0"]):
        assert cli.main(arguments) == 2
        assert "the exercises of this command lie in" in capsys.readouterr().err
