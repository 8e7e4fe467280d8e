"""A class folder: all that a class needs, written from the course that is installed.

What is written by hand in the course (masters, settings, the folder's README) comes from
`course_source` and ``course_files/``; the releases are built from the masters. A record of what
was written tells later which of these files the instructor has changed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shutil
from importlib import metadata
from pathlib import Path

from ..ground.errors import Problem
from ..ground.scratch import Folder
from ..ground.writing import write
from .generate import LANDING, build
from .masters import master_names

FILES = Path(__file__).with_name("course_files")
TEMPLATES = {  # in the class folder -> in `FILES`
    "README.md": "README.md",
    "course_settings.toml": "course_settings.toml",
    ".gitignore": "gitignore",
}
CONFIG = "nbgrader_config.py"
COURSE_ID = re.compile(r"# (c\.CourseDirectory\.course_id = )\"[^\"]*\"")
RECORD = ".mlp-course.json"
PARTIAL = ".mlp-course-partial"  # a folder that is being written
THEIRS = ".new"  # the course's new file beside one that the instructor has changed


def course_source():
    """Give the folder of the masters and nbgrader's settings.

    Returns
    -------
    Path
        In an installed wheel a folder of the package, else the checkout.
    """
    return FILES if (FILES / "solutions").is_dir() else Path(__file__).resolve().parents[2]


def init(folder, chapters, course_id=None):
    """Write a class folder, or nothing.

    Parameters
    ----------
    folder : Path
        New or empty.
    chapters : list of str
        Names such as "01_softmax_jacobian".
    course_id : str, optional
        The course's name in nbgrader's exchange.

    Raises
    ------
    Problem
        The folder holds something, or the course's name cannot be one.
    """
    if course_id is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", course_id):
        raise Problem(
            f"{course_id!r} cannot name a course: use letters, digits, '.', '_' and '-', at most 64"
        )
    there = folder.exists()
    if there and not (folder.is_dir() and all(path.name == PARTIAL for path in folder.iterdir())):
        raise Problem(
            f"{folder} is not an empty folder: name a new one, or bring a class folder up to date "
            "with --upgrade"
        )
    files = _files(chapters, course_id)
    if not there:
        folder.mkdir(0o700)  # it will hold answers and marks
    partial = folder / PARTIAL
    try:
        _remove(partial)  # of a run that was killed
        _write(partial, files)
        build(root=partial)
        write(partial / RECORD, _record(course_id, _digests(files)), 0o644)
        for path in sorted(partial.iterdir(), key=lambda path: path.name == RECORD):
            path.rename(folder / path.name)  # the record last: with it, the folder is whole
        partial.rmdir()
    except BaseException:
        for name in {*(name.partition("/")[0] for name in files), "course", RECORD, PARTIAL}:
            _remove(folder / name)
        if not there:
            with contextlib.suppress(OSError):  # somebody has put something there meanwhile
                folder.rmdir()
        raise


def upgrade(folder, chapters=()):
    """Bring a class folder to the course that is installed; a file that was changed stays.

    Parameters
    ----------
    folder : Path
    chapters : list of str
        To be added to those that it has.

    Returns
    -------
    list of str
        What changed: a line for the version, each chapter, and each other file that differs.

    Raises
    ------
    Problem
        It is not a class folder, or a master in it cannot be released any more. Nothing is changed.
    """
    record = _read_record(folder)
    mine, known = master_names(folder), master_names(course_source())
    names = sorted({*mine, *chapters} & {*known})
    added = {_master(name) for name in names if name not in mine}
    files = {
        name: data
        for name, data in _files(names, record["course_id"]).items()
        if name in added or (folder / name).is_file()  # else the instructor does without it
    }
    places = {name: _place(folder, name, data, record) for name, data in files.items()}
    changes = {place: files[name] for name, place in places.items() if place}
    changes |= _releases(folder, names, changes)
    lines = [
        f"course: {record['version']} -> {_version()}",
        *(f"{name}: {_difference(folder, name, changes)}" for name in names),
        *(f"{name}: not in the installed course; it stays" for name in mine if name not in known),
        *(
            f"{name}: you have changed it, so it stays; the course's own is {place}"
            for name, place in places.items()
            if place == name + THEIRS
        ),
        *(
            f"{name}: the course's new one"
            for name in (*TEMPLATES, CONFIG)
            if name in changes and changes[name] != _bytes(folder / name)
        ),
    ]
    _write(folder, changes)
    write(folder / RECORD, _record(record["course_id"], record["files"] | _digests(files)), 0o644)
    return lines


def _place(folder, name, data, record):
    """Where a file of the course goes: its own place, beside one that was changed, or nowhere."""
    old, written = _bytes(folder / name), record["files"].get(name)
    if old is None or _digest(old) in (written, _digest(data)):
        return name
    return None if _digest(data) == written else name + THEIRS


def _releases(folder, names, changes):
    """Build the releases of a folder's masters with some of them exchanged: name -> bytes."""
    masters = {name: changes.get(name) or _bytes(folder / name) for name in _masters(names)}
    with Folder("upgrade") as work:
        root = Path(work.path).resolve()
        _write(root, {name: data for name, data in masters.items() if data})
        built = build(root=root)
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in built}


