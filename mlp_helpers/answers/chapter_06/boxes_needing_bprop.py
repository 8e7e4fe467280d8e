"""Which boxes need bprop?"""

from __future__ import annotations

from collections import defaultdict, deque
from functools import lru_cache

from ...checking.criteria import stable, unchanged, value
from ...checking.exercise import Case, Criterion, Exercise
from ...checking.finding import Finding
from ...reference import graph
from ..bank import Bank
from .shared import (
    DIAMOND_NAMES,
    DIAMONDS,
    NAMES,
    ONE_VISIT,
    chain_of_diamonds,
    disguise,
    one_visit_per_box,
    orders,
    post_order,
    reachable,
    remembering_size,
    wiring,
)


def _params_case(rng, spec, root, params, note="", pool=NAMES):
    spec, _, new = disguise(rng, spec, pool, **{p: 0.0 for p in params})
    return Case((spec, new[root], [new[p] for p in params]), note)


def _layers(depth):
    """A network with data x and y, and a penalty beside it that the loss does not need."""
    spec, h = [("xx", "mul", ("x", "x")), ("t", "tanh", ("xx",))], "t"
    for k in range(depth):
        spec += [
            (f"p{k}", "matvec", (f"W{k}", h)),
            (f"q{k}", "add", (f"p{k}", f"b{k}")),
            (f"r{k}", "tanh", (f"q{k}",)),
        ]
        h = f"r{k}"
    spec += [
        ("yy", "relu", ("y",)),
        ("miss", "sub", (h, "yy")),
        ("L", "dot", ("miss", "miss")),
        ("far", "mul", ("W0", "U")),
        ("xs", "sum", ("xx",)),
        ("R", "sum", ("far",)),
        ("J", "add", ("L", "R")),
    ]
    return spec


def _needing_cases(rng):
    def one(depth, *params):
        return _params_case(rng, _layers(depth), "L", params)

    def diamonds(param):
        spec, root = chain_of_diamonds(DIAMONDS)
        return _params_case(rng, spec, root, [param], pool=DIAMOND_NAMES)

    return {
        "generic": [
            one(1, "W0", "b0", "U"),
            one(2, "b1", "W0", "U"),
            one(3, "W2", "b1", "U"),
            one(2, "W1"),
            _names_in_names(rng),
        ],
        "ends": [
            _params_case(rng, _layers(1), "U", ["U", "W0"], "a root that is a parameter"),
            _params_case(rng, _layers(1), "x", ["U", "W0"], "a root that is a data leaf"),
            _params_case(rng, _layers(1), "L", [], "no parameters"),
        ],
        "diamonds": [diamonds("c")],
        "nothing": [diamonds("elsewhere")],
        "twice": [one(1, "W0", "b0", "U"), one(1, "b0", "y", "U")],
    }


def _names_in_names(rng):
    """Data whose names are parts of the parameters' names."""
    new = {"x": "W", "y": "b", "xx": "1"}
    spec = [
        (new.get(name, name), op, tuple(new.get(i, i) for i in inputs))
        for name, op, inputs in _layers(2)
    ]
    spec = [spec[i] for i in rng.permutation(len(spec))]
    return Case((spec, "L", ["W1", "b1"]), "names within names")


def _listed(fault):
    """Make a judge from fault(names, arguments, right names) -> message or "".

    What is not listed cannot be wrong: the criterion counts once one name is right, not the root.
    """

    def judge(trial, group):
        rights = [set(trial.expected(one).value) for one in trial.cases[group]]
        for (args, given), right in zip(orders(trial, group), rights, strict=True):
            if isinstance(given, Finding):
                return given
            if message := fault(given, args, right):
                return Finding(message)
            if set(given).isdisjoint(right - {args[1]}):
                return Finding("counts once a name beside the root is right")
        return None

    return judge


def _missing(given, args, right):
    missing = right - set(given)
    boxes = {name for name, _, _ in args[0]} & missing
    if boxes:
        return f"{len(boxes)} boxes are missing: the gradient must pass through them"
    return f"{len(missing)} parameters are missing" if missing else ""


