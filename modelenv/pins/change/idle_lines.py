"""Lines of the user's that count on other targets than a model's own: the list keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

from packaging.markers import Marker
from packaging.utils import canonicalize_name

from ...base.siblings import envfiles, resolver
from ...base.text import few
from ..pin_set import applies
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
    address may hold a login (`unkept_lines`).
    """
    return tuple(e for e in _elsewhere(lines, target, standing) if e.requirement.url is None)


def unkept_lines(
    lines: Iterable[resolver.Line], target: resolver.Target, standing: Iterable[str] = ()
) -> tuple[resolver.Line, ...]:
    """Return the like lines that name a place, which the list does not keep."""
    return tuple(e for e in _elsewhere(lines, target, standing) if e.requirement.url is not None)


def idle_entries(lines: Iterable[resolver.Line]) -> Iterator[envfiles.Entry]:
    """Yield them as lines of a folder's list, as they were written."""
    for each in lines:
        comment = asked_for(each.origin.text)
        yield envfiles.Entry(str(each.requirement), comment, hashes=each.hashes)


def idle_notes(
    lines: Iterable[resolver.Line],
    unkept: Iterable[resolver.Line] = (),
    notes: Iterable[str] = (),
) -> Iterator[str]:
    """Yield the resolver's notes without those that leave such lines out, then one on all.

    `unkept` are those that name a place, with a note on each; their logins are not told.
    """
    kept, others = ([str(each.origin) for each in some] for some in (lines, unkept))
    left_out = tuple(f"left out: {each} (" for each in (*kept, *others))
    yield from (each for each in notes if not each.startswith(left_out))
    if kept:
        yield f"kept for other targets (modelenv lock --platform): {few(kept)}"
    for each in others:
        yield f"left out, though other targets install it: {each}: an address may hold a login"


def unlocked_notes(entries: Iterable[envfiles.Entry], lock: envfiles.Lock) -> Iterator[str]:
    """Yield one sentence on those lines of a list that a lock, of all its targets, leaves out."""
    names = {each.name for each in lock.packages}
    lines = [each.requirement for each in entries if each.name not in names]
    if lines:
        whose = "none of these targets" if lock.targets else "other targets"
        yield f"not locked, as their markers are for {whose}: {few(lines)}"


def unhashed_notes(entries: Iterable[envfiles.Entry], target: resolver.Target) -> Iterator[str]:
    """Yield a sentence on lines for other targets without a hash, in a list that has some.

    pip 26.3 refuses a list where only some of the lines that apply have one.
    """
    entries = tuple(entries)
    if not any(each.hashes for each in entries):
        return
    lines = [each.requirement for each in entries if not each.hashes and not applies(each, target)]
    if lines:
        yield (
            f"no hash is known of {few(lines)}: where such a line counts, pip refuses the list. Pin"
            " it (==), and lock with --hashes and the --platform or --python that it is for"
        )


def listed(lines: Iterable[resolver.Line]) -> tuple[resolver.Line, ...]:
    """Return those of a save's lines that are for the list, not constraints or overrides."""
    return tuple(each for each in lines if each.origin.layer in _LISTS)


def _elsewhere(
    lines: Iterable[resolver.Line], target: resolver.Target, standing: Iterable[str]
) -> Iterator[resolver.Line]:
    lines = tuple(lines)
    here = {_name(each) for each in lines if target.admits(each.requirement.marker)} | {*standing}
    for each in lines:
        if _name(each) not in here and _counts_elsewhere(each.requirement.marker):
            yield each


def _name(line: resolver.Line) -> str:
    return canonicalize_name(line.requirement.name)


def _counts_elsewhere(marker: Marker | None) -> bool:
    return any(each.admits(marker) for each in _targets())


@cache
def _targets() -> tuple[resolver.Target, ...]:
    versions = [
        {"python_version": f"3.{minor}", "python_full_version": f"3.{minor}.0"}
        for minor in _PYTHONS
    ]
    told = [resolver.Target.of("3.12", platform) for platform in _PLATFORMS]
    return tuple(
        replace(each, markers={**each.markers, **version}) for each in told for version in versions
    )
