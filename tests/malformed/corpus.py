"""What is handed in and is no proper notebook: student -> how the folder is filled.

Each entry says what the grader must do with it: the points that it keeps, and words that the
instructor must be told ("" if nothing is worth telling).
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass

from autograder.judge.notebook_file import MAX_CELLS, MAX_FILE, MAX_NESTED, MAX_TEXT


@dataclass(frozen=True)
class Case:
    """One malformed submission.

    Attributes
    ----------
    student : str
        The name of the folder, odd ones included.
    fill : callable
        ``fill(folder, name, right)`` writes into the folder; `right` is the text of a notebook with
        everything solved, `name` the file's proper name.
    keeps : bool
        Whether the points of the right notebook are kept.
    told : str
        What the instructor must read about it.
    """

    student: str
    fill: Callable
    keeps: bool = False
    told: str = ""


def data(content):
    """The file holds these bytes."""

    def fill(folder, name, right):
        (folder / name).write_bytes(content)

    return fill


def made(change):
    """The file holds what `change` makes of the right notebook, a dict."""

    def fill(folder, name, right):
        notebook = json.loads(right)
        change(notebook)
        (folder / name).write_text(json.dumps(notebook), encoding="utf-8")

    return fill


def named(given):
    """The right notebook under another name."""

    def fill(folder, name, right):
        (folder / given).write_text(right, encoding="utf-8")

    return fill


def right(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")


def code(source):
    return {
        "cell_type": "code",
        "source": source,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "id": "x",
    }


def prose(source):
    return {"cell_type": "markdown", "source": source, "metadata": {}, "id": "x"}


def deep(levels):
    value = {}
    for _ in range(levels):
        value = {"a": value}
    return value


# --- changes of a right notebook -----------------------------------------------------------------


def many_cells(notebook):
    notebook["cells"] += [code("1")] * (100_000 - len(notebook["cells"]))


def equal_ids(notebook):
    for cell in notebook["cells"]:
        cell["id"] = "same"


def no_ids(notebook):
    for cell in notebook["cells"]:
        del cell["id"]
    notebook["nbformat_minor"] = 4


def wild_ids(notebook):
    for i, cell in enumerate(notebook["cells"]):
        cell["id"] = [None, 3, "", "a b\n<script>", "x" * 5000, [], {}][i % 7]


def every_cell_twice(notebook):
    notebook["cells"] = [cell for cell in notebook["cells"] for _ in range(2)]


def long_code(notebook):
    notebook["cells"].append(code("#" * (MAX_TEXT + 1)))


def slow_prose(notebook):
    notebook["cells"].append(prose("\\begin{a}" * 20_000))


def slow_code(notebook):
    notebook["cells"].append(code("x = 1" + "\n " * 20_000))


def slow_outputs(notebook):
    notebook["cells"].append(code("print('\\n ' * 10**6)"))


def half_characters(notebook):
    notebook["cells"] += [
        code("print('\ud800')"),
        prose("\udfff \x00 \x1b[31m \u202e"),
        code("print('\\ud800')"),
    ]


def deep_metadata(notebook):
    notebook["metadata"] = deep(400)
    for cell in notebook["cells"][:3]:
        cell["metadata"]["more"] = deep(400)
    notebook["cells"][0]["attachments"] = deep(30)


def unknown_output(notebook):
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "hologram", "data": 3}, None, 7]


def source_lists(notebook):
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)


def without_metadata(notebook):
    """Cells whose metadata is null or missing, with attachments and sources that are null."""
    for i, cell in enumerate(notebook["cells"]):
        if "nbgrader" not in cell["metadata"]:
            cell["metadata"] = None
            if i % 2:
                del cell["metadata"]
        cell["attachments"] = None
    notebook["cells"].append(code(None))


def unknown_cell(notebook):
    notebook["cells"].append({"cell_type": "hologram", "source": "x", "metadata": {}})


def version(major, minor=5):
    def change(notebook):
        notebook["nbformat"], notebook["nbformat_minor"] = major, minor

    return change


# --- what is no file, or not alone ---------------------------------------------------------------


def huge_outputs(folder, name, text):
    """200 MB of outputs; the file has a hole, so it takes no room here."""
    (folder / name).write_text(text)
    os.truncate(folder / name, 200 * 2**20)


def link(target):
    def fill(folder, name, text):
        (folder / name).symlink_to(target)

    return fill


def link_to_itself(folder, name, text):
    (folder / name).symlink_to(folder / name)


def folder_is_a_link(folder, name, text):
    """The chapter's folder is a link to that of a classmate with everything right."""
    folder.rmdir()
    folder.symlink_to(folder.parent.parent / "honest-01" / folder.name)


