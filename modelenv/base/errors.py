"""The errors that every room may raise: each says what, where, and the way out."""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
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
        """Return it as a call in Python has it."""
        return f"{self.name}={'' if self.value is None else repr(self.value)}"


UNPROVEN = NamedOption("prove", False)
"""What writes a folder without proving that it runs."""

Spell = Callable[[NamedOption], str]
"""How whoever is told of an option writes it: as an argument, or at a command line."""


class ModelenvError(Exception):
    """The root of every error that a function of this package raises.

    The others are dataclasses: their fields are what the message is made of. What the siblings and
    the system raise is of this root, too, once it has left the function (`doors.py`).
    """

    exit_code = 1
    """What the command exits with: 1 the answer is no, 2 wrong use, 3 our own fault."""

    def told(self, spell: Spell) -> str:  # noqa: ARG002  # most messages name no option
        """Return the message with its options as `spell` writes them; `str` has Python's way."""
        return str(self)

    def ways_out(self, spell: Spell) -> tuple[str, ...]:  # noqa: ARG002  # nor do most have one
        """Return what else there is to do, a sentence each, where that is known."""
        return ()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the fields, whether they were given by place or by name.

        Code that has travelled has a private name, which nobody knows where its errors arrive: they
        become modelenv's own there, or say what they say where modelenv is not imported.
        """
        package, _, module = type(self).__module__.partition(".")
        if package.startswith(PRIVATE):
            return _Arrived(), (module, type(self).__name__, self.args, self.__dict__, str(self))
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


PRIVATE = "_modelenv_"
"""How the name of our package begins in a Python that it has travelled to."""
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
    """What makes an error of ours where it arrives; it is pickled as its text."""

    def __call__(self, *told: Any) -> Any:
        space: dict[str, Any] = {}
        exec(_HOME, space)  # noqa: S102  # the text is the one above
        return space["arrived"](*told)

    def __reduce__(self) -> tuple[Any, ...]:
        return eval, (f"(lambda space: exec({_HOME!r}, space) or space['arrived'])({{}})",)


class WrongUseError(ModelenvError):
    """An argument, a file or a tool is not what it should be."""

    exit_code = 2


@dataclass(eq=False)
class NotMadeError(WrongUseError):
    """Something cannot be made of a model as it was asked for."""

    what: str
    """The model folder, option, interpreter or file."""
    reason: str
    way_out: str = ""

    def __str__(self) -> str:
        """Say what, why and the way out."""
        way = f": {self.way_out}" if self.way_out else ""
        return f"{self.what}: {self.reason}{way}"


@dataclass(eq=False)
class UndatedError(WrongUseError):
    """The date of a model is asked for, and nothing says it."""

    what: str
    """The model folder."""
    reason: str

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message with its options as `spell` writes them."""
        model, day = NamedOption("as_of", "model"), NamedOption("as_of", "2024-03-01")
        return f"{spell(model)} of {self.what}: {self.reason}; give the day, as {spell(day)}"


@dataclass(eq=False)
class UserCodeError(ModelenvError):
    """The function that was to give the model raised."""

    source: str
    cause: BaseException

    def __str__(self) -> str:
        frame = self.cause.__traceback__
        place = ""
        while frame is not None:
            place = f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}"
            frame = frame.tb_next
        return f"{self.source} raised {type(self.cause).__name__}: {self.cause} ({place})"


@dataclass(eq=False)
class SiblingOverwrittenError(ModelenvError):
    """Another distribution was installed over files of our own packages."""

    exit_code = 3

    files: Mapping[str, tuple[str, ...]]
    """What was overwritten, by the name of the distribution that did it."""

    def __str__(self) -> str:
        files = [file for listed in self.files.values() for file in listed]
        return (
            f"{' and '.join(self.files)} overwrote modelenv's own {_some(files)}:"
            f" `pip uninstall {' '.join(self.files)}`, then {_REINSTALL}"
        )


@dataclass(eq=False)
class SiblingMissingError(ModelenvError):
    """Files of our own packages are gone, as where a distribution of that name was uninstalled."""

    exit_code = 3

    files: tuple[Path, ...]

    def __str__(self) -> str:
        return (
            f"modelenv's own {_some(self.files)} {be(len(self.files))} missing, as where another"
            f" distribution with a package of that name was uninstalled: {_REINSTALL}"
        )


_REINSTALL = "`pip install --force-reinstall --no-deps modelenv`"


def _some(files: Sequence[Path | str]) -> str:
    """Name the first of many."""
    more = len(files) - 1
    return f"{files[0]} and {counted(more, 'more file')}" if more else str(files[0])
