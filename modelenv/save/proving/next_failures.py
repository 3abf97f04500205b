"""Find imports that would fail after the first failed one, from the trace and the source.

If an import ended a run, and no code on the way could have caught the error, then the run would
also be ended by the imports that follow in the same block, and by the imports that the missing
modules make at once, outside of conditions and ``try``. Modules that other code had asked for
earlier are left to a further run: a caller that can do without may have put a substitute in their
place. So every result is needed for certain, and no further run has to show it.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from itertools import takewhile
from pathlib import Path

from ...base.siblings import resolver, tracer
from ...repair.reading.chain import CodeFrame
from ...repair.reading.failure import Failure
from ...worker.verdict import Verdict

_LARGEST = 1_000_000  # characters of source to parse in total: about a second
_CATCHING = (ast.Try, getattr(ast, "TryStar", ast.Try), ast.With, ast.AsyncWith)
_LEAVING = (ast.Return, ast.Break, ast.Continue, ast.Yield, ast.YieldFrom, ast.Await)


class NextFailures:
    """The imports of a captured run that lead to distributions that may be missing."""

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
        self._first: dict[str, tuple[str | None, int | None]] = {}
        for record in records:
            self._first.setdefault(record.name, (record.importer_file, record.line))
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
        chain = Failure.of_verdict(verdict).chain
        if len(chain) != 1 or chain[0].type != ModuleNotFoundError.__name__:
            return []
        way = [self._where(frame) for frame in chain[0].frames if frame.file[:1] != "<"]
        if not way or any(self._source.may_catch(*each) for each in way):
            return []
        waiting = [*verdict.missing, *self._following(*way[-1])]
        found: dict[str, resolver.Attributed] = {}
        while waiting:
            for name in _with_packages(waiting.pop()):
                if name in self._files and name not in found:
                    found[name] = self._items[name]
                    waiting += self._at_once(self._files[name])
        return list({item.distribution.name: item for item in found.values()}.values())

    def _where(self, frame: CodeFrame) -> tuple[str, int]:
        """Return a frame's file, as the captured run names it, and its line; "" if unknown."""
        name = frame.place.rpartition(":")[0]
        return self._importing.get(name, ""), frame.line

    @cached_property
    def _importing(self) -> Mapping[str, str]:
        """The files that import something, by their names relative to their path entries."""
        return {self._installed.relative(file): file for file in self._asked}

    def _following(self, file: str, line: int) -> list[str]:
        """Return what is imported after an import in the same block."""
        lines = self._source.following(file, line)
        asked = self._asked.get(file, ()) if lines else ()
        return [each.name for each in asked if each.line in lines and self._is_first(each)]

    def _is_first(self, record: tracer.ImportRecord) -> bool:
        """Return whether this is the first import of its module in the run."""
        place = (record.importer_file, record.line)
        names = (name for name in _with_packages(record.name) if name in self._files)
        return all(self._first[name] == place for name in names)

    def _at_once(self, file: str) -> list[str]:
        """Return the imports of other distributions that run whenever a file is imported."""
        asked = [
            record
            for record in self._asked.get(file, ())
            if not self._leading.isdisjoint(_with_packages(record.name))
        ]
        lines = self._source.at_once(file) if asked else frozenset()
        return [each.name for each in asked if each.line in lines and self._is_first(each)]

    def _lead_elsewhere(self) -> frozenset[str]:
        """Return the modules whose imports lead to another distribution that may be missing.

        The source of other modules need not be read.
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
    """The imports in source files, of a limited total size; files beyond it count as empty."""

    def __init__(self, largest: int) -> None:
        self._left = largest
        self._parsed = cache(self._parse)

    def at_once(self, file: str) -> frozenset[int]:
        """Return the lines of imports that run whenever the module is imported."""
        tree = self._parsed(file)
        return frozenset() if tree is None else _lines_of(tree.body)

    def following(self, file: str, line: int) -> frozenset[int]:
        """Return the lines of imports that certainly run after the import on `line`."""
        tree = self._parsed(file)
        blocks = _blocks(tree) if tree is not None else iter(())
        return next(
            (_lines_of(_rest(block, line)) for block in blocks if _has(block, line)), frozenset()
        )

    def may_catch(self, file: str, line: int) -> bool:
        """Return whether an error on `line` may be caught there; True in an unreadable file."""
        tree = self._parsed(file)
        return tree is None or any(
            node.lineno <= line <= (node.end_lineno or line)
            for node in ast.walk(tree)
            if isinstance(node, _CATCHING)
        )

    def _parse(self, file: str) -> ast.Module | None:
        try:
            text = Path(file).read_text("utf-8")
            self._left -= len(text)
            return ast.parse(text) if file.endswith(".py") and self._left >= 0 else None
        except (OSError, ValueError, SyntaxError, RecursionError):
            return None


def _blocks(tree: ast.AST) -> Iterator[Sequence[ast.stmt]]:
    """Yield every list of statements in a tree."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                yield block


def _has(block: Sequence[ast.stmt], line: int) -> bool:
    """Return whether an import on `line` is directly in a block."""
    return line in _lines_of(block)


def _rest(block: Sequence[ast.stmt], line: int) -> list[ast.stmt]:
    """Return the statements after the one on `line`, up to the first that may leave the block."""
    after = [each for each in block if each.lineno > line]
    return [
        *takewhile(lambda each: not any(isinstance(n, _LEAVING) for n in ast.walk(each)), after)
    ]


def _lines_of(block: Sequence[ast.stmt]) -> frozenset[int]:
    """Return the lines of imports that are directly in a block."""
    return frozenset(
        line
        for each in block
        if isinstance(each, (ast.Import, ast.ImportFrom))
        for line in range(each.lineno, (each.end_lineno or each.lineno) + 1)
    )


def _with_packages(name: str) -> list[str]:
    """Return a module's name, preceded by the names of its packages.

    >>> _with_packages("a.b.c")
    ['a', 'a.b', 'a.b.c']
    """
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
