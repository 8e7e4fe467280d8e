"""Chapter 02: the oracle against other routes; the master's words, headings and numbers."""

import re
from pathlib import Path

import jupytext
import numpy as np
import pytest

from mlp_helpers import evaluate, exercises
from mlp_helpers.answers.chapter_02.grad_A_entry import EXERCISE as ENTRY
from mlp_helpers.answers.chapter_02.quiz import QUIZ
from mlp_helpers.answers.chapter_02.regression_backward import EXERCISE as BACKWARD
from mlp_helpers.answers.chapter_02.regression_loss_and_grads import EXERCISE as BATCH
from mlp_helpers.answers.chapter_02.regression_loss_and_grads_steps import STEPWISE
from mlp_helpers.checking.steps import mistaken
from mlp_helpers.reference.activations import sigmoid, sigmoid_prime
from mlp_helpers.reference.gradcheck import complex_step_gradient

MASTER = Path(__file__).parents[2] / "solutions" / "02_sigmoid_regression.py"
EXERCISES = [e for e in exercises().values() if e.chapter == "02"]
TAUGHT = "S2.1.0 S2.1.1 S2.1.2 S2.1.3 S2.1.4 S2.1.5 S2.1.a S2.1.b S2.1.c S2.1.d S3.7.2".split()


@pytest.fixture
def problem():
    """A, b, X, y of pairwise different sizes."""
    rng = np.random.default_rng(5)
    return rng.normal(size=(5, 3)), rng.normal(size=5), rng.normal(size=(7, 3)), rng.normal(size=7)


# The oracle -----------------------------------------------------------------------------------


def test_the_oracle_agrees_with_a_complex_step_in_every_single_weight(problem):
    A, b, X, y = problem

    def loss(A, b):
        return ((y - sigmoid(X @ A.T) @ b) ** 2).sum()

    got = BATCH.oracle(A, b, X, y)
    want = (
        loss(A, b),
        complex_step_gradient(lambda A: loss(A, b), A),
        complex_step_gradient(lambda b: loss(A, b), b),
    )
    for g, w in zip(got, want, strict=True):
        np.testing.assert_allclose(g, w, rtol=0, atol=1e-13 * np.abs(w).max())


def test_the_oracle_agrees_with_the_derivation_of_s2(problem):
    A, b, X, y = problem
    x, t = X[0], y[0]
    z1 = A @ x
    z4 = t - b @ sigmoid(z1)
    want = np.outer(-2 * z4 * b * sigmoid_prime(z1), x), -2 * z4 * sigmoid(z1)
    for g, w in zip(BACKWARD.oracle(A, b, x, t), want, strict=True):
        np.testing.assert_allclose(g, w, rtol=0, atol=1e-14 * np.abs(w).max())
    assert ENTRY.oracle(A, b, x, t, 3, 1) == pytest.approx(want[0][3, 1], rel=1e-13)


def test_a_right_gradient_earns_its_points_when_the_other_one_is_wrong():
    def half_right(A, b, x, y):
        dA, db = BACKWARD.oracle(A, b, x, y)
        return -dA, db

    criteria = {c.name: c.passed for c in evaluate(half_right, "regression_backward").criteria}
    assert criteria["value of db"] and not criteria["value of dA"]


def test_fitting_lets_the_loss_fall_in_the_drawn_cases():
    # A rate that overshoots would blow rounding up, and reject right answers.
    fit = exercises()["fit_regression"]
    for seed in range(20):
        for case in fit.draw(np.random.default_rng(seed))["generic"]:
            losses = fit.oracle(*case.args)[2]
            assert np.all(np.diff(losses) < 0)


# Stepwise diagnosis ---------------------------------------------------------------------------

RULES = [("forward", r) for r in STEPWISE.forwards]
RULES += [(step.name, rule) for step in STEPWISE.steps for rule in step.wrong]


@pytest.mark.parametrize("name, rule", RULES, ids=lambda x: getattr(x, "id", x))
def test_a_single_mistake_is_named_by_the_step_where_it_enters(name, rule):
    forward, steps = (rule, {}) if name == "forward" else (None, {name: rule})
    for seed in (0, 1):
        report = evaluate(mistaken(STEPWISE, forward, steps), "regression_loss_and_grads", seed)
        named = [m for m in report.misconceptions if "." in m]
        assert named == [f"{name}.{rule.id}"]
        assert not report.passed


def test_two_mistakes_are_two_names():
    wrong = {step.name: step.wrong[1] for step in STEPWISE.steps if step.name != "loss"}
    report = evaluate(mistaken(STEPWISE, None, wrong), "regression_loss_and_grads", 0)
    assert report.misconceptions[:2] == ["db.half", "dA.value_for_slope"]


# The master -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def master():
    return jupytext.read(MASTER)


@pytest.fixture(scope="module")
def markdown(master):
    return "\n".join(c.source for c in master.cells if c.cell_type == "markdown")


@pytest.fixture(scope="module")
def headings(markdown):
    return re.findall(r"^#+ (.*)$", markdown, flags=re.MULTILINE)


@pytest.mark.parametrize("id", QUIZ)
def test_the_quiz_in_the_chapter_is_the_quiz_that_is_checked(master, markdown, id):
    prose = " ".join(markdown.split())
    assert f"**{id}** {QUIZ[id].text}" in prose
    for letter, option in QUIZ[id].options.items():
        assert f"- **{letter}** {option}" in prose
    assert any(c.source == f'quiz("{id}", "...")' for c in master.cells)


@pytest.mark.parametrize("row", TAUGHT)
def test_every_item_of_the_notes_names_source_section_and_place(master, headings, row):
    source, places = re.search(
        rf"^\| {re.escape(row)} \| (S\d), .+? \| (.+?) \|$",
        master.cells[-1].source,
        flags=re.MULTILINE,
    ).groups()
    assert row.startswith(source)
    for place in places.split("; "):
        assert any(h == place or h.startswith(f"{place} ·") for h in headings), place


def test_every_prediction_is_answered(master):
    code = "\n".join(c.source for c in master.cells if c.cell_type == "code")
    asked = re.findall(r'predict\("(\w+)"', code)
    assert asked and sorted(asked) == sorted(re.findall(r'predicted\("(\w+)"', code))


def test_the_solved_chapter_runs_and_prints_the_measured_errata(
    master, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    code = "\n\n".join(c.source for c in master.cells if c.cell_type == "code")
    exec(compile(code, str(MASTER), "exec"), {"__name__": "__main__"})
    out = capsys.readouterr()
    assert out.err == ""
    assert "comes alive" not in out.out
    assert "23 of 23" in out.out and "6 of 6 solved" in out.out
    for measured in (
        "off by 9.5e-01",
        "off by 9.6e-01",
        "off by 1.3e+00",
        "ValueError",
        "shape (3,), and A has shape (3, 3)",
    ):
        assert measured in out.out


def test_the_network_beats_the_line_on_years_it_has_not_seen(master, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = ("sigmoid", "regression_loss_and_grads", "gd_step", "fit_regression")
    wanted = [
        c.source
        for c in master.cells
        if c.cell_type == "code"
        and (
            any(f"def {n}(" in c.source for n in names)
            or c.source.startswith(("import", "year, month", "HIDDEN"))
        )
    ]
    room = {"__name__": "__main__"}
    exec("\n\n".join(wanted), room)
    A, b, _ = room["fit_regression"](*room["start"](), room["X_sea"], room["y_sea"], 0.002, 3000)
    error = room["temperature"] - room["curve"](A, b, room["month"])
    assert room["rms"](error[~room["fitted"]]) < 1.25  # the straight line has 1.63
