"""Let the tools read what we write, and hold what they read against our pins."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from . import readers
from .desk import Desk, NotWrittenError
from .ours import Document
from .paper import Row
from .written import Reads, Tool


def read_by_all(desk: Desk, document: Document) -> Iterator[Row]:
    """Yield what every tool that reads its kind reads of a document."""
    for tool, how in iter_reads():
        if how.kind == document.kind:
            yield _row(desk, document, tool, how)


def _row(desk: Desk, document: Document, tool: Tool, how: Reads) -> Row:
    try:
        found = desk.read(tool, how, document.place, document.target)
    except NotWrittenError as error:
        said = " ".join(str(error).partition("\n")[2].split())[-300:] or "no answer"
        return Row(document.name, str(tool), is_read=False, faults=(said,))
    return Row(document.name, str(tool), is_read=True, faults=_faults(found, document))


def iter_reads() -> Iterator[tuple[Tool, Reads]]:
    """Yield every way in which a tool reads a kind of ours."""
    for module in iter_modules(readers.__path__):
        of = import_module(f"{readers.__name__}.{module.name}")
        for how in of.READS:
            yield of.TOOL, how


def _faults(found: dict[str, str], document: Document) -> tuple[str, ...]:
    # What came from a wheel beside the document has its URL for a version.
    versions = {
        name: document.pins.get(name, at) if at.startswith("@ file:") else at
        for name, at in found.items()
    }
    names = sorted(versions.keys() | document.pins.keys())
    return tuple(
        f"{name}: {versions.get(name, 'missing')}, ours {document.pins.get(name, 'none')}"
        for name in names
        if versions.get(name) != document.pins.get(name)
    )
