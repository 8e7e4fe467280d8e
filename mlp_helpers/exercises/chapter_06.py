"""Chapter 06, the flow graph: what is asked (S3 flow graph, S2 computation graph)."""

from __future__ import annotations

import numpy as np

from .. import graph
from ..activations import as_float
from ..checking.compare import compare
from ..checking.exercise import Case, Exercise, Requirement
from ..checking.requirements import Finding, error_text, shape, stable, unchanged, value
from ..gradcheck import complex_step_gradient
from ..losses import nll_per_example
from .bank import known_mistakes
from .draw import case, far_rows, huge_logits, labels, logits, single, strided, sure_logits, whole

HUGE = "huge logits (largest 1000)"
DTYPES = "integers and float32"
FAR = "rows far apart"

# Drawing graphs ---------------------------------------------------------------------------------

NAMES = (*"abcdefghkmnpqrstuvwxyz", *"ABCDEFGHKMNPQ", "z1", "z2", "h1", "h2", "W1",
         "b_2", "x'", "loss", "out", "mu")
ODD_NAMES = ("sum", "add", "tanh", "W x", "0", "10", "9", "None", "__class__", "δz", "a,b", "a.b",
             "values", "root", "-x", "x ")
UNARY, BINARY = ("tanh", "relu"), ("add", "sub", "mul")


def _disguise(rng, spec, pool=NAMES, **leaves):
    """Shuffle a spec and rename everything; give (spec, values, names by their old ones)."""
    old = sorted({n for name, _, inputs in spec for n in (name, *inputs)} | leaves.keys())
    new = dict(zip(old, rng.permutation(pool)[: len(old)].tolist(), strict=True))
    spec = [(new[name], op, tuple(new[i] for i in inputs)) for name, op, inputs in spec]
    spec = [spec[i] for i in rng.permutation(len(spec))]
    values = {new[name]: leaves[name] for name in rng.permutation(list(leaves)).tolist()}
    return spec, values, new


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


def _diamonds(n):
    """n times a fork and a join, one after the other: 2^n paths from the root to the leaf."""
    spec = []
    for k in range(n):
        spec += [(f"t{k}", "tanh", (f"u{k}",)), (f"s{k}", "mul", ("c", f"u{k}")),
                 (f"u{k + 1}", "add", (f"t{k}", f"s{k}"))]
    return spec, f"u{n}"


DIAMONDS = 18
DIAMOND_NAMES = tuple(f"n{k:02d}" for k in range(60))


def _structure_case(rng, spec, root, note="", pool=NAMES):
    spec, _, new = _disguise(rng, spec, pool)
    return Case((spec, new[root]), note)


def _order_cases(rng):
    """Generic: graphs with exactly one valid order, so that a value can be compared."""
    one = [_structure_case(rng, *_one_order(rng, n)) for n in (5, 7, 11)]
    spec, _ = _one_order(rng, 3)
    return {
        "generic": one,
        "many": [*(_structure_case(rng, *_many_orders(rng, 3, n)) for n in (5, 7, 11)),
                 _structure_case(rng, spec, "k2", "odd names", ODD_NAMES)],
        "leaf": [_structure_case(rng, spec, "v", "a root that is a leaf"),
                 Case(([], "x"), "no boxes at all")],
        "diamonds": [_structure_case(rng, *_diamonds(DIAMONDS), pool=DIAMOND_NAMES)],
        "twice": [_structure_case(rng, *_one_order(rng, 5)) for _ in range(2)],
    }


def _params_case(rng, spec, root, params, note="", pool=NAMES):
    spec, _, new = _disguise(rng, spec, pool, **{p: 0.0 for p in params})
    return Case((spec, new[root], [new[p] for p in params]), note)


def _layers(depth):
    """A network with data x and y, and a penalty beside it that the loss does not need."""
    spec, h = [("xx", "mul", ("x", "x")), ("t", "tanh", ("xx",))], "t"
    for k in range(depth):
        spec += [(f"p{k}", "matvec", (f"W{k}", h)), (f"q{k}", "add", (f"p{k}", f"b{k}")),
                 (f"r{k}", "tanh", (f"q{k}",))]
        h = f"r{k}"
    spec += [("yy", "relu", ("y",)), ("miss", "sub", (h, "yy")), ("L", "dot", ("miss", "miss")),
             ("far", "mul", ("W0", "U")), ("xs", "sum", ("xx",)), ("R", "sum", ("far",)),
             ("J", "add", ("L", "R"))]
    return spec


