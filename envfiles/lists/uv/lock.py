"""The packages in uv.lock that a project needs, each under the markers that lead to it.

The result is that of ``uv export``: the graph is walked from the project, and a package applies in
the environments in which one of the paths to it does.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.markers import InvalidMarker
from packaging.utils import canonicalize_name

from ...errors import Fault, InvalidFile
from ...lock.pylock import read_toml
from ..conditions import environments, requires_python
from ..hashes import PinLine, found_beside, hashed_lines
from ..marks import (
    ALWAYS,
    NEVER,
    Alternatives,
    TooManyAlternatives,
    both,
    either,
    spell,
)
from ..values import ListContent
from .conflicts import Chosen
from .source import files_of, is_project, iter_paths, located, registry_of

if TYPE_CHECKING:
    from ..values import ListFile

    Node = tuple[int, str]
    """The place of a package in the lock, and an extra of it; empty: the package itself."""

_VERSION = 1

Package = Mapping[str, Any]


def read_uv_lock(file: ListFile) -> ListContent:
    """Return the pins of a uv.lock: the project's dependencies, with the chosen extras and groups.

    The project itself is not among them; other local projects that it needs are, as paths. A lock
    of a workspace without a project of its own is read for all its members; the lock of a script
    for the script. As constraints, all locked packages. Raises InvalidFile.
    """
    content = read_toml(file.text, file=file.path)
    if content.get("version") != _VERSION:
        reason = f"is a lock of version {content.get('version')} of uv's; {_VERSION} is read"
        raise InvalidFile([Fault(file.at("version"), reason)])
    lock = LockGraph.of(file, content)
    try:
        found = lock.everything() if file.narrows else lock.reached()
    except InvalidMarker as error:
        reason = f"has a marker that is none: {' '.join(str(error).split())}"
        raise InvalidFile([Fault(file.at(), reason)]) from error
    except TooManyAlternatives as error:
        reason = "its markers part too many environments: give what `uv export` says"
        raise InvalidFile([Fault(file.at(), reason)]) from error
    lines, untold = hashed_lines(file, _iter_lines(file, found))
    paths = [path for package, _ in found for path in iter_paths(package)]
    return ListContent(
        lines=(*found_beside(file, paths), *lines),
        conditions=(
            *requires_python(file, content.get("requires-python"), "requires-python"),
            *environments(file, content.get("supported-markers"), "supported-markers"),
        ),
        untold=(*untold, *_iter_elsewhere(file, [package for package, _ in found])),
    )


@dataclass(frozen=True, slots=True)
class LockGraph:
    """The packages of a lock, and the edges to them from its project."""

    file: ListFile
    packages: tuple[Package, ...]
    roots: tuple[int, ...]
    """Its projects, which are the user's own code."""
    asked: tuple[Package, ...]
    """Other roots: the requirements of a script, the groups of a folder without a project."""
    chosen: Chosen

    @classmethod
    def of(cls, file: ListFile, content: Mapping[str, Any]) -> LockGraph:
        """Return the graph of a lock. Raises InvalidFile for an extra or group it lacks."""
        packages = tuple(_tables(content.get("package")))
        manifest = _table(content.get("manifest"))
        own = [n for n, each in enumerate(packages) if is_project(each, ".")]
        members = set(map(str, _list(manifest.get("members"))))
        roots = own or [n for n, each in enumerate(packages) if each["name"] in members]
        extras = {key for n in roots for key in _extras_of(packages[n])}
        groups = {key for n in roots for key in _groups_of(packages[n])}
        loose = _table(manifest.get("dependency-groups"))
        if packages and not (roots or loose or "requirements" in manifest):
            raise InvalidFile([Fault(file.at(), "has packages, and no project that needs them")])
        file.selection.check(file.at(), extras=extras, groups={*groups, *loose})
        asked = list(_tables(manifest.get("requirements")))
        for group in file.selection.groups:
            asked += _tables(loose.get(group))
        names = [str(packages[n]["name"]) for n in roots]
        return cls(file, packages, tuple(roots), tuple(asked), Chosen.of(names, file.selection))

    def reached(self) -> list[tuple[Package, Alternatives]]:
        """Return the packages that are needed somewhere, each with its marker; no projects."""
        known: dict[Node, Alternatives] = dict.fromkeys(self._starts(), ALWAYS)
        for dependency in self.asked:
            for node, marker in self._ends(dependency):
                known[node] = either((known.get(node, NEVER), marker))
        waiting = deque(known)
        while waiting:
            node = waiting.popleft()
            for after, marker in self._edges(node):
                before = known.get(after, NEVER)
                now = either((before, both(known[node], marker)))
                if now != before:
                    known[after] = now
                    waiting.append(after)
        where: dict[int, Alternatives] = {}
        for (place, _), marker in known.items():
            if place not in self.roots and marker != NEVER:
                where[place] = either((where.get(place, NEVER), marker))
        return [(self.packages[place], where[place]) for place in sorted(where)]

    def everything(self) -> list[tuple[Package, Alternatives]]:
        """Return all packages, each with its marker in the lock."""
        return [
            (each, either(map(self.chosen.read, each["resolution-markers"])))
            if _list(each.get("resolution-markers"))
            else (each, ALWAYS)
            for each in self.packages
            if registry_of(each)
        ]

    def _starts(self) -> Iterator[Node]:
        for root in self.roots:
            yield root, ""
            for extra in self.chosen.selection.extras:
                yield root, extra
            for group in self.chosen.selection.groups:
                yield root, f"group {group}"

    def _edges(self, node: Node) -> Iterator[tuple[Node, Alternatives]]:
        """Yield the targets of a package, or of an extra or a group of it, and their markers."""
        place, part = node
        package = self.packages[place]
        if part.startswith("group "):
            tables = _table(package.get("dev-dependencies"))
            listed = tables.get(part.removeprefix("group "))
        elif part:
            listed = _by_name(_table(package.get("optional-dependencies"))).get(part)
        else:
            listed = package.get("dependencies")
        for dependency in _tables(listed):
            yield from self._ends(dependency)

    def _ends(self, dependency: Package) -> Iterator[tuple[Node, Alternatives]]:
        marker = self.chosen.read(str(dependency.get("marker", "")))
        found = False
        for place, package in enumerate(self.packages):
            same = all(
                dependency[key] == package.get(key)
                for key in ("name", "version", "source")
                if key in dependency
            )
            if same:
                found = True
                yield (place, ""), marker
                for extra in _list(dependency.get("extra")) or _list(dependency.get("extras")):
                    yield (place, canonicalize_name(str(extra))), marker
        if not found:
            lacking = self.file.at(f"package {dependency['name']}")
            reason = "is needed, and not in the lock: `uv lock` writes it whole"
            raise InvalidFile([Fault(lacking, reason)])


