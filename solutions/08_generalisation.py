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
# 08 · Generalisation, initialisation and model selection

You can compute gradients and follow them downhill. This chapter is about everything around that:
where to start, what to add to the loss, when to stop, which of twenty runs to keep, and what to say
about the one you kept.

All of it serves one question: how does the network behave on examples it has *not* seen? That is
what **generalisation** means, and it is what you care about. A network that only knows its training
set by heart is a slow dictionary.

[[Exercises]] short exercises carry you through: [[points]] points, checked while you work. [[Written]] written answers,
[[points by a person]] points, are read by a person. Plan nearly four hours, in three sittings; *Bias and variance,
measured* and *Finale: digits, honestly* are where the second and the third one begin.
"""

# %% [markdown]
r"""
## What you will be able to do

| At the end you can | You show it in |
|---|---|
| charge a network for its weights, and read the price as a prior | `regularised_risk`, `penalty_grad`, `prior_to_lambda`, Derivation A |
| say what it takes for a weight to become *exactly* zero | `prox_l1` |
| find out what zero, constant and random starts do to the first gradient | `init_diagnosis`, `glorot_uniform`, Derivation B |
| take an error apart into bias, variance and noise, and measure all three | `bias2_variance`, Derivation C |
| split data, stop in time and search hyper-parameters without fooling yourself | `split`, `early_stopping`, `grid_configs`, `random_configs`, `select_best` |
| report an error together with its uncertainty | `zero_one_error`, the finale |

You will also referee four printed claims: one lost a minus sign, two are too strong, and one forgot
the noise.
"""

# %% [markdown]
r"""
## Are you ready?

Five questions, two minutes. If more than two of them stop you, go back to chapter 04 for backprop
and to chapter 07 for descent.

1. `mlp_backprop` returns a list of pairs. What is in each pair, and which pair is the output layer's?
2. What is the gradient of $-\log\operatorname{softmax}(z)_y$ with respect to $z$?
3. A random number is uniform in $[-r, r]$. What is its variance?
4. $X$ and $Y$ are independent and $\mathbb{E}\,Y = 0$. What is $\mathbb{E}\,XY$?
5. What does `np.random.default_rng(3).permutation(4)` give when you run it twice?

<details>
<summary>Answers</summary>

1. `(dW, db)` of one layer; the last pair.
2. $p - e_y$.
3. $r^2/3$.
4. $\mathbb{E}X\cdot\mathbb{E}Y = 0$.
5. The same array twice: the same seed makes the same generator.

</details>
"""

# %% [markdown]
r"""
## Notation

| Symbol | In code | Meaning | Shape |
|---|---|---|---|
| $T$ | `T`, `N` | number of training examples | |
| $W_k$, $b_k$ | `params` | weights and biases of layer $k = 1..L$: a list of pairs | `(d_k, d_{k-1})`, `(d_k,)` |
| $\ell_t$ | `losses` | loss of training example $t$ | `(T,)` |
| $\Omega$ | | penalty: a function of all weights | |
| $\lambda$ | `lam` | price of the penalty | |
| $s$ | `scale` | scale of a prior | |
| $r$ | `r` | bound of the interval that starting weights are drawn from | |
| $f(x)$, $f_D(x)$ | `truth`, `preds` | the truth; what the model predicts when trained on the data set $D$ | |
| $S$, $n$ | `S`, `n` | number of training sets; number of examples or of inputs | |
| $e_y$, $p$ | | one-hot label, probabilities | `(K,)` |

Losses are **means** over examples in this chapter, as in chapter 04. A generator of random numbers
is always an argument called `rng`: the caller decides about the seed, and the same seed gives the
same result.

The notes judged here are a set of lecture slides, S3 for short. You do not need them: what is judged
is quoted, and *Sources* at the end says what they are.

S3 calls the bound of the interval $b$, like the bias; it writes $T$ for the size of the data and $t$
for the example *and* for the update. Here the bound is $r$, and a threshold is $t$.
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
from mlp_helpers.data import load_digits

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
r"""
The cells work as in the chapters before: write, run, check, read the report, as often as you like.
Figures wait for your functions. Every exercise has three hints that cost nothing:
"""

# %%
hint("regularised_risk", level=1)

# %% [markdown]
r"""
## A price on weights

The mean loss on the training set is not what you want to be small; it is what you can compute. A
network with large weights can bend sharply to meet every single example. So make large weights
cost something:

$$R = \frac1T\sum_{t} \ell_t + \lambda\,\Omega,\qquad
\Omega_{\mathrm{L2}} = \sum_k\sum_{i,j} (W_k)_{ij}^2,\qquad
\Omega_{\mathrm{L1}} = \sum_k\sum_{i,j} \lvert (W_k)_{ij}\rvert .$$

In words: the mean loss, plus $\lambda$ times the sum of all squared weights, or of all absolute
values. The L2 sum is $\sum_k\lVert W_k\rVert_F^2$, with the Frobenius norm: square all entries, add.

Only weights are charged, not biases. A bias moves a threshold and cannot make the function steeper.

### By hand

Two examples with losses 1 and 3; one layer with $W = \begin{pmatrix}1 & -2\\ 0 & 3\end{pmatrix}$,
and $\lambda = \frac1{10}$. The mean loss is 2. The squares sum to $1 + 4 + 0 + 9 = 14$, the absolute
values to $6$:

$$R_{\mathrm{L2}} = 2 + 1.4 = 3.4,\qquad R_{\mathrm{L1}} = 2 + 0.6 = 2.6 .$$

### Exercise: regularised_risk


`losses` has one entry per example, `Ws` is a list of matrices of any shapes, `kind` is `"l2"` or
`"l1"`. Return one float.
"""

# %% nbgrader={"grade": false, "grade_id": "regularised_risk", "locked": false, "schema_version": 3, "solution": true, "task": false}
def regularised_risk(losses, Ws, lam, kind):
    """Mean loss plus lam times the penalty of the weights.

    Parameters
    ----------
    losses : ndarray, shape (N,)
        Loss of each example.
    Ws : list of ndarray
        Weight matrices, of any shapes.
    lam : float
        Price of the penalty.
    kind : str
        "l2" (sum of squares) or "l1" (sum of absolute values).

    Returns
    -------
    float
    """
    ### BEGIN SOLUTION
    w = np.concatenate([W.ravel() for W in Ws])
    omega = w @ w if kind == "l2" else np.abs(w).sum()
    return float(np.mean(losses) + lam * omega)
    ### END SOLUTION

# %%
W_hand = np.array([[1.0, -2.0], [0.0, 3.0]])


@first_test
def first_test_regularised_risk():
    losses = np.array([1.0, 3.0])
    for kind, by_hand in (("l2", 3.4), ("l1", 2.6)):
        print(f"{kind}: yours {regularised_risk(losses, [W_hand], 0.1, kind):.4f}, "
              f"by hand {by_hand:.4f}")

# %% nbgrader={"grade": true, "grade_id": "check_regularised_risk", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(regularised_risk)

# %% [markdown]
r"""
### The gradient of the price

Descent needs the gradient of $\lambda\Omega$. Every weight stands in a term of its own, so

$$\frac{\partial\,\lambda\Omega_{\mathrm{L2}}}{\partial W} = 2\lambda W,\qquad
\frac{\partial\,\lambda\Omega_{\mathrm{L1}}}{\partial W} = \lambda\operatorname{sign}(W),\qquad
\operatorname{sign}(w) = \mathbb{1}\{w > 0\} - \mathbb{1}\{w < 0\}.$$

In words: L2 pulls every weight towards 0 in proportion to its size, L1 pulls all of them with the
same force. A step of size $\alpha$ on the L2 penalty alone multiplies $W$ by $1 - 2\alpha\lambda$;
hence the name **weight decay**. At $w = 0$ the absolute value has a kink. The course takes
$\operatorname{sign}(0) = 0$, as NumPy does.

For $W$ from above and $\lambda = \frac1{10}$: $\begin{pmatrix}0.2 & -0.4\\ 0 & 0.6\end{pmatrix}$ for
L2 and $\begin{pmatrix}0.1 & -0.1\\ 0 & 0.1\end{pmatrix}$ for L1.

### Exercise: penalty_grad


`params` is the list of pairs $(W_k, b_k)$ of chapter 04. Return a list of pairs of the same shapes,
so that it can be added to the gradient of the loss. The penalty does not contain the biases; what
is their part of its gradient?
"""

# %% nbgrader={"grade": false, "grade_id": "penalty_grad", "locked": false, "schema_version": 3, "solution": true, "task": false}
def penalty_grad(params, lam, kind):
    """Gradient of lam times the penalty, with respect to every weight and bias.

    Parameters
    ----------
    params : list of L pairs (W, b)
        Shapes (d_k, d_{k-1}) and (d_k,).
    lam : float
    kind : str
        "l2" or "l1"; the slope of |w| at 0 counts as 0.

    Returns
    -------
    list of L pairs (dW, db)
        The shapes of the parameters.
    """
    ### BEGIN SOLUTION
    pairs = []
    for W, b in params:
        dW = 2 * lam * W if kind == "l2" else lam * np.sign(W)
        pairs.append((dW, np.zeros(len(b))))
    return pairs
    ### END SOLUTION

# %%
@first_test
def first_test_penalty_grad():
    for kind in ("l2", "l1"):
        print(f"{kind}, yours\n{penalty_grad([(W_hand, np.ones(2))], 0.1, kind)[0][0]}")
    print(f"by hand\n{np.array([[0.2, -0.4], [0.0, 0.6]])}\n{np.array([[0.1, -0.1], [0.0, 0.1]])}")

