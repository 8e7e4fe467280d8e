"""A few numbers that tell whether two answers are the same, and from which neither can be found.

Each tensor is divided by its own size, and all of them together are projected on random
directions; their sizes, relative to the largest, are projected as well. What is no number, and
where NaN and infinities are, goes into a digest.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from .compare import ROUNDING, largest

DIRECTIONS = 2
LEAST = 1e-13  # of the size of a tensor: below, two ways of rounding differ


@dataclass(frozen=True)
class Fingerprint:
    """Of one answer.

    Attributes
    ----------
    digest : int
        Of its structure, shapes and names, and of where it is not finite; below 2^63.
    finite : bool
        Whether all of its numbers are finite.
    entries : int
    projections : tuple of float
        Of the entries, then of the tensors' sizes, then the largest size.
    """

    digest: int
    finite: bool
    entries: int
    projections: tuple[float, ...]

    def matches(self, value: Any, tol: float) -> bool:
        """Whether an answer is the one this was taken of, to `tol` in every tensor."""
        other = fingerprint(value)
        if other.digest != self.digest:
            return False
        mine, theirs = np.array(self.projections), np.array(other.projections)
        near = max(tol, LEAST) * (4 + np.sqrt(self.entries))
        off = np.abs(mine - theirs)
        off[-1] /= max(mine[-1], theirs[-1]) or 1.0  # the largest size, relative to itself
        return bool(np.all(off <= near))


def fingerprint(value: Any) -> Fingerprint:
    """Take the fingerprint of plain data."""
    words = hashlib.sha256()
    leaves: list[np.ndarray] = []
    _walk(value, words, leaves)
    top, entries = largest(value), sum(leaf.size for leaf in leaves)
    floor = ROUNDING * top
    scaled, sizes = [], []
    for leaf in leaves:
        size = np.abs(leaf).max(initial=0.0)
        size = size if size > floor else 0.0
        scaled.append(leaf / size if size else np.zeros(leaf.size))
        sizes.append(size / top if top else 0.0)
    together = np.concatenate(scaled) if scaled else np.zeros(0)
    finite = bool(np.isfinite(together).all()) and not _odd(value)
    projections = (*_project(together), *_project(np.array(sizes)), top)
    digest = int.from_bytes(words.digest()[:8], "big") >> 1
    return Fingerprint(digest, finite, entries, tuple(map(float, projections)))


def _project(vector):
    """Projections on a few directions, which depend on the length alone."""
    rng = np.random.default_rng([vector.size, 20231])
    directions = rng.standard_normal((DIRECTIONS, vector.size))
    return directions @ vector / np.sqrt(max(vector.size, 1))


def _walk(value, words, leaves):
    """Put what is no finite number into a digest, and the finite numbers into vectors."""
    if isinstance(value, (tuple, list)):
        words.update(f"({len(value)}".encode())
        for part in value:
            _walk(part, words, leaves)
    elif isinstance(value, dict):
        words.update(f"{{{len(value)}".encode())
        for key in sorted(value, key=repr):
            words.update(repr(key).encode())
            _walk(value[key], words, leaves)
    elif isinstance(value, (bool, int, float, complex, np.ndarray)):
        array = np.asarray(value)
        words.update(f"[{array.shape}".encode())
        if array.dtype == object:  # whole numbers that no float can hold
            words.update(repr(array.tolist()).encode())
            return
        array = array.astype(complex if array.dtype.kind == "c" else float).ravel()
        odd = ~np.isfinite(array)
        if odd.any():
            words.update(np.flatnonzero(odd).tobytes() + repr(array[odd].tolist()).encode())
        plain = np.where(odd, 0.0, array)
        leaves.append(plain.real)
        if np.iscomplexobj(plain) and np.any(plain.imag):
            leaves.append(plain.imag)
    else:
        words.update(repr(value).encode())


def _odd(value):
    """Whether there is a NaN or an infinity among the numbers."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (tuple, list)):
        return any(map(_odd, value))
    if not isinstance(value, (int, float, complex, np.ndarray)):
        return False
    array = np.asarray(value)
    return array.dtype != object and not bool(np.isfinite(array).all())
