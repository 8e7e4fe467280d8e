"""The forward pass."""

from __future__ import annotations

import math

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import logsumexp, softmax
from ..bank import Bank
from ..draw import case
from .shared import (
    DTYPES,
    SATURATED,
    awkward_layout,
    floats,
    logits_of,
    network,
    saturated_net,
    sigmoid,
    single_network,
    whole_network,
)


def _logits_cases(rng):
    def one(args, **more):
        W, V, _, _, X = args
        return case(*args, **more, N=len(X), p=X.shape[1], M=len(W), K=len(V))

    return {
        "generic": [
            one(network(rng, 7, 3, 11, 5)),
            one(awkward_layout(network(rng, 11, 7, 3, 5))),
            one(network(rng, 5, 5, 5, 5)),
            one(network(rng, 1, 3, 7, 5)),
            one(network(rng, 1, 1, 1, 2)),
            one(network(rng, 61, 31, 23, 13)),
        ],
        "saturated": [one(saturated_net(rng, 5, 11, 7, 3), scale=1.0)],
        "dtypes": [
            one(whole_network(rng, 11, 3, 7, 5), scale=1.0),
            one(single_network(rng, 11, 3, 7, 5)),
        ],
        "twice": [one(network(rng, 5, 3, 7, 11)) for _ in range(2)],
    }


bank = Bank()


