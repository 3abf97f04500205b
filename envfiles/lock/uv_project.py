"""The uv project beside a model, from which MLflow 3.11 and newer restores."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from ..errors import Fault, InvalidFile, Location
from ..text import read_text
from .pylock import read_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from ..requirements.entry import Entry

UV_LOCK = "uv.lock"
PYPROJECT = "pyproject.toml"
UV_FILES = (UV_LOCK, PYPROJECT)
_VERSION = 1
"""The version of the format that is read; uv refuses a later one, and takes later revisions."""
_ADDRESS = "@"
_PLACES = frozenset(("directory", "editable", "git", "path", "url", "virtual"))


@dataclass(frozen=True, slots=True, kw_only=True)
class UvProject:
    """The lock of a uv project, and the project that it belongs to."""

    versions: Mapping[str, frozenset[str]]
    """The locked versions of each name; several if markers separate them."""
    project: Mapping[str, Any] | None
    """The content of pyproject.toml; None if there is none. MLflow writes an empty one."""
    needs: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    """The names that each locked package requires, by its name and version."""
    asked: frozenset[str] = frozenset()
    """The names that local projects require, the lock's own project among them."""
    parted: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """The markers, one of which has to be true, of names with several locked versions."""
    locked_for: Mapping[str, tuple[str, ...]] | None = None
    """The specifiers by name that the project had when it was locked; None: not recorded."""

    @classmethod
    def read(cls, folder: Path, environment: Mapping[str, str] | None = None) -> UvProject | None:
        """Read the uv project of a folder; None if it has no lock. Raises InvalidFile.

        Dependencies for other environments than `environment`, if given, are left out.
        """
        text = read_text(folder / UV_LOCK, within=folder)
        if text is None:
            return None
        own = read_text(folder / PYPROJECT, within=folder)
        versions: dict[str, frozenset[str]] = {}
        needs: dict[tuple[str, str], frozenset[str]] = {}
        asked: set[str] = set()
        parted: dict[tuple[str, str], tuple[str, ...]] = {}
        locked_for = None
        content = read_toml(text, file=UV_LOCK)
        if (said := content.get("version", _VERSION)) != _VERSION:
            place = Location(UV_LOCK, None, "version")
            raise InvalidFile([Fault(place, f"is {said}, and {_VERSION} is read, as by uv")])
        for each in _tables(content.get("package")):
            name, version = _named(each), str(each.get("version", ""))
            listed = _tables(each.get("dependencies"))
            required = frozenset(_named(one) for one in listed if _is_needed(one, environment))
            needs[name, version] = needs.get((name, version), frozenset()) | required
            if _is_on_disk(each):
                asked |= required
            parted[name, version] = _markers(each)
            locked_for = _asked_for(each) if _is_own(each) else locked_for
            if version and not _is_own(each):
                versions[name] = versions.get(name, frozenset()) | {version}
        return cls(
            versions=versions,
            project=None if own is None else read_toml(own, file=PYPROJECT),
            needs=needs,
            asked=frozenset(asked),
            parted=parted,
            locked_for=locked_for,
        )

    def to_json(self) -> dict[str, list[str]]:
        """Return the locked versions by name, as plain data."""
        return {name: sorted(each) for name, each in sorted(self.versions.items())}

    def against(
        self, entries: Iterable[Entry], environment: Mapping[str, str] | None = None
    ) -> Iterator[str]:
        """Yield disagreements of the lock with some lines.

        Of several versions those for the `environment` count, if given.

        >>> from envfiles import Entry
        >>> locked = UvProject(versions={"six": frozenset({"1.16.0"})}, project=None)
        >>> list(locked.against([Entry("six==1.17.0")]))
        ['six==1.17.0 is six 1.16.0 in uv.lock']
        """
        for entry in entries:
            locked = self._versions_of(entry.name, environment)
            if not locked:
                yield f"{entry.requirement} is not in {UV_LOCK}"
            elif not any(_admits(entry, version) for version in locked):
                versions = ", ".join(sorted(locked))
                yield f"{entry.requirement} is {entry.name} {versions} in {UV_LOCK}"

    def _versions_of(self, name: str, environment: Mapping[str, str] | None) -> frozenset[str]:
        """Return the versions of a name that an environment may get."""
        found = self.versions.get(name, frozenset())
        if environment is None:
            return found
        values = dict(environment)
        marked = {each: self.parted.get((name, each), ()) for each in found}
        return frozenset(
            each
            for each, markers in marked.items()
            if not markers or any(Marker(marker).evaluate(values) for marker in markers)
        )

    def stale(self) -> Iterator[str]:
        """Yield requirements of the project that changed since it was locked.

        ``uv sync --frozen``, as MLflow calls it, silently installs the locked state.

        >>> project = {"project": {"dependencies": ["six>=1.17", "tqdm"]}}
        >>> old = UvProject(versions={}, project=project, locked_for={"six": ("==1.16",)})
        >>> list(old.stale())
        ['six>=1.17 in pyproject.toml was six==1.16 when uv.lock was made', \
'tqdm in pyproject.toml was not asked for when uv.lock was made']
        """
        own = (self.project or {}).get("project")
        if self.locked_for is None or not isinstance(own, dict):
            return
        asked = own.get("dependencies", [])
        if "dependencies" in own.get("dynamic", ()) or not isinstance(asked, list):
            return
        known = [each for each in map(_requirement, asked) if each is not None]
        for each in known:
            name = canonicalize_name(each.name)
            then = self.locked_for.get(name)
            if then is None:
                yield f"{each} in {PYPROJECT} was not asked for when {UV_LOCK} was made"
            elif each.url is None and _differs(each, then):
                before = " and ".join(f"{name}{said}" for said in then)
                yield f"{each} in {PYPROJECT} was {before} when {UV_LOCK} was made"
        gone = self.locked_for.keys() - {canonicalize_name(each.name) for each in known}
        for absent in sorted(gone):
            yield f"{absent} was asked for when {UV_LOCK} was made, and is not in {PYPROJECT}"

    def roots_of(self, entries: Sequence[Entry]) -> frozenset[str] | None:
        """Return the projects' requirements if the lines are an export of the lock; else None.

        They are one if each line is a package of the lock, and all of its dependencies are
        listed too.

        >>> from envfiles import Entry
        >>> needs = {("a", "1"): frozenset({"b"}), ("b", "2"): frozenset()}
        >>> locked = UvProject(versions={}, project=None, needs=needs, asked=frozenset({"a"}))
        >>> locked.roots_of([Entry("a==1"), Entry("b==2")]), locked.roots_of([Entry("a==1")])
        (frozenset({'a'}), None)
        """
        listed = frozenset(entry.name for entry in entries)
        whole = bool(listed) and all(self._is_exported(entry, listed) for entry in entries)
        return self.asked & listed if whole else None

    def _is_exported(self, entry: Entry, listed: frozenset[str]) -> bool:
        return any(
            name == entry.name
            and (version == entry.version or "@" in entry.requirement)
            and required <= listed
            for (name, version), required in self.needs.items()
        )

    def edited(self, before: Iterable[Entry], after: Iterable[Entry]) -> str | None:
        """Return pyproject.toml with the lines that an edit changed; None if it has no project.

        Unchanged requirements stay; comments are lost.
        """
        import tomli_w

        if self.project is None or not isinstance(self.project.get("project"), dict):
            return None
        old, new = _by_name(before), _by_name(after)
        changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
        asked = self.project["project"].get("dependencies", [])
        kept = [line for line in asked if _name(line) not in changed]
        lines = [line for name in sorted(changed) for line in sorted(new.get(name, ()))]
        project = {**self.project["project"], "dependencies": [*kept, *lines]}
        return tomli_w.dumps({**self.project, "project": project})


