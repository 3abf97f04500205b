"""Find every chain from a model to something in its environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..base import arguments
from ..base.doors import door
from ..base.errors import WrongUseError
from ..base.siblings import resolver
from ..base.telling.suggesting import near
from ..base.text import brief, few
from ..environments.interpreter import Python
from ..folder.model_folder import ModelFolder
from .evidence.chains import Chain, importers, iter_chains, through
from .evidence.import_graph import MODEL, ImportEdge, ImportGraph, SeenImport
from .evidence.parts import FolderPart, iter_naming, part_of
from .evidence.touched import Touch, chains_to, describe, is_meant, since

_KNOWN_UNTRACED = "this is what its requirements and the metadata of what is installed here say"

Kind = Literal["distribution", "module", "file", "library", "program", "host", "part"]
"""A `part` is a file of the model folder itself; all from `file` on may have been touched."""


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
        if not self.chains and self.traced and self.kind != "part":
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

    `target` is a distribution, a module, the path or name of a data file, a shared library or a
    program that was touched, a host, or a file of the folder. `installed` is what the folder's pins
    are looked up in, by default what is installed here. Raises BadFolderError, and WrongUseError
    for what the folder knows nothing of.
    """
    arguments.text("target", target, "the name of a distribution, a module, a file or a host")
    here = Python.current().installed() if installed is None else installed
    graph = ImportGraph(ModelFolder.open(folder), here)
    name = canonicalize_name(target)
    if name in graph.pins:
        return _distribution(graph, name, limit)
    found = _seen(graph, target, limit)
    if found is not None:
        return found
    left_out = graph.folder.mlmodel.left_out
    if name in left_out:
        raise WrongUseError(
            f"{name} is not in the environment: {left_out[name]} asked for it, and the prediction"
            " is the same without it"
        )
    if not graph.folder.is_traced:
        return _untraced(graph, target, limit)
    raise WrongUseError(_unseen(graph, target))


def _seen(graph: ImportGraph, target: str, limit: int) -> Why | None:
    """Return why something is there that the trace saw or the folder holds; None if neither."""
    part = part_of(graph.folder, target)
    record = _record(graph, target, part)
    if record is not None:
        return _module(graph, record, limit)
    used = next((use.touch for use in graph.uses if use.is_of(target)), None)
    if used is not None:
        return _touched(graph, used, limit)
    told = next((edge for edge in graph.edges() if edge.is_use_of(target)), None)
    if told is not None:
        about = f"{told.child}: {told.label}"
        return Why.of(target, "file", about, through(graph, told), limit)
    touched = next((item for item in graph.touches if is_meant(item, target, part)), None)
    if touched is not None:
        return _touched(graph, touched, limit)
    return None if part is None else _part(graph, part, limit)


def _unseen(graph: ImportGraph, target: str) -> str:
    """Return a refusal of what the folder knows nothing of, with what may be meant."""
    said = f"{target} is no requirement of {graph.folder.path}, and its trace did not see it"
    if Path(target).is_file():
        return (
            f"{said}: the model did not read that file on its input example, and it does not travel"
            " with the model. artifacts= (--artifact) takes a file along"
        )
    modules = {item.name.partition(".")[0] for item in graph.records}
    meant = near(target, sorted(modules.union(graph.pins)))
    return f"{said}.{meant}" if meant else said


def _untraced(graph: ImportGraph, target: str, limit: int) -> Why:
    """Return who requires what no line names, or whose module a target is. Raises WrongUseError."""
    owner = graph.owner(target, None)
    if owner in graph.pins:
        assert owner is not None
        found = _distribution(graph, owner, limit)
        return replace(found, about=f"{target} belongs to {owner}: {found.about}")
    name = owner or canonicalize_name(target)
    chains = list(iter_chains(graph.edges(), name))
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
    chains = list(iter_chains(graph.edges(), name))
    comment = graph.comments.get(name, "")
    about = str(graph.pins[name]) + (f": {comment}" if comment else "")
    found = Why.of(name, "distribution", about, chains, limit)
    return replace(found, traced=graph.folder.is_traced)


def _module(graph: ImportGraph, record: SeenImport, limit: int) -> Why:
    """Return who imported whom up to the model, then the chains of its distribution."""
    module = record.name
    itself = ImportEdge(MODEL, module, "import", "it is the script that makes the model")
    chains = [Chain(tuple(importers(graph.records, module)) or (itself,))]
    owner = graph.owner(module, record.file)
    if owner is not None and owner in graph.pins:
        chains += iter_chains(graph.edges(), owner)
    about = f"the module {module} was asked for{since(record.phase)}"
    about += "" if record.loaded else ", and was not found"
    if owner is not None:
        about += f"; it belongs to {owner}"
    elif record.file and Path(record.file).is_relative_to(graph.folder.path):
        place = Path(record.file).relative_to(graph.folder.path).as_posix()
        about += f"; it is the model's own code, {place}"
    elif module.partition(".")[0] in sys.stdlib_module_names:
        about += "; it belongs to Python itself"
    if owner in graph.folder.mlmodel.left_out:
        about += ", which was left out: the prediction is the same without it"
    return Why.of(module, "module", about, chains, limit + 1)


def _record(graph: ImportGraph, target: str, part: FolderPart | None) -> SeenImport | None:
    """Return the first import of a module, given by its name or by its file in the folder."""
    is_code = part is not None and part.path != graph.folder.mlmodel.data
    file = str(graph.folder.path / part.path) if part is not None and is_code else ""
    return next((item for item in graph.records if target == item.name or file == item.file), None)


def _touched(graph: ImportGraph, item: Touch, limit: int) -> Why:
    chains = chains_to(graph, item)
    return Why.of(str(item["name"]), item["kind"], describe(graph, item), chains, limit)


def _part(graph: ImportGraph, part: FolderPart, limit: int) -> Why:
    """Return what a file of the folder is, and the lines of the model's code that name it."""
    about = f"{part.path} {part.what}"
    if part.wheel_of in graph.pins:
        found = _distribution(graph, part.wheel_of, limit)
        return replace(found, about=f"{about}: {found.about}")
    made = graph.folder.dates.made
    about += f"; the folder is of {made.date()}" if made is not None else ""
    lines = iter_naming(graph.folder, part.artifact) if part.artifact else ()
    named = [
        Chain((ImportEdge(MODEL, part.path, "touch", f"{line} names {part.artifact}"),))
        for line in lines
    ]
    return Why.of(part.path, "part", about, named, limit)
