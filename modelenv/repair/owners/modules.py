"""The distribution of a module: from what is installed or pinned, else from a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Literal

from packaging.utils import canonicalize_name

from ...base.siblings import resolver
from ..data import read_table

# The syntax of a distribution's name (PyPA, core metadata).
_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", re.IGNORECASE)


def is_distribution_name(name: str) -> bool:
    """Return whether a text is a valid distribution name.

    >>> is_distribution_name("zope.interface"), is_distribution_name("-loss")
    (True, False)
    """
    return _NAME.fullmatch(name) is not None


@cache
def well_known() -> Mapping[str, tuple[str, ...]]:
    """Return the distributions of well-known modules; the first is the one to take."""
    table = read_table("module_owners")
    same = {name: (name,) for name in table["same_name"]}
    other = {name: tuple(owners) for name, owners in table["other_name"].items()}
    return MappingProxyType(same | other)


@cache
def shared_names() -> frozenset[str]:
    """Return the names below which many distributions have modules: they alone prove nothing."""
    return frozenset(read_table("module_owners")["shared"])


Part = Literal["module", "distribution", "extra", "program", "library"]


@dataclass(frozen=True, slots=True)
class Owner:
    """A distribution that owns something."""

    name: str
    source: str
    """The source of this knowledge, in words."""
    alternatives: tuple[str, ...] = ()
    certain: bool = True
    part: Part = "module"
    """The kind of match; `extra`: the distribution itself, for which another one has an extra."""


def owner_of(
    module: str, installed: resolver.Installed | None, pinned: Iterable[str] = ()
) -> Owner:
    """Return the distribution of a module: from RECORD, the table, the pins; else it is a guess."""
    for name in ancestors(module):
        found = list(installed_owners(name, installed)) if installed is not None else []
        if len(found) == 1:
            whose = found[0].name
            return Owner(whose, f"here it belongs to {whose} {found[0].version}")
        if name in well_known():
            first, *others = well_known()[name]
            named = f"{name} is the module of {first}"
            return Owner(canonicalize_name(first), named, tuple(others))
        if found:
            # A shared folder does not show the owner of a missing module in it.
            continue
    top = canonicalize_name(module.partition(".")[0])
    same = next((name for name in map(canonicalize_name, pinned) if name == top), None)
    if same is not None:
        return Owner(same, f"the folder's own requirement of that name: {same}")
    return Owner(top, "no distribution is known to have it: this is its own name", certain=False)


def ancestors(module: str) -> Iterator[str]:
    """Yield a dotted name and those above it, itself first."""
    parts = module.split(".")
    for end in range(len(parts), 0, -1):
        yield ".".join(parts[:end])


def installed_owners(module: str, installed: resolver.Installed) -> Iterator[resolver.Distribution]:
    """Yield the installed distributions that have a module, or modules below it."""
    stem = module.replace(".", "/")
    for distribution in installed:
        if stem in _stems(distribution):
            yield distribution


def sole_owner(module: str, installed: resolver.Installed) -> resolver.Distribution | None:
    """Return the installed distribution of a module; None if it has none, or several."""
    found = list(installed_owners(module, installed))
    return found[0] if len(found) == 1 else None


@lru_cache(maxsize=4096)
def _stems(distribution: resolver.Distribution) -> frozenset[str]:
    """Return the paths of a distribution's modules, and the folders above them.

    >>> class Own:
    ...     files = ("a/b.py", "a/c.cpython-311-x86_64-linux-gnu.so")
    >>> sorted(_stems(Own()))
    ['a', 'a/b', 'a/c']
    """
    found: set[str] = set()
    for file in distribution.files:
        folders = file.split("/")
        found.update("/".join(folders[:end]) for end in range(1, len(folders)))
        if file.endswith((".py", ".so", ".pyd")):
            found.add(file.partition(".")[0])
    return frozenset(found)
