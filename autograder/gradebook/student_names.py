"""The names of the class's list in nbgrader's gradebook, so that formgrader shows them."""

from __future__ import annotations

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from ..ground.class_list import read_roster
from .database_errors import plain_errors


def write_names(config, root):
    """Write the names, addresses and numbers of those students whom the class's list knows.

    Parameters
    ----------
    config : traitlets.config.Config
        nbgrader's configuration.
    root : Path
    """
    listed = read_roster(root)
    if not listed.members:
        return
    with plain_errors(), Gradebook(CourseDirectory(config=config).db_url) as book:
        for student in book.students:
            member = listed.member(student.id)
            if member is None:
                continue
            student.first_name = member.first_name or student.first_name
            student.last_name = member.last_name or student.last_name
            student.email = member.email or student.email
            student.lms_user_id = member.canvas_id or student.lms_user_id
        book.db.commit()
