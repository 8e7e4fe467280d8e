"""A class of attackers, graded by the real command at each level, as root and as a user."""

import os
import re
import sys
from pathlib import Path

import pytest
from attacks import ATTACKS
from bs4 import BeautifulSoup
from hostile_class import HONEST, NOBODY, PROJECT, run_class

from autograder.judge.worker_process import Worker, WorkerError
from mlp_helpers import exercises

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="confinement needs Linux")

FULL = sum(exercises()[name].points for name in ("logsumexp_rows", "nll"))
LEVELS = ("full", "landlock")
USERS = ("root", "user") if os.geteuid() == 0 else ("user",)
PLACES = (
    "/tmp",
    "/var/tmp",
    "/dev/shm",
    "/etc/cron.d",
    PROJECT,
    PROJECT / "mlp_helpers",
    Path(os.__file__).parent,
)


def require(level):
    """Skip what needs a level of confinement that this machine does not have."""
    with Worker((level,)) as worker:
        try:
            worker.start(1).close()
        except WorkerError as error:
            pytest.skip(f"{level} is not to be had here: {error}")


@pytest.fixture(scope="module", params=[(u, v) for u in USERS for v in LEVELS], ids="-".join)
def run(request):
    """The whole corpus, graded once for each user and level."""
    user, level = request.param
    require(level)
    uid = 0 if user == "root" else NOBODY if os.geteuid() == 0 else os.geteuid()
    done = run_class(uid=uid, bubblewrap=level == "full")
    if done is None:
        pytest.skip("no Python here that an ordinary user may run")
    yield done, level
    done.remove()


@pytest.fixture(scope="module")
def alone():
    """The honest students without the attackers."""
    done = run_class(attacks=(), uid=os.geteuid())
    yield done
    done.remove()


def test_the_corpus_covers_every_class_of_attacks():
    kinds = {attack.kind for attack in ATTACKS}
    assert kinds == {
        "monkeypatching",
        "objects",
        "exits",
        "loops",
        "bombs",
        "crashes",
        "reading",
        "writing",
        "network",
        "signals",
        "descriptors",
        "replies",
        "output",
        "daemons",
        "metadata",
        "folder",
        "detection",
        "judging",
    }
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) > 100


def test_no_attack_earns_a_point_and_honest_work_earns_all(run):
    expected = {**dict.fromkeys((a.name for a in ATTACKS), 0.0), **dict.fromkeys(HONEST, FULL)}
    assert run[0].points() == expected


def test_honest_students_get_what_they_get_without_attackers(run, alone):
    assert alone.points() == dict.fromkeys(HONEST, FULL)
    for student in HONEST:
        assert run[0].page(student) == alone.page(student)


def test_nothing_is_changed(run):
    before, after = run[0].before, run[0].after
    assert set(before) == set(after)
    assert [path for path in before if before[path] != after[path]] == []


def test_nothing_gets_out(run):
    place, reached = run[0].place, run[0].reached
    assert reached == []
    printed = []
    for attack in ATTACKS:
        for cell in run[0].graded(attack.name).cells:
            printed += [
                (attack.name, output.text)
                for output in cell.get("outputs", [])
                if output.output_type == "stream" and place.mark in output.text
            ]
    assert printed == []
    for path in (place.course / "classroom").rglob("*"):
        if path.is_file() and "submitted" not in path.parts:
            assert place.token.encode() not in path.read_bytes(), path


def test_nothing_is_left_behind(run):
    place = run[0].place
    assert (place.top / "left").read_text() == "", "processes"
    assert list((place.top / "tmp").iterdir()) == []
    assert [path for path in PLACES if Path(path, place.mark).exists()] == []
    assert [path for path in place.top.rglob("*") if place.mark in path.name] == []


def test_the_log_is_clear(run):
    done, level = run[0].done, run[1]
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stdout + done.stderr and "grader itself" not in done.stdout
    assert f"Confinement: {level} ({len(ATTACKS) + len(HONEST)})" in done.stdout
    lines = [line for line in done.stdout.splitlines() if line.startswith("[")]
    for attack in ATTACKS:
        assert any(attack.name in line for line in lines), attack.name
    for student in (*HONEST, ATTACKS[0].name):
        assert isolation(run[0], student) == {level}


def isolation(run, student):
    """What the graded notebook says about how it was confined."""
    notes = [cell.metadata.get("course", {}) for cell in run.graded(student).cells]
    return {note["isolation"] for note in notes if "report" in note}


def test_nothing_that_a_student_wrote_is_active_on_a_page(run):
    for attack in ATTACKS:
        if attack.kind in ("output", "metadata", "crashes"):
            page = BeautifulSoup(run[0].page(attack.name), "html.parser")
            scripts = [tag.get_text() for tag in page.find_all("script")]
            assert not any(re.search(f"{run[0].place.mark}|xss|@MARK@", text) for text in scripts)
            assert not any("onerror" in tag.attrs for tag in page.find_all())
            assert not any("script:" in tag.get("href", "") for tag in page.find_all())
            places = [tag.get("src", tag.get("href", "")) for tag in page.find_all(["img", "a"])]
            assert not any(re.match("(https?:)?//", place) for place in places), attack.name
            assert len(page.find_all("span")) < 3_000, attack.name
            for code in page.find_all(["pre", "code", "script"]):  # no formulas are made there
                code.decompose()
            assert not re.search(r"\\(href|style)", page.get_text()), attack.name


# --- without confinement -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trusted():
    """The attacks that only confinement stops, graded without it."""
    attacks = [attack for attack in ATTACKS if attack.pays]
    done = run_class(attacks, uid=os.geteuid(), options=["--unsafe-no-sandbox"])
    yield done, attacks
    done.remove()


def test_the_attacks_are_real(trusted):
    """Where nothing confines them they earn points: confinement is what stops them above."""
    done, attacks = trusted
    assert done.done.returncode == 0, done.done.stderr
    points = done.points()
    assert [attack.name for attack in attacks if points[attack.name] == 0] == []


def test_grading_without_confinement_is_recorded_with_each_grade(trusted):
    done, attacks = trusted
    for student in (*HONEST, attacks[0].name):
        assert isolation(done, student) == {"none"}
    assert "without confinement" in done.done.stdout


def test_a_machine_that_cannot_confine_refuses_and_names_the_ways_out():
    done = run_class(ATTACKS[:1], uid=os.geteuid(), bubblewrap=False, landlock=False)
    done.remove()
    assert done.done.returncode == 2
    (line,) = done.done.stderr.splitlines()
    assert "full: bubblewrap is not installed" in line and "landlock: " in line
    assert "mlp-course doctor" in line and "--unsafe-no-sandbox" in line
    assert done.before == done.after
