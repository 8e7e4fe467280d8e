"""A wheel of this course as it is installed here, from a checkout or from a wheel."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from importlib import metadata
from pathlib import Path

from .errors import Problem

NAME = "mlp-course"
PACKAGES = ("mlp_helpers", "autograder")
LEFT_OUT = {"__pycache__", "solutions"}  # compiled files, and the masters of a class folder
KIND = "Wheel-Version: 1.0\nGenerator: mlp-course\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def own_wheel() -> tuple[str, bytes]:
    """Make the wheel.

    Returns
    -------
    (str, bytes)
        Its name and its content.

    Raises
    ------
    Problem
        The course was not installed by pip, and a wheel needs what pip writes down.
    """
    installed = metadata.distribution(NAME)
    described = installed.read_text("METADATA")
    if described is None:
        raise Problem(f"{NAME} was not installed by pip: install it with `pip install`")
    stem = f"{NAME.replace('-', '_')}-{installed.version}"
    above = Path(__file__).resolve().parents[2]
    files = {
        path.relative_to(above).as_posix(): path.read_bytes()
        for package in PACKAGES
        for path in sorted((above / package).rglob("*"))
        if path.is_file() and not LEFT_OUT & {*path.relative_to(above).parts}
    }
    about = f"{stem}.dist-info"
    files[f"{about}/METADATA"] = described.encode()
    files[f"{about}/WHEEL"] = KIND.encode()
    record = [f"{name},{_digest(data)},{len(data)}" for name, data in files.items()]
    files[f"{about}/RECORD"] = "\n".join([*record, f"{about}/RECORD,,", ""]).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return f"{stem}-py3-none-any.whl", packed.getvalue()


def _digest(data):
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest())
    return f"sha256={digest.decode().rstrip('=')}"
