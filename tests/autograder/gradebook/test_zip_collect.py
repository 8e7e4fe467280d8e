"""`nbgrader zip_collect` on downloads as Canvas and Moodle make them, damaged ones included."""

import io
import logging
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import zipfile

import pytest
from conftest import CHAPTER, make_course
from traitlets.config import Configurable

from autograder.gradebook import zip_collect
from autograder.gradebook.download_names import author, is_late, rank, stored_name
from autograder.judge.notebook_file import MAX_FILE, TOO_MUCH

NAME = f"{CHAPTER}.ipynb"


@pytest.mark.parametrize(
    "path, expected",
    [
        (f"lastfirst_1234_5678_{NAME}", ("1234", 5678, NAME)),
        (f"lastfirst_LATE_1234_5678_{NAME}", ("1234", 5678, NAME)),
        (f"o'last_1_2_{NAME}", ("1", 2, NAME)),
        ("näme_1234_5678_my work.ipynb", ("1234", 5678, "my work.ipynb")),
        (f"submissions/lastfirst_1234_5678_{NAME}", ("1234", 5678, NAME)),
        (f"anon_x7Kd2_5678_{NAME}", ("anon_x7Kd2", 5678, NAME)),
        (f"First Last_4321_assignsubmission_file_/{NAME}", ("4321", 0, NAME)),
        (f"First Last_4321_assignsubmission_file/{NAME}", ("4321", 0, NAME)),
        (f"Group A/First Last_4321_assignsubmission_file_/sub/{NAME}", ("4321", 0, NAME)),
        (f"First Last_4321_assignsubmission_file_{NAME}", ("4321", 0, NAME)),
        (f"Participant_77_assignsubmission_file_/{NAME}", ("77", 0, NAME)),
        (f"anon_x7Kd2_LATE_5678_{NAME}", ("anon_x7Kd2", 5678, NAME)),
        ("F L_4321_assignsubmission_onlinetext_/onlinetext.html", ("4321", 0, "onlinetext.html")),
        ("F L_4321_assignsubmission_onlinetext_onlinetext.html", ("4321", 0, "onlinetext.html")),
        (NAME, None),
        (f"student-01/{NAME}", None),
        ("", None),
    ],
)
def test_whose_file_it_is(path, expected):
    assert author(path) == expected


@pytest.mark.parametrize(
    "path, expected",
    [
        (f"lastfirst_LATE_1234_5678_{NAME}", True),
        (f"anon_x7Kd2_LATE_5678_{NAME}", True),
        (f"lastfirst_1234_5678_{NAME}", False),
        ("lastfirst_1234_5678_my_LATE_1_2_x.ipynb", False),
        (f"A_LATE_12_34_assignsubmission_file_/{NAME}", False),
        (NAME, False),
    ],
)
def test_what_canvas_marks_late(path, expected):
    assert is_late(path) == expected


MONDAY, TUESDAY = (2026, 11, 16, 9, 0, 0), (2026, 11, 17, 9, 0, 0)


@pytest.mark.parametrize(
    "earlier, later",
    [
        (rank(1, NAME, TUESDAY, "A (1).zip", 9), rank(2, NAME, MONDAY, "A.zip", 5)),
        (rank(0, "x (1).ipynb", MONDAY, "A (1).zip", 9), rank(0, "x.ipynb", TUESDAY, "A.zip", 5)),
        (rank(0, "x (1).ipynb", MONDAY, "A (1).zip", 5), rank(0, "x.ipynb", MONDAY, "A.zip", 9)),
        (
            rank(0, "x (1).ipynb", MONDAY, "A.zip", 5.2),
            rank(0, "x.ipynb", MONDAY, "A (1).zip", 5.1),
        ),
        (rank(0, "x.ipynb", MONDAY, "A.zip", 5), rank(0, "x (1).ipynb", MONDAY, "A.zip", 5)),
        (rank(0, "x (2).ipynb", MONDAY), rank(0, "x (10).ipynb", MONDAY)),
        (rank(0, "x-1.ipynb", MONDAY), rank(0, "x-2.ipynb", MONDAY)),
        # Moodle's archives end in the assignment's number, which says nothing about time
        (rank(0, "x.ipynb", MONDAY, "A-99.zip", 5), rank(0, "x (1).ipynb", MONDAY, "A-11.zip", 5)),
    ],
)
def test_which_of_two_is_the_later(earlier, later):
    assert earlier < later


