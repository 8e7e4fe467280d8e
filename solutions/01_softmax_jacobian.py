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
# 01 · The softmax Jacobian

A classifier ends with a question: *how sure are you, and of which class?* Softmax turns scores
into an answer, the negative log-likelihood says how good the answer was, and one matrix, the
Jacobian of softmax, says how the answer moves when a score moves.

In this chapter you take that matrix apart, put it to work, and then find out that you hardly ever
need it: all of it collapses into one subtraction. When you know why, you know the last layer of
every classifier in this course.

[[Exercises]] short exercises carry you through: [[points]] points, checked while you work. [[Written]] written answers,
[[points by a person]] points, are read by a person. Plan three sittings of about an hour; *Labels, likelihood and the
loss* is where the second one begins, *Referee the notes* the third.
"""

# %% [markdown]
r"""
## What you will be able to do

| At the end you can | You show it in |
|---|---|
| turn any logits, also huge ones, into probabilities | `softmax`, `softmax_rows` |
| derive the Jacobian of softmax, both cases, and compute it for one example or a batch | Derivation A, `softmax_jacobian`, `softmax_jacobian_batch` |
| carry a gradient back through softmax without building the Jacobian | `softmax_vjp` |
| say how likely labelled data is under a model, and why you add logarithms | `one_hot`, `log_likelihood` |
| compute the loss from logits so that nothing overflows | `logsumexp_rows`, `nll` |
| derive and compute the gradient of the loss, with respect to probabilities and to logits | Derivation B, `nll_grad_probs`, `nll_grad_logits` |

You will also catch printed formulas in the act of being wrong. That is the part called *Referee
the notes*.
"""

# %% [markdown]
r"""
## Are you ready?

Five questions, two minutes. If more than two of them stop you, read up on partial derivatives and
on NumPy broadcasting first, or work through chapter 00.

1. What is the derivative of $e^{3x}$ with respect to $x$?
2. What is the derivative of $g(x)/h(x)$?
3. What is $\log(ab)$, written with $\log a$ and $\log b$?
4. `S` has shape `(4, 3)`. What is the shape of `S.sum(axis=1, keepdims=True)`?
5. `P` has shape `(4, 3)` and `y = np.array([2, 0, 0, 1])`. Which entries is
   `P[np.arange(4), y]`?

<details>
<summary>Answers</summary>

1. $3e^{3x}$.
2. $\dfrac{g'}{h} - \dfrac{g\,h'}{h^2}$. Mind the square: you will meet a printed copy without it.
3. $\log a + \log b$.
4. `(4, 1)`. Without `keepdims` it is `(4,)`. Then `S / S.sum(axis=1)` fails here, and for a
   square `S` it divides columns instead of rows without a word.
5. `P[0, 2]`, `P[1, 0]`, `P[2, 0]`, `P[3, 1]`: one entry per row, shape `(4,)`.

</details>
"""

# %% [markdown]
r"""
## Notation

| Symbol | In code | Meaning | Shape |
|---|---|---|---|
| $K$, $N$ | `K`, `N` | number of classes; number of examples | |
| $z$ or $f$ | `z`, `f` | logits of one example: the pre-activations of the output layer | `(K,)` |
| $Z$ or $F$ | `Z`, `F` | logits of a batch, one example per row | `(N, K)` |
| $s = \operatorname{softmax}(z)$ | `s` | the probabilities that softmax makes of $z$ | `(K,)` |
| $p$, $P$ | `p`, `P` | any probabilities: of one example, of a batch | `(K,)`, `(N, K)` |
| $J_{ij} = \partial s_i/\partial z_j$ | `J[i, j]` | Jacobian: output $i$, input $j$ | `(K, K)` |
| $y$ | `y` | label or labels, integers $0,\dots,K-1$ | `()`, `(N,)` |
| $e_y$ | `one_hot` | one-hot vector: 1 at position $y$, 0 elsewhere | `(K,)` |
| $\ell$; $L$ | | loss of one example; loss of a batch, the sum of its $\ell$ | `()` |
| $\nabla_z\,\ell$ | | gradient: all $\partial \ell/\partial z_j$, in the shape of $z$ | `(K,)` |
| $v$ | `v` | upstream gradient $\partial L/\partial s$ of any loss $L$ | `(K,)` |
| $\odot$ | `*` | elementwise product | |
| $\mathbb{1}_{i=j}$ | | indicator: 1 if the condition below it holds, 0 if not | `()` |
| $\mathbf{1}$ | `np.ones(K)` | a vector of ones | `(K,)` |

The logarithm is the natural one. Losses are **sums** over examples in this chapter.

**S0**, **S1**, **S3** and **S4** are the lecture notes that the formulas come from. You do not need
them: what matters is quoted. They use other letters, and most count classes from 1; the last
section translates.
"""

# %%
import tracemalloc

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
### How this notebook works

Each exercise has a cell for your function and, below it, a locked cell that checks it. Replace
`raise NotImplementedError`, run your cell, run the check, read the report. You can check as often
as you like. Work out the derivations on paper. Then type them into the cell that says *Write your
answer here*; formulas go between dollar signs.

Figures and small tests that use your functions wait until you have written them, and say so when
your function has not passed its check. A check stops a call that takes longer than ten seconds; you
can always interrupt a cell yourself (the square button, or `I` twice). The report of a function
that fails ends with a line that gets you the arguments at which it failed, to try it on them.
Code that draws a figure is folded away; a click on its three dots shows it.

Stuck? Every exercise has three hints, from a question to a skeleton. They cost nothing. The first
hint for the first exercise looks like this; `hint("softmax", 2)` is the next:
"""

# %%
hint("softmax", level=1)

# %% [markdown]
r"""
## From scores to probabilities

The last layer of a network hands you $K$ real numbers, the **logits** $z$. Some are negative, and
they need not sum to anything in particular. What you want is an estimate of $p(y = c \mid x)$ for each
class $c$: $K$ numbers that are positive and sum to 1.

Two steps do it. The exponential makes every score positive and keeps the order. Division by the
total makes the sum 1:

$$s_i = \operatorname{softmax}(z)_i = \frac{e^{z_i}}{\sum_{k=0}^{K-1} e^{z_k}}.$$

In words: the share of class $i$ is its exponential's share of all exponentials.

### By hand

Take three classes and logits made for easy arithmetic, $z = (0,\ \log 2,\ \log 4)$. The
exponentials are $1, 2, 4$, and they sum to $7$. So

$$s = \left(\tfrac17,\ \tfrac27,\ \tfrac47\right).$$

Adding $\log 2$ to a logit doubles its exponential. Keep these sevenths: they come back in every
section, and each time they are your first test.
"""

# %%
z_hand = np.log([1.0, 2.0, 4.0])
s_hand = np.array([1.0, 2.0, 4.0]) / 7
print("logits       ", z_hand)
print("probabilities", s_hand, "sum", s_hand.sum())

# %% [markdown]
r"""
**Predict.** Add 100 to each of the three logits above. What happens to the three probabilities?
"""

# %% tags=["predict"] course={"predict": "softmax_shift"}
predict("softmax_shift", "...")  # write "nothing", "all grow" or "the largest takes all"

# %% [markdown]
r"""
### Why the largest logit comes off first

The formula is right, and typed as it stands it fails. A float64 ends near $1.8\cdot10^{308}$, and
$e^{z}$ passes that at $z \approx 709.8$:
"""

# %%
z_large = np.array([1000.0, 999.0, 998.0])
with np.errstate(over="ignore", invalid="ignore"):
    print("exp:              ", np.exp(z_large))
    print("exp / sum of exp: ", np.exp(z_large) / np.exp(z_large).sum())
print("largest logit that survives:", np.log(np.finfo(float).max))

