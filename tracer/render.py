"""Import records as text: the chain to a module, the tree, a table of packages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from .records import ImportRecord, Touch

BLOCK = "the block"


def chain(records: Iterable[ImportRecord], module: str) -> tuple[ImportRecord, ...]:
    """Return the import edges from the block to `module`, outermost first.

    If `module` itself was not requested, its nearest parent package or submodule is not
    substituted: the chain is empty.
    """
    first: dict[str, ImportRecord] = {}
    for record in records:
        known = first.get(record.name)
        if known is None or (record.loaded and not known.loaded):
            first[record.name] = record
    edges: list[ImportRecord] = []
    name: str | None = module
    while name is not None and name in first and first[name] not in edges:
        edges.append(first[name])
        name = first[name].importer
    return tuple(reversed(edges))


def tree(records: Sequence[ImportRecord], *, depth: int | None = None) -> str:
    """Render the tree of imports, one module a line, indented below its importer.

    >>> from tracer import ImportRecord
    >>> edge = ImportRecord(0, "json", None, None, None, None, True, "", "imported", 0.002)
    >>> print(tree([edge]))
    the block
      json  <= 2.0 ms
    """
    children: dict[str | None, list[ImportRecord]] = defaultdict(list)
    placed: set[str] = set()
    imported = {record.name for record in records if record.how == "imported"}
    for record in records:
        if record.loaded and record.name not in placed:
            placed.add(record.name)
            known = record.importer in imported and record.importer != record.name
            children[record.importer if known else None].append(record)
    return "\n".join([BLOCK, *_branches(children, None, 1, depth, set())])


def _branches(
    children: dict[str | None, list[ImportRecord]],
    parent: str | None,
    level: int,
    depth: int | None,
    above: set[str],
) -> Iterator[str]:
    if depth is not None and level > depth:
        return
    for record in children.get(parent, ()):
        if record.name not in above:
            yield "  " * level + _label(record)
            yield from _branches(children, record.name, level + 1, depth, {*above, record.name})


def _label(record: ImportRecord) -> str:
    if record.seconds is not None:
        return f"{record.name}  {_milliseconds(record)}"
    return record.name if record.how == "imported" else f"{record.name}  ({record.how})"


def _milliseconds(record: ImportRecord) -> str:
    about = "" if record.measured or record.seconds == 0 else "<= "
    return f"{about}{(record.seconds or 0.0) * 1000:.1f} ms"


def table(records: Iterable[ImportRecord], *, limit: int = 20) -> str:
    """Render the packages that took longest, one a line, `limit` of them.

    >>> from tracer import ImportRecord
    >>> edge = ImportRecord(0, "json", None, None, "a.py", 3, True, "", "imported", 0.002, 0.002)
    >>> print(table([edge]))
    package  modules  own ms  first asked for by
    json           1     2.0  a.py:3
    """
    rows = packages(records)
    lines = [f"{len(rows) - limit} more packages"] if len(rows) > limit else []
    rows = rows[:limit]
    wide = max([len("package"), *(len(name) for name, *_ in rows)])
    shown = [f"{'package':{wide}}  modules  own ms  first asked for by"]
    shown += [
        f"{name:{wide}}  {modules:7}  {seconds * 1000:6.1f}  {asked}"
        for name, modules, seconds, asked in rows
    ]
    return "\n".join([*shown, *lines])


def touched(touches: Iterable[Touch]) -> Iterator[str]:
    """Yield a line for each touch, with the code that asked if that is known.

    >>> list(touched([Touch("file", "/data/a.txt", "", "reader", "/code/reader.py", 7)]))
    ['file: /data/a.txt  reader.py:7']
    """
    for touch in touches:
        asked = f"  {_place(touch)}" if touch.importer_file or touch.importer else ""
        yield f"{touch.kind}: {touch.name}{asked}"


def packages(records: Iterable[ImportRecord]) -> list[tuple[str, int, float, str]]:
    """Return each package's name, modules, own seconds and first importer, slowest first.

    >>> from tracer import ImportRecord
    >>> packages([ImportRecord(0, "json", None, None, "a.py", 3, True, "", "imported", 0.5, 0.5)])
    [('json', 1, 0.5, 'a.py:3')]
    """
    records_of: dict[str, list[ImportRecord]] = defaultdict(list)
    for record in records:
        if record.loaded:
            records_of[record.name.partition(".")[0]].append(record)
    rows = [
        (
            name,
            len({record.name for record in own}),
            sum(record.own_seconds or 0.0 for record in own),
            _place(own[0]),
        )
        for name, own in records_of.items()
    ]
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def _place(record: ImportRecord | Touch) -> str:
    if record.importer_file is None:
        return record.importer or BLOCK
    file = Path(record.importer_file)
    is_within = record.importer is not None and "." in record.importer
    is_told_by_folder = is_within or file.name == "__init__.py"
    name = "/".join(file.parts[-2:]) if is_told_by_folder else file.name
    return f"{name}:{record.line}" if record.line else name
