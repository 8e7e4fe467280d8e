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
# 02 · Two-layer sigmoid regression

Off the coast of Peru the sea is warm in March and cool in September. A straight line cannot say
that. A handful of soft steps, added up, can. That is all a two-layer network is, and in this
chapter you build one, find out how its error depends on every one of its weights, and let it walk
downhill until it fits ten years of thermometers, and fifty-one more that it has never seen.

On the way you meet **backpropagation** for the first time in full. It has no secret: five numbers
are computed on the way up, stored, and used again on the way down.

[[Exercises]] exercises carry you through: [[points]] points, checked while you work. [[Written]] written answers, [[points by a person]] points,
are read by a person. Plan two and a half hours; *All examples at once* is a good place for a break.
"""

# %% [markdown]
r"""
## What you will be able to do

| At the end you can | You show it in |
|---|---|
| run a two-layer network forward and keep what the way back will need | `regression_forward` |
| derive the derivative of the loss with respect to a single weight, and to all weights of a layer | Derivation A, `grad_A_entry` |
| carry the gradient back through the network in one pass | `regression_backward` |
| do all examples at once with matrix products, and say where the sum over them went | Derivation B, `regression_loss_and_grads` |
| write gradient descent that moves all parameters from the same point | `gd_step`, `fit_regression` |
| read a printed gradient critically: products, shapes, signs | Referee 1 and 2 |
"""

# %% [markdown]
r"""
## Are you ready?

Five questions, two minutes. If more than two of them stop you, work through chapter 00 first.

1. What is $\frac{d}{dx}\,(3 - 2x)^2$?
2. `A` has shape `(4, 2)` and `x` has shape `(2,)`. What is the shape of `A @ x`?
3. What is the derivative of $v^\top w$ with respect to $v$?
4. `u` has shape `(4,)` and `v` has shape `(2,)`. What is the shape of `np.outer(u, v)`, and what is
   its entry `[3, 1]`?
5. What does a central difference $\frac{f(x + \epsilon) - f(x - \epsilon)}{2\epsilon}$ tell you,
   and roughly how exactly for $\epsilon = 10^{-6}$?

<details>
<summary>Answers</summary>

1. $2(3 - 2x)\cdot(-2)$. The inner derivative brings the minus sign. It will come back today.
2. `(4,)`.
3. $w$: entry $k$ of $v^\top w = \sum_k v_k w_k$ changes with the factor $w_k$.
4. `(4, 2)`; the entry is `u[3] * v[1]`.
5. The slope of $f$ at $x$, to about ten digits.

</details>
"""

# %% [markdown]
r"""
## Notation

S0, S2 and S3 stand for the notes that this chapter grew from: a homework, a discussion sheet and a
set of slides, listed under *Sources*. You do not need them; where they are judged, they are quoted.

| Symbol | In code | Meaning | Shape |
|---|---|---|---|
| $m$, $h$, $N$ | `m`, `h`, `N` | number of inputs; of hidden units; of examples | |
| $x$, $X$ | `x`, `X` | inputs of one example; of all, one example per row | `(m,)`, `(N, m)` |
| $y$ | `y` | target or targets, real numbers | `()`, `(N,)` |
| $A$ | `A` | weights of the hidden layer; row $i$ belongs to unit $i$ | `(h, m)` |
| $b$ | `b` | weights of the output, **not** a bias | `(h,)` |
| $\sigma$ | `sigmoid` | the sigmoid, entry by entry | |
| $z_1$ | `z1` | pre-activations of the hidden units, $Ax$ | `(h,)` |
| $z_2$ | `z2` | activations, $\sigma(z_1)$ | `(h,)` |
| $z_3$ | `z3` | prediction, $b^\top z_2$ | `()` |
| $z_4$ | `z4` | error, $y - z_3$ | `()` |
| $L$ | `loss` | loss, $z_4^2$; for a data set the **sum** over examples | `()` |
| $\partial L/\partial A$, $\partial L/\partial b$ | `dA`, `db` | gradients, shaped like the parameters | `(h, m)`, `(h,)` |
| $\odot$ | `*` | elementwise product | |

There is no factor $\frac12$ in the loss and there are no biases. An input that is always 1 does a
bias's work, as you will see with the real data.
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
from mlp_helpers.data import load_sea_temperature

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
r"""
## The model: a sum of soft steps

The network takes $m$ numbers and returns one:

$$f(x) = b^\top \sigma(A x),\qquad A\in\mathbb{R}^{h\times m},\quad b\in\mathbb{R}^{h}.$$

In words: each of the $h$ hidden units weighs the inputs with its own row of $A$, squashes the result
to a number between 0 and 1, and the output is a weighted sum of these numbers. **Two-layer** counts
the layers of weights, $A$ and $b$.

The squashing function is the **sigmoid**,

$$\sigma(z) = \frac{1}{1 + e^{-z}}.$$

In words: a step from 0 to 1, made soft. It passes $\frac12$ at $z = 0$. A unit with one input $t$ and
a constant input 1 computes $\sigma(a_0 t + a_1)$: a step at $t = -a_1/a_0$, the steeper the larger
$a_0$ is, and downward if $a_0$ is negative.

Given $N$ examples, you look for the $A$ and $b$ with the smallest **sum of squared errors**,

$$\min_{A,\,b}\ \sum_{n=1}^{N}\bigl(y_n - b^\top\sigma(A x_n)\bigr)^2 .$$

In words: every example is compared with its prediction; large errors count more than
proportionally. Nobody can solve this in closed form. You will walk downhill instead, and for that you need the slope.

The sigmoid is given, in a form that never overflows (it equals $1/(1+e^{-z})$ for every $z$):
"""

# %%
def sigmoid(z):
    """The sigmoid 1 / (1 + exp(-z)), entry by entry, for numbers of any size."""
    return 0.5 * (1 + np.tanh(0.5 * z))


print(sigmoid(np.array([-1000.0, -1.0, 0.0, 1.0, 1000.0])))

# %% [markdown]
r"""
## The slope of the sigmoid

With $u = 1 + e^{-z}$ you have $\sigma = u^{-1}$ and $u' = -e^{-z} = 1 - u$, so

$$\sigma'(z) = -\frac{u'}{u^2} = \frac{u - 1}{u^2} = \frac1u\Bigl(1 - \frac1u\Bigr)
= \sigma(z)\,\bigl(1 - \sigma(z)\bigr).$$

In words: once you know the *value* of the sigmoid, its *slope* costs one subtraction and one
product. That is why it pays to keep the value. The slope is largest in the middle, $\frac14$, and
dies out on both sides. A unit whose $|z|$ is large is called **saturated**.

**Predict.** A hidden unit has the pre-activation 20. You change one of its weights a little. How much
does the prediction change?
"""

# %% tags=["predict"] course={"predict": "saturated_unit"}
predict("saturated_unit", "...")  # write "a lot", "a quarter as much" or "practically not at all"