def _needing_cases(rng):
    def one(depth, *params):
        return _params_case(rng, _layers(depth), "L", params)

    def diamonds(param):
        spec, root = _diamonds(DIAMONDS)
        return _params_case(rng, spec, root, [param], pool=DIAMOND_NAMES)

    return {
        "generic": [one(1, "W0", "b0", "U"), one(2, "b1", "W0", "U"), one(3, "W2", "b1", "U"),
                    one(2, "W1"), _names_in_names(rng)],
        "ends": [_params_case(rng, _layers(1), "U", ["U", "W0"], "a root that is a parameter"),
                 _params_case(rng, _layers(1), "x", ["U", "W0"], "a root that is a data leaf"),
                 _params_case(rng, _layers(1), "L", [], "no parameters")],
        "diamonds": [diamonds("c")],
        "nothing": [diamonds("elsewhere")],
        "twice": [one(1, "W0", "b0", "U"), one(1, "b0", "y", "U")],
    }


def _names_in_names(rng):
    """Data whose names are parts of the parameters' names."""
    new = {"x": "W", "y": "b", "xx": "1"}
    spec = [(new.get(name, name), op, tuple(new.get(i, i) for i in inputs))
            for name, op, inputs in _layers(2)]
    spec = [spec[i] for i in rng.permutation(len(spec))]
    return Case((spec, "L", ["W1", "b1"]), "names within names")


def _linear_cases(rng):
    def one(m, n, wrap=lambda a: a):
        args = (rng.standard_normal((m, n)), rng.standard_normal(m) + 0.5,
                rng.standard_normal(n) - 0.2, rng.standard_normal(m))
        return case(*map(wrap, args), m=m, n=n)

    ints = case(whole(rng, 3, 7), whole(rng, 3), whole(rng, 7), whole(rng, 3) + 1, m=3, n=7)
    return {
        "generic": [one(5, 3), one(3, 7, strided), one(5, 5), one(1, 4), one(11, 7), one(1, 1),
                    one(23, 41)],
        "dtypes": [ints, one(5, 3, lambda a: a.astype(np.float32))],
        "twice": [one(5, 3), one(5, 3)],
    }


def _nll_cases(rng):
    def one(F, y=None, **more):
        N, K = F.shape
        g = float(rng.uniform(1.3, 2.7) * rng.choice([-1.0, 1.0]))
        return case(F, labels(rng, N, K) if y is None else y, g, **more, N=N, K=K)

    return {
        "generic": [one(logits(rng, 5, 3)), one(strided(logits(rng, 3, 7))),
                    one(logits(rng, 5, 5)), one(logits(rng, 11, 4) - 3.0),
                    one(logits(rng, 1, 13)), one(logits(rng, 1, 2)), one(logits(rng, 101, 17))],
        "huge": [one(huge_logits(rng, 7, 5), scale=1.0),
                 one(logits(rng, 3, 5) - 1000.0, scale=1.0)],
        "far": [one(far_rows(rng, 5, 3), scale=1.0), one(*sure_logits(rng))],
        "dtypes": [one(whole(rng, 3, 5)), one(single(rng, 5, 7))],
        "twice": [one(logits(rng, 5, 3)), one(logits(rng, 5, 3))],
    }


# Graphs with values. Every spec is written in topological order and disguised when it is drawn.

TREE = [("p", "mul", ("X", "Y")), ("q", "sub", ("Z", "p")), ("r", "relu", ("q",)),
        ("s", "add", ("r", "U")), ("t", "tanh", ("s",)), ("S", "sum", ("t",)),
        ("L", "mul", ("S", "k"))]
LAYERS = [("a1", "matvec", ("W1", "x")), ("s1", "add", ("b1", "a1")), ("h1", "tanh", ("s1",)),
          ("a2", "matvec", ("W2", "h1")), ("s2", "sub", ("a2", "b2")), ("h2", "relu", ("s2",)),
          ("a3", "matvec", ("W3", "h2")), ("h3", "tanh", ("a3",)), ("L", "dot", ("v", "h3"))]
