"""Known wrong and right implementations of chapter 07 (S3, S1, S0)."""

from __future__ import annotations

import copy

import numpy as np

from . import Bank

bank = Bank()

STEP = "One step, with a regulariser"
PASS = "One shuffled pass"
MEAN = "An average over the drawn"
ACCUM = "A sum that forgets"
FORMS = "Two forms, one path"
RATE = "Fixed first, then smaller"
FALL = "How fast may the rate fall?"
NEWTON = "Jump to the bottom of the parabola"
TAYLOR = "A parabola that touches the loss"
NAMES = "The same function under another name"

PRECISION = ("You were given float64 numbers, which carry sixteen digits; float32 keeps seven. "
             "Which line rounds?")


def floats(*arrays):
    return [np.asarray(a, dtype=float) for a in arrays]


def wrong(exercise, reread):
    """Give a function that registers a wrong implementation of one exercise."""

    def register(id, looks_like, question, fn):
        bank.wrong(exercise, id, looks_like, question, reread)(fn)

    return register


# sgd_update -------------------------------------------------------------------------------------


def sgd(theta, grad_l, grad_omega, alpha, lam):
    theta, grad_l, grad_omega = floats(theta, grad_l, grad_omega)
    return theta - alpha * (grad_l + lam * grad_omega)


def along(direction):
    """A step theta + direction(grad_l, grad_omega, alpha, lam)."""

    def sgd_update(theta, grad_l, grad_omega, alpha, lam):
        theta, grad_l, grad_omega = floats(theta, grad_l, grad_omega)
        return theta + direction(grad_l, grad_omega, alpha, lam)

    return sgd_update


wrong_sgd = wrong("sgd_update", STEP)
wrong_sgd("lost_minus", "-grad l + lambda grad Omega: the minus that S3's copies lost",
          "The regulariser should become smaller too. Which sign has its gradient in Delta?",
          along(lambda g, o, alpha, lam: alpha * (-g + lam * o)))
wrong_sgd("product", "-grad l times lambda grad Omega, as S3's copies read without the sign",
          "The objective is a sum. Is the gradient of a sum a product?",
          along(lambda g, o, alpha, lam: -alpha * g * lam * o))
wrong_sgd("uphill", "a step along the gradient",
          "The gradient points uphill. Which way do you want to go?",
          along(lambda g, o, alpha, lam: alpha * (g + lam * o)))
wrong_sgd("no_regulariser", "the loss alone",
          "Where does grad_omega enter?", along(lambda g, o, alpha, lam: -alpha * g))
wrong_sgd("regulariser_only", "the regulariser alone",
          "Where does grad_l enter?", along(lambda g, o, alpha, lam: -alpha * lam * o))
wrong_sgd("no_lambda", "the regulariser without lam",
          "How much should the regulariser count?",
          along(lambda g, o, alpha, lam: -alpha * (g + o)))
wrong_sgd("lambda_on_loss", "lam on the loss",
          "Which of the two gradients does lam multiply?",
          along(lambda g, o, alpha, lam: -alpha * (lam * g + o)))
wrong_sgd("lambda_on_both", "lam on both gradients",
          "Which of the two gradients does lam multiply?",
          along(lambda g, o, alpha, lam: -alpha * lam * (g + o)))
wrong_sgd("mixture", "(1 - lam) grad l + lam grad Omega",
          "Is the objective a weighted mean of the two, or a sum?",
          along(lambda g, o, alpha, lam: -alpha * ((1 - lam) * g + lam * o)))
wrong_sgd("alpha_on_loss", "a regulariser that alpha does not multiply",
          "What does S3's update multiply by alpha: one term, or all of Delta?",
          along(lambda g, o, alpha, lam: -alpha * g - lam * o))
wrong_sgd("alpha_on_regulariser", "a loss gradient that alpha does not multiply",
          "What does S3's update multiply by alpha: one term, or all of Delta?",
          along(lambda g, o, alpha, lam: -g - alpha * lam * o))
wrong_sgd("no_step_size", "a step without alpha",
          "How long should the step be?", along(lambda g, o, alpha, lam: -(g + lam * o)))
wrong_sgd("swapped_numbers", "alpha and lam exchanged",
          "Which number is the learning rate, which the weight of the regulariser?",
          along(lambda g, o, alpha, lam: -lam * (g + alpha * o)))
wrong_sgd("direction_only", "the step without theta",
          "From where does the step start?",
          lambda theta, *rest: sgd(theta, *rest) - np.asarray(theta, dtype=float))
wrong_sgd("assumes_l2", "2 theta for the gradient of Omega",
          "Omega need not be the sum of squares. Which argument holds its gradient?",
          lambda theta, g, o, alpha, lam: sgd(theta, g, 2 * np.asarray(theta), alpha, lam))
wrong_sgd("clipped", "gradients cut off at 1",
          "A long gradient asks for a long step. Does the contract cut it?",
          along(lambda g, o, alpha, lam: -alpha * np.clip(g + lam * o, -1, 1)))
wrong_sgd("length_one", "a step of fixed length",
          "Near a minimum the gradient gets short. Should the step?",
          along(lambda g, o, alpha, lam:
                -alpha * (g + lam * o) / (np.linalg.norm(g + lam * o) + 1e-12)))
wrong_sgd("rounded", "an answer rounded to a few digits",
          "What do the next steps compute with: what you print, or what you return?",
          lambda *args: np.round(sgd(*args), 8))


wrong_sgd("with_the_step", "theta' together with the step",
          "How many arrays does the contract return?",
          lambda theta, *rest: (sgd(theta, *rest), sgd(0 * np.asarray(theta), *rest)))


def penalty_again(theta, grad_l, grad_omega, alpha, lam):
    return sgd(theta, sgd(0 * np.asarray(theta), grad_l, grad_omega, -1.0, lam), grad_omega,
               alpha, lam)


wrong_sgd("twice", "the regulariser counted twice",
          "How often does lam grad Omega stand in Delta?", penalty_again)


@bank.wrong("sgd_update", "changes_argument", "theta -= ..., which changes the caller's array",
            "Who else holds the array theta?", STEP)
def _(theta, grad_l, grad_omega, alpha, lam):
    new = sgd(theta, grad_l, grad_omega, alpha, lam)
    theta[...] = new
    return new


@bank.wrong("sgd_update", "sign_of_regulariser", "theta - alpha grad l + lam grad Omega",
            "Both terms are to become smaller. Which sign does each of them have, and what does "
            "alpha multiply?", STEP)
def _(theta, grad_l, grad_omega, alpha, lam):
    return theta - alpha * grad_l + lam * grad_omega


@bank.right("sgd_update", "in the precision of its arguments")
def _(theta, grad_l, grad_omega, alpha, lam):
    return theta - alpha * (grad_l + lam * grad_omega)


@bank.wrong("sgd_update", "whole_numbers", "the result stored in the dtype of theta",
            "A step of 0.3 from a whole number: what is left of it in an integer array?", STEP)
def _(theta, *rest):
    return sgd(theta, *rest).astype(theta.dtype)


bank.habits("sgd_update", sgd)


@bank.right("sgd_update", "loops, a list")
def _(theta, grad_l, grad_omega, alpha, lam):
    return [float(t) - alpha * (float(g) + lam * float(o))
            for t, g, o in zip(theta, grad_l, grad_omega, strict=True)]


@bank.right("sgd_update", "S3's Delta, then theta + alpha Delta")
def _(theta, grad_l, grad_omega, alpha, lam):
    theta, grad_l, grad_omega = floats(theta, grad_l, grad_omega)
    delta = -grad_l - lam * grad_omega
    return theta + alpha * delta


