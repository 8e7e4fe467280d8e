"""Review aids: what a person may want to look at in the code of a class. No point hangs on it.

Everything here is linear in the text that was handed in, and reads at most `MAX_TOKENS` of each
cell.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import nbformat

from ..judge.clerk import Clerk, Overrun
from ..judge.handed_in import find
from ..judge.notebook_file import Unreadable, parse
from ..judge.session import Limits
from .copied import Key, prints, tokens

SECONDS = Limits.submission  # for reading one submission
# what nobody types: of one cell, and of a submission
MAX_TEXT, MAX_TEXT_IN_ALL = 2_000, 6_000  # characters in strings
MAX_NUMBERS, MAX_NUMBERS_IN_ALL = 300, 900
MAX_DIGITS = 200  # of one number
MAX_WORDS = 4_000  # tokens of one cell
# what takes a notebook out of the language that the course teaches
TOOLS = frozenset(
    "__import__ importlib runpy meta_path path_hooks settrace setprofile _getframe get_objects "
    "get_referrers ctypes marshal pickle zlib gzip lzma bz2 b64decode b85decode b32decode "
    "a85decode unhexlify fromhex __closure__ __subclasses__ __globals__ __builtins__ builtins "
    "__code__ CodeType FunctionType codeop addaudithook addsitedir subprocess get_ipython _ih "
    "run_cell run_line_magic oracle".split()
)
BUILT_IN = frozenset("exec eval compile".split())  # re.compile and others are not meant
ALIKE = 0.8  # share of the smaller one's prints; honest pairs in short exercises come close to it
SHARED = 12  # prints that two submissions have in common, at least
COMMON = (4, 20)  # least and most submissions with the same print, a quarter of the class between


ELSEWHERE = "There are no review aids here: submissions are read on Linux only, as they are graded."


@dataclass(frozen=True)
class Aid:
    """One thing to look at; without students, one about the class."""

    students: tuple[str, ...]
    text: str


def review(root: str | Path, chapter: str, students: Iterable[str]) -> list[Aid]:
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
    if sys.platform != "linux":  # what ends a process in time, and with us, is Linux's
        return [Aid((), ELSEWHERE)]
    path = Path(root, "course", chapter, f"{chapter}.ipynb")
    cells = nbformat.read(path, as_version=4).cells if path.is_file() else []
    given = {cell.source for cell in cells}
    key = Key(Path(root), chapter)
    texts = {t for source in given for t in tokens(source) if t[0] in "\"'"}
    explained = prints([t for source in given for t in tokens(source)])
    explained |= prints([t for source in key.solutions.values() for t in tokens(source)])
    found, of_student = [], {}
    with Clerk() as clerk:  # what a strange file makes of memory is not the report's problem
        for student in students:
            try:
                code = clerk.ask(SECONDS, _code, root, chapter, student)
            except Overrun:
                code = []
            sources = [s for s in code if s not in given]
            found += [Aid((student,), t) for t in (*_odd(sources, texts), *_copied(sources, key))]
            of_student[student] = prints([t for s in sources for t in tokens(s)]) - explained
    return found + _pairs(of_student)


def _code(root, chapter, student):
    """The code cells that a student handed in; none if they cannot be read."""
    folder = Path(root, "classroom", "submitted", student, chapter)
    try:
        cells = parse(find(folder / f"{chapter}.ipynb").data).cells
    except Unreadable:
        return []
    return [cell.source for cell in cells if cell.cell_type == "code"]


# One submission ----------------------------------------------------------------------------------


def _odd(sources, known):
    """Say what is odd about one submission's code; strings of the release are not counted."""
    in_all = Counter()
    for source in sources:
        words = tokens(source)
        here = Counter(
            text=sum(len(w) for w in words if w[0] in "\"'" and w not in known),
            numbers=sum(w[0].isdigit() for w in words),
        )
        where = repr(" ".join(source[:200].split())[:60])
        longest = max((len(w) for w in words if w[0].isdigit()), default=0)
        if here["text"] > MAX_TEXT:
            yield f"a cell with {here.pop('text')} characters of text in quotes: {where}"
        if here["numbers"] > MAX_NUMBERS:
            yield f"a cell with {here.pop('numbers')} numbers in it: {where}"
        in_all += here
        if longest > MAX_DIGITS:
            yield f"a number of {longest} digits: {where}"
        if len(words) > MAX_WORDS:
            yield f"a cell of more than {MAX_WORDS} words and signs: {where}"
        tools = _tools(source, words)
        if tools:
            yield f"uses {', '.join(tools)}: {where}"
    if in_all["text"] > MAX_TEXT_IN_ALL:
        yield f"{in_all['text']} characters of text in quotes, in many cells"
    if in_all["numbers"] > MAX_NUMBERS_IN_ALL:
        yield f"{in_all['numbers']} numbers, in many cells"


def _tools(source, words):
    found = TOOLS.intersection(words)
    found |= {
        word
        for before, word in zip(["", *words], words, strict=False)
        if word in BUILT_IN and before != "."
    }
    return sorted(found) + ["sys.modules"] * bool(re.search(r"\bsys\s*\.\s*modules\b", source))


def _copied(sources, key):
    """Say what of a submission is the course's own."""
    names, lines = key.find(sources)
    if names:
        yield f"the same as the course's own code, but for names and comments: {', '.join(names)}"
    if lines:
        yield f"{lines} comments of the course's own code, which students do not have"


# Pairs -------------------------------------------------------------------------------------------


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
    shared = Counter(
        (a, b) for who in rare.values() for i, a in enumerate(who) for b in who[i + 1 :]
    )
    found = [
        (count / min(sizes[a], sizes[b]), a, b)
        for (a, b), count in shared.items()
        if count >= SHARED
    ]
    return [
        Aid((a, b), f"{share:.0%} of the code that is peculiar to one is the other's too")
        for share, a, b in sorted(found, reverse=True)
        if share >= ALIKE
    ]