# %%
z_grid = np.linspace(-8, 8, 161)
fig, ax = plots.lines(
    z_grid,
    {"value": sigmoid(z_grid), "slope": sigmoid(z_grid) * (1 - sigmoid(z_grid))},
    xlabel="pre-activation z", ylabel="value and slope", markers=False,
    title="A sigmoid listens near 0 only: beyond |z| = 5 its slope is below 0.01",
    alt="Two curves over z from -8 to 8. The value of the sigmoid rises from 0 to 1 and passes one "
        "half at z = 0. Its slope is a bump of height one quarter at z = 0 that has all but "
        "vanished at z = -5 and z = 5.",
)
plots.show(fig)

# %% [markdown]
r"""
## Five quantities on the way up

Write the loss of one example as five short steps. Each uses the one before:

$$z_1 = A x,\qquad z_2 = \sigma(z_1),\qquad z_3 = b^\top z_2,\qquad z_4 = y - z_3,\qquad
L = z_4^2 .$$

In words: pre-activations, activations, prediction, error, loss. This is the **forward pass**. Its
steps form a small graph, in which every arrow is one of the formulas above:

```
   x ──► z1 ──► z2 ──► z3 ──► z4 ──► L
         ▲             ▲      ▲
         A             b      y
```

### By hand

Two inputs, two hidden units, numbers made for easy arithmetic:

$$A = \begin{pmatrix} -\log 3 & \log 3\\ \log 4 & -\log 4\end{pmatrix},\quad
b = \begin{pmatrix} 8\\ 5\end{pmatrix},\quad x = \begin{pmatrix} 1\\ 2\end{pmatrix},\quad y = 10 .$$

- $z_1 = (-\log 3 + 2\log 3,\ \log 4 - 2\log 4) = (\log 3,\ -\log 4)$;
- $z_2 = \left(\frac{1}{1 + 1/3},\ \frac{1}{1 + 4}\right) = \left(\frac34,\ \frac15\right)$;
- $z_3 = 8\cdot\frac34 + 5\cdot\frac15 = 6 + 1 = 7$;
- $z_4 = 10 - 7 = 3$ and $L = 9$.

The prediction is 3 too low. Keep these numbers: they come back on the way down.
"""

# %%
A_hand = np.log([[1 / 3, 3.0], [4.0, 1 / 4]])
b_hand = np.array([8.0, 5.0])
x_hand, y_hand = np.array([1.0, 2.0]), 10.0
print(A_hand)

# %% [markdown]
r"""
Now in code. Stuck? Every exercise has three hints, from a question to a skeleton, and they cost
nothing. The first one for the first exercise:
"""

# %%
hint("regression_forward", level=1)

# %% [markdown]
r"""
### Exercise: regression_forward

Shapes `(h, m)`, `(h,)`, `(m,)` and a number in; the tuple `(z1, z2, z3, z4, loss)` out. The first two
are vectors of shape `(h,)`, the others single numbers.

Pre-activations of $\pm 1000$ must do no harm; the given `sigmoid` sees to that. As everywhere in this
course, the answer must be as good as its input: whole numbers give the float64 answer, float32 may
stay float32. Plain NumPy does both by itself.
"""

# %% nbgrader={"grade": false, "grade_id": "regression_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def regression_forward(A, b, x, y):
    """Run one example forward and keep every intermediate quantity.

    Parameters
    ----------
    A : ndarray, shape (h, m)
        Hidden weights.
    b : ndarray, shape (h,)
        Output weights.
    x : ndarray, shape (m,)
        Inputs of one example.
    y : float
        Its target.

    Returns
    -------
    z1 : ndarray, shape (h,)
        Pre-activations A x.
    z2 : ndarray, shape (h,)
        Activations sigma(z1).
    z3 : float
        Prediction b^T z2.
    z4 : float
        Error y - z3.
    loss : float
        z4 squared.
    """
    ### BEGIN SOLUTION
    z1 = A @ x
    z2 = sigmoid(z1)
    z3 = b @ z2
    z4 = y - z3
    return z1, z2, z3, z4, z4**2
    ### END SOLUTION

# %%
@first_test
def first_test_regression_forward():
    z1, z2, z3, z4, loss = regression_forward(A_hand, b_hand, x_hand, y_hand)
    print("z1     ", z1, "  by hand", np.log([3, 1 / 4]))
    print("z2     ", z2, "    by hand", np.array([3 / 4, 1 / 5]))
    print(f"z3, z4, loss   {z3:.4f} {z4:.4f} {loss:.4f}   by hand 7, 3, 9")

# %% nbgrader={"grade": true, "grade_id": "check_regression_forward", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(regression_forward)

# %% [markdown]
r"""
## One weight at a time

Take one single weight, $A_{ij}$, and follow what a small change of it does. It enters $z_1$ in one
place only, $z_{1,i} = \sum_k A_{ik}x_k$, with the factor $x_j$. From there one path leads to the
loss. The chain rule multiplies the slopes along it:

$$\frac{\partial L}{\partial A_{ij}} =
\underbrace{2 z_4}_{\partial L/\partial z_4}\cdot
\underbrace{(-1)}_{\partial z_4/\partial z_3}\cdot
\underbrace{b_i}_{\partial z_3/\partial z_{2,i}}\cdot
\underbrace{z_{2,i}(1 - z_{2,i})}_{\partial z_{2,i}/\partial z_{1,i}}\cdot
\underbrace{x_j}_{\partial z_{1,i}/\partial A_{ij}} .$$

In words: how much the loss minds the error, how much the output listens to unit $i$, how much unit
$i$ listens at all, and how strong the input is that the weight multiplies. If one of them is 0, the
weight learns nothing from this example.

**By hand.** For $A_{01}$ (unit 0, input 1): $2\cdot 3\cdot(-1)\cdot 8\cdot\frac34\cdot\frac14\cdot 2
= -18$. Making this weight larger makes the loss smaller. That fits: the prediction was too low.
"""

