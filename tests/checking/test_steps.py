"""Stepwise diagnosis: single and double mistakes are named by the step where they enter."""

import itertools

import numpy as np
import pytest

from mlp_helpers import evaluate, exercises
from mlp_helpers.checking.compare import same_answer
from mlp_helpers.checking.steps import mistaken, walk

STEPWISE = {e.id: e.stepwise() for e in exercises().values() if e.stepwise}


def all_rules(stepwise):
    found = [("forward", rule) for rule in stepwise.forwards]
    return found + [(step.name, rule) for step in stepwise.steps for rule in step.wrong]


def with_mistakes(stepwise, chosen):
    """A student with these (step, rule) mistakes."""
    forward = dict(chosen).get("forward")
    fn = mistaken(stepwise, forward, {s: r for s, r in chosen if s != "forward"})
    return lambda *args: fn(*args)


def named(report):
    """The (step, rule id) pairs that a report names."""
    return {(m.step, m.id.removeprefix(f"{m.step}.")) for m in report.diagnoses if m.step}


def answers(fn, exercise, seed):
    """What a function gives on the cases that the diagnosis saw, None where it crashes."""
    rng = np.random.default_rng([seed, *exercise.encode()])
    cases = exercises()[exercise].draw(rng)
    found = []
    for group in ("steps", "steps_square"):
        for case in cases.get(group, ()):
            try:
                with np.errstate(all="ignore"):
                    found.append(fn(*case.args))
            except (ValueError, IndexError):
                found.append(None)
    return found


def check_diagnosis(exercise, chosen, seed=3):
    """Either the very mistakes are named, or twins that give the same answers; or none."""
    stepwise = STEPWISE[exercise]
    student = with_mistakes(stepwise, chosen)
    report = evaluate(student, exercise, seed)
    if report.passed:
        return "harmless"
    got = named(report)
    if got == {(step, rule.id) for step, rule in chosen}:
        return "named"
    if got and got <= {(step, rule.id) for step, rule in chosen}:
        return "in part"  # the one hides the other: two signs that cancel, say
    if report.unknown_from or not got:
        return "unknown"
    rules = [(s, r) for s, r in all_rules(stepwise) if (s, r.id) in got]
    mine = answers(student, exercise, seed)

    def twins(made, step):
        """Whether these mistakes give the student's tensor of a step, or all of them."""
        theirs = answers(with_mistakes(stepwise, made), exercise, seed)
        pairs = [
            (a, b) for a, b in zip(mine, theirs, strict=True) if a is not None and b is not None
        ]
        if step != "forward":
            pairs = [(stepwise.parts(a)[step], stepwise.parts(b)[step]) for a, b in pairs]
        return bool(pairs) and all(same_answer(a, b) for a, b in pairs)

    # A step is judged from the student's own earlier tensors, or from right ones.
    assert all(twins(rules, s) or twins([(s, r)], s) for s, r in rules), (chosen, got)
    return "twin"


@pytest.mark.parametrize("exercise", STEPWISE)
def test_every_single_mistake_is_named_at_its_step(exercise):
    found = {
        (step, rule.id): check_diagnosis(exercise, [(step, rule)])
        for step, rule in all_rules(STEPWISE[exercise])
    }
    unknown = [key for key, outcome in found.items() if outcome == "unknown"]
    assert unknown == []
    assert sum(outcome == "named" for outcome in found.values()) >= 0.9 * len(found)


@pytest.mark.parametrize("exercise", STEPWISE)
def test_double_mistakes_are_named_and_never_wrongly(exercise):
    pairs = [
        p for p in itertools.combinations(all_rules(STEPWISE[exercise]), 2) if p[0][0] != p[1][0]
    ]
    sample = np.random.default_rng(0).permutation(len(pairs))[:60]
    outcomes = [check_diagnosis(exercise, pairs[i]) for i in sample]
    assert outcomes.count("unknown") <= 0.05 * len(outcomes)
    assert outcomes.count("named") >= 0.8 * len(outcomes)


@pytest.mark.parametrize("exercise", STEPWISE)
def test_a_right_answer_has_no_label_and_no_fault(exercise):
    stepwise = STEPWISE[exercise]
    for seed in range(5):
        rng = np.random.default_rng([seed, *exercise.encode()])
        case = exercises()[exercise].draw(rng)["generic"][0]
        want = exercises()[exercise].oracle(*case.args)
        assert same_answer(mistaken(stepwise)(*case.args), want)


