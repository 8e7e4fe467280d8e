"""What a student's cell may show in the graded copy: text, PNG and LaTeX, in bounded size."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING

from nbformat import from_dict

from ..worker.wire import MAX_OUTPUTS, MAX_PNG, MAX_TEXT, MAX_TOTAL
from .harmless_text import harmless

if TYPE_CHECKING:
    from nbformat import NotebookNode


PNG = b"\x89PNG\r\n\x1a\n"
MAX_SHOWN = 2 * MAX_TOTAL  # of one submission, as it is written into the notebook
MAX_NAME = 300  # characters of the name of an exception
# what sets a colour on a terminal: on a page each becomes an element many times as long
ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]?)?")


def new_output(kind: str, **content: object) -> NotebookNode:
    """Make an output. nbformat's own maker also checks it against the format's schema, which takes
    longer than grading; a test checks whole notebooks."""
    rich = {} if kind in ("stream", "error") else {"metadata": {}}
    return from_dict({"output_type": kind, **rich, **content})


def student_outputs(records: object, number: int, room: int = MAX_SHOWN) -> list[NotebookNode]:
    """Make notebook outputs of what the worker recorded: text, PNG and LaTeX, checked.

    Parameters
    ----------
    records : object
        Sent by the untrusted side; whatever is not as expected is left out.
    number : int
        The execution count.
    room : int
        Characters that they may take; the rest is left out.

    Returns
    -------
    list of NotebookNode
    """
    outputs = []
    for record in records[:MAX_OUTPUTS] if isinstance(records, list) else []:
        output = _output(record, number) if isinstance(record, dict) else None
        if output is not None:
            room -= size_of(output)
            if room < 0:
                break
            outputs.append(output)
    return outputs


def size_of(output: NotebookNode) -> int:
    return len(json.dumps(output))


def _output(record, number):
    kind = _text(record.get("kind"))
    if kind == "stream":
        name = "stderr" if _text(record.get("name")) == "stderr" else "stdout"
        return new_output("stream", name=name, text=_text(record.get("text")))
    if kind == "error":
        lines = _text(record.get("text")).splitlines()
        name, message = _text(record.get("name"))[:MAX_NAME], _text(record.get("message"))
        return new_output("error", ename=name, evalue=message, traceback=lines)
    if kind not in ("display", "result"):
        return None
    data, metadata = {"text/plain": _text(record.get("text"))}, {}
    if isinstance(record.get("latex"), str):
        data["text/latex"] = _latex(_text(record["latex"]))
    png = record.get("png")
    if isinstance(png, bytes) and png.startswith(PNG) and len(png) <= MAX_PNG:
        data["image/png"] = base64.b64encode(png).decode("ascii")
        metadata["image/png"] = {"alt": data["text/plain"]}
    if kind == "result":
        return new_output("execute_result", data=data, metadata=metadata, execution_count=number)
    return new_output("display_data", data=data, metadata=metadata)


def _text(value):
    if not isinstance(value, str):
        return ""
    # the worker has cut it already, and said so, unless somebody else wrote this
    text = ESCAPE.sub("", value[: MAX_TEXT + MAX_NAME])
    return text.encode("utf-8", "replace").decode("utf-8")


def _latex(text):
    """LaTeX without angle brackets, which a page would read as markup, and without links."""
    return harmless(text.replace("<", r"\lt ").replace(">", r"\gt "))
