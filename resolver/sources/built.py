"""Wheels that were built here, since nothing else said what they require."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..index.session import Access
from ..index.simple_api import Link
from .links import LinkSource
from .protocol import BUILT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from ..target import Target


class BuiltWheels(LinkSource):
    """Wheel files, wherever they lie; each takes the place of what it was built of."""

    label = BUILT

    def __init__(self, wheels: Iterable[Path], target: Target) -> None:
        super().__init__(target, Access())
        self._all = tuple(Link(file.name, file.absolute().as_uri()) for file in wheels)

    def links(self, name: str) -> Sequence[Link]:  # noqa: ARG002  # an index asks by the name
        """Return every file."""
        return self._all
