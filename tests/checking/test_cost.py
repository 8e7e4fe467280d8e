"""The cost criterion: honest gradients pass in every style, patient loops are recognised."""

import gc
import sys

import numpy as np
import pytest

from mlp_helpers import evaluate, exercises
from mlp_helpers.answers.registry import find
from mlp_helpers.checking.callers import LocalCaller
from mlp_helpers.checking.cost import Counted, count
from mlp_helpers.checking.cost_criterion import LINES
from mlp_helpers.checking.evaluate import drawn

MOST = 600_000  # lines of Python
SHARED = """
import numpy as np

def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1 + e)

PHI = {"tanh": np.tanh, "sigmoid": sigmoid, "softplus": lambda z: np.logaddexp(0, z),
       "linear": lambda z: z, "relu": lambda z: np.maximum(z, 0)}
PRIME = {"tanh": lambda z: 1 - np.tanh(z) ** 2, "sigmoid": lambda z: sigmoid(z) * (1 - sigmoid(z)),
         "softplus": sigmoid, "linear": np.ones_like, "relu": lambda z: (z > 0) * 1.0}

def softmax(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)

def run(params, acts, X):
    zs, hs = [], [np.asarray(X, dtype=float)]
    for k, (W, b) in enumerate(params):
        zs.append(hs[-1] @ np.asarray(W, dtype=float).T + np.asarray(b, dtype=float))
        hs.append(PHI[acts[k]](zs[-1]) if k < len(acts) else softmax(zs[-1]))
    return zs, hs

def top(P, y):
    D = P.copy()
    D[np.arange(len(y)), y] -= 1
    return D / len(y)

def CPHI(name, z):
    big = np.where(z.real > 0, z, 0)
    return {"tanh": lambda: np.tanh(z), "sigmoid": lambda: 1 / (1 + np.exp(-z)),
            "softplus": lambda: big + np.log1p(np.exp(np.where(z.real > 0, -z, z))),
            "linear": lambda: z, "relu": lambda: big}[name]()

def loss(params, acts, X, y):
    H = np.asarray(X)
    for k, (W, b) in enumerate(params):
        Z = H @ W.T + b
        H = CPHI(acts[k], Z) if k < len(acts) else Z
    m = Z.real.max(axis=1)
    return np.mean(m + np.log(np.exp(Z - m[:, None]).sum(axis=1)) - Z[np.arange(len(y)), y])
"""

HONEST = {
    "batch": """
def mlp_backprop(params, acts, X, y):
    zs, hs = run(params, acts, X)
    delta, grads = top(hs[-1], y), []
    for k in range(len(params) - 1, -1, -1):
        grads.insert(0, (delta.T @ hs[k], delta.sum(0)))
        if k:
            delta = delta @ np.array(params[k][0], float) * PRIME[acts[k - 1]](zs[k - 1])
    return grads
""",
    "dot methods, forward pass twice": """
def mlp_backprop(params, acts, X, y):
    zs, _ = run(params, acts, X)
    _, hs = run(params, acts, X)
    delta, grads = top(hs[-1], y), []
    for k in range(len(params) - 1, -1, -1):
        grads.insert(0, (delta.T.dot(hs[k]), delta.T.dot(np.ones(len(X)))))
        if k:
            delta = delta.dot(np.asarray(params[k][0], float)) * PRIME[acts[k - 1]](zs[k - 1])
    return grads
""",
    "NumPy imported inside, names imported from it": """
from numpy import asarray, einsum
def mlp_backprop(params, acts, X, y):
    import numpy
    zs, hs = run(params, acts, X)
    delta, grads = top(hs[-1], y), []
    for k in range(len(params) - 1, -1, -1):
        grads.insert(0, (einsum("ni,nj->ij", delta, hs[k]), numpy.sum(delta, axis=0)))
        if k:
            delta = einsum("ni,ij->nj", delta, asarray(params[k][0], dtype=float))
            delta = numpy.asarray(delta * PRIME[acts[k - 1]](zs[k - 1]))
    return grads
""",
    "entries of dW one by one": """
def mlp_backprop(params, acts, X, y):
    zs, hs = run(params, acts, X)
    delta, grads = top(hs[-1], y), []
    for k in range(len(params) - 1, -1, -1):
        W = np.array(params[k][0], dtype=float)
        dW = np.zeros(W.shape)
        for i in range(len(W)):
            for j in range(W.shape[1]):
                dW[i, j] = np.sum(delta[:, i] * hs[k][:, j])
        grads.insert(0, (dW, np.add.reduce(delta)))
        if k:
            delta = np.matmul(delta, W) * PRIME[acts[k - 1]](zs[k - 1])
    return grads
""",
    "per example, slopes as diagonal matrices": """
def mlp_backprop(params, acts, X, y):
    params = [(np.array(W, float), np.array(b, float)) for W, b in params]
    total = [[np.zeros_like(W), np.zeros_like(b)] for W, b in params]
    for x, label in zip(np.array(X, float), y):
        zs, hs = run(params, acts, x[None])
        delta = top(hs[-1], np.array([label]))[0] / len(X)
        for k in reversed(range(len(params))):
            total[k][0] += np.outer(delta, hs[k][0])
            total[k][1] += delta
            if k:
                delta = np.diag(PRIME[acts[k - 1]](zs[k - 1][0])) @ (params[k][0].T @ delta)
    return total
""",
}

