"""Reports as plain data: what the graded notebook and the journal keep of a verdict."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat

from mlp_helpers import exercises
from mlp_helpers.checking import CriterionResult, Report
from mlp_helpers.checking.exercise import Diagnosis


def record_of(report: Report) -> dict[str, Any]:
    """A report as plain data, for the metadata of its check cell."""
    shown = ("id", "looks_like", "question", "reread", "step")
    return {
        "exercise": report.exercise,
        "outcome": report.outcome,
        "reason": report.reason,
        "cause": report.cause,
        "criteria": [dataclasses.asdict(criterion) for criterion in report.criteria],
        "mistakes": [{name: getattr(m, name) for name in shown} for m in report.diagnoses],
        "unknown_from": report.unknown_from,
    }


def report_records(notebook: nbformat.NotebookNode) -> list[dict[str, Any]]:
    """Take the records of the reports out of a graded notebook: list of dict."""
    records = [cell.metadata.get("course", {}).get("report") for cell in notebook.cells]
    return [record for record in records if record is not None]


def reports_of(records: Iterable[dict[str, Any]]) -> dict[str, Report]:
    """Make reports of their records; without the picture of the difference, which the page shows.

    Records of exercises that are no longer in the course, or that an earlier version wrote, are
    left out; `outdated` names them.

    Returns
    -------
    dict of str to Report, by exercise.
    """
    made = {record["exercise"]: _report(record) for record in records}
    return {name: report for name, report in made.items() if report is not None}


def outdated(records: Iterable[dict[str, Any]]) -> list[str]:
    """Name the exercises whose records no report can be made of: list of str."""
    return [record["exercise"] for record in records if _report(record) is None]


def read_reports(path: str | Path) -> dict[str, Report]:
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
            cause=record.get("cause", ""),  # earlier versions did not say it
            unknown_from=record["unknown_from"],
        )
    except (KeyError, TypeError):  # an exercise that is gone, fields of another version
        return None
