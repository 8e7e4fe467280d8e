"""Chapter 01, the softmax Jacobian: what is asked (S1 section 2, S0 4.1, S3 output layer)."""

from __future__ import annotations

import numpy as np

from ..activations import as_float, logsumexp, softmax
from ..checking.exercise import Exercise, Requirement
from ..checking.requirements import Finding, shape, stable, unchanged, value
from ..gradcheck import complex_step_gradient, complex_step_jacobian
from ..losses import nll_per_example
from .bank import known_mistakes
from .draw import (
    case,
    far_rows,
    huge_logits,
    labels,
    logits,
    probabilities,
    single,
    strided,
    sure_logits,
    whole,
)

HUGE = "huge logits (largest 1000)"
DTYPES = "integers and float32"
FAR = "rows far apart"

# Cases ----------------------------------------------------------------------------------------


def _vector_cases(rng):
    """One vector of logits."""
    return {
        "generic": [
            case(logits(rng, 5), K=5),
            case(strided(logits(rng, 7)), K=7),
            case(logits(rng, 3) - 6.0, K=3),
            case(logits(rng, 11), K=11),
            case(logits(rng, 2), K=2),
            case(logits(rng, 1), K=1, scale=1.0),
            case(logits(rng, 211), K=211),
        ],
        "huge": [case(huge_logits(rng, 5), K=5, scale=1.0),
                 case(logits(rng, 7) - 1000.0, K=7, scale=1.0)],
        "dtypes": [case(whole(rng, 5), K=5), case(single(rng, 7), K=7)],
        "twice": [case(logits(rng, 5), K=5), case(logits(rng, 5), K=5)],
    }


def _row_cases(rng):
    """Rows of logits."""
    return {
        "generic": [
            case(logits(rng, 5, 3), N=5, K=3),
            case(strided(logits(rng, 3, 7)), N=3, K=7),
            case(logits(rng, 5, 5), N=5, K=5),
            case(logits(rng, 1, 4), N=1, K=4),
            case(logits(rng, 1, 2), N=1, K=2),
            case(logits(rng, 3, 1), N=3, K=1, scale=1.0),
            case(logits(rng, 211, 2), N=211, K=2),
            case(logits(rng, 2, 53), N=2, K=53),
        ],
        "huge": [case(huge_logits(rng, 7, 5), N=7, K=5, scale=1.0),
                 case(logits(rng, 3, 5) - 1000.0, N=3, K=5, scale=1.0)],
        "far": [case(far_rows(rng, 5, 3), N=5, K=3)],
        "empty": [case(np.zeros((0, 5)), N=0, K=5)],
        "dtypes": [case(whole(rng, 3, 5), N=3, K=5), case(single(rng, 5, 7), N=5, K=7)],
        "twice": [case(logits(rng, 5, 3), N=5, K=3), case(logits(rng, 5, 3), N=5, K=3)],
    }


def _vjp_cases(rng):
    def one(z, v, **more):
        return case(z, v, K=len(z), **more)

    constant = np.full(7, rng.uniform(1.5, 2.5))
    return {
        "generic": [
            one(logits(rng, 5), rng.standard_normal(5)),
            one(strided(logits(rng, 7)), strided(rng.standard_normal(7))),
            one(logits(rng, 3), rng.standard_normal(3) + 2.0),
            one(logits(rng, 11), rng.standard_normal(11) - 1.0),
            one(logits(rng, 2), rng.standard_normal(2) + 1.0),
            one(logits(rng, 1), rng.standard_normal(1) + 2.0, scale=1.0),
            one(logits(rng, 211), rng.standard_normal(211) + 1.0),
        ],
        "huge": [one(huge_logits(rng, 5), rng.standard_normal(5), scale=1.0),
                 one(logits(rng, 7) - 1000.0, rng.standard_normal(7), scale=1.0)],
        "constant": [one(logits(rng, 7), constant, scale=float(constant[0]))],
        "dtypes": [one(whole(rng, 5), whole(rng, 5)), one(single(rng, 7), single(rng, 7))],
        "twice": [one(logits(rng, 5), rng.standard_normal(5)) for _ in range(2)],
    }


