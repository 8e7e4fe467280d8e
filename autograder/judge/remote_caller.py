"""A student's function that runs in the worker, called as if it were here."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from mlp_helpers.checking.callers import Answer, Failure
from mlp_helpers.checking.cost import Work
from mlp_helpers.checking.values import Unsupported, plain
from mlp_helpers.named import ANSWERED_ELSEWHERE, Named, build

from .session import readable

if TYPE_CHECKING:
    from .session import Session


class RemoteCaller:
    """A `mlp_helpers.checking.callers.Caller` whose function lives in a session's child."""

    def __init__(self, session: Session, name: str) -> None:
        self.session, self.name = session, name
        self._deadline = time.monotonic() + session.limits.exercise
        self._stopped = None

    def __call__(self, args: tuple) -> Answer:
        return self._ask({"name": self.name, "args": args}, 1)[0]

    def rerun(self, a: tuple, b: tuple) -> tuple[Answer, Answer, Answer]:
        return self._ask({"name": self.name, "args": a, "again": b}, 3)

    def work(self, args: tuple, most: int) -> Work:
        reply = self._request({"name": self.name, "args": args, "count": most})
        return _work(reply) if self._stopped is None else Work(error=self._stopped.error)

    def _ask(self, message, count):
        reply = self._request(message)
        if self._stopped is not None:
            return (self._stopped,) * count
        if isinstance(reply, dict) and "undefined" in reply:
            return (Answer(error=self.session.undefined(self.name)),) * count
        return _answers(reply, count, message["args"])

    def _request(self, message):
        """Send one request; after a hang or a crash nothing is sent any more."""
        if self._stopped is not None:
            return None
        left = self._deadline - time.monotonic()
        if left > 0:
            functions = []
            message = {key: _kept_here(value, functions) for key, value in message.items()}
            reply = self.session.request(message, min(self.session.limits.call, left), functions)
        else:
            limit = self.session.limits.exercise
            reply = Failure("Timeout", f"took longer than {limit:g} s in all")
        if isinstance(reply, Failure):
            self._stopped = Answer(error=reply)
        return reply


def _kept_here(value, functions):
    """Arguments in which functions whose inside tells an answer are only named by their place."""
    if isinstance(value, tuple):
        return tuple(_kept_here(v, functions) for v in value)
    if isinstance(value, Named) and value.name in ANSWERED_ELSEWHERE:
        functions.append(build(value))
        return Named("asked", (len(functions) - 1,))
    return value


def _answers(reply, count, args):
    """Check what the child sent and make `count` answers of it."""
    if isinstance(reply, dict) and "unsendable" in reply:
        return (Answer(error=Failure("Unsupported", readable(reply["unsendable"]))),) * count
    if not (isinstance(reply, list) and len(reply) == count):
        return (_forged(),) * count
    return tuple(_answer(item, len(args)) for item in reply)


def _answer(item, arity):
    if not (isinstance(item, dict) and set(item) == {"value", "error", "changed", "shared"}):
        return _forged()
    if item["error"] is not None:
        parts = item["error"]
        if not (isinstance(parts, dict) and set(parts) == {"kind", "message", "line", "where"}):
            return _forged()
        failure = Failure(**{key: readable(text) for key, text in parts.items()})
        return Answer(error=failure, changed=_positions(item["changed"], arity))
    try:
        value = plain(item["value"])
    except Unsupported as error:
        return Answer(error=Failure("Unsupported", str(error)))
    changed, shared = (_positions(item[key], arity) for key in ("changed", "shared"))
    return Answer(value, None, changed, shared)


def _work(reply):
    """Check the counts that the child sent; anything else counts as work that nobody saw."""
    kinds = {"operations": float, "lines": int, "complex": bool, "stopped": bool, "raised": str}
    if not (
        isinstance(reply, dict)
        and reply.keys() == {*kinds, "error"}
        and all(type(reply[key]) is kind for key, kind in kinds.items())
        and math.isfinite(reply["operations"])
    ):
        return Work(raised="not a count")
    return Work(**{key: reply[key] for key in kinds} | {"raised": readable(reply["raised"])})


def _forged():
    return Answer(error=Failure("Unsupported", "something that is not an answer"))


def _positions(value, arity):
    if not isinstance(value, tuple):
        return ()
    return tuple(i for i in value if type(i) is int and 0 <= i < arity)
