"""Draw docs/report.png: what a student sees after a wrong answer. Needs chromium.

python docs/make_report_picture.py
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops

from mlp_helpers import evaluate

PICTURE = Path(__file__).with_name("report.png")
WIDTH, HEIGHT, MARGIN = 900, 1200, 24
PAGE = """<!doctype html><meta charset="utf-8">
<body style="margin:24px;background:#fff;font-family:sans-serif;font-size:14px">{report}</body>"""


def softmax_jacobian(z):
    """Forget the first of the two terms of the Jacobian."""
    e = np.exp(z - np.max(z))
    s = e / e.sum()
    return -np.outer(s, s)


def photograph(page, picture):
    """Let chromium draw a page, and cut off the empty rest."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("chromium is needed to draw the picture: install it and run this again")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "report.html")
        source.write_text(page, encoding="utf-8")
        subprocess.run(
            [
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--force-device-scale-factor=2",
                f"--user-data-dir={folder}/profile",
                f"--window-size={WIDTH},{HEIGHT}",
                f"--screenshot={picture}",
                source.as_uri(),
            ],
            check=True,
            capture_output=True,
        )
    image = Image.open(picture).convert("RGB")
    box = ImageChops.difference(image, Image.new("RGB", image.size, "white")).getbbox()
    right, bottom = box[2] + 2 * MARGIN, box[3] + 2 * MARGIN
    image = image.crop((0, 0, min(image.width, right), min(image.height, bottom)))
    image.quantize(64).save(picture, optimize=True)


if __name__ == "__main__":
    photograph(PAGE.format(report=evaluate(softmax_jacobian)._repr_html_()), PICTURE)
