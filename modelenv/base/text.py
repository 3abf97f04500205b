"""Words that depend on a number."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Name how many there are.

    >>> counted(1, "pin"), counted(2, "pin"), counted(0, "pin")
    ('1 pin', '2 pins', '0 pins')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def be(number: int) -> str:
    """Return the verb for so many: ``is`` or ``are``."""
    return "is" if number == 1 else "are"
