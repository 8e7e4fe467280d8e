"""The command ``mlp-course``."""

from __future__ import annotations

import argparse
import contextlib
import errno
import io
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from .ground.errors import Problem

# Where things are --------------------------------------------------------------------------------


def course_root(start: str | Path | None = None) -> Path:
    """Find the course's folder: the one around us that has the masters."""
    here = Path(start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "solutions").is_dir() and (folder / "nbgrader_config.py").is_file():
            return folder
    raise Problem("this is not a course folder (no solutions/): change into your copy of it")


def class_root(options: argparse.Namespace) -> Path:
    """Take the folder of --class, else the course's."""
    root = course_root() if options.root is None else options.root.resolve()
    if not (root / "solutions").is_dir():
        raise Problem(f"{root} is not a course folder (no solutions/); --class names one")
    return workable(root)


def workable(root: Path) -> Path:
    """Refuse a folder in which nbgrader cannot work."""
    if re.search(r"[?*$[]|%[0-9A-Fa-f]{2}", str(root)):  # nbgrader reads them as patterns and codes
        raise Problem(
            f"nbgrader cannot work in a folder with such a path: {root}; rename it, "
            "without ? * $ [ and % before two digits"
        )
    return root


def chapter_names(root: Path, wanted: Sequence[str]) -> list[str]:
    """Turn what was typed into chapter names.

    01 means 01_softmax_jacobian, 01-04 all from one to the other, 01,03 both, and nothing all.
    """
    known = sorted(path.stem for path in (root / "solutions").glob("[0-9][0-9]_*.py"))
    if not known:
        raise Problem(f"{root / 'solutions'} holds no chapter (NN_name.py)")
    names = []
    for word in (part.strip() for words in wanted for part in words.split(",")):
        ends = [[n for n in known if end in (n, n[:2])] for end in word.split("-", 1)]
        if not all(ends):
            raise Problem(f"there is no chapter {word!r}; there are: {', '.join(known)}")
        found = [name for name in known if ends[0][0] <= name <= ends[-1][-1]]
        if not found:
            raise Problem(f"{word!r} runs backwards: begin with the smaller number")
        names += found
    return list(dict.fromkeys(names)) or known


def require_linux() -> None:
    """Refuse to run submissions where the worker's limits do not exist."""
    if sys.platform != "linux":
        raise Problem(
            "submissions run on Linux only: use WSL2 or a container; "
            "check(...) in the notebook works everywhere"
        )


# The commands ------------------------------------------------------------------------------------


def run_init(options: argparse.Namespace) -> int:
    """Write a class folder, or bring one up to date."""
    from .release.class_folder import course_source, init, upgrade

    folder = workable(options.folder.absolute())
    known = course_source()
    if options.upgrade:
        if options.course_id:
            raise Problem("a class keeps its course id: change it in nbgrader_config.py")
        added = chapter_names(known, [options.chapters]) if options.chapters is not None else ()
        print(*upgrade(folder, added), sep="\n")
        print("\nMarks stay. The gradebook follows when you run `mlp-course grade` next.")
        return 0
    chapters = chapter_names(known, [] if options.chapters is None else [options.chapters])
    init(folder, chapters, options.course_id)
    print(
        f"{folder} is a class folder with {', '.join(chapters)}; its README.md says how to go on."
    )
    return 0


def run_build(options: argparse.Namespace) -> int:
    """Build the released notebooks."""
    from .release.generate import build

    root = class_root(options)
    names = chapter_names(root, options.chapters) if options.chapters else None
    for path in build(names, root=root):
        print(path.relative_to(root))
    return 0


