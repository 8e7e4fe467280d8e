"""Known wrong and right implementations of chapter 01 (S1 section 2, S0 3 and 4.1, S3 slides)."""

from __future__ import annotations

import math

import numpy as np

from ...activations import logsumexp, softmax
from . import Bank

bank = Bank()

STABLE = "From scores to probabilities"
ROWS = "A whole batch, row by row"
LSE = "The logarithm that does not overflow"
JACOBIAN = "What one logit does to the others"
BATCH = "One Jacobian per example"
VJP = "The product you need without the matrix you don't"
LABELS = "Labels as vectors"
LIKELIHOOD = "How likely was what happened?"
LOSS = "The loss, from logits"
GRADIENT = "The gradient everything starts from"
PROBS = "The same loss, seen from the probabilities"


def hot(y, K):
    return (np.arange(K) == np.asarray(y)[:, None]).astype(float)


def picked(A, y):
    return A[np.arange(len(y)), y]


# softmax ----------------------------------------------------------------------------------------


@bank.wrong("softmax", "no_shift", "exp of the logits as they come",
            "What does a computer make of exp(1000), and which number could you subtract from all "
            "logits first?", STABLE)
def _(z):
    e = np.exp(np.asarray(z, dtype=float))
    return e / e.sum()


@bank.wrong("softmax", "subtracts_mean", "the mean subtracted instead of the largest logit",
            "After subtracting the mean, how large can the largest logit still be?", STABLE)
def _(z):
    z = np.asarray(z, dtype=float)
    e = np.exp(z - z.mean())
    return e / e.sum()


@bank.wrong("softmax", "shifted_above_only", "the shift above the fraction bar only",
            "You divided exp(z) above by exp(m). What has to happen below?", STABLE)
def _(z):
    return np.exp(z - z.max()) / np.exp(z).sum()


@bank.wrong("softmax", "shifted_below_only", "the shift below the fraction bar only",
            "You divided exp(z) below by exp(m). What has to happen above?", STABLE)
def _(z):
    return np.exp(z) / np.exp(z - z.max()).sum()


@bank.wrong("softmax", "shift_added", "z + max(z)",
            "Which shift makes the largest exponent 0?", STABLE)
def _(z):
    e = np.exp(z + z.max())
    return e / e.sum()


@bank.wrong("softmax", "scaled", "the logits divided by the largest",
            "May you divide logits by a number? Compare the ratio of two probabilities before "
            "and after.", STABLE)
def _(z):
    return softmax(z / z.max())


@bank.wrong("softmax", "absolute_maximum", "the largest |z| subtracted",
            "If all logits lie near -1000, what does their largest absolute value make of them?",
            STABLE)
def _(z):
    e = np.exp(z - np.abs(z).max())
    return e / e.sum()


@bank.wrong("softmax", "mean", "exp(z) divided by the mean, not by the sum",
            "What should the entries sum to?", STABLE)
def _(z):
    e = np.exp(z - z.max())
    return e / e.mean()


@bank.wrong("softmax", "clips", "logits cut off at a fixed number",
            "Two logits of 1000 and 999 have different probabilities. Have they still after the "
            "cut?", STABLE)
def _(z):
    e = np.exp(np.clip(np.asarray(z, dtype=float), -500, 500))
    return e / e.sum()


@bank.wrong("softmax", "no_exp", "z / sum(z)",
            "What if a logit is negative: can a probability be?", STABLE)
def _(z):
    z = np.asarray(z, dtype=float)
    return z / z.sum()


@bank.wrong("softmax", "abs_not_exp", "|z| / sum |z|",
            "Should a very negative score get a large probability?", STABLE)
def _(z):
    z = np.abs(np.asarray(z, dtype=float))
    return z / z.sum()


@bank.wrong("softmax", "not_normalised", "exp(z - max) without the division",
            "What should the entries sum to?", STABLE)
def _(z):
    z = np.asarray(z, dtype=float)
    return np.exp(z - z.max())


@bank.wrong("softmax", "divides_by_max", "exp(z) divided by the largest, not by the sum",
            "What should the entries sum to?", STABLE)
def _(z):
    z = np.asarray(z, dtype=float)
    return np.exp(z) / np.exp(z).max()


@bank.wrong("softmax", "squared_norm", "exp(z) divided by its Euclidean length",
            "Which of its norms should a vector of probabilities have equal to 1?", STABLE)
def _(z):
    z = np.asarray(z, dtype=float)
    e = np.exp(z - z.max())
    return e / np.linalg.norm(e)


@bank.wrong("softmax", "sign", "exp(-z)",
            "Which logit should get the largest probability, the largest or the smallest?", STABLE)
def _(z):
    return softmax(-np.asarray(z, dtype=float))


@bank.wrong("softmax", "base_two", "powers of 2 instead of e",
            "Which base does the formula use?", STABLE)
def _(z):
    z = np.asarray(z, dtype=float)
    e = 2.0 ** (z - z.max())
    return e / e.sum()


@bank.wrong("softmax", "sigmoid", "the sigmoid of each logit by itself",
            "Must raising one logit not lower the other probabilities?", STABLE)
def _(z):
    return 1 / (1 + np.exp(-np.asarray(z, dtype=float)))


@bank.wrong("softmax", "log_softmax", "log softmax",
            "Can a probability be negative? One function too many was applied.", STABLE)
def _(z):
    z = np.asarray(z, dtype=float)
    return z - logsumexp(z)


@bank.wrong("softmax", "changes_argument", "z -= z.max(), which changes the caller's array",
            "Who else holds the array z? np.asarray copies only when it has to convert: what "
            "is the difference between z = z - m and z -= m?", STABLE)
def _(z):
    if z.dtype != np.float64:
        z = z.astype(float)
    z -= z.max()
    e = np.exp(z)
    return e / e.sum()


@bank.wrong("softmax", "stays_integer", "an output array with the dtype of the logits",
            "np.zeros_like(z) of whole numbers holds whole numbers. What becomes of 0.3 in it?",
            STABLE)
def _(z):
    out = np.zeros_like(z)
    e = np.exp(z - z.max())
    out[:] = e / e.sum()
    return out


for _small in (1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10):
    @bank.wrong("softmax", f"epsilon_{_small:g}", "a small constant added to the denominator",
                "With the largest exponent equal to 0, can the denominator be 0 at all?", STABLE)
    def _(z, small=_small):
        e = np.exp(z - z.max())
        return e / (e.sum() + small)


@bank.wrong("softmax", "rounded", "an answer rounded to a few digits",
            "What do the next steps compute with: what you print, or what you return?", STABLE)
def _(z):
    return np.round(softmax(np.asarray(z, dtype=float)), 6)


@bank.wrong("softmax", "single_precision", "numbers in float32",
            "float32 keeps seven digits. Where does the precision get lost?", STABLE)
def _(z):
    return softmax(np.asarray(z, dtype=np.float32))


@bank.wrong("softmax", "keeps_a_column", "shape (K, 1)",
            "What shape did z come in, and what shape does your answer have?", STABLE)
def _(z):
    return softmax(np.asarray(z, dtype=float))[:, None]


bank.for_numbers("softmax", math=lambda z: math.exp(z) / sum(math.exp(z)))


@bank.wrong("softmax", "overflows_one_by_one", "exp of the logits as they come, one by one",
            "What does a computer make of exp(1000), and which number could you subtract from all "
            "logits first?", STABLE)
def _(z):
    total = sum(math.exp(part) for part in z)
    return np.array([math.exp(part) / total for part in z])


@bank.right("softmax", "plain NumPy, in the precision of the input")
def _(z):
    return softmax(z)


bank.habits("softmax", lambda z: softmax(np.asarray(z, dtype=float)))


@bank.right("softmax", "loops")
def _(z):
    top = max(float(v) for v in z)
    powers = [math.exp(float(v) - top) for v in z]
    total = math.fsum(powers)
    return np.array([p / total for p in powers])


@bank.right("softmax", "through logsumexp")
def _(z):
    z = np.asarray(z, dtype=np.float64)
    m = np.amax(z)
    return np.exp(z - (m + np.log(np.sum(np.exp(z - m)))))


@bank.right("softmax", "a list of floats")
def _(z):
    z = np.array(z, dtype=float)
    z -= z.max()
    np.exp(z, out=z)
    z /= z.sum()
    return z.tolist()


@bank.right("softmax", "reciprocal of sums of differences")
def _(z):
    z = np.asarray(z, dtype=float)
    with np.errstate(over="ignore"):
        return 1.0 / np.exp(z[None, :] - z[:, None]).sum(axis=1)


# softmax_rows -----------------------------------------------------------------------------------


@bank.wrong("softmax_rows", "columns", "columns that sum to 1 instead of rows",
            "One example is one row. Along which axis do its classes lie?", ROWS)
def _(Z):
    Z = np.asarray(Z, dtype=float)
    E = np.exp(Z - Z.max(axis=0, keepdims=True)) if Z.size else Z
    return E / E.sum(axis=0, keepdims=True)


def columns_summed(F):
    """Each row with its own maximum, and then the totals of the columns."""
    E = np.exp(F - np.max(F, axis=1, keepdims=True, initial=-np.inf))
    return E / E.sum(axis=0)


@bank.wrong("softmax_rows", "columns_summed", "exponentials divided by the totals of the columns",
            "Which entries should sum to 1: those of a row, or those of a column?", ROWS)
def _(Z):
    return columns_summed(Z)


@bank.wrong("softmax_rows", "one_total", "all entries divided by one total",
            "How many rows should sum to 1: all together, or each?", ROWS)
def _(Z):
    E = np.exp(np.asarray(Z, dtype=float))
    return E / E.sum()


@bank.wrong("softmax_rows", "no_keepdims", "row sums of shape (N,) under a matrix of shape (N, K)",
            "Broadcasting lines up the last axes. With which axis of Z does a vector of length N "
            "line up?", ROWS)
def _(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1)


@bank.wrong("softmax_rows", "maximum_without_axis_kept",
            "row maxima of shape (N,) under a matrix of shape (N, K)",
            "Broadcasting lines up the last axes. With which axis of Z does a vector of length N "
            "line up?", ROWS)
def _(Z):
    E = np.exp(Z - Z.max(axis=1))
    return E / E.sum(axis=1, keepdims=True)


@bank.wrong("softmax_rows", "no_keepdims_one_shift",
            "row sums of shape (N,) under a matrix of shape (N, K), and no shift row by row",
            "Broadcasting lines up the last axes. With which axis of Z does a vector of length N "
            "line up?", ROWS)
def _(Z):
    E = np.exp(Z - Z.max(initial=-np.inf))
    return E / E.sum(axis=1)


@bank.wrong("softmax_rows", "no_keepdims_at_all",
            "row maxima and row sums of shape (N,) under a matrix of shape (N, K)",
            "Broadcasting lines up the last axes. With which axis of Z does a vector of length N "
            "line up?", ROWS)
