"""Keep what is seen on disk at once: one line a record, each written whole.

A process that ends by ``os._exit`` or a signal keeps all that it had recorded, and forked children
append to the same file without tearing a line.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterable

    Value = str | int | bool | None

try:
    from _json import encode_basestring_ascii as quote
except ImportError:  # an interpreter without CPython's accelerator

    def quote(text: str, /) -> str:
        """Return `text` as a JSON string."""
        plain = text.replace("\\", "\\\\").replace('"', '\\"')
        return '"%s"' % "".join(
            character if " " <= character <= "~" else _escaped(character) for character in plain
        )


def _escaped(character: str) -> str:
    code = ord(character)
    if code > 0xFFFF:
        code -= 0x10000
        return "\\u%04x\\u%04x" % (0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF))
    return "\\u%04x" % code


def _value(value: Value) -> str:
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return quote(value)


class Spool:
    """An append-only file of JSON lines."""

    def __init__(self, path: str) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        flags |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        self._fd = os.open(path, flags, 0o600)

    def write(self, kind: str, values: Iterable[Value]) -> None:
        """Append one record: a kind and its values, strings, whole numbers, booleans or None."""
        line = "[" + ",".join([quote(kind)] + [_value(value) for value in values]) + "]\n"
        os.write(self._fd, line.encode("ascii"))

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)