@bank.right("sgd_update", "in place, on a copy")
def _(theta, grad_l, grad_omega, alpha, lam):
    new = np.array(theta, dtype=np.float64)
    new -= alpha * np.asarray(grad_l, dtype=float)
    new -= alpha * lam * np.asarray(grad_omega, dtype=float)
    return new


@bank.right("sgd_update", "one matrix product")
def _(theta, grad_l, grad_omega, alpha, lam):
    return np.array([1, -alpha, -alpha * lam]) @ np.array([theta, grad_l, grad_omega], dtype=float)


# minibatches ------------------------------------------------------------------------------------


def cut(order, B):
    """Cut an order into batches."""
    return [order[start:start + B] for start in range(0, len(order), B)]


def one_pass(n, B, rng):
    return cut(rng.permutation(n), B)


wrong_pass = wrong("minibatches", PASS)
wrong_pass("not_shuffled", "the examples in the order of their numbers",
           "If the data set is sorted by class, what does the first batch look like?",
           lambda n, B, rng: cut(np.arange(n), B))
wrong_pass("with_replacement", "indices drawn with replacement",
           "That is S1's way, and it needs no pass. Can an example then occur twice, or never?",
           lambda n, B, rng: cut(rng.integers(0, n, n), B))
wrong_pass("fresh_batches", "each batch drawn from all examples",
           "Who remembers which examples the earlier batches have used?",
           lambda n, B, rng: [rng.permutation(n)[:min(B, n - s)] for s in range(0, n, B)])
wrong_pass("drops_the_rest", "a pass without the short last batch",
           "What happens to the examples that do not fill a batch?",
           lambda n, B, rng: [b for b in one_pass(n, B, rng) if len(b) == B])
