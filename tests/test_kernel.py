"""What a reader meets in a real kernel: an endless loop, an interrupt, odd arguments."""

import pytest

client = pytest.importorskip("jupyter_client")

IMPORTS = (
    "from mlp_helpers import case, check, check_yours, first_test, verdicts, when_solved\n"
    "import numpy as np\n"
    "verdicts.CALL_SECONDS = 0.5"
)
HANGS = "def softmax(z):\n    while True:\n        pass"


@pytest.fixture
def run(tmp_path):
    """Run a cell in a fresh kernel: (everything it shows as text, the lines of its traceback)."""
    manager, channel = client.manager.start_new_kernel(cwd=str(tmp_path))

    def execute(source):
        shown, trace = [], []

        def keep(message):
            content = message["content"]
            if message["msg_type"] == "stream":
                shown.append(content["text"])
            elif message["msg_type"] in ("display_data", "execute_result"):
                shown.append(content["data"]["text/plain"])
            elif message["msg_type"] == "error":
                trace.extend("\n".join(content["traceback"]).splitlines())

        channel.execute_interactive(source, output_hook=keep)
        return "\n".join(shown), trace

    execute(IMPORTS)
    yield execute
    channel.stop_channels()
    manager.shutdown_kernel(now=True)


def test_a_check_that_hangs_is_stopped_and_the_kernel_goes_on(run):
    run(HANGS)
    shown, trace = run("check(softmax)")
    assert "was stopped in the line `" in shown
    assert trace == ["CheckFailed: softmax: no points yet"]
    assert run("print(1 + 1)")[0] == "2\n"


def test_an_interrupt_is_one_line_and_records_nothing(run, tmp_path):
    run("verdicts.CALL_SECONDS = 100")
    run(HANGS)
    _, trace = run(
        "import threading, _thread\n"
        "threading.Timer(0.5, _thread.interrupt_main).start()\ncheck(softmax)"
    )
    assert len(trace) == 1 and trace[0].startswith("CheckFailed: softmax: interrupted in the line")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "cell",
    [
        "@first_test\ndef first_test_softmax():\n    softmax(1)",
        "@when_solved\ndef figure():\n    softmax(1)",
        "check_yours(softmax, ((1,), 1))",
    ],
)
def test_an_interrupt_of_a_cell_that_uses_a_function_is_one_line(run, cell):
    run(HANGS)
    _, trace = run(
        f"import threading, _thread\nthreading.Timer(0.5, _thread.interrupt_main).start()\n{cell}"
    )
    # Where in the loop it comes, at its head or in its body, is chance.
    assert len(trace) == 1 and trace[0].startswith("Interrupted in ")
    assert run("print(1 + 1)")[0] == "2\n"


def test_a_figure_on_top_of_a_function_that_hangs_is_stopped(run):
    run("from mlp_helpers import demos\ndemos.DEMO_SECONDS = 0.5")
    run(HANGS)
    shown, trace = run("@when_solved\ndef figure():\n    softmax(1)")
    assert "stopped after 0.5 s in your `softmax`, line `" in shown and trace == []
    assert run("print(1 + 1)")[0] == "2\n"


def test_a_figure_leaves_the_data_as_they_were(run):
    shown, trace = run(
        "data = np.arange(3.0)\ndef f(z):\n    z -= 1\n    return z\n"
        "@when_solved\ndef figure():\n    print(f(data))"
    )
    assert "[-1.  0.  1.]" in shown and "Put back" in shown and trace == []
    assert run("print(data)")[0] == "[0. 1. 2.]\n"


def test_a_first_test_that_raises_lets_the_notebook_go_on(run):
    shown, trace = run(
        "z_hand = np.arange(3.0)\ndef f(z):\n    z -= 1\n    return z @ np.ones(7)\n"
        "@first_test\ndef first_test_f():\n    f(z_hand)"
    )
    assert "in your `f`, line `return z @ np.ones(7)`" in shown and trace == []
    assert run("print(z_hand)")[0] == "[0. 1. 2.]\n"


@pytest.mark.parametrize("odd", ["None", "np.zeros(3)", "[1, 2]", "int", "'softmx'", "'softmax'"])
def test_what_is_not_a_function_is_one_line(run, tmp_path, odd):
    shown, trace = run(f"check({odd})")
    assert shown == "" and len(trace) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_failing_case_is_at_hand(run):
    run("def softmax(z):\n    return np.exp(z) / np.exp(z).sum()")
    shown, _ = run("check(softmax)")
    assert '(z,) = case("softmax")' in shown
    assert run('(z,) = case("softmax")\nprint(z.max())')[0] == "1000.0\n"


def test_the_line_that_fetches_a_case_runs_where_an_argument_is_left_out(run):
    run(
        "def numerical_gradient(f, W, eps=1e-3):\n    G = np.zeros(W.shape)\n"
        "    for i in np.ndindex(W.shape):\n        P, M = W.astype(float), W.astype(float)\n"
        "        P[i] += eps\n        M[i] -= eps\n        G[i] = (f(P) - f(M)) / (2 * eps)\n"
        "    return G"
    )
    shown, _ = run("check(numerical_gradient)")
    line = shown.replace("\n ", "").split("Try it: `")[1].split("`")[0]
    assert run(" ".join(line.split()))[1] == []
