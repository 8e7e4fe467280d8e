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
# 00 · Gradient checking

Every chapter of this course ends in a gradient: a formula that you derive, type, and hope is
right. A gradient with a wrong sign is found quickly. A gradient with a missing term is not: the
loss still falls, only more slowly, and to a worse place, and nothing complains.

So you start with the tool that complains. You write a **gradient check**: it needs nothing but
values of the function, and it knows no formula that could be wrong. Then you use it on the first
slopes of the course, those of the sigmoid, of tanh, of a chain and of a quotient. At the end you
turn it on printed lecture notes.

[[Exercises]] short exercises carry you through, and [[written]] written answers are read by a person. Plan two hours
and forty minutes, in two sittings; *The first slopes to check* is where the second one begins.
"""

# %% [markdown]
r"""
## What you will be able to do

| At the end you can | You show it in |
|---|---|
| approximate a slope by two function values, and say how wrong the result is | `central_difference`, Derivation A |
| compute the gradient and the Jacobian of any function numerically | `numerical_gradient`, `numerical_jacobian` |
| decide whether a gradient is right, whatever its size, shape or defects | `relative_error`, `gradient_check` |
| compute the usual activations and their slopes, finite for arguments up to 1000 in size | `sigmoid`, `sigmoid_prime`, `tanh_prime`, Derivation B |
| carry a slope through a chain and through a quotient | `chain_rule`, `quotient_rule`, Derivation C |
| find out by computing whether a printed formula is right | Referee 1 and 2 |
"""

# %% [markdown]
r"""
## Are you ready?

Five questions, two minutes. If more than two of them stop you, read up on derivatives and on NumPy
arrays first.

1. What is the derivative of $x^3$ at $x = 2$?
2. What is the derivative of $e^{-a}$ with respect to $a$?
3. $f(x, y) = x y$. What are its two partial derivatives at $(2, 3)$?
4. `a = np.array([1, 2])`. What is `a[0]` after `a[0] += 0.5`?
5. `u` has shape `(3,)` and `v` has shape `(3, 1)`. What is the shape of `u - v`?

<details>
<summary>Answers</summary>

1. $3x^2 = 12$.
2. $-e^{-a}$.
3. $y = 3$ and $x = 2$.
4. Still 1, without an error: an array of whole numbers holds whole numbers.
5. `(3, 3)`. No error, no warning: remember this one.

</details>
"""

# %% [markdown]
r"""
## Notation

| Symbol | In code | Meaning | Shape |
|---|---|---|---|
| $\varepsilon$ | `eps` | step of a difference | |
| $f$ | `f` | scalar function: one number comes out | |
| $W$ | `W` | an array of parameters | any |
| $F$ | `F` | vector function | $n \to m$ |
| $J_{ij} = \partial F_i/\partial x_j$ | `J[i, j]` | Jacobian: output $i$, input $j$ | `(m, n)` |
| $\sigma$ | `sigmoid` | logistic sigmoid, elementwise | any |
| $a$ | `a` | pre-activation: what goes into an activation | any |
| $q_i$ | | intermediate result number $i$ | `(n,)` |
| $p$ | | the scalar at the end of a chain | |
| $u$ | | machine epsilon, $2.2\cdot 10^{-16}$ | |

A slope is a derivative with respect to one number; a gradient is all of them, in the shape of the
parameter. S0, S1, S2, S3 and S4 are the five sets of source notes that the course grew from. They
use other letters; the last section says what comes from where.
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
### How this notebook works

Each exercise has a cell for your function and, below it, a locked cell that checks it. Replace
`raise NotImplementedError`, run your cell, run the check, read the report. You can check as often
as you like.

Figures and small tests that use your functions wait until you have written them, and say so when
your function has not passed its check. A check stops a call that takes longer than ten seconds; you
can always interrupt a cell yourself (the square button, or `I` twice). The report of a function
that fails ends with a line that gets you the arguments at which it failed, to try it on them.
Code that draws a figure is folded away; a click on its three dots shows it.

Stuck? Every exercise has three hints, from a question to a skeleton. They cost nothing. The first
hint for the first exercise looks like this; `hint("central_difference", 2)` is the next:
"""

# %%
hint("central_difference", level=1)

# %% [markdown]
r"""
## A slope from two function values

The derivative is a limit,

$$f'(x) = \lim_{\varepsilon\to 0}\frac{f(x + \varepsilon) - f(x)}{\varepsilon}.$$

A computer cannot take limits. But it can stop early, at some small $\varepsilon$, and it can do
better than this formula by standing in the middle:

$$f'(x) \approx \frac{f(x + \varepsilon) - f(x - \varepsilon)}{2\varepsilon}.$$

In words: rise over run, between a point on the right of $x$ and one equally far on the left. This
is the **central difference**, the formula that S3 gives for debugging a network.

### By hand

Take $f(x) = x^3$ at $x = 2$, where the slope is 12, and a coarse $\varepsilon = 0.1$:

- one-sided: $(9.261 - 8)/0.1 = 12.61$, wrong by 0.61;
- central: $(9.261 - 6.859)/0.2 = 12.01$, wrong by 0.01.

Same two calls of $f$, sixty times closer. For $x^3$ the error of the central difference is exactly
$\varepsilon^2$.
"""

# %%
def cube(x):
    return x**3


print("one-sided", (cube(2.1) - cube(2)) / 0.1)
print("central  ", (cube(2.1) - cube(1.9)) / 0.2)

# %% [markdown]
r"""
### Exercise: central_difference

Return the quotient itself, for the `eps` that is given, its error included. Mind the brackets:
`a / 2 * eps` is not `a / (2 * eps)`.
"""

# %% nbgrader={"grade": false, "grade_id": "central_difference", "locked": false, "schema_version": 3, "solution": true, "task": false}
def central_difference(f, x, eps):
    """Approximate the slope of f at x by a central difference.

    Parameters
    ----------
    f : callable
        From one number to one number.
    x : float
    eps : float
        Step to either side.

    Returns
    -------
    float
        The approximation.
    """
    ### BEGIN SOLUTION
    return (f(x + eps) - f(x - eps)) / (2 * eps)
    ### END SOLUTION

# %%
@first_test
def first_test_central_difference():
    print("yours  ", central_difference(cube, 2.0, 0.1))
    print("by hand", 12.01)

# %% nbgrader={"grade": true, "grade_id": "check_central_difference", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(central_difference)

# %% [markdown]
r"""
### How small is small?

If $\varepsilon = 0.1$ is good, $0.001$ is better. How far does this go?

**Predict.** You compute the slope of $\sin(x)\,e^x$ at $x = 1.3$ with $\varepsilon = 10^{-1},
10^{-2}, \dots, 10^{-15}$. Which of these fifteen comes closest?
"""

# %% tags=["predict"] course={"predict": "best_eps"}
predict("best_eps", "...")  # write the exponent, for example -15

# %% [markdown]
r"""
Two errors fight each other. **Truncation** is what you lose by stopping early: it shrinks with
$\varepsilon$. **Rounding** is what you lose by subtracting two nearly equal numbers: each value of
$f$ is stored with a relative error of about $u = 2.2\cdot10^{-16}$, the difference keeps that
error, and dividing by a small $2\varepsilon$ magnifies it.

