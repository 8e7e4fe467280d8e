"""Soft threshold."""

from __future__ import annotations

import math

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value, values_agree
from ...checking.exercise import Criterion, Exercise
from ...checking.finding import Finding
from ...reference import regularisation as reference
from ..bank import Bank
from ..draw import case, strided, whole
from .shared import DTYPES, double, weights


def _prox_cases(rng):
    def one(W, t):
        return case(W, t)

    def t():
        return float(rng.uniform(0.6, 1.1))

    binary = rng.permutation([0.25, -0.25, 0.0, 0.5, -0.75, 0.125, -0.125, 1.0, -0.25, 0.25])
    return {
        "generic": [
            one(weights(rng, 5, 7), t()),
            one(strided(weights(rng, 3, 11)), t()),
            one(np.asfortranarray(weights(rng, 7, 5)), t()),
            one(weights(rng, 5, 5), t()),
        ],
        "exact": [one(1e-3 * weights(rng, 5, 3), t()), one(0.3 * weights(rng, 3, 7), t())],
        "edge": [
            one(binary.reshape(5, 2), 0.25),
            one(np.zeros((3, 2)), t()),
            one(np.append(weights(rng, 7), 0.0), 0.0),
        ],
        "shapes": [one(weights(rng, 13), t()), one(weights(rng, 3, 5, 2), t())],
        "dtypes": [
            one(whole(rng, 7, 5), 1.3),
            one(whole(rng, 5, 3), 1),
            one(weights(rng, 7, 3).astype(np.float32), t()),
        ],
        "twice": [one(weights(rng, 5, 7), 0.7) for _ in range(2)],
    }


def zero_here(trial, group):
    """Exactly 0 on these cases, but not on every generic one too."""
    values = [a.value for a in trial.answers("generic")]
    if all(isinstance(v, np.ndarray) and not v.any() for v in values):
        return Finding("0, but so is every other answer")
    return values_agree(trial, group)


bank = Bank()


EXERCISE = Exercise(
    title="Soft threshold",
    signature="prox_l1(W, t)",
    returns="V",
    minutes=8,
    lines=1,
    section="What exactly zero needs",
    draw=_prox_cases,
    oracle=reference.prox_l1,
    criteria=(
        shape(0.25),
        value(1.0),
        Criterion("exactly 0", 0.5, zero_here, "exact"),
        value(0.25, "at the edge, at 0, with t = 0", "edge"),
        value(0.25, "one axis, three axes", "shapes"),
        value(0.25, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "Every weight moves towards 0 by t. What becomes of a weight whose distance to 0 is "
        "smaller than t?",
        "sign(W) * max(|W| - t, 0), entry by entry. np.maximum compares entry by entry.",
        "return np.sign(W) * np.maximum(np.abs(W) - ..., ...)",
    ),
    bank=bank,
)


def soft(W, t):
    W = double(W)
    return np.sign(W) * np.maximum(np.abs(W) - t, 0.0)


@bank.wrong(
    "a hard threshold: large weights stay as they are", "By how much does a large weight move?"
)
def hard(W, t):
    return np.where(np.abs(W) > t, W, 0.0)


@bank.wrong("W - t sign(W), which steps across 0", "Where does a weight of 0.1 land when t is 0.5?")
def no_floor(W, t):
    return W - t * np.sign(W)


@bank.wrong("max(|W| - t, 0) without the sign", "What becomes of a negative weight?")
def sign_lost(W, t):
    return np.maximum(np.abs(W) - t, 0.0)


@bank.wrong("max(W - t, 0), which kills negative weights", "What becomes of a weight of -2?")
def positive_only(W, t):
    return np.maximum(W - t, 0.0)


@bank.wrong("weights moved away from 0", "Does the penalty pull towards 0 or away from it?")
def outwards(W, t):
    return np.sign(W) * np.maximum(np.abs(W) + t, 0.0)


@bank.wrong(
    "W / (1 + 2 t), the step of the squared penalty",
    "Does shrinking by a factor ever give exactly 0?",
)
def shrinkage(W, t):
    return double(W) / (1 + 2 * t)


@bank.wrong("W clipped to [-t, t]", "Which weights should become 0: the small or the large ones?")
def clipped(W, t):
    return np.clip(W, -t, t)


@bank.wrong("t / 2", "How far does a large weight move?")
def half(W, t):
    return soft(W, t / 2)


@bank.wrong("a tiny rest instead of 0", "Is 1e-13 exactly 0?")
def residue(W, t):
    return np.sign(W) * np.maximum(np.abs(W) - t, 1e-14)


@bank.wrong("W (1 - t / |W|), which divides by 0", "What does the computer make of 0 / 0?")
def division(W, t):
    W = double(W)
    return W * np.maximum(1 - t / np.abs(W), 0.0)


@bank.wrong(
    "one factor for the whole matrix: the norm's threshold",
    "Is the l1 penalty taken entry by entry, or of the whole matrix?",
)
def whole_matrix(W, t):
    W = double(W)
    return W * max(1 - t / np.linalg.norm(W), 0.0) if W.any() else W


@bank.wrong(
    "loops over the rows and columns of a matrix",
    "Which NumPy function works for any number of axes?",
)
def two_axes_only(W, t):
    return np.array([[float(soft(w, t)) for w in row] for row in np.asarray(W)[:, :]]).reshape(
        np.shape(W)[0], np.shape(W)[1]
    )


@bank.wrong("the array transposed", "Which shape comes in?")
def transposed(W, t):
    return soft(W, t).T


@bank.wrong(
    "the weights that survive, without the zeros", "How many entries come in, how many go out?"
)
def drops_zeros(W, t):
    V = soft(W, t)
    return V[V != 0]


@bank.wrong(
    "the answer stored in the dtype of W",
    "W may hold whole numbers. What becomes of a threshold of 0.3 among them?",
)
def keeps_dtype(W, t):
    V = np.sign(W) * np.maximum(np.abs(W) - np.asarray(t, dtype=W.dtype), 0)
    return V.astype(W.dtype)


@bank.wrong("W[...] = 0, which changes the caller's array", "Who else holds the array W?")
def changes_argument(W, t):
    V = soft(W, t)
    W[np.abs(W) <= t] = 0
    return V


bank.habits(soft)


@bank.right("two one-sided ramps")
def two_one_sided_ramps(W, t):
    W = double(W)
    return np.maximum(W - t, 0) - np.maximum(-W - t, 0)


@bank.right("three cases")
def three_cases(W, t):
    W = double(W)
    return np.where(t < W, W - t, np.where(-t > W, W + t, 0.0))


@bank.right("W minus W clipped")
def w_minus_w_clipped(W, t):
    W = double(W)
    return W - np.minimum(np.maximum(W, -t), t)


@bank.right("recursion over nested lists")
def recursion_over_nested_lists(W, t):
    def one(w):
        if isinstance(w, list):
            return [one(v) for v in w]
        return math.copysign(max(abs(float(w)) - t, 0.0), w)

    return one(np.asarray(W).tolist())
