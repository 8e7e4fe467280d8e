"""Deal out the examples."""

from __future__ import annotations

import copy
from collections import Counter

import numpy as np

from ...checking.criteria import value
from ...checking.exercise import Criterion, Exercise
from ...checking.finding import Finding, stopped
from ...checking.values import Named
from ...reference import optim
from ..bank import Bank
from ..draw import case
from .shared import wrong

PASSES = 40


PASS_N, PASS_B = 211, 17


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


def _batches(case_, answer):
    """Read an answer as a list of index arrays; return (batches, None) or (None, Finding)."""
    if answer.error is not None:
        return None, stopped(answer.error, case_)
    found = answer.value
    if not isinstance(found, (list, tuple)) and not (isinstance(found, np.ndarray) and found.ndim):
        return None, Finding(f"returned a {type(found).__name__}; expected a list of index arrays")
    batches = [_indices(part) for part in found]
    if any(b is None for b in batches):
        return None, Finding(
            "a batch is not a one-dimensional array of whole numbers", case=case_.note
        )
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
                return finding or Finding(text, case=case_.note)
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
            f", nor do {len(missing) - 1} others" if len(missing) > 1 else ""
        )
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
        return Finding(
            f"in {PASSES} passes, each from another generator, example {stuck[0]} is "
            "always in the same half of the pass"
        )
    together = np.ones((PASS_N, PASS_N), dtype=bool)
    for row in number:
        together &= row[:, None] == row
    if (pairs := np.argwhere(np.triu(together, 1))).size:
        return Finding(
            f"in {PASSES} passes, examples {pairs[0][0]} and {pairs[0][1]} are always "
            "in the same batch"
        )
    return None


def from_the_generator_alone(trial, group):
    """Generators with the same seed give the same pass, another seed another pass."""
    passes = [_batches(c, a) for c, a in zip(trial.cases[group], trial.answers(group), strict=True)]
    if finding := next((f for _, f in passes if f), None):
        return finding
    first, other, again = (batches for batches, _ in passes)
    if not _same_pass(first, again):
        return Finding(
            "two generators with the same seed give two different passes: where does "
            "the other randomness come from?",
            label="other randomness",
        )
    if _same_pass(first, other):
        return Finding(
            "generators with different seeds give the same pass", label="generator ignored"
        )
    return None


def a_new_order_every_pass(trial, group):
    """The generator that is used again gives another pass."""
    passes = [_batches(c, a) for c, a in zip(trial.cases[group], trial.answers(group), strict=True)]
    if finding := next((f for _, f in passes if f), None):
        return finding
    if _same_pass(*(batches for batches, _ in passes)):
        return Finding(
            "the second pass from one generator repeats the first", label="generator stands still"
        )
    return None


def _same_pass(a, b):
    return len(a) == len(b) and all(
        np.array_equal(np.sort(x), np.sort(y)) for x, y in zip(a, b, strict=True)
    )


bank = Bank()


EXERCISE = Exercise(
    title="Deal out the examples",
    signature="minibatches(n, B, rng)",
    returns="batches",
    minutes=10,
    lines=3,
    section="One shuffled pass",
    draw=_pass_cases,
    oracle=optim.minibatches,
    criteria=(
        Criterion("a list of index arrays", 0.25, index_arrays, "sizes"),
        value(0.25, "a single example"),
        Criterion("every example exactly once", 1.0, every_index_once, "sizes"),
        Criterion("batches of B, the last one may be short", 0.5, batch_sizes, "sizes"),
        Criterion("shuffled", 1.0, shuffled, "shuffled"),
        Criterion("from the generator alone", 0.5, from_the_generator_alone, "seeds"),
        Criterion("another order in the next pass", 0.5, a_new_order_every_pass, "epochs"),
    ),
    hints=(
        "Think of n numbered cards. You shuffle once, then deal them out in heaps of B. What "
        "is left for the last heap?",
        "rng.permutation(n) gives the numbers 0 to n - 1 in random order. Cut it at 0, B, "
        "2 B, ...; a slice that reaches past the end is short by itself.",
        "order = rng.permutation(...)\n"
        "return [order[start:start + ...] for start in range(0, n, ...)]",
    ),
    earned_by_stubs=(
        "a list of index arrays",
        "a single example",
        "batches of B, the last one may be short",
    ),  # zeros of the right lengths; of one example 0 is right
    bank=bank,
)


