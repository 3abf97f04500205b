"""What a figure may be at most, and what it is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

BEGIN = "<!-- bounds: written by `python -m benchmarks time --table` -->"
END = "<!-- end of bounds -->"


class NoMarkersError(Exception):
    """A file in which the place of the table is not marked."""

    def __init__(self, file: Path) -> None:
        self.file = file
        super().__init__(file)

    def __str__(self) -> str:
        return f"{self.file}: the lines {BEGIN!r} and {END!r} have to stand there"


@dataclass(frozen=True, slots=True)
class Bound:
    """A figure that has a bound."""

    text: str
    most: float
    measured: float

    @property
    def holds(self) -> bool:
        return self.measured <= self.most


def show(bounds: Iterable[Bound]) -> str:
    """Return them as a table."""
    lines = ["| bound | at most | measured | |", "|---|---|---|---|"]
    for each in bounds:
        word = "holds" if each.holds else "**does not hold**"
        lines.append(f"| {each.text} | {each.most:g} | {each.measured:.2f} | {word} |")
    return "\n".join(lines)


def beside(found: Mapping[str, Sequence[Bound]]) -> str:
    """Return those of several interpreters beside one another; what does not hold is bold."""
    rows: dict[str, dict[str, Bound]] = {}
    for name, bounds in found.items():
        for each in bounds:
            rows.setdefault(each.text, {})[name] = each
    lines = [f"| bound | at most | {' | '.join(found)} |", "|---" * (len(found) + 2) + "|"]
    for text, row in rows.items():
        most = " or ".join(dict.fromkeys(f"{each.most:g}" for each in row.values()))
        cells = [_cell(row.get(name)) for name in found]
        lines.append(f"| {text} | {most} | {' | '.join(cells)} |")
    return "\n".join(lines)


def write(file: Path, bounds: Iterable[Bound]) -> None:
    """Write them down for :func:`read`."""
    file.write_text(json.dumps([asdict(each) for each in bounds]), "utf-8")


def read(file: Path) -> list[Bound]:
    return [Bound(**each) for each in json.loads(file.read_text("utf-8"))]


def check_markers(file: Path) -> str:
    """Return the text of a file that has a place for the table; raises `NoMarkersError`."""
    said = file.read_text("utf-8") if file.is_file() else ""
    if BEGIN not in said or END not in said:
        raise NoMarkersError(file)
    return said


def insert(file: Path, text: str) -> None:
    """Put `text` between the markers of `file`; raises `NoMarkersError`."""
    said = check_markers(file)
    before, after = said.split(BEGIN)[0], said.split(END)[1]
    file.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", "utf-8")


def _cell(bound: Bound | None) -> str:
    if bound is None:
        return ""
    return f"{bound.measured:.2f}" if bound.holds else f"**{bound.measured:.2f}**"
