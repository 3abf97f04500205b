"""The times of a trace's imports, stored apart from the imports since they vary between runs.

All records of a module's import have the same times, so they are written once for each module, in
columns in the order of the modules' first imports: see docs/folders.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from ..typed import Stated, mapping

Import = Mapping[str, Any]
OF_TIME = frozenset({"seconds", "own_seconds", "measured"})
"""The keys of a record about the time of its import."""

_A_SECOND = 10_000
_LONGEST = 10**12  # three years


def columns(imports: Iterable[Import]) -> dict[str, dict[str, list[Any]]]:
    """Return the columns of each phase of the run with known times."""
    return {
        phase: _columns(first)
        for phase, first in _first_imports(imports).items()
        if any("seconds" in each for each in first)
    }


def with_times(imports: Iterable[Import], said: Stated) -> tuple[Import, ...]:
    """Return imports with the times of the columns.

    Raises BadFolderError if the columns do not match the imports.
    """
    imports = tuple(imports)
    first = _first_imports(imports)
    known: dict[str, Import] = {}
    for phase in mapping(said):
        known.update(_times(first.get(phase, []), said.at(phase)))
    return tuple(
        {**each, **known[each["name"]]}
        if each["how"] == "imported" and each["name"] in known
        else each
        for each in imports
    )


def _first_imports(imports: Iterable[Import]) -> dict[str, list[Import]]:
    """Return the first record of each module's import, by phase of the run."""
    seen: dict[str, Import] = {}
    for each in imports:
        if each["how"] == "imported":
            seen.setdefault(each["name"], each)
    phases: dict[str, list[Import]] = {}
    for each in seen.values():
        phases.setdefault(each["phase"], []).append(each)
    return phases


def _columns(imports: list[Import]) -> dict[str, list[Any]]:
    guessed = ["seconds" in each and not each.get("measured", False) for each in imports]
    return {
        "all": [_units(each.get("seconds")) for each in imports],
        "own": [_units(each.get("own_seconds")) for each in imports],
        "estimated": [*_runs(guessed)],
    }


def _runs(flags: list[bool]) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each run of flags that are set.

    >>> [*_runs([False, True, True, False, True])]
    [(1, 3), (4, 5)]
    """
    place = 0
    for flag, run in groupby(flags):
        start, place = place, place + len([*run])
        if flag:
            yield start, place


def _units(seconds: float | None) -> int | None:
    return None if seconds is None else min(round(seconds * _A_SECOND), _LONGEST)


def _times(imports: list[Import], said: Stated) -> dict[str, Import]:
    """Return the times of modules, by their names."""
    took, own, estimated = (said.at(key) for key in ("all", "own", "estimated"))
    for column in (took, own):
        if len(_whole_numbers(column, _LONGEST)) != len(imports):
            raise column.fault(f"{column.key} has not one item for each of {len(imports)} modules")
    guessed = _places(estimated, len(imports))
    rows = enumerate(zip(imports, took.value, own.value, strict=True))
    return {
        each["name"]: {
            "seconds": whole / _A_SECOND,
            **({} if alone is None else {"own_seconds": alone / _A_SECOND}),
            "measured": place not in guessed,
        }
        for place, (each, whole, alone) in rows
        if whole is not None
    }


def _places(said: Stated, most: int) -> set[int]:
    """Return the indexes in runs of start and end, which must be ascending and disjoint."""
    places: set[int] = set()
    ended = 0
    for run in said.items():
        match _whole_numbers(run, most):
            case [int(start), int(end)] if ended <= start <= end:
                places.update(range(start, end))
                ended = end
            case _:
                raise run.fault(f"{run.key} does not say from where to where, in order")
    return places


def _whole_numbers(said: Stated, largest: int) -> list[int | None]:
    """Return a list of whole numbers from 0 to `largest`, in which some may be null."""
    if not isinstance(said.value, list):
        raise said.no("list")
    for each in said.value:
        if each is not None and (type(each) is not int or not 0 <= each <= largest):
            raise said.fault(f"{said.key} holds what is no whole number up to {largest}: {each!r}")
    return said.value
