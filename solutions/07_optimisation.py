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
# 07 · Optimisation

You can compute a gradient. Now use it. This chapter is about the walk downhill: how many examples
you ask before each step, how long the step is, what it remembers of earlier steps, and when a
matrix of second derivatives lets you jump.

Every method here fits on one line. What takes a chapter is to know what the line does. You will
find two printed forms of momentum that look different and walk the same path. You will find a
method that reaches the bottom of a parabola in one step, and the top of a hill as fast. And you
will find two networks with different weights that are the same function.

[[Exercises]] short exercises carry you through: [[points]] points, checked while you work. [[Written]] written answers, [[points by a person]]
points, are read by a person. Plan nearly three hours, in two sittings; *How long a step?* is where
the second one begins.
"""

# %% [markdown]
r"""
## What you will be able to do

| At the end you can | You show it in |
|---|---|
| write one stochastic gradient step on a regularised risk | `sgd_update` |
| run through a data set in shuffled mini-batches, and say what a batch buys | `minibatches`, `minibatch_grad` |
| translate between the two forms of momentum, and prove that they agree | `momentum_accum`, `accum_to_ema`, Derivation A |
| choose a decreasing step size and say which ones can converge | `learning_rate`, `robbins_monro_ok`, Derivation B |
| build the quadratic model of a loss, jump to its stationary point, and say when not to | `taylor2`, `newton_step`, Derivation C |
| show that a network's parameters are not determined by its function | `permute_hidden` |

You will also referee the notes: a minus that got lost, an average that is a sum, and a Hessian that
was called invertible.
"""

# %% [markdown]
r"""
## Are you ready?

Five questions, two minutes. If more than two of them stop you, go back to chapter 03, which has
gradient descent and the first form of momentum.

1. At $\theta$ the gradient of $R$ is $g$. In which direction does $R$ fall fastest?
2. What do $1 + \beta + \beta^2 + \dots$ sum to, for $0\le\beta<1$?
3. `G` has shape `(7, 3)` and `idx = np.array([4, 0, 4])`. What is `G[idx]`?
4. For which $s$ is $\sum_{t\ge1} 1/t^s$ infinite?
5. Plain descent on $\frac12\lambda\theta^2$ multiplies $\theta$ at every step by which factor?

<details>
<summary>Answers</summary>

1. $-g$.
2. $1/(1-\beta)$.
3. Rows 4, 0 and 4 again: shape `(3, 3)`.
4. For $s\le 1$. At $s = 1$ it grows like $\log t$.
5. $1 - \alpha\lambda$ with step size $\alpha$. It shrinks $\theta$ if $\alpha < 2/\lambda$.

</details>
"""

# %% [markdown]
r"""
## Notation

| Symbol | In code | Meaning | Shape |
|---|---|---|---|
| $n$, $B$ | `n`, `B` | number of examples; batch size | |
| $\theta$ | `theta` | all parameters in one vector | `(P,)` |
| $l_i(\theta)$ | | loss of example $i$, here from $0$ to $n-1$ | |
| $R(\theta) = \frac1n\sum_i l_i(\theta)$ | | the risk, a **mean** | |
| $\Omega$, $\lambda$ | `lam` | regulariser, and its weight | |
| $g$ | `grad`, `g` | a gradient at $\theta$ | `(P,)` |
| $I$ | `idx` | indices of the drawn examples | `(B,)` |
| $t$, $t_0$ | `t`, `t0` | number of the update; the last update with the full rate | |
| $\alpha$, $\alpha_t$ | `alpha` | learning rate (step size), of update $t$ | |
| $\delta$ | `delta` | decrease constant | |
| $v$, $\beta$ | `v`, `beta` | accumulated gradient; how much of it is kept | `(P,)` |
| $\phi$, $a$, $\gamma$ | `phi`, `a`, `gamma` | chapter 03's form: averaged gradient, weight of the new one, step size | `(P,)` |
| $H$ | `hess`, `H` | Hessian: second derivatives | `(P, P)` |
| $d$ | `d` | a step $\theta - \theta^{(t)}$ | `(P,)` |

Three sets of notes are judged here: a homework handout, S0 for short, an exercise sheet, S1, and
lecture slides, S3. You need none of them: where they are judged, they are quoted, and *Sources* at
the end says what they are.

Beware of $\alpha$. In S3, and here, it is the step size. In S0, and in chapter 03, it was the weight
of the new gradient; that weight is called $a$ in this chapter.
"""

# %%
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
The cells work as in the chapters before: write, run, check, read the report, as often as you like.
Figures wait for your functions. Every exercise has three hints that cost nothing:
"""

# %%
hint("sgd_update", level=1)

# %% [markdown]
r"""
## What is being minimised

Learning is cast as optimisation. You choose parameters that make a number small:

$$\min_\theta\ \frac1n\sum_{i} l_i(\theta) + \lambda\,\Omega(\theta).$$

In words: the average loss over the training examples, the **empirical risk**, plus a penalty for
parameters you would rather not have. For a classifier the loss of an example is the negative
log-likelihood of its label, which S1 minimises as well. Chapter 08 is about $\Omega$ and $\lambda$;
here $\Omega$ is any function whose gradient somebody hands you.

Mind the $\frac1n$. S0 says "average" and writes a sum (chapter 03 refereed that). The minimiser is
the same, and all gradients differ by the factor $n$, so a step size only means something together
with its reduction. **Here every risk is a mean.**

Nobody wants a small negative log-likelihood for its own sake. You want few mistakes. But the number
of mistakes does not change when you move a weight a little, until it jumps: its gradient is 0 or
does not exist. So you minimise a smooth **surrogate** instead. S3 says it may be an upper bound of
the number of mistakes; Referee 4 looks at that.

To train a network this way you need four things: a loss, a procedure for its gradient (backprop), a
regulariser and *its* gradient, and a place to start. You have had the first two since chapter 03. The
other two belong to chapter 08.

### By hand

Here is the smallest problem with everything in it: two parameters, three examples. Example $i$
pulls $\theta$ towards a point $c_i$,

$$l_i(\theta) = \tfrac12\|\theta - c_i\|^2,\qquad c_0 = (0,0),\ c_1 = (4,0),\ c_2 = (2,6),$$

so its gradient is $\theta - c_i$. At $\theta = (1,1)$ the three gradients are

$$g_0 = (1, 1),\qquad g_1 = (-3, 1),\qquad g_2 = (-1, -5).$$

Their mean, the gradient of the risk, is $(-1,-1)$. *Minus* the gradient, $(1, 1)$, points straight
at the minimum $(2, 2)$, the mean of the three points. But example 0 alone, with $-g_0 = (-1,-1)$,
says "go to the origin".
"""

# %%
centres = np.array([[0.0, 0.0], [4.0, 0.0], [2.0, 6.0]])
theta_hand = np.array([1.0, 1.0])
grads_hand = theta_hand - centres
print("one gradient per example, one per row:")
print(grads_hand)
print("gradient of the risk:", grads_hand.mean(axis=0))

# %% [markdown]
r"""
## One step, with a regulariser

Gradient descent, as in S0 and chapter 03, computes the gradient of the whole risk and takes one
step, $\theta \leftarrow \theta - \gamma\,\nabla R(\theta)$.
**Stochastic gradient descent** (SGD) does not wait for the mean. It looks at one example, takes a
step, and goes on to the next:

$$\Delta = -\nabla l_i(\theta) - \lambda\,\nabla\Omega(\theta),\qquad
\theta \leftarrow \theta + \alpha\,\Delta .$$

In words: against the gradient of this example's loss *and* against the gradient of the penalty, a
step of size $\alpha$. One round through all examples is called an **epoch**.

By hand, with example 1, the penalty $\Omega = \frac12\|\theta\|^2$ (so $\nabla\Omega = \theta =
(1, 1)$), $\lambda = \frac12$ and $\alpha = \frac15$:

$$\Delta = (3, -1) - \tfrac12(1, 1) = (2.5, -1.5),\qquad
\theta \leftarrow (1, 1) + \tfrac15(2.5, -1.5) = (1.5,\ 0.7).$$

### Exercise: sgd_update

Vectors of shape `(P,)` in, a new vector out.
"""

# %% nbgrader={"grade": false, "grade_id": "sgd_update", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sgd_update(theta, grad_l, grad_omega, alpha, lam):
    """One step of stochastic gradient descent on loss + lam * regulariser.

    Parameters
    ----------
    theta : ndarray, shape (P,)
        Parameters.
    grad_l : ndarray, shape (P,)
        Gradient of the loss at theta.
    grad_omega : ndarray, shape (P,)
        Gradient of the regulariser at theta.
    alpha : float
        Learning rate.
    lam : float
        Weight of the regulariser.

    Returns
    -------
    ndarray, shape (P,)
        The new parameters.
    """
    ### BEGIN SOLUTION
    return theta - alpha * (grad_l + lam * grad_omega)
    ### END SOLUTION

# %%
@first_test
def first_test_sgd_update():
    print("yours  ", sgd_update(theta_hand, grads_hand[1], theta_hand, 0.2, 0.5))
    print("by hand", np.array([1.5, 0.7]))

# %% nbgrader={"grade": true, "grade_id": "check_sgd_update", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(sgd_update)

