"""What an index says of a whole project (PEP 792)."""

from __future__ import annotations

from typing import NamedTuple

_QUARANTINED = "quarantined"
_MEANT = {
    "archived": "is archived: no new release of it is to be expected",
    "deprecated": "is deprecated: another may have taken its place",
    _QUARANTINED: "is in quarantine there, as harmful: none of its files is taken",
}
_REASON = 200  # characters


class Status(NamedTuple):
    """The status of a project, and why it has it; both empty where it is as projects are."""

    name: str = ""
    reason: str = ""

    @classmethod
    def of(cls, name: object, reason: object) -> Status:
        """Return a known status; for what is no status, and for others ("active"), the usual one.

        >>> Status.of("archived", "use another").remarks
        ('the project is archived: no new release of it is to be expected ("use another")',)
        >>> Status.of("active", ""), Status.of([], {})
        (Status(name='', reason=''), Status(name='', reason=''))
        """
        if not isinstance(name, str) or name not in _MEANT:
            return cls()
        return cls(name, " ".join(reason.split())[:_REASON] if isinstance(reason, str) else "")

    @classmethod
    def of_json(cls, stated: object) -> Status:
        """Return the status that the `project-status` of a JSON page has."""
        about = stated if isinstance(stated, dict) else {}
        return cls.of(about.get("status"), about.get("reason"))

    @property
    def is_quarantined(self) -> bool:
        """Whether nobody is to install it."""
        return self.name == _QUARANTINED

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return what is to be said of the project."""
        why = f' ("{self.reason}")' if self.reason else ""
        return (f"the project {_MEANT[self.name]}{why}",) if self.name else ()
