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
# 04 · The general L-layer recursion

So far every network had its own derivation. This chapter has one for all networks made of layers.
Whatever the depth, the widths and the activations: the gradient of a layer needs two things, what
came in and what comes back, and what comes back is computed from the layer above. Two lines,
repeated $L$ times, give the gradient of every parameter.

The price is the other half of the story. You will count, and find that all partial derivatives
together cost about as much as three evaluations of the loss. Not per parameter. In all.

[[Exercises]] exercises, [[points]] points, checked while you work. Three derivations and three referee reports,
[[points by a person]] points, are read by a person. Plan nearly three hours, in two sittings; *Backprop through L
layers* is where the second one begins.
"""

# %% [markdown]
r"""
## What you will be able to do

| At the end you can | You show it in |
|---|---|
| say whether the parameters of a network fit together, and how many there are | `check_shapes`, `flatten_params` |
| run a batch forward through any number of layers and keep what the way back needs | `mlp_forward` |
| derive the gradient of a layer's weights and biases entry by entry | Derivation A, `layer_grads` |
| derive the recursion that carries a gradient one layer down | Derivation B, `backward_step` |
| compute the whole gradient of an L-layer classifier | `mlp_backprop` |
| say what a gradient costs, and recognise code that pays too much | Derivation C, `forward_macs` |

You will also referee a printed recursion that starts from the wrong vector, and one that loses a
transpose where nobody can see it.
"""

# %% [markdown]
r"""
## Are you ready?

Five questions, two minutes. If more than two of them stop you, go back to chapters 01 and 03.

1. `W` has shape `(5, 3)` and `H` has shape `(7, 3)`. What is the shape of `H @ W.T`?
2. What is the gradient of $-\log\operatorname{softmax}(z)_y$ with respect to $z$?
3. What is the derivative of $\tanh z$? Of the sigmoid?
4. $f(h) = v^\top W h$. What is $\partial f/\partial h_j$?
5. What shape has `np.outer(a, b)` if `a` has 4 entries and `b` has 2?

<details>
<summary>Answers</summary>

1. `(7, 5)`: seven examples, five units.
2. $p - e_y$, with $p$ the probabilities and $e_y$ the one-hot vector.
3. $1 - \tanh^2 z$; $\sigma(z)(1 - \sigma(z))$.
4. $\sum_i v_i W_{ij}$: entry $j$ of $W^\top v$.
5. `(4, 2)`.

</details>
"""

# %% [markdown]
r"""
## Notation

| Symbol | In code | Meaning | Shape |
|---|---|---|---|
| $L$ | `len(params)` | number of layers **with the output layer** | |
| $d_0, \dots, d_L$ | `dims` | sizes: $d_0$ inputs, $d_L = K$ classes | |
| $W_k$, $b_k$ | `params[k - 1]` | weights and biases of layer $k = 1,\dots,L$ | `(d_k, d_{k-1})`, `(d_k,)` |
| $z_k = W_k h_{k-1} + b_k$ | `zs[k - 1]` | pre-activations of layer $k$ | `(d_k,)`; batch: `(N, d_k)` |
| $h_k = \varphi_k(z_k)$ | `hs[k]` | activations; $h_0 = x$, $h_L = p$ | `(d_k,)`; batch: `(N, d_k)` |
| $\varphi_k$ | `acts[k - 1]` | activation of hidden layer $k < L$; the output layer is softmax | |
| $\ell$ | | loss of one example, $-\log p_y$ | |
| $\delta_k = \partial \ell/\partial z_k$ | `delta` | gradient with respect to the pre-activations of layer $k$ | as $z_k$ |
| $\odot$ | `*` | elementwise product | |

Python counts from 0: layer $k$ is `params[k - 1]`, its pre-activations are `zs[k - 1]`, and its
input is `hs[k - 1]`. The loss of a batch is the **mean** over its examples in this chapter. Labels
are $0, \dots, K-1$.

Two sets of notes are quoted and judged in this chapter: an exercise sheet, S1 for short, and a set
of lecture slides, S3. You need neither of them; *Sources* at the end says what they are. S1 writes
the layer as a superscript ($W^k$) and counts $L$ as we do. S3 counts hidden layers only,
so its output layer is number $L + 1$, and it writes $a^{(k)}$ for our $z_k$. S3 calls it *layer
input activation* on one slide and *pre-activation* on the next: one thing, two names.
"""

# %%
import time

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

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
r"""
Stuck in an exercise? Each has three hints, from a question to a skeleton, and they cost nothing.
"""

# %%
hint("check_shapes", level=1)

# %% [markdown]
r"""
These functions you have written in the chapters before. Here they are given: softmax of each row,
and five activations with their slopes. All of them are safe for values of $\pm 1000$.
"""

# %%
def softmax_rows(Z):
    """Probabilities of each row of logits, shape (N, K)."""
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def sigmoid(z):
    """Logistic function, any shape."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1 + e)


PHI = {
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "softplus": lambda z: np.logaddexp(0, z),
    "linear": lambda z: z,
    "relu": lambda z: np.maximum(z, 0),
}
PHI_PRIME = {
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "sigmoid": lambda z: sigmoid(z) * (1 - sigmoid(z)),
    "softplus": sigmoid,
    "linear": np.ones_like,
    "relu": lambda z: (z > 0).astype(float),
}

# %% [markdown]
r"""
The linear activation looks pointless, since a chain of linear layers is one linear layer. It is
useful for thinking: its slope is 1 everywhere, so whatever remains in a formula is the work of the
weights.

## Any number of layers

A classifier with two hidden layers is three repetitions of one sentence, *multiply, add,
activate*:

$$\begin{aligned}
h_0 &= x,\\
z_1 &= W_1 h_0 + b_1, & h_1 &= \varphi_1(z_1),\\
z_2 &= W_2 h_1 + b_2, & h_2 &= \varphi_2(z_2),\\
z_3 &= W_3 h_2 + b_3, & h_3 &= \operatorname{softmax}(z_3) = \bigl(\mathbb{P}(Y = k \mid x)\bigr)_{k}.
\end{aligned}$$

In words: each layer takes what the layer below gives, and the last one speaks in probabilities.
Hidden activations act on each entry for itself, $\varphi(z) = (\varphi(z_1), \dots,
\varphi(z_d))$, and any function that has a slope may be used. Softmax is the one exception: there
every output depends on every input.

For $L$ layers write the sentence once, with $k = 1, \dots, L$:

$$z_k = W_k h_{k-1} + b_k,\qquad h_k = \varphi_k(z_k),\qquad W_k\in\mathbb{R}^{d_k\times d_{k-1}},\
b_k\in\mathbb{R}^{d_k}.$$

Row $i$ of $W_k$ belongs to unit $i$ of layer $k$, column $j$ to unit $j$ of the layer below. The
whole model is the list of these pairs, $\theta = (W_1, b_1, \dots, W_L, b_L)$, and that is what
the code calls `params`. The number of parameters is $P = \sum_k d_k(d_{k-1} + 1)$.

The output $f_\theta(x) = h_L$ is judged by the negative log-likelihood, averaged over the data:

$$\ell_\theta(x, y) = -\log f_\theta(x)_y,\qquad
\ell_n(\theta) = \frac1n\sum_{i=1}^{n} \ell_\theta(x_i, y_i).$$

### By hand

Keep this net: two inputs, two hidden sigmoid units, two classes. The numbers are made so that no
calculator is needed.

$$W_1 = \begin{pmatrix}1&-1\\1&-2\end{pmatrix},\quad
b_1 = \begin{pmatrix}-1\\ \log 3\end{pmatrix},\quad
W_2 = \begin{pmatrix}2&0\\-2&4\end{pmatrix},\quad
b_2 = \begin{pmatrix}-1\\ \log 3 - 2\end{pmatrix},\quad
x = \begin{pmatrix}2\\1\end{pmatrix},\ y = 0.$$

- $z_1 = (2 - 1 - 1,\ 2 - 2 + \log 3) = (0,\ \log 3)$.
- $h_1 = (\tfrac12, \tfrac34)$, because $\sigma(\log 3) = 3/(3+1)$.
- $z_2 = (1 + 0 - 1,\ -1 + 3 + \log 3 - 2) = (0,\ \log 3)$.
- $p = h_2 = (\tfrac14, \tfrac34)$, and the loss is $-\log\tfrac14 = \log 4$.
"""

