"""Code that the drivers of all engines share: the run's file, answers, and errors."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from ...base.errors import WrongUseError
from ..files.slices.job import SliceError
from ..files.slices.layout import Done, Piece, SliceLayout
from ..node.job import NodeJob
from .errors import EngineFailedError
from .task import PieceTask

Told = Mapping[str, Any]
"""A piece as plain data, or the result of one."""
Handle = TypeVar("Handle")


@contextmanager
def running(job: NodeJob, layout: SliceLayout) -> Iterator[PieceTask]:
    """Yield the task of a run; after the block its nodes start no further batch."""
    file = Path(layout.parts) / f"{os.urandom(8).hex()}.running"
    file.touch()
    try:
        yield PieceTask(job, layout, str(file))
    finally:
        with suppress(FileNotFoundError):
            file.unlink()


def answers(
    pieces: Sequence[Piece],
    most: int,
    begin: Callable[[Told], Handle],
    some_ended: Callable[[Sequence[Handle]], Iterable[tuple[Handle, Told]]],
) -> Iterator[Told]:
    """Yield the result of each piece as it arrives; at most `most` run at a time."""
    waiting = iter(pieces)
    begun = [begin(piece.told()) for piece in islice(waiting, most)]
    while begun:
        for handle, told in some_ended(begun):
            begun.remove(handle)
            begun.extend(begin(piece.told()) for piece in islice(waiting, 1))
            yield told


def done_of(told: Told, engine: str) -> Iterator[Done]:
    """Yield the results of the batches of a piece. Raises SliceError and EngineFailedError."""
    for each in told["done"]:
        yield Done(**each)
    if "refused" in told:
        raise SliceError(*told["refused"])
    if "failed" in told:
        raise EngineFailedError(engine, told["failed"], told["node"])


def missing(engine: str, install: str) -> WrongUseError:
    """Return the error for an engine that is not installed."""
    return WrongUseError(f"{engine} is not installed here: pip install {install!r}")
