"""Tables that other programs wrote: CSV of any separator and encoding, looked at line by line."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import Problem

if TYPE_CHECKING:
    from pathlib import Path


MAX_BYTES = 20 * 2**20
MAX_FIELD = 500  # characters of what is read from a field
SEPARATORS = ",;\t:|"  # Moodle offers the colon too
MARKS = (  # the longer ones first: one begins like another
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # of Excel and OpenOffice; of old Excel
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for a formula


@dataclass(frozen=True)
class Read:
    """A table that was read.

    Attributes
    ----------
    rows : list of (int, dict of str to str)
        The line in the file, and its fields by column, tidied; a column that is not there, or a
        line that is shorter, has none.
    columns : tuple of str
        The columns that were asked for and are there.
    unused : tuple of str
        The headings of the others.
    notes : tuple of str
        What was odd about the file.
    """

    rows: list[tuple[int, dict[str, str]]]
    columns: tuple[str, ...]
    unused: tuple[str, ...]
    notes: tuple[str, ...]


def read_table(path: Path, columns: Mapping[str, str]) -> Read:
    """Read a CSV file.

    Parameters
    ----------
    path : Path
    columns : dict of str to str
        The name of a column by its heading in small letters; "" for one that is not needed.

    Returns
    -------
    Read

    Raises
    ------
    Problem
        It is no such file, or has none of the columns.
    """
    notes: list[str] = []
    text = _text(path, notes)
    lines = text.split("\n", 1)
    if lines[0].strip().lower().startswith("sep=") and len(lines) == 2:  # Excel's own word for it
        text = "\n" + lines[1]
    header, rows = _rows(path, text, columns)
    place, unused = {}, []
    for i, heading in enumerate(header):
        name = columns.get(heading.casefold())
        if name in place and heading:
            notes.append(f"there are two columns for {name}; the first one counts")
        elif name:
            place[name] = i
        elif name is None and heading:
            unused.append(heading)
    if not place:
        wanted = ", ".join(sorted(heading for heading, name in columns.items() if name))
        raise Problem(
            f"{path}: its first line has no column that is known here; rename its headings "
            f"(known are: {wanted})"
        )
    found = []
    for line, row in rows:
        if any(row[len(header) :]):
            notes.append(f"line {line}: it has more fields than the first line; those are not read")
        fields = {name: row[i] for name, i in place.items() if i < len(row)}
        for name, field in fields.items():
            if len(field) > MAX_FIELD:
                notes.append(f"line {line}: {name} is cut to {MAX_FIELD} characters")
                fields[name] = field[:MAX_FIELD]
        if any(fields.values()):
            found.append((line, fields))
    return Read(found, tuple(place), tuple(unused), tuple(notes))


def _text(path, notes):
    """The text of a file in whatever encoding it is."""
    if not path.is_file():
        raise Problem(f"there is no file {path}")
    with open(path, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Problem(f"{path} is larger than {MAX_BYTES // 2**20} MB: this is no list of a class")
    if data.startswith(WORKBOOKS):
        raise Problem(f"{path} is a workbook of a spreadsheet: save it as CSV")
    encoding = next((name for mark, name in MARKS if data.startswith(mark)), None)
    if encoding is None and b"\0" in data[:4]:  # the first character of a heading is ASCII
        encoding = "utf-16-be" if data[0] == 0 else "utf-16-le"
    try:
        text = data.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        if encoding:
            raise Problem(f"{path} is damaged: it begins as {encoding} and is not") from error
        text = data.decode("cp1252", "replace")
        notes.append("it is not in UTF-8 and was read as Windows-1252 (Latin-1): look at accents")
    if "\0" in text:
        raise Problem(f"{path} is not a text: save it as CSV")
    return text


def _rows(path, text, columns):
    """The first line that is not empty, and the others with their line numbers."""
    best = None
    for separator in SEPARATORS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        try:
            header: list[str] = next((r for r in map(_tidied, reader) if any(r)), [])
        except csv.Error:
            continue
        known = len({columns.get(heading.casefold()) for heading in header} - {None})
        if best is None or known > best[0]:
            best = known, separator, header, reader
    if best is None:
        raise Problem(f"{path} is not a table: its first line has no end")
    _, _, header, reader = best
    rows = []
    try:
        for row in reader:
            rows.append((reader.line_num, _tidied(row)))
    except csv.Error as error:
        raise Problem(f"{path}, line {reader.line_num}: {error}; is a quotation mark open?") from (
            error
        )
    return header, rows


def _tidied(row):
    return [tidy(field) for field in row]


def tidy(field: str) -> str:
    """A field without what cannot be seen, and without a spreadsheet's apostrophe."""
    field = unicodedata.normalize("NFC", field)
    seen = "".join(
        " " if unicodedata.category(c) in ("Cc", "Zs", "Zl", "Zp") else c
        for c in field
        if unicodedata.category(c) not in ("Cf", "Cs")
    )
    seen = " ".join(seen.split())
    return seen[1:] if seen.startswith("'") and seen[1:].startswith(FORMULA) else seen
