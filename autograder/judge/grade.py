"""The trusted side: a restored notebook goes in, points and a notebook with reports come out.

The judge runs no line of a student. It sends cases to the worker, compares the answers here, and
writes what it decided into the check cells.
"""

from __future__ import annotations

import copy
import dataclasses
import re
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbformat import from_dict

from mlp_helpers import exercises
from mlp_helpers.checking import Report, evaluate_caller

from ..ground.cells import grade_id, is_check
from ..ground.report_records import record_of
from ..worker.confinement import NONE
from . import text_bounds
from .harmless_text import harmless, without_links
from .outputs import MAX_SHOWN, new_output, size_of, student_outputs
from .remote_caller import RemoteCaller
from .secret import case_seed
from .session import Limits, Session
from .submission import without_addresses
from .worker_process import Worker, WorkerError

if TYPE_CHECKING:
    from nbformat import NotebookNode


CHECK = "check_"
DEMO = re.compile(r"^@(when_solved|first_test)\b.*\n", re.MULTILINE)
NOT_SHOWN = {
    "kind": "stream",
    "name": "stdout",
    "text": "(shown in your own notebook, not in the graded copy)\n",
}


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
        The level at which the student's code was confined, see `autograder.worker.confinement`.
    """

    notebook: object
    reports: dict[str, Report] = field(default_factory=dict)
    points: dict[str, float] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    isolation: str = ""


# --- grading -------------------------------------------------------------------------------------


def grade_notebook(
    notebook: NotebookNode,
    release: NotebookNode,
    secret: bytes,
    worker: Worker | None = None,
    limits: Limits | None = None,
) -> Result:
    """Grade one restored notebook.

    Parameters
    ----------
    notebook : NotebookNode
        As `autograder.judge.submission.restore` gives it; it is not changed.
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
    checks = {
        grade_id(cell): float(cell.metadata.nbgrader.points)
        for cell in release.cells
        if is_check(cell)
    }
    run = [c for c in result.notebook.cells if c.cell_type == "code" and grade_id(c) not in checks]
    cells = {grade_id(c): c for c in result.notebook.cells if grade_id(c) in checks}
    demos = {cell.source for cell in release.cells if is_demo(cell)}
    sources = [DEMO.sub("", c.source) if c.source in demos else c.source for c in run]
    with Session(worker, sources, limits or Limits(), len(checks)) as session:
        room = MAX_SHOWN
        for number, (cell, records) in enumerate(zip(run, session.run(), strict=True), 1):
            records = [NOT_SHOWN] if cell.source in demos and not records else records
            cell.outputs, cell.execution_count = student_outputs(records, number, room), number
            room -= sum(map(size_of, cell.outputs))
            cell.source = text_bounds.code(cell.source)
        faults = session.faults()
        result.log.extend(faults)
        for name, points in checks.items():
            _grade_cell(cells[name], name, points, secret, session, result)
        if session.overran:
            result.log.append(
                f"its code took more than {session.limits.code:g} s: what came after "
                "that was not run"
            )
    if faults:
        result.notebook.cells.insert(0, _notice(faults))
    if worker.level == NONE:
        result.log.append("graded without confinement (--unsafe-no-sandbox)")
    return dataclasses.replace(result, isolation=worker.level)


def undecided(notebook: NotebookNode, release: NotebookNode, reason: str) -> NotebookNode:
    """A notebook that was not judged: every exercise waits for a person, who is told why."""
    notebook = copy.copy(notebook)
    notebook.cells = [copy.copy(cell) for cell in notebook.cells]
    checks = {grade_id(cell) for cell in release.cells if is_check(cell)}
    for cell in notebook.cells:
        if grade_id(cell) in checks:
            _leave_to_a_person(cell, f"This was not judged ({reason}). A person will look at it.")
        elif cell.cell_type == "code":
            cell.source = text_bounds.code(cell.source)
    return notebook


def is_demo(cell: NotebookNode) -> bool:
    """Whether a cell of the release shows something with the reader's functions.

    Grading only defines such a cell's function: every reader has the same one, it is no answer, and
    calling it would let one endless loop hang in many cells.
    """
    return cell.cell_type == "code" and not grade_id(cell) and DEMO.search(cell.source) is not None


def _notice(faults):
    """A cell that says on the page what went wrong before anything was judged."""
    lines = "\n".join(f"- {harmless(without_addresses(fault))}" for fault in faults)
    return from_dict(
        {
            "cell_type": "markdown",
            "id": "what-did-not-run",
            "metadata": {},
            "source": f"**What did not run while this notebook was graded:**\n\n{lines}",
        }
    )


def _grade_cell(cell, name, points, secret, session, result):
    """Judge one exercise and write the verdict into its check cell."""
    exercise = exercises()[name.removeprefix(CHECK)]
    seed = case_seed(secret, exercise.chapter, exercise.id)
    try:
        report = evaluate_caller(RemoteCaller(session, exercise.id), exercise, seed)
    except WorkerError:  # this machine cannot grade: nobody's points
        raise
    except Exception:  # an error of ours must not cost the others their grades; it is reported
        result.log.append(
            f"{exercise.id}: the grader itself failed, grade this one by hand:\n"
            + traceback.format_exc()
        )
        text = (
            f"{exercise.id} could not be graded: the grader itself failed. "
            "A person will look at it."
        )
        _leave_to_a_person(cell, text)
        return
    share = report.points / report.max_points if report.max_points else 0.0
    earned = round(points * min(max(share, 0.0), 1.0), 6)  # the release may weigh it anew
    result.reports[exercise.id], result.points[name] = report, earned
    _note_in(cell, report=record_of(report), isolation=session.worker.level)
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
        log.append(
            f"{report.exercise}: its points stand, the report could not be drawn in full "
            f"({type(error).__name__}: {' '.join(str(error).split())})"
        )
        return plain


def _verdict(bundle, points):
    """Outputs of a check cell: the report, and the points as one plain number for nbgrader."""
    return [
        new_output("display_data", data=bundle),
        new_output("execute_result", data={"text/plain": repr(float(points))}, execution_count=1),
    ]
