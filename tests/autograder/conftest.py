"""A course folder with chapter 01 built once, and submissions made from its release."""

import copy
import shutil
from types import SimpleNamespace

import nbformat
import pytest

from autograder.build import build, master_notebook
from autograder.session import Worker

CHAPTER = "01_softmax_jacobian"
SECRET = b"a secret for tests"


def grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def cell_of(notebook, name):
    """The cell with a grade id."""
    return next(cell for cell in notebook.cells if grade_id(cell) == name)


def solved(release, master, **sources):
    """The release with the master's solutions, or with other sources for some cells."""
    notebook = copy.deepcopy(release)
    for cell in notebook.cells:
        name = grade_id(cell)
        if name and cell.metadata.nbgrader.solution:
            cell.source = sources.get(name, cell_of(master, name).source)
    return notebook


def without_demos(notebook):
    """Leave out the code cells that are not graded, for speed, but for the imports."""
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "markdown"
                      or grade_id(cell) or cell.source.startswith("import")]


def make_course(root, project):
    """Make a course folder with chapter 01, built."""
    (root / "solutions").mkdir(parents=True)
    shutil.copy(project / "solutions" / f"{CHAPTER}.py", root / "solutions")
    shutil.copy(project / "nbgrader_config.py", root)
    [released] = build(root=root)
    return released


@pytest.fixture(scope="session")
def course(root, tmp_path_factory):
    """A built course folder (not to be changed): root, chapter, release and master."""
    folder = tmp_path_factory.mktemp("course")
    released = make_course(folder, root)
    return SimpleNamespace(
        root=folder, chapter=CHAPTER, path=released,
        release=nbformat.read(released, as_version=4),
        master=master_notebook(folder / "solutions" / f"{CHAPTER}.py"))


@pytest.fixture(scope="session")
def worker():
    """One worker process for all tests."""
    with Worker() as worker:
        yield worker
