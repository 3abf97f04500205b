"""What a prediction touched besides modules: who did, since when, and whose it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...base.siblings import tracer
from ...base.text import few
from ...environments.interpreter import Python
from ...system.library_names import library_names
from .chains import Chain, importers, iter_chains, through
from .import_graph import MODEL, ImportEdge, ImportGraph
from .linking import is_compiled, iter_linking, links_to
from .parts import FolderPart, copies_of, ends

Touch = Mapping[str, Any]
"""A record of the trace: its kind, its name, and perhaps who touched it in which phase."""

_DOES = {"file": "reads", "library": "loads", "program": "starts", "host": "contacts"}
_DONE = {"file": "read", "library": "loaded", "program": "started", "host": "contacted"}
_SINCE = {"start": " before it loads", "load": " while it loads", "predict": " while it predicts"}


def is_meant(item: Touch, target: str, part: FolderPart | None) -> bool:
    """Return whether a target is what was touched: by its path or the end of it.

    A host may be given without its port, a library by the short name that is linked, and a file by
    the copy of it that travels, `part`.
    """
    path, kind = str(item.get("name", "")), item.get("kind")
    if kind == "host":
        return target.casefold() in (path.casefold(), host_of(path).casefold())
    short = kind == "library" and ".so" in target and target in library_names(path)
    meant = ends(path, target) or path == str(Path(target).absolute())
    carried = part is not None and bool(part.carried) and ends(path, part.carried)
    return kind in _DONE and (meant or short or carried)


def host_of(name: str) -> str:
    """Return a host without its port.

    >>> host_of("files.example:443"), host_of("[::1]:80")
    ('files.example', '::1')
    """
    return name.rpartition(":")[0].strip("[]")


def since(phase: str | None) -> str:
    """Return in words the first phase of the traced run that had something; empty if unknown."""
    return _SINCE.get(str(phase).partition(" ")[0], "")


def describe(graph: ImportGraph, item: Touch) -> str:
    """Return a sentence on what was touched: what it is, by whom, since when, and whose."""
    done = f"{_DONE[item['kind']]} by {_asker(item)}{since(item.get('phase'))}"
    return f"the {item['kind']} {item['name']}, {done}, {next(_iter_owners(graph, item))}"


def chains_to(graph: ImportGraph, item: Touch) -> list[Chain]:
    """Return the ways from the model to what was touched, or to its distribution."""
    path = str(item["name"])
    owner = _pin_of(graph, item)
    if owner is None:
        asking = list(_iter_asking(graph, item))
        return asking + (_linking(graph, path) if item["kind"] == "library" else [])
    uses = (use.edge for use in graph.uses if use.touch["name"] == path)
    own = (chain for edge in dict.fromkeys(uses) for chain in through(graph, edge))
    return list(dict.fromkeys((*own, *iter_chains(graph.edges(), owner))))


def _pin_of(graph: ImportGraph, item: Touch) -> str | None:
    if item["kind"] == "host":
        return None
    owners = (each.name for each in graph.installed.owners(str(item["name"])))
    return next((name for name in owners if name in graph.pins), None)


def _asker(item: Touch) -> str:
    """Return the line that asked for what was touched."""
    file, line = item.get("importer_file"), item.get("line")
    return "the model" if not file else f"{file}:{line}" if line else str(file)


def _iter_owners(graph: ImportGraph, item: Touch) -> Iterator[str]:
    """Yield whose it is, what is certain first: a requirement, the model, the system here."""
    kind, path = item["kind"], str(item["name"])
    owner = _pin_of(graph, item)
    if owner is not None:
        yield f"belongs to {owner}"
    if kind == "host":
        yield f"is no part of the folder{_reached(graph, path)}"
    copies = copies_of(graph.folder, path)
    if copies:
        yield f"is the model's own, and travels as {few(copies)}"
    if path in graph.folder.mlmodel.allow_paths:
        yield "belongs to no requirement, and stays where it is: runs see it there (allow_paths)"
    package = tracer.system_packages([path])[path]
    if package:
        yield f"belongs to the system's package {package}, which no requirement installs"
    if kind == "file":
        yield (
            "belongs to no requirement, and does not travel: artifacts= (--artifact) takes it along"
            " when a model is saved"
        )
    yield "belongs to no requirement, and to no package of the system here"


def _reached(graph: ImportGraph, host: str) -> str:
    """Return what the proof says of a host."""
    model = graph.folder.mlmodel
    if {host, host_of(host)} & {*model.allow_hosts}:
        return ": runs may contact it (allow_hosts)"
    closed = model.proof.get("seal") == "namespaces" and not model.allow_hosts
    without = closed and model.proof.get("status") == "reproduces"
    return ": the prediction is the same without it, as the sealed proof shows" if without else ""


def _iter_asking(graph: ImportGraph, item: Touch) -> Iterator[Chain]:
    """Yield the way from the model to the module that asked for what was touched."""
    if item.get("importer_file"):
        module = item.get("importer")
        way = importers(graph.records, module) if module else []
        parent = way[-1].child if way else MODEL
        label = f"{_asker(item)} {_DOES[item['kind']]} it"
        yield Chain((*way, ImportEdge(parent, item["name"], "touch", label)))


def _linking(graph: ImportGraph, library: str) -> list[Chain]:
    """Return who links to a library of the system up to the model, the shortest chains first.

    That is a pinned distribution, else a module of the standard library that the model imported.
    """
    pinned = [item for item in graph.installed if item.name in graph.pins]
    found = [
        Chain((*chain.links, ImportEdge(item.name, library, "link", f"{file} links to it")))
        for item, file in iter_linking(library, pinned)
        for chain in iter_chains(graph.edges(), item.name)
    ]
    return sorted(found, key=lambda chain: len(chain.links)) or list(_python_links(graph, library))


def _python_links(graph: ImportGraph, library: str) -> Iterator[Chain]:
    dynamic = [Path(folder) / "lib-dynload" for folder in Python.current().stdlib]
    names = library_names(library)
    for record in graph.records:
        if record.loaded and is_compiled(record.file or ""):
            file = Path(record.file or "").name
            if any(links_to(folder / file, names) for folder in dynamic):
                way = importers(graph.records, record.name)
                yield Chain((*way, ImportEdge(record.name, library, "link", f"{file} links to it")))
