"""What the notes contain, and where they err: all of it is taught where the tables say."""

import importlib.util
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


def script(name):
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


inventory, tables = script("make_inventory"), script("make_tables")

MASTERS = inventory.masters()
SECTIONS = {chapter: inventory.sections(text) for chapter, text in MASTERS.items()}
ROWS_PER_NOTE = {"S0": 22, "S1": 22, "S2": 10, "S3": 79, "S4": 12}

# The authors' mistakes, and claims that are too strong: the course promises to teach all of them.
PROMISED = """
E0.1 E0.2 E0.3 E0.4 E0.5 E0.6 E0.7 E0.8 E0.9
E1.1 E1.2 E1.3 E1.4 E1.5 E1.6 E1.7 E1.8 E1.9 E1.10 E1.12 E1.13 E1.14 E1.15
E2.1 E2.3 E2.4 E2.6 E2.7
E3.2 E3.8 E3.9 E3.10 E3.11 E3.12 E3.13 E3.14 E3.16 E3.23 E3.24 E3.25 E3.26
E4.1 E4.2 E4.3 E4.4 E4.5 E4.6 E4.7 E4.8 E4.9
""".split()
ERRATUM = re.compile(r"^\| (E\d\.\d+) \| ([ACNO, ]+) \| .+ \| .+ \| (.+) \| (.+) \|$", re.MULTILINE)
PLACE = re.compile(r"(\d\d) \*(.+?)\*(?:; |$)")


# Rows --------------------------------------------------------------------------------------------


def test_the_list_of_rows_is_whole():
    rows = list(inventory.rows())
    assert len(rows) == len(set(rows)) == 145
    assert {n: sum(r.startswith(n) for r in rows) for n in ROWS_PER_NOTE} == ROWS_PER_NOTE


def test_every_row_is_taught_and_no_other_is_claimed():
    taught = inventory.places()
    assert sorted(set(inventory.rows()) - set(taught)) == [], "taught nowhere"
    assert sorted(set(taught) - set(inventory.rows())) == [], "not in docs/inventory.csv"
    assert all(taught.values())


def test_the_page_is_what_the_masters_say():
    kept = (DOCS / "inventory.md").read_text(encoding="utf-8")
    assert kept == inventory.page(), "stale: run `python docs/make_inventory.py`"


def test_a_heading_that_does_not_exist_is_noticed():
    headings = ["Referee 1 · A", "Referee 2 · B", "By hand", "The verdict: yes or no?"]
    assert inventory.full_headings("Referee 1 and 2", headings) == headings[:2]
    assert inventory.full_headings("The verdict", headings) == headings[3:]
    assert inventory.full_headings("By hand (table)", headings) == ["By hand"]
    for wrong in ("Referee 3", "Referee", "By"):
        with pytest.raises(ValueError, match="0 headings"):
            inventory.full_headings(wrong, headings)


# Errata ------------------------------------------------------------------------------------------


def errata():
    """Every line of docs/errata.md: id -> (marks, what shows it, places)."""
    found = ERRATUM.findall((DOCS / "errata.md").read_text(encoding="utf-8"))
    assert len(found) == len({line[0] for line in found})
    return {
        name: (marks.split(", "), shows, PLACE.findall(places))
        for name, marks, shows, places in found
    }


ERRATA = errata()


def test_every_promised_erratum_has_its_line():
    assert sorted(set(PROMISED) - set(ERRATA)) == []
    marked = {name for name, (marks, _, _) in ERRATA.items() if {"A", "C"} & set(marks)}
    assert marked == set(PROMISED)


def run_master(path, folder):
    """What a solved chapter prints, figures as their text alternatives."""
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, str(path)],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """The output of every solved chapter: number -> text."""
    folder = tmp_path_factory.mktemp("masters")
    paths = {c: next((ROOT / "solutions").glob(f"{c}_*.py")) for c in MASTERS}
    with ThreadPoolExecutor(2) as pool:
        texts = pool.map(lambda c: run_master(paths[c], folder / c), paths)
        return dict(zip(paths, texts, strict=True))


def one_line(text):
    return " ".join(text.split())


@pytest.mark.parametrize("name", ERRATA)
def test_an_erratum_is_where_its_line_says_and_shows_what_it_says(name, printed):
    _, shows, places = ERRATA[name]
    evidence = re.findall(r"`(.+?)`", shows)
    assert places and evidence, "a line names a place, and says in `backticks` what is seen there"
    for chapter, heading in places:
        assert heading in SECTIONS[chapter], f"chapter {chapter} has no heading {heading!r}"
    seen = one_line(" ".join(SECTIONS[c][h] + printed[c] for c, h in places))
    assert [words for words in evidence if words not in seen] == []


# Tables with minutes and points ------------------------------------------------------------------


def test_minutes_and_points_in_the_tables_are_those_of_the_exercises():
    for page in tables.PAGES:
        kept = (ROOT / page).read_text(encoding="utf-8")
        assert kept == tables.page(page), f"{page} is stale: run `make course`"
        assert len(tables.ROW.findall(kept)) == len(MASTERS) + 1
