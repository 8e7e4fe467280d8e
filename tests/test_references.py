"""Whatever the repository's texts refer to is there: pages, files, folders, modules and names."""

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(p for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("*/README.md")])
CODE = sorted(
    path
    for folder in ("autograder", "mlp_helpers", "tests", "benchmarks", "docs", "solutions")
    for path in (ROOT / folder).rglob("*.py")
)
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)")
QUOTED = re.compile(r"`([^`\n]+)`")
ROOMS = "class_run|demo|gradebook|ground|judge|release|reports|worker|checking|answers|reference"
PLACE = re.compile(
    rf"((autograder|mlp_helpers|tests|docs|benchmarks|{ROOMS})/[\w./]*|[\w-]+\.md)\Z"
)
OPEN = re.compile(r"NN|NAME")  # a part of a path that stands for many
MODULE = re.compile(r"(?<=`)(?:autograder|mlp_helpers)(?:\.[A-Za-z_]\w*)+(?=[`(])")
# a document in capitals, where no file has this name: "(GRADING section 2)", "see SANDBOX.md"
DOCUMENT = re.compile(r"\b[A-Z]{5,}(?=\.md\b| section \d)")


def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page):
    """Links of a page that lead nowhere."""
    for path, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield f"{path}#{anchor}" if anchor else path


def broken_paths(text):
    """Files and folders named in backticks that are not there."""
    for word in QUOTED.findall(text):
        if PLACE.match(word) and not OPEN.search(word):
            starts = (ROOT, ROOT / "autograder", ROOT / "mlp_helpers", ROOT / "docs")
            if not any((start / word).exists() for start in starts):
                yield word


def broken_names(text):
    """Dotted names in backticks that neither are modules of ours nor stand in one."""
    for name in sorted(set(MODULE.findall(text))):
        if not found(name):
            yield name


def found(name):
    """Whether a dotted name is a module, or a name in one."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:length])
        if path.is_dir() or path.with_suffix(".py").is_file():
            rest = parts[length:]
            if not rest:
                return True
            thing = importlib.import_module(".".join(parts[:length]))
            for part in rest:
                thing = getattr(thing, part, None)
            return thing is not None
    return False


def missing_documents(text):
    """Documents named in capitals that are not there."""
    return [name for name in DOCUMENT.findall(text) if not (ROOT / f"{name}.md").is_file()]


def test_a_reference_that_leads_nowhere_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# One: two\n[a](page.md) [b](no.md) [c](#one-two) [d](#three) [e](http://x)")
    assert list(broken_links(page)) == ["no.md", "#three"]
    assert list(broken_paths("`docs/security.md` `docs/no.md` `judge/nobody.py` `a/b` `x.md`")) == [
        "docs/no.md",
        "judge/nobody.py",
        "x.md",
    ]
    text = (
        "`mlp_helpers.checking.Report` `mlp_helpers.checking.criteria.values(a)` `mlp_helpers.no`"
    )
    assert list(broken_names(text)) == [
        "mlp_helpers.checking.criteria.values",
        "mlp_helpers.no",
    ]
    assert missing_documents("(GRADING section 2), CONTRIBUTING.md") == ["GRADING"]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_of_pages_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    assert list(broken_links(page)) == []
    assert list(broken_paths(text)) == []


@pytest.mark.parametrize("path", [*PAGES, *CODE], ids=lambda p: str(p.relative_to(ROOT)))
def test_names_in_texts_and_comments_are_there(path):
    if path == Path(__file__):
        return
    text = path.read_text(encoding="utf-8")
    assert list(broken_names(text)) == []
    assert missing_documents(text) == []
