"""Chapter 03: its words agree with its data, its numbers with the errata, and it reads digits."""

import re
from pathlib import Path

import jupytext
import numpy as np
import pytest

from mlp_helpers import evaluate, exercises
from mlp_helpers.answers.chapter_03.quiz import QUIZ
from mlp_helpers.answers.chapter_03.risk_and_grads import EXERCISE as NETWORK
from mlp_helpers.data import load_digits
from mlp_helpers.reference.network import one_hidden_backward
from mlp_helpers.reference.optim import descend_momentum

MASTER = Path(__file__).parents[2] / "solutions" / "03_tanh_homework.py"
EXERCISES = [e for e in exercises().values() if e.chapter == "03"]
TAUGHT = """S0.1.1 S0.2.1 S0.2.2 S0.2.3 S0.2.4 S0.3.1 S0.3.2 S0.3.3 S0.4.0 S0.4.1 S0.4.1b S0.4.2
    S0.4.3 S0.4.4a S0.4.4b S0.4.5a S0.4.5b S0.5.1 S0.5.2 S0.5.3 S0.5.4 S0.5.5 S3.7.3""".split()
MEASURED = {  # errata id -> what the Referee cells print
    "E0.1": ("printed loss: off by 3.2e-01", "changes by -5.57", "printed nan, repaired 2.21"),
    "E0.2": ("over their average: 6.0",),
    "E0.3": ("M = 5, p = 3: ValueError", "M = 4, p = 4: runs, and is off by 7.2e-01"),
    "E0.4": ("eta = gamma      : paths differ by 8.8e-01",),
    "E0.5": ("instead of 0:             paths differ by 2.7e-01",),
    "E3.28": ("quotient of exponentials at 400: nan",),
}


@pytest.fixture(scope="module")
def master():
    return jupytext.read(MASTER)


@pytest.fixture(scope="module")
def prose(master):
    return " ".join(" ".join(c.source.split()) for c in master.cells if c.cell_type == "markdown")


@pytest.fixture(scope="module")
def headings(master):
    text = "\n".join(c.source for c in master.cells if c.cell_type == "markdown")
    return re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def solved(master, tmp_path_factory):
    """What the solved master prints, and its names."""
    folder = tmp_path_factory.mktemp("chapter_03")
    code = "\n\n".join(c.source for c in master.cells if c.cell_type == "code")
    printed, names = [], {"__name__": "__main__"}
    names["print"] = lambda *words: printed.append(" ".join(map(str, words)))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        exec(compile(code, str(MASTER), "exec"), names)
    return "\n".join(printed), names


@pytest.mark.parametrize("id", QUIZ)
def test_the_quiz_in_the_chapter_is_the_quiz_that_is_checked(prose, master, id):
    assert f"**{id}** {QUIZ[id].text}" in prose
    assert all(f"- **{letter}** {text}" in prose for letter, text in QUIZ[id].options.items())
    assert any(c.source == f'quiz("{id}", "...")' for c in master.cells)


@pytest.mark.parametrize("row", TAUGHT)
def test_every_item_of_the_notes_has_its_place(master, headings, row):
    found = re.search(
        rf"^\| {re.escape(row)} \| (S\d), .+? \| (.+?) \|$",
        master.cells[-1].source,
        flags=re.MULTILINE,
    )
    assert row.startswith(found[1])
    for place in found[2].split("; "):
        assert any(h == place or h.startswith(f"{place} ·") for h in headings), place


def test_every_prediction_is_answered(master):
    code = "\n".join(c.source for c in master.cells if c.cell_type == "code")
    asked = re.findall(r'predict\("(\w+)"', code)
    assert len(asked) >= 3 and sorted(asked) == sorted(re.findall(r'predicted\("(\w+)"', code))


@pytest.mark.parametrize("erratum", MEASURED)
def test_the_referee_cells_print_the_measured_errata(solved, erratum):
    assert all(number in solved[0] for number in MEASURED[erratum])


def test_the_readers_own_functions_read_digits(solved):
    printed, names = solved
    *_, X_test, y_test = load_digits()
    theta = names["trained"](4.0, 0.1)[-1]
    assert names["accuracy"](theta, X_test, y_test) >= 0.94
    shown = re.search(r"test accuracy: ([\d.]+) %", printed)[1]
    assert float(shown) == pytest.approx(100 * names["accuracy"](theta, X_test, y_test), abs=0.01)


def test_the_reference_takes_the_same_path_on_the_digits(solved):
    names = solved[1]
    X, y = names["X_train"], names["y_train"]

    def grad(theta):
        return names["pack"](*one_hidden_backward(*names["unpack"](theta, 64, 32, 10), X, y)[1:])

    reference = descend_momentum(grad, names["theta_start"], 4.0 / len(X), 0.1, 20)
    np.testing.assert_allclose(names["trained"](4.0, 0.1)[:21], reference, rtol=0, atol=1e-11)


def test_the_oracle_contains_no_gradient_and_agrees_with_the_reference():
    for seed in range(20):
        cases = NETWORK.draw(np.random.default_rng(seed))
        for case in [*cases["generic"], *cases["twice"]]:
            oracle = NETWORK.oracle(*case.args)
            for a, b in zip(one_hidden_backward(*case.args), oracle, strict=True):
                assert np.abs(a - b).max() <= 1e-13 * np.abs(b).max()


@pytest.mark.parametrize("name", NETWORK.returns)
def test_one_wrong_part_costs_that_part_and_the_purity_points_only(name):
    i = NETWORK.returns.index(name)

    def one_slip(*args):
        parts = list(one_hidden_backward(*[np.asarray(a, dtype=float) for a in args[:5]], args[5]))
        parts[i] = 1.5 * parts[i]
        return parts

    report = evaluate(one_slip, "risk_and_grads")
    lost = {c.name for c in report.criteria if not c.passed}
    step = next(c for c in report.criteria if c.name.startswith(f"step {name}"))
    assert lost == {
        step.name,
        "value, for a batch",
        "cost of backprop",
        "arguments unchanged",
        "same answer twice",
    }


def test_theta_is_judged_by_the_students_own_phi():
    def swapped_weights(theta, phi, g, gamma, alpha):
        smooth = alpha * phi + (1 - alpha) * g
        return theta - gamma * smooth, smooth

    passed = {c.name for c in evaluate(swapped_weights, "momentum_step").criteria if c.passed}
    assert "theta' from your phi'" in passed and "phi'" not in passed
