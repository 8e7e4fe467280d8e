"""A chapter that changed after submissions were graded: the gradebook follows, and loses nothing.

nbgrader refuses to add or remove a graded cell as soon as there is a submission. Here cells are
added, dropped and weighed anew in one transaction, after a dated copy of the gradebook was made
beside it. Due dates, names, other chapters, and the marks and comments of all cells that stay are
not touched. What a person gave for a cell that is dropped is kept aside, and comes back with it.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nbgrader import utils
from nbgrader.api import (
    Comment,
    Grade,
    GradeCell,
    MissingEntry,
    SolutionCell,
    SourceCell,
    TaskCell,
)
from nbgrader.preprocessors import SaveCells

from ..ground.errors import Problem
from .own_tables import ANSWERS, KEPT, TABLES, answer_read

SQLITE = "sqlite:///"


@dataclass(frozen=True)
class Change:
    """What a release changes in the gradebook: names of cells, and points before and after."""

    added: tuple[str, ...]
    dropped: tuple[str, ...]
    weighed: dict[str, tuple[float, float]]

    def __bool__(self):
        return bool(self.added or self.dropped or self.weighed)


class SaveRelease(SaveCells):
    """nbgrader's SaveCells, which also takes a release whose graded cells have changed."""

    def _create_notebook(self, nb):
        migrate(self.gradebook, self.db_url, self.assignment_id, nb, self.log.warning)
        super()._create_notebook(nb)


def migrate(book, url, chapter, notebook, say):
    """Make the gradebook hold the graded cells of a release, if there are submissions of an older.

    Parameters
    ----------
    book : nbgrader.api.Gradebook
    url : str
        Its address.
    chapter : str
    notebook : NotebookNode
        The release.
    say : callable
        Called with one line before anything is changed.
    """
    try:
        known = book.find_notebook(chapter, chapter)
    except MissingEntry:
        return
    change = compare(known, notebook) if known.submissions else None
    if not change:
        return
    TABLES.create_all(book.engine)
    copied = back_up(url, chapter)
    say(f"{chapter} has changed: {_words(change, known)}. The gradebook as it was is {copied}")
    for cell in [*known.grade_cells, *known.solution_cells, *known.task_cells]:
        if cell.name in change.weighed and hasattr(cell, "max_score"):
            _weigh(book.db, cell, *change.weighed[cell.name])
    wanted = _cells(notebook)
    for row in _rows(known):
        if _key(row) not in wanted:
            _drop(book.db, row)
    have = {_key(row) for row in _rows(known)}
    for (kind, name), cell in wanted.items():
        if (kind, name) not in have:
            _add(book.db, known, kind, name, cell)
    _forget(book.db, known, change.added)
    book.db.commit()


def compare(known, notebook):
    """Compare the gradebook's cells of a chapter with those of a release.

    Returns
    -------
    Change
    """
    wanted, have = _cells(notebook), {_key(row): row for row in _rows(known)}
    points = {
        name: float(cell.metadata.nbgrader["points"])
        for (kind, name), cell in wanted.items()
        if kind in (GradeCell, TaskCell)
    }
    weighed = {
        name: (row.max_score, points[name])
        for (_, name), row in have.items()
        if name in points and getattr(row, "max_score", points[name]) != points[name]
    }
    return Change(
        tuple(dict.fromkeys(name for kind, name in wanted if (kind, name) not in have)),
        tuple(dict.fromkeys(name for kind, name in have if (kind, name) not in wanted)),
        weighed,
    )


def _cells(notebook):
    """The cells of a release that the gradebook keeps, by kind of row and grade id."""
    kinds = (
        (GradeCell, utils.is_grade),
        (SolutionCell, utils.is_solution),
        (TaskCell, utils.is_task),
        (
            SourceCell,
            lambda c: (
                utils.is_grade(c) or utils.is_solution(c) or utils.is_locked(c) or utils.is_task(c)
            ),
        ),
    )
    return {
        (kind, cell.metadata.nbgrader["grade_id"]): cell
        for kind, holds in kinds
        for cell in notebook.cells
        if holds(cell)
    }


def _rows(known):
    return [*known.grade_cells, *known.solution_cells, *known.task_cells, *known.source_cells]


def _key(row):
    return type(row), row.name


def _words(change, known):
    """Say in words what changes, and what becomes of marks given by hand."""
    by_hand = {
        cell.name: sum(g.manual_score is not None for g in cell.grades)
        for cell in known.grade_cells
    }
    parts = [f"added {', '.join(change.added)}"] if change.added else []
    if change.dropped:
        marks = sum(by_hand.get(name, 0) for name in change.dropped)
        kept = f" (marks given by hand: {marks}, kept aside until it comes back)" if marks else ""
        parts.append(f"dropped {', '.join(change.dropped)}{kept}")
    for name, (before, after) in change.weighed.items():
        marks = by_hand.get(name, 0)
        wait = f" (marks given by hand: {marks}, they stay and wait for another look)"
        parts.append(f"{name} {before:g} -> {after:g} points" + (wait if marks else ""))
    return "; ".join(parts)