def _(Z):
    E = np.exp(Z - Z.max(axis=1))
    return E / E.sum(axis=1)


@bank.wrong("softmax_rows", "shifted_above_only", "the shift above the fraction bar only",
            "You divided each exponential above by exp(m). What has to happen below?", STABLE)
def _(Z):
    return np.exp(Z - Z.max(axis=1, keepdims=True)) / np.exp(Z).sum(axis=1, keepdims=True)


@bank.wrong("softmax_rows", "sign", "exp(-z)",
            "Which logit should get the largest probability, the largest or the smallest?", STABLE)
def _(Z):
    return softmax(-np.asarray(Z, dtype=float))


@bank.wrong("softmax_rows", "not_normalised", "exp(z - max) without the division",
            "What should each row sum to?", ROWS)
def _(Z):
    return np.exp(Z - Z.max(axis=1, keepdims=True, initial=-np.inf))


@bank.wrong("softmax_rows", "no_exp", "Z divided by its row sums",
            "What if a logit is negative: can a probability be?", STABLE)
def _(Z):
    return Z / Z.sum(axis=1, keepdims=True)


for _small in (1e-8, 1e-9, 1e-10):
    @bank.wrong("softmax_rows", f"epsilon_{_small:g}", "a small constant added to the denominator",
                "With the largest exponent equal to 0, can the denominator be 0 at all?", STABLE)
    def _(Z, small=_small):
        E = np.exp(Z - Z.max(axis=1, keepdims=True))
        return E / (E.sum(axis=1, keepdims=True) + small)


@bank.wrong("softmax_rows", "no_shift", "exp of the logits as they come",
            "What does a computer make of exp(1000)?", STABLE)
def _(Z):
    E = np.exp(np.asarray(Z, dtype=float))
    return E / E.sum(axis=1, keepdims=True)


@bank.wrong("softmax_rows", "one_maximum", "one maximum for the whole batch",
            "If one row has a logit of 900 and another only ones near -900, what is left of the "
            "second after subtracting 900?", ROWS)
def _(Z):
    Z = np.asarray(Z, dtype=float)
    E = np.exp(Z - Z.max(initial=-np.inf))
    return E / E.sum(axis=1, keepdims=True)


@bank.wrong("softmax_rows", "shift_per_column", "the maximum of each column subtracted",
            "Which shift leaves a row's probabilities unchanged: one number per row, or one per "
            "column?", ROWS)
def _(Z):
    Z = np.asarray(Z, dtype=float)
    E = np.exp(Z - Z.max(axis=0, initial=-np.inf))
    return E / E.sum(axis=1, keepdims=True)


@bank.wrong("softmax_rows", "first_row_only", "a loop that returns inside its first round",
            "How far is the `return` indented?", ROWS)
def _(Z):
    out = np.zeros(Z.shape)
    for n, z in enumerate(Z):
        out[n] = softmax(z)
        return out
    return out


@bank.wrong("softmax_rows", "empty_batch", "a step that needs at least one row",
            "A filter may leave no example at all. Which of your steps needs one? What does it "
            "make of an empty batch?", ROWS)
def _(Z):
    return np.stack([softmax(np.asarray(z, dtype=float)) for z in Z])


@bank.wrong("softmax_rows", "transposed", "the batch transposed",
            "Which shape comes in, which goes out?", ROWS)
def _(Z):
    return softmax(np.asarray(Z, dtype=float)).T


@bank.wrong("softmax_rows", "changes_argument", "Z -= ..., which changes the caller's array",
            "Who else holds the array Z?", ROWS)
def _(Z):
    if Z.dtype != np.float64:
        Z = Z.astype(float)
    Z -= Z.max(axis=1, keepdims=True)
    E = np.exp(Z)
    return E / E.sum(axis=1, keepdims=True)


@bank.wrong("softmax_rows", "stays_integer", "an output array with the dtype of the logits",
            "np.zeros_like(Z) of whole numbers holds whole numbers. What becomes of 0.3 in it?",
            ROWS)
def _(Z):
    out = np.zeros_like(Z)
    for n, z in enumerate(Z):
        out[n] = softmax(np.asarray(z, dtype=float))
    return out


@bank.right("softmax_rows", "plain NumPy, in the precision of the input")
def _(Z):
    return softmax(Z)


bank.habits("softmax_rows", lambda Z: softmax(np.asarray(Z, dtype=float)))


@bank.right("softmax_rows", "a loop over rows")
def _(Z):
    out = np.empty(Z.shape)
    for n in range(Z.shape[0]):
        e = np.exp(Z[n].astype(float) - float(Z[n].max()))
        out[n] = e / e.sum()
    return out


@bank.right("softmax_rows", "transposed and back, einsum")
def _(Z):
    E = np.exp(Z.astype(float).T - Z.astype(float).max(axis=1))
    return np.einsum("kn,n->nk", E, 1.0 / E.sum(axis=0))


@bank.right("softmax_rows", "through log-sum-exp")
def _(Z):
    Z = np.array(Z, dtype=np.float64)
    m = np.max(Z, axis=1, keepdims=True)
    return np.exp(Z - m - np.log(np.exp(Z - m).sum(1, keepdims=True)))


# logsumexp_rows ---------------------------------------------------------------------------------


@bank.wrong("logsumexp_rows", "no_shift", "log(sum(exp(F))) as it is written",
            "What does a computer make of exp(1000), and what can you take out of the sum?", LSE)
def _(F):
    return np.log(np.exp(np.asarray(F, dtype=float)).sum(axis=1))


@bank.wrong("logsumexp_rows", "shift_not_added_back", "the maximum subtracted, never added back",
            "Inside the logarithm you divided by exp(m). What does that do outside?", LSE)
def _(F):
    F = np.asarray(F, dtype=float)
    return np.log(np.exp(F - F.max(axis=1, keepdims=True)).sum(axis=1))


@bank.wrong("logsumexp_rows", "no_exp", "log of the sum of the logits themselves",
            "This is the loss as printed in S0, section 3. What if a row of logits sums to a "
            "negative number?", LSE)
def _(F):
    return np.log(np.asarray(F, dtype=float).sum(axis=1))


@bank.wrong("logsumexp_rows", "sum_of_logs", "the sum of log(exp(f)), which is the sum of f",
            "Is the logarithm of a sum the sum of the logarithms?", LSE)
def _(F):
    return np.asarray(F, dtype=float).sum(axis=1)


@bank.wrong("logsumexp_rows", "maximum_only", "the maximum alone",
            "The maximum is close when one logit stands out. And when two are equal?", LSE)
def _(F):
    return np.asarray(F, dtype=float).max(axis=1)


@bank.wrong("logsumexp_rows", "one_maximum", "one maximum for the whole batch",
            "What is left of exp(f - 900) in a row whose logits lie near -900?", LSE)
def _(F):
    F = np.asarray(F, dtype=float)
    m = F.max()
    return m + np.log(np.exp(F - m).sum(axis=1))


@bank.wrong("logsumexp_rows", "columns", "columns summed instead of rows",
            "One example is one row. Over which axis do its classes lie?", LSE)
def _(F):
    return logsumexp(np.asarray(F, dtype=float).T)


@bank.wrong("logsumexp_rows", "mean_not_sum", "the mean inside the logarithm",
            "By which number does a mean of K terms differ from their sum?", LSE)
def _(F):
    F = np.asarray(F, dtype=float)
    return logsumexp(F) - np.log(F.shape[1])


@bank.wrong("logsumexp_rows", "keeps_a_column", "shape (N, 1)",
            "One number per row: which shape is that?", LSE)
def _(F):
    return logsumexp(np.asarray(F, dtype=float))[:, None]


@bank.wrong("logsumexp_rows", "one_total", "one number for the whole batch",
            "One number per row: how many should there be?", LSE)
def _(F):
    return logsumexp(np.asarray(F, dtype=float).ravel())


@bank.wrong("logsumexp_rows", "no_keepdims",
            "row maxima of shape (N,) under a matrix of shape (N, K)",
            "Broadcasting lines up the last axes. With which axis of F does a vector of length N "
            "line up?", LSE)
def _(F):
    m = F.max(axis=1)
    return m + np.log(np.exp(F - m).sum(axis=1))


@bank.wrong("logsumexp_rows", "shift_subtracted_twice", "the maximum subtracted outside as well",
            "exp(f - m) is exp(f) / exp(m). Does its logarithm grow or shrink by m when you undo "
            "that?", LSE)
def _(F):
    return logsumexp(np.asarray(F, dtype=float)) - 2 * np.asarray(F, dtype=float).max(axis=1)


@bank.wrong("logsumexp_rows", "base_two", "logarithms to base 2",
            "exp has one inverse. Which logarithm is it?", LSE)
def _(F):
    m = F.max(axis=1)
    return m + np.log2(np.exp(F - m[:, None]).sum(axis=1))


@bank.wrong("logsumexp_rows", "no_log", "the sum of exponentials, without the logarithm",
            "Where is the logarithm?", LSE)
def _(F):
    return np.exp(np.asarray(F, dtype=float)).sum(axis=1)


for _small in (1e-6, 1e-8, 1e-10):
    @bank.wrong("logsumexp_rows", f"epsilon_{_small:g}", "a small constant inside the logarithm",
                "With the largest exponent equal to 0, can the sum be 0 at all?", LSE)
    def _(F, small=_small):
        m = F.max(axis=1)
        return m + np.log(np.exp(F - m[:, None]).sum(axis=1) + small)


@bank.wrong("logsumexp_rows", "log_one_plus", "log(1 + sum exp)",
            "log1p adds a 1 of its own. Whose logit would that be?", LSE)
def _(F):
    return np.log1p(np.exp(np.asarray(F, dtype=float)).sum(axis=1))


@bank.wrong("logsumexp_rows", "changes_argument", "F -= ..., which changes the caller's array",
            "Who else holds the array F?", LSE)
def _(F):
    if F.dtype != np.float64:
        F = F.astype(float)
    m = F.max(axis=1)
    F -= m[:, None]
    return m + np.log(np.exp(F).sum(axis=1))


@bank.wrong("logsumexp_rows", "stays_integer", "an output array with the dtype of the logits",
            "np.zeros_like of whole numbers holds whole numbers. What becomes of 0.3 in it?", LSE)
def _(F):
    out = np.zeros_like(F[:, 0])
    out[:] = logsumexp(F)
    return out


@bank.right("logsumexp_rows", "plain NumPy, in the precision of the input")
def _(F):
    return logsumexp(F)


@bank.wrong("logsumexp_rows", "all_pairs_of_rows", "an (N, N) array from (N, 1) and (N,)",
            "m has shape (N, 1), the logarithms have shape (N,). What does NumPy make of their "
            "sum?", LSE)
def _(F):
    F = np.asarray(F, dtype=float)
    m = F.max(axis=1, keepdims=True)
    return m + np.log(np.exp(F - m).sum(axis=1))