# %%
hand_params = [(np.array([[1.0, -1.0], [1.0, -2.0]]), np.array([-1.0, np.log(3)])),
               (np.array([[2.0, 0.0], [-2.0, 4.0]]), np.array([-1.0, np.log(3) - 2]))]
hand_acts, hand_x, hand_y = ["sigmoid"], np.array([[2.0, 1.0]]), np.array([0])
print("P =", sum(W.size + b.size for W, b in hand_params))

# %% [markdown]
r"""
### Exercise: check_shapes

NumPy is forgiving: a bias of shape `(d_k, 1)` is added without complaint, and what comes
out is not the network you meant. So check before you compute. Walk through the layers and compare
whole shapes: $W_k$ must be `(d_k, d_{k-1})` with $d_0 = $ `d`, and $b_k$ must be `(d_k,)`. The
answer is `True` or `False`; the function never raises, also when an array has one axis or three.
"""

# %% nbgrader={"grade": false, "grade_id": "check_shapes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def check_shapes(params, d):
    """Do the layers of a network fit together, and to inputs of size d?

    Parameters
    ----------
    params : list of L pairs of ndarrays (W_k, b_k)
    d : int
        Number of inputs, d_0.

    Returns
    -------
    bool
        True if W_k has shape (d_k, d_{k-1}) and b_k has shape (d_k,) for every k.
    """
    ### BEGIN SOLUTION
    for W, b in params:
        if W.ndim != 2 or W.shape[1] != d or b.shape != (W.shape[0],):
            return False
        d = W.shape[0]
    return True
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_check_shapes", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(check_shapes)

# %% [markdown]
r"""
## Forward through any number of layers

A batch $X$ has one example per row. Transposing the sentence for all rows at once gives

$$Z_k = H_{k-1} W_k^\top + b_k,\qquad H_k = \varphi_k(Z_k).$$

In words: one matrix product does what a loop over examples would do, and the bias is added to every
row. The product is where a computer is fast: matrix times matrix reads each weight once for the
whole batch, and that is one reason to use batches at all (S3, mini-batches).

**Predict.** You will have to keep all $Z_k$ and $H_k$ for the way back. A network has 10 layers of
1000 units, and the batch has 100 examples. What needs more memory, the 10 million weights or the
activations?
"""

# %% tags=["predict"] course={"predict": "memory_of_activations"}
predict("memory_of_activations", "...")  # write "weights" or "activations"

# %% [markdown]
r"""
### Exercise: mlp_forward

Return two lists. `zs` holds the pre-activations of the $L$ layers; its last entry holds the logits.
`hs` holds `X` first, then the activations of every layer; its last entry, `hs[L]`, holds the
probabilities. A network with $L = 1$ has no hidden layer: `acts` is empty then.
"""

# %% nbgrader={"grade": false, "grade_id": "mlp_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mlp_forward(params, acts, X):
    """Run a batch forward through all layers.

    Parameters
    ----------
    params : list of L pairs (W_k, b_k), shapes (d_k, d_{k-1}) and (d_k,)
    acts : list of L-1 str
        Activations of the hidden layers: keys of PHI. The output layer is softmax.
    X : ndarray, shape (N, d_0)

    Returns
    -------
    zs : list of L ndarrays, shapes (N, d_k)
        Pre-activations.
    hs : list of L+1 ndarrays
        X, the hidden activations, the probabilities.
    """
    ### BEGIN SOLUTION
    zs, hs = [], [X]
    for (W, b), name in zip(params, [*acts, "softmax"], strict=True):
        Z = hs[-1] @ W.T + b
        zs.append(Z)
        hs.append(softmax_rows(Z) if name == "softmax" else PHI[name](Z))
    return zs, hs
    ### END SOLUTION

# %%
@first_test
def first_test_forward():
    zs, hs = mlp_forward(hand_params, hand_acts, hand_x)
    print("z_1", zs[0][0], "  by hand", np.array([0, np.log(3)]))
    print("h_1", hs[1][0], "  by hand", np.array([2, 3]) / 4)
    print("p  ", hs[2][0], "  by hand", np.array([1, 3]) / 4)

# %% nbgrader={"grade": true, "grade_id": "check_mlp_forward", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(mlp_forward)

# %%
@when_solved
def outcome_memory_of_activations():
    zs, hs = mlp_forward(hand_params, hand_acts, hand_x)
    kept = len(zs) + len(hs) - 1
    weights, activations = 10 * 1000 * 1000, 10 * 2 * 1000 * 100
    predicted("memory_of_activations", f"your forward pass keeps {kept} arrays for {len(zs)} "
              f"layers. In the large net: {weights:,} weights, {activations:,} activations. At a "
              "batch of 500 they are equal")

# %% [markdown]
r"""
## What a layer needs for its own gradient

Start in the middle. Suppose somebody hands you $\delta = \partial\ell/\partial z_m$ for one example:
how the loss changes with each pre-activation of layer $m$. What are the gradients of $W_m$ and
$b_m$?

$W_{ij}$ appears in one pre-activation only, $z_i = b_i + \sum_j W_{ij} h_j$, and is multiplied there
by $h_j$. The chain rule over all units of the layer, with the Kronecker symbol
$\mathbb{1}_{i=k}$ (1 if $i = k$, else 0) to say "only if this weight feeds that unit":

$$\frac{\partial\ell}{\partial W_{ij}}
= \sum_{k} \frac{\partial\ell}{\partial z_k}\,\frac{\partial z_k}{\partial W_{ij}}
= \sum_k \delta_k\,\mathbb{1}_{i=k}\,h_j = \delta_i h_j ,\qquad
\frac{\partial\ell}{\partial b_i} = \sum_k\delta_k\,\mathbb{1}_{i=k} = \delta_i .$$

In words: a weight's gradient is *what comes back to its unit* times *what came in through it*. All
pairs $(i, j)$ at once are an outer product:

$$\nabla_{W_m}\ell = \delta\,h_{m-1}^\top \quad (d_m\times d_{m-1}),\qquad \nabla_{b_m}\ell = \delta .$$

The shapes leave no choice: a gradient has the shape of its parameter, and there is one way to make
$d_m\times d_{m-1}$ numbers from these two vectors.

### By hand

In the worked example the top layer has $\delta_2 = p - e_0 = (-\tfrac34, \tfrac34)$ and
$h_1 = (\tfrac12, \tfrac34)$:

$$\nabla_{W_2}\ell = \begin{pmatrix}-\tfrac38 & -\tfrac{9}{16}\\ \tfrac38 & \tfrac{9}{16}\end{pmatrix},
\qquad \nabla_{b_2}\ell = \begin{pmatrix}-\tfrac34\\ \tfrac34\end{pmatrix}.$$
"""

