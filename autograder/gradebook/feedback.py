"""Feedback pages: nbgrader's own template, rendered by an exporter that stays warm.

Most cells of a class have the same text. What Markdown and highlighting made of a text is kept, and
templates are compiled once. ``nbgrader generate_feedback`` uses the same exporter, so both ways
give the same page. formgrader has an exporter of its own, but Markdown and formulas from here.
"""

from __future__ import annotations

import copy
import functools
import json
import re
from collections import OrderedDict
from html import escape
from typing import TYPE_CHECKING

from jinja2 import DictLoader, pass_context
from nbconvert.exporters import HTMLExporter, TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import MarkdownWithMath
from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat import from_dict
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory

from ..judge.clerk import once
from ..judge.session import Limits
from ..judge.submission import without_links_beside
from .formulas import FormulaRenderer

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from traitlets.config import Config

    from .cell_marks import Mark


KEPT = 1024  # pieces whose HTML is kept: those that all students share come again and again
MAX_KEPT = 20_000  # characters of a cell that is kept; one with a figure is like no other
# nbgrader's template, but each cell goes through `kept`, which renders it only if it is new.
TEMPLATE = """{%- extends exporter_template -%}
{%- block any_cell scoped -%}{{ kept(cell, super) }}{%- endblock any_cell -%}"""
# formulas are MathML already: the template's script from the network is left out
NO_SCRIPTS = {"mathjax.html.j2": "{%- macro mathjax() -%}{%- endmacro -%}"}
HEAD = """
<meta http-equiv="Content-Security-Policy" content="default-src 'unsafe-inline' data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
img, svg { max-width: 100%; }
div.output_area img, .rendered_html img { height: auto; }
.rendered_html, .output_subarea { overflow: auto; overflow-wrap: anywhere; }
.rendered_html th, .rendered_html td { padding: .15em 1.2em .15em 0; vertical-align: top; }
.anchor-link { display: none; }
@media (max-width: 600px) {
  .container, div#notebook-container { width: auto; padding: 0 .3rem; }
  div.prompt { display: none; }
  div.nbgrader_cell .panel-heading { height: auto; overflow-wrap: anywhere; }
  .rendered_html table, .rendered_html math[display=block] { display: block; overflow-x: auto; }
  pre { white-space: pre-wrap !important; overflow-wrap: anywhere; }
}
</style>"""
# a line of nbgrader's contents, in which all exercises have one name
CONTENTS = re.compile(r'(<li><a href="#(?:check_)?(\w+)">)(?:Test cell|Written response)</a>')
MAX_COLOURED = 8_000  # characters of one cell; the highlighter's time grows with the square of it
SECONDS = Limits.submission  # for one page of nbgrader's


class FeedbackExporter(HTMLExporter):
    """`HTMLExporter` without its second pass, which parses the whole page and writes it again.

    That pass adds text alternatives to pictures that have none; the judge gives every picture of a
    graded notebook its own.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, extra_loaders=[DictLoader(NO_SCRIPTS)], **kwargs)
        self._highlight = functools.lru_cache(KEPT)(self._highlighted)

    def from_filename(self, filename, resources=None, **kw):
        """Convert a file to (page, resources), in a process with limits of its own."""
        whole = super().from_filename
        page = once(SECONDS, lambda: whole(filename, resources, **kw)[0])
        return page, self._init_resources(resources)

    def from_notebook_node(self, nb, resources=None, **kw):
        """Convert a notebook to (page, resources)."""
        nb = without_links_beside(nb)
        resources = self._init_resources(resources)
        info = nb.metadata.get("language_info", {})
        lexer = info.get("pygments_lexer", info.get("name"))
        types = WidgetsDataTypeFilter(
            notebook_metadata=self._nb_metadata, parent=self, resources=resources
        )
        self.register_filter("filter_data_type", types)
        self.register_filter("highlight_code", lambda code, metadata: self._highlight(code, lexer))
        page, resources = TemplateExporter.from_notebook_node(self, nb, resources, **kw)
        return on_any_screen(page), resources

    def _highlighted(self, code, lexer):
        if len(code) > MAX_COLOURED:
            return f'<div class="highlight"><pre>{escape(code)}</pre></div>'
        return Highlight2HTML(pygments_lexer=lexer, parent=self)(code)


def as_it_is(text: str) -> str:
    """Give a text back: in the place of a filter that looks for addresses of old notebooks."""
    return text


@pass_context
def markdown2html(context, source):
    """Turn Markdown into HTML; a cell with pictures of its own is not like any other."""
    attachments = context.get("cell", {}).get("attachments")
    return _rendered(source, attachments) if attachments else _without_pictures(source)


def _rendered(source, attachments=None):
    renderer = FormulaRenderer(escape=False, attachments=attachments)
    return MarkdownWithMath(renderer=renderer).render(source)


_without_pictures = functools.lru_cache(KEPT)(_rendered)


def feedback_exporter(config: Config) -> FeedbackExporter:
    """Make the exporter as ``nbgrader generate_feedback`` does."""
    converter = GenerateFeedback(coursedir=CourseDirectory(config=config), config=config)
    exporter = converter.exporter_class(parent=converter, config=converter.config)
    exporter.register_preprocessor(CSSHTMLHeaderPreprocessor)
    exporter.shared = None
    return exporter


def _render(exporter, notebook, resources):
    """Render a page. What the exporter makes anew for every notebook is made once: style sheets,
    filters, and a copy of the notebook, which the templates do not change."""
    if exporter.shared is None:
        empty = from_dict({**notebook, "cells": []})
        exporter.shared = exporter.from_notebook_node(empty, dict(resources))[1]
        exporter.page = exporter.environment.from_string(TEMPLATE)
        exporter.kept = _Kept()
    page = exporter.page.render(
        nb=notebook,
        resources={**exporter.shared, **resources},
        exporter_template=exporter.template,
        kept=exporter.kept,
    )
    return on_any_screen(page.lstrip("\r\n"))


def on_any_screen(page: str) -> str:
    """Let a page of nbgrader's template be read on a narrow screen as well, and name exercises."""
    return CONTENTS.sub(r"\1\2</a>", page.replace("</head>", f"{HEAD}</head>", 1))


