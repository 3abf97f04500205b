"""Steps of a repair, and the result of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ...base.text import brief
from ...worker.verdict import Verdict
from ..diagnosis import Diagnosis


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One run and its result."""

    verdict: Verdict
    diagnosis: Diagnosis | None = None
    line: str = ""
    """The requirement that was tried next; empty: none was left."""
    changes: tuple[str, ...] = ()
    """The changes of the pins, in words."""
    refused: tuple[str, ...] = ()
    """Requirements that could not be met, with the reason."""
    trial: str = ""
    """The trial that is made if no diagnosis leads on: ``left out when the model was saved``."""
    taken_back: tuple[str, ...] = ()
    """Requirements that this run had and the next has not, with reasons."""

    def __str__(self) -> str:
        """Return it as a few lines of text."""
        lines = [str(self.verdict)]
        if self.diagnosis is not None:
            lines += [f"  {line}" for line in str(self.diagnosis).splitlines()]
        lines += [f"  cannot be: {line}" for line in self.refused]
        lines += [f"  taken back: {line}" for line in self.taken_back]
        if self.line:
            what = f", {self.trial}" if self.trial else ""
            lines.append(f"  try: {self.line}{what} ({', '.join(self.changes)})")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """The result of `fix`."""

    steps: tuple[Step, ...]
    pins: tuple[str, ...]
    """The requirements of the last run."""
    changes: tuple[str, ...]
    """Differences from the folder's pins, if the repair works."""
    written: bool = False
    notes: tuple[str, ...] = ()
    """Remarks on the files that were written."""

    @property
    def good(self) -> bool:
        """Whether it runs."""
        return self.steps[-1].verdict.good

    def __str__(self) -> str:
        """Return the working pins, or the attempts."""
        if not self.good:
            return "\n".join(["no way was found; what was tried:", *_short(self.steps)])
        if not self.changes:
            return f"nothing to mend: {self.steps[-1].verdict}"
        lines = [str(self.steps[-1].verdict), *(f"  {change}" for change in self.changes)]
        ending = "the folder is updated" if self.written else "--write puts them into the folder"
        notes = [f"note: {note}" for note in self.notes]
        return "\n".join(
            [*lines, f"requirements that work: {', '.join(self.pins)}", ending, *notes]
        )

    def __repr__(self) -> str:
        """Return its first line, short."""
        return brief(self)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"schema": 1, "good": self.good, **asdict(self)}


def _short(steps: Sequence[Step]) -> Iterator[str]:
    for number, step in enumerate(steps, 1):
        problem = step.diagnosis.problem if step.diagnosis is not None else step.verdict.reason
        what = f"; tried {step.line}" if step.line else ""
        yield f"  {number}. {problem}{what}" + (f", {step.trial}" if step.trial else "")
        yield from (f"     cannot be: {line}" for line in step.refused)
        yield from (f"     taken back: {line}" for line in step.taken_back)
    last = steps[-1].diagnosis
    if last is not None and last.remedy:
        yield f"by hand: {last.remedy}"
