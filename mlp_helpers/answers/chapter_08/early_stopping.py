"""Look ahead, then go back."""

from __future__ import annotations

import math

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference import regularisation as reference
from ..bank import Bank
from ..draw import case, strided


def _curve(rng, n, best):
    """A validation curve without ties whose smallest value is at `best`."""
    val = 0.2 + 0.02 * np.abs(np.arange(n) - best) + rng.uniform(0.0, 0.015, n)
    val[best] = 0.15
    return val


def _stopping_cases(rng):
    def one(val, patience):
        return case(np.asarray(val), patience, n=len(val))

    def second_valley(n, first, patience, gap):
        """A valley, a bump of `gap` epochs, then a deeper valley."""
        val = np.concatenate(
            [
                _curve(rng, first + 1, first),
                rng.uniform(0.3, 0.4, gap),
                rng.permutation(np.linspace(0.01, 0.09, n - first - 1 - gap)),
            ]
        )
        return one(val, patience)

    def saw():
        """Every second epoch is worse than the last, no three in a row fail to improve."""
        return 0.9 - 0.03 * np.arange(14) + 0.05 * (np.arange(14) % 2) + rng.uniform(0.0, 0.005, 14)

    bumpy = rng.permutation(np.linspace(0.1, 0.9, 23))
    steps = np.array([0.5, 0.4, 0.4, 0.3, 0.3, 0.3, 0.35, 0.3, 0.2, 0.2])
    return {
        "generic": [
            one(_curve(rng, 23, 7), 5),
            one(_curve(rng, 17, 4), 2),
            one(bumpy, 3),
            one(rng.permutation(bumpy), 2),
            one(strided(_curve(rng, 19, 11)), 4),
            one(_curve(rng, 13, 0), 3),
            one(_curve(rng, 13, 6), 1),
            one(0.4 - 1e-7 * np.arange(9), 2),
            one(saw(), 3),
            one(saw() + 3e5, 3),
            one(1e200 * bumpy, 3),
            one(-7e6 * bumpy, 2),
            one([3e5, 2e5, 1e5, 1.5e5], 2),
        ],
        "later": [
            second_valley(29, 6, 4, 4),
            second_valley(29, 6, 4, 3),
            second_valley(23, 3, 2, 2),
            second_valley(23, 3, 1, 1),
        ],
        "never": [
            one(_curve(rng, 11, 10), 3),
            one(_curve(rng, 13, 9), 7),
            one(_curve(rng, 7, 2), 5),
            one(_curve(rng, 7, 2), 4),
            one([0.4], 2),
        ],
        "ties": [one(steps, 4), one(steps, 2), one(np.full(9, 0.25), 3), one([3, 2, 2, 2, 1], 3)],
        "twice": [one(_curve(rng, 23, best), 5) for best in (7, 12)],
    }


bank = Bank()


