"""Gather a page's contents from a model folder, without loading or running the model."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from ..base import arguments
from ..base.doors import door
from ..base.indexes import AS_CONFIGURED, Indexes
from ..base.siblings import envfiles, resolver
from ..environments.interpreter import Python
from ..folder.documents.walk import walk
from ..folder.model_folder import ModelFolder
from ..repair.evidence.import_graph import MODEL, ImportGraph
from ..run.drift import drift_of
from ..run.inspect import inspect_model
from .distributions import DistributionRow, iter_rows
from .errors import NotReportedError
from .import_tree import ImportTree
from .model_report import FolderFile, LeftOutRow, ModelReport, left_out_rows
from .needs import NeedsGraph
from .newest import newest_versions
from .page import render_page
from .touched import TouchedThing, iter_touched

_MOST_FILES = 2_000


@door
def report_model(
    folder: str | os.PathLike[str],
    output: str | os.PathLike[str] | None = None,
    *,
    index: bool = False,
    indexes: Indexes = AS_CONFIGURED,
    installed: resolver.Installed | None = None,
) -> ModelReport:
    """Return a report of the model in `folder`, and write it as an HTML page to `output`, if given.

    The report is built from the folder's files and from what is `installed`, by default in this
    environment. The model is not loaded, and the network is not used unless `index` is true: then
    `indexes` are asked for the newest version of each pin. A file at `output` is replaced.

    Raises BadFolderError, TemplatesMissingError, NotReportedError if no page can be written there,
    and with `index` WrongUseError if no index can be asked.
    """
    target = None if output is None else _writable(arguments.path("output", output))
    model = ModelFolder.fetched(folder)
    inspection = inspect_model(model.path)
    known = _Known()
    if inspection.environment is not None and inspection.mlmodel is not None:
        here = Python.current().installed() if installed is None else installed
        known = _known(
            ImportGraph(model, here), inspection.mlmodel.left_out, indexes if index else None
        )
    listed = [each for each in islice(walk(model.path), _MOST_FILES + 1) if not each.left]
    more = (f"it holds more than {_MOST_FILES:,} files: not all are listed",)
    files = sorted((FolderFile(each.name, each.size) for each in listed), key=_largest_first)
    report = ModelReport(
        path=model.path,
        inspection=inspection,
        needs=known.needs,
        distributions=known.distributions,
        left_out=known.left_out,
        imports=known.imports,
        touched=known.touched,
        files=tuple(files[:_MOST_FILES]),
        difference=known.difference,
        unknown=(*known.unknown, *(more if len(listed) > _MOST_FILES else ())),
    )
    if target is not None:
        envfiles.put_file(target, render_page(report).encode())
    return report


def _writable(target: Path) -> Path:
    """Return the absolute path of the page. Raises NotReportedError before any other work."""
    if target.is_dir():
        raise NotReportedError(str(target), "it is a folder", "name a file in it")
    if not target.parent.is_dir():
        raise NotReportedError(str(target), f"there is no folder {target.parent}", "make it first")
    return target


def _largest_first(file: FolderFile) -> tuple[int, str]:
    return -file.size, file.name


@dataclass(frozen=True, slots=True)
class _Known:
    """Facts about a folder whose environment can be read."""

    needs: NeedsGraph = field(default_factory=NeedsGraph)
    distributions: tuple[DistributionRow, ...] = ()
    left_out: tuple[LeftOutRow, ...] = ()
    imports: ImportTree = field(default_factory=ImportTree)
    touched: tuple[TouchedThing, ...] = ()
    difference: envfiles.Difference | None = None
    unknown: tuple[str, ...] = ()


def _known(graph: ImportGraph, left_out: Mapping[str, str], indexes: Indexes | None) -> _Known:
    versions: Mapping[str, str] | None = None
    unanswered: tuple[str, ...] = ()
    if indexes is not None:
        versions, unanswered = newest_versions(graph.folder, graph.pins, indexes)
    tree = ImportTree.of(graph.folder.trace.imports, _owners(graph))
    sizes = {name: found.size for name in left_out if (found := graph.installed.get(name))}
    return _Known(
        needs=NeedsGraph.of(graph, left_out),
        distributions=tuple(iter_rows(graph, tree, versions)),
        left_out=left_out_rows(left_out, sizes),
        imports=tree,
        touched=tuple(iter_touched(graph)),
        difference=drift_of(graph.folder).difference,
        unknown=(*graph.folder.trace.notes, *unanswered),
    )


def _owners(graph: ImportGraph) -> Mapping[str, str]:
    """Map each traced module that is not of the standard library to its owner."""
    found: dict[str, str] = {}
    for record in graph.records:
        owner = graph.owner(record.name, record.file)
        if owner is None and str(record.file).startswith(str(graph.folder.path)):
            owner = MODEL
        if owner is not None:
            found.setdefault(record.name, owner)
    return found
