"""Quiz of chapter 06; the questions are printed in the chapter, the answers are explained here."""

from ..quiz import Question

QUIZ = {
    "06.1": Question(
        text="A value feeds three boxes. What is its gradient?",
        options={
            "a": "The gradient that the last of the three sends.",
            "b": "The sum of what the three send.",
            "c": "The mean of what the three send.",
        },
        answer="b",
        why={
            "a": "That is what grads[i] = share computes. Which path's effect on the loss is lost?",
            "b": "The loss feels a change along every path, and small changes add: the chain rule "
            "for several variables.",
            "c": "Three boxes that each pass on a change of 1 change the loss by 3. Where would "
            "the division come from?",
        },
    ),
    "06.2": Question(
        text="When may a box run bprop?",
        options={
            "a": "When all boxes that use its value have run theirs.",
            "b": "When all boxes whose values it uses have run theirs.",
            "c": "As soon as the first share of its gradient has arrived.",
        },
        answer="a",
        why={
            "a": "Only then is its gradient complete. Going through the forward order backwards "
            "makes sure of it.",
            "b": "Those come later in the backward pass. That is the condition for fprop.",
            "c": "Then it has to run again for every further share: right values, and twice the "
            "work at every fork.",
        },
    ),
    "06.3": Question(
        text="Twenty diamonds in a row, 60 boxes and 2 leaves. An engine that sends every "
        "share on at once runs bprop how often?",
        options={"a": "60 times", "b": "about 400 times", "c": "more than a million times"},
        answer="c",
        why={
            "a": "That is one visit per box, with shares collected before they are sent on.",
            "b": "That would be 20 squared. What does one more fork do to the number of paths?",
            "c": "Every fork doubles the number of paths, and 2^20 is 1,048,576. Collecting first "
            "is the dynamic programming in backprop.",
        },
    ),
    "06.4": Question(
        text="b has shape (5,), A has shape (3, 5), and S = A + b. What is the gradient of b, with "
        "G the gradient of S?",
        options={"a": "G", "b": "G.sum(axis=0)", "c": "G.mean(axis=0)"},
        answer="b",
        why={
            "a": "G has shape (3, 5). A gradient has the shape of what it belongs to.",
            "b": "b was copied to three rows; each copy sends its share back to the one b.",
            "c": "Each copy changes its row by the full change of b. Do three effects add, or "
            "average?",
        },
    ),
    "06.5": Question(
        text="x is data and W is a parameter, and a = matvec(W, x). Which part of bprop may the "
        "engine leave out?",
        options={
            "a": "The gradient of W.",
            "b": "The gradient of x.",
            "c": "Neither: without the one, the other cannot be computed.",
        },
        answer="b",
        why={
            "a": "W is what you train. Its gradient is the reason for the whole backward pass.",
            "b": "No parameter lies behind x, so nobody asks for its gradient. In a network's "
            "first layer that saves one of three matrix products.",
            "c": "g x^T needs g and x; W^T g needs W and g. Does either need the other?",
        },
    ),
}
