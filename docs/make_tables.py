"""The exercises' contracts and the masters -> the tables of chapters in README.md and the plan.

    python docs/make_tables.py

What a chapter is about is written there by hand; its minutes and points are counted.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from mlp_helpers import exercises  # noqa: E402

# page -> the last columns of its table
PAGES = {
    "README.md": ("minutes", "points", "by_a_person"),
    "docs/instructors-plan.md": ("answers", "on_paper", "minutes", "points", "by_a_person"),
}
ROW = re.compile(r"^\| (\d\d|all)\b.*\|$", re.MULTILINE)
WRITTEN = re.compile(r'"grade": true, "grade_id": "derive_.*?"points": ([\d.]+)')
ON_PAPER = re.compile(r"on paper, (\d+) minutes")


def counted():
    """What is counted of each chapter, and of all: number -> {column: number}."""
    found = {}
    for path in sorted((ROOT / "solutions").glob("[0-9][0-9]_*.py")):
        text = path.read_text(encoding="utf-8")
        mine = [e for e in exercises().values() if e.chapter == path.name[:2]]
        written = list(map(float, WRITTEN.findall(text)))
        found[path.name[:2]] = {
            "answers": len(written),
            "on_paper": sum(map(int, ON_PAPER.findall(text))),
            "minutes": sum(e.minutes for e in mine),
            "points": sum(e.points for e in mine),
            "by_a_person": sum(written),
        }
    columns = next(iter(found.values()))
    return found | {"all": {c: sum(row[c] for row in found.values()) for c in columns}}


def page(name):
    """A page with its table as it should be."""
    numbers, columns = counted(), PAGES[name]

    def row(match):
        words = match[0].split("|")[1 : -1 - len(columns)]
        counts = [f" {numbers[match[1]][column]:g} " for column in columns]
        return "|".join(["", *words, *counts, ""])

    return ROW.sub(row, (ROOT / name).read_text(encoding="utf-8"))


if __name__ == "__main__":
    for name in PAGES:
        (ROOT / name).write_text(page(name), encoding="utf-8")
        print(name)
