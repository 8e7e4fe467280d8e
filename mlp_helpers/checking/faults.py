"""Causes that need no bank: what can spoil any formula, a right one or a known wrong one.

Each is found by asking again in another way: the same arguments twice, the arguments cast to
float64, the answer in the shape that was asked for, one example alone.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .compare import blew_up, compare, numbers
from .criteria import arguments_unchanged
from .exercise import Diagnosis
from .values import arrays_in

if TYPE_CHECKING:
    from .exercise import Criterion
    from .trial import Trial


MATCH = 1e-9
LARGE = 20.0  # two such numbers multiplied, and a few products added, overflow an exponential
NEAR = 1e-4  # below: an approximation or a rounding, not another formula

TEXTS = {
    "random": (
        "an answer that changes from call to call",
        "The same arguments should give the same answer. Where does your code draw random "
        "numbers, or keep something from an earlier call?",
    ),
    "changes_arguments": (
        "a function that changes its arguments",
        "Your caller's arrays are not the same after the call. Which line writes "
        "into an array that it did not make itself?",
    ),
    "whole_numbers": (
        "whole numbers where fractions are needed",
        "This fault is gone once the arguments come as floats. Which array on the "
        "way was made like the whole numbers, and what happens to 0.3 in it?",
    ),
    "single": (
        "more precision lost than float32 has to lose",
        "This fault is gone once the arguments come as float64. Which step on the way needs "
        "more than float32's seven digits?",
    ),
    "overflow": (
        "a number that became infinite on the way",
        "Something overflowed, and then infinity was divided or subtracted. Which "
        "exponential can grow without bound, and what can you subtract first?",
    ),
    "rounded": (
        "numbers rounded to float32",
        "You were given float64 numbers, which carry sixteen digits; float32 keeps seven. "
        "Which line rounds?",
    ),
    "approximation": (
        "an approximation of the right answer",
        "The first digits are right, the later ones are not. Is there a difference "
        "quotient, a cast to float32, or a small number added for safety, where an "
        "exact formula belongs?",
    ),
    "extra_axis": (
        "an axis too many or too few",
        "The entries are in the right order, in an array of another shape. Which axis "
        "of length 1 was added or lost, and by which line?",
    ),
    "transposed": (
        "rows and columns exchanged",
        "Which index should run along the rows of your answer?",
    ),
    "bundle": ("more than was asked for", "How many things should your function return?"),
    "batch": (
        "right for one example, wrong for a batch",
        "Take two examples. How should what each of them gives be put together?",
    ),
}


def fault(code: str) -> Diagnosis:
    """The diagnosis of one cause."""
    return Diagnosis(f"fault_{code}", *TEXTS[code])


def is_fault(diagnosis: Diagnosis) -> bool:
    """Whether a diagnosis is one of these, not a mistake of the bank."""
    return diagnosis.id.startswith("fault_")


def beside_values(trial: Trial, failed: Collection[Criterion]) -> list[Diagnosis]:
    """Name what is wrong apart from the values: randomness, or changed arguments."""
    if trial.trivial is not None and trial.trivial.label == "random":
        return [fault("random")]
    if any(r.judge is arguments_unchanged for r in failed):
        return [fault("changes_arguments")]
    return []


def of_special_cases(
    trial: Trial, failed: Collection[Criterion], like: Trial | None = None
) -> list[Diagnosis]:
    """Name why special cases fail though the generic ones do not.

    Parameters
    ----------
    trial : Trial
    failed : collection of Criterion
        Whose groups to look at.
    like : Trial, optional
        A known mistake that gives the same generic answers, to be compared with in place of the
        right answers.

    Returns
    -------
    list of Diagnosis
    """
    codes = []
    for group in dict.fromkeys(r.group for r in failed if r.group in trial.cases):
        if group != "generic":
            codes += [_special(trial, group, i, like) for i in range(len(trial.cases[group]))]
    return [fault(code) for code in dict.fromkeys(codes) if code]


def _special(trial, group, i, like):
    case, mine = trial.cases[group][i], trial.answer(group, i)
    if like and like.answer(group, i).error is not None:
        return ""
    if mine.error is not None and any(a.changed for a in trial.answers("generic")):
        return ""  # writing fractions into an argument of whole numbers raises
    if mine.error is None:
        near = like.is_near(group, i, mine.value, MATCH) if like else trial.is_right(group, i)
        if near:
            return ""
    doubles = like_floats(case.args, trial.cases["generic"][0].args)
    if doubles is not None and _agrees(trial, doubles, like):
        return "whole_numbers" if _has_integers(case.args, doubles) else "single"
    if mine.error is not None or not _large(case.args):
        return ""
    blown = (
        like.blows_up(group, i, mine.value)
        if like
        else blew_up(mine.value, trial.expected(case).value)
    )
    return "overflow" if blown else ""


def _agrees(trial, args, like):
    """Whether the function is right (or gives what a mistake gives) for other arguments."""
    mine = trial.ask(lambda: trial.caller(args))
    if mine.error is not None:
        return False
    if like is None:
        return compare(mine.value, trial.expected_of(args)) is None
    return like.gives_for(args, mine.value, MATCH)


def like_floats(args: tuple, generic: tuple) -> tuple | None:
    """Cast arguments to float64 where the generic case has floats; None if nothing changes."""
    cast = tuple(_cast(a) if _all_floats(g) else a for a, g in zip(args, generic, strict=False))
    same = all(a.dtype == b.dtype for a, b in zip(arrays_in(args), arrays_in(cast), strict=True))
    return None if same else cast


def _all_floats(value):
    arrays = arrays_in(value)
    return bool(arrays) and all(a.dtype == np.float64 for a in arrays)


def _cast(value):
    if isinstance(value, np.ndarray):
        return value.astype(np.float64) if value.dtype.kind in "iuf" else value
    if isinstance(value, (tuple, list)):
        return type(value)(map(_cast, value))
    return {k: _cast(v) for k, v in value.items()} if isinstance(value, dict) else value


def _has_integers(args, cast):
    return any(
        a.dtype.kind in "iu" and b.dtype.kind == "f"
        for a, b in zip(arrays_in(args), arrays_in(cast), strict=True)
    )


def _large(args):
    """Whether finite arguments are large enough for an exponential to overflow."""
    sizes = [np.max(np.abs(a), initial=0.0) for a in arrays_in(args) if a.dtype.kind in "iuf"]
    return bool(sizes) and np.all(np.isfinite(sizes)) and max(sizes) > LARGE


def of_precision(trial: Trial) -> list[Diagnosis]:
    """Name an answer whose first digits are right on every generic case."""
    wrong = []
    for case, answer in zip(trial.cases["generic"], trial.answers("generic"), strict=True):
        if answer.error is not None:
            return []
        difference = compare(answer.value, trial.expected(case))
        if difference is not None and not (
            difference.kind == "value" and difference.size < NEAR and difference.size > 0.0
        ):
            return []
        if difference is not None:
            wrong.append(answer.value)
    if trial.exercise.tol > NEAR or not wrong:
        return []
    rounded = all(_is_single(numbers(value)) for value in wrong)
    return [fault("rounded" if rounded else "approximation")]


def _is_single(numbers):
    with np.errstate(over="ignore"):
        return bool(np.array_equal(numbers, numbers.astype(np.float32)))


def of_shape(trial: Trial) -> tuple[Trial | None, list[Diagnosis]]:
    """Look for the right entries in the wrong shape.

    Returns
    -------
    (Trial, list of Diagnosis)
        The trial with the answers in the shapes that were asked for, and what was wrong with them;
        (None, []) if they do not fit.
    """
    codes, answers = [], {}
    for i, (case, answer) in enumerate(
        zip(trial.cases["generic"], trial.answers("generic"), strict=True)
    ):
        if answer.error is not None:
            return None, []
        code, value = _fitted(answer.value, trial.expected(case).value)
        if code is None:
            return None, []
        codes.append(code)
        answers["generic", i] = replace(answer, value=value)
    codes = [code for code in dict.fromkeys(codes) if code]
    return (trial.answering(answers), [fault(c) for c in codes]) if codes else (None, [])


def _fitted(got, want):
    """Give (code, got in the shape of want); the code is "" if it fits as it is, None if not."""
    if isinstance(want, (tuple, list)):
        if not isinstance(got, (tuple, list)) or len(got) != len(want):
            return None, None
        parts = [_fitted(g, w) for g, w in zip(got, want, strict=True)]
        if any(code is None for code, _ in parts):
            return None, None
        return next((c for c, _ in parts if c), ""), type(want)(v for _, v in parts)
    if not isinstance(want, (bool, int, float, np.ndarray)):
        return "", got
    if isinstance(got, tuple) and isinstance(want, np.ndarray) and len(got) != len(want):
        inside = [g for g in got if np.shape(g) == want.shape]
        return ("bundle", inside[0]) if inside else (None, None)
    if not isinstance(got, (bool, int, float, np.ndarray)):
        return "", got
    got, shape = np.asarray(got), np.shape(want)
    if got.shape == shape:
        return "", got
    if got.size != np.size(want):
        return None, None
    if np.squeeze(got).shape == np.squeeze(want).shape:
        return "extra_axis", got.reshape(shape)
    return ("transposed", got.T) if got.T.shape == shape else (None, None)


def of_batch(trial: Trial) -> list[Diagnosis]:
    """Name a function that is right for every single example and wrong for every batch."""
    right: dict[bool, list[bool]] = {True: [], False: []}
    for case, answer in zip(trial.cases["generic"], trial.answers("generic"), strict=True):
        if "N" in case.sizes and case.sizes["N"] > 0:
            good = answer.error is None and compare(answer.value, trial.expected(case)) is None
            right[case.sizes["N"] == 1].append(good)
    alone, together = right[True], right[False]
    return [fault("batch")] if alone and together and all(alone) and not any(together) else []
