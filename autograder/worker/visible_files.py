"""What the untrusted side may see: the system's files, Python's, and the students' edition.

Everything that is not named here is out of a submission's reach: homes, the class, the masters, the
exercises with their answers, the grader itself.
"""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Collection, Iterable
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import cache_from_source
from pathlib import Path

PACKAGES = Path(__file__).resolve().parents[2]  # the folder of mlp_helpers and autograder
STORES = ("/nix/store", "/gnu/store")
SYSTEM = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    *STORES,
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/localtime",
)
PYTHON = ("bin", "include", "lib", "lib64", "share", "pyvenv.cfg")  # below each of its prefixes

KEY = ("answers", "reference")  # of mlp_helpers; everything else in it is the students' edition
# A room that holds no answer, and what it stands on.
WORKER = ("__init__", "ground/__init__", "ground/errors", "ground/scratch", "worker")

# What submissions may import beside the standard library (distributions, with what they need):
# the course's own packages, and those of the worker.
ALLOWED = ("numpy", "matplotlib", "ipython", "landlock", "pyseccomp")
SITES = ("site-packages", "dist-packages")

# Packages that differentiate, and so answer most exercises.
FRAMEWORKS = (
    "autograd",
    "casadi",
    "jax",
    "jaxlib",
    "keras",
    "numdifftools",
    "scipy.optimize",
    "tensorflow",
    "theano",
    "tinygrad",
    "torch",
)


def student_names() -> list[str]:
    """Names of the modules and packages in the students' edition of mlp_helpers."""
    package = PACKAGES / "mlp_helpers"
    found = {path.stem for path in (*package.glob("*.py"), *package.glob("*/__init__.py"))}
    packages = {path.parent.name for path in package.glob("*/__init__.py")}
    return sorted(found | packages - {*KEY})


def student_modules() -> set[str]:
    """Dotted names of the students' edition."""
    names = set(student_names()) - {"__init__"}
    return {"mlp_helpers", *(f"mlp_helpers.{name}" for name in names)}


def student_files() -> list[Path]:
    """Paths of the students' edition."""
    return _sources("mlp_helpers", student_names())


def worker_files() -> list[Path]:
    """Paths of what the worker needs of the grader."""
    return _sources("autograder", WORKER)


def _sources(package, names):
    """Modules and folders of a package as paths, with the compiled form of each module."""
    found = []
    for name in names:
        path = PACKAGES / package / name
        module = path.with_name(path.name + ".py")
        found += [path] if path.is_dir() else [module, Path(cache_from_source(module))]
    return [path for path in found if path.exists()]


def public_folders() -> list[Path]:
    """Folders (and some files) of the system and of Python, to be seen but for `hidden`."""
    homes = {sys.prefix, sys.base_prefix, Path(sys.executable).resolve().parent.parent}
    python = [Path(home, part) for home in homes for part in PYTHON]
    packages = [Path(entry) for entry in sys.path if Path(entry).name in SITES]
    found = [*map(Path, SYSTEM), *sorted(python), *packages]
    return [path for path in dict.fromkeys(found) if path.exists()]


def site_folders() -> list[Path]:
    """Folders of installed packages: this environment's, and all that can be seen beside it, those
    that other programs bring along included."""
    seen = {path.resolve() for path in public_folders() if path.is_dir()}
    tops = [path for path in seen if not seen & set(path.parents)]
    return sorted({site for top in tops for site in _sites(top)})


@functools.cache
def _sites(top):
    """Folders of packages in a folder, or the folder itself: real paths."""
    if top.name in SITES:
        return [top]
    if str(top) in STORES:  # too many folders to look into; each entry is an installation
        return [path.resolve() for site in SITES for path in top.glob(f"*/lib/python3*/{site}")]
    found = []
    for base, folders, _ in os.walk(top):
        found += [Path(base, name).resolve() for name in folders if name in SITES]
        folders[:] = [name for name in folders if name not in SITES]
    return found


@functools.cache
def installed(packages: tuple[str, ...] = ()) -> frozenset[Path]:
    """Real paths of the packages that a submission may import, and of what those need.

    Parameters
    ----------
    packages : tuple of str
        Names of distributions beside `ALLOWED`.
    """
    found, todo = {}, [*ALLOWED, *packages]
    while todo:
        name = re.sub(r"[-_.]+", "-", re.match(r"[\w.-]*", todo.pop())[0]).lower()
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:  # for another system, or not installed
            continue
        todo += [need for need in found[name].requires or () if "extra ==" not in need]
    tops = {(one, file.parts[0]) for one in found.values() for file in one.files or ()}
    paths = {
        Path(one.locate_file(top)).resolve()
        for one, top in tops
        if top not in ("..", "__pycache__")
    }
    return frozenset(path for path in paths if path.exists())


def not_allowed(packages=()):
    """Real paths of the installed packages that a submission may not import."""
    allowed, found = installed(packages), set()
    for folder in site_folders():
        inside = {
            path
            for path in folder.iterdir()
            if path.resolve() not in allowed and not _names_folders(path)
        }
        whole = not any(path.parent == folder for path in allowed) and len(inside) == len(
            list(folder.iterdir())
        )
        found |= {folder} if whole else inside
    return found


def _names_folders(path):
    """Whether a file only tells Python of other folders of packages, which have their own rules."""
    if path.suffix != ".pth" or not path.is_file():
        return False
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return not any(line.startswith(("import ", "import\t")) for line in lines)


def hidden(packages: tuple[str, ...] = ()) -> list[Path]:
    """Real paths that stay out of sight wherever they are: the course, answers, frameworks, and
    every package that is not allowed.

    Parameters
    ----------
    packages : tuple of str
        Names of distributions that an instructor allows beside `ALLOWED`.
    """
    found = {PACKAGES / "mlp_helpers", PACKAGES / "autograder"} | not_allowed(packages)
    if (PACKAGES / "solutions").is_dir():
        found.add(PACKAGES)
    for entry in map(Path, sys.path):
        found |= {entry.joinpath(*name.split(".")) for name in FRAMEWORKS}
    return sorted(path.resolve() for path in found if path.exists())


def masks(folder: Path, secrets: Iterable[Path]) -> list[Path]:
    """Give the paths below `folder`, as seen through it, of the secrets that lie in it."""
    real = folder.resolve()
    return [folder / path.relative_to(real) for path in secrets if path.is_relative_to(real)]


def parts(path: Path, secrets: Collection[Path]) -> tuple[list[Path], list[Path]]:
    """Split a folder around the secrets in it.

    Parameters
    ----------
    path : Path
    secrets : list of Path
        Real paths.

    Returns
    -------
    (list of Path, list of Path)
        The largest parts without a secret, and the folders that had to be split: their names may
        be read, not everything in them.
    """
    path = path.resolve()
    return _parts(path, set(secrets), {above for secret in secrets for above in secret.parents})


def _parts(path, secrets, above):
    if path in secrets:
        return [], []
    if path not in above:
        return [path], []
    whole, split = [], [path]
    for entry in sorted(path.iterdir()):
        if entry.is_symlink():  # it may lead anywhere
            continue
        more_whole, more_split = _parts(entry, secrets, above)
        whole, split = whole + more_whole, split + more_split
    return whole, split
