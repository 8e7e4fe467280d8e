"""From a restored notebook to points, reports and outputs."""

import base64
import math
import re
import sqlite3
import stat

import nbformat
import pytest
from conftest import SECRET, cell_of, solved, without_demos
from nbformat.v4 import new_code_cell
from nbgrader.utils import determine_grade

from autograder.gradebook.cell_marks import automatic_marks
from autograder.ground.cells import is_check
from autograder.ground.errors import Problem
from autograder.judge import grade as judge
from autograder.judge import secret
from autograder.judge.grade import grade_notebook
from autograder.judge.outputs import PNG, student_outputs
from autograder.judge.secret import case_seed, course_secret
from autograder.judge.session import Limits
from autograder.judge.submission import restore
from mlp_helpers import exercises
from mlp_helpers.checking import Report

QUICK = Limits(call=1.0, exercise=5, cell=3, cells=60)
CHECKS = [e for e in exercises().values() if e.chapter == "01"]


@pytest.fixture
def grade(course, worker):
    """Grade a notebook, or a right one with some solution cells replaced and without demos."""

    def grade(notebook=None, **sources):
        given = notebook or solved(course.release, course.master, **sources)
        if notebook is None:
            without_demos(given)
        restored, _ = restore(given, course.release)
        return grade_notebook(restored, course.release, SECRET, worker, QUICK)

    return grade


def scores(result):
    """Points as nbgrader reads them from the cells."""
    return {
        c.metadata.nbgrader.grade_id: determine_grade(c)[0]
        for c in result.notebook.cells
        if is_check(c)
    }


FULL = {f"check_{e.id}": e.points for e in CHECKS}


def test_the_solved_master_gets_full_marks_and_shows_no_warning(grade, course):
    result = grade(solved(course.release, course.master))
    assert scores(result) == result.points == FULL
    assert result.log == []
    outputs = [o for c in result.notebook.cells if c.cell_type == "code" for o in c.outputs]
    assert not [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]
    nbformat.validate(result.notebook)


def test_the_release_gets_nothing_and_is_not_attempted(grade, course):
    result = grade(course.release)
    assert set(scores(result).values()) == {0.0}
    assert {r.outcome for r in result.reports.values()} == {"not_attempted"}
    outputs = [o for c in result.notebook.cells if c.cell_type == "code" for o in c.outputs]
    assert not [o for o in outputs if o.output_type == "error"]


def test_a_check_cell_shows_one_report_and_one_plain_number(grade):
    result = grade(softmax_vjp="def softmax_vjp(z, v):\n    return v * softmax(z)")
    report, points = cell_of(result.notebook, "check_softmax_vjp").outputs
    assert report.output_type == "display_data" and points.output_type == "execute_result"
    assert "<table" in report.data["text/html"] and "softmax_vjp" in report.data["text/plain"]
    assert points.data == {"text/plain": repr(result.reports["softmax_vjp"].points)}
    assert 0 <= float(points.data["text/plain"]) < 3


BAD = {
    "loop": ("while True: pass", "endless loop"),
    "deaf": (
        "while True:\n        try:\n            while True: pass\n"
        "        except BaseException: pass",
        "endless loop",
    ),
    "leave": ("import os; os._exit(0)", "ended the Python process"),
    "crash": ("import ctypes; ctypes.string_at(0)", "ended the Python process"),
    "recursion": ("return nll(F, y)", "RecursionError"),
    "exit": ("raise SystemExit", "SystemExit"),
    "interrupt": ("raise KeyboardInterrupt", ""),
    "nothing": ("pass", ""),
    "html": ("raise ValueError('<script>alert(1)</script>')", "ValueError"),
    "surrogate": ("raise ValueError('\\ud800')", "ValueError"),
    "unprintable": ("class E(Exception):\n        def __str__(self): raise self\n    raise E", "E"),
}


@pytest.mark.parametrize("kind", BAD)
def test_one_bad_function_costs_its_exercise_and_no_other(grade, kind):
    body, reason = BAD[kind]
    result = grade(nll=f"def nll(F, y):\n    {body}")
    got = scores(result)
    assert got.pop("check_nll") == 0.0
    assert got == {name: points for name, points in FULL.items() if name != "check_nll"}
    report = cell_of(result.notebook, "check_nll").outputs[0].data
    assert reason in report["text/plain"]
    assert "<script" not in report["text/html"]
    assert result.log == []
    nbformat.writes(result.notebook).encode()


