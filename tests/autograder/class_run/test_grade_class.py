"""A class in parallel: killed at any moment, on two machines, twice at once; one gradebook."""

import dataclasses
import errno
import json
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor
from functools import partial
from pathlib import Path

import nbformat
import pytest
from conftest import CHAPTER, SECRET, solved, without_demos
from nbgrader.api import Gradebook

from autograder import cli
from autograder.class_run import grade_key, grade_one, registration, submissions
from autograder.class_run.grade_class import grade_class
from autograder.class_run.journal import Journal, only_one
from autograder.class_run.outcome import Outcome
from autograder.class_run.pool import local_pool, stream
from autograder.class_run.terminal_summary import class_summary, counts
from autograder.gradebook import nbgrader_settings
from autograder.gradebook.lateness import Lateness
from autograder.gradebook.recorder import Recorder
from autograder.ground.errors import Problem
from autograder.ground.task import Task
from autograder.worker import processes

FORK = multiprocessing.get_context("fork")
LATE = """
c = get_config()
c.LateSubmissionPlugin.penalty_method = "zero"
"""


def hand_in(course, folder, students):
    """Hand in a right or a wrong notebook for each student."""
    for number, student in enumerate(students):
        sources = {"nll": f"def nll(F, y):\n    return {number}.0"} if number % 2 else {}
        notebook = solved(course.release, course.master, **sources)
        without_demos(notebook)
        path = folder / "classroom" / "submitted" / student / CHAPTER
        path.mkdir(parents=True)
        (path / f"{CHAPTER}.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")


def new_class(course, folder, students):
    """Make a class of some students, with nothing graded."""
    shutil.copytree(course.root, folder)
    hand_in(course, folder, students)
    (folder / "classroom" / "secret").write_bytes(SECRET)
    return folder


@pytest.fixture
def make_class(course, tmp_path):
    """Make a class of some students, with nothing graded."""
    return lambda students, name="class": new_class(course, tmp_path / name, students)


@pytest.fixture(scope="module")
def graded_once(course, tmp_path_factory):
    """A class of two, graded; not to be changed."""
    folder = tmp_path_factory.mktemp("graded") / "class"
    new_class(course, folder, ["student-01", "student-02"])
    result = grade_class(root=folder, jobs=1)
    assert [outcome.reasons for outcome in result.outcomes] == [("new",), ("new",)]
    return folder


@pytest.fixture
def graded(graded_once, tmp_path):
    """A class of two, graded."""
    return Path(shutil.copytree(graded_once, tmp_path / "class"))


def book(folder):
    """Open a class's gradebook."""
    return Gradebook(f"sqlite:///{folder / 'classroom' / 'gradebook.db'}")


def contents(folder):
    """Everything that a gradebook says of a class, but for its random row ids."""
    with book(folder) as gradebook:
        return {
            s.student.id: (
                s.timestamp,
                [
                    (
                        n.name,
                        n.late_submission_penalty,
                        n.flagged,
                        sorted(
                            (g.name, g.auto_score, g.manual_score, g.needs_manual_grade)
                            for g in n.grades
                        ),
                        sorted((c.name, c.auto_comment, c.manual_comment) for c in n.comments),
                    )
                    for n in s.notebooks
                ],
            )
            for s in gradebook.assignment_submissions(CHAPTER)
        }


def acts(folder):
    """The act of grading that each journal record is about."""
    journal = Journal(folder / "classroom")
    tasks = submissions.plan([CHAPTER], folder)
    entries = {task.student: journal.read(task) for task in tasks}
    return {student: entry.act for student, entry in entries.items() if entry}


def page(folder, student):
    path = folder / "classroom" / "feedback" / student / CHAPTER / f"{CHAPTER}.html"
    return path.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_submission_that_overruns_is_named_and_the_others_are_graded(make_class, monkeypatch):
    restored = grade_one.restore_or_stand_in

    def slow(found, release):
        return time.sleep(600) if b"return 1.0" in found.data else restored(found, release)

    monkeypatch.setattr(grade_one, "restore_or_stand_in", slow)
    monkeypatch.setattr(grade_one, "_seconds", lambda course: 20.0)
    students = [f"student-{i:02}" for i in (1, 2, 3)]
    result = grade_class(root=make_class(students), jobs=1)
    problems = {o.task.student: o.problem for o in result.outcomes}
    assert problems == {
        "student-01": "",
        "student-02": "judging it took longer than 20 s",
        "student-03": "",
    }
    assert not result.complete


