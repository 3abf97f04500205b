"""The minimal environment of a case: what is truly needed, at the source's versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.version import Version

from ..running.closure import closure

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from packaging.requirements import Requirement
    from packaging.utils import NormalizedName

    from ..authors.source import Source
    from ..running.environments import Builder, Environment


def find_needed(
    source: Source, builder: Builder, roots: Iterable[Requirement]
) -> frozenset[NormalizedName]:
    """Return the names of `roots` and what they declare; raises `NotInstalledError`."""
    return closure(roots, source.installed(), builder.markers())


def build_minimal(
    source: Source, builder: Builder, needed: Iterable[NormalizedName]
) -> Environment:
    """Build an environment of the needed ones at the source's versions, and of nothing else.

    What the author edited and the model needs so is edited there too.
    """
    after = source.case.after_install if source.case.edited else None
    return _build(source, builder, needed, after)


def build_unedited(
    source: Source, builder: Builder, needed: Iterable[NormalizedName]
) -> Environment:
    """Build the minimal environment as an index has it, of a case whose author edited some."""
    return _build(source, builder, needed, None)


def _build(
    source: Source, builder: Builder, needed: Iterable[NormalizedName], after: Path | None
) -> Environment:
    installed = source.installed()
    pins = []
    for name in sorted(needed):
        version = Version(installed[name].version)
        wheel = source.wheels.get((name, version))
        pins.append(str(wheel) if wheel else f"{name}=={version}")
    return builder.environment(pins, ["--no-deps"], after=after)
