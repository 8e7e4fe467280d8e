"""Known wrong and right implementations of chapter 08 (S3)."""

from __future__ import annotations

import itertools
import math

import numpy as np

from ... import network
from . import Bank

bank = Bank()

PRICE = "A price on weights"
SLOPE = "The gradient of the price"
EXACT = "What exactly zero needs"
PRIOR = "A penalty is a prior"
GLOROT = "A random start of the right size"
START = "What a start does to the first gradient"
BIAS = "Bias and variance, measured"
SETS = "Three sets, three jobs"
ERROR = "The error you report"
STOP = "Knowing when to stop"
GRID = "Every combination"
RANDOM = "Random search"
SELECT = "Choose by validation"

ROUNDS = "What do the next steps compute with: what you print, or what you return?"


def double(a):
    return np.asarray(a, dtype=float)


# regularised_risk -------------------------------------------------------------------------------


def omega(Ws, kind):
    size = np.square if kind == "l2" else np.abs
    return sum(size(double(W)).sum() for W in Ws)


def risk(losses, Ws, lam, kind):
    return float(double(losses).mean() + lam * omega(Ws, kind))


@bank.wrong("regularised_risk", "sum_of_losses", "the sum of the losses",
            "Is the risk of this chapter a sum over examples, or a mean?", PRICE)
def _(losses, Ws, lam, kind):
    return float(double(losses).sum() + lam * omega(Ws, kind))


@bank.wrong("regularised_risk", "mean_of_weights", "a mean over the weights",
            "Is the penalty a sum over all weights, or their mean?", PRICE)
def _(losses, Ws, lam, kind):
    size = np.square if kind == "l2" else np.abs
    return float(double(losses).mean() + lam * sum(size(W).mean() for W in Ws))


@bank.wrong("regularised_risk", "half", "lam / 2 for the squares",
            "The contract's penalty is the sum of squares. Where does a half come from?", PRICE)
def _(losses, Ws, lam, kind):
    return risk(losses, Ws, lam / 2 if kind == "l2" else lam, kind)


@bank.wrong("regularised_risk", "norm", "the Frobenius norm without its square",
            "Is the penalty the norm, or its square?", PRICE)
def _(losses, Ws, lam, kind):
    size = np.linalg.norm if kind == "l2" else lambda W: np.abs(W).sum()
    return float(double(losses).mean() + lam * sum(size(double(W)) for W in Ws))


@bank.wrong("regularised_risk", "lam_forgotten", "a penalty without lam",
            "What sets the price of the penalty?", PRICE)
def _(losses, Ws, lam, kind):
    return risk(losses, Ws, 1.0, kind)


@bank.wrong("regularised_risk", "penalty_over_n", "the penalty divided by N as well",
            "Does the size of the weights depend on the number of examples?", PRICE)
def _(losses, Ws, lam, kind):
    return risk(losses, Ws, lam / len(losses), kind)


@bank.wrong("regularised_risk", "over_2n", "lam / (2 N) times the squares",
            "Some books write the penalty so. What stands in front of Omega here?", PRICE)
def _(losses, Ws, lam, kind):
    return risk(losses, Ws, lam / (2 * len(losses)), kind)


@bank.wrong("regularised_risk", "minus", "the penalty subtracted",
            "Should large weights be cheap or dear?", PRICE)
def _(losses, Ws, lam, kind):
    return risk(losses, Ws, -lam, kind)


@bank.wrong("regularised_risk", "swapped", "squares for l1 and absolute values for l2",
            "Which of the two is called l1?", PRICE)
def _(losses, Ws, lam, kind):
    return risk(losses, Ws, lam, "l1" if kind == "l2" else "l2")


@bank.wrong("regularised_risk", "no_absolute_value", "the sum of the weights for l1",
            "May a negative weight lower the risk?", PRICE)
def _(losses, Ws, lam, kind):
    term = omega(Ws, kind) if kind == "l2" else sum(W.sum() for W in Ws)
    return float(double(losses).mean() + lam * term)


@bank.wrong("regularised_risk", "first_layer", "the first weight matrix only",
            "Over how many layers does the penalty add up?", PRICE)
def _(losses, Ws, lam, kind):
    return risk(losses, Ws[:1], lam, kind)


@bank.wrong("regularised_risk", "column_norm", "the largest column sum, which NumPy calls norm 1",
            "np.linalg.norm(W, 1) of a matrix is an operator norm. Which sum is the penalty?",
            PRICE)
def _(losses, Ws, lam, kind):
    term = omega(Ws, kind) if kind == "l2" else sum(np.linalg.norm(W, 1) for W in Ws)
    return float(double(losses).mean() + lam * term)


@bank.wrong("regularised_risk", "per_example", "one risk per example",
            "How many numbers is the risk?", PRICE)
def _(losses, Ws, lam, kind):
    return double(losses) + lam * omega(Ws, kind)


@bank.wrong("regularised_risk", "two_layers", "two weight matrices, whatever the list holds",
            "How many layers may a network have?", PRICE)
def _(losses, Ws, lam, kind):
    return risk(losses, [Ws[0], Ws[1]], lam, kind)


@bank.wrong("regularised_risk", "output_layer_free", "all matrices but the last",
            "Which layers does the penalty charge?", PRICE)
def _(losses, Ws, lam, kind):
    return risk(losses, Ws[:-1] if len(Ws) > 1 else Ws, lam, kind)


@bank.right("regularised_risk", "in the precision of its arguments")
def _(losses, Ws, lam, kind):
    size = np.square if kind == "l2" else np.abs
    return float(losses.mean() + lam * sum(size(W).sum() for W in Ws))


@bank.wrong("regularised_risk", "changes_argument", "Ws changed in place",
            "Who else holds the weights?", PRICE)
def _(losses, Ws, lam, kind):
    result = risk(losses, Ws, lam, kind)
    for W in Ws:
        np.abs(W, out=W)
    return result


bank.habits("regularised_risk", risk, array=False)
bank.repeats("regularised_risk", risk)


@bank.right("regularised_risk", "loops")
def _(losses, Ws, lam, kind):
    total = 0.0
    for W in Ws:
        for w in np.ravel(W):
            total += float(w) ** 2 if kind == "l2" else abs(float(w))
    return sum(map(float, losses)) / len(losses) + lam * total


@bank.right("regularised_risk", "all weights in one vector, np.linalg.norm")
def _(losses, Ws, lam, kind):
    w = np.concatenate([double(W).ravel() for W in Ws])
    return np.mean(losses, dtype=float) + lam * (
        np.linalg.norm(w) ** 2 if kind == "l2" else np.linalg.norm(w, 1))


@bank.right("regularised_risk", "traces and einsum")
def _(losses, Ws, lam, kind):
    terms = [np.einsum("ij,ij->", W, W) if kind == "l2" else np.einsum("ij,ij->", W, np.sign(W))
             for W in map(double, Ws)]
    return np.average(double(losses)) + lam * math.fsum(terms)


# penalty_grad -----------------------------------------------------------------------------------


def grads(params, lam, kind):
    slope = (lambda W: 2 * W) if kind == "l2" else np.sign
    return [(lam * slope(double(W)), 0 * double(b)) for W, b in params]


def grads_with(slope_of):
    """A wrong slope of either kind in an otherwise right function."""

    def fn(params, lam, kind):
        return [(lam * slope_of(double(W), kind), 0 * double(b)) for W, b in params]

    return fn


def slope(id, looks_like, question):
    def register(slope_of):
        bank.wrong("penalty_grad", id, looks_like, question, SLOPE)(grads_with(slope_of))
        return slope_of

    return register


@slope("product_of_indicators", "sign(W) = 1{W > 0} 1{W < 0}: the printed line without its minus",
       "Can a weight be positive and negative at once? What stood between the two indicators?")
def _(W, kind):
    return 2 * W if kind == "l2" else (W > 0) * (W < 0) * 1.0


@slope("sum_of_indicators", "sign(W) = 1{W > 0} + 1{W < 0}",
       "Which way should a negative weight be pushed?")
def _(W, kind):
    return 2 * W if kind == "l2" else (W > 0) * 1.0 + (W < 0)


@slope("two_missing", "W for 2 W", "What is the derivative of w^2?")
def _(W, kind):
    return W if kind == "l2" else np.sign(W)


@slope("two_for_both", "2 sign(W) for l1", "What is the slope of |w| right of 0?")
def _(W, kind):
    return 2 * W if kind == "l2" else 2 * np.sign(W)


@slope("sign_flipped", "the gradient with the wrong sign",
       "Does the penalty grow or fall when a positive weight grows?")
def _(W, kind):
    return -2 * W if kind == "l2" else -np.sign(W)


@slope("absolute_values", "|W| for sign(W)", "Is the slope of |w| steeper for larger w?")
def _(W, kind):
    return 2 * W if kind == "l2" else np.abs(W)


@slope("one_at_zero", "sign(0) = 1", "Which slope at 0 does the contract ask for?")
def _(W, kind):
    return 2 * W if kind == "l2" else np.where(W >= 0, 1.0, -1.0)


@slope("minus_one_at_zero", "sign(0) = -1", "Which slope at 0 does the contract ask for?")
def _(W, kind):
    return 2 * W if kind == "l2" else np.where(W > 0, 1.0, -1.0)


