"""What the reader's helpers promise: kept answers, whole files, honest waiting, quiet failure."""

import functools
import importlib
import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from mlp_helpers import CheckFailed, check, demos, limits, notebook
from mlp_helpers.answers.registry import CHAPTERS, did_you_mean

# the package exports the function `progress`, which hides the module of that name
progress = importlib.import_module("mlp_helpers.progress")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test has its own folder and a session that has said nothing yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress, "_said", set())
    monkeypatch.setattr(progress, "_home", [])
    return tmp_path


@pytest.fixture
def bank(monkeypatch):
    """A bank of two exercises and one quiz question in place of the real one."""
    exercises = {
        "alpha": SimpleNamespace(id="alpha", chapter="01", points=3, hints=("h1", "h2", "h3")),
        "beta": SimpleNamespace(id="beta", chapter="01", points=2, hints=("b1", "b2", "b3")),
        "gamma": SimpleNamespace(id="gamma", chapter="02", points=1, hints=("g1", "g2", "g3")),
    }
    package = SimpleNamespace(
        exercises=lambda: exercises,
        did_you_mean=did_you_mean,
        CHAPTERS=CHAPTERS,
        NAMES={name: e.chapter for name, e in exercises.items()},
    )
    monkeypatch.setitem(sys.modules, "mlp_helpers.answers.registry", package)
    question = SimpleNamespace(
        options={"a": "A", "b": "B"}, answer="b", why={"a": "because not", "b": "because so"}
    )
    monkeypatch.setitem(
        sys.modules, "mlp_helpers.answers.chapter_01.quiz", SimpleNamespace(QUIZ={"01.1": question})
    )
    return exercises


@pytest.fixture
def no_bank(monkeypatch):
    """The exercise bank as the graded copy of a notebook sees it: not importable."""
    for name in ("mlp_helpers.answers.registry", "mlp_helpers.answers.chapter_01.quiz"):
        monkeypatch.setitem(sys.modules, name, None)


# --- the state file ------------------------------------------------------------------------------


def test_what_is_remembered_is_recalled(folder):
    progress.remember("predictions", "p", "zero")
    progress.remember("quiz", "01.1", "b")
    assert progress.recall("predictions") == {"p": "zero"}
    assert progress.recall("quiz") == {"01.1": "b"}
    assert [path.name for path in folder.iterdir()] == [progress.STATE_FILE]


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"quiz": 3}', "\x00", "[" * 100_000])
def test_a_damaged_file_is_kept_and_named_once(folder, capsys, text):
    (folder / progress.STATE_FILE).write_text(text, encoding="utf-8")
    progress.remember("quiz", "softmax", 1)
    assert progress.recall("quiz") == {"softmax": 1}
    assert (folder / (progress.STATE_FILE + ".bak")).read_text(encoding="utf-8") == text
    out = capsys.readouterr()
    assert out.out.count("damaged") == 1 and out.err == ""


def test_an_interrupted_write_leaves_the_old_file(folder, monkeypatch):
    progress.remember("quiz", "softmax", 1)

    def power_cut(source, target):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(progress.os, "replace", power_cut)
    progress.remember("quiz", "softmax", 3)
    assert json.loads((folder / progress.STATE_FILE).read_text())["quiz"] == {"softmax": 1}
    assert [path.name for path in folder.iterdir()] == [progress.STATE_FILE]


def test_a_place_that_cannot_be_used_is_named_once_and_breaks_nothing(folder, capsys):
    (folder / progress.STATE_FILE).mkdir()
    report = SimpleNamespace(exercise="alpha", points=1.0, max_points=3.0)
    progress.record(report)
    progress.record(report)
    assert progress.recall("checked") == {}
    out = capsys.readouterr()
    assert len(out.out.splitlines()) == 1 and "going on without it" in out.out
    assert out.err == ""


def test_the_latest_verdict_counts():
    progress.record(SimpleNamespace(exercise="alpha", points=3, max_points=3))
    progress.record(SimpleNamespace(exercise="alpha", points=1.5, max_points=3))
    assert progress.recall("checked")["alpha"] == {"points": 1.5, "max_points": 3.0, "code": ""}


# --- progress ------------------------------------------------------------------------------------


def test_progress_lists_the_chapters_begun_and_sums_the_others(bank, capsys):
    progress.record(SimpleNamespace(exercise="alpha", points=3, max_points=3))
    progress.progress()
    rows = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert rows == [
        "all chapters 3 of 6 1 of 3 solved",
        "chapter 01 3 of 5 1 of 2 solved",
        "alpha 3 of 3 solved",
        "beta 0 of 2 not yet",
        "chapter 02 0 of 1 0 of 1 solved",
    ]


