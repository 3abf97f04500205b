"""Pieces on a Spark cluster, classic or through Spark Connect."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from ..files.slices.layout import Done, Piece, SliceLayout
from ..node.job import NodeJob
from .driving import Told, answers, done_of, missing, running
from .errors import EngineFailedError
from .task import PieceTask

_ROWS = 1 << 16  # more than any cluster has processors


def run_on_spark(
    job: NodeJob, layout: SliceLayout, pieces: Sequence[Piece], address: str | None
) -> Iterator[Done]:
    """Run pieces on the cluster at an address, or in the session of this process.

    Each piece is a job of one task: so its result arrives while others are running, through Spark
    Connect as well. If the iterator is closed, Spark interrupts them.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise missing("Spark", "pyspark[connect]") from error
    running_before = SparkSession.getActiveSession()
    # Through Spark Connect a builder without an address does not find an existing session.
    has_one = address is None and running_before is not None
    session = running_before if has_one else _session(SparkSession, address)
    tag = f"modelenv-{os.urandom(4).hex()}"
    try:
        with running(job, layout) as task:
            most = _parallelism(session)
            pool = ThreadPoolExecutor(most, initializer=lambda: session.addTag(tag))
            try:

                def begin(piece: Told) -> Future[Told]:
                    return pool.submit(_predict_piece, session, task, piece)

                for told in answers(pieces, most, begin, _some_ended):
                    yield from done_of(told, "Spark")
            finally:
                session.interruptTag(tag)
                pool.shutdown(cancel_futures=True)
    finally:
        if running_before is None:
            session.stop()


def _session(sessions: Any, address: str | None) -> Any:
    """Return the session at an address: ``sc://…`` is Spark Connect's, others are masters."""
    builder = sessions.builder.appName("modelenv predict")
    if address is not None:
        builder = builder.remote(address) if address.startswith("sc:") else builder.master(address)
    try:
        return builder.getOrCreate()
    except Exception as error:
        said = str(error).partition("\n")[0]
        raise EngineFailedError("Spark", f"there is no session at {address}: {said}") from error


def _parallelism(session: Any) -> int:
    """Return the number of parallel tasks of the cluster, which Spark Connect does not report."""
    from pyspark.sql.functions import spark_partition_id

    return int(session.range(_ROWS).select(spark_partition_id()).distinct().count()) or 1


def _predict_piece(session: Any, task: PieceTask, piece: Told) -> Told:
    from pyspark.errors import PySparkException

    frame = session.range(0, 1, 1, 1).mapInArrow(_caller(task, json.dumps(piece)), "told string")
    try:
        told: Told = json.loads(frame.collect()[0][0])
    except PySparkException as error:
        raise EngineFailedError("Spark", str(error)) from error
    return told


def _caller(task: PieceTask, piece: str) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """Return a function that is pickled by value, which only a nested function is."""

    def predict_piece(batches: Iterable[Any]) -> Iterator[Any]:
        import json

        import pyarrow

        for _ in batches:
            told = json.dumps(task(json.loads(piece)))
            yield pyarrow.RecordBatch.from_pydict({"told": [told]})

    return predict_piece


def _some_ended(begun: Sequence[Future[Told]]) -> Iterable[tuple[Future[Told], Told]]:
    for each in wait(begun, return_when=FIRST_COMPLETED).done:
        yield each, each.result()
