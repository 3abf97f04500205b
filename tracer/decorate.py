"""Decorators that run the body of any kind of function inside a context."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from functools import wraps
from types import FunctionType
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")

Around = Callable[[], "AbstractContextManager[None]"]

_GENERATOR, _COROUTINE, _ASYNC_GENERATOR = 0x20, 0x80, 0x200


def decorated(function: Callable[P, R], around: Around) -> Callable[P, R]:
    """Wrap `function` so that each run of its body is inside a context made by `around`.

    The body of a coroutine or generator runs when it is awaited or iterated over. Raises TypeError
    for an asynchronous generator.
    """
    flags = function.__code__.co_flags if isinstance(function, FunctionType) else 0
    if flags & _ASYNC_GENERATOR:
        raise TypeError("an asynchronous generator can not be traced as a whole: trace inside it")
    if flags & _COROUTINE:
        return cast("Callable[P, R]", _coroutine(cast("Any", function), around))
    if flags & _GENERATOR:
        return cast("Callable[P, R]", _generator(cast("Any", function), around))
    return _plain(function, around)


def _plain(function: Callable[P, R], around: Around) -> Callable[P, R]:
    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        with around():
            return function(*args, **kwargs)

    return call


def _coroutine(function: Callable[P, Any], around: Around) -> Callable[P, Any]:
    @wraps(function)
    async def call(*args: P.args, **kwargs: P.kwargs) -> Any:
        with around():
            return await function(*args, **kwargs)

    return call


def _generator(function: Callable[P, Any], around: Around) -> Callable[P, Any]:
    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> Generator[Any, Any, Any]:
        with around():
            return (yield from function(*args, **kwargs))

    return call
