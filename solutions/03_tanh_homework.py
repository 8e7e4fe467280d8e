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
# 03 · The tanh homework network

One hidden layer, four parameters, four gradients. This is the network of a real homework, and
it is small enough to know completely: you will write its forward pass, derive every gradient on
paper, put them in code, and then let your own code learn to read handwriting. At the end it should
get more than 94 of 100 digits right that it has never seen, with NumPy and nothing else.

On the way you referee the handout that the homework came with, S0 for short. One of its equations loses a pair of parentheses. You will see
that the loss of two brackets can go unnoticed for as long as two sizes happen to be equal.

[[Exercises]] exercises, three derivations and four referee reports. Plan nearly three hours, in two sittings;
*A step with a memory* is where the second one begins.
"""

# %% [markdown]
r"""
## What you will be able to do

| At the end you can | You show it in |
|---|---|
| run a batch through a network with one hidden layer, and decide | `predict_logits`, `predict_class` |
| derive the gradient with respect to each of its parameters, shape by shape | Derivation A |
| carry a derivation for one example over to a batch | Derivation B |
| compute the risk and all gradients in one forward and one backward pass | `risk_and_grads` |
| explain what momentum averages, and run gradient descent with it | Derivation C, `momentum_step`, `train_momentum` |
| train a classifier on real images and look at what it has learned | the finale |
"""

# %% [markdown]
r"""
## Are you ready?

Five questions, two minutes. If more than two of them stop you, go back to chapter 01 (questions 1
and 2) or 00 (question 3).

1. For logits $f$ and label $y$, what is the gradient of $-\log\operatorname{softmax}(f)_y$?
2. Why do you compute log-sum-exp with the largest logit taken out?
3. What is the derivative of $\tanh(s)$, written with $h = \tanh(s)$?
4. `A` has shape `(4, 3)` and `B` has shape `(5, 3)`. Which product has shape `(4, 5)`?
5. $u\in\mathbb{R}^4$ and $x\in\mathbb{R}^3$. What is the shape of $u\,x^\top$, and its entry $(i, j)$?

<details>
<summary>Answers</summary>

1. $\operatorname{softmax}(f) - e_y$: what you said minus what was true.
2. $e^{1000}$ overflows. After the shift the largest exponential is 1.
3. $1 - h^2$.
4. `A @ B.T`.
5. $4\times 3$, entry $u_i x_j$: an outer product.

</details>
"""

# %% [markdown]
r"""
## Notation

The letters are those of the handout, S0; S3 is a set of lecture slides. You need neither of them:
where they are judged, they are quoted, and *Sources* at the end says what they are.

| Symbol | In code | Meaning | Shape |
|---|---|---|---|
| $p$, $M$, $K$ | `p`, `M`, `K` | numbers of inputs, of hidden units, of classes | |
| $N$ | `N` | number of examples | |
| $x$, $X$ | `x`, `X` | one input; a batch, one example per row | `(p,)`, `(N, p)` |
| $W$, $b$ | `W`, `b` | weights and biases of the hidden layer | `(M, p)`, `(M,)` |
| $V$, $c$ | `V`, `c` | weights and biases of the output layer | `(K, M)`, `(K,)` |
| $s = b + Wx$ | `s`, `S` | hidden pre-activations | `(M,)`, `(N, M)` |
| $h = \tanh(s)$ | `h`, `H` | hidden activations | `(M,)`, `(N, M)` |
| $f = c + Vh$ | `f`, `F` | logits | `(K,)`, `(N, K)` |
| $y$ | `y` | label or labels, $0,\dots,K-1$ (S0 counts from 1) | `()`, `(N,)` |
| $L$, $R$ | | loss of one example; risk, the **sum** of the losses | |
| $\theta$ | `theta` | all parameters in one vector of length $P$ | `(P,)` |
| $\gamma$, $\alpha$, $\phi$ | `gamma`, `alpha`, `phi` | step size, weight of the new gradient, smoothed gradient | |
| $\odot$ | `*` | elementwise product | |

A name like `dW` stands for $\partial R/\partial W$. It always has the shape of `W`.
"""

# %%
import time
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
## The network, line by line

A linear classifier draws straight borders. S0's network puts one step in front of it: $M$ hidden
units look at the input first, and the classifier looks at *them*:

$$f(x) = c + V\,\tanh(b + Wx),\qquad f:\mathbb{R}^p\to\mathbb{R}^K .$$

In words, from the inside out: every hidden unit takes a weighted sum of the inputs, squeezes it
into $(-1, 1)$, and each class takes a weighted sum of what the hidden units say. Three lines, each
with a name:

| Line | Shapes for one example |
|---|---|
| $s = b + Wx$ | $(M) = (M) + (M\times p)(p)$ |
| $h = \tanh(s)$, entry by entry | $(M)$ |
| $f = c + Vh$ | $(K) = (K) + (K\times M)(M)$ |

What comes out are **logits**. They become probabilities only inside the loss.

Without the $\tanh$ the two linear maps would be one: $c + V(b + Wx) = (c + Vb) + (VW)x$. The bend
is what makes a hidden layer worth having. Two units are enough for a bump:
"""

# %%
x_line = np.linspace(-4, 4, 161)
up, down = np.tanh(3 + 2 * x_line), -np.tanh(-3 + 2 * x_line)
fig, ax = plots.lines(
    x_line, {"tanh(3 + 2x)": up, "-tanh(-3 + 2x)": down, "their sum": up + down},
    xlabel="x", ylabel="contribution to the logit",
    title="Two S-curves with opposite signs make a bump",
    alt="Three curves over x from -4 to 4. The first rises from -1 to 1 around x = -1.5, the "
        "second falls from 1 to -1 around x = 1.5. Their sum is close to 0 on both sides and "
        "rises to a plateau of almost 2 between the two.",
)
plots.show(fig)

# %% [markdown]
r"""
### By hand

Two inputs, two hidden units, two classes, and numbers made for easy arithmetic. Since
$\tanh(\log a) = (a - a^{-1})/(a + a^{-1})$, you have $\tanh(\log 2) = \frac35$ and
$\tanh(\log 3) = \frac45$. Take

$$x = \begin{pmatrix}1\\2\end{pmatrix},\quad
W = \begin{pmatrix}\log 2 & \log 2\\ \log 3 & -\frac32\log 3\end{pmatrix},\quad
b = \begin{pmatrix}-2\log 2\\ \log 3\end{pmatrix},\quad
V = \begin{pmatrix}1 & 2\\3 & -1\end{pmatrix},\quad
c = \begin{pmatrix}1\\ \log 2 - \frac{13}{5}\end{pmatrix}.$$

Line by line:

$$s = \begin{pmatrix}\log 2 + 2\log 2 - 2\log 2\\ \log 3 - 3\log 3 + \log 3\end{pmatrix}
= \begin{pmatrix}\log 2\\-\log 3\end{pmatrix},\qquad
h = \begin{pmatrix}3/5\\-4/5\end{pmatrix},\qquad
f = \begin{pmatrix}1 + \frac35 - \frac85\\ \log 2 - \frac{13}{5} + \frac95 + \frac45\end{pmatrix}
= \begin{pmatrix}0\\ \log 2\end{pmatrix}.$$

Softmax turns this into $(\frac13, \frac23)$. Keep this example. You will go back through it with a
label in hand, and each of your functions meets it first.
"""

# %%
W_hand = np.array([[np.log(2), np.log(2)], [np.log(3), -1.5 * np.log(3)]])
b_hand = np.array([-2 * np.log(2), np.log(3)])
V_hand = np.array([[1.0, 2.0], [3.0, -1.0]])
c_hand = np.array([1.0, np.log(2) - 13 / 5])
x_hand, y_hand = np.array([1.0, 2.0]), 0

s_hand = b_hand + W_hand @ x_hand
h_hand = np.tanh(s_hand)
f_hand = c_hand + V_hand @ h_hand
print("s", s_hand, "  h", h_hand, "  f", f_hand, "  log 2 is", np.log(2))

