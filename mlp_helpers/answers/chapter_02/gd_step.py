"""One gradient step."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import own_memory, shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ..bank import Bank
from ..draw import case, strided
from .shared import CALLER, DTYPES, ROUNDED, float32, whole


def _step_cases(rng):
    """Lists of one to three parameters of any shape, and as many gradients."""

    def one(*shapes, wrap=np.asarray):
        params = [wrap(rng.standard_normal(s)) for s in shapes]
        grads = [wrap(rng.standard_normal(s) + 0.4) for s in shapes]
        return with_rate(params, grads)

    def with_rate(params, grads):
        return case(params, grads, float(rng.uniform(0.05, 0.4)), tensors=len(params))

    flat = [np.zeros((5, 3)), rng.standard_normal(5)]
    return {
        "generic": [
            one((5, 3), (5,)),
            one((3, 5), (7,), (2, 3, 5), wrap=strided),
            one((5, 5), (5, 5)),
            one((11,)),
            one((1, 1), (1,)),
            one((61, 23), (2,), (3, 2), (1,), (5,), (7, 1)),
            # large gradients: whoever clips them is seen here
            with_rate([rng.standard_normal((3, 2))], [1000.0 * rng.standard_normal((3, 2))]),
        ],
        "zeros": [with_rate([rng.standard_normal((5, 3)), rng.standard_normal(5)], flat)],
        "dtypes": [
            with_rate([whole(rng, 5, 3), whole(rng, 5)], [whole(rng, 5, 3), whole(rng, 5)]),
            one((5, 3), (5,), wrap=float32),
        ],
        "twice": [one((5, 3), (5,)), one((5, 3), (5,))],
    }


def _gd_step(params, grads, lr):
    return [p - lr * g for p, g in zip(params, grads, strict=True)]


bank = Bank()


EXERCISE = Exercise(
    title="One gradient step",
    signature="gd_step(params, grads, lr)",
    returns="new",
    minutes=6,
    lines=2,
    section="One step downhill",
    draw=_step_cases,
    oracle=_gd_step,
    criteria=(
        shape(0.5),
        value(1.0),
        value(0.25, DTYPES, "dtypes"),
        unchanged(0.5),
        own_memory(0.5, "fresh arrays, also where a gradient is 0", "zeros"),
        stable(0.25),
    ),
    hints=(
        "The gradient points uphill. In which direction do you go, and which numbers of which "
        "parameter belong to which gradient?",
        "Each new parameter is p - lr * g, where g is the gradient of the same parameter. "
        "zip(params, grads) walks through both lists together. p -= lr * g would change the "
        "caller's array.",
        "return [p - ... for p, g in zip(..., ...)]",
    ),
    bank=bank,
)


def _gd(params, grads, lr):
    return [p - lr * g for p, g in zip(map(np.float64, params), grads, strict=True)]


@bank.wrong(
    "gradients cut off at a fixed number",
    "Where is a limit in p - lr g? Which step does a gradient of 1000 make?",
)
def cut_off_far_out(params, grads, lr):
    return _gd(params, [np.clip(g, -5, 5) for g in grads], lr)


@bank.wrong(
    "gradients scaled down to a fixed length",
    "Where is a limit in p - lr g? Which step does a gradient of 1000 make?",
)
def cut_to_a_length(params, grads, lr):
    sizes = [max(1.0, np.linalg.norm(g)) for g in grads]
    return _gd(params, [g / size for g, size in zip(grads, sizes, strict=True)], lr)


@bank.wrong("p + lr * g", "The gradient points uphill. Where do you want to go?")
def uphill(params, grads, lr):
    return _gd(params, grads, -lr)


@bank.wrong("p - g, without the learning rate", "How far is one step?")
def no_rate(params, grads, lr):
    return _gd(params, grads, 1.0)


@bank.wrong("the learning rate twice", "How often does lr stand in p - lr * g?")
def rate_twice(params, grads, lr):
    return _gd(params, grads, lr * lr)


@bank.wrong("a learning rate of its own", "Which learning rate does the caller ask for?")
def ignores_rate(params, grads, lr):
    return _gd(params, grads, 0.01)


@bank.wrong("p - g / lr", "Should a smaller learning rate give a smaller step?")
def rate_divides(params, grads, lr):
    return _gd(params, grads, 1 / lr)


@bank.wrong(
    "-lr * g: the step, not where it ends",
    "The new parameter is the old one and the step. Which of the two is missing?",
)
def steps_only(params, grads, lr):
    return [-lr * np.float64(g) for g in grads]


@bank.wrong("the parameters as they came", "Where is the gradient used?")
def old_parameters(params, grads, lr):
    return [np.array(p, dtype=float) for p in params]


@bank.wrong("gradients taken in reverse order", "Which gradient belongs to which parameter?")
def reversed_(params, grads, lr):
    return _gd(params, grads[::-1], lr)


@bank.wrong(
    "only the first parameter moved",
    "How many parameters are in the list, and how many have moved?",
)
def first_only(params, grads, lr):
    return [
        p - lr * g if k == 0 else 1.0 * p
        for k, (p, g) in enumerate(zip(map(np.float64, params), grads, strict=True))
    ]


@bank.wrong("the last parameter left out", "How many parameters came in, and how many go out?")
def last_missing(params, grads, lr):
    return _gd(params, grads, lr)[:-1] or _gd(params, grads, lr)


@bank.wrong(
    "exactly two parameters expected",
    "How many parameters may the list have? Which loop works for any number?",
)
def two_parameters(params, grads, lr):
    (A, b), (dA, db) = map(np.float64, params[:2]), grads[:2]
    return [A - lr * dA, b - lr * db]


@bank.wrong(
    "the sign of the gradient in place of the gradient",
    "Should a steep slope and a gentle one give steps of the same size?",
)
def sign_of_gradient(params, grads, lr):
    return _gd(params, [np.sign(g) for g in grads], lr)


@bank.wrong(
    "gradients scaled to length 1",
    "Near a minimum the gradient shrinks. What would a step of fixed length do there?",
)
def normalised(params, grads, lr):
    return _gd(params, [g / (np.linalg.norm(g) or 1.0) for g in grads], lr)


@bank.wrong(
    "entries of the gradient cut off at 1", "What does the formula say about large entries?"
)
def clipped(params, grads, lr):
    return _gd(params, [np.clip(g, -1, 1) for g in grads], lr)


@bank.wrong(
    "the mean of each gradient taken off every entry",
    "Each entry has its own derivative. Why average them?",
)
def mean_gradient(params, grads, lr):
    return _gd(params, [np.full_like(g, g.mean()) for g in grads], lr)


@bank.wrong(
    "the parameters shrunk as well",
    "Which term of p - lr * g makes a parameter smaller where its gradient is 0?",
)
def weight_decay(params, grads, lr):
    return [p - 0.01 * lr * p for p in _gd(params, grads, lr)]


@bank.wrong(
    "the learning rate divided by the number of parameters",
    "Does a step get shorter because there are more arrays in the list?",
)
def rate_per_tensor(params, grads, lr):
    return _gd(params, grads, lr / (len(params) + 1))


@bank.wrong("p -= lr * g, which changes the caller's arrays", CALLER)
def in_place(params, grads, lr):
    for p, g in zip(params, grads, strict=True):
        p -= lr * g
    return params


@bank.wrong("params[k] = ..., which changes the caller's list", "Who else holds this list?")
def list_in_place(params, grads, lr):
    for k, new in enumerate(_gd(params, grads, lr)):
        params[k] = new
    return params


@bank.wrong(
    "the old array itself where the gradient is 0",
    "The caller may change a new parameter later. Whose array is that, then?",
)
def same_where_flat(params, grads, lr):
    moved = zip(params, _gd(params, grads, lr), grads, strict=True)
    return [new if g.any() else p for p, new, g in moved]


@bank.right("plain NumPy: the precision that came in")
def plain_numpy(params, grads, lr):
    return [p - lr * g for p, g in zip(params, grads, strict=True)]


@bank.wrong(
    "new parameters with the dtype of the old ones",
    "An array of whole numbers holds whole numbers. What becomes of 0.3 in it?",
)
def stays_integer(params, grads, lr):
    news = zip(_gd(params, grads, lr), params, strict=True)
    return [new.astype(p.dtype) if p.dtype.kind == "i" else new for new, p in news]


@bank.wrong("numbers rounded to a few digits", ROUNDED)
def rounded(params, grads, lr):
    return [np.round(p, 8) for p in _gd(params, grads, lr)]


bank.habits(_gd)


@bank.right("np.subtract in a loop, plain")
def np_subtract_in_a_loop(params, grads, lr):
    new = []
    for i, p in enumerate(params):
        new.append(np.subtract(p, grads[i] * lr))
    return new


@bank.right("a loop that appends")
def a_loop_that_appends(params, grads, lr):
    new = []
    for k in range(len(params)):
        new.append(np.array(params[k], dtype=float))
        new[k] -= lr * grads[k]
    return new


@bank.right("a tuple, np.add")
def a_tuple(params, grads, lr):
    return tuple(
        np.add(np.asarray(p, float), np.multiply(-lr, np.asarray(g, float)))
        for p, g in zip(params, grads, strict=True)
    )


@bank.right("one flat vector and back")
def one_flat_vector_and_back(params, grads, lr):
    flat = np.concatenate([np.ravel(p).astype(float) for p in params])
    flat = flat - lr * np.concatenate([np.ravel(g) for g in grads])
    ends = np.cumsum([np.size(p) for p in params])
    pieces = np.split(flat, ends[:-1])
    return [piece.reshape(np.shape(p)) for piece, p in zip(pieces, params, strict=True)]