# %% [markdown]
r"""
### Derivation A · From one entry to the whole gradient  *(on paper, 10 minutes, 4 points, read by a person)*

S2 asks for both gradients, and gives two hints: the derivative of $v^\top w$ with respect to $v$ is
$w$, and for the matrix go entry by entry. Do it.

1. Derive $\partial L/\partial b$ as a vector.
2. Derive $\partial L/\partial A_{ij}$. Start from $z_{1,k} = \sum_l A_{kl}x_l$ and show with an
   indicator why unit $i$ is the only one that $A_{ij}$ reaches.
3. Write all entries of $\partial L/\partial A$ as one product of a column and a row, and check that
   it has the shape of $A$.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_regression_gradients", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
**1.** $L = z_4^2$, $z_4 = y - b^\top z_2$. By the chain rule
$\partial L/\partial b = 2z_4\cdot\bigl(-\partial (b^\top z_2)/\partial b\bigr) = -2 z_4\, z_2$, since
$z_2$ does not depend on $b$.

**2.** $\partial z_{1,k}/\partial A_{ij} = \sum_l \mathbb{1}_{k=i}\mathbb{1}_{l=j}\,x_l
= \mathbb{1}_{k=i}\,x_j$. Hence $\partial z_{2,k}/\partial A_{ij}
= z_{2,k}(1 - z_{2,k})\,\mathbb{1}_{k=i}\,x_j$ and
$\partial z_3/\partial A_{ij} = \sum_k b_k z_{2,k}(1 - z_{2,k})\mathbb{1}_{k=i}\,x_j
= b_i z_{2,i}(1 - z_{2,i})\,x_j$. So $\partial L/\partial A_{ij} = -2z_4\,b_i z_{2,i}(1 -
z_{2,i})\,x_j$.

**3.** The entry is (something with index $i$) times (something with index $j$): an outer product,
$$\frac{\partial L}{\partial A} = -2 z_4\,\bigl(b\odot z_2\odot(1 - z_2)\bigr)\,x^\top ,$$
an $(h\times1)$ column times a $(1\times m)$ row, which has the shape $(h, m)$ of $A$.

=== BEGIN MARK SCHEME ===
- 1 point: $\partial L/\partial b = -2 z_4 z_2$ with the factor 2 and the inner minus sign.
- 1 point: $\partial z_{1,k}/\partial A_{ij} = \mathbb{1}_{k=i}x_j$, or an equivalent argument that
  only unit $i$ is reached.
- 1 point: the entry, with $b_i$ and $z_{2,i}(1 - z_{2,i})$.
- 1 point: outer product, elementwise products marked as such, shape $(h, m)$ stated.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Exercise: grad_A_entry

One number out: $\partial L/\partial A_{ij}$ for one example. Call your `regression_forward` first and
use what it returns. No differences: the formula is exact.
"""

# %% nbgrader={"grade": false, "grade_id": "grad_A_entry", "locked": false, "schema_version": 3, "solution": true, "task": false}
def grad_A_entry(A, b, x, y, i, j):
    """Differentiate the loss of one example with respect to one weight, A[i, j].

    Parameters
    ----------
    A : ndarray, shape (h, m)
    b : ndarray, shape (h,)
    x : ndarray, shape (m,)
    y : float
    i, j : int
        Hidden unit and input, 0 <= i < h and 0 <= j < m.

    Returns
    -------
    float
        dL/dA[i, j].
    """
    ### BEGIN SOLUTION
    _, z2, _, z4, _ = regression_forward(A, b, x, y)
    slope = z2[i] * (1 - z2[i])
    return -2 * z4 * b[i] * slope * x[j]
    ### END SOLUTION

# %%
@first_test
def first_test_grad_A_entry():
    print(f"yours {grad_A_entry(A_hand, b_hand, x_hand, y_hand, 0, 1):.4f}   by hand -18")

# %% nbgrader={"grade": true, "grade_id": "check_grad_A_entry", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(grad_A_entry)

# %%
@when_solved(needs=["grad_A_entry"])
def outcome_saturated_unit():
    x = np.array([1.0])
    awake = grad_A_entry(np.array([[0.0]]), np.array([1.0]), x, 2.0, 0, 0)
    asleep = grad_A_entry(np.array([[20.0]]), np.array([1.0]), x, 2.0, 0, 0)
    predicted("saturated_unit", "practically not at all: at pre-activation 0 the derivative is "
              f"{awake:.2f}, at 20 it is {asleep:.0e}")

# %% [markdown]
r"""
## The way back down

You could call `grad_A_entry` for each of the $h\cdot m$ weights. Each call would run the whole
forward pass again, and multiply the same first factors again. **Backpropagation** is the chain rule
plus the refusal to compute anything twice, which is called *dynamic programming*. Walk down the
graph once and store the gradient at every quantity:

$$\frac{\partial L}{\partial z_3} = -2 z_4,\qquad
\frac{\partial L}{\partial z_2} = \frac{\partial L}{\partial z_3}\, b,\qquad
\frac{\partial L}{\partial z_1} = \frac{\partial L}{\partial z_2}\odot z_2\odot(1 - z_2).$$

In words: each line takes the gradient of the line before, the **upstream gradient**, and multiplies
it by the slope of one step. At $z_3$ and at $z_1$ a parameter joins the graph, and picks up its
gradient there:

$$\frac{\partial L}{\partial b} = \frac{\partial L}{\partial z_3}\, z_2,\qquad
\frac{\partial L}{\partial A} = \frac{\partial L}{\partial z_1}\, x^\top .$$

In words: the gradient of a weight is the gradient *at its output side* times the signal *at its input
side*. For the matrix that is an **outer product**: entry $(i, j)$ pairs unit $i$ with input $j$, so
an $h$-vector and an $m$-vector make an $h\times m$ matrix, the shape of $A$.

### By hand

With $z_2 = (\frac34, \frac15)$, $z_4 = 3$, $b = (8, 5)$ and $x = (1, 2)$:

- $\partial L/\partial z_3 = -6$;
- $\partial L/\partial b = -6\cdot(\frac34, \frac15) = (-\frac92, -\frac65)$;
- $\partial L/\partial z_2 = -6\cdot(8, 5) = (-48, -30)$;
- $z_2\odot(1 - z_2) = (\frac{3}{16}, \frac{4}{25})$, so
  $\partial L/\partial z_1 = (-9, -\frac{24}{5})$;
- $\partial L/\partial A = \begin{pmatrix} -9\\ -24/5\end{pmatrix}(1\ \ 2)
  = \begin{pmatrix} -9 & -18\\ -24/5 & -48/5\end{pmatrix}$.

The $-18$ from before stands at its place, and the three others came almost free.
"""

# %% [markdown]
r"""
### Exercise: regression_backward

Return `(dA, db)`, shapes `(h, m)` and `(h,)`. One forward pass, then downwards as above. Give each
line of the derivation a line of code, with the same letters: `dz3`, `dz1`, and so on.
"""

# %% nbgrader={"grade": false, "grade_id": "regression_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def regression_backward(A, b, x, y):
    """Differentiate the loss of one example with respect to all weights.

    Parameters
    ----------
    A : ndarray, shape (h, m)
    b : ndarray, shape (h,)
    x : ndarray, shape (m,)
    y : float

    Returns
    -------
    dA : ndarray, shape (h, m)
        dL/dA.
    db : ndarray, shape (h,)
        dL/db.
    """
    ### BEGIN SOLUTION
    _, z2, _, z4, _ = regression_forward(A, b, x, y)
    dz3 = -2 * z4
    db = dz3 * z2
    dz2 = dz3 * b
    dz1 = dz2 * z2 * (1 - z2)
    return np.outer(dz1, x), db
    ### END SOLUTION

# %%
@first_test
def first_test_regression_backward():
    dA, db = regression_backward(A_hand, b_hand, x_hand, y_hand)
    print("dA, yours\n", dA, "\nby hand\n", np.array([[-9, -18], [-24 / 5, -48 / 5]]))
    print("db, yours  ", db, "   by hand", np.array([-9 / 2, -6 / 5]))

