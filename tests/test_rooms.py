"""The walls of the grader's house: which room may import which, and what runs on every system."""

import ast
from pathlib import Path

import elsewhere
import pytest

from autograder.worker import visible_files

PACKAGE = Path(__file__).resolve().parent.parent / "autograder"

# A room -> the rooms that it imports; read downwards, every arrow points up.
ARROWS = {
    "ground": set(),
    "worker": {"ground"},  # mounted whole beside students' code, with what it stands on
    "judge": {"ground", "worker"},
    "gradebook": {"ground", "worker", "judge"},
    "release": {"ground", "worker", "gradebook"},
    "class_run": {"ground", "worker", "judge", "gradebook", "release"},
    "reports": {"ground", "worker", "judge", "class_run"},
    "demo": {"ground", "release"},
    "cli": {"ground", "gradebook", "release", "class_run", "reports", "demo"},
    "__main__": {"cli"},
}
# Modules of the worker that only a Linux process ever imports: the zygote, and what it starts.
LINUX_ALONE = {"autograder.worker.zygote", "autograder.worker.quiet_shell"}


def room_of(path):
    """The room of a file; a module that stands beside the rooms is one of its own."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path):
    """Modules and names of our package that a file imports: list of dotted names without it."""
    here, found = path.relative_to(PACKAGE).parts[:-1], []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [
                alias.name.removeprefix("autograder.")
                for alias in node.names
                if alias.name.startswith("autograder.")
            ]
        elif isinstance(node, ast.ImportFrom):
            module = node.module.split(".") if node.module else []
            if node.level:
                module = [*here[: len(here) - node.level + 1], *module]
            elif module[0] != "autograder":
                continue
            else:
                module = module[1:]
            found += [".".join([*module, alias.name]) for alias in node.names]
    return found


def arrows():
    """Every arrow between two rooms: (from, to) -> the files in which it begins."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for name in imported(path):
            arrow = room_of(path), name.partition(".")[0]
            if arrow[0] != arrow[1]:
                found.setdefault(arrow, []).append(str(path.relative_to(PACKAGE)))
    return found


def test_every_module_has_a_room():
    found = {room_of(path) for path in PACKAGE.rglob("*.py")}
    assert found - {"__init__"} == set(ARROWS)
    assert {path.stem for path in PACKAGE.glob("*.py")} == {"__init__", "__main__", "cli"}


def test_arrows_point_one_way():
    rooms = list(ARROWS)
    for room, others in ARROWS.items():
        assert all(rooms.index(other) < rooms.index(room) for other in others), room


@pytest.mark.parametrize("room", ARROWS)
def test_a_room_imports_what_its_wall_allows(room):
    found = {to: files for (begin, to), files in arrows().items() if begin == room}
    assert found.keys() == ARROWS[room], {
        to: found.get(to, "nothing imports it") for to in found.keys() ^ ARROWS[room]
    }


def test_what_the_worker_stands_on_is_visible_to_it():
    """No more of the grader than that: a submission sees it."""
    todo, found = list(PACKAGE.glob("worker/*.py")), set()
    while todo:
        path = todo.pop()
        for name in imported(path):
            parts = name.split(".")
            below = [PACKAGE.joinpath(*parts[:n]).with_suffix(".py") for n in range(1, 3)]
            new = {file for file in below if file.is_file()} - found
            found |= new
            todo += new
    inits = {path.parent / "__init__.py" for path in found} | {PACKAGE / "__init__.py"}
    seen = {path for path in visible_files.worker_files() if path.suffix == ".py"}
    assert {path for path in found | inits if path.parent.name != "worker"} == seen


IMPORTS = """
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except Exception as error:
        print(name, type(error).__name__, error)
"""


def modules():
    """Dotted names of the package's modules that every system can import."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(("autograder", *path.relative_to(PACKAGE).with_suffix("").parts))
        if name.removesuffix(".__init__") not in LINUX_ALONE and "__main__" not in name:
            yield name.removesuffix(".__init__")


def refused_elsewhere(*names):
    """What the import of each module says on another system: name -> text, if it fails."""
    done = elsewhere.run(IMPORTS, *names)
    assert done.returncode == 0, done.stderr
    return {
        name: said for name, _, said in (line.partition(" ") for line in done.stdout.splitlines())
    }


def test_building_checking_and_reporting_import_on_every_system():
    names = list(modules())
    assert {
        "autograder.cli",
        "autograder.release.generate",
        "autograder.reports.exports",
        "autograder.class_run.grade_notebook_file",
    } <= set(names)
    assert refused_elsewhere(*names) == {}


def test_what_linux_alone_has_is_missed():
    refused = refused_elsewhere(*sorted(LINUX_ALONE))
    assert "autograder.worker.zygote imports resource" in refused["autograder.worker.zygote"]


def test_a_class_is_begun_on_every_system_and_graded_on_linux(tmp_path):
    folder, chapter = str(tmp_path / "class"), "01_softmax_jacobian"
    for call in (
        ("init", folder, "--chapters", "01"),
        ("build", "--class", folder),
        ("init", "--upgrade", folder),
    ):
        done = elsewhere.command(*call)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        assert chapter in done.stdout
    done = elsewhere.command("grade", "--class", folder)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "WSL2" in done.stderr
