"""The keys of outcomes: the model's content, the task's options, the versions in use."""

from __future__ import annotations

import json
import platform
import sys
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from ...base import VERSION
from .unit import FleetTask


@dataclass(frozen=True, slots=True)
class OutcomeKeys:
    """The keys of one task's outcomes."""

    asked: str
    """Their common part."""
    by_place: bool

    @classmethod
    def of(cls, task: FleetTask) -> OutcomeKeys:
        """Return the keys of a task's outcomes with this modelenv and this Python."""
        here = (VERSION, sys.version, sys.prefix, platform.machine(), sys.platform)
        asked = json.dumps((task.name, task.said(), here), sort_keys=True, default=str)
        return cls(blake2b(asked.encode(), digest_size=16).hexdigest(), task.writes)

    def key(self, model: Path, content: str) -> str:
        """Return the key of a model; copies have the same one, unless the task writes to them."""
        place = str(model) if self.by_place else ""
        said = f"{self.asked}\0{content}\0{place}".encode("utf-8", "surrogateescape")
        return blake2b(said, digest_size=16).hexdigest()


def default_file(state: Path, task: FleetTask, root: str) -> Path:
    """Return the default state file of a task on the fleet in a folder."""
    named = blake2b(root.encode("utf-8", "surrogateescape"), digest_size=8)
    return state / "fleets" / f"{task.name}-{named.hexdigest()}.sqlite3"
