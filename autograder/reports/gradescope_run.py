"""What Gradescope runs for each submission: ``python -m autograder.reports.gradescope_run``.

Its container has the class's archive in ``source/``, the submission in ``submission/``, and waits
for ``results/results.json``. Where nothing can confine a submission there is no such file, so that
Gradescope says that the autograder failed: a person decides, nobody gets a wrong score.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ..class_run.grade_alone import grade_alone
from ..ground.errors import Problem
from ..ground.report_records import reports_of
from ..ground.writing import write
from .class_data import Submission
from .exports import gradescope_results
from .grades import Grade, cells_of_release

CONFINEMENT = {
    "full": "full: it saw neither the answers nor the network nor other processes",
    "landlock": "landlock: it could not read the answers, only names and sizes of files",
    "none": "NONE, as the instructor chose: it could read the answers and change its own result",
}


def grade(place, unsafe=False):
    """Grade the submission of a container.

    Parameters
    ----------
    place : Path
        ``/autograder``, with ``source``, ``submission`` and ``results``.
    unsafe : bool
        Grade without confinement.
    """
    root = place / "source" / "class"
    [release] = (root / "course").iterdir()
    graded = grade_alone(place / "submission", release.name, root, unsafe)
    order = {name: i for i, name in enumerate(cells_of_release(root, release.name))}
    found = [
        Grade(
            release.name,
            "submission",
            name,
            mark.score or 0.0,
            mark.points,
            mark.score is None,
            order.get(name, len(order)),
        )
        for name, mark in graded.marks.items()
        if mark.points is not None
    ]
    submission = Submission(
        release.name,
        "submission",
        tuple(sorted(found, key=lambda g: g.place)),
        reports_of(graded.records),
        graded.notes,
        graded.seconds,
        graded.isolation,
    )
    results = gradescope_results(submission)
    confined = f"Confinement while grading: {CONFINEMENT[graded.isolation]}."
    results["output"] = "\n".join(filter(None, (results["output"], confined)))
    write(place / "results" / "results.json", json.dumps(results, indent=1) + "\n", 0o644)


def main(arguments):
    """Run for ``/autograder`` or another folder; the exit code is 1 if nothing was graded."""
    place, *more = arguments
    try:
        grade(Path(place), unsafe="--unsafe-no-sandbox" in more)
    except Problem as problem:
        print(f"not graded: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