def test_part_of_the_points_is_partly(bank, capsys):
    progress.record(SimpleNamespace(exercise="beta", points=0.5, max_points=2))
    progress.progress()
    assert "0.5 of 2  partly" in capsys.readouterr().out


@pytest.mark.parametrize(
    "here, total",
    [
        (".", "4 of 6 2 of 3 solved"),
        ("02_other", "4 of 6 2 of 3 solved"),
        ("02_other/deeper/down", "0 of 6 0 of 3 solved"),
    ],
)
def test_progress_sums_over_the_folders_of_all_chapters(
    bank, capsys, folder, here, total, monkeypatch
):
    def start(place):
        """Begin a session there."""
        monkeypatch.chdir(place)
        monkeypatch.setattr(progress, "_home", [])

    for chapter, name, points in (("01_one", "alpha", 3), ("02_other", "gamma", 1)):
        (folder / chapter / "deeper" / "down").mkdir(parents=True)
        start(folder / chapter)
        progress.record(SimpleNamespace(exercise=name, points=points, max_points=points))
    start(folder / here)
    progress.progress()
    first = capsys.readouterr().out.splitlines()[0]
    assert " ".join(first.split()) == f"all chapters {total}"


def test_a_changed_working_folder_changes_nothing(bank, capsys, folder, monkeypatch):
    progress.record(SimpleNamespace(exercise="alpha", points=3, max_points=3))
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    notebook.predict("p", "grows")
    progress.progress()
    out = capsys.readouterr().out
    assert "3 of 6" in out and f"Kept in {folder / progress.STATE_FILE}." in out
    assert list((folder / "elsewhere").iterdir()) == []


def test_progress_says_that_nothing_is_kept_and_makes_no_file(bank, capsys, folder):
    progress.progress()
    assert f"Nothing is kept in {folder} yet." in capsys.readouterr().out
    assert list(folder.iterdir()) == []


# --- hints ---------------------------------------------------------------------------------------


def test_a_hint_cell_shows_the_same_hint_each_time(bank, capsys):
    for _ in range(3):
        notebook.hint("alpha")
    out = capsys.readouterr().out
    assert out.count("h1\n") == 3 and 'hint("alpha", 2)' in out


def test_a_level_can_be_asked_for_and_a_function_will_do(bank, capsys):
    def beta():
        pass

    notebook.hint(beta, level=2)
    assert "b2" in capsys.readouterr().out
    notebook.hint("beta", 3)
    out = capsys.readouterr().out
    assert "b3" in out and "That was the last one." in out


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("alhpa",), "Did you mean alpha?"),
        (("Derivation A",), "exercises() lists them all"),
        ((None,), "exercises() lists"),
        (("alpha", 0), "1, 2 or 3"),
        (("alpha", "2"), "1, 2 or 3"),
    ],
)
def test_a_hint_that_does_not_exist_is_one_clear_line(bank, capsys, args, says):
    notebook.hint(*args)
    title, line = capsys.readouterr().out.splitlines()
    assert title == "No hint" and says in line


# --- predictions ---------------------------------------------------------------------------------


def test_a_prediction_is_shown_beside_what_happened(capsys):
    notebook.predict("p", "grows")
    capsys.readouterr()
    notebook.predicted("p", "stays")
    assert capsys.readouterr().out == "You predicted: grows\nWhat happened: stays\n"


@pytest.mark.parametrize("dots", ["...", "", "  ... ", ...])
def test_dots_are_not_a_prediction(dots, capsys):
    notebook.predict("p", dots)
    assert progress.recall("predictions") == {}
    notebook.predicted("p", "stays")
    out = capsys.readouterr().out
    assert "stays" not in out and 'predict("p", "...")' in out


def test_a_number_is_a_prediction_even_zero():
    notebook.predict("p", 0)
    assert progress.recall("predictions") == {"p": "0"}


# --- quiz ----------------------------------------------------------------------------------------


def test_the_quiz_says_right_or_not_and_why(bank, capsys):
    notebook.quiz("01.1", "a")
    notebook.quiz("01.1", " B ")
    out = capsys.readouterr().out
    assert "a: not yet\nbecause not" in out and "b: right\nbecause so" in out
    assert progress.recall("quiz") == {"01.1": "b"}


