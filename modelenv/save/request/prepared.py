"""Facts gathered before a model runs, since they do not depend on the run."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...base.siblings import resolver
from ...system.at_hand import SystemAtHand


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The distributions where a model runs, and what was already found about them."""

    installed: resolver.Installed
    system: SystemAtHand = field(default_factory=SystemAtHand)
    edits: resolver.Edits | None = None
    """The check of files against their installed state; None: none were checked."""