# %% nbgrader={"grade": true, "grade_id": "check_regression_backward", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(regression_backward)

# %% [markdown]
r"""
### What storing is worth

The same gradient by both roads, for 50 hidden units and 20 inputs. Entry by entry costs one forward
pass for each of the 1,000 weights, the backward pass costs one in all:
"""

# %%
@when_solved(needs=["grad_A_entry", "regression_backward"])
def two_roads():
    rng = np.random.default_rng(0)
    A, b, x = rng.normal(size=(50, 20)) / 4, rng.normal(size=50), rng.normal(size=20)
    start = time.perf_counter()
    entries = [[grad_A_entry(A, b, x, 1.0, i, j) for j in range(20)] for i in range(50)]
    middle = time.perf_counter()
    dA, _ = regression_backward(A, b, x, 1.0)
    end = time.perf_counter()
    print(f"largest difference {np.abs(dA - entries).max():.0e}")
    print(f"entry by entry {1e3 * (middle - start):.1f} ms, backward {1e3 * (end - middle):.2f} ms")

# %% [markdown]
r"""
## All examples at once

The loss of a data set is the sum of the losses, so its gradient is the sum of the gradients. A loop
over the examples would do. Matrix products do it faster, and they are a good exercise in shapes.
Give every quantity a first axis of length $N$:

| one example | all examples | shape |
|---|---|---|
| $z_1 = Ax$ | $Z_1 = X A^\top$ | `(N, h)` |
| $z_2 = \sigma(z_1)$ | $Z_2 = \sigma(Z_1)$ | `(N, h)` |
| $z_3 = b^\top z_2$ | $z_3 = Z_2\, b$ | `(N,)` |
| $z_4 = y - z_3$ | $z_4 = y - z_3$ | `(N,)` |
| $L = z_4^2$ | $L = \sum_n z_{4,n}^2$ | `()` |

The way back has the same shapes: $\partial L/\partial z_3$ is `(N,)`, $\partial L/\partial Z_1$ is
`(N, h)`. Only the parameters have no axis of length $N$. There the examples are added up:

$$\frac{\partial L}{\partial b} = \sum_n \frac{\partial L}{\partial z_{3,n}}\, Z_{2,n}
= Z_2^\top\,\frac{\partial L}{\partial z_3},\qquad
\frac{\partial L}{\partial A} = \sum_n \frac{\partial L}{\partial Z_{1,n}}\, x_n^\top
= \Bigl(\frac{\partial L}{\partial Z_1}\Bigr)^{\!\top} X .$$

In words: a sum of outer products is one matrix product. Multiplying $(h, N)$ by $(N, m)$ sums over $N$
implicitly.

**Predict.** You copy each example, so that the data set holds everything twice. What happens to the
gradient?
"""

# %% tags=["predict"] course={"predict": "every_example_twice"}
predict("every_example_twice", "...")  # write "stays", "doubles" or "grows fourfold"

# %% [markdown]
r"""
### Derivation B · Where did the sum go?  *(on paper, 8 minutes, 3 points, read by a person)*

Show entry by entry that $\sum_n \frac{\partial L}{\partial Z_{1,n}}x_n^\top$ is the matrix product
$(\partial L/\partial Z_1)^\top X$, and check the shapes. Then say what would change in the loss and in both
gradients if the data set's loss were the **mean**, and what you would have to do to the learning rate
to take the same steps.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_batch_gradient", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
Write $D = \partial L/\partial Z_1$, shape $(N, h)$, row $n$ for example $n$. Entry $(i, j)$ of the
outer product of example $n$ is $D_{ni}X_{nj}$. Summed over $n$: $\sum_n D_{ni}X_{nj} = \sum_n
(D^\top)_{in}X_{nj} = (D^\top X)_{ij}$. Shapes: $(h, N)$ times $(N, m)$ is $(h, m)$, as $A$.

For the mean, the loss and both gradients are divided by $N$, all by the same factor. The step is
$-\gamma\,\nabla L$, so the learning rate $\gamma$ must be multiplied by $N$ for the same steps.

=== BEGIN MARK SCHEME ===
- 1 point: the entries $\sum_n D_{ni}X_{nj}$, recognised as a matrix product with the transpose.
- 1 point: shapes $(h, N)(N, m) = (h, m)$.
- 1 point: loss and both gradients are divided by $N$, and the learning rate is multiplied by $N$.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Exercise: regression_loss_and_grads

Shapes `(h, m)`, `(h,)`, `(N, m)`, `(N,)` in; `(loss, dA, db)` out. Sums, not means. No loop over the
examples, if you can. Watch one thing: `dz3` has shape `(N,)` and must multiply the *rows* of an
`(N, h)` array; `dz3[:, None]` has shape `(N, 1)` and does. When $N = h$, forgetting it raises no
error and gives a wrong gradient.
"""

# %% nbgrader={"grade": false, "grade_id": "regression_loss_and_grads", "locked": false, "schema_version": 3, "solution": true, "task": false}
def regression_loss_and_grads(A, b, X, y):
    """Compute the summed squared error of a data set and its gradients.

    Parameters
    ----------
    A : ndarray, shape (h, m)
    b : ndarray, shape (h,)
    X : ndarray, shape (N, m)
        One example per row.
    y : ndarray, shape (N,)
        Targets.

    Returns
    -------
    loss : float
        Sum over the examples of (y_n - f(x_n))^2.
    dA : ndarray, shape (h, m)
        dL/dA.
    db : ndarray, shape (h,)
        dL/db.
    """
    ### BEGIN SOLUTION
    Z2 = sigmoid(X @ A.T)
    z4 = y - Z2 @ b
    dz3 = -2 * z4
    dZ1 = dz3[:, None] * b * Z2 * (1 - Z2)
    return np.sum(z4**2), dZ1.T @ X, Z2.T @ dz3
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_regression_loss_and_grads", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(regression_loss_and_grads)

# %%
@when_solved(needs=["regression_loss_and_grads"])
def outcome_every_example_twice():
    X, y = np.array([[1.0, 2.0], [0.5, -1.0]]), np.array([10.0, 4.0])
    _, dA, _ = regression_loss_and_grads(A_hand, b_hand, X, y)
    _, dA_twice, _ = regression_loss_and_grads(A_hand, b_hand, np.tile(X, (2, 1)), np.tile(y, 2))
    predicted("every_example_twice", f"doubles: the ratio is {dA_twice[0, 0] / dA[0, 0]:.4f}, "
              "because the loss is a sum. For a mean it would stay")

# %% [markdown]
r"""
### Trust, but measure

The check knows the answer. Outside a course nobody does, and then you compare with numerical
derivatives, as in chapter 00. These two helpers are also your tools as a referee.
"""