# --- killed --------------------------------------------------------------------------------------


def killed_after(seconds, function, *args, **kwargs):
    """Run a function in a process of its own; kill that at a moment, unless it has ended."""
    process = FORK.Process(target=function, args=args, kwargs=kwargs)
    process.start()
    process.join(seconds)
    if process.is_alive():
        os.kill(process.pid, signal.SIGKILL)
    process.join()
    return process.exitcode


@pytest.mark.slow
def test_killed_at_twenty_moments_and_resumed(make_class):
    students = [f"student-{i:02}" for i in range(16)]
    killed, whole = make_class(students, "killed"), make_class(students, "whole")
    grade = partial(grade_class, root=killed, jobs=2)
    draw, seen, kills = random.Random(1), {}, 0
    for _ in range(20):
        kills += killed_after(draw.uniform(0, 1.6), grade) == -signal.SIGKILL
        now = acts(killed)
        assert seen.items() <= now.items(), "graded twice"
        seen = now
    result = grade()
    assert kills >= 10 and result.complete
    assert seen.items() <= acts(killed).items()
    assert {o.task.student for o in result.outcomes if o.seconds} == set(students) - set(seen)
    grade_class(root=whole, jobs=2)
    assert contents(killed) == contents(whole)
    for student in students[:2]:
        assert page(killed, student) == page(whole, student)
    assert not list((killed / "classroom").rglob("*.partial"))


def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize(
    "owner, name",
    [(Journal, "write"), (Recorder, "record"), (Lateness, "refresh")],
    ids=[
        "files written, not in the journal",
        "in the journal, not in the gradebook",
        "half in the gradebook",
    ],
)
def test_killed_between_two_steps(make_class, monkeypatch, owner, name):
    folder = make_class(["student-01", "student-02"])
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, die)
        assert killed_after(60, grade_class, root=folder, jobs=1) == -signal.SIGKILL
    before = acts(folder)
    assert len(before) == (0 if owner is Journal else 1)
    result = grade_class(root=folder, jobs=1)
    assert result.complete and before.items() <= acts(folder).items()
    assert {o.task.student for o in result.outcomes if o.seconds} == {
        "student-01",
        "student-02",
    } - set(before)
    assert set(contents(folder)) == {"student-01", "student-02"}
    again = grade_class(root=folder, jobs=1)
    assert not any(o.seconds or o.reasons for o in again.outcomes)


def supervise(folder):
    """Kill a run; fail unless everything that it started ends as well."""
    processes.adopt_orphans()
    assert killed_after(2.0, grade_class, root=folder, jobs=2) == -signal.SIGKILL
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.05)
        except ChildProcessError:
            return
    raise AssertionError("something outlived the run")


def test_no_process_outlives_a_killed_run(make_class):
    folder = make_class([f"student-{i}" for i in range(8)])
    supervisor = FORK.Process(target=supervise, args=[folder])
    supervisor.start()
    supervisor.join()
    assert supervisor.exitcode == 0


# --- on many machines ----------------------------------------------------------------------------


