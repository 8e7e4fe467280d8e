"""Chapter 07: shuffles judged by properties, the numbers of the errata, the chapter's claims."""

import contextlib
import io
import re
from math import comb, factorial
from pathlib import Path

import jupytext
import numpy as np
import pytest
from known import known

from mlp_helpers import evaluate, exercises
from mlp_helpers.answers.chapter_07.minibatches import PASS_B, PASS_N, PASSES, one_pass
from mlp_helpers.named import Named, build

ROOT = Path(__file__).parents[2]
MASTER = ROOT / "solutions" / "07_optimisation.py"
PRINTED = {
    "E0.2": ("gradient of the mean, N = 6: [6. 6. 6.]",),
    "E0.4": ("ball with eta = gamma:    8.8e-01",),
    "E0.5": ("first gradient instead of 0:        2.6e-01",),
    "E3.3": (
        "plus     against the numeric downhill direction: off by 8.5e-01",
        "product  against the numeric downhill direction: off by 1.0e+00",
    ),
    "E3.9": ("beta = 0.9: weights sum to   10.0", "off by 9.0"),
    "E3.10": (
        "rank 3 of 4",
        "with 1e-3 I added 1e-03",
        "t = 0.1000, loss -0.02\n",
        "loss -8.5e-06",
    ),
    "E3.11": ("natural logarithm 0.713, base 2: 1.03",),
    "E3.24": ("16 weights: one example has rank 3,",),
}


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    """What the solved chapter prints."""
    cells = jupytext.read(MASTER).cells
    code = "\n\n".join(c.source for c in cells if c.cell_type == "code")
    code = re.sub(r'(predict\("\w+", )"\.\.\."', r'\1"a guess"', code)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(tmp_path_factory.mktemp("run")):
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            exec(compile(code, str(MASTER), "exec"), {"__name__": "__main__"})
    assert err.getvalue() == ""
    return out.getvalue()


def test_the_solved_chapter_earns_full_marks(output):
    assert "30 of 30  10 of 10 solved" in output
    assert "comes alive" not in output


@pytest.mark.parametrize("erratum", PRINTED)
def test_the_referee_prints_the_measured_number(output, erratum):
    for number in PRINTED[erratum]:
        assert number in output


def _number(pattern, output):
    return float(re.search(pattern, output)[1])


def test_what_the_prose_says_is_what_comes_out(output):
    assert _number(r"averaging, translated:\s+(\S+)", output) < 1e-14
    assert _number(r"with eta = gamma a:\s+(\S+)", output) < 1e-14
    risks = [float(r) for r in re.findall(r"updates: .*risk (\S+)", output)]
    assert len(risks) == 4 and risks == sorted(risks)
    assert 1.5 < _number(r"longest stable step at the start: (\S+)", output)
    plain, momentum, long = (int(k) for k in re.findall(r"below 0.02 after (\d+) steps", output))
    assert 8 < plain / momentum < 12 and long < momentum
    assert "the saddle, of all places" in output


# One shuffled pass ------------------------------------------------------------------------------


def test_the_stated_bounds_hold():
    """A uniform shuffle is rejected with probability below 1e-6 per draw of cases."""
    early = 6 * PASS_B / PASS_N
    halves = PASS_N * (early**PASSES + (1 - early) ** PASSES)
    pairs = comb(PASS_N, 2) * ((PASS_B - 1) / (PASS_N - 1)) ** PASSES
    same_pass = factorial(5) ** 3 * factorial(2) / factorial(17)
    assert halves < 1e-9 and pairs < 1e-40 and same_pass < 1e-8
    assert halves + pairs + 2 * same_pass < 1e-6


def test_two_passes_share_one_generator_and_a_new_run_starts_afresh():
    first, second = (build(Named("kept_rng", (3, call))).random(2) for call in (0, 1))
    fresh = np.random.default_rng(3)
    np.testing.assert_array_equal([first, second], [fresh.random(2), fresh.random(2)])
    np.testing.assert_array_equal(build(Named("kept_rng", (3, 0))).random(2), first)


def _failed(fn):
    return [c.name for c in evaluate(fn, "minibatches").criteria if not c.passed]


@pytest.mark.parametrize(
    ("mistake", "lost"),
    [
        (
            "not_shuffled",
            {"shuffled", "from the generator alone", "another order in the next pass"},
        ),
        (
            "within_batches",
            {"shuffled", "from the generator alone", "another order in the next pass"},
        ),
        ("halves", {"shuffled"}),
        ("tail_unshuffled", {"shuffled"}),
        ("fixed_seed", {"shuffled", "from the generator alone", "another order in the next pass"}),
        ("copies_the_generator", {"another order in the next pass"}),
        ("global_generator", {"from the generator alone"}),
        ("equal_parts", {"batches of B, the last one may be short", "shuffled"}),
    ],
)
def test_each_flaw_of_a_shuffle_costs_its_own_points(mistake, lost):
    fn = known("minibatches", mistake)
    assert lost == set(_failed(fn))


def test_a_generator_function_is_told_to_make_a_list():
    report = evaluate(lambda n, B, rng: (b for b in one_pass(n, B, rng)), "minibatches")
    assert report.points == 0 and "list(...)" in str(report)


def test_a_rare_way_to_shuffle_is_right():
    def minibatches(n, B, rng):
        keys = sorted(range(n), key=lambda i: keys_of[i])
        return [tuple(keys[s : s + B]) for s in range(0, n, B)]

    def wrapped(n, B, rng):
        keys_of[:] = rng.standard_normal(n).tolist()
        return minibatches(n, B, rng)

    keys_of = []
    assert all(evaluate(wrapped, "minibatches", seed).passed for seed in range(10))


# The oracles against what they stand for ----------------------------------------------------------


def test_both_conventions_of_a_permutation_keep_the_function_and_one_keeps_the_order():
    inverse = known("permute_hidden", "inverse")
    criteria = {c.name: c.passed for c in evaluate(inverse, "permute_hidden").criteria}
    assert criteria["the same function"] and not criteria["new unit i is old unit perm[i]"]


def test_momentum_is_marked_given_the_students_own_sum():
    averages = known("momentum_accum", "averages")
    criteria = {c.name: c.passed for c in evaluate(averages, "momentum_accum").criteria}
    assert criteria["theta' from your v'"] and not criteria["v'"]


def test_the_quadratic_model_bends_both_ways_in_every_draw():
    draw = exercises()["taylor2"].draw
    for seed in range(50):
        bends = [
            d @ H @ d
            for _, _, H, d in (c.args for c in draw(np.random.default_rng(seed))["generic"])
        ]
        assert min(bends) < 0 < max(bends)