# %% nbgrader={"grade": true, "grade_id": "check_penalty_grad", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(penalty_grad)

# %% [markdown]
r"""
### What exactly zero needs

S3 says: *unlike L2, L1 will push certain weights to be exactly 0*. Why should it? Take one weight
whose loss alone would like to have it at $v$, and pay the L1 price $t$:

$$\min_w\ \tfrac12 (w - v)^2 + t\,\lvert w\rvert .$$

For $w > 0$ the slope is $w - v + t$, so the minimum is at $v - t$, if that is positive. For $w < 0$
it is at $v + t$, if that is negative. If $\lvert v\rvert\le t$, neither side has a minimum of its
own: the function falls towards 0 from both sides, and the minimum sits in the kink, at 0 exactly:

$$\operatorname{prox}(v) = \operatorname{sign}(v)\,\max(\lvert v\rvert - t,\ 0).$$

In words: move by $t$ towards 0 and stop there. This is the **soft threshold**. With the squared
penalty $t w^2$ instead, the minimum is $v/(1 + 2t)$: smaller, and never 0.

So the *minimiser* has zeros. Does gradient descent find them?

**Predict.** Three weights would like to be $1$, $0.03$ and $-0.05$; the price is $t = 0.1$. You take
500 steps $w \leftarrow w - 0.07\,(w - v + t\operatorname{sign}(w))$. How many weights are exactly 0
at the end?
"""

# %% tags=["predict"] course={"predict": "zeros_by_sign"}
predict("zeros_by_sign", "...")  # write 0, 1, 2 or 3

# %% [markdown]
r"""
### Exercise: prox_l1


Any shape in, the same shape out, about one line. Entries with $\lvert w\rvert\le t$ become
0, and not merely small.
"""

# %% nbgrader={"grade": false, "grade_id": "prox_l1", "locked": false, "schema_version": 3, "solution": true, "task": false}
def prox_l1(W, t):
    """Move every entry by t towards 0, and stop at 0.

    Parameters
    ----------
    W : ndarray, any shape
    t : float
        Threshold, at least 0.

    Returns
    -------
    ndarray, shape of W
    """
    ### BEGIN SOLUTION
    return np.where(np.abs(W) <= t, 0.0, W - t * np.sign(W))
    ### END SOLUTION

# %%
@first_test
def first_test_prox_l1():
    print("yours  ", prox_l1(W_hand, 1.5))
    print("by hand", np.array([[0.0, -0.5], [0.0, 1.5]]).tolist())

# %% nbgrader={"grade": true, "grade_id": "check_prox_l1", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(prox_l1)

# %% [markdown]
r"""
The two ways side by side. A step of descent on the loss alone, *then* the soft threshold with
$t$ times the step size, is called a **proximal step**:

$$w \leftarrow \operatorname{prox}\bigl(w - \alpha\,(w - v);\ \alpha t\bigr).$$

In words: go downhill on the smooth part, then solve the kinked part exactly.
"""

# %%
target, t_price, step_size = np.array([1.0, 0.03, -0.05]), 0.1, 0.07


def sign_steps(n_steps):
    """History of w under steps along the slope, sign(W) included."""
    history = [np.full(3, 0.3)]
    for _ in range(n_steps):
        w = history[-1]
        slope = w - target + penalty_grad([(w[None, :], np.zeros(1))], t_price, "l1")[0][0][0]
        history.append(w - step_size * slope)
    return np.array(history)


def proximal_steps(n_steps):
    """History of w under a step on the loss alone, then the soft threshold."""
    history = [np.full(3, 0.3)]
    for _ in range(n_steps):
        w = history[-1]
        history.append(prox_l1(w - step_size * (w - target), step_size * t_price))
    return np.array(history)


@when_solved
def figure_exactly_zero():
    by_sign, by_prox = sign_steps(500), proximal_steps(500)
    show = slice(10, 71)
    fig, ax = plots.lines(
        np.arange(501)[show],
        {"second weight, sign steps": by_sign[show, 1], "second weight, proximal": by_prox[show, 1],
         "third weight, sign steps": by_sign[show, 2], "third weight, proximal": by_prox[show, 2]},
        xlabel="step", ylabel="weight", markers=False,
        title="Steps along sign(W) saw back and forth across 0; the soft threshold stops there",
    )
    plots.show(fig)
    predicted("zeros_by_sign",
              f"{(by_sign[-1] == 0).sum()}. The smallest are {np.abs(by_sign[-1][1:])} in size. "
              f"Proximal steps give {(by_prox[-1] == 0).sum()}: {by_prox[-1]}")

# %% [markdown]
r"""
The claim is right for the minimiser, and for an algorithm that solves for it. It is wrong for the
gradient that S3 prints two lines above it, with a fixed step. If you want zeros, use the threshold.

### A penalty is a prior

Where does $\lambda$ come from? One answer: from what you believed before you saw the data. Give
every weight a Gaussian prior with mean 0 and standard deviation $s$, or a Laplacian prior with scale
$s$:

$$p(w) = \frac1{\sqrt{2\pi}\,s}\,e^{-w^2/(2s^2)}\qquad\text{or}\qquad
p(w) = \frac1{2s}\,e^{-\lvert w\rvert/s}.$$

In words: small weights are likely, large ones are not; the Laplacian has a peak at 0 and longer
tails. The most probable weights given the data maximise *likelihood times prior*. Take the negative
logarithm and divide by $T$, and the L2 or the L1 penalty appears, with

$$\lambda = \frac1{2 s^2 T}\qquad\text{or}\qquad \lambda = \frac1{s\,T}.$$

In words: a broad prior charges little, and the more data you have, the less the prior counts.
For $s = 2$ and $T = 5$ that is $\frac1{40}$ or $\frac1{10}$.
"""

# %% [markdown]
r"""
### Derivation A · From prior to price  *(on paper, 8 minutes, 3 points, read by a person)*

Let the training examples be independent given the weights, with $-\log p(y_t\mid x_t, W) = \ell_t$,
and let all weights be independent under the prior. Start from
$p(W\mid\text{data})\propto\prod_t p(y_t\mid x_t, W)\,\prod_{ij} p(W_{ij})$ and derive both formulas
for $\lambda$. Say where the factor $1/T$ comes from, and what becomes of $1/(\sqrt{2\pi}s)$ and
$1/(2s)$.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_prior", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
Take the negative logarithm of the posterior; products become sums:
$$-\log p(W\mid\text{data}) = \sum_t \ell_t + \sum_{ij}\bigl(-\log p(W_{ij})\bigr) + \text{const}.$$

**Gaussian.** $-\log p(w) = w^2/(2s^2) + \log(\sqrt{2\pi}s)$; the second term does not depend on $w$.
So the sum is $\sum_t\ell_t + \frac1{2s^2}\Omega_{\mathrm{L2}}$ plus constants. Dividing by $T$ turns
the sum of losses into the mean and does not move the minimum: $\lambda = 1/(2s^2T)$.

**Laplacian.** $-\log p(w) = \lvert w\rvert/s + \log(2s)$, and in the same way $\lambda = 1/(sT)$.

The $1/T$ comes from the mean: the risk was divided by $T$, so the prior's term is, too. The
normalising factors add constants, which have no gradient.

=== BEGIN MARK SCHEME ===
- 1 point: negative logarithm of likelihood times prior, as a sum.
- 1 point: both exponents, the 2 with the Gaussian only.
- 0.5 point: where $1/T$ comes from. 0.5 point: normalising factors are constants.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Exercise: prior_to_lambda


`kind` is `"gauss"` or `"laplace"`, `scale` is $s$ of the formulas above (for the Laplacian prior
that is not its standard deviation), `T` the number of examples. Return a float.
"""

# %% nbgrader={"grade": false, "grade_id": "prior_to_lambda", "locked": false, "schema_version": 3, "solution": true, "task": false}
def prior_to_lambda(scale, T, kind):
    """Price lam that belongs to a prior over the weights, for a mean loss over T examples.

    Parameters
    ----------
    scale : float
        s: standard deviation of the Gaussian, or scale of the Laplacian prior.
    T : int
        Number of training examples.
    kind : str
        "gauss" or "laplace".

    Returns
    -------
    float
    """
    ### BEGIN SOLUTION
    exponent = 1 / (2 * scale**2) if kind == "gauss" else 1 / scale
    return exponent / T
    ### END SOLUTION

# %%
@first_test
def first_test_prior_to_lambda():
    print("yours  ", prior_to_lambda(2.0, 5, "gauss"), prior_to_lambda(2.0, 5, "laplace"))
    print("by hand", 1 / 40, 1 / 10)

# %% nbgrader={"grade": true, "grade_id": "check_prior_to_lambda", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(prior_to_lambda)

# %% [markdown]
r"""
## Where to start

Training needs a first value for every parameter. Biases start at 0, S3 says, and that is fine. What
about weights?

**Predict.** A tanh network with softmax output starts with *all* weights and biases at 0. You compute
the gradient for one example. Which of its parts are not 0?
"""

# %% tags=["predict"] course={"predict": "zero_start"}
predict("zero_start", "...")  # write "none", "output bias", "output weights" or "all"

