"""Plain text tables for terminals and log files: no colour, no wide characters needed."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable, Sequence

WIDTH = 100


def table(
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    right: Collection[int] = (),
    width: int = WIDTH,
) -> str:
    """Lay rows out in columns; the last column is wrapped so that lines stay within the width.

    Parameters
    ----------
    header : sequence of str
    rows : iterable of sequences
        Anything that `str` can write, as many entries as the header has.
    right : collection of int
        Columns that are aligned to the right.
    width : int

    Returns
    -------
    str
    """
    cells = [[str(x) for x in row] for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    rest = width - sum(w + 2 for w in widths[:-1])
    widths[-1] = max(1, min(widths[-1], rest))
    head, *body = ["\n".join(_lines(row, widths, right)) for row in cells]
    rule = "  ".join("-" * w for w in widths)
    return "\n".join([head, rule, *body])


def _lines(row, widths, right):
    """Write one row; its last entry may need several lines."""
    last = textwrap.wrap(row[-1], widths[-1], break_on_hyphens=False) or [""]
    for i, text in enumerate(last):
        entries = [*(row[:-1] if i == 0 else [""] * (len(row) - 1)), text]
        aligned = (
            x.rjust(w) if column in right else x.ljust(w)
            for column, (x, w) in enumerate(zip(entries, widths, strict=True))
        )
        yield "  ".join(aligned).rstrip()
