"""Confinement: the levels hold, each is proven before it is believed, nothing is left behind."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.ground import scratch
from autograder.judge.remote_caller import RemoteCaller
from autograder.judge.session import Limits, Session
from autograder.judge.worker_process import Worker, WorkerError
from autograder.worker import canaries, confinement, syscalls, visible_files

QUICK = Limits(call=2, exercise=5, cell=3.0, cells=10)


def shown(worker, *cells):
    """Text of the last cell's outputs."""
    with Session(worker, list(cells), QUICK) as session:
        return "".join(output.get("text", "") for output in session.run()[-1])


# --- levels --------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=confinement.CONFINED)
def confined(request):
    """One worker at each level that this machine has."""
    with Worker((request.param,)) as worker:
        try:
            worker.start(1).close()
        except WorkerError as error:
            pytest.skip(str(error))
        worker.end()
        yield worker


@pytest.fixture(scope="module")
def open_worker():
    """A worker without confinement."""
    with Worker((confinement.NONE,)) as worker:
        worker.start(1).close()
        worker.end()
        yield worker


def test_a_level_holds_every_canary_that_it_promises_to(confined):
    found = confined._try_canaries()
    assert set(found) == set(canaries.CANARIES)
    escaped = {name for name, reason in found.items() if not reason}
    assert escaped == set(canaries.MAY_ESCAPE[confined.level])


def test_canaries_escape_where_nothing_holds_them(open_worker):
    found = open_worker._try_canaries()
    # what the kernel may refuse to any process of this user
    refused = {name for name, reason in found.items() if reason}
    assert refused <= {"memory", "environment", "unshare"}


def test_a_canary_of_which_nothing_is_known_has_escaped():
    everything = dict.fromkeys(canaries.CANARIES, "PermissionError")
    assert canaries.not_held("full", everything) == []
    assert canaries.not_held("full", {**everything, "read": ""}) == ["read"]
    del everything["kill"]
    assert canaries.not_held("landlock", everything) == ["kill"]
    assert canaries.not_held("landlock", {**everything, "kill": "x", "names": ""}) == []


def test_a_level_that_does_not_hold_is_not_believed(monkeypatch):
    monkeypatch.setattr(
        confinement,
        "wrap",
        lambda command, level, packages: [
            confinement.NONE if word in confinement.CONFINED else word for word in command
        ],
    )
    with Worker() as worker, pytest.raises(WorkerError, match="not held: .*read") as caught:
        worker.start(1)
    assert worker.level is None
    assert "full: " in str(caught.value) and "landlock: " in str(caught.value)
    assert "--unsafe-no-sandbox" in str(caught.value) and "\n" not in str(caught.value)


def test_without_bubblewrap_the_next_level_is_taken(monkeypatch):
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    with pytest.raises(confinement.Unavailable, match="not installed"):
        confinement.wrap(["python"], "full")
    with Worker() as worker:
        worker.start(1).close()
        assert worker.level == "landlock"


def test_libraries_that_are_missing_are_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "landlock", None)
    with pytest.raises(confinement.Unavailable, match="Landlock cannot be used .*landlock"):
        confinement.Confinement("landlock")
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "pyseccomp", None)
    with pytest.raises(confinement.Unavailable, match="seccomp cannot be used"):
        confinement.Confinement("full")


def test_without_confinement_the_limits_remain(open_worker):
    assert open_worker.level == confinement.NONE
    cell = "import numpy as np\nnp.ones(10**10)"
    assert "MemoryError" in shown(open_worker, cell)


# --- what a child may and may not ----------------------------------------------------------------

