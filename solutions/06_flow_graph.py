# ---
# jupyter:
#   jupytext:
#     cell_markers: '"""'
#     cell_metadata_filter: nbgrader,tags,course,-all
#     notebook_metadata_filter: kernelspec,jupytext,-all
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
r"""
# 06 · The flow graph: fprop and bprop

In chapters 02 to 05 you derived a backward pass for each network by hand. Change the network, and
you derive again. In this chapter you do it one last time, and for *all* networks.

The idea fits in a sentence. Cut the computation into small boxes; let each box know its own value
and its own derivative; then a short program can run any graph of boxes forwards, and backwards. You
will write that program. At the end it trains the network of chapter 03 without being told a single
formula about it.

[[Exercises]] exercises carry you through: [[points]] points, checked while you work. [[Written]] written answers, [[points by a person]]
points, are read by a person. Plan nearly three hours, in two sittings; *The engine* is where the
second one begins.
"""

# %% [markdown]
r"""
## What you will be able to do

| At the end you can | You show it in |
|---|---|
| write a computation as an acyclic graph, and find an order in which it can run | `topological_order` |
| give a box its bprop: what arrives from above, times its own derivative | `linear_bprop`, `softmax_nll_bprop` |
| explain why gradients add where a value forks, and where it was broadcast | Derivations A and B |
| say which boxes need bprop at all | `boxes_needing_bprop` |
| build a reverse-mode engine that visits every box once | `fprop_bprop` |

You will also find the sentence in the notes that a programmer can take the wrong way, and measure
what it costs. That is *Referee the notes*.
"""

# %% [markdown]
r"""
## Are you ready?

Five questions, two minutes. If more than two of them stop you, look back at chapter 00 (chain rule)
and chapter 03 (the tanh network).

1. $L = q_1 q_2$ with $q_1 = 3a$ and $q_2 = a^2$. What is $\mathrm{d}L/\mathrm{d}a$ at $a = 2$?
2. $W$ has shape `(3, 5)` and $g$ has shape `(3,)`. What is the shape of $W^\top g$?
3. `A` has shape `(3, 5)` and `b` has shape `(5,)`. What is the shape of `A + b`, and what happens
   to `b` in it?
4. What does `grads.setdefault("x", 0.0)` do?
5. A function calls itself twice. It is called with `n`, calls itself with `n - 1`, and stops at 0.
   How many calls is that for `n = 20`, about?

<details>
<summary>Answers</summary>

1. $\frac{\partial L}{\partial q_1}\cdot 3 + \frac{\partial L}{\partial q_2}\cdot 2a
   = 4\cdot 3 + 6\cdot 4 = 36$. (Or $3\cdot 3a^2$.) Two paths, two terms, one sum.
2. `(5,)`: one entry per input.
3. `(3, 5)`. `b` is copied to each of the three rows.
4. It gives `grads["x"]`, and puts 0.0 there first if there is no such key.
5. About two million: $2^{21} - 1$.

</details>
"""

# %% [markdown]
r"""
## Notation

| Symbol | In code | Meaning |
|---|---|---|
| box | `(name, op, inputs)` | one operation with a name; `inputs` is a tuple of names |
| leaf | a name that is not a box | a value that comes from outside: data, parameter, constant |
| graph | `spec` | a list of boxes, **in any order** |
| | `values` | dict: leaf name to array or number |
| root | `root` | the name whose value you want, a scalar: the loss |
| $g_v = \partial L/\partial v$ | `grads["v"]` | gradient of the root with respect to $v$, in the shape of $v$ |
| share | | what one consumer of $v$ sends back to it |
| $\odot$ | `*` | elementwise product |

**Eight ops.** `add`, `sub`, `mul` work entry by entry, with NumPy's broadcasting. `matvec` takes a
matrix `(m, n)` and a vector `(n,)`; `dot` takes two vectors of one length and gives a number.
`tanh` and `relu` work entry by entry. `sum` adds all entries of an array.

Two sets of notes are quoted and judged in this chapter: a discussion sheet, S2 for short, and a set
of lecture slides, S3. You need neither of them; *Sources* at the end says what they are. S3 calls
the inputs of a box its *children* and the boxes that use its value its *parents*, as in an
expression tree, which has its result at the top. In other graphs, Bayesian networks for example, a
parent is what comes first. So this chapter says **inputs** and **consumers**.
"""

# %%
from functools import cache

import numpy as np

from mlp_helpers import (
    check,
    check_yours,
    first_test,
    hint,
    plots,
    predict,
    predicted,
    progress,
    quiz,
    when_solved,
)
from mlp_helpers.checking.cost import count

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
r"""
### How this notebook works

Replace `raise NotImplementedError`, run your cell, run the locked check below it, read the report.
Figures and small tests that use your functions wait until you have written them. Every exercise has
three hints, from a question to a skeleton; they cost nothing. The first one of all:
"""

# %%
hint("topological_order", level=1)

# %% [markdown]
r"""
## A network is a graph

Take the two-layer regression network of S2, with relu in the place of the sigmoid so that you can
compute it in your head. Its forward pass is five small steps:

$$z_1 = A x,\qquad z_2 = \operatorname{relu}(z_1),\qquad z_3 = b^\top z_2,\qquad z_4 = y - z_3,
\qquad L = z_4 \cdot z_4 .$$

Each step is a box, each arrow between boxes is a value on its way. Written as data:
"""

# %%
spec_hand = [
    ("L", "mul", ("z4", "z4")),
    ("z4", "sub", ("y", "z3")),
    ("z3", "dot", ("b", "z2")),
    ("z2", "relu", ("z1",)),
    ("z1", "matvec", ("A", "x")),
]
values_hand = {
    "A": np.array([[1.0, 2.0], [1.0, -2.0]]),
    "x": np.array([1.0, 1.0]),
    "b": np.array([2.0, 5.0]),
    "y": 4.0,
}