def run_bundle(options: argparse.Namespace) -> int:
    """Write a zip for students."""
    from .release.bundle import bundle

    root = class_root(options)
    names = chapter_names(root, options.chapters)
    target = (options.out or Path("students.zip")).absolute()
    if not target.parent.is_dir():
        raise Problem(f"there is no folder {target.parent} for {target.name}")
    print("Recording what is right, and what known mistakes give (a minute for all chapters) ...")
    bundle(names, root, target)
    size = target.stat().st_size / 1e6
    print(f"{target}: {', '.join(names)}; {size:.1f} MB, without any answer")
    return 0


def run_check(options: argparse.Namespace) -> int:
    """Grade single notebooks and print what came out."""
    require_linux()
    from .class_run.grade_notebook_file import check_notebook
    from .class_run.terminal_summary import exercise_table

    missing = [str(path) for path in options.notebooks if not path.is_file()]
    if missing:
        raise Problem(f"there is no file {', '.join(missing)}")
    passed = True
    for path in options.notebooks:
        reports = check_notebook(path)
        print(f"{path}\n\n{exercise_table(reports)}\n")
        passed = passed and all(report.passed for report in reports.values())
    return 0 if passed else 1


def run_grade(options: argparse.Namespace) -> int:
    """Grade a class."""
    require_linux()
    from .class_run.grade_class import grade_class
    from .class_run.terminal_summary import class_summary

    root = class_root(options)
    chapters = chapter_names(root, options.chapters)
    with shown_progress() as show:
        result = grade_class(
            chapters,
            root=root,
            progress=show,
            regrade=options.regrade,
            jobs=options.jobs,
            dask=options.dask,
            unsafe=options.unsafe,
        )
    print(class_summary(result, root))
    return 0 if result.complete else 1


@contextlib.contextmanager
def shown_progress():
    """Show how far grading is: a bar on a terminal, a line per submission in a log.

    Yields
    ------
    callable, ``show(done, total, outcome)``
    """
    from .class_run.terminal_summary import outcome_line

    def line(done, total, outcome):
        print(f"[{done:>{len(str(total))}}/{total}] {outcome_line(outcome)}", flush=True)

    if not sys.stderr.isatty():
        yield line
        return
    from tqdm import tqdm

    with tqdm(unit=" submissions", dynamic_ncols=True) as bar:

        def step(done, total, outcome):
            bar.total = total
            bar.update()
            if outcome.problem:
                bar.write(outcome_line(outcome))

        yield step


def run_report(options: argparse.Namespace) -> int:
    """Summarise the gradebook: on the terminal, as a page, as tables for other systems."""
    from .gradebook.feedback_zip import write_feedback
    from .gradebook.lateness import lost_extensions, refresh
    from .gradebook.nbgrader_settings import load_config
    from .gradebook.student_names import write_names
    from .reports.class_files import advice, who_handed_in, write_class
    from .reports.grades import grades, summary

    root = class_root(options)
    gradebook = root / "classroom" / "gradebook.db"
    if not gradebook.is_file():
        raise Problem(f"there is no gradebook {gradebook}; run `mlp-course grade` first")
    for path in (options.csv, options.html):
        if path and not path.absolute().parent.is_dir():
            raise Problem(f"there is no folder {path.absolute().parent} for {path.name}")
        if path and path.is_dir():
            raise Problem(f"{path.absolute()} is a folder: name a file")
    config = load_config(root)
    write_names(config, root)
    moved = refresh(config, root)
    found = grades(gradebook, options.chapters and chapter_names(root, options.chapters))
    chapters = dict.fromkeys(grade.chapter for grade in found)
    written = write_class(root, found, options.html, options.csv, options.export)
    archives, unnamed = write_feedback(root, chapters, options.export)
    written += archives
    print(summary(found))
    for line in who_handed_in(root, found):
        print(f"\n{line}")
    for line in lost_extensions(config, root):
        print(f"\n{line}")
    if moved:
        print(
            f"\nWhat is taken off for being late has changed for {len(moved)} submissions; to "
            "write their feedback anew:",
            *(
                f"  nbgrader generate_feedback --force {chapter}"
                for chapter in dict.fromkeys(task.chapter for task in moved)
            ),
            sep="\n",
        )
    for line in advice(options.export, found):
        print(line)
    for line in unnamed:
        print(f"\n{line}")
    if archives:
        print(
            "\nThe feedback archives hold the pages as they are. If you have graded by hand since "
            "they were\nwritten, write them anew (nbgrader generate_feedback --force CHAPTER) and "
            "run this again."
        )
    print("\nWritten:", *(f"  {path}" for path in written), sep="\n")
    return 0


