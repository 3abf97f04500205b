"""The files of a uv project that lie beside a model: MLflow 3.11 and newer restores from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ..text import read_text
from .pylock import read_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
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

    @classmethod
    def read(cls, folder: Path) -> UvProject | None:
        """Read the uv project of a folder; None where it has no lock. Raises InvalidFile."""
        text = read_text(folder / UV_LOCK)
        if text is None:
            return None
        packages = read_toml(text, file=UV_LOCK).get("package", ())
        own = read_text(folder / PYPROJECT)
        versions: dict[str, frozenset[str]] = {}
        for each in packages if isinstance(packages, list) else ():
            if isinstance(each, dict) and {"name", "version"} <= each.keys() and not _is_own(each):
                name = canonicalize_name(str(each["name"]))
                versions[name] = versions.get(name, frozenset()) | {str(each["version"])}
        return cls(
            versions=versions,
            project=None if own is None else read_toml(own, file=PYPROJECT),
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
