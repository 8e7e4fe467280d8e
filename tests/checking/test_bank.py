"""Every chapter's bank against its criteria: the wrong fail and are named, the right pass."""

from importlib import import_module

import pytest

from autograder.release.check_exercise import of_cases, of_contract, of_mistakes, of_variants
from mlp_helpers import evaluate, exercises
from mlp_helpers.checking.callers import LocalCaller

ALL = exercises()
CHAPTERS = sorted({e.chapter for e in ALL.values()})


def seeds(few, many):
    """Seeds for a test: few of them in every run, many in a slow one."""
    return pytest.mark.parametrize(
        "seeds",
        [pytest.param(few, id="few"), pytest.param(many, id="many", marks=pytest.mark.slow)],
    )


@seeds([0], [1, 2])
@pytest.mark.parametrize("name", ALL)
def test_every_mistake_is_rejected_and_named_and_every_criterion_is_failed_by_one(name, seeds):
    assert list(of_mistakes(ALL[name], seeds)) == []


@seeds(range(3), range(3, 60))
@pytest.mark.parametrize("name", ALL)
def test_every_right_variant_gets_full_marks_without_a_label(name, seeds):
    assert list(of_variants(ALL[name], seeds)) == []


@pytest.mark.parametrize("name", ["softmax_jacobian", "nll", "nll_grad_logits"])
def test_ten_wrong_implementations_where_it_matters_most(name):
    assert len(ALL[name].mistakes) >= 10


@pytest.mark.parametrize("name", ALL)
def test_an_exercise_is_complete(name):
    assert list(of_contract(ALL[name], name)) == []
    assert list(of_cases(ALL[name], [0])) == []


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