# %% [markdown]
r"""
### What a start does to the first gradient

Go through the layers. With $W_k = 0$ and $b_k = 0$ all pre-activations are 0, and so are all hidden
activations, because $\tanh 0 = 0$. Now backwards. The logits get $\delta_L = p - e_y$. The output
weights get $\delta_L h^\top = 0$, because $h = 0$. The layer below gets
$W_L^\top\delta_L = 0$, because $W_L = 0$; and so on down. One part is left, the output bias:

$$\frac{\partial\ell}{\partial b_L} = p - e_y,\qquad \frac{\partial\ell}{\partial W_k} = 0
\ \text{ for all } k .$$

In words: the network can learn how frequent the classes are, and nothing else. Not one weight moves.

What if all weights have the same value, but not 0? Then all units of a hidden layer compute the same
number and get the same gradient, so they stay twins for ever, however long you train. Fifty units do
the work of one. S3 says that you need to **break the symmetry**.

### By hand

Two inputs $x = (1, 2)$, two hidden tanh units, two classes, $y = 0$. Everything starts at 0, so
$h = (0, 0)$ and $p = (\frac12, \frac12)$:

$$\frac{\partial\ell}{\partial b_2} = \begin{pmatrix}-\frac12\\ \frac12\end{pmatrix},\qquad
\frac{\partial\ell}{\partial W_2} = \begin{pmatrix}0 & 0\\ 0 & 0\end{pmatrix},\qquad
\frac{\partial\ell}{\partial W_1} = \begin{pmatrix}0 & 0\\ 0 & 0\end{pmatrix}.$$
"""

# %% [markdown]
r"""
### Derivation B · Twins stay twins  *(on paper, 12 minutes, 4 points, read by a person)*

Take one hidden layer, $z = W_2\,\varphi(W_1 x + b_1) + b_2$ with the loss of chapter 04.

1. The rows of $W_1$ are all equal to $w^\top$, the entries of $b_1$ are all equal, and the columns
   of $W_2$ are all equal to a vector $v$. Show that all rows of $\partial\ell/\partial W_1$ are equal,
   that all columns of $\partial\ell/\partial W_2$ are equal, and that this is still true after any
   number of steps of gradient descent.
2. Now let *all* entries of $W_2$ be one number $c$. Show that $\partial\ell/\partial W_1 = 0$ at the
   first step, whatever $c$ is.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_twins", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
**1.** All hidden units have the same pre-activation $a = w^\top x + \beta$ and activation
$\varphi(a)$. Backwards, unit $j$ receives $\sum_k (W_2)_{kj}(p - e_y)_k = v^\top(p - e_y)$, which does
not depend on $j$, and its slope $\varphi'(a)$ does not either. So $\delta_j$ is one number $\delta$
for all units: every row of $\partial\ell/\partial W_1$ is $\delta\,x^\top$, and every entry of
$\partial\ell/\partial b_1$ is $\delta$. Column $j$ of $\partial\ell/\partial W_2$ is
$(p - e_y)\varphi(a)$, the same for all $j$. A step adds equal amounts to equal numbers: rows, entries
and columns stay equal, and the argument repeats. Sums over a batch change nothing.

**2.** Then $v = c\,\mathbf 1$, and $v^\top(p - e_y) = c\,(1 - 1) = 0$, because $p$ and $e_y$ both sum
to 1. So $\delta = 0$.

=== BEGIN MARK SCHEME ===
- 1 point: equal pre-activations and activations for all units.
- 1 point: equal deltas, hence equal rows of the first and equal columns of the second gradient.
- 1 point: induction over the steps (also in words).
- 1 point: part 2, with the reason that $p - e_y$ sums to 0.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
**Bring your chapter 04 along.** The next exercise and the finale use your own `mlp_forward` and
`mlp_backprop`. Paste them into the two cells below. They are not graded here, but exercise 8.5
calls them, and grading does not lend you the course's own.
"""

# %% nbgrader={"grade": false, "grade_id": "bring_mlp_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mlp_forward(params, acts, X):
    """Chapter 04: (zs, hs); zs[-1] are the logits, hs[0] = X, hs[-1] the probabilities."""
    ### BEGIN SOLUTION
    functions = {"tanh": np.tanh, "sigmoid": lambda z: np.exp(-np.logaddexp(0.0, -z)),
                 "softplus": lambda z: np.logaddexp(0.0, z),
                 "relu": lambda z: np.maximum(z, 0.0), "linear": lambda z: z}
    zs, hs = [], [X]
    for (W, b), name in zip(params, [*acts, "softmax"], strict=True):
        z = hs[-1] @ W.T + b
        zs.append(z)
        if name == "softmax":
            e = np.exp(z - z.max(axis=1, keepdims=True))
            hs.append(e / e.sum(axis=1, keepdims=True))
        else:
            hs.append(functions[name](z))
    return zs, hs
    ### END SOLUTION

# %% nbgrader={"grade": false, "grade_id": "bring_mlp_backprop", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mlp_backprop(params, acts, X, y):
    """Chapter 04: list of pairs (dW, db), the gradient of the mean negative log-likelihood."""
    ### BEGIN SOLUTION
    slopes = {"tanh": lambda h: 1 - h**2, "sigmoid": lambda h: h * (1 - h),
              "softplus": lambda h: -np.expm1(-h), "relu": lambda h: (h > 0).astype(float),
              "linear": np.ones_like}
    _, hs = mlp_forward(params, acts, X)
    delta = hs[-1].copy()
    delta[np.arange(len(y)), y] -= 1
    delta /= len(y)
    grads = []
    for k in reversed(range(len(params))):
        grads.append((delta.T @ hs[k], delta.sum(axis=0)))
        if k > 0:
            delta = (delta @ params[k][0]) * slopes[acts[k - 1]](hs[k])
    return grads[::-1]
    ### END SOLUTION

# %% [markdown]
r"""
### Exercise: init_diagnosis


Call your `mlp_backprop` once and answer three questions with `True` or `False`:

1. **rows**: in *every* hidden layer, are all rows of `dW` identical?
2. **weights**: are *all* weight gradients zero, those of the output layer included?
3. **bias**: is the gradient of the output bias zero?

Numbers that cancel on paper leave $10^{-17}$ in a computer. Count anything up to $10^{-12}$ in
absolute value as zero.
"""

# %% nbgrader={"grade": false, "grade_id": "init_diagnosis", "locked": false, "schema_version": 3, "solution": true, "task": false}
def init_diagnosis(params, acts, X, y):
    """What the first gradient of the mean loss looks like at a start.

    Parameters
    ----------
    params : list of L pairs (W, b), L >= 2
    acts : list of L-1 str
        Names of the hidden activations.
    X : ndarray, shape (N, d)
    y : ndarray of int, shape (N,)

    Returns
    -------
    rows, weights, bias : bool
        Hidden gradient rows identical? All weight gradients zero? Output-bias gradient zero?
        Differences up to 1e-12 count as rounding.
    """
    ### BEGIN SOLUTION
    grads = mlp_backprop(params, acts, X, y)
    spreads = [np.ptp(dW, axis=0).max() for dW, _ in grads[:-1]]
    sizes = [np.abs(dW).max() for dW, _ in grads]
    bias = np.abs(grads[-1][1]).max()
    return max(spreads) <= 1e-12, max(sizes) <= 1e-12, bias <= 1e-12
    ### END SOLUTION

# %%
@first_test
def first_test_init_diagnosis():
    zeros = [(np.zeros((2, 2)), np.zeros(2)), (np.zeros((2, 2)), np.zeros(2))]
    x, y = np.array([[1.0, 2.0]]), np.array([0])
    print("yours  ", *init_diagnosis(zeros, ["tanh"], x, y))
    print("by hand", True, True, False)

# %% nbgrader={"grade": true, "grade_id": "check_init_diagnosis", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(init_diagnosis)

# %%
def start(kind, dims, rng):
    """Parameters of a start of a network with one hidden layer; biases 0."""
    d, h, K = dims
    W1, W2 = {
        "zero": (np.zeros((h, d)), np.zeros((K, h))),
        "one value": (np.full((h, d), 0.1), np.full((K, h), 0.1)),
        "twins": (np.full((h, d), 0.1), np.repeat(rng.normal(0, 0.1, (K, 1)), h, axis=1)),
        "random": (rng.normal(0, 0.1, (h, d)), rng.normal(0, 0.1, (K, h))),
    }[kind]
    return [(W1, np.zeros(h)), (W2, np.zeros(K))]


@when_solved
def diagnose_starts():
    X_train, y_train, *_ = load_digits()
    X, y = X_train[:200], y_train[:200]
    print("start       rows equal   weights zero   output bias zero   rank of W1 after 20 steps")
    for kind in ("zero", "one value", "twins", "random"):
        params = start(kind, (64, 20, 10), np.random.default_rng(8))
        verdict = init_diagnosis(params, ["tanh"], X, y)
        for _ in range(20):
            grads = mlp_backprop(params, ["tanh"], X, y)
            params = [(W - 0.5 * dW, b - 0.5 * db)
                      for (W, b), (dW, db) in zip(params, grads, strict=True)]
        rank = np.linalg.matrix_rank(params[0][0], tol=1e-9)
        print(f"{kind:11} {str(verdict[0]):12} {str(verdict[1]):14} {str(verdict[2]):18} {rank}")
    zeros = [(np.zeros((2, 2)), np.zeros(2)), (np.zeros((2, 2)), np.zeros(2))]
    g = mlp_backprop(zeros, ["tanh"], np.array([[1.0, 2.0]]), np.array([0]))
    predicted("zero_start", f"the output bias alone: {g[1][1]}. All weight gradients are 0")

