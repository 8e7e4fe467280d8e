"""What a chapter's notebook says to its reader: reports, hints, predictions, quiz, demos."""

import importlib
import re
import sys
from html import escape

from .progress import recall, remember

HINTS = 3


def in_ipython():
    """Are we in a notebook (or another IPython session), where rich output can be shown?"""
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None


def show(html, text):
    """Show `html` in a notebook, with `text` as its text form; print `text` anywhere else."""
    if not in_ipython():
        print(text)
        return
    from IPython.display import display

    display({"text/html": html, "text/plain": text}, raw=True)


def show_report(report):
    """Show the verdict on one exercise."""
    show(report._repr_html_(), str(report))


def note(title, text):
    """Show a short note: a bold title and lines of text, with `names in backticks` set as code."""
    body = re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))
    html = (
        '<div style="border-left:4px solid #0072b2;padding:.3em .8em;margin:.4em 0">'
        f'<strong>{escape(title)}</strong><div style="white-space:pre-wrap">{body}</div></div>'
    )
    show(html, f"{title}\n{text}")


def course_data(module, what):
    """Import a module of the exercise bank; None, with a note that says why, where it is kept away.

    While a notebook is being graded the exercise bank is not importable.  Hints, quiz and
    progress then have nothing to say, and that must not stop the notebook.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        note(what, f"Not available here: {error}")
        return None


# --- hints ---------------------------------------------------------------------------------------


def hint(name, level=None):
    """Show a hint for an exercise; it costs no points.

    Parameters
    ----------
    name : str or function
        The exercise, for example ``"softmax_vjp"``.
    level : int, optional
        1 (a question), 2 (a formula) or 3 (a skeleton).  Left out: the next one not yet seen.

    Raises
    ------
    ValueError
        There is no exercise of that name, or no such level.
    """
    name = getattr(name, "__name__", name)
    package = course_data("mlp_helpers.exercises", f"hint({name!r})")
    if package is None:
        return
    exercise = package.exercises().get(name)
    if exercise is None:
        raise ValueError(f"there is no exercise named {name!r}; exercises() lists them all")
    if level is None:
        level = min(_seen(name) + 1, HINTS)
    if level not in range(1, HINTS + 1):
        raise ValueError(f"level must be 1, 2 or 3, not {level!r}")
    remember("hints", name, max(level, _seen(name)))
    more = "That was the last one." if level == HINTS else f'More: `hint("{name}", {level + 1})`'
    note(f"{name} · hint {level} of {HINTS}", f"{exercise.hints[level - 1]}\n{more}")


def _seen(name):
    seen = recall("hints").get(name, 0)
    return seen if isinstance(seen, int) else 0


# --- predictions ---------------------------------------------------------------------------------


def _unanswered(answer):
    return answer is ... or (isinstance(answer, str) and answer.strip() in ("", "..."))


def predict(id, answer):
    """Keep your prediction, to be shown beside what happens; ``"..."`` means not yet answered."""
    if _unanswered(answer):
        note("Your prediction", "Replace the dots by your answer and run this cell again.")
        return
    remember("predictions", id, str(answer))
    note("Your prediction", f"{answer}\nKept. You will see it again beside what happens.")


def predicted(id, outcome):
    """Show the prediction kept under `id` beside what happened."""
    answer = recall("predictions").get(id)
    answer = "(no prediction yet)" if answer is None else str(answer)
    row = "<td style='text-align:left;vertical-align:top'>{}</td>"
    html = (
        "<table><thead><tr><th scope='col' style='text-align:left'>You predicted</th>"
        "<th scope='col' style='text-align:left'>What happened</th></tr></thead>"
        f"<tbody><tr>{row.format(escape(answer))}{row.format(escape(str(outcome)))}"
        "</tr></tbody></table>"
    )
    show(html, f"You predicted: {answer}\nWhat happened: {outcome}")


# --- quiz ----------------------------------------------------------------------------------------


def quiz(id, answer):
    """Say whether an answer to a quiz question is right, and why; ``"..."`` means not yet.

    Raises
    ------
    ValueError
        There is no such question, or no such option.
    """
    chapter = str(id).partition(".")[0]
    data = course_data(f"mlp_helpers.exercises.quiz_{chapter}", f"Quiz {id}")
    if data is None:
        return
    question = data.QUIZ.get(id)
    if question is None:
        raise ValueError(f"there is no question {id!r}; this chapter has {', '.join(data.QUIZ)}")
    letters = ", ".join(question.options)
    if _unanswered(answer):
        note(f"Quiz {id}", f"Replace the dots by one of {letters}.")
        return
    choice = str(answer).strip().lower()
    if choice not in question.options:
        raise ValueError(f"question {id} has the options {letters}, not {answer!r}")
    remember("quiz", id, choice)
    verdict = "right" if choice == question.answer else "not yet"
    note(f"Quiz {id} · {choice}: {verdict}", question.why[choice])


# --- demos that need the reader's functions ------------------------------------------------------


def when_solved(demo):
    """Run a zero-argument demo at once; wait politely for a function that is not solved yet.

    A stub is a function of the same notebook that raises NotImplementedError.  Every other error,
    and a NotImplementedError from anywhere else, is raised as usual.

    Returns
    -------
    function
        `demo` itself, so that it can be called again.
    """
    try:
        demo()
    except NotImplementedError as error:
        name = _stub_name(error, demo)
        if name is None:
            raise
        note("Waiting", f"This part comes alive when `{name}` is solved.")
    return demo


def _stub_name(error, demo):
    """Name of the unsolved function that raised `error`, or None if it was something else."""
    trace = error.__traceback__
    while trace.tb_next is not None:
        trace = trace.tb_next
    frame = trace.tb_frame
    if frame.f_globals is not demo.__globals__ or frame.f_code is demo.__code__:
        return None
    return frame.f_code.co_name
