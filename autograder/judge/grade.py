"""The trusted side: a restored notebook goes in, points and a notebook with reports come out.

The judge runs no line of a student. It sends cases to the worker, compares the answers here, and
writes what it decided into the check cells.
"""

from __future__ import annotations

import base64
import contextlib
import copy
import dataclasses
import functools
import hashlib
import hmac
import json
import os
import re
import sqlite3
import traceback
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import from_dict

from mlp_helpers import exercises
from mlp_helpers.checking import CriterionResult, Report, evaluate_caller
from mlp_helpers.checking.exercise import Diagnosis

from . import bounds
from .errors import Problem
from .sandbox import NONE
from .session import Limits, RemoteCaller, Session, Worker, WorkerError
from .submission import grade_id, harmless, is_check, without_addresses, without_links
from .wire import MAX_OUTPUTS, MAX_PNG, MAX_TEXT, MAX_TOTAL

SECRET_VARIABLE = "MLP_COURSE_SECRET"
CHECK = "check_"
PNG = b"\x89PNG\r\n\x1a\n"
MAX_SHOWN = 2 * MAX_TOTAL  # of one submission, as it is written into the notebook
MAX_NAME = 300  # characters of the name of an exception
# what sets a colour on a terminal: on a page each becomes an element many times as long
ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]?)?")
DEMO = re.compile(r"^@(when_solved|first_test)\b.*\n", re.MULTILINE)
NOT_SHOWN = {"kind": "stream", "name": "stdout",
             "text": "(shown in your own notebook, not in the graded copy)\n"}


@dataclass(frozen=True)
class Result:
    """What grading one notebook gave.

    Attributes
    ----------
    notebook : NotebookNode
        The notebook with outputs.
    reports : dict of str to Report
        By exercise; one whose grading failed is absent.
    points : dict of str to float
        By the grade id of the check cell; one whose grading failed is absent.
    log : list of str
        What the instructor should know.
    isolation : str
        The level at which the student's code was confined, see `autograder.sandbox`.
    """

    notebook: object
    reports: dict[str, Report] = field(default_factory=dict)
    points: dict[str, float] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    isolation: str = ""


# --- the course secret ---------------------------------------------------------------------------


def course_secret(root):
    """The secret from which hidden cases are drawn.

    Taken from the environment variable MLP_COURSE_SECRET, else from ``classroom/secret`` below
    `root`, which is made on first use and readable by its owner alone.

    Returns
    -------
    bytes

    Raises
    ------
    Problem
        It is gone, and there are grades that were made with it.
    """
    given = os.environ.get(SECRET_VARIABLE)
    if given:
        return given.encode()
    path = Path(root) / "classroom" / "secret"
    if not path.exists() and _has_grades(path.with_name("gradebook.db")):
        raise Problem(f"{path} is missing, and there are grades that were made with it: put it "
                      f"back or set {SECRET_VARIABLE}; if it is lost, write a new text into it: "
                      "everything is graded again, marks given by hand stay")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(descriptor, "w") as file:
            file.write(os.urandom(32).hex())
    secret = path.read_bytes().strip()
    if not secret:
        raise Problem(f"{path} is empty: put its text back; if nothing was graded yet, delete it, "
                      "and a new one is made at the next run")
    return secret


def _has_grades(gradebook):
    """Whether a gradebook holds a grade that a grader gave."""
    if not gradebook.is_file():
        return False
    try:
        with contextlib.closing(sqlite3.connect(f"{gradebook.as_uri()}?mode=ro", uri=True)) as book:
            query = "SELECT 1 FROM grade WHERE auto_score IS NOT NULL LIMIT 1"
            return book.execute(query).fetchone() is not None
    except sqlite3.Error:  # whoever opens it next says what is wrong with it
        return False