@pytest.fixture
def cluster(tmp_path):
    """A Dask scheduler and two workers on this machine: its address and the workers' processes."""
    pytest.importorskip("distributed")
    file, environment = tmp_path / "scheduler.json", {**os.environ, "MLP_COURSE_SECRET": ""}
    common = ["--scheduler-file", str(file), "--no-dashboard"]
    started = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "distributed.cli.dask_scheduler",
                *common,
                "--host",
                "127.0.0.1",
                "--port",
                "0",
            ],
            env=environment,
            stderr=subprocess.DEVNULL,
        )
    ]
    started += [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "distributed.cli.dask_worker",
                *common,
                "--nthreads",
                "1",
                "--no-nanny",
                "--host",
                "127.0.0.1",
                "--local-directory",
                str(tmp_path / f"worker-{i}"),
            ],
            env=environment,
            stderr=subprocess.DEVNULL,
        )
        for i in range(2)
    ]
    from distributed import Client

    while not file.exists():
        time.sleep(0.05)
        assert started[0].poll() is None, "the scheduler did not start"
    with Client(scheduler_file=str(file), set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        yield client.scheduler.address, started[1:]
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_a_dask_worker_killed_half_way_changes_nothing(make_class, cluster):
    address, workers = cluster
    students = [f"student-{i:02}" for i in range(8)]
    spread, whole = make_class(students, "spread"), make_class(students, "whole")

    def kill_one(done, total, outcome):
        if done == total // 2:
            workers[0].kill()

    result = grade_class(root=spread, dask=address, progress=kill_one)
    assert result.complete and workers[0].wait(10) == -signal.SIGKILL
    assert workers[1].poll() is None
    grade_class(root=whole, jobs=2)
    assert contents(spread) == contents(whole)


def test_a_cluster_that_is_not_there(make_class):
    folder = make_class(["student-01"])
    with pytest.raises(Problem, match="no Dask scheduler answers at tcp://127.0.0.1:9"):
        grade_class(root=folder, dask="tcp://127.0.0.1:9")


# --- twice at once, and again --------------------------------------------------------------------


def test_two_graders_at_once(graded):
    ready, done = FORK.Event(), FORK.Event()

    def hold():
        with only_one(graded / "classroom"):
            ready.set()
            done.wait(60)

    other = FORK.Process(target=hold)
    other.start()
    ready.wait(60)
    with pytest.raises(Problem, match=f"is being graded by process {other.pid}"):
        grade_class(root=graded)
    done.set()
    other.join()
    assert grade_class(root=graded).complete


def test_a_gradebook_in_use_is_a_line_of_text_and_nothing_is_lost(graded):
    path = graded / "classroom" / "submitted" / "student-01" / CHAPTER / "timestamp.txt"
    path.write_text("2030-01-02 12:00:00 UTC")
    with sqlite3.connect(graded / "classroom" / "gradebook.db") as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Problem, match="opened or written .database is locked."):
            grade_class(root=graded, jobs=1)
        other.rollback()
    result = grade_class(root=graded, jobs=1)
    assert result.complete and not any(o.seconds for o in result.outcomes)
    assert contents(graded)["student-01"][0].year == 2030


@pytest.mark.parametrize(
    "garble",
    [
        lambda path: path.write_bytes(b"no database" * 1000),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
    ],
    ids=["random", "cut"],
)
def test_a_damaged_gradebook_is_a_line_of_text(graded, garble):
    garble(graded / "classroom" / "gradebook.db")
    with pytest.raises(Problem, match="gradebook is damaged.*put a backup of it back"):
        grade_class(root=graded, jobs=1, regrade=True)


def test_a_damaged_release_or_configuration_is_a_line_of_text(make_class):
    folder = make_class(["student-01"])
    release = folder / "course" / CHAPTER / f"{CHAPTER}.ipynb"
    good = release.read_text()
    release.write_text(good[:1000])
    with pytest.raises(Problem, match="is damaged: run `mlp-course build"):
        grade_class(root=folder)
    release.write_text(good)
    (folder / "nbgrader_config.py").write_text("x = (")
    with pytest.raises(Problem, match="nbgrader_config.py cannot be read .SyntaxError"):
        grade_class(root=folder)


def test_notebooks_in_a_wrong_place_are_named(graded):
    submitted = graded / "classroom" / "submitted"
    (submitted / "1012.ipynb").write_text("{}")
    (submitted / "1010" / "Softmax").mkdir(parents=True)
    (submitted / "1010" / "Softmax" / "a.ipynb").write_text("{}")
    (graded / "course" / "essay").mkdir()  # an assignment that the instructor made
    for left_alone in (".ipynb_checkpoints", "essay"):
        (submitted / "1010" / left_alone).mkdir()
        (submitted / "1010" / left_alone / "a.ipynb").write_text("{}")
    result = grade_class(root=graded)
    assert [str(path) for path in result.misplaced] == ["1010/Softmax/a.ipynb", "1012.ipynb"]
    assert not result.complete
    text = class_summary(result, graded)
    assert "1012.ipynb: NOT GRADED, put it at STUDENT/CHAPTER/CHAPTER.ipynb" in text


