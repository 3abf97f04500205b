"""Facts gathered before or while a model runs, since they do not depend on the run."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...base.siblings import resolver
from ...system.at_hand import SystemAtHand


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The distributions installed where a model runs, and what was found in them so far."""

    installed: resolver.Installed
    system: SystemAtHand = field(default_factory=SystemAtHand)
    edits: resolver.Edits | None = None
    """The check of installed files for edits; None if no file was checked yet."""