# %%
def numeric_gradient(f, W, eps=1e-6):
    """Central differences of a scalar function f at an array W of any shape."""
    gradient = np.zeros(W.shape)
    for place in np.ndindex(W.shape):
        step = np.zeros(W.shape)
        step[place] = eps
        gradient[place] = (f(W + step) - f(W - step)) / (2 * eps)
    return gradient


def gap(a, b):
    """Largest difference, relative to the largest entry: 0 is agreement, 1 is hopeless."""
    a, b = np.asarray(a), np.asarray(b)
    return np.abs(a - b).max() / max(np.abs(a).max(), np.abs(b).max())


@when_solved(needs=["regression_loss_and_grads"])
def measure_your_gradient():
    rng = np.random.default_rng(1)
    A, b = rng.normal(size=(5, 3)), rng.normal(size=5)
    X, y = rng.normal(size=(7, 3)), rng.normal(size=7)
    _, dA, db = regression_loss_and_grads(A, b, X, y)
    numeric_dA = numeric_gradient(lambda A: regression_loss_and_grads(A, b, X, y)[0], A)
    numeric_db = numeric_gradient(lambda b: regression_loss_and_grads(A, b, X, y)[0], b)
    print(f"dA against differences: {gap(dA, numeric_dA):.0e}   db: {gap(db, numeric_db):.0e}")

# %% [markdown]
r"""
## One step downhill

The gradient points where the loss grows fastest. So take a small step the other way:

$$\theta^{\text{new}} = \theta - \gamma\,\nabla_\theta L .$$

In words: every parameter moves against its own derivative, by an amount that the **learning rate**
$\gamma$ (in code `lr`) sets. $\theta$ stands for all parameters, here $A$ and $b$. Since the gradient
is that of the loss of *all* examples, this is full-batch gradient descent, S0's and S2's method.

### Exercise: gd_step

`params` and `grads` are lists of arrays of the same shapes, any number of them; return the **new**
list. The caller's arrays stay as they are: `p -= lr * g` would change them, `p - lr * g` does not.
So whole numbers do no harm either: `p -= lr * g` cannot put 0.3 into an array of whole numbers.
"""

# %% nbgrader={"grade": false, "grade_id": "gd_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gd_step(params, grads, lr):
    """Take one step of gradient descent.

    Parameters
    ----------
    params : list of ndarray, any shapes
        Parameters.
    grads : list of ndarray, the same shapes
        Gradient of the loss with respect to each of them.
    lr : float
        Learning rate.

    Returns
    -------
    list of ndarray
        New, independent arrays: each parameter minus lr times its gradient.
    """
    ### BEGIN SOLUTION
    return [p - lr * g for p, g in zip(params, grads, strict=True)]
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_gd_step", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(gd_step)

# %%
@when_solved(needs=["regression_forward", "regression_backward", "gd_step"])
def one_step_by_hand():
    point = A_hand, b_hand
    for name, lr in (("no step", 0.0), ("small step", 0.02), ("large step", 0.2)):
        dA, db = regression_backward(*point, x_hand, y_hand)
        A, b = gd_step(list(point), [dA, db], lr)
        print(f"{name:10}  lr {lr:5}   loss {regression_forward(A, b, x_hand, y_hand)[4]:8.4f}")

# %% [markdown]
r"""
The small step helps; the large one overshoots, and the loss is larger than before. The gradient is
the slope *here*. How far it is worth believing, it does not say.
"""

# %% [markdown]
r"""
## The whole descent

Repeat the step. Two details decide whether it is gradient descent at all:

- **Both gradients come from the same point.** Update $A$ first and compute $\partial L/\partial b$
  at the new $A$, and the pair is not the gradient at any single point.
- **The loss is recorded before each update**: entry 0 of the record is the loss where you start.

### Exercise: fit_regression

Return `(A, b, losses)`: the parameters after `n_steps` steps, and the `n_steps` losses. For
`n_steps = 0` the parameters come back as they were, with an empty record of shape `(0,)`.
"""

# %% nbgrader={"grade": false, "grade_id": "fit_regression", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fit_regression(A, b, X, y, lr, n_steps):
    """Fit the network by gradient descent on the summed squared error.

    Parameters
    ----------
    A : ndarray, shape (h, m)
        Starting point.
    b : ndarray, shape (h,)
        Starting point.
    X : ndarray, shape (N, m)
    y : ndarray, shape (N,)
    lr : float
        Learning rate.
    n_steps : int
        Number of steps, 0 or more.

    Returns
    -------
    A : ndarray, shape (h, m)
        After n_steps steps.
    b : ndarray, shape (h,)
        After n_steps steps.
    losses : ndarray, shape (n_steps,)
        Loss before each of the steps.
    """
    ### BEGIN SOLUTION
    losses = np.zeros(n_steps)
    for step in range(n_steps):
        losses[step], dA, db = regression_loss_and_grads(A, b, X, y)
        A, b = gd_step([A, b], [dA, db], lr)
    return A, b, losses
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_fit_regression", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(fit_regression)

# %% [markdown]
r"""
## The sea off Peru

Now the real data: the mean temperature of the sea surface off Peru and Ecuador, month by month from
1950 to 2010, measured for the United States weather service. You fit ten of the 61 years, every sixth
one, and keep the other 51 to see what the fit is worth.

Three lines prepare the numbers. The input is the month, centred and scaled so that pre-activations
start near 0 where the sigmoid listens. Beside it stands an input that is always 1: **it gives every
unit a bias**, because $A_{i0}\,t + A_{i1}\cdot 1$ can be 0 at any $t$. The target is the temperature,
centred and scaled as well.
"""

# %%
year, month, temperature = load_sea_temperature()
fitted = year % 6 == 2
centre, spread = temperature[fitted].mean(), temperature[fitted].std()


def inputs(month):
    """Inputs of the network, shape (N, 2): the scaled month and a constant 1."""
    t = (np.asarray(month) - 6.5) / 3
    return np.stack([t, np.ones_like(t)], axis=1)


def rms(error):
    """Root of the mean square, in degrees if the error is."""
    return np.sqrt(np.mean(np.square(error)))


X_sea, y_sea = inputs(month[fitted]), (temperature[fitted] - centre) / spread
print("fitted years", np.unique(year[fitted]), " X", X_sea.shape, " y", y_sea.shape)

# %%
HIDDEN, RATE, STEPS = 4, 0.002, 3000


def start(seed=2):
    """A random starting point: A of shape (HIDDEN, 2), b of shape (HIDDEN,)."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(HIDDEN, 2)), rng.normal(size=HIDDEN)


def curve(A, b, month):
    """The network's temperature for each month."""
    return centre + spread * (sigmoid(inputs(month) @ A.T) @ b)

# %% [markdown]
r"""
### Watch it learn
"""

