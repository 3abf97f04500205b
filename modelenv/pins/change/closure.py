"""What an open list leads to: the whole closure of its lines, pinned."""

from __future__ import annotations

from collections.abc import Sequence

from ...base.siblings import resolver


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
