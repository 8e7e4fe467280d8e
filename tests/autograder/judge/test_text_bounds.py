"""What pages show of a student's text can be drawn in a moment, whoever draws it."""

import base64
import json

import nbformat
import numpy as np
import pytest
from nbconvert.exporters import HTMLExporter
from traitlets.config import Config

from autograder.gradebook.nbgrader_settings import configure
from autograder.judge import text_bounds
from autograder.judge.notebook_file import Unreadable, parse
from autograder.judge.session import Failure, Limits, Session
from autograder.judge.submission import restore
from autograder.worker import wire
from mlp_helpers.checking.compare import Expected, compare
from mlp_helpers.checking.values import MAX_ENTRIES, Unsupported, plain

PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(300)).decode()


# --- pages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [" \n" * 20_000, "\t\n" * 9, "a\n \n \nb", "> \n>  \n" * 99])
def test_lines_of_space_have_none(text):
    for shown in (text_bounds.code(text), text_bounds.markdown(text)):
        assert [line for line in shown.split("\n") if line.rstrip() != line] == []


@pytest.mark.parametrize("text", ["x = 1\n" * 90_000, "x" * 90_000, "*a" * 5_000, "\n" * 90_000])
def test_long_code_is_cut_and_says_so(text):
    shown = text_bounds.code(text)
    assert len(shown) < text_bounds.MAX_CODE + 200
    assert max(map(len, shown.split("\n"))) < text_bounds.MAX_LINE + 10
    assert text_bounds.LEFT in shown


def test_ordinary_text_stays_as_it_is(course):
    for cell in course.release.cells:
        bounded = text_bounds.code if cell.cell_type == "code" else text_bounds.markdown
        assert bounded(cell.source) == cell.source
    text = "1. so:\n\n   ```python\n   def f(x):\n\n       return `x`\n   ```\n\nhard  \nbreak"
    assert text_bounds.markdown(text) == text


@pytest.mark.parametrize("before", ["", "   ", "> ", "- ", "12. ", "> - "])
@pytest.mark.parametrize("fence", ["```", "~~~", "``````"])
@pytest.mark.parametrize("language", ["easytrieve", " mermaid", "console x", "python3x"])
def test_blocks_in_other_languages_are_plain(before, fence, language):
    text = text_bounds.markdown(f"{before}{fence}{language}\n\t\t\n{fence}")
    assert text.split("\n")[0] == before + fence


def restored(course, cell):
    """A cell that is not graded, as it is taken over."""
    notebook, _ = restore(nbformat.v4.new_notebook(cells=[cell]), course.release)
    return next(cell for cell in notebook.cells if cell.id.startswith("submitted-"))


def test_a_picture_written_into_the_text_is_attached(course):
    pictures = f"![a](data:image/png;base64,{PIXEL}) ![](data:image/png;base64,1)"
    cell = restored(course, nbformat.v4.new_markdown_cell("[" * 300 + pictures))
    assert cell.source.count("(attachment:picture-0)") == 1 and PIXEL not in cell.source
    assert cell.attachments == {"picture-0": {"image/png": PIXEL}}
    assert "a picture that cannot be shown" in cell.source


def test_a_picture_is_shown_once_however_often_it_is_named(course):
    cell = nbformat.v4.new_markdown_cell("![a](attachment:a.png)" * 500)
    cell.attachments = {"a.png": {"image/png": PIXEL}}
    shown = restored(course, cell).source
    assert shown.count("](attachment:") == 1


def test_text_that_only_looks_like_a_picture_is_counted():
    cell = nbformat.v4.new_code_cell("x" * 500_001)
    with pytest.raises(Unreadable, match="characters"):
        parse(json.dumps(nbformat.v4.new_notebook(cells=[cell])).encode())


def test_no_page_looks_for_addresses_of_old_notebooks(tmp_path):
    """formgrader makes its exporter as here; nbconvert's own filter is cubic."""
    exporter = HTMLExporter(config=configure(Config(), tmp_path))
    given = "[x](files/a) src='files/b'"
    assert exporter.environment.filters["strip_files_prefix"](given) == given


# --- "undefined" ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source, found",
    [
        ("\n" * 200_000 + "1/0", ""),
        ("x" * 300_000, ""),
        (" " * 300_000, ""),
        ("def f(x):\n  (", "f"),
        ("  async  def f (x):", "f"),
        ("f = 1/0", "f"),
        ("f: int = 1/0", "f"),
        ("defer(f)\nf(1)", ""),
        ("f\n= 2", ""),
    ],
)
def test_a_stopped_cell_is_found_by_what_its_lines_begin_to_define(source, found):
    session = Session(None, [source], Limits())
    session._failed[0] = Failure("ZeroDivisionError", "division by zero")
    assert ("the cell that defines f stopped" in session.undefined("f").message) == bool(found)


# --- values --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shape, dtype",
    [((2**26, 0), "<f8"), ((2**24, 0, 3), "<f8"), ((2**24, 1), "|i1"), ((2**24,), "|b1")],
)
def test_entries_are_bounded_as_bytes_are(shape, dtype):
    size = np.dtype(dtype).itemsize * int(np.prod(shape))
    header = json.dumps([{"array": [dtype, list(shape), "C"]}]).encode()
    with pytest.raises(wire.WireError, match="more than 4,000,000 entries"):
        wire.decode(header, bytes(size))
    with pytest.raises(Unsupported, match="more than 4,000,000 entries"):
        plain(np.zeros(shape, dtype))


def test_many_small_arrays_are_counted_together():
    with pytest.raises(Unsupported, match="entries"):
        plain([np.zeros((MAX_ENTRIES // 4, 0))] * 5)
    header = json.dumps([{"array": ["<f8", [MAX_ENTRIES // 4, 0], "C"]}] * 5).encode()
    with pytest.raises(wire.WireError, match="entries"):
        wire.decode(header, b"")


def test_a_header_of_too_many_parts_is_not_read():
    with pytest.raises(wire.WireError, match="parts"):
        wire.decode(b"[" + b"[]," * 2_000_000 + b"[]]", b"")


@pytest.mark.parametrize("got", [np.zeros((4_000_000, 0)), np.zeros((4_000_000, 1), np.int8)])
def test_rows_are_counted_before_they_are_looked_at(got, monkeypatch):
    monkeypatch.setattr("mlp_helpers.checking.compare.list", None, raising=False)
    difference = compare(got, Expected((np.ones(2), np.ones(3)), ("a", "b")))
    assert difference.kind == "structure" and "4000000" in difference.message
