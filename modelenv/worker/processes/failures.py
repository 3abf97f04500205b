"""Describe a model's exceptions as data, for processes that do not have their classes.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

from contextlib import suppress

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any

_LONGEST_TRACEBACK = 20_000
_NO_MODULE = ("ImportError", "ModuleNotFoundError")


def told(error: BaseException, own: tuple[str, ...]) -> dict[str, Any]:
    """Return its type, message and traceback, without leading frames in `own` files."""
    return {
        "type": type(error).__name__[:200],
        "message": _message(error),
        "traceback": _traceback(error, own)[-_LONGEST_TRACEBACK:],
    }


def missing(error: BaseException | None) -> list[str]:
    """Return the names of modules that were not found, along the chain of causes."""
    names: list[str] = []
    for _ in range(20):  # a chain may be circular
        name = _not_found(error)[:200]
        if name and name not in names and not name.startswith("_modelenv_"):
            names.append(name)
        error = None if error is None else error.__cause__ or error.__context__
    return names


def _not_found(error: BaseException | None) -> str:
    """Return the module that an import failed for, in this interpreter or a subinterpreter.

    An error in a subinterpreter is known only by its class and message.
    """
    if isinstance(error, ImportError):
        return str(error.name or "")
    if type(error).__name__ == "ExecutionFailed":
        told: Any = getattr(error, "excinfo", None)
        kind, said = getattr(told, "type", None), str(getattr(told, "msg", ""))
        if getattr(kind, "__name__", "") in _NO_MODULE:
            return _named(said)
    if type(error) is Exception:  # an error that could not be unpickled, as one text
        first, _, said = _message(error).partition(": ")
        return _named(said) if first in _NO_MODULE else ""
    return ""


def _named(said: str) -> str:
    before, _, after = said.partition(" module named '")
    return after.partition("'")[0] if before == "No" else ""


def _message(error: BaseException) -> str:
    try:
        return str(error)[:4000]
    except Exception as trouble:  # noqa: BLE001  # any class's __str__
        return "(its message cannot be read: %s)" % type(trouble).__name__


def _traceback(error: BaseException, own: tuple[str, ...]) -> str:
    """Return a traceback without leading frames in modelenv's own files."""
    if not isinstance(error, MemoryError):
        return _formatted(error, own)
    _let_go(error)
    try:
        return _formatted(error, own)
    except (ImportError, MemoryError):  # formatting imports more modules, since Python 3.15 lazily
        return "MemoryError\n(where it was raised cannot be told: no memory is left for that)\n"


def _formatted(error: BaseException, own: tuple[str, ...]) -> str:
    import traceback

    frame = error.__traceback__
    while frame is not None and frame.tb_frame.f_code.co_filename.startswith(own):
        frame = frame.tb_next
    return "".join(traceback.format_exception(type(error), error, frame, limit=-30))


def _let_go(error: BaseException) -> None:
    """Clear the finished frames of an exception, since their variables may hold all the memory."""
    place = error.__traceback__
    while place is not None:
        with suppress(RuntimeError):  # a frame is still running
            place.tb_frame.clear()
        place = place.tb_next
