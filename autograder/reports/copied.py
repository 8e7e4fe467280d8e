"""Which of the course's own code a submission holds: solutions, reference and bank.

Tokens are found by a pattern, not by Python's parser: what is handed in need not be Python. All of
it is linear in the text that was handed in.
"""

from __future__ import annotations

import ast
import builtins
import json
import keyword
import re
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import jupytext

from ..ground.cells import grade_id
from ..worker.visible_files import PACKAGES

TOKEN = re.compile(
    r"#[^\n]*|'''[\s\S]*?'''|\"\"\"[\s\S]*?\"\"\"|\"[^\"\n]*\"|'[^'\n]*'"
    r"|[^\W\d]\w*|\d[\w.]*|\S"
)
FIXED = frozenset([*keyword.kwlist, *dir(builtins)])  # names that nobody can change
QUOTES = ('"""', "'''")
MAX_TOKENS = 50_000
GRAM = 12  # tokens that make one print
WINDOW = 8  # of prints in a row, of which the smallest is kept
SHORTEST = 30  # tokens of a function's body; shorter ones anybody writes
BY_CHANCE = 20  # tokens of a body that two people may well write alike
BEYOND = 25  # tokens more than that, of all functions together, which is no chance
FEWEST = 15  # prints of a function that is found also where lines were added
MOST_OF_IT = 0.8  # of its prints, to be found
OWN_LINE = 40  # characters of a comment or a description that nobody writes a second time


def tokens(source: str) -> list[str]:
    """The words and signs of a text, without comments; at most `MAX_TOKENS`."""
    return [token for _, token in _placed(source)]


def _placed(source):
    """(column or None, token): the column only of a token that is the first in its line."""
    if not source.isascii():  # as Python itself reads names
        source = unicodedata.normalize("NFKC", source)
    found, end = [], 0
    for match in TOKEN.finditer(source):
        gap = source[end : match.start()]
        new = not end or "\n" in gap
        end = match.end()
        if match[0][0] == "#":
            end -= 1  # so that what follows still begins a line
            continue
        found.append((len(gap) - gap.rfind("\n") - 1 if new else None, match[0]))
        if len(found) == MAX_TOKENS:
            break
    return found


def functions(source):
    """The bodies of a text's outermost functions, as lists of tokens without the description."""
    found, body, indent, header, depth = [], None, 0, False, 0
    for column, token in _placed(source):
        if column is not None and depth == 0:
            if body is not None and column <= indent:
                body = None
            if body is None and token in ("def", "async"):
                body, indent, header = [], column, True
                found.append(body)
        depth = max(0, depth + (token in "([{") - (token in ")]}"))
        if body is not None and header:
            header = token != ":" or depth > 0
        elif body is not None and (body or not token.startswith(QUOTES)):
            body.append(token)
    return found


def form(words):
    """Code as text in which only its form is left: names of one's own by their place."""
    names = {}
    return " ".join(
        word if kept else names.setdefault(word, f"v{len(names)}") for word, kept in _kept(words)
    )


def _kept(words):
    """(word, whether it stays when somebody else's code gets new names)."""
    return [
        (word, before == "." or not word.isidentifier() or word in FIXED)
        for before, word in zip(["", *words], words, strict=False)
    ]


def prints(words):
    """Winnowed prints of a row of tokens, one's own names taken away: set of int.

    Of `WINDOW` prints in a row the smallest is kept, so that any common run of GRAM + WINDOW - 1
    tokens leaves a common print (Schleimer, Wilkerson and Aiken, 2003).
    """
    codes = [
        zlib.crc32((word[:20] if kept else "v").encode("utf-8", "replace"))
        for word, kept in _kept(words)
    ]
    grams = [hash(tuple(codes[i : i + GRAM])) for i in range(len(codes) - GRAM + 1)]
    if not grams:
        return set()
    return {min(grams[i : i + WINDOW]) for i in range(max(1, len(grams) - WINDOW + 1))}


def own_lines(source: str) -> set[str]:
    """The comments and the lines of descriptions of a text that are long enough to be its own."""
    texts = (m[0].strip("#'\"") for m in TOKEN.finditer(source) if m[0].startswith(("#", *QUOTES)))
    lines = (" ".join(line.split()).strip("-=") for text in texts for line in text.split("\n"))
    return {line for line in lines if len(line) >= OWN_LINE}


@dataclass(frozen=True)
class Piece:
    """A function of the course's own: its name, its length in tokens, and its prints."""

    name: str
    size: int
    prints: frozenset


class Key:
    """What answers a chapter, to be compared with what was handed in."""

    def __init__(self, root, chapter):
        self.solutions = _solutions(root / "solutions" / f"{chapter}.py")
        released = [
            source for path in sorted(root.glob("course/*/*.ipynb")) for source in _released(path)
        ]
        files = _answering(chapter[:2])
        texts = [*self.solutions.values(), *files.values()]
        self._lines = set().union(*map(own_lines, texts)).difference(*map(own_lines, released))
        given = set().union(*(prints(tokens(source)) for source in released))
        known = [
            *self.solutions.items(),
            *(one for item in files.items() for one in _defined(*item)),
        ]
        self._pieces = {}
        for name, source in known:
            for body in functions(source)[:1]:
                if len(body) >= SHORTEST:
                    piece = Piece(name, len(body), frozenset(prints(body) - given))
                    self._pieces.setdefault(form(body), piece)

    def find(self, sources: Sequence[str]) -> tuple[list[str], int]:
        """Say what of the course's own code stands in a student's cells.

        Returns
        -------
        (list of str, int)
            Names of functions, if they are more than chance explains; and how many of the course's
            own comments and lines of descriptions there are.
        """
        mine = set().union(*(prints(tokens(source)) for source in sources))
        alike = [
            self._pieces[text]
            for source in sources
            for body in functions(source)
            if (text := form(body)) in self._pieces
        ]
        alike += [
            piece
            for piece in self._pieces.values()
            if len(piece.prints) >= FEWEST
            and len(piece.prints & mine) >= MOST_OF_IT * len(piece.prints)
        ]
        alike = set(alike)
        if sum(piece.size - BY_CHANCE for piece in alike) < BEYOND:
            alike = ()
        lines = set().union(*map(own_lines, sources)) & self._lines
        return sorted({piece.name for piece in alike}), len(lines)


def _solutions(master):
    """The code of the master's graded cells, by name."""
    if not master.is_file():
        return {}
    cells = jupytext.read(master).cells
    return {
        grade_id(c): c.source
        for c in cells
        if c.cell_type == "code" and grade_id(c) and c.metadata.nbgrader.get("solution")
    }


def _released(path):
    """The code of a released notebook: what a student may have from any chapter."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def _answering(number):
    """The text of those modules of mlp_helpers that answer a chapter, and students do not have."""
    package = PACKAGES / "mlp_helpers"
    files = [
        *package.glob("reference/*.py"),
        *package.glob("answers/*.py"),
        *package.glob(f"answers/chapter_{number}/*.py"),
    ]
    return {path: path.read_text(encoding="utf-8") for path in sorted(files)}


def _defined(path, text):
    """(name, source) of a module's functions, without the bank's wrong ones.

    What stands in an exercise's module has the exercise's name.
    """
    lines = text.split("\n")
    exercise = path.stem if "EXERCISE = " in text else ""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef):
            continue
        calls = [d for d in node.decorator_list if isinstance(d, ast.Call)]
        if any(getattr(d.func, "attr", "") == "wrong" for d in calls):
            continue
        yield exercise or node.name.strip("_"), "\n".join(lines[node.lineno - 1 : node.end_lineno])
