"""Quiz of chapter 03; the questions are printed in the chapter, the answers are explained here."""

from ..quiz import Question

QUIZ = {
    "03.1": Question(
        text="You flip the sign of all entries of W, b and V. What happens to the logits?",
        options={
            "a": "Nothing.",
            "b": "They flip their signs.",
            "c": "It depends on the input.",
        },
        answer="a",
        why={
            "a": "tanh is odd: every hidden activation changes its sign, and V changes it back.",
            "b": "Flipping V alone would do that to everything but c. What do W and b do to h?",
            "c": "tanh(-s) = -tanh(s) for every s. Where does the second minus sign come from?",
        },
    ),
    "03.2": Question(
        text="All entries of V and c are 0. There are N examples and K classes. What is the risk?",
        options={"a": "0", "b": "N log K", "c": "log K"},
        answer="b",
        why={
            "a": "All logits are 0, so every class has probability 1/K. Is that a perfect answer?",
            "b": "Every example costs log K, and the risk is a sum. A useful first test of any "
            "implementation: start small and compare.",
            "c": "That is the loss of one example. The risk adds up all of them.",
        },
    ),
    "03.3": Question(
        text="A hidden unit has the activation 0.999 for every example. Which gradients are then "
        "tiny?",
        options={
            "a": "Its column of dV.",
            "b": "Its row of dW and its entry of db.",
            "c": "All of dW, dV, db and dc.",
        },
        answer="b",
        why={
            "a": "dV = dF^T H multiplies by the activation itself, and 0.999 is not small.",
            "b": "Everything that lies below the tanh is multiplied by 1 - h^2, about 0.002.",
            "c": "Only what passes through this unit's tanh is affected. Which parameters do?",
        },
    ),
    "03.4": Question(
        text="Why is dW = dS^T X right for a batch although dL/dW = (dL/ds) x^T was derived for "
        "one example?",
        options={
            "a": "Row times row, the matrix product adds the outer products of all examples.",
            "b": "It is right for N = 1 only.",
            "c": "It takes the average over the examples.",
        },
        answer="a",
        why={
            "a": "Entry (m, j) is the sum over n of dS[n, m] X[n, j]: the gradient of a sum is the "
            "sum of the gradients.",
            "b": "Write out entry (m, j) of the product. Which index is summed over?",
            "c": "An average would divide by N. Do you see an N?",
        },
    ),
    "03.5": Question(
        text="With S0's momentum, what is phi after many steps if the gradient is always the same "
        "vector g?",
        options={"a": "g", "b": "g / alpha", "c": "It grows without bound."},
        answer="a",
        why={
            "a": "phi is an average of past gradients: its weights alpha (1 - alpha)^i sum to 1.",
            "b": "That is the accumulating form of chapter 07, whose weights do not sum to 1. What "
            "do yours sum to?",
            "c": "Put phi = g into (1 - alpha) phi + alpha g. What comes out?",
        },
    ),
    "03.6": Question(
        text="Which setting turns S0's momentum into plain gradient descent?",
        options={"a": "alpha = 0", "b": "alpha = 1", "c": "gamma = 1"},
        answer="b",
        why={
            "a": "With alpha = 0 the new gradient is ignored and phi stays 0. Does theta move?",
            "b": "Then phi' = g, and nothing of the past is kept.",
            "c": "gamma is the step size. Does it say anything about the past?",
        },
    ),
}
