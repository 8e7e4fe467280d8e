"""Numeric derivatives keep their error models; wrong gradients are found in every entry."""

from types import SimpleNamespace

import numpy as np
import pytest

from mlp_helpers.reference import activations, gradcheck
from mlp_helpers.reference.activations import ACTIVATIONS, softmax
from mlp_helpers.reference.gradcheck import (
    Net,
    central,
    complex_step,
    complex_step_gradient,
    complex_step_jacobian,
    forward,
    jacobian,
    random_directions,
    richardson,
    unit_gradient,
    unit_macs,
    verify_gradient,
)

LARGE = (784, 96, 96, 10)  # 85,642 parameters, one weight matrix square


def make_net(dims, acts, N, seed=0, reduction="mean"):
    rng = np.random.default_rng(seed)
    params = [
        (rng.standard_normal((m, n)) / np.sqrt(n), 0.3 * rng.standard_normal(m))
        for n, m in zip(dims, dims[1:], strict=False)
    ]
    X, y = rng.standard_normal((N, dims[0])), rng.integers(0, dims[-1], N)
    return params, Net(acts, X, y, reduction)


def backprop(params, net):
    """The textbook recursion, written here once more."""
    zs, hs = net.forward(params)
    delta = softmax(zs[-1])
    delta[np.arange(len(delta)), net.y] -= 1
    delta *= net.weight
    grads = [(delta.T @ hs[-1], delta.sum(axis=0))]
    for k in range(len(params) - 2, -1, -1):
        delta = delta @ params[k + 1][0] * ACTIVATIONS[net.acts[k]][1](zs[k])
        grads.insert(0, (delta.T @ hs[k], delta.sum(axis=0)))
    return grads


def spoiled(grads, tensor, part, change):
    copy = [[np.array(t) for t in pair] for pair in grads]
    copy[tensor][part] = change(copy[tensor][part])
    return copy


@pytest.fixture(scope="module")
def large():
    params, net = make_net(LARGE, ("tanh", "sigmoid"), N=64)
    return params, net, backprop(params, net)


# Error models ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "order", "constant"),
    [
        (forward, 1, 1 / 2),
        (central, 2, 1 / 6),
        (richardson, 4, 1 / 480),
    ],
)
def test_truncation_error_is_the_documented_one(rule, order, constant):
    # Every derivative of exp at 0 is 1.
    for eps in (0.05, 0.025):
        error = abs(rule(np.exp, eps) - 1)
        assert error == pytest.approx(constant * eps**order, rel=0.05)


@pytest.mark.parametrize(
    ("rule", "floor"),
    [
        (forward, 3e-8),
        (central, 6e-11),
        (richardson, 3e-13),
        (complex_step, 2e-16),
    ],
)
def test_default_step_reaches_the_documented_floor(rule, floor):
    points = np.linspace(0.1, 1.4, 101)
    errors = [abs(rule(lambda t, x=x: np.sin(x + t)) - np.cos(x)) for x in points]
    assert np.median(errors) <= floor
    assert max(errors) <= 10 * floor


def test_rounding_error_grows_as_the_step_shrinks():
    errors = [
        max(
            abs(central(lambda t, x=x: np.sin(x + t), eps) - np.cos(x))
            for x in np.linspace(0.1, 1.4, 101)
        )
        for eps in (1e-8, 1e-10)
    ]
    assert 30 < errors[1] / errors[0] < 300


def test_complex_step_refuses_a_function_that_drops_the_imaginary_part():
    with pytest.raises(np.exceptions.ComplexWarning):
        complex_step(lambda t: np.asarray(t).astype(float))


def test_jacobian_has_outputs_first_for_every_rule():
    A = np.random.default_rng(1).standard_normal((3, 2, 5))
    x = np.random.default_rng(2).standard_normal(5)
    want = A * np.cos(x)
    for rule, tol in ((central, 1e-9), (richardson, 1e-11), (complex_step, 1e-15)):
        np.testing.assert_allclose(jacobian(lambda x: A @ np.sin(x), x, rule), want, atol=tol)
    np.testing.assert_allclose(complex_step_jacobian(lambda x: A @ np.sin(x), x), want, atol=1e-15)
    np.testing.assert_allclose(complex_step_gradient(lambda W: (W**3).sum(), A), 3 * A**2)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_slopes_are_those_of_the_activations(name):
    phi, slope = ACTIVATIONS[name]
    a = np.array([-1000.0, -40.0, -2.3, -0.7, 0.4, 1.9, 40.0, 1000.0])
    np.testing.assert_allclose(complex_step(lambda t: phi(a + t)), slope(a), atol=1e-15)
    assert phi(a.astype(np.float32)).dtype == slope(a.astype(np.float32)).dtype == np.float32
    assert phi(np.arange(3)).dtype == slope(np.arange(3)).dtype == np.float64


# Random directions ------------------------------------------------------------------------------


def test_random_directions_see_one_wrong_entry_among_thousands():
    x = np.random.default_rng(0).standard_normal((70, 60))

    def f(x):
        return (np.sin(x) ** 2).sum()

    right = np.sin(2 * x)
    assert random_directions(f, x, right).max() < 1e-14
    wrong = right.copy()
    wrong[33, 7] *= 1 + 1e-6
    assert random_directions(f, x, wrong).max() > 1e-11


def test_random_directions_name_a_wrong_shape_and_a_nan():
    with pytest.raises(ValueError, match="expected"):
        random_directions(np.sum, np.zeros(3), np.zeros((3, 1)))
    assert np.isinf(random_directions(lambda x: (x**2).sum(), np.ones(3), np.full(3, np.nan))).all()


