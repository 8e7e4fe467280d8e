"""The HTML form of a report: plain, readable without colour and without JavaScript."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .report import Report


MAX_SIDE = 12

STYLE = (
    "font-family:system-ui,-apple-system,'Segoe UI',sans-serif;font-size:14px;line-height:1.45;"
    "max-width:46em;border:1px solid #8886;border-left:5px solid {colour};border-radius:4px;"
    "padding:.7em 1em;margin:.4em 0;color:inherit"
)
COLOURS = {"correct": "#009E73", "not_attempted": "#999999"}
NUMERIC = "text-align:right;white-space:nowrap;padding:.15em 0 .15em 1em;vertical-align:top"
CELL = "text-align:left;padding:.15em .6em .15em 0;vertical-align:top"


def report_html(report: Report) -> str:
    """Render a report.

    Parameters
    ----------
    report : Report

    Returns
    -------
    str
        One self-contained ``div``; every text in it is escaped.
    """
    style = STYLE.format(colour=COLOURS.get(report.outcome, "#D55E00"))
    parts = [
        f'<div class="mlp-report" style="{style}" role="group" '
        f'aria-label="{escape(report.headline, quote=True)}">',
        f'<div style="font-weight:600;margin-bottom:.4em">{escape(report.headline)}</div>',
        *map(_paragraph, report.causes()),
        "" if report.reason else _table(report.lines()),
        *("" if report.reason else _folded(*group) for group in report.folded()),
        _picture(report.difference) if report.difference is not None else "",
        _spelled(report.spelled),
        *map(_paragraph, report.ways_on()),
        _hints(report) if report.outcome not in ("correct", "not_attempted") else "",
        "</div>",
    ]
    return "".join(parts)


def _paragraph(text):
    return f'<p style="margin:.4em 0">{_code(text)}</p>'


def _folded(title, names):
    return (
        f'<details style="margin:.3em 0"><summary>{escape(title)}</summary>'
        f'<div style="margin:.2em 0 .2em 1em">{_code(names)}</div></details>'
    )


def _spelled(text):
    if not text:
        return ""
    return (
        '<div style="margin:.6em 0 0">A case that fails:</div><pre style="margin:.2em 0;'
        "white-space:pre-wrap;overflow-wrap:anywhere;background:none;color:inherit;"
        f'font-size:12px">{escape(text)}</pre>'
    )


def _table(criteria):
    rows = "".join(_row(c) for c in criteria)
    return (
        '<table style="border-collapse:collapse;table-layout:auto;width:100%;font-size:inherit;'
        'margin:0">'
        f"<tbody>{rows}</tbody></table>"
    )


def _row(criterion):
    mark = "ok" if criterion.passed else "not yet"
    weight = "" if criterion.passed else "font-weight:600;"
    text = f"<strong>{escape(criterion.name)}</strong>"
    if criterion.message:
        text += f": {_code(criterion.message)}"
    return (
        f'<tr style="background:none"><td style="{CELL};{weight}white-space:nowrap">{mark}</td>'
        f'<td style="{CELL};width:100%">{text}</td>'
        f'<td style="{NUMERIC}">{criterion.earned}</td></tr>'
    )


def _code(text):
    """Escape, and set `backticked` parts as code."""
    pieces = escape(text, quote=False).split("`")
    if len(pieces) % 2 == 0:
        return "`".join(pieces)
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(pieces))


def _hints(report):
    """Nest three hints, so that each is opened only on demand."""
    inner = ""
    for level in range(len(report.spec.hints), 0, -1):
        hint = report.spec.hints[level - 1]
        inner = (
            f'<details style="margin:.5em 0 0 {0 if level == 1 else 1}em">'
            f"<summary>Hint {level}</summary>"
            f'<div style="white-space:pre-wrap">{_code(hint)}</div>{inner}</details>'
        )
    return inner


def _picture(difference):
    """Draw the student's tensor with its signs beside where it is off: no numbers."""
    if difference.off is None or difference.yours is None or difference.off.size < 2:
        return ""
    yours, off = _plane(difference.yours), _plane(difference.off)
    name = difference.where or "your answer"
    part = "" if off.size == difference.off.size else f", the first {off.shape[0]} x {off.shape[1]}"
    values = [[_cell(v, top) for v in row] for top in [_largest(yours)] for row in yours]
    faults = [[(POSITIVE, int(v) / 8, "") for v in row] for row in off]
    return (
        '<div style="display:flex;flex-wrap:wrap;gap:1em 2em;margin:.6em 0 0">'
        + _grid(values, f"{name}, yours{part}", f"{name}, your values: signs and shades")
        + _grid(faults, "where it is off", f"{name}: {_describe(off)}")
        + "</div>"
    )


POSITIVE, NEGATIVE = "#0072B2", "#D55E00"


def _largest(array):
    finite = np.abs(array[np.isfinite(array)])
    return finite.max(initial=0.0) or 1.0


def _cell(value, top):
    """(colour, opacity, mark) of one entry: the sign is written, the size is a shade."""
    if not np.isfinite(value):
        return NEGATIVE, 0.0, "?" if np.isnan(value) else "\u221e"
    colour = NEGATIVE if value < 0 else POSITIVE
    return colour, abs(value) / top, "+" if value > 0 else "\u2212" if value < 0 else "0"


def _plane(array):
    """Show at most a 12 x 12 corner of the first slices."""
    array = np.asarray(array)
    while array.ndim > 2:
        array = array[0]
    array = array.reshape(1, -1) if array.ndim < 2 else array
    return array[:MAX_SIDE, :MAX_SIDE].astype(float)


def _describe(off):
    rows, columns = off.shape
    wrong = [(i, j) for i in range(rows) for j in range(columns) if off[i, j]]
    if len(wrong) == off.size:
        return "every entry differs"
    if wrong and all(i == j for i, j in wrong):
        return "only the diagonal differs"
    if rows > 1 and wrong and all(i != j for i, j in wrong):
        return "only entries off the diagonal differ"
    return f"{len(wrong)} of {off.size} entries differ"


def _grid(cells, caption, text):
    """Draw small squares, each with its mark; the darker, the larger."""
    rows, columns, side = len(cells), len(cells[0]), 18
    squares = "".join(
        f'<rect x="{side * j}" y="{side * i}" width="{side - 1}" height="{side - 1}" '
        f'fill="{colour}" fill-opacity="{0.75 * opacity:.2f}" stroke="#888" stroke-width=".5"/>'
        + (
            f'<text x="{side * j + side / 2 - 0.5:g}" y="{side * i + 13}" text-anchor="middle" '
            f'font-size="12" fill="currentColor">{mark}</text>'
            if mark
            else ""
        )
        for i, row in enumerate(cells)
        for j, (colour, opacity, mark) in enumerate(row)
    )
    width, height = side * columns, side * rows
    label = escape(text, quote=True)
    return (
        f'<figure style="margin:0;max-width:100%"><figcaption style="font-size:12px">'
        f'{escape(caption)}</figcaption><svg role="img" aria-label="{label}" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}" style="max-width:100%;height:auto">'
        f"<title>{label}</title>{squares}</svg></figure>"
    )
