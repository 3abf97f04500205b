"""The status of a project on an index (PEP 792)."""

from __future__ import annotations

from typing import Literal, NamedTuple, cast, get_args

Marker = Literal["active", "archived", "deprecated", "quarantined"]

_MEANT: dict[Marker, str] = {
    "archived": "is archived: no new release of it is to be expected",
    "deprecated": "is deprecated: another may have taken its place",
    "quarantined": "is in quarantine there, as harmful: none of its files is taken",
}
_REASON = 200  # characters


class ProjectStatus(NamedTuple):
    """The status of a project, with the reason."""

    marker: Marker = "active"
    reason: str = ""
    """The reason in the index's words, on one line; empty if it gives none."""

    @classmethod
    def of(cls, marker: object, reason: object) -> ProjectStatus:
        """Return a known status; ACTIVE for unknown and invalid ones.

        >>> ProjectStatus.of("archived", "use another").remarks
        ('the project is archived: no new release of it is to be expected ("use another")',)
        >>> ProjectStatus.of("asleep", "") == ProjectStatus.of([], {}) == ProjectStatus()
        True
        """
        if not isinstance(marker, str) or marker not in get_args(Marker):
            return cls()
        why = " ".join(reason.split())[:_REASON] if isinstance(reason, str) else ""
        return cls(cast("Marker", marker), why)

    @classmethod
    def of_json(cls, stated: object) -> ProjectStatus:
        """Return the status in the `project-status` of a JSON page."""
        about = stated if isinstance(stated, dict) else {}
        return cls.of(about.get("status"), about.get("reason"))

    @property
    def is_quarantined(self) -> bool:
        """Whether it must not be installed."""
        return self.marker == "quarantined"

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return sentences about the project; none for an active one."""
        meant = _MEANT.get(self.marker)
        why = f' ("{self.reason}")' if self.reason else ""
        return (f"the project {meant}{why}",) if meant else ()


ACTIVE = ProjectStatus()
"""The status of a project whose page names none."""
