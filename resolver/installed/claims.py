"""Owners of files that no RECORD lists: by stated names, by system lists, by folder."""

from __future__ import annotations

# Paths are strings here, as everywhere that many of them are compared.
# ruff: noqa: PTH119, PTH206
import os
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from .listing import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .core_metadata import ImportNames
    from .distribution import Distribution
    from .listing import Listing
    from .system_lists import SystemLists


@dataclass(frozen=True, slots=True)
class Owned:
    """The owners of a file."""

    owners: tuple[Distribution, ...] = ()
    """The owners; empty: none."""
    listed: bool = True
    """Whether RECORD lists it, or nothing of a whole stated module.

    Else names or the folder show the owner.
    """
    suspects: tuple[Distribution, ...] = ()
    """The distributions it may belong to, if it has no owner."""
    package: str = ""
    """The system package that brought it, if that has no metadata: "Debian's python3-gi"."""
    real: str = ""
    """Its real path, if the owner has it there rather than at the link that was asked about."""

    def as_module(self, module: str, file: str) -> Owned:
        """Return the owner of `file` when it is imported as this module.

        A link that makes another module of an owned file, as ``svc/io.py`` of ``pkg/io.py``, has no
        owner: installing the distribution gives no module of that name.
        """
        parts = module.count(".") + 1 + os.path.basename(file).startswith("__init__.")
        is_same = file.split(os.sep)[-parts:] == self.real.split(os.sep)[-parts:]
        return self if is_same else Owned(listed=False)


class Claims:
    """The files that distributions of one folder seem to own beyond those they list."""

    def __init__(
        self,
        members: Sequence[Distribution],
        by_top: Mapping[str, Sequence[Listing]],
        lists: SystemLists,
    ) -> None:
        self._members = members
        self._by_top = by_top
        self._lists = lists

    def find(self, path: str, file: str) -> Owned:
        """Return the owner of `file`, which lies at `path` in the folder.

        The first rule that leads to one distribution decides: the names that metadata states, the
        lists of conda and Debian, the package in which one distribution alone has listed files,
        and, for distributions without a list, their own name. If several remain, they are
        suspects.
        """
        module = path.replace(os.sep, "/")
        named = self._named(module)
        stating = named or _claimants(self._namespaces, module)
        if len(stating) == 1 or (named and not any(each.record for each in named)):
            is_whole = any(each.record and module in each.files for each in stating)
            return Owned(stating, listed=is_whole)
        package = self._lists.package_of(file)
        infos = package.infos if package else ()
        brought = tuple(each for each in self._members if each.info in infos)
        beside, are_owners = self._beside(path)
        owners = brought or (beside if are_owners else _claimants(self._own_names, module))
        if owners or package:
            return Owned(owners, listed=False, package=package.name if package else "")
        return Owned(listed=False, suspects=stating or beside or self._without_modules)

    def _named(self, module: str) -> tuple[Distribution, ...]:
        """Return the distributions with metadata that names a module, or a package around it."""
        for claims in (self._import_names, self._top_levels):
            found = _claimants(claims, module)
            if len(found) > 1:  # their SOURCES.txt may distinguish them
                found = tuple(each for each in found if _had(each, module)) or found
            if found:
                return found
        return ()

    def _beside(self, path: str) -> tuple[tuple[Distribution, ...], bool]:
        """Return the owners by listed files in the folder of a file, or in the nearest above it.

        A package belongs to the owner of its ``__init__``, and any folder to its only distribution:
        these are owners. If there are several distributions, none is the owner.
        """
        listings = self._by_top.get(path.partition(os.sep)[0], ())
        while os.sep in path:
            path = path.rpartition(os.sep)[0]
            below, initial = path + os.sep, f"{path}{os.sep}__init__."
            inside = {
                each: any(file.startswith(initial) for file in each.by_path)
                for each in listings
                if any(file.startswith(below) for file in each.by_path)
            }
            if inside:
                owners = [each for each, has_initial in inside.items() if has_initial]
                found = tuple(each.distribution for each in owners or inside)
                return found, bool(owners) or len(found) == 1
        return (), False

    @cached_property
    def _import_names(self) -> Mapping[str, list[Distribution]]:
        return _index((each, named.names) for each, named in self._naming)

    @cached_property
    def _namespaces(self) -> Mapping[str, list[Distribution]]:
        return _index((each, named.namespaces) for each, named in self._naming)

    @cached_property
    def _naming(self) -> Sequence[tuple[Distribution, ImportNames]]:
        pairs = ((each, each.import_names) for each in self._members)
        return [(each, named) for each, named in pairs if named is not None]

    @cached_property
    def _top_levels(self) -> Mapping[str, list[Distribution]]:
        others = (each for each in self._members if each.import_names is None)
        return _index((each, each.stated or ()) for each in others if not each.is_source_tree)

    @cached_property
    def _own_names(self) -> Mapping[str, list[Distribution]]:
        unnamed = (each for each in self._members if each.stated is None and not each.record)
        return _index((each, each.claims) for each in unnamed)

    @cached_property
    def _without_modules(self) -> tuple[Distribution, ...]:
        """The distributions with unknown modules, first those without any known one.

        They have no file list and name no modules, or name some that are not found.
        """
        known = {each: _has_modules(each) for each in self._members if not each.is_source_tree}
        bare = [each for each, has in known.items() if not has and _may_have_modules(each)]
        unnamed = [each for each in known if not each.record and each.stated is None]
        return tuple(dict.fromkeys((*bare, *unnamed)))


def _index(
    claims: Iterable[tuple[Distribution, Iterable[str]]],
) -> Mapping[str, list[Distribution]]:
    found: dict[str, list[Distribution]] = defaultdict(list)
    for distribution, names in claims:
        for name in names:
            found[folded(name).replace(os.sep, "/").replace(".", "/")].append(distribution)
    return found


def _claimants(
    claims: Mapping[str, Sequence[Distribution]], module: str
) -> tuple[Distribution, ...]:
    """Return who claims the file of a module ("six.py"), or the innermost package around it."""
    above, _, file = module.rpartition("/")
    own = f"{above}/{file.partition('.')[0]}" if above else file.partition(".")[0]
    while own:
        if own in claims:
            return tuple(dict.fromkeys(claims[own]))
        own = own.rpartition("/")[0]
    return ()


def _had(member: Distribution, module: str) -> bool:
    """Return whether the source, whose root is unknown, held the file of a module."""
    sources = f"\n{member.sources}\n"
    return f"\n{module}\n" in sources or f"/{module}\n" in sources


def _has_modules(member: Distribution) -> bool:
    """Return whether a file with the name of one of its modules is known."""
    names = tuple(f"{name}{end}" for name in member.tops for end in "/.")
    return any(file.startswith(names) for file in member.files)


def _may_have_modules(member: Distribution) -> bool:
    """Return whether one without known modules may have some; metapackages only require others."""
    return bool(member.stated) or (member.stated is None and not member.record)