def _one_hot_cases(rng):
    def one(N, K):
        """Labels among which the last class occurs, so that their largest tells how many."""
        y = labels(rng, N, K)
        y[rng.integers(0, N)] = K - 1
        return case(y, K, N=N, K=K)

    top, y = labels(rng, 5, 7) % 5, labels(rng, 5, 3)
    return {
        "generic": [one(5, 3), one(4, 7), one(5, 5), one(11, 4), one(1, 13), one(1, 2),
                    one(211, 2), one(3, 211), one(2, 5)],
        "missing": [case(top, 7, N=5, K=7), case(np.zeros(4, dtype=np.int64), 3, N=4, K=3),
                    case(np.zeros(1, dtype=np.int64), 1, N=1, K=1)],
        "twice": [case(y, 3, N=5, K=3), case((y + 1) % 3, 3, N=5, K=3)],
    }


def _log_likelihood_cases(rng):
    def one(N, K):
        return case(probabilities(rng, N, K), labels(rng, N, K), N=N, K=K)

    def certain(N, K):
        P, y = probabilities(rng, N, K), labels(rng, N, K)
        P[0], P[0, y[0]] = 0.0, 1.0
        P[1, (y[1] + 1) % K] = 0.0
        return case(P, y, N=N, K=K)

    def tiny(N, K):
        P, y = probabilities(rng, N, K), labels(rng, N, K)
        P[np.arange(N), y] *= 10.0 ** rng.uniform(-290.0, -20.0, N)
        return case(P, y, N=N, K=K)

    return {
        "generic": [one(5, 3), one(4, 7), one(5, 5), one(11, 4), one(1, 2), one(2, 211),
                    case(strided(probabilities(rng, 3, 5)), labels(rng, 3, 5), N=3, K=5)],
        "zeros": [certain(5, 3), certain(3, 7)],
        "tiny": [tiny(5, 3)],
        "many": [one(1009, 7)],
        "twice": [one(5, 3), one(5, 3)],
    }


def _batch_cases(rng):
    """Logits and labels."""

    def one(F):
        N, K = F.shape
        return case(F, labels(rng, N, K), N=N, K=K)

    def large(F):
        N, K = F.shape
        return case(F, labels(rng, N, K), N=N, K=K, scale=1000.0)

    sure = huge_logits(rng, 5, 3)
    return {
        "generic": [
            one(logits(rng, 5, 3)),
            one(strided(logits(rng, 3, 7))),
            one(logits(rng, 5, 5)),
            one(logits(rng, 11, 4) - 3.0),
            one(np.abs(logits(rng, 1, 13))),
            one(logits(rng, 1, 2)),
            one(logits(rng, 211, 2)),
            one(logits(rng, 2, 53)),
        ],
        "huge": [
            large(huge_logits(rng, 7, 5)),
            large(logits(rng, 3, 5) - 1000.0),
            case(sure, sure.argmax(axis=1), N=5, K=3, scale=1000.0),
        ],
        "far": [large(far_rows(rng, 5, 3))],
        "dtypes": [one(whole(rng, 3, 5)), one(single(rng, 5, 7))],
        "twice": [one(np.abs(logits(rng, 5, 3))), one(logits(rng, 5, 3))],
    }


def _grad_batch_cases(rng):
    """The same, but gradients are of size 1 however large the logits are."""
    groups = _batch_cases(rng)
    for name in ("huge", "far"):
        groups[name] = [case(*c.args, scale=1.0, **c.sizes) for c in groups[name]]
    groups["far"].append(case(*sure_logits(rng), N=3, K=5))
    return groups


def _grad_probs_cases(rng):
    def one(K):
        return case(probabilities(rng, K), int(rng.integers(1, K - 1)), K=K)

    def certain(K):
        p, y = probabilities(rng, K), int(rng.integers(1, K))
        p[(y + 1) % K] = 0.0
        return case(p, y, K=K)

    return {
        "generic": [one(5), one(7), one(3), one(11), one(211),
                    case(probabilities(rng, 2), 1, K=2),
                    case(strided(probabilities(rng, 5)), 2, K=5)],
        "zeros": [certain(5), certain(3)],
        "ends": [case(probabilities(rng, 5), y, K=5) for y in (0, 4)]
        + [case(np.ones(1), 0, K=1)],
        "twice": [one(5), one(5)],
    }


