"""Lines of the user's that count on other targets than a model's own: the list keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from packaging.markers import Marker
from packaging.utils import canonicalize_name

from ...base.siblings import envfiles, resolver
from ..reasons import asked_for

_PLATFORMS = (
    *("linux_x86_64", "linux_aarch64", "macosx_arm64", "macosx_x86_64"),
    *("win_amd64", "win_arm64"),
)
_LISTS = ("pip_requirements", "extra_pip_requirements")
_PYTHONS = range(8, 16)
"""The minor versions of Python 3 that a model can be locked for."""


def idle_lines(
    lines: Iterable[resolver.Line], target: resolver.Target, standing: Iterable[str] = ()
) -> tuple[resolver.Line, ...]:
    """Return the lines that another target installs, of names that this target does not.

    `standing` are further names that it installs. Lines that name a place are not among them: their
    address may hold a login.
    """
    listed = tuple(lines)
    here = {_name(each) for each in listed if target.admits(each.requirement.marker)} | {*standing}
    return tuple(
        each
        for each in listed
        if _name(each) not in here
        and each.requirement.url is None
        and _counts_elsewhere(each.requirement.marker)
    )


def idle_entries(lines: Iterable[resolver.Line]) -> Iterator[envfiles.Entry]:
    """Yield them as lines of a folder's list, as they were written."""
    for each in lines:
        comment = asked_for(each.origin.text)
        yield envfiles.Entry(str(each.requirement), comment, hashes=each.hashes)


def idle_notes(lines: Iterable[resolver.Line], notes: Iterable[str] = ()) -> Iterator[str]:
    """Yield the resolver's notes without those that leave such lines out, then one on each."""
    origins = [str(each.origin) for each in lines]
    left_out = tuple(f"left out: {each} (" for each in origins)
    yield from (each for each in notes if not each.startswith(left_out))
    yield from (f"kept for other targets (modelenv lock --platform): {each}" for each in origins)


def listed(lines: Iterable[resolver.Line]) -> tuple[resolver.Line, ...]:
    """Return those of a save's lines that are for the list, not constraints or overrides."""
    return tuple(each for each in lines if each.origin.layer in _LISTS)


def _name(line: resolver.Line) -> str:
    return canonicalize_name(line.requirement.name)


def _counts_elsewhere(marker: Marker | None) -> bool:
    return any(each.admits(marker) for each in _targets())


def _targets() -> Iterator[resolver.Target]:
    for platform in _PLATFORMS:
        told = resolver.Target.of("3.12", platform)
        for minor in _PYTHONS:
            version = {"python_version": f"3.{minor}", "python_full_version": f"3.{minor}.0"}
            yield replace(told, markers={**told.markers, **version})