@pytest.mark.parametrize("mode", [0, 0o400])
def test_a_closed_folder_stops_nobody_else(graded, mode, monkeypatch):
    closed = graded / "classroom" / "submitted" / "student-01"
    closed.chmod(mode)
    access, stat_of = os.access, Path.stat  # root may go everywhere

    def is_closed(path):
        return Path(path) == closed and not os.stat(closed).st_mode & stat.S_IXUSR

    def look(path, **more):
        if is_closed(path.parent):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return stat_of(path, **more)

    monkeypatch.setattr(os, "access", lambda path, *how: not is_closed(path) and access(path, *how))
    monkeypatch.setattr(Path, "stat", look)
    first, second = grade_class(root=graded, jobs=1).outcomes
    assert first.problem.startswith("its folder is closed to you") and not second.problem
    closed.chmod(0o700)
    assert grade_class(root=graded, jobs=1).complete


def test_an_entry_that_cannot_be_read_is_graded_again(graded):
    path = Journal(graded / "classroom").path(Task(CHAPTER, "student-01"))
    path.unlink()
    path.mkdir()
    with pytest.raises(OSError, match=path.name):
        grade_class(root=graded, jobs=1)
    path.rmdir()
    assert grade_class(root=graded, jobs=1).complete


def test_what_changed_is_graded_again_and_says_why(graded, monkeypatch):
    for module in (grade_key, grade_one):  # as after an update of the course
        monkeypatch.setattr(module, "exercises_digest", lambda chapter: "another bank")
    again = grade_class(root=graded, jobs=1)
    assert [o.reasons for o in again.outcomes] == [("exercises",)] * 2
    assert "2 graded (the exercises changed)" in counts(again.outcomes)
    (graded / "classroom" / "feedback" / "student-02" / CHAPTER / f"{CHAPTER}.html").unlink()
    last = grade_class(root=graded, jobs=1)
    assert [o.reasons for o in last.outcomes] == [(), ("gone",)]
    assert last.outcomes[0].reports.keys() == again.outcomes[0].reports.keys()


def test_a_closed_chapter_keeps_its_grades_until_it_is_asked_for(graded, monkeypatch):
    with book(graded) as gradebook:
        gradebook.update_or_create_assignment(CHAPTER, duedate="2020-01-01 12:00:00 UTC")
    for module in (grade_key, grade_one):
        monkeypatch.setattr(module, "exercises_digest", lambda chapter: "another bank")
    before, lines = acts(graded), []
    result = grade_class(root=graded, jobs=1, say=lines.append)
    assert [o.reasons for o in result.outcomes] == [(), ()] and acts(graded) == before
    assert len(lines) == 1 and "2 grades stay" in lines[0] and "--regrade" in lines[0]
    again = grade_class(root=graded, jobs=1, regrade=True, say=lines.append)
    assert len(lines) == 1 and not set(before.values()) & set(acts(graded).values())
    assert [o.reasons for o in again.outcomes] == [("asked",)] * 2


def test_keys_say_what_changed(course):
    handed = submissions.collect(Task(CHAPTER, "nobody"), course.root)
    key = grade_key.key_of(handed, "release", grade_key.settings_digest(b"secret", 1.0))
    assert key.changed(key) == ()
    other = grade_key.key_of(handed, "other", grade_key.settings_digest(b"other", 1.0))
    assert other.changed(key) == ("release", "settings")
    late = dataclasses.replace(handed, timestamp="2030-01-02 12:00:00 UTC")
    assert grade_key.key_of(late, "release", key.settings).changed(key) == ("submission",)


def test_another_version_of_the_course_elsewhere_is_refused(make_class, monkeypatch):
    folder = make_class(["student-01"])
    monkeypatch.setattr(grade_one, "exercises_digest", lambda chapter: "an older bank")
    result = grade_class(root=folder, jobs=1)
    assert not result.complete and "another version" in result.outcomes[0].problem
    assert contents(folder) == {} and acts(folder) == {}


