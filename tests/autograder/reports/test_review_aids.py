"""Review aids point at what a person should read, and at nothing that honest work shares."""

import inspect
import json
import random
import re

import pytest
from conftest import CHAPTER, cell_of, make_course, solved, without_demos
from honest import NAMES, answers
from nbformat.v4 import new_code_cell

from autograder.judge.notebook_file import parse
from autograder.reports import review_aids
from autograder.reports.copied import GRAM, WINDOW, form, functions, prints, tokens
from autograder.reports.review_aids import review
from mlp_helpers import exercises
from mlp_helpers.reference import activations, gradcheck, losses, network


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
            mine = sources if isinstance(sources, dict) else {}
            notebook = solved(course.release, course.release, **mine)
            without_demos(notebook)
            for source in () if mine else sources:
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


@pytest.mark.parametrize(
    "source, says",
    [
        ("data = '" + "ab" * 3000 + "'", "6002 characters of text in quotes"),
        ("data = '''" + "ab\n" * 3000 + "'''", "characters of text in quotes"),
        ("data = (" + "'abcdefgh'\n" * 900 + ")", "characters of text in quotes"),
        ("t = [" + "17, " * 400 + "]", "400 numbers"),
        ("exec('x = 1')", "uses exec"),
        ("import sys\nsys.settrace(print)", "uses settrace"),
        ("import sys\nsys.modules['x'] = 1", "uses sys.modules"),
        ("def f(a, grad):\n    return grad.__closure__", "uses __closure__"),
        ("import zlib, base64\nbase64.b85decode(b'x')", "uses b85decode, zlib"),
        ("\uff45\uff58\uff45\uff43('x = 1')", "uses exec"),
        ("f = __builtins__.__dict__['ev' + 'al']", "uses __builtins__"),
        ("import sys\nsys.meta_path.insert(0, Mine())", "uses meta_path"),
        ("from importlib import import_module as i\ni('mlp_helpers.losses')", "uses importlib"),
        ("get_ipython().run_line_magic('run', 'x.py')", "uses get_ipython, run_line_magic"),
        ("().__class__.__base__.__subclasses__()", "uses __subclasses__"),
        ("n = " + "123" * 4000, "a number of 12000 digits"),
        ("n = 0x" + "af" * 4000, "a number of 8002 digits"),
        ("t = [" + "a, b, " * 2000 + "]", "more than 4000 words"),
    ],
)
def test_what_is_odd_is_named(hand_in, source, says):
    [(who, text)] = hand_in(odd=[source])
    assert who == ("odd",) and says in text


def test_words_in_comments_and_honest_work_are_not_named(hand_in, course):
    own = [
        "# exec and eval are not used\nx = 1",
        "import numpy as np\nprint(np.arange(5))",
        "def sigmoid(z):\n    return 1 / (1 + np.exp(-z))",
    ]
    assert hand_in(honest=own, other=own) == set()


@pytest.mark.parametrize(
    "piece, says",
    [
        ("x = '" + "ab" * 900 + "'", "18060 characters of text in quotes, in many cells"),
        ("x = [" + "1, " * 290 + "]", "2900 numbers, in many cells"),
    ],
)
def test_what_is_spread_over_many_cells_is_added_up(hand_in, piece, says):
    [(_, text)] = hand_in(odd=[f"{piece}\n{'#' * i}" for i in range(10)])
    assert says in text or says.split()[1:] == text.split()[1:]


def test_other_functions_called_like_tools_are_not_named(hand_in):
    assert hand_in(honest=["import re\nword = re.compile('a+')", "model.eval()", "# exec"]) == set()


RENAMED = re.compile(rf"(?<![.\w])(?:{'|'.join(NAMES)})\b(?!\()")


def renamed(sources):
    """The same code with other names for what is the writer's own, and other comments."""

    def other(source):
        head, described, body = source.split('"""')
        body = RENAMED.sub(lambda found: f"my_{found[0]}", re.sub(r" *#.*\n", "", body))
        return f'{head}"""{described}"""{body}  # my own'

    return {name: other(source) for name, source in sources.items()}


def an_honest_class(course, seed):
    return {f"student-{i:02}": answers(course.release, 100 * seed + i) for i in range(30)}


@pytest.mark.parametrize("seed", range(3))
def test_thirty_who_worked_alone_are_not_named(hand_in, course, seed):
    assert hand_in(**an_honest_class(course, seed)) == set()


@pytest.mark.parametrize("seed", range(3))
def test_two_pairs_of_near_copies_are_named_and_nobody_else(hand_in, course, seed):
    made = an_honest_class(course, seed)
    made |= {"student-31": renamed(made["student-03"]), "student-32": renamed(made["student-17"])}
    made["student-31"]["nll"] = answers(course.release, 777)["nll"]  # a little of their own
    assert {who for who, _ in hand_in(**made)} == {
        ("student-03", "student-31"),
        ("student-17", "student-32"),
    }


