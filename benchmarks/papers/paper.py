"""A document of another tool, with what the tool itself says of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

KEPT = "paper.json"
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as it was written, and its truth: on Linux, x86-64, under its Python."""

    name: str
    tool: str
    """With its version: `uv 0.13.9`."""
    command: str
    file: str
    """The document, in the folder of its name; `.` where the folder is it."""
    python: str
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    pins: Mapping[str, str] = field(default_factory=dict)
    """What the tool installs of it: the version of each distribution, or `@ URL` where it came from
    a place of its own (PEP 610)."""
    asked: tuple[str, ...] = ()
    """What the tool says it asks for, where nothing is pinned."""
    exported: tuple[str, ...] = ()
    """The tool's own list of it, whose markers say what it installs elsewhere."""
    refusal: str = ""
    """A word of the sentence that names its form and the way out, where it need not be read."""

    def __repr__(self) -> str:
        """Say its name and tool."""
        return f"<Paper {self.name} of {self.tool}>"

    def write(self, folder: Path) -> None:
        """Keep it beside the document in `folder`."""
        (folder / KEPT).write_text(json.dumps(asdict(self), indent=1) + "\n", "utf-8")

    @classmethod
    def read(cls, folder: Path) -> Paper:
        """Return the one that was kept in `folder`."""
        said = json.loads((folder / KEPT).read_text("utf-8"))
        lists = {key: tuple(said[key]) for key in ("groups", "extras", "asked", "exported")}
        return cls(**{**said, **lists})


def papers_in(folder: Path) -> dict[Path, Paper]:
    """Return what was written into `folder`, by the folder of each."""
    return {file.parent: Paper.read(file.parent) for file in sorted(folder.glob(f"*/{KEPT}"))}


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