bank.habits("logsumexp_rows", lambda F: logsumexp(np.asarray(F, dtype=float)))


@bank.right("logsumexp_rows", "np.logaddexp.reduce")
def _(F):
    return np.logaddexp.reduce(np.asarray(F, dtype=float), axis=1)


@bank.right("logsumexp_rows", "loops")
def _(F):
    out = []
    for row in F:
        m = max(map(float, row))
        out.append(m + math.log(sum(math.exp(float(f) - m) for f in row)))
    return np.array(out)


@bank.right("logsumexp_rows", "squeeze")
def _(F):
    F = F.astype(float)
    m = F.max(1, keepdims=True)
    return np.squeeze(m + np.log(np.sum(np.exp(F - m), 1, keepdims=True)), axis=1)


# softmax_jacobian -------------------------------------------------------------------------------


@bank.wrong("softmax_jacobian", "diagonal_only", "diag(s (1 - s)), zeros elsewhere",
            "When one logit rises, its own probability rises. What happens to all the others?",
            JACOBIAN)
def _(z):
    s = softmax(z)
    return np.diag(s * (1 - s))


@bank.wrong("softmax_jacobian", "no_diagonal_term", "-s s^T alone",
            "When one logit rises, should its own probability fall?", JACOBIAN)
def _(z):
    s = softmax(z)
    return -np.outer(s, s)


@bank.wrong("softmax_jacobian", "plus", "diag(s) + s s^T",
            "The rows of a softmax always sum to 1. What must each row of J sum to, then?",
            JACOBIAN)
def _(z):
    s = softmax(z)
    return np.diag(s) + np.outer(s, s)


@bank.wrong("softmax_jacobian", "sign", "s s^T - diag(s)",
            "When one logit rises, does its own probability rise or fall?", JACOBIAN)
def _(z):
    s = softmax(z)
    return np.outer(s, s) - np.diag(s)


@bank.wrong("softmax_jacobian", "diagonal_twice", "diag(s (1 - s)) - s s^T",
            "The term -s_i s_i is in the outer product already. How often do you subtract it?",
            JACOBIAN)
def _(z):
    s = softmax(z)
    return np.diag(s * (1 - s)) - np.outer(s, s)


@bank.wrong("softmax_jacobian", "identity_minus", "I - s s^T",
            "What should stand on the diagonal before s_i^2 is taken away: 1, or s_i?", JACOBIAN)
def _(z):
    s = softmax(z)
    return np.eye(len(s)) - np.outer(s, s)


@bank.wrong("softmax_jacobian", "missing_factor", "-s_j off the diagonal, without the s_i",
            "The quotient rule leaves a square of the sum below. Which two exponentials stand "
            "above?", JACOBIAN)
def _(z):
    s = softmax(z)
    J = -np.tile(s, (len(s), 1))
    np.fill_diagonal(J, s * (1 - s))
    return J


@bank.wrong("softmax_jacobian", "log_softmax", "the Jacobian of log softmax, 1{i=j} - s_j",
            "This is d log s_i / d z_j. Which factor turns d log s into d s?", JACOBIAN)
def _(z):
    s = softmax(z)
    return np.eye(len(s)) - s[None, :]


@bank.wrong("softmax_jacobian", "log_softmax_transposed", "1{i=j} - s_i",
            "This resembles the derivative of log softmax. Which factor turns it into d s?",
            JACOBIAN)
def _(z):
    s = softmax(z)
    return np.eye(len(s)) - s[:, None]


@bank.wrong("softmax_jacobian", "logits_in_the_product", "diag(s) - s z^T",
            "Both factors of the outer product are the same vector. Which one?", JACOBIAN)
def _(z):
    s = softmax(z)
    return np.diag(s) - np.outer(s, z)


@bank.wrong("softmax_jacobian", "logits_in_the_product_first", "diag(s) - z s^T",
            "Both factors of the outer product are the same vector. Which one?", JACOBIAN)
def _(z):
    s = softmax(z)
    return np.diag(s) - np.outer(z, s)


@bank.wrong("softmax_jacobian", "one_minus_everywhere", "s_i (1 - s_j) in every entry",
            "The 1 belongs to i = j alone. What does s_i do when another logit rises?", JACOBIAN)
def _(z):
    s = softmax(z)
    return np.outer(s, 1 - s)


@bank.wrong("softmax_jacobian", "both_one_minus", "s_i (1 - s_i) on the diagonal, s_i (1 - s_j) "
            "off it, with the sign flipped",
            "Which two factors stand in the off-diagonal entries?", JACOBIAN)
def _(z):
    s = softmax(z)
    J = -np.outer(s, 1 - s)
    np.fill_diagonal(J, s * (1 - s))
    return J


@bank.wrong("softmax_jacobian", "diagonal_of_logits", "diag(z) - s s^T",
            "What stands on the diagonal before s_i^2 is taken away: a logit, or a probability?",
            JACOBIAN)
def _(z):
    s = softmax(z)
    return np.diag(z) - np.outer(s, s)


@bank.wrong("softmax_jacobian", "softmax_twice", "softmax applied to the probabilities again",
            "z holds logits. How often should softmax be applied to them?", JACOBIAN)
def _(z):
    s = softmax(softmax(z))
    return np.diag(s) - np.outer(s, s)


@bank.wrong("softmax_jacobian", "logits_for_probabilities", "diag(z) - z z^T",
            "The formula is written in s. What is s, given z?", JACOBIAN)
def _(z):
    z = np.asarray(z, dtype=float)
    return np.diag(z) - np.outer(z, z)


@bank.wrong("softmax_jacobian", "not_normalised", "exponentials never divided by their sum",
            "What should s sum to before it goes into the formula?", JACOBIAN)
def _(z):
    e = np.exp(z - np.max(z))
    return np.diag(e) - np.outer(e, e)


@bank.wrong("softmax_jacobian", "vector_of_slopes", "s (1 - s), a vector",
            "K outputs and K inputs: how many partial derivatives are there?", JACOBIAN)
def _(z):
    s = softmax(z)
    return s * (1 - s)


@bank.wrong("softmax_jacobian", "inner_product", "diag(s) minus the number s . s",
            "s @ s is one number, np.outer(s, s) a matrix. Which one does the formula need?",
            JACOBIAN)
def _(z):
    s = softmax(z)
    return np.diag(s) - s @ s


@bank.wrong("softmax_jacobian", "elementwise_square", "diag(s) - diag(s^2) spread by broadcasting",
            "s * s multiplies entry by entry. Which product pairs every i with every j?", JACOBIAN)
def _(z):
    s = softmax(z)
    return np.diag(s) - s * s


@bank.wrong("softmax_jacobian", "central_differences", "central differences",
            "The differences are right to about ten digits. What does the formula give?", JACOBIAN)
def _(z):
    z = np.asarray(z, dtype=float)
    eps = 1e-6
    step = eps * np.eye(len(z))
    return ((softmax(z + step) - softmax(z - step)) / (2 * eps)).T


@bank.wrong("softmax_jacobian", "forward_differences", "forward differences",
            "How large is the error of a one-sided difference? The formula has none.", JACOBIAN)
def _(z):
    z = np.asarray(z, dtype=float)
    eps = 1e-7
    return ((softmax(z + eps * np.eye(len(z))) - softmax(z)) / eps).T


@bank.wrong("softmax_jacobian", "no_shift", "a softmax that overflows",
            "What does a computer make of exp(1000)?", STABLE)
def _(z):
    e = np.exp(np.asarray(z, dtype=float))
    s = e / e.sum()
    return np.diag(s) - np.outer(s, s)


@bank.wrong("softmax_jacobian", "changes_argument", "a softmax that changes the caller's array",
            "Who else holds the array z?", STABLE)
def _(z):
    if z.dtype != np.float64:
        z = z.astype(float)
    z -= z.max()
    s = softmax(z)
    return np.diag(s) - np.outer(s, s)


@bank.wrong("softmax_jacobian", "stays_integer", "an output array with the dtype of the logits",
            "np.zeros_like of whole numbers holds whole numbers. What becomes of 0.3 in it?",
            JACOBIAN)
def _(z):
    s = softmax(z)
    J = np.zeros((len(z), len(z)), dtype=np.asarray(z).dtype)
    J[:] = np.diag(s) - np.outer(s, s)
    return J


def _jacobian(z):
    s = softmax(np.asarray(z, dtype=float))
    return np.diag(s) - np.outer(s, s)


@bank.right("softmax_jacobian", "plain NumPy, in the precision of the input")
def _(z):
    s = softmax(z)
    return np.diag(s) - np.outer(s, s)


@bank.wrong("softmax_jacobian", "plus_off_diagonal", "+s_i s_j off the diagonal",
            "When one logit rises, do the other probabilities rise or fall?", JACOBIAN)
def _(z):
    s = softmax(z)
    J = np.outer(s, s)
    np.fill_diagonal(J, s * (1 - s))
    return J


bank.habits("softmax_jacobian", _jacobian)


@bank.right("softmax_jacobian", "two loops")
def _(z):
    s = [float(v) for v in softmax(np.asarray(z, dtype=float))]
    K = len(s)
    return np.array([[s[i] * ((i == j) - s[j]) for j in range(K)] for i in range(K)])


@bank.right("softmax_jacobian", "einsum")
def _(z):
    s = softmax(z.astype(float))
    return np.einsum("i,ij->ij", s, np.eye(s.size)) - np.einsum("i,j->ij", s, s)


@bank.right("softmax_jacobian", "s_i (delta - s_j), broadcast")
def _(z):
    s = softmax(z.astype(float))
    return s[:, None] * (np.eye(len(s)) - s[None, :])


@bank.right("softmax_jacobian", "fill the diagonal")
def _(z):
    s = softmax(z.astype(float)).reshape(-1, 1)
    J = -(s @ s.T)
    np.fill_diagonal(J, (s * (1 - s)).ravel())
    return J


# softmax_jacobian_batch -------------------------------------------------------------------------


@bank.wrong("softmax_jacobian_batch", "diagonal_only", "diagonals s (1 - s), zeros elsewhere",
            "What happens to the other probabilities when one logit rises?", JACOBIAN)
def _(Z):
    S = softmax(Z)
    return (S * (1 - S))[:, :, None] * np.eye(S.shape[1])


@bank.wrong("softmax_jacobian_batch", "no_diagonal_term", "-s s^T alone",
            "When one logit rises, should its own probability fall?", JACOBIAN)
def _(Z):
    S = softmax(Z)
    return -S[:, :, None] * S[:, None, :]


@bank.wrong("softmax_jacobian_batch", "plus", "diag(s) + s s^T",
            "What must each row of a Jacobian of probabilities sum to?", JACOBIAN)
def _(Z):
    S = softmax(Z)
    return S[:, :, None] * np.eye(S.shape[1]) + S[:, :, None] * S[:, None, :]


