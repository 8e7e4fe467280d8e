"""Gradient verification: mlp_helpers.reference.gradcheck beside the checkers of other libraries.

Every checker is handed the same net (tanh layers, softmax, mean negative log-likelihood, float64)
and a gradient, right or spoiled, and says whether it accepts it, with its own default tolerances.
scipy.optimize.check_grad has none: it gives a distance, and 1e-6 of the gradient's norm is used.
Time is given in forward passes of `mlp_helpers.reference.network.forward` on that net.
"""

from __future__ import annotations

from functools import partial
from statistics import median
from unittest.mock import patch

import measure
import numpy as np
from tables import markdown, save

from mlp_helpers.reference.gradcheck import Net, random_directions, verify_gradient
from mlp_helpers.reference.losses import nll_per_example
from mlp_helpers.reference.network import backward, forward

NETS = {
    "small": ((4, 6, 6, 3), 7),
    "large": ((784, 96, 96, 10), 32),  # 85,642 parameters
}
SEEDS = 10
ROUNDS = 3
EVERY_ENTRY = 5_000  # parameters up to which a checker with a pass per entry is run


def drawn(dims, N, seed):
    rng = np.random.default_rng([seed, *dims])
    params = [
        (rng.standard_normal((m, n)) / np.sqrt(n), rng.standard_normal(m) / 2)
        for n, m in zip(dims[:-1], dims[1:], strict=True)
    ]
    return params, rng.standard_normal((N, dims[0])), rng.integers(0, dims[-1], N)


def flat(pairs):
    return [t for pair in pairs for t in pair]


def paired(tensors):
    return list(zip(tensors[::2], tensors[1::2], strict=True))


def logits(xp, tensors, X):
    """The net's logits in NumPy, JAX, PyTorch or autograd's NumPy."""
    *hidden, (W, b) = paired(tensors)
    for V, c in hidden:
        X = xp.tanh(X @ V.T + c)
    return X @ W.T + b


# Checkers: (params, X, y) -> accepts(gradient) ------------------------------------------------


def every_entry(params, X, y):
    net = Net(("tanh",) * (len(params) - 1), X, y)
    return lambda grads: bool(verify_gradient(net, params, grads))


def directions(params, X, y):
    """random_directions on all parameters as one vector, with the tolerance of verify_gradient."""
    shapes = [t.shape for t in flat(params)]
    ends = np.cumsum([t.size for t in flat(params)])[:-1]
    x = np.concatenate([t.ravel() for t in flat(params)])

    def loss(x):
        tensors = [t.reshape(s) for t, s in zip(np.split(x, ends), shapes, strict=True)]
        return nll_per_example(logits(np, tensors, X), y).mean()

    def accepts(grads):
        claimed = np.concatenate([t.ravel() for t in flat(grads)])
        return bool(random_directions(loss, x, claimed).max() <= 1e-12)

    return accepts


def torch_gradcheck(params, X, y, fast):
    import torch

    X, y = torch.from_numpy(X), torch.from_numpy(y)
    tensors = [torch.from_numpy(t.copy()).requires_grad_() for t in flat(params)]

    def accepts(grads):
        claimed = [torch.from_numpy(np.ascontiguousarray(g)) for g in flat(grads)]

        class Loss(torch.autograd.Function):
            @staticmethod
            def forward(ctx, *tensors):
                return torch.nn.functional.cross_entropy(logits(torch, tensors, X), y)

            @staticmethod
            def backward(ctx, upstream):
                return tuple(upstream * g for g in claimed)

        # After a failure the fast mode runs the slow one, for a longer message: not wanted here.
        with patch("torch.autograd.gradcheck._run_slow_mode_and_get_error", return_value=""):
            return torch.autograd.gradcheck(
                Loss.apply, tensors, fast_mode=fast, raise_exception=False
            )

    return accepts


def jax_check_grads(params, X, y):
    import jax
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)
    tensors = [jax.numpy.asarray(t) for t in flat(params)]

    def value(*tensors):
        F = logits(jax.numpy, tensors, X)
        return -jax.nn.log_softmax(F)[jax.numpy.arange(len(y)), y].mean()

    def accepts(grads):
        claimed = [jax.numpy.asarray(g) for g in flat(grads)]
        loss = jax.custom_vjp(value)
        loss.defvjp(
            lambda *t: (value(*t), None), lambda _, upstream: tuple(upstream * g for g in claimed)
        )
        return _passes(check_grads, loss, tensors, order=1, modes=("rev",))

    return accepts


def autograd_check_grads(params, X, y):
    import autograd.numpy as anp
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    tensors = flat(params)

    def accepts(grads):
        @primitive
        def loss(*tensors):
            return nll_per_example(logits(anp, tensors, X), y).mean()

        defvjp(loss, *[lambda ans, *t, g=g: lambda upstream: upstream * g for g in flat(grads)])
        every = tuple(range(len(tensors)))  # its default is the first argument alone
        check = check_grads(lambda *t: loss(*t), every, modes=["rev"], order=1)
        return _passes(check, *tensors)

    return accepts


def _passes(check, *args, **options):
    try:
        check(*args, **options)
    except AssertionError:
        return False
    return True


