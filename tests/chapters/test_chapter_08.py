"""Chapter 08: random draws judged by their properties, and the numbers of the errata."""

import contextlib
import io
import re
from pathlib import Path

import jupytext
import numpy as np
import pytest

from mlp_helpers import evaluate, exercises
from mlp_helpers.answers.chapter_08 import random_configs, shared
from mlp_helpers.answers.chapter_08.init_diagnosis import EXERCISE as START
from mlp_helpers.answers.chapter_08.penalty_grad import EXERCISE as PENALTY
from mlp_helpers.answers.chapter_08.quiz import QUIZ
from mlp_helpers.data import load_digits
from mlp_helpers.reference import regularisation as reference

ROOT = Path(__file__).parents[2]
MASTER = ROOT / "solutions" / "08_generalisation.py"
RECIPE = ("predict_logits", "loss_and_dF", "risk_and_grads", "momentum_step", "train_momentum")
MINE = [e for e in exercises().values() if e.chapter == "08"]
ROWS = [
    f"S3.{section}.{k}"
    for section, last in ((12, 8), (13, 3), (14, 5), (15, 6), (16, 1))
    for k in range(1, last + 1)
]
PRINTED = {
    "E3.4": (
        "mixed signs   as a product: off by 1.0   as a sum: off by 2.0",
        "all positive  as a product: off by 1.0   as a sum: off by 0.0",
    ),
    "E3.8": (
        "tanh, one example         0.0e+00   0.0e+00   0.0e+00   6.7e-01",
        "tanh, hidden biases 0.3   0.0e+00   0.0e+00   1.9e-01   6.7e-01",
        "sigmoid, one example      0.0e+00   0.0e+00   3.3e-01   6.7e-01",
    ),
    "E3.12": ("0. The smallest are [0.0035 0.0082] in size. Proximal steps give 2",),
    "E3.13": ("bias^2 + variance:          off by 7.8e-01",),
}


@pytest.fixture(scope="module")
def master():
    return jupytext.read(MASTER)


@pytest.fixture(scope="module")
def output(master, tmp_path_factory):
    """What the solved chapter prints."""
    code = "\n\n".join(c.source for c in master.cells if c.cell_type == "code")
    code = re.sub(r'(predict\("\w+", )"\.\.\."', r'\1"a guess"', code)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(tmp_path_factory.mktemp("run")):
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            exec(compile(code, str(MASTER), "exec"), {"__name__": "__main__"})
    assert err.getvalue() == ""
    return out.getvalue()


def test_the_solved_chapter_earns_full_marks(output):
    assert "38 of 38  13 of 13 solved" in output
    assert "comes alive" not in output


@pytest.mark.parametrize("erratum", PRINTED)
def test_the_referee_prints_the_measured_number(output, erratum):
    for number in PRINTED[erratum]:
        assert number in output


def test_what_the_prose_says_about_the_runs_is_what_comes_out(output):
    assert "degree 3: error" in output
    total = re.search(r"bias\^2 \+ variance \+ noise:  off by (\S+)", output)[1]
    assert float(total) < 5e-3
    low, high = map(float, re.search(r"95 % interval (\S+) to (\S+) %", output).groups())
    assert 0 < low < high < 10
    one, best = (
        float(re.search(rf"mean {what}: +(\S+)", output)[1])
        for what in ("error of one configuration on 270 examples", "of the smallest of 30")
    )
    assert 2.5 < one / best < 3
    slope, weights = map(
        float, re.search(r"four times it .*slope (\S+), weights (\S+)", output).groups()
    )
    assert 0.3 < slope < 0.45 and weights == pytest.approx(4, abs=0.1) and slope * weights > 1
    measured, floor, true = map(
        float,
        re.search(
            r"degree 8: squared bias measured (\S+), floor (\S+), true (\S+)", output
        ).groups(),
    )
    assert 0.3 < measured / floor < 3 and true < floor / 1000


def test_what_the_prose_says_about_other_deals_is_what_comes_out():
    """The recipe of chapter 03, with its solutions, on its own split and on other deals."""
    parts = load_digits()
    space = {"np": np}
    for cell in jupytext.read(ROOT / "solutions" / "03_tanh_homework.py").cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in RECIPE or re.search(r"^def (pack|random_network)\(", cell.source, re.MULTILINE):
            exec(cell.source, space)

    def error(X, y, X_new, y_new):
        def gradient(theta):
            return space["pack"](
                *space["risk_and_grads"](*space["unpack"](theta, 64, 32, 10), X, y)[1:]
            )

        start = space["pack"](*space["random_network"](64, 32, 10, np.random.default_rng(3)))
        theta = space["train_momentum"](gradient, start, 4 / len(y), 0.1, 200)[-1]
        W, V, b, c = space["unpack"](theta, 64, 32, 10)
        return reference.zero_one_error(space["predict_logits"](W, V, b, c, X_new), y_new)

    def deal(seed):
        X, y = np.concatenate(parts[0::2]), np.concatenate(parts[1::2])
        train, _, test = reference.split(len(y), (0.60, 0.15, 0.25), np.random.default_rng(seed))
        return error(X[train], y[train], X[test], y[test])

    assert error(*parts[:2], *parts[4:]) == pytest.approx(0.020, abs=5e-4)
    assert deal(8) == pytest.approx(0.049, abs=5e-4)
    assert [deal(0), deal(4)] == pytest.approx([0.022, 0.049], abs=5e-4)  # the ends of eight


