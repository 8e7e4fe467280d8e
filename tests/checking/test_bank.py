"""Every chapter's bank against its criteria: the wrong fail and are named, the right pass."""

from collections import defaultdict
from importlib import import_module

import pytest

from mlp_helpers import evaluate, exercises
from mlp_helpers.checking.callers import LocalCaller

ALL = exercises()
CHAPTERS = sorted({e.chapter for e in ALL.values()})
REPORTS = {}


def first_report(name, mistake):
    """The report on the first seed, which two tests look at."""
    key = name, mistake.id
    if key not in REPORTS:
        REPORTS[key] = evaluate(mistake.fn, name, 0)
    return REPORTS[key]


def seeds(few, many):
    """Seeds for a test: few of them in every run, many in a slow one."""
    return pytest.mark.parametrize(
        "seeds",
        [pytest.param(few, id="few"), pytest.param(many, id="many", marks=pytest.mark.slow)],
    )


@seeds([0], [1, 2])
@pytest.mark.parametrize("name", ALL)
def test_every_wrong_implementation_is_rejected_and_named(name, seeds):
    for mistake in ALL[name].mistakes:
        for seed in seeds:
            report = evaluate(mistake.fn, name, seed) if seed else first_report(name, mistake)
            assert not report.passed, mistake.id
            assert mistake.id in report.misconceptions, (mistake.id, str(report))
            assert report.outcome == "known_mistake", mistake.id


@seeds(range(3), range(3, 60))
@pytest.mark.parametrize("name", ALL)
def test_every_right_variant_gets_full_marks_without_a_label(name, seeds):
    for seed in seeds:  # the cases of a seed are drawn once for all
        for style, fn in ALL[name].bank.variants:
            report = evaluate(fn, name, seed)
            assert report.passed, f"{style}, seed {seed}\n{report}"
            assert report.outcome == "correct"
            assert report.misconceptions == []


@pytest.mark.parametrize("name", ALL)
def test_every_criterion_is_failed_by_a_wrong_implementation(name):
    failed = defaultdict(list)
    for mistake in ALL[name].mistakes:
        report = first_report(name, mistake)
        for criterion in report.criteria if not report.reason else ():
            if not criterion.passed and "counts once" not in criterion.message:
                failed[criterion.name].append(mistake.id)
    names = [r.name for r in ALL[name].criteria]
    assert len(set(names)) == len(names), "two criteria share a name"
    assert [n for n in names if not failed[n]] == []


@pytest.mark.parametrize("name", ALL)
def test_the_bank_is_large_enough(name):
    assert len(ALL[name].mistakes) >= 6
    assert len(ALL[name].bank.variants) >= 3
    ids = [m.id for m in ALL[name].mistakes]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", ["softmax_jacobian", "nll", "nll_grad_logits"])
def test_ten_wrong_implementations_where_it_matters_most(name):
    assert len(ALL[name].mistakes) >= 10


@pytest.mark.parametrize("name", ALL)
def test_an_exercise_is_complete(name):
    exercise = ALL[name]
    assert exercise.signature.startswith(f"{name}(")
    assert len(exercise.hints) == 3 and all(len(h) > 20 for h in exercise.hints)
    assert exercise.points > 0 and exercise.minutes > 0 and exercise.lines > 0
    assert exercise.points == round(2 * exercise.points) / 2
    assert exercise.reread
    for mistake in exercise.mistakes:
        assert mistake.question.rstrip().endswith(("?", ".", "!")) and "?" in mistake.question


def test_the_index_names_every_exercise_of_every_chapter():
    from mlp_helpers.answers.registry import CHAPTERS as index

    for chapter, names in index.items():
        for name in names:
            module = import_module(f"mlp_helpers.answers.chapter_{chapter}.{name}")
            assert module.EXERCISE.id == name
    assert sorted(index) == CHAPTERS


def test_the_cost_of_a_known_mistake_is_not_counted(monkeypatch):
    overwrites = next(m for m in ALL["fprop_bprop"].mistakes if m.id == "overwrites").fn
    counted, work = [], LocalCaller.work

    def watched(caller, *args):
        counted.append(caller.fn)
        return work(caller, *args)

    monkeypatch.setattr(LocalCaller, "work", watched)
    report = evaluate(overwrites, "fprop_bprop", 77)
    assert report.misconceptions == ["overwrites"]
    assert set(counted) == {overwrites}