# %% [markdown]
r"""
Read the last column. A rank of 1 means that all 20 units still point in one direction: twenty units,
one idea. Only the random start uses its width.

### A random start of the right size

So draw the weights at random around 0. How far around? If they are too small, the signal shrinks
from layer to layer until nothing arrives; if they are too large, tanh saturates: most units sit near $-1$ or 1
and hardly respond to their inputs.

Compute what keeps a signal at its size. Near 0, $\tanh a\approx a$, so with $n_{\mathrm{in}}$ independent
inputs of mean 0 and variance $v$ a unit has variance $n_{\mathrm{in}}\operatorname{Var}(w)\,v$. To keep $v$ you want
$\operatorname{Var}(w) = 1/n_{\mathrm{in}}$. Gradients come back through the transposed matrix, and
the same argument asks for $1/n_{\mathrm{out}}$. Glorot and Bengio settled for the middle:

$$W_{ij}\sim U[-r, r],\qquad r = \frac{\sqrt6}{\sqrt{n_{\mathrm{out}} + n_{\mathrm{in}}}}.$$

In words: uniform around 0, the wider the layer the narrower the interval. Since
$\operatorname{Var} U[-r, r] = r^2/3$, this is the variance
$2/(n_{\mathrm{out}} + n_{\mathrm{in}})$. For 4 inputs and 2 outputs, $r = \sqrt{6/6} = 1$.

It is a recipe, not a law: it assumes independent inputs and units near 0. S3 says the same: other
bounds can work well, this is not an exact science.
"""

# %% [markdown]
r"""
### Exercise: glorot_uniform


Shape `(n_out, n_in)`, as the weights of a layer. Draw from the `rng` that you are given, and from
nothing else; every entry for itself.
"""

# %% nbgrader={"grade": false, "grade_id": "glorot_uniform", "locked": false, "schema_version": 3, "solution": true, "task": false}
def glorot_uniform(n_out, n_in, rng):
    """Draw the starting weights of one layer.

    Parameters
    ----------
    n_out, n_in : int
        Units of this layer and of the layer below.
    rng : numpy.random.Generator
        Source of all random numbers.

    Returns
    -------
    ndarray, shape (n_out, n_in)
        Independent draws from U[-r, r], r = sqrt(6 / (n_out + n_in)).
    """
    ### BEGIN SOLUTION
    r = np.sqrt(6 / (n_out + n_in))
    return r * (2 * rng.random((n_out, n_in)) - 1)
    ### END SOLUTION

# %%
@first_test
def first_test_glorot_uniform():
    W = glorot_uniform(60, 20, np.random.default_rng(1))
    print(f"largest entry {np.abs(W).max():.4f}, bound {np.sqrt(6 / 80):.4f}")
    print(f"variance      {W.var():.5f}, 2 / (n_out + n_in) = {2 / 80:.5f}")

# %% nbgrader={"grade": true, "grade_id": "check_glorot_uniform", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(glorot_uniform)

# %%
@when_solved
def figure_start_size():
    X = np.random.default_rng(2).standard_normal((300, 100))
    depth, spread, shrink, grow = 10, {}, {}, {}
    for name, factor in (("Glorot", 1.0), ("a third of it", 1 / 3), ("four times it", 4.0)):
        rng, H, sizes = np.random.default_rng(3), X, []
        back = np.random.default_rng(4).standard_normal((300, 100))
        Ws = [factor * glorot_uniform(100, 100, rng) for _ in range(depth)]
        Hs = []
        for W in Ws:
            H = np.tanh(H @ W.T)
            Hs.append(H)
        for W, H in zip(Ws[::-1], Hs[::-1], strict=True):
            sizes.append(back.std())
            back = (back * (1 - H**2)) @ W
        spread[name] = np.array(sizes[::-1])
        shrink[name] = np.sqrt(np.mean([(1 - H**2) ** 2 for H in Hs]))
        grow[name] = np.sqrt(100 * np.mean([W.var() for W in Ws]))
    fig, ax = plots.lines(
        np.arange(1, depth + 1), spread, xlabel="layer", ylabel="size of the gradient that arrives",
        yscale="log",
        title="Started too small, the gradient fades on its way down; at Glorot's size it survives",
    )
    plots.show(fig)
    for name, sizes in spread.items():
        print(f"{name:14} layer 1 receives {sizes[0]:.2g} of what layer 10 got; per layer: slope "
              f"{shrink[name]:.2f}, weights {grow[name]:.2f}")

# %% [markdown]
r"""
The last line may surprise you: saturated units have small slopes, and yet the gradient *grows*. On its
way down it is multiplied by the slope in every layer, which shrinks it, and by $W^\top$, which changes
its size by a factor of about $\sqrt{n\operatorname{Var}(w)}$. At four times Glorot's size the second
factor is about 4 and the typical (root-mean-square) slope about 0.4, so the product is above 1 and the
gradient grows, layer by layer.
"""

# %% [markdown]
r"""
## Bias and variance, measured

Train the same kind of model on many different training sets. Two things can go wrong.

- **Bias**: the *average* model is off. The family is too stiff for the truth.
- **Variance**: the models differ wildly from set to set. The family is so flexible that it follows
  the accidents of its training set.

In formulas, for a training set $D$ and the model $f_D$ that it gives,

$$\text{bias}^2(x) = \bigl(\mathbb{E}_D f_D(x) - f(x)\bigr)^2,\qquad
\text{variance}(x) = \mathbb{E}_D\bigl(f_D(x) - \mathbb{E}_D f_D(x)\bigr)^2 .$$

In words: how far the average prediction is from the truth, and how far single predictions are from
their average. Both are averaged over $x$ in the end.

### By hand

Two training sets, two inputs. The models predict $(1, 4)$ and $(3, 4)$; the truth is $(2, 5)$. The
average model is $(2, 4)$. Squared bias: $0$ and $1$, mean $\frac12$. Variance: $1$ and $0$, mean
$\frac12$.
"""

# %% [markdown]
r"""
### Derivation C · Three terms  *(on paper, 12 minutes, 3 points, read by a person)*

A new observation at $x$ is $y = f(x) + \varepsilon$, where the noise $\varepsilon$ has mean 0,
variance $\sigma^2$, and is independent of the training set. Show that

$$\mathbb{E}\,(y - f_D(x))^2 = \text{bias}^2(x) + \text{variance}(x) + \sigma^2 ,$$

where the expectation is over $D$ and $\varepsilon$. Mark where you use the independence, and where
you use that the loss is a square.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_decomposition", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
Write $m = \mathbb{E}_D f_D(x)$ and insert it:
$$y - f_D = \varepsilon + (f - m) + (m - f_D).$$
Square and take expectations. The squares give $\sigma^2$, $(f - m)^2 = \text{bias}^2$ (a constant) and
$\mathbb{E}(m - f_D)^2 = \text{variance}$. The mixed terms vanish:

- $2\,\mathbb{E}[\varepsilon]\,(f - m) = 0$, since $\varepsilon$ has mean 0;
- $2\,(f - m)\,\mathbb{E}[m - f_D] = 0$, since $m$ is the mean of $f_D$;
- $2\,\mathbb{E}[\varepsilon\,(m - f_D)] = 2\,\mathbb{E}[\varepsilon]\,\mathbb{E}[m - f_D] = 0$, by
  independence of the new noise and the training set.

The square is used when the product is expanded: for another loss there is no such sum.

=== BEGIN MARK SCHEME ===
- 1 point: the right insertion, three terms.
- 1.5 points: the three mixed terms, 0.5 each with its reason; independence named.
- 0.5 point: only for the squared loss.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Exercise: bias2_variance


Row $s$ of `preds` holds the predictions of the model trained on set $s$; `truth` holds $f$ at the
same inputs. Return the mean squared bias and the mean variance over the inputs. The variance divides
by $S$ (NumPy's default). Subtract before you square: a difference of two large squares has no digits
left.
"""

# %% nbgrader={"grade": false, "grade_id": "bias2_variance", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bias2_variance(preds, truth):
    """Mean squared bias and mean variance of a model, over its inputs.

    Parameters
    ----------
    preds : ndarray, shape (S, n)
        Predictions of the models from S training sets at n inputs.
    truth : ndarray, shape (n,)

    Returns
    -------
    bias2, variance : float
    """
    ### BEGIN SOLUTION
    average = preds.sum(axis=0) / len(preds)
    bias2 = ((average - truth) ** 2).sum() / len(truth)
    return bias2, ((preds - average) ** 2).sum() / preds.size
    ### END SOLUTION

# %%
@first_test
def first_test_bias2_variance():
    print("yours  ", *bias2_variance(np.array([[1.0, 4.0], [3.0, 4.0]]), np.array([2.0, 5.0])))
    print("by hand", 0.5, 0.5)

# %% nbgrader={"grade": true, "grade_id": "check_bias2_variance", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(bias2_variance)

# %% [markdown]
r"""
Now measure it. The truth is a wave, $f(x) = \sin 3x$; a training set has 20 noisy points of it,
$\sigma = 0.3$; the models are polynomials of growing degree. For each degree, 400 training sets.

**Predict.** Which degree between 0 and 10 will have the smallest error on new data?
"""

# %% tags=["predict"] course={"predict": "best_degree"}
predict("best_degree", "...")  # write a number from 0 to 10

# %%
sigma, degrees = 0.3, np.arange(11)


def wave(x):
    return np.sin(3 * x)


