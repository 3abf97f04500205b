"""How a value of ours is pickled so that a Python without modelenv has it, whoever pickles.

A class of ours would be pickled by its name, and nobody there knows it. So a pickle holds a call of
a builtin: the text of `entry.py` is run, and what that gives lays out our code and makes the value.
By plain pickle, and by the copies of cloudpickle that engines bring, this is the same.
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
"""What `object.__reduce__` returns."""


class _Arriving:
    """The function `entry.arrive`, which is pickled as the text that makes it."""

    __slots__ = ()

    def __call__(self, *words: Any) -> Any:
        return entry.arrive(*words)

    def __reduce__(self) -> Reduced:
        return eval, (_expression(),)


def reduced(make: Callable[[Any], Any], state: Any) -> Reduced:
    """Return how a value is pickled which the function `make` of a module of ours makes of a state.

    The module has to travel, and the state is pickled as it is: it has to be of builtins alone.
    """
    code = payload()
    module = make.__module__.removeprefix(f"{_PACKAGE}.")
    return _Arriving(), (code.carried, code.digest, module, make.__qualname__, state)


@cache
def _expression() -> str:
    """Return the text of `entry` as an expression that gives its function.

    What it defines is pickled by nobody: it has no module.
    """
    source = Path(entry.__file__).read_text("utf-8")
    return f"(lambda space: exec({source!r}, space) or space['arrive'])({{'__name__': '_entry'}})"
