"""What is installed is the whole course: sdist, wheel, and a class from the wheel alone."""

import csv
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path
from types import SimpleNamespace

import elsewhere
import nbformat
import pytest

from autograder.release.masters import master_names, master_notebook

ROOT = Path(__file__).resolve().parent.parent
CHAPTER = "01_softmax_jacobian"
PACKAGE = "autograder/release/course_files"
BUILT = ("mlp_helpers", "autograder", "solutions", "tests")
HOLES = {  # in functions that no other one calls
    "student-01": {"nll": "raise NotImplementedError"},
    "student-02": {
        "log_likelihood": "raise NotImplementedError",
        "nll_grad_probs": "def nll_grad_probs(p, y):\n    return -1 / p\n",
    },
}


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The sdist of this checkout, and the wheel from that; nothing is downloaded."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, source)
    for name in BUILT:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    script = "import sys; from setuptools.build_meta import build_sdist; build_sdist(sys.argv[1])"
    call([sys.executable, "-c", script, out], cwd=source)
    [sdist] = out.glob("*.tar.gz")
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-index", "--no-build-isolation"]
    call([*pip, "--wheel-dir", out, sdist], cwd=out)
    [wheel] = out.glob("*.whl")
    return SimpleNamespace(sdist=sdist, wheel=wheel)


@pytest.fixture(scope="session")
def installed(built, tmp_path_factory):
    """A new environment with the wheel; the packages that it needs are lent by this one.

    Its site-packages are named to it, not used as its own, so that what leads from them to the
    checkout is not followed.
    """
    folder = tmp_path_factory.mktemp("environment")
    call([sys.executable, "-m", "venv", "--without-pip", folder])
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index"]
    call([*pip, built.wheel])
    paths = sysconfig.get_paths(vars={"base": str(folder), "platbase": str(folder)})
    lent = Path(paths["purelib"], "lent.pth")
    lent.write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    return SimpleNamespace(python=python, command=folder / "bin" / "mlp-course", folder=folder)