@pytest.mark.parametrize(
    "value",
    [
        "float('nan')",
        "np.float64('nan')",
        "float('inf')",
        "1e999",
        "np.float64(0.25)",
        "'1000.0'",
        "[1000.0]",
        "-1",
        "10**5000",
        "check",
        "type('X', (float,), {'__eq__': lambda *a: True})()",
    ],
)
def test_strange_values_earn_nothing(grade, value):
    result = grade(nll=f"def nll(F, y):\n    return {value}")
    assert scores(result)["check_nll"] == 0.0
    assert sum(scores(result).values()) == sum(FULL.values()) - FULL["check_nll"]


def test_stderr_and_prints_cost_nothing(grade):
    noisy = (
        "import sys, warnings\ndef nll(F, y):\n    print('x'); print('y', file=sys.stderr)\n"
        "    warnings.warn('w')\n    F = np.asarray(F, float)\n"
        "    s = F - F.max(axis=1, keepdims=True)\n"
        "    return (np.log(np.exp(s).sum(axis=1)) - s[np.arange(len(y)), y]).sum()"
    )
    result = grade(nll=noisy)
    assert result.reports["nll"].passed
    assert all(o.output_type != "stream" for o in cell_of(result.notebook, "check_nll").outputs)


def test_what_hidden_calls_print_is_shown_nowhere(grade):
    result = grade(nll="def nll(F, y):\n    print('LEAK', F)\n    raise NotImplementedError")
    assert all("LEAK" not in str(c.outputs) for c in result.notebook.cells if is_check(c))


def test_code_that_forges_points_earns_nothing(grade, course):
    attack = new_code_cell(
        "import builtins, numpy as np, numpy.testing\n"
        "np.array_equal = np.allclose = np.testing.assert_allclose = lambda *a, **k: True\n"
        "np.max = np.abs = lambda *a, **k: 0.0\nbuiltins.abs = builtins.max = lambda *a: 0\n"
        "def check(f): return 1000.0\nprint('check_nll: 1000.0')\n1000.0"
    )
    empty = solved(course.release, course.release)
    empty.cells.insert(0, attack)
    empty.cells.append(attack)
    assert set(scores(grade(empty)).values()) == {0.0}


def test_a_function_defined_in_another_cell_counts(grade, course):
    notebook = solved(course.release, course.master)
    cell = cell_of(notebook, "softmax")
    moved = new_code_cell(cell.source)
    notebook.cells.insert(notebook.cells.index(cell) + 1, moved)
    notebook.cells.remove(cell)
    assert scores(grade(notebook)) == FULL


def test_cases_depend_on_the_secret_and_the_exercise():
    seeds = {case_seed(s, c, e) for s in (b"a", b"b") for c in ("01", "02") for e in ("f", "g")}
    assert len(seeds) == 8
    assert case_seed(b"a", "01", "f") == case_seed(b"a", "01", "f")


def test_the_same_secret_gives_the_same_notebook(grade):
    first, second = (
        nbformat.writes(grade(nll="def nll(F, y): return 1.0").notebook) for _ in range(2)
    )
    assert first == second


def test_an_error_of_the_grader_is_told_and_stops_nothing(grade, monkeypatch):
    real = judge.evaluate_caller

    def broken(caller, exercise, seed):
        if exercise.id == "nll":
            raise ZeroDivisionError("ours")
        return real(caller, exercise, seed)

    monkeypatch.setattr(judge, "evaluate_caller", broken)
    result = grade()
    marks = automatic_marks(result.notebook)
    assert marks["check_nll"].score is None and "check_nll" not in result.points
    assert sum(result.points.values()) == sum(FULL.values()) - FULL["check_nll"]
    assert "grade this one by hand" in result.log[0] and "ours" in result.log[0]
    assert "the grader itself failed" in str(cell_of(result.notebook, "check_nll").outputs)


@pytest.mark.parametrize("part", ["_repr_html_", "__str__"])
def test_a_report_that_cannot_be_drawn_costs_no_point(grade, monkeypatch, part):
    def broken(report):
        raise OverflowError("ours")

    monkeypatch.setattr(Report, part, broken)
    result = grade(nll="def nll(F, y):\n    return 1.7976931348623157e308")
    assert result.points == {**FULL, "check_nll": 0.0} == scores(result)
    assert "its points stand" in result.log[0] and "OverflowError: ours" in result.log[0]


ODD = [
    "10**400",
    "-10**400",
    "complex(float('nan'), 1)",
    "[[10**30]]",
    "[10**400] * 3",
    "1.7976931348623157e308",
    "np.full(F.shape, -1.7976931348623157e308)",
    "(10**400, [[]])",
    "{10**400: 10**400}",
    "np.full(F.shape, complex(np.inf, np.nan))",
    "np.float64(1e308) * 10",
]


@pytest.mark.parametrize("value", ODD)
def test_numbers_of_any_size_are_judged_like_others(grade, value):
    result = grade(
        nll=f"def nll(F, y):\n    return {value}",
        softmax=f"def softmax(z):\n    F = z\n    return {value}",
    )
    assert result.log == [] and result.points["check_nll"] == result.points["check_softmax"] == 0