# %% [markdown]
r"""
Infinity divided by infinity is NaN, "not a number". Now use the freedom that the prediction was
about. For any constant $m$,

$$\frac{e^{z_i - m}}{\sum_k e^{z_k - m}} = \frac{e^{-m}\,e^{z_i}}{e^{-m}\sum_k e^{z_k}}
= \operatorname{softmax}(z)_i .$$

In words: subtracting $m$ from every logit leaves the probabilities unchanged. So you may choose $m$, and
$m = \max_k z_k$ is the good choice. Then the largest exponent is 0, its exponential is 1, and
nothing can overflow. Very negative exponents give 0, which is right to more than 300 decimal places.

**Two classes.** Only differences of logits count, so with two classes one number $a$ is enough: the
logits $(0, a)$ say all there is to say. The second probability is
$e^a/(1 + e^a) = 1/(1 + e^{-a})$. That is the sigmoid: softmax with two classes.
"""

# %% [markdown]
r"""
### Exercise: softmax

Write softmax for one example. Logits of $\pm 1000$ must give finite probabilities. Leave the
argument as you found it: `z -= z.max()` would change the caller's array, `z - z.max()` makes a new
one.

Every function of logits in this chapter has three duties: finite answers, argument unchanged, and
an answer as good as its input (the rule of chapter 00: whole numbers give the float64 answer, and
float32 may stay float32). Plain NumPy does the last by itself, unless you write fractions into an
array made like the logits: `np.zeros_like(z)` of whole numbers has no room for 0.3.
"""

# %% nbgrader={"grade": false, "grade_id": "softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax(z):
    """Turn the logits of one example into probabilities.

    Parameters
    ----------
    z : ndarray, shape (K,)
        Logits, of any size.

    Returns
    -------
    ndarray, shape (K,)
        Probabilities: positive or 0, with sum 1.
    """
    ### BEGIN SOLUTION
    e = np.exp(z - z.max())
    return e / e.sum()
    ### END SOLUTION

# %%
@first_test
def first_test_softmax():
    print("yours  ", softmax(z_hand))
    print("by hand", s_hand)

# %% nbgrader={"grade": true, "grade_id": "check_softmax", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(softmax)

# %%
@when_solved
def outcome_softmax_shift():
    change = np.abs(softmax(z_hand + 100) - softmax(z_hand)).max()
    predicted("softmax_shift", "on paper nothing; in your program the largest change of a "
              f"probability is {change:.0e}")

# %% [markdown]
r"""
### A whole batch, row by row

A network sees many examples at a time. Their logits are the rows of $Z$, shape `(N, K)`, and
softmax works on each row for itself:

$$S_{ni} = \frac{e^{Z_{ni}}}{\sum_k e^{Z_{nk}}}.$$

In words: sums run along a row, never down a column. Each row needs its own maximum as well. One
maximum for the whole batch looks fine until one row lies 1000 below another: then all its
exponentials are 0, and $0/0$ is NaN.

### Exercise: softmax_rows

Shape `(N, K)` in, shape `(N, K)` out, no loop. `keepdims=True` keeps a reduced axis as an axis of
length 1, so that it lines up with the rows. A batch may be empty: for `N = 0` the answer has shape
`(0, K)`.
"""

# %% nbgrader={"grade": false, "grade_id": "softmax_rows", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_rows(Z):
    """Turn a batch of logits into probabilities, row by row.

    Parameters
    ----------
    Z : ndarray, shape (N, K)
        Logits, one example per row; N may be 0.

    Returns
    -------
    ndarray, shape (N, K)
        Probabilities; every row sums to 1.
    """
    ### BEGIN SOLUTION
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)
    ### END SOLUTION

# %%
@first_test
def first_test_softmax_rows():
    print("yours, times 7\n", softmax_rows(np.stack([z_hand, z_hand - 1000])) * 7)
    print("by hand, times 7\n", np.array([[1, 2, 4], [1, 2, 4]]))

# %% nbgrader={"grade": true, "grade_id": "check_softmax_rows", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(softmax_rows)

# %% [markdown]
r"""
### Where probabilities live

Three probabilities that sum to 1 are a point in a triangle, the **probability simplex**. A corner
means certainty. The centre means no opinion.

Divide the logits by a **temperature** $T$ before softmax and you travel through the triangle. Hot
(large $T$) makes the logits alike. Cold (small $T$) drives them apart. Where does each path begin
and end?
"""

# %%
def from_to(paths):
    """The text alternative of paths through the triangle: where each begins and ends."""
    ends = (f"{name}: from {np.round(path[0], 2)} to {np.round(path[-1], 2)}."
            for name, path in paths.items())
    return "A triangle whose corners are three classes, and paths of probabilities in it. " + (
        " ".join(ends))


@when_solved
def figure_simplex():
    temperatures = np.geomspace(0.05, 100, 60)
    logits = {"z = (2, 1, 0)": [2.0, 1.0, 0.0], "z = (0, 2, 1.5)": [0.0, 2.0, 1.5],
              "z = (-1, -1, 0)": [-1.0, -1.0, 0.0]}
    paths = {name: softmax_rows(np.array(z) / temperatures[:, None])
             for name, z in logits.items()}
    fig, ax = plots.simplex(
        paths,
        corners=("class 0", "class 1", "class 2"),
        marked={"no opinion": np.full(3, 1 / 3)},
        title="Heating softmax leads to the centre, cooling to the corner of the largest logit",
        alt=from_to(paths),
    )
    plots.show(fig)

# %% [markdown]
r"""
## What one logit does to the others

Softmax is a competition. When one logit rises, its own probability rises, and the others must pay
for it, because the sum stays 1. Who pays how much? That is what the **Jacobian** says:

$$J_{ij} = \frac{\partial s_i}{\partial z_j},\qquad J \in \mathbb{R}^{K\times K}.$$

Row $i$ is an output, column $j$ is the logit that you move.

### By hand

Write $s_i = g/h$ with $g = e^{z_i}$ and $h = \sum_k e^{z_k}$. The denominator contains every
logit, so $\partial h/\partial z_j = e^{z_j}$ always. The numerator contains $z_i$ only. In the
worked example $g$ is 1, 2 or 4, and $h = 7$. Move $z_1 = \log 2$ and use the quotient rule,
$g'/h - g\,h'/h^2$:

- its own probability: $\dfrac{\partial s_1}{\partial z_1} = \dfrac{2}{7} - \dfrac{2\cdot 2}{7^2}
  = \dfrac{14 - 4}{49} = \dfrac{10}{49}$;
- that of class 2: $\dfrac{\partial s_2}{\partial z_1} = 0 - \dfrac{4\cdot 2}{7^2} =
  -\dfrac{8}{49}$;
- that of class 0: $\dfrac{\partial s_0}{\partial z_1} = 0 - \dfrac{1\cdot 2}{7^2} =
  -\dfrac{2}{49}$.

The gain of $10/49$ is paid by the two others, $8 + 2$: the larger a competitor, the more it pays.
The other two columns go the same way:

$$J = \frac{1}{49}\begin{pmatrix} 6 & -2 & -4\\ -2 & 10 & -8\\ -4 & -8 & 12\end{pmatrix}.$$
"""

# %%
J_hand = np.array([[6, -2, -4], [-2, 10, -8], [-4, -8, 12]]) / 49
print(J_hand)

# %% [markdown]
r"""
**Predict.** What does each row of $J$ sum to, for any logits?
"""

# %% tags=["predict"] course={"predict": "jacobian_row_sums"}
predict("jacobian_row_sums", "...")  # write "0", "1" or "s_i"

