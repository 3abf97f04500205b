from __future__ import annotations

from reports import Report


def build() -> tuple[Report, dict[str, int]]:
    return Report(), {"a.csv": 1200, "b.parquet": 48_000_000, "c.txt": 17}
