"""How much of a student's text a page shows, and in which form.

Highlighters and Markdown parsers take time that grows with the square or the cube of some texts.
What goes into the graded copy is therefore cut before anybody draws it, our own pages, nbgrader's
and formgrader's alike. The file that was handed in stays whole.
"""

from __future__ import annotations

import re

MAX_MARKDOWN = 10_000  # characters of one cell
MAX_CODE = 8_000
MAX_LINE = 1_000  # of code
LANGUAGES = ("py", "python", "python3", "text")  # of fenced blocks; others have slow lexers
# what may stand before a fence: the marks of quotations and lists
FENCE = re.compile(r"([\s>*+\-.)\d]*(?:`{3,}|~{3,}))([^`]*)\Z")
LEFT = "more characters are in the file that was handed in"


def markdown(source: str) -> str:
    """Markdown that is drawn in a moment: bounded, with fenced blocks of known languages alone."""
    text = _cut(source, MAX_MARKDOWN)
    left = len(source) - len(text)
    shown = "\n".join(map(_plain_fence, _lines(text)))
    return f"{shown}\n\n*... {left} {LEFT}.*" if left else shown


def code(source: str) -> str:
    """Code that is coloured in a moment: bounded in length and width."""
    text = _cut(source, MAX_CODE)
    left = len(source) - len(text)
    lines = (line if len(line) <= MAX_LINE else f"{line[:MAX_LINE]} ..." for line in _lines(text))
    shown = "\n".join(lines)
    return f"{shown}\n# ... {left} {LEFT}" if left else shown


def _cut(text, size):
    """The beginning of a text, in whole lines where it has lines."""
    if len(text) <= size:
        return text
    return text[: text.rfind("\n", size // 2, size) + 1 or size]


def _lines(text):
    """Lines of a text; those that only hold space, or marks of quotations, without that space."""
    return [
        line if line.strip("> \t\v\f\r\x1c\x1d\x1e\x1f\x85\xa0") else line.rstrip()
        for line in text.split("\n")
    ]


def _plain_fence(line):
    """A line of Markdown; if it begins a block in a language that is not known, without that."""
    found = FENCE.match(line)
    if found is None or not found[2].strip() or found[2].strip().lower() in LANGUAGES:
        return line
    return found[1]
