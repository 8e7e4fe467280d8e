"""The verdict engine: outcomes, reports, purity, hostile results."""

import io
import json
import sys
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from mlp_helpers import CheckFailed, check, evaluate, exercises
from mlp_helpers.checking import Case, Exercise, LocalCaller, evaluate_caller
from mlp_helpers.checking.criteria import own_memory, shape, stable, unchanged, value
from mlp_helpers.checking.exercise import Mistake
from mlp_helpers.checking.values import strided


def draw(rng):
    def one(N):
        return Case((rng.standard_normal(N), float(rng.uniform(2, 3))), f"N = {N}", {"N": N})

    view = Case((strided(rng.standard_normal(7)), 1.7), "N = 7", {"N": 7})
    return {"generic": [one(3), one(5), view], "twice": [one(5), one(5)]}


def adds(x, c):
    return x + c


def squares(x, c):
    return c * c * x


SCALE = Exercise(
    chapter="99",
    title="Scale",
    signature="scale(x, c)",
    returns="y",
    minutes=1,
    lines=1,
    section="Scaling",
    draw=draw,
    oracle=lambda x, c: c * x,
    criteria=(shape(1), value(2), unchanged(0.5), stable(0.5), own_memory(0.5)),
    hints=("first hint", "second hint", "third hint"),
    bank=SimpleNamespace(
        mistakes=[
            Mistake("adds", "x + c", "Scale, or shift?", "Scaling", make=lambda: adds),
            Mistake("squares", "c c x", "How often?", make=lambda: squares),
        ]
    ),
)


def judge(fn, seed=0):
    return evaluate_caller(LocalCaller(fn), SCALE, seed)


def passed(report):
    return {c.name: c.passed for c in report.criteria}


def test_a_right_answer():
    report = judge(lambda x, c: c * x)
    assert report.passed and report.points == report.max_points == 4.5
    assert report.outcome == "correct" and report.misconceptions == []
    assert "4.5 of 4.5 points" in str(report)


def test_a_known_mistake_is_named():
    report = judge(lambda x, c: np.add(x, c))
    assert report.outcome == "known_mistake" and report.misconceptions == ["adds"]
    assert report.points == 1
    assert "Scale, or shift?" in str(report) and "Scale, or shift?" in report._repr_html_()


def test_an_unknown_mistake_is_located_but_the_right_value_is_not_shown():
    def fn(x, c):
        y = c * x
        y[2] += 0.125
        return y

    report = judge(fn)
    assert report.outcome == "wrong_value" and report.misconceptions == []
    assert "most at entry 2" in str(report)
    right = SCALE.oracle(*draw(np.random.default_rng([0, *b"scale"]))["generic"][0].args)
    for number in right:
        assert f"{number:.4f}"[:6] not in str(report)


@pytest.mark.parametrize(
    ("fn", "outcome", "text"),
    [
        (lambda x, c: (c * x)[:, None], "wrong_shape", "shape (3, 1)"),
        (lambda x, c: None, "wrong_shape", "is a `return` missing?"),
        (lambda x, c: x @ x, "wrong_shape", "expected (3,)"),
        (lambda x: x, "crashed", "TypeError"),
        (lambda x, c: 1 / 0, "crashed", "ZeroDivisionError"),
        (lambda x, c: sys.exit(), "crashed", "SystemExit"),
        (lambda x, c: (v for v in x), "crashed", "wrap it in list"),
        (lambda x, c: lambda: x, "crashed", "forgot to call it?"),
        (lambda x, c: c * x + 0j, "wrong_value", "complex"),
        (lambda x, c: (c * x).astype(object), "crashed", "dtype object"),
        (lambda x, c: c * x * np.nan, "wrong_value", "NaN"),
        (lambda x, c: -c * x, "wrong_value", "wrong sign"),
        (lambda x, c: 2.5 * c * x, "wrong_value", "same factor"),
        (lambda x, c: c * x + 1e-9, "wrong_value", "approximation"),
        (None, "crashed", "not a function"),
        (np.arange(3), "crashed", "not a function"),
    ],
)
def test_outcomes(fn, outcome, text):
    report = judge(fn)
    assert report.outcome == outcome
    assert not report.passed
    assert text in str(report)


def test_a_factor_is_named_by_the_size_it_equals():
    assert "too small (here N = 3)" in str(judge(lambda x, c: c * x / len(x)))


def test_not_attempted():
    def scale(x, c):
        raise NotImplementedError

    report = judge(scale)
    assert report.outcome == "not_attempted" and report.points == 0
    assert "not attempted" in str(report)


def test_an_unsolved_helper_is_named():
    def needed():
        raise NotImplementedError

    def scale(x, c):
        return needed()

    assert "`needed`, which is not solved yet" in str(judge(scale))


async def coroutine(x, c):
    return c * x


def test_an_async_function_leaves_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "async" in str(judge(coroutine))


def test_a_changed_argument_costs_its_criterion_only():
    def fn(x, c):
        x *= c
        return x.copy()

    report = judge(fn)
    failed = [name for name, ok in passed(report).items() if not ok]
    assert failed == ["arguments unchanged"]
    assert "the argument x" in str(report)


def test_a_shared_argument_costs_its_criterion():
    def fn(x, c):
        x *= c
        return x

    assert not passed(judge(fn))["a fresh array"]


def test_a_reused_buffer_is_seen():
    buffers = {}

    def fn(x, c):
        out = buffers.setdefault(x.shape, np.empty(x.shape))
        out[:] = c * x
        return out

    report = judge(fn)
    assert [n for n, ok in passed(report).items() if not ok] == ["same answer twice"]


def test_an_answer_remembered_by_shape_is_seen():
    kept = {}
    report = judge(lambda x, c: kept.setdefault(x.shape, c * x))
    assert [n for n, ok in passed(report).items() if not ok] != []