# %% [markdown]
r"""
## Which examples, in which order?

There are two ways to choose examples. S1 draws $B$ indices for every update, independent and
uniform, **with replacement**: an example may come twice, and it may wait for a long time. S3 goes
through **all** examples in every epoch. The usual way is the second with a twist: shuffle, then deal
out the examples like cards, in heaps of $B$. The heaps are called **mini-batches**.

**Predict.** You draw $n = 1000$ indices uniformly with replacement. About which share of the
examples has not come up once?
"""

# %% tags=["predict"] course={"predict": "never_drawn"}
predict("never_drawn", "...")  # write a percentage

# %%
drawn = np.random.default_rng(0).integers(0, 1000, size=1000)
never = 1000 - len(np.unique(drawn))
predicted("never_drawn", f"{never / 10:.1f} % here; (1 - 1/n)^n tends to 1/e, which is 36.8 %")

# %% [markdown]
r"""
### One shuffled pass

Why shuffle at all? Data often comes sorted: first all zeros, then all ones. A batch of zeros only
says "everything is a zero", and the next batch says the opposite. And why a *new* order in every
epoch? So that no two examples are tied together for ever.

The randomness comes from a generator that you are given, `rng`. Take it from there and from nowhere
else. Then a run can be repeated exactly, and two runs with two seeds are independent.

### Exercise: minibatches

Return a list of index arrays. Together they hold every index $0,\dots,n-1$ exactly once; each has
$B$ entries, only the last may have fewer. Any honest way of shuffling is right; the check looks at
what a shuffled pass must be, not at one particular order.
"""

# %% nbgrader={"grade": false, "grade_id": "minibatches", "locked": false, "schema_version": 3, "solution": true, "task": false}
def minibatches(n, B, rng):
    """Cut one shuffled pass over n examples into batches.

    Parameters
    ----------
    n : int
        Number of examples.
    B : int
        Batch size; may be larger than n.
    rng : numpy.random.Generator
        The only source of randomness. Using it moves it on, so the next pass differs.

    Returns
    -------
    list of ndarray of int, shapes (B,), ..., (B,), (the rest,)
        Every index 0..n-1 in exactly one of them.
    """
    ### BEGIN SOLUTION
    order = np.arange(n)
    rng.shuffle(order)
    return [order[k : k + B] for k in range(0, n, B)]
    ### END SOLUTION

# %%
@first_test
def first_test_minibatches():
    rng = np.random.default_rng(4)
    for epoch in (1, 2):
        print(f"epoch {epoch}:", [batch.tolist() for batch in minibatches(10, 4, rng)])
    print("sizes by hand: 4, 4, 2")

# %% nbgrader={"grade": true, "grade_id": "check_minibatches", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(minibatches)

# %% [markdown]
r"""
## An average over the drawn

The gradient of a mini-batch $I$ is the mean over its examples,

$$g_I = \frac{1}{|I|}\sum_{i\in I} \nabla l_i(\theta).$$

In words: ask $|I|$ examples and average their answers. If an index was drawn twice, it counts twice;
and a short last batch is divided by the number of examples it *has*. By hand, with the three
gradients above and $I = (0, 2)$: $\frac12\bigl((1,1) + (-1,-5)\bigr) = (0,-2)$.

### Exercise: minibatch_grad

You get all per-example gradients, one per row, and the drawn indices. `B` is the batch size that
was asked for; `idx` may hold fewer.
"""

# %% nbgrader={"grade": false, "grade_id": "minibatch_grad", "locked": false, "schema_version": 3, "solution": true, "task": false}
def minibatch_grad(per_example_grads, idx, B):
    """Mean gradient over the drawn examples.

    Parameters
    ----------
    per_example_grads : ndarray, shape (n, P)
        Gradient of the loss of each example, one per row.
    idx : ndarray of int, shape (m,), 1 <= m <= B
        Drawn examples; an index may be repeated and then counts as often.
    B : int
        The batch size; the last batch of a pass may be shorter.

    Returns
    -------
    ndarray, shape (P,)
        Mean over the m drawn rows.
    """
    ### BEGIN SOLUTION
    return per_example_grads[idx].mean(axis=0)
    ### END SOLUTION

# %%
@first_test
def first_test_minibatch_grad():
    print("yours  ", minibatch_grad(grads_hand, np.array([0, 2]), 2))
    print("by hand", np.array([0.0, -2.0]))

# %% nbgrader={"grade": true, "grade_id": "check_minibatch_grad", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(minibatch_grad)

# %% [markdown]
r"""
### What a batch buys

A mini-batch gradient is right *on average*: over all draws its mean is the gradient of the risk. It
scatters around it, and an average of $B$ independent draws scatters with variance proportional to
$1/B$.

**Predict.** You ask 16 examples instead of 4. By which factor does the *typical error* of the
gradient (its standard deviation) shrink?
"""

# %% tags=["predict"] course={"predict": "batch_scatter"}
predict("batch_scatter", "...")  # write a number

# %%
def line_grads(theta, X, y):
    """Gradients of (theta . x - y)^2 / 2 for every example, shape (n, P)."""
    return (X @ theta - y)[:, None] * X


rng_data = np.random.default_rng(7)
X_line = rng_data.standard_normal((60, 2)) * np.array([1.0, 2.2])
y_line = X_line @ np.array([1.5, -0.5]) + 0.7 * rng_data.standard_normal(60)
best_line = np.linalg.lstsq(X_line, y_line, rcond=None)[0]


@when_solved
def outcome_batch_scatter():
    rng = np.random.default_rng(0)
    G = line_grads(np.zeros(2), X_line, y_line)
    scatter = {}
    for B in (1, 4, 16):
        draws = [minibatch_grad(G, rng.integers(0, 60, B), B) for _ in range(4000)]
        scatter[B] = np.sqrt(np.mean(np.sum((draws - G.mean(axis=0)) ** 2, axis=1)))
        print(f"B = {B:2}: typical error {scatter[B]:.2f}")
    predicted("batch_scatter", f"{scatter[4] / scatter[16]:.2f}: the variance shrinks by 4, its "
              "root by 2")

# %% [markdown]
r"""
So a batch of 16 costs four times as much as one of 4 and is twice as good. That is a poor exchange,
and there are two reasons to make batches larger than 1 all the same. The first is the machine: the
examples of a batch go through the network as one **matrix-matrix product**, which is many times
faster than the same work vector by vector (chapter 04 has the counts). The second is the step size, as you will see.

What does one update cost? S1 answers "proportional to $B$ instead of $n$". The whole answer needs
the layers: a forward pass is about $B\sum_k d_k d_{k-1}$ multiplications, and the backward pass at
most twice that.

Look at the difference from above. A straight line is fitted to 60 points; the picture shows the
risk over its two parameters.
"""

# %%
@when_solved
def figure_two_walks():
    start, rng = np.array([-0.9, 0.75]), np.random.default_rng(3)
    no_penalty = np.zeros(2)
    full, single = [start], [start]
    for _ in range(12):
        G = line_grads(full[-1], X_line, y_line)
        full.append(sgd_update(full[-1], minibatch_grad(G, np.arange(60), 60), no_penalty, 0.3, 0))
    for idx in minibatches(60, 1, rng):
        G = line_grads(single[-1], X_line, y_line)
        single.append(sgd_update(single[-1], minibatch_grad(G, idx, 1), no_penalty, 0.05, 0))
    u, w = np.linspace(-1.2, 2.6, 90), np.linspace(-1.6, 1.1, 90)
    grid = np.stack(np.meshgrid(u, w), axis=-1)
    risk = 0.5 * np.mean((grid @ X_line.T - y_line) ** 2, axis=-1)
    floor = 0.5 * np.mean((X_line @ best_line - y_line) ** 2)
    left = {name: np.linalg.norm(path[-1] - best_line)
            for name, path in (("full", full), ("single", single))}
    fig, ax = plots.contours(
        u, w, risk - floor + 1e-4, {"full batch, 12 passes": np.array(full),
                                    "one example a step, 1 pass": np.array(single)},
        xlabel="first parameter", ylabel="second parameter",
        title="One noisy pass goes about as far as twelve careful ones",
        alt="Level curves of a risk over two parameters, ellipses around the minimum, a star at "
            f"{best_line.round(2)}. Two paths from {start}, at distance "
            f"{np.linalg.norm(start - best_line):.2f} from it: twelve full-batch steps end at "
            f"distance {left['full']:.2f}, sixty steps with one example each at "
            f"{left['single']:.2f}.",
    )
    ax.plot(*best_line, marker="*", markersize=14, color="black", zorder=4)
    plots.show(fig)

# %% [markdown]
r"""
The full batch looked at 720 examples for its twelve steps. The other walk looked at 60. The price is
that it never settles: near the minimum the single gradients do not vanish, only their mean does. So
it goes on wandering about, at a distance that grows with the step size. *How long a step?* is about that.

Now the same on real data. Softmax regression on the shipped digits is small enough to be run in
many ways. What should be equal to compare them fairly? The work: the number of **passes** over the
data, not the number of updates.
"""

# %%
from mlp_helpers.data import load_digits

X_digits, y_digits = load_digits()[:2]
Y_digits = np.eye(10)[y_digits]