ERROR = [("z1", "matvec", ("A", "x")), ("z2", "tanh", ("z1",)), ("z3", "dot", ("b", "z2")),
         ("z4", "sub", ("y", "z3")), ("e", "mul", ("z4", "k")), ("L", "add", ("e", "m"))]
SQUARE = [*ERROR[:4], ("L", "mul", ("z4", "z4"))]
FORK = [("u", "tanh", ("x",)), ("v", "mul", ("u", "x")), ("w", "sub", ("v", "u")),
        ("r", "mul", ("w", "w")), ("L", "sum", ("r",))]
SHARED = [("a1", "matvec", ("W", "x")), ("s1", "add", ("a1", "b")), ("h1", "tanh", ("s1",)),
          ("a2", "matvec", ("W", "h1")), ("s2", "add", ("a2", "b")), ("h2", "tanh", ("s2",)),
          ("L", "dot", ("h2", "h2"))]
# add hands one array to both inputs; adding to it in place for p would change what q0 got
ALIAS = [("t", "mul", ("p", "c")), ("q", "add", ("q0", "t")), ("m", "add", ("p", "q")),
         ("h", "tanh", ("m",)), ("L", "sum", ("h",))]
STRETCH = [("a", "mul", ("k", "x")), ("s", "add", ("a", "B")), ("d", "sub", ("s", "C")),
           ("e", "sub", ("D", "d")), ("h", "tanh", ("e",)), ("w", "mul", ("h", "E")),
           ("L", "sum", ("w",))]
GRID = [("g", "mul", ("C", "R")), ("s", "sub", ("g", "k")), ("h", "tanh", ("s",)),
        ("f", "add", ("h", "T")), ("w", "mul", ("f", "f")), ("L", "sum", ("w",))]
# A box near the root is also used further down, by paths of several lengths and from either side:
# whoever does not wait for all consumers sends a gradient on that is not complete.
SKIP = [("a", "tanh", ("x",)), ("c", "mul", ("a", "w")), ("d", "tanh", ("c",)),
        ("e", "add", ("a", "d")), ("f", "mul", ("v", "e")), ("g", "tanh", ("f",)),
        ("h", "sub", ("g", "e")), ("L", "sum", ("h",))]
UNEQUAL = [("a", "mul", ("x", "x")), ("t", "tanh", ("a",)), ("u", "tanh", ("t",)),
           ("L", "add", ("a", "u"))]
LADDER = [("a", "tanh", ("x",)), ("b", "mul", ("a", "w")), ("c", "add", ("b", "a")),
          ("d", "tanh", ("c",)), ("e", "sub", ("a", "d")), ("f", "mul", ("e", "c")),
          ("g", "add", ("x", "f")), ("L", "sum", ("g",))]
TWICE = [("a", "sub", ("x", "y")), ("u", "tanh", ("a",)), ("d", "sub", ("u", "u")),
         ("e", "mul", ("u", "u")), ("f", "add", ("d", "e")), ("L", "sum", ("f",))]
FULL = [("a", "mul", ("w", "x")), ("t", "tanh", ("a",)), ("m", "mul", ("t", "v")),
        ("L", "sum", ("m",))]
KINK = [("a", "sub", ("x", "y")), ("r", "relu", ("a",)), ("w", "mul", ("r", "v")),
        ("b", "relu", ("x",)), ("c", "sum", ("b",)), ("d", "sum", ("w",)), ("L", "add", ("c", "d"))]


def _drawn(rng, wrap=lambda a: a, **shapes):
    """Generic values for leaves of given shapes, no pre-activation near 0 by accident."""
    return {name: wrap(rng.standard_normal(s) + rng.choice([-0.4, 0.4])) if s else
            float(rng.uniform(0.6, 1.9)) for name, s in shapes.items()}


def _graph_case(rng, spec, leaves, note="", root="L", pool=NAMES, more=()):
    spec, values, new = _disguise(rng, [*spec, *more], pool, **leaves)
    return Case((spec, values, new[root]), note, scale=0.1)


