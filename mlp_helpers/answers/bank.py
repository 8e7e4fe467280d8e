"""The bank of one exercise: known wrong implementations with a diagnosis, and right ones.

An exercise's module makes one `Bank` and registers functions with its decorators. The wrong ones
name a student's mistake; both kinds test the criteria: each criterion must be failed by a wrong
one, and every right one must get full marks.
"""

from __future__ import annotations

import numpy as np

from ..checking.exercise import Mistake
from ..checking.values import arrays_in

FOR_NUMBERS = {
    "condition": (
        "`if` on a whole array",
        "An array holds many answers to that question, and `if` asks for one. Which "
        "function of NumPy chooses entry by entry?",
    ),
    "math": (
        "a function for one number on a whole array",
        "float(), math.exp and the like take one number. Which function of NumPy does the "
        "same for every entry of an array?",
    ),
    "caret": ("^ for a power", "In Python ^ combines bits. Which operator is the power?"),
}


class Bank:
    """The wrong and right implementations of one exercise.

    Attributes
    ----------
    mistakes : list of Mistake
    variants : list of (str, callable)
        Right implementations, each with its style in a few words.
    """

    def __init__(self):
        self.mistakes = []
        self.variants = []

    def wrong(self, looks_like, question, *, id="", reread="", cost=""):
        """Register a wrong implementation.

        Parameters
        ----------
        looks_like, question : str
            The mistake in a few words or symbols, and the question that helps.
        id : str, optional
            The function's name by default; there an underscore at the end, which keeps clear of
            another name, does not count.
        reread : str, optional
            The heading to go back to, where it is not the exercise's own.
        cost : str, optional
            The label under which a costly criterion fails it.
        """

        def register(fn):
            name = id or fn.__name__.rstrip("_")
            self.mistakes.append(
                Mistake(name, looks_like, question, reread, make=lambda: fn, cost=cost)
            )
            return fn

        return register

    def stateful(self, id, make, looks_like, question, reread=""):
        """Register a wrong implementation that keeps state; `make` makes it anew."""
        self.mistakes.append(Mistake(id, looks_like, question, reread, make=make, keeps_state=True))

    def for_numbers(self, **functions):
        """Register what works on one number and stops on an array.

        Keywords name the kind: ``condition`` (`if a > 0`), ``math`` (math.exp), ``caret`` (^).
        """
        for kind, fn in functions.items():
            self.wrong(*FOR_NUMBERS[kind], id=f"{kind}_on_arrays")(fn)

    def right(self, style):
        """Register a right implementation, written in some other style."""

        def register(fn):
            self.variants.append((style, fn))
            return fn

        return register

    def habits(self, fn, array=True):
        """Register what can spoil any right function: a memory, and an output buffer."""
        self.stateful(
            "remembers_by_shape",
            lambda: _remembering(fn),
            "an answer kept from an earlier call with input of the same shape",
            "What should happen when the same shape comes with other numbers?",
        )
        if array:
            self.stateful(
                "shares_a_buffer",
                lambda: _buffered(fn),
                "one output array that every call fills again",
                "Your caller may still hold the last result. Whose array is it?",
            )

    def repeats(self, fn):
        """Register a memory that shows on repeated calls alone, where cases share their shapes."""
        self.stateful(
            "repeats_the_last",
            lambda: _repeating(fn),
            "a call seen before answered with the last result at hand",
            "Something is kept between calls. Should a call depend on those before it?",
        )


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
