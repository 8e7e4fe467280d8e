"""Whatever is handed in, the release decides what is graded; nothing stops the class."""

import copy
import hashlib
import json
import re
from urllib.parse import unquote

import nbformat
import pytest
from bs4 import BeautifulSoup
from conftest import (
    CHAPTER,
    as_colab,
    as_version_3,
    as_vscode,
    cell_of,
    grade_id,
    solved,
    without_kernelspec,
)
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell
from traitlets.config import Config

from autograder.gradebook.cell_marks import NOTHING, automatic_marks, shown, wait_if_untouched
from autograder.gradebook.feedback import feedback_exporter, page_or_table
from autograder.gradebook.nbgrader_settings import configure
from autograder.gradebook.plugin import Judge
from autograder.ground.cells import is_check
from autograder.judge.harmless_text import harmless
from autograder.judge.notebook_file import Unreadable, read
from autograder.judge.submission import read_or_stand_in, refusal, restore, stand_in

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg=="
)


@pytest.fixture
def own(course):
    """A fresh right submission."""
    return solved(course.release, course.master)


def drawn(course, notebook):
    """The feedback page of a notebook, and what went wrong with it."""
    exporter = feedback_exporter(configure(Config(), course.root))
    return page_or_table(exporter, notebook, CHAPTER, shown(automatic_marks(notebook)))


def graded(notebook):
    return [grade_id(c) for c in notebook.cells if grade_id(c)]


def checks(notebook):
    return {
        grade_id(c): (c.source, dict(c.metadata.nbgrader)) for c in notebook.cells if is_check(c)
    }


def test_an_honest_submission_needs_no_repair(course, own):
    notebook, notes = restore(own, course.release)
    assert notes == []
    assert [c.source for c in notebook.cells] == [c.source for c in own.cells]
    assert graded(notebook) == graded(course.release)
    nbformat.validate(notebook)


def test_restoring_twice_changes_nothing(course, own):
    own.cells.insert(3, new_markdown_cell("<b>mine</b> $a<b$"))
    own.cells.insert(9, new_code_cell("x = 1 <b> 2"))
    once, _ = restore(own, course.release)
    twice, notes = restore(once, course.release)
    assert twice == once and notes == []


def test_a_deleted_check_cell_is_back_after_its_predecessor(course, own):
    own.cells = [c for c in own.cells if grade_id(c) not in ("check_softmax", "check_nll")]
    notebook, notes = restore(own, course.release)
    assert graded(notebook) == graded(course.release)
    assert len(notes) == 2 and all("missing: added" in note for note in notes)


def test_every_cell_deleted(course, own):
    own.cells = []
    notebook, _ = restore(own, course.release)
    assert checks(notebook) == checks(course.release)
    assert not any(
        c.metadata.nbgrader.solution and not c.metadata.nbgrader.grade for c in notebook.cells
    )  # no stub comes back over work done elsewhere


@pytest.mark.parametrize("name", ["check_softmax", "softmax", "derive_softmax_jacobian"])
def test_a_duplicated_cell_counts_once(course, own, name):
    cell = cell_of(own, name)
    own.cells.insert(0, copy.deepcopy(cell))
    own.cells.append(copy.deepcopy(cell))
    notebook, notes = restore(own, course.release)
    assert sorted(graded(notebook)) == sorted(graded(course.release))
    assert len(notebook.cells) == len(own.cells)
    assert any("exists 3 times" in note for note in notes)
    assert len({c.id for c in notebook.cells}) == len(notebook.cells)


def test_of_two_copies_of_an_answer_the_one_worked_on_counts(course):
    own = copy.deepcopy(course.release)
    name = "derive_softmax_jacobian"
    stub = cell_of(own, name)
    for place in (own.cells.index(stub), own.cells.index(stub) + 2):
        worked = copy.deepcopy(stub)
        worked.source = "My derivation."
        copied = copy.deepcopy(own)
        copied.cells.insert(place, worked)
        notebook, _ = restore(copied, course.release)
        assert cell_of(notebook, name).source == "My derivation."


def test_forged_metadata_is_replaced(course, own):
    for cell in own.cells:
        if grade_id(cell) and cell.metadata.nbgrader.grade:
            cell.metadata.nbgrader.update(
                points=1000,
                locked=False,
                solution=True,
                task=True,
                schema_version=99,
                checksum="0",
                grade=True,
            )
        else:
            cell.metadata["nbgrader"] = {
                "grade": True,
                "points": 50,
                "grade_id": f"x{id(cell)}",
                "solution": False,
                "schema_version": 1,
            }
    own.metadata = nbformat.from_dict({"kernelspec": {"name": "evil"}, "widgets": {"x": 1}})
    notebook, _ = restore(own, course.release)
    assert checks(notebook) == checks(course.release)
    assert set(graded(notebook)) <= set(graded(course.release))
    assert notebook.metadata == course.release.metadata