# %% [markdown]
r"""
### Derivation A · Both cases of the Jacobian  *(on paper, 10 minutes, 4 points, read by a person)*

The notes (S1, section 2, question 1) state

$$\frac{\partial s_i}{\partial z_j} = \begin{cases} s_i(1 - s_i) & i = j,\\ -s_i s_j & i \ne j,
\end{cases}$$

prove the first case, and leave the second to the reader. You are the reader. Derive **both** cases
from the quotient rule. Then show that the two lines are one matrix,

$$J = \operatorname{diag}(s) - s\,s^\top ,$$

and say in one sentence why $J\mathbf{1} = 0$. (A step along $\mathbf{1}$ adds the same to all
logits.) Give your summation index a letter of its own. S1's proof writes $\sum_j e^{z_j}$ under a
numerator $e^{z_j}$, where $j$ already has a meaning.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_softmax_jacobian", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
Let $h = \sum_k e^{z_k}$, so $s_i = e^{z_i}/h$ and $\partial h/\partial z_j = e^{z_j}$.

**Case $i = j$.**
$$\frac{\partial s_i}{\partial z_i} = \frac{e^{z_i}h - e^{z_i}e^{z_i}}{h^2} = s_i - s_i^2
= s_i(1 - s_i).$$

**Case $i \neq j$.** The numerator does not contain $z_j$, so its derivative is 0:
$$\frac{\partial s_i}{\partial z_j} = \frac{0\cdot h - e^{z_i}e^{z_j}}{h^2} = -s_i s_j.$$

**One matrix.** Both lines are $s_i\mathbb{1}_{i=j} - s_i s_j$. The first term is entry $(i, j)$ of
$\operatorname{diag}(s)$, the second is entry $(i, j)$ of $s s^\top$.

**Constant change.** Softmax does not change when all logits move together, so its derivative in
the direction $\mathbf 1$ is 0. Or: $J\mathbf 1 = s - s\,(s^\top\mathbf 1) = s - s = 0$.

=== BEGIN MARK SCHEME ===
- 1 point: case $i = j$; by the quotient rule with $h^2$ in the denominator, or by another valid
  route, such as $s_i\,\partial\log s_i/\partial z_j$.
- 1 point: case $i \ne j$, with the reason why the first term is 0 (or the indicator of that route).
- 1 point: both cases in one expression, and each term matched with its matrix.
- 1 point: a valid reason for $J\mathbf 1 = 0$ (shift invariance or the computation).
- A summation index that clashes with a free index costs 0.5 once, not in every line.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Exercise: softmax_jacobian

Now in code. The matrix form at the end of Derivation A needs no loop and no `if`: probabilities on
the diagonal, minus the product of each with each. Shape `(K,)` in,
shape `(K, K)` out. The argument is $z$; your `softmax` turns it into $s$. `np.diag` puts a vector on
a diagonal; `np.outer` makes $s\,s^\top$. Careful with `s @ s.T`: for a one-dimensional
array that is a number.
"""

# %% nbgrader={"grade": false, "grade_id": "softmax_jacobian", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_jacobian(z):
    """Compute the Jacobian of softmax at the logits z.

    Parameters
    ----------
    z : ndarray, shape (K,)
        Logits of one example.

    Returns
    -------
    ndarray, shape (K, K)
        J[i, j] = d softmax(z)_i / d z_j.
    """
    ### BEGIN SOLUTION
    s = softmax(z)
    return np.diag(s) - np.outer(s, s)
    ### END SOLUTION

# %%
@first_test
def first_test_softmax_jacobian():
    print("yours, times 49\n", softmax_jacobian(z_hand) * 49)
    print("by hand, times 49\n", J_hand * 49)

# %% nbgrader={"grade": true, "grade_id": "check_softmax_jacobian", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(softmax_jacobian)

# %%
@when_solved
def outcome_jacobian_row_sums():
    sums = softmax_jacobian(np.array([0.3, -1.2, 2.0, 0.7])).sum(axis=1)
    predicted("jacobian_row_sums", "on paper 0; yours, for four logits, are 0 to within "
              f"{np.abs(sums).max():.0e}")

# %% [markdown]
r"""
### When does softmax listen?

The same five logits at three temperatures. Each panel is the Jacobian at $z/T$: how strongly the
probabilities answer a small change of the tempered logits.
"""

# %%
@when_solved
def figure_temperature():
    z = np.array([2.0, 1.0, 0.0, -1.0, -2.0])
    panels = {f"{name}, T = {T:g}": softmax_jacobian(z / T)
              for name, T in (("cold", 0.2), ("as given", 1.0), ("hot", 10.0))}
    fig, axes = plots.heatmaps(
        panels,
        xlabel="logit j that moves", ylabel="probability i that answers", limit=0.25,
        title="A decided softmax stops listening: the cold Jacobian is almost zero",
    )
    plots.show(fig)

# %% [markdown]
r"""
Read the panels as training situations. No entry can exceed $1/4$, the top of $s(1 - s)$. When the
softmax is certain, right *or wrong*, $J$ is nearly 0, and whatever gradient arrives from above is
multiplied by nearly 0. Remember this when you meet the gradient of the loss: something there has
to make up for it.
"""

# %% [markdown]
r"""
### One Jacobian per example

Row $n$ of a batch has its own matrix $J^{(n)}$, so a batch has a stack of them, shape `(N, K, K)`:

$$J^{(n)}_{ij} = S_{ni}\,\mathbb{1}_{i=j} - S_{ni}\,S_{nj}.$$

In words: for each $n$, the same two terms as before. Different examples do not influence each
other, so there is no larger matrix to fill.

### Exercise: softmax_jacobian_batch

No loop over $n$. Broadcasting does it: `S[:, :, None]` has shape `(N, K, 1)`, `S[:, None, :]` has
shape `(N, 1, K)`, and `np.eye(K)` has shape `(K, K)`, with `K = Z.shape[1]`. Which product of these
is which term? Begin with `softmax_rows`.
"""

# %% nbgrader={"grade": false, "grade_id": "softmax_jacobian_batch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_jacobian_batch(Z):
    """Compute the Jacobian of softmax for every row of a batch.

    Parameters
    ----------
    Z : ndarray, shape (N, K)
        Logits, one example per row.

    Returns
    -------
    ndarray, shape (N, K, K)
        J[n, i, j] = d softmax(Z[n])_i / d Z[n, j].
    """
    ### BEGIN SOLUTION
    S = softmax_rows(Z)
    K = S.shape[1]
    return S[:, :, None] * np.eye(K) - S[:, :, None] * S[:, None, :]
    ### END SOLUTION

# %%
@first_test
def first_test_softmax_jacobian_batch():
    print("yours, times 49\n", softmax_jacobian_batch(np.stack([z_hand, z_hand - 1000])) * 49)
    print("by hand, times 49, for both examples\n", J_hand * 49)

# %% nbgrader={"grade": true, "grade_id": "check_softmax_jacobian_batch", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(softmax_jacobian_batch)

# %% [markdown]
r"""
## The product you need without the matrix you don't

A layer in backprop is asked one thing. A gradient $v = \partial L/\partial s$ arrives from above;
what is $\partial L/\partial z$ below? By the chain rule every output passes its share on:

$$\frac{\partial L}{\partial z_j} = \sum_i \frac{\partial L}{\partial s_i}\,
\frac{\partial s_i}{\partial z_j} = \sum_i v_i J_{ij},
\qquad\text{that is}\qquad \frac{\partial L}{\partial z} = J^\top v .$$

In words: weigh each row of $J$ by how much the loss cares about that output, and add. This is a
**vector-Jacobian product**, VJP for short. S3 writes it as a row, $v^\top J$; the numbers are the
same, laid flat. (Softmax would even forgive $J v$, because its $J$ is symmetric. The next layer
will not.)

You could build $J$ and multiply. Put the two terms in first:

$$J^\top v = \bigl(\operatorname{diag}(s) - s\,s^\top\bigr)\,v = s\odot v - s\,(s^\top v).$$

In words: multiply entry by entry, then take off $s$ times one number, the average of $v$ under the
probabilities $s$. Nothing here is larger than a vector.

### By hand

$s = (1, 2, 4)/7$ and $v = (7, 0, 0)$. The average is $s^\top v = 1$, so
$J^\top v = s\odot(7 - 1,\ 0 - 1,\ 0 - 1) = \left(\tfrac67, -\tfrac27, -\tfrac47\right)$: seven
times the first row of the matrix above.

**Predict.** Suppose $v$ has the same value in every entry. What is $J^\top v$?
"""

