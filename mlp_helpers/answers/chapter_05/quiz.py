"""Quiz of chapter 05; the questions are printed in the chapter, the answers are explained here."""

from ..quiz import Question

QUIZ = {
    "05.1": Question(
        text="What does a central difference with step eps give for the slope of ReLU at exactly "
        "0?",
        options={
            "a": "0, which is the convention of this course",
            "b": "1/2, for every eps",
            "c": "something that tends to 1 when eps tends to 0",
        },
        answer="b",
        why={
            "a": "A difference does not know the convention. What are the values at eps and at "
            "-eps?",
            "b": "(eps - 0) / (2 eps) = 1/2: the mean of the left slope 0 and the right slope 1. "
            "No smaller step changes it.",
            "c": "Put eps into the quotient: (eps - 0) / (2 eps). Does anything in it still "
            "depend on eps?",
        },
    ),
    "05.2": Question(
        text="A hidden unit has the pre-activation a = w_1 x_1 + w_2 x_2 + b. For which examples "
        "is its derivative with respect to w_1 equal to 0?",
        options={
            "a": "those with w_1 x_1 + b <= 0",
            "b": "those with a <= 0, and those with x_1 = 0",
            "c": "those with a <= 0 only",
        },
        answer="b",
        why={
            "a": "That gate looks at one input. Which number does the ReLU see?",
            "b": "The derivative is relu'(a) x_1. It vanishes when either factor does.",
            "c": "The derivative is relu'(a) x_1. Is the gate its only factor?",
        },
    ),
    "05.3": Question(
        text="Why is the gradient of W1 a sum over all logits, and that of W2[k] is not?",
        options={
            "a": "Because W1 is larger than W2.",
            "b": "Because the ReLU mixes the logits.",
            "c": "Because a hidden unit reaches every logit, and row k of W2 only the logit k.",
        },
        answer="c",
        why={
            "a": "The number of weights plays no part. Along how many paths does one weight reach "
            "the error?",
            "b": "The ReLU works on each unit alone, before there are logits. Who is connected "
            "with whom?",
            "c": "One path for each logit that depends on the weight, and the chain rule adds the "
            "paths.",
        },
    ),
    "05.4": Question(
        text="In a gradient check with eps = 1e-5 you find |a_j| = 3e-6 and x_m = 2. What do you "
        "do with the entry W1[j, m]?",
        options={
            "a": "Leave it out: the step reaches over the kink.",
            "b": "Count it as an error of the gradient.",
            "c": "Keep it: 3e-6 is positive, so the gate is open.",
        },
        answer="a",
        why={
            "a": "The step moves a_j by 2e-5, more than its distance 3e-6 from 0. The difference "
            "then averages two slopes and says nothing about either.",
            "b": "The gradient at this point may be right. Which of the two numbers is the wrong "
            "judge here?",
            "c": "Open at this point, yes. And at the point where W1[j, m] is 1e-5 smaller?",
        },
    ),
    "05.5": Question(
        text="A unit is dead: its pre-activation is negative for all examples. What brings it back "
        "during gradient descent on W1 and b1, if nothing changes below it?",
        options={
            "a": "nothing, because its gradient is 0 for every example",
            "b": "a larger learning rate",
            "c": "more steps",
        },
        answer="a",
        why={
            "a": "Its weights and its bias get no gradient at all, so they stay where they are. "
            "Other data, or a lower layer that moves, could wake it up.",
            "b": "A larger rate multiplies the gradient of this unit. What is that gradient?",
            "c": "Each step adds a multiple of the unit's gradient. What is that gradient?",
        },
    ),
}
