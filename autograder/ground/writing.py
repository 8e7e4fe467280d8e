"""Files are written in one step: a reader meets the old content or the new, never a half."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def write(
    path: str | Path,
    content: str | bytes,
    mode: int = 0o600,
    durable: bool = False,
    alone: bool = True,
) -> None:
    """Write a file; its folder is made if need be.

    Parameters
    ----------
    path : Path
    content : str or bytes
    mode : int
    durable : bool
        Wait until the disk has it.
    alone : bool
        Whether no other process writes this file now. What a killed one has left is then written
        over; else both go on side by side.

    Raises
    ------
    OSError
        It names the file, however far the writing came.
    """
    path = Path(path)
    partial = path.with_name(f".{path.name}.{'' if alone else f'{os.getpid()}.'}partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(partial, "wb") as file:
            # file names may hold bytes that are no text
            file.write(
                content
                if isinstance(content, bytes)
                else content.encode("utf-8", "backslashreplace")
            )
            file.flush()
            os.chmod(partial, mode)
            if durable:
                os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        with contextlib.suppress(OSError):  # the error above says what is wrong
            partial.unlink(missing_ok=True)
