"""What the exercises of chapter 07 share: cases, criteria and formulas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...checking.compare import compare
from ...checking.finding import Finding, differs, stopped

DTYPES = "integers and float32"


def weight(rng):
    """A number in (0, 1) that is neither near 0, 1/2 nor 1."""
    return float(rng.choice([rng.uniform(0.12, 0.42), rng.uniform(0.58, 0.88)]))


def hessian(rng, P, signs=None):
    """Draw a symmetric matrix; its eigenvalues have sizes 0.4 to 2, positive without signs."""
    Q, _ = np.linalg.qr(rng.standard_normal((P, P)))
    H = (Q * (rng.uniform(0.4, 2.0, P) * (1.0 if signs is None else signs))) @ Q.T
    return (H + H.T) / 2


def wrong_structure(trial, case_, answer):
    """A finding if the call failed, or the parts are not arrays of the right shapes."""
    if answer.error is not None:
        return stopped(answer.error, case_)
    loose = compare(answer.value, replace(trial.expected(case_), tol=np.inf))
    return None if loose is None else Finding(loose.message, loose)


def part_agrees(trial, group, part, name, want):
    """Judge one part of the answers; want(case, answer, expected value) is what it should be."""
    for case_, answer in zip(trial.cases[group], trial.answers(group), strict=True):
        if finding := wrong_structure(trial, case_, answer):
            return finding
        expected = trial.expected(case_)
        wanted = replace(expected, value=want(case_, answer, expected.value), names=name)
        if (difference := compare(answer.value[part], wanted)) is not None:
            return differs(difference, case_)
    return None


PRECISION = (
    "You were given float64 numbers, which carry sixteen digits; float32 keeps seven. "
    "Which line rounds?"
)


def floats(*arrays):
    return [np.asarray(a, dtype=float) for a in arrays]


def wrong(bank, reread):
    """Give a function that registers a wrong implementation of one exercise."""

    def register(id, looks_like, question, fn):
        bank.wrong(looks_like, question, id=id, reread=reread)(fn)

    return register
