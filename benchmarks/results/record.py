"""The file of results: what was found last of each benchmark, and why there is nothing of others.

Its schema is docs/schemas/results-1.schema.json; ``python -m benchmarks all --json`` and the
``--json`` of each benchmark write the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .figures import Found

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of the benchmarks."""

    found: Sequence[Found] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Why a benchmark was not run, by its name."""

    def of(self, benchmark: str) -> Found | None:
        """Return what was found of a benchmark, of the first Python where it ran under several."""
        return next((each for each in self.found if each.benchmark == benchmark), None)

    def with_newer(self, newer: Record) -> Record:
        """Return both, where of each benchmark that the newer has this one is forgotten.

        What was not run this time keeps what was found before, with its date.
        """
        ran = {each.benchmark for each in newer.found}
        kept = [each for each in self.found if each.benchmark not in ran]
        found = (*kept, *newer.found)
        known = {each.benchmark for each in found}
        left = {**self.left_out, **newer.left_out}
        return Record(found, {name: why for name, why in left.items() if name not in known})


def write(file: Path, record: Record) -> None:
    """Write a record for :func:`read`."""
    told = {
        "schema": SCHEMA,
        "found": [each.to_json() for each in record.found],
        "left_out": dict(record.left_out),
    }
    file.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")


def read(file: Path) -> Record:
    """Return the record of a file; an empty one where there is no file."""
    if not file.is_file():
        return Record()
    told = json.loads(file.read_text("utf-8"))
    if told["schema"] != SCHEMA:
        raise ValueError(f"{file}: schema {told['schema']}, and {SCHEMA} is known here")
    return Record(tuple(map(Found.from_json, told["found"])), told["left_out"])
