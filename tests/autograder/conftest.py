"""A course folder with chapter 01 built once, and submissions made from its release."""

import copy
import json
import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import pytest

from autograder.judge.worker_process import Worker
from autograder.release.generate import build
from autograder.release.masters import master_notebook

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
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.cell_type == "markdown" or grade_id(cell) or cell.source.startswith("import")
    ]


def make_course(root, project):
    """Make a course folder with chapter 01, built."""
    (root / "solutions").mkdir(parents=True)
    shutil.copy(project / "solutions" / f"{CHAPTER}.py", root / "solutions")
    shutil.copy(project / "nbgrader_config.py", root)
    [released] = build(root=root)
    return released


def as_vscode(notebook):
    """As VS Code saves: ids and nbgrader metadata kept, kernelspec and language info its own."""
    data = json.loads(nbformat.writes(notebook))
    data["metadata"] = {
        "kernelspec": {"display_name": ".venv (3.12.1)", "language": "python", "name": "python3"},
        "language_info": {
            "name": "python",
            "version": "3.12.1",
            "codemirror_mode": {"name": "ipython", "version": 3},
        },
    }
    for cell in data["cells"]:
        cell["metadata"]["vscode"] = {"languageId": "python"}
    return data


def as_colab(notebook):
    """As Colab saves: format 4.0, no cell ids, its own metadata, outputs with HTML."""
    data = json.loads(nbformat.writes(notebook))
    data["nbformat_minor"] = 0
    data["metadata"] = {
        "colab": {"provenance": [], "toc_visible": True},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "accelerator": "GPU",
    }
    for number, cell in enumerate(data["cells"]):
        cell["metadata"] |= {"id": f"Xyz_{number}", "colab": {"base_uri": "https://x/"}}
        cell["metadata"].pop("tags", None)
        cell.pop("id")
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "stream", "name": "stderr", "text": ["warning"]}]
    return data


def as_version_3(notebook):
    return json.loads(nbformat.writes(nbformat.convert(copy.deepcopy(notebook), 3), version=3))


def without_kernelspec(notebook):
    return {**json.loads(nbformat.writes(notebook)), "metadata": {}}


def nbgrader(root, *arguments):
    """Run one of nbgrader's commands at a course's root."""
    environment = {k: v for k, v in os.environ.items() if k != "MLP_COURSE_SECRET"}
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=root,
        text=True,
        capture_output=True,
        env=environment,
    )


@pytest.fixture(scope="session")
def course(root, tmp_path_factory):
    """A built course folder (not to be changed): root, chapter, release and master."""
    folder = tmp_path_factory.mktemp("course")
    released = make_course(folder, root)
    return SimpleNamespace(
        root=folder,
        chapter=CHAPTER,
        path=released,
        release=nbformat.read(released, as_version=4),
        master=master_notebook(folder / "solutions" / f"{CHAPTER}.py"),
    )


@pytest.fixture(scope="session")
def worker():
    """One worker process for all tests."""
    with Worker() as worker:
        yield worker


@pytest.fixture
def new_clerks(monkeypatch):
    """Clerks that know what a test has replaced: those of earlier tests are other processes, and
    one that is started beside threads that earlier tests left would begin from the files."""
    monkeypatch.setattr("threading.active_count", lambda: 1)
    from autograder.class_run import grade_one
    from autograder.gradebook import plugin

    def end():
        grade_one.forget_tools()
        if plugin.clerk.cache_info().currsize:
            plugin.clerk().close()
            plugin.clerk.cache_clear()

    end()
    yield
    end()
