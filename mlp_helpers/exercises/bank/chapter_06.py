"""Known wrong and right implementations of chapter 06 (S3 flow graph, S2 computation graph)."""

from __future__ import annotations

from collections import defaultdict, deque
from functools import lru_cache
from graphlib import TopologicalSorter

import numpy as np

from ...activations import logsumexp, softmax
from . import Bank

bank = Bank()

ORDER = "An order in which everything is ready"
LINEAR = "The linear box"
LOSS = "The loss box"
REACH = "Only as far as the parameters"
ENGINE = "The engine"
SUMMED = "Where a value forks, gradients add"
STRETCHED = "What broadcasting copies, bprop adds"


def wiring(spec):
    return {name: tuple(ins) for name, _, ins in spec}


def post_order(spec, root):
    ins, seen, order = wiring(spec), set(), []

    def visit(name):
        if name not in seen:
            seen.add(name)
            for i in ins.get(name, ()):
                visit(i)
            order.append(name)

    visit(root)
    return order


def remembering_size(exercise, fn):
    """Register a memory of earlier graphs that is keyed by their sizes alone."""

    def make():
        kept = {}

        def wrapped(spec, root, *params):
            key = len(spec), *map(len, params)
            if key not in kept:
                kept[key] = fn(spec, root, *params)
            return kept[key]

        return wrapped

    bank.stateful(exercise, "remembers_by_size", make,
              "an answer kept from an earlier graph of the same size",
              "What should happen when as many boxes come wired in another way?", ORDER)


# topological_order ------------------------------------------------------------------------------


@bank.wrong("topological_order", "as_given", "leaves first, then the boxes as the spec lists them",
            "Does the spec promise to list a box after its inputs?", ORDER)
def _(spec, root):
    needed = set(post_order(spec, root))
    boxes = [n for n, _, _ in spec if n in needed and n != root]
    leaves = [n for n in post_order(spec, root) if n not in wiring(spec)]
    return leaves + boxes + [root] if root in wiring(spec) else [root]


@bank.wrong("topological_order", "reversed", "consumers before their inputs",
            "That is the order for bprop. In which order does fprop run?", ORDER)
def _(spec, root):
    return post_order(spec, root)[::-1]


@bank.wrong("topological_order", "everything", "the whole graph, needed or not",
            "Who asks for the boxes behind the root, or beside it?", ORDER)
def _(spec, root):
    order = []
    for name, _, _ in spec:
        order += [n for n in post_order(spec, name) if n not in order]
    return order or [root]


@bank.wrong("topological_order", "no_leaves", "boxes only",
            "A leaf has a value that others wait for. Is it in your list?", ORDER)
def _(spec, root):
    return [n for n in post_order(spec, root) if n in wiring(spec)]


@bank.wrong("topological_order", "repeats", "a name once for every path that leads to it",
            "Two boxes share an input. How often is it listed?", ORDER)
def _(spec, root):
    ins = wiring(spec)

    def visit(name):
        return [n for i in ins.get(name, ()) for n in visit(i)] + [name]

    return visit(root)


@bank.wrong("topological_order", "forgets_late", "every path walked, repeats dropped afterwards",
            "Eighteen forks in a row make 2^18 paths. When do you ask whether a name was visited: "
            "before its inputs, or after?", ORDER, cost="every path")
def _(spec, root):
    ins, order = wiring(spec), []

    def visit(name):
        for i in ins.get(name, ()):
            visit(i)
        if name not in order:
            order.append(name)

    visit(root)
    return order


@bank.wrong("topological_order", "pre_order", "each name before its inputs, then reversed",
            "A box that is reached twice: does the first visit or the last decide where it "
            "stands?", ORDER)
def _(spec, root):
    ins, order = wiring(spec), []

    def visit(name):
        if name not in order:
            order.append(name)
            for i in ins.get(name, ()):
                visit(i)

    visit(root)
    return order[::-1]


@bank.wrong("topological_order", "by_distance", "sorted by the shortest way to the root",
            "An input can be one step from the root and three steps from it as well. Which of the "
            "two counts?", ORDER)
def _(spec, root):
    ins, order = wiring(spec), [root]
    for name in order:
        order += [i for i in dict.fromkeys(ins.get(name, ())) if i not in order]
    return order[::-1]


@bank.wrong("topological_order", "by_name", "sorted by name",
            "What does a name say about when its box can run?", ORDER)
def _(spec, root):
    return sorted(post_order(spec, root))


@bank.wrong("topological_order", "no_root", "everything but the root",
            "Does the root have to run as well?", ORDER)
def _(spec, root):
    return post_order(spec, root)[:-1]


@bank.wrong("topological_order", "root_is_a_box", "the root looked up among the boxes",
            "The root may be a leaf. Which boxes does it need then?", ORDER)
def _(spec, root):
    wiring(spec)[root]
    return post_order(spec, root)


@bank.wrong("topological_order", "consumes_the_spec", "spec.remove, which empties the caller's",
            "Who else holds the list spec?", ORDER)
def _(spec, root):
    order = post_order(spec, root)
    for box in list(spec):
        if box[0] in order:
            spec.remove(box)
    return order


@bank.wrong("topological_order", "first_input_only", "only the first input of each box followed",
            "A box may have two inputs. Are both in the list?", ORDER)
def _(spec, root):
    return post_order([(n, op, ins[:1]) for n, op, ins in spec], root)


@bank.wrong("topological_order", "ops_are_names", "ops listed among the names",
            "Each entry of the spec holds a name, an op and inputs. Which of them are names?",
            ORDER)
def _(spec, root):
    ops = {n: op for n, op, _ in spec}
    return [x for n in post_order(spec, root) for x in ([ops[n], n] if n in ops else [n])]


bank.habits("topological_order", post_order, array=False)
remembering_size("topological_order", post_order)


@bank.right("topological_order", "counting the inputs that are not ready")
def _(spec, root):
    ins = wiring(spec)
    needed, waiting = set(), [root]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += ins.get(name, ())
    missing = {n: len(set(ins.get(n, ()))) for n in needed}
    users = defaultdict(set)
    for n in needed:
        for i in ins.get(n, ()):
            users[i].add(n)
    ready, order = deque(sorted(n for n in needed if not missing[n])), []
    while ready:
        order.append(ready.popleft())
        for user in sorted(users[order[-1]]):
            missing[user] -= 1
            if not missing[user]:
                ready.append(user)
    return order


@bank.right("topological_order", "graphlib")
def _(spec, root):
    wanted = set(post_order(spec, root))
    graph = {n: ins for n, ins in wiring(spec).items() if n in wanted} or {root: ()}
    return tuple(TopologicalSorter(graph).static_order())


@bank.right("topological_order", "scanning until nothing is left")
def _(spec, root):
    boxes = {n: ins for n, _, ins in spec}
    wanted = [root]
    for name in wanted:
        for i in boxes.get(name, []):
            if i not in wanted:
                wanted.append(i)
    order = [n for n in wanted if n not in boxes]
    while len(order) < len(wanted):
        for n in wanted:
            if n not in order and all(i in order for i in boxes[n]):
                order.append(n)
    return order


@bank.right("topological_order", "longest distance to a leaf, memoised")
def _(spec, root):
    ins = wiring(spec)

    @lru_cache(None)
    def depth(name):
        return 1 + max(map(depth, ins[name])) if name in ins else 0

    depth(root)
    return sorted(set(post_order(spec, root)), key=depth)