def predictions(degree, n_sets, rng, n_points=20):
    """Fit a polynomial to each of many training sets; its values on a grid, shape (n_sets, 50)."""
    grid, x, preds = np.linspace(-1, 1, 50), np.linspace(-1, 1, n_points), []
    for _ in range(n_sets):
        y = wave(x) + sigma * rng.standard_normal(n_points)
        fit = np.polynomial.Polynomial.fit(x, y, degree, domain=[-1, 1])
        preds.append(fit(grid))
    return np.array(preds), wave(grid)


@when_solved
def figure_bias_variance():
    rng, S = np.random.default_rng(8), 400
    parts, measured = [], []
    for degree in degrees:
        preds, truth = predictions(degree, S, rng)
        parts.append(bias2_variance(preds, truth))
        new = truth + sigma * rng.standard_normal(preds.shape)
        measured.append(np.mean((new - preds) ** 2))
    bias2, variance = np.array(parts).T
    fig, ax = plots.lines(
        degrees, {"squared bias, measured": bias2, "its floor, variance / S": variance / S,
                  "variance": variance, "noise": np.full(len(degrees), sigma**2),
                  "sum of the three": bias2 + variance + sigma**2,
                  "error on new data, measured": np.array(measured)},
        xlabel="degree of the polynomial", ylabel="squared error", yscale="log",
        title="Bias falls to a floor, variance rises; the error on new data is their sum plus noise",
    )
    plots.show(fig)
    x, grid = np.linspace(-1, 1, 20), np.linspace(-1, 1, 50)
    for degree in (3, 5, 8):
        average = np.polynomial.Polynomial.fit(x, wave(x), degree, domain=[-1, 1])(grid)
        print(f"degree {degree}: squared bias measured {bias2[degree]:.1e}, floor "
              f"{variance[degree] / S:.1e}, true {np.mean((average - wave(grid)) ** 2):.1e}")
    best = int(np.argmin(measured))
    predicted("best_degree", f"degree {best}: error {measured[best]:.3f}, of which bias "
              f"{bias2[best]:.3f}, variance {variance[best]:.3f}, noise {sigma**2:.3f}")

# %% [markdown]
r"""
Why does the measured bias not fall further? The average of $S$ models is itself a little random: it
scatters around $\mathbb{E}_D f_D$ with variance $\text{variance}/S$, and on average that much is added
to what you measure. Even a model without any bias shows this **floor**, and from degree 5 on you see hardly anything
else. A least-squares fit is linear in $y$, so its average over *all* training sets is the fit to the
points without noise. That gives the true squared bias in the last column, and it goes on falling.

No degree gets below the noise: that part of the error is in the data, and no model can remove it.
A penalty turns the same knob without steps: more $\lambda$ means more bias and less variance. You
will not know the truth in practice, so you cannot compute this figure. What you can compute is its
last curve. For that you need data that training has not touched.
"""

# %% [markdown]
r"""
## Three sets, three jobs

| Set | Its job | How often you may look |
|---|---|---|
| **training** | gives the gradients | at every step |
| **validation** | chooses hyper-parameters, says when to stop | at every decision |
| **test** | estimates the error on new examples | once, at the end |

A set that takes part in a decision is no longer unseen: the decision prefers what happens to look
good on it. That is why there are three.

An example belongs to one set only, and chance decides which. Files are often sorted: by class, by
writer, by date. A split without shuffling then trains on some classes and tests on others.

### Exercise: split


Give three arrays of indices: shuffle $0, \dots, n-1$ once with `rng`, then cut twice. The sizes are
`round(f * n)` for the three fractions, which sum to 1. (They are chosen such that the rounded sizes
add up to $n$.) The order inside a set does not matter.
"""

# %% nbgrader={"grade": false, "grade_id": "split", "locked": false, "schema_version": 3, "solution": true, "task": false}
def split(n, fracs, rng):
    """Deal n examples out to a training, a validation and a test set.

    Parameters
    ----------
    n : int
    fracs : three floats
        Shares of the three sets; they sum to 1, and the sizes round(f * n) sum to n.
    rng : numpy.random.Generator

    Returns
    -------
    train, valid, test : ndarray of int
        Together every index 0..n-1 exactly once.
    """
    ### BEGIN SOLUTION
    order = rng.permutation(n)
    first = round(fracs[0] * n)
    second = first + round(fracs[1] * n)
    return order[:first], order[first:second], order[second:]
    ### END SOLUTION

# %%
@first_test
def first_test_split():
    parts = split(10, (0.5, 0.3, 0.2), np.random.default_rng(4))
    print("yours   ", [len(part) for part in parts], "all:", sorted(np.concatenate(parts).tolist()))
    print("expected", [5, 3, 2], "all:", list(range(10)))

# %% nbgrader={"grade": true, "grade_id": "check_split", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(split)

# %% [markdown]
r"""
### The error you report

You train on the negative log-likelihood, because it has a gradient. You report what people ask for:
the share of wrong answers,

$$E = \frac1n\sum_{i=1}^n \mathbb{1}\bigl\{\arg\max_k F_{ik}\ne y_i\bigr\}.$$

In words: for each example, is the largest logit not the label's? How many of $n$?

This number is measured on $n$ examples, so it is uncertain. If the true error is $E$, the number of
mistakes in $n$ independent examples is binomial, and the standard error of the share is
$\sqrt{E(1 - E)/n}$. With 10 mistakes in 400, that is $2.5\,\% \pm 0.8\,\%$. The second decimal of an
accuracy on 400 examples means nothing.

### Exercise: zero_one_error


Logits of shape `(N, K)` and labels in; one float between 0 and 1 out. Of equal logits the first
counts, as in chapter 03.
"""

# %% nbgrader={"grade": false, "grade_id": "zero_one_error", "locked": false, "schema_version": 3, "solution": true, "task": false}
def zero_one_error(F, y):
    """Share of examples that are classified wrongly.

    Parameters
    ----------
    F : ndarray, shape (N, K)
        Logits; the first of ties is the choice.
    y : ndarray of int, shape (N,)

    Returns
    -------
    float
    """
    ### BEGIN SOLUTION
    return float((np.argmax(F, axis=1) != y).mean())
    ### END SOLUTION

# %%
@first_test
def first_test_zero_one_error():
    F = np.array([[2.0, 1.0], [0.0, 3.0], [1.0, 0.0], [0.5, 0.7]])
    print("yours  ", zero_one_error(F, np.array([0, 1, 1, 0])))
    print("by hand", 2 / 4)

# %% nbgrader={"grade": true, "grade_id": "check_zero_one_error", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(zero_one_error)

# %% [markdown]
r"""
### Knowing when to stop

The number of passes over the training data is a hyper-parameter as well, and the cheapest one to
choose: train once, watch the validation error after each pass, and keep the best parameters you have
seen. The curve is noisy, so do not stop at the first increase. Wait a number of epochs, the
**patience**, for a new best; S3 calls that *some look ahead*.

By hand: validation errors $5, 3, 4, 2, 3, 3, 1$ and patience 2. Epoch 1 is a new best, epoch 2 is
not, epoch 3 is. Epochs 4 and 5 are not: at epoch 5, two epochs have passed since the best one. Stop.
The result is $(3, 5)$; that epoch 6 would have been better still, nobody will ever know.

### Exercise: early_stopping


Epochs are counted from 0. An improvement is *strictly* smaller than the best so far. Stop at the
first epoch with `epoch - best == patience`; if that never happens, the last epoch is the stop.
Return two whole numbers, and never look at an epoch after the stop.
"""

# %% nbgrader={"grade": false, "grade_id": "early_stopping", "locked": false, "schema_version": 3, "solution": true, "task": false}
def early_stopping(val, patience):
    """Follow a validation curve, and stop when it has not improved for a while.

    Parameters
    ----------
    val : ndarray, shape (n_epochs,)
        Validation error after each epoch.
    patience : int, at least 1
        Epochs to wait for a strict improvement.

    Returns
    -------
    best, stop : int
        The epoch whose parameters are kept, and the last epoch that was run.
    """
    ### BEGIN SOLUTION
    best = 0
    for epoch in range(len(val)):
        if val[epoch] < val[best]:
            best = epoch
        if epoch - best == patience:
            return best, epoch
    return best, len(val) - 1
    ### END SOLUTION

# %%
@first_test
def first_test_early_stopping():
    print("yours  ", early_stopping(np.array([5.0, 3.0, 4.0, 2.0, 3.0, 3.0, 1.0]), 2))
    print("by hand", (3, 5))

# %% nbgrader={"grade": true, "grade_id": "check_early_stopping", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(early_stopping)

# %% [markdown]
r"""
## Choosing hyper-parameters

Width, learning rate, $\lambda$: no gradient chooses these. You try several **configurations** and
compare them on the validation set. Which ones do you try?

### Every combination

The **grid search**: for each hyper-parameter a list of values, and every combination is tried. With
3 rates and 5 values of $\lambda$ that is 15 runs. With four hyper-parameters of five values each it
is 625.

### Exercise: grid_configs


`grid` is a dict from names to lists of values; the values may be numbers or texts. Return a list of
dicts, one per combination, in any order. Hand the values through as they are: a width of 16 is not
16.0.
"""

# %% nbgrader={"grade": false, "grade_id": "grid_configs", "locked": false, "schema_version": 3, "solution": true, "task": false}
def grid_configs(grid):
    """List all combinations of the values of each hyper-parameter.

    Parameters
    ----------
    grid : dict of str to list

    Returns
    -------
    list of dict
        One dict per combination, with the names of the grid.
    """
    ### BEGIN SOLUTION
    configs = [{}]
    for name, values in grid.items():
        configs = [{**config, name: value} for config in configs for value in values]
    return configs
    ### END SOLUTION