PASS = "One shuffled pass"


def cut(order, B):
    """Cut an order into batches."""
    return [order[start : start + B] for start in range(0, len(order), B)]


def one_pass(n, B, rng):
    return cut(rng.permutation(n), B)


wrong_pass = wrong(bank, PASS)


wrong_pass(
    "not_shuffled",
    "the examples in the order of their numbers",
    "If the data set is sorted by class, what does the first batch look like?",
    lambda n, B, rng: cut(np.arange(n), B),
)


wrong_pass(
    "with_replacement",
    "indices drawn with replacement",
    "That is S1's way, and it needs no pass. Can an example then occur twice, or never?",
    lambda n, B, rng: cut(rng.integers(0, n, n), B),
)


wrong_pass(
    "fresh_batches",
    "each batch drawn from all examples",
    "Who remembers which examples the earlier batches have used?",
    lambda n, B, rng: [rng.permutation(n)[: min(B, n - s)] for s in range(0, n, B)],
)


wrong_pass(
    "drops_the_rest",
    "a pass without the short last batch",
    "What happens to the examples that do not fill a batch?",
    lambda n, B, rng: [b for b in one_pass(n, B, rng) if len(b) == B],
)


wrong_pass(
    "fills_up",
    "a last batch filled up with the first examples",
    "How often may an example occur in one pass?",
    lambda n, B, rng: cut(np.resize(rng.permutation(n), -(-n // B) * B), B),
)


wrong_pass(
    "equal_parts",
    "batches of nearly equal size",
    "Which sizes does the contract give the batches, the last one included?",
    lambda n, B, rng: np.array_split(rng.permutation(n), -(-n // B)),
)


wrong_pass(
    "B_parts",
    "B batches instead of batches of B",
    "Is B the number of batches, or the number of examples in each?",
    lambda n, B, rng: np.array_split(rng.permutation(n), min(n, B)),
)


wrong_pass(
    "short_first",
    "the short batch at the beginning",
    "Which batch may be short?",
    lambda n, B, rng: np.split(rng.permutation(n), range((n - 1) % B + 1, n, B)),
)


wrong_pass(
    "from_one",
    "indices from 1 to n",
    "Which index has the first row of an array?",
    lambda n, B, rng: cut(rng.permutation(n) + 1, B),
)


wrong_pass(
    "order_of_batches",
    "batches of neighbours in random order",
    "Neighbours always come together. If they are alike, what does a batch look like?",
    lambda n, B, rng: [
        b
        for _, b in sorted(
            zip(rng.permutation(-(-n // B)), cut(np.arange(n), B), strict=True),
            key=lambda pair: (len(pair[1]) < B, pair[0]),
        )
    ],
)


wrong_pass(
    "within_batches",
    "neighbours shuffled within their batch",
    "Does shuffling inside a batch change the mean over the batch?",
    lambda n, B, rng: [rng.permutation(b) for b in cut(np.arange(n), B)],
)


wrong_pass(
    "random_start",
    "the examples in order, from a random start",
    "Which examples can be neighbours in a batch: all pairs, or some?",
    lambda n, B, rng: cut(np.roll(np.arange(n), rng.integers(n)), B),
)


wrong_pass(
    "deals_in_turn",
    "every m-th example, from a random start",
    "Which examples can be in the same batch: all pairs, or some?",
    lambda n, B, rng: cut(
        np.argsort((np.arange(n) + rng.integers(n)) % n % (-(-n // B)), kind="stable"), B
    ),
)


wrong_pass(
    "halves",
    "the first half shuffled, then the second",
    "Can the last example come first?",
    lambda n, B, rng: cut(
        np.append(rng.permutation(n // 2), n // 2 + rng.permutation(n - n // 2)), B
    ),
)


wrong_pass(
    "tail_unshuffled",
    "a rest that is never shuffled",
    "Should the last examples of the file always come last?",
    lambda n, B, rng: cut(np.append(rng.permutation(n - n % B), np.arange(n - n % B, n)), B),
)


wrong_pass(
    "fixed_seed",
    "a generator with a seed of its own",
    "What is the use of rng, if every pass has the same order?",
    lambda n, B, rng: one_pass(n, B, np.random.default_rng(0)),
)


wrong_pass(
    "copies_the_generator",
    "a copy of the generator",
    "If only the copy moves on, what comes out in the next pass?",
    lambda n, B, rng: one_pass(n, B, copy.deepcopy(rng)),
)


wrong_pass(
    "one_order",
    "the whole order, not cut into batches",
    "How many arrays should one pass consist of?",
    lambda n, B, rng: rng.permutation(n),
)


wrong_pass(
    "first_batch",
    "one batch only",
    "How many batches does it take to see every example?",
    lambda n, B, rng: one_pass(n, B, rng)[:1],
)


wrong_pass(
    "floats",
    "indices that are not whole numbers",
    "Can 3.0 pick a row of an array?",
    lambda n, B, rng: cut(rng.permutation(n).astype(float), B),
)


wrong_pass(
    "masks",
    "masks of n booleans instead of indices",
    "What does the contract call the entries of a batch: indices, or yes and no?",
    lambda n, B, rng: [np.isin(np.arange(n), b) for b in one_pass(n, B, rng)],
)


wrong_pass(
    "last_example_missing",
    "a pass that never sees the last example",
    "The indices go from 0 to n - 1. How many numbers do you shuffle?",
    lambda n, B, rng: cut(rng.permutation(n - 1), B),
)


def _global_numpy(n, B, rng):
    return cut(np.random.permutation(n), B)


wrong_pass(
    "global_generator",
    "np.random, not the generator that is passed",
    "If the whole program uses one hidden generator, can this pass be repeated?",
    _global_numpy,
)


@bank.wrong(
    "the value of rng.shuffle, which is None",
    "rng.shuffle works in place. What does it return, and which method returns the "
    "shuffled numbers?",
)
def shuffle_returns_none(n, B, rng):
    order = rng.shuffle(np.arange(n))
    return [order[start : start + B] for start in range(0, n, B)]


@bank.right("rng.shuffle and np.split")
def rng_shuffle_and_np_split(n, B, rng):
    order = np.arange(n)
    rng.shuffle(order)
    return np.split(order, range(B, n, B))


@bank.right("sorted random keys, lists of numbers")
def sorted_random_keys(n, B, rng):
    order = np.argsort(rng.random(n)).tolist()
    return [order[k * B : (k + 1) * B] for k in range((n + B - 1) // B)]


@bank.right("drawn one by one without replacement")
def drawn_one_by_one_without_replacement(n, B, rng):
    rest, batches = list(range(n)), [[]]
    while rest:
        if len(batches[-1]) == B:
            batches.append([])
        batches[-1].append(rest.pop(int(rng.integers(len(rest)))))
    return tuple(np.array(b) for b in batches)


@bank.right("rng.choice, each batch sorted")
def rng_choice(n, B, rng):
    return [np.sort(b) for b in cut(rng.choice(n, size=n, replace=False), B)]


@bank.right("a child generator for each pass")
def a_child_generator_for_each_pass(n, B, rng):
    return one_pass(n, B, rng.spawn(1)[0])


@bank.right("Fisher and Yates by hand")
def fisher_and_yates_by_hand(n, B, rng):
    order = list(range(n))
    for i in range(n - 1, 0, -1):
        j = rng.integers(i + 1)
        order[i], order[j] = order[j], order[i]
    return cut(np.array(order, dtype=np.int32), B)