def test_an_unanswered_question_waits(bank, capsys):
    notebook.quiz("01.1", "...")
    assert "Replace the dots by one of a, b." in capsys.readouterr().out
    assert progress.recall("quiz") == {}


def test_a_question_or_option_that_does_not_exist(bank, capsys):
    notebook.quiz("01.7", "a")
    notebook.quiz("1.7", "a")
    notebook.quiz("01.1", "c")
    out = capsys.readouterr().out
    assert "no question '01.7'" in out and "no question '1.7'" in out and "No module" not in out
    assert "options are a, b, not 'c'" in out
    assert progress.recall("quiz") == {}


def test_without_the_bank_everything_says_so_and_goes_on(no_bank, capsys):
    notebook.hint("alpha")
    notebook.quiz("01.1", "a")
    progress.progress()
    out = capsys.readouterr()
    assert out.out.count("Not available here") == 3 and out.err == ""


# --- demos ---------------------------------------------------------------------------------------


HAND = {"z": np.array([1.0, 2.0, 4.0]), "list": [[1], [2]]}


def unsolved(z):
    raise NotImplementedError


def solved_but_uses_a_stub(z):
    return unsolved(z)


def test_a_demo_runs_at_once_and_is_kept():
    runs = []
    demo = demos.when_solved(lambda: runs.append(1))
    demo()
    assert runs == [1, 1]


def test_a_demo_waits_for_the_innermost_stub(capsys):
    demos.when_solved(lambda: solved_but_uses_a_stub(1))
    assert "comes alive when `unsolved` is solved" in capsys.readouterr().out


def breaks(z):
    z -= 1
    return z @ np.ones(5)


def test_a_first_test_that_raises_says_where_and_puts_the_numbers_back(capsys):
    demos.first_test(lambda: breaks(HAND["z"]))
    out = capsys.readouterr().out
    assert "ValueError" in out and "in your `breaks`, line `return z @ np.ones(5)`" in out
    assert HAND["z"].tolist() == [1.0, 2.0, 4.0] and "They have their old values again" in out


def test_a_first_test_that_does_not_end_is_stopped(capsys, monkeypatch):
    def forever():
        while True:
            pass

    monkeypatch.setattr(demos, "SECONDS", 0.2)
    demos.first_test(forever)
    assert "stopped after 0.2 s" in capsys.readouterr().out


def test_a_first_test_leaves_what_nobody_changed_alone(capsys):
    before = {name: id(value) for name, value in HAND.items()}
    demos.first_test(lambda: print(HAND["z"].sum(), HAND["list"]))
    assert capsys.readouterr().out.count("\n") == 1
    assert before == {name: id(value) for name, value in HAND.items()}


def test_a_demo_says_what_has_not_passed(bank, capsys, monkeypatch):
    monkeypatch.setitem(globals(), "alpha", lambda z: z)
    demo = _makes("alpha(1)")
    demos.when_solved(demo)
    assert "your `alpha`, which has not passed" in capsys.readouterr().out
    report = SimpleNamespace(exercise="alpha", points=3.0, max_points=3.0)
    progress.record(report, globals()["alpha"])
    demos.when_solved(demo)
    assert capsys.readouterr().out == ""
    monkeypatch.setitem(globals(), "alpha", lambda z: 2 * z)  # edited after its check
    demos.when_solved(demo)
    assert "has not passed" in capsys.readouterr().out
    demos.when_solved(needs=[])(demo)
    assert capsys.readouterr().out == ""
    monkeypatch.setitem(globals(), "kept", functools.cache(lambda: alpha(1)))  # noqa: F821
    demos.when_solved(_makes("kept()"))
    assert "your `alpha`, which has not passed" in capsys.readouterr().out


def test_another_chapters_exercise_of_the_same_name_is_no_exercise_here(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.setitem(globals(), "softmax_rows", lambda F: F)
    demo = _makes("softmax_rows(1)")
    for folder, said in (("04_layer_recursion", ""), ("01_softmax_jacobian", "has not passed")):
        (tmp_path / folder).mkdir()
        monkeypatch.setattr(progress, "_home", [tmp_path / folder])
        demos.when_solved(demo)
        out = capsys.readouterr().out
        assert said in out and bool(out) == bool(said)


def _makes(line):
    names = {}
    exec(f"def demo():\n    {line}", globals(), names)
    return names["demo"]


def test_an_error_below_an_unchecked_function_is_two_lines(bank, capsys, monkeypatch):
    monkeypatch.setitem(globals(), "alpha", lambda z: None)
    demos.when_solved(_makes("alpha(1)[0]"))
    assert "TypeError" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda z: 2 * z, "right"),
        (lambda z: 2.0 * z, "right"),
        (lambda z: z, "off by 50 %"),
        (lambda z: 1 / 0, "ZeroDivisionError"),
        (unsolved, "`unsolved` is not solved yet"),
        (3, "Give the function itself"),
    ],
)
def test_ungraded_functions_are_checked_in_one_line(capsys, answer, says):
    demos.check_yours(answer, ((1,), 2), ((np.ones(3),), np.full(3, 2)))
    assert says in capsys.readouterr().out