def softmax_rows(F):
    """Probabilities of each row of logits."""
    E = np.exp(F - F.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def digits_grad(theta, idx):
    """Mean gradient over a batch as one matrix product; theta is a (10, 64) matrix, flat."""
    X = X_digits[idx]
    P = softmax_rows(X @ theta.reshape(10, 64).T)
    return ((P - Y_digits[idx]).T @ X).ravel() / len(idx)


def digits_risk(theta):
    """Mean negative log-likelihood of the training digits."""
    F = X_digits @ theta.reshape(10, 64).T
    top = F.max(axis=1)
    return np.mean(top + np.log(np.exp(F - top[:, None]).sum(axis=1)) - (F * Y_digits).sum(axis=1))

# %%
@when_solved(needs=["minibatch_grad"])
def batch_is_a_product():
    theta, idx = 0.1 * np.random.default_rng(1).standard_normal(640), np.array([5, 3, 8, 5])
    P = softmax_rows(X_digits @ theta.reshape(10, 64).T)
    per_example = np.einsum("nk,nd->nkd", P - Y_digits, X_digits).reshape(len(X_digits), -1)
    off = np.abs(minibatch_grad(per_example, idx, 4) - digits_grad(theta, idx)).max()
    print(f"your mean over rows against one matrix product: {off:.0e}")

# %%
PASSES = 12


def passes_over_digits(B, alpha, seed=0):
    """Risk after each pass of SGD with batches of B, from theta = 0."""
    rng, theta = np.random.default_rng(seed), np.zeros(640)
    risks = [digits_risk(theta)]
    for _ in range(PASSES):
        for idx in minibatches(len(X_digits), B, rng):
            theta = sgd_update(theta, digits_grad(theta, idx), 0 * theta, alpha, 0.0)
        risks.append(digits_risk(theta))
    return risks


@when_solved(needs=["minibatches", "sgd_update"])
def figure_passes():
    n = len(X_digits)
    settings = {"B = 1, alpha = 0.1": (1, 0.1), "B = 16, alpha = 0.5": (16, 0.5),
                "B = 128, alpha = 1": (128, 1.0), f"B = {n}, alpha = 1.5": (n, 1.5)}
    series = {name: passes_over_digits(*setting) for name, setting in settings.items()}
    fig, ax = plots.lines(
        range(PASSES + 1), series, xlabel="passes over the data", ylabel="risk", yscale="log",
        title="For the same work, small batches get much further",
    )
    ax.set_ylim(top=7)
    ax.legend(loc="upper right", ncols=2)
    plots.show(fig)
    for name, risks in series.items():
        B = settings[name][0]
        print(f"{name:22} updates: {PASSES * -(-n // B):6}   risk {risks[-1]:.3f}")
    curvature = 0.1 * np.linalg.eigvalsh(X_digits.T @ X_digits / n)[-1]  # at theta = 0
    print(f"full batch, longest stable step at the start: {2 / curvature:.2f}")

# %% [markdown]
r"""
Each setting has a step size that suits it. The full batch cannot use a much larger one: past
$2/\lambda_{\max}$, with the largest eigenvalue of the Hessian, it overshoots along the steepest
direction, however exact its gradient is (the last line above). What small batches have
is *more updates*. (The start, $\log 10 = 2.30$, is the loss of someone who gives each digit one
chance in ten. Check that in every training run.)
"""

# %% [markdown]
r"""
## A sum that forgets

Chapter 03 smoothed the gradient by an average. S3 writes momentum in another form:

$$v' = g + \beta v,\qquad \theta' = \theta - \alpha\,v',\qquad v^{(0)} = 0 .$$

In words: shrink the old sum a little, add the new gradient, and step along the sum. (S3 prints the
first line only, with $\bar\nabla$ for $v$. The second line and the start $v^{(0)} = 0$ are ours, as in
every common program. With a regulariser, $g$ contains $\lambda\nabla\Omega$ too.)

By hand: one parameter, $\theta = 1$, $v = 4$, new gradient $g = 8$, $\alpha = \frac1{10}$,
$\beta = \frac34$:

$$v' = 8 + \tfrac34\cdot 4 = 11,\qquad \theta' = 1 - \tfrac1{10}\cdot 11 = -\tfrac1{10} .$$

### Exercise: momentum_accum

Vectors of shape `(P,)` and two numbers in; `(theta', v')` out, both new arrays.
"""

# %% nbgrader={"grade": false, "grade_id": "momentum_accum", "locked": false, "schema_version": 3, "solution": true, "task": false}
def momentum_accum(theta, v, grad, alpha, beta):
    """One step with momentum, accumulating form.

    Parameters
    ----------
    theta : ndarray, shape (P,)
        Parameters.
    v : ndarray, shape (P,)
        Accumulated gradient so far.
    grad : ndarray, shape (P,)
        Gradient at theta.
    alpha : float
        Learning rate.
    beta : float
        How much of the past is kept, 0 <= beta < 1.

    Returns
    -------
    theta_new, v_new : ndarrays, shape (P,)
        v_new = grad + beta v, and theta_new = theta - alpha v_new.
    """
    ### BEGIN SOLUTION
    v_new = grad + beta * v
    return theta - alpha * v_new, v_new
    ### END SOLUTION

# %%
@first_test
def first_test_momentum_accum():
    theta, v = momentum_accum(np.array([1.0]), np.array([4.0]), np.array([8.0]), 0.1, 0.75)
    print("yours  ", theta, v)
    print("by hand", np.array([-0.1]), np.array([11.0]))

# %% nbgrader={"grade": true, "grade_id": "check_momentum_accum", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(momentum_accum)

# %% [markdown]
r"""
### Two forms, one path

Here are both forms side by side, chapter 03's on the left with its weight called $a$:

$$\phi' = (1-a)\,\phi + a\,g,\quad \theta' = \theta - \gamma\,\phi'
\qquad\text{and}\qquad
v' = g + \beta v,\quad \theta' = \theta - \alpha\,v' .$$

One averages, the other adds up. With a constant gradient $g$ the average tends to $g$, and the sum
tends to $g/(1-\beta)$. So the sum is larger, by a factor that depends on $\beta$ alone. That suggests
that they are the same thing measured in different units.

**Predict.** $\beta = 0.9$, constant gradient 1. What does $v$ tend to?
"""

# %% tags=["predict"] course={"predict": "sum_of_ones"}
predict("sum_of_ones", "...")  # write a number

# %%
@when_solved
def outcome_sum_of_ones():
    theta, v = np.zeros(1), np.zeros(1)
    for _ in range(500):
        theta, v = momentum_accum(theta, v, np.ones(1), 0.1, 0.9)
    predicted("sum_of_ones", f"{v[0]:.4f}, which is 1 / (1 - 0.9). No average of ones is 10")

# %% [markdown]
r"""
### Derivation A · The translation  *(on paper, 10 minutes, 4 points, read by a person)*

1. Unroll $v' = g + \beta v$ from $v^{(0)} = 0$: write $v$ after $r$ steps as a weighted sum of the
   gradients $g^0,\dots,g^{r-1}$. What do the weights sum to?
2. Find $a$, $\gamma$ and a constant $c$ such that $\phi = c\,v$ at every step and both forms take
   the same path. Prove it by induction.
3. Check it with the numbers of the hand example.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_two_forms", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
**1.** $v^r = \sum_{i=0}^{r-1}\beta^{\,r-1-i} g^i$. The weights sum to
$1 + \beta + \dots + \beta^{r-1} = (1-\beta^r)/(1-\beta)$, which tends to $1/(1-\beta)$, not to 1.

**2.** Take $a = 1-\beta$, $c = 1-\beta$, $\gamma = \alpha/(1-\beta)$. Start: $\phi^0 = c\,v^0 = 0$.
Step: if $\phi = (1-\beta)v$ and both are at the same $\theta$, then they see the same $g$, and
$$\phi' = (1-a)\phi + a g = \beta(1-\beta)v + (1-\beta)g = (1-\beta)(\beta v + g) = (1-\beta)\,v',$$
$$\gamma\phi' = \frac{\alpha}{1-\beta}(1-\beta)v' = \alpha v',$$
so both make the same move and are at the same $\theta'$ again. (Comparing the weights of $g$ and of
the past shows that no other choice works for all gradients.)

**3.** $a = \frac14$, $\gamma = \frac25$, $\phi = \frac14\cdot4 = 1$. Then $\phi' = \frac34 + 2 =
\frac{11}4 = \frac14\cdot 11$, and $\theta' = 1 - \frac25\cdot\frac{11}4 = -\frac1{10}$.

=== BEGIN MARK SCHEME ===
- 1 point: unrolled sum, and its weights sum to $(1-\beta^r)/(1-\beta)$.
- 1 point: $a = 1-\beta$ and $\gamma = \alpha/(1-\beta)$.
- 1 point: induction with $\phi = (1-\beta)v$, its start $\phi^0 = v^0 = 0$ included.
- 1 point: the numbers.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Exercise: accum_to_ema

Two numbers in, two numbers out: $(\alpha, \beta)\mapsto(\gamma, a)$, such that chapter 03's form walks
the same path.
"""

# %% nbgrader={"grade": false, "grade_id": "accum_to_ema", "locked": false, "schema_version": 3, "solution": true, "task": false}
def accum_to_ema(alpha, beta):
    """Translate the accumulating form of momentum into the averaging form of chapter 03.

    Parameters
    ----------
    alpha : float
        Learning rate of the accumulating form.
    beta : float
        How much of the past it keeps, 0 <= beta < 1.

    Returns
    -------
    gamma, a : float
        Step size of the averaging form, and its weight of the new gradient.
    """
    ### BEGIN SOLUTION
    a = 1 - beta
    return alpha / a, a
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_accum_to_ema", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(accum_to_ema)

# %%
steepness = np.array([1.0, 40.0])
valley_start = np.array([-4.0, 1.0])


def valley_gradient(theta):
    """Gradient of the narrow valley (theta_1^2 + 40 theta_2^2) / 2 of chapter 03."""
    return steepness * theta


def averaging_path(gamma, a, phi, n_steps=60):
    """Path of chapter 03's form through the valley."""
    path = [valley_start]
    for _ in range(n_steps):
        phi = (1 - a) * phi + a * valley_gradient(path[-1])
        path.append(path[-1] - gamma * phi)
    return np.array(path)


def gap(a, b):
    """Largest difference of two arrays, relative to the largest entry of either."""
    return np.abs(a - b).max() / max(np.abs(a).max(), np.abs(b).max())

# %%
@when_solved
def two_forms_one_path():
    alpha, beta = 0.02, 0.8
    theta, v, path = valley_start, np.zeros(2), [valley_start]
    for _ in range(60):
        theta, v = momentum_accum(theta, v, valley_gradient(theta), alpha, beta)
        path.append(theta)
    translated = averaging_path(*accum_to_ema(alpha, beta), np.zeros(2))
    untranslated = averaging_path(alpha, 1 - beta, np.zeros(2))
    print(f"accumulating against averaging, translated:   {gap(np.array(path), translated):.0e}")
    print(f"accumulating against averaging, same step:    {gap(np.array(path), untranslated):.1e}")

# %% [markdown]
r"""
This is the most common way to be fooled by a paper: two people write "momentum 0.9, learning rate
0.1", and one of them takes steps ten times as long. Ask for the formula.
"""

# %% [markdown]
r"""
## How long a step?

With full gradients a small fixed step is enough. With stochastic gradients it is not: at the minimum
the single gradients go on pulling, each in its own direction, and a fixed step goes on following
them. The remedy is a step size that **decreases**. S3 lists two conditions for the rates $\alpha_t$:

$$\sum_{t=1}^\infty \alpha_t = \infty,\qquad \sum_{t=1}^\infty \alpha_t^2 < \infty .$$

In words: together the steps must be able to reach any place, however far; and their noise, whose
variance adds up like $\alpha_t^2$, must have a finite total. They are known as the Robbins-Monro
conditions.

S3 goes on with "decreasing strategies", and at that place our copy has lost the formulas. The two
usual ones, from general knowledge, are

$$\alpha_t = \frac{\alpha}{1 + \delta\,s}\ \text{("inv")},\qquad
\alpha_t = \frac{\alpha}{s^{\delta}}\ \text{("pow")},\qquad s = t - t_0 .$$

In words: the rate falls with the number $s$ of updates since $t_0$, either like a hyperbola or like
a power. Until then it is fixed, as S3 advises: "better to use a fixed learning rate for the first few
updates". A rate that falls before you have left the start wastes its best steps.

### Fixed first, then smaller

By hand: $\alpha = \frac12$, $\delta = 1$, $t_0 = 10$, $t = 13$. Three updates after $t_0$, "inv" gives
$\frac12/(1 + 3) = \frac18$ and "pow" gives $\frac12/3 = \frac16$.

### Exercise: learning_rate

Return $\alpha$ for all $t\le t_0$, and the formula after that.
"""

# %% nbgrader={"grade": false, "grade_id": "learning_rate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def learning_rate(t, alpha, delta, kind, t0):
    """Learning rate of update t.

    Parameters
    ----------
    t : int
        Number of the update.
    alpha : float
        The rate up to and including update t0.
    delta : float
        Decrease constant, positive.
    kind : str
        "inv" or "pow".
    t0 : int
        The last update with the full rate.

    Returns
    -------
    float
        alpha for t <= t0, then alpha / (1 + delta (t - t0)) or alpha / (t - t0)^delta.
    """
    ### BEGIN SOLUTION
    if t <= t0:
        return float(alpha)
    s = t - t0
    return alpha / (1 + delta * s) if kind == "inv" else alpha / s**delta
    ### END SOLUTION

# %%
@first_test
def first_test_learning_rate():
    print("yours  ", learning_rate(10, 0.5, 1.0, "inv", 10), learning_rate(13, 0.5, 1.0, "inv", 10),
          learning_rate(13, 0.5, 1.0, "pow", 10))
    print("by hand", 1 / 2, 1 / 8, 1 / 6)

# %% nbgrader={"grade": true, "grade_id": "check_learning_rate", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(learning_rate)

# %% [markdown]
r"""
### Derivation B · Which powers are allowed?  *(on paper, 10 minutes, 3 points, read by a person)*

Take $\alpha_t = t^{-\delta}$.

1. For which $\delta$ do both conditions hold? Use that $\sum_t t^{-s}$ is infinite for $s\le1$ and
   finite for $s>1$.
2. What goes wrong a little outside, at $\delta = 0.4$ and at $\delta = 1.1$? One sentence each.
3. "inv" with any $\delta > 0$: does it satisfy both?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_robbins_monro", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
**1.** $\sum_t t^{-\delta} = \infty$ needs $\delta\le1$. $\sum_t t^{-2\delta}<\infty$ needs
$2\delta>1$. Together $\frac12<\delta\le1$.

**2.** At $\delta = 0.4$ the squares are $t^{-0.8}$, whose sum is infinite: the condition no longer
bounds the accumulated noise. At $\delta = 1.1$ the rates sum to a finite number (about 10.6), so
with bounded gradients $\theta$ cannot travel further than that times the bound, wherever the minimum
is.

**3.** Yes. For large $s$ the rate is close to $\alpha/(\delta s)$, like $\delta = 1$ in the power
law: the sum is infinite, the sum of squares finite.

=== BEGIN MARK SCHEME ===
- 1 point: both bounds, edges right ($\frac12$ excluded, 1 included).
- 1 point: noise for the one, limited distance for the other.
- 1 point: "inv" behaves like $1/s$.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### How fast may the rate fall?

### Exercise: robbins_monro_ok

`True` if $\alpha_t = t^{-\delta}$ satisfies both conditions, `False` otherwise. Exactly: no tolerance.
"""

# %% nbgrader={"grade": false, "grade_id": "robbins_monro_ok", "locked": false, "schema_version": 3, "solution": true, "task": false}
def robbins_monro_ok(delta):
    """Do the rates t^-delta satisfy both Robbins-Monro conditions?

    Parameters
    ----------
    delta : float
        Exponent; any real number.

    Returns
    -------
    bool
    """
    ### BEGIN SOLUTION
    sum_diverges = delta <= 1
    squares_converge = 2 * delta > 1
    return bool(sum_diverges and squares_converge)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_robbins_monro_ok", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(robbins_monro_ok)

# %% [markdown]
r"""
**Predict.** SGD for a mean: minimise $\frac1n\sum_i\frac12(\theta - c_i)^2$, one random example per
update, from $\theta = 0$. Take the rate $\alpha_t = 1/t$ (that is "pow", $\alpha = \delta = 1$,
$t_0 = 0$). What is $\theta$ after $t$ updates?
"""

# %% tags=["predict"] course={"predict": "one_over_t"}
predict("one_over_t", "...")  # write "the last c", "the mean of the drawn c" or "0"

# %%
def follow(points, rate):
    """SGD on (theta - c)^2 / 2 over the given points, from 0; points has one run per column."""
    theta, path = np.zeros(points.shape[1]), []
    for t, c in enumerate(points, start=1):
        theta = theta - rate(t) * (theta - c)
        path.append(theta)
    return np.array(path)


@when_solved
def outcome_one_over_t():
    points = np.random.default_rng(2).normal(3.0, 1.0, (50, 1))
    end = follow(points, lambda t: learning_rate(t, 1.0, 1.0, "pow", 0))[-1, 0]
    predicted("one_over_t", "the mean of the drawn points: they differ by "
              f"{abs(end - points.mean()):.0e}. SGD with 1/t is averaging")

# %% [markdown]
r"""
So averaging is a special case of SGD, and the rate $1/t$ is what makes every example count the same
in the end. Other rates, the same problem, started 10 standard deviations from the answer:
"""

# %%
@when_solved
def figure_rates():
    n_steps = 20_000
    points = np.random.default_rng(5).normal(10.0, 1.0, (n_steps, 60))
    rates = {"fixed, 0.5": lambda t: learning_rate(t, 0.5, 1.0, "inv", n_steps),
             "0.5 / t^0.75": lambda t: learning_rate(t, 0.5, 0.75, "pow", 0),
             "0.5 / t^1.5": lambda t: learning_rate(t, 0.5, 1.5, "pow", 0),
             "0.5 for 20 updates, then 0.5 / (1 + 0.5 s)":
             lambda t: learning_rate(t, 0.5, 0.5, "inv", 20)}
    steps = np.unique(np.geomspace(1, n_steps, 120).astype(int))
    series = {}
    for name, rate in rates.items():
        error = np.sqrt(np.mean((follow(points, rate) - 10.0) ** 2, axis=1))
        series[name] = error[steps - 1]
    fig, ax = plots.lines(
        steps, series, xlabel="update", ylabel="typical distance to the minimum",
        xscale="log", yscale="log",
        title="A fixed rate never settles; a rate that falls too fast never arrives",
    )
    plots.show(fig)
    for name, values in series.items():
        print(f"{name:45} {values[-1]:.3f}")

# %% [markdown]
r"""
The power 1.5 violates the first condition and is stuck on the way. The fixed rate violates the
second and is stuck in the noise. Note what the conditions do *not* say. They look only at rates, and
only in the limit: for a network one also needs assumptions on the gradients and their noise, and
what is then proved is that the gradient tends to 0, which may happen at a saddle. Referee 5 comes
back to this.

S1 ends its answer by naming improvements without explaining them: **Adagrad** divides each entry of
the step by the root of the sum of its squared gradients so far; **RMSprop** and **Adadelta** replace
that sum by an average that forgets; **Adam** adds momentum to it. All of them give every parameter a
step size of its own. Each needs two or three lines more than yours.
"""

# %% [markdown]
r"""
## A parabola that touches the loss

So far you used the slope. The **Hessian** $H$, the matrix of second derivatives, says how the slope
changes. Together they give a model of the loss near $\theta^{(t)}$, the second-order Taylor
expansion. With $d = \theta - \theta^{(t)}$:

$$l(\theta)\approx m(d) = f_0 + g^\top d + \tfrac12\,d^\top H\,d .$$

In words: the value here, plus the slope along the step, plus half the curvature along the step. (S3
prints this line twice; the second copy is garbled, the first is right.)

By hand: $l(\theta) = \theta_1^2 + \theta_1\theta_2 + \theta_2^2$ has $g = (2\theta_1+\theta_2,\
\theta_1 + 2\theta_2)$ and $H = \begin{pmatrix}2&1\\1&2\end{pmatrix}$. At $(1, 1)$: $f_0 = 3$,
$g = (3,3)$. For the step $d = (-1,-1)$ the model says $3 - 6 + \frac12\cdot6 = 0$. That is
$l(0, 0)$ exactly, because $l$ *is* quadratic.

### Exercise: taylor2
"""

# %% nbgrader={"grade": false, "grade_id": "taylor2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def taylor2(f0, g, H, d):
    """Second-order Taylor model of a function, a step d away from the point.

    Parameters
    ----------
    f0 : float
        Value at the point.
    g : ndarray, shape (P,)
        Gradient there.
    H : ndarray, shape (P, P)
        Hessian there, symmetric.
    d : ndarray, shape (P,)
        Step.

    Returns
    -------
    float
        f0 + g^T d + d^T H d / 2.
    """
    ### BEGIN SOLUTION
    return float(f0 + g @ d + 0.5 * d @ H @ d)
    ### END SOLUTION

# %%
H_hand, g_hand = np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([3.0, 3.0])


@first_test
def first_test_taylor2():
    print("yours  ", taylor2(3.0, g_hand, H_hand, np.array([-1.0, -1.0])))
    print("by hand", 0.0)

# %% nbgrader={"grade": true, "grade_id": "check_taylor2", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(taylor2)

# %% [markdown]
r"""
## Jump to the bottom of the parabola

A parabola can be minimised at once. Set the gradient of the model to 0:

$$0 = g + H\,(\theta - \theta^{(t)})\quad\Longrightarrow\quad
\theta^{(t+1)} = \theta^{(t)} - H^{-1} g .$$

In words: the step that makes the model's slope vanish. This is **Newton's method**. Compare it with
plain descent, $\theta - \alpha g$: in place of one number $\alpha$ stands a matrix that gives steep
directions short steps and flat directions long ones.

### Derivation C · One step is enough, if  *(on paper, 8 minutes, 3 points, read by a person)*

Let $l(\theta) = \frac12(\theta - \theta^*)^\top A\,(\theta - \theta^*) + c$ with $A$ symmetric and
invertible.

1. Write down $g$ and $H$ at any $\theta$, and show that one Newton step lands on $\theta^*$.
2. When is $\theta^*$ a minimum? What is it otherwise, and does Newton's step care?
3. What happens if $A$ has an eigenvalue 0?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_newton_quadratic", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
**1.** $g = A(\theta-\theta^*)$, $H = A$. So $\theta - H^{-1}g = \theta - A^{-1}A(\theta-\theta^*) =
\theta^*$, from any start.

**2.** If all eigenvalues of $A$ are positive, $\theta^*$ is the minimum. If all are negative, it is
the maximum; with both signs, a saddle. The computation in 1 used only that $A$ is invertible: the
step goes to the stationary point, whatever kind it is.

**3.** $H$ cannot be inverted; the step is not defined. Along the eigenvector the model is a straight
line or flat, so it has no lowest point or a whole line of them.

=== BEGIN MARK SCHEME ===
- 1 point: $g$, $H$ and the cancellation.
- 1 point: positive, negative, mixed eigenvalues; the step does not distinguish them.
- 1 point: singular $H$, the step does not exist (no or many stationary points).

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Exercise: newton_step

Use `np.linalg.solve(H, g)`, which solves $H\,x = g$. It is faster and more accurate than computing
$H^{-1}$. Take the step as it is, also where $H$ has negative eigenvalues: no repairs.
"""

# %% nbgrader={"grade": false, "grade_id": "newton_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def newton_step(theta, grad, hess):
    """One step of Newton's method.

    Parameters
    ----------
    theta : ndarray, shape (P,)
        Parameters.
    grad : ndarray, shape (P,)
        Gradient at theta.
    hess : ndarray, shape (P, P)
        Hessian at theta, symmetric and invertible.

    Returns
    -------
    ndarray, shape (P,)
        theta - hess^-1 grad.
    """
    ### BEGIN SOLUTION
    return theta - np.linalg.solve(hess, grad)
    ### END SOLUTION

# %%
@first_test
def first_test_newton_step():
    print("yours  ", newton_step(np.array([1.0, 1.0]), g_hand, H_hand))
    print("by hand", np.zeros(2))

# %% nbgrader={"grade": true, "grade_id": "check_newton_step", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(newton_step)

# %% [markdown]
r"""
### Where it shines, where it fails

In the narrow valley that made plain descent crawl, one Newton step is enough. Then take a function
with two valleys and a hill between them, $l(\theta) = \theta_1^4 - 2\theta_1^2 + \theta_2^2$. Its
minima are at $(\pm1, 0)$. Near $\theta_1 = 0$ it curves downwards.

**Predict.** Newton starts at $(0.1,\ 0.8)$, close to the top of the ridge. Where does it end?
"""

# %% tags=["predict"] course={"predict": "newton_end"}
predict("newton_end", "...")  # write "(1, 0)", "(-1, 0)" or "(0, 0)"

# %%
def height(x, y):
    """Two valleys and the ridge between them."""
    return x**4 - 2 * x**2 + y**2


def hills(theta):
    """Value, gradient and Hessian of the two valleys."""
    x, y = theta
    return height(x, y), np.array([4 * x**3 - 4 * x, 2 * y]), np.diag([12 * x**2 - 4, 2.0])

# %%
@when_solved
def figure_newton():
    ridge, beyond, downhill = (np.array([x, 0.8]) for x in (0.1, 0.75, 0.1))
    paths = {"Newton from (0.1, 0.8)": [ridge], "Newton from (0.75, 0.8)": [beyond],
             "descent from (0.1, 0.8)": [downhill]}
    for _ in range(6):
        ridge, beyond = (newton_step(p, *hills(p)[1:]) for p in (ridge, beyond))
        paths["Newton from (0.1, 0.8)"].append(ridge)
        paths["Newton from (0.75, 0.8)"].append(beyond)
    for _ in range(25):
        downhill = sgd_update(downhill, hills(downhill)[1], 0 * downhill, 0.1, 0.0)
        paths["descent from (0.1, 0.8)"].append(downhill)
    u, w = np.linspace(-1.7, 1.7, 121), np.linspace(-1.1, 1.1, 101)
    fig, ax = plots.contours(
        u, w, height(u[None, :], w[:, None]) + 1.001, paths,
        xlabel="theta_1", ylabel="theta_2",
        title="Newton goes where the slope is 0, and does not ask what lies there",
        alt="Level curves of a function with two minima, at (-1, 0) and (1, 0), and a saddle "
            "between them at (0, 0). Where the three paths end: "
            + "; ".join(f"{name}, {len(path) - 1} steps, at {np.round(path[-1], 2) + 0.0}"
                        for name, path in paths.items()) + ".",
    )
    ax.legend(loc="lower left")
    plots.show(fig)
    predicted("newton_end", f"({ridge[0]:.0e}, {ridge[1]:.0f}), the saddle, of all places: "
              f"loss {hills(ridge)[0]:.3f}; plain descent reaches {hills(downhill)[0]:.3f}")


@when_solved
def newton_in_the_valley():
    end = newton_step(valley_start, valley_gradient(valley_start), np.diag(steepness))
    print(f"one Newton step in the valley: distance to the minimum {np.linalg.norm(end):.0e}")

# %% [markdown]
r"""
Before you trust a Newton step, look at what the model promises and at what you get. `taylor2` is
the promise:
"""

# %%
@when_solved
def promise_and_truth():
    for start in (np.array([0.75, 0.8]), np.array([0.1, 0.8])):
        value, g, H = hills(start)
        end = newton_step(start, g, H)
        print(f"from {start}: loss {value:.3f}, promised {taylor2(value, g, H, end - start):.3f}, "
              f"found {hills(end)[0]:.3f}, smallest eigenvalue {np.linalg.eigvalsh(H)[0]:.2f}")

# %% [markdown]
r"""
The sign of the smallest eigenvalue tells the two cases apart. S3 adds the second price of Newton:
it is practical only with "few parameters". $H$ has $P^2$ entries, and solving takes about
$P^3/3$ operations. For a million parameters that is $10^{12}$ numbers. That is why networks
are trained with the first half of this chapter.
"""

# %% [markdown]
r"""
## The landscape of a network

For a convex risk every minimum is a global one, and all that matters is to get there fast. The risk
of a network is not convex, and there is not one global minimum. You can prove that in one line.

### The same function under another name

Take a network with one hidden layer, $f(x) = V\tanh(Wx + b) + c$, and rename its hidden units:
exchange unit 0 and unit 1, with everything that belongs to them. Each owns a row of $W$, an entry of
$b$ and a **column** of $V$. The output is a sum over units, and a sum does not depend on the order:

$$\sum_j V_{kj}\,h_j = \sum_i V_{k,\pi(i)}\,h_{\pi(i)} .$$

In words: new unit $i$ is old unit $\pi(i)$, and nobody outside notices. So every parameter vector has
$M!$ twins with the same risk, and the data can never tell which one is right. The parameters are
**not identifiable**.

### Exercise: permute_hidden

New unit `i` is old unit `perm[i]`. Return fresh arrays: someone will train the copy.
"""

# %% nbgrader={"grade": false, "grade_id": "permute_hidden", "locked": false, "schema_version": 3, "solution": true, "task": false}
def permute_hidden(W, b, V, perm):
    """Reorder the hidden units of a network without changing its function.

    Parameters
    ----------
    W : ndarray, shape (M, p)
        Hidden weights.
    b : ndarray, shape (M,)
        Hidden biases.
    V : ndarray, shape (K, M)
        Output weights.
    perm : ndarray of int, shape (M,)
        New unit i is old unit perm[i].

    Returns
    -------
    W_new, b_new, V_new : ndarrays, shapes of W, b, V
        Fresh arrays; the network with them computes the same outputs.
    """
    ### BEGIN SOLUTION
    return np.take(W, perm, axis=0), np.take(b, perm), np.take(V, perm, axis=1)
    ### END SOLUTION

# %%
@first_test
def first_test_permute_hidden():
    W, b, V = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([5.0, 6.0]), np.array([[7.0, 8.0]])
    print("yours  ", [part.tolist() for part in permute_hidden(W, b, V, np.array([1, 0]))])
    print("by hand", [[[3.0, 4.0], [1.0, 2.0]], [6.0, 5.0], [[8.0, 7.0]]])

# %% nbgrader={"grade": true, "grade_id": "check_permute_hidden", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(permute_hidden)

# %% [markdown]
r"""
### A hill between twins

Now a network with two hidden units learns a staircase. Its twin has the units exchanged and exactly
the same risk.

**Predict.** You walk from the trained network to its twin along a straight line in parameter space.
What does the risk do on the way?
"""

# %% tags=["predict"] course={"predict": "between_twins"}
predict("between_twins", "...")  # write "stays equal", "dips" or "rises"

# %%
x_stairs = np.linspace(-3, 3, 41)
y_stairs = 0.8 * np.tanh(3 * (x_stairs + 1.5)) + 0.8 * np.tanh(3 * (x_stairs - 1.5)) + 0.1


def stairs_risk_and_grad(theta):
    """Mean squared error / 2 of f(x) = V tanh(W x + b) with two units; theta is (W, b, V), flat."""
    W, b, V = theta[:2], theta[2:4], theta[4:]
    H = np.tanh(np.outer(x_stairs, W) + b)
    error = H @ V - y_stairs
    dA = np.outer(error, V) * (1 - H**2)
    grad = np.concatenate([x_stairs @ dA, dA.sum(axis=0), error @ H]) / len(x_stairs)
    return 0.5 * np.mean(error**2), grad


def descend_stairs(start, alpha, beta, n_steps):
    """Risks along the way, and the last parameters."""
    theta, v, risks = start, np.zeros(6), []
    for _ in range(n_steps):
        risk, grad = stairs_risk_and_grad(theta)
        risks.append(risk)
        theta, v = momentum_accum(theta, v, grad, alpha, beta)
    return np.array(risks), theta

# %%
@when_solved
def figure_twins():
    start = np.array([0.8, 0.6, 0.9, -0.7, 0.5, 0.4])
    theta = descend_stairs(start, 0.1, 0.9, 4000)[1]
    W, b, V = permute_hidden(theta[:2, None], theta[2:4], theta[None, 4:], np.array([1, 0]))
    twin = np.concatenate([W[:, 0], b, V[0]])
    s = np.linspace(-0.15, 1.15, 131)
    risks = np.array([stairs_risk_and_grad((1 - t) * theta + t * twin)[0] for t in s])
    fig, ax = plots.lines(
        s, {"risk": risks}, markers=False, xlabel="place between the network (0) and its twin (1)",
        ylabel="risk",
        title="Two networks, one function, and a hill between them",
    )
    ax.plot([0, 1], [stairs_risk_and_grad(p)[0] for p in (theta, twin)], "s", color="black",
            markersize=8)
    plots.show(fig)
    at = [stairs_risk_and_grad(p)[0] for p in (theta, (theta + twin) / 2, twin)]
    print(f"risk at the network {at[0]:.5f}, half way {at[1]:.5f}, at the twin {at[2]:.5f}")
    predicted("between_twins", f"it rises, {at[1] / at[0]:.0f} times as high half way")

# %% [markdown]
r"""
A convex function lies below the straight line between any two of its points. This one does not, so
the risk of a network **is not convex**, and no proof that needs convexity applies to it. And half way
between the twins both units are equal: that is a special place.

### A plateau made of symmetry

Two hidden units with equal weights compute the same thing, get the same gradient, and stay equal for
ever. They act as one. From a start where they are *almost* equal, descent first finds the best
network with one unit. There it sits, with a tiny slope towards anything better: a **plateau**. The
difference between the units then grows, slowly, until they part.

S3 says that momentum gets through plateaus more quickly. Measure it:
"""

# %%
@when_solved
def figure_plateau():
    start = np.array([0.55, 0.45, 0.2, 0.0, 0.4, 0.4])
    n_steps = 8000
    runs = {"plain, alpha = 0.1": (0.1, 0.0), "momentum, alpha = 0.1, beta = 0.9": (0.1, 0.9),
            "plain, alpha = 1": (1.0, 0.0)}
    series = {name: descend_stairs(start, *run, n_steps)[0] for name, run in runs.items()}
    fig, ax = plots.lines(
        1 + np.arange(n_steps), series, markers=False, xlabel="step", ylabel="risk",
        xscale="log", yscale="log",
        title="Momentum crosses the plateau in about a tenth of the steps",
    )
    plots.show(fig)
    for name, risks in series.items():
        below = np.flatnonzero(risks < 0.02)
        left = f"after {below[0]} steps" if below.size else f"not within {n_steps} steps"
        print(f"{name:34} below 0.02 {left}; largest risk after step 20: {risks[20:].max():.3f}")

# %% [markdown]
r"""
The claim is true at the same $\alpha$, and you know why: on a plateau the gradient hardly changes, so
the sum grows to $1/(1-\beta) = 10$ times the gradient. A plain step that is ten times as long gets
away as well. What it lacks is calm: where the risk curves strongly, it jumps. Momentum takes long
steps where gradients agree and short ones where they do not.

The slides point to Andrej Karpathy's demo of a small network that learns in the browser. If you find
it online, start it with few units and watch how long nothing happens before a fold snaps into place.
"""

# %% [markdown]
r"""
## Referee the notes

Five claims in print. You will need the function `gap` from above.
"""

# %% [markdown]
r"""
### Referee 1 · A minus that got lost

S3's box for SGD appears eight times in our copy, each time as

$$\Delta = -\nabla_\theta\, l\ \ \lambda\,\nabla_\theta\Omega \qquad\text{(as printed)}.$$

Something stood between the two terms.

**Your turn.** Return the three readings: with $+$, as a product, and with $-$. Ungraded, 1 line.
"""

# %% nbgrader={"grade": false, "grade_id": "readings", "locked": false, "schema_version": 3, "solution": true, "task": false}
def readings(grad_l, grad_omega, lam):
    """Delta with a plus, with nothing (a product, entry by entry), and with a minus.

    Parameters
    ----------
    grad_l, grad_omega : ndarray, shape (P,)
        The two gradients.
    lam : float
        Weight of the regulariser.

    Returns
    -------
    plus, product, minus : ndarrays, shape (P,)
    """
    ### BEGIN SOLUTION
    return -grad_l + lam * grad_omega, -grad_l * lam * grad_omega, -grad_l - lam * grad_omega
    ### END SOLUTION

# %%
check_yours(readings, ((np.array([1.0, -2.0]), np.array([3.0, 1.0]), 0.5),
                       (np.array([0.5, 2.5]), np.array([-1.5, 1.0]), np.array([-2.5, 1.5]))))

# %%
def numeric_gradient(f, theta, eps=1e-6):
    """Gradient of a scalar function by central differences."""
    return np.array([(f(theta + e) - f(theta - e)) / (2 * eps) for e in eps * np.eye(len(theta))])


@when_solved
def referee_minus():
    rng = np.random.default_rng(2046)
    slope, pull, lam, theta = rng.standard_normal(5), rng.standard_normal(5), 0.3, np.zeros(5)
    down = -numeric_gradient(lambda t: np.sin(t) @ slope + lam * (np.exp(t) @ pull), theta)
    for name, delta in zip(("plus", "product", "minus"), readings(slope, pull, lam), strict=True):
        print(f"{name:8} against the numeric downhill direction: off by {gap(delta, down):.1e}")

# %% [markdown]
r"""
**Report** *(1 point, read by a person)*. Which reading is right, and what would training with each of
the other two do to the regulariser?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_lost_minus", "locked": false, "points": 1, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
The minus: $\Delta = -\nabla l - \lambda\nabla\Omega$ agrees with the numeric direction; the plus is
off by 85 %, the product by 100 %. With the plus, training climbs the regulariser: weights are pushed
to grow. The product does not descend any sum: where the penalty is flat nothing moves, whatever the
loss says.

=== BEGIN MARK SCHEME ===
- 0.5 point: the minus, with a computed number.
- 0.5 point: what plus (grows the penalty) or product (no descent direction) does.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Referee 2 · An average that is a sum

S3 says that one "can use an exponential **average** of previous gradients", and writes
$\bar\nabla^{(t)} = \nabla l + \beta\,\bar\nabla^{(t-1)}$.

**Your turn.** Return the weights that this recursion gives to the last $r$ gradients, the newest
first, from $\bar\nabla^{(0)} = 0$. Ungraded, 1 line.
"""

# %% nbgrader={"grade": false, "grade_id": "memory_weights", "locked": false, "schema_version": 3, "solution": true, "task": false}
def memory_weights(beta, r):
    """Weights of the last r gradients in the accumulated gradient, the newest first.

    Parameters
    ----------
    beta : float
        How much of the past is kept.
    r : int
        Number of gradients.

    Returns
    -------
    ndarray, shape (r,)
    """
    ### BEGIN SOLUTION
    return beta ** np.arange(r)
    ### END SOLUTION

# %%
check_yours(memory_weights, ((0.5, 4), np.array([1, 1 / 2, 1 / 4, 1 / 8])),
            ((0.9, 1), np.array([1.0])))

# %%
@when_solved
def referee_average():
    for beta in (0.5, 0.9, 0.99):
        weights = memory_weights(beta, 5000)
        print(f"beta = {beta}: weights sum to {weights.sum():6.1f}; "
              f"times (1 - beta): {(1 - beta) * weights.sum():.4f}")
    print(f"constant gradient 1, beta = 0.9: off by {memory_weights(0.9, 5000).sum() - 1:.1f}")

# %% [markdown]
r"""
**Report** *(2 points, read by a person)*. What should an average's weights sum to? Give the repair that
makes it an average, and the other repair, that keeps the formula. What else does the slide leave out,
if you want to program from it?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_exponential_average", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
To 1. Here they sum to $1/(1-\beta)$, 10 for $\beta = 0.9$. Either multiply the new gradient by
$1-\beta$ (then it is the averaging form of chapter 03, with $a = 1-\beta$), or call it a decaying sum
and choose $\alpha$ smaller by $1-\beta$. Missing on the slide: the update $\theta\leftarrow\theta -
\alpha\bar\nabla$, the start $\bar\nabla^{(0)} = 0$, and $\lambda\nabla\Omega$, which the SGD slide
still has.

=== BEGIN MARK SCHEME ===
- 1 point: weights sum to $1/(1-\beta)$, not 1, with a number; one correct repair.
- 1 point: at least two of: update line, start, regulariser.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Referee 3 · Convex, so invertible?

S3 says that Newton is only practical if the loss is "locally convex (**so** the Hessian is
invertible)", and writes the method for the loss of *one* example. Three experiments.

**Your turn.** Return the rank of a symmetric matrix: the number of eigenvalues whose size exceeds
$10^{-9}$ times the largest. Ungraded, about 2 lines.
"""

# %% nbgrader={"grade": false, "grade_id": "numerical_rank", "locked": false, "schema_version": 3, "solution": true, "task": false}
def numerical_rank(H):
    """Number of eigenvalues of a symmetric matrix that are not negligible.

    Parameters
    ----------
    H : ndarray, shape (P, P)
        Symmetric.

    Returns
    -------
    int
        How many |eigenvalues| exceed 1e-9 times the largest one.
    """
    ### BEGIN SOLUTION
    size = np.abs(np.linalg.eigvalsh(H))
    return int((size > 1e-9 * size.max()).sum())
    ### END SOLUTION

# %%
check_yours(numerical_rank, ((np.diag([3.0, 0.0, -1e-3]),), 2),
            ((np.array([[1.0, -2.0], [-2.0, 4.0]]),), 1))

# %%
@when_solved(needs=["numerical_rank"])
def referee_convex():
    s = softmax_rows(np.array([[0.3, -0.4, 1.1, 0.2]]))[0]
    J = np.diag(s) - np.outer(s, s)  # Hessian of the NLL with respect to 4 logits
    print(f"NLL over 4 logits: rank {numerical_rank(J)} of 4, smallest eigenvalue "
          f"{abs(np.linalg.eigvalsh(J)[0]):.0e}, with 1e-3 I added "
          f"{np.linalg.eigvalsh(J + 1e-3 * np.eye(4))[0]:.0e}")
    X = np.random.default_rng(0).standard_normal((30, 4))
    one = np.kron(J, np.outer(X[0], X[0]))
    P = softmax_rows(X @ np.array([[0.5, -1, 0.2, 0.9]]).T @ np.array([[0.4, -0.2, 1.0, -0.7]]))
    risk = np.mean([np.kron(np.diag(p) - np.outer(p, p), np.outer(x, x))
                    for p, x in zip(P, X, strict=True)], axis=0)
    print(f"logistic regression, 16 weights: one example has rank {numerical_rank(one)}, "
          f"the risk of 30 examples rank {numerical_rank(risk)}")


@when_solved
def referee_hill():
    theta = np.array([0.1])
    end = newton_step(theta, 4 * theta**3 - 4 * theta, np.diag(12 * theta**2 - 4))
    for name, t in (("before", theta[0]), ("after one Newton step", end[0])):
        print(f"t^4 - 2 t^2, {name}: t = {t:.4f}, loss {t**4 - 2 * t**2:.2g}")

# %% [markdown]
r"""
**Report** *(2 points, read by a person)*. Is a convex function's Hessian invertible? What is the right
word? What does the second line say about Newton for one example? And what does $H + 10^{-3} I$ repair,
what not?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_invertible", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
No. The NLL is convex in the logits, and its Hessian has rank 3 of 4 (adding a constant to all logits
changes nothing). The right condition is a **positive definite** Hessian, all eigenvalues positive,
which makes the function strictly convex there. For one example the Hessian has rank 3 of 16: it can
only know about the direction of its own $x$. So Newton belongs to the risk, and even there the shift
directions remain (rank 12 of 16). Adding $10^{-3}I$ lifts eigenvalues 0 to $10^{-3}$, so the step
exists. It does not help on a hill: there eigenvalues are far below 0, and the step climbs (loss
$-0.0199$ to $-8.5\cdot10^{-6}$).

=== BEGIN MARK SCHEME ===
- 0.5 point: positive definite (strictly convex), with the rank as evidence.
- 0.5 point: one example, rank 3 of 16; the risk is meant.
- 1 point: damping repairs zero eigenvalues; it does not repair negative ones of any size.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Referee 4 · An upper bound?

S3 calls the loss "a surrogate for what we truly should optimize (e.g. upper bound)" and then uses
$-\ln f_y$. Does that bound the 0/1 error from above?

No points. A mistake needs $f_y\le\frac12$ when there are two classes, and costs 1.
"""

# %%
f_y = 0.49  # the other class has 0.51 and wins: one mistake
print(f"error 1, natural logarithm {-np.log(f_y):.3f}, base 2: {-np.log2(f_y):.2f}")

# %% [markdown]
r"""
<details>
<summary>Verdict</summary>

$-\ln f_y$ is not an upper bound: 0.713 is less than 1. $-\log_2 f_y$ is one, because $f_y\le\frac12$
gives at least 1. The two differ by the factor $\ln 2$, so they have the same minimisers; only the
words "upper bound" need the base 2.

</details>
"""

# %% [markdown]
r"""
### Referee 5 · Small print

No points, one minute each. Decide first, then open. The cell below the list computes the numbers.

<details>
<summary>S0, section 5, calls its averaging iteration "the heavy-ball method". For which step?</summary>

Polyak's heavy ball is $\theta' = \theta - \eta g + \beta(\theta - \theta_{\text{before}})$. That is
*your* accumulating form with $\eta = \alpha$: there $\beta(\theta-\theta_{\text{before}}) =
-\alpha\beta v$. S0's form agrees only with $\eta = \gamma a$, $\beta = 1-a$ and $\phi^0 = 0$, and S0
never gives $\phi^0$.

</details>

<details>
<summary>S0: "we want to minimize the average loss", followed by a sum. How far apart are the
gradients?</summary>

By the factor $N$, exactly. S0 takes the full sum every time, never a mini-batch, so its $\gamma$ is
$1/N$ of one for the mean.

</details>

<details>
<summary>S3 on mini-batches: "the gradient is the average regularized loss for that mini-batch".
</summary>

A gradient is not a loss. It is the gradient **of** the average regularised loss.

</details>

<details>
<summary>S3: "Stochastic gradient descent will converge if" the two sums behave. Is that enough?
</summary>

The conditions concern the rates only. One also needs that the noise has bounded variance and that
gradients do not grow too fast; and for a network the result is a place where the gradient vanishes,
not a global minimum. Nor are they needed in every case: with exact gradients a fixed small rate
converges.

</details>

<details>
<summary>S1 writes the indices of its batches as (I_i) with 1 ≤ p, 1 ≤ i ≤ B. What is missing?
</summary>

The superscript: $(I_i^p)$. Without it, every update would use the same $B$ examples for ever.

</details>

<details>
<summary>S1, question 3: "What is the complexity of an iteration?" Answer: "proportional to B instead of
n". What would you still want to know?</summary>

The factor: a forward pass costs about $B\sum_k d_k d_{k-1}$ multiply-accumulates, the backward pass
at most twice that. By finite differences it would be $2P$ forward passes.

</details>
"""

# %%
@when_solved
def referee_small_print():
    gamma, a = 0.0072, 0.1
    path = averaging_path(gamma, a, np.zeros(2))
    for name, eta in (("eta = gamma a", gamma * a), ("eta = gamma", gamma)):
        theta, v, ball = valley_start, np.zeros(2), [valley_start]
        for _ in range(60):
            theta, v = momentum_accum(theta, v, valley_gradient(theta), eta, 1 - a)
            ball.append(theta)
        print(f"S0's path against the ball with {name + ':':15} {gap(path, np.array(ball)):.1e}")
    other = averaging_path(gamma, a, valley_gradient(valley_start))
    print(f"phi^0 = first gradient instead of 0:        {gap(path, other):.1e}")
    six = np.random.default_rng(5).standard_normal((6, 3))
    ratio = six.sum(axis=0) / minibatch_grad(six, np.arange(6), 6)
    print("gradient of the sum over gradient of the mean, N = 6:", ratio)

# %% [markdown]
r"""
## Quiz

Six questions. Replace the dots by a letter and run the cell.

**07.1** You have 1000 examples and batches of 32, the last one short. How many updates are in one
epoch?

- **a** 31
- **b** 32
- **c** 1000
"""

# %%
quiz("07.1", "...")

# %% [markdown]
r"""
**07.2** You make the batch four times as large. What happens to the standard deviation of the
mini-batch gradient?

- **a** it is a quarter
- **b** it is a half
- **c** nothing
"""

# %%
quiz("07.2", "...")

# %% [markdown]
r"""
**07.3** The accumulating form runs with alpha = 0.1 and beta = 0.9. Which gamma and a give the
same path in the averaging form?

- **a** gamma = 0.1, a = 0.1
- **b** gamma = 1, a = 0.9
- **c** gamma = 1, a = 0.1
"""

# %%
quiz("07.3", "...")

# %% [markdown]
r"""
**07.4** Rates 1/t^2 violate one of the two conditions. What is the consequence?

- **a** the noise never averages out
- **b** the whole run can only travel a limited distance
- **c** the first steps are too long
"""

# %%
quiz("07.4", "...")

# %% [markdown]
r"""
**07.5** Newton's step starts near the top of a hill, where the Hessian is negative definite.
Where does it go?

- **a** down the hill
- **b** to the top
- **c** nowhere: the step is undefined
"""

# %%
quiz("07.5", "...")

# %% [markdown]
r"""
**07.6** A network has one hidden layer of 5 tanh units, all different. How many parameter vectors
give the same function if you only reorder the units?

- **a** 5
- **b** 120
- **c** 32
"""

# %%
quiz("07.6", "...")

# %% [markdown]
r"""
## What to remember

- **A step size means something only together with its reduction.** Sum or mean, $n$ times apart.
- **A mini-batch gradient is right on average**, with variance like $1/B$. For the same work many
  noisy steps beat few exact ones.
- **Shuffle from the generator you are given**, anew in every pass: each example once.
- **Momentum has two forms and one path**: $a = 1-\beta$, $\gamma = \alpha/(1-\beta)$, both from zero.
- **Rates must sum to infinity, their squares must not**: $t^{-\delta}$ with $\frac12<\delta\le1$.
- **Newton goes where the slope of the quadratic model is 0**: in one step to the bottom of a
  parabola, and as fast to a saddle or to the top of a hill. Look at the eigenvalues.
- **A network has many twins.** Renaming hidden units changes the parameters and not the function, so
  the risk is not convex. Equal units make plateaus.
"""

# %%
progress()

# %% [markdown]
r"""
## Sources

The methods come from **S3**, a set of lecture slides, *Training neural networks*; the mini-batch
algorithm and its cost from **S1**, section 1, an exercise sheet with solutions, *Feed forward neural
networks*; descent with an averaged gradient from **S0**, section 5, a homework handout, *Details on
neural network derivative computations* (Justin Domke, 2017). The decreasing rates are the usual ones,
filled in where the copy of S3 has lost them. The figures, the exercises and the walk between twins
were made for this course. The mistakes reported here were found by computing, and take nothing away
from our thanks to the authors.

| Here | Taken from | Remarks |
|---|---|---|
| What is being minimised | S3, empirical risk minimisation; S1, section 1; S0, section 5 | mean here, sum in S0 |
| One step, with a regulariser | S3, stochastic gradient descent | the minus restored in Referee 1 |
| Which examples, in which order? | S1, section 1, question 2; S3 | with replacement in S1, passes in S3 |
| An average over the drawn | S3, mini-batch; S1, section 1, question 3 | the cost completed |
| A sum that forgets | S3, momentum; S0, section 5 | two forms made equal in Derivation A |
| How long a step? | S3, convergence conditions | formulas of the strategies from general knowledge |
| A parabola that touches the loss; Jump to the bottom of the parabola | S3, Newton's method | conditions repaired in Referee 3 |
| The landscape of a network | S3, local optimum, global optimum, plateau | the figures are ours |

<details>
<summary>Every item of the notes that this chapter teaches</summary>

| Item | Source, section | Taught in |
|---|---|---|
| S0.5.1 | S0, section 5 | One step, with a regulariser; chapter 03 |
| S0.5.2 | S0, section 5 | What is being minimised; Referee 5 |
| S0.5.3 | S0, section 5 | Two forms, one path; Derivation A |
| S0.5.4 | S0, section 5 | Referee 5; A plateau made of symmetry |
| S0.5.5 | S0, section 5 | What a batch buys; Referee 5 |
| S1.1.0 | S1, section 1 | What is being minimised |
| S1.1.3 | S1, section 1, question 2 | Which examples, in which order?; Referee 5 |
| S1.1.4 | S1, section 1, question 2 | How long a step? |
| S1.1.5 | S1, section 1, question 3 | What a batch buys; Referee 5 |
| S3.2.1 | S3, empirical risk minimisation | What is being minimised |
| S3.2.2 | S3, empirical risk minimisation | What is being minimised |
| S3.2.3 | S3, empirical risk minimisation | What is being minimised; Referee 4 |
| S3.3.1 | S3, stochastic gradient descent | One step, with a regulariser; Referee 1 |
| S3.3.2 | S3, stochastic gradient descent | One step, with a regulariser |
| S3.3.3 | S3, stochastic gradient descent | What is being minimised |
| S3.17.1 | S3, optimisation | A hill between twins |
| S3.17.2 | S3, optimisation | The same function under another name |
| S3.17.3 | S3, optimisation | A plateau made of symmetry |
| S3.17.4 | S3, optimisation | A plateau made of symmetry |
| S3.18.1 | S3, convergence conditions | How long a step?; Derivation B |
| S3.18.2 | S3, convergence conditions | Fixed first, then smaller |
| S3.18.3 | S3, convergence conditions | How long a step? |
| S3.19.1 | S3, mini-batch | An average over the drawn; Referee 5 |
| S3.19.2 | S3, mini-batch | What a batch buys |
| S3.19.3 | S3, mini-batch | What a batch buys |
| S3.20.1 | S3, momentum | A sum that forgets; Referee 2 |
| S3.20.2 | S3, momentum | A plateau made of symmetry |
| S3.21.1 | S3, Newton's method | A parabola that touches the loss |
| S3.21.2 | S3, Newton's method | Jump to the bottom of the parabola |
| S3.21.3 | S3, Newton's method | Jump to the bottom of the parabola; Derivation C |
| S3.21.4 | S3, Newton's method | Where it shines, where it fails; Referee 3 |

</details>
"""
