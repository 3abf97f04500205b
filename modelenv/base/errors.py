"""The errors that every room may raise, each with the thing, the reason and the way out."""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from .text import be, counted


@dataclass(frozen=True, slots=True)
class NamedOption:
    """An option of a public function that a message names: it is wrong, or a way out.

    >>> str(NamedOption("prove", False)), str(NamedOption("artifacts"))
    ('prove=False', 'artifacts=')
    """

    name: str
    value: object = None

    def __str__(self) -> str:
        """Return the option in Python's call syntax."""
        return f"{self.name}={'' if self.value is None else repr(self.value)}"


UNPROVEN = NamedOption("prove", False)
"""The option that writes a folder without proving that it runs."""

Spell = Callable[[NamedOption], str]
"""A function that writes an option as its reader uses it: as an argument, or on a command line."""


class ModelenvError(Exception):
    """The root of every error that a function of this package raises.

    The subclasses are dataclasses, and their messages are built from their fields. Errors of the
    siblings and of the system get this root once they leave a public function (`doors.py`).
    """

    exit_code = 1
    """The exit status of the command: 1 the answer is no, 2 wrong use, 3 a fault of modelenv."""

    @property
    def code(self) -> str:
        """Return the stable code of its class, which ``modelenv explain`` explains: ``ME0002``.

        A class of your own has that of the nearest class above it.

        >>> WrongUseError("no such folder").code
        'ME0002'
        """
        from .telling.error_codes import code_of

        return code_of(type(self))

    def told(self, spell: Spell) -> str:  # noqa: ARG002  # most messages name no option
        """Return the message with options written by `spell`; `str` writes them as in Python."""
        return str(self)

    def ways_out(self, spell: Spell) -> tuple[str, ...]:  # noqa: ARG002  # most errors have none
        """Return other things that the user can do, a sentence each; empty if none is known."""
        return ()

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython shows: those of the user's code, and the message."""
        from .telling.tracebacks import rendered

        return rendered(self, self.code)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the fields, whether they were given by position or by name.

        Code that has travelled has a private package name, unknown where its errors arrive: there
        they become modelenv's own errors, or a RuntimeError with their message if modelenv is not
        imported.
        """
        package, _, module = type(self).__module__.partition(".")
        if package.startswith(PRIVATE):
            return _Arrived(), (module, type(self).__name__, self.args, self.__dict__, str(self))
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


PRIVATE = "_modelenv_"
"""The prefix of the private name of our package in a Python to which it has travelled."""
_HOME = """
def arrived(module, name, args, fields, said):
    import importlib, sys
    if "modelenv" not in sys.modules:
        return RuntimeError(said)
    kind = getattr(importlib.import_module("modelenv." + module), name)
    error = kind.__new__(kind, *args)
    error.__dict__.update(fields)
    return error
"""


class _Arrived:
    """A callable that rebuilds an error where it arrives; it is pickled as source text."""

    def __call__(self, *told: Any) -> Any:
        space: dict[str, Any] = {}
        exec(_HOME, space)  # noqa: S102  # the text is the constant above
        return space["arrived"](*told)

    def __reduce__(self) -> tuple[Any, ...]:
        return eval, (f"(lambda space: exec({_HOME!r}, space) or space['arrived'])({{}})",)


class WrongUseError(ModelenvError):
    """An argument, a file or a tool is wrong."""

    exit_code = 2


@dataclass(eq=False)
class NotMadeError(WrongUseError):
    """The requested thing cannot be made of a model."""

    what: str
    """The model folder, option, interpreter or file."""
    reason: str
    way_out: str = ""

    def __str__(self) -> str:
        """Return the thing, the reason and the way out."""
        way = f": {self.way_out}" if self.way_out else ""
        return f"{self.what}: {self.reason}{way}"


@dataclass(eq=False)
class UndatedError(WrongUseError):
    """The date of a model is needed, and nothing records it."""

    what: str
    """The model folder."""
    reason: str

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message with options written by `spell`."""
        model, day = NamedOption("as_of", "model"), NamedOption("as_of", "2024-03-01")
        return f"{spell(model)} of {self.what}: {self.reason}; give the day, as {spell(day)}"


@dataclass(eq=False)
class UserCodeError(ModelenvError):
    """The user's function that creates the model raised."""

    source: str
    cause: BaseException

    def __str__(self) -> str:
        return f"{self.source} raised {type(self.cause).__name__}: {self.cause} ({self._place})"

    @property
    def _place(self) -> str:
        """The innermost line of the user's own code, else of any."""
        from .telling.frames import is_of_user

        own = last = ""
        frame = self.cause.__traceback__
        while frame is not None:
            file = frame.tb_frame.f_code.co_filename
            last = f"{file}:{frame.tb_lineno}"
            is_own = is_of_user(file) and not _is_ours(frame)
            own = last if is_own else own
            frame = frame.tb_next
        return own or last


@dataclass(eq=False)
class SiblingOverwrittenError(ModelenvError):
    """Another distribution was installed over files of our own packages."""

    exit_code = 3

    files: Mapping[str, tuple[str, ...]]
    """The overwritten files, by the name of the distribution that overwrote them."""

    def __str__(self) -> str:
        files = [file for listed in self.files.values() for file in listed]
        return (
            f"{' and '.join(self.files)} overwrote modelenv's own {_some(files)}:"
            f" `pip uninstall {' '.join(self.files)}`, then {_REINSTALL}"
        )


@dataclass(eq=False)
class SiblingMissingError(ModelenvError):
    """Files of our own packages are missing, as after another distribution was uninstalled."""

    exit_code = 3

    files: tuple[Path, ...]

    def __str__(self) -> str:
        return (
            f"modelenv's own {_some(self.files)} {be(len(self.files))} missing, as where another"
            f" distribution with a package of that name was uninstalled: {_REINSTALL}"
        )


_REINSTALL = "`pip install --force-reinstall --no-deps modelenv`"


def _is_ours(frame: TracebackType) -> bool:
    """Return whether a frame runs code of this package."""
    name: object = frame.tb_frame.f_globals.get("__name__", "")
    return isinstance(name, str) and name.startswith(("modelenv.", PRIVATE))


def _some(files: Sequence[Path | str]) -> str:
    """Return the names of the first of many files."""
    more = len(files) - 1
    return f"{files[0]} and {counted(more, 'more file')}" if more else str(files[0])
