"""Known wrong and right implementations of chapter 03 (S0)."""

from __future__ import annotations

import math

import numpy as np

from ...activations import logsumexp, softmax
from . import Bank

bank = Bank()

FORWARD = "The network, line by line"
DECIDE = "From logits to a decision"
LOSS = "How wrong is the network?"
BACKWARD = "Back through the network"
HIDDEN = "Through the hidden units"
BATCH = "From one example to a batch"
STEP = "A step with a memory"
TRAIN = "The whole descent"


def floats(*arrays):
    return tuple(np.asarray(a, dtype=float) for a in arrays)


def hot(y, K):
    return (np.arange(K) == np.asarray(y)[:, None]).astype(float)


def sigmoid(a):
    return 0.5 * (1.0 + np.tanh(0.5 * a))


# predict_logits -----------------------------------------------------------------------------------


def _logits(W, V, b, c, X):
    W, V, b, c, X = floats(W, V, b, c, X)
    return np.tanh(X @ W.T + b) @ V.T + c


@bank.wrong("predict_logits", "no_tanh", "a network without its tanh",
            "Two linear maps after each other are one linear map. What should stand between them?",
            FORWARD)
def _(W, V, b, c, X):
    W, V, b, c, X = floats(W, V, b, c, X)
    return (X @ W.T + b) @ V.T + c


@bank.wrong("predict_logits", "sigmoid", "sigmoid units instead of tanh units",
            "Both are S-shaped. Which values does each take at 0 and far to the left?", FORWARD)
def _(W, V, b, c, X):
    W, V, b, c, X = floats(W, V, b, c, X)
    return sigmoid(X @ W.T + b) @ V.T + c


@bank.wrong("predict_logits", "tanh_of_output", "a tanh around the output as well",
            "Can a logit be larger than 1 in your version? Should it?", FORWARD)
def _(W, V, b, c, X):
    return np.tanh(_logits(W, V, b, c, X))


@bank.wrong("predict_logits", "probabilities", "probabilities instead of logits",
            "The function is called predict_logits. Which step is one too many?", FORWARD)
def _(W, V, b, c, X):
    return softmax(_logits(W, V, b, c, X))


@bank.wrong("predict_logits", "log_probabilities", "log-probabilities instead of logits",
            "The function is called predict_logits. Which step is one too many?", FORWARD)
def _(W, V, b, c, X):
    F = _logits(W, V, b, c, X)
    return F - logsumexp(F)[:, None]


@bank.wrong("predict_logits", "half_steep", "2 sigma(s) - 1, which is tanh(s/2)",
            "tanh has slope 1 at 0. Which slope has yours?", FORWARD)
def _(W, V, b, c, X):
    W, V, b, c, X = floats(W, V, b, c, X)
    return (2 * sigmoid(X @ W.T + b) - 1) @ V.T + c


@bank.wrong("predict_logits", "no_hidden_bias", "the hidden bias b left out",
            "Which of the four parameters does your code never touch?", FORWARD)
def _(W, V, b, c, X):
    return _logits(W, V, np.zeros(len(b)), c, X)


@bank.wrong("predict_logits", "no_output_bias", "the output bias c left out",
            "Which of the four parameters does your code never touch?", FORWARD)
def _(W, V, b, c, X):
    return _logits(W, V, b, np.zeros(len(c)), X)


@bank.wrong("predict_logits", "no_biases", "both biases left out",
            "Which two of the four parameters does your code never touch?", FORWARD)
def _(W, V, b, c, X):
    return _logits(W, V, np.zeros(len(b)), np.zeros(len(c)), X)


@bank.wrong("predict_logits", "bias_outside", "b added after the tanh",
            "Is b added to what goes into the tanh, or to what comes out?", FORWARD)
def _(W, V, b, c, X):
    W, V, b, c, X = floats(W, V, b, c, X)
    return (np.tanh(X @ W.T) + b) @ V.T + c


@bank.wrong("predict_logits", "minus_bias", "b subtracted, as a threshold",
            "Which sign has b in f(x) = c + V tanh(b + Wx)?", FORWARD)
def _(W, V, b, c, X):
    return _logits(W, V, -np.asarray(b), c, X)


@bank.wrong("predict_logits", "relu", "ReLU units instead of tanh units",
            "What does tanh make of a negative pre-activation?", FORWARD)
def _(W, V, b, c, X):
    W, V, b, c, X = floats(W, V, b, c, X)
    return np.maximum(X @ W.T + b, 0) @ V.T + c


@bank.wrong("predict_logits", "tanh_by_exponentials", "tanh as a quotient of exponentials",
            "What is (e^{2a} - 1)/(e^{2a} + 1) on a computer when a = 1000?", FORWARD)
def _(W, V, b, c, X):
    W, V, b, c, X = floats(W, V, b, c, X)
    E = np.exp(2 * (X @ W.T + b))
    return ((E - 1) / (E + 1)) @ V.T + c


@bank.wrong("predict_logits", "clipped", "pre-activations cut off at 1.5",
            "tanh(1.5) is 0.91, and tanh(3) is 0.995. What does the cut change?", FORWARD)
def _(W, V, b, c, X):
    W, V, b, c, X = floats(W, V, b, c, X)
    return np.tanh(np.clip(X @ W.T + b, -1.5, 1.5)) @ V.T + c


@bank.wrong("predict_logits", "not_transposed", "X W in place of X W^T",
            "Rows of X are examples, rows of W are units. Along which axes do they meet?", FORWARD)
def _(W, V, b, c, X):
    return _logits(W.T, V, b, c, X)


@bank.wrong("predict_logits", "V_not_transposed", "H V in place of H V^T",
            "Rows of H are examples, rows of V are classes. Along which axes do they meet?",
            FORWARD)
def _(W, V, b, c, X):
    return _logits(W, V.T, b, c, X)


@bank.wrong("predict_logits", "columns_expected", "the lines for one example, given a batch",
            "X has one example per row, x is a column. What becomes of W x for a stack of rows?",
            FORWARD)
def _(W, V, b, c, X):
    return V @ np.tanh(W @ X + b) + c


@bank.wrong("predict_logits", "classes_first", "one column per example",
            "Examples are rows everywhere in this course. What is the shape of your answer?",
            FORWARD)
def _(W, V, b, c, X):
    return _logits(W, V, b, c, X).T


@bank.wrong("predict_logits", "first_example", "the first example only",
            "How many rows has X, and how many has your answer?", FORWARD)
def _(W, V, b, c, X):
    return _logits(W, V, b, c, X)[0]


@bank.wrong("predict_logits", "squeezed", "axes of length 1 removed",
            "A batch of one example is still a batch. Which shape should it have?", FORWARD)
def _(W, V, b, c, X):
    return np.squeeze(_logits(W, V, b, c, X))


@bank.right("predict_logits", "plain NumPy: the precision that came in")
def _(W, V, b, c, X):
    return np.tanh(X @ W.T + b) @ V.T + c


@bank.wrong("predict_logits", "whole_numbers", "an output array with the dtype of X",
            "np.zeros_like of whole numbers holds whole numbers. What becomes of 0.3 in it?",
            FORWARD)
def _(W, V, b, c, X):
    F = np.zeros((len(X), len(V)), dtype=X.dtype)
    F[...] = _logits(W, V, b, c, X)
    return F


@bank.wrong("predict_logits", "changes_argument", "X centred in place",
            "Nobody asked for centred inputs, and who else holds the array X?", FORWARD)
def _(W, V, b, c, X):
    F = _logits(W, V, b, c, X)
    X -= X.mean(axis=0).astype(X.dtype)
    return F


@bank.wrong("predict_logits", "rounded", "an answer rounded to a few digits",
            "What do the next steps compute with: what you print, or what you return?", FORWARD)
def _(W, V, b, c, X):
    return np.round(_logits(W, V, b, c, X), 6)


bank.for_numbers("predict_logits", math=lambda W, V, b, c, X: math.tanh(X @ W.T + b) @ V.T + c)
bank.habits("predict_logits", _logits)


@bank.right("predict_logits", "loops")
def _(W, V, b, c, X):
    rows = []
    for x in X:
        h = [math.tanh(float(b[m]) + sum(float(W[m, j]) * float(x[j]) for j in range(len(x))))
             for m in range(len(b))]
        rows.append([float(c[k]) + sum(float(V[k, m]) * h[m] for m in range(len(h)))
                     for k in range(len(c))])
    return rows


@bank.right("predict_logits", "einsum")
def _(W, V, b, c, X):
    W, V, b, c, X = floats(W, V, b, c, X)
    H = np.tanh(np.einsum("mp,np->nm", W, X) + b)
    return c + np.einsum("km,nm->nk", V, H)


@bank.right("predict_logits", "biases as weights of a constant input")
def _(W, V, b, c, X):
    W, V, b, c, X = floats(W, V, b, c, X)
    one = np.ones((len(X), 1))
    H = np.tanh(np.hstack([one, X]) @ np.column_stack([b, W]).T)
    return np.hstack([one, H]) @ np.column_stack([c, V]).T


@bank.right("predict_logits", "columns, transposed at the end, tanh through the sigmoid")
def _(W, V, b, c, X):
    W, V, b, c, X = floats(W, V, b, c, X)
    H = 2 * sigmoid(2 * (W @ X.T + b[:, None])) - 1
    return (V @ H + c[:, None]).T


# predict_class ------------------------------------------------------------------------------------


def _classes(F):
    return np.argmax(F, axis=1)


@bank.wrong("predict_class", "along_columns", "the best example of each class",
            "One answer per example. Along which axis do the classes of an example lie?", DECIDE)
def _(F):
    return np.argmax(F, axis=0)


@bank.wrong("predict_class", "flattened", "argmax over the whole batch",
            "How many answers should a batch of N examples have?", DECIDE)
def _(F):
    return np.argmax(F)


