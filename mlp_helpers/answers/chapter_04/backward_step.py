"""One step of the recursion."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...named import Named
from ..bank import Bank
from ..draw import case, single, strided, whole
from .shared import DTYPES, real


def _step_cases(rng):
    def slope():
        return Named("quadratic_slope", tuple(map(float, rng.uniform(0.4, 1.4, 3))))

    def one(W, delta, z, phi_prime=None, scale=0.0):
        return case(W, delta, z, phi_prime or slope(), scale=scale, d_next=len(W), d_m=len(z))

    def draw(*n):
        return rng.standard_normal(n)

    z = draw(7)
    z[::2] = -np.abs(z[::2])
    z[1::2] = np.abs(z[1::2])
    return {
        "generic": [
            one(draw(5, 3), draw(5), draw(3)),
            one(strided(draw(3, 7)), strided(draw(3)), strided(draw(7))),
            one(draw(5, 5), draw(5), draw(5)),
            one(draw(2, 11), draw(2), draw(11)),
        ],
        "gate": [one(draw(5, 7), draw(5), z, Named("gate_slope"))],
        "one": [one(draw(1, 5), draw(1), draw(5)), one(draw(5, 1), draw(5), draw(1))],
        # Weights of one sign times deltas of one sign: the answer is never all zero.
        "dtypes": [
            one(whole(rng, 5, 3) - 1, whole(rng, 5) + 3, whole(rng, 3), scale=1.0),
            one(single(rng, 3, 7), single(rng, 3), single(rng, 7)),
        ],
        "twice": [one(draw(5, 3), draw(5), draw(3)) for _ in range(2)],
    }


def _backward_step(W_next, delta_next, z, phi_prime):
    """Chain rule, written over single entries."""
    slopes = phi_prime(np.asarray(z, dtype=float))
    sums = [
        sum(float(W_next[i, j]) * float(delta_next[i]) for i in range(len(delta_next)))
        for j in range(len(z))
    ]
    return np.array(sums) * slopes


bank = Bank()


EXERCISE = Exercise(
    title="One step of the recursion",
    signature="backward_step(W_next, delta_next, z, phi_prime)",
    returns="delta",
    minutes=8,
    lines=2,
    section="One layer back",
    draw=_step_cases,
    oracle=_backward_step,
    criteria=(
        shape(0.5),
        value(1.25),
        value(0.25, "closed gates", "gate"),
        value(0.25, "layers of one unit", "one"),
        value(0.25, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "h_j feeds every unit i of the layer above, through W_ij. Over which index do you sum "
        "to collect what comes back to unit j?",
        "sum_i W_ij delta_i is entry j of W^T delta. The activation acts on each unit for "
        "itself, so its slope multiplies entry by entry.",
        "return (... @ delta_next) * phi_prime(...)",
    ),
    bank=bank,
)


@bank.wrong(
    "W delta, the transpose missing",
    "Unit j feeds unit i through W_ij. Over which index do you sum: the first or the second?",
)
def no_transpose(W_next, delta_next, z, phi_prime):
    return (real(W_next) @ real(delta_next)) * phi_prime(real(z))


@bank.wrong("W^T delta alone", "That is the gradient with respect to h. What lies between h and z?")
def no_slope(W_next, delta_next, z, phi_prime):
    return real(W_next).T @ real(delta_next)


@bank.wrong("the slope alone", "How does the loss get into it?")
def only_slope(W_next, delta_next, z, phi_prime):
    return phi_prime(real(z))


@bank.wrong(
    "phi' taken at tanh(z)", "The slope is taken where the activation was computed: at z, or at h?"
)
def slope_of_tanh(W_next, delta_next, z, phi_prime):
    return (real(W_next).T @ real(delta_next)) * phi_prime(np.tanh(real(z)))


@bank.wrong(
    "1 - tanh^2, whatever phi' was given", "The last argument is a function. Do you call it?"
)
def tanh_always(W_next, delta_next, z, phi_prime):
    return (real(W_next).T @ real(delta_next)) * (1 - np.tanh(real(z)) ** 2)


@bank.wrong(
    "the slope applied before W^T, at the wrong layer",
    "z belongs to the lower layer. Has it the length of delta_next?",
)
def slope_above(W_next, delta_next, z, phi_prime):
    return real(W_next).T @ (real(delta_next) * phi_prime(real(z)))


@bank.wrong("the opposite sign", "Where would a minus sign come from?")
def sign(W_next, delta_next, z, phi_prime):
    return -(real(W_next).T @ real(delta_next)) * phi_prime(real(z))


@bank.wrong(
    "a dot product with the slopes instead of *",
    "Each unit has a slope of its own. How many numbers should come out?",
)
def dot_product(W_next, delta_next, z, phi_prime):
    return (real(W_next).T @ real(delta_next)) @ phi_prime(real(z))


@bank.wrong(
    "an outer product with the slopes instead of *",
    "Each unit has a slope of its own. How many numbers should come out?",
)
def outer_product(W_next, delta_next, z, phi_prime):
    return np.outer(real(W_next).T @ real(delta_next), phi_prime(real(z)))


@bank.wrong("multiplied by z as well", "Which two factors does the chain rule name?")
def times_z(W_next, delta_next, z, phi_prime):
    return (real(W_next).T @ real(delta_next)) * phi_prime(real(z)) * real(z)


@bank.wrong("phi' taken at the gradient", "At which point was the activation computed?")
def slope_at_delta(W_next, delta_next, z, phi_prime):
    back = real(W_next).T @ real(delta_next)
    return back * phi_prime(back)


@bank.wrong(
    "the absolute values of the weights", "May a unit lower the loss through a negative weight?"
)
def absolute_weights(W_next, delta_next, z, phi_prime):
    return (np.abs(real(W_next)).T @ real(delta_next)) * phi_prime(real(z))


@bank.wrong(
    "phi' differentiated once more, numerically",
    "phi_prime is the slope already. What is its difference quotient?",
)
def finite_difference(W_next, delta_next, z, phi_prime):
    z = real(z)
    slope = (phi_prime(z + 1e-6) - phi_prime(z - 1e-6)) / 2e-6
    return (real(W_next).T @ real(delta_next)) * slope


@bank.wrong(
    "the slope added instead of multiplied",
    "Does the chain rule add derivatives along a path, or multiply them?",
)
def added_slope(W_next, delta_next, z, phi_prime):
    return real(W_next).T @ real(delta_next) + phi_prime(real(z))


@bank.wrong("the slope squared", "How often does the path pass through this layer's activation?")
def slope_twice(W_next, delta_next, z, phi_prime):
    return (real(W_next).T @ real(delta_next)) * phi_prime(real(z)) ** 2


@bank.wrong("divided by the slope", "dh = phi'(z) dz. Does dl/dz = dl/dh dh/dz multiply or divide?")
def divides(W_next, delta_next, z, phi_prime):
    return (real(W_next).T @ real(delta_next)) / phi_prime(real(z))


@bank.wrong(
    "a small constant added to the slope",
    "A closed gate lets nothing through. What does yours let through?",
)
def safe_slope(W_next, delta_next, z, phi_prime):
    return (real(W_next).T @ real(delta_next)) * (phi_prime(real(z)) + 1e-8)


@bank.wrong(
    "slopes of 0 replaced, as if dividing by them",
    "A closed gate lets nothing through. What does yours let through?",
)
def no_closed_gates(W_next, delta_next, z, phi_prime):
    return (real(W_next).T @ real(delta_next)) * np.maximum(phi_prime(real(z)), 1e-3)


@bank.wrong(
    "the answer stored in the dtype of z",
    "z may hold whole numbers. What becomes of 0.3 among them?",
)
def keeps_dtype(W_next, delta_next, z, phi_prime):
    return ((W_next.T @ delta_next) * phi_prime(z)).astype(z.dtype)


@bank.wrong(
    "axes of length 1 removed",
    "A layer of one unit still has a vector of gradients. What is its shape?",
)
def squeezed(W_next, delta_next, z, phi_prime):
    return np.squeeze((real(W_next).T @ real(delta_next)) * phi_prime(real(z)))


@bank.wrong("z overwritten by its slopes", "Who else holds the array z?")
def changes_argument(W_next, delta_next, z, phi_prime):
    slope = phi_prime(real(z))
    if z.dtype == float:
        z[:] = slope
    return (real(W_next).T @ real(delta_next)) * slope


bank.habits(lambda W, d, z, p: (real(W).T @ real(d)) * p(real(z)))


@bank.right("loops")
def loops(W_next, delta_next, z, phi_prime):
    out = []
    slopes = phi_prime(np.array(z, dtype=float))
    for j in range(len(z)):
        total = 0.0
        for i in range(len(delta_next)):
            total += float(W_next[i][j]) * float(delta_next[i])
        out.append(total * float(slopes[j]))
    return out


@bank.right("delta from the left")
def delta_from_the_left(W_next, delta_next, z, phi_prime):
    return np.asarray(delta_next, dtype=float) @ W_next * phi_prime(z.astype(float))


@bank.right("a diagonal Jacobian")
def a_diagonal_jacobian(W_next, delta_next, z, phi_prime):
    J = np.asarray(W_next, dtype=float) @ np.diag(phi_prime(np.asarray(z, dtype=float)))
    return np.einsum("ij,i->j", J, np.asarray(delta_next, dtype=float))


@bank.wrong(
    "W delta for W^T delta where W is square",
    "Where W is square both products have a shape that fits. Which of its indices belongs "
    "to the layer above?",
)
def no_transpose_when_square(W_next, delta_next, z, phi_prime):
    W = real(W_next)
    return ((W if W.shape[0] == W.shape[1] else W.T) @ delta_next) * phi_prime(real(z))