# %% [markdown]
r"""
### Derivation A · The output layer, entry by entry  *(on paper, 12 minutes, 4 points, read by a person)*

The notes state for the output layer (S1, section 2, question 2; with $\delta_L = f_\theta(x) - e_y$)

$$\nabla_{W_L}\ell = (f_\theta(x) - e_y)\,h_{L-1}^\top,\qquad \nabla_{b_L}\ell = f_\theta(x) - e_y .$$

1. Show that $\partial\ell/\partial (z_L)_j = f_\theta(x)_j - \mathbb{1}_{j = y}$. Use
   $\ell = \log\sum_k e^{z_k} - z_y$.
2. Now give every output unit a *gain* $\gamma_i$, a parameter of its own:
   $(z_L)_i = b_i + \gamma_i\sum_j W_{ij}\,(h_{L-1})_j$. Derive $\partial\ell/\partial W_{ij}$,
   $\partial\ell/\partial b_i$ and $\partial\ell/\partial\gamma_i$ with the chain rule over all
   pre-activations and a Kronecker symbol. Write the results as a matrix and two vectors, and check
   that $\gamma = (1, \dots, 1)$ gives the two formulas of S1.
3. Nothing in step 2 used that the layer is the last one. Say in one sentence what has to be replaced
   for a hidden layer $m$.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_output_layer", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
**1.** Let $S = \sum_k e^{z_k}$. Then $\partial \log S/\partial z_j = e^{z_j}/S = f_j$, and
$\partial z_y/\partial z_j = \mathbb{1}_{j=y}$. So $\partial\ell/\partial z_j = f_j -
\mathbb{1}_{j=y}$.

**2.** With $\delta = f - e_y$ and $z_k = b_k + \gamma_k\sum_l W_{kl}h_l$ the derivatives are
$\partial z_k/\partial W_{ij} = \mathbb{1}_{i=k}\,\gamma_k h_j$,
$\partial z_k/\partial b_i = \mathbb{1}_{i=k}$ and
$\partial z_k/\partial\gamma_i = \mathbb{1}_{i=k}\sum_l W_{kl}h_l$. Hence
$$\frac{\partial\ell}{\partial W_{ij}} = \sum_k \delta_k\,\mathbb{1}_{i=k}\,\gamma_k h_j
= \gamma_i\,\delta_i\,h_j,\qquad
\frac{\partial\ell}{\partial b_i} = \delta_i,\qquad
\frac{\partial\ell}{\partial\gamma_i} = \delta_i\sum_l W_{il}h_l ,$$
that is $\nabla_W = (\gamma\odot\delta)\,h^\top$, $\nabla_b = \delta$ and
$\nabla_\gamma = \delta\odot(Wh)$. For $\gamma = (1, \dots, 1)$ the first two are
$(f - e_y)\,h_{L-1}^\top$ and $f - e_y$.

**3.** Replace $f - e_y$ by $\delta_m = \partial\ell/\partial z_m$ (and $h_{L-1}$ by $h_{m-1}$).

=== BEGIN MARK SCHEME ===
- 1 point: the derivative with respect to the logits, both terms.
- 1 point: the weights, with a sum over all pre-activations, the Kronecker symbol and the gain.
- 0.5 point: the gains, with the sum over the inputs.
- 0.5 point: the biases, and S1's formulas for gains of 1.
- 0.5 point: matrix and vectors, the outer product with the right orientation.
- 0.5 point: delta_m takes the place of f - e_y.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Exercise: layer_grads

One example, one layer: $\delta$ and $h_{m-1}$ in, $(\nabla_W, \nabla_b)$ out. The bias gradient *is*
$\delta$, and that is a trap: return a copy. If `db` shares its memory with `delta`, then scaling
one scales the other.
"""

# %% nbgrader={"grade": false, "grade_id": "layer_grads", "locked": false, "schema_version": 3, "solution": true, "task": false}
def layer_grads(delta, h_prev):
    """Gradients of a layer's weights and biases, for one example.

    Parameters
    ----------
    delta : ndarray, shape (d_m,)
        Gradient with respect to the layer's pre-activations.
    h_prev : ndarray, shape (d_{m-1},)
        What came into the layer.

    Returns
    -------
    dW : ndarray, shape (d_m, d_{m-1})
    db : ndarray, shape (d_m,)
        Shares no memory with delta.
    """
    ### BEGIN SOLUTION
    return np.outer(delta, h_prev), delta.copy()
    ### END SOLUTION

# %%
@first_test
def first_test_layer_grads():
    dW, db = layer_grads(np.array([-0.75, 0.75]), np.array([0.5, 0.75]))
    print("16 dW =", (16 * dW).tolist(), "  by hand [[-6, -9], [6, 9]]")
    print(" 4 db =", (4 * db).tolist(), "  by hand [-3, 3]")

# %% nbgrader={"grade": true, "grade_id": "check_layer_grads", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(layer_grads)

# %% [markdown]
r"""
## One layer back

Only the top layer is handed its $\delta$ for free. The others get it from the layer above, in two
steps: from $z_{m+1}$ down to $h_m$, and from $h_m$ down to $z_m$.

**Through the weights.** Unit $j$ feeds *every* unit $i$ of the next layer, with weight
$(W_{m+1})_{ij}$. So all of them report back, and the reports are summed:

$$\frac{\partial\ell}{\partial (h_m)_j}
= \sum_{i} (\delta_{m+1})_i\,(W_{m+1})_{ij}
\qquad\Longleftrightarrow\qquad \nabla_{h_m}\ell = W_{m+1}^\top\,\delta_{m+1}.$$

Forward the sum runs over the columns of $W$; backward it runs over the rows. That is all the
transpose says: the same connections, walked the other way.

**Through the activation.** $(h_m)_j$ depends on $(z_m)_j$ alone, so each unit has one factor of its
own:

$$\delta_m = \nabla_{h_m}\ell\,\odot\,\varphi_m'(z_m).$$

The slope is taken at $z_m$, where the activation was computed. A saturated unit, slope near 0, lets
nothing through.

S3 writes the second step as a row times a Jacobian, $(\nabla_h\ell)^\top\,\partial h/\partial z$.
For an elementwise activation this Jacobian is diagonal, with the slopes on the diagonal, and a row
times a diagonal matrix is the elementwise product above. Do not build it: for 1000 units it has a
million entries, and 999,000 of them are 0.

### By hand

$$W_2^\top\delta_2 = \begin{pmatrix}2&-2\\0&4\end{pmatrix}\begin{pmatrix}-\tfrac34\\ \tfrac34\end{pmatrix}
= \begin{pmatrix}-3\\3\end{pmatrix},\qquad
\delta_1 = \begin{pmatrix}-3\\3\end{pmatrix}\odot\begin{pmatrix}\tfrac14\\ \tfrac3{16}\end{pmatrix}
= \begin{pmatrix}-\tfrac34\\ \tfrac9{16}\end{pmatrix}.$$

The slopes are $h(1-h)$ at $h = \tfrac12$ and $\tfrac34$. With $x = (2, 1)$ the first layer's
gradients follow by the rule you already have:

$$\nabla_{W_1}\ell = \delta_1 x^\top = \begin{pmatrix}-\tfrac32&-\tfrac34\\ \tfrac98&\tfrac9{16}\end{pmatrix},
\qquad \nabla_{b_1}\ell = \delta_1 .$$
"""

