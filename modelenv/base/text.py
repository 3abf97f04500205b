"""Words that depend on a number, and lists in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, noun: str) -> str:
    """Name how many there are.

    >>> counted(1, "pin"), counted(2, "pin"), counted(0, "pin")
    ('1 pin', '2 pins', '0 pins')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def in_bytes(count: int) -> str:
    """Write a number of bytes with a unit.

    >>> in_bytes(12), in_bytes(3456), in_bytes(7_890_000)
    ('12 B', '3 kB', '7.9 MB')
    """
    size = float(count)
    for unit in ("B", "kB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} MB"


def be(number: int) -> str:
    """Return the verb for so many: ``is`` or ``are``."""
    return "is" if number == 1 else "are"


def few(items: Sequence[str], most: int = 5) -> str:
    """Return the first `most` items, and how many more there are.

    >>> few(["a", "b", "c"], 2), few(["a", "b"], 2)
    ('a, b and 1 more', 'a, b')
    """
    more = len(items) - most
    return ", ".join(items[:most]) + (f" and {more} more" if more > 0 else "")


def brief(value: object, most: int = 100) -> str:
    r"""Return a value for a person at a prompt: its kind and the first line of what it says.

    >>> brief(ValueError("it is empty\nlook at it"))
    '<ValueError: it is empty>'
    """
    said = str(value).partition("\n")[0]
    text = f"<{type(value).__name__}: {said}>"
    return text if len(text) <= most else f"{text[: most - 2]}…>"
