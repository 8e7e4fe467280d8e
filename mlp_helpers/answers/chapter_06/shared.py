"""What the exercises of chapter 06 share: cases, criteria and formulas."""

from __future__ import annotations

from ...checking.compare import compare
from ...checking.finding import Finding, stopped

DTYPES = "integers and float32"


NAMES = (
    *"abcdefghkmnpqrstuvwxyz",
    *"ABCDEFGHKMNPQ",
    "z1",
    "z2",
    "h1",
    "h2",
    "W1",
    "b_2",
    "x'",
    "loss",
    "out",
    "mu",
)


ODD_NAMES = (
    "sum",
    "add",
    "tanh",
    "W x",
    "0",
    "10",
    "9",
    "None",
    "__class__",
    "δz",
    "a,b",
    "a.b",
    "values",
    "root",
    "-x",
    "x ",
)


def disguise(rng, spec, pool=NAMES, **leaves):
    """Shuffle a spec and rename everything; give (spec, values, names by their old ones)."""
    old = sorted({n for name, _, inputs in spec for n in (name, *inputs)} | leaves.keys())
    new = dict(zip(old, rng.permutation(pool)[: len(old)].tolist(), strict=True))
    spec = [(new[name], op, tuple(new[i] for i in inputs)) for name, op, inputs in spec]
    spec = [spec[i] for i in rng.permutation(len(spec))]
    values = {new[name]: leaves[name] for name in rng.permutation(list(leaves)).tolist()}
    return spec, values, new


def chain_of_diamonds(n):
    """n times a fork and a join, one after the other: 2^n paths from the root to the leaf."""
    spec = []
    for k in range(n):
        spec += [
            (f"t{k}", "tanh", (f"u{k}",)),
            (f"s{k}", "mul", ("c", f"u{k}")),
            (f"u{k + 1}", "add", (f"t{k}", f"s{k}")),
        ]
    return spec, f"u{n}"


DIAMONDS = 18


DIAMOND_NAMES = tuple(f"n{k:02d}" for k in range(60))


# Lines of Python on 18 diamonds: a visit per box runs a few thousand, even a program cubic in the
# number of boxes stays below 270,000, and a walk along every path runs more than 800,000.
LINES = 350_000


def one_visit_per_box(*groups):
    """Make the judge that counts the work on graphs with 2^18 paths.

    The lines of Python that run are counted and the call is stopped when they are too many, so an
    exponential answer costs a fraction of a second. Only what finishes is asked for its value.
    """

    def judge(trial, group):
        for name in groups:
            finding = too_many_visits(trial, name) or wrong_at_last(trial, name)
            if finding is not None:
                return finding
        return None

    return judge


def too_many_visits(trial, name):
    work = trial.work(name, LINES)
    if work.error is not None:
        return stopped(work.error, trial.cases[name][0])
    if not work.stopped and work.lines <= LINES:
        return None
    boxes = len(trial.cases[name][0].args[0])
    return Finding(
        f"more than {LINES:,} lines of Python ran for a graph of {boxes} boxes. How "
        "often do you visit a box that several paths lead to?",
        label="every path",
    )


def wrong_at_last(trial, name):
    """The value on a graph that was too large to be asked for it at once."""
    one = trial.cases[name][0]
    answer = trial.ask(lambda: trial.caller(one.args))
    if answer.error is not None:
        return stopped(answer.error, one)
    if trial.exercise.id == "topological_order":
        return order_fault([(one.args, names_or_finding(answer, one))])
    difference = compare(answer.value, trial.expected(one))
    return difference and Finding(difference.message, difference)


def reachable(spec, root):
    """What root needs, root included: the inputs of each box by its name, () for a leaf."""
    boxes = {name: tuple(inputs) for name, _, inputs in spec}
    found, waiting = {}, [root]
    while waiting:
        name = waiting.pop()
        found[name] = boxes.get(name, ())
        waiting += [i for i in found[name] if i not in found]
    return found


def order_fault(orders):
    for (spec, root), given in orders:
        if isinstance(given, Finding):
            return given
        place = {name: k for k, name in enumerate(given)}
        wanted = reachable(spec, root)
        for name in place:
            for i in wanted.get(name, ()):
                if i not in place:
                    return Finding(f"{name!r} is listed, its input {i!r} is not")
                if place[i] > place[name]:
                    return Finding(f"{name!r} stands before its input {i!r}")
        if not given or given[-1] != root:
            return Finding(f"the root {root!r} is not the last name")
    return None


def orders(trial, *groups):
    """Give (arguments, list of names or the Finding that says why there is none)."""
    for group in groups:
        for one, answer in zip(trial.cases[group], trial.answers(group), strict=True):
            yield one.args, names_or_finding(answer, one)


def names_or_finding(answer, one):
    if answer.error is not None:
        return stopped(answer.error, one)
    if not isinstance(answer.value, (list, tuple)):
        return Finding(f"the answer is a {type(answer.value).__name__}; expected a list of names")
    if odd := [n for n in answer.value if not isinstance(n, str)]:
        return Finding(f"the list holds a {type(odd[0]).__name__}; expected names")
    return list(answer.value)


ONE_VISIT = f"one visit per box ({DIAMONDS} diamonds)"


ORDER = "An order in which everything is ready"


def wiring(spec):
    return {name: tuple(ins) for name, _, ins in spec}


def post_order(spec, root):
    ins, seen, order = wiring(spec), set(), []

    def visit(name):
        if name not in seen:
            seen.add(name)
            for i in ins.get(name, ()):
                visit(i)
            order.append(name)

    visit(root)
    return order


def remembering_size(bank, fn):
    """Register a memory of earlier graphs that is keyed by their sizes alone."""

    def make():
        kept = {}

        def wrapped(spec, root, *params):
            key = len(spec), *map(len, params)
            if key not in kept:
                kept[key] = fn(spec, root, *params)
            return kept[key]

        return wrapped

    bank.stateful(
        "remembers_by_size",
        make,
        "an answer kept from an earlier graph of the same size",
        "What should happen when as many boxes come wired in another way?",
        ORDER,
    )
