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
import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import nbformat
from nbformat import from_dict

from mlp_helpers import exercises

from . import bounds
from .files import EFFECT, Refused, TooLarge, entries, read_file
from .written import find_answers

MAX_FILE = 50 * 2**20  # bytes
MAX_NESTED = 4_000_000  # lists and objects in a file: each takes far more memory than file
MAX_CELLS = 2_000
MAX_TEXT = 500_000  # characters of all cells together, pictures written into them not counted
# what the collector writes where there is no notebook
NOTHING, DAMAGED = b"no notebook was handed in", b"what was handed in is damaged"
TOO_MUCH = b"what was handed in is too large, or too large once it is unpacked"
STAND_INS = (NOTHING, DAMAGED, TOO_MUCH)
# what programs make of a notebook's name when they send or save it
NOTEBOOKS = (".ipynb", ".ipynb.txt", ".ipynb.json")
MAX_BESIDE = 20 * 2**20  # bytes of the pictures and pages beside a notebook, all together
MAX_KEPT = 20  # of them
BESIDE = "beside"  # their folder, beside the graded notebook
MAX_LISTED = 10  # names of files that are left out
# how files begin that are kept for a person who reads an answer; and what they are then called
BEGINNINGS = ((b"\x89PNG\r\n\x1a\n", ".png"), (b"\xff\xd8\xff", ".jpg"), (b"GIF8", ".gif"),
              (b"%PDF-", ".pdf"))
