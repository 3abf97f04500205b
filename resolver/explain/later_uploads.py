"""Versions that would suit, but that no index had at the requested moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..moments import told_moment
from ..sources.protocol import Dated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from packaging.version import Version

    from ..search.graph import Need
    from ..sources.protocol import Source

_FEW = 3


def uploaded_later(name: str, needs: Sequence[Need], sources: Iterable[Source]) -> Iterator[str]:
    """Yield, for each source, the admitted versions that it received too late, and when.

    The first of them comes first: its day is the nearest to ask as of.
    """
    for source in sources:
        if not isinstance(source, Dated) or source.as_of is None:
            continue
        found = {
            version: when
            for version, when in source.later(name).items()
            if all(_admits(need, version) for need in needs)
        }
        if found:
            said = [f"{each} ({when[:10]})" for each, when in _in_time(found)[:_FEW]]
            more = f" and {len(found) - _FEW:,} later" if len(found) > _FEW else ""
            by = f" ({source.said_by})" if source.said_by else ""
            yield f"Uploaded after {told_moment(source.as_of)}{by}: {', '.join(said)}{more}."


def _in_time(found: dict[Version, str]) -> list[tuple[Version, str]]:
    return sorted(found.items(), key=lambda each: (each[1], each[0]))


def _admits(need: Need, version: Version) -> bool:
    asked = need.requirement
    return not asked.url and asked.specifier.contains(version, prereleases=True)
