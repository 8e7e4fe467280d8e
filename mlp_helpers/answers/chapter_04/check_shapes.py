"""Do the layers fit together?"""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, unchanged, value
from ...checking.exercise import Exercise
from ..bank import Bank
from ..draw import case
from .shared import drawn_params, letters


def _shape_cases(rng):
    """Networks that fit, and networks with one thing wrong."""

    def one(dims, d=None, change=None, note=None):
        params = drawn_params(rng, dims)
        if change is not None:
            k, pair = change
            W, b = params[k]
            params[k] = pair(W, b)
        d = dims[0] if d is None else d
        return case(params, d, **letters(dims))

    def column(W, b):
        return W, b[:, None]

    def row(W, b):
        return W, b[None, :]

    def flipped(W, b):
        return W.T, b

    def short(W, b):
        return W, b[:-1]

    def number(W, b):
        return W, np.array(b[0])

    def flat(W, b):
        return W.ravel(), b

    def stack(W, b):
        return W[:, :, None], b

    dims, flat_dims = (5, 7, 11, 3), (4, 4, 4, 4)
    return {
        "generic": [
            one(dims),
            one((7, 3)),
            one(flat_dims),
            one((2, 13, 5, 3, 11)),
            one(dims, d=7),
            one(dims, d=3),
            one(flat_dims, d=5),
        ],
        "chain": [one(dims, change=(k, flipped)) for k in range(3)]
        + [
            one(dims, change=(2, lambda W, b: (W[:, 1:], b))),
            one(dims, change=(1, lambda W, b: (W[1:], b[1:]))),
            one(flat_dims, change=(2, lambda W, b: (np.zeros((4, 5)), b))),
            one((1, 1, 1), change=(1, lambda W, b: (np.zeros((1, 2)), b))),
            one(dims),
        ],
        "biases": [one(dims, change=(k, pair)) for k in range(3) for pair in (column, row, short)]
        + [one(flat_dims, change=(1, pair)) for pair in (column, row, number)]
        + [one((3, 1, 2), change=(0, pair)) for pair in (column, number)]
        + [one((3, 1, 2))],
        "axes": [
            one(dims, change=(1, flat)),
            one(dims, change=(0, stack)),
            one((1, 3), change=(0, flat)),
            one((3, 1), change=(0, flat)),
            one((1, 3)),
        ],
        "twice": [one(dims), one(dims, d=6)],
    }


def _check_shapes(params, d):
    for W, b in params:
        if W.ndim != 2 or W.shape[1] != d or b.shape != (W.shape[0],):
            return False
        d = W.shape[0]
    return True


bank = Bank()


EXERCISE = Exercise(
    title="Do the layers fit together?",
    signature="check_shapes(params, d)",
    returns="the answer",
    minutes=8,
    lines=5,
    section="Any number of layers",
    draw=_shape_cases,
    oracle=_check_shapes,
    criteria=(
        shape(0.25, "a bool"),
        value(0.5, "fits, or another input size"),
        value(0.5, "a layer that breaks the chain", "chain"),
        value(0.25, "biases that are not (d_k,)", "biases"),
        value(0.25, "weights with another number of axes", "axes"),
        unchanged(0.25),
    ),
    hints=(
        "Walk through the layers with one number in your hand: the size of what comes in. "
        "Which axis of W must equal it, and what is the number after this layer?",
        "W.shape must be (len(b), size) and b.shape must be (W.shape[0],). Compare whole "
        "shapes: a bias of shape (d_k, 1) has d_k rows as well.",
        "for W, b in params:\n"
        "    if W.ndim != 2 or W.shape[1] != d or b.shape != ...:\n"
        "        return False\n"
        "    d = ...\n"
        "return True",
    ),
    bank=bank,
)


@bank.wrong("an answer for each layer", "The question is about the whole network: when do all fit?")
def one_answer_each(params, d):
    sizes = [d, *(len(W) for W, _ in params)]
    return [
        W.ndim == 2 and W.shape[1] == size and b.shape == (len(W),)
        for size, (W, b) in zip(sizes, params, strict=False)
    ]


@bank.wrong(
    "the columns of each W, never the biases",
    "What would NumPy do with a bias of shape (d_k, 1) under a batch?",
)
def only_the_columns(params, d):
    for W, _ in params:
        if W.ndim != 2 or W.shape[1] != d:
            return False
        d = W.shape[0]
    return True


@bank.wrong(
    "the chain between layers, but not the input", "Which size must the first layer accept?"
)
def ignores_input(params, d):
    d = params[0][0].shape[-1]
    for W, b in params:
        if W.ndim != 2 or W.shape[1] != d or b.shape != (W.shape[0],):
            return False
        d = W.shape[0]
    return True


