"""The students' edition of mlp_helpers: the package without its key, and what was recorded."""

from __future__ import annotations

import shutil
from pathlib import Path

import mlp_helpers
from mlp_helpers.answers.registry import CHAPTERS, find

from ..worker.visible_files import student_names
from .record import module_text, recording

PACKAGE = Path(mlp_helpers.__file__).parent


def write_edition(folder, chapters):
    """Write the package for some chapters.

    Parameters
    ----------
    folder : Path
        Gets a folder ``mlp_helpers``.
    chapters : sequence of str
        ``"01"``, ...

    Returns
    -------
    Path
        The package's folder.
    """
    package = folder / "mlp_helpers"
    package.mkdir(parents=True)
    for name in student_names():
        source = PACKAGE / name
        if source.is_dir():
            shutil.copytree(source, package / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source.with_suffix(".py"), package)
    _write_recorded(package / "edition", chapters)
    return package


def _write_recorded(edition, chapters):
    edition.mkdir()
    key = PACKAGE / "answers"
    (edition / "__init__.py").write_text('"""What was recorded of the exercises."""\n')
    for name in ("registry", "quiz"):
        shutil.copy(key / f"{name}.py", edition)
    for chapter in chapters:
        folder = edition / f"chapter_{chapter}"
        folder.mkdir()
        for name in ("__init__", "quiz"):
            shutil.copy(key / folder.name / f"{name}.py", folder)
        for exercise in map(find, CHAPTERS[chapter]):
            (folder / f"{exercise.id}.py").write_text(module_text(exercise), encoding="utf-8")
            (folder / f"{exercise.id}.json").write_text(recording(exercise), encoding="utf-8")
