"""Find every chain from a model to something in its environment."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal, get_args

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..base import arguments
from ..base.doors import door
from ..base.errors import WrongUseError
from ..base.siblings import resolver, tracer
from ..base.telling.suggesting import near
from ..base.text import brief, few
from ..environments.interpreter import Python
from ..folder.model_folder import ModelFolder
from .import_graph import MODEL, ImportEdge, ImportGraph, SeenImport

_LONGEST = 8
_COMPILED = (".so", ".dylib", ".pyd", ".dll")

_DONE = {"file": "reads", "library": "loads", "program": "starts"}

_KNOWN_UNTRACED = "this is what its requirements and the metadata of what is installed here say"

Kind = Literal["distribution", "module", "file", "library", "program"]


@dataclass(frozen=True, slots=True)
class Chain:
    """One way from the model to a target, a link for each step."""

    links: tuple[ImportEdge, ...]

    def __str__(self) -> str:
        """Return it as one line."""
        text = MODEL
        for link in self.links:
            text += f" -> {link.child} ({link.label})"
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The reason why a target is there."""

    target: str
    kind: Kind
    about: str
    """A sentence that describes it."""
    chains: tuple[Chain, ...]
    """The shortest first."""
    more: int
    """The number of further chains."""
    traced: bool = True
    """Whether the model has a trace; without one only requirements explain."""

    @classmethod
    def of(cls, target: str, kind: Kind, about: str, found: Sequence[Chain], limit: int) -> Why:
        """Return what was `found`, the first `limit` chains of it."""
        more = max(0, len(found) - limit)
        return cls(target=target, kind=kind, about=about, chains=tuple(found[:limit]), more=more)

    def __str__(self) -> str:
        """Return it as a few lines of text."""
        return "\n  ".join([self.about, *map(str, self.chains), *self.remarks])

    @property
    def remarks(self) -> Iterator[str]:
        """Remarks on the chains."""
        if not self.chains and self.traced:
            yield "no chain from the model leads to it"
        if not self.traced:
            yield f"no trace is there: {_KNOWN_UNTRACED}"
        if self.more:
            yield f"… and {self.more} more (--all)"

    def __repr__(self) -> str:
        """Return its first line, short."""
        return brief(self)

    def _repr_html_(self) -> str:
        """Return the report for a notebook."""
        from ..base.telling.notebook import as_html

        return as_html(str(self))

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"schema": 1, **asdict(self)}


@door
def why(
    folder: str | os.PathLike[str],
    target: str,
    *,
    limit: int = 10,
    installed: resolver.Installed | None = None,
) -> Why:
    """Return the chains from the model in `folder` to `target`, `limit` of them at most.

    `target` is a distribution, a module, or the path or name of a data file, a shared library or a
    program that was touched. `installed` is what the folder's pins are looked up in, by default
    what is installed here. Raises BadFolderError, and WrongUseError for what the folder knows
    nothing of.
    """
    arguments.text("target", target, "the name of a distribution, a module or a file")
    here = Python.current().installed() if installed is None else installed
    graph = ImportGraph(ModelFolder.open(folder), here)
    name = canonicalize_name(target)
    if name in graph.pins:
        return _distribution(graph, name, limit)
    record = next((item for item in graph.records if item.name == target), None)
    if record is not None:
        return _module(graph, record, limit)
    used = next((use.touch for use in graph.uses if use.is_of(target)), None)
    if used is not None:
        return _touched(graph, used, limit)
    told = next((edge for edge in graph.edges() if edge.is_use_of(target)), None)
    if told is not None:
        about = f"{told.child}: {told.label}"
        return Why.of(target, "file", about, _through(graph, told), limit)
    touched = [item for item in graph.touches if _is_meant(item, target)]
    if touched:
        return _touched(graph, touched[0], limit)
    left_out = graph.folder.mlmodel.left_out
    if name in left_out:
        raise WrongUseError(
            f"{name} is not in the environment: {left_out[name]} asked for it, and the prediction"
            " is the same without it"
        )
    if not graph.folder.is_traced:
        return _untraced(graph, target, limit)
    modules = {item.name.partition(".")[0] for item in graph.records}
    meant = near(target, sorted(modules.union(graph.pins)))
    said = f"{target} is no requirement of {graph.folder.path}, and its trace did not see it"
    raise WrongUseError(f"{said}.{meant}" if meant else said)


