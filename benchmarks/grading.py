"""How fast a class is graded: `mlp-course grade` against nbgrader as it comes and otter-grader.

One class of chapter 04 (`grading_class.py`): right, wrong, crashing and slow notebooks, a figure of
its own in each. All graders get the same notebooks and the same checks; ours confines them at the
best level of this machine. Measured is the whole command, from its start to its end, everything
that it starts included: wall-clock time, and processor time of all its processes. Feedback pages
are part of it where a grader has them (otter has none). The two others are slow, so they grade a
part of the class, which is the same mixture; rates are per submission, start-up included.

    python benchmarks/grading.py [--students 200] [--sample 20] [--rounds 3] [--otter PATH]
    python benchmarks/grading.py --scaling 10 50 200 1000 2000
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from grading_class import CHAPTER, ROOT, hand_in, make_course, make_otter, make_stock
from tables import RESULTS, markdown, save, write_csv

from autograder.class_run.registration import register
from autograder.gradebook.nbgrader_settings import load_config
from autograder.judge.secret import course_secret
from autograder.judge.worker_process import Worker
from autograder.worker import processes

PYTHON = sys.executable


@dataclass(frozen=True)
class Cost:
    """What some commands cost: seconds of the clock, of processors, and the largest process."""

    wall: float
    cpu: float
    megabytes: float = 0.0

    def each(self, count):
        """The same for one of `count` submissions."""
        return Cost(self.wall / count, self.cpu / count, self.megabytes)


def measure(commands, folder, may_fail=False):
    """Run commands one after the other; count everything that they start."""
    started, before, largest = time.monotonic(), _processor_time(), 0.0
    for command in commands:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        words = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        largest = max(largest, usage.ru_maxrss / 1024)
        if status and not may_fail:
            raise SystemExit(f"{command} failed: {words.decode()[-2000:]}")
    wall = time.monotonic() - started
    _reap()
    return Cost(wall, _processor_time() - before, largest)


def _processor_time():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _reap():
    """Wait for what outlived its parent; it is ours now, and its time counts as well."""
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


# --- the graders ---------------------------------------------------------------------------------


def grade_ours(folder):
    """Grade the class that was handed in below `folder`.

    The gradebook knows the chapter before, for us as for nbgrader: `generate_assignment` does that.
    """
    register(CHAPTER, folder, load_config(folder))
    course_secret(folder)
    return measure([[PYTHON, "-m", "autograder", "grade", CHAPTER]], folder)


def run_bare(folder):
    """Run the class without grading it."""
    return measure([[PYTHON, str(ROOT / "benchmarks" / "grading_bare.py"), str(folder)]], folder)


def grade_stock(folder, submitted):
    """Grade with nbgrader as it comes: its kernel, its feedback.

    Its exit code is not 0: submissions that leave the process cannot be graded by it.
    """
    make_stock(folder, submitted, PYTHON)
    commands = [
        [PYTHON, "-m", "nbgrader", step, CHAPTER] for step in ("autograde", "generate_feedback")
    ]
    return measure(commands, folder, may_fail=True)


def grade_otter(folder, submitted, release, otter):
    """Grade with `otter run`, one process per submission, as it is used without containers."""
    make_otter(folder, submitted, release, otter)
    commands = [
        [
            otter,
            "run",
            "--no-logo",
            "-a",
            str(folder / "autograder.zip"),
            "-o",
            str(path.parent),
            str(path),
        ]
        for path in sorted(folder.glob("submitted/*/*.ipynb"))
    ]
    os.environ["PYTHONPATH"] = str(ROOT)  # its environment does not have the course installed
    return measure(commands, folder, may_fail=True)


# --- against the others --------------------------------------------------------------------------


def one_round(options, number):
    """Measure every grader once; give the cost of one submission by grader."""
    with tempfile.TemporaryDirectory(prefix="mlp-bench-") as name:
        folder = Path(name)
        release, content = make_course(folder / "class")
        shutil.copytree(folder / "class", folder / "part")
        hand_in(folder / "class", release, content, range(options.students))
        hand_in(folder / "part", release, content, range(options.sample))
        part = folder / "part" / "classroom" / "submitted"
        found = {
            "mlp-course grade": grade_ours(folder / "class").each(options.students),
            "bare warm process": run_bare(folder / "class").each(options.students),
            "nbgrader": grade_stock(folder / "stock", part).each(options.sample),
        }
        if options.otter:
            found["otter run"] = grade_otter(folder / "otter", part, release, options.otter).each(
                options.sample
            )
    for grader, cost in found.items():
        print(
            f"round {number + 1}: {grader}: {cost.wall:.3f} s, processors {cost.cpu:.3f} s",
            flush=True,
        )
    return found


def compare(options):
    """Run the rounds; write table, numbers and figure."""
    rounds = [one_round(options, number) for number in range(options.rounds)]
    ours = "mlp-course grade"
    rows, shares = [], {}
    for grader in rounds[0]:
        shares[grader] = {
            kind: median(getattr(r[grader], kind) / getattr(r[ours], kind) for r in rounds)
            for kind in ("wall", "cpu")
        }
        rows.append(
            [
                grader,
                *(
                    f"{median(getattr(r[grader], kind) for r in rounds):.3f}"
                    for kind in ("wall", "cpu")
                ),
                *(f"{shares[grader][kind]:.2f}" for kind in ("wall", "cpu")),
            ]
        )
    header = [
        "grader",
        "s per submission",
        "processor s per submission",
        "time / ours",
        "processor time / ours",
    ]
    save("grading.md", f"{conditions(options)}\n\n{markdown(header, rows)}")
    write_csv(
        "grading.csv",
        ["round", "grader", "wall", "cpu"],
        [
            [i, grader, f"{cost.wall:.4f}", f"{cost.cpu:.4f}"]
            for i, found in enumerate(rounds, 1)
            for grader, cost in found.items()
        ],
    )
    bars({row[0]: float(row[1]) for row in rows}, shares["nbgrader"]["wall"])


def conditions(options):
    """Say what was measured."""
    with Worker() as worker:
        worker.start(1).close()
        level = worker.level
    load = os.getloadavg()[0]
    return (
        f"# A class of {options.students}, graded on {os.cpu_count()} cores\n\n"
        f"Chapter {CHAPTER}; confinement: {level}; nbgrader and otter grade a part of "
        f"{options.sample}; medians of {options.rounds} rounds; load of the machine at the "
        f"end: {load:.1f}."
    )


def bars(seconds, factor):
    """Draw seconds per submission."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(7, 2.6))
    names = list(seconds)[::-1]
    ax.barh(
        names,
        [seconds[name] for name in names],
        color=["#0072b2" if name.startswith("mlp") else "#999999" for name in names],
    )
    for place, name in enumerate(names):
        ax.text(seconds[name], place, f" {seconds[name]:.2f} s", va="center")
    ax.set(
        xscale="log",
        xlabel="seconds per submission (logarithmic scale)",
        title=f"A class is graded {factor:.0f} times as fast as by nbgrader alone",
    )
    ax.margins(x=0.2)
    fig.savefig(RESULTS / "grading.svg", bbox_inches="tight", metadata={"Date": None})


