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
# 05 · The ReLU network and its kinks

Take the network of chapter 03 and replace tanh by the simplest bend there is: $\max(0, a)$. What
you get is the network that most people train today, and a function made of flat pieces, folded
along straight lines.

Backprop through it is short. But at every fold the derivative does not exist, and that has
consequences you can measure: a gradient check that cries wolf, a convention you have to choose, and
units that fall asleep and never wake up. One set of notes on this network, a worked homework called
S4 here, also carries a
mistake that is invisible for one input and wrong for two. You will find it.

[[Exercises]] exercises carry you through: [[points]] points, checked while you work. [[Written]] written answers, [[points by a person]]
points, are read by a person. Plan nearly three hours, in two sittings; *The error and its four
gradients* is where the second one begins.
"""

# %% [markdown]
r"""
## What you will be able to do

| At the end you can | You show it in |
|---|---|
| write the ramp and its slope, and defend a convention at the kink | `relu`, `relu_prime` |
| measure the slopes on both sides of a kink, and say what a central difference makes of them | `one_sided` |
| derive the path from one weight to one logit, index by index | Derivation A, `dzk_dW1` |
| derive and compute all gradients of a ReLU classifier | Derivation B, `relu_err_and_grads` |
| check a gradient near kinks without false alarms | `kink_mask` |
| recognise units that have died, and say why they stay dead | `dead_units` |

You will also referee the notes that this chapter grew from: a gate that looks at the wrong thing, a
factor counted twice, and a sum that went missing.
"""

# %% [markdown]
r"""
## Are you ready?

Five questions, two minutes. If more than two of them stop you, go back to chapter 01 for the
softmax and to chapter 03 for backprop through one hidden layer.

1. What is the gradient of $-\log\operatorname{softmax}(z)_y$ with respect to the logits $z$?
2. `X` has shape `(N, d)` and `W1` shape `(h, d)`. Which product has shape `(N, h)`?
3. A number $q$ reaches the error along two paths. How do their derivatives combine?
4. What is the central difference of $f$ at $x$ with step $\varepsilon$?
5. `a` has shape `(h,)` and `x` has shape `(d,)`. What is the shape of `a[:, None] * x`?

<details>
<summary>Answers</summary>

1. $\operatorname{softmax}(z) - e_y$: what you said minus what was true.
2. `X @ W1.T`.
3. They add.
4. $\bigl(f(x + \varepsilon) - f(x - \varepsilon)\bigr)/(2\varepsilon)$.
5. `(h, d)`: one row per entry of `a`.

</details>
"""

# %% [markdown]
r"""
## Notation

| Symbol | In code | Meaning | Shape |
|---|---|---|---|
| $N$, $d$, $h$, $K$ | `N`, `d`, `h`, `K` | sizes: examples, inputs, hidden units, classes | |
| $x$, $X$ | `x`, `X` | one example; a batch, one example per row | `(d,)`, `(N, d)` |
| $W_1$, $b_1$ | `W1`, `b1` | hidden weights and biases | `(h, d)`, `(h,)` |
| $a = W_1 x + b_1$, $A$ | `a`, `A` | pre-activations of the hidden units | `(h,)`, `(N, h)` |
| $\phi(a) = \max(0, a)$ | `relu` | the activation function, entry by entry | |
| $\phi(a)$, $\phi(A)$ | `r`, `H` | activations of the hidden units | `(h,)`, `(N, h)` |
| $g = \phi'(a)$, $G$ | `g`, `G` | gates: 1 open, 0 closed | `(h,)`, `(N, h)` |
| $W_2$, $b_2$ | `W2`, `b2` | output weights and biases | `(K, h)`, `(K,)` |
| $z = W_2\,\phi(a) + b_2$, $Z$ | `z`, `Z` | logits | `(K,)`, `(N, K)` |
| $p = \operatorname{softmax}(z)$ | `p`, `P` | probabilities | `(K,)`, `(N, K)` |
| $y$, $Y$ | `y`, `Y` | **one-hot** label: 1 for the true class, 0 elsewhere | `(K,)`, `(N, K)` |
| $\mathrm{Err}$ | `err` | error: the **sum** of negative log-likelihoods | |
| $\mathbb{1}\{\cdot\}$ | `(... > 0)` | 1 if the condition holds, 0 otherwise | |
| $\odot$ | `*` | elementwise product | |

The letter $h$ is a size here, as in S4. When a single unit is meant, its index is $j$; a single
input has the index $m$ and a single logit the index $k$. All of them count from 0. The weight from
input $m$ to unit $j$ is $(W_1)_{jm}$: first where it goes, then where it comes from.
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
hint("relu_prime", level=1)

# %% [markdown]
r"""
## A ramp and a step

A hidden unit adds up its inputs, $a = w^\top x + b$, and then decides what to pass on. The
**rectified linear unit**, ReLU for short, has the simplest rule:

$$\phi(a) = \max(0, a).$$

In words: pass $a$ on if it is positive, otherwise pass on 0. There is no exponential in it, and
nothing saturates on the positive side. Its slope has two values, so the unit acts like a **gate**:
open, it passes the number and later the gradient unchanged; closed, it passes neither.

### By hand

This chapter's smallest network has two inputs, two hidden units and two logits:

$$W_1 = \begin{pmatrix} 2 & -1\\ 1 & -2\end{pmatrix},\quad b_1 = \begin{pmatrix}1\\ 1\end{pmatrix},
\quad W_2 = \begin{pmatrix} 1 & 2\\ 2 & -1\end{pmatrix},\quad
b_2 = \begin{pmatrix} -1\\ \log 3 - 2\end{pmatrix},\quad x = \begin{pmatrix} 1\\ 2\end{pmatrix}.$$

The pre-activations are $a_0 = 2 - 2 + 1 = 1$ and $a_1 = 1 - 4 + 1 = -2$. So unit 0 is open, unit 1
is closed, and the hidden activations are $(1, 0)$. The logits are $z_0 = 1 - 1 = 0$ and
$z_1 = 2 + \log 3 - 2 = \log 3$. Their exponentials are 1 and 3:

$$p = \left(\tfrac14,\ \tfrac34\right).$$

Keep this network. Every formula of the chapter is tried on it first.
"""

# %%
W1_hand, b1_hand = np.array([[2.0, -1.0], [1.0, -2.0]]), np.array([1.0, 1.0])
W2_hand, b2_hand = np.array([[1.0, 2.0], [2.0, -1.0]]), np.array([-1.0, np.log(3) - 2])
x_hand, y_hand = np.array([1.0, 2.0]), np.array([1.0, 0.0])
print("pre-activations", W1_hand @ x_hand + b1_hand)

# %% [markdown]
r"""
### Exercise: relu

Any shape in, the same shape out, entry by entry. Leave the argument as you found it: `a[a < 0] = 0`
would change the caller's array.
"""

# %% nbgrader={"grade": false, "grade_id": "relu", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relu(a):
    """Apply the ramp max(0, a) to every entry.

    Parameters
    ----------
    a : ndarray, any shape
        Pre-activations.

    Returns
    -------
    ndarray, shape of a
        a where a is positive, 0 elsewhere.
    """
    ### BEGIN SOLUTION
    return np.maximum(a, 0)
    ### END SOLUTION

# %%
@first_test
def first_test_relu():
    print("yours  ", relu(W1_hand @ x_hand + b1_hand))
    print("by hand", np.array([1.0, 0.0]))

# %% nbgrader={"grade": true, "grade_id": "check_relu", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(relu)

# %% [markdown]
r"""
### The slope, and what to say at 0

Left of 0 the ramp is flat, right of 0 it rises with slope 1:

$$\phi'(a) = \begin{cases} 1 & a > 0,\\ 0 & a < 0.\end{cases}$$

In words: the slope says whether the gate is open. And at $a = 0$? There the ramp has a **kink**:
its slope from the left is 0, its slope from the right is 1, and a derivative would have to be both.
S4 writes that the derivative is "0 when $a \le 0$". Strictly, there is no derivative at 0. What S4
gives, without saying so, is a **convention**:

$$\phi'(0) := 0.$$

In words: a unit that sits exactly on its kink counts as closed. The number 1 would do as well, and
so would anything between. What matters is that everybody who shares code uses the same one.

### Exercise: relu_prime

Any shape in, float64 zeros and ones of the same shape out. A comparison gives booleans; turn them
into numbers, because `-mask` and `mask - 1` are not what you expect for booleans.
"""