# Oracles: forward passes, differentiated numerically; no gradient formula is written here --------


def _softmax_vjp(z, v):
    return as_float(v) @ complex_step_jacobian(softmax, z)


def _softmax_jacobian_batch(Z):
    return np.stack([complex_step_jacobian(softmax, z) for z in Z])


def _one_hot(y, K):
    return (np.arange(K) == np.asarray(y)[:, None]).astype(np.float64)


def _log_likelihood(P, y):
    return float(np.log(as_float(P)[np.arange(len(P)), y]).sum())


def _nll(F, y):
    return float(nll_per_example(F, y).sum())


def _nll_grad_logits(F, y):
    def row_gradient(f, k):
        return complex_step_gradient(lambda g: nll_per_example(g[None], [k])[0], f)

    return np.stack([row_gradient(f, k) for f, k in zip(F, y, strict=True)])


def _nll_grad_probs(p, y):
    return complex_step_gradient(lambda q: -np.log(q[y]), p)


# Criteria of this chapter alone -----------------------------------------------------------------


def float64_answers(trial, group):
    """Every answer is a float64 array."""
    for answer in trial.answers(group):
        dtype = getattr(answer.value, "dtype", None)
        if dtype != np.float64:
            found = f"dtype {dtype}" if dtype is not None else f"a {type(answer.value).__name__}"
            return Finding(f"the answer is {found}; expected an array of dtype float64",
                           label=found)
    return None


FLOAT64 = Requirement("float64", 0.25, float64_answers, needs_value=True)


CONSTANT = "moving all logits together moves nothing, so the product must vanish"