def nested(folder, name, text):
    """Forty folders in one another, the notebook in the last."""
    place = folder.joinpath(*["d"] * 40)
    place.mkdir(parents=True)
    (place / name).write_text(text)


def pipe(folder, name, text):
    os.mkfifo(folder / name)


def directory(folder, name, text):
    (folder / name).mkdir()


def with_leftovers(folder, name, text):
    """What an archive from a Mac, Jupyter and a linked folder leave beside the notebook."""
    (folder / name).write_text(text)
    (folder / f"._{name}").write_bytes(b"\0\5\x16\7")
    (folder / "__MACOSX").mkdir()
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / name).write_text("{}")
    (folder / "loop").symlink_to(folder)
    (folder / "secret").symlink_to("/etc/passwd")
    (folder / "timestamp.txt").write_bytes(b"\xff\xfe yesterday")


def two_others(folder, name, text):
    for given in ("a.ipynb", "b.ipynb"):
        (folder / given).write_text(text)


def forbidden(folder, name, text):
    """Nobody but root may read it."""
    (folder / name).write_text(text)
    (folder / name).chmod(0)


def forbidden_folder(folder, name, text):
    (folder / name).write_text(text)
    folder.chmod(0)


ROOT = os.geteuid() == 0
NO_FILE, NO_NOTEBOOK = "there is no file named", "not a notebook"
CASES = (
    Case("empty", data(b""), told="the file is empty"),
    Case("blank", data(b"\n \n"), told="the file is empty"),
    Case("binary", data(bytes(range(256)) * 400), told=NO_NOTEBOOK),
    Case("zeros", data(bytes(10_000)), told=NO_NOTEBOOK),
    Case("archive", data(b"PK\x03\x04" + bytes(500)), told=NO_NOTEBOOK),
    Case("web-page", data(b"<!doctype html><title>Log in</title>"), told=NO_NOTEBOOK),
    Case(
        "utf-16",
        lambda folder, name, text: (folder / name).write_text(text, encoding="utf-16"),
        keeps=True,
        told="the file is in UTF-16",
    ),
    *(
        Case(
            f"in-{encoding}",
            lambda folder, name, text, encoding=encoding: (folder / name).write_text(
                text, encoding=encoding
            ),
            keeps=True,
            told=f"the file is in {encoding[:6].upper()}",
        )
        for encoding in ("utf-16-be", "utf-16-le", "utf-32", "utf-32-be")
    ),
    Case(
        "truncated",
        lambda folder, name, text: (folder / name).write_text(text[:20_000]),
        told="a part of it is missing",
    ),
    Case(
        "twice-in-one",
        lambda folder, name, text: (folder / name).write_text(text + text),
        told=NO_NOTEBOOK,
    ),
    Case("number", data(b"3"), told=NO_NOTEBOOK),
    Case("null", data(b"null"), told=NO_NOTEBOOK),
    Case("other-json", data(b'{"cells": {"a": 1}, "nbformat": 4}'), told=NO_NOTEBOOK),
    Case(
        "cells-of-numbers",
        data(b'{"cells": [1, 2], "nbformat": 4, "nbformat_minor": 5}'),
        told=NO_NOTEBOOK,
    ),
    Case("long-number", data(b'{"nbformat": ' + b"4" * 10_000 + b"}"), told=NO_NOTEBOOK),
    Case("deep-json", data(b"[" * 200_000), told=NO_NOTEBOOK),
    Case("many-brackets", data(b"[" + b"[]," * MAX_NESTED + b"[]]"), told="clear its outputs"),
    Case("version-99", made(version(99)), told=NO_NOTEBOOK),
    Case("version-text", made(version("four", "five")), told=NO_NOTEBOOK),
    Case("version-2", made(version(2, 0)), told=NO_NOTEBOOK),
    Case("minor-99", made(version(4, 99)), keeps=True),
    Case("100000-cells", made(many_cells), told=f"more than {MAX_CELLS} cells"),
    Case("200-mb-of-outputs", huge_outputs, told=f"larger than {MAX_FILE // 2**20} MB"),
    Case("long-code", made(long_code), told=f"more than {MAX_TEXT} characters"),
    Case("slow-prose", made(slow_prose), keeps=True),
    Case("slow-code", made(slow_code), keeps=True),
    Case("slow-outputs", made(slow_outputs), keeps=True),
    Case("equal-ids", made(equal_ids), keeps=True),
    Case("no-ids", made(no_ids), keeps=True),
    Case("wild-ids", made(wild_ids), keeps=True),
    Case("every-cell-twice", made(every_cell_twice), keeps=True, told="exists 2 times"),
    Case("half-characters", made(half_characters), keeps=True),
    Case("deep-metadata", made(deep_metadata), keeps=True),
    Case("unknown-outputs", made(unknown_output), keeps=True),
    Case("source-lists", made(source_lists), keeps=True),
    Case("without-metadata", made(without_metadata), keeps=True),
    Case("unknown-cell", made(unknown_cell), keeps=True),
    Case("no-file", lambda folder, name, text: None, told=NO_FILE),
    Case(
        "only-a-pdf",
        lambda folder, name, text: (folder / "a.pdf").write_bytes(b"%PDF"),
        told=NO_FILE,
    ),
    Case("two-others", two_others, told=NO_FILE),
    Case("nested", nested, told=NO_FILE),
    Case("directory", directory, told=NO_FILE),
    Case("pipe", pipe, told=NO_FILE),
    Case("link-out", link("/etc/passwd"), told=NO_FILE),
    Case(
        "link-to-classmate",
        link("../../honest-01/01_softmax_jacobian/01_softmax_jacobian.ipynb"),
        told=NO_FILE,
    ),
    Case("dangling-link", link("/nowhere/at/all"), told=NO_FILE),
    Case("link-to-itself", link_to_itself, told=NO_FILE),
    Case("folder-is-a-link", folder_is_a_link, told="its folder is a link"),
    Case("forbidden", forbidden, keeps=ROOT, told="" if ROOT else "cannot be read: Permission"),
    Case(
        "forbidden-folder",
        forbidden_folder,
        keeps=ROOT,
        told="" if ROOT else "cannot be read: Permission",
    ),
    Case("leftovers", with_leftovers, keeps=True, told="timestamp.txt holds no time"),
    Case("file-with-spaces", named("my home work.ipynb"), keeps=True, told="the only notebook"),
    Case("file-with-dash", named("-rf.ipynb"), keeps=True, told="'-rf.ipynb'"),
    Case("file-with-quotes", named("a'b\"c`d$(id).ipynb"), keeps=True, told="the only notebook"),
    Case("file-with-newline", named("a\nb.ipynb"), keeps=True, told=r"'a\nb.ipynb'"),
    Case("file-with-umlauts", named("Übung größer 中文 🙂.ipynb"), keeps=True, told="Übung größer"),
    Case(
        "file-of-bytes",
        named(b"a\xff\xfe.ipynb".decode("utf-8", "surrogateescape")),
        keeps=True,
        told="the only notebook",
    ),
    Case(
        "file-with-markup",
        named("<img src=x onerror=alert(1)>.ipynb"),
        keeps=True,
        told="the only notebook",
    ),
    Case("student with spaces", right, keeps=True),
    Case("-student", right, keeps=True),
    Case("student'\"`$(id);&|", right, keeps=True),
    Case("stüdent 中文 🙂", right, keeps=True),
    Case("[student]*?", right, keeps=True),
    Case("=1+1", right, keeps=True),
    Case("<b>student", right, keeps=True),
    Case("{student}%s", right, keeps=True),
)
# Names that no gradebook, page or log can hold: refused, each with a line that says why.
REFUSED = (
    "new\nline",
    "tab\tulator",
    "\x1b[31mred",
    b"bytes\xff\xfe".decode("utf-8", "surrogateescape"),
)
