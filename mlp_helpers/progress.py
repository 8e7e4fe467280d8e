"""The reader's state file, and the table of what is solved.

One small JSON file beside each notebook holds three tables: checked exercises, predictions
and quiz answers.  Losing it costs comfort, never a check: a file that cannot
be read or written is reported in one line, once, and the course goes on.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .checking import Report


STATE_FILE = ".mlp_progress.json"
TABLES = ("checked", "predictions", "quiz")

_said = set()
_home = []


def home() -> Path:
    """The folder of the state file: the one in which this session used it first.

    A notebook that changes its folder on the way keeps its one state file.
    """
    if not _home:
        _home.append(Path.cwd())
    return _home[0]


def say_once(message: str) -> None:
    """Print a line the first time it comes up in this session."""
    if message not in _said:
        _said.add(message)
        print(message)


def load(path: str | Path | None = None) -> dict[str, dict[str, Any]]:
    """Read the state file.

    Returns
    -------
    dict
        One dict per name in ``TABLES``; empty ones if there is no file yet.  A file that is not
        a state file is kept as ``.mlp_progress.json.bak`` and an empty state is returned.

    Raises
    ------
    OSError
        The file is there but cannot be read, or the damaged file cannot be moved aside.
    """
    path = Path(path or home() / STATE_FILE)
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        state = {}
    except (ValueError, RecursionError):
        state = None
    if not _is_state(state):
        backup = path.with_name(path.name + ".bak")
        os.replace(path, backup)
        say_once(f"{path.name} was damaged: it is kept as {backup.name}, and a new one begins.")
        state = {}
    return {table: state.get(table, {}) for table in TABLES}


def _is_state(state):
    return isinstance(state, dict) and all(isinstance(state.get(t, {}), dict) for t in TABLES)


def save(state: dict[str, dict[str, Any]], path: str | Path | None = None) -> None:
    """Write the state file in one step, so that a crash leaves the old one or the new one."""
    path = Path(path or home() / STATE_FILE)
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        draft.write_text(json.dumps(state, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def recall(table: str, path: str | Path | None = None) -> dict[str, Any]:
    """One table of a state file, as a dict; empty when the file cannot be read."""
    try:
        return load(path)[table]
    except OSError as error:
        _say_unusable(error)
        return {}


def remember(table: str, key: str, value: object) -> None:
    """Keep one value in the state file; say so in one line if that is not possible."""
    try:
        state = load()
        state[table][key] = value
        save(state)
    except OSError as error:
        _say_unusable(error)


def _say_unusable(error):
    say_once(f"{STATE_FILE} cannot be used here ({error.strerror}): going on without it.")


def record(report: Report, fn: Callable | None = None) -> None:
    """Remember the latest verdict on one exercise (`check` calls this)."""
    points = {"points": float(report.points), "max_points": float(report.max_points)}
    remember("checked", report.exercise, points | {"code": fingerprint(fn)})


def remember_yours(name: str, fn: Callable, right: bool) -> None:
    """Remember whether an ungraded function was right."""
    remember("checked", name, {"points": float(right), "max_points": 1.0, "code": fingerprint(fn)})


def passed(name: str, fn: Callable) -> bool | None:
    """Whether this very function has passed its check; None if it is not known to have one.

    A chapter may define a function of its own that is called like another chapter's exercise; in
    its folder (``02_sigmoid``, say) that name stands for no exercise.
    """
    chapter = _chapter_of(name)
    here = home().name[:2]
    if chapter and here.isdigit() and here != chapter:
        return None
    verdict = recall("checked").get(name)
    if not isinstance(verdict, dict):
        return False if chapter else None
    full = verdict.get("points", 0.0) >= verdict.get("max_points", 1.0)
    return full and verdict.get("code") == fingerprint(fn)


def _chapter_of(name):
    """Which chapter asks for a function of this name; "" if none does."""
    try:
        from .catalogue import NAMES
    except ImportError:  # a notebook that is being graded
        return ""
    return NAMES.get(name, "")


def fingerprint(fn: object) -> str:
    """A text that changes with a function's code; "" for what has no code of its own."""
    code = getattr(fn, "__code__", None)
    return "" if code is None else hashlib.sha256(repr(_content(code)).encode()).hexdigest()[:16]


def _content(code):
    def constant(c):
        if isinstance(c, frozenset):  # its order differs between two sessions
            return sorted(map(repr, c))
        return _content(c) if isinstance(c, type(code)) else c

    return code.co_code, code.co_names, code.co_varnames, [constant(c) for c in code.co_consts]


def progress() -> None:
    """Show what is solved: the sum, every exercise of the chapters begun, one line for the rest.

    A chapter keeps its state file in its own folder. Those of the other chapters are looked for
    beside it, or below it if this is the folder of all chapters.
    """
    from .notebook import course_data, show

    package = course_data("progress()")
    if package is None:
        return
    checked = {}
    for path in _state_files():
        checked |= recall("checked", path)
    everything = package.exercises()
    rows = [_total("all chapters", everything.values(), checked)]
    rows += [row for group in _chapters(everything) for row in _rows(*group, checked)]
    where = _where()
    show(
        _as_html(rows) + f"<div>{escape(where)}</div>" * bool(where),
        _as_text(rows) + f"\n{where}" * bool(where),
    )


def _where():
    """Say where the state file is, if that is not the working folder, or that there is none."""
    if not (home() / STATE_FILE).is_file():
        return f"Nothing is kept in {home()} yet."
    return "" if home() == Path.cwd() else f"Kept in {home() / STATE_FILE}."


def _state_files():
    """State files of all chapters; this folder's own comes last, so that it counts."""
    places = (home().parent, home())
    folders = [f for place in places for f in sorted(place.glob("[0-9][0-9]_*"))]
    found = [f / STATE_FILE for f in folders if (f / STATE_FILE).is_file()]
    return [*found, home() / STATE_FILE]


def _chapters(exercises):
    """Exercises grouped by chapter, in order: (chapter, list of exercises)."""
    groups = {}
    for exercise in exercises.values():
        groups.setdefault(exercise.chapter, []).append(exercise)
    return sorted(groups.items())


def _total(name, exercises, checked):
    """One row: points earned of points possible, exercises solved of all."""
    earned = sum(_points(checked, e.id) for e in exercises)
    possible = sum(e.points for e in exercises)
    solved = sum(_points(checked, e.id) >= e.points for e in exercises)
    return name, f"{earned:g} of {possible:g}", f"{solved} of {len(exercises)} solved"


def _rows(chapter, exercises, checked):
    """Table rows (name, points, state) of one chapter; the total comes first."""
    total = _total(f"chapter {chapter}", exercises, checked)
    if not any(e.id in checked for e in exercises):
        return [total]
    return [total] + [
        (f"  {e.id}", f"{_points(checked, e.id):g} of {e.points:g}", _state(checked, e))
        for e in exercises
    ]


def _points(checked, name):
    return checked.get(name, {}).get("points", 0.0)


def _state(checked, exercise):
    points = _points(checked, exercise.id)
    if points >= exercise.points:
        return "solved"
    return "partly" if points > 0 else "not yet"


def _as_text(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(2)]
    return "\n".join(
        f"{name:<{widths[0]}}  {points:>{widths[1]}}  {state}" for name, points, state in rows
    )


def _as_html(rows):
    head = "".join(
        f'<th scope="col" style="text-align:left">{h}</th>' for h in ("exercise", "points", "state")
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td style="text-align:left;white-space:pre">{escape(cell)}</td>' for cell in row
        )
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
