"""One exercise of the key -> a module and a file of the students' edition, without its answers.

The module holds the contract and those definitions that its criteria need, found by following
names from the criteria; the file holds what `mlp_helpers.recorded` reads.
"""

from __future__ import annotations

import ast
import dis
import json
import types
from functools import cache
from importlib import import_module
from pathlib import Path

from mlp_helpers.checking.callers import LocalCaller
from mlp_helpers.checking.compare import compare
from mlp_helpers.checking.evaluate import drawn
from mlp_helpers.checking.faults import like_floats
from mlp_helpers.checking.fingerprint import fingerprint
from mlp_helpers.checking.trial import as_double
from mlp_helpers.recorded import digest, pack
from mlp_helpers.verdicts import SEED

LEFT_OUT = ("draw", "oracle", "bank", "stepwise")  # of the contract


# The module ---------------------------------------------------------------------------------------


def module_text(exercise):
    """The source of an exercise's module in the students' edition.

    Parameters
    ----------
    exercise : Exercise
        Of the key.

    Returns
    -------
    str
    """
    package = f"mlp_helpers.answers.chapter_{exercise.chapter}"
    source = _source(f"{package}.{exercise.id}")
    call = source.defined["EXERCISE"].value
    kept = [k for k in call.keywords if k.arg not in LEFT_OUT]
    pieces, imports = _needed(source, kept)
    steps = _steps(exercise, package, pieces, imports)
    fields = "".join(f"    {k.arg}={source.text(k.value)},\n" for k in kept)
    lines = [
        f'"""{exercise.title}, as recorded for students."""',
        "",
        "from __future__ import annotations",
        "",
    ]
    lines += sorted(imports) + ["from ...recorded import recorded", ""]
    lines += [part + "\n\n" for part in pieces]
    lines += [f"EXERCISE = recorded(\n    __file__,\n{fields}{steps})", ""]
    return "\n".join(lines)


class _Source:
    """A module of the key: its definitions and imports, by name."""

    def __init__(self, name):
        self.name = name
        self.path = Path(import_module(name).__file__)
        self.source = self.path.read_text(encoding="utf-8")
        self.defined, self.imported = {}, {}
        for node in ast.parse(self.source).body:
            for bound in _bound(node):
                self.defined.setdefault(bound, node)
            if isinstance(node, ast.ImportFrom):
                module = "." * node.level + (node.module or "")
                self.imported |= {
                    a.asname or a.name: (module, a.name, a.asname) for a in node.names
                }
            elif isinstance(node, ast.Import):
                self.imported |= {a.asname or a.name: ("", a.name, a.asname) for a in node.names}

    def text(self, node):
        return ast.get_source_segment(self.source, node)

    def whole(self, node):
        """A definition with its decorators."""
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        return "\n".join(self.source.split("\n")[first - 1 : node.end_lineno])


_source = cache(_Source)


def _bound(node):
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [
            n.id for target in node.targets for n in ast.walk(target) if isinstance(n, ast.Name)
        ]
    return []


def _names(node):
    """Global names that a piece of code uses."""
    if isinstance(node, ast.expr):
        code = compile(ast.Expression(node), "", "eval")
    else:
        code = compile(ast.Module([node], []), "", "exec")
    found, todo = set(), [code]
    while todo:
        code = todo.pop()
        found |= {
            i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")
        }
        todo += [c for c in code.co_consts if isinstance(c, types.CodeType)]
    return found


def _needed(source, keywords):
    """Definitions (texts, in their order) and import lines that some expressions need."""
    todo = [(source, name) for k in keywords for name in _names(k.value)]
    nodes, imports, seen = {}, set(), set()
    while todo:
        where, name = todo.pop()
        if (where.name, name) in seen:
            continue
        seen.add((where.name, name))
        if name in where.defined:
            node = where.defined[name]
            nodes[id(node)] = (where is source, node.lineno, where.whole(node))
            todo += [(where, other) for other in _names(node)]
        elif name in where.imported:
            module, original, asname = where.imported[name]
            if module == ".shared":
                todo.append((_source(source.name.rpartition(".")[0] + module), original))
            else:
                imports.add(import_line(module, original, asname))
    return [text for *_, text in sorted(nodes.values())], imports