# %% [markdown]
r"""
### A batch is a stack of rows

Examples are the rows of $X$, so the pre-activations of example $n$ should be row $n$ of $S$. The
column $Wx$ of one example becomes the row $x^\top W^\top$:

$$S = XW^\top + b,\qquad H = \tanh(S),\qquad F = HV^\top + c .$$

In words: the same three lines, with every matrix on the other side and transposed. The biases have
shapes $(M,)$ and $(K,)$; broadcasting adds them to every row.

**A word about tanh.** The slides (S3) write $\tanh a = (e^{2a} - 1)/(e^{2a} + 1)$. True on paper.
On a computer $e^{800}$ is infinite, and infinity divided by infinity is NaN:
"""

# %%
with np.errstate(over="ignore", invalid="ignore"):
    print("quotient of exponentials at 400:", (np.exp(800.0) - 1) / (np.exp(800.0) + 1))
print("np.tanh at 400:                 ", np.tanh(400.0))

# %% [markdown]
r"""
**Predict.** You flip the sign of every entry of $W$, $b$ and $V$, and leave $c$ alone. What happens
to the logits?
"""

# %% tags=["predict"] course={"predict": "sign_flip"}
predict("sign_flip", "...")  # write "nothing", "they flip too" or "depends on x"

# %% [markdown]
r"""
### Exercise: predict_logits

Parameters and a batch in, logits of shape `(N, K)` out. Pre-activations of $\pm 1000$ must do no
harm.
"""

# %% nbgrader={"grade": false, "grade_id": "predict_logits", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predict_logits(W, V, b, c, X):
    """Run a batch through the network f(x) = c + V tanh(b + W x).

    Parameters
    ----------
    W : ndarray, shape (M, p)
        Hidden weights.
    V : ndarray, shape (K, M)
        Output weights.
    b : ndarray, shape (M,)
        Hidden biases.
    c : ndarray, shape (K,)
        Output biases.
    X : ndarray, shape (N, p)
        Inputs, one example per row.

    Returns
    -------
    ndarray, shape (N, K)
        Logits, one example per row.
    """
    ### BEGIN SOLUTION
    H = np.tanh(X @ W.T + b)
    return H @ V.T + c
    ### END SOLUTION

# %%
@first_test
def first_test_predict_logits():
    print("yours  ", predict_logits(W_hand, V_hand, b_hand, c_hand, x_hand[None, :]))
    print("by hand", np.array([[0, np.log(2)]]))

# %% [markdown]
r"""
Stuck? Every exercise has three hints, from a question to a skeleton. They cost nothing.
"""

# %%
hint("predict_logits", level=1)

# %% nbgrader={"grade": true, "grade_id": "check_predict_logits", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(predict_logits)

# %%
@when_solved
def outcome_sign_flip():
    X = np.random.default_rng(0).standard_normal((50, 2))
    before = predict_logits(W_hand, V_hand, b_hand, c_hand, X)
    after = predict_logits(-W_hand, -V_hand, -b_hand, c_hand, X)
    predicted("sign_flip", f"nothing: on 50 inputs the largest change of a logit is "
              f"{np.abs(after - before).max():.0e}")

# %% [markdown]
r"""
tanh is odd, so flipping $W$ and $b$ flips $h$, and flipping $V$ flips it back. You can do this to
each hidden unit separately, and you can also renumber the units. A network with $M$ units therefore
has $2^M M!$ parameter settings that compute the same function. There is no such thing as *the*
solution.

### From logits to a decision

The predicted class is the one with the largest logit:

$$\hat y = \operatorname*{arg\,max}_k f_k .$$

In words: the position of the largest entry, not its size. Softmax keeps the order, so you do not
need it here. When two logits are equal, take the first.

### Exercise: predict_class

Logits of shape `(N, K)` in, integers of shape `(N,)` out.
"""

# %% nbgrader={"grade": false, "grade_id": "predict_class", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predict_class(F):
    """Pick the class with the largest logit, for every example.

    Parameters
    ----------
    F : ndarray, shape (N, K)
        Logits, one example per row.

    Returns
    -------
    ndarray of int, shape (N,)
        Classes in 0..K-1; of equal logits the first.
    """
    ### BEGIN SOLUTION
    return np.argmax(F, axis=1)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check_predict_class", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(predict_class)

# %% [markdown]
r"""
## How wrong is the network?

S0 uses the multiclass logistic loss. You know it from chapter 01 under the name negative
log-likelihood:

$$L(y, f) = -f_y + \log\sum_{k=0}^{K-1} e^{f_k},\qquad
R = \sum_{n=1}^{N} L\bigl(y_n, f(x_n)\bigr).$$

In words: a soft maximum of all logits minus the label's own, and the **risk** $R$ adds up the
losses of all examples. It is a sum. (S0 says "average" in the text and prints a sum. And it forgets
the exponential. Both are on the referee's desk below.)

Where the backward pass starts you also know. The gradient with respect to the logits is boxed in
S0, with $g$ for softmax and $\hat e_y$ for the one-hot vector that we call $e_y$:

$$\frac{\partial L}{\partial f} = \operatorname{softmax}(f) - e_y .$$

In words: what you said minus what was true. On the worked example with label 0 the loss is
$\log(1 + 2) - 0 = \log 3$, and $\partial L/\partial f = (\frac13, \frac23) - (1, 0) =
(-\frac23, \frac23)$.

### Bring your tools

You have solved this in chapter 01. Carry it over, for a batch, as one function that gives the sum
of the losses and the matrix of output gradients. It is not graded by itself, and the next exercise
stands on it. Keep both safe from huge logits: subtract each row's maximum first. About 6 lines.
"""

# %% nbgrader={"grade": false, "grade_id": "loss_and_dF", "locked": false, "schema_version": 3, "solution": true, "task": false}
def loss_and_dF(F, y):
    """Sum of the losses, and its gradient with respect to the logits.

    Parameters
    ----------
    F : ndarray, shape (N, K)
        Logits, of any size.
    y : ndarray of int, shape (N,)
        Labels in 0..K-1.

    Returns
    -------
    risk : float
        Sum over n of log(sum(exp(F[n]))) - F[n, y[n]].
    dF : ndarray, shape (N, K)
        Row n is softmax(F[n]) minus the one-hot vector of y[n].
    """
    ### BEGIN SOLUTION
    rows = np.arange(len(y))
    Z = F - F.max(axis=1, keepdims=True)
    E = np.exp(Z)
    total = E.sum(axis=1, keepdims=True)
    risk = (np.log(total[:, 0]) - Z[rows, y]).sum()
    dF = E / total
    dF[rows, y] -= 1.0
    return risk, dF
    ### END SOLUTION

# %%
@first_test
def first_test_loss_and_dF():
    risk, dF = loss_and_dF(f_hand[None, :], np.array([y_hand]))
    print("yours   risk", risk, " dF", dF)
    print("by hand risk", np.log(3), " dF", np.array([[-2 / 3, 2 / 3]]))
    risk, dF = loss_and_dF(np.array([[1000.0, -1000.0]]), np.array([1]))
    print("huge logits: risk", risk, "(2000 is right)  dF", dF)


check_yours(loss_and_dF,
            ((np.array([[0.0, np.log(2)], [0.0, 0.0]]), np.array([0, 1])),
             (np.log(6), np.array([[-2 / 3, 2 / 3], [1 / 2, -1 / 2]]))),
            ((np.array([[1000.0, -1000.0]]), np.array([1])), (2000.0, np.array([[1.0, -1.0]]))))

# %% [markdown]
r"""
**Predict.** A network starts with tiny weights and zero biases. There are 1097 images of ten
digits. About how large is the risk before the first step?
"""

# %% tags=["predict"] course={"predict": "risk_at_start"}
predict("risk_at_start", "...")  # write a number

