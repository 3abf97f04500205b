"""An update of requirements.txt: lines that still hold stay as they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .credentials import protect
from .errors import EnvFilesError
from .grammar import iter_lines
from .options import parse_options, spell_option, split_hashes
from .requirements import (
    CONSTRAINTS,
    constraint_option,
    read_requirements,
    spell_entry,
    write_requirements,
)
from .spec import Entry, EnvSpec, is_unnamed, spell_unnamed
from .yaml_edit import newline_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .grammar import Line


def update_requirements(text: str, spec: EnvSpec) -> str:
    r"""Return the text of a requirements.txt that says what an environment says.

    Lines that the environment does not concern stay as they are, but for the credentials in their
    URLs. A text that cannot be edited is written anew.

    >>> from envfiles import EnvSpec, Entry
    >>> spec = EnvSpec(python="3.11.7", requirements=(Entry("a==2"), Entry("b==1")))
    >>> print(update_requirements("# mine\nA == 1\nB == 1  # why", spec))
    # mine
    a==2
    B == 1  # why
    """
    try:
        updated = _Update(protect(text), spec).text()
        return updated if text.strip() and _says(updated, spec) else write_requirements(spec)
    except EnvFilesError:
        return write_requirements(spec)


def _says(text: str, spec: EnvSpec) -> bool:
    lines = read_requirements(text)
    wanted = {(each.requirement, each.hashes) for each in spec.requirements}
    constraints = [f"-c {each.path}" for each in lines.constraint_files]
    return (
        {(each.requirement, each.hashes) for each in lines.entries} == wanted
        and (lines.options, tuple(sorted(lines.unnamed))) == (spec.options, spec.unnamed)
        and (constraints, lines.requirement_files) == (constraint_option(spec), ())
    )


class _Update:
    """Go through the lines of a text once, with what is still to be said."""

    def __init__(self, text: str, spec: EnvSpec) -> None:
        self._text = text
        self._newline = newline_of(text)
        self._entries = {entry.key: entry for entry in spec.requirements}
        self._unnamed = dict.fromkeys(spec.unnamed)
        self._options = dict.fromkeys((*spec.options, *constraint_option(spec)))

    def text(self) -> str:
        raw = self._text.splitlines(keepends=True)
        kept: list[tuple[str, str]] = []  # each piece with the name that it states, if any
        at = 0
        for line in iter_lines(self._text):
            kept += [("", each) for each in raw[at : line.number - 1]]
            piece = "".join(raw[line.number - 1 : line.last])
            kept += self._line(line, piece)
            at = line.last
        kept += [("", each) for each in raw[at:]]
        return self._with_new(kept)

    def _line(self, line: Line, piece: str) -> list[tuple[str, str]]:
        """Return what becomes of one line: itself, another, or nothing."""
        options = parse_options(line.text)
        if options is not None:
            spelled = [_spell(str(each)) for each in options]
            if any(each not in self._options and each not in self._unnamed for each in spelled):
                return []
            for each in spelled:
                self._options.pop(each, None)
                self._unnamed.pop(each, None)
            return [("", piece)]
        if is_unnamed(line.text):
            said = spell_unnamed(line.text)
            return [("", piece)] if self._unnamed.pop(said, self) is not self else []
        requirement, hashes = split_hashes(line.text)
        old = Entry(requirement, "", hashes)
        wanted = self._entries.pop(old.key, None)
        if wanted is None:
            return []
        explained = not wanted.comment or (wanted.comment, *wanted.evidence) == line.reasons
        if (wanted.requirement, wanted.hashes) == (old.requirement, old.hashes) and explained:
            return [(wanted.name, piece)]
        ending = self._newline if piece.endswith("\n") else ""
        return [(wanted.name, spell_entry(wanted, newline=self._newline) + ending)]

    def _with_new(self, kept: list[tuple[str, str]]) -> str:
        for entry in self._entries.values():
            piece = spell_entry(entry, newline=self._newline) + self._newline
            names = [name for name, _ in kept]
            at = next((i for i, name in enumerate(names) if name > entry.name), len(kept))
            kept.insert(at, (entry.name, piece))
        head = [("", f"{each}{self._newline}") for each in (*self._options, *self._unnamed)]
        first = next((i for i, (_, piece) in enumerate(kept) if _is_content(piece)), len(kept))
        kept[first:first] = head
        return self._joined([piece for _, piece in kept])

    def _joined(self, pieces: Sequence[str]) -> str:
        """Join the pieces; one that ended the text without a line end gets one where it must."""
        ended = [each if each.endswith("\n") else each + self._newline for each in pieces]
        text = "".join(ended)
        return text if self._text.endswith("\n") else text.removesuffix(self._newline)


def _spell(option: str) -> str:
    flag, _, value = option.partition(" ")
    if flag == "--constraint":
        return f"-c {value}" if value == CONSTRAINTS else ""
    if flag == "--requirement":
        return ""
    return spell_unnamed(option) if flag == "--editable" else spell_option(option)


def _is_content(piece: str) -> bool:
    return bool(piece.strip()) and not piece.lstrip("\ufeff \t").startswith("#")
