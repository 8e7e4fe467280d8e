"""Is it backprop? The criterion on the work of a gradient, and what an expensive one looks like."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .compare import compare
from .exercise import Criterion
from .finding import Finding, differs, stopped
from .values import flat

if TYPE_CHECKING:
    from .trial import Trial


ESCAPED = 2.0  # forward passes: a gradient cannot cost less, so work was done out of sight
BACKPROP = 8.0  # honest code counts 2.7 to 4.5; a forward pass per layer 12 and more
LARGE_NET = 1e-9  # on the counted net, sums are longer and cancel more than in the value cases
PER_LAYER = 40.0  # above: a pass per unit, or Jacobians multiplied out; 50 to 400
# Per multiply-accumulate of a forward pass: backprop in scalar loops takes 3 to 12 lines, a graph
# of single numbers with one pass back over it (an object for every sum and product) 80 to 95.
LINES = 130


class CostOfBackprop:
    """The gradient is found for the work of a few forward passes.

    Work that escapes the counter (loops over single numbers, another module's NumPy) is not held
    against anyone by itself: only lines of Python for dozens of forward passes are a second sign.
    """

    def __call__(self, trial: Trial, group: str) -> Finding | None:
        case = trial.cases[group][0]
        macs = case.macs
        work = trial.work(group, LINES * macs)
        if work.error is not None:
            return stopped(work.error, case)
        passes = work.operations / (2 * macs)
        if passes > BACKPROP or work.lines > LINES * macs:
            return _too_much(work, passes, _entries(trial.expected(case).value))
        if not trial.value_is_right:
            return None
        if (wrong := self._wrong(trial, group)) is not None:
            return wrong
        return Finding(_fair(work, passes, macs), passed=True)

    @staticmethod
    def _wrong(trial, group):
        """Why the plain answer to the counted case is wrong, if it is; rounding apart."""
        case, answer = trial.cases[group][0], trial.answer(group, 0)
        if answer.error is not None:
            return stopped(answer.error, case)
        difference = compare(answer.value, replace(trial.expected(case), tol=LARGE_NET))
        return difference and differs(difference, case)


def _entries(value):
    return sum(np.size(part) for part in flat(value))


SHARED = "Which quantity do all weights of a layer share, so that one pass backwards is enough?"


def _too_much(work, passes, parameters):
    """Say what an expensive gradient looks like; backprop needs about three passes."""
    if passes <= BACKPROP:
        return Finding(
            "loops over single numbers that run through the network again and again: "
            f"once per unit or per parameter. {SHARED}",
            label="scalar loops",
        )
    least = "at least " if work.stopped else ""
    cost = f"the work of {least}{passes:.0f} forward passes, where backprop needs about 3"
    if work.complex:
        return Finding(
            f"{cost}, with complex numbers: a complex step for every entry is a way to "
            f"check. {SHARED}",
            label="complex step",
        )
    if passes > parameters / 8:  # counting may have stopped early
        return Finding(
            f"{cost}: one or two passes for every one of the {parameters} parameters. {SHARED}",
            label="per parameter",
        )
    if passes > PER_LAYER or work.stopped:
        return Finding(
            f"{cost}: a pass for every unit, or matrices multiplied where a vector "
            f"would do. {SHARED}",
            label="per unit",
        )
    return Finding(
        f"{cost}. Is the forward pass, or the way back from the top, run again for every layer?",
        label="per layer",
    )


def _fair(work, passes, macs):
    """Remark on a gradient whose cost is in order, or cannot be seen."""
    if work.raised or (passes < ESCAPED and work.lines < macs / 2):
        return (
            "the work was done where it cannot be counted, so your word is taken for it: "
            "backprop costs about 3 forward passes"
        )
    if passes < ESCAPED:
        return (
            "honest work, one number at a time; write whole-array products next, they are "
            "about a hundred times faster"
        )
    return f"the whole gradient for the work of {passes:.1f} forward passes"


def cost(
    points: float, name: str = "cost of backprop", group: str = "cost", **text: Any
) -> Criterion:
    """The gradient for a few forward passes; the group holds one case, with its `macs`."""
    return Criterion(
        name,
        points,
        CostOfBackprop(),
        group,
        needs_value=True,
        says_anyway=True,
        costly=True,
        **text,
    )
