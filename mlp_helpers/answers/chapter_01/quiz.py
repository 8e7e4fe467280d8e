"""Quiz of chapter 01; the questions are printed in the chapter, the answers are explained here."""

from ..quiz import Question

QUIZ = {
    "01.1": Question(
        text="You add 5 to every logit. What happens to the probabilities?",
        options={
            "a": "Each grows by the same factor.",
            "b": "They move towards the uniform distribution.",
            "c": "Nothing.",
        },
        answer="c",
        why={
            "a": "Every exponential grows by the factor e^5, and so does their sum. What is left "
            "of the factor in the quotient?",
            "b": "Dividing all logits by a temperature does that. Adding a constant leaves all "
            "differences between logits as they were.",
            "c": "The factor e^5 stands in the numerator and in the denominator. Only differences "
            "between logits count.",
        },
    ),
    "01.2": Question(
        text="There are K classes and all logits are finite. What is the rank of the Jacobian of "
        "softmax?",
        options={"a": "K", "b": "K - 1", "c": "1"},
        answer="b",
        why={
            "a": "Then no direction of change would leave the probabilities alone. You know one "
            "that does: all logits together.",
            "b": "Moving all logits together changes nothing, and this is the only such direction "
            "as long as every probability is positive.",
            "c": "The term s s^T alone has rank 1. What does diag(s) add?",
        },
    ),
    "01.3": Question(
        text="For softmax, v^T J as a row and J^T v as a column hold the same numbers as J v. "
        "Why may you not count on that for other layers?",
        options={
            "a": "The Jacobian of softmax is symmetric; most Jacobians are not.",
            "b": "The Jacobian of softmax is diagonal; most Jacobians are not.",
            "c": "The rows of the softmax Jacobian sum to 0; for most layers they do not.",
        },
        answer="a",
        why={
            "a": "s_i s_j = s_j s_i, so transposing changes nothing here. The layer Wx has the "
            "Jacobian W, and W is rarely even square.",
            "b": "Look at your heat maps: the entries off the diagonal are -s_i s_j, not 0.",
            "c": "They do sum to 0, but that says what J does to a constant vector. Which property "
            "makes J and its transpose the same?",
        },
    ),
    "01.4": Question(
        text="The logits of one example are (1000, 0) and its label is 1. What is its loss?",
        options={"a": "infinity", "b": "1000", "c": "log 1000, about 6.9"},
        answer="b",
        why={
            "a": "The probability underflows to 0 when you compute it first. Written as "
            "log-sum-exp minus the label's logit, nothing underflows.",
            "b": "Log-sum-exp of (1000, 0) is 1000 to the last digit, and the label's logit is 0.",
            "c": "The exponential undoes the logarithm: log(e^1000 + e^0) is 1000, not log 1000.",
        },
    ),
    "01.5": Question(
        text="What does each row of nll_grad_logits(F, y) sum to?",
        options={"a": "1", "b": "the loss of that example", "c": "0"},
        answer="c",
        why={
            "a": "The probabilities sum to 1. What is subtracted from them?",
            "b": "The gradient says how the loss changes, not how large it is. Shift all logits "
            "by a constant: how does the loss change?",
            "c": "Probabilities sum to 1 and the one-hot row sums to 1. Seen the other way: "
            "shifting all logits does not change the loss.",
        },
    ),
    "01.6": Question(
        text="The model gives the true class a probability near 0. Which gradient of the loss has "
        "entries that grow without bound?",
        options={
            "a": "The one with respect to the probabilities only.",
            "b": "The one with respect to the logits only.",
            "c": "Both.",
        },
        answer="a",
        why={
            "a": "-1/p_y grows without bound; p - e_y stays between -1 and 1. The Jacobian's "
            "entries go to 0 as fast as 1/p_y grows.",
            "b": "The gradient with respect to the logits is p - e_y. How large can its entries "
            "get?",
            "c": "One of the two is p - e_y. How large can its entries get?",
        },
    ),
}
