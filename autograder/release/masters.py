"""A master, solutions/NN_name.py, as a notebook; and what a master must hold."""

from __future__ import annotations

import ast
import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..ground.errors import Problem
from .headings import written_out

if TYPE_CHECKING:
    from nbformat import NotebookNode


NAME = re.compile(r"(\d\d)_[a-z0-9_]+\Z")
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
CELL_KEYS = ("nbgrader", "tags", "course")
RAISES = "raises-exception"
DRAWS = "plots.show("  # what a cell that draws a figure holds; it is folded away
MARKS = ("### BEGIN SOLUTION", "### END SOLUTION")
SCHEME = ("=== BEGIN MARK SCHEME ===", "=== END MARK SCHEME ===")


def master_names(root: str | Path) -> list[str]:
    """List the names of the chapters that have a master."""
    found = sorted(path.stem for path in (Path(root) / "solutions").glob("*.py"))
    return [name for name in found if NAME.match(name)]


def master_notebook(path: Path) -> NotebookNode:
    """Read a master as a notebook, with cell ids of its own and a check of its contract.

    Parameters
    ----------
    path : Path
        ``solutions/NN_name.py``.

    Returns
    -------
    NotebookNode
    """
    path = Path(path)
    if not NAME.match(path.stem):
        raise Problem(f"{path.name}: a master is named NN_name.py, for example 01_softmax.py")
    notebook = read_master(path)
    _validate(notebook, path.name)
    return notebook


def read_master(path: Path) -> NotebookNode:
    """Read a py:percent file as a notebook with our metadata and cell ids, and without outputs."""
    import jupytext

    if not path.is_file():
        raise Problem(f"there is no master {path}")
    text = written_out(path.read_text(encoding="utf-8"), path.stem[:2])
    notebook = jupytext.reads(text, fmt="py:percent")
    notebook.metadata = _node(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for cell in notebook.cells:
        cell.metadata = _node({k: v for k, v in cell.metadata.items() if k in CELL_KEYS})
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if _is_check(cell):
            _complete(cell)
        if cell.cell_type == "code" and DRAWS in cell.source and not _grading(cell):
            cell.metadata["jupyter"] = _node({"source_hidden": True})  # a click opens it
    _give_ids(notebook.cells)
    return notebook


def _complete(cell):
    """Give a check's cell what its exercise says, and the tag by which *Run All* goes on."""
    from mlp_helpers import exercises

    tags = cell.metadata.get("tags", [])
    cell.metadata["tags"] = tags if RAISES in tags else [*tags, RAISES]
    exercise = exercises().get(cell.metadata.nbgrader.grade_id.removeprefix("check_"))
    if exercise is not None:
        points = exercise.points
        cell.metadata.nbgrader.setdefault("points", int(points) if points.is_integer() else points)


def notebook_text(notebook: NotebookNode) -> str:
    """Write a notebook as text, the same for the same content."""
    import nbformat

    return nbformat.writes(notebook, version=4).rstrip("\n") + "\n"


def _node(data):
    from nbformat import from_dict

    return from_dict(data)


def _grading(cell):
    return cell.metadata.get("nbgrader", {})


def _is_check(cell):
    """A code cell whose points the judge gives."""
    grading = _grading(cell)
    return cell.cell_type == "code" and grading.get("grade") and not grading.get("solution")


def _give_ids(cells):
    """Derive cell ids: the grade id, else a digest of the text and its repetition."""
    seen = {}
    for cell in cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        seen[digest] = seen.get(digest, 0) + 1
        plain = f"{cell.cell_type}-{digest}-{seen[digest]}"
        cell.id = _grading(cell).get("grade_id", plain)


def _validate(notebook, name):
    """Raise a Problem with one line for the first thing that is wrong."""
    from mlp_helpers import exercises

    wanted = {e.id: e for e in exercises().values() if e.chapter == name[:2]}
    for fault in _faults(notebook.cells, wanted):
        raise Problem(f"solutions/{name}: {fault}")


def _faults(cells, exercises):
    """Yield what is wrong with the cells of a master."""
    if not exercises:
        yield "the exercise registry has no exercise of this chapter"
    yield from _id_faults(cells)
    graded = graded_cells(cells)
    for cell in cells:
        yield from _mark_faults(cell)
    for exercise in exercises.values():
        yield from exercise_faults(exercise, graded)
    for name, (_, cell) in graded.items():
        if _is_check(cell) and name.removeprefix("check_") not in exercises:
            yield f"cell {name} checks no exercise of this chapter"


def graded_cells(cells):
    """The cells that nbgrader knows, with their places: grade id -> (int, cell)."""
    return {_grading(c)["grade_id"]: (i, c) for i, c in enumerate(cells) if _grading(c)}


def _id_faults(cells):
    seen = set()
    for cell in cells:
        grading = _grading(cell)
        name = grading.get("grade_id")
        if grading and not re.match(r"[A-Za-z0-9_-]{1,64}\Z", name or ""):
            yield f"a cell has the grade id {name!r}: use letters, digits and _, at most 64"
        if name in seen:
            yield f"two cells have the grade id {name}"
        seen.update([name] if name else [])


def _mark_faults(cell):
    """Solution marks belong into solution cells, a mark scheme into answers graded by hand."""
    grading = _grading(cell)
    where = grading.get("grade_id") or repr(cell.source[:40])
    pairs = (
        (MARKS, grading.get("solution")),
        (SCHEME, grading.get("solution") and grading.get("grade")),
    )
    for (begin, end), allowed in pairs:
        counts = cell.source.count(begin), cell.source.count(end)
        if counts[0] != counts[1]:
            yield f"cell {where} has {counts[0]} x '{begin}' and {counts[1]} x '{end}'"
        if counts[0] and not allowed:
            yield f"cell {where} has '{begin}' but is no cell that nbgrader clears"


def exercise_faults(exercise, graded):
    """Yield what is wrong with an exercise's cells: one that defines the function, then one locked
    check of it."""
    name = exercise.id
    solution, check = graded.get(name), graded.get(f"check_{name}")
    if solution is None or check is None:
        yield f"exercise {name} needs a solution cell {name} and a check cell check_{name}"
        return
    (where, cell), (later, checking) = solution, check
    if not (cell.cell_type == "code" and _grading(cell).get("solution")):
        yield f'cell {name} must be a code cell with "solution": true'
    elif MARKS[0] not in cell.source or not _defines(cell.source, name):
        yield f"cell {name} must define {name} with its solution between '{MARKS[0]}' and its end"
    if not (_is_check(checking) and _grading(checking).get("locked")):
        yield f'cell check_{name} must be a locked code cell with "grade": true'
    elif checking.source.strip() != f"check({name})":
        yield f"cell check_{name} must be the one line: check({name})"
    elif float(_grading(checking)["points"]) != exercise.points:
        points = _grading(checking)["points"]
        yield (
            f"cell check_{name} gives {points} points, its exercise {exercise.points:g}: leave "
            "them out here, the exercise's module has them"
        )
    if later < where:
        yield f"cell check_{name} stands before the solution cell"


def _defines(source, name):
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return False
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in body)