def _layer_leaves(rng, p, M, H, K, wrap=lambda a: a):
    leaves = _drawn(rng, W1=(M, p), x=(p,), b1=(M,), W2=(H, M), W3=(K, H), v=(K,))
    leaves = {n: v if n in ("x", "v", "b1") else 0.6 * v for n, v in leaves.items()}
    return {n: wrap(v) for n, v in _half_open(rng, leaves).items()}


def _half_open(rng, leaves):
    """Add the b2 that opens every second relu: a layer of shut gates would hide everything."""
    a2 = leaves["W2"] @ np.tanh(leaves["W1"] @ leaves["x"] + leaves["b1"])
    return leaves | {"b2": a2 - _mixed(rng, len(a2))}


def _mixed(rng, n):
    """Pre-activations of both signs in turn, none near 0."""
    return rng.uniform(0.4, 1.6, n) * (-1.0) ** np.arange(n)


def _error_leaves(rng, h, m):
    return _drawn(rng, A=(h, m), x=(m,), b=(h,), y=(), k=(), m=())


def _square_case(rng):
    leaves = _error_leaves(rng, 5, 3)
    return _graph_case(rng, SQUARE, {n: leaves[n] for n in "Axby"}, "one box used twice")


def _shared_case(rng, n):
    leaves = _drawn(rng, W=(n, n), x=(n,), b=(n,))
    return _graph_case(rng, SHARED, leaves | {"W": 0.5 * leaves["W"]}, "shared weights")


def _tree_case(rng, *s, wrap=lambda a: a, names=None):
    leaves = _drawn(rng, X=s, Y=s, U=s, k=())
    gates = _mixed(rng, int(np.prod(s))).reshape(s)
    leaves["Z"] = leaves["X"] * leaves["Y"] + gates
    leaves = {n: wrap(v) if np.ndim(v) else v for n, v in leaves.items()}
    return _graph_case(names or rng, TREE, leaves)


def _trees_of_the_same_names(rng):
    """Two trees of one wiring and other shapes: what is kept by name shows in the second."""
    seed = rng.integers(2**32)
    return [_tree_case(rng, *shape, wrap=wrap, names=np.random.default_rng(seed))
            for shape, wrap in (((3, 5), lambda a: a), ((7,), strided))]


def _engine_cases(rng):
    def drawn(spec, note="", **shapes):
        return _graph_case(rng, spec, _drawn(rng, **shapes), note)

    return {
        "generic": [
            _graph_case(rng, LAYERS, _layer_leaves(rng, 3, 7, 5, 11)),
            *_trees_of_the_same_names(rng),
            _graph_case(rng, ERROR, _error_leaves(rng, 3, 5)),
            _graph_case(rng, LAYERS, _layer_leaves(rng, 5, 5, 5, 5)),
            _graph_case(rng, LAYERS, _layer_leaves(rng, 4, 3, 7, 2, np.asfortranarray)),
        ],
        "fan": [
            _square_case(rng),
            drawn(FORK, "a leaf used twice", x=(7,)),
            _shared_case(rng, 3),
            drawn(ALIAS, "a leaf used twice", p=(5,), c=(5,), q0=(5,)),
            drawn([("L", "dot", ("x", "x"))], "a leaf used twice by one box", x=(3,)),
            drawn(TWICE, "boxes whose two inputs are one", x=(3,), y=(3,)),
        ],
        "skips": [
            drawn(UNEQUAL, "one box at two depths", x=()),
            drawn(SKIP, "two skip connections", x=(2,), w=(2,), v=(2,)),
            drawn(LADDER, "skip connections of three lengths", x=(3,), w=(3,)),
        ],
        "saturated": [_graph_case(rng, FULL, {
            "w": 1000.0 * rng.permutation([-1.0, 1.0, 1.0, -1.0, 0.002]),
            "x": rng.uniform(0.6, 1.4, 5), "v": rng.standard_normal(5)}, "tanh of +-1000")],
        "broadcast": [
            drawn(STRETCH, "a bias for every row", k=(), x=(5,), B=(3, 5), C=(3, 1), D=(1, 5),
                  E=()),
            drawn(GRID, "a column times a row", C=(3, 1), R=(1, 7), k=(), T=(7,)),
            drawn(STRETCH, "shapes (3,) and (3, 3)", k=(1,), x=(3,), B=(3, 3), C=(3, 1),
                  D=(3,), E=(1, 1)),
            drawn(GRID, "three axes", C=(5, 1, 3), R=(7, 1), k=(3,), T=(1, 7, 1)),
        ],
        "unused": [_unused_case(rng, 3), _unused_case(rng, 5)],
        "leaf": _leaf_cases(rng),
        "dtypes": _dtype_cases(rng),
        "kink": [_kink_case(rng)],
        "names": [_graph_case(rng, SHARED, _drawn(rng, W=(3, 3), x=(3,), b=(3,)), "odd names",
                              pool=ODD_NAMES) for _ in range(3)] + [_leaves_like_ops(rng)],
        "diamonds": [_diamond_case(rng)],
        "wide": [_graph_case(rng, [("p", "mul", ("w", "x")), ("t", "tanh", ("p",)),
                                   ("L", "sum", ("t",))], _drawn(rng, w=(WIDE,), x=(WIDE,)))],
        "twice": [_tree_case(rng, 3, 5) for _ in range(2)],
    }