# Words and data -----------------------------------------------------------------------------


@pytest.mark.parametrize("id", QUIZ)
def test_the_quiz_in_the_chapter_is_the_quiz_that_is_checked(master, id):
    prose = " ".join(" ".join(c.source.split()) for c in master.cells)
    assert f"**{id}** {QUIZ[id].text}" in prose
    for letter, option in QUIZ[id].options.items():
        assert f"- **{letter}** {option}" in prose


@pytest.mark.parametrize("row", ROWS)
def test_every_row_is_taught_under_a_heading(master, row):
    text = "\n".join(c.source for c in master.cells if c.cell_type == "markdown")
    headings = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    place = re.search(rf"^\| {re.escape(row)} \| S3, .+? \| (.+?) \|$", text, re.MULTILINE)[1]
    for part in place.split("; "):
        assert any(h == part or h.startswith(f"{part} ·") for h in headings), part


# The random exercises -------------------------------------------------------------------------


def test_the_tests_of_a_distribution_reject_at_the_rate_they_promise(monkeypatch):
    """With a bound of 0.05 in place of 1e-8, at most 5 % of right draws are rejected."""
    rng = np.random.default_rng(0)
    assert shared.DELTA <= 1e-8
    for module in (shared, random_configs):
        monkeypatch.setattr(module, "DELTA", 0.05)
    uniform = np.mean([shared.not_uniform(rng.random(150)) for _ in range(2000)])
    centred = np.mean([random_configs._not_centred(rng.uniform(-1, 1, 150)) for _ in range(2000)])
    assert 0.02 < uniform < 0.06
    assert centred < 0.05


@pytest.mark.parametrize("off", [1.01, 0.99])
def test_a_bound_that_is_one_percent_off_is_seen(off):
    def wrong(n_out, n_in, rng):
        return off * reference.glorot_uniform(n_out, n_in, rng)

    assert not any(evaluate(wrong, "glorot_uniform", seed).passed for seed in range(20))


def test_a_split_that_favours_low_indices_is_seen():
    def wrong(n, fracs, rng):
        order = np.argsort(np.arange(n) + 0.8 * n * rng.random(n))
        return np.split(order, np.cumsum([round(f * n) for f in fracs])[:2])

    for seed in range(20):
        report = evaluate(wrong, "split", seed)
        assert [c.name for c in report.criteria if not c.passed] == ["shuffled"]


def test_global_randomness_is_told_so():
    def wrong(n_out, n_in, rng):
        r = np.sqrt(6 / (n_out + n_in))
        return np.random.uniform(-r, r, (n_out, n_in))

    failed = [c for c in evaluate(wrong, "glorot_uniform").criteria if not c.passed]
    assert [c.name for c in failed] == [shared.RNG_ALONE]
    assert "other randomness" in failed[0].message


def test_an_array_of_two_indices_is_as_good_as_a_tuple():
    assert evaluate(
        lambda val, p: np.array(reference.early_stopping(val, p)), "early_stopping"
    ).passed


# The oracle and the reference ------------------------------------------------------------------


def test_the_oracle_of_the_penalty_agrees_with_the_reference():
    for case in PENALTY.draw(np.random.default_rng(1))["generic"]:
        for got, want in zip(
            PENALTY.oracle(*case.args), reference.penalty_grad(*case.args), strict=True
        ):
            np.testing.assert_allclose(got[0], want[0], rtol=1e-14)
            np.testing.assert_array_equal(got[1], want[1])


def test_the_soft_threshold_is_the_minimiser():
    rng = np.random.default_rng(2)
    W, grid = rng.standard_normal(50), np.linspace(-3, 3, 60_001)
    V = reference.prox_l1(W, 0.7)
    for w, v in zip(W, V, strict=True):
        values = 0.5 * (grid - w) ** 2 + 0.7 * np.abs(grid)
        assert 0.5 * (v - w) ** 2 + 0.7 * abs(v) <= values.min() + 1e-12
    assert (V == 0).any() and (V != 0).any()


def test_the_prior_gives_the_regularised_risk():
    """The slope of the negative log posterior over T is the slope of the regularised risk."""
    w, h, s, T = 0.8, 1e-6, 1.7, 13
    logs = {"gauss": lambda w: w**2 / (2 * s**2), "laplace": lambda w: abs(w) / s}
    slopes = {"gauss": 2 * w, "laplace": 1.0}
    for kind, minus_log in logs.items():
        numeric = (minus_log(w + h) - minus_log(w - h)) / (2 * h) / T
        assert reference.prior_to_lambda(s, T, kind) * slopes[kind] == pytest.approx(numeric, 1e-8)


def test_every_combination_of_verdicts_on_a_start_is_drawn():
    cases = START.draw(np.random.default_rng(3))
    found = {reference.init_diagnosis(*c.args) for group in cases.values() for c in group}
    assert found == {
        (False, False, False),
        (True, False, False),
        (True, True, False),
        (True, True, True),
        (True, False, True),
        (False, False, True),
    }


def test_unknown_penalties_are_refused_in_one_line():
    with pytest.raises(ValueError, match='"l2" or "l1"'):
        reference.penalty([np.ones((2, 2))], "l3")


def test_the_bank_holds_the_errata():
    ids = {m.id for e in exercises().values() if e.chapter == "08" for m in e.mistakes}
    assert {"product_of_indicators", "sum_of_indicators", "biases_too"} <= ids
