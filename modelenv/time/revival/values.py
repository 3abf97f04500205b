"""The result of a revival: the rules that were applied, and whether the model runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from ...base.siblings import resolver
from ...base.text import brief, counted
from ...worker.verdict import Verdict

RuleName = Literal[
    "date", "python", "version", "conda", "setuptools", "wheel", "list", "module", "loader", "rows"
]


@dataclass(frozen=True, slots=True)
class AppliedRule:
    """A rule that was applied, why, and what is another than the old folder states.

    >>> print(AppliedRule("wheel", "no wheel of it is for Python 3.9", "regex 1 -> 2"))
    wheel: regex 1 -> 2 (no wheel of it is for Python 3.9)
    """

    name: RuleName
    reason: str
    change: str = ""
    """The change that was made; empty: nothing differs from what the folder states."""

    def __str__(self) -> str:
        """Return it as one line."""
        said = f"{self.change} ({self.reason})" if self.change else self.reason
        return f"{self.name}: {said}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revival:
    """The outcome of reviving a model; true if it lives, and its new folder stands."""

    old: Path
    """The path that was given; it is not changed."""
    path: Path
    """The new folder, if the model runs."""
    as_of: str
    """The date at which everything was resolved: RFC 3339, in UTC."""
    python: str
    """The Python that the pins are for."""
    pins: tuple[str, ...]
    """The pinned closure with which it was run last."""
    rules: tuple[AppliedRule, ...]
    verdict: Verdict
    written: bool
    locked: bool = False
    """Whether pylock.toml has every file with its hash."""
    notes: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether it lives."""
        return self.verdict.good and self.written

    def __bool__(self) -> bool:
        """Return `good`: whether the model runs."""
        return self.good

    @property
    def changes(self) -> tuple[str, ...]:
        """The differences from the old folder's statements, a text each."""
        return tuple(rule.change for rule in self.rules if rule.change)

    def __str__(self) -> str:
        """Return a short report, a fact a line."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.path if self.written else self.old}: {self.verdict}"
        locked = ", locked with hashes" if self.locked else ""
        count = counted(len(self.pins), "pin")
        yield f"as of {resolver.told_moment(self.as_of)}, Python {self.python}, {count}{locked}"
        yield from (f"  {rule}" for rule in self.rules)
        if not self.written:
            yield "nothing was written, and the old folder is as it was"
        yield from (f"note: {note}" for note in self.notes)

    def __repr__(self) -> str:
        """Return its first line, short."""
        return brief(self)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "schema": 1,
            "good": self.good,
            "old": str(self.old),
            "path": str(self.path) if self.written else None,
            "as_of": self.as_of,
            "python": self.python,
            "pins": list(self.pins),
            "rules": [asdict(rule) for rule in self.rules],
            "proof": self.verdict.to_json(),
            "written": self.written,
            "locked": self.locked,
            "notes": list(self.notes),
        }
