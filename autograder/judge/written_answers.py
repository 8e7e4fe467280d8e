"""Where a student wrote the answers that a person reads: anywhere up to the next heading.

An answer has a cell of its own in the release. Students add cells below it, split it, type it anew
somewhere near, or work with programs that drop the marks of cells. Whatever stands between the
heading of the answer and the next heading of the release, and is not the release's own, belongs to
the answer.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode


HEADING = re.compile(r"(?m)^#{1,6} .*")
BUILT = re.compile(r"(markdown|code)-([0-9a-f]{12})-\d+\Z")  # see autograder.release.generate


@dataclass(frozen=True)
class Part:
    """A piece of a written answer.

    Attributes
    ----------
    index : int
        The submitted cell that it stands in.
    text : str
        Markdown.
    moves : bool
        Whether the whole cell is the piece, so that it can be moved into the answer.
    """

    index: int
    text: str
    moves: bool


def find_answers(
    cells: Sequence[NotebookNode], release: NotebookNode, claims: Mapping[str, list[int]]
) -> dict[str, list[Part]]:
    """Find the pieces of all written answers.

    Parameters
    ----------
    cells : list of NotebookNode
        As submitted.
    release : NotebookNode
    claims : dict of str to list of int
        Which submitted cells say that they are a given graded cell.

    Returns
    -------
    dict of str to list of Part
        By the grade id of the answer, in the order of the notebook; answers that were not begun
        have no pieces.
    """
    outline = _Outline(release)
    parts, last = {name: [] for name in outline.answers}, None
    claimed = {index: name for name, indices in claims.items() for index in indices}
    for index, cell in enumerate(cells):
        source = cell.source.strip()
        if index in claimed:
            last, name = outline.places[claimed[index]], claimed[index]
            if name in parts and source not in ("", outline.answers[name]):
                parts[name].append(Part(index, cell.source, True))
            continue
        place = outline.place(cell, source)
        if place is None and _is_built(cell):
            last = outline.older(source, last)
            continue
        last = last if place is None else place
        original = "" if place is None else outline.sources[place]
        name = outline.answer_at(last, cell.cell_type == "code")
        unwritten = source in ("", original, *outline.answers.values())
        if name is None or unwritten or (place is not None and cell.cell_type == "code"):
            continue
        if cell.cell_type == "code":
            parts[name].append(Part(index, _quoted(cell.source), False))
        elif place is None:
            parts[name].append(Part(index, cell.source, True))
        else:  # an answer typed into the question
            parts[name].append(Part(index, source.removeprefix(original), False))
    return {name: _once(found) for name, found in parts.items()}


class _Outline:
    """The cells of a release and the sections that they stand in."""

    def __init__(self, release):
        self.sources = [cell.source.strip() for cell in release.cells]
        self.places, self.answers, self._ids, self._section = {}, {}, {}, []
        self._headings, section = {}, 0
        for place, cell in enumerate(release.cells):
            grading = cell.metadata.get("nbgrader", {})
            if cell.cell_type == "markdown" and not grading:
                for line in HEADING.findall(cell.source):
                    section = place
                    self._headings[line.strip()] = place
            self._section.append(section)
            self._ids[cell.get("id")] = place
            if grading:
                self.places[grading["grade_id"]] = place
            if cell.cell_type == "markdown" and grading.get("grade") and grading.get("solution"):
                self.answers[grading["grade_id"]] = cell.source.strip()
        often = Counter(self.sources)  # a text that occurs twice says not where it stands
        self._texts = {
            source: place for place, source in enumerate(self.sources) if often[source] == 1
        }

    def place(self, cell, source):
        """Which cell of the release a submitted one is: by its id, its text or its heading."""
        place = self._ids.get(cell.get("id"))
        if place is None:
            place = self._texts.get(source)
        if place is None and cell.cell_type == "markdown":
            place = self._headings.get(source.partition("\n")[0].strip())
        return place

    def older(self, source, last):
        """Where an untouched cell of an earlier release stands."""
        found = [self._headings.get(line.strip(), -1) for line in HEADING.findall(source)]
        return found[-1] if found else last

    def answer_at(self, last, code):
        """The answer that text after the cell at `last` belongs to; None if there is none."""
        if last is None or last < 0:
            return None
        here = [
            name for name in self.answers if self._section[self.places[name]] == self._section[last]
        ]
        begun = [name for name in here if self.places[name] - 1 <= last]
        if begun:
            return begun[-1]
        return here[0] if here and not code else None  # code before the question is an exercise's


def _is_built(cell):
    """Whether a cell is as some release had it: its id is made from its text."""
    found = BUILT.match(str(cell.get("id")))
    if found is None:
        return False
    text = f"{found[1]}\n{cell.source}".encode("utf-8", "backslashreplace")
    return hashlib.sha256(text).hexdigest()[:12] == found[2]


def _quoted(code):
    """Code as Markdown shows it."""
    longest = max(map(len, re.findall("~+", code)), default=0)
    fence = "~" * max(3, longest + 1)
    return f"In a code cell:\n\n{fence}\n{code}\n{fence}"


def _once(parts):
    """The pieces without exact copies of one another; of several the last."""
    seen = {}
    for part in reversed(parts):
        seen.setdefault(part.text.strip(), part)
    return list(seen.values())[::-1]