@slope("divided_by_itself", "W / |W|, which is 0 / 0 at 0",
       "What does the computer make of 0 / 0?")
def _(W, kind):
    return 2 * W if kind == "l2" else W / np.abs(W)


@slope("smoothed", "W / sqrt(W^2 + eps), a rounded sign",
       "How large is your answer for w = 1e-9, and how large should it be?")
def _(W, kind):
    return 2 * W if kind == "l2" else W / np.sqrt(W * W + 1e-20)


@slope("thresholded", "small weights treated as 0",
       "Is there a positive number so small that its sign is 0?")
def _(W, kind):
    return 2 * W if kind == "l2" else np.sign(np.where(np.abs(W) < 1e-8, 0.0, W))


@slope("swapped", "the two kinds swapped", "Which of the two is called l1?")
def _(W, kind):
    return 2 * W if kind == "l1" else np.sign(W)


@slope("squares", "the penalty itself, entry by entry",
       "The penalty was asked for in the exercise before. What is its derivative?")
def _(W, kind):
    return W**2 if kind == "l2" else np.abs(W)


@slope("mean", "divided by the number of weights",
       "Is the penalty a sum over the weights, or their mean?")
def _(W, kind):
    return (2 * W if kind == "l2" else np.sign(W)) / W.size


@slope("normalised", "W / |W|_F, the slope of the norm without its square",
       "Is the penalty the norm, or its square?")
def _(W, kind):
    return W / np.linalg.norm(W) if kind == "l2" else np.sign(W)


@slope("rounded", "an answer rounded to a few digits", ROUNDS)
def _(W, kind):
    return np.round(2 * W, 6) if kind == "l2" else np.sign(W)


@bank.wrong("penalty_grad", "lam_forgotten", "the gradient of Omega without lam",
            "The gradient of lam Omega was asked for. Where is lam?", SLOPE)
def _(params, lam, kind):
    return grads(params, 1.0, kind)


@bank.wrong("penalty_grad", "lam_squared", "lam twice", "How often does lam stand in lam Omega?",
            SLOPE)
def _(params, lam, kind):
    return grads(params, lam * lam, kind)


@bank.wrong("penalty_grad", "biases_penalised", "biases charged like weights",
            "Does the penalty contain the biases?", SLOPE)
def _(params, lam, kind):
    return [(dW, lam * (2 * double(b) if kind == "l2" else np.sign(double(b))))
            for (dW, _), (_, b) in zip(grads(params, lam, kind), params, strict=True)]


@bank.wrong("penalty_grad", "no_bias_part", "weights alone, without the zeros for the biases",
            "The training step will walk through pairs. What does it find for b?", SLOPE)
def _(params, lam, kind):
    return [dW for dW, _ in grads(params, lam, kind)]


@bank.wrong("penalty_grad", "single_zero", "one 0 for the whole bias vector",
            "Which shape has b?", SLOPE)
def _(params, lam, kind):
    return [(dW, 0.0) for dW, _ in grads(params, lam, kind)]


@bank.wrong("penalty_grad", "none_for_biases", "None for the biases",
            "What would theta - alpha * None be?", SLOPE)
def _(params, lam, kind):
    return [(dW, None) for dW, _ in grads(params, lam, kind)]


@bank.wrong("penalty_grad", "bias_shape", "zeros of the shape of W for b", "Which shape has b?",
            SLOPE)
def _(params, lam, kind):
    return [(dW, 0 * dW) for dW, _ in grads(params, lam, kind)]


@bank.wrong("penalty_grad", "transposed", "the weight gradients transposed",
            "Which shape has W?", SLOPE)
def _(params, lam, kind):
    return [(dW.T, db) for dW, db in grads(params, lam, kind)]


@bank.wrong("penalty_grad", "output_layer_free", "the last layer left out",
            "Which layers does the penalty charge?", SLOPE)
def _(params, lam, kind):
    found = grads(params, lam, kind)
    return [*found[:-1], (0 * found[-1][0], found[-1][1])]


@bank.wrong("penalty_grad", "differences", "central differences handed in as the gradient",
            "A difference is a way to check. What is the slope of w^2 exactly?", SLOPE)
def _(params, lam, kind):
    size = np.square if kind == "l2" else np.abs
    e = 1e-6
    return [(lam * (size(double(W) + e) - size(double(W) - e)) / (2 * e), 0 * double(b))
            for W, b in params]


@bank.right("penalty_grad", "in the precision of its arguments")
def _(params, lam, kind):
    lam = np.float32(lam) if params[0][0].dtype == np.float32 else lam
    return [(lam * (2 * W if kind == "l2" else np.sign(W)), 0.0 * b) for W, b in params]


@bank.wrong("penalty_grad", "changes_argument", "W *= ..., which changes the caller's weights",
            "Who else holds the weights?", SLOPE)
def _(params, lam, kind):
    result = grads(params, lam, kind)
    for W, _ in params:
        if W.dtype.kind == "f":
            W *= 2
    return result


bank.habits("penalty_grad", grads)


@bank.right("penalty_grad", "indicators, with the minus")
def _(params, lam, kind):
    out = []
    for W, b in params:
        W = np.array(W, dtype=float)
        d = W + W if kind == "l2" else (W > 0).astype(float) - (W < 0).astype(float)
        out.append([d * lam, np.zeros(len(b))])
    return out


@bank.right("penalty_grad", "loops, nested lists")
def _(params, lam, kind):
    def one(w):
        w = float(w)
        return lam * 2.0 * w if kind == "l2" else lam * ((w > 0) - (w < 0))

    return [([[one(w) for w in row] for row in W], [0.0 for _ in b]) for W, b in params]


@bank.right("penalty_grad", "copysign where W is not 0")
def _(params, lam, kind):
    def d(W):
        W = double(W)
        return 2 * lam * W if kind == "l2" else np.copysign(lam, W) * (W != 0)

    return tuple((d(W), np.zeros_like(b, dtype=float)) for W, b in params)


# prox_l1 ----------------------------------------------------------------------------------------


def soft(W, t):
    W = double(W)
    return np.sign(W) * np.maximum(np.abs(W) - t, 0.0)


@bank.wrong("prox_l1", "hard", "a hard threshold: large weights stay as they are",
            "By how much does a large weight move?", EXACT)
def _(W, t):
    return np.where(np.abs(W) > t, W, 0.0)


@bank.wrong("prox_l1", "no_floor", "W - t sign(W), which steps across 0",
            "Where does a weight of 0.1 land when t is 0.5?", EXACT)
def _(W, t):
    return W - t * np.sign(W)


@bank.wrong("prox_l1", "sign_lost", "max(|W| - t, 0) without the sign",
            "What becomes of a negative weight?", EXACT)
def _(W, t):
    return np.maximum(np.abs(W) - t, 0.0)


@bank.wrong("prox_l1", "positive_only", "max(W - t, 0), which kills negative weights",
            "What becomes of a weight of -2?", EXACT)
def _(W, t):
    return np.maximum(W - t, 0.0)


@bank.wrong("prox_l1", "outwards", "weights moved away from 0",
            "Does the penalty pull towards 0 or away from it?", EXACT)
def _(W, t):
    return np.sign(W) * np.maximum(np.abs(W) + t, 0.0)


@bank.wrong("prox_l1", "shrinkage", "W / (1 + 2 t), the step of the squared penalty",
            "Does shrinking by a factor ever give exactly 0?", EXACT)
def _(W, t):
    return double(W) / (1 + 2 * t)


@bank.wrong("prox_l1", "clipped", "W clipped to [-t, t]",
            "Which weights should become 0: the small or the large ones?", EXACT)
def _(W, t):
    return np.clip(W, -t, t)


@bank.wrong("prox_l1", "half", "t / 2", "How far does a large weight move?", EXACT)
def _(W, t):
    return soft(W, t / 2)


@bank.wrong("prox_l1", "residue", "a tiny rest instead of 0",
            "Is 1e-13 exactly 0?", EXACT)
def _(W, t):
    return np.sign(W) * np.maximum(np.abs(W) - t, 1e-14)


@bank.wrong("prox_l1", "division", "W (1 - t / |W|), which divides by 0",
            "What does the computer make of 0 / 0?", EXACT)
def _(W, t):
    W = double(W)
    return W * np.maximum(1 - t / np.abs(W), 0.0)


@bank.wrong("prox_l1", "whole_matrix", "one factor for the whole matrix: the norm's threshold",
            "Is the l1 penalty taken entry by entry, or of the whole matrix?", EXACT)
def _(W, t):
    W = double(W)
    return W * max(1 - t / np.linalg.norm(W), 0.0) if W.any() else W


@bank.wrong("prox_l1", "two_axes_only", "loops over the rows and columns of a matrix",
            "Which NumPy function works for any number of axes?", EXACT)
def _(W, t):
    return np.array([[float(soft(w, t)) for w in row] for row in np.asarray(W)[:, :]]).reshape(
        np.shape(W)[0], np.shape(W)[1])


@bank.wrong("prox_l1", "transposed", "the array transposed", "Which shape comes in?", EXACT)
def _(W, t):
    return soft(W, t).T


@bank.wrong("prox_l1", "drops_zeros", "the weights that survive, without the zeros",
            "How many entries come in, how many go out?", EXACT)
