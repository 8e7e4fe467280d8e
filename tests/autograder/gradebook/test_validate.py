"""nbgrader's Validate says what `check` says: part of the points is not complete."""

import copy

import nbformat
from conftest import cell_of, grade_id, solved
from nbgrader.validator import Validator

PART = """def softmax(z):
    e = np.exp(z)  # overflows
    return e / e.sum()
"""


def test_validate_names_what_has_less_than_full_marks(course, tmp_path):
    release = copy.deepcopy(course.release)
    names = ("softmax", "one_hot", "softmax_vjp")
    release.cells = [
        c
        for c in release.cells
        if c.source.startswith("import") or (grade_id(c) or "").removeprefix("check_") in names
    ]
    stub = cell_of(course.release, "softmax_vjp").source
    notebook = solved(release, course.master, softmax=PART, softmax_vjp=stub)
    path = tmp_path / "own.ipynb"
    nbformat.write(notebook, path)
    failed = {cell["source"]: cell["error"] for cell in Validator().validate(str(path))["failed"]}
    assert set(failed) == {"check(softmax)", "check(softmax_vjp)"}  # one_hot is complete
    part = failed["check(softmax)"]
    assert "softmax \u00b7 " in part and "of 3 points" in part
    assert "This looks like" in part  # the report's words
    assert "not attempted yet" in failed["check(softmax_vjp)"]
