"""Review aids: what a person may want to look at in the code of a class. No point hangs on it.

Everything here is linear in the text that was handed in, and reads at most `MAX_TOKENS` of each
submission. Tokens are found by a pattern, not by Python's parser: what is handed in need not be
Python.
"""

from __future__ import annotations

import keyword
import re
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat

from ..submission import Unreadable, find, grade_id, parse

TOKEN = re.compile(r"#[^\n]*|'''[\s\S]*?'''|\"\"\"[\s\S]*?\"\"\"|\"[^\"\n]*\"|'[^'\n]*'"
                   r"|[^\W\d]\w*|\d[\w.]*|\S")
MAX_TOKENS = 50_000
MAX_TEXT = 2_000  # characters in the strings of one cell, or numbers in it: nobody types more
MAX_NUMBERS = 300
# what takes a notebook out of the language that the course teaches
TOOLS = frozenset(
    "exec eval compile __import__ importlib meta_path path_hooks settrace setprofile _getframe "
    "get_objects get_referrers ctypes marshal pickle zlib lzma bz2 b64decode b85decode fromhex "
    "__closure__ __subclasses__ __globals__ addaudithook".split())
GRAM = 12  # tokens that make one print
WINDOW = 8  # of prints in a row, of which the smallest is kept
LEAST = 40  # tokens of a function; shorter ones are alike by chance
ALIKE = 0.6  # share of the smaller one's prints
FEWEST = 15  # prints that two submissions share
COMMON = (4, 20)  # least and most submissions with the same print, a quarter of the class between


@dataclass(frozen=True)
class Aid:
    """One thing to look at."""

    students: tuple[str, ...]
    text: str


def review(root, chapter, students):
    """Look at the code of a chapter's submissions.

    Parameters
    ----------
    root : Path
        The course's folder.
    chapter : str
    students : iterable of str

    Returns
    -------
    list of Aid, by student; pairs last.
    """
    path = Path(root, "course", chapter, f"{chapter}.ipynb")
    cells = nbformat.read(path, as_version=4).cells if path.is_file() else []
    given = {cell.source for cell in cells}
    known = _solutions(Path(root, "solutions", f"{chapter}.py"))
    explained = prints([t for source in given for t in tokens(source)])
    explained |= prints([t for source in known.values() for t in tokens(source)])
    reference = {normalised(source): name for name, source in known.items()
                 if len(tokens(source)) >= LEAST}
    found, of_student = [], {}
    for student in students:
        sources = [s for s in _code(root, chapter, student) if s not in given]
        found += [Aid((student,), text) for text in _look(sources, reference)]
        of_student[student] = prints([t for s in sources for t in tokens(s)]) - explained
    return found + _pairs(of_student)


def _solutions(master):
    """The code of the master's graded cells, by name."""
    if not master.is_file():
        return {}
    cells = jupytext.read(master).cells
    return {grade_id(c): c.source for c in cells
            if c.cell_type == "code" and grade_id(c) and c.metadata.nbgrader.get("solution")}


def _code(root, chapter, student):
    """The code cells that a student handed in; none if they cannot be read."""
    folder = Path(root, "classroom", "submitted", student, chapter)
    try:
        cells = parse(find(folder / f"{chapter}.ipynb").data).cells
    except Unreadable:
        return []
    return [cell.source for cell in cells if cell.cell_type == "code"]


# One submission ----------------------------------------------------------------------------------


def tokens(source):
    """The words and signs of a text, without comments; at most `MAX_TOKENS`."""
    found = []
    for match in TOKEN.finditer(source):
        if not match[0].startswith("#"):
            found.append(match[0])
        if len(found) == MAX_TOKENS:
            break
    return found


def normalised(source):
    """Code as text in which only its form is left: no comments, no layout, names by their place."""
    names, parts = {}, []
    for token in tokens(source):
        if token.isidentifier() and not keyword.iskeyword(token):
            token = names.setdefault(token, f"v{len(names)}")
        elif token.startswith(('"""', "'''")):  # its description
            continue
        parts.append(token)
    return " ".join(parts)


def _look(sources, reference):
    """Say what is odd about one submission's code."""
    for source in sources:
        words = tokens(source)
        text = sum(len(w) for w in words if w[0] in "\"'")
        numbers = sum(w[0].isdigit() for w in words)
        if text > MAX_TEXT:
            yield f"a cell with {text} characters of text in quotes: {_begin(source)}"
        if numbers > MAX_NUMBERS:
            yield f"a cell with {numbers} numbers in it: {_begin(source)}"
        tools = sorted(TOOLS.intersection(words))
        if re.search(r"\bsys\s*\.\s*modules\b", source):
            tools.append("sys.modules")
        if tools:
            yield f"uses {', '.join(tools)}: {_begin(source)}"
        name = reference.get(normalised(source))
        if name:
            yield f"{name}: the same as the course's own solution, but for names and comments"


def _begin(source):
    return repr(" ".join(source[:200].split())[:60])


# Pairs -------------------------------------------------------------------------------------------


def prints(words):
    """Winnowed prints of a row of tokens, names taken away: set of int.

    Of `WINDOW` prints in a row the smallest is kept, so that any common run of GRAM + WINDOW - 1
    tokens leaves a common print (Schleimer, Wilkerson and Aiken, 2003).
    """
    forms = ["v" if w.isidentifier() and not keyword.iskeyword(w) else w[:20] for w in words]
    codes = [zlib.crc32(form.encode("utf-8", "replace")) for form in forms]
    grams = [hash(tuple(codes[i : i + GRAM])) for i in range(len(codes) - GRAM + 1)]
    if not grams:
        return set()
    return {min(grams[i : i + WINDOW]) for i in range(max(1, len(grams) - WINDOW + 1))}


def _pairs(of_student):
    """Find submissions that share more than the release and the rest of the class explain."""
    owners = defaultdict(list)
    for student, marks in of_student.items():
        for mark in marks:
            owners[mark].append(student)
    # what more have than these, the course has taught
    most = min(max(COMMON[0], len(of_student) // 4), COMMON[1])
    rare = {mark: who for mark, who in owners.items() if len(who) <= most}
    sizes = Counter(student for who in rare.values() for student in who)
    shared = Counter((a, b) for who in rare.values() for i, a in enumerate(who)
                     for b in who[i + 1:])
    found = [(count / min(sizes[a], sizes[b]), a, b) for (a, b), count in shared.items()
             if count >= FEWEST]
    return [Aid((a, b), f"{share:.0%} of the code that is peculiar to one is the other's too")
            for share, a, b in sorted(found, reverse=True) if share >= ALIKE]
