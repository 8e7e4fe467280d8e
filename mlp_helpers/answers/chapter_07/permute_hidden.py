"""Rename the hidden units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...checking.compare import compare
from ...checking.criteria import own_memory, shape, stable, unchanged, value
from ...checking.exercise import Criterion, Exercise
from ...checking.finding import Finding
from ..bank import Bank
from ..draw import case, strided, whole
from .shared import DTYPES, wrong, wrong_structure


def _cycle(rng, M):
    """A permutation in which no unit stays and that is not its own inverse."""
    order, perm = rng.permutation(M), np.empty(M, dtype=np.int64)
    perm[order] = np.roll(order, -1)
    return perm


def _permute_cases(rng):
    def one(p, M, K, layout=np.asarray, perm=None):
        arrays = rng.standard_normal((M, p)), rng.standard_normal(M), rng.standard_normal((K, M))
        perm = _cycle(rng, M) if perm is None else perm
        return case(*map(layout, arrays), layout(perm), p=p, M=M, K=K)

    whole_case = case(
        whole(rng, 5, 3), whole(rng, 5), whole(rng, 7, 5), _cycle(rng, 5), p=3, M=5, K=7
    )
    W, b, V, perm = one(7, 5, 3).args
    single = case(*(a.astype(np.float32) for a in (W, b, V)), perm, p=7, M=5, K=3)
    return {
        "generic": [
            one(3, 7, 5),
            one(7, 5, 3, layout=strided),
            one(5, 11, 7),
            one(5, 5, 5),
            one(11, 3, 2),
        ],
        "identity": [one(3, 7, 5, perm=np.arange(7))],
        "dtypes": [whole_case, single],
        "twice": [one(3, 7, 5) for _ in range(2)],
    }


def _permute_hidden(W, b, V, perm):
    W, b, V = (np.asarray(a, dtype=float) for a in (W, b, V))
    return W[perm], b[perm], V[:, perm]


def function_is_the_same(trial, group):
    """The network with the returned parameters computes what it did before."""
    for case_, answer in zip(trial.cases[group], trial.answers(group), strict=True):
        if finding := wrong_structure(trial, case_, answer):
            return finding
        W, b, V, _ = case_.args
        x = np.cos(1.0 + np.arange(W.shape[1]))
        before = V @ np.tanh(W @ x + b)
        W, b, V = (np.asarray(a, dtype=np.float64) for a in answer.value)
        wanted = replace(trial.expected(case_), value=before, names="f(x)", scale=1.0)
        if (difference := compare(V @ np.tanh(W @ x + b), wanted)) is not None:
            return Finding(f"another function: {difference.message}", difference, case=case_.note)
    return None


bank = Bank()


EXERCISE = Exercise(
    title="Rename the hidden units",
    signature="permute_hidden(W, b, V, perm)",
    returns=("W'", "b'", "V'"),
    minutes=6,
    lines=1,
    section="The same function under another name",
    draw=_permute_cases,
    oracle=_permute_hidden,
    criteria=(
        shape(0.5),
        Criterion("the same function", 1.0, function_is_the_same),
        value(0.5, "new unit i is old unit perm[i]"),
        value(0.25, DTYPES, "dtypes"),
        own_memory(0.25, group="identity"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "A hidden unit owns a row of W, an entry of b, and something in V. What, a row or a "
        "column?",
        "New unit i takes row perm[i] of W, entry perm[i] of b and column perm[i] of V. All "
        "three move together.",
        "return W[perm], b[...], V[..., ...]",
    ),
    bank=bank,
)


NAMES = "The same function under another name"


def renamed(W, b, V, perm):
    return W[perm], b[perm], V[:, perm]


wrong_names = wrong(bank, NAMES)


wrong_names(
    "rows_of_V",
    "rows of V instead of columns",
    "V has shape (K, M). Which of its axes runs over the hidden units?",
    lambda W, b, V, perm: (
        W[perm],
        b[perm],
        V[np.asarray(perm) % len(V)] if len(V) != len(b) else V[perm],
    ),
)


wrong_names(
    "columns_of_W",
    "columns of W instead of rows",
    "W has shape (M, p). Which of its axes runs over the hidden units?",
    lambda W, b, V, perm: (
        W[:, perm] if W.shape[0] == W.shape[1] else W[:, np.arange(W.shape[1])[::-1]],
        b[perm],
        V[:, perm],
    ),
)


wrong_names(
    "V_left_out",
    "V left where it was",
    "Who listens to a hidden unit, and to which one now?",
    lambda W, b, V, perm: (W[perm], b[perm], V.copy()),
)


wrong_names(
    "b_left_out",
    "b left where it was",
    "Does a unit move without its bias?",
    lambda W, b, V, perm: (W[perm], b.copy(), V[:, perm]),
)


wrong_names(
    "W_left_out",
    "W left where it was",
    "Does a unit move without its incoming weights?",
    lambda W, b, V, perm: (W.copy(), b[perm], V[:, perm]),
)


wrong_names(
    "inverse",
    "the inverse permutation for all three",
    "The function is the same. But is new unit i old unit perm[i], or the other way round?",
    lambda W, b, V, perm: renamed(W, b, V, np.argsort(perm)),
)


wrong_names(
    "inverse_for_V",
    "the inverse permutation for V",
    "If unit i came from perm[i], from where does its column come?",
    lambda W, b, V, perm: (W[perm], b[perm], V[:, np.argsort(perm)]),
)


wrong_names(
    "inverse_for_b",
    "the inverse permutation for b",
    "If unit i came from perm[i], from where does its bias come?",
    lambda W, b, V, perm: (W[perm], b[np.argsort(perm)], V[:, perm]),
)


wrong_names(
    "reversed",
    "the units in reverse order, whatever perm is",
    "What is perm for?",
    lambda W, b, V, perm: (W[::-1], b[::-1], V[:, ::-1]),
)


wrong_names(
    "unchanged",
    "everything as it was",
    "Is unit 0 still unit 0 after the call?",
    lambda W, b, V, perm: (W.copy(), b.copy(), V.copy()),
)


wrong_names(
    "rolled",
    "a shift by one, whatever perm is",
    "What is perm for?",
    lambda W, b, V, perm: (np.roll(W, 1, 0), np.roll(b, 1), np.roll(V, 1, 1)),
)


wrong_names(
    "own_permutation",
    "a permutation of its own",
    "Which permutation did the caller ask for?",
    lambda W, b, V, perm: renamed(W, b, V, np.argsort(b)),
)


wrong_names(
    "twice",
    "perm applied twice",
    "How often should the units move?",
    lambda W, b, V, perm: renamed(*renamed(W, b, V, perm), perm),
)


wrong_names(
    "order",
    "b, W, V instead of W, b, V",
    "In which order does the contract ask for the three?",
    lambda W, b, V, perm: (b[perm], W[perm], V[:, perm]),
)


wrong_names(
    "no_V",
    "W and b without V",
    "How many arrays does the contract return?",
    lambda W, b, V, perm: (W[perm], b[perm]),
)


wrong_names(
    "V_transposed",
    "V' transposed",
    "Which shape has V?",
    lambda W, b, V, perm: (W[perm], b[perm], V.T[perm]),
)


wrong_names(
    "bias_column",
    "b' as a column",
    "Which shape has b?",
    lambda W, b, V, perm: (W[perm], b[perm][:, None], V[:, perm]),
)


wrong_names(
    "sign_flips",
    "signs flipped as well",
    "tanh is odd, so the function is the same. But is new unit i old unit perm[i]?",
    lambda W, b, V, perm: (-W[perm], -b[perm], -V[:, perm]),
)


wrong_names(
    "single_precision",
    "numbers in float32",
    "float32 keeps seven digits. Does moving a number ask for rounding it?",
    lambda *args: tuple(a.astype(np.float32) for a in renamed(*args)),
)


wrong_names(
    "whole_numbers",
    "float32 numbers truncated on the way",
    "Which dtype should the arrays have, so that nothing is lost?",
    lambda W, b, V, perm: tuple(
        a.astype(np.float16).astype(float) if a.dtype == np.float32 else a
        for a in renamed(W, b, V, perm)
    ),
)


@bank.wrong(
    "the same arrays where perm changes nothing",
    "Your caller will train the copy. What happens to the original?",
)
def shares_memory(W, b, V, perm):
    if (np.asarray(perm) == np.arange(len(b))).all():
        return W, b, V
    return renamed(W, b, V, perm)


@bank.wrong("W[:] = ..., which changes the caller's array", "Who else holds the array W?")
def changes_argument(W, b, V, perm):
    new = renamed(W, b, V, perm)
    W[...] = new[0]
    return new


bank.habits(renamed)


@bank.right("np.take")
def np_take(W, b, V, perm):
    return np.take(W, perm, axis=0), np.take(b, perm), np.take(V, perm, axis=1)


@bank.right("a permutation matrix")
def a_permutation_matrix(W, b, V, perm):
    Q = np.eye(len(perm))[perm]
    return Q @ W, Q @ b, V @ Q.T


@bank.right("loops, nested lists")
def loops(W, b, V, perm):
    return (
        [[float(w) for w in W[i]] for i in perm],
        [float(b[i]) for i in perm],
        [[float(row[i]) for i in perm] for row in V],
    )


@bank.right("scatter with the inverse")
def scatter_with_the_inverse(W, b, V, perm):
    back = np.argsort(perm)
    new = [np.empty_like(a, dtype=float) for a in (W, b, V)]
    new[0][back], new[1][back], new[2][:, back] = W, b, V
    return new
