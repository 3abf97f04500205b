"""What goes wrong with an engine, in words for its user."""

from __future__ import annotations

from dataclasses import dataclass

from ...base.errors import ModelenvError


@dataclass(eq=False)
class EngineFailedError(ModelenvError):
    """An engine, or a node of it, could not do a piece."""

    engine: str
    reason: str
    node: str = ""

    def __str__(self) -> str:
        where = f"on the node {self.node} of {self.engine}" if self.node else f"on {self.engine}"
        return f"{where}: {self.reason}"


class RunStoppedError(ModelenvError):
    """The run was stopped, or removed, before a batch of it was begun."""
