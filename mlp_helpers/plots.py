"""Figures of the course: one message each, readable without colour and without eyes.

Every function returns ``(fig, ax)``.  The title is the message.  ``alt`` says what the picture
shows, `describe` makes one from the numbers that are drawn, for figures made with a reader's
function; it is the figure's label, goes into the PNG's metadata, and `show` hands it
to screen readers.  Matplotlib is imported when the first figure is drawn.
"""

import base64
import io
from html import escape

import numpy as np

from .notebook import in_ipython

# Okabe and Ito's palette, ordered so that neighbours differ in lightness as well as in hue.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")


def _figure(title, alt, ncols=1, nrows=1, **size):
    from matplotlib.figure import Figure

    if not isinstance(alt, str) or not alt.strip():
        raise ValueError("alt= must be a sentence that says what the figure shows")
    if not isinstance(title, str) or not title.strip():
        raise ValueError("title= must be the message of the figure")
    fig = Figure(layout="constrained", **size)
    fig.set_label(alt)
    fig.suptitle(title, fontsize="medium", fontweight="bold")
    return fig, fig.subplots(nrows, ncols)


def _style(i):
    """Colour, line style and marker of the i-th series, so that colour is never alone."""
    return {
        "color": COLOURS[i % len(COLOURS)],
        "linestyle": LINES[i % len(LINES)],
        "marker": MARKERS[i % len(MARKERS)],
    }


def describe(values, over=None):
    """Make the sentences of a text alternative from what is drawn.

    Parameters
    ----------
    values : dict of str to array_like, shape (n,) or (m, n)
        Name of each curve or matrix and its numbers.
    over : array_like, shape (n,), optional
        Where curves are drawn; left out, the numbers 0 to n - 1.

    Returns
    -------
    str
        For each curve where it begins and ends, its lowest and highest point; for each matrix its
        size, its smallest and largest entry and where they are.
    """
    return " ".join(
        f"{name}: {_described(np.asarray(v, dtype=float), over)}." for name, v in values.items()
    )


def _described(array, over):
    odd = int(np.sum(~np.isfinite(array)))
    lost = f", {odd} of {array.size} not finite" if odd else ""
    if odd == array.size:
        return "empty" if array.size == 0 else "no finite number"
    low = np.unravel_index(np.nanargmin(np.where(np.isfinite(array), array, np.nan)), array.shape)
    high = np.unravel_index(np.nanargmax(np.where(np.isfinite(array), array, np.nan)), array.shape)
    if array.ndim == 1:
        x = np.arange(len(array)) if over is None else np.asarray(over)
        ends = np.flatnonzero(np.isfinite(array))[[0, -1]]
        first, last, least, most = (f"{array[i]:.3g} at {x[i]:.3g}" for i in (*ends, *low, *high))
        return f"from {first} to {last}, lowest {least}, highest {most}{lost}"
    size = " by ".join(map(str, array.shape))
    return (
        f"{size}, smallest entry {array[low]:.3g} at {list(map(int, low))}, "
        f"largest {array[high]:.3g} at {list(map(int, high))}{lost}"
    )


def show(fig):
    """Show a figure in the notebook with its text alternative; print the alternative elsewhere."""
    alt = fig.get_label()
    if not in_ipython():
        print(alt)
        return
    from IPython.display import display

    png = base64.b64encode(to_png(fig)).decode("ascii")
    html = f'<img alt="{escape(alt)}" style="max-width:100%" src="data:image/png;base64,{png}">'
    # image/png is for places that drop HTML, such as a graded copy of the notebook.
    display(
        {"text/html": html, "image/png": png, "text/plain": alt},
        metadata={"image/png": {"alt": alt}},
        raw=True,
    )


def to_png(fig):
    """The figure as PNG bytes, its text alternative in the metadata."""
    buffer = io.BytesIO()
    fig.savefig(
        buffer, format="png", dpi=110, metadata={"Description": fig.get_label(), "Software": None}
    )
    return buffer.getvalue()


