"""Several options of commands, as one decorator, or as one value."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


def together(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Return a decorator that adds options to a command, which gets each by its own name."""

    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def bundle(name: str, make: Callable[..., object], *options: Callable[[F], F]) -> Callable[[F], F]:
    """Return a decorator that adds options to a command, which gets them as one value, `name`.

    `make` makes the value; its parameters are named like the options.
    """
    parameters = signature(make).parameters

    def decorate(command: F) -> F:
        @wraps(command)
        def called(**values: Any) -> object:
            own = {each: values.pop(each) for each in parameters if each in values}
            return command(**values, **{name: make(**own)})

        return together(*options)(cast("F", called))

    return decorate
