"""What pyproject.toml cannot say: the wheel holds the course itself, which is kept at the root."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
TARGET = Path("autograder", "release", "course_files")  # see autograder/release/class_folder.py


class BuildWithCourse(build_py):
    """Copies the masters and nbgrader's settings to where `mlp-course init` looks for them."""

    def run(self):
        super().run()
        if self.editable_mode:  # the checkout has them
            return
        target = Path(self.build_lib, TARGET)
        shutil.rmtree(target / "solutions", ignore_errors=True)  # of an earlier build
        (target / "solutions").mkdir(parents=True)
        for path in (ROOT / "solutions").glob("*.py"):
            shutil.copy(path, target / "solutions")
        shutil.copy(ROOT / "nbgrader_config.py", target)


setup(cmdclass={"build_py": BuildWithCourse})
