"""Masters to releases: deterministic, without answers, held against the registry."""

import shutil

import nbformat
import pytest
from conftest import CHAPTER, cell_of, grade_id, make_course
from nbclient import NotebookClient

from autograder.ground.errors import Problem
from autograder.release.generate import build, sync_sources
from autograder.release.masters import RAISES, master_names, master_notebook
from mlp_helpers import exercises

CHECKS = [f"check_{e.id}" for e in exercises().values() if e.chapter == "01"]


def test_the_committed_release_is_what_the_masters_give(root, tmp_path):
    for name in [*master_names(root), "README"]:
        (tmp_path / "solutions").mkdir(exist_ok=True)
        shutil.copy(root / "solutions" / f"{name}.py", tmp_path / "solutions")
    for path in build(root=tmp_path):
        kept = root / path.relative_to(tmp_path)
        assert kept.read_bytes() == path.read_bytes(), f"{kept} is stale: run `make course`"


def test_two_builds_are_equal_byte_for_byte(course, root, tmp_path):
    again = make_course(tmp_path / "elsewhere with spaces", root)
    assert again.read_bytes() == course.path.read_bytes()
    before = again.stat().st_mode
    assert build([CHAPTER], tmp_path / "elsewhere with spaces") == [again]
    assert again.read_bytes() == course.path.read_bytes() and again.stat().st_mode == before


def test_a_release_has_no_answers_no_outputs_and_no_pairing(course):
    text = course.path.read_text(encoding="utf-8")
    for word in ("SOLUTION", "MARK SCHEME", "jupytext", "HIDDEN"):
        assert word not in text
    for cell in course.release.cells:
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None
        if grade_id(cell) and cell.metadata.nbgrader.solution and cell.cell_type == "code":
            assert cell.source.rstrip().endswith("raise NotImplementedError")
    assert course.release.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert "\r" not in text and text.endswith("}\n")


def test_cells_are_named_after_their_grade_ids(course):
    ids = [cell.id for cell in course.release.cells]
    assert len(set(ids)) == len(ids)
    assert all(cell.id == grade_id(cell) for cell in course.release.cells if grade_id(cell))
    assert [cell.id for cell in course.master.cells] != []
    nbformat.validate(course.release)


def test_check_cells_are_locked_and_let_run_all_go_on(course):
    for name in CHECKS:
        cell = cell_of(course.release, name)
        assert RAISES in cell.metadata.tags
        assert cell.metadata.deletable is False and cell.metadata.editable is False


def test_the_code_of_figures_and_nothing_else_is_folded_away(course):
    folded = [c for c in course.release.cells if c.metadata.get("jupyter", {}).get("source_hidden")]
    drawing = [c for c in course.release.cells if "plots.show(" in c.source]
    assert folded == drawing != []
    assert not any(grade_id(cell) for cell in folded)


def run_all(notebook, folder):
    """Run a notebook in a real kernel, as `Run All` does."""
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    return client.execute()


def outputs_of(notebook):
    return [(cell, o) for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs]


def test_the_release_runs_top_to_bottom_with_every_check_not_attempted(course, tmp_path):
    ran = run_all(nbformat.from_dict(course.release), tmp_path)
    errors = {grade_id(cell): o.ename for cell, o in outputs_of(ran) if o.output_type == "error"}
    assert errors == dict.fromkeys(CHECKS, "CheckFailed")
    for name in CHECKS:
        assert "not attempted" in str(cell_of(ran, name).outputs)


def test_the_solved_master_runs_with_full_marks_and_no_warning(course, tmp_path):
    ran = run_all(nbformat.from_dict(course.master), tmp_path)
    for _, output in outputs_of(ran):
        assert output.output_type != "error" and output.get("name") != "stderr"
    for name in CHECKS:
        points = cell_of(ran, name).metadata.nbgrader.points
        assert f"{points} of {points} points" in str(cell_of(ran, name).outputs)


# --- masters that cannot be released -------------------------------------------------------------


def change(old, new, count=1):
    return lambda text: text.replace(old, new, count)


FAULTS = {
    "points": (
        change('"locked": true, "schema_version"', '"locked": true, "points": 5, "schema_version"'),
        "gives 5 points",
    ),
    "check gone": (
        change('"grade_id": "check_softmax"', '"grade_id": "other"'),
        "exercise softmax needs",
    ),
    "twice": (
        change('"grade_id": "softmax_rows"', '"grade_id": "softmax"'),
        "two cells have the grade id softmax",
    ),
    "odd id": (change('"grade_id": "softmax"', '"grade_id": "soft max"'), "use letters"),
    "other check": (change("\ncheck(softmax)\n", "\ncheck(nll)\n"), "must be the one line"),
    "no end": (change("### END SOLUTION", "###"), "BEGIN SOLUTION"),
    "no solution": (change("    ### BEGIN SOLUTION\n", ""), "SOLUTION"),
    "other name": (change("def softmax(z)", "def softmaxx(z)"), "must define softmax"),
    "stray mark": (
        change(
            "# ---\n\n", "# ---\n\n# %% [markdown]\n# ### BEGIN SOLUTION x ### END SOLUTION\n\n"
        ),
        "is no cell that nbgrader clears",
    ),
    "not locked": (
        change('"check_softmax", "locked": true', '"check_softmax", "locked": false'),
        "locked code cell",
    ),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_faulty_master_is_refused_in_one_line(root, tmp_path, kind):
    edit, says = FAULTS[kind]
    text = (root / "solutions" / f"{CHAPTER}.py").read_text(encoding="utf-8")
    path = tmp_path / "solutions" / f"{CHAPTER}.py"
    path.parent.mkdir()
    path.write_text(edit(text), encoding="utf-8")
    assert edit(text) != text
    with pytest.raises(Problem, match=says) as problem:
        build(root=tmp_path)
    assert "\n" not in str(problem.value) and CHAPTER in str(problem.value)
    assert not (tmp_path / "course").exists()


def test_a_master_of_no_known_chapter(root, tmp_path):
    (tmp_path / "solutions").mkdir()
    shutil.copy(root / "solutions" / f"{CHAPTER}.py", tmp_path / "solutions" / "77_other.py")
    with pytest.raises(Problem, match="no exercise of this chapter"):
        build(root=tmp_path)
    with pytest.raises(Problem, match="there is no master"):
        build(["78_missing"], tmp_path)
    with pytest.raises(Problem, match="NN_name.py"):
        master_notebook(tmp_path / "solutions" / "other.py")


# --- the notebooks for nbgrader's own commands ---------------------------------------------------


def test_sources_are_made_when_stale_only(course, root, tmp_path):
    make_course(tmp_path / "c", root)
    [made] = sync_sources(tmp_path / "c")
    assert made == tmp_path / "c" / "solutions" / CHAPTER / f"{CHAPTER}.ipynb"
    assert nbformat.read(made, as_version=4) == course.master
    assert sync_sources(tmp_path / "c") == []
    (tmp_path / "c" / "solutions" / f"{CHAPTER}.py").touch()
    assert sync_sources(tmp_path / "c") == [made]
