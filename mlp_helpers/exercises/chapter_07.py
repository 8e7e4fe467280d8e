"""Chapter 07, optimisation: what is asked (S3, S1 section 1, S0 section 5)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from .. import optim
from ..activations import as_float
from ..checking.compare import compare
from ..checking.exercise import Exercise, Requirement
from ..checking.requirements import (
    Finding,
    error_text,
    own_memory,
    shape,
    stable,
    unchanged,
    value,
)
from ..checking.values import Named
from .bank import known_mistakes
from .draw import case, strided, whole

DTYPES = "integers and float32"
PASSES = 40
PASS_N, PASS_B = 211, 17

# Cases ----------------------------------------------------------------------------------------


def _weight(rng):
    """A number in (0, 1) that is neither near 0, 1/2 nor 1."""
    return float(rng.choice([rng.uniform(0.12, 0.42), rng.uniform(0.58, 0.88)]))


def _sgd_cases(rng):
    def one(P, *vectors, size=1.0):
        vectors = vectors or tuple(size * rng.standard_normal((3, P)))
        return case(*vectors, float(rng.uniform(0.1, 0.4)), _weight(rng), P=P)

    return {
        "generic": [
            one(5),
            one(7, *map(strided, rng.standard_normal((3, 7)))),
            one(11, size=1e5),
            one(3, size=1e-7),
            one(1),
        ],
        "dtypes": [one(5, *(whole(rng, 5) for _ in range(3))),
                   one(7, *rng.standard_normal((3, 7)).astype(np.float32))],
        "twice": [one(3) for _ in range(2)],
    }


def _seed(rng):
    return int(rng.integers(2**31))


def _pass_cases(rng):
    def one(n, B, generator=None):
        return case(n, B, generator or Named("rng", (_seed(rng),)), n=n, B=B)

    first, second, kept = (_seed(rng) for _ in range(3))
    return {
        # one example: the only sizes for which there is one right answer
        "generic": [one(1, B) for B in (1, 3, 7)],
        "sizes": [one(13, 5), one(7, 7), one(5, 11), one(12, 3), one(11, 1), one(23, 7)],
        "shuffled": [one(PASS_N, PASS_B) for _ in range(PASSES)],
        "seeds": [one(17, 5, Named("rng", (s,))) for s in (first, second, first)],
        "epochs": [one(17, 5, Named("kept_rng", (kept, call))) for call in (0, 1)],
    }


def _minibatch_cases(rng):
    def one(n, P, drawn, B=None, G=None, idx=None):
        G = rng.standard_normal((n, P)) + 0.3 if G is None else G
        idx = rng.permutation(n)[:drawn] if idx is None else idx
        return case(G, idx, drawn if B is None else B, n=n, P=P, B=B or drawn, scale=1.0)

    def repeated(n, B):
        """Indices drawn with replacement; one of them three times."""
        return rng.permutation(np.append(rng.permutation(n)[:B - 2], [0, 0]) % n)

    def often(n, B):
        some = rng.permutation(n)[:B - 2]
        return rng.permutation(np.append(some, some[:1].repeat(2)))

    return {
        "generic": [
            one(7, 3, 5),
            one(11, 7, 3, G=strided(rng.standard_normal((11, 7))),
                idx=strided(rng.permutation(11)[:3])),
            one(5, 5, 5),
            one(13, 5, 11, G=np.asfortranarray(rng.standard_normal((13, 5)))),
            one(11, 5, 1),
        ],
        "short": [one(11, 3, 4, B=7), one(13, 5, 2, B=11), one(7, 3, 1, B=5)],
        "repeated": [one(7, 5, 5, idx=often(7, 5)), one(11, 3, 7, idx=repeated(11, 7)),
                     one(3, 5, 7, idx=rng.permutation(np.repeat([0, 1, 2], [4, 2, 1])))],
        "dtypes": [one(7, 5, 3, G=whole(rng, 7, 5)),
                   one(7, 3, 5, G=rng.standard_normal((7, 3)).astype(np.float32))],
        "twice": [one(7, 5, 3) for _ in range(2)],
    }


def _accum_cases(rng):
    def one(P, *vectors, beta=None, size=1.0):
        vectors = vectors or tuple(size * rng.standard_normal((3, P)))
        beta = _weight(rng) if beta is None else beta
        return case(*vectors, float(rng.uniform(0.1, 0.4)), beta, P=P)

    return {
        "generic": [
            one(5),
            one(7, *map(strided, rng.standard_normal((3, 7)))),
            one(11, size=1e5),
            one(3, size=1e-7),
            one(1),
        ],
        "plain": [one(13, beta=0.0)],
        "dtypes": [one(5, *(whole(rng, 5) for _ in range(3))),
                   one(7, *rng.standard_normal((3, 7)).astype(np.float32))],
        "twice": [one(3) for _ in range(2)],
    }


def _translate_cases(rng):
    def one(alpha, beta):
        return case(alpha, beta)

    return {
        "generic": [one(float(rng.uniform(0.01, 0.4)), _weight(rng)) for _ in range(4)],
        "long": [one(float(rng.uniform(0.01, 0.4)), 1.0 - float(rng.uniform(0.2, 0.8)) * 1e-4)],
        "plain": [one(float(rng.uniform(0.01, 0.4)), 0.0), one(3, 0)],
    }


def _rate_cases(rng):
    def one(late, kind, t0=None, **fixed):
        t0 = int(rng.integers(20, 60)) if t0 is None else t0
        alpha = fixed.get("alpha", float(rng.uniform(0.02, 0.9)))
        delta = fixed.get("delta", float(rng.uniform(0.55, 0.95)))
        return case(t0 + late, alpha, delta, kind, t0)

    def both(*lates, **more):
        return [one(late, kind, **more) for late in lates for kind in ("inv", "pow")]

    return {
        "generic": both(int(rng.integers(3, 11)), int(rng.integers(100, 300))),
        "kept": both(0, -int(rng.integers(3, 15))),
        "first": both(1),
        "from the start": [*both(0, 7, t0=0), *both(0, 3, t0=1)],
        "far": both(10**9, delta=1.9),
        "whole": both(3, alpha=1, delta=1),
    }


def _delta_cases(rng):
    hair = 2.0**-40
    inside = [float(rng.uniform(0.56, 0.74)), float(rng.uniform(0.76, 0.95))]
    outside = [float(rng.uniform(0.05, 0.45)), float(rng.uniform(1.05, 1.9)), -inside[0]]
    return {
        "generic": [case(d) for d in (*inside, *outside)],
        "half": [case(0.5)],
        "one": [case(1.0)],
        "near": [case(d) for d in (0.5 + hair, 0.5 - hair, 1.0 + hair, 1.0 - hair)],
        "whole": [case(d) for d in (0, 1, 2)],
    }


def _hessian(rng, P, signs=None):
    """Draw a symmetric matrix; its eigenvalues have sizes 0.4 to 2, positive without signs."""
    Q, _ = np.linalg.qr(rng.standard_normal((P, P)))
    H = (Q * (rng.uniform(0.4, 2.0, P) * (1.0 if signs is None else signs))) @ Q.T
    return (H + H.T) / 2


def _newton_cases(rng):
    def one(P, H=None, size=1.0, layout=np.asarray):
        H = size * _hessian(rng, P) if H is None else H
        theta, g = rng.standard_normal(P), size * rng.standard_normal(P)
        return case(layout(theta), layout(g), layout(H), P=P)

    def whole_bowl():
        H = np.array([[4, 1, 0], [1, 5, 2], [0, 2, 7]])
        return case(whole(rng, 3), whole(rng, 3), H, P=3)

    theta, g, H = one(7).args
    single = case(*(a.astype(np.float32) for a in (theta, g, H)), P=7)
    return {
        "generic": [one(5), one(7, layout=strided), one(2), one(1)],
        "saddle": [one(5, _hessian(rng, 5, rng.permutation([1, -1, 1, -1, 1]))),
                   one(3, -_hessian(rng, 3))],
        "small": [one(5, size=1e-10), one(3, size=1e-14)],
        "dtypes": [whole_bowl(), single],
        "twice": [one(3) for _ in range(2)],
    }


def _taylor_cases(rng):
    def one(P, length=1.0, layout=np.asarray, signs=None):
        g, d = rng.standard_normal((2, P))
        d *= length * np.sqrt(P / (d @ d))
        mixed = np.where(np.arange(P) % 3 == 1, -1.0, 1.0)
        H = _hessian(rng, P, mixed if signs is None else signs)
        return case(float(rng.uniform(0.7, 2.0)), layout(g), layout(H), layout(d), P=P, scale=1.0)

    H = np.array([[3, 1, -2], [1, -4, 5], [-2, 5, 1]])
    whole_case = case(2, whole(rng, 3), H, whole(rng, 3), P=3, scale=1.0)
    f0, *arrays = one(5).args
    single = case(f0, *(a.astype(np.float32) for a in arrays), P=5, scale=1.0)
    return {
        "generic": [one(5), one(7, layout=strided), one(11, length=0.1),
                    # curved upwards, and downwards so strongly that the model is negative
                    one(3, length=10.0, signs=1.0), one(13, length=30.0, signs=-1.0)],
        "single": [one(1), one(1)],
        "here": [one(5, length=0.0)],
        "dtypes": [whole_case, single],
        "twice": [one(3) for _ in range(2)],
    }


def _cycle(rng, M):
    """A permutation in which no unit stays and that is not its own inverse."""
    order, perm = rng.permutation(M), np.empty(M, dtype=np.int64)
    perm[order] = np.roll(order, -1)
    return perm


def _permute_cases(rng):
    def one(p, M, K, layout=np.asarray, perm=None):
        arrays = rng.standard_normal((M, p)), rng.standard_normal(M), rng.standard_normal((K, M))
        perm = _cycle(rng, M) if perm is None else perm
        return case(*map(layout, arrays), layout(perm), p=p, M=M, K=K)

    whole_case = case(whole(rng, 5, 3), whole(rng, 5), whole(rng, 7, 5), _cycle(rng, 5),
                      p=3, M=5, K=7)
    W, b, V, perm = one(7, 5, 3).args
    single = case(*(a.astype(np.float32) for a in (W, b, V)), perm, p=7, M=5, K=3)
    return {
        "generic": [one(3, 7, 5), one(7, 5, 3, layout=strided), one(5, 11, 7), one(5, 5, 5),
                    one(11, 3, 2)],
        "identity": [one(3, 7, 5, perm=np.arange(7))],
        "dtypes": [whole_case, single],
        "twice": [one(3, 7, 5) for _ in range(2)],
    }


# Oracles --------------------------------------------------------------------------------------


def _sgd_update(theta, grad_l, grad_omega, alpha, lam):
    return theta - alpha * grad_l - alpha * lam * grad_omega


def _minibatch_grad(per_example_grads, idx, B):
    n = len(per_example_grads)
    return np.bincount(idx, minlength=n) @ as_float(per_example_grads) / len(idx)


def _accum_to_ema(alpha, beta):
    return tuple(map(float, optim.accum_to_ema(alpha, beta)))


def _robbins_monro_ok(delta):
    return bool(0.5 < delta <= 1)


def _newton_step(theta, grad, hess):
    return theta - np.linalg.solve(hess, grad)


def _taylor2(f0, g, H, d):
    return f0 + float((g + as_float(H) @ d / 2) @ d)


def _permute_hidden(W, b, V, perm):
    W, b, V = (np.asarray(a, dtype=float) for a in (W, b, V))
    return W[perm], b[perm], V[:, perm]


# Judges of this chapter ----------------------------------------------------------------------


def _wrong_structure(trial, case_, answer):
    """A finding if the call failed, or the parts are not arrays of the right shapes."""
    if answer.error is not None:
        return Finding(error_text(answer.error, case_))
    loose = compare(answer.value, replace(trial.expected(case_), tol=np.inf))
    return None if loose is None else Finding(loose.message, loose)


def _part_agrees(trial, group, part, name, want):
    """Judge one part of the answers; want(case, answer, expected value) is what it should be."""
    for case_, answer in zip(trial.cases[group], trial.answers(group), strict=True):
        if finding := _wrong_structure(trial, case_, answer):
            return finding
        expected = trial.expected(case_)
        wanted = replace(expected, value=want(case_, answer, expected.value), names=name)
        if (difference := compare(answer.value[part], wanted)) is not None:
            return Finding(f"{difference.message} (with {case_.note})", difference)
    return None


def v_is_right(trial, group):
    """The second part is the new accumulated gradient."""
    return _part_agrees(trial, group, 1, "v'", lambda case_, answer, right: right[1])


def theta_follows_v(trial, group):
    """The first part is theta - alpha v', with the v' that was returned."""

    def want(case_, answer, right):
        theta, _, _, alpha, _ = case_.args
        return theta - alpha * np.asarray(answer.value[1], dtype=np.float64)

    return _part_agrees(trial, group, 0, "theta'", want)


def function_is_the_same(trial, group):
    """The network with the returned parameters computes what it did before."""
    for case_, answer in zip(trial.cases[group], trial.answers(group), strict=True):
        if finding := _wrong_structure(trial, case_, answer):
            return finding
        W, b, V, _ = case_.args
        x = np.cos(1.0 + np.arange(W.shape[1]))
        before = V @ np.tanh(W @ x + b)
        W, b, V = (np.asarray(a, dtype=np.float64) for a in answer.value)
        wanted = replace(trial.expected(case_), value=before, names="f(x)", scale=1.0)
        if (difference := compare(V @ np.tanh(W @ x + b), wanted)) is not None:
            return Finding(f"another function: {difference.message} (with {case_.note})",
                           difference)
    return None


# One shuffled pass: judged by its properties ------------------------------------------------------


def _batches(case_, answer):
    """Read an answer as a list of index arrays; return (batches, None) or (None, Finding)."""
    if answer.error is not None:
        return None, Finding(error_text(answer.error, case_))
    found = answer.value
    if not isinstance(found, (list, tuple)) and not (isinstance(found, np.ndarray) and found.ndim):
        return None, Finding(f"returned a {type(found).__name__}; expected a list of index arrays")
    batches = [_indices(part) for part in found]
    if any(b is None for b in batches):
        return None, Finding("a batch is not a one-dimensional array of whole numbers "
                             f"(with {case_.note})")
    return batches, None


def _indices(part):
    """One batch as an array of whole numbers, None if it is something else."""
    if isinstance(part, (list, tuple)) and not all(type(i) is int for i in part):
        return None
    part = np.asarray(part, dtype=int if isinstance(part, (list, tuple)) else None)
    return part if part.ndim == 1 and part.dtype.kind in "iu" else None


def _each(check):
    """Make a judge that applies check(batches, case) to every answer of a group."""

    def judge(trial, group):
        for case_, answer in zip(trial.cases[group], trial.answers(group), strict=True):
            batches, finding = _batches(case_, answer)
            text = "" if finding else check(batches, case_)
            if finding or text:
                return finding or Finding(f"{text} (with {case_.note})")
        return None

    return judge


def _every_index_once(batches, case_):
    n = case_.args[0]
    count = Counter(int(i) for b in batches for i in b)
    if odd := sorted(i for i in count if not 0 <= i < n):
        return f"there is no example {odd[0]}: the indices go from 0 to n - 1"
    if twice := sorted(i for i in count if count[i] > 1):
        return f"example {twice[0]} occurs {count[twice[0]]} times"
    if missing := sorted(set(range(n)) - set(count)):
        return f"example {missing[0]} never occurs" + (
            f", nor do {len(missing) - 1} others" if len(missing) > 1 else "")
    return ""


def _batch_sizes(batches, case_):
    n, B = case_.args[:2]
    sizes = [len(b) for b in batches]
    if sizes == [min(B, n - start) for start in range(0, n, B)]:
        return ""
    return f"the batches have {', '.join(map(str, sizes[:8])) or 'no'} entries"


index_arrays = _each(lambda batches, case_: "" if batches else "there is no batch at all")
every_index_once = _each(_every_index_once)
batch_sizes = _each(_batch_sizes)


def _batch_numbers(trial, group):
    """Give the batch that each example is in, shape (passes, n); or a Finding."""
    number = np.zeros((len(trial.cases[group]), PASS_N), dtype=int)
    for row, case_, answer in zip(number, trial.cases[group], trial.answers(group), strict=True):
        batches, finding = _batches(case_, answer)
        if finding:
            return finding
        if _every_index_once(batches, case_) or _batch_sizes(batches, case_):
            return Finding("counts once every example occurs exactly once, in batches of B")
        for k, batch in enumerate(batches):
            row[batch] = k
    return number


def shuffled(trial, group):
    """Over 40 passes, examples change their place and their company.

    Only the batch counts in which an example is, so any way of shuffling passes, and sorting within
    a batch does no harm. With n = 211 and B = 17 the first 6 of 13 batches hold 102 examples. How
    often is a uniform shuffle rejected? An example is always in the first six batches, or never,
    with probability (102/211)^40 + (109/211)^40 < 4e-12; there are 211, so less than 1e-9. Two
    given examples share their batch with probability below 16/210, in all 40 passes with
    (16/210)^40; there are 22155 pairs, so less than 1e-40. Together below 1e-9 for each draw.
    """
    number = _batch_numbers(trial, group)
    if isinstance(number, Finding):
        return number
    if (number == number[0]).all() and (np.diff(number[0]) >= 0).all():
        return Finding("the examples come in the order of their numbers")
    early = (number < 6).mean(axis=0)
    if (stuck := np.flatnonzero((early == 0) | (early == 1))).size:
        return Finding(f"in {PASSES} passes, each from another generator, example {stuck[0]} is "
                       "always in the same half of the pass")
    together = np.ones((PASS_N, PASS_N), dtype=bool)
    for row in number:
        together &= row[:, None] == row
    if (pairs := np.argwhere(np.triu(together, 1))).size:
        return Finding(f"in {PASSES} passes, examples {pairs[0][0]} and {pairs[0][1]} are always "
                       "in the same batch")
    return None


# Two passes over 17 examples in batches of 5, 5, 5, 2 put every example into the same batch with
# probability (5! 5! 5! 2!) / 17! < 1e-8. Each of the next two judges compares one such pair.


def from_the_generator_alone(trial, group):
    """Generators with the same seed give the same pass, another seed another pass."""
    passes = [_batches(c, a) for c, a in zip(trial.cases[group], trial.answers(group),
                                             strict=True)]
    if finding := next((f for _, f in passes if f), None):
        return finding
    first, other, again = (batches for batches, _ in passes)
    if not _same_pass(first, again):
        return Finding("two generators with the same seed give two different passes: where does "
                       "the other randomness come from?", label="other randomness")
    if _same_pass(first, other):
        return Finding("generators with different seeds give the same pass",
                       label="generator ignored")
    return None


def a_new_order_every_pass(trial, group):
    """The generator that is used again gives another pass."""
    passes = [_batches(c, a) for c, a in zip(trial.cases[group], trial.answers(group),
                                             strict=True)]
    if finding := next((f for _, f in passes if f), None):
        return finding
    if _same_pass(*(batches for batches, _ in passes)):
        return Finding("the second pass from one generator repeats the first",
                       label="generator stands still")
    return None


def _same_pass(a, b):
    return len(a) == len(b) and all(np.array_equal(np.sort(x), np.sort(y))
                                    for x, y in zip(a, b, strict=True))


def _exercise(id, title, signature, returns, minutes, lines, draw, oracle, requirements, hints):
    return Exercise(id=id, chapter="07", title=title, signature=signature, returns=returns,
                    minutes=minutes, lines=lines, section=title, draw=draw, oracle=oracle,
                    requirements=requirements, hints=hints, bank=known_mistakes("07", id))


EXERCISES = (
    _exercise(
        "sgd_update", "One step, with a regulariser",
        "sgd_update(theta, grad_l, grad_omega, alpha, lam)", "theta'", 5, 1,
        _sgd_cases, _sgd_update,
        (
            shape(0.5),
            value(1.5),
            value(0.5, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.25),
        ),
        (
            "You want to make l + lam Omega smaller. What is its gradient, and in which direction "
            "do you step?",
            "The gradient of the sum is grad_l + lam grad_omega. A step goes against it, with "
            "length alpha. Both terms have the same sign.",
            "return theta - alpha * (... + lam * ...)",
        ),
    ),
    _exercise(
        "minibatches", "One shuffled pass", "minibatches(n, B, rng)", "batches", 10, 3,
        _pass_cases, optim.minibatches,
        (
            Requirement("a list of index arrays", 0.25, index_arrays, "sizes"),
            value(0.25, "a single example"),
            Requirement("every example exactly once", 1.0, every_index_once, "sizes"),
            Requirement("batches of B, the last one may be short", 0.5, batch_sizes, "sizes"),
            Requirement("shuffled", 1.0, shuffled, "shuffled"),
            Requirement("from the generator alone", 0.5, from_the_generator_alone, "seeds"),
            Requirement("another order in the next pass", 0.5, a_new_order_every_pass, "epochs"),
        ),
        (
            "Think of n numbered cards. You shuffle once, then deal them out in heaps of B. What "
            "is left for the last heap?",
            "rng.permutation(n) gives the numbers 0 to n - 1 in random order. Cut it at 0, B, "
            "2 B, ...; a slice that reaches past the end is short by itself.",
            "order = rng.permutation(...)\n"
            "return [order[start:start + ...] for start in range(0, n, ...)]",
        ),
    ),
    _exercise(
        "minibatch_grad", "An average over the drawn", "minibatch_grad(per_example_grads, idx, B)",
        "gradient", 6, 1, _minibatch_cases, _minibatch_grad,
        (
            shape(0.25),
            value(1.0),
            value(0.5, "a short batch (fewer than B indices)", "short"),
            value(0.5, "repeated indices", "repeated"),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.25),
        ),
        (
            "Which rows were drawn, how many are they, and along which axis do you average? What "
            "should count twice if it was drawn twice?",
            "per_example_grads[idx] has one row per drawn example, repeated ones included. Its "
            "mean over the rows has shape (P,). A short batch has fewer than B rows.",
            "drawn = per_example_grads[...]\nreturn drawn.sum(axis=...) / len(...)",
        ),
    ),
    _exercise(
        "momentum_accum", "A sum that forgets", "momentum_accum(theta, v, grad, alpha, beta)",
        ("theta'", "v'"), 6, 2, _accum_cases, optim.momentum_accum,
        (
            shape(0.25),
            Requirement("v'", 1.0, v_is_right),
            Requirement("theta' from your v'", 0.75, theta_follows_v),
            value(0.25, "beta = 0: plain descent", "plain"),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.25),
        ),
        (
            "Two lines, in the order of the formulas. Is the new gradient weighted here? Which v "
            "does the second line use?",
            "v' = grad + beta v: only the old sum is shrunk. Then theta' = theta - alpha v', with "
            "the new v'. Return theta' first.",
            "v_new = ... + beta * ...\nreturn theta - alpha * ..., v_new",
        ),
    ),
    _exercise(
        "accum_to_ema", "Two forms, one path", "accum_to_ema(alpha, beta)", ("gamma", "a"), 6, 1,
        _translate_cases, _accum_to_ema,
        (
            shape(0.5, "two numbers"),
            Requirement("gamma", 0.75, lambda trial, group: _part_agrees(
                trial, group, 0, "gamma", lambda case_, answer, right: right[0])),
            Requirement("a", 0.75, lambda trial, group: _part_agrees(
                trial, group, 1, "a", lambda case_, answer, right: right[1])),
            value(0.5, "a long memory (beta near 1)", "long"),
            value(0.5, "beta = 0: plain descent", "plain"),
        ),
        (
            "Feed both forms the same constant gradient g for ever. What does v tend to, what does "
            "phi tend to, and how long must the steps be to agree?",
            "Both keep a share of the past: 1 - a = beta. The sum is larger than the average by "
            "1 / (1 - beta), so the average needs the larger step: gamma a = alpha.",
            "return alpha / (...), 1 - ...",
        ),
    ),
    _exercise(
        "learning_rate", "Fixed first, then smaller", "learning_rate(t, alpha, delta, kind, t0)",
        "rate", 8, 5, _rate_cases, optim.learning_rate,
        (
            shape(0.5, "a number"),
            value(1.0),
            value(0.5, "alpha up to and including t0", "kept"),
            value(0.25, "the first update after t0", "first"),
            value(0.25, "t0 = 0 and t0 = 1", "from the start"),
            value(0.25, "a thousand million updates later", "far"),
            value(0.25, "whole numbers", "whole"),
        ),
        (
            "Three cases: not later than t0, later with \"inv\", later with \"pow\". From where "
            "does the schedule count its updates?",
            "Up to and including t0 the rate is alpha. Later, with s = t - t0, it is "
            "alpha / (1 + delta s) or alpha / s^delta. At s = 0 the second would divide by 0.",
            "if t <= t0:\n    return ...\ns = t - t0\n"
            "return alpha / (1 + ...) if kind == \"inv\" else alpha / s**...",
        ),
    ),
    _exercise(
        "robbins_monro_ok", "How fast may the rate fall?", "robbins_monro_ok(delta)", "the answer",
        5, 1, _delta_cases, _robbins_monro_ok,
        (
            shape(0.25, "True or False"),
            value(0.75),
            value(0.25, "delta = 1/2", "half", needs_value=True),
            value(0.25, "delta = 1", "one", needs_value=True),
            value(0.25, "a hair beside 1/2 and 1", "near"),
            value(0.25, "whole numbers", "whole"),
        ),
        (
            "For which exponents does the sum of 1/t^s diverge, for which does it converge? Apply "
            "that to delta and to 2 delta.",
            "The sum of 1/t^s is infinite for s <= 1 and finite for s > 1. You need delta <= 1 "
            "and 2 delta > 1.",
            "return bool(... < delta <= ...)",
        ),
    ),
    _exercise(
        "taylor2", "A parabola that touches the loss", "taylor2(f0, g, H, d)", "model", 5, 1,
        _taylor_cases, _taylor2,
        (
            shape(0.5, "a number"),
            value(1.25),
            value(0.25, "one parameter", "single"),
            value(0.25, "d = 0: the value itself", "here"),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.25),
        ),
        (
            "Three terms: value, slope along d, curvature along d. What stands in front of the "
            "last one, and why?",
            "f0 + g^T d + d^T H d / 2. In NumPy d @ H @ d is a number; d * H * d is not.",
            "return f0 + g @ ... + 0.5 * (d @ ... @ d)",
        ),
    ),
    _exercise(
        "newton_step", "Jump to the bottom of the parabola", "newton_step(theta, grad, hess)",
        "theta'", 6, 1, _newton_cases, _newton_step,
        (
            shape(0.5),
            value(1.0),
            value(0.5, "a saddle, and the top of a hill", "saddle"),
            value(0.25, "small curvature", "small"),
            value(0.25, DTYPES, "dtypes"),
            unchanged(0.25),
            stable(0.25),
        ),
        (
            "Which equation says that the gradient of the quadratic model is 0? Which vector do "
            "you solve it for?",
            "0 = g + H (theta' - theta). Solve H step = g and take theta - step. np.linalg.solve "
            "does it without an inverse. H may have negative eigenvalues.",
            "return theta - np.linalg.solve(..., ...)",
        ),
    ),
    _exercise(
        "permute_hidden", "The same function under another name", "permute_hidden(W, b, V, perm)",
        ("W'", "b'", "V'"), 6, 1, _permute_cases, _permute_hidden,
        (
            shape(0.5),
            Requirement("the same function", 1.0, function_is_the_same),
            value(0.5, "new unit i is old unit perm[i]"),
            value(0.25, DTYPES, "dtypes"),
            own_memory(0.25, group="identity"),
            unchanged(0.25),
            stable(0.25),
        ),
        (
            "A hidden unit owns a row of W, an entry of b, and something in V. What, a row or a "
            "column?",
            "New unit i takes row perm[i] of W, entry perm[i] of b and column perm[i] of V. All "
            "three move together.",
            "return W[perm], b[...], V[..., ...]",
        ),
    ),
)
