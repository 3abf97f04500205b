"""The errors of failed imports (PEP 669), followed to see whether the importer caught them."""

from __future__ import annotations

import sys
from _thread import get_ident

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType

    Pending = tuple[str, int, CodeType, int]

# Functions that every import statement and `import_module` runs, and its error passes through.
LOAD = sys.modules["_frozen_importlib"]._find_and_load.__code__


class Failures:
    """The last failed import of each thread, until it is known whether the importer caught it.

    The next frame that an error leaves is the importer's own if the error was not caught. Only
    numbers and code are kept, so nothing lives longer because of it.
    """

    def __init__(self) -> None:
        self.pending: dict[int, Pending] = {}
        """The undecided failures, by thread."""

    def failed(self, name: str, asker: FrameType, error: BaseException) -> None:
        """Handle that the import of `name`, for the code of `asker`, ended in `error`."""
        self.pending[get_ident()] = name, id(error), asker.f_code, asker.f_lasti

    def let_through(self, code: CodeType, error: BaseException) -> str | None:
        """Handle that `error` leaves `code`; return the import it belongs to, if any."""
        pending = self.pending.pop(get_ident(), None)
        if pending is None:
            return None
        name, number, asker, place = pending
        if code is not asker:
            return None
        if number == id(error) and _raised_at(error, code, place):
            return name
        # `from package import name` looks for a module first and then raises an error of its own.
        said = getattr(error, "name_from", None)
        return name if said and "%s.%s" % (getattr(error, "name", ""), said) == name else None

    def clear(self) -> None:
        """Forget all failures."""
        self.pending.clear()


def _raised_at(error: BaseException, code: CodeType, place: int) -> bool:
    """Return whether an error reached a frame at one place: its id may have been reused."""
    entry = error.__traceback__
    while entry is not None and entry.tb_frame.f_code is code:
        if entry.tb_lasti == place:
            return True
        entry = entry.tb_next
    return False


def ended_by(error: BaseException | None) -> Iterator[tuple[str, str]]:
    """Yield the modules whose import an error ended, and the class of the error, by name.

    These are the modules with code that the error passed through, and the one that it names.
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        kind = type(error).__name__
        entry = error.__traceback__
        while entry is not None:
            name = entry.tb_frame.f_globals.get("__name__")
            if entry.tb_frame.f_code.co_name == "<module>" and isinstance(name, str):
                yield name, kind
            entry = entry.tb_next
        if isinstance(error, ImportError) and error.name:
            yield _missed(error), kind
        error = error.__cause__ or error.__context__


def _missed(error: ImportError) -> str:
    """Return the module that an ImportError names; before Python 3.12 its text alone is whole."""
    parts = str(error).split("'")
    of_package = len(parts) > 2 and parts[0] == "cannot import name "
    return "%s.%s" % (error.name, parts[1]) if of_package else str(error.name)
