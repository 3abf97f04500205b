"""What is installed: one candidate for each name, known without network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..candidates import Candidate
from ..references import references

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..candidates import Metadata
    from ..installed import Installed


class InstalledSource:
    """Answer from one interpreter's path."""

    label = "installed"

    def __init__(self, installed: Installed) -> None:
        self._installed = installed
        self._candidates: dict[str, tuple[Candidate, ...]] = {}
        self._metadata: dict[Candidate, Metadata] = {}

    def candidates(self, name: str) -> Sequence[Candidate]:
        """Return the installed one, or nothing."""
        if name not in self._candidates:
            self._candidates[name] = self._look_up(name)
        return self._candidates[name]

    def metadata(self, candidate: Candidate) -> Metadata:
        """Read what an installed distribution says of others."""
        return self._metadata[candidate]

    def _look_up(self, name: str) -> tuple[Candidate, ...]:
        found = self._installed.get(name)
        if found is None:
            return ()
        # Requires-Python is left out: what is installed was seen to run.
        made = Candidate(found.name, found.version, self, references=references(found.direct_url))
        self._metadata[made] = found
        return (made,)
