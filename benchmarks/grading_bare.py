"""The limit: a warm process per core that runs the cells, draws the figures, calls the functions.

No confinement, no judge, no notebook, no page, no gradebook: what remains is what grading cannot
do without. Each submission gets a forked child, so that one that exits takes nothing along.

    python benchmarks/grading_bare.py COURSE_FOLDER
"""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402
import nbformat  # noqa: E402
from grading_class import CHAPTER  # noqa: E402

from autograder.demo.made_up_class import exercises_of  # noqa: E402
from autograder.judge.grade import DEMO  # noqa: E402
from autograder.judge.secret import case_seed  # noqa: E402
from mlp_helpers.checking import evaluate_caller  # noqa: E402
from mlp_helpers.checking.callers import LocalCaller  # noqa: E402


class Recording(LocalCaller):
    """Notes what the judge asks for."""

    def __init__(self, fn):
        super().__init__(fn)
        self.calls = []

    def __call__(self, args):
        self.calls.append(("__call__", (args,)))
        return super().__call__(args)

    def rerun(self, a, b):
        self.calls.append(("rerun", (a, b)))
        return super().rerun(a, b)

    def work(self, args, most):
        self.calls.append(("work", (args, most)))
        return super().work(args, most)


def cells_of(notebook):
    """The cells that grading runs, demonstrations as it runs them: defined, not called."""
    texts = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]
    return [DEMO.sub("", text) for text in texts if not text.startswith("check(")]


def execute(texts):
    """Run cells; give their names."""
    names = {}
    for number, text in enumerate(texts):
        try:
            exec(compile(text, f"<cell {number}>", "exec"), names)
        except Exception as error:  # a student's cell may raise anything; the next one runs
            names["_"] = error
        for figure in map(plt.figure, plt.get_fignums()):
            figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
        plt.close("all")
    return names


def asked(names):
    """What the judge asks of each exercise, noted with right answers."""
    calls = {}
    for exercise in exercises_of(CHAPTER):
        caller = Recording(names[exercise.id])
        evaluate_caller(caller, exercise, case_seed(b"benchmark", exercise.chapter, exercise.id))
        calls[exercise.id] = caller.calls
    return calls


def one(path, calls):
    """Run one submission."""
    names = execute(cells_of(json.loads(path.read_text(encoding="utf-8"))))
    for name, requests in calls.items():
        caller = LocalCaller(names.get(name))
        for method, args in requests:
            getattr(caller, method)(*args)


def main(folder):
    """Run a class on all cores."""
    paths = sorted(Path(folder, "classroom", "submitted").glob(f"*/{CHAPTER}/*.ipynb"))
    right = nbformat.read(paths[0], as_version=4)
    calls = asked(execute(cells_of(right)))
    cores = os.cpu_count()
    workers = []
    for core in range(cores):
        workers.append(os.fork())
        if workers[-1] == 0:
            for path in paths[core::cores]:
                child = os.fork()
                if child == 0:
                    one(path, calls)
                    os._exit(0)
                os.waitpid(child, 0)
            os._exit(0)
    for worker in workers:
        os.waitpid(worker, 0)


if __name__ == "__main__":
    main(sys.argv[1])
