"""Gradient of a network: the reference beside the bare matrix products and other libraries.

Every route computes the gradient of the mean negative log-likelihood of a tanh network with
respect to all weights and biases, on the same numbers; all gradients are compared first. The BLAS
bound is the time of the same matrix products into memory that is there already, and nothing else:
no bias, activation, softmax or allocation.
"""

from __future__ import annotations

import argparse
import json
import platform
from importlib.metadata import version

import measure
import numpy as np
from tables import RESULTS, markdown, save, write_csv

from mlp_helpers.reference.network import backward

NETS = {
    "4-5-3, batch 7": ((4, 5, 3), 7, 41),
    "784-128-64-10, batch 128": ((784, 128, 64, 10), 128, 41),
    "1024 x 4, batch 512": ((1024,) * 5, 512, 9),
}
DTYPES = ("float32", "float64")


def drawn(dims, N, dtype):
    """Parameters, inputs and labels."""
    rng = np.random.default_rng(0)
    params = [
        (
            (rng.standard_normal((m, n)) / np.sqrt(n)).astype(dtype),
            (rng.standard_normal(m) / 2).astype(dtype),
        )
        for n, m in zip(dims[:-1], dims[1:], strict=True)
    ]
    X = rng.standard_normal((N, dims[0])).astype(dtype)
    return params, X, rng.integers(0, dims[-1], N)


# Routes: (params, X, y) -> a function of no arguments that gives the gradient ------------------


def blas_bound(params, X, y):
    """The matrix products of forward and backward pass, all into prepared memory."""
    hs = [X] + [np.ones((len(X), len(b)), X.dtype) for _, b in params]
    out = [np.empty_like(h) for h in hs]
    grads = [np.empty_like(W) for W, _ in params]

    def products():
        for k, (W, _) in enumerate(params):
            np.matmul(hs[k], W.T, out=out[k + 1])
        for k, (W, _) in reversed(list(enumerate(params))):
            np.matmul(hs[k + 1].T, hs[k], out=grads[k])
            if k:
                np.matmul(hs[k + 1], W, out=out[k])

    return products


def reference(params, X, y):
    acts = ["tanh"] * (len(params) - 1)
    return lambda: backward(params, acts, X, y)


def pytorch(params, X, y):
    import torch
    from torch.nn.functional import cross_entropy, linear

    layers = [[torch.from_numpy(t.copy()).requires_grad_() for t in pair] for pair in params]
    X, y = torch.from_numpy(X), torch.from_numpy(y)

    def gradient():
        h = X
        for W, b in layers[:-1]:
            h = torch.tanh(linear(h, W, b))
        loss = cross_entropy(linear(h, *layers[-1]), y)
        return torch.autograd.grad(loss, [t for pair in layers for t in pair])

    return gradient


def jax_jit(params, X, y):
    import jax

    jax.config.update("jax_enable_x64", True)
    params, X, y = jax.device_put((params, X, y))

    @jax.jit
    def gradient(params, X, y):
        def loss(params):
            h = X
            for W, b in params[:-1]:
                h = jax.numpy.tanh(h @ W.T + b)
            F = h @ params[-1][0].T + params[-1][1]
            return -jax.nn.log_softmax(F)[jax.numpy.arange(len(y)), y].mean()

        return jax.grad(loss)(params)

    return lambda: jax.block_until_ready(gradient(params, X, y))


def scikit_learn(params, X, y):
    """MLPClassifier's own _backprop, without penalty; its weights are stored transposed."""
    from sklearn.neural_network import MLPClassifier

    net = MLPClassifier([len(b) for _, b in params[:-1]], activation="tanh", alpha=0.0)
    net.coefs_ = [np.ascontiguousarray(W.T) for W, _ in params]
    net.intercepts_ = [b for _, b in params]
    net.n_layers_, net.out_activation_, net.loss = len(params) + 1, "softmax", "log_loss"
    target = np.eye(len(params[-1][1]), dtype=X.dtype)[y]

    def gradient():
        layers = [X] + [None] * len(params)
        deltas, coefs, intercepts = ([None] * len(params) for _ in range(3))
        _, dWs, dbs = net._backprop(X, target, None, layers, deltas, coefs, intercepts)
        return [(dW.T, db) for dW, db in zip(dWs, dbs, strict=True)]

    return gradient


ROUTES = {
    "BLAS bound": blas_bound,
    "reference": reference,
    "PyTorch eager": pytorch,
    "JAX jit": jax_jit,
    "scikit-learn": scikit_learn,
}
PACKAGES = {"PyTorch eager": "torch", "JAX jit": "jax", "scikit-learn": "scikit-learn"}


