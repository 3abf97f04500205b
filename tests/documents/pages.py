"""The fenced blocks of a page, with what the comments before them say.

A comment of HTML right before a block says how it is meant; nobody sees it on the page:

    <!-- file: train.py -->        the block is a file of that name, which is written
    <!-- exit: 1 -->               the commands end with this code; otherwise with 0
    <!-- keeps running -->         the commands are started, and stopped at the end of the page
    <!-- no network -->            the commands run on another machine, which has none
    <!-- each line by itself -->   each command runs in a folder of its own, with what was given
    <!-- not run: needs Docker --> and what it needs that tests have not
    <!-- output -->                what the block before it prints; a `text` is without saying
    <!-- not output: … -->         a text that is something else, and what
    <!-- found: bikes -->          a text that the benchmark of the gallery writes

Before the first, one says what the reader has already: `<!-- given: wine_model, train.py -->`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    *("README.md", "CONTRIBUTING.md", "benchmarks/README.md"),
    *sorted(page.relative_to(ROOT).as_posix() for page in (ROOT / "docs").rglob("*.md")),
]
RUN = ("sh", "python", "ipython")
READ = ("json", "yaml", "toml", "dockerfile")
MARKS = {
    *("given", "file", "exit", "keeps running", "no network", "each line by itself"),
    *("not run", "output", "not output", "found"),
}
_BLOCK = re.compile(
    r"^(?P<comments>(?:<!--(?:(?!-->).)*-->[ \n])*)```(?P<language>[^\n]*)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, its text, and its marks with what they say."""

    page: str
    line: int
    language: str
    text: str
    marks: dict[str, str]

    @property
    def place(self) -> str:
        """Return the page and the line on which the block stands."""
        return f"{self.page}:{self.line}"

    @property
    def is_run(self) -> bool:
        """Return whether the block is code that is run."""
        return self.language in RUN and not self.marks.keys() & {"file", "not run"}

    @property
    def is_output(self) -> bool:
        """Return whether the block is what the one before it prints."""
        shown = self.language == "text" or "output" in self.marks
        return shown and not self.marks.keys() & {"file", "not output", "found"}


def comments(text: str) -> dict[str, str]:
    """Return what each comment says, by the words before its colon."""
    found = re.findall(r"<!--\s*(.*?)\s*-->", text, re.DOTALL)
    return {head.strip(): tail.strip() for head, _, tail in (each.partition(":") for each in found)}


def blocks(page: str, text: str | None = None) -> list[Block]:
    """Return the blocks of a page, in order."""
    text = (ROOT / page).read_text("utf-8") if text is None else text
    found = []
    for each in _BLOCK.finditer(text):
        line = text.count("\n", 0, each.start("language")) + 1
        marks = comments(each["comments"])
        found.append(Block(page, line, each["language"], each["text"], marks))
    return found


def given(page: str) -> list[str]:
    """Return the names of what a page starts with."""
    found = (block.marks["given"] for block in blocks(page) if "given" in block.marks)
    return [name for names in found for name in re.split(r",\s*", names)]