def test_an_unknown_mistake_is_located_by_its_step():
    stepwise = STEPWISE["risk_and_grads"]

    def odd(*args):
        risk, dW, dV, db, dc = mistaken(stepwise)(*args)
        return risk, dW, dV + 0.3 * np.sin(dV), db, dc

    report = evaluate(odd, "risk_and_grads")
    assert report.unknown_from == "dV"
    assert "Wrong from step dV on" in str(report)
    lost = {c.name for c in report.criteria if not c.passed and c.name.startswith("step")}
    assert lost == {"step dV, given your dc"}


def test_one_early_mistake_does_not_cost_the_later_steps():
    stepwise = STEPWISE["mlp_backprop"]
    rule = next(r for r in stepwise.steps[2].wrong if r.id == "no_slope")
    report = evaluate(with_mistakes(stepwise, [("db_2", rule)]), "mlp_backprop")
    lost = {c.name for c in report.criteria if not c.passed and c.name.startswith("step")}
    assert lost == {"step db_2, given your db_3"}


def test_bias_gradients_that_are_wrong_on_every_level_cost_no_weight_gradient():
    """The deltas are right on the way; only what is returned as db is not."""
    for exercise, biases in (
        ("risk_and_grads", {"dc", "db"}),
        ("mlp_backprop", {"db_1", "db_2", "db_3"}),
    ):
        stepwise = STEPWISE[exercise]

        def spoiled(*args, stepwise=stepwise, biases=biases):
            parts = stepwise.parts(mistaken(stepwise)(*args))
            return stepwise.join({k: v[::-1] if k in biases else v for k, v in parts.items()})

        report = evaluate(spoiled, exercise)
        lost = {
            c.name.split(",")[0]
            for c in report.criteria
            if not c.passed and c.name.startswith("step")
        }
        assert lost == {f"step {name}" for name in biases}


@pytest.mark.parametrize("exercise", sorted(STEPWISE))
@pytest.mark.filterwarnings("error")
def test_a_complex_answer_does_not_have_the_parts(exercise):
    """It is wrong for being complex; what its real part would say is no diagnosis."""
    stepwise = STEPWISE[exercise]
    right = mistaken(stepwise)

    def complex_answer(*args):
        return stepwise.join(
            {k: np.asarray(v) + 0j for k, v in stepwise.parts(right(*args)).items()}
        )

    report = evaluate(complex_answer, exercise, 3)
    assert not report.passed
    assert not [m for m in report.diagnoses if m.step]
    [case] = [
        c
        for g in ("steps", "steps_square")
        for c in exercises()[exercise].draw(np.random.default_rng(1)).get(g, ())
    ][:1]
    assert walk(stepwise, [case.args], [complex_answer(*case.args)]) is None


def test_no_step_is_called_right_behind_a_wrong_forward_pass():
    """A sigmoid layer with a slope that nobody knows: the steps before that slope are wrong too."""

    def risk_and_grads(W, V, b, c, X, y):
        H = 1 / (1 + np.exp(-(X @ W.T + b)))
        F = H @ V.T + c
        top = F.max(axis=1, keepdims=True)
        lse = top + np.log(np.exp(F - top).sum(axis=1, keepdims=True))
        dF = np.exp(F - lse) - np.eye(len(c))[y]
        dS = (dF @ V) * (1 - 3 * H)
        return (
            (lse[:, 0] - F[np.arange(len(y)), y]).sum(),
            dS.T @ X,
            dF.T @ H,
            dS.sum(axis=0),
            dF.sum(axis=0),
        )

    report = evaluate(risk_and_grads)
    assert not report.diagnoses
    assert "what comes before it is right" not in str(report)


def test_a_mistake_of_the_bank_says_more_than_that_a_batch_is_wrong():
    mistakes = {m.id: m.fn for m in exercises()["risk_and_grads"].mistakes}
    for name in ("average_risk", "columns_summed", "last_example"):
        report = evaluate(mistakes[name], "risk_and_grads")
        assert name in report.misconceptions
        assert "batch.other" not in report.misconceptions
        assert next(m for m in report.diagnoses if m.id == name).question in " ".join(
            str(report).split()
        )
