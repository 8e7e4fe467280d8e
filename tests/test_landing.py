"""The course's first page: its map, its links, its numbers and the reader's progress."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jupytext

from autograder.release.masters import master_names
from mlp_helpers import exercises

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "solutions" / "README.py"
TEXT = PAGE.read_text(encoding="utf-8")
SHOW_TABLES = "import IPython.display as d; d.display = lambda table: print(table.data); "


def table():
    """The static table: chapter -> (folder, chapters that it needs)."""
    lines = re.findall(r"^\| \[(\d\d) .*?\]\((.+?)/\2\.ipynb\) \| .+ \| ([\d, ]*)\|$", TEXT, re.M)
    return {chapter: (folder, needs.replace(",", " ").split()) for chapter, folder, needs in lines}


def run(folder):
    """What the page prints when it is run in `folder`, figures as their text alternatives."""
    code = f"{SHOW_TABLES}import runpy; runpy.run_path({str(PAGE)!r})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "MPLBACKEND": "Agg"},
    )
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout


def test_the_table_links_to_every_chapter():
    assert [folder for folder, _ in table().values()] == master_names(ROOT)


def test_the_map_and_the_table_tell_the_same():
    body = re.search(r"^needs = (\{.*?\})$", TEXT, re.M | re.S)[1]
    assert json.loads(re.sub(r"\s+", " ", body)) == {c: needs for c, (_, needs) in table().items()}
    assert all(before < chapter for chapter, (_, needs) in table().items() for before in needs)


def test_run_all_shows_map_sizes_and_the_sum_over_the_chapters(tmp_path):
    solved = {"softmax": ("01_softmax_jacobian", 3), "relu": ("05_relu_kinks", 2)}
    for name, (folder, points) in solved.items():
        (tmp_path / folder).mkdir()
        state = {"checked": {name: {"points": points, "max_points": points}}}
        (tmp_path / folder / ".mlp_progress.json").write_text(json.dumps(state), encoding="utf-8")
    out = " ".join(run(tmp_path).split())
    every = list(exercises().values())
    assert "Nine chapters as boxes from left to right" in out
    for chapter in table():
        mine = [e for e in every if e.chapter == chapter]
        numbers = [len(mine), sum(e.minutes for e in mine), sum(e.points for e in mine)]
        row = " | ".join(f"{n:g}" for n in numbers)
        assert re.search(rf"\| {chapter} [^|]+ \| {re.escape(row)} \|", out)
    total = sum(e.points for e in every)
    assert f"all chapters 5 of {total:g} 2 of {len(every)} solved" in out


def test_the_page_has_nothing_to_grade_and_no_outputs():
    kept = jupytext.read(ROOT / "course" / "README.ipynb")
    assert kept.metadata.keys() == {"kernelspec", "language_info"}
    for cell in kept.cells:
        assert cell.metadata in ({}, {"jupyter": {"source_hidden": True}})
        assert cell.cell_type == "markdown" or (cell.outputs, cell.execution_count) == ([], None)
