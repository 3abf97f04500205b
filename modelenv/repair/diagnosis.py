"""A diagnosis: the problem, the evidence, and what repairs it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ..base.text import brief


@dataclass(frozen=True, slots=True)
class SuggestedEdit:
    """A change of the requirements: a line that is added, or that replaces those on its name."""

    requirement: str

    def __str__(self) -> str:
        """Return it in words."""
        return f"require {self.requirement}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """The reason why a run failed."""

    rule: str
    """The rule that matched: ``missing-module``."""
    problem: str
    """The problem, in one sentence."""
    subject: str = ""
    """The missing or wrong thing: a distribution, a module, a file, a library, a version."""
    stage: str = ""
    evidence: tuple[str, ...] = ()
    edit: SuggestedEdit | None = None
    """The change of the requirements that mends it; None: no change does."""
    remedy: str = ""
    """The remedy if changed requirements do not suffice; else the command for the edit."""
    alternatives: tuple[str, ...] = ()
    """Other requirements that would suffice."""
    certain: bool = True
    """False if it is a guess."""

    def __str__(self) -> str:
        """Return it as a few lines of text."""
        lines = [self.problem if self.certain else f"{self.problem} (a guess)"]
        lines += [f"stage: {self.stage}"] if self.stage else []
        lines += [f"evidence: {each}" for each in self.evidence]
        lines += [f"or: {', '.join(self.alternatives)}"] if self.alternatives else []
        lines += [f"mend: {self.remedy}"] if self.remedy else []
        return "\n".join(lines)

    def __repr__(self) -> str:
        """Return its first line, short."""
        return brief(self)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"schema": 1, **asdict(self)}
