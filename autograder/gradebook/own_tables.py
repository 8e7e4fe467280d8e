"""What we keep beside nbgrader's tables in its gradebook, in the same transactions."""

from __future__ import annotations

from sqlalchemy import Column, Float, MetaData, String, Table, Text

TABLES = MetaData()
# the act of grading that each submission's grades come from
ACTS = Table(
    "mlp_course_act",
    TABLES,
    Column("submission", String(32), primary_key=True),
    Column("act", String(32)),
)
# of each grade: a digest of the answer as it was graded last, and of the one that a person read
ANSWERS = Table(
    "mlp_course_answer",
    TABLES,
    Column("grade", String(32), primary_key=True),
    Column("digest", String(64)),
    Column("read", String(64)),
)
# what a person gave for a cell that its chapter no longer has, by submitted notebook
KEPT = Table(
    "mlp_course_kept",
    TABLES,
    Column("notebook", String(32), primary_key=True),
    Column("cell", String(128), primary_key=True),
    Column("score", Float),
    Column("extra", Float),
    Column("comment", Text),
    Column("read", String(64)),
)


def settle(session, grade, mark):
    """Write an automatic mark into a grade; say whether a person has to look at it.

    A mark given by hand stays settled as long as the answer is the one that its reader saw.

    Parameters
    ----------
    session : SQLAlchemy session
    grade : nbgrader.api.Grade
        Not new: it has an id.
    mark : autograder.gradebook.cell_marks.Mark
    """
    here = ANSWERS.c.grade == grade.id
    known = session.execute(ANSWERS.select().where(here)).one_or_none()
    read = answer_read(grade, known)
    grade.auto_score = mark.score
    if grade.manual_score is None:
        grade.needs_manual_grade = mark.score is None
    else:
        grade.needs_manual_grade = read is None or read != mark.answer
    session.execute(ANSWERS.delete().where(here))
    session.execute(ANSWERS.insert().values(grade=grade.id, digest=mark.answer, read=read))


def answer_read(grade, known):
    """Digest of the answer that a mark given by hand is for; None if that is not known.

    Parameters
    ----------
    grade : nbgrader.api.Grade
    known : row of `ANSWERS` or None
    """
    if known is None or grade.manual_score is None:
        return None
    return known.read if grade.needs_manual_grade else known.digest
