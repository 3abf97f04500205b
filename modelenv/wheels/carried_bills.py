"""Read the bills of materials in wheels (PEP 770): CycloneDX in ``.dist-info/sboms``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.files.bounded import UntrustedFileError, read_json
from ..base.siblings import resolver

_FOLDER = "sboms"
_LARGEST = 32_000_000  # bytes


@dataclass(frozen=True, slots=True)
class WheelBill:
    """A bill of materials in an installed wheel."""

    file: str
    """Its path in the wheel."""
    document: Mapping[str, Any]

    @property
    def root(self) -> Mapping[str, Any]:
        """The component that the bill describes; empty if it names none."""
        metadata = self.document.get("metadata")
        found = metadata.get("component") if isinstance(metadata, dict) else None
        return found if isinstance(found, dict) else {}

    def components(self) -> Iterator[Mapping[str, Any]]:
        """Yield the bill's components: its root, the listed ones, and those nested in them."""
        listed = self.document.get("components")
        waiting = [*reversed(listed if isinstance(listed, list) else []), self.root]
        while waiting:
            said = waiting.pop()
            if isinstance(said, dict) and said:
                yield said
                within = said.get("components")
                waiting += reversed(within if isinstance(within, list) else [])


def wheel_bills(distribution: resolver.Distribution) -> Iterator[WheelBill | str]:
    """Yield the bills of an installed distribution; a sentence for one that cannot be read."""
    for path in sorted(distribution.record):
        parts = path.split("/")
        if len(parts) > 2 and parts[0].endswith(".dist-info") and parts[1] == _FOLDER:
            yield _read(path, Path(distribution.location) / path)


def _read(path: str, file: Path) -> WheelBill | str:
    if not path.endswith(".json"):
        return f"{path} is not in CycloneDX's JSON format"
    try:
        document = read_json(file, largest=_LARGEST, links=True)
    except (UntrustedFileError, OSError) as error:
        return f"{path} cannot be read: {error}"
    if not isinstance(document, dict) or document.get("bomFormat") != "CycloneDX":
        return f"{path} is not in CycloneDX's format"
    return WheelBill(path, document)