def _iter_lines(file: ListFile, found: Iterable[tuple[Package, Alternatives]]) -> Iterator[PinLine]:
    for package, where in found:
        asked = located(file, package)
        if asked is None:  # a project without code of its own
            continue
        marker = spell(where)
        hashes = [str(each.get("hash", "")) for each in files_of(package)]
        yield PinLine(
            file.at(f"package {package['name']}"),
            f"{asked} ; {marker}" if marker else asked,
            tuple(filter(None, hashes)),
        )


def _iter_elsewhere(file: ListFile, packages: list[Package]) -> Iterator[Fault]:
    """Yield a fault for each index other than the main one, with the packages that come from it."""
    counts = Counter(filter(None, map(registry_of, packages)))
    for registry, _ in counts.most_common()[1:]:
        names = sorted(str(each["name"]) for each in packages if registry_of(each) == registry)
        if "://" in registry:  # a folder is looked in
            reason = f"{', '.join(names)} come from {registry}: --extra-index-url has them found"
            yield Fault(file.at(), f"{reason} there")


def _extras_of(package: Package) -> Iterator[str]:
    yield from _table(package.get("optional-dependencies"))
    yield from map(str, _list(_table(package.get("metadata")).get("provides-extras")))


def _groups_of(package: Package) -> Iterator[str]:
    yield from _table(package.get("dev-dependencies"))
    yield from _table(_table(package.get("metadata")).get("requires-dev"))


def _by_name(tables: Mapping[str, Any]) -> dict[str, Any]:
    return {canonicalize_name(name): each for name, each in tables.items()}


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _tables(value: object) -> Iterator[Package]:
    return (each for each in _list(value) if isinstance(each, dict) and "name" in each)
