"""nbgrader's settings for this course; see autograder/gradebook/nbgrader_settings.py."""

from pathlib import Path

from autograder.gradebook.nbgrader_settings import configure
from autograder.ground.errors import Problem
from autograder.release.generate import sync_sources

c = get_config()  # noqa: F821  (traitlets gives get_config to this file)
root = Path(__file__).resolve().parent
(root / "classroom").mkdir(exist_ok=True)
try:
    configure(c, root)
    sync_sources(root)
except Problem as problem:
    raise SystemExit(f"nbgrader_config.py: {problem}") from None

# Your class's own settings follow. Take the # away from a line to use it.

# What late work loses: "none", or "zero" (everything).
# c.LateSubmissionPlugin.penalty_method = "zero"

# nbgrader's exchange, for a class on one machine: the course's name there, and a folder that
# everybody can write into. Your students' nbgrader_config.py needs the same two lines.
# c.CourseDirectory.course_id = "mlp"
# c.Exchange.root = "/usr/local/share/nbgrader/exchange"