@bank.wrong("softmax_jacobian_batch", "sign", "s s^T - diag(s)",
            "When one logit rises, does its own probability rise or fall?", JACOBIAN)
def _(Z):
    S = softmax(Z)
    return S[:, :, None] * S[:, None, :] - S[:, :, None] * np.eye(S.shape[1])


@bank.wrong("softmax_jacobian_batch", "identity_minus", "I - s s^T",
            "What should stand on the diagonal before s_i^2 is taken away?", JACOBIAN)
def _(Z):
    S = softmax(Z)
    return np.eye(S.shape[1]) - S[:, :, None] * S[:, None, :]


@bank.wrong("softmax_jacobian_batch", "logits_in_the_product", "diag(s) - s z^T",
            "Both factors of the outer product are the same vector. Which one?", JACOBIAN)
def _(Z):
    S = softmax(Z)
    return S[:, :, None] * np.eye(S.shape[1]) - S[:, :, None] * Z[:, None, :]


@bank.wrong("softmax_jacobian_batch", "one_minus_everywhere", "s_i (1 - s_j) in every entry",
            "The 1 belongs to i = j alone. What does s_i do when another logit rises?", JACOBIAN)
def _(Z):
    S = softmax(Z)
    return S[:, :, None] * (1 - S)[:, None, :]


@bank.wrong("softmax_jacobian_batch", "one_softmax", "one softmax over the whole batch",
            "Which entries compete for probability: those of a row, or all?", ROWS)
def _(Z):
    S = softmax(Z.ravel()).reshape(Z.shape)
    return S[:, :, None] * np.eye(S.shape[1]) - S[:, :, None] * S[:, None, :]


@bank.wrong("softmax_jacobian_batch", "vectors_of_slopes", "s (1 - s), shape (N, K)",
            "K outputs and K inputs for each example: how many partial derivatives are there?",
            JACOBIAN)
def _(Z):
    S = softmax(Z)
    return S * (1 - S)


@bank.wrong("softmax_jacobian_batch", "summed", "the Jacobians of all examples summed",
            "One Jacobian per example: how many axes does the answer have?", BATCH)
def _(Z):
    S = softmax(Z)
    return np.diag(S.sum(axis=0)) - S.T @ S


@bank.wrong("softmax_jacobian_batch", "first_for_all", "the first example's Jacobian for all",
            "Which example's probabilities does each layer of your answer use?", BATCH)
def _(Z):
    return np.stack([_jacobian(Z[0])] * len(Z))


@bank.wrong("softmax_jacobian_batch", "columns", "softmax over columns",
            "One example is one row. Along which axis do its classes lie?", ROWS)
def _(Z):
    Z = np.asarray(Z, dtype=float)
    S = softmax(Z.T).T
    return S[:, :, None] * np.eye(S.shape[1]) - S[:, :, None] * S[:, None, :]


@bank.wrong("softmax_jacobian_batch", "one_index_twice", "s_j s_j instead of s_i s_j",
            "Which of the two factors has to change along the rows of J, which along the columns?",
            BATCH)
def _(Z):
    S = softmax(np.asarray(Z, dtype=float))
    return S[:, None, :] * np.eye(S.shape[1]) - S[:, None, :] * S[:, None, :]


@bank.wrong("softmax_jacobian_batch", "examples_last", "shape (K, K, N)",
            "Which axis should number the examples?", BATCH)
def _(Z):
    return np.stack([_jacobian(z) for z in Z], axis=-1)


@bank.wrong("softmax_jacobian_batch", "no_shift", "a softmax that overflows",
            "What does a computer make of exp(1000)?", STABLE)
def _(Z):
    E = np.exp(np.asarray(Z, dtype=float))
    S = E / E.sum(axis=1, keepdims=True)
    return S[:, :, None] * np.eye(S.shape[1]) - S[:, :, None] * S[:, None, :]


@bank.wrong("softmax_jacobian_batch", "changes_argument", "a softmax that changes the caller's Z",
            "Who else holds the array Z?", ROWS)
def _(Z):
    if Z.dtype != np.float64:
        Z = Z.astype(float)
    Z -= Z.max(axis=1, keepdims=True)
    return np.stack([_jacobian(z) for z in Z])


@bank.wrong("softmax_jacobian_batch", "stays_integer", "an output array with the dtype of Z",
            "np.zeros of whole numbers holds whole numbers. What becomes of 0.3 in it?", BATCH)
def _(Z):
    J = np.zeros((*Z.shape, Z.shape[1]), dtype=Z.dtype)
    for n, z in enumerate(Z):
        J[n] = _jacobian(z)
    return J


@bank.right("softmax_jacobian_batch", "plain NumPy, in the precision of the input")
def _(Z):
    S = softmax(Z)
    return S[:, :, None] * np.eye(S.shape[1], dtype=S.dtype) - S[:, :, None] * S[:, None, :]


bank.habits("softmax_jacobian_batch", lambda Z: np.stack([_jacobian(z) for z in Z]))


@bank.right("softmax_jacobian_batch", "a loop over examples")
def _(Z):
    return [_jacobian(z) for z in Z]


@bank.right("softmax_jacobian_batch", "einsum")
def _(Z):
    S = softmax(Z.astype(float))
    return np.einsum("ni,ij->nij", S, np.eye(S.shape[1])) - np.einsum("ni,nj->nij", S, S)


@bank.right("softmax_jacobian_batch", "matmul and a written diagonal")
def _(Z):
    S = softmax(Z.astype(float))
    J = -np.matmul(S[:, :, None], S[:, None, :])
    K = np.arange(S.shape[1])
    J[:, K, K] += S
    return J


# softmax_vjp ------------------------------------------------------------------------------------


@bank.wrong("softmax_vjp", "first_term_only", "s * v",
            "That is the first of the two terms. When one logit rises, its own probability rises; "
            "what happens to all the others, and which term says so?", JACOBIAN)
def _(z, v):
    return softmax(z) * v


@bank.wrong("softmax_vjp", "second_term_only", "-s (s . v)",
            "That is the second of the two terms. What does the diagonal of J contribute?", VJP)
def _(z, v):
    s = softmax(z)
    return -s * (s @ v)


@bank.wrong("softmax_vjp", "minus_s", "s * v - s",
            "s^T v is a number that depends on v. Where has it gone?", VJP)
def _(z, v):
    s = softmax(z)
    return s * v - s


@bank.wrong("softmax_vjp", "plain_sum", "s * (v - sum(v))",
            "Is s^T v the sum of v, or a weighted sum?", VJP)
def _(z, v):
    return softmax(z) * (v - np.sum(v))


@bank.wrong("softmax_vjp", "plain_mean", "s * (v - mean(v))",
            "s^T v is an average of v. With which weights?", VJP)
def _(z, v):
    return softmax(z) * (v - np.mean(v))


@bank.wrong("softmax_vjp", "diagonal_only", "s (1 - s) * v",
            "This uses the diagonal of J alone. What do the other entries do?", JACOBIAN)
def _(z, v):
    s = softmax(z)
    return s * (1 - s) * v


@bank.wrong("softmax_vjp", "sign", "the sign flipped",
            "Take v = e_i. Does raising z_i raise or lower s_i?", VJP)
def _(z, v):
    s = softmax(z)
    return s * (s @ v - v)


@bank.wrong("softmax_vjp", "plus", "s * (v + s . v)",
            "Push all of v up by one constant. Should anything change?", VJP)
def _(z, v):
    s = softmax(z)
    return s * (v + s @ v)


@bank.wrong("softmax_vjp", "first_row", "the first row of J, entry by entry times v",
            "Each entry of J^T v gathers a whole column of J. Which rows does yours use?", VJP)
def _(z, v):
    return _jacobian(z)[0] * v


@bank.wrong("softmax_vjp", "first_row_dotted", "the first row of J, dotted with v",
            "One gradient entry per logit: how many numbers should come back?", VJP)
def _(z, v):
    return _jacobian(z)[0] @ v


@bank.wrong("softmax_vjp", "not_summed", "J * v, which multiplies entry by entry",
            "A matrix times a vector: which operator sums along the rows?", VJP)
def _(z, v):
    return _jacobian(z) * v


@bank.wrong("softmax_vjp", "logits_in_the_dot", "s * (v - z . v)",
            "The average of v has weights that sum to 1. Are these the logits?", VJP)
def _(z, v):
    return softmax(z) * (v - z @ v)


@bank.wrong("softmax_vjp", "diagonal_and_product", "s (1 - s) v - s (s . v)",
            "The term -s_i s_i v_i is in the second sum already. How often do you subtract it?",
            VJP)
def _(z, v):
    s = softmax(z)
    return s * (1 - s) * v - s * (s @ v)


@bank.wrong("softmax_vjp", "forgets_factor", "v - s . v, without the factor s",
            "Which factor is common to both terms of J^T v?", VJP)
def _(z, v):
    return v - softmax(z) @ v


@bank.wrong("softmax_vjp", "subtracted_outside", "s * v - s . v",
            "The second term is s times a number, not the number alone. Where does the bracket "
            "open?", VJP)
def _(z, v):
    s = softmax(z)
    return s * v - s @ v


@bank.wrong("softmax_vjp", "log_softmax", "the VJP of log softmax, v - s sum(v)",
            "This carries a gradient back through log softmax. Which function did you mean?", VJP)
def _(z, v):
    return v - softmax(z) * np.sum(v)


@bank.wrong("softmax_vjp", "elementwise", "s * (v - s * v)",
            "s * v is a vector, s @ v a number. Which one does s s^T v need?", VJP)
def _(z, v):
    s = softmax(z)
    return s * (v - s * v)


@bank.wrong("softmax_vjp", "probabilities_for_logits", "z taken for probabilities already",
            "z holds logits. What is s, given z?", VJP)
def _(z, v):
    z = np.asarray(z, dtype=float)
    return z * (v - z @ v)


@bank.wrong("softmax_vjp", "softmax_twice", "softmax applied twice",
            "z holds logits. How often should softmax be applied to them?", VJP)
def _(z, v):
    s = softmax(softmax(z))
    return s * (v - s @ v)


@bank.wrong("softmax_vjp", "scalar", "s . v alone",
            "One gradient entry per logit: how many numbers should come back?", VJP)
def _(z, v):
    return softmax(z) @ v


@bank.wrong("softmax_vjp", "no_shift", "a softmax that overflows",
            "What does a computer make of exp(1000)?", STABLE)
def _(z, v):
    e = np.exp(np.asarray(z, dtype=float))
    s = e / e.sum()
    return s * (v - s @ v)


@bank.wrong("softmax_vjp", "changes_argument", "v -= ..., which changes the caller's array",
            "Who else holds the array v?", VJP)
def _(z, v):
    s = softmax(np.asarray(z, dtype=float))
    if v.dtype != np.float64:
        v = v.astype(float)
    v -= s @ v
    return s * v


@bank.wrong("softmax_vjp", "stays_integer", "an output array with the dtype of v",
            "np.zeros_like of whole numbers holds whole numbers. What becomes of 0.3 in it?", VJP)
