"""docs/inventory.csv and the masters' tables of sources -> docs/inventory.md

    python docs/make_inventory.py

`inventory.csv` says what the five source notes contain, row by row. Each master ends with a table
that says under which of its headings it teaches a row; this script puts the two together.
"""

import csv
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "inventory.md"
HEADING = re.compile(r"^#{2,3} (?!BEGIN |END )(.+?)(?:  \*\(.*)?$", re.MULTILINE)
TAUGHT = re.compile(r"^\| (S\d\.[\w.]+) \|.*\| (.+?) \|$", re.MULTILINE)
HEAD = """\
# What the source notes contain, and where the course teaches it

Made by `docs/make_inventory.py` from `docs/inventory.csv` and from the tables at the end of the
masters; do not edit it by hand. S0 to S4 are the five source notes ([who they are](notation.md)),
a row is one formula, claim or definition of theirs. A chapter is named by its number, a place in it
by its heading.

| row | what | taught in |
|---|---|---|
"""


def rows():
    """Every row of the notes: id -> what it is."""
    with open(ROOT / "docs" / "inventory.csv", encoding="utf-8", newline="") as file:
        return {line["row"]: line["what"] for line in csv.DictReader(file)}


def masters():
    """The text of every chapter's master: number -> text."""
    paths = sorted((ROOT / "solutions").glob("[0-9][0-9]_*.py"))
    return {path.name[:2]: path.read_text(encoding="utf-8") for path in paths}


def sections(text):
    """The sections of a master: heading -> its text, up to the next heading of the same rank."""
    found = list(HEADING.finditer(text))
    cut = {}
    for k, match in enumerate(found):
        rank = match[0].index(" ")
        after = (m.start() for m in found[k + 1 :] if m[0].index(" ") <= rank)
        cut[match[1]] = text[match.end() : next(after, len(text))]
    return cut


def full_headings(place, headings):
    """Headings that a short name stands for: "Referee 1 and 4", "Derivation A", "Notation (x)".

    Returns
    -------
    list of str
        Empty for a pointer to another chapter, such as "chapter 03".

    Raises
    ------
    ValueError
        There is no such heading, or more than one.
    """
    place = re.sub(r" \(.*\)$", "", place.strip())
    if re.fullmatch(r"chapter \d\d", place):
        return []
    pair = re.fullmatch(r"(Referee) (\d) and (\d)", place)
    names = [f"{pair[1]} {pair[2]}", f"{pair[1]} {pair[3]}"] if pair else [place]
    return [_one_heading(name, headings) for name in names]


def _one_heading(name, headings):
    fits = [h for h in headings if h == name] or [
        h for h in headings if h.startswith((f"{name} ·", f"{name}:"))
    ]
    if len(fits) != 1:
        raise ValueError(f"{len(fits)} headings are called {name!r}, among {list(headings)}")
    return fits[0]


def places():
    """Where each row is taught: row id -> list of (chapter, heading)."""
    found = {}
    for chapter, text in masters().items():
        headings = sections(text)
        for row, named in TAUGHT.findall(text):
            for place in named.split(";"):
                here = [(chapter, h) for h in full_headings(place, headings)]
                found.setdefault(row, []).extend(here)
    return found


def page():
    """The text of docs/inventory.md."""
    taught = places()
    lines = []
    for row, what in rows().items():
        where = "; ".join(f"{chapter} *{heading}*" for chapter, heading in taught.get(row, []))
        lines.append(f"| {row} | {what} | {where or 'nowhere'} |")
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8", newline="\n")
