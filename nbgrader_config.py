"""nbgrader's settings for this course; they are explained in autograder/nbgrader_plugin.py."""

from pathlib import Path

from autograder.build import sync_sources
from autograder.errors import Problem
from autograder.nbgrader_plugin import configure

root = Path(__file__).resolve().parent
(root / "classroom").mkdir(exist_ok=True)
try:
    configure(get_config(), root)  # noqa: F821  (traitlets gives get_config to this file)
    sync_sources(root)
except Problem as problem:
    raise SystemExit(f"nbgrader_config.py: {problem}") from None
