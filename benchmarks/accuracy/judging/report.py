"""The tables: totals for each tool, and what each made of each case."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...results.figures import Figure

if TYPE_CHECKING:
    from ..tools.tool import Tool
    from .measure import Measurement

BEGIN = "<!-- results: written by `python -m benchmarks accuracy --table` -->"
END = "<!-- end of results -->"
HISTORIES = ("an empty history", "a history")

TOTALS = (
    "tool",
    "reproduced",
    "exact",
    "missing",
    "superfluous",
    "of these never loaded",
    "drifted",
    "distributions",
    "MB",
    "wall s",
    "CPU s",
    "x floor",
)


class NoMarkersError(Exception):
    """A file in which the place of the tables is not marked."""

    def __init__(self, file: Path) -> None:
        self.file = file
        super().__init__(file)

    def __str__(self) -> str:
        return f"{self.file}: the lines {BEGIN!r} and {END!r} have to stand there"


@dataclass(frozen=True, slots=True)
class Report:
    """All measurements of a run."""

    measured: Sequence[Measurement]
    tools: Sequence[Tool]
    python: str
    failures: Mapping[str, str]
    hidden: Collection[str] = ()
    """The cases whose needs no import shows."""

    def totals(self) -> str:
        """Return a line for each tool."""
        return _table(TOTALS, (self._total(tool) for tool in self.tools))

    def cases(self) -> str:
        """Return a line for each case, with a word for each tool."""
        names = dict.fromkeys(entry.case for entry in self.measured)
        found = {(entry.case, entry.tool): entry for entry in self.measured}
        rows = (
            [f"`{name}`", *(_word(found.get((name, tool.name))) for tool in self.tools)]
            for name in names
        )
        return _table(["case", *(tool.title for tool in self.tools)], rows)

    def disagreements(self) -> Iterator[str]:
        """Yield where a tool's own proof and the fresh environment say different things."""
        for entry in self.measured:
            if entry.disagrees:
                yield (
                    f"`{entry.case}`, {entry.tool}: its proof says {entry.proof},"
                    f" the fresh environment: {entry.fresh}"
                )

    def guesses(self) -> Iterator[str]:
        """Yield for each tool that foresees its proof how often it was right."""
        for tool in self.tools:
            told = [each.guesses for each in self.measured if each.tool == tool.name]
            for which, history in enumerate(HISTORIES):
                found = [guesses[which] for guesses in told if guesses]
                if found:
                    yield (
                        f"{tool.title}, with {history}: of {len(found)} proofs"
                        f" {found.count('right')} were begun early and hold,"
                        f" {found.count('wrong')} were thrown away,"
                        f" {found.count('none')} were not begun."
                    )

    def to_markdown(self) -> str:
        disagreements = [f"- {line}" for line in self.disagreements()]
        proven = sum(entry.proof is not None for entry in self.measured)
        agreed = proven - len(disagreements)
        return "\n".join(
            [
                f"{self._machine()}\n",
                self.totals(),
                "\n" + self.cases(),
                f"\nThe tool's own proof and the fresh environment agree in {agreed} of {proven}.",
                *disagreements,
                *(f"\n{line}" for line in self.guesses()),
            ]
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": 1,
            "machine": self._machine(),
            "tools": {tool.name: tool.key for tool in self.tools},
            "measurements": [entry.to_json() for entry in self.measured],
            "not measured": dict(self.failures),
        }

    def figures(self) -> Iterator[Figure]:
        """Yield what counts of each tool: of all cases, those whose needs no import shows apart."""
        for tool in self.tools:
            who = "modelenv" if tool.name == "modelenv" else tool.title
            mine = [entry for entry in self.measured if entry.tool == tool.name]
            for kind, text in ((False, ""), (True, HIDDEN_TEXT)):
                some = [entry for entry in mine if (entry.case in self.hidden) is kind]
                yield from _counts(some, who, text)

    def _total(self, tool: Tool) -> list[str]:
        mine = [entry for entry in self.measured if entry.tool == tool.name]
        scores = [entry.score for entry in mine if entry.score]
        sizes = [(entry.size, entry.minimum) for entry in mine if entry.size]
        timed = [(entry.spent, entry.floor) for entry in mine if entry.spent and entry.floor]
        return [
            tool.title,
            f"{sum(entry.reproduced for entry in mine)} of {len(mine)}",
            str(sum(entry.exact for entry in mine)),
            str(sum(len(one.missing) for one in scores)),
            str(sum(len(one.superfluous) for one in scores)),
            str(sum(len(one.never_loaded) for one in scores)),
            str(sum(len(one.drifted) for one in scores)),
            _ratio((size.distributions, least.distributions) for size, least in sizes),
            _ratio((size.bytes, least.bytes) for size, least in sizes),
            _median((spent.wall for spent, _ in timed), "{:.2f}"),
            _median((spent.cpu for spent, _ in timed), "{:.2f}"),
            _median((spent.wall / floor.wall for spent, floor in timed), "{:.1f}"),
        ]

    def _machine(self) -> str:
        cases = len({entry.case for entry in self.measured})
        today = datetime.now(timezone.utc).date()
        return (
            f"{cases} cases, {today}; CPython {self.python}, {platform.system()}"
            f" {platform.machine()}, {os.cpu_count()} cores."
        )


