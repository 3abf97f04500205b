"""Files that are named by address and hash, found where no index is asked.

pip 26.3 and uv 0.13.9 follow the addresses in a lock in spite of ``--no-index``, and neither looks
for its files where ``--find-links`` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)

from ...base.siblings import resolver
from ..package_sources import PackageSources
from ..pin_set import PinnedVersion


def who_forbids(sources: PackageSources) -> str:
    """Return the option that lets no index be asked; empty: one may be."""
    if sources.indexes.no_index:
        return "--no-index"
    try:
        return resolver.index_forbidden_by(settings=sources.indexes.settings)
    except resolver.ResolverError:  # without a pip nothing is configured
        return ""


def at_hand(
    files: Mapping[str, Iterable[str]], sources: PackageSources, target: resolver.Target
) -> dict[str, str]:
    """Return where files are, by their names: among the folder's wheels, or as --find-links says.

    `files` maps a name to the hashes of which the file must have one. A file that is at none of
    these places is left out. Raises UnknownHostError and ConfigurationError.
    """
    named = {pin: file for file in files if (pin := _pin_of(file)) is not None}
    places = sources.find(named, target, every=True, tolerant=True).files
    found: dict[str, str] = {}
    for pin, file in named.items():
        for each in places.get(pin.name, ()):
            if resolver.bears_one_of(each.url, each.hashes, files[file]):
                found[file] = each.url
    return found


def _pin_of(file: str) -> PinnedVersion | None:
    """Return the name and version of a distribution's file; None for another one."""
    try:
        if file.endswith(".whl"):
            name, version, *_ = parse_wheel_filename(file)
        else:
            name, version = parse_sdist_filename(file)
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None
    return PinnedVersion(name, version)