HARMLESS = {
    "files": "import os\nos.mkdir('d')\nopen('d/a', 'w').write('x')\nos.rename('d/a', 'b')\n"
    "open('b', 'w').close()\nos.unlink('b')\nos.rmdir('d')",
    "temporary file": "import tempfile\nwith tempfile.TemporaryFile() as f: f.write(b'x')",
    "arrays": "import numpy as np\nnp.save('a.npy', np.ones(3)); np.load('a.npy').sum()",
    "figure": "import matplotlib.pyplot as plt\nplt.plot([1]); plt.savefig('a.png'); plt.close()",
    "event loop": "import asyncio\nawait asyncio.sleep(0)",
    "timer": "import signal\nsignal.setitimer(signal.ITIMER_REAL, 0)",
    "own signal": "import signal\nsignal.signal(signal.SIGUSR1, lambda *a: None)\n"
    "signal.raise_signal(signal.SIGUSR1)",
    "late import": "import importlib, sqlite3, xml.dom.minidom\nimportlib.invalidate_caches()\n"
    "import wave, mpl_toolkits.mplot3d",
    "data": "from mlp_helpers.data import load_digits\nload_digits()",
    "plots": "from mlp_helpers import plots",
    "devices": "import os\nopen('/dev/urandom', 'rb').read(4)\nopen(os.devnull, 'w').write('x')",
    "machine": "import platform, os\nplatform.platform(); os.cpu_count()",
}


@pytest.mark.parametrize("cell", HARMLESS.values(), ids=HARMLESS)
def test_what_notebooks_do_is_allowed(confined, cell):
    assert "Error" not in shown(confined, cell)


REFUSED = {
    "read-only truncation": "import os, json\nos.open(json.__file__, os.O_RDONLY | os.O_TRUNC)",
    "limits": "import resource\nresource.setrlimit(resource.RLIMIT_AS, (2**40, 2**40))",
    "hard link": "import os, json\nos.link(json.__file__, 'mine')",
    "link to follow": "import os\nos.symlink('/etc/passwd', 'p')\nopen('p').read()",
    "mode": "import os\nopen('a', 'w').close()\nos.chmod('a', 0o777)",
    "device": "import os\nos.mknod('d', 0o20666, os.makedev(1, 1))",
    "own memory map": "open('/proc/self/maps').read()",
    "processes": "import os\nos.listdir('/proc')",
    "socket": "import socket\nsocket.socket()",
    "group of processes": "import os\nos.kill(0, 0)",
    "everybody": "import os\nos.kill(-1, 0)",
    "priority": "import os\nos.nice(-1)",
    "user": "import os\nos.setuid(0)",
    "root": "import os\nos.chroot('.')",
    "a child of its own": "import multiprocessing as m\np = m.Process(target=int)\np.start()",
    "shell": "import os\nassert os.system('true') == 0, 'Error'",
}


@pytest.mark.parametrize("cell", REFUSED.values(), ids=REFUSED)
def test_what_nothing_needs_is_refused(confined, cell):
    assert "Error" in shown(confined, cell)


def test_open_descriptors_are_the_channel_and_nothing_of_the_judge(confined):
    cell = """
import os, stat
kinds = []
for fd in range(3, 256):
    try: mode = os.fstat(fd).st_mode
    except OSError: continue
    kinds.append(stat.S_IFMT(mode))
kinds.count(stat.S_IFSOCK), kinds.count(stat.S_IFDIR), kinds.count(stat.S_IFIFO)"""
    assert shown(confined, cell) == "(1, 0, 0)"


def test_other_architectures_calls_end_the_child(confined):
    # int 0x80 is the i386 door into the kernel, where calls have other numbers
    cell = """
import ctypes, mmap, platform
assert platform.machine() == "x86_64", "Error: only there"
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(bytes.fromhex("b814000000cd80c3"))
address = ctypes.addressof(ctypes.c_char.from_buffer(page))
ctypes.CFUNCTYPE(ctypes.c_int)(address)()"""
    assert "ended the Python process" in shown(confined, cell) or "only there" in shown(
        confined, cell
    )


# --- the students' edition -----------------------------------------------------------------------

SEARCH = """
import os
from pathlib import Path
def readable(folder):
    for path, _, files in os.walk(folder):
        for name in files:
            try: yield os.path.join(path, name), open(os.path.join(path, name), "rb").read()
            except OSError: pass
sorted(Path(p).name for p, text in readable(%r) if %r in text)"""


def test_no_answer_can_be_read_from_the_packages(confined):
    text = shown(confined, SEARCH % (str(visible_files.PACKAGES), b"Mistake("))
    assert "chapter" not in text and "Error" not in text
    assert shown(confined, SEARCH % (str(visible_files.PACKAGES / "autograder"), b"")) == "[]"


def test_the_gate_may_go_the_answers_stay_away(confined):
    cell = """
import sys, importlib
del sys.meta_path[0]
for name in ("reference.network", "answers.chapter_01.softmax", "answers.bank"):
    try: importlib.import_module("mlp_helpers." + name); print("got", name)
    except ImportError: pass
    except OSError: pass"""
    assert shown(confined, cell) == ""