def _leaves_like_ops(rng):
    """Leaves that are called like ops, or end in a space."""
    new = {"W": "tanh", "x": "sum", "b": "x "}
    spec = [(name, op, tuple(new.get(i, i) for i in inputs)) for name, op, inputs in SHARED]
    leaves = {new[n]: v for n, v in _drawn(rng, W=(3, 3), x=(3,), b=(3,)).items()}
    spec = [spec[i] for i in rng.permutation(len(spec))]
    return Case((spec, leaves, "L"), "leaves called like ops", scale=0.1)


def _unused_case(rng, n):
    """Boxes above the root and beside it, a leaf that no box uses, and one of whole numbers."""
    leaves = _error_leaves(rng, n, 3) | _drawn(rng, extra=(n, 2), beside=(n,))
    more = [("over", "mul", ("L", "y")), ("side", "mul", ("beside", "z2")),
            ("side2", "sum", ("side",))]
    return _graph_case(rng, ERROR, leaves | {"n": whole(rng, 4)}, "leaves it does not need",
                       more=more)


def _leaf_cases(rng):
    first = _graph_case(rng, ERROR, _error_leaves(rng, 3, 5), "a root that is a leaf", "y")
    return [first, Case(([], {"x": np.float64(rng.uniform(1, 2)), "w": rng.standard_normal(3)},
                         "x"), "no boxes at all", scale=0.1)]


def _dtype_cases(rng):
    def few(*shape):
        return rng.integers(-1, 3, shape)

    ints = {"W1": few(3, 5), "x": few(5), "b1": few(3), "W2": few(7, 3), "W3": few(2, 7),
            "v": few(2) + 2}
    a2 = ints["W2"] @ np.tanh(ints["W1"] @ ints["x"] + ints["b1"])
    opened = np.arange(len(a2)) % 2 == 0  # every second relu, and none near its kink
    ints["b2"] = np.where(opened, np.floor(a2) - 1, np.ceil(a2) + 1).astype(np.int64)
    small = _layer_leaves(rng, 3, 5, 7, 2, lambda a: a.astype(np.float32))
    error = {"A": few(3, 5), "x": few(5), "b": few(3) + 2, "y": 3, "k": 2, "m": 1}
    return [_graph_case(rng, LAYERS, ints, "integers"), _graph_case(rng, LAYERS, small, "float32"),
            _graph_case(rng, ERROR, error, "integers")]


def _kink_case(rng):
    x = np.array([0.0, -1.5, 0.0, 2.0, 1.0])
    leaves = {"x": x, "y": np.array([0.0, 1.0, -2.0, 2.0, 0.5]), "v": rng.standard_normal(5)}
    return _graph_case(rng, KINK, leaves, "pre-activations of exactly 0")


def _diamond_case(rng):
    spec, root = _diamonds(DIAMONDS)
    leaves = {"u0": float(rng.uniform(0.3, 0.9)), "c": float(rng.uniform(0.55, 0.85))}
    return _graph_case(rng, spec, leaves, f"{DIAMONDS} diamonds in a row", root, DIAMOND_NAMES)