def call(command, **settings):
    """Run a command in an environment that knows of no other course; give its output."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "MLP_"))}
    environment["JUPYTER_PATH"] = str(Path(sys.prefix, "share", "jupyter"))  # nbconvert's templates
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, env=environment, **settings
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_sdist_and_wheel_hold_the_course_once(built):
    with tarfile.open(built.sdist) as archive:
        [top] = {name.partition("/")[0] for name in archive.getnames()}
        packed = {name.removeprefix(f"{top}/") for name in archive.getnames()}
    with zipfile.ZipFile(built.wheel) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    masters = [f"solutions/{name}.py" for name in (*master_names(ROOT), "README")]
    for name in (*masters, "nbgrader_config.py"):
        assert name in packed
        assert content[f"{PACKAGE}/{name}"] == (ROOT / name).read_bytes()
    kept = {path for path in ROOT.joinpath(PACKAGE).iterdir() if path.is_file()}
    assert {f"{PACKAGE}/{path.name}" for path in kept} <= content.keys()
    data = {p.relative_to(ROOT).as_posix() for p in ROOT.glob("mlp_helpers/data/*.npz")}
    assert data and data <= content.keys()
    assert {name.partition("/")[0] for name in content} == {
        "autograder",
        "mlp_helpers",
        next(name for name in content if name.endswith("/RECORD")).partition("/")[0],
    }
    whole = {
        path.relative_to(ROOT).as_posix()
        for room in ("autograder", "mlp_helpers")
        for path in ROOT.joinpath(room).rglob("*")
        if path.is_file() and path.suffix != ".pyc" and "__pycache__" not in path.parts
    }
    assert whole <= content.keys(), sorted(whole - content.keys())


def test_the_installed_command_knows_its_own_course(installed, tmp_path):
    where = "import autograder, mlp_helpers; print(autograder.__file__, mlp_helpers.__file__)"
    assert call([installed.python, "-c", where], cwd=tmp_path).count(str(installed.folder)) == 2
    assert "init" in call([installed.command, "--help"], cwd=tmp_path)
    call([installed.command, "init", "class", "--chapters", "01,08"], cwd=tmp_path)
    for chapter in (CHAPTER, "08_generalisation"):
        name = f"course/{chapter}/{chapter}.ipynb"
        assert (tmp_path / "class" / name).read_bytes() == (ROOT / name).read_bytes()
    call([installed.command, "build", "--class", "class", "08"], cwd=tmp_path)


@pytest.mark.slow
def test_a_class_from_the_wheel_gets_what_it_gets_from_the_checkout(built, installed, tmp_path):
    folder, copy = tmp_path / "class", tmp_path / "copy"
    course = [installed.command]
    call([*course, "init", "class", "--chapters", "01"], cwd=tmp_path)
    for student, holes in HOLES.items():
        hand_in(folder, student, holes)
    assert "confinement: " in call([*course, "doctor", "--class", folder], cwd=tmp_path)
    assert "2 graded" in call([*course, "grade"], cwd=folder)
    call([*course, "report", "--class", folder, "--export", "canvas", "moodle", "gradescope"])
    call([*course, "gradescope", "01", "--class", folder, "--out", tmp_path / "autograder.zip"])
    with zipfile.ZipFile(tmp_path / "autograder.zip") as archive:
        assert built.wheel.name in archive.namelist()
    marks = points(folder)
    wrong = {(s, f"check_{name}") for s, holes in HOLES.items() for name in holes}
    assert {key for key, (got, most, *_) in marks.items() if got != most} == wrong
    for name in ("canvas.csv", f"moodle_{CHAPTER}.csv", "gradescope", "report.html"):
        assert (folder / "classroom" / "reports" / name).exists()

    # the checkout, with the same secret
    shutil.copytree(
        folder, copy, ignore=lambda at, names: ["gradebook.db", "journal", "autograded", "feedback"]
    )
    checkout = [sys.executable, "-m", "autograder"]
    assert "2 graded" in call([*checkout, "grade", "--class", copy], cwd=ROOT)
    call([*checkout, "report", "--class", copy], cwd=ROOT)
    assert points(copy) == marks

    # another system, with what Linux graded
    (folder / "classroom" / "reports" / "points.csv").unlink()
    done = elsewhere.command("report", python=installed.python, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert points(folder) == marks

    # nbgrader's own commands, and a newer course
    nbgrader = [installed.python, "-m", "nbgrader"]
    call([*nbgrader, "generate_feedback", "--force", CHAPTER], cwd=folder)
    call([*nbgrader, "export"], cwd=folder)
    assert "student-02" in (folder / "grades.csv").read_text(encoding="utf-8")
    assert f"{CHAPTER}: unchanged" in call([*course, "init", "--upgrade", "."], cwd=folder)
    again = call([*course, "grade", "--class", folder], cwd=tmp_path)
    assert again.count("(graded before)") == 2


def hand_in(folder, student, holes):
    """Write a student's notebook: the release with the master's code, and `holes` in its place."""
    name = f"{CHAPTER}/{CHAPTER}.ipynb"
    notebook = nbformat.read(folder / "course" / name, as_version=4)
    master = {
        cell.id: cell.source
        for cell in master_notebook(folder / "solutions" / f"{CHAPTER}.py").cells
    }
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = holes.get(cell.id, master[cell.id])
    path = folder / "classroom" / "submitted" / student / name
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


def points(folder):
    """What `report` says of each check: (student, cell) -> points, most, outcome, mistakes."""
    with open(folder / "classroom" / "reports" / "points.csv", encoding="utf-8") as file:
        return {
            (row["student"], row["cell"]): (
                float(row["points"]),
                float(row["max_points"]),
                row["outcome"],
                row["mistakes"],
            )
            for row in csv.DictReader(file)
            if row["cell"].startswith("check_")
        }