# %% tags=["predict"] course={"predict": "softmax_vjp_constant"}
predict("softmax_vjp_constant", "...")  # write "zero", "constant" or "depends on z"

# %% [markdown]
r"""
### Exercise: softmax_vjp

Shapes `(K,)` and `(K,)` in, shape `(K,)` out. Do not form $J$: memory and time must grow like $K$,
not like $K^2$. The check looks at values only. The cell after it measures your memory and says
whether $J$ was formed.
"""

# %% nbgrader={"grade": false, "grade_id": "softmax_vjp", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_vjp(z, v):
    """Carry the upstream gradient v back through softmax, without forming the Jacobian.

    Parameters
    ----------
    z : ndarray, shape (K,)
        Logits.
    v : ndarray, shape (K,)
        Upstream gradient, dL/ds for s = softmax(z).

    Returns
    -------
    ndarray, shape (K,)
        dL/dz = J(z)^T v.
    """
    ### BEGIN SOLUTION
    s = softmax(z)
    return s * (v - s @ v)
    ### END SOLUTION

# %%
@first_test
def first_test_softmax_vjp():
    print("yours, times 7  ", softmax_vjp(z_hand, np.array([7.0, 0.0, 0.0])) * 7)
    print("by hand, times 7", np.array([6, -2, -4]))

# %% nbgrader={"grade": true, "grade_id": "check_softmax_vjp", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(softmax_vjp)

# %%
@when_solved
def outcome_softmax_vjp():
    z, v = np.array([0.3, -1.2, 2.0, 0.7]), np.full(4, 3.0)
    largest = np.abs(softmax_vjp(z, v)).max()
    predicted("softmax_vjp_constant", f"on paper zero; your largest entry is {largest:.0e}")
    K = 2_000
    z, v = np.zeros(K), np.ones(K)
    tracemalloc.start()
    softmax_vjp(z, v)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    verdict = ("J was formed on the way: the exercise asks for the product without it."
               if peak > 4 * K**2 else "J was not formed. Good.")
    print(f"For K = {K:,} classes your product took {peak / 1e6:.2f} MB of memory at its peak. "
          f"The Jacobian alone has {8 * K**2 / 1e6:.0f} MB, and {8 * 50_000**2 / 1e9:.0f} GB for "
          f"K = 50,000. {verdict}")

# %% [markdown]
r"""
A constant $v$ says: *the loss would like all probabilities to rise alike*. They cannot, their sum
is 1. So no logit moves.
"""

# %% [markdown]
r"""
## Labels, likelihood and the loss

So far nobody has said what the right class is. Now the labels come in.

### Labels as vectors

A label $y$ is a position. For algebra you want a vector: $e_y$, with 1 at position $y$ and 0
elsewhere. S1 calls it $\mathbb{1}_Y$; S0 writes $\hat e_y$ and never says what it is; S4 calls the
vector itself $y$. With it, picking an entry is a product: $p_y = e_y^\top p$.

### Exercise: one_hot

Integer labels of shape `(N,)` in, float64 rows of shape `(N, K)` out. Labels count from 0. A class
may be missing from `y`, which is why `K` is an argument of its own. Question 5 of *Are you ready?*
shows how to reach one entry per row.
"""

# %% nbgrader={"grade": false, "grade_id": "one_hot", "locked": false, "schema_version": 3, "solution": true, "task": false}
def one_hot(y, K):
    """Write labels as one-hot rows.

    Parameters
    ----------
    y : ndarray of int, shape (N,)
        Labels in 0..K-1.
    K : int
        Number of classes.

    Returns
    -------
    ndarray of float64, shape (N, K)
        A fresh array: row n is 1 at y[n] and 0 elsewhere.
    """
    ### BEGIN SOLUTION
    Y = np.zeros((len(y), K))
    Y[np.arange(len(y)), y] = 1.0
    return Y
    ### END SOLUTION

# %%
@first_test
def first_test_one_hot():
    print("yours\n", one_hot(np.array([2, 0]), 4))
    print("by hand\n", np.array([[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]]))

# %% nbgrader={"grade": true, "grade_id": "check_one_hot", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(one_hot)

# %% [markdown]
r"""
### How likely was what happened?

A good model gives high probability to what happened. For independent examples the probability of
all labels together is a product, so training could mean: make $\prod_n P_{n,y_n}$ as large as
possible. Nobody computes that product. Find out why.

**Predict.** A model gives every label the probability 0.5. How many examples does it take until
the product is exactly `0.0` in float64? A rough number is fine.
"""

# %% tags=["predict"] course={"predict": "product_underflow"}
predict("product_underflow", "...")  # write a number

# %%
products = np.cumprod(np.full(2000, 0.5))
first_zero = int(np.argmax(products == 0.0)) + 1
predicted("product_underflow", f"{first_zero} examples; the sum of logarithms is then "
          f"{first_zero * np.log(0.5):.1f}, an everyday number")

# %% [markdown]
r"""
The smallest positive float64 is $2^{-1074} \approx 5\cdot10^{-324}$. Half of it rounds to 0.

The logarithm turns the product into a sum, and it is increasing, so the best model stays the best:

$$\max \prod_{n} P_{n,y_n}\quad\Longleftrightarrow\quad \max \sum_{n} \log P_{n,y_n}
\quad\Longleftrightarrow\quad \min\; -\sum_{n} \log P_{n,y_n}.$$

In words: the most likely labels, the largest **log-likelihood**, the smallest **negative
log-likelihood** (NLL, also called cross-entropy) are the same wish. The notes write the NLL of one
example with an indicator,

$$\ell = -\sum_{c} \mathbb{1}_{y = c}\,\log p_c = -\log p_y .$$

On paper both sides are equal. In floating point only the right one is safe: when some *other*
class has probability exactly 0, the left one computes $0\cdot\log 0$, which is
$0\cdot(-\infty)$, which is NaN.
"""

# %%
p_sure, y_sure = np.array([1.0, 0.0, 0.0]), 0
with np.errstate(divide="ignore", invalid="ignore"):
    print("sum over classes with the indicator:", -(np.eye(3)[y_sure] * np.log(p_sure)).sum())
print("minus the log of one entry:         ", 0.0 - np.log(p_sure[y_sure]))

# %% [markdown]
r"""
### Exercise: log_likelihood

$$\sum_n \log P_{n,y_n}.$$

In words: from each row take the probability of that row's label, take logarithms, add. Shapes
`(N, K)` and `(N,)` in, one number out. Pick one entry per row, as in `one_hot`: `P[y]` takes whole
rows, and `P[:, y]` whole columns. Pick the entries before you take the logarithm, so that zeros
elsewhere do no harm.

First test: for the row $(1, 2, 4)/7$ and label 2 the answer is $\log\frac47 = -0.5596$.
"""

# %% nbgrader={"grade": false, "grade_id": "log_likelihood", "locked": false, "schema_version": 3, "solution": true, "task": false}
def log_likelihood(P, y):
    """Sum the log-probabilities of the labels.

    Parameters
    ----------
    P : ndarray, shape (N, K)
        Probabilities, one example per row; zeros are allowed away from the labels.
    y : ndarray of int, shape (N,)
        Labels in 0..K-1.

    Returns
    -------
    float
        sum_n log P[n, y[n]].
    """
    ### BEGIN SOLUTION
    return np.log(P[np.arange(len(y)), y]).sum()
    ### END SOLUTION

# %%
@first_test
def first_test_log_likelihood():
    print("yours  ", log_likelihood(s_hand[None, :], np.array([2])))
    print("by hand", np.log(4 / 7))

# %% nbgrader={"grade": true, "grade_id": "check_log_likelihood", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(log_likelihood)

