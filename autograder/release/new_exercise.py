"""A new exercise: its file, its place in the chapter's list, and its cells in the master.

All three are made from templates, whose TODOs `autograder.release.check_exercise` finds.
"""

from __future__ import annotations

import builtins
import keyword
import re
import symtable
from pathlib import Path

from ..ground.errors import Problem
from ..ground.writing import write

TEMPLATES = Path(__file__).with_name("templates")
ANSWERS = Path("mlp_helpers", "answers")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{1,39}\Z")
LISTED = re.compile(r'(?<=^EXERCISES = """\n).*?(?=\n?"""\.split\(\)$)', re.MULTILINE | re.DOTALL)
CELL = re.compile(r"^# %%.*\n", re.MULTILINE)
CHECK = re.compile(r'"grade_id": "check_\w+", "locked": true')
SECTION = re.compile(r'# %% \[markdown\]\nr?"""\n## .*')
REFEREE = "## Referee the notes"
WIDTH = 96  # of a line of the list


def new_exercise(root: Path, name: str, chapter: str) -> list[Path]:
    """Write the beginnings of an exercise; everything or nothing.

    Parameters
    ----------
    root : Path
        The course's folder.
    name : str
        Of the function that is asked for.
    chapter : str
        Of the master, ``"01_softmax_jacobian"``.

    Returns
    -------
    list of Path
        The file that is new, and the two that were changed.

    Raises
    ------
    Problem
        The name cannot be used, or a file is not as it should be; nothing was written.
    """
    root = Path(root)
    folder = root / ANSWERS / f"chapter_{chapter[:2]}"
    listing, master = folder / "__init__.py", root / "solutions" / f"{chapter}.py"
    made = folder / f"{name}.py"
    masters = {path: _read(path) for path in sorted((root / "solutions").glob("[0-9][0-9]_*.py"))}
    _usable(name, root, masters, master)
    if made.exists():
        raise Problem(f"there is a file {made.relative_to(root)} already: take another name")
    texts = {
        made: _template("exercise", name),
        listing: _listed(_read(listing), name, listing.relative_to(root)),
        master: _with_cells(masters[master], _template("cells", name)),
    }
    _write_all(texts)
    return list(texts)


def _read(path):
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise Problem(f"there is no file {path}: CONTRIBUTING says what a chapter needs") from error


def _template(which, name):
    text = (TEMPLATES / f"{which}.py.txt").read_text(encoding="utf-8")
    return text.replace("NAME", name)


def _usable(name, root, masters, master):
    """Refuse a name that is none, or that something else has."""
    if not NAME.match(name) or keyword.iskeyword(name) or hasattr(builtins, name):
        raise Problem(
            f"{name!r} cannot be an exercise: take a name for a function, of 2 to 40 letters, "
            "digits and _, that Python does not use itself"
        )
    for listing in sorted((root / ANSWERS).glob("chapter_*/__init__.py")):
        if name in _names(listing.read_text(encoding="utf-8")):
            raise Problem(f"chapter {listing.parent.name[-2:]} has an exercise {name} already")
    for path, text in masters.items():
        for cell in (name, f"check_{name}"):
            if f'"grade_id": "{cell}"' in text:
                raise Problem(f"solutions/{path.name} has a cell {cell} already")
    if name in _bound(masters[master], master.name):
        raise Problem(f"solutions/{master.name} uses the name {name} for something else already")


def _bound(text, file):
    """The names that a master gives to something."""
    try:
        symbols = symtable.symtable(text, file, "exec").get_symbols()
    except SyntaxError as error:
        raise Problem(
            f"solutions/{file}, line {error.lineno}, is not Python: {error.msg}"
        ) from error
    return {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}


def _names(listing):
    found = LISTED.search(listing)
    return found[0].split() if found else []


def _listed(text, name, path):
    """The chapter's list with one name more, at its end."""
    found = LISTED.search(text)
    if found is None:
        raise Problem(f'{path} has no list  EXERCISES = """..."""  to add {name} to')
    last = found[0].rpartition("\n")[2]
    gap = " " if last and len(last) + 1 + len(name) <= WIDTH else "\n" if last else ""
    after = "" if text[found.end()] == "\n" else "\n"
    return f"{text[: found.end()]}{gap}{name}{after}{text[found.end() :]}"


def _with_cells(text, cells):
    """A master with an exercise more, after the others.

    Its place is before the section that follows the last check; in a chapter without any, before
    the part called *Referee the notes*; else at the end.
    """
    starts = [found.start() for found in CELL.finditer(text)]
    checks = [start for start in starts if CHECK.search(text, start, text.index("\n", start))]
    sections = [start for start in starts if SECTION.match(text, start)]
    if checks:
        after = [start for start in sections if start > checks[-1]]
    else:
        after = [s for s in sections if text.startswith(REFEREE, text.index("## ", s))]
    if after:
        return f"{text[: after[0]]}{cells}{text[after[0] :]}"
    return f"{text.rstrip()}\n\n{cells.rstrip()}\n"


def _write_all(texts):
    """Write files; should one fail, put back what was there before."""
    before = {path: path.read_bytes() if path.exists() else None for path in texts}
    try:
        for path, text in texts.items():
            write(path, text, _mode(path))
    except BaseException:
        for path, content in before.items():
            if content is None:
                path.unlink(missing_ok=True)
            elif path.read_bytes() != content:
                write(path, content, _mode(path))
        raise


def _mode(path):
    return path.stat().st_mode & 0o777 if path.exists() else 0o644
