"""Figures of the class report: the title is the message, the text alternative says the same.

Each function returns a `Picture`. Colour is never alone: bars are hatched, points have two shapes.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import matplotlib
from matplotlib.figure import Figure

from mlp_helpers.checking.report import number

if TYPE_CHECKING:
    from .class_analysis import Item


WIDTH = 7.5
HATCHES = ("", "//", "..", "xx", "")
COLOURS = ("#009e73", "#56b4e9", "#e69f00", "#cc79a7", "#dddddd")
BLUE, ORANGE = "#0072b2", "#d55e00"
BINS = 12


@dataclass(frozen=True)
class Picture:
    """An SVG as a data address, its message, and the sentence for those who cannot see it."""

    source: str
    title: str
    alt: str


def points_per_exercise(items: Sequence[Item], states: Sequence[str]) -> Picture:
    """Draw how many students came how far, exercise by exercise.

    Parameters
    ----------
    items : list of autograder.reports.class_analysis.Item
    states : sequence of str
        From best to worst; one hatch and colour each.

    Returns
    -------
    Picture
    """
    students = sum(items[0].states.values())
    decided = [i for i in items if sum(i.states[s] for s in states[:3])] or items
    hardest = min(decided, key=lambda i: i.states[states[0]])
    title = f"Fewest full marks: {hardest.name}, {hardest.states[states[0]]} of {students} students"
    fig, ax = _figure(title, 1.1 + 0.32 * len(items))
    left = [0] * len(items)
    for state, hatch, colour in zip(states, HATCHES, COLOURS, strict=True):
        counts = [i.states[state] for i in items]
        if any(counts):
            ax.barh(
                [i.name for i in items],
                counts,
                left=left,
                label=state,
                hatch=hatch,
                color=colour,
                edgecolor="black",
                linewidth=0.6,
            )
        left = [a + b for a, b in zip(left, counts, strict=True)]
    ax.invert_yaxis()
    ax.set(xlabel="students", xlim=(0, students))
    ax.xaxis.get_major_locator().set_params(integer=True)
    fig.legend(loc="outside lower center", ncols=5, fontsize="small", frameon=False)
    told = "; ".join(
        f"{i.name}: " + ", ".join(f"{n} {s}" for s, n in i.states.items() if n) for i in items
    )
    return _picture(fig, title, f"Bars, one per exercise, counting students. {told}.")


def distribution(totals: Sequence[float], full: float) -> Picture:
    """Draw how the points of a class are distributed.

    Parameters
    ----------
    totals : list of float
    full : float
        Full marks.

    Returns
    -------
    Picture
    """
    middle = median(totals)
    title = f"Half of the class has {number(middle)} of {number(full)} points or more"
    fig, ax = _figure(title, 2.8)
    counts, edges, _ = ax.hist(
        totals, bins=BINS, range=(0, full or 1), color=COLOURS[1], edgecolor="black", linewidth=0.6
    )
    ax.axvline(middle, color="black", linestyle="--", label=f"median {number(middle)}")
    ax.legend()
    ax.set(xlabel="points", ylabel="students", ylim=(0, max(counts) * 1.15))
    ax.yaxis.get_major_locator().set_params(integer=True)
    told = ", ".join(
        f"{n:.0f} from {number(a)} to {number(b)}"
        for n, a, b in zip(counts, edges, edges[1:], strict=False)
        if n
    )
    return _picture(fig, title, f"A histogram of the points. Students: {told}.")


def divided(items: Sequence[Item]) -> Picture:
    """Draw how the two outer thirds of a class did in each exercise.

    Parameters
    ----------
    items : list of autograder.reports.class_analysis.Item
        With their thirds known.

    Returns
    -------
    Picture
    """
    most = max(items, key=lambda i: i.gap)
    title = (
        f"{most.name} divides the class most: "
        f"{most.weakest:.0%} of its points against {most.strongest:.0%}"
    )
    fig, ax = _figure(title, 1.3 + 0.3 * len(items))
    names = [i.name for i in items]
    weak, strong = ([100 * i.weakest for i in items], [100 * i.strongest for i in items])
    ax.hlines(names, weak, strong, color="#888888", linewidth=2, zorder=1)
    ax.scatter(
        weak, names, marker="s", s=46, color=ORANGE, edgecolor="black", label="weakest third"
    )
    ax.scatter(
        strong, names, marker="o", s=46, color=BLUE, edgecolor="black", label="strongest third"
    )
    ax.invert_yaxis()
    ax.set(xlabel="mean share of the points, %", xlim=(-4, 104))
    ax.grid(axis="x", alpha=0.3)
    fig.legend(loc="outside lower center", ncols=2, fontsize="small", frameon=False)
    told = "; ".join(f"{i.name}: {i.weakest:.0%} and {i.strongest:.0%}" for i in items)
    return _picture(
        fig, title, f"Two points per exercise, the weakest and the strongest third. {told}."
    )


def times(seconds: Sequence[float]) -> Picture:
    """Draw how long grading took.

    Parameters
    ----------
    seconds : list of float
        By submission, at least one.

    Returns
    -------
    Picture
    """
    middle, longest = median(seconds), max(seconds)
    title = f"Half of the submissions took {middle:.2g} s or less; the slowest took {longest:.2g} s"
    fig, ax = _figure(title, 2.4)
    counts, edges, _ = ax.hist(
        seconds,
        bins=BINS,
        range=(0, longest or 1),
        color=COLOURS[2],
        edgecolor="black",
        linewidth=0.6,
    )
    ax.set(xlabel="seconds", ylabel="submissions")
    ax.yaxis.get_major_locator().set_params(integer=True)
    told = ", ".join(
        f"{n:.0f} from {a:.2g} to {b:.2g} s"
        for n, a, b in zip(counts, edges, edges[1:], strict=False)
        if n
    )
    return _picture(fig, title, f"A histogram of the grading times. Submissions: {told}.")


def _figure(title, height):
    fig = Figure(figsize=(WIDTH, height), layout="constrained")
    ax = fig.subplots()
    fig.suptitle(title, fontsize="medium", fontweight="bold")
    ax.spines[["top", "right"]].set_visible(False)
    return fig, ax


def _picture(fig, title, alt):
    """Write a figure as SVG; the same figure gives the same text."""
    file = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": title, "axes.unicode_minus": False}):
        fig.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    data = base64.b64encode(file.getvalue()).decode("ascii")
    return Picture(f"data:image/svg+xml;base64,{data}", title, alt)
