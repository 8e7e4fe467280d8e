"""A short run of `fuzz.py`; the long one is started by hand."""

from fuzz import fuzz

from autograder.judge.clerk import MEMORY


def test_random_notebooks_messages_and_answers():
    wrong, megabytes = fuzz(seed=1, notebooks=6, messages=300, answers=1)
    assert wrong == []
    assert megabytes < MEMORY // 2**20