# %%
@first_test
def first_test_grid_configs():
    for config in grid_configs({"rate": [0.1, 0.3], "kind": ["l1", "l2"]}):
        print(config)

# %% nbgrader={"grade": true, "grade_id": "check_grid_configs", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(grid_configs)

# %% [markdown]
r"""
### Random search

Or draw every hyper-parameter at random, independently, from a distribution: for example uniform in
a range. **Random search** costs as many runs as you like, and no two runs have the same rate.

For a rate or a price, equal *factors* matter, not equal differences. So the ranges below are those
of the logarithm, and the code that uses a configuration takes the power of ten.

### Exercise: random_configs


`space` is a dict from names to pairs `(low, high)`. Return a list of `n` dicts of floats, each value
uniform in its range, all values independent, all from `rng`.
"""

# %% nbgrader={"grade": false, "grade_id": "random_configs", "locked": false, "schema_version": 3, "solution": true, "task": false}
def random_configs(space, n, rng):
    """Draw n configurations.

    Parameters
    ----------
    space : dict of str to (low, high)
    n : int
    rng : numpy.random.Generator

    Returns
    -------
    list of n dicts of str to float
        Uniform in [low, high), independent of each other.
    """
    ### BEGIN SOLUTION
    return [{name: float(low + (high - low) * rng.random())
             for name, (low, high) in space.items()} for _ in range(n)]
    ### END SOLUTION

# %%
@first_test
def first_test_random_configs():
    space = {"log_rate": (-2.0, 0.0), "log_lam": (-5.0, -1.0)}
    for config in random_configs(space, 3, np.random.default_rng(1)):
        print({name: round(value, 3) for name, value in config.items()})

# %% nbgrader={"grade": true, "grade_id": "check_random_configs", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(random_configs)

# %% [markdown]
r"""
**Predict.** Nine runs, two hyper-parameters. How many different learning rates does a $3\times3$ grid
try, and how many does random search?
"""

# %% tags=["predict"] course={"predict": "how_many_rates"}
predict("how_many_rates", "...")  # write two numbers, for example "9 and 3"

# %%
@when_solved
def figure_grid_random():
    grid = grid_configs({"log_rate": [-1.9, -1.0, -0.1], "log_lam": [-4.5, -3.0, -1.5]})
    cloud = random_configs({"log_rate": (-2.0, 0.0), "log_lam": (-5.0, -1.0)}, 9,
                           np.random.default_rng(12))
    points = {name: np.array([[c["log_rate"], c["log_lam"]] for c in configs])
              for name, configs in (("grid", grid), ("random", cloud))}
    rate = np.linspace(-2, 0, 201)
    fig, ax = plots.lines(
        rate, {"validation error (made up)": 1 - 0.8 * np.exp(-((rate + 0.55) / 0.22) ** 2)},
        xlabel="log10 of the learning rate", ylabel="error", markers=False,
        title="If one hyper-parameter matters most, a grid wastes runs: 3 rates tried, not 9",
        alt="A made-up validation error as a function of the learning rate alone, with one narrow "
            "valley between -0.9 and -0.2. Below it the rates that were tried, as powers of ten. "
            + " ".join(f"{name}: {', '.join(f'{r:.2f}' for r in np.unique(xy[:, 0]))}."
                       for name, xy in points.items()),
    )
    for (name, xy), height, marker in zip(points.items(), (0.12, 0.04), "sD", strict=True):
        ax.plot(xy[:, 0], np.full(9, height), marker, label=f"{name}: rates tried", alpha=0.8,
                color=plots.COLOURS[6 if name == "grid" else 1], linestyle="none")
    ax.set_ylim(0, 1.5)
    ax.legend(loc="upper left")
    plots.show(fig)
    counts = {name: len(np.unique(xy[:, 0])) for name, xy in points.items()}
    predicted("how_many_rates", f"{counts['grid']} and {counts['random']}")

# %% [markdown]
r"""
### Choose by validation

Train every configuration on the training set, measure it on the validation set, take the smallest
error. One trap: a run with too large a rate may diverge and report NaN, "not a number". Every
comparison with NaN is false, and `np.argmin` returns the position of the first NaN.

When you know where the good values are, you can go back and **refine**: a finer grid, or narrower
ranges, around the best configuration.

### Exercise: select_best


Return the index of the smallest error, the first of ties. NaN never wins. At least one entry is a
number.
"""

# %% nbgrader={"grade": false, "grade_id": "select_best", "locked": false, "schema_version": 3, "solution": true, "task": false}
def select_best(val_errors):
    """Index of the smallest validation error.

    Parameters
    ----------
    val_errors : ndarray, shape (n,)
        NaN for runs that diverged; not all are NaN.

    Returns
    -------
    int
    """
    ### BEGIN SOLUTION
    return int(np.nanargmin(val_errors))
    ### END SOLUTION

# %%
@first_test
def first_test_select_best():
    errors = np.array([0.30, np.nan, 0.21, 0.25])
    print("yours", select_best(errors), "  by hand", 2, "  np.argmin", np.argmin(errors))

# %% nbgrader={"grade": true, "grade_id": "check_select_best", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(select_best)

# %% [markdown]
r"""
## Finale: digits, honestly

All your functions at once, on the 1,797 handwritten digits. The plan, fixed before the first run:

1. `split` the data: 60 % training, 15 % validation, 25 % test. Put the test set aside.
2. Draw 20 configurations (`random_configs`): learning rate, $\lambda$ and width.
3. Train each: start with `glorot_uniform`, mini-batches of 32, gradient from `mlp_backprop` plus
   `penalty_grad`; stop with `early_stopping` on the validation loss.
4. `select_best` by `zero_one_error` on the validation set. Refine once, with 10 configurations near
   the winner.
5. Report the test error, once.
"""

# %%
def load_split(seed):
    """All digits, dealt out anew: {"train": (X, y), "valid": (X, y), "test": (X, y)}."""
    parts = load_digits()
    X, y = np.concatenate(parts[0::2]), np.concatenate(parts[1::2])
    sets = split(len(y), (0.60, 0.15, 0.25), np.random.default_rng(seed))
    return {name: (X[i], y[i]) for name, i in zip(("train", "valid", "test"), sets, strict=True)}


def logits(params, X):
    return mlp_forward(params, ["tanh"], X)[0][-1]


def losses(F, y):
    """Negative log-likelihood of each example."""
    F = F - F.max(axis=1, keepdims=True)
    return np.log(np.exp(F).sum(axis=1)) - F[np.arange(len(y)), y]


def one_pass(params, config, X, y, rng):
    """One pass of stochastic gradient descent over the training set, in batches of 32."""
    order = rng.permutation(len(y))
    for start in range(0, len(y), 32):
        i = order[start:start + 32]
        grads = mlp_backprop(params, ["tanh"], X[i], y[i])
        prices = penalty_grad(params, config["lam"], "l2")
        params = [(W - config["rate"] * (dW + pW), b - config["rate"] * (db + pb))
                  for (W, b), (dW, db), (pW, pb) in zip(params, grads, prices, strict=True)]
    return params


def train(config, data, rng, max_epochs=40, patience=5):
    """Train until early stopping; give the best parameters and the curves."""
    dims = (64, config["width"], 10)
    params = [(glorot_uniform(m, n, rng), np.zeros(m))
              for n, m in zip(dims[:-1], dims[1:], strict=True)]
    kept, curves = [], {"training loss": [], "training loss plus price": [], "validation loss": []}
    for _ in range(max_epochs):
        params = one_pass(params, config, *data["train"], rng)
        kept.append(params)
        train_losses, valid_losses = (losses(logits(params, data[name][0]), data[name][1])
                                      for name in ("train", "valid"))
        curves["training loss"].append(train_losses.mean())
        curves["training loss plus price"].append(
            regularised_risk(train_losses, [W for W, _ in params], config["lam"], "l2"))
        curves["validation loss"].append(valid_losses.mean())
        best, stop = early_stopping(np.array(curves["validation loss"]), patience)
        if stop - best == patience:
            break
    return {"params": kept[best], "curves": curves, "best": best, "stop": stop}


def readable(config):
    """From logarithms to the numbers that training needs."""
    return {"rate": 10 ** config["log_rate"], "lam": 10 ** config["log_lam"],
            "width": round(2 ** config["log2_width"])}


def search(space, n, data, rng):
    """Train n random configurations; give them with their runs and validation errors."""
    configs = [readable(c) for c in random_configs(space, n, rng)]
    runs = [train(c, data, rng) for c in configs]
    errors = [zero_one_error(logits(r["params"], data["valid"][0]), data["valid"][1])
              for r in runs]
    return configs, runs, np.array(errors)

# %%
SPACE = {"log_rate": (-2.0, 0.5), "log_lam": (-6.0, -2.0), "log2_width": (3.0, 6.0)}


@cache
def searched():
    """Give the data and two searches: all over the space, then near the winner."""
    data, rng = load_split(8), np.random.default_rng(88)
    coarse = search(SPACE, 20, data, rng)
    winner = coarse[0][select_best(coarse[2])]
    near = {"log_rate": (np.log10(winner["rate"]), 0.3), "log_lam": (np.log10(winner["lam"]), 0.7),
            "log2_width": (np.log2(winner["width"]), 0.5)}
    fine = search({k: (v - r, v + r) for k, (v, r) in near.items()}, 10, data, rng)
    return data, coarse, fine