def _(z, v):
    s = softmax(z)
    out = np.zeros_like(v)
    out[:] = s * (v - s @ v)
    return out


def _vjp(z, v):
    s = softmax(np.asarray(z, dtype=float))
    return s * (np.asarray(v, dtype=float) - s @ v)


@bank.right("softmax_vjp", "plain NumPy, in the precision of the input")
def _(z, v):
    s = softmax(z)
    return s * (v - s @ v)


@bank.wrong("softmax_vjp", "factor_on_one_term", "v - s (s . v), with s on the second term only",
            "Which factor is common to both terms of J^T v?", VJP)
def _(z, v):
    s = softmax(z)
    return v - s * (s @ v)


bank.habits("softmax_vjp", _vjp)


@bank.right("softmax_vjp", "through the Jacobian")
def _(z, v):
    return _jacobian(z).T @ v.astype(float)


@bank.right("softmax_vjp", "einsum")
def _(z, v):
    s, v = softmax(z.astype(float)), v.astype(float)
    return np.einsum("k,k->k", s, v) - np.einsum("j,j,k->k", s, v, s)


@bank.right("softmax_vjp", "loops")
def _(z, v):
    s = [float(x) for x in softmax(z.astype(float))]
    total = sum(a * float(b) for a, b in zip(s, v, strict=True))
    return np.array([a * (float(b) - total) for a, b in zip(s, v, strict=True)])


# one_hot ----------------------------------------------------------------------------------------


@bank.wrong("one_hot", "counts_from_one", "labels counted from 1",
            "Labels here run from 0 to K-1. Which column belongs to label 0?", LABELS)
def _(y, K):
    return hot(np.asarray(y) - 1, K)


@bank.wrong("one_hot", "wraps_around", "labels counted from 1, with -1 as the last column",
            "Labels here run from 0 to K-1. What does the index -1 mean to NumPy?", LABELS)
def _(y, K):
    return np.eye(K)[np.asarray(y) - 1]


@bank.wrong("one_hot", "transposed", "shape (K, N)",
            "One example is one row. Which axis numbers the examples?", LABELS)
def _(y, K):
    return hot(y, K).T


@bank.wrong("one_hot", "own_class_count", "as many columns as the largest label needs",
            "What if the last class does not occur in this batch?", LABELS)
def _(y, K):
    return hot(y, int(np.max(y)) + 1)


@bank.wrong("one_hot", "single_precision", "float32 instead of float64",
            "Which dtype does the contract ask for, and which does np.zeros give by itself?",
            LABELS)
def _(y, K):
    return hot(y, K).astype(np.float32)


@bank.wrong("one_hot", "inverted", "0 at the label, 1 elsewhere",
            "Which single entry of a row is to be 1?", LABELS)
def _(y, K):
    return 1.0 - hot(y, K)


@bank.wrong("one_hot", "flat", "one long row",
            "One row per example: how many axes has the answer?", LABELS)
def _(y, K):
    return hot(y, K).ravel()


@bank.wrong("one_hot", "too_many_columns", "K + 1 columns",
            "Labels run from 0 to K-1. How many are these?", LABELS)
def _(y, K):
    return hot(y, K + 1)


@bank.wrong("one_hot", "rows_of_too_small_an_identity",
            "rows of an identity with as many columns as labels that occur",
            "A class may be missing from y. Which argument says how many there are?", LABELS)
def _(y, K):
    return np.eye(len(set(y.tolist())))[y]


@bank.wrong("one_hot", "distinct_labels", "one column per label that occurs",
            "What if a class does not occur in this batch?", LABELS)
def _(y, K):
    classes = np.unique(y)
    return (np.asarray(y)[:, None] == classes).astype(float)


@bank.wrong("one_hot", "whole_columns", "E[:, y] = 1, which fills whole columns",
            "E[:, y] takes every row. How do you pick one row with one column?", LABELS)
def _(y, K):
    E = np.zeros((len(y), K))
    E[:, y] = 1.0
    return E


@bank.wrong("one_hot", "identity", "the first N rows of an identity matrix",
            "Where do the labels enter?", LABELS)
def _(y, K):
    return np.eye(len(y), K)


@bank.wrong("one_hot", "label_value", "the label itself instead of 1",
            "Row n should say which class it is by the place, not by the number. What stands "
            "there for label 0?", LABELS)
def _(y, K):
    return hot(y, K) * np.asarray(y)[:, None]


@bank.wrong("one_hot", "integers", "whole numbers instead of float64",
            "These rows will be subtracted from probabilities. Which dtype does the contract ask "
            "for?", LABELS)
def _(y, K):
    return hot(y, K).astype(int)


@bank.wrong("one_hot", "booleans", "True and False instead of 1.0 and 0.0",
            "NumPy cannot subtract booleans. Which dtype does the contract ask for?", LABELS)
def _(y, K):
    return hot(y, K).astype(bool)


@bank.wrong("one_hot", "changes_labels", "y -= ..., which changes the caller's labels",
            "Who else holds the array y?", LABELS)
def _(y, K):
    E = hot(y, K)
    y -= y
    return E


@bank.wrong("one_hot", "whole_rows", "E[y] = 1, which fills whole rows",
            "E[y] takes row number y. How do you pick one row with one column?", LABELS)
def _(y, K):
    E = np.zeros((len(y), K))
    E[y] = 1.0
    return E


bank.habits("one_hot", lambda y, K: hot(y, K))


@bank.right("one_hot", "rows of the identity")
def _(y, K):
    return np.eye(K)[y]


@bank.right("one_hot", "index pairs")
def _(y, K):
    E = np.zeros((len(y), K))
    E[np.arange(len(y)), y] = 1.0
    return E


@bank.right("one_hot", "nested lists")
def _(y, K):
    return np.array([[1.0 if k == label else 0.0 for k in range(K)] for label in y])


@bank.right("one_hot", "put_along_axis")
def _(y, K):
    E = np.zeros((y.shape[0], K), dtype=np.float64)
    np.put_along_axis(E, y.reshape(-1, 1), 1.0, axis=1)
    return E


# log_likelihood ---------------------------------------------------------------------------------


@bank.wrong("log_likelihood", "mean", "the mean instead of the sum",
            "Is the likelihood of all examples a product, or an average?", LIKELIHOOD)
def _(P, y):
    return np.log(picked(P, y)).mean()


@bank.wrong("log_likelihood", "sign", "the negative log-likelihood",
            "A log-likelihood of probabilities below 1: positive or negative?", LIKELIHOOD)
def _(P, y):
    return -np.log(picked(P, y)).sum()


@bank.wrong("log_likelihood", "all_classes", "the logarithms of all classes",
            "Which entry of a row tells how likely the class that occurred was?", LIKELIHOOD)
def _(P, y):
    return np.log(P).sum()


@bank.wrong("log_likelihood", "log_of_sum", "the logarithm of the sum",
            "Independent examples multiply. What does the logarithm make of a product?", LIKELIHOOD)
def _(P, y):
    return np.log(picked(P, y).sum())


@bank.wrong("log_likelihood", "no_log", "the probabilities summed without a logarithm",
            "Where is the logarithm?", LIKELIHOOD)
def _(P, y):
    return picked(P, y).sum()


@bank.wrong("log_likelihood", "product_first", "the logarithm of the product",
            "How small is the product of a thousand probabilities, and what is the smallest "
            "float?", LIKELIHOOD)
def _(P, y):
    return np.log(np.prod(picked(P, y)))


@bank.wrong("log_likelihood", "zero_times_log_zero", "one-hot times log P, summed over everything",
            "What does 0 * log(0) give in floating point, and do you need those entries?",
            LIKELIHOOD)
def _(P, y):
    return (hot(y, P.shape[1]) * np.log(P)).sum()


SMALL = (1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16)  # constants for safety

for _small in SMALL:
    @bank.wrong("log_likelihood", f"epsilon_{_small:g}",
                "a small constant inside the logarithm",
                "The constant protects from log(0), but what does it do to a probability of "
                "1e-30?", LIKELIHOOD)
    def _(P, y, small=_small):
        return np.log(picked(P, y) + small).sum()


for _small in SMALL[:7]:
    @bank.wrong("log_likelihood", f"clipped_{_small:g}", "probabilities cut off from below",
                "What becomes of a probability smaller than the cut?", LIKELIHOOD)
    def _(P, y, small=_small):
        return np.log(np.clip(picked(P, y), small, 1.0)).sum()


for _small in (1e-8, 1e-10, 1e-12):
    @bank.wrong("log_likelihood", f"mean_epsilon_{_small:g}",
                "the mean instead of the sum, and a small constant inside the logarithm",
                "Is the likelihood of all examples a product, or an average? And what does the "
                "constant do to a probability of 1e-30?", LIKELIHOOD)
    def _(P, y, small=_small):
        return np.log(picked(P, y) + small).mean()

    @bank.wrong("log_likelihood", f"sign_epsilon_{_small:g}",
                "the negative log-likelihood, with a small constant inside the logarithm",
                "A log-likelihood of probabilities below 1: positive or negative? And what does "
                "the constant do to a probability of 1e-30?", LIKELIHOOD)
    def _(P, y, small=_small):
        return -np.log(picked(P, y) + small).sum()


@bank.wrong("log_likelihood", "whole_rows", "P[y], which picks whole rows",
            "P[y] takes row number y. How do you pick one entry of each row?", LIKELIHOOD)
def _(P, y):
    return np.log(P[y]).sum()


@bank.wrong("log_likelihood", "one_minus", "1 - p, not a logarithm",
            "Independent examples multiply. Which function turns a product into a sum?", LIKELIHOOD)
def _(P, y):
    return (1 - picked(P, y)).sum()


@bank.wrong("log_likelihood", "binary", "log p of the label and log(1 - p) of every other class",
            "That is the likelihood of K separate yes-or-no questions. How many questions does "
            "one label answer?", LIKELIHOOD)
def _(P, y):
    E = hot(y, P.shape[1]) == 1
    return np.log(np.where(E, P, 1 - P)).sum()


@bank.wrong("log_likelihood", "entropy", "p log p",
            "Are the examples weighted in a likelihood?", LIKELIHOOD)
def _(P, y):
    return (picked(P, y) * np.log(picked(P, y))).sum()


@bank.wrong("log_likelihood", "first_column", "log of column number y of the first row",
            "Which row belongs to example n?", LIKELIHOOD)
def _(P, y):
    return np.log(P[0, y]).sum()


@bank.wrong("log_likelihood", "base_two", "logarithms to base 2",
            "Which logarithm do the derivatives of this chapter need?", LIKELIHOOD)
def _(P, y):
    return np.log2(picked(P, y)).sum()


@bank.wrong("log_likelihood", "counts_from_one", "labels counted from 1",
            "Labels here run from 0 to K-1. What does the index -1 mean to NumPy?", LABELS)
