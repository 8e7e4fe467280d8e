"""What every test may rely on."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root folder."""
    return ROOT


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory):
    """Keep Jupyter, IPython and matplotlib out of the user's home; put our commands on PATH."""
    home = tmp_path_factory.mktemp("home")
    kept = {name: os.environ.get(name) for name in ("PATH", "MPLBACKEND")}
    folders = (
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "IPYTHONDIR",
        "MPLCONFIGDIR",
    )
    kept |= {name: os.environ.get(name) for name in folders}
    os.environ |= {name: str(home / name.lower()) for name in folders}
    os.environ["MPLBACKEND"] = "Agg"
    # nbgrader starts `alembic` from PATH
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    yield home
    for name, value in kept.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
