"""What the price does to a step."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.gradcheck import STEP
from ..bank import Bank
from ..draw import case, strided, whole
from .shared import DTYPES, double, lam, weights


def _params(rng, *dims, draw=weights):
    return [(draw(rng, m, n), draw(rng, m)) for n, m in zip(dims[:-1], dims[1:], strict=True)]


def _penalty_cases(rng):
    def one(kind, params):
        return case(params, lam(rng), kind, L=len(params))

    def with_zeros(*dims):
        params = _params(rng, *dims)
        for W, b in params:
            W.flat[rng.permutation(W.size)[: W.size // 2]] = 0.0
            b[0] = 0.0
        return params

    layout = [(strided(W), b) for W, b in _params(rng, 3, 7, 5)]
    fortran = [(np.asfortranarray(W), strided(b)) for W, b in _params(rng, 7, 2, 3)]
    floats = [(W.astype(np.float32), b.astype(np.float32)) for W, b in _params(rng, 3, 5, 2)]
    tiny = [(1e-9 * W, 1e-9 * b) for W, b in _params(rng, 3, 5, 2)]
    return {
        "generic": [
            one("l2", _params(rng, 3, 7, 5)),
            one("l1", _params(rng, 5, 3, 7)),
            one("l2", fortran),
            one("l1", layout),
            one("l2", _params(rng, 3, 3, 3, 3)),
            one("l1", _params(rng, 3, 3, 3, 3)),
            one("l2", _params(rng, 5, 2)),
            one("l1", _params(rng, 7, 3)),
        ],
        "zero": [one("l1", with_zeros(3, 5, 2)), one("l2", with_zeros(2, 7, 3))],
        "tiny": [one("l1", tiny), one("l2", tiny)],
        "dtypes": [
            one("l2", _params(rng, 3, 5, 2, draw=whole)),
            one("l1", _params(rng, 3, 5, 2, draw=whole)),
            one("l2", floats),
            one("l1", floats),
        ],
        "twice": [one("l2", _params(rng, 3, 7, 5)) for _ in range(2)],
    }


def _penalty_grad(params, lam, kind):
    """Differentiate the penalty by complex step, entry by entry; the slope at 0 is 0 by contract.

    sqrt(w^2) is |w| for complex w near the real axis, so no formula of a slope is needed.
    """
    size = {"l2": lambda w: w * w, "l1": lambda w: np.sqrt(w * w)}[kind]

    def slope(W):
        W = np.asarray(W, dtype=np.float64)
        return np.where(W == 0, 0.0, lam * size(W + 1j * STEP).imag / STEP)

    return [(slope(W), np.zeros(np.shape(b))) for W, b in params]


bank = Bank()


EXERCISE = Exercise(
    title="What the price does to a step",
    signature="penalty_grad(params, lam, kind)",
    returns="grads",
    minutes=8,
    lines=4,
    section="The gradient of the price",
    draw=_penalty_cases,
    oracle=_penalty_grad,
    criteria=(
        shape(0.5),
        value(1.5),
        value(0.5, "weights that are exactly 0", "zero"),
        value(0.25, "weights next to 0", "tiny"),
        value(0.5, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.5),
    ),
    hints=(
        "What is the derivative of w^2, and what is that of |w| left and right of 0? Which of "
        "the parameters does the penalty not contain?",
        "l2: 2 lam W. l1: lam sign(W), and np.sign(0) is 0. The penalty has no biases in it: "
        "their gradient is an array of zeros of their shape.",
        'slope = 2 * W if kind == "l2" else np.sign(...)\n'
        "return [(lam * ..., np.zeros_like(...)) for W, b in params]",
    ),
    bank=bank,
)


ROUNDS = "What do the next steps compute with: what you print, or what you return?"


def grads(params, lam, kind):
    slope = (lambda W: 2 * W) if kind == "l2" else np.sign
    return [(lam * slope(double(W)), 0 * double(b)) for W, b in params]


def grads_with(slope_of):
    """A wrong slope of either kind in an otherwise right function."""

    def fn(params, lam, kind):
        return [(lam * slope_of(double(W), kind), 0 * double(b)) for W, b in params]

    return fn


def slope(looks_like, question, id=""):
    def register(slope_of):
        bank.wrong(looks_like, question, id=id or slope_of.__name__.rstrip("_"))(
            grads_with(slope_of)
        )
        return slope_of

    return register


@slope(
    "sign(W) = 1{W > 0} 1{W < 0}: the printed line without its minus",
    "Can a weight be positive and negative at once? What stood between the two indicators?",
)
def product_of_indicators(W, kind):
    return 2 * W if kind == "l2" else (W > 0) * (W < 0) * 1.0


@slope("sign(W) = 1{W > 0} + 1{W < 0}", "Which way should a negative weight be pushed?")
def sum_of_indicators(W, kind):
    return 2 * W if kind == "l2" else (W > 0) * 1.0 + (W < 0)


@slope("W for 2 W", "What is the derivative of w^2?")
def two_missing(W, kind):
    return W if kind == "l2" else np.sign(W)


@slope("2 sign(W) for l1", "What is the slope of |w| right of 0?")
def two_for_both(W, kind):
    return 2 * W if kind == "l2" else 2 * np.sign(W)


@slope(
    "the gradient with the wrong sign",
    "Does the penalty grow or fall when a positive weight grows?",
)
def sign_flipped(W, kind):
    return -2 * W if kind == "l2" else -np.sign(W)


@slope("|W| for sign(W)", "Is the slope of |w| steeper for larger w?")
def absolute_values(W, kind):
    return 2 * W if kind == "l2" else np.abs(W)


@slope("sign(0) = 1", "Which slope at 0 does the contract ask for?")
def one_at_zero(W, kind):
    return 2 * W if kind == "l2" else np.where(W >= 0, 1.0, -1.0)


@slope("sign(0) = -1", "Which slope at 0 does the contract ask for?")
def minus_one_at_zero(W, kind):
    return 2 * W if kind == "l2" else np.where(W > 0, 1.0, -1.0)


@slope("W / |W|, which is 0 / 0 at 0", "What does the computer make of 0 / 0?")
def divided_by_itself(W, kind):
    return 2 * W if kind == "l2" else W / np.abs(W)


@slope(
    "W / sqrt(W^2 + eps), a rounded sign",
    "How large is your answer for w = 1e-9, and how large should it be?",
)
def smoothed(W, kind):
    return 2 * W if kind == "l2" else W / np.sqrt(W * W + 1e-20)


@slope("small weights treated as 0", "Is there a positive number so small that its sign is 0?")
def thresholded(W, kind):
    return 2 * W if kind == "l2" else np.sign(np.where(np.abs(W) < 1e-8, 0.0, W))


@slope("the two kinds swapped", "Which of the two is called l1?")
def swapped(W, kind):
    return 2 * W if kind == "l1" else np.sign(W)


@slope(
    "the penalty itself, entry by entry",
    "The penalty was asked for in the exercise before. What is its derivative?",
)
def squares(W, kind):
    return W**2 if kind == "l2" else np.abs(W)


@slope("divided by the number of weights", "Is the penalty a sum over the weights, or their mean?")
def mean(W, kind):
    return (2 * W if kind == "l2" else np.sign(W)) / W.size


@slope(
    "W / |W|_F, the slope of the norm without its square", "Is the penalty the norm, or its square?"
)
def normalised(W, kind):
    return W / np.linalg.norm(W) if kind == "l2" else np.sign(W)


@slope("an answer rounded to a few digits", ROUNDS)
def rounded_(W, kind):
    return np.round(2 * W, 6) if kind == "l2" else np.sign(W)


@bank.wrong(
    "the gradient of Omega without lam", "The gradient of lam Omega was asked for. Where is lam?"
)
def lam_forgotten(params, lam, kind):
    return grads(params, 1.0, kind)


@bank.wrong("lam twice", "How often does lam stand in lam Omega?")
def lam_squared(params, lam, kind):
    return grads(params, lam * lam, kind)


@bank.wrong("biases charged like weights", "Does the penalty contain the biases?")
def biases_penalised(params, lam, kind):
    return [
        (dW, lam * (2 * double(b) if kind == "l2" else np.sign(double(b))))
        for (dW, _), (_, b) in zip(grads(params, lam, kind), params, strict=True)
    ]


@bank.wrong(
    "weights alone, without the zeros for the biases",
    "The training step will walk through pairs. What does it find for b?",
)
def no_bias_part(params, lam, kind):
    return [dW for dW, _ in grads(params, lam, kind)]


@bank.wrong("one 0 for the whole bias vector", "Which shape has b?")
def single_zero(params, lam, kind):
    return [(dW, 0.0) for dW, _ in grads(params, lam, kind)]


@bank.wrong("None for the biases", "What would theta - alpha * None be?")
def none_for_biases(params, lam, kind):
    return [(dW, None) for dW, _ in grads(params, lam, kind)]


@bank.wrong("zeros of the shape of W for b", "Which shape has b?")
def bias_shape(params, lam, kind):
    return [(dW, 0 * dW) for dW, _ in grads(params, lam, kind)]


@bank.wrong("the weight gradients transposed", "Which shape has W?")
def transposed(params, lam, kind):
    return [(dW.T, db) for dW, db in grads(params, lam, kind)]


@bank.wrong("the last layer left out", "Which layers does the penalty charge?")
def output_layer_free(params, lam, kind):
    found = grads(params, lam, kind)
    return [*found[:-1], (0 * found[-1][0], found[-1][1])]


@bank.wrong(
    "central differences handed in as the gradient",
    "A difference is a way to check. What is the slope of w^2 exactly?",
)
def differences(params, lam, kind):
    size = np.square if kind == "l2" else np.abs
    e = 1e-6
    return [
        (lam * (size(double(W) + e) - size(double(W) - e)) / (2 * e), 0 * double(b))
        for W, b in params
    ]


@bank.right("in the precision of its arguments")
def in_the_precision_of_its_arguments(params, lam, kind):
    lam = np.float32(lam) if params[0][0].dtype == np.float32 else lam
    return [(lam * (2 * W if kind == "l2" else np.sign(W)), 0.0 * b) for W, b in params]


@bank.wrong("W *= ..., which changes the caller's weights", "Who else holds the weights?")
def changes_argument(params, lam, kind):
    result = grads(params, lam, kind)
    for W, _ in params:
        if W.dtype.kind == "f":
            W *= 2
    return result


bank.habits(grads)


@bank.right("indicators, with the minus")
def indicators(params, lam, kind):
    out = []
    for W, b in params:
        W = np.array(W, dtype=float)
        d = W + W if kind == "l2" else (W > 0).astype(float) - (W < 0).astype(float)
        out.append([d * lam, np.zeros(len(b))])
    return out


@bank.right("loops, nested lists")
def loops(params, lam, kind):
    def one(w):
        w = float(w)
        return lam * 2.0 * w if kind == "l2" else lam * ((w > 0) - (w < 0))

    return [([[one(w) for w in row] for row in W], [0.0 for _ in b]) for W, b in params]


@bank.right("copysign where W is not 0")
def copysign_where_w_is_not_0(params, lam, kind):
    def d(W):
        W = double(W)
        return 2 * lam * W if kind == "l2" else np.copysign(lam, W) * (W != 0)

    return tuple((d(W), np.zeros_like(b, dtype=float)) for W, b in params)
