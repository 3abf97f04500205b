"""What can go wrong on a node before a model runs: the node, what was tried, the way out."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field

from .....base.errors import ModelenvError

PACK = (
    "on a machine that can, `modelenv pack MODEL -o FILE`, and give that file to"
    " BatchModel.of(..., environment=FILE): a node then needs neither an index nor that Python"
)


@dataclass(eq=False)
class NodeError(ModelenvError):
    """A node cannot have the environment of a model."""

    reason: str
    tried: tuple[str, ...] = ()
    """What was looked at, or done, with what came of it."""
    ways: tuple[str, ...] = ()
    node: str = field(default_factory=socket.gethostname)

    def __str__(self) -> str:
        tried = "".join(f"\n  tried {each}" for each in self.tried)
        ways = "".join(f"\n  way out: {each}" for each in self.ways)
        return f"on the node {self.node}: {self.reason}{tried}{ways}"
