"""Which modules a failed import would have been followed by, as the trace and the code say.

Where one import ended a run, those end the next one that stand with it, one after the other, in one
block of code, and those that the missing modules import at once, behind no condition and in no
``try``. What is so found is surely needed, which no further run has to show.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from ...base.siblings import resolver, tracer
from ...repair.reading.failure import Failure
from ...worker.verdict import Verdict

_LARGEST = 1_000_000  # characters of source that are parsed, all together: about a second


class NextFailures:
    """The imports of a captured run, as far as they lead to distributions that may be missing."""

    def __init__(
        self,
        records: Iterable[tracer.ImportRecord],
        optional: Iterable[resolver.Attributed],
        installed: resolver.Installed,
    ) -> None:
        named = {item.distribution.name: item for item in optional}
        self._installed = installed
        self._source = _Source(_LARGEST)
        self._files: dict[str, str] = {}
        self._items: dict[str, resolver.Attributed] = {}
        self._asked: dict[str, list[tracer.ImportRecord]] = defaultdict(list)
        for record in records:
            if record.how == "imported" and record.loaded and record.importer_file is not None:
                self._asked[record.importer_file].append(record)
            owners = installed.owners(record.file) if record.file is not None else ()
            items = [named[owner.name] for owner in owners if owner.name in named]
            if record.file is not None and items:
                self._files.setdefault(record.name, record.file)
                self._items.setdefault(record.name, items[0])
        self._leading = self._lead_elsewhere()

    def after(self, verdict: Verdict) -> list[resolver.Attributed]:
        """Return the optional distributions whose modules would have been missing next."""
        waiting = [*verdict.missing, *(record.name for record in self._beside(verdict))]
        found: dict[str, resolver.Attributed] = {}
        while waiting:
            for name in _with_packages(waiting.pop()):
                if name in self._files and name not in found:
                    found[name] = self._items[name]
                    waiting += self._at_once(self._files[name])
        return list({item.distribution.name: item for item in found.values()}.values())

    def _beside(self, verdict: Verdict) -> Iterator[tracer.ImportRecord]:
        """Yield the imports of the blocks that a failed one stands in."""
        frames = [each.frames[-1] for each in Failure.of_verdict(verdict).chain if each.frames]
        failed = {frame.place.rpartition(":")[0]: frame.line for frame in frames}
        for file, records in self._asked.items():
            line = failed.get(self._installed.relative(file))
            if line is not None:
                lines = self._source.beside(file, line)
                yield from (record for record in records if record.line in lines)

    def _at_once(self, file: str) -> list[str]:
        """Return what a module imports whenever it is imported, where that leads elsewhere."""
        asked = [
            record
            for record in self._asked.get(file, ())
            if not self._leading.isdisjoint(_with_packages(record.name))
        ]
        lines = self._source.at_once(file) if asked else frozenset()
        return [record.name for record in asked if record.line in lines]

    def _lead_elsewhere(self) -> frozenset[str]:
        """Return the modules from which imports lead to another distribution that may be missing.

        Others need not be read.
        """
        askers: dict[str, set[str]] = defaultdict(set)
        waiting: list[str] = []
        for asker, file in self._files.items():
            for record in self._asked.get(file, ()):
                for name in _with_packages(record.name):
                    askers[name].add(asker)
                if self._items.get(record.name) not in (None, self._items[asker]):
                    waiting.append(record.name)
        reached: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting += askers[name]
        return frozenset(reached)


class _Source:
    """The imports in files of source, of so many characters at most; what is beyond has none."""

    def __init__(self, largest: int) -> None:
        self._left = largest
        self._parsed = cache(self._parse)

    def at_once(self, file: str) -> frozenset[int]:
        """Return the lines of the imports that run whenever the module does."""
        tree = self._parsed(file)
        return frozenset() if tree is None else _lines_of(tree.body)

    def beside(self, file: str, line: int) -> frozenset[int]:
        """Return the lines of the imports in the block of the one on a `line`."""
        tree = self._parsed(file)
        blocks = _blocks(tree) if tree is not None else iter(())
        return next((lines for block in blocks if line in (lines := _lines_of(block))), frozenset())

    def _parse(self, file: str) -> ast.Module | None:
        try:
            text = Path(file).read_text("utf-8")
            self._left -= len(text)
            return ast.parse(text) if file.endswith(".py") and self._left >= 0 else None
        except (OSError, ValueError, SyntaxError, RecursionError):
            return None


def _blocks(tree: ast.AST) -> Iterator[Sequence[ast.stmt]]:
    """Yield every list of statements."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                yield block


def _lines_of(block: Sequence[ast.stmt]) -> frozenset[int]:
    """Return the lines of the imports that stand in a block itself."""
    return frozenset(
        line
        for each in block
        if isinstance(each, (ast.Import, ast.ImportFrom))
        for line in range(each.lineno, (each.end_lineno or each.lineno) + 1)
    )


def _with_packages(name: str) -> list[str]:
    """Return a module and the packages that it is in.

    >>> _with_packages("a.b.c")
    ['a', 'a.b', 'a.b.c']
    """
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
