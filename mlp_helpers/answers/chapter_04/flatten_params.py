"""Flatten."""

from __future__ import annotations

import itertools

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ..bank import Bank
from ..draw import case, strided
from .shared import drawn_params


def _flatten_cases(rng):
    def one(params):
        return case(params, L=len(params), P=sum(W.size + b.size for W, b in params))

    return {
        "generic": [
            one(drawn_params(rng, (5, 7, 11, 3))),
            one(drawn_params(rng, (3, 5, 2))),
            one(drawn_params(rng, (4, 4, 4, 4))),
            one(drawn_params(rng, (7, 2, 13, 5, 3))),
        ],
        "layout": [
            one(drawn_params(rng, (5, 7, 3), array=np.asfortranarray)),
            one(drawn_params(rng, (5, 7, 3), array=strided)),
        ],
        "least": [one(drawn_params(rng, (5, 3))), one(drawn_params(rng, (3, 1)))],
        "twice": [one(drawn_params(rng, (3, 5, 2))) for _ in range(2)],
    }


def _flatten_params(params):
    return np.array([float(v) for pair in params for part in pair for v in part.ravel()])


bank = Bank()


EXERCISE = Exercise(
    title="Flatten",
    signature="flatten_params(params)",
    returns="theta",
    minutes=5,
    lines=1,
    section="All parameters in one vector",
    draw=_flatten_cases,
    oracle=_flatten_params,
    tol=1e-15,
    criteria=(
        shape(0.25),
        value(0.75),
        value(0.25, "any memory layout", "layout"),
        value(0.25, "a single layer", "least"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "Which of the two comes first in each layer, W or b? And in which order do you read "
        "the entries of a matrix, along rows or along columns?",
        "W.ravel() reads row by row. np.concatenate joins a list of one-dimensional arrays: "
        "W_1, b_1, W_2, b_2, ...",
        "return np.concatenate([part.ravel() for ... in params for part in ...])",
    ),
    bank=bank,
)


def joined(parts):
    return np.concatenate([np.ravel(p) for p in parts])


@bank.wrong("b before W in every layer", "Which of the two comes first in each pair?")
def bias_first(params):
    return joined(part for W, b in params for part in (b, W))


@bank.wrong("all weights first, then all biases", "After W_1, what comes next: W_2, or b_1?")
def weights_then_biases(params):
    return joined([W for W, _ in params] + [b for _, b in params])


@bank.wrong("matrices read along their columns", "Row-major: which index changes fastest?")
def column_major(params):
    return joined(part for W, b in params for part in (W.T, b))


@bank.wrong(
    "matrices read as they lie in memory",
    "A transposed matrix lies in memory column by column. Does the order of its entries "
    "change with where they are stored?",
)
def memory_order(params):
    return np.concatenate([p.ravel(order="K") for W, b in params for p in (W, b)])


@bank.wrong("layers from the last to the first", "Which layer comes first?")
def layers_reversed(params):
    return joined(part for W, b in params[::-1] for part in (W, b))


@bank.wrong("the weights alone", "How many numbers has a layer in all?")
def no_biases(params):
    return joined(W for W, _ in params)


@bank.wrong(
    "each bias beside its row of weights",
    "Where do the biases come: after each row, or after the whole matrix?",
)
def bias_as_column(params):
    return joined(np.column_stack([W, b]) for W, b in params)


@bank.wrong(
    "a list of vectors that were never joined", "One vector is asked for. What shape is (P,)?"
)
def list_of_vectors(params):
    return [p.ravel() for W, b in params for p in (W, b)]


@bank.wrong("shape (1, P)", "What shape is (P,)?")
def row_vector(params):
    return joined(p for pair in params for p in pair)[None, :]


@bank.wrong("numbers in float32", "float32 keeps seven digits. Where does the precision get lost?")
def single_precision(params):
    return joined(p for pair in params for p in pair).astype(np.float32)


@bank.wrong("the output layer left out", "L counts the output layer. Are its parameters there?")
def forgets_output_layer(params):
    return joined(p for pair in (params[:-1] or params) for p in pair)


@bank.wrong(
    "an answer for two layers and more",
    "A network may have a single layer. What does your loop start from?",
)
def at_least_two(params):
    (W, b), (V, c) = params[0], params[1]
    return joined([W, b, V, c, *(p for pair in params[2:] for p in pair)])


@bank.wrong(
    "the caller's matrices reshaped",
    "Who else holds the matrices? What shape have they afterwards?",
)
def reshapes_in_place(params):
    out = joined(p for pair in params for p in pair)
    for W, _ in params:
        if W.flags.c_contiguous:
            W.shape = (-1,)
    return out


bank.habits(lambda params: joined(p for pair in params for p in pair))


@bank.right("a loop that fills")
def a_loop_that_fills(params):
    theta, at = np.empty(sum(W.size + b.size for W, b in params)), 0
    for pair in params:
        for part in pair:
            theta[at : at + part.size] = part.reshape(-1)
            at += part.size
    return theta


@bank.right("chained lists")
def chained_lists(params):
    rows = ([*W.tolist(), b.tolist()] for W, b in params)
    return list(itertools.chain.from_iterable(row for layer in rows for row in layer))


@bank.right("np.append, flat iterators")
def np_append(params):
    theta = np.array([])
    for W, b in params:
        theta = np.append(theta, [*W.flat, *b.flat])
    return theta
