"""Blocks and texts that several pages share: tables that are cut, ways out, folders of models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .blocks import Block, Command, Gap, Prose, RowTable, Tone, unbroken

_MOST_ROWS = 20


def table(
    title: str, rows: Sequence[tuple[str, ...]], tones: Sequence[Tone] = ()
) -> Iterator[Block]:
    """Yield a table between two gaps, cut after its first rows; nothing where it has none."""
    if not rows:
        return
    yield Gap()
    yield RowTable(title, tuple(rows[:_MOST_ROWS]), tuple(tones[:_MOST_ROWS]))
    if len(rows) > _MOST_ROWS:
        yield Prose(f"  {len(rows) - _MOST_ROWS} more (--json names them)", is_aside=True)
    yield Gap()


def examples(found: Sequence[str], count: int) -> str:
    """Return the folders of the first models, each on a line, and how many more there are."""
    more = count - len(found)
    lines = [*map(unbroken, found), *([f"and {more} more"] if more > 0 else [])]
    return "".join(f"\n{line}" for line in lines)


def ways(commands: Sequence[str]) -> Iterator[Block]:
    """Yield the commands that mend something, to be copied."""
    yield from (Command("the way out", each) for each in commands)


def first_line(value: object) -> str:
    """Return the first line of a value's text, which is the answer of a quiet command."""
    return str(value).partition("\n")[0]
