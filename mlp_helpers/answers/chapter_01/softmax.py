"""Softmax that does not overflow."""

from __future__ import annotations

import math

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import logsumexp, softmax
from ..bank import Bank
from .shared import DTYPES, HUGE, vector_cases

bank = Bank()


EXERCISE = Exercise(
    title="Softmax that does not overflow",
    signature="softmax(z)",
    returns="s",
    minutes=8,
    lines=3,
    section="From scores to probabilities",
    draw=vector_cases,
    oracle=softmax,
    criteria=(
        shape(0.5),
        value(1.0),
        value(0.5, HUGE, "huge"),
        value(0.5, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "Two steps: make every score positive in a way that keeps their order, then make the "
        "results sum to 1. What happens to exp(1000) in the first step, and which number could "
        "you subtract from all logits without changing the answer?",
        "s_i = exp(z_i - m) / sum_j exp(z_j - m) for any m. With m = max(z) the largest "
        "exponent is 0, so nothing overflows.",
        "e = np.exp(z - ...)        # a new array: z -= ... would change the caller's\n"
        "return e / ...",
    ),
    bank=bank,
)


@bank.wrong(
    "exp of the logits as they come",
    "What does a computer make of exp(1000), and which number could you subtract from all "
    "logits first?",
)
def no_shift(z):
    e = np.exp(np.asarray(z, dtype=float))
    return e / e.sum()


@bank.wrong(
    "the mean subtracted instead of the largest logit",
    "After subtracting the mean, how large can the largest logit still be?",
)
def subtracts_mean(z):
    z = np.asarray(z, dtype=float)
    e = np.exp(z - z.mean())
    return e / e.sum()


@bank.wrong(
    "the shift above the fraction bar only",
    "You divided exp(z) above by exp(m). What has to happen below?",
)
def shifted_above_only(z):
    return np.exp(z - z.max()) / np.exp(z).sum()


@bank.wrong(
    "the shift below the fraction bar only",
    "You divided exp(z) below by exp(m). What has to happen above?",
)
def shifted_below_only(z):
    return np.exp(z) / np.exp(z - z.max()).sum()


@bank.wrong("z + max(z)", "Which shift makes the largest exponent 0?")
def shift_added(z):
    e = np.exp(z + z.max())
    return e / e.sum()


@bank.wrong(
    "the logits divided by the largest",
    "May you divide logits by a number? Compare the ratio of two probabilities before and after.",
)
def scaled(z):
    return softmax(z / z.max())


@bank.wrong(
    "the largest |z| subtracted",
    "If all logits lie near -1000, what does their largest absolute value make of them?",
)
def absolute_maximum(z):
    e = np.exp(z - np.abs(z).max())
    return e / e.sum()


@bank.wrong("exp(z) divided by the mean, not by the sum", "What should the entries sum to?")
def mean(z):
    e = np.exp(z - z.max())
    return e / e.mean()


@bank.wrong(
    "logits cut off at a fixed number",
    "Two logits of 1000 and 999 have different probabilities. Have they still after the cut?",
)
def clips(z):
    e = np.exp(np.clip(np.asarray(z, dtype=float), -500, 500))
    return e / e.sum()


@bank.wrong("z / sum(z)", "What if a logit is negative: can a probability be?")
def no_exp(z):
    z = np.asarray(z, dtype=float)
    return z / z.sum()


@bank.wrong("|z| / sum |z|", "Should a very negative score get a large probability?")
def abs_not_exp(z):
    z = np.abs(np.asarray(z, dtype=float))
    return z / z.sum()


@bank.wrong("exp(z - max) without the division", "What should the entries sum to?")
def not_normalised(z):
    z = np.asarray(z, dtype=float)
    return np.exp(z - z.max())


@bank.wrong("exp(z) divided by the largest, not by the sum", "What should the entries sum to?")
def divides_by_max(z):
    z = np.asarray(z, dtype=float)
    return np.exp(z) / np.exp(z).max()


@bank.wrong(
    "exp(z) divided by its Euclidean length",
    "Which of its norms should a vector of probabilities have equal to 1?",
)
def squared_norm(z):
    z = np.asarray(z, dtype=float)
    e = np.exp(z - z.max())
    return e / np.linalg.norm(e)


@bank.wrong(
    "exp(-z)", "Which logit should get the largest probability, the largest or the smallest?"
)
def sign(z):
    return softmax(-np.asarray(z, dtype=float))


@bank.wrong("powers of 2 instead of e", "Which base does the formula use?")
def base_two(z):
    z = np.asarray(z, dtype=float)
    e = 2.0 ** (z - z.max())
    return e / e.sum()


@bank.wrong(
    "the sigmoid of each logit by itself",
    "Must raising one logit not lower the other probabilities?",
)
def sigmoid(z):
    return 1 / (1 + np.exp(-np.asarray(z, dtype=float)))


@bank.wrong("log softmax", "Can a probability be negative? One function too many was applied.")
def log_softmax(z):
    z = np.asarray(z, dtype=float)
    return z - logsumexp(z)


@bank.wrong(
    "z -= z.max(), which changes the caller's array",
    "Who else holds the array z? np.asarray copies only when it has to convert: what "
    "is the difference between z = z - m and z -= m?",
)
def changes_argument(z):
    if z.dtype != np.float64:
        z = z.astype(float)
    z -= z.max()
    e = np.exp(z)
    return e / e.sum()


@bank.wrong(
    "an output array with the dtype of the logits",
    "np.zeros_like(z) of whole numbers holds whole numbers. What becomes of 0.3 in it?",
)
def stays_integer(z):
    out = np.zeros_like(z)
    e = np.exp(z - z.max())
    out[:] = e / e.sum()
    return out


for _small in (1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10):

    @bank.wrong(
        "a small constant added to the denominator",
        "With the largest exponent equal to 0, can the denominator be 0 at all?",
        id=f"epsilon_{_small:g}",
    )
    def epsilon(z, small=_small):
        e = np.exp(z - z.max())
        return e / (e.sum() + small)


@bank.wrong(
    "an answer rounded to a few digits",
    "What do the next steps compute with: what you print, or what you return?",
)
def rounded(z):
    return np.round(softmax(np.asarray(z, dtype=float)), 6)


@bank.wrong("numbers in float32", "float32 keeps seven digits. Where does the precision get lost?")
def single_precision(z):
    return softmax(np.asarray(z, dtype=np.float32))


@bank.wrong("shape (K, 1)", "What shape did z come in, and what shape does your answer have?")
def keeps_a_column(z):
    return softmax(np.asarray(z, dtype=float))[:, None]


bank.for_numbers(math=lambda z: math.exp(z) / sum(math.exp(z)))


@bank.wrong(
    "exp of the logits as they come, one by one",
    "What does a computer make of exp(1000), and which number could you subtract from all "
    "logits first?",
)
def overflows_one_by_one(z):
    total = sum(math.exp(part) for part in z)
    return np.array([math.exp(part) / total for part in z])


@bank.right("plain NumPy, in the precision of the input")
def plain_numpy(z):
    return softmax(z)


bank.habits(lambda z: softmax(np.asarray(z, dtype=float)))


@bank.right("loops")
def loops(z):
    top = max(float(v) for v in z)
    powers = [math.exp(float(v) - top) for v in z]
    total = math.fsum(powers)
    return np.array([p / total for p in powers])


@bank.right("through logsumexp")
def through_logsumexp(z):
    z = np.asarray(z, dtype=np.float64)
    m = np.amax(z)
    return np.exp(z - (m + np.log(np.sum(np.exp(z - m)))))


@bank.right("a list of floats")
def a_list_of_floats(z):
    z = np.array(z, dtype=float)
    z -= z.max()
    np.exp(z, out=z)
    z /= z.sum()
    return z.tolist()


@bank.right("reciprocal of sums of differences")
def reciprocal_of_sums_of_differences(z):
    z = np.asarray(z, dtype=float)
    with np.errstate(over="ignore"):
        return 1.0 / np.exp(z[None, :] - z[:, None]).sum(axis=1)


@bank.right("as most people write it")
def as_most_people_write_it(z):
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


@bank.right("through log-softmax, as it stands")
def through_log_softmax(z):
    z = z - z.max()
    return np.exp(z - np.log(np.exp(z).sum()))