EXERCISE = Exercise(
    title="Look ahead, then go back",
    signature="early_stopping(val, patience)",
    returns=("best", "stop"),
    minutes=10,
    lines=7,
    section="Knowing when to stop",
    draw=_stopping_cases,
    oracle=reference.early_stopping,
    criteria=(
        shape(0.25, "two whole numbers"),
        value(1.5),
        value(0.75, "nothing after the stop is seen", "later", needs_value=False),
        value(0.5, "never stopped", "never", needs_value=False),
        value(0.5, "ties are no improvement", "ties"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "Walk through the epochs as training would: you cannot see the next one. What two "
        "numbers must you remember on the way?",
        "Remember the best epoch so far. A strictly smaller error is a new best. Stop at the "
        "first epoch with epoch - best = patience; if that never happens, at the last one.",
        "best = 0\nfor epoch in range(len(val)):\n"
        "    if val[epoch] < ...: best = epoch\n"
        "    if epoch - best == ...: return best, ...\nreturn best, ...",
    ),
    bank=bank,
)


def stopping(val, patience, better=lambda new, old: new < old, wait=lambda since, p: since >= p):
    best = 0
    for t in range(len(val)):
        if better(val[t], val[best]):
            best = t
        if wait(t - best, patience):
            return best, t
    return best, len(val) - 1


@bank.wrong(
    "the best epoch of the whole curve",
    "Training has stopped. Can you keep an epoch that was never run?",
)
def sees_the_future(val, patience):
    return int(np.argmin(val)), stopping(val, patience)[1]


@bank.wrong("the whole curve, without stopping", "What is patience for?")
def never_stops(val, patience):
    return int(np.argmin(val)), len(val) - 1


@bank.wrong("a tie counted as an improvement", "Is 0.3 strictly better than 0.3?")
def ties_improve(val, patience):
    return stopping(val, patience, better=lambda new, old: new <= old)


@bank.wrong(
    "one epoch too late: more than patience epochs",
    "At which epoch have `patience` epochs passed since the best one?",
)
def one_too_late(val, patience):
    return stopping(val, patience, wait=lambda since, p: since > p)


@bank.wrong(
    "one epoch too early", "At which epoch have `patience` epochs passed since the best one?"
)
def one_too_early(val, patience):
    return stopping(val, patience, wait=lambda since, p: since and since >= p - 1)


@bank.wrong("stopped at the first increase", "What is the look-ahead for?")
def no_look_ahead(val, patience):
    return stopping(val, 1)


@bank.wrong(
    "each epoch compared with the one before it",
    "Is the curve better than the epoch before, or than the best one so far?",
)
def compares_with_previous(val, patience):
    best, bad = 0, 0
    for t in range(1, len(val)):
        bad = 0 if val[t] < val[t - 1] else bad + 1
        best = t if val[t] < val[best] else best
        if bad >= patience:
            return best, t
    return best, len(val) - 1


@bank.wrong(
    "bad epochs counted without starting again after an improvement",
    "What should the count be after an improvement?",
)
def counter_never_reset(val, patience):
    best, bad = 0, 0
    for t in range(1, len(val)):
        if val[t] < val[best]:
            best = t
        else:
            bad += 1
        if bad >= patience:
            return best, t
    return best, len(val) - 1


@bank.wrong("the largest value as the best", "Is the curve an error or an accuracy?")
def largest(val, patience):
    return stopping(val, patience, better=lambda new, old: new > old)


@bank.wrong("(stop, best)", "In which order does the contract return them?")
def swapped(val, patience):
    return stopping(val, patience)[::-1]


@bank.wrong("the smallest error in place of its epoch", "Were indices asked for, or errors?")
def error_for_epoch(val, patience):
    best, last = stopping(val, patience)
    return float(val[best]), last


@bank.wrong("the last epoch kept, not the best", "Which epoch's parameters do you want?")
def keeps_the_last(val, patience):
    last = stopping(val, patience)[1]
    return last, last


@bank.wrong("epochs counted from 1", "What is the index of the first epoch?")
def from_one(val, patience):
    best, last = stopping(val, patience)
    return best + 1, last + 1


@bank.wrong(
    "len(val) as the last epoch when training is never stopped",
    "What is the index of the last epoch?",
)
def length_when_never(val, patience):
    best, last = stopping(val, patience)
    return best, last if last - best >= patience else len(val)


@bank.wrong("None when training is never stopped", "Which epoch was the last one that was run?")
def none_when_never(val, patience):
    best, last = stopping(val, patience)
    return best, last if last - best >= patience else None


@bank.wrong("best + patience, also beyond the end", "Can training stop after the last epoch?")
def best_plus_patience(val, patience):
    best = stopping(val, patience)[0]
    return best, best + patience


@bank.wrong("the best epoch alone", "How many numbers does the contract return?")
def best_only(val, patience):
    return stopping(val, patience)[0]


@bank.wrong(
    "a best error that begins at a fixed number",
    "Which errors can be larger than your first best one? What is larger than all of them?",
)
def begins_at_a_number(val, patience):
    best, smallest = 0, 1e5
    for t, error in enumerate(val):
        if error < smallest:
            best, smallest = t, error
        if t - best == patience:
            return best, t
    return best, len(val) - 1


@bank.wrong(
    "each epoch compared with the one before it, the best found at the end",
    "The error falls a little after every rise and never reaches its best again. When do you stop?",
)
def rises_in_a_row(val, patience):
    rises = 0
    for t in range(1, len(val)):
        rises = rises + 1 if val[t] >= val[t - 1] else 0
        if rises == patience:
            return t - patience, t
    return int(np.argmin(val)), len(val) - 1


@bank.wrong("only gains of more than 1e-2 counted", "Is a small improvement an improvement?")
def minimal_gain(val, patience):
    return stopping(val, patience, better=lambda new, old: new < old - 1e-2)


@bank.wrong("val changed while looking at it", "Who else holds the curve?")
def changes_argument(val, patience):
    result = stopping(val, patience)
    val[:] = 0
    return result


bank.habits(stopping, array=False)


bank.repeats(stopping)


@bank.right("a counter and the best value")
def a_counter_and_the_best_value(val, patience):
    best_value, best, bad = math.inf, 0, 0
    for t, v in enumerate(val):
        if v < best_value:
            best_value, best, bad = v, t, 0
        else:
            bad += 1
        if bad == patience:
            break
    return best, t


@bank.right("the best of every prefix")
def the_best_of_every_prefix(val, patience):
    best = [int(np.argmin(val[: t + 1])) for t in range(len(val))]
    for t, b in enumerate(best):
        if t - b == patience:
            return b, t
    return best[-1], len(val) - 1


@bank.right("jumps from improvement to improvement, NumPy whole numbers")
def jumps_from_improvement_to_improvement(val, patience):
    best = 0
    while True:
        ahead = np.flatnonzero(val[best + 1 : best + patience + 1] < val[best])
        if not ahead.size:
            return np.array([best, min(best + patience, len(val) - 1)])
        best += 1 + int(ahead[0])