# %% nbgrader={"grade": false, "grade_id": "relu_prime", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relu_prime(a):
    """Slope of the ramp at every entry, with the convention relu'(0) = 0.

    Parameters
    ----------
    a : ndarray, any shape
        Pre-activations.

    Returns
    -------
    ndarray of float64, shape of a
        1 where a is positive, 0 elsewhere.
    """
    ### BEGIN SOLUTION
    return np.where(a > 0, 1.0, 0.0)
    ### END SOLUTION

# %%
@first_test
def first_test_relu_prime():
    print("yours  ", relu_prime(W1_hand @ x_hand + b1_hand), relu_prime(np.array([0.0])))
    print("by hand", np.array([1.0, 0.0]), np.array([0.0]))

# %% nbgrader={"grade": true, "grade_id": "check_relu_prime", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(relu_prime)

# %% [markdown]
r"""
### Two slopes at one point

At a kink there is no derivative, but there are two **one-sided** slopes. You can measure them like
any slope, each with points from its own side only:

$$s_-= \frac{f(x) - f(x - \varepsilon)}{\varepsilon},\qquad
s_+ = \frac{f(x + \varepsilon) - f(x)}{\varepsilon}.$$

In words: how much $f$ rises on the last step before $x$, and on the first step after it. Their mean
is the central difference of chapter 00. For a smooth function both tend to $f'(x)$. For the ramp at
0 they are 0 and 1, however small $\varepsilon$ is.

**Predict.** You check $\phi'(0)$ with a central difference and make $\varepsilon$ smaller and
smaller. Which number comes out?
"""

# %% tags=["predict"] course={"predict": "central_at_kink"}
predict("central_at_kink", "...")  # write a number, or "it never settles"

# %% [markdown]
r"""
### Exercise: one_sided

`f` is a function of one number. Return two numbers, left first. These are the difference quotients
themselves, with the `eps` that you are given: no limit, no smaller step.
"""

# %% nbgrader={"grade": false, "grade_id": "one_sided", "locked": false, "schema_version": 3, "solution": true, "task": false}
def one_sided(f, x, eps):
    """Difference quotients of f on the left and on the right of x.

    Parameters
    ----------
    f : callable
        From a float to a float.
    x : float
    eps : float
        The step, positive.

    Returns
    -------
    left, right : float
        (f(x) - f(x - eps)) / eps and (f(x + eps) - f(x)) / eps.
    """
    ### BEGIN SOLUTION
    here = f(x)
    return (here - f(x - eps)) / eps, (f(x + eps) - here) / eps
    ### END SOLUTION

# %%
@first_test
def first_test_one_sided():
    left, right = one_sided(lambda t: t**2, 1.0, 0.5)
    print("yours for t^2 at 1, eps = 1/2:", left, right)
    print("by hand                      :", (1 - 0.25) / 0.5, (2.25 - 1) / 0.5)

# %% nbgrader={"grade": true, "grade_id": "check_one_sided", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(one_sided)

# %%
@when_solved
def outcome_central_at_kink():
    for eps in (1e-1, 1e-4, 1e-8):
        left, right = one_sided(relu, 0.0, eps)
        print(f"eps = {eps:.0e}: left {left:.4f}, right {right:.4f}, "
              f"central {(left + right) / 2:.4f}")
    predicted("central_at_kink", "1/2 for every eps: the mean of the slopes 0 and 1. Neither "
              "convention agrees with it")

# %% [markdown]
r"""
So far the kink was at $x$ itself. A difference quotient can also *reach over* a kink that is only
near. Watch the three quotients of the ramp, with $\varepsilon = 0.25$, as $x$ passes 0:
"""

# %%
@when_solved
def figure_quotients():
    eps = 0.25
    x = np.linspace(-0.75, 0.75, 121)
    left, right = np.array([one_sided(relu, float(t), eps) for t in x]).T
    fig, ax = plots.lines(
        x, {"left quotient": left, "right quotient": right, "central difference": (left + right) / 2,
            "your relu_prime": relu_prime(x)},
        xlabel="x", ylabel="slope of the ramp",
        title="Within eps of a kink, a central difference is neither of the two slopes",
    )
    ax.axvspan(-eps, eps, color="0.9", zorder=0)
    ax.text(0, -0.02, "within eps of the kink", ha="center", va="top", fontsize="small")
    ax.set_ylim(-0.12, 1.08)
    plots.show(fig)

# %% [markdown]
r"""
Inside the grey band the central difference is neither 0 nor 1, although the true slope exists
everywhere but at one point. The width of the band is set by *your* step, so the band is a property
of the check, not of the function. You will need this picture again when you check a whole network.
"""

# %% [markdown]
r"""
## A function made of folds

Put the ramp into a network with one input and one output:

$$f(x) = \sum_j (W_2)_{0j}\,\phi\bigl((W_1)_{j0}\,x + (b_1)_j\bigr) + (b_2)_0 .$$

In words: a sum of ramps, each with its own start, direction and height. Between two neighbouring
starts no gate changes, and a sum of straight lines is a straight line. So $f$ is **piecewise
linear**, and it can bend only where some unit has $a_j = 0$, at $x = -(b_1)_j/(W_1)_{j0}$.

**Predict.** Four hidden units, one input. Into how many straight pieces can the four kinks cut the
line at most?
"""

# %% tags=["predict"] course={"predict": "pieces"}
predict("pieces", "...")  # write a number

# %%
W1_fold = np.array([[1.0], [1.5], [-1.0], [-2.0]])
b1_fold = np.array([1.5, -0.75, 0.25, -4.5])
W2_fold, b2_fold = np.array([[1.0, -1.6, 1.2, 0.8]]), np.array([-0.5])


@when_solved
def figure_folds():
    x = np.linspace(-3, 3, 601)
    f = (relu(x[:, None] @ W1_fold.T + b1_fold) @ W2_fold.T + b2_fold)[:, 0]
    kinks = -b1_fold / W1_fold[:, 0]
    fig, ax = plots.lines(
        x, {"f(x)": f}, markers=False, xlabel="x", ylabel="f(x)",
        title="The function bends where a gate opens or closes, and nowhere else",
        alt="A function of one input between -3 and 3. "
            f"{plots.describe({'f': f}, x)} Four dotted vertical lines stand where a unit has its "
            "kink, at -2.25, -1.5, 0.25 and 0.5. Below, four bars show where the gate of each unit "
            "is open; every bar begins or ends at one of the dotted lines.",
    )
    for j, kink in enumerate(kinks):
        ax.axvline(kink, color=plots.COLOURS[j + 1], linestyle=":", linewidth=1.5)
        ends = (kink, 3.0) if W1_fold[j, 0] > 0 else (-3.0, kink)
        height = f.min() - 0.5 - 0.45 * j
        ax.hlines(height, *ends, color=plots.COLOURS[j + 1], linewidth=6)
        ax.text(-3.1, height, f"gate {j}", ha="right", va="center", fontsize="small")
    ax.set_xlim(-3.7, 3.05)
    plots.show(fig)
    gates = relu_prime(x[:, None] @ W1_fold.T + b1_fold)
    pieces = len(np.unique(gates, axis=0))
    predicted("pieces", f"{pieces} gate patterns occur here, hence {pieces} pieces; h kinks cut a "
              "line into at most h + 1")

# %% [markdown]
r"""
With more inputs the kinks become lines, planes and so on: unit $j$ folds the input space along
$w_j^\top x + b_j = 0$. In each region between folds the gates are fixed, so the network is one
affine map there, $z = W_2\operatorname{diag}(g)\,(W_1 x + b_1) + b_2$.

Below, three units fold the plane. The thin lines are level lines of $z_1 - z_0$, which decides the
class.
"""

# %%
W1_plane = np.array([[1.0, 0.4], [-0.5, 1.0], [-1.0, -1.0]])
b1_plane = np.array([0.2, -0.3, 0.6])
W2_plane = np.array([[0.5, -1.0, 0.3], [-0.6, 1.2, 1.5]])


