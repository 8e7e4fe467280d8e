"""A student's text made such that a page shows it and does nothing else."""

from __future__ import annotations

import re

# the commands with which a formula makes a link or a style
LINK = re.compile(r"(?<=\\)(?=(?:href|mmlToken|style|class|cssId|require)(?![a-z]))", re.IGNORECASE)
# HTML tags, entities, script links
MARKUP = re.compile(r"<(?=[A-Za-z/!?])|&(?=#?\w+;)|(?<=script)(?=\\*:)", re.IGNORECASE)


def harmless(text: str) -> str:
    r"""Markdown without HTML, entities and script links; formulas and prose read as before.

    A space takes each its meaning: "< b>", "& lt;", "javascript :", r"\ href".
    """
    return MARKUP.sub(r"\g<0> ", without_links(text))


def without_links(text: str) -> str:
    """Text in which no formula can make a link."""
    return LINK.sub(" ", text)