ONE_NUMBER_AT_A_TIME = """
import math

class Value:
    def __init__(self, data, inputs=(), back=None):
        self.data = float(data)
        self.grad = 0.0
        self.inputs = inputs
        self.back = back

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))
        def back():
            self.grad += out.grad
            other.grad += out.grad
        out.back = back
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other))
        def back():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out.back = back
        return out

    def apply(self, value, slope):
        out = Value(value, (self,))
        def back():
            self.grad += slope * out.grad
        out.back = back
        return out

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            v, done = stack.pop()
            if done:
                order.append(v)
                continue
            if id(v) in seen:
                continue
            seen.add(id(v))
            stack.append((v, True))
            for i in v.inputs:
                stack.append((i, False))
        self.grad = 1.0
        for v in reversed(order):
            if v.back:
                v.back()

def mlp_backprop(params, acts, X, y):
    P = [([[Value(w) for w in row] for row in W], [Value(c) for c in b]) for W, b in params]
    total = Value(0.0)
    for x, label in zip(X, y):
        h = [Value(t) for t in x]
        for k, (W, b) in enumerate(P):
            z = []
            for row, s in zip(W, b):
                for w, v in zip(row, h):
                    s = s + w * v
                z.append(s)
            if k < len(acts):
                h = [v.apply(PHI[acts[k]](v.data), float(PRIME[acts[k]](v.data))) for v in z]
        top = max(v.data for v in z)
        den = sum(math.exp(v.data - top) for v in z)
        for j, v in enumerate(z):
            p = math.exp(v.data - top) / den
            total = total + v.apply(-math.log(p) if j == label and p else 0.0,
                                    (p - (j == label)) / len(X))
    total.backward()
    return [(np.array([[w.grad for w in row] for row in W]), np.array([c.grad for c in b]))
            for W, b in P]
"""

SCALAR_RUN = """
import cmath, math
def scalar_loss(params, acts, X, y):
    total = 0
    for x, label in zip(X, y):
        h = x
        for k, (W, b) in enumerate(params):
            z = []
            for row, bias in zip(W, b):
                s = bias
                for w, v in zip(row, h):
                    s = s + w * v
                z.append(s)
            if k < len(acts):
                h = [complex(v) if isinstance(v, complex) else v
                     for v in (CPHI(acts[k], np.array(z)).tolist())]
        m = max(v.real for v in z)
        total = total + m + cmath.log(sum(cmath.exp(v - m) for v in z)) - z[label]
    return total / len(y)
def entries(params, quotient):
    P = [([list(map(float, r)) for r in W], list(map(float, b))) for W, b in params]
    def entry(row, j):
        base = row[j]
        def moved(t):
            row[j] = base + t
            return P
        out = quotient(moved)
        row[j] = base
        return out
    return [(np.array([[entry(r, j) for j in range(len(r))] for r in W]),
             np.array([entry(b, j) for j in range(len(b))])) for W, b in P]
"""

