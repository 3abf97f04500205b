"""Where candidates come from, behind one Protocol."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..candidates import Candidate, Metadata
    from .index import IndexSource as IndexSource
    from .installed import InstalledSource as InstalledSource
    from .memory import MemorySource as MemorySource
    from .wheels import WheelFolder as WheelFolder

__all__ = ["IndexSource", "InstalledSource", "MemorySource", "Source", "WheelFolder"]

_HOME = {
    "IndexSource": "index",
    "InstalledSource": "installed",
    "MemorySource": "memory",
    "WheelFolder": "wheels",
}


class Source(Protocol):
    """Be a place that knows candidates."""

    @property
    def label(self) -> str:
        """Name the kind of place, as a pin reports it: "installed", "index", ..."""

    def candidates(self, name: str) -> Sequence[Candidate]:
        """Return all that is known under a normalised name: the same objects each time."""

    def metadata(self, candidate: Candidate) -> Metadata:
        """Read what one of its candidates requires; raise `SourceError` where it cannot be read."""


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
