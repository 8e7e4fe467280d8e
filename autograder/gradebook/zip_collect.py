"""``nbgrader zip_collect`` for what Canvas and Moodle give to download.

Canvas makes one flat archive: ``lastfirst_LATE_1234_5678_01_softmax_jacobian-2.ipynb``, with the
user's and the attachment's number; an anonymous assignment has ``anon_x7Kd2`` for name and user.
Moodle makes a folder per student, ``First Last_4321_assignsubmission_file_/``, or puts that in
front of each file's name; its number is the participant's.

nbgrader's own extractor stops the class at the first archive that is damaged, unpacks archives in
archives without a limit, and cannot tell two files of the same name apart. This one takes the
notebooks, and the pictures and PDF files beside them, one level deep, and says what it left out.
"""

from __future__ import annotations

import io
import lzma
import sys
import time
import zipfile
import zlib
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from nbgrader.plugins import ExtractorPlugin

from ..judge.handed_in import FOR_READERS, MAX_LISTED, NOTEBOOKS
from ..judge.notebook_file import DAMAGED as DAMAGED_FILE
from ..judge.notebook_file import MAX_FILE, NOTHING, TOO_MUCH
from .download_names import author, is_late, picture_name, rank, stored_name

# zipfile passes on what the decompressors raise; a name with a wrong bit gives a ValueError
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    ValueError,
)
MAX_UNPACKED = 2 * MAX_FILE  # bytes of all that one student handed in
MAX_CLASS = 4 * 2**30  # bytes of what a download holds
MAX_NOTEBOOKS = 20  # of one student, and as many pictures and pages
MAX_ENTRIES = 20_000  # of a student's archive: a list of them takes memory before anything is read
ENTRY = b"PK\x01\x02"  # how each begins in the archive's list
NEITHER = "not a notebook, a picture or a PDF file"


@dataclass(frozen=True)
class Handed:
    """A file that a student handed in.

    Attributes
    ----------
    student : str
    rank : tuple
        Of two files of one name the one with the larger rank is the later; see `rank`.
    name : str
        The file's name as the student gave it.
    source : str
        Where it was found, for messages.
    data : bytes or None
        None if it is damaged.
    """

    student: str
    rank: tuple
    name: str
    source: str
    data: bytes | None


def open_member(archive, member):
    """Open a member of an archive, to be read up to a limit.

    Of bzip2 and LZMA zipfile unpacks more than it is asked for: 4 kB may become some gigabytes.
    """
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        name = zipfile.compressor_names.get(member.compress_type, member.compress_type)
        raise NotImplementedError(f"it is packed with {name}, not as ordinary zip files are")
    return archive.open(member)


def read_or_error(opened, limit):
    """Read a file that may be damaged.

    Parameters
    ----------
    opened : callable
        Opens the file; what is wrong with an archive's member shows there, or on reading.
    limit : int
        Bytes to read; one too many, so that it shows when there are more.

    Returns
    -------
    (bytes or None, Exception or None)
    """
    try:
        with opened() as file:
            return file.read(limit), None
    except DAMAGED as error:
        return None, error


