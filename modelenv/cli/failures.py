"""The exit code of an error."""

from __future__ import annotations

from collections.abc import Iterator

from ..base.errors import ModelenvError

# By the names of the siblings' errors, so that none of them is imported to look.
_CODES = {
    "ConflictError": 1,
    "MovedError": 1,
    "UndecidedError": 1,
    "ResolverError": 2,
    "EnvFilesError": 2,
    "TracerError": 2,
    "SourceError": 3,
    "ConfigurationError": 3,
}


def exit_code(error: BaseException) -> int:
    """Return 1 where the answer is no, 2 for wrong use, 3 for the network or a fault of ours."""
    if isinstance(error, ModelenvError):
        return error.exit_code
    return next(_known(error), 3)


def is_expected(error: BaseException) -> bool:
    """Return whether an error is one of ours, whose message says all, and no fault of ours."""
    return isinstance(error, ModelenvError) or next(_known(error), None) is not None


def _known(error: BaseException) -> Iterator[int]:
    names = (kind.__name__ for kind in type(error).__mro__)
    return (_CODES[name] for name in names if name in _CODES)