PATIENT = {
    "central differences, arrays": (
        "per parameter",
        """
def mlp_backprop(params, acts, X, y):
    params = [(np.array(W, float), np.array(b, float)) for W, b in params]
    def diff(A):
        G = np.zeros(A.shape)
        for i in np.ndindex(A.shape):
            old = A[i]
            A[i] = old + 1e-6
            up = loss(params, acts, X, y)
            A[i] = old - 1e-6
            G[i] = (up - loss(params, acts, X, y)) / 2e-6
            A[i] = old
        return G
    return [(diff(W), diff(b)) for W, b in params]
""",
    ),
    "Richardson differences of a flat vector": (
        "per parameter",
        """
def mlp_backprop(params, acts, X, y):
    theta = np.concatenate([np.ravel(p) for pair in params for p in pair]).astype(float)
    def unpack(t):
        out, i = [], 0
        for W, b in params:
            out.append((t[i:i + W.size].reshape(W.shape), t[i + W.size:i + W.size + b.size]))
            i += W.size + b.size
        return out
    def f(t):
        return loss(unpack(t), acts, X, y)
    def central(e, eps):
        return (f(theta + eps * e) - f(theta - eps * e)) / (2 * eps)
    return unpack(np.array([(4 * central(e, 1e-3) - central(e, 2e-3)) / 3
                            for e in np.eye(len(theta))]))
""",
    ),
    "differences in scalar loops": (
        "scalar loops",
        SCALAR_RUN
        + """
def mlp_backprop(params, acts, X, y):
    X, y = X.tolist(), y.tolist()
    return entries(params, lambda moved: ((scalar_loss(moved(1e-6), acts, X, y)
                                           - scalar_loss(moved(-1e-6), acts, X, y)) / 2e-6).real)
""",
    ),
    "one unit at a time, tangents in terse scalar loops": (
        "scalar loops",
        """
def mlp_backprop(params, acts, X, y):
    P = [(W.tolist(), b.tolist()) for W, b in params]
    out = [(np.zeros(W.shape), np.zeros(b.shape)) for W, b in params]
    for x, label in zip(X.tolist(), y.tolist()):
        hs, slopes = [x], []
        for k, (W, b) in enumerate(P):
            z = [c + sum(w * v for w, v in zip(row, hs[-1])) for row, c in zip(W, b)]
            if k < len(acts):
                slopes.append(PRIME[acts[k]](np.array(z)).tolist())
                hs.append(PHI[acts[k]](np.array(z)).tolist())
        p = softmax(np.array([z]))[0].tolist()
        p[label] -= 1
        for k, (W, b) in enumerate(P):
            for i in range(len(b)):
                t = [0.0] * len(b)
                t[i] = 1.0
                for m in range(k + 1, len(P)):
                    t = [s * v for s, v in zip(slopes[m - 1], t)]
                    t = [sum(w * v for w, v in zip(row, t)) for row in P[m][0]]
                d = sum(a * v for a, v in zip(p, t)) / len(X)
                out[k][1][i] += d
                for j, v in enumerate(hs[k]):
                    out[k][0][i, j] += d * v
    return out
""",
    ),
    "complex step, arrays": (
        "complex step",
        """
def mlp_backprop(params, acts, X, y):
    params = [(W.astype(complex), b.astype(complex)) for W, b in params]
    def diff(A):
        G = np.zeros(A.shape)
        for i in np.ndindex(A.shape):
            A[i] += 1e-20j
            G[i] = loss(params, acts, X, y).imag / 1e-20
            A[i] -= 1e-20j
        return G
    return [(diff(W), diff(b)) for W, b in params]
""",
    ),
    "complex step in scalar loops": (
        "scalar loops",
        SCALAR_RUN
        + """
def mlp_backprop(params, acts, X, y):
    X, y = X.tolist(), y.tolist()
    return entries(params,
                   lambda moved: scalar_loss(moved(1e-20j), acts, X, y).imag / 1e-20)
""",
    ),
    "forward mode, tangents": (
        "per parameter",
        """
def mlp_backprop(params, acts, X, y):
    params = [(np.array(W, float), np.array(b, float)) for W, b in params]
    zs, hs = run(params, acts, X)
    D = top(hs[-1], y)
    def push(k, T):
        for m in range(k + 1, len(params)):
            T = (T * PRIME[acts[m - 1]](zs[m - 1])) @ params[m][0].T
        return (D * T).sum()
    out = []
    for k, (W, b) in enumerate(params):
        dW, db = np.zeros(W.shape), np.zeros(b.shape)
        for i in range(len(b)):
            T = np.zeros(zs[k].shape)
            T[:, i] = 1
            db[i] = push(k, T)
            for j in range(W.shape[1]):
                T[:, i] = hs[k][:, j]
                dW[i, j] = push(k, T)
        out.append((dW, db))
    return out
""",
    ),
    "forward mode, dual numbers": (
        "per parameter",
        """
class Dual:
    def __init__(self, v, d):
        self.v, self.d = v, d
def mlp_backprop(params, acts, X, y):
    params = [(np.array(W, float), np.array(b, float)) for W, b in params]
    X = np.array(X, float)
    def slope(k, which, i):
        h = Dual(X, np.zeros(X.shape))
        for m, (W, b) in enumerate(params):
            z = Dual(h.v @ W.T + b, h.d @ W.T)
            if m == k:
                seed = np.zeros((W, b)[which].shape)
                seed[i] = 1
                z.d = z.d + (h.v @ seed.T if which == 0 else seed)
            if m < len(acts):
                h = Dual(PHI[acts[m]](z.v), z.d * PRIME[acts[m]](z.v))
        return np.sum(top(softmax(z.v), y) * z.d)
    return [tuple(np.array([slope(k, w, i) for i in np.ndindex(A.shape)]).reshape(A.shape)
                  for w, A in enumerate(pair)) for k, pair in enumerate(params)]
""",
    ),
    "one unit at a time, central differences of the rest": (
        "per unit",
        """
def mlp_backprop(params, acts, X, y):
    params = [(np.array(W, float), np.array(b, float)) for W, b in params]
    zs, hs = run(params, acts, X)
    rows = np.arange(len(y))
    def rest(k, Z):
        for m in range(k + 1, len(params)):
            Z = PHI[acts[m - 1]](Z) @ params[m][0].T + params[m][1]
        M = Z.max(axis=1)
        return (M + np.log(np.exp(Z - M[:, None]).sum(axis=1)) - Z[rows, y]) / len(y)
    out = []
    for k in range(len(params)):
        delta = np.zeros(zs[k].shape)
        for i in range(delta.shape[1]):
            e = np.zeros(delta.shape[1]); e[i] = 1e-4
            delta[:, i] = (rest(k, zs[k] + e) - rest(k, zs[k] - e)) / 2e-4
        out.append((delta.T @ hs[k], delta.sum(axis=0)))
    return out
""",
    ),
    "one unit at a time, tangents": (
        "per unit",
        """
def mlp_backprop(params, acts, X, y):
    params = [(np.array(W, float), np.array(b, float)) for W, b in params]
    zs, hs = run(params, acts, X)
    def response(k, i):
        T = np.zeros_like(zs[k])
        T[:, i] = 1.0
        for m in range(k + 1, len(params)):
            T = np.einsum("nj,nj,ij->ni", T, PRIME[acts[m - 1]](zs[m - 1]), params[m][0])
        return np.sum(top(hs[-1], y) * T, axis=1)
    deltas = [np.array([response(k, i) for i in range(z.shape[1])]) for k, z in enumerate(zs)]
    return [(d @ h, d.sum(axis=1)) for d, h in zip(deltas, hs)]
""",
    ),
    "one unit at a time, complex step": (
        "complex step",
        """
def mlp_backprop(params, acts, X, y):
    zs, hs = run(params, acts, X)
    def rest(k, Z):
        for m in range(k + 1, len(params)):
            Z = CPHI(acts[m - 1], Z) @ np.asarray(params[m][0], float).T + params[m][1]
        m = Z.real.max(axis=1)
        return m + np.log(np.exp(Z - m[:, None]).sum(axis=1)) - Z[np.arange(len(y)), y]
    out = []
    for k, z in enumerate(zs):
        e = 1e-20j * np.eye(z.shape[1])
        delta = np.stack([rest(k, z + v).imag / 1e-20 for v in e], axis=1) / len(y)
        out.append((delta.T @ hs[k], delta.sum(axis=0)))
    return out
""",
    ),
    "full Jacobians of every layer": (
        "per unit",
        """
def mlp_backprop(params, acts, X, y):
    params = [(np.array(W, float), np.array(b, float)) for W, b in params]
    zs, hs = run(params, acts, X)
    out = []
    for k in range(len(params)):
        J = np.array([np.eye(zs[k].shape[1])] * len(X))
        for m in range(k + 1, len(params)):
            J = params[m][0] @ (PRIME[acts[m - 1]](zs[m - 1])[:, :, None] * J)
        delta = (top(hs[-1], y)[:, None, :] @ J)[:, 0, :]
        out.append((delta.T @ hs[k], delta.sum(axis=0)))
    return out
""",
    ),
    "forward and recursion again for every layer": (
        "per layer",
        """
def mlp_backprop(params, acts, X, y):
    out = []
    for k in range(len(params)):
        zs, hs = run(params, acts, X)
        delta = top(hs[-1], y)
        for m in range(len(params) - 1, k, -1):
            delta = delta @ np.asarray(params[m][0], float) * PRIME[acts[m - 1]](zs[m - 1])
        out.append((delta.T @ hs[k], delta.sum(axis=0)))
    return out
""",
    ),
}