@bank.wrong("predict_class", "the_largest_logit", "the largest logit itself",
            "Do you want to know how large it is, or where it stands?", DECIDE)
def _(F):
    return np.max(F, axis=1)


@bank.wrong("predict_class", "last_of_ties", "the last of equal logits",
            "When two classes have the same logit, which of them comes first?", DECIDE)
def _(F):
    return F.shape[1] - 1 - np.argmax(F[:, ::-1], axis=1)


@bank.wrong("predict_class", "all_of_ties", "every place of the largest logit",
            "When two classes have the same logit, how many answers does the row give?", DECIDE)
def _(F):
    return np.where(F == F.max(axis=1, keepdims=True))[1]


@bank.wrong("predict_class", "counts_from_one", "classes counted from 1",
            "Labels here run from 0 to K-1. Which is the first class?", DECIDE)
def _(F):
    return np.argmax(F, axis=1) + 1


@bank.wrong("predict_class", "smallest", "the class with the smallest logit",
            "Does a large logit speak for a class or against it?", DECIDE)
def _(F):
    return np.argmin(F, axis=1)


@bank.wrong("predict_class", "largest_size", "the logit that is largest in size, sign ignored",
            "Is a logit of -5 a good or a bad sign for its class?", DECIDE)
def _(F):
    return np.argmax(np.abs(F), axis=1)


@bank.wrong("predict_class", "one_hot", "one-hot rows",
            "Is the answer a class number or a vector per example?", DECIDE)
def _(F):
    return hot(np.argmax(F, axis=1), F.shape[1])


@bank.wrong("predict_class", "floats", "class numbers as floats",
            "You will use the classes as indices. Which dtype can index an array?", DECIDE)
def _(F):
    return np.argmax(F, axis=1).astype(float)


@bank.wrong("predict_class", "keeps_a_column", "shape (N, 1)",
            "One number per example: is that a column or a vector?", DECIDE)
def _(F):
    return np.argmax(F, axis=1)[:, None]


@bank.wrong("predict_class", "more_than_half", "the class with more than half of the probability",
            "With five classes, must any of them reach one half?", DECIDE)
def _(F):
    return np.argmax(softmax(F) > 0.5, axis=1)


@bank.wrong("predict_class", "starts_at_zero", "a running maximum that starts at 0",
            "What if all logits of a row are negative?", DECIDE)
def _(F):
    out = []
    for row in F:
        best, place = 0.0, 0
        for k, f in enumerate(row):
            if f > best:
                best, place = f, k
        out.append(place)
    return np.array(out)


@bank.wrong("predict_class", "skips_the_last", "the last class never considered",
            "Up to which number does range(K - 1) run?", DECIDE)
def _(F):
    return np.argmax(F[:, :-1], axis=1)


@bank.wrong("predict_class", "softmax_overflows", "exp of the logits before comparing",
            "What does a computer make of exp(1000), and do you need probabilities at all?",
            DECIDE)
def _(F):
    E = np.exp(np.asarray(F, dtype=float))
    return np.argmax(E / E.sum(axis=1, keepdims=True), axis=1)


@bank.wrong("predict_class", "rounded", "logits rounded (or cut to float32) before comparing",
            "Two logits may differ in the ninth digit. Which class is ahead then?", DECIDE)
def _(F):
    return np.argmax(np.round(F, 6), axis=1)


@bank.wrong("predict_class", "changes_argument", "the winners crossed out in the caller's F",
            "Who else holds the array F?", DECIDE)
def _(F):
    out = np.argmax(F, axis=1)
    F[np.arange(len(F)), out] = F.min() - 1
    return out


bank.habits("predict_class", _classes)


@bank.right("predict_class", "the method, one row at a time")
def _(F):
    return np.array([row.argmax() for row in F])


@bank.right("predict_class", "loops")
def _(F):
    out = []
    for row in F:
        place = 0
        for k in range(1, len(row)):
            if row[k] > row[place]:
                place = k
        out.append(place)
    return out


@bank.right("predict_class", "first column equal to the row's maximum")
def _(F):
    return (F == F.max(axis=1, keepdims=True)).argmax(axis=1)


@bank.right("predict_class", "a stable sort of the negatives")
def _(F):
    return np.argsort(-np.asarray(F, dtype=float), axis=1, kind="stable")[:, 0]


@bank.right("predict_class", "through a stable softmax")
def _(F):
    F = np.asarray(F, dtype=float)
    E = np.exp(F - F.max(axis=1, keepdims=True))
    return np.argmax(E / E.sum(axis=1, keepdims=True), axis=1).astype(np.int32)


# risk_and_grads -----------------------------------------------------------------------------------
# The mistakes are mostly one changed line in this pass; `forward` and `collect` are its two ends.


def forward(W, V, b, c, X):
    H = np.tanh(X @ W.T + b)
    return H, H @ V.T + c


def loss(F, y):
    return (logsumexp(F) - F[np.arange(len(y)), y]).sum()


def collect(X, H, dS, dF):
    """dW, dV, db, dc from the two pre-activation gradients."""
    return dS.T @ X, dF.T @ H, dS.sum(axis=0), dF.sum(axis=0)


def _risk_and_grads(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    H, F = forward(W, V, b, c, X)
    dF = softmax(F) - hot(y, len(c))
    return (loss(F, y), *collect(X, H, (dF @ V) * (1 - H * H), dF))


def altered(change):
    """The right pass with one line replaced: change(parts) edits the named intermediate parts."""

    def risk_and_grads(W, V, b, c, X, y):
        W, V, b, c, X = floats(W, V, b, c, X)
        H, F = forward(W, V, b, c, X)
        dF = softmax(F) - hot(y, len(c))
        risk = loss(F, y)
        dS = (dF @ V) * (1 - H * H)
        dW, dV, db, dc = collect(X, H, dS, dF)
        grads = {"risk": risk, "dW": dW, "dV": dV, "db": db, "dc": dc}
        grads.update(change(W, V, b, c, X, y, H, F, dF, dS))
        return tuple(grads[name] for name in ("risk", "dW", "dV", "db", "dc"))

    return risk_and_grads


def slope(line):
    """A mistake in the derivative of tanh: line(S, H) stands where 1 - H**2 should."""

    def change(W, V, b, c, X, y, H, F, dF, dS):
        wrong = (dF @ V) * line(X @ W.T + b, H)
        return {"dW": wrong.T @ X, "db": wrong.sum(axis=0)}

    return altered(change)


def output(line):
    """A mistake in the output gradient: line(F, y) stands where softmax - one-hot should."""

    def change(W, V, b, c, X, y, H, F, dF, dS):
        wrong = line(F, y)
        parts = collect(X, H, (wrong @ V) * (1 - H * H), wrong)
        return dict(zip(("dW", "dV", "db", "dc"), parts, strict=True))

    return altered(change)


def whole_net(line):
    """Another network, differentiated without a slip: line(...) gives all five parts."""
    return lambda W, V, b, c, X, y: line(*floats(W, V, b, c, X), y)


def wrong_net(id, looks_like, question, reread, fn):
    bank.wrong("risk_and_grads", id, looks_like, question, reread)(fn)


wrong_net("average", "everything divided by N, as an average",
          "S0's text says average, its formula says something else. Which one does this course "
          "follow?", LOSS,
          lambda *args: tuple(part / len(args[4]) for part in _risk_and_grads(*args)))

wrong_net("average_risk", "the risk as an average, its gradients as sums",
          "Are the risk and its gradients still risk and gradient of the same thing?", LOSS,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS: {"risk": loss(F, y) / len(y)}))

wrong_net("average_grads", "gradients divided by N, the risk not",
          "The risk is a sum. Is there an N in its derivative?", BATCH,
          output(lambda F, y: (softmax(F) - hot(y, F.shape[1])) / len(y)))

wrong_net("average_biases", "bias gradients as means over the examples",
          "Each example adds its own share to db and dc. Is a mean what you get by adding?", BATCH,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS:
                  {"db": dS.mean(axis=0), "dc": dF.mean(axis=0)}))

for part, line in {"db": lambda dF, dS: dS, "dc": lambda dF, dS: dF}.items():
    wrong_net(f"{part}_not_added_up", f"one {part} for each example, not added up",
              f"The risk adds up the examples. What does {part} do with its rows?", BATCH,
              altered(lambda W, V, b, c, X, y, H, F, dF, dS, part=part, line=line:
                      {part: line(dF, dS)}))
    wrong_net(f"{part}_over_the_wrong_axis", f"{part} added up over the units, not the examples",
              f"Which axis of the rows holds the examples, and which one is left in {part}?", BATCH,
              altered(lambda W, V, b, c, X, y, H, F, dF, dS, part=part, line=line:
                      {part: line(dF, dS).sum(axis=1)}))

wrong_net("no_exp", "the loss as S0 prints it, log of a sum of logits",
          "Logits can be negative, and their sum too. What stands inside the sum before the "
          "logarithm is taken?", LOSS,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS:
                  {"risk": (np.log(F.sum(axis=1)) - F[np.arange(len(y)), y]).sum()}))

wrong_net("no_log", "the sum of exponentials without its logarithm",
          "Which function undoes the exponentials, so that the loss is measured in logits?", LOSS,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS:
                  {"risk": (np.exp(F).sum(axis=1) - F[np.arange(len(y)), y]).sum()}))

wrong_net("risk_sign", "the log-likelihood instead of its negative",
          "Is the risk small or large when the labels are likely?", LOSS,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS: {"risk": -loss(F, y)}))

wrong_net("one_log", "one logarithm for the whole batch",
          "Is the log-sum-exp taken per example and then added, or over everything at once?", LOSS,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS:
                  {"risk": logsumexp(F.ravel()) - F[np.arange(len(y)), y].sum()}))

wrong_net("loss_per_example", "one loss per example instead of their sum",
          "The risk is one number. What is left to do with the N losses?", LOSS,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS:
                  {"risk": logsumexp(F) - F[np.arange(len(y)), y]}))

