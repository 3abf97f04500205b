"""Limits on a YAML document: it is read event by event before anything is built from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import Fault, InvalidFile, Location

if TYPE_CHECKING:
    import yaml

_DEEPEST = 50  # the C library's composer recurses, and ends the process if the stack ends
_LONGEST = 4_000_000  # characters
_MOST_VALUES = 30_000  # with each alias counted as all that it stands for


def check_bounds(text: str, loader: type, file: str | None) -> None:
    """Raise InvalidFile for a document that would take more than any such file does.

    Raises the errors of the parser if it is no YAML.
    """
    import yaml

    count = _Count(file)
    if len(text) > _LONGEST:
        raise count.refused(f"is longer than any such file is ({_LONGEST:,} characters)")
    for event in yaml.parse(text, Loader=loader):
        count.see(event)


class _Count:
    """Count the values of a document, its aliases expanded."""

    def __init__(self, file: str | None) -> None:
        self._file = file
        self._line: int | None = None
        self._values = 0
        self._sizes: dict[str, int] = {}
        self._opened: list[tuple[str | None, int]] = []

    def see(self, event: yaml.Event) -> None:
        import yaml

        mark = event.start_mark
        self._line = None if mark is None else mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            self._alias(str(event.anchor))
        elif isinstance(event, yaml.CollectionStartEvent):
            self._opened.append((event.anchor, self._values))
            self._values += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close()
        elif isinstance(event, yaml.ScalarEvent):
            self._values += 1
            if event.anchor is not None:
                self._sizes[event.anchor] = 1
        if len(self._opened) > _DEEPEST:
            raise self.refused("nested deeper than any such file is")
        if self._values > _MOST_VALUES:
            raise self.refused(f"holds more than {_MOST_VALUES:,} values")

    def refused(self, reason: str) -> InvalidFile:
        return InvalidFile([Fault(Location(self._file, self._line), reason)])

    def _alias(self, anchor: str) -> None:
        if anchor not in self._sizes:
            raise self.refused(f"*{anchor} names no value, or itself")
        self._values += self._sizes[anchor]

    def _close(self) -> None:
        anchor, before = self._opened.pop()
        if anchor is not None:
            self._sizes[anchor] = self._values - before