@when_solved
def figure_plane():
    t = np.linspace(-2, 2, 161)
    points = np.stack(np.meshgrid(t, t), axis=-1).reshape(-1, 2)
    A = points @ W1_plane.T + b1_plane
    Z = relu(A) @ W2_plane.T
    folds = {f"fold of unit {j}": -(w[0] * t + b) / w[1]
             for j, (w, b) in enumerate(zip(W1_plane, b1_plane, strict=True))}
    fig, ax = plots.lines(
        t, folds, xlabel="x_0", ylabel="x_1", markers=False,
        title="Within a region all level lines are parallel; they turn only at the folds",
        alt="The plane of two inputs, cut by three straight lines, the folds of three hidden units, "
            "into seven regions, white and grey by turns. Thin level lines of the difference of two "
            "logits run straight and parallel inside each region and change direction exactly where "
            "they cross a fold. They lie close together in some regions and far apart in others.",
    )
    open_gates = relu_prime(A).sum(axis=1).reshape(len(t), len(t))
    ax.contourf(t, t, open_gates % 2, levels=[-0.5, 0.5, 1.5], colors=["white", "0.9"], zorder=0)
    ax.contour(t, t, (Z[:, 1] - Z[:, 0]).reshape(len(t), len(t)), levels=24, colors="0.45",
               linewidths=0.7, zorder=1, linestyles="solid")
    ax.set(xlim=(-2, 2), ylim=(-2, 2))
    ax.grid(False)
    ax.legend(loc="upper right")
    fig.set_size_inches(6.4, 5)
    plots.show(fig)
    print("gate patterns in the square:", len(np.unique(relu_prime(A), axis=0)), "of 2^3 = 8")

# %% [markdown]
r"""
A white region and a grey one differ in one gate. A smooth network bends everywhere a little; this
one bends in a few places all at once. For the derivative that means: constant in each region,
undefined on the folds, and the folds have no area. A random point hits one with probability 0. A
step of size $\varepsilon$ does not.
"""

# %% [markdown]
r"""
## From one weight to one logit

S4 computes gradients by going down to single entries, and that is worth doing once. Write one logit
with every index:

$$z_k = \sum_{i} (W_2)_{ki}\;\phi\Bigl(\underbrace{\sum_{l} (W_1)_{il}\,x_l + (b_1)_i}_{a_i}\Bigr)
+ (b_2)_k .$$

In words: logit $k$ adds what each unit $i$ passes on, and each unit looks at *all* inputs $l$. Now
ask how $z_k$ answers to one parameter at a time. Near the output it is easy:

$$\frac{\partial z_k}{\partial (W_2)_{kj}} = \phi(a_j),\qquad
\frac{\partial z_k}{\partial (b_2)_k} = 1 .$$

In words: $z_k$ is linear in its own weights, and the coefficient is the activation that the weight
multiplies. The weights and biases of the *other* logits do not occur in $z_k$ at all.

### One gate for a whole sum

For a hidden weight $(W_1)_{jm}$ the path to $z_k$ is longer: the weight moves $a_j$, that moves
$\phi(a_j)$, and that moves $z_k$. Three links, three factors:

$$\frac{\partial z_k}{\partial (W_1)_{jm}} = (W_2)_{kj}\;\phi'(a_j)\;x_m,
\qquad
\frac{\partial z_k}{\partial (b_1)_j} = (W_2)_{kj}\;\phi'(a_j).$$

In words: how much logit $k$ listens to unit $j$, times whether the gate of unit $j$ is open, times
the input that the weight carries. The gate is asked about $a_j$, the **whole sum**. The other terms
of that sum do not contain $(W_1)_{jm}$, so they drop out when you differentiate the sum. They do not
drop out of the *argument* of $\phi'$.

### By hand

For the small network, $k = 1$: row 1 of $W_2$ is $(2, -1)$, the gates are $(1, 0)$ and
$x = (1, 2)$. So

$$\frac{\partial z_1}{\partial W_1} = \begin{pmatrix} 2\cdot1\\ -1\cdot 0\end{pmatrix}
\begin{pmatrix} 1 & 2\end{pmatrix} = \begin{pmatrix} 2 & 4\\ 0 & 0\end{pmatrix}.$$
"""

# %% [markdown]
r"""
### Derivation A · One weight, one logit  *(on paper, 10 minutes, 4 points, read by a person)*

Start from the expansion of $z_k$ above. Derive $\partial z_k/\partial (W_1)_{jm}$ for $a_j\neq 0$,
one step per line, and say in each line which terms vanish and why. Then write all entries for fixed
$k$ as one outer product, and say what changes for $(b_1)_j$. Close with one sentence on $a_j = 0$.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_dzk_dW1", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
$$\begin{aligned}
\frac{\partial z_k}{\partial (W_1)_{jm}}
&= \sum_i (W_2)_{ki}\,\frac{\partial \phi(a_i)}{\partial (W_1)_{jm}}
&&(b_2)_k \text{ and } W_2 \text{ do not depend on } W_1\\
&= (W_2)_{kj}\,\frac{\partial \phi(a_j)}{\partial (W_1)_{jm}}
&&\text{only } a_j \text{ contains } (W_1)_{jm}\text{: the terms } i\ne j \text{ vanish}\\
&= (W_2)_{kj}\,\phi'(a_j)\,\frac{\partial a_j}{\partial (W_1)_{jm}}
&&\text{chain rule; } \phi' \text{ is taken at the whole } a_j\\
&= (W_2)_{kj}\,\phi'(a_j)\,x_m
&&\text{in } a_j=\textstyle\sum_l (W_1)_{jl}x_l+(b_1)_j \text{ only } l = m \text{ contains it.}
\end{aligned}$$

For fixed $k$ this is entry $(j, m)$ of $\bigl((W_2)_{k\cdot}\odot\phi'(a)\bigr)\,x^\top$. For
$(b_1)_j$ the last factor is $\partial a_j/\partial (b_1)_j = 1$ in place of $x_m$. At $a_j = 0$ the
derivative does not exist (unless $(W_2)_{kj}x_m = 0$); the convention $\phi'(0) = 0$ puts 0 there.

=== BEGIN MARK SCHEME ===
- 1 point: the sum over units reduces to $i = j$, with the reason.
- 1 point: the chain rule with $\phi'$ at the whole sum $a_j$; $\phi'((W_1)_{jm}x_m + (b_1)_j)$
  costs this point.
- 1 point: the sum inside reduces to $x_m$, and to 1 for the bias.
- 0.5 point: the outer product. 0.5 point: no derivative at 0, a convention instead.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Exercise: dzk_dW1

One example `x` of shape `(d,)`, one logit `k`; the answer has the shape of `W1`. Compute the
pre-activations first, then the outer product.
"""

# %% nbgrader={"grade": false, "grade_id": "dzk_dW1", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dzk_dW1(W1, b1, W2, x, k):
    """Derivative of one logit with respect to every hidden weight.

    Parameters
    ----------
    W1 : ndarray, shape (h, d)
    b1 : ndarray, shape (h,)
    W2 : ndarray, shape (K, h)
    x : ndarray, shape (d,)
        One example.
    k : int
        The logit, 0..K-1.

    Returns
    -------
    ndarray, shape (h, d)
        d z_k / d W1, with relu'(0) = 0.
    """
    ### BEGIN SOLUTION
    a = W1 @ x + b1
    return np.outer(W2[k] * relu_prime(a), x)
    ### END SOLUTION

# %%
@first_test
def first_test_dzk_dW1():
    print("yours\n", dzk_dW1(W1_hand, b1_hand, W2_hand, x_hand, 1) + 0.0)
    print("by hand\n", np.array([[2.0, 4.0], [0.0, 0.0]]))

# %% nbgrader={"grade": true, "grade_id": "check_dzk_dW1", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(dzk_dW1)

