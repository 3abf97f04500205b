"""The ways from a model to what is in its environment, each link with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .import_graph import MODEL, ImportEdge, ImportGraph, SeenImport

_LONGEST = 8
_HOW = {"imported": "imports", "ran": "runs", "called": "calls", "held": "holds"}
_SCRIPT = "modelenv_model_code"  # as the loader calls the module of a model's script


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


def iter_chains(edges: Sequence[ImportEdge], target: str) -> Iterator[Chain]:
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


def through(graph: ImportGraph, last: ImportEdge) -> list[Chain]:
    """Return the chains that end with a link, the shortest first."""
    if last.parent == MODEL:
        return [Chain((last,))]
    return [Chain((*way.links, last)) for way in iter_chains(graph.edges(), last.parent)]


def importers(records: Sequence[SeenImport], module: str) -> list[ImportEdge]:
    """Return the way from the model to a module; the module of the model's script is the model."""
    first: dict[str, SeenImport] = {}
    for record in records:
        first.setdefault(record.name, record)
    links: list[ImportEdge] = []
    name: str | None = None if module == _SCRIPT else module
    met: set[str] = set()
    while name is not None and name in first and name not in met:
        met.add(name)
        record = first[name]
        parent = None if record.importer in (_SCRIPT, name) else record.importer
        links.append(ImportEdge(parent or MODEL, name, "import", _imported(record)))
        name = parent
    return links[::-1]


def _imported(record: SeenImport) -> str:
    if record.place:
        return f"{record.place} {_HOW.get(record.how, 'imports')} it"
    return "it is there before the model is" if record.phase == "start" else "the model asks for it"
