"""From the file that a student handed in to a notebook that can be graded.

The release decides what counts. Whatever was deleted, duplicated, forged or locked and changed is
put right from it; a file that cannot be read becomes the release itself with a note on top.
"""

from __future__ import annotations

import base64
import binascii
import copy
import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from nbformat import from_dict

from mlp_helpers import exercises

from ..ground.cells import grade_id, is_locked
from . import text_bounds
from .handed_in import find
from .harmless_text import harmless
from .notebook_file import PICTURE, Unreadable, parse
from .written_answers import find_answers

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from .handed_in import Found


PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
ATTACHED = re.compile(r"attachment\\*:([^\s()<>\[\]\"']*)")
# what makes a link, or shows a picture that is not in the notebook; and an address by itself
PLACE = re.compile(
    r"\](?=:|\((?!attachment:picture-\d+[)\s]"
    r"|data:image/(?:png|jpeg|gif|webp);base64,))"
    r"|:(?=//)|(?<=www)(?=\.)",
    re.IGNORECASE,
)


def without_addresses(text: str) -> str:
    """Markdown that leads nowhere else, and shows no picture that is not in the notebook."""
    return PLACE.sub(r"\g<0> ", text)


def stand_in(release: NotebookNode, reason: str) -> NotebookNode:
    """The release, unsolved, with a note that says why it is here."""
    notebook = copy.deepcopy(release)
    text = (
        f"**This submission could not be graded: {harmless(reason)}.**\n\n"
        "What follows is the empty chapter; it has 0 points. Hand the notebook in again, or "
        "ask your instructor."
    )
    notebook.cells.insert(0, _new_cell("markdown", text))
    notebook = restore(notebook, release)[0]
    notebook.cells[0].metadata = from_dict({"course": {"refused": reason}})
    return notebook


def refusal(notebook: NotebookNode) -> str:
    """Say why a notebook is only a stand-in; "" if it is not."""
    return notebook.cells[0].metadata.get("course", {}).get("refused", "") if notebook.cells else ""