# %% [markdown]
r"""
## The error and its four gradients

Now the loss. S4 calls it Err, differentiates it, and never defines it. For a one-hot label $y$ it
is the negative log-likelihood of chapter 01, and a batch adds up:

$$\mathrm{Err} = \sum_n \Bigl(\log\sum_c e^{Z_{nc}} - \sum_c Y_{nc}\,Z_{nc}\Bigr).$$

In words: for each example, log-sum-exp minus the logit of the true class. Its derivative with
respect to a logit you know:

$$\frac{\partial\,\mathrm{Err}}{\partial z_k} = p_k - y_k .$$

In words: what you said minus what was true. This line needs that the entries of $y$ sum to 1. If
they did not, $p_k$ would be multiplied by their sum.

### Every logit sends something back

The chain rule wants every path. A weight $w$ somewhere in the network can reach the error through
each of the $K$ logits, so

$$\frac{\partial\,\mathrm{Err}}{\partial w} = \sum_{k} \frac{\partial\,\mathrm{Err}}{\partial z_k}\,
\frac{\partial z_k}{\partial w} = \sum_k (p_k - y_k)\,\frac{\partial z_k}{\partial w}.$$

In words: each logit's error, times how much that logit depends on $w$, added up. For
$(W_2)_{kj}$ and $(b_2)_k$ a single term survives, because only $z_k$ depends on them. For the hidden
parameters *all* terms survive. Put the results of the last section in:

$$\begin{aligned}
\frac{\partial\,\mathrm{Err}}{\partial W_2} &= (p - y)\,\phi(a)^\top, &
\frac{\partial\,\mathrm{Err}}{\partial b_2} &= p - y,\\
\frac{\partial\,\mathrm{Err}}{\partial W_1} &= \bigl(W_2^\top(p - y)\odot\phi'(a)\bigr)\,x^\top, &
\frac{\partial\,\mathrm{Err}}{\partial b_1} &= W_2^\top(p - y)\odot\phi'(a).
\end{aligned}$$

In words: the error at the logits goes back along the same weights, and open gates let it through.
The sum over $k$ has become the matrix product with $W_2^\top$. S4 stops before these four lines;
they are what you implement.

### By hand

Take $y = (1, 0)$. The error is $\log(1 + 3) - 0 = \log 4$, and $p - y = (-\frac34, \frac34)$. What
comes back to the units is

$$W_2^\top(p - y) = \begin{pmatrix} 1\cdot(-\frac34) + 2\cdot\frac34\\
2\cdot(-\frac34) - 1\cdot\frac34\end{pmatrix} = \begin{pmatrix} \frac34\\ -\frac94\end{pmatrix}.$$

Unit 1 receives the larger share, and its gate is closed: nothing passes. So
$\partial\,\mathrm{Err}/\partial b_1 = (\frac34, 0)$, and

$$\frac{\partial\,\mathrm{Err}}{\partial W_1} = \begin{pmatrix}\frac34 & \frac32\\ 0 & 0\end{pmatrix},
\qquad
\frac{\partial\,\mathrm{Err}}{\partial W_2} = \begin{pmatrix}-\frac34 & 0\\ \frac34 & 0\end{pmatrix}.$$

Column 1 of the last matrix is 0 because unit 1 was inactive. A closed gate silences a unit in
both directions.
"""

# %% [markdown]
r"""
### Derivation B · From the sum over $k$ to a matrix product  *(on paper, 12 minutes, 4 points, read by a person)*

Derive the four gradients for one example from
$\partial\,\mathrm{Err}/\partial w = \sum_k (p_k - y_k)\,\partial z_k/\partial w$. For $W_2$ and $b_2$
say why one term of the sum survives. For $W_1$ and $b_1$ turn the sum into a product with
$W_2^\top$. Then give the four gradients of a batch, with $X$, $H = \phi(A)$, $G = \phi'(A)$ and
$D = P - Y$, and say where the sum over examples went.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_relu_gradients", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
**Output layer.** $(W_2)_{kj}$ and $(b_2)_k$ occur in $z_k$ and in no other logit, so of the sum over
the logits one term is left: $(p_k - y_k)\,\phi(a_j)$ and $p_k - y_k$. All entries together are
$(p - y)\,\phi(a)^\top$ and $p - y$.

**Hidden layer.** Every logit contains $a_j$:
$$\frac{\partial\,\mathrm{Err}}{\partial (W_1)_{jm}} = \sum_k (p_k - y_k)\,(W_2)_{kj}\,\phi'(a_j)\,x_m
= \Bigl[\sum_k (W_2^\top)_{jk}\,(p_k - y_k)\Bigr]\phi'(a_j)\,x_m .$$
The bracket is entry $j$ of $W_2^\top(p - y)$, so the matrix is
$\bigl(W_2^\top(p - y)\odot\phi'(a)\bigr)x^\top$; for $b_1$ the factor $x_m$ is 1.

**Batch.** The errors of the examples add up, and so do their gradients:
$$\mathrm dW_2 = D^\top H,\quad \mathrm db_2 = \textstyle\sum_n D_n,\quad
\mathrm dW_1 = (D W_2\odot G)^\top X,\quad \mathrm db_1 = \textstyle\sum_n (D W_2\odot G)_n .$$
In the weight gradients the sum over $n$ is inside the matrix product; in the bias gradients it is
written out. Nothing is divided by $N$.

=== BEGIN MARK SCHEME ===
- 1 point: output layer, with the reason why one term survives.
- 1 point: hidden layer with the sum over $k$.
- 1 point: the sum recognised as $W_2^\top(p - y)$, with consistent indices.
- 1 point: the batch formulas, with the place of the sum over $n$.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Exercise: relu_err_and_grads

A batch `X` of shape `(N, d)` and one-hot rows `Y` of shape `(N, K)`. Return
`(err, dW1, db1, dW2, db2)`, all **sums** over the examples, in the shapes of the parameters.

- Compute the error from the logits. Take each row's maximum off first, as in chapter 01; logits of
  1000 must do no harm.
- Write whole-array products. The check also counts your work: backprop costs about as much as three
  forward passes, however many parameters there are.
- The check judges each step given *your own* earlier steps, so one mistake costs one step.
"""

# %% nbgrader={"grade": false, "grade_id": "relu_err_and_grads", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relu_err_and_grads(W1, b1, W2, b2, X, Y):
    """Error of the ReLU classifier and its gradient, summed over the examples.

    Parameters
    ----------
    W1 : ndarray, shape (h, d)
    b1 : ndarray, shape (h,)
    W2 : ndarray, shape (K, h)
    b2 : ndarray, shape (K,)
    X : ndarray, shape (N, d)
        One example per row.
    Y : ndarray, shape (N, K)
        One-hot labels.

    Returns
    -------
    err : float
        Sum of the negative log-likelihoods.
    dW1, db1, dW2, db2 : ndarrays, shapes of W1, b1, W2, b2
        Gradients of that sum, with relu'(0) = 0.
    """
    ### BEGIN SOLUTION
    A = X @ W1.T + b1
    H = relu(A)
    Z = H @ W2.T + b2
    Z = Z - Z.max(axis=1, keepdims=True)
    total = np.exp(Z).sum(axis=1, keepdims=True)
    err = (np.log(total[:, 0]) - (Y * Z).sum(axis=1)).sum()
    D = np.exp(Z) / total - Y
    dA = (D @ W2) * relu_prime(A)
    return err, dA.T @ X, dA.sum(axis=0), D.T @ H, D.sum(axis=0)
    ### END SOLUTION

# %%
@first_test
def first_test_relu_err_and_grads():
    err, dW1, db1, dW2, db2 = relu_err_and_grads(
        W1_hand, b1_hand, W2_hand, b2_hand, x_hand[None, :], y_hand[None, :])
    print(f"err {err:.4f}, by hand log 4 = {np.log(4):.4f}")
    print("4 dW1\n", 4 * dW1, "\nby hand\n", np.array([[3.0, 6.0], [0.0, 0.0]]))
    print("4 db1", 4 * db1, " by hand", np.array([3.0, 0.0]))
    print("4 dW2\n", 4 * dW2, "\nby hand\n", np.array([[-3.0, 0.0], [3.0, 0.0]]))
    print("4 db2", 4 * db2, " by hand", np.array([-3.0, 3.0]))

# %% nbgrader={"grade": true, "grade_id": "check_relu_err_and_grads", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(relu_err_and_grads)

# %% [markdown]
r"""
## A gradient check that knows about kinks

You have a gradient. Trust comes from chapter 00: compare each entry with a central difference. Take
one example and one logit of a network with 40 units and 25 inputs. It is piecewise linear in its
weights, so inside a piece the central difference is *exact* up to rounding. Check all 1000 entries,
with a generous $\varepsilon = 0.01$.

**Predict.** Your `dzk_dW1` has passed its check. How many of the 1000 entries will disagree with
the central difference by more than 1 %?
"""

