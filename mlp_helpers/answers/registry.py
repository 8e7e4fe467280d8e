"""Which exercises there are, and where: found by folders, loaded when they are asked for.

A chapter is a package (``chapter_01``) whose ``__init__`` lists its exercises in their order; each
of them is a module of that name.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from ..checking.exercise import Exercise


class UnknownExercise(ValueError):
    """No exercise has this name; the message lists near ones. Its traceback is one line."""

    def _render_traceback_(self):
        return [f"UnknownExercise: {self}"]


class Catalogue(dict):
    """Exercises by id; printed, one line each."""

    def __repr__(self):
        return "\n".join(
            f"{e.chapter}  {e.id:<28}{e.points:>6g} points {e.minutes:>4} minutes"
            for e in self.values()
        )


PACKAGE = __package__
FOLDERS = sorted(m.name for m in iter_modules(import_module(PACKAGE).__path__) if m.ispkg)
CHAPTERS = {name[-2:]: import_module(f"{PACKAGE}.{name}").EXERCISES for name in FOLDERS}
NAMES = {name: chapter for chapter, names in CHAPTERS.items() for name in names}


def exercises() -> dict[str, Exercise]:
    """Return every exercise of the course by its id, in the order of the chapters."""
    return Catalogue({name: find(name) for name in NAMES})


def find(name: str) -> Exercise:
    """Find an exercise by the name of its function.

    Raises
    ------
    UnknownExercise
        If there is none; the message names similar ones.
    """
    if name in NAMES:
        return _load(name)
    raise UnknownExercise(f"there is no exercise named {name!r}. {did_you_mean(name, NAMES)}")


@cache
def _load(name):
    chapter = NAMES[name]
    module = import_module(f"{PACKAGE}.chapter_{chapter}.{name}")
    return replace(module.EXERCISE, chapter=chapter)


def did_you_mean(name, names):
    """A sentence that gives the names nearest to `name`, or says how to list all exercises."""
    from difflib import get_close_matches

    near = get_close_matches(str(name), names, n=3)
    return (
        f"Did you mean {' or '.join(near)}?"
        if near
        else "exercises() lists them all (from mlp_helpers import exercises)."
    )
