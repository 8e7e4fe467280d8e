"""The key of a submission: digests of everything that decides on its grade."""

from __future__ import annotations

import ast
import functools
import hashlib
import hmac
import json
import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from ..ground.errors import Problem

if TYPE_CHECKING:
    from .submissions import Handed


PACKAGES = Path(__file__).resolve().parents[2]
# of autograder: rooms, and single files of others
DECIDING = (
    "judge",
    "worker",
    "class_run/grade_one.py",
    "gradebook/cell_marks.py",
    "ground/files.py",
)
# of mlp_helpers: how things are shown, not what they are worth
SHOWING = ("__init__.py", "checking/report_html.py", "notebook.py", "plots.py", "progress.py")
# parts of a key that neither the student nor the chapter changes: a closed chapter stays as it is
OF_THE_COURSE = {"exercises", "settings"}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Key:
    """Digests of all that a grade depends on: equal keys, equal grades."""

    submission: str
    release: str
    exercises: str
    settings: str

    def changed(self, older: Key) -> tuple[str, ...]:
        """Name the digests that differ from those of another key: tuple of str."""
        names = [field.name for field in fields(self)]
        return tuple(name for name in names if getattr(self, name) != getattr(older, name))


def folder_fault(student: str, root: str | Path) -> str:
    """Say why what a student handed in cannot be looked at; "" if it can."""
    if os.access(Path(root, "classroom", "submitted", student), os.X_OK):
        return ""
    return "its folder is closed to you: make it readable (chmod u+rwX)"


def key_of(handed: Handed, release: str, settings: str) -> Key:
    """The key of one submission.

    Parameters
    ----------
    handed : Handed
    release : str
        The text of the released notebook.
    settings : str
        See `settings_digest`.

    Returns
    -------
    Key
    """
    found = handed.found
    said = repr((found.fault, found.notes, handed.timestamp)).encode()
    submission = _digest(found.data, said, *(b.data for b in found.beside))
    return Key(submission, release_digest(release), exercises_digest(handed.task.chapter), settings)


@functools.lru_cache(64)
def release_digest(release: str) -> str:
    """Digest of what a release decides: its graded cells, with their text and points."""
    try:
        cells = [
            [cell["source"], cell["metadata"]["nbgrader"]]
            for cell in json.loads(release)["cells"]
            if "nbgrader" in cell["metadata"]
        ]
    except (ValueError, KeyError, TypeError):  # all of it, then
        return _digest(release.encode())
    return _digest(json.dumps(cells, sort_keys=True).encode())


@functools.cache
def exercises_digest(chapter: str) -> str:
    """Digest of the code that decides on a chapter: its exercises, and what they are judged by.

    That is `decisive_files`. Comments, docstrings and layout are not in it.

    Raises
    ------
    Problem
        A file of the package cannot be read.
    """
    try:
        parts = [
            part
            for path in decisive_files(chapter)
            for part in (str(path.relative_to(PACKAGES)).encode(), _content(path))
        ]
    except OSError as error:
        raise Problem(f"{error.filename} cannot be read: {error.strerror}") from error
    return _digest(*parts)


def settings_digest(secret: bytes, *limits: object) -> str:
    """Digest of the secret and the time limits, from which neither can be found."""
    return hmac.new(secret, repr(limits).encode(), hashlib.sha256).hexdigest()


def decisive_files(chapter: str) -> list[Path]:
    """List what decides on a chapter's points: list of Path.

    The modules of mlp_helpers from which its exercises and the engine are made, by their imports,
    with the data that they read, and the part of the grader that decides.
    """
    package = PACKAGES / "mlp_helpers"
    todo = [
        package / "verdicts.py",
        package / "named.py",
        *package.glob(f"answers/chapter_{chapter[:2]}/*.py"),
    ]
    found = set()
    while todo:
        path = todo.pop()
        if (
            path in found
            or not path.is_relative_to(package)
            or not path.is_file()
            or path.relative_to(package).as_posix() in SHOWING
        ):
            continue
        found.add(path)
        todo += _imported(path)
        if path.parent == package / "data":
            found |= set(path.parent.glob("*.npz"))
    grader = [PACKAGES / "autograder" / name for name in DECIDING]
    return sorted(found) + [
        file for path in grader for file in (sorted(path.glob("*.py")) if path.is_dir() else [path])
    ]


def _imported(path):
    """Files of the package that a module may import, by its relative imports."""
    for level, module, names in _module(path.read_bytes())[0]:
        base = path.parents[level - 1].joinpath(*module)
        for name in (base, *(base / name for name in names)):
            yield from (name.with_suffix(".py"), name / "__init__.py")


def _content(path):
    """What a file says: of a module its code, of other files everything."""
    data = path.read_bytes()
    return _module(data)[1] if path.suffix == ".py" else data


@functools.lru_cache(256)
def _module(data):
    """The relative imports of a module, and its code without comments and docstrings."""
    tree, imports = ast.parse(data), []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            module = node.module.split(".") if node.module else ()
            imports.append((node.level, module, [alias.name for alias in node.names]))
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body[0] = ast.Pass()
    return imports, ast.unparse(tree).encode()


def _digest(*parts):
    """A digest of byte strings in which each keeps its borders."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