# Oracles ----------------------------------------------------------------------------------------


def _linear_bprop(W, b, x, g):
    """Differentiate g . (W x + b) by complex step: no gradient formula."""
    W, b, x, g = (as_float(a).astype(float) for a in (W, b, x, g))
    return (complex_step_gradient(lambda t: g @ (W @ t + b), x),
            complex_step_gradient(lambda t: g @ (t @ x + b), W),
            complex_step_gradient(lambda t: g @ (W @ x + t), b))


def _softmax_nll_bprop(F, y, g):
    def row_gradient(f, k):
        return complex_step_gradient(lambda t: g * nll_per_example(t[None], [k])[0], f)

    return np.stack([row_gradient(f, k) for f, k in zip(F, y, strict=True)])


def _fprop_bprop(spec, values, root):
    """Differentiate the forward pass by complex step, one entry of one leaf at a time."""
    values = {name: as_float(v).astype(float) for name, v in values.items()}
    plan = graph.plan(spec, root)

    def forward(name, t):
        return graph.run(plan, {**values, name: t})[root]

    grads = {name: complex_step_gradient(lambda t, name=name: forward(name, t), v)
             for name, v in values.items()}
    return float(graph.run(plan, values)[root]), grads


# Criteria of this chapter alone -----------------------------------------------------------------

# Lines of Python on 18 diamonds: a visit per box runs a few thousand, even a program cubic in the
# number of boxes stays below 270,000, and a walk along every path runs more than 800,000.
LINES = 350_000
WIDE = 997  # entries of each leaf; one backward pass counts about 10 operations per entry
WIDE_OPERATIONS = 80 * WIDE
WIDE_LINES = 600 * WIDE  # loops over single entries are allowed


def one_visit_per_box(*groups):
    """Make the judge that counts the work on graphs with 2^18 paths.

    The lines of Python that run are counted and the call is stopped when they are too many, so an
    exponential answer costs a fraction of a second. Only what finishes is asked for its value.
    """

    def judge(trial, group):
        for name in groups:
            finding = _too_many_visits(trial, name) or _wrong_at_last(trial, name)
            if finding is not None:
                return finding
        return None

    return judge


def _too_many_visits(trial, name):
    work = trial.work(name, LINES)
    if work.error is not None:
        return Finding(error_text(work.error, trial.cases[name][0]))
    if not work.stopped and work.lines <= LINES:
        return None
    boxes = len(trial.cases[name][0].args[0])
    return Finding(f"more than {LINES:,} lines of Python ran for a graph of {boxes} boxes. How "
                   "often do you visit a box that several paths lead to?", label="every path")


def _wrong_at_last(trial, name):
    """The value on a graph that was too large to be asked for it at once."""
    one = trial.cases[name][0]
    answer = trial.ask(lambda: trial.caller(one.args))
    if answer.error is not None:
        return Finding(error_text(answer.error, one))
    if trial.exercise.id == "topological_order":
        return _order_fault([(one.args, _names(answer, one))])
    difference = compare(answer.value, trial.expected(one))
    return difference and Finding(difference.message, difference)


def one_backward_pass(trial, group):
    """All entries of a leaf come from one backward pass, and every box runs once."""
    finding = one_visit_per_box("diamonds")(trial, group)
    if finding is not None:
        return finding
    work = trial.work("wide", WIDE_LINES)
    if work.error is not None:
        return Finding(error_text(work.error))
    if work.stopped or work.operations > WIDE_OPERATIONS:
        return Finding(f"for leaves of {WIDE} entries the graph ran again and again: once per "
                       "entry? One backward pass gives all entries of all leaves",
                       label="per entry")
    return _wrong_at_last(trial, "wide")


def contents_agree(trial, group):
    """Every needed name is there, once, and nothing else."""
    for (spec, root), given in _orders(trial, "generic", group):
        if isinstance(given, Finding):
            return given
        wanted = graph.needed(spec, root)
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
    return _order_fault(_orders(trial, "generic", group))