# %% [markdown]
r"""
### By hand

The forward pass, box by box: $z_1 = (1 + 2,\ 1 - 2) = (3, -1)$, $z_2 = (3, 0)$, $z_3 = 2\cdot 3 +
5\cdot 0 = 6$, $z_4 = 4 - 6 = -2$, and $L = 4$. Each box is a little program of its own: it looks
at its inputs and computes a value. S3 calls that its **fprop**. The list above has the boxes in
the wrong order on purpose; the arrows alone say what must run before what.
"""

# %%
forward_hand = {"A": "[[1, 2], [1, -2]]", "x": "(1, 1)", "b": "(2, 5)", "y": "4",
                "z1": "(3, -1)", "z2": "(3, 0)", "z3": "6", "z4": "-2", "L": "4"}
fig, ax = plots.flow_graph(
    spec_hand, forward_hand,
    title="A forward pass is a flow of values from the leaves to the root",
    alt="A flow graph from left to right. Leaves A and x feed the box z1, a matrix-vector product "
        "with value (3, -1). It feeds z2, relu, (3, 0). That and the leaf b feed z3, a dot "
        "product, 6. That and the leaf y feed z4, a difference, -2. Two arrows lead from z4 to "
        "the root L, a product with value 4.",
)
plots.show(fig)

# %% [markdown]
r"""
The graph must be **acyclic**: following the arrows you never come back. Otherwise a box would wait
for itself. A recurrent network has no cycle either once it is written out step by step; it has the
same weights in several places.

**Predict.** In how many different orders could the nine names above (five boxes, four leaves) be
worked through, if every box must come after its inputs?
"""

# %% tags=["predict"] course={"predict": "orders"}
predict("orders", "...")  # write "1", "5", or a number you believe in

# %%
def count_orders(spec, root):
    """Count the valid orders by trying every next name: fine for small graphs only."""
    inputs = {name: set(ins) for name, _, ins in spec}
    names = frozenset(inputs) | {i for ins in inputs.values() for i in ins}

    @cache
    def ways(left):
        ready = [n for n in left if not inputs.get(n, set()) & left]
        return sum(ways(left - {n}) for n in ready) if left else 1

    return ways(names)


predicted("orders", f"{count_orders(spec_hand, 'L')} orders, all of them right")

# %% [markdown]
r"""
## An order in which everything is ready

To run the graph you need *one* such order: a **topological order**. It holds only what the root
needs. It ignores boxes that the root does not depend on.

Depth first is the shortest way to write it. To visit a name: if it was visited before, do nothing.
Otherwise visit its inputs, and then append the name. When a name is appended, all that it needs is
in the list already.

The words *if it was visited before* carry all the weight. Leave them out, or ask too late, and
every path is walked: twenty forks in a row make a million of them.

The recursion goes as deep as the longest chain of boxes, and Python stops at about a thousand calls
inside each other. The graphs of this chapter are far shallower; for deeper ones an engine keeps a
stack of its own.

### Exercise: topological_order

`spec` in any order and the name of the root in; a list of names out, leaves included, each once,
inputs before consumers, the root last. Every valid order is accepted. A root may be a leaf: then
it is the only name. Leave `spec` as it is.
"""

# %% nbgrader={"grade": false, "grade_id": "topological_order", "locked": false, "schema_version": 3, "solution": true, "task": false}
def topological_order(spec, root):
    """Order what root needs, so that every box comes after its inputs.

    Parameters
    ----------
    spec : list of (name, op, inputs)
        Boxes in any order; inputs is a tuple of names. Names that are not boxes are leaves.
    root : str
        A box or a leaf.

    Returns
    -------
    list of str
        Boxes and leaves that root needs, each once, root last.
    """
    ### BEGIN SOLUTION
    inputs = {name: ins for name, _, ins in spec}
    order, seen = [], set()

    def visit(name):
        if name in seen:
            return
        seen.add(name)
        for i in inputs.get(name, ()):
            visit(i)
        order.append(name)

    visit(root)
    return order
    ### END SOLUTION

# %%
@first_test
def first_test_topological_order():
    print("for L: ", topological_order(spec_hand, "L"))
    print("for z2:", topological_order(spec_hand, "z2"), " (needs A, x and z1 only)")

# %% nbgrader={"grade": true, "grade_id": "check_topological_order", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(topological_order)

# %% [markdown]
r"""
## Every box knows its own derivative

Now backwards. A box that computes $v$ from its inputs has a second method, **bprop**. It is handed
$g_v = \partial L/\partial v$, the gradient at its output, and gives each input its share:

$$\text{share of input } u \;=\; \Bigl(\frac{\partial v}{\partial u}\Bigr)^{\!\top} g_v .$$

In words: upstream gradient, carried back through the box's own Jacobian. Nothing about the rest of
the graph is needed. That is why a box can be written once and used in every network:

| box | value $v$ | share of the first input | share of the second |
|---|---|---|---|
| `add` | $a + b$ | $g$ | $g$ |
| `sub` | $a - b$ | $g$ | $-g$ |
| `mul` | $a \odot b$ | $g \odot b$ | $g \odot a$ |
| `matvec` | $W x$ | $g\,x^\top$ | $W^\top g$ |
| `dot` | $a^\top b$ | $g\,b$ | $g\,a$ |
| `tanh` | $\tanh a$ | $g \odot (1 - v \odot v)$ | |
| `relu` | $\max(a, 0)$ | $g \odot \mathbb{1}_{a > 0}$ | |
| `sum` | $\sum_i a_i$ | $g$ in every entry | |

(At $a = 0$ relu has no derivative; as in chapter 05 the course takes 0.)

### By hand

Backwards through the worked example, starting with $g_L = 1$:

- `L = mul(z4, z4)`: each input gets $1\cdot z_4 = -2$. Both inputs are $z_4$, so
  $g_{z_4} = -2 + (-2) = -4$.
- `z4 = sub(y, z3)`: $g_y = -4$ and $g_{z_3} = +4$.
- `z3 = dot(b, z2)`: $g_b = 4\,z_2 = (12, 0)$ and $g_{z_2} = 4\,b = (8, 20)$.
- `z2 = relu(z1)`: the gate is open for $3$ and shut for $-1$, so $g_{z_1} = (8, 0)$.
- `z1 = matvec(A, x)`: $g_A = g_{z_1} x^\top = \begin{pmatrix} 8 & 8\\ 0 & 0\end{pmatrix}$ and
  $g_x = A^\top g_{z_1} = (8, 16)$.

Compare the first line with calculus: $L = z_4^2$ has the derivative $2 z_4 = -4$. The two shares
had to be *added* to get it. Keep these numbers: they are the first test of your engine.
"""