def test_a_grade_depends_on_what_decides_it(tmp_path, monkeypatch):
    for package in ("mlp_helpers", "autograder"):
        shutil.copytree(grade_key.PACKAGES / package, tmp_path / package)
    monkeypatch.setattr(grade_key, "PACKAGES", tmp_path)

    def digest(chapter="01_a"):
        grade_key.exercises_digest.cache_clear()
        return grade_key.exercises_digest(chapter)

    def changes(name, change):
        path, before = tmp_path / name, digest()
        text = path.read_bytes()
        path.write_bytes(change(text))
        after = digest()
        path.write_bytes(text)
        return before != after

    def more(text):
        return text + b"\nMORE = 1\n"

    for name in (
        "answers/chapter_01/softmax",
        "answers/chapter_01/shared",
        "answers/bank",
        "checking/compare",
        "reference/losses",
    ):
        assert changes(f"mlp_helpers/{name}.py", more), name
        assert not changes(f"mlp_helpers/{name}.py", lambda text: b"# a comment\n" + text), name
        assert not changes(
            f"mlp_helpers/{name}.py", lambda text: text.replace(b'"""', b'"""Well: ', 1)
        ), name
    assert changes("autograder/judge/grade.py", more)
    for name in ("plots", "progress", "notebook", "answers/chapter_02/shared"):
        assert not changes(f"mlp_helpers/{name}.py", more), name
    assert not changes("mlp_helpers/data/digits.md", more)
    assert digest("01_a") != digest("02_b")
    grade_key.exercises_digest.cache_clear()


def test_a_release_decides_by_its_graded_cells(course):
    text = nbformat.writes(course.release)
    prose = text.replace("A classifier ends with a question", "A classifier ends so")
    assert prose != text and grade_key.release_digest(prose) == grade_key.release_digest(text)
    weighed = text.replace('"points": 3', '"points": 5', 1)
    assert weighed != text and grade_key.release_digest(weighed) != grade_key.release_digest(text)


def test_a_journal_that_cannot_be_read_counts_for_nothing(graded):
    journal, task = Journal(graded / "classroom"), Task(CHAPTER, "student-01")
    assert journal.read(task).task == task
    assert journal.folder.stat().st_mode & 0o077 == 0
    good = json.loads(journal.path(task).read_text())
    mark = next(iter(good["marks"]))
    odd = [
        good | {"records": [1]},
        good | {"records": 3},
        good | {"seconds": "long"},
        good | {"notes": [1]},
        good | {"marks": {mark: {"score": "many"}}},
        good | {"act": None},
        good | {"timestamp": "no time"},
        good | {"isolation": "odd"},
        good | {"task": {"chapter": CHAPTER, "student": "student-02"}},
    ]
    for text in ("", "{", "[]", '{"task": {}}', "[" * 10**5, "\0", *map(json.dumps, odd)):
        journal.path(task).write_text(text)
        assert journal.read(task) is None
    other = Task(CHAPTER, "student-02")
    journal.path(other).write_text(json.dumps(good))
    assert journal.read(other) is None
    journal.path(other).unlink()
    journal.path(other).symlink_to("/dev/zero")
    assert journal.read(other) is None


# --- what people do in between -------------------------------------------------------------------


def test_a_persons_marks_stay_and_are_shown(graded):
    name = "derive_softmax_jacobian"
    with book(graded) as gradebook:
        grade = gradebook.find_grade(name, CHAPTER, CHAPTER, "student-01")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        comment = gradebook.find_comment(name, CHAPTER, CHAPTER, "student-01")
        comment.manual_comment = "A fine derivation."
        gradebook.db.commit()
    by_hand = contents(graded)
    grade_class(root=graded, jobs=1)
    assert contents(graded) == by_hand  # nothing was graded, so nothing is to be looked at again
    path = graded / "classroom" / "submitted" / "student-01" / CHAPTER / "timestamp.txt"
    path.write_text("soon\x00after")
    outcome, _ = grade_class(root=graded, jobs=1).outcomes
    assert outcome.reasons == ("submission",)
    assert "timestamp.txt holds no time" in outcome.notes[0] and not outcome.problem
    with book(graded) as gradebook:
        grade = gradebook.find_grade(name, CHAPTER, CHAPTER, "student-01")
        assert (grade.score, grade.needs_manual_grade) == (1.5, False)  # the answer is the same
    assert "A fine derivation." in page(graded, "student-01")
    assert "(Score: 34.5 /" in page(graded, "student-01")