ABOVE = """
def halved(y):
    return np.eye(3)[y] / {divisor}

def one_hot(y, K):
    return halved(y)[:, :2]
"""


@pytest.mark.parametrize(("divisor", "named"), [(2, True), (1, False)])
def test_a_failed_check_names_a_wrong_function_without_points_below(capsys, divisor, named):
    names = {"np": np, "__name__": "__main__"}
    exec(ABOVE.format(divisor=divisor), names)
    demos.check_yours(names["halved"], ((np.array([2, 0]),), np.eye(3)[[2, 0]]))
    with pytest.raises(CheckFailed):
        check(names["one_hot"])
    assert ("This function calls `halved`" in capsys.readouterr().out) == named


def test_a_stub_below_is_named_by_the_report_alone(capsys):
    names = {"np": np, "__name__": "__main__"}
    exec(ABOVE.format(divisor=2), names)
    demos.check_yours(names["halved"], ((np.array([2, 0]),), np.eye(3)[[2, 0]]))
    exec("def halved(y):\n    raise NotImplementedError", names)
    with pytest.raises(CheckFailed, match="not attempted yet"):
        check(names["one_hot"])
    said = capsys.readouterr().out
    assert "calls `halved`, which is not solved yet" in said and "Begin below" not in said


@pytest.mark.parametrize(
    ("gives", "says"),
    [
        ([1, 2], "the answer is off by 150 % of its size, most at entry 1"),
        ((1.0, 2.0), "answer[1] is off by 150 % of its size"),
    ],
)
def test_an_expected_list_is_an_array_and_an_expected_tuple_names_its_parts(capsys, gives, says):
    demos.check_yours(lambda: np.array([1.0, 5.0]), ((), gives))
    assert says in capsys.readouterr().out


@pytest.mark.parametrize("alarm", ["_signal", "_watchdog"])
def test_a_limit_stops_a_loop_that_catches_errors_and_nothing_after(alarm, monkeypatch):
    monkeypatch.setattr(limits, "_alarm", lambda armed: getattr(limits, alarm))
    with pytest.raises(limits.TimeUp):
        with limits.time_limit(0.1):
            while True:
                try:
                    raise ValueError
                except Exception:
                    continue
    with limits.time_limit(0.05):
        pass
    assert sum(range(10**6)) > 0
    before = sys.gettrace()
    sys.settrace(lambda *event: None)  # as the count of work does
    try:
        assert (lambda: 3)() == 3
    finally:
        sys.settrace(before)


def test_real_errors_come_through():
    with pytest.raises(ZeroDivisionError):
        demos.when_solved(lambda: 1 / 0)


def test_not_implemented_from_elsewhere_comes_through():
    from numbers import Complex

    with pytest.raises(NotImplementedError):
        demos.when_solved(lambda: Complex.__abs__(1) or Complex.real.fget(1))

    def demo():
        raise NotImplementedError("my own")

    with pytest.raises(NotImplementedError, match="my own"):
        demos.when_solved(demo)


# --- showing -------------------------------------------------------------------------------------


def test_in_a_notebook_html_and_text_travel_together(monkeypatch):
    shown = []
    import IPython
    import IPython.display

    monkeypatch.setattr(IPython, "get_ipython", lambda: object())
    monkeypatch.setattr(IPython.display, "display", lambda data, raw: shown.append(data))
    notebook.show_report(SimpleNamespace(_repr_html_=lambda: "<b>3</b>"))
    notebook.note("T <i>", "a < `b`")
    assert shown[0]["text/html"] == "<b>3</b>" and "text/plain" in shown[0]
    assert "T &lt;i&gt;" in shown[1]["text/html"]
    assert "a &lt; <code>b</code>" in shown[1]["text/html"]
    assert shown[1]["text/plain"] == "T <i>\na < `b`"
