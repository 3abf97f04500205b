"""Errors of engines, in words for the user."""

from __future__ import annotations

from dataclasses import dataclass

from ...base.errors import ModelenvError


@dataclass(eq=False)
class EngineFailedError(ModelenvError):
    """An engine, or a node of it, could not run a piece."""

    engine: str
    reason: str
    node: str = ""

    def __str__(self) -> str:
        where = f"on the node {self.node} of {self.engine}" if self.node else f"on {self.engine}"
        return f"{where}: {self.reason}"


class RunStoppedError(ModelenvError):
    """The run was stopped, or removed, before one of its batches was started."""
