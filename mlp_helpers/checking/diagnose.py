"""Name the mistake: compare wrong answers with those of the bank's wrong implementations.

A match is exact (1e-9 in every entry, on every generic case), not up to scale: two different wrong
formulas do not agree on generic data. A right answer never comes here.
"""

from __future__ import annotations

from .callers import LocalCaller
from .compare import compare, same_answer
from .requirements import Trial


def diagnose(trial, failed, seed):
    """Find the known mistakes that explain the failed requirements.

    Parameters
    ----------
    trial : Trial
        The student's answers.
    failed : list of Requirement
        What went wrong.
    seed : int
        The seed of the trial, so that the bank sees the same cases.

    Returns
    -------
    list of Misconception
        Most specific first: those that explain the most failures, then those with the fewest
        other faults.
    """
    matches = []
    for mistake in trial.exercise.misconceptions:
        explained, extra = _explains(mistake, trial, failed, seed)
        if explained:
            matches.append((explained, extra, mistake))
    matches.sort(key=lambda m: (-len(m[0]), m[1]))
    chosen, covered = [], set()
    for explained, _, mistake in matches:
        if not explained <= covered:
            chosen.append(mistake)
            covered |= explained
    return chosen


def _explains(mistake, trial, failed, seed):
    """Return (names of failed requirements that this mistake explains, count of its other faults).

    A mistake in the generic values must agree on all generic cases. A mistake that shows only
    elsewhere must be right where the student is right, so all its faults must be among theirs.
    """
    other = Trial(LocalCaller(mistake.fn), trial.exercise, seed)
    generic = not trial.value_is_right
    if generic and not _same_group(trial, other, "generic"):
        return set(), 0
    names = {r.name for r in failed}
    faults = {r.name for r in trial.exercise.requirements if not _passes(r, other)}
    if not generic and not faults <= names:
        return set(), 0
    explained = {r.name for r in failed
                 if r.name in faults and (r.needs_value or _same_group(trial, other, r.group))}
    return explained, len(faults - names)


def _passes(requirement, trial):
    if requirement.needs_value and not trial.value_is_right:
        return False
    return requirement.judge(trial, requirement.group) is None


def _same_group(trial, other, group):
    """Whether two trials gave the same answers, and these say something.

    On generic cases a wrong number must be among them: many mistakes crash alike. Where the
    student is right otherwise, the same kind of crash on the same awkward input says enough.
    """
    informative = trial.value_is_right and any(a.error for a in trial.answers(group))
    for case, mine, theirs in zip(
        trial.cases[group], trial.answers(group), other.answers(group), strict=True
    ):
        if (mine.error is None) != (theirs.error is None):
            return False
        if mine.error is not None:
            if mine.error.kind != theirs.error.kind:
                return False
        elif not same_answer(mine.value, theirs.value):
            return False
        elif not informative:
            informative = compare(theirs.value, trial.expected(case)) is not None
    return informative
