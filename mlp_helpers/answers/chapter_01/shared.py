"""What the exercises of chapter 01 share: cases, criteria and formulas."""

from __future__ import annotations

import numpy as np

from ...reference.activations import logsumexp, softmax
from ..draw import case, far_rows, huge_logits, labels, logits, single, strided, whole

HUGE = "huge logits (largest 1000)"


DTYPES = "integers and float32"


FAR = "rows far apart"


def vector_cases(rng):
    """One vector of logits."""
    return {
        "generic": [
            case(logits(rng, 5), K=5),
            case(strided(logits(rng, 7)), K=7),
            case(logits(rng, 3) - 6.0, K=3),
            case(logits(rng, 11), K=11),
            case(logits(rng, 2), K=2),
            case(logits(rng, 1), K=1, scale=1.0),
            case(logits(rng, 211), K=211),
        ],
        "huge": [
            case(huge_logits(rng, 5), K=5, scale=1.0),
            case(logits(rng, 7) - 1000.0, K=7, scale=1.0),
        ],
        "dtypes": [case(whole(rng, 5), K=5), case(single(rng, 7), K=7)],
        "twice": [case(logits(rng, 5), K=5), case(logits(rng, 5), K=5)],
    }


def row_cases(rng):
    """Rows of logits."""
    return {
        "generic": [
            case(logits(rng, 5, 3), N=5, K=3),
            case(strided(logits(rng, 3, 7)), N=3, K=7),
            case(logits(rng, 5, 5), N=5, K=5),
            case(logits(rng, 1, 4), N=1, K=4),
            case(logits(rng, 1, 2), N=1, K=2),
            case(logits(rng, 3, 1), N=3, K=1, scale=1.0),
            case(logits(rng, 211, 2), N=211, K=2),
            case(logits(rng, 2, 53), N=2, K=53),
        ],
        "huge": [
            case(huge_logits(rng, 7, 5), N=7, K=5, scale=1.0),
            case(logits(rng, 3, 5) - 1000.0, N=3, K=5, scale=1.0),
        ],
        "far": [case(far_rows(rng, 5, 3), N=5, K=3)],
        "empty": [case(np.zeros((0, 5)), N=0, K=5)],
        "dtypes": [case(whole(rng, 3, 5), N=3, K=5), case(single(rng, 5, 7), N=5, K=7)],
        "twice": [case(logits(rng, 5, 3), N=5, K=3), case(logits(rng, 5, 3), N=5, K=3)],
    }


def batch_cases(rng):
    """Logits and labels."""

    def one(F):
        N, K = F.shape
        return case(F, labels(rng, N, K), N=N, K=K)

    def large(F):
        N, K = F.shape
        return case(F, labels(rng, N, K), N=N, K=K, scale=1000.0)

    sure = huge_logits(rng, 5, 3)
    return {
        "generic": [
            one(logits(rng, 5, 3)),
            one(strided(logits(rng, 3, 7))),
            one(logits(rng, 5, 5)),
            one(logits(rng, 11, 4) - 3.0),
            one(np.abs(logits(rng, 1, 13))),
            one(logits(rng, 1, 2)),
            one(logits(rng, 211, 2)),
            one(logits(rng, 2, 53)),
        ],
        "huge": [
            large(huge_logits(rng, 7, 5)),
            large(logits(rng, 3, 5) - 1000.0),
            case(sure, sure.argmax(axis=1), N=5, K=3, scale=1000.0),
        ],
        "far": [large(far_rows(rng, 5, 3))],
        "dtypes": [one(whole(rng, 3, 5)), one(single(rng, 5, 7))],
        "twice": [one(np.abs(logits(rng, 5, 3))), one(logits(rng, 5, 3))],
    }


STABLE = "From scores to probabilities"


ROWS = "A whole batch, row by row"


JACOBIAN = "What one logit does to the others"


LABELS = "Labels as vectors"


def hot(y, K):
    return (np.arange(K) == np.asarray(y)[:, None]).astype(float)


def picked(A, y):
    return A[np.arange(len(y)), y]


def columns_summed(F):
    """Each row with its own maximum, and then the totals of the columns."""
    E = np.exp(F - np.max(F, axis=1, keepdims=True, initial=-np.inf))
    return E / E.sum(axis=0)


def jacobian(z):
    s = softmax(np.asarray(z, dtype=float))
    return np.diag(s) - np.outer(s, s)


SMALL = (1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16)  # constants for safety


def right_loss(F, y):
    F = np.asarray(F, dtype=float)
    return float((logsumexp(F) - picked(F, y)).sum())
