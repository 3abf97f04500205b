"""Pickle a value of ours for a Python without modelenv, with any pickler.

A class of ours would be pickled by its name, which is unknown there. So a pickle holds a call of a
builtin: the text of `entry.py` is run, and its function lays out our code and makes the value.
Plain pickle and the engines' copies of cloudpickle give the same result.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from . import entry
from .payload import payload

_PACKAGE = __name__.rpartition(".batch.")[0]

Reduced = tuple[Callable[..., Any], tuple[Any, ...]]
"""The type of `object.__reduce__`'s result."""


class _Arriving:
    """The function `entry.arrive`, which is pickled as the text that makes it."""

    __slots__ = ()

    def __call__(self, *words: Any) -> Any:
        return entry.arrive(*words)

    def __reduce__(self) -> Reduced:
        return eval, (_expression(),)


def reduced(make: Callable[[Any], Any], state: Any) -> Reduced:
    """Return the reduced form of a value that the function `make` of our module makes of a state.

    The module has to travel, and the state is pickled unchanged: it must consist of builtins.
    """
    code = payload()
    module = make.__module__.removeprefix(f"{_PACKAGE}.")
    return _Arriving(), (code.carried, code.digest, module, make.__qualname__, state)


@cache
def _expression() -> str:
    """Return the text of `entry` as an expression that gives its function.

    Its functions cannot be pickled: they have no module.
    """
    source = Path(entry.__file__).read_text("utf-8")
    return f"(lambda space: exec({source!r}, space) or space['arrive'])({{'__name__': '_entry'}})"
