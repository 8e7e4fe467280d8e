"""The reference networks against two routes that share no gradient formula with them."""

import re
from pathlib import Path

import numpy as np
import pytest

from mlp_helpers.reference.gradcheck import Net, complex_step_gradient, verify_gradient
from mlp_helpers.reference.losses import nll_per_example
from mlp_helpers.reference.network import backward, forward, one_hidden_backward, one_hidden_forward

SOLUTIONS = Path(__file__).parents[1] / "solutions"
NETS = [
    ((5, 7, 11, 3), ("tanh", "softplus"), 13),
    ((7, 13, 5, 11, 3), ("relu", "sigmoid", "linear"), 17),
    ((5, 5, 5, 5), ("softplus", "relu"), 5),
    ((4, 3), (), 6),
    ((3, 17, 2), ("sigmoid",), 1),
]


def drawn(dims, acts, N, seed=0):
    rng = np.random.default_rng([seed, *dims])
    params = [
        (rng.standard_normal((m, n)) / np.sqrt(n), rng.standard_normal(m) / 2)
        for n, m in zip(dims[:-1], dims[1:], strict=True)
    ]
    return params, list(acts), rng.standard_normal((N, dims[0])), rng.integers(0, dims[-1], N)


def functions(chapter):
    """The functions of a solved master, without running its figures and checks."""
    source = next(SOLUTIONS.glob(f"{chapter}_*.py")).read_text(encoding="utf-8")
    cells = re.split(r"^# %%.*$", source, flags=re.MULTILINE)
    namespace = {"np": np}
    for cell in cells:
        if re.search(r"^(def|[A-Z_]+ = )", cell, re.MULTILINE) and not re.search(
            r"^@(when_solved|first_test)", cell, re.MULTILINE
        ):
            exec(cell, namespace)
    return namespace


@pytest.mark.parametrize("net", NETS, ids=str)
def test_backward_agrees_with_a_complex_step_per_unit_and_with_the_solution(net):
    for seed in range(5):
        params, acts, X, y = drawn(*net, seed=seed)
        grads = backward(params, acts, X, y)
        exact = verify_gradient(Net(tuple(acts), X, y), params, grads, tol=1e-12)
        assert exact, str(exact)
        solved = functions("04")["mlp_backprop"](params, acts, X, y)
        for mine, theirs in zip(grads, solved, strict=True):
            for a, b in zip(mine, theirs, strict=True):
                assert np.abs(a - b).max() <= 1e-12 * np.abs(b).max()


def test_a_wrong_gradient_is_seen_by_the_same_test():
    params, acts, X, y = drawn(*NETS[0])
    grads = backward(params, acts, X, y)
    grads[1][0][2, 3] *= 1 + 1e-9
    assert not verify_gradient(Net(tuple(acts), X, y), params, grads, tol=1e-12)


@pytest.mark.parametrize("net", NETS, ids=str)
def test_forward_gives_what_backward_needs(net):
    params, acts, X, y = drawn(*net)
    zs, hs = forward(params, acts, X)
    assert len(zs) == len(params) and len(hs) == len(params) + 1
    assert np.array_equal(hs[0], X) and np.allclose(hs[-1].sum(axis=1), 1)
    for (W, b), z, h in zip(params, zs, hs, strict=False):
        assert np.allclose(z, h @ W.T + b, rtol=1e-14, atol=1e-14)


def test_forward_is_analytic_in_its_parameters():
    params, acts, X, y = drawn(*NETS[1])
    grads = backward(params, acts, X, y)
    for k, (W, b) in enumerate(params):

        def loss(b, k=k, W=W):
            moved = [*params[:k], (W, b), *params[k + 1 :]]
            return nll_per_example(forward(moved, acts, X)[0][-1], y).mean()

        want = complex_step_gradient(loss, b)
        assert np.abs(grads[k][1] - want).max() <= 1e-12 * np.abs(want).max()


def test_arguments_are_left_alone_and_float32_stays_float32():
    params, acts, X, y = drawn(*NETS[0])
    before = [a.copy() for pair in params for a in pair], X.copy()
    backward(params, acts, X, y)
    assert all(
        np.array_equal(a, b)
        for a, b in zip(before[0], [a for pair in params for a in pair], strict=True)
    )
    assert np.array_equal(before[1], X)
    small = [(W.astype(np.float32), b.astype(np.float32)) for W, b in params]
    for (dW, db), (gW, gb) in zip(
        backward(small, acts, X.astype(np.float32), y), backward(params, acts, X, y), strict=True
    ):
        assert dW.dtype == db.dtype == np.float32
        assert np.abs(dW - gW).max() < 1e-5 * np.abs(gW).max()
        assert np.abs(db - gb).max() < 1e-5 * np.abs(gb).max()


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "softplus", "relu", "linear"])
def test_values_of_a_thousand_stay_finite(name):
    params, _, X, y = drawn((3, 7, 4), (name,), 5)
    X = np.sign(X) * 1000
    grads = backward(params, [name], X, y)
    assert all(np.isfinite(a).all() for pair in grads for a in pair)
    assert np.isfinite(forward(params, [name], X)[1][-1]).all()


def test_the_network_of_one_hidden_layer_sums_over_examples():
    ((W, b), (V, c)), _, X, y = drawn((5, 11, 3), ("tanh",), 7)
    S, H, F = one_hidden_forward(W, V, b, c, X)
    assert np.allclose(S, X @ W.T + b) and np.allclose(H, np.tanh(S))
    assert np.allclose(F, np.tanh(X @ W.T + b) @ V.T + c)
    risk, dW, dV, db, dc = one_hidden_backward(W, V, b, c, X, y)
    assert np.isclose(risk, nll_per_example(F, y).sum(), rtol=1e-14)
    exact = verify_gradient(Net(("tanh",), X, y, "sum"), [(W, b), (V, c)], [(dW, db), (dV, dc)])
    assert exact, str(exact)


@pytest.mark.parametrize(
    "acts, message",
    [
        (["tanh"], "need 2 hidden activations, not 1"),
        (["tanh", "swish"], "'swish'"),
    ],
)
def test_bad_activations_are_named(acts, message):
    params, _, X, y = drawn(*NETS[0])
    with pytest.raises(ValueError, match=message):
        backward(params, acts, X, y)
