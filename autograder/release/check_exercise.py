"""What an exercise still lacks, for its author: what, where, and what to do about it.

The engine itself judges the bank, the master's solution and stubs; the test-suite asks the same
functions about every exercise of the course.
"""

from __future__ import annotations

import ast
import inspect
import re
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mlp_helpers.answers import registry
from mlp_helpers.checking.callers import LocalCaller
from mlp_helpers.checking.criteria import answers_are_stable, shapes_agree
from mlp_helpers.checking.evaluate import drawn, evaluate_caller
from mlp_helpers.checking.exercise import Case, Exercise
from mlp_helpers.checking.report import Report
from mlp_helpers.checking.values import same_bits

from ..ground.errors import Problem
from .headings import HEADING
from .masters import exercise_faults, graded_cells, read_master
from .trivial_stubs import FIRST, trivial_stubs

SEEDS = range(20)
FEW = range(3)
GENERIC, HINTS, MISTAKES, VARIANTS = 3, 3, 6, 3  # at least
SHORTEST_HINT = 20  # characters
TRIVIAL = {"random", "constant", "handed back"}  # such an answer fails everything: it shows nothing
PACKAGE = Path(registry.__file__).parent
SIGNATURE = re.compile(r"(\w+)\(\w+(=[^,()]+)?(, \w+(=[^,()]+)?)*\)\Z")


class Gap(NamedTuple):
    """Something that is missing.

    Attributes
    ----------
    at : int or str or callable or Exception
        Where it is seen: a line of the file, words or a function in it, or where it stopped.
    what, cure : str
    """

    at: int | str | Callable | Exception
    what: str
    cure: str


def check_exercise(root: Path, name: str) -> list[str]:
    """Look for everything that an exercise lacks.

    Parameters
    ----------
    root : Path
        The course's folder.
    name : str
        Of the exercise.

    Returns
    -------
    list of str
        A line for each gap: ``file:line: what: what to do``; none if all is well.

    Raises
    ------
    Problem
        There is no such exercise, or its chapter's master cannot be read.
    """
    chapter = registry.NAMES.get(name)
    if chapter is None:
        raise Problem(_unknown(name))
    path = PACKAGE / f"chapter_{chapter}" / f"{name}.py"
    steps = path.with_name(f"{name}_steps.py")
    master = _master(root, chapter)
    found = [(file, gap) for file in (path, steps) if file.exists() for gap in of_todos(file)]
    exercise, gap = _loaded(name, path)
    if gap:
        return _lines(root, [*found, (path, gap)])
    contract = list(_as_far_as_it_goes(of_contract(exercise, name)))
    cases = list(_as_far_as_it_goes(of_cases(exercise)))
    found += [(path, gap) for gap in contract + cases]
    looks = [(master, of_master(exercise, master))]
    if not cases:  # else nothing can be judged
        looks += [
            (path, of_mistakes(exercise, FEW)),
            (path, of_variants(exercise, SEEDS)),
            (path, of_stubs(exercise)),
            (master, _of_solution_in(exercise, master)),
        ]
    found += [(file, gap) for file, gaps in looks for gap in _as_far_as_it_goes(gaps)]
    return _lines(root, found)


def _as_far_as_it_goes(gaps):
    """Yield gaps, and what an author's code raises while one looks for them."""
    try:
        yield from gaps
    except Problem:
        raise
    except Exception as error:  # it may raise anything
        yield Gap(error, f"this cannot be looked at: {_said(error)}", "put it right first")


# --- the file ------------------------------------------------------------------------------------


def _unknown(name):
    files = PACKAGE.glob(f"chapter_*/{name}.py") if name.isidentifier() else ()
    unlisted = [path for path in files if "EXERCISE = " in path.read_text(encoding="utf-8")]
    if unlisted:
        folder = unlisted[0].parent.name
        return f"{folder}/{name}.py is there, but the list in {folder}/__init__.py lacks {name}"
    return f"there is no exercise named {name!r}. {registry.did_you_mean(name, registry.NAMES)}"


def _master(root, chapter):
    found = sorted((Path(root) / "solutions").glob(f"{chapter}_*.py"))
    if len(found) != 1:
        raise Problem(f"chapter {chapter} has {len(found)} masters solutions/{chapter}_*.py")
    return found[0]


def _loaded(name, path):
    """The exercise, or what stops it from being one: (Exercise, None) or (None, Gap)."""
    try:
        return registry.find(name), None
    except Exception as error:  # an author's file may raise anything
        return None, Gap(error, f"cannot be imported: {_said(error)}", "put this right first")


