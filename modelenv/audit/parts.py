"""The contents of the wheels of pins, from the bills of materials in them (PEP 770)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ..base.siblings import resolver
from ..base.text import counted, few
from ..export.bill.libraries import key_of, libraries_of
from ..wheels.advisories.pinned_versions import KnownVersion
from ..wheels.carried_bills import wheel_bills
from .package_urls import PackageUrl


@dataclass(slots=True)
class WheelParts:
    """The contents of the wheels of some pins."""

    within: dict[KnownVersion, list[str]] = field(default_factory=dict)
    """Packages that advisories may cover, each with the pins whose wheels contain it."""
    unjudged: list[str] = field(default_factory=list)
    """Packages that they do not cover, a sentence for each wheel."""

    @classmethod
    def of(cls, pins: Iterable[KnownVersion], installed: resolver.Installed) -> WheelParts:
        """Read the bills in the wheels of pins that are installed."""
        parts, absent = cls(), []
        for pin in sorted(pins):
            found = installed.get(pin.name)
            if found is not None and _is_same(found.version, pin.version):
                parts._read(pin, found)
            else:
                absent.append(str(pin))
        if absent:
            count = counted(len(absent), "pin")
            where = "name an interpreter that has them (--python)"
            parts.unjudged.append(
                f"what is in the wheels of {count} not installed here ({few(absent)}): {where}"
            )
        return parts

    def _read(self, pin: KnownVersion, distribution: resolver.Distribution) -> None:
        others: list[str] = []
        named: set[str] = set()
        for bill in wheel_bills(distribution):
            if isinstance(bill, str):
                self.unjudged.append(f"{pin}: {bill}")
                continue
            for said in bill.components():
                named.add(key_of(str(said.get("name", ""))))
                self._take(pin, said, others)
        billless = (each.name for each in libraries_of(distribution) if each.key not in named)
        unnamed = sorted({*billless})
        if others:
            self.unjudged.append(
                f"in {pin}, of no ecosystem whose advisories are read: {few(sorted({*others}))}"
            )
        if unnamed:
            self.unjudged.append(
                f"in {pin}, of unknown origin, as no bill names it: {few(unnamed)}"
            )

    def _take(self, pin: KnownVersion, said: Mapping[str, Any], others: list[str]) -> None:
        """Add a component of a bill, if it is in the wheel and not part of the wheel's project."""
        purl = PackageUrl.read(said.get("purl"))
        if said.get("scope") == "excluded" or _is_own(pin, purl, said):
            return
        known = purl.known if purl is not None else None
        if known is not None:
            holders = self.within.setdefault(known, [])
            holders += [] if str(pin) in holders else [str(pin)]
        elif said.get("version"):
            others.append(f"{said.get('name')} {said['version']}")


def _is_own(pin: KnownVersion, purl: PackageUrl | None, said: Mapping[str, Any]) -> bool:
    """Return whether a component is the wheel, a module of it, or a crate in its source."""
    if purl is None:
        return not said.get("version")
    is_local = purl.qualifiers.get("download_url", "").startswith("file:")
    return is_local or (purl.kind == "pypi" and canonicalize_name(purl.name) == pin.name)


def _is_same(installed: Version, pinned: str) -> bool:
    try:
        return installed == Version(pinned)
    except InvalidVersion:
        return False
