"""Things that the prediction used besides modules: files, libraries, programs, hosts, metadata."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..base.siblings import tracer
from ..repair.context import place_of
from ..repair.evidence.import_graph import MODEL, ImportGraph

_FILES = ("file", "library", "program")
_PHASES = {"load": "loading", "predict": "predicting", "start": "starting"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchedThing:
    """One thing that the prediction used."""

    kind: str
    """`file`, `library`, `program`, `host` or `metadata`."""
    name: str
    """Its path, relative to the environment if it is in there; or a host, or a distribution."""
    belongs: str
    """Its owner: a distribution, a system package, or the model; empty if unknown."""
    asked_by: str
    """The line that used it: ``features.py:13``; empty if unknown."""
    phase: str
    """When it was used: `loading` or `predicting`."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-serialisable data."""
        return asdict(self)


def iter_touched(graph: ImportGraph) -> Iterator[TouchedThing]:
    """Yield what was used, without repetitions, sorted by kind and name."""
    seen: set[tuple[str, str]] = set()
    touches = sorted(graph.touches, key=lambda each: (each["kind"], str(each["name"])))
    paths = [str(each["name"]) for each in touches if each["kind"] in _FILES]
    owners = {path: _owner(graph, path) for path in paths}
    system = tracer.system_packages(path for path, owner in owners.items() if not owner)
    for each in touches:
        kind, name = each["kind"], str(each["name"])
        if (kind, name) in seen:
            continue
        seen.add((kind, name))
        package = system.get(name)
        yield TouchedThing(
            kind=kind,
            name=_shown(graph, name) if kind in _FILES else name,
            belongs=owners.get(name, "") or (f"{package} (system)" if package else ""),
            asked_by=place_of(each),
            phase=_PHASES.get(each.get("phase", ""), each.get("phase", "")),
        )


def _owner(graph: ImportGraph, path: str) -> str:
    if Path(path).is_relative_to(graph.folder.path):
        return MODEL
    owners = [each.name for each in graph.installed.owners(path)]
    return next((name for name in owners if name in graph.pins), owners[0] if owners else "")


def _shown(graph: ImportGraph, path: str) -> str:
    """Return a path without the prefix of the model's folder or the environment."""
    if Path(path).is_relative_to(graph.folder.path):
        return Path(path).relative_to(graph.folder.path).as_posix()
    return graph.installed.relative(path)
