"""Quiz of chapter 08; the questions are printed in the chapter, the answers are explained here."""

from ..quiz import Question

QUIZ = {
    "08.1": Question(
        text="You train with the l1 penalty and plain steps along sign(W). Which weights become "
        "exactly 0?",
        options={
            "a": "all weights whose data gradient is small",
            "b": "in general none: they jump back and forth across 0",
            "c": "the same ones as with the l2 penalty",
        },
        answer="b",
        why={
            "a": "Those are the ones that should. A step of fixed size from 0.003 by 0.007 lands "
            "where?",
            "b": "A fixed step oversteps 0 and comes back from the other side. The soft threshold "
            "stops at 0, because it solves for the minimum instead of following a slope.",
            "c": "The l2 penalty shrinks by a factor. Does a factor ever give 0?",
        },
    ),
    "08.2": Question(
        text="All weights and biases of a tanh network with a softmax output start at 0. Which "
        "gradient is not 0, for one example?",
        options={
            "a": "none: all gradients are 0",
            "b": "that of the first layer's weights",
            "c": "that of the output bias",
        },
        answer="c",
        why={
            "a": "What does the output bias get? Its gradient is p - e_y, with nothing multiplied "
            "to it.",
            "b": "What comes back to the first layer is multiplied by the output weights. What are "
            "they?",
            "c": "It is p - e_y, here with p = 1/K everywhere. The weights stay where they are.",
        },
    ),
    "08.3": Question(
        text="You fit polynomials of degree 8 instead of degree 3 to the same 20 noisy points of a "
        "wave. What do you expect of bias and variance?",
        options={
            "a": "less bias, more variance",
            "b": "more bias, less variance",
            "c": "less of both",
        },
        answer="a",
        why={
            "a": "A richer family comes closer to the truth on average, and follows the noise of "
            "each training set more.",
            "b": "Can a larger family fit worse on average?",
            "c": "What then would be the price of a higher degree?",
        },
    ),
    "08.4": Question(
        text="Why is the error of the chosen configuration on the validation set not an honest "
        "estimate of the error on new data?",
        options={
            "a": "The validation set is too small.",
            "b": "It is the smallest of many errors, so luck was part of the choice.",
            "c": "The validation set was used for the gradients.",
        },
        answer="b",
        why={
            "a": "A larger set would help with the noise. Would it remove the preference for lucky "
            "configurations?",
            "b": "Of 20 configurations that are equally good, the one chosen is the one that was "
            "lucky on this set. A set that took part in no decision has no such preference.",
            "c": "It was not: which set gives the gradients?",
        },
    ),
    "08.5": Question(
        text="Only the learning rate matters, the penalty hardly does, and you do not know it. You "
        "have 16 runs. How many different rates do a 4 x 4 grid and random search try?",
        options={
            "a": "4 and 16",
            "b": "16 and 16",
            "c": "16 and 4",
        },
        answer="a",
        why={
            "a": "The grid spends four runs on every rate. Random search draws a new rate for "
            "every run.",
            "b": "Write down the rates of the 16 points of the grid. How many differ?",
            "c": "Which of the two draws a new rate for every run?",
        },
    ),
}