def test_every_helper_that_the_chapters_import_is_in_the_edition(root):
    imported = set()
    for master in (root / "solutions").glob("*.py"):
        for line in master.read_text(encoding="utf-8").splitlines():
            words = line.split()
            if words[:1] == ["from"] and words[1].startswith("mlp_helpers."):
                imported.add(words[1])
    edition = tuple(f"{name}." for name in visible_files.student_modules() - {"mlp_helpers"})
    assert [name for name in imported if not f"{name}.".startswith(edition)] == []


def test_what_graded_code_sees_of_the_package_is_known():
    """A module outside of `answers` and `reference` is shown to graded code: look at it first."""
    assert visible_files.student_names() == [
        "__init__",
        "carried",
        "catalogue",
        "checking",
        "data",
        "demos",
        "limits",
        "named",
        "notebook",
        "plots",
        "progress",
        "recorded",
        "verdicts",
    ]


# --- places --------------------------------------------------------------------------------------


@pytest.fixture
def tree(tmp_path):
    """A folder as pip fills it: two packages, one of them with a secret part, and a link."""
    for name in ("site/a/x.py", "site/b/open.py", "site/b/closed/y.py", "outside/z.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "site" / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "other").symlink_to(tmp_path / "site")
    return tmp_path


def test_a_folder_is_split_around_its_secrets(tree):
    site = tree / "site"
    assert visible_files.parts(site, []) == ([site], [])
    assert visible_files.parts(tree / "other", [site / "b" / "closed"]) == (
        [site / "a", site / "b" / "open.py"],
        [site, site / "b"],
    )
    assert visible_files.parts(site, [site]) == ([], [])


def test_masks_are_seen_through_links(tree):
    secrets = [tree / "site" / "b" / "closed"]
    assert visible_files.masks(tree / "other", secrets) == [tree / "other" / "b" / "closed"]
    assert visible_files.masks(tree / "outside", secrets) == []


def test_a_framework_is_hidden_wherever_it_is_installed(tree, monkeypatch):
    for name in ("torch", "scipy/optimize", "scipy/linalg"):
        (tree / "site-packages" / name).mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [str(tree / "site-packages")])
    packages = tree / "site-packages"
    assert {packages / "torch", packages / "scipy" / "optimize"} <= set(visible_files.hidden())
    monkeypatch.setattr(visible_files, "installed", lambda names: {packages / n for n in names})
    whole, _ = visible_files.parts(packages, visible_files.hidden(("scipy",)))
    assert whole == [packages / "scipy" / "linalg"]
    assert visible_files.parts(packages, visible_files.hidden()) == ([], [])
    binds = confinement._binds()
    assert binds[binds.index(str(packages / "torch")) - 1] == "--tmpfs"


def test_what_is_allowed_brings_what_it_needs_and_nothing_else():
    names = {path.name for path in visible_files.installed()}
    assert {"numpy", "matplotlib", "PIL", "dateutil", "IPython", "traitlets"} <= names
    assert not names & {"nbgrader", "sqlalchemy", "jupyterlab", "pip", "pytest", "scipy"}
    assert "nbgrader" in {path.name for path in visible_files.installed(("nbgrader",))}


def test_packages_are_found_wherever_a_program_brings_them_along(tmp_path, monkeypatch):
    deep = tmp_path / "lib" / "suite" / "platform" / "python" / "lib" / "python3.12"
    for name in ("site-packages/autograd", "dist-packages/tool", "site-packages/a/site-packages/b"):
        (deep / name).mkdir(parents=True)
        (deep / name / "x.py").touch()
    monkeypatch.setattr(visible_files, "SYSTEM", (str(tmp_path),))
    sites = {deep / "site-packages", deep / "dist-packages"}
    assert sites <= set(visible_files.site_folders()) and sites <= visible_files.not_allowed()
    whole, _ = visible_files.parts(tmp_path, visible_files.hidden())
    assert whole == []
    store = tmp_path / "store"
    package = store / "hash-autograd" / "lib" / "python3.11" / "site-packages"
    package.mkdir(parents=True)
    monkeypatch.setattr(visible_files, "STORES", (str(store),))
    assert visible_files._sites(store) == [package]


