"""Honest solutions of chapter 01, each put together from choices that people make: the way, the
idioms, the names, how much is said in comments."""

import random
import re

# For each exercise ways to write its body; {a|b|c} is a choice, and $name a name of one's own.
WAYS = {
    "softmax": [
        "$e = np.exp(z - {np.max(z)|z.max()})\nreturn $e / {$e.sum()|np.sum($e)}",
        "$m = {max(z)|np.max(z)|z.max()}\n$s = z - $m\n$p = np.exp($s)\n$p = $p / "
        "{$p.sum()|np.sum($p)}\nreturn $p",
        "$t = [np.exp(v - {max(z)|z.max()}) for v in z]\nreturn np.array($t) / sum($t)",
    ],
    "softmax_rows": [
        "$m = {Z.max(axis=1, keepdims=True)|np.max(Z, axis=1, keepdims=True)|"
        "Z.max(axis=1)[:, None]}\n$e = np.exp(Z - $m)\nreturn $e / "
        "{$e.sum(axis=1, keepdims=True)|np.sum($e, axis=1, keepdims=True)|$e.sum(1)[:, None]}",
        "return np.array([softmax($r) for $r in Z])",
        "$out = np.{zeros|empty}_like(Z)\nfor i in range({len(Z)|Z.shape[0]}):\n"
        "    $out[i] = softmax(Z[i])\nreturn $out",
        "return np.{stack|vstack}([softmax($r) for $r in Z])",
    ],
    "softmax_jacobian": [
        "$s = softmax(z)\nreturn np.diag($s) - {np.outer($s, $s)|$s[:, None] * $s[None, :]}",
        "$s = softmax(z)\n$n = {len($s)|$s.size|$s.shape[0]}\n$J = np.zeros(($n, $n))\n"
        "for i in range($n):\n    for j in range($n):\n        "
        "$J[i, j] = $s[i] * ({(1.0 if i == j else 0.0)|int(i == j)|(i == j)} - $s[j])\nreturn $J",
        "$s = softmax(z)\n$J = -np.outer($s, $s)\nfor k in range(len($s)):\n"
        "    $J[k, k] += $s[k]\nreturn $J",
    ],
    "softmax_jacobian_batch": [
        "return np.{stack|array}([softmax_jacobian($r) for $r in Z])",
        "$S = softmax_rows(Z)\n$N, $K = $S.shape\n$J = np.zeros(($N, $K, $K))\n"
        "for n in range($N):\n"
        "    $J[n] = np.diag($S[n]) - np.outer($S[n], $S[n])\nreturn $J",
        "$S = softmax_rows(Z)\n$I = np.eye({$S.shape[1]|Z.shape[1]})\n"
        "return $S[:, :, None] * ($I{| [None]|[None, :, :]} - $S[:, None, :])",
        "$S = softmax_rows(Z)\n$d = {np.einsum('ni,ij->nij', $S, np.eye(Z.shape[1]))|"
        "$S[:, :, None] * np.eye(Z.shape[1])}\n"
        "return $d - {np.einsum('ni,nj->nij', $S, $S)|$S[:, :, None] * $S[:, None, :]}",
    ],
    "softmax_vjp": [
        "$s = softmax(z)\nreturn $s * (v - {$s @ v|np.dot($s, v)|(v * $s).sum()})",
        "return softmax_jacobian(z){.T|} @ v",
        "$s = softmax(z)\n$c = {np.sum($s * v)|$s.dot(v)}\nreturn $s * v - $c * $s",
    ],
    "one_hot": [
        "$Y = np.zeros(({len(y)|y.size|y.shape[0]}, K))\n"
        "{$Y[np.arange(len(y)), y] = 1|$Y[range(len(y)), y] = 1.0}\nreturn $Y",
        "return np.eye(K)[y]",
        "$out = np.zeros((len(y), K))\nfor i, k in enumerate(y):\n    $out[i, k] = 1\nreturn $out",
        "return (np.arange(K)[None, :] == np.asarray(y)[:, None]){.astype(float)| * 1.0}",
    ],
    "log_likelihood": [
        "return {np.sum(np.log(P[np.arange(len(y)), y]))|np.log(P[np.arange(len(y)), y]).sum()}",
        "$t = 0.0\nfor i in range(len(y)):\n    $t += np.log(P[i, y[i]])\nreturn $t",
        "return sum(np.log($p[$k]) for $p, $k in zip(P, y))",
        "$q = P[np.arange(P.shape[0]), y]\n$l = np.log($q)\nreturn $l.sum()",
    ],
    "logsumexp_rows": [
        "$m = {F.max(axis=1)|np.max(F, axis=1)}\n"
        "return $m + np.log({np.exp(F - $m[:, None]).sum(axis=1)|"
        "np.sum(np.exp(F - $m[:, None]), axis=1)})",
        "$m = F.max(axis=1, keepdims=True)\n$s = np.exp(F - $m){.sum(axis=1, keepdims=True)|"
        ".sum(1, keepdims=True)}\nreturn {($m + np.log($s)).ravel()|($m + np.log($s))[:, 0]|"
        "np.squeeze($m + np.log($s), axis=1)}",
        "$out = []\nfor $r in F:\n    $m = max($r)\n    $out.append($m + np.log(np.sum(np.exp($r - "
        "$m))))\nreturn np.array($out)",
    ],
    "nll": [
        "$l = logsumexp_rows(F)\n$c = F[np.arange({len(y)|F.shape[0]}), y]\n"
        "return {np.sum($l - $c)|($l - $c).sum()}",
        "$t = 0\nfor $r, $k in zip(F, y):\n    $m = $r.max()\n"
        "    $t += $m + np.log(np.exp($r - $m).sum()) - $r[$k]\nreturn $t",
        "return logsumexp_rows(F).sum() - F[np.arange(len(y)), y].sum()",
    ],
    "nll_grad_probs": [
        "$g = np.zeros_like(p)\n$g[y] = -1 / p[y]\nreturn $g",
        "$g = np.zeros({len(p)|p.shape})\n$g[y] = -1.0 / p[y]\nreturn $g",
        "return np.array([-1 / v if k == y else 0.0 for k, v in enumerate(p)])",
    ],
    "nll_grad_logits": [
        "return softmax_rows(F) - one_hot(y, F.shape[1])",
        "$G = softmax_rows(F)\n$G[np.arange(len(y)), y] -= 1\nreturn $G",
        "$S = softmax_rows(F)\n$Y = one_hot(y, {F.shape[1]|$S.shape[1]})\nreturn $S - $Y",
    ],
}
NAMES = (
    "a acc b best big c col cur d diff e f g h hot i2 k2 l left m mine n2 new o out p part q "
    "r res right row s shifted t tmp tot u v2 val w weights x xs y2 zz probs logits"
).split()
REMARKS = (
    "first the largest",
    "now divide",
    "shift, so nothing overflows",
    "one per row",
    "as in the lecture",
    "not sure about this",
    "works!",
    "see the hint",
    "sum over classes",
)


def written(name, stub, rng):
    """One person's answer: the release's stub with a body."""
    body = rng.choice(WAYS[name])
    while "{" in body:
        body = re.sub(r"\{([^{}]*)\}", lambda found: rng.choice(found[1].split("|")), body)
    own = sorted(set(re.findall(r"\$(\w+)", body)))
    taken = dict(zip(own, rng.sample(NAMES, len(own)), strict=True))
    body = re.sub(r"\$(\w+)", lambda found: taken[found[1]], body)
    lines = []
    for line in body.split("\n"):
        if rng.random() < 0.2:
            lines.append(line[: len(line) - len(line.lstrip())] + "# " + rng.choice(REMARKS))
        lines.append(line)
    indented = "\n".join("    " + line for line in lines)
    assert "raise NotImplementedError" in stub
    return re.sub(r"    raise NotImplementedError", lambda _: indented, stub)


def answers(release, seed):
    """What one honest person hands in for all exercises: sources by grade id."""
    rng = random.Random(seed)
    stubs = {
        c.metadata.nbgrader.grade_id: c.source
        for c in release.cells
        if c.cell_type == "code" and c.metadata.get("nbgrader", {}).get("solution")
    }
    return {name: written(name, stubs[name], rng) for name in WAYS}
