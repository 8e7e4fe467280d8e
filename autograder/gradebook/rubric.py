"""The rubric below each written answer on formgrader's page; no file that is graded holds it."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbconvert.preprocessors import Preprocessor
from nbformat.v4 import new_markdown_cell
from nbgrader.preprocessors import ClearMarkScheme

from ..ground.cells import grade_id

HEADING = "**Rubric of the answer above** (on this page alone; students do not see it)"


class Rubric(Preprocessor):
    """Adds what the master says of the marks of an answer. Only formgrader names an assignment."""

    def preprocess(self, nb, resources):
        """Give the notebook with a cell more below each answer that has a rubric."""
        chapter = resources.get("assignment_id")
        if chapter is None:
            return nb, resources
        found, cells = rubrics(self.config.CourseDirectory.root, chapter), []
        for cell in nb.cells:
            cells.append(cell)
            if grade_id(cell) in found:
                cells.append(new_markdown_cell(f"{HEADING}\n\n{found[grade_id(cell)]}"))
        nb.cells = cells
        return nb, resources


def rubrics(root, chapter):
    """Read the rubrics of a chapter: text by grade id; none if its master is not here."""
    path = Path(root, "solutions", chapter, f"{chapter}.ipynb")
    if not path.is_file():
        return {}
    begin, end = (
        trait.default_value
        for trait in (
            ClearMarkScheme.begin_mark_scheme_delimeter,
            ClearMarkScheme.end_mark_scheme_delimeter,
        )
    )
    return {
        grade_id(cell): scheme
        for cell in nbformat.read(path, as_version=4).cells
        if grade_id(cell) and (scheme := "\n\n".join(_between(cell.source, begin, end)))
    }


def _between(text, begin, end):
    """What stands between lines that hold two words, of each pair."""
    found = None
    for line in text.split("\n"):
        if begin in line:
            found = []
        elif end in line and found is not None:
            yield "\n".join(found).strip()
            found = None
        elif found is not None:
            found.append(line)
