"""The vector-Jacobian product."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import as_float, softmax
from ...reference.gradcheck import complex_step_jacobian
from ..bank import Bank
from ..draw import case, huge_logits, logits, single, strided, whole
from .shared import DTYPES, HUGE, JACOBIAN, STABLE, jacobian


def _vjp_cases(rng):
    def one(z, v, **more):
        return case(z, v, K=len(z), **more)

    constant = np.full(7, rng.uniform(1.5, 2.5))
    return {
        "generic": [
            one(logits(rng, 5), rng.standard_normal(5)),
            one(strided(logits(rng, 7)), strided(rng.standard_normal(7))),
            one(logits(rng, 3), rng.standard_normal(3) + 2.0),
            one(logits(rng, 11), rng.standard_normal(11) - 1.0),
            one(logits(rng, 2), rng.standard_normal(2) + 1.0),
            one(logits(rng, 1), rng.standard_normal(1) + 2.0, scale=1.0),
            one(logits(rng, 211), rng.standard_normal(211) + 1.0),
        ],
        "huge": [
            one(huge_logits(rng, 5), rng.standard_normal(5), scale=1.0),
            one(logits(rng, 7) - 1000.0, rng.standard_normal(7), scale=1.0),
        ],
        "constant": [one(logits(rng, 7), constant, scale=float(constant[0]))],
        "dtypes": [one(whole(rng, 5), whole(rng, 5)), one(single(rng, 7), single(rng, 7))],
        "twice": [one(logits(rng, 5), rng.standard_normal(5)) for _ in range(2)],
    }


def _softmax_vjp(z, v):
    return as_float(v) @ complex_step_jacobian(softmax, z)


CONSTANT = "moving all logits together moves nothing, so the product must vanish"


bank = Bank()


EXERCISE = Exercise(
    title="The vector-Jacobian product",
    signature="softmax_vjp(z, v)",
    returns="dL/dz",
    minutes=8,
    lines=2,
    section="The product you need without the matrix you don't",
    draw=_vjp_cases,
    oracle=_softmax_vjp,
    criteria=(
        shape(0.5),
        value(1.0),
        value(0.25, HUGE, "huge"),
        value(0.5, "v constant", "constant", needs_value=True, bad=CONSTANT),
        value(0.25, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "Put J = diag(s) - s s^T into J^T v and multiply out. What is diag(s) v, and in which "
        "order would you multiply s s^T v?",
        "s s^T v = s (s^T v): the bracket is one number. So the whole product is made of s, v "
        "and one dot product.",
        "s = softmax(z)\nreturn s * (v - ...)      # ... is one number",
    ),
    bank=bank,
)


@bank.wrong(
    "s * v",
    "That is the first of the two terms. When one logit rises, its own probability rises; "
    "what happens to all the others, and which term says so?",
    reread=JACOBIAN,
)
def first_term_only(z, v):
    return softmax(z) * v


@bank.wrong(
    "-s (s . v)", "That is the second of the two terms. What does the diagonal of J contribute?"
)
def second_term_only(z, v):
    s = softmax(z)
    return -s * (s @ v)


@bank.wrong("s * v - s", "s^T v is a number that depends on v. Where has it gone?")
def minus_s(z, v):
    s = softmax(z)
    return s * v - s


@bank.wrong("s * (v - sum(v))", "Is s^T v the sum of v, or a weighted sum?")
def plain_sum(z, v):
    return softmax(z) * (v - np.sum(v))


@bank.wrong("s * (v - mean(v))", "s^T v is an average of v. With which weights?")
def plain_mean(z, v):
    return softmax(z) * (v - np.mean(v))


@bank.wrong(
    "s (1 - s) * v",
    "This uses the diagonal of J alone. What do the other entries do?",
    reread=JACOBIAN,
)
def diagonal_only(z, v):
    s = softmax(z)
    return s * (1 - s) * v


@bank.wrong("the sign flipped", "Take v = e_i. Does raising z_i raise or lower s_i?")
def sign(z, v):
    s = softmax(z)
    return s * (s @ v - v)


@bank.wrong("s * (v + s . v)", "Push all of v up by one constant. Should anything change?")
def plus(z, v):
    s = softmax(z)
    return s * (v + s @ v)


@bank.wrong(
    "the first row of J, entry by entry times v",
    "Each entry of J^T v gathers a whole column of J. Which rows does yours use?",
)
def first_row(z, v):
    return jacobian(z)[0] * v


@bank.wrong(
    "the first row of J, dotted with v",
    "One gradient entry per logit: how many numbers should come back?",
)
def first_row_dotted(z, v):
    return jacobian(z)[0] @ v


@bank.wrong(
    "J * v, which multiplies entry by entry",
    "A matrix times a vector: which operator sums along the rows?",
)
def not_summed(z, v):
    return jacobian(z) * v


@bank.wrong("s * (v - z . v)", "The average of v has weights that sum to 1. Are these the logits?")
def logits_in_the_dot(z, v):
    return softmax(z) * (v - z @ v)


@bank.wrong(
    "s (1 - s) v - s (s . v)",
    "The term -s_i s_i v_i is in the second sum already. How often do you subtract it?",
)
def diagonal_and_product(z, v):
    s = softmax(z)
    return s * (1 - s) * v - s * (s @ v)


@bank.wrong("v - s . v, without the factor s", "Which factor is common to both terms of J^T v?")
def forgets_factor(z, v):
    return v - softmax(z) @ v


@bank.wrong(
    "s * v - s . v",
    "The second term is s times a number, not the number alone. Where does the bracket open?",
)
def subtracted_outside(z, v):
    s = softmax(z)
    return s * v - s @ v


@bank.wrong(
    "the VJP of log softmax, v - s sum(v)",
    "This carries a gradient back through log softmax. Which function did you mean?",
)
def log_softmax(z, v):
    return v - softmax(z) * np.sum(v)


@bank.wrong("s * (v - s * v)", "s * v is a vector, s @ v a number. Which one does s s^T v need?")
def elementwise(z, v):
    s = softmax(z)
    return s * (v - s * v)


@bank.wrong("z taken for probabilities already", "z holds logits. What is s, given z?")
def probabilities_for_logits(z, v):
    z = np.asarray(z, dtype=float)
    return z * (v - z @ v)


@bank.wrong("softmax applied twice", "z holds logits. How often should softmax be applied to them?")
def softmax_twice(z, v):
    s = softmax(softmax(z))
    return s * (v - s @ v)


@bank.wrong("s . v alone", "One gradient entry per logit: how many numbers should come back?")
def scalar(z, v):
    return softmax(z) @ v


@bank.wrong("a softmax that overflows", "What does a computer make of exp(1000)?", reread=STABLE)
def no_shift(z, v):
    e = np.exp(np.asarray(z, dtype=float))
    s = e / e.sum()
    return s * (v - s @ v)


@bank.wrong("v -= ..., which changes the caller's array", "Who else holds the array v?")
def changes_argument(z, v):
    s = softmax(np.asarray(z, dtype=float))
    if v.dtype != np.float64:
        v = v.astype(float)
    v -= s @ v
    return s * v


@bank.wrong(
    "an output array with the dtype of v",
    "np.zeros_like of whole numbers holds whole numbers. What becomes of 0.3 in it?",
)
def stays_integer(z, v):
    s = softmax(z)
    out = np.zeros_like(v)
    out[:] = s * (v - s @ v)
    return out


def _vjp(z, v):
    s = softmax(np.asarray(z, dtype=float))
    return s * (np.asarray(v, dtype=float) - s @ v)


@bank.right("plain NumPy, in the precision of the input")
def plain_numpy(z, v):
    s = softmax(z)
    return s * (v - s @ v)


@bank.wrong(
    "v - s (s . v), with s on the second term only",
    "Which factor is common to both terms of J^T v?",
)
def factor_on_one_term(z, v):
    s = softmax(z)
    return v - s * (s @ v)


bank.habits(_vjp)


@bank.right("through the Jacobian")
def through_the_jacobian(z, v):
    return jacobian(z).T @ v.astype(float)


@bank.right("einsum")
def einsum(z, v):
    s, v = softmax(z.astype(float)), v.astype(float)
    return np.einsum("k,k->k", s, v) - np.einsum("j,j,k->k", s, v, s)


@bank.right("loops")
def loops(z, v):
    s = [float(x) for x in softmax(z.astype(float))]
    total = sum(a * float(b) for a, b in zip(s, v, strict=True))
    return np.array([a * (float(b) - total) for a, b in zip(s, v, strict=True)])


@bank.right("the Jacobian formed, as it stands")
def the_jacobian_formed(z, v):
    s = softmax(z)
    return (np.diag(s) - np.outer(s, s)) @ v


@bank.right("two terms")
def two_terms(z, v):
    s = softmax(z)
    return s * v - s * np.dot(s, v)


@bank.right("np.sum in place of a dot product")
def np_sum_in_place_of_a_dot_product(z, v):
    s = softmax(z)
    return s * (v - np.sum(s * v))
