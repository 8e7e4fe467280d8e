"""Stepwise diagnosis on every single and double mistake that the steps of a chapter can make.

Each mistake is a rule of `mlp_helpers/answers/*/*_steps.py`; an implementation with one rule, or
with two at different steps, goes through the real `evaluate`. The report must name the rules that
were put in. Other names count as an identical twin only if they explain the numbers of five other
draws as well (two mistakes may cancel, or be another mistake); any other name is wrong.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from itertools import combinations

from tables import markdown, save, write_csv

from mlp_helpers import evaluate, exercises
from mlp_helpers.checking.callers import LocalCaller
from mlp_helpers.checking.steps import mistaken
from mlp_helpers.checking.trial import Trial

CHAPTERS = {
    "02": "regression_loss_and_grads",
    "03": "risk_and_grads",
    "04": "mlp_backprop",
    "05": "relu_err_and_grads",
}
KINDS = ("exact", "twin", "unknown from", "no name", "accepted", "wrong name")
FORWARD = "forward"
OTHER_DRAWS = range(100, 105)


def mistakes_of(stepwise):
    """Give every single mistake and every pair at two different steps, as {step: rule}."""
    singles = [(FORWARD, rule) for rule in stepwise.forwards]
    singles += [(step.name, rule) for step in stepwise.steps for rule in step.wrong]
    pairs = [dict(pair) for pair in combinations(singles, 2) if pair[0][0] != pair[1][0]]
    return {"single": [dict([one]) for one in singles], "double": pairs}


def implementation(stepwise, rules):
    """Make the function that has these mistakes and no others."""
    steps = {name: rule for name, rule in rules.items() if name != FORWARD}
    return mistaken(stepwise, rules.get(FORWARD), steps)


def verdict(exercise, rules, seed):
    """Say which of `KINDS` a report on these mistakes is, and what it names."""
    stepwise = exercise.stepwise()
    report = evaluate(implementation(stepwise, rules), exercise.id, seed)
    named = [m.id for m in report.diagnoses if m.step]
    put_in = [f"{step}.{rule.id}" for step, rule in rules.items()]
    if report.passed:
        return "accepted", named
    if set(named) == set(put_in) and not report.unknown_from:
        return "exact", named
    if report.unknown_from and set(named) <= set(put_in):
        return "unknown from", [*named, f"from {report.unknown_from}"]
    if not named:
        return "no name", report.misconceptions
    return ("twin" if same_numbers(exercise, rules, named) else "wrong name"), named


def same_numbers(exercise, rules, named):
    """Whether the rules named explain the numbers of the rules put in, on other draws too."""
    fn = implementation(exercise.stepwise(), rules)
    for seed in OTHER_DRAWS:
        walk = Trial(LocalCaller(fn), exercise, seed).walk
        if walk is None or {f"{step}.{rule.id}" for step, rule in walk.rules} != set(named):
            return False
    return True


def count(chapter, seed):
    """Judge all mistakes of a chapter; return (rows for the table, rows for the details)."""
    exercise = exercises()[CHAPTERS[chapter]]
    rows, details = [], []
    for size, cases in mistakes_of(exercise.stepwise()).items():
        kinds = Counter()
        for rules in cases:
            kind, named = verdict(exercise, rules, seed)
            kinds[kind] += 1
            if kind != "exact":
                put_in = " + ".join(f"{step}.{rule.id}" for step, rule in rules.items())
                details.append([chapter, size, put_in, kind, " + ".join(named)])
        rows.append([chapter, exercise.id, size, len(cases), *(kinds[k] for k in KINDS)])
    return rows, details


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chapters", nargs="+", choices=CHAPTERS, default=list(CHAPTERS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1, help="processes, one chapter each")
    args = parser.parse_args()
    with ProcessPoolExecutor(args.workers) as pool:
        found = list(pool.map(count, args.chapters, [args.seed] * len(args.chapters)))
    rows = [row for chapter, _ in found for row in chapter]
    details = [row for _, chapter in found for row in chapter]
    totals = [sum(row[i] for row in rows) for i in range(3, len(rows[0]))]
    header = ["chapter", "function", "mistakes", "cases", *KINDS]
    save("diagnosis.md", markdown(header, [*rows, ["all", "", "", *totals]]))
    write_csv(
        "diagnosis_not_exact.csv", ["chapter", "mistakes", "put in", "verdict", "named"], details
    )
    return 1 if any(row[-1] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