class Extractor(ExtractorPlugin):
    """Lays the notebooks of a download out as STUDENT/FILE.ipynb."""

    def extract(self, archive_path, extracted_path):
        """Take the notebooks out of everything in the archive folder."""
        # nbgrader's folders are named .../CHAPTER/archive and .../CHAPTER/extracted
        chapter, unopened = Path(archive_path).parent.name, {}
        self._room = defaultdict(lambda: MAX_UNPACKED)
        self._left_out, self._too_much = defaultdict(list), {}
        given, damaged, large, counting, pictures = {}, set(), set(), {}, {}
        for handed in self._files(Path(archive_path), unopened):
            given.setdefault(handed.student, []).append(handed.name)
            mine = counting.setdefault(handed.student, {})
            folder = Path(extracted_path, handed.student)
            for file in self._wanted(handed):
                if file.data is None and file.source in self._too_much:
                    large.add(file.student)
                    self._left_out[file.student, self._too_much[file.source]].append(file.source)
                elif file.data is None:
                    damaged.add(file.student)
                elif file.name.lower().endswith(FOR_READERS):
                    self._keep(
                        file, picture_name(file.name), pictures.setdefault(file.student, {}), folder
                    )
                else:
                    self._keep(file, stored_name(file.name, chapter), mine, folder)
        for student, mine in counting.items():
            if mine:
                self._say_what_counts(student, sorted(mine), student in damaged, chapter)
                continue
            why = DAMAGED_FILE
            if student in large:
                why = TOO_MUCH
            elif student not in damaged:
                why = NOTHING
                self.log.warning("%s handed in no notebook: %s", student, ", ".join(given[student]))
            _write(Path(extracted_path, student, f"{chapter}.ipynb"), why)
        for (student, why), names in self._left_out.items():
            self._say_what_is_left_out(student, why, names)
        if unopened:
            self._finish_and_fail(unopened)

    def _keep(self, notebook, stored, mine, folder):
        """Write a file, unless one of the same name that is later has been written."""
        other = mine.get(stored)
        if other is None and len(mine) == MAX_NOTEBOOKS:
            self._left_out[notebook.student, f"more than {MAX_NOTEBOOKS} files"].append(
                notebook.name
            )
            return
        counts = other is None or other.rank <= notebook.rank
        if other is not None:
            later, earlier = (notebook, other) if counts else (other, notebook)
            self.log.warning(
                "%s: %r counts, the earlier %r does not",
                notebook.student,
                later.source,
                earlier.source,
            )
        if counts:
            mine[stored] = replace(notebook, data=None)  # a class does not fit into memory
            _write(folder / stored, notebook.data)

    def _say_what_counts(self, student, names, damaged, chapter):
        if damaged:
            self.log.warning(
                "%s: a file is damaged, what can be read counts: %s", student, ", ".join(names)
            )
        if len(names) > 1:
            wanted = f"{chapter}.ipynb"
            counts = (
                f"only {wanted} counts"
                if wanted in names
                else (f"none is called {wanted}: rename the right one")
            )
            self.log.warning("%s handed in the notebooks %s; %s", student, ", ".join(names), counts)

    def _say_what_is_left_out(self, student, why, names):
        shown = ", ".join(repr(name[:200]) for name in names[:MAX_LISTED])
        more = f" and {len(names) - MAX_LISTED} more" if len(names) > MAX_LISTED else ""
        self.log.warning("%s: left out (%s): %s%s", student, why, shown, more)

    def _finish_and_fail(self, unopened):
        """Collect what there is, then end the command with exit code 1.

        nbgrader asks a plugin nothing after collecting, so its next step is taken from here.
        """
        try:
            self.parent.process_extracted_files()
        finally:
            self.log.critical(
                "the students in these archives are missing, for they cannot be "
                "opened; download them again: %s",
                ", ".join(f"{name} ({why})" for name, why in unopened.items()),
            )
        sys.exit(1)

    def _files(self, folder, unopened):
        """Give the students' files, those in archives and those that lie beside them."""
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()):
            if path.suffix.lower() == ".zip" and author(path.name) is None:
                yield from self._members(path, unopened)
                continue
            place, changed = path.relative_to(folder).as_posix(), path.stat().st_mtime
            # an archive's times have steps of two seconds
            changed = time.localtime(changed // 2 * 2)[:6]
            yield from self._file(place, place, lambda path=path: path.open("rb"), changed)

    def _members(self, path, unopened):
        try:
            archive = zipfile.ZipFile(path)
        except DAMAGED as error:
            unopened[path.name] = error
            return
        with archive:
            left = MAX_CLASS
            for member in archive.infolist():
                if member.is_dir():
                    continue
                for handed in self._file(
                    member.filename,
                    f"{path.name}/{member.filename}",
                    lambda member=member: open_member(archive, member),
                    member.date_time,
                    path.name,
                    path.stat().st_mtime,
                ):
                    left -= len(handed.data or b"")
                    yield handed
                if left < 0:
                    unopened[path.name] = f"it unpacks to more than {MAX_CLASS // 2**20} MB"
                    return

    def _file(self, path, source, opened, *times):
        found = author(path)
        if found is None:
            self.log.warning("left out: %r is not named as Canvas or Moodle name files", path)
            return
        student, order, name = found
        if is_late(path):
            self.log.warning(
                "%s: %r is marked LATE; its time is not known, so no penalty is taken "
                "unless you add a timestamp.txt",
                student,
                name,
            )
        yield Handed(
            student, rank(order, name, *times), name, source, self._read(student, source, opened)
        )

    def _read(self, student, source, opened):
        """Read a file of a student's; None if there is no room, or, with a line, if it is damaged.

        A notebook has one byte more than it may, if it is too large: the grader says so then.
        """
        room = self._room[student]
        data, error = read_or_error(opened, min(room, MAX_FILE) + 1)
        if error is None and len(data) > room:
            self._too_much[source] = (
                f"all that was handed in unpacks to more than {MAX_UNPACKED / 2**20:.3g} MB"
            )
            return None
        self._room[student] -= len(data or b"")
        if error is not None:
            self.log.error("%s: %r cannot be read: %s", student, source, error)
        return data

    def _wanted(self, handed):
        """Give each notebook and each picture in a file: itself, or what a zip file holds.

        Of a file that is damaged, whatever its name, there is one without data.
        """
        kind = handed.name.lower()
        if handed.data is None or kind.endswith((*NOTEBOOKS, *FOR_READERS)):
            yield handed
        elif kind.endswith(".zip"):
            yield from self._zipped(handed)
        else:
            self._left_out[handed.student, NEITHER].append(handed.name)

    def _zipped(self, handed):
        if len(handed.data) > MAX_FILE:
            self._too_much[handed.source] = f"an archive of more than {MAX_FILE / 2**20:.3g} MB"
        elif handed.data.count(ENTRY) > MAX_ENTRIES:
            self._too_much[handed.source] = f"an archive of more than {MAX_ENTRIES:,} entries"
        if handed.source in self._too_much:
            yield replace(handed, data=None)
            return
        try:
            archive = zipfile.ZipFile(io.BytesIO(handed.data))
        except DAMAGED as error:
            self.log.error("%s: %r cannot be read: %s", handed.student, handed.name, error)
            yield replace(handed, data=None)
            return
        with archive:
            for member in archive.infolist():
                place = PurePosixPath(member.filename)
                hidden = any(part.startswith((".", "__MACOSX")) for part in place.parts)
                if hidden or member.is_dir():
                    continue
                if not place.name.lower().endswith((*NOTEBOOKS, *FOR_READERS)):
                    self._left_out[handed.student, NEITHER].append(
                        f"{handed.name}/{member.filename}"
                    )
                    continue
                source = f"{handed.source}/{member.filename}"
                data = self._read(
                    handed.student, source, lambda member=member: open_member(archive, member)
                )
                later = handed.rank + rank(0, place.name, member.date_time)
                yield Handed(handed.student, later, place.name, source, data)


def _write(path, data):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
