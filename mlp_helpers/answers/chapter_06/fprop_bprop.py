"""Forwards and backwards through any graph."""

from __future__ import annotations

from collections import defaultdict, deque
from functools import lru_cache

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Case, Criterion, Exercise
from ...checking.finding import Finding, stopped
from ...reference import graph
from ...reference.activations import as_float
from ...reference.gradcheck import complex_step_gradient
from ..bank import Bank
from ..draw import strided, whole
from .shared import (
    DIAMOND_NAMES,
    DIAMONDS,
    DTYPES,
    NAMES,
    ODD_NAMES,
    chain_of_diamonds,
    disguise,
    one_visit_per_box,
    post_order,
    wiring,
    wrong_at_last,
)

TREE = [
    ("p", "mul", ("X", "Y")),
    ("q", "sub", ("Z", "p")),
    ("r", "relu", ("q",)),
    ("s", "add", ("r", "U")),
    ("t", "tanh", ("s",)),
    ("S", "sum", ("t",)),
    ("L", "mul", ("S", "k")),
]


LAYERS = [
    ("a1", "matvec", ("W1", "x")),
    ("s1", "add", ("b1", "a1")),
    ("h1", "tanh", ("s1",)),
    ("a2", "matvec", ("W2", "h1")),
    ("s2", "sub", ("a2", "b2")),
    ("h2", "relu", ("s2",)),
    ("a3", "matvec", ("W3", "h2")),
    ("h3", "tanh", ("a3",)),
    ("L", "dot", ("v", "h3")),
]


ERROR = [
    ("z1", "matvec", ("A", "x")),
    ("z2", "tanh", ("z1",)),
    ("z3", "dot", ("b", "z2")),
    ("z4", "sub", ("y", "z3")),
    ("e", "mul", ("z4", "k")),
    ("L", "add", ("e", "m")),
]


SQUARE = [*ERROR[:4], ("L", "mul", ("z4", "z4"))]


FORK = [
    ("u", "tanh", ("x",)),
    ("v", "mul", ("u", "x")),
    ("w", "sub", ("v", "u")),
    ("r", "mul", ("w", "w")),
    ("L", "sum", ("r",)),
]


SHARED = [
    ("a1", "matvec", ("W", "x")),
    ("s1", "add", ("a1", "b")),
    ("h1", "tanh", ("s1",)),
    ("a2", "matvec", ("W", "h1")),
    ("s2", "add", ("a2", "b")),
    ("h2", "tanh", ("s2",)),
    ("L", "dot", ("h2", "h2")),
]


# add hands one array to both inputs; adding to it in place for p would change what q0 got
ALIAS = [
    ("t", "mul", ("p", "c")),
    ("q", "add", ("q0", "t")),
    ("m", "add", ("p", "q")),
    ("h", "tanh", ("m",)),
    ("L", "sum", ("h",)),
]


STRETCH = [
    ("a", "mul", ("k", "x")),
    ("s", "add", ("a", "B")),
    ("d", "sub", ("s", "C")),
    ("e", "sub", ("D", "d")),
    ("h", "tanh", ("e",)),
    ("w", "mul", ("h", "E")),
    ("L", "sum", ("w",)),
]


GRID = [
    ("g", "mul", ("C", "R")),
    ("s", "sub", ("g", "k")),
    ("h", "tanh", ("s",)),
    ("f", "add", ("h", "T")),
    ("w", "mul", ("f", "f")),
    ("L", "sum", ("w",)),
]


# A box near the root is also used further down, by paths of several lengths and from either side:
# whoever does not wait for all consumers sends a gradient on that is not complete.
SKIP = [
    ("a", "tanh", ("x",)),
    ("c", "mul", ("a", "w")),
    ("d", "tanh", ("c",)),
    ("e", "add", ("a", "d")),
    ("f", "mul", ("v", "e")),
    ("g", "tanh", ("f",)),
    ("h", "sub", ("g", "e")),
    ("L", "sum", ("h",)),
]


UNEQUAL = [
    ("a", "mul", ("x", "x")),
    ("t", "tanh", ("a",)),
    ("u", "tanh", ("t",)),
    ("L", "add", ("a", "u")),
]


LADDER = [
    ("a", "tanh", ("x",)),
    ("b", "mul", ("a", "w")),
    ("c", "add", ("b", "a")),
    ("d", "tanh", ("c",)),
    ("e", "sub", ("a", "d")),
    ("f", "mul", ("e", "c")),
    ("g", "add", ("x", "f")),
    ("L", "sum", ("g",)),
]


TWICE = [
    ("a", "sub", ("x", "y")),
    ("u", "tanh", ("a",)),
    ("d", "sub", ("u", "u")),
    ("e", "mul", ("u", "u")),
    ("f", "add", ("d", "e")),
    ("L", "sum", ("f",)),
]


FULL = [
    ("a", "mul", ("w", "x")),
    ("t", "tanh", ("a",)),
    ("m", "mul", ("t", "v")),
    ("L", "sum", ("m",)),
]


KINK = [
    ("a", "sub", ("x", "y")),
    ("r", "relu", ("a",)),
    ("w", "mul", ("r", "v")),
    ("b", "relu", ("x",)),
    ("c", "sum", ("b",)),
    ("d", "sum", ("w",)),
    ("L", "add", ("c", "d")),
]


