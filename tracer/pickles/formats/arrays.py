"""The header of an array file, which tells whether its elements are pickled objects."""

from __future__ import annotations

import ast

from . import kinds


def start_of_objects(head: bytes) -> int | None:
    """Return the offset of the pickle in an array file; None if it holds no objects.

    Raises ValueError if the file has no such header.
    """
    wide = 2 if head[len(kinds.ARRAY) : len(kinds.ARRAY) + 1] == b"\x01" else 4
    start = 8 + wide
    end = start + int.from_bytes(head[8:start], "little")
    if end > len(head):
        raise ValueError("the array's header is longer than any is")
    header = _parsed(head[start:end].decode("latin-1").strip())
    if not isinstance(header, dict) or "descr" not in header:
        raise ValueError("the array has no header")
    return end if _holds_objects(header["descr"]) else None


def _parsed(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (SyntaxError, RecursionError, MemoryError) as error:  # a parser's ways to say "too deep"
        raise ValueError("the array has no header") from error


def _holds_objects(kind: object) -> bool:
    """Return whether a dtype holds objects, as itself or in a field of any name."""
    if isinstance(kind, str):
        return kind.lstrip("<>|=").startswith("O")
    if isinstance(kind, list):
        return any(len(field) < 2 or _holds_objects(field[1]) for field in kind)
    return not isinstance(kind, tuple) or not kind or _holds_objects(kind[0])
