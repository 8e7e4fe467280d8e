"""Another system than Linux, as far as the course's own modules can tell."""

import os
import subprocess
import sys
import tempfile

# Other packages may ask Linux for more when they find it, so they are imported first. Then all
# that macOS or Windows lacks is taken away from the modules of this course.
PRELUDE = """
import builtins, ctypes, importlib, os, signal, socket, sys
import IPython, jupytext, matplotlib.figure, nbgrader.apps, numpy.random, sqlalchemy, tqdm

MISSING = {"fcntl", "grp", "landlock", "pwd", "pyseccomp", "resource", "termios"}
usual = builtins.__import__

def found_elsewhere(name, globals=None, *more, **named):
    asking = (globals or {}).get("__name__") or ""
    if name.partition(".")[0] in MISSING and asking.startswith(("autograder", "mlp_helpers")):
        raise ImportError(f"{asking} imports {name}, which other systems do not have")
    return usual(name, globals, *more, **named)

def no_library(name, *more, **settings):
    raise TypeError("the C library cannot be opened by no name here")

builtins.__import__ = found_elsewhere
ctypes.CDLL = no_library
for name in ("O_ASYNC", "O_CLOEXEC", "O_DIRECT", "O_DIRECTORY", "O_NOATIME", "O_NOFOLLOW",
             "O_NONBLOCK", "O_TMPFILE", "chown", "fchmod", "fork", "geteuid", "getuid", "killpg",
             "posix_spawn", "setresuid", "setsid", "setuid", "waitstatus_to_exitcode"):
    vars(os).pop(name, None)
for name in ("SIGALRM", "SIGKILL", "SIGXCPU", "SIGXFSZ", "setitimer"):
    vars(signal).pop(name, None)
for name in ("AF_UNIX", "recv_fds", "send_fds", "socketpair"):
    vars(socket).pop(name, None)
before = {name for name in sys.modules if name.startswith("autograder")}
assert not before, before
"""
COMMAND = """
sys.platform = "darwin"
from autograder.cli import main
sys.exit(main(sys.argv[1:]))
"""


def run(script, *arguments, python=sys.executable, cwd=None):
    """Run a script there with some arguments: CompletedProcess."""
    command = [python, "-c", PRELUDE + script, *map(str, arguments)]
    # Folders made there have no lock: beside others here they would be taken for left-overs.
    with tempfile.TemporaryDirectory() as scratch:
        env = os.environ | {"TMPDIR": scratch}
        return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=env)


def command(*arguments, **where):
    """Run `mlp-course` there: CompletedProcess."""
    return run(COMMAND, *arguments, **where)
