"""What a master leaves to the build: headings of exercises, and a chapter's totals.

A master says ``### Exercise: softmax`` and ``[[points]]``; number, title, minutes, points and lines
come from the exercise's contract, what a person reads from the cells of the master itself.
"""

from __future__ import annotations

import re

from mlp_helpers import exercises

from ..ground.errors import Problem

HEADING = re.compile(r"^### Exercise: (\w+)$", re.MULTILINE)
TOTAL = re.compile(r"\[\[([\w ]+)\]\]")
BY_A_PERSON = re.compile(r'"grade": true, "grade_id": "derive_.*?"points": ([\d.]+)')
WORDS = (
    "no one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
).split()


def written_out(text: str, chapter: str) -> str:
    """The text of a master with its headings and totals written out.

    Parameters
    ----------
    text : str
        Of ``solutions/NN_name.py``.
    chapter : str
        ``"01"``.

    Returns
    -------
    str

    Raises
    ------
    Problem
        A heading names no exercise of the chapter, or a total is not known.
    """
    mine = [e for e in exercises().values() if e.chapter == chapter]
    numbers = {e.id: (i, e) for i, e in enumerate(mine, start=1)}
    totals = _totals(mine, text)

    def heading(found):
        if found[1] not in numbers:
            raise Problem(
                f"chapter {chapter}: `{found[0]}` names no exercise of this chapter; "
                f"it has {', '.join(numbers)}"
            )
        number, exercise = numbers[found[1]]
        return (
            f"### Exercise {int(chapter)}.{number} · {exercise.title}  "
            f"*({_count(exercise.minutes, 'minute')}, {_count(exercise.points, 'point')}, "
            f"about {_count(exercise.lines, 'line')})*"
        )

    def total(found):
        return totals.get(found[1], found[0])

    return TOTAL.sub(total, HEADING.sub(heading, text))


def _totals(mine, text):
    by_a_person = list(map(float, BY_A_PERSON.findall(text)))
    exercises, written = _word(len(mine)), _word(len(by_a_person))
    return {
        "exercises": exercises,
        "Exercises": exercises.capitalize(),
        "written": written,
        "Written": written.capitalize(),
        "points": f"{sum(e.points for e in mine):g}",
        "points by a person": f"{sum(by_a_person):g}",
    }


def _word(number):
    return WORDS[number] if number < len(WORDS) else str(number)


def _count(number, thing):
    return f"{number:g} {thing}" + "s" * (number != 1)