EXERCISES = (
    Exercise(
        id="softmax",
        chapter="01",
        title="From scores to probabilities",
        signature="softmax(z)",
        returns="s",
        minutes=8,
        lines=3,
        section="From scores to probabilities",
        draw=_vector_cases,
        oracle=softmax,
        requirements=(
            shape(0.5),
            value(1.0),
            value(0.5, HUGE, "huge"),
            value(0.5, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "Two steps: make every score positive in a way that keeps their order, then make the "
            "results sum to 1. What happens to exp(1000) in the first step, and which number could "
            "you subtract from all logits without changing the answer?",
            "s_i = exp(z_i - m) / sum_j exp(z_j - m) for any m. With m = max(z) the largest "
            "exponent is 0, so nothing overflows.",
            "e = np.exp(z - ...)        # a new array: z -= ... would change the caller's\n"
            "return e / ...",
        ),
        bank=known_mistakes("01", "softmax"),
    ),
    Exercise(
        id="softmax_rows",
        chapter="01",
        title="A whole batch, row by row",
        signature="softmax_rows(Z)",
        returns="S",
        minutes=8,
        lines=3,
        section="A whole batch, row by row",
        draw=_row_cases,
        oracle=softmax,
        requirements=(
            shape(0.5),
            value(0.75),
            value(0.25, HUGE, "huge"),
            value(0.5, FAR, "far"),
            value(0.25, "an empty batch (N = 0)", "empty", needs_value=True),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "Each row is a vector of logits of its own. Over which axis do you take the maximum "
            "and the sum, and what shape must they have to line up with Z again?",
            "axis=1 runs along a row. keepdims=True keeps the shape (N, 1), which broadcasts "
            "against (N, K); without it (N,) lines up with the columns.",
            "E = np.exp(Z - Z.max(axis=..., keepdims=...))\n"
            "return E / E.sum(axis=..., keepdims=...)",
        ),
        bank=known_mistakes("01", "softmax_rows"),
    ),
    Exercise(
        id="softmax_jacobian",
        chapter="01",
        title="What one logit does to the others",
        signature="softmax_jacobian(z)",
        returns="J",
        minutes=12,
        lines=2,
        section="What one logit does to the others",
        draw=_vector_cases,
        oracle=lambda z: complex_step_jacobian(softmax, z),
        requirements=(
            shape(0.5),
            value(1.75),
            value(0.5, HUGE, "huge"),
            value(0.5, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.5),
        ),
        hints=(
            "There are two kinds of entries. What does a logit do to its own probability, and "
            "what does it do to another one? Start from the quotient rule.",
            "On the diagonal s_i (1 - s_i), off the diagonal -s_i s_j. Write s_i (1 - s_i) as "
            "s_i - s_i s_i: now one matrix appears in every entry, the other on the diagonal only.",
            "s = softmax(z)\nreturn np.diag(...) - np.outer(..., ...)",
        ),
        bank=known_mistakes("01", "softmax_jacobian"),
    ),
    Exercise(
        id="softmax_jacobian_batch",
        chapter="01",
        title="One Jacobian per example",
        signature="softmax_jacobian_batch(Z)",
        returns="J",
        minutes=10,
        lines=3,
        section="One Jacobian per example",
        draw=lambda rng: {k: v for k, v in _row_cases(rng).items() if k not in ("empty", "far")},
        oracle=_softmax_jacobian_batch,
        requirements=(
            shape(0.5),
            value(1.25),
            value(0.5, HUGE, "huge"),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "Example n has the Jacobian of its own row and nothing else. Which three axes does "
            "the answer have, in which order?",
            "Outer products of all rows at once: S[:, :, None] * S[:, None, :] has shape "
            "(N, K, K). The diagonal part is S[:, :, None] * np.eye(K).",
            "S = softmax_rows(Z)\n"
            "return S[:, :, None] * np.eye(S.shape[1]) - ...",
        ),
        bank=known_mistakes("01", "softmax_jacobian_batch"),
    ),
    Exercise(
        id="softmax_vjp",
        chapter="01",
        title="The product you need without the matrix you don't",
        signature="softmax_vjp(z, v)",
        returns="dL/dz",
        minutes=8,
        lines=2,
        section="The product you need without the matrix you don't",
        draw=_vjp_cases,
        oracle=_softmax_vjp,
        requirements=(
            shape(0.5),
            value(1.0),
            value(0.25, HUGE, "huge"),
            value(0.5, "v constant", "constant", needs_value=True, bad=CONSTANT),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "Put J = diag(s) - s s^T into J^T v and multiply out. What is diag(s) v, and in which "
            "order would you multiply s s^T v?",
            "s s^T v = s (s^T v): the bracket is one number. So the whole product is made of s, v "
            "and one dot product.",
            "s = softmax(z)\nreturn s * (v - ...)      # ... is one number",
        ),
        bank=known_mistakes("01", "softmax_vjp"),
    ),
    Exercise(
        id="one_hot",
        chapter="01",
        title="Labels as vectors",
        signature="one_hot(y, K)",
        returns="E",
        minutes=5,
        lines=3,
        section="Labels as vectors",
        draw=_one_hot_cases,
        oracle=_one_hot,
        requirements=(
            shape(0.25),
            value(0.5),
            value(0.5, "classes that do not occur", "missing"),
            FLOAT64,
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "Row n is zero except for a single 1. In which column does it stand? How many columns "
            "are there if the last class does not occur in y?",
            "Start from np.zeros((len(y), K)) and set one entry per row. Indexing with two arrays "
            "picks pairs: E[np.arange(N), y].",
            "E = np.zeros((..., ...))\nE[np.arange(len(y)), ...] = 1.0\nreturn E",
        ),
        bank=known_mistakes("01", "one_hot"),
    ),
    Exercise(
        id="log_likelihood",
        chapter="01",
        title="How likely was what happened?",
        signature="log_likelihood(P, y)",
        returns="log-likelihood",
        minutes=6,
        lines=2,
        section="How likely was what happened?",
        draw=_log_likelihood_cases,
        oracle=_log_likelihood,
        requirements=(
            shape(0.25, "one number"),
            value(0.5),
            value(0.25, "zeros at other classes", "zeros"),
            value(0.25, "tiny probabilities", "tiny"),
            value(0.25, "a thousand examples", "many"),
            unchanged(0.25, group="zeros"),
            stable(0.25),
        ),
        hints=(
            "Of each row only one entry matters. Which one? What would 0 * log 0 give, and do you "
            "need to compute it at all?",
            "Pick the entries first, take logarithms second, add third. A product of a thousand "
            "probabilities is smaller than any float.",
            "picked = P[np.arange(len(y)), ...]\nreturn np.log(...).sum()",
        ),
        bank=known_mistakes("01", "log_likelihood"),
    ),
    Exercise(
        id="logsumexp_rows",
        chapter="01",
        title="The logarithm that does not overflow",
        signature="logsumexp_rows(F)",
        returns="lse",
        minutes=8,
        lines=3,
        section="The logarithm that does not overflow",
        draw=_row_cases,
        oracle=logsumexp,
        requirements=(
            shape(0.5),
            value(0.75),
            value(0.5, HUGE, "huge"),
            value(0.5, FAR, "far"),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "Take m out of the sum: each exp(f_k) is exp(m) times something. What does the "
            "logarithm make of the factor exp(m)?",
            "log sum_k exp(f_k) = m + log sum_k exp(f_k - m), with m the largest logit of the "
            "same row. What you subtract inside must be added back outside.",
            "m = F.max(axis=1)                      # shape (N,); m[:, None] lines up with rows\n"
            "return ... + np.log(np.exp(...).sum(axis=1))",
        ),
        bank=known_mistakes("01", "logsumexp_rows"),
    ),
    Exercise(
        id="nll",
        chapter="01",
        title="The loss, from logits",
        signature="nll(F, y)",
        returns="loss",
        minutes=10,
        lines=3,
        section="The loss, from logits",
        draw=_batch_cases,
        oracle=_nll,
        requirements=(
            shape(0.5, "one number"),
            value(1.25),
            value(0.75, HUGE, "huge"),
            value(0.5, FAR, "far"),
            value(0.5, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "Write -log softmax(f)_y as a difference of two terms before you compute anything. "
            "You have already solved one of them in this chapter.",
            "-log softmax(f)_y = logsumexp(f) - f_y, and the loss is the sum over examples. No "
            "probability is ever formed, so none can underflow to 0.",
            "return (logsumexp_rows(F) - F[np.arange(len(y)), ...]).sum()",
        ),
        bank=known_mistakes("01", "nll"),
    ),
    Exercise(
        id="nll_grad_probs",
        chapter="01",
        title="The same loss, seen from the probabilities",
        signature="nll_grad_probs(p, y)",
        returns="dL/dp",
        minutes=6,
        lines=3,
        section="The same loss, seen from the probabilities",
        draw=_grad_probs_cases,
        oracle=_nll_grad_probs,
        requirements=(
            shape(0.25),
            value(0.75),
            value(0.25, "zeros at other classes", "zeros"),
            value(0.25, "first and last class", "ends"),
            unchanged(0.25),
            stable(0.25),
        ),
        hints=(
            "The loss is -log p_y. Which entries of p does it mention at all? What is the "
            "derivative with respect to an entry that it does not mention?",
            "All entries are 0 except the one of the label, which is -1 / p_y. This is not "
            "p - e_y: that is the gradient with respect to the logits.",
            "g = np.zeros(len(p))\ng[y] = ...\nreturn g",
        ),
        bank=known_mistakes("01", "nll_grad_probs"),
    ),
    Exercise(
        id="nll_grad_logits",
        chapter="01",
        title="The gradient everything starts from",
        signature="nll_grad_logits(F, y)",
        returns="dL/dF",
        minutes=12,
        lines=2,
        section="The gradient everything starts from",
        draw=_grad_batch_cases,
        oracle=_nll_grad_logits,
        requirements=(
            shape(0.5),
            value(1.5),
            value(0.5, HUGE, "huge"),
            value(0.5, FAR, "far"),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.5),
        ),
        hints=(
            "For one example, differentiate logsumexp(f) - f_y with respect to each f_k. What is "
            "the derivative of logsumexp? You have met it under another name.",
            "The gradient of logsumexp is the softmax. The second term contributes -1 in the "
            "column of the label only. No 1/N: the loss is a sum.",
            "G = softmax_rows(F)\nreturn G - ...         # one-hot rows of y",
        ),
        bank=known_mistakes("01", "nll_grad_logits"),
    ),
)
