"""The reference descent: its forms against each other, its limits, its contracts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlp_helpers.reference.optim import (
    accum_to_ema,
    descend,
    descend_momentum,
    learning_rate,
    minibatches,
    momentum_accum,
    momentum_step,
    sgd_pass,
)

SCALES = np.array([1.0, 7.0, 40.0])
THETA0 = np.array([3.0, -1.0, 0.5])


def valley(theta):
    """Gradient of the sum of SCALES * theta^2 / 2."""
    return SCALES * theta


def test_a_step_by_hand():
    theta, phi = momentum_step(
        np.array([1.0, 2.0]), np.array([4.0, 0.0]), np.array([0.0, 8.0]), gamma=0.5, alpha=0.25
    )
    np.testing.assert_array_equal(phi, [3.0, 2.0])
    np.testing.assert_array_equal(theta, [-0.5, 1.0])


def test_the_accumulating_step_by_hand():
    theta, v = momentum_accum(
        np.array([1.0, 2.0]), np.array([4.0, 0.0]), np.array([0.0, 8.0]), alpha=0.5, beta=0.25
    )
    np.testing.assert_array_equal(v, [1.0, 8.0])
    np.testing.assert_array_equal(theta, [0.5, -2.0])


@given(st.floats(0.001, 0.03), st.floats(0.0, 0.95))
def test_both_forms_of_momentum_are_one_path(alpha, beta):
    theta, v = THETA0, np.zeros(3)
    path = [theta]
    for _ in range(25):
        theta, v = momentum_accum(theta, v, valley(theta), alpha, beta)
        path.append(theta)
    gamma, a = accum_to_ema(alpha, beta)
    averaged = descend_momentum(valley, THETA0, gamma, a, 25)
    np.testing.assert_allclose(averaged, path, rtol=0, atol=1e-12 * np.abs(path).max())


def test_beta_one_has_no_averaging_form():
    with pytest.raises(ValueError, match="beta < 1"):
        accum_to_ema(0.1, 1)


@pytest.mark.parametrize("gamma", [0.3 / 40, 1.9 / 40])
def test_plain_descent_shrinks_each_direction_by_its_own_factor(gamma):
    powers = np.arange(31)[:, None]
    np.testing.assert_allclose(
        descend(valley, THETA0, gamma, 30), THETA0 * (1 - gamma * SCALES) ** powers, rtol=1e-12
    )


@pytest.mark.parametrize("alpha", [1.0, 0.5, 0.1])
def test_the_stability_limit_of_momentum_is_two_minus_alpha_over_alpha(alpha):
    limit = 2 * (2 - alpha) / (alpha * SCALES.max())
    inside = descend_momentum(valley, THETA0, 0.9 * limit, alpha, 1000)
    outside = descend_momentum(valley, THETA0, 1.1 * limit, alpha, 1000)
    assert np.abs(inside[-1]).max() < 1e-6
    assert np.abs(outside[-1]).max() > 1e6


@given(st.integers(0, 40), st.integers(1, 50), st.integers(0, 99))
def test_a_pass_visits_every_example_once(n, B, seed):
    batches = minibatches(n, B, np.random.default_rng(seed))
    sizes = [len(b) for b in batches]
    assert sorted(np.concatenate([*batches, []]).tolist()) == list(range(n))
    assert all(s == B for s in sizes[:-1]) and all(1 <= s <= B for s in sizes)


def test_batches_are_shuffled_by_the_generator_that_is_passed():
    first, again, other = (
        np.concatenate(minibatches(100, 7, np.random.default_rng(s))) for s in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first, np.arange(100))


def test_an_empty_batch_size_says_what_to_do():
    with pytest.raises(ValueError, match="at least 1"):
        minibatches(10, 0, np.random.default_rng(0))


def test_a_pass_of_sgd_takes_one_step_per_batch_from_where_the_last_one_ended():
    targets = np.array([1.0, 2.0, 4.0, 8.0])

    def grad(theta, idx):
        return np.array([(theta[0] - targets[idx]).mean()])

    theta = sgd_pass(grad, np.array([0.0]), [np.array([0, 1]), np.array([3])], rate=0.5)
    assert theta == pytest.approx(0.5 * 0.75 + 0.5 * 8.0, rel=1e-15)


@pytest.mark.parametrize(
    ("t", "kind", "rate"),
    [
        (0, "inv", 0.5),
        (10, "inv", 0.5),
        (13, "inv", 0.5 / 4),
        (10, "pow", 0.5),
        (11, "pow", 0.5),
        (14, "pow", 0.5 / 4),
    ],
)
def test_the_schedules_at_chosen_iterations(t, kind, rate):
    assert learning_rate(t, 0.5, 1.0, kind, t0=10) == rate


def test_an_unknown_schedule_says_what_there_is():
    with pytest.raises(ValueError, match='"inv" or "pow"'):
        learning_rate(3, 0.1, 1.0, "linear")


@pytest.mark.parametrize("dtype", [np.int64, np.float32])
def test_whole_numbers_work_and_single_precision_stays(dtype):
    start = np.array([3, -1, 2], dtype=dtype)
    kept = start.copy()
    history = descend_momentum(lambda theta: theta * 0.5, start, 0.25, 0.5, 4)
    assert history.shape == (5, 3)
    assert history.dtype == (np.float64 if dtype == np.int64 else np.float32)
    assert np.array_equal(start, kept) and not np.shares_memory(history, start)


def test_no_steps_give_the_starting_point_alone():
    np.testing.assert_array_equal(descend(valley, THETA0, 0.1, 0), THETA0[None])
