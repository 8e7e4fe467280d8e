"""A made-up class for the speed of grading: right, wrong, crashing and slow, each with a figure."""

from __future__ import annotations

import json
import shutil
import subprocess
import textwrap
from pathlib import Path

import nbformat

from autograder.demo.classmates import chapter_of, usable_mistakes
from autograder.demo.made_up_class import exercises_of, solved
from autograder.ground.cells import grade_id, is_check
from autograder.judge.grade import CHECK
from autograder.release.generate import build
from autograder.release.masters import master_notebook, notebook_text

ROOT = Path(__file__).resolve().parent.parent
CHAPTER = "04_layer_recursion"
# Of twenty students, one kind after the other: any twenty in a row are such a mixture.
KINDS = ("right", "wrong") * 8 + ("crashing", "slow", "crashing", "untouched")
FIGURE = """import matplotlib.pyplot as plt
x = np.linspace(-3, 3, {points})
fig, ax = plt.subplots(figsize=(5, 3))
ax.plot(x, np.tanh(x), label=r"$\\tanh x$")
ax.plot(x, 1 - np.tanh(x) ** 2, label="its derivative")
ax.set_xlabel("pre-activation $x$")
ax.set_title("My figure")
ax.legend()
plt.show()
"""
SLOW = "\n_waste = sum(i * i for i in range(100_000))  # some milliseconds in every call\n"
STOCK = """c = get_config()
c.CourseDirectory.root = {root!r}
c.CourseDirectory.course_id = "stock"
"""


def kind_of(number):
    """The kind of the student with this number."""
    return KINDS[number % len(KINDS)]


def sources(number, content):
    """The solution cells of one student: grade id -> source."""
    kind, right = kind_of(number), content.complete
    exercise = content.exercises[number // 2 % len(content.exercises)]
    known = usable_mistakes(exercise)
    if kind == "wrong" and known:  # an exercise without one is left as it is: right
        return {**right, exercise.id: known[number % len(known)]}
    if kind == "crashing":
        body = "import os; os._exit(1)" if number % 4 else "raise ValueError('no idea')"
        return {**right, exercise.id: f"def {exercise.signature}:\n    {body}"}
    if kind == "slow":
        return {**right, exercise.id: _slowed(right[exercise.id])}
    return {} if kind == "untouched" else right


def _slowed(source):
    """Waste time at the beginning of every function of a cell."""
    lines = source.split("\n")
    start = next(i for i, line in enumerate(lines) if line.startswith("def "))
    end = next(i for i in range(start, len(lines)) if lines[i].rstrip().endswith(":"))
    return "\n".join([*lines[: end + 1], textwrap.indent(SLOW.strip(), "    "), *lines[end + 1 :]])


def make_course(folder):
    """Make our course folder with the chapter built; give its release and the master's content."""
    (folder / "solutions").mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / f"{CHAPTER}.py", folder / "solutions")
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    [path] = build(root=folder)
    master = master_notebook(folder / "solutions" / f"{CHAPTER}.py")
    return nbformat.read(path, as_version=4), chapter_of(master, exercises_of(CHAPTER))


def hand_in(folder, release, content, numbers):
    """Write the notebooks of some students below classroom/submitted."""
    for number in numbers:
        notebook = solved(release, sources(number, content))
        notebook.cells.append(nbformat.v4.new_code_cell(FIGURE.format(points=50 + number)))
        path = folder / "classroom" / "submitted" / f"student-{number:04}" / CHAPTER
        path.mkdir(parents=True)
        (path / f"{CHAPTER}.ipynb").write_text(notebook_text(notebook), encoding="utf-8")


def make_stock(folder, submitted, python):
    """Make a course for nbgrader as it comes, with the same notebooks handed in.

    Its test cells are the chapter's: `check(...)`, here run in the student's kernel.
    """
    folder.mkdir()
    (folder / "nbgrader_config.py").write_text(STOCK.format(root=str(folder)), encoding="utf-8")
    source = folder / "source" / CHAPTER
    source.mkdir(parents=True)
    master = master_notebook(ROOT / "solutions" / f"{CHAPTER}.py")
    (source / f"{CHAPTER}.ipynb").write_text(notebook_text(master), encoding="utf-8")
    subprocess.run(
        [python, "-m", "nbgrader", "generate_assignment", CHAPTER],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    shutil.copytree(submitted, folder / "submitted")


def make_otter(folder, submitted, release, otter):
    """Make an otter autograder of the same checks, and the notebooks without `check` cells."""
    tests = folder / "tests"
    tests.mkdir(parents=True)
    for cell in filter(is_check, release.cells):
        name = grade_id(cell).removeprefix(CHECK)
        case = {
            "code": f">>> from mlp_helpers import evaluate\n>>> evaluate({name}).passed\nTrue",
            "hidden": False,
            "locked": False,
        }
        suite = {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
        test = {"name": name, "points": cell.metadata.nbgrader.points, "suites": [suite]}
        text = f"OK_FORMAT = True\n\ntest = {test!r}\n"
        (tests / f"{name}.py").write_text(text, encoding="utf-8")
    subprocess.run(
        [otter, "generate", "-t", "tests", "-o", "autograder.zip"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    for path in sorted(submitted.glob(f"*/{CHAPTER}/*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        notebook["cells"] = [cell for cell in notebook["cells"] if not _is_check_text(cell)]
        student = folder / "submitted" / path.parts[-3]
        student.mkdir(parents=True)
        (student / path.name).write_text(json.dumps(notebook), encoding="utf-8")


def _is_check_text(cell):
    return "".join(cell["source"]).startswith("check(")