# %% tags=["predict"] course={"predict": "false_alarms"}
predict("false_alarms", "...")  # write a number

# %%
def central_gradient(f, W, eps=1e-6):
    """Central differences of a scalar function f with respect to every entry of W."""
    out = np.empty(W.shape)
    for index in np.ndindex(W.shape):
        step = np.zeros(W.shape)
        step[index] = eps
        out[index] = (f(W + step) - f(W - step)) / (2 * eps)
    return out


def entry_errors(a, b):
    """Difference of each entry, relative to the largest entry of both."""
    return np.abs(a - b) / max(np.abs(a).max(), np.abs(b).max())


rng = np.random.default_rng(222)
W1_check, b1_check = 0.2 * rng.standard_normal((40, 25)), 0.3 * rng.standard_normal(40)
W2_check, x_check = rng.standard_normal((3, 40)), rng.standard_normal(25)
eps_check = 0.01


@when_solved
def outcome_false_alarms():
    def logit(W1):
        return W2_check[2] @ relu(W1 @ x_check + b1_check)

    numeric = central_gradient(logit, W1_check, eps_check)
    errors = entry_errors(numeric, dzk_dW1(W1_check, b1_check, W2_check, x_check, 2))
    bad = errors > 0.01
    units = np.flatnonzero(bad.any(axis=1))
    a = W1_check @ x_check + b1_check
    predicted("false_alarms", f"{bad.sum()}, the worst by {100 * errors.max():.0f} %; "
              f"they belong to units {units} with a = {a[units]}")

# %% [markdown]
r"""
Your gradient is right, and the check says it is not. The culprits have a pre-activation near 0: the
step carries them over the kink, and the difference averages two slopes. You saw this band in grey
above. A check that cries wolf is no good, and neither is one with a tolerance so loose that nothing
triggers it. There is a better way.

### Which entries to leave out

You know for which entries the step reaches the kink *before* you run the check. When
$(W_1)_{jm}$ moves by $\pm\varepsilon$, the pre-activation moves by $\pm\varepsilon x_m$. So the kink
is in reach exactly when

$$|a_j| \;\le\; \varepsilon\,|x_m| .$$

In words: the distance of unit $j$ to its kink is no larger than what the step can bridge. This is a
statement about pairs: one weight of a unit may be in reach and its neighbour, on a smaller input,
may not. Leave these entries out of the check and hold all others to a strict tolerance.

**By hand.** In the small network $|a| = (1, 2)$ and $|x| = (1, 2)$. With $\varepsilon = 1$ the
products $\varepsilon|x_m|$ are $(1, 2)$, and the mask is
$\begin{pmatrix}\text{True} & \text{True}\\ \text{False} & \text{True}\end{pmatrix}$: two of its
entries sit exactly on the edge, and the contract counts the edge.

### Exercise: kink_mask

One example in, booleans of shape `(h, d)` out. Compare without dividing: an input may be exactly 0.
"""

# %% nbgrader={"grade": false, "grade_id": "kink_mask", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kink_mask(W1, b1, x, eps):
    """Mark the hidden weights whose step of eps reaches a kink.

    Parameters
    ----------
    W1 : ndarray, shape (h, d)
    b1 : ndarray, shape (h,)
    x : ndarray, shape (d,)
        One example.
    eps : float
        The step of the gradient check, positive.

    Returns
    -------
    ndarray of bool, shape (h, d)
        True where |a_j| <= eps |x_m|, with a = W1 x + b1.
    """
    ### BEGIN SOLUTION
    a = W1 @ x + b1
    return np.abs(a)[:, None] <= eps * np.abs(x)
    ### END SOLUTION

# %%
@first_test
def first_test_kink_mask():
    print("yours\n", kink_mask(W1_hand, b1_hand, x_hand, 1.0))
    print("by hand\n", np.array([[True, True], [False, True]]))

# %% nbgrader={"grade": true, "grade_id": "check_kink_mask", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(kink_mask)

# %% [markdown]
r"""
Now the whole check again. Each dot is one of the 1000 entries. To the left of the line your mask is
True.
"""

# %%
@when_solved
def figure_mask():
    def logit(W1):
        return W2_check[2] @ relu(W1 @ x_check + b1_check)

    numeric = central_gradient(logit, W1_check, eps_check)
    exact = dzk_dW1(W1_check, b1_check, W2_check, x_check, 2)
    errors = entry_errors(numeric, exact)
    mask = kink_mask(W1_check, b1_check, x_check, eps_check)
    a = W1_check @ x_check + b1_check
    reach = np.abs(a)[:, None] / (eps_check * np.abs(x_check))
    shown = np.maximum(errors, 1e-16)  # exact agreement has no place on a log scale
    fig, ax = plots.lines(
        reach[~mask], {"checked": shown[~mask]},
        xscale="log", yscale="log", xlabel="|a| / (eps |x|): distance to the kink in steps",
        ylabel="relative error of the difference",
        title="Every false alarm lies within one step of a kink; all others agree to rounding",
        alt="Log-log scatter plot of 1000 entries: the error of a central difference against the "
            f"distance to the kink in steps. The {mask.sum()} marks left out by the mask have errors "
            f"up to {errors[mask].max(initial=0):.0e}, the others up to "
            f"{errors[~mask].max(initial=0):.0e}. A vertical line stands at distance 1.",
    )
    ax.lines[0].set(linestyle="none", markevery=1, markersize=3)
    ax.plot(reach[mask], shown[mask], "s", color=plots.COLOURS[1], markersize=5,
            label="left out by the mask")
    ax.axvline(1.0, color="black", linewidth=1)
    ax.legend(loc="upper right")
    plots.show(fig)
    print(f"left out: {mask.sum()} of {mask.size} entries")
    print(f"largest error among the others: {errors[~mask].max():.0e}")

# %% [markdown]
r"""
Almost eleven orders of magnitude lie between the two groups, so the tolerance can be strict. Two remarks.
Smaller steps leave fewer entries out: the number of entries in reach shrinks like $\varepsilon$. And
the mask must stay small. A check that leaves out half of the entries has checked half of the
gradient.

For a batch the errors of many examples add up, and a step is in reach of a kink if it is for *any*
of them. Here is the check of your whole `relu_err_and_grads` on 20 examples, with the masks of all
examples joined:
"""

# %%
@when_solved
def check_whole_gradient():
    rng = np.random.default_rng(8)
    W1, b1 = rng.standard_normal((7, 4)), rng.standard_normal(7)
    W2, b2 = rng.standard_normal((3, 7)), rng.standard_normal(3)
    X, Y = rng.standard_normal((20, 4)), np.eye(3)[rng.integers(0, 3, 20)]
    dW1 = relu_err_and_grads(W1, b1, W2, b2, X, Y)[1]
    print("     eps   left out   worst, all entries   worst, the others")
    for eps in (1e-1, 1e-2, 1e-3, 1e-4):
        numeric = central_gradient(lambda W: relu_err_and_grads(W, b1, W2, b2, X, Y)[0], W1, eps)
        mask = np.any([kink_mask(W1, b1, x, eps) for x in X], axis=0)
        errors = entry_errors(numeric, dW1)
        others = f"{errors[~mask].max():.0e}" if (~mask).any() else "none left"
        print(f"{eps:8.0e}{mask.sum():6d}/{mask.size}{errors.max():19.0e}{others:>20}")

# %% [markdown]
r"""
The error is no longer piecewise linear, the softmax bends it, so the clean entries now carry the
usual truncation error, which falls like $\varepsilon^2$. With $\varepsilon = 0.1$ twenty examples
are enough to put two weights of three in reach of some kink. That is the practical rule: for ReLU
networks check with **few examples and a small step**, and look at the mask before you look at the
error.
"""

