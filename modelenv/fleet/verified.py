"""The result of verifying one model of many."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..worker.verdict import Verdict

How = Literal["fork", "fresh"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedModel:
    """The verdict on one model of a unit, or the error without one."""

    folder: Path
    verdict: Verdict | None = None
    """None: it could not be verified."""
    error: Exception | None = None
    """The error that `verify` would raise; None: there is a verdict."""
    cpu: float = 0.0
    """The CPU time in seconds, here and in processes of its own."""
    how: How = "fresh"
    """Whether it ran in a fork of its unit's process, or in a fresh process of its own."""
    disagreement: str = ""
    """The difference of its fork's verdict from this one of a fresh process, which is a
    bug of ours.
    """

    @property
    def good(self) -> bool:
        """Whether its environment is complete, and the verdicts agree."""
        return self.verdict is not None and self.verdict.good and not self.disagreement