def restore_or_stand_in(found: Found, release: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """Make of what was found a notebook that can be graded.

    Returns
    -------
    (NotebookNode, list of str)
        The notebook to grade, and what had to be put right.
    """
    try:
        if found.fault:
            raise Unreadable(found.fault)
        notebook, restored = restore(parse(found.data), release)
        notes = [*found.notes, *restored]
        encoding = json.detect_encoding(found.data)
        if not encoding.startswith("utf-8"):
            notes.append(
                f"the file is in {encoding[:6].upper()}, not in UTF-8 as notebooks are: "
                "read all the same"
            )
    except Unreadable as error:
        notebook = stand_in(release, str(error))
        notes = [f"could not be read: {error}", *found.notes]
    if found.beside:
        notebook.cells.append(_cell_of_links(found.beside))
    return notebook, notes


def _cell_of_links(beside):
    """A cell for the graded copy, by which its reader finds what was handed in beside it."""
    links = "\n".join(f"- [{without_addresses(b.name)}]({b.stored})" for b in beside)
    cell = _new_cell("markdown", f"Handed in beside the notebook:\n\n{links}")
    digest = hashlib.sha256(b"".join(hashlib.sha256(b.data).digest() for b in beside)).hexdigest()
    cell.id, cell.metadata = "handed-in-beside", from_dict({"course": {"beside": digest}})
    return cell


def without_links_beside(notebook: NotebookNode) -> NotebookNode:
    """Take the cell of links out: where a feedback page is read, those files are not."""
    notebook.cells = [c for c in notebook.cells if "beside" not in c.metadata.get("course", {})]
    return notebook


def read_or_stand_in(path: Path, release: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """Read and restore a submission: `find`, then `restore_or_stand_in`."""
    return restore_or_stand_in(find(path), release)


def restore(submitted: NotebookNode, release: NotebookNode) -> tuple[NotebookNode, list[str]]:
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
    chosen = {
        name: _choose(indices, submitted.cells, originals[name]) for name, indices in claims.items()
    }
    answers = find_answers(submitted.cells, release, claims)
    for name, parts in answers.items():
        if parts and name not in chosen:
            chosen[name] = next((part.index for part in parts if part.moves), -1)
    notes = _notes(claims, chosen, submitted.cells, originals, answers)
    owner = {index: name for name, index in chosen.items()}
    moved = {part.index for parts in answers.values() for part in parts if part.moves}
    known = {cell.source for cell in release.cells if cell.cell_type == "markdown"}
    cells = []
    for i, cell in enumerate(submitted.cells):
        name = owner.get(i)
        if name in answers:
            cells.append(_written(answers[name], submitted.cells, originals[name]))
        elif name:
            cells.append(_graded(cell, originals[name]))
        elif i not in moved:
            cells.append(_plain(cell, known))
        # an answer that stands in a question or in code alone gets its cell beside that
        cells += [
            _written(parts, submitted.cells, originals[name])
            for name, parts in answers.items()
            if chosen.get(name) == -1 and parts[-1].index == i
        ]
    missing = _add_missing(cells, originals)
    other = _other_chapter(submitted.cells, originals)
    if other:
        text = f"this is the notebook of chapter {other}, handed in in the place of this one"
        cells.insert(0, _new_cell("markdown", f"**{text[0].upper()}{text[1:]}.**"))
        missing = [f"{text}: {len(missing)} graded cells were missing"]
    notebook = from_dict({key: value for key, value in release.items() if key != "cells"})
    notebook.cells = _with_ids(cells)
    return notebook, notes + missing


def _other_chapter(cells, originals):
    """The number of the chapter whose notebook this is, if it is not the release's; else ""."""
    checks = {f"check_{e.id}": e.chapter for e in exercises().values()}
    found = {name for cell in cells if (name := grade_id(cell)) in checks}
    if found & set(originals):
        return ""
    chapters = Counter(checks[name] for name in found)
    return chapters.most_common(1)[0][0] if len(found) > 1 else ""


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


def _notes(claims, chosen, cells, originals, answers):
    notes = [
        f"cell {name} exists {len(indices)} times: one copy counts"
        for name, indices in claims.items()
        if len(indices) > 1 and len(answers.get(name, ())) < 2
    ]
    notes += [
        f"written answer {name}: put together from what stands up to the next heading"
        for name, parts in answers.items()
        if parts
        and not {part.index for part in parts} <= set(claims.get(name, ()))
        or len(parts) > 1
    ]
    return notes + [
        f"locked cell {name} was changed: restored"
        for name, i in chosen.items()
        if is_locked(originals[name]) and cells[i].source.strip() != originals[name].source.strip()
    ]


def _add_missing(cells, originals):
    """Put back the graded cells that are missing, each after its predecessor."""
    notes, place, names = [], 0, list(map(grade_id, cells))
    for name, original in originals.items():
        if name in names:
            place = names.index(name) + 1
        elif original.metadata.nbgrader.get("grade", False):
            # A missing solution cell stays away: its stub would undo work done in another cell.
            cells.insert(place, copy.deepcopy(original))
            names.insert(place, name)
            place += 1
            notes.append(f"graded cell {name} was missing: added")
    return notes


def _graded(cell, original):
    """A cell of the release with the student's text, where that is what counts."""
    new = copy.deepcopy(original)
    if not is_locked(original) and cell.source != original.source:
        if original.cell_type == "code":
            new.source = cell.source
        else:
            _take_text(cell, new)
    return new


def _written(parts, cells, original):
    """The cell of a written answer, with all its pieces and their pictures."""
    new = copy.deepcopy(original)
    if not parts:
        return new
    texts, pictures = [], {}
    for number, part in enumerate(parts):
        # pictures of several cells may have one name
        texts.append(ATTACHED.sub(rf"attachment:{number}-\1", part.text))
        given = cells[part.index].get("attachments")
        given = given if isinstance(given, dict) else {}
        pictures |= {f"{number}-{name}": bundle for name, bundle in given.items()}
    whole = _new_cell("markdown", "\n\n".join(texts), attachments=pictures)
    _take_text(whole, new)
    return new


def _plain(cell, known):
    """A cell that is not graded: its text and pictures, without metadata and outputs."""
    if cell.cell_type == "code":
        return _new_cell("code", cell.source, execution_count=None, outputs=[])
    new = _new_cell("markdown", cell.source)
    if cell.source not in known:
        _take_text(cell, new)
    return new


def _new_cell(kind, source, **more):
    """Make a cell. nbformat's own makers also check it against the format's schema, which takes
    most of the time of restoring a notebook; a test checks whole notebooks."""
    return from_dict({"cell_type": kind, "id": "", "metadata": {}, "source": source, **more})


def _take_text(cell, new):
    """Take a student's Markdown over, as pages may show it, with the pictures pasted into it.

    Pictures are numbered. One that is lost, or of a kind that pages do not show, and everything
    that lies elsewhere (linked pages, remote pictures) becomes text.
    """
    pictures, names = _pictures(cell), {}

    def attach(match):
        kind, _, data = match[0].removeprefix("data:").partition(";base64,")
        name = f"written-{len(pictures)}"
        pictures[name] = {kind: data} if _is_picture(kind, data) else {}
        return f"attachment:{name}"

    def place(match):
        found = next((n for n in (match[1], unquote(match[1])) if pictures.get(n)), None)
        if found is None:
            return f"(a picture that cannot be shown: {match[1]})"
        if found in names:  # a page must not become many times as large as the file
            return f"({names[found]}, which is shown above)"
        names[found] = f"picture-{len(names)}"
        return f"attachment:{names[found]}"

    text = ATTACHED.sub(place, text_bounds.markdown(PICTURE.sub(attach, cell.source)))
    new.source = harmless(without_addresses(text))
    if names:
        new.attachments = from_dict({new: pictures[old] for old, new in names.items()})


def _pictures(cell):
    """The pictures attached to a cell, by name; what only calls itself so is left out."""
    given = cell.get("attachments")
    given = given if isinstance(given, dict) else {}
    found = {
        name: {kind: data for kind, data in bundle.items() if _is_picture(kind, data)}
        for name, bundle in given.items()
        if isinstance(bundle, dict)
    }
    return {name: bundle for name, bundle in found.items() if bundle}


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