@bank.wrong("a `return True` inside the loop", "How far is the `return True` indented?")
def first_layer_only(params, d):
    for W, b in params:
        if W.ndim != 2 or W.shape[1] != d or b.shape != (W.shape[0],):
            return False
        return True


@bank.wrong(
    "a result overwritten in every round",
    "Layer 1 does not fit, layer 3 does. What does your variable hold in the end?",
)
def last_layer_decides(params, d):
    fits = True
    for W, b in params:
        fits = W.ndim == 2 and W.shape[1] == d and b.shape == (W.shape[0],)
        d = W.shape[0]
    return fits


@bank.wrong(
    "len(b) == d_k, whatever the other axes",
    "A bias of shape (d_k, 1) has length d_k as well. What happens when it is added to a "
    "batch of shape (N, d_k)?",
)
def bias_length(params, d):
    for W, b in params:
        if W.ndim != 2 or W.shape[1] != d or b.ndim == 0 or len(b) != len(W):
            return False
        d = W.shape[0]
    return True


@bank.wrong(
    "b.size == d_k, whatever its axes",
    "A bias of shape (1, d_k) has d_k entries as well. What does the contract say?",
)
def bias_size(params, d):
    for W, b in params:
        if W.ndim != 2 or W.shape[1] != d or b.size != W.shape[0]:
            return False
        d = W.shape[0]
    return True


@bank.wrong(
    "W of shape (d_{k-1}, d_k)",
    "z = W h + b. Does a row of W belong to a unit of the layer, or to an input?",
)
def inputs_in_rows(params, d):
    for W, b in params:
        if W.ndim != 2 or W.shape[0] != d or b.shape != (W.shape[1],):
            return False
        d = W.shape[1]
    return True


@bank.wrong(
    "every layer compared with the input size", "After layer 1, how many numbers come into layer 2?"
)
def forgets_to_move_on(params, d):
    return all(W.ndim == 2 and W.shape[1] == d and b.shape == (len(W),) for W, b in params)


@bank.wrong(
    "a loop that stops before the output layer",
    "L counts the output layer. Which layer does your loop never reach?",
)
def skips_the_last(params, d):
    for k in range(max(1, len(params) - 1)):
        W, b = params[k]
        if W.ndim != 2 or W.shape[1] != d or b.shape != (W.shape[0],):
            return False
        d = W.shape[0]
    return True


@bank.wrong(
    "a forward pass, and whether it raises",
    "NumPy broadcasts what does not fit. Which wrong biases does a forward pass survive?",
)
def tries_it_out(params, d):
    h = np.zeros(d)
    try:
        for W, b in params:
            h = W @ h + b
    except ValueError:
        return False
    return True


@bank.wrong("the first two axes, whatever comes after", "May W have one axis, or three?")
def any_number_of_axes(params, d):
    for W, b in params:
        if W.ndim < 2 or W.shape[1] != d or b.shape != W.shape[:1]:
            return False
        d = W.shape[0]
    return True


@bank.wrong(
    "W.shape[1] of a W that may have no second axis", "What is W.shape[1] if W has one axis only?"
)
def shape_one(params, d):
    for W, b in params:
        if W.shape[1] != d or b.shape != (W.shape[0],):
            return False
        d = W.shape[0]
    return True


@bank.wrong(
    "True when something is wrong", "Is the question whether they fit, or whether they do not?"
)
def upside_down(params, d):
    for W, b in params:
        if W.ndim != 2 or W.shape[1] != d or b.shape != (W.shape[0],):
            return True
        d = W.shape[0]
    return False


@bank.wrong(
    "biases reshaped on the way, in the caller's arrays",
    "You were asked a question about the arrays. Are they the same afterwards?",
)
def repairs_biases(params, d):
    for W, b in params:
        if W.ndim != 2 or W.shape[1] != d or b.shape != (W.shape[0],):
            return False
        b.shape = (-1, 1)
        d = W.shape[0]
    return True


@bank.right("all sizes first")
def all_sizes_first(params, d):
    if any(W.ndim != 2 or b.ndim != 1 for W, b in params):
        return False
    sizes = [d] + [b.shape[0] for _, b in params]
    return all(W.shape == (m, n) for (W, _), n, m in zip(params, sizes, sizes[1:], strict=False))


@bank.right("a forward pass of shapes, errors caught")
def a_forward_pass_of_shapes(params, d):
    try:
        for W, b in params:
            m, n = W.shape
            (k,) = b.shape
            assert n == d and k == m
            d = m
    except (ValueError, AssertionError):
        return False
    return True


@bank.right("recursion, np.bool")
def recursion(params, d):
    def fits(rest, size):
        if not rest:
            return np.bool_(True)
        W, b = rest[0]
        ok = np.shape(W)[1:] == (size,) and np.shape(b) == np.shape(W)[:1]
        return np.bool_(ok and fits(rest[1:], W.shape[0]))

    return fits(list(params), d)