# %% [markdown]
r"""
## The linear box

Boxes can be as large as you like. A layer $z = W x + b$ is a `matvec` and an `add`, or one box with
three inputs. Written out, $z_i = \sum_j W_{ij} x_j + b_i$. The input $x_j$ occurs in every $z_i$;
$W_{ij}$ and $b_i$ occur in $z_i$ alone:

$$g_x = W^\top g,\qquad g_W = g\,x^\top,\qquad g_b = g .$$

In words: back through the transposed matrix; an outer product with the input; and unchanged.

### Exercise: linear_bprop

Shapes `(m, n)`, `(m,)`, `(n,)` and `(m,)` in; `(gx, gW, gb)` out, each in the shape of its own
variable.
"""

# %% nbgrader={"grade": false, "grade_id": "linear_bprop", "locked": false, "schema_version": 3, "solution": true, "task": false}
def linear_bprop(W, b, x, g):
    """Backward pass of the box z = W x + b.

    Parameters
    ----------
    W : ndarray, shape (m, n)
        Weights.
    b : ndarray, shape (m,)
        Biases.
    x : ndarray, shape (n,)
        Input.
    g : ndarray, shape (m,)
        Upstream gradient dL/dz.

    Returns
    -------
    gx : ndarray, shape (n,)
    gW : ndarray, shape (m, n)
    gb : ndarray, shape (m,)
    """
    ### BEGIN SOLUTION
    return W.T @ g, np.outer(g, x), g.copy()
    ### END SOLUTION

# %%
@first_test
def first_test_linear_bprop():
    gx, gW, gb = linear_bprop(values_hand["A"], np.zeros(2), values_hand["x"], np.array([8.0, 0.0]))
    print("yours  ", gx, gW.tolist(), gb)
    print("by hand", np.array([8.0, 16.0]), [[8.0, 8.0], [0.0, 0.0]], np.array([8.0, 0.0]))

# %% nbgrader={"grade": true, "grade_id": "check_linear_bprop", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(linear_bprop)

# %% [markdown]
r"""
## The loss box

The last box of a classifier takes the logits $F$, shape `(N, K)`, and gives the **sum** over
examples of $-\log\operatorname{softmax}(F_n)_{y_n}$. You know its derivative from chapter 01. As a
box it must also take an upstream gradient $g$, one number: the loss may be followed by something,
a factor $1/N$, a minus sign, another loss added to it.

$$g_F = g\,\bigl(\operatorname{softmax}(F) - e_y\bigr)\quad\text{row by row}.$$

In words: the gradient of chapter 01, times what arrives from above.

### Exercise: softmax_nll_bprop

Shapes `(N, K)`, `(N,)` and a number in; shape `(N, K)` out. Logits of $\pm 1000$ must come out
right, each row with its own maximum, as in chapter 01.
"""