EXERCISE = find("mlp_backprop")
COST = next(r for r in EXERCISE.criteria if r.group == "cost")


def solution(body):
    namespace = {}
    exec(SHARED + body, namespace)
    return namespace["mlp_backprop"]


def verdict(fn):
    """The cost criterion of a full report."""
    report = evaluate(fn, "mlp_backprop", seed=3)
    return report, next(c for c in report.criteria if c.name == COST.name)


@pytest.mark.parametrize("style", HONEST)
def test_honest_backprop_passes_in_every_style(style):
    report, criterion = verdict(solution(HONEST[style]))
    assert report.passed, str(report)
    passes = float(criterion.message.split("work of ")[1].split()[0])
    assert 2.5 < passes < 6


@pytest.mark.parametrize("style", PATIENT)
def test_every_other_way_is_recognised(style):
    label, body = PATIENT[style]
    report, criterion = verdict(solution(body))
    assert not criterion.passed, str(report)
    said = {
        "per parameter": "parameters",
        "complex step": "complex step",
        "per unit": "a pass for every unit",
        "per layer": "for every layer",
        "scalar loops": "loops over single numbers",
    }[label]
    assert said in criterion.message
    earned = sum(c.points for c in report.criteria)
    assert earned > 0 or "differences" in style  # right values keep their points


