"""Chapter 05: kinks in checks and in the chapter, and the numbers of the errata."""

import contextlib
import io
import re
from pathlib import Path

import jupytext
import numpy as np
import pytest
from known import known

from mlp_helpers import evaluate
from mlp_helpers.answers.chapter_05.dzk_dW1 import EXERCISE as LOGIT
from mlp_helpers.answers.chapter_05.dzk_dW1 import dzk
from mlp_helpers.answers.chapter_05.kink_mask import EXERCISE as MASK
from mlp_helpers.answers.chapter_05.kink_mask import near_kink
from mlp_helpers.answers.chapter_05.relu_err_and_grads import EXERCISE as NETWORK
from mlp_helpers.reference.activations import relu_prime
from mlp_helpers.reference.network import backward

ROOT = Path(__file__).parents[2]
MASTER = ROOT / "solutions" / "05_relu_kinks.py"
SOURCES = [MASTER, *(ROOT / "mlp_helpers" / "exercises").rglob("*_05.py")]
PRINTED = {
    "E4.1": ("w = W2[k, 0]: off by 3.4e-01", "factor twice:      off by 7.4e-01"),
    "E4.2": (
        "logit 2 alone: off by 1.0e+00",
        "off by 5.8e-01   (the true class)",
        "logit 0 alone: off by 4.6e-01",
    ),
    "E4.3": (
        "wrong: 9 of 30",
        "printed formula   off by 8.2e-01",
        "m = 0: off by 1.0e+00",
        "one input only, printed equals yours: True",
    ),
    "E4.4": ("captured index, 1 - y:              off by 9.9e-01",),
    "E4.5": ("left 0.0000, right 1.0000, central 0.5000",),
    "E4.6": ("y with sum 1.5, p - y:              off by 5.2e-01",),
    "E4.7": ("j = h read as the last unit, dW2:   off by 4.0e-01",),
}


@pytest.fixture(scope="module")
def code():
    cells = jupytext.read(MASTER).cells
    text = "\n\n".join(c.source for c in cells if c.cell_type == "code")
    return re.sub(r'(predict\("\w+", )"\.\.\."', r'\1"a guess"', text)


@pytest.fixture(scope="module")
def output(code, tmp_path_factory):
    """What the solved chapter prints."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(tmp_path_factory.mktemp("run")):
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            exec(compile(code, str(MASTER), "exec"), {"__name__": "__main__"})
    assert err.getvalue() == ""
    return out.getvalue()


def test_the_solved_chapter_earns_full_marks(output):
    assert "27 of 27  7 of 7 solved" in output
    assert "comes alive" not in output


@pytest.mark.parametrize("erratum", PRINTED)
def test_the_referee_prints_the_measured_number(output, erratum):
    for number in PRINTED[erratum]:
        assert number in output


def test_what_the_prose_says_about_kinks_is_what_comes_out(output):
    assert "left out: 44 of 1000 entries" in output
    assert "43, the worst by 58 %; they belong to units [ 8 10 12]" in output
    others = re.search(r"largest error among the others: (\S+)", output)[1]
    assert float(others) < 1e-13
    assert "11 dead before, 11 after 300 more steps" in output
    assert "gate patterns in the square: 7 of 2^3 = 8" in output


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.name)
def test_the_notes_are_cited_without_a_person(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"Collaborated|CS\s?\d{3}|student:|author:", text)


# The oracle and the reference have nothing in common; they must agree, kinks included.


def test_the_oracle_agrees_with_the_reference_network():
    rng = np.random.default_rng(3)
    W1, b1 = rng.integers(-2, 3, (7, 3)) + 0.0, rng.integers(-2, 3, 7) + 0.0
    W2, b2 = rng.standard_normal((5, 7)), rng.standard_normal(5)
    X, y = rng.integers(-2, 3, (11, 3)) + 0.0, rng.integers(0, 5, 11)
    assert (X @ W1.T + b1 == 0).any()
    _, *grads = NETWORK.oracle(W1, b1, W2, b2, X, np.eye(5)[y])
    reference = [part for pair in backward([(W1, b1), (W2, b2)], ["relu"], X, y) for part in pair]
    for got, want in zip(grads, reference, strict=True):
        np.testing.assert_allclose(got, 11 * want, atol=1e-12 * np.abs(got).max())


def test_the_oracle_of_one_logit_follows_the_convention_at_0():
    W1, b1, W2, x = np.eye(3), np.array([-1.0, 0.0, -2.0]), np.ones((2, 3)), np.array([1.0, 1, 3])
    np.testing.assert_array_equal(LOGIT.oracle(W1, b1, W2, x, 1), [[0, 0, 0], [1, 1, 3], [1, 1, 3]])
    assert relu_prime(np.array([0.0]))[0] == 0.0


def test_outside_the_mask_a_central_difference_is_exact():
    """The mask is what it claims: the function is linear along every step it lets through."""
    for seed in range(5):
        for case in MASK.draw(np.random.default_rng(seed))["generic"]:
            W1, b1, x, eps = case.args
            W2 = np.ones((1, len(b1)))
            a = W1 @ x + b1
            up, down = (np.maximum(a[:, None] + s * x, 0.0) for s in (eps, -eps))
            central = (up - down) / (2 * eps)
            off = np.abs(central - dzk(W1, b1, W2, x, 0)) > 1e-9
            mask = near_kink(W1, b1, x, eps)
            assert not off[~mask].any()
            assert mask.size == 1 or (off[mask].any() and (~mask).any())


def test_s4_s_gate_is_right_for_one_input_and_rejected_for_more():
    printed = known("dzk_dW1", "one_input_gate")
    rng = np.random.default_rng(0)
    W1, b1, W2 = rng.standard_normal((7, 1)), rng.standard_normal(7), rng.standard_normal((3, 7))
    x = rng.standard_normal(1)
    np.testing.assert_array_equal(printed(W1, b1, W2, x, 2), dzk(W1, b1, W2, x, 2))
    report = evaluate(printed, "dzk_dW1")
    assert report.misconceptions[0] == "one_input_gate" and report.points < 1


@pytest.mark.parametrize(
    ("mistake", "lost"),
    [
        ("one_input_gate", {"step dW1, given your db1"}),
        ("missing_sum", {"step db1, given your db2"}),
        (
            "factor_twice",
            {"step dW2, given your db2", "step db1, given your db2", "step dW1, given your db1"},
        ),
        ("no_gate", {"step db1, given your db2"}),
    ],
)
def test_a_mistake_costs_its_own_steps_and_no_others(mistake, lost):
    fn = known("relu_err_and_grads", mistake)
    steps = [c for c in evaluate(fn, "relu_err_and_grads").criteria if c.name.startswith("step")]
    assert {c.name for c in steps if not c.passed} == lost


def test_a_complex_step_per_parameter_loses_the_cost_alone():
    fn = known("relu_err_and_grads", "complex_step")
    report = evaluate(fn, "relu_err_and_grads")
    assert [c.name for c in report.criteria if not c.passed] == ["cost of backprop"]


def test_one_at_zero_loses_the_convention_alone():
    for name in ("relu_prime", "dzk_dW1", "relu_err_and_grads"):
        fn = known(name, "one_at_zero")
        failed = [c.name for c in evaluate(fn, name).criteria if not c.passed]
        assert len(failed) == 1 and "0" in failed[0], (name, failed)
