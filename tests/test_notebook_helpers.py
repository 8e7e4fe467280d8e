"""What the reader's helpers promise: kept answers, whole files, honest waiting, quiet failure."""

import importlib
import json
import sys
from types import SimpleNamespace

import pytest

from mlp_helpers import notebook

# the package exports the function `progress`, which hides the module of that name
progress = importlib.import_module("mlp_helpers.progress")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test has its own folder and a session that has said nothing yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress, "_said", set())
    return tmp_path


@pytest.fixture
def bank(monkeypatch):
    """A bank of two exercises and one quiz question in place of the real one."""
    exercises = {
        "alpha": SimpleNamespace(id="alpha", chapter="01", points=3, hints=("h1", "h2", "h3")),
        "beta": SimpleNamespace(id="beta", chapter="01", points=2, hints=("b1", "b2", "b3")),
        "gamma": SimpleNamespace(id="gamma", chapter="02", points=1, hints=("g1", "g2", "g3")),
    }
    package = SimpleNamespace(exercises=lambda: exercises)
    monkeypatch.setitem(sys.modules, "mlp_helpers.exercises", package)
    question = SimpleNamespace(options={"a": "A", "b": "B"}, answer="b",
                               why={"a": "because not", "b": "because so"})
    monkeypatch.setitem(sys.modules, "mlp_helpers.exercises.quiz_01",
                        SimpleNamespace(QUIZ={"01.1": question}))
    return exercises


@pytest.fixture
def no_bank(monkeypatch):
    """The exercise bank as the graded copy of a notebook sees it: not importable."""
    for name in ("mlp_helpers.exercises", "mlp_helpers.exercises.quiz_01"):
        monkeypatch.setitem(sys.modules, name, None)


# --- the state file ------------------------------------------------------------------------------


def test_what_is_remembered_is_recalled(folder):
    progress.remember("predictions", "p", "zero")
    progress.remember("hints", "softmax", 2)
    assert progress.recall("predictions") == {"p": "zero"}
    assert progress.recall("hints") == {"softmax": 2}
    assert [path.name for path in folder.iterdir()] == [progress.STATE_FILE]


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"hints": 3}', "\x00", "[" * 100_000])
def test_a_damaged_file_is_kept_and_named_once(folder, capsys, text):
    (folder / progress.STATE_FILE).write_text(text, encoding="utf-8")
    progress.remember("hints", "softmax", 1)
    assert progress.recall("hints") == {"softmax": 1}
    assert (folder / (progress.STATE_FILE + ".bak")).read_text(encoding="utf-8") == text
    out = capsys.readouterr()
    assert out.out.count("damaged") == 1 and out.err == ""


def test_an_interrupted_write_leaves_the_old_file(folder, monkeypatch):
    progress.remember("hints", "softmax", 1)

    def power_cut(source, target):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(progress.os, "replace", power_cut)
    progress.remember("hints", "softmax", 3)
    assert json.loads((folder / progress.STATE_FILE).read_text())["hints"] == {"softmax": 1}
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
    assert progress.recall("checked")["alpha"] == {"points": 1.5, "max_points": 3.0}


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


@pytest.mark.parametrize("here, total", [
    (".", "4 of 6 2 of 3 solved"),
    ("02_other", "4 of 6 2 of 3 solved"),
    ("02_other/deeper/down", "0 of 6 0 of 3 solved"),
])
def test_progress_sums_over_the_folders_of_all_chapters(
        bank, capsys, folder, here, total, monkeypatch):
    for chapter, name, points in (("01_one", "alpha", 3), ("02_other", "gamma", 1)):
        (folder / chapter / "deeper" / "down").mkdir(parents=True)
        monkeypatch.chdir(folder / chapter)
        progress.record(SimpleNamespace(exercise=name, points=points, max_points=points))
    monkeypatch.chdir(folder / here)
    progress.progress()
    first = capsys.readouterr().out.splitlines()[0]
    assert " ".join(first.split()) == f"all chapters {total}"


# --- hints ---------------------------------------------------------------------------------------


def test_hints_come_one_after_another_and_stop_at_the_last(bank, capsys):
    for _ in range(4):
        notebook.hint("alpha")
    out = capsys.readouterr().out
    assert [out.count(text) for text in ("h1\n", "h2\n", "h3\n")] == [1, 1, 2]
    assert "alpha · hint 3 of 3" in out and "That was the last one." in out


def test_a_level_can_be_asked_for_and_a_function_will_do(bank, capsys):
    def beta():
        pass

    notebook.hint(beta, level=2)
    assert "b2" in capsys.readouterr().out
    notebook.hint("beta", level=1)
    notebook.hint("beta")
    assert "b3" in capsys.readouterr().out


@pytest.mark.parametrize(("args", "says"), [(("delta",), "no exercise named 'delta'"),
                                            (("alpha", 0), "1, 2 or 3"), (("alpha", 4), "1, 2 or")])
def test_a_hint_that_does_not_exist_is_one_clear_line(bank, args, says):
    with pytest.raises(ValueError, match=says) as caught:
        notebook.hint(*args)
    assert "\n" not in str(caught.value)


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
    assert "You predicted: (no prediction yet)" in capsys.readouterr().out


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


def test_a_question_or_option_that_does_not_exist(bank):
    with pytest.raises(ValueError, match="no question '01.7'"):
        notebook.quiz("01.7", "a")
    with pytest.raises(ValueError, match="options a, b"):
        notebook.quiz("01.1", "c")


def test_without_the_bank_everything_says_so_and_goes_on(no_bank, capsys):
    notebook.hint("alpha")
    notebook.quiz("01.1", "a")
    progress.progress()
    out = capsys.readouterr()
    assert out.out.count("Not available here") == 3 and out.err == ""


# --- demos ---------------------------------------------------------------------------------------


def unsolved(z):
    raise NotImplementedError


def solved_but_uses_a_stub(z):
    return unsolved(z)


def test_a_demo_runs_at_once_and_is_kept():
    runs = []
    demo = notebook.when_solved(lambda: runs.append(1))
    demo()
    assert runs == [1, 1]


def test_a_demo_waits_for_the_innermost_stub(capsys):
    notebook.when_solved(lambda: solved_but_uses_a_stub(1))
    assert "comes alive when `unsolved` is solved" in capsys.readouterr().out


def test_real_errors_come_through():
    with pytest.raises(ZeroDivisionError):
        notebook.when_solved(lambda: 1 / 0)


def test_not_implemented_from_elsewhere_comes_through():
    from numbers import Complex

    with pytest.raises(NotImplementedError):
        notebook.when_solved(lambda: Complex.__abs__(1) or Complex.real.fget(1))

    def demo():
        raise NotImplementedError("my own")

    with pytest.raises(NotImplementedError, match="my own"):
        notebook.when_solved(demo)


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