def run_roster(options: argparse.Namespace) -> int:
    """Take a list of participants or grades into the class's."""
    from .gradebook.nbgrader_settings import load_config
    from .gradebook.student_names import write_names
    from .reports.roster_file import take_roster

    root = class_root(options)
    taken = take_roster(options.file, root)
    if (root / "classroom" / "gradebook.db").is_file():
        write_names(load_config(root), root)
    for note in taken.notes:
        print(note)
    print(
        f"{root / 'classroom' / 'roster.csv'}: {len(taken.members)} people; of this file "
        f"{taken.new} new, {taken.changed} changed, {taken.same} known, {taken.left_out} left out"
    )
    return 1 if taken.left_out else 0


def run_marks(options: argparse.Namespace) -> int:
    """Take marks for written answers into the gradebook."""
    from .gradebook.nbgrader_settings import load_config
    from .gradebook.paper_marks import take_marks

    root = class_root(options)
    if not (root / "classroom" / "gradebook.db").is_file():
        raise Problem(
            f"there is no gradebook in {root / 'classroom'}; run `mlp-course grade` first"
        )
    taken = take_marks(options.file, load_config(root), root)
    for note in taken.notes:
        print(note)
    print(
        f"marks by hand: {taken.new} new, {taken.changed} changed, {taken.same} as before; "
        f"{taken.left_out} lines left out"
    )
    if taken.chapters:
        print("\nTo write the feedback anew:")
        print(*(f"  nbgrader generate_feedback --force {c}" for c in taken.chapters), sep="\n")
    return 1 if taken.left_out else 0


def run_gradescope(options: argparse.Namespace) -> int:
    """Write an autograder archive for Gradescope."""
    from .class_run.gradescope_zip import write_archive

    root = class_root(options)
    chapter, *more = chapter_names(root, [options.chapter])
    if more:
        raise Problem("an autograder is for one chapter: name one, such as 01")
    path = options.out or root / "classroom" / "reports" / f"gradescope_{chapter}_autograder.zip"
    write_archive(path, root, chapter, options.unsafe)
    print(
        f"{path}\n\nUpload it in Gradescope: Configure Autograder, Ubuntu 22.04 or later. It "
        "holds the answers and\nthe class's secret: give it to nobody. Each result says how the "
        "submission was confined."
    )
    if options.unsafe:
        print("It grades without confinement: a submission can read the answers and set its score.")
    else:
        print("Where nothing can confine a submission, Gradescope says that the autograder failed.")
    return 0


def run_doctor(options: argparse.Namespace) -> int:
    """Look at the machine."""
    from .class_run.doctor import examine

    try:
        root = class_root(options)
    except Problem:
        if options.root is not None:
            raise
        root = None  # a machine can be looked at from anywhere
    text, good = examine(root)
    print(text)
    return 0 if good else 2


def run_demo(options: argparse.Namespace) -> int:
    """Make a class and grade it."""
    require_linux()
    from .class_run.grade_class import grade_class
    from .class_run.terminal_summary import class_summary
    from .demo.made_up_class import hand_in, introduction, make_course
    from .release.class_folder import course_source

    try:
        source = course_root()
        folder = source / "classroom" / "demo"
    except Problem:  # outside of any course
        source, folder = course_source(), Path("mlp-course-demo")
    folder = workable((options.dir or folder).resolve())
    chapters = chapter_names(source, [])
    make_course(source, folder)
    for chapter in chapters:
        hand_in(folder, chapter)
    print(introduction(folder, chapters))
    with shown_progress() as show:
        result = grade_class(chapters, root=folder, progress=show, unsafe=options.unsafe)
    print(class_summary(result, folder))
    return 0 if result.complete else 1


