"""Callables that exercises hand to a student's function, built from a name on either side.

A case of an exercise holds ``Named("cubic", (2.0, -1.0))`` instead of a function, so that the same
case can be sent to a confined process as data. Register a factory with ``@named``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_FACTORIES = {}


@dataclass(frozen=True)
class Named:
    """A callable (or generator of random numbers) that crosses the boundary by its name.

    Attributes
    ----------
    name : str
        A name registered below with `@named`.
    params : tuple
        Plain parameters, handed to the registered factory.
    """

    name: str
    params: tuple = ()


def named(factory):
    """Register a factory under its own name; it takes plain parameters, returns a callable."""
    _FACTORIES[factory.__name__] = factory
    return factory


def build(value):
    """Replace every `Named` inside plain arguments by what its factory makes.

    Parameters
    ----------
    value : plain data with `Named` references

    Returns
    -------
    The same structure with callables and generators in place of the references.

    Raises
    ------
    KeyError
        If a name is not registered.
    """
    if isinstance(value, Named):
        if value.name not in _FACTORIES:
            raise KeyError(f"no callable is registered under the name {value.name!r}")
        return _FACTORIES[value.name](*value.params)
    if isinstance(value, (tuple, list)):
        return type(value)(build(v) for v in value)
    if isinstance(value, dict):
        return {k: build(v) for k, v in value.items()}
    return value


@named
def rng(seed):
    """NumPy's default generator, fresh at every call."""
    return np.random.default_rng(seed)