# %% [markdown]
r"""
### The logarithm that does not overflow

A network produces logits, not probabilities. Put softmax into the loss of one example:

$$-\log s_y = -\log\frac{e^{z_y}}{\sum_k e^{z_k}} = \log\sum_k e^{z_k} - z_y .$$

In words: the loss is how far the label's logit lies below a *soft maximum* of all logits. The
first term has a name, **log-sum-exp**. It is never below the largest logit, and never more than
$\log K$ above it. For the worked example it is $\log(1 + 2 + 4) = \log 7$.

Typed as it stands it overflows like softmax did. The same remedy works. With $m = \max_k z_k$,

$$\log\sum_k e^{z_k} = m + \log\sum_k e^{z_k - m}.$$

In words: take the largest logit out, and put it back after the logarithm. The sum on the right
lies between 1 and $K$, so its logarithm is safe.

### Exercise: logsumexp_rows

Shape `(N, K)` in, shape `(N,)` out. Each row has its own maximum. Keep an eye on shapes when you
add it back: `(N, 1) + (N,)` broadcasts to `(N, N)` without a word.
"""

# %% nbgrader={"grade": false, "grade_id": "logsumexp_rows", "locked": false, "schema_version": 3, "solution": true, "task": false}
def logsumexp_rows(F):
    """Compute log(sum(exp(row))) for every row, without overflow.

    Parameters
    ----------
    F : ndarray, shape (N, K)
        Logits, one example per row; N may be 0.

    Returns
    -------
    ndarray, shape (N,)
        The log-sum-exp of each row.
    """
    ### BEGIN SOLUTION
    m = F.max(axis=1)
    return m + np.log(np.exp(F - m[:, None]).sum(axis=1))
    ### END SOLUTION

# %%
@first_test
def first_test_logsumexp_rows():
    print("yours  ", logsumexp_rows(z_hand[None, :]))
    print("by hand", np.log([7.0]))

# %% nbgrader={"grade": true, "grade_id": "check_logsumexp_rows", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(logsumexp_rows)

# %% [markdown]
r"""
### The loss, from logits

$$L(F, y) = \sum_{n} \Bigl(\log\sum_k e^{F_{nk}} - F_{n,y_n}\Bigr).$$

In words: for each example, log-sum-exp minus the label's logit; then add the examples. It is a
**sum**. S1 and S3 use the mean; divide by $N$ when you want theirs.

One refinement. When the model is right and sure, the loss is small. Large logits make it the
difference of two large numbers, and most of its digits are lost. Take the logits $(1000, 990)$ and
label 0:
"""

# %%
tail = np.log1p(np.exp(-10.0))  # log-sum-exp of (0, -10)
print("log-sum-exp minus logit:", (1000.0 + tail) - 1000.0)
print("shifted first:          ", tail - 0.0)

# %% [markdown]
r"""
Nine digits of sixteen agree. Shift first: the loss does not change when you take each row's maximum
off its logits, and then both terms are small. *Both* terms must see the shifted logits. The check
accepts the loss without the shift as well; only the last digits suffer.

### Exercise: nll

Shapes `(N, K)` and `(N,)` in, one number out. Start from logits, never from probabilities: a
probability below about $10^{-324}$ is 0, and its logarithm is minus infinity.

First test: the logits of the worked example with label 2 give $\log 7 - \log 4 = 0.5596$.
"""

# %% nbgrader={"grade": false, "grade_id": "nll", "locked": false, "schema_version": 3, "solution": true, "task": false}
def nll(F, y):
    """Sum the negative log-likelihoods of the labels, from logits.

    Parameters
    ----------
    F : ndarray, shape (N, K)
        Logits, one example per row, of any size.
    y : ndarray of int, shape (N,)
        Labels in 0..K-1.

    Returns
    -------
    float
        The sum (not the mean) over n of -log softmax(F[n])[y[n]].
    """
    ### BEGIN SOLUTION
    F = F - F.max(axis=1, keepdims=True)
    return (logsumexp_rows(F) - F[np.arange(len(y)), y]).sum()
    ### END SOLUTION

# %%
@first_test
def first_test_nll():
    print("yours  ", nll(z_hand[None, :], np.array([2])))
    print("by hand", np.log(7 / 4))

# %% nbgrader={"grade": true, "grade_id": "check_nll", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(nll)

# %% [markdown]
r"""
### Three ways to type one formula

The same loss for logits $(0, g)$ with label 0: the label's logit lies $g$ below the other one, and
the loss is very nearly $g$. Three programs that are equal on paper:
"""

# %%
@when_solved
def figure_stable():
    gaps = np.linspace(600, 900, 121)
    F = np.stack([np.zeros_like(gaps), gaps], axis=1)
    from_logits = [nll(row[None, :], np.array([0])) for row in F]
    with np.errstate(over="ignore", divide="ignore"):
        naive = -np.log(1.0 / np.exp(F).sum(axis=1))
        after_softmax = -np.log(softmax_rows(F)[:, 0])
    fig, ax = plots.lines(
        gaps,
        {"from the logits (nll)": from_logits,
         "log of a stable softmax: infinite from 746 on": after_softmax,
         "log of exp / sum of exp: infinite from 710 on": naive},
        xlabel="g, how far the label's logit lies below the other", ylabel="loss",
        title="A stable softmax is not enough: only the loss from logits survives large gaps",
    )
    plots.show(fig)

# %% [markdown]
r"""
An infinite loss looks dramatic; the damage is quiet. Taken back through those two programs its
gradient is NaN, one update later every weight is NaN, and nothing has raised an error. You will see
the NaN in *Two roads, one gradient* below.
"""

# %% [markdown]
r"""
## The gradient of the loss

You have the loss and you have the Jacobian of softmax. Put them together in two steps: first back
to the probabilities, then back to the logits.

### The same loss, seen from the probabilities

For one example $\ell = -\log p_y$. Only one entry of $p$ occurs:

$$\frac{\partial \ell}{\partial p_c} = -\frac{\mathbb{1}_{c = y}}{p_y},
\qquad\text{so}\qquad \nabla_p\,\ell = -\frac{e_y}{p_y}.$$

In words: the gradient is 0 except at the label, and there it is larger in size the *less*
probability the label has. For $p = (1, 2, 4)/7$ and label 2 it is $(0, 0, -\frac74)$.

### Exercise: nll_grad_probs

One example: `p` of shape `(K,)` and one integer label in, shape `(K,)` out. Zeros in `p` away from
the label must do no harm. (`one_hot` wants an array of labels. Here you have one integer.)
"""

# %% nbgrader={"grade": false, "grade_id": "nll_grad_probs", "locked": false, "schema_version": 3, "solution": true, "task": false}
def nll_grad_probs(p, y):
    """Gradient of -log p[y] with respect to p, for one example.

    Parameters
    ----------
    p : ndarray, shape (K,)
        Probabilities.
    y : int
        Label in 0..K-1.

    Returns
    -------
    ndarray, shape (K,)
        d(-log p[y]) / dp.
    """
    ### BEGIN SOLUTION
    g = np.zeros(len(p))
    g[y] = -1.0 / p[y]
    return g
    ### END SOLUTION

# %%
@first_test
def first_test_nll_grad_probs():
    print("yours  ", nll_grad_probs(s_hand, 2))
    print("by hand", np.array([0, 0, -7 / 4]))

# %% nbgrader={"grade": true, "grade_id": "check_nll_grad_probs", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(nll_grad_probs)

# %% [markdown]
r"""
### The gradient everything starts from

Carry $v = -e_y/p_y$ back through softmax, with $p = s = \operatorname{softmax}(z)$ and your formula
$J^\top v = s\odot v - s\,(s^\top v)$. The first term has one entry, $s_y\cdot(-1/s_y) = -1$, at
position $y$. The average is $s^\top v = -1$, so the second term is $+s$. All the fractions are
gone:

$$\nabla_z\,\ell = s - e_y .$$

In words: *what you said minus what was true*. The factor $1/s_y$, which has no bound, has met the
Jacobian, which goes to 0, and they cancel. That is what makes up for a softmax that stops
listening.

**By hand:** $z = (0, \log 2, \log 4)$ with label 2 gives
$(\frac17, \frac27, \frac47) - (0, 0, 1) = (\frac17, \frac27, -\frac37)$. It sums to 0, as it must.

S4 reaches the same bracket from the other side, $-y_k + e^{z_k}/\sum_j e^{z_j}$ with a one-hot
vector $y$. (Its printed line $(\alpha)$ has one factor too many after the bracket. Chapter 05
looks into that.)
"""

