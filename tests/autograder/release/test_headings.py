"""Headings and totals that the build writes into a master."""

import re

import pytest

from autograder.ground.errors import Problem
from autograder.release.check_exercise import of_sections
from autograder.release.headings import WORDS, written_out
from mlp_helpers import exercises


@pytest.mark.parametrize("chapter", sorted({e.chapter for e in exercises().values()}))
def test_every_exercise_is_announced_once_in_the_order_of_its_chapter(chapter, root):
    (master,) = (root / "solutions").glob(f"{chapter}_*.py")
    text = master.read_text(encoding="utf-8")
    mine = [e for e in exercises().values() if e.chapter == chapter]
    assert re.findall(r"^### Exercise: (\w+)$", text, re.MULTILINE) == [e.id for e in mine]
    written = written_out(text, chapter)
    assert "[[" not in written[: written.index("## What you will be able to do")]
    for number, exercise in enumerate(mine, start=1):
        assert (
            f"### Exercise {int(chapter)}.{number} · {exercise.title}  *({exercise.minutes} "
            in written
        )


@pytest.mark.parametrize("name", exercises())
def test_every_section_to_reread_is_a_heading(name, root):
    exercise = exercises()[name]
    (master,) = (root / "solutions").glob(f"{exercise.chapter}_*.py")
    assert list(of_sections(exercise, master.read_text(encoding="utf-8"))) == []


def test_one_of_a_thing_is_written_without_an_s():
    text = written_out("### Exercise: zero_one_error\n", "08")
    assert text == "### Exercise 8.9 · Count the mistakes  *(4 minutes, 2 points, about 1 line)*\n"


def test_totals_are_counted():
    text = written_out("[[Exercises]] exercises, [[exercises]], [[points]] points, [[other]]", "01")
    mine = [e for e in exercises().values() if e.chapter == "01"]
    word, points = WORDS[len(mine)], sum(e.points for e in mine)
    assert text == f"{word.capitalize()} exercises, {word}, {points:g} points, [[other]]"


def test_a_heading_that_names_no_exercise_says_which_there_are():
    with pytest.raises(Problem, match="`### Exercise: softmaxx` names no exercise .* softmax_rows"):
        written_out("### Exercise: softmaxx\n", "01")