wrong_pass("fills_up", "a last batch filled up with the first examples",
           "How often may an example occur in one pass?",
           lambda n, B, rng: cut(np.resize(rng.permutation(n), -(-n // B) * B), B))
wrong_pass("equal_parts", "batches of nearly equal size",
           "Which sizes does the contract give the batches, the last one included?",
           lambda n, B, rng: np.array_split(rng.permutation(n), -(-n // B)))
wrong_pass("B_parts", "B batches instead of batches of B",
           "Is B the number of batches, or the number of examples in each?",
           lambda n, B, rng: np.array_split(rng.permutation(n), min(n, B)))
wrong_pass("short_first", "the short batch at the beginning",
           "Which batch may be short?",
           lambda n, B, rng: np.split(rng.permutation(n), range((n - 1) % B + 1, n, B)))
wrong_pass("from_one", "indices from 1 to n",
           "Which index has the first row of an array?",
           lambda n, B, rng: cut(rng.permutation(n) + 1, B))
wrong_pass("order_of_batches", "batches of neighbours in random order",
           "Neighbours always come together. If they are alike, what does a batch look like?",
           lambda n, B, rng: [b for _, b in sorted(
               zip(rng.permutation(-(-n // B)), cut(np.arange(n), B), strict=True),
               key=lambda pair: (len(pair[1]) < B, pair[0]))])
wrong_pass("within_batches", "neighbours shuffled within their batch",
           "Does shuffling inside a batch change the mean over the batch?",
           lambda n, B, rng: [rng.permutation(b) for b in cut(np.arange(n), B)])
wrong_pass("random_start", "the examples in order, from a random start",
           "Which examples can be neighbours in a batch: all pairs, or some?",
           lambda n, B, rng: cut(np.roll(np.arange(n), rng.integers(n)), B))
wrong_pass("deals_in_turn", "every m-th example, from a random start",
           "Which examples can be in the same batch: all pairs, or some?",
           lambda n, B, rng: cut(np.argsort((np.arange(n) + rng.integers(n)) % n
                                            % (-(-n // B)), kind="stable"), B))
wrong_pass("halves", "the first half shuffled, then the second",
           "Can the last example come first?",
           lambda n, B, rng: cut(np.append(rng.permutation(n // 2),
                                           n // 2 + rng.permutation(n - n // 2)), B))
wrong_pass("tail_unshuffled", "a rest that is never shuffled",
           "Should the last examples of the file always come last?",
           lambda n, B, rng: cut(np.append(rng.permutation(n - n % B),
                                           np.arange(n - n % B, n)), B))
wrong_pass("fixed_seed", "a generator with a seed of its own",
           "What is the use of rng, if every pass has the same order?",
           lambda n, B, rng: one_pass(n, B, np.random.default_rng(0)))
wrong_pass("copies_the_generator", "a copy of the generator",
           "If only the copy moves on, what comes out in the next pass?",
           lambda n, B, rng: one_pass(n, B, copy.deepcopy(rng)))
wrong_pass("one_order", "the whole order, not cut into batches",
           "How many arrays should one pass consist of?",
           lambda n, B, rng: rng.permutation(n))
wrong_pass("first_batch", "one batch only",
           "How many batches does it take to see every example?",
           lambda n, B, rng: one_pass(n, B, rng)[:1])
wrong_pass("floats", "indices that are not whole numbers",
           "Can 3.0 pick a row of an array?",
           lambda n, B, rng: cut(rng.permutation(n).astype(float), B))
wrong_pass("masks", "masks of n booleans instead of indices",
           "What does the contract call the entries of a batch: indices, or yes and no?",
           lambda n, B, rng: [np.isin(np.arange(n), b) for b in one_pass(n, B, rng)])
wrong_pass("last_example_missing", "a pass that never sees the last example",
           "The indices go from 0 to n - 1. How many numbers do you shuffle?",
           lambda n, B, rng: cut(rng.permutation(n - 1), B))


def _global_numpy(n, B, rng):
    return cut(np.random.permutation(n), B)


wrong_pass("global_generator", "np.random, not the generator that is passed",
           "If the whole program uses one hidden generator, can this pass be repeated?",
           _global_numpy)


@bank.wrong("minibatches", "shuffle_returns_none", "the value of rng.shuffle, which is None",
            "rng.shuffle works in place. What does it return, and which method returns the "
            "shuffled numbers?", PASS)
def _(n, B, rng):
    order = rng.shuffle(np.arange(n))
    return [order[start:start + B] for start in range(0, n, B)]


@bank.right("minibatches", "rng.shuffle and np.split")
def _(n, B, rng):
    order = np.arange(n)
    rng.shuffle(order)
    return np.split(order, range(B, n, B))


@bank.right("minibatches", "sorted random keys, lists of numbers")
def _(n, B, rng):
    order = np.argsort(rng.random(n)).tolist()
    return [order[k * B:(k + 1) * B] for k in range((n + B - 1) // B)]


@bank.right("minibatches", "drawn one by one without replacement")
def _(n, B, rng):
    rest, batches = list(range(n)), [[]]
    while rest:
        if len(batches[-1]) == B:
            batches.append([])
        batches[-1].append(rest.pop(int(rng.integers(len(rest)))))
    return tuple(np.array(b) for b in batches)


@bank.right("minibatches", "rng.choice, each batch sorted")
def _(n, B, rng):
    return [np.sort(b) for b in cut(rng.choice(n, size=n, replace=False), B)]


@bank.right("minibatches", "a child generator for each pass")
def _(n, B, rng):
    return one_pass(n, B, rng.spawn(1)[0])


@bank.right("minibatches", "Fisher and Yates by hand")
def _(n, B, rng):
    order = list(range(n))
    for i in range(n - 1, 0, -1):
        j = rng.integers(i + 1)
        order[i], order[j] = order[j], order[i]
    return cut(np.array(order, dtype=np.int32), B)


# minibatch_grad ---------------------------------------------------------------------------------


def mean_of(G, idx, B):
    return np.asarray(G, dtype=float)[idx].mean(axis=0)


wrong_mean = wrong("minibatch_grad", MEAN)
wrong_mean("sum", "the sum over the batch",
           "Should a batch that is twice as large make a step that is twice as long?",
           lambda G, idx, B: np.asarray(G, dtype=float)[idx].sum(axis=0))
wrong_mean("all", "the mean over all examples",
           "Which rows were drawn?", lambda G, idx, B: np.asarray(G, dtype=float).mean(axis=0))
wrong_mean("divides_by_n", "the sum over the batch divided by n",
           "How many gradients do you add, and by how many do you divide?",
           lambda G, idx, B: np.asarray(G, dtype=float)[idx].sum(axis=0) / len(G))
wrong_mean("divides_by_B", "a short batch divided by B",
           "The last batch is short. How many gradients do you add there?",
           lambda G, idx, B: np.asarray(G, dtype=float)[idx].sum(axis=0) / B)
wrong_mean("first_B", "the first B rows instead of the drawn ones",
           "What is idx for?", lambda G, idx, B: np.asarray(G, dtype=float)[:B].mean(axis=0))
wrong_mean("cut_at_B", "one example too few",
           "A slice [:k] holds k entries. Which of the drawn ones do you lose?",
           lambda G, idx, B: np.asarray(G, dtype=float)[idx[:max(1, len(idx) - 1)]].mean(axis=0))
wrong_mean("once_each", "repeated examples counted once",
           "An example that was drawn twice: how often does it count?",
           lambda G, idx, B: np.asarray(G, dtype=float)[np.unique(idx)].mean(axis=0))
wrong_mean("mask", "a mask, which forgets repeated examples",
           "grads[mask] picks a row once. How often was it drawn?",
           lambda G, idx, B: np.isin(np.arange(len(G)), idx) @ np.asarray(G, dtype=float)
           / len(idx))
wrong_mean("over_parameters", "the mean over the parameters",
           "Which axis runs over the examples? The answer has one entry per parameter.",
           lambda G, idx, B: np.asarray(G, dtype=float)[idx].mean(axis=1))
wrong_mean("one_number", "one number for all parameters",
           "Which axis runs over the examples?",
           lambda G, idx, B: np.asarray(G, dtype=float)[idx].mean())
wrong_mean("keeps_axis", "a row of shape (1, P)",
           "Which shape has theta?",
           lambda G, idx, B: np.asarray(G, dtype=float)[idx].mean(axis=0, keepdims=True))
wrong_mean("columns", "columns instead of rows",
           "Does idx pick examples or parameters?",
           lambda G, idx, B: np.asarray(G, dtype=float)[:, np.asarray(idx) % G.shape[1]]
           .mean(axis=0))
wrong_mean("from_one", "indices taken to start at 1",
           "Which row has the index 0?",
           lambda G, idx, B: np.asarray(G, dtype=float)[np.asarray(idx) - 1].mean(axis=0))
wrong_mean("last_drawn", "the last drawn example only",
           "What happens to the other drawn examples?",
           lambda G, idx, B: np.asarray(G, dtype=float)[idx[-1]].copy())
wrong_mean("median", "the median instead of the mean",
           "S1 prints 1/B times a sum. Is that a median?",
           lambda G, idx, B: np.median(np.asarray(G, dtype=float)[idx], axis=0))
wrong_mean("sign", "the direction of descent",
           "Was the gradient asked for, or the step?", lambda *args: -mean_of(*args))
wrong_mean("length_one", "a gradient of length one",
           "Is the length of the gradient part of the answer?",
           lambda *args: mean_of(*args) / np.linalg.norm(mean_of(*args)))
wrong_mean("one_less", "the sum divided by B - 1",
           "That corrects a variance. What does a mean divide by?",
           lambda G, idx, B: np.asarray(G, dtype=float)[idx].sum(axis=0) / max(1, len(idx) - 1))
wrong_mean("single_precision", "numbers in float32", PRECISION,
           lambda G, idx, B: np.asarray(G, dtype=np.float32)[idx].mean(axis=0))


@bank.right("minibatch_grad", "in the precision of its arguments")
def _(G, idx, B):
    return G[idx].mean(axis=0)


@bank.wrong("minibatch_grad", "sorts_argument", "idx.sort(), which changes the caller's array",
            "Who else holds the array idx?", MEAN)
def _(G, idx, B):
    idx.sort()
    return mean_of(G, idx, B)


bank.habits("minibatch_grad", mean_of)


@bank.right("minibatch_grad", "a loop with +=")
def _(G, idx, B):
    total = np.zeros(np.shape(G)[1])
    for i in idx:
        total += G[i]
    return total / len(idx)


@bank.right("minibatch_grad", "counts as weights")
def _(G, idx, B):
    counts = np.zeros(len(G))
    np.add.at(counts, idx, 1.0)
    return counts / counts.sum() @ np.asarray(G, dtype=np.float64)


@bank.right("minibatch_grad", "np.take and einsum, a list")
def _(G, idx, B):
    rows = np.take(np.asarray(G, dtype=float), idx, axis=0)
    return (np.einsum("bp->p", rows) / rows.shape[0]).tolist()


# momentum_accum ---------------------------------------------------------------------------------


def accum(theta, v, grad, alpha, beta):
    theta, v, grad = floats(theta, v, grad)
    v = grad + beta * v
    return theta - alpha * v, v


def moving(line, follow=None):
    """A step in which line(v, g, alpha, beta) makes v', and follow(...) makes theta' of it."""

    def momentum_accum(theta, v, grad, alpha, beta):
        theta, v, grad = floats(theta, v, grad)
        new = line(v, grad, alpha, beta)
        if follow is None:
            return theta - alpha * new, new
        return follow(theta, v, grad, new, alpha, beta), new

    return momentum_accum


def kept(v, g, alpha, beta):
    return g + beta * v


wrong_accum = wrong("momentum_accum", ACCUM)
wrong_accum("averages", "(1 - beta) grad + beta v: the average of chapter 03",
            "That is an average. Which weight has the new gradient in S3's line?",
            moving(lambda v, g, alpha, beta: (1 - beta) * g + beta * v))
wrong_accum("swapped", "beta on the gradient instead of the old v",
            "With beta = 0 the step should be plain descent. Is yours?",
            moving(lambda v, g, alpha, beta: beta * g + v))
wrong_accum("weights_swapped", "beta grad + (1 - beta) v",
            "With beta = 0 the step should be plain descent. Is yours?",
            moving(lambda v, g, alpha, beta: beta * g + (1 - beta) * v))
wrong_accum("complement", "grad + (1 - beta) v",
            "How much of the past does beta = 0 keep?",
            moving(lambda v, g, alpha, beta: g + (1 - beta) * v))
wrong_accum("forgets_nothing", "grad + v: nothing is ever forgotten",
            "What shrinks the old gradients?", moving(lambda v, g, alpha, beta: g + v))
wrong_accum("no_memory", "v' = grad: plain descent",
            "Where does the old v enter?", moving(lambda v, g, alpha, beta: g))
wrong_accum("no_gradient", "v' = beta v: the new gradient left out",
            "Where does the new gradient enter?", moving(lambda v, g, alpha, beta: beta * v))
wrong_accum("velocity_sign", "the gradient subtracted in v'",
            "v adds gradients up. In which of the two lines does the minus stand?",
            moving(lambda v, g, alpha, beta: beta * v - g))
wrong_accum("shrinks_all", "beta (grad + v)",
            "Has the newest gradient already been forgotten a little?",
            moving(lambda v, g, alpha, beta: beta * (g + v)))
wrong_accum("rate_inside", "a velocity with the step size inside",
            "That is another common form, with theta' = theta - v'. In which line does alpha stand "
            "here?",
            moving(lambda v, g, alpha, beta: alpha * g + beta * v,
                   lambda theta, v, g, new, alpha, beta: theta - new))
wrong_accum("rate_twice", "the step size in both lines",
            "In which of the two lines does alpha stand, and how often?",
            moving(lambda v, g, alpha, beta: alpha * g + beta * v))
wrong_accum("old_v", "theta moved along the old v",
            "Which v stands in the second line, the old one or the new one?",
            moving(kept, lambda theta, v, g, new, alpha, beta: theta - alpha * v))
wrong_accum("gradient_step", "theta moved along the raw gradient",
            "What is v' for, if theta does not move along it?",
            moving(kept, lambda theta, v, g, new, alpha, beta: theta - alpha * g))
wrong_accum("uphill", "theta + alpha v'",
            "The gradient points uphill. Which way do you want to go?",
            moving(kept, lambda theta, v, g, new, alpha, beta: theta + alpha * new))
wrong_accum("no_step_size", "theta - v', without alpha",
            "How long should the step be?",
            moving(kept, lambda theta, v, g, new, alpha, beta: theta - new))
wrong_accum("beta_as_step", "theta - beta v'",
            "Two Greek letters: which is the step size, which the memory?",
            moving(kept, lambda theta, v, g, new, alpha, beta: theta - beta * new))
wrong_accum("looks_ahead", "a second helping of momentum, as in Nesterov's variant",
            "That is a good method, and not this one. What stands in the second line?",
            moving(kept, lambda theta, v, g, new, alpha, beta: theta - alpha * (g + beta * new)))
wrong_accum("normalised", "a step divided by the sum of the weights",
            "That turns the sum into an average. Does the contract?",
            moving(kept, lambda theta, v, g, new, alpha, beta:
                   theta - alpha * (1 - beta) * new))
wrong_accum("clipped", "a sum cut off at 1",
            "A long v asks for a long step. Does the contract cut it?",
            moving(lambda v, g, alpha, beta: np.clip(g + beta * v, -1, 1)))
wrong_accum("default_beta", "0.9 where beta is 0",
            "What does `beta or 0.9` give when beta is 0?",
            lambda theta, v, grad, alpha, beta: accum(theta, v, grad, alpha, beta or 0.9))


@bank.wrong("momentum_accum", "order", "v', theta' instead of theta', v'",
            "In which order does the contract ask for the two?", ACCUM)
def _(*args):
    return accum(*args)[::-1]


@bank.wrong("momentum_accum", "theta_only", "theta' without v'",
            "The next step needs the new v. Who remembers it?", ACCUM)
def _(*args):
    return accum(*args)[0]


@bank.wrong("momentum_accum", "changes_arguments", "v *= beta and theta -= ..., in place",
            "Your caller keeps every theta in a history. What happens to the old rows?", ACCUM)
def _(theta, v, grad, alpha, beta):
    new, total = accum(theta, v, grad, alpha, beta)
    theta[...], v[...] = new, total
    return new, total


@bank.wrong("momentum_accum", "velocity_is_a_step", "v' = beta v - alpha grad, theta' = theta + v'",
            "That is the same path written with another v. What does this course's v add up: "
            "gradients, or steps?", ACCUM)
def _(theta, v, grad, alpha, beta):
    v = beta * v - alpha * grad
    return theta + v, v


@bank.right("momentum_accum", "in the precision of its arguments")
def _(theta, v, grad, alpha, beta):
    v = grad + beta * v
    return theta - alpha * v, v


@bank.wrong("momentum_accum", "rounded", "an answer rounded to a few digits",
            "What do the next steps compute with: what you print, or what you return?", ACCUM)
def _(*args):
    return tuple(np.round(part, 8) for part in accum(*args))


bank.habits("momentum_accum", accum)


@bank.right("momentum_accum", "loops, lists")
def _(theta, v, grad, alpha, beta):
    new = [float(g) + beta * float(u) for g, u in zip(grad, v, strict=True)]
    return [float(t) - alpha * u for t, u in zip(theta, new, strict=True)], new


@bank.right("momentum_accum", "in place, on copies")
def _(theta, v, grad, alpha, beta):
    new = np.array(v, dtype=float)
    new *= beta
    new += np.asarray(grad, dtype=float)
    return np.subtract(np.asarray(theta, dtype=float), alpha * new), new


@bank.right("momentum_accum", "one matrix product")
def _(theta, v, grad, alpha, beta):
    mix = np.array([[1.0, -alpha * beta, -alpha], [0.0, beta, 1.0]])
    return mix @ np.array([theta, v, grad], dtype=float)


# accum_to_ema -----------------------------------------------------------------------------------


def translate(alpha, beta):
    return alpha / (1 - beta), 1 - beta


wrong_forms = wrong("accum_to_ema", FORMS)
wrong_forms("same_step", "the step size unchanged",
            "v tends to grad / (1 - beta), phi tends to grad. Who needs the longer step?",
            lambda alpha, beta: (alpha, 1 - beta))
wrong_forms("beta_kept", "a = beta",
            "With beta = 0 nothing is remembered. Which a remembers nothing?",
            lambda alpha, beta: (alpha / (1 - beta), beta))
wrong_forms("nothing_translated", "alpha and beta as they came",
            "In chapter 03 the second number weighs the new gradient. What does beta weigh?",
            lambda alpha, beta: (alpha, beta))
wrong_forms("multiplied", "alpha times 1 - beta",
            "v tends to grad / (1 - beta), phi tends to grad. Who needs the longer step?",
            lambda alpha, beta: (alpha * (1 - beta), 1 - beta))
wrong_forms("divides_by_beta", "alpha / beta",
            "What does your step become for beta = 0?",
            lambda alpha, beta: (alpha / max(beta, 1e-300), 1 - beta))
wrong_forms("plus", "alpha / (1 + beta)",
            "1 + beta + beta^2 + ... is what?",
            lambda alpha, beta: (alpha / (1 + beta), 1 - beta))
wrong_forms("order", "a, gamma instead of gamma, a",
            "In which order does the contract ask for the two?",
            lambda alpha, beta: translate(alpha, beta)[::-1])
wrong_forms("back", "the translation in the other direction",
            "Which form do alpha and beta belong to, and which one do you want?",
            lambda alpha, beta: (alpha * beta, 1 - beta))
wrong_forms("heavy_ball", "gamma = alpha, the mistake behind S0's heavy ball",
            "The new gradient moves theta by gamma a. By how much does alpha move it?",
            lambda alpha, beta: (alpha * beta, beta))
wrong_forms("alpha_complement", "a = 1 - alpha",
            "Which of the two numbers says how much of the past is kept?",
            lambda alpha, beta: (alpha / (1 - beta), 1 - alpha))
wrong_forms("squared", "1 - beta^2 in the denominator",
            "That belongs to a variance. What do the weights 1, beta, beta^2, ... sum to?",
            lambda alpha, beta: (alpha / (1 - beta**2), 1 - beta))
wrong_forms("root", "a step for the variance of an average",
            "Do you match the variance of the steps, or the steps?",
            lambda alpha, beta: (alpha / np.sqrt(1 - beta**2), 1 - beta))
wrong_forms("finite_sum", "a sum of a thousand weights instead of the whole series",
            "How many gradients does v remember? With beta near 1, are a thousand enough?",
            lambda alpha, beta: (alpha * sum(beta**k for k in range(1000)), 1 - beta))
wrong_forms("safe_division", "a small number added to the denominator",
            "Is 1 - beta ever 0 here? How wrong is the step for beta = 0.9999?",
            lambda alpha, beta: (alpha / (1 - beta + 1e-8), 1 - beta))
wrong_forms("gamma_only", "gamma without a",
            "How many numbers does the contract return?", lambda alpha, beta: alpha / (1 - beta))
wrong_forms("default_beta", "0.9 where beta is 0",
            "What does `beta or 0.9` give when beta is 0?",
            lambda alpha, beta: translate(alpha, beta or 0.9))
wrong_forms("rounded", "numbers rounded to a few digits",
            "What do the next steps compute with: what you print, or what you return?",
            lambda alpha, beta: tuple(np.round(translate(alpha, beta), 6)))
wrong_forms("capped", "a memory of at most 0.999",
            "Which beta did the caller ask for?",
            lambda alpha, beta: translate(alpha, min(beta, 0.999)))


@bank.right("accum_to_ema", "a first")
def _(alpha, beta):
    a = 1.0 - beta
    return (alpha / a, a)


@bank.right("accum_to_ema", "negative power, a list")
def _(alpha, beta):
    return [alpha * (1.0 - beta) ** -1.0, 1.0 - beta]


@bank.right("accum_to_ema", "an array")
def _(alpha, beta):
    gamma = float(np.divide(alpha, np.subtract(1, beta)))
    return np.array([gamma, alpha / gamma])


# learning_rate ----------------------------------------------------------------------------------


def rate(t, alpha, delta, kind, t0):
    if t <= t0:
        return float(alpha)
    s = t - t0
    return alpha / (1 + delta * s) if kind == "inv" else alpha / s**delta


def later(inv, power):
    """Keep alpha up to t0; later use inv(...) or power(...) of t, alpha, delta, t0."""

    def learning_rate(t, alpha, delta, kind, t0):
        if t <= t0:
            return float(alpha)
        return (inv if kind == "inv" else power)(t, alpha, delta, t0)

    return learning_rate


def inv_rate(t, alpha, delta, t0):
    return alpha / (1 + delta * (t - t0))


def pow_rate(t, alpha, delta, t0):
    return alpha / (t - t0) ** delta


wrong_rate = wrong("learning_rate", RATE)
wrong_rate("counts_from_zero", "t in the place of t - t0",
           "The decrease begins after t0. How large is the rate one update later?",
           later(lambda t, alpha, delta, t0: alpha / (1 + delta * t),
                 lambda t, alpha, delta, t0: alpha / t**delta))
wrong_rate("kinds_swapped", "the two kinds exchanged",
           "Which of the two has delta in the exponent?", later(pow_rate, inv_rate))
wrong_rate("inv_only", "the same formula for both kinds",
           "What does kind choose?", later(inv_rate, inv_rate))
wrong_rate("pow_only", "the power for both kinds",
           "What does kind choose?", later(pow_rate, pow_rate))
wrong_rate("exponential", "an exponential decrease",
           "Do the rates of a geometric sequence sum to infinity?",
           later(lambda t, alpha, delta, t0: alpha * np.exp(-delta * (t - t0)), pow_rate))
wrong_rate("linear", "a straight line down",
           "What does your rate become after 1/delta updates?",
           later(lambda t, alpha, delta, t0: alpha * (1 - delta * (t - t0)), pow_rate))
wrong_rate("one_plus_delta", "(1 + delta)(t - t0) in the denominator",
           "Which of the two factors does the 1 belong to?",
           later(lambda t, alpha, delta, t0: alpha / ((1 + delta) * (t - t0)), pow_rate))
wrong_rate("no_delta", "1 + (t - t0), without delta",
           "Where does delta enter?",
           later(lambda t, alpha, delta, t0: alpha / (1 + (t - t0)), pow_rate))
wrong_rate("no_one", "delta (t - t0), without the 1",
           "Is the rate near alpha when delta is small?",
           later(lambda t, alpha, delta, t0: alpha / (delta * (t - t0)), pow_rate))
wrong_rate("shifted_power", "(1 + t - t0) to the power delta",
           "The power has no 1 in the contract. What is the first rate after t0?",
           later(inv_rate, lambda t, alpha, delta, t0: alpha / (1 + t - t0) ** delta))
wrong_rate("alpha_inside", "alpha inside the power",
           "What does the power apply to?",
           later(inv_rate, lambda t, alpha, delta, t0: (alpha / (t - t0)) ** delta))
wrong_rate("factor_for_power", "delta as a factor in the power law",
           "Which of the two has delta in the exponent?",
           later(inv_rate, lambda t, alpha, delta, t0: alpha / (delta * (t - t0))))
wrong_rate("growing", "a rate that grows",
           "Should later steps be longer or shorter?",
           later(lambda t, alpha, delta, t0: alpha * (1 + delta * (t - t0)),
                 lambda t, alpha, delta, t0: alpha * (t - t0) ** delta))
wrong_rate("square_root", "a square root in the place of delta",
           "Which exponent does the caller ask for?",
           later(inv_rate, lambda t, alpha, delta, t0: alpha / np.sqrt(t - t0)))
wrong_rate("relative_time", "t / t0 in the place of t - t0",
           "That is another common schedule. How many updates after t0 is t?",
           later(lambda t, alpha, delta, t0: alpha / (1 + delta * t / max(t0, 1)),
                 lambda t, alpha, delta, t0: alpha / (t / max(t0, 1)) ** delta))
wrong_rate("floor", "a rate that never falls below a floor",
           "If the rate stays above a positive number, is the sum of its squares finite?",
           lambda *args: max(rate(*args), 1e-4))


@bank.wrong("learning_rate", "no_fixed_phase", "a decrease from the first update on",
            "What is the rate while t <= t0?", RATE)
def _(t, alpha, delta, kind, t0):
    s = abs(t - t0) + (t == t0)
    return rate(t0 + s, alpha, delta, kind, t0)


@bank.wrong("learning_rate", "warm_up", "a rate that grows up to t0",
            "S3 asks for a fixed rate at first. Is yours fixed?", RATE)
def _(t, alpha, delta, kind, t0):
    return alpha * t / t0 if t <= t0 and t0 else rate(t, alpha, delta, kind, t0)


@bank.wrong("learning_rate", "starts_at_t0", "a division by 0 at t = t0",
            "The contract says t <= t0. What does 1 / 0^delta give?", RATE)
def _(t, alpha, delta, kind, t0):
    return rate(t, alpha, delta, kind, t0) if t != t0 else alpha / (t - t0) ** delta


@bank.wrong("learning_rate", "one_too_late", "a decrease that begins one update too late",
            "At t = t0 + 1, how many updates after t0 is that?", RATE)
def _(t, alpha, delta, kind, t0):
    return rate(t, alpha, delta, kind, t0) if t > t0 + 1 else float(alpha)


@bank.wrong("learning_rate", "default_t0", "a t0 of its own where t0 is 0",
            "What does `t0 or 10` give when t0 is 0?", RATE)
def _(t, alpha, delta, kind, t0):
    return rate(t, alpha, delta, kind, t0 or 10)


@bank.wrong("learning_rate", "integer_power", "a negative power of a whole number",
            "NumPy's whole numbers refuse negative whole powers. What happens for delta = 1?",
            RATE)
def _(t, alpha, delta, kind, t0):
    if t <= t0 or kind == "inv":
        return rate(t, alpha, delta, kind, t0)
    return float(alpha * np.power(t - t0, -delta))


@bank.wrong("learning_rate", "floor_division", "// where / belongs",
            "What is 1 // 4?", RATE)
def _(t, alpha, delta, kind, t0):
    if t <= t0:
        return float(alpha)
    whole = isinstance(alpha, int)
    return float(alpha // (1 + t - t0)) if whole else rate(t, alpha, delta, kind, t0)


@bank.wrong("learning_rate", "as_a_list", "a list with one rate in it",
            "The contract asks for a number. What do you return?", RATE)
def _(*args):
    return [rate(*args)]


@bank.right("learning_rate", "max(0, t - t0), one line for each kind")
def _(t, alpha, delta, kind, t0):
    late = max(0, t - t0)
    return {"inv": alpha / (1.0 + delta * late), "pow": alpha / max(1, late) ** delta}[kind]


@bank.right("learning_rate", "logarithms")
def _(t, alpha, delta, kind, t0):
    if t <= t0:
        return alpha
    log = np.log1p(delta * (t - t0)) if kind == "inv" else delta * np.log(t - t0)
    return np.exp(np.log(alpha) - log)


@bank.right("learning_rate", "negative powers of a float")
def _(t, alpha, delta, kind, t0):
    if not t > t0:
        return float(alpha)
    base, exponent = (1 + delta * (t - t0), 1) if kind == "inv" else (t - t0, delta)
    return alpha * float(base) ** -exponent


# robbins_monro_ok -------------------------------------------------------------------------------


wrong_fall = wrong("robbins_monro_ok", FALL)
wrong_fall("half_included", "1/2 <= delta",
           "At delta = 1/2 the squares are 1/t. Is their sum finite?",
           lambda delta: bool(0.5 <= delta <= 1))
wrong_fall("one_excluded", "delta < 1",
           "At delta = 1 the rates are 1/t. Is their sum infinite?",
           lambda delta: bool(0.5 < delta < 1))
wrong_fall("only_the_sum", "the first condition only",
           "A constant rate passes your test. Is the sum of its squares finite?",
           lambda delta: bool(delta <= 1))
wrong_fall("only_the_squares", "the second condition only",
           "Rates 1/t^3 pass your test. How far can they carry you?",
           lambda delta: bool(delta > 0.5))
wrong_fall("negated", "the conditions the wrong way round",
           "For which of the two sums is infinity good?",
           lambda delta: not 0.5 < delta <= 1)
wrong_fall("halves_swapped", "0 < delta < 1/2",
           "The squares are t^(-2 delta). Does doubling delta make the sum smaller or larger?",
           lambda delta: bool(0 < delta <= 0.5))
wrong_fall("squares_one_to_two", "1 < delta <= 2: the bounds for 2 delta",
           "Is the bound for delta or for 2 delta?", lambda delta: bool(1 < delta <= 2))
wrong_fall("positive", "any positive delta up to 1",
           "At delta = 0.3 the squares are t^-0.6. Is their sum finite?",
           lambda delta: bool(0 < delta <= 1))
wrong_fall("absolute", "|delta|",
           "What do the rates do when delta is negative?",
           lambda delta: bool(0.5 < abs(delta) <= 1))
wrong_fall("always", "True for every delta",
           "Which two sums did you look at?", lambda delta: True)
wrong_fall("never", "False for every delta",
           "Which two sums did you look at?", lambda delta: False)
wrong_fall("loose", "bounds with a tolerance",
           "delta = 1/2 + 10^-12 converges, delta = 1/2 does not. Can a tolerance be right?",
           lambda delta: bool(0.5 + 1e-9 < delta <= 1 + 1e-9))
wrong_fall("number", "1 or 0 instead of True or False",
           "The contract asks for a bool. What do you return?",
           lambda delta: int(0.5 < delta <= 1))
wrong_fall("array", "an array of one boolean",
           "The contract asks for one answer. Which shape has yours?",
           lambda delta: np.array([0.5 < delta <= 1]))
wrong_fall("three_quarters", "3/4 in the place of 1/2",
           "2 delta > 1: what does that say about delta?", lambda delta: bool(0.75 < delta <= 1))
wrong_fall("floats_only", "False for whole numbers",
           "Is 1 less of a number than 1.0?",
           lambda delta: isinstance(delta, float) and 0.5 < delta <= 1)
wrong_fall("no_whole_numbers", "an error for whole numbers",
           "Is 1 less of a number than 1.0?",
           lambda delta: not delta.is_integer() and 0.5 < delta <= 1 or delta == 1.0)


@bank.right("robbins_monro_ok", "two conditions")
def _(delta):
    diverges, squares_converge = delta <= 1, 2 * delta > 1
    return diverges and squares_converge


@bank.right("robbins_monro_ok", "if and return")
def _(delta):
    if delta > 1.0:
        return False
    return not delta <= 0.5


@bank.right("robbins_monro_ok", "a NumPy boolean")
def _(delta):
    return np.logical_and(np.greater(delta, 0.5), np.less_equal(delta, 1))


# newton_step ------------------------------------------------------------------------------------


def newton(theta, grad, hess):
    theta, grad, hess = floats(theta, grad, hess)
    return theta - np.linalg.solve(hess, grad)


def newton_by(step):
    """theta plus step(grad, hess)."""

    def newton_step(theta, grad, hess):
        theta, grad, hess = floats(theta, grad, hess)
        return theta + step(grad, hess)

    return newton_step


wrong_newton = wrong("newton_step", NEWTON)
wrong_newton("plus", "theta + H^-1 g",
             "0 = g + H (theta' - theta). What is theta' - theta?",
             newton_by(lambda g, H: np.linalg.solve(H, g)))
wrong_newton("no_inverse", "H g instead of H^-1 g",
             "Do you multiply by H, or solve an equation with it?", newton_by(lambda g, H: -H @ g))
wrong_newton("step_only", "the step without theta",
             "From where does the step start?",
             lambda theta, g, H: -np.linalg.solve(np.asarray(H, dtype=float), g))
wrong_newton("gradient_step", "theta - g: plain descent with step 1",
             "What is the Hessian for?", newton_by(lambda g, H: -g))
wrong_newton("entrywise", "1 / H, entry by entry",
             "H^-1 is the inverse of a matrix. What does H^-1 H give?",
             newton_by(lambda g, H: -(1 / H) @ g))
wrong_newton("diagonal", "the diagonal of H only",
             "Do the parameters not interact?", newton_by(lambda g, H: -g / np.diag(H)))
wrong_newton("half", "half the step",
             "Set the derivative of the model to 0. Is the 1/2 still there?",
             newton_by(lambda g, H: -0.5 * np.linalg.solve(H, g)))
wrong_newton("double", "twice the step",
             "Set the derivative of the model to 0. Where would a 2 come from?",
             newton_by(lambda g, H: -2 * np.linalg.solve(H, g)))
wrong_newton("one_curvature", "one curvature for all directions",
             "What does the trace say about single directions?",
             newton_by(lambda g, H: -g * len(g) / np.trace(H)))
wrong_newton("along_gradient", "the best step along the gradient",
             "That is the steepest descent with a perfect step. Does Newton's step point along "
             "the gradient?",
             newton_by(lambda g, H: -g * (g @ g) / (g @ H @ g)))
wrong_newton("damped", "H + 0.001 I",
             "That is the repair for a singular H. Was H singular here?",
             newton_by(lambda g, H: -np.linalg.solve(H + 1e-3 * np.eye(len(g)), g)))
wrong_newton("hair_damped", "a tiny multiple of I added to H",
             "Tiny compared with what? Let all of H be 1e-10.",
             newton_by(lambda g, H: -np.linalg.solve(H + 1e-13 * np.eye(len(g)), g)))
wrong_newton("absolute_curvature", "|eigenvalues|: always downhill",
             "That is a repair. Where does the plain step go on a saddle?",
             newton_by(lambda g, H: -np.linalg.solve(_absolute(H), g)))
wrong_newton("downhill_only", "the gradient step where H is not positive definite",
             "That is a repair. Where does the plain step go on a saddle?",
             newton_by(lambda g, H: -np.linalg.solve(H, g)
                       if np.linalg.eigvalsh(H).min() > 0 else -g))
wrong_newton("cholesky", "Cholesky, which needs positive definite H",
             "What happens on a saddle?",
             newton_by(lambda g, H: -np.linalg.solve(
                 (L := np.linalg.cholesky(H)).T, np.linalg.solve(L, g))))
wrong_newton("small_is_singular", "no step where the determinant is small",
             "The determinant of a small H is tiny. Is H singular?",
             newton_by(lambda g, H: -np.linalg.solve(H, g) if abs(np.linalg.det(H)) > 1e-12
                       else 0 * g))
wrong_newton("single_precision", "numbers in float32", PRECISION,
             lambda *args: newton(*args).astype(np.float32))
wrong_newton("column", "a column of shape (P, 1)",
             "Which shape has theta?", lambda *args: newton(*args)[:, None])
wrong_newton("broadcast", "a matrix: theta minus a column",
             "theta has shape (P,). What does NumPy make of (P,) minus (P, 1)?",
             newton_by(lambda g, H: -np.linalg.solve(H, g[:, None])))
wrong_newton("clipped", "a step of length at most 1/4",
             "A flat parabola has a distant bottom. Does the contract cut the step?",
             newton_by(lambda g, H: -(s := np.linalg.solve(H, g))
                       * min(1.0, 0.25 / np.linalg.norm(s))))


def _absolute(H):
    w, Q = np.linalg.eigh(H)
    return (Q * np.abs(w)) @ Q.T


@bank.right("newton_step", "in the precision of its arguments")
def _(theta, grad, hess):
    return theta - np.linalg.solve(hess, grad)


@bank.wrong("newton_step", "changes_argument", "theta -= ..., which changes the caller's array",
            "Who else holds the array theta?", NEWTON)
def _(theta, grad, hess):
    new = newton(theta, grad, hess)
    theta[...] = new
    return new


bank.habits("newton_step", newton)


@bank.right("newton_step", "the inverse")
def _(theta, grad, hess):
    return np.asarray(theta, dtype=float) - np.linalg.inv(np.asarray(hess, dtype=float)) @ grad


@bank.right("newton_step", "eigenvectors, a list")
def _(theta, grad, hess):
    theta, grad, hess = floats(theta, grad, hess)
    w, Q = np.linalg.eigh(hess)
    return list(theta - Q @ ((Q.T @ grad) / w))


@bank.right("newton_step", "solves for the new point")
def _(theta, grad, hess):
    theta, grad, hess = floats(theta, grad, hess)
    step = np.linalg.lstsq(hess, -grad, rcond=None)[0]
    return theta + step


@bank.right("newton_step", "elimination by hand")
def _(theta, grad, hess):
    P = len(theta)
    A = np.column_stack([np.array(hess, dtype=float), np.array(grad, dtype=float)])
    for i in range(P):
        k = i + int(np.argmax(np.abs(A[i:, i])))
        A[[i, k]] = A[[k, i]]
        A[i] /= A[i, i]
        for j in range(P):
            if j != i:
                A[j] -= A[j, i] * A[i]
    return np.asarray(theta, dtype=float) - A[:, -1]


# taylor2 ----------------------------------------------------------------------------------------


def parabola(f0, g, H, d):
    g, H, d = floats(g, H, d)
    return float(f0 + g @ d + 0.5 * d @ H @ d)


def model(terms):
    """A model terms(f0, g, H, d) of arrays in double precision."""

    def taylor2(f0, g, H, d):
        return terms(f0, *floats(g, H, d))

    return taylor2


wrong_taylor = wrong("taylor2", TAYLOR)
wrong_taylor("no_half", "d^T H d without the 1/2",
             "Differentiate your model twice. Do you get H or 2 H?",
             model(lambda f0, g, H, d: f0 + g @ d + d @ H @ d))
wrong_taylor("linear", "the first two terms only",
             "What bends the model?", model(lambda f0, g, H, d: f0 + g @ d))
wrong_taylor("no_slope", "the slope left out",
             "What does the model do for a very small d?",
             model(lambda f0, g, H, d: f0 + 0.5 * d @ H @ d))
wrong_taylor("no_value", "the change without the value",
             "What is the model at d = 0?", model(lambda f0, g, H, d: g @ d + 0.5 * d @ H @ d))
wrong_taylor("slope_sign", "the slope with a minus",
             "Uphill, does the loss grow or shrink?",
             model(lambda f0, g, H, d: f0 - g @ d + 0.5 * d @ H @ d))
wrong_taylor("curvature_sign", "the curvature with a minus",
             "Positive curvature bends upwards. Does yours?",
             model(lambda f0, g, H, d: f0 + g @ d - 0.5 * d @ H @ d))
wrong_taylor("diagonal", "the diagonal of H only",
             "Do the parameters not interact?",
             model(lambda f0, g, H, d: f0 + g @ d + 0.5 * np.diag(H) @ d**2))
wrong_taylor("half_of_slope", "1/2 on both terms",
             "Which term does the 1/2 belong to?",
             model(lambda f0, g, H, d: f0 + 0.5 * (g @ d + d @ H @ d)))
wrong_taylor("gradient_in_both", "g^T H d in the last term",
             "Which vector stands on both sides of H?",
             model(lambda f0, g, H, d: f0 + g @ d + 0.5 * g @ H @ d))
wrong_taylor("squared_product", "the square of H d",
             "d^T H d or (H d)^T (H d)?",
             model(lambda f0, g, H, d: f0 + g @ d + 0.5 * (H @ d) @ (H @ d)))
wrong_taylor("inverse", "the inverse of H",
             "The inverse belongs to Newton's step. What belongs to the model?",
             model(lambda f0, g, H, d: f0 + g @ d + 0.5 * d @ np.linalg.solve(H, d)))
wrong_taylor("factorial", "1/6, the factor of the third order",
             "Which order has 1/2?", model(lambda f0, g, H, d: f0 + g @ d + d @ H @ d / 6))
wrong_taylor("sum_of_H", "the sum of all entries of H",
             "What weighs the entries of H?",
             model(lambda f0, g, H, d: f0 + g @ d + 0.5 * H.sum() * (d @ d)))
wrong_taylor("vector", "a vector: d * (H d) without the sum",
             "The model is one number. What does * give for two vectors?",
             model(lambda f0, g, H, d: f0 + g * d + 0.5 * d * (H @ d)))
wrong_taylor("matrix", "an array of shape (1, 1)",
             "The model is one number. Which shape has yours?",
             model(lambda f0, g, H, d: np.array([[f0 + g @ d + 0.5 * d @ H @ d]])))
wrong_taylor("one_entry", "an array with one entry",
             "The model is one number. Which shape has yours?",
             model(lambda f0, g, H, d: np.array([f0 + g @ d + 0.5 * d @ H @ d])))
wrong_taylor("elementwise", "d * H * d, summed",
             "What does broadcasting make of d * H * d: d_i H_ij d_j, or H_ij d_j^2?",
             model(lambda f0, g, H, d: f0 + g @ d + 0.5 * (d * H * d).sum()))
wrong_taylor("minimum", "the lowest value of the model",
             "Was the bottom of the parabola asked for, or its value at d?",
             model(lambda f0, g, H, d: f0 - 0.5 * g @ np.linalg.solve(H, g)))
wrong_taylor("single_precision", "numbers in float32", PRECISION,
             lambda f0, g, H, d: float(np.float32(parabola(f0, g, H, d))))
wrong_taylor("rounded", "a number rounded to a few digits",
             "What do the next steps compute with: what you print, or what you return?",
             lambda *args: round(parabola(*args), 8))


@bank.wrong("taylor2", "squeezed", "np.cov-like code that fails for one parameter",
            "For one parameter, what is left of H after squeeze()?", TAYLOR)
def _(f0, g, H, d):
    H = np.asarray(H, dtype=float).squeeze()
    return parabola(f0, g, [H[i] for i in range(len(d))], d)


@bank.wrong("taylor2", "direction", "d divided by its length",
            "Does the length of d count? And what is 0 / 0?", TAYLOR)
def _(f0, g, H, d):
    g, H, d = floats(g, H, d)
    length = np.sqrt(d @ d)
    u = d / length
    return float(f0 + length * (g @ u) + 0.5 * length**2 * (u @ H @ u))


@bank.right("taylor2", "in the precision of its arguments")
def _(f0, g, H, d):
    return float(f0 + g @ d + 0.5 * d @ H @ d)


@bank.wrong("taylor2", "changes_argument", "d *= ..., which changes the caller's array",
            "Who else holds the array d?", TAYLOR)
def _(f0, g, H, d):
    value = parabola(f0, g, H, d)
    d *= 2
    return value


bank.habits("taylor2", parabola, array=False)


@bank.right("taylor2", "einsum")
def _(f0, g, H, d):
    g, H, d = floats(g, H, d)
    return f0 + np.einsum("i,i", g, d) + np.einsum("i,ij,j", d, H, d) / 2


@bank.right("taylor2", "loops")
def _(f0, g, H, d):
    value = float(f0)
    for i, di in enumerate(d):
        value += float(g[i]) * float(di)
        for j, dj in enumerate(d):
            value += 0.5 * float(di) * float(H[i][j]) * float(dj)
    return value


@bank.right("taylor2", "the mean of two slopes")
def _(f0, g, H, d):
    g, H, d = floats(g, H, d)
    return f0 + d @ (g + (g + H @ d)) / 2


# permute_hidden ---------------------------------------------------------------------------------


def renamed(W, b, V, perm):
    return W[perm], b[perm], V[:, perm]


wrong_names = wrong("permute_hidden", NAMES)
wrong_names("rows_of_V", "rows of V instead of columns",
            "V has shape (K, M). Which of its axes runs over the hidden units?",
            lambda W, b, V, perm: (W[perm], b[perm], V[np.asarray(perm) % len(V)]
                                   if len(V) != len(b) else V[perm]))
wrong_names("columns_of_W", "columns of W instead of rows",
            "W has shape (M, p). Which of its axes runs over the hidden units?",
            lambda W, b, V, perm: (W[:, perm] if W.shape[0] == W.shape[1]
                                   else W[:, np.arange(W.shape[1])[::-1]], b[perm], V[:, perm]))
wrong_names("V_left_out", "V left where it was",
            "Who listens to a hidden unit, and to which one now?",
            lambda W, b, V, perm: (W[perm], b[perm], V.copy()))
wrong_names("b_left_out", "b left where it was",
            "Does a unit move without its bias?",
            lambda W, b, V, perm: (W[perm], b.copy(), V[:, perm]))
wrong_names("W_left_out", "W left where it was",
            "Does a unit move without its incoming weights?",
            lambda W, b, V, perm: (W.copy(), b[perm], V[:, perm]))
wrong_names("inverse", "the inverse permutation for all three",
            "The function is the same. But is new unit i old unit perm[i], or the other way round?",
            lambda W, b, V, perm: renamed(W, b, V, np.argsort(perm)))
wrong_names("inverse_for_V", "the inverse permutation for V",
            "If unit i came from perm[i], from where does its column come?",
            lambda W, b, V, perm: (W[perm], b[perm], V[:, np.argsort(perm)]))
wrong_names("inverse_for_b", "the inverse permutation for b",
            "If unit i came from perm[i], from where does its bias come?",
            lambda W, b, V, perm: (W[perm], b[np.argsort(perm)], V[:, perm]))
wrong_names("reversed", "the units in reverse order, whatever perm is",
            "What is perm for?", lambda W, b, V, perm: (W[::-1], b[::-1], V[:, ::-1]))
wrong_names("unchanged", "everything as it was",
            "Is unit 0 still unit 0 after the call?",
            lambda W, b, V, perm: (W.copy(), b.copy(), V.copy()))
wrong_names("rolled", "a shift by one, whatever perm is",
            "What is perm for?",
            lambda W, b, V, perm: (np.roll(W, 1, 0), np.roll(b, 1), np.roll(V, 1, 1)))
wrong_names("own_permutation", "a permutation of its own",
            "Which permutation did the caller ask for?",
            lambda W, b, V, perm: renamed(W, b, V, np.argsort(b)))
wrong_names("twice", "perm applied twice",
            "How often should the units move?",
            lambda W, b, V, perm: renamed(*renamed(W, b, V, perm), perm))
wrong_names("order", "b, W, V instead of W, b, V",
            "In which order does the contract ask for the three?",
            lambda W, b, V, perm: (b[perm], W[perm], V[:, perm]))
wrong_names("no_V", "W and b without V",
            "How many arrays does the contract return?",
            lambda W, b, V, perm: (W[perm], b[perm]))
wrong_names("V_transposed", "V' transposed",
            "Which shape has V?", lambda W, b, V, perm: (W[perm], b[perm], V.T[perm]))
wrong_names("bias_column", "b' as a column",
            "Which shape has b?", lambda W, b, V, perm: (W[perm], b[perm][:, None], V[:, perm]))
wrong_names("sign_flips", "signs flipped as well",
            "tanh is odd, so the function is the same. But is new unit i old unit perm[i]?",
            lambda W, b, V, perm: (-W[perm], -b[perm], -V[:, perm]))
wrong_names("single_precision", "numbers in float32",
            "float32 keeps seven digits. Does moving a number ask for rounding it?",
            lambda *args: tuple(a.astype(np.float32) for a in renamed(*args)))
wrong_names("whole_numbers", "float32 numbers truncated on the way",
            "Which dtype should the arrays have, so that nothing is lost?",
            lambda W, b, V, perm: tuple(
                a.astype(np.float16).astype(float) if a.dtype == np.float32 else a
                for a in renamed(W, b, V, perm)))


@bank.wrong("permute_hidden", "shares_memory", "the same arrays where perm changes nothing",
            "Your caller will train the copy. What happens to the original?", NAMES)
def _(W, b, V, perm):
    if (np.asarray(perm) == np.arange(len(b))).all():
        return W, b, V
    return renamed(W, b, V, perm)


@bank.wrong("permute_hidden", "changes_argument", "W[:] = ..., which changes the caller's array",
            "Who else holds the array W?", NAMES)
def _(W, b, V, perm):
    new = renamed(W, b, V, perm)
    W[...] = new[0]
    return new


bank.habits("permute_hidden", renamed)


@bank.right("permute_hidden", "np.take")
def _(W, b, V, perm):
    return np.take(W, perm, axis=0), np.take(b, perm), np.take(V, perm, axis=1)


@bank.right("permute_hidden", "a permutation matrix")
def _(W, b, V, perm):
    Q = np.eye(len(perm))[perm]
    return Q @ W, Q @ b, V @ Q.T


@bank.right("permute_hidden", "loops, nested lists")
def _(W, b, V, perm):
    return ([[float(w) for w in W[i]] for i in perm], [float(b[i]) for i in perm],
            [[float(row[i]) for i in perm] for row in V])


@bank.right("permute_hidden", "scatter with the inverse")
def _(W, b, V, perm):
    back = np.argsort(perm)
    new = [np.empty_like(a, dtype=float) for a in (W, b, V)]
    new[0][back], new[1][back], new[2][:, back] = W, b, V
    return new
