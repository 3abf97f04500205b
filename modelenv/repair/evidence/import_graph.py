"""The graph of imports and requirements between a model and its pins."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ...base.siblings import resolver, tracer
from ...environments.interpreter import Python
from ...folder.documents.names import CODE
from ...folder.example import modules_of
from ...folder.model_folder import ModelFolder
from ...pins.reasons import Reasons
from ..context import place_of
from ..owners.files import FileKind, file_here, file_owners
from ..owners.modules import owner_of
from ..owners.stated import stated_owners

MODEL = "the model"
_VERBS = {"file": "read", "library": "loaded", "program": "started", "metadata": "looked up"}
# The form of a use in a pin's comment: `libtbb.so, loaded by numba/np/ufunc.py:7`.
_USE = re.compile(
    rf"(?<![^(),;: ])[^(),;: ]+, (?:{'|'.join(_VERBS.values())}) by "
    r"(?:the model|(?P<file>[^\s:;,()]+)(?::\d+)?)|"
    r"(?<![^(),;: ])[^(),;: ]+, which Python runs when it begins"
)


@dataclass(frozen=True, slots=True)
class SeenImport:
    """A record of a trace, with the files at their places here."""

    name: str
    file: str | None
    importer: str | None
    importer_file: str | None
    line: int | None
    loaded: bool
    phase: str
    how: str
    place: str
    """The place that asked, as the trace has it: ``sklearn/utils/fixes.py:19``."""


@dataclass(frozen=True, slots=True)
class ImportEdge:
    """One reason why a distribution is there."""

    parent: str
    """A distribution, or the model."""
    child: str
    kind: str
    """`import`, `metadata` (the parent requires it), `link`, or `touch` (another use of it)."""
    label: str
    """``sklearn/base.py:12 imports numpy``, ``requires numpy>=1.24``, ``a.so, loaded by b.py:7``"""

    def is_use_of(self, name: str) -> bool:
        """Return whether it records a use of the file, library or program `name`."""
        return self.kind == "touch" and self.label.startswith(f"{name}, ")


@dataclass(frozen=True, slots=True)
class Use:
    """A use of a pinned distribution other than an import, and its reason."""

    touch: Mapping[str, Any]
    edge: ImportEdge

    def is_of(self, name: str) -> bool:
        """Return whether it is a use of `name`, given by its path or without its folder."""
        path = str(self.touch["name"]).replace("\\", "/")
        return name in (path, path.rpartition("/")[2])


class ImportGraph:
    """The trace and the pins of one folder, matched with the distributions in `installed`."""

    def __init__(self, folder: ModelFolder, installed: resolver.Installed) -> None:
        self.folder = folder
        self.installed = installed
        # Of several lines for a name, the one for the model's Python counts.
        lines = (*folder.environment.requirements, *folder.pins.applicable())
        self.comments = {entry.name: entry.comment for entry in lines}
        self.pins = {entry.name: Requirement(entry.requirement) for entry in lines}
        self._roots = [str(folder.path / CODE), str(folder.path), *map(str, installed.paths)]

    @cached_property
    def records(self) -> tuple[SeenImport, ...]:
        """The imports, in the order they were seen."""
        return tuple(self._seen(record) for record in self.folder.trace.imports)

    @cached_property
    def touches(self) -> tuple[Mapping[str, Any], ...]:
        """The files, libraries, hosts and programs that were touched, if the trace has them."""
        touches = self.folder.trace.touches
        return tuple({**each, "name": self._find_touched(each)} for each in touches)

    @cached_property
    def named(self) -> tuple[str, ...]:
        """The modules that the model's pickle names; empty for a model from a script."""
        found = {each for file in self.folder.pickles for each in tracer.scan_modules(file)}
        return tuple(sorted(found))

    @cached_property
    def exemplified(self) -> tuple[str, ...]:
        """The modules of the types in the input example."""
        return modules_of(self.folder.example)

    def asked_for(self, name: str) -> bool:
        """Return whether a line of the user's requires a pin, and no other pin alone does."""
        return Reasons.read(self.comments[name]).is_asked_for(self.pins)

    @cached_property
    def attribution(self) -> resolver.Attribution:
        """The trace, attributed to the distributions installed here."""
        return resolver.attribute(
            self.records,
            self.installed,
            touched=[self._touch(each) for each in self.touches],
            named=self.named,
            exemplified=self.exemplified,
            stdlib=Python.current().stdlib,
        )

    @cached_property
    def traced(self) -> tuple[str, ...]:
        """Distributions loaded for the model, pinned or not; uninstalled ones by known modules."""
        attribution = self.attribution
        needed = (
            item.distribution.name for item in attribution.of_kind("direct", "input", "declared")
        )
        optional = {item.distribution.name for item in attribution.of_kind("optional")}
        own = {file.name.partition(".")[0] for file in (self.folder.path / CODE).glob("*")}
        others = {
            self.owner(record.name, record.file)
            for record in self.records
            if record.loaded and record.name.partition(".")[0] not in own
        }
        return tuple(dict.fromkeys((*needed, *sorted(filter(None, others - optional)))))

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """Uses of pinned distributions by other code than their own."""
        return tuple(use for touch in self.touches for use in self._uses_of(touch))

    def owner(self, module: str, file: str | None) -> str | None:
        """Return the pinned distribution of a module; None: it has none, or is the model's own."""
        if file is not None and Path(file).is_absolute():
            if file.startswith(str(self.folder.path)):
                return None
            owners = [item.name for item in self.installed.owners(file)]
            if owners:
                return next((name for name in owners if name in self.pins), owners[0])
        found = owner_of(module, self.installed, self.pins)
        return found.name if found.certain else None

    def edges(self) -> tuple[ImportEdge, ...]:
        """Return the reasons, one import and one requirement for each pair."""
        seen: dict[tuple[str, str, str], ImportEdge] = {}
        for edge in self.reasons():
            seen.setdefault((edge.parent, edge.child, edge.kind), edge)
        return tuple(seen.values())

    def reasons(self) -> tuple[ImportEdge, ...]:
        """Return every reason: each import, use and requirement."""
        found = (*self._import_edges(), *self._use_edges(), *self._metadata_edges())
        return (*found, *(() if self.folder.pins.closed else self._iter_open_edges()))

    def needs(self, name: str) -> tuple[Requirement, ...]:
        """Return a pinned distribution's requirements, if it is installed here as pinned."""
        pin = self.pins.get(name)
        return () if pin is None else self._needs_of(pin)

    def _needs_of(self, asked: Requirement) -> tuple[Requirement, ...]:
        """Return the requirements of the distribution here that meets a requirement, if any."""
        found = self.installed.get(asked.name)
        if found is None or not asked.specifier.contains(found.version, True):
            return ()
        needs = list(found.needs(self.installed.target))
        for extra in sorted(asked.extras):
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
        # Pins, and names that no line has.
        stated = stated_owners(self.folder, self.installed, self.pins)
        yield from (ImportEdge(MODEL, name, "import", label) for name, label in stated)
        for said, modules in (
            ("its pickle names", self.named),
            ("its input example holds values of", self.exemplified),
        ):
            for module in modules:
                owner = self.owner(module, None)
                if owner in self.pins:
                    assert owner is not None
                    yield ImportEdge(MODEL, owner, "import", f"{said} {module}")
        yield from (edge for _, edge in self.iter_imports())

    def iter_imports(self) -> Iterator[tuple[SeenImport, ImportEdge]]:
        """Yield each import of a pinned distribution by other code than its own, and its reason."""
        for record in self.records:
            # A module put into sys.modules by hand has no asker.
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
                yield record, ImportEdge(parent, child, "import", f"{place} imports {record.name}")

    def _uses_of(self, touch: Mapping[str, Any]) -> Iterator[Use]:
        kind, name = touch.get("kind"), str(touch["name"])
        if kind == "metadata":
            owners = [str(canonicalize_name(name))]
        else:
            owned = kind in get_args(FileKind)
            owners = [each.name for each in self.installed.owners(name)] if owned else []
        file = self._find(touch.get("importer_file"))
        asked = file is not None or touch.get("importer") is not None
        user = self.owner(str(touch.get("importer")), file) if asked else None
        for owner in owners:
            if owner in self.pins and owner != user:
                yield Use(touch, ImportEdge(user or MODEL, owner, "touch", self._said_of(touch)))

    def _said_of(self, touch: Mapping[str, Any]) -> str:
        """Return a use in words, with its user: ``libtbb.so, loaded by numba/core.py:7``."""
        file = touch.get("importer_file")
        seen = {**touch, "importer_file": file and self.installed.relative(file)}
        place = place_of(seen) or MODEL
        verb = _VERBS[touch["kind"]]
        base = str(touch["name"]).replace("\\", "/").rpartition("/")[2]
        return f"{'its metadata' if touch['kind'] == 'metadata' else base}, {verb} by {place}"

    def _use_edges(self) -> Iterator[ImportEdge]:
        """Yield the other uses of pinned distributions, and those that run when Python starts."""
        yield from (use.edge for use in self.uses)
        for item in self.attribution.startup:
            if item.distribution.name in self.pins:
                name = next((each.name.rpartition("/")[2] for each in item.evidence), "its code")
                said = f"{name}, which Python runs when it begins"
                yield ImportEdge(MODEL, item.distribution.name, "touch", said)

    def _metadata_edges(self) -> Iterator[ImportEdge]:
        for name in self.pins:
            for need in self.needs(name):
                child = canonicalize_name(need.name)
                if child in self.pins and child != name:
                    yield _requiring(name, need)
            yield from self._edges_of_comment(name)

    def _iter_open_edges(self) -> Iterator[ImportEdge]:
        """Yield an open list's lines, each a root, and the unnamed dependencies installed here."""
        for name in self.pins:
            yield ImportEdge(MODEL, name, "metadata", "its requirements list it")
        waiting = [(name, need) for name in self.pins for need in self.needs(name)]
        met = set(self.pins)
        while waiting:
            parent, need = waiting.pop(0)
            child = canonicalize_name(need.name)
            if child in self.pins:
                continue
            yield _requiring(parent, need)
            if child not in met:
                met.add(child)
                waiting += [(child, each) for each in self._needs_of(need)]

    def _edges_of_comment(self, name: str) -> Iterator[ImportEdge]:
        """Yield the reasons in a pin's comment, for distributions that are not installed here."""
        reasons = Reasons.read(self.comments[name])
        for parent in reasons.parents:
            if parent in self.pins:
                yield ImportEdge(parent, name, "metadata", f"requires {name}")
        for stranger in reasons.strangers(self.pins):
            yield ImportEdge(MODEL, name, "metadata", f"asked for by {stranger}")
        for own in reasons.own:
            for use in _USE.finditer(own):
                module = (use["file"] or "").removesuffix(".py").removesuffix("/__init__")
                user = self.owner(module.replace("/", "."), None) if module else None
                yield ImportEdge(user or MODEL, name, "touch", use[0])

    def _find(self, file: str | None) -> str | None:
        """Return the path of a traced file here, below an entry of the path, or as it is."""
        if file is None or os.path.isabs(file):  # noqa: PTH117
            return file
        # As texts, which cost a quarter of paths: a trace may have tens of thousands.
        found = (os.path.join(root, file) for root in self._roots)  # noqa: PTH118
        return next((str(Path(path)) for path in found if os.path.exists(path)), file)  # noqa: PTH110

    def _find_touched(self, touch: Mapping[str, Any]) -> str:
        """Return the path of a touched file here, also if it was elsewhere then."""
        name = str(touch.get("name", ""))
        kind = next((each for each in get_args(FileKind) if each == touch.get("kind")), None)
        if kind is None or Path(name).exists():
            return name
        owner = next(iter(file_owners(kind, name, self.installed)), None)
        return name if owner is None else file_here(kind, name, owner)

    def _touch(self, touch: Mapping[str, Any]) -> tracer.Touch:
        return tracer.Touch(
            kind=str(touch.get("kind", "")),
            name=str(touch["name"]),
            phase=str(touch.get("phase", "")),
            importer=touch.get("importer"),
            importer_file=self._find(touch.get("importer_file")),
            line=touch.get("line"),
        )

    def _seen(self, record: Mapping[str, Any]) -> SeenImport:
        kept = ("name", "importer", "line", "loaded", "phase", "how")
        known: dict[str, Any] = {key: record.get(key) for key in kept}
        known |= {key: self._find(record.get(key)) for key in ("file", "importer_file")}
        return SeenImport(**known, place=place_of(record))


def _requiring(parent: str, need: Requirement) -> ImportEdge:
    said = str(need).partition(";")[0].strip()
    return ImportEdge(parent, canonicalize_name(need.name), "metadata", f"requires {said}")