def _(P, y):
    return np.log(picked(P, np.asarray(y) - 1)).sum()


@bank.wrong("log_likelihood", "per_example", "one number per example",
            "The likelihood of all examples together is one number. What is missing?", LIKELIHOOD)
def _(P, y):
    return np.log(picked(P, y))


@bank.wrong("log_likelihood", "changes_argument", "zeros of P replaced in the caller's array",
            "Who else holds the array P? And do you need those entries at all?", LIKELIHOOD)
def _(P, y):
    P[P == 0.0] = 1.0
    return (hot(y, P.shape[1]) * np.log(P)).sum()


@bank.wrong("log_likelihood", "all_pairs", "P[:, y], which pairs every row with every label",
            "P[:, y] takes whole columns. How do you pick one entry per row?", LIKELIHOOD)
def _(P, y):
    return np.log(P[:, y]).sum()


@bank.wrong("log_likelihood", "base_ten", "logarithms to base 10",
            "Which logarithm do the derivatives of this chapter need?", LIKELIHOOD)
def _(P, y):
    return np.log10(picked(P, y)).sum()


bank.habits("log_likelihood", lambda P, y: float(np.log(picked(P, y)).sum()), array=False)


@bank.right("log_likelihood", "index pairs")
def _(P, y):
    return float(np.sum(np.log(P[np.arange(len(y)), y])))


@bank.right("log_likelihood", "math.log in a loop")
def _(P, y):
    return math.fsum(math.log(P[n, k]) for n, k in enumerate(y))


@bank.right("log_likelihood", "take_along_axis, a 0-d array")
def _(P, y):
    return np.asarray(np.log(np.take_along_axis(P, y[:, None], axis=1)).sum())


# nll --------------------------------------------------------------------------------------------


@bank.wrong("nll", "mean", "the mean instead of the sum",
            "The contract of this chapter: sum, or mean?", LOSS)
def _(F, y):
    return (logsumexp(F) - picked(F, y)).mean()


@bank.wrong("nll", "sign", "the sign flipped",
            "-log of a probability: positive or negative?", LOSS)
def _(F, y):
    return (picked(F, y) - logsumexp(F)).sum()


@bank.wrong("nll", "no_exp", "log of the sum of the logits, as printed in S0, section 3",
            "Add 7 to all logits. Should the loss change? Try it on this formula.", LOSS)
def _(F, y):
    F = np.asarray(F, dtype=float)
    return (np.log(F.sum(axis=1)) - picked(F, y)).sum()


@bank.wrong("nll", "no_normaliser", "-f_y alone",
            "Raise every logit by 1. Should the loss fall?", LOSS)
def _(F, y):
    return -picked(np.asarray(F, dtype=float), y).sum()


@bank.wrong("nll", "normaliser_only", "log-sum-exp alone",
            "Where do the labels enter?", LOSS)
def _(F, y):
    return logsumexp(F).sum()


@bank.wrong("nll", "log_of_probability", "log(softmax), with a probability that rounds to 0",
            "A probability of e^-2000 is 0 in floating point. What is its logarithm then?", LOSS)
def _(F, y):
    return -np.log(picked(softmax(np.asarray(F, dtype=float)), y)).sum()


@bank.wrong("nll", "no_shift", "exp of the logits as they come",
            "What does a computer make of exp(1000)?", LSE)
def _(F, y):
    F = np.asarray(F, dtype=float)
    return (np.log(np.exp(F).sum(axis=1)) - picked(F, y)).sum()


@bank.wrong("nll", "one_maximum", "one maximum for the whole batch",
            "What is left of exp(f - 900) in a row whose logits lie near -900?", LSE)
def _(F, y):
    F = np.asarray(F, dtype=float)
    m = F.max()
    return (m + np.log(np.exp(F - m).sum(axis=1)) - picked(F, y)).sum()


for _small in SMALL:
    @bank.wrong("nll", f"epsilon_{_small:g}", "a small constant inside the logarithm",
                "The constant protects from log(0), but which loss does it give a probability of "
                "e^-2000?", LOSS)
    def _(F, y, small=_small):
        return -np.log(picked(softmax(np.asarray(F, dtype=float)), y) + small).sum()


for _small in SMALL[:7]:
    @bank.wrong("nll", f"clipped_{_small:g}", "probabilities cut off from below",
                "Which loss does a probability of e^-2000 get after the cut?", LOSS)
    def _(F, y, small=_small):
        return -np.log(np.clip(picked(softmax(np.asarray(F, dtype=float)), y), small, 1)).sum()


for _small in (1e-8, 1e-10, 1e-12):
    @bank.wrong("nll", f"mean_epsilon_{_small:g}",
                "the mean instead of the sum, and a small constant inside the logarithm",
                "The contract of this chapter: sum, or mean? And which loss does the constant give "
                "a probability of e^-2000?", LOSS)
    def _(F, y, small=_small):
        return -np.log(picked(softmax(np.asarray(F, dtype=float)), y) + small).mean()


@bank.wrong("nll", "one_minus", "1 - p, not -log p",
            "Which loss does the likelihood give a probability near 0: one near 1, or a large "
            "one?", LOSS)
def _(F, y):
    return (1 - picked(softmax(F), y)).sum()


@bank.wrong("nll", "no_log", "-p, without the logarithm",
            "Where is the logarithm?", LOSS)
def _(F, y):
    return -picked(softmax(F), y).sum()


@bank.wrong("nll", "binary", "-log p of the label and -log(1 - p) of every other class",
            "That is the loss of K separate yes-or-no questions. How many questions does one label "
            "answer?", LOSS)
def _(F, y):
    P, E = softmax(np.asarray(F, dtype=float)), hot(y, F.shape[1]) == 1
    return -np.log(np.where(E, P, 1 - P)).sum()


@bank.wrong("nll", "mean_of_entries", "divided by N K",
            "The contract of this chapter: sum, or mean?", LOSS)
def _(F, y):
    return (logsumexp(F) - picked(F, y)).sum() / np.size(F)


@bank.wrong("nll", "shift_lost", "the maximum subtracted inside and never added back",
            "Inside the logarithm you divided by exp(m). What does that do outside?", LSE)
def _(F, y):
    return (logsumexp(F) - F.max(axis=1) - picked(F, y)).sum()


@bank.wrong("nll", "classes_up_to_the_largest_label",
            "as many classes as the largest label of the batch says",
            "A batch need not contain every class. Which argument tells how many there are?", LOSS)
def _(F, y):
    return (logsumexp(F) - (np.eye(np.max(y) + 1)[y] * F).sum(axis=1)).sum()


@bank.wrong("nll", "no_keepdims", "row maxima of shape (N,) under a matrix of shape (N, K)",
            "Broadcasting lines up the last axes. With which axis of F does a vector of length N "
            "line up?", LSE)
def _(F, y):
    m = F.max(axis=1)
    return (m + np.log(np.exp(F - m).sum(axis=1)) - picked(F, y)).sum()


@bank.wrong("nll", "one_softmax", "one softmax over the whole batch",
            "Which entries compete for probability: those of a row, or all?", ROWS)
def _(F, y):
    return -np.log(picked(softmax(F.ravel()).reshape(F.shape), y)).sum()


@bank.wrong("nll", "zero_times_log_zero", "one-hot times log softmax",
            "What does 0 * log(0) give in floating point?", LOSS)
def _(F, y):
    return -(hot(y, F.shape[1]) * np.log(softmax(np.asarray(F, dtype=float)))).sum()


@bank.wrong("nll", "per_example", "one number per example",
            "The loss of the batch is one number. What is missing?", LOSS)
def _(F, y):
    return logsumexp(F) - picked(F, y)


@bank.wrong("nll", "counts_from_one", "labels counted from 1",
            "Labels here run from 0 to K-1. What does the index -1 mean to NumPy?", LABELS)
def _(F, y):
    return (logsumexp(F) - picked(F, np.asarray(y) - 1)).sum()


@bank.wrong("nll", "columns", "softmax over columns",
            "One example is one row. Along which axis do its classes lie?", ROWS)
def _(F, y):
    L = F - logsumexp(F.T)[None, :]
    return -picked(L, y).sum()


@bank.wrong("nll", "all_pairs", "F[:, y], which pairs every row with every label",
            "F[:, y] takes whole columns. How do you pick one entry per row?", LOSS)
def _(F, y):
    return (logsumexp(F) - F[:, y].sum(axis=1)).sum()


@bank.wrong("nll", "base_two", "logarithms to base 2",
            "Which logarithm does the gradient p - e_y belong to?", LOSS)
def _(F, y):
    return (logsumexp(F) - picked(F, y)).sum() / np.log(2)


@bank.wrong("nll", "squared_error", "squared distance to the one-hot rows",
            "This is the loss of a regression. Which loss does a likelihood give?", LOSS)
def _(F, y):
    return ((softmax(F) - hot(y, F.shape[1])) ** 2).sum()


@bank.wrong("nll", "all_classes", "-log of every class",
            "Which entry of a row tells how likely the class that occurred was?", LOSS)
def _(F, y):
    return (logsumexp(F)[:, None] - F).sum()


@bank.wrong("nll", "changes_argument", "F -= ..., which changes the caller's array",
            "Who else holds the array F?", LOSS)
def _(F, y):
    if F.dtype != np.float64:
        F = F.astype(float)
    F -= F.max(axis=1, keepdims=True)
    return (np.log(np.exp(F).sum(axis=1)) - picked(F, y)).sum()


@bank.wrong("nll", "single_precision", "numbers in float32",
            "float32 keeps seven digits. Where does the precision get lost?", LOSS)
def _(F, y):
    F = F.astype(np.float32)
    return float((logsumexp(F) - picked(F, y)).sum())


@bank.right("nll", "plain NumPy, in the precision of the input")
def _(F, y):
    return float((logsumexp(F) - picked(F, y)).sum())


@bank.wrong("nll", "whole_rows", "F[y], which picks whole rows",
            "F[y] takes row number y. How do you pick one entry of each row?", LOSS)
def _(F, y):
    return logsumexp(F).sum() - F[y].sum()


@bank.wrong("nll", "log_of_whole_rows", "-log P[y], which picks whole rows",
            "P[y] takes row number y. How do you pick one entry of each row?", LOSS)
def _(F, y):
    return -np.log(softmax(F)[y]).sum()


@bank.wrong("nll", "log_of_columns", "-log P[:, y], which pairs every row with every label",
            "P[:, y] takes whole columns. How do you pick one entry per row?", LOSS)
def _(F, y):
    return -np.log(softmax(F)[:, y]).sum()


@bank.wrong("nll", "shifted_once", "the shift in one of the two terms only",
            "You took m away from the logits inside. Which f_y belongs to the shifted logits?", LSE)
def _(F, y):
    F = np.asarray(F, dtype=float)
    return (logsumexp(F - F.max(axis=1, keepdims=True)) - picked(F, y)).sum()


