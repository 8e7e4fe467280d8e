"""Cells that need the reader's functions: first tests, figures, outcomes, small checks."""

import contextlib
import functools
import linecache
import types

import numpy as np

from .checking.callers import LocalCaller, failure_of
from .checking.compare import Expected, compare
from .checking.finding import error_text
from .checking.values import same_bits
from .limits import TimedCaller, TimeUp, time_limit
from .notebook import note
from .progress import passed, remember_yours

SECONDS = 10  # for a first test, and for all examples of a small check
DEMO_SECONDS = 60  # for a demo that rests on a function which has not passed


def first_test(test):
    """Run a first test at once; whatever the reader's functions do, the notebook goes on.

    A decorator for a function without arguments.  A function that is not solved yet is waited
    for, one that raises is named in two lines, one that does not end is stopped after ten
    seconds.  Arrays, lists and dicts of the notebook that the test mentions have their old values
    afterwards, whatever a function did to them.

    Returns
    -------
    function
        `test` itself.
    """
    with _undisturbed(test):
        try:
            with time_limit(SECONDS):
                test()
        except NotImplementedError as error:
            _waiting(error, test) or _stopped(error, test)
        except TimeUp as error:
            _stopped(error, test, SECONDS)
        except Exception as error:
            _stopped(error, test)
    return test


def when_solved(demo=None, *, needs=None):
    """Run a figure or an outcome at once; wait for functions that are not solved yet.

    A decorator for a function without arguments, also as ``@when_solved(needs=["softmax"])``.
    What rests on a function that has not passed its check says so first.  An error inside a
    reader's function, or below one that has not passed, is named in two lines and the notebook
    goes on, and so it does after a minute on top of one that has not passed; any other error is
    raised as usual.  What the demo mentions is put back as after a first test.

    Parameters
    ----------
    demo : function
    needs : sequence of str, optional
        Names of the functions it rests on; left out, those that its code mentions, directly or
        through other functions of the notebook.

    Returns
    -------
    function
        `demo` itself, so that it can be called again.
    """
    if demo is None:
        return functools.partial(when_solved, needs=needs)
    used = _functions(demo)
    wanted = used if needs is None else {n: demo.__globals__.get(n) for n in needs}
    unproven = [name for name, fn in wanted.items() if passed(name, fn) is False]
    if unproven and not any(map(_is_stub, used.values())):
        names = " and ".join(f"`{name}`" for name in unproven)
        note(
            "Not checked yet",
            f"What follows is made with your {names}, which "
            f"{'has' if len(unproven) == 1 else 'have'} not passed the check yet. It may be "
            "wrong where your function is.",
        )
    with _undisturbed(demo):
        try:
            with time_limit(DEMO_SECONDS) if unproven else contextlib.nullcontext():
                demo()
        except TimeUp as error:
            _stopped(error, demo, DEMO_SECONDS)
        except NotImplementedError as error:
            if not _waiting(error, demo):
                raise
        except Exception as error:
            if not (unproven or _place(error, demo)[0]):
                raise
            _stopped(error, demo)
    return demo


def check_yours(fn, *examples, tol=1e-9):
    """Say in one line whether an ungraded function is right; nothing is ever raised.

    Parameters
    ----------
    fn : function
    *examples : (tuple of arguments, what they should give)
        For example ``((3.0, 2.0), 6.0)``.
    tol : float
        Largest difference, relative to the largest entry of the right answer.
    """
    name = getattr(fn, "__name__", "your function")
    if not callable(fn):
        note("Your turn", "Give the function itself, without calling it.")
        return
    caller = TimedCaller(LocalCaller(fn), SECONDS, SECONDS)
    for args, gives in examples:
        try:
            answer = caller(args)
        except KeyboardInterrupt as error:
            line = failure_of(error, fn).line
            raise Interrupted(f" in the line `{line}`" if line else "") from None
        if answer.error is not None and answer.error.kind == "NotImplementedError":
            note(f"{name}: waiting", f"`{answer.error.where or name}` is not solved yet.")
            return
        if answer.error is not None:
            fault = error_text(answer.error)
        else:
            difference = compare(answer.value, Expected(_floats(gives), tol=tol, scale=tol))
            fault = difference and difference.message
        if fault:
            remember_yours(name, fn, False)
            note(f"{name}: not yet", fault)
            return
    remember_yours(name, fn, True)
    note(f"{name}: right", f"Tried on {len(examples)} example{'s' * (len(examples) > 1)}.")


