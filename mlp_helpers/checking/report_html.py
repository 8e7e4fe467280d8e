"""The HTML form of a report: plain, readable without colour and without JavaScript."""

from __future__ import annotations

from html import escape

MAX_SIDE = 12

STYLE = (
    "font-family:system-ui,-apple-system,'Segoe UI',sans-serif;font-size:14px;line-height:1.45;"
    "max-width:46em;border:1px solid #8886;border-left:5px solid {colour};border-radius:4px;"
    "padding:.7em 1em;margin:.4em 0;color:inherit"
)
COLOURS = {"correct": "#009E73", "not_attempted": "#999999"}
NUMERIC = "text-align:right;white-space:nowrap;padding:.15em 0 .15em 1em;vertical-align:top"
CELL = "text-align:left;padding:.15em .6em .15em 0;vertical-align:top"


def report_html(report):
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
        "" if report.reason else _table(report.criteria),
        _picture(report.difference) if report.difference is not None else "",
        *(f'<p style="margin:.6em 0 0">{_code(p)}</p>' for p in report.advice()),
        _hints(report) if report.outcome not in ("correct", "not_attempted") else "",
        "</div>",
    ]
    return "".join(parts)


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
    points = f"{criterion.points:g}" if criterion.passed else f"0 of {criterion.max_points:g}"
    return (
        f'<tr style="background:none"><td style="{CELL};{weight}white-space:nowrap">{mark}</td>'
        f'<td style="{CELL};width:100%">{text}</td><td style="{NUMERIC}">{points}</td></tr>'
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
    """Draw the student's tensor beside where it is off: shades only, no numbers."""
    if difference.off is None or difference.yours is None or difference.off.size < 2:
        return ""
    yours, off = _plane(difference.yours), _plane(difference.off)
    title = difference.where or "your answer"
    text = f"{title}: {_describe(off)}"
    return (
        '<div style="display:flex;gap:2em;margin:.6em 0 0">'
        + _grid(_shades(yours), "yours", f"{title}, your values as shades", "#0072B2")
        + _grid(off, "difference", text, "#D55E00")
        + "</div>"
    )


def _plane(array):
    """Show at most a 12 x 12 corner of the first slices."""
    while array.ndim > 2:
        array = array[0]
    array = array.reshape(1, -1) if array.ndim < 2 else array
    return array[:MAX_SIDE, :MAX_SIDE]


def _shades(array):
    """Map magnitudes to 0..8; entries that are not finite get 8."""
    size = [[abs(float(v)) for v in row] for row in array]
    finite = [v for row in size for v in row if v < float("inf")]
    top = max(finite, default=0.0) or 1.0
    return [[round(8 * (v / top)) if v < float("inf") else 8 for v in row] for row in size]


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


def _grid(shades, caption, text, colour):
    """Draw small squares; the darker, the larger."""
    rows, columns = len(shades), len(shades[0])
    side = 16
    squares = "".join(
        f'<rect x="{side * j}" y="{side * i}" width="{side - 1}" height="{side - 1}" '
        f'fill="{colour}" fill-opacity="{int(shades[i][j]) / 8:.3f}" '
        f'stroke="#888" stroke-width=".5"/>'
        for i in range(rows)
        for j in range(columns)
    )
    width, height = side * columns, side * rows
    label = escape(text, quote=True)
    return (
        f'<figure style="margin:0"><svg role="img" aria-label="{label}" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}"><title>{label}</title>{squares}</svg>'
        f'<figcaption style="font-size:12px">{caption}</figcaption></figure>'
    )
