"""A topological order."""

from __future__ import annotations

from collections import defaultdict, deque
from functools import lru_cache
from graphlib import TopologicalSorter

from ...checking.criteria import stable, unchanged, value
from ...checking.exercise import Case, Criterion, Exercise
from ...checking.finding import Finding
from ...reference import graph
from ..bank import Bank
from .shared import (
    DIAMOND_NAMES,
    DIAMONDS,
    NAMES,
    ODD_NAMES,
    ONE_VISIT,
    chain_of_diamonds,
    disguise,
    one_visit_per_box,
    order_fault,
    orders,
    post_order,
    reachable,
    remembering_size,
    wiring,
)

UNARY, BINARY = ("tanh", "relu"), ("add", "sub", "mul")


def _box(rng, name, first, others):
    """One box with `first` among its inputs."""
    if rng.random() < 0.3:
        return name, str(rng.choice(UNARY)), (first,)
    inputs = [first, str(rng.choice(others))]
    return name, str(rng.choice(BINARY)), tuple(rng.permutation(inputs).tolist())


def _one_order(rng, n):
    """A graph of n boxes with one valid order, and two boxes more that the root does not need."""
    names, spec = ["x"], []
    for k in range(n):
        spec.append(_box(rng, f"k{k}", names[-1], names))
        names.append(f"k{k}")
    early = names[n // 2]
    spec += [("e0", "add", (early, "v")), ("e1", "tanh", ("e0",)), ("k_far", "mul", ("x", "e1"))]
    spec[n - 1] = (names[-1], "sub", (names[-2], names[0]))  # unequal paths: long and direct
    return spec, names[-1]


def _many_orders(rng, n_leaves, n):
    """A graph with several leaves, forks and joins, where the root does not need everything."""
    leaves = [f"l{k}" for k in range(n_leaves)]
    names, spec = list(leaves), []
    for k in range(n):
        first = leaves[k] if k < n_leaves else str(rng.choice(names[-3:]))
        spec.append(_box(rng, f"k{k}", first, names))
        names.append(f"k{k}")
    spec.append(("join", "add", (names[-1], names[n_leaves])))
    return [*spec, ("over", "tanh", ("join",))], "join"


def _structure_case(rng, spec, root, note="", pool=NAMES):
    spec, _, new = disguise(rng, spec, pool)
    return Case((spec, new[root]), note)


def _order_cases(rng):
    """Generic: graphs with exactly one valid order, so that a value can be compared."""
    one = [_structure_case(rng, *_one_order(rng, n)) for n in (5, 7, 11)]
    spec, _ = _one_order(rng, 3)
    return {
        "generic": one,
        "many": [
            *(_structure_case(rng, *_many_orders(rng, 3, n)) for n in (5, 7, 11)),
            _structure_case(rng, spec, "k2", "odd names", ODD_NAMES),
        ],
        "leaf": [
            _structure_case(rng, spec, "v", "a root that is a leaf"),
            Case(([], "x"), "no boxes at all"),
        ],
        "diamonds": [_structure_case(rng, *chain_of_diamonds(DIAMONDS), pool=DIAMOND_NAMES)],
        "twice": [_structure_case(rng, *_one_order(rng, 5)) for _ in range(2)],
    }


def contents_agree(trial, group):
    """Every needed name is there, once, and nothing else."""
    for (spec, root), given in orders(trial, "generic", group):
        if isinstance(given, Finding):
            return given
        wanted = reachable(spec, root)
        if (twice := next((n for n in given if given.count(n) > 1), None)) is not None:
            return Finding(f"{twice!r} is listed {given.count(twice)} times")
        if (odd := next((n for n in given if n not in wanted), None)) is not None:
            return Finding(f"{odd!r} is listed, but {root!r} does not need it")
        if missing := wanted.keys() - set(given):
            boxes = {name for name, _, _ in spec}
            kind = ": leaves" if missing.isdisjoint(boxes) else ""
            return Finding(f"{len(missing)} of {len(wanted)} names are missing{kind}")
    return None


def order_is_valid(trial, group):
    """Inputs come before their consumers, the root last; every valid order is right."""
    return order_fault(orders(trial, "generic", group))


bank = Bank()


EXERCISE = Exercise(
    title="A topological order",
    signature="topological_order(spec, root)",
    returns="order",
    minutes=15,
    lines=10,
    section="An order in which everything is ready",
    draw=_order_cases,
    oracle=graph.topological_order,
    criteria=(
        Criterion("every needed name once", 1.0, contents_agree, "many"),
        Criterion("inputs before consumers, root last", 1.25, order_is_valid, "many"),
        value(0.5, "a root that is a leaf", "leaf"),
        Criterion(ONE_VISIT, 0.5, one_visit_per_box("diamonds"), needs_value=True, costly=True),
        unchanged(0.25),
        stable(0.5),
    ),
    hints=(
        "Before the root can run, its inputs must have run; before them, theirs. What do you "
        "do when two boxes share an input that is already in the list?",
        "Depth first: visit(name) does nothing if the name was visited before; otherwise it "
        "visits the inputs, and then appends the name. A leaf has no inputs.",
        "inputs = {name: ins for name, op, ins in spec}\n"
        "order, seen = [], set()\n"
        "def visit(name):\n"
        "    if name in seen: ...\n"
        "    seen.add(name)\n"
        "    for i in inputs.get(name, ()): ...\n"
        "    ...\n"
        "visit(root)",
    ),
    bank=bank,
)


@bank.wrong(
    "leaves first, then the boxes as the spec lists them",
    "Does the spec promise to list a box after its inputs?",
)
def as_given(spec, root):
    needed = set(post_order(spec, root))
    boxes = [n for n, _, _ in spec if n in needed and n != root]
    leaves = [n for n in post_order(spec, root) if n not in wiring(spec)]
    return leaves + boxes + [root] if root in wiring(spec) else [root]


@bank.wrong(
    "consumers before their inputs", "That is the order for bprop. In which order does fprop run?"
)
def reversed_(spec, root):
    return post_order(spec, root)[::-1]


@bank.wrong(
    "the whole graph, needed or not", "Who asks for the boxes behind the root, or beside it?"
)
def everything(spec, root):
    order = []
    for name, _, _ in spec:
        order += [n for n in post_order(spec, name) if n not in order]
    return order or [root]


@bank.wrong("boxes only", "A leaf has a value that others wait for. Is it in your list?")
def no_leaves(spec, root):
    return [n for n in post_order(spec, root) if n in wiring(spec)]


@bank.wrong(
    "a name once for every path that leads to it",
    "Two boxes share an input. How often is it listed?",
)
def repeats(spec, root):
    ins = wiring(spec)

    def visit(name):
        return [n for i in ins.get(name, ()) for n in visit(i)] + [name]

    return visit(root)


@bank.wrong(
    "every path walked",
    "Eighteen forks in a row make 2^18 paths. When do you ask whether a name was visited: "
    "before its inputs, or after?",
    cost="every path",
)
def forgets_late(spec, root):
    ins, order = wiring(spec), []

    def visit(name):
        for i in ins.get(name, ()):
            visit(i)
        if name not in order:
            order.append(name)

    visit(root)
    return order


@bank.wrong(
    "each name before its inputs",
    "When you append a name, have its inputs been listed yet? Which order of the two lines "
    "puts them first?",
)
def names_first(spec, root):
    return pre_order(spec, root)[::-1]


@bank.wrong(
    "each name before its inputs, then reversed",
    "A box that is reached twice: does the first visit or the last decide where it stands?",
)
def pre_order(spec, root):
    ins, order = wiring(spec), []

    def visit(name):
        if name not in order:
            order.append(name)
            for i in ins.get(name, ()):
                visit(i)

    visit(root)
    return order[::-1]


@bank.wrong(
    "sorted by the shortest way to the root",
    "An input can be one step from the root and three steps from it as well. Which of the "
    "two counts?",
)
def by_distance(spec, root):
    ins, order = wiring(spec), [root]
    for name in order:
        order += [i for i in dict.fromkeys(ins.get(name, ())) if i not in order]
    return order[::-1]


@bank.wrong("sorted by name", "What does a name say about when its box can run?")
def by_name(spec, root):
    return sorted(post_order(spec, root))


@bank.wrong("everything but the root", "Does the root have to run as well?")
def no_root(spec, root):
    return post_order(spec, root)[:-1]


@bank.wrong(
    "the root looked up among the boxes", "The root may be a leaf. Which boxes does it need then?"
)
def root_is_a_box(spec, root):
    wiring(spec)[root]
    return post_order(spec, root)


@bank.wrong("spec.remove, which empties the caller's", "Who else holds the list spec?")
def consumes_the_spec(spec, root):
    order = post_order(spec, root)
    for box in list(spec):
        if box[0] in order:
            spec.remove(box)
    return order


@bank.wrong(
    "only the first input of each box followed", "A box may have two inputs. Are both in the list?"
)
def first_input_only(spec, root):
    return post_order([(n, op, ins[:1]) for n, op, ins in spec], root)


@bank.wrong(
    "ops listed among the names",
    "Each entry of the spec holds a name, an op and inputs. Which of them are names?",
)
def ops_are_names(spec, root):
    ops = {n: op for n, op, _ in spec}
    return [x for n in post_order(spec, root) for x in ([ops[n], n] if n in ops else [n])]


bank.habits(post_order, array=False)


remembering_size(bank, post_order)


@bank.right("counting the inputs that are not ready")
def counting_the_inputs_that_are_not_ready(spec, root):
    ins = wiring(spec)
    needed, waiting = set(), [root]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += ins.get(name, ())
    missing = {n: len(set(ins.get(n, ()))) for n in needed}
    users = defaultdict(set)
    for n in needed:
        for i in ins.get(n, ()):
            users[i].add(n)
    ready, order = deque(sorted(n for n in needed if not missing[n])), []
    while ready:
        order.append(ready.popleft())
        for user in sorted(users[order[-1]]):
            missing[user] -= 1
            if not missing[user]:
                ready.append(user)
    return order


@bank.right("graphlib")
def graphlib(spec, root):
    wanted = set(post_order(spec, root))
    graph = {n: ins for n, ins in wiring(spec).items() if n in wanted} or {root: ()}
    return tuple(TopologicalSorter(graph).static_order())


@bank.right("scanning until nothing is left")
def scanning_until_nothing_is_left(spec, root):
    boxes = {n: ins for n, _, ins in spec}
    wanted = [root]
    for name in wanted:
        for i in boxes.get(name, []):
            if i not in wanted:
                wanted.append(i)
    order = [n for n in wanted if n not in boxes]
    while len(order) < len(wanted):
        for n in wanted:
            if n not in order and all(i in order for i in boxes[n]):
                order.append(n)
    return order


@bank.right("longest distance to a leaf, memoised")
def longest_distance_to_a_leaf(spec, root):
    ins = wiring(spec)

    @lru_cache(None)
    def depth(name):
        return 1 + max(map(depth, ins[name])) if name in ins else 0

    depth(root)
    return sorted(set(post_order(spec, root)), key=depth)


@bank.right("a stack with two visits")
def a_stack_with_two_visits(spec, root):
    ins, order, done, stack = wiring(spec), [], set(), [(root, False)]
    while stack:
        name, ready = stack.pop()
        if ready:
            order.append(name)
        elif name not in done:
            done.add(name)
            stack.append((name, True))
            stack.extend((i, False) for i in reversed(ins.get(name, ())))
    return order
