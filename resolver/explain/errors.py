"""The error that an explanation ends in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import ResolverError

if TYPE_CHECKING:
    from ..search.unbuilt import Unbuilt
    from .relaxations import Edit


@dataclass(eq=False)
class ConflictError(ResolverError):
    """Requirements that cannot all be met.

    `sentences` say which requirements on `names` clash, and where they come from. `advice` says
    what to change. `edits` are changes that were tried; each suffices alone. `target` names the one
    of several that they are for.
    """

    sentences: tuple[str, ...]
    advice: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    names: tuple[str, ...] = ()
    target: str = ""

    def __str__(self) -> str:
        where = f" for {self.target}" if self.target else ""
        head = f"the requirements cannot all be met{where}:"
        return "\n".join((head, *self.sentences, *self.advice))


@dataclass(eq=False)
class UnbuiltError(ConflictError):
    """A choice with distributions whose requirements are unknown before a build (`unbuilt`).

    A sentence for each says why its source distribution does not state them, and what depends on
    it.
    """

    unbuilt: tuple[Unbuilt, ...] = ()

    def __str__(self) -> str:
        where = f" for {self.target}" if self.target else ""
        head = (
            f"there is a source distribution only{where}, which does not say what it requires (PEP"
            " 643), so it has to be built:"
        )
        return "\n".join((head, *self.sentences, *self.advice))
