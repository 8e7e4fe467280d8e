"""Count a forward pass."""

from __future__ import annotations

import itertools

import numpy as np

from ...checking.criteria import shape, unchanged, value
from ...checking.exercise import Exercise
from ..bank import Bank
from ..draw import case
from .shared import letters


def _macs_cases(rng):
    def one(dims, B):
        return case(list(dims), B, B=B, **letters(dims))

    odd = [int(d) for d in rng.permutation([3, 5, 7, 11, 13, 17])]
    return {
        "generic": [one(odd[:4], 19), one(odd, 23), one((7, 7, 7, 7), 5), one(odd[2:5], 2)],
        "least": [one((5, 3), 7), one(odd[:4], 1), one((11, 1), 13)],
        "large": [one((100_003, 70_001, 50_021, 10), 4099)],
        "twice": [one(odd[:3], 5), one(odd[1:4], 7)],
    }


def _forward_macs(dims, B):
    return float(sum(B * m * n for m, n in zip(dims[1:], dims[:-1], strict=True)))


bank = Bank()


EXERCISE = Exercise(
    title="Count a forward pass",
    signature="forward_macs(dims, B)",
    returns="multiply-accumulates",
    minutes=5,
    lines=1,
    section="What a gradient costs",
    draw=_macs_cases,
    oracle=_forward_macs,
    criteria=(
        shape(0.25, "one number"),
        value(0.75),
        value(0.25, "one layer, one example", "least"),
        value(0.5, "a large net", "large"),
        unchanged(0.25),
    ),
    hints=(
        "How many products does one entry of z_k take, how many entries has z_k, and for how "
        "many examples is it computed?",
        "Layer k: B d_k d_{k-1}. Neighbours in the list dims belong together: "
        "zip(dims[:-1], dims[1:]).",
        "return B * sum(... for m, n in zip(dims[:-1], dims[1:]))",
    ),
    bank=bank,
)


def pairs(dims):
    return list(zip(dims[:-1], dims[1:], strict=True))


@bank.wrong("one more for each bias", "Adding a bias is an addition. Does it multiply?")
def counts_biases(dims, B):
    return B * sum(m * (n + 1) for n, m in pairs(dims))


@bank.wrong(
    "one more for each bias, whatever the batch", "Adding a bias is an addition. Does it multiply?"
)
def counts_biases_once(dims, B):
    return B * sum(m * n for n, m in pairs(dims)) + sum(dims[1:])


@bank.wrong(
    "the number of parameters",
    "How often is each weight used for a batch, and does a bias multiply?",
)
def parameters(dims, B):
    return sum(m * (n + 1) for n, m in pairs(dims))


@bank.wrong(
    "2 n - 1 operations for an entry of z",
    "A multiply-accumulate is one multiplication with its addition. How many has one entry of z?",
)
def products_without_first_sum(dims, B):
    return B * sum(m * (2 * n - 1) for n, m in pairs(dims))


@bank.wrong(
    "additions and multiplications counted one by one",
    "A multiply-accumulate is one multiplication with its addition. How many has one entry of z?",
)
def flops(dims, B):
    return 2 * B * sum(m * n for n, m in pairs(dims))


@bank.wrong("the work of one example", "How often is it done for a batch?")
def one_example(dims, B):
    return sum(m * n for n, m in pairs(dims))


@bank.wrong("B times the number of units", "How many products does one unit need?")
def units(dims, B):
    return B * sum(dims[1:])


@bank.wrong("all sizes multiplied", "Does layer 2 run once per unit of layer 1, or once?")
def product_of_sizes(dims, B):
    out = B
    for d in dims:
        out *= d
    return out


@bank.wrong("d_k squared", "W_k is a matrix of two sizes. Which two?")
def squares(dims, B):
    return B * sum(d * d for d in dims[1:])


@bank.wrong("the output layer left out", "L counts the output layer. Does it cost nothing?")
def no_output_layer(dims, B):
    return B * sum(m * n for n, m in pairs(dims)[:-1])


@bank.wrong("the first layer left out", "Where does the input come in?")
def hidden_only(dims, B):
    return B * sum(m * n for n, m in pairs(dims)[1:])


@bank.wrong(
    "the last size multiplied by the first as well", "How many layers lie between L + 1 sizes?"
)
def cyclic(dims, B):
    return B * int(np.dot(dims, np.roll(dims, 1)))


@bank.wrong("32-bit integers", "What is the largest number that 32 bits hold?")
def overflows(dims, B):
    d = np.array(dims, dtype=np.int32)
    return int(np.int32(B) * np.sum(d[:-1] * d[1:], dtype=np.int32))


@bank.wrong("three times the forward pass", "Is the backward pass asked for as well?")
def forward_and_backward(dims, B):
    return 3 * B * sum(m * n for n, m in pairs(dims))


@bank.wrong(
    "one number per layer, not added up", "How many numbers should come out: one per layer, or one?"
)
def list_per_layer(dims, B):
    return [B * m * n for n, m in pairs(dims)]


@bank.wrong("the first two layers only", "How many layers has a list of five sizes?")
def two_layers(dims, B):
    return B * (dims[0] * dims[1] + (dims[1] * dims[2] if len(dims) > 2 else 0))


@bank.wrong(
    "dims[2], which may not exist", "A network may have a single layer. Which sizes has it?"
)
def needs_two_layers(dims, B):
    return B * (dims[0] * dims[1] + dims[1] * dims[2] + sum(m * n for n, m in pairs(dims)[2:]))


@bank.wrong("dims.pop(0), which empties the caller's list", "Who else holds the list dims?")
def empties_the_list(dims, B):
    total = 0
    while len(dims) > 1:
        n = dims.pop(0)
        total += B * n * dims[0]
    return total


@bank.right("a dot product of neighbours")
def a_dot_product_of_neighbours(dims, B):
    d = np.array(dims, dtype=float)
    return B * float(d[1:] @ d[:-1])


@bank.right("indices, NumPy integer")
def indices(dims, B):
    total = np.int64(0)
    for k in range(1, len(dims)):
        total += np.int64(B) * dims[k] * dims[k - 1]
    return total


@bank.right("itertools")
def itertools_(dims, B):
    return sum(B * a * b for a, b in itertools.pairwise(dims))
