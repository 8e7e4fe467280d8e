"""The set-up files agree with each other, and imports run one way."""

import ast
import json
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "macOS": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    "Windows": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
}
CONDA_NAMES = {"matplotlib": "matplotlib-base"}  # without Qt, which a notebook does not need

# What answers an exercise: the grader's child must never load it.
ANSWERS = ("mlp_helpers.answers", "mlp_helpers.reference")


# Requirements ------------------------------------------------------------------------------------


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def asked():
    """Every requirement of pyproject.toml, those of the extras and of the build included."""
    data = project()
    extras = data["project"]["optional-dependencies"].values()
    lines = [*data["project"]["dependencies"], *(line for extra in extras for line in extra)]
    return [Requirement(line) for line in [*lines, *data["build-system"]["requires"]]]


def lock_lines():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def environment(python, platform):
    full = {"python_version": python, "python_full_version": f"{python}.0", "extra": ""}
    return {**default_environment(), **PLATFORMS[platform], **full}


def pins(python, platform):
    """The lock's versions on one Python and platform: canonical name -> version."""
    env = environment(python, platform)
    wanted = [Requirement(line) for line in lock_lines()]
    wanted = [r for r in wanted if r.marker is None or r.marker.evaluate(env)]
    return {canonicalize_name(r.name): str(r.specifier).removeprefix("==") for r in wanted}


def test_lock_is_exact_and_names_no_place():
    for line in lock_lines():
        assert re.fullmatch(r"[\w.-]+==[\w.]+( ; [\w ._<\"'=!]+)?", line), line
    names = [canonicalize_name(Requirement(line).name) for line in lock_lines()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("python", PYTHONS)
def test_lock_satisfies_pyproject(python):
    locked = pins(python, "linux")
    for requirement in asked():
        pin = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(pin), f"{requirement} but {pin} is locked"


def needed(env):
    """Names of everything that pyproject.toml asks for, directly and indirectly."""
    todo = [r for r in asked() if r.marker is None or r.marker.evaluate(env)]
    seen = set()
    while todo:
        requirement = todo.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key not in seen:
            seen.add(key)
            todo += needs(*key, env)
    return {name for name, _ in seen}


def needs(name, extras, env):
    """What an installed distribution asks for; nothing for one of another platform."""
    try:
        lines = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        assert env["sys_platform"] != default_environment()["sys_platform"], name
        return []
    found = [Requirement(line) for line in lines]
    envs = [{**env, "extra": extra} for extra in ("", *extras)]
    return [r for r in found if r.marker is None or any(r.marker.evaluate(e) for e in envs)]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_lock_holds_all_that_is_needed_and_no_more(platform):
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    locked = set(pins(python, platform))
    wanted = needed(environment(python, platform))
    assert wanted <= locked, f"not locked: {sorted(wanted - locked)}"
    if platform == "linux":  # elsewhere, what only Linux needs is locked without harm
        assert locked <= wanted, f"locked for nobody: {sorted(locked - wanted)}"


def test_conda_environment_asks_for_the_same():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    *lines, by_pip = yaml.safe_load(text)["dependencies"]
    conda = {name: SpecifierSet(ranges) for name, _, ranges in (s.partition(" ") for s in lines)}
    assert conda.pop("python") == SpecifierSet(project()["project"]["requires-python"])
    assert conda.pop("pip") == SpecifierSet("")
    build = {Requirement(line).name for line in project()["build-system"]["requires"]}
    wanted = {r.name: r for r in asked() if r.name not in build}
    *others, itself = by_pip["pip"]
    assert itself == "-e ."
    for requirement in map(Requirement, others):
        assert requirement == wanted.pop(requirement.name)
    assert conda == {CONDA_NAMES.get(name, name): r.specifier for name, r in wanted.items()}


def test_students_need_little():
    names = {Requirement(line).name for line in project()["project"]["dependencies"]}
    assert names == {"numpy", "matplotlib", "jupyterlab"}


# Imports -----------------------------------------------------------------------------------------


def modules():
    """Every module of the two packages: dotted name -> path."""
    found = {}
    for package in ("mlp_helpers", "autograder"):
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(p for p in parts if p != "__init__")] = path
    return found