# %% nbgrader={"grade": false, "grade_id": "softmax_nll_bprop", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_nll_bprop(F, y, g):
    """Backward pass of the box L = sum over n of -log softmax(F[n])[y[n]].

    Parameters
    ----------
    F : ndarray, shape (N, K)
        Logits, one example per row.
    y : ndarray of int, shape (N,)
        Labels in 0..K-1.
    g : float
        Upstream gradient, the derivative of whatever follows with respect to L.

    Returns
    -------
    ndarray, shape (N, K)
    """
    ### BEGIN SOLUTION
    E = np.exp(F - F.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    P[np.arange(len(y)), y] -= 1.0
    return g * P
    ### END SOLUTION

# %%
@first_test
def first_test_softmax_nll_bprop():
    F = np.log([[1.0, 2.0, 4.0]])
    print("yours, times 7  ", softmax_nll_bprop(F, np.array([2]), 10.0) * 7)
    print("by hand, times 7", np.array([[10.0, 20.0, -30.0]]))

# %% nbgrader={"grade": true, "grade_id": "check_softmax_nll_bprop", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(softmax_nll_bprop)

# %% [markdown]
r"""
## Where a value forks, gradients add

In the worked example $z_4$ feeds one box twice. In a network with shared weights, a residual
connection or a batch, values feed many boxes. What is the gradient of a value with several
consumers?

**Predict.** $L = x\cdot\tanh(x)$: the leaf $x$ feeds a `tanh` box and a `mul` box. At $x = 0.7$ the
`mul` box sends the share $\tanh x \approx 0.604$ to $x$, and the `tanh` box sends
$x\,(1 - \tanh^2 x) \approx 0.444$. What is $\partial L/\partial x$?
"""

# %% tags=["predict"] course={"predict": "fork"}
predict("fork", "...")  # write "0.604", "0.444", "1.049" or "0.524"

# %%
x_fork, eps = 0.7, 1e-6
up = (x_fork + eps) * np.tanh(x_fork + eps)
down = (x_fork - eps) * np.tanh(x_fork - eps)
difference = (up - down) / (2 * eps)
predicted("fork", f"{difference:.3f}, by central differences: the sum of the two shares")

# %% [markdown]
r"""
### Derivation A · Why gradients add  *(on paper, 10 minutes, 3 points, read by a person)*

Let $u$ be a value with consumers $q_1, \dots, q_m$, and let $L$ depend on $u$ through them only:
$L = L\bigl(q_1(u), \dots, q_m(u)\bigr)$.

1. Write the chain rule for $\partial L/\partial u_j$ with every $q_i$ a vector, and read off what
   consumer $i$ sends. (S3's slide on the chain rule lost its line on the $q_i$; here they are the
   consumers.)
2. Apply it to a box that uses $u$ twice, $q = \operatorname{mul}(u, u)$, and check with $u^2$.
3. One sentence: why may a box run bprop only after *all* its consumers have?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_fan_out", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
**1.** With the components $q_{i,k}$ of consumer $i$,
$$\frac{\partial L}{\partial u_j} = \sum_{i=1}^{m}\sum_k \frac{\partial L}{\partial q_{i,k}}\,
\frac{\partial q_{i,k}}{\partial u_j},
\qquad\text{that is}\qquad g_u = \sum_{i=1}^m J_i^\top g_{q_i},\quad
J_i = \frac{\partial q_i}{\partial u}.$$
Consumer $i$ sends $J_i^\top g_{q_i}$: its own upstream gradient through its own Jacobian. The shares
are summed.

**2.** View the box as $q(a, b) = a\odot b$ with $a = u$ and $b = u$. The shares are $g\odot b$ and
$g\odot a$, both equal to $g\odot u$, and their sum is $2\,g\odot u$: the derivative of $u^2$.

**3.** Its bprop multiplies by $g_u$, which is complete only when the last share has arrived;
running it earlier would carry back a part of the gradient.

=== BEGIN MARK SCHEME ===
- 1 point: the sum over consumers, from the multivariate chain rule.
- 0.5 point: the share of one consumer is its Jacobian transposed times its upstream gradient.
- 1 point: $2\,g\odot u$ from two shares.
- 0.5 point: bprop needs the complete gradient.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
## What broadcasting copies, bprop adds

`add`, `sub` and `mul` broadcast. In `S = A + b` with shapes `(3, 5)` and `(5,)`, NumPy copies `b`
to three rows. A copy is a fork: one value, three consumers. You know what happens at a fork.

### Derivation B · The other side of broadcasting  *(on paper, 10 minutes, 3 points, read by a person)*

Let $G = \partial L/\partial S$, shape `(3, 5)`.

1. $S_{ij} = A_{ij} + b_j$. Derive $\partial L/\partial b_j$.
2. $S_{ij} = C_{i}\,A_{ij}$, where $C$ has shape `(3, 1)`. Derive $\partial L/\partial C_i$, and say
   which shape the gradient array must have.
3. State the rule for any two shapes: which axes are summed, and which of them stay as an axis of
   length 1?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_broadcasting", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
**1.** $b_j$ occurs in $S_{ij}$ for every $i$, with derivative 1:
$\partial L/\partial b_j = \sum_i G_{ij}$, shape `(5,)`.

**2.** $C_i$ occurs in $S_{ij}$ for every $j$, with derivative $A_{ij}$:
$\partial L/\partial C_i = \sum_j G_{ij} A_{ij}$, in an array of shape `(3, 1)` like $C$.

**3.** First the share in the broadcast shape. Then sum over every axis along which the input was
stretched: the leading axes that it did not have disappear; axes where it had length 1 and the
result is longer are summed and kept with length 1.

=== BEGIN MARK SCHEME ===
- 1 point: $\sum_i G_{ij}$ with the reason (b_j occurs once per row).
- 1 point: $\sum_j G_{ij}A_{ij}$, and the shape (3, 1).
- 1 point: the rule, with both kinds of axes.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
**Your turn.** Write the rule of part 3 as a function. Your engine will call it for every share.
Ungraded, about 5 lines: sum the leading axes that are too many, then every axis where `shape` has
length 1, with `keepdims=True`.
"""

# %% nbgrader={"grade": false, "grade_id": "sum_to_shape", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sum_to_shape(share, shape):
    """Sum a share over the axes along which its input was stretched.

    Parameters
    ----------
    share : ndarray
        A share in the broadcast shape.
    shape : tuple of int
        The shape of the input.

    Returns
    -------
    ndarray of that shape
    """
    ### BEGIN SOLUTION
    share = np.asarray(share)
    share = share.sum(axis=tuple(range(share.ndim - len(shape))))
    stretched = tuple(axis for axis, n in enumerate(shape) if n == 1)
    return share.sum(axis=stretched, keepdims=True)
    ### END SOLUTION

# %%
G_hand = np.arange(15.0).reshape(3, 5)
check_yours(sum_to_shape,
            ((G_hand, (5,)), G_hand.sum(axis=0)),
            ((G_hand, (3, 1)), G_hand.sum(axis=1, keepdims=True)),
            ((G_hand, (1, 5)), G_hand.sum(axis=0, keepdims=True)),
            ((G_hand, ()), 105.0),
            ((G_hand, (3, 5)), G_hand))

# %% [markdown]
r"""
## Only as far as the parameters

bprop runs backwards from the root. How far? S3 says: *only need to reach the parameters*. Data is a
leaf too, but you do not train data. A box needs bprop if two things hold: the root needs it, and a
parameter leads to it.

In the first layer this saves a product: with $a = W x$ the gradient of $x$ costs as much as that of
$W$, and nobody wants it.

### Exercise: boxes_needing_bprop

`spec`, `root` and a list of parameter leaves in; out comes a list, in the order of `sorted()`, of
all boxes **and parameters** that the root needs and that depend on a parameter. (A parameter
depends on itself.) Go through your `topological_order`: inputs come first there, so one pass is
enough.
"""

# %% nbgrader={"grade": false, "grade_id": "boxes_needing_bprop", "locked": false, "schema_version": 3, "solution": true, "task": false}
def boxes_needing_bprop(spec, root, params):
    """List the names on a way from a parameter to the root.

    Parameters
    ----------
    spec, root
        As in topological_order.
    params : list of str
        Leaves whose gradient is wanted.

    Returns
    -------
    list of str
        Sorted names of boxes and parameters.
    """
    ### BEGIN SOLUTION
    inputs = {name: ins for name, _, ins in spec}
    depends = set()
    for name in topological_order(spec, root):
        if name in params or any(i in depends for i in inputs.get(name, ())):
            depends.add(name)
    return sorted(depends)
    ### END SOLUTION

# %%
@first_test
def first_test_boxes_needing_bprop():
    print("A and b are parameters:", boxes_needing_bprop(spec_hand, "L", ["A", "b"]))
    print("only b is one:         ", boxes_needing_bprop(spec_hand, "L", ["b"]))

# %% nbgrader={"grade": true, "grade_id": "check_boxes_needing_bprop", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(boxes_needing_bprop)

# %% [markdown]
r"""
## The engine

All parts are on the table. Forwards: go through the order, compute every box from values that are
ready. Backwards: start with the gradient 1 at the root, go through the order in reverse, let each
box send its shares, **add** each share to what its input has already. When you come to a box, all
its consumers stand after it in the order, so they have run and its gradient is complete. Every box
runs fprop once and bprop once.

Four things to get right:

- `grads[i] = grads[i] + share` makes a new array. `grads[i] += share` writes into an array that
  may belong to another name as well: `add` hands the same $g$ to both inputs.
- Shares of `add`, `sub` and `mul` go through `sum_to_shape` first.
- A leaf that the root does not need still has a gradient: zeros, in its shape. An optimiser will
  ask.
- Keep box values in a dict of your own, not in `values`. Leaves may be arrays or plain numbers.

### Exercise: fprop_bprop

`spec` in any order, `values` of all leaves, and a scalar root in; out come the value of the root
as a float, and a dict with the gradient of **every** leaf in `values`. The root may be a leaf.
Write small helpers if you like; a dict from op to function keeps it tidy. The check also counts:
eighteen forks in a row, and leaves of a thousand entries, must be no trouble.
"""

# %% nbgrader={"grade": false, "grade_id": "fprop_bprop", "locked": false, "schema_version": 3, "solution": true, "task": false}
def box_fprop(op, *u):
    """Value of one box from the values of its inputs."""
    ### BEGIN SOLUTION
    if op == "add":
        return u[0] + u[1]
    if op == "sub":
        return u[0] - u[1]
    if op == "mul":
        return u[0] * u[1]
    if op in ("matvec", "dot"):
        return u[0] @ u[1]
    return {"tanh": np.tanh, "relu": lambda a: np.maximum(a, 0.0), "sum": np.sum}[op](u[0])
    ### END SOLUTION


def box_bprop(op, g, v, *u):
    """Shares of the inputs u of one box with value v and upstream gradient g."""
    ### BEGIN SOLUTION
    if op == "add":
        return g, g
    if op == "sub":
        return g, -g
    if op in ("mul", "dot"):
        return g * u[1], g * u[0]
    if op == "matvec":
        gx, gW, _ = linear_bprop(u[0], np.zeros(len(v)), u[1], g)
        return gW, gx
    if op == "tanh":
        return (g * (1.0 - v * v),)
    if op == "relu":
        return (g * (u[0] > 0),)
    return (g * np.ones(np.shape(u[0])),)
    ### END SOLUTION


def fprop_bprop(spec, values, root):
    """Value of a scalar root, and its gradient with respect to every leaf.

    Parameters
    ----------
    spec : list of (name, op, inputs)
        Boxes in any order.
    values : dict of str to array or number
        Value of every leaf; not changed.
    root : str
        A box or leaf with a scalar value.

    Returns
    -------
    value : float
    grads : dict of str to array or number
        One gradient per leaf in values, in the leaf's shape.
    """
    ### BEGIN SOLUTION
    boxes = {name: (op, ins) for name, op, ins in spec}
    order = [name for name in topological_order(spec, root) if name in boxes]
    v = dict(values)
    for name in order:
        op, ins = boxes[name]
        v[name] = box_fprop(op, *(v[i] for i in ins))
    grads = {name: np.zeros(np.shape(value)) for name, value in v.items()}
    grads[root] = np.ones(())
    for name in reversed(order):
        op, ins = boxes[name]
        shares = box_bprop(op, grads[name], v[name], *(v[i] for i in ins))
        for i, share in zip(ins, shares, strict=True):
            grads[i] = grads[i] + sum_to_shape(share, np.shape(v[i]))
    return float(v[root]), {name: grads[name] for name in values}
    ### END SOLUTION

# %%
@first_test
def first_test_fprop_bprop():
    value, grads = fprop_bprop(spec_hand, values_hand, "L")
    by_hand = {"A": [[8, 8], [0, 0]], "x": [8, 16], "b": [12, 0], "y": -4}
    print("L:", value, "by hand: 4")
    for leaf, want in by_hand.items():
        print(f"{leaf}: yours {np.asarray(grads[leaf]).tolist()}, by hand {want}")

# %% nbgrader={"grade": true, "grade_id": "check_fprop_bprop", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(fprop_bprop)

# %% [markdown]
r"""
### Looking inside

Your engine gives gradients of leaves. What about the boxes in the middle? A probe: add a leaf that
is 0 to the value of a box. Nothing changes, and the gradient of the probe *is* the gradient at the
box.
"""

# %%
def with_probes(spec):
    """Put name = inner + probe in the place of every box; probes are leaves "d name"."""
    probed = []
    for name, op, ins in spec:
        probed += [(f"inner {name}", op, ins), (name, "add", (f"inner {name}", f"d {name}"))]
    return probed


def short(value):
    """A value or gradient in a few characters."""
    value = np.asarray(value) + 0.0
    return str(tuple(f"{x:g}" for x in value) if value.ndim == 1 else
               [[f"{x:g}" for x in row] for row in value] if value.ndim else
               f"{value:g}").replace("'", "")


@when_solved
def figure_backward():
    shapes = {"z1": 2, "z2": 2, "z3": (), "z4": (), "L": ()}
    probes = {f"d {name}": np.zeros(shape) for name, shape in shapes.items()}
    _, grads = fprop_bprop(with_probes(spec_hand), values_hand | probes, "L")
    notes = {name: f"{text}\ngrad {short(grads.get(name, grads.get(f'd {name}')))}"
             for name, text in forward_hand.items()}
    fig, ax = plots.flow_graph(
        spec_hand, notes,
        title="Backwards: both arrows into L bring a share to z4, and the shares add",
        alt="The flow graph of before, each name with its value and, below it, its gradient. "
            + "; ".join(f"{name} {text}".replace("\n", ", ") for name, text in notes.items()) + ".",
    )
    plots.show(fig)

# %% [markdown]
r"""
## Chain rule plus dynamic programming

S2 says that backprop uses the chain rule *along with dynamic programming*. Here is what the dynamic
programming saves. A **diamond** is a fork and a join: $u' = \tanh(u) + c\,u$. Put several in a row.

**Predict.** An engine without patience sends every share on at once: when a share reaches a box,
the box runs bprop for that share alone. Its gradients are right. How often does it run bprop on 15
diamonds, which are 45 boxes?
"""

# %% tags=["predict"] course={"predict": "paths"}
predict("paths", "...")  # write a number

# %%
def diamonds(n):
    """n forks and joins in a row: spec and root."""
    spec = []
    for k in range(n):
        spec += [(f"t{k}", "tanh", (f"u{k}",)), (f"s{k}", "mul", ("c", f"u{k}")),
                 (f"u{k + 1}", "add", (f"t{k}", f"s{k}"))]
    return spec, f"u{n}"


def impatient_bprops(spec, root):
    """How often bprop runs when every share is sent on at once."""
    inputs = {name: ins for name, _, ins in spec}

    def send(name):
        return 1 + sum(send(i) for i in inputs[name]) if name in inputs else 0

    return send(root)


predicted("paths", f"{impatient_bprops(*diamonds(15)):,} times, where 45 are enough")

# %%
@when_solved
def figure_cost():
    n = np.arange(1, 16)
    leaves = {"u0": 0.5, "c": 0.7}
    engine = [count(fprop_bprop, (diamonds(k)[0], leaves, diamonds(k)[1])).lines for k in n]
    fig, ax = plots.lines(
        n,
        {"impatient: bprop calls": [impatient_bprops(*diamonds(k)) for k in n],
         "your engine: lines of Python that ran": engine,
         "one visit per box: bprop calls": 3 * n},
        xlabel="diamonds in a row", ylabel="count", yscale="log",
        title="Collecting shares before sending them on turns a doubling into an addition",
    )
    plots.show(fig)

# %% [markdown]
r"""
Both programs apply the same chain rule to the same boxes. Every *path* from the root to a leaf is
a term of that leaf's gradient: $2^{15}$ paths lead to `u0`, and $2^{15} - 1$ to `c`. The impatient engine adds the terms one by
one. Yours factors: it adds what meets in a box, then multiplies once. That is the dynamic
programming, and the whole difference between backprop and writing out the chain rule.
"""

# %% [markdown]
r"""
## Finale: chapter 03, without its formulas

The network of chapter 03 is $f(x) = c + V\tanh(b + W x)$ with the summed logistic loss. As a
graph, every example has its own little chain of boxes, and all chains share the leaves $W, V, b,
c$. So $W$ has $N$ consumers, and the sum over consumers *is* the sum over examples.

The loss box is not among the eight ops, but you wrote its bprop. So the graph ends one step
earlier, at the logits $f_n$, with the root $R = \sum_n v_n^\top f_n$ for given vectors $v_n$. Two
calls do all:

1. With all $v_n = 0$, the gradient with respect to $v_n$ is $f_n$: the logits.
2. With $v_n$ the rows of `softmax_nll_bprop(F, y, 1.0)`, the gradient with respect to $W$ is
   $\sum_n (\partial f_n/\partial W)^\top v_n$: the gradient of the loss.
"""

# %%
def network_spec(N):
    """The tanh network on N examples, with shared parameters; the root is R = sum of v . f."""
    spec = []
    for n in range(N):
        spec += [(f"Wx{n}", "matvec", ("W", f"x{n}")), (f"s{n}", "add", ("b", f"Wx{n}")),
                 (f"h{n}", "tanh", (f"s{n}",)), (f"Vh{n}", "matvec", ("V", f"h{n}")),
                 (f"f{n}", "add", ("c", f"Vh{n}")), (f"r{n}", "dot", (f"v{n}", f"f{n}"))]
    spec += [("R0", "add", ("r0", "zero"))]
    spec += [(f"R{n}", "add", (f"R{n - 1}", f"r{n}")) for n in range(1, N)]
    return spec, f"R{N - 1}"


def graph_gradients(params, X, y):
    """Gradients of the summed loss with respect to W, V, b, c: two runs of the engine."""
    spec, root = network_spec(len(X))
    K = len(params["c"])
    data = {f"x{n}": x for n, x in enumerate(X)} | {"zero": 0.0}
    silent = {f"v{n}": np.zeros(K) for n in range(len(X))}
    _, grads = fprop_bprop(spec, params | data | silent, root)
    F = np.array([grads[f"v{n}"] for n in range(len(X))])
    rows = softmax_nll_bprop(F, y, 1.0)
    loud = {f"v{n}": row for n, row in enumerate(rows)}
    _, grads = fprop_bprop(spec, params | data | loud, root)
    return {name: grads[name] for name in params}

# %% [markdown]
r"""
**Bring your chapter 03 along.** Paste your `risk_and_grads` into the next cell; it is what the
engine has to agree with. (Ungraded. If you have not done chapter 03, take the course's own: `from
mlp_helpers.reference.network import one_hidden_backward as risk_and_grads`, arguments and results are the
same.)
"""

# %% nbgrader={"grade": false, "grade_id": "bring_risk_and_grads", "locked": false, "schema_version": 3, "solution": true, "task": false}
def risk_and_grads(W, V, b, c, X, y):
    """Chapter 03: summed loss and its gradients (risk, dW, dV, db, dc), by the boxed formulas."""
    ### BEGIN SOLUTION
    H = np.tanh(X @ W.T + b)
    F = H @ V.T + c
    shifted = F - F.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dF = np.exp(log_p)
    dF[np.arange(len(y)), y] -= 1.0
    dS = (dF @ V) * (1.0 - H**2)
    return -log_p[np.arange(len(y)), y].sum(), dS.T @ X, dF.T @ H, dS.sum(axis=0), dF.sum(axis=0)
    ### END SOLUTION

# %%
# the worked example of chapter 03, once with label 0 and once with label 1
check_yours(risk_and_grads,
            ((np.array([[np.log(2), np.log(2)], [np.log(3), -1.5 * np.log(3)]]),
              np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([-2 * np.log(2), np.log(3)]),
              np.array([1.0, np.log(2) - 13 / 5]), np.array([[1.0, 2.0], [1.0, 2.0]]),
              np.array([0, 1])),
             (np.log(9 / 2), np.array([[64, 128], [-54, -108]]) / 150,
              np.array([[-6, 8], [6, -8]]) / 30, np.array([64, -54]) / 150,
              np.array([-1, 1]) / 3)))

# %%
def three_arms(N, rng):
    """Three spiral arms in the plane: X of shape (N, 2) and labels."""
    y = np.arange(N) % 3
    radius = rng.uniform(0.2, 2.0, N)
    angle = 2 * np.pi * y / 3 + 0.9 * radius + 0.1 * rng.standard_normal(N)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1), y


