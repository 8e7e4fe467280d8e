"""Name the mistake: compare wrong answers with those of the bank's wrong implementations.

A match is exact (1e-9 in every entry, on every generic case), not up to scale: two different wrong
formulas do not agree on generic data. A right answer never comes here. What can spoil any formula
(`faults`) is named beside the mistake, or where no mistake of the bank fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import faults
from .compare import compare
from .criteria import values_agree
from .exercise import Diagnosis
from .steps import batch_rule
from .values import arrays_in

if TYPE_CHECKING:
    from .exercise import Criterion, Mistake
    from .trial import Trial


MATCH = faults.MATCH


def diagnose(trial: Trial, failed: Sequence[Criterion]) -> list[Diagnosis]:
    """Find what explains the failed criteria.

    Parameters
    ----------
    trial : Trial
        The student's answers.
    failed : list of Criterion
        What went wrong.

    Returns
    -------
    list of Diagnosis
        Most specific first: those that explain the most failures, then those with the fewest
        other faults. The steps at which mistakes enter come before whole answers, and these before
        faults that can spoil any formula.
    """
    chosen, covered = _from_the_bank(trial, failed)
    beside = faults.beside_values(trial, [r for r in failed if r.name not in covered])
    if not chosen and any(f.id == "fault_random" for f in beside):
        return beside
    if trial.value_is_right:
        left = [r for r in failed if r.name not in covered]
        return chosen + faults.of_special_cases(trial, left) + beside
    named = _from_the_steps(trial, chosen) + chosen
    if not named:
        named = (
            faults.of_batch(trial) or faults.of_precision(trial) or _in_another_shape(trial, failed)
        )
    named += _special_cases_beside(trial, chosen)
    return named + beside


def _special_cases_beside(trial, chosen):
    """A second fault: where special cases part from the known mistake of the generic ones."""
    if not chosen or chosen[0].keeps_state:
        return []
    like = _other(trial, chosen[0])
    waiting = [r for r in trial.exercise.criteria if r.judge is values_agree]
    return faults.of_special_cases(trial, waiting, like)


def _in_another_shape(trial, failed):
    """The right answer, or that of a known mistake, in the wrong shape."""
    fitted, wrong_shape = faults.of_shape(trial)
    if fitted is None:
        return []
    return wrong_shape + ([] if fitted.value_is_right else _from_the_bank(fitted, failed)[0])


def diagnose_crash(trial: Trial) -> list[Diagnosis]:
    """Name the one mistake of the bank that stops with the same exception on every generic case."""
    mine = [(a.error.kind, a.error.message) for a in trial.answers("generic") if a.error]
    found: list[Diagnosis] = []
    for mistake in trial.exercise.mistakes:
        first = _other(trial, mistake).answer("generic", 0).error
        if first is not None and (first.kind, first.message) == mine[0]:
            errors = [a.error for a in _other(trial, mistake).answers("generic")]
            if [e and (e.kind, e.message) for e in errors] == mine:
                found.append(mistake)
    return found if len(found) == 1 else []


# Whole answers -----------------------------------------------------------------------------------


def _from_the_bank(trial, failed):
    """Compare whole answers with those of the bank's wrong implementations.

    Returns
    -------
    (list of Mistake, set of str)
        The mistakes, and the names of the criteria that they explain.
    """
    matches, smallest = [], _smallest(trial)
    for mistake in trial.exercise.mistakes:
        if _may_match(mistake, trial, smallest):
            explained, extra = _explains(mistake, trial, failed)
            if explained:
                matches.append((explained, extra, mistake))
    matches.sort(key=lambda m: (-len(m[0]), m[1]))
    chosen: list[Mistake] = []
    covered: set[str] = set()
    for explained, _, mistake in matches:
        if not explained <= covered:
            chosen.append(mistake)
            covered |= explained
    return chosen, covered


def _smallest(trial):
    """The place of the smallest generic case; where some are wrong, of the smallest wrong one."""
    cases = trial.cases["generic"]
    wrong = [
        i
        for i, case in enumerate(cases)
        if (a := trial.answer("generic", i)).error is None
        and compare(a.value, trial.expected(case)) is not None
    ]
    return min(
        wrong or range(len(cases)), key=lambda i: sum(a.size for a in arrays_in(cases[i].args))
    )


def _may_match(mistake, trial, i):
    """Whether a mistake agrees on one small case; most are ruled out by that alone."""
    mine, case = trial.answer("generic", i), trial.cases["generic"][i]
    if mistake.keeps_state or mine.error is not None:
        return True
    other = _other(trial, mistake)
    if other.answer("generic", i).error is not None:
        return False
    fault = compare(mine.value, trial.expected(case))
    if fault is None and trial.value_is_right:
        return other.is_right("generic", i)
    return other.gives("generic", i, mine.value, _tolerance(fault))


def _other(trial, mistake):
    """A mistake of the bank on the same cases; kept, for the next wrong answer to this draw."""
    if mistake.keeps_state:
        return mistake.tried(trial)
    if mistake.id not in trial.known:
        trial.known[mistake.id] = mistake.tried(trial)
    return trial.known[mistake.id]


def _explains(mistake, trial, failed):
    """Return (names of failed criteria that this mistake explains, count of its other faults).

    A mistake in the generic values must agree on all generic cases. A mistake that shows only
    elsewhere must be right where the student is right, so all its faults must be among theirs.
    """
    other = _other(trial, mistake)
    generic = not trial.value_is_right
    if generic and not _same_group(trial, other, "generic"):
        return set(), 0
    if not generic and not other.value_is_right:
        return set(), 0
    if mistake.keeps_state:
        other.follow(trial)
    # A wrong value where the cost is counted comes from what makes other values wrong, if any are.
    late = [r for r in failed if r.costly and not trial.judged(r).label]
    explained = {r.name for r in failed if r not in late and _same_fault(r, trial, other, mistake)}
    if explained or len(late) == len(failed):
        explained |= {r.name for r in late if explained or _same_fault(r, trial, other, mistake)}
    if not explained:
        return set(), 0
    names = {r.name for r in failed}
    others = [r for r in trial.exercise.criteria if r.name not in names]
    extra = sum(bool(mistake.cost) if r.costly else not _passes(r, other) for r in others)
    if extra and not generic:
        return set(), 0
    return explained, extra + _disagreements(trial, other)


def _disagreements(trial, other):
    """In how many groups of cases two answers part, whether or not these count now."""
    groups = {r.group for r in trial.exercise.criteria if r.group in trial.cases}
    return sum(not _alike(trial, other, group) for group in groups)


def _alike(trial, other, group):
    """Whether two trials gave the same answers to a group, or failed in the same way."""
    for i, mine in enumerate(trial.answers(group)):
        if (mine.error is None) != (other.answer(group, i).error is None):
            return False
        if mine.error is None and not other.gives(group, i, mine.value, MATCH):
            return False
    return True


def _same_fault(criterion, trial, other, mistake):
    """Whether a mistake fails a criterion that the student fails, and for the same reason."""
    mine = trial.judged(criterion)
    if criterion.costly and mine.label:
        return mine.label == mistake.cost
    if criterion.judge is values_agree or not (mine.label or criterion.needs_value):
        return _same_group(trial, other, criterion.group) and not _passes(criterion, other)
    if _passes(criterion, other):
        return False
    theirs = other.judged(criterion)
    if (mine.label or mine.text) == (theirs.label or theirs.text):
        return True
    return not criterion.needs_value and _same_group(trial, other, criterion.group)


def _passes(criterion, trial):
    finding = trial.judged(criterion)
    return finding is None or finding.passed


def _same_group(trial, other, group):
    """Whether two trials gave the same answers, and these say something.

    On generic cases a wrong number must be among them, or an exception with the same words: many
    mistakes crash alike. Where the student is right otherwise, the same kind of crash on the same
    awkward input says enough.
    """
    informative = trial.value_is_right and any(a.error for a in trial.answers(group))
    for i, case in enumerate(trial.cases[group]):
        mine, theirs = trial.answer(group, i), other.answer(group, i)
        if (mine.error is None) != (theirs.error is None):
            return False
        if mine.error is not None:
            if mine.error.kind != theirs.error.kind:
                return False
            informative = informative or mine.error.message == theirs.error.message
            continue
        fault = compare(mine.value, trial.expected(case))
        if not other.gives(group, i, mine.value, _tolerance(fault)):
            return False
        informative = informative or not other.is_right(group, i)
    return informative


def _tolerance(fault):
    """How near a mistake must come: nearer than the right answer is, where that is very near."""
    return MATCH if fault is None else min(MATCH, 0.5 * fault.size)


def _from_the_steps(trial, chosen):
    """Name the steps at which known mistakes enter, and a wrong way to put a batch together.

    `chosen` are mistakes that give the whole answer: they are believed before steps that leave
    something unexplained.
    """
    if trial.value_is_right or trial.walk is None:
        return []
    if trial.walk.unknown_from and (chosen or trial.walk.forward is not None):
        return []  # the best of several bad explanations is none
    named = [
        Diagnosis(f"{step}.{rule.id}", rule.looks_like, rule.question, step=step)
        for step, rule in trial.walk.rules
    ]
    if trial.walk.forward is None and not trial.walk.faults:
        named += [d for d in _batch(trial) if not (chosen and d.id == UNKNOWN_BATCH)]
    return named


BATCH = {
    "sum": ("the sum over the batch", "The contract: is this loss a sum over examples, or a mean?"),
    "mean": (
        "the mean over the batch",
        "The contract: is this loss a sum over examples, or a mean?",
    ),
    "mean twice": ("divided by N twice", "How often should the batch size divide the gradient?"),
    "first": ("the first example only", "What happens to the other examples of the batch?"),
    "last": (
        "the last example only",
        "What happens to the other examples of the batch? Look for = where += belongs.",
    ),
    "other": faults.TEXTS["batch"],
}
UNKNOWN_BATCH = "batch.other"  # says less than any mistake of the bank


def _batch(trial):
    """Every step is right for one example: see what becomes of several."""
    stepwise = trial.exercise.stepwise()
    case, whole = trial.cases["generic"][0], trial.answers("generic")[0]
    singles = [trial.ask(lambda a=args: trial.caller(a)) for args in stepwise.split(*case.args)]
    if whole.error is not None or any(s.error is not None for s in singles):
        return []
    rule = batch_rule(stepwise, whole.value, [s.value for s in singles])
    if not rule:
        return []
    return [Diagnosis(f"batch.{rule}", *BATCH[rule], step="batch")]
