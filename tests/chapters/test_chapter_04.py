"""Chapter 04: the worked numbers, the errata it teaches, and the rows it covers."""

import re
from pathlib import Path

import numpy as np
import pytest

from mlp_helpers.reference.network import backward, forward

ROOT = Path(__file__).parents[2]
MASTER = (ROOT / "solutions" / "04_layer_recursion.py").read_text(encoding="utf-8")
ROWS = """S1.1.0 S1.1.1 S1.1.2 S1.1.5 S1.2.0 S1.2.1 S1.2.2 S1.2.3 S1.2.5 S1.2.6 S1.2.7 S1.2.8
S1.2.10 S1.2.11 S1.2.12 S1.2.13 S1.2.14 S1.2.15 S3.1.1 S3.1.2 S3.1.3 S3.5.4 S3.6.2 S3.6.3 S3.6.4
S3.6.5 S3.6.5b S3.7.1 S3.8.1 S3.8.2 S3.8.3 S3.8.4 S3.9 S3.19.3""".split()

HAND = (
    [
        (np.array([[1.0, -1.0], [1.0, -2.0]]), np.array([-1.0, np.log(3)])),
        (np.array([[2.0, 0.0], [-2.0, 4.0]]), np.array([-1.0, np.log(3) - 2])),
    ],
    ["sigmoid"],
    np.array([[2.0, 1.0]]),
)


def test_the_worked_example_has_the_numbers_that_are_printed():
    _, (_, h, p) = forward(*HAND)
    assert np.allclose(h, [[1 / 2, 3 / 4]], rtol=1e-14)
    assert np.allclose(p, [[1 / 4, 3 / 4]], rtol=1e-14)
    (dW1, db1), (dW2, db2) = backward(*HAND, np.array([0]))
    assert np.allclose(16 * dW1, [[-24, -12], [18, 9]], rtol=1e-14)
    assert np.allclose(16 * db1, [-12, 9], rtol=1e-14)
    assert np.allclose(16 * dW2, [[-6, -9], [6, 9]], rtol=1e-14)
    assert np.allclose(4 * db2, [-3, 3], rtol=1e-14)


def test_every_row_is_in_the_list_of_sources_and_points_to_a_heading():
    table = dict(re.findall(r"^\| (S\d[\w.]+) \| [^|]+ \| ([^|]+) \|$", MASTER, re.MULTILINE))
    assert sorted(table) == sorted(ROWS)
    headings = " ".join(re.findall(r"^##+ (.+)$", MASTER, re.MULTILINE))
    for place in {p for places in table.values() for p in places.split("; ")}:
        name = re.sub(r" \(.*| and \d$", "", place).strip()
        assert name in headings, place


@pytest.mark.parametrize("symmetric", [False, True])
def test_a_missing_transpose_is_seen_unless_the_weights_are_symmetric(symmetric):
    rng = np.random.default_rng(0)
    params = [(rng.standard_normal((4, 4)), rng.standard_normal(4)) for _ in range(3)]
    if symmetric:
        params = [(W + W.T, b) for W, b in params]
    x, y = rng.standard_normal((1, 4)), np.array([2])
    zs, hs = forward(params, ["tanh", "tanh"], x)
    delta, off = hs[-1][0] - np.eye(4)[2], []
    for k in (2, 1, 0):
        true = backward(params, ["tanh", "tanh"], x, y)[k][0]
        off.append(np.abs(np.outer(delta, hs[k][0]) - true).max() / np.abs(true).max())
        if k:
            delta = (params[k][0] @ delta) * (1 - hs[k][0] ** 2)
    assert off[0] < 1e-14
    assert max(off[1:]) < 1e-13 if symmetric else min(off[1:]) > 1e-2


def test_the_solved_master_gets_full_marks_from_the_confined_grader(tmp_path):
    """Work is counted in the child, and `check_shapes` is an exercise, not a check cell."""
    jupytext = pytest.importorskip("jupytext")
    from autograder.class_run.grade_notebook_file import check_notebook

    path = tmp_path / "04_layer_recursion.ipynb"
    jupytext.write(jupytext.reads(MASTER, fmt="py:percent"), path)
    reports = check_notebook(path)
    assert len(reports) == 7
    for report in reports.values():
        assert report.passed, str(report)
    cost = next(c for c in reports["mlp_backprop"].criteria if c.name == "cost of backprop")
    assert "forward passes" in cost.message and "taken for it" not in cost.message
