"""The students' edition of an exercise: what is right, recorded for the one draw of `check`.

No formula is in it: the cases, what right answers to them are, and for each known mistake the
fingerprints of its answers and what the criteria found. `mlp-course bundle` writes the files; the
same engine judges by them as by the key.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from .checking.callers import Answer, Failure
from .checking.compare import numbers
from .checking.exercise import Case, Diagnosis, Exercise
from .checking.finding import Finding
from .checking.fingerprint import Fingerprint
from .checking.steps import TOL, Walk
from .named import Named

# Plain data as JSON -------------------------------------------------------------------------------


def pack(value):
    """Plain data as what JSON can hold: arrays with dtype, shape and memory layout."""
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            return {"whole": value.tolist(), "shape": value.shape}
        data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
        return {
            "array": data,
            "dtype": value.dtype.str,
            "shape": value.shape,
            "layout": _layout(value),
        }
    if isinstance(value, Named):
        return {"named": value.name, "params": pack(value.params)}
    if isinstance(value, tuple):
        return {"tuple": [pack(v) for v in value]}
    if isinstance(value, list):
        return [pack(v) for v in value]
    if isinstance(value, dict):
        return {"dict": [[pack(k), pack(v)] for k, v in value.items()]}
    if isinstance(value, float):
        return {"float": value.hex()}
    if isinstance(value, complex):
        return {"complex": [value.real.hex(), value.imag.hex()]}
    return value  # str, int, bool, None


def unpack(value):
    """Plain data from what `pack` made of it."""
    if isinstance(value, list):
        return [unpack(v) for v in value]
    if not isinstance(value, dict):
        return value
    if "array" in value:
        flat = np.frombuffer(base64.b64decode(value["array"]), dtype=np.dtype(value["dtype"]))
        return _laid_out(flat.reshape(value["shape"]).copy(), value["layout"])
    if "whole" in value:
        return np.array(value["whole"], dtype=object).reshape(value["shape"])
    if "named" in value:
        return Named(value["named"], unpack(value["params"]))
    if "tuple" in value:
        return tuple(unpack(v) for v in value["tuple"])
    if "dict" in value:
        return {unpack(k): unpack(v) for k, v in value["dict"]}
    if "float" in value:
        return float.fromhex(value["float"])
    return complex(*map(float.fromhex, value["complex"]))


def _layout(array):
    if array.flags.c_contiguous:
        return "rows"
    return "columns" if array.flags.f_contiguous else "strided"


def _laid_out(array, layout):
    if layout == "columns":
        return np.asfortranarray(array)
    if layout == "strided":
        spread = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
        spread[..., ::2] = array
        return spread[..., ::2]
    return array


def digest(args):
    """A short text that tells arguments apart."""
    return hashlib.sha256(json.dumps(pack(args)).encode()).hexdigest()[:16]


# What was recorded --------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class RecordedExercise(Exercise):
    """An exercise whose right answers are recorded, for its own cases and a few casts of them."""

    right: dict = field(default_factory=dict)

    def answer(self, args):
        return self.right[digest(args)]


@dataclass(frozen=True)
class RecordedMistake(Diagnosis):
    """A known mistake by what it gave.

    Attributes
    ----------
    cost : str
        The label under which a costly criterion fails it.
    answers : dict
        From the digest of arguments, or (group, number) where it keeps state, to a `Failure`, or
        (`Fingerprint`, whether it is right).
    found : dict
        From the name of a criterion to what was found, a `Finding` or None.
    keeps_state : bool
    """

    cost: str = ""
    answers: dict = field(default_factory=dict)
    found: dict = field(default_factory=dict)
    keeps_state: bool = False

    def tried(self, trial):
        return RecordedTrial(self, trial)


class RecordedTrial:
    """A known mistake on the cases of a trial: what there is to compare with."""

    def __init__(self, mistake, trial):
        self.mistake, self.cases = mistake, trial.cases

    def _given(self, group, i):
        return self.mistake.answers[f"{group} {i}"]

    def answer(self, group, i):
        """A failed call as it is; of any other only that there was an answer."""
        given = self._given(group, i)
        return Answer(error=given if isinstance(given, Failure) else None)

    def answers(self, group):
        return [self.answer(group, i) for i in range(len(self.cases.get(group, ())))]

    def follow(self, trial):
        """It was tried in the order of the cases."""

    def is_right(self, group, i):
        given = self._given(group, i)
        return not isinstance(given, Failure) and given[1]

    @property
    def value_is_right(self):
        return all(self.is_right("generic", i) for i in range(len(self.cases["generic"])))

    def gives(self, group, i, value, tol):
        return self._given(group, i)[0].matches(value, tol)

    def is_near(self, group, i, value, tol):
        single = any(getattr(a, "dtype", None) == np.float32 for a in self.cases[group][i].args)
        return self._given(group, i)[0].matches(value, max(tol, 1e-5) if single else tol)

    def blows_up(self, group, i, value):
        mine = numbers(value)
        return mine is not None and self._given(group, i)[0].finite and not np.isfinite(mine).all()

    def gives_for(self, args, value, tol):
        given = self.mistake.answers.get(digest(args))
        return isinstance(given, tuple) and given[0].matches(value, tol)

    def judged(self, criterion):
        return self.mistake.found.get(criterion.name)


@dataclass(frozen=True)
class RecordedSteps:
    """The steps of a backward pass by their right values on single examples.

    Attributes
    ----------
    steps : tuple of str
        Names of the tensors, in the order of the backward pass.
    parts, split : callable
        As in a `Stepwise`.
    mean : bool
    """

    steps: tuple
    parts: object
    split: object
    mean: bool

    def walk(self, examples, values, rights):
        """Say which steps are wrong. What a step was given is not looked at: that takes formulas.

        Returns
        -------
        Walk or None
        """
        faults = {}
        for value, right in zip(values, rights, strict=True):
            mine, wanted = self._named(value), self._named(right)
            if mine is None:
                return None
            for step in self.steps:
                right_shape = mine[step].shape == wanted[step].shape
                off = np.abs(mine[step] - wanted[step]) if right_shape else np.array(np.inf)
                size = np.abs(wanted[step]).max(initial=0.0)
                if not off.max(initial=0.0) <= TOL * size:
                    faults[step] = None
        return Walk(None, {step: None for step in self.steps if step in faults})

    def _named(self, value):
        try:
            return {k: np.asarray(v, dtype=float) for k, v in self.parts(value).items()}
        except (TypeError, ValueError, IndexError, KeyError, OverflowError):
            return None


class Recording:
    """The file beside a module of the students' edition."""

    def __init__(self, module):
        path = Path(module).with_suffix(".json")
        self._data = json.loads(path.read_text(encoding="utf-8"))

    @cached_property
    def cases(self):
        """The cases of the one draw, by group."""
        return {
            group: [
                Case(unpack(c["args"]), c["note"], c["sizes"], c["scale"], c["macs"]) for c in cases
            ]
            for group, cases in self._data["cases"].items()
        }

    def draw(self, rng):
        """The recorded cases, whatever the generator: there is one draw."""
        return self.cases

    @cached_property
    def right(self):
        """What arguments should give, by their digest."""
        return {key: unpack(value) for key, value in self._data["right"].items()}

    @cached_property
    def bank(self):
        """The known mistakes."""
        return SimpleNamespace(mistakes=[self._mistake(m) for m in self._data["mistakes"]])

    def _mistake(self, data):
        errors = [Failure(kind, message) for kind, message in self._data["errors"]]
        answers = {}
        for key, given in data["answers"].items():
            if isinstance(given, int):
                answers[key] = errors[given]
            else:
                digest_, finite, entries, right, *projections = given
                answers[key] = (
                    Fingerprint(
                        digest_, bool(finite), entries, tuple(map(float.fromhex, projections))
                    ),
                    bool(right),
                )
        found = {
            name: Finding(text, passed=passed, label=label)
            for name, (text, passed, label) in data["found"].items()
        }
        return RecordedMistake(
            **data["words"],
            cost=data["cost"],
            answers=answers,
            found=found,
            keeps_state=data["keeps_state"],
        )


def recorded(module, *, steps=None, **contract):
    """The exercise of a module of the students' edition, with the file that lies beside it."""
    recording = Recording(module)
    return RecordedExercise(
        draw=recording.draw,
        oracle=None,
        bank=recording.bank,
        right=recording.right,
        stepwise=(lambda: steps) if steps else None,
        **contract,
    )