FOR_READERS = (".png", ".jpg", ".jpeg", ".gif", ".pdf")
REFUSED = "**This submission could not be graded: "
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
PICTURE = re.compile(r"data:image/[a-z]+;base64,[A-Za-z0-9+/=]*")
ATTACHED = re.compile(r"attachment\\*:([^\s()<>\[\]\"']*)")
# what makes a link, or shows a picture that is not in the notebook; and an address by itself
PLACE = re.compile(r"\](?=:|\((?!attachment:picture-\d+[)\s]"
                   r"|data:image/(?:png|jpeg|gif|webp);base64,))"
                   r"|:(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
KEPT = ("cell_type", "source", "input", "id", "attachments", "level", "language")
# the commands with which a formula makes a link or a style
LINK = re.compile(r"(?<=\\)(?=(?:href|mmlToken|style|class|cssId|require)(?![a-z]))", re.IGNORECASE)
# HTML tags, entities, script links
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
    return parse(content(path))


def content(path):
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
        raise Unreadable(f"the file is larger than {MAX_FILE // 2**20} MB: clear its "
                         "outputs") from error
    except FileNotFoundError as error:
        raise Unreadable(f"there is no file named {path.name} in this submission") from error
    except Refused as error:
        raise Unreadable(f"there is no file named {path.name} in this submission that can be "
                         f"read: {error}") from error


def parse(data):
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
        raise Unreadable("the file is not a notebook, or a part of it is missing; "
                         f"open it in JupyterLab and save it again ({_kind(error)})") from error
    if not all(isinstance(s, str) and isinstance(m, dict) for _, s, m in cells):
        raise Unreadable("the file has cells without text")
    if sum(len(source if kind == "code" else PICTURE.sub("", source))
           for kind, source, _ in cells) > MAX_TEXT:
        raise Unreadable(f"its cells hold more than {MAX_TEXT} characters: delete what is not "
                         "your answer")
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
        kept["worksheets"] = [{"metadata": {}, "cells": [_cell_alone(c) for c in sheet["cells"]]}
                              for sheet in data["worksheets"]]
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


def harmless(text):
    r"""Markdown without HTML, entities and script links; formulas and prose read as before.

    A space takes each its meaning: "< b>", "& lt;", "javascript :", r"\ href".
    """
    return MARKUP.sub(r"\g<0> ", without_links(text))


def without_addresses(text):
    """Markdown that leads nowhere else, and shows no picture that is not in the notebook."""
    return PLACE.sub(r"\g<0> ", text)


def without_links(text):
    """Text in which no formula can make a link."""
    return LINK.sub(" ", text)


def stand_in(release, reason):
    """The release, unsolved, with a note that says why it is here."""
    notebook = copy.deepcopy(release)
    text = (f"{REFUSED}{harmless(reason)}.**\n\n"
            "What follows is the empty chapter; it has 0 points. Hand the notebook in again, or "
            "ask your instructor.")
    notebook.cells.insert(0, _new_cell("markdown", text))
    return restore(notebook, release)[0]


def refusal(notebook):
    """Say why a notebook is only a stand-in; "" if it is not."""
    first = notebook.cells[0].source if notebook.cells else ""
    if not first.startswith(REFUSED):
        return ""
    return first.removeprefix(REFUSED).split(".**", 1)[0]


@dataclass(frozen=True)
class Beside:
    """A picture or a page that was handed in beside the notebook.

    Attributes
    ----------
    name : str
        As the student called it, tamed.
    stored : str
        Where it goes beside the graded notebook.
    data : bytes
    """

    name: str
    stored: str
    data: bytes


@dataclass(frozen=True)
class Found:
    """What a submission's folder held.

    Attributes
    ----------
    data : bytes
        The notebook's file.
    fault : str
        Why there is no such file; "" if there is.
    notes : tuple of str
        Where it was found, if not where it should be; and what else was there.
    beside : tuple of Beside
        Kept for a person who reads an answer.
    """

    data: bytes = b""
    fault: str = ""
    notes: tuple[str, ...] = ()
    beside: tuple[Beside, ...] = ()


def is_notebook(name):
    """Whether a file's name is one of a notebook."""
    return name.lower().endswith(NOTEBOOKS) and not name.startswith(".")


def find(path):
    """Read the files of a submission.

    A notebook that was renamed ("... (1).ipynb", as browsers do) is found if it is the only one.

    Returns
    -------
    Found
    """
    path = Path(path)
    names = entries(path.parent)
    notebooks = [name for name in names if is_notebook(name)]
    chosen, notes = path.name, []
    if not os.path.lexists(path) and len(notebooks) == 1:  # not every name need be in the list
        [chosen] = notebooks
        notes.append(f"read from {chosen!r}, the only notebook handed in")
    notes += [f"{name[:80]!r} was handed in too, and is not read: only {chosen} counts"
              for name in notebooks[:MAX_LISTED] if name != chosen]
    beside, left_out = _beside(path.parent, set(names) - {chosen, *notebooks, *EFFECT})
    if beside:
        notes.append("kept for the reader, beside the notebook: "
                     + ", ".join(b.name for b in beside))
    notes += [f"left out: {text}" for text in left_out[:MAX_LISTED]]
    if len(left_out) > MAX_LISTED:
        notes.append(f"left out: {len(left_out) - MAX_LISTED} files more")
    try:
        data = content(path.with_name(chosen))
    except Unreadable as error:
        return Found(fault=str(error), notes=tuple(notes), beside=beside)
    return Found(data, notes=tuple(notes), beside=beside)


def _beside(folder, names):
    """Read pictures and PDF pages; give them, and why others are left out."""
    kept, left_out, room = [], [], MAX_BESIDE
    for name in sorted(name for name in names if not name.startswith(".")):
        shown = repr(name[:80])
        if not name.lower().endswith(FOR_READERS):
            left_out.append(f"{shown} (not a notebook, a picture or a PDF file)")
            continue
        try:
            data = read_file(folder / name, room)
        except (OSError, Refused) as error:
            left_out.append(f"{shown} ({error})")
            continue
        ending = next((e for begin, e in BEGINNINGS if data.startswith(begin)), None)
        if ending is None or len(kept) == MAX_KEPT:
            left_out.append(f"{shown} (" + ("too many files)" if ending else
                                            "not the picture or PDF file that its name says)"))
            continue
        room -= len(data)
        tame = re.sub(r"[^\w. -]", "_", name)[:80]
        kept.append(Beside(tame, f"{BESIDE}/{len(kept) + 1}{ending}", data))
    return tuple(kept), left_out


def restore_or_stand_in(found, release):
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
            notes.append(f"the file is in {encoding[:6].upper()}, not in UTF-8 as notebooks are: "
                         "read all the same")
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


def without_links_beside(notebook):
    """Take the cell of links out: where a feedback page is read, those files are not."""
    notebook.cells = [c for c in notebook.cells if "beside" not in c.metadata.get("course", {})]
    return notebook


def read_or_stand_in(path, release):
    """Read and restore a submission: `find`, then `restore_or_stand_in`."""
    return restore_or_stand_in(find(path), release)


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
        cells += [_written(parts, submitted.cells, originals[name]) for name, parts
                  in answers.items() if chosen.get(name) == -1 and parts[-1].index == i]
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


def _notes(claims, chosen, cells, originals, answers):
    notes = [f"cell {name} exists {len(indices)} times: one copy counts"
             for name, indices in claims.items()
             if len(indices) > 1 and len(answers.get(name, ())) < 2]
    notes += [f"written answer {name}: put together from what stands up to the next heading"
              for name, parts in answers.items()
              if parts and not {part.index for part in parts} <= set(claims.get(name, ()))
              or len(parts) > 1]
    return notes + [f"locked cell {name} was changed: restored" for name, i in chosen.items()
                    if is_locked(originals[name])
                    and cells[i].source.strip() != originals[name].source.strip()]


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

    text = ATTACHED.sub(place, bounds.markdown(PICTURE.sub(attach, cell.source)))
    new.source = harmless(without_addresses(text))
    if names:
        new.attachments = from_dict({new: pictures[old] for old, new in names.items()})


def _pictures(cell):
    """The pictures attached to a cell, by name; what only calls itself so is left out."""
    given = cell.get("attachments")
    given = given if isinstance(given, dict) else {}
    found = {name: {kind: data for kind, data in bundle.items() if _is_picture(kind, data)}
             for name, bundle in given.items() if isinstance(bundle, dict)}
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
