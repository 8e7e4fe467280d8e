"""From the file that a student handed in to a notebook that can be graded.

The release decides what counts. Whatever was deleted, duplicated, forged or locked and changed is
put right from it; a file that cannot be read becomes the release itself with a note on top.
"""

from __future__ import annotations

import base64
import binascii
import copy
import re
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

MAX_FILE = 100 * 2**20
PICTURES = ("image/png", "image/jpeg", "image/gif")
MARKUP = re.compile(r"<(?=[A-Za-z/!?])|&(?=#?\w+;)|(?<=script)(?=\\*:)", re.IGNORECASE)


class Unreadable(ValueError):
    """A file that is not a notebook; the text says why, in words for the student."""


def read(path):
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
    path = Path(path)
    if path.is_symlink() or not path.is_file():
        raise Unreadable(f"there is no file named {path.name} in this submission")
    if path.stat().st_size > MAX_FILE:
        raise Unreadable(f"the file is larger than {MAX_FILE // 2**20} MB: clear its outputs")
    text = path.read_bytes().decode("utf-8-sig", "replace")
    if not text.strip():
        raise Unreadable("the file is empty")
    try:
        # without nbformat's validation, which is noisy: every cell is rebuilt anyway
        notebook = nbformat.convert(nbformat.reader.reads(text), 4)
        cells = [(cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells]
    except Exception as error:  # nbformat raises whatever the content provokes
        raise Unreadable("the file is not a notebook, or a part of it is missing; "
                         f"open it in JupyterLab and save it again ({_kind(error)})") from error
    if not all(isinstance(s, str) and isinstance(m, dict) for _, s, m in cells):
        raise Unreadable("the file has cells without text")
    return notebook


def _kind(error):
    return type(error).__name__


def harmless(text):
    """Markdown without HTML, entities and script links; formulas and prose read as before.

    A space takes each its meaning: "< b>", "& lt;", "javascript :".
    """
    return MARKUP.sub(r"\g<0> ", text)


def stand_in(release, reason):
    """The release, unsolved, with a note that says why it is here."""
    notebook = copy.deepcopy(release)
    text = (f"**This submission could not be graded: {harmless(reason)}.**\n\n"
            "What follows is the empty chapter; it has 0 points. Hand the notebook in again, or "
            "ask your instructor.")
    notebook.cells.insert(0, new_markdown_cell(text, id="stand-in-note"))
    return notebook


def read_or_stand_in(path, release):
    """Read and restore a submission.

    A notebook that was renamed ("... (1).ipynb", as browsers do) is found if it is the only one.

    Returns
    -------
    (NotebookNode, list of str)
        The notebook to grade, and what had to be put right.
    """
    path = Path(path)
    others = sorted(path.parent.glob("*.ipynb"))
    renamed = not path.exists() and len(others) == 1
    notes = [f"read from {others[0].name!r}, the only notebook handed in"] if renamed else []
    try:
        notebook, more = restore(read(others[0] if renamed else path), release)
        return notebook, notes + more
    except Unreadable as error:
        return stand_in(release, str(error)), [f"could not be read: {error}"]


def restore(submitted, release):
    """Rebuild a submission around the graded cells of the release.

    Parameters
    ----------
    submitted : NotebookNode
    release : NotebookNode
        The released chapter.

    Returns
    -------
    (NotebookNode, list of str)
        A new notebook in which every graded cell of the release occurs once, with the release's
        metadata and, if locked, its text; no other cell is graded, nothing has outputs. And one
        line for each thing that was put right.
    """
    originals = {grade_id(cell): cell for cell in release.cells if grade_id(cell)}
    claims = _claims(submitted.cells, release)
    chosen = {name: _choose(indices, submitted.cells, originals[name])
              for name, indices in claims.items()}
    owner = {index: name for name, index in chosen.items()}
    known = {cell.source for cell in release.cells if cell.cell_type == "markdown"}
    cells = [
        _graded(cell, originals[owner[i]]) if i in owner else _plain(cell, known)
        for i, cell in enumerate(submitted.cells)
    ]
    notes = _notes(claims, chosen, submitted.cells, originals)
    notes += _add_missing(cells, originals)
    notebook = copy.deepcopy(release)
    notebook.cells = _with_ids(cells)
    return notebook, notes


def grade_id(cell):
    """The nbgrader id of a cell, None if it has none that is text."""
    data = cell.metadata.get("nbgrader")
    name = data.get("grade_id") if isinstance(data, dict) else None
    return name if isinstance(name, str) and name else None


def is_locked(cell):
    """Whether the release's text of this cell counts, not the student's."""
    return not cell.metadata.nbgrader.get("solution", False)


def is_check(cell):
    """Whether the judge decides the points of this cell of the release."""
    return cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade", False) \
        and is_locked(cell)


def _claims(cells, release):
    """Which submitted cells say that they are a given graded cell: grade id -> indices."""
    by_cell_id = {cell.id: grade_id(cell) for cell in release.cells if grade_id(cell)}
    known, claims = set(by_cell_id.values()), {}
    for index, cell in enumerate(cells):
        name = grade_id(cell) or by_cell_id.get(cell.get("id"))
        if name in known:
            claims.setdefault(name, []).append(index)
    return claims


def _choose(indices, cells, original):
    """Of several copies of a cell take the last one that was worked on."""
    worked_on = [i for i in indices if cells[i].source.strip() != original.source.strip()]
    return (worked_on or indices)[-1]


def _notes(claims, chosen, cells, originals):
    notes = [f"cell {name} exists {len(indices)} times: one copy counts"
             for name, indices in claims.items() if len(indices) > 1]
    return notes + [f"locked cell {name} was changed: restored" for name, i in chosen.items()
                    if is_locked(originals[name]) and cells[i].source != originals[name].source]


def _add_missing(cells, originals):
    """Put back the graded cells that are missing, each after its predecessor."""
    notes, place = [], 0
    for name, original in originals.items():
        where = next((i for i, cell in enumerate(cells) if grade_id(cell) == name), None)
        if where is not None:
            place = where + 1
        elif original.metadata.nbgrader.get("grade", False):
            # A missing solution cell stays away: its stub would undo work done in another cell.
            cells.insert(place, copy.deepcopy(original))
            place += 1
            notes.append(f"graded cell {name} was missing: added")
    return notes


def _graded(cell, original):
    """A cell of the release with the student's text, where that is what counts."""
    new = copy.deepcopy(original)
    if not is_locked(original):
        new.source = cell.source if original.cell_type == "code" else harmless(cell.source)
        if cell.source == original.source:
            new.source = original.source
        _keep_pictures(cell, new)
    return new


def _plain(cell, known):
    """A cell that is not graded: its text and pictures, without metadata and outputs."""
    if cell.cell_type == "code":
        return new_code_cell(cell.source)
    source = cell.source if cell.source in known else harmless(cell.source)
    new = new_markdown_cell(source)
    _keep_pictures(cell, new)
    return new


def _keep_pictures(cell, new):
    """Keep pasted pictures; anything else that calls itself an attachment is dropped."""
    given = cell.get("attachments")
    if new.cell_type != "markdown" or not isinstance(given, dict):
        return
    kept = {name: {kind: data for kind, data in bundle.items() if _is_picture(kind, data)}
            for name, bundle in given.items() if isinstance(bundle, dict)}
    if any(kept.values()):
        new.attachments = nbformat.from_dict({name: b for name, b in kept.items() if b})


def _is_picture(kind, data):
    if kind not in PICTURES or not isinstance(data, str):
        return False
    try:
        base64.b64decode(data.replace("\n", ""), validate=True)
    except binascii.Error:
        return False
    return True


def _with_ids(cells):
    """Name the cells that are not graded by their place; graded ones keep the release's ids."""
    for number, cell in enumerate(cells):
        if not grade_id(cell):
            cell.id = f"submitted-{number}"
    return cells