# Every entry of a network -------------------------------------------------------------------------


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize(
    ("dims", "acts"),
    [
        ((5, 3), ()),
        ((5, 5, 5), ("relu",)),
        ((5, 7, 3, 11, 4), ("tanh", "sigmoid", "softplus")),
        ((3, 6, 6, 6, 6, 2), ("linear", "relu", "tanh", "softplus")),
    ],
)
def test_three_routes_agree(dims, acts, reduction):
    params, net = make_net(dims, acts, N=6, reduction=reduction)
    by_units = unit_gradient(net, params)
    assert verify_gradient(net, params, backprop(params, net))
    assert verify_gradient(net.loss, params, by_units)
    for k, (W, b) in enumerate(params):

        def loss(W, k=k, b=b):
            return net.loss([*params[:k], (W, b), *params[k + 1 :]])

        np.testing.assert_allclose(by_units[k][0], complex_step_gradient(loss, W), atol=1e-14)


def test_large_gradient_costs_few_forward_passes(large):
    params, net, grads = large
    assert sum(W.size + b.size for W, b in params) > 85_000
    assert verify_gradient(net, params, grads)
    cost, one_pass = unit_macs(LARGE)
    assert cost <= 30 * one_pass
    # Deep and narrow nets stay within it as well.
    cost, one_pass = unit_macs((64, *[100] * 8, 10))
    assert cost <= 30 * one_pass


class Counted(np.ndarray):
    """Counts the multiply-adds of the products that it takes part in."""

    macs = 0

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        plain = [np.asarray(a) for a in inputs]
        if "out" in kwargs:
            kwargs["out"] = tuple(np.asarray(a) for a in kwargs["out"])
        if ufunc is np.matmul:
            Counted.macs += plain[0].size * plain[1].shape[-1]
        return getattr(ufunc, method)(*plain, **kwargs).view(Counted)


def counting_numpy():
    """NumPy that keeps counted arrays counted, and counts the two products that are not `@`."""

    def tensordot(a, b, axes):
        Counted.macs += a.shape[0] * b.size
        return np.tensordot(np.asarray(a), np.asarray(b), axes).view(Counted)

    def einsum(subscripts, a, b):
        Counted.macs += a.size
        return np.einsum(subscripts, np.asarray(a), np.asarray(b)).view(Counted)

    return SimpleNamespace(
        **vars(np) | {"asarray": np.asanyarray, "tensordot": tensordot, "einsum": einsum}
    )


@pytest.mark.parametrize("dims", [LARGE, (64, 30, 30, 30, 10)])
def test_the_stated_cost_is_what_runs(dims, monkeypatch):
    params, net = make_net(dims, ("tanh",) * (len(dims) - 2), N=7)
    params = [(W.view(Counted), b.view(Counted)) for W, b in params]
    net = Net(net.acts, net.X.view(Counted), net.y)
    for module in (gradcheck, activations):
        monkeypatch.setattr(module, "np", counting_numpy())
    cost, one_pass = unit_macs(dims)
    Counted.macs = 0
    net.loss(params)
    assert Counted.macs == 7 * one_pass
    Counted.macs = 0
    unit_gradient(net, params)
    products = Counted.macs / 7
    # What the count leaves out are elementwise factors.
    assert cost - dims[-1] * sum(dims[1:]) <= products <= cost


@pytest.mark.parametrize(
    ("tensor", "part", "change", "name"),
    [
        (0, 0, lambda W: np.where(np.arange(W.size).reshape(W.shape) == 4711, 2 * W, W), "dW1"),
        (0, 0, lambda W: np.where((np.arange(len(W)) == 17)[:, None], 0.0, W), "dW1"),
        (1, 0, lambda W: W.T, "dW2"),
        (2, 1, lambda b: np.where(np.arange(len(b)) == 3, np.nan, b), "db3"),
        (2, 1, lambda b: b[:, None], "db3"),
    ],
)
def test_one_fault_in_a_large_gradient_is_found_and_named(large, tensor, part, change, name):
    params, net, grads = large
    report = verify_gradient(net, params, spoiled(grads, tensor, part, change))
    assert not report
    assert [t.name for t in report.tensors if t.error > report.tol] == [name]
    assert f"{name}    off by" in str(report)
    assert not verify_gradient(net.loss, params, spoiled(grads, tensor, part, change))


def test_every_single_entry_counts(large):
    params, net, grads = large
    rng = np.random.default_rng(5)
    for _ in range(20):
        tensor = int(rng.integers(3))
        W = grads[tensor][0]
        entry = tuple(int(rng.integers(n)) for n in W.shape)

        def bump(W, entry=entry):
            W[entry] += 1e-11 * np.abs(W).max()
            return W

        report = verify_gradient(net, params, spoiled(grads, tensor, 0, bump))
        assert [t.entry for t in report.tensors if t.error > report.tol] == [entry]


def test_missing_pairs_are_named(large):
    params, net, grads = large
    with pytest.raises(ValueError, match="expected 3 pairs"):
        verify_gradient(net, params, grads[:2])


def test_bad_nets_are_named():
    params, net = make_net((5, 7, 3), ("tanh",), N=4)
    with pytest.raises(ValueError, match='"mean" or "sum"'):
        Net(net.acts, net.X, net.y, "average")
    with pytest.raises(ValueError):
        Net(("tanh", "tanh"), net.X, net.y).loss(params)