def lines(
    x, series, *, title, xlabel, ylabel, alt=None, xscale="linear", yscale="linear", markers=True
):
    """Curves over one axis.

    Parameters
    ----------
    x : array_like, shape (n,)
    series : dict of str to array_like, shape (n,)
        Name of each curve (the legend) and its values; NaN and infinity leave a gap, and an X
        marks the last point of a curve that ends early.
    title : str
        The message.
    alt : str, optional
        The sentence for those who cannot see the figure; left out, made from the numbers.

    Returns
    -------
    fig, ax
    """
    if alt is None:
        alt = f"Curves of {ylabel} over {xlabel}. {describe(series, x)}"
    fig, ax = _figure(title, alt, figsize=(7, 3.6))
    for i, (name, y) in enumerate(series.items()):
        y = np.asarray(y, dtype=float)
        style = _style(i) | ({} if markers else {"marker": None})
        ax.plot(
            x,
            np.where(np.isfinite(y), y, np.nan),
            label=name,
            markersize=4,
            markevery=max(1, len(y) // 12),
            linewidth=2,
            **style,
        )
        _mark_early_end(ax, x, y, style["color"])
    ax.set(xlabel=xlabel, ylabel=ylabel, xscale=xscale, yscale=yscale)
    ax.grid(alpha=0.3)
    ax.legend()
    return fig, ax


def _mark_early_end(ax, x, y, colour):
    if np.isfinite(y).any() and not np.isfinite(y[-1]):
        last = np.flatnonzero(np.isfinite(y))[-1]
        ax.plot(
            x[last],
            y[last],
            marker="X",
            markersize=12,
            color=colour,
            markeredgecolor="black",
            linestyle="none",
            zorder=3,
        )


def heatmaps(matrices, *, title, xlabel, ylabel, alt=None, limit=None):
    """Matrices side by side on one colour scale, each entry written into its cell.

    Parameters
    ----------
    matrices : dict of str to array_like, shape (m, n)
        Name of each panel and its matrix.
    alt : str, optional
        The text alternative; left out, made from the numbers.
    limit : float, optional
        The colour scale runs from -limit to limit; by default the largest absolute entry.

    Returns
    -------
    fig, axes : axes is an array, one per matrix
    """
    arrays = {name: np.asarray(m, dtype=float) for name, m in matrices.items()}
    if alt is None:
        alt = f"Rows are {ylabel}, columns {xlabel}. {describe(arrays)}"
    if limit is None:
        limit = max(np.abs(m).max() for m in arrays.values())
    fig, axes = _figure(title, alt, ncols=len(arrays), figsize=(3.4 * len(arrays), 3.7))
    axes = np.atleast_1d(axes)
    for ax, (name, matrix) in zip(axes, arrays.items(), strict=True):
        image = ax.imshow(matrix, cmap=_signed_colours(), vmin=-limit, vmax=limit)
        _write_entries(ax, matrix, limit)
        ax.set(
            title=name, xlabel=xlabel, xticks=range(matrix.shape[1]), yticks=range(matrix.shape[0])
        )
    axes[0].set_ylabel(ylabel)
    fig.colorbar(image, ax=list(axes), shrink=0.8)
    return fig, axes


def _signed_colours():
    """Blue through white to orange: a colour map with a middle."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("signed", [COLOURS[0], "white", COLOURS[1]])


def _write_entries(ax, matrix, limit):
    for (i, j), value in np.ndenumerate(matrix):
        colour = "white" if value < -0.7 * limit else "black"  # black reads better on orange
        ax.text(
            j,
            i,
            f"{value:.2f}".replace("-0.00", "0.00"),
            ha="center",
            va="center",
            color=colour,
            fontsize="small",
        )


def simplex(paths, *, title, alt, corners, marked=None):
    """Paths of probability vectors over three classes, drawn on the probability simplex.

    Parameters
    ----------
    paths : dict of str to array_like, shape (n, 3)
        Name of each path and its points; every row sums to 1.
    corners : sequence of 3 str
        Names of the three corners, where one class has all the probability.
    marked : dict of str to array_like, shape (3,), optional
        Single points to mark and to name.

    Returns
    -------
    fig, ax
    """
    fig, ax = _figure(title, alt, figsize=(6.4, 5))
    triangle = _flatten(np.vstack([np.eye(3), np.eye(3)[:1]]))
    ax.plot(*triangle.T, color="black", linewidth=1)
    for i, (name, points) in enumerate(paths.items()):
        xy = _flatten(points)
        ax.plot(
            *xy.T,
            label=name,
            markevery=max(1, len(xy) // 8),
            markersize=5,
            linewidth=2,
            **_style(i),
        )
    for name, point in (marked or {}).items():
        x, y = _flatten(point)
        ax.plot(x, y, marker="*", markersize=14, color="black")
        ax.annotate(name, (x, y), xytext=(8, -14), textcoords="offset points")
    # the corners of the triangle: lower left, lower right, top
    places = (((-8, -14), "right"), ((8, -14), "left"), ((0, 8), "center"))
    for name, (x, y), (offset, side) in zip(corners, triangle, places, strict=False):
        ax.annotate(name, (x, y), xytext=offset, textcoords="offset points", ha=side)
    ax.set(aspect="equal", xlim=(-0.2, 1.2), ylim=(-0.12, 1.0))
    ax.axis("off")
    ax.legend(loc="upper left")
    return fig, ax


def _flatten(points):
    """Barycentric coordinates, shape (..., 3) -> the plane, shape (..., 2)."""
    return np.asarray(points, dtype=float) @ np.array(
        [[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(3) / 2]]
    )


def contours(x, y, Z, paths, *, title, alt, xlabel, ylabel):
    """Paths over the level curves of a function of two variables.

    Parameters
    ----------
    x, y : array_like, shapes (n,), (m,)
        The grid; nothing outside of it is shown.
    Z : array_like, shape (m, n)
        Positive values of the function; the levels grow by a constant factor.
    paths : dict of str to array_like, shape (k, 2)
        Name of each path and its points.

    Returns
    -------
    fig, ax
    """
    fig, ax = _figure(title, alt, figsize=(7, 3.8))
    top = np.max(Z)
    ax.contour(x, y, Z, levels=top * np.geomspace(1e-4, 1, 10), colors="0.6", linewidths=0.8)
    for i, (name, points) in enumerate(paths.items()):
        points = np.asarray(points, dtype=float)
        ax.plot(*points.T, label=name, markersize=4, linewidth=1.5, zorder=3, **_style(i))
    ax.set(xlabel=xlabel, ylabel=ylabel, xlim=(np.min(x), np.max(x)), ylim=(np.min(y), np.max(y)))
    ax.legend(loc="upper right")
    return fig, ax


def images(pictures, *, title, alt, columns=8, signed=False):
    """Small grey pictures in a grid, each with its caption.

    Parameters
    ----------
    pictures : sequence of (str, array_like of shape (m, n))
        Caption and pixels of each picture; large is dark.
    columns : int
        Pictures per row.
    signed : bool
        Blue for negative, orange for positive, one scale for all pictures.

    Returns
    -------
    fig, axes : axes is an array of shape (rows, columns)
    """
    rows = -(-len(pictures) // columns)
    fig, axes = _figure(title, alt, columns, rows, figsize=(1.05 * columns, 1.3 * rows + 0.5))
    axes = np.reshape(axes, (rows, columns))
    limit = max(np.abs(pixels).max() for _, pixels in pictures)
    scale = (
        {"cmap": _signed_colours(), "vmin": -limit, "vmax": limit}
        if signed
        else {"cmap": "gray_r", "vmin": 0, "vmax": limit}
    )
    for ax in axes.ravel():
        ax.axis("off")
    for ax, (caption, pixels) in zip(axes.ravel(), pictures, strict=False):
        ax.imshow(pixels, **scale)
        ax.set_title(caption, fontsize="x-small")
    return fig, axes


def confusion(counts, *, title, alt):
    """Count who is taken for whom: rows are true classes, columns predicted ones.

    Parameters
    ----------
    counts : array_like of int, shape (K, K)

    Returns
    -------
    fig, ax
    """
    counts = np.asarray(counts)
    fig, ax = _figure(title, alt, figsize=(5, 4.6))
    mistakes = counts - np.diag(np.diag(counts))
    ax.imshow(mistakes, cmap="Oranges", vmin=0, vmax=1.5 * max(1, mistakes.max()))
    for (i, j), n in np.ndenumerate(counts):
        if n:
            ax.text(
                j,
                i,
                int(n),
                ha="center",
                va="center",
                color="black",
                fontsize="small",
                fontweight="bold" if i != j else None,
            )
    ax.set(
        xlabel="predicted class",
        ylabel="true class",
        xticks=range(len(counts)),
        yticks=range(len(counts)),
    )
    return fig, ax


def flow_graph(spec, notes, *, title, alt):
    """A flow graph, leaves on the left of what uses them, the root on the right.

    Parameters
    ----------
    spec : list of (name, op, inputs)
        Boxes, in any order; names that are no box are leaves. An empty op is not shown.
    notes : dict of str to str
        Text below a name: its value, its gradient.

    Returns
    -------
    fig, ax
    """
    boxes = {name: (op, inputs) for name, op, inputs in spec}
    places = _places({name: inputs for name, (_, inputs) in boxes.items()})
    xs, ys = zip(*places.values(), strict=True)
    fig, ax = _figure(title, alt, figsize=(1.75 * (1 + max(xs)), 0.7 + 1.1 * (1 + np.ptp(ys))))
    drawn = {}
    for name, (x, y) in places.items():
        head = f"{name} = {boxes[name][0]}" if name in boxes and boxes[name][0] else name
        shape, face = ("square", "white") if name in boxes else ("round", "#e8f1f8")
        drawn[name] = ax.text(
            x,
            y,
            f"{head}\n{notes.get(name, '')}".strip(),
            ha="center",
            va="center",
            fontsize="small",
            zorder=1,
            bbox={"boxstyle": f"{shape},pad=0.35", "facecolor": face, "edgecolor": "black"},
        )
    for name, (_, inputs) in boxes.items():
        for k, i in enumerate(inputs):
            bend = 0.3 * (1 - 2 * k) if inputs.count(i) > 1 else 0.0
            ax.annotate(
                "",
                places[name],
                places[i],
                zorder=2,
                arrowprops={
                    "arrowstyle": "-|>",
                    "color": "black",
                    "connectionstyle": f"arc3,rad={bend}",
                    "patchA": drawn[i].get_bbox_patch(),
                    "patchB": drawn[name].get_bbox_patch(),
                },
            )
    ax.set(xlim=(-0.6, max(xs) + 0.6), ylim=(min(ys) - 0.5, max(ys) + 0.5))
    ax.axis("off")
    return fig, ax


def _places(inputs):
    """Columns by the longest way from a leaf, a leaf one column before its first use."""
    column = {}

    def depth(name):
        if name not in column:
            column[name] = 1 + max(map(depth, inputs[name])) if name in inputs else 0
        return column[name]

    for name in inputs:
        depth(name)
    for leaf in column.keys() - inputs.keys():
        column[leaf] = min(column[n] for n, ins in inputs.items() if leaf in ins) - 1
    places = {}
    for x in range(1 + max(column.values())):
        # boxes in the middle row, leaves below and above them in turn
        names = sorted((n for n in column if column[n] == x), key=lambda n: (n not in inputs, n))
        for k, name in enumerate(names):
            places[name] = (x, (k + 1) // 2 * (-1) ** k)
    return places
