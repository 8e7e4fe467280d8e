"""Tables as CSV files that a spreadsheet opens and does not run."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..ground.writing import write

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for a formula


def write_rows(rows: Iterable[Sequence[object]], path: str | Path) -> None:
    """Write a CSV file. Text that a spreadsheet would run as a formula gets an apostrophe.

    Parameters
    ----------
    rows : iterable of sequences of str
    path : Path
    """
    file = io.StringIO(newline="")
    csv.writer(file).writerows([_plain(text) for text in row] for row in rows)
    write_text(file.getvalue(), path)


def _plain(text):
    """A field that is no formula; a number or a lone dash stays."""
    begin = unicodedata.normalize("NFKC", text).lstrip()  # full-width signs count as well
    harmless = not text.startswith(FORMULA) and not begin.startswith(FORMULA)
    return text if harmless or text == "-" or _is_number(text) else f"'{text}"


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def write_text(text: str, path: str | Path) -> None:
    """Write a file in one step; a link or a device, such as /dev/stdout, is written to.

    Parameters
    ----------
    text : str
    path : Path
        Its folder is made if need be.
    """
    path = Path(path)
    if path.is_symlink() or (path.exists() and not path.is_file()):
        path.write_text(text, encoding="utf-8", errors="backslashreplace", newline="")
    else:
        write(path, text, alone=False)