def of_todos(path: Path, begin: int = 1, end: int | None = None) -> Iterator[Gap]:
    """Yield the TODOs in some lines of a file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines[begin - 1 : end], start=begin):
        if "TODO" in line:
            asked = line.partition("TODO")[2].strip("\"':,.()# ")
            yield Gap(number, "a TODO is left", asked or "do it, and take the word away")


def _said(error):
    """An exception in one line, with the place where it was raised."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{text} (in {Path(where.filename).name}, line {where.lineno})"


def _lines(root, found):
    """Gaps as lines, in the order of files; where a TODO is left, that is said alone."""
    told = {}
    for path, gap in found:
        line = _place(path, gap.at)
        told.setdefault((path, line), []).append(gap)
    order = list(dict.fromkeys(path for path, _ in found))
    return [
        f"{path.relative_to(Path(root).resolve())}:{line}: {gap.what}: {gap.cure}"
        for (path, line), gaps in sorted(told.items(), key=lambda t: (order.index(t[0][0]), t[0]))
        for gap in ([g for g in gaps if g.what == "a TODO is left"] or dict.fromkeys(gaps))
    ]


def _place(path, at):
    """The line in a file of what a gap points to; that of the exercise if it is not found."""
    if isinstance(at, int):
        return at
    if isinstance(at, SyntaxError):
        return at.lineno or 1
    if isinstance(at, Exception):
        frames = traceback.extract_tb(at.__traceback__)
        return next((f.lineno for f in reversed(frames) if f.filename == str(path)), 1)
    if callable(at):
        code = getattr(inspect.unwrap(at), "__code__", None)
        if code is not None and code.co_filename == str(path):
            return code.co_firstlineno
        at = "bank.habits("
    lines = path.read_text(encoding="utf-8").splitlines()
    for words in (at, "EXERCISE = "):
        for number, line in enumerate(lines, start=1):
            if words in line:
                return number
    return 1


# --- the contract --------------------------------------------------------------------------------


def of_contract(exercise: Exercise, name: str) -> Iterator[Gap]:
    """Yield what the description of an exercise lacks."""
    if not SIGNATURE.match(exercise.signature):
        yield Gap("signature=", f"the signature {exercise.signature!r} is none", "name(a, b)")
        return
    if exercise.id != name:
        yield Gap("signature=", f"the signature names {exercise.id}", f"it is {name} everywhere")
    for field in ("title", "returns"):
        if not getattr(exercise, field):
            yield Gap(f"{field}=", f"there is no {field}", "name it")
    for field in ("minutes", "lines"):
        if getattr(exercise, field) <= 0:
            yield Gap(f"{field}=", f"{field} is {getattr(exercise, field)}", "estimate it")
    if len(exercise.hints) != HINTS:
        count = len(exercise.hints)
        yield Gap("hints=", _count(count, "hint"), "three: a question, a nudge, a skeleton")
    for number, hint in enumerate(exercise.hints, start=1):
        if len(hint) <= SHORTEST_HINT:
            yield Gap("hints=", f"hint {number} is very short", "say enough to go on with")
    names = [criterion.name for criterion in exercise.criteria]
    for double in sorted({n for n in names if names.count(n) > 1}):
        yield Gap("criteria=", f"two criteria are called {double!r}", "name each for what it asks")
    if exercise.points <= 0:
        yield Gap("criteria=", "no criterion gives points", "give each its points")
    elif not (2 * exercise.points).is_integer():
        yield Gap("criteria=", f"{exercise.points:g} points in all", "take whole or half ones")
    yield from _of_bank(exercise)


def _of_bank(exercise):
    variants = exercise.bank.variants if exercise.bank else []
    for found, least, kind in (
        (exercise.mistakes, MISTAKES, "known mistake"),
        (variants, VARIANTS, "right variant"),
    ):
        if len(found) < least:
            yield Gap("bank = ", _count(len(found), kind), f"collect {least} or more")
    ids = [mistake.id for mistake in exercise.mistakes]
    for mistake in exercise.mistakes:
        if ids.count(mistake.id) > 1:
            yield Gap(mistake.fn, f"two mistakes are called {mistake.id}", "rename one")
        question = mistake.question.rstrip()
        if "?" not in question or not question.endswith(("?", ".", "!")):
            yield Gap(mistake.fn, f"{mistake.id} asks nothing", "give it a question that leads on")


def _count(number, kind):
    return f"{number} {kind}{'s' * (number != 1)}"


# --- cases and oracle ----------------------------------------------------------------------------


def of_cases(exercise: Exercise, seeds=FEW) -> Iterator[Gap]:
    """Yield why the cases of an exercise cannot be drawn and answered."""
    for seed in seeds:
        try:
            cases, again = drawn(exercise, seed).cases, exercise.draw(_generator(exercise, seed))
        except Exception as error:  # the author's own code
            yield Gap(
                error, f"the cases cannot be drawn: {_said(error)} (seed {seed})", "repair draw"
            )
            return
        gaps = list(_of_groups(exercise, cases, again, seed))
        yield from gaps
        if gaps:
            return
        for group, number, error in _unanswered(exercise, seed):
            what = f"the oracle stops on case {number} of {group!r}: {_said(error)} (seed {seed})"
            yield Gap(error, what, "repair the oracle or the case")
            return


