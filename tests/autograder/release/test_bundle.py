"""The students' edition: nothing in it answers, and it judges as the key does."""

import ast
import contextlib
import inspect
import subprocess
import sys
import textwrap
import zipfile
from importlib import import_module
from pathlib import Path

import jupytext
import pytest

import mlp_helpers
from autograder.ground.errors import Problem
from autograder.release.bundle import bundle
from autograder.release.edition import write_edition
from autograder.release.record import import_line
from autograder.reports.copied import form, functions
from mlp_helpers.answers.registry import CHAPTERS, find
from mlp_helpers.checking.callers import LocalCaller
from mlp_helpers.checking.evaluate import evaluate_caller

STEPWISE = ("regression_loss_and_grads", "risk_and_grads", "mlp_backprop", "relu_err_and_grads")
SHORT = 12  # tokens: `return True` is no answer
FEW = ("softmax", "one_hot", "softmax_vjp", "nll_grad_logits", "log_likelihood")


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    """The edition of chapter 01, as a folder."""
    return write_edition(tmp_path_factory.mktemp("edition"), ["01"])


@contextlib.contextmanager
def beside_the_key(package):
    """The registry of an edition, importable though the key is there."""
    mlp_helpers.__path__.append(str(package))
    yield import_module("mlp_helpers.edition.registry")
    mlp_helpers.__path__.remove(str(package))
    for name in [n for n in sys.modules if n.startswith("mlp_helpers.edition")]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """The edition of all chapters, which takes a minute to record."""
    with beside_the_key(write_edition(tmp_path_factory.mktemp("all"), list(CHAPTERS))) as registry:
        yield registry


@pytest.fixture(scope="module")
def first(edition):
    with beside_the_key(edition) as registry:
        yield registry


# Without the finder by which the checkout is installed: it would offer the key all the same.
ALONE = """
import sys
sys.meta_path[:] = [f for f in sys.meta_path if "editable" not in repr(f).lower()]
"""


