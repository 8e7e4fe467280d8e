"""The forward pass."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, stable, unchanged, value
from ...checking.exercise import Exercise
from ...reference.activations import logsumexp, softmax
from ...reference.network import forward
from ..bank import Bank
from ..draw import case
from .shared import (
    DTYPES,
    HUGE,
    PHI,
    PRIME,
    columns_summed,
    drawn,
    real,
    run,
    sigmoid,
    sizes,
)


def _forward_cases(rng):
    return drawn(rng, lambda net, scale=0.0: case(*net, scale=scale, **sizes(net)))


bank = Bank()


EXERCISE = Exercise(
    title="The forward pass",
    signature="mlp_forward(params, acts, X)",
    returns=("zs", "hs"),
    minutes=15,
    lines=9,
    section="Forward through any number of layers",
    draw=_forward_cases,
    oracle=forward,
    tol=1e-13,
    criteria=(
        shape(0.5),
        value(2.0),
        value(1.0, HUGE, "huge"),
        value(0.5, "smallest and largest sizes", "least"),
        value(0.5, DTYPES, "dtypes"),
        unchanged(0.25),
        stable(0.25),
    ),
    hints=(
        "The same two lines are run once per layer. Which list does the next layer read from, "
        "and what is different at the last layer?",
        "Rows are examples: Z = H @ W.T + b. Append Z to zs and phi(Z) to hs. After the loop "
        "hs has L+1 entries and zs has L. Stable forms: np.logaddexp(0, z) for softplus.",
        "hs, zs = [X], []\n"
        "for (W, b), name in zip(params, [*acts, 'softmax']):\n"
        "    zs.append(hs[-1] @ ... + ...)\n"
        "    hs.append(...)\n"
        "return zs, hs",
    ),
    bank=bank,
)


@bank.wrong("W h without b", "Where does the pre-activation start when all inputs are 0?")
def no_bias(params, acts, X):
    return run(params, acts, X, affine=lambda H, W, b: H @ W.T)


@bank.wrong(
    "X @ W, silent when W is square",
    "Rows of X are examples. What shape must the product X times something have?",
)
def no_transpose(params, acts, X):
    return run(params, acts, X, affine=lambda H, W, b: H @ W + b)


@bank.wrong(
    "W^1 and b^1 in every layer, as printed",
    "The notes print W^1 and b^1 three times. Which letters should layers 2 and 3 have?",
)
def first_weights_everywhere(params, acts, X):
    return run([params[0]] * len(params), acts, X)


@bank.wrong("acts[0] in every layer", "Which entry of acts belongs to layer k?")
def first_activation_everywhere(params, acts, X):
    return run(params, acts, X, phi=lambda k, name, Z: PHI[acts[0]](Z))


@bank.wrong(
    "acts read from the last to the first",
    "acts[0] belongs to layer 1. Which one did your layer 1 use?",
)
def activations_reversed(params, acts, X):
    return run(params, acts[::-1], X)


@bank.wrong("softmax down each column", "Which axis holds the classes?")
def softmax_over_columns(params, acts, X):
    return run(params, acts, X, output=lambda Z: softmax(Z.T).T)


@bank.wrong("one total for the whole batch", "How many rows should sum to 1?")
def softmax_over_everything(params, acts, X):
    return run(params, acts, X, output=lambda Z: softmax(Z.ravel()).reshape(Z.shape))


@bank.wrong("exponentials divided by the totals of the columns", "Which axis holds the classes?")
def columns_summed_(params, acts, X):
    return run(params, acts, X, output=columns_summed)


@bank.wrong("exponentials divided by the total of the batch", "How many rows should sum to 1?")
def divided_by_everything(params, acts, X):
    def output(Z):
        E = np.exp(Z - Z.max(axis=1, keepdims=True))
        return E / E.sum()

    return run(params, acts, X, output=output)


@bank.wrong(
    "the largest logit of each column taken off",
    "A shift cancels if all logits of a row are shifted alike. Along which axis do you "
    "take the largest?",
)
def largest_of_columns(params, acts, X):
    def output(Z):
        E = np.exp(Z - Z.max(axis=0))
        return E / E.sum(axis=1, keepdims=True)

    return run(params, acts, X, output=output)


@bank.wrong(
    "acts[k - 1] in layer k, counted from 0",
    "acts[0] belongs to the first hidden layer. Which one did yours use?",
)
def activation_one_late(params, acts, X):
    return run(params, acts, X, phi=lambda k, name, Z: PHI[acts[k - 1]](Z))


@bank.wrong("acts[-1] in every layer", "Which entry of acts belongs to layer k?")
def last_activation_everywhere(params, acts, X):
    return run(params, acts, X, phi=lambda k, name, Z: PHI[acts[-1]](Z))


@bank.wrong("tanh in every layer, whatever acts says", "Does your code look into acts at all?")
def tanh_everywhere(params, acts, X):
    return run(params, acts, X, phi=lambda k, name, Z: np.tanh(Z))


@bank.wrong(
    "the slopes of the activations instead of the activations",
    "Which of the two dictionaries holds phi, and which phi'?",
)
def slopes(params, acts, X):
    return run(params, acts, X, phi=lambda k, name, Z: PRIME[name](Z))


@bank.wrong("tanh where the layer is linear", "What does a linear layer do to its pre-activation?")
def tanh_for_linear(params, acts, X):
    return run(params, ["tanh" if a == "linear" else a for a in acts], X)


@bank.wrong(
    "z -= ..., which shifts the logits that were stored",
    "zs[-1] holds z, and z -= ... changes it. What stands in zs when you return?",
)
def shifts_z(params, acts, X):
    zs, hs = run(params, acts, X)
    zs[-1] = zs[-1] - zs[-1].max(axis=1, keepdims=True)
    return zs, hs


@bank.wrong(
    "np.tanh(z, out=z), which overwrites z",
    "zs and hs must hold different numbers. Do they share an array?",
)
def overwrites_z_of_tanh(params, acts, X):
    def over(k, name, Z):
        if name == "tanh":
            Z[...] = np.tanh(Z)
            return Z
        return PHI[name](Z)

    return run(params, acts, X, phi=over)


@bank.wrong(
    "probabilities kept away from 0 and 1",
    "What does the limit protect from? This function takes no logarithm.",
)
def kept_from_0_and_1(params, acts, X):
    return run(params, acts, X, output=lambda Z: np.clip(softmax(Z), 1e-7, 1 - 1e-7))


@bank.wrong(
    "logits where the probabilities should be",
    "hs[L] holds probabilities. What do your rows sum to?",
)
def no_softmax(params, acts, X):
    return run(params, acts, X, output=lambda Z: Z)


@bank.wrong("a sigmoid at the output", "Must raising one logit not lower the other probabilities?")
def sigmoid_output(params, acts, X):
    return run(params, acts, X, output=sigmoid)


@bank.wrong(
    "a hidden activation before softmax",
    "How many activations does acts name, and how many layers are there?",
)
def activated_logits(params, acts, X):
    return run(params, acts, X, output=lambda Z: softmax(PHI[acts[-1] if acts else "tanh"](Z)))


@bank.wrong(
    "softmax at every layer", "Softmax makes a layer's units compete. Which layer needs that?"
)
def softmax_hidden(params, acts, X):
    return run(params, acts, X, phi=lambda k, name, Z: softmax(Z))


@bank.wrong(
    "pre-activations passed on instead of activations",
    "z_2 = W_2 h_1 + b_2. Which list does your next layer read from?",
)
def linear_chain(params, acts, X):
    zs, hs = [], [real(X)]
    H = real(X)
    for k, (W, b) in enumerate(params):
        H = H @ real(W).T + b
        zs.append(H)
        hs.append(PHI[acts[k]](H) if k < len(acts) else softmax(H))
    return zs, hs


@bank.wrong("hs without X", "hs[0] is the input. How many entries has hs?")
def without_input(params, acts, X):
    zs, hs = run(params, acts, X)
    return zs, hs[1:]


@bank.wrong(
    "zs without the biases",
    "The pre-activation z = W h + b is what phi is applied to. Is b in it when you keep it?",
)
def kept_before_the_bias(params, acts, X):
    zs, hs = run(params, acts, X)
    return [z - b for z, (_, b) in zip(zs, params, strict=True)], hs


@bank.wrong("(hs, zs)", "Which of the two lists does the contract name first?")
def swapped(params, acts, X):
    return run(params, acts, X)[::-1]


@bank.wrong(
    "activations written over the pre-activations",
    "zs and hs must hold different numbers. Do they share an array?",
)
def overwrites_z(params, acts, X):
    def over(k, name, Z):
        Z[...] = PHI[name](Z)
        return Z

    return run(params, acts, X, phi=over)


@bank.wrong(
    "the probabilities alone",
    "The backward pass needs what happened on the way. Which two lists hold it?",
)
def probabilities_only(params, acts, X):
    return run(params, acts, X)[1][-1]


@bank.wrong("a sigmoid where tanh is asked for", "What is tanh(0), and what is yours?")
def sigmoid_for_tanh(params, acts, X):
    return run(params, ["sigmoid" if a == "tanh" else a for a in acts], X)


@bank.wrong("a ramp that leaks: 0.01 z below 0", "What does relu give for every negative z?")
def leaky(params, acts, X):
    return run(
        params,
        acts,
        X,
        phi=lambda k, name, Z: np.maximum(Z, 0.01 * Z) if name == "relu" else PHI[name](Z),
    )


@bank.wrong("relu where softplus is asked for", "softplus(0) is log 2. What is yours?")
def relu_for_softplus(params, acts, X):
    return run(params, ["relu" if a == "softplus" else a for a in acts], X)


@bank.wrong("exp of the logits as they come", "What does a computer make of exp(1000)?")
def no_shift(params, acts, X):
    def plain(Z):
        return np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)

    return run(params, acts, X, output=plain)


@bank.wrong(
    "one maximum for the whole batch",
    "If one row has a logit of 1000 and another none above -900, what is left of the "
    "second after subtracting 1000?",
)
def one_maximum(params, acts, X):
    def shifted(Z):
        E = np.exp(Z - Z.max())
        return E / E.sum(axis=1, keepdims=True)

    return run(params, acts, X, output=shifted)


@bank.wrong(
    "log(1 + exp(z)) typed as it stands",
    "softplus(1000) is 1000. What does log(1 + exp(1000)) give?",
)
def naive_softplus(params, acts, X):
    return run(
        params,
        acts,
        X,
        phi=lambda k, name, Z: np.log(1 + np.exp(Z)) if name == "softplus" else PHI[name](Z),
    )


@bank.wrong("(e^2z - 1)/(e^2z + 1) typed as it stands", "What is infinity divided by infinity?")
def naive_tanh(params, acts, X):
    def typed(Z):
        return (np.exp(2 * Z) - 1) / (np.exp(2 * Z) + 1)

    return run(params, acts, X, phi=lambda k, name, Z: typed(Z) if name == "tanh" else PHI[name](Z))


@bank.wrong(
    "pre-activations cut off at a fixed number",
    "softplus(1000) and softplus(500) differ by 500. Do yours?",
)
def clipped(params, acts, X):
    return run(params, acts, X, affine=lambda H, W, b: np.clip(H @ W.T + b, -500, 500))


@bank.right("in the precision of its arguments")
def in_the_precision_of_its_arguments(params, acts, X):
    return run(params, acts, X, convert=lambda a: a)


@bank.wrong("numbers in float32", "float32 keeps seven digits. Where does the precision get lost?")
def single_precision(params, acts, X):
    return run(params, acts, X, convert=lambda a: np.asarray(a, dtype=np.float32))


@bank.wrong(
    "axes of length 1 removed",
    "A batch of one example is still a batch. What shape must zs[0] have for N = 1?",
)
def squeezed(params, acts, X):
    zs, hs = run(params, acts, X)
    return [np.squeeze(z) for z in zs], [np.squeeze(h) for h in hs]


@bank.wrong(
    "acts[-1], which may not exist", "A network with L = 1 has no hidden layer. What is acts then?"
)
def needs_a_hidden_layer(params, acts, X):
    assert acts[-1] in PHI
    return run(params, acts, X)


@bank.wrong(
    "acts.append('softmax'), in the caller's list",
    "Who else holds the list acts? What happens at the next call?",
)
def appends_softmax(params, acts, X):
    out = run(params, acts, X)
    acts.append("softmax")
    return out


@bank.wrong("X += ..., which changes the caller's array", "Who else holds the array X?")
def biases_inside_X(params, acts, X):
    out = run(params, acts, X)
    if X.dtype == float:
        X -= X.mean(axis=0)
    return out


bank.habits(lambda params, acts, X: run(params, acts, X))


@bank.right("one example at a time")
def one_example_at_a_time(params, acts, X):
    zs = [np.empty((len(X), len(b))) for _, b in params]
    hs = [np.array(X, dtype=float)] + [np.empty((len(X), len(b))) for _, b in params]
    for n in range(len(X)):
        h = hs[0][n]
        for k, (W, b) in enumerate(params):
            z = np.dot(W, h) + b
            h = PHI[acts[k]](z) if k < len(acts) else softmax(z)
            zs[k][n], hs[k + 1][n] = z, h
    return zs, hs


@bank.right("columns and einsum, tuples")
def columns_and_einsum(params, acts, X):
    H = np.array(X, dtype=float).T
    zs, hs = (), (H.T,)
    for (W, b), name in zip(params, list(acts) + [None], strict=True):
        Z = np.einsum("ij,jn->in", W.astype(float), H) + b[:, None]
        if name is None:
            H = np.exp(Z - Z.max(axis=0))
            H /= H.sum(axis=0)
        else:
            H = PHI[name](Z)
        zs, hs = (*zs, Z.T), (*hs, H.T)
    return zs, hs


@bank.right("biases as a column of ones")
def biases_as_a_column_of_ones(params, acts, X):
    zs, hs = [], [np.asarray(X, dtype=np.float64)]
    for k, (W, b) in enumerate(params):
        one = np.ones((len(X), 1))
        z = np.hstack([hs[k], one]) @ np.column_stack([W, b]).astype(float).T
        zs.append(z)
        if k < len(params) - 1:
            h = {
                "tanh": lambda z=z: 2 * sigmoid(2 * z) - 1,
                "sigmoid": lambda z=z: 0.5 * (1 + np.tanh(z / 2)),
                "softplus": lambda z=z: np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))),
                "linear": lambda z=z: z,
                "relu": lambda z=z: np.where(z > 0, z, 0.0),
            }[acts[k]]()
        else:
            h = np.exp(z - logsumexp(z)[:, None])
        hs.append(h)
    return zs, hs
