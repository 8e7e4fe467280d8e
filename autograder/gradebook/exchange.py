"""nbgrader's exchange gives feedback back to those who handed in through it."""

from __future__ import annotations

from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseFeedback

from ..ground.files import EXCHANGE_SECRET, TIMESTAMP


class ReleaseFeedback(ExchangeReleaseFeedback):
    """nbgrader's step; work that came another way has a line, and stops nobody else's."""

    def copy_files(self):
        """Copy the feedback pages into the exchange."""
        course = self.coursedir
        place = course.format_path(course.feedback_directory, "*", course.assignment_id)
        root, excluded = Path(course.root), course.student_id_exclude
        for folder in sorted(root.glob(str(Path(place).relative_to(root)))):
            if not all((folder / name).is_file() for name in (TIMESTAMP, EXCHANGE_SECRET)):
                student = folder.parent.name
                self.log.warning(
                    "%s, %s: not handed in through the exchange, so its feedback is not given back "
                    "there",
                    student,
                    course.assignment_id,
                )
                excluded = ",".join(filter(None, (excluded, student)))
        course.student_id_exclude, before = excluded, course.student_id_exclude
        try:
            super().copy_files()
        finally:
            course.student_id_exclude = before