def _order_fault(orders):
    for (spec, root), given in orders:
        if isinstance(given, Finding):
            return given
        place = {name: k for k, name in enumerate(given)}
        wanted = graph.needed(spec, root)
        for name in place:
            for i in wanted.get(name, ()):
                if i not in place:
                    return Finding(f"{name!r} is listed, its input {i!r} is not")
                if place[i] > place[name]:
                    return Finding(f"{name!r} stands before its input {i!r}")
        if not given or given[-1] != root:
            return Finding(f"the root {root!r} is not the last name")
    return None


def _orders(trial, *groups):
    """Give (arguments, list of names or the Finding that says why there is none)."""
    for group in groups:
        for one, answer in zip(trial.cases[group], trial.answers(group), strict=True):
            yield one.args, _names(answer, one)


def _names(answer, one):
    if answer.error is not None:
        return Finding(error_text(answer.error, one))
    if not isinstance(answer.value, (list, tuple)):
        return Finding(f"the answer is a {type(answer.value).__name__}; expected a list of names")
    if odd := [n for n in answer.value if not isinstance(n, str)]:
        return Finding(f"the list holds a {type(odd[0]).__name__}; expected names")
    return list(answer.value)


def _listed(fault):
    """Make a judge from fault(names, case) -> message or "" on every generic case.

    What is not listed cannot be wrong: the criterion counts once one name is right, not the root.
    """

    def judge(trial, group):
        for args, given in _orders(trial, group):
            if isinstance(given, Finding):
                return given
            if message := fault(given, args):
                return Finding(message)
            if set(given).isdisjoint(set(graph.boxes_needing_bprop(*args)) - {args[1]}):
                return Finding("counts once a name beside the root is right")
        return None

    return judge


def _missing(given, args):
    missing = set(graph.boxes_needing_bprop(*args)) - set(given)
    boxes = {name for name, _, _ in args[0]} & missing
    if boxes:
        return f"{len(boxes)} boxes are missing: the gradient must pass through them"
    return f"{len(missing)} parameters are missing" if missing else ""


def _unneeded(given, args):
    wanted = graph.needed(*args[:2])
    return next((f"{n!r} is listed, but {args[1]!r} does not need it"
                 for n in given if n not in wanted), "")


def _independent(given, args):
    spec, _, params = args
    for n in given:
        if set(params).isdisjoint(graph.needed(spec, n)):
            return f"{n!r} is listed, but no parameter leads to it"
    return ""


def _unsorted(given, args):
    return "" if given == sorted(set(given)) else "the names are not sorted, or one comes twice"


ONE_VISIT = f"one visit per box ({DIAMONDS} diamonds)"