rng_arms = np.random.default_rng(6)
X_arms, y_arms = three_arms(45, rng_arms)
start = {"W": rng_arms.standard_normal((8, 2)), "V": 0.3 * rng_arms.standard_normal((3, 8)),
         "b": 0.3 * rng_arms.standard_normal(8), "c": np.zeros(3)}


def by_formulas(params, X, y):
    """The same gradients from chapter 03."""
    return dict(zip(("W", "V", "b", "c"), risk_and_grads(*params.values(), X, y)[1:], strict=True))


def train(gradients, steps=150, rate=0.03):
    """Plain descent; gives the parameters at the end and the risk before every step."""
    params, risks = dict(start), []
    for _ in range(steps):
        risks.append(risk_and_grads(*params.values(), X_arms, y_arms)[0])
        grads = gradients(params, X_arms, y_arms)
        params = {name: params[name] - rate * grads[name] for name in params}
    return params, risks


@when_solved
def finale():
    engine, formulas = graph_gradients(start, X_arms, y_arms), by_formulas(start, X_arms, y_arms)
    for name in start:
        off = np.abs(engine[name] - formulas[name]).max() / np.abs(formulas[name]).max()
        print(f"d{name}: engine and chapter 03 differ by {off:.0e}; "
              f"agree to 1e-12: {bool(off < 1e-12)}")
    (params, risks), (other, other_risks) = train(graph_gradients), train(by_formulas)
    off = max(np.abs(params[n] - other[n]).max() / np.abs(other[n]).max() for n in start)
    print(f"parameters after 150 steps differ by {off:.0e}; agree to 1e-12: {bool(off < 1e-12)}")
    F = params["c"] + np.tanh(X_arms @ params["W"].T + params["b"]) @ params["V"].T
    print(f"training accuracy {np.mean(F.argmax(axis=1) == y_arms):.0%}")
    fig, ax = plots.lines(
        np.arange(150), {"your engine": risks, "chapter 03's formulas": other_risks},
        xlabel="step", ylabel="summed loss", yscale="log",
        title="The engine knows no formula of this network, and trains it all the same",
    )
    plots.show(fig)