def _drawn(rng, wrap=lambda a: a, **shapes):
    """Generic values for leaves of given shapes, no pre-activation near 0 by accident."""
    return {
        name: wrap(rng.standard_normal(s) + rng.choice([-0.4, 0.4]))
        if s
        else float(rng.uniform(0.6, 1.9))
        for name, s in shapes.items()
    }


def _graph_case(rng, spec, leaves, note="", root="L", pool=NAMES, more=()):
    spec, values, new = disguise(rng, [*spec, *more], pool, **leaves)
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
    return [
        _tree_case(rng, *shape, wrap=wrap, names=np.random.default_rng(seed))
        for shape, wrap in (((3, 5), lambda a: a), ((7,), strided))
    ]


def _engine_cases(rng):
    def drawn(spec, note="", **shapes):
        return _graph_case(rng, spec, _drawn(rng, **shapes), note)

    return {
        "generic": [
            # The smallest graphs first: the first that fails is shown with its values.
            _graph_case(rng, ERROR, _error_leaves(rng, 3, 5)),
            *_trees_of_the_same_names(rng),
            _graph_case(rng, LAYERS, _layer_leaves(rng, 4, 3, 7, 2, np.asfortranarray)),
            _graph_case(rng, LAYERS, _layer_leaves(rng, 5, 5, 5, 5)),
            _graph_case(rng, LAYERS, _layer_leaves(rng, 3, 7, 5, 11)),
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
        "saturated": [
            _graph_case(
                rng,
                FULL,
                {
                    "w": 1000.0 * rng.permutation([-1.0, 1.0, 1.0, -1.0, 0.002]),
                    "x": rng.uniform(0.6, 1.4, 5),
                    "v": rng.standard_normal(5),
                },
                "tanh of +-1000",
            )
        ],
        "broadcast": [
            drawn(
                STRETCH, "a bias for every row", k=(), x=(5,), B=(3, 5), C=(3, 1), D=(1, 5), E=()
            ),
            drawn(GRID, "a column times a row", C=(3, 1), R=(1, 7), k=(), T=(7,)),
            drawn(
                STRETCH,
                "shapes (3,) and (3, 3)",
                k=(1,),
                x=(3,),
                B=(3, 3),
                C=(3, 1),
                D=(3,),
                E=(1, 1),
            ),
            drawn(GRID, "three axes", C=(5, 1, 3), R=(7, 1), k=(3,), T=(1, 7, 1)),
        ],
        "unused": [_unused_case(rng, 3), _unused_case(rng, 5)],
        "leaf": _leaf_cases(rng),
        "dtypes": _dtype_cases(rng),
        "kink": [_kink_case(rng)],
        "names": [
            _graph_case(
                rng, SHARED, _drawn(rng, W=(3, 3), x=(3,), b=(3,)), "odd names", pool=ODD_NAMES
            )
            for _ in range(3)
        ]
        + [_leaves_like_ops(rng)],
        "diamonds": [_diamond_case(rng)],
        "wide": [
            _graph_case(
                rng,
                [("p", "mul", ("w", "x")), ("t", "tanh", ("p",)), ("L", "sum", ("t",))],
                _drawn(rng, w=(WIDE,), x=(WIDE,)),
            )
        ],
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
    more = [
        ("over", "mul", ("L", "y")),
        ("side", "mul", ("beside", "z2")),
        ("side2", "sum", ("side",)),
    ]
    return _graph_case(
        rng, ERROR, leaves | {"n": whole(rng, 4)}, "leaves it does not need", more=more
    )


def _leaf_cases(rng):
    first = _graph_case(rng, ERROR, _error_leaves(rng, 3, 5), "a root that is a leaf", "y")
    return [
        first,
        Case(
            ([], {"x": np.float64(rng.uniform(1, 2)), "w": rng.standard_normal(3)}, "x"),
            "no boxes at all",
            scale=0.1,
        ),
    ]


def _dtype_cases(rng):
    def few(*shape):
        return rng.integers(-1, 3, shape)

    ints = {
        "W1": few(3, 5),
        "x": few(5),
        "b1": few(3),
        "W2": few(7, 3),
        "W3": few(2, 7),
        "v": few(2) + 2,
    }
    a2 = ints["W2"] @ np.tanh(ints["W1"] @ ints["x"] + ints["b1"])
    opened = np.arange(len(a2)) % 2 == 0  # every second relu, and none near its kink
    ints["b2"] = np.where(opened, np.floor(a2) - 1, np.ceil(a2) + 1).astype(np.int64)
    small = _layer_leaves(rng, 3, 5, 7, 2, lambda a: a.astype(np.float32))
    error = {"A": few(3, 5), "x": few(5), "b": few(3) + 2, "y": 3, "k": 2, "m": 1}
    return [
        _graph_case(rng, LAYERS, ints, "integers"),
        _graph_case(rng, LAYERS, small, "float32"),
        _graph_case(rng, ERROR, error, "integers"),
    ]


def _kink_case(rng):
    x = np.array([0.0, -1.5, 0.0, 2.0, 1.0])
    leaves = {"x": x, "y": np.array([0.0, 1.0, -2.0, 2.0, 0.5]), "v": rng.standard_normal(5)}
    return _graph_case(rng, KINK, leaves, "pre-activations of exactly 0")


def _diamond_case(rng):
    spec, root = chain_of_diamonds(DIAMONDS)
    leaves = {"u0": float(rng.uniform(0.3, 0.9)), "c": float(rng.uniform(0.55, 0.85))}
    return _graph_case(rng, spec, leaves, f"{DIAMONDS} diamonds in a row", root, DIAMOND_NAMES)


def _fprop_bprop(spec, values, root):
    """Differentiate the forward pass by complex step, one entry of one leaf at a time."""
    values = {name: as_float(v).astype(float) for name, v in values.items()}
    plan = graph.plan(spec, root)

    def forward(name, t):
        return graph.run(plan, {**values, name: t})[root]

    grads = {
        name: complex_step_gradient(lambda t, name=name: forward(name, t), v)
        for name, v in values.items()
    }
    return float(graph.run(plan, values)[root]), grads


WIDE = 997  # entries of each leaf; one backward pass counts about 10 operations per entry


WIDE_OPERATIONS = 80 * WIDE


WIDE_LINES = 600 * WIDE  # loops over single entries are allowed


def one_backward_pass(trial, group):
    """All entries of a leaf come from one backward pass, and every box runs once."""
    finding = one_visit_per_box("diamonds")(trial, group)
    if finding is not None:
        return finding
    work = trial.work("wide", WIDE_LINES)
    if work.error is not None:
        return stopped(work.error)
    if work.stopped or work.operations > WIDE_OPERATIONS:
        return Finding(
            f"for leaves of {WIDE} entries the graph ran again and again: once per "
            "entry? One backward pass gives all entries of all leaves",
            label="complex step" if work.complex else "per entry",
        )
    return wrong_at_last(trial, "wide")


bank = Bank()


EXERCISE = Exercise(
    title="Forwards and backwards through any graph",
    signature="fprop_bprop(spec, values, root)",
    returns=("value", "grads"),
    minutes=40,
    lines=30,
    section="The engine",
    draw=_engine_cases,
    oracle=_fprop_bprop,
    criteria=(
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
        Criterion("one bprop per box", 0.75, one_backward_pass, needs_value=True, costly=True),
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
    bank=bank,
)


LINEAR = "The linear box"


ENGINE = "The engine"


SUMMED = "Where a value forks, gradients add"


STRETCHED = "What broadcasting copies, bprop adds"


def shrink(share, like):
    """Sum a share down to the shape of the input."""
    while np.ndim(share) > np.ndim(like):
        share = share.sum(axis=0)
    for axis, n in enumerate(np.shape(like)):
        if n == 1:
            share = share.sum(axis=axis, keepdims=True)
    return share


FORWARD = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "matvec": lambda W, x: W @ x,
    "dot": lambda a, b: a @ b,
    "tanh": np.tanh,
    "relu": lambda a: np.maximum(a, 0.0),
    "sum": np.sum,
}


BACKWARD = {
    "add": lambda g, v, a, b: (g, g),
    "sub": lambda g, v, a, b: (g, -g),
    "mul": lambda g, v, a, b: (g * b, g * a),
    "matvec": lambda g, v, W, x: (np.outer(g, x), W.T @ g),
    "dot": lambda g, v, a, b: (g * b, g * a),
    "tanh": lambda g, v, a: (g * (1 - v**2),),
    "relu": lambda g, v, a: (g * (a > 0),),
    "sum": lambda g, v, a: (g * np.ones(np.shape(a)),),
}


def add_up(old, share, like):
    return old + shrink(share, like)


def engine(
    spec,
    values,
    root,
    forward=None,
    backward=None,
    collect=add_up,
    start=1.0,
    convert=lambda v: np.asarray(v, dtype=float),
):
    """A plain engine whose parts can be replaced by wrong ones."""
    forward, backward = {**FORWARD, **(forward or {})}, {**BACKWARD, **(backward or {})}
    boxes = {n: (op, ins) for n, op, ins in spec}
    order = [n for n in post_order(spec, root) if n in boxes]
    v = {n: convert(x) for n, x in values.items()}
    for n in order:
        op, ins = boxes[n]
        v[n] = forward[op](*(v[i] for i in ins))
    grads = {n: np.zeros(np.shape(x)) for n, x in v.items()}
    grads[root] = np.asarray(start)
    for n in reversed(order):
        op, ins = boxes[n]
        for i, share in zip(ins, backward[op](grads[n], v[n], *(v[i] for i in ins)), strict=True):
            grads[i] = collect(grads[i], share, v[i])
    return float(v[root]), {n: grads[n] for n in values}


def with_parts(id, looks_like, question, reread="", **parts):
    """Register the engine with some of its parts replaced."""
    bank.wrong(looks_like, question, id=id, reread=reread)(
        lambda spec, values, root: engine(spec, values, root, **parts)
    )


with_parts(
    "overwrites",
    "grads[i] = share: the last consumer wins",
    "A value feeds two boxes, so the loss feels it along two paths. What happens to the "
    "first path's share?",
    SUMMED,
    collect=lambda old, share, like: shrink(share, like),
)


with_parts(
    "first_wins",
    "the first consumer's share kept, later ones dropped",
    "A value feeds two boxes, so the loss feels it along two paths. Where does the second "
    "path's share go?",
    SUMMED,
    collect=lambda old, share, like: old if np.any(old) else shrink(share, like),
)


with_parts(
    "maximum",
    "the larger of the contributions",
    "Two paths both carry a change to the loss. Does only the wider one count?",
    SUMMED,
    collect=lambda old, share, like: np.where(
        np.abs(old) > np.abs(shrink(share, like)), old, shrink(share, like)
    ),
)


with_parts(
    "averages",
    "the mean of the contributions",
    "The multivariate chain rule has a sum over paths. Where does a mean come from?",
    SUMMED,
    collect=lambda old, share, like: (old + shrink(share, like)) / (1 + np.any(old != 0)),
)


with_parts(
    "no_shrink",
    "gradients in the broadcast shape",
    "The bias of shape (5,) was copied to every row. What does a change of it change?",
    STRETCHED,
    collect=lambda old, share, like: old + share,
)


with_parts(
    "mean_over_copies",
    "the mean over the copies that broadcasting made",
    "Every copy carries the change to the loss. Do their shares add, or average?",
    STRETCHED,
    collect=lambda old, share, like: (
        old + shrink(share, like) * (max(np.size(like), 1) / max(np.size(share), 1))
    ),
)


with_parts(
    "first_copy",
    "the share of the first copy alone",
    "Broadcasting made several copies. Who collects the shares of the others?",
    STRETCHED,
    collect=lambda old, share, like: old + _first_copy(share, like),
)


with_parts(
    "leading_axes_only",
    "new leading axes summed, axes of length 1 forgotten",
    "A column of shape (3, 1) meets shape (3, 5). Which axis was stretched?",
    STRETCHED,
    collect=lambda old, share, like: old + _leading(share, like),
)


with_parts(
    "summed_to_a_number",
    "everything summed where the shapes differ",
    "Only the copies are to be added. Which axes did broadcasting stretch?",
    STRETCHED,
    collect=lambda old, share, like: (
        old + (share if np.shape(share) == np.shape(like) else np.sum(share))
    ),
)


with_parts(
    "sub_sign",
    "both inputs of a difference with a plus sign",
    "When the second input of a - b rises, what does the difference do?",
    backward={"sub": lambda g, v, a, b: (g, g)},
)


with_parts(
    "sub_swapped",
    "the inputs of a difference swapped",
    "Which of the two inputs has the minus sign?",
    backward={"sub": lambda g, v, a, b: (-g, g)},
)


with_parts(
    "mul_own",
    "each factor gets itself",
    "The derivative of a b with respect to a is not a. What is it?",
    backward={"mul": lambda g, v, a, b: (g * a, g * b)},
)


with_parts(
    "mul_no_upstream",
    "a product forgets its upstream gradient",
    "b is the local derivative. What arrives from above?",
    backward={"mul": lambda g, v, a, b: (b * np.ones(np.shape(v)), a * np.ones(np.shape(v)))},
)


with_parts(
    "dot_own",
    "each vector of a dot product gets itself",
    "The derivative of a . b with respect to a is not a. What is it?",
    backward={"dot": lambda g, v, a, b: (g * a, g * b) if a.shape == b.shape else None},
)


with_parts(
    "matvec_no_transpose",
    "W g for W^T g",
    "g has one entry per output, the input has one per column of W. Which way round must W stand?",
    LINEAR,
    backward={
        "matvec": lambda g, v, W, x: (np.outer(g, x), (W if W.shape[0] == W.shape[1] else W.T) @ g)
    },
)


with_parts(
    "matvec_no_transpose_anywhere",
    "W g for W^T g",
    "g has one entry per output, the input has one per column of W. Which way round must W stand?",
    LINEAR,
    backward={"matvec": lambda g, v, W, x: (np.outer(g, x), W @ g)},
)


with_parts(
    "matvec_outer_swapped_anywhere",
    "x g^T for g x^T",
    "The weight gradient has the shape of W: rows for outputs. Which vector runs along them?",
    LINEAR,
    backward={"matvec": lambda g, v, W, x: (np.outer(x, g), W.T @ g)},
)


with_parts(
    "matvec_shares_exchanged",
    "the share of W given to x, and that of x to W",
    "In which order stand the inputs of matvec, and in which order do you hand back their shares?",
    LINEAR,
    backward={"matvec": lambda g, v, W, x: (W.T @ g, np.outer(g, x))},
)


with_parts(
    "products_own",
    "each factor of a product or a dot product gets itself",
    "The derivative of a b with respect to a is not a, nor is that of a . b. What are they?",
    backward={
        "mul": lambda g, v, a, b: (g * a, g * b),
        "dot": lambda g, v, a, b: (g * a, g * b),
    },
)


with_parts(
    "root_not_started",
    "the gradient at the root left at 0",
    "What is the derivative of the root with respect to itself, and where do you write it down?",
    start=0.0,
)


with_parts(
    "matvec_outer_swapped",
    "x g^T for g x^T",
    "The weight gradient has the shape of W: rows for outputs. Which vector runs along them?",
    LINEAR,
    backward={
        "matvec": lambda g, v, W, x: (
            np.outer(x, g) if W.shape[0] == W.shape[1] else np.outer(g, x),
            W.T @ g,
        )
    },
)


with_parts(
    "tanh_of_input",
    "1 - a^2 with the input for the output",
    "tanh' is 1 - tanh^2. Of which value is the square?",
    backward={"tanh": lambda g, v, a: (g * (1 - a**2),)},
)


with_parts(
    "tanh_twice",
    "tanh applied once more",
    "The box's value is tanh(a) already. What does tanh of it give?",
    backward={"tanh": lambda g, v, a: (g * (1 - np.tanh(v) ** 2),)},
)


with_parts(
    "tanh_no_upstream",
    "tanh forgets its upstream gradient",
    "The chain rule multiplies. Which factor comes from above?",
    backward={"tanh": lambda g, v, a: (1 - v**2,)},
)


with_parts(
    "sigmoid_slope",
    "v (1 - v), the slope of the sigmoid",
    "Which function has the derivative v (1 - v), and which 1 - v^2?",
    backward={"tanh": lambda g, v, a: (g * v * (1 - v),)},
)


with_parts(
    "relu_no_gate",
    "relu passes everything back",
    "A unit with a negative pre-activation gives 0. What does the loss feel of it?",
    backward={"relu": lambda g, v, a: (g,)},
)


with_parts(
    "relu_gates_gradient",
    "relu applied to the gradient",
    "Which sign opens the gate, that of the gradient or that of the pre-activation?",
    backward={"relu": lambda g, v, a: (np.maximum(g, 0.0),)},
)


with_parts(
    "relu_open_at_zero",
    "relu'(0) = 1",
    "At exactly 0 the course takes one of the two one-sided slopes. Which?",
    backward={"relu": lambda g, v, a: (g * (a >= 0),)},
)


with_parts(
    "relu_half_at_zero",
    "relu'(0) = 1/2",
    "At exactly 0 the course takes one of the two one-sided slopes. Which?",
    backward={"relu": lambda g, v, a: (g * (0.5 * (1 + np.sign(a))),)},
)


with_parts(
    "relu_gates_both",
    "a gate that also closes where the gradient is negative",
    "Does what a ReLU lets through depend on its input, or on the gradient?",
    backward={"relu": lambda g, v, a: (g * ((a > 0) & (g > 0)),)},
)


with_parts(
    "relu_of_value",
    "the value of a ReLU in the place of its slope",
    "Where a is positive, relu(a) = a. What is the derivative there?",
    backward={"relu": lambda g, v, a: (g * v,)},
)


with_parts(
    "leaky",
    "a ramp that leaks: 0.01 a below 0, forwards and backwards",
    "What does relu give for every negative number?",
    forward={"relu": lambda a: np.where(a > 0, a, 0.01 * a)},
    backward={"relu": lambda g, v, a: (g * np.where(a > 0, 1.0, 0.01),)},
)


with_parts(
    "sum_no_upstream",
    "a sum forgets its upstream gradient",
    "The sum need not be the root. What arrives from above?",
    backward={"sum": lambda g, v, a: (np.ones(np.shape(a)),)},
)


with_parts(
    "sum_as_mean",
    "the gradient of a mean",
    "By which number does a mean of n terms differ from their sum?",
    backward={"sum": lambda g, v, a: (g * np.ones(np.shape(a)) / np.size(a),)},
)


with_parts(
    "mean_for_sum",
    "a mean in the place of the sum, forwards and backwards",
    "The op is called sum. What does yours compute?",
    forward={"sum": np.mean},
    backward={"sum": lambda g, v, a: (g * np.ones(np.shape(a)) / np.size(a),)},
)


with_parts(
    "sigmoid_for_tanh",
    "the sigmoid in the place of tanh, forwards and backwards",
    "Which of the two functions goes through 0?",
    forward={"tanh": lambda a: 1 / (1 + np.exp(-a))},
    backward={"tanh": lambda g, v, a: (g * v * (1 - v),)},
)


with_parts(
    "starts_from_value",
    "the backward pass started with the root's value",
    "What is the derivative of the root with respect to itself?",
    start=2.0,
)


with_parts(
    "single_precision",
    "numbers in float32",
    "float32 keeps seven digits. Where does the precision get lost?",
    convert=lambda v: np.asarray(v, dtype=np.float32),
)


with_parts(
    "tanh_by_quotient",
    "tanh as (e^2a - 1) / (e^2a + 1)",
    "What does a computer make of e^2000, and of infinity divided by infinity?",
    forward={"tanh": lambda a: (np.exp(2 * a) - 1) / (np.exp(2 * a) + 1)},
)


with_parts(
    "rounds_gradients",
    "gradients kept in arrays made like the leaves",
    "np.zeros_like of whole numbers holds whole numbers. What becomes of 0.3 in it?",
    collect=lambda old, share, like: _like_the_leaf(old, share, like),
    convert=np.asarray,
)


def _like_the_leaf(old, share, like):
    return (old + shrink(share, like)).astype(np.asarray(like).dtype)


@bank.right("in the precision of its leaves")
def in_the_precision_of_its_leaves(spec, values, root):
    return engine(spec, values, root, convert=np.asarray)


def _breadth_first(ins, root):
    order, queue = [], deque([root])
    while queue:
        name = queue.popleft()
        if name not in order:
            order.append(name)
            queue.extend(ins.get(name, ()))
    return order


def _depth_first(ins, root):
    order = []

    def visit(name):
        if name not in order:
            order.append(name)
            for i in ins.get(name, ()):
                visit(i)

    visit(root)
    return order


def _from_a_stack(ins, root):
    order, stack = [], [root]
    while stack:
        name = stack.pop()
        if name not in order:
            order.append(name)
            stack.extend(ins.get(name, ()))
    return order


def in_the_order(order, id, looks_like, question, reread=""):
    """Register an engine that goes back in some order; gradients are added as they come."""

    def fn(spec, values, root):
        boxes = {n: (op, ins) for n, op, ins in spec}
        v = {n: np.asarray(x, dtype=float) for n, x in values.items()}
        for n in post_order(spec, root):
            if n in boxes:
                v[n] = FORWARD[boxes[n][0]](*(v[i] for i in boxes[n][1]))
        grads = {n: np.zeros(np.shape(x)) for n, x in v.items()}
        grads[root] = np.asarray(1.0)
        for n in order(wiring(spec), root):
            if n in boxes:
                op, ins = boxes[n]
                shares = BACKWARD[op](grads[n], v[n], *(v[i] for i in ins))
                for i, share in zip(ins, shares, strict=True):
                    grads[i] = grads[i] + shrink(share, v[i])
        return float(v[root]), {n: grads[n] for n in values}

    bank.wrong(looks_like, question, id=id, reread=reread)(fn)


WAITS = (
    "A box that feeds two others may be met before the second of them has sent its share. "
    "Which order makes sure that every consumer comes first?"
)


in_the_order(
    _breadth_first, "breadth_first", "boxes visited breadth-first from the root", WAITS, SUMMED
)


in_the_order(
    _depth_first,
    "depth_first",
    "boxes visited depth-first, before their consumers are done",
    WAITS,
    SUMMED,
)


in_the_order(
    _from_a_stack, "stack_order", "boxes taken from a stack as they are met", WAITS, SUMMED
)


in_the_order(
    lambda ins, root: list(ins)[::-1],
    "spec_reversed",
    "the spec read from its end",
    "Does the spec promise to list a box after its inputs?",
    ENGINE,
)


in_the_order(
    lambda ins, root: list(ins),
    "spec_as_given",
    "the spec read from its beginning",
    "The backward pass starts at the root. Where in the spec does yours begin?",
    ENGINE,
)


in_the_order(
    lambda ins, root: post_order([(n, "", i) for n, i in ins.items()], root),
    "forward_order",
    "boxes in the order of the forward pass",
    "Who must have run before a box may send its shares: its inputs, or its consumers?",
    ENGINE,
)


in_the_order(
    lambda ins, root: _depth_first({n: i[:1] for n, i in ins.items()}, root),
    "first_branch",
    "only the first input followed down",
    "The gradient reaches every input of a box. Who goes on from the second one?",
    ENGINE,
)


def _first_copy(share, like):
    share = np.asarray(share)
    while share.ndim > np.ndim(like):
        share = share[0]
    for axis, n in enumerate(np.shape(like)):
        if n == 1:
            share = np.take(share, [0], axis=axis)
    return share


def _leading(share, like):
    while np.ndim(share) > np.ndim(like):
        share = share.sum(axis=0)
    return share


@bank.wrong(
    "grads[i] += share into an array that two names share",
    "add hands the same array to both inputs. Whose gradient changes when you write into it?",
    reread=SUMMED,
)
def in_place(spec, values, root):
    def collect(old, share, like):
        share = shrink(share, like)
        if not np.any(old):
            return share
        if np.ndim(old):
            old += share
            return old
        return old + share

    return engine(spec, values, root, collect=collect)


@bank.wrong(
    "one share kept where a box has the same input twice",
    "mul(u, u) is u^2. How many shares does u get from it?",
    reread=SUMMED,
)
def one_share_for_a_name_used_twice(spec, values, root):
    def once(op):
        def backward(g, v, *inputs):
            shares = BACKWARD[op](g, v, *inputs)
            twice = len(inputs) == 2 and inputs[0] is inputs[1]
            return (0.0 * shares[0], shares[1]) if twice else shares

        return backward

    return engine(spec, values, root, backward={op: once(op) for op in BACKWARD})


@bank.wrong(
    "no entry for leaves that the root does not need",
    "An optimiser updates every parameter it was given. What should it find for one that "
    "does not matter here?",
)
def needed_leaves_only(spec, values, root):
    value, grads = engine(spec, values, root)
    return value, {n: g for n, g in grads.items() if n in post_order(spec, root)}


@bank.wrong(
    "the number 0 for leaves that the root does not need",
    "Which shape has the gradient of a matrix, also where it is zero?",
)
def scalar_zeros(spec, values, root):
    value, grads = engine(spec, values, root)
    needed = post_order(spec, root)
    return value, {n: g if n in needed else 0.0 for n, g in grads.items()}


@bank.wrong(
    "every box that nobody consumes counted as a root",
    "Boxes beside the root get no gradient from it. Where did theirs come from?",
)
def every_sink(spec, values, root):
    used = {i for _, _, ins in spec for i in ins}
    sinks = [n for n, _, _ in spec if n not in used and n != root]
    value, grads = engine(spec, values, root)
    for sink in sinks:
        if root not in post_order(spec, sink):
            other = engine([*spec, ("sink's sum", "sum", (sink,))], values, "sink's sum")[1]
            grads = {n: grads[n] + other[n] for n in grads}
    return value, grads


@bank.wrong("the last box of the graph for the root", "Which box does the caller ask for?")
def last_box_is_root(spec, values, root):
    used = {i for _, _, ins in spec for i in ins}
    sinks = [n for n, _, _ in spec if n not in used and root in post_order(spec, n)]
    return engine(spec, values, sinks[0] if sinks else root)


@bank.wrong("the gradients of all boxes as well", "Whose gradients does the contract ask for?")
def boxes_too(spec, values, root):
    value, grads = engine(spec, values, root)
    return value, grads | {n: 0.0 for n, _, _ in spec}


@bank.wrong(
    "the value in an array of shape (1,)",
    "The value of a scalar root is one number. Which shape is that?",
)
def value_as_array(spec, values, root):
    value, grads = engine(spec, values, root)
    return np.array([value]), grads


@bank.wrong("the gradients without the value", "Two things are asked for. Which one is missing?")
def gradients_only(spec, values, root):
    return engine(spec, values, root)[1]


@bank.wrong(
    "the root looked up among the boxes",
    "The root may be a leaf. What is its derivative with respect to itself?",
)
def root_is_a_box(spec, values, root):
    wiring(spec)[root]
    return engine(spec, values, root)


@bank.wrong(
    "zero for the root when it is a leaf",
    "What is the derivative of a number with respect to itself?",
)
def root_leaf_zero(spec, values, root):
    value, grads = engine(spec, values, root)
    return value, grads | {n: 0.0 * g for n, g in grads.items() if n == root}


@bank.wrong(
    "names that look like an op taken for one",
    "A leaf may be called sum. How do you tell a name from an op: by its spelling, or by "
    "its place?",
)
def ops_as_names(spec, values, root):
    value, grads = engine(spec, values, root)
    return value, {n: 0.0 * g if n in FORWARD or n.strip() != n else g for n, g in grads.items()}


@bank.wrong(
    "every path walked, forwards or backwards",
    "Eighteen forks in a row make 2^18 paths. Where does a box run once for each path that "
    "leads to it: on the way forwards, or backwards? What could it wait for, or keep?",
    cost="every path",
)
def every_path(spec, values, root):
    boxes = {n: (op, ins) for n, op, ins in spec}
    v = {n: np.asarray(x, dtype=float) for n, x in values.items()}
    for n in post_order(spec, root):
        if n in boxes:
            v[n] = FORWARD[boxes[n][0]](*(v[i] for i in boxes[n][1]))
    grads = {n: np.zeros(x.shape) for n, x in v.items()}

    def send(name, g):
        grads[name] = grads[name] + g
        if name in boxes:
            op, ins = boxes[name]
            for i, share in zip(ins, BACKWARD[op](g, v[name], *(v[i] for i in ins)), strict=True):
                send(i, shrink(share, v[i]))

    send(root, 1.0)
    return float(v[root]), {n: grads[n] for n in values}


def _forward(spec, values, root):
    boxes = {n: (op, ins) for n, op, ins in spec}
    v = dict(values)
    for n in post_order(spec, root):
        if n in boxes:
            v[n] = _COMPLEX[boxes[n][0]](*(v[i] for i in boxes[n][1]))
    return v[root]


_COMPLEX = {**FORWARD, "relu": lambda a: a * (np.real(a) > 0)}


def _per_entry(slope):
    def numeric(spec, values, root):
        values = {n: np.asarray(x, dtype=float) for n, x in values.items()}
        grads = {}
        for n, x in values.items():
            grads[n] = np.zeros(x.shape)
            for k in np.ndindex(x.shape):

                def f(t, n=n, x=x, k=k):
                    moved = x.astype(type(t))
                    moved[k] += t
                    return _forward(spec, {**values, n: moved}, root)

                grads[n][k] = slope(f)
        return float(_forward(spec, values, root)), grads

    return numeric


bank.wrong(
    "central differences, one entry at a time",
    "Differences are right to about ten digits and need two forward passes per entry. What "
    "does one backward pass need?",
    id="central_differences",
)(_per_entry(lambda f: (f(1e-6) - f(-1e-6)) / 2e-6))


bank.wrong(
    "a complex step for every entry",
    "The digits are right. For a thousand weights the graph runs a thousand times; what "
    "does one backward pass need?",
    id="complex_step",
    cost="complex step",
)(_per_entry(lambda f: np.imag(f(1e-30j)) / 1e-30))


@bank.wrong(
    "a pass through the graph for every entry",
    "The digits are right. For a thousand weights the graph runs a thousand times; what "
    "does one backward pass need?",
    cost="per entry",
)
def pass_per_entry(spec, values, root):
    grads = {name: np.zeros(np.shape(x)) for name, x in values.items()}
    for name, grad in grads.items():
        for k in np.ndindex(grad.shape):
            grad[k] = engine(spec, values, root)[1][name][k]
    return engine(spec, values, root)[0], grads


@bank.wrong(
    "the boxes' values written into the caller's dict",
    "Who else holds the dict values, and how many leaves does it have after the call?",
)
def fills_values(spec, values, root):
    answer = engine(spec, values, root)
    for n in wiring(spec):
        values[n] = 0.0
    return answer


def _habit(fn):
    kept = defaultdict(float)

    def remember(spec, values, root):
        value, grads = fn(spec, values, root)
        for n in grads:
            key = (n, np.shape(grads[n]))
            kept[key] = kept[key] + grads[n]
        return value, {n: kept[n, np.shape(g)] for n, g in grads.items()}

    return remember


bank.stateful(
    "never_zeroed",
    lambda: _habit(engine),
    "gradients that go on growing from call to call",
    "The last call's gradients are still in there. When do they start from zero?",
)


bank.habits(engine, array=False)


@bank.right("boxes with closures, in the manner of micrograd")
def boxes_with_closures(spec, values, root):
    class Node:
        def __init__(self, data, parents=(), push=None):
            self.data, self.parents, self.push = data, parents, push
            self.grad = np.zeros_like(data)

    def make(op, ins):
        node = Node(np.asarray(FORWARD[op](*(i.data for i in ins)), dtype=float), ins)

        def push():
            shares = BACKWARD[op](node.grad, node.data, *(i.data for i in ins))
            for i, share in zip(ins, shares, strict=True):
                i.grad = i.grad + shrink(np.asarray(share), i.data)

        node.push = push
        return node

    nodes = {n: Node(np.array(v, dtype=float)) for n, v in values.items()}
    boxes, topo = {n: (op, ins) for n, op, ins in spec}, []
    for n in post_order(spec, root):
        if n in boxes:
            nodes[n] = make(boxes[n][0], [nodes[i] for i in boxes[n][1]])
            topo.append(nodes[n])
    nodes[root].grad = np.ones(())
    for node in reversed(topo):
        node.push()
    return nodes[root].data.item(), {n: nodes[n].grad for n in values}


@bank.right("each box asks its consumers, memoised")
def each_box_asks_its_consumers(spec, values, root):
    boxes = {n: (op, tuple(ins)) for n, op, ins in spec}
    users = defaultdict(list)
    for n in post_order(spec, root):
        for place, i in enumerate(boxes.get(n, ("", ()))[1]):
            users[i].append((n, place))

    @lru_cache(None)
    def val(n):
        if n not in boxes:
            return np.array(values[n], dtype=np.float64)
        return np.asarray(FORWARD[boxes[n][0]](*map(val, boxes[n][1])))

    @lru_cache(None)
    def shares(n):
        op, ins = boxes[n]
        return BACKWARD[op](grad(n), val(n), *map(val, ins))

    @lru_cache(None)
    def grad(n):
        if n == root:
            return np.float64(1.0)
        total = np.zeros(val(n).shape)
        for user, place in users[n]:
            total = total + shrink(np.asarray(shares(user)[place]), val(n))
        return total

    return val(root).item(), {n: grad(n) for n in values}


@bank.right("counting consumers, everything spelled out")
def counting_consumers(spec, values, root):
    v, boxes = {n: np.asarray(x, dtype=float) for n, x in values.items()}, {}
    todo = {n: (op, ins) for n, op, ins in spec if n in set(post_order(spec, root))}
    while todo:
        for n, (op, ins) in list(todo.items()):
            if all(i in v for i in ins):
                boxes[n] = todo.pop(n)
                a, b = v[ins[0]], v[ins[-1]]
                if op == "add":
                    v[n] = np.add(a, b)
                elif op == "sub":
                    v[n] = np.subtract(a, b)
                elif op == "mul":
                    v[n] = np.multiply(a, b)
                elif op in ("matvec", "dot"):
                    v[n] = np.dot(a, b)
                elif op == "tanh":
                    v[n] = np.tanh(a)
                elif op == "relu":
                    v[n] = np.where(a > 0, a, 0.0)
                else:
                    v[n] = a.sum()
    grads = {n: np.zeros_like(x) for n, x in v.items()}
    grads[root] = np.ones_like(v[root])
    for n in reversed(list(boxes)):
        op, ins = boxes[n]
        g, a, b = grads[n], v[ins[0]], v[ins[-1]]
        if op == "matvec":
            shares = [g[:, None] * b[None, :], g @ a]
        elif op in ("mul", "dot"):
            shares = [b * g, a * g]
        elif op in ("add", "sub"):
            shares = [g, g if op == "add" else np.negative(g)]
        elif op == "tanh":
            shares = [g / np.cosh(a) ** 2]
        else:
            shares = [np.where(a > 0, g, 0.0) if op == "relu" else np.full_like(a, g)]
        for i, share in zip(ins, shares, strict=True):
            share = np.asarray(share)
            extra = share.ndim - v[i].ndim
            axes = tuple(range(extra)) + tuple(
                extra + k for k, m in enumerate(v[i].shape) if m == 1 != share.shape[extra + k]
            )
            grads[i] = grads[i] + share.sum(axis=axes).reshape(v[i].shape)
    return float(v[root]), {n: grads[n] for n in values}


@bank.right("a tape of closures, shares kept in lists")
def a_tape_of_closures(spec, values, root):
    shapes, got, tape = {}, defaultdict(list), []
    v = {}
    for n, x in values.items():
        v[n] = np.array(x, dtype=float)
    table = {n: (op, ins) for n, op, ins in spec}
    for n in post_order(spec, root):
        if n in table:
            op, ins = table[n]
            v[n] = FORWARD[op](*[v[i] for i in ins])
            tape.append((n, op, ins))
        shapes[n] = np.shape(v[n])
    got[root].append(np.ones(shapes[root]))
    while tape:
        n, op, ins = tape.pop()
        g = np.sum(got[n], axis=0) if got[n] else np.zeros(shapes[n])
        for i, share in zip(ins, BACKWARD[op](g, v[n], *[v[i] for i in ins]), strict=True):
            got[i].append(shrink(share, v[i]))
    return v[root], {
        n: np.sum(got[n], axis=0) if got[n] else np.zeros(np.shape(x)) for n, x in values.items()
    }