def test_a_cache_that_returns_the_callers_array_is_seen():
    cache = {}

    def fn(x, c):
        key = (x.tobytes(), c)
        if key not in cache:
            cache[key] = c * x
        return cache[key]

    assert not passed(judge(fn))["same answer twice"]


def test_a_constant_answer_earns_nothing():
    assert judge(lambda x, c: np.zeros_like(x)).points == 0


def test_accepted_forms():
    class Tagged(np.ndarray):
        pass

    for fn in (
        lambda x, c: [c * v for v in x],
        lambda x, c: tuple(float(c * v) for v in x),
        lambda x, c: (c * x).view(Tagged),
        lambda x, c: np.ma.masked_array(c * x),
        lambda x, c: (c * x).astype(np.longdouble),
    ):
        assert judge(fn).passed, str(judge(fn))


class Liar:
    """An object that claims to equal everything."""

    def __eq__(self, other):
        return True

    def __getattr__(self, name):
        return lambda *a, **k: True

    __array_priority__ = 1e9


def test_an_object_that_overloads_operators_earns_nothing():
    assert judge(lambda x, c: Liar()).points == 0


def test_an_array_subclass_cannot_answer_for_itself():
    class Evil(np.ndarray):
        def __eq__(self, other):
            return True

        def __sub__(self, other):
            return np.zeros(self.shape)

        __rsub__ = __sub__

        def __array_ufunc__(self, *args, **kwargs):
            return np.zeros(self.shape)

    report = judge(lambda x, c: np.ones(x.shape).view(Evil))
    assert report.points == 0


def test_an_exception_that_cannot_describe_itself():
    class Rude(Exception):
        def __str__(self):
            raise ValueError

    def fn(x, c):
        raise Rude

    assert "could not be read" in str(judge(fn))


def test_endless_nesting_is_refused():
    def fn(x, c):
        loop = []
        loop.append(loop)
        return loop

    assert "nested too deeply" in str(judge(fn))


def test_prints_and_warnings_are_quiet(capfd):
    def fn(x, c):
        print("noise")
        print("noise", file=sys.stderr)
        warnings.warn("noise", stacklevel=1)
        np.log(np.zeros(2))
        return c * x

    assert judge(fn).passed
    assert capfd.readouterr() == ("", "")


def test_a_warning_alone_never_costs_points_even_as_an_error():
    old = np.seterr(all="raise")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert judge(lambda x, c: c * x + 0 * np.log(np.zeros(1) + 1e-320)).passed
    finally:
        np.seterr(**old)


def test_an_interrupt_is_not_swallowed():
    def fn(x, c):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge(fn)


def test_the_same_seed_gives_the_same_report():
    def fn(x, c):
        return c * x + 0.1

    assert str(judge(fn, 7)) == str(judge(fn, 7))
    assert str(judge(fn, 7)) != str(judge(fn, 8))
    assert judge(fn, 2**255 + 3).points == judge(fn, -1).points


def test_text_of_the_student_is_escaped():
    def fn(x, c):
        raise ValueError("<script>alert(1)</script>")

    html = judge(fn)._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;" in html


def test_a_dead_call_is_not_repeated():
    """After a call that hung, the same exercise is not called again."""
    from mlp_helpers.checking import Answer, Failure

    class Hanging:
        calls = 0

        def __call__(self, args):
            self.calls += 1
            return Answer(error=Failure("Timeout", "took longer than 10 s: an endless loop?"))

        rerun = None

    caller = Hanging()
    report = evaluate_caller(caller, SCALE, 0)
    assert caller.calls == 1
    assert report.outcome == "crashed" and "endless loop" in str(report)
    json.dumps([c.points for c in report.criteria])


@pytest.mark.parametrize(
    "bind", ["{} = lambda *args: 'wrong'", "import functools\n{} = functools.partial(print)"]
)
def test_check_knows_a_function_without_a_name_by_its_callers(bind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where the reader's progress is kept
    name = next(iter(exercises()))
    names = {"check": check}
    exec(bind.format(name), names)
    with pytest.raises(CheckFailed, match=name):
        exec(f"check({name})", names)


@pytest.mark.parametrize("encoding", ["cp932", "ascii", "utf-8"])
def test_a_report_prints_in_every_encoding(encoding, monkeypatch):
    def scale(x, c):
        raise ValueError("\u00e9\u2192\U0001f600")

    stream = io.TextIOWrapper(io.BytesIO(), encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    print(judge(scale))
    stream.flush()
    assert "scale" in stream.buffer.getvalue().decode(encoding)


def test_what_follows_is_folded_and_the_cause_comes_first():
    report = judge(lambda x, c: x + c)
    text = str(report)
    first = text.index("This looks like: `") if report.diagnoses else text.index("not yet")
    assert first < text.index("count once the values are right")
    assert {c.code for c in report.criteria if c.message == "counts once the values are right"} == {
        "waits"
    }
    html = report._repr_html_()
    assert "criteria count once the values are right" in html and "<details" in html
    assert "case(" not in text  # a caller with other cases has none at hand


def test_a_crash_on_some_labels_is_not_called_a_memory():
    """The costly criterion fails on a deep net, and a memory fails it too: for another reason."""
    from mlp_helpers.answers.chapter_04.mlp_backprop import backprop

    def mlp_backprop(params, acts, X, y):
        hot = np.zeros((len(y), max(y) + 1))
        hot[np.arange(len(y)), y] = 1
        return backprop(params, acts, X, y, top=lambda P, Y: P - hot)

    for seed in (0, 7):
        report = evaluate(mlp_backprop, seed=seed)
        assert report.misconceptions == ["classes_up_to_the_largest_label"], str(report)