# --- what is written -----------------------------------------------------------------------------


def _files(chapters, course_id):
    """What stands in a class folder and is not built: dict of name to bytes."""
    source = course_source()
    files = {name: (source / name).read_bytes() for name in _masters(chapters)}
    files |= {name: (FILES / template).read_bytes() for name, template in TEMPLATES.items()}
    config = (source / CONFIG).read_text(encoding="utf-8")
    if course_id is not None:
        config = COURSE_ID.sub(rf'\1"{course_id}"', config)
    return {**files, CONFIG: config.encode()}


def _master(chapter):
    return f"solutions/{chapter}.py"


def _masters(chapters):
    return [_master(name) for name in (*chapters, LANDING)]


def _write(folder, files):
    for name, data in files.items():
        write(folder / name, data, 0o644)


def _bytes(path):
    return path.read_bytes() if path.is_file() else None


def _remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


# --- the record ----------------------------------------------------------------------------------


def _digest(data):
    return hashlib.sha256(data).hexdigest()


def _digests(files):
    return {name: _digest(data) for name, data in files.items()}


def _version():
    return metadata.version("mlp-course")


def _record(course_id, digests):
    data = {"version": _version(), "course_id": course_id, "files": digests}
    return json.dumps(data, indent=1, sort_keys=True) + "\n"


def _read_record(folder):
    """What was written: the course's version and name in the exchange, and digests of the files."""
    path = folder / RECORD
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if {*record} != {"version", "course_id", "files"} or not isinstance(record["files"], dict):
            raise ValueError("another content")
    except FileNotFoundError as error:
        raise Problem(
            f"{folder} is not a folder that `mlp-course init` wrote: it has no {RECORD}"
        ) from error
    except (ValueError, TypeError) as error:
        raise Problem(f"{path} is damaged: put the one from a copy of the folder back") from error
    return record


# --- what changed --------------------------------------------------------------------------------


def _difference(folder, chapter, changes):
    """Say how a chapter's new release differs from the one in the folder."""
    name = f"course/{chapter}/{chapter}.ipynb"
    old, new = _bytes(folder / name), changes[name]
    if old is None:
        return "new here"
    if old == new:
        return "unchanged"
    try:
        return difference(json.loads(old), json.loads(new)) or "another text, the same points"
    except (ValueError, KeyError, TypeError):
        return "its release was damaged and is new"


def difference(old, new):
    """Say which graded cells differ between two releases of a chapter.

    Parameters
    ----------
    old, new : dict
        Notebooks.

    Returns
    -------
    str
        "" if none does.
    """
    before, after = _points(old), _points(new)
    added = [name for name in after if name not in before]
    dropped = [name for name in before if name not in after]
    parts = [f"added {', '.join(added)}"] if added else []
    parts += [f"dropped {', '.join(dropped)}"] if dropped else []
    parts += [
        f"{name} {before[name]:g} -> {after[name]:g} points"
        for name in after
        if name in before and before[name] != after[name]
    ]
    return "; ".join(parts)


def _points(notebook):
    """Points by graded cell, a check named as its exercise."""
    grading = [cell["metadata"].get("nbgrader", {}) for cell in notebook["cells"]]
    return {g["grade_id"].removeprefix("check_"): g["points"] for g in grading if g.get("grade")}
