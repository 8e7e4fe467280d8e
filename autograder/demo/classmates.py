"""Twelve made-up students: how each one solves a chapter, right or wrong.

Nothing here knows a chapter. Right answers come from the master notebook, wrong ones from the bank
of known mistakes, so a new chapter is in the demo as soon as it has both.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mlp_helpers.checking import Exercise


@dataclass(frozen=True)
class Chapter:
    """What a made-up student can draw on.

    Attributes
    ----------
    exercises : list of Exercise
        In the order of the chapter.
    right : dict of str to str
        The master's solution cells by grade id.
    demos : list of str
        The master's other code cells, which may call the reader's functions.
    paper : list of str
        Grade ids of the answers that a person grades.
    """

    exercises: list
    right: dict[str, str]
    demos: list[str]
    paper: list[str]

    @property
    def complete(self) -> dict[str, str]:
        """Everything solved, rightly; what is done on paper is said to be there."""
        return {**self.right, **dict.fromkeys(self.paper, "My derivation is on the sheet.")}

    @property
    def loneliest(self) -> Exercise:
        """The exercise that the fewest other cells call: a hang in it costs no further cell."""
        return min(self.exercises, key=lambda e: sum(f"{e.id}(" in cell for cell in self.demos))


@dataclass(frozen=True)
class Student:
    """One made-up student.

    Attributes
    ----------
    name : str
    story : str
        What this one does, for the table.
    solve : callable
        ``solve(chapter) -> {grade id: source}``: the cells that the student wrote; what is left
        out stays unsolved.
    readable : bool
        Whether the file that is handed in can be read.
    """

    name: str
    story: str
    solve: Callable
    readable: bool = True


def everything(chapter: Chapter) -> dict[str, str]:
    """Solve all, rightly."""
    return chapter.complete


def nothing(chapter: Chapter) -> dict[str, str]:
    """Hand in the release as it is."""
    return {}


def first_half(chapter: Chapter) -> dict[str, str]:
    """Solve the first exercises and leave the rest."""
    ids = [e.id for e in chapter.exercises]
    return {name: chapter.right[name] for name in ids[: len(ids) // 2]}


def mistaken(turn: int) -> Callable[[Chapter], dict[str, str]]:
    """Make a known mistake in every third exercise; `turn` says in which ones, and which."""

    def solve(chapter):
        sources = chapter.complete
        for i, exercise in enumerate(chapter.exercises[turn % 3 :: 3]):
            known = usable_mistakes(exercise)
            if known:
                sources[exercise.id] = known[(5 * turn + i) % len(known)]
        return sources

    return solve


def spoiled(body: str) -> Callable[[Chapter], dict[str, str]]:
    """Write one body into one exercise; the others are right."""

    def solve(chapter):
        exercise = chapter.loneliest
        source = f"def {exercise.signature}:\n{textwrap.indent(body, '    ')}"
        return {**chapter.complete, exercise.id: source}

    return solve


CRASH = "total = sum(scores)   # a name from another cell that was never run\nreturn scores / total"
LOOP = "step = 0\nwhile step >= 0:\n    step += 1\nreturn step"
EXIT = "import os\nos._exit(1)"
MARKS = r"(?m)^ *### (BEGIN|END) SOLUTION\n?"

STUDENTS = (
    Student("student-01", "everything right", everything),
    Student("student-02", "the first half", first_half),
    Student("student-03", "known mistakes", mistaken(0)),
    Student("student-04", "known mistakes", mistaken(1)),
    Student("student-05", "known mistakes", mistaken(2)),
    Student("student-06", "known mistakes", mistaken(3)),
    Student("student-07", "known mistakes", mistaken(4)),
    Student("student-08", "one cell crashes", spoiled(CRASH)),
    Student("student-09", "one endless loop", spoiled(LOOP)),
    Student("student-10", "one calls os._exit", spoiled(EXIT)),
    Student("student-11", "nothing attempted", nothing),
    Student("student-12", "unreadable file", everything, readable=False),
)


# Sources ------------------------------------------------------------------------------------------


def chapter_of(master, exercises):
    """Read a master notebook.

    Parameters
    ----------
    master : NotebookNode
    exercises : list of Exercise
        Those of this chapter.

    Returns
    -------
    Chapter
    """
    right, demos, paper = {}, [], []
    for cell in master.cells:
        grading = cell.metadata.get("nbgrader", {})
        solution, code = grading.get("solution"), cell.cell_type == "code"
        if code and solution:
            right[grading["grade_id"]] = re.sub(MARKS, "", cell.source)
        elif code and not grading:
            demos.append(cell.source)
        elif solution:
            paper.append(grading["grade_id"])
    return Chapter(exercises, right, demos, paper)


def usable_mistakes(exercise: Exercise) -> list[str]:
    """Give the sources of those known mistakes that can stand alone in a notebook cell."""
    sources = (source_of(m.fn, exercise.id) for m in exercise.mistakes)
    return [source for source in sources if source is not None]


def source_of(fn: Callable, name: str) -> str | None:
    """Rewrite a function of the bank as a student's cell.

    Parameters
    ----------
    fn : function
    name : str
        What the student's function is called.

    Returns
    -------
    str or None
        A definition that needs nothing but NumPy as ``np``; its helpers are nested in it. None if
        there is no such text: a closure, or something else than functions in its globals.
    """
    helpers = _helpers(fn)
    if helpers is None:
        return None
    node = _definition(fn)
    node.name = name
    node.body[:0] = [_definition(helper) for helper in helpers]
    return ast.unparse(ast.fix_missing_locations(node))


def _helpers(fn):
    """List the functions that one needs from its module, in any depth; None if it needs more."""
    found, todo = [], [fn]
    while todo:
        current = todo.pop()
        if not _is_plain(current):
            return None
        for name in _global_names(current.__code__):
            value = current.__globals__.get(name)
            if value is np or name not in current.__globals__:
                continue
            if isinstance(value, ModuleType) or getattr(value, "__name__", None) != name:
                return None
            if value not in found and value is not fn:
                found.append(value)
                todo.append(value)
    return found


def _is_plain(fn):
    """Whether a function is a `def` without closure, its defaults numbers or text."""
    if not isinstance(fn, FunctionType) or fn.__name__ == "<lambda>":
        return False
    if fn.__closure__ or fn.__kwdefaults__:
        return False
    defaults = fn.__defaults__ or ()
    return all(value is None or isinstance(value, (int, float, str)) for value in defaults)


def _global_names(code):
    """Names that a function may look up globally, those of its inner functions included."""
    inner = [c for c in code.co_consts if isinstance(c, type(code))]
    return {*code.co_names, *(name for c in inner for name in _global_names(c))}


def _definition(fn):
    """Parse a function's source, without its decorators and with its defaults written out."""
    node = ast.parse(textwrap.dedent(inspect.getsource(fn))).body[0]
    node.decorator_list = []
    node.args.defaults = [ast.Constant(value) for value in fn.__defaults__ or ()]
    return node