def _tables(value: object) -> list[dict[str, Any]]:
    """Return the tables of a list that have a name; other items are ignored."""
    listed = value if isinstance(value, list) else []
    return [each for each in listed if isinstance(each, dict) and "name" in each]


def _named(table: Mapping[str, Any]) -> str:
    return canonicalize_name(str(table["name"]))


def _is_on_disk(package: Mapping[str, Any]) -> bool:
    source = package.get("source")
    return isinstance(source, dict) and not source.keys().isdisjoint(("virtual", "editable"))


def _is_own(package: Mapping[str, Any]) -> bool:
    """Return whether a locked package is the project itself."""
    source = package.get("source")
    return isinstance(source, dict) and "." in (source.get("virtual"), source.get("editable"))


def _by_name(entries: Iterable[Entry]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for entry in entries:
        found.setdefault(entry.name, set()).add(entry.requirement)
    return found


def _name(line: object) -> str:
    found = _requirement(line)  # uv reports an invalid line, with its place
    return "" if found is None else canonicalize_name(found.name)


def _requirement(line: object) -> Requirement | None:
    try:
        return Requirement(str(line))
    except InvalidRequirement:
        return None


def _admits(entry: Entry, version: str) -> bool:
    """Return whether a version satisfies a line; a line with a URL admits any."""
    asked = Requirement(entry.requirement)
    return asked.url is not None or asked.specifier.contains(version, prereleases=True)


def _is_needed(dependency: Mapping[str, Any], environment: Mapping[str, str] | None) -> bool:
    """Return whether a dependency applies in an environment. Raises InvalidFile."""
    marker = dependency.get("marker")
    if environment is None or not isinstance(marker, str):
        return True
    return _marker(marker, dependency).evaluate(dict(environment))


def _differs(asked: Requirement, then: Iterable[str]) -> bool:
    """Return whether a line surely differs from all given specifiers; `@` may be any version."""
    return _ADDRESS not in then and all(asked.specifier != SpecifierSet(said) for said in then)


def _markers(package: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the markers that separate a package from others of its name. Raises InvalidFile."""
    listed = package.get("resolution-markers")
    found = tuple(map(str, listed)) if isinstance(listed, list) else ()
    for each in found:
        _marker(each, package)
    return found


def _marker(text: str, package: Mapping[str, Any]) -> Marker:
    try:
        return Marker(text)
    except InvalidMarker as error:
        reason = " ".join(str(error).split())
        raise InvalidFile([Fault(Location(UV_LOCK, None, _named(package)), reason)]) from error


def _asked_for(package: Mapping[str, Any]) -> dict[str, tuple[str, ...]] | None:
    """Return a project's locked requirements, without extras; None if the lock has none.

    A requirement by an address has `@` as its specifier. Raises InvalidFile.
    """
    metadata = package.get("metadata")
    listed = metadata.get("requires-dist") if isinstance(metadata, dict) else None
    if not isinstance(listed, list):
        return None if package.get("dependencies") else {}
    found: dict[str, tuple[str, ...]] = {}
    for each in _tables(listed):
        if "extra ==" in str(each.get("marker", "")):
            continue
        specifier = str(each.get("specifier", ""))
        try:
            SpecifierSet(specifier)
        except InvalidSpecifier as error:
            raise InvalidFile([Fault(Location(UV_LOCK, None, _named(each)), str(error))]) from error
        asked = specifier if _PLACES.isdisjoint(each) else _ADDRESS
        found[_named(each)] = (*found.get(_named(each), ()), asked)
    return found