def _generator(exercise, seed):
    return np.random.default_rng([seed, *exercise.id.encode()])  # as a trial has it


def _of_groups(exercise, cases, again, seed):
    if not _are_groups(cases):
        yield Gap(exercise.draw, "draw gives something else", "return {group: [case(...), ...]}")
        return
    if len(cases.get("generic", ())) < GENERIC:
        count = _count(len(cases.get("generic", ())), "case")
        yield Gap(exercise.draw, f"{count} in the group 'generic'", f"draw {GENERIC} or more")
    for criterion in exercise.criteria:
        needed = 2 if criterion.judge is answers_are_stable else 1
        if len(cases.get(criterion.group, ())) < needed:
            what = f"the criterion {criterion.name!r} asks for cases {criterion.group!r}"
            yield Gap(exercise.draw, what, f"draw {needed} or more of them")
    least, most = _arguments(exercise)
    for group, drawn_now in cases.items():
        counts = {len(case.args) for case in drawn_now}
        if any(not least <= count <= most for count in counts):
            what = f"cases of {group!r} with {sorted(counts)} arguments"
            yield Gap(exercise.draw, what, f"as many as {exercise.signature} takes")
        same = len(drawn_now) == len(again.get(group, ())) and all(
            same_bits(a.args, b.args) for a, b in zip(drawn_now, again[group], strict=True)
        )
        if not same:
            what = f"seed {seed} draws other cases of {group!r} the second time"
            yield Gap(exercise.draw, what, "draw from rng alone")


def _are_groups(cases):
    return isinstance(cases, Mapping) and all(
        isinstance(group, Sequence) and all(isinstance(case, Case) for case in group)
        for group in cases.values()
    )


def _arguments(exercise):
    """The fewest and the most arguments of a call."""
    most = len(exercise.parameters)
    return most - exercise.signature.count("="), most


def _unanswered(exercise, seed):
    """Yield the cases at which the oracle raises: (group, number, exception)."""
    trial = drawn(exercise, seed)
    for group, cases in trial.cases.items():
        for number, case in enumerate(cases):
            try:
                trial.expected(case)
            except Exception as error:  # the author's own code
                yield group, number, error


# --- the bank, the solution, stubs ---------------------------------------------------------------


def judged(exercise: Exercise, fn: Callable, seed: int) -> Report:
    """The report on a function of this process."""
    return evaluate_caller(LocalCaller(fn), exercise, seed)


def of_mistakes(exercise: Exercise, seeds) -> Iterator[Gap]:
    """Yield mistakes that are not rejected or not named, and criteria that none of them fails."""
    failed = set()
    for mistake in exercise.mistakes:
        for seed in seeds:
            report = judged(exercise, mistake.fn, seed)
            codes = {c.name: c.code for c in report.criteria}
            if not TRIVIAL & {*codes.values()}:
                failed |= {name for name, code in codes.items() if code not in ("", "waits")}
            if gap := _not_recognised(mistake, report, seed):
                yield gap
                break
    for criterion in exercise.criteria:
        if criterion.name not in failed:
            what = f"no mistake fails the criterion {criterion.name!r}"
            yield Gap("criteria=", what, "add one that does, or leave the criterion out")


def _not_recognised(mistake, report, seed):
    id, at = mistake.id, mistake.fn
    if report.passed:
        what = f"the mistake {id} gets full marks (seed {seed})"
        return Gap(at, what, "add a case or a criterion that rejects it")
    if id in report.misconceptions and report.outcome == "known_mistake":
        return None
    if report.misconceptions:
        what = f"the mistake {id} is named {', '.join(report.misconceptions)} (seed {seed})"
        return Gap(at, what, "draw cases on which their answers differ, or keep one of them")
    what = f"the mistake {id} is not named: {report.outcome} (seed {seed})"
    return Gap(at, what, "let it give an answer, the same whenever it is asked")


def of_variants(exercise: Exercise, seeds) -> Iterator[Gap]:
    """Yield right variants that do not get full marks."""
    for style, fn in exercise.bank.variants if exercise.bank else ():
        for seed in seeds:
            report = judged(exercise, fn, seed)
            if gap := _not_full(fn, f"the right variant {style!r}", report, seed):
                yield gap
                break


def _of_solution_in(exercise, master):
    yield from of_solution(exercise, solutions(master), SEEDS)


