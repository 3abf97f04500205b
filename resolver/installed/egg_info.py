"""The metadata of old: what an .egg-info says where a .dist-info has METADATA and RECORD."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


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


def as_metadata(text: str, requires: Iterable[str]) -> str:
    r"""Write a PKG-INFO as METADATA: with the requirements, which stood in a file beside it.

    >>> as_metadata("Name: a\nVersion: 1\n\nAbout a.\n", ["six", "sphinx ; extra == 'docs'"])
    "Name: a\nVersion: 1\nRequires-Dist: six\nRequires-Dist: sphinx ; extra == 'docs'\n\nAbout a.\n"
    """
    head, blank, body = text.replace("\r\n", "\n").partition("\n\n")
    lines = head.strip("\n").split("\n")
    stated = [line for line in lines if line.lower().startswith("requires-dist:")]
    lines += [] if stated else [f"Requires-Dist: {line}" for line in requires]
    return "\n".join(lines) + "\n" + (blank and "\n") + body


def _condition(section: str) -> str:
    """Write the section `extra:marker` as one marker."""
    extra, _, marker = section.partition(":")
    parts = [f"({marker})"] if marker else []
    if extra:
        parts.append(f"extra == '{extra}'")
    return " and ".join(parts)
