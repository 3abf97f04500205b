"""The metadata of old: what an .egg-info says where a .dist-info has METADATA and RECORD."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_requires(text: str) -> Iterator[str]:
    r"""Turn a `requires.txt` of setuptools into PEP 508 lines.

    >>> list(read_requires("six\n[docs:os_name=='nt']\nsphinx>=2\n"))
    ['six', "sphinx>=2 ; (os_name=='nt') and extra == 'docs'"]
    """
    condition = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            condition = _condition(line.strip("[]"))
        elif line and not line.startswith("#"):
            yield f"{line} ; {condition}" if condition else line


def read_extras(text: str) -> Iterator[str]:
    """List the extras that a `requires.txt` has sections for."""
    for line in map(str.strip, text.splitlines()):
        extra = line.strip("[]").partition(":")[0]
        if line.startswith("[") and extra:
            yield extra


def _condition(section: str) -> str:
    """Write the section `extra:marker` as one marker."""
    extra, _, marker = section.partition(":")
    parts = [f"({marker})"] if marker else []
    if extra:
        parts.append(f"extra == '{extra}'")
    return " and ".join(parts)