def _untraced(graph: ImportGraph, target: str, limit: int) -> Why:
    """Return who requires what no line names, or whose module a target is. Raises WrongUseError."""
    owner = graph.owner(target, None)
    if owner in graph.pins:
        assert owner is not None
        found = _distribution(graph, owner, limit)
        return replace(found, about=f"{target} belongs to {owner}: {found.about}")
    name = owner or canonicalize_name(target)
    chains = list(_chains(graph.edges(), name))
    here = graph.installed.get(name)
    if chains:
        version = f"{here.label} {here.version} is here" if here else "it is not installed here"
        direct = any(chain.links[0].kind == "import" for chain in chains)
        said = "the model's own files name it" if direct else "is required by others"
        about = f"{name} is no line of the requirements, and {said}; {version}"
        return replace(Why.of(name, "distribution", about, chains, limit), traced=False)
    absent = [each for each, pin in graph.pins.items() if not _is_here(graph, pin)]
    unknown = f" (not installed here as it is required: {few(absent)})" if absent else ""
    raise WrongUseError(
        f"{target} is no requirement of {graph.folder.path}, which has no trace; by the metadata of"
        f" what is installed here none of its requirements needs it{unknown}"
    )


def _is_here(graph: ImportGraph, pin: Requirement) -> bool:
    found = graph.installed.get(pin.name)
    return found is not None and pin.specifier.contains(found.version, True)


def _distribution(graph: ImportGraph, name: str, limit: int) -> Why:
    chains = list(_chains(graph.edges(), name))
    comment = graph.comments.get(name, "")
    about = str(graph.pins[name]) + (f": {comment}" if comment else "")
    found = Why.of(name, "distribution", about, chains, limit)
    return replace(found, traced=graph.folder.is_traced)


def _module(graph: ImportGraph, record: SeenImport, limit: int) -> Why:
    """Return who imported whom up to the model, then the chains of its distribution."""
    module = record.name
    chains = [Chain(tuple(_importers(graph.records, module)))]
    owner = graph.owner(module, record.file)
    if owner is not None and owner in graph.pins:
        chains += _chains(graph.edges(), owner)
    state = "" if record.loaded else ", and was not found"
    about = f"the module {module} was asked for{state}"
    about += f"; it belongs to {owner}" if owner is not None else ""
    if owner in graph.folder.mlmodel.left_out:
        about += ", which was left out: the prediction is the same without it"
    return Why.of(module, "module", about, chains, limit + 1)


def _touched(graph: ImportGraph, item: Mapping[str, Any], limit: int) -> Why:
    path = str(item["name"])
    kind: Kind = item["kind"]
    owners = [each.name for each in graph.installed.owners(path)]
    owner = next((name for name in owners if name in graph.pins), None)
    phase = f" (while: {item['phase']})" if item.get("phase") else ""
    about = f"the {kind} {path} was touched by {_asker(item)}{phase}; {_belongs(path, owner)}"
    if owner is not None:
        uses = (use.edge for use in graph.uses if use.touch["name"] == path)
        own = (chain for edge in dict.fromkeys(uses) for chain in _through(graph, edge))
        chains = list(dict.fromkeys((*own, *_chains(graph.edges(), owner))))
    else:
        chains = list(_asking(graph, item))
        chains += _linking(graph, path) if kind == "library" else []
    return Why.of(path, kind, about, chains, limit)


def _asking(graph: ImportGraph, item: Mapping[str, Any]) -> Iterator[Chain]:
    """Yield the way from the model to the module that asked for what was touched."""
    if item.get("importer_file"):
        module = item.get("importer")
        way = _importers(graph.records, module) if module else []
        label = f"{_asker(item)} {_DONE[item['kind']]} it"
        yield Chain((*way, ImportEdge(module or MODEL, item["name"], "touch", label)))


def _asker(item: Mapping[str, Any]) -> str:
    """Return the line that asked for what was touched."""
    file, line = item.get("importer_file"), item.get("line")
    return "the model" if not file else f"{file}:{line}" if line else str(file)


def _belongs(path: str, owner: str | None) -> str:
    """Return the owner of a file: a requirement, or a package of the system here."""
    if owner is not None:
        return f"it belongs to {owner}"
    package = tracer.system_packages([path])[path]
    also = f", but to the system's package {package}" if package else ""
    return f"it belongs to no requirement{also}"


