"""Detecting whether a list that another tool wrote is a complete closure.

A closed list is installed without resolving the requirements of its lines. Any other is open:
MLflow's own names what a model imports, and leaves the dependencies to the installer. A list is
closed by one of:

- hashes on every line that applies: pip then installs nothing else;
- ``MLFLOW_LOCK_MODEL_DEPENDENCIES``: the list records what it was made from;
- a ``uv.lock`` from which the list was exported, or a ``pylock.toml`` (PEP 751) of the same names,
  as far as they apply to the Python of the list and this platform.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from packaging.markers import InvalidMarker, Marker
from packaging.utils import canonicalize_name

from ..base.siblings import envfiles
from .pin_set import PinSet

_PYLOCK, _UV_LOCK = "pylock.toml", "uv.lock"
_LISTS = ("requirements.txt", "conda.yaml")
_ORIGINAL = "# Original requirements"
_LOCKED = "# Locked requirements"


def closing_roots(folder: Path, spec: envfiles.EnvSpec) -> frozenset[str] | None:
    """Return the root names of a closed list; None: the list is open.

    `spec` is read from the files of the folder. An unreadable lock closes nothing; checks of the
    folder report it. Raises InvalidFile for lists that cannot be read.
    """
    names = frozenset(entry.name for entry in spec.requirements)
    here = PinSet(spec).applicable() or spec.requirements
    if names and all(entry.hashes for entry in here):
        return names
    for file in _LISTS:
        roots = _mlflow_roots(envfiles.read_text(folder / file, within=folder) or "")
        if roots:
            return roots & names
    return _closed_by_lock(folder, spec, names)


def _closed_by_lock(
    folder: Path, spec: envfiles.EnvSpec, names: frozenset[str]
) -> frozenset[str] | None:
    """Return the root names of a list that a lock beside it closes; None: no lock does."""
    if not any((folder / name).exists() for name in (_PYLOCK, _UV_LOCK)):
        return None
    environment = PinSet(spec).target().markers
    try:
        project = envfiles.UvProject.read(folder, environment)
        if project is not None:
            return project.roots_of(spec.requirements)
        locked = _locked(folder, environment)
    except envfiles.InvalidFile:
        return None
    return names if locked and names.issuperset(locked) else None


def _locked(folder: Path, environment: Mapping[str, str]) -> frozenset[str]:
    """Return the names that pylock.toml locks for an environment. Raises InvalidFile."""
    file = folder / _PYLOCK
    text = envfiles.read_text(file, within=folder)
    if text is None:
        return frozenset()
    packages = envfiles.read_toml(text, file=str(file)).get("packages", [])
    if not isinstance(packages, list) or not all(isinstance(each, dict) for each in packages):
        fault = envfiles.Fault(
            envfiles.Location(str(file), None, "packages"), "is no list of tables"
        )
        raise envfiles.InvalidFile([fault])
    return frozenset(
        canonicalize_name(str(each.get("name")))
        for each in packages
        if _is_installed(str(each.get("marker", "")), environment)
    )


def _is_installed(marker: str, environment: Mapping[str, str]) -> bool:
    """Return whether a package with a marker is installed; an invalid marker counts as true."""
    if not marker:
        return True
    try:
        return Marker(marker).evaluate(dict(environment), context="lock_file")
    except InvalidMarker:
        return True


def _mlflow_roots(text: str) -> frozenset[str]:
    """Return the names that MLflow locked, from the comments above its list; empty: none.

    In conda.yaml each line of the list is an item.
    """
    lines = [line.strip().removeprefix("- ").strip("'\"") for line in text.splitlines()]
    if _ORIGINAL not in lines or _LOCKED not in lines:
        return frozenset()
    said = lines[lines.index(_ORIGINAL) + 1 : lines.index(_LOCKED)]
    return frozenset(filter(None, (_name(line.removeprefix("#").strip()) for line in said)))


def _name(line: str) -> str:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        return canonicalize_name(Requirement(line).name)
    except InvalidRequirement:
        return ""
