"""Touches of workers are reported also for requests without an answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from modelenv.serving.errors import RequestError, not_ready
from modelenv.serving.workers.asked import Asked
from modelenv.serving.workers.batch import Batch
from modelenv.serving.workers.pool import Limits, Pool

from .stand_in import StandIn, Starter, run, until

MET = {"hosts": {"db:1": {"by": "code.py:1", "count": 1}}}


async def told(pool: Pool, said: str) -> Any:
    """Return what an error says that the worker told."""
    with pytest.raises(RequestError) as failed:
        await pool.ask({}, [said.encode()])
    return failed.value.worker_told


@pytest.mark.parametrize("said", ["sleep 60", "exit 7", "noise 20"])
def test_what_a_worker_met_is_told_where_it_does_not_answer(said: str) -> None:
    async def talk(pool: Pool, started: list[StandIn]) -> None:
        started[0].met = MET
        assert await told(pool, said) == {"failed": "predict", "seen": MET}
        assert await told(pool, "exit 3") is None

    run(talk, timeout=0.5)


def test_what_a_worker_told_last_is_passed_on() -> None:
    async def talk(pool: Pool, _: list[StandIn]) -> None:
        assert (await told(pool, "memory"))["last"] is True

    run(talk)


def test_what_a_worker_met_is_heard_though_the_client_left() -> None:
    heard: list[Any] = []

    async def talk() -> None:
        pool = Pool(Starter(), Limits(), lambda _: None, heard.append)
        await pool.open()
        left = asyncio.create_task(pool.ask({}, [b"seen 0.2"]))
        await until(lambda: pool.busy)
        left.cancel()
        await asyncio.wait((left,))
        await pool.ask({}, [b"seen 0"])
        await pool.close()

    asyncio.run(talk())
    assert [each["seen"] for each in heard] == [{"hosts": {}}]


def test_what_a_batch_met_is_told_once() -> None:
    async def refused() -> list[Any]:
        loop = asyncio.get_running_loop()
        items = [Asked({}, (), loop.create_future(), 0.0, 1.0, None) for _ in range(3)]
        error = not_ready("x")
        error.worker_told = {"seen": MET}
        Batch(items).refuse(error)
        return [item.future.exception() for item in items]

    first, *others = asyncio.run(refused())
    assert first.worker_told == {"seen": MET}
    assert [each.worker_told for each in others] == [None, None]
