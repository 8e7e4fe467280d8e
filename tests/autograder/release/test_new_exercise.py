"""A new exercise: its file, its place in the list, its cells; everything or nothing."""

import ast
import re
import shutil
import subprocess
import sys

import pytest

from autograder.ground.errors import Problem
from autograder.release import new_exercise as module
from autograder.release.masters import master_names
from autograder.release.new_exercise import new_exercise

CHAPTER = "01_softmax_jacobian"
ANSWERS = "mlp_helpers/answers"


@pytest.fixture
def course(tmp_path, root):
    """A course folder with the masters and the lists of exercises, and nothing else."""
    (tmp_path / "solutions").mkdir()
    for name in master_names(root):
        shutil.copy(root / "solutions" / f"{name}.py", tmp_path / "solutions")
    for listing in (root / ANSWERS).glob("chapter_*/__init__.py"):
        folder = tmp_path / ANSWERS / listing.parent.name
        folder.mkdir(parents=True)
        shutil.copy(listing, folder)
    return tmp_path


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names_in(listing):
    return re.search(r'EXERCISES = """\n(.*?)"""\.split\(\)', listing.read_text(), re.DOTALL)[
        1
    ].split()


@pytest.mark.parametrize("number", range(9))
def test_an_exercise_goes_to_the_end_of_its_chapters_exercises(course, root, number):
    chapter = master_names(root)[number]
    master = course / "solutions" / f"{chapter}.py"
    before = contents(course)
    made, listing, changed = new_exercise(course, "hinge_loss", chapter)
    assert changed == master and contents(course).keys() - before.keys() == {made}
    old = names_in(root / listing.relative_to(course))
    assert names_in(listing) == [*old, "hinge_loss"]
    assert max(map(len, listing.read_text().splitlines())) <= 100
    text, was = master.read_text(encoding="utf-8"), before[master].decode()
    begin, end = text.index('# %% [markdown]\nr"""\n### Exercise: hinge_loss'), len(text) - len(was)
    cells = text[begin : begin + end]
    assert text.replace(cells, "") == was
    assert was.rindex('"grade_id": "check_') < begin < text.index("## Referee the notes")
    assert re.match(r'# %% \[markdown\]\nr"""\n## ', was[begin:])
    assert re.findall(r'"grade_id": "(\w+)"', cells) == ["hinge_loss", "check_hinge_loss"]


@pytest.mark.parametrize("name", ["f1", "a_name_that_is_as_long_as_names_may_be_x"])
def test_the_files_are_python_laid_out_as_the_others(course, name):
    made, listing, master = new_exercise(course, name, CHAPTER)
    for path in (listing, master):
        ast.parse(path.read_text(encoding="utf-8"))
    for command in (["check", "--select", "E,F,W,I,B,UP"], ["format", "--check"]):
        layout = ["--line-length", "100", "--no-cache", str(made)]
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *layout], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("after", ["", '# %% [markdown]\nr"""\n## Referee the notes\n"""\n'])
def test_a_chapter_without_exercises_gets_its_first(course, after):
    before = '# %% [markdown]\nr"""\n## A section\n"""\n\n'
    folder = course / ANSWERS / "chapter_09"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""New."""\n\nEXERCISES = """\n""".split()\n')
    master = course / "solutions" / "09_new.py"
    master.write_text(before + after)
    made, listing, _ = new_exercise(course, "first_one", "09_new")
    assert names_in(listing) == ["first_one"]
    text = master.read_text()
    assert text.startswith(before) and text.endswith(after or "check(first_one)\n")
    assert text.removeprefix(before).startswith('# %% [markdown]\nr"""\n### Exercise: first_one\n')


@pytest.mark.parametrize(
    "name, says",
    [
        ("2fast", "take a name"),
        ("", "take a name"),
        ("a-b", "take a name"),
        ("été", "take a name"),
        ("../evil", "take a name"),
        ("x" * 41, "take a name"),
        ("softmax\n", "take a name"),
        ("lambda", "take a name"),
        ("sum", "take a name"),
        ("relu", "chapter 05 has an exercise relu already"),
        ("check_relu", "05_relu_kinks.py has a cell check_relu already"),
        ("derive_softmax_jacobian", "has a cell"),
        ("z_hand", "uses the name z_hand"),
        ("plots", "uses the name plots"),
        ("shared", "there is a file"),
    ],
)
def test_names_that_cannot_be_are_refused_and_nothing_is_written(course, name, says):
    (course / ANSWERS / "chapter_01" / "shared.py").write_text("")
    before = contents(course)
    with pytest.raises(Problem, match=re.escape(says)) as error:
        new_exercise(course, name, CHAPTER)
    assert "\n" not in str(error.value)
    assert contents(course) == before


@pytest.mark.parametrize("broken", ["mlp_helpers/answers/chapter_01/__init__.py", "a list"])
def test_a_chapter_that_is_not_whole_is_refused(course, broken):
    listing = course / ANSWERS / "chapter_01" / "__init__.py"
    if broken == "a list":
        listing.write_text('EXERCISES = ["softmax"]\n')
    else:
        listing.unlink()
    before = contents(course)
    with pytest.raises(Problem, match="chapter_01/__init__.py"):
        new_exercise(course, "hinge_loss", CHAPTER)
    assert contents(course) == before


def test_a_master_that_is_not_python_is_refused(course):
    master = course / "solutions" / f"{CHAPTER}.py"
    master.write_text(master.read_text(encoding="utf-8") + "\ndef half(\n", encoding="utf-8")
    before = contents(course)
    with pytest.raises(Problem, match=r"01_softmax_jacobian.py, line \d+, is not Python"):
        new_exercise(course, "hinge_loss", CHAPTER)
    assert contents(course) == before


@pytest.mark.parametrize("fails", [1, 2, 3])
def test_what_was_written_is_taken_back_when_a_file_cannot_be(course, monkeypatch, fails):
    before, calls, write = contents(course), [], module.write

    def failing(path, *rest):
        calls.append(path)
        if len(calls) == fails:
            raise OSError(28, "No space left on device", str(path))
        write(path, *rest)

    monkeypatch.setattr(module, "write", failing)
    with pytest.raises(OSError, match="No space"):
        new_exercise(course, "hinge_loss", CHAPTER)
    assert len(calls) >= fails and contents(course) == before
