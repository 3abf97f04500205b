"""The page of what a program imported: the slowest packages, or who imported whom."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from ..blocks import Branch, Facts, Gap, Headline, LinkTree, Page, RowTable

if TYPE_CHECKING:
    from ..listed import ShownTrace

_ROW = re.compile(r"(?P<name>\S+) {2,}(?P<modules>\S+) {2,}(?P<ms>[\d.]+|own ms) {2}(?P<asked>.+)")


def shown(value: ShownTrace) -> Page:
    """Return the page of a trace, in the form that was asked for."""
    return _tree(value.trace.tree()) if value.is_tree else _table(value.trace.table())


def _table(text: str) -> Page:
    """Return the table of packages below how many there are, then what else was touched."""
    *lines, head = text.split("\n")
    rows = [found.groups() for found in map(_ROW.fullmatch, lines) if found is not None]
    rest = [line for line in lines if _ROW.fullmatch(line) is None]
    wide = max(len(row[2]) for row in rows)
    aligned = tuple((row[0], f"{row[1]:>7}", f"{row[2]:>{wide}}", row[3]) for row in rows)
    gap = [Gap()] if rest else []
    further = (Facts("", (line,), folds=False) for line in rest)
    return (Headline(head), RowTable("", aligned), *gap, *further)


def _tree(text: str) -> Page:
    """Return the tree that indented lines are."""
    root, *lines = text.split("\n")
    levels = [(len(line) - len(line.lstrip())) // 2 for line in lines]
    return (LinkTree(Branch(root, (), _branches(lines, levels, 1))),)


def _branches(lines: Sequence[str], levels: Sequence[int], level: int) -> tuple[Branch, ...]:
    """Return what stands at a level, each with the lines below it."""
    starts = [place for place, each in enumerate(levels) if each == level]
    found = []
    for start, end in pairwise([*starts, len(lines)]):
        below = _branches(lines[start + 1 : end], levels[start + 1 : end], level + 1)
        found.append(_branch(lines[start], below))
    return tuple(found)


def _branch(line: str, below: tuple[Branch, ...]) -> Branch:
    name, _, about = line.strip().partition("  ")
    return Branch(name, (about,) if about else (), below)
