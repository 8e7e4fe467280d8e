"""Known wrong and right implementations of chapter 04 (S1 sections 1-2, S3)."""

from __future__ import annotations

import itertools

import numpy as np

from ...activations import logsumexp, softmax
from . import Bank

bank = Bank()

SHAPES = "Any number of layers"
FORWARD = "Forward through any number of layers"
LAYER = "What a layer needs for its own gradient"
STEP = "One layer back"
BACKPROP = "Backprop through L layers"
FLAT = "All parameters in one vector"
COST = "What a gradient costs"
REFEREE = "Referee the notes"


def real(a):
    return np.asarray(a, dtype=float)


def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


PHI = {
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "softplus": lambda z: np.logaddexp(0, z),
    "linear": lambda z: z.copy(),
    "relu": lambda z: np.maximum(z, 0),
}
PRIME = {
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "sigmoid": lambda z: sigmoid(z) * (1 - sigmoid(z)),
    "softplus": sigmoid,
    "linear": np.ones_like,
    "relu": lambda z: (z > 0).astype(float),
}


def hot(y, K):
    return (np.arange(K) == np.asarray(y)[:, None]).astype(float)


# check_shapes -----------------------------------------------------------------------------------


@bank.wrong("check_shapes", "only_the_columns", "the columns of each W, never the biases",
            "What would NumPy do with a bias of shape (d_k, 1) under a batch?", SHAPES)
def _(params, d):
    for W, _ in params:
        if W.ndim != 2 or W.shape[1] != d:
            return False
        d = W.shape[0]
    return True


@bank.wrong("check_shapes", "ignores_input", "the chain between layers, but not the input",
            "Which size must the first layer accept?", SHAPES)
def _(params, d):
    d = params[0][0].shape[-1]
    for W, b in params:
        if W.ndim != 2 or W.shape[1] != d or b.shape != (W.shape[0],):
            return False
        d = W.shape[0]
    return True


@bank.wrong("check_shapes", "first_layer_only", "a `return True` inside the loop",
            "How far is the `return True` indented?", SHAPES)
def _(params, d):
    for W, b in params:
        if W.ndim != 2 or W.shape[1] != d or b.shape != (W.shape[0],):
            return False
        return True


@bank.wrong("check_shapes", "last_layer_decides", "a result overwritten in every round",
            "Layer 1 does not fit, layer 3 does. What does your variable hold in the end?", SHAPES)
def _(params, d):
    fits = True
    for W, b in params:
        fits = W.ndim == 2 and W.shape[1] == d and b.shape == (W.shape[0],)
        d = W.shape[0]
    return fits


@bank.wrong("check_shapes", "bias_length", "len(b) == d_k, whatever the other axes",
            "A bias of shape (d_k, 1) has length d_k as well. What happens when it is added to a "
            "batch of shape (N, d_k)?", SHAPES)
def _(params, d):
    for W, b in params:
        if W.ndim != 2 or W.shape[1] != d or b.ndim == 0 or len(b) != len(W):
            return False
        d = W.shape[0]
    return True


@bank.wrong("check_shapes", "bias_size", "b.size == d_k, whatever its axes",
            "A bias of shape (1, d_k) has d_k entries as well. What does the contract say?", SHAPES)
def _(params, d):
    for W, b in params:
        if W.ndim != 2 or W.shape[1] != d or b.size != W.shape[0]:
            return False
        d = W.shape[0]
    return True


@bank.wrong("check_shapes", "inputs_in_rows", "W of shape (d_{k-1}, d_k)",
            "z = W h + b. Does a row of W belong to a unit of the layer, or to an input?", SHAPES)
def _(params, d):
    for W, b in params:
        if W.ndim != 2 or W.shape[0] != d or b.shape != (W.shape[1],):
            return False
        d = W.shape[1]
    return True


@bank.wrong("check_shapes", "forgets_to_move_on", "every layer compared with the input size",
            "After layer 1, how many numbers come into layer 2?", SHAPES)
def _(params, d):
    return all(W.ndim == 2 and W.shape[1] == d and b.shape == (len(W),) for W, b in params)


@bank.wrong("check_shapes", "skips_the_last", "a loop that stops before the output layer",
            "L counts the output layer. Which layer does your loop never reach?", SHAPES)
def _(params, d):
    for k in range(max(1, len(params) - 1)):
        W, b = params[k]
        if W.ndim != 2 or W.shape[1] != d or b.shape != (W.shape[0],):
            return False
        d = W.shape[0]
    return True


@bank.wrong("check_shapes", "tries_it_out", "a forward pass, and whether it raises",
            "NumPy broadcasts what does not fit. Which wrong biases does a forward pass survive?",
            SHAPES)
def _(params, d):
    h = np.zeros(d)
    try:
        for W, b in params:
            h = W @ h + b
    except ValueError:
        return False
    return True


@bank.wrong("check_shapes", "any_number_of_axes", "the first two axes, whatever comes after",
            "May W have one axis, or three?", SHAPES)
def _(params, d):
    for W, b in params:
        if W.ndim < 2 or W.shape[1] != d or b.shape != W.shape[:1]:
            return False
        d = W.shape[0]
    return True


@bank.wrong("check_shapes", "shape_one", "W.shape[1] of a W that may have no second axis",
            "What is W.shape[1] if W has one axis only?", SHAPES)
def _(params, d):
    for W, b in params:
        if W.shape[1] != d or b.shape != (W.shape[0],):
            return False
        d = W.shape[0]
    return True


@bank.wrong("check_shapes", "upside_down", "True when something is wrong",
            "Is the question whether they fit, or whether they do not?", SHAPES)
def _(params, d):
    for W, b in params:
        if W.ndim != 2 or W.shape[1] != d or b.shape != (W.shape[0],):
            return True
        d = W.shape[0]
    return False


@bank.wrong("check_shapes", "repairs_biases", "biases reshaped on the way, in the caller's arrays",
            "You were asked a question about the arrays. Are they the same afterwards?", SHAPES)
def _(params, d):
    for W, b in params:
        if W.ndim != 2 or W.shape[1] != d or b.shape != (W.shape[0],):
            return False
        b.shape = (-1, 1)
        d = W.shape[0]
    return True


@bank.right("check_shapes", "all sizes first")
def _(params, d):
    if any(W.ndim != 2 or b.ndim != 1 for W, b in params):
        return False
    sizes = [d] + [b.shape[0] for _, b in params]
    return all(W.shape == (m, n) for (W, _), n, m in zip(params, sizes, sizes[1:], strict=False))


@bank.right("check_shapes", "a forward pass of shapes, errors caught")
def _(params, d):
    try:
        for W, b in params:
            m, n = W.shape
            (k,) = b.shape
            assert n == d and k == m
            d = m
    except (ValueError, AssertionError):
        return False
    return True


@bank.right("check_shapes", "recursion, np.bool")
def _(params, d):
    def fits(rest, size):
        if not rest:
            return np.bool_(True)
        W, b = rest[0]
        ok = np.shape(W)[1:] == (size,) and np.shape(b) == np.shape(W)[:1]
        return np.bool_(ok and fits(rest[1:], W.shape[0]))

    return fits(list(params), d)


# mlp_forward ------------------------------------------------------------------------------------


def run(params, acts, X, *, affine=lambda H, W, b: H @ W.T + b, phi=None, output=softmax,
        convert=real):
    """A forward pass with exchangeable parts."""
    phi = phi or (lambda k, name, Z: PHI[name](Z))
    zs, hs = [], [convert(X)]
    for k, (W, b) in enumerate(params):
        zs.append(affine(hs[-1], convert(W), convert(b)))
        hs.append(phi(k, acts[k], zs[-1]) if k < len(acts) else output(zs[-1]))
    return zs, hs


def columns_summed(Z):
    """Each row with its own maximum, and then the totals of the columns."""
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=0)


@bank.wrong("mlp_forward", "no_bias", "W h without b",
            "Where does the pre-activation start when all inputs are 0?", FORWARD)
def _(params, acts, X):
    return run(params, acts, X, affine=lambda H, W, b: H @ W.T)


@bank.wrong("mlp_forward", "no_transpose", "X @ W, silent when W is square",
            "Rows of X are examples. What shape must the product X times something have?", FORWARD)
def _(params, acts, X):
    return run(params, acts, X, affine=lambda H, W, b: H @ W + b)


@bank.wrong("mlp_forward", "first_weights_everywhere", "W^1 and b^1 in every layer, as printed",
            "The notes print W^1 and b^1 three times. Which letters should layers 2 and 3 have?",
            REFEREE)
def _(params, acts, X):
    return run([params[0]] * len(params), acts, X)


@bank.wrong("mlp_forward", "first_activation_everywhere", "acts[0] in every layer",
            "Which entry of acts belongs to layer k?", FORWARD)
def _(params, acts, X):
    return run(params, acts, X, phi=lambda k, name, Z: PHI[acts[0]](Z))