@pytest.mark.parametrize(
    "given, stored",
    [
        (NAME, NAME),
        (f"{CHAPTER}-2.ipynb", NAME),
        (f"{CHAPTER} (1).ipynb", NAME),
        ("my work.ipynb", "my work.ipynb"),
        ("a/b\\c\n.ipynb", "a_b_c_.ipynb"),
        ("..ipynb", "unnamed.ipynb"),
        (".ipynb", "unnamed.ipynb"),
        (f"{CHAPTER} (1).IPYNB", NAME),
        (f"{CHAPTER.upper()}.IPYNB", NAME),
        ("Mine.IPYNB", "Mine.ipynb"),
        (f"{CHAPTER}.ipynb.txt", NAME),
        (f"{CHAPTER}.ipynb.json", NAME),
        (f"{CHAPTER} ({'9' * 5000}).ipynb", f"{CHAPTER} ({'9' * 5000}"[:80] + ".ipynb"),
        ("\U0001d49c" * 100 + ".ipynb", "\U0001d49c" * 60 + ".ipynb"),  # letters of four bytes
        ("-rf.ipynb", "-rf.ipynb"),
        ("x" * 300 + ".ipynb", "x" * 80 + ".ipynb"),
    ],
)
def test_how_it_is_stored(given, stored):
    assert stored_name(given, CHAPTER) == stored


def zipped(files, changed=None):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, changed) if changed else name
            archive.writestr(info, data)
    return buffer.getvalue()