def _(W, t):
    V = soft(W, t)
    return V[V != 0]


@bank.wrong("prox_l1", "keeps_dtype", "the answer stored in the dtype of W",
            "W may hold whole numbers. What becomes of a threshold of 0.3 among them?", EXACT)
def _(W, t):
    V = np.sign(W) * np.maximum(np.abs(W) - np.asarray(t, dtype=W.dtype), 0)
    return V.astype(W.dtype)


@bank.wrong("prox_l1", "changes_argument", "W[...] = 0, which changes the caller's array",
            "Who else holds the array W?", EXACT)
def _(W, t):
    V = soft(W, t)
    W[np.abs(W) <= t] = 0
    return V


bank.habits("prox_l1", soft)


@bank.right("prox_l1", "two one-sided ramps")
def _(W, t):
    W = double(W)
    return np.maximum(W - t, 0) - np.maximum(-W - t, 0)


@bank.right("prox_l1", "three cases")
def _(W, t):
    W = double(W)
    return np.where(t < W, W - t, np.where(-t > W, W + t, 0.0))


@bank.right("prox_l1", "W minus W clipped")
def _(W, t):
    W = double(W)
    return W - np.minimum(np.maximum(W, -t), t)


@bank.right("prox_l1", "recursion over nested lists")
def _(W, t):
    def one(w):
        if isinstance(w, list):
            return [one(v) for v in w]
        return math.copysign(max(abs(float(w)) - t, 0.0), w)

    return one(np.asarray(W).tolist())


# prior_to_lambda --------------------------------------------------------------------------------


def prior(id, looks_like, question):
    return bank.wrong("prior_to_lambda", id, looks_like, question, PRIOR)


@prior("two_missing", "1 / (s^2 T) for the Gaussian prior",
       "What stands in the exponent of a Gaussian density, next to w^2?")
def _(scale, T, kind):
    return 1 / (scale**2 * T) if kind == "gauss" else 1 / (scale * T)


@prior("not_squared", "1 / (2 s T): the standard deviation without its square",
       "Is the exponent of a Gaussian density divided by s or by s^2?")
def _(scale, T, kind):
    return 1 / (2 * scale * T) if kind == "gauss" else 1 / (scale * T)


@prior("no_T", "the number of examples forgotten",
       "The log-likelihood is a sum over T examples, the risk a mean. What divides the prior?")
def _(scale, T, kind):
    return 1 / (2 * scale**2) if kind == "gauss" else 1 / scale


@prior("times_T", "multiplied by T", "Do more examples make the prior weigh more, or less?")
def _(scale, T, kind):
    return T / (2 * scale**2) if kind == "gauss" else T / scale


@prior("two_for_laplace", "1 / (2 s T) for the Laplacian prior",
       "The density is exp(-|w| / s) / (2 s). Does the 2 in front depend on w?")
def _(scale, T, kind):
    return 1 / (2 * scale**2 * T) if kind == "gauss" else 1 / (2 * scale * T)


@prior("laplace_squared", "1 / (s^2 T) for the Laplacian prior",
       "What stands in the exponent next to |w|?")
def _(scale, T, kind):
    return 1 / (2 * scale**2 * T) if kind == "gauss" else 1 / (scale**2 * T)


@prior("laplace_by_deviation", "sqrt(2) / (s T): s taken as a standard deviation",
       "For the Laplacian prior, is `scale` its standard deviation or its parameter s?")
def _(scale, T, kind):
    return 1 / (2 * scale**2 * T) if kind == "gauss" else np.sqrt(2) / (scale * T)


@prior("swapped", "the two priors swapped", "Which prior has w^2 in its exponent?")
def _(scale, T, kind):
    return 1 / (2 * scale**2 * T) if kind != "gauss" else 1 / (scale * T)


@prior("gauss_only", "the Gaussian formula for both", "What changes when the exponent is |w| / s?")
def _(scale, T, kind):
    return 1 / (2 * scale**2 * T)


@prior("inverted", "2 s^2 T, upside down", "Does a broad prior ask for a large lam or a small one?")
def _(scale, T, kind):
    return 2 * scale**2 * T if kind == "gauss" else scale * T


@prior("precision", "s^2 / (2 T): s taken as a precision",
       "Does a broad prior ask for a large lam or a small one?")
def _(scale, T, kind):
    return scale**2 / (2 * T) if kind == "gauss" else scale / T


@prior("sign", "the sign flipped", "Is a penalty that rewards large weights what a prior says?")
def _(scale, T, kind):
    return -1 / (2 * scale**2 * T) if kind == "gauss" else -1 / (scale * T)


@prior("whole_division", "//, which cuts decimals off", "What is 1 // 3 in Python?")
def _(scale, T, kind):
    if isinstance(scale, int):
        return 1 // (2 * scale**2 * T) if kind == "gauss" else 1 // (scale * T)
    return 1 / (2 * scale**2 * T) if kind == "gauss" else 1 / (scale * T)


@prior("both", "a pair of both answers", "Which of the two does `kind` ask for?")
def _(scale, T, kind):
    return 1 / (2 * scale**2 * T), 1 / (scale * T)


@prior("added_epsilon", "a small number added to the denominator",
       "For which scale is the denominator 0? Is that a prior?")
def _(scale, T, kind):
    return 1 / ((2 * scale**2 if kind == "gauss" else scale) * T + 1e-8)


@bank.right("prior_to_lambda", "in several divisions")
def _(scale, T, kind):
    return 0.5 / scale / scale / T if kind == "gauss" else 1.0 / scale / T


@bank.right("prior_to_lambda", "a table of functions")
def _(scale, T, kind):
    return {"gauss": lambda s: (2 * s * s * T) ** -1, "laplace": lambda s: (s * T) ** -1}[kind](
        float(scale))


@bank.right("prior_to_lambda", "NumPy scalars")
def _(scale, T, kind):
    variance = np.square(np.float64(scale))
    return np.where(kind == "gauss", np.reciprocal(2 * variance), 1 / np.sqrt(variance)) / T


# glorot_uniform ---------------------------------------------------------------------------------


def draws_between(bound):
    """Draw from U[-r, r] with r = bound(n_out, n_in)."""
    return lambda n_out, n_in, rng: rng.uniform(-1, 1, (n_out, n_in)) * bound(n_out, n_in)


def limit(n_out, n_in):
    return np.sqrt(6 / (n_out + n_in))


def glorot(n_out, n_in, rng):
    r = limit(n_out, n_in)
    return rng.uniform(-r, r, (n_out, n_in))


for _id, _bound, _looks, _question in (
    ("root_of_six_only", lambda m, n: np.sqrt(6) / (m + n), "sqrt(6) / (n_out + n_in)",
     "What stands under the root?"),
    ("no_root", lambda m, n: 6 / (m + n), "6 / (n_out + n_in) without the root",
     "A bound is a length, a variance its square. Which one did you use?"),
    ("fan_in_only", lambda m, n: np.sqrt(6 / n), "sqrt(6 / n_in)",
     "The recipe looks at both sides of the layer. Which side is missing?"),
    ("fan_out_only", lambda m, n: np.sqrt(6 / m), "sqrt(6 / n_out)",
     "The recipe looks at both sides of the layer. Which side is missing?"),
    ("three", lambda m, n: np.sqrt(3 / (m + n)), "sqrt(3 / (n_out + n_in))",
     "Which number stands over the sum of the sizes?"),
    ("standard_deviation", lambda m, n: np.sqrt(2 / (m + n)), "the standard deviation as bound",
     "A uniform number in [-r, r] has standard deviation r / sqrt(3). Which of them is r here?"),
    ("brackets", lambda m, n: np.sqrt(6 / n + m), "sqrt(6 / n_in + n_out), without the brackets",
     "What does Python compute first, the division or the sum?"),
    ("product", lambda m, n: np.sqrt(6 / (m * n)), "sqrt(6 / (n_out n_in))",
     "Are the sizes of the layer added or multiplied?"),
    ("fixed", lambda m, n: 0.05, "a fixed bound", "What should happen when the layer grows?"),
    ("counts_the_bias", lambda m, n: np.sqrt(6 / (m + n + 1)), "n_in + 1, counting the bias",
     "Which two numbers does the recipe add?"),
):
    bank.wrong("glorot_uniform", _id, _looks, _question, GLOROT)(draws_between(_bound))


@bank.wrong("glorot_uniform", "normal", "a normal distribution of the same variance",
            "Which distribution has the recipe?", GLOROT)
def _(n_out, n_in, rng):
    return rng.normal(0, np.sqrt(2 / (n_out + n_in)), (n_out, n_in))


@bank.wrong("glorot_uniform", "clipped_normal", "a normal distribution, clipped to the interval",
            "Which distribution has the recipe?", GLOROT)
def _(n_out, n_in, rng):
    r = limit(n_out, n_in)
    return np.clip(rng.normal(0, r / np.sqrt(3), (n_out, n_in)), -r, r)


@bank.wrong("glorot_uniform", "positive", "from [0, r]", "Should all weights be positive?", GLOROT)
def _(n_out, n_in, rng):
    return rng.uniform(0, limit(n_out, n_in), (n_out, n_in))


@bank.wrong("glorot_uniform", "two_values", "r or -r, nothing between",
            "Does the recipe draw from an interval, or from its two ends?", GLOROT)
