"""What a list leads to: the whole closure of its lines, pinned, and which pins are too new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...base.siblings import resolver
from ..package_sources import PackageSources
from ..pin_set import PinSet, pinned_versions


def installed_closure(
    lines: Sequence[str], constraints: Sequence[str], installed: resolver.Installed
) -> tuple[bool, Sequence[str]]:
    """Return the closure of requirements that do not name all they need, where it is installed."""
    try:
        merged = resolver.merge(
            (), pip_requirements=lines, constraints=constraints, target=installed.target
        )
        resolution = resolver.resolve(merged, installed, index="never")
    except resolver.ResolverError:
        return False, lines
    return True, [str(pin.requirement) for pin in resolution.pins]


def iter_later(pins: PinSet, sources: PackageSources) -> Iterator[str]:
    """Name the pins that an index received later than it is asked as of, and when it did.

    That no index answers is told too. Raises ConfigurationError, UnknownHostError.
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