def import_line(module, name, asname):
    """The line that imports a name into a module of the edition.

    Raises
    ------
    ValueError
        The name is one of the key's.
    """
    if module.startswith("..."):
        room = module[3:].partition(".")[0]
        if room in ("reference", "answers") or module == "...":
            raise ValueError(f"a criterion needs {name} of {module}, which answers exercises")
    elif module.startswith("."):
        raise ValueError(f"a criterion needs {name} of {module}, which is in the key")
    alias = f" as {asname}" if asname else ""
    return f"from {module} import {name}{alias}" if module else f"import {name}{alias}"


def _steps(exercise, package, pieces, imports):
    """The line that says how to read an answer step by step; adds what it needs."""
    if exercise.stepwise is None:
        return ""
    found = exercise.stepwise()
    home = import_module(found.forward.__module__)
    source = _source(home.__name__)
    call = source.defined["STEPWISE"].value
    kept = [k for k in call.keywords if k.arg in ("parts", "split", "mean")]
    texts, lines = _needed(source, kept)
    pieces += [text for text in texts if text not in pieces]
    imports |= lines | {"from ...recorded import RecordedSteps"}
    names = tuple(step.name for step in found.steps)
    fields = "".join(f"        {k.arg}={source.text(k.value)},\n" for k in kept)
    return f"    steps=RecordedSteps(\n        steps={names!r},\n{fields}    ),\n"


# The file -----------------------------------------------------------------------------------------


def recording(exercise):
    """What `mlp_helpers.recorded` reads of an exercise, as JSON text.

    Parameters
    ----------
    exercise : Exercise
        Of the key.

    Returns
    -------
    str
    """
    trial = drawn(exercise, SEED)
    casts = _casts(trial)
    right = {}
    for args in (*(c.args for cases in trial.cases.values() for c in cases), *casts):
        doubled = as_double(args)
        right.setdefault(digest(doubled), pack(_right(exercise, doubled)))
    errors = {}
    return json.dumps(
        {
            "cases": {
                group: [
                    {
                        "args": pack(c.args),
                        "note": c.note,
                        "sizes": dict(c.sizes),
                        "scale": c.scale,
                        "macs": c.macs,
                    }
                    for c in cases
                ]
                for group, cases in trial.cases.items()
            },
            "right": right,
            "mistakes": [_mistake(m, exercise, casts, errors) for m in exercise.mistakes],
            "errors": list(errors),
        }
    )


def _right(exercise, args):
    from mlp_helpers.checking.values import plain

    return plain(exercise.answer(args))


def _casts(trial):
    """The arguments of special cases as float64: a fault of precision is looked for with them."""
    first = trial.cases["generic"][0].args
    found = [like_floats(c.args, first) for cases in trial.cases.values() for c in cases]
    return [args for args in found if args is not None]


def _mistake(mistake, exercise, casts, errors):
    """One known mistake: the fingerprints of its answers, and what the criteria find."""
    trial = drawn(exercise, SEED).beside(LocalCaller(mistake.fn))
    for criterion in exercise.criteria:  # in the order of a verdict, for what keeps state
        trial.judged(criterion)
    answers = {}
    for group, cases in trial.cases.items():
        for i, case in enumerate(cases):
            answer = trial.answer(group, i)
            right = answer.error is None and compare(answer.value, trial.expected(case)) is None
            answers[f"{group} {i}"] = _given(answer, right, errors)
    if not mistake.keeps_state:
        for args in casts:
            answers[digest(args)] = _given(
                trial.ask(lambda args=args: trial.caller(args)), False, errors
            )
    found = {c.name: trial.judged(c) for c in exercise.criteria}
    words = {name: getattr(mistake, name) for name in ("id", "looks_like", "question", "reread")}
    return {
        "words": words,
        "cost": mistake.cost,
        "keeps_state": mistake.keeps_state,
        "answers": answers,
        "found": {n: (f.text, f.passed, f.label) for n, f in found.items() if f is not None},
    }


def _given(answer, right, errors):
    if answer.error is not None:
        return errors.setdefault((answer.error.kind, answer.error.message), len(errors))
    taken = fingerprint(answer.value)
    return [
        taken.digest,
        int(taken.finite),
        taken.entries,
        int(right),
        *(number.hex() for number in taken.projections),
    ]