@bank.right("topological_order", "a stack with two visits")
def _(spec, root):
    ins, order, done, stack = wiring(spec), [], set(), [(root, False)]
    while stack:
        name, ready = stack.pop()
        if ready:
            order.append(name)
        elif name not in done:
            done.add(name)
            stack.append((name, True))
            stack.extend((i, False) for i in reversed(ins.get(name, ())))
    return order


# linear_bprop -----------------------------------------------------------------------------------


def fl(*arrays):
    return [np.asarray(a, dtype=float) for a in arrays]


def linear(W, b, x, g):
    W, b, x, g = fl(W, b, x, g)
    return W.T @ g, np.outer(g, x), g.copy()


@bank.wrong("linear_bprop", "no_transpose", "W g for W^T g",
            "g has one entry per output, gx one per input. Which of W and W^T has columns for "
            "outputs?", LINEAR)
def _(W, b, x, g):
    W, b, x, g = fl(W, b, x, g)
    return W @ g, np.outer(g, x), g


@bank.wrong("linear_bprop", "outer_swapped", "x g^T for g x^T",
            "gW has the shape of W: rows for outputs. Which vector runs along the rows?", LINEAR)
def _(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    return gx, gW.T, gb


@bank.wrong("linear_bprop", "order", "gW, gb, gx",
            "In which order does the contract ask for the three?", LINEAR)
def _(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    return gW, gb, gx


@bank.wrong("linear_bprop", "bias_one", "ones for the bias",
            "dz/db is 1. And dL/db?", LINEAR)
def _(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    return gx, gW, np.ones_like(gb)


@bank.wrong("linear_bprop", "bias_summed", "one number for the bias",
            "b has one entry per output. What shape has its gradient?", LINEAR)
def _(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    return gx, gW, gb.sum()


@bank.wrong("linear_bprop", "bias_zero", "zeros for the bias",
            "The bias is added. Does a change of it not change z?", LINEAR)
def _(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    return gx, gW, 0 * gb


@bank.wrong("linear_bprop", "bias_times_b", "g * b for the bias",
            "In z = W x + b, what multiplies b?", LINEAR)
def _(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    return gx, gW, gb * b


@bank.wrong("linear_bprop", "elementwise", "g * x broadcast for gW",
            "Each g_i meets each x_j. What is that product called?", LINEAR)
def _(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    return gx, np.broadcast_to(gb[:, None] * 1.0, gW.shape) * gx, gb


@bank.wrong("linear_bprop", "value_for_gradient", "z = W x + b where g belongs",
            "bprop carries gradients, fprop carries values. Which of the two is z?", LINEAR)
def _(W, b, x, g):
    W, b, x, g = fl(W, b, x, g)
    return linear(W, b, x, W @ x + b)


@bank.wrong("linear_bprop", "through_a_tanh", "the slope of a tanh included",
            "A tanh is a box of its own, with a bprop of its own. Is there one in z = W x + b?",
            LINEAR)
def _(W, b, x, g):
    W, b, x, g = fl(W, b, x, g)
    return linear(W, b, x, g * (1 - np.tanh(W @ x + b) ** 2))


@bank.wrong("linear_bprop", "weights_first", "gW, gx, gb",
            "In which order does the contract ask for the three?", LINEAR)
def _(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    return gW, gx, gb


@bank.wrong("linear_bprop", "no_upstream", "the local derivatives alone",
            "Where does what arrives from above come in?", LINEAR)
def _(W, b, x, g):
    W, b, x, g = fl(W, b, x, g)
    return W.sum(axis=0), np.outer(np.ones(len(g)), x), np.ones(len(g))


@bank.wrong("linear_bprop", "upstream_for_weights_only", "g left out of gx",
            "Does x not reach the loss through z as well?", LINEAR)
def _(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    return np.asarray(W, dtype=float).sum(axis=0), gW, gb


@bank.wrong("linear_bprop", "sign", "the wrong sign",
            "A gradient points uphill. Who takes the step down?", LINEAR)
def _(W, b, x, g):
    return tuple(-a for a in linear(W, b, x, g))


@bank.wrong("linear_bprop", "bias_in_x", "the bias added to what comes back",
            "z is W x + b. Does b occur in dz/dx?", LINEAR)
def _(W, b, x, g):
    W, b, x, g = fl(W, b, x, g)
    return W.T @ (g + b), np.outer(g, x), g


@bank.wrong("linear_bprop", "forward_in_weights", "gW from the output z instead of the input x",
            "Which vector did W multiply on the way forward?", LINEAR)
def _(W, b, x, g):
    W, b, x, g = fl(W, b, x, g)
    return W.T @ g, np.outer(W @ x + b, x) * g[:, None], g


@bank.wrong("linear_bprop", "mean", "divided by the number of outputs",
            "Where in z = W x + b is a mean?", LINEAR)
def _(W, b, x, g):
    return tuple(a / len(g) for a in linear(W, b, x, g))


@bank.wrong("linear_bprop", "input_for_gradient", "W^T z for W^T g",
            "What comes back through W: the value, or its gradient?", LINEAR)
def _(W, b, x, g):
    W, b, x, g = fl(W, b, x, g)
    return W.T @ (W @ x + b), np.outer(g, x), g


@bank.wrong("linear_bprop", "weight_decay", "the weights added to their gradient",
            "Does the loss of this box contain a penalty?", LINEAR)
def _(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    return gx, gW + 0.01 * W, gb


@bank.wrong("linear_bprop", "column_bias", "a bias gradient of shape (m, 1)",
            "Which shape does b have?", LINEAR)
def _(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    return gx, gW, gb[:, None]


@bank.wrong("linear_bprop", "central_differences", "central differences of g . z",
            "Differences are right to about ten digits, and need a forward pass per entry. What "
            "does the formula give?", LINEAR)
def _(W, b, x, g):
    W, b, x, g = fl(W, b, x, g)

    def slope(f, a):
        out = np.zeros(a.shape)
        for k in np.ndindex(a.shape):
            e = np.zeros(a.shape)
            e[k] = 1e-6
            out[k] = (f(a + e) - f(a - e)) / 2e-6
        return out

    return (slope(lambda t: g @ (W @ t + b), x), slope(lambda t: g @ (t @ x + b), W),
            slope(lambda t: g @ (W @ x + t), b))


@bank.wrong("linear_bprop", "changes_argument", "the result written into the caller's x",
            "Who else holds the array x?", LINEAR)
def _(W, b, x, g):
    gx, gW, gb = linear(W, b, x, g)
    x[...] = gx
    return gx, gW, gb


@bank.wrong("linear_bprop", "no_transpose_when_square", "W g for W^T g where W is square",
            "Where W is square both products have a shape that fits. Which of its indices belongs "
            "to the output?", LINEAR)
def _(W, b, x, g):
    return (W if W.shape[0] == W.shape[1] else W.T) @ g, np.outer(g, x), 1.0 * g


@bank.right("linear_bprop", "in the precision of its arguments")
def _(W, b, x, g):
    return W.T @ g, np.outer(g, x), g


bank.habits("linear_bprop", linear)


@bank.right("linear_bprop", "loops")
def _(W, b, x, g):
    gx, gW = [0.0] * len(x), [[0.0] * len(x) for _ in g]
    for i in range(len(g)):
        for j in range(len(x)):
            gx[j] += float(g[i]) * float(W[i, j])
            gW[i][j] = float(g[i]) * float(x[j])
    return np.array(gx), np.array(gW), [float(v) for v in g]


@bank.right("linear_bprop", "einsum")
def _(W, b, x, g):
    W, x, g = fl(W, x, g)
    return [np.einsum("ij,i->j", W, g), np.einsum("i,j->ij", g, x), 1.0 * g]


@bank.right("linear_bprop", "rows and columns")
def _(W, b, x, g):
    W, x, g = fl(W, x, g)
    return g @ W, g[:, None] @ x[None, :], g


# softmax_nll_bprop ------------------------------------------------------------------------------


def hot(y, K):
    return (np.arange(K) == np.asarray(y)[:, None]).astype(float)


def loss_gradient(F):
    """P and the one-hot rows are all that the variants below differ in."""
    return softmax(np.asarray(F, dtype=float))


def nll_box(F, y, g):
    P = loss_gradient(F)
    return g * (P - hot(y, P.shape[1]))


@bank.wrong("softmax_nll_bprop", "no_upstream", "the upstream g left out",
            "The loss may be followed by a factor. Where does g enter?", LOSS)
def _(F, y, g):
    return nll_box(F, y, 1.0)


@bank.wrong("softmax_nll_bprop", "g_on_labels", "p - g e_y",
            "Which terms does the chain rule multiply by g?", LOSS)
def _(F, y, g):
    return loss_gradient(F) - g * hot(y, F.shape[1])


@bank.wrong("softmax_nll_bprop", "g_on_probabilities", "g p - e_y",
            "Which terms does the chain rule multiply by g?", LOSS)
def _(F, y, g):
    return g * loss_gradient(F) - hot(y, F.shape[1])


@bank.wrong("softmax_nll_bprop", "g_added", "g added instead of multiplied",
            "Does the chain rule add derivatives along a path, or multiply them?", LOSS)
def _(F, y, g):
    return g + nll_box(F, y, 1.0)


@bank.wrong("softmax_nll_bprop", "g_size_only", "|g| for g",
            "What if whatever follows turns the loss upside down?", LOSS)
def _(F, y, g):
    return nll_box(F, y, abs(g))


@bank.wrong("softmax_nll_bprop", "g_divides", "divided by g",
            "Does the chain rule multiply, or divide?", LOSS)
def _(F, y, g):
    return nll_box(F, y, 1.0 / g)


@bank.wrong("softmax_nll_bprop", "mean", "divided by N",
            "The box computes the sum over examples. Where would a mean come from?", LOSS)
def _(F, y, g):
    return nll_box(F, y, g) / len(F)


@bank.wrong("softmax_nll_bprop", "sign", "g (e_y - p)",
            "Should a rise of the label's logit raise the loss?", LOSS)
def _(F, y, g):
    return -nll_box(F, y, g)


@bank.wrong("softmax_nll_bprop", "no_label", "g p",
            "Where do the labels enter?", LOSS)
def _(F, y, g):
    return g * loss_gradient(F)


@bank.wrong("softmax_nll_bprop", "times_loss", "multiplied by the value of the loss",
            "bprop gets the gradient of what follows. Is that the value of the box?", LOSS)
def _(F, y, g):
    return nll_box(F, y, g) * (logsumexp(F) - F[np.arange(len(y)), y]).sum()


@bank.wrong("softmax_nll_bprop", "loss_minus_one_hot", "the loss minus e_y, as printed in S1",
            "A vector is subtracted from one number here. Which vector should stand there?", LOSS)
def _(F, y, g):
    return g * ((logsumexp(F) - F[np.arange(len(y)), y])[:, None] - hot(y, F.shape[1]))


@bank.wrong("softmax_nll_bprop", "through_softmax_only", "the Jacobian of softmax times g",
            "That is the gradient of a sum of probabilities. Which loss is in this box?", LOSS)
def _(F, y, g):
    P = loss_gradient(F)
    return g * P * (1 - P)


@bank.wrong("softmax_nll_bprop", "columns", "softmax over columns",
            "One example is one row. Along which axis do its classes lie?", LOSS)
def _(F, y, g):
    return g * (loss_gradient(F.T).T - hot(y, F.shape[1]))


@bank.wrong("softmax_nll_bprop", "columns_summed",
            "exponentials divided by the totals of the columns",
            "One example is one row. Along which axis do its probabilities sum to 1?", LOSS)
def _(F, y, g):
    E = np.exp(F - np.max(F, axis=1, keepdims=True))
    return g * (E / E.sum(axis=0) - hot(y, F.shape[1]))


@bank.wrong("softmax_nll_bprop", "divided_by_everything",
            "exponentials divided by the total of the batch",
            "Which entries compete for probability: those of a row, or all?", LOSS)
def _(F, y, g):
    E = np.exp(F - np.max(F, axis=1, keepdims=True))
    return g * (E / E.sum() - hot(y, F.shape[1]))


@bank.wrong("softmax_nll_bprop", "largest_of_columns",
            "the largest logit of each column taken off",
            "A shift cancels if all logits of a row are shifted alike. Along which axis do you "
            "take the largest?", LOSS)
def _(F, y, g):
    E = np.exp(F - np.max(F, axis=0))
    return g * (E / E.sum(axis=1, keepdims=True) - hot(y, F.shape[1]))


@bank.wrong("softmax_nll_bprop", "classes_up_to_the_largest_label",
            "as many classes as the largest label of the batch says",
            "A batch need not contain every class. Which argument tells how many there are?", LOSS)
def _(F, y, g):
    return g * (loss_gradient(F) - np.eye(np.max(y) + 1)[y])


@bank.wrong("softmax_nll_bprop", "classes_that_occur",
            "as many classes as different labels occur in the batch",
            "A batch need not contain every class. Which argument tells how many there are?", LOSS)
def _(F, y, g):
    return g * (loss_gradient(F) - np.eye(len(np.unique(y)))[y])


@bank.wrong("softmax_nll_bprop", "extra_slope", "(p - e_y) p (1 - p)",
            "Has the logarithm not cancelled that slope already?", LOSS)
def _(F, y, g):
    P = loss_gradient(F)
    return g * (P - hot(y, F.shape[1])) * P * (1 - P)


@bank.wrong("softmax_nll_bprop", "for_probabilities",
            "-e_y / p, the gradient for the probabilities",
            "Which Jacobian lies between probabilities and logits?", LOSS)
def _(F, y, g):
    return -g * hot(y, F.shape[1]) / loss_gradient(F)


@bank.wrong("softmax_nll_bprop", "raw_logits", "f - e_y: the logits where their softmax should be",
            "What did the network say, logits or probabilities?", LOSS)
def _(F, y, g):
    return g * (np.asarray(F, dtype=float) - hot(y, F.shape[1]))


@bank.wrong("softmax_nll_bprop", "own_guess",
            "one-hot rows of the most likely class, not of the label",
            "Does your gradient know the labels at all?", LOSS)
def _(F, y, g):
    return nll_box(F, np.argmax(F, axis=1), g)


@bank.wrong("softmax_nll_bprop", "clipped_probabilities", "probabilities kept away from 0 and 1",
            "What does the limit protect from? This gradient has no logarithm.", LOSS)
def _(F, y, g):
    return g * (np.clip(loss_gradient(F), 1e-12, 1 - 1e-12) - hot(y, F.shape[1]))


@bank.wrong("softmax_nll_bprop", "one_softmax", "one softmax over the whole batch",
            "Which entries compete for probability: those of a row, or all?", LOSS)
def _(F, y, g):
    return g * (loss_gradient(F.ravel()).reshape(F.shape) - hot(y, F.shape[1]))


@bank.wrong("softmax_nll_bprop", "whole_columns", "P[:, y] -= 1, which takes whole columns",
            "P[:, y] takes every row. How do you pick one entry per row?", LOSS)
def _(F, y, g):
    P = loss_gradient(F)
    P[:, y] -= 1
    return g * P


@bank.wrong("softmax_nll_bprop", "counts_from_one", "labels counted from 1",
            "Labels here run from 0 to K-1. What does the index -1 mean to NumPy?", LOSS)
def _(F, y, g):
    return nll_box(F, np.asarray(y) - 1 + F.shape[1] * (np.asarray(y) == 0), g)


@bank.wrong("softmax_nll_bprop", "summed", "the rows summed",
            "One gradient row per example: which shape is asked for?", LOSS)
def _(F, y, g):
    return nll_box(F, y, g).sum(axis=0)


@bank.wrong("softmax_nll_bprop", "no_shift", "exp of the logits as they come",
            "What does a computer make of exp(1000)?", LOSS)
def _(F, y, g):
    E = np.exp(np.asarray(F, dtype=float))
    return g * (E / E.sum(axis=1, keepdims=True) - hot(y, F.shape[1]))


@bank.wrong("softmax_nll_bprop", "one_maximum", "one maximum for the whole batch",
            "What is left of exp(f - 900) in a row whose logits lie near -900?", LOSS)
def _(F, y, g):
    F = np.asarray(F, dtype=float)
    E = np.exp(F - F.max())
    return g * (E / E.sum(axis=1, keepdims=True) - hot(y, F.shape[1]))


@bank.wrong("softmax_nll_bprop", "central_differences", "central differences of the loss",
            "The differences are right to about ten digits. What does the formula give?", LOSS)
def _(F, y, g):
    F = np.asarray(F, dtype=float)
    out = np.zeros(F.shape)
    for k in np.ndindex(F.shape):
        e = np.zeros(F.shape)
        e[k] = 1e-5
        up, down = ((logsumexp(A) - A[np.arange(len(y)), y]).sum() for A in (F + e, F - e))
        out[k] = g * (up - down) / 2e-5
    return out


@bank.wrong("softmax_nll_bprop", "changes_argument", "the result written into the caller's F",
            "Who else holds the array F?", LOSS)
def _(F, y, g):
    answer = nll_box(F, y, g)
    F[...] = answer
    return answer


@bank.wrong("softmax_nll_bprop", "label_only", "zero for all classes but the label",
            "When another logit rises, what happens to the label's probability?", LOSS)
def _(F, y, g):
    dF, rows = np.zeros(F.shape), np.arange(len(y))
    dF[rows, y] = g * (softmax(np.asarray(F, dtype=float))[rows, y] - 1)
    return dF


@bank.right("softmax_nll_bprop", "in the precision of its arguments")
def _(F, y, g):
    P = softmax(F)
    P[np.arange(len(y)), y] -= 1
    return g * P


bank.habits("softmax_nll_bprop", nll_box)


@bank.right("softmax_nll_bprop", "loops")
def _(F, y, g):
    rows = []
    for f, k in zip(F.astype(float), y, strict=True):
        e = np.exp(f - f.max())
        rows.append([g * (v / e.sum() - (j == k)) for j, v in enumerate(e)])
    return np.array(rows)


@bank.right("softmax_nll_bprop", "in place on its own array")
def _(F, y, g):
    F = np.array(F, dtype=np.float64)
    F -= F.max(axis=1, keepdims=True)
    np.exp(F, out=F)
    F /= F.sum(axis=1, keepdims=True)
    np.subtract.at(F, (np.arange(len(y)), y), 1.0)
    F *= g
    return F


@bank.right("softmax_nll_bprop", "through log-softmax")
def _(F, y, g):
    F = F.astype(float)
    return g * np.exp(F - logsumexp(F)[:, None]) - g * np.eye(F.shape[1])[y]


# boxes_needing_bprop ----------------------------------------------------------------------------


def depending(spec, root, params):
    ins, found = wiring(spec), set()
    for name in post_order(spec, root):
        if name in params or any(i in found for i in ins.get(name, ())):
            found.add(name)
    return found


@bank.wrong("boxes_needing_bprop", "everything_needed", "all that the root needs",
            "A box that only sees data: what would you do with its gradient?", REACH)
def _(spec, root, params):
    return sorted(post_order(spec, root))


@bank.wrong("boxes_needing_bprop", "behind_the_root", "all that depends on a parameter",
            "Some of these boxes never reach the root. What gradient would they get?", REACH)
def _(spec, root, params):
    found = set()
    for name in (*(n for n, _, _ in spec), *params):
        found |= depending(spec, name, params)
    return sorted(found)


@bank.wrong("boxes_needing_bprop", "boxes_only", "boxes without the parameters themselves",
            "Where should the gradient arrive in the end?", REACH)
def _(spec, root, params):
    return sorted(depending(spec, root, params) & wiring(spec).keys())


@bank.wrong("boxes_needing_bprop", "all_parameters", "every parameter, also those not needed",
            "Can the root change when a parameter changes that it does not need?", REACH)
def _(spec, root, params):
    return sorted(depending(spec, root, params) | set(params))


@bank.wrong("boxes_needing_bprop", "direct_only", "boxes with a parameter among their inputs",
            "The gradient comes from the root. Which boxes does it pass on its way?", REACH)
def _(spec, root, params):
    ins = wiring(spec)
    return sorted(n for n in post_order(spec, root)
                  if n in params or set(ins.get(n, ())) & set(params))


@bank.wrong("boxes_needing_bprop", "all_inputs", "boxes all of whose inputs depend on a parameter",
            "One input of the box is data, the other is not. Must the gradient pass?", REACH)
def _(spec, root, params):
    ins, found = wiring(spec), set()
    for name in post_order(spec, root):
        if name in params or (name in ins and all(i in found for i in ins[name])):
            found.add(name)
    return sorted(found)


@bank.wrong("boxes_needing_bprop", "trusts_the_spec", "one pass over the spec as it is given",
            "Does the spec promise to list a box after its inputs?", REACH)
def _(spec, root, params):
    needed, found = set(post_order(spec, root)), set(params)
    for name, _, ins in spec:
        if name in needed and found & set(ins):
            found.add(name)
    return sorted(found & needed)


@bank.wrong("boxes_needing_bprop", "names_in_a_text", "names looked up in a text, as in "
            "`name in str(params)`",
            "Is the leaf 'W' a parameter when only 'W1' is one?", REACH)
def _(spec, root, params):
    listed = str(list(params))
    return sorted(depending(spec, root, [n for n in post_order(spec, root) if n in listed]))


@bank.wrong("boxes_needing_bprop", "unsorted", "the names in topological order",
            "In which order does the contract ask for the names?", REACH)
def _(spec, root, params):
    found = depending(spec, root, params)
    return [n for n in post_order(spec, root) if n in found]


@bank.wrong("boxes_needing_bprop", "sorted_downwards", "sorted from the end",
            "In which order does the contract ask for the names?", REACH)
def _(spec, root, params):
    return sorted(depending(spec, root, params), reverse=True)


@bank.wrong("boxes_needing_bprop", "ignores_case", "sorted without regard to upper and lower case",
            "How does sorted() order W1 and a1 when you leave it alone?", REACH)
def _(spec, root, params):
    return sorted(depending(spec, root, params), key=lambda n: (n.lower(), n))


@bank.wrong("boxes_needing_bprop", "without_root", "everything but the root",
            "Where does the backward pass start?", REACH)
def _(spec, root, params):
    return sorted(depending(spec, root, params) - {root})


@bank.wrong("boxes_needing_bprop", "always_the_root", "the root, whether or not it depends",
            "If no parameter leads to the root, which box needs bprop?", REACH)
def _(spec, root, params):
    return sorted(depending(spec, root, params) | {root})


@bank.wrong("boxes_needing_bprop", "root_is_a_box", "the root looked up among the boxes",
            "The root may be a leaf. Does it depend on a parameter then?", REACH)
def _(spec, root, params):
    wiring(spec)[root]
    return sorted(depending(spec, root, params))


@bank.wrong("boxes_needing_bprop", "every_path", "a recursion that stops at the first parameter",
            "The shortcut helps while there is a parameter to find. And in a large part of the "
            "graph that holds none?", REACH, cost="every path")
def _(spec, root, params):
    ins = wiring(spec)

    def depends(name):
        return name in params or any(depends(i) for i in ins.get(name, ()))

    return sorted(n for n in set(post_order(spec, root)) if depends(n))


@bank.wrong("boxes_needing_bprop", "extends_params", "names appended to the caller's list",
            "Who else holds the list params?", REACH)
def _(spec, root, params):
    found = sorted(depending(spec, root, params))
    params.extend(n for n in found if n not in params)
    return found


bank.habits("boxes_needing_bprop", lambda *args: sorted(depending(*args)), array=False)
remembering_size("boxes_needing_bprop", lambda *args: sorted(depending(*args)))


@bank.right("boxes_needing_bprop", "memoised recursion")
def _(spec, root, params):
    ins, marks = wiring(spec), set(params)

    @lru_cache(None)
    def depends(name):
        return name in marks or any([depends(i) for i in ins.get(name, ())])

    names, stack = set(), [root]
    while stack:
        name = stack.pop()
        if name not in names:
            names.add(name)
            stack += ins.get(name, ())
    return sorted(filter(depends, names))


@bank.right("boxes_needing_bprop", "two floods that meet")
def _(spec, root, params):
    def flood(starts, edges):
        found, queue = set(starts), deque(starts)
        while queue:
            for n in edges[queue.popleft()] - found:
                found.add(n)
                queue.append(n)
        return found

    down, up = defaultdict(set), defaultdict(set)
    for name, _, ins in spec:
        for i in ins:
            down[name].add(i)
            up[i].add(name)
    return sorted(flood([root], down) & flood(list(params), up))


@bank.right("boxes_needing_bprop", "repeated until nothing changes")
def _(spec, root, params):
    marked, needed, before = set(params), {root}, None
    while before != (len(marked), len(needed)):
        before = (len(marked), len(needed))
        for name, _, ins in spec:
            if marked.intersection(ins):
                marked.add(name)
            if name in needed:
                needed.update(ins)
    return tuple(sorted(marked & needed))


# fprop_bprop ------------------------------------------------------------------------------------


def shrink(share, like):
    """Sum a share down to the shape of the input."""
    while np.ndim(share) > np.ndim(like):
        share = share.sum(axis=0)
    for axis, n in enumerate(np.shape(like)):
        if n == 1:
            share = share.sum(axis=axis, keepdims=True)
    return share


FORWARD = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b,
    "matvec": lambda W, x: W @ x, "dot": lambda a, b: a @ b, "tanh": np.tanh,
    "relu": lambda a: np.maximum(a, 0.0), "sum": np.sum,
}
BACKWARD = {
    "add": lambda g, v, a, b: (g, g), "sub": lambda g, v, a, b: (g, -g),
    "mul": lambda g, v, a, b: (g * b, g * a),
    "matvec": lambda g, v, W, x: (np.outer(g, x), W.T @ g),
    "dot": lambda g, v, a, b: (g * b, g * a), "tanh": lambda g, v, a: (g * (1 - v**2),),
    "relu": lambda g, v, a: (g * (a > 0),), "sum": lambda g, v, a: (g * np.ones(np.shape(a)),),
}


def add_up(old, share, like):
    return old + shrink(share, like)


def engine(spec, values, root, forward=None, backward=None, collect=add_up, start=1.0,
           convert=lambda v: np.asarray(v, dtype=float)):
    """A plain engine whose parts can be replaced by wrong ones."""
    forward, backward = {**FORWARD, **(forward or {})}, {**BACKWARD, **(backward or {})}
    boxes = {n: (op, ins) for n, op, ins in spec}
    order = [n for n in post_order(spec, root) if n in boxes]
    v = {n: convert(x) for n, x in values.items()}
    for n in order:
        op, ins = boxes[n]
        v[n] = forward[op](*(v[i] for i in ins))
    grads = {n: np.zeros(np.shape(x)) for n, x in v.items()}
    grads[root] = np.asarray(start)
    for n in reversed(order):
        op, ins = boxes[n]
        for i, share in zip(ins, backward[op](grads[n], v[n], *(v[i] for i in ins)), strict=True):
            grads[i] = collect(grads[i], share, v[i])
    return float(v[root]), {n: grads[n] for n in values}


def with_parts(id, looks_like, question, reread=ENGINE, **parts):
    """Register the engine with some of its parts replaced."""
    bank.wrong("fprop_bprop", id, looks_like, question, reread)(
        lambda spec, values, root: engine(spec, values, root, **parts))


with_parts("overwrites", "grads[i] = share: the last consumer wins",
           "A value feeds two boxes, so the loss feels it along two paths. What happens to the "
           "first path's share?", SUMMED, collect=lambda old, share, like: shrink(share, like))
with_parts("first_wins", "the first consumer's share kept, later ones dropped",
           "A value feeds two boxes, so the loss feels it along two paths. Where does the second "
           "path's share go?", SUMMED,
           collect=lambda old, share, like: old if np.any(old) else shrink(share, like))
with_parts("maximum", "the larger of the contributions",
           "Two paths both carry a change to the loss. Does only the wider one count?", SUMMED,
           collect=lambda old, share, like: np.where(np.abs(old) > np.abs(shrink(share, like)),
                                                     old, shrink(share, like)))
with_parts("averages", "the mean of the contributions",
           "The multivariate chain rule has a sum over paths. Where does a mean come from?", SUMMED,
           collect=lambda old, share, like: (old + shrink(share, like)) / (1 + np.any(old != 0)))
with_parts("no_shrink", "gradients in the broadcast shape",
           "The bias of shape (5,) was copied to every row. What does a change of it change?",
           STRETCHED, collect=lambda old, share, like: old + share)
with_parts("mean_over_copies", "the mean over the copies that broadcasting made",
           "Every copy carries the change to the loss. Do their shares add, or average?",
           STRETCHED, collect=lambda old, share, like: old + shrink(share, like) * (
               max(np.size(like), 1) / max(np.size(share), 1)))
with_parts("first_copy", "the share of the first copy alone",
           "Broadcasting made several copies. Who collects the shares of the others?", STRETCHED,
           collect=lambda old, share, like: old + _first_copy(share, like))
with_parts("leading_axes_only", "new leading axes summed, axes of length 1 forgotten",
           "A column of shape (3, 1) meets shape (3, 5). Which axis was stretched?", STRETCHED,
           collect=lambda old, share, like: old + _leading(share, like))
with_parts("summed_to_a_number", "everything summed where the shapes differ",
           "Only the copies are to be added. Which axes did broadcasting stretch?", STRETCHED,
           collect=lambda old, share, like: old + (
               share if np.shape(share) == np.shape(like) else np.sum(share)))
with_parts("sub_sign", "both inputs of a difference with a plus sign",
           "When the second input of a - b rises, what does the difference do?",
           backward={"sub": lambda g, v, a, b: (g, g)})
with_parts("sub_swapped", "the inputs of a difference swapped",
           "Which of the two inputs has the minus sign?",
           backward={"sub": lambda g, v, a, b: (-g, g)})
with_parts("mul_own", "each factor gets itself",
           "The derivative of a b with respect to a is not a. What is it?",
           backward={"mul": lambda g, v, a, b: (g * a, g * b)})
with_parts("mul_no_upstream", "a product forgets its upstream gradient",
           "b is the local derivative. What arrives from above?",
           backward={"mul": lambda g, v, a, b: (b * np.ones(np.shape(v)),
                                                a * np.ones(np.shape(v)))})
with_parts("dot_own", "each vector of a dot product gets itself",
           "The derivative of a . b with respect to a is not a. What is it?",
           backward={"dot": lambda g, v, a, b: (g * a, g * b) if a.shape == b.shape else None})
with_parts("matvec_no_transpose", "W g for W^T g",
           "g has one entry per output, the input has one per column of W. Which way round must "
           "W stand?", LINEAR,
           backward={"matvec": lambda g, v, W, x: (np.outer(g, x),
                                                   (W if W.shape[0] == W.shape[1] else W.T) @ g)})
with_parts("matvec_outer_swapped", "x g^T for g x^T",
           "The weight gradient has the shape of W: rows for outputs. Which vector runs along "
           "them?", LINEAR,
           backward={"matvec": lambda g, v, W, x: (np.outer(x, g) if W.shape[0] == W.shape[1]
                                                   else np.outer(g, x), W.T @ g)})
with_parts("tanh_of_input", "1 - a^2 with the input for the output",
           "tanh' is 1 - tanh^2. Of which value is the square?",
           backward={"tanh": lambda g, v, a: (g * (1 - a**2),)})
with_parts("tanh_twice", "tanh applied once more",
           "The box's value is tanh(a) already. What does tanh of it give?",
           backward={"tanh": lambda g, v, a: (g * (1 - np.tanh(v) ** 2),)})
with_parts("tanh_no_upstream", "tanh forgets its upstream gradient",
           "The chain rule multiplies. Which factor comes from above?",
           backward={"tanh": lambda g, v, a: (1 - v**2,)})
with_parts("sigmoid_slope", "v (1 - v), the slope of the sigmoid",
           "Which function has the derivative v (1 - v), and which 1 - v^2?",
           backward={"tanh": lambda g, v, a: (g * v * (1 - v),)})
with_parts("relu_no_gate", "relu passes everything back",
           "A unit with a negative pre-activation gives 0. What does the loss feel of it?",
           backward={"relu": lambda g, v, a: (g,)})
with_parts("relu_gates_gradient", "relu applied to the gradient",
           "Which sign opens the gate, that of the gradient or that of the pre-activation?",
           backward={"relu": lambda g, v, a: (np.maximum(g, 0.0),)})
with_parts("relu_open_at_zero", "relu'(0) = 1",
           "At exactly 0 the course takes one of the two one-sided slopes. Which?",
           backward={"relu": lambda g, v, a: (g * (a >= 0),)})
with_parts("relu_half_at_zero", "relu'(0) = 1/2",
           "At exactly 0 the course takes one of the two one-sided slopes. Which?",
           backward={"relu": lambda g, v, a: (g * (0.5 * (1 + np.sign(a))),)})
with_parts("relu_gates_both", "a gate that also closes where the gradient is negative",
           "Does what a ReLU lets through depend on its input, or on the gradient?",
           backward={"relu": lambda g, v, a: (g * ((a > 0) & (g > 0)),)})
with_parts("relu_of_value", "the value of a ReLU in the place of its slope",
           "Where a is positive, relu(a) = a. What is the derivative there?",
           backward={"relu": lambda g, v, a: (g * v,)})
with_parts("leaky", "a ramp that leaks: 0.01 a below 0, forwards and backwards",
           "What does relu give for every negative number?",
           forward={"relu": lambda a: np.where(a > 0, a, 0.01 * a)},
           backward={"relu": lambda g, v, a: (g * np.where(a > 0, 1.0, 0.01),)})
with_parts("sum_no_upstream", "a sum forgets its upstream gradient",
           "The sum need not be the root. What arrives from above?",
           backward={"sum": lambda g, v, a: (np.ones(np.shape(a)),)})
with_parts("sum_as_mean", "the gradient of a mean",
           "By which number does a mean of n terms differ from their sum?",
           backward={"sum": lambda g, v, a: (g * np.ones(np.shape(a)) / np.size(a),)})
with_parts("mean_for_sum", "a mean in the place of the sum, forwards and backwards",
           "The op is called sum. What does yours compute?", forward={"sum": np.mean},
           backward={"sum": lambda g, v, a: (g * np.ones(np.shape(a)) / np.size(a),)})
with_parts("sigmoid_for_tanh", "the sigmoid in the place of tanh, forwards and backwards",
           "Which of the two functions goes through 0?",
           forward={"tanh": lambda a: 1 / (1 + np.exp(-a))},
           backward={"tanh": lambda g, v, a: (g * v * (1 - v),)})
with_parts("starts_from_value", "the backward pass started with the root's value",
           "What is the derivative of the root with respect to itself?", start=2.0)
with_parts("single_precision", "numbers in float32",
           "float32 keeps seven digits. Where does the precision get lost?",
           convert=lambda v: np.asarray(v, dtype=np.float32))
with_parts("tanh_by_quotient", "tanh as (e^2a - 1) / (e^2a + 1)",
           "What does a computer make of e^2000, and of infinity divided by infinity?",
           forward={"tanh": lambda a: (np.exp(2 * a) - 1) / (np.exp(2 * a) + 1)})
with_parts("rounds_gradients", "gradients kept in arrays made like the leaves",
           "np.zeros_like of whole numbers holds whole numbers. What becomes of 0.3 in it?",
           collect=lambda old, share, like: _like_the_leaf(old, share, like), convert=np.asarray)


def _like_the_leaf(old, share, like):
    return (old + shrink(share, like)).astype(np.asarray(like).dtype)


@bank.right("fprop_bprop", "in the precision of its leaves")
def _(spec, values, root):
    return engine(spec, values, root, convert=np.asarray)


# Orders in which a box may run bprop before all its consumers have sent their share.


def _breadth_first(ins, root):
    order, queue = [], deque([root])
    while queue:
        name = queue.popleft()
        if name not in order:
            order.append(name)
            queue.extend(ins.get(name, ()))
    return order


def _depth_first(ins, root):
    order = []

    def visit(name):
        if name not in order:
            order.append(name)
            for i in ins.get(name, ()):
                visit(i)

    visit(root)
    return order


def _from_a_stack(ins, root):
    order, stack = [], [root]
    while stack:
        name = stack.pop()
        if name not in order:
            order.append(name)
            stack.extend(ins.get(name, ()))
    return order


def in_the_order(order, *words):
    """Register an engine that goes back in some order; gradients are added as they come."""

    def fn(spec, values, root):
        boxes = {n: (op, ins) for n, op, ins in spec}
        v = {n: np.asarray(x, dtype=float) for n, x in values.items()}
        for n in post_order(spec, root):
            if n in boxes:
                v[n] = FORWARD[boxes[n][0]](*(v[i] for i in boxes[n][1]))
        grads = {n: np.zeros(np.shape(x)) for n, x in v.items()}
        grads[root] = np.asarray(1.0)
        for n in order(wiring(spec), root):
            if n in boxes:
                op, ins = boxes[n]
                shares = BACKWARD[op](grads[n], v[n], *(v[i] for i in ins))
                for i, share in zip(ins, shares, strict=True):
                    grads[i] = grads[i] + shrink(share, v[i])
        return float(v[root]), {n: grads[n] for n in values}

    bank.wrong("fprop_bprop", *words)(fn)


WAITS = ("A box that feeds two others may be met before the second of them has sent its share. "
         "Which order makes sure that every consumer comes first?")
in_the_order(_breadth_first, "breadth_first", "boxes visited breadth-first from the root", WAITS,
             SUMMED)
in_the_order(_depth_first, "depth_first", "boxes visited depth-first, before their consumers are "
             "done", WAITS, SUMMED)
in_the_order(_from_a_stack, "stack_order", "boxes taken from a stack as they are met", WAITS,
             SUMMED)
in_the_order(lambda ins, root: list(ins)[::-1], "spec_reversed", "the spec read from its end",
             "Does the spec promise to list a box after its inputs?", ENGINE)
in_the_order(lambda ins, root: list(ins), "spec_as_given", "the spec read from its beginning",
             "The backward pass starts at the root. Where in the spec does yours begin?", ENGINE)
in_the_order(lambda ins, root: _depth_first({n: i[:1] for n, i in ins.items()}, root),
             "first_branch", "only the first input followed down",
             "The gradient reaches every input of a box. Who goes on from the second one?", ENGINE)


def _first_copy(share, like):
    share = np.asarray(share)
    while share.ndim > np.ndim(like):
        share = share[0]
    for axis, n in enumerate(np.shape(like)):
        if n == 1:
            share = np.take(share, [0], axis=axis)
    return share


def _leading(share, like):
    while np.ndim(share) > np.ndim(like):
        share = share.sum(axis=0)
    return share


@bank.wrong("fprop_bprop", "in_place", "grads[i] += share into an array that two names share",
            "add hands the same array to both inputs. Whose gradient changes when you write into "
            "it?", SUMMED)
def _(spec, values, root):
    def collect(old, share, like):
        share = shrink(share, like)
        if not np.any(old):
            return share
        if np.ndim(old):
            old += share
            return old
        return old + share

    return engine(spec, values, root, collect=collect)


@bank.wrong("fprop_bprop", "one_share_for_a_name_used_twice",
            "one share kept where a box has the same input twice",
            "mul(u, u) is u^2. How many shares does u get from it?", SUMMED)
def _(spec, values, root):
    def once(op):
        def backward(g, v, *inputs):
            shares = BACKWARD[op](g, v, *inputs)
            twice = len(inputs) == 2 and inputs[0] is inputs[1]
            return (0.0 * shares[0], shares[1]) if twice else shares

        return backward

    return engine(spec, values, root, backward={op: once(op) for op in BACKWARD})


@bank.wrong("fprop_bprop", "needed_leaves_only", "no entry for leaves that the root does not need",
            "An optimiser updates every parameter it was given. What should it find for one that "
            "does not matter here?", ENGINE)
def _(spec, values, root):
    value, grads = engine(spec, values, root)
    return value, {n: g for n, g in grads.items() if n in post_order(spec, root)}


@bank.wrong("fprop_bprop", "scalar_zeros", "the number 0 for leaves that the root does not need",
            "Which shape has the gradient of a matrix, also where it is zero?", ENGINE)
def _(spec, values, root):
    value, grads = engine(spec, values, root)
    needed = post_order(spec, root)
    return value, {n: g if n in needed else 0.0 for n, g in grads.items()}


@bank.wrong("fprop_bprop", "every_sink", "every box that nobody consumes counted as a root",
            "Boxes beside the root get no gradient from it. Where did theirs come from?", ENGINE)
def _(spec, values, root):
    used = {i for _, _, ins in spec for i in ins}
    sinks = [n for n, _, _ in spec if n not in used and n != root]
    value, grads = engine(spec, values, root)
    for sink in sinks:
        if root not in post_order(spec, sink):
            other = engine([*spec, ("sink's sum", "sum", (sink,))], values, "sink's sum")[1]
            grads = {n: grads[n] + other[n] for n in grads}
    return value, grads


@bank.wrong("fprop_bprop", "last_box_is_root", "the last box of the graph for the root",
            "Which box does the caller ask for?", ENGINE)
def _(spec, values, root):
    used = {i for _, _, ins in spec for i in ins}
    sinks = [n for n, _, _ in spec if n not in used and root in post_order(spec, n)]
    return engine(spec, values, sinks[0] if sinks else root)


@bank.wrong("fprop_bprop", "boxes_too", "the gradients of all boxes as well",
            "Whose gradients does the contract ask for?", ENGINE)
def _(spec, values, root):
    value, grads = engine(spec, values, root)
    return value, grads | {n: 0.0 for n, _, _ in spec}


@bank.wrong("fprop_bprop", "value_as_array", "the value in an array of shape (1,)",
            "The value of a scalar root is one number. Which shape is that?", ENGINE)
def _(spec, values, root):
    value, grads = engine(spec, values, root)
    return np.array([value]), grads


@bank.wrong("fprop_bprop", "gradients_only", "the gradients without the value",
            "Two things are asked for. Which one is missing?", ENGINE)
def _(spec, values, root):
    return engine(spec, values, root)[1]


@bank.wrong("fprop_bprop", "root_is_a_box", "the root looked up among the boxes",
            "The root may be a leaf. What is its derivative with respect to itself?", ENGINE)
def _(spec, values, root):
    wiring(spec)[root]
    return engine(spec, values, root)


@bank.wrong("fprop_bprop", "root_leaf_zero", "zero for the root when it is a leaf",
            "What is the derivative of a number with respect to itself?", ENGINE)
def _(spec, values, root):
    value, grads = engine(spec, values, root)
    return value, grads | {n: 0.0 * g for n, g in grads.items() if n == root}


@bank.wrong("fprop_bprop", "ops_as_names", "names that look like an op taken for one",
            "A leaf may be called sum. How do you tell a name from an op: by its spelling, or by "
            "its place?", ENGINE)
def _(spec, values, root):
    value, grads = engine(spec, values, root)
    return value, {n: 0.0 * g if n in FORWARD or n.strip() != n else g for n, g in grads.items()}


@bank.wrong("fprop_bprop", "every_path", "a recursion that sends each share on at once",
            "Eighteen forks in a row make 2^18 paths, and each is walked. When is a box's gradient "
            "complete, so that bprop may run once?", ENGINE, cost="every path")
def _(spec, values, root):
    boxes = {n: (op, ins) for n, op, ins in spec}
    v = {n: np.asarray(x, dtype=float) for n, x in values.items()}
    for n in post_order(spec, root):
        if n in boxes:
            v[n] = FORWARD[boxes[n][0]](*(v[i] for i in boxes[n][1]))
    grads = {n: np.zeros(x.shape) for n, x in v.items()}

    def send(name, g):
        grads[name] = grads[name] + g
        if name in boxes:
            op, ins = boxes[name]
            for i, share in zip(ins, BACKWARD[op](g, v[name], *(v[i] for i in ins)), strict=True):
                send(i, shrink(share, v[i]))

    send(root, 1.0)
    return float(v[root]), {n: grads[n] for n in values}


def _forward(spec, values, root):
    boxes = {n: (op, ins) for n, op, ins in spec}
    v = dict(values)
    for n in post_order(spec, root):
        if n in boxes:
            v[n] = _COMPLEX[boxes[n][0]](*(v[i] for i in boxes[n][1]))
    return v[root]


_COMPLEX = {**FORWARD, "relu": lambda a: a * (np.real(a) > 0)}


def _per_entry(slope):
    def numeric(spec, values, root):
        values = {n: np.asarray(x, dtype=float) for n, x in values.items()}
        grads = {}
        for n, x in values.items():
            grads[n] = np.zeros(x.shape)
            for k in np.ndindex(x.shape):
                def f(t, n=n, x=x, k=k):
                    moved = x.astype(type(t))
                    moved[k] += t
                    return _forward(spec, {**values, n: moved}, root)

                grads[n][k] = slope(f)
        return float(_forward(spec, values, root)), grads

    return numeric


bank.wrong("fprop_bprop", "central_differences", "central differences, one entry at a time",
           "Differences are right to about ten digits and need two forward passes per entry. What "
           "does one backward pass need?", ENGINE)(
    _per_entry(lambda f: (f(1e-6) - f(-1e-6)) / 2e-6))
bank.wrong("fprop_bprop", "complex_step", "a complex step for every entry",
           "The digits are right. For a thousand weights the graph runs a thousand times; what "
           "does one backward pass need?", ENGINE, cost="per entry")(
    _per_entry(lambda f: np.imag(f(1e-30j)) / 1e-30))


@bank.wrong("fprop_bprop", "fills_values", "the boxes' values written into the caller's dict",
            "Who else holds the dict values, and how many leaves does it have after the call?",
            ENGINE)
def _(spec, values, root):
    answer = engine(spec, values, root)
    for n in wiring(spec):
        values[n] = 0.0
    return answer


def _habit(fn):
    kept = defaultdict(float)

    def remember(spec, values, root):
        value, grads = fn(spec, values, root)
        for n in grads:
            key = (n, np.shape(grads[n]))
            kept[key] = kept[key] + grads[n]
        return value, {n: kept[n, np.shape(g)] for n, g in grads.items()}

    return remember


bank.stateful("fprop_bprop", "never_zeroed", lambda: _habit(engine),
          "gradients that go on growing from call to call",
          "The last call's gradients are still in there. When do they start from zero?", ENGINE)
bank.habits("fprop_bprop", engine, array=False)


@bank.right("fprop_bprop", "boxes with closures, in the manner of micrograd")
def _(spec, values, root):
    class Node:
        def __init__(self, data, parents=(), push=None):
            self.data, self.parents, self.push = data, parents, push
            self.grad = np.zeros_like(data)

    def make(op, ins):
        node = Node(np.asarray(FORWARD[op](*(i.data for i in ins)), dtype=float), ins)

        def push():
            shares = BACKWARD[op](node.grad, node.data, *(i.data for i in ins))
            for i, share in zip(ins, shares, strict=True):
                i.grad = i.grad + shrink(np.asarray(share), i.data)

        node.push = push
        return node

    nodes = {n: Node(np.array(v, dtype=float)) for n, v in values.items()}
    boxes, topo = {n: (op, ins) for n, op, ins in spec}, []
    for n in post_order(spec, root):
        if n in boxes:
            nodes[n] = make(boxes[n][0], [nodes[i] for i in boxes[n][1]])
            topo.append(nodes[n])
    nodes[root].grad = np.ones(())
    for node in reversed(topo):
        node.push()
    return nodes[root].data.item(), {n: nodes[n].grad for n in values}


@bank.right("fprop_bprop", "each box asks its consumers, memoised")
def _(spec, values, root):
    boxes = {n: (op, tuple(ins)) for n, op, ins in spec}
    users = defaultdict(list)
    for n in post_order(spec, root):
        for place, i in enumerate(boxes.get(n, ("", ()))[1]):
            users[i].append((n, place))

    @lru_cache(None)
    def val(n):
        if n not in boxes:
            return np.array(values[n], dtype=np.float64)
        return np.asarray(FORWARD[boxes[n][0]](*map(val, boxes[n][1])))

    @lru_cache(None)
    def shares(n):
        op, ins = boxes[n]
        return BACKWARD[op](grad(n), val(n), *map(val, ins))

    @lru_cache(None)
    def grad(n):
        if n == root:
            return np.float64(1.0)
        total = np.zeros(val(n).shape)
        for user, place in users[n]:
            total = total + shrink(np.asarray(shares(user)[place]), val(n))
        return total

    return val(root).item(), {n: grad(n) for n in values}


@bank.right("fprop_bprop", "counting consumers, everything spelled out")
def _(spec, values, root):
    v, boxes = {n: np.asarray(x, dtype=float) for n, x in values.items()}, {}
    todo = {n: (op, ins) for n, op, ins in spec if n in set(post_order(spec, root))}
    while todo:
        for n, (op, ins) in list(todo.items()):
            if all(i in v for i in ins):
                boxes[n] = todo.pop(n)
                a, b = v[ins[0]], v[ins[-1]]
                if op == "add":
                    v[n] = np.add(a, b)
                elif op == "sub":
                    v[n] = np.subtract(a, b)
                elif op == "mul":
                    v[n] = np.multiply(a, b)
                elif op in ("matvec", "dot"):
                    v[n] = np.dot(a, b)
                elif op == "tanh":
                    v[n] = np.tanh(a)
                elif op == "relu":
                    v[n] = np.where(a > 0, a, 0.0)
                else:
                    v[n] = a.sum()
    grads = {n: np.zeros_like(x) for n, x in v.items()}
    grads[root] = np.ones_like(v[root])
    for n in reversed(list(boxes)):
        op, ins = boxes[n]
        g, a, b = grads[n], v[ins[0]], v[ins[-1]]
        if op == "matvec":
            shares = [g[:, None] * b[None, :], g @ a]
        elif op in ("mul", "dot"):
            shares = [b * g, a * g]
        elif op in ("add", "sub"):
            shares = [g, g if op == "add" else np.negative(g)]
        elif op == "tanh":
            shares = [g / np.cosh(a) ** 2]
        else:
            shares = [np.where(a > 0, g, 0.0) if op == "relu" else np.full_like(a, g)]
        for i, share in zip(ins, shares, strict=True):
            share = np.asarray(share)
            extra = share.ndim - v[i].ndim
            axes = tuple(range(extra)) + tuple(
                extra + k for k, m in enumerate(v[i].shape) if m == 1 != share.shape[extra + k])
            grads[i] = grads[i] + share.sum(axis=axes).reshape(v[i].shape)
    return float(v[root]), {n: grads[n] for n in values}


@bank.right("fprop_bprop", "a tape of closures, shares kept in lists")
def _(spec, values, root):
    shapes, got, tape = {}, defaultdict(list), []
    v = {}
    for n, x in values.items():
        v[n] = np.array(x, dtype=float)
    table = {n: (op, ins) for n, op, ins in spec}
    for n in post_order(spec, root):
        if n in table:
            op, ins = table[n]
            v[n] = FORWARD[op](*[v[i] for i in ins])
            tape.append((n, op, ins))
        shapes[n] = np.shape(v[n])
    got[root].append(np.ones(shapes[root]))
    while tape:
        n, op, ins = tape.pop()
        g = np.sum(got[n], axis=0) if got[n] else np.zeros(shapes[n])
        for i, share in zip(ins, BACKWARD[op](g, v[n], *[v[i] for i in ins]), strict=True):
            got[i].append(shrink(share, v[i]))
    return v[root], {n: np.sum(got[n], axis=0) if got[n] else np.zeros(np.shape(x))
                     for n, x in values.items()}
