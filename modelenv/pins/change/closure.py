"""The complete closure of a list's lines, and the pins that are newer than the recorded date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...base.siblings import resolver
from ..package_sources import PackageSources
from ..pin_set import PinSet, pinned_versions


def installed_closure(
    lines: Sequence[str], constraints: Sequence[str], installed: resolver.Installed
) -> tuple[bool, Sequence[str]]:
    """Return whether the closure of the lines is installed, and its pins; else the lines."""
    try:
        merged = resolver.merge(
            (), pip_requirements=lines, constraints=constraints, target=installed.target
        )
        resolution = resolver.resolve(merged, installed, index="never")
    except resolver.ResolverError:
        return False, lines
    return True, [str(pin.requirement) for pin in resolution.pins]


def iter_later(pins: PinSet, sources: PackageSources) -> Iterator[str]:
    """Yield a note on the pins that an index received after the date of resolution.

    If no index answers, the note says so. Raises ConfigurationError, UnknownHostError.
    """
    as_of = sources.indexes.dated
    versions = pinned_versions(pins.applicable())
    try:
        found = sources.find(versions, pins.target(), every=True)
    except resolver.SourceError as error:
        yield f"which pins are later than {as_of} is not known: {error}"
        return
    if found.later:
        named = (f"{pin} (on {when[:10]})" for pin, when in found.later.items())
        yield f"later than {as_of} its index received {', '.join(named)}"
