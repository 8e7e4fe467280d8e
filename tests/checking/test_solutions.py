"""The masters' own solutions: full marks on 200 seeds, not one false rejection."""

import ast
from pathlib import Path

import jupytext
import numpy as np
import pytest

from mlp_helpers import evaluate, exercises

ROOT = Path(__file__).resolve().parents[2]
FEW, MANY = range(1000, 1020), range(1020, 1200)


def solutions(path):
    """Run a master's imports, functions and tables of them, and nothing else; give their names."""
    names = {"np": np}
    for cell in jupytext.read(path).cells:
        if cell.cell_type == "code":
            tree = ast.parse(cell.source)
            tree.body = [node for node in tree.body if _defines(node)]
            exec(compile(tree, str(path), "exec"), names)
    return names


def _defines(node):
    if isinstance(node, ast.FunctionDef):
        return not node.decorator_list
    if isinstance(node, ast.Assign):
        return isinstance(node.value, ast.Dict) and node.targets[0].id.isupper()
    return isinstance(node, (ast.Import, ast.ImportFrom))


MASTERS = {path.name[:2]: path for path in sorted((ROOT / "solutions").glob("[0-9][0-9]_*.py"))}
CASES = [e.id for e in exercises().values() if e.chapter in MASTERS]
NAMES = {}


@pytest.mark.parametrize(
    "seeds", [pytest.param(FEW, id="few"), pytest.param(MANY, id="many", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("name", CASES)
def test_a_solution_is_never_rejected(name, seeds):
    chapter = exercises()[name].chapter
    if chapter not in NAMES:
        NAMES[chapter] = solutions(MASTERS[chapter])
    for seed in seeds:
        report = evaluate(NAMES[chapter][name], name, seed)
        assert report.passed, f"seed {seed}\n{report}"


def test_every_chapter_with_exercises_has_a_master():
    assert {e.chapter for e in exercises().values()} == set(MASTERS)
