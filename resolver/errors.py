"""Errors of the resolver, each with its address."""

from __future__ import annotations

import copyreg
import re
from dataclasses import dataclass
from typing import Any


class ResolverError(Exception):
    """The root of every error that the resolver raises.

    The others are dataclasses: their messages are made of their fields.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the fields, whether they were given by position or by name."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


@dataclass(eq=False)
class MetadataError(ResolverError):
    """An installed distribution whose metadata violates the PEPs.

    `file` is the metadata file, `field` the header ("Requires-Dist"), `text` its value.
    """

    file: str
    field: str
    text: str
    reason: str

    def __str__(self) -> str:
        return (
            f"{self.file}: {self.field}: {self.text!r} is not valid ({self.reason}); "
            "reinstall that distribution, a newer release if there is one"
        )


@dataclass(frozen=True, slots=True)
class InvalidLine:
    """One line that cannot be read: its place, its text, and the reason."""

    where: str
    reason: str

    def __str__(self) -> str:
        reason = self.reason.replace("\n", "\n  ")
        return f"{self.where}: {reason}"


@dataclass(eq=False)
class RequirementsError(ResolverError):
    """The lines of one input that cannot be read; `faults` holds them."""

    faults: tuple[InvalidLine, ...]

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


@dataclass(eq=False)
class NotBundledError(ResolverError):
    """An installed distribution of which no wheel can be made."""

    place: str
    reason: str
    remedy: str = "install it from a wheel"

    def __str__(self) -> str:
        return (
            f"{self.place}: it exists only on this machine and no wheel can be made of it: "
            f"{self.reason}; {self.remedy}"
        )


@dataclass(eq=False)
class PipCheckError(ResolverError):
    """Pip could not be asked what is installed."""

    python: str
    reason: str

    def __str__(self) -> str:
        return (
            f"pip could not say what is installed for {self.python}: {self.reason}; "
            "install pip-api here and pip there"
        )


@dataclass(eq=False)
class TooManyInputsError(ResolverError):
    """Inputs that exclude each other; `names` are the arguments."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"give at most one of {' and '.join(self.names)}: each says what the model needs"


@dataclass(eq=False)
class ContradictoryLinesError(ResolverError):
    """Lines of one input on one name that no version can satisfy together."""

    name: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        lines = "".join(f"\n  {line}" for line in self.lines)
        return f"no {self.name} satisfies these lines together:{lines}\nkeep the one that is meant"


@dataclass(eq=False)
class WrongTargetError(ResolverError):
    """Lists that are for other environments than the one that is resolved for."""

    target: str
    """The target of the resolution, as "Python 3.11.7 on linux x86_64"."""
    lists: tuple[str, ...]
    """The lists that name another target: the place of each and what it states."""

    def __str__(self) -> str:
        return (
            f"{'; '.join(self.lists)}: that does not admit {self.target}: take an interpreter that"
            " it admits, or change what the list says"
        )


@dataclass(eq=False)
class MovedError(ResolverError):
    """Pins differ from what was traced if `strict` forbids it.

    `moves` are sentences.
    """

    moves: tuple[str, ...]

    def __str__(self) -> str:
        moves = "".join(f"\n  {move}" for move in self.moves)
        return (
            f"the requirements move what was traced, and strict forbids it:{moves}\n"
            "Change the lines that move it, or leave strict out (--strict) to accept these versions"
        )


@dataclass(eq=False)
class EditedError(ResolverError):
    """Files that ran differ from what was installed if `strict` forbids it.

    `files` names each with its distribution: "sklearn/base.py of scikit-learn 1.9.0".
    """

    files: tuple[str, ...]

    def __str__(self) -> str:
        files = "".join(f"\n  {file}" for file in self.files)
        return (
            f"files that ran were edited, or added, since they were installed, and strict forbids "
            f"it:{files}\nReinstall these distributions, let them travel as they are with "
            'bundle="edited" (--bundle edited), or leave strict out (--strict)'
        )


@dataclass(eq=False)
class UndecidedError(ResolverError):
    """A search that was given up; `tried` is the number of candidates it had looked at.

    `seconds` is the time that it was given, if that was the limit.
    """

    tried: int
    seconds: float | None = None

    def __str__(self) -> str:
        passed = "" if self.seconds is None else f"{self.seconds:,.0f} s and "
        return (
            f"no answer after {passed}{self.tried} candidates; narrow the requirements with == "
            "or a constraint on the names that have many versions"
        )


@dataclass(eq=False)
class SourceError(ResolverError):
    """An index, a folder or a wheel that could not be read; `place` is its address.

    Query and fragment of the address are not shown, since either may hold a token.
    """

    place: str
    reason: str
    remedy: str = ""

    def __post_init__(self) -> None:
        if "://" in self.place:
            bare = re.split(r"[?#]", self.place, maxsplit=1)[0]
            hidden = self.place[len(bare) :].split("#", 1)[0]
            if hidden:
                self.reason = self.reason.replace(hidden, "")
            self.place = bare
            self.args = (self.place, self.reason)

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}" + (f"; {self.remedy}" if self.remedy else "")


@dataclass(eq=False)
class FalseAnswerError(SourceError):
    """An answer that cannot be the requested file: too large, wrongly packed, or something else."""


@dataclass(eq=False)
class BrokenMetadataError(ResolverError):
    """A candidate with unreadable metadata; a resolution skips it."""

    file: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file} has unusable metadata: {self.reason}"


@dataclass(eq=False)
class UnstatedMetadataError(BrokenMetadataError):
    """A source distribution whose stated requirements are not final (PEP 643)."""


@dataclass(eq=False)
class BuildError(ResolverError):
    """A source distribution of which no wheel could be built; `what` is its name and version."""

    what: str
    reason: str
    remedy: str = "take another version, or a wheel of it (--find-links FOLDER)"

    def __str__(self) -> str:
        return f"{self.what}: no wheel can be built of it: {self.reason}\n{self.remedy}"


@dataclass(eq=False)
class ConfigurationError(ResolverError):
    """Pip could not be asked which index it uses."""

    python: str
    reason: str

    def __str__(self) -> str:
        return (
            f"pip of {self.python} could not say which index it uses: {self.reason}; "
            'install pip there, or resolve from what is installed with index="never"'
        )


@dataclass(eq=False)
class MomentError(ResolverError):
    """A moment that cannot be read; `said` is the value given: a text, a date or anything else."""

    said: object
    reason: str

    def __str__(self) -> str:
        said = self.said if isinstance(self.said, str) else str(self.said)
        return f"{said!r} is no moment to resolve as of: {self.reason}"


@dataclass(eq=False)
class TargetError(ResolverError):
    """An interpreter or a platform that cannot be described; `text` is the given value."""

    text: str
    reason: str

    def __str__(self) -> str:
        return f"{self.text!r} is no target: {self.reason}"


@dataclass(eq=False)
class AlikeTargetsError(ResolverError):
    """Targets that need different answers, and that no marker tells apart (PEP 508).

    `markers` are the values that they share; `targets` their names, if they have any.
    """

    markers: dict[str, str]
    targets: tuple[str, ...] = ()
    name: str = ""
    """The distribution that needs different versions on them."""

    def __str__(self) -> str:
        which = " and ".join(self.targets) or "two targets"
        what = f" of {self.name}" if self.name else ""
        shared = ", ".join(f"{key} {value!r}" for key, value in self.markers.items() if value)
        return (
            f"{which} need different versions{what}, and no marker tells them apart ({shared}): "
            "lock them one by one, or leave one of them out"
        )
