"""The kink mask."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import as_float
from ..bank import Bank
from ..draw import case, strided
from .shared import DTYPES, GATE, both_signs, doubles


def _kinked(rng, h, d):
    """W1, b1, x, eps such that the mask holds both values: |a_j| and eps |x_m| overlap widely."""
    x = both_signs(rng, d) * 10.0 ** rng.permutation(np.linspace(-1.0, 0.8, d))
    a = both_signs(rng, h) * 10.0 ** rng.permutation(np.linspace(-1.3, 0.4, h))
    W1 = rng.standard_normal((h, d))
    return W1, a - W1 @ x, x, float(rng.uniform(0.3, 0.7))


def _one_weight(rng, steps):
    """W1, b1, x, eps of one weight whose kink is a number of steps away."""
    W1, x, eps = rng.standard_normal((1, 1)), rng.uniform(0.5, 2.0, 1), 0.3
    return W1, steps * eps * x * both_signs(rng, 2)[:1] - W1 @ x, x, eps


def _mask_cases(rng):
    def one(W1, b1, x, eps):
        return case(W1, b1, x, eps, h=len(b1), d=len(x))

    def small():
        W1, b1, x, eps = _kinked(rng, 7, 5)
        return W1, b1 - (1.0 - 1e-5) * (W1 @ x + b1), x, 1e-5 * eps

    W1, b1, x, eps = _kinked(rng, 5, 7)
    return {
        "generic": [
            one(*_kinked(rng, 7, 3)),
            one(strided(W1), strided(b1), strided(x), eps),
            one(*_kinked(rng, 5, 5)),
            one(*small()),
            one(*_kinked(rng, 11, 7)),
            one(*_one_weight(rng, 0.5)),
            one(*_one_weight(rng, 2.0)),
            one(*_kinked(rng, 53, 23)),
        ],
        "edge": [one(*_on_the_edge(rng)), one(*_by_a_hair(rng))],
        "dtypes": [one(*_whole_mask(rng)), one(*_single_mask(rng))],
        "twice": [one(*_kinked(rng, 11, 7)) for _ in range(2)],
    }


def _on_the_edge(rng):
    """Exact binary fractions: |a_j| equals eps |x_m| for some pairs, 0 = 0 among them."""
    x = rng.permutation([2.0, -4.0, 0.0, 1.0, -8.0])
    a = rng.permutation([0.0, 0.5, -1.0, 0.25, 2.0, -2.0, -0.125])
    W1 = rng.integers(-3, 4, (7, 5)) + 0.0
    return W1, a - W1 @ x, x, 0.25


def _by_a_hair(rng):
    """|a_j| and eps |x_m| differ by a factor 1 +- 2^-40."""
    x = rng.permutation([1.0, -2.0, 4.0])
    W1 = (1 + 2.0**-40 * both_signs(rng, 7))[:, None] * np.eye(3)[np.arange(7) % 3]
    return W1, np.zeros(7), x, 1.0


def _whole_mask(rng):
    """Whole weights and inputs; pre-activations just below eps |x_m|, which are no integers."""
    x = rng.permutation([3, -5, 1, -2, 7])
    W1 = rng.integers(-3, 4, (7, 5))
    return W1, rng.permutation([0.6, -0.8, 1.3, -2.05, 3.4, -4.8, 6.0]) - W1 @ x, x, 0.7


def _single_mask(rng):
    return tuple(np.asarray(a, dtype=np.float32) for a in _kinked(rng, 7, 5)[:3]) + (0.5,)


def _kink_mask(W1, b1, x, eps):
    a = as_float(W1) @ x + b1
    return np.abs(a)[:, None] <= eps * np.abs(x)


bank = Bank()


EXERCISE = Exercise(
    title="The kink mask",
    signature="kink_mask(W1, b1, x, eps)",
    returns="mask",
    minutes=10,
    lines=2,
    section="Which entries to leave out",
    draw=_mask_cases,
    oracle=_kink_mask,
    criteria=(
        shape(0.5),
        value(1.75),
        value(0.75, "exactly at the edge", "edge"),
        value(0.25, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.5),
    ),
    hints=(
        "You move W1[j, m] by eps. By how much does the pre-activation a_j move? When does it "
        "reach 0 on the way?",
        "a_j moves by eps x_m, up or down, so the kink is in reach when |a_j| <= eps |x_m|. "
        "The left side has an entry per unit, the right side one per input.",
        "a = W1 @ x + b1\nreturn np.abs(a)[:, None] <= ...",
    ),
    bank=bank,
)


def near_kink(W1, b1, x, eps):
    W1, b1, x = doubles(W1, b1, x)
    return np.abs(W1 @ x + b1)[:, None] <= eps * np.abs(x)


@bank.wrong(
    "|a_j| <= eps for all inputs alike",
    "You move a weight by eps. How far does the pre-activation move?",
)
def eps_alone(W1, b1, x, eps):
    (a,) = doubles(W1 @ x + b1)
    return np.tile((np.abs(a) <= eps)[:, None], len(x))


@bank.wrong(
    "eps x_m without the absolute value", "The weight moves both ways. Does the sign of x_m matter?"
)
def sign_of_x(W1, b1, x, eps):
    W1, b1, x = doubles(W1, b1, x)
    return np.abs(W1 @ x + b1)[:, None] <= eps * x


@bank.wrong(
    "a_j without the absolute value", "Can a unit be far from its kink on the negative side?"
)
def sign_of_a(W1, b1, x, eps):
    W1, b1, x = doubles(W1, b1, x)
    return (W1 @ x + b1)[:, None] <= eps * np.abs(x)


@bank.wrong("< instead of <=", "A step that lands exactly on the kink: does the contract count it?")
def strict(W1, b1, x, eps):
    W1, b1, x = doubles(W1, b1, x)
    return np.abs(W1 @ x + b1)[:, None] < eps * np.abs(x)


@bank.wrong(
    "|a_j| / |x_m| <= eps, which is 0 / 0 when both are 0",
    "What does the computer make of 0 / 0, and what is NaN <= eps?",
)
def division(W1, b1, x, eps):
    W1, b1, x = doubles(W1, b1, x)
    return np.abs(W1 @ x + b1)[:, None] / np.abs(x) <= eps


@bank.wrong("the entries to keep", "True marks entries in reach of a kink. Do you mark the others?")
def inverted(*args):
    return ~near_kink(*args)


@bank.wrong("a pre-activation without b1", "What is added to W1 x before the ReLU?")
def no_bias(W1, b1, x, eps):
    return near_kink(W1, 0 * b1, x, eps)


@bank.wrong(
    "a pre-activation of one input only, S4's gate again",
    "Where does the kink lie: where one term of the sum is 0, or the whole sum?",
    reread=GATE,
)
def one_input(W1, b1, x, eps):
    W1, b1, x = doubles(W1, b1, x)
    return np.abs(W1 * x + b1[:, None]) <= eps * np.abs(x)


@bank.wrong("shape (d, h)", "Which shape has W1?")
def transposed(*args):
    return near_kink(*args).T


@bank.wrong(
    "one answer per unit, for its largest input",
    "Can one weight of a unit be in reach of the kink, and another not?",
)
def one_per_unit(W1, b1, x, eps):
    mask = near_kink(W1, b1, x, eps)
    return np.tile(mask.any(axis=1, keepdims=True), len(x))


@bank.wrong(
    "2 eps, the distance between the two points",
    "From where to where does one of the two steps go?",
)
def both_steps(W1, b1, x, eps):
    return near_kink(W1, b1, x, 2 * eps)


@bank.wrong(
    "eps |W1[j, m]|: a relative step",
    "W1[j, m] moves by eps. How far does the pre-activation move?",
)
def step_of_the_weight(W1, b1, x, eps):
    W1, b1, x = doubles(W1, b1, x)
    return np.abs(W1 @ x + b1)[:, None] <= eps * np.abs(W1)


@bank.wrong("units whose gate is closed", "Is a closed gate near the kink, or far from it?")
def open_gates(W1, b1, x, eps):
    W1, b1, x = doubles(W1, b1, x)
    return np.tile((W1 @ x + b1 <= 0)[:, None], len(x))


@bank.wrong(
    "0 and 1 instead of booleans",
    "An array of whole numbers picks rows; booleans pick entries. Which one is a mask?",
)
def numbers(*args):
    return near_kink(*args).astype(int)


@bank.right("an outer comparison, plain")
def an_outer_comparison(W1, b1, x, eps):
    return np.less_equal.outer(abs(b1 + W1.dot(x)), eps * abs(x))


@bank.right("plain NumPy: the precision that came in")
def plain_numpy(W1, b1, x, eps):
    return np.abs(W1 @ x + b1)[:, None] <= eps * np.abs(x)


@bank.wrong(
    "the reach eps |x| in an array with the dtype of x",
    "An array of whole numbers holds whole numbers. What becomes of 0.7 in it?",
)
def whole_numbers(W1, b1, x, eps):
    reach = np.zeros_like(x)
    reach[...] = eps * np.abs(x)
    return np.abs(W1 @ x + b1)[:, None] <= reach


@bank.wrong("b1 += ..., which changes the caller's array", "Who else holds the array b1?")
def changes_argument(W1, b1, x, eps):
    result = near_kink(W1, b1, x, eps)
    b1 += (W1 @ x).astype(b1.dtype)
    return result


bank.habits(near_kink)


@bank.right("does the sign change?")
def does_the_sign_change(W1, b1, x, eps):
    W1, b1, x = doubles(W1, b1, x)
    a = (W1 @ x + b1)[:, None]
    reach = np.outer(np.ones(len(b1)), eps * np.abs(x))
    return (a - reach <= 0) & (a + reach >= 0)


@bank.right("loops, nested lists")
def loops(W1, b1, x, eps):
    h, d = np.shape(W1)
    a = [float(b1[j]) + sum(float(W1[j, m]) * float(x[m]) for m in range(d)) for j in range(h)]
    return [[abs(a[j]) <= eps * abs(float(x[m])) for m in range(d)] for j in range(h)]


@bank.right("not greater")
def not_greater(W1, b1, x, eps):
    W1, b1, x = doubles(W1, b1, x)
    return ~np.greater.outer(np.abs(np.einsum("hd,d->h", W1, x) + b1), np.abs(eps * x))
