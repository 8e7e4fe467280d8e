"""What nbgrader's metadata say of a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode


def grade_id(cell: NotebookNode) -> str | None:
    """The nbgrader id of a cell, None if it has none that is text."""
    data = cell.metadata.get("nbgrader")
    name = data.get("grade_id") if isinstance(data, dict) else None
    return name if isinstance(name, str) and name else None


def is_locked(cell: NotebookNode) -> bool:
    """Whether the release's text of this cell counts, not the student's."""
    return not cell.metadata.nbgrader.get("solution", False)


def is_check(cell: NotebookNode) -> bool:
    """Whether the judge decides the points of this cell of the release."""
    return (
        cell.cell_type == "code"
        and cell.metadata.get("nbgrader", {}).get("grade", False)
        and is_locked(cell)
    )
