"""What is special to chapter 00: approximations as answers, functions as arguments."""

from pathlib import Path

import numpy as np
import pytest

from mlp_helpers import evaluate, exercises
from mlp_helpers.answers.chapter_00.gradient_check import agrees
from mlp_helpers.answers.chapter_00.shared import right_gradient
from mlp_helpers.named import Named, build

MASTER = Path(__file__).parents[2] / "solutions" / "00_gradient_checking.py"
ROWS = (
    "S0.2.2 S1.2.15 S2.1.1 S2.1.4 S2.1.c S3.5.6 S3.6.1 S3.6.5b S3.7.1 S3.7.2 S3.7.3 S3.11".split()
)


def words(report):
    return " ".join(c.message for c in report.criteria)


def failed(report):
    return {c.name for c in report.criteria if not c.passed}


@pytest.mark.parametrize("eps", [1e-6, 9e-6, 2e-5, 1e-4])
@pytest.mark.parametrize("name", ["numerical_gradient", "numerical_jacobian"])
def test_only_the_default_step_of_the_contract_counts_as_default(name, eps):
    def other_default(f, W, step=None):
        return right_gradient(f, W, eps if step is None else step)

    for seed in (0, 1):
        assert failed(evaluate(other_default, name, seed)) == {"eps = 1e-5 when left out"}


def test_a_flat_argument_is_named_by_the_function_itself():
    def flat(f, W, eps=1e-5):
        x = np.array(W, dtype=float).ravel()
        steps = eps * np.eye(x.size)
        return np.array([(f(x + s) - f(x - s)) / (2 * eps) for s in steps]).reshape(W.shape)

    report = evaluate(flat, "numerical_gradient")
    assert not report.passed
    assert "needs an array of shape (3, 5); it was given one of shape (15,)" in words(report)


def test_a_verdict_says_which_gradient_was_misjudged():
    report = evaluate(lambda f, grad, x, tol=1e-6: True, "gradient_check")
    assert "the gradient: last entry" in words(report)


@pytest.mark.parametrize(
    "flaw",
    [
        "sign",
        "double",
        "first entry",
        "middle entry",
        "flat",
        "nan",
        "6e-6 too large",
        "5 % too large",
    ],
)
def test_every_flaw_is_one(flaw):
    params, x = ((3, 5), 7, 1.0), np.linspace(-1, 1, 15).reshape(3, 5)
    f, right, wrong = build(
        [
            Named("landscape", params),
            Named("landscape_gradient", params),
            Named("landscape_gradient", (*params, flaw)),
        ]
    )
    assert agrees(f, right, x)
    assert not agrees(f, wrong, x)


def test_a_gradient_that_is_a_little_off_hangs_on_the_tolerance():
    params, x = ((7,), 3, 1.0, "2e-4 too large"), np.linspace(-1, 1, 7)
    f, grad = build([Named("landscape", params[:3]), Named("landscape_gradient", params)])
    assert agrees(f, grad, x, 1e-3) and not agrees(f, grad, x, 1e-5)


def test_every_row_of_the_inventory_is_in_the_list_of_sources():
    text = MASTER.read_text(encoding="utf-8")
    assert [row for row in ROWS if f"| {row} |" not in text] == []


def gap(a, b):
    return np.abs(np.subtract(a, b)).max() / max(np.abs(a).max(), np.abs(b).max())


def test_the_referee_numbers_are_those_of_the_errata():
    x = np.array([-1.2, 0.1, 0.9])
    s = 1 / (1 + np.exp(-x))
    assert f"{gap(s / x, s * (1 - s)):.1e}" == "9.5e-01"
    g, h, dg, dh = 0.8, 1.64, 1.0, 1.6
    right = dg / h - g * dh / h**2
    assert f"{abs((dg / h - g * dh / h) / right - 1):.1f}" == "2.3"
    J, v = np.array([[1.0, 0, -3], [-4, 0, -1], [-4, 1, -3]]), np.array([3.0, 2, 2])
    assert f"{gap(J @ v, J.T @ v):.1e}" == "9.4e-01"


def is_plain(value):
    if isinstance(value, Named):
        return is_plain(value.params)
    if isinstance(value, (tuple, list)):
        return all(map(is_plain, value))
    return type(value) in (bool, int, float, str, np.ndarray)


@pytest.mark.parametrize(
    "exercise", [e for e in exercises().values() if e.chapter == "00"], ids=lambda e: e.id
)
def test_cases_are_plain_data_that_cross_to_a_confined_process(exercise):
    for seed in range(3):
        for group in exercise.draw(np.random.default_rng(seed)).values():
            assert all(is_plain(case.args) for case in group)
