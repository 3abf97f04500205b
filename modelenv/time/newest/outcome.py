"""The result of an upgrade: the newest good set, the changes, the stops, and the trials."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from textwrap import shorten
from typing import Any

from ...base.text import brief, counted, short_exponent
from ...folder.documents.recorded.upgrade_record import UpgradeRecord
from ...wheels.advisories.pinned_versions import VulnerablePin
from ..breaks.breaks import PickleBreak
from ..trials.pins import TrialPins
from ..trials.tried import LibraryWarning, Tried
from .limits import PYTHON

_LONGEST = 240


@dataclass(frozen=True, slots=True)
class Stop:
    """A distribution, or Python, that is not at its newest version, and the reason.

    >>> print(Stop("scikit-learn", "1.2.2", "1.3.2", "ValueError: another format", retrain=True))
    scikit-learn stays at 1.2.2: with 1.3.2 ValueError: another format
    >>> print(Stop("joblib", "1.5.3", "1.6.0", "no such module", "joblib 1.6 lacks it"))
    joblib stays at 1.5.3: joblib 1.6 lacks it (with 1.6.0 no such module)
    """

    name: str
    kept: str
    """The version that it has in the newest good set."""
    failed: str
    """The nearest newer version that was tried."""
    reason: str
    """The result of that trial."""
    because: str = ""
    """A sentence about known reasons for it; empty: none is known."""
    retrain: bool = False
    """Whether a newer version cannot use the model's own data, so that it has to be retrained."""

    def __str__(self) -> str:
        """Return it as one line."""
        said = shorten(self.reason, _LONGEST, placeholder=" …")
        name = "Python" if self.name == PYTHON else self.name
        said = f"with {self.failed} {said}"
        known = f"{self.because} ({said})" if self.because else said
        return f"{name} stays at {self.kept}: {known}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """The outcome of an upgrade; true if a newer set gives the same prediction."""

    old: Path
    """The folder that was given; it is not changed."""
    path: Path
    """The new folder, if it was written."""
    before: TrialPins
    after: TrialPins
    """The newest set with the same prediction; the one before if there is none."""
    best: Tried | None
    """The trial of that set; None if none was tried, or none was good."""
    tried: tuple[Tried, ...]
    """All trials, in their order."""
    relative: float
    """The relative tolerance for two floats, as a part of the larger one."""
    stops: tuple[Stop, ...] = ()
    vulnerable: tuple[VulnerablePin, ...] = ()
    """Advisories that concern the set before."""
    left: tuple[VulnerablePin, ...] = ()
    """Advisories that concern the set after."""
    foreseen: tuple[PickleBreak, ...] = ()
    """Known silent changes in the set after, though no example shows them."""
    written: bool = False
    locked: bool = False
    """Whether pylock.toml has every file with its hash."""
    notes: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether there is a newer set with the same prediction."""
        return self.best is not None and self.best.good

    def __bool__(self) -> bool:
        """Return `good`."""
        return self.good

    @property
    def builds(self) -> int:
        """The number of environments that were built."""
        return len(self.tried)

    @property
    def changes(self) -> tuple[str, ...]:
        """The changes of the newer set, in words."""
        return self.after.changes_from(self.before)

    @property
    def mended(self) -> tuple[VulnerablePin, ...]:
        """Advisories that concern the set before, and not the one after."""
        still = {(each.pin.name, each.ids) for each in self.left}
        return tuple(each for each in self.vulnerable if (each.pin.name, each.ids) not in still)

    @property
    def warnings(self) -> tuple[LibraryWarning, ...]:
        """Warnings of the libraries in the newer set."""
        return self.best.warnings if self.best is not None and self.best.good else ()

    def __str__(self) -> str:
        """Return a short report, a fact a line."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        builds = counted(self.builds, "build")
        if self.best is None:
            yield f"{self.old}: nothing newer was found with the same prediction ({builds})"
        else:
            place = self.path if self.written else self.old
            yield f"{place}: {self.best.verdict}"
            yield (
                f"the newest set with the same prediction, within"
                f" {short_exponent(self.relative)}; {builds}"
            )
            yield from (f"  {change}" for change in self.changes)
        yield from (f"stopped: {stop}" for stop in self.stops)
        if any(stop.retrain for stop in self.stops):
            names = ", ".join(stop.name for stop in self.stops if stop.retrain)
            yield f"to go further with {names}, retrain the model or export it anew"
        yield from (f"mended: {shorten(str(each), _LONGEST)}" for each in self.mended)
        yield from (f"not mended: {shorten(str(each), _LONGEST)}" for each in self.left)
        yield from (f"may differ: {each}" for each in self.expected)
        yield from (f"warned: {shorten(str(each), _LONGEST)}" for each in self.warnings)
        if not self.written:
            yield "nothing was written, and the folder is as it was"
        yield from (f"note: {note}" for note in self.notes)

    @property
    def expected(self) -> tuple[str, ...]:
        """A sentence for each known silent change."""
        return tuple(self._iter_expected())

    def _iter_expected(self) -> Iterator[str]:
        for each in self.foreseen:
            avoided = f" ({each.avoided} avoids it)" if each.avoided else ""
            yield (
                f"{each.because}: no example shows it, so compare what else you ask of the model"
                f"{avoided}"
            )

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
            "before": asdict(self.before),
            "after": asdict(self.after),
            "changes": list(self.changes),
            "stops": [asdict(stop) for stop in self.stops],
            "vulnerable": [each.to_json() for each in self.vulnerable],
            "left": [each.to_json() for each in self.left],
            "foreseen": list(self.expected),
            "warnings": [asdict(each) for each in self.warnings],
            "tolerance": self.relative,
            "builds": self.builds,
            "tried": [each.to_json() for each in self.tried],
            "proof": self.best.verdict.to_json() if self.best is not None else None,
            "written": self.written,
            "locked": self.locked,
            "notes": list(self.notes),
        }


def recorded(upgrade: Upgrade) -> UpgradeRecord:
    """Return the record of an upgrade for MLmodel."""
    return UpgradeRecord(
        source=upgrade.old.name,
        python=upgrade.before.python,
        tolerance=upgrade.relative,
        changes=upgrade.changes,
        stopped=tuple(map(str, upgrade.stops)),
        foreseen=tuple(each.because for each in upgrade.foreseen),
        warnings=tuple(map(str, upgrade.warnings)),
    )
