"""The current status of pins on an index: yanked, or of an archived project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from packaging.version import InvalidVersion, Version

from ..base.indexes import Indexes
from ..base.settings import Settings
from ..base.siblings import resolver
from ..base.text import counted
from ..folder.model_folder import ModelFolder
from ..pins.pin_set import PinnedVersion
from ..wheels.advisories.pinned_versions import KnownVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPin:
    """A pin on which its index has a remark."""

    pin: KnownVersion
    standing: resolver.PinStanding
    models: int = 0
    """The number of models that have it, if several were audited."""

    @property
    def is_harmful(self) -> bool:
        """Whether its project is in quarantine."""
        return self.standing.status.is_quarantined

    def __str__(self) -> str:
        """Return the remark as a sentence."""
        models = f" ({counted(self.models, 'model')})" if self.models else ""
        return f"{'; '.join(self.standing.remarks)}{models}"

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        standing = self.standing
        return {
            "name": self.pin.name,
            "version": self.pin.version,
            "yanked": standing.yanked > 0,
            "reason": standing.reason,
            "status": standing.status.marker,
            "status_reason": standing.status.reason,
            "models": self.models,
        }


def told_pins(
    model: ModelFolder, pins: Iterable[KnownVersion], indexes: Indexes
) -> tuple[ToldPin, ...]:
    """Ask the indexes of a model for the current status of pins, whatever date it records.

    Pins whose wheels travel with it are skipped. Raises UnknownHostError, and the resolver's errors
    if an index does not answer.
    """
    sources = model.sources(Settings.from_environment().environment).undated()
    sources = sources.with_indexes(indexes)
    known = dict(_iter_readable(pins))
    _, asked = sources.split(known)
    found = sources.find(asked, model.pins.target())
    by_text = {(each.name, str(each.version)): known[each] for each in asked}
    return tuple(
        ToldPin(pin=by_text[each.name, each.version], standing=each) for each in found.standings
    )


def _iter_readable(pins: Iterable[KnownVersion]) -> Iterator[tuple[PinnedVersion, KnownVersion]]:
    for pin in sorted(pins):
        try:
            yield PinnedVersion(pin.name, Version(pin.version)), pin
        except InvalidVersion:  # no index has such a version
            continue