bank.habits("nll", lambda F, y: _loss(F, y), array=False)


def _loss(F, y):
    F = np.asarray(F, dtype=float)
    return float((logsumexp(F) - picked(F, y)).sum())


@bank.right("nll", "loops")
def _(F, y):
    total = 0.0
    for f, k in zip(F.astype(float), y, strict=True):
        m = f.max()
        total += m + math.log(sum(math.exp(v - m) for v in f)) - f[k]
    return total


@bank.right("nll", "log-softmax and one-hot")
def _(F, y):
    F = F.astype(float)
    Z = F - F.max(axis=1, keepdims=True)
    L = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    return -np.sum(np.where(hot(y, F.shape[1]) == 1, L, 0.0))


@bank.right("nll", "differences to the label")
def _(F, y):
    F = F.astype(float)
    return np.logaddexp.reduce(F - picked(F, y)[:, None], axis=1).sum()


# nll_grad_logits --------------------------------------------------------------------------------


@bank.wrong("nll_grad_logits", "mean", "divided by N, the gradient of the mean",
            "The contract of this chapter: is the loss a sum, or a mean?", GRADIENT)
def _(F, y):
    return (softmax(F) - hot(y, F.shape[1])) / len(F)


@bank.wrong("nll_grad_logits", "sign", "e_y - p",
            "Descent goes against the gradient. Should it lower the label's logit?", GRADIENT)
def _(F, y):
    return hot(y, F.shape[1]) - softmax(F)


@bank.wrong("nll_grad_logits", "plus", "p + e_y",
            "The rows of this gradient sum to a fixed number. To which, and why?", GRADIENT)
def _(F, y):
    return softmax(F) + hot(y, F.shape[1])


@bank.wrong("nll_grad_logits", "no_label", "p alone",
            "Where do the labels enter?", GRADIENT)
def _(F, y):
    return softmax(F)


@bank.wrong("nll_grad_logits", "loss_minus_one_hot", "the loss minus e_y, as printed in S1",
            "The printed line subtracts a vector from one number, and NumPy broadcasts without a "
            "word. Which vector should stand there?", GRADIENT)
def _(F, y):
    loss = logsumexp(F) - picked(F, y)
    return loss[:, None] - hot(y, F.shape[1])


@bank.wrong("nll_grad_logits", "total_loss_minus_one_hot", "the total loss minus e_y",
            "A vector is subtracted from one number here. Which vector should stand there?",
            GRADIENT)
def _(F, y):
    return (logsumexp(F) - picked(F, y)).sum() - hot(y, F.shape[1])


@bank.wrong("nll_grad_logits", "wrong_index", "the proof line of S1 with phi_k for phi_j",
            "In the off-diagonal term phi_j phi_k / phi_k, which of the two is left?", GRADIENT)
def _(F, y):
    P, E = softmax(F), hot(y, F.shape[1])
    return np.where(E == 1, P - 1, picked(P, y)[:, None])


@bank.wrong("nll_grad_logits", "grad_probabilities", "-e_y / p, the gradient for the probabilities",
            "That is the gradient one step later. Which Jacobian lies between probabilities and "
            "logits?", GRADIENT)
def _(F, y):
    return -hot(y, F.shape[1]) / softmax(F)


@bank.wrong("nll_grad_logits", "logits_minus_one_hot", "F - e_y",
            "p is a function of F. Which one?", GRADIENT)
def _(F, y):
    return np.asarray(F, dtype=float) - hot(y, F.shape[1])


@bank.wrong("nll_grad_logits", "minus_label_number", "the label as a number, not as its vector",
            "y is a column of class numbers. What should class 4 subtract, and where?", GRADIENT)
def _(F, y):
    return softmax(F) - np.asarray(y)[:, None]


@bank.wrong("nll_grad_logits", "minus_label_vector", "P - y, which lines the labels up with the "
            "classes",
            "y holds class numbers, one for each row. What should class 4 subtract, and where?",
            LABELS)
def _(F, y):
    return softmax(F) - y


@bank.wrong("nll_grad_logits", "whole_rows", "P[y] -= 1, which takes whole rows",
            "P[y] takes row number y. How do you pick one entry per row?", LABELS)
def _(F, y):
    P = softmax(np.asarray(F, dtype=float))
    P[y] -= 1
    return P


@bank.wrong("nll_grad_logits", "sigmoid_slope", "(p - e_y) sigma'(f)",
            "The logits are not squashed one by one. Has softmax's Jacobian not been multiplied in "
            "already?", GRADIENT)
def _(F, y):
    s = 1 / (1 + np.exp(-np.asarray(F, dtype=float)))
    return (softmax(F) - hot(y, F.shape[1])) * s * (1 - s)


@bank.wrong("nll_grad_logits", "tanh_slope", "(p - e_y) tanh'(f)",
            "The logits are not squashed one by one. Has softmax's Jacobian not been multiplied in "
            "already?", GRADIENT)
def _(F, y):
    return (softmax(F) - hot(y, F.shape[1])) * (1 - np.tanh(np.asarray(F, dtype=float)) ** 2)


@bank.wrong("nll_grad_logits", "doubled", "2 (p - e_y)",
            "The 2 comes from a square. Is there one in this loss?", GRADIENT)
def _(F, y):
    return 2 * (softmax(F) - hot(y, F.shape[1]))


@bank.wrong("nll_grad_logits", "mean_of_entries", "divided by N K",
            "The contract of this chapter: is the loss a sum, or a mean?", GRADIENT)
def _(F, y):
    return (softmax(F) - hot(y, F.shape[1])) / np.size(F)


@bank.wrong("nll_grad_logits", "binary", "the gradient of K yes-or-no losses, through softmax",
            "How many questions does one label answer? Does the loss mention log(1 - p)?", GRADIENT)
def _(F, y):
    P, E = softmax(np.asarray(F, dtype=float)), hot(y, F.shape[1])
    V = -E / P + (1 - E) / (1 - P)
    return P * (V - (P * V).sum(axis=1, keepdims=True))


@bank.wrong("nll_grad_logits", "one_minus", "the gradient of 1 - p",
            "Which loss does the likelihood give: 1 - p, or -log p?", GRADIENT)
def _(F, y):
    P, E = softmax(F), hot(y, F.shape[1])
    return picked(P, y)[:, None] * (P - E)


@bank.wrong("nll_grad_logits", "label_entry_only", "the label's entry right, the others 0",
            "Raising another logit lowers the label's probability. What is its derivative?",
            GRADIENT)
def _(F, y):
    E = hot(y, F.shape[1])
    return (softmax(F) - E) * E


@bank.wrong("nll_grad_logits", "extra_slope", "(p - e_y) p (1 - p)",
            "That slope belongs to a squared error through a sigmoid. Has the logarithm not "
            "cancelled it?", GRADIENT)
def _(F, y):
    P = softmax(F)
    return (P - hot(y, F.shape[1])) * P * (1 - P)


@bank.wrong("nll_grad_logits", "whole_columns", "P[:, y] -= 1, which takes whole columns",
            "P[:, y] takes every row. How do you pick one entry per row?", LABELS)
def _(F, y):
    P = softmax(np.asarray(F, dtype=float))
    P[:, y] -= 1
    return P


@bank.wrong("nll_grad_logits", "counts_from_one", "labels counted from 1",
            "Labels here run from 0 to K-1. What does the index -1 mean to NumPy?", LABELS)
def _(F, y):
    return softmax(F) - np.eye(F.shape[1])[np.asarray(y) - 1]


@bank.wrong("nll_grad_logits", "columns", "softmax over columns",
            "One example is one row. Along which axis do its classes lie?", ROWS)
def _(F, y):
    return softmax(F.T).T - hot(y, F.shape[1])


@bank.wrong("nll_grad_logits", "columns_summed",
            "exponentials divided by the totals of the columns",
            "One example is one row. Along which axis do its probabilities sum to 1?", GRADIENT)
def _(F, y):
    return columns_summed(F) - hot(y, F.shape[1])


@bank.wrong("nll_grad_logits", "shift_per_column", "the maximum of each column subtracted",
            "A shift cancels if all logits of a row are shifted alike. Along which axis do you "
            "take the maximum?", GRADIENT)
def _(F, y):
    E = np.exp(F - np.max(F, axis=0))
    return E / E.sum(axis=1, keepdims=True) - hot(y, F.shape[1])


@bank.wrong("nll_grad_logits", "classes_up_to_the_largest_label",
            "as many classes as the largest label of the batch says",
            "A batch need not contain every class. Which argument tells how many there are?",
            GRADIENT)
def _(F, y):
    return softmax(F) - np.eye(np.max(y) + 1)[y]


@bank.wrong("nll_grad_logits", "classes_that_occur",
            "as many classes as different labels occur in the batch",
            "A batch need not contain every class. Which argument tells how many there are?",
            GRADIENT)
def _(F, y):
    return softmax(F) - np.eye(len(np.unique(y)))[y]


@bank.wrong("nll_grad_logits", "own_guess",
            "one-hot rows of the most likely class, not of the label",
            "Does your gradient know the labels at all?", GRADIENT)
def _(F, y):
    return softmax(F) - hot(np.argmax(F, axis=1), F.shape[1])


@bank.wrong("nll_grad_logits", "clipped_probabilities", "probabilities kept away from 0 and 1",
            "What does the limit protect from? This gradient has no logarithm.", GRADIENT)
def _(F, y):
    return np.clip(softmax(F), 1e-12, 1 - 1e-12) - hot(y, F.shape[1])


@bank.wrong("nll_grad_logits", "one_softmax", "one softmax over the whole batch",
            "Which entries compete for probability: those of a row, or all?", ROWS)
def _(F, y):
    return softmax(F.ravel()).reshape(F.shape) - hot(y, F.shape[1])


@bank.wrong("nll_grad_logits", "summed", "the rows summed",
            "One gradient row per example: which shape is asked for?", GRADIENT)
def _(F, y):
    return (softmax(F) - hot(y, F.shape[1])).sum(axis=0)


@bank.wrong("nll_grad_logits", "transposed", "shape (K, N)",
            "A gradient has the shape of what it is taken with respect to. Which is that?",
            GRADIENT)
def _(F, y):
    return (softmax(F) - hot(y, F.shape[1])).T


@bank.wrong("nll_grad_logits", "no_shift", "exp of the logits as they come",
            "What does a computer make of exp(1000)?", STABLE)
def _(F, y):
    E = np.exp(np.asarray(F, dtype=float))
    return E / E.sum(axis=1, keepdims=True) - hot(y, F.shape[1])


@bank.wrong("nll_grad_logits", "one_maximum", "one maximum for the whole batch",
            "What is left of exp(f - 900) in a row whose logits lie near -900?", ROWS)
def _(F, y):
    F = np.asarray(F, dtype=float)
    E = np.exp(F - F.max())
    return E / E.sum(axis=1, keepdims=True) - hot(y, F.shape[1])


