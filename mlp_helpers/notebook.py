"""What a chapter's notebook says to its reader: reports, hints, predictions, quiz."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

from .checking.report import printable_here
from .progress import recall, remember

if TYPE_CHECKING:
    from .checking import Report


HINTS = 3


def in_ipython() -> bool:
    """Are we in a notebook (or another IPython session), where rich output can be shown?"""
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None


def show(html: str, text: str) -> None:
    """Show `html` in a notebook, with `text` as its text form; print `text` anywhere else."""
    if not in_ipython():
        print(printable_here(text))
        return
    from IPython.display import display

    display({"text/html": html, "text/plain": text}, raw=True)


def show_report(report: Report) -> None:
    """Show the verdict on one exercise."""
    show(report._repr_html_(), str(report))


def note(title: str, text: str) -> None:
    """Show a short note: a bold title and lines of text, with `names in backticks` set as code."""
    body = re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))
    html = (
        '<div style="border-left:4px solid #0072b2;padding:.3em .8em;margin:.4em 0">'
        f'<strong>{escape(title)}</strong><div style="white-space:pre-wrap">{body}</div></div>'
    )
    show(html, f"{title}\n{text}")


def course_data(what):
    """The exercises at hand; None, with a note that says why, where they are kept away.

    While a notebook is being graded they are not importable.  Hints, quiz and progress then have
    nothing to say, and that must not stop the notebook.
    """
    from . import catalogue

    try:
        catalogue.exercises  # noqa: B018 (asking for it loads the registry)
    except ImportError as error:
        note(what, f"Not available here: {error}")
        return None
    return catalogue


# --- hints ---------------------------------------------------------------------------------------


def hint(name: str | Callable, level: int = 1) -> None:
    """Show a hint for an exercise; it costs no points.

    Running the same cell again shows the same hint: the next one is asked for by its level.

    Parameters
    ----------
    name : str or function
        The exercise, for example ``"softmax_vjp"``.
    level : int
        1 (a question), 2 (a formula) or 3 (a skeleton).
    """
    name = str(getattr(name, "__name__", name))
    package = course_data(f"hint({name!r})")
    if package is None:
        return
    exercise = package.exercises().get(name)
    if exercise is None:
        meant = package.did_you_mean(name, package.exercises())
        note("No hint", f"Nothing called {name!r} has hints. {meant}")
    elif level not in range(1, HINTS + 1):
        note("No hint", f"A hint has level 1, 2 or 3, not {level!r}.")
    else:
        more = f'More: `hint("{name}", {level + 1})`'
        more = "That was the last one." if level == HINTS else more
        note(f"{name} · hint {level} of {HINTS}", f"{exercise.hints[level - 1]}\n{more}")


# --- predictions ---------------------------------------------------------------------------------


def _unanswered(answer):
    return answer is ... or (isinstance(answer, str) and answer.strip() in ("", "..."))


def predict(id: str, answer: object) -> None:
    """Keep your prediction, to be shown beside what happens; ``"..."`` means not yet answered."""
    if _unanswered(answer):
        note("Your prediction", "Replace the dots by your answer and run this cell again.")
        return
    remember("predictions", id, str(answer))
    note("Your prediction", f"{answer}\nKept. You will see it again beside what happens.")


def predicted(id: str, outcome: object) -> None:
    """Show the prediction kept under `id` beside what happened; wait as long as there is none."""
    answer = recall("predictions").get(id)
    if answer is None:
        note(
            "What happened",
            f'Predict first: replace the dots in `predict("{id}", "...")` by '
            "your guess, run that cell, then this one. Any guess will do.",
        )
        return
    answer = str(answer)
    row = "<td style='text-align:left;vertical-align:top'>{}</td>"
    html = (
        "<table><thead><tr><th scope='col' style='text-align:left'>You predicted</th>"
        "<th scope='col' style='text-align:left'>What happened</th></tr></thead>"
        f"<tbody><tr>{row.format(escape(answer))}{row.format(escape(str(outcome)))}"
        "</tr></tbody></table>"
    )
    show(html, f"You predicted: {answer}\nWhat happened: {outcome}")


# --- quiz ----------------------------------------------------------------------------------------


def quiz(id: str, answer: object) -> None:
    """Say whether an answer to a quiz question is right, and why; ``"..."`` means not yet."""
    chapter = str(id).partition(".")[0]
    package = course_data(f"Quiz {id}")
    if package is None:
        return
    if chapter not in package.CHAPTERS:
        note("Quiz", f'There is no question {id!r}; the first of chapter 00 is "00.1".')
        return
    questions = package.quiz_of(chapter)
    question = questions.get(id)
    if question is None:
        note("Quiz", f"There is no question {id!r}; this chapter has {', '.join(questions)}.")
        return
    letters = ", ".join(question.options)
    if _unanswered(answer):
        note(f"Quiz {id}", f"Replace the dots by one of {letters}.")
        return
    choice = str(answer).strip().lower()
    if choice not in question.options:
        note(f"Quiz {id}", f"The options are {letters}, not {answer!r}.")
        return
    remember("quiz", id, choice)
    verdict = "right" if choice == question.answer else "not yet"
    note(f"Quiz {id} · {choice}: {verdict}", question.why[choice])
