"""Quiz of chapter 02; the questions are printed in the chapter, the answers are explained here."""

from ..quiz import Question

QUIZ = {
    "02.1": Question(
        text="What can f(x) = b^T A x, the network without its sigmoid, fit?",
        options={
            "a": "The same curves, with other weights.",
            "b": "Linear functions of x only.",
            "c": "Nothing, it has no gradient.",
        },
        answer="b",
        why={
            "a": "b^T A is one row vector. How curved is the graph of a row vector times x?",
            "b": "b^T A is one row vector w^T, so f(x) = w^T x. The sigmoid is what bends the "
            "curve.",
            "c": "It has one, and a simple one: without the sigmoid the factor z2 (1 - z2) is 1.",
        },
    ),
    "02.2": Question(
        text="All of dL/dA goes through one factor that a saturated unit makes nearly 0. Which?",
        options={"a": "z4", "b": "b_i", "c": "z2_i (1 - z2_i)"},
        answer="c",
        why={
            "a": "z4 is the error of the whole network; one saturated unit does not make it 0.",
            "b": "b_i is a weight of its own. Saturated or not, it has the value it has.",
            "c": "z2_i is near 0 or near 1, so one of the two factors is near 0, and with it the "
            "whole row i of dL/dA.",
        },
    ),
    "02.3": Question(
        text="h = 50 hidden units, m = 20 inputs. You compute dL/dA entry by entry, and each entry "
        "runs its own forward pass. How many forward passes is that?",
        options={"a": "1", "b": "70", "c": "1000"},
        answer="c",
        why={
            "a": "That is what the backward pass needs, because it uses the stored quantities "
            "for all entries.",
            "b": "A has a row for each unit and a column for each input. How many entries is that?",
            "c": "One for each of the 50 x 20 entries, all with the same result. Store it once: "
            "that is the dynamic programming in backpropagation.",
        },
    ),
    "02.4": Question(
        text="You copy every example of the data set, so that each occurs twice. What happens to "
        "the gradient of this chapter's loss?",
        options={"a": "Nothing.", "b": "It doubles.", "c": "It grows fourfold."},
        answer="b",
        why={
            "a": "That would be so for the mean over examples. This loss is the sum.",
            "b": "The loss is a sum over examples, so is its gradient, and each term comes twice. "
            "A learning rate that was right is now twice too large.",
            "c": "The square is taken of each error, before the sum. The errors did not change.",
        },
    ),
    "02.5": Question(
        text="In a loop you update A first, then compute db with the new A. What is wrong?",
        options={
            "a": "Nothing: the loss falls either way.",
            "b": "The pair (dA, db) is not the gradient at any one point.",
            "c": "b is then updated twice.",
        },
        answer="b",
        why={
            "a": "It may fall. But it is another algorithm, its results differ from the gradient "
            "step that you meant to take, and a gradient check of a step would fail.",
            "b": "dA belongs to the old point, db to a new one. Gradient descent takes one step "
            "along one gradient.",
            "c": "b is updated once, along a db that belongs to another place.",
        },
    ),
}