# %% [markdown]
r"""
### Derivation B · Entry by entry  *(on paper, 10 minutes, 4 points, read by a person)*

Derive $\partial(-\log s_y)/\partial z_j = s_j - \mathbb{1}_{j=y}$ again, entry by entry, the way
S3 does it: outer derivative, quotient rule (its square included), and both cases of
$\mathbb{1}_{j=y}$. Name the step that you use in each line. Then say what changes for the sum over
a batch, and where the factor $1/N$ would go if the loss were a mean.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_nll_gradient", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
$$\begin{aligned}
\frac{\partial}{\partial z_j}\bigl(-\log s_y\bigr)
&= -\frac{1}{s_y}\,\frac{\partial s_y}{\partial z_j}
&&\text{outer derivative}\\
&= -\frac{1}{s_y}\left(\frac{\mathbb{1}_{j=y}\,e^{z_y}}{\sum_k e^{z_k}}
- \frac{e^{z_y}\,e^{z_j}}{\bigl(\sum_k e^{z_k}\bigr)^2}\right)
&&\text{quotient rule; the sum contains } z_j \text{ once}\\
&= -\frac{1}{s_y}\bigl(\mathbb{1}_{j=y}\,s_y - s_y s_j\bigr)
&&\text{definition of softmax}\\
&= s_j - \mathbb{1}_{j=y}
&&\text{cancel } s_y > 0.
\end{aligned}$$

For $j = y$ this is $s_y - 1$, for $j \ne y$ it is $s_j$. For a batch, row $n$ of the logits occurs
only in term $n$ of the sum, so row $n$ of the gradient is $S_n - e_{y_n}$. With a mean, every
entry is divided by $N$.

=== BEGIN MARK SCHEME ===
- 1 point: outer derivative $-1/s_y$.
- 1 point: quotient rule with the square, and the indicator in the first term.
- 1 point: both cases, or the indicator carried correctly to the end.
- 1 point: batch rows are independent, and $1/N$ multiplies the whole gradient.
- A right result by another valid route (log-sum-exp, or $J^\top v$) has full marks.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Exercise: nll_grad_logits

You have the gradient of one example. In a batch, the logits of example $n$ occur in one term of
the loss only. What is row $n$ of the gradient, then, and which two functions of this chapter give
all rows at once? $K$ is the number of columns of $F$; the largest label in `y` may be smaller than
$K - 1$.

Shapes `(N, K)` and `(N,)` in, shape `(N, K)` out. The loss is the **sum**, so there is no $1/N$.
"""

# %% nbgrader={"grade": false, "grade_id": "nll_grad_logits", "locked": false, "schema_version": 3, "solution": true, "task": false}
def nll_grad_logits(F, y):
    """Gradient of nll(F, y) with respect to the logits F.

    Parameters
    ----------
    F : ndarray, shape (N, K)
        Logits, one example per row.
    y : ndarray of int, shape (N,)
        Labels in 0..K-1.

    Returns
    -------
    ndarray, shape (N, K)
        dL/dF for the sum L over the examples.
    """
    ### BEGIN SOLUTION
    P = softmax_rows(F)
    return P - one_hot(y, P.shape[1])
    ### END SOLUTION

# %%
@first_test
def first_test_nll_grad_logits():
    print("yours, times 7  ", nll_grad_logits(z_hand[None, :], np.array([2])) * 7)
    print("by hand, times 7", np.array([[1, 2, -3]]))

# %% nbgrader={"grade": true, "grade_id": "check_nll_grad_logits", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(nll_grad_logits)

# %% [markdown]
r"""
### Two roads, one gradient

The road through the probabilities and the short road must agree wherever the long one is passable.
Then make the model ever more sure of the wrong class, and watch the long road end:
"""

# %%
@when_solved
def two_roads():
    lines = ["   gap   largest |dl/dp|   long road: dl/dz_y   short road: dl/dz_y"]
    for gap in (1.0, 10.0, 100.0, 800.0):
        z, y = np.array([0.0, gap, -1.0]), 0
        with np.errstate(divide="ignore", invalid="ignore"):
            v = nll_grad_probs(softmax(z), y)
            long_road = softmax_vjp(z, v)[y]
        short_road = nll_grad_logits(z[None, :], np.array([y]))[0, y]
        lines.append(f"{gap:6.0f}{np.abs(v).max():18.1e}{long_road:21.6f}{short_road:22.6f}")
    print("\n".join(lines))

# %% [markdown]
r"""
### Where the gradient leads

Start from three opinions, walk downhill on the loss of one example with label 2, and look at the
probabilities on the way. Each step is `z -= 0.5 * (s - e_y)`.
"""

# %%
@when_solved
def figure_descent():
    paths = {}
    for start in ([2.0, 0.0, -1.0], [-1.0, 2.0, -2.0], [0.0, 0.0, 0.0]):
        Z = [np.array(start)]
        for _ in range(40):
            Z.append(Z[-1] - 0.5 * nll_grad_logits(Z[-1][None, :], np.array([2]))[0])
        paths[f"start at z = {tuple(int(x) for x in start)}"] = softmax_rows(np.array(Z))
    fig, ax = plots.simplex(
        paths,
        corners=("class 0", "class 1", "class 2 (the label)"),
        title="Downhill on the loss, every opinion ends at the label's corner",
        alt=from_to(paths),
    )
    plots.show(fig)

# %% [markdown]
r"""
## Referee the notes

The formulas above come from lecture notes and handouts that are good, and that contain mistakes,
as all notes do. A referee does not shrug and does not guess: a referee *computes*. Your tool is
the numerical gradient of chapter 00. The next cell holds a short copy of it.
"""

# %%
def numeric_gradient(f, x, eps=1e-6):
    """Central differences of a scalar function f at x, shape (n,)."""
    steps = eps * np.eye(len(x))
    return np.array([(f(x + d) - f(x - d)) / (2 * eps) for d in steps])


def mismatch(a, b):
    """Largest difference, relative to the largest entry: 0 is agreement, 1 is hopeless."""
    a, b = np.asarray(a), np.asarray(b)
    return np.abs(a - b).max() / max(np.abs(a).max(), np.abs(b).max())

# %% [markdown]
r"""
### Referee 1 · A loss that can be anything

S0, section 3 prints the multiclass logistic loss as

$$L(y, f) = -f_y + \log\sum_{k=1}^{K} f_k \qquad\text{(as printed)}$$

where $f$ are logits. Its gradient, boxed in section 4.1, is $-\hat e_y + g(f)$ with $g$ the
softmax. You know a test that every loss of logits must pass: add a constant to all of them.

**Your turn.** Write the test, once, for any loss: new value minus old value. For your `nll` it must
come out 0, up to rounding. Ungraded, one line.
"""

# %%
def printed_loss(f, y):
    """The loss as S0 prints it."""
    return -f[y] + np.log(np.sum(f))

# %% nbgrader={"grade": false, "grade_id": "shift_test", "locked": false, "schema_version": 3, "solution": true, "task": false}
def shift_test(loss, f, y, c):
    """How much loss(f, y) changes when c is added to every entry of f.

    Parameters
    ----------
    loss : callable
        loss(f, y) -> float, for one example.
    f : ndarray, shape (K,)
        Logits.
    y : int
        Label.
    c : float
        The shift.

    Returns
    -------
    float
        0 for a loss that depends on differences of logits only.
    """
    ### BEGIN SOLUTION
    return loss(f + c, y) - loss(f, y)
    ### END SOLUTION

