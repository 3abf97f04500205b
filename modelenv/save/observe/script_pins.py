"""Pin what a traced program imported, at the installed versions."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...base.siblings import envfiles, resolver, tracer
from ...folder.bundling import separate_projects
from ...pins.origins import origin_notes
from ..build_account import asked_by


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptPins:
    """A pinned set without a proof, and the reason for each pin."""

    environment: envfiles.EnvSpec
    notes: tuple[str, ...]

    def __str__(self) -> str:
        """Return it as a requirements file."""
        _, _, lines = envfiles.write_files(self.environment)["requirements.txt"].partition("\n")
        return f"# What a program imported and used, pinned; written by modelenv.\n{lines}"

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-serialisable data."""
        return {
            "schema": 1,
            "python": self.environment.python,
            "requirements": [
                {"requirement": entry.requirement, "because": entry.comment}
                for entry in self.environment.requirements
            ],
            "notes": list(self.notes),
        }


def pins_of(seen: tracer.Trace, installed: resolver.Installed, folder: Path) -> ScriptPins:
    """Return the pins of the distributions that a program imported or used, and their dependencies.

    The program's files are named relative to `folder` if they are in there. Distributions that
    libraries merely tried to import are included, since no run has shown that they can be left out.
    Editable installs count as the user's own code; their requirements are pinned. Raises the
    resolver's errors if the installed versions cannot be pinned together.
    """
    found = resolver.attribute(seen.records, installed, touched=seen.touches)
    attribution, packed = separate_projects(found, carries_code=True, named=())
    projects = [each.distribution for each in (*attribution.projects, *packed)]
    imported = attribution.of_kind("direct", "input")
    optional = attribution.of_kind("optional")
    roots = {each.distribution.name: each for each in (*imported, *optional)}
    merged = resolver.merge(
        [each.distribution for each in roots.values()],
        target=installed.target,
        projects=projects,
    )
    resolution = resolver.resolve(merged, installed)
    entries = []
    for pin in resolution.pins:
        reasons = [_reason(roots[pin.name], folder)] if pin.name in roots else []
        reasons += [f"via {', '.join(pin.via)}"] if pin.via else []
        entries.append(envfiles.Entry(str(pin.requirement), "; ".join(reasons)))
    spec = envfiles.EnvSpec(python=installed.target.python_version, requirements=tuple(entries))
    notes = (
        *resolution.notes,
        *_notes(projects, optional),
        *origin_notes(resolution.pins, installed, resolver.Lines(), ask=False),
        *seen.notes,
    )
    return ScriptPins(environment=spec, notes=notes)


def _reason(root: resolver.Attributed, folder: Path) -> str:
    """Return the place that imported a distribution or used it otherwise."""
    asked = asked_by(root).replace(f"{folder}{os.sep}", "")
    if root.kind == "optional":
        return f"imported by a library ({asked})"
    first = next(iter(root.evidence), None)
    unnamed = first is None or (first.file is None and first.importer is None)
    return f"imported by {'the program' if unnamed else asked}"


def _notes(
    projects: Sequence[resolver.Distribution], optional: Sequence[resolver.Attributed]
) -> Iterator[str]:
    """Yield remarks on the list."""
    for each in projects:
        yield f"{each.name} is an editable install: its requirements are pinned, itself is not"
    if optional:
        names = ", ".join(item.distribution.name for item in optional)
        yield f"libraries merely looked for {names}: it may run without"
