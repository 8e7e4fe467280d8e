"""Review aids point at what a person should read, and at nothing that honest work shares."""

import json
import random

import pytest
from conftest import CHAPTER, cell_of, make_course, solved, without_demos
from nbformat.v4 import new_code_cell

from autograder.reports.aids import GRAM, WINDOW, normalised, prints, review, tokens


@pytest.fixture(scope="module")
def made(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("aids")
    make_course(folder, root)
    return folder


@pytest.fixture
def hand_in(course, made):
    """Hand in the release with some cells of one's own; give what the aids say."""
    def hand_in(**students):
        for student, sources in students.items():
            notebook = solved(course.release, course.release)
            without_demos(notebook)
            for source in sources:
                notebook.cells.append(new_code_cell(source))
            folder = made / "classroom" / "submitted" / student / CHAPTER
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{CHAPTER}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        return {(aid.students, aid.text) for aid in review(made, CHAPTER, students)}
    return hand_in


LONG = """def one(z, y):
    total = 0.0
    for i in range(len(z)):
        shifted = z[i] - max(z[i])
        weight = [2.5 ** (s / 3) + i for s in shifted]
        if weight[y[i]] <= 0 or i % 7 == 3:
            total = total * 1.5 - sum(weight[1:]) / (i + 1)
        while total > 100 and weight:
            total, weight = total - weight.pop() ** 2, weight[::2]
        total += weight[0] if weight else -total
    return {'total': total, 'mean': total / max(len(z), 1), 'first': z[0][y[0]] * 4}
"""


@pytest.mark.parametrize("source, says", [
    ("data = '" + "ab" * 3000 + "'", "6002 characters of text in quotes"),
    ("data = '''" + "ab\n" * 3000 + "'''", "characters of text in quotes"),
    ("data = (" + "'abcdefgh'\n" * 900 + ")", "characters of text in quotes"),
    ("t = [" + "17, " * 400 + "]", "400 numbers"),
    ("exec('x = 1')", "uses exec"), ("import sys\nsys.settrace(print)", "uses settrace"),
    ("import sys\nsys.modules['x'] = 1", "uses sys.modules"),
    ("def f(a, grad):\n    return grad.__closure__", "uses __closure__"),
    ("import zlib, base64\nbase64.b85decode(b'x')", "uses b85decode, zlib")])
def test_what_is_odd_is_named(hand_in, source, says):
    [(who, text)] = hand_in(odd=[source])
    assert who == ("odd",) and says in text


def test_words_in_comments_and_honest_work_are_not_named(hand_in, course):
    own = ["# exec and eval are not used\nx = 1", "import numpy as np\nprint(np.arange(5))",
           "def sigmoid(z):\n    return 1 / (1 + np.exp(-z))"]
    assert hand_in(honest=own, other=own) == set()


def test_the_courses_own_solution_is_recognised_under_other_names(hand_in, course):
    name = max(("softmax_jacobian", "nll_grad_logits", "logsumexp_rows", "softmax_rows"),
               key=lambda n: len(tokens(cell_of(course.master, n).source)))
    source = cell_of(course.master, name).source.replace("Z", "my_rows").replace("F", "my_rows")
    assert any("the same as the course's own solution" in text
               for _, text in hand_in(copied=[source + "\n# my own work"]))


def test_two_that_are_alike_are_a_pair_whatever_the_names(hand_in):
    renamed = LONG.replace("total", "acc").replace("weight", "w").replace("shifted", "q")
    found = hand_in(a=[LONG], b=["# mine\n" + renamed], c=["def f(x):\n    return x + 1"])
    assert [who for who, text in found if "peculiar" in text] == [("a", "b")]


def test_what_the_whole_class_has_is_no_sign(hand_in):
    assert hand_in(**{f"s{i}": [LONG] for i in range(6)}) == set()


def test_prints_find_any_common_run():
    rng = random.Random(1)
    words = [rng.choice("+-*/()[]{}=<>.,:%@") for _ in range(400)]
    run = words[200:200 + GRAM + WINDOW - 1]
    other = [rng.choice("+-*/()[]{}=<>.,:%@") for _ in range(150)] + run + ["+"] * 100
    assert prints(words) & prints(other)
    assert len(prints(words)) < len(words) / 2


@pytest.mark.parametrize("text", ["'" * 100_001, '"' * 100_001, "'''" * 50_001, "\n" * 200_000,
                                  "(" * 100_000, "a" * 300_000, "'\n" * 100_000, "#" * 300_000])
def test_any_text_is_looked_at(hand_in, text):
    assert isinstance(normalised(text), str)
    hand_in(hostile=[text])