# %% [markdown]
r"""
## Back through the network

You need four gradients: with respect to $W$, $V$, $b$ and $c$. As S0 says, it is convenient to have
some intermediate ones as well. Go through the three lines of the forward pass in reverse. For each
line ask: who used this quantity, and how much does the loss care about what they made of it?

**Line $f = c + Vh$.** Entry $f_k = c_k + \sum_m V_{km}h_m$. So

$$\frac{\partial L}{\partial c} = \frac{\partial L}{\partial f},\qquad
\frac{\partial L}{\partial V} = \frac{\partial L}{\partial f}\,h^\top,\qquad
\frac{\partial L}{\partial h} = V^\top\frac{\partial L}{\partial f}.$$

In words: $c_k$ moves $f_k$ one to one. $V_{km}$ moves $f_k$ in proportion to $h_m$, so the gradient
is an outer product, *what arrives from above* times *what was there below*. And $h_m$ moves every
logit, through its own column of $V$, so its gradient is a sum over the classes.

**The shape argument.** A column of length $K$ times a row of length $M$ is $K\times M$, the shape of
$V$. $V^\top$ takes $K$ numbers to $M$, the shape of $h$. When you are not sure on which side a
transpose belongs, the shapes leave one possibility, as long as the sizes differ.

### Through the hidden units

**Line $h = \tanh(s)$.** Each $h_m$ depends on its own $s_m$ only, with slope $1 - h_m^2$:

$$\frac{\partial L}{\partial s} = (1 - h\odot h)\odot\frac{\partial L}{\partial h}.$$

In words: multiply entry by entry with the slope. A unit near $\pm1$ is saturated: its slope is
nearly 0, and it passes next to nothing down.

**Line $s = b + Wx$** has the same form as $f = c + Vh$, so it needs no new idea:

$$\frac{\partial L}{\partial b} = \frac{\partial L}{\partial s},\qquad
\frac{\partial L}{\partial W} = \frac{\partial L}{\partial s}\,x^\top .$$

### By hand

Back through the worked example, label 0. You have $\partial L/\partial f = (-\frac23, \frac23)$,
$h = (\frac35, -\frac45)$ and $x = (1, 2)$.

$$\frac{\partial L}{\partial V} = \begin{pmatrix}-\frac23\\ \frac23\end{pmatrix}
\begin{pmatrix}\frac35 & -\frac45\end{pmatrix}
= \frac{1}{15}\begin{pmatrix}-6 & 8\\ 6 & -8\end{pmatrix},\qquad
\frac{\partial L}{\partial h} = \begin{pmatrix}1 & 3\\2 & -1\end{pmatrix}
\begin{pmatrix}-\frac23\\ \frac23\end{pmatrix} = \begin{pmatrix}\frac43\\ -2\end{pmatrix},$$

$$\frac{\partial L}{\partial s} = \begin{pmatrix}\frac{16}{25}\cdot\frac43\\[2pt]
\frac{9}{25}\cdot(-2)\end{pmatrix}
= \frac{1}{75}\begin{pmatrix}64\\-54\end{pmatrix},\qquad
\frac{\partial L}{\partial W} = \frac{1}{75}\begin{pmatrix}64 & 128\\ -54 & -108\end{pmatrix}.$$
"""

# %%
dW_hand = np.array([[64, 128], [-54, -108]]) / 75
dV_hand = np.array([[-6, 8], [6, -8]]) / 15
db_hand = np.array([64, -54]) / 75
dc_hand = np.array([-2, 2]) / 3

# %% [markdown]
r"""
### Derivation A · One example, entry by entry  *(on paper, 15 minutes, 4 points, read by a person)*

S0 says of one of these lines that it is "not hard to show", and of the last that it follows by
"similar same logic". Show them all. For one example, start from $\partial L/\partial f_k$ and derive,
with indices and the chain rule (say over which index you sum, and why),

1. $\partial L/\partial V_{km}$ and $\partial L/\partial h_m$,
2. $\partial L/\partial s_m$ and $\partial L/\partial b_m$,
3. $\partial L/\partial W_{mj}$.

Then write each result in matrix form and check its shape. Put parentheses wherever an elementwise
product and an outer product meet.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_one_example", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
**1.** $V_{km}$ occurs in $f_k$ only, with $\partial f_k/\partial V_{km} = h_m$, so
$\partial L/\partial V_{km} = (\partial L/\partial f_k)\,h_m$: the outer product
$(\partial L/\partial f)\,h^\top$, $K\times M$. The unit $h_m$ occurs in every logit, with
$\partial f_k/\partial h_m = V_{km}$, so the paths are summed:
$$\frac{\partial L}{\partial h_m} = \sum_k \frac{\partial L}{\partial f_k}V_{km}
= \Bigl(V^\top\frac{\partial L}{\partial f}\Bigr)_m .$$

**2.** $s_m$ occurs in $h_m$ only, with slope $1 - h_m^2$:
$\partial L/\partial s_m = (1 - h_m^2)\,\partial L/\partial h_m$. And $\partial s_m/\partial b_m = 1$,
so $\partial L/\partial b = \partial L/\partial s = (1 - h\odot h)\odot(V^\top\partial L/\partial f)$,
length $M$.

**3.** $W_{mj}$ occurs in $s_m$ only, with $\partial s_m/\partial W_{mj} = x_j$:
$$\frac{\partial L}{\partial W_{mj}} = \frac{\partial L}{\partial s_m}x_j,\qquad
\frac{\partial L}{\partial W} = \Bigl((1 - h\odot h)\odot V^\top\frac{\partial L}{\partial f}\Bigr)
x^\top,\quad M\times p .$$

=== BEGIN MARK SCHEME ===
- 1 point: $\partial L/\partial V$ as an outer product, with the reason why there is no sum.
- 1 point: the sum over $k$ in $\partial L/\partial h_m$, with its reason (all paths).
- 1 point: slope $1 - h_m^2$, and $\partial L/\partial b = \partial L/\partial s$.
- 1 point: $\partial L/\partial W$ in matrix form, parentheses right, shapes checked.
=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### From one example to a batch

The risk is a sum over examples, and so is its gradient. Row $n$ of `dF`, `dH`, `dS` belongs to
example $n$. For the weights, the outer products of all examples have to be added, and a matrix
product does exactly that: entry $(k, m)$ of $dF^\top H$ is $\sum_n dF_{nk}H_{nm}$.

| Forward | Backward | Shapes |
|---|---|---|
| $R = \sum_n L(y_n, F_n)$ | $dF = \operatorname{softmax}(F) - \operatorname{onehot}(y)$, row by row | $(N, K)$ |
| $F = HV^\top + c$ | $dV = dF^\top H$, $\;dc = \sum_n dF_n$, $\;dH = dF\,V$ | $(K, M)$, $(K)$, $(N, M)$ |
| $H = \tanh(S)$ | $dS = dH\odot(1 - H\odot H)$ | $(N, M)$ |
| $S = XW^\top + b$ | $dW = dS^\top X$, $\;db = \sum_n dS_n$ | $(M, p)$, $(M)$ |

Read it from the bottom up on the left, from the top down on the right. Every line of the forward
pass has its line in the backward pass, and each of those uses what arrives from above and what the
forward pass has left behind: $H$ and $X$.

### Derivation B · Where the sums come from  *(on paper, 10 minutes, 3 points, read by a person)*

1. Show that $dW = dS^\top X$ is the sum over $n$ of the outer products of Derivation A.
2. Somebody computes $\bigl(\sum_n (1 - H_n\odot H_n)\bigr)_m\,(dH^\top X)_{mj}$ instead, multiplying
   the slope in at the end. For which $N$ is that right? Why is it wrong otherwise?
3. Your colleague wants the mean loss. Which of your five results change, and how?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_batch", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
**1.** $(dS^\top X)_{mj} = \sum_n dS_{nm}X_{nj}$, and $dS_{nm}X_{nj}$ is entry $(m, j)$ of
$(\partial L_n/\partial s)\,x_n^\top$. The gradient of a sum is the sum of the gradients.

**2.** For $N = 1$. Each example has slopes of its own, so they must be multiplied in before the
examples are added: $\sum_n a_n u_n \ne (\sum_n a_n)(\sum_n u_n)$.

**3.** All five are divided by $N$: the risk, $dW$, $dV$, $db$ and $dc$.

=== BEGIN MARK SCHEME ===
- 1 point: entry $(m, j)$ written as a sum over $n$ and identified with the outer products.
- 1 point: $N = 1$, and the reason (a sum of products is not a product of sums).
- 1 point: all five divided by $N$.
=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Exercise: risk_and_grads

The heart of the chapter. Parameters, batch and labels in; `(risk, dW, dV, db, dc)` out, in this
order. The report judges the parts one by one, so a slip in `dW` does not cost you `dV`.

You need $H$ in the backward pass, so repeat the two lines of the forward pass here. No loop over
examples, no division by $N$.
"""