# --- outputs of student cells --------------------------------------------------------------------


def test_recorded_outputs_are_checked():
    png = b"\x89PNG\r\n\x1a\n" + bytes(9)
    records = [
        {"kind": "display", "text": "a", "png": png, "latex": "$a<b$"},
        {"kind": "result", "text": "\ud800", "png": b"<svg onload=x>", "html": "<b>"},
        {"kind": "stream", "name": "<x>", "text": 3},
        {"kind": "error", "name": 1, "message": None, "text": "a\nb"},
    ]
    shown, value, stream, error = student_outputs(records, 7)
    assert shown.data == {
        "text/plain": "a",
        "text/latex": r"$a\lt b$",
        "image/png": base64.b64encode(png).decode(),
    }
    assert value.data == {"text/plain": "?"} and value.execution_count == 7
    assert (stream.name, stream.text) == ("stdout", "")
    assert error.traceback == ["a", "b"]


@pytest.mark.parametrize("records", [None, 3, "text", {}, [3, None, []], [{"kind": "html"}], [{}]])
def test_nonsense_instead_of_outputs(records):
    assert student_outputs(records, 1) == []


# --- the secret ----------------------------------------------------------------------------------


def test_the_secret_is_made_once_and_private(tmp_path, monkeypatch):
    monkeypatch.delenv(secret.SECRET_VARIABLE, raising=False)
    first = course_secret(tmp_path)
    path = tmp_path / "classroom" / "secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(first) >= 32 and course_secret(tmp_path) == first
    monkeypatch.setenv(secret.SECRET_VARIABLE, "from outside")
    assert course_secret(tmp_path) == b"from outside"


def test_an_empty_secret_is_refused(tmp_path, monkeypatch):
    monkeypatch.delenv(secret.SECRET_VARIABLE, raising=False)
    (tmp_path / "classroom").mkdir()
    (tmp_path / "classroom" / "secret").write_text("\n")
    with pytest.raises(ValueError, match="is empty"):
        course_secret(tmp_path)


def test_a_lost_secret_is_not_silently_replaced(tmp_path, monkeypatch):
    monkeypatch.delenv(secret.SECRET_VARIABLE, raising=False)
    (tmp_path / "classroom").mkdir()
    with sqlite3.connect(tmp_path / "classroom" / "gradebook.db") as book:
        book.execute("CREATE TABLE grade (auto_score REAL)")
        assert course_secret(tmp_path)  # a gradebook without grades was made with none
        (tmp_path / "classroom" / "secret").unlink()
        book.execute("INSERT INTO grade VALUES (0.0)")
        book.commit()
        with pytest.raises(Problem, match="is missing, and there are grades"):
            course_secret(tmp_path)
    assert not (tmp_path / "classroom" / "secret").exists()


def test_forged_outputs_are_bounded_by_the_judge():
    flood = [{"kind": "stream", "name": "stdout", "text": "\x1b[31mx\x1b[0m" * 10**6}] * 10**5
    outputs = student_outputs(flood, 1)
    assert len(outputs) == 100 and all(len(o.text) < 25_000 for o in outputs)
    pictures = [{"kind": "display", "text": "", "png": PNG + bytes(2**20)}] * 60
    assert sum(len(o.data["image/png"]) for o in student_outputs(pictures, 1)) < 2**25
    assert student_outputs(pictures, 1, room=2**20) == []


def test_colours_of_a_terminal_do_not_swell_a_page():
    text = "\x1b[1;4;38;2;255;255;255ma\x1b[1mb\x1b[2Jc\x1b]0;d\x1b[99999"
    [stream, error] = student_outputs(
        [
            {"kind": "stream", "name": "stdout", "text": text},
            {"kind": "error", "name": "E", "message": "", "text": text},
        ],
        1,
    )
    assert stream.text == "abc]0;d" and error.traceback == ["abc]0;d"]


def test_what_did_not_run_is_said_without_pictures_and_links_of_elsewhere(grade, course):
    notebook = solved(course.release, course.master)
    without_demos(notebook)
    notebook.cells.insert(
        0,
        new_code_cell(
            "import math\nraise ImportError('![x](http://a.example/b.png) [c](//d) https://e.example')"
        ),
    )
    notice = grade(notebook).notebook.cells[0].source
    assert "did not run" in notice and "a.example" in notice
    assert not re.search(r"\]\(|://", notice)


