"""The Jacobians of a batch."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import softmax
from ...reference.gradcheck import complex_step_jacobian
from ..bank import Bank
from .shared import DTYPES, HUGE, JACOBIAN, ROWS, STABLE, jacobian, row_cases


def _softmax_jacobian_batch(Z):
    return np.stack([complex_step_jacobian(softmax, z) for z in Z])


bank = Bank()


EXERCISE = Exercise(
    title="The Jacobians of a batch",
    signature="softmax_jacobian_batch(Z)",
    returns="J",
    minutes=10,
    lines=3,
    section="One Jacobian per example",
    draw=lambda rng: {k: v for k, v in row_cases(rng).items() if k not in ("empty", "far")},
    oracle=_softmax_jacobian_batch,
    criteria=(
        shape(0.5),
        value(1.25),
        value(0.5, HUGE, "huge"),
        value(0.25, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "Example n has the Jacobian of its own row and nothing else. Which three axes does "
        "the answer have, in which order?",
        "Outer products of all rows at once: S[:, :, None] * S[:, None, :] has shape "
        "(N, K, K). The diagonal part is S[:, :, None] * np.eye(K).",
        "S = softmax_rows(Z)\nreturn S[:, :, None] * np.eye(S.shape[1]) - ...",
    ),
    bank=bank,
)


@bank.wrong(
    "diagonals s (1 - s), zeros elsewhere",
    "What happens to the other probabilities when one logit rises?",
    reread=JACOBIAN,
)
def diagonal_only(Z):
    S = softmax(Z)
    return (S * (1 - S))[:, :, None] * np.eye(S.shape[1])


@bank.wrong(
    "-s s^T alone", "When one logit rises, should its own probability fall?", reread=JACOBIAN
)
def no_diagonal_term(Z):
    S = softmax(Z)
    return -S[:, :, None] * S[:, None, :]


@bank.wrong(
    "diag(s) + s s^T", "What must each row of a Jacobian of probabilities sum to?", reread=JACOBIAN
)
def plus(Z):
    S = softmax(Z)
    return S[:, :, None] * np.eye(S.shape[1]) + S[:, :, None] * S[:, None, :]


@bank.wrong(
    "s s^T - diag(s)",
    "When one logit rises, does its own probability rise or fall?",
    reread=JACOBIAN,
)
def sign(Z):
    S = softmax(Z)
    return S[:, :, None] * S[:, None, :] - S[:, :, None] * np.eye(S.shape[1])


@bank.wrong(
    "I - s s^T", "What should stand on the diagonal before s_i^2 is taken away?", reread=JACOBIAN
)
def identity_minus(Z):
    S = softmax(Z)
    return np.eye(S.shape[1]) - S[:, :, None] * S[:, None, :]


@bank.wrong(
    "diag(s) - s z^T",
    "Both factors of the outer product are the same vector. Which one?",
    reread=JACOBIAN,
)
def logits_in_the_product(Z):
    S = softmax(Z)
    return S[:, :, None] * np.eye(S.shape[1]) - S[:, :, None] * Z[:, None, :]


@bank.wrong(
    "s_i (1 - s_j) in every entry",
    "The 1 belongs to i = j alone. What does s_i do when another logit rises?",
    reread=JACOBIAN,
)
def one_minus_everywhere(Z):
    S = softmax(Z)
    return S[:, :, None] * (1 - S)[:, None, :]


@bank.wrong(
    "one softmax over the whole batch",
    "Which entries compete for probability: those of a row, or all?",
    reread=ROWS,
)
def one_softmax(Z):
    S = softmax(Z.ravel()).reshape(Z.shape)
    return S[:, :, None] * np.eye(S.shape[1]) - S[:, :, None] * S[:, None, :]


@bank.wrong(
    "s (1 - s), shape (N, K)",
    "K outputs and K inputs for each example: how many partial derivatives are there?",
    reread=JACOBIAN,
)
def vectors_of_slopes(Z):
    S = softmax(Z)
    return S * (1 - S)


@bank.wrong(
    "the Jacobians of all examples summed",
    "One Jacobian per example: how many axes does the answer have?",
)
def summed(Z):
    S = softmax(Z)
    return np.diag(S.sum(axis=0)) - S.T @ S


@bank.wrong(
    "the first example's Jacobian for all",
    "Which example's probabilities does each layer of your answer use?",
)
def first_for_all(Z):
    return np.stack([jacobian(Z[0])] * len(Z))


@bank.wrong(
    "softmax over columns",
    "One example is one row. Along which axis do its classes lie?",
    reread=ROWS,
)
def columns(Z):
    Z = np.asarray(Z, dtype=float)
    S = softmax(Z.T).T
    return S[:, :, None] * np.eye(S.shape[1]) - S[:, :, None] * S[:, None, :]


@bank.wrong(
    "s_j s_j instead of s_i s_j",
    "Which of the two factors has to change along the rows of J, which along the columns?",
)
def one_index_twice(Z):
    S = softmax(np.asarray(Z, dtype=float))
    return S[:, None, :] * np.eye(S.shape[1]) - S[:, None, :] * S[:, None, :]


@bank.wrong("shape (K, K, N)", "Which axis should number the examples?")
def examples_last(Z):
    return np.stack([jacobian(z) for z in Z], axis=-1)


@bank.wrong("a softmax that overflows", "What does a computer make of exp(1000)?", reread=STABLE)
def no_shift(Z):
    E = np.exp(np.asarray(Z, dtype=float))
    S = E / E.sum(axis=1, keepdims=True)
    return S[:, :, None] * np.eye(S.shape[1]) - S[:, :, None] * S[:, None, :]


@bank.wrong("a softmax that changes the caller's Z", "Who else holds the array Z?", reread=ROWS)
def changes_argument(Z):
    if Z.dtype != np.float64:
        Z = Z.astype(float)
    Z -= Z.max(axis=1, keepdims=True)
    return np.stack([jacobian(z) for z in Z])


@bank.wrong(
    "an output array with the dtype of Z",
    "np.zeros of whole numbers holds whole numbers. What becomes of 0.3 in it?",
)
def stays_integer(Z):
    J = np.zeros((*Z.shape, Z.shape[1]), dtype=Z.dtype)
    for n, z in enumerate(Z):
        J[n] = jacobian(z)
    return J


@bank.right("plain NumPy, in the precision of the input")
def plain_numpy(Z):
    S = softmax(Z)
    return S[:, :, None] * np.eye(S.shape[1], dtype=S.dtype) - S[:, :, None] * S[:, None, :]


bank.habits(lambda Z: np.stack([jacobian(z) for z in Z]))


@bank.right("a loop over examples")
def a_loop_over_examples(Z):
    return [jacobian(z) for z in Z]


@bank.right("einsum")
def einsum(Z):
    S = softmax(Z.astype(float))
    return np.einsum("ni,ij->nij", S, np.eye(S.shape[1])) - np.einsum("ni,nj->nij", S, S)


@bank.right("matmul and a written diagonal")
def matmul_and_a_written_diagonal(Z):
    S = softmax(Z.astype(float))
    J = -np.matmul(S[:, :, None], S[:, None, :])
    K = np.arange(S.shape[1])
    J[:, K, K] += S
    return J


@bank.right("as most people write it")
def as_most_people_write_it(Z):
    S = softmax(Z)
    return S[:, :, None] * (np.eye(Z.shape[1])[None] - S[:, None, :])


@bank.right("a loop into np.zeros")
def a_loop_into_np_zeros(Z):
    N, K = Z.shape
    J = np.zeros((N, K, K))
    for n in range(N):
        s = softmax(Z[n])
        J[n] = np.diag(s) - np.outer(s, s)
    return J