def _floats(value):
    """What is expected, with whole numbers as floats (2.0 is as right as 2), lists as arrays."""
    if isinstance(value, list) and all(type(part) in (int, float) for part in value):
        return np.array(value, dtype=float)
    if isinstance(value, (tuple, list)):
        return type(value)(map(_floats, value))
    array = np.asarray(value)
    return array.astype(float) if array.dtype.kind in "iu" else value


# What a demo mentions ------------------------------------------------------------------------


def _codes(code):
    """A code object and those of the functions inside it."""
    inner = [c for c in code.co_consts if isinstance(c, types.CodeType)]
    return [code, *(c for part in inner for c in _codes(part))]


def _names(fn):
    return {name for code in _codes(fn.__code__) for name in code.co_names}


def _functions(fn, found=None):
    """The notebook's functions that a function mentions, directly or through others, by name."""
    found = {} if found is None else found
    for name in sorted(_names(fn)):
        value = fn.__globals__.get(name)
        value = getattr(value, "__wrapped__", value)  # behind @cache
        mine = isinstance(value, types.FunctionType) and value.__globals__ is fn.__globals__
        if mine and name not in found:
            found[name] = value
            _functions(value, found)
    return found


def _is_stub(fn):
    """Whether a function of the notebook does nothing but say that it is not solved."""
    return set(fn.__code__.co_names) == {"NotImplementedError"}


# What went wrong in it -----------------------------------------------------------------------


def _waiting(error, demo):
    """Say what a demo waits for; False if the error does not come from an unsolved function."""
    trace = error.__traceback__
    while trace.tb_next is not None:
        trace = trace.tb_next
    frame = trace.tb_frame
    if frame.f_globals is not demo.__globals__ or frame.f_code in _codes(demo.__code__):
        return False
    note("Waiting", f"This part comes alive when `{frame.f_code.co_name}` is solved.")
    return True


def _place(error, demo):
    """(name, line) of the innermost function of the reader in a traceback; ("", "") without."""
    found, own, trace = ("", ""), _codes(demo.__code__), error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if trace.tb_frame.f_globals is demo.__globals__ and code not in own:
            line = linecache.getline(code.co_filename, trace.tb_lineno).strip()
            found = (code.co_name, line)
        trace = trace.tb_next
    return found


def _stopped(error, demo, seconds=None):
    failure = failure_of(error, demo)
    what = f"{failure.kind}: {failure.message}" if failure.message else failure.kind
    if seconds is not None:
        what = f"stopped after {seconds} s"
    note(
        "This cell could not finish",
        f"{what}{_line_of(error, demo)}.\nThe notebook goes on; the function's check says more.",
    )


def _line_of(error, demo):
    name, line = _place(error, demo)
    return f" in your `{name}`, line `{line}`" if name else ""


# What a demo leaves behind --------------------------------------------------------------------


class Interrupted(KeyboardInterrupt):
    """The reader stopped a cell. One line, where Python shows the whole way there."""

    def _render_traceback_(self):
        return [f"Interrupted{self}"]


@contextlib.contextmanager
def _undisturbed(demo):
    """Keep the notebook's arrays, lists and dicts that a demo mentions as they were before it,
    whatever the reader's functions do to them, and make an interrupt one line."""
    kept = _snapshot([demo.__globals__[name] for name in _names(demo) if name in demo.__globals__])
    try:
        yield
    except KeyboardInterrupt as error:
        raise Interrupted(_line_of(error, demo)) from None
    finally:
        if _put_back(kept):
            note(
                "Put back",
                "One of your functions changed the numbers it was given. They have their "
                "old values again; should it write into its arguments at all?",
            )


def _snapshot(values):
    """Copies of the arrays, lists and dicts inside values: list of (original, copy)."""
    kept, waiting = {}, list(values)
    while waiting:
        value = waiting.pop()
        if id(value) in kept:
            continue
        if isinstance(value, np.ndarray):
            kept[id(value)] = value, value.copy()
        elif isinstance(value, (list, dict, tuple)):
            kept[id(value)] = value, value if isinstance(value, tuple) else value.copy()
            waiting += value.values() if isinstance(value, dict) else value
    return list(kept.values())


def _put_back(kept):
    """Give every array, list and dict its old content; whether any had another one."""
    changed = False
    for value, copy in kept:
        if isinstance(value, np.ndarray) and not same_bits(value, copy):
            value[...] = copy
        elif isinstance(value, list) and list(map(id, value)) != list(map(id, copy)):
            value[:] = copy
        elif isinstance(value, dict) and _ids(value) != _ids(copy):
            value.clear()
            value.update(copy)
        else:
            continue
        changed = True
    return changed


def _ids(table):
    return {key: id(value) for key, value in table.items()}
