"""Translate."""

from __future__ import annotations

import numpy as np

from ...checking.criteria import shape, value
from ...checking.exercise import Criterion, Exercise
from ...reference import optim
from ..bank import Bank
from ..draw import case
from .shared import part_agrees, weight, wrong


def _translate_cases(rng):
    def one(alpha, beta):
        return case(alpha, beta)

    return {
        "generic": [one(float(rng.uniform(0.01, 0.4)), weight(rng)) for _ in range(4)],
        "long": [one(float(rng.uniform(0.01, 0.4)), 1.0 - float(rng.uniform(0.2, 0.8)) * 1e-4)],
        "plain": [one(float(rng.uniform(0.01, 0.4)), 0.0), one(3, 0)],
    }


def _accum_to_ema(alpha, beta):
    return tuple(map(float, optim.accum_to_ema(alpha, beta)))


bank = Bank()


EXERCISE = Exercise(
    title="Translate",
    signature="accum_to_ema(alpha, beta)",
    returns=("gamma", "a"),
    minutes=6,
    lines=1,
    section="Two forms, one path",
    draw=_translate_cases,
    oracle=_accum_to_ema,
    criteria=(
        shape(0.5, "two numbers"),
        Criterion(
            "gamma",
            0.75,
            lambda trial, group: part_agrees(
                trial, group, 0, "gamma", lambda case_, answer, right: right[0]
            ),
        ),
        Criterion(
            "a",
            0.75,
            lambda trial, group: part_agrees(
                trial, group, 1, "a", lambda case_, answer, right: right[1]
            ),
        ),
        value(0.5, "a long memory (beta near 1)", "long"),
        value(0.5, "beta = 0: plain descent", "plain"),
    ),
    hints=(
        "Feed both forms the same constant gradient g for ever. What does v tend to, what does "
        "phi tend to, and how long must the steps be to agree?",
        "Both keep a share of the past: 1 - a = beta. The sum is larger than the average by "
        "1 / (1 - beta), so the average needs the larger step: gamma a = alpha.",
        "return alpha / (...), 1 - ...",
    ),
    bank=bank,
)


FORMS = "Two forms, one path"


def translate(alpha, beta):
    return alpha / (1 - beta), 1 - beta


wrong_forms = wrong(bank, FORMS)


wrong_forms(
    "same_step",
    "the step size unchanged",
    "v tends to grad / (1 - beta), phi tends to grad. Who needs the longer step?",
    lambda alpha, beta: (alpha, 1 - beta),
)


wrong_forms(
    "beta_kept",
    "a = beta",
    "With beta = 0 nothing is remembered. Which a remembers nothing?",
    lambda alpha, beta: (alpha / (1 - beta), beta),
)


wrong_forms(
    "nothing_translated",
    "alpha and beta as they came",
    "In chapter 03 the second number weighs the new gradient. What does beta weigh?",
    lambda alpha, beta: (alpha, beta),
)


wrong_forms(
    "multiplied",
    "alpha times 1 - beta",
    "v tends to grad / (1 - beta), phi tends to grad. Who needs the longer step?",
    lambda alpha, beta: (alpha * (1 - beta), 1 - beta),
)


wrong_forms(
    "divides_by_beta",
    "alpha / beta",
    "What does your step become for beta = 0?",
    lambda alpha, beta: (alpha / max(beta, 1e-300), 1 - beta),
)


wrong_forms(
    "plus",
    "alpha / (1 + beta)",
    "1 + beta + beta^2 + ... is what?",
    lambda alpha, beta: (alpha / (1 + beta), 1 - beta),
)


wrong_forms(
    "order",
    "a, gamma instead of gamma, a",
    "In which order does the contract ask for the two?",
    lambda alpha, beta: translate(alpha, beta)[::-1],
)


wrong_forms(
    "back",
    "the translation in the other direction",
    "Which form do alpha and beta belong to, and which one do you want?",
    lambda alpha, beta: (alpha * beta, 1 - beta),
)


wrong_forms(
    "heavy_ball",
    "gamma = alpha, the mistake behind S0's heavy ball",
    "The new gradient moves theta by gamma a. By how much does alpha move it?",
    lambda alpha, beta: (alpha * beta, beta),
)


wrong_forms(
    "alpha_complement",
    "a = 1 - alpha",
    "Which of the two numbers says how much of the past is kept?",
    lambda alpha, beta: (alpha / (1 - beta), 1 - alpha),
)


wrong_forms(
    "squared",
    "1 - beta^2 in the denominator",
    "That belongs to a variance. What do the weights 1, beta, beta^2, ... sum to?",
    lambda alpha, beta: (alpha / (1 - beta**2), 1 - beta),
)


wrong_forms(
    "root",
    "a step for the variance of an average",
    "Do you match the variance of the steps, or the steps?",
    lambda alpha, beta: (alpha / np.sqrt(1 - beta**2), 1 - beta),
)


wrong_forms(
    "finite_sum",
    "a sum of a thousand weights instead of the whole series",
    "How many gradients does v remember? With beta near 1, are a thousand enough?",
    lambda alpha, beta: (alpha * sum(beta**k for k in range(1000)), 1 - beta),
)


wrong_forms(
    "safe_division",
    "a small number added to the denominator",
    "Is 1 - beta ever 0 here? How wrong is the step for beta = 0.9999?",
    lambda alpha, beta: (alpha / (1 - beta + 1e-8), 1 - beta),
)


wrong_forms(
    "gamma_only",
    "gamma without a",
    "How many numbers does the contract return?",
    lambda alpha, beta: alpha / (1 - beta),
)


wrong_forms(
    "default_beta",
    "0.9 where beta is 0",
    "What does `beta or 0.9` give when beta is 0?",
    lambda alpha, beta: translate(alpha, beta or 0.9),
)


wrong_forms(
    "rounded",
    "numbers rounded to a few digits",
    "What do the next steps compute with: what you print, or what you return?",
    lambda alpha, beta: tuple(np.round(translate(alpha, beta), 6)),
)


wrong_forms(
    "capped",
    "a memory of at most 0.999",
    "Which beta did the caller ask for?",
    lambda alpha, beta: translate(alpha, min(beta, 0.999)),
)


@bank.right("a first")
def a_first(alpha, beta):
    a = 1.0 - beta
    return (alpha / a, a)


@bank.right("negative power, a list")
def negative_power(alpha, beta):
    return [alpha * (1.0 - beta) ** -1.0, 1.0 - beta]


@bank.right("an array")
def an_array(alpha, beta):
    gamma = float(np.divide(alpha, np.subtract(1, beta)))
    return np.array([gamma, alpha / gamma])