@pytest.mark.parametrize(
    "junk", [None, 3, "text", [], {"grade_id": 7}, {"grade_id": ["a"]}, {"grade_id": {}}, {}]
)
def test_nonsense_in_metadata(course, own, junk):
    for cell in own.cells:
        cell.metadata["nbgrader"] = junk
    notebook, _ = restore(own, course.release)
    assert checks(notebook) == checks(course.release)


def test_changed_locked_cells_are_restored(course, own):
    cell_of(own, "check_softmax").source = "print(3.0)\n3.0"
    notebook, notes = restore(own, course.release)
    assert cell_of(notebook, "check_softmax").source == "check(softmax)"
    assert notes == ["locked cell check_softmax was changed: restored"]


def test_a_changed_cell_type_is_restored(course, own):
    cell = cell_of(own, "softmax")
    own.cells[own.cells.index(cell)] = new_markdown_cell(cell.source, metadata=cell.metadata)
    notebook, _ = restore(own, course.release)
    assert cell_of(notebook, "softmax").cell_type == "code"


def test_outputs_and_counts_are_dropped(course, own):
    cell = cell_of(own, "check_softmax")
    cell.outputs = [nbformat.v4.new_output("execute_result", data={"text/plain": "1000.0"})]
    notebook, _ = restore(own, course.release)
    assert all(c.outputs == [] for c in notebook.cells if c.cell_type == "code")


def test_markup_of_the_student_is_text_and_ours_stays(course, own):
    evil = "<script>alert(1)</script> and $a<b$ </p><!-- x --><?php ?>"
    own.cells += [new_markdown_cell(evil), new_raw_cell(evil)]
    cell_of(own, "derive_softmax_jacobian").source = evil
    notebook, _ = restore(own, course.release)
    mine = [c for c in notebook.cells if "alert" in c.source]
    assert len(mine) == 3
    for cell in mine:
        assert cell.cell_type == "markdown"
        assert cell.source == "< script>alert(1)< /script> and $a< b$ < /p>< !-- x -->< ?php ?>"
    prose = [c.source for c in course.release.cells if "<details>" in c.source]
    assert prose and set(prose) <= {c.source for c in notebook.cells}


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "[x](JavaScript:alert(1))",
        "[x](java&#115;cript:alert(1))",
        "[x](javascript&colon;alert(1))",
        "[x](javascript\\:alert(1))",
        "[x](< javascript:alert(1)>)",
        "[x](<javascript:alert(1)>)",
        "[x]\n\n[x]: javascript:alert(1)",
        "<javascript:alert(1)>",
        "[x](vbscript:x)",
        "<a href=x onclick=alert(1)>",
        "<!--><img src=x onerror=alert(1)>-->",
        "[x](java&Tab;script:alert(1))",
        "![x](javascript:alert(1))",
        "<\n<script>alert(1)</script>",
    ],
)
def test_no_markup_becomes_active(text):
    html = markdown2html_mistune(harmless(text))
    parsed = BeautifulSoup(html, "html.parser")
    for tag in parsed.find_all():
        assert tag.name in ("p", "a", "img")
        assert not set(tag.attrs) & {"onclick", "onerror"}
        url = unquote(tag.get("href", "") + tag.get("src", ""))
        assert "script:" not in url.lower()
    assert harmless(harmless(text)) == harmless(text)


@pytest.mark.parametrize(
    "text",
    [
        r"$\href{javas\ncript:alert(1)}{x}$",
        r"\(\style{a}{x}\)",
        r"\[\mmlToken{mi}[href='x']{y}\]",
        r"$\require{html}$",
    ],
)
def test_formulas_make_no_links_and_no_styles(text):
    assert not re.search(r"\\(href|style|mmlToken|require)", harmless(text))
    assert harmless(harmless(text)) == harmless(text)


@pytest.mark.parametrize(
    "text",
    [
        "$a < b$ and $a > b$ & more; R&D",
        "![p](data:image/png;base64,AA==)",
        "a <- b",
        "`x<5`",
        r"$\begin{pmatrix} a & b \\ c & d \end{pmatrix}$ $\displaystyle\textstyle x$",
        "a description: fine",
        "<5 && >3",
    ],
)
def test_honest_text_stays_as_it_is(text):
    assert harmless(text) == text


