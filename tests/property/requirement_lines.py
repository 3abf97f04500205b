"""Requirement lines that reach the corners of PEP 440, 503 and 508, with what is true of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

import resolver

from .doors import read

NAMES = ("a", "b-c", "d-e-f", "numpy", "x1")
EXTRAS = ("x", "y-z")
# Releases, an epoch, local labels, pre-, post- and development releases.
VERSIONS = ("1", "1.0.1", "2", "3", "1!1", "2+cpu", "2+cu12.1", "2rc1", "1.0.dev3", "1.0.post2")
SPECIFIERS = (
    *("", "", "", "==1", "==2.*", "!=2", "!=1.*", ">=2", "<2", "<=2", ">2", ">=1,<3", "~=1.0"),
    *("===2", "===2+cpu", "==2+cpu", ">=2rc1", "<3,>=1.0.dev1", ">1!0", "==1!1", ">1.0.post1"),
)
TRUE = ("python_version >= '3'", "python_version > '2' and os_name != 'none'")
FALSE = ("python_version < '3'", "sys_platform == 'none' or os_name == 'none'", "extra == 'x'")
URLS = (
    "https://host/one-1.0-py3-none-any.whl",
    "https://host/two-2.0.tar.gz#sha256=00",
    "git+https://host/r.git@v1",
    "file:///where/three-3.0-py3-none-any.whl",
)


@dataclass(frozen=True)
class Said:
    """A line as somebody writes it, and what it says."""

    text: str
    name: str
    extras: frozenset[str]
    specifier: str
    url: str | None
    counts: bool
    """Whether its marker is true."""


@st.composite
def spellings(draw: st.DrawFn, name: str) -> str:
    """Spell a normalised name in another case, with other punctuation (PEP 503)."""
    parts = name.split("-")
    spelled = parts[0]
    for part in parts[1:]:
        spelled += draw(st.sampled_from(["-", "_", ".", "--", "-_."])) + part
    cases = draw(st.lists(st.booleans(), min_size=len(spelled), max_size=len(spelled)))
    return "".join(c.upper() if up else c for c, up in zip(spelled, cases, strict=True))


@st.composite
def said(draw: st.DrawFn, *, markers: bool = True, urls: bool = True) -> Said:
    """Write a line of a name, extras, a specifier or a URL, and a marker."""
    name = draw(st.sampled_from(NAMES))
    extras = draw(st.frozensets(st.sampled_from(EXTRAS), max_size=2))
    url = draw(st.sampled_from((None, None, None, *URLS))) if urls else None
    specifier = "" if url else draw(st.sampled_from(SPECIFIERS))
    counts = not markers or draw(st.integers(0, 3)) > 0
    marker = draw(st.sampled_from(("", *TRUE))) if counts and markers else ""
    marker = marker if counts else draw(st.sampled_from(FALSE))
    spaced = draw(st.sampled_from(["", " "]))
    text = draw(spellings(name))
    if extras:
        text += f"{spaced}[{f',{spaced}'.join(draw(spellings(each)) for each in sorted(extras))}]"
    text += f" @ {url}" if url else f"{spaced}{specifier}"
    text += f" ; {marker}" if marker else ""
    return Said(text, name, extras, specifier, url, counts)


def texts(lines: list[Said]) -> list[str]:
    return [line.text for line in lines]


def by_name(lines: list[Said]) -> dict[str, list[Said]]:
    """Group the lines that count."""
    found: dict[str, list[Said]] = {}
    for line in lines:
        if line.counts:
            found.setdefault(line.name, []).append(line)
    return found


def merge(
    traced: Iterable[Any],
    *,
    target: resolver.Target,
    projects: Iterable[Any] = (),
    provided: Iterable[str] = (),
    **given: Iterable[str] | None,
) -> resolver.RequirementSet:
    """Merge texts as a user's are merged: through the door by which they are handed in."""
    layers = {layer: read(lines, layer) for layer, lines in given.items() if lines is not None}
    return resolver.merge(traced, target=target, projects=projects, provided=provided, **layers)