@when_solved
def finale_search():
    _, (configs, runs, errors), fine = searched()
    print("     rate        lambda  width  epochs   validation error")
    for i in np.argsort(errors)[[0, 1, 2, 9, 17, 18, 19]]:
        c = configs[i]
        print(f"{c['rate']:9.3f}  {c['lam']:12.1e}  {c['width']:5d}  {runs[i]['best']:6d}   "
              f"{100 * errors[i]:.1f} %")
    print(f"refined, best of 10 near the first row: {100 * fine[2].min():.1f} %")

# %% [markdown]
r"""
The rows are some of the twenty, from the best to the worst. The learning rate decides most: too large
a rate ends no better than guessing. Do not expect much from the refinement. The first row is the best
of twenty, so it was lucky as well as good, and on 270 images one mistake more or less is 0.4 %. The ten
runs near it can easily all look worse. Then the first row wins, and that is all you know.

Now look at the run that won, before you look at the test set.
"""

# %%
def winner_of(*searches):
    """Configuration, run and validation error of the best run of several searches."""
    configs, runs, errors = zip(*searches, strict=True)
    best = select_best(np.concatenate(errors))
    return sum(configs, [])[best], sum(runs, [])[best], np.concatenate(errors)[best]


@when_solved
def figure_early_stopping():
    config, run, _ = winner_of(*searched()[1:])
    epochs = np.arange(run["stop"] + 1)
    fig, ax = plots.lines(
        epochs, run["curves"], xlabel="epoch", ylabel="mean loss", yscale="log",
        title="No better validation loss in five epochs: stop, and go back to the best epoch",
        alt=f"Three curves against the epoch. {plots.describe(run['curves'], epochs)} A dotted line "
            f"marks epoch {run['best']}, which is kept, a dashed line epoch {run['stop']}, where "
            "training stopped.",
    )
    ax.axvline(run["best"], linestyle=":", color="black", label="kept")
    ax.axvline(run["stop"], linestyle="--", color="0.5", label="stopped")
    ax.legend()
    plots.show(fig)
    print(f"kept: rate {config['rate']:.3f}, lambda {config['lam']:.1e}, width {config['width']}")

# %% [markdown]
r"""
### Once

Everything is decided. Now, and only now, the test set. With $m$ mistakes in $n$ examples the share is
$\hat E = m/n$, and its standard error $\sqrt{\hat E(1 - \hat E)/n}$. For small counts a better
interval is Wilson's; for 95 %, with $u = 1.96$,

$$\frac{\hat E + \frac{u^2}{2n} \pm u\sqrt{\frac{\hat E(1-\hat E)}{n} + \frac{u^2}{4n^2}}}
{1 + \frac{u^2}{n}} .$$

In words: all true errors under which the count you saw would not be a surprise. Unlike
$\hat E\pm 2$ standard errors, it never goes below 0.
"""

# %%
def wilson(error, n, u=1.96):
    """Interval for a share measured on n examples."""
    half = u * np.sqrt(error * (1 - error) / n + u**2 / (4 * n**2))
    middle = error + u**2 / (2 * n)
    return (middle - half) / (1 + u**2 / n), (middle + half) / (1 + u**2 / n)


@when_solved
def report_once():
    digits, *searches = searched()
    _, run, valid_error = winner_of(*searches)
    X, y = digits["test"]
    error = zero_one_error(logits(run["params"], X), y)
    low, high = wilson(error, len(y))
    print(f"chosen by its validation error of {100 * valid_error:.1f} %, smallest of 30, on "
          f"{len(digits['valid'][1])} examples")
    print(f"test error {100 * error:.1f} % of {len(y)} examples, standard error "
          f"{100 * np.sqrt(error * (1 - error) / len(y)):.1f} %")
    print(f"95 % interval {100 * low:.1f} to {100 * high:.1f} %")

# %% [markdown]
r"""
Quote the second line, with its interval. The first line is flattering, and you know why: it is the
*smallest* of thirty numbers. How much does choosing flatter? Pretend that thirty configurations all
have the same true error, 3 %:
"""

# %%
rng = np.random.default_rng(5)
shares = rng.binomial(270, 0.03, size=(20_000, 30)) / 270
print(f"mean error of one configuration on 270 examples:  {100 * shares[:, 0].mean():.1f} %")
print(f"mean of the smallest of 30:                       {100 * shares.min(axis=1).mean():.1f} %")

# %% [markdown]
r"""
Nothing is better than anything else here, and the winner looks almost three times as good. If you now
change something and look at the test set again, the test set has become a validation set.

Chapter 03 ended at about 2 % wrong, and here it is probably more, after all this care. Has something
gone wrong? Most of the difference is the deal. This chapter deals all 1,797 images out again, those 400
that chapter 03 had locked away included, and some deals are harder than others. With the solutions of the
course, the recipe of chapter 03 gets 2.0 % of *its* 400 test images wrong, 4.9 % of the 449 of this
chapter's deal, and on eight other deals between 2.2 % and 4.9 %. A single test error, with its interval,
does not compare two methods that were tested on different images.

The interval speaks about new digits *like these*. All three sets contain the same thirteen writers.
A digit from a fourteenth is another question, and this test cannot answer it.
"""

# %% [markdown]
r"""
## Referee the notes

S3's slides on regularisation, initialisation and the bias-variance trade-off are compact, and
compact sentences are easily too strong. You have what it takes to test them.
"""

# %% [markdown]
r"""
### Referee 1 · "All gradients would then be 0"

S3: *Can't initialize weights to 0 with tanh activation; we can show that all gradients would then be 0
(saddle point)*. Test it with your `mlp_backprop`: one example, then hidden biases of 0.3, then the
sigmoid, then a batch in which all classes are equally frequent.
"""

# %%
def zero_weights(hidden_bias=0.0):
    """3 inputs, 4 hidden units, 3 classes; all weights 0."""
    return [(np.zeros((4, 3)), np.full(4, hidden_bias)), (np.zeros((3, 4)), np.zeros(3))]


@when_solved
def referee_all_gradients():
    x, y = np.array([[0.5, -1.0, 2.0]]), np.array([0])
    settings = {"tanh, one example": (zero_weights(), "tanh", x, y),
                "tanh, hidden biases 0.3": (zero_weights(0.3), "tanh", x, y),
                "sigmoid, one example": (zero_weights(), "sigmoid", x, y),
                "tanh, balanced batch": (zero_weights(), "tanh", np.tile(x, (6, 1)),
                                         np.array([0, 1, 2, 2, 1, 0]))}
    print("largest gradient of:      W1        b1        W2        b2")
    for name, (params, act, X, labels) in settings.items():
        (dW1, db1), (dW2, db2) = mlp_backprop(params, [act], X, labels)
        sizes = "  ".join(f"{np.abs(g).max():8.1e}" for g in (dW1, db1, dW2, db2))
        print(f"{name:24} {sizes}")

# %% [markdown]
r"""
**Report** *(2 points, read by a person)*. Which part of the claim is right, and for which setting?
Which gradient is not 0, and what does the network learn from it? When does it vanish as well?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_all_gradients", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
With tanh, zero weights and zero hidden biases all *weight* gradients and all hidden-bias gradients
are 0. The output bias has the gradient $p - e_y$, here up to 0.67; from it the network learns the
frequencies of the classes and nothing about $x$. It vanishes only in the sum, over a batch whose class
frequencies agree with $p$ (balanced classes at the start, up to $10^{-16}$). With hidden biases of 0.3
the output weights get $0.19$, with the sigmoid $0.33$, since then $h\ne0$. "All gradients of the
weights" would be right, "saddle point" holds only where the bias has settled.

=== BEGIN MARK SCHEME ===
- 1 point: weights and hidden biases 0, the output bias $p - e_y$; a number from the cell.
- 0.5 point: what it learns: class frequencies.
- 0.5 point: vanishes over a balanced batch (or once $b_L$ fits the frequencies).

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Referee 2 · A lost minus sign

In the text of S3 the L1 gradient reads $\operatorname{sign}(W)_{ij} = 1_{W_{ij}>0}\,1_{W_{ij}<0}$,
without the minus between the indicators. Read it as a product, then as a sum, and compare with central
differences of your `regularised_risk`.

**Your turn.** Both readings, as printed. Ungraded, two lines.
"""

# %% nbgrader={"grade": false, "grade_id": "printed_signs", "locked": false, "schema_version": 3, "solution": true, "task": false}
def printed_signs(W):
    """The two ways to read the printed line.

    Returns
    -------
    product, total : ndarray, shape of W
    """
    ### BEGIN SOLUTION
    positive, negative = (W > 0).astype(float), (W < 0).astype(float)
    return positive * negative, positive + negative
    ### END SOLUTION

# %%
check_yours(printed_signs, ((np.array([[2.0, -3.0], [0.0, 0.5]]),),
                            (np.zeros((2, 2)), np.array([[1.0, 1.0], [0.0, 1.0]]))))

# %%
def mismatch(a, b):
    """Largest difference relative to the larger of the two numerical slopes' sizes."""
    return np.abs(a - b).max() / np.abs(b).max()


