"""``nbgrader zip_collect`` for what Canvas and Moodle give to download.

Canvas makes one flat archive: ``lastfirst_LATE_1234_5678_01_softmax_jacobian-2.ipynb``, with the
user's and the attachment's number; an anonymous assignment has ``anon_x7Kd2`` for name and user.
Moodle makes a folder per student, ``First Last_4321_assignsubmission_file_/``, or puts that in
front of each file's name; its number is the participant's.

nbgrader's own extractor stops the class at the first archive that is damaged, unpacks archives in
archives without a limit, and cannot tell two files of the same name apart. This one takes the
notebooks alone, one level deep, and says what it left out.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nbgrader.plugins import ExtractorPlugin

from .submission import MAX_FILE

MOODLE = re.compile(r"^(?:.*/)?[^/]*_(\d+)_assignsubmission_file(?:_?/(?:.*/)?|_)()([^/]+)$")
ANONYMOUS = re.compile(r"^(?:.*/)?(anon_[^/_]+)_(\d+)_([^/]+)$")
CANVAS = re.compile(r"^(?:.*/)?[^/]+?_(?:LATE_)?(\d+)_(\d+)_([^/]+)$")
COPY = re.compile(r"(-\d+|\s*\(\d+\))$")  # how Canvas and browsers mark a second file of one name
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)
MAX_NOTEBOOKS = 20  # of one student


@dataclass(frozen=True)
class Handed:
    """A file that a student handed in.

    Attributes
    ----------
    student : str
    order : int
        Of two files of one name the one with the larger number is the later.
    name : str
        The file's name as the student gave it.
    data : bytes
    """

    student: str
    order: int
    name: str
    data: bytes


def author(path):
    """Take apart the path of a file of Canvas's or Moodle's.

    Parameters
    ----------
    path : str
        With "/" between its parts.

    Returns
    -------
    (str, int, str) or None
        Student, order, and the name that the student gave; None if it is neither system's.
    """
    found = MOODLE.match(path) or ANONYMOUS.match(path) or CANVAS.match(path)
    return found and (found[1], int(found[2] or 0), found[3])


def stored_name(name, chapter):
    """Name a notebook as nbgrader wants it; one that is called otherwise keeps its name, tamed."""
    stem = name.removesuffix(".ipynb")
    if COPY.sub("", stem) == chapter:
        stem = chapter
    return re.sub(r"[^\w.() -]", "_", stem)[:80].lstrip(". ") + ".ipynb"


class Extractor(ExtractorPlugin):
    """Lays the notebooks of a download out as STUDENT/FILE.ipynb."""

    def extract(self, archive_path, extracted_path):
        """Take the notebooks out of everything in the archive folder."""
        # nbgrader's folders are named .../CHAPTER/archive and .../CHAPTER/extracted
        chapter, orders, given = Path(archive_path).parent.name, {}, {}
        for handed in self._files(Path(archive_path)):
            given.setdefault(handed.student, []).append(handed.name)
            mine = orders.setdefault(handed.student, {})
            for name, data in self._notebooks(handed):
                stored = stored_name(name, chapter)
                if len(mine) == MAX_NOTEBOOKS and stored not in mine:
                    self.log.warning("%s: too many notebooks, %r left out", handed.student, name)
                elif mine.get(stored, 0) <= handed.order:
                    mine[stored] = handed.order
                    _write(Path(extracted_path, handed.student, stored), data)
        for student in (s for s, mine in orders.items() if not mine):
            self.log.warning("%s handed in no notebook: %s", student, ", ".join(given[student]))
            _write(Path(extracted_path, student, f"{chapter}.ipynb"), b"no notebook was handed in")

    def _files(self, folder):
        """Give the students' files, those in archives and those that lie beside them."""
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()):
            if path.suffix == ".zip" and author(path.name) is None:
                yield from self._members(path)
                continue
            with path.open("rb") as file:
                yield from self._file(path.relative_to(folder).as_posix(), file)

    def _members(self, path):
        try:
            with zipfile.ZipFile(path) as archive:
                for member in archive.infolist():
                    if not member.is_dir():
                        with archive.open(member) as file:
                            yield from self._file(member.filename, file)
        except DAMAGED as error:
            self.log.error("%s cannot be read to its end: %s", path.name, error)

    def _file(self, path, file):
        found = author(path)
        if found is None:
            self.log.warning("left out: %r is not named as Canvas or Moodle name files", path)
        else:
            # one byte too many: the grader then says that the file is too large
            yield Handed(*found, file.read(MAX_FILE + 1))

    def _notebooks(self, handed):
        """Give name and content of each notebook in a file: itself, or what a zip file holds."""
        if handed.name.endswith(".ipynb"):
            yield handed.name, handed.data
        if not handed.name.endswith(".zip"):
            return
        try:
            with zipfile.ZipFile(io.BytesIO(handed.data)) as archive:
                for member in archive.infolist()[: 50 * MAX_NOTEBOOKS]:
                    place = PurePosixPath(member.filename)
                    hidden = any(part.startswith((".", "__MACOSX")) for part in place.parts)
                    if place.suffix == ".ipynb" and not hidden:
                        with archive.open(member) as file:
                            yield place.name, file.read(MAX_FILE + 1)
        except DAMAGED as error:
            self.log.warning("%s: %r cannot be read: %s", handed.student, handed.name, error)


def _write(path, data):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
