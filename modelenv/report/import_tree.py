"""Import times: a tree of modules, each with the time it took without nested imports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

STDLIB = "Python"
"""The owner that stands for the standard library."""
_A_SECOND = 10_000


@dataclass(frozen=True, slots=True)
class ImportedModule:
    """A module whose import was timed."""

    name: str
    parent: int
    """The index, in the tree, of the module that imported it first; -1 if there is none."""
    owner: str
    """Its owner: a distribution's name, `Python`, or `the model`."""
    own: int
    """Its import time without nested imports, in ten-thousandths of a second."""


@dataclass(frozen=True, slots=True)
class ImportTree:
    """Modules in import order: a parent stands before its children."""

    modules: tuple[ImportedModule, ...] = ()

    @classmethod
    def of(cls, imports: Iterable[Mapping[str, Any]], owners: Mapping[str, str]) -> ImportTree:
        """Return the tree of the imports in a trace; `owners` maps each module to its owner.

        A module stands below the first one that imported it, even if that one's own import was over
        by then; only a nested import is subtracted from its parent's time.

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
        """The import time of all modules, in seconds."""
        return sum(each.own for each in self.modules) / _A_SECOND

    def by_owner(self) -> dict[str, tuple[float, int]]:
        """Return seconds and number of modules per owner, the slowest owner first."""
        found: dict[str, tuple[int, int]] = {}
        for each in self.modules:
            own, count = found.get(each.owner, (0, 0))
            found[each.owner] = (own + each.own, count + 1)
        ranked = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))
        return {name: (own / _A_SECOND, count) for name, (own, count) in ranked}

    def to_json(self) -> dict[str, Any]:
        """Return it as columns: names, parents, indexes into the list of owners, and times."""
        owners = list(self.by_owner())
        place = {name: number for number, name in enumerate(owners)}
        return {
            "owners": owners,
            "names": [each.name for each in self.modules],
            "parents": [each.parent for each in self.modules],
            "owner": [place[each.owner] for each in self.modules],
            "own": [each.own for each in self.modules],
        }
