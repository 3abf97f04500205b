"""Changing the pins of a folder by an edit: existing pins and new lines have to agree.

Dependencies keep as many of their versions as possible.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from packaging.requirements import Requirement

from ...base.errors import WrongUseError
from ...base.siblings import envfiles, resolver
from ..package_sources import PackageSources
from ..pin_set import PinnedVersion, PinSet, pinned_versions
from .obtainable import obtainable
from .question import Index, Question
from .requested import RequestedChange


def reresolve(
    pins: PinSet,
    change: RequestedChange,
    here: resolver.Installed,
    sources: PackageSources,
    *,
    index: Index,
) -> resolver.Resolution:
    """Resolve the pins after a change, moving as few of them as the lines allow.

    `here` is what is installed; `sources` say where to find what is not. Raises WrongUseError for a
    name that cannot be removed, and the resolver's errors if nothing satisfies the lines.
    """
    _check_removed(pins, change.remove)
    standing, notes = _standing_roots(pins, change, here, sources, index=index)
    traced, extra = _standing(standing, change, sources)
    released = pins.names if change.whole else change.remove
    question = Question(
        installed=pins.installed(here, None if index == "never" else sources.indexes.as_of),
        sources=sources.with_options_of(change.lines),
        constraints=sources.read(
            (*pins.spec.constraints, *change.constraints), layer="constraints", constraint=True
        ),
        provided=pins.provided_by_conda(released) - change.by_name.keys(),
        whole=change.lines if change.whole else None,
        traced=traced,
        extra=extra,
        index=index,
        tolerant=False,
    )
    found = question.keep_most(_preferred(pins, change))
    return replace(found, notes=(*notes, *found.notes))


def _check_removed(pins: PinSet, names: Iterable[str]) -> None:
    roots = {root.name for root in pins.roots}
    for name in names:
        entry = pins.get(name)
        if entry is None:
            others = "" if pins.closed else ", though a line of it may require it"
            raise WrongUseError(
                f"{name} is not among the requirements{others}: list them to see their names"
            )
        if name not in roots:
            raise WrongUseError(
                f"{name} is there because others require it ({entry.comment}): remove those"
            )


def _preferred(pins: PinSet, change: RequestedChange) -> dict[str, str]:
    """Return the dependencies of the roots, at the versions to keep where possible."""
    if not pins.closed or change.whole:
        return {}
    firm = {root.name for root in pins.roots} | change.by_name.keys()
    following = [entry for entry in pins.entries if entry.name not in firm]
    return {each.name: f"{each.name}=={each.version}" for each in pinned_versions(following)}


def _standing_roots(
    pins: PinSet,
    change: RequestedChange,
    here: resolver.Installed,
    sources: PackageSources,
    *,
    index: Index,
) -> tuple[list[envfiles.Entry], tuple[str, ...]]:
    """Return the roots to keep, those of an open list at available versions, with notes on changes.

    There are none if the whole list is replaced.
    """
    if change.whole:
        return [], ()
    roots = [each for each in pins.roots if each.name not in change.remove and pins.applies(each)]
    if pins.closed or index == "never":
        return roots, ()
    installed = pins.installed(here, sources.indexes.as_of)
    lines: list[envfiles.Entry] = []
    notes: list[str] = []
    for root in roots:
        found = installed.get(root.name)
        is_asked_anew = root.name in change.by_name
        if is_asked_anew or (found is not None and str(found.version) == root.version):
            lines.append(root)
            continue
        options, settings = sources.admitted().options, sources.settings
        (line,), said = obtainable([root.requirement], installed.target, options, settings)
        lines.append(replace(root, requirement=line) if said else root)
        notes += said
    return lines, tuple(notes)


def _standing(
    roots: Iterable[envfiles.Entry], change: RequestedChange, sources: PackageSources
) -> tuple[tuple[PinnedVersion, ...], resolver.Lines | None]:
    """Return the roots to keep: pins at their versions, and lines without an exact version.

    The lines of the change are among the latter. There are no others if the whole list is replaced.
    """
    if change.whole:
        return (), None
    pinned = (replace(each, place="requirements.txt") for each in pinned_versions(roots))
    versions = {each.name: each for each in pinned}
    lines = []
    for root in roots:
        extras = ",".join(sorted(Requirement(root.requirement).extras))
        if root.name in change.by_name:
            lines += [f"{root.name}[{extras}]"] if extras else []
        elif extras or root.name not in versions:
            lines.append(root.requirement)
    standing = sources.read(lines, layer="requirements.txt")
    return tuple(versions.values()), standing | change.lines