def _(n_out, n_in, rng):
    return rng.choice([-1.0, 1.0], (n_out, n_in)) * limit(n_out, n_in)


@bank.wrong("glorot_uniform", "transposed", "shape (n_in, n_out)",
            "Z = H W^T: which shape has W?", GLOROT)
def _(n_out, n_in, rng):
    return glorot(n_out, n_in, rng).T.copy()


@bank.wrong("glorot_uniform", "one_row", "one row for all units",
            "What do hidden units with equal weights compute?", GLOROT)
def _(n_out, n_in, rng):
    r = limit(n_out, n_in)
    return np.tile(rng.uniform(-r, r, n_in), (n_out, 1))


@bank.wrong("glorot_uniform", "own_seed", "a generator of its own with a fixed seed",
            "What is the argument rng for?", GLOROT)
def _(n_out, n_in, rng):
    return glorot(n_out, n_in, np.random.default_rng(0))


@bank.wrong("glorot_uniform", "copied_generator", "a copy of the generator, so that it stays put",
            "What does the next layer get from the same generator?", GLOROT)
def _(n_out, n_in, rng):
    copy = np.random.PCG64()
    copy.state = rng.bit_generator.state
    return glorot(n_out, n_in, np.random.Generator(copy))


def _one_for_all():
    own = np.random.default_rng(5)
    return lambda n_out, n_in, rng: glorot(n_out, n_in, own)


bank.stateful("glorot_uniform", "generator_outside", _one_for_all,
          "a generator that lives outside of the function",
          "With the same rng, does your function give the same matrix twice?", GLOROT)


@bank.right("glorot_uniform", "scaled and shifted random()")
def _(n_out, n_in, rng):
    r = math.sqrt(6) / math.sqrt(n_in + n_out)
    return (2 * rng.random((n_out, n_in)) - 1) * r


@bank.right("glorot_uniform", "column by column")
def _(n_out, n_in, rng):
    r = limit(n_out, n_in)
    return np.stack([rng.uniform(low=-r, high=r, size=n_out) for _ in range(n_in)], axis=1)


@bank.right("glorot_uniform", "one entry at a time, nested lists")
def _(n_out, n_in, rng):
    r = limit(n_out, n_in)
    return [[-r + 2 * r * rng.random() for _ in range(n_in)] for _ in range(n_out)]


@bank.right("glorot_uniform", "a size and a sign")
def _(n_out, n_in, rng):
    size = rng.uniform(0, limit(n_out, n_in), (n_in, n_out)).T
    return size * np.where(rng.integers(0, 2, (n_out, n_in)) == 1, 1.0, -1.0)


@bank.right("glorot_uniform", "a generator seeded by the generator, float32 numbers")
def _(n_out, n_in, rng):
    own = np.random.default_rng(rng.integers(2**63))
    return (own.random((n_out, n_in), dtype=np.float32) * 2.0 - 1.0) * np.float64(
        limit(n_out, n_in))


# init_diagnosis ---------------------------------------------------------------------------------


def small(a, tol=1e-12):
    return bool(np.abs(a).max() <= tol)


def verdicts(params, acts, X, y, backward=network.backward):
    g = backward(params, acts, X, y)
    rows = all(small(dW - dW[0]) for dW, _ in g[:-1])
    return rows, all(small(dW) for dW, _ in g), small(g[-1][1])


def verdict(id, looks_like, question):
    def register(fn):
        def wrong(params, acts, X, y):
            return fn(network.backward(params, acts, X, y), verdicts(params, acts, X, y))

        bank.wrong("init_diagnosis", id, looks_like, question, START)(wrong)
        return fn

    return register


@verdict("columns", "columns compared, not rows", "Which index of dW counts the units?")
def _(g, right):
    return all(small(dW - dW[:, :1]) for dW, _ in g[:-1]), *right[1:]


@verdict("all_layers", "the rows of the output layer compared as well",
         "Do the rows of the output layer belong to hidden units, or to classes?")
def _(g, right):
    return all(small(dW - dW[0]) for dW, _ in g), *right[1:]


@verdict("first_layer_rows", "the first hidden layer only", "How many hidden layers are there?")
def _(g, right):
    return small(g[0][0] - g[0][0][0]), *right[1:]


@verdict("last_layer_rows", "the last hidden layer only", "How many hidden layers are there?")
def _(g, right):
    return small(g[-2][0] - g[-2][0][0]), *right[1:]


@verdict("any_layer", "any hidden layer instead of every one",
         "One layer with identical rows: is that enough?")
def _(g, right):
    return any(small(dW - dW[0]) for dW, _ in g[:-1]), *right[1:]


@verdict("hidden_weights_only", "the weights of the hidden layers only",
         "Does 'all weights' include those of the output layer?")
def _(g, right):
    return right[0], all(small(dW) for dW, _ in g[:-1]), right[2]


@verdict("output_weights_only", "the weights of the output layer only",
         "Does 'all weights' include those of the hidden layers?")
def _(g, right):
    return right[0], small(g[-1][0]), right[2]


@verdict("biases_too", "the output bias counted among the weights: S3's 'all gradients'",
         "With zero weights and tanh, which one gradient is not 0?")
def _(g, right):
    return right[0], all(small(dW) and small(db) for dW, db in g), right[2]


@verdict("hidden_bias", "the bias of the first layer", "Which pair of the list is the output's?")
def _(g, right):
    return *right[:2], small(g[0][1])


@verdict("all_biases", "the biases of all layers",
         "Can the hidden biases have gradient 0 while the output bias has none?")
def _(g, right):
    return *right[:2], all(small(db) for _, db in g)


@verdict("bias_sums_to_zero", "the sum of the output-bias gradient",
         "Probabilities and one-hot labels both sum to 1. To what does their difference sum?")
def _(g, right):
    return *right[:2], small(g[-1][1].sum())


@verdict("negated", "True where something is not zero", "What does True mean in the contract?")
def _(g, right):
    return right[0], not right[1], not right[2]


@verdict("order", "the values in another order", "In which order does the contract return them?")
def _(g, right):
    return right[::-1]


@verdict("exact", "== 0, which rounding defeats",
         "Thirds that cancel on paper: do they cancel in floating point?")
def _(g, right):
    rows = all(bool((dW == dW[0]).all()) for dW, _ in g[:-1])
    return rows, all(not dW.any() for dW, _ in g), bool(np.all(g[-1][1] * 3 + 1.0 - 1.0 == 0)
                                                        and not g[-1][1].any())


@verdict("relative_to_nothing", "a tolerance of 0.1",
         "Is a gradient of 0.05 zero, or a small step that you would take?")
def _(g, right):
    return (all(small(dW - dW[0], 0.1) for dW, _ in g[:-1]),
            all(small(dW, 0.1) for dW, _ in g), small(g[-1][1], 0.1))


@bank.wrong("init_diagnosis", "parameters", "the parameters themselves, not their gradients",
            "Are the rows of W asked about, or those of its gradient?", START)
def _(params, acts, X, y):
    return verdicts(params, acts, X, y, backward=lambda params, acts, X, y: params)


@bank.wrong("init_diagnosis", "first_example", "the gradient of the first example only",
            "The gradient is a mean over the batch. What happens to the other examples?", START)
def _(params, acts, X, y):
    return verdicts(params, acts, X[:1], y[:1])


@bank.wrong("init_diagnosis", "tanh_everywhere", "tanh in every hidden layer",
            "What is acts for?", START)
def _(params, acts, X, y):
    return verdicts(params, ["tanh"] * len(acts), X, y)


@bank.wrong("init_diagnosis", "integer_gradients", "gradients computed in whole numbers",
            "What does int make of a gradient of 0.4?", START)
def _(params, acts, X, y):
    def backward(params, acts, X, y):
        kind = params[0][0].dtype
        return [(dW.astype(kind), db.astype(kind))
                for dW, db in network.backward(params, acts, X, y)]

    return verdicts(params, acts, X, y, backward)


@bank.wrong("init_diagnosis", "changes_argument", "the parameters changed while looking at them",
            "Who else holds the parameters?", START)
def _(params, acts, X, y):
    result = verdicts(params, acts, X, y)
    for _, b in params:
        b += 1
    return result


bank.habits("init_diagnosis", verdicts, array=False)
bank.repeats("init_diagnosis", verdicts)


@bank.right("init_diagnosis", "np.ptp down the columns, np.allclose")
def _(params, acts, X, y):
    g = network.backward(params, acts, X, y)
    return [all(np.ptp(dW, axis=0).max() < 1e-10 for dW, _ in g[:-1]),
            all(np.allclose(dW, 0) for dW, _ in g), np.allclose(g[-1][1], 0)]


@bank.right("init_diagnosis", "loops over all pairs of units")
def _(params, acts, X, y):
    g = network.backward(params, acts, X, y)
    rows = True
    for dW, _ in g[:-1]:
        for a in dW:
            for b in dW:
                rows = rows and max(abs(a - b)) < 1e-13
    weights = sum(np.linalg.norm(dW) for dW, _ in g) < 1e-11
    return rows, bool(weights), bool(np.linalg.norm(g[-1][1]) < 1e-11)