def case_seed(secret, chapter, exercise):
    """The seed of an exercise's hidden cases: the same for every student, unknown to all."""
    digest = hmac.new(secret, f"{chapter}/{exercise}".encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big")


# --- grading -------------------------------------------------------------------------------------


def grade_notebook(notebook, release, secret, worker=None, limits=None):
    """Grade one restored notebook.

    Parameters
    ----------
    notebook : NotebookNode
        As `autograder.submission.restore` gives it; it is not changed.
    release : NotebookNode
        The released chapter: its check cells say what is graded and for how many points.
    secret : bytes
    worker : Worker, optional
        Kept alive between notebooks by the caller; one is started for this notebook if left out.
    limits : Limits, optional

    Returns
    -------
    Result
    """
    if worker is None:
        with Worker() as worker:
            return grade_notebook(notebook, release, secret, worker, limits)
    result = Result(copy.copy(notebook))
    result.notebook.cells = [copy.copy(cell) for cell in notebook.cells]
    checks = {grade_id(cell): float(cell.metadata.nbgrader.points)
              for cell in release.cells if is_check(cell)}
    run = [c for c in result.notebook.cells if c.cell_type == "code" and grade_id(c) not in checks]
    cells = {grade_id(c): c for c in result.notebook.cells if grade_id(c) in checks}
    demos = {cell.source for cell in release.cells if is_demo(cell)}
    sources = [DEMO.sub("", c.source) if c.source in demos else c.source for c in run]
    with Session(worker, sources, limits or Limits(), len(checks)) as session:
        room = MAX_SHOWN
        for number, (cell, records) in enumerate(zip(run, session.run(), strict=True), 1):
            records = [NOT_SHOWN] if cell.source in demos and not records else records
            cell.outputs, cell.execution_count = student_outputs(records, number, room), number
            room -= sum(map(_size, cell.outputs))
            cell.source = bounds.code(cell.source)
        faults = session.faults()
        result.log.extend(faults)
        for name, points in checks.items():
            _grade_cell(cells[name], name, points, secret, session, result)
        if session.overran:
            result.log.append(f"its code took more than {session.limits.code:g} s: what came after "
                              "that was not run")
    if faults:
        result.notebook.cells.insert(0, _notice(faults))
    if worker.level == NONE:
        result.log.append("graded without confinement (--unsafe-no-sandbox)")
    return dataclasses.replace(result, isolation=worker.level)


def undecided(notebook, release, reason):
    """A notebook that was not judged: every exercise waits for a person, who is told why."""
    notebook = copy.copy(notebook)
    notebook.cells = [copy.copy(cell) for cell in notebook.cells]
    checks = {grade_id(cell) for cell in release.cells if is_check(cell)}
    for cell in notebook.cells:
        if grade_id(cell) in checks:
            _leave_to_a_person(cell, f"This was not judged ({reason}). A person will look at it.")
        elif cell.cell_type == "code":
            cell.source = bounds.code(cell.source)
    return notebook


def is_demo(cell):
    """Whether a cell of the release shows something with the reader's functions.

    Grading only defines such a cell's function: every reader has the same one, it is no answer, and
    calling it would let one endless loop hang in many cells.
    """
    return cell.cell_type == "code" and not grade_id(cell) and DEMO.search(cell.source) is not None


def _notice(faults):
    """A cell that says on the page what went wrong before anything was judged."""
    lines = "\n".join(f"- {harmless(without_addresses(fault))}" for fault in faults)
    return from_dict({"cell_type": "markdown", "id": "what-did-not-run", "metadata": {},
                      "source": f"**What did not run while this notebook was graded:**\n\n{lines}"})


def _grade_cell(cell, name, points, secret, session, result):
    """Judge one exercise and write the verdict into its check cell."""
    exercise = exercises()[name.removeprefix(CHECK)]
    seed = case_seed(secret, exercise.chapter, exercise.id)
    try:
        report = evaluate_caller(RemoteCaller(session, exercise.id), exercise, seed)
    except WorkerError:  # this machine cannot grade: nobody's points
        raise
    except Exception:  # an error of ours must not cost the others their grades; it is reported
        result.log.append(f"{exercise.id}: the grader itself failed, grade this one by hand:\n"
                          + traceback.format_exc())
        text = (f"{exercise.id} could not be graded: the grader itself failed. "
                "A person will look at it.")
        _leave_to_a_person(cell, text)
        return
    share = report.points / report.max_points if report.max_points else 0.0
    earned = round(points * min(max(share, 0.0), 1.0), 6)  # the release may weigh it anew
    result.reports[exercise.id], result.points[name] = report, earned
    _note_in(cell, report=_record(report), isolation=session.worker.level)
    cell.outputs = _verdict(_drawn(report, result.log), earned)


def _leave_to_a_person(cell, text):
    cell.outputs = [new_output("display_data", data={"text/plain": text})]
    _note_in(cell, pending=text)


def _note_in(cell, **notes):
    """Keep what was decided with a check cell, where a program finds it."""
    course = {**cell.metadata.get("course", {}), **notes}
    cell.metadata = from_dict({**cell.metadata, "course": course})


def _drawn(report, log):
    """A report as a page shows it; what cannot be drawn is said, and costs no point."""
    plain = {"text/plain": f"{report.exercise}: {report.points:g} of {report.max_points:g} points"}
    try:
        plain = {"text/plain": str(report)}
        return plain | {"text/html": without_links(report._repr_html_())}  # it may quote somebody
    except Exception as error:
        log.append(f"{report.exercise}: its points stand, the report could not be drawn in full "
                   f"({type(error).__name__}: {' '.join(str(error).split())})")
        return plain


def _verdict(bundle, points):
    """Outputs of a check cell: the report, and the points as one plain number for nbgrader."""
    return [
        new_output("display_data", data=bundle),
        new_output("execute_result", data={"text/plain": repr(float(points))}, execution_count=1),
    ]


def new_output(kind, **content):
    """Make an output. nbformat's own maker also checks it against the format's schema, which takes
    longer than grading; a test checks whole notebooks."""
    rich = {} if kind in ("stream", "error") else {"metadata": {}}
    return from_dict({"output_type": kind, **rich, **content})


# --- reports, kept in the graded notebook --------------------------------------------------------


def _record(report):
    """A report as plain data, for the metadata of its check cell."""
    shown = ("id", "looks_like", "question", "reread", "step")
    return {"exercise": report.exercise, "outcome": report.outcome, "reason": report.reason,
            "criteria": [dataclasses.asdict(criterion) for criterion in report.criteria],
            "mistakes": [{name: getattr(m, name) for name in shown} for m in report.diagnoses],
            "unknown_from": report.unknown_from}


def report_records(notebook):
    """Take the records of the reports out of a graded notebook: list of dict."""
    records = [cell.metadata.get("course", {}).get("report") for cell in notebook.cells]
    return [record for record in records if record is not None]


def reports_of(records):
    """Make reports of their records; without the picture of the difference, which the page shows.

    Records of exercises that are no longer in the course, or that an earlier version wrote, are
    left out; `outdated` names them.

    Returns
    -------
    dict of str to Report, by exercise.
    """
    made = {record["exercise"]: _report(record) for record in records}
    return {name: report for name, report in made.items() if report is not None}


def outdated(records):
    """Name the exercises whose records no report can be made of: list of str."""
    return [record["exercise"] for record in records if _report(record) is None]


def read_reports(path):
    """Read the reports of a notebook that was graded, by us or by `nbgrader autograde`.

    Returns
    -------
    dict of str to Report, by exercise.
    """
    return reports_of(report_records(nbformat.read(path, as_version=4)))


_criterion = functools.lru_cache(4096)(CriterionResult)  # most students meet the same ones


def _report(record):
    """A report of its record; None if the course has changed too much since it was written."""
    try:
        return Report(
            spec=exercises()[record["exercise"]],
            outcome=record["outcome"],
            criteria=[_criterion(**c) for c in record["criteria"]],
            diagnoses=[Diagnosis(**m) for m in record["mistakes"]],
            reason=record["reason"],
            unknown_from=record["unknown_from"],
        )
    except (KeyError, TypeError):  # an exercise that is gone, fields of another version
        return None


# --- what a student's cell may show --------------------------------------------------------------


def student_outputs(records, number, room=MAX_SHOWN):
    """Make notebook outputs of what the worker recorded: text, PNG and LaTeX, checked.

    Parameters
    ----------
    records : object
        Sent by the untrusted side; whatever is not as expected is left out.
    number : int
        The execution count.
    room : int
        Characters that they may take; the rest is left out.

    Returns
    -------
    list of NotebookNode
    """
    outputs = []
    for record in records[:MAX_OUTPUTS] if isinstance(records, list) else []:
        output = _output(record, number) if isinstance(record, dict) else None
        if output is not None:
            room -= _size(output)
            if room < 0:
                break
            outputs.append(output)
    return outputs


def _size(output):
    return len(json.dumps(output))


def _output(record, number):
    kind = _text(record.get("kind"))
    if kind == "stream":
        name = "stderr" if _text(record.get("name")) == "stderr" else "stdout"
        return new_output("stream", name=name, text=_text(record.get("text")))
    if kind == "error":
        lines = _text(record.get("text")).splitlines()
        name, message = _text(record.get("name"))[:MAX_NAME], _text(record.get("message"))
        return new_output("error", ename=name, evalue=message, traceback=lines)
    if kind not in ("display", "result"):
        return None
    data, metadata = {"text/plain": _text(record.get("text"))}, {}
    if isinstance(record.get("latex"), str):
        data["text/latex"] = _latex(_text(record["latex"]))
    png = record.get("png")
    if isinstance(png, bytes) and png.startswith(PNG) and len(png) <= MAX_PNG:
        data["image/png"] = base64.b64encode(png).decode("ascii")
        metadata["image/png"] = {"alt": data["text/plain"]}
    if kind == "result":
        return new_output("execute_result", data=data, metadata=metadata, execution_count=number)
    return new_output("display_data", data=data, metadata=metadata)


def _text(value):
    if not isinstance(value, str):
        return ""
    # the worker has cut it already, and said so, unless somebody else wrote this
    text = ESCAPE.sub("", value[:MAX_TEXT + MAX_NAME])
    return text.encode("utf-8", "replace").decode("utf-8")


def _latex(text):
    """LaTeX without angle brackets, which a page would read as markup, and without links."""
    return harmless(text.replace("<", r"\lt ").replace(">", r"\gt "))