@pytest.mark.parametrize(
    "body",
    [
        "import os\n    os.kill(os.getpid(), 40)",
        "return 10**400",
        "return 2**64",
        "return np.array([1, 10**30], dtype=object)",
        "return -(2**70) * 1.5j",
    ],
)
def test_strange_ends_and_numbers_are_no_error_of_the_grader(grade, body):
    result = grade(nll=f"def nll(F, y):\n    {body}")
    assert result.log == [] and scores(result)["check_nll"] == 0


def test_what_acts_on_a_terminal_does_not_reach_one(grade):
    text = r"\x1b[2J\x1b]0;title\x07 \x9b1m \u202e \u2028 end"
    report = grade(nll=f"def nll(F, y):\n    raise ValueError('{text}')").reports["nll"]
    assert report.outcome == "crashed" and "end" in report.reason
    assert all(c.isprintable() for c in report.reason)


def test_a_cell_that_stops_before_its_function_is_no_empty_answer(grade):
    source = "not_defined\ndef nll(F, y):\n    return 0.0"
    report = grade(nll=source).reports["nll"]
    assert report.outcome == "crashed"
    assert "the cell that defines nll stopped: name 'not_defined' is not defined" in report.reason
    assert report.cause == "cell_stopped"


def test_the_words_of_an_error_are_no_cause(grade):
    source = "def nll(F, y):\n    raise ValueError('the cell that defines nll stopped')"
    assert grade(nll=source).reports["nll"].cause == "raised"


def test_a_slow_cell_takes_nothing_from_other_exercises(grade, course):
    notebook = solved(course.release, course.master)
    without_demos(notebook)
    notebook.cells.insert(0, new_code_cell("import time\ntime.sleep(5)"))  # longer than a cell may
    result = grade(notebook)
    assert all(report.passed for report in result.reports.values())


def test_what_a_cell_writes_another_may_import(grade, course):
    notebook = solved(course.release, course.master)
    without_demos(notebook)
    cell = cell_of(notebook, "logsumexp_rows")
    notebook.cells.insert(
        0, new_code_cell("%%writefile helper.py\nimport numpy as np\n" + cell.source)
    )
    cell.source = "from helper import logsumexp_rows"
    assert grade(notebook).reports["logsumexp_rows"].passed


def test_points_are_finite_and_within_the_maximum(grade):
    for name, points in scores(grade(nll="def nll(F, y): return F.sum()")).items():
        assert math.isfinite(points) and 0 <= points <= FULL[name]


IMPORT_FAULTS = {
    "torch": "import torch",
    "optimize": "from scipy.optimize import minimize",
    "colab": "from google.colab import drive\ndrive.mount('/content')",
    "folder": "import os\nos.chdir('/content/drive')",
    "file": "table = open('x.csv').read()",
    "thread": "import threading\nthreading.Thread(target=print).start()",
    "name": "import no_such_module_anywhere as nsm, os",
}


@pytest.mark.parametrize("kind", IMPORT_FAULTS)
def test_a_failed_import_costs_what_depends_on_it_and_nothing_else(grade, course, kind):
    notebook = solved(course.release, course.master)
    without_demos(notebook)
    first = next(c for c in notebook.cells if c.cell_type == "code")
    first.source = IMPORT_FAULTS[kind] + "\n" + first.source
    result = grade(notebook)
    assert result.points == FULL
    fault = result.log[0]
    assert fault.startswith("cell 1, with imports, does not run here in full: ")
    assert "its other lines have run" in fault and len(result.log) == 1
    assert fault.split(":")[0] in result.notebook.cells[0].source


@pytest.mark.parametrize(
    "source, says",
    [
        ("import os\nos._exit(3)", "cell 1 ended the Python process"),
        ("while True: pass", "cell 1 took longer than 3 s"),
    ],
)
def test_a_cell_of_ones_own_that_ends_the_process_is_told(grade, course, source, says):
    notebook = solved(course.release, course.master)
    without_demos(notebook)
    notebook.cells.insert(0, new_code_cell(source))
    result = grade(notebook)
    assert result.points == FULL and result.log[0].startswith(says)


def test_help_does_not_say_where_the_graders_files_are(grade, course):
    notebook = solved(course.release, course.master)
    without_demos(notebook)
    notebook.cells.append(new_code_cell("import numpy as np\nnp.linalg.norm?"))
    shown = str(grade(notebook).notebook.cells[-1].outputs)
    assert "norm" in shown and "site-packages" not in shown


def test_looking_for_a_definition_takes_time_in_proportion(grade, course):
    notebook = solved(course.release, course.master)
    without_demos(notebook)
    notebook.cells = [
        c
        for c in notebook.cells
        if "nbgrader" not in c.metadata or not c.metadata.nbgrader.solution
    ]
    notebook.cells.append(new_code_cell("\n" * 200_000 + "1/0"))  # minutes, if it were the square
    assert sum(grade(notebook).points.values()) == 0