@bank.wrong("mlp_forward", "activations_reversed", "acts read from the last to the first",
            "acts[0] belongs to layer 1. Which one did your layer 1 use?", FORWARD)
def _(params, acts, X):
    return run(params, acts[::-1], X)


@bank.wrong("mlp_forward", "softmax_over_columns", "softmax down each column",
            "Which axis holds the classes?", FORWARD)
def _(params, acts, X):
    return run(params, acts, X, output=lambda Z: softmax(Z.T).T)


@bank.wrong("mlp_forward", "softmax_over_everything", "one total for the whole batch",
            "How many rows should sum to 1?", FORWARD)
def _(params, acts, X):
    return run(params, acts, X, output=lambda Z: softmax(Z.ravel()).reshape(Z.shape))


@bank.wrong("mlp_forward", "columns_summed", "exponentials divided by the totals of the columns",
            "Which axis holds the classes?", FORWARD)
def _(params, acts, X):
    return run(params, acts, X, output=columns_summed)


@bank.wrong("mlp_forward", "divided_by_everything",
            "exponentials divided by the total of the batch",
            "How many rows should sum to 1?", FORWARD)
def _(params, acts, X):
    def output(Z):
        E = np.exp(Z - Z.max(axis=1, keepdims=True))
        return E / E.sum()

    return run(params, acts, X, output=output)


@bank.wrong("mlp_forward", "largest_of_columns", "the largest logit of each column taken off",
            "A shift cancels if all logits of a row are shifted alike. Along which axis do you "
            "take the largest?", FORWARD)
def _(params, acts, X):
    def output(Z):
        E = np.exp(Z - Z.max(axis=0))
        return E / E.sum(axis=1, keepdims=True)

    return run(params, acts, X, output=output)


@bank.wrong("mlp_forward", "activation_one_late", "acts[k - 1] in layer k, counted from 0",
            "acts[0] belongs to the first hidden layer. Which one did yours use?", FORWARD)
def _(params, acts, X):
    return run(params, acts, X, phi=lambda k, name, Z: PHI[acts[k - 1]](Z))


@bank.wrong("mlp_forward", "last_activation_everywhere", "acts[-1] in every layer",
            "Which entry of acts belongs to layer k?", FORWARD)
def _(params, acts, X):
    return run(params, acts, X, phi=lambda k, name, Z: PHI[acts[-1]](Z))


@bank.wrong("mlp_forward", "tanh_everywhere", "tanh in every layer, whatever acts says",
            "Does your code look into acts at all?", FORWARD)
def _(params, acts, X):
    return run(params, acts, X, phi=lambda k, name, Z: np.tanh(Z))


@bank.wrong("mlp_forward", "slopes", "the slopes of the activations instead of the activations",
            "Which of the two dictionaries holds phi, and which phi'?", FORWARD)
def _(params, acts, X):
    return run(params, acts, X, phi=lambda k, name, Z: PRIME[name](Z))


@bank.wrong("mlp_forward", "tanh_for_linear", "tanh where the layer is linear",
            "What does a linear layer do to its pre-activation?", FORWARD)
def _(params, acts, X):
    return run(params, ["tanh" if a == "linear" else a for a in acts], X)


@bank.wrong("mlp_forward", "shifts_z", "z -= ..., which shifts the logits that were stored",
            "zs[-1] holds z, and z -= ... changes it. What stands in zs when you return?", FORWARD)
def _(params, acts, X):
    zs, hs = run(params, acts, X)
    zs[-1] = zs[-1] - zs[-1].max(axis=1, keepdims=True)
    return zs, hs


@bank.wrong("mlp_forward", "overwrites_z_of_tanh", "np.tanh(z, out=z), which overwrites z",
            "zs and hs must hold different numbers. Do they share an array?", FORWARD)
def _(params, acts, X):
    def over(k, name, Z):
        if name == "tanh":
            Z[...] = np.tanh(Z)
            return Z
        return PHI[name](Z)

    return run(params, acts, X, phi=over)


@bank.wrong("mlp_forward", "kept_from_0_and_1", "probabilities kept away from 0 and 1",
            "What does the limit protect from? This function takes no logarithm.", FORWARD)
def _(params, acts, X):
    return run(params, acts, X, output=lambda Z: np.clip(softmax(Z), 1e-7, 1 - 1e-7))


@bank.wrong("mlp_forward", "no_softmax", "logits where the probabilities should be",
            "hs[L] holds probabilities. What do your rows sum to?", FORWARD)
def _(params, acts, X):
    return run(params, acts, X, output=lambda Z: Z)


@bank.wrong("mlp_forward", "sigmoid_output", "a sigmoid at the output",
            "Must raising one logit not lower the other probabilities?", FORWARD)
def _(params, acts, X):
    return run(params, acts, X, output=sigmoid)


@bank.wrong("mlp_forward", "activated_logits", "a hidden activation before softmax",
            "How many activations does acts name, and how many layers are there?", FORWARD)
def _(params, acts, X):
    return run(params, acts, X, output=lambda Z: softmax(PHI[acts[-1] if acts else "tanh"](Z)))


@bank.wrong("mlp_forward", "softmax_hidden", "softmax at every layer",
            "Softmax makes a layer's units compete. Which layer needs that?", FORWARD)
def _(params, acts, X):
    return run(params, acts, X, phi=lambda k, name, Z: softmax(Z))


@bank.wrong("mlp_forward", "linear_chain", "pre-activations passed on instead of activations",
            "z_2 = W_2 h_1 + b_2. Which list does your next layer read from?", FORWARD)
def _(params, acts, X):
    zs, hs = [], [real(X)]
    H = real(X)
    for k, (W, b) in enumerate(params):
        H = H @ real(W).T + b
        zs.append(H)
        hs.append(PHI[acts[k]](H) if k < len(acts) else softmax(H))
    return zs, hs


@bank.wrong("mlp_forward", "without_input", "hs without X",
            "hs[0] is the input. How many entries has hs?", FORWARD)
def _(params, acts, X):
    zs, hs = run(params, acts, X)
    return zs, hs[1:]


@bank.wrong("mlp_forward", "swapped", "(hs, zs)",
            "Which of the two lists does the contract name first?", FORWARD)
def _(params, acts, X):
    return run(params, acts, X)[::-1]


@bank.wrong("mlp_forward", "overwrites_z", "activations written over the pre-activations",
            "zs and hs must hold different numbers. Do they share an array?", FORWARD)
def _(params, acts, X):
    def over(k, name, Z):
        Z[...] = PHI[name](Z)
        return Z

    return run(params, acts, X, phi=over)


@bank.wrong("mlp_forward", "probabilities_only", "the probabilities alone",
            "The backward pass needs what happened on the way. Which two lists hold it?", FORWARD)
def _(params, acts, X):
    return run(params, acts, X)[1][-1]


@bank.wrong("mlp_forward", "sigmoid_for_tanh", "a sigmoid where tanh is asked for",
            "What is tanh(0), and what is yours?", FORWARD)
def _(params, acts, X):
    return run(params, ["sigmoid" if a == "tanh" else a for a in acts], X)


@bank.wrong("mlp_forward", "leaky", "a ramp that leaks: 0.01 z below 0",
            "What does relu give for every negative z?", FORWARD)
def _(params, acts, X):
    return run(params, acts, X, phi=lambda k, name, Z: np.maximum(Z, 0.01 * Z)
               if name == "relu" else PHI[name](Z))


@bank.wrong("mlp_forward", "relu_for_softplus", "relu where softplus is asked for",
            "softplus(0) is log 2. What is yours?", FORWARD)
def _(params, acts, X):
    return run(params, ["relu" if a == "softplus" else a for a in acts], X)


@bank.wrong("mlp_forward", "no_shift", "exp of the logits as they come",
            "What does a computer make of exp(1000)?", FORWARD)
def _(params, acts, X):
    def plain(Z):
        return np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)

    return run(params, acts, X, output=plain)


@bank.wrong("mlp_forward", "one_maximum", "one maximum for the whole batch",
            "If one row has a logit of 1000 and another none above -900, what is left of the "
            "second after subtracting 1000?", FORWARD)
def _(params, acts, X):
    def shifted(Z):
        E = np.exp(Z - Z.max())
        return E / E.sum(axis=1, keepdims=True)

    return run(params, acts, X, output=shifted)


@bank.wrong("mlp_forward", "naive_softplus", "log(1 + exp(z)) typed as it stands",
            "softplus(1000) is 1000. What does log(1 + exp(1000)) give?", FORWARD)
def _(params, acts, X):
    return run(params, acts, X, phi=lambda k, name, Z: np.log(1 + np.exp(Z))
               if name == "softplus" else PHI[name](Z))


@bank.wrong("mlp_forward", "naive_tanh", "(e^2z - 1)/(e^2z + 1) typed as it stands",
            "What is infinity divided by infinity?", FORWARD)
