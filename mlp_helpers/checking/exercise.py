"""What an exercise is: data that the verdict engine reads.

The modules in `mlp_helpers.answers` fill these in. Nothing here knows a chapter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..named import build
from .callers import LocalCaller
from .compare import TOL
from .steps import Stepwise
from .values import fresh

if TYPE_CHECKING:
    from .trial import Trial


@dataclass(frozen=True)
class Case:
    """One call of the student's function.

    Attributes
    ----------
    args : tuple
        Plain data and `Named` references.
    note : str
        What is special here, for messages: "K = 5".
    sizes : mapping of str to int
        Sizes by their letters; an error by such a factor is then named by it.
    scale : float
        A natural size of the answer, where its exact value is (nearly) zero.
    macs : int
        Multiply-accumulates of one forward pass, where the work of a call is counted.
    """

    args: tuple
    note: str = ""
    sizes: Mapping[str, int] = field(default_factory=dict)
    scale: float = 0.0
    macs: int = 0


@dataclass(frozen=True)
class Criterion:
    """One criterion of an exercise, with its own points.

    Attributes
    ----------
    name : str
        As shown to the student, for example "huge logits".
    points : float
    judge : callable
        ``judge(trial, group) -> Finding or None``; see `mlp_helpers.checking.criteria`.
    group : str
        Which of the exercise's cases it looks at.
    needs_value : bool
        Counts only once the values on generic cases are right (purity of a wrong answer earns
        nothing).
    good, bad : str
        One sentence for a passed and for a failed criterion.
    says_anyway : bool
        What it finds is said although it cannot count yet: it may be why the values are wrong.
    costly : bool
        Counts the work of a call, which takes long: known mistakes state what it finds.
    """

    name: str
    points: float
    judge: Callable
    group: str = "generic"
    needs_value: bool = False
    good: str = ""
    bad: str = ""
    says_anyway: bool = False
    costly: bool = False


@dataclass(frozen=True)
class Diagnosis:
    """A mistake that was recognised, and the question that helps.

    Attributes
    ----------
    id : str
        Unique within its exercise.
    looks_like : str
        The mistake in a few words or symbols.
    question : str
        One question that leads on.
    reread : str
        Heading of the notebook to go back to.
    step : str
        The step of a backward pass where it enters, "" when the whole answer was recognised.
    """

    id: str
    looks_like: str
    question: str
    reread: str = ""
    step: str = ""


@dataclass(frozen=True)
class Mistake(Diagnosis):
    """A known mistake of the bank: a diagnosis with the wrong code.

    Attributes
    ----------
    make : callable
        Makes the wrong implementation, anew each time: some mistakes keep state.
    keeps_state : bool
        Whether its answers depend on the calls before.
    cost : str
        The label under which a costly criterion fails it, "" if none does. Stated, and counted by
        the bank's test, so that naming a mistake counts nothing.
    """

    make: Callable[[], Callable] = field(kw_only=True)
    keeps_state: bool = False
    cost: str = ""

    @property
    def fn(self) -> Callable:
        """A fresh wrong implementation."""
        return self.make()

    def tried(self, trial: Trial) -> Trial:
        """Try it on the cases of a trial."""
        return trial.beside(LocalCaller(self.fn))


@dataclass(frozen=True, eq=False)  # there is one of each
class Exercise:
    """One graded function.

    Attributes
    ----------
    title : str
        The heading of the exercise in its notebook.
    signature : str
        ``"softmax_vjp(z, v)"``; the function's name is the exercise's `id`.
    returns : str or tuple of str
        Names of the returned tensors, used in messages.
    minutes, lines : int
        What to expect.
    draw : callable
        ``draw(rng) -> {group: [Case, ...]}``; must hold a group "generic" of at least three.
    oracle : callable
        Called with a case's arguments; returns the expected plain data.
    criteria : tuple of Criterion
    hints : tuple of str
        Three, from a question to a skeleton.
    tol : float
        Relative tolerance per tensor.
    bank : object with a sequence `mistakes` of Mistake
        The known mistakes; None without any.
    section : str
        Heading of the notebook to reread; the title if it is left out.
    chapter : str
        ``"01"``; whoever loads the exercise says in which chapter it was found.
    earned_by_stubs : tuple of str
        Names of criteria that a function may meet that computes nothing; each for a reason.
    stepwise : callable or None
        Returns how to read the answer step by step; needs cases "steps" of one example each, and
        may have "steps_square" with all sizes equal, for answers that only fit there.
    """

    title: str
    signature: str
    returns: str | tuple[str, ...]
    minutes: int
    lines: int
    draw: Callable[..., Mapping[str, Sequence[Case]]]
    oracle: Callable
    criteria: tuple[Criterion, ...]
    hints: tuple[str, ...]
    tol: float = TOL
    bank: Any = None
    section: str = ""
    chapter: str = ""
    earned_by_stubs: tuple[str, ...] = ()
    stepwise: Callable[[], Stepwise] | None = None

    @cached_property
    def id(self) -> str:
        """Name of the function."""
        return self.signature.partition("(")[0]

    @property
    def reread(self) -> str:
        """Heading of the notebook to go back to."""
        return self.section or self.title

    def answer(self, args: tuple) -> Any:
        """What arguments (plain data) should give."""
        return self.oracle(*build(fresh(args)))

    @property
    def points(self) -> float:
        """Full marks."""
        return float(sum(r.points for r in self.criteria))

    @cached_property
    def mistakes(self) -> tuple[Mistake, ...]:
        """The known mistakes of this exercise."""
        return tuple(self.bank.mistakes) if self.bank else ()

    @property
    def parameters(self) -> list[str]:
        """Names of the parameters, in order."""
        inner = self.signature[self.signature.index("(") + 1 : self.signature.rindex(")")]
        return [p.split("=")[0].strip() for p in inner.split(",") if p.strip()]
