"""The file list of one distribution, read only as far as the questions need."""

from __future__ import annotations

import os
import re
from functools import cached_property
from string import ascii_letters
from typing import TYPE_CHECKING

from .record import read_record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .distribution import Distribution

# Prefixes of paths outside: upwards, or absolute, with a drive on Windows.
_DRIVES = tuple(f"{letter}:" for letter in ascii_letters) if os.name == "nt" else ()
_OUTSIDE = ("..", "/", *_DRIVES)
# The first component of a line, with the following lines that share it: packages come in runs.
_RUN = re.compile(r"^([^/,\n]*)[^\n]*\n(?:\1[/,][^\n]*\n)*", re.MULTILINE)
# Searching the text is faster than parsing it, as long as few files are asked for.
_FEW = 12


def _as_it_is(path: str) -> str:
    return path


# If case matters, paths need no folding; this is called thousands of times.
folded = _as_it_is if os.path.normcase("A/b") == "A/b" else os.path.normcase
"""Return a path in the spelling in which paths are compared."""


class Listing:
    """The files that one distribution lists; paths are spelled as `os.path.normcase` does."""

    def __init__(self, distribution: Distribution) -> None:
        self.distribution = distribution
        """The distribution that it belongs to."""
        self._asked = 0

    def digest(self, path: str) -> str | None:
        """Return the recorded digest of a file, "" without one; None if it is not listed."""
        self._asked += 1
        if self._text is None or self._asked > _FEW:
            return self.by_path.get(path)
        start = self._text.find(f"\n{path},")
        if start < 0:
            return None
        start += len(path) + 2
        return self._text[start : self._text.find("\n", start)].partition(",")[0]

    @cached_property
    def by_path(self) -> Mapping[str, str]:
        """Each path with its digest."""
        record = self.distribution.record
        if folded is _as_it_is:
            return record
        return {folded(path): digest for path, digest in record.items()}

    @cached_property
    def tops(self) -> frozenset[str]:
        """The first components of files, listed or taken as such; "" for absolute paths."""
        text = self.distribution.record_text
        if text is None:
            claims = self.distribution.claims
            listed = {path.partition("/")[0] for path in (*self.distribution.record, *claims)}
            return frozenset(listed | {f"{top}.py" for top in listed & set(claims)})
        if self._is_quoted(text):
            return frozenset(path.partition("/")[0] for path in self.distribution.record)
        return frozenset(_RUN.findall(text if text.endswith("\n") else f"{text}\n"))

    @cached_property
    def outside(self) -> Mapping[str, str]:
        """Files listed as "../../bin/x" or absolutely: most distributions have one script there."""
        text = self.distribution.record_text
        if text is None or self._is_quoted(text):
            record = self.distribution.record
        else:
            record = read_record([line for line in text.split("\n") if line.startswith(_OUTSIDE)])
        return {path: digest for path, digest in record.items() if path.startswith(_OUTSIDE)}

    @cached_property
    def _text(self) -> str | None:
        """The text to search in, or None if it has to be parsed."""
        text = self.distribution.record_text
        if text is None or self._is_quoted(text) or folded is not _as_it_is:
            return None
        return f"\n{text}\n"

    @staticmethod
    def _is_quoted(text: str) -> bool:
        return '"' in text and (text.startswith('"') or '\n"' in text)