# %% nbgrader={"grade": false, "grade_id": "risk_and_grads", "locked": false, "schema_version": 3, "solution": true, "task": false}
def risk_and_grads(W, V, b, c, X, y):
    """Risk of the network on a batch, and its gradient with respect to every parameter.

    Parameters
    ----------
    W : ndarray, shape (M, p)
        Hidden weights.
    V : ndarray, shape (K, M)
        Output weights.
    b : ndarray, shape (M,)
        Hidden biases.
    c : ndarray, shape (K,)
        Output biases.
    X : ndarray, shape (N, p)
        Inputs, one example per row.
    y : ndarray of int, shape (N,)
        Labels in 0..K-1.

    Returns
    -------
    risk : float
        Sum (not mean) of the losses.
    dW, dV, db, dc : ndarrays, shapes (M, p), (K, M), (M,), (K,)
        Gradients of the risk.
    """
    ### BEGIN SOLUTION
    H = np.tanh(X @ W.T + b)
    F = H @ V.T + c
    risk, dF = loss_and_dF(F, y)
    dH = dF @ V
    dS = dH * (1 - H**2)
    dW, db = dS.T @ X, dS.sum(axis=0)
    dV, dc = dF.T @ H, dF.sum(axis=0)
    return risk, dW, dV, db, dc
    ### END SOLUTION

# %%
@first_test
def first_test_risk_and_grads():
    risk, dW, dV, db, dc = risk_and_grads(W_hand, V_hand, b_hand, c_hand,
                                          x_hand[None, :], np.array([y_hand]))
    print("risk:    yours", risk, "  by hand", np.log(3))
    print("75 * dW: yours", (75 * dW).round(10).tolist(), "  by hand", (75 * dW_hand).tolist())
    print("15 * dV: yours", (15 * dV).round(10).tolist(), "  by hand", (15 * dV_hand).tolist())
    print("75 * db: yours", (75 * db).round(10).tolist(), "  by hand", (75 * db_hand).tolist())
    print(" 3 * dc: yours", (3 * dc).round(10).tolist(), "  by hand", (3 * dc_hand).tolist())

# %% nbgrader={"grade": true, "grade_id": "check_risk_and_grads", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(risk_and_grads)

# %% [markdown]
r"""
### A second opinion

A check that somebody hands you is convenient. A check that you can make yourself is better, because
you have it wherever you go. Chapter 00's central differences need nothing but the risk:
"""

# %%
def numeric_gradient(f, theta, eps=1e-5):
    """Central differences of a scalar function of one flat vector."""
    steps = eps * np.eye(len(theta))
    return np.array([(f(theta + d) - f(theta - d)) / (2 * eps) for d in steps])


def gap(a, b):
    """Largest difference, relative to the largest entry: 0 is agreement, 1 is hopeless."""
    a, b = np.asarray(a), np.asarray(b)
    return np.abs(a - b).max() / max(np.abs(a).max(), np.abs(b).max())

# %% [markdown]
r"""
For this, and for all descent below, the four parameters travel in one vector $\theta$ of length
$P = Mp + KM + M + K$. Two given helpers pack and unpack them.
"""

# %%
def pack(W, V, b, c):
    """All parameters in one vector, shape (P,)."""
    return np.concatenate([W.ravel(), V.ravel(), b, c])


def unpack(theta, p, M, K):
    """The four parameters in a vector, with their shapes."""
    W, V, b, c = np.split(theta, np.cumsum([M * p, K * M, M]))
    return W.reshape(M, p), V.reshape(K, M), b, c


def random_network(p, M, K, rng, scale=0.1):
    """Small random weights, zero biases."""
    return (scale * rng.standard_normal((M, p)), scale * rng.standard_normal((K, M)),
            np.zeros(M), np.zeros(K))

# %%
@when_solved
def second_opinion():
    rng = np.random.default_rng(1)
    p, M, K = 3, 5, 4
    X, y = rng.standard_normal((7, p)), rng.integers(0, K, 7)
    theta = pack(*random_network(p, M, K, rng, scale=0.7)) + 0.1
    risk, *grads = risk_and_grads(*unpack(theta, p, M, K), X, y)
    numeric = unpack(numeric_gradient(
        lambda t: risk_and_grads(*unpack(t, p, M, K), X, y)[0], theta), p, M, K)
    for name, yours, differences in zip(("dW", "dV", "db", "dc"), grads, numeric, strict=True):
        print(f"{name} against central differences: off by {gap(yours, differences):.0e}")

# %% [markdown]
r"""
About $10^{-10}$ is what central differences can do. The price: $2P$ forward passes, where your
backward pass costs about as much as two.
"""

# %% [markdown]
r"""
## A step with a memory

You have a gradient. Now go downhill. **Gradient descent** takes the steps

$$\theta^{r+1} = \theta^r - \gamma\,\nabla R(\theta^r),$$

in words: from where you are, a step of size $\gamma$ against the gradient, and again. The gradient
is that of the whole training set every time. (S0 stresses this: no stochastic gradients here. They
come in chapter 07.)

What goes wrong with it is a narrow valley. Take the risk $\frac12(\theta_1^2 + 40\,\theta_2^2)$: steep
walls, a floor that hardly slopes. Across the valley a step multiplies $\theta_2$ by $1 - 40\gamma$.
If $\gamma$ exceeds $2/40$, that is below $-1$, and you bounce ever higher. So $\gamma$ is small
because of the walls, and along the floor you crawl.

S0's remedy keeps a smoothed gradient $\phi$ and moves along that:

$$\phi^{r+1} = (1-\alpha)\,\phi^r + \alpha\,\nabla R(\theta^r),\qquad
\theta^{r+1} = \theta^r - \gamma\,\phi^{r+1},\qquad \phi^0 = 0 .$$

In words: mix the new gradient into the old average with weight $\alpha$, then step along the new
average. (S0 never says what $\phi^0$ is. Zero is the choice of this course.) Gradients that change
sign at every step, across the valley, cancel in the average. Those that keep their sign, along the
floor, survive it.

### By hand

One parameter, $\theta = 1$, $\phi = 4$, new gradient $g = 8$, $\gamma = \frac1{10}$, $\alpha = \frac14$:

$$\phi' = \tfrac34\cdot 4 + \tfrac14\cdot 8 = 5,\qquad \theta' = 1 - \tfrac1{10}\cdot 5 = \tfrac12 .$$

### Exercise: momentum_step

Vectors of shape `(P,)` and two numbers in; `(theta', phi')` out, both new arrays.
"""

# %% nbgrader={"grade": false, "grade_id": "momentum_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def momentum_step(theta, phi, g, gamma, alpha):
    """One step of gradient descent with momentum.

    Parameters
    ----------
    theta : ndarray, shape (P,)
        Parameters.
    phi : ndarray, shape (P,)
        Smoothed gradient so far.
    g : ndarray, shape (P,)
        Gradient at theta.
    gamma : float
        Step size.
    alpha : float
        Weight of the new gradient, in (0, 1].

    Returns
    -------
    theta_new, phi_new : ndarrays, shape (P,)
        phi_new = (1 - alpha) phi + alpha g, and theta_new = theta - gamma phi_new.
    """
    ### BEGIN SOLUTION
    phi_new = (1 - alpha) * phi + alpha * g
    return theta - gamma * phi_new, phi_new
    ### END SOLUTION

# %%
@first_test
def first_test_momentum_step():
    theta, phi = momentum_step(np.array([1.0]), np.array([4.0]), np.array([8.0]), 0.1, 0.25)
    print("yours  ", theta, phi)
    print("by hand", np.array([0.5]), np.array([5.0]))

# %% nbgrader={"grade": true, "grade_id": "check_momentum_step", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(momentum_step)