# %% [markdown]
r"""
### Derivation B · The recursion  *(on paper, 12 minutes, 4 points, read by a person)*

Derive both steps (S1, section 2, question 3), entry by entry, for $1\le m\le L-1$:

$$\nabla_{h_m}\ell = W_{m+1}^\top\delta_{m+1},\qquad \delta_m = \nabla_{h_m}\ell\odot\varphi'_m(z_m).$$

In the first, say where the sum comes from. In the second, write the chain rule over *all* entries of
$h_m$ and let a Kronecker symbol remove those that do not depend on $(z_m)_j$. Which step would change
if $\varphi_m$ were a softmax, and what would stand in the place of $\odot$?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_recursion", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
**Weights.** $(z_{m+1})_i = (b_{m+1})_i + \sum_l (W_{m+1})_{il}(h_m)_l$, so $\partial
(z_{m+1})_i/\partial (h_m)_j = (W_{m+1})_{ij}$. The loss depends on $(h_m)_j$ through every
$(z_{m+1})_i$, so the contributions add up:
$$\frac{\partial\ell}{\partial (h_m)_j} = \sum_{i=1}^{d_{m+1}} (\delta_{m+1})_i (W_{m+1})_{ij}
= \bigl(W_{m+1}^\top\delta_{m+1}\bigr)_j .$$

**Activation.** $(h_m)_i = \varphi_m((z_m)_i)$, so $\partial (h_m)_i/\partial (z_m)_j =
\mathbb{1}_{i=j}\,\varphi_m'((z_m)_i)$ and
$$(\delta_m)_j = \sum_i \frac{\partial\ell}{\partial (h_m)_i}\,\mathbb{1}_{i=j}\,\varphi_m'((z_m)_i)
= \frac{\partial\ell}{\partial (h_m)_j}\,\varphi_m'((z_m)_j).$$

**Softmax.** The second step: every output depends on every input, so the Kronecker symbol goes away
and $\delta_m = J^\top\nabla_{h_m}\ell$ with the Jacobian $J$ of softmax.

=== BEGIN MARK SCHEME ===
- 1.5 points: first step, with the sum over the units of layer m+1 and its reason.
- 0.5 point: the sum recognised as the transpose times delta.
- 1.5 points: second step with the Kronecker symbol, slope at z_m.
- 0.5 point: softmax: J^T in place of the elementwise product.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Exercise: backward_step

`phi_prime` is a function: give it $z_m$ and it returns the slopes, one per unit. One example, so
everything is a vector. The formula is written in one line, and each of its three ingredients has a
classic mistake waiting for it.
"""

# %% nbgrader={"grade": false, "grade_id": "backward_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def backward_step(W_next, delta_next, z, phi_prime):
    """Carry a gradient from the pre-activations of one layer to those of the layer below.

    Parameters
    ----------
    W_next : ndarray, shape (d_{m+1}, d_m)
        Weights of the layer above.
    delta_next : ndarray, shape (d_{m+1},)
        Gradient with respect to the pre-activations of the layer above.
    z : ndarray, shape (d_m,)
        Pre-activations of this layer.
    phi_prime : callable
        Slope of this layer's activation, elementwise.

    Returns
    -------
    ndarray, shape (d_m,)
        Gradient with respect to z.
    """
    ### BEGIN SOLUTION
    return (W_next.T @ delta_next) * phi_prime(z)
    ### END SOLUTION

# %%
@first_test
def first_test_backward_step():
    delta = backward_step(hand_params[1][0], np.array([-0.75, 0.75]), np.array([0, np.log(3)]),
                          PHI_PRIME["sigmoid"])
    print("16 delta_1 =", (16 * delta).round(12).tolist(), "  by hand [-12, 9]")

# %% nbgrader={"grade": true, "grade_id": "check_backward_step", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(backward_step)

# %% [markdown]
r"""
## Backprop through L layers

Put the pieces in order and read it top down:

1. run forward, keep every $Z_k$ and $H_k$;
2. at the top, $\Delta_L = \frac1N\,(P - E)$, with one row $p - e_y$ per example;
3. for $k = L, L-1, \dots, 1$: collect $\nabla_{W_k}$ and $\nabla_{b_k}$ from $\Delta_k$ and $H_{k-1}$;
   then, **if $k > 1$**, step down to $\Delta_{k-1}$.

With examples as rows, the formulas for a batch are

$$\nabla_{W_k} = \Delta_k^\top H_{k-1},\qquad \nabla_{b_k} = \sum_n (\Delta_k)_{n\cdot},\qquad
\Delta_{k-1} = (\Delta_k W_k)\odot\varphi'_{k-1}(Z_{k-1}).$$

In words: the product $\Delta^\top H$ adds up the outer products of all examples, the bias gradient
adds up the rows, and $\Delta_k W_k$ is $W_k^\top\delta_k$ for every row at once. The transpose has
moved, because the vectors lie down now. The factor $1/N$ of the mean enters once, at the top, and
travels along.

**Predict.** Exactly one matrix product of the forward pass has no partner that carries a gradient
*further down*. Which layer's?
"""

# %% tags=["predict"] course={"predict": "layer_without_step"}
predict("layer_without_step", "...")  # write "the first", "the last" or "none"

# %% [markdown]
r"""
### Exercise: mlp_backprop

The whole gradient of the mean negative log-likelihood: a list of $L$ pairs `(dW, db)`, layer 1 first.
Use your `mlp_forward`. Copy what you overwrite: `hs[-1]` may become $\Delta_L$ only if nobody else
needs the probabilities.

The check also counts what your function does. Backprop costs about three forward passes, whatever
the number of parameters. A function that moves one parameter after the other gets the same numbers
and does not get those points.
"""

# %% nbgrader={"grade": false, "grade_id": "mlp_backprop", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mlp_backprop(params, acts, X, y):
    """Gradient of the mean negative log-likelihood with respect to all parameters.

    Parameters
    ----------
    params : list of L pairs (W_k, b_k), shapes (d_k, d_{k-1}) and (d_k,)
    acts : list of L-1 str
        Activations of the hidden layers: keys of PHI_PRIME.
    X : ndarray, shape (N, d_0)
    y : ndarray of int, shape (N,)
        Labels, 0..d_L - 1.

    Returns
    -------
    list of L pairs (dW_k, db_k)
        In the order and shapes of params.
    """
    ### BEGIN SOLUTION
    zs, hs = mlp_forward(params, acts, X)
    N = len(y)
    delta = hs[-1].copy()
    delta[np.arange(N), y] -= 1
    delta /= N
    grads = []
    for k in range(len(params), 0, -1):
        grads.append((delta.T @ hs[k - 1], delta.sum(axis=0)))
        if k > 1:
            delta = (delta @ params[k - 1][0]) * PHI_PRIME[acts[k - 2]](zs[k - 2])
    return grads[::-1]
    ### END SOLUTION

# %%
@first_test
def first_test_backprop():
    (dW1, db1), (dW2, db2) = mlp_backprop(hand_params, hand_acts, hand_x, hand_y)
    print("16 dW_1 =", (16 * dW1).round(12).tolist(), "  by hand [[-24, -12], [18, 9]]")
    print("16 db_1 =", (16 * db1).round(12).tolist(), "  by hand [-12, 9]")
    print("16 dW_2 =", (16 * dW2).round(12).tolist(), "  by hand [[-6, -9], [6, 9]]")

