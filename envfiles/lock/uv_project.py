"""The files of a uv project that lie beside a model: MLflow 3.11 and newer restores from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ..text import read_text
from .pylock import read_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from ..requirements.entry import Entry

UV_LOCK = "uv.lock"
PYPROJECT = "pyproject.toml"
UV_FILES = (UV_LOCK, PYPROJECT)


@dataclass(frozen=True, slots=True, kw_only=True)
class UvProject:
    """What the lock of a uv project says, and the project that it is the lock of."""

    versions: Mapping[str, frozenset[str]]
    """The locked versions of each name; several where markers part them."""
    project: Mapping[str, Any] | None
    """What pyproject.toml says; None where there is none, and MLflow writes an empty one."""
    needs: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    """The names that each locked package requires, by its name and version."""
    asked: frozenset[str] = frozenset()
    """The names that projects on disk, the lock's own among them, ask for."""

    @classmethod
    def read(cls, folder: Path) -> UvProject | None:
        """Read the uv project of a folder; None where it has no lock. Raises InvalidFile."""
        text = read_text(folder / UV_LOCK, within=folder)
        if text is None:
            return None
        own = read_text(folder / PYPROJECT, within=folder)
        versions: dict[str, frozenset[str]] = {}
        needs: dict[tuple[str, str], frozenset[str]] = {}
        asked: set[str] = set()
        for each in _tables(read_toml(text, file=UV_LOCK).get("package")):
            name, version = _named(each), str(each.get("version", ""))
            required = frozenset(map(_named, _tables(each.get("dependencies"))))
            needs[name, version] = needs.get((name, version), frozenset()) | required
            if _is_on_disk(each):
                asked |= required
            if version and not _is_own(each):
                versions[name] = versions.get(name, frozenset()) | {version}
        return cls(
            versions=versions,
            project=None if own is None else read_toml(own, file=PYPROJECT),
            needs=needs,
            asked=frozenset(asked),
        )

    def to_json(self) -> dict[str, list[str]]:
        """Return the locked versions by their names, as plain data."""
        return {name: sorted(each) for name, each in sorted(self.versions.items())}

    def against(self, entries: Iterable[Entry]) -> Iterator[str]:
        """Yield what the lock says otherwise than some lines.

        >>> from envfiles import Entry
        >>> locked = UvProject(versions={"six": frozenset({"1.16.0"})}, project=None)
        >>> list(locked.against([Entry("six==1.17.0")]))
        ['six==1.17.0 is six 1.16.0 in uv.lock']
        """
        for entry in entries:
            locked = self.versions.get(entry.name)
            if locked is None:
                yield f"{entry.requirement} is not in {UV_LOCK}"
            elif entry.version is not None and entry.version not in locked:
                versions = ", ".join(sorted(locked))
                yield f"{entry.requirement} is {entry.name} {versions} in {UV_LOCK}"

    def roots_of(self, entries: Sequence[Entry]) -> frozenset[str] | None:
        """Return what the projects ask for of lines that are an export of the lock; else None.

        They are one where each is a package of it, and all that it needs there is listed too.

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
        """Return pyproject.toml with the lines that an edit changed; None where it has no project.

        What the edit left as it was is left as it is; comments go.
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
    """Return the tables of a list that bear a name; what else stands there says nothing."""
    listed = value if isinstance(value, list) else []
    return [each for each in listed if isinstance(each, dict) and "name" in each]


def _named(table: Mapping[str, Any]) -> str:
    return canonicalize_name(str(table["name"]))


def _is_on_disk(package: Mapping[str, Any]) -> bool:
    source = package.get("source")
    return isinstance(source, dict) and not source.keys().isdisjoint(("virtual", "editable"))


def _is_own(package: Mapping[str, Any]) -> bool:
    """Tell whether a locked package is the project itself."""
    source = package.get("source")
    return isinstance(source, dict) and "." in (source.get("virtual"), source.get("editable"))


def _by_name(entries: Iterable[Entry]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for entry in entries:
        found.setdefault(entry.name, set()).add(entry.requirement)
    return found


def _name(line: object) -> str:
    try:
        return canonicalize_name(Requirement(str(line)).name)
    except InvalidRequirement:  # uv says so
        return ""