def _(params, acts, X):
    def typed(Z):
        return (np.exp(2 * Z) - 1) / (np.exp(2 * Z) + 1)

    return run(params, acts, X,
               phi=lambda k, name, Z: typed(Z) if name == "tanh" else PHI[name](Z))


@bank.wrong("mlp_forward", "clipped", "pre-activations cut off at a fixed number",
            "softplus(1000) and softplus(500) differ by 500. Do yours?", FORWARD)
def _(params, acts, X):
    return run(params, acts, X, affine=lambda H, W, b: np.clip(H @ W.T + b, -500, 500))


@bank.right("mlp_forward", "in the precision of its arguments")
def _(params, acts, X):
    return run(params, acts, X, convert=lambda a: a)


@bank.wrong("mlp_forward", "single_precision", "numbers in float32",
            "float32 keeps seven digits. Where does the precision get lost?", FORWARD)
def _(params, acts, X):
    return run(params, acts, X, convert=lambda a: np.asarray(a, dtype=np.float32))


@bank.wrong("mlp_forward", "squeezed", "axes of length 1 removed",
            "A batch of one example is still a batch. What shape must zs[0] have for N = 1?",
            FORWARD)
def _(params, acts, X):
    zs, hs = run(params, acts, X)
    return [np.squeeze(z) for z in zs], [np.squeeze(h) for h in hs]


@bank.wrong("mlp_forward", "needs_a_hidden_layer", "acts[-1], which may not exist",
            "A network with L = 1 has no hidden layer. What is acts then?", FORWARD)
def _(params, acts, X):
    assert acts[-1] in PHI
    return run(params, acts, X)


@bank.wrong("mlp_forward", "appends_softmax", "acts.append('softmax'), in the caller's list",
            "Who else holds the list acts? What happens at the next call?", FORWARD)
def _(params, acts, X):
    out = run(params, acts, X)
    acts.append("softmax")
    return out


@bank.wrong("mlp_forward", "biases_inside_X", "X += ..., which changes the caller's array",
            "Who else holds the array X?", FORWARD)
def _(params, acts, X):
    out = run(params, acts, X)
    if X.dtype == float:
        X -= X.mean(axis=0)
    return out


bank.habits("mlp_forward", lambda params, acts, X: run(params, acts, X))


@bank.right("mlp_forward", "one example at a time")
def _(params, acts, X):
    zs = [np.empty((len(X), len(b))) for _, b in params]
    hs = [np.array(X, dtype=float)] + [np.empty((len(X), len(b))) for _, b in params]
    for n in range(len(X)):
        h = hs[0][n]
        for k, (W, b) in enumerate(params):
            z = np.dot(W, h) + b
            h = PHI[acts[k]](z) if k < len(acts) else softmax(z)
            zs[k][n], hs[k + 1][n] = z, h
    return zs, hs


@bank.right("mlp_forward", "columns and einsum, tuples")
def _(params, acts, X):
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


@bank.right("mlp_forward", "biases as a column of ones")
def _(params, acts, X):
    zs, hs = [], [np.asarray(X, dtype=np.float64)]
    for k, (W, b) in enumerate(params):
        one = np.ones((len(X), 1))
        z = np.hstack([hs[k], one]) @ np.column_stack([W, b]).astype(float).T
        zs.append(z)
        if k < len(params) - 1:
            h = {"tanh": lambda z=z: 2 * sigmoid(2 * z) - 1,
                 "sigmoid": lambda z=z: 0.5 * (1 + np.tanh(z / 2)),
                 "softplus": lambda z=z: np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))),
                 "linear": lambda z=z: z,
                 "relu": lambda z=z: np.where(z > 0, z, 0.0)}[acts[k]]()
        else:
            h = np.exp(z - logsumexp(z)[:, None])
        hs.append(h)
    return zs, hs


# layer_grads ------------------------------------------------------------------------------------


@bank.wrong("layer_grads", "transposed", "h delta^T, the transpose",
            "dW has the shape of W: which index runs along its rows?", LAYER)
def _(delta, h_prev):
    return np.outer(real(h_prev), real(delta)), real(delta).copy()


@bank.wrong("layer_grads", "inner_product", "a product summed to one number, spread over W",
            "dW_ij = delta_i h_j. Is anything summed?", LAYER)
def _(delta, h_prev):
    n = min(len(delta), len(h_prev))
    s = float(real(delta)[:n] @ real(h_prev)[:n])
    return np.full((len(delta), len(h_prev)), s), real(delta).copy()


@bank.wrong("layer_grads", "elementwise", "delta * h, which needs equal lengths",
            "delta belongs to this layer, h to the one below. How many pairs (i, j) are there?",
            LAYER)
def _(delta, h_prev):
    return real(delta) * real(h_prev), real(delta).copy()


@bank.wrong("layer_grads", "shares_delta", "delta itself returned as db",
            "If the caller scales db, what else changes?", LAYER)
def _(delta, h_prev):
    return np.outer(real(delta), real(h_prev)), real(delta)


@bank.wrong("layer_grads", "bias_with_h", "the bias gradient multiplied by h",
            "z_i = b_i + sum_j W_ij h_j. By what is b_i multiplied?", LAYER)
def _(delta, h_prev):
    return np.outer(real(delta), real(h_prev)), real(delta) * real(h_prev).sum()


@bank.wrong("layer_grads", "bias_summed", "the bias gradient summed over units",
            "There is one example here and d_m biases. What would you sum over?", LAYER)
def _(delta, h_prev):
    return np.outer(real(delta), real(h_prev)), np.sum(real(delta))


@bank.wrong("layer_grads", "sign", "the opposite sign",
            "This is the gradient itself. Which step of training brings the minus sign?", LAYER)
def _(delta, h_prev):
    return -np.outer(real(delta), real(h_prev)), -real(delta)


@bank.wrong("layer_grads", "ones", "db = 1",
            "dz_i/db_i is 1. By what is it multiplied to give dl/db_i?", LAYER)
def _(delta, h_prev):
    return np.outer(real(delta), real(h_prev)), np.ones(len(delta))


@bank.wrong("layer_grads", "column", "db of shape (d_m, 1)",
            "What shape has b?", LAYER)
def _(delta, h_prev):
    return np.outer(real(delta), real(h_prev)), real(delta)[:, None].copy()


@bank.wrong("layer_grads", "swapped", "(db, dW)",
            "Which of the two does the contract name first?", LAYER)
def _(delta, h_prev):
    return real(delta).copy(), np.outer(real(delta), real(h_prev))


@bank.wrong("layer_grads", "matrix_product", "delta @ h^T of vectors without a second axis",
            "Transposing a vector of shape (n,) changes nothing. Which function forms all products "
            "of pairs?", LAYER)
def _(delta, h_prev):
    return real(delta) @ real(h_prev).T, real(delta).copy()


@bank.wrong("layer_grads", "mean", "an average over the units",
            "Where does the formula divide?", LAYER)
def _(delta, h_prev):
    return np.outer(real(delta), real(h_prev)) / len(delta), real(delta) / len(delta)


@bank.right("layer_grads", "in the precision of its arguments")
def _(delta, h_prev):
    return np.outer(delta, h_prev), delta.copy()


@bank.wrong("layer_grads", "squeezed", "axes of length 1 removed",
            "A layer of one unit still has a matrix of weights. What is its shape?", LAYER)
def _(delta, h_prev):
    return np.squeeze(np.outer(real(delta), real(h_prev))), real(delta).copy()


@bank.wrong("layer_grads", "changes_argument", "delta scaled in place",
            "Who else holds the array delta?", LAYER)
def _(delta, h_prev):
    dW, db = np.outer(real(delta), real(h_prev)), real(delta).copy()
    if delta.dtype == float:
        delta *= 0
    return dW, db


bank.habits("layer_grads", lambda d, h: (np.outer(real(d), real(h)), real(d).copy()))


@bank.right("layer_grads", "loops")
def _(delta, h_prev):
    dW = np.zeros((len(delta), len(h_prev)))
    for i, d in enumerate(delta):
        for j, h in enumerate(h_prev):
            dW[i, j] = float(d) * float(h)
    return dW, np.array([float(d) for d in delta])


@bank.right("layer_grads", "broadcasting")
def _(delta, h_prev):
    delta = np.array(delta, dtype=float)
    return delta[:, None] * np.array(h_prev, dtype=float)[None, :], delta


@bank.right("layer_grads", "columns times rows, lists")
def _(delta, h_prev):
    d = np.asarray(delta, dtype=float).reshape(-1, 1)
    return [d @ np.asarray(h_prev, dtype=float).reshape(1, -1), d.ravel().tolist()]


# backward_step ----------------------------------------------------------------------------------


@bank.wrong("backward_step", "no_transpose", "W delta, the transpose missing",
            "Unit j feeds unit i through W_ij. Over which index do you sum: the first or the "
            "second?", REFEREE)