def test_scalar_loops_are_told_to_vectorise_and_not_accused():
    variants = exercises()["mlp_backprop"].bank.variants
    fn = next(fn for style, fn in variants if "scalar" in style)
    report, criterion = verdict(fn)
    assert report.passed and "whole-array products" in criterion.message


def test_a_graph_of_single_numbers_with_one_pass_back_is_backprop():
    for seed in (0, 1, 3):
        report = evaluate(solution(ONE_NUMBER_AT_A_TIME), "mlp_backprop", seed)
        assert report.passed, str(report)
    case = EXERCISE.draw(np.random.default_rng(0))["cost"][0]
    work = LocalCaller(solution(ONE_NUMBER_AT_A_TIME)).work(case.args, MOST)
    assert not work.stopped
    assert 70 < work.lines / case.macs < 0.8 * LINES


def test_counting_stops_at_the_limit_it_is_given():
    def loop():
        while True:
            pass

    work = LocalCaller(loop).work((), 1000)
    assert work.stopped and work.lines == 1001


def test_mistakes_state_what_a_costly_criterion_finds():
    wrong = []
    for exercise in exercises().values():
        for mistake in exercise.mistakes:
            for r in filter(lambda r: r.costly, exercise.criteria):
                found = drawn(exercise, 0).beside(LocalCaller(mistake.fn)).judged(r)
                label = "" if found is None or found.passed else found.label
                if label != "value first" and label != mistake.cost:
                    wrong.append((exercise.id, mistake.id, label, mistake.cost))
    assert not wrong


def test_work_out_of_sight_is_taken_on_trust():
    from mlp_helpers.reference import network

    def mlp_backprop(params, acts, X, y):
        params = [(W.astype(float), b.astype(float)) for W, b in params]
        return type(params)(network.backward(params, acts, X.astype(float), y))

    def hidden(params, acts, X, y):  # strips the counting arrays in a way no proxy sees
        params = [tuple(np.ndarray.view(a, np.ndarray) for a in pair) for pair in params]
        return mlp_backprop(params, acts, np.ndarray.view(X, np.ndarray), y)

    for fn in (mlp_backprop, hidden):
        report, criterion = verdict(fn)
        assert report.passed, str(report)
    assert "your word is taken" in criterion.message


def test_a_wrong_gradient_does_not_earn_the_points_of_a_cheap_one():
    report, criterion = verdict(lambda params, acts, X, y: [(0 * W, 0 * b) for W, b in params])
    assert not criterion.passed and criterion.points == 0


