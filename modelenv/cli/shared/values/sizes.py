"""Sizes in the notation of users."""

from __future__ import annotations

import re

import click

_FORMS = "write one like 512M, 1G, 1.5 GB, 1GiB, or a number of bytes"
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_SIZE = r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*([kmgt]?)(i?)(b|bytes?)?"


def size(text: str) -> int:
    """Return the number of bytes of a size, with or without a unit.

    A letter alone means powers of 1024, as for GNU coreutils, Docker and systemd, and so does `i`;
    with `B` it means powers of 1000 (IEC 80000-13).

    >>> size("1.5 kB"), size("1K"), size("1 KiB"), size("12 bytes")
    (1500, 1024, 1024, 12)
    """
    from decimal import Decimal

    from ....base.arguments import MOST_BYTES

    found = re.fullmatch(_SIZE, text.strip(), re.IGNORECASE)
    if found is None or (found[3] and not found[2]) or (found[2] and found[4] not in _AFTER_A_UNIT):
        raise click.BadParameter(f"{text!r} is no size: {_FORMS}")
    base = 1000 if found[4] and not found[3] else 1024
    count = int(Decimal(found[1]) * base ** _POWERS[found[2].lower()])
    if count > MOST_BYTES:
        raise click.BadParameter(
            f"{text!r} is too large: {MOST_BYTES // 1024**4}T is the largest that is taken"
        )
    return count


_AFTER_A_UNIT = (None, "b", "B")
