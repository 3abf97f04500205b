"""The queue is fair and bounded; a worker that dies, hangs or lies harms its own request alone."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import time
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from modelenv.serving.errors import FolderChangedError, RequestError, not_ready
from modelenv.serving.workers.pool import Limits, Pool

from .stand_in import StandIn, Starter, run, until


class Refusal(RequestError):
    """What a start is refused with."""


async def say(pool: Pool, said: str, **how: Any) -> str:
    """Return what a worker says to that, or the code of why it does not."""
    try:
        told, data = await pool.ask({}, [said.encode()], **how)
    except RequestError as error:
        return error.error_code
    assert told["predicted"] >= 0
    return data.decode()


def test_answers_go_to_whom_they_belong() -> None:
    async def talk(pool: Pool, _: list[StandIn]) -> None:
        asked = [str(number) for number in range(300)]
        assert await asyncio.gather(*(say(pool, each) for each in asked)) == asked

    run(talk, workers=2, queue=300)


def test_who_comes_first_is_served_first() -> None:
    async def talk(pool: Pool, _: list[StandIn]) -> None:
        done: list[str] = []

        async def wait(name: str) -> None:
            await say(pool, name)
            done.append(name)

        blocking = asyncio.create_task(say(pool, "sleep 0.2"))
        await until(lambda: pool.busy)
        tasks = [asyncio.create_task(wait(str(number))) for number in range(20)]
        await asyncio.gather(blocking, *tasks)
        assert done == [str(number) for number in range(20)]

    run(talk)


def test_a_full_queue_refuses_and_says_when_to_come_again() -> None:
    async def talk(pool: Pool, _: list[StandIn]) -> None:
        tasks = [asyncio.create_task(say(pool, "sleep 0.2")) for _ in range(3)]
        await until(lambda: pool.waiting == 2)
        assert (pool.busy, pool.waiting) == (1, 2)
        with pytest.raises(RequestError) as refused:
            await pool.ask({}, [b"more"])
        assert (refused.value.status, refused.value.retry_after) == (503, 1)
        assert await asyncio.gather(*tasks) == ["sleep 0.2"] * 3
        assert pool.counts.refused == 1

    run(talk, queue=2)


def test_one_that_hangs_is_ended_and_those_behind_it_are_answered() -> None:
    async def talk(pool: Pool, started: list[StandIn]) -> None:
        hanging = asyncio.create_task(say(pool, "sleep 60"))
        await asyncio.sleep(2.5)
        behind = asyncio.create_task(say(pool, "behind"))
        assert await hanging == "TIMEOUT"
        assert await behind == "behind"
        assert len(started) == 2
        assert started[0].process.poll() is not None
        assert pool.crew.replaced == {"timeout": 1}

    run(talk, timeout=3)


def test_waiting_too_long_ends_no_worker() -> None:
    async def talk(pool: Pool, started: list[StandIn]) -> None:
        first = asyncio.create_task(say(pool, "sleep 1.2"))
        await until(lambda: pool.busy)
        second = asyncio.create_task(say(pool, "sleep 1.2"))  # its turn comes, its time does not
        assert [await first, await second] == ["sleep 1.2", "TIMEOUT"]
        assert await say(pool, "third") == "third"
        assert len(started) == 1

    run(talk, timeout=2)


@pytest.mark.parametrize(
    ("said", "reason"),
    [("exit 7", "died"), ("silent", "lied"), ("noise 20", "lied"), ("memory", "memory")],
)
def test_a_worker_that_fails_is_replaced_and_only_its_request_fails(said: str, reason: str) -> None:
    async def talk(pool: Pool, started: list[StandIn]) -> None:
        asked = [said, *map(str, range(10))]
        told = await asyncio.gather(*(say(pool, each) for each in asked))
        assert told == ["WORKER_DIED", *asked[1:]]
        await until(lambda: len(pool.crew.alive) == 2)
        assert len(started) == 3
        assert pool.crew.replaced == {reason: 1}

    run(talk, workers=2)


def test_how_a_worker_died_is_told() -> None:
    async def talk(pool: Pool, _: list[StandIn]) -> None:
        with pytest.raises(RequestError, match="ended with 7 while it predicted"):
            await pool.ask({}, [b"exit 7"])

    run(talk)


def test_one_that_dies_while_it_has_nothing_to_do_is_replaced_at_once() -> None:
    async def talk(pool: Pool, started: list[StandIn]) -> None:
        os.kill(started[0].pid, signal.SIGKILL)
        await until(lambda: len(started) == 2 and pool.ready)
        assert await say(pool, "here") == "here"
        assert pool.crew.replaced == {"died": 1}

    run(talk)


def test_a_client_that_leaves_the_queue_frees_its_place() -> None:
    async def talk(pool: Pool, _: list[StandIn]) -> None:
        gone = asyncio.Event()

        async def left() -> None:
            await gone.wait()

        first = asyncio.create_task(say(pool, "sleep 1"))
        await until(lambda: pool.busy)
        second = asyncio.create_task(say(pool, "second", left=left))
        await until(lambda: pool.waiting == 1)
        gone.set()
        assert await second == "CLIENT_LEFT"
        assert pool.waiting == 0
        assert not first.done()
        await first

    run(talk)


@pytest.mark.parametrize("waits", [True, False])
def test_a_request_that_is_given_up_harms_no_other(waits: bool) -> None:
    async def talk(pool: Pool, started: list[StandIn]) -> None:
        tasks = [asyncio.create_task(say(pool, f"sleep 0.2{number}")) for number in range(3)]
        await until(lambda: pool.waiting == 2)
        tasks[1 if waits else 0].cancel()
        told = await asyncio.gather(*tasks, say(pool, "next"), return_exceptions=True)
        assert told[-2:] == ["sleep 0.22", "next"]
        assert sum(isinstance(each, asyncio.CancelledError) for each in told) == 1
        assert len(started) == 1

    run(talk)


def test_a_crash_loop_ends_in_not_ready_with_the_cause_and_comes_back() -> None:
    async def talk(pool: Pool, started: list[StandIn]) -> None:
        for _ in range(3):
            assert await say(pool, "exit 9") == "WORKER_DIED"
        assert not pool.ready
        with pytest.raises(RequestError, match="ended with 9, 3 times") as refused:
            await pool.ask({}, [b"more"])
        assert (refused.value.status, refused.value.error_code) == (503, "MODEL_NOT_READY")
        begun = time.monotonic()
        await until(lambda: pool.ready)
        assert time.monotonic() - begun < 5
        assert await say(pool, "well") == "well"
        assert pool.crew.crashes == 0
        assert len(started) == 4

    run(talk, pause=0.3)


def test_where_no_worker_can_be_started_those_who_wait_learn_why() -> None:
    def may(attempt: int) -> Exception | None:
        return not_ready("its file is gone") if 2 <= attempt <= 4 else None

    async def talk(pool: Pool, started: list[StandIn]) -> None:
        dying = asyncio.create_task(say(pool, "exit 1"))
        await asyncio.sleep(0)
        waiting = asyncio.create_task(say(pool, "waiting"))
        assert [await dying, await waiting] == ["WORKER_DIED", "MODEL_NOT_READY"]
        assert pool.cause == "its file is gone"
        await until(lambda: pool.ready)  # it was mended
        assert await say(pool, "well") == "well"
        assert pool.crew.replaced == {"died": 1, "start": 3}

    run(talk, may)


@pytest.mark.parametrize(
    "failure",
    [
        OSError(errno.EMFILE, os.strerror(errno.EMFILE)),
        FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "/scratch"),
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/scratch/job.json"),
        RuntimeError("can't start new thread"),
    ],
    ids=str,
)
def test_what_the_system_lacks_keeps_a_worker_away_only_as_long(failure: Exception) -> None:
    def may(attempt: int) -> Exception | None:
        return failure if 2 <= attempt <= 3 else None

    async def talk(pool: Pool, started: list[StandIn]) -> None:
        assert await say(pool, "exit 1") == "WORKER_DIED"
        await until(lambda: pool.ready)
        assert await say(pool, "well") == "well"
        assert pool.crew.replaced == {"died": 1, "start": 2}

    run(talk, may)


def test_starts_that_fail_are_paused_while_another_worker_predicts() -> None:
    def may(attempt: int) -> Exception | None:
        return not_ready("no") if attempt > 2 else None

    async def talk(pool: Pool, started: list[StandIn]) -> None:
        await until(lambda: len(pool.crew.alive) == 2)
        os.kill(started[1].pid, signal.SIGKILL)
        begun, replaced = time.monotonic(), pool.crew.replaced
        while (took := time.monotonic() - begun) < 1.0 or replaced.get("start", 0) < 3:
            assert took < 20
            assert await say(pool, "well") in ("well", "WORKER_DIED")
            await asyncio.sleep(0.01)
        assert 3 <= pool.crew.replaced["start"] <= 11  # 3 at once, then after 0.1, 0.2, 0.4...

    run(talk, may, workers=2)


def test_a_folder_that_changed_is_no_start_that_failed() -> None:
    def may(attempt: int) -> Exception | None:
        return FolderChangedError(Path("folder")) if 2 <= attempt <= 4 else None

    async def talk(pool: Pool, started: list[StandIn]) -> None:
        assert await say(pool, "exit 1") == "WORKER_DIED"
        await until(lambda: pool.cause is not None)
        await until(lambda: pool.ready)
        assert pool.crew.replaced == {"died": 1}

    run(talk, may)


def test_so_are_workers_that_die_before_they_predict() -> None:
    async def talk(pool: Pool, started: list[StandIn]) -> None:
        await until(lambda: len(pool.crew.alive) == 2)
        first = await pool.ask({}, [b"well"])
        assert first[1] == b"well"
        begun, dead, replaced = time.monotonic(), 1, pool.crew.replaced
        while (took := time.monotonic() - begun) < 1.2 or replaced.get("died", 0) < 3:
            assert took < 60
            if len(started) > dead:  # each new one dies at once, beside one that predicts
                os.kill(started[-1].pid, signal.SIGKILL)
                dead = len(started)
            await asyncio.sleep(0.01)
            pool.crew.crashes = 0  # as each prediction of the other has it
        assert 3 <= pool.crew.replaced["died"] <= 7

    run(talk, workers=2)


def test_what_is_in_progress_is_answered_before_the_end() -> None:
    async def talk(pool: Pool, started: list[StandIn]) -> None:
        tasks = [asyncio.create_task(say(pool, "sleep 0.1")) for _ in range(3)]
        await asyncio.sleep(0)
        await pool.drain(10)
        await pool.close()
        assert await asyncio.gather(*tasks) == ["sleep 0.1"] * 3
        assert await say(pool, "more") == "MODEL_NOT_READY"
        assert all(each.process.poll() is not None for each in started)

    run(talk)


def test_what_takes_longer_than_the_grace_is_told_so() -> None:
    async def talk(pool: Pool, started: list[StandIn]) -> None:
        tasks = [asyncio.create_task(say(pool, "sleep 50")) for _ in range(3)]
        await until(lambda: pool.waiting == 2)
        await pool.drain(0.1)
        await pool.close()
        assert await asyncio.gather(*tasks) == ["MODEL_NOT_READY"] * 3
        assert started[0].process.poll() is not None

    run(talk)


def test_a_start_that_is_given_up_leaves_no_process() -> None:
    async def closed() -> list[StandIn]:
        starter = Starter()

        async def slow() -> StandIn:
            worker = await starter()
            try:
                await asyncio.sleep(60)
            except BaseException:
                await worker.end()
                raise
            return worker

        pool = Pool(slow, Limits(), lambda _: None)
        opening = asyncio.create_task(pool.open())
        await until(lambda: starter.started)
        await pool.close()
        with pytest.raises(asyncio.CancelledError):
            await opening
        return starter.started

    assert all(each.process.poll() is not None for each in asyncio.run(closed()))


def test_a_killed_worker_under_load_costs_no_other_request() -> None:
    async def talk(pool: Pool, started: list[StandIn]) -> None:
        told: dict[str, str] = {}
        killed = 0

        async def client(name: int) -> None:
            for number in count():
                if killed == 3:
                    return
                said = f"{name}-{number}"
                told[said] = await say(pool, said)

        async def killer() -> None:
            nonlocal killed
            for _ in range(3):
                await asyncio.sleep(0.1)
                await until(lambda: pool.busy)
                os.kill(next(iter(pool.crew.alive)).pid, signal.SIGKILL)
                killed += 1

        await asyncio.gather(killer(), *map(client, range(8)))
        wrong = {said: answer for said, answer in told.items() if said != answer}
        assert len(wrong) <= killed
        assert set(wrong.values()) <= {"WORKER_DIED"}
        assert pool.crew.replaced["died"] == killed

    run(talk, workers=2)


async def _asked(pool: Pool, said: str, content: str = "json") -> tuple[str, int]:
    """Return what a worker says, and how many it answered at once."""
    try:
        told, data = await pool.ask({"content": content}, [said.encode()])
    except RequestError as error:
        return error.error_code, 0
    return data.decode(), told.get("of", 1)


def test_those_that_wait_are_answered_together_where_that_is_asked() -> None:
    async def talk(pool: Pool, _: list[StandIn]) -> None:
        blocking = asyncio.create_task(say(pool, "sleep 0.2"))
        await until(lambda: pool.busy)
        asked = [_asked(pool, f"{number:03}") for number in range(5)]
        tensors = _asked(pool, "by itself", "tensors")
        told = await asyncio.gather(*asked, tensors, _asked(pool, "last"))
        assert told[:5] == [(f"{number:03}", 4 if number < 4 else 1) for number in range(5)]
        assert told[5:] == [("by itself", 1), ("last", 1)]
        await blocking

    run(talk, batch=4)


def test_a_free_worker_waits_for_others_no_longer_than_it_is_told() -> None:
    async def talk(pool: Pool, _: list[StandIn]) -> None:
        begun = time.monotonic()
        assert await _asked(pool, "alone") == ("alone", 1)
        assert time.monotonic() - begun >= 0.3

    run(talk, batch=4, batch_wait=0.3)


def test_nor_longer_than_until_there_are_enough() -> None:
    async def talk(pool: Pool, _: list[StandIn]) -> None:
        asked = asyncio.gather(*(_asked(pool, str(number)) for number in range(4)))
        told = await asyncio.wait_for(asked, 60)
        assert told == [(str(number), 4) for number in range(4)]

    run(talk, batch=4, batch_wait=600.0)


def test_a_batch_whose_answer_is_torn_is_refused_whole() -> None:
    async def talk(pool: Pool, _: list[StandIn]) -> None:
        told = [*await asyncio.gather(_asked(pool, "torn"), _asked(pool, "b"))]
        assert told == [("WORKER_DIED", 0)] * 2
        assert await _asked(pool, "c") == ("c", 1)

    run(talk, batch=2, batch_wait=0.1)


def test_one_that_fills_memory_harms_no_other_of_its_batch() -> None:
    async def talk(pool: Pool, started: list[StandIn]) -> None:
        for times in range(4):  # more often than a worker may die without a prediction
            told = [*await asyncio.gather(_asked(pool, "memory"), _asked(pool, "b"))]
            assert told == [("WORKER_DIED", 0), ("b", 2)]
            assert await _asked(pool, "c") == ("c", 1)
            assert len(started) == times + 2

    run(talk, batch=2, batch_wait=0.1)