def test_counting_is_deterministic_leaves_no_trace_and_is_cheap():
    fn = solution(HONEST["NumPy imported inside, names imported from it"])
    case = EXERCISE.draw(np.random.default_rng(0))["cost"][0]
    before = dict(fn.__globals__)
    caller = LocalCaller(fn)
    first, second = caller.work(case.args, MOST), caller.work(case.args, MOST)
    assert first == second
    assert fn.__globals__ == before and sys.modules["numpy"] is np and sys.gettrace() is None
    want, got = caller(case.args).value, caller(case.args).value
    assert all(type(a) is np.ndarray for pair in got for a in pair)
    assert all(
        np.array_equal(a, b)
        for p, q in zip(want, got, strict=True)
        for a, b in zip(p, q, strict=True)
    )


def test_what_a_garbage_collection_calls_is_not_counted():
    class Noisy:
        def __del__(self):
            self.a = 1
            self.b = 2

    def littering(params, acts, X, y):
        for _ in range(2000):  # of which the collector would clear some, at a moment of its own
            noisy = Noisy()
            noisy.itself = noisy
        return []

    case = EXERCISE.draw(np.random.default_rng(0))["cost"][0]
    counts = {LocalCaller(littering).work(case.args, MOST).lines for _ in range(3)}
    assert counts == {6002} and gc.isenabled()


def test_counting_changes_no_value():
    kept = []

    def spy(params, acts, X, y):
        kept.append(fn(params, acts, X, y))

    for body in HONEST.values():
        fn = solution(body)
        case = EXERCISE.draw(np.random.default_rng(1))["cost"][0]
        fn.__globals__["spy_on"] = kept
        exec("def spied(*args):\n    spy_on.append(mlp_backprop(*args))", fn.__globals__)
        LocalCaller(fn.__globals__["spied"]).work(case.args, MOST)
        plain = LocalCaller(fn)(case.args).value
        for pair, other in zip(kept.pop(), plain, strict=True):
            for a, b in zip(pair, other, strict=True):
                assert np.array_equal(np.asarray(a), b)


A, B, V = np.ones((3, 5)), np.ones((5, 7)), np.ones(5)


@pytest.mark.parametrize(
    "what, operations",
    [
        (lambda a, b, v: a @ b, 2 * 3 * 5 * 7),
        (lambda a, b, v: np.dot(a, b), 2 * 3 * 5 * 7),
        (lambda a, b, v: a.dot(b), 2 * 3 * 5 * 7),
        (lambda a, b, v: np.einsum("ij,jk->ik", a, b), 2 * 3 * 5 * 7),
        (lambda a, b, v: np.tensordot(a, b, axes=1), 2 * 3 * 5 * 7),
        (lambda a, b, v: np.inner(a, b.T), 2 * 3 * 5 * 7),
        (lambda a, b, v: np.stack([a, a]) @ b, 2 * 2 * 3 * 5 * 7),
        (lambda a, b, v: a @ v, 2 * 3 * 5),
        (lambda a, b, v: v @ v, 2 * 5),
        (lambda a, b, v: np.outer(v, v), 2 * 25),
        (lambda a, b, v: np.tanh(a), 15),
        (lambda a, b, v: a.sum(axis=0), 15),
        (lambda a, b, v: np.add(a, a, out=a), 15),
        (lambda a, b, v: np.add.at(v, [0, 0, 1], 1.0), 3),
        (lambda a, b, v: a.reshape(5, 3)[1:], 0),
    ],
)
def test_what_an_operation_counts(what, operations):
    work = count(what, (A.copy(), B.copy(), V.copy()), MOST)
    assert work.operations == pytest.approx(operations, rel=0.01)


def test_counted_arrays_survive_what_strips_subclasses():
    def f(a):
        kept.append(np.array(np.asarray(a, dtype=float)) + np.zeros(3))

    kept = []
    count(f, (np.ones(3),), MOST)
    assert type(kept[0]) is Counted


@pytest.mark.parametrize(
    "bad, name",
    [
        (lambda x: 1 / 0, "ZeroDivisionError"),
        (lambda x: sys.exit(), "SystemExit"),
        (lambda: None, "TypeError"),
        (3, "TypeError"),
    ],
)
def test_a_failing_call_is_counted_too(bad, name):
    work = count(bad, (A,), MOST)
    assert work.raised == name and not work.stopped
    assert sys.gettrace() is None


def test_endless_array_work_is_stopped():
    def forever(x):
        while True:
            x = np.tanh(x)

    work = count(forever, (V,), MOST)
    assert work.stopped and work.operations > 1000