def of_solution(exercise: Exercise, names: dict, seeds) -> Iterator[Gap]:
    """Yield why the solution of a master does not get full marks."""
    at = f'"grade_id": "{exercise.id}"'
    if exercise.id not in names:
        return  # said of the master's cells
    given = [*inspect.signature(names[exercise.id]).parameters]
    if given != exercise.parameters:
        what = f"the master defines {exercise.id}({', '.join(given)})"
        yield Gap(at, what, f"the contract says {exercise.signature}: make them agree")
    for seed in seeds:
        report = judged(exercise, names[exercise.id], seed)
        if gap := _not_full(at, "the solution", report, seed):
            yield gap
            return


def _not_full(at, who, report, seed):
    if report.passed and report.outcome == "correct" and not report.misconceptions:
        return None
    lost = next((c for c in report.criteria if not c.passed), None)
    why = report.reason or (f"{lost.name}: {lost.message}" if lost else report.outcome)
    what = f"{who} has {report.points:g} of {report.max_points:g} points (seed {seed}; {why})"
    return Gap(at, what, "repair it, or the criterion that is too strict")


def of_stubs(exercise: Exercise, seeds=range(2)) -> Iterator[Gap]:
    """Yield what functions that compute nothing earn."""
    shapes = {c.name for c in exercise.criteria if c.judge is shapes_agree}
    for stub, fn in trivial_stubs(exercise):
        # an argument in the answer's shape has a shape as right as any
        free = {*exercise.earned_by_stubs, *(shapes if stub == FIRST else ())}
        earned = {
            c.name: None
            for seed in seeds
            for c in judged(exercise, fn, seed).criteria
            if c.points and c.name not in free
        }
        if earned:
            what = f"a function that returns {stub} earns {', '.join(map(repr, earned))}"
            cure = "draw cases that tell it apart, or list them in earned_by_stubs with the reason"
            yield Gap("criteria=", what, cure)


# --- the master ----------------------------------------------------------------------------------


def of_master(exercise: Exercise, path: Path) -> Iterator[Gap]:
    """Yield what the master lacks: the heading, the cells, their order, the section to reread."""
    text, name = path.read_text(encoding="utf-8"), exercise.id
    announced, listed = HEADING.findall(text), registry.CHAPTERS[exercise.chapter]
    heading, check = f"### Exercise: {name}", f'"grade_id": "check_{name}"'
    if announced.count(name) != 1:
        what = f"{announced.count(name)} headings `{heading}`"
        yield Gap(heading, what, "announce the exercise once, above its solution cell")
    elif _before(announced, name) != _before(listed, name):
        what = f"{name} comes after {_before(announced, name) or 'nothing'} here"
        cure = f"in the list of its chapter it comes after {_before(listed, name) or 'nothing'}"
        yield Gap(heading, what, f"{cure}: move it in one of the two")
    for fault in exercise_faults(exercise, graded_cells(read_master(path).cells)):
        yield Gap(f'"grade_id": "{name}"', "the master's cells", fault)
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line == heading]
    ends = [number for number, line in enumerate(text.splitlines(), 1) if check in line]
    if lines and ends:
        yield from of_todos(path, lines[0], ends[0])
    yield from of_sections(exercise, text)


def of_sections(exercise: Exercise, text: str) -> Iterator[Gap]:
    """Yield sections to reread that are not one heading of the master's text, above the check."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    above = text.partition(f'"grade_id": "check_{exercise.id}"')[0].splitlines()
    for place in sorted({exercise.reread, *(m.reread for m in exercise.mistakes if m.reread)}):
        if "TODO" in place:
            continue
        if headings.count(place) != 1:
            what = f"the section {place!r} is {headings.count(place)} headings of this master"
            cure = "name one heading, as it stands there, in section= or reread="
            yield Gap(f"### Exercise: {exercise.id}", what, cure)
        elif not any(line.lstrip("#") == f" {place}" for line in above if line.startswith("#")):
            what = f"the section {place!r} comes after the check: nobody can reread it yet"
            yield Gap(f"### Exercise: {exercise.id}", what, "name one above the check")


def _before(names, name):
    """The name before another one in a list; "" if it is the first."""
    names = list(names)
    return names[names.index(name) - 1] if names.index(name) else ""


def solutions(path: Path) -> dict:
    """Run a master's imports, functions and tables of them, and nothing else; give their names."""
    import jupytext

    names = {"np": np}
    for cell in jupytext.read(path).cells:
        if cell.cell_type == "code":
            tree = ast.parse(cell.source)
            tree.body = [node for node in tree.body if _defines(node)]
            exec(compile(tree, str(path), "exec"), names)
    return names


def _defines(node):
    if isinstance(node, ast.FunctionDef):
        return not node.decorator_list
    if isinstance(node, ast.Assign):
        return isinstance(node.value, ast.Dict) and node.targets[0].id.isupper()
    return isinstance(node, (ast.Import, ast.ImportFrom))
