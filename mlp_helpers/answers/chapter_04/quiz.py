"""Quiz of chapter 04; the questions are printed in the chapter, the answers are explained here."""

from ..quiz import Question

QUIZ = {
    "04.1": Question(
        text="W_k has shape (20, 50). What is the shape of the gradient with respect to W_k, and "
        "what is the size of the gradient that goes to the layer below, for one example?",
        options={
            "a": "(20, 50), and 50 numbers.",
            "b": "(50, 20), and 20 numbers.",
            "c": "(20, 50), and 20 numbers.",
        },
        answer="a",
        why={
            "a": "A gradient has the shape of its parameter, and the layer below has one unit per "
            "column.",
            "b": "That is the shape of the transpose. A gradient step subtracts the gradient from "
            "W_k: which shape must it have?",
            "c": "20 numbers come back to this layer. How many units has the layer below it?",
        },
    ),
    "04.2": Question(
        text="Why must the forward pass keep the pre-activations or activations of every layer?",
        options={
            "a": "To compute the loss.",
            "b": "Each layer's gradient needs what came into it, and each step down the slope at "
            "the point where the activation was computed.",
            "c": "To avoid overflow.",
        },
        answer="b",
        why={
            "a": "The loss needs the last layer only.",
            "b": "Delta^T H needs H, and phi'(Z) needs Z. This memory is the price of backprop.",
            "c": "Overflow is met by the way exponentials are written, not by keeping arrays.",
        },
    ),
    "04.3": Question(
        text="A program computes the step down with W instead of its transpose. All layers have "
        "equal sizes. Which gradients are wrong?",
        options={
            "a": "All but those of the output layer.",
            "b": "Those of the output layer only.",
            "c": "None: the sizes are equal.",
        },
        answer="a",
        why={
            "a": "The output layer's gradients are made before the first step down. Everything "
            "below depends on it.",
            "b": "At which moment of the algorithm are the output layer's gradients computed?",
            "c": "Equal sizes keep NumPy from complaining. Is W delta the same as W^T delta?",
        },
    ),
    "04.4": Question(
        text="You double the width of every hidden layer of a deep network. How do the costs of "
        "backprop and of central differences grow, for large widths?",
        options={
            "a": "About 2 times and 4 times.",
            "b": "About 4 times and 4 times.",
            "c": "About 4 times and 16 times.",
        },
        answer="c",
        why={
            "a": "A layer's matrix has two sides, and both of them doubled.",
            "b": "Each difference costs a forward pass, which is 4 times dearer. How many more "
            "parameters are there?",
            "c": "The number of weights grows fourfold, and so does a forward pass. Differences "
            "pay for one with the other.",
        },
    ),
    "04.5": Question(
        text="The loss is the mean over N examples. Where does the factor 1/N enter?",
        options={
            "a": "Once at every layer.",
            "b": "Once, at the top.",
            "c": "Only in the bias gradients, which are means.",
        },
        answer="b",
        why={
            "a": "Every delta is made from the one above. How often would the first layer be "
            "divided then?",
            "b": "All other gradients are linear in the one at the top, so the factor travels "
            "along.",
            "c": "With 1/N in delta already, a bias gradient is the sum over examples.",
        },
    ),
}
