"""nbgrader's settings for this course; see autograder/gradebook/nbgrader_settings.py."""

from pathlib import Path

from autograder.gradebook.nbgrader_settings import configure
from autograder.ground.errors import Problem
from autograder.release.generate import sync_sources

root = Path(__file__).resolve().parent
(root / "classroom").mkdir(exist_ok=True)
try:
    configure(get_config(), root)  # noqa: F821  (traitlets gives get_config to this file)
    sync_sources(root)
except Problem as problem:
    raise SystemExit(f"nbgrader_config.py: {problem}") from None
