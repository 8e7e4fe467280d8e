"""A quiet IPython: runs a student's cells one by one and records what they show, in bounded size.

Part of the untrusted side. Magics that need a shell of the operating system become a printed note;
``%matplotlib inline``, ``%timeit``, ``?`` and top-level ``await`` work.
"""

from __future__ import annotations

import base64
import io
import re
import sys
import traceback

import matplotlib.pyplot as plt
import numpy as np
from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from matplotlib.figure import Figure
from matplotlib.image import imsave
from matplotlib.transforms import Bbox
from traitlets import Type
from traitlets.config import Config

from .wire import MAX_OUTPUTS, MAX_PNG, MAX_TEXT, MAX_TOTAL

MARGIN = 2.0  # inches around a figure that are drawn as well
CUT = "\n... the rest was cut ..."
NO_SYSTEM = "(commands of the operating system do not run while a notebook is graded)"
SYSTEM_LINES = ("pip", "conda", "mamba", "micromamba", "uv", "system", "sx")
SYSTEM_CELLS = ("bash", "sh", "script", "perl", "ruby", "python", "python3", "pypy", "system", "sx")
# What may be IPython's own syntax: escapes, prompts, an indented cell, help, captured magics.
SPECIAL = re.compile(r"\A\s|^[ \t]*([%!?,;/>]|In \[|\.\.\.)|=[ \t]*[%!]|\?[ \t]*$", re.M)


class Recorder:
    """Collects the outputs of one cell as plain data: text, PNG, LaTeX and errors, nothing else."""

    def __init__(self):
        self.total = 0
        self.outputs = []

    def take(self):
        """Give the outputs recorded so far and start anew."""
        outputs, self.outputs = self.outputs, []
        return outputs

    def stream(self, name, text):
        """Record text written to stdout or stderr."""
        last = self.outputs[-1] if self.outputs else {}
        if last.get("kind") != "stream" or last["name"] != name:
            last = {"kind": "stream", "name": name, "text": ""}
            if not self._add(last):
                return
        room = min(MAX_TEXT - len(last["text"]), MAX_TOTAL - self.total)
        if room <= 0:
            return
        last["text"] += text if len(text) <= room else text[:room] + CUT
        self.total += min(len(text), room)

    def data(self, bundle, result):
        """Record a displayed object or the value of a cell's last line."""
        latex, png = bundle.get("text/latex"), bundle.get("image/png")
        output = {"kind": "result" if result else "display", "text": _text(bundle)}
        if isinstance(latex, str) and len(latex) <= MAX_TEXT:
            output["latex"] = latex
        if isinstance(png, str):
            png = base64.b64decode(png)
        if isinstance(png, bytes) and len(png) <= MAX_PNG:
            output["png"] = png
        if set(bundle) & {"text/plain", "text/latex", "image/png"}:
            self._add(output)

    def error(self, error):
        """Record an exception with the lines of the notebook that led to it."""
        frames = traceback.extract_tb(error.__traceback__)
        own = [f for f in frames if f.filename.startswith("<ipykernel")][-8:]
        lines = traceback.format_list(own) + traceback.format_exception_only(error)
        text = _bounded("".join(lines))
        name, message = type(error).__name__, _bounded(lines[-1].partition(": ")[2].rstrip("\n"))
        self._add({"kind": "error", "name": name, "message": message, "text": text})

    def _add(self, output):
        size = sum(len(v) for v in output.values())
        if len(self.outputs) >= MAX_OUTPUTS or self.total + size > MAX_TOTAL:
            return False
        self.total += size
        self.outputs.append(output)
        return True


def _text(bundle):
    text = bundle.get("text/plain", "")
    return _bounded(text if isinstance(text, str) else "")


def _bounded(text):
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + CUT


class Stream(io.TextIOBase):
    """Takes the place of sys.stdout or sys.stderr."""

    encoding = "utf-8"

    def __init__(self, recorder, name):
        self.recorder, self.stream_name = recorder, name

    def writable(self):
        return True

    def write(self, text):
        self.recorder.stream(self.stream_name, str.__str__(text))
        return len(text)


class _Compiler(CachingCompiler):
    def get_code_name(self, raw_code, transformed_code, number):
        return f"<ipykernel cell {number}>"


class _Hook(DisplayHook):
    def __call__(self, result=None):
        self.check_for_underscore()
        if result is None or self.quiet():
            return
        bundle, _ = self.compute_format_data(result)
        self.update_user_ns(result)
        self.shell.recorder.data(bundle, result=True)


class _Publisher(DisplayPublisher):
    def publish(self, data, metadata=None, **kwargs):
        self.shell.recorder.data(data, result=False)

    def clear_output(self, wait=False):
        self.shell.recorder.outputs.clear()


