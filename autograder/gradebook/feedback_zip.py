"""Feedback pages in one archive, named as Moodle and Canvas want them for an upload.

Moodle's *Upload multiple feedback files in a zip* takes NAME_PARTICIPANT_assignfeedback_file_FILE.
Canvas's *Upload Submissions* takes names with the numbers of the user and of the file that was
handed in, so it needs the archive that was collected.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from ..ground.class_list import read_roster
from ..ground.writing import write
from ..judge.handed_in import NOTEBOOKS
from .download_names import author

DAMAGED = (zipfile.BadZipFile, NotImplementedError, OSError, ValueError)


def write_feedback(root, chapters, systems):
    """Write an archive for each chapter and system; none where there is no page to put into it.

    Parameters
    ----------
    root : Path
        The course's folder.
    chapters : iterable of str
    systems : collection of str
        Of "moodle" and "canvas"; others have no such archive.

    Returns
    -------
    (list of Path, list of str)
        What was written, and a line for each chapter in which pages could not be named.
    """
    written, notes, listed = [], [], read_roster(root)
    for chapter in chapters:
        folder = Path(root, "classroom", "feedback")
        pages = {p.parent.parent.name: p for p in folder.glob(f"*/{chapter}/{chapter}.html")}
        for system in (s for s in FORMS if s in systems and pages):
            names, why = FORMS[system](root, chapter, listed)
            found = {student: names(student) for student in sorted(pages)}
            twice = [s for s, n in found.items() if n and list(found.values()).count(n) > 1]
            unnamed = [student for student, name in found.items() if not name]
            for left_out, reason in ((unnamed, why), (twice, "handed in under several ids")):
                if left_out:
                    notes.append(
                        f"{chapter}, feedback for {system.capitalize()}: without "
                        f"{', '.join(left_out)} ({reason})"
                    )
            named = {n: pages[s] for s, n in found.items() if n and s not in twice}
            if named:
                path = Path(root, "classroom", "reports", f"{system}_{chapter}_feedback.zip")
                write(path, _archive(named))
                written.append(path)
    return written, notes


def _archive(files):
    """An archive of files, by their names in it."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in files.items():
            archive.write(path, name)
    return data.getvalue()


def _moodle(root, chapter, listed):
    def name(student):
        known = listed.member(student)
        number = listed.participant(student) if known else student
        words = re.sub(r"[^\w-]|_", " ", known.name if known else "")[:60]
        words = " ".join(words.split()) or "student"
        is_number = number.isascii() and number.isdecimal()
        return f"{words}_{number}_assignfeedback_file_{chapter}.html" if is_number else ""

    return name, (
        "their participant numbers are not known: take in the assignment's grading worksheet with "
        "`mlp-course roster`"
    )


def _canvas(root, chapter, listed):
    files = {}  # student -> number of the file that was handed in last
    for path in _downloaded(Path(root, "classroom", "downloaded", chapter, "archive")):
        student, order, name = author(path) or ("", 0, "")
        if student.isdecimal() and order and name.lower().endswith((*NOTEBOOKS, ".zip")):
            files[student] = max(order, files.get(student, 0))

    def name(student):
        member = listed.member(student)
        user = student if student in files or member is None else member.canvas_id
        return f"feedback_{user}_{files[user]}_{chapter}.html" if user in files else ""

    return name, (
        f"classroom/downloaded/{chapter}/archive does not hold what they handed in, and Canvas "
        "asks for its number"
    )


def _downloaded(folder):
    """Names of the files of a download, in archives and beside them."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()):
        if path.suffix.lower() != ".zip" or author(path.name):
            yield path.name
            continue
        try:
            with zipfile.ZipFile(path) as archive:
                yield from (info.filename for info in archive.infolist())
        except DAMAGED:  # collecting has said so
            continue


FORMS = {"moodle": _moodle, "canvas": _canvas}
