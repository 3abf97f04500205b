"""What came of verifying one model of many."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..worker.verdict import Verdict

How = Literal["fork", "fresh"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedModel:
    """The verdict on one model of a unit, or why there is none."""

    folder: Path
    verdict: Verdict | None = None
    """None: it could not be verified."""
    error: Exception | None = None
    """Why there is no verdict: what `verify` of it alone raises."""
    cpu: float = 0.0
    """The seconds of processors that it took here and in processes of its own."""
    how: How = "fresh"
    """Whether it ran in a fork of a process that serves its unit, or in a fresh one of its own."""
    disagreement: str = ""
    """How the verdict of its fork differed from this one, of a fresh process: a fault of ours."""

    @property
    def good(self) -> bool:
        """Whether its environment is enough, and nothing disagreed."""
        return self.verdict is not None and self.verdict.good and not self.disagreement
