"""The worker runs cells like a notebook, answers calls, and survives whatever a student does."""

import os
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

from autograder.judge.remote_caller import RemoteCaller
from autograder.judge.session import Limits, Session, _value_of
from autograder.judge.worker_process import Worker, WorkerError
from autograder.worker import wire
from autograder.worker.zygote import _Gate
from mlp_helpers.checking.callers import Answer, Failure, LocalCaller
from mlp_helpers.checking.values import same_bits, strided
from mlp_helpers.named import Named, build

QUICK = Limits(call=0.5, exercise=5, cell=1.0, cells=10)


def session(worker, *cells, limits=QUICK):
    return Session(worker, list(cells), limits)


def shown(worker, *cells, limits=QUICK):
    """Outputs of the last cell."""
    with session(worker, *cells, limits=limits) as s:
        return s.run()[-1]


def text_of(outputs):
    return "".join(output.get("text", "") for output in outputs)


# --- cells ---------------------------------------------------------------------------------------


def test_cells_share_one_namespace_and_show_what_a_notebook_shows(worker):
    outputs = shown(worker, "x = 5", "print('hi'); x + 1")
    assert outputs == [
        {"kind": "stream", "name": "stdout", "text": "hi\n"},
        {"kind": "result", "text": "6"},
    ]


def test_an_error_is_recorded_and_the_next_cell_runs(worker):
    with session(worker, "def f():\n    return 1 / 0\nf()", "3") as s:
        (error,), after = s.run()
    assert error["name"] == "ZeroDivisionError" and "return 1 / 0" in error["text"]
    assert after == [{"kind": "result", "text": "3"}]


def test_figures_become_png_with_their_text_alternative(worker):
    outputs = shown(
        worker,
        "%matplotlib inline\nimport matplotlib.pyplot as plt\n"
        "fig = plt.figure(label='a line'); plt.plot([1, 2]); plt.show()",
    )
    assert [o["kind"] for o in outputs] == ["display"]
    assert outputs[0]["png"].startswith(b"\x89PNG") and outputs[0]["text"] == "a line"


def test_running_cells_again_has_a_limit_of_its_own(worker):
    slow = "if get_ipython().replaying:\n    import time; time.sleep(0.8)"
    limits = Limits(call=1, exercise=5, cell=1, cells=3)
    with session(worker, *[slow] * 30, "import os\ndef f(): os._exit(0)", limits=limits) as s:
        s.run()
        answers = [RemoteCaller(s, "f")(()) for _ in range(4)]
    assert [a.error.kind for a in answers] == ["Died", "Timeout", "Timeout", "Timeout"]
    assert "have to run again after a crash" in answers[-1].error.message


@pytest.mark.parametrize(
    "draw, name",
    [("plt.title(r'$\\frac{$')", "ValueError"), ("plt.figure(figsize=(3000, 3000))", "Error")],
)
@pytest.mark.parametrize("end", ["", "\nplt.show()\nlast = 1"])
def test_a_figure_that_cannot_be_drawn_costs_the_figure_alone(worker, draw, name, end):
    cell = f"import matplotlib.pyplot as plt\ndef f():\n    return 7\n{draw};{end}"
    with session(worker, cell, "f()", limits=Limits()) as s:
        outputs, (after,) = s.run()
    assert any(o["kind"] == "error" and name in o["name"] for o in outputs)
    assert after == {"kind": "result", "text": "7"}


def test_what_sticks_out_of_a_figure_is_shown(worker):
    def size(cell):
        png = shown(worker, "import matplotlib.pyplot as plt", f"plt.figure(dpi=100); {cell}")[-1]
        return [int.from_bytes(png["png"][i : i + 4], "big") for i in (16, 20)]  # width, height

    (_, low), (_, high) = size("plt.plot([1])"), size("plt.plot([1]); plt.title('far', y=1.5)")
    assert low < 480 and high > 600


def test_html_and_javascript_stay_in_the_child(worker):
    outputs = shown(
        worker,
        "from IPython.display import *\n"
        "display(HTML('<script>'), Javascript('alert(1)'), Latex('$x$'))",
    )
    assert all("<script" not in str(o) and "alert" not in str(o) for o in outputs)
    assert outputs[-1]["latex"] == "$x$"