def test_pasted_pictures_stay_and_nothing_else(course, own):
    cell = cell_of(own, "derive_softmax_jacobian")
    cell.source = "See ![](attachment:a.png)."
    cell["attachments"] = nbformat.from_dict(
        {
            "a.png": {"image/png": PNG},
            "b": {"text/html": "<script>"},
            "c": {"image/png": '"><x>'},
            "d": {'image/png" onload="x': PNG},
            "e": 3,
        }
    )
    notebook, _ = restore(own, course.release)
    kept = cell_of(notebook, "derive_softmax_jacobian")
    assert kept.attachments == {"picture-0": {"image/png": PNG}}
    assert kept.source == "See ![](attachment:picture-0)."
    again, _ = restore(notebook, course.release)  # nbgrader's command restores twice
    assert cell_of(again, "derive_softmax_jacobian") == kept


@pytest.mark.parametrize(
    "source, attached",
    [
        ("![](attachment:lost.png)", {}),
        ("![a][r]\n\n[r]: attachment:lost.png", {}),
        (r"![](attachment\:lost.png)", {}),
        ("![](attachment:drawn.svg)", {"drawn.svg": {"image/svg+xml": "<svg/>"}}),
        ("![](attachment:empty.png)", {"empty.png": {}}),
    ],
)
def test_a_picture_that_cannot_be_shown_costs_the_picture(course, own, source, attached):
    cell = cell_of(own, "derive_softmax_jacobian")
    cell.source = f"My derivation. {source}"
    cell["attachments"] = nbformat.from_dict(attached)
    notebook, _ = restore(own, course.release)
    page, fault = drawn(course, notebook)
    assert fault == "" and "My derivation." in page and "a picture that cannot be shown" in page


def test_pictures_whose_names_have_spaces_are_shown(course, own):
    cell = cell_of(own, "derive_softmax_jacobian")
    cell.source = "![](attachment:my%20picture.png)"
    cell["attachments"] = nbformat.from_dict({"my picture.png": {"image/png": PNG}})
    notebook, _ = restore(own, course.release)
    assert f"data:image/png;base64,{PNG}" in drawn(course, notebook)[0]


@pytest.mark.parametrize(
    "text",
    [
        "![](http://evil.example/a.png)",
        "![](//evil.example/a.png)",
        "[x](http://evil.example)",
        "![a][r]\n\n[r]: http://evil.example/a.png",
        "http://evil.example",
        "<http://evil.example>",
        "www.evil.example",
        "![](files/a.png)",
        "[x](../other/secret)",
        "![](data:image/svg+xml;base64,AA)",
    ],
)
def test_what_lies_elsewhere_is_text_on_a_page(course, own, text):
    cell_of(own, "derive_softmax_jacobian").source = text
    own.cells.append(nbformat.v4.new_markdown_cell(f"aside {text}"))
    notebook, _ = restore(own, course.release)
    page, fault = drawn(course, notebook)
    assert fault == ""
    body = BeautifulSoup(page, "html.parser").find(id="notebook")
    answer = body.find("a", attrs={"name": "derive_softmax_jacobian"}).parent
    aside = next(tag for tag in body.find_all("p") if tag.get_text().startswith("aside"))
    assert not answer.find_all("img") and not aside.find_all(["a", "img"])
    assert not answer.find_all("a", href=lambda href: href not in (None, "#top"))


# --- other tools ---------------------------------------------------------------------------------


def with_equal_ids(notebook):
    data = json.loads(nbformat.writes(notebook))
    for cell in data["cells"]:
        cell["id"] = "same"
    return data


def without_grade_ids(notebook):
    """Metadata lost, cell ids kept."""
    data = json.loads(nbformat.writes(notebook))
    for cell in data["cells"]:
        cell["metadata"] = {}
    return data


TOOLS = [as_vscode, as_colab, as_version_3, without_kernelspec, with_equal_ids, without_grade_ids]


@pytest.mark.parametrize("save", TOOLS)
def test_notebooks_of_other_tools(course, own, save, tmp_path):
    path = tmp_path / f"{CHAPTER}.ipynb"
    path.write_text(json.dumps(save(own)), encoding="utf-8")
    notebook, notes = restore(read(path), course.release)
    assert notes == []
    assert checks(notebook) == checks(course.release)
    for name in ("softmax", "nll", "derive_softmax_jacobian"):
        assert cell_of(notebook, name).source == cell_of(own, name).source
    nbformat.validate(notebook)


