"""The gradebook learns of a chapter's release before its submissions are graded."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import NbGraderException
from nbgrader.preprocessors import CheckCellMetadata

from ..gradebook.migration import SaveRelease, migrate
from ..ground.cells import grade_id
from ..ground.errors import Problem
from ..ground.scratch import Folder
from ..release.generate import generate_assignment

if TYPE_CHECKING:
    from traitlets.config import Config


def register(
    chapter: str, root: str | Path, config: Config, say: Callable[[str], object] = print
) -> None:
    """Make sure that the gradebook knows the chapter as it is released now.

    Submissions of an earlier release stay, see `autograder.gradebook.migration`.

    Raises
    ------
    Problem
        There is no release, or nbgrader refuses it.
    """
    release = released(chapter, root)
    if _is_registered(config, chapter, release):
        return
    if _is_there(config):
        url = config.CourseDirectory.db_url
        with Gradebook(url) as book:
            migrate(book, url, chapter, nbformat.read(release, as_version=4), say)
    with Folder("register") as made:
        config = copy.deepcopy(config)
        config.CourseDirectory.source_directory = str(Path(root, "course"))
        config.CourseDirectory.release_directory = made.path
        config.GenerateAssignment.preprocessors = [CheckCellMetadata, SaveRelease]
        try:
            generate_assignment(config, chapter, logging.CRITICAL)
        except NbGraderException as error:
            raise Problem(
                f"{chapter}: nbgrader cannot take the release into the gradebook, which "
                f"is as it was ({error}); build the chapter again: `mlp-course build "
                f"{chapter}`"
            ) from error


def released(chapter: str, root: str | Path) -> Path:
    """Where a chapter's release is."""
    path = Path(root, "course", chapter, f"{chapter}.ipynb")
    if not path.is_file():
        raise Problem(f"{chapter} has no release: run `mlp-course build {chapter}`")
    try:
        nbformat.read(path, as_version=4)
    except (ValueError, AttributeError, KeyError) as error:  # a NotJSONError is a ValueError
        raise Problem(f"{path} is damaged: run `mlp-course build {chapter}`") from error
    return path


def _is_there(config):
    """Whether there is a gradebook."""
    return Path(config.CourseDirectory.db_url.removeprefix("sqlite:///")).exists()


def _is_registered(config, chapter, release):
    """Whether the gradebook holds the release's graded cells, text and points included."""
    if not _is_there(config):
        return False
    cells = nbformat.read(release, as_version=4).cells
    wanted = {grade_id(c): c.metadata.nbgrader.checksum for c in cells if grade_id(c)}
    with Gradebook(config.CourseDirectory.db_url) as book:
        try:
            known = book.find_notebook(chapter, chapter).source_cells
        except MissingEntry:
            return False
        return {cell.name: cell.checksum for cell in known} == wanted