def under_other_names(fn):
    """A function's text without its description, its arguments called otherwise."""
    source = inspect.getsource(fn).replace(fn.__doc__ or "\0", "")
    for i, name in enumerate(inspect.signature(fn).parameters):
        source = re.sub(rf"(?<![.\w]){name}\b", f"mine_{i}", source)
    return source[source.index("def ") :]


REFERENCE = [
    network.backward,
    network.forward,
    network.one_hidden_backward,
    activations.logsumexp,
    activations.softmax,
    gradcheck.random_directions,
]


@pytest.mark.parametrize("fn", REFERENCE, ids=lambda fn: fn.__name__)
def test_a_pasted_reference_function_is_named(hand_in, fn):
    says = f"but for names and comments: {fn.__name__.strip('_')}"
    for source in (under_other_names(fn), "x = 1\n" + under_other_names(fn) + "\nprint(x)"):
        assert any(says in text for _, text in hand_in(copied=[source]))


def test_a_long_one_is_named_also_with_lines_added(hand_in):
    source = under_other_names(network.backward)
    lines = source.rstrip().split("\n")
    padded = "\n".join([*lines[:-1], "    checked = 1", lines[-1]])
    assert any("backward" in text for _, text in hand_in(copied=[padded]))


@pytest.mark.parametrize("fn", [losses.nll_per_example, activations.softmax, network.forward])
def test_a_pasted_description_is_named_however_short_the_function(hand_in, fn):
    assert any(
        "comments of the course's own code" in text
        for _, text in hand_in(copied=[inspect.getsource(fn)])
    )


LONG_ONES = [
    (e.id, fn)
    for e in exercises().values()
    if e.chapter == "01"
    for _, fn in e.bank.variants
    if fn.__name__ != "<lambda>" and len(functions(under_other_names(fn))[0]) >= 45
]


@pytest.mark.parametrize("name, fn", LONG_ONES)
def test_a_pasted_variant_of_the_bank_is_named(hand_in, name, fn):
    assert any(name in text for _, text in hand_in(copied=[under_other_names(fn)]))


def test_short_ones_are_named_together(hand_in, course):
    short = [cell_of(course.master, name).source for name in ("one_hot", "softmax_rows")]
    assert hand_in(copied=short[:1]) == set()
    [(_, text)] = hand_in(copied=short)
    assert text.endswith("but for names and comments: one_hot, softmax_rows")


def test_a_pasted_oracle_is_named(hand_in):
    assert any(
        "nll_grad_logits" in text
        for _, text in hand_in(copied=[under_other_names(exercises()["nll_grad_logits"].oracle)])
    )


def test_the_courses_own_solution_is_recognised_under_other_names(hand_in, course):
    source = cell_of(course.master, "softmax_jacobian_batch").source.replace("Z", "my_rows")
    assert any(
        "the same as the course's own code" in text
        for _, text in hand_in(copied=[source + "\n# my own work"])
    )


def test_two_that_are_alike_are_a_pair_whatever_the_names(hand_in):
    renamed = LONG.replace("total", "acc").replace("weight", "w").replace("shifted", "q")
    found = hand_in(a=[LONG], b=["# mine\n" + renamed], c=["def f(x):\n    return x + 1"])
    assert [who for who, text in found if "peculiar" in text] == [("a", "b")]


def test_what_the_whole_class_has_is_no_sign(hand_in):
    assert hand_in(**{f"s{i}": [LONG] for i in range(6)}) == set()


def test_prints_find_any_common_run():
    rng = random.Random(1)
    words = [rng.choice("+-*/()[]{}=<>.,:%@") for _ in range(400)]
    run = words[200 : 200 + GRAM + WINDOW - 1]
    other = [rng.choice("+-*/()[]{}=<>.,:%@") for _ in range(150)] + run + ["+"] * 100
    assert prints(words) & prints(other)
    assert len(prints(words)) < len(words) / 2


@pytest.mark.parametrize(
    "text",
    [
        "'" * 100_001,
        '"' * 100_001,
        "'''" * 50_001,
        "\n" * 200_000,
        "(" * 100_000,
        "a" * 300_000,
        "'\n" * 100_000,
        "#" * 300_000,
    ],
)
def test_any_text_is_looked_at(hand_in, text):
    assert isinstance(form(tokens(text)), str) and isinstance(functions(text), list)
    hand_in(hostile=[text])


def test_a_file_that_fills_the_memory_costs_only_its_own_aids(hand_in, monkeypatch):
    def hungry(data):
        if b"very much" in data:
            raise MemoryError
        return parse(data)

    monkeypatch.setattr(review_aids, "parse", hungry)
    found = hand_in(a=["exec('1')"], b=["exec('very much')"])
    assert {"a"} <= {who for (who, *_), _ in found} and not any("b" in who for who, _ in found)
