"""The figures that have a bound, as tables in a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..results.figures import Figure, named

PLACES = ("bounds", "stages")
"""The tables that a page has a place for."""


class NoMarkersError(Exception):
    """A file in which the place of a table is not marked."""

    def __init__(self, file: Path, name: str) -> None:
        self.file = file
        self.name = name
        super().__init__(file, name)

    def __str__(self) -> str:
        begin, end = markers(self.name)
        return f"{self.file}: the lines {begin!r} and {end!r} have to stand there"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a benchmark of this room found."""

    figures: Sequence[Figure] = ()
    stages: str = ""
    """A table of where the time went, in those that look."""


def beside(found: Mapping[str, Sequence[Figure]]) -> str:
    """Return those of several interpreters beside one another; what does not hold is bold."""
    rows: dict[str, dict[str, Figure]] = {}
    for name, bounds in found.items():
        for each in bounds:
            rows.setdefault(named(each), {})[name] = each
    lines = [f"| bound | at most | {' | '.join(found)} |", "|---" * (len(found) + 2) + "|"]
    for text, row in rows.items():
        most = " or ".join(
            dict.fromkeys(f"{each.most:g}" for each in row.values() if each.most is not None)
        )
        cells = [_cell(row.get(name)) for name in found]
        lines.append(f"| {text} | {most} | {' | '.join(cells)} |")
    return "\n".join(lines)


def markers(name: str) -> tuple[str, str]:
    """Return the lines between which a table stands."""
    return (
        f"<!-- {name}: written by `python -m benchmarks time --table` -->",
        f"<!-- end of {name} -->",
    )


def check_markers(file: Path, names: Iterable[str] = PLACES) -> str:
    """Return the text of a file that has a place for the tables; raises `NoMarkersError`."""
    said = file.read_text("utf-8") if file.is_file() else ""
    for name in names:
        if not all(said.count(marker) == 1 for marker in markers(name)):
            raise NoMarkersError(file, name)
    return said


def insert(file: Path, name: str, text: str) -> None:
    """Put `text` between the markers of `file`; raises `NoMarkersError`."""
    said = check_markers(file, [name])
    begin, end = markers(name)
    before, after = said.split(begin)[0], said.split(end)[1]
    file.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", "utf-8")


def _cell(bound: Figure | None) -> str:
    if bound is None:
        return ""
    return f"{bound.value:.2f}" if bound.holds else f"**{bound.value:.2f}**"
