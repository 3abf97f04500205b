"""Arguments written as a line of text, parsed as leniently as by the unpickler in C."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def integer(line: bytes) -> int | None:
    """Return a whole number in Python's or C's notation; None for anything else.

    >>> integer(b"17"), integer(b"0x10"), integer(b"010"), integer(b"5L"), integer(b"x")
    (17, 16, 8, 5, None)
    """
    text = line.partition(b"\0")[0].decode("latin-1").strip().removesuffix("L")
    for base in (0, 8, 10):
        try:
            return int(text, base)
        except ValueError:
            continue
    return None


def place(line: bytes) -> int:
    """Return an index of the memo. Raises ValueError if it is invalid."""
    return int(line.partition(b"\0")[0])


def quoted(line: bytes) -> str:
    """Return a text of Python 2. Raises ValueError if it is not in quotes."""
    text = line.rstrip(b"\r")
    if len(text) < 2 or text[:1] != text[-1:] or text[:1] not in (b"'", b'"'):
        raise ValueError("a text has no quotes")
    inside = text[1:-1]
    # Any byte may follow a backslash.
    return inside.decode("unicode-escape" if b"\\" in inside else "latin-1")


def plain(line: bytes) -> str:
    """Return a line as text; the unpickler accepts UTF-8 or ASCII."""
    return line.decode("utf-8", "surrogateescape")


def escaped(line: bytes) -> str:
    """Return a text of protocol 0. Raises ValueError if an escape in it is cut off."""
    return line.decode("raw-unicode-escape")


ONE: Mapping[str, Callable[[bytes], Any]] = {
    **dict.fromkeys(("INT", "LONG"), integer),
    **dict.fromkeys(("GET", "PUT"), place),
    **dict.fromkeys(("FLOAT", "PERSID"), plain),
    "STRING": quoted,
    "UNICODE": escaped,
}
"""The opcodes with a line as argument, and its parser."""
TWO = frozenset({"GLOBAL", "INST"})
"""The opcodes with two lines as argument: a module and a name in it."""