@bank.wrong("nll_grad_logits", "central_differences", "central differences of the loss",
            "The differences are right to about ten digits. What does the formula give, and at "
            "what cost?", GRADIENT)
def _(F, y):
    F = np.asarray(F, dtype=float)
    out, eps = np.zeros(F.shape), 1e-5
    for index in np.ndindex(F.shape):
        step = np.zeros(F.shape)
        step[index] = eps
        out[index] = (_loss(F + step, y) - _loss(F - step, y)) / (2 * eps)
    return out


@bank.wrong("nll_grad_logits", "changes_argument", "the result written into the caller's F",
            "Who else holds the array F?", GRADIENT)
def _(F, y):
    P = softmax(np.asarray(F, dtype=float))
    if F.dtype == np.float64:
        F[...] = P
    P[np.arange(len(y)), y] -= 1
    return P


@bank.right("nll_grad_logits", "plain NumPy, in the precision of the input")
def _(F, y):
    P = softmax(F)
    P[np.arange(len(y)), y] -= 1
    return P


def _grad(F, y):
    return softmax(np.asarray(F, dtype=float)) - hot(y, F.shape[1])


@bank.wrong("nll_grad_logits", "long_road", "-e_y / p carried back through the Jacobian",
            "On paper p_y cancels. What is 0 / 0 when it has underflowed?", GRADIENT)
def _(F, y):
    P = softmax(np.asarray(F, dtype=float))
    V = -hot(y, F.shape[1]) / P
    return P * (V - (P * V).sum(axis=1, keepdims=True))


bank.habits("nll_grad_logits", _grad)


@bank.right("nll_grad_logits", "subtract at index pairs")
def _(F, y):
    G = softmax(F.astype(float))
    np.subtract.at(G, (np.arange(len(y)), y), 1.0)
    return G


@bank.right("nll_grad_logits", "loops")
def _(F, y):
    rows = []
    for f, k in zip(F.astype(float), y, strict=True):
        p = softmax(f)
        rows.append([p[j] - (1.0 if j == k else 0.0) for j in range(len(f))])
    return np.array(rows)


@bank.right("nll_grad_logits", "through the Jacobian of log-softmax")
def _(F, y):
    S = softmax(F.astype(float))
    K = S.shape[1]
    return np.stack([S[n] - np.eye(K)[k] for n, k in enumerate(y)])


# nll_grad_probs ---------------------------------------------------------------------------------


@bank.wrong("nll_grad_probs", "gradient_for_logits", "p - e_y, the gradient for the logits",
            "S1 prints this as the gradient with respect to h^L. Which of the two vectors, logits "
            "or probabilities, does -log p_y mention directly?", PROBS)
def _(p, y):
    return p - np.eye(len(p))[y]


@bank.wrong("nll_grad_probs", "sign", "+1 / p_y",
            "Raising p_y makes the label more likely. Does the loss rise?", PROBS)
def _(p, y):
    return np.eye(len(p))[y] / p[y]


@bank.wrong("nll_grad_probs", "all_classes", "-1 / p in every entry",
            "Which entries of p does -log p_y mention at all?", PROBS)
def _(p, y):
    return -1.0 / p


@bank.wrong("nll_grad_probs", "no_division", "-e_y",
            "What is the derivative of the logarithm?", PROBS)
def _(p, y):
    return -np.eye(len(p))[y]


@bank.wrong("nll_grad_probs", "multiplied", "-p_y e_y",
            "Is the derivative of log p equal to p, or to 1 / p?", PROBS)
def _(p, y):
    return -np.eye(len(p))[y] * p[y]


@bank.wrong("nll_grad_probs", "the_loss", "-log p_y in the label's entry",
            "That is the loss. What is its derivative?", PROBS)
def _(p, y):
    return -np.eye(len(p))[y] * np.log(p[y])


@bank.wrong("nll_grad_probs", "binary", "-e_y / p + (1 - e_y) / (1 - p)",
            "How many questions does one label answer? Does -log p_y mention 1 - p?", PROBS)
def _(p, y):
    e = np.eye(len(p))[y]
    return np.where(e == 1, -1 / p, 1 / (1 - p))


@bank.wrong("nll_grad_probs", "label_minus_p", "e_y - p",
            "That is a gradient with respect to the logits, with its sign flipped. Which vector "
            "does -log p_y mention directly?", PROBS)
def _(p, y):
    return np.eye(len(p))[y] - p


@bank.wrong("nll_grad_probs", "squared", "-1 / p_y^2",
            "Which function has the derivative 1 / p, and which one has -1 / p^2?", PROBS)
def _(p, y):
    return -np.eye(len(p))[y] / p[y] ** 2


@bank.wrong("nll_grad_probs", "spread", "-1 / p_y in every entry",
            "Which entries of p does -log p_y mention at all?", PROBS)
def _(p, y):
    return np.full(len(p), -1 / p[y])


@bank.wrong("nll_grad_probs", "divided_by_classes", "divided by K",
            "Is there a mean in -log p_y?", PROBS)
def _(p, y):
    return -np.eye(len(p))[y] / p[y] / len(p)


@bank.wrong("nll_grad_probs", "counts_from_one", "labels counted from 1",
            "Labels here run from 0 to K-1. Which entry belongs to label 0?", LABELS)
def _(p, y):
    g = np.zeros(len(p))
    g[y - 1] = -1.0 / p[y - 1]
    return g


@bank.wrong("nll_grad_probs", "zero_over_zero", "-e_y / p, dividing every entry",
            "What does 0 / 0 give where another class has probability 0?", PROBS)
def _(p, y):
    return -np.eye(len(p))[y] / p


@bank.wrong("nll_grad_probs", "scalar", "one number",
            "One derivative per entry of p: how many numbers should come back?", PROBS)
def _(p, y):
    return -1.0 / p[y]


for _small in (1e-6, 1e-7, 1e-8, 1e-9, 1e-10):
    @bank.wrong("nll_grad_probs", f"epsilon_{_small:g}", "a small constant added to p_y",
                "p_y is not 0 here. What does the constant do to the answer?", PROBS)
    def _(p, y, small=_small):
        return -np.eye(len(p))[y] / (p[y] + small)


@bank.wrong("nll_grad_probs", "skips_first_class", "label 0 treated as no label",
            "`if y:` is False for y = 0. Is class 0 no class?", PROBS)
def _(p, y):
    g = np.zeros(len(p))
    if y:
        g[y] = -1.0 / p[y]
    return g


@bank.wrong("nll_grad_probs", "changes_argument", "the result written into the caller's p",
            "Who else holds the array p?", PROBS)
def _(p, y):
    g = np.zeros(len(p))
    g[y] = -1.0 / p[y]
    p[...] = g
    return g


bank.habits("nll_grad_probs", lambda p, y: -np.eye(len(p))[y] / p[y])


@bank.right("nll_grad_probs", "one entry set")
def _(p, y):
    g = np.zeros_like(p)
    g[y] = -1.0 / p[y]
    return g


@bank.right("nll_grad_probs", "a list")
def _(p, y):
    return [-1.0 / float(p[k]) if k == y else 0.0 for k in range(len(p))]


@bank.right("nll_grad_probs", "np.where")
def _(p, y):
    return np.where(np.arange(p.size) == y, -1.0 / p[y], 0.0)


# What most people write, as it stands: the input's precision is kept ----------------------------


@bank.right("softmax", "as most people write it")
def _(z):
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


@bank.right("softmax", "through log-softmax, as it stands")
def _(z):
    z = z - z.max()
    return np.exp(z - np.log(np.exp(z).sum()))


@bank.right("softmax_rows", "as most people write it")
def _(Z):
    E = np.exp(Z - np.max(Z, axis=1, keepdims=True))
    return E / np.sum(E, axis=1, keepdims=True)


@bank.right("softmax_rows", "[:, None], as it stands")
def _(Z):
    E = np.exp(Z - Z.max(1)[:, None])
    return E / E.sum(1)[:, None]


@bank.right("softmax_rows", "a loop into np.zeros(Z.shape)")
def _(Z):
    out = np.zeros(Z.shape)
    for n, z in enumerate(Z):
        e = np.exp(z - z.max())
        out[n] = e / e.sum()
    return out


@bank.right("logsumexp_rows", "as most people write it")
def _(F):
    m = F.max(axis=1, keepdims=True)
    return m[:, 0] + np.log(np.exp(F - m).sum(axis=1))


@bank.right("logsumexp_rows", "np.logaddexp.reduce, as it stands")
def _(F):
    return np.logaddexp.reduce(F, axis=1)


@bank.right("softmax_jacobian", "a column times a row, as it stands")
def _(z):
    s = softmax(z)[:, None]
    return np.diagflat(s) - s @ s.T


@bank.right("softmax_jacobian", "s_i (delta - s_j), np.identity")
def _(z):
    s = softmax(z)
    return s.reshape(-1, 1) * (np.identity(len(z)) - s)


@bank.right("softmax_jacobian_batch", "as most people write it")
def _(Z):
    S = softmax(Z)
    return S[:, :, None] * (np.eye(Z.shape[1])[None] - S[:, None, :])


@bank.right("softmax_jacobian_batch", "a loop into np.zeros")
def _(Z):
    N, K = Z.shape
    J = np.zeros((N, K, K))
    for n in range(N):
        s = softmax(Z[n])
        J[n] = np.diag(s) - np.outer(s, s)
    return J


@bank.right("softmax_vjp", "the Jacobian formed, as it stands")
def _(z, v):
    s = softmax(z)
    return (np.diag(s) - np.outer(s, s)) @ v


@bank.right("softmax_vjp", "two terms")
def _(z, v):
    s = softmax(z)
    return s * v - s * np.dot(s, v)


@bank.right("softmax_vjp", "np.sum in place of a dot product")
def _(z, v):
    s = softmax(z)
    return s * (v - np.sum(s * v))


@bank.right("log_likelihood", "a boolean mask")
def _(P, y):
    return np.log(P[np.arange(P.shape[1]) == y[:, None]]).sum()


@bank.right("nll", "as most people write it")
def _(F, y):
    m = F.max(axis=1)
    lse = m + np.log(np.exp(F - m[:, None]).sum(axis=1))
    return np.sum(lse - F[np.arange(len(y)), y])


@bank.right("nll", "log-softmax, index pairs")
def _(F, y):
    Z = F - F.max(axis=1, keepdims=True)
    L = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    return -L[range(len(y)), y].sum()


@bank.right("nll_grad_logits", "as most people write it")
def _(F, y):
    E = np.exp(F - F.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    P[np.arange(len(y)), y] -= 1
    return P


@bank.right("nll_grad_logits", "rows of an identity matrix")
def _(F, y):
    return softmax(F) - np.eye(F.shape[1])[y]


@bank.right("nll_grad_probs", "a row of an identity matrix")
def _(p, y):
    return -np.eye(p.shape[0])[y] / p[y]