def authors_root() -> Path:
    """Find the course around us; its exercises must be the ones that are loaded here."""
    import mlp_helpers

    root, loaded = course_root(), Path(mlp_helpers.__file__).resolve().parent.parent
    if loaded != root:
        raise Problem(
            f"the exercises of this command lie in {loaded}, not in {root}: change into that "
            "folder, or run  .venv/bin/python -m autograder  in this one"
        )
    return root


def run_new_exercise(options: argparse.Namespace) -> int:
    """Write the beginnings of an exercise."""
    from .release.new_exercise import new_exercise

    root = authors_root()
    chapter, *more = chapter_names(root, [options.chapter])
    if more:
        raise Problem(f"an exercise belongs to one chapter, not to {options.chapter!r}")
    for path in new_exercise(root, options.name, chapter):
        print(path.relative_to(root))
    print(
        "\nFill in the TODOs, and move the cells and the name in the chapter's list to their "
        f"place.\nWhat is still missing:  make check-exercise NAME={options.name}"
    )
    return 0


def run_check_exercise(options: argparse.Namespace) -> int:
    """Say what an exercise still lacks."""
    from .release.check_exercise import check_exercise

    missing = check_exercise(authors_root(), options.name)
    print(*missing or [f"{options.name}: nothing is missing"], sep="\n")
    return 1 if missing else 0


# The arguments -----------------------------------------------------------------------------------