def _unneeded(given, args, right):
    wanted = reachable(*args[:2])
    return next(
        (f"{n!r} is listed, but {args[1]!r} does not need it" for n in given if n not in wanted), ""
    )


def _independent(given, args, right):
    spec, _, params = args
    for n in given:
        if set(params).isdisjoint(reachable(spec, n)):
            return f"{n!r} is listed, but no parameter leads to it"
    return ""


def _unsorted(given, args, right):
    return "" if given == sorted(set(given)) else "the names are not sorted, or one comes twice"


bank = Bank()


EXERCISE = Exercise(
    title="Which boxes need bprop?",
    signature="boxes_needing_bprop(spec, root, params)",
    returns="names",
    minutes=12,
    lines=7,
    section="Only as far as the parameters",
    draw=_needing_cases,
    oracle=graph.boxes_needing_bprop,
    criteria=(
        Criterion("nothing missing", 0.75, _listed(_missing)),
        Criterion("only what root needs", 0.75, _listed(_unneeded)),
        Criterion("only what depends on a parameter", 0.75, _listed(_independent)),
        Criterion("sorted", 0.25, _listed(_unsorted)),
        value(0.5, "roots that are leaves, no parameters", "ends"),
        Criterion(
            ONE_VISIT, 0.5, one_visit_per_box("diamonds", "nothing"), needs_value=True, costly=True
        ),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "A gradient is worth computing where it is on its way to a parameter. Which two things "
        "must hold for a box that lies on such a way?",
        "Go through topological_order(spec, root): it holds only what root needs, and inputs "
        "come first. A name depends on a parameter if it is one, or if one of its inputs "
        "does.",
        "inputs = {name: ins for name, op, ins in spec}\n"
        "depends = set()\n"
        "for name in topological_order(spec, root):\n"
        "    if name in params or any(... for i in inputs.get(name, ())):\n"
        "        ...\n"
        "return sorted(...)",
    ),
    bank=bank,
)


def depending(spec, root, params):
    ins, found = wiring(spec), set()
    for name in post_order(spec, root):
        if name in params or any(i in found for i in ins.get(name, ())):
            found.add(name)
    return found


@bank.wrong(
    "all that the root needs", "A box that only sees data: what would you do with its gradient?"
)
def everything_needed(spec, root, params):
    return sorted(post_order(spec, root))


@bank.wrong(
    "all that depends on a parameter",
    "Some of these boxes never reach the root. What gradient would they get?",
)
def behind_the_root(spec, root, params):
    found = set()
    for name in (*(n for n, _, _ in spec), *params):
        found |= depending(spec, name, params)
    return sorted(found)


@bank.wrong(
    "boxes without the parameters themselves", "Where should the gradient arrive in the end?"
)
def boxes_only(spec, root, params):
    return sorted(depending(spec, root, params) & wiring(spec).keys())


@bank.wrong(
    "every parameter, also those not needed",
    "Can the root change when a parameter changes that it does not need?",
)
def all_parameters(spec, root, params):
    return sorted(depending(spec, root, params) | set(params))


@bank.wrong(
    "boxes with a parameter among their inputs",
    "The gradient comes from the root. Which boxes does it pass on its way?",
)
def direct_only(spec, root, params):
    ins = wiring(spec)
    return sorted(
        n for n in post_order(spec, root) if n in params or set(ins.get(n, ())) & set(params)
    )


@bank.wrong(
    "boxes all of whose inputs depend on a parameter",
    "One input of the box is data, the other is not. Must the gradient pass?",
)
def all_inputs(spec, root, params):
    ins, found = wiring(spec), set()
    for name in post_order(spec, root):
        if name in params or (name in ins and all(i in found for i in ins[name])):
            found.add(name)
    return sorted(found)