wrong_net("half_squared_error", "squared error between probabilities and one-hot labels",
          "Which loss does the chapter use, and what is it for a probability of 0?", LOSS,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS:
                  {"risk": 0.5 * ((softmax(F) - hot(y, len(c))) ** 2).sum()}))

wrong_net("output_sign", "e_y - softmax(f), the sign turned round",
          "When the label is sure to lose, should its logit go up or down the gradient?", BACKWARD,
          output(lambda F, y: hot(y, F.shape[1]) - softmax(F)))

wrong_net("no_label", "softmax(f) without taking off the one-hot label",
          "Does your gradient know the labels at all?", BACKWARD,
          output(lambda F, y: softmax(F)))

wrong_net("raw_logits", "f - e_y: the logits where their softmax should be",
          "What you said minus what was true: what did the network say, logits or probabilities?",
          BACKWARD, output(lambda F, y: F - hot(y, F.shape[1])))

wrong_net("columns_normalised", "softmax down the columns",
          "One example is one row. Along which axis do its probabilities sum to 1?", BACKWARD,
          output(lambda F, y: softmax(F.T).T - hot(y, F.shape[1])))



def columns_summed(F):
    """Each row with its own maximum, and then the totals of the columns."""
    E = np.exp(F - F.max(axis=1, keepdims=True))
    return E / E.sum(axis=0)


def shifted_by_columns(F):
    """The maximum of each column, and then the totals of the rows."""
    E = np.exp(F - F.max(axis=0))
    return E / E.sum(axis=1, keepdims=True)


def by_probabilities(line):
    """A mistake in the softmax that spoils the risk as well: line(F) stands for softmax(F)."""

    def change(W, V, b, c, X, y, H, F, dF, dS):
        P = line(F)
        wrong = P - hot(y, len(c))
        parts = collect(X, H, (wrong @ V) * (1 - H * H), wrong)
        return dict(zip(("dW", "dV", "db", "dc"), parts, strict=True),
                    risk=-np.log(P[np.arange(len(y)), y]).sum())

    return altered(change)


COLUMNS = "One example is one row. Along which axis do its probabilities sum to 1?"
wrong_net("columns_summed", "exponentials divided by the totals of the columns", COLUMNS, BACKWARD,
          output(lambda F, y: columns_summed(F) - hot(y, F.shape[1])))

wrong_net("columns_summed_in_the_risk", "exponentials divided by the totals of the columns",
          COLUMNS, BACKWARD, by_probabilities(columns_summed))

SHIFT = ("A shift cancels if all logits of a row are shifted alike. Along which axis do you take "
         "the largest?")


@bank.wrong("risk_and_grads", "largest_of_columns", "the largest logit of each column taken off",
            SHIFT, LOSS)
def _(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    H, F = forward(W, V, b, c, X)
    shifted = F - F.max(axis=0)
    dF = shifted_by_columns(F) - hot(y, len(c))
    return (loss(shifted, y), *collect(X, H, (dF @ V) * (1 - H * H), dF))


wrong_net("largest_of_columns_in_the_gradient", "the largest logit of each column taken off",
          SHIFT, BACKWARD, output(lambda F, y: shifted_by_columns(F) - hot(y, F.shape[1])))

wrong_net("labels_alone", "-e_y: the probabilities overwritten or left out",
          "What you said minus what was true: where is what the network said?", BACKWARD,
          output(lambda F, y: -hot(y, F.shape[1])))

wrong_net("own_guess", "one-hot rows of the most likely class, not of the label",
          "Does your gradient know the labels at all?", BACKWARD,
          output(lambda F, y: softmax(F) - hot(F.argmax(axis=1), F.shape[1])))

CLASSES = ("A batch need not contain every class. Which argument tells how many there are?")


@bank.wrong("risk_and_grads", "classes_up_to_the_largest_label",
            "as many classes as the largest label of the batch says", CLASSES, LOSS)
def _(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    H, F = forward(W, V, b, c, X)
    dF = softmax(F) - np.eye(np.max(y) + 1)[y]
    return (loss(F, y), *collect(X, H, (dF @ V) * (1 - H * H), dF))


@bank.wrong("risk_and_grads", "classes_that_occur",
            "as many classes as different labels occur in the batch", CLASSES, LOSS)
def _(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    H, F = forward(W, V, b, c, X)
    dF = softmax(F) - np.eye(len(np.unique(y)))[y]
    return (loss(F, y), *collect(X, H, (dF @ V) * (1 - H * H), dF))


wrong_net("shifted_labels", "labels counted from 1, in risk and gradient",
          "Labels here run from 0 to K-1. Which column belongs to label 0?", LOSS,
          lambda W, V, b, c, X, y: _risk_and_grads(W, V, b, c, X, (np.asarray(y) - 1) % len(c)))

wrong_net("rounded_output", "a small constant added to the sum of exponentials",
          "The largest exponential is 1 after the shift. Can the sum be 0 at all?", BACKWARD,
          output(lambda F, y: np.exp(F - F.max(axis=1, keepdims=True))
                 / (np.exp(F - F.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True) + 1e-8)
                 - hot(y, F.shape[1])))

wrong_net("one_vs_rest", "a sigmoid per class instead of a softmax",
          "Must raising one logit not lower the probabilities of the other classes?", LOSS,
          output(lambda F, y: sigmoid(F) - hot(y, F.shape[1])))

wrong_net("no_slope", "dL/dh carried past the tanh unchanged",
          "A saturated unit cannot move. Which factor says so?", HIDDEN,
          slope(lambda S, H: 1.0))

wrong_net("slope_doubled", "1 - 2 h for the derivative of tanh",
          "The derivative of tanh is 1 - h^2. Is h^2 the same as 2 h?", HIDDEN,
          slope(lambda S, H: 1 - 2 * H))

wrong_net("slope_of_relu", "a gate that is open where s > 0, as for a ReLU",
          "Whose derivative is 0 on the left and 1 on the right?", HIDDEN,
          slope(lambda S, H: S > 0))


@altered
def _without_parentheses(W, V, b, c, X, y, H, F, dF, dS):
    wrong = (dF @ V) * 1 - H**2
    return {"dW": wrong.T @ X, "db": wrong.sum(axis=0)}


wrong_net("slope_without_parentheses", "dH * 1 - H**2, without the parentheses",
          "Python multiplies before it subtracts. What does it subtract from what?", HIDDEN,
          _without_parentheses)


@bank.wrong("risk_and_grads", "tanh_slope_of_a_sigmoid",
            "a sigmoid hidden layer with the slope of tanh",
            "Which activation does your forward pass use, and whose derivative is 1 - h^2?", HIDDEN)
def _(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    H = sigmoid(X @ W.T + b)
    F = H @ V.T + c
    dF = softmax(F) - hot(y, len(c))
    return (loss(F, y), *collect(X, H, (dF @ V) * (1 - H * H), dF))


def in_order(*places):
    """The five parts, in another order."""
    def fn(*args):
        parts = _risk_and_grads(*args)
        return tuple(parts[i] for i in places)
    return fn


wrong_net("output_bias_first", "dc, db instead of db, dc",
          "In which order does the contract ask for the five parts?", BACKWARD,
          in_order(0, 1, 2, 4, 3))

wrong_net("slope_not_squared", "1 - h for the derivative of tanh",
          "What is the derivative of tanh at 0, and what is yours at h = -1?", HIDDEN,
          slope(lambda S, H: 1 - H))

wrong_net("slope_plus", "1 + h^2 for the derivative of tanh",
          "Should a saturated unit let more or less through?", HIDDEN,
          slope(lambda S, H: 1 + H * H))

wrong_net("slope_of_sigmoid", "h(1 - h), the sigmoid's derivative, at a tanh",
          "h(1 - h) is negative where h is negative. Can the slope of tanh be?", HIDDEN,
          slope(lambda S, H: H * (1 - H)))

wrong_net("tanh_of_tanh", "1 - tanh(h)^2: tanh applied to what was tanh already",
          "Is 1 - tanh^2 to be taken at s, or at h = tanh(s)?", HIDDEN,
          slope(lambda S, H: 1 - np.tanh(H) ** 2))

wrong_net("slope_at_pre_activation", "1 - s^2: s where h should stand",
          "h = tanh(s). Which of the two is squared in the derivative?", HIDDEN,
          slope(lambda S, H: 1 - S * S))

wrong_net("slope_squared", "the factor 1 - h^2 applied twice",
          "How many tanh's lie between s and h?", HIDDEN,
          slope(lambda S, H: (1 - H * H) ** 2))

wrong_net("slope_of_first_example", "the slope of the first example used for all",
          "Does every example saturate the same units?", HIDDEN,
          slope(lambda S, H: 1 - H[:1] ** 2))

wrong_net("slope_without_bias", "the slope taken at Wx, without b",
          "At which point was tanh evaluated in the forward pass?", HIDDEN,
          lambda W, V, b, c, X, y: slope(
              lambda S, H: 1 - np.tanh(S - np.asarray(b, dtype=float)) ** 2)(W, V, b, c, X, y))

wrong_net("slope_by_cosh", "1/cosh(s), not squared",
          "tanh' = 1/cosh^2. Which exponent is missing?", HIDDEN,
          slope(lambda S, H: 1 / np.cosh(S)))

wrong_net("db_without_slope", "db from dL/dh instead of dL/ds",
          "S0 writes dL/db = sigma'(s) times something. Is b inside or outside the tanh?", HIDDEN,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS: {"db": (dF @ V).sum(axis=0)}))

wrong_net("dw_without_slope", "dW from dL/dh instead of dL/ds",
          "Is W inside or outside the tanh?", HIDDEN,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS: {"dW": (dF @ V).T @ X}))

wrong_net("no_v", "dL/dh taken as a plain sum of dL/df",
          "Each hidden unit reaches the logits through its own column of V. Where is it?", HIDDEN,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS: {
              "dW": (dF.sum(axis=1, keepdims=True) * (1 - H * H)).T @ X,
              "db": (dF.sum(axis=1, keepdims=True) * (1 - H * H)).sum(axis=0)}))

wrong_net("v_squared", "V squared on the way back",
          "Is dL/dh linear in V, or quadratic?", HIDDEN,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS: {
              "dW": ((dF @ V**2) * (1 - H * H)).T @ X,
              "db": ((dF @ V**2) * (1 - H * H)).sum(axis=0)}))