# %% nbgrader={"grade": true, "grade_id": "check_mlp_backprop", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(mlp_backprop)

# %%
@when_solved
def outcome_layer_without_step():
    grads = mlp_backprop(hand_params, hand_acts, hand_x, hand_y)
    predicted("layer_without_step", f"the first: {len(grads)} layers, {len(grads) - 1} step down. "
              "Below layer 1 there are only the data, and nobody trains those")

# %% [markdown]
r"""
### Does it agree with the loss?

Never believe a gradient because the code looks right. The loss has to agree. One random direction $v$
in the space of all parameters involves every entry at once: $\nabla\ell\cdot v$ must be the slope of
the loss along $v$. Central differences (chapter 00) need two losses for that.
"""

# %%
def random_net(rng, dims, scale=1.0):
    """Parameters with weights of standard deviation scale / sqrt(d_{k-1})."""
    return [(scale * rng.standard_normal((m, n)) / np.sqrt(n), 0.1 * rng.standard_normal(m))
            for n, m in zip(dims[:-1], dims[1:], strict=True)]


def mean_loss(params, acts, X, y):
    """Mean negative log-likelihood, from your forward pass."""
    Z = mlp_forward(params, acts, X)[0][-1]
    top = Z.max(axis=1)
    return np.mean(top + np.log(np.exp(Z - top[:, None]).sum(axis=1)) - Z[np.arange(len(y)), y])


@when_solved
def gradient_against_the_loss():
    rng = np.random.default_rng(4)
    dims, acts = (5, 7, 11, 6, 3), ["tanh", "softplus", "sigmoid"]
    params, X, y = random_net(rng, dims), rng.standard_normal((13, 5)), rng.integers(0, 3, 13)
    grads = mlp_backprop(params, acts, X, y)
    for trial in range(3):
        v = [tuple(rng.standard_normal(t.shape) for t in pair) for pair in params]

        def moved(t, v=v):
            return [(W + t * dW, b + t * db) for (W, b), (dW, db) in zip(params, v, strict=True)]

        eps = 6e-6
        slope = (mean_loss(moved(eps), acts, X, y) - mean_loss(moved(-eps), acts, X, y)) / (2 * eps)
        product = sum((g * d).sum() for pair, ds in zip(grads, v, strict=True) for g, d in zip(pair, ds, strict=True))
        print(f"direction {trial}: slope of the loss {slope:+.10f}, gradient times v "
              f"{product:+.10f}, off by {abs(slope - product) / abs(slope):.0e}")

# %% [markdown]
r"""
### All parameters in one vector

Optimisers like to see one vector $\theta\in\mathbb{R}^P$ and not a list of pairs. The order is a
convention: $W_1$ row by row, then $b_1$, then $W_2$, and so on.

### Exercise: flatten_params

Row-major means: along the first row, then along the second, however the array happens to lie in
memory. The answer is a fresh vector of length $P$.
"""

# %% nbgrader={"grade": false, "grade_id": "flatten_params", "locked": false, "schema_version": 3, "solution": true, "task": false}
def flatten_params(params):
    """All parameters in one vector: W_1 row by row, b_1, W_2, b_2, ...

    Parameters
    ----------
    params : list of L pairs (W_k, b_k), shapes (d_k, d_{k-1}) and (d_k,)

    Returns
    -------
    ndarray, shape (P,)
    """
    ### BEGIN SOLUTION
    return np.concatenate([part.reshape(-1) for pair in params for part in pair])
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_flatten_params", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(flatten_params)

# %%
@when_solved
def one_step_downhill():
    theta = flatten_params(hand_params)
    gradient = flatten_params(mlp_backprop(hand_params, hand_acts, hand_x, hand_y))
    print("P =", theta.size, "  length of the gradient:", np.linalg.norm(gradient).round(4))
    for lr in (0.01, 0.1, 1.0):
        moved = [(W - lr * dW, b - lr * db) for (W, b), (dW, db)
                 in zip(hand_params, mlp_backprop(hand_params, hand_acts, hand_x, hand_y), strict=True)]
        print(f"step {lr:4}: loss {mean_loss(hand_params, hand_acts, hand_x, hand_y):.4f} -> "
              f"{mean_loss(moved, hand_acts, hand_x, hand_y):.4f}")

# %% [markdown]
r"""
### How far down does the gradient reach?

Every step down multiplies by $W^\top$ and by a slope. The slope of the sigmoid is at most
$\tfrac14$; that of tanh is at most 1. What do twenty such factors do? Below, weights are drawn with
variance $1/d_{k-1}$, which keeps the size of the signal about equal going forward.

**Predict.** In a sigmoid network of 20 layers, the gradient of $W_1$ is smaller than that of $W_{20}$
by about which factor?
"""

# %% tags=["predict"] course={"predict": "vanishing_factor"}
predict("vanishing_factor", "...")  # write "10", "a million" or "more than a billion"

# %%
def gradient_norms(name, L):
    """Norm of the weight gradient of each layer, in a net of L layers of one activation."""
    rng = np.random.default_rng(7)
    X, y = rng.standard_normal((64, 32)), rng.integers(0, 5, 64)
    params = random_net(rng, [32] * L + [5])
    return [np.linalg.norm(dW) for dW, _ in mlp_backprop(params, [name] * (L - 1), X, y)]


@when_solved
def figure_vanishing():
    names = ("sigmoid", "tanh")
    for L in (5, 10, 20):
        sizes = {name: gradient_norms(name, L) for name in names}
        print(f"L = {L:2}: last layer over first layer  ",
              "  ".join(f"{name} {norms[-1] / norms[0]:7.1e}" for name, norms in sizes.items()))
    predicted("vanishing_factor", f"by {sizes['sigmoid'][-1] / sizes['sigmoid'][0]:.0e}")
    fig, ax = plots.lines(
        np.arange(1, 21), sizes, xlabel="layer k of 20", ylabel="norm of the gradient of W_k",
        yscale="log",
        title="A deep sigmoid network hardly moves its first layers; tanh keeps the gradient alive",
    )
    ax.set_xticks([1, 5, 10, 15, 20])
    plots.show(fig)

# %% [markdown]
r"""
A straight line on a logarithmic axis is a constant factor per layer. For the sigmoid it is a little
below $\tfrac14$, the largest slope it has: the gradient dies, though every formula is right. For
tanh, whose slope is 1 at 0, the factor is near 1 with weights of this size. Depth is a question of
activations and of initial weights; chapter 08 takes it up.
"""

# %% [markdown]
r"""
## What a gradient costs

The unit of work is the **multiply-accumulate**: one multiplication and the addition of its result
to a sum. The product $H_{k-1}W_k^\top$ has $N d_k$ entries, and each takes $d_{k-1}$ of them. So a
forward pass with a batch of $B$ takes

$$B\sum_{k=1}^{L} d_k\,d_{k-1}$$

multiply-accumulates: every weight once per example. Biases and activations take $B\,d_k$ operations
per layer, which is little beside $B\,d_k d_{k-1}$.

S1 answers its own question "What is the complexity of an iteration?" with *proportional to $B$
instead of $n$*. That is true, and it is half of the answer. The sum over layers is the other half.

### Exercise: forward_macs
"""

# %% nbgrader={"grade": false, "grade_id": "forward_macs", "locked": false, "schema_version": 3, "solution": true, "task": false}
def forward_macs(dims, B):
    """Multiply-accumulates of the matrix products of one forward pass.

    Parameters
    ----------
    dims : list of int
        Layer sizes d_0, ..., d_L.
    B : int
        Number of examples in the batch.

    Returns
    -------
    int
    """
    ### BEGIN SOLUTION
    return B * sum(m * n for n, m in zip(dims[:-1], dims[1:], strict=True))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_forward_macs", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(forward_macs)

