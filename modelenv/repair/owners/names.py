"""The distributions that a message may mean by a name, with the evidence for each."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache

from packaging.utils import canonicalize_name

from ...base.siblings import resolver
from .files import file_owners
from .modules import Owner, owner_of, well_known
from .said import Describe, not_described, offered_by


def owners_named(
    name: str,
    installed: resolver.Installed | None,
    pins: Collection[str] = (),
    known: Collection[str] = (),
    describe: Describe = not_described,
) -> tuple[Owner, ...]:
    """Return the distributions that something says are meant by `name`; empty: nothing does.

    `name` is a distribution, a module, a program or a library. `known` are distributions that the
    model had to do with. A name that merely might exist on an index does not count.
    """
    found: dict[str, Owner] = {}
    for owner in _iter_named(name, installed, pins, known, describe):
        found.setdefault(owner.name, owner)
    return tuple(found.values())


def _iter_named(
    name: str,
    installed: resolver.Installed | None,
    pins: Collection[str],
    known: Collection[str],
    describe: Describe,
) -> Iterator[Owner]:
    same = canonicalize_name(name)
    for extra in offered_by(installed, pins, describe).get(same, ()):
        parent = extra.partition("[")[0]
        yield Owner(same, f"{parent} offers it with its extra: {extra}", (extra,), part="extra")
    module = owner_of(name, installed, pins)
    if module.certain:
        yield module
    here = installed.get(same) if installed is not None else None
    if here is not None:
        yield Owner(same, f"here {same} {here.version} is installed", part="distribution")
    elif same in known:
        yield Owner(same, f"the model had to do with {same}", part="distribution")
    elif same in _well_known_distributions():
        yield Owner(same, f"{same} is a well-known distribution", part="distribution")
    if installed is not None:
        for kind in ("program", "library"):
            for owner in file_owners(kind, name, installed):
                whose = f"here the {kind} {name} belongs to {owner.name} {owner.version}"
                yield Owner(owner.name, whose, part=kind)


@cache
def _well_known_distributions() -> frozenset[str]:
    return frozenset(canonicalize_name(each) for owners in well_known().values() for each in owners)
