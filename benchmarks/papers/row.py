"""What came of one tool reading one document."""

from __future__ import annotations

from dataclasses import dataclass

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    document: str
    tool: str
    is_read: bool
    """Whether it was; else its form was named, with the way out."""
    faults: tuple[str, ...]
    """In what it is not the truth."""

    def __str__(self) -> str:
        """Return it as a line of Markdown."""
        said = "; ".join(self.faults)[:_LONGEST] or "yes"
        cells = (self.document, self.tool, "yes" if self.is_read else "named", said)
        return f"| {' | '.join(each.replace('|', '/') for each in cells)} |"