# %% [markdown]
r"""
Nothing in `fprop_bprop` mentions a layer, a batch or a class. Change the spec and you have another
network: two hidden layers, shared weights, a residual connection. You will not need to derive a
backward pass again. (Libraries do the same with bigger boxes: whole batches, convolutions. The
order, the sum and the single visit are what you have written.)
"""

# %% [markdown]
r"""
## Referee the notes

### Referee 1 · "depends the bprop of a box's parents"

S3's slide on flow graphs says of a box that its bprop *computes the gradient of the loss with
respect to each children*, and goes on:

> fprop depends on the fprop of a box's children, while bprop depends the bprop of a box's parents

Children are inputs, parents are consumers. A word is missing after *depends*. Something else is
missing as well. A programmer who reads the sentence may well write `grads[child] = share`: each
parent that runs sets the child's gradient.

**Your turn.** Write both readings: given the shares that the consumers of one value send, in the
order in which they arrive, what is its gradient? Ungraded, one line each.
"""

# %% nbgrader={"grade": false, "grade_id": "two_readings", "locked": false, "schema_version": 3, "solution": true, "task": false}
def as_assigned(shares):
    """The gradient if every consumer sets it: grads[child] = share."""
    ### BEGIN SOLUTION
    return shares[-1]
    ### END SOLUTION


