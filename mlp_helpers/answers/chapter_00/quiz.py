"""Quiz of chapter 00; the questions are printed in the chapter, the answers are explained here."""

from ..quiz import Question

QUIZ = {
    "00.1": Question(
        text="You make eps ten times smaller, from 1e-2 to 1e-3. What happens to the error of a "
        "central difference?",
        options={
            "a": "It becomes about ten times smaller.",
            "b": "It becomes about a hundred times smaller.",
            "c": "It grows, because of rounding.",
        },
        answer="b",
        why={
            "a": "That is the one-sided difference, whose error grows like eps. Which power of eps "
            "is left after the subtraction in the central one?",
            "b": "Truncation dominates there, and it grows like eps squared.",
            "c": "Rounding is about 1e-16 / eps, here 1e-13. How large is eps squared?",
        },
    ),
    "00.2": Question(
        text="A loss has 1000 parameters. How many times does a full gradient check by central "
        "differences evaluate the loss, and how many does a check along one random direction?",
        options={"a": "1000 and 1", "b": "2000 and 1000", "c": "2000 and 2"},
        answer="c",
        why={
            "a": "Each slope is made of two values of the loss.",
            "b": "Along a direction all parameters move together. How many points on that line do "
            "you need?",
            "c": "Two for each parameter, against two in total.",
        },
    ),
    "00.3": Question(
        text="Your gradient and the numerical one have a relative error of 0.33, for every input "
        "you try. What do you suspect?",
        options={
            "a": "A factor of 2.",
            "b": "Rounding: eps is too small.",
            "c": "A wrong sign.",
        },
        answer="a",
        why={
            "a": "norm(2g - g) / (norm(2g) + norm(g)) is 1/3. A number that is the same for all "
            "inputs points to a factor.",
            "b": "Rounding would change from input to input. And how small would eps have to be "
            "for a third?",
            "c": "Then a - b = 2a. What is the relative error of a and -a?",
        },
    ),
    "00.4": Question(
        text="The numerical gradient is NaN, and a student's check ends with "
        "`return not error > tol`. What does it say?",
        options={
            "a": "True: the gradient passes.",
            "b": "False: the gradient fails.",
            "c": "It stops with an error.",
        },
        answer="a",
        why={
            "a": "NaN > tol is False, and not False is True. Write error <= tol, which is False "
            "for NaN.",
            "b": "That is what error <= tol says. What is NaN > tol?",
            "c": "Comparisons with NaN raise no error. They are all False.",
        },
    ),
    "00.5": Question(
        text="In a chain rule with n = m, a student multiplies in the order dq_da @ dp_dq. When "
        "does nobody notice?",
        options={
            "a": "Never: the shapes do not fit.",
            "b": "When dq_da is symmetric.",
            "c": "When all paths have the same sign.",
        },
        answer="b",
        why={
            "a": "For n = m they fit both ways.",
            "b": "The other order multiplies by the transpose, and a symmetric matrix is its own. "
            "Elementwise layers and softmax hide the mistake in this way.",
            "c": "Signs do not help. Write down both products for a 2 by 2 matrix.",
        },
    ),
    "00.6": Question(
        text="Why can the complex step use eps = 1e-20, and a central difference cannot?",
        options={
            "a": "Complex numbers have twice as many digits.",
            "b": "It subtracts nothing, so no digits cancel.",
            "c": "Its truncation error is of order eps^4.",
        },
        answer="b",
        why={
            "a": "Each of the two parts is an ordinary float64. What happens to these parts in a "
            "central difference?",
            "b": "The slope stands in the imaginary part from the start, with all its digits.",
            "c": "It is of order eps^2, as for the central difference. That is not what limits the "
            "latter.",
        },
    ),
}
