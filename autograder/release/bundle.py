"""Chapters -> one zip for students: notebooks, a wheel without answers, and how to start."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

from ..ground.errors import Problem
from ..ground.scratch import Folder
from ..ground.writing import write
from .class_folder import course_source
from .edition import write_edition
from .generate import LANDING
from .masters import notebook_text, read_master

COURSE = "mlp-course"  # the distribution that this is a part of
PAGES = ("notation", "glossary", "errata")  # of docs/, for looking things up
LINK = re.compile(r"^\| \[(\d\d) .*$\n?", re.MULTILINE)
TIME = (2020, 1, 1, 0, 0, 0)  # of every file in the zip: the same chapters, the same bytes
WAYS = """\
# How to start

You need this folder and one of these. All three run the same notebooks and the same checks.

## 1. Python, if you have 3.11 or newer

    python -m venv .venv
    .venv/bin/pip install -r requirements.txt        (Windows: .venv\\\\Scripts\\\\pip ...)
    .venv/bin/jupyter lab README.ipynb               (Windows: .venv\\\\Scripts\\\\jupyter ...)

## 2. conda

    conda env create -f environment.yml
    conda activate mlp-students
    jupyter lab README.ipynb

## 3. A browser

Open the folder in any JupyterLab that a school or a service gives you, and run in a cell:

    %pip install {wheel}

Nothing here holds a solution. `check` judges by what was recorded of right answers and of known
mistakes; where a backward pass goes wrong it says from which step on, and the page that you get
back after grading says more.
"""


def bundle(chapters, root, target):
    """Write the zip of some chapters.

    Parameters
    ----------
    chapters : sequence of str
        Names such as "01_softmax_jacobian".
    root : Path
        The course's folder.
    target : Path
        The zip; replaced in one step.

    Returns
    -------
    Path
        The zip.

    Raises
    ------
    Problem
        A chapter has no release, or the wheel cannot be built.
    """
    root = Path(root)
    numbers = [name[:2] for name in chapters]
    files = _pages(root, numbers)
    for name in chapters:
        files |= _chapter(root, name)
    with Folder("bundle") as work:
        wheel = _wheel(Path(work.path) / "package", numbers)
        files |= {wheel.name: wheel.read_bytes(), **_ways_to_start(wheel.name)}
        draft = Path(work.path) / "draft.zip"
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for path in sorted(files):
                archive.writestr(zipfile.ZipInfo(path, TIME), files[path], zipfile.ZIP_DEFLATED)
        write(target, draft.read_bytes(), 0o644, alone=False)
    return target


def _chapter(root, name):
    folder = root / "course" / name
    if not (folder / f"{name}.ipynb").is_file():
        raise Problem(f"there is no release {folder / name}.ipynb: run `mlp-course build` first")
    return {
        f"{name}/{p.name}": p.read_bytes()
        for p in folder.iterdir()
        if p.is_file() and not p.name.startswith(".")
    }


def _pages(root, numbers):
    """The first page, with a map of these chapters alone, and the pages to look things up in."""
    masters = [folder / "solutions" / f"{LANDING}.py" for folder in (root, course_source())]
    notebook = read_master(next(path for path in masters if path.is_file()))
    for cell in notebook.cells:
        cell.source = LINK.sub(lambda row: row[0] if row[1] in numbers else "", cell.source)
    pages = [root / "docs" / f"{page}.md" for page in PAGES]
    found = {f"docs/{page.name}": page.read_bytes() for page in pages if page.is_file()}
    return {"README.ipynb": notebook_text(notebook).encode(), **found}


def _needs(installed):
    """What a student needs: what the course itself needs, without its extras."""
    return [need for need in installed.requires or () if "extra ==" not in need]


def _ways_to_start(wheel):
    needs = _needs(distribution(COURSE))
    conda = [re.sub(r"([a-z-]+)", r"\1 ", need, count=1) for need in needs]
    environment = [
        "name: mlp-students",
        "channels:",
        "  - conda-forge",
        "dependencies:",
        "  - python >=3.11",
        *(f"  - {need}" for need in conda),
        "  - pip",
        "  - pip:",
        f"      - ./{wheel}",
    ]
    texts = {
        "start.md": WAYS.format(wheel=wheel),
        "requirements.txt": "\n".join([*needs, f"./{wheel}"]) + "\n",
        "environment.yml": "\n".join(environment) + "\n",
    }
    return {name: text.encode() for name, text in texts.items()}


def _wheel(folder, numbers):
    """Build the wheel of the students' edition."""
    write_edition(folder, numbers)
    installed = distribution(COURSE)
    needs = ", ".join(f'"{need}"' for need in _needs(installed))
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools>=64"]\nbuild-backend = "setuptools.build_meta"\n'
        f'[project]\nname = "mlp-students"\nversion = "{installed.version}"\n'
        'description = "What the chapters import, without any answer"\n'
        f'requires-python = "{installed.metadata["Requires-Python"]}"\ndependencies = [{needs}]\n'
        '[tool.setuptools.packages.find]\ninclude = ["mlp_helpers*"]\n'
        '[tool.setuptools.package-data]\n"*" = ["*.npz", "*.md", "*.css", "*.json"]\n',
        encoding="utf-8",
    )
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(folder / "out"),
        str(folder),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Problem(f"the students' wheel cannot be built: {last}")
    (wheel,) = (folder / "out").glob("*.whl")
    return wheel