def test_a_byte_order_mark_is_no_obstacle(course, own, tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(nbformat.writes(own), encoding="utf-8-sig")
    assert restore(read(path), course.release)[1] == []


# --- files that are no notebooks -----------------------------------------------------------------

BROKEN = {
    "empty": (b"", "empty"),
    "blank": (b" \n", "empty"),
    "text": (b"hello", "not a notebook"),
    "binary": (bytes(range(256)) * 10, "not a notebook"),
    "zip": (b"PK\x03\x04" + bytes(100), "not a notebook"),
    "list": (b"[]", "not a notebook"),
    "number": (b"3", "not a notebook"),
    "null": (b"null", "not a notebook"),
    "other json": (b'{"a": 1}', "not a notebook"),
    "cells missing": (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "not a notebook"),
    "cells wrong": (
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [1, 2]}',
        "not a notebook",
    ),
    "source wrong": (
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type":'
        b' "code", "source": 3, "metadata": {}}]}',
        "cells without text",
    ),
    "metadata wrong": (
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{'
        b'"cell_type": "code", "source": "", "metadata": 3}]}',
        "not a notebook",
    ),
    "version 99": (
        b'{"nbformat": 99, "nbformat_minor": 5, "metadata": {}, "cells": []}',
        "not a notebook",
    ),
    "deep": (b"[" * 10**5, "not a notebook"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_becomes_the_release_with_a_reason(course, kind, tmp_path):
    content, reason = BROKEN[kind]
    path = tmp_path / f"{CHAPTER}.ipynb"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=reason):
        read(path)
    notebook, (note,) = read_or_stand_in(path, course.release)
    assert reason in note and reason in notebook.cells[0].source
    assert [c.source for c in notebook.cells[1:]] == [c.source for c in course.release.cells]
    again, _ = restore(notebook, course.release)
    assert again.cells[0].source == notebook.cells[0].source


def test_a_truncated_file(course, own, tmp_path):
    path = tmp_path / f"{CHAPTER}.ipynb"
    path.write_text(nbformat.writes(own)[:9000])
    with pytest.raises(Unreadable, match="part of it is missing"):
        read(path)


@pytest.mark.parametrize(
    "make",
    [
        lambda path: None,
        lambda path: path.mkdir(),
        lambda path: path.symlink_to(__file__),
        lambda path: path.symlink_to("/nowhere"),
    ],
    ids=["nothing", "folder", "link", "dangling link"],
)
def test_no_file_of_that_name(course, make, tmp_path):
    path = tmp_path / f"{CHAPTER}.ipynb"
    make(path)
    _, (note,) = read_or_stand_in(path, course.release)
    assert "there is no file named" in note


def test_a_renamed_notebook_is_found_if_it_is_the_only_one(course, own, tmp_path):
    (tmp_path / f"{CHAPTER} (1).ipynb").write_text(nbformat.writes(own))
    notebook, (note,) = read_or_stand_in(tmp_path / f"{CHAPTER}.ipynb", course.release)
    assert "(1).ipynb" in note
    assert cell_of(notebook, "softmax").source == cell_of(own, "softmax").source
    (tmp_path / "other.ipynb").write_text("{}")
    assert "no file named" in read_or_stand_in(tmp_path / f"{CHAPTER}.ipynb", course.release)[1][0]


def test_nobody_writes_a_refusal_into_a_submission(course):
    refused = stand_in(course.release, "the file is empty")
    assert refusal(refused) == "the file is empty"
    restored, _ = restore(refused, course.release)
    assert restored.cells[0].source == refused.cells[0].source and refusal(restored) == ""


def test_the_stand_in_quotes_no_markup(course):
    assert "<script" not in stand_in(course.release, "<script>").cells[0].source


# Written answers: wherever they stand up to the next heading ------------------------------------

DERIVED = "derive_nll_gradient"
TEXT = "The gradient is p - e_y, since the sum over k is one."


def split(cells, at):
    cells[at].source = "First half."
    second = nbformat.v4.new_markdown_cell(TEXT, metadata=copy.deepcopy(cells[at].metadata))
    cells.insert(at + 1, second)


def stripped(cells, at):
    for cell in cells:
        cell.metadata, cell.id = {}, None
    cells[at].source = TEXT


def edited_question(cells, at):
    cells[at - 1].source += f"\n\n{TEXT}"


def as_code(cells, at):
    cells[at] = nbformat.v4.new_code_cell(f'"""{TEXT}"""')


WHERE = {
    "below": lambda cells, at: cells.insert(at + 1, nbformat.v4.new_markdown_cell(TEXT)),
    "above": lambda cells, at: cells.insert(at, nbformat.v4.new_markdown_cell(TEXT)),
    "under a heading of one's own": lambda cells, at: cells.insert(
        at + 1, nbformat.v4.new_markdown_cell(f"## Solution\n\n{TEXT}")
    ),
    "typed anew": lambda cells, at: cells.__setitem__(at, nbformat.v4.new_markdown_cell(TEXT)),
    "raw": lambda cells, at: cells.__setitem__(at, nbformat.v4.new_raw_cell(TEXT)),
    "code": as_code,
    "split": split,
    "stripped": stripped,
    "in the question": edited_question,
}


@pytest.mark.parametrize("where", WHERE)
def test_a_written_answer_is_found_up_to_the_next_heading(course, where):
    own = copy.deepcopy(course.release)
    at = next(i for i, cell in enumerate(own.cells) if grade_id(cell) == DERIVED)
    WHERE[where](own.cells, at)
    notebook, _ = restore(own, course.release)
    assert len(graded(notebook)) == len(set(graded(notebook)))
    answer = cell_of(notebook, DERIVED)
    assert TEXT in answer.source and (where != "split" or "First half." in answer.source)
    marks = automatic_marks(notebook)
    assert marks[DERIVED].score is None  # it waits for a reader
    others = [
        name
        for name, mark in marks.items()
        if name.startswith("derive_") and name != DERIVED and mark.score is None
    ]
    assert others == []
    if where not in ("code", "in the question"):
        assert sum(TEXT in cell.source for cell in notebook.cells) == 1


@pytest.mark.parametrize("text", ["", " \n", "*Write your answer here.* \n"])
def test_an_answer_that_was_not_begun_is_nothing_handed_in(course, text):
    own = copy.deepcopy(course.release)
    cell_of(own, DERIVED).source = text
    notebook, _ = restore(own, course.release)
    mark = automatic_marks(notebook)[DERIVED]
    assert (mark.score, mark.comment) == (0, NOTHING)
    wait_if_untouched(notebook)
    mark = automatic_marks(notebook)[DERIVED]
    assert (mark.score, mark.comment) == (None, NOTHING)


def test_text_elsewhere_and_an_older_release_are_nobodys_answer(course):
    own = copy.deepcopy(course.release)
    older = "### A heading that the release no longer has\n\nA question of an earlier release."
    digest = hashlib.sha256(f"markdown\n{older}".encode()).hexdigest()[:12]
    at = next(i for i, cell in enumerate(own.cells) if grade_id(cell) == DERIVED)
    cell = nbformat.v4.new_markdown_cell(older)
    cell.id = f"markdown-{digest}-1"
    own.cells[at + 1 : at + 1] = [cell, nbformat.v4.new_markdown_cell("A note to myself.")]
    own.cells.insert(1, nbformat.v4.new_markdown_cell("My name."))
    own.cells.append(nbformat.v4.new_code_cell("1 + 1"))
    notebook, _ = restore(own, course.release)
    assert not any(
        mark.score is None
        for name, mark in automatic_marks(notebook).items()
        if name.startswith("derive_")
    )


def test_pictures_of_several_cells_of_an_answer_stay_apart(course):
    own = copy.deepcopy(course.release)
    at = next(i for i, cell in enumerate(own.cells) if grade_id(cell) == DERIVED)
    for data in ("AAAA", "BBBB"):
        cell = nbformat.v4.new_markdown_cell("![page](attachment:image.png)")
        cell.source += data
        cell.attachments = {"image.png": {"image/png": data}}
        own.cells.insert(at + 1, cell)
    answer = cell_of(restore(own, course.release)[0], DERIVED)
    assert sorted(bundle["image/png"] for bundle in answer.attachments.values()) == ["AAAA", "BBBB"]


def test_a_page_beside_the_notebook_lets_an_answer_wait_and_is_part_of_it(course, tmp_path):
    def mark(page):
        folder = tmp_path / CHAPTER
        folder.mkdir(exist_ok=True)
        (folder / f"{CHAPTER}.ipynb").write_text(nbformat.writes(course.release))
        (folder / "page.pdf").write_bytes(page)
        notebook, _ = read_or_stand_in(folder / f"{CHAPTER}.ipynb", course.release)
        return automatic_marks(Judge().finish(notebook))[DERIVED]

    first, same, other = mark(b"%PDF-1 a"), mark(b"%PDF-1 a"), mark(b"%PDF-1 b")
    assert first.score is None and first == same
    assert first.answer != other.answer