# %% [markdown]
r"""
### Derivation C · The bill of backprop  *(on paper, 8 minutes, 3 points, read by a person)*

Count the multiply-accumulates of the three matrix products that involve layer $k$: forward, weight
gradient, step down. Then: (1) What is the cost of backprop with its forward pass, in forward passes,
and which layer saves something? (2) What do central differences of all $P$ parameters cost, in the
same unit? (3) For a network with a million parameters, what is the ratio?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_cost", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
Each of $H_{k-1}W_k^\top$, $\Delta_k^\top H_{k-1}$ and $\Delta_k W_k$ takes $B\,d_k d_{k-1}$.

1. Together three forward passes, minus the step down of layer 1, which is not needed: $3\sum_k
   Bd_kd_{k-1} - Bd_1d_0$, so a bit below 3, at any depth and width.
2. Two forward passes per parameter: $2P$.
3. $2\cdot10^6$ against 3: about 700,000.

=== BEGIN MARK SCHEME ===
- 1 point: the three products, each B d_k d_{k-1}.
- 1 point: at most 3 forward passes, layer 1 saves its step down.
- 0.5 point: 2P forward passes for central differences.
- 0.5 point: the ratio, about 2P/3.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %%
@when_solved
def figure_cost():
    widths = np.array([4, 8, 16, 32, 64, 128, 256])
    dims = [[w, w, w, w, 10] for w in widths]
    P = np.array([flatten_params(random_net(np.random.default_rng(0), d)).size for d in dims])
    once = np.array([forward_macs(d, 1) for d in dims], dtype=float)
    bill = {"central differences, 2P forward passes": 2 * P * once,
            "backprop, 3 forward passes": 3 * once - widths**2,
            "one forward pass": once}
    slopes = [np.polyfit(np.log(P), np.log(cost), 1)[0] for cost in bill.values()]
    named = {f"{name}: slope {s:.2f}": cost for (name, cost), s in zip(bill.items(), slopes, strict=True)}
    fig, ax = plots.lines(
        P, named, xscale="log", yscale="log", xlabel="number of parameters P",
        ylabel="multiply-accumulates per example",
        title="Backprop grows with P, finite differences with P squared",
    )
    plots.show(fig)

# %% [markdown]
r"""
Counts are not seconds, and the counts are the claim. The seconds below belong to one machine and to
whatever else it is doing at the moment: run the cell twice, and the ratio moves. Do not be surprised
by 2 or by 5 forward passes instead of 3.
"""

# %%
@when_solved
def seconds():
    def seconds_of(f):
        start = time.perf_counter()
        f()
        return time.perf_counter() - start

    rng = np.random.default_rng(1)
    dims, acts = [256, 256, 256, 10], ["tanh", "tanh"]
    params, X, y = random_net(rng, dims), rng.standard_normal((128, 256)), rng.integers(0, 10, 128)
    runs = [(seconds_of(lambda: mlp_forward(params, acts, X)),
             seconds_of(lambda: mlp_backprop(params, acts, X, y))) for _ in range(40)]
    forward, backward = np.min(runs, axis=0)  # the fastest run is the least disturbed
    P = flatten_params(params).size
    print(f"P = {P}: forward {1e3 * forward:.1f} ms, backprop {1e3 * backward:.1f} ms "
          f"= {backward / forward:.1f} forward passes")
    print(f"central differences would take {2 * P * forward / 60:.0f} minutes")

# %% [markdown]
r"""
### Same values, another bill

Values cannot tell backprop from a patient loop over all parameters. The check counts floating-point
work instead, on a net of 8 layers with 2092 parameters and 122 units. This is what it finds for
several ways to get the same numbers:

| way | forward passes of work |
|---|---|
| backprop, in any style | 2.9 to 4.6 |
| forward pass and recursion from the top again for every layer | 14 |
| full Jacobians from every layer to the top | 59 |
| move one *unit* at a time and read off its $\delta$ | 65 to 120 |
| carry one direction forward for every parameter | 1,100 |
| a complex step or differences for every parameter | $P$ to $2P$ |

The step from the fourth row to the first is the idea of this chapter: the $\delta$ of a unit need not
be measured, because it can be *computed* from the layer above. What is shared is computed once.
"""

# %% [markdown]
r"""
## Referee the notes

Three printed formulas, three numerical verdicts. Your `mlp_backprop` passed its check, so it may
serve as the reference.
"""

# %%
def mismatch(a, b):
    """Largest difference, relative to the largest entry: 0 is agreement, 1 is hopeless."""
    a, b = np.asarray(a), np.asarray(b)
    return np.abs(a - b).max() / max(np.abs(a).max(), np.abs(b).max())


def recursion(params, acts, x, top, step):
    """Weight gradients of one example by the two-line recursion.

    top(p) gives delta_L; step(W, delta) gives the gradient with respect to the layer below.
    """
    zs, hs = mlp_forward(params, acts, x[None, :])
    delta, grads = top(hs[-1][0]), []
    for k in range(len(params), 0, -1):
        grads.append(np.outer(delta, hs[k - 1][0]))
        if k > 1:
            delta = step(params[k - 1][0], delta) * PHI_PRIME[acts[k - 2]](zs[k - 2][0])
    return grads[::-1]

# %% [markdown]
r"""
### Referee 1 · A vector made from a number

S1, section 2, question 3 starts the recursion with

$$\nabla_{z^L(X)}\ell_\theta(X, Y) = \ell_\theta(X, Y) - \mathbb{1}_Y \qquad\text{(as printed)},$$

where $\ell_\theta(X, Y)$ is the loss and $\mathbb{1}_Y$ the one-hot vector. The proof for $W^L$
prints the same expression in its second line and another one in its third.

**Your turn.** Type the start as it is printed. `p` are the probabilities of one example. Ungraded,
about 2 lines.
"""

# %% nbgrader={"grade": false, "grade_id": "printed_start", "locked": false, "schema_version": 3, "solution": true, "task": false}
def printed_start(p, y):
    """The start of the recursion exactly as S1 prints it.

    Parameters
    ----------
    p : ndarray, shape (K,)
        Probabilities.
    y : int
        Label.

    Returns
    -------
    ndarray, shape (K,)
    """
    ### BEGIN SOLUTION
    loss = -np.log(p[y])
    return loss - np.eye(len(p))[y]
    ### END SOLUTION

# %%
check_yours(printed_start, ((np.array([1 / 4, 3 / 4]), 0), np.array([np.log(4) - 1, np.log(4)])))

# %%
@when_solved
def referee_start():
    rng = np.random.default_rng(11)
    params, acts = random_net(rng, (3, 5, 4, 3)), ["tanh", "sigmoid"]
    x, y = rng.standard_normal(3), 1
    true = mlp_backprop(params, acts, x[None, :], np.array([y]))
    starts = {"l - 1_Y, as printed": lambda p: printed_start(p, y),
              "f - 1_Y": lambda p: p - np.eye(3)[y]}
    for name, top in starts.items():
        grads = recursion(params, acts, x, top, lambda W, delta: W.T @ delta)
        off = "  ".join(f"W_{k}: {mismatch(dW, g[0]):.1e}"
                        for k, (dW, g) in enumerate(zip(grads, true, strict=True), start=1))
        print(f"{name:20} off by  {off}")
    p = mlp_forward(params, acts, x[None, :])[1][-1][0]
    print("entries sum to:  as printed", printed_start(p, y).sum().round(3),
          "  f - 1_Y", (p - np.eye(3)[y]).sum().round(12))

# %% [markdown]
r"""
**Report** *(2 points, read by a person)*. Which letter is wrong, and which number shows it? Why does
NumPy not complain? What must the entries of $\nabla_{z^L}\ell$ sum to, and why?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_recursion_start", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
$\ell_\theta$ should be $f_\theta$, the vector of probabilities: the start is $f_\theta(X) -
\mathbb{1}_Y$. With the printed start the gradients of the three layers are off by 41 to 76 percent
of their largest entry; with the repaired one they agree to rounding. NumPy broadcasts a number minus a vector. The
entries must sum to 0, because adding a constant to all logits does not change the loss; the printed
ones sum to $K\ell - 1$.

