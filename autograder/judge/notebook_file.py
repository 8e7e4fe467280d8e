"""A file that should be a notebook: read within bounds, whatever it holds."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

from ..ground.files import Refused, TooLarge, read_file

if TYPE_CHECKING:
    from nbformat import NotebookNode


MAX_FILE = 50 * 2**20  # bytes
MAX_NESTED = 4_000_000  # lists and objects in a file: each takes far more memory than file
MAX_CELLS = 2_000
MAX_TEXT = 500_000  # characters of all cells together, pictures written into them not counted
# what the collector writes where there is no notebook
NOTHING, DAMAGED = b"no notebook was handed in", b"what was handed in is damaged"
TOO_MUCH = b"what was handed in is too large, or too large once it is unpacked"
STAND_INS = (NOTHING, DAMAGED, TOO_MUCH)
PICTURE = re.compile(r"data:image/[a-z]+;base64,[A-Za-z0-9+/=]*")
KEPT = ("cell_type", "source", "input", "id", "attachments", "level", "language")


class Unreadable(ValueError):
    """A file that is not a notebook; the text says why, in words for the student."""


def read(path: str | Path) -> NotebookNode:
    """Read a notebook of any format version.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    NotebookNode, nbformat 4

    Raises
    ------
    Unreadable
    """
    return parse(content(path))


def content(path: str | Path) -> bytes:
    """Read the bytes of a file that was handed in.

    Raises
    ------
    Unreadable
        It is no ordinary file, or too large.
    """
    path = Path(path)
    try:
        return read_file(path, MAX_FILE)
    except TooLarge as error:
        raise Unreadable(
            f"the file is larger than {MAX_FILE // 2**20} MB: clear its outputs"
        ) from error
    except FileNotFoundError as error:
        raise Unreadable(f"there is no file named {path.name} in this submission") from error
    except Refused as error:
        raise Unreadable(
            f"there is no file named {path.name} in this submission that can be read: {error}"
        ) from error


def parse(data: bytes) -> NotebookNode:
    """Make a notebook of the bytes of a file; what nobody reads later is dropped on the way.

    Returns
    -------
    NotebookNode, nbformat 4

    Raises
    ------
    Unreadable
    """
    if data in STAND_INS:
        raise Unreadable(data.decode())
    text = data.decode(json.detect_encoding(data), "replace")
    if not text.strip():
        raise Unreadable("the file is empty")
    if data.count(b"[") + data.count(b"{") > MAX_NESTED:
        raise Unreadable("the file holds too much besides its text: clear its outputs")
    try:
        plain = _text_alone(json.loads(text))
        # without nbformat's validation, which is noisy: every cell is rebuilt anyway
        notebook = nbformat.convert(nbformat.reader.reads(plain), 4)
        cells = [(cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells]
    except Unreadable:
        raise
    except Exception as error:  # nbformat raises whatever the content provokes
        raise Unreadable(
            "the file is not a notebook, or a part of it is missing; "
            f"open it in JupyterLab and save it again ({_kind(error)})"
        ) from error
    if not all(isinstance(s, str) and isinstance(m, dict) for _, s, m in cells):
        raise Unreadable("the file has cells without text")
    if (
        sum(len(source if kind == "code" else PICTURE.sub("", source)) for kind, source, _ in cells)
        > MAX_TEXT
    ):
        raise Unreadable(
            f"its cells hold more than {MAX_TEXT} characters: delete what is not your answer"
        )
    return notebook


def _text_alone(data):
    """Write a notebook again with its cells' text, pictures and ids, and nothing else.

    Half a surrogate pair, which no file and no page can hold, becomes a question mark.
    """
    sheets = [data, *data.get("worksheets", [])]  # which nbformat 3 has
    if sum(len(sheet.get("cells", [])) for sheet in sheets) > MAX_CELLS:
        raise Unreadable(f"the file has more than {MAX_CELLS} cells")
    kept = {name: data[name] for name in ("nbformat", "nbformat_minor") if name in data}
    kept["metadata"] = {}
    if "cells" in data:
        kept["cells"] = [_cell_alone(cell) for cell in data["cells"]]
    if "worksheets" in data:
        kept["worksheets"] = [
            {"metadata": {}, "cells": [_cell_alone(c) for c in sheet["cells"]]}
            for sheet in data["worksheets"]
        ]
    return json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")


def _cell_alone(cell):
    kept = {name: cell[name] for name in KEPT if name in cell}
    for name, kind in (("id", str), ("attachments", dict)):
        if not isinstance(kept.get(name, kind()), kind):
            del kept[name]
    for name in ("source", "input"):
        if name in kept and kept[name] is None:
            kept[name] = ""
    if cell["cell_type"] == "code":
        kept |= {"outputs": [], "execution_count": None}
    kept["metadata"] = {} if cell.get("metadata") is None else cell["metadata"]
    if isinstance(kept["metadata"], dict):
        grading = kept["metadata"].get("nbgrader")
        name = grading.get("grade_id") if isinstance(grading, dict) else None
        kept["metadata"] = {"nbgrader": {"grade_id": name}} if isinstance(name, str) else {}
    return kept


def _kind(error):
    return type(error).__name__
