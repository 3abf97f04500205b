"""Writing the outcomes of a fleet as a table: Parquet, CSV, or JSON lines."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from ...base.files.disk import placing
from ..errors import TableFormatError
from ..state.outcome import ModelOutcome

COLUMNS = (
    *("path", "status", "good", "cause", "reason", "pins", "seconds", "at", "earlier", "result"),
)
"""The columns of a table: the fields of `ModelOutcome`; `result` is JSON text."""
_GROUP = 1_000  # rows held in memory at once


def check_format(file: Path) -> None:
    """Raise TableFormatError for a file name without a known format, before the work."""
    _writer(file)


def write_outcomes(file: Path, outcomes: Iterable[ModelOutcome]) -> None:
    """Write a row for each outcome, in the format of the file's suffix.

    It replaces an existing file once it is complete. Raises TableFormatError.
    """
    write = _writer(file)
    with placing(file), _replacing(file) as partial:
        write(partial, map(_row, outcomes))


_Write = Callable[[Path, Iterator[Mapping[str, Any]]], None]


def _writer(file: Path) -> _Write:
    """Return the writer for a file's suffix."""
    known: Mapping[str, _Write] = {".jsonl": _write_lines, ".csv": _write_csv}
    suffix = file.suffix.lower()
    if suffix == ".parquet":
        try:
            import_module("pyarrow.parquet")
        except ImportError as error:
            reason = (
                "Parquet needs pyarrow: pip install 'modelenv[batch]', or name it .csv or .jsonl"
            )
            raise TableFormatError(file, reason) from error
        return _write_parquet
    if suffix not in known:
        raise TableFormatError(file, "a table is named .parquet, .csv or .jsonl")
    return known[suffix]


def _row(outcome: ModelOutcome) -> Mapping[str, Any]:
    """Return an outcome as a row, with times in UTC."""
    said = outcome.to_json()
    when = datetime.fromtimestamp(outcome.at, timezone.utc) if outcome.at else None
    return {**{name: said[name] for name in COLUMNS}, "at": when}


def _write_lines(file: Path, rows: Iterator[Mapping[str, Any]]) -> None:
    with file.open("w", encoding="utf-8") as stream:
        for row in rows:
            stream.write(json.dumps({**row, "at": _iso(row["at"])}, default=str) + "\n")


def _write_csv(file: Path, rows: Iterator[Mapping[str, Any]]) -> None:
    with file.open("w", encoding="utf-8", errors="surrogateescape", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        for row in rows:
            result = json.dumps(row["result"], default=str)
            writer.writerow({**row, "at": _iso(row["at"]), "result": result})


def _write_parquet(file: Path, rows: Iterator[Mapping[str, Any]]) -> None:
    arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    kinds = {
        "good": arrow.bool_(),
        "earlier": arrow.bool_(),
        "seconds": arrow.float64(),
        "at": arrow.timestamp("us", tz="UTC"),
    }
    schema = arrow.schema([(name, kinds.get(name, arrow.string())) for name in COLUMNS])
    with parquet.ParquetWriter(file, schema) as writer:
        while group := list(islice(rows, _GROUP)):
            texts = [_as_text(row) for row in group]
            writer.write_table(arrow.Table.from_pylist(texts, schema=schema))


def _as_text(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row with texts that are valid UTF-8, which a path need not be."""
    texts = {**row, "result": json.dumps(row["result"], default=str)}
    return {
        name: each.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        if isinstance(each, str)
        else each
        for name, each in texts.items()
    }


def _iso(when: datetime | None) -> str:
    return "" if when is None else when.isoformat(timespec="seconds")


@contextmanager
def _replacing(file: Path) -> Iterator[Path]:
    """Yield a file beside another, which replaces it at the end of the block; removed on error."""
    partial = file.with_name(f".{file.name}.{os.urandom(4).hex()}.partial")
    try:
        yield partial
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