=== BEGIN MARK SCHEME ===
- 1 point: f for l, with a computed mismatch as evidence.
- 0.5 point: broadcasting of a scalar.
- 0.5 point: the sum is 0, by shift invariance.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Referee 2 · The same matrix three times

S1, section 1 defines its network with two hidden layers like this (shapes as printed):

$$\begin{aligned}
z^2 &= b^2 + W^2 h^1, & b^{1}&\in\mathbb{R}^{d_2},\ W^{1}\in\mathbb{R}^{d_2\times d_1},\\
z^3 &= b^3 + W^3 h^2, & b^{1}&\in\mathbb{R}^{M},\ W^{1}\in\mathbb{R}^{M\times d_2}.
\end{aligned}$$

**Your turn.** Build the list of parameters that the printed text declares: one pair $(W^1, b^1)$, used
in every layer. Then let your own `check_shapes` referee. Ungraded, one line.
"""

# %% nbgrader={"grade": false, "grade_id": "printed_params", "locked": false, "schema_version": 3, "solution": true, "task": false}
def printed_params(params):
    """The parameters as S1's section 1 declares them: the first pair in every layer.

    Parameters
    ----------
    params : list of L pairs (W_k, b_k)

    Returns
    -------
    list of L pairs
    """
    ### BEGIN SOLUTION
    return [params[0]] * len(params)
    ### END SOLUTION

# %%
check_yours(printed_params, ((hand_params,), [hand_params[0], hand_params[0]]))

# %%
@when_solved
def referee_shapes():
    rng = np.random.default_rng(12)
    for dims in ((4, 6, 5, 3), (4, 4, 4, 4)):
        params, X = random_net(rng, dims), rng.standard_normal((3, dims[0]))
        printed = printed_params(params)
        print(f"sizes {dims}: as meant {check_shapes(params, dims[0])}, "
              f"as printed {check_shapes(printed, dims[0])}", end="")
        if check_shapes(printed, dims[0]):
            pair = (mlp_forward(net, ["tanh"] * 2, X)[1][-1] for net in (params, printed))
            print(f";  probabilities off by {mismatch(*pair):.2f}", end="")
        print()

# %% [markdown]
r"""
**Report** *(2 points, read by a person)*. What should the declarations say? For which sizes does the
misprint run without an error, and what does the network compute then?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_repeated_weights", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
Layer 2: $b^2\in\mathbb{R}^{d_2}$, $W^2\in\mathbb{R}^{d_2\times d_1}$; layer 3: $b^3\in\mathbb{R}^M$,
$W^3\in\mathbb{R}^{M\times d_2}$. Taken literally it runs when all sizes are equal, $d = d_1 = d_2 =
M$. Then the same weights are used three times: another network, with a third of the parameters and
other probabilities.

=== BEGIN MARK SCHEME ===
- 1 point: b^2, W^2, b^3, W^3 in the right places.
- 1 point: equal sizes hide it, and it is a different model then.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Referee 3 · The transpose that is not missed

S3's algorithm box goes one layer down by

$$\nabla_{h^{(k-1)}} \Longleftarrow W^{(k)}\,\bigl(\nabla_{a^{(k)}}\bigr) \qquad\text{(as printed)}.$$

The slide before it has $W^{(k)\top}$. You know which is right. The question is why such a line can
live in a program for years.

**Your turn.** Type the printed step. Ungraded, one line.
"""

# %% nbgrader={"grade": false, "grade_id": "printed_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def printed_step(W, delta):
    """Gradient with respect to the layer below, exactly as the algorithm box prints it.

    Parameters
    ----------
    W : ndarray, shape (d_k, d_{k-1})
    delta : ndarray, shape (d_k,)

    Returns
    -------
    ndarray
    """
    ### BEGIN SOLUTION
    return W @ delta
    ### END SOLUTION

# %%
check_yours(printed_step, ((hand_params[1][0], np.array([-3 / 4, 3 / 4])),
                           np.array([-3 / 2, 9 / 2])))

# %%
@when_solved
def referee_transpose():
    rng = np.random.default_rng(13)
    square = random_net(rng, (4, 4, 4, 4))
    nets = {"sizes 4-4-4-4": square,
            "4-4-4-4, symmetric W": [((W + W.T) / 2, b) for W, b in square],
            "sizes 3-5-4-3": random_net(rng, (3, 5, 4, 3))}
    for name, params in nets.items():
        x, y, acts = rng.standard_normal(params[0][0].shape[1]), 0, ["tanh", "sigmoid"]
        true = mlp_backprop(params, acts, x[None, :], np.array([y]))

        def top(p, y=y):
            return p - np.eye(len(p))[y]

        try:
            grads = recursion(params, acts, x, top, printed_step)
            print(f"{name:22}", "  ".join(f"W_{k} off by {mismatch(dW, g[0]):.0e}"
                                          for k, (dW, g) in enumerate(zip(grads, true, strict=True), start=1)))
        except ValueError:
            print(f"{name:22} stops with a ValueError")

# %% [markdown]
r"""
**Report** *(2 points, read by a person)*. In the first net one layer's gradient is right to the last
digit: which, and why that one? Why are all of them right in the second net? Write down two properties
that a test network must have to catch this mistake.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_missing_transpose", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
$W_3$, the top layer: its gradient uses $\delta_3$ only, and the wrong step comes after it. In the
second net $W = W^\top$, so the wrong line computes the right thing. A test network needs matrices
that are not symmetric, better not square (then the shapes protest), and at least two layers whose
gradients are compared, not the top one alone.

=== BEGIN MARK SCHEME ===
- 0.5 point: the top layer, because it does not depend on the step.
- 0.5 point: symmetric matrices equal their transpose.
- 1 point: two sensible properties of a test network.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Referee 4 · Small print

No points, one minute each. Decide first, then open.

<details>
<summary>S1 writes h^1(x) = φ_1(z^1(X_i)). What is odd?</summary>

Two names for one argument. Either $h^1(x) = \varphi_1(z^1(x))$, or $X_i$ on both sides.

</details>

<details>
<summary>S1's proof for W^L has (ℓ_θ - 1_Y)_k in its second line and (f_θ - 1_Y)_i in its third. Which
is right?</summary>

The third. The second has the same slip as Referee 1: $\ell_\theta$ is a number and has no component
$k$.

</details>

<details>
<summary>S1's last derivation ends with ∂_{(z^m)_i} ℓ(X, Y)_i. Which index is too many?</summary>

The last one. The loss is a number; the index belongs to $z^m$ only. Typed into a program it is an
IndexError.

