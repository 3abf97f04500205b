"""The error that an explanation ends in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ResolverError

if TYPE_CHECKING:
    from .relaxations import Edit


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
