"""The chosen extras and groups of a uv project, as markers name conflicting ones."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..marks import ALWAYS, Alternatives, read_marker
from ..values import Selection

_EXTRA = re.compile(r"extra (?P<operator>==|!=) [\"'](?P<name>[^\"']*)[\"']")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The chosen extras and groups of the projects of a lock."""

    selection: Selection
    known: frozenset[str]
    """The names in markers that test whether something is chosen."""

    @classmethod
    def of(cls, projects: Iterable[str], selection: Selection) -> Chosen:
        """Return the chosen names as uv spells them, with their kind and the project's length."""
        kinds = (("extra", selection.extras), ("group", selection.groups))
        named = {
            f"{kind}-{len(project)}-{project}-{name}"
            for project in projects
            for kind, names in kinds
            for name in names
        }
        whole = {f"project-{len(project)}-{project}" for project in projects}
        return cls(selection, frozenset(named | whole))

    def read(self, marker: str) -> Alternatives:
        """Return the alternatives of a marker of the lock. Raises InvalidMarker."""
        return read_marker(marker, self._truth) if marker else ALWAYS

    def _truth(self, comparison: str) -> bool | None:
        asked = _EXTRA.fullmatch(comparison)
        if asked is None:
            return None
        return (asked["name"] in self.known) == (asked["operator"] == "==")