@bank.right("init_diagnosis", "backprop written out, the sum over examples")
def _(params, acts, X, y):
    phi = {"tanh": (np.tanh, lambda h: 1 - h**2),
           "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda h: h * (1 - h)),
           "softplus": (lambda z: np.logaddexp(0, z), lambda h: 1 - np.exp(-h)),
           "relu": (lambda z: np.maximum(z, 0), lambda h: (h > 0) * 1.0),
           "linear": (lambda z: z, lambda h: np.ones_like(h))}
    H = [double(X)]
    for (W, b), name in zip(params[:-1], acts, strict=True):
        H.append(phi[name][0](H[-1] @ double(W).T + b))
    W, b = params[-1]
    Z = H[-1] @ double(W).T + b
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    D = E / E.sum(axis=1, keepdims=True) - np.eye(len(b))[y]
    bias = np.allclose(D.sum(axis=0), 0.0, atol=1e-11)
    rows, weights = True, True
    for k in reversed(range(len(params))):
        dW = D.T @ H[k]
        weights = weights and bool(np.all(np.abs(dW) < 1e-11))
        if k < len(acts):
            rows = rows and bool(np.all(np.abs(dW - dW.mean(axis=0)) < 1e-11))
        if k:
            D = (D @ double(params[k][0])) * phi[acts[k - 1]][1](H[k])
    return rows, weights, bias


# bias2_variance ---------------------------------------------------------------------------------


def measured(preds, truth):
    preds, truth = double(preds), double(truth)
    return float(np.mean((preds.mean(axis=0) - truth) ** 2)), float(preds.var(axis=0).mean())


@bank.wrong("bias2_variance", "ddof", "the variance divided by S - 1",
            "Does the contract divide by S or by S - 1? Which of them adds up with the bias?", BIAS)
def _(preds, truth):
    return measured(preds, truth)[0], double(preds).var(axis=0, ddof=1).mean()


@bank.wrong("bias2_variance", "error_for_bias", "the mean squared error in place of the bias",
            "Do you square first and average over the training sets then, or the other way round?",
            BIAS)
def _(preds, truth):
    return np.mean((double(preds) - truth) ** 2), measured(preds, truth)[1]


@bank.wrong("bias2_variance", "not_squared", "the mean bias, not its square",
            "May a positive and a negative bias cancel?", BIAS)
def _(preds, truth):
    return np.mean(double(preds).mean(axis=0) - truth), measured(preds, truth)[1]


@bank.wrong("bias2_variance", "squared_mean", "the square of the mean bias over the inputs",
            "May the bias at one input cancel that at another?", BIAS)
def _(preds, truth):
    return np.mean(double(preds) - truth) ** 2, measured(preds, truth)[1]


@bank.wrong("bias2_variance", "wrong_axis", "the variance along each row",
            "Does the variance compare training sets, or inputs?", BIAS)
def _(preds, truth):
    return measured(preds, truth)[0], double(preds).var(axis=1).mean()


@bank.wrong("bias2_variance", "all_together", "the variance of all numbers together",
            "Does the curve itself, as it goes up and down, count as variance?", BIAS)
def _(preds, truth):
    return measured(preds, truth)[0], double(preds).var()


@bank.wrong("bias2_variance", "around_truth", "the spread around the truth, not around the average",
            "The variance is the spread around which curve?", BIAS)
def _(preds, truth):
    return measured(preds, truth)[0], np.mean((double(preds) - truth) ** 2)


@bank.wrong("bias2_variance", "deviation", "the standard deviation for the variance",
            "Which of the two adds up with a squared bias?", BIAS)
def _(preds, truth):
    return measured(preds, truth)[0], double(preds).std(axis=0).mean()


@bank.wrong("bias2_variance", "sums", "sums over the inputs", "Sums or means over the inputs?",
            BIAS)
def _(preds, truth):
    n = len(truth)
    return tuple(n * part for part in measured(preds, truth))


@bank.wrong("bias2_variance", "swapped", "(variance, bias2)",
            "In which order does the contract return them?", BIAS)
def _(preds, truth):
    return measured(preds, truth)[::-1]


@bank.wrong("bias2_variance", "per_input", "one pair of numbers per input",
            "Two numbers were asked for: what becomes of the inputs?", BIAS)
def _(preds, truth):
    preds = double(preds)
    return (preds.mean(axis=0) - truth) ** 2, preds.var(axis=0)


@bank.wrong("bias2_variance", "difference_of_squares", "E[p^2] - E[p]^2, which loses its digits",
            "What is left of a difference between two numbers of size 1e10?", BIAS)
def _(preds, truth):
    preds = double(preds)
    variance = np.mean((preds**2).mean(axis=0) - preds.mean(axis=0) ** 2)
    return measured(preds, truth)[0], variance


@bank.wrong("bias2_variance", "median", "the median model for the average model",
            "Which curve is the bias taken from?", BIAS)
def _(preds, truth):
    return np.mean((np.median(double(preds), axis=0) - truth) ** 2), measured(preds, truth)[1]


@bank.wrong("bias2_variance", "first_set", "the first training set only",
            "What do the other training sets say?", BIAS)
def _(preds, truth):
    return np.mean((double(preds)[0] - truth) ** 2), measured(preds, truth)[1]


@bank.wrong("bias2_variance", "nan_for_one", "0 / 0 for a single training set",
            "How large is the spread of one number?", BIAS)
def _(preds, truth):
    if len(preds) == 1:
        return measured(preds, truth)[0], float("nan")
    return measured(preds, truth)


@bank.wrong("bias2_variance", "keeps_dtype", "the average kept in the dtype of the predictions",
            "The average of whole numbers is rarely a whole number. What becomes of it there?",
            BIAS)
def _(preds, truth):
    return (np.mean((preds.mean(axis=0, dtype=preds.dtype) - truth) ** 2),
            np.mean((preds - preds.mean(axis=0, dtype=preds.dtype)) ** 2))


@bank.wrong("bias2_variance", "changes_argument", "preds -= ..., which changes the caller's array",
            "Who else holds the predictions?", BIAS)
def _(preds, truth):
    result = measured(preds, truth)
    preds += 1
    return result


bank.habits("bias2_variance", measured, array=False)


@bank.right("bias2_variance", "loops")
def _(preds, truth):
    preds, truth = np.array(preds, dtype=float), np.array(truth, dtype=float)
    S, n = preds.shape
    bias2, variance = 0.0, 0.0
    for i in range(n):
        average = sum(preds[s, i] for s in range(S)) / S
        bias2 += (average - truth[i]) ** 2 / n
        variance += sum((preds[s, i] - average) ** 2 for s in range(S)) / S / n
    return bias2, variance


@bank.right("bias2_variance", "the mean squared error minus the squared bias")
def _(preds, truth):
    d = double(preds) - double(truth)
    bias2 = (d.mean(axis=0) ** 2).mean()
    return bias2, (d**2).mean() - bias2


@bank.right("bias2_variance", "einsum on deviations, a list")
def _(preds, truth):
    d = double(preds) - double(truth)
    S, n = d.shape
    m = np.einsum("sn->n", d) / S
    return [np.einsum("n,n->", m, m) / n, np.einsum("sn,sn->", d - m, d - m) / (S * n)]


# split ------------------------------------------------------------------------------------------


def deal(order, sizes):
    a, b = sizes[0], sizes[0] + sizes[1]
    return order[:a], order[a:b], order[b : b + sizes[2]]


def rounded(n, fracs):
    return [round(f * n) for f in fracs]


def dealing(id, looks_like, question):
    return bank.wrong("split", id, looks_like, question, SETS)


@dealing("not_shuffled", "the examples in the order of the file",
         "What if the file is sorted by class?")
def _(n, fracs, rng):
    return deal(np.arange(n), rounded(n, fracs))


@dealing("rolled", "a cut at a random place of the file, but no shuffling",
         "What if the file is sorted by class?")
def _(n, fracs, rng):
    return deal(np.roll(np.arange(n), rng.integers(n)), rounded(n, fracs))


@dealing("train_only_shuffled", "validation and test in the order of the file",
         "Training draws at random. Who takes what is left, and in which order?")
def _(n, fracs, rng):
    a, b, _ = rounded(n, fracs)
    train = rng.choice(n, a, replace=False)
    rest = np.setdiff1d(np.arange(n), train)
    return train, rest[:b], rest[b:]


@dealing("with_replacement", "indices drawn with replacement",
         "May an example be in two sets, or twice in one?")
def _(n, fracs, rng):
    return tuple(rng.integers(0, n, size) for size in rounded(n, fracs))


@dealing("overlapping", "three independent draws",
         "May an example of the test set be one you trained on?")
def _(n, fracs, rng):
    return tuple(rng.choice(n, size, replace=False) for size in rounded(n, fracs))


@dealing("three_shuffles", "parts of three different shuffles",
         "Each call of rng.permutation shuffles anew. Can an example then be in two parts?")
def _(n, fracs, rng):
    a, b, _ = rounded(n, fracs)
    return rng.permutation(n)[:a], rng.permutation(n)[a:a + b], rng.permutation(n)[a + b:]


@dealing("decimals_cut", "int(f n), which cuts decimals off",
         "0.57 * 100 is 56.99999999999999. What does int make of it?")
def _(n, fracs, rng):
    a, b = int(fracs[0] * n), int(fracs[1] * n)
    return deal(rng.permutation(n), [a, b, n - a - b])