VISIBLE = """
import os, sys
sys.meta_path[:] = [f for f in sys.meta_path if type(f).__name__ != "_Gate"]
roots = {"/usr", "/opt", "/lib", "/nix", "/home", "/root", sys.prefix, sys.base_prefix}
roots |= {os.path.join(p, n) for p in (sys.prefix, sys.base_prefix) for n in ("lib", "share")}
found = set()
for root in roots:
    for base, folders, files in os.walk(root):
        head, site, inside = base.rpartition("-packages/")
        inside = inside if site else "" if base.endswith("-packages") else None
        for name in files if inside is not None else ():
            try:
                with open(os.path.join(base, name), "rb") as file:
                    if file.read(1): found.add((inside.split("/")[0] or name))
            except OSError: pass
for name in %r:
    try:
        if __import__(name).__file__: found.add("imported " + name)
    except Exception: pass
print(*sorted(found), sep="\\n")"""


def test_of_all_packages_on_the_machine_only_the_allowed_can_be_read(confined):
    names = {
        path.stem
        for path in visible_files.not_allowed()
        if path.suffix in ("", ".py") and path.stem.isidentifier() and not path.stem.startswith("_")
    }
    cell = VISIBLE % sorted(names - set(sys.stdlib_module_names))
    with Session(confined, [cell], Limits(cell=60, cells=60)) as session:
        text = "".join(output.get("text", "") for output in session.run()[-1])
    seen = set(text.split("\n")) - {""}
    allowed = {path.name for path in visible_files.installed()}
    assert {"numpy", "matplotlib"} <= seen
    assert sorted(seen - allowed) == []


FOREIGN = """
import sys
sys.meta_path[:] = [f for f in sys.meta_path if type(f).__name__ != "_Gate"]
from pathlib import Path
homes = (sys.prefix, sys.base_prefix, "/usr", "/usr/local")
sites = [p for h in homes for p in Path(h).glob("lib/python3*/*-packages")]
found = []
for name in ("pip", "nbgrader", "sqlalchemy", "pytest", "setuptools"):
    for site in sites:
        try:
            found.append((site / name / "__init__.py").read_text()[:9])
        except OSError:
            pass
print(found)"""


def test_no_other_package_can_be_read(confined):
    assert shown(confined, FOREIGN) == "[]\n"


def test_what_an_instructor_allows_can_be_imported(confined):
    level = confined.level
    cells = ["import dask, toolz", "import sqlalchemy"]
    with Worker((level,), ("dask",)) as worker, Session(worker, cells, Limits()) as s:
        allowed, other = s.run()
    assert allowed == []
    assert "not available while a notebook is graded" in other[0]["text"]


def test_every_listed_call_is_known_to_this_or_another_architecture():
    seccomp = pytest.importorskip("pyseccomp")
    for name in (*syscalls.ALLOWED, "fcntl", "ioctl", "prlimit64", "socketpair", "sendto"):
        assert seccomp.resolve_syscall(seccomp.Arch.NATIVE, name) != -1, name


# --- files that are too many, too large, too deep ------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        "for i in range(100): open(f'f{i}', 'wb').write(bytes(2**23))",
        "for i in range(10**5): open(f'f{i}', 'wb').close()",
        "import os\nfor i in range(10**5): os.mkdir('d'); os.chdir('d')",
    ],
    ids=["size", "number", "depth"],
)
def test_a_submission_that_fills_the_disk_is_ended(confined, cell):
    text = shown(confined, cell + "\nimport time; time.sleep(2)")
    # at `full` its folder is in memory, and may be full before anybody has looked
    assert "too many or too large files" in text or "No space left on device" in text
    assert shown(confined, "1 + 1") == "2"


def test_files_without_a_name_count(confined):
    nameless = """
import ctypes, os, time
mmap = ctypes.CDLL(None).mmap
kinds = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
mmap.restype, mmap.argtypes = ctypes.c_void_p, kinds
for i in range(60):
    file = os.open("f", os.O_RDWR | os.O_CREAT)
    os.pwrite(file, bytes(2**24), 0)
    mmap(None, 4096, 1, 1, file, 0)
    os.close(file)
    os.unlink("f")
time.sleep(2)
'still here'"""
    text = shown(confined, nameless)
    assert "too many or too large files" in text or "No space left on device" in text
    assert "PermissionError" in shown(confined, "import os\nos.open('.', os.O_TMPFILE | os.O_RDWR)")
    assert "and back" in shown(
        confined,
        "import tempfile\nwith tempfile.TemporaryFile() as f:\n"
        "    f.write(b'and back'); f.seek(0); print(f.read())",
    )


