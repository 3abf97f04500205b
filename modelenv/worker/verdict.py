"""What came of predicting again somewhere else."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Status = Literal["reproduces", "runs", "differs", "fails"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome of one prediction in an isolated environment."""

    status: Status
    """`runs`: it predicted, but nothing certain could be compared (it is not deterministic)."""
    where: str
    """The environment, in words."""
    reason: str
    """One sentence: how equal it was, or what went wrong."""
    stage: str = ""
    """Where a failing run stopped."""
    missing: tuple[str, ...] = ()
    """Modules that a failing run did not find."""
    detail: str = ""
    """The traceback, or the end of what was printed."""
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether the environment is enough."""
        return self.status in ("reproduces", "runs")

    def __str__(self) -> str:
        """Give the verdict in one line."""
        stage = f" ({self.stage})" if self.stage else ""
        return f"{self.status} in {self.where}{stage}: {self.reason}"

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as plain data."""
        return {"schema": 1, **asdict(self)}


def proof(verdict: Verdict | None) -> dict[str, str]:
    """Return what MLmodel says of a proof; without a verdict nothing was proven."""
    if verdict is None:
        return {"status": "unproven"}
    return {"status": verdict.status, "where": verdict.where, "reason": verdict.reason}
