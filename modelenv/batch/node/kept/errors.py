"""Errors on a node before a model runs: the node, the attempts, the way out."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field

from ....base.errors import ModelenvError

PACK = (
    "on a machine that can, `modelenv pack -m MODEL -o FILE --with-python`, and give that file to"
    " BatchModel.of(..., environment=FILE): a node then needs neither an index nor that Python"
)

PLACE = "set MODELENV_CACHE_DIR for the engine's processes to a folder with room for it"


@dataclass(eq=False)
class NodeError(ModelenvError):
    """A node cannot provide the environment of a model."""

    reason: str
    tried: tuple[str, ...] = ()
    """The places searched and commands run, each with its result."""
    ways: tuple[str, ...] = ()
    node: str = field(default_factory=socket.gethostname)
    """The name of that machine."""

    def __str__(self) -> str:
        tried = "".join(f"\n  tried {each}" for each in self.tried)
        ways = "".join(f"\n  way out: {each}" for each in self.ways)
        return f"on the node {self.node}: {self.reason}{tried}{ways}"


@dataclass(eq=False)
class FilesError(ModelenvError):
    """A node does not have the files of a model as they were when its driver read them."""

    folder: str
    reason: str
    way_out: str
    node: str

    def __str__(self) -> str:
        return f"the model {self.folder} on the node {self.node}: {self.reason}\n{self.way_out}"
