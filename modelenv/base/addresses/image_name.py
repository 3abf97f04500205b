"""What an image may be called, as registries have it (the grammar of distribution's references)."""

from __future__ import annotations

import re

from .. import arguments

_LONGEST = 255
"""Characters of a name without its tag."""
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:]+\])(?::[0-9]+)?"
_NAME = re.compile(
    rf"(?P<name>(?:{_HOST}/)?{_PART}(?:/{_PART})*)(?::[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?"
)
_ID = re.compile(r"[0-9a-f]{64}")
_EXPECTED = (
    "the name of an image, as wine, wine:1 or registry.example.com:5000/team/wine:1: small letters"
    " and digits, parted by single . _ - or /, and one tag"
)


def check_image_name(text: object) -> None:
    """Raise BadArgumentError for what no image can be tagged with.

    An id, or a name with a digest, is none: those follow from what is in an image.

    >>> check_image_name("localhost:5000/team/red-wine:1.0_A")
    """
    found = _NAME.fullmatch(text) if isinstance(text, str) else None
    if found is None or len(found["name"]) > _LONGEST or _ID.fullmatch(found["name"]):
        raise arguments.BadArgumentError("name", text, _EXPECTED)