# %% [markdown]
r"""
### Derivation C · What phi remembers  *(on paper, 10 minutes, 3 points, read by a person)*

Let $g^r = \nabla R(\theta^r)$ and $\phi^0 = 0$.

1. Unroll the recursion: write $\phi^{r+1}$ as a weighted sum of $g^0, \dots, g^r$.
2. What do the weights sum to? What is $\phi$ after many steps if the gradient is constant?
3. Eliminate $\phi$: show that
   $\theta^{r+1} = \theta^r - \gamma\alpha\,g^r + (1-\alpha)(\theta^r - \theta^{r-1})$ for $r\ge 1$.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_memory", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
**1.** $\phi^{r+1} = \sum_{i=0}^{r}\alpha(1-\alpha)^{r-i}g^i$, by induction: multiplying by
$1-\alpha$ raises every exponent by one, and $\alpha g^r$ is the new term.

**2.** $\sum_{i=0}^r \alpha(1-\alpha)^{r-i} = 1 - (1-\alpha)^{r+1}$, a geometric sum, which goes to 1.
With a constant gradient $g$, $\phi^{r+1} = (1 - (1-\alpha)^{r+1})\,g \to g$: an average.

**3.** From the second line of the previous step, $\gamma\phi^r = \theta^{r-1} - \theta^r$. Put it
into $\theta^{r+1} = \theta^r - \gamma(1-\alpha)\phi^r - \gamma\alpha g^r$:
$$\theta^{r+1} = \theta^r - \gamma\alpha\,g^r + (1-\alpha)(\theta^r - \theta^{r-1}).$$

=== BEGIN MARK SCHEME ===
- 1 point: the weights $\alpha(1-\alpha)^{r-i}$, with $\phi^0 = 0$ used.
- 1 point: their sum $1 - (1-\alpha)^{r+1}$, and the limit $g$.
- 1 point: $\gamma\phi^r = \theta^{r-1} - \theta^r$ put in, step $\gamma\alpha$ visible.
=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### The whole descent

A loop around the step. Record where you have been: every figure below needs the path, not only its
end.

### Exercise: train_momentum

`grad` is a function that takes $\theta$ and gives $\nabla R(\theta)$. The history has
`n_steps + 1` rows: row 0 is $\theta^0$, row $r$ is $\theta^r$. Start with $\phi^0 = 0$.
"""

# %% nbgrader={"grade": false, "grade_id": "train_momentum", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_momentum(grad, theta0, gamma, alpha, n_steps):
    """Gradient descent with momentum, from phi = 0.

    Parameters
    ----------
    grad : callable
        (P,) -> (P,), the gradient of the risk.
    theta0 : ndarray, shape (P,)
        Starting point.
    gamma : float
        Step size.
    alpha : float
        Weight of the new gradient, in (0, 1].
    n_steps : int
        Number of steps; may be 0.

    Returns
    -------
    ndarray, shape (n_steps + 1, P)
        theta^0, theta^1, ..., theta^n_steps.
    """
    ### BEGIN SOLUTION
    theta, phi = theta0, 0 * theta0
    history = [theta]
    for _ in range(n_steps):
        theta, phi = momentum_step(theta, phi, grad(theta), gamma, alpha)
        history.append(theta)
    return np.array(history)
    ### END SOLUTION

# %%
steepness = np.array([1.0, 40.0])


def valley_gradient(theta):
    """Gradient of the risk (theta_1^2 + 40 theta_2^2) / 2."""
    return steepness * theta

# %%
@first_test
def first_test_train_momentum():
    history = train_momentum(valley_gradient, np.array([1.0, 1.0]), 0.01, 0.5, 2)
    print("yours  ", history.tolist())
    print("by hand", [[1.0, 1.0], [0.995, 0.8], [0.987525, 0.54]])

# %% nbgrader={"grade": true, "grade_id": "check_train_momentum", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
check(train_momentum)

# %% [markdown]
r"""
**Predict.** Sixty steps in the valley, plain descent against momentum with $\alpha = 0.3$, **both
with the same** $\gamma = 2/41$, which is the best for plain descent. Who ends closer to the minimum?
"""

# %% tags=["predict"] course={"predict": "same_gamma"}
predict("same_gamma", "...")  # write "momentum by far", "about the same" or "plain by far"

# %%
valley_start = np.array([-4.0, 1.0])
GAMMA_PLAIN = 2 / 41
GAMMA_MOMENTUM, ALPHA = 0.158, 0.472  # the best pair for this valley


@when_solved
def outcome_same_gamma():
    runs = {name: train_momentum(valley_gradient, valley_start, gamma, alpha, 60)
            for name, gamma, alpha in (("plain", GAMMA_PLAIN, 1.0),
                                       ("momentum, same gamma", GAMMA_PLAIN, 0.3),
                                       ("momentum, its own gamma", GAMMA_MOMENTUM, ALPHA))}
    distance = {name: np.linalg.norm(path[-1]) for name, path in runs.items()}
    for name, value in distance.items():
        print(f"{name:24} distance to the minimum after 60 steps: {value:.1e}")
    predicted("same_gamma", f"about the same: {distance['plain']:.2f} against "
              f"{distance['momentum, same gamma']:.2f}")

# %% [markdown]
r"""
S0 says that momentum "can often make convergence much faster". It can, but not on its own. At the
same $\gamma$ you gain little, because along the floor the average of equal gradients *is* the
gradient. What you gain is room. Across the valley the average damps the bouncing, so a larger
$\gamma$ no longer explodes. For steepness $\lambda$ the limit moves from $\gamma < 2/\lambda$ to
$\gamma < 2(2-\alpha)/(\alpha\lambda)$. Use that room, and the last line of the table is what you get.
"""

# %%
def crossings(path):
    """How often a path crosses the floor of the valley."""
    return int(np.sum(path[1:, 1] * path[:-1, 1] < 0))


@when_solved
def figure_valley():
    plain = train_momentum(valley_gradient, valley_start, GAMMA_PLAIN, 1.0, 30)
    momentum = train_momentum(valley_gradient, valley_start, 0.15, 0.2, 30)
    x, y = np.linspace(-4.5, 2, 120), np.linspace(-1.6, 1.6, 120)
    fig, ax = plots.contours(
        x, y, 0.5 * (x[None, :] ** 2 + 40 * y[:, None] ** 2),
        {"plain, gamma = 0.049": plain, "momentum, gamma = 0.15, alpha = 0.2": momentum},
        xlabel="along the valley", ylabel="across the valley",
        title="Plain descent bounces off the walls and crawls; momentum calms down and arrives",
        alt="Long flat ellipses, the level curves of a narrow valley, with two paths from the left "
            f"end. After 30 steps plain descent is {np.linalg.norm(plain[-1]):.2g} from the centre, "
            f"having crossed the floor {crossings(plain)} times; momentum is "
            f"{np.linalg.norm(momentum[-1]):.2g} from it, after {crossings(momentum)} crossings.",
    )
    plots.show(fig)

# %%
@when_solved
def figure_distance():
    n_steps = 120
    series = {}
    for name, gamma, alpha in (("plain, best gamma 0.049", GAMMA_PLAIN, 1.0),
                               ("alpha = 0.3, the same gamma", GAMMA_PLAIN, 0.3),
                               ("alpha = 0.1, gamma 0.158", GAMMA_MOMENTUM, 0.1),
                               ("alpha = 0.472, gamma 0.158", GAMMA_MOMENTUM, ALPHA)):
        path = train_momentum(valley_gradient, valley_start, gamma, alpha, n_steps)
        series[name] = np.linalg.norm(path, axis=1)
    fig, ax = plots.lines(
        np.arange(n_steps + 1), series, xlabel="step", ylabel="distance to the minimum",
        yscale="log",
        title="Momentum pays only together with a larger step, and a memory of the right length",
    )
    plots.show(fig)

# %% [markdown]
r"""
Too long a memory (small $\alpha$) overshoots: the ball rolls through the minimum and up the other
side. The best $\alpha$ depends on how narrow the valley is; the pair in the figure belongs to this one.
"""

# %% [markdown]
r"""
## Finale: reading digits

The data: 1797 handwritten digits, collected at Boğaziçi University and shrunk to $8\times 8$ pixels
between 0 (paper) and 1 (ink). 1097 are for training, 300 for decisions on the way, and 400 are
locked away for one final test.
"""

# %%
X_train, y_train, X_valid, y_valid, X_test, y_test = load_digits()
print("training", X_train.shape, " validation", X_valid.shape, " test", X_test.shape)

# %%
fig, axes = plots.images(
    [(f"label {k}", X_train[i].reshape(8, 8)) for k in range(10)
     for i in np.flatnonzero(y_train == k)[:2]],
    columns=10,
    title="Sixty-four grey values each: this is all the network will see",
    alt="Twenty small grey pictures of handwritten digits, two of each digit from 0 to 9, coarse "
        "but readable.",
)
plots.show(fig)

# %% [markdown]
r"""
The network has $p = 64$ inputs, $M = 32$ hidden units and $K = 10$ classes. The risk is a sum over
1097 examples, so its gradient is about 1097 times that of one example, and a sensible $\gamma$ is a
small number divided by $N$.

First the sanity check that you predicted: small weights say "no opinion" about every image.
"""

