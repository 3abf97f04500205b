"""What can go wrong in the resolver, each fault with its address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .explain.relaxations import Edit


class ResolverError(Exception):
    """Be the root of every error that the resolver raises."""


class MetadataError(ResolverError):
    """Report an installed distribution whose metadata cannot be read as the PEPs say.

    `file` is the metadata file, `field` the header ("Requires-Dist"), `text` what stands there.
    """

    def __init__(self, file: str, field: str, text: str, reason: str) -> None:
        super().__init__(file, field, text, reason)
        self.file = file
        self.field = field
        self.text = text
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"{self.file}: {self.field}: {self.text!r} is not valid ({self.reason}); "
            "reinstall that distribution, a newer release if there is one"
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """Hold one fault of an input: where it stands, with the text, and why it is one."""

    where: str
    reason: str

    def __str__(self) -> str:
        reason = self.reason.replace("\n", "\n  ")
        return f"{self.where}: {reason}"


class RequirementsError(ResolverError):
    """Report every line of one input that cannot be read; `faults` holds them."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(faults)
        self.faults = faults

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


class NotBundledError(ResolverError):
    """Report an installed distribution of which no wheel can be made."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(place, reason)
        self.place = place
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"{self.place}: it exists only on this machine and no wheel can be made of it: "
            f"{self.reason}; install it from a wheel"
        )


class SecondOpinionError(ResolverError):
    """Report that pip could not be asked what is installed."""

    def __init__(self, python: str, reason: str) -> None:
        super().__init__(python, reason)
        self.python = python
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"pip could not say what is installed for {self.python}: {self.reason}; "
            "install pip-api here and pip there"
        )


class TooManyInputsError(ResolverError):
    """Report inputs that exclude each other; `names` are the arguments."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(names)
        self.names = names

    def __str__(self) -> str:
        return f"give at most one of {' and '.join(self.names)}: each says what the model needs"


class ContradictoryLinesError(ResolverError):
    """Report lines of one input on one name that no version can satisfy together."""

    def __init__(self, name: str, lines: tuple[str, ...]) -> None:
        super().__init__(name, lines)
        self.name = name
        self.lines = lines

    def __str__(self) -> str:
        lines = "".join(f"\n  {line}" for line in self.lines)
        return f"no {self.name} satisfies these lines together:{lines}\nkeep the one that is meant"


class ConflictError(ResolverError):
    """Report requirements that cannot all be met.

    `sentences` say who wants what of `names`, `advice` what to change; `edits` are changes that
    were tried and are enough, each alone.
    """

    def __init__(
        self,
        sentences: tuple[str, ...],
        advice: tuple[str, ...] = (),
        edits: tuple[Edit, ...] = (),
        names: tuple[str, ...] = (),
    ) -> None:
        super().__init__(sentences, advice, edits, names)
        self.sentences = sentences
        self.advice = advice
        self.edits = edits
        self.names = names

    def __str__(self) -> str:
        return "\n".join(("the requirements cannot all be met:", *self.sentences, *self.advice))


class MovedError(ResolverError):
    """Report that pins differ from what was traced where `strict` forbids it.

    `moves` are sentences.
    """

    def __init__(self, moves: tuple[str, ...]) -> None:
        super().__init__(moves)
        self.moves = moves

    def __str__(self) -> str:
        moves = "".join(f"\n  {move}" for move in self.moves)
        return (
            f"the requirements move what was traced, and strict forbids it:{moves}\n"
            "Change the lines that move it, or leave strict out (--strict) to accept these versions"
        )


class UndecidedError(ResolverError):
    """Report a search that was given up; `tried` is how many candidates it had looked at."""

    def __init__(self, tried: int) -> None:
        super().__init__(tried)
        self.tried = tried

    def __str__(self) -> str:
        return (
            f"no answer after {self.tried} candidates; narrow the requirements with == "
            "or a constraint on the names that have many versions"
        )


class SourceError(ResolverError):
    """Report an index, a folder or a wheel that could not be read; `place` is its address."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(place, reason)
        self.place = place
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class BrokenMetadataError(ResolverError):
    """Report a candidate whose metadata cannot be read; a resolution passes it over."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(file, reason)
        self.file = file
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.file} has unusable metadata: {self.reason}"


class ConfigurationError(ResolverError):
    """Report that pip could not be asked which index it uses."""

    def __init__(self, python: str, reason: str) -> None:
        super().__init__(python, reason)
        self.python = python
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"pip of {self.python} could not say which index it uses: {self.reason}; "
            'install pip there, or resolve from what is installed with index="never"'
        )


class TargetError(ResolverError):
    """Report an interpreter or a platform that cannot be described; `text` is what was said."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(text, reason)
        self.text = text
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.text!r} is no target: {self.reason}"