# %% [markdown]
r"""
## Units that never wake up

A closed gate passes no gradient. That is fine as long as some other example opens it. A unit whose
gate is closed for **every** example gets the gradient 0 from all of them: its weights and bias do
not move, so in the next step it is closed again. It is **dead**:

$$A_{nj} \le 0 \quad\text{for all } n .$$

In words: no example ever brings unit $j$ above 0. At $a = 0$ the convention counts as closed, so
the comparison includes it. Nothing in gradient descent on this layer brings a dead unit back. Tanh
units can saturate, but on paper their slope is never exactly 0. This is the price of the flat half.

**By hand.** Give the small network the batch $x = (1, 2)$ and $x = (0, 1)$. Unit 1 has
$a = -2$ and $a = 0 - 2 + 1 = -1$: dead on this batch. Unit 0 has $a = 1$ and $a = 0$: alive, thanks
to the first example.

### Exercise: dead_units

A batch in, one boolean per hidden unit out, shape `(h,)`.
"""

# %% nbgrader={"grade": false, "grade_id": "dead_units", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dead_units(W1, b1, X):
    """Say which hidden units are closed for every example.

    Parameters
    ----------
    W1 : ndarray, shape (h, d)
    b1 : ndarray, shape (h,)
    X : ndarray, shape (N, d)
        One example per row.

    Returns
    -------
    ndarray of bool, shape (h,)
        True where no example has a pre-activation above 0.
    """
    ### BEGIN SOLUTION
    return ~(X @ W1.T + b1 > 0).any(axis=0)
    ### END SOLUTION

# %%
@first_test
def first_test_dead_units():
    print("yours  ", dead_units(W1_hand, b1_hand, np.array([[1.0, 2.0], [0.0, 1.0]])))
    print("by hand", np.array([False, True]))

# %% nbgrader={"grade": true, "grade_id": "check_dead_units", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(dead_units)

# %% [markdown]
r"""
### How units die

Nobody starts with many dead units. They are killed by steps that are too long: one large update
pushes a bias far below 0, and the unit is gone. Below, the same network of 40 units learns to tell
the inside of a ring from the outside, from the same start, with three learning rates.

**Predict.** What happens to the number of dead units when training goes on with a *smaller* rate?
"""

# %% tags=["predict"] course={"predict": "resurrection"}
predict("resurrection", "...")  # write "it falls", "it stays" or "it grows"

# %%
def ring_data(n, rng):
    """Points in the plane; class 1 inside a ring, class 0 outside."""
    X = rng.uniform(-2, 2, (n, 2))
    return X, np.eye(2)[(np.hypot(*X.T) < 1.2).astype(int)]


def train(params, X, Y, rate, n_steps):
    """Gradient descent on the mean error; returns the parameters and the dead units per step."""
    counts = [dead_units(params[0], params[1], X).sum()]
    for _ in range(n_steps):
        grads = relu_err_and_grads(*params, X, Y)[1:]
        params = [p - rate / len(X) * g for p, g in zip(params, grads, strict=True)]
        counts.append(dead_units(params[0], params[1], X).sum())
    return params, np.array(counts)


def ring_start(rng, h=40):
    return [rng.standard_normal((h, 2)), np.zeros(h), rng.standard_normal((2, h)) / 2, np.zeros(2)]


@when_solved
def figure_dead():
    X, Y = ring_data(200, np.random.default_rng(1))
    curves, summary = {}, []
    for rate in (0.1, 1.0, 4.0):
        params, counts = train(ring_start(np.random.default_rng(2)), X, Y, rate, 150)
        H = relu(X @ params[0].T + params[1])
        right = (np.argmax(H @ params[2].T + params[3], axis=1) == np.argmax(Y, axis=1)).mean()
        curves[f"learning rate {rate:g}"] = counts
        summary.append(f"rate {rate:g}: {counts[-1]} of 40 dead, {100 * right:.0f} % right")
        if rate == 4.0:
            after = train(params, X, Y, 0.1, 300)[1][-1]
    fig, ax = plots.lines(
        np.arange(151), curves, xlabel="step of gradient descent", ylabel="dead units of 40",
        title="Long steps kill units in the first moments, and nothing brings them back",
    )
    ax.set_xlim(-0.5, 40)
    plots.show(fig)
    print("\n".join(summary))
    predicted("resurrection", f"{curves['learning rate 4'][-1]} dead before, {after} after 300 more "
              "steps with rate 0.1: their gradient is 0, so no rate can move them")

# %% [markdown]
r"""
Look at the last column of the printout as well. The rate that killed eleven units ends with all
examples right: 29 living units are enough for this ring. Dead units are capacity that you pay for and
do not have, not wrong answers.

Three remedies are in use: smaller steps, a small positive start for the biases, and a ramp that
leaks a little on the negative side, $\max(0.01\,a, a)$, so that no gate is ever quite closed. A dead
unit is not a bug of backprop. The gradient says, rightly, that no *small* change of this unit
changes the error.
"""

# %% [markdown]
r"""
## Referee the notes

S4 is a worked homework on this very network. Most of it is right, and parts (a) and (b) you have
used above. Its part (c) and its closing recipe are not. A referee computes. The tools are
`central_gradient` from above, good enough here because no unit is near its kink, and one number for
the mismatch.
"""

# %%
def mismatch(a, b):
    """Largest difference, relative to the largest entry: 0 is agreement, 1 is hopeless."""
    return entry_errors(a, b).max()


def referee_network(seed, h=6, d=5, K=4):
    """A network of generic numbers, one example, and its label (class 1, one-hot)."""
    rng = np.random.default_rng(seed)
    W1, b1 = rng.standard_normal((h, d)), rng.standard_normal(h)
    W2, b2 = rng.standard_normal((K, h)), rng.standard_normal(K)
    return W1, b1, W2, b2, rng.standard_normal(d), np.eye(K)[1]


def err_of(W1, b1, W2, b2, x, y):
    """The error of one example, from your function."""
    return relu_err_and_grads(W1, b1, W2, b2, x[None, :], y[None, :])[0]

# %% [markdown]
r"""
### Referee 1 · The gate that sees one input only

S4, part (c), in our letters. "Note that every term here is 0 but when" the unit is $j$ and the input
is $m$, it says, and arrives at

$$\frac{\partial z_k}{\partial (W_1)_{jm}} = \begin{cases} (W_2)_{kj}\,x_m &
\text{when } (W_1)_{jm}\,x_m + (b_1)_j > 0,\\ 0 & \text{otherwise}\end{cases}
\qquad\text{(as printed)},$$

and the same condition for $\partial z_k/\partial(b_1)_j = (W_2)_{kj}$.

**Your turn.** Type the printed formula for $W_1$ and one $k$, exactly as it stands. Ungraded, about 2
lines.
"""

# %% nbgrader={"grade": false, "grade_id": "printed_dzk_dW1", "locked": false, "schema_version": 3, "solution": true, "task": false}
def printed_dzk_dW1(W1, b1, W2, x, k):
    """d z_k / d W1 as S4 prints it.

    Parameters
    ----------
    W1, b1, W2, x, k
        As in dzk_dW1.

    Returns
    -------
    ndarray, shape (h, d)
    """
    ### BEGIN SOLUTION
    gates = W1 * x + b1[:, None] > 0
    return np.outer(W2[k], x) * gates
    ### END SOLUTION

# %%
check_yours(printed_dzk_dW1, ((W1_hand, b1_hand, W2_hand, x_hand, 1),
                              np.array([[2.0, 0.0], [-1.0, 0.0]])))

# %%
@when_solved
def referee_gate():
    W1, b1, W2, b2, x, y = referee_network(39629)
    h, d = W1.shape

    def err_gradient(dzk):
        D = relu_err_and_grads(W1, b1, W2, b2, x[None, :], y[None, :])[4]
        return sum(D[k] * dzk(W1, b1, W2, x, k) for k in range(len(D)))

    numeric = central_gradient(lambda W: err_of(W, b1, W2, b2, x, y), W1)
    true_gates = (W1 @ x + b1 > 0)[:, None]
    wrong = (true_gates != (W1 * x + b1[:, None] > 0)).sum()
    print(f"gates of W1 that the printed condition gets wrong: {wrong} of {h * d}")
    for name, dzk in (("the printed formula", printed_dzk_dW1), ("yours", dzk_dW1)):
        print(f"dErr/dW1 with {name:21} off by {mismatch(err_gradient(dzk), numeric):.1e}")
    numeric_b1 = central_gradient(lambda b: err_of(W1, b, W2, b2, x, y), b1)
    up = W2.T @ relu_err_and_grads(W1, b1, W2, b2, x[None, :], y[None, :])[4]
    for m in range(d):
        off = mismatch(up * (W1[:, m] * x[m] + b1 > 0), numeric_b1)
        print(f"dErr/db1 with the printed condition, m = {m}: off by {off:.1e}")
    one = W1[:, :1], b1, W2, x[:1], 0
    print("one input only, printed equals yours:",
          np.array_equal(printed_dzk_dW1(*one), dzk_dW1(*one)))

