"""The masters' own solutions: full marks on 200 seeds, not one false rejection."""

from pathlib import Path

import pytest

from autograder.release.check_exercise import of_solution, solutions
from mlp_helpers import exercises

ROOT = Path(__file__).resolve().parents[2]
FEW, MANY = range(1000, 1020), range(1020, 1200)


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
    assert name in NAMES[chapter]
    assert list(of_solution(exercises()[name], NAMES[chapter], seeds)) == []


def test_every_chapter_with_exercises_has_a_master():
    assert {e.chapter for e in exercises().values()} == set(MASTERS)
