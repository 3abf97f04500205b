"""The `door` decorator of public functions: each error that leaves one is a `ModelenvError`.

The siblings raise errors of their own, since none of them knows of modelenv, and so does the
operating system if a file is missing. A door makes such an error a ModelenvError in addition to its
own class: ``except resolver.ConflictError`` and ``except FileNotFoundError`` still work.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from .errors import ModelenvError, WrongUseError
from .files.disk import is_of_disk

P = ParamSpec("P")
R = TypeVar("R")

# By the names of the siblings' errors, so that the lookup imports none of them.
_CODES = {
    "ConflictError": 1,
    "MovedError": 1,
    "UndecidedError": 1,
    "TargetBusy": 1,
    "TargetChanged": 1,
    "ResolverError": 2,
    "EnvFilesError": 2,
    "TracerError": 2,
    "SourceError": 3,
    "ConfigurationError": 3,
}


def door(function: Callable[P, R]) -> Callable[P, R]:
    """Return a public function whose expected errors are all subclasses of ModelenvError."""

    @wraps(function)
    def entered(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            _conceal(error)
            ours = as_ours(error)
            if ours is error:
                raise
            raise ours.with_traceback(error.__traceback__) from error.__cause__

    return entered


def _conceal(error: Exception) -> None:
    """Mask the secrets of addresses in an expected error and its causes."""
    if not isinstance(as_ours(error), ModelenvError):
        return
    from .addresses.masks import Mask, conceal
    from .settings import Settings

    conceal(error, Mask.of(Settings.from_environment().environment))


def as_ours(error: Exception) -> Exception:
    """Return an error of a sibling, or of the system about a file, as a ModelenvError too.

    Any other error is returned unchanged: it is a bug of ours, or a failure of the model.
    """
    if _is_of_working_folder(error):
        error = FileNotFoundError(errno.ENOENT, "the working folder of this process is gone", ".")
    of_file = isinstance(error, OSError) and (error.filename is not None or is_of_disk(error))
    if isinstance(error, ModelenvError) or not (of_file or _codes(type(error))):
        return error
    return _made(type(error), _arguments(error), vars(error))


def _is_of_working_folder(error: Exception) -> bool:
    """Return whether an OSError without a file name is about a missing working directory."""
    if not isinstance(error, FileNotFoundError) or error.filename is not None:
        return False
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def _codes(kind: type[Exception]) -> list[int]:
    """Return the exit codes of a sibling's error, its own first; empty for any other error."""
    return [_CODES[each.__name__] for each in kind.__mro__ if _is_sibling_s(each)]


def _is_sibling_s(kind: type) -> bool:
    """Return whether a class is one of our siblings', not of another package of that name."""
    if kind.__name__ not in _CODES:
        return False
    from .siblings import envfiles, resolver, tracer

    packages = {each.__name__ for each in (envfiles, resolver, tracer)}
    return kind.__module__.partition(".")[0] in packages


def _arguments(error: Exception) -> tuple[Any, ...]:
    """Return the constructor arguments of an error, with the file name of an OSError."""
    args: tuple[Any, ...] = error.args
    if isinstance(error, OSError) and error.filename is not None:
        args = (*args, error.filename, None, *([error.filename2] if error.filename2 else []))
    return args


def _made(kind: type[Exception], args: tuple[Any, ...], state: dict[str, Any]) -> Exception:
    joint = _joint(kind)  # type: ignore[arg-type]  # a class is hashable
    made = joint.__new__(joint, *args)
    vars(made).update(state)
    return made


@cache
def _joint(kind: type[Exception]) -> type[Exception]:
    """Return a class that derives from ModelenvError and from a sibling's or the system's error."""

    def reduce(self: Exception) -> tuple[Any, ...]:
        return _made, (kind, _arguments(self), vars(self))

    root, codes = (WrongUseError if issubclass(kind, OSError) else ModelenvError), _codes(kind)
    own = {"__module__": kind.__module__, "__doc__": kind.__doc__, "__reduce__": reduce}
    return type(kind.__name__, (kind, root), {**own, "exit_code": (*codes, root.exit_code)[0]})
