"""Figures: a message, a text alternative, and the numbers that were handed in."""

import io
import subprocess
import sys

import numpy as np
import pytest

from mlp_helpers import plots

WORDS = {"title": "A message", "alt": "A sentence about the figure."}
AXES = {"xlabel": "x", "ylabel": "y"}


def make_lines(**words):
    return plots.lines([1, 2, 3], {"up": [1, 2, 3], "gap": [1, np.inf, 3]}, **AXES, **words)


def make_heatmaps(**words):
    return plots.heatmaps({"one": np.eye(3), "two": -np.eye(3)}, **AXES, **words)


def make_simplex(**words):
    return plots.simplex({"path": np.eye(3)}, corners=("a", "b", "c"), **words)


FIGURES = [make_lines, make_heatmaps, make_simplex]


@pytest.mark.parametrize("make", FIGURES)
def test_the_title_is_the_message_and_the_alternative_is_kept(make):
    from PIL import Image

    fig, ax = make(**WORDS)
    assert fig.get_suptitle() == WORDS["title"]
    assert Image.open(io.BytesIO(plots.to_png(fig))).text["Description"] == WORDS["alt"]


@pytest.mark.parametrize("make", FIGURES)
@pytest.mark.parametrize("bad", [{"alt": ""}, {"alt": "  "}, {"alt": 3}, {"title": ""}])
def test_no_figure_without_words(make, bad):
    with pytest.raises(ValueError, match="must be"):
        make(**(WORDS | bad))


def test_a_figure_that_cannot_describe_itself_needs_a_description():
    with pytest.raises(TypeError, match="alt"):
        make_simplex(title="A message")


def test_infinity_leaves_a_gap():
    fig, ax = make_lines(**WORDS)
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), [1, np.nan, 3])


def test_no_two_series_differ_by_colour_alone():
    fig, ax = plots.lines([1, 2], {str(i): [i, i] for i in range(5)}, **AXES, **WORDS)
    styles = {(line.get_linestyle(), line.get_marker()) for line in ax.lines}
    assert len(styles) == 5


def test_entries_are_written_into_the_cells_on_one_scale():
    fig, axes = make_heatmaps(**WORDS)
    assert [t.get_text() for t in axes[1].texts][:2] == ["-1.00", "0.00"]
    assert axes[0].images[0].get_clim() == axes[1].images[0].get_clim() == (-1, 1)


def test_the_simplex_is_equilateral_and_the_mean_is_its_centre():
    corners = plots._flatten(np.eye(3))
    sides = [np.linalg.norm(corners[i] - corners[i - 1]) for i in range(3)]
    np.testing.assert_allclose(sides, 1.0)
    np.testing.assert_allclose(plots._flatten(np.full(3, 1 / 3)), corners.mean(axis=0))


def test_outside_a_notebook_the_alternative_is_printed(capsys):
    fig, ax = make_lines(**WORDS)
    plots.show(fig)
    assert capsys.readouterr().out == WORDS["alt"] + "\n"


def test_in_a_notebook_the_picture_carries_its_alternative(monkeypatch):
    shown = []
    import IPython
    import IPython.display

    monkeypatch.setattr(IPython, "get_ipython", lambda: object())
    monkeypatch.setattr(IPython.display, "display", lambda data, **kw: shown.append((data, kw)))
    fig, ax = make_lines(title="m", alt='less < more, "quoted"')
    plots.show(fig)
    data, options = shown[0]
    assert 'alt="less &lt; more, &quot;quoted&quot;"' in data["text/html"]
    assert data["text/plain"] == options["metadata"]["image/png"]["alt"] == fig.get_label()
    assert data["image/png"] in data["text/html"]


def test_importing_plots_does_not_import_matplotlib():
    code = "import sys, mlp_helpers.plots; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_contours_show_the_paths_inside_the_grid_only():
    x, y = np.linspace(-1, 2, 7), np.linspace(0, 1, 5)
    fig, ax = plots.contours(
        x,
        y,
        1 + x[None, :] ** 2 + y[:, None],
        {"a": [[0, 0], [9, 9]]},
        xlabel="x",
        ylabel="y",
        **WORDS,
    )
    assert ax.get_xlim() == (-1, 2) and ax.get_ylim() == (0, 1)
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), [[0, 0], [9, 9]])


@pytest.mark.parametrize("signed", [False, True])
def test_images_share_one_scale_and_leave_no_frame(signed):
    pictures = [(f"p{k}", np.full((2, 3), k - 1.0)) for k in range(5)]
    fig, axes = plots.images(pictures, columns=3, signed=signed, **WORDS)
    assert axes.shape == (2, 3)
    assert {ax.images[0].get_clim() for ax in axes.ravel()[:5]} == {(-3 if signed else 0, 3)}
    assert axes[1, 1].get_title() == "p4" and not axes[1, 2].images
    assert not any(ax.axison for ax in axes.ravel())


def test_the_confusion_matrix_colours_mistakes_only():
    fig, ax = plots.confusion([[40, 0], [3, 7]], **WORDS)
    np.testing.assert_array_equal(ax.images[0].get_array(), [[0, 0], [3, 0]])
    assert [t.get_text() for t in ax.texts] == ["40", "3", "7"]


def test_a_text_alternative_is_made_from_what_is_drawn():
    fig, _ = plots.lines(
        [1.0, 2.0, 4.0],
        {"flat": [5, 5, 5], "bent": [3, -1, np.nan]},
        title="It falls",
        xlabel="step",
        ylabel="error",
    )
    assert fig.get_label() == (
        "Curves of error over step. flat: from 5 at 1 to 5 at 4, lowest 5 at 1, highest 5 at 1. "
        "bent: from 3 at 1 to -1 at 2, lowest -1 at 2, highest 3 at 1, 1 of 3 not finite."
    )
    fig, _ = plots.heatmaps({"J": [[1, 2], [-4, 3]]}, title="J", xlabel="input", ylabel="output")
    assert "J: 2 by 2, smallest entry -4 at [1, 0], largest 3 at [1, 1]." in fig.get_label()
    assert plots.describe({"a": [np.nan], "b": []}) == "a: no finite number. b: empty."