def _v_not_transposed(W, V, b, c, X, y, H, F, dF, dS):
    back = dF @ (V.T if V.shape[0] == V.shape[1] else V)
    wrong = back * (1 - H * H)
    return {"dW": wrong.T @ X, "db": wrong.sum(axis=0)}


wrong_net("v_transposed_if_square", "V where V^T belongs, unnoticed because V is square",
          "If V is square, both products run. Which index of V belongs to the hidden units?",
          HIDDEN, altered(_v_not_transposed))

wrong_net("parentheses", "sigma'(s) times a finished dH^T X, as S0's printed line reads",
          "The outer product adds over the examples. Can the slope, which differs from example to "
          "example, still be multiplied in afterwards?", BATCH,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS:
                  {"dW": (1 - H * H).sum(axis=0)[:, None] * ((dF @ V).T @ X)}))


@bank.wrong("risk_and_grads", "printed_brackets", "S0's dW as printed, without its parentheses",
            "sigma'(s) has one entry per hidden unit. With which axis of the M x p matrix to its "
            "right does it line up, and what if M is not p?", HIDDEN)
def _(W, V, b, c, X, y):
    risk, _, dV, db, dc = _risk_and_grads(W, V, b, c, X, y)
    W, V, b, c, X = floats(W, V, b, c, X)
    H, F = forward(W, V, b, c, X)
    dH = (softmax(F) - hot(y, len(c))) @ V
    dW = np.zeros(W.shape)
    for n in range(len(X)):
        dW += (1 - H[n] ** 2) * np.outer(dH[n], X[n])
    return risk, dW, dV, db, dc


wrong_net("dv_from_s", "dV from the pre-activations instead of the activations",
          "Which vector does V multiply in the forward pass, s or h?", BACKWARD,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS: {"dV": dF.T @ (X @ W.T + b)}))

wrong_net("dv_transposed", "dV with its axes swapped",
          "A gradient has the shape of its parameter. Which is that for V?", BACKWARD,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS: {"dV": H.T @ dF}))

wrong_net("dw_transposed", "dW with its axes swapped",
          "A gradient has the shape of its parameter. Which is that for W?", BACKWARD,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS: {"dW": X.T @ dS}))

wrong_net("dv_of_sums", "dV as the product of two sums",
          "Is a sum of products the product of the sums?", BATCH,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS:
                  {"dV": np.outer(dF.sum(axis=0), H.sum(axis=0))}))

wrong_net("dw_of_sums", "dW as the product of two sums",
          "Is a sum of products the product of the sums?", BATCH,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS:
                  {"dW": np.outer(dS.sum(axis=0), X.sum(axis=0))}))

wrong_net("last_example", "gradients of the last example only, = where += belongs",
          "What happens to the first example's share when the second one is computed?", BATCH,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS: dict(zip(
              ("dW", "dV", "db", "dc"), collect(X[-1:], H[-1:], dS[-1:], dF[-1:]), strict=True))))

wrong_net("first_gradients", "gradients of the first example only",
          "The risk adds up all examples. Do the gradients?", BATCH,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS: dict(zip(
              ("dW", "dV", "db", "dc"), collect(X[:1], H[:1], dS[:1], dF[:1]), strict=True))))


def _columns_of_labels(F, y):
    dF = softmax(F)
    dF[:, y] -= 1
    return dF


wrong_net("columns_of_labels", "dF[:, y] -= 1, which takes 1 off the labels of all examples",
          "dF[:, y] holds whole columns. Which two index arrays pick one entry in each row?", BATCH,
          output(_columns_of_labels))

wrong_net("binary_terms", "log(1 - p) of the other classes added, the gradient that of a softmax",
          "The loss is -log of one probability, that of the label. Where do the others enter?",
          LOSS,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS: {"risk": -np.log(np.where(
              hot(y, len(c)) > 0, softmax(F), 1 - softmax(F))).sum()}))

wrong_net("output_slope", "(p - e_y) p (1 - p)",
          "Has the logarithm not cancelled that slope already?", BACKWARD,
          output(lambda F, y: (softmax(F) - hot(y, F.shape[1])) * softmax(F) * (1 - softmax(F))))

wrong_net("sigmoid_output_slope", "(p - e_y) times the slope of a sigmoid at f",
          "Has the logarithm not cancelled the slope of the output already?", BACKWARD,
          output(lambda F, y: (softmax(F) - hot(y, F.shape[1])) * sigmoid(F) * (1 - sigmoid(F))))

wrong_net("slope_of_product", "1 - s h for 1 - h^2",
          "tanh' is written with the value h alone. What is s doing in it?", HIDDEN,
          slope(lambda S, H: 1 - S * H))

wrong_net("gradient_for_weight", "dV where V belongs on the way back",
          "Through which weights did the hidden units reach the logits?", HIDDEN,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS: {
              "dW": ((dF @ (dF.T @ H)) * (1 - H * H)).T @ X,
              "db": ((dF @ (dF.T @ H)) * (1 - H * H)).sum(axis=0)}))

wrong_net("updated_before_use", "a step on V before it carries the gradient back",
          "All gradients belong to one point. At which V does your dW stand?", BACKWARD,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS: {
              "dW": ((dF @ (V - 0.1 * dF.T @ H)) * (1 - H * H)).T @ X,
              "db": ((dF @ (V - 0.1 * dF.T @ H)) * (1 - H * H)).sum(axis=0)}))

wrong_net("biases_along_rows", "bias gradients added up along the wrong axis",
          "Which axis runs over the examples, and which over the units?", BATCH,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS:
                  {"db": dS.sum(axis=1), "dc": dF.sum(axis=1)}))

wrong_net("biases_one_number", "np.sum without an axis: one number for all biases",
          "Each bias has its own derivative. Over which axis, and over it alone, do you add?",
          BATCH,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS: {"db": dS.sum(), "dc": dF.sum()}))

wrong_net("biases_from_weights", "bias gradients as row sums of the weight gradients",
          "What is b multiplied by in the forward pass: the inputs, or 1?", BATCH,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS:
                  {"db": (dS.T @ X).sum(axis=1), "dc": (dF.T @ H).sum(axis=1)}))

wrong_net("biases_as_columns", "bias gradients of shape (M, 1) and (K, 1)",
          "A gradient has the shape of its parameter. Which is that for b?", BATCH,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS:
                  {"db": dS.sum(axis=0)[:, None], "dc": dF.sum(axis=0)[:, None]}))

wrong_net("squeezed", "np.squeeze, which also removes an axis of length 1 that you need",
          "What does np.squeeze do to shape (5, 1) when there is one hidden unit?", BATCH,
          lambda *args: tuple(np.squeeze(part) for part in _risk_and_grads(*args)))

wrong_net("bias_rows", "bias gradients not yet added up over the examples",
          "b has M entries. How many rows has your db?", BATCH,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS: {"db": dS, "dc": dF}))

wrong_net("bias_columns", "bias gradients of shape (1, M) and (1, K)",
          "A gradient has the shape of its parameter. What does keepdims do here?", BATCH,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS:
                  {"db": dS.sum(axis=0, keepdims=True), "dc": dF.sum(axis=0, keepdims=True)}))

wrong_net("no_bias_grads", "bias gradients left at zero",
          "Do the biases not change the risk?", BATCH,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS:
                  {"db": np.zeros(len(b)), "dc": np.zeros(len(c))}))

wrong_net("first_step_order", "dV, dW instead of dW, dV",
          "In which order does the contract ask for the five parts?", BACKWARD,
          in_order(0, 2, 1, 3, 4))

wrong_net("grouped_by_layer", "the order risk, dW, db, dV, dc",
          "In which order does the contract ask for the five parts?", BACKWARD,
          in_order(0, 1, 3, 2, 4))


def _with_sigmoid(W, V, b, c, X, y):
    H = sigmoid(X @ W.T + b)
    F = H @ V.T + c
    dF = softmax(F) - hot(y, len(c))
    return (loss(F, y), *collect(X, H, (dF @ V) * H * (1 - H), dF))


def _linear(W, V, b, c, X, y):
    H = X @ W.T + b
    F = H @ V.T + c
    dF = softmax(F) - hot(y, len(c))
    return (loss(F, y), *collect(X, H, dF @ V, dF))


def _decayed(W, V, b, c, X, y):
    risk, dW, dV, db, dc = _risk_and_grads(W, V, b, c, X, y)
    lam = 1e-3
    return risk + lam * ((W**2).sum() + (V**2).sum()), dW + 2 * lam * W, dV + 2 * lam * V, db, dc


def _binary(W, V, b, c, X, y):
    H, F = forward(W, V, b, c, X)
    T = hot(y, len(c))
    dF = sigmoid(F) - T
    risk = (np.logaddexp(0, F) - T * F).sum()
    return (risk, *collect(X, H, (dF @ V) * (1 - H * H), dF))


def _squared(W, V, b, c, X, y):
    H, F = forward(W, V, b, c, X)
    dF = F - hot(y, len(c))
    return (0.5 * (dF**2).sum(), *collect(X, H, (dF @ V) * (1 - H * H), dF))


wrong_net("sigmoid_network", "a sigmoid network, differentiated without a slip",
          "Risk and gradients fit each other, but not the network that was asked for. Which "
          "function does each hidden unit apply?", FORWARD, whole_net(_with_sigmoid))