def imported(name, path):
    """Absolute dotted names that a module imports; `from a import b` gives a and a.b."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *filter(None, [base])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found


def within(name, packages):
    return any(name == p or name.startswith(p + ".") for p in packages)


ONE_WAY = [
    # (who, must not import)
    (("mlp_helpers",), ("nbgrader", "jupytext", "nbformat", "nbconvert", "nbclient", "autograder")),
    (("mlp_helpers.checking",), (*ANSWERS, "mlp_helpers.notebook", "mlp_helpers.plots")),
    (
        ("mlp_helpers.reference.activations", "mlp_helpers.reference.losses", "mlp_helpers.named"),
        ("mlp_helpers.checking", "mlp_helpers.answers", "mlp_helpers.notebook"),
    ),
    (("mlp_helpers.reference",), ("mlp_helpers.checking", "mlp_helpers.answers")),
    (("mlp_helpers.answers",), ("mlp_helpers.notebook", "mlp_helpers.progress")),
    (("autograder.worker",), (*ANSWERS, "nbgrader")),
]


@pytest.mark.parametrize("who, banned", ONE_WAY, ids=lambda names: names[0])
def test_imports_run_one_way(who, banned):
    mine = {n: p for n, p in modules().items() if within(n, who)}
    assert mine, f"no module {who}: renamed?"
    for name, path in mine.items():
        wrong = {i for i in imported(name, path) if within(i, banned)}
        assert not wrong, f"{name} imports {wrong}"


IMPORT = """
import json, sys
import numpy
before = set(sys.modules)
import {module}
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def loaded_by(module):
    """Modules that an import brings beyond NumPy's; the import itself must be silent."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORT.format(module=module)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    (line,) = done.stdout.splitlines()
    return {name for name in json.loads(line) if not name.startswith("__editable__")}


def test_importing_the_helpers_is_light_and_silent():
    new = loaded_by("mlp_helpers")
    tops = {n.partition(".")[0] for n in new}
    assert not tops & {"matplotlib", "IPython", "nbgrader", "autograder"}
    assert len(new) < 80, f"{len(new)} modules: {sorted(new)}"


def test_worker_loads_nothing_that_holds_an_answer():
    assert not {name for name in loaded_by("autograder.worker.zygote") if within(name, ANSWERS)}


def test_importing_the_command_is_light_and_silent():
    new = {n.partition(".")[0] for n in loaded_by("autograder.cli")}
    assert not new & {"matplotlib", "IPython", "nbgrader", "jupytext"}


# Set-up ------------------------------------------------------------------------------------------

OLD = 'case "$2" in "") exit 0;; *) exit 1;; esac'
BARE = 'case "$2" in *ensurepip*) exit 1;; *print*) echo 3.12;; *) exit 0;; esac'


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize(
    "python, says",
    [
        (OLD, "needs Python 3.11 or newer (python3 is older)"),
        (BARE, "apt install python3.12-venv"),
        (None, "needs Python 3.11 or newer:"),
    ],
    ids=["too old", "without ensurepip", "no Python"],
)
def test_make_says_in_one_line_what_python_lacks(python, says, tmp_path):
    tools = tmp_path / "bin of a bare machine"
    tools.mkdir()
    for name in ("cat", "rm", "sh"):
        (tools / name).symlink_to(shutil.which(name))
    if python:
        (tools / "python3").write_text(f"#!/bin/sh\n{python}\n", encoding="utf-8")
        (tools / "python3").chmod(0o755)
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    done = subprocess.run(
        [shutil.which("make"), "demo"],
        cwd=tmp_path,
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0 and done.stdout == ""
    assert says in done.stderr.splitlines()[0]
    assert not (tmp_path / ".venv").exists()


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_help_names_every_target():
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True).stdout
    for target in ("demo", "test", "install", "course", "lab", "lint", "bench"):
        assert f"make {target} " in listed


# Text files --------------------------------------------------------------------------------------

TEXT = {".py", ".md", ".toml", ".yml", ".lock", ".ipynb", ""}


def tracked_like():
    """The files that belong to the repository, without those that .gitignore names."""
    skip = {".git", ".venv", "classroom", "build", "__pycache__", ".ipynb_checkpoints"}
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        cache = any(p in skip or p.endswith((".egg-info", "_cache")) for p in parts)
        if path.is_file() and not cache and path.suffix in TEXT:
            yield path


def test_text_files_are_utf8_with_unix_line_ends():
    for path in tracked_like():
        raw = path.read_bytes()
        raw.decode("utf-8")
        assert b"\r" not in raw, path


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=lambda c: c[0])
def test_ruff_is_content(command):
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--no-cache", str(ROOT)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_mypy_is_content(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