def positive(text: str) -> int:
    """Read a whole number above zero."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 1 or more")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    top = Parser(
        prog="mlp-course",
        description="Build the chapters, check a notebook, grade a class.",
        epilog="`mlp-course COMMAND --help` explains one command.",
    )
    commands = top.add_subparsers(metavar="COMMAND", required=True)

    def command(run, name, short, details, example):
        sub = commands.add_parser(
            name,
            help=short,
            description=f"{short.capitalize()}. {details}",
            epilog=f"example:  mlp-course {name} {example}",
        )
        sub.set_defaults(run=run)
        return sub

    init = command(
        run_init,
        "init",
        "write a class folder, with no clone of the course",
        "Writes masters, releases and settings of the chosen chapters into a new folder. With "
        "--upgrade, brings such a folder to the course that is installed, keeps what you have "
        "changed, and says what is new.",
        "my-class --chapters 01-04",
    )
    init.add_argument("folder", type=Path, metavar="DIR", help="new or empty")
    init.add_argument(
        "--chapters",
        metavar="LIST",
        help="for example 01-04, or 01,03_tanh_homework (default: all; with --upgrade: none more)",
    )
    init.add_argument("--course-id", metavar="ID", help="the course's name in nbgrader's exchange")
    init.add_argument(
        "--upgrade",
        action="store_true",
        help="DIR is a class folder, and the installed course is a newer one",
    )

    build = command(
        run_build,
        "build",
        "make the students' notebooks from the masters",
        "Reads solutions/NN_name.py and writes course/NN_name/NN_name.ipynb.",
        "01_softmax_jacobian",
    )
    add_chapters(build)
    add_class(build)

    bundle = command(
        run_bundle,
        "bundle",
        "make a zip for students: notebooks, and a check without answers",
        "Holds the chapters, a first page for them, a wheel that students install, and how to "
        "start. Nothing in it answers an exercise: checks judge by what is recorded here.",
        "01 02 --out students.zip",
    )
    add_chapters(bundle)
    add_class(bundle)
    bundle.add_argument(
        "--out", type=Path, metavar="FILE", help="the zip (default: students.zip, here)"
    )

    check = command(
        run_check,
        "check",
        "grade your own notebooks as a class's would be",
        "Prints a table. The exit code is 0 if everything has full marks, else 1.",
        "course/01_softmax_jacobian/01_softmax_jacobian.ipynb",
    )
    check.add_argument(
        "notebooks", type=Path, nargs="+", metavar="NOTEBOOK", help="a solved notebook"
    )

    grade = command(
        run_grade,
        "grade",
        "grade a class and write its feedback",
        "Reads classroom/submitted/STUDENT/CHAPTER/CHAPTER.ipynb, fills classroom/gradebook.db, "
        "writes classroom/feedback/. A run that was stopped goes on where it was. The exit code "
        "is 0 if everything was graded, else 1.",
        "01_softmax_jacobian --jobs 4",
    )
    add_chapters(grade)
    add_class(grade)
    grade.add_argument(
        "--regrade",
        action="store_true",
        help="also grade what is graded already and has not changed",
    )
    where = grade.add_mutually_exclusive_group()
    where.add_argument(
        "--jobs",
        type=positive,
        metavar="N",
        help="submissions graded at a time (default: one per core)",
    )
    where.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="grade on the workers of this Dask scheduler, tcp://HOST:PORT",
    )
    add_unsafe(grade)

    report = command(
        run_report,
        "report",
        "report on a class: points, mistakes, who needs a look",
        "Reads the gradebook that `mlp-course grade` or nbgrader filled; prints a summary, writes "
        "the class report (a page that needs nothing else) and a CSV file.",
        "01_softmax_jacobian --export canvas",
    )
    add_chapters(report)
    add_class(report)
    report.add_argument(
        "--html",
        type=Path,
        metavar="FILE",
        help="the class report (default: classroom/reports/report.html)",
    )
    report.add_argument(
        "--csv",
        type=Path,
        metavar="FILE",
        help="one line per grade (default: classroom/reports/points.csv)",
    )
    report.add_argument(
        "--export",
        nargs="+",
        choices=("canvas", "moodle", "gradescope"),
        default=(),
        help="also write what these import, into classroom/reports",
    )

    roster = command(
        run_roster,
        "roster",
        "take in who is in the class, from Canvas or Moodle",
        "Reads a gradebook export of Canvas, or a list of participants, grades or a grading "
        "worksheet of Moodle (CSV), and adds to classroom/roster.csv. Reports then show names, "
        "exports hold ids, and who has not handed in is named. The exit code is 1 if a line was "
        "left out.",
        "grades.csv",
    )
    roster.add_argument("file", type=Path, metavar="FILE", help="the list, a CSV file")
    add_class(roster)

    marks = command(
        run_marks,
        "marks",
        "take in marks for written answers, given on paper",
        "Reads a CSV file with the columns student, question, points, and chapter and comment if "
        "need be. The marks are kept like those given in formgrader. The exit code is 1 if a line "
        "was left out.",
        "derivations.csv",
    )
    marks.add_argument("file", type=Path, metavar="FILE", help="the marks, a CSV file")
    add_class(marks)

    gradescope = command(
        run_gradescope,
        "gradescope",
        "write an autograder archive for Gradescope",
        "It holds this course as a wheel, the chapter's release, the class's secret and settings, "
        "and grades as `mlp-course grade` does.",
        "01_softmax_jacobian",
    )
    gradescope.add_argument("chapter", metavar="CHAPTER", help="for example 01")
    gradescope.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="default: classroom/reports/gradescope_CHAPTER_autograder.zip",
    )
    add_class(gradescope)
    add_unsafe(gradescope)

    doctor = command(
        run_doctor,
        "doctor",
        "say what this machine can do for grading",
        "Prints versions, tools, and how submissions are confined, tried out level by level. "
        "The exit code is 0 if grading can run, else 2.",
        "",
    )
    add_class(doctor)

    demo = command(
        run_demo,
        "demo",
        "grade a made-up class of twelve, end to end",
        "Writes the class, its feedback and its gradebook into a folder of its own.",
        "--dir /tmp/class",
    )
    demo.add_argument(
        "--dir",
        type=Path,
        metavar="DIR",
        help="where (default: classroom/demo, or mlp-course-demo if no course is around you); "
        "an earlier demo there is replaced",
    )
    add_unsafe(demo)

    new = command(
        run_new_exercise,
        "new",
        "for authors: begin an exercise",
        "Writes mlp_helpers/answers/chapter_NN/NAME.py, adds NAME to the chapter's list and its "
        "cells to the master, all of it from templates. Writes everything or nothing.",
        "exercise hinge_loss --chapter 08",
    )
    new.add_argument("what", choices=("exercise",), help="what is to be new")
    new.add_argument("name", metavar="NAME", help="the function that students will write")
    new.add_argument("--chapter", required=True, metavar="NN", help="for example 08")

    checks = command(
        run_check_exercise,
        "check-exercise",
        "for authors: what an exercise still lacks",
        "Prints a line for each thing that is missing: where, what, and what to do about it. The "
        "exit code is 0 if nothing is, else 1.",
        "softmax",
    )
    checks.add_argument("name", metavar="NAME", help="of the exercise")
    return top


def add_chapters(sub):
    """Let a command take chapters."""
    sub.add_argument(
        "chapters",
        nargs="*",
        metavar="CHAPTER",
        help="for example 01_softmax_jacobian, or 01, or 01-04 (default: all)",
    )


def add_class(sub):
    """Let a command work for a class that is elsewhere."""
    sub.add_argument(
        "--class",
        type=Path,
        metavar="DIR",
        dest="root",
        help="the class's course folder (default: the one you are in)",
    )


def add_unsafe(sub):
    """Let a command run submissions on a machine that cannot confine them."""
    sub.add_argument(
        "--unsafe-no-sandbox",
        action="store_true",
        dest="unsafe",
        help="run submissions without confinement; recorded with each grade",
    )


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message):
        raise Problem(f"{message}; see `{self.prog} --help`")


# The process -------------------------------------------------------------------------------------

PROTECTED = "give yourself the permission, or work in a copy of the folder that is yours"
ADVICE = {  # after an error of the system
    errno.EACCES: PROTECTED,
    errno.EPERM: PROTECTED,
    errno.EROFS: "work in a copy of the folder on a disk that can be written",
    errno.ENOSPC: "make room on its disk and run this again",
    errno.EDQUOT: "make room within your quota and run this again",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : list of str, optional
        By default those of the process.

    Returns
    -------
    int
        0 if all is well, 1 if something has less than full marks or was not graded, 2 after a
        mistake in the call or a missing file, 130 after Ctrl-C.
    """
    if arguments is None and sys.getfilesystemencoding() != "utf-8":
        # students' names become files: such a locale cannot even name them
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # file names may hold what it cannot write
            stream.reconfigure(errors="backslashreplace")
    # jsonschema would build a grammar of web addresses, which takes a second: no notebook needs it
    sys.modules.setdefault("rfc3987_syntax", None)
    try:
        options = parser().parse_args(arguments)
        return options.run(options)
    except Problem as problem:
        return _say(problem, 2)
    except BrokenPipeError:  # the reader of our output has left, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        advice = f"; {ADVICE[error.errno]}" if error.errno in ADVICE else ""
        return _say(f"{error.strerror or error}: {error.filename or 'no file named'}{advice}", 2)
    except ModuleNotFoundError as error:
        name = (error.name or "").partition(".")[0]
        if name in ("", "autograder", "mlp_helpers"):
            raise
        from .class_run.doctor import INSTALL

        return _say(f"this command needs {name}, which is not installed: {INSTALL}", 2)
    except KeyboardInterrupt:
        return _say("stopped", 130)


def _say(text, code):
    print(f"mlp-course: {text}", file=sys.stderr)
    return code
