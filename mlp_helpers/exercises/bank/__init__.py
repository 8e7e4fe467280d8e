"""The bank: known wrong implementations with a diagnosis, and right ones in other styles.

A chapter's module makes one `Bank` and registers functions with its decorators. The wrong ones
name a student's mistake; both kinds test the criteria: each criterion must be failed by a wrong
one, and every right one must get full marks.
"""

from __future__ import annotations

from importlib import import_module

import numpy as np

from ...checking.exercise import Misconception
from ...checking.values import arrays_in

FOR_NUMBERS = {
    "condition": ("`if` on a whole array",
                  "An array holds many answers to that question, and `if` asks for one. Which "
                  "function of NumPy chooses entry by entry?"),
    "math": ("a function for one number on a whole array",
             "float(), math.exp and the like take one number. Which function of NumPy does the "
             "same for every entry of an array?"),
    "caret": ("^ for a power", "In Python ^ combines bits. Which operator is the power?"),
}


class Bank:
    """The wrong and right implementations of one chapter."""

    def __init__(self):
        self.mistakes = []
        self.variants = []

    def wrong(self, exercise, id, looks_like, question, reread="", cost=""):
        """Register a wrong implementation with its diagnosis, and the label of its cost."""

        def register(fn):
            self.mistakes.append(Misconception(id, looks_like, question, reread,
                                               exercise=exercise, make=lambda: fn, cost=cost))
            return fn

        return register

    def stateful(self, exercise, id, make, looks_like, question, reread=""):
        """Register a wrong implementation that keeps state; `make` makes it anew."""
        self.mistakes.append(Misconception(id, looks_like, question, reread, exercise=exercise,
                                           make=make, keeps_state=True))

    def for_numbers(self, exercise, **functions):
        """Register what works on one number and stops on an array.

        Keywords name the kind: ``condition`` (`if a > 0`), ``math`` (math.exp), ``caret`` (^).
        """
        for kind, fn in functions.items():
            self.wrong(exercise, f"{kind}_on_arrays", *FOR_NUMBERS[kind])(fn)

    def right(self, exercise, style):
        """Register a right implementation, written in some other style."""

        def register(fn):
            self.variants.append((exercise, style, fn))
            return fn

        return register

    def habits(self, exercise, fn, array=True):
        """Register what can spoil any right function: a memory, and an output buffer."""
        self.stateful(
            exercise,
            "remembers_by_shape",
            lambda: _remembering(fn),
            "an answer kept from an earlier call with input of the same shape",
            "What should happen when the same shape comes with other numbers?",
        )
        if array:
            self.stateful(
                exercise,
                "shares_a_buffer",
                lambda: _buffered(fn),
                "one output array that every call fills again",
                "Your caller may still hold the last result. Whose array is it?",
            )

    def repeats(self, exercise, fn):
        """Register a memory that shows on repeated calls alone, where cases share their shapes."""
        self.stateful(
            exercise,
            "repeats_the_last",
            lambda: _repeating(fn),
            "a call seen before answered with the last result at hand",
            "Something is kept between calls. Should a call depend on those before it?",
        )


def known_mistakes(chapter, exercise):
    """Give a function that loads the misconceptions of one exercise when they are needed."""

    def load():
        bank = import_module(f"{__name__}.chapter_{chapter}").bank
        return [m for m in bank.mistakes if m.exercise == exercise]

    return load


def _remembering(fn):
    kept = {}

    def wrapped(*args):
        key = tuple(a.shape for a in arrays_in(args))
        if key not in kept:
            kept[key] = fn(*args)
        return kept[key]

    return wrapped


def _repeating(fn):
    seen, last = set(), []

    def wrapped(*args):
        key = tuple(a.tobytes() for a in arrays_in(args))
        if key not in seen:
            seen.add(key)
            last[:] = [fn(*args)]
        return last[0]

    return wrapped


def _buffered(fn):
    buffers = {}

    def fill(out, place):
        if isinstance(out, (tuple, list)):
            return type(out)(fill(part, (*place, i)) for i, part in enumerate(out))
        out = np.asarray(out)
        buffer = buffers.setdefault((place, out.shape), np.empty_like(out))
        buffer[...] = out
        return buffer

    return lambda *args: fill(fn(*args), ())