# %%
@when_solved(needs=["fit_regression"])
def figure_fit():
    months = np.linspace(1, 12, 111)
    curves = {}
    for n in (0, 10, 100, STEPS):
        A, b, _ = fit_regression(*start(), X_sea, y_sea, RATE, n)
        curves[f"after {n} steps"] = curve(A, b, months)
    fig, ax = plots.lines(
        months, curves, xlabel="month", ylabel="sea temperature in °C", markers=False,
        title="Four soft steps bend from a random guess into the seasons",
        alt="Dots: sea temperatures of ten years over the months 1 to 12, highest near 26 degrees "
            "around March, lowest near 20 around September, scattered by a degree or two. Curves "
            f"of your network: {plots.describe(curves, months)}",
    )
    ax.plot(month[fitted], temperature[fitted], ".", color="0.55", zorder=0, label="measured")
    ax.legend()
    plots.show(fig)

# %% [markdown]
r"""
What did the four units do? Each row of $A$ is a step, each entry of $b$ its height. Drawn one by one:
"""

# %%
@when_solved(needs=["fit_regression"])
def figure_units():
    A, b, _ = fit_regression(*start(), X_sea, y_sea, RATE, STEPS)
    months = np.linspace(1, 12, 111)
    steps = sigmoid(inputs(months) @ A.T) * b
    series = {f"unit {k}": spread * steps[:, k] for k in range(HIDDEN)}
    series["their sum"] = spread * steps.sum(axis=1)
    fig, ax = plots.lines(
        months, series, xlabel="month", ylabel="part of the prediction in °C", markers=False,
        title="The wave is a sum of soft steps, some up and some down",
    )
    plots.show(fig)

# %% [markdown]
r"""
Falling by ten degrees and rising by eight, to end with a wave of five: the units do not share the
work the way a person would. One of them has found next to nothing to do. Many other settings fit as
well; descent took the first one it came to.

### How large a step?

**Predict.** The rate above was 0.002. What will the loss do in the first steps at a rate of 0.02?
"""

# %% tags=["predict"] course={"predict": "ten_times_the_rate"}
predict("ten_times_the_rate", "...")  # write "fall ten times faster", "fall as before" or "rise"

# %%
@when_solved(needs=["fit_regression"])
def figure_rates():
    steps = np.arange(1, STEPS + 1)
    X_year = inputs(np.arange(1, 13))
    A, _, _ = fit_regression(*start(), X_sea, y_sea, 0.02, 10)
    units = sigmoid(X_year @ A.T)
    print("rate 0.02, after 10 steps: steepest slope of each unit over the year",
          (units * (1 - units)).max(axis=0))
    losses = {f"rate {rate:g}": fit_regression(*start(), X_sea, y_sea, rate, STEPS)[2]
              for rate in (0.0002, 0.002, 0.02)}
    first = losses["rate 0.02"]
    predicted("ten_times_the_rate", f"rise: {first[0]:.0f}, {first[1]:.0f}, {first[2]:.0f} are its "
              f"first three losses, and after {STEPS} steps it is {first[-1]:.1f}. At rate 0.002 "
              f"it is {losses['rate 0.002'][-1]:.1f} by then")
    fig, ax = plots.lines(
        steps, losses, xlabel="step", ylabel="loss (sum of squares)", xscale="log", yscale="log",
        markers=False,
        title="Too small a rate wastes steps; too large a rate jumps, and jumps again",
    )
    plots.show(fig)

# %% [markdown]
r"""
The jump does more than lose time. Ten steps in, three of the four units have a slope below 0.05 for
every month of the year: they are nearly saturated and hardly hear the data. It takes them a hundred
steps to wake up, and then the rate is too large again. A gentle rate overtakes a violent one.

### The surface you walk on

With one hidden unit and one input there are two parameters, and you can look at the whole landscape.
The data are the months March to September only, when the sea cools: one step down. From two starting
points, the same data and the same rate:
"""

# %%
@when_solved(needs=["fit_regression"])
def figure_surface():
    cooling = fitted & (month >= 3) & (month <= 9)
    X, y = (month[cooling, None] - 6) / 1.5, (temperature[cooling] - 20) / 6
    paths = []
    for a, b in ((0.5, 0.3), (3.0, 0.3)):
        path = [(a, b)]
        A, b = np.array([[a]]), np.array([b])
        for _ in range(40):
            A, b, _ = fit_regression(A, b, X, y, 0.005, 10)
            path.append((A[0, 0], b[0]))
        paths.append(np.array(path))
    near, far = paths
    fig, ax = plots.lines(
        near[:, 0], {"start on the slope": near[:, 1]},
        xlabel="hidden weight a", ylabel="output weight b",
        title="400 steps each: on the plateau of a saturated unit descent crawls",
        alt="Contour lines of the loss over the hidden weight a, from -3 to 4, and the output "
            "weight b, from -0.5 to 1.5. A long valley lies at negative a near b = 0.9, its lowest "
            "point near a = -1.5. For positive a and small b the surface is almost flat. After 400 "
            f"steps the path that starts at a = 0.5 is at a = {near[-1, 0]:.2f}, the path that "
            f"starts at a = 3 at a = {far[-1, 0]:.2f}.",
    )
    grid_a, grid_b = np.meshgrid(np.linspace(-3, 4, 141), np.linspace(-0.5, 1.5, 81))
    losses = np.sum((y - grid_b[..., None] * sigmoid(grid_a[..., None] * X[:, 0])) ** 2, axis=-1)
    contours = ax.contour(grid_a, grid_b, losses, levels=[2, 3, 5, 10, 20, 23, 30, 50, 90],
                          colors="0.6", linewidths=0.8, zorder=0)
    ax.clabel(contours, fontsize="x-small", fmt="%g")
    ax.plot(far[:, 0], far[:, 1], "--s", color=plots.COLOURS[1], markersize=4, markevery=4,
            label="start on the plateau")
    ax.legend(loc="lower left")
    plots.show(fig)
    print("after 400 steps: from the slope a = {:.2f}, b = {:.2f}; from the plateau a = {:.2f}, "
          "b = {:.2f}".format(*near[-1], *far[-1]))

# %% [markdown]
r"""
On the plateau $a$ is large and positive: the unit steps *up* where the data go *down*, and for most
months it is saturated. The factor $z_2(1 - z_2)$ is small, so the gradient is small, so the steps are
small. Nothing is wrong with the code. Where you start matters.

### Is the fit any good?

The loss on the fitted years says how well you remember. The 51 other years say how well you predict.
For comparison: a straight line in the month, and the twelve monthly means of the fitted years. Your
network has $4\cdot 2 + 4 = 12$ numbers as well.
"""

# %%
@when_solved(needs=["fit_regression"])
def test_on_other_years():
    A, b, _ = fit_regression(*start(), X_sea, y_sea, RATE, STEPS)
    line = np.linalg.lstsq(X_sea, y_sea, rcond=None)[0]
    means = temperature[fitted].reshape(-1, 12).mean(axis=0)
    predictions = {
        "one number for all months": np.full(month.shape, centre),
        "straight line": centre + spread * inputs(month) @ line,
        "your network": curve(A, b, month),
        "twelve monthly means": means[month.astype(int) - 1],
    }
    print(f"{'typical error in °C':27} fitted years   other years")
    for name, prediction in predictions.items():
        error = temperature - prediction
        print(f"{name:27} {rms(error[fitted]):12.2f} {rms(error[~fitted]):13.2f}")