@dealing("some_left_over", "int(f n) for all three, some examples in no set",
         "Do your three sizes add up to n?")
def _(n, fracs, rng):
    return deal(rng.permutation(n), [int(f * n) for f in fracs])


@dealing("rounded_up", "sizes rounded up", "Which whole number is nearest to f n?")
def _(n, fracs, rng):
    a, b = math.ceil(fracs[0] * n), math.ceil(fracs[1] * n)
    return deal(rng.permutation(n), [a, b, n - a - b])


@dealing("order", "(train, test, valid)", "In which order does the contract return them?")
def _(n, fracs, rng):
    train, valid, test = deal(rng.permutation(n), rounded(n, fracs))
    return train, test, valid


@dealing("cut_points", "the second fraction as a place to cut",
         "Is the second cut at f2 n, or at f1 n + f2 n?")
def _(n, fracs, rng):
    order = rng.permutation(n)
    a, b, _ = rounded(n, fracs)
    return order[:a], order[b:a], order[a:]


@dealing("one_missing", "one index lost at every cut",
         "order[:a] ends before a. Where does the next part begin?")
def _(n, fracs, rng):
    order = rng.permutation(n)
    a, b, _ = rounded(n, fracs)
    return order[:a], order[a + 1 : a + b], order[a + b + 1 :]


@dealing("from_one", "indices from 1 to n", "What is the index of the first example?")
def _(n, fracs, rng):
    return deal(1 + rng.permutation(n), rounded(n, fracs))


@dealing("two_parts", "two parts only", "Which three sets does the contract return?")
def _(n, fracs, rng):
    train, valid, _ = deal(rng.permutation(n), rounded(n, fracs))
    return train, valid


@dealing("masks", "masks of booleans instead of indices",
         "Index arrays were asked for. What has length round(f n)?")
def _(n, fracs, rng):
    parts = deal(rng.permutation(n), rounded(n, fracs))
    return tuple(np.isin(np.arange(n), part) for part in parts)


@dealing("each_by_chance", "every example thrown into a set by chance",
         "Does every run give sets of the sizes that were asked for?")
def _(n, fracs, rng):
    part = rng.choice(3, n, p=np.array(fracs) / sum(fracs))
    return tuple(np.flatnonzero(part == k) for k in range(3))


@dealing("own_seed", "a generator of its own with a fixed seed", "What is the argument rng for?")
def _(n, fracs, rng):
    return deal(np.random.default_rng(0).permutation(n), rounded(n, fracs))


@dealing("copied_generator", "a copy of the generator, so that it stays put",
         "What do you get when you ask the same generator again?")
def _(n, fracs, rng):
    copy = np.random.PCG64()
    copy.state = rng.bit_generator.state
    return deal(np.random.Generator(copy).permutation(n), rounded(n, fracs))


@bank.right("split", "np.split at the cumulative sizes")
def _(n, fracs, rng):
    return np.split(rng.permutation(n), np.cumsum(rounded(n, fracs))[:2])


@bank.right("split", "shuffle in place, sorted lists")
def _(n, fracs, rng):
    order = list(range(n))
    rng.shuffle(order)
    a, b = round(fracs[0] * n), round(fracs[1] * n)
    return sorted(order[:a]), sorted(order[a : a + b]), sorted(order[a + b :])


@bank.right("split", "argsort of random numbers, NumPy's rounding")
def _(n, fracs, rng):
    order = np.argsort(rng.random(n))
    a, b, _ = np.round(np.array(fracs) * n).astype(int)
    return order[:a], order[a : a + b], order[a + b :]


@bank.right("split", "choice without replacement, from what is left")
def _(n, fracs, rng):
    a, b, _ = rounded(n, fracs)
    train = rng.choice(n, size=a, replace=False)
    left = np.setdiff1d(np.arange(n), train)
    valid = rng.choice(left, size=b, replace=False, shuffle=False)
    return train, valid, np.setdiff1d(left, valid)


# zero_one_error -----------------------------------------------------------------------------------


def share_wrong(F, y):
    return float(np.mean(np.asarray(F).argmax(axis=1) != y))


def counting(id, looks_like, question):
    return bank.wrong("zero_one_error", id, looks_like, question, ERROR)


@counting("accuracy", "the share of right answers", "Is 0.97 a good error?")
def _(F, y):
    return 1 - share_wrong(F, y)


@counting("count", "the number of mistakes", "A share of how many?")
def _(F, y):
    return int(round(len(y) * share_wrong(F, y)))


@counting("percent", "percent", "Is half of the examples 0.5 or 50?")
def _(F, y):
    return 100 * share_wrong(F, y)


@counting("smallest", "the smallest logit", "Which logit does the network choose?")
def _(F, y):
    return np.mean(np.argmin(F, axis=1) != y)


@counting("by_size", "the logit of the largest absolute value", "Is -5 a vote for a class?")
def _(F, y):
    return np.mean(np.abs(F).argmax(axis=1) != y)


@counting("last_of_ties", "the last of equal logits", "Which of equal logits does argmax choose?")
def _(F, y):
    K = F.shape[1]
    return np.mean(K - 1 - F[:, ::-1].argmax(axis=1) != y)


@counting("ties_are_right", "any of the largest logits accepted",
          "When two logits are equal, how many classes may the network name?")
def _(F, y):
    return np.mean(F[np.arange(len(y)), y] < F.max(axis=1))


@counting("ties_are_wrong", "a tie counted as a mistake",
          "When two logits are equal, which class does the network name?")
def _(F, y):
    wrong = F.argmax(axis=1) != y
    return np.mean(wrong | ((F == F.max(axis=1, keepdims=True)).sum(axis=1) > 1))


@counting("distance", "the mean distance between class numbers",
          "Is a 9 taken for a 0 nine times as wrong as a 1 taken for a 0?")
def _(F, y):
    return np.mean(np.abs(np.argmax(F, axis=1) - y.astype(int)))


@counting("one_per_example", "one answer per example", "How many numbers is an error rate?")
def _(F, y):
    return (np.argmax(F, axis=1) != y).astype(float)


@counting("over_classes", "divided by the number of classes", "A share of how many?")
def _(F, y):
    return np.sum(np.argmax(F, axis=1) != y) / F.shape[1]


@counting("all_entries", "every entry of F compared with the one-hot label",
          "How often does one example count?")
def _(F, y):
    chosen = np.eye(F.shape[1])[np.argmax(F, axis=1)]
    return np.mean(chosen != np.eye(F.shape[1])[y])


@counting("threshold", "label logits that are not positive",
          "Does a class need a positive logit to be chosen?")
def _(F, y):
    return np.mean(F[np.arange(len(y)), y] <= 0)


@counting("nll", "the mean negative log-likelihood",
          "The surrogate was for training. Which error is reported?")
def _(F, y):
    F = F - F.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(F).sum(axis=1)) - F[np.arange(len(y)), y])


@counting("minus_one", "divided by N - 1", "A share of how many?")
def _(F, y):
    return np.sum(np.argmax(F, axis=1) != y) / (len(y) - 1)


@counting("no_shift", "exp of the logits as they come",
          "What does a computer make of exp(1000), and do you need probabilities at all?")
def _(F, y):
    E = np.exp(double(F))
    return np.mean(np.argmax(E / E.sum(axis=1, keepdims=True), axis=1) != y)


bank.habits("zero_one_error", share_wrong, array=False)


@bank.right("zero_one_error", "loops")
def _(F, y):
    wrong = 0
    for row, label in zip(F, y, strict=True):
        best = 0
        for k in range(len(row)):
            if row[k] > row[best]:
                best = k
        wrong += best != label
    return wrong / len(y)


@bank.right("zero_one_error", "one minus the accuracy")
def _(F, y):
    return 1.0 - np.count_nonzero(np.equal(np.argmax(F, -1), y)) / len(F)


@bank.right("zero_one_error", "a dot product of indicators")
def _(F, y):
    wrong = (np.asarray(F).argmax(1) != np.asarray(y)).astype(float)
    return wrong @ np.ones(len(y)) / len(y)


# early_stopping -----------------------------------------------------------------------------------


def stopping(val, patience, better=lambda new, old: new < old, wait=lambda since, p: since >= p):
    best = 0
    for t in range(len(val)):
        if better(val[t], val[best]):
            best = t
        if wait(t - best, patience):
            return best, t
    return best, len(val) - 1


def stop(id, looks_like, question):
    return bank.wrong("early_stopping", id, looks_like, question, STOP)


@stop("sees_the_future", "the best epoch of the whole curve",
      "Training has stopped. Can you keep an epoch that was never run?")
def _(val, patience):
    return int(np.argmin(val)), stopping(val, patience)[1]


@stop("never_stops", "the whole curve, without stopping",
      "What is patience for?")
def _(val, patience):
    return int(np.argmin(val)), len(val) - 1


@stop("ties_improve", "a tie counted as an improvement", "Is 0.3 strictly better than 0.3?")
def _(val, patience):
    return stopping(val, patience, better=lambda new, old: new <= old)


@stop("one_too_late", "one epoch too late: more than patience epochs",
      "At which epoch have `patience` epochs passed since the best one?")
def _(val, patience):
    return stopping(val, patience, wait=lambda since, p: since > p)


