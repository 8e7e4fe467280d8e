"""A wrong function of the reader's below another one: which of the two is at fault?"""

import numpy as np
import pytest

from mlp_helpers import evaluate


def reader(**sources):
    """Functions of one notebook, which call each other by name."""
    names = {"np": np}
    for source in sources.values():
        exec(source, names)
    return names


WRONG_SOFTMAX = "def softmax(z):\n    return np.exp(z - z.max())"
RIGHT_SOFTMAX = "def softmax(z):\n    e = np.exp(z - z.max())\n    return e / e.sum()"
JACOBIAN = "def softmax_jacobian(z):\n    s = softmax(z)\n    return np.diag(s) - np.outer(s, s)"


def test_a_right_function_above_a_wrong_one_is_not_blamed():
    names = reader(a=WRONG_SOFTMAX, b=JACOBIAN)
    before = names["softmax"]
    report = evaluate(names["softmax_jacobian"])
    assert report.spoiled_by == ("softmax",) and report.otherwise == report.max_points
    assert report.misconceptions == [] and not report.passed
    assert "`softmax`, which this function calls, does not pass its own check" in str(report)
    assert "this function would be right" in str(report)
    assert names["softmax"] is before


def test_its_own_mistake_is_named_all_the_same():
    names = reader(a=WRONG_SOFTMAX, b="def softmax_vjp(z, v):\n    return softmax(z) * v")
    report = evaluate(names["softmax_vjp"])
    assert report.spoiled_by == ("softmax",) and report.misconceptions
    assert "would be right" not in str(report)


@pytest.mark.parametrize(
    "helper", [RIGHT_SOFTMAX, "from mlp_helpers.reference.activations import softmax"]
)
def test_a_wrong_function_above_a_right_one_is_at_fault_itself(helper):
    names = reader(a=helper, b="def softmax_vjp(z, v):\n    return softmax(z) * v")
    assert evaluate(names["softmax_vjp"]).spoiled_by == ()


def test_a_helper_inside_a_helper_is_found():
    names = reader(
        a=WRONG_SOFTMAX,
        b="""
def softmax_jacobian(z):
    def inner(x):
        return softmax(x)
    return np.diag(inner(z)) - np.outer(inner(z), inner(z))
""",
    )
    assert evaluate(names["softmax_jacobian"]).spoiled_by == ("softmax",)


def test_the_points_are_those_of_the_answers():
    names = reader(a=WRONG_SOFTMAX, b=JACOBIAN)
    alone = reader(
        b="""
def softmax_jacobian(z):
    s = np.exp(z - z.max())
    return np.diag(s) - np.outer(s, s)
"""
    )
    points = [evaluate(n["softmax_jacobian"]).points for n in (names, alone)]
    assert points[0] == points[1]


def test_a_fault_below_that_changes_nothing_is_not_brought_up():
    unstable = "def softmax(z):\n    return np.exp(z) / np.exp(z).sum()"
    plus = JACOBIAN.replace("np.diag(s) -", "np.diag(s) +")
    report = evaluate(reader(a=unstable, b=plus)["softmax_jacobian"])
    assert report.spoiled_by == () and report.misconceptions