wrong_net("linear_network", "a network without tanh, differentiated without a slip",
          "Risk and gradients fit each other. What became of the hidden units' tanh?", FORWARD,
          whole_net(_linear))
wrong_net("weight_decay", "a penalty on the weights in risk and gradients",
          "The contract asks for the risk alone. Which term did you add?", LOSS,
          whole_net(_decayed))
wrong_net("binary_losses", "K binary losses instead of one multiclass loss",
          "Do the classes compete in your loss?", LOSS, whole_net(_binary))
wrong_net("squared_loss", "squared error on the logits, differentiated without a slip",
          "Which loss does the chapter use?", LOSS, whole_net(_squared))
wrong_net("no_hidden_bias", "b never used in the forward pass",
          "Which of the four parameters does your forward pass never touch?", FORWARD,
          lambda W, V, b, c, X, y: _risk_and_grads(W, V, 0 * b, c, X, y))
wrong_net("no_output_bias", "c never used in the forward pass",
          "Which of the four parameters does your forward pass never touch?", FORWARD,
          lambda W, V, b, c, X, y: _risk_and_grads(W, V, b, 0 * c, X, y))
wrong_net("no_biases", "b and c never used in the forward pass",
          "Which two of the four parameters does your forward pass never touch?", FORWARD,
          lambda W, V, b, c, X, y: _risk_and_grads(W, V, 0 * b, 0 * c, X, y))


@bank.wrong("risk_and_grads", "not_transposed", "X W in place of X W^T",
            "Rows of X are examples, rows of W are units. Along which axes do they meet?", FORWARD)
def _(W, V, b, c, X, y):
    return _risk_and_grads(W.T, V, b, c, X, y)


@bank.wrong("risk_and_grads", "overflows", "exp of the logits as they come",
            "What does a computer make of exp(1000)?", LOSS)
def _(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    H, F = forward(W, V, b, c, X)
    E = np.exp(F)
    P = E / E.sum(axis=1, keepdims=True)
    risk = -np.log(P[np.arange(len(y)), y]).sum()
    dF = P - hot(y, len(c))
    return (risk, *collect(X, H, (dF @ V) * (1 - H * H), dF))


wrong_net("log_of_probability", "the logarithm of a probability that has become 0",
          "The softmax is safe, and then the label's probability underflows to 0. Can the loss be "
          "computed without any probability?", LOSS,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS:
                  {"risk": -np.log(softmax(F)[np.arange(len(y)), y]).sum()}))

wrong_net("log_of_clipped", "a probability kept above 1e-15 before the logarithm",
          "What is the loss of a label whose logit lies 2000 below the others, and what is yours?",
          LOSS,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS:
                  {"risk": -np.log(np.maximum(softmax(F)[np.arange(len(y)), y], 1e-15)).sum()}))

wrong_net("log_of_sum", "a small constant added inside the logarithm",
          "What does the constant protect from, and could you avoid it by starting from logits?",
          LOSS,
          altered(lambda W, V, b, c, X, y, H, F, dF, dS:
                  {"risk": -np.log(softmax(F)[np.arange(len(y)), y] + 1e-12).sum()}))


@bank.wrong("risk_and_grads", "one_maximum", "one maximum for the whole batch",
            "What is left of exp(f - 900) in a row whose logits lie near -900?", LOSS)
