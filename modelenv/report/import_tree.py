"""Import times: a tree of modules, each with its time without nested imports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

STDLIB = "Python"
"""The owner of the modules of the standard library."""
_A_SECOND = 10_000


@dataclass(frozen=True, slots=True)
class ImportedModule:
    """A module whose import was timed."""

    name: str
    parent: int
    """The place in the tree of the module that imported it first; -1: nobody's."""
    owner: str
    """The distribution that it belongs to, `Python`, or `the model`."""
    own: int
    """Ten-thousandths of a second that it took without what it imported."""


@dataclass(frozen=True, slots=True)
class ImportTree:
    """The modules, each behind its parent."""

    modules: tuple[ImportedModule, ...] = ()

    @classmethod
    def of(cls, imports: Iterable[Mapping[str, Any]], owners: Mapping[str, str]) -> ImportTree:
        """Return the tree of what a trace saw; `owners` has the owner of each module.

        Only an import that began while its parent's own was not done took part of that one's time;
        one that came later stands below it all the same: it is for its sake.

        >>> seen = [{"name": "a", "how": "imported", "own_seconds": 0.01}]
        >>> seen += [{"name": "a.b", "how": "imported", "own_seconds": 0.02, "importer": "a"}]
        >>> [(each.name, each.parent) for each in ImportTree.of(seen, {}).modules]
        [('a', -1), ('a.b', 0)]
        """
        found: dict[str, ImportedModule] = {}
        places: dict[str, int] = {}
        for each in imports:
            name, own = each["name"], each.get("own_seconds")
            if each["how"] != "imported" or own is None or name in found:
                continue
            places[name] = len(places)
            parent = places.get(each.get("importer") or "", -1)
            owner = owners.get(name, STDLIB)
            found[name] = ImportedModule(name, parent, owner, round(own * _A_SECOND))
        return cls(tuple(found.values()))

    @property
    def seconds(self) -> float:
        """The time of all modules, in seconds."""
        return sum(each.own for each in self.modules) / _A_SECOND

    def by_owner(self) -> dict[str, tuple[float, int]]:
        """Return the seconds and the number of modules of each owner, the longest first."""
        found: dict[str, tuple[int, int]] = {}
        for each in self.modules:
            own, count = found.get(each.owner, (0, 0))
            found[each.owner] = (own + each.own, count + 1)
        ranked = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))
        return {name: (own / _A_SECOND, count) for name, (own, count) in ranked}

    def to_json(self) -> dict[str, Any]:
        """Return it as columns: names, parents, places in the list of owners, and times."""
        owners = list(self.by_owner())
        place = {name: number for number, name in enumerate(owners)}
        return {
            "owners": owners,
            "names": [each.name for each in self.modules],
            "parents": [each.parent for each in self.modules],
            "owner": [place[each.owner] for each in self.modules],
            "own": [each.own for each in self.modules],
        }
