"""The graph of imports and requirements between a model and its pins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..base.siblings import resolver, tracer
from ..environments.interpreter import Python
from ..folder.example import modules_of
from ..folder.mlmodel import CODE
from ..folder.model_folder import ModelFolder
from ..pins.reasons import Reasons
from .module_owners import owner_of

MODEL = "the model"


@dataclass(frozen=True, slots=True)
class SeenImport:
    """A record of a trace, with the files where they stand here."""

    name: str
    file: str | None
    importer: str | None
    importer_file: str | None
    line: int | None
    loaded: bool
    phase: str
    how: str
    place: str
    """Who asked, as the trace has it: ``sklearn/utils/fixes.py:19``."""


@dataclass(frozen=True, slots=True)
class ImportEdge:
    """One reason for which a distribution is there."""

    parent: str
    """A distribution, or the model."""
    child: str
    kind: str
    """`import`, `metadata`, `link` or `touch`."""
    label: str
    """``sklearn/base.py:12 imports numpy``, or ``requires numpy>=1.24``."""


class ImportGraph:
    """The trace and the pins of one folder, looked at with what is installed in `installed`."""

    def __init__(self, folder: ModelFolder, installed: resolver.Installed) -> None:
        self.folder = folder
        self.installed = installed
        spec = folder.environment
        self.comments = {entry.name: entry.comment for entry in spec.requirements}
        self.pins = {entry.name: Requirement(entry.requirement) for entry in spec.requirements}
        self._roots = [folder.path / CODE, folder.path, *map(Path, installed.paths)]

    @cached_property
    def records(self) -> tuple[SeenImport, ...]:
        """The imports, in the order they were seen."""
        return tuple(self._seen(record) for record in self.folder.trace.imports)

    @cached_property
    def touches(self) -> tuple[Mapping[str, Any], ...]:
        """The files, libraries, hosts and programs that were touched, where the trace has them."""
        touches = self.folder.trace.touches
        return tuple({**each, "name": self._find(each["name"])} for each in touches)

    @cached_property
    def named(self) -> tuple[str, ...]:
        """The modules that the model's pickle names; a model from a script has none."""
        found = {each for file in self.folder.pickles for each in tracer.scan_modules(file)}
        return tuple(sorted(found))

    @cached_property
    def exemplified(self) -> tuple[str, ...]:
        """The modules whose values the input example is made of."""
        return modules_of(self.folder.example)

    def asked_for(self, name: str) -> bool:
        """Return whether a line of the user's asks for a pin, and no other pin alone."""
        return Reasons.read(self.comments[name]).is_asked_for(self.pins)

    @cached_property
    def attribution(self) -> resolver.Attribution:
        """The trace, attributed to what is installed here."""
        return resolver.attribute(
            self.records,
            self.installed,
            named=self.named,
            exemplified=self.exemplified,
            stdlib=Python.current().stdlib,
        )

    def owner(self, module: str, file: str | None) -> str | None:
        """Return the pinned distribution of a module; None: it is nobody's, or the model's own."""
        if file is not None and Path(file).is_absolute():
            if file.startswith(str(self.folder.path)):
                return None
            owners = [item.name for item in self.installed.owners(file)]
            if owners:
                return next((name for name in owners if name in self.pins), owners[0])
        found = owner_of(module, self.installed, self.pins)
        return found.name if found.certain else None

    def edges(self) -> tuple[ImportEdge, ...]:
        """Return every reason, one import and one requirement a pair."""
        seen: dict[tuple[str, str, str], ImportEdge] = {}
        for edge in (*self._import_edges(), *self._metadata_edges()):
            seen.setdefault((edge.parent, edge.child, edge.kind), edge)
        return tuple(seen.values())

    def needs(self, name: str) -> tuple[Requirement, ...]:
        """Return what a pinned distribution requires, where it is installed here as pinned."""
        found = self.installed.get(name)
        pin = self.pins.get(name)
        if found is None or pin is None or not pin.specifier.contains(found.version, True):
            return ()
        needs = list(found.needs(self.installed.target))
        for extra in sorted(pin.extras):
            needs += found.needs(self.installed.target, extra)
        return tuple(needs)

    def closure(self, names: Iterable[str]) -> frozenset[str]:
        """Return the pins that `names` lead to by their metadata, themselves included."""
        reached: set[str] = set()
        waiting = [name for name in names if name in self.pins]
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                children = (canonicalize_name(need.name) for need in self.needs(name))
                waiting += [child for child in children if child in self.pins]
        return frozenset(reached)

    def _import_edges(self) -> Iterator[ImportEdge]:
        for said, modules in (
            ("its pickle names", self.named),
            ("its input example holds values of", self.exemplified),
        ):
            for module in modules:
                owner = self.owner(module, None)
                if owner in self.pins:
                    assert owner is not None
                    yield ImportEdge(MODEL, owner, "import", f"{said} {module}")
        for record in self.records:
            # What was put into sys.modules by hand has nobody who asked for it.
            asked = record.loaded and record.how in ("imported", "ran", "held")
            child = self.owner(record.name, record.file) if asked else None
            if child is None or child not in self.pins:
                continue
            parent = MODEL
            if record.importer is not None or record.importer_file is not None:
                importer = record.importer or ""
                parent = self.owner(importer, record.importer_file) or MODEL
            if parent != child:
                place = record.place or MODEL
                yield ImportEdge(parent, child, "import", f"{place} imports {record.name}")

    def _metadata_edges(self) -> Iterator[ImportEdge]:
        for name in self.pins:
            needs = self.needs(name)
            for need in needs:
                child = canonicalize_name(need.name)
                if child in self.pins and child != name:
                    said = str(need).partition(";")[0].strip()
                    yield ImportEdge(name, child, "metadata", f"requires {said}")
            yield from self._edges_of_comment(name)

    def _edges_of_comment(self, name: str) -> Iterator[ImportEdge]:
        """Yield the reasons in a pin's comment, for what is not installed here."""
        reasons = Reasons.read(self.comments[name])
        for parent in reasons.parents:
            if parent in self.pins:
                yield ImportEdge(parent, name, "metadata", f"requires {name}")
        for stranger in reasons.strangers(self.pins):
            yield ImportEdge(MODEL, name, "metadata", f"asked for by {stranger}")

    def _find(self, file: str | None) -> str | None:
        """Return a file of the trace where it stands here, below an entry of the path, or as is."""
        if file is None or Path(file).is_absolute():
            return file
        found = (root / file for root in self._roots)
        return next((str(path) for path in found if path.exists()), file)

    def _seen(self, record: Mapping[str, Any]) -> SeenImport:
        asked = record.get("importer_file")
        return SeenImport(
            name=record["name"],
            file=self._find(record.get("file")),
            importer=record.get("importer"),
            importer_file=self._find(asked),
            line=record.get("line"),
            loaded=record["loaded"],
            phase=record["phase"],
            how=record["how"],
            place=f"{asked}:{record.get('line')}" if asked else "",
        )