# %% [markdown]
r"""
The network comes close to the monthly means, although nobody told it what a month is. The rest, more
than a degree, no function of the month can predict: in El Niño years the whole sea is warm. Note also
that the other years are harder than the fitted ones for *every* method: part of that is the ten years'
own noise, which a fit to them follows; part is that the strongest El Niño years are not among them.
"""

# %% [markdown]
r"""
## Referee the notes

The formulas of this chapter come from S2, a discussion sheet that is good and brief. Its results are
right if you read them in the right way, and its hint contains a slip. A referee does not guess: a
referee computes.

### Referee 1 · A derivative without a d

S2's hint for part (b) reads

$$\text{the derivative of the sigmoid function is}\quad \frac{\sigma(x)}{x} = \sigma(x)(1 - \sigma(x))
\qquad\text{(as printed)}.$$

And its definition reads $\sigma(y) = 1/(1 + \exp(-x))$, with $y$ on the left and $x$ on the right.

**Your turn.** Type the left side of the hint and the definition literally. Ungraded, two lines.
"""

# %% nbgrader={"grade": false, "grade_id": "printed_slope", "locked": false, "schema_version": 3, "solution": true, "task": false}
def printed_slope(x):
    """The left side of S2's hint, exactly as printed.

    Parameters
    ----------
    x : ndarray, any shape, no entry 0

    Returns
    -------
    ndarray, shape of x
    """
    ### BEGIN SOLUTION
    return sigmoid(x) / x
    ### END SOLUTION

# %%
check_yours(printed_slope, ((np.log([3, 1 / 3]),), np.array([3 / 4, 1 / 4]) / np.log([3, 1 / 3])))

# %% nbgrader={"grade": false, "grade_id": "printed_sigmoid", "locked": false, "schema_version": 3, "solution": true, "task": false}
def printed_sigmoid(y, x):
    """S2's sigmoid of y, exactly as printed: the right side contains x.

    Parameters
    ----------
    y, x : float

    Returns
    -------
    float
    """
    ### BEGIN SOLUTION
    return 1 / (1 + np.exp(-x))
    ### END SOLUTION

# %%
check_yours(printed_sigmoid, ((-3.2, np.log(3)), 3 / 4), ((0.7, -np.log(4)), 1 / 5))

# %%
@when_solved(needs=["printed_slope", "printed_sigmoid"])
def referee_slope():
    x = np.array([0.1, 1.0, -2.0])
    true = np.imag(sigmoid(x + 1e-20j)) / 1e-20  # complex step, exact to rounding (chapter 00)
    print("at x =                ", x)
    print("sigma(x) / x          ", printed_slope(x), f" off by {gap(printed_slope(x), true):.1e}")
    product = sigmoid(x) * (1 - sigmoid(x))
    print("sigma(x)(1 - sigma(x))", product, f" off by {gap(product, true):.1e}")
    y, x = -3.2, 4.0
    print(f"sigma({y}) as printed, with an x = {x} around: {printed_sigmoid(y, x):.4f}, "
          f"off by {gap(printed_sigmoid(y, x), sigmoid(y)):.1e}")

# %% [markdown]
r"""
**Report** *(2 points, read by a person)*. What got lost in the hint, and which of the two sides is
right? Give the number that shows it, and one value of $x$ for which you need no computer to see that
the left side cannot be a slope of $\sigma$. Why is the slip in the definition harmless on paper, and
not in a program?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_printed_slope", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
The symbols of the derivative got lost: $\frac{\partial\sigma(x)}{\partial x}$ (or $d\sigma/dx$)
became $\frac{\sigma(x)}{x}$. The right side is correct, to $10^{-16}$; the left one is off by 95 % of
its size. At $x = 0$ it divides by 0, where the sigmoid has slope $\frac14$; for any negative $x$ it is
negative, although $\sigma$ always rises. In the definition a reader sees that one letter is meant. A
program takes whatever `x` happens to exist: the result is off by 96 % here, and there is no error
message.

=== BEGIN MARK SCHEME ===
- 1 point: lost d or partial sign, right side correct, with a computed number.
- 0.5 point: an argument without a computer ($x = 0$, negative $x$, or a bound of $\frac14$).
- 0.5 point: the program uses another variable without complaint.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Referee 2 · One line, read four ways

S2's solutions end with

$$\frac{\partial L}{\partial b} = 2z_4\cdot -z_2,\qquad
\frac{\partial L}{\partial A} = 2 z_4\cdot -b z_2(1 - z_2)x^\top \qquad\text{(as printed)},$$

and a sentence that calls the product with $x$ a *cross-product*. You know the right gradients. Which
readings of this line give them?

**Your turn.** Type the factor $b z_2(1 - z_2)x^\top$ as matrix products of columns, the way it stands
there. Ungraded, one line.
"""

# %% nbgrader={"grade": false, "grade_id": "as_matrix_products", "locked": false, "schema_version": 3, "solution": true, "task": false}
def as_matrix_products(b, z2, x):
    """b z2 (1 - z2) x^T with every juxtaposition read as a matrix product.

    Parameters
    ----------
    b, z2 : ndarray, shape (h, 1)
    x : ndarray, shape (m, 1)
    """
    ### BEGIN SOLUTION
    return b @ z2 @ (1 - z2) @ x.T
    ### END SOLUTION

# %%
# one hidden unit: the only size at which these products fit together
check_yours(as_matrix_products, ((np.array([[2.0]]), np.array([[1 / 4]]), np.array([[3.0], [1.0]])),
                                 np.array([[9 / 8, 3 / 8]])))

# %%
@when_solved(needs=["regression_forward", "as_matrix_products"])
def referee_readings():
    rng = np.random.default_rng(3)
    A, b, x, y = rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=3), 2.0
    z1, z2, z3, z4, loss = regression_forward(A, b, x, y)
    true = numeric_gradient(lambda A: regression_forward(A, b, x, y)[4], A)
    try:
        as_matrix_products(b[:, None], z2[:, None], x[:, None])
    except ValueError:
        print("matrix products:      ValueError, (3, 1) and (3, 1) do not fit together")
    crossed = np.cross(b * z2 * (1 - z2), x)
    print(f"cross-product:        shape {crossed.shape}, and A has shape {A.shape}")
    outer = -2 * z4 * np.outer(b * z2 * (1 - z2), x)
    print(f"* and outer product:  off by {gap(outer, true):.0e}, the error of the differences")

    *_, z4, _ = regression_forward(A_hand, b_hand, x_hand, 7.4)
    z2 = np.array([3 / 4, 1 / 5])
    true = numeric_gradient(lambda b: regression_forward(A_hand, b, x_hand, 7.4)[4], b_hand)
    print(f"2*z4 - z2 for db:     off by {gap(2 * z4 - z2, true):.1e}")
    print(f"(2*z4) * (-z2):       off by {gap(2 * z4 * -z2, true):.0e}")