def test_nbgraders_commands_write_the_same_also_for_late_work(make_class):
    folders = [make_class(["student-01", "student-02"], name) for name in ("ours", "theirs")]
    for folder in folders:
        with open(folder / "nbgrader_config.py", "a") as config:
            config.write(LATE)
        registration.register(CHAPTER, folder, nbgrader_settings.load_config(folder))
        with book(folder) as gradebook:
            gradebook.update_or_create_assignment(CHAPTER, duedate="2030-01-01 12:00:00 UTC")
        for student, time_ in (
            ("student-01", "2030-01-02 12:00:00 UTC"),
            ("student-02", "2029-12-31 12:00:00 UTC"),
        ):
            path = folder / "classroom" / "submitted" / student / CHAPTER / "timestamp.txt"
            path.write_text(time_)
    grade_class(root=folders[0], jobs=1)
    for step in ("autograde", "generate_feedback"):
        subprocess.run(
            [sys.executable, "-m", "nbgrader", step, CHAPTER],
            cwd=folders[1],
            check=True,
            capture_output=True,
        )
    assert contents(folders[0]) == contents(folders[1])
    assert contents(folders[0])["student-01"][1][0][1] > 0
    assert page(folders[0], "student-01") == page(folders[1], "student-01")
    assert 'late-penalty">' in page(folders[0], "student-01")
    ours, theirs = (
        nbformat.read(
            folder / "classroom" / "autograded" / "student-02" / CHAPTER / f"{CHAPTER}.ipynb",
            as_version=4,
        )
        for folder in folders
    )
    nbformat.validate(ours)
    assert ours == theirs
    steps = [
        [folder / "classroom" / step for step in ("autograded", "feedback")] for folder in folders
    ]
    files = [
        sorted(str(p.relative_to(step)) for step in both for p in step.rglob("*") if p.is_file())
        for both in steps
    ]
    assert files[0] == files[1]
    assert not any(step.stat().st_mode & 0o077 for both in steps for step in both)


# --- the command ---------------------------------------------------------------------------------


def outcome(student, problem=""):
    return Outcome(Task(CHAPTER, student), {}, 0.2, problem, reasons=("submission",))


def test_progress_is_a_line_each_in_a_log_and_a_bar_on_a_terminal(capsys, monkeypatch):
    with cli.shown_progress() as show:
        show(1, 20, outcome("student-01"))
    out, err = capsys.readouterr()
    assert out.startswith("[ 1/20] student-01  ") and "handed in again" in out and err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    with cli.shown_progress() as show:
        for number in range(20):
            show(number + 1, 20, outcome("student-02", "no room" if number == 7 else ""))
    out, err = capsys.readouterr()
    assert "20/20" in err and "student-02" not in err
    assert out.count("\n") == 1 and "NOT GRADED: no room" in out


@pytest.mark.parametrize(
    "flags, says",
    [
        (["--jobs", "0"], "not a number of 1 or more"),
        (["--jobs", "two"], "not a number"),
        (["--jobs", "2", "--dask", "tcp://here:1"], "not allowed with"),
    ],
)
def test_flags_that_make_no_sense(flags, says, capsys):
    assert cli.main(["grade", *flags]) == 2
    assert says in capsys.readouterr().err


# --- the pool ------------------------------------------------------------------------------------


def square(number):
    if number == 7:
        die()
    if number == 8:
        raise ValueError("eight")
    return number * number


def test_a_process_that_dies_takes_one_job_down():
    with local_pool(2) as (make, width):
        found = {
            job: (result, error)
            for job, result, error in stream(make, width, square, iter(range(20)))
        }
    assert sorted(found) == list(range(20))
    assert isinstance(found[7][1], BrokenExecutor) and str(found[8][1]) == "eight"
    assert all(found[n] == (n * n, None) for n in found if n not in (7, 8))


def test_jobs_are_read_only_when_they_are_due():
    read = []

    def jobs():
        for number in range(100, 200):
            read.append(number)
            yield number

    with local_pool(1) as (make, width):
        results = stream(make, width, square, jobs())
        next(results)
        assert len(read) <= width + 1
        results.close()