@stop("one_too_early", "one epoch too early",
      "At which epoch have `patience` epochs passed since the best one?")
def _(val, patience):
    return stopping(val, patience, wait=lambda since, p: since and since >= p - 1)


@stop("no_look_ahead", "stopped at the first increase", "What is the look-ahead for?")
def _(val, patience):
    return stopping(val, 1)


@stop("compares_with_previous", "each epoch compared with the one before it",
      "Is the curve better than the epoch before, or than the best one so far?")
def _(val, patience):
    best, bad = 0, 0
    for t in range(1, len(val)):
        bad = 0 if val[t] < val[t - 1] else bad + 1
        best = t if val[t] < val[best] else best
        if bad >= patience:
            return best, t
    return best, len(val) - 1


@stop("counter_never_reset", "bad epochs counted without starting again after an improvement",
      "What should the count be after an improvement?")
def _(val, patience):
    best, bad = 0, 0
    for t in range(1, len(val)):
        if val[t] < val[best]:
            best = t
        else:
            bad += 1
        if bad >= patience:
            return best, t
    return best, len(val) - 1


@stop("largest", "the largest value as the best", "Is the curve an error or an accuracy?")
def _(val, patience):
    return stopping(val, patience, better=lambda new, old: new > old)


@stop("swapped", "(stop, best)", "In which order does the contract return them?")
def _(val, patience):
    return stopping(val, patience)[::-1]


@stop("error_for_epoch", "the smallest error in place of its epoch",
      "Were indices asked for, or errors?")
def _(val, patience):
    best, last = stopping(val, patience)
    return float(val[best]), last


@stop("keeps_the_last", "the last epoch kept, not the best",
      "Which epoch's parameters do you want?")
def _(val, patience):
    last = stopping(val, patience)[1]
    return last, last


@stop("from_one", "epochs counted from 1", "What is the index of the first epoch?")
def _(val, patience):
    best, last = stopping(val, patience)
    return best + 1, last + 1


@stop("length_when_never", "len(val) as the last epoch when training is never stopped",
      "What is the index of the last epoch?")
def _(val, patience):
    best, last = stopping(val, patience)
    return best, last if last - best >= patience else len(val)


@stop("none_when_never", "None when training is never stopped",
      "Which epoch was the last one that was run?")
def _(val, patience):
    best, last = stopping(val, patience)
    return best, last if last - best >= patience else None


@stop("best_plus_patience", "best + patience, also beyond the end",
      "Can training stop after the last epoch?")
def _(val, patience):
    best = stopping(val, patience)[0]
    return best, best + patience


@stop("best_only", "the best epoch alone", "How many numbers does the contract return?")
def _(val, patience):
    return stopping(val, patience)[0]


@stop("begins_at_a_number", "a best error that begins at a fixed number",
      "Which errors can be larger than your first best one? What is larger than all of them?")
def _(val, patience):
    best, smallest = 0, 1e5
    for t, error in enumerate(val):
        if error < smallest:
            best, smallest = t, error
        if t - best == patience:
            return best, t
    return best, len(val) - 1


@stop("rises_in_a_row", "each epoch compared with the one before it, the best found at the end",
      "The error falls a little after every rise and never reaches its best again. When do you "
      "stop?")
def _(val, patience):
    rises = 0
    for t in range(1, len(val)):
        rises = rises + 1 if val[t] >= val[t - 1] else 0
        if rises == patience:
            return t - patience, t
    return int(np.argmin(val)), len(val) - 1


@stop("minimal_gain", "only gains of more than 1e-2 counted",
      "Is a small improvement an improvement?")
def _(val, patience):
    return stopping(val, patience, better=lambda new, old: new < old - 1e-2)


@stop("changes_argument", "val changed while looking at it", "Who else holds the curve?")
def _(val, patience):
    result = stopping(val, patience)
    val[:] = 0
    return result


bank.habits("early_stopping", stopping, array=False)
bank.repeats("early_stopping", stopping)


@bank.right("early_stopping", "a counter and the best value")
def _(val, patience):
    best_value, best, bad = math.inf, 0, 0
    for t, v in enumerate(val):
        if v < best_value:
            best_value, best, bad = v, t, 0
        else:
            bad += 1
        if bad == patience:
            break
    return best, t


@bank.right("early_stopping", "the best of every prefix")
def _(val, patience):
    best = [int(np.argmin(val[: t + 1])) for t in range(len(val))]
    for t, b in enumerate(best):
        if t - b == patience:
            return b, t
    return best[-1], len(val) - 1


@bank.right("early_stopping", "jumps from improvement to improvement, NumPy whole numbers")
def _(val, patience):
    best = 0
    while True:
        ahead = np.flatnonzero(val[best + 1 : best + patience + 1] < val[best])
        if not ahead.size:
            return np.array([best, min(best + patience, len(val) - 1)])
        best += 1 + int(ahead[0])


# grid_configs -------------------------------------------------------------------------------------


def combos(grid):
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]


def searching(id, looks_like, question):
    return bank.wrong("grid_configs", id, looks_like, question, GRID)


@searching("zipped", "values paired off in order, not combined",
           "With 3 rates and 5 penalties, how many combinations are there?")
def _(grid):
    return [dict(zip(grid, values, strict=False)) for values in zip(*grid.values(), strict=False)]


@searching("one_at_a_time", "one hyper-parameter changed at a time",
           "Is the best rate the same for every width?")
def _(grid):
    start = {name: values[0] for name, values in grid.items()}
    found = [start]
    for name, values in grid.items():
        found += [start | {name: v} for v in values[1:]]
    return found


@searching("one_dict", "the same dict n times, changed again and again",
           "How many dicts does your loop make?")
def _(grid):
    config, found = {}, []
    for values in itertools.product(*grid.values()):
        config.update(zip(grid, values, strict=True))
        found.append(config)
    return found


@searching("tuples", "tuples without names", "How does the reader of a configuration know which "
                                              "number is the rate?")
def _(grid):
    return list(itertools.product(*grid.values()))


@searching("values_as_lists", "lists of one value", "Is rate a number or a list?")
def _(grid):
    return [{name: [v] for name, v in config.items()} for config in combos(grid)]


@searching("distinct_values", "permutations: no value twice in a configuration",
           "May two hyper-parameters have the same value?")
def _(grid):
    return [c for c in combos(grid) if len(set(map(str, c.values()))) == len(c)]


@searching("two_names", "two nested loops, for two names",
           "What happens with a third name, or with one?")
def _(grid):
    first, second, *_ = grid
    return [{first: a, second: b} for a in grid[first] for b in grid[second]]


@searching("floats", "every value turned into a float",
           "Can a layer have 16.0 units?")
def _(grid):
    return [{k: v if isinstance(v, str) else float(v) for k, v in c.items()} for c in combos(grid)]


@searching("texts", "every value turned into text", "Can you multiply by '0.1'?")
def _(grid):
    return [{name: str(v) for name, v in config.items()} for config in combos(grid)]


@searching("wrong_names", "names and values mixed up",
           "In which order do the values of a combination come?")
def _(grid):
    names = sorted(grid, reverse=True)
    return [dict(zip(names, values, strict=True)) for values in itertools.product(*grid.values())]


@searching("first_missing", "the first combination missing", "With which index do you begin?")
def _(grid):
    return combos(grid)[1:]


@searching("listed_twice", "every combination twice", "How often is each one tried?")
def _(grid):
    return combos(grid) * 2


@searching("dict_of_lists", "a dict of columns", "One dict per configuration was asked for. "
                                                 "How many do you return?")
def _(grid):
    return {name: [c[name] for c in combos(grid)] for name in grid}


@searching("three_names_at_most", "no more than three names",
           "What happens with a fourth name?")
def _(grid):
    return combos(dict(list(grid.items())[:3]))


@searching("changes_argument", "the grid used up on the way", "Who else holds the grid?")
def _(grid):
    found = [{}]
    for name in list(grid):
        values = grid.pop(name)
        found = [{**c, name: v} for c in found for v in values]
    return found


def _growing():
    kept = []

    def fn(grid):
        kept.extend(combos(grid))
        return list(kept)

    return fn


def _remembers_names():
    kept = {}
    return lambda grid: kept.setdefault(tuple((k, len(v)) for k, v in grid.items()), combos(grid))


bank.stateful("grid_configs", "list_keeps_growing", _growing,
          "a list that keeps growing from call to call",
          "Where is your list made: in the function, or once and for all?", GRID)
bank.stateful("grid_configs", "remembers_the_names", _remembers_names,
          "an answer kept for a grid with the same names",
          "What should happen when the same names come with other values?", GRID)


@bank.right("grid_configs", "grown name by name, in another order")
def _(grid):
    found = [{}]
    for name, values in grid.items():
        found = [{**config, name: v} for v in values for config in found]
    return found


@bank.right("grid_configs", "recursion")
def _(grid):
    if not grid:
        return [{}]
    (name, values), *rest = grid.items()
    return [{name: v} | config for v in values for config in combos(dict(rest))]


@bank.right("grid_configs", "counting in a mixed base, a tuple")
def _(grid):
    sizes = [len(v) for v in grid.values()]
    found = []
    for number in range(math.prod(sizes)):
        config = {}
        for name, values in grid.items():
            number, k = divmod(number, len(values))
            config[name] = values[k]
        found.append(config)
    return tuple(found)