HIDDEN_TEXT = ", where no import shows the need"


def _counts(entries: Sequence[Measurement], who: str, where: str) -> Iterator[Figure]:
    """Yield the counts of a tool over some cases; of modelenv, with what they have to be."""
    if not entries:
        return
    count, ours = len(entries), who == "modelenv"
    unit = f"of {count}"
    scores = [entry.score for entry in entries if entry.score]
    for text, value in (
        ("predicts the same", sum(entry.reproduced for entry in entries)),
        ("exactly what it needs", sum(entry.exact for entry in entries)),
    ):
        yield Figure(text + where, value, unit, who=who, least=count if ours else None)
    for text, value in (
        ("missing", sum(len(each.missing) for each in scores)),
        ("superfluous", sum(len(each.superfluous) for each in scores)),
        ("drifted", sum(len(each.drifted) for each in scores)),
    ):
        yield Figure(text + where, value, "distributions", who=who, most=0 if ours else None)
    timed = [(entry.spent, entry.floor) for entry in entries if entry.spent and entry.floor]
    if timed:
        ratio = statistics.median(spent.wall / floor.wall for spent, floor in timed)
        yield Figure("capture" + where, ratio, "x floor", who=who)


def describe(entry: Measurement) -> str:
    """Say in a line what a tool made of a case."""
    parts = [_word(entry)]
    if entry.score:
        parts += [f"missing {name}" for name in entry.score.missing]
        parts += [str(drift) for drift in entry.score.drifted]
        parts += [f"superfluous {name}" for name in entry.score.superfluous[:8]]
    if entry.error:
        parts.append(entry.error.splitlines()[0][:200])
    if entry.disagrees:
        parts.append(f"DISAGREES: proof {entry.proof}, fresh {entry.fresh}")
    if entry.guesses:
        parts.append(f"guesses {', '.join(entry.guesses)}")
    if entry.spent and entry.floor:
        parts.append(f"{entry.spent.wall:.2f} s, floor {entry.floor.wall:.2f} s")
    return f"{entry.case:<22} {entry.tool:<16} {'; '.join(parts)}"


def check_markers(file: Path) -> str:
    """Return the text of a file that has a place for the tables; raises `NoMarkersError`."""
    said = file.read_text("utf-8") if file.is_file() else ""
    if BEGIN not in said or END not in said:
        raise NoMarkersError(file)
    return said


def insert_table(file: Path, text: str) -> None:
    """Put `text` between the markers of `file`; raises `NoMarkersError`."""
    said = check_markers(file)
    before, after = said.split(BEGIN)[0], said.split(END)[1]
    file.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", "utf-8")


def _word(entry: Measurement | None) -> str:
    """Say a result in a table's cell: `exact`, or what is wrong."""
    if entry is None:
        return ""
    if entry.exact:
        return "exact"
    word = "runs" if entry.reproduced else f"**{entry.stage}**"
    score = entry.score
    if score is None:
        return word
    counts = {"-": len(score.missing), "+": len(score.superfluous), "~": len(score.drifted)}
    return " ".join([word, *(f"{sign}{count}" for sign, count in counts.items() if count)])


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _ratio(pairs: Iterable[tuple[int, int]]) -> str:
    """Return the sum of what there is over the sum of what is needed."""
    both = list(pairs)
    least = sum(needed for _, needed in both)
    return f"{sum(there for there, _ in both) / least:.2f} x" if least else ""


def _median(values: Iterable[float], form: str) -> str:
    several = list(values)
    return form.format(statistics.median(several)) if several else ""