def run(package, code, folder):
    """Run code where the edition is all of the course that can be imported."""
    return subprocess.run(
        [sys.executable, "-c", ALONE + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PYTHONPATH": str(package.parent), "PATH": "/usr/bin:/bin", "MPLBACKEND": "Agg"},
    )


def test_a_reader_of_the_edition_checks_and_gets_help(edition, tmp_path):
    done = run(
        edition,
        """
        import numpy as np
        from mlp_helpers import case, check, exercises, hint, progress, quiz
        def softmax(z):
            e = np.exp(z - z.max())
            return e / e.sum()
        def softmax_vjp(z, v):
            return softmax(z) * v
        check(softmax); check(softmax_vjp)
        (z,) = case("softmax")
        hint("softmax_vjp"); quiz("01.1", "c"); progress(); print(exercises())
        """,
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "softmax · 3 of 3 points" in done.stdout
    assert "That is the first of the two terms" in done.stdout
    assert "hint 1 of 3" in done.stdout and "01.1 · c: right" in done.stdout
    assert f"1 of {len(CHAPTERS['01'])} solved" in done.stdout


def test_a_wrong_function_above_a_wrong_one_is_sent_below(edition, tmp_path):
    done = run(
        edition,
        """
        import numpy as np
        from mlp_helpers import check
        def softmax(z):
            return z / z.sum()
        def softmax_vjp(z, v):
            s = softmax(z)
            return s * (v - s @ v)
        check(softmax_vjp)
        """,
        tmp_path,
    )
    assert "`softmax`, which this function calls, does not pass its own check" in done.stdout


@pytest.mark.parametrize("module", ["answers", "reference", "answers.registry", "reference.losses"])
def test_the_key_cannot_be_imported(edition, tmp_path, module):
    done = run(edition, f"import mlp_helpers.{module}", tmp_path)
    assert done.returncode == 1 and "No module named 'mlp_helpers." in done.stderr


def answering(root):
    """Normalised code of everything that answers an exercise: form -> where it stands."""
    found = {}
    package = root / "mlp_helpers"
    for path in package.glob("reference/*.py"):
        found |= {form(body): path.name for body in functions(path.read_text(encoding="utf-8"))}
    for name in (name for names in CHAPTERS.values() for name in names):
        exercise = find(name)
        fns = [exercise.oracle, *(fn for _, fn in exercise.bank.variants)]
        fns += [mistake.fn for mistake in exercise.mistakes]
        for fn in fns:
            if inspect.isfunction(fn) and fn.__name__ != "<lambda>":
                source = textwrap.dedent(inspect.getsource(fn))
                found |= {form(body): name for body in functions(source)[:1]}
    for master in root.glob("solutions/[0-9]*.py"):
        for cell in jupytext.read(master).cells:
            if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "code":
                found |= {form(body): master.name for body in functions(cell.source)[:1]}
    return found


def without_answers(folder, key):
    """Assert that no function of some modules is one of the key's; how many there are."""
    seen = 0
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert "@bank" not in text and "Bank()" not in text, path
        for body in functions(text):
            seen += 1
            short = len(body) < SHORT
            assert short or form(body) not in key, (path.name, key[form(body)])
    return seen


def test_no_answer_is_in_the_edition(edition, root):
    key = answering(root)
    assert len(key) > 1000
    assert without_answers(edition, key) > 200


@pytest.mark.slow
def test_no_answer_is_in_the_whole_edition(everything, root):
    folder = Path(everything.__file__).parents[1]
    assert without_answers(folder, answering(root)) > 300


def test_a_criterion_that_needs_the_key_is_not_recorded():
    for module in ("...reference.activations", "...reference", "..draw"):
        with pytest.raises(ValueError, match="a criterion needs softmax of"):
            import_line(module, "softmax", None)
    line = import_line("...checking.criteria", "shape", None)
    assert line == "from ...checking.criteria import shape"


def summary(report):
    return report.points, [(c.name, c.passed) for c in report.criteria], report.misconceptions


def compared(name, registry):
    """Say of which implementations of an exercise edition and key think differently."""
    key, recorded = find(name), registry.find(name)
    fns = {m.id: lambda m=m: m.fn for m in key.mistakes}
    fns |= {style: lambda fn=fn: fn for style, fn in key.bank.variants}
    return [
        label
        for label, make in fns.items()
        if summary(evaluate_caller(LocalCaller(make()), key, 0))
        != summary(evaluate_caller(LocalCaller(make()), recorded, 0))
    ]


ALL = [n for names in CHAPTERS.values() for n in names if n not in STEPWISE and n not in FEW]


@pytest.mark.parametrize("name", FEW)
def test_the_edition_judges_as_the_key_does(first, name):
    assert compared(name, first) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_the_whole_edition_judges_as_the_key_does(everything, name):
    assert compared(name, everything) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", STEPWISE)
def test_of_steps_the_edition_says_which_is_the_first_wrong_one(everything, name):
    """What a step is given takes formulas: points of later steps and their names are left out."""
    key, recorded = find(name), everything.find(name)
    steps = {c.name for c in key.criteria if c.name.startswith("step")}
    for mistake in key.mistakes:
        asked = evaluate_caller(LocalCaller(mistake.fn), key, 0)
        told = evaluate_caller(LocalCaller(mistake.fn), recorded, 0)
        rest = [(c.name, c.passed) for c in asked.criteria if c.name not in steps]
        assert rest == [(c.name, c.passed) for c in told.criteria if c.name not in steps]
        assert told.points <= asked.points, mistake.id
        whole = [i for i in asked.misconceptions if "." not in i]
        assert [i for i in told.misconceptions if "." not in i] == whole, mistake.id
    for style, fn in key.bank.variants:
        assert evaluate_caller(LocalCaller(fn), recorded, 0).passed, style


def test_the_zip_holds_what_its_readme_says_and_the_same_bytes_each_time(root, tmp_path):
    for name in ("a.zip", "b.zip"):
        bundle(["01_softmax_jacobian"], root, tmp_path / name)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        names = set(archive.namelist())
        first = archive.read("README.ipynb").decode()
        wheel = next(n for n in names if n.endswith(".whl"))
        (tmp_path / "wheel.whl").write_bytes(archive.read(wheel))
        assert f"./{wheel}" in archive.read("requirements.txt").decode()
        assert wheel in archive.read("start.md").decode()
    assert {"01_softmax_jacobian/01_softmax_jacobian.ipynb", "start.md", "environment.yml"} < names
    assert (
        "01 The softmax Jacobian](" in first and "04 The general L-layer recursion](" not in first
    )
    inside = zipfile.ZipFile(tmp_path / "wheel.whl").namelist()
    assert not [n for n in inside if "/answers/" in n or "/reference/" in n or n.endswith(".pyc")]
    assert [n for n in inside if n.startswith("mlp_helpers/edition/chapter_01/softmax.")]
    assert not [n for n in inside if n.startswith("autograder")]


def test_a_chapter_without_a_release_is_named(root, tmp_path):
    with pytest.raises(Problem, match="there is no release .*09_nothing"):
        bundle(["09_nothing"], root, tmp_path / "a.zip")


def test_every_recorded_module_is_valid_python(edition):
    for path in edition.rglob("*.py"):
        ast.parse(path.read_text(encoding="utf-8"))