def _(W_next, delta_next, z, phi_prime):
    return (real(W_next) @ real(delta_next)) * phi_prime(real(z))


@bank.wrong("backward_step", "no_slope", "W^T delta alone",
            "That is the gradient with respect to h. What lies between h and z?", STEP)
def _(W_next, delta_next, z, phi_prime):
    return real(W_next).T @ real(delta_next)


@bank.wrong("backward_step", "only_slope", "the slope alone",
            "How does the loss get into it?", STEP)
def _(W_next, delta_next, z, phi_prime):
    return phi_prime(real(z))


@bank.wrong("backward_step", "slope_of_tanh", "phi' taken at tanh(z)",
            "The slope is taken where the activation was computed: at z, or at h?", STEP)
def _(W_next, delta_next, z, phi_prime):
    return (real(W_next).T @ real(delta_next)) * phi_prime(np.tanh(real(z)))


@bank.wrong("backward_step", "tanh_always", "1 - tanh^2, whatever phi' was given",
            "The last argument is a function. Do you call it?", STEP)
def _(W_next, delta_next, z, phi_prime):
    return (real(W_next).T @ real(delta_next)) * (1 - np.tanh(real(z)) ** 2)


@bank.wrong("backward_step", "slope_above", "the slope applied before W^T, at the wrong layer",
            "z belongs to the lower layer. Has it the length of delta_next?", STEP)
def _(W_next, delta_next, z, phi_prime):
    return real(W_next).T @ (real(delta_next) * phi_prime(real(z)))


@bank.wrong("backward_step", "sign", "the opposite sign",
            "Where would a minus sign come from?", STEP)
def _(W_next, delta_next, z, phi_prime):
    return -(real(W_next).T @ real(delta_next)) * phi_prime(real(z))


@bank.wrong("backward_step", "dot_product", "a dot product with the slopes instead of *",
            "Each unit has a slope of its own. How many numbers should come out?", STEP)
def _(W_next, delta_next, z, phi_prime):
    return (real(W_next).T @ real(delta_next)) @ phi_prime(real(z))


@bank.wrong("backward_step", "outer_product", "an outer product with the slopes instead of *",
            "Each unit has a slope of its own. How many numbers should come out?", STEP)
def _(W_next, delta_next, z, phi_prime):
    return np.outer(real(W_next).T @ real(delta_next), phi_prime(real(z)))


@bank.wrong("backward_step", "times_z", "multiplied by z as well",
            "Which two factors does the chain rule name?", STEP)
def _(W_next, delta_next, z, phi_prime):
    return (real(W_next).T @ real(delta_next)) * phi_prime(real(z)) * real(z)


@bank.wrong("backward_step", "slope_at_delta", "phi' taken at the gradient",
            "At which point was the activation computed?", STEP)
def _(W_next, delta_next, z, phi_prime):
    back = real(W_next).T @ real(delta_next)
    return back * phi_prime(back)


@bank.wrong("backward_step", "absolute_weights", "the absolute values of the weights",
            "May a unit lower the loss through a negative weight?", STEP)
def _(W_next, delta_next, z, phi_prime):
    return (np.abs(real(W_next)).T @ real(delta_next)) * phi_prime(real(z))


@bank.wrong("backward_step", "finite_difference", "phi' differentiated once more, numerically",
            "phi_prime is the slope already. What is its difference quotient?", STEP)
def _(W_next, delta_next, z, phi_prime):
    z = real(z)
    slope = (phi_prime(z + 1e-6) - phi_prime(z - 1e-6)) / 2e-6
    return (real(W_next).T @ real(delta_next)) * slope


@bank.wrong("backward_step", "added_slope", "the slope added instead of multiplied",
            "Does the chain rule add derivatives along a path, or multiply them?", STEP)
def _(W_next, delta_next, z, phi_prime):
    return real(W_next).T @ real(delta_next) + phi_prime(real(z))


@bank.wrong("backward_step", "slope_twice", "the slope squared",
            "How often does the path pass through this layer's activation?", STEP)
def _(W_next, delta_next, z, phi_prime):
    return (real(W_next).T @ real(delta_next)) * phi_prime(real(z)) ** 2


@bank.wrong("backward_step", "divides", "divided by the slope",
            "dh = phi'(z) dz. Does dl/dz = dl/dh dh/dz multiply or divide?", STEP)
def _(W_next, delta_next, z, phi_prime):
    return (real(W_next).T @ real(delta_next)) / phi_prime(real(z))


@bank.wrong("backward_step", "safe_slope", "a small constant added to the slope",
            "A closed gate lets nothing through. What does yours let through?", STEP)
def _(W_next, delta_next, z, phi_prime):
    return (real(W_next).T @ real(delta_next)) * (phi_prime(real(z)) + 1e-8)


@bank.wrong("backward_step", "no_closed_gates", "slopes of 0 replaced, as if dividing by them",
            "A closed gate lets nothing through. What does yours let through?", STEP)
def _(W_next, delta_next, z, phi_prime):
    return (real(W_next).T @ real(delta_next)) * np.maximum(phi_prime(real(z)), 1e-3)


@bank.wrong("backward_step", "keeps_dtype", "the answer stored in the dtype of z",
            "z may hold whole numbers. What becomes of 0.3 among them?", STEP)
def _(W_next, delta_next, z, phi_prime):
    return ((W_next.T @ delta_next) * phi_prime(z)).astype(z.dtype)


@bank.wrong("backward_step", "squeezed", "axes of length 1 removed",
            "A layer of one unit still has a vector of gradients. What is its shape?", STEP)
def _(W_next, delta_next, z, phi_prime):
    return np.squeeze((real(W_next).T @ real(delta_next)) * phi_prime(real(z)))


@bank.wrong("backward_step", "changes_argument", "z overwritten by its slopes",
            "Who else holds the array z?", STEP)
def _(W_next, delta_next, z, phi_prime):
    slope = phi_prime(real(z))
    if z.dtype == float:
        z[:] = slope
    return (real(W_next).T @ real(delta_next)) * slope


bank.habits("backward_step", lambda W, d, z, p: (real(W).T @ real(d)) * p(real(z)))


@bank.right("backward_step", "loops")
def _(W_next, delta_next, z, phi_prime):
    out = []
    slopes = phi_prime(np.array(z, dtype=float))
    for j in range(len(z)):
        total = 0.0
        for i in range(len(delta_next)):
            total += float(W_next[i][j]) * float(delta_next[i])
        out.append(total * float(slopes[j]))
    return out


@bank.right("backward_step", "delta from the left")
def _(W_next, delta_next, z, phi_prime):
    return np.asarray(delta_next, dtype=float) @ W_next * phi_prime(z.astype(float))


@bank.right("backward_step", "a diagonal Jacobian")
def _(W_next, delta_next, z, phi_prime):
    J = np.asarray(W_next, dtype=float) @ np.diag(phi_prime(np.asarray(z, dtype=float)))
    return np.einsum("ij,i->j", J, np.asarray(delta_next, dtype=float))


# mlp_backprop -----------------------------------------------------------------------------------


def backprop(params, acts, X, y, *, forward=run, top=lambda P, Y: P - Y, scale=lambda P: len(P),
             carry=lambda delta, params, k: delta @ params[k][0],
             gate=lambda delta, name, Z, H: delta * PRIME[name](Z),
             weights=lambda delta, hs, k: delta.T @ hs[k],
             biases=lambda delta: delta.sum(axis=0)):
    """Backprop with exchangeable parts."""
    params = [(real(W), real(b)) for W, b in params]
    zs, hs = forward(params, acts, X)
    delta = top(hs[-1], hot(y, len(params[-1][1]))) / scale(hs[-1])
    grads = []
    for k in reversed(range(len(params))):
        grads.append((weights(delta, hs, k), biases(delta)))
        if k > 0:
            delta = gate(carry(delta, params, k), acts[k - 1], zs[k - 1], hs[k])
    return grads[::-1]


def loss(params, acts, X, y):
    """Mean negative log-likelihood, also for complex parameters."""
    H = np.asarray(X)
    for k, (W, b) in enumerate(params):
        Z = H @ W.T + b
        if k < len(acts):
            H = CPHI[acts[k]](Z)
    m = Z.real.max(axis=1, keepdims=True)
    lse = m[:, 0] + np.log(np.exp(Z - m).sum(axis=1))
    return np.mean(lse - Z[np.arange(len(y)), y])


CPHI = {
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "softplus": lambda z: np.where(z.real > 0, z, 0) + np.log1p(
        np.exp(np.where(z.real > 0, -z, z))),
    "linear": lambda z: z,
    "relu": lambda z: np.where(z.real > 0, z, 0),
}


