"""What a submission's folder holds: the notebook, and pictures and pages beside it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from ..ground.files import BESIDE, EFFECT, Refused, entries, read_file
from .notebook_file import Unreadable, content

# what programs make of a notebook's name when they send or save it
NOTEBOOKS = (".ipynb", ".ipynb.txt", ".ipynb.json")
MAX_BESIDE = 20 * 2**20  # bytes of the pictures and pages beside a notebook, all together
MAX_KEPT = 20  # of them
MAX_LISTED = 10  # names of files that are left out
# how files begin that are kept for a person who reads an answer; and what they are then called
BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"GIF8", ".gif"),
    (b"%PDF-", ".pdf"),
)
FOR_READERS = (".png", ".jpg", ".jpeg", ".gif", ".pdf")


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


def is_notebook(name: str) -> bool:
    """Whether a file's name is one of a notebook."""
    return name.lower().endswith(NOTEBOOKS) and not name.startswith(".")


def find(path: Path) -> Found:
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
    notes += [
        f"{name[:80]!r} was handed in too, and is not read: only {chosen} counts"
        for name in notebooks[:MAX_LISTED]
        if name != chosen
    ]
    beside, left_out = _beside(path.parent, set(names) - {chosen, *notebooks, *EFFECT})
    if beside:
        notes.append(
            "kept for the reader, beside the notebook: " + ", ".join(b.name for b in beside)
        )
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
            left_out.append(
                f"{shown} ("
                + (
                    "too many files)"
                    if ending
                    else "not the picture or PDF file that its name says)"
                )
            )
            continue
        room -= len(data)
        tame = re.sub(r"[^\w. -]", "_", name)[:80]
        kept.append(Beside(tame, f"{BESIDE}/{len(kept) + 1}{ending}", data))
    return tuple(kept), left_out
