"""The layout of reading and cutting files: plain data, since it is sent to other processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of one file that are read together: the work of one task of an engine."""

    number: int
    file: str
    kind: str
    """parquet, arrow, csv, jsonl or npy."""
    start: int = 0
    """The first of its rows, counted from 0 in the file."""
    rows: int | None = None
    """The number of its rows; None if unknown before all of them are read."""
    groups: tuple[int, ...] = ()
    """The row groups that contain them, in formats with groups."""
    before: int = 0
    """The number of rows of the first of these groups to skip."""

    def told(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**asdict(self), "groups": list(self.groups)}

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Piece:
        """Return the piece given as plain data."""
        return cls(**{**told, "groups": tuple(told["groups"])})

    @property
    def seeks(self) -> bool:
        """Whether its batches are known before it is read, and reading can start at any of them."""
        return self.rows is not None and self.kind in ("parquet", "arrow", "npy")

    def batches(self, batch_rows: int) -> Iterator[tuple[int, int, int]]:
        """Yield the number, the first row and the rows of each batch, if the rows are known."""
        for number, start in enumerate(range(0, self.rows or 0, batch_rows)):
            yield number, self.start + start, min(batch_rows, (self.rows or 0) - start)


@dataclass(frozen=True, slots=True)
class SliceLayout:
    """The layout of every piece of one run: cutting, reading and writing."""

    parts: str
    """The folder of the parts."""
    batch_rows: int
    keep: tuple[str, ...] = ()
    """Columns of the input that come before the prediction's, in this order."""
    wanted: tuple[str, ...] | None = None
    """The columns to read; None for all."""
    given: tuple[str, ...] | None = None
    """Those of them that are given to the model; None for all."""
    skip: bool = False
    """Whether a refused row is left out and recorded, instead of ending the run."""
    types: Mapping[str, tuple[Any, str]] = field(default_factory=dict)
    """The types of the columns of a text file, by name: a type as plain data, and its dtype."""
    every: tuple[Any, str] | None = None
    """The type of all other columns; None for texts, or the type in JSON."""
    schema: str = ""
    """The pyarrow types of further JSON columns, as `schema_to_text` writes them."""

    def told(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> SliceLayout:
        """Return the layout given as plain data."""
        every = told["every"]
        changed = {
            "keep": tuple(told["keep"]),
            **{
                name: None if told[name] is None else tuple(told[name])
                for name in ("wanted", "given")
            },
            "types": {name: tuple(type_) for name, type_ in told["types"].items()},
            "every": None if every is None else tuple(every),
        }
        return cls(**{**told, **changed})


@dataclass(frozen=True, slots=True)
class Done:
    """The result of one batch, or of a piece that was finished before."""

    piece: int
    rows: int
    """The number of rows that were read."""
    batch: int = -1
    """Its number in the piece; -1 for the whole piece, finished before."""
    start: int = 0
    """The first of its rows in the file."""
    refused: int = 0
    again: bool = False
    """Whether an earlier run had done it."""
    schema: str = ""
    """The columns of its part, as `schema_to_text` writes them; empty if known from an
    earlier run.
    """
    share: float | None = None
    """The part of the piece that is read so far, from 0 to 1; None if unknown."""
