"""What is found out before a model has run, since it is the same whatever the run shows."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...base.siblings import resolver
from ...system.at_hand import SystemAtHand


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What is installed where a model runs, and what was looked at already."""

    installed: resolver.Installed
    system: SystemAtHand = field(default_factory=SystemAtHand)
    edits: resolver.Edits | None = None
    """Where files were looked at, whether they are as they were installed."""