def scipy_check_grad(params, X, y):
    from scipy.optimize import check_grad

    shapes = [t.shape for t in flat(params)]
    ends = np.cumsum([t.size for t in flat(params)])[:-1]
    x = np.concatenate([t.ravel() for t in flat(params)])

    def loss(x):
        tensors = [t.reshape(s) for t, s in zip(np.split(x, ends), shapes, strict=True)]
        return nll_per_example(logits(np, tensors, X), y).mean()

    def accepts(grads):
        claimed = np.concatenate([t.ravel() for t in flat(grads)])
        return bool(check_grad(loss, lambda _: claimed, x) <= 1e-6 * np.linalg.norm(claimed))

    return accepts


# name -> (checker, whether it needs a pass per entry)
CHECKERS = {
    "verify_gradient": (every_entry, False),
    "random_directions": (directions, False),
    "torch gradcheck, slow": (partial(torch_gradcheck, fast=False), True),
    "torch gradcheck, fast": (partial(torch_gradcheck, fast=True), False),
    "jax check_grads": (jax_check_grads, False),
    "autograd check_grads": (autograd_check_grads, False),
    "scipy check_grad": (scipy_check_grad, True),
}


# Mistakes: (gradient, rng) -> spoiled gradient --------------------------------------------------


def doubled_element(grads, rng):
    """A typical entry of dW2, doubled: the one of median size."""
    W = grads[1][0]
    W.flat[np.argsort(np.abs(W), axis=None)[W.size // 2]] *= 2


def zeroed_row(grads, rng):
    grads[0][0][rng.integers(len(grads[0][0]))] = 0


def transposed_square(grads, rng):
    grads[1] = (grads[1][0].T.copy(), grads[1][1])


def one_bias_missing(grads, rng):
    grads[1][1][rng.integers(len(grads[1][1]))] = 0


def scaled(grads, size):
    for t in flat(grads):
        t *= 1 + size


def one_entry_off(grads, rng):
    """One entry of dW1 off by 1e-6 of the tensor's largest."""
    W = grads[0][0]
    W.flat[rng.integers(W.size)] += 1e-6 * np.abs(W).max()


MISTAKES = {
    "none (right)": lambda grads, rng: None,
    "doubled element": doubled_element,
    "zeroed row": zeroed_row,
    "transposed square": transposed_square,
    "bias entry zeroed": one_bias_missing,
    "all off by 1e-3": lambda grads, rng: scaled(grads, 1e-3),
    "all off by 1e-6": lambda grads, rng: scaled(grads, 1e-6),
    "entry off by 1e-6": one_entry_off,
}


def exact(params, X, y):
    return backward(params, ["tanh"] * (len(params) - 1), X, y)


def accepted(checker, dims, N):
    """For every mistake, on how many seeds a checker accepts a gradient with it."""
    counts = dict.fromkeys(MISTAKES, 0)
    for seed in range(SEEDS):
        params, X, y = drawn(dims, N, seed)
        accepts = checker(params, X, y)
        for name, mistake in MISTAKES.items():
            grads = exact(params, X, y)
            mistake(grads, np.random.default_rng(seed))
            counts[name] += accepts(grads)
    return counts.values()


def floor(checker, dims, N):
    """The smallest 10^-k by which a whole gradient may be off and still be rejected."""
    params, X, y = drawn(dims, N, 0)
    accepts, found = checker(params, X, y), None
    for k in range(1, 16):
        grads = exact(params, X, y)
        scaled(grads, 10.0**-k)
        if accepts(grads):
            break
        found = f"1e-{k:02d}"
    return found or "above 1e-01"


def passes(checker, dims, N):
    """CPU time of one check of the right gradient, in forward passes."""
    params, X, y = drawn(dims, N, 0)
    acts, accepts, grads = ["tanh"] * (len(params) - 1), checker(params, X, y), exact(params, X, y)
    times = measure.interleaved(
        {"check": lambda: accepts(grads), "forward": lambda: forward(params, acts, X)}, 1, ROUNDS
    )
    ratio = median(np.divide(times["check"], times["forward"]))
    return f"{ratio:,.0f}"


def row(net, name):
    checker, per_entry = CHECKERS[name]
    dims, N = NETS[net]
    size = sum(t.size for t in flat(drawn(dims, N, 0)[0]))
    if per_entry and size > EVERY_ENTRY:
        return [net, name, f"not run: {size:,} entries", *[""] * (len(MISTAKES) + 1)]
    try:
        cost = passes(checker, dims, N)
    except ImportError:
        return [net, name, "not installed", *[""] * (len(MISTAKES) + 1)]
    return [net, name, cost, floor(checker, dims, N), *accepted(checker, dims, N)]


def main():
    measure.pin(1)
    header = ["net", "checker", "time in forward passes", "sees an error of", *MISTAKES]
    rows = [row(net, name) for net in NETS for name in CHECKERS]
    nets = "; ".join(
        f"{name} {'-'.join(map(str, dims))}, batch {N}" for name, (dims, N) in NETS.items()
    )
    note = (
        f"Nets: {nets}. The last {len(MISTAKES)} columns: on how many of {SEEDS} seeds a "
        'gradient with that mistake is accepted (right: all of them; wrong: none). "Sees an '
        'error of": the smallest power of ten by which the whole gradient may be off and '
        "still be rejected.\n\n"
    )
    save("gradcheck.md", note + markdown(header, rows) + f"\n- {measure.blas()}\n")


if __name__ == "__main__":
    main()
