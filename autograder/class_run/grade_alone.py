"""Grade one submission as its class would be graded, without a gradebook."""

from __future__ import annotations

from pathlib import Path

from ..gradebook.nbgrader_settings import load_config
from ..ground.task import Task
from ..judge.handed_in import find
from ..judge.secret import course_secret
from .grade_key import key_of
from .grade_one import Course, Job, forget_tools, run
from .registration import released
from .submissions import Handed


def grade_alone(folder, chapter, root, unsafe=False):
    """Grade what lies in a folder.

    Parameters
    ----------
    folder : Path
        With the notebook that was handed in.
    chapter : str
    root : Path
        A folder with the release, the secret and the settings of the class.
    unsafe : bool
        Without confinement.

    Returns
    -------
    Graded

    Raises
    ------
    WorkerError
        The submission cannot be confined here.
    """
    config = load_config(root)
    config.Judge.unsafe_no_sandbox = unsafe
    text = released(chapter, root).read_text(encoding="utf-8")
    handed = Handed(Task(chapter, "submission"), find(Path(folder, f"{chapter}.ipynb")))
    course = Course(config, course_secret(root), {chapter: text}).packed()
    try:
        return run(course, Job(handed, key_of(handed, text, "")))
    finally:
        forget_tools()