class QuietShell(InteractiveShell):
    """InteractiveShell without terminal, history, operating system and pages."""

    compiler_class = Type(_Compiler)
    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)

    replaying = False
    goes_on = False  # to the next statement, after one that failed

    def run(self, number, source, replay=False, goes_on=False):
        """Run one cell; give its outputs.

        Parameters
        ----------
        number : int
            The cell's place in the notebook, for tracebacks.
        source : str
        replay : bool
            It ran before, and nobody looks at its figures: they are not drawn.
        goes_on : bool
            After a statement that fails the next one is run.

        Returns
        -------
        list of dict, the records of `Recorder`
        """
        self.execution_count, self.replaying, self.goes_on = number, replay, goes_on
        streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = (Stream(self.recorder, name) for name in ("stdout", "stderr"))
        try:
            self.run_cell(source, store_history=False)
            show_figures()
        finally:
            sys.stdout, sys.stderr = streams
        return self.recorder.take()

    def transform_cell(self, raw_cell):
        """Turn magics and the like into Python; most cells have none, and stay."""
        return super().transform_cell(raw_cell) if SPECIAL.search(raw_cell) else raw_cell

    def should_run_async(self, raw_cell, **kwargs):
        """Whether a cell waits for something; without the word it need not be compiled to know."""
        may = "await" in raw_cell or "async" in raw_cell
        return may and super().should_run_async(raw_cell, **kwargs)

    async def run_code(self, code_obj, result=None, *, async_=False):
        """Run one statement; say whether to stop the cell there."""
        failed = await super().run_code(code_obj, result, async_=async_)
        return failed and not self.goes_on

    def showtraceback(self, *args, **kwargs):
        self.recorder.error(sys.exc_info()[1])

    def showsyntaxerror(self, *args, **kwargs):
        self.recorder.error(sys.exc_info()[1])

    def system(self, cmd):
        print(NO_SYSTEM)

    def getoutput(self, cmd, split=True, depth=0):
        print(NO_SYSTEM)
        return []

    def enable_matplotlib(self, gui=None):
        return "agg", "agg"

    def enable_gui(self, gui=None):
        return None

    def ask_exit(self):
        print("(exit has no effect while a notebook is graded)")


def show_figures(*args, **kwargs):
    """Show the open figures and close them, as a notebook does at the end of a cell."""
    shell = QuietShell.instance()
    for figure in map(plt.figure, () if shell.replaying else plt.get_fignums()):
        # the course's plots keep their text alternative in the label
        alt = figure.get_label() or "a figure drawn by this cell"
        try:
            shell.recorder.data({"image/png": _png(figure), "text/plain": alt}, result=False)
        except Exception as error:  # a formula that is none, a size without bounds: as in Jupyter,
            shell.recorder.error(error)  # the figure is missing and the cell has run
    plt.close("all")


def _png(figure):
    """Draw a figure without its margins, as ``savefig(bbox_inches="tight")`` does.

    That draws twice, first to learn how far things reach. Here more is drawn than the figure, and
    what is empty is cut off; only what reaches still further is drawn that way.
    """
    dpi, edge, raw, png = figure.dpi, int(MARGIN * figure.dpi), io.BytesIO(), io.BytesIO()
    width, height = (int(inches * dpi) + 2 * edge for inches in figure.get_size_inches())
    # half a pixel more, so that rounding is not left to the last digit of a float
    wide = Bbox.from_bounds(-edge / dpi, -edge / dpi, (width + 0.5) / dpi, (height + 0.5) / dpi)
    figure.savefig(raw, format="rgba", dpi=dpi, bbox_inches=wide)
    picture = np.frombuffer(raw.getvalue(), np.uint32).reshape(height, width)
    drawn = picture != picture[0, 0]
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    if (
        rows.size
        and 0 < rows[0]
        and rows[-1] < height - 1
        and 0 < columns[0]
        and columns[-1] < width - 1
    ):
        pad = int(plt.rcParams["savefig.pad_inches"] * dpi)
        cut = picture[
            max(rows[0] - pad, 0) : rows[-1] + pad + 1,
            max(columns[0] - pad, 0) : columns[-1] + pad + 1,
        ]
        imsave(png, cut[..., None].view(np.uint8), format="png", dpi=dpi)
    else:
        figure.savefig(png, format="png", dpi=dpi, bbox_inches="tight")
    return png.getvalue()


def warm_up(shell):
    """Do once what most notebooks do, so that children find it done: fonts, formulas, a cell."""
    figure, axes = plt.subplots()
    axes.loglog([1, 10], [1, 10], label="$x_1^2$")
    axes.set(xlabel=r"$\alpha$", ylabel="text", title="text")
    axes.legend()
    _png(figure)
    plt.close("all")
    shell.run(0, "None")
    shell.recorder = Recorder()


def make_shell(folder):
    """Make the one shell of this process; its files go to `folder`."""
    config = Config()
    config.HistoryManager.enabled = False
    shell = QuietShell.instance(config=config, ipython_dir=folder, colors="nocolor")
    shell.recorder = Recorder()
    shell.display_formatter.formatters["image/png"].for_type(Figure, _png)
    shell.set_hook("show_in_pager", _print_page)
    for kind, names in (("line", SYSTEM_LINES), ("cell", SYSTEM_CELLS)):
        for name in names:
            shell.register_magic_function(_no_system, kind, name)
    plt.show = show_figures
    return shell


def _no_system(line, cell=None):
    print(NO_SYSTEM)


def _print_page(shell, data, start=0, screen_lines=0):
    text = data["text/plain"] if isinstance(data, dict) else data
    # a page of help says where the file is, on the grader's machine
    print("\n".join(line for line in text.split("\n") if not line.startswith("File:")))