def flat(gradient):
    """All tensors of a gradient, pairs or not, in one vector."""
    return np.concatenate(
        [np.ravel(t) for pair in gradient for t in (pair if isinstance(pair, tuple) else (pair,))]
    )


def tasks_for(dims, N, dtype):
    """Set up every installed route; stop if one has another gradient."""
    data, tasks = drawn(dims, N, dtype), {}
    want = flat(reference(*data)())
    for name, route in ROUTES.items():
        try:
            tasks[name] = route(*data)
        except ImportError:
            continue
        off = 0.0 if name == "BLAS bound" else np.abs(flat(tasks[name]()) - want).max()
        if off > (1e-4 if dtype == "float32" else 1e-11) * np.abs(want).max():
            raise SystemExit(f"{name} has another gradient on {dims}: off by {off:.1e}")
    return tasks


def child(threads):
    """Measure everything with so many threads; print JSON."""
    measure.pin(threads)
    found = []
    for net, (dims, N, rounds) in NETS.items():
        for dtype in DTYPES:
            times = measure.interleaved(tasks_for(dims, N, dtype), threads, rounds)
            found.append([threads, net, dtype, times])
    print(json.dumps({"blas": measure.blas(), "times": found}))


# Tables and figure --------------------------------------------------------------------------


def ratio(times, name):
    """Median and quartiles of (time of a route) / (time of the reference) within each round."""
    if name not in times:
        return None
    return np.percentile(np.divide(times[name], times["reference"]), [25, 50, 75])


def cell(q):
    return "not installed" if q is None else f"{q[1]:.2f} ({q[0]:.2f}-{q[2]:.2f})"


def figure(found):
    """Dots: how long each route takes, the reference being 1."""
    from matplotlib.figure import Figure

    from mlp_helpers.plots import COLOURS, MARKERS

    fig = Figure(figsize=(8, 4.8), layout="constrained")
    ax = fig.subplots()
    labels = [
        f"{net}\n{dtype}, {threads} thread{'s' * (threads > 1)}" for threads, net, dtype, _ in found
    ]
    others = [name for name in ROUTES if name != "reference"]
    for i, name in enumerate(others):
        points = [
            (q[1], row)
            for row, (*_, times) in enumerate(found)
            if (q := ratio(times, name)) is not None
        ]
        if points:
            ax.plot(*zip(*points, strict=True), MARKERS[i], color=COLOURS[i], label=name)
    ax.axvline(1.0, color="black", linewidth=1)
    ax.set(
        xscale="log",
        xlabel="time / time of the reference (right of the line: slower)",
        yticks=range(len(found)),
    )
    ax.set_yticklabels(labels, fontsize=7)
    ax.invert_yaxis()
    ax.grid(alpha=0.3)
    ax.legend(fontsize=8)
    ax.set_title("The reference network beside its matrix products and other libraries")
    fig.savefig(RESULTS / "network.png", dpi=120, metadata={"Software": None})


def report(runs):
    found = [row for run in runs for row in run["times"]]
    others = [name for name in ROUTES if name != "reference"]
    rows = [
        [net, dtype, threads, *(cell(ratio(times, name)) for name in others)]
        for threads, net, dtype, times in found
    ]
    lines = [f"{run['times'][0][0]} thread(s): {run['blas']}" for run in runs]
    versions = [f"numpy {np.__version__}", f"Python {platform.python_version()}"]
    for package in PACKAGES.values():
        try:
            versions.append(f"{package} {version(package)}")
        except ImportError:
            versions.append(f"{package} not installed")
    note = (
        "Time of each route / time of the reference within a round: median (quartiles). "
        "The BLAS bound's column is the share of the reference's time that is matrix "
        "products; above 1 elsewhere, the reference is faster.\n\n"
    )
    save(
        "network.md",
        note
        + markdown(["net", "dtype", "threads", *others], rows)
        + "\n"
        + "\n".join(f"- {line}" for line in [", ".join(versions), *lines])
        + "\n",
    )
    write_csv(
        "network.csv",
        ["threads", "net", "dtype", "route", "round", "time / reference"],
        [
            [threads, net, dtype, name, i, f"{a / b:.4f}"]
            for threads, net, dtype, times in found
            for name in times
            for i, (a, b) in enumerate(zip(times[name], times["reference"], strict=True))
        ],
    )
    figure(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, help="measure with so many threads, print JSON")
    args = parser.parse_args()
    if args.threads:
        child(args.threads)
    else:
        counts = sorted({1, len(measure.cores())})
        report([measure.in_child(__file__, threads) for threads in counts])


if __name__ == "__main__":
    main()