# %% [markdown]
r"""
**Report** *(2 points, read by a person)*. Write both lines so that only the right reading is left.
Name the product that *cross-product* should be, and say why `np.cross` cannot even have the right
shape. Why is a wrong reading that raises an error the better kind?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_one_reading", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
$\partial L/\partial b = -2 z_4\, z_2$ and
$\partial L/\partial A = -2 z_4\,\bigl(b\odot z_2\odot(1 - z_2)\bigr)\,x^\top$. The product with $x$
is an outer product: every entry of an $h$-vector with every entry of an $m$-vector, an $h\times m$
matrix. A cross-product exists in three dimensions only and gives a 3-vector, never a matrix. A
reading that raises an error is found at once. The reading $2z_4 - z_2$ runs, has the right shape, and
is wrong by more than its own size.

=== BEGIN MARK SCHEME ===
- 1 point: both lines unambiguous: sign, elementwise products, outer product.
- 0.5 point: outer product named, with a shape argument against the cross-product.
- 0.5 point: the silent error is the dangerous one, with the example of the minus sign or another.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Referee 3 · Small print

No points, one minute each. Decide first, then open.

<details>
<summary>S2: "b z_2 (1 - z_2) is the element-wise product of two h-dimensional vectors". Count.</summary>

Three: $b$, $z_2$ and $1 - z_2$. The conclusion, that it is an $h$-vector, is right.

</details>

<details>
<summary>S2 speaks of "partial gradients". What is meant?</summary>

Partial derivatives. A *gradient* is the vector, or array, of all of them.

</details>

<details>
<summary>S2 writes b ∈ ℝ^{h×1} and calls it b. Which two things could a program make of it?</summary>

A column of shape `(h, 1)` or a vector of shape `(h,)`; this course takes the second. And most texts
use $b$ for a *bias*, which is added; here it is a weight, which multiplies. Its gradient is
$-2 z_4 z_2$ and not $-2 z_4$.

</details>
"""

# %% [markdown]
r"""
## Quiz

Five questions. Replace the dots by a letter and run the cell.

**02.1** What can f(x) = b^T A x, the network without its sigmoid, fit?

- **a** The same curves, with other weights.
- **b** Linear functions of x only.
- **c** Nothing, it has no gradient.
"""

# %%
quiz("02.1", "...")

# %% [markdown]
r"""
**02.2** All of dL/dA goes through one factor that a saturated unit makes nearly 0. Which?

- **a** z4
- **b** b_i
- **c** z2_i (1 - z2_i)
"""

# %%
quiz("02.2", "...")

# %% [markdown]
r"""
**02.3** h = 50 hidden units, m = 20 inputs. You compute dL/dA entry by entry, and each entry runs its
own forward pass. How many forward passes is that?

- **a** 1
- **b** 70
- **c** 1000
"""

# %%
quiz("02.3", "...")

# %% [markdown]
r"""
**02.4** You copy every example of the data set, so that each occurs twice. What happens to the
gradient of this chapter's loss?

- **a** Nothing.
- **b** It doubles.
- **c** It grows fourfold.
"""

# %%
quiz("02.4", "...")

# %% [markdown]
r"""
**02.5** In a loop you update A first, then compute db with the new A. What is wrong?

- **a** Nothing: the loss falls either way.
- **b** The pair (dA, db) is not the gradient at any one point.
- **c** b is then updated twice.
"""

# %%
quiz("02.5", "...")

# %% [markdown]
r"""
## What to remember

- **A two-layer network is a sum of soft steps.** Rows of $A$ place them and set how steep they are,
  entries of $b$ set their height.
- **The slope of the sigmoid is made of its value**, $\sigma(1 - \sigma)$, at most $\frac14$, and next to
  nothing for a saturated unit. Such a unit does not learn.
- **Backpropagation is the chain rule without repetition**: store on the way up, multiply on the way
  down. The gradients of all weights together cost about as much as two more forward passes.
- **The gradient of a weight is the gradient at its output side times the signal at its input side.**
  For a matrix of weights that is an outer product; for a batch, a matrix product that adds up the
  examples.
- **One step, one point**: take all gradients first, then move all parameters.
- **A printed product needs its kind** (elementwise, outer, matrix). Shapes catch some misreadings;
  numerical derivatives catch the others.
"""

# %%
progress()

# %% [markdown]
r"""
## Sources

The formulas of this chapter come from two sets of notes and one handout; the text, the exercises and the
figures were written for this course. **S2** is a discussion sheet, *DS 102 Discussion 12* (2020).
**S0** is a homework handout, *Details on neural network derivative computations* (Justin Domke,
2017). **S3** is a set of lecture slides, *Training neural networks*. The mistakes reported here were
found by computing, and take nothing away from our thanks to the authors.

The sea temperatures are NOAA's ERSST.V3B series for the region Niño 1+2, in the public domain;
`mlp_helpers/data/sea_temperature.md` describes them.

| Here | Taken from | Remarks |
|---|---|---|
| The model: a sum of soft steps | S2, problem 1 | the sigmoid's argument repaired in Referee 1 |
| The slope of the sigmoid | S2, part (b), hint; S3, sigmoid activation | the hint repaired in Referee 1 |
| Five quantities on the way up | S2, problem 1 | the same five letters |
| One weight at a time | S2, part (b), hint | |
| The way back down | S2, parts (a) and (b) | read in the right way in Referee 2 |
| All examples at once | S2, problem 1 | S2 stops at one example |
| One step downhill; The whole descent | S2, problem 1; S0, section 5 | S0's descent without momentum |

<details>
<summary>Every item of the notes that this chapter teaches</summary>

| Item | Source, section | Taught in |
|---|---|---|
| S2.1.0 | S2, problem 1 | The model: a sum of soft steps |
| S2.1.1 | S2, problem 1 | The model: a sum of soft steps; Referee 1 |
| S2.1.2 | S2, problem 1 | The model: a sum of soft steps; All examples at once |
| S2.1.3 | S2, problem 1 | Five quantities on the way up; One step downhill |
| S2.1.4 | S2, problem 1 | The way back down; What storing is worth |
| S2.1.5 | S2, problem 1 | Five quantities on the way up |
| S2.1.a | S2, part (a) | Derivation A; The way back down; Referee 2 |
| S2.1.b | S2, part (b) | One weight at a time; Derivation A; Referee 2 |
| S2.1.c | S2, part (b), hint | The slope of the sigmoid; Referee 1 |
| S2.1.d | S2, part (b) | The way back down; Referee 2 |
| S3.7.2 | S3, sigmoid activation | The slope of the sigmoid |

</details>
"""
