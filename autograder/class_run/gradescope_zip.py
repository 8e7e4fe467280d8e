"""An autograder archive for Gradescope: this course as a wheel, and what one chapter needs."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

from ..ground.errors import Problem
from ..ground.own_wheel import own_wheel
from ..ground.writing import write
from ..judge.secret import course_secret

SETUP = """#!/bin/sh
# Gradescope runs this once, as root, when it builds the autograder's image.
set -e
here=$(cd "$(dirname "$0")/.." && pwd)
chmod -R go= "$here/source"  # answers and the class's secret
apt-get update
apt-get install -y bubblewrap || echo "no bubblewrap: Landlock has to do"
python=""
for version in 3.13 3.12 3.11; do
  if apt-get install -y "python$version" "python$version-venv"; then
    python="python$version"
    break
  fi
done
if [ -z "$python" ]; then
  echo "this image has no Python 3.11 or newer: choose Ubuntu 22.04 or later" >&2
  exit 1
fi
"$python" -m venv "$here/venv"
wheel=$(echo "$here"/source/*.whl)
"$here/venv/bin/python" -m pip install "$wheel[teach]"
"""
RUN = """#!/bin/sh
# Gradescope copies this to /autograder and runs it for each submission.
here=$(cd "$(dirname "$0")" && pwd)
exec "$here/venv/bin/python" -m autograder.reports.gradescope_run "$here"{unsafe}
"""
SETTINGS = ("nbgrader_config.py", "course_settings.toml")


def write_archive(path, root, chapter, unsafe=False):
    """Write the archive. It holds answers and the class's secret, so the hidden cases are the same.

    Parameters
    ----------
    path : Path
    root : Path
        The class's folder.
    chapter : str
    unsafe : bool
        Let it grade without confinement where there is none.
    """
    release = Path("course", chapter, f"{chapter}.ipynb")
    if not (root / release).is_file():
        raise Problem(f"{chapter} has no release: run `mlp-course build {chapter}`")
    name, wheel = own_wheel()
    files = {name: wheel, "class/classroom/secret": course_secret(root)}
    for place in (release, *map(Path, SETTINGS)):
        if (root / place).is_file():
            files[f"class/{place.as_posix()}"] = (root / place).read_bytes()
    programs = {
        "setup.sh": SETUP,
        "run_autograder": RUN.format(unsafe=" --unsafe-no-sandbox" if unsafe else ""),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in (files | programs).items():
            about = zipfile.ZipInfo(name, time.localtime()[:6])
            about.external_attr = (0o100755 if name in programs else 0o100600) << 16
            about.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(about, data)
    write(path, packed.getvalue())
