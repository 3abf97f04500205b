"""The record in MLmodel of an upgrade: its source, the changes, and what stopped it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from ....base.text import counted, short_exponent
from ..typed import Stated, lines, number, text


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeRecord:
    """The record of an upgrade in the folder that it wrote."""

    source: str
    """The name of the folder that was upgraded."""
    python: str
    """The Python version of that folder."""
    tolerance: float
    """The relative tolerance for floats, as a part of the larger one."""
    changes: tuple[str, ...]
    """The changed pins, as ``numpy==1.26.4 -> numpy==2.4.6``."""
    stopped: tuple[str, ...] = ()
    """The pins that could not move, with the reasons."""
    foreseen: tuple[str, ...] = ()
    """Known silent changes of behaviour that no example showed."""
    warnings: tuple[str, ...] = ()
    """Warnings of libraries."""

    def __str__(self) -> str:
        """Return a summary of a few lines, without the individual changes and warnings."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        moved = counted(len(self.changes), "change")
        yield (
            f"upgraded from {self.source}, Python {self.python}: {moved}, with the same prediction"
            f" within {short_exponent(self.tolerance)}"
        )
        yield from (f"upgraded, stopped: {each}" for each in self.stopped)
        yield from (f"upgraded, may differ: {each}" for each in self.foreseen)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data, in its form in MLmodel."""
        fields = {name: _plain(value) for name, value in asdict(self).items() if name != "source"}
        return {"from": self.source, **fields}


def upgrade_record(said: Stated) -> UpgradeRecord:
    """Return the record. Raises BadFolderError."""
    return UpgradeRecord(
        source=text(said.at("from")),
        python=text(said.at("python")),
        tolerance=number(said.at("tolerance")),
        changes=lines(said.at("changes")),
        stopped=said.get("stopped", lines, ()),
        foreseen=said.get("foreseen", lines, ()),
        warnings=said.get("warnings", lines, ()),
    )


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
