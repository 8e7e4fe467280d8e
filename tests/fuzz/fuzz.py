"""Random notebooks, wire messages and answers against the judge's side, in a clerk with its limits.

    python tests/fuzz/fuzz.py [--seed 1] [--notebooks 500] [--messages 20000] [--answers 20]

Whatever comes, a notebook can be restored and drawn, a message is read or refused, and an answer
gets a verdict. What does not is printed with its seed, and the exit code is then 1. At the end the
largest memory of the clerk is printed.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import resource
import sys
from pathlib import Path

import nbformat
import numpy as np

from autograder.gradebook.cell_marks import automatic_marks, shown
from autograder.gradebook.feedback import feedback_exporter, feedback_page
from autograder.gradebook.nbgrader_settings import configure
from autograder.judge.clerk import MEMORY, Clerk, Overrun
from autograder.judge.grade import undecided
from autograder.judge.handed_in import Found
from autograder.judge.submission import restore_or_stand_in
from autograder.worker import wire
from mlp_helpers import exercises
from mlp_helpers.checking import evaluate_caller
from mlp_helpers.checking.callers import Answer, Failure
from mlp_helpers.checking.values import Unsupported, plain

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120.0
PIECES = (
    "[",
    "](",
    "![",
    "attachment:a",
    "data:image/png;base64,AAAA",
    "```",
    "~~~easytrieve",
    "> ",
    "- ",
    "\n",
    " \n",
    "\t",
    "$$",
    "$",
    "\\",
    "\\begin{a}",
    "\\end{a}",
    "*",
    "_",
    "`",
    "<",
    "&a;",
    "&",
    "<script",
    "javascript:",
    "|",
    "files/",
    "def f(",
    "1/0",
    "#",
    "'''",
    '"',
    "\ud800",
    "\x00",
    "\u2028",
    "x",
    "1e309",
    "é",
    "http://",
    "\\href{",
)


# --- one of each ---------------------------------------------------------------------------------


def text(draw):
    """Pieces that parsers know, repeated or mixed."""
    some = [draw.choice(PIECES) for _ in range(draw.randint(1, 6))]
    if draw.random() < 0.5:
        return "".join(some) * draw.choice((1, 10, 300, 3000))
    return "".join(draw.choice(some) for _ in range(draw.choice((5, 100, 5000))))


def odd(draw, depth=0):
    """A value of JSON that fits nowhere."""
    simple = (None, True, -1, 10**400, 1e308, "", "code", [], {}, "a" * 1000)
    if depth > 3 or draw.random() < 0.6:
        return draw.choice(simple)
    if draw.random() < 0.5:
        return [odd(draw, depth + 1) for _ in range(3)]
    return {str(draw.random()): odd(draw, depth + 1) for _ in range(3)}


def notebook(draw, release):
    """The bytes of a release that was edited by somebody who means no good."""
    made = copy.deepcopy(release)
    for _ in range(draw.randint(1, 12)):
        cells = made["cells"]
        cell = draw.choice(cells) if cells else {}
        what = draw.randrange(8)
        if what == 0 and cells:
            cells.remove(cell)
        elif what == 1:
            cells.insert(draw.randint(0, len(cells)), copy.deepcopy(cell))
        elif what == 2 and cell:
            cell[draw.choice(list(cell))] = odd(draw)
        elif what == 3:
            cell["attachments"] = {"a": {"image/png": draw.choice(("AAAA", 1, "?" * 9))}}
        elif what == 4:
            draw.shuffle(cells)
        else:
            kind = draw.choice(("code", "markdown", "raw"))
            cells.append({"cell_type": kind, "metadata": {}, "source": text(draw), "outputs": []})
    data = bytearray(json.dumps(made).encode("utf-8", "surrogatepass"))
    for _ in range(draw.choice((0, 0, 0, 3))):
        data[draw.randrange(len(data))] = draw.randrange(256)
    return bytes(data[: draw.choice((len(data), len(data), len(data) // 2))])


def message(draw):
    """The header and body of a message: a right one, spoiled, or a tree of the protocol's words."""
    value = [answer(draw) for _ in range(2)]
    try:
        header, blobs = wire.encode([plain(v) for v in value])
        body = b"".join(blobs)
    except (wire.WireError, Unsupported):
        header, body = b"[]", b""
    if draw.random() < 0.3:
        header = json.dumps(words(draw, 0)).encode()
    header = bytearray(header)
    for _ in range(draw.choice((0, 1, 4))):
        place = draw.randrange(len(header) + 1)
        header[place : place + draw.randint(0, 3)] = draw.choice(
            (b"[", b"]", b"{", b",", b"9" * 9, b"null", b"NaN", b'"array"', b"-1", b"1e9")
        )
    return bytes(header), body[: draw.choice((len(body), len(body) // 2))]


def words(draw, depth):
    """A tree of the protocol's own words."""
    kind = draw.choice(("complex", "tuple", "dict", "bytes", "named", "array", "none"))
    leaf = draw.choice((0, 2**40, -1, [2**31, 0], ["<f8", [2**24, 0], "C"], "x", None, 1.5))
    inner = leaf if depth > 5 else [words(draw, depth + 1) for _ in range(draw.randint(0, 3))]
    return inner if kind == "none" else {kind: inner}


def answer(draw):
    """A value that a student's function may return."""
    rng = np.random.default_rng(draw.randrange(2**32))
    sizes = tuple(draw.choice((0, 1, 2, 3, 5, 7)) for _ in range(draw.randint(0, 4)))
    number = draw.choice(
        (
            0.0,
            1.8e308,
            np.inf,
            np.nan,
            10**400,
            complex(np.nan, 1),
            -0.0,
            True,
            "a",
            None,
            2**64,
            1e-320,
        )
    )
    kind = draw.choice(("f8", "f4", "c16", "i8", "?", "u8", "f2", "i1"))
    choices = (
        number,
        [number],
        (number, [[10**30]]),
        rng.normal(size=sizes),
        np.full(sizes, 1.8e308),
        (rng.normal(size=sizes) * 99).astype(kind),
        {"a": rng.normal(size=sizes), 1: number},
        [rng.normal(size=3), rng.normal(size=4)],
        np.zeros((draw.choice((10, 10**6)), 0)),
        [[[[[number]]]]] * 3,
        tuple(rng.normal(size=sizes) for _ in range(draw.randint(0, 5))),
    )
    return draw.choice(choices)


class Random:
    """A caller whose function gives random answers."""

    def __init__(self, draw, like):
        self.draw, self.like = draw, like

    def __call__(self, args):
        if self.draw.random() < 0.1:
            return Answer(error=Failure(self.draw.choice(("Died", "Timeout", "Odd")), "words"))
        value = answer(self.draw)
        if self.draw.random() < 0.6:  # of the right form, with wrong numbers
            value = spoil(self.draw, self.like(args))
        try:
            return Answer(plain(value), None, *[self.draw.choice(((), (0,))) for _ in range(2)])
        except Unsupported as error:
            return Answer(error=Failure("Unsupported", str(error)))

    def rerun(self, a, b):
        return self(a), self(b), self(a)

    def work(self, args, most):
        from mlp_helpers.checking.cost import Work

        return Work(operations=self.draw.choice((0.0, 1e300, -1.0)), lines=self.draw.choice((0, 9)))


def spoil(draw, value):
    """A right answer with some of its parts changed."""
    if isinstance(value, (tuple, list)):
        return type(value)(spoil(draw, part) for part in value)
    if isinstance(value, dict):
        return {key: spoil(draw, part) for key, part in value.items()}
    if draw.random() < 0.4:
        return value
    with np.errstate(all="ignore"):
        return (
            draw.choice(
                (
                    value,
                    answer(draw),
                    np.asarray(value, dtype=object).tolist()
                    if value is None
                    else np.asarray(value) * draw.choice((2, -1, 1e308, np.nan, 1j, 1 + 1e-9)),
                )
            )
            if isinstance(value, (int, float, np.ndarray))
            else answer(draw)
        )


# --- what the clerk does with them ---------------------------------------------------------------

RELEASES = sorted((ROOT / "course").glob("*/*.ipynb"))


def try_notebook(seed):
    draw = random.Random(seed)
    path = draw.choice(RELEASES)
    release = nbformat.read(path, 4)
    restored, _ = restore_or_stand_in(Found(notebook(draw, json.loads(path.read_text()))), release)
    graded = undecided(restored, release, "a test")
    feedback_page(exporter(), graded, path.stem, shown(automatic_marks(graded)))


_exporters = []


def exporter():
    """The one exporter of this process."""
    if not _exporters:
        from traitlets.config import Config

        _exporters.append(feedback_exporter(configure(Config(), ROOT)))
    return _exporters[0]


def try_message(seed):
    try:
        wire.decode(*message(random.Random(seed)))
    except wire.WireError:
        pass


def try_answer(seed, name):
    draw, exercise = random.Random(seed), exercises()[name]
    from mlp_helpers.named import build

    def right(args):
        return exercise.oracle(*build(args))

    report = evaluate_caller(Random(draw, right), exercise, seed % 3)
    if not 0 <= report.points <= report.max_points:
        raise ValueError(f"{report.points} points")
    str(report), report._repr_html_()


def largest():
    """Megabytes of this process at its largest."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def fuzz(seed, notebooks, messages, answers, say=print):
    """Run it; give the list of (function, arguments, error) of what went wrong, and megabytes."""
    plan = [(try_notebook, (seed * 10**6 + i,)) for i in range(notebooks)]
    plan += [(try_message, (seed * 10**6 + i,)) for i in range(messages)]
    plan += [(try_answer, (seed * 10**6 + i, name)) for i in range(answers) for name in exercises()]
    wrong, megabytes = [], 0
    with Clerk() as clerk:
        for function, arguments in plan:
            try:
                clerk.ask(SECONDS, function, *arguments)
            except Exception as error:
                wrong.append((function.__name__, arguments, f"{type(error).__name__}: {error}"))
                say(*wrong[-1])
                if isinstance(error, Overrun):
                    continue
            if function is not try_message:
                megabytes = max(megabytes, clerk.ask(SECONDS, largest))
    return wrong, megabytes


def main():
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--notebooks", type=int, default=500)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--answers", type=int, default=20, help="for each exercise")
    options = parser.parse_args()
    wrong, megabytes = fuzz(**vars(options))
    print(
        f"seed {options.seed}: {options.notebooks} notebooks, {options.messages} messages, "
        f"{options.answers} answers to each of {len(exercises())} exercises: {len(wrong)} went "
        f"wrong; the clerk's largest memory was {megabytes} MB of {MEMORY // 2**20} for data"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
