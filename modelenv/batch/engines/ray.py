"""Pieces on a Ray cluster."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from ..files.slices.layout import Done, Piece, SliceLayout
from ..node.job import NodeJob
from .driving import Told, answers, done_of, missing, running
from .errors import EngineFailedError

_AHEAD = 2  # pieces per processor of the cluster, so that none waits for the next


def run_on_ray(
    job: NodeJob, layout: SliceLayout, pieces: Sequence[Piece], address: str | None
) -> Iterator[Done]:
    """Run pieces on the cluster at an address, on the one this process has joined, or on a new one.

    If the iterator is closed, Ray ends the processes that run pieces.
    """
    try:
        import ray
    except ImportError as error:
        raise missing("Ray", "ray[data]") from error
    joined = ray.is_initialized()
    if not joined:
        try:
            ray.init(address, log_to_driver=False, logging_level=logging.ERROR)
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise EngineFailedError("Ray", f"there is no cluster at {address}: {error}") from error
    begun: list[Any] = []
    try:
        with running(job, layout) as task:
            try:
                model = ray.put(task)
                call = ray.remote(_caller()).options(max_retries=3)

                def begin(piece: Told) -> Any:
                    begun.append(call.remote(model, piece))
                    return begun[-1]

                most = int(_AHEAD * ray.cluster_resources().get("CPU", 1))
                for told in answers(pieces, max(most, 1), begin, _some_ended):
                    yield from done_of(told, "Ray")
            finally:
                _, left = ray.wait(begun, num_returns=len(begun), timeout=0) if begun else ([], [])
                for each in left:
                    ray.cancel(each, force=True)
    finally:
        if not joined:
            ray.shutdown()


def _caller() -> Callable[[Any, Told], Told]:
    """Return a function that is pickled by value, which only a nested function is."""

    def predict_piece(task: Any, piece: Told) -> Any:
        return task(piece)

    return predict_piece


def _some_ended(begun: Sequence[Any]) -> Iterable[tuple[Any, Told]]:
    import ray

    ended, _ = ray.wait(list(begun), num_returns=1)
    for each in ended:
        try:
            yield each, ray.get(each)
        except ray.exceptions.RayError as error:
            raise EngineFailedError("Ray", str(error)) from error
