"""Updates of requirements.txt: lines that still hold stay as written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..credentials import protect
from ..errors import EnvFilesError, Location
from ..requirements.content import RequirementLine
from ..requirements.entry import spell_entry
from ..requirements.lines import iter_lines
from ..requirements.options import Option, spell_option
from ..requirements.reader import parse_lines, parse_requirements
from ..requirements.unnamed import spell_unnamed
from ..yaml.edit import newline_of
from .requirements_txt import CONSTRAINTS, constraint_option, write_requirements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..requirements.content import Item
    from ..requirements.lines import LogicalLine
    from ..spec import EnvSpec


def update_requirements(text: str, spec: EnvSpec) -> str:
    r"""Return the text of a requirements.txt for an environment.

    Unaffected lines stay as they are, except for credentials in their URLs. A text that cannot be
    edited is replaced.

    >>> from envfiles import EnvSpec, Entry
    >>> spec = EnvSpec(python="3.11.7", requirements=(Entry("a==2"), Entry("b==1")))
    >>> print(update_requirements("# mine\nA == 1\nB == 1  # why", spec))
    # mine
    a==2
    B == 1  # why
    """
    written = write_requirements(spec)
    try:
        updated = _Update(protect(text), spec).text()
        same = parse_requirements(updated).meaning() == parse_requirements(written).meaning()
    except EnvFilesError:
        return written
    return updated if text.strip() and same else written


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some lines of the new text."""

    text: str
    name: str = ""
    """The distribution that they require, if any."""
    rank: int = -1
    """Their rank among the options; -1 for other lines."""


class _Update:
    """One pass through the lines of a text, with the entries that are still to be written."""

    def __init__(self, text: str, spec: EnvSpec) -> None:
        self._text = text
        self._newline = newline_of(text)
        self._entries = {entry.key: entry for entry in spec.requirements}
        self._unnamed = dict.fromkeys(spec.unnamed)
        self._options = dict.fromkeys((*spec.options, *constraint_option(spec)))
        self._ranks = {option: rank for rank, option in enumerate(spec.options)}
        self._reached = -1
        """The rank of the last option that was kept: their order matters."""

    def text(self) -> str:
        raw = self._text.splitlines(keepends=True)
        kept: list[_Piece] = []
        at = 0
        for line in iter_lines(self._text):
            kept += map(_Piece, raw[at : line.number - 1])
            piece = "".join(raw[line.number - 1 : line.last])
            kept += self._line(line, piece)
            at = line.last
        kept += map(_Piece, raw[at:])
        return self._with_new(kept)

    def _line(self, line: LogicalLine, piece: str) -> list[_Piece]:
        """Return the replacement of one line: itself, another, or nothing."""
        content = parse_lines([(Location(line=line.number), line.text, line.reasons)])
        entries = content.located_entries()
        if not entries:
            return self._option_line([_spell(each) for each in content.items], piece)
        old = entries[0].entry
        new = self._entries.pop(old.key, None)
        if new is None:
            return []
        explained = not new.comment or (new.comment, *new.evidence) == line.reasons
        same = (new.requirement, new.hashes, new.settings) == (
            old.requirement,
            old.hashes,
            old.settings,
        )
        if same and explained:
            return [_Piece(piece, new.name)]
        ending = self._newline if piece.endswith("\n") else ""
        return [_Piece(spell_entry(new, newline=self._newline) + ending, new.name)]

    def _option_line(self, spelled: Sequence[str], piece: str) -> list[_Piece]:
        """Keep a line of options if all of them are still needed at this place."""
        ranks = [self._ranks[each] for each in spelled if each in self._ranks]
        needed = all(each in self._options or each in self._unnamed for each in spelled)
        if not needed or [self._reached, *ranks] != sorted([self._reached, *ranks]):
            return []
        for each in spelled:
            self._options.pop(each, None)
            self._unnamed.pop(each, None)
        self._reached = max(self._reached, *ranks) if ranks else self._reached
        return [_Piece(piece, rank=max(ranks, default=-1))]

    def _with_new(self, kept: list[_Piece]) -> str:
        for entry in self._entries.values():
            text = spell_entry(entry, newline=self._newline) + self._newline
            at = next((i for i, each in enumerate(kept) if each.name > entry.name), len(kept))
            kept.insert(at, _Piece(text, entry.name))
        first = next((i for i, each in enumerate(kept) if _is_content(each.text)), len(kept))
        for each in (*self._options, *self._unnamed):
            rank = self._ranks.get(each, len(self._ranks))
            before = [i for i, piece in enumerate(kept) if -1 < piece.rank <= rank]
            at = before[-1] + 1 if before else first
            kept.insert(at, _Piece(f"{each}{self._newline}", rank=rank))
            first = max(first, at)
        return self._joined([each.text for each in kept])

    def _joined(self, pieces: Sequence[str]) -> str:
        """Join the pieces; a last one without line end gets one if it is no longer last."""
        ended = [each if each.endswith("\n") else each + self._newline for each in pieces]
        text = "".join(ended)
        return text if self._text.endswith("\n") else text.removesuffix(self._newline)


def _spell(item: Item) -> str:
    if isinstance(item, RequirementLine):
        return spell_unnamed(item.spelled())
    if isinstance(item, Option):
        return spell_option(str(item))
    return f"-c {item.path}" if item.is_constraint and item.path == CONSTRAINTS else ""


def _is_content(piece: str) -> bool:
    return bool(piece.strip()) and not piece.lstrip("\ufeff \t").startswith("#")