def _through(graph: ImportGraph, last: ImportEdge) -> list[Chain]:
    """Return the chains that end with a link, the shortest first."""
    if last.parent == MODEL:
        return [Chain((last,))]
    return [Chain((*way.links, last)) for way in _chains(graph.edges(), last.parent)]


def _linking(graph: ImportGraph, library: str) -> list[Chain]:
    """Return who links to a library of the system up to the model, the shortest chains first."""
    pinned = [item for item in graph.installed if item.name in graph.pins]
    found = [
        Chain((*chain.links, ImportEdge(item.name, library, "link", f"{file} links to it")))
        for item, file in iter_linking(library, pinned)
        for chain in _chains(graph.edges(), item.name)
    ]
    return sorted(found, key=lambda chain: len(chain.links))


def _chains(edges: Sequence[ImportEdge], target: str) -> Iterator[Chain]:
    """Yield every way from the model without a circle, the shortest first.

    Paths are grown backwards from the target, so only paths to it are examined.
    """
    parents: dict[str, list[ImportEdge]] = {}
    for edge in edges:
        parents.setdefault(edge.child, []).append(edge)
    ways: list[tuple[ImportEdge, ...]] = [(edge,) for edge in parents.get(target, ())]
    for _ in range(_LONGEST):
        longer: list[tuple[ImportEdge, ...]] = []
        for way in ways:
            first = way[0].parent
            if first == MODEL:
                yield Chain(way)
                continue
            met = {target, *(edge.parent for edge in way)}
            longer += [(edge, *way) for edge in parents.get(first, ()) if edge.parent not in met]
        ways = longer


def _importers(records: Sequence[SeenImport], module: str) -> list[ImportEdge]:
    first: dict[str, SeenImport] = {}
    for record in records:
        first.setdefault(record.name, record)
    links: list[ImportEdge] = []
    name: str | None = module
    met: set[str] = set()
    while name is not None and name in first and name not in met:
        met.add(name)
        record = first[name]
        parent = record.importer
        label = f"{record.place} imports it" if record.place else "the model asks for it"
        links.append(ImportEdge(parent or MODEL, name, "import", label))
        name = parent
    return links[::-1]


def _is_meant(item: Mapping[str, Any], target: str) -> bool:
    """Return whether a target is that file: its path, its name, or the short name of a library.

    A program may be named as it was asked for, by its name alone.
    """
    path, kind = str(item.get("name", "")), item.get("kind")
    name = os.path.basename(path)  # noqa: PTH119  # it may be a URL
    short = kind == "library" and ".so" in target and name.startswith(f"{target}.")
    return kind in get_args(Kind)[2:] and (target in (path, name) or short)


def iter_linking(
    library: str, distributions: Iterable[resolver.Distribution]
) -> Iterator[tuple[resolver.Distribution, str]]:
    """Yield each distribution with a file that links to the library, and one such file.

    A compiled file contains the name of a linked library between two zero bytes, perhaps by its
    short name (``libgomp.so.1`` of ``libgomp.so.1.0.0``).
    """
    needles = [b"\0%s\0" % name.encode() for name in short_names(library)]
    for distribution in distributions:
        compiled = (file for file in distribution.files if _is_compiled(file))
        found = next((each for each in compiled if _names(distribution, each, needles)), None)
        if found is not None:
            yield distribution, found


def short_names(library: str) -> list[str]:
    """Return the names that a library may be linked by.

    >>> short_names("/usr/lib/libstdc++.so.6.0.30")
    ['libstdc++.so.6.0.30', 'libstdc++.so.6.0', 'libstdc++.so.6']
    """
    name = PurePosixPath(library).name
    stem, dot, version = name.partition(".so.")
    numbers = version.split(".") if dot else []
    longest = [f"{stem}{dot}{'.'.join(numbers[:end])}" for end in range(len(numbers), 0, -1)]
    return longest or [name]


def _is_compiled(file: str) -> bool:
    name = file.rpartition("/")[2]
    return name.endswith(_COMPILED) or ".so." in name


def _names(distribution: resolver.Distribution, file: str, needles: Iterable[bytes]) -> bool:
    try:
        with (
            (Path(distribution.location) / file).open("rb") as opened,
            mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content,
        ):
            return any(content.find(needle) >= 0 for needle in needles)
    except (OSError, ValueError):  # it is gone, or empty
        return False