# %% [markdown]
r"""
**Report** *(2 points, read by a person)*. Which step of S4's argument fails? (Which terms vanish when
you differentiate, and which do not vanish inside $\phi$?) Something in the bias formula cannot be
right before any number is computed: what? And for which networks is the printed formula right?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_one_input_gate", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
The terms of $\sum_l (W_1)_{jl}x_l$ with $l\ne m$ have derivative 0, but they are part of the
argument at which $\phi'$ is taken. S4 drops them inside $\phi$ *before* differentiating. Right is
$\mathbb{1}\{a_j > 0\}$ with the whole $a_j$; with the printed gate 9 of 30 gates are wrong and the
gradient is off by 82 %. In the formula for the bias the right side depends on an input index $m$
that the left side does not have. (Some choice of $m$ happens to give the right gates here; that is
luck.) With a single input the sum has one term, and the printed formula is right.

=== BEGIN MARK SCHEME ===
- 1 point: terms that vanish under differentiation still belong to the argument of $\phi'$; repaired
  gate; supported by a computed number.
- 0.5 point: the free index in the bias formula.
- 0.5 point: right for $d = 1$.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Referee 2 · The factor counted twice

S4 states the chain rule,
$\partial\,\mathrm{Err}/\partial w = (\partial\,\mathrm{Err}/\partial z_k)(\partial z_k/\partial w)$,
and right below it, three times in all,

$$\frac{\partial\,\mathrm{Err}}{\partial z_k} = (-y_k + p_k)\,\frac{\partial z_k}{\partial w}
\qquad\text{(}\alpha\text{, as printed)}.$$

**Your turn.** Put $(\alpha)$ into the chain rule two lines above it, for $w = (W_2)_{kj}$, where
$\partial z_k/\partial w = \phi(a_j)$. Ungraded, one line.
"""

# %% nbgrader={"grade": false, "grade_id": "printed_dW2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def printed_dW2(D, r):
    """dErr/dW2 from S4's (alpha), put into the chain rule as printed.

    Parameters
    ----------
    D : ndarray, shape (K,)
        p - y.
    r : ndarray, shape (h,)
        Hidden activations relu(a).

    Returns
    -------
    ndarray, shape (K, h)
    """
    ### BEGIN SOLUTION
    return np.outer(D, r) * r
    ### END SOLUTION

# %%
check_yours(printed_dW2, ((np.array([-0.75, 0.75]), np.array([1.0, 2.0])),
                          np.array([[-0.75, -3.0], [0.75, 3.0]])))

# %%
@when_solved
def referee_factor():
    W1, b1, W2, b2, x, y = referee_network(47884)
    r = relu(W1 @ x + b1)
    D = relu_err_and_grads(W1, b1, W2, b2, x[None, :], y[None, :])[4]
    numeric_z = central_gradient(lambda z: np.log(np.exp(z).sum()) - y @ z, W2 @ r + b2)
    j = np.flatnonzero(r)[0]  # an open unit
    print(f"dErr/dz as printed, with w = W2[k, {j}]: off by {mismatch(D * r[j], numeric_z):.1e}")
    print(f"dErr/dz without the factor:          off by {mismatch(D, numeric_z):.0e}")
    numeric = central_gradient(lambda W: err_of(W1, b1, W, b2, x, y), W2)
    print(f"dErr/dW2 with the factor twice:      off by {mismatch(printed_dW2(D, r), numeric):.1e}")
    print(f"dErr/dW2 with the factor once:       off by {mismatch(np.outer(D, r), numeric):.0e}")
    numeric_b2 = central_gradient(lambda b: err_of(W1, b1, W2, b, x, y), b2)
    print(f"dErr/db2 with the factor twice:      off by {mismatch(D * 1.0**2, numeric_b2):.0e}")

# %% [markdown]
r"""
**Report** *(2 points, read by a person)*. Can the left side of $(\alpha)$ depend on $w$? Give the
two ways to repair the line. Why does $b_2$ not show the mistake, and why did the small network with
$\phi(a) = (1, 0)$ not show it for $W_2$?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_factor_twice", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
$\partial\,\mathrm{Err}/\partial z_k$ is a property of the error and the logits; no weight $w$ has
been named in it, so the right side cannot contain $\partial z_k/\partial w$. Either the left side
should be $\partial\,\mathrm{Err}/\partial w$ (one logit's share of it), or the factor goes. With the
line as printed the chain rule counts $\partial z_k/\partial w$ twice, and $W_2$ is off by 74 %. For
$b_2$ the factor is 1, and $1\cdot1 = 1$. In the small network the activations are 0 and 1, which are
their own squares.

=== BEGIN MARK SCHEME ===
- 1 point: the left side does not depend on $w$; both repairs.
- 1 point: factor 1 for $b_2$, and $0^2 = 0$, $1^2 = 1$ for the small network.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Referee 3 · The missing sum

S4's recipe for any weight $w$, also for those in $W_1$ and $b_1$, is the chain rule with one $k$ and
no sum:

$$\frac{\partial\,\mathrm{Err}}{\partial w} = \frac{\partial\,\mathrm{Err}}{\partial z_k}\,
\frac{\partial z_k}{\partial w} \qquad\text{(as printed)}.$$

Which $k$? The recipe does not say. Try them all.

**Your turn.** The share of one logit in $\partial\,\mathrm{Err}/\partial W_1$. Ungraded, one line;
use your `dzk_dW1`.
"""

# %% nbgrader={"grade": false, "grade_id": "share_of_logit", "locked": false, "schema_version": 3, "solution": true, "task": false}
def share_of_logit(D, W1, b1, W2, x, k):
    """What logit k alone contributes to dErr/dW1.

    Parameters
    ----------
    D : ndarray, shape (K,)
        p - y.
    W1, b1, W2, x, k
        As in dzk_dW1.

    Returns
    -------
    ndarray, shape (h, d)
    """
    ### BEGIN SOLUTION
    return D[k] * dzk_dW1(W1, b1, W2, x, k)
    ### END SOLUTION

# %%
check_yours(share_of_logit, ((np.array([-0.75, 0.75]), W1_hand, b1_hand, W2_hand, x_hand, 1),
                             np.array([[1.5, 3.0], [0.0, 0.0]])))

# %%
@when_solved
def referee_sum():
    W1, b1, W2, b2, x, y = referee_network(33121)
    D = relu_err_and_grads(W1, b1, W2, b2, x[None, :], y[None, :])[4]
    numeric = central_gradient(lambda W: err_of(W, b1, W2, b2, x, y), W1)
    shares = [share_of_logit(D, W1, b1, W2, x, k) for k in range(len(D))]
    for k, share in enumerate(shares):
        label = "   (the true class)" if y[k] else ""
        print(f"W1 from logit {k} alone: off by {mismatch(share, numeric):.1e}{label}")
    print(f"W1 from all logits:     off by {mismatch(sum(shares), numeric):.0e}")