| | truncation | rounding | best $\varepsilon$ | error there |
|---|---|---|---|---|
| one-sided | $\frac{\varepsilon}{2}\lvert f''\rvert$ | $2u\lvert f\rvert/\varepsilon$ | $10^{-8}$ | $10^{-8}$ |
| central | $\frac{\varepsilon^2}{6}\lvert f'''\rvert$ | $u\lvert f\rvert/\varepsilon$ | $10^{-5}$ | $10^{-10}$ |
| Richardson | $\frac{\varepsilon^4}{480}\lvert f^{(5)}\rvert$ | $3u\lvert f\rvert/\varepsilon$ | $10^{-3}$ | $10^{-13}$ |

The last two columns are orders of magnitude, for values and derivatives of size 1.

The third row is the central difference $D(\varepsilon)$, used twice. Its error is nearly
$c\,\varepsilon^2$, so $D(\varepsilon/2)$ has a quarter of it, and the combination

$$\frac{4\,D(\varepsilon/2) - D(\varepsilon)}{3}$$

has none: four quarters minus one whole. In words: from two wrong answers whose errors you know to
be as 4 to 1, you compute the right one. This is **Richardson extrapolation**. It allows a larger
step, where rounding is small.

There is another way, for functions made of ordinary formulas. Put an *imaginary* step in:

$$f(x + i\varepsilon) = f(x) + i\varepsilon f'(x) - \frac{\varepsilon^2}{2} f''(x) - \dots
\quad\Longrightarrow\quad f'(x) \approx \frac{\operatorname{Im} f(x + i\varepsilon)}{\varepsilon}.$$

In words: the slope appears alone in the imaginary part, and nothing is subtracted. So
$\varepsilon = 10^{-20}$ is fine and the truncation error, of order $\varepsilon^2$, is gone. This
is the **complex step**. The price: $f$ must be an analytic formula that works for complex numbers.
`abs`, `max` and conversions to real numbers break it.

**Your turn.** Write it. Ungraded, one line. `1j` is Python's imaginary unit, `np.imag` takes the
imaginary part.
"""

# %% nbgrader={"grade": false, "grade_id": "complex_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def complex_step(f, x, eps=1e-20):
    """Slope of an analytic f at x by a step in the imaginary direction.

    Parameters
    ----------
    f : callable
        From one complex number to one complex number.
    x : float
    eps : float
        Size of the imaginary step.

    Returns
    -------
    float
    """
    ### BEGIN SOLUTION
    return np.imag(f(x + 1j * eps)) / eps
    ### END SOLUTION

# %%
def bump(x):
    return np.sin(x) * np.exp(x)


TRUE_SLOPE = (np.sin(1.3) + np.cos(1.3)) * np.exp(1.3)
check_yours(complex_step, ((bump, 1.3), TRUE_SLOPE), ((cube, 2.0), 12.0))


def forward_difference(f, x, eps):
    """The one-sided difference, for comparison."""
    return (f(x + eps) - f(x)) / eps


def richardson(f, x, eps):
    """Two central differences combined, so that the error of order eps^2 cancels."""
    return (4 * central_difference(f, x, eps / 2) - central_difference(f, x, eps)) / 3


def errors(slope, steps):
    """Relative error of a rule for each step; at least u, so that a logarithm can show it."""
    off = [abs(slope(bump, 1.3, eps) - TRUE_SLOPE) / TRUE_SLOPE for eps in steps]
    return np.maximum(off, 2.2e-16)

# %%
@when_solved
def figure_steps():
    steps = np.geomspace(1e-15, 0.3, 120)
    fig, ax = plots.lines(
        steps,
        {"one-sided": errors(forward_difference, steps), "central": errors(central_difference, steps),
         "Richardson": errors(richardson, steps), "complex step": errors(complex_step, steps)},
        xlabel="eps", ylabel="relative error", xscale="log", yscale="log",
        title="A smaller step is better only until rounding takes over",
    )
    plots.show(fig)

# %%
@when_solved
def outcome_best_eps():
    steps = [10.0**-k for k in range(1, 16)]
    best = int(np.argmin(errors(central_difference, steps)))
    predicted("best_eps", f"{-1 - best}: the error is {errors(central_difference, steps)[best]:.0e} "
              f"there, and {errors(central_difference, steps)[-1]:.0e} for eps = 1e-15")

# %% [markdown]
r"""
Read each V from right to left. The right arm is truncation: slope 1 for the one-sided rule, slope 2
for the central one, slope 4 for Richardson. The left arm is rounding, and it is nearly the same for
all three. At the tip they are of one size. That is why the default in this course is
$\varepsilon = 10^{-5}$, and why a central difference cannot confirm more than about ten digits.
"""

# %% [markdown]
r"""
### Derivation A · The bottom of the V  *(on paper, 12 minutes, 4 points, read by a person)*

Write the Taylor expansions of $f(x + \varepsilon)$ and $f(x - \varepsilon)$ up to the third
derivative. Show that the central difference equals $f'(x) + \frac{\varepsilon^2}{6} f'''(x) +
O(\varepsilon^4)$ and say which terms cancel. Then add the rounding error $u\lvert f\rvert/
\varepsilon$ and find the $\varepsilon$ at which the sum is smallest, and the error there, as powers
of $u$ (take $\lvert f\rvert = \lvert f'''\rvert = 1$). Why is the one-sided difference worse at
its own best step?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_central_error", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
$$f(x \pm \varepsilon) = f \pm \varepsilon f' + \tfrac{\varepsilon^2}{2} f'' \pm
\tfrac{\varepsilon^3}{6} f''' + O(\varepsilon^4).$$

In the difference all even terms cancel, also those of order $\varepsilon^4$:
$f(x+\varepsilon) - f(x-\varepsilon) = 2\varepsilon f' + \frac{\varepsilon^3}{3} f''' +
O(\varepsilon^5)$. Dividing by $2\varepsilon$ gives $f' + \frac{\varepsilon^2}{6}f''' +
O(\varepsilon^4)$.

The sum $E(\varepsilon) = \varepsilon^2/6 + u/\varepsilon$ has $E' = \varepsilon/3 -
u/\varepsilon^2 = 0$ at $\varepsilon = (3u)^{1/3} \approx 9\cdot10^{-6}$. There $E$ is of order
$u^{2/3} \approx 4\cdot10^{-11}$.

For the one-sided difference the term $\frac{\varepsilon}{2} f''$ does not cancel. Balancing
$\varepsilon/2$ against $2u/\varepsilon$ gives $\varepsilon$ and $E$ of order $u^{1/2} \approx
10^{-8}$: truncation falls more slowly, so rounding catches it earlier.

=== BEGIN MARK SCHEME ===
- 1 point: both expansions, and the even terms cancel.
- 1 point: $\varepsilon^2 f'''/6$ after division by $2\varepsilon$.
- 1 point: minimum at order $u^{1/3}$, error of order $u^{2/3}$ (constants do not matter).
- 1 point: the one-sided error is of first order, hence $u^{1/2}$.
=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### A kink in the road

All of this supposed that $f$ is smooth. The ReLU of chapter 05, $\max(a, 0)$, is not: it has a
**kink** at 0.

**Predict.** What is the central difference of $\max(a, 0)$ at $a = 0$, for any $\varepsilon$?
"""

# %% tags=["predict"] course={"predict": "kink"}
predict("kink", "...")  # write a number, or "depends on eps"

# %%
def ramp(a):
    return max(a, 0.0)


@when_solved
def figure_kink():
    steps = np.geomspace(1e-9, 1.0, 200)
    near = {f"kink {distance:g} away": np.maximum(
        [abs(central_difference(ramp, distance, eps) - 1.0) for eps in steps], 1e-12)
        for distance in (1e-6, 1e-4, 1e-2)}
    fig, ax = plots.lines(
        steps, near, xlabel="eps", ylabel="error of the slope", xscale="log", yscale="log",
        title="A step that crosses a kink is wrong by up to one half, however small it is",
    )
    plots.show(fig)

# %%
@when_solved
def outcome_kink():
    slopes = [central_difference(ramp, 0.0, eps) for eps in (1e-1, 1e-5, 1e-9)]
    predicted("kink", f"{slopes[0]:g} for every eps: the mean of the slopes 0 and 1 on both sides")

# %% [markdown]
r"""
There is no slope at the kink, and the check reports one half, a number that is the slope nowhere.
So a gradient check excludes entries within $\varepsilon$ of a kink. Chapter 05 does that.
"""

# %% [markdown]
r"""
## One slope per entry

A loss depends on many parameters. Its gradient holds one slope for each, in the shape of the
parameter:

$$G_{ij} = \frac{\partial f}{\partial W_{ij}} \approx
\frac{f(W + \varepsilon E_{ij}) - f(W - \varepsilon E_{ij})}{2\varepsilon},$$

where $E_{ij}$ is 1 at position $(i, j)$ and 0 elsewhere. In words: move one entry, leave all
others, look at what $f$ does. And then *put it back*.

### By hand

$f(w) = w_0^2\,w_1$ at $w = (3, 2)$. Moving $w_0$ alone: $f = 2 w_0^2$, slope $2\cdot 2\cdot 3 =
12$. Moving $w_1$ alone: $f = 9 w_1$, slope 9. The gradient is $(12, 9)$, and as $f$ is at most
quadratic in each entry, central differences find it without truncation error.
"""

# %%
def small_loss(w):
    return w[0] ** 2 * w[1]

# %% [markdown]
r"""
### Exercise: numerical_gradient

`W` may have any number of axes, any dtype and any layout in memory, and the answer has its shape.
Three traps lie on this short road:

- **The caller's array.** `W[index] += eps` moves the caller's parameter. Even if you move it back,
  rounding may leave it changed in the last bit. Work on a copy.
- **The dtype.** An array of whole numbers has no room for a step of $10^{-5}$: the step is lost,
  without an error. float32 has hardly more: its seven digits are gone in the subtraction. This is
  the one place in the course where plain NumPy is not enough, whatever comes in. Make the copy
  float64: `np.array(W, dtype=float)`.
- **The layout.** `W.ravel()` is a view of some arrays and a copy of others.

`np.ndindex(W.shape)` goes through all indices, whatever the number of axes.
"""

# %% nbgrader={"grade": false, "grade_id": "numerical_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def numerical_gradient(f, W, eps=1e-5):
    """Approximate the gradient of f at W by central differences.

    Parameters
    ----------
    f : callable
        From an array of W's shape to one number.
    W : ndarray, any shape
    eps : float
        Step to either side.

    Returns
    -------
    ndarray, shape of W
        G[index] = df / dW[index], float64.
    """
    ### BEGIN SOLUTION
    W = np.array(W, dtype=float)
    G = np.zeros(W.shape)
    for index in np.ndindex(W.shape):
        old = W[index]
        W[index] = old + eps
        above = f(W)
        W[index] = old - eps
        below = f(W)
        W[index] = old
        G[index] = (above - below) / (2 * eps)
    return G
    ### END SOLUTION

# %%
@first_test
def first_test_numerical_gradient():
    print("yours  ", numerical_gradient(small_loss, np.array([3, 2])))
    print("by hand", np.array([12.0, 9.0]))

# %% nbgrader={"grade": true, "grade_id": "check_numerical_gradient", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(numerical_gradient)

# %% [markdown]
r"""
## Many outputs: the Jacobian

A layer has many outputs. Moving one input moves all of them, and the slopes fill one *column* of
the Jacobian:

$$J_{ij} = \frac{\partial F_i}{\partial x_j},\qquad
J_{:,j} \approx \frac{F(x + \varepsilon e_j) - F(x - \varepsilon e_j)}{2\varepsilon}.$$

In words: row $i$ is an output, column $j$ is the input that you move. The gradient of a scalar
function is the case of one row.

### By hand

$F(x) = (x_0 x_1,\; x_0^2,\; 3x_1)$ at $x = (2, 3)$:

$$J = \begin{pmatrix} 3 & 2\\ 4 & 0\\ 0 & 3\end{pmatrix}.$$

Three outputs, two inputs, shape `(3, 2)`. First column: what moving $x_0$ does.
"""

# %%
def three_outputs(x):
    return np.array([x[0] * x[1], x[0] ** 2, 3 * x[1]])

# %% [markdown]
r"""
### Exercise: numerical_jacobian

Shape `(n,)` in, shape `(m, n)` out; you learn $m$ from what `F` returns. Also for $m = 1$ and for
$n = 1$ the answer has two axes. The steps need a float64 copy of `x`, as before.
"""

# %% nbgrader={"grade": false, "grade_id": "numerical_jacobian", "locked": false, "schema_version": 3, "solution": true, "task": false}
def numerical_jacobian(F, x, eps=1e-5):
    """Approximate the Jacobian of F at x by central differences.

    Parameters
    ----------
    F : callable
        From an array of shape (n,) to an array of shape (m,).
    x : ndarray, shape (n,)
    eps : float
        Step to either side.

    Returns
    -------
    ndarray, shape (m, n)
        J[i, j] = dF_i / dx_j.
    """
    ### BEGIN SOLUTION
    x = np.array(x, dtype=float)
    columns = []
    for j in range(len(x)):
        step = np.zeros(len(x))
        step[j] = eps
        columns.append((F(x + step) - F(x - step)) / (2 * eps))
    return np.stack(columns, axis=1)
    ### END SOLUTION

# %%
@first_test
def first_test_numerical_jacobian():
    print("yours\n", numerical_jacobian(three_outputs, np.array([2.0, 3.0])))
    print("by hand\n", np.array([[3.0, 2.0], [4.0, 0.0], [0.0, 3.0]]))

# %% nbgrader={"grade": true, "grade_id": "check_numerical_jacobian", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(numerical_jacobian)

# %% [markdown]
r"""
## Is it right?

### How far apart are two gradients?

A difference of 0.1 is a disaster for a gradient of size 1 and nothing for one of size $10^9$. So
the distance is measured against the sizes:

$$\operatorname{err}(a, b) = \frac{\lVert a - b\rVert}{\lVert a\rVert + \lVert b\rVert},
\qquad \lVert a\rVert = \sqrt{\textstyle\sum a_{ij\dots}^2}.$$

In words: the norm of the difference, as a share of both norms together. It is 0 for equal arrays
and 1 for $b = -a$; a factor of 2 gives $\frac13$. Why not divide entry by entry? Because a tiny
entry carries the rounding of the large ones, and would look hopeless.

Three cases are not covered by the formula:

- both arrays are zero: $0/0$. They agree, so the answer is 0;
- the shapes differ. NumPy would often *broadcast* `(5,)` against `(5, 1)` to `(5, 5)` without a
  word. The answer is infinity;
- an entry is NaN or infinite. The answer is infinity.
"""

# %% [markdown]
r"""
### Exercise: relative_error

One number comes out. Add no small constant to the denominator: a gradient of size $10^{-12}$ is a
gradient.
"""

# %% nbgrader={"grade": false, "grade_id": "relative_error", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relative_error(a, b):
    """Distance of two arrays, relative to their norms.

    Parameters
    ----------
    a, b : ndarray, any shape

    Returns
    -------
    float
        norm(a - b) / (norm(a) + norm(b)); 0.0 if both are zero; inf if the shapes differ or
        anything is not finite.
    """
    ### BEGIN SOLUTION
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("inf")
    size = np.linalg.norm(a) + np.linalg.norm(b)
    return np.linalg.norm(a - b) / size if size > 0 else 0.0
    ### END SOLUTION

# %%
@first_test
def first_test_relative_error():
    g = np.array([3.0, 4.0])
    print("g and g ", relative_error(g, g), "  by hand 0")
    print("g and 2g", relative_error(g, 2 * g), "  by hand 1/3")
    print("g and -g", relative_error(g, -g), "  by hand 1")

# %% nbgrader={"grade": true, "grade_id": "check_relative_error", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(relative_error)

# %% [markdown]
r"""
### The verdict: do they agree?

Now put the pieces together. `f` is the loss, `grad` is your formula for its gradient, `x` is where
you try it. The check asks whether `grad(x)` and the numerical gradient of `f` at `x` are within
`tol` of each other.

What is a good tolerance? Central differences are right to about $10^{-10}$. A wrong sign or a lost
factor gives an error from $10^{-3}$ up, and $10^{-6}$ leaves room on both sides. What is small
beside the rest (the bias of one unit, the penalty of a small weight decay) can hide even below it:
check each block of parameters by itself, and each term of the loss as well.

### Exercise: gradient_check

`True` or `False`. `tol` is the largest error that counts as agreement; the step stays what it is. A
gradient of the wrong shape, or with a NaN, is wrong. Careful with NaN: every
comparison with it is `False`, so `not (error > tol)` lets it pass.
"""

# %% nbgrader={"grade": false, "grade_id": "gradient_check", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradient_check(f, grad, x, tol=1e-6):
    """Say whether grad(x) agrees with central differences of f at x.

    Parameters
    ----------
    f : callable
        From an array of x's shape to one number.
    grad : callable
        From an array of x's shape to what claims to be the gradient of f.
    x : ndarray, any shape
    tol : float
        Largest relative error that counts as agreement.

    Returns
    -------
    bool
    """
    ### BEGIN SOLUTION
    return bool(relative_error(grad(x), numerical_gradient(f, x)) <= tol)
    ### END SOLUTION

# %%
@first_test
def first_test_gradient_check():
    w = np.array([3.0, 2.0])
    print("right gradient     ",
          gradient_check(small_loss, lambda w: np.array([2 * w[0] * w[1], w[0] ** 2]), w))
    print("second factor lost ",
          gradient_check(small_loss, lambda w: np.array([2 * w[0], w[0] ** 2]), w))

# %% nbgrader={"grade": true, "grade_id": "check_gradient_check", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(gradient_check)

# %% [markdown]
r"""
### Two calls instead of 2P

A full check of $P$ parameters evaluates the loss $2P$ times. For a network with 85,000 parameters
that is 170,000 forward passes. There is a cheaper question. Draw a random direction $v$ and ask for
the slope along it:

$$\frac{d}{dt} f(x + t v)\Big|_{t=0} = \sum_i \frac{\partial f}{\partial x_i} v_i = g^\top v .$$

In words: on the line through $x$ in direction $v$ the function has *one* variable, so two calls
give its slope, and a right gradient predicts it. An error $e$ in the gradient goes unseen only if
$e^\top v = 0$, and a random $v$ hits that with probability 0.

**Your turn.** Compare both sides for one $v$. Ungraded, about 3 lines; use your
`central_difference`.
"""

# %% nbgrader={"grade": false, "grade_id": "direction_error", "locked": false, "schema_version": 3, "solution": true, "task": false}
def direction_error(f, g, x, v, eps=1e-5):
    """Compare a gradient with the slope of f along one direction.

    Parameters
    ----------
    f : callable
        From an array of x's shape to one number.
    g, x, v : ndarray, all of the same shape
        The gradient claimed at x, the point, and the direction.
    eps : float

    Returns
    -------
    float
        |slope along v - g.v| / norm(g).
    """
    ### BEGIN SOLUTION
    slope = central_difference(lambda t: f(x + t * v), 0.0, eps)
    return abs(slope - np.sum(g * v)) / np.linalg.norm(g)
    ### END SOLUTION

# %%
# At (3, 2) the slope of small_loss along (1, 1) is 12 + 9 = 21; the gradient (6, 9) claims 15.
check_yours(direction_error, (
    (small_loss, np.array([6.0, 9.0]), np.array([3.0, 2.0]), np.array([1.0, 1.0])),
    6 / np.sqrt(6**2 + 9**2)))

# %% [markdown]
r"""
**Predict.** A gradient has 1000 entries. One of them is twice too large. Does one random direction,
two calls of $f$, see it?
"""

# %% tags=["predict"] course={"predict": "one_direction"}
predict("one_direction", "...")  # write "yes", "no" or "one time in 1000"

# %%
@when_solved
def outcome_one_direction():
    rng = np.random.default_rng(0)
    x = rng.standard_normal(1000)

    def f(x):
        return np.sum(np.sin(x)) ** 2 / len(x)

    right = 2 * np.sum(np.sin(x)) * np.cos(x) / len(x)
    wrong = right.copy()
    wrong[617] *= 2
    directions = rng.standard_normal((200, 1000))
    off_right = max(direction_error(f, right, x, v) for v in directions)
    off_wrong = np.array([direction_error(f, wrong, x, v) for v in directions])
    seen = int(np.sum(off_wrong > 100 * off_right))
    predicted("one_direction", f"in {seen} of 200 directions the error stands out by a factor of "
              f"100 or more (median {np.median(off_wrong):.0e}, right gradient {off_right:.0e} at "
              "most)")

# %% [markdown]
r"""
So a random direction says *that* something is wrong, for the price of two calls. It does not say
where. Use it first and often; use the full check on a small network, when the first has found
something.

For a network there is a middle way: move every *unit* once, instead of every weight, by a complex
step. What that does to the loss is the unit's $\delta$, and Derivation C below turns $\delta$ into
the slopes of all its weights. Every entry comes to 15 digits, for two small passes per unit instead of
two per weight: the checks of chapter 04 do that, and chapter 04 measures the price.
"""

# %% [markdown]
r"""
## The first slopes to check

### The sigmoid

An **activation** is a function that a network applies to each number of a layer by itself. Four of
them are in the notes:

| activation | $g(a)$ | slope $g'(a)$ | values |
|---|---|---|---|
| linear | $a$ | $1$ | all |
| sigmoid | $\sigma(a) = \dfrac{1}{1 + e^{-a}}$ | $\sigma(a)\,(1 - \sigma(a))$ | 0 to 1 |
| tanh | $\dfrac{e^a - e^{-a}}{e^a + e^{-a}}$ | $1 - \tanh^2(a)$ | $-1$ to 1 |
| ReLU | $\max(a, 0)$ | 0 or 1 | from 0 |

The linear one does nothing, and a network of linear layers is one linear layer. The two curved ones
are relatives: $\tanh(a) = 2\sigma(2a) - 1$. ReLU has its own chapter.

**By hand.** $\sigma(0) = \frac12$. For $a = \log 3$: $e^{-a} = \frac13$, so $\sigma = \frac34$,
and by symmetry $\sigma(-\log 3) = \frac14$.

What about $a = \pm 1000$? $e^{1000}$ is infinite in float64. $1/(1 + \infty) = 0$ is still the
right answer, with a warning. $e^a/(1 + e^a) = \infty/\infty$ is NaN. With $e = e^{-\lvert
a\rvert}$, which is never larger than 1, no case is dangerous:

$$\sigma(a) = \begin{cases}\dfrac{1}{1 + e} & a \ge 0,\\[1.2ex] \dfrac{e}{1 + e} & a < 0.
\end{cases}$$

In words: use the form whose exponent is negative.

### Exercise: sigmoid

Any shape in, the same shape out, elementwise. Correct and finite for $\lvert a\rvert$ up to 1000.

**How precise?** One rule holds in the whole course: *the answer must be as good as its input.*
float64 in: right to twelve digits, norm-wise. Whole numbers in: the float64 answer. float32 in:
right to float32's precision, in float32 or float64, as you like. Plain NumPy does all of this by
itself, with one trap: an output array made like the input, `np.zeros_like(a)`, has room for whole
numbers only if `a` holds whole numbers. `np.zeros(a.shape)` is float64.
"""

# %% nbgrader={"grade": false, "grade_id": "sigmoid", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sigmoid(a):
    """Logistic sigmoid of each entry.

    Parameters
    ----------
    a : ndarray, any shape

    Returns
    -------
    ndarray, shape of a
        Values between 0 and 1.
    """
    ### BEGIN SOLUTION
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1.0, e) / (1 + e)
    ### END SOLUTION

# %%
@first_test
def first_test_sigmoid():
    print("yours  ", sigmoid(np.log([1 / 3, 1.0, 3.0])))
    print("by hand", np.array([0.25, 0.5, 0.75]))

# %% nbgrader={"grade": true, "grade_id": "check_sigmoid", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(sigmoid)

# %% [markdown]
r"""
### Derivation B · Two slopes  *(on paper, 10 minutes, 3 points, read by a person)*

Derive $\sigma'(a) = \sigma(a)\,(1 - \sigma(a))$ from $\sigma(a) = 1/(1 + e^{-a})$. Then derive
$\tanh'(a) = 1 - \tanh^2(a)$, either from the exponentials or from $\tanh(a) = 2\sigma(2a) - 1$.
Where is each slope largest, and how large is it there?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_activation_slopes", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
With $h = 1 + e^{-a}$, $h' = -e^{-a}$ and $\sigma = 1/h$:
$$\sigma' = -\frac{h'}{h^2} = \frac{e^{-a}}{(1 + e^{-a})^2}
= \frac{1}{1 + e^{-a}}\cdot\frac{e^{-a}}{1 + e^{-a}} = \sigma\,(1 - \sigma),$$
because $1 - \sigma = e^{-a}/(1 + e^{-a})$.

From $t = \tanh(a) = 2s - 1$ with $s = \sigma(2a)$: $t' = 2\cdot 2\,s(1 - s)$. Now $s = (1 + t)/2$
and $1 - s = (1 - t)/2$, so $t' = 4\cdot\frac{(1 + t)(1 - t)}{4} = 1 - t^2$.

$s(1 - s)$ is largest at $s = \frac12$, that is $a = 0$, with the value $\frac14$. $1 - t^2$ is
largest at $t = 0$, that is $a = 0$, with the value 1.

=== BEGIN MARK SCHEME ===
- 1 point: the slope of the sigmoid, with the step $1 - \sigma = e^{-a}/(1 + e^{-a})$.
- 1 point: the slope of tanh, by any route; both factors 2 if through the sigmoid.
- 1 point: both at $a = 0$, with $\frac14$ and 1.
=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### The slope of the sigmoid

$$\sigma'(a) = \sigma(a)\,(1 - \sigma(a)).$$

In words: the slope is made of the value itself. A network that has stored $\sigma(a)$ needs no new
exponential. **By hand:** at $a = 0$ it is $\frac14$, at $a = \log 3$ it is $\frac34\cdot\frac14 =
\frac3{16}$.

### Exercise: sigmoid_prime

The argument is $a$, not $\sigma(a)$. (The check accepts $\sigma(1 - \sigma)$ as it stands. For large
$a$ the bracket cancels: at $a = 30$ three digits are left, from $a = 37$ on none. Since
$1 - \sigma(a) = \sigma(-a)$, the product $\sigma(a)\,\sigma(-a)$ keeps them all.)
"""

# %% nbgrader={"grade": false, "grade_id": "sigmoid_prime", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sigmoid_prime(a):
    """Slope of the sigmoid at each entry.

    Parameters
    ----------
    a : ndarray, any shape

    Returns
    -------
    ndarray, shape of a
    """
    ### BEGIN SOLUTION
    s = sigmoid(a)
    return s * (1 - s)
    ### END SOLUTION

# %%
@first_test
def first_test_sigmoid_prime():
    a = np.random.default_rng(0).standard_normal((2, 3))
    print("by hand 1/4, 3/16; yours", sigmoid_prime(np.log([1.0, 3.0])))
    print("your own check says", gradient_check(lambda a: sigmoid(a).sum(), sigmoid_prime, a))

# %% nbgrader={"grade": true, "grade_id": "check_sigmoid_prime", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(sigmoid_prime)

# %% [markdown]
r"""
### The slope of tanh

$$\tanh'(a) = 1 - \tanh^2(a).$$

In words: 1 in the middle, 0 far out. **By hand:** $\tanh(\log 2) = (2 - \frac12)/(2 + \frac12) =
\frac35$, so the slope there is $1 - \frac9{25} = \frac{16}{25}$.

### Exercise: tanh_prime

`np.tanh` is finite everywhere. The exponentials of the table above are not.
"""

# %% nbgrader={"grade": false, "grade_id": "tanh_prime", "locked": false, "schema_version": 3, "solution": true, "task": false}
def tanh_prime(a):
    """Slope of tanh at each entry.

    Parameters
    ----------
    a : ndarray, any shape

    Returns
    -------
    ndarray, shape of a
    """
    ### BEGIN SOLUTION
    return 1 - np.tanh(a) ** 2
    ### END SOLUTION

# %%
@first_test
def first_test_tanh_prime():
    a = np.random.default_rng(0).standard_normal((2, 3))
    print("by hand 16/25 = 0.64; yours", tanh_prime(np.log(2.0)))
    print("your own check says", gradient_check(lambda a: np.tanh(a).sum(), tanh_prime, a))

# %% nbgrader={"grade": true, "grade_id": "check_tanh_prime", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(tanh_prime)

# %%
@when_solved
def figure_slopes():
    a = np.linspace(-6, 6, 121)
    fig, ax = plots.lines(
        a,
        {"slope of tanh": tanh_prime(a), "slope of the sigmoid": sigmoid_prime(a),
         "slope of the linear activation": np.ones_like(a)},
        xlabel="pre-activation a", ylabel="slope",
        title="Far from 0 a sigmoid or tanh unit stops listening",
    )
    plots.show(fig)

# %% [markdown]
r"""
A gradient that passes backwards through a layer is multiplied by these slopes. Through ten sigmoid
layers that is at most $4^{-10}$, about $10^{-6}$. Chapter 04 measures it.
"""

# %% [markdown]
r"""
## The two rules behind every gradient

### Sum over paths

A scalar $p$ depends on $a$ through intermediate results $q_1, \dots, q_n$. Then

$$\frac{\partial p}{\partial a_j} = \sum_{i} \frac{\partial p}{\partial q_i}\,
\frac{\partial q_i}{\partial a_j}.$$

In words: along a path slopes **multiply**, over paths they **add**. Every formula for backprop in
this course is this line. In a network $p$ is the loss, $a$ is a unit, and the $q_i$ are the
pre-activations of the layer above.

### By hand

A net with two inputs, two linear units and one output: $q_1 = 2a_1 + a_2$, $q_2 = a_1 - a_2$,
$p = q_1 q_2$. At $a = (1, 2)$: $q = (4, -1)$, so

$$\frac{\partial p}{\partial q} = (q_2,\ q_1) = (-1,\ 4),\qquad
\frac{\partial q}{\partial a} = \begin{pmatrix} 2 & 1\\ 1 & -1\end{pmatrix},\qquad
\frac{\partial p}{\partial a} = -1\cdot(2, 1) + 4\cdot(1, -1) = (2, -5).$$

Multiply out to see that it is right: $p = 2a_1^2 - a_1a_2 - a_2^2$, with slopes $4a_1 - a_2 = 2$
and $-a_1 - 2a_2 = -5$.

In matrix form the sum is $\partial p/\partial a = J^\top\,\partial p/\partial q$, with $J_{ij} =
\partial q_i/\partial a_j$. S3 writes the same numbers as a row, $(\nabla_q p)^\top J$.

### Exercise: chain_rule

Shapes `(n,)` and `(n, m)` in, shape `(m,)` out. For $n = m$ two orders of the product have a
result. One of them is wrong.
"""

# %% nbgrader={"grade": false, "grade_id": "chain_rule", "locked": false, "schema_version": 3, "solution": true, "task": false}
def chain_rule(dp_dq, dq_da):
    """Carry a gradient through one stage of a chain.

    Parameters
    ----------
    dp_dq : ndarray, shape (n,)
        Slopes of the scalar p with respect to each q_i.
    dq_da : ndarray, shape (n, m)
        Jacobian: dq_da[i, j] = dq_i / da_j.

    Returns
    -------
    ndarray, shape (m,)
        dp / da.
    """
    ### BEGIN SOLUTION
    return dp_dq @ dq_da
    ### END SOLUTION

# %%
@first_test
def first_test_chain_rule():
    print("yours  ", chain_rule(np.array([-1, 4]), np.array([[2, 1], [1, -1]])))
    print("by hand", np.array([2.0, -5.0]))

# %% nbgrader={"grade": true, "grade_id": "check_chain_rule", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(chain_rule)

# %% [markdown]
r"""
### Why backprop is cheap

Stack stages and the paths multiply. S2 calls backprop "the chain rule plus dynamic programming":
the second half is to add up all paths into a unit *once*, and to reuse the sum for everything
below. Count what that saves:
"""

# %%
@when_solved
def paths_or_stages():
    rng = np.random.default_rng(3)
    sizes = [7, 6, 5, 4]  # from p's side down to the inputs
    top = rng.standard_normal(sizes[0])
    stages = [rng.standard_normal((m, n)) for m, n in zip(sizes, sizes[1:], strict=False)]
    by_stages = top
    for J in stages:
        by_stages = chain_rule(by_stages, J)
    by_paths, multiplications = np.zeros(sizes[-1]), 0
    for i, j, k, n in np.ndindex(*sizes):
        by_paths[n] += top[i] * stages[0][i, j] * stages[1][j, k] * stages[2][k, n]
        multiplications += 3
    print("largest difference of the two results", f"{np.abs(by_paths - by_stages).max():.0e}")
    print(f"path by path    {multiplications} multiplications")
    print(f"stage by stage  {sum(J.size for J in stages)} multiplications")

# %% [markdown]
r"""
Each further layer multiplies the number of paths, and adds one product to the stages. That is the
whole secret of backprop.

### Derivation C · One weight at a time  *(on paper, 8 minutes, 3 points, read by a person)*

A layer computes $z_k = \sum_l W_{kl} h_l + b_k$, and a loss $\ell$ depends on $z$; write
$\delta_k = \partial\ell/\partial z_k$. Use the sum over paths to derive
$\partial\ell/\partial W_{ij} = \delta_i h_j$ and $\partial\ell/\partial b_i = \delta_i$. Begin with
$\partial z_k/\partial W_{ij}$, written with $\mathbb{1}_{k=i}$ (1 if $k = i$, else 0), and say what
the indicator does to the sum. Then write both results for the whole $W$ and $b$, with shapes.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_weight_gradient", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
$W_{ij}$ occurs in $z_i$ only, and there it multiplies $h_j$:
$\partial z_k/\partial W_{ij} = \mathbb{1}_{k=i}\,h_j$. So
$$\frac{\partial\ell}{\partial W_{ij}} = \sum_k \delta_k\,\mathbb{1}_{k=i}\,h_j = \delta_i h_j :$$
the indicator keeps the one term $k = i$. In the same way $\partial z_k/\partial b_i =
\mathbb{1}_{k=i}$ and $\partial\ell/\partial b_i = \delta_i$.

With $\delta$ of shape $(m,)$ and $h$ of shape $(n,)$: $\partial\ell/\partial W = \delta h^\top$,
shape $(m, n)$ as $W$, and $\partial\ell/\partial b = \delta$, shape $(m,)$.

=== BEGIN MARK SCHEME ===
- 1 point: $\partial z_k/\partial W_{ij} = \mathbb{1}_{k=i} h_j$ with a reason.
- 1 point: the sum over $k$ is written, and the indicator keeps one term.
- 1 point: outer product $\delta h^\top$ and $\delta$, with shapes.
=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### The slope of a quotient

$$\left(\frac{g}{h}\right)' = \frac{g'}{h} - \frac{g\,h'}{h^2}.$$

In words: a rising numerator lifts the quotient, a rising denominator pulls it down, and the pull
has $h$ **squared** below it. **By hand:** $g = 6$, $h = 2$, $g' = 1$, $h' = 4$ gives
$\frac12 - \frac{24}{4} = -5.5$.

### Exercise: quotient_rule

Four numbers in, one out. `g`, `dg` and `dh` may be 0; `h` is not.
"""

# %% nbgrader={"grade": false, "grade_id": "quotient_rule", "locked": false, "schema_version": 3, "solution": true, "task": false}
def quotient_rule(g, h, dg, dh):
    """Slope of g/h from the values and slopes of g and h.

    Parameters
    ----------
    g, h, dg, dh : float
        Values of g and h (h not 0), and their slopes.

    Returns
    -------
    float
        (g/h)'.
    """
    ### BEGIN SOLUTION
    return (dg * h - g * dh) / h**2
    ### END SOLUTION

# %%
@first_test
def first_test_quotient_rule():
    print("yours", quotient_rule(6, 2, 1, 4), "  by hand -5.5")

# %% nbgrader={"grade": true, "grade_id": "check_quotient_rule", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(quotient_rule)

# %% [markdown]
r"""
## Referee the notes

The source notes are good, and they contain mistakes, as all notes do. A referee does not shrug and
does not guess: a referee *computes*. You have built the instrument yourself.
"""

# %%
def gap(a, b):
    """Largest difference, relative to the largest entry: 0 is agreement, 1 is hopeless."""
    return np.abs(a - b).max() / max(np.abs(a).max(), np.abs(b).max())

# %% [markdown]
r"""
### Referee 1 · A slope that is not one

S2 defines the sigmoid by

$$\sigma(y) = \frac{1}{1 + \exp(-x)} \qquad\text{(as printed)}$$

and reminds you in a hint that its derivative is

$$\frac{\sigma(x)}{x} = \sigma(x)\,(1 - \sigma(x)) \qquad\text{(as printed)}.$$

**Your turn.** Type the left side of the second line as it is printed. Ungraded, one line.
"""

# %% nbgrader={"grade": false, "grade_id": "printed_slope", "locked": false, "schema_version": 3, "solution": true, "task": false}
def printed_slope(x):
    """The left side of S2's hint, exactly as printed.

    Parameters
    ----------
    x : ndarray, any shape

    Returns
    -------
    ndarray, shape of x
    """
    ### BEGIN SOLUTION
    return sigmoid(x) / x
    ### END SOLUTION

# %%
check_yours(printed_slope, ((np.log([3.0]),), 0.75 / np.log([3.0])))

# %%
@when_solved
def referee_sigmoid():
    x = np.array([-1.2, 0.1, 0.9])
    numeric = numerical_gradient(lambda x: sigmoid(x).sum(), x)
    print("numeric slope   ", numeric)
    print("left, as printed", printed_slope(x), f" off by {gap(printed_slope(x), numeric):.1e}")
    print("right side      ", sigmoid_prime(x), f" off by {gap(sigmoid_prime(x), numeric):.1e}")
    y, other_x = np.array([2.0]), np.array([-3.3])
    print("sigma(y) computed from an x of its own: off by "
          f"{gap(sigmoid(other_x), sigmoid(y)):.1e}")

# %% [markdown]
r"""
**Report** *(2 points, read by a person)*. What is wrong in each of the two printed lines, which
numbers above show it, and what should they say? What must have been lost on the left of the second?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_repaired_sigmoid", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
First line: the argument is $y$ on the left and $x$ on the right; it should be $\sigma(x) =
1/(1 + e^{-x})$. With an unrelated $x$ the value is off by $9.6\cdot10^{-1}$.

Second line: the left side should be $\partial\sigma(x)/\partial x$; the two $\partial$ (or $d$)
were lost, and a quotient is left. As printed it is off by $9.5\cdot10^{-1}$ from the numerical
slope. The right side $\sigma(1 - \sigma)$ agrees to $10^{-10}$.

=== BEGIN MARK SCHEME ===
- 1 point: argument of the first line, with the number.
- 1 point: lost derivative signs in the second, with the number; the right side is right.
=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Referee 2 · A power that got lost

S3 uses the quotient rule for the softmax. On the slide it is built up in steps; some of these
frames print

$$\frac{\partial}{\partial x}\frac{g(x)}{h(x)} = \frac{\partial g(x)}{\partial x}\frac{1}{h(x)} -
\frac{g(x)}{h(x)}\,\frac{\partial h(x)}{\partial x} \qquad\text{(as printed)}.$$

**Your turn.** Type it as it is printed. Ungraded, one line.
"""

# %% nbgrader={"grade": false, "grade_id": "printed_quotient_rule", "locked": false, "schema_version": 3, "solution": true, "task": false}
def printed_quotient_rule(g, h, dg, dh):
    """The quotient rule exactly as some frames of S3 print it.

    Parameters
    ----------
    g, h, dg, dh : float

    Returns
    -------
    float
    """
    ### BEGIN SOLUTION
    return dg / h - g / h * dh
    ### END SOLUTION

# %%
check_yours(printed_quotient_rule, ((6.0, 2.0, 1.0, 4.0), 0.5 - 12))

# %%
@when_solved
def referee_quotient():
    for x in (0.8, 1e-3):
        # g = x and h = 1 + x^2
        values = (x, 1 + x**2, 1.0, 2 * x)
        numeric = central_difference(lambda x: x / (1 + x**2), x, 1e-5)
        printed, yours = printed_quotient_rule(*values), quotient_rule(*values)
        print(f"at x = {x:5}: numeric {numeric:8.5f}")
        print(f"   as printed {printed:8.5f}, off by {abs(printed / numeric - 1):.1e} of the slope")
        print(f"   yours      {yours:8.5f}, off by {abs(yours / numeric - 1):.1e} of the slope")

# %% [markdown]
r"""
**Report** *(2 points, read by a person)*. What is wrong, which number shows it, and what should it
say? At $x = 0.8$ even the sign is wrong: what would gradient descent do with it? And why is the
second point, $x = 10^{-3}$, a bad place for a test?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_repaired_quotient", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
The second term should have $h^2$ below it: $g'/h - g h'/h^2$. At $x = 0.8$ the printed rule is off
by 2.3 times the slope, and its sign is wrong, so descent would walk uphill.

At $x = 10^{-3}$ the denominator is $h = 1 + 10^{-6}$, and $h$ and $h^2$ agree to six digits; also
$g h'$ is tiny, so the wrong term hardly counts. A value of 1 hides a missing power, as 0 hides a
missing term. Test at generic numbers.

=== BEGIN MARK SCHEME ===
- 1 point: the missing square, with the number 2.3 (or another computed one) and the sign.
- 1 point: $h$ near 1 (or $g h'$ near 0) hides the mistake.
=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Referee 3 · Small print

No points, one minute each. Decide first, then open.

<details>
<summary>S3 prints tanh(a) = (exp(2a) - 1)/(exp(2a) + 1). It is right. What happens if you type it
and call it with a = 400?</summary>

$e^{800}$ is infinite, and infinity over infinity is NaN. The formula is right and the program is
not. The cell below shows it.

</details>

<details>
<summary>S3 writes the gradient below a layer as the row (∇_h ℓ)^T ∇_a h. What if you take ∇_a h in
gradient layout, one column per output?</summary>

Then you multiply by $J^\top$ from the wrong side and compute $J v$ instead of $J^\top v$. For the
matrix of the cell below the result is off by 94 %. For a symmetric $J$ (every elementwise layer,
and softmax) it is right, and nobody notices.

</details>

<details>
<summary>The chain-rule slide says "We can invoke it by setting: a to a unit in layer; p(a) is the
loss function". What is missing?</summary>

What the $q_i$ are: the pre-activations of the layer above. Through them, and only through them,
does the unit reach the loss. (The superscript of "layer" was lost as well.)

</details>

<details>
<summary>S3 says: to check, "compare with a finite-difference approximation", where f(x + ε) is the
loss if you add ε to the parameter. For a network, is that one number or many?</summary>

One comparison for each parameter, each with all other parameters held fixed. And the comparison
needs a tolerance, and a step: the slide gives neither.

</details>
"""

# %%
def printed_tanh(a):
    """tanh as S3 prints it."""
    return (np.exp(2 * a) - 1) / (np.exp(2 * a) + 1)


with np.errstate(over="ignore", invalid="ignore"):
    print("tanh(400) as printed:", printed_tanh(400.0), "  np.tanh:", np.tanh(400.0))
J_general = np.array([[1.0, 0.0, -3.0], [-4.0, 0.0, -1.0], [-4.0, 1.0, -3.0]])
v_general = np.array([3.0, 2.0, 2.0])
print("J^T v", J_general.T @ v_general, "  J v", J_general @ v_general,
      f"  off by {gap(J_general @ v_general, J_general.T @ v_general):.1e}")

# %% [markdown]
r"""
## Quiz

Six questions. Replace the dots by a letter and run the cell.

**00.1** You make eps ten times smaller, from 1e-2 to 1e-3. What happens to the error of a central
difference?

- **a** It becomes about ten times smaller.
- **b** It becomes about a hundred times smaller.
- **c** It grows, because of rounding.
"""

# %%
quiz("00.1", "...")

# %% [markdown]
r"""
**00.2** A loss has 1000 parameters. How many times does a full gradient check by central differences
evaluate the loss, and how many does a check along one random direction?

- **a** 1000 and 1
- **b** 2000 and 1000
- **c** 2000 and 2
"""

# %%
quiz("00.2", "...")

# %% [markdown]
r"""
**00.3** Your gradient and the numerical one have a relative error of 0.33, for every input you try.
What do you suspect?

- **a** A factor of 2.
- **b** Rounding: eps is too small.
- **c** A wrong sign.
"""

# %%
quiz("00.3", "...")

# %% [markdown]
r"""
**00.4** The numerical gradient is NaN, and a student's check ends with `return not error > tol`.
What does it say?

- **a** True: the gradient passes.
- **b** False: the gradient fails.
- **c** It stops with an error.
"""

# %%
quiz("00.4", "...")

# %% [markdown]
r"""
**00.5** In a chain rule with n = m, a student multiplies in the order dq_da @ dp_dq. When does
nobody notice?

- **a** Never: the shapes do not fit.
- **b** When dq_da is symmetric.
- **c** When all paths have the same sign.
"""

# %%
quiz("00.5", "...")

# %% [markdown]
r"""
**00.6** Why can the complex step use eps = 1e-20, and a central difference cannot?

- **a** Complex numbers have twice as many digits.
- **b** It subtracts nothing, so no digits cancel.
- **c** Its truncation error is of order eps^4.
"""

# %%
quiz("00.6", "...")

# %% [markdown]
r"""
## What to remember

- **A central difference needs two values and no formula.** Its error is $\varepsilon^2 f'''/6$ from
  stopping early plus $u f/\varepsilon$ from rounding. Near $\varepsilon = 10^{-5}$ both are
  about $10^{-10}$.
- **The complex step has no bottom**: $10^{-20}$ and all digits, where the function is analytic.
- **Measure relative to the norms**, compare shapes first, and let NaN fail.
- **A random direction costs two calls** and sees any mistake. It does not say where.
- **Stay away from kinks**, from symmetric matrices, from equal sizes, from 0 and from 1: they hide
  mistakes.
- **Slopes multiply along a path and add over paths.** Adding once and reusing the sum is backprop.
- $\sigma' = \sigma(1 - \sigma) \le \frac14$, $\tanh' = 1 - \tanh^2 \le 1$.
"""

# %%
progress()

# %% [markdown]
r"""
## Sources

The formulas of this chapter come from four of the five sets of notes that the course is built on;
the text, the exercises and the figures were written for this course. **S0** is a homework handout
on derivatives of a one-hidden-layer network, **S1** an exercise sheet with solutions on
feed-forward networks, **S2** a discussion sheet on a two-layer regression network, **S3** a set of
lecture slides on training neural networks.

| Here | Taken from | Remarks |
|---|---|---|
| A slope from two function values; One slope per entry | S3, finite-difference approximation | step, tolerance and norm are ours |
| The sigmoid, The slope of the sigmoid | S2, question 1; S3, activation functions | S2 repaired in Referee 1 |
| The slope of tanh | S0, section 2; S3, activation functions | S3's form overflows: Referee 3 |
| Sum over paths | S3, chain rule; S3, hidden-layer gradient; S1, section 2, question 2 | row $v^\top J$ in S3, column $J^\top v$ here |
| Why backprop is cheap | S2, question 1 | |
| The slope of a quotient | S3, output layer gradient | repaired in Referee 2 |

<details>
<summary>Every item of the notes that this chapter teaches</summary>

| Item | Source, section | Taught in |
|---|---|---|
| S0.2.2 | S0, section 2 | The sigmoid; The slope of tanh |
| S1.2.15 | S1, section 2, questions 2 and 3 | Derivation C |
| S2.1.1 | S2, question 1 | The sigmoid; Referee 1 |
| S2.1.4 | S2, question 1 | Why backprop is cheap |
| S2.1.c | S2, question 1, hint to (b) | The slope of the sigmoid; Referee 1 |
| S3.5.6 | S3, output layer gradient | The slope of a quotient; Referee 2 |
| S3.6.1 | S3, hidden layer gradient | Sum over paths; Referee 3 |
| S3.6.5b | S3, hidden layer gradient | Sum over paths; Referee 3 |
| S3.7.1 | S3, activation functions | The sigmoid (table) |
| S3.7.2 | S3, activation functions | The slope of the sigmoid; Derivation B |
| S3.7.3 | S3, activation functions | The slope of tanh; Derivation B; Referee 3 |
| S3.11 | S3, finite-difference approximation | A slope from two function values; One slope per entry; The verdict |

</details>
"""