def as_summed(shares):
    """The gradient by the chain rule."""
    ### BEGIN SOLUTION
    return sum(shares)
    ### END SOLUTION

# %%
check_yours(as_assigned, (([2.0, 3.0, 5.0],), 5.0))
check_yours(as_summed, (([2.0, 3.0, 5.0],), 10.0))

# %%
def slope(f, x, eps=1e-6):
    """Central difference of a function of one number."""
    return (f(x + eps) - f(x - eps)) / (2 * eps)


@when_solved
def referee_sentence():
    x = 0.7
    t = np.tanh(x)
    cases = {
        "a chain, tanh(x)": ([1 - t**2], np.tanh),
        "x * x": ([x, x], lambda x: x * x),
        "x * tanh(x)": ([t, x * (1 - t**2)], lambda x: x * np.tanh(x)),
        "x - tanh(x)": ([1.0, -(1 - t**2)], lambda x: x - np.tanh(x)),
    }
    for name, (shares, f) in cases.items():
        true = slope(f, x)
        off = [abs(g - true) / max(abs(g), abs(true)) for g in map(float, (
            as_assigned(shares), as_summed(shares)))]
        print(f"{name:18} true {true:6.3f}   assigned {float(as_assigned(shares)):6.3f} "
              f"off by {off[0]:.1e}   summed {float(as_summed(shares)):6.3f} off by {off[1]:.0e}")