# random_configs -----------------------------------------------------------------------------------


def configs(space, n, rng):
    return [{name: float(rng.uniform(low, high)) for name, (low, high) in space.items()}
            for _ in range(n)]


def drawing(id, looks_like, question):
    return bank.wrong("random_configs", id, looks_like, question, RANDOM)


@drawing("shared_number", "one random number for all names",
         "How many random numbers does a configuration need?")
def _(space, n, rng):
    return [{name: float(low + u * (high - low)) for name, (low, high) in space.items()}
            for u in rng.random(n)]


@drawing("one_configuration", "the same configuration n times", "How often do you draw?")
def _(space, n, rng):
    return configs(space, 1, rng) * n


@drawing("normal", "a normal distribution around the middle",
         "Are values near the middle more likely than others?")
def _(space, n, rng):
    return [{name: float(np.clip(rng.normal((a + b) / 2, (b - a) / 6), a, b))
             for name, (a, b) in space.items()} for _ in range(n)]


@drawing("whole_numbers", "whole numbers", "Is 0.3 in the range (0, 1)?")
def _(space, n, rng):
    return [{name: float(rng.integers(math.floor(a), math.ceil(b) + 1))
             for name, (a, b) in space.items()} for _ in range(n)]


@drawing("few_values", "a choice among ten values: a grid in disguise",
         "How many different values does each hyper-parameter get in n draws?")
def _(space, n, rng):
    return [{name: float(rng.choice(np.linspace(a, b, 10))) for name, (a, b) in space.items()}
            for _ in range(n)]


@drawing("from_zero", "low forgotten: from 0 to high - low", "Where does the range begin?")
def _(space, n, rng):
    return [{name: float(rng.random() * (b - a)) for name, (a, b) in space.items()}
            for _ in range(n)]


@drawing("low_plus_high", "low + u high: high taken as a width",
         "Where does low + u high end when u is 1?")
def _(space, n, rng):
    return [{name: float(a + rng.random() * b) for name, (a, b) in space.items()}
            for _ in range(n)]


@drawing("ends_only", "low or high, nothing between", "Is the range an interval, or two numbers?")
def _(space, n, rng):
    return [{name: float(rng.choice(ends)) for name, ends in space.items()} for _ in range(n)]


@drawing("half_of_the_range", "the lower half of the range", "Where does the range end?")
def _(space, n, rng):
    return [{name: float(rng.uniform(a, (a + b) / 2)) for name, (a, b) in space.items()}
            for _ in range(n)]


@drawing("sorted", "draws in rising order", "Does a draw know the one before it?")
def _(space, n, rng):
    columns = {name: np.sort(rng.uniform(*ends, n)).tolist() for name, ends in space.items()}
    return [{name: column[i] for name, column in columns.items()} for i in range(n)]


@drawing("squared", "u^2 for u, which crowds the low end",
         "Are values near the low end more likely than others?")
def _(space, n, rng):
    return [{name: float(a + rng.random() ** 2 * (b - a)) for name, (a, b) in space.items()}
            for _ in range(n)]


@drawing("powers_of_ten", "10 to a uniform power",
         "The range is that of the number itself. Who takes the power of ten?")
def _(space, n, rng):
    return [{name: float(10 ** rng.uniform(*ends)) for name, ends in space.items()}
            for _ in range(n)]


@drawing("one_more", "n + 1 configurations", "How many configurations were asked for?")
def _(space, n, rng):
    return configs(space, n + 1, rng)


@drawing("arrays", "one dict with n values for every name", "How many dicts were asked for?")
def _(space, n, rng):
    return {name: rng.uniform(*ends, n) for name, ends in space.items()}


@drawing("arrays_inside", "arrays of one number instead of floats",
         "Is the rate a number or an array?")
def _(space, n, rng):
    return [{name: rng.uniform(*ends, 1) for name, ends in space.items()} for _ in range(n)]


@drawing("own_seed", "a generator of its own with a fixed seed", "What is the argument rng for?")
def _(space, n, rng):
    return configs(space, n, np.random.default_rng(0))


@drawing("copied_generator", "a copy of the generator, so that it stays put",
         "What do you get when you ask the same generator again?")
def _(space, n, rng):
    copy = np.random.PCG64()
    copy.state = rng.bit_generator.state
    return configs(space, n, np.random.Generator(copy))


@drawing("changes_argument", "the space used up on the way", "Who else holds the space?")
def _(space, n, rng):
    found = configs(space, n, rng)
    space.clear()
    return found


@bank.right("random_configs", "column by column")
def _(space, n, rng):
    columns = {name: rng.uniform(low, high, size=n) for name, (low, high) in space.items()}
    return [{name: float(column[i]) for name, column in columns.items()} for i in range(n)]


@bank.right("random_configs", "a matrix of random numbers, NumPy floats, a tuple")
def _(space, n, rng):
    low, high = np.array(list(space.values()), dtype=float).T
    draws = low + rng.random((n, len(space))) * (high - low)
    return tuple(dict(zip(space, row, strict=True)) for row in draws)


@bank.right("random_configs", "high minus a share, names backwards")
def _(space, n, rng):
    found = []
    for _ in range(n):
        config = {}
        for name in reversed(space):
            low, high = space[name]
            config[name] = high - (high - low) * float(rng.random())
        found.append(config)
    return found


# select_best --------------------------------------------------------------------------------------


def best_of(val_errors):
    return int(np.nanargmin(double(val_errors)))


def choosing(id, looks_like, question):
    return bank.wrong("select_best", id, looks_like, question, SELECT)


@choosing("nan_wins", "np.argmin, for which NaN is the smallest",
          "What does np.argmin return when an entry is NaN?")
def _(val_errors):
    return int(np.argmin(val_errors))


@choosing("python_min", "min() over a list with NaN in it",
          "min keeps its first number unless a later one is smaller. What is smaller than NaN?")
def _(val_errors):
    values = list(val_errors)
    return min(range(len(values)), key=values.__getitem__)


@choosing("nan_to_zero", "NaN replaced by 0", "Is a run that diverged a run without errors?")
def _(val_errors):
    return int(np.argmin(np.nan_to_num(double(val_errors))))


@choosing("nan_dropped", "NaN dropped first, so that the index is another one",
          "Which position has the winner in the list that came in?")
def _(val_errors):
    values = double(val_errors)
    return int(np.argmin(values[~np.isnan(values)]))


@choosing("largest", "the largest error", "Is a large error good?")
def _(val_errors):
    return int(np.nanargmax(double(val_errors)))


@choosing("begins_at_a_number", "a smallest error that begins at a fixed number",
          "Which errors can be larger than the number you begin with?")
def _(val_errors):
    index, smallest = 0, 1e5
    for i, error in enumerate(val_errors):
        if error < smallest:
            index, smallest = i, error
    return index


@choosing("value", "the smallest error itself", "Was the error asked for, or its index?")
def _(val_errors):
    return float(np.nanmin(double(val_errors)))


@choosing("last_of_ties", "the last of ties", "Which of equal errors does the contract ask for?")
def _(val_errors):
    values = double(val_errors)
    return int(np.flatnonzero(values == np.nanmin(values))[-1])


@choosing("all_of_ties", "the indices of all ties, as an array",
          "How many indices were asked for?")
def _(val_errors):
    values = double(val_errors)
    return np.flatnonzero(values == np.nanmin(values))


@choosing("order", "the whole ranking", "How many indices were asked for?")
def _(val_errors):
    return np.argsort(val_errors)


@choosing("from_one", "counted from 1", "What is the index of the first entry?")
def _(val_errors):
    return best_of(val_errors) + 1


@choosing("by_size", "the error nearest to 0, whatever its sign",
          "Which number is the smallest?")
def _(val_errors):
    return int(np.nanargmin(np.abs(val_errors)))


@choosing("zero_means_failed", "an error of 0 taken for a failed run",
          "Can a run have no errors at all?")
def _(val_errors):
    values = double(val_errors)
    return int(np.nanargmin(np.where(values == 0, np.nan, values)))


@choosing("infinity_wins", "infinite errors replaced by a small number",
          "Is an infinite error better than a finite one?")
def _(val_errors):
    return int(np.nanargmin(np.where(np.isinf(val_errors), -1.0, val_errors)))


@choosing("large_number_for_nan", "NaN replaced by 1.0",
          "Are all errors below 1? What if the validation loss is 2?")
def _(val_errors):
    return int(np.argmin(np.nan_to_num(double(val_errors), nan=1.0)))


bank.habits("select_best", best_of, array=False)


@bank.right("select_best", "NaN replaced by infinity")
def _(val_errors):
    values = np.array(val_errors, dtype=float)
    return np.argmin(np.where(np.isnan(values), np.inf, values))


@bank.right("select_best", "a loop")
def _(val_errors):
    best = None
    for i, v in enumerate(val_errors):
        if v == v and (best is None or v < val_errors[best]):
            best = i
    return best


@bank.right("select_best", "NumPy sorts NaN to the end")
def _(val_errors):
    return int(np.argsort(double(val_errors), kind="stable")[0])


@bank.right("select_best", "min() over pairs without NaN")
def _(val_errors):
    return min((float(v), i) for i, v in enumerate(val_errors) if not math.isnan(v))[1]