def damage(archive, member):
    """Change one byte of a member's content."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        info = opened.getinfo(member)
    place = info.header_offset + 30 + len(member.encode()) + info.compress_size // 2
    return archive[:place] + bytes([archive[place] ^ 255]) + archive[place + 1 :]


def archive_folder(course):
    folder = course / "classroom" / "downloaded" / CHAPTER / "archive"
    folder.mkdir(parents=True)
    return folder


def collect(course, *options):
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", "zip_collect", CHAPTER, *options],
        cwd=course,
        capture_output=True,
        text=True,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
    )


@pytest.fixture(scope="module")
def collected(root, tmp_path_factory):
    """A class whose downloads lie in the archive folder, collected by nbgrader's command."""
    course = tmp_path_factory.mktemp("collect")
    make_course(course, root)
    archive = archive_folder(course)
    (archive / "canvas.zip").write_bytes(
        zipped(
            {
                f"lastfirst_1_10_{NAME}": "first",
                f"secondone_LATE_2_20_{CHAPTER}-1.ipynb": "later",
                f"secondone_LATE_2_19_{NAME}": "earlier",
                "thirdone_3_30_homework.zip": zipped(
                    {f"a/{NAME}": "zipped", f"__MACOSX/a/._{NAME}": "x"}
                ),
                "fourthone_4_40_homework.zip": zipped({NAME: "abc" * 1000})[:-200],
                "fifthone_5_50_essay.pdf": "%PDF",
                f"sixthone_6_60_../../../{NAME}": "escape",
                "bomb_7_70_bomb.zip": zipped({NAME: bytes(MAX_FILE + 1000)}),
                "README.txt": "no student's",
            }
        )
    )
    (archive / "moodle.zip").write_bytes(
        zipped(
            {
                f"First Last_101_assignsubmission_file_/{NAME}": "moodle first",
                "First Last_101_assignsubmission_file_/notes.txt": "x",
                f"Näme Vorname_102_assignsubmission_file_/{CHAPTER} (1).ipynb": "moodle second",
            }
        )
    )
    old, text = (2026, 11, 16, 9, 0, 0), "text " * 100
    (archive / "harmed.zip").write_bytes(
        damage(
            damage(
                zipped(
                    {
                        f"before_201_10_{NAME}": "before",
                        f"harmed_202_11_{NAME}": text,
                        f"behind_203_12_{NAME}": "behind",
                        f"twice_204_13_{NAME}": "readable",
                        f"twice_204_14_{NAME}": text,
                        "inner_205_15_work.zip": damage(
                            zipped({"a.ipynb": text, NAME: "whole"}), "a.ipynb"
                        ),
                        "capital_206_16_WORK.ZIP": zipped({f"{CHAPTER}.IPYNB": "capital zip"}),
                        f"capital_207_17_{CHAPTER}.IPYNB": "capital notebook",
                        "stem_208_7_..ipynb": "no stem",
                        f"two_209_18_{NAME}": "named",
                        "two_209_19_other.ipynb": "other",
                    }
                ),
                f"harmed_202_11_{NAME}",
            ),
            f"twice_204_14_{NAME}",
        )
    )
    (archive / "text.ZIP").write_bytes(
        zipped(
            {
                "Only Text_301_assignsubmission_onlinetext_/onlinetext.html": "<p>",
                f"Two T_302_assignsubmission_file_/{CHAPTER} (1).ipynb": "the copy",
                f"Two T_302_assignsubmission_file_/{NAME}": "the original",
            },
            old,
        )
    )
    for name, download in ("A (1).zip", "second download"), ("A.zip", "first download"):
        place = f"Jo Doe_303_assignsubmission_file_/{NAME}"
        (archive / name).write_bytes(zipped({place: download}, old))
        os.utime(archive / name, (10**9, 10**9))
    (archive / f"Third Person_103_assignsubmission_file_{NAME}").write_text("unpacked by hand")
    (archive / f"evil_8_80_{NAME}").symlink_to("/etc/passwd")
    return course / "classroom" / "submitted", collect(course)


def test_the_command_ends_well_and_says_what_it_left_out(collected):
    _, done = collected
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    for text in (
        "'README.txt' is not named as",
        "4: 'homework.zip' cannot be read",
        "5 handed in no notebook: essay.pdf",
        "301 handed in no notebook: onlinetext.html",
        f"202: 'harmed.zip/harmed_202_11_{NAME}' cannot be read",
        f"204: a file is damaged, what can be read counts: {NAME}",
        f"209 handed in the notebooks {NAME}, other.ipynb; only {NAME} counts",
    ):
        assert text in done.stderr


def lines_with(done, text):
    return [line for line in done.stderr.splitlines() if text in line]


def test_two_files_that_compete_have_a_line(collected):
    _, done = collected
    folder = "assignsubmission_file_"
    for student, later, earlier in [
        (
            "2",
            f"canvas.zip/secondone_LATE_2_20_{CHAPTER}-1.ipynb",
            f"canvas.zip/secondone_LATE_2_19_{NAME}",
        ),
        (
            "302",
            f"text.ZIP/Two T_302_{folder}/{CHAPTER} (1).ipynb",
            f"text.ZIP/Two T_302_{folder}/{NAME}",
        ),
        ("303", f"A (1).zip/Jo Doe_303_{folder}/{NAME}", f"A.zip/Jo Doe_303_{folder}/{NAME}"),
    ]:
        text = f"{student}: {later!r} counts, the earlier {earlier!r} does not"
        assert len(lines_with(done, text)) == 1
    assert len(lines_with(done, "the earlier")) == 3


def test_what_is_late_has_a_line(collected):
    _, done = collected
    assert len(lines_with(done, f"2: '{NAME}' is marked LATE")) == 1
    assert len(lines_with(done, "is marked LATE")) == 2