# %% [markdown]
r"""
**Report** *(2 points, read by a person)*. Where must the sum stand, and why? For which of the four
parameters is the recipe right as printed? How does the sum appear in your own code?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_missing_sum", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
A hidden weight changes every logit, and each of them changes the error: the chain rule adds over all
paths, $\sum_k (p_k - y_k)\,\partial z_k/\partial w$. A single logit is off by 46 % at best, by 58 %
for the true class, and at worst it has nothing to do with the answer. For $W_2$ and $b_2$ the recipe
is right, if $k$ is the row that the weight belongs to: no other logit contains it. In code the sum is
the matrix product with $W_2$, `D @ W2`.

=== BEGIN MARK SCHEME ===
- 1 point: the sum over $k$ with the reason (all paths), supported by a number.
- 0.5 point: right for $W_2$ and $b_2$, with the reason.
- 0.5 point: the sum is the product with $W_2$.

=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Referee 4 · Small print

No points, one minute each. Decide first, then open. The cell below the list computes the numbers.

<details>
<summary>(α) contains exp(z_k) / Σ_k exp(z_k), where k is also the class you ask about. What happens
to a program that takes it literally?</summary>

The $k$ under the sum is a new variable that hides the outer one. If the sum captures it, numerator
and denominator become the same number, and the bracket is $1 - y_k$ whatever the logits are. Give
the summation index a letter of its own.

</details>

<details>
<summary>S4 gives φ(a) = max{0, a} a piecewise derivative, 0 when a ≤ 0 and 1 otherwise. What is too
strong?</summary>

At $a = 0$ there is no derivative: the slope is 0 from the left, 1 from the right, and a central
difference says 1/2. The 0 is a convention, and a good one when it is announced.

</details>

<details>
<summary>Err is differentiated but never defined, and y is never called one-hot. Where does the
bracket −y_k + p_k need that?</summary>

From $-\sum_k y_k\log p_k$ the derivative is $-y_k + \bigl(\sum_c y_c\bigr)p_k$. Only when the
entries of $y$ sum to 1 is it $-y_k + p_k$.

</details>

<details>
<summary>The sums run over j from 1 to h, the derivative is taken for the unit h, and the only term said
to be non-zero is j = h. What would a literal reader compute?</summary>

$h$ and $d$ are sizes *and* indices in S4. Read literally, $j = h$ is the last unit, and all other
units get the gradient 0.

</details>

<details>
<summary>S4 ends by saying that substituting these into (α) gives the desired gradients. What did you have
to add?</summary>

The substitution itself: the sum over $k$, the transposed product, the gate and the outer products.
The four lines are in *Every logit sends something back*. (Also in print: $(\mathbf w_1)_{hd}$ once in
lower case, "the $h$ node", and a forgotten placeholder `<++>` of an editor. These cost nothing but a
frown.)

</details>
"""

# %%
@when_solved
def referee_small_print():
    W1, b1, W2, b2, x, y = referee_network(47884)
    r = relu(W1 @ x + b1)
    z = W2 @ r + b2
    numeric = central_gradient(lambda z: np.log(np.exp(z).sum()) - y @ z, z)
    print(f"captured index, 1 - y:              off by {mismatch(1 - y, numeric):.1e}")
    for name, quotient in zip(("left", "right"), one_sided(relu, 0.0, 1e-6), strict=True):
        print(f"slope of the ramp at 0, {name + ':':12} {quotient:.1f}")
    p = np.exp(z) / np.exp(z).sum()
    numeric = central_gradient(lambda W: err_of(W1, b1, W, b2, x, y), W2)
    last_only = np.outer(p - y, r * (np.arange(len(r)) == len(r) - 1))
    print(f"j = h read as the last unit, dW2:   off by {mismatch(last_only, numeric):.1e}")


@when_solved
def referee_one_hot():
    W1, b1, W2, b2, x, y = referee_network(1317)
    z = W2 @ relu(W1 @ x + b1) + b2
    p = np.exp(z) / np.exp(z).sum()
    loose = y + 0.5 * np.eye(4)[1]  # entries that sum to 1.5
    numeric = central_gradient(lambda z: -(loose * (z - np.log(np.exp(z).sum()))).sum(), z)
    print(f"y with sum 1.5, p - y:              off by {mismatch(p - loose, numeric):.1e}")
    print(f"y with sum 1.5, 1.5 p - y:          off by {mismatch(1.5 * p - loose, numeric):.0e}")

# %% [markdown]
r"""
## Quiz

Five questions. Replace the dots by a letter and run the cell.

**05.1** What does a central difference with step eps give for the slope of ReLU at exactly 0?

- **a** 0, which is the convention of this course
- **b** 1/2, for every eps
- **c** something that tends to 1 when eps tends to 0
"""

# %%
quiz("05.1", "...")

# %% [markdown]
r"""
**05.2** A hidden unit has the pre-activation a = w_1 x_1 + w_2 x_2 + b. For which examples is its
derivative with respect to w_1 equal to 0?

- **a** those with w_1 x_1 + b <= 0
- **b** those with a <= 0, and those with x_1 = 0
- **c** those with a <= 0 only
"""

# %%
quiz("05.2", "...")

# %% [markdown]
r"""
**05.3** Why is the gradient of W1 a sum over all logits, and that of W2[k] is not?

- **a** Because W1 is larger than W2.
- **b** Because the ReLU mixes the logits.
- **c** Because a hidden unit reaches every logit, and row k of W2 only the logit k.
"""

# %%
quiz("05.3", "...")

# %% [markdown]
r"""
**05.4** In a gradient check with eps = 1e-5 you find |a_j| = 3e-6 and x_m = 2. What do you do with
the entry W1[j, m]?

- **a** Leave it out: the step reaches over the kink.
- **b** Count it as an error of the gradient.
- **c** Keep it: 3e-6 is positive, so the gate is open.
"""

# %%
quiz("05.4", "...")

# %% [markdown]
r"""
**05.5** A unit is dead: its pre-activation is negative for all examples. What brings it back during
gradient descent on W1 and b1, if nothing changes below it?

- **a** nothing, because its gradient is 0 for every example
- **b** a larger learning rate
- **c** more steps
"""

# %%
quiz("05.5", "...")

# %% [markdown]
r"""
## What to remember

- **A ReLU network is piecewise linear.** It bends where some $a_j = 0$, and nowhere else.
- **The gate looks at the whole sum**: $\phi'(a_j)$ with $a_j = \sum_l (W_1)_{jl}x_l + (b_1)_j$. Terms
  that drop out of a derivative do not drop out of the point at which it is taken.
- **At 0 there are two slopes and no derivative.** This course says $\phi'(0) = 0$; a central
  difference says $1/2$.
- **The chain rule adds over all logits.** In code the sum is a product with $W_2^\top$.
- **Near a kink the check is wrong, not the gradient.** Leave out the entries with
  $|a_j|\le\varepsilon|x_m|$, keep the tolerance strict, and count what you left out.
- **A unit that is closed for every example is dead** and gets no gradient. Long steps kill units.
"""

# %%
progress()

# %% [markdown]
r"""
## Sources

The network and the entrywise derivation come from **S4**, a worked homework on a ReLU network; the
gradient check from **S3**, a set of lecture slides, *Training neural networks*. One-sided slopes,
excluded entries, folds and dead units were added for this course, as were all exercises and figures.
The mistakes reported here were found by computing, and take nothing away from our thanks to the
authors.

| Here | Taken from | Remarks |
|---|---|---|
| A ramp and a step | S4, part (c) | the convention at 0 made explicit |
| From one weight to one logit | S4, parts (a) to (c) | the gate repaired in Referee 1; our indices $j, m, k$ for S4's $h, d, k$ |
| The error and its four gradients | S4, parts (a) to (c) | the factor repaired in Referee 2, the sum in Referee 3; the gradients written out |
| A gradient check that knows about kinks | S3, gradient checking | kinks are ours |

<details>
<summary>Every item of the notes that this chapter teaches</summary>

| Item | Source, section | Taught in |
|---|---|---|
| S3.11 | S3, gradient checking | Two slopes at one point; A gradient check that knows about kinks |
| S4.a | S4, part (a) | A ramp and a step; From one weight to one logit |
| S4.p1 | S4, part (a) | Every logit sends something back; Referee 3 |
| S4.p2 | S4, part (a) | The error and its four gradients; Referee 2 |
| S4.p3 | S4, part (a) | From one weight to one logit |
| S4.b1 | S4, part (b) | From one weight to one logit |
| S4.b2 | S4, part (b) | From one weight to one logit |
| S4.b3 | S4, part (b) | Every logit sends something back; Derivation B |
| S4.c1 | S4, part (c) | One gate for a whole sum; Derivation A; Referee 1 |
| S4.c2 | S4, part (c) | One gate for a whole sum; Referee 1 |
| S4.c3 | S4, part (c) | The slope, and what to say at 0; Referee 4 |
| S4.c4 | S4, part (c) | One gate for a whole sum; Referee 1 |
| S4.c5 | S4, part (c) | Every logit sends something back; Derivation B; Referee 3 |

</details>
"""
