"""Words that depend on a number, and lists in a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

# Characters that move the cursor, change the terminal's state, or reorder displayed text: C0 and
# C1, direction marks, line separators, invisible characters, tags, lone surrogates.
_UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)

NOTE = "note"
"""The title of a fact that is a sentence on its own."""


class ReportLine(NamedTuple):
    """Something that a report says: what it is about, and what is known of it.

    One without a title is sentences of their own.

    >>> str(ReportLine("left out", ("rich (a.py:1)", "tqdm (b.py:2)")))
    'left out: rich (a.py:1), tqdm (b.py:2)'
    """

    title: str
    items: tuple[str, ...]

    def __str__(self) -> str:
        """Return it as one line."""
        said = ", ".join(self.items)
        return f"{self.title}: {said}" if self.title else said


def counted(number: int, noun: str) -> str:
    """Return a number with its noun in the singular or plural.

    >>> counted(1, "pin"), counted(2, "pin"), counted(0, "pin")
    ('1 pin', '2 pins', '0 pins')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def in_bytes(count: int) -> str:
    """Return a number of bytes with a unit.

    >>> in_bytes(12), in_bytes(3456), in_bytes(7_890_000)
    ('12 B', '3 kB', '7.9 MB')
    """
    size = float(count)
    for unit in ("B", "kB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} MB"


def visible(text: str) -> str:
    r"""Return a text with its control characters escaped, except line ends.

    >>> visible("grün\x1b[2J\u202etxt.exe\r\nnext\tcell")
    'grün\\x1b[2J\\u202etxt.exe\nnext    cell'
    """
    plain = text.replace("\r\n", "\n").replace("\t", "    ")
    return _UNSEEN.sub(lambda found: ascii(found[0])[1:-1], plain)


def short_exponent(number: float) -> str:
    """Return a small number with a short exponent.

    >>> short_exponent(1e-6), short_exponent(0.001), short_exponent(2.5e-12)
    ('1e-6', '0.001', '2.5e-12')
    """
    return f"{number:g}".replace("e-0", "e-")


def be(number: int) -> str:
    """Return the verb for so many: ``is`` or ``are``."""
    return "is" if number == 1 else "are"


def few(items: Sequence[str], most: int = 5) -> str:
    """Return the first `most` items in a sentence, and the number of the others.

    >>> few(["a", "b", "c"], 2), few(["a", "b"], 2)
    ('a, b and 1 more', 'a, b')
    """
    more = len(items) - most
    return ", ".join(items[:most]) + (f" and {more} more" if more > 0 else "")


def brief(value: object, most: int = 100) -> str:
    r"""Return a short repr for a prompt: the type and the first line of the value's text.

    >>> brief(ValueError("it is empty\nlook at it"))
    '<ValueError: it is empty>'
    """
    said = str(value).partition("\n")[0]
    text = f"<{type(value).__name__}: {said}>"
    return text if len(text) <= most else f"{text[: most - 2]}…>"