# %%
p, M, K = 64, 32, 10
N_train = len(X_train)
theta_start = pack(*random_network(p, M, K, np.random.default_rng(3)))


def training_risk(theta):
    return risk_and_grads(*unpack(theta, p, M, K), X_train, y_train)[0]


def training_gradient(theta):
    return pack(*risk_and_grads(*unpack(theta, p, M, K), X_train, y_train)[1:])


def accuracy(theta, X, y):
    """Share of the examples that are classified correctly."""
    W, V, b, c = unpack(theta, p, M, K)
    return np.mean(predict_class(predict_logits(W, V, b, c, X)) == y)

# %%
@when_solved
def outcome_risk_at_start():
    predicted("risk_at_start", f"{training_risk(theta_start):.0f}; N log K is "
              f"{N_train * np.log(K):.0f}")

# %% [markdown]
r"""
Now train. Everything that runs here is yours: `risk_and_grads` gives the gradient, `train_momentum`
follows it. `@cache` keeps the result, so that the figures below need not train again. If you change
one of your functions later, run the next cell again to forget it.
"""

# %%
STEPS = 200


@cache
def trained(gamma, alpha):
    """History of a training run on the digits, shape (STEPS + 1, P)."""
    return train_momentum(training_gradient, theta_start, gamma / N_train, alpha, STEPS)


@when_solved
def train_on_digits():
    start = time.perf_counter()
    history = trained(4.0, 0.1)
    print(f"{STEPS} steps, {history.shape[1]} parameters, {time.perf_counter() - start:.1f} s")
    print(f"training risk per example: {training_risk(history[0]) / N_train:.3f} at the start, "
          f"{training_risk(history[-1]) / N_train:.4f} at the end")
    print(f"validation accuracy: {100 * accuracy(history[-1], X_valid, y_valid):.1f} %")

# %%
@when_solved
def figure_risk_curves():
    steps = np.arange(0, STEPS + 1, 4)
    series = {}
    for name, gamma, alpha in (("plain, gamma = 1/N", 1.0, 1.0), ("plain, gamma = 4/N", 4.0, 1.0),
                               ("momentum, gamma = 4/N, alpha = 0.1", 4.0, 0.1)):
        history = trained(gamma, alpha)
        series[name] = [training_risk(theta) / N_train for theta in history[steps]]
    fig, ax = plots.lines(
        steps, series, xlabel="step", ylabel="training risk per example", yscale="log",
        title="The step that throws plain descent out of the valley is safe with momentum",
    )
    plots.show(fig)

# %%
@when_solved
def figure_accuracy_curves():
    steps = np.arange(0, STEPS + 1, 4)
    history = trained(4.0, 0.1)[steps]
    fig, ax = plots.lines(
        steps,
        {"training": [100 * accuracy(theta, X_train, y_train) for theta in history],
         "validation": [100 * accuracy(theta, X_valid, y_valid) for theta in history]},
        xlabel="step", ylabel="correct, in percent",
        title="Most is learned in 50 steps; after that only the training images gain",
    )
    plots.show(fig)

# %% [markdown]
r"""
### What the hidden units look for

Row $m$ of $W$ has 64 entries, one per pixel. So it is a picture: where ink pushes unit $m$ up
(orange) and where it pushes it down (blue). Do not look for digits. Every unit takes part in
recognising all ten.
"""

# %%
@when_solved
def figure_first_layer():
    W, V, b, c = unpack(trained(4.0, 0.1)[-1], p, M, K)
    fig, axes = plots.images(
        [(f"unit {m}", W[m].reshape(8, 8)) for m in range(M)], signed=True,
        title="Each hidden unit weighs ink in some places against ink in others",
        alt="Thirty-two small pictures of eight by eight pixels, the weights of the hidden units, "
            "orange where positive and blue where negative. Mean size of the weights in the eight "
            f"columns, from left to right: {np.abs(W).reshape(M, 8, 8).mean(axis=(0, 1)).round(2)}.",
    )
    plots.show(fig)

# %% [markdown]
r"""
### The final test

**Predict.** Which two digits do you expect the network to confuse?
"""

# %% tags=["predict"] course={"predict": "confused_digits"}
predict("confused_digits", "...")  # write two digits, such as "4 and 9"

# %%
@when_solved
def final_test():
    theta = trained(4.0, 0.1)[-1]
    right = accuracy(theta, X_test, y_test)
    spread = np.sqrt(right * (1 - right) / len(y_test))
    print(f"test accuracy: {100 * right:.1f} % of {len(y_test)} images, give or take "
          f"{100 * spread:.1f}")

# %%
@when_solved
def figure_confusion():
    W, V, b, c = unpack(trained(4.0, 0.1)[-1], p, M, K)
    guess = predict_class(predict_logits(W, V, b, c, X_test))
    counts = np.zeros((K, K), dtype=int)
    np.add.at(counts, (y_test, guess), 1)
    mistakes = counts - np.diag(np.diag(counts))
    wrong = [f"{i} taken for {j}: {mistakes[i, j]}" for i, j in np.argwhere(mistakes)]
    fig, ax = plots.confusion(
        counts,
        title=f"{counts.sum() - mistakes.sum()} of {counts.sum()} on the diagonal: "
              "the few mistakes are scattered",
        alt="A ten by ten table of counts, true digit by predicted digit. Almost all counts lie on "
            f"the diagonal. Off it: {', '.join(wrong)}.",
    )
    plots.show(fig)
    predicted("confused_digits", "; ".join(wrong))

# %% [markdown]
r"""
Numbers are one thing. Look at the images that cost the most: the largest losses of the test set.
How many of them would you have read correctly?
"""

# %%
@when_solved
def figure_worst():
    W, V, b, c = unpack(trained(4.0, 0.1)[-1], p, M, K)
    F = predict_logits(W, V, b, c, X_test)
    losses = np.array([loss_and_dF(F[n:n + 1], y_test[n:n + 1])[0] for n in range(len(F))])
    worst = np.argsort(-losses)[:8]
    fig, axes = plots.images(
        [(f"{y_test[n]} read as {predict_class(F[n:n + 1])[0]}\nloss {losses[n]:.1f}",
          X_test[n].reshape(8, 8)) for n in worst],
        title="Most of the worst mistakes are digits that a person would read twice",
        alt="Eight test images with the largest losses, each with its label and what the network "
            "read: " + ", ".join(f"{y_test[n]} read as {predict_class(F[n:n + 1])[0]}"
                                 for n in worst) + ". Several are smudged or oddly shaped.",
    )
    plots.show(fig)

# %% [markdown]
r"""
## Referee the notes

S0 is a good handout: all of its boxed results that stand alone are right. You have built a whole
classifier on them. Four places would have stopped you or, worse, let you carry on unaware.
"""

# %% [markdown]
r"""
### Referee 1 · Right gradients under a wrong loss

S0, section 3 prints

$$L(y, f) = -f_y + \log\sum_{k=1}^{K} f_k \qquad\text{(as printed)}.$$

Chapter 01 has told you what is missing. Here is a question about *practice*. Suppose you type this
loss, and the boxed gradient beside it. Does training notice?

**Your turn.** Type the printed loss for a batch, summed. Ungraded, one line.
"""

# %% nbgrader={"grade": false, "grade_id": "printed_risk", "locked": false, "schema_version": 3, "solution": true, "task": false}
def printed_risk(F, y):
    """The sum of the losses as S0 prints them.

    Parameters
    ----------
    F : ndarray, shape (N, K)
        Logits.
    y : ndarray of int, shape (N,)
        Labels in 0..K-1.

    Returns
    -------
    float
    """
    ### BEGIN SOLUTION
    return (np.log(F.sum(axis=1)) - F[np.arange(len(y)), y]).sum()
    ### END SOLUTION

# %%
check_yours(printed_risk, ((np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([0, 1])), np.log(24) - 6))

