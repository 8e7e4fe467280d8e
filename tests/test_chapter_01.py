"""Chapter 01's master: its words agree with its data, and its numbers are those of the errata."""

import re
from pathlib import Path

import jupytext
import pytest

from mlp_helpers.answers.chapter_01.quiz import QUIZ
from mlp_helpers.answers.registry import exercises

MASTER = Path(__file__).parents[1] / "solutions" / "01_softmax_jacobian.py"
EXERCISES = [e for e in exercises().values() if e.chapter == "01"]
TAUGHT = """S0.3.1 S0.4.1 S0.4.1b S1.2.3 S1.2.4 S1.2.5 S1.2.6 S1.2.9 S3.4.1 S3.4.2 S3.4.4 S3.4.3
    S3.5.1 S3.5.2 S3.5.3 S3.5.4 S3.5.5 S3.5.7 S3.6.5b S4.p2""".split()


@pytest.fixture(scope="module")
def master():
    return jupytext.read(MASTER)


@pytest.fixture(scope="module")
def prose(master):
    """All Markdown of the chapter, with single spaces."""
    return " ".join(" ".join(c.source.split()) for c in master.cells if c.cell_type == "markdown")


@pytest.fixture(scope="module")
def headings(master):
    text = "\n".join(c.source for c in master.cells if c.cell_type == "markdown")
    return re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)


@pytest.mark.parametrize("id", QUIZ)
def test_the_quiz_in_the_chapter_is_the_quiz_that_is_checked(prose, master, id):
    assert f"**{id}** {QUIZ[id].text}" in prose
    for letter, option in QUIZ[id].options.items():
        assert f"- **{letter}** {option}" in prose
    assert any(c.source == f'quiz("{id}", "...")' for c in master.cells)


@pytest.mark.parametrize("row", TAUGHT)
def test_every_item_of_the_notes_names_source_section_and_place(master, headings, row):
    sources = master.cells[-1].source
    source, _, place = re.search(
        rf"^\| {re.escape(row)} \| (S\d), (.+?) \| (.+?) \|$", sources, flags=re.MULTILINE
    ).groups()
    assert row.startswith(source)
    for part in place.split("; "):
        part = part.replace(" and 3", "")
        assert any(h == part or h.startswith(f"{part} ·") for h in headings), part


def test_every_figure_is_shown_and_every_prediction_is_answered(master):
    code = "\n".join(c.source for c in master.cells if c.cell_type == "code")
    assert code.count("plots.show(") == len(re.findall(r"plots\.(lines|heatmaps|simplex)\(", code))
    asked = re.findall(r'predict\("(\w+)"', code)
    assert asked and sorted(asked) == sorted(re.findall(r'predicted\("(\w+)"', code))


def test_the_solved_chapter_runs_and_prints_the_measured_errata(
    master, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    code = "\n\n".join(c.source for c in master.cells if c.cell_type == "code")
    exec(compile(code, str(MASTER), "exec"), {"__name__": "__main__"})
    out = capsys.readouterr()
    assert out.err == ""
    assert out.out.count("comes alive") == 0
    points, number = sum(e.points for e in EXERCISES), len(EXERCISES)
    assert f"{points:g} of {points:g}" in out.out
    assert f"{number} of {number} solved" in out.out
    for measured in (
        "-5.57",
        "3.2e-01",
        "as printed nan, yours 2.21",
        "sum -0.89  off by 6.9e-01",
        "off by 3.0e-01",
        "sum  0.00  off by 0.0e+00",
        "off by 9.7e-01",
    ):
        assert measured in out.out