def test_one_submission_leaves_no_number_in_a_file_for_the_next(confined):
    look = """
import fcntl, os, stat
def numbers(change):
    for number in range(64):
        try:
            if stat.S_ISREG(os.fstat(number).st_mode):
                if change:
                    os.lseek(number, 42424242, 0)
                yield os.lseek(number, 0, 1)
        except OSError:
            pass
"""
    assert "42424242" in shown(confined, look + "list(numbers(True))")
    assert "42424242" not in shown(confined, look + "list(numbers(False))")
    assert "PermissionError" in shown(
        confined, "import fcntl, os\nfcntl.fcntl(os.pipe()[0], fcntl.F_SETFL, os.O_DIRECT)"
    )


def test_one_file_is_limited(confined):
    assert "File too large" in shown(confined, "open('f', 'wb').write(bytes(2**25))")


def test_deep_and_closed_folders_are_removed(tmp_path):
    home, folder = os.getcwd(), tmp_path / "s"
    folder.mkdir()
    try:
        os.chdir(folder)
        for _ in range(3000):
            os.mkdir("d")
            os.chdir("d")
    finally:
        os.chdir(home)
    closed = folder / "closed"
    closed.mkdir()
    (closed / "file").touch()
    closed.chmod(0o300)
    scratch.remove(str(folder))
    assert not folder.exists()
    scratch.remove(str(folder))  # a second time is no harm


# --- processes, where nothing forbids them -------------------------------------------------------


def processes_with(mark):
    found = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in found.splitlines() if mark in line and "ps -eo" not in line]


def test_nothing_outlives_the_submission(open_worker):
    mark = f"sleep 98{os.getpid()}"
    daemon = f"import subprocess\nsubprocess.Popen('{mark}'.split(), start_new_session=True)"
    with Session(open_worker, [daemon], QUICK) as session:
        session.run()
        assert processes_with(mark)
    assert not processes_with(mark)
    assert shown(open_worker, "1") == "1"


UNRULY = {
    "orphan": (
        "import os\n    if os.fork() == 0:\n        os.setsid()\n        while True: pass\n"
        "    while True: pass",
        "Timeout",
    ),
    "patricide": ("import os; os.kill(os.getppid(), 9)\n    while True: pass", "Died"),
    "group": ("import os; os.killpg(0, 9)", "Died"),
}


@pytest.mark.parametrize("kind", UNRULY)
def test_an_unruly_call_costs_itself_and_no_other(open_worker, kind):
    body, expected = UNRULY[kind]
    with Session(
        open_worker,
        [f"def bad(x):\n    {body}", "def good(x): return 42"],
        Limits(call=0.5, exercise=5, cell=1, cells=5),
    ) as session:
        session.run()
        assert RemoteCaller(session, "bad")((1,)).error.kind == expected
        assert RemoteCaller(session, "good")((1,)).value == 42


def test_a_killed_worker_leaves_no_folder(confined):
    with Worker((confined.level,)) as own:
        own.start(5).close()
        home = own._home
        assert (home is None) == (own.level == "full")
        own._process.kill()
    assert home is None or not os.path.exists(home)


def test_nothing_is_left_when_the_judge_is_killed(confined):
    code = (
        f"from autograder.judge.session import *\n"
        "from autograder.judge.worker_process import *\n"
        f"w = Worker(({confined.level!r},))\n"
        "s = Session(w, ['while True: pass'], Limits())\nw.start(5)\n"
        "print(w._process.pid, w._home, flush=True)\ns.run()"
    )
    judge = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    pid, home = judge.stdout.readline().split()
    judge.kill()
    judge.wait()
    judge.stdout.close()
    deadline = time.monotonic() + 5
    while (os.path.exists(f"/proc/{pid}") or os.path.exists(home)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not os.path.exists(f"/proc/{pid}") and not os.path.exists(home)