# %%
@when_solved
def referee_loss():
    f, y = np.array([[2.2, 2.46, 1.94]]), np.array([0])
    numeric = numeric_gradient(lambda t: printed_risk(t[None, :], y), f[0])
    repaired = numeric_gradient(lambda t: loss_and_dF(t[None, :], y)[0], f[0])
    boxed = loss_and_dF(f, y)[1][0]
    print(f"boxed gradient against the printed loss: off by {gap(boxed, numeric):.1e}, "
          f"against the repaired loss: {gap(boxed, repaired):.0e}")
    print(f"printed loss when 7 is added to all logits: changes by "
          f"{printed_risk(f + 7, y) - printed_risk(f, y):.2f}")
    negative = np.array([[-0.64, -2.21, -1.00]])
    with np.errstate(invalid="ignore"):
        print(f"at f = {negative[0]}, label 1: printed {printed_risk(negative, np.array([1])):.2f}, "
              f"repaired {loss_and_dF(negative, np.array([1]))[0]:.4f}")
        for r in (0, 50, 200):
            theta = trained(4.0, 0.1)[r]
            W, V, b, c = unpack(theta, p, M, K)
            F = predict_logits(W, V, b, c, X_train)
            print(f"step {r:3}: printed risk {printed_risk(F, y_train):8.1f}, repaired "
                  f"{training_risk(theta):7.1f}, accuracy "
                  f"{100 * accuracy(theta, X_train, y_train):.1f} %")

# %% [markdown]
r"""
**Report** *(2 points, read by a person)*. What is missing, and which numbers prove it? Training by
the boxed gradient works all the same. Why, and what does a reader of the loss curve believe?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_missing_exp", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
The exponential: $L = -f_y + \log\sum_k e^{f_k}$. The boxed gradient is off by a third ($3.2\cdot
10^{-1}$) from the derivative of the printed loss and agrees with that of the repaired one; the
printed loss changes when a constant is added to all logits; and it is NaN where logits sum to
something negative. The descent uses the gradient only, and the boxed gradient is right for the
repaired loss, so the network learns. The printed risk is NaN from the start, and a reader of the
curve believes that training has failed.

=== BEGIN MARK SCHEME ===
- 1 point: missing exponential, with one computed proof.
- 1 point: descent never uses the loss itself; the boxed gradient belongs to the repaired loss.
=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Referee 2 · A pair of parentheses

The last formula of S0's section 4.5 is printed as

$$\frac{dL}{dW} = \sigma'(b + Wx)\odot(V^T\frac{dL}{df})\,x^T \qquad\text{(as printed)}.$$

Some readers give the matrix product precedence over $\odot$, and for NumPy it depends on where *you* put the
brackets. Read it as $\sigma'(s)\odot\bigl[(V^\top dL/df)\,x^\top\bigr]$: a vector of length $M$
times a matrix of shape $M\times p$, elementwise.

**Your turn.** Type exactly this reading, with `*` and `np.outer`. Ungraded, about 4 lines.
"""

# %% nbgrader={"grade": false, "grade_id": "printed_dW", "locked": false, "schema_version": 3, "solution": true, "task": false}
def printed_dW(W, V, b, c, x, y):
    """dL/dW for one example, in the reading sigma'(s) * [outer product].

    Parameters
    ----------
    W, V, b, c : ndarrays, shapes (M, p), (K, M), (M,), (K,)
        Parameters.
    x : ndarray, shape (p,)
        One input.
    y : int
        Its label.

    Returns
    -------
    ndarray
        Whatever NumPy makes of the formula.
    """
    ### BEGIN SOLUTION
    h = np.tanh(b + W @ x)
    _, dF = loss_and_dF((c + V @ h)[None, :], np.array([y]))
    return (1 - h**2) * np.outer(V.T @ dF[0], x)
    ### END SOLUTION

# %%
check_yours(printed_dW, ((W_hand, V_hand, b_hand, c_hand, x_hand, y_hand),
                         np.array([[64, 72], [-96, -108]]) / 75))

# %%
@when_solved
def referee_parentheses():
    rng = np.random.default_rng(374)
    for M_try, p_try in ((5, 3), (4, 4)):
        W, V, b, c = random_network(p_try, M_try, 3, rng, scale=1.0)
        b, c, x, y = b + 0.5, c - 0.3, rng.standard_normal(p_try), 1
        true = risk_and_grads(W, V, b, c, x[None, :], np.array([y]))[1]
        try:
            result = f"runs, and is off by {gap(printed_dW(W, V, b, c, x, y), true):.1e}"
        except ValueError as error:
            result = f"ValueError: {error}"
        print(f"M = {M_try}, p = {p_try}: {result}")
    print("worked example, 75 * dW as printed:\n",
          75 * printed_dW(W_hand, V_hand, b_hand, c_hand, x_hand, y_hand))
    print("by hand:\n", 75 * dW_hand)

# %% [markdown]
r"""
**Report** *(2 points, read by a person)*. What does NumPy do with the vector when $M = p$, and along
which axis should it have acted? Where do the parentheses belong? Why is the diagonal of the worked
example right? What does this say about the sizes that you should use in a test?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_parentheses", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
Broadcasting lines the vector of length $M$ up with the *last* axis, the $p$ columns. Entry $(m, j)$
is multiplied by the slope of unit $j$ instead of unit $m$. It should act along the rows:
$\bigl(\sigma'(s)\odot V^\top dL/df\bigr)x^\top$. On the diagonal $m = j$, so the slope is the right
one. If $M\ne p$ the shapes do not fit and the mistake raises an error; test with all sizes
different.

=== BEGIN MARK SCHEME ===
- 1 point: last axis against first axis, and the formula with its parentheses.
- 1 point: the diagonal explained, and tests with pairwise different sizes.
=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Referee 3 · An average that is a sum

S0, section 3: "we want to minimize the average loss over a dataset, namely"
$\;\sum_{i=1}^{N} L(y_i, f(x_i))$. Section 5 calls the same sum the risk.

How much is at stake? Six examples, both readings:
"""

# %%
@when_solved
def referee_average():
    rng = np.random.default_rng(5)
    X, y = rng.standard_normal((6, 3)), rng.integers(0, 4, 6)
    risk, *grads = risk_and_grads(*random_network(3, 5, 4, rng), X, y)
    one_by_one = [risk_and_grads(*random_network(3, 5, 4, np.random.default_rng(7)),
                                 X[n:n + 1], y[n:n + 1])[0] for n in range(6)]
    whole = risk_and_grads(*random_network(3, 5, 4, np.random.default_rng(7)), X, y)[0]
    print("sum of the six losses over their average:", whole / np.mean(one_by_one))
    theta = np.array([1.0, 1.0])
    for name, factor in (("gradient of the average", 1.0), ("gradient of the sum", 6.0)):
        path = train_momentum(lambda t, s=factor: s * valley_gradient(t), theta, 0.02, 1.0, 50)
        print(f"{name:24} same gamma, 50 steps: distance {np.linalg.norm(path[-1]):.1e}")

# %% [markdown]
r"""
**Report** *(1 point, read by a person)*. Which quantities differ, by which factor, and how would you
translate a step size $\gamma$ from one reading to the other?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_average", "locked": false, "points": 1, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
Risk and all gradients differ by the factor $N$ exactly (here 6); the minimiser is the same. A step
size for the average, divided by $N$, takes the same steps with the sum. With the sum and the
untranslated $\gamma$ the descent above leaves the valley.

=== BEGIN MARK SCHEME ===
- 0.5 point: factor $N$ in risk and gradients, same minimiser.
- 0.5 point: $\gamma_{\text{sum}} = \gamma_{\text{average}}/N$.
=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Referee 4 · When is it a heavy ball?

S0, section 5 says that its iteration "is sometimes called the heavy-ball method". Polyak's heavy
ball is

$$\theta^{r+1} = \theta^r - \eta\,\nabla R(\theta^r) + \beta(\theta^r - \theta^{r-1}),
\qquad \theta^{-1} = \theta^0 ,$$

in words: a gradient step plus a share $\beta$ of the last move.

**Your turn.** Write it. Ungraded, about 6 lines.
"""

# %% nbgrader={"grade": false, "grade_id": "heavy_ball", "locked": false, "schema_version": 3, "solution": true, "task": false}
def heavy_ball(grad, theta0, eta, beta, n_steps):
    """Polyak's heavy ball, starting at rest.

    Parameters
    ----------
    grad : callable
        (P,) -> (P,).
    theta0 : ndarray, shape (P,)
        Starting point.
    eta, beta : float
        Step size, and share of the last move.
    n_steps : int

    Returns
    -------
    ndarray, shape (n_steps + 1, P)
    """
    ### BEGIN SOLUTION
    theta = before = theta0
    history = [theta]
    for _ in range(n_steps):
        theta, before = theta - eta * grad(theta) + beta * (theta - before), theta
        history.append(theta)
    return np.array(history)
    ### END SOLUTION