@when_solved
def referee_sign():
    for name, W in (("mixed signs", np.array([[0.7, -1.2], [-0.4, 0.9]])),
                    ("all positive", np.array([[0.7, 1.2], [0.4, 0.9]]))):
        numeric = np.empty(W.shape)
        for ij in np.ndindex(W.shape):
            up, down = W.copy(), W.copy()
            up[ij] += 1e-6
            down[ij] -= 1e-6
            numeric[ij] = (regularised_risk(np.zeros(1), [up], 1.0, "l1")
                           - regularised_risk(np.zeros(1), [down], 1.0, "l1")) / 2e-6
        product, total = printed_signs(W)
        yours = penalty_grad([(W, np.zeros(2))], 1.0, "l1")[0][0]
        print(f"{name:13} as a product: off by {mismatch(product, numeric):.1f}   "
              f"as a sum: off by {mismatch(total, numeric):.1f}   "
              f"yours: off by {mismatch(yours, numeric):.0e}")

# %% [markdown]
r"""
As a product the penalty does nothing at all: no number is positive and negative at once. As a sum it
pushes negative weights away from 0, and a test with positive weights only does not notice. The minus was
lost when the slides became text; the formula in *The gradient of the price* has it.

### Referee 3 · The third term

S3: *Generalization error can be seen as the sum of the (squared) bias and the variance*. Train on five
noisy points of $f(x) = 0.2\,x$, noise 0.5, and predict with their mean. Measure the squared error on
fresh observations at the same five inputs.
"""

# %%
@when_solved
def referee_noise():
    rng, S = np.random.default_rng(13), 200_000
    x, noise = np.linspace(-1, 1, 5), 0.5
    truth = 0.2 * x
    train_y = truth + noise * rng.standard_normal((S, 5))
    preds = np.repeat(train_y.mean(axis=1, keepdims=True), 5, axis=1)
    error = np.mean((truth + noise * rng.standard_normal((S, 5)) - preds) ** 2)
    bias2, variance = bias2_variance(preds, truth)
    print(f"measured error {error:.4f}, bias^2 {bias2:.4f}, variance {variance:.4f}, "
          f"noise {noise**2:.4f}")
    print(f"bias^2 + variance:          off by {abs(bias2 + variance - error) / error:.1e}")
    total = bias2 + variance + noise**2
    print(f"bias^2 + variance + noise:  off by {abs(total - error) / error:.1e}")

# %% [markdown]
r"""
**Report** *(2 points, read by a person)*. What is missing, and why can no model remove it? For which
error would S3's sentence be right as it stands? Would your derivation work for the 0/1 error?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_noise", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
The variance of the noise, $\sigma^2 = 0.25$, is missing; the printed sum is off by 78 %. It belongs to
the new observation, which is independent of everything the model has seen. The sentence is right for
the distance to the *true function*, $\mathbb{E}(f_D(x) - f(x))^2$, or without noise. The derivation
expands a square, so it does not carry over to the 0/1 error.

=== BEGIN MARK SCHEME ===
- 1 point: the noise variance, independent of the training set; a number from the cell.
- 0.5 point: right for the distance to the true function (or without noise).
- 0.5 point: squared loss only.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Referee 4 · Small print

No points, one minute each. Decide first, then open.

<details>
<summary>"Unlike L2, L1 will push certain weights to be exactly 0." What do you reply?</summary>

True of the minimiser, and of proximal steps. With $\operatorname{sign}(W)$ and a fixed step, 0 of 2
small weights were exactly 0 after 500 steps; with the soft threshold, 2 of 2. See *What exactly zero
needs*.

</details>

<details>
<summary>S3 samples W from U[-b, b]. What is b on the slide before?</summary>

The bias vector. One letter, two things; here the bound is $r$. In the same slides $t$ counts examples
and updates, $N$ is a number of passes, $f$ is the network and, in the gradient check, any function.

</details>

<details>
<summary>"Topics: LI regularization", "natural log (In)", "instead of I example". Three slips of what
kind?</summary>

A reading machine took the figure 1 for the letter I, and the small l for a capital one. Read: L1, ln,
1 example.

</details>

<details>
<summary>"We can show that all hidden units in a layer will always behave the same." For which equal
weights exactly?</summary>

Equal rows in the layer, equal biases, and equal columns in the layer above: Derivation B. If all
weights of the network are one value, the hidden weights do not move at the first step at all, because
$p - e_y$ sums to 0.

</details>

<details>
<summary>"Stop training when validation set error increases (with some look ahead)." Which parameters do
you keep?</summary>

Those of the best epoch, not those of the epoch where you stopped. The slide does not say so.

</details>
"""

# %% [markdown]
r"""
## Quiz

Five questions. Replace the dots by a letter and run the cell.

**08.1** You train with the l1 penalty and plain steps along sign(W). Which weights become exactly
0?

- **a** all weights whose data gradient is small
- **b** in general none: they jump back and forth across 0
- **c** the same ones as with the l2 penalty
"""

# %%
quiz("08.1", "...")

# %% [markdown]
r"""
**08.2** All weights and biases of a tanh network with a softmax output start at 0. Which gradient
is not 0, for one example?

- **a** none: all gradients are 0
- **b** that of the first layer's weights
- **c** that of the output bias
"""

# %%
quiz("08.2", "...")

# %% [markdown]
r"""
**08.3** You fit polynomials of degree 8 instead of degree 3 to the same 20 noisy points of a wave. What
do you expect of bias and variance?

- **a** less bias, more variance
- **b** more bias, less variance
- **c** less of both
"""

# %%
quiz("08.3", "...")

# %% [markdown]
r"""
**08.4** Why is the error of the chosen configuration on the validation set not an honest estimate
of the error on new data?

- **a** The validation set is too small.
- **b** It is the smallest of many errors, so luck was part of the choice.
- **c** The validation set was used for the gradients.
"""

# %%
quiz("08.4", "...")

# %% [markdown]
r"""
**08.5** Only the learning rate matters, the penalty hardly does, and you do not know it. You have
16 runs. How many different rates do a 4 x 4 grid and random search try?

- **a** 4 and 16
- **b** 16 and 16
- **c** 16 and 4
"""

# %%
quiz("08.5", "...")

# %% [markdown]
r"""
## What to remember

- **A penalty is a price on weights, and a prior in disguise**: $\lambda = 1/(2s^2T)$ or $1/(sT)$.
  Biases are free.
- **Exactly zero needs the soft threshold.** Steps along $\operatorname{sign}(W)$ jump across 0.
- **Zero weights teach the output bias only; equal units stay equal.** Break the symmetry, at the size
  $r = \sqrt{6/(n_{\mathrm{out}} + n_{\mathrm{in}})}$.
- **Error = bias² + variance + noise**, for the squared loss. The third term stays.
- **Three sets, three jobs.** Gradients from the first, decisions by the second, one number from the
  third.
- **Wait with patience, keep the best epoch.**
- **Random search tries a new value of everything in every run**; a grid does not.
- **The smallest of thirty errors flatters.** Report the test error once, with its interval.
"""

# %%
progress()

# %% [markdown]
r"""
## Sources

The chapter grew from **S3**, a set of lecture slides, *Training neural networks*: its parts on
regularisation, initialisation and model selection. The recipe for the start is due to X. Glorot and
Y. Bengio, *Understanding the difficulty of training deep feedforward neural networks*, 2010. The soft
threshold, the measurements, the uncertainty of the test error, all exercises and figures were added
for this course. The claims refereed here were tested by computing, and take nothing away from our
thanks to the authors.

| Here | Taken from | Remarks |
|---|---|---|
| A price on weights | S3, regularization | mean loss; the notes' $T$ examples |
| What exactly zero needs | S3, L1 regularization | claim made precise |
| Where to start | S3, parameter initialization | "all gradients" repaired in Referee 1 |
| Bias and variance, measured | S3, bias-variance trade-off | noise added in Referee 3 |
| Three sets, three jobs | S3, model selection | |
| Choosing hyper-parameters | S3, model selection | |

<details>
<summary>Every item of the notes that this chapter teaches</summary>

| Item | Source, section | Taught in |
|---|---|---|
| S3.12.1 | S3, L2 regularization | A price on weights |
| S3.12.2 | S3, L2 regularization | The gradient of the price |
| S3.12.3 | S3, L2 regularization | A price on weights; The gradient of the price |
| S3.12.4 | S3, L2 regularization | A penalty is a prior; Derivation A |
| S3.12.5 | S3, L1 regularization | A price on weights |
| S3.12.6 | S3, L1 regularization | The gradient of the price; Referee 2 |
| S3.12.7 | S3, L1 regularization | What exactly zero needs; Referee 4 |
| S3.12.8 | S3, L1 regularization | A penalty is a prior; Derivation A |
| S3.13.1 | S3, bias-variance trade-off | Bias and variance, measured |
| S3.13.2 | S3, bias-variance trade-off | Bias and variance, measured |
| S3.13.3 | S3, bias-variance trade-off | Derivation C; Referee 3 |
| S3.14.1 | S3, parameter initialization | Where to start |
| S3.14.2 | S3, parameter initialization | What a start does to the first gradient; Referee 1 |
| S3.14.3 | S3, parameter initialization | What a start does to the first gradient; Derivation B |
| S3.14.4 | S3, parameter initialization | A random start of the right size |
| S3.14.5 | S3, parameter initialization | A random start of the right size |
| S3.15.1 | S3, model selection | Three sets, three jobs |
| S3.15.2 | S3, model selection | Three sets, three jobs; The error you report |
| S3.15.3 | S3, model selection | Every combination |
| S3.15.4 | S3, model selection | Random search |
| S3.15.5 | S3, model selection | Choose by validation |
| S3.15.6 | S3, model selection | Choose by validation; Finale: digits, honestly |
| S3.16.1 | S3, knowing when to stop | Knowing when to stop |

</details>
"""
