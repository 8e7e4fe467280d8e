"""How long a verdict takes: every mistake and every right variant of the bank, one by one.

Each is judged as by the first `check` of a session: the cases are drawn anew, and nothing is left
of the verdicts before. What counts is processor time, so that neighbours disturb little; importing
the exercises is counted apart.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

import numpy as np
from tables import markdown, save

from mlp_helpers import evaluate
from mlp_helpers.answers.registry import CHAPTERS, find
from mlp_helpers.checking.evaluate import drawn

SLOWEST = 10
IMPORT = "import time; start = time.process_time(); {}; print(time.process_time() - start)"


def implementations(chapter):
    """Yield (kind, exercise, name, function) for a chapter's bank."""
    for exercise in map(find, CHAPTERS[chapter]):
        yield from (("wrong", exercise.id, m.id, m.fn) for m in exercise.mistakes)
        yield from (("right", exercise.id, *variant) for variant in exercise.bank.variants)


def seconds(fn, exercise, seed):
    """Processor time of one verdict from scratch."""
    drawn.cache_clear()
    start = time.process_time()
    evaluate(fn, exercise, seed)
    return time.process_time() - start


def row(kind, times):
    at = np.percentile(times, [50, 95, 100])
    return [kind, len(times), *(f"{t:.3f}" for t in at), sum(t > 1.0 for t in times)]


def imports():
    """Processor time of importing the package, one exercise, and all of them, each in a process
    of its own."""
    what = {
        "NumPy": "import numpy",
        "mlp_helpers": "import mlp_helpers",
        "one exercise": "from mlp_helpers.answers.registry import find; find('softmax')",
        "all exercises": "from mlp_helpers import exercises; exercises()",
    }
    for name, code in what.items():
        runs = [
            float(
                subprocess.run(
                    [sys.executable, "-c", IMPORT.format(code)],
                    capture_output=True,
                    text=True,
                    check=True,
                ).stdout
            )
            for _ in range(5)
        ]
        yield [name, f"{np.median(runs):.3f}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--chapters", nargs="+", choices=CHAPTERS, default=list(CHAPTERS))
    args = parser.parse_args()
    found = []
    for chapter in args.chapters:
        for kind, exercise, name, fn in implementations(chapter):
            found.append((seconds(fn, exercise, args.seed), kind, exercise, name))
        print(f"chapter {chapter} done", file=sys.stderr)
    rows = [row(kind, [t for t, k, *_ in found if k == kind]) for kind in ("right", "wrong")]
    header = ["verdict on", "number", "median, s", "95 %, s", "largest, s", "above 1 s"]
    slowest = [[f"{t:.2f}", *words] for t, *words in sorted(found, reverse=True)[:SLOWEST]]
    save(
        "verdicts.md",
        "\n".join(
            [
                markdown(header, rows),
                markdown(["seconds", "kind", "exercise", "name"], slowest),
                markdown(["imported", "seconds"], list(imports())),
            ]
        ),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
