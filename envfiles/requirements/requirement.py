"""One requirement (PEP 508): read as tolerantly as pip reads it, written in one form."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ..credentials import protect
from ..errors import InvalidEntry
from .options import parse_line, spell_of_requirement

if TYPE_CHECKING:
    from packaging.specifiers import Specifier

# pip takes a word that starts with `#` for a comment and one that starts with `-` for an option,
# inside quotes as well.
_ENDLESS = re.compile(r"\d{400}")  # Python reads no number of more than 4300 digits
_CUT_BY_PIP = re.compile(r"\s[#-]")


def read_requirement(text: str) -> Requirement:
    """Read one requirement as pip does: its marker may be empty, or follow a URL without a space.

    Raises InvalidEntry for any other text.

    >>> read_requirement("a @ https://host/a.zip;python_version>'3'").url
    'https://host/a.zip'
    """
    if _ENDLESS.search(text):
        raise InvalidEntry(text, "it holds a number that no version has")
    try:
        requirement = Requirement(text.rstrip().removesuffix(";"))
    except InvalidRequirement as error:
        raise InvalidEntry(text, _reason(error)) from error
    except RecursionError as error:
        raise InvalidEntry(text, "its marker is nested deeper than any is") from error
    if requirement.url and requirement.marker is None:
        requirement.url, marker = split_marker(requirement.url)
        requirement.marker = Marker(marker) if marker else None
    if ";" in (requirement.url or ""):
        raise InvalidEntry(text, "pip ends a URL at `;`: put a space before a marker, or write %3B")
    return requirement


def normalise(text: str, requirement: Requirement | None = None) -> str:
    """Write a requirement with its name and extras normalised (PEP 503, PEP 685).

    Credentials in its URL become variables. `requirement` is what the text says, if it was read
    before. Raises InvalidEntry if the text is no requirement, or if pip reads its line differently.

    >>> normalise("Scikit_Learn [Tests] == 1.5.0RC1")
    'scikit-learn[tests]==1.5.0rc1'
    """
    requirement = requirement or read_requirement(text)
    spelled = _spell(requirement)
    _check_line(text, requirement, spelled)
    return spelled


def spell_constraint(text: str) -> str:
    """Normalise a constraint, with the hashes behind it.

    Raises InvalidEntry if it is no requirement, or one with extras.

    >>> spell_constraint("NumPy < 3")
    'numpy<3'
    """
    line = parse_line(text)
    constraint = read_requirement(line.requirement)
    if constraint.extras:
        raise InvalidEntry(text, "pip takes no extras in a constraint: put them in a requirement")
    spelled = normalise(line.requirement, constraint)
    return " ".join([spelled, *spell_of_requirement(line.values("--hash"), ())])


def split_marker(text: str) -> tuple[str, str]:
    """Part a path or a URL from the marker behind it; a `;` before anything else belongs to it.

    >>> split_marker("https://host/a;b.zip"), split_marker("./here ; os_name == 'nt'")
    (('https://host/a;b.zip', ''), ('./here', "os_name == 'nt'"))
    """
    place, semicolon, marker = text.partition(";")
    if semicolon:
        if not marker.strip():
            return place.strip(), ""
        with suppress(InvalidMarker):
            Marker(marker)
            return place.strip(), marker.strip()
    return text.strip(), ""


def _reason(error: InvalidRequirement) -> str:
    """Return what is wrong, and at which character: packaging points at it on a third line."""
    first, *shown = str(error).splitlines()
    pointer = shown[1].find("^") if len(shown) > 1 else -1
    return first if pointer < 0 else f"{first} (at character {pointer - 3})"


def _spell(requirement: Requirement) -> str:
    """Write a requirement in the one form that this package uses."""
    names = sorted(set(map(canonicalize_name, requirement.extras)))
    extras = f"[{','.join(names)}]" if names else ""
    versions = ",".join(sorted({_spell_specifier(each) for each in requirement.specifier}))
    # The space before `;` is part of the grammar after a URL: without it the marker is URL.
    url = requirement.url
    location, end = (f" @ {protect(url)}", " ; ") if url else (versions, "; ")
    marker = f"{end}{requirement.marker}" if requirement.marker else ""
    return f"{canonicalize_name(requirement.name)}{extras}{location}{marker}"


def _spell_specifier(specifier: Specifier) -> str:
    operator, version = specifier.operator, specifier.version
    if operator == "===":  # compared as text (PEP 440), so kept as text
        return f"==={version}"
    if version.endswith(".*"):
        return f"{operator}{Version(version[:-2])}.*"
    return f"{operator}{Version(version)}"


def _check_line(text: str, requirement: Requirement, spelled: str) -> None:
    """Refuse what would not survive being one line of a requirements file."""
    url, marker = requirement.url or "", requirement.marker
    if url.startswith("#") or url.endswith("\\"):
        raise InvalidEntry(text, "this URL would not survive in a requirements file")
    if not spelled.isprintable() or _CUT_BY_PIP.search(spelled):
        raise InvalidEntry(text, "it holds characters that break a line of a requirements file")
    if marker is not None:
        try:
            Marker(str(marker))
        except InvalidMarker as error:
            raise InvalidEntry(
                text, "its marker cannot be written so that it reads back"
            ) from error