</details>

<details>
<summary>S1 states W^k ∈ ℝ^{d_k × d_{k-1}} for k ≥ 2 and W^1 ∈ ℝ^{d_1 × d}, but its gradient formulas
use d_{m-1} for m = 1 too. What is missing?</summary>

The agreement $d_0 := d$. With it, one formula covers all layers.

</details>

<details>
<summary>S1 announces "the gradient with respect to all parameters" above question 2. Which parameters
does the question treat?</summary>

Those of the last layer, $W^L$ and $b^L$. The others come in question 3. (And what is printed as
$\nabla_{h^L}$ there is $\nabla_{b^L}$; chapter 01 refereed it.)

</details>

<details>
<summary>S3's loop runs for k = L+1 down to 1 and ends each round with the gradient of the
pre-activations a^(k-1). What happens in the last round?</summary>

$a^{(0)}$ does not exist: below layer 1 there are the inputs, which have no pre-activation. The last
step belongs under "if $k > 1$", as in your code. The gradient with respect to $h^{(0)}$ does exist;
it is the gradient with respect to the input.

</details>

<details>
<summary>S1 calls the mean loss ℓ_n^multi in section 1 and ℓ_n in section 2, and its recursion has
∇_{z^m} once without saying of what. Does it matter?</summary>

To a reader who knows the answer it does not. A program takes two names for two things. And a gradient
is always the gradient *of* something: write $\nabla_{z_m}\ell$. (The first half of S1's Jacobian
proof, $i = j$, is printed; the second, $i\ne j$, you wrote in chapter 01.)

</details>

<details>
<summary>"The unknown parameter is θ = (b^1, W^1, ...) is estimated iteratively."</summary>

One "is" too many: "The unknown parameter θ = (...) is estimated iteratively."

</details>
"""

# %% [markdown]
r"""
## Quiz

Five questions. Replace the dots by a letter and run the cell.

**04.1** W_k has shape (20, 50). What is the shape of the gradient with respect to W_k, and what
is the size of the gradient that goes to the layer below, for one example?

- **a** (20, 50), and 50 numbers.
- **b** (50, 20), and 20 numbers.
- **c** (20, 50), and 20 numbers.
"""

# %%
quiz("04.1", "...")

# %% [markdown]
r"""
**04.2** Why must the forward pass keep the pre-activations or activations of every layer?

- **a** To compute the loss.
- **b** Each layer's gradient needs what came into it, and each step down the slope at the point
  where the activation was computed.
- **c** To avoid overflow.
"""

# %%
quiz("04.2", "...")

# %% [markdown]
r"""
**04.3** A program computes the step down with W instead of its transpose. All layers have equal
sizes. Which gradients are wrong?

- **a** All but those of the output layer.
- **b** Those of the output layer only.
- **c** None: the sizes are equal.
"""

# %%
quiz("04.3", "...")

# %% [markdown]
r"""
**04.4** You double the width of every hidden layer of a deep network. How do the costs of
backprop and of central differences grow, for large widths?

- **a** About 2 times and 4 times.
- **b** About 4 times and 4 times.
- **c** About 4 times and 16 times.
"""

# %%
quiz("04.4", "...")

# %% [markdown]
r"""
**04.5** The loss is the mean over N examples. Where does the factor 1/N enter?

- **a** Once at every layer.
- **b** Once, at the top.
- **c** Only in the bias gradients, which are means.
"""

# %%
quiz("04.5", "...")

# %% [markdown]
r"""
## What to remember

- One sentence forward: $Z_k = H_{k-1}W_k^\top + b_k$, $H_k = \varphi_k(Z_k)$. Keep all of them.
- At the top: $\Delta_L = (P - E)/N$. The mean enters here and nowhere else.
- A layer's own gradient: *what comes back* times *what came in*, $\Delta_k^\top H_{k-1}$; the bias
  collects $\Delta_k$ over the examples.
- One layer down: $\Delta_{k-1} = (\Delta_k W_k)\odot\varphi'(Z_{k-1})$. Back through the same weights,
  then through the slope at the same point. Not below layer 1.
- The whole gradient costs about three forward passes. Anything that grows with the number of
  parameters or units is a check, not a training method.
- Square or symmetric matrices, one example, and looking at the top layer only: three ways to hide a
  wrong gradient.
"""

# %%
progress()

# %% [markdown]
r"""
## Sources

The chapter grew from two sets of notes; S1 is the exercise sheet *Feed forward neural networks*, S3
the slides *Training neural networks*. S1 writes layers as superscripts and counts classes from 1 to
$M$; S3 counts hidden layers only and writes $a^{(k)}$ for pre-activations and $f(x)$ for the
probabilities.

<details>
<summary>What comes from where</summary>

| Row | Source, section | In this chapter |
|---|---|---|
| S1.1.0 | S1, section 1 | Any number of layers |
| S1.1.1 | S1, section 1, question 1 | Any number of layers; Referee 2 |
| S1.1.2 | S1, section 1, question 2 | Any number of layers; All parameters in one vector |
| S1.1.5 | S1, section 1, question 3 | What a gradient costs |
| S1.2.0 | S1, section 2 | Any number of layers; Referee 4 |
| S1.2.1 | S1, section 2 | Any number of layers; All parameters in one vector |
| S1.2.2 | S1, section 2 | Any number of layers |
| S1.2.3 | S1, section 2 | Any number of layers |
| S1.2.5 | S1, section 2, question 2 | Any number of layers |
| S1.2.6 | S1, section 2, question 2 | Derivation A |
| S1.2.7 | S1, section 2, question 2 | What a layer needs for its own gradient; Derivation A |
| S1.2.8 | S1, section 2, question 2 | What a layer needs for its own gradient; Derivation A |
| S1.2.10 | S1, section 2, question 3 | What a layer needs for its own gradient |
| S1.2.11 | S1, section 2, question 3 | What a layer needs for its own gradient |
| S1.2.12 | S1, section 2, question 3 | Backprop through L layers; Referee 1 |
| S1.2.13 | S1, section 2, question 3 | One layer back; Derivation B |
| S1.2.14 | S1, section 2, question 3 | One layer back; Derivation B |
| S1.2.15 | S1, section 2, question 3 | What a layer needs for its own gradient; Derivation B |
| S3.1.1 | S3, multilayer network | Any number of layers; Notation |
| S3.1.2 | S3, multilayer network | Any number of layers |
| S3.1.3 | S3, multilayer network | Any number of layers |
| S3.5.4 | S3, output layer gradient | Derivation A |
| S3.6.2 | S3, hidden layer gradient | One layer back |
| S3.6.3 | S3, hidden layer gradient | One layer back; Referee 3 |
| S3.6.4 | S3, hidden layer gradient | One layer back |
| S3.6.5 | S3, hidden layer gradient | One layer back |
| S3.6.5b | S3, hidden layer gradient | One layer back |
| S3.7.1 | S3, activation functions | Notation (the given functions) |
| S3.8.1 | S3, parameter gradient | What a layer needs for its own gradient |
| S3.8.2 | S3, parameter gradient | What a layer needs for its own gradient |
| S3.8.3 | S3, parameter gradient | What a layer needs for its own gradient |
| S3.8.4 | S3, parameter gradient | What a layer needs for its own gradient |
| S3.9 | S3, backpropagation algorithm | Backprop through L layers; Referee 3 and 4 |
| S3.19.3 | S3, mini-batches | Forward through any number of layers |

</details>
"""