EXERCISES = (
    Exercise(
        id="topological_order",
        chapter="06",
        title="An order in which everything is ready",
        signature="topological_order(spec, root)",
        returns="order",
        minutes=15,
        lines=10,
        section="An order in which everything is ready",
        draw=_order_cases,
        oracle=graph.topological_order,
        requirements=(
            Requirement("every needed name once", 1.0, contents_agree, "many"),
            Requirement("inputs before consumers, root last", 1.25, order_is_valid, "many"),
            value(0.5, "a root that is a leaf", "leaf"),
            Requirement(ONE_VISIT, 0.5, one_visit_per_box("diamonds"), needs_value=True,
                        costly=True),
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
        bank=known_mistakes("06", "topological_order"),
    ),
    Exercise(
        id="linear_bprop",
        chapter="06",
        title="The linear box",
        signature="linear_bprop(W, b, x, g)",
        returns=("gx", "gW", "gb"),
        minutes=8,
        lines=2,
        section="The linear box",
        draw=_linear_cases,
        oracle=_linear_bprop,
        requirements=(
            shape(0.5),
            value(1.5),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.5),
        ),
        hints=(
            "z_i = sum_j W_ij x_j + b_i. In how many of the z_i does x_j occur, and in how many "
            "does W_ij?",
            "x_j is in every z_i, so its gradient sums over i: sum_i g_i W_ij. W_ij is in z_i "
            "alone, with the factor x_j. b_i is in z_i alone, with the factor 1.",
            "return ... @ g, np.outer(..., ...), ...",
        ),
        bank=known_mistakes("06", "linear_bprop"),
    ),
    Exercise(
        id="softmax_nll_bprop",
        chapter="06",
        title="The loss box",
        signature="softmax_nll_bprop(F, y, g)",
        returns="dF",
        minutes=8,
        lines=5,
        section="The loss box",
        draw=_nll_cases,
        oracle=_softmax_nll_bprop,
        requirements=(
            shape(0.5),
            value(1.0),
            value(0.25, HUGE, "huge"),
            value(0.25, FAR, "far"),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.5),
        ),
        hints=(
            "Chapter 01 gave you the gradient of the summed loss with respect to the logits. What "
            "does the chain rule do with it when the loss itself is followed by something whose "
            "derivative is g?",
            "g multiplies everything: g (softmax(F) - one_hot(y)), row by row. Shift each row by "
            "its own maximum before you exponentiate.",
            "E = np.exp(F - F.max(axis=1, keepdims=True))\n"
            "P = E / ...\n"
            "P[np.arange(len(y)), y] -= ...\n"
            "return ...",
        ),
        bank=known_mistakes("06", "softmax_nll_bprop"),
    ),
    Exercise(
        id="boxes_needing_bprop",
        chapter="06",
        title="Only as far as the parameters",
        signature="boxes_needing_bprop(spec, root, params)",
        returns="names",
        minutes=12,
        lines=7,
        section="Only as far as the parameters",
        draw=_needing_cases,
        oracle=graph.boxes_needing_bprop,
        requirements=(
            Requirement("nothing missing", 0.75, _listed(_missing)),
            Requirement("only what root needs", 0.75, _listed(_unneeded)),
            Requirement("only what depends on a parameter", 0.75, _listed(_independent)),
            Requirement("sorted", 0.25, _listed(_unsorted)),
            value(0.5, "roots that are leaves, no parameters", "ends"),
            Requirement(ONE_VISIT, 0.5, one_visit_per_box("diamonds", "nothing"), needs_value=True,
                        costly=True),
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
        bank=known_mistakes("06", "boxes_needing_bprop"),
    ),
    Exercise(
        id="fprop_bprop",
        chapter="06",
        title="The engine",
        signature="fprop_bprop(spec, values, root)",
        returns=("value", "grads"),
        minutes=40,
        lines=30,
        section="The engine",
        draw=_engine_cases,
        oracle=_fprop_bprop,
        requirements=(
            shape(0.5),
            value(1.25, "value on trees"),
            value(1.0, "contributions summed", "fan"),
            value(1.5, "skip connections of several lengths", "skips"),
            value(0.75, "broadcasting summed back", "broadcast"),
            value(0.5, "zeros for leaves it does not need", "unused"),
            value(0.25, "a root that is a leaf", "leaf"),
            value(0.25, DTYPES, "dtypes"),
            value(0.25, "relu at exactly 0", "kink"),
            value(0.25, "saturated units (tanh of 1000)", "saturated"),
            value(0.25, "odd names", "names"),
            Requirement("one bprop per box", 0.75, one_backward_pass, needs_value=True,
                        costly=True),
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "Forwards: go through the order and compute each box from values that are ready. "
            "Backwards: when you reach a box from behind, have all its consumers already sent "
            "their share? Then its gradient is complete, and it runs bprop once.",
            "Keep grads[name], zeros of the shape of the value, and 1 for the root. In reverse "
            "order, each box adds its share to grads of each input: grads[i] = grads[i] + share, "
            "never = share. A share that was broadcast is summed to the input's shape first.",
            "value = dict(values)\n"
            "order = topological_order(spec, root)\n"
            "for name in order: ...            # value[name] = fprop of its op\n"
            "grads = {name: np.zeros(np.shape(v)) for name, v in value.items()}\n"
            "grads[root] = 1.0\n"
            "for name in reversed(order):      # boxes only\n"
            "    for i, share in zip(inputs, bprop(...)):\n"
            "        grads[i] = grads[i] + sum_to_shape(share, ...)\n"
            "return float(value[root]), {leaf: grads[leaf] for leaf in values}",
        ),
        bank=known_mistakes("06", "fprop_bprop"),
    ),
)
