"""Replacing a builder's own version by the nearest one that is available."""

from __future__ import annotations

from collections.abc import Sequence

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ...base.siblings import resolver

WITH_PKG_RESOURCES = "<81"
"""The releases of setuptools that include ``pkg_resources``."""


def obtainable(
    lines: Sequence[str],
    target: resolver.Target,
    said: resolver.Lines,
    settings: resolver.IndexSettings | None = None,
) -> tuple[list[str], tuple[str, ...]]:
    """Return lines whose versions are available, and a sentence for each that was changed.

    A builder's own number (``setuptools==52.0.0.post20210125`` of Anaconda's) or label (``+mkl``)
    is on no index: it is dropped, or else the nearest version is chosen, and for setuptools one
    that includes ``pkg_resources``. Only for such lines is an index asked, with the options `said`
    and the `settings`; None: those of the environment.
    """
    found, notes = [], []
    for line in lines:
        asked = Requirement(line)
        version = _labelled(asked)
        counts = version is not None and target.admits(asked.marker)
        nearest = _nearest(asked, version, target, said, settings) if counts and version else asked
        found.append(str(nearest) if nearest is not asked else line)
        if nearest is not asked:
            notes.append(f"{line} is on no index: {nearest.name}{nearest.specifier} is taken")
    return found, tuple(notes)


def _labelled(asked: Requirement) -> Version | None:
    """Return the version that a line pins, if it has a builder's own number or label; else None."""
    specifiers = [*asked.specifier]
    if len(specifiers) != 1 or specifiers[0].operator not in ("==", "==="):
        return None
    try:
        version = Version(specifiers[0].version)
    except InvalidVersion:  # `==1.*`
        return None
    return version if version.local is not None or version.post is not None else None


def _nearest(
    asked: Requirement,
    version: Version,
    target: resolver.Target,
    said: resolver.Lines,
    settings: resolver.IndexSettings | None,
) -> Requirement:
    """Return the requirement at the nearest available version, or unchanged if it is available."""
    plain = Version(version.base_version)
    try:
        name = canonicalize_name(asked.name)
        sources = resolver.configured_sources(target, options=said.options, settings=settings)
        known = [each for source in sources for each in source.candidates(name)]
    except resolver.ResolverError:  # no index answers: the builder started from this version
        return _pinned(asked, f"=={plain}")
    usable = {each.version for each in known if not (each.unusable or each.yanked)}
    if any(each.version == version for each in known):
        return asked
    if plain in usable:
        return _pinned(asked, f"=={plain}")
    final = sorted(each for each in usable if not each.is_prerelease)
    below = [each for each in final if each < plain]
    if final:
        return _pinned(asked, f"=={below[-1] if below else final[0]}")
    return _pinned(asked, WITH_PKG_RESOURCES if asked.name == "setuptools" else f"=={plain}")


def _pinned(asked: Requirement, specifier: str) -> Requirement:
    changed = Requirement(str(asked))
    changed.specifier = SpecifierSet(specifier)
    return changed