def back_up(url, chapter):
    """Copy a gradebook beside itself, readable by its owner alone.

    Returns
    -------
    Path

    Raises
    ------
    Problem
        It is not a file, or cannot be copied. Nothing was changed.
    """
    if not url.startswith(SQLITE):
        raise Problem(
            f"{chapter} has changed, and the gradebook is not a file that can be copied "
            "first: make a copy of it yourself, then release the chapter with nbgrader"
        )
    path = Path(url.removeprefix(SQLITE))
    moment = datetime.now().strftime("%Y-%m-%d-%H%M%S-%f")
    copy = path.with_name(f"{path.stem}-{moment}-before-{chapter}{path.suffix}")
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with (
            contextlib.closing(sqlite3.connect(path)) as old,
            contextlib.closing(sqlite3.connect(copy)) as new,
        ):
            old.backup(new)
    except sqlite3.Error as error:
        copy.unlink()  # half a copy is worth nothing
        raise Problem(
            f"{chapter} has changed, and the gradebook cannot be copied first ({error}): "
            "nothing is changed; make room or close what uses it, and run this "
            "again"
        ) from error
    return copy


def _weigh(session, cell, before, after):
    """Give a cell other points: what was earned follows; a person's mark stays, to be looked at."""
    cell.max_score = after
    for grade in cell.grades:
        if grade.auto_score is not None and before:
            grade.auto_score *= after / before
        if grade.manual_score is not None:
            grade.needs_manual_grade = True
            session.execute(ANSWERS.update().where(ANSWERS.c.grade == grade.id).values(read=None))


def _drop(session, row):
    """Delete a cell, with its grades and comments; a person's are kept aside."""
    for grade in list(getattr(row, "grades", ())):
        answer = session.execute(ANSWERS.select().where(ANSWERS.c.grade == grade.id)).one_or_none()
        if grade.manual_score is not None or grade.extra_credit:
            _keep(
                session,
                grade.notebook_id,
                row.name,
                score=grade.manual_score,
                extra=grade.extra_credit,
                read=answer_read(grade, answer),
            )
        session.execute(ANSWERS.delete().where(ANSWERS.c.grade == grade.id))
        session.delete(grade)
    for comment in list(getattr(row, "comments", ())):
        if comment.manual_comment:
            _keep(session, comment.notebook_id, row.name, comment=comment.manual_comment)
        session.delete(comment)
    session.flush()
    session.delete(row)
    session.flush()


def _keep(session, notebook, cell, **values):
    """Write something of a dropped cell aside."""
    here = (KEPT.c.notebook == notebook) & (KEPT.c.cell == cell)
    if not session.execute(KEPT.update().where(here).values(**values)).rowcount:
        session.execute(KEPT.insert().values(notebook=notebook, cell=cell, **values))


def _forget(session, known, names):
    """Throw away what was kept of cells that are back: from now on their own rows say it."""
    notebooks = [notebook.id for notebook in known.submissions]
    session.execute(KEPT.delete().where(KEPT.c.notebook.in_(notebooks), KEPT.c.cell.in_(names)))


def _add(session, known, kind, name, cell):
    """Add a cell. Until the submissions are graded again, it waits in each of them."""
    if kind is SourceCell:
        row = SourceCell(
            name=name,
            notebook=known,
            cell_type=cell.cell_type,
            source=cell.source,
            locked=utils.is_locked(cell),
            checksum=cell.metadata.nbgrader.get("checksum"),
        )
    elif kind is SolutionCell:
        row = SolutionCell(name=name, notebook=known)
    else:
        row = kind(
            name=name,
            notebook=known,
            cell_type=cell.cell_type,
            max_score=float(cell.metadata.nbgrader["points"]),
        )
    session.add(row)
    session.flush()
    for notebook in known.submissions:
        here = (KEPT.c.notebook == notebook.id) & (KEPT.c.cell == name)
        kept = session.execute(KEPT.select().where(here)).one_or_none()
        if kind in (GradeCell, TaskCell):
            grade = Grade(
                cell=row,
                notebook=notebook,
                needs_manual_grade=True,
                manual_score=kept and kept.score,
                extra_credit=kept and kept.extra,
            )
            session.add(grade)
            session.flush()
            if kept is not None and kept.read:
                session.execute(ANSWERS.insert().values(grade=grade.id, read=kept.read))
        if kind in (SolutionCell, TaskCell):
            session.add(Comment(cell=row, notebook=notebook, manual_comment=kept and kept.comment))
    session.flush()