EXERCISE = Exercise(
    title="The forward pass",
    signature="predict_logits(W, V, b, c, X)",
    returns="F",
    minutes=10,
    lines=2,
    section="The network, line by line",
    draw=_logits_cases,
    oracle=logits_of,
    criteria=(
        shape(0.5),
        value(1.25),
        value(0.5, SATURATED, "saturated"),
        value(0.25, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "For one example the first step is b + W x. In a batch the examples are rows of X. "
        "Which product of X and W has one row per example and one column per hidden unit?",
        "H = tanh(X W^T + b), shape (N, M), and F = H V^T + c, shape (N, K). The biases "
        "broadcast over the rows. np.tanh is safe for any input.",
        "H = np.tanh(X @ ... + b)\nreturn H @ ... + c",
    ),
    bank=bank,
)


def right_logits(W, V, b, c, X):
    W, V, b, c, X = floats(W, V, b, c, X)
    return np.tanh(X @ W.T + b) @ V.T + c


@bank.wrong(
    "a network without its tanh",
    "Two linear maps after each other are one linear map. What should stand between them?",
)
def no_tanh(W, V, b, c, X):
    W, V, b, c, X = floats(W, V, b, c, X)
    return (X @ W.T + b) @ V.T + c


@bank.wrong(
    "sigmoid units instead of tanh units",
    "Both are S-shaped. Which values does each take at 0 and far to the left?",
)
def sigmoid_(W, V, b, c, X):
    W, V, b, c, X = floats(W, V, b, c, X)
    return sigmoid(X @ W.T + b) @ V.T + c


@bank.wrong(
    "a tanh around the output as well", "Can a logit be larger than 1 in your version? Should it?"
)
def tanh_of_output(W, V, b, c, X):
    return np.tanh(right_logits(W, V, b, c, X))


@bank.wrong(
    "probabilities instead of logits",
    "The function is called predict_logits. Which step is one too many?",
)
def probabilities(W, V, b, c, X):
    return softmax(right_logits(W, V, b, c, X))


@bank.wrong(
    "log-probabilities instead of logits",
    "The function is called predict_logits. Which step is one too many?",
)
def log_probabilities(W, V, b, c, X):
    F = right_logits(W, V, b, c, X)
    return F - logsumexp(F)[:, None]


@bank.wrong("2 sigma(s) - 1, which is tanh(s/2)", "tanh has slope 1 at 0. Which slope has yours?")
def half_steep(W, V, b, c, X):
    W, V, b, c, X = floats(W, V, b, c, X)
    return (2 * sigmoid(X @ W.T + b) - 1) @ V.T + c


@bank.wrong(
    "the hidden bias b left out", "Which of the four parameters does your code never touch?"
)
def no_hidden_bias(W, V, b, c, X):
    return right_logits(W, V, np.zeros(len(b)), c, X)


@bank.wrong(
    "the output bias c left out", "Which of the four parameters does your code never touch?"
)
def no_output_bias(W, V, b, c, X):
    return right_logits(W, V, b, np.zeros(len(c)), X)


@bank.wrong("both biases left out", "Which two of the four parameters does your code never touch?")
def no_biases(W, V, b, c, X):
    return right_logits(W, V, np.zeros(len(b)), np.zeros(len(c)), X)


@bank.wrong(
    "b added after the tanh", "Is b added to what goes into the tanh, or to what comes out?"
)
def bias_outside(W, V, b, c, X):
    W, V, b, c, X = floats(W, V, b, c, X)
    return (np.tanh(X @ W.T) + b) @ V.T + c


@bank.wrong("b subtracted, as a threshold", "Which sign has b in f(x) = c + V tanh(b + Wx)?")
def minus_bias(W, V, b, c, X):
    return right_logits(W, V, -np.asarray(b), c, X)


@bank.wrong("ReLU units instead of tanh units", "What does tanh make of a negative pre-activation?")
def relu(W, V, b, c, X):
    W, V, b, c, X = floats(W, V, b, c, X)
    return np.maximum(X @ W.T + b, 0) @ V.T + c


@bank.wrong(
    "tanh as a quotient of exponentials",
    "What is (e^{2a} - 1)/(e^{2a} + 1) on a computer when a = 1000?",
)
def tanh_by_exponentials(W, V, b, c, X):
    W, V, b, c, X = floats(W, V, b, c, X)
    E = np.exp(2 * (X @ W.T + b))
    return ((E - 1) / (E + 1)) @ V.T + c


@bank.wrong(
    "pre-activations cut off at 1.5",
    "tanh(1.5) is 0.91, and tanh(3) is 0.995. What does the cut change?",
)
def clipped(W, V, b, c, X):
    W, V, b, c, X = floats(W, V, b, c, X)
    return np.tanh(np.clip(X @ W.T + b, -1.5, 1.5)) @ V.T + c


@bank.wrong(
    "X W in place of X W^T",
    "Rows of X are examples, rows of W are units. Along which axes do they meet?",
)
def not_transposed(W, V, b, c, X):
    return right_logits(W.T, V, b, c, X)


@bank.wrong(
    "H V in place of H V^T",
    "Rows of H are examples, rows of V are classes. Along which axes do they meet?",
)
def V_not_transposed(W, V, b, c, X):
    return right_logits(W, V.T, b, c, X)


@bank.wrong(
    "the lines for one example, given a batch",
    "X has one example per row, x is a column. What becomes of W x for a stack of rows?",
)
def columns_expected(W, V, b, c, X):
    return V @ np.tanh(W @ X + b) + c


@bank.wrong(
    "one column per example",
    "Examples are rows everywhere in this course. What is the shape of your answer?",
)
def classes_first(W, V, b, c, X):
    return right_logits(W, V, b, c, X).T


@bank.wrong("the first example only", "How many rows has X, and how many has your answer?")
def first_example(W, V, b, c, X):
    return right_logits(W, V, b, c, X)[0]


@bank.wrong(
    "axes of length 1 removed",
    "A batch of one example is still a batch. Which shape should it have?",
)
def squeezed(W, V, b, c, X):
    return np.squeeze(right_logits(W, V, b, c, X))


@bank.right("plain NumPy: the precision that came in")
def plain_numpy(W, V, b, c, X):
    return np.tanh(X @ W.T + b) @ V.T + c


@bank.wrong(
    "an output array with the dtype of X",
    "np.zeros_like of whole numbers holds whole numbers. What becomes of 0.3 in it?",
)
def whole_numbers(W, V, b, c, X):
    F = np.zeros((len(X), len(V)), dtype=X.dtype)
    F[...] = right_logits(W, V, b, c, X)
    return F


@bank.wrong(
    "X centred in place", "Nobody asked for centred inputs, and who else holds the array X?"
)
def changes_argument(W, V, b, c, X):
    F = right_logits(W, V, b, c, X)
    X -= X.mean(axis=0).astype(X.dtype)
    return F


@bank.wrong(
    "an answer rounded to a few digits",
    "What do the next steps compute with: what you print, or what you return?",
)
def rounded(W, V, b, c, X):
    return np.round(right_logits(W, V, b, c, X), 6)


bank.for_numbers(math=lambda W, V, b, c, X: math.tanh(X @ W.T + b) @ V.T + c)


bank.habits(right_logits)


@bank.right("loops")
def loops(W, V, b, c, X):
    rows = []
    for x in X:
        h = [
            math.tanh(float(b[m]) + sum(float(W[m, j]) * float(x[j]) for j in range(len(x))))
            for m in range(len(b))
        ]
        rows.append(
            [float(c[k]) + sum(float(V[k, m]) * h[m] for m in range(len(h))) for k in range(len(c))]
        )
    return rows


@bank.right("einsum")
def einsum(W, V, b, c, X):
    W, V, b, c, X = floats(W, V, b, c, X)
    H = np.tanh(np.einsum("mp,np->nm", W, X) + b)
    return c + np.einsum("km,nm->nk", V, H)


@bank.right("biases as weights of a constant input")
def biases_as_weights_of_a_constant_input(W, V, b, c, X):
    W, V, b, c, X = floats(W, V, b, c, X)
    one = np.ones((len(X), 1))
    H = np.tanh(np.hstack([one, X]) @ np.column_stack([b, W]).T)
    return np.hstack([one, H]) @ np.column_stack([c, V]).T


@bank.right("columns, transposed at the end, tanh through the sigmoid")
def columns(W, V, b, c, X):
    W, V, b, c, X = floats(W, V, b, c, X)
    H = 2 * sigmoid(2 * (W @ X.T + b[:, None])) - 1
    return (V @ H + c[:, None]).T
