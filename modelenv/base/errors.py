"""The errors that every room may raise: each says what, where, and the way out."""

from __future__ import annotations

import copyreg
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class ModelenvError(Exception):
    """The root of every error of this package.

    The others are dataclasses: their fields are what the message is made of.
    """

    exit_code = 1
    """What the command exits with: 1 the answer is no, 2 wrong use, 3 our own fault."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the fields, whether they were given by place or by name."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


class WrongUseError(ModelenvError):
    """An argument, a file or a tool is not what it should be."""

    exit_code = 2


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
class SiblingMissingError(ModelenvError):
    """One of our own packages is not where it belongs, and another bears its name."""

    exit_code = 3

    name: str
    wanted: Path

    def __str__(self) -> str:
        return f"modelenv's own package {self.name!r} is not at {self.wanted}: reinstall modelenv"
