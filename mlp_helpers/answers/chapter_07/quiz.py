"""Quiz of chapter 07; the questions are printed in the chapter, the answers are explained here."""

from ..quiz import Question

QUIZ = {
    "07.1": Question(
        text="You have 1000 examples and batches of 32, the last one short. How many updates are "
        "in one epoch?",
        options={"a": "31", "b": "32", "c": "1000"},
        answer="b",
        why={
            "a": "31 batches of 32 are 992 examples. What about the other 8?",
            "b": "31 full batches and one of 8. An epoch is one pass over all examples.",
            "c": "That would be one update for each example. How many does a batch hold?",
        },
    ),
    "07.2": Question(
        text="You make the batch four times as large. What happens to the standard deviation of "
        "the mini-batch gradient?",
        options={"a": "it is a quarter", "b": "it is a half", "c": "nothing"},
        answer="b",
        why={
            "a": "The variance falls like 1/B. And its square root?",
            "b": "Variance like 1/B, standard deviation like 1/sqrt(B). Four times the work buys "
            "one more bit of precision.",
            "c": "An average of more examples scatters less. By how much?",
        },
    ),
    "07.3": Question(
        text="The accumulating form runs with alpha = 0.1 and beta = 0.9. Which gamma and a give "
        "the same path in the averaging form?",
        options={"a": "gamma = 0.1, a = 0.1", "b": "gamma = 1, a = 0.9", "c": "gamma = 1, a = 0.1"},
        answer="c",
        why={
            "a": "With these the new gradient moves theta by gamma a = 0.01. By how much does the "
            "accumulating form move it?",
            "b": "a weighs the new gradient, 1 - a the past. Which share of the past does beta "
            "keep?",
            "c": "a = 1 - beta, and gamma a = alpha: the newest gradient moves theta by the same "
            "amount.",
        },
    ),
    "07.4": Question(
        text="Rates 1/t^2 violate one of the two conditions. What is the consequence?",
        options={
            "a": "the noise never averages out",
            "b": "the whole run can only travel a limited distance",
            "c": "the first steps are too long",
        },
        answer="b",
        why={
            "a": "The sum of the squares, 1/t^4, is finite. Which condition is about noise?",
            "b": "The rates sum to pi^2/6. If gradients are bounded, theta cannot get further than "
            "that times the bound, wherever the minimum is.",
            "c": "Both conditions ignore the first steps, however many. What do they look at?",
        },
    ),
    "07.5": Question(
        text="Newton's step starts near the top of a hill, where the Hessian is negative "
        "definite. Where does it go?",
        options={"a": "down the hill", "b": "to the top", "c": "nowhere: the step is undefined"},
        answer="b",
        why={
            "a": "The model is a parabola that opens downwards. Where is its gradient 0?",
            "b": "It solves for gradient 0, and does not ask whether that is a minimum.",
            "c": "A negative definite Hessian is invertible. What does the step solve for?",
        },
    ),
    "07.6": Question(
        text="A network has one hidden layer of 5 tanh units, all different. How many parameter "
        "vectors give the same function if you only reorder the units?",
        options={"a": "5", "b": "120", "c": "32"},
        answer="b",
        why={
            "a": "You may put any of 5 units first. And then?",
            "b": "5! orders. (With tanh you may also flip the signs of a unit, 2^5 ways: 3840 in "
            "all.)",
            "c": "2^5 counts the sign flips that tanh allows. How many orders do 5 units have?",
        },
    ),
}
