"""nbgrader's settings for this course.

`configure` holds every one of them; ``nbgrader_config.py`` and our own commands use the same,
so nbgrader's commands and ``mlp-course`` agree.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbgrader
from nbconvert.preprocessors import ClearMetadataPreprocessor, CSSHTMLHeaderPreprocessor
from nbgrader.converters import Autograde, BaseConverter, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    IgnorePattern,
    LimitOutput,
    LockCells,
)
from nbgrader.utils import parse_utc
from traitlets.config import Config, PyFileConfigLoader

from ..ground.course_settings import read_settings
from ..ground.errors import Problem
from ..ground.files import TIMESTAMP, keep_private, put_texts, small_texts
from ..judge.handed_in import FOR_READERS
from .feedback import FeedbackExporter
from .lateness import LatePenalties
from .migration import SaveRelease
from .plugin import CurrentGrades, Judge, RecordGrades, SubmissionExporter

# how autograder.gradebook.zip_collect lays out what it took from a learning management system
STUDENT_AND_FILE = r".*/(?P<student_id>[^/]+)/(?P<file_id>[^/]+)$"
TEMPLATES = Path(__file__).with_name("templates")  # looked at before nbgrader's
NBGRADERS_TEMPLATES = Path(nbgrader.__file__).parent / "server_extensions/formgrader/templates"


def expect_notebook(assignment, student, notebooks):
    """Before a submission is graded: expect the chapter's notebook, also if it is not there.

    nbgrader calls this with the list of the notebooks found; a missing one is added, and graded as
    an empty chapter with a note that says so.
    """
    for folder in {os.path.dirname(path) for path in notebooks}:
        expected = os.path.join(folder, os.path.basename(folder) + ".ipynb")
        if expected not in notebooks:
            notebooks.append(expected)


def _copy_what_was_looked_at(converter, assignment_id, student_id):
    """Take the place of nbgrader's copying of everything beside a notebook, links followed.

    nbgrader has no setting for it. What is not made from submissions is left to its own method.
    """
    if not isinstance(converter, Autograde | GenerateFeedback):
        return _COPY_ALL(converter, assignment_id, student_id)
    source, target = (
        Path(converter.coursedir.root, place(assignment_id, student_id))
        for place in (converter._format_source, converter._format_dest)
    )
    target.mkdir(parents=True, exist_ok=True)
    texts, notes = small_texts(source)
    for note in notes:
        converter.log.warning("%s, %s: %s", student_id, assignment_id, note)
    put_texts(target, texts, 0o600)
    close_classroom(converter.coursedir)


def _time_that_was_looked_at(course, folder):
    """Take the place of nbgrader's reading of timestamp.txt, whatever that is, to its end."""
    text = small_texts(Path(course.root, folder))[0][TIMESTAMP]
    return parse_utc(text) if text else None


def close_classroom(course):
    """Keep grades and graded work for their owner, and the group if the configuration says so."""
    root = Path(course.root)
    for step in (course.autograded_directory, course.feedback_directory):
        keep_private(root / Path(step), course.groupshared)
    keep_private(Path(course.db_url.removeprefix("sqlite:///")), course.groupshared)


_COPY_ALL = BaseConverter.init_assignment


def configure(config, root):
    """Fill in nbgrader's configuration for the course in `root`.

    Parameters
    ----------
    config : traitlets.config.Config
    root : str or Path

    Returns
    -------
    The same config.
    """
    root = Path(root).resolve()
    BaseConverter.init_assignment = _copy_what_was_looked_at
    CourseDirectory.get_existing_timestamp = _time_that_was_looked_at
    # nbgrader starts `alembic` from PATH when it makes a database
    bin_folder = str(Path(sys.executable).parent)
    if bin_folder not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([bin_folder, os.environ.get("PATH", os.defpath)])
    config.Judge.untouched = read_settings(root).untouched
    course = config.CourseDirectory
    course.root = str(root)
    course.source_directory, course.release_directory = "solutions", "course"
    for step in ("submitted", "autograded", "feedback"):
        setattr(course, f"{step}_directory", f"classroom/{step}")
    course.solution_directory = "classroom/solution"
    course.db_url = f"sqlite:///{root / 'classroom' / 'gradebook.db'}"
    config.ZipCollectApp.downloaded_directory = "classroom/downloaded"
    config.ZipCollectApp.extractor_plugin = "autograder.gradebook.zip_collect.Extractor"
    config.FileNameCollectorPlugin.named_regexp = STUDENT_AND_FILE
    config.FileNameCollectorPlugin.valid_ext = [".ipynb", *FOR_READERS]
    config.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
    config.ClearSolutions.text_stub = "*Write your answer here.*"
    # The rubric goes before cells are saved: the gradebook's copy is what a student may see.
    config.ClearMarkScheme.enforce_metadata = False
    config.GenerateFeedback.exporter_class = FeedbackExporter
    # For formgrader's pages as well. nbconvert's own filters take time that grows with the cube of
    # some texts, and leave formulas to a script from another machine.
    config.TemplateExporter.filters = {
        "strip_files_prefix": "autograder.gradebook.feedback.as_it_is",
        "markdown2html": "autograder.gradebook.feedback.markdown2html",
    }
    config.HTMLExporter.preprocessors = ["autograder.gradebook.rubric.Rubric"]
    config.FeedbackExporter.preprocessors = []
    config.HTMLExporter.extra_template_basedirs = [str(TEMPLATES), str(NBGRADERS_TEMPLATES)]
    config.ExchangeFactory.release_feedback = "autograder.gradebook.exchange.ReleaseFeedback"
    config.GenerateFeedback.preprocessors = [CurrentGrades, CSSHTMLHeaderPreprocessor]
    config.GenerateAssignment.preprocessors = [
        LockCells,
        ClearSolutions,
        ClearOutput,
        ClearMarkScheme,
        CheckCellMetadata,
        ComputeChecksums,
        SaveRelease,
        CheckCellMetadata,
    ]
    config.Validator.width = 110  # a report's lines are not cut
    config.Autograde.exporter_class = SubmissionExporter
    config.Autograde.pre_convert_hook = expect_notebook
    config.OverwriteCells.add_missing_cells = True
    config.Autograde.autograde_preprocessors = [
        Judge,
        IgnorePattern,
        ClearMetadataPreprocessor,
        LimitOutput,
        RecordGrades,
        LatePenalties,
        CheckCellMetadata,
    ]
    return config


def load_config(root):
    """Read the course's nbgrader_config.py, so that its settings count here too; else ours."""
    if not (root / "nbgrader_config.py").is_file():
        return configure(Config(), root)
    try:
        return PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    except SystemExit as error:  # it says itself what is wrong
        raise Problem(str(error)) from error
    except OSError:  # about a file that it names: nbgrader's notebooks are made where it is read
        raise
    except Exception as error:  # it is a program of the instructor's: anything can happen in it
        raise Problem(
            f"{root / 'nbgrader_config.py'} cannot be read "
            f"({type(error).__name__}: {' '.join(str(error).split())})"
        ) from error