@pytest.mark.parametrize(
    "student, text",
    [
        ("1", "first"),
        ("2", "later"),
        ("3", "zipped"),
        ("101", "moodle first"),
        ("102", "moodle second"),
        ("103", "unpacked by hand"),
        ("4", "what was handed in is damaged"),
        ("5", "no notebook was handed in"),
        ("201", "before"),
        ("202", "what was handed in is damaged"),
        ("203", "behind"),
        ("204", "readable"),
        ("205", "whole"),
        ("206", "capital zip"),
        ("207", "capital notebook"),
        ("301", "no notebook was handed in"),
        ("302", "the copy"),
        ("303", "second download"),
    ],
)
def test_every_student_has_one_notebook(collected, student, text):
    folder = collected[0] / student / CHAPTER
    names = {path.name for path in folder.iterdir()}
    assert names - {"essay.pdf"} == {NAME}
    assert (folder / NAME).read_text() == text


def test_a_name_without_stem_is_seen(collected):
    [path] = (collected[0] / "208" / CHAPTER).iterdir()
    assert (path.name, path.read_text()) == ("unnamed.ipynb", "no stem")


def test_nothing_else_was_written(collected):
    submitted, _ = collected
    assert sorted(p.name for p in submitted.iterdir()) == sorted(
        [
            "1",
            "2",
            "3",
            "4",
            "5",
            "7",
            "101",
            "102",
            "103",
            *map(str, range(201, 210)),
            "301",
            "302",
            "303",
        ]
    )
    assert (submitted / "7" / CHAPTER / NAME).stat().st_size == MAX_FILE + 1
    outside = [p for p in submitted.parent.parent.rglob(NAME) if p.read_bytes() == b"escape"]
    assert outside == []


