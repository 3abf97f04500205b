"""The Pythons and platforms that a list is for, as markers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.markers import InvalidMarker, Marker
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..errors import Fault, InvalidFile
from ..requirements.content import Condition

if TYPE_CHECKING:
    from .values import ListFile


def requires_python(file: ListFile, said: object, key: str) -> tuple[Condition, ...]:
    """Return the condition of a range of Pythons; none if there is no range.

    Raises InvalidFile if it is no range of versions (PEP 440).
    """
    if said is None or said == "":
        return ()
    place = file.at(key, f"{said}")
    try:
        clauses = SpecifierSet(str(said))
    except InvalidSpecifier as error:
        raise InvalidFile([Fault(place, f"{said!r} is no range of versions")]) from error
    markers = (
        f"python_full_version {each.operator} '{each.version}'" for each in sorted(clauses, key=str)
    )
    marker = " and ".join(markers)
    return (Condition((marker,), f"{said}", place),) if marker else ()


def environments(file: ListFile, said: object, key: str) -> tuple[Condition, ...]:
    """Return the condition of a list of markers, one of which has to hold.

    Raises InvalidFile if one is invalid (PEP 508).
    """
    if not said:
        return ()
    place = file.at(key)
    listed = said if isinstance(said, list) else [said]
    try:
        markers = tuple(str(Marker(str(each))) for each in listed)
    except InvalidMarker as error:
        raise InvalidFile([Fault(place, " ".join(str(error).split()))]) from error
    return (Condition(markers, " or ".join(map(str, listed)), place),)
