r"""Formulas as MathML, which browsers show without scripts and without a network.

The LaTeX is a student's: what is converted is bounded, and of the result only known elements and
attributes are written, with every text escaped. A formula that cannot be converted is shown as it
was written.
"""

from __future__ import annotations

import re
from html import escape, unescape

from latex2mathml.converter import convert_to_element
from nbconvert.filters.markdown_mistune import IPythonRenderer

MAX_SOURCE = 2_000  # characters of one formula
MAX_ELEMENTS = 2_000  # of one formula
MAX_FORMULAS = 200  # of one cell
MAX_DEPTH = 60  # of nested elements
LENGTHS = (-2.0, 20.0)  # of spaces, in any unit: a page stays as wide as it is
NUMBER = re.compile(r"-?\d+\.?\d*|-?\.\d+")
ELEMENTS = frozenset(
    (
        "math menclose mfenced mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts "
        "mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr "
        "munder munderover none"
    ).split()
)
ATTRIBUTES = frozenset(
    (
        "accent columnalign columnlines display displaystyle fence form largeop linethickness "
        "lspace mathvariant maxsize minsize movablelimits notation rowlines rspace "
        "scriptlevel separator stretchy symmetric width xmlns"
    ).split()
)


def formula(source: str, display: bool = False) -> str:
    """Turn LaTeX, without its dollar signs, into MathML, or into its source in ``<code>``."""
    if len(source) <= MAX_SOURCE:
        try:
            element = convert_to_element(source, display="block" if display else "inline")
            if sum(1 for _ in element.iter()) <= MAX_ELEMENTS:
                return _written(element)
        except Exception:  # the converter has no error of its own for all that is not LaTeX
            pass
    return _as_source(source)


def _as_source(source):
    return f"<code>{escape(source)}</code>"


def _written(element, depth=0):
    """An element as HTML; no text and no attribute's value can end it."""
    if element.tag not in ELEMENTS or depth > MAX_DEPTH:
        raise ValueError(f"<{element.tag}> at depth {depth} is not shown")
    attributes = "".join(
        f' {name}="{escape(unescape(value))}"'
        for name, value in element.attrib.items()
        if name in ATTRIBUTES
    )
    if not all(
        LENGTHS[0] <= float(number) <= LENGTHS[1]
        for name in ("width", "lspace", "rspace")
        for number in NUMBER.findall(element.get(name, ""))
    ):
        raise ValueError(f"a space of {element.attrib} is not shown")
    inside = escape(unescape(element.text or ""))
    inside += "".join(
        _written(child, depth + 1) + escape(unescape(child.tail or "")) for child in element
    )
    return f"<{element.tag}{attributes}>{inside}</{element.tag}>"


class FormulaRenderer(IPythonRenderer):
    """nbconvert's renderer of one cell's Markdown, with formulas as MathML."""

    formulas = 0

    def block_math(self, body: str) -> str:
        return self._formula(body, display=True)

    def inline_math(self, body: str) -> str:
        return self._formula(body)

    def latex_environment(self, name: str, body: str) -> str:
        return self._formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", display=True)

    def multiline_math(self, text: str) -> str:
        body = text.strip()
        if body.startswith(("$$", "\\\\[")):
            opening = 2 if body.startswith("$$") else 3
            body = body[opening:-opening]
        return self._formula(body, display=True)

    def _formula(self, source, display=False):
        self.formulas += 1
        return formula(source, display) if self.formulas <= MAX_FORMULAS else _as_source(source)