# %%
check_yours(shift_test, ((lambda f, y: 2 * f[y], np.array([1.0, -1.0]), 0, 3.0), 6.0))

# %%
@when_solved
def referee_loss():
    f, y = np.array([2.2, 2.46, 1.94]), 0
    one_example = {"as printed": printed_loss,
                   "yours": lambda f, y: nll(f[None, :], np.array([y]))}
    for name, loss in one_example.items():
        print(f"{name:10}  change when 7 is added: {shift_test(loss, f, y, 7.0):9.3g}", end="")
        numeric = numeric_gradient(lambda x, loss=loss: loss(x, y), f)
        off = mismatch(softmax(f) - np.eye(3)[y], numeric)
        print(f"   its gradient against the boxed one: {off:.1e}")
    negative = np.array([-0.64, -2.21, -1.00])
    with np.errstate(invalid="ignore"):
        print(f"at f = {negative}, label 1: as printed {printed_loss(negative, 1):.2f}, "
              f"yours {nll(negative[None, :], np.array([1])):.2f}")

# %% [markdown]
r"""
**Report** *(2 points, read by a person)*. What is wrong with the printed loss, which of the numbers
above shows it, and what should it say? Is the boxed gradient right or wrong, and for which loss?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_repaired_loss", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
The exponential is missing: it should be $-f_y + \log\sum_k e^{f_k}$. The printed loss changes by
$-5.57$ when 7 is added to all logits, where 0 is right, and it is NaN as soon as the sum of the
logits is negative. The boxed gradient is right for the repaired loss; against the printed one it
is off by a third of its size.

=== BEGIN MARK SCHEME ===
- 1 point: names the missing exponential and writes the repaired loss.
- 1 point: supports it by a computed number, and says that the boxed gradient belongs to the
  repaired loss.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Referee 2 · A right result from a wrong line

S1, section 2, question 2 proves $\nabla_z \ell = s - e_Y$ in four lines. The fourth, in our
letters and for label $y$ (S1's sum over the classes $k$ keeps the term $k = y$ only), says that
entry $j$ is

$$-\bigl\{(1 - s_y)\,\mathbb{1}_{j=y} - s_y\,\mathbb{1}_{j\ne y}\bigr\} \qquad\text{(as printed)}.$$

The conclusion below it is right. Is this line?

**Your turn.** Type the line as it is printed, for all $j$ at once. `np.arange(len(s)) == y` says
where $j = y$. Ungraded, about 2 lines.
"""

# %% nbgrader={"grade": false, "grade_id": "printed_line", "locked": false, "schema_version": 3, "solution": true, "task": false}
def printed_line(s, y):
    """Line 4 of S1's proof, for every j at once, exactly as printed.

    Parameters
    ----------
    s : ndarray, shape (K,)
        Probabilities.
    y : int
        Label.

    Returns
    -------
    ndarray, shape (K,)
        Entry j of the printed line.
    """
    ### BEGIN SOLUTION
    is_label = np.arange(len(s)) == y
    return -np.where(is_label, 1 - s[y], -s[y])
    ### END SOLUTION

# %%
check_yours(printed_line, ((np.array([0.2, 0.7, 0.1]), 1), [0.7, -0.3, 0.7]))

# %%
@when_solved
def referee_proof():
    cases = {"four classes": [0.0275, 0.70, 0.16, 0.1125],
             "two classes": [7 / 17, 10 / 17],
             "two classes, uniform": [0.5, 0.5]}
    for name, s in cases.items():
        s, y = np.array(s), 0
        true = nll_grad_logits(np.log(s)[None, :], np.array([y]))[0]
        line = printed_line(s, y)
        print(f"{name:21} printed {line}  sum {line.sum():5.2f}  off by {mismatch(line, true):.1e}")

# %% [markdown]
r"""
**Report** *(2 points, read by a person)*. Line 3 has both cases of the Jacobian, each divided by
$s_k$: for $j = k$ it is $s_k(1 - s_k)/s_k$, for $j \ne k$ it is $s_j s_k/s_k$. Which index of line
4 is wrong, and how does the right one come out of line 3? The sum over $j$ shows the mistake
without any reference value: how? And why does the last case not show it?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_wrong_index", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
The second term should be $s_j\,\mathbb{1}_{j\ne y}$: dividing $s_j s_k$ by $s_k$ leaves $s_j$. The
gradient must sum to 0 over $j$, because shifting all logits leaves the loss unchanged; the printed
line sums to $K s_y - 1$, which is $-0.89$ here. With two classes at uniform probabilities all
entries of $s$ are equal, so the wrong index picks the same number, and $K s_y - 1 = 0$.

=== BEGIN MARK SCHEME ===
- 1 point: index $j$ for $k$ in the second term, with the cancellation.
- 0.5 point: the sum must be 0, with the reason.
- 0.5 point: equal probabilities hide the index.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Referee 3 · The right vector under the wrong name

The statement of the same question prints, next to the weight gradient,

$$\nabla_{h^L}\,\ell = s - e_Y \qquad\text{(as printed)},$$

where $h^L = s$ is the *output* of softmax, a vector of probabilities, and $z^L$ its input, with
$z^L = b^L + W^L h^{L-1}$. Superscripts number the layers, so here $L$ is the last layer and not the
loss: $b^L$ holds its biases, $W^L$ its weights, and $h^{L-1}$ is the output of the layer before.
$Y$ is the label.

**Your turn.** Compute the gradient of $\ell(h) = -\log h_y$ with respect to $h$ by
`numeric_gradient`, which wants a function, for example a `lambda`. Ungraded, one line.
"""

# %% nbgrader={"grade": false, "grade_id": "gradient_wrt_h", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradient_wrt_h(h, y):
    """Numerical gradient of -log h[y] with respect to h.

    Parameters
    ----------
    h : ndarray, shape (K,)
        Probabilities.
    y : int
        Label.

    Returns
    -------
    ndarray, shape (K,)
    """
    ### BEGIN SOLUTION
    return numeric_gradient(lambda h: -np.log(h[y]), h)
    ### END SOLUTION

# %%
check_yours(gradient_wrt_h, ((np.array([0.25, 0.5, 0.25]), 0), [-4.0, 0.0, 0.0]), tol=1e-6)

# %%
@when_solved
def referee_label():
    h, y = np.array([0.0275, 0.70, 0.16, 0.1125]), 0
    numeric = gradient_wrt_h(h, y)
    print("numeric gradient with respect to h ", numeric)
    print("s - e_y, as printed                ", h - np.eye(4)[y],
          f" off by {mismatch(h - np.eye(4)[y], numeric):.1e}")
    print("your nll_grad_probs                ", nll_grad_probs(h, y),
          f" off by {mismatch(nll_grad_probs(h, y), numeric):.0e}")