def perturbed(params, acts, X, y, quotient, dtype=float):
    """A gradient from one quotient(f) per parameter, f(t) being the loss with an entry moved."""
    params = [(np.array(W, dtype=dtype), np.array(b, dtype=dtype)) for W, b in params]

    def entry(array, i):
        base = array[i]

        def moved(t):
            array[i] = base + t
            try:
                return loss(params, acts, X, y)
            finally:
                array[i] = base

        return quotient(moved)

    def whole(array):
        return np.array([entry(array, i) for i in np.ndindex(array.shape)]).reshape(array.shape)

    return [(whole(W), whole(b)) for W, b in params]


@bank.wrong("mlp_backprop", "sum_not_mean", "a sum over examples",
            "The loss is a mean. What happens to its gradient when every example is there twice?",
            BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, scale=lambda P: 1)


@bank.wrong("mlp_backprop", "mean_over_entries", "a mean over all N K entries",
            "How many losses are averaged: one per example, or one per logit?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, scale=lambda P: P.size)


@bank.wrong("mlp_backprop", "mean_at_every_layer", "divided by N again at every layer",
            "How often does 1/N stand in front of the loss?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y,
                    carry=lambda delta, params, k: delta @ params[k][0] / len(delta))


@bank.wrong("mlp_backprop", "starts_from_loss", "the loss minus one-hot, as printed in the notes",
            "The recursion starts from a vector minus a vector. Is the loss a vector?", REFEREE)
def _(params, acts, X, y):
    def top(P, Y):
        return -np.log((P * Y).sum(axis=1, keepdims=True)) - Y

    return backprop(params, acts, X, y, top=top)


@bank.wrong("mlp_backprop", "sign", "one-hot minus p",
            "If the label's logit grows, the loss falls. Which sign has that entry?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, top=lambda P, Y: Y - P)


@bank.wrong("mlp_backprop", "labels_shifted", "labels counted from 1",
            "Which column belongs to label 0?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, np.asarray(y) - 1)


@bank.wrong("mlp_backprop", "gradient_of_probabilities", "the gradient with respect to p",
            "-1/p_y is the gradient with respect to the probabilities. What lies between them and "
            "the logits?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, top=lambda P, Y: -Y / P)


@bank.wrong("mlp_backprop", "softmax_twice", "p - e_y multiplied by p (1 - p) as well",
            "p - e_y is the gradient with respect to the logits. Is softmax in it already?",
            BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, top=lambda P, Y: (P - Y) * P * (1 - P))


@bank.wrong("mlp_backprop", "squared_error", "the gradient of a squared error",
            "Which loss is asked for: (p - e_y)^2, or -log p_y?", BACKPROP)
def _(params, acts, X, y):
    def top(P, Y):
        E = P - Y
        return P * (E - (E * P).sum(axis=1, keepdims=True))

    return backprop(params, acts, X, y, top=top)


@bank.wrong("mlp_backprop", "no_transpose", "the recursion without the transpose, as printed",
            "Rows are examples here, so delta W^T in the code is W delta on paper. Does the shape "
            "fit when W is not square?", REFEREE)
def _(params, acts, X, y):
    return backprop(params, acts, X, y,
                    carry=lambda delta, params, k: delta @ params[k][0].T)


@bank.wrong("mlp_backprop", "weights_of_layer_below", "W_k where W_{k+1} belongs",
            "Which matrix lies between h_k and z_{k+1}?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y,
                    carry=lambda delta, params, k: delta @ params[k - 1][0])


@bank.wrong("mlp_backprop", "no_slope", "phi' missing",
            "delta W is the gradient with respect to h. What lies between h and z?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, gate=lambda delta, name, Z, H: delta)


@bank.wrong("mlp_backprop", "slope_at_h", "phi' taken at h instead of z",
            "At which point was the activation computed?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, gate=lambda delta, name, Z, H: delta * PRIME[name](H))


@bank.wrong("mlp_backprop", "activation_not_slope", "phi(z) instead of phi'(z)",
            "Going back, do you multiply by the activation or by its slope?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, gate=lambda delta, name, Z, H: delta * H)


@bank.wrong("mlp_backprop", "slope_of_next_layer", "the slope of the activation above",
            "acts[k] belongs to layer k + 1. Which one lies between z and h here?", BACKPROP)
def _(params, acts, X, y):
    above = dict(zip(acts, [*acts[1:], "linear"], strict=True))
    return backprop(params, acts, X, y,
                    gate=lambda delta, name, Z, H: delta * PRIME[above[name]](Z))


@bank.wrong("mlp_backprop", "tanh_everywhere", "1 - h^2 for every activation",
            "For which activation is 1 - h^2 the slope?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, gate=lambda delta, name, Z, H: delta * (1 - H * H))


@bank.wrong("mlp_backprop", "sigmoid_everywhere", "h (1 - h) for every activation",
            "For which activation is h (1 - h) the slope?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, gate=lambda delta, name, Z, H: delta * H * (1 - H))


@bank.wrong("mlp_backprop", "tanh_prime_everywhere", "1 - tanh(z)^2 for every activation",
            "acts names an activation for each layer. Where does your way back look at it?",
            BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y,
                    gate=lambda delta, name, Z, H: delta * (1 - np.tanh(Z) ** 2))


@bank.wrong("mlp_backprop", "sigmoid_prime_everywhere",
            "sigma(z) (1 - sigma(z)) for every activation",
            "acts names an activation for each layer. Where does your way back look at it?",
            BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y,
                    gate=lambda delta, name, Z, H: delta * PRIME["sigmoid"](Z))


@bank.wrong("mlp_backprop", "first_slope_everywhere", "the slope of acts[0] in every layer",
            "Each hidden layer has its own name in acts. Which one does your way back use?",
            BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y,
                    gate=lambda delta, name, Z, H: delta * PRIME[acts[0]](Z))


@bank.wrong("mlp_backprop", "softplus_slope", "h (1 - h) as the slope of softplus",
            "What is the derivative of log(1 + e^z)?", BACKPROP)
def _(params, acts, X, y):
    def gate(delta, name, Z, H):
        return delta * (H * (1 - H) if name == "softplus" else PRIME[name](Z))

    return backprop(params, acts, X, y, gate=gate)


def gated(name, slope):
    """A gate with a wrong slope(Z, H) of one activation, the right ones of the others."""
    return lambda delta, mine, Z, H: delta * (slope(Z, H) if mine == name else PRIME[mine](Z))


def wrong_gate(id, looks_like, question, name, slope):
    bank.wrong("mlp_backprop", id, looks_like, question, BACKPROP)(
        lambda params, acts, X, y: backprop(params, acts, X, y, gate=gated(name, slope)))


AT_H = "At which point is phi' taken: at h, or at z?"
wrong_gate("tanh_slope_at_h", "1 - tanh(h)^2, the slope of tanh taken at h", AT_H,
           "tanh", lambda Z, H: 1 - np.tanh(H) ** 2)
wrong_gate("sigmoid_slope_at_h", "the slope of the sigmoid taken at h", AT_H,
           "sigmoid", lambda Z, H: PRIME["sigmoid"](H))
wrong_gate("softplus_slope_at_h", "sigma(h), the slope of softplus taken at h", AT_H,
           "softplus", lambda Z, H: PRIME["softplus"](H))
wrong_gate("softplus_mirrored", "1 - sigma(z) as the slope of softplus",
           "Softplus is flat on the left and steep on the right. Which way round is yours?",
           "softplus", lambda Z, H: 1 - PRIME["softplus"](Z))
wrong_gate("relu_slope_for_softplus", "the slope of relu as the slope of softplus",
           "Softplus has no kink. What is its slope at 0?",
           "softplus", lambda Z, H: Z > 0)
wrong_gate("linear_slope_z", "z as the slope of a linear layer",
           "What is the derivative of z with respect to z?", "linear", lambda Z, H: Z)
wrong_gate("linear_slope_zero", "0 as the slope of a linear layer",
           "What is the derivative of z with respect to z?", "linear", lambda Z, H: 0.0)


@bank.wrong("mlp_backprop", "columns_summed", "exponentials divided by the totals of the columns",
            "One example is one row. Along which axis do its probabilities sum to 1?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, forward=lambda params, acts, X:
                    run(params, acts, X, output=columns_summed))


@bank.wrong("mlp_backprop", "softmax_over_columns", "softmax down each column",
            "One example is one row. Along which axis do its probabilities sum to 1?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, forward=lambda params, acts, X:
                    run(params, acts, X, output=lambda Z: softmax(Z.T).T))


@bank.wrong("mlp_backprop", "mean_over_classes", "divided by K, the number of classes",
            "The mean runs over the examples. How many are there?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, scale=lambda P: P.shape[1])


CLASSES = "A batch need not contain every class. Which argument tells how many there are?"


@bank.wrong("mlp_backprop", "classes_up_to_the_largest_label",
            "as many classes as the largest label of the batch says", CLASSES, BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, top=lambda P, Y: P - np.eye(np.max(y) + 1)[y])


@bank.wrong("mlp_backprop", "classes_that_occur",
            "as many classes as different labels occur in the batch", CLASSES, BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, top=lambda P, Y: P - np.eye(len(np.unique(y)))[y])


@bank.wrong("mlp_backprop", "open_gates", "1 as the slope of relu everywhere",
            "How much does relu(z) change where z is negative?", BACKPROP)
def _(params, acts, X, y):
    def gate(delta, name, Z, H):
        return delta * (1 if name == "relu" else PRIME[name](Z))

    return backprop(params, acts, X, y, gate=gate)


@bank.wrong("mlp_backprop", "activation_of_own_layer", "delta times h of the same layer",
            "W_k multiplies h_{k-1}. Which activations did you use?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, weights=lambda delta, hs, k: delta.T @ hs[k + 1])


@bank.wrong("mlp_backprop", "preactivation_below", "delta times z of the layer below",
            "W_k multiplies h_{k-1}. Is that the pre-activation?", BACKPROP)
def _(params, acts, X, y):
    zs, _hs = run(params, acts, X)
    return backprop(params, acts, X, y,
                    weights=lambda delta, hs, k: delta.T @ (zs[k - 1] if k else hs[0]))


@bank.wrong("mlp_backprop", "weights_transposed", "dW transposed",
            "dW has the shape of W. Which index runs along its rows?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, weights=lambda delta, hs, k: hs[k].T @ delta)


@bank.wrong("mlp_backprop", "bias_mean", "the bias gradient averaged once more",
            "delta contains 1/N already. Is the bias gradient its sum or its mean?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, biases=lambda delta: delta.mean(axis=0))


@bank.wrong("mlp_backprop", "bias_of_one_example", "the bias gradient of the last example",
            "The bias is added to every example. Whose gradients do you collect?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, biases=lambda delta: delta[-1].copy())


@bank.wrong("mlp_backprop", "bias_over_units", "the bias gradient summed over units",
            "Which axis of delta are the examples?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, biases=lambda delta: delta.sum(axis=1))


@bank.wrong("mlp_backprop", "bias_forgotten", "zeros for the biases",
            "What is dz/db?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, biases=lambda delta: np.zeros(delta.shape[1]))


@bank.wrong("mlp_backprop", "bias_per_example", "one row of bias gradients for each example",
            "One bias serves all examples. What do their gradients do when they meet?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, biases=lambda delta: delta)


@bank.wrong("mlp_backprop", "bias_row", "bias gradients of shape (1, d_k)",
            "What shape has b?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, biases=lambda delta: delta.sum(axis=0, keepdims=True))


@bank.wrong("mlp_backprop", "layers_reversed", "the pairs from the output to the input",
            "You collected them from the top. In which order are they asked for?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y)[::-1]


@bank.wrong("mlp_backprop", "bias_first", "(db, dW) in each pair",
            "Which of the two does params name first?", BACKPROP)
def _(params, acts, X, y):
    return [(db, dW) for dW, db in backprop(params, acts, X, y)]


@bank.wrong("mlp_backprop", "first_example_only", "the gradient of the first example",
            "How many examples are in the batch?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X[:1], y[:1])


@bank.wrong("mlp_backprop", "weight_decay", "a penalty on the weights added",
            "Is there a penalty in this loss?", BACKPROP)
def _(params, acts, X, y):
    grads = backprop(params, acts, X, y)
    return [(dW + 0.01 * W, db) for (dW, db), (W, _) in zip(grads, params, strict=True)]


@bank.wrong("mlp_backprop", "two_layers_only", "the recursion stopped after one step",
            "Which delta do the layers below use?", BACKPROP)
def _(params, acts, X, y):
    grads = backprop(params, acts, X, y)
    return [(dW * (k >= len(params) - 2), db * (k >= len(params) - 2))
            for k, (dW, db) in enumerate(grads)]


@bank.wrong("mlp_backprop", "no_shift", "exp of the logits as they come",
            "What does a computer make of exp(1000)?", FORWARD)
def _(params, acts, X, y):
    def unshifted(Z):
        return np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)

    return backprop(params, acts, X, y,
                    forward=lambda *net: run(*net, output=unshifted))


@bank.wrong("mlp_backprop", "naive_slopes", "slopes from e^z typed as they stand",
            "What is infinity divided by infinity squared?", FORWARD)
def _(params, acts, X, y):
    def gate(delta, name, Z, H):
        E = np.exp(Z)
        slope = {"sigmoid": lambda: E / (1 + E) ** 2, "softplus": lambda: E / (1 + E)}
        return delta * slope.get(name, lambda: PRIME[name](Z))()

    return backprop(params, acts, X, y, gate=gate)


@bank.wrong("mlp_backprop", "clipped_probabilities", "probabilities kept away from 0 and 1",
            "p - e_y contains no logarithm. What needs protection?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, top=lambda P, Y: np.clip(P, 1e-9, 1 - 1e-9) - Y)


@bank.wrong("mlp_backprop", "looked_up_by_name", "the pre-activation looked up by the name of its "
            "activation, as in `zs[acts.index(name)]`",
            "Two layers may have the same activation. Which of them does index() find?", BACKPROP)
def _(params, acts, X, y):
    zs, hs = run(params, acts, X)
    delta = (hs[-1] - hot(y, hs[-1].shape[1])) / len(y)
    grads = []
    for k in reversed(range(len(params))):
        grads.append((delta.T @ hs[k], delta.sum(axis=0)))
        if k > 0:
            name = acts[k - 1]
            delta = (delta @ params[k][0]) * PRIME[name](zs[acts.index(name)])
    return grads[::-1]


@bank.wrong("mlp_backprop", "no_transpose_when_square", "W delta for W^T delta where W is square",
            "Where W is square both products have a shape that fits. Which of its indices belongs "
            "to the layer above?", BACKPROP)
def _(params, acts, X, y):
    def carry(delta, params, k):
        W = params[k][0]
        return delta @ (W.T if W.shape[0] == W.shape[1] else W)

    return backprop(params, acts, X, y, carry=carry)


@bank.wrong("mlp_backprop", "slope_of_the_argument", "z (1 - z) for the slope",
            "sigma' is sigma (1 - sigma). Of which value: of z, or of sigma(z)?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, gate=lambda delta, name, Z, H: delta * Z * (1 - Z))


@bank.wrong("mlp_backprop", "biases_to_one_number", "np.sum(delta), one number for all biases",
            "Every unit has a bias of its own. Over which axis do you add?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, biases=np.sum)


@bank.wrong("mlp_backprop", "only_shallow_nets", "a function for nets of a few layers",
            "How many layers may a net have? Is there a line in your code for each of them?",
            BACKPROP)
def _(params, acts, X, y):
    if len(params) > 7:
        raise IndexError("list index out of range")
    return backprop(params, acts, X, y)


@bank.wrong("mlp_backprop", "begun_again", "the way back begun again from the top for each layer",
            "The delta of layer 3 has been computed on the way to layer 2. Do you keep it?",
            BACKPROP, cost="per layer")
def _(params, acts, X, y):
    params = [(real(W), real(b)) for W, b in params]
    zs, hs = run(params, acts, X)
    grads = []
    for k in range(len(params)):
        delta = (hs[-1] - hot(y, hs[-1].shape[1])) / len(y)
        for j in range(len(params) - 1, k, -1):
            delta = (delta @ params[j][0]) * PRIME[acts[j - 1]](zs[j - 1])
        grads.append((delta.T @ hs[k], delta.sum(axis=0)))
    return grads


@bank.wrong("backward_step", "no_transpose_when_square", "W delta for W^T delta where W is square",
            "Where W is square both products have a shape that fits. Which of its indices belongs "
            "to the layer above?", STEP)
def _(W_next, delta_next, z, phi_prime):
    W = real(W_next)
    return ((W if W.shape[0] == W.shape[1] else W.T) @ delta_next) * phi_prime(real(z))


@bank.wrong("mlp_backprop", "keeps_dtype", "gradients stored in the dtype of the parameters",
            "np.zeros_like(W) of whole numbers holds whole numbers. What becomes of a gradient of "
            "0.3 in it?", BACKPROP)
def _(params, acts, X, y):
    params = [(W.copy(), b.copy()) for W, b in params]
    grads = backprop(params, acts, X, y)
    return [(dW.astype(W.dtype), db.astype(b.dtype))
            for (dW, db), (W, b) in zip(grads, params, strict=True)]


@bank.wrong("mlp_backprop", "single_precision", "numbers in float32",
            "float32 keeps seven digits. Where does the precision get lost?", BACKPROP)
def _(params, acts, X, y):
    return [(dW.astype(np.float32), db.astype(np.float32))
            for dW, db in backprop(params, acts, X, y)]


@bank.wrong("mlp_backprop", "rounded", "gradients rounded to a few digits",
            "What do the next steps compute with: what you print, or what you return?", BACKPROP)
def _(params, acts, X, y):
    return [(np.round(dW, 8), np.round(db, 8)) for dW, db in backprop(params, acts, X, y)]


@bank.wrong("mlp_backprop", "needs_a_hidden_layer", "acts[-1], which may not exist",
            "A network with L = 1 has no hidden layer. What is acts then?", BACKPROP)
def _(params, acts, X, y):
    assert acts[-1] in PHI
    return backprop(params, acts, X, y)


@bank.wrong("mlp_backprop", "unbiased_mean", "divided by N - 1",
            "How many losses are averaged?", BACKPROP)
def _(params, acts, X, y):
    return backprop(params, acts, X, y, scale=lambda P: len(P) - 1)


@bank.wrong("mlp_backprop", "squeezed", "axes of length 1 removed from the batch",
            "A batch of one example is still a batch. What is delta.sum(axis=0) then?", BACKPROP)
def _(params, acts, X, y):
    grads = backprop(params, acts, X, y)
    return grads if len(X) > 1 else [(dW, db.sum()) for dW, db in grads]


@bank.wrong("mlp_backprop", "squeezed_gradients", "axes of length 1 removed from the gradients",
            "A layer may have one unit, or one input. Which shape has its W then?", BACKPROP)
def _(params, acts, X, y):
    return [(np.squeeze(dW), np.squeeze(db)) for dW, db in backprop(params, acts, X, y)]


@bank.wrong("mlp_backprop", "changes_arguments", "the caller's list or arrays changed in place",
            "Who else holds params and X? Are they the same after the call?", BACKPROP)
def _(params, acts, X, y):
    grads = backprop(params, acts, X, y)
    params.reverse()
    return grads


@bank.wrong("mlp_backprop", "central_differences", "central differences, two losses per parameter",
            "How many forward passes does your gradient need, and how many would a network with a "
            "million parameters need?", COST, cost="per parameter")
def _(params, acts, X, y):
    return perturbed(params, acts, X, y, lambda f: (f(1e-6) - f(-1e-6)) / 2e-6)


@bank.wrong("mlp_backprop", "complex_step", "a complex step per parameter",
            "The values are right to the last digit. How many forward passes did they cost?", COST,
            cost="complex step")
def _(params, acts, X, y):
    return perturbed(params, acts, X, y, lambda f: f(1e-20j).imag / 1e-20, complex)


@bank.wrong("mlp_backprop", "forward_mode", "a derivative carried forward for every parameter",
            "You carry one direction forward at a time. What could you carry backward for all of "
            "them at once?", COST, cost="per parameter")
def _(params, acts, X, y):
    params = [(real(W), real(b)) for W, b in params]
    zs, hs = run(params, acts, X)
    top = (hs[-1] - hot(y, hs[-1].shape[1])) / len(X)

    def directional(k, dZ):
        for m in range(k + 1, len(params)):
            dZ = (PRIME[acts[m - 1]](zs[m - 1]) * dZ) @ params[m][0].T
        return np.sum(top * dZ)

    def along(k, i, column):
        dZ = np.zeros(zs[k].shape)
        dZ[:, i] = column
        return directional(k, dZ)

    return [(np.array([[along(k, i, hs[k][:, j]) for j in range(W.shape[1])]
                       for i in range(W.shape[0])]),
             np.array([along(k, i, 1.0) for i in range(len(b))]))
            for k, (W, b) in enumerate(params)]


@bank.wrong("mlp_backprop", "one_pass_per_unit", "every unit moved once to read off its delta",
            "Each delta costs you a pass through the rest of the network. From which delta could "
            "you compute it in one step?", COST, cost="per unit")
def _(params, acts, X, y):
    params = [(real(W), real(b)) for W, b in params]
    zs, hs = run(params, acts, X)
    top = (hs[-1] - hot(y, hs[-1].shape[1])) / len(X)

    def delta(k, i):
        dZ = np.zeros(zs[k].shape)
        dZ[:, i] = 1.0
        for m in range(k + 1, len(params)):
            dZ = (PRIME[acts[m - 1]](zs[m - 1]) * dZ) @ params[m][0].T
        return (top * dZ).sum(axis=1)

    grads = []
    for k, (_, b) in enumerate(params):
        d = np.stack([delta(k, i) for i in range(len(b))], axis=1)
        grads.append((d.T @ hs[k], d.sum(axis=0)))
    return grads


bank.habits("mlp_backprop", lambda params, acts, X, y: backprop(params, acts, X, y))


@bank.right("mlp_backprop", "one example at a time, outer products")
def _(params, acts, X, y):
    params = [(W.astype(float), b.astype(float)) for W, b in params]
    grads = [[np.zeros(W.shape), np.zeros(b.shape)] for W, b in params]
    for x, label in zip(X, y, strict=True):
        h, zs, hs = np.asarray(x, dtype=float), [], []
        for k, (W, b) in enumerate(params):
            hs.append(h)
            zs.append(W @ h + b)
            h = PHI[acts[k]](zs[-1]) if k < len(acts) else softmax(zs[-1])
        delta = h.copy()
        delta[label] -= 1
        for k in range(len(params) - 1, -1, -1):
            grads[k][0] += np.outer(delta, hs[k]) / len(X)
            grads[k][1] += delta / len(X)
            if k:
                delta = (params[k][0].T @ delta) * PRIME[acts[k - 1]](zs[k - 1])
    return grads


@bank.right("mlp_backprop", "recursion, slopes from h, einsum")
def _(params, acts, X, y):
    slope = {
        "tanh": lambda h: 1 - h**2,
        "sigmoid": lambda h: h * (1 - h),
        "softplus": lambda h: -np.expm1(-h),
        "linear": lambda h: np.ones(h.shape),
        "relu": lambda h: np.where(h > 0, 1.0, 0.0),
    }

    def visit(H, k):
        """Return (gradients of layers k and above, gradient with respect to H)."""
        W, b = np.array(params[k][0], dtype=float), np.array(params[k][1], dtype=float)
        Z = np.einsum("nj,ij->ni", H, W) + b
        if k == len(acts):
            delta = np.exp(Z - logsumexp(Z)[:, None])
            delta[np.arange(len(y)), y] -= 1
            delta, above = delta / len(y), ()
        else:
            out = PHI[acts[k]](Z)
            above, back = visit(out, k + 1)
            delta = back * slope[acts[k]](out)
        pair = (np.einsum("ni,nj->ij", delta, H), np.einsum("ni->i", delta))
        return (pair, *above), delta @ W

    return visit(np.array(X, dtype=float), 0)[0]


@bank.right("mlp_backprop", "columns, biases in the weights, 1/N last")
def _(params, acts, X, y):
    N = X.shape[0]
    A = [np.hstack([W, b[:, None]]).astype(float) for W, b in params]
    hs, zs = [np.vstack([X.T.astype(float), np.ones((1, N))])], []
    for k, B in enumerate(A):
        zs.append(B.dot(hs[k]))
        out = PHI[acts[k]](zs[k]) if k < len(acts) else softmax(zs[k].T).T
        hs.append(np.vstack([out, np.ones((1, N))]))
    delta = hs[-1][:-1] - hot(y, len(A[-1])).T
    grads = [None] * len(A)
    for k in range(len(A))[::-1]:
        G = np.tensordot(delta, hs[k], axes=(1, 1)) / N
        grads[k] = (G[:, :-1], G[:, -1])
        if k:
            delta = PRIME[acts[k - 1]](zs[k - 1]) * A[k][:, :-1].T.dot(delta)
    return grads


@bank.right("mlp_backprop", "scalar loops over lists")
def _(params, acts, X, y):
    def dot(u, v):
        total = 0.0
        for a, b in zip(u, v, strict=True):
            total += a * b
        return total

    Ws = [[[float(v) for v in row] for row in W] for W, _ in params]
    bs = [[float(v) for v in b] for _, b in params]
    dWs = [[[0.0] * len(row) for row in W] for W in Ws]
    dbs = [[0.0] * len(b) for b in bs]
    for n, x in enumerate(X):
        hs, slopes = [[float(v) for v in x]], []
        for k, (W, b) in enumerate(zip(Ws, bs, strict=True)):
            z = [dot(row, hs[-1]) + bias for row, bias in zip(W, b, strict=True)]
            Z = np.array(z)
            hs.append(PHI[acts[k]](Z).tolist() if k < len(acts) else softmax(Z).tolist())
            slopes.append(PRIME[acts[k]](Z).tolist() if k < len(acts) else None)
        delta = [p - (c == int(y[n])) for c, p in enumerate(hs[-1])]
        for k in range(len(Ws) - 1, -1, -1):
            for i, d in enumerate(delta):
                dbs[k][i] += d / len(X)
                for j, h in enumerate(hs[k]):
                    dWs[k][i][j] += d * h / len(X)
            if k:
                columns = zip(*Ws[k], strict=True)
                delta = [dot(c, delta) * s for c, s in zip(columns, slopes[k - 1], strict=True)]
    return [(np.array(dW), np.array(db)) for dW, db in zip(dWs, dbs, strict=True)]


# flatten_params ---------------------------------------------------------------------------------


def joined(parts):
    return np.concatenate([np.ravel(p) for p in parts])


@bank.wrong("flatten_params", "bias_first", "b before W in every layer",
            "Which of the two comes first in each pair?", FLAT)
def _(params):
    return joined(part for W, b in params for part in (b, W))


@bank.wrong("flatten_params", "weights_then_biases", "all weights first, then all biases",
            "After W_1, what comes next: W_2, or b_1?", FLAT)
def _(params):
    return joined([W for W, _ in params] + [b for _, b in params])


@bank.wrong("flatten_params", "column_major", "matrices read along their columns",
            "Row-major: which index changes fastest?", FLAT)
def _(params):
    return joined(part for W, b in params for part in (W.T, b))


@bank.wrong("flatten_params", "memory_order", "matrices read as they lie in memory",
            "A transposed matrix lies in memory column by column. Does the order of its entries "
            "change with where they are stored?", FLAT)
def _(params):
    return np.concatenate([p.ravel(order="K") for W, b in params for p in (W, b)])


@bank.wrong("flatten_params", "layers_reversed", "layers from the last to the first",
            "Which layer comes first?", FLAT)
def _(params):
    return joined(part for W, b in params[::-1] for part in (W, b))


@bank.wrong("flatten_params", "no_biases", "the weights alone",
            "How many numbers has a layer in all?", FLAT)
def _(params):
    return joined(W for W, _ in params)


@bank.wrong("flatten_params", "bias_as_column", "each bias beside its row of weights",
            "Where do the biases come: after each row, or after the whole matrix?", FLAT)
def _(params):
    return joined(np.column_stack([W, b]) for W, b in params)


@bank.wrong("flatten_params", "list_of_vectors", "a list of vectors that were never joined",
            "One vector is asked for. What shape is (P,)?", FLAT)
def _(params):
    return [p.ravel() for W, b in params for p in (W, b)]


@bank.wrong("flatten_params", "row_vector", "shape (1, P)",
            "What shape is (P,)?", FLAT)
def _(params):
    return joined(p for pair in params for p in pair)[None, :]


@bank.wrong("flatten_params", "single_precision", "numbers in float32",
            "float32 keeps seven digits. Where does the precision get lost?", FLAT)
def _(params):
    return joined(p for pair in params for p in pair).astype(np.float32)


@bank.wrong("flatten_params", "forgets_output_layer", "the output layer left out",
            "L counts the output layer. Are its parameters there?", FLAT)
def _(params):
    return joined(p for pair in (params[:-1] or params) for p in pair)


@bank.wrong("flatten_params", "at_least_two", "an answer for two layers and more",
            "A network may have a single layer. What does your loop start from?", FLAT)
def _(params):
    (W, b), (V, c) = params[0], params[1]
    return joined([W, b, V, c, *(p for pair in params[2:] for p in pair)])


@bank.wrong("flatten_params", "reshapes_in_place", "the caller's matrices reshaped",
            "Who else holds the matrices? What shape have they afterwards?", FLAT)
def _(params):
    out = joined(p for pair in params for p in pair)
    for W, _ in params:
        if W.flags.c_contiguous:
            W.shape = (-1,)
    return out


bank.habits("flatten_params", lambda params: joined(p for pair in params for p in pair))


@bank.right("flatten_params", "a loop that fills")
def _(params):
    theta, at = np.empty(sum(W.size + b.size for W, b in params)), 0
    for pair in params:
        for part in pair:
            theta[at:at + part.size] = part.reshape(-1)
            at += part.size
    return theta


@bank.right("flatten_params", "chained lists")
def _(params):
    rows = ([*W.tolist(), b.tolist()] for W, b in params)
    return list(itertools.chain.from_iterable(row for layer in rows for row in layer))


@bank.right("flatten_params", "np.append, flat iterators")
def _(params):
    theta = np.array([])
    for W, b in params:
        theta = np.append(theta, [*W.flat, *b.flat])
    return theta


# forward_macs -----------------------------------------------------------------------------------


def pairs(dims):
    return list(zip(dims[:-1], dims[1:], strict=True))


@bank.wrong("forward_macs", "counts_biases", "one more for each bias",
            "Adding a bias is an addition. Does it multiply?", COST)
def _(dims, B):
    return B * sum(m * (n + 1) for n, m in pairs(dims))


@bank.wrong("forward_macs", "counts_biases_once", "one more for each bias, whatever the batch",
            "Adding a bias is an addition. Does it multiply?", COST)
def _(dims, B):
    return B * sum(m * n for n, m in pairs(dims)) + sum(dims[1:])


@bank.wrong("forward_macs", "parameters", "the number of parameters",
            "How often is each weight used for a batch, and does a bias multiply?", COST)
def _(dims, B):
    return sum(m * (n + 1) for n, m in pairs(dims))


@bank.wrong("forward_macs", "products_without_first_sum", "2 n - 1 operations for an entry of z",
            "A multiply-accumulate is one multiplication with its addition. How many has one "
            "entry of z?", COST)
def _(dims, B):
    return B * sum(m * (2 * n - 1) for n, m in pairs(dims))


@bank.wrong("forward_macs", "flops", "additions and multiplications counted one by one",
            "A multiply-accumulate is one multiplication with its addition. How many has one "
            "entry of z?", COST)
def _(dims, B):
    return 2 * B * sum(m * n for n, m in pairs(dims))


@bank.wrong("forward_macs", "one_example", "the work of one example",
            "How often is it done for a batch?", COST)
def _(dims, B):
    return sum(m * n for n, m in pairs(dims))


@bank.wrong("forward_macs", "units", "B times the number of units",
            "How many products does one unit need?", COST)
def _(dims, B):
    return B * sum(dims[1:])


@bank.wrong("forward_macs", "product_of_sizes", "all sizes multiplied",
            "Does layer 2 run once per unit of layer 1, or once?", COST)
def _(dims, B):
    out = B
    for d in dims:
        out *= d
    return out


@bank.wrong("forward_macs", "squares", "d_k squared",
            "W_k is a matrix of two sizes. Which two?", COST)
def _(dims, B):
    return B * sum(d * d for d in dims[1:])


@bank.wrong("forward_macs", "no_output_layer", "the output layer left out",
            "L counts the output layer. Does it cost nothing?", COST)
def _(dims, B):
    return B * sum(m * n for n, m in pairs(dims)[:-1])


@bank.wrong("forward_macs", "hidden_only", "the first layer left out",
            "Where does the input come in?", COST)
def _(dims, B):
    return B * sum(m * n for n, m in pairs(dims)[1:])


@bank.wrong("forward_macs", "cyclic", "the last size multiplied by the first as well",
            "How many layers lie between L + 1 sizes?", COST)
def _(dims, B):
    return B * int(np.dot(dims, np.roll(dims, 1)))


@bank.wrong("forward_macs", "overflows", "32-bit integers",
            "What is the largest number that 32 bits hold?", COST)
def _(dims, B):
    d = np.array(dims, dtype=np.int32)
    return int(np.int32(B) * np.sum(d[:-1] * d[1:], dtype=np.int32))


@bank.wrong("forward_macs", "forward_and_backward", "three times the forward pass",
            "Is the backward pass asked for as well?", COST)
def _(dims, B):
    return 3 * B * sum(m * n for n, m in pairs(dims))


@bank.wrong("forward_macs", "list_per_layer", "one number per layer, not added up",
            "How many numbers should come out: one per layer, or one?", COST)
def _(dims, B):
    return [B * m * n for n, m in pairs(dims)]


@bank.wrong("forward_macs", "two_layers", "the first two layers only",
            "How many layers has a list of five sizes?", COST)
def _(dims, B):
    return B * (dims[0] * dims[1] + (dims[1] * dims[2] if len(dims) > 2 else 0))


@bank.wrong("forward_macs", "needs_two_layers", "dims[2], which may not exist",
            "A network may have a single layer. Which sizes has it?", COST)
def _(dims, B):
    return B * (dims[0] * dims[1] + dims[1] * dims[2]
                + sum(m * n for n, m in pairs(dims)[2:]))


@bank.wrong("forward_macs", "empties_the_list", "dims.pop(0), which empties the caller's list",
            "Who else holds the list dims?", COST)
def _(dims, B):
    total = 0
    while len(dims) > 1:
        n = dims.pop(0)
        total += B * n * dims[0]
    return total


@bank.right("forward_macs", "a dot product of neighbours")
def _(dims, B):
    d = np.array(dims, dtype=float)
    return B * float(d[1:] @ d[:-1])


@bank.right("forward_macs", "indices, NumPy integer")
def _(dims, B):
    total = np.int64(0)
    for k in range(1, len(dims)):
        total += np.int64(B) * dims[k] * dims[k - 1]
    return total


@bank.right("forward_macs", "itertools")
def _(dims, B):
    return sum(B * a * b for a, b in itertools.pairwise(dims))