@pytest.mark.parametrize(
    "cell", ["!ls /", "%pip install x", "%%bash\nls /", "files = !ls", "%sx ls"]
)
def test_commands_of_the_system_become_a_note(worker, cell):
    assert "do not run while a notebook is graded" in text_of(shown(worker, cell))


@pytest.mark.parametrize(
    "cell, part",
    [
        ("%timeit -n1 -r1 1 + 1", "per loop"),
        ("len?", "Docstring"),
        ("x = 1\n\n\n?len", "Docstring"),
        ("if True:\n    y = 2\n    %timeit -n1 -r1 y + 1\n", "per loop"),
        ("a = 1\nwhere = %pwd\nprint('is', where)", "is /"),
        ("b = 3\nprint(17\n % b)\n# end", "2"),
        ("    x = 41\n    x + 1\n    x + 1", "42"),
        (">>> u = 5\n>>> u * 5\n25", "25"),
        ("import asyncio\nawait asyncio.sleep(0)\n'awaited'", "awaited"),
        ("input()", "EOFError"),
        ("import sys\nsys.exit(3)", "SystemExit"),
        ("exit()", "no effect"),
        ("def f(:", "SyntaxError"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("class E(Exception):\n    def __str__(self): return 1 / 0\nraise E", "E"),
    ],
)
def test_what_else_occurs_in_notebooks(worker, cell, part):
    assert part in text_of(shown(worker, cell))


def test_output_is_bounded(worker):
    flood = "for i in range(10**5): print('x' * 100)\nlist(range(10**6))"
    outputs = shown(worker, *[flood] * 3)
    assert sum(len(o["text"]) for o in outputs) < 100_000
    assert "the rest was cut" in text_of(outputs)


def test_the_readers_helpers_work_and_leave_checks_to_the_grader(worker):
    cells = (
        "from mlp_helpers import check, evaluate, exercises, hint, predict, quiz, when_solved",
        "check(len); evaluate(len); exercises()",
        "hint('softmax'); quiz('01.1', 'b')",
        "predict('a', 'zero')",
        "import mlp_helpers.plots, mlp_helpers.named",
    )
    with session(worker, *cells) as s:
        outputs = s.run()
    assert not any(o["kind"] == "error" for cell in outputs for o in cell)
    assert text_of(outputs[1]).count("checked by the grader") == 2
    assert text_of(outputs[2]).count("shown in your own notebook") == 2


@pytest.mark.parametrize(
    "name",
    [
        "mlp_helpers.reference",
        "mlp_helpers.reference.activations",
        "mlp_helpers.reference.gradcheck",
        "mlp_helpers.answers",
        "mlp_helpers.answers.registry",
        "mlp_helpers.answers.chapter_01.softmax",
        "autograder",
        "autograder.judge.grade",
        "torch",
        "jax",
        "autograd",
        "tensorflow",
    ],
)
def test_answers_cannot_be_imported(worker, name):
    outputs = shown(worker, f"import {name}")
    assert "is not available while a notebook is graded" in text_of(outputs)
    if "." in name:
        package, _, module = name.rpartition(".")
        outputs = shown(worker, f"from {package} import {module} as m\nm.__file__")
        assert "Error" in text_of(outputs)


def test_one_module_of_an_allowed_package_can_be_refused():
    with pytest.raises(ImportError, match="write the derivative yourself"):
        _Gate().find_spec("scipy.optimize._minimize")
    assert _Gate().find_spec("scipy.linalg") is None


def test_no_answer_is_in_the_childs_memory(worker):
    outputs = shown(
        worker,
        """
import gc, sys
names = [m for m in sys.modules
         if m.startswith(("mlp_helpers.answers", "mlp_helpers.reference", "autograder"))]
files = {getattr(getattr(o, "__code__", None), "co_filename", "") for o in gc.get_objects()}
names + [f for f in files if "/answers/" in f or "/reference/" in f]""",
    )
    assert text_of(outputs) == "[]"


def test_the_childs_environment_holds_no_secret(monkeypatch):
    monkeypatch.setenv("MLP_COURSE_SECRET", "hidden")
    monkeypatch.setenv("SOME_TOKEN", "hidden")
    with Worker() as own:
        outputs = shown(
            own,
            "import os\nprint(dict(os.environ))\n"
            "open('/proc/self/environ').read() + str(os.listdir('/proc/self/fd'))",
        )
    assert "hidden" not in text_of(outputs) and "OMP_NUM_THREADS" in text_of(outputs)


def test_each_child_has_random_numbers_and_a_folder_of_its_own(worker):
    cell = (
        "import os, random, numpy as np\nopen('f', 'w').close()\n"
        "print(random.random(), np.random.rand(), os.getcwd(), os.listdir('.'))"
    )
    first, second = (text_of(shown(worker, cell)).split() for _ in range(2))
    assert all(a != b for a, b in zip(first[:3], second[:3], strict=True))
    assert first[3:] == second[3:] == ["['f']"]
    assert not os.path.exists(first[2])


# --- calls ---------------------------------------------------------------------------------------


F = """
import numpy as np
cache = np.zeros(3)
def f(x, y=None):
    return np.cumsum(x, axis=0), {"n": len(x), "y": [y, float("nan"), 1j, None]}
def changes(x):
    x[0] = 99.0
    return x
def stale(x):
    cache[:] = x
    return cache
def broken(x):
    return undefined_name + x
def stub(x):
    raise NotImplementedError
def odd(x):
    return object()
def big(x):
    return np.zeros(5 * 10**7)
def endless_list(x):
    a = []
    a.append(a)
    return a
def rows(x):
    return np.zeros((5 * 10**6, 0))
def noisy(x):
    import sys, os, warnings
    print("x"); print("y", file=sys.stderr); os.write(1, b"z"); warnings.warn("w")
    return x
def leaves(x):
    import sys
    sys.exit(0)
"""


@pytest.fixture(scope="module")
def functions():
    # a worker runs one session at a time, and other tests use theirs in between
    with Worker() as own, session(own, F) as s:
        s.run()
        yield s


@pytest.mark.parametrize("name", ["f", "changes", "stale", "noisy"])
@pytest.mark.parametrize(
    "x",
    [np.arange(3.0), strided(np.arange(3.0)), np.arange(3)],
    ids=["plain", "strided", "integers"],
)
def test_a_remote_call_answers_like_a_local_one(functions, name, x):
    namespace = {}
    exec(F, namespace)
    local, remote = LocalCaller(namespace[name]), RemoteCaller(functions, name)
    pairs = [(local((x,)), remote((x,)))]
    pairs += zip(local.rerun((x,), (x + 1,)), remote.rerun((x,), (x + 1,)), strict=True)
    for want, got in pairs:
        assert same_bits(got.value, want.value)
        assert (got.error, got.changed, got.shared) == (want.error, want.changed, want.shared)


@pytest.mark.parametrize("name", ["f", "broken"])
def test_work_is_counted_in_the_child_as_it_is_here(functions, name):
    namespace = {}
    exec(F, namespace)
    x = np.arange(3.0)
    here, there = (
        c.work((x,), 10_000) for c in (LocalCaller(namespace[name]), RemoteCaller(functions, name))
    )
    assert (there.operations, there.raised) == (here.operations, here.raised)
    assert there.error is None and (there.operations > 0) == (name == "f")


def test_the_count_of_a_hanging_call_is_its_failure(worker):
    with session(worker, "def hang(x):\n    while True: pass") as s:
        s.run()
        caller = RemoteCaller(s, "hang")
        assert caller((1,)).error.kind == "Timeout"
        assert caller.work((1,), 10_000).error.kind == "Timeout"


@pytest.mark.parametrize(
    "name, kind",
    [
        ("broken", "NameError"),
        ("stub", "NotImplementedError"),
        ("odd", "Unsupported"),
        ("big", "Unsupported"),
        ("endless_list", "Unsupported"),
        ("rows", "Unsupported"),
        ("leaves", "SystemExit"),
        ("np", "TypeError"),
        ("nothing_of_that_name", "NotImplementedError"),
    ],
)
def test_calls_that_give_no_value(functions, name, kind):
    answer = RemoteCaller(functions, name)((np.arange(3.0),))
    assert isinstance(answer, Answer) and answer.error.kind == kind
    if name == "broken":
        assert answer.error.line == "return undefined_name + x"


BAD = {
    "loop": ("while True: pass", "Timeout"),
    "deaf": (
        "import signal\n    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))\n"
        "    while True:\n        try:\n            while True: pass\n"
        "        except BaseException: pass",
        "Timeout",
    ),
    "leave": ("import os; os._exit(0)", "Died"),
    "crash": ("import ctypes; ctypes.string_at(0)", "Died"),
    "forger": (
        "import gc, socket\n    for s in gc.get_objects():\n"
        "        if type(s) is socket.socket and s.fileno() > 2: s.send(b'ok' * 9)\n"
        "    return 1",
        "Died",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_call_costs_itself_and_no_other(worker, kind, monkeypatch):
    body, expected = BAD[kind]
    cells = (
        "import os\nstate = 41",
        f"def bad(x):\n    {body}",
        "state += 1",
        "def good(x): return state",
    )
    with session(worker, *cells) as s:
        s.run()
        caller = RemoteCaller(s, "bad")
        assert caller((1,)).error.kind == expected
        with monkeypatch.context() as patch:  # it is not tried again: nothing is sent
            patch.setattr(wire, "send", lambda *message: pytest.fail("called again"))
            assert [a.error.kind for a in caller.rerun((1,), (2,))] == [expected] * 3
        assert RemoteCaller(s, "good")((1,)).value == 42  # respawned, cells replayed


@pytest.mark.parametrize("kind", ["loop", "leave", "crash"])
def test_a_bad_cell_costs_itself_and_no_other(worker, kind):
    body, expected = BAD[kind]
    cell = "if True:\n    " + body
    with session(worker, "x = 41", cell, "x += 1", "def good(y): return x + y") as s:
        outputs = s.run()
        assert [o["name"] for o in outputs[1]] == [expected]
        assert outputs[2] == outputs[3] == []
        assert RemoteCaller(s, "good")((1,)).value == 43


def test_all_cells_together_have_a_limit(worker):
    sleepy = Limits(call=1, exercise=1, cell=0.5, cells=0.6)
    with session(worker, *["import time; time.sleep(0.4)"] * 4, limits=sleepy) as s:
        outputs = s.run()
    assert [bool(o) for o in outputs] == [False, True, True, True]
    assert "not run" in text_of(outputs[3])


def test_all_calls_together_have_a_limit(worker):
    with session(
        worker,
        "import time\ndef f(x): time.sleep(0.2)",
        limits=Limits(call=1, exercise=0.5, cell=1, cells=1),
    ) as s:
        s.run()
        caller = RemoteCaller(s, "f")
        kinds = [a.error and a.error.kind for a in (caller((1,)) for _ in range(5))]
    assert kinds == [None, None, "Timeout", "Timeout", "Timeout"]


def test_memory_is_limited(worker):
    with session(worker, "import numpy as np\ndef f(x): return np.ones(10**12).sum()") as s:
        s.run()
        assert "Memory" in RemoteCaller(s, "f")((1,)).error.kind


def test_the_worker_leaves_when_the_judge_is_killed():
    code = (
        "from autograder.judge.session import *\n"
        "from autograder.judge.worker_process import *\n"
        "w = Worker()\ns = Session(w, ['while True: pass'], "
        "Limits())\nw.start(5)\nprint(w._process.pid, flush=True)\ns.run()"
    )
    judge = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    pid = judge.stdout.readline().strip()
    judge.kill()
    judge.wait()
    judge.stdout.close()
    deadline = time.monotonic() + 5
    while os.path.exists(f"/proc/{pid}") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not os.path.exists(f"/proc/{pid}")


def test_a_worker_that_does_not_start_says_why(monkeypatch):
    command = [sys.executable, "-c", "raise OSError('no such luck')"]
    monkeypatch.setattr(
        "autograder.worker.confinement.wrap", lambda usual, level, packages: command
    )
    with pytest.raises(WorkerError, match="no such luck"):
        Worker().start(1)


def test_a_child_that_cannot_be_forked_is_our_problem_not_the_students():
    with Worker() as own:
        own.start(5).close()
        own.end()
        own._process.kill()
        own._process.poll = lambda: None  # it looks alive
        with pytest.raises(WorkerError):
            own.start(5)
        assert text_of(shown(own, "1")) == "1"


# --- forged replies ------------------------------------------------------------------------------


class OneReply(Worker):
    """A worker whose child gives one prepared reply, message by message."""

    def __init__(self, reply):
        super().__init__()
        self.reply = reply

    def start(self, cpu_seconds):
        ours, theirs = wire.channel()
        self.reply(theirs)
        theirs.shutdown(socket.SHUT_WR)
        self.theirs = theirs
        return ours

    def end(self):
        self.theirs.close()
        return 0


OK = {"value": 1, "error": None, "changed": (), "shared": ()}


@pytest.mark.parametrize(
    "reply",
    [
        None,
        7,
        "text",
        [],
        [1],
        [OK, OK],
        [{}],
        [{**OK, "points": 3}],
        [{**OK, "error": "no"}],
        [{**OK, "error": {"kind": "x"}}],
        [{**OK, "value": b"bytes"}],
        [{**OK, "value": np.zeros(1)}, 1],
    ],
    ids=str,
)
def test_forged_replies_are_wrong_answers(reply):
    with Session(OneReply(lambda sock: wire.send(sock, reply)), [], QUICK) as s:
        answer = RemoteCaller(s, "f")((1,))
    assert isinstance(answer.error, Failure)


def test_forged_positions_and_texts_are_cut_to_size():
    def send(sock):
        error = {"kind": 3, "message": "\ud800" + "x" * 10**5, "line": "", "where": ""}
        wire.send(sock, [{"value": None, "error": error, "changed": (0, 9, -1, "a"), "shared": 1}])

    with Session(OneReply(send), [], QUICK) as s:
        answer = RemoteCaller(s, "f")((1,))
    assert answer.changed == (0,) and len(answer.error.message) <= 300
    answer.error.message.encode()


# --- functions among the arguments ---------------------------------------------------------------

PEEKS = """
import gc, inspect
def words(f):
    found = [f.__name__, f.__qualname__, repr(f.__defaults__), repr(f.__code__.co_consts)]
    found += [repr(c.cell_contents) for c in f.__closure__ or ()]
    return ' '.join(found)
def gradient_check(f, grad, x, tol=1e-6):
    return words(grad)
def honest(f, grad, x, tol=1e-6):
    return grad(x)
def kind(f, grad, x, tol=1e-6):
    return type(grad(x)).__name__
def odd(f, grad, x, tol=1e-6):
    return grad('text')
def ragged(f, grad, x, tol=1e-6):
    return grad([[1.0], [1.0, 2.0]])
kept = []
def keep(f, grad, x, tol=1e-6):
    kept.append(grad)
def later(x):
    return kept[0](x)
def large(f, grad, x, tol=1e-6):
    return grad(np.zeros(10**6))
"""


def test_a_gradient_to_be_checked_does_not_tell_whether_it_is_right(worker):
    x = np.linspace(-1, 1, 6).reshape(3, 2)
    shape = (Named("landscape", ((3, 2), 7)), x)
    told = set()
    with session(worker, "import numpy as np\n" + PEEKS) as s:
        s.run()
        for flaw in ("right", "sign", "last entry"):
            grad = Named("landscape_gradient", ((3, 2), 7, 1.0, flaw))
            told.add(RemoteCaller(s, "gradient_check")((shape[0], grad, x)).value)
            got = RemoteCaller(s, "honest")((shape[0], grad, x)).value
            np.testing.assert_array_equal(got, build(grad)(x))
        [told] = told
        assert not any(word in told for word in ("right", "sign", "last"))
        number = Named("landscape_gradient", ((3, 2), 7, 1.0, "one number"))
        assert RemoteCaller(s, "kind")((shape[0], number, x)).value == "float64"
        bowl = (Named("bowl"), Named("slope_of_bowl"), x)
        for name in ("odd", "ragged"):
            assert RemoteCaller(s, name)(bowl).error.kind == "ValueError"
        assert "more than" in RemoteCaller(s, "large")(bowl).error.message
        assert RemoteCaller(s, "keep")(bowl).error is None
        assert "only while its exercise" in RemoteCaller(s, "later")((x,)).error.message


@pytest.mark.parametrize("x", [10**400, [10**400], [[1], [1, 2]], "text", {"a": 1}])
def test_whatever_is_asked_for_has_an_answer(x):
    slope = build(Named("landscape_gradient", ((3, 2), 7)))
    assert "refused" in _value_of([slope], 0, x)


def test_what_is_asked_counts_in_the_time_of_the_call(worker):
    source = "def f(x, grad):\n    while True: grad(x)"
    with session(worker, source) as s:
        s.run()
        answer = RemoteCaller(s, "f")((np.ones(3), Named("slope_of_bowl")))
        assert answer.error.kind == "Timeout"