# --- growing classes -----------------------------------------------------------------------------


def scaling(sizes):
    """Grade classes of growing size; fit a line; write table and figure."""
    found = {}
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="mlp-bench-") as name:
            folder = Path(name, "class")
            release, content = make_course(folder)
            hand_in(folder, release, content, range(size))
            found[size] = grade_ours(folder)
            print(f"{size} submissions: {found[size]}", flush=True)
    each, start = _line(found)
    rows = [
        [
            size,
            f"{cost.wall:.1f}",
            f"{start + each * size:.1f}",
            f"{cost.cpu:.1f}",
            f"{cost.megabytes:.0f}",
        ]
        for size, cost in found.items()
    ]
    header = ["submissions", "s", "s on the line", "processor s", "largest process, MB"]
    text = f"Line: {start:.1f} s and {each:.3f} s for each submission.\n\n{markdown(header, rows)}"
    save("grading_scaling.md", f"# Classes of growing size\n\n{text}")
    _draw_scaling(found, each, start)


def _line(found):
    """Fit seconds = start + each * submissions, all sizes weighing the same in proportion."""
    import numpy as np

    sizes = np.array(list(found), dtype=float)
    walls = np.array([cost.wall for cost in found.values()])
    each, start = np.polyfit(sizes, walls, 1, w=1 / walls)
    return each, start


def _draw_scaling(found, each, start):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import numpy as np

    fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    sizes = np.array(list(found))
    left.loglog(sizes, [cost.wall for cost in found.values()], "o", color="#0072b2")
    between = np.geomspace(sizes.min(), sizes.max())
    left.loglog(between, start + each * between, color="#999999", zorder=0)
    left.set(xlabel="submissions", ylabel="seconds", title="Time grows with the class")
    memory = [cost.megabytes for cost in found.values()]
    right.semilogx(sizes, memory, "o-", color="#0072b2")
    right.set(
        xlabel="submissions",
        ylabel="MB of the largest process",
        title="memory does not",
        ylim=(0, 1.3 * max(memory)),
    )
    fig.savefig(RESULTS / "grading_scaling.svg", metadata={"Date": None})


def main(arguments=None):
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--sample", type=int, default=20, help="for the other graders")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--otter", default=shutil.which("otter"), help="otter's command")
    parser.add_argument("--scaling", type=int, nargs="+", metavar="SUBMISSIONS")
    options = parser.parse_args(arguments)
    processes.adopt_orphans()
    RESULTS.mkdir(exist_ok=True)
    scaling(options.scaling) if options.scaling else compare(options)


if __name__ == "__main__":
    main()
