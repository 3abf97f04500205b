"""What is read and how it is cut: plain data, since it goes to other processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of one file that are read in one go: what one task of an engine does."""

    number: int
    file: str
    kind: str
    """parquet, arrow, csv, jsonl or npy."""
    start: int = 0
    """The first of its rows, counted from 0 in the file."""
    rows: int | None = None
    """How many they are; None: nobody knows before all of them are read."""
    groups: tuple[int, ...] = ()
    """The row groups that hold them, where the file has such."""
    before: int = 0
    """How many rows of the first of these groups come before."""

    def told(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**asdict(self), "groups": list(self.groups)}

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Piece:
        """Return the piece that was so told."""
        return cls(**{**told, "groups": tuple(told["groups"])})

    @property
    def seeks(self) -> bool:
        """Whether its batches are known before it is read, and reading can begin at any."""
        return self.rows is not None and self.kind in ("parquet", "arrow", "npy")

    def batches(self, batch_rows: int) -> Iterator[tuple[int, int, int]]:
        """Yield the number, the first row and the rows of each batch, where the rows are known."""
        for number, start in enumerate(range(0, self.rows or 0, batch_rows)):
            yield number, self.start + start, min(batch_rows, (self.rows or 0) - start)


@dataclass(frozen=True, slots=True)
class SliceLayout:
    """How every piece of one run is cut, read and written."""

    parts: str
    """The folder that the parts are written to."""
    batch_rows: int
    keep: tuple[str, ...] = ()
    """Columns of the input that stand before the prediction's, in this order."""
    wanted: tuple[str, ...] | None = None
    """The columns to read; None: all."""
    given: tuple[str, ...] | None = None
    """Those of them that the model is given; None: all."""
    skip: bool = False
    """Whether a row that the model refuses is left out and told, or ends the run."""
    types: Mapping[str, tuple[Any, str]] = field(default_factory=dict)
    """What the columns of a text file are, by name: a type as plain data, and its dtype."""
    every: tuple[Any, str] | None = None
    """What all the others are; None: texts, or what stands in JSON."""
    schema: str = ""
    """The types of pyarrow's of further columns of JSON, as `schema_to_text` writes them."""

    def told(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> SliceLayout:
        """Return the layout that was so told."""
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
    """What became of one batch, or of a piece that was finished before."""

    piece: int
    rows: int
    """How many rows were read."""
    batch: int = -1
    """Its number in the piece; -1: it is all of the piece that was finished before."""
    start: int = 0
    """The first of its rows in the file."""
    refused: int = 0
    again: bool = False
    """Whether an earlier run had done it."""
    schema: str = ""
    """The columns of its part, as `schema_to_text` writes them; empty: an earlier run has told."""
    share: float | None = None
    """How much of the piece is read by now, where that is known."""