@bank.wrong(
    "one pass over the spec as it is given", "Does the spec promise to list a box after its inputs?"
)
def trusts_the_spec(spec, root, params):
    needed, found = set(post_order(spec, root)), set(params)
    for name, _, ins in spec:
        if name in needed and found & set(ins):
            found.add(name)
    return sorted(found & needed)


@bank.wrong(
    "names looked up in a text, as in `name in str(params)`",
    "Is the leaf 'W' a parameter when only 'W1' is one?",
)
def names_in_a_text(spec, root, params):
    listed = str(list(params))
    return sorted(depending(spec, root, [n for n in post_order(spec, root) if n in listed]))


@bank.wrong("the names in topological order", "In which order does the contract ask for the names?")
def unsorted_(spec, root, params):
    found = depending(spec, root, params)
    return [n for n in post_order(spec, root) if n in found]


@bank.wrong("sorted from the end", "In which order does the contract ask for the names?")
def sorted_downwards(spec, root, params):
    return sorted(depending(spec, root, params), reverse=True)


@bank.wrong(
    "sorted without regard to upper and lower case",
    "How does sorted() order W1 and a1 when you leave it alone?",
)
def ignores_case(spec, root, params):
    return sorted(depending(spec, root, params), key=lambda n: (n.lower(), n))


@bank.wrong("everything but the root", "Where does the backward pass start?")
def without_root(spec, root, params):
    return sorted(depending(spec, root, params) - {root})


@bank.wrong(
    "the root, whether or not it depends",
    "If no parameter leads to the root, which box needs bprop?",
)
def always_the_root(spec, root, params):
    return sorted(depending(spec, root, params) | {root})


@bank.wrong(
    "the root looked up among the boxes",
    "The root may be a leaf. Does it depend on a parameter then?",
)
def root_is_a_box(spec, root, params):
    wiring(spec)[root]
    return sorted(depending(spec, root, params))


@bank.wrong(
    "every path walked",
    "Eighteen forks in a row make 2^18 paths, and a shortcut helps only while there is a "
    "parameter to find. What could you keep for each name?",
    cost="every path",
)
def every_path(spec, root, params):
    ins = wiring(spec)

    def depends(name):
        return name in params or any(depends(i) for i in ins.get(name, ()))

    return sorted(n for n in set(post_order(spec, root)) if depends(n))


@bank.wrong("names appended to the caller's list", "Who else holds the list params?")
def extends_params(spec, root, params):
    found = sorted(depending(spec, root, params))
    params.extend(n for n in found if n not in params)
    return found


bank.habits(lambda *args: sorted(depending(*args)), array=False)


remembering_size(bank, lambda *args: sorted(depending(*args)))


@bank.right("memoised recursion")
def memoised_recursion(spec, root, params):
    ins, marks = wiring(spec), set(params)

    @lru_cache(None)
    def depends(name):
        return name in marks or any([depends(i) for i in ins.get(name, ())])

    names, stack = set(), [root]
    while stack:
        name = stack.pop()
        if name not in names:
            names.add(name)
            stack += ins.get(name, ())
    return sorted(filter(depends, names))


@bank.right("two floods that meet")
def two_floods_that_meet(spec, root, params):
    def flood(starts, edges):
        found, queue = set(starts), deque(starts)
        while queue:
            for n in edges[queue.popleft()] - found:
                found.add(n)
                queue.append(n)
        return found

    down, up = defaultdict(set), defaultdict(set)
    for name, _, ins in spec:
        for i in ins:
            down[name].add(i)
            up[i].add(name)
    return sorted(flood([root], down) & flood(list(params), up))


@bank.right("repeated until nothing changes")
def repeated_until_nothing_changes(spec, root, params):
    marked, needed, before = set(params), {root}, None
    while before != (len(marked), len(needed)):
        before = (len(marked), len(needed))
        for name, _, ins in spec:
            if marked.intersection(ins):
                marked.add(name)
            if name in needed:
                needed.update(ins)
    return tuple(sorted(marked & needed))