# %%
check_yours(heavy_ball, ((valley_gradient, np.array([1.0, 1.0]), 1 / 40, 1 / 4, 2),
                         np.array([[1.0, 1.0], [39 / 40, 0.0], [(39 * 39 - 10) / 1600, -1 / 4]])))

# %%
@when_solved
def referee_heavy_ball():
    gamma, alpha = 0.0073, 0.1
    path = train_momentum(valley_gradient, valley_start, gamma, alpha, 60)
    for name, eta in (("eta = gamma alpha", gamma * alpha), ("eta = gamma", gamma)):
        ball = heavy_ball(valley_gradient, valley_start, eta, 1 - alpha, 60)
        print(f"heavy ball with beta = 1 - alpha, {name:17}: paths differ by {gap(path, ball):.1e}")
    theta, phi = valley_start, valley_gradient(valley_start)
    other = [theta]
    for _ in range(60):
        theta, phi = momentum_step(theta, phi, valley_gradient(theta), gamma, alpha)
        other.append(theta)
    print(f"phi^0 = first gradient instead of 0:             paths differ by {gap(path, other):.1e}")

# %% [markdown]
r"""
**Report** *(2 points, read by a person)*. For which $\eta$, $\beta$ and $\phi^0$ is the claim true?
Why does the first step need its own sentence?
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "derive_heavy_ball", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
For $\eta = \gamma\alpha$, $\beta = 1-\alpha$ and $\phi^0 = 0$; then both paths agree to rounding,
as Derivation C shows for $r\ge 1$. With $\eta = \gamma$ they differ by about 0.9 of their size. The
first step has no last move: the heavy ball starts at rest, which is $\phi^0 = 0$. S0 does not
give $\phi^0$; starting from the first gradient gives another path.

=== BEGIN MARK SCHEME ===
- 1 point: $\eta = \gamma\alpha$ and $\beta = 1-\alpha$, with the computed gaps.
- 1 point: $\phi^0 = 0$ corresponds to starting at rest; it must be stated.
=== END MARK SCHEME ===
### END SOLUTION
"""

# %% [markdown]
r"""
### Referee 5 · Small print

No points. Decide first, then open.

<details>
<summary>S0 4.5 prints σ'(s) ⊙ dL/h on the way to dL/db. What is missing?</summary>

A $d$: the derivative with respect to $h$ is $dL/dh$. The boxed line below it is right.

</details>

<details>
<summary>S0 4.1: "g : ℝ^K → ℝ^k". And what is ê_y?</summary>

Softmax returns as many numbers as it gets, $\mathbb{R}^K\to\mathbb{R}^K$. $\hat e_y$ is the one-hot
vector of the label, which the handout never says; its sums run from $k = 1$, so its classes count
from 1. Ours count from 0: subtract 1 from every label before you index.

</details>

<details>
<summary>S0 4.5: "similar same logic" and, in the introduction, "imperent". Does a typo in prose matter
to a referee?</summary>

It does not change a result. Note it, be kind, and go on: "similar logic", "implement".

</details>

<details>
<summary>S3 writes tanh a = (e^{2a} − 1)/(e^{2a} + 1). Right or wrong?</summary>

Right as mathematics, and NaN at $a = 400$ as a program. You saw it at the beginning.

</details>
"""

# %% [markdown]
r"""
## Quiz

Six questions. Replace the dots by a letter and run the cell.

**03.1** You flip the sign of all entries of W, b and V. What happens to the logits?

- **a** Nothing.
- **b** They flip their signs.
- **c** It depends on the input.
"""

# %%
quiz("03.1", "...")

# %% [markdown]
r"""
**03.2** All entries of V and c are 0. There are N examples and K classes. What is the risk?

- **a** 0
- **b** N log K
- **c** log K
"""

# %%
quiz("03.2", "...")

# %% [markdown]
r"""
**03.3** A hidden unit has the activation 0.999 for every example. Which gradients are then tiny?

- **a** Its column of dV.
- **b** Its row of dW and its entry of db.
- **c** All of dW, dV, db and dc.
"""

# %%
quiz("03.3", "...")

# %% [markdown]
r"""
**03.4** Why is dW = dS^T X right for a batch although dL/dW = (dL/ds) x^T was derived for one
example?

- **a** Row times row, the matrix product adds the outer products of all examples.
- **b** It is right for N = 1 only.
- **c** It takes the average over the examples.
"""

# %%
quiz("03.4", "...")

# %% [markdown]
r"""
**03.5** With S0's momentum, what is phi after many steps if the gradient is always the same vector
g?

- **a** g
- **b** g / alpha
- **c** It grows without bound.
"""

# %%
quiz("03.5", "...")

# %% [markdown]
r"""
**03.6** Which setting turns S0's momentum into plain gradient descent?

- **a** alpha = 0
- **b** alpha = 1
- **c** gamma = 1
"""

# %%
quiz("03.6", "...")

# %% [markdown]
r"""
## What to remember

- **Forward is three lines, backward is three lines.** Each backward line uses what arrives from
  above and what the forward pass has left behind.
- **A weight gradient is an outer product**, upstream gradient times input; in a batch, the matrix
  product adds them up. A gradient has the shape of its parameter.
- **$dS = (dF\,V)\odot(1 - H\odot H)$** before anything is summed: each example has its own slopes.
- **Say sum or mean.** It is a factor $N$ in the risk, in every gradient and in the step size.
- **Momentum averages gradients.** It pays because it makes larger steps safe, not by itself.
- **Test with sizes that all differ.** A missing pair of parentheses hides where $M = p$.
"""

# %%
progress()

# %% [markdown]
r"""
## Sources

The formulas come from S0, a homework handout on derivatives of a network with one hidden layer, and
one line from S3, a set of lecture slides. Text, exercises, numbers and figures were written for
this course; the digits are the UCI optical digits (see the datasheet beside the data).

| Here | Taken from | Remarks |
|---|---|---|
| The network, line by line | S0, section 2; S3, tanh activation | |
| How wrong is the network? | S0, section 3 and 4.1 | exponential repaired, sum kept |
| Back through the network | S0, sections 4.2 to 4.5 | parentheses repaired |
| From one example to a batch | S0, section 3 | the handout does one example |
| A step with a memory | S0, section 5 | $\phi^0 = 0$ added |

<details>
<summary>Every item of the notes that this chapter teaches</summary>

| Item | Source, section | Taught in |
|---|---|---|
| S0.1.1 | S0, section 1 | Back through the network |
| S0.2.1 | S0, section 2 | The network, line by line |
| S0.2.2 | S0, section 2 | The network, line by line |
| S0.2.3 | S0, section 2 | Notation |
| S0.2.4 | S0, section 2 | The network, line by line |
| S0.3.1 | S0, section 3 | How wrong is the network?; Referee 1 |
| S0.3.2 | S0, section 3 | How wrong is the network?; Referee 3 |
| S0.3.3 | S0, section 3 | Back through the network |
| S0.4.0 | S0, section 4 | The network, line by line |
| S0.4.1 | S0, section 4.1 | How wrong is the network?; Referee 1 |
| S0.4.1b | S0, section 4.1 | How wrong is the network?; Referee 5 |
| S0.4.2 | S0, section 4.2 | Back through the network |
| S0.4.3 | S0, section 4.3 | Back through the network; Derivation A |
| S0.4.4a | S0, section 4.4 | Back through the network; Derivation A |
| S0.4.4b | S0, section 4.4 | Through the hidden units; Derivation A |
| S0.4.5a | S0, section 4.5 | Through the hidden units; Referee 5 |
| S0.4.5b | S0, section 4.5 | Through the hidden units; Referee 2 |
| S0.5.1 | S0, section 5 | A step with a memory |
| S0.5.2 | S0, section 5 | How wrong is the network? |
| S0.5.3 | S0, section 5 | A step with a memory; The whole descent; Referee 4 |
| S0.5.4 | S0, section 5 | The whole descent; Derivation C; Referee 4 |
| S0.5.5 | S0, section 5 | A step with a memory |
| S3.7.3 | S3, tanh activation | The network, line by line; Through the hidden units |

</details>
"""
