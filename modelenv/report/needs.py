"""The graph of a model's needs: the model, its own code, distributions, and the reasons."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..folder.documents.names import CODE, LOADER
from ..repair.evidence.import_graph import MODEL, ImportEdge, ImportGraph

NodeKind = Literal["model", "code", "distribution", "unlisted", "left out"]

_MOST_REASONS = 6


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of evidence for a need."""

    kind: str
    """`import`, `metadata`, `touch`, or `loaded` (the model's pickle or code loads this file)."""
    label: str
    """``sklearn/base.py:12 imports numpy``"""


@dataclass(frozen=True, slots=True)
class NeedNode:
    """A node of the graph; its name is unique there."""

    name: str
    kind: NodeKind


@dataclass(frozen=True, slots=True)
class NeedEdge:
    """An edge: one node needs another."""

    parent: str
    child: str
    reasons: tuple[Reason, ...]
    """The first few reasons."""
    more: int
    """The number of reasons beyond those."""

    def to_json(self) -> dict[str, Any]:
        """Return the edge as JSON-serialisable data."""
        said = [{"kind": each.kind, "label": each.label} for each in self.reasons]
        return {"parent": self.parent, "child": self.child, "reasons": said, "more": self.more}


@dataclass(frozen=True, slots=True)
class NeedsGraph:
    """A model's needs as nodes and edges, each edge with its reasons."""

    nodes: tuple[NeedNode, ...] = ()
    """The model, then its own code, then distributions by name."""
    needs: tuple[NeedEdge, ...] = ()

    @classmethod
    def of(cls, graph: ImportGraph, left_out: Iterable[str]) -> NeedsGraph:
        """Return the graph of a folder; `left_out` names what was imported but is not needed."""
        own = _OwnCode(graph)
        found: dict[tuple[str, str], dict[Reason, None]] = {}
        kinds: dict[str, NodeKind] = {MODEL: "model", **dict.fromkeys(own.files, "code")}
        kinds |= dict.fromkeys(sorted(graph.pins), "distribution")
        kinds |= dict.fromkeys(left_out, "left out")
        askers = own.askers()
        edges = (*own.edges(), *graph.reasons(), *_probes(graph, kinds, own))
        for edge in _without_anonymous(edges, askers):
            parent = askers.get(edge, edge.parent)
            for name in (parent, edge.child):
                kinds.setdefault(name, "unlisted")
            found.setdefault((parent, edge.child), {})[Reason(edge.kind, edge.label)] = None
        return cls(
            tuple(NeedNode(name, kind) for name, kind in kinds.items()),
            tuple(_need(*pair, reasons) for pair, reasons in found.items()),
        )

    def needing(self, name: str) -> tuple[NeedEdge, ...]:
        """Return the edges that lead to a node."""
        return tuple(each for each in self.needs if each.child == name)

    def to_json(self) -> dict[str, Any]:
        """Return the graph as JSON-serialisable data."""
        return {
            "nodes": [{"name": each.name, "kind": each.kind} for each in self.nodes],
            "needs": [each.to_json() for each in self.needs],
        }


def _without_anonymous(
    edges: Sequence[ImportEdge], askers: Mapping[ImportEdge, str]
) -> Iterator[ImportEdge]:
    """Yield the edges, without anonymous uses of what is known to be needed by something else.

    A library loaded by another library has no recorded importer; that is no evidence that the model
    itself needs it.
    """
    anonymous = {
        edge
        for edge in edges
        if edge.kind == "touch" and edge.parent == MODEL and edge not in askers
    }
    known = {edge.child for edge in edges if edge not in anonymous}
    yield from (edge for edge in edges if edge not in anonymous or edge.child not in known)


def _need(parent: str, child: str, reasons: Collection[Reason]) -> NeedEdge:
    """Return an edge; where metadata names the versions, the pin's comment is left out."""
    said = {each.label for each in reasons if each.kind == "metadata"} - {f"requires {child}"}
    kept = [each for each in reasons if not (said and each.label == f"requires {child}")]
    return NeedEdge(parent, child, tuple(kept[:_MOST_REASONS]), max(0, len(kept) - _MOST_REASONS))


class _OwnCode:
    """The files of the model's own code that the trace saw, as nodes named ``features.py``."""

    def __init__(self, graph: ImportGraph) -> None:
        self._graph = graph
        self._root = graph.folder.path / CODE
        seen = (self.node(record.file) for record in graph.records if record.loaded)
        self.files = tuple(sorted({each for each in seen if each is not None}))

    def node(self, file: str | None) -> str | None:
        """Return the node of a file, or None if the file is not the model's own."""
        if file is None or not Path(file).is_relative_to(self._root):
            return None
        name = Path(file).relative_to(self._root).as_posix()
        return None if name == f"{LOADER}.py" else name

    def askers(self) -> Mapping[ImportEdge, str]:
        """Map edges that the graph ascribes to the whole model to the file that caused them."""
        imports = (
            (edge, self.node(each.importer_file)) for each, edge in self._graph.iter_imports()
        )
        uses = ((use.edge, self.node(self._place(use.touch))) for use in self._graph.uses)
        return {
            edge: node
            for edge, node in (*imports, *uses)
            if node is not None and edge.parent == MODEL
        }

    def _place(self, touch: Mapping[str, Any]) -> str | None:
        """Return the path of the file whose code caused a touch; None if it is not recorded."""
        said = touch.get("importer_file")
        return None if said is None else str(self._root / said)

    def edges(self) -> Iterator[ImportEdge]:
        """Yield the edges that load own code: from the pickle, from other files, from the model."""
        named = set(self._graph.named)
        for record in self._graph.records:
            child = self.node(record.file) if record.loaded else None
            if child is None:
                continue
            if record.name in named:
                yield ImportEdge(MODEL, child, "loaded", f"its pickle names {record.name}")
            parent = self.node(record.importer_file)
            if parent is not None and parent != child:
                yield ImportEdge(parent, child, "import", f"{record.place} imports {record.name}")
            elif parent is None and record.name not in named and record.how == "imported":
                said = f"{record.place or MODEL} imports {record.name}"
                yield ImportEdge(MODEL, child, "loaded", said)


def _probes(
    graph: ImportGraph, kinds: Mapping[str, NodeKind], own: _OwnCode
) -> Iterator[ImportEdge]:
    """Yield an edge for each attempt to import something that was left out."""
    if "left out" not in kinds.values():
        return
    for record in graph.records:
        child = graph.owner(record.name, record.file)
        if child is None or kinds.get(child) != "left out":
            continue
        asked = record.importer is not None or record.importer_file is not None
        parent = graph.owner(record.importer or "", record.importer_file) if asked else None
        if parent != child:
            parent = parent or own.node(record.importer_file) or MODEL
            yield ImportEdge(
                parent, child, "import", f"{record.place or MODEL} imports {record.name}"
            )
