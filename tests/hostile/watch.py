"""Run a command as some user and say what it left behind: ``python watch.py UID FILE COMMAND...``.

This process adopts every orphan below it, so a daemon that outlives the command is found here. The
exit code is the command's; the command lines of what was left are written to FILE.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from autograder.worker.processes import adopt_orphans


def children():
    """Process ids of this process's living children."""
    text = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    return [int(pid) for pid in text.split() if alive(pid)]


def alive(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def main():
    uid, report, *command = sys.argv[1:]
    adopt_orphans()
    other = int(uid) != os.geteuid()
    user = {"user": int(uid), "group": int(uid), "extra_groups": []} if other else {}
    code = subprocess.Popen(command, start_new_session=True, **user).wait()
    deadline = time.monotonic() + 3  # what is ending needs a moment
    while children() and time.monotonic() < deadline:
        time.sleep(0.05)
    left = [Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ") for pid in children()]
    Path(report).write_text("\n".join(left))
    for pid in children():
        os.kill(pid, signal.SIGKILL)
    return code


if __name__ == "__main__":
    sys.exit(main())
