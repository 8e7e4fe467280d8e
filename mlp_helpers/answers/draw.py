"""Drawing cases: generic numbers, and the awkward ones that each deserve a criterion.

Sizes are distinct primes, so that a missing or doubled factor names itself.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..checking.exercise import Case
from ..checking.values import arrays_in, strided

PRIMES = (3, 5, 7, 11, 13)


def logits(rng, *shape):
    """Generic logits: spread, not centred."""
    return 1.5 * rng.standard_normal(shape) + rng.uniform(0.3, 0.9)


def huge_logits(rng, *shape):
    """Logits whose largest is exactly 1000, a near rival beside it, the smallest exactly -1000.

    The rival keeps the answer from being all zeros and ones, so that clipping shows as well. The
    others are low enough for the mean of five to be far below: to subtract it is not enough.
    """
    Z = rng.uniform(-990.0, 100.0, shape)
    order = rng.permuted(np.broadcast_to(np.arange(shape[-1]), shape), axis=-1)
    Z[order == 0] = 1000.0
    Z[order == 1] = 1000.0 - rng.uniform(0.4, 1.6, shape)[order == 1]
    Z[order == 2] = -1000.0
    return Z


def far_rows(rng, N, K):
    """Rows of ordinary spread whose levels lie hundreds apart."""
    level = rng.permutation(np.linspace(-900.0, 900.0, N))
    return logits(rng, N, K) + level[:, None]


def sure_logits(rng):
    """Logits and labels that are likely, the others hardly possible.

    The gradient is small but not nothing, so a probability kept away from 0 shows in it.
    """
    F = np.tile([3.0, -1.0, -40.0, -60.0, -80.0], (3, 1)) + np.array([[-20.0], [0.0], [20.0]])
    F = rng.permuted(F, axis=1)
    return F, F.argmax(axis=1)


def whole(rng, *shape):
    """Integer logits, all different along the last axis."""
    values = rng.permuted(np.broadcast_to(np.arange(-2, shape[-1] - 2), shape), axis=-1)
    return values.astype(np.int64)


def single(rng, *shape):
    """Logits stored in float32."""
    return logits(rng, *shape).astype(np.float32)


def labels(rng, N, K):
    """Labels: the first repeated, one class of three or more missing, the last one there.

    Of two examples or fewer, none is of the last class, nor of the first of three or more: the
    labels do not tell how many classes there are, and one column is not broadcast to all of them.
    """
    if N < 3:
        return rng.integers(1, K - 1, size=N) if K > 2 else np.zeros(N, dtype=np.int64)
    missing = rng.integers(1, K - 1) if K > 2 else K
    present = [k for k in range(K) if k != missing]
    y = rng.choice(present, size=N)
    y[1] = y[0]
    if N > 3:
        y[2] = K - 1
    y[-1] = (y[0] + 1) % K if (y[0] + 1) % K != missing else (y[0] + 2) % K
    return y


def probabilities(rng, *shape):
    """Positive rows that sum to 1."""
    P = rng.uniform(0.05, 1.0, shape)
    return P / P.sum(axis=-1, keepdims=True)


def case(*args, scale=0.0, **sizes):
    """A case noted by its sizes and an unusual dtype: ``case(Z, N=5, K=3)``."""
    notes = [f"{letter} = {size}" for letter, size in sizes.items()]
    if any(a.dtype == np.float32 for a in arrays_in(args)):
        notes.append("float32 input")
    note = ", ".join(notes)
    return Case(args, note, sizes, scale)


def counted(one, macs):
    """A case of which the work is counted: `macs` gives those of a forward pass from the args."""
    return replace(one, macs=macs(*one.args))


__all__ = [
    "PRIMES",
    "case",
    "counted",
    "far_rows",
    "huge_logits",
    "labels",
    "logits",
    "probabilities",
    "single",
    "strided",
    "sure_logits",
    "whole",
]