class _Kept:
    """The HTML of the cells that were rendered last; most are the same in a whole class."""

    def __init__(self):
        self.pages = OrderedDict()

    def __call__(self, cell, render):
        text = json.dumps(cell)
        if len(text) > MAX_KEPT:
            return render()
        page = self.pages.pop(text, None) or render()
        self.pages[text] = page
        if len(self.pages) > KEPT:
            self.pages.popitem(last=False)
        return page


def feedback_page(
    exporter: FeedbackExporter,
    notebook: NotebookNode,
    name: str,
    marks: dict[str, Mark],
    penalty: float = 0.0,
) -> str:
    """Render the feedback on one graded notebook.

    Parameters
    ----------
    exporter : FeedbackExporter
    notebook : NotebookNode
        As it was autograded.
    name : str
        The notebook's name.
    marks : dict of str to Mark
        By grade id, as the gradebook shows them.
    penalty : float
        Points lost for being late.

    Returns
    -------
    str, HTML
    """
    notebook = without_links_beside(copy.copy(notebook))
    notebook.cells = [_with_mark(cell, marks) for cell in notebook.cells]
    scores = [mark for mark in marks.values() if mark.points is not None]
    summary = {
        "notebook": name,
        "late_penalty": penalty,
        "score": sum(mark.score for mark in scores) - penalty,
        "max_score": sum(mark.points for mark in scores),
    }
    resources = {"metadata": {"name": name, "path": ""}, "nbgrader": summary}
    return _render(exporter, notebook, resources)


def page_or_table(
    exporter: FeedbackExporter,
    notebook: NotebookNode,
    name: str,
    marks: dict[str, Mark],
    penalty: float = 0.0,
) -> tuple[str, str]:
    """Render the feedback; if that fails, a page with the points alone: they stand already.

    Parameters
    ----------
    As `feedback_page`.

    Returns
    -------
    (str, str)
        HTML, and what went wrong; "" if nothing did.
    """
    try:
        return feedback_page(exporter, notebook, name, marks, penalty), ""
    except Exception as error:  # whatever the renderer makes of a student's text
        fault = f"{type(error).__name__}: {' '.join(str(error).split())}"
    page = points_alone(name, marks, penalty)
    return page, f"the points stand, the feedback page could not be made in full ({fault})"


def points_alone(name: str, marks: dict[str, Mark], penalty: float = 0.0) -> str:
    """A page that shows the points, and nothing that a student wrote."""
    rows = "".join(
        f"<tr><td>{escape(cell)}</td><td>{mark.score:g} of {mark.points:g}</td></tr>"
        for cell, mark in marks.items()
        if mark.points is not None
    )
    late = f"<p>Late submission penalty: {penalty:g} points.</p>" if penalty else ""
    return on_any_screen(
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(name)}</title></head><body><h1>{escape(name)}</h1><p>This notebook was "
        "graded, but it cannot be shown. These are its points.</p>"
        f"<table>{rows}</table>{late}</body></html>"
    )


def _with_mark(cell, marks):
    """Add score and comment to a graded cell, as nbgrader's GetGrades does."""
    mark = marks.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
    if mark is None:
        return cell
    said = {"comment": mark.comment}
    if mark.points is not None:
        said |= {"score": mark.score, "points": mark.points}
    cell = copy.copy(cell)
    cell.metadata = from_dict({**cell.metadata, "nbgrader": cell.metadata.nbgrader | said})
    return cell
