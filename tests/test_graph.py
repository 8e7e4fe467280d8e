"""The reference flow graph agrees with a complex step and with the reference networks."""

import numpy as np
import pytest

from mlp_helpers.answers.chapter_06.fprop_bprop import EXERCISE as ENGINE
from mlp_helpers.reference import graph
from mlp_helpers.reference.gradcheck import complex_step_gradient
from mlp_helpers.reference.losses import nll_per_example
from mlp_helpers.reference.network import one_hidden_backward

HAND = [
    ("L", "mul", ("z4", "z4")),
    ("z4", "sub", ("y", "z3")),
    ("z3", "dot", ("b", "z2")),
    ("z2", "relu", ("z1",)),
    ("z1", "matvec", ("A", "x")),
]
VALUES = {"A": np.array([[1, 2], [1, -2]]), "x": np.array([1, 1]), "b": np.array([2, 5]), "y": 4}


def close(a, b, tol=1e-12):
    return np.abs(np.asarray(a) - b).max(initial=0.0) <= tol * max(1e-3, np.abs(b).max(initial=0.0))


def test_the_worked_example_has_the_numbers_computed_by_hand():
    value, grads = graph.fprop_bprop(HAND, VALUES, "L")
    assert value == 4.0
    assert grads["A"].tolist() == [[8, 8], [0, 0]] and grads["x"].tolist() == [8, 16]
    assert grads["b"].tolist() == [12, 0] and grads["y"] == -4


@pytest.mark.parametrize("seed", range(5))
def test_every_case_of_the_exercise_agrees_with_the_complex_step(seed):
    cases = ENGINE.draw(np.random.default_rng(seed))
    for one in (c for name, group in cases.items() if name != "wide" for c in group):
        value, grads = graph.fprop_bprop(*one.args)
        want, numeric = ENGINE.oracle(*one.args)
        assert close(value, want)
        assert grads.keys() == numeric.keys() == one.args[1].keys()
        for leaf, g in grads.items():
            assert np.shape(g) == np.shape(one.args[1][leaf])
            assert close(g, numeric[leaf]), (one.note, leaf)


def test_an_order_is_valid_and_complete():
    order = graph.topological_order([*HAND, ("over", "tanh", ("L",))], "L")
    assert sorted(order) == sorted(["A", "x", "b", "y", "z1", "z2", "z3", "z4", "L"])
    for name, _, inputs in HAND:
        assert all(order.index(i) < order.index(name) for i in inputs)
    assert graph.topological_order(HAND, "A") == ["A"]


def test_a_long_chain_needs_no_deep_recursion():
    spec = [(f"n{k + 1}", "tanh", (f"n{k}",)) for k in range(5000)]
    value, grads = graph.fprop_bprop(spec, {"n0": 1e-4}, "n5000")
    assert 0 < value < 1e-4 and 0 < grads["n0"] < 1


def test_boxes_needing_bprop_are_between_parameters_and_root():
    assert graph.boxes_needing_bprop(HAND, "L", ["b"]) == ["L", "b", "z3", "z4"]
    assert graph.boxes_needing_bprop(HAND, "z2", ["b"]) == []


def test_a_graph_of_the_tanh_network_gives_the_reference_gradients():
    rng = np.random.default_rng(0)
    W, V, b, c = (rng.standard_normal(s) for s in ((5, 3), (4, 5), (5,), (4,)))
    X, y = rng.standard_normal((7, 3)), rng.integers(0, 4, 7)
    _, *want = one_hidden_backward(W, V, b, c, X, y)
    F = np.tanh(X @ W.T + b) @ V.T + c
    total = {"W": 0, "V": 0, "b": 0, "c": 0}
    for x, v in zip(X, graph.softmax_nll_bprop(F, y, 1.0), strict=True):
        spec = [
            ("a", "matvec", ("W", "x")),
            ("s", "add", ("a", "b")),
            ("h", "tanh", ("s",)),
            ("o", "matvec", ("V", "h")),
            ("f", "add", ("o", "c")),
            ("R", "dot", ("v", "f")),
        ]
        grads = graph.fprop_bprop(spec, dict(W=W, V=V, b=b, c=c, x=x, v=v), "R")[1]
        total = {name: total[name] + grads[name] for name in total}
    for got, expected in zip(total.values(), want, strict=True):
        assert close(got, expected)


def test_the_large_boxes_agree_with_the_complex_step():
    rng = np.random.default_rng(1)
    W, b, x, g = (rng.standard_normal(s) for s in ((3, 5), (3,), (5,), (3,)))
    gx, gW, gb = graph.linear_bprop(W, b, x, g)
    assert close(gx, complex_step_gradient(lambda t: g @ (W @ t + b), x))
    assert close(gW, complex_step_gradient(lambda t: g @ (t @ x + b), W))
    assert close(gb, g) and not np.shares_memory(gb, g)
    F, y = rng.standard_normal((4, 3)), np.array([2, 0, 0, 1])
    numeric = complex_step_gradient(lambda t: -1.7 * nll_per_example(t, y).sum(), F)
    assert close(graph.softmax_nll_bprop(F, y, -1.7), numeric)


@pytest.mark.parametrize(
    ("spec", "values", "root", "message"),
    [
        ([("a", "tanh", ("b",)), ("b", "tanh", ("a",))], {}, "a", "cycle"),
        ([("a", "cosh", ("x",))], {"x": 1.0}, "a", "no op is called 'cosh'"),
        ([("a", "tanh", ("x",))], {}, "a", "'x' is neither a box nor a leaf"),
        ([], {}, "a", "'a' is neither a box nor a leaf"),
        (
            [("a", "tanh", ("x",))],
            {"x": np.ones(2)},
            "a",
            r"shape \(2,\); a gradient needs a single",
        ),
    ],
)
def test_bad_graphs_get_one_clear_line(spec, values, root, message):
    with pytest.raises(ValueError, match=message):
        graph.fprop_bprop(spec, values, root)
