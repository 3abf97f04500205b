"""Lay a page out for a screen: text that wraps, and paths and commands that do not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from io import StringIO
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from ...commands import COMMANDS
from .blocks import (
    Branch,
    Command,
    Excerpt,
    Facts,
    Frames,
    Gap,
    Headline,
    LinkTree,
    Prose,
    RowTable,
    spaced,
    unbroken,
)

if TYPE_CHECKING:
    from .blocks import Block, Page, Tone
    from .screen import Screen

_COLOURS: dict[Tone, str] = {
    "good": "green",
    "fair": "yellow",
    "bad": "red",
    "plain": "",
    "way": "cyan",
}
_MARKS: dict[Tone, str] = {"good": "✓", "fair": "!", "bad": "✗", "plain": "", "way": "→"}
_ASCII_MARKS: dict[Tone, str] = {"good": "+", "fair": "!", "bad": "x", "plain": "", "way": "->"}
_PLAIN: Tone = "plain"
_OF_DIFF = (("+++", "bold"), ("---", "bold"), ("@" * 2, "cyan"), ("+", "green"), ("-", "red"))
_GUIDES = ("├─ ", "└─ ", "│  ", "   ")
_ASCII_GUIDES = ("|- ", "`- ", "|  ", "   ")
_MOST_ITEMS = 3
"""Of a list that folds, more than one further item apart."""
_MOST_LETTERS = 240
"""Of an item of a list that folds."""
_NARROWEST = 24
"""Columns in which a last cell still reads well; if there are fewer it stands below the row."""

# Text that is copied as a whole: a command with its options and their values, and text in
# backquotes.
_ONE_WORD = "|".join(COMMANDS)
_TWO_WORDS = "(?:fleet|requirements|cache) [a-z]+"
_OF_OTHERS = (
    "(?:uv )?pip (?:install|uninstall|download)|uv (?:sync|lock|run)|conda (?:install|create)"
)
_WHOLE = re.compile(
    rf"`[^`\n]+`|\b(?:modelenv (?:{_TWO_WORDS}|{_ONE_WORD})|{_OF_OTHERS})\b"
    r"(?: --?[\w-]+(?:[ =](?!-)[^\s;,]+)?)*"
)


class Pen:
    """A writer of blocks on one screen."""

    def __init__(self, screen: Screen, clean: Callable[[str], str], *, verbose: bool) -> None:
        self._screen = screen
        self._clean = clean
        """Makes a text that others wrote one that may be shown."""
        self._verbose = verbose
        self._console = Console(
            file=StringIO(),
            force_terminal=True,
            color_system="standard" if screen.colours else None,
            no_color=not screen.colours,
            width=screen.width,
            legacy_windows=False,
            _environ={},
        )
        self._marks = _MARKS if screen.unicode else _ASCII_MARKS
        self._guides = _GUIDES if screen.unicode else _ASCII_GUIDES
        self._bullet = "·" if screen.unicode else "-"
        self._writers: dict[type[Block], Callable[[Any], Iterator[Text]]] = {
            Headline: self._headline,
            RowTable: self._table,
            Facts: self._facts,
            Command: self._command,
            LinkTree: self._tree,
            Excerpt: self._excerpt,
            Frames: self._frames,
            Prose: self._prose,
            Gap: self._gap,
        }

    def draw(self, page: Page) -> str:
        """Return a page as text with its colours, a line each."""
        before: Block | None = None
        with self._console.capture() as drawn:
            for block in page:
                if isinstance(block, Gap) and isinstance(before, Gap):
                    continue  # one is enough
                before = block
                for line in self._writers[type(block)](block):
                    self._console.print(
                        line, soft_wrap=True, highlight=False, markup=False, emoji=False
                    )
        return str(drawn.get()).rstrip("\n")

    def _command(self, block: Command) -> Iterator[Text]:
        yield from self._hung(self._text(f"{block.about}:"), Text())
        yield self._whole(block.words, indent=2)

    def _prose(self, block: Prose) -> Iterator[Text]:
        yield from self._hung(self._text(block.text, "dim" if block.is_aside else ""), Text())

    def _gap(self, _: Gap) -> Iterator[Text]:
        yield Text()

    def _headline(self, block: Headline) -> Iterator[Text]:
        colour = f"bold {_COLOURS[block.tone]}".strip()
        mark = self._marks[block.tone]
        first = Text(f"{mark} ", colour) if mark else Text()
        word = Text(self._clean(block.word), colour)
        said = ": " if block.word and block.text else ""
        text = self._text(block.text, "" if block.word else "bold")
        yield from self._hung(Text.assemble(word, said, text), first)

    def _table(self, table: RowTable) -> Iterator[Text]:
        if table.title:
            yield from self._hung(self._text(table.title, "bold"), Text())
        rows = [[self._clean(cell) for cell in row] for row in table.rows]
        widths = [max(map(cell_len, column)) for column in list(zip(*rows, strict=True))[:-1]]
        taken = sum(widths) + 2 * len(widths) + 2
        stacked = self._screen.width - taken < _NARROWEST
        tones = table.tones or [_PLAIN] * len(rows)
        for tone, (*heads, last) in zip(tones, rows, strict=True):
            first = Text("  ")
            for place, (cell, width) in enumerate(zip(heads, widths, strict=True)):
                gap = "" if stacked and place == len(heads) - 1 else " " * (width - cell_len(cell))
                first.append(cell + gap, f"bold {_COLOURS[tone]}".strip() if place == 0 else "")
                first.append("" if stacked and place == len(heads) - 1 else "  ")
            if stacked:
                yield first
                yield from self._hung(self._text(last), Text("    ")) if last else ()
            else:
                yield from self._hung(self._text(last), first, rest=" " * taken)

    def _facts(self, facts: Facts) -> Iterator[Text]:
        mark = self._marks[facts.tone]
        first = Text(f"{mark} ", _COLOURS[facts.tone]) if mark else Text()
        title = Text(self._clean(facts.title), _COLOURS[facts.tone] or "bold")
        items, more = self._folded(facts)
        if facts.whole:
            items = list(map(unbroken, items))
        is_list = facts.apart and not facts.title
        is_short = len(items) == 1 or not (facts.apart or self._is_long(facts.title, items))
        if is_short and not (more or is_list):
            said = Text.assemble(title, ": " if facts.title else "", self._text(", ".join(items)))
            deep = len(said.plain) - len(said.plain.lstrip(" "))
            yield from self._hung(said, first, rest=" " * (deep + 2))
            return
        if not is_list:
            yield from self._hung(Text.assemble(title, f" ({len(facts.items)})"), first)
        for item in items:
            yield from self._hung(self._text(item), Text(f"  {self._bullet} ", "dim"))
        if more:
            yield Text(f"    and {more} more (-v shows all)", "dim")

    def _folded(self, facts: Facts) -> tuple[list[str], int]:
        """Return the items that are shown, and how many more there are."""
        if self._verbose or not facts.folds:
            return list(facts.items), 0
        shown = facts.items if len(facts.items) <= _MOST_ITEMS + 1 else facts.items[:_MOST_ITEMS]
        return [_cut(each) for each in shown], len(facts.items) - len(shown)

    def _is_long(self, title: str, items: Sequence[str]) -> bool:
        """Return whether items do not stand on one line behind their title."""
        return len(items) > 1 and cell_len(f"{title}: {', '.join(items)}") > self._screen.width

    def _tree(self, tree: LinkTree) -> Iterator[Text]:
        yield Text(self._clean(tree.root.name), "bold")
        yield from self._branches(tree.root.branches, "")
        for each in tree.more:
            yield from self._hung(self._text(each, "dim"), Text())

    def _branches(self, branches: Sequence[Branch], before: str) -> Iterator[Text]:
        through, last, bar, gap = self._guides
        for place, branch in enumerate(branches):
            is_last = place == len(branches) - 1
            below = before + (gap if is_last else bar)
            guide = before + (last if is_last else through)
            first = Text.assemble((guide, "dim"), (self._clean(branch.name), "bold"))
            under = Text(below + (bar if branch.branches else gap), "dim")
            evidence = [self._text(each, "dim") for each in branch.evidence]
            room = self._screen.width - first.cell_len - 2
            if len(evidence) == 1 and evidence[0].cell_len <= room:
                yield Text.assemble(first, "  ", _spaced(evidence[0]))
            else:
                yield first
                for each in evidence:
                    yield from self._hung(each, under, rest=f"{under.plain}  ", dim=True)
            yield from self._branches(branch.branches, below)

    def _excerpt(self, excerpt: Excerpt) -> Iterator[Text]:
        if excerpt.title:
            yield from self._hung(self._text(excerpt.title, "bold"), Text())
        for line in excerpt.lines:
            kinds = (style for start, style in _OF_DIFF if line.startswith(start))
            style = next(kinds, "") if excerpt.is_diff else ""
            yield Text("  " * (not excerpt.is_diff) + self._clean(line), style)

    def _frames(self, block: Frames) -> Iterator[Text]:
        yield from self._hung(self._text(block.title, "bold"), Text())
        for place, code in block.frames:
            yield Text(f"  {self._clean(place)}", "cyan")
            if code:
                yield from self._hung(self._text(code), Text("    "))
        if block.more:
            yield Text(f"  and {block.more} more", "dim")

    def _text(self, said: str, style: str = "") -> Text:
        """Return a text that others may have written, its commands kept whole."""
        clean = self._clean(said)
        return Text(_WHOLE.sub(lambda found: unbroken(found[0]), clean), style)

    def _whole(self, said: str, *, indent: int) -> Text:
        return Text(" " * indent + self._clean(said), "cyan")

    def _hung(
        self, text: Text, first: Text, *, rest: str | None = None, dim: bool = False
    ) -> Iterator[Text]:
        """Yield the lines of a text behind what begins the first, and the others, by default blank.

        A word that is longer than a line stands alone on one, unbroken.
        """
        begin = " " * first.cell_len if rest is None else rest
        room = max(self._screen.width - max(first.cell_len, cell_len(begin)), 8)
        lines = [line for part in text.split("\n") for line in _wrapped(part, room)]
        for place, line in enumerate(lines or [Text()]):
            start = first if place == 0 else Text(begin, "dim" if dim else "")
            yield Text.assemble(start, _spaced(line))


def _wrapped(text: Text, room: int) -> Iterator[Text]:
    """Yield a text in lines of at most so many columns; a longer word is not broken."""
    breaks, taken = [], 0
    for word in re.finditer(r"\s*\S+\s*", text.plain):
        width = cell_len(word[0].rstrip())
        if taken and taken + width > room:
            breaks.append(word.start())
            taken = 0
        taken += cell_len(word[0])
    for line in text.divide(breaks):
        line.rstrip()
        yield line


def _spaced(line: Text) -> Text:
    """Return a line with its spaces again if none might end it."""
    line.plain = spaced(line.plain)
    return line


def _cut(item: str) -> str:
    """Return an item, or its beginning if it is long."""
    if len(item) <= _MOST_LETTERS:
        return item
    return f"{item[:_MOST_LETTERS].rpartition(' ')[0]} (cut: -v shows all)"
