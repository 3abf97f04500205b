"""Pieces on a Dask cluster."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from operator import methodcaller
from typing import Any

from ..files.slices.layout import Done, Piece, SliceLayout
from ..node.job import NodeJob
from .driving import Told, answers, done_of, missing, running
from .errors import EngineFailedError

_AHEAD = 2  # pieces per thread of the cluster, so that no thread waits for the next


def run_on_dask(
    job: NodeJob, layout: SliceLayout, pieces: Sequence[Piece], address: str | None
) -> Iterator[Done]:
    """Run pieces on the cluster at an address, or one that Dask starts on this machine.

    If the iterator is closed, a running piece ends after its current batch.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise missing("Dask", "dask[distributed]") from error
    try:
        client = Client(address, set_as_default=False)
    except (OSError, ValueError) as error:
        raise EngineFailedError("Dask", f"there is no scheduler at {address}: {error}") from error
    with client, running(job, layout) as task:
        # A separate task, so that the model is not lost with a killed worker: the scheduler can run
        # it again, while scattered data would be lost. A worker identifies a task's result class by
        # name, so that must be a class that all of them know.
        model = client.submit(copy.copy, partial(task), pure=False)
        begun: list[Any] = []

        def begin(piece: Told) -> Any:
            begun.append(client.submit(methodcaller("__call__", piece), model, pure=False))
            return begun[-1]

        threads = sum(client.nthreads().values()) or 1
        try:
            for told in answers(pieces, _AHEAD * threads, begin, partial(_some_ended, client)):
                yield from done_of(told, "Dask")
        finally:
            client.cancel([each for each in begun if not each.done()])


def _some_ended(client: Any, begun: Sequence[Any]) -> Iterable[tuple[Any, Told]]:
    from distributed import wait

    with client.as_current():
        wait(begun, return_when="FIRST_COMPLETED")
    for future in [each for each in begun if each.done()]:
        if future.status != "finished":
            failed = future.exception() if future.status == "error" else future.status
            raise EngineFailedError("Dask", str(failed))
        yield future, future.result()