def test_a_class_archive_that_cannot_be_opened_fails_after_the_rest(root, tmp_path):
    make_course(tmp_path, root)
    archive = archive_folder(tmp_path)
    (archive / "a.zip").write_bytes(b"PK\x03\x04 and no more")
    (archive / "b.zip").write_bytes(zipped({f"lastfirst_1_10_{NAME}": "whole"}))
    submitted = tmp_path / "classroom" / "submitted" / "1" / CHAPTER
    done = collect(tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert len(lines_with(done, "a.zip")) == 1
    assert "cannot be opened; download them again: a.zip (" in done.stderr.splitlines()[-1]
    assert (submitted / NAME).read_text() == "whole"

    # nbgrader itself stops, as the student's folder is not empty; the archive is named all the same
    shutil.rmtree(archive.parent / "extracted")
    again = collect(tmp_path)
    assert again.returncode == 1
    assert lines_with(again, "Directory not empty")
    assert len(lines_with(again, "a.zip")) == 1
    (archive / "a.zip").unlink()
    assert collect(tmp_path, "--force").returncode == 0


@pytest.mark.parametrize(
    "path, student",
    [
        ("Doe Jane_1_assignsubmission_file_/x_2_assignsubmission_file_c.ipynb", "1"),
        ("Doe Jane_1_assignsubmission_file_x_2_assignsubmission_file_c.ipynb", "1"),
        ("Doe Jane_1_assignsubmission_file_/E_2_assignsubmission_file_/c.ipynb", "1"),
        ("Doe Jane_1_assignsubmission_file_y_2_3_c.ipynb", "1"),
        ("doejane_1_77_x_2_assignsubmission_file_c.ipynb", "1"),
        ("doejane_LATE_1_77_y_2_3_c.ipynb", "1"),
        ("anon_k7_77_y_2_3_c.ipynb", "anon_k7"),
    ],
)
def test_a_files_name_does_not_make_it_somebody_elses(path, student):
    assert author(path)[0] == student


@pytest.mark.parametrize("part", ["_1_1", "a_1_assignsubmission_file_/", "_LATE_1", "anon_", "/"])
def test_long_names_are_taken_apart_at_once(part):
    """A pattern that looks at each character more than a few times would take an hour here."""
    for end in ("", "/", "\n/", "/x", "_9_x.ipynb"):
        name = part * (64_000 // len(part)) + end
        for _ in range(100):
            author(name)
            is_late(name)


def test_a_number_of_any_length_is_one():
    assert author(f"a_1_{'9' * 9000}_{NAME}") == ("1", int("9" * 18), NAME)


class Command(Configurable):
    """Where nbgrader's command goes on after the extractor."""

    def process_extracted_files(self):
        pass


@pytest.fixture
def extract(tmp_path, monkeypatch, caplog):
    """Unpack a download with bounds of 1000 bytes a file, 2000 a student and 5000 in all."""
    for name, size in ("MAX_FILE", 1000), ("MAX_UNPACKED", 2000), ("MAX_CLASS", 5000):
        monkeypatch.setattr(zip_collect, name, size)

    def extract(**files):
        archive = tmp_path / CHAPTER / "archive"
        archive.mkdir(parents=True)
        (archive / "class.zip").write_bytes(zipped(files))
        extractor = zip_collect.Extractor(parent=Command())
        extractor.log = logging.getLogger("collector")
        out = tmp_path / "out"
        out.mkdir()
        try:
            extractor.extract(str(archive), str(out))
            code = 0
        except SystemExit as ended:
            code = ended.code
        extract.lines = caplog.messages
        return code, {
            str(p.relative_to(out)): p.stat().st_size for p in sorted(out.rglob("*")) if p.is_file()
        }

    return extract


def test_what_one_student_hands_in_is_bounded_in_all(extract):
    many = {f"a_1_{i}_n{i}.ipynb": bytes(700) for i in range(5)}
    inner = {"b_2_1_x.zip": zipped({f"n{i}.ipynb": bytes(700) for i in range(5)})}
    code, found = extract(**many, **inner, **{f"c_3_1_{NAME}": bytes(700)})
    assert code == 0
    assert found[f"3/{NAME}"] == 700
    assert [n for n in found if n[0] == "1"] == ["1/n0.ipynb", "1/n1.ipynb"]
    assert all(size == 700 for size in found.values())  # nothing is cut


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_zipfile_unpacks_without_a_limit_is_not_unpacked(extract, method):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr("n.ipynb", bytes(500))
    code, found = extract(**{"a_1_1_x.zip": packed.getvalue()})
    assert code == 0 and found == {f"1/{NAME}": len(zip_collect.DAMAGED_FILE)}


def test_a_download_is_bounded_in_all_and_what_is_missing_is_said(extract):
    code, found = extract(**{f"s_{i}_1_{NAME}": bytes(900) for i in range(20)})
    assert code == 1
    assert 5000 <= sum(found.values()) <= 6000 and set(found.values()) == {900}


def widen(monkeypatch, **bounds):
    for name, size in bounds.items():
        monkeypatch.setattr(zip_collect, name, size)


def test_a_bomb_costs_its_owner_and_one_line_names_file_and_limit(extract, monkeypatch):
    widen(monkeypatch, MAX_FILE=10**6, MAX_UNPACKED=10**6, MAX_CLASS=10**7)
    bomb = zipped({f"n{i}.ipynb": bytes(600_000) for i in range(40)})
    code, found = extract(**{"a_1_1_x.zip": bomb, f"b_2_1_{NAME}": b"whole"})
    assert code == 0 and found == {"1/n0.ipynb": 600_000, f"2/{NAME}": 5}
    [line] = [line for line in extract.lines if line.startswith("1: left out")]
    assert "all that was handed in unpacks to more than 0.954 MB" in line
    assert "'class.zip/a_1_1_x.zip/n1.ipynb'" in line and "and 29 more" in line


def test_an_archive_that_is_too_large_itself_is_not_called_damaged(extract, tmp_path):
    code, found = extract(**{"a_1_1_x.zip": zipped({NAME: os.urandom(1500)})})
    assert code == 0 and (tmp_path / "out" / "1" / NAME).read_bytes() == TOO_MUCH
    [line] = [line for line in extract.lines if line.startswith("1: left out")]
    assert "an archive of more than 0.000954 MB" in line and "a_1_1_x.zip" in line


def test_who_hands_in_too_much_alone_is_told_so(extract, tmp_path, monkeypatch):
    widen(monkeypatch, MAX_FILE=10**6)
    code, found = extract(**{"a_1_1_x.zip": zipped({NAME: bytes(10**5)})})
    assert code == 0 and found == {f"1/{NAME}": len(TOO_MUCH)}
    assert (tmp_path / "out" / "1" / NAME).read_bytes() == TOO_MUCH
    assert [line for line in extract.lines if "no notebook" in line] == []


def test_archives_in_archives_stay_closed(extract):
    inner = zipped({NAME: b"inner"})
    for _ in range(5):
        inner = zipped({"again.zip": inner, "x.tar.gz": b"x"})
    code, found = extract(**{"a_1_1_x.zip": inner})
    assert code == 0 and list(found) == [f"1/{NAME}"] and found[f"1/{NAME}"] < 50
    [line] = [line for line in extract.lines if line.startswith("1: left out")]
    assert "x.zip/again.zip" in line and "x.zip/x.tar.gz" in line


def test_tar_archives_are_not_opened(extract):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo(NAME), io.BytesIO())
    code, found = extract(**{"a_1_1_x.tar.gz": buffer.getvalue()})
    assert code == 0 and list(found) == [f"1/{NAME}"]
    assert any("'x.tar.gz'" in line and "not a notebook" in line for line in extract.lines)


def test_a_notebook_among_many_other_files_is_found(extract, monkeypatch):
    widen(monkeypatch, MAX_FILE=10**7, MAX_UNPACKED=10**7, MAX_CLASS=10**7)
    many = {f"venv/{i}.py": b"" for i in range(3_000)} | {NAME: b"mine"}
    code, found = extract(**{"a_1_1_x.zip": zipped(many)})
    assert code == 0 and found == {f"1/{NAME}": 4}
    [line] = [line for line in extract.lines if line.startswith("1: left out")]
    assert "and 2990 more" in line and len(line) < 1_000


def test_a_list_of_too_many_entries_is_not_read(extract, monkeypatch):
    widen(monkeypatch, MAX_FILE=10**8, MAX_UNPACKED=10**8, MAX_CLASS=10**8)
    monkeypatch.setattr(zip_collect.zipfile, "ZipFile", only_class(zip_collect.zipfile.ZipFile))
    entry = zipped({NAME: b""})
    code, found = extract(**{"a_1_1_x.zip": entry + entry[entry.index(b"PK\1\2") :] * 20_001})
    assert code == 0 and found == {f"1/{NAME}": len(TOO_MUCH)}


def only_class(opened):
    """`ZipFile` for the class's archive; a student's must not be opened."""

    def open_it(file, *more):
        assert not isinstance(file, io.BytesIO) or more, "opened"
        return opened(file, *more)

    return open_it


@pytest.mark.parametrize("said", [0, 1, 10, 900, 2**31, 2**32 - 2])
def test_sizes_that_headers_state_are_not_believed(extract, said):
    archive = bytearray(zipped({NAME: bytes(100_000), "b.ipynb": b"x" * 300}))
    for mark, place in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        struct.pack_into("<I", archive, archive.index(mark) + place, said)
    code, found = extract(**{"a_1_1_x.zip": bytes(archive), f"b_2_1_{NAME}": b"whole"})
    assert code == 0 and found[f"2/{NAME}"] == 5 and found["1/b.ipynb"] == 300
    assert sum(size for name, size in found.items() if name[0] == "1") <= 2000 + 1