def _(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    H, F = forward(W, V, b, c, X)
    E = np.exp(F - F.max())
    total = E.sum(axis=1, keepdims=True)
    risk = (np.log(total[:, 0]) + F.max() - F[np.arange(len(y)), y]).sum()
    dF = E / total - hot(y, len(c))
    return (risk, *collect(X, H, (dF @ V) * (1 - H * H), dF))


@bank.wrong("risk_and_grads", "tanh_by_exponentials", "tanh as a quotient of exponentials",
            "What is (e^{2a} - 1)/(e^{2a} + 1) on a computer when a = 1000?", FORWARD)
def _(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    E = np.exp(2 * (X @ W.T + b))
    H = (E - 1) / (E + 1)
    F = H @ V.T + c
    dF = softmax(F) - hot(y, len(c))
    return (loss(F, y), *collect(X, H, (dF @ V) * (1 - H * H), dF))


@bank.wrong("risk_and_grads", "central_differences", "central differences of the risk",
            "The differences are right to about ten digits, and each entry costs two forward "
            "passes. What does the chain rule give in one backward pass?", BACKWARD,
            cost="per parameter")
def _(W, V, b, c, X, y):
    theta = [np.array(a, dtype=float) for a in (W, V, b, c)]
    X = np.asarray(X, dtype=float)
    eps, grads = 1e-5, []
    for part in theta:
        g = np.zeros(part.shape)
        for index in np.ndindex(part.shape):
            kept = part[index]
            part[index] = kept + eps
            up = loss(forward(*theta, X)[1], y)
            part[index] = kept - eps
            down = loss(forward(*theta, X)[1], y)
            part[index] = kept
            g[index] = (up - down) / (2 * eps)
        grads.append(g)
    return (loss(forward(*theta, X)[1], y), *grads)


@bank.right("risk_and_grads", "plain NumPy: the precision that came in")
def _(W, V, b, c, X, y):
    H, F = forward(W, V, b, c, X)
    dF = softmax(F)
    dF[np.arange(len(y)), y] -= 1
    return (loss(F, y), *collect(X, H, (dF @ V) * (1 - H * H), dF))


def moved(parts, i, place, by):
    """The parameters with one entry moved by a complex or real number."""
    parts = [np.array(a, dtype=complex if np.iscomplex(by) else float) for a in parts]
    parts[i][place] += by
    return parts


@bank.wrong("risk_and_grads", "complex_step", "a complex step for every parameter",
            "Right to the last digit, at the price of a forward pass per parameter: good for a "
            "check. Which quantity do all weights of a unit share?", BACKWARD, cost="complex step")
def _(W, V, b, c, X, y):
    def risk(*theta):
        F = forward(*theta, X)[1]
        top = F.real.max(axis=1, keepdims=True)
        lse = top[:, 0] + np.log(np.exp(F - top).sum(axis=1))
        return (lse - F[np.arange(len(y)), y]).sum()

    theta, grads = floats(W, V, b, c), []
    for i, part in enumerate(theta):
        grads.append(np.zeros(part.shape))
        for place in np.ndindex(part.shape):
            grads[i][place] = risk(*moved(theta, i, place, 1e-20j)).imag / 1e-20
    return risk(*theta).item(), *grads


@bank.wrong("risk_and_grads", "tangents", "one pass forward with derivatives for every parameter",
            "You carry the derivative with respect to one parameter through the whole network, "
            "once for each of them. What do they all share at the other end?", BACKWARD,
            cost="per parameter")
def _(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    grads = []
    for i, part in enumerate((W, V, b, c)):
        grads.append(np.zeros(part.shape))
        for place in np.ndindex(part.shape):
            zero = [np.zeros(a.shape) for a in (W, V, b, c)]
            dW, dV, db, dc = moved(zero, i, place, 1.0)
            H, F = forward(W, V, b, c, X)
            tangent = H @ dV.T + ((X @ dW.T + db) * (1 - H * H)) @ V.T + dc
            grads[i][place] = ((softmax(F) - hot(y, len(c))) * tangent).sum()
    return loss(forward(W, V, b, c, X)[1], y), *grads


@bank.wrong("risk_and_grads", "whole_numbers", "gradients stored in the dtype of the parameters",
            "np.zeros_like(W) of whole numbers holds whole numbers. What becomes of 0.3 in it?",
            BATCH)
def _(W, V, b, c, X, y):
    risk, *grads = _risk_and_grads(W, V, b, c, X, y)
    return risk, *(g.astype(a.dtype) for g, a in zip(grads, (W, V, b, c), strict=True))


@bank.wrong("risk_and_grads", "changes_argument", "a gradient step taken inside the function",
            "The caller asked for a gradient. Who decides what is done with it?", BACKWARD)
def _(W, V, b, c, X, y):
    out = _risk_and_grads(W, V, b, c, X, y)
    for a, g in zip((W, V, b, c), out[1:], strict=True):
        a -= (0.01 * g).astype(a.dtype)
    return out


@bank.wrong("risk_and_grads", "rounded", "gradients rounded to a few digits",
            "What do the next steps compute with: what you print, or what you return?", BACKWARD)
def _(W, V, b, c, X, y):
    return tuple(np.round(part, 6) for part in _risk_and_grads(W, V, b, c, X, y))


@bank.wrong("risk_and_grads", "scaled_to_length_one", "gradients scaled to length 1",
            "The direction is right. Does the step rule need the length as well?", BACKWARD)
def _(W, V, b, c, X, y):
    risk, *grads = _risk_and_grads(W, V, b, c, X, y)
    return risk, *(g / np.linalg.norm(g) for g in grads)


bank.habits("risk_and_grads", _risk_and_grads, array=False)


@bank.right("risk_and_grads", "through log-probabilities, plain")
def _(W, V, b, c, X, y):
    H = np.tanh(X @ W.T + b)
    F = H @ V.T + c
    logs = F - np.logaddexp.reduce(F, axis=1, keepdims=True)
    T = np.eye(len(c))[y]
    dF = np.exp(logs) - T
    dS = dF @ V * (1 - H**2)
    return -np.sum(T * logs), dS.T @ X, dF.T @ H, dS.sum(0), dF.sum(0)


@bank.right("risk_and_grads", "grads added up in zeros_like, plain")
def _(W, V, b, c, X, y):
    risk, grads = 0, [np.zeros(np.shape(a)) for a in (W, V, b, c)]
    for x, label in zip(X, y, strict=True):
        h = np.tanh(W.dot(x) + b)
        f = V.dot(h) + c
        p = np.exp(f - np.max(f))
        risk += np.log(p.sum()) + f.max() - f[label]
        p /= p.sum()
        p[label] -= 1
        s = (V.T @ p) * (1 - h * h)
        for g, part in zip(grads, (np.outer(s, x), np.outer(p, h), s, p), strict=True):
            g += part
    return risk, *grads


@bank.right("risk_and_grads", "loops over examples and units")
def _(W, V, b, c, X, y):
    W, V, b, c, X = (np.asarray(a, dtype=float).tolist() for a in (W, V, b, c, X))
    M, p, K = len(W), len(W[0]), len(V)
    risk = 0.0
    dW, dV = [[0.0] * p for _ in range(M)], [[0.0] * M for _ in range(K)]
    db, dc = [0.0] * M, [0.0] * K
    for x, label in zip(X, np.asarray(y).tolist(), strict=True):
        h = [math.tanh(b[m] + sum(W[m][j] * x[j] for j in range(p))) for m in range(M)]
        f = [c[k] + sum(V[k][m] * h[m] for m in range(M)) for k in range(K)]
        top = max(f)
        total = sum(math.exp(v - top) for v in f)
        risk += top + math.log(total) - f[label]
        df = [math.exp(f[k] - top) / total - (k == label) for k in range(K)]
        ds = [(1 - h[m] ** 2) * sum(V[k][m] * df[k] for k in range(K)) for m in range(M)]
        for k in range(K):
            dc[k] += df[k]
            for m in range(M):
                dV[k][m] += df[k] * h[m]
        for m in range(M):
            db[m] += ds[m]
            for j in range(p):
                dW[m][j] += ds[m] * x[j]
    return [risk, dW, dV, db, dc]


@bank.right("risk_and_grads", "one example at a time, outer products")
def _(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    total = [0.0, np.zeros_like(W), np.zeros_like(V), np.zeros_like(b), np.zeros_like(c)]
    for x, label in zip(X, y, strict=True):
        s = b + W @ x
        f = c + V @ np.tanh(s)
        df = softmax(f)
        df[label] -= 1
        ds = (V.T @ df) / np.cosh(np.clip(s, -300, 300)) ** 2
        parts = (logsumexp(f) - f[label], np.outer(ds, x), np.outer(df, np.tanh(s)), ds, df)
        total = [t + part for t, part in zip(total, parts, strict=True)]
    return tuple(total)


@bank.right("risk_and_grads", "einsum, chain rule with full Jacobians")
def _(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    S = np.einsum("mp,np->nm", W, X) + b
    H = np.tanh(S)
    F = np.einsum("km,nm->nk", V, H) + c
    dF = softmax(F) - np.eye(len(c))[y]
    dH_dS = np.einsum("nm,mi->nmi", 1 - H**2, np.eye(len(b)))
    dS = np.einsum("nk,km,nmi->ni", dF, V, dH_dS)
    return (float(loss(F, y)), np.einsum("nm,np->mp", dS, X), np.einsum("nk,nm->km", dF, H),
            np.einsum("nm->m", dS), np.einsum("nk->k", dF))


@bank.right("risk_and_grads", "columns are examples, biases folded into the weights")
def _(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    N = len(X)
    X1 = np.vstack([X.T, np.ones(N)])
    H = np.tanh(np.column_stack([W, b]) @ X1)
    H1 = np.vstack([H, np.ones(N)])
    F = np.column_stack([V, c]) @ H1
    lse = np.logaddexp.reduce(F, axis=0)
    G = np.exp(F - lse)
    G[y, np.arange(N)] -= 1.0
    D = V.T @ G * (1 - H) * (1 + H)
    dWb, dVc = D @ X1.T, G @ H1.T
    return (lse - F[y, np.arange(N)]).sum(), dWb[:, :-1], dVc[:, :-1], dWb[:, -1], dVc[:, -1]


@bank.right("risk_and_grads", "slopes by 4 sigma(2s) sigma(-2s)")
def _(W, V, b, c, X, y):
    W, V, b, c, X = floats(W, V, b, c, X)
    S = X @ W.T + b
    F = np.tanh(S) @ V.T + c
    Z = F - F.max(axis=1)[:, None]
    P = np.exp(Z)
    P /= P.sum(axis=1)[:, None]
    risk = sum(np.log(np.exp(z).sum()) - z[k] for z, k in zip(Z, y, strict=True))
    dF = P.copy()
    np.subtract.at(dF, (np.arange(len(y)), y), 1)
    dS = np.matmul(dF, V) * (4 * sigmoid(2 * S) * sigmoid(-2 * S))
    return risk, np.tensordot(dS, X, (0, 0)), np.tensordot(dF, np.tanh(S), (0, 0)), sum(dS), sum(dF)


# momentum_step ------------------------------------------------------------------------------------


def _step(theta, phi, g, gamma, alpha):
    theta, phi, g = floats(theta, phi, g)
    phi = (1 - alpha) * phi + alpha * g
    return theta - gamma * phi, phi


def stepping(line, follow=None):
    """A step in which line(...) makes phi', and follow(...) makes theta' of it."""

    def momentum_step(theta, phi, g, gamma, alpha):
        theta, phi, g = floats(theta, phi, g)
        smooth = line(phi, g, gamma, alpha)
        if follow is None:
            return theta - gamma * smooth, smooth
        return follow(theta, phi, g, smooth, gamma, alpha), smooth

    return momentum_step


def ema(phi, g, gamma, alpha):
    return (1 - alpha) * phi + alpha * g


def wrong_step(id, looks_like, question, fn):
    bank.wrong("momentum_step", id, looks_like, question, STEP)(fn)


wrong_step("weights_swapped", "alpha on the old phi and 1 - alpha on the new gradient",
           "With alpha = 1 the step should be plain gradient descent. Is yours?",
           stepping(lambda phi, g, gamma, alpha: alpha * phi + (1 - alpha) * g))
wrong_step("without_parentheses", "1 - alpha phi + alpha g, without the parentheses",
           "Python multiplies before it subtracts. What does alpha multiply in your line?",
           stepping(lambda phi, g, gamma, alpha: 1 - alpha * phi + alpha * g))
wrong_step("rates_swapped", "gamma where alpha belongs, and alpha where gamma belongs",
           "Which of the two is the weight of the new gradient, and which the step size?",
           stepping(lambda phi, g, gamma, alpha: (1 - gamma) * phi + gamma * g,
                    lambda theta, phi, g, smooth, gamma, alpha: theta - alpha * smooth))
wrong_step("clipped", "gradients cut off at a fixed number",
           "Where is a limit in the two lines? Which step does a gradient of 1000 make?",
           stepping(lambda phi, g, gamma, alpha: (1 - alpha) * phi + alpha * np.clip(g, -5, 5)))
wrong_step("scaled_gradient", "the gradient scaled to length 1",
           "A steep place should make a longer step than a flat one. Does it in your version?",
           stepping(lambda phi, g, gamma, alpha:
                    (1 - alpha) * phi + alpha * g / np.linalg.norm(g)))
wrong_step("accumulates", "g + (1 - alpha) phi: the gradient not weighted by alpha",
           "The two weights of an average sum to 1. What do yours sum to?",
           stepping(lambda phi, g, gamma, alpha: (1 - alpha) * phi + g))
wrong_step("forgets_nothing", "phi + alpha g: the old phi not weighted",
           "The two weights of an average sum to 1. What do yours sum to?",
           stepping(lambda phi, g, gamma, alpha: phi + alpha * g))
wrong_step("no_memory", "phi' = g: plain gradient descent",
           "Where does the old phi enter?", stepping(lambda phi, g, gamma, alpha: g))
wrong_step("no_gradient", "phi' = (1 - alpha) phi: the new gradient left out",
           "Where does the new gradient enter?",
           stepping(lambda phi, g, gamma, alpha: (1 - alpha) * phi))
wrong_step("gradient_sign", "the gradient subtracted in phi'",
           "phi smooths the gradient itself. In which of the two lines does the minus stand?",
           stepping(lambda phi, g, gamma, alpha: (1 - alpha) * phi - alpha * g))
wrong_step("gamma_in_phi", "the step size already inside phi'",
           "In which of the two lines does gamma stand, and how often?",
           stepping(lambda phi, g, gamma, alpha: (1 - alpha) * phi + gamma * g))
wrong_step("old_phi", "theta moved along the old phi",
           "S0 writes phi^{r+1} in the second line. Which phi do you use?",
           stepping(ema, lambda theta, phi, g, smooth, gamma, alpha: theta - gamma * phi))
wrong_step("gradient_step", "theta moved along the raw gradient",
           "What is phi' for, if theta does not move along it?",
           stepping(ema, lambda theta, phi, g, smooth, gamma, alpha: theta - gamma * g))
wrong_step("uphill", "theta + gamma phi'",
           "The gradient points uphill. Which way do you want to go?",
           stepping(ema, lambda theta, phi, g, smooth, gamma, alpha: theta + gamma * smooth))
wrong_step("velocity", "a velocity: (1 - alpha) phi - gamma g, added to theta",
           "That is another form of momentum, and not S0's. What are its two lines?",
           stepping(lambda phi, g, gamma, alpha: (1 - alpha) * phi - gamma * g,
                    lambda theta, phi, g, smooth, gamma, alpha: theta + smooth))
wrong_step("step_in_memory", "(1 - alpha) phi + gamma g, taken off theta",
           "That is another form of momentum, and not S0's. In which of its lines stands gamma?",
           stepping(lambda phi, g, gamma, alpha: (1 - alpha) * phi + gamma * g,
                    lambda theta, phi, g, smooth, gamma, alpha: theta - smooth))
wrong_step("rate_twice", "gamma twice: in phi' and in the step",
           "In which of the two lines does gamma stand, and how often?",
           stepping(lambda phi, g, gamma, alpha: (1 - alpha) * phi + alpha * gamma * g))
wrong_step("decay_twice", "1 - alpha once more in the step",
           "1 - alpha has done its work in phi'. Why does it come back?",
           stepping(ema, lambda theta, phi, g, smooth, gamma, alpha:
                    theta - gamma * (1 - alpha) * smooth))
wrong_step("alpha_kept_old", "alpha phi + g: the other way to write momentum",
           "Which of the two does alpha weigh here: the old phi, or the new gradient?",
           stepping(lambda phi, g, gamma, alpha: alpha * phi + g))
wrong_step("no_step_size", "theta - phi', without gamma",
           "How long should the step be?",
           stepping(ema, lambda theta, phi, g, smooth, gamma, alpha: theta - smooth))
wrong_step("alpha_as_step", "theta - alpha phi'",
           "Two Greek letters: which is the step size, which the weight of the new gradient?",
           stepping(ema, lambda theta, phi, g, smooth, gamma, alpha: theta - alpha * smooth))
wrong_step("both_factors", "theta - gamma alpha phi'",
           "alpha has done its work in phi'. Why does it come back?",
           stepping(ema, lambda theta, phi, g, smooth, gamma, alpha:
                    theta - gamma * alpha * smooth))
wrong_step("looks_ahead", "a second helping of momentum, as in Nesterov's variant",
           "That is a good method, and not this one. What stands in S0's second line?",
           stepping(ema, lambda theta, phi, g, smooth, gamma, alpha:
                    theta - gamma * ((1 - alpha) * smooth + alpha * g)))
wrong_step("corrected", "phi' divided by alpha, as a bias correction would",
           "phi^0 = 0 makes the first phi too small. Does S0 correct for it?",
           stepping(ema, lambda theta, phi, g, smooth, gamma, alpha:
                    theta - gamma * smooth / alpha))
wrong_step("scaled_to_length_one", "a step of fixed length",
           "Near a minimum the gradient gets short. Should the step?",
           stepping(ema, lambda theta, phi, g, smooth, gamma, alpha:
                    theta - gamma * smooth / np.linalg.norm(smooth)))


@bank.wrong("momentum_step", "order", "phi', theta' instead of theta', phi'",
            "In which order does the contract ask for the two?", STEP)
def _(theta, phi, g, gamma, alpha):
    return _step(theta, phi, g, gamma, alpha)[::-1]


@bank.wrong("momentum_step", "theta_only", "theta' without phi'",
            "The next step needs the new phi. Who remembers it?", STEP)
def _(theta, phi, g, gamma, alpha):
    return _step(theta, phi, g, gamma, alpha)[0]


@bank.wrong("momentum_step", "changes_theta", "theta -= ..., which changes the caller's array",
            "Your caller keeps every theta in a history. What happens to the old rows?", STEP)
def _(theta, phi, g, gamma, alpha):
    new, smooth = _step(theta, phi, g, gamma, alpha)
    theta[...] = new
    return theta.astype(float), smooth


@bank.wrong("momentum_step", "changes_phi", "phi *= ..., which changes the caller's array",
            "Who else holds the array phi?", STEP)
def _(theta, phi, g, gamma, alpha):
    new, smooth = _step(theta, phi, g, gamma, alpha)
    phi[...] = smooth
    return new, smooth


@bank.right("momentum_step", "plain NumPy: the precision that came in")
def _(theta, phi, g, gamma, alpha):
    phi = (1 - alpha) * phi + alpha * g
    return theta - gamma * phi, phi


wrong_step("own_case_for_one", "a branch of its own for alpha = 1 that keeps the old phi",
           "With alpha = 1 the formula gives phi' = g by itself. What does your branch return?",
           stepping(lambda phi, g, gamma, alpha: ema(phi, g, gamma, alpha) if alpha < 1 else phi,
                    lambda theta, phi, g, smooth, gamma, alpha:
                    theta - gamma * (smooth if alpha < 1 else g)))


@bank.wrong("momentum_step", "whole_numbers", "results stored in the dtype of theta",
            "A step of 0.3 from a whole number: what is left of it in an integer array?", STEP)
def _(theta, phi, g, gamma, alpha):
    new, smooth = _step(theta, phi, g, gamma, alpha)
    return new.astype(theta.dtype), smooth.astype(phi.dtype)


bank.habits("momentum_step", _step, array=False)


@bank.right("momentum_step", "copies, then -=")
def _(theta, phi, g, gamma, alpha):
    phi = phi + alpha * (g - phi)
    theta = 1.0 * theta
    theta -= gamma * phi
    return theta, phi


@bank.right("momentum_step", "loops")
def _(theta, phi, g, gamma, alpha):
    smooth = [(1 - alpha) * float(p) + alpha * float(d) for p, d in zip(phi, g, strict=True)]
    return [float(t) - gamma * s for t, s in zip(theta, smooth, strict=True)], smooth


@bank.right("momentum_step", "a correction of phi")
def _(theta, phi, g, gamma, alpha):
    theta, phi, g = floats(theta, phi, g)
    smooth = phi + alpha * (g - phi)
    return theta - gamma * smooth, smooth


@bank.right("momentum_step", "one matrix product")
def _(theta, phi, g, gamma, alpha):
    mix = np.array([[1.0, -gamma * (1 - alpha), -gamma * alpha], [0.0, 1 - alpha, alpha]])
    new = mix @ np.array([theta, phi, g], dtype=float)
    return new[0], new[1]


@bank.right("momentum_step", "in place, on copies")
def _(theta, phi, g, gamma, alpha):
    new, smooth = np.array(theta, dtype=float), np.array(phi, dtype=float)
    smooth *= 1 - alpha
    smooth += alpha * np.asarray(g, dtype=float)
    new -= gamma * smooth
    return (new, smooth)


# train_momentum -----------------------------------------------------------------------------------


def _descend(grad, theta0, gamma, alpha, n_steps):
    return descending()(grad, theta0, gamma, alpha, n_steps)


def descending(step=_step, at=None, phi0=None, rows=None):
    """A descent with one part replaced: the step, the point of the gradient, the first phi, or
    which rows are returned."""

    def train_momentum(grad, theta0, gamma, alpha, n_steps):
        theta = np.array(theta0, dtype=float)
        phi = np.zeros_like(theta) if phi0 is None else phi0(grad, theta)
        history = [theta]
        for _ in range(n_steps):
            where = theta if at is None else at(history, phi, gamma, alpha)
            theta, phi = step(theta, phi, grad(where), gamma, alpha)
            history.append(theta)
        history = np.array(history)
        return history if rows is None else rows(history)

    return train_momentum


def _corrected(grad, theta0, gamma, alpha, n_steps):
    theta, phi = np.asarray(theta0, dtype=float), 0.0
    history = [theta]
    for r in range(1, n_steps + 1):
        phi = (1 - alpha) * phi + alpha * grad(theta)
        theta = theta - gamma * phi / (1 - (1 - alpha) ** r)
        history.append(theta)
    return np.array(history)


def wrong_descent(id, looks_like, question, fn, reread=TRAIN):
    bank.wrong("train_momentum", id, looks_like, question, reread)(fn)


wrong_descent("starts_with_gradient", "phi^0 set to the first gradient",
              "S0 does not say what phi^0 is. What does the contract say?",
              descending(phi0=lambda grad, theta: np.asarray(grad(theta), dtype=float)))
wrong_descent("starts_with_ones", "phi^0 set to ones",
              "Before the first step nothing has been smoothed yet. What is phi^0?",
              descending(phi0=lambda grad, theta: np.ones_like(theta)))
wrong_descent("gradient_of_start", "the gradient always taken at theta0",
              "Where are you in step 3, and where do you ask for the gradient?",
              descending(at=lambda history, phi, gamma, alpha: history[0]))
wrong_descent("gradient_one_late", "the gradient of the point before the current one",
              "Where are you when you ask for the gradient?",
              descending(at=lambda history, phi, gamma, alpha: history[max(0, len(history) - 2)]))
wrong_descent("gradient_ahead", "the gradient taken one momentum step ahead (Nesterov)",
              "That is a good method, and not this one. At which point does S0 take the gradient?",
              descending(at=lambda history, phi, gamma, alpha:
                         history[-1] - gamma * (1 - alpha) * phi))
wrong_descent("forgets_phi", "phi set back to 0 in every step",
              "What should survive from one step to the next?",
              descending(lambda theta, phi, g, gamma, alpha:
                         _step(theta, 0 * phi, g, gamma, alpha)))
wrong_descent("no_momentum", "plain gradient descent",
              "What does alpha do in your loop?",
              descending(lambda theta, phi, g, gamma, alpha: (theta - gamma * g, g)))
wrong_descent("weights_swapped", "alpha on the old phi and 1 - alpha on the new gradient",
              "With alpha = 1 the descent should be plain. Is yours?",
              descending(lambda theta, phi, g, gamma, alpha:
                         _step(theta, phi, g, gamma, 1 - alpha)), STEP)
wrong_descent("accumulates", "g + (1 - alpha) phi: the gradient not weighted by alpha",
              "The two weights of an average sum to 1. What do yours sum to?",
              descending(stepping(lambda phi, g, gamma, alpha: (1 - alpha) * phi + g)), STEP)
wrong_descent("alpha_kept_old", "alpha phi + g: the other way to write momentum",
              "Which of the two does alpha weigh here: the old phi, or the new gradient?",
              descending(stepping(lambda phi, g, gamma, alpha: alpha * phi + g)), STEP)
wrong_descent("rate_twice", "gamma twice: in phi and in the step",
              "In which of S0's two lines does gamma stand, and how often?",
              descending(stepping(lambda phi, g, gamma, alpha:
                                  (1 - alpha) * phi + alpha * gamma * g)), STEP)
wrong_descent("both_factors", "theta - gamma alpha phi",
              "alpha has done its work in phi. Why does it come back?",
              descending(stepping(ema, lambda theta, phi, g, smooth, gamma, alpha:
                                  theta - gamma * alpha * smooth)), STEP)
wrong_descent("decay_twice", "1 - alpha once more in the step",
              "1 - alpha has done its work in phi. Why does it come back?",
              descending(stepping(ema, lambda theta, phi, g, smooth, gamma, alpha:
                                  theta - gamma * (1 - alpha) * smooth)), STEP)
wrong_descent("corrected", "phi divided by 1 - (1 - alpha)^r, a bias correction",
              "phi^0 = 0 makes the first phi too small. Does S0 correct for it?",
              _corrected, STEP)
wrong_descent("old_phi", "theta moved along the old phi",
              "Does the first step move at all in your version?",
              descending(stepping(ema, lambda theta, phi, g, smooth, gamma, alpha:
                                  theta - gamma * phi)), STEP)


@bank.wrong("train_momentum", "moved_before_smoothing", "theta moved first, phi renewed after it",
            "The step goes along the new phi. Which of the two lines comes first?", STEP)
def _(grad, theta0, gamma, alpha, n_steps):
    theta, phi = np.asarray(theta0, dtype=float), np.zeros(len(theta0))
    history = [theta]
    for _ in range(n_steps):
        theta = theta - gamma * phi
        phi = (1 - alpha) * phi + alpha * grad(theta)
        history.append(theta)
    return np.array(history)


@bank.wrong("train_momentum", "returns_in_the_loop", "`return` inside the loop",
            "How many rounds does your loop make before it returns?", TRAIN)
def _(grad, theta0, gamma, alpha, n_steps):
    return _descend(grad, theta0, gamma, alpha, min(n_steps, 1))


@bank.wrong("train_momentum", "kept_after_the_loop", "only the last theta kept, after the loop",
            "Row r is theta^r. Which line has to run once in every round?", TRAIN)
def _(grad, theta0, gamma, alpha, n_steps):
    history = _descend(grad, theta0, gamma, alpha, n_steps)
    return history[[0, -1]]


@bank.wrong("train_momentum", "clipped", "gradients cut off at a fixed number",
            "Where is a limit in S0's two lines? Which step does a gradient of 1000 make?", STEP)
def _(grad, theta0, gamma, alpha, n_steps):
    return _descend(lambda theta: np.clip(grad(theta), -5, 5), theta0, gamma, alpha, n_steps)


@bank.wrong("train_momentum", "one_coordinate_at_a_time",
            "theta changed entry by entry, the gradient asked for in between",
            "All entries of a gradient belong to one point. At how many points is yours taken?",
            TRAIN)
def _(grad, theta0, gamma, alpha, n_steps):
    theta, phi = np.array(theta0, dtype=float), np.zeros(len(theta0))
    history = [theta.copy()]
    for _ in range(n_steps):
        for i in range(len(theta)):
            phi[i] = (1 - alpha) * phi[i] + alpha * grad(theta)[i]
            theta[i] -= gamma * phi[i]
        history.append(theta.copy())
    return np.array(history)


wrong_descent("uphill", "theta + gamma phi",
              "The gradient points uphill. Which way do you want to go?",
              descending(lambda theta, phi, g, gamma, alpha: _step(theta, phi, g, -gamma, alpha)),
              STEP)
wrong_descent("no_start", "the starting point missing from the history",
              "The history has n_steps + 1 rows. What is in the first one?",
              descending(rows=lambda history: history[1:] if len(history) > 1 else history))
wrong_descent("one_row_short", "the last iterate missing",
              "The history has n_steps + 1 rows. Where does the loop stop?",
              descending(rows=lambda history: history[:-1] if len(history) > 1 else history))
wrong_descent("last_only", "the last iterate instead of the history",
              "Which shape does the contract ask for?",
              descending(rows=lambda history: history[-1]))
wrong_descent("columns", "one column per step",
              "One row per iterate: what is the shape of your history?",
              descending(rows=lambda history: history.T))
wrong_descent("rounded", "iterates rounded to a few digits",
              "What do the next steps compute with: what you print, or what you return?",
              descending(rows=lambda history: np.round(history, 6)))
wrong_descent("backwards", "the history in reverse order",
              "Which row should hold theta0?",
              descending(rows=lambda history: history[::-1].copy()))


wrong_descent("no_momentum_for_one", "a branch of its own for alpha = 1 that forgets to move on",
              "With alpha = 1 the formula is plain descent by itself. What does your branch do?",
              descending(at=lambda history, phi, gamma, alpha: history[-1 if alpha < 1 else 0]))


@bank.wrong("train_momentum", "same_array", "one array appended again and again, changed in place",
            "A list holds references. How many different arrays are in yours?", TRAIN)
def _(grad, theta0, gamma, alpha, n_steps):
    theta = np.array(theta0, dtype=float)
    phi, history = np.zeros_like(theta), [theta]
    for _ in range(n_steps):
        phi = (1 - alpha) * phi + alpha * grad(theta)
        theta -= gamma * phi
        history.append(theta)
    return np.array(history)


@bank.wrong("train_momentum", "changes_theta0", "theta0 itself moved downhill",
            "theta = theta0 gives the array a second name. What does theta -= ... change?", TRAIN)
def _(grad, theta0, gamma, alpha, n_steps):
    history = _descend(grad, theta0, gamma, alpha, n_steps)
    theta0[...] = history[-1]
    return history


@bank.wrong("train_momentum", "at_least_one_step", "a loop that always takes one step",
            "How many rows should there be for n_steps = 0?", TRAIN)
def _(grad, theta0, gamma, alpha, n_steps):
    return _descend(grad, theta0, gamma, alpha, max(1, n_steps))


@bank.wrong("train_momentum", "whole_numbers", "a history with the dtype of theta0",
            "A step of 0.3 from a whole number: what is left of it in an integer array?", TRAIN)
def _(grad, theta0, gamma, alpha, n_steps):
    history = np.zeros((n_steps + 1, len(theta0)), dtype=theta0.dtype)
    history[...] = _descend(grad, theta0, gamma, alpha, n_steps)
    return history


@bank.wrong("train_momentum", "one_step_too_many", "n_steps + 1 steps after the start",
            "The start is row 0. After how many steps is row n_steps reached?", TRAIN)
def _(grad, theta0, gamma, alpha, n_steps):
    return _descend(grad, theta0, gamma, alpha, n_steps + 1 if n_steps else 0)


@bank.wrong("train_momentum", "stops_early", "no more steps once the gradient is small",
            "The contract asks for n_steps steps. Who decides when enough is enough?", TRAIN)
def _(grad, theta0, gamma, alpha, n_steps):
    def step(theta, phi, g, gamma, alpha):
        return _step(theta, phi, g, gamma, alpha) if np.linalg.norm(g) > 1e-6 else (theta, phi)

    return descending(step)(grad, theta0, gamma, alpha, n_steps)


@bank.wrong("train_momentum", "falling_rate", "a step size that falls with the step number",
            "gamma is constant here. Which line changes it?", TRAIN)
def _(grad, theta0, gamma, alpha, n_steps):
    theta = np.array(theta0, dtype=float)
    phi, history = np.zeros_like(theta), [theta]
    for r in range(n_steps):
        theta, phi = _step(theta, phi, grad(theta), gamma / (1 + r), alpha)
        history.append(theta)
    return np.array(history)


bank.habits("train_momentum", _descend)


@bank.right("train_momentum", "a copy that moves, copies that stay, plain")
def _(grad, theta0, gamma, alpha, n_steps):
    theta, phi, history = theta0, 0, [theta0]
    for _ in range(n_steps):
        phi = (1 - alpha) * phi + alpha * grad(theta)
        theta = theta - gamma * phi
        history += [theta.copy()]
    return np.stack(history)


@bank.right("train_momentum", "a velocity with gamma and alpha inside")
def _(grad, theta0, gamma, alpha, n_steps):
    history, v = [theta0], np.zeros(len(theta0))
    for _ in range(n_steps):
        v = (1 - alpha) * v - gamma * alpha * grad(history[-1])
        history.append(history[-1] + v)
    return np.vstack(history)


@bank.right("train_momentum", "an array filled row by row")
def _(grad, theta0, gamma, alpha, n_steps):
    history = np.empty((n_steps + 1, len(theta0)))
    history[0] = theta0
    phi = np.zeros(len(theta0))
    for r in range(n_steps):
        phi = (1 - alpha) * phi + alpha * grad(history[r])
        history[r + 1] = history[r] - gamma * phi
    return history


@bank.right("train_momentum", "a list of lists")
def _(grad, theta0, gamma, alpha, n_steps):
    theta = [float(t) for t in theta0]
    phi, history = [0.0] * len(theta), [theta]
    for _ in range(n_steps):
        g = grad(np.array(theta))
        phi = [(1 - alpha) * p + alpha * float(d) for p, d in zip(phi, g, strict=True)]
        theta = [t - gamma * p for t, p in zip(theta, phi, strict=True)]
        history.append(theta)
    return history


@bank.right("train_momentum", "as a heavy ball")
def _(grad, theta0, gamma, alpha, n_steps):
    rows = [np.asarray(theta0, dtype=float)]
    for r in range(n_steps):
        inertia = rows[-1] - rows[-2] if r else 0.0
        rows.append(rows[-1] - gamma * alpha * grad(rows[-1]) + (1 - alpha) * inertia)
    return np.stack(rows)


@bank.right("train_momentum", "from all earlier gradients")
def _(grad, theta0, gamma, alpha, n_steps):
    rows, gradients = [np.asarray(theta0, dtype=float)], []
    for r in range(n_steps):
        gradients.append(np.asarray(grad(rows[-1])))
        phi = sum(alpha * (1 - alpha) ** (r - i) * g for i, g in enumerate(gradients))
        rows.append(rows[-1] - gamma * phi)
    return np.vstack(rows)