# %% [markdown]
r"""
**Report** *(2 points, read by a person)*. What does the sentence leave out? Which of the four cases
hides the mistake, and for which kind of graph is it hidden always? Write the sentence as it should
stand on the slide.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_repaired_sentence", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
It does not say that the contributions of several parents are **summed**. The chain hides it: where
every value has one consumer (a chain or a tree), there is one share and nothing to add. Any fork shows
it: $x\cdot x$ comes out at half its size. Better: "bprop adds up, over all its parents, what their
bprops send to it, and depends on all of them having run."

=== BEGIN MARK SCHEME ===
- 1 point: contributions of several consumers are summed, supported by a computed number.
- 0.5 point: hidden when every value has one consumer.
- 0.5 point: a repaired sentence that says "sum over all consumers".

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Referee 2 · Small print

No points, one minute each. Decide first, then open.

<details>
<summary>S3: "By calling bprop in the reverse order, we get backpropagation." Reverse of which order, and
does any valid order do?</summary>

Reverse of an order in which fprop could run. Any of them does: in the reverse of a topological
order all consumers of a box come before it.

</details>

<details>
<summary>S3: "only need to reach the parameters". Your fprop_bprop computes gradients of data leaves as
well. Is it wrong?</summary>

No, it does more than training needs. Skipping everything that is not in `boxes_needing_bprop` gives
the same parameter gradients for less work.

</details>

<details>
<summary>S2 calls the intermediate quantities the computation graph of a "forward pass" and assumes they
"have already been computed". What must be stored for bprop, and what need not be?</summary>

What a bprop uses: both inputs of `mul`, `dot` and `matvec`, the value of `tanh`, the sign of the
input of `relu`. `add`, `sub` and `sum` need shapes only. In deep networks the stored values often
take more memory than the parameters.

</details>

<details>
<summary>S2's solution writes "2z_4 · -z_2". What does a program compute for 2*z4 - z2, and what does the
graph say?</summary>

A difference where a product is meant. In the graph each minus sign belongs to a `sub` box, and
cannot be misread.

</details>
"""

# %% [markdown]
r"""
## Quiz

Five questions. Replace the dots by a letter and run the cell.
"""

# %% [markdown]
r"""
**06.1** A value feeds three boxes. What is its gradient?

- **a** The gradient that the last of the three sends.
- **b** The sum of what the three send.
- **c** The mean of what the three send.
"""

# %%
quiz("06.1", "...")

# %% [markdown]
r"""
**06.2** When may a box run bprop?

- **a** When all boxes that use its value have run theirs.
- **b** When all boxes whose values it uses have run theirs.
- **c** As soon as the first share of its gradient has arrived.
"""

# %%
quiz("06.2", "...")

# %% [markdown]
r"""
**06.3** Twenty diamonds in a row, 60 boxes and 2 leaves. An engine that sends every share
on at once runs bprop how often?

- **a** 60 times
- **b** about 400 times
- **c** more than a million times
"""

# %%
quiz("06.3", "...")

# %% [markdown]
r"""
**06.4** b has shape (5,), A has shape (3, 5), and S = A + b. What is the gradient of b, with G
the gradient of S?

- **a** G
- **b** G.sum(axis=0)
- **c** G.mean(axis=0)
"""

# %%
quiz("06.4", "...")

# %% [markdown]
r"""
**06.5** x is data and W is a parameter, and a = matvec(W, x). Which part of bprop may the engine
leave out?

- **a** The gradient of W.
- **b** The gradient of x.
- **c** Neither: without the one, the other cannot be computed.
"""

# %%
quiz("06.5", "...")

# %% [markdown]
r"""
## What to remember

- **A computation is a graph of boxes.** fprop runs in topological order, bprop in reverse. Any
  valid order will do.
- **A box's bprop is local**: upstream gradient in, the transposed Jacobian applied, one share per
  input out.
- **Where a value forks, shares add.** Broadcasting is a fork too: sum over the axes that were
  stretched.
- **One visit per box.** Collect all shares, then run bprop once. Paths double at every fork, boxes
  do not.
- **Never write into an array that someone else may hold.** `g = g + share`, not `g += share`.
- **Right values are not enough.** An exponential engine passes every numerical test on small
  graphs. Count.
"""

# %%
progress()

# %% [markdown]
r"""
## Sources

The ideas of this chapter come from two sets of notes; the text, the exercises and the figures were
written for this course. **S2** is a discussion sheet on backpropagation for a two-layer network
(DS 102, 2020); its computation graph is the worked example. **S3** is a set of lecture slides,
*Training neural networks*, whose flow-graph slides describe fprop and bprop. Small reverse-mode
engines have been built for teaching before, micrograd and minitorch among them; this one is
written from scratch. The mistakes reported here take nothing away from our thanks to the authors.

| Here | Taken from | Remarks |
|---|---|---|
| A network is a graph | S2, forward pass; S3, flow graph | relu for the sigmoid |
| Every box knows its own derivative | S3, flow graph | children are inputs here, parents consumers |
| Where a value forks, gradients add | S3, chain rule and flow graph | the sum is not said there; Referee 1 |
| What broadcasting copies, bprop adds | | not in the notes |
| Only as far as the parameters | S3, flow graph | |
| Chain rule plus dynamic programming | S2, introduction | |

<details>
<summary>Every item of the notes that this chapter teaches</summary>

| Item | Source, section | Taught in |
|---|---|---|
| S2.1.4 | S2, introduction | Chain rule plus dynamic programming |
| S3.10.1 | S3, flow graph | A network is a graph |
| S3.10.2 | S3, flow graph | A network is a graph; An order in which everything is ready |
| S3.10.3 | S3, flow graph | Every box knows its own derivative; Where a value forks, gradients add; Referee 1 |
| S3.10.4 | S3, flow graph | An order in which everything is ready; The engine; Referee 2 |
| S3.10.5 | S3, flow graph | Only as far as the parameters; Referee 2 |

</details>
"""
