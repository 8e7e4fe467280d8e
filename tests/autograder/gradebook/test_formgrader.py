"""formgrader's page asks no other machine, and a hostile text cannot stop it."""

import json
import re

import nbformat
import pytest
from bs4 import BeautifulSoup
from conftest import CHAPTER, cell_of, make_course, solved
from formgrader import formgrader
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.class_run.grade_class import grade_class
from autograder.gradebook.rubric import HEADING
from autograder.judge import text_bounds
from autograder.release.masters import SCHEME

ELSEWHERE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:)?//|\s*(?:file|javascript|data:text)", re.I)
PIXEL = "R0lGODlhAQABAAAAACw="
TEXTS = (
    "<script>alert(1)</script> <img src=http://a.example/b onerror=alert(1)><style>* {}</style>",
    "![](http://a.example/p.png) ![][1] ![](//a.example/q)\n\n[1]: http://a.example/ref.png",
    "![](\nhttps://a.example/line.png)\n\n<http://a.example/auto> [x](javascript:alert(1))",
    "![](file:///etc/passwd) ![](/etc/passwd) ![](../../../gradebook.db) [x](file:///etc/passwd)",
    "![](data:text/html;base64,PHNjcmlwdD4=) ![](data:image/svg+xml;base64,PHN2Zz4=) "
    f"![](data:image/gif;base64,{PIXEL})",
    r"$\href{javascript:alert(1)}{x}$ $\includegraphics{http://a.example/g}$ $\style{a:b}{c}$",
    "$\\def\\a{\\a\\a}\\a$ $" + "{" * 900 + "}" * 900 + "$",
    "$" + r"\frac{1}{" * 190 + "}" * 190 + "$",
    "$x$ " * 2_400,
    "\n".join(" " * i + "- a" for i in range(130)),
    ">" * 9_000,
    "[" * 9_000,
    "![" * 4_900,
    "*a **b " * 1_400,
    "|a" * 3_000 + "|\n" + "|-" * 3_000 + "|",
    "[x](files/a" * 900,
    "```easytrieve\n" + "\t" * 9_000 + "\n```",
    "```mermaid\ngraph TD\n```",
    "word " * 60_000,
    "# a\n" * 2_500,
    "</div></body></html>{{ 7 * 7 }}",
)
CODE = (
    " \n" * 20_000,
    "(" * 7_000,
    "x = '" + "a" * 40_000 + "'",
    "for i in range(10**6): print(i)",
    "%%html\n<script>alert(1)</script>",
    "print('<script>alert(1)</script>' * 1000)",
    "from IPython.display import *\ndisplay(HTML('<img src=http://a.example/o>'), "
    "Image(url='http://a.example/i'), Latex(r'$\\href{javascript:alert(1)}{x}$ <script>'))",
)


@pytest.fixture(scope="module")
def graded(root, course, tmp_path_factory):
    """formgrader's page for a hostile and for an honest submission, by student; the class."""
    folder = tmp_path_factory.mktemp("formgrader")
    make_course(folder, root)
    hostile = solved(course.release, course.master, derive_nll_gradient="\n\n".join(TEXTS))
    hostile.cells += map(new_markdown_cell, TEXTS)
    hostile.cells += map(new_code_cell, CODE)
    hostile.cells += [new_markdown_cell(f"$x_{{{i}}}$") for i in range(1_500)]
    honest = solved(course.release, course.master, derive_nll_gradient="So $s - y$.")
    for student, notebook in (("hostile", hostile), ("honest", honest)):
        path = folder / "classroom" / "submitted" / student / CHAPTER / f"{CHAPTER}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook), encoding="utf-8")
    grade_class(root=folder, jobs=1)
    copy = nbformat.read(
        folder / "classroom" / "autograded" / "hostile" / CHAPTER / f"{CHAPTER}.ipynb", as_version=4
    )
    assert max(len(c.source) for c in copy.cells) < text_bounds.MAX_MARKDOWN + 200
    with formgrader(folder) as server:
        ids = server.submissions(CHAPTER)
        return {
            student: BeautifulSoup(server.page(f"submissions/{ids[student]}/"), "html.parser")
            for student in ("hostile", "honest")
        }, folder


@pytest.fixture
def pages(graded):
    return graded[0]


@pytest.mark.parametrize("student", ["hostile", "honest"])
def test_the_page_asks_no_other_machine(pages, student):
    page = pages[student]
    own = "/formgrader/static/"
    for tag in page.find_all(True):
        for name in ("src", "href", "data", "action", "poster", "srcset"):
            assert not ELSEWHERE.match(tag.get(name) or ""), tag
    assert all(tag.get("src", own).startswith(own) for tag in page.find_all("script"))
    assert {tag["src"].partition(",")[0] for tag in page.find_all("img")} <= {
        "data:image/gif;base64",
        "data:image/png;base64",
    }
    policy = page.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    assert policy == "default-src 'self' 'unsafe-inline' data:"
    assert policy in str(page.head)  # before anything of a student's


def test_a_hostile_text_adds_no_element_that_acts(pages):
    acting = ("script", "style", "iframe", "object", "embed", "form", "base", "meta", "link")
    for name in acting:
        assert len(pages["hostile"].find_all(name)) == len(pages["honest"].find_all(name)), name
    for tag in pages["hostile"].body.find_all(True):
        assert not any(a.startswith("on") for a in tag.attrs if tag.find_parent(id="notebook"))


def test_every_answer_can_be_graded(pages, course):
    names = {
        c.metadata.nbgrader.grade_id
        for c in course.release.cells
        if c.metadata.get("nbgrader", {}).get("grade")
    }
    for page in pages.values():
        assert {tag["id"] for tag in page.find_all("input", class_="score")} == names
    assert cell_of(course.release, "derive_nll_gradient").metadata.nbgrader.grade


def test_each_answer_has_its_rubric_below_and_feedback_has_none(graded, course):
    pages, folder = graded
    rubrics_of_master = {
        c.metadata.nbgrader.grade_id: c.source.split(SCHEME[0])[1].split(SCHEME[1])[0].split()
        for c in course.master.cells
        if SCHEME[0] in c.source
    }
    assert len(rubrics_of_master) == 5
    for page in pages.values():
        panels = {p.find("textarea")["id"]: p for p in page.select(".nbgrader_cell:has(textarea)")}
        for name, words in rubrics_of_master.items():
            word = max(filter(str.isalpha, words), key=len)
            below = panels[f"{name}-comment"].find_parent(class_="cell").find_next_sibling()
            text = below.get_text()
            assert text.split()[:2] == ["Rubric", "of"] and word in text, name
        assert page.get_text().count(HEADING[2:15]) == 5
    written = [*(folder / "classroom").rglob("*.html"), *(folder / "classroom").rglob("*.ipynb")]
    assert len(written) == 6  # of two students: handed in, graded, feedback
    assert not any(HEADING[2:15] in path.read_text(encoding="utf-8") for path in written)


def test_formulas_need_no_script(pages):
    assert "$" not in pages["honest"].find(id="notebook").get_text().replace("$$$", "")
    assert len(pages["honest"].find_all("math")) > 100
