"""The exercises of all chapters: what is asked, data and not machinery.

One module per chapter (``chapter_01``) holds the exercises; ``bank/chapter_01`` holds known wrong
and right implementations.
"""

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
        return "\n".join(f"{e.chapter}  {e.id:<28}{e.points:>6g} points {e.minutes:>4} minutes"
                         for e in self.values())


@cache
def _all() -> dict:
    names = sorted(m.name for m in iter_modules(__path__) if m.name.startswith("chapter_"))
    modules = [import_module(f"{__name__}.{name}") for name in names]
    return {exercise.id: exercise for module in modules for exercise in module.EXERCISES}


def exercises() -> dict[str, Exercise]:
    """Return every exercise of the course by its id, in the order of the chapters."""
    return Catalogue(_all())


def find(name: str) -> Exercise:
    """Find an exercise by the name of its function.

    Raises
    ------
    UnknownExercise
        If there is none; the message names similar ones.
    """
    if name in _all():
        return _all()[name]
    from difflib import get_close_matches

    near = get_close_matches(str(name), _all(), n=3)
    meant = f" Did you mean {' or '.join(near)}?" if near else " exercises() lists them all."
    raise UnknownExercise(f"there is no exercise named {name!r}.{meant}")
