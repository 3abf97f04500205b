"""Tell of a list that another tool wrote whether it is a whole closure.

Such a list is installed without asking what its lines require. Any other is open: MLflow's own
names what a model imports, and leaves the rest to whoever installs it. What closes one is a lock:

- hashes on every line: pip then installs nothing else;
- ``MLFLOW_LOCK_MODEL_DEPENDENCIES``: the list says itself what it was made from;
- a ``uv.lock`` of which the list was exported, or a ``pylock.toml`` (PEP 751) of the same names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..base.siblings import envfiles

_UV = "uv.lock"
_PYLOCK = "pylock.toml"
_LISTS = ("requirements.txt", "conda.yaml")
_ORIGINAL = "# Original requirements"
_LOCKED = "# Locked requirements"

_Packages = Mapping[str, list[Mapping[str, Any]]]
"""The packages of a uv.lock by name; several where it has several versions."""


def closing_roots(folder: Path, spec: envfiles.EnvSpec) -> frozenset[str] | None:
    """Return the names for whose sake a closed list is what it is; None: the list is open.

    `spec` is what the files of the folder say. A uv.lock that cannot be read, which is MLflow's,
    closes nothing. Raises InvalidFile for a pylock.toml that cannot be read.
    """
    names = frozenset(entry.name for entry in spec.requirements)
    if names and all(entry.hashes for entry in spec.requirements):
        return names
    for file in _LISTS:
        roots = _mlflow_roots(envfiles.read_text(folder / file) or "")
        if roots:
            return roots & names
    if (folder / _UV).is_file():
        try:
            return _uv_roots(_toml(folder / _UV), spec)
        except envfiles.InvalidFile:
            return None
    locked = _toml(folder / _PYLOCK).get("packages", ())
    covered = bool(locked) and names.issuperset(str(each.get("name")) for each in locked)
    return names if covered else None


def _toml(file: Path) -> Mapping[str, Any]:
    return envfiles.read_toml(envfiles.read_text(file) or "", file=str(file))


def _mlflow_roots(text: str) -> frozenset[str]:
    """Return what MLflow locked, as the comments above its list name it; nothing: it locked none.

    In conda.yaml each line of the list is an item.
    """
    lines = [line.strip().removeprefix("- ").strip("'\"") for line in text.splitlines()]
    if _ORIGINAL not in lines or _LOCKED not in lines:
        return frozenset()
    said = lines[lines.index(_ORIGINAL) + 1 : lines.index(_LOCKED)]
    return frozenset(filter(None, (_name(line.removeprefix("#").strip()) for line in said)))


def _uv_roots(document: Mapping[str, Any], spec: envfiles.EnvSpec) -> frozenset[str] | None:
    """Return what the project of a uv.lock asks for, where the list is an export of that lock."""
    packages: dict[str, list[Mapping[str, Any]]] = {}
    for package in document.get("package", ()):
        packages.setdefault(str(package.get("name")), []).append(package)
    names = frozenset(entry.name for entry in spec.requirements)
    if not names or not all(_is_exported(entry, packages, names) for entry in spec.requirements):
        return None
    own = (each for same in packages.values() for each in same if _is_project(each))
    return names.intersection(name for project in own for name in _needs(project))


def _is_exported(entry: envfiles.Entry, packages: _Packages, names: frozenset[str]) -> bool:
    """Tell whether a line is a package of the lock, and all that it needs there is listed too."""
    return any(
        (entry.version == each.get("version") or "@" in entry.requirement)
        and names.issuperset(_needs(each))
        for each in packages.get(entry.name, ())
    )


def _is_project(package: Mapping[str, Any]) -> bool:
    source = package.get("source", {})
    return any(kind in source for kind in ("virtual", "editable"))


def _needs(package: Mapping[str, Any]) -> Iterable[str]:
    return [str(each["name"]) for each in package.get("dependencies", ()) if "name" in each]


def _name(line: str) -> str:
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    try:
        return canonicalize_name(Requirement(line).name)
    except InvalidRequirement:
        return ""
