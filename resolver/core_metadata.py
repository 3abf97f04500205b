"""Core metadata as text: its headers, and which of its requirements can count at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Mapping

_EXTRA = re.compile(r"""\bextra\s*==\s*['"]([^'"]*)""")


def read_headers(text: str) -> Mapping[str, list[str]]:
    r"""Read the headers of a METADATA file, up to the first blank line; keys in lower case.

    >>> read_headers("Name: a\nRequires-Dist: b\n\nRequires-Dist: words")
    {'name': ['a'], 'requires-dist': ['b']}
    """
    headers: dict[str, list[str]] = {}
    values: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if not line:
            break
        if line[0] in " \t" and values:
            values[-1] += "\n" + line.strip()
            continue
        field, _, value = line.partition(":")
        values = headers.setdefault(field.lower(), [])
        values.append(value.strip())
    return headers


def may_count(line: str, extra: str) -> bool:
    """Tell, without parsing, whether a requirement can count while `extra` is asked for.

    Those for other extras are most of all lines. Where there is an `or`, the parser shall decide.

    >>> may_count('b; extra == "x"', ""), may_count('b; extra == "x"', "x"), may_count("b", "")
    (False, True, True)
    """
    marker = line.partition(";")[2]
    if "extra" not in marker:
        return True
    wanted = map(canonicalize_name, _EXTRA.findall(marker))
    return " or " in marker or all(each == canonicalize_name(extra) for each in wanted)
