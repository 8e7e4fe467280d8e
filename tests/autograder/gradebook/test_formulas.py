r"""Feedback pages show formulas without a network, whatever a student wrote in them."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_markdown_cell, new_notebook
from traitlets.config import Config

from autograder.gradebook.feedback import feedback_exporter, feedback_page
from autograder.gradebook.formulas import MAX_FORMULAS, MAX_SOURCE, formula
from autograder.gradebook.nbgrader_settings import configure

ROOT = Path(__file__).resolve().parents[3]
HOSTILE = (
    r"\text{<script>alert(1)</script>}",
    r"\text{&lt;script&gt;alert(1)&lt;/script&gt;}",
    r"<script>alert(1)</script>",
    r"\href{javascript:alert(1)}{x}",
    r'\color{"><script>alert(1)</script>}x',
    r"\text{&#60;img src=x onerror=alert(1)&#62;}",
    r"\style{background:url(//a.example)}{x}",
    r"\class{x onclick=alert(1)}{x}",
    r"\mathrm{</math><img src=//a.example>}",
    r'\hspace{1em" onclick="alert(1)}',
    r'\operatorname{<iframe src="//a.example">}',
    r"\begin{array}{\"><script>}x\end{array}",
)


def page(*sources):
    config = Config()
    configure(config, ROOT)
    notebook = new_notebook(cells=[new_markdown_cell(source) for source in sources])
    return feedback_page(feedback_exporter(config), notebook, "chapter", {})


@pytest.mark.parametrize("source", HOSTILE)
def test_a_formula_brings_no_markup_of_its_own(source):
    for display in (False, True):
        soup = BeautifulSoup(formula(source, display), "html.parser")
        assert not soup.find_all(["script", "img", "iframe", "a", "style"])
        for tag in soup.find_all(True):
            assert not any(
                name.startswith("on") or name in ("href", "src", "style", "class")
                for name in tag.attrs
            )


@pytest.mark.parametrize(
    "source",
    (
        r"\frac{\partial L}{\partial W} = \delta\, x^\top",
        r"\begin{pmatrix}1 & 2\\3 & 4\end{pmatrix}",
        r"a\quad b\qquad c\!d\,e",
        r"\mathbf{z}^{(l)} = \sum_{j=1}^{n} w_{ij} a_j < 1",
        r"\begin{aligned}a&=b\\c&=d\end{aligned}",
    ),
)
def test_the_course_s_formulas_are_mathml(source):
    assert formula(source).startswith("<math ")


@pytest.mark.parametrize(
    "source",
    (
        "{" * 500 + "x" + "}" * 500,
        r"\left(",
        r"\hspace{1000000em}x",
        r"\kern 99999em x",
        r"\mkern-900mu x",
        r"\rule{1000em}{1000em}",
        r"\hspace{-30em}x",
        "x" * (MAX_SOURCE + 1),
    ),
)
def test_what_cannot_be_converted_is_shown_as_written(source):
    assert formula(source) == f"<code>{source}</code>"


def test_a_page_shows_formulas_and_asks_no_other_machine():
    html = page(
        "Inline $a < b$.\n\n$$\n\\frac{1}{2}\n$$\n\nand\n\n"
        "\\begin{align}a&=b\\end{align}\n\nand $$x^2$$"
    )
    soup = BeautifulSoup(html, "html.parser")
    assert len(soup.find_all("math")) == 4
    assert "$" not in soup.body.get_text()
    for tag in soup.find_all(["script", "link", "img", "iframe"]):
        assert not re.match(r"(https?:)?//", tag.get("src") or tag.get("href") or ""), tag
    scripts = "".join(script.get_text() for script in soup.find_all("script"))
    styles = "".join(style.get_text() for style in soup.find_all("style"))
    assert "http" not in scripts
    assert not re.search(r"(url\(\s*['\"]?|@import\s+['\"]?)(https?:)?//", styles)


def test_a_cell_of_many_formulas_is_bounded():
    soup = BeautifulSoup(page("$x$ " * (MAX_FORMULAS + 5)), "html.parser")
    assert len(soup.find_all("math")) == MAX_FORMULAS