# %% [markdown]
r"""
**Report** *(2 points, read by a person)*. What is the gradient with respect to $h^L$? With respect
to which two quantities is $s - e_Y$ the gradient? (S1's own proof ends with one of them. One letter
is the whole mistake.)
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_mislabelled_gradient", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
With respect to $h^L$, the probabilities, the gradient is $-e_Y/h_Y$. The vector $s - e_Y$ is the
gradient with respect to the logits $z^L$, and, since $b^L$ is added to $z^L$ with derivative 1,
also with respect to the bias $b^L$. The proof ends with $\nabla_{b^L}$; the statement prints
$h^L$ for $b^L$.

=== BEGIN MARK SCHEME ===
- 1 point: $-e_Y/h_Y$ for $h^L$, with the numerical evidence.
- 1 point: $z^L$ and $b^L$, with the reason why they share a gradient.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Referee 4 · Small print

No points, one minute each. Decide first, then open.

<details>
<summary>S0 4.1: "g : ℝ^K → ℝ^k is the softmax function". What is odd?</summary>

Two letters for one number. Softmax returns as many probabilities as it gets logits, so it is
$\mathbb{R}^K\to\mathbb{R}^K$. The same section uses $\hat e_y$ without a definition: it is the
one-hot vector of $y$, and S0 counts classes from 1.

</details>

<details>
<summary>S1's proof writes softmax(z)_j = e^{z_j} / Σ_j e^{z_j}. What happens if a program takes
that literally?</summary>

The $j$ under the sum is a new variable that hides the outer one. S4 does the same with $k$. Give
the summation index a letter of its own. In the same lines $\varphi_L^2(z)_j$, in our letters
$s_j^2$, is a square, while other superscripts number layers.

</details>

<details>
<summary>Some frames of S3's derivation print the quotient rule with g/h in the second term
instead of g/h². How far off is ∂s_2/∂z_1 of the worked example then?</summary>

Right: $0 - \frac{4}{7^2}\cdot 2 = -\frac{8}{49}$. With $g/h$: $0 - \frac47\cdot 2 = -\frac87$. That
is seven times too large, one factor of $h = 7$.

</details>

<details>
<summary>S1 says that the output "is the estimate of the probability that the class is k for all k".
What is missing?</summary>

An index. The output is a vector; its component $k$ estimates the probability of class $k$.

</details>

<details>
<summary>A layer has input a and output h. S3 writes the gradient at a as the row (∇_h ℓ)^T ∇_a h.
When are these the numbers of the column J^T ∇_h ℓ?</summary>

When $\nabla_a h$ is read as $J$ with $J_{ij} = \partial h_i/\partial a_j$; then the row is the
transpose of the column. If you read it in gradient layout, which is $J^\top$, the result is wrong
for any $J$ that is not symmetric. Softmax and elementwise layers have symmetric Jacobians and hide
the difference.

</details>
"""

# %%
J_general = np.array([[1.0, 2.0], [0.0, 3.0]])  # not symmetric
v_general = np.array([1.0, -1.0])
print("S3's quotient rule without the square, over the right one:", (-8 / 7) / (-8 / 49))
print("row v^T J:", v_general @ J_general, "  column J^T v:", J_general.T @ v_general,
      "  J v:", J_general @ v_general)

# %% [markdown]
r"""
## Quiz

Six questions. Replace the dots by a letter and run the cell.

**01.1** You add 5 to every logit. What happens to the probabilities?

- **a** Each grows by the same factor.
- **b** They move towards the uniform distribution.
- **c** Nothing.
"""

# %%
quiz("01.1", "...")

# %% [markdown]
r"""
**01.2** There are K classes and all logits are finite. What is the rank of the Jacobian of softmax?

- **a** K
- **b** K - 1
- **c** 1
"""

# %%
quiz("01.2", "...")

# %% [markdown]
r"""
**01.3** For softmax, v^T J as a row and J^T v as a column hold the same numbers as J v. Why may you
not count on that for other layers?

- **a** The Jacobian of softmax is symmetric; most Jacobians are not.
- **b** The Jacobian of softmax is diagonal; most Jacobians are not.
- **c** The rows of the softmax Jacobian sum to 0; for most layers they do not.
"""

# %%
quiz("01.3", "...")

# %% [markdown]
r"""
**01.4** The logits of one example are (1000, 0) and its label is 1. What is its loss?

- **a** infinity
- **b** 1000
- **c** log 1000, about 6.9
"""

# %%
quiz("01.4", "...")

# %% [markdown]
r"""
**01.5** What does each row of nll_grad_logits(F, y) sum to?

- **a** 1
- **b** the loss of that example
- **c** 0
"""

# %%
quiz("01.5", "...")

# %% [markdown]
r"""
**01.6** The model gives the true class a probability near 0. Which gradient of the loss has entries
that grow without bound?

- **a** The one with respect to the probabilities only.
- **b** The one with respect to the logits only.
- **c** Both.
"""

# %%
quiz("01.6", "...")

# %% [markdown]
r"""
## What to remember

- **Only differences of logits count.** Adding a constant changes neither the probabilities nor the
  loss. You use this to stay finite, and to test code and formulas: rows of $J$ sum to 0, and so do
  rows of the gradient.
- **$J = \operatorname{diag}(s) - s\,s^\top$**: symmetric, entries at most $1/4$, nearly 0 when
  softmax is sure.
- **Backprop needs $J^\top v$, not $J$**: $s\odot(v - s^\top v)$ costs $K$ operations, not $K^2$.
- **Compute the loss from logits**: log-sum-exp minus the label's logit. A stable softmax followed
  by a logarithm is not enough.
- **The gradient with respect to the logits is $s - e_y$**: what you said minus what was true.
- **A formula in print is a claim.** A shift, a sum that must be 0 or a numerical gradient tests it
  in a minute.
"""

# %%
progress()

# %% [markdown]
r"""
## Sources

The formulas of this chapter come from four sets of notes; the text, the exercises and the figures
were written for this course. **S0** is a homework handout, *Details on neural network derivative
computations* (Justin Domke, 2017). **S1** is an exercise sheet with solutions, *Feed forward neural
networks*. **S3** is a set of lecture slides, *Training neural networks*. **S4** is a worked
homework on a ReLU network. The mistakes reported here were found by computing, and take nothing
away from our thanks to the authors.

| Here | Taken from | Remarks |
|---|---|---|
| From scores to probabilities | S0, section 4.1; S1, section 2; S3, output as probabilities | S1 writes $M$ for our $K$; classes from 1 in S0 and S1, from 0 in S3 |
| What one logit does to the others | S1, section 2, question 1; S3, softmax partial derivative | S1 proves $i = j$ only |
| The product you need without the matrix you don't | S3, hidden-layer gradient in row form | row $v^\top J$ there, column $J^\top v$ here |
| Labels as vectors | S1, section 2, question 2; S0, section 4.1 | $\mathbb{1}_Y$ and $\hat e_y$ are our $e_y$ |
| How likely was what happened? | S3, loss function for classification | maximise the probability, minimise the NLL, why the logarithm |
| The loss, from logits | S0, section 3 | repaired in Referee 1; S1 and S3 take the mean, we take the sum |
| The same loss, seen from the probabilities | S3, loss gradient at output | |
| The gradient everything starts from | S0, section 4.1; S1, section 2, question 2; S3, loss gradient at output pre-activation; S4, part (a) | S1's line 4 repaired in Referee 2 |

<details>
<summary>Every item of the notes that this chapter teaches</summary>

| Item | Source, section | Taught in |
|---|---|---|
| S0.3.1 | S0, section 3 | The loss, from logits; Referee 1 |
| S0.4.1 | S0, section 4.1 | The gradient everything starts from; Referee 1 |
| S0.4.1b | S0, section 4.1 | From scores to probabilities; Referee 4 |
| S1.2.3 | S1, section 2 | From scores to probabilities |
| S1.2.4 | S1, section 2, question 1 | What one logit does to the others; Derivation A |
| S1.2.5 | S1, section 2, question 2 | How likely was what happened?; The loss, from logits |
| S1.2.6 | S1, section 2, question 2 | The gradient everything starts from; Referee 2 and 3 |
| S1.2.9 | S1, section 2, question 2 | Labels as vectors |
| S3.4.1 | S3, loss function | From scores to probabilities |
| S3.4.2 | S3, loss function | How likely was what happened? |
| S3.4.3 | S3, loss function | How likely was what happened? |
| S3.4.4 | S3, loss function | How likely was what happened? |
| S3.5.1 | S3, output layer gradient | The same loss, seen from the probabilities |
| S3.5.2 | S3, output layer gradient | The same loss, seen from the probabilities |
| S3.5.3 | S3, output layer gradient | Derivation B |
| S3.5.4 | S3, output layer gradient | The gradient everything starts from |
| S3.5.5 | S3, output layer gradient | Derivation B; Referee 4 |
| S3.5.7 | S3, output layer gradient | What one logit does to the others |
| S3.6.5b | S3, hidden layer gradient | The product you need without the matrix you don't; Referee 4 |
| S4.p2 | S4, part (a) | The gradient everything starts from |

</details>
"""
