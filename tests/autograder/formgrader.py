"""nbgrader's formgrader as a browser meets it: a Jupyter server over a class, asked by HTTP."""

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from urllib.error import URLError
from urllib.request import Request, urlopen


class Formgrader:
    """The server's pages and its interface for marks."""

    def __init__(self, address):
        self.address = address

    def page(self, path):
        """The HTML of a page below /formgrader/."""
        with urlopen(f"{self.address}/formgrader/{path}") as answer:
            return answer.read().decode("utf-8")

    def ask(self, path):
        """What the interface says about something."""
        return json.loads(self.page(f"api/{path}"))

    def put(self, path, values):
        """Change something, as the page's script does when a person has typed it."""
        request = Request(
            f"{self.address}/formgrader/api/{path}",
            method="PUT",
            data=json.dumps(values).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urlopen(request) as answer:
            return json.loads(answer.read())

    def submissions(self, chapter):
        """The ids of the notebooks that can be graded by hand, by student."""
        return {
            s["student"]: s["id"]
            for s in self.ask(f"submitted_notebooks/{chapter}/{chapter}")
            if s["id"]
        }


@contextlib.contextmanager
def formgrader(folder):
    """Serve a class folder; give a Formgrader."""
    log = folder / "classroom" / "server.log"
    command = [
        sys.executable,
        "-m",
        "jupyter_server",
        "--no-browser",
        "--allow-root",
        "--ServerApp.port=0",
        "--IdentityProvider.token=",
        "--ServerApp.password=",
        "--ServerApp.disable_check_xsrf=True",
    ]
    home = {
        name: str(folder / "classroom" / "jupyter")
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    with open(log, "w", encoding="utf-8") as file:
        server = subprocess.Popen(
            command, cwd=folder, env=os.environ | home, stdout=file, stderr=subprocess.STDOUT
        )
    try:
        yield Formgrader(_address(server, log))
    finally:
        server.terminate()
        server.wait()


def _address(server, log):
    while server.poll() is None:
        text = log.read_text(encoding="utf-8")
        if found := re.search(r"http://localhost:\d+", text):
            with contextlib.suppress(URLError), urlopen(f"{found[0]}/api"):
                return found[0]
        time.sleep(0.1)
    raise RuntimeError(log.read_text(encoding="utf-8"))
