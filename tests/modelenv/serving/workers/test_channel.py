"""Answers come whole, in turn and numbered, or there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from modelenv.serving.workers.channel import Channel, LyingError
from modelenv.worker.frames import BrokenFrameError

from .stand_in import StandIn


def run(talk: Callable[[Channel], Awaitable[object]]) -> object:
    """Return what comes of talking to a stand-in."""

    async def talked() -> object:
        worker = StandIn()
        try:
            return await asyncio.wait_for(talk(worker.channel), 20)
        finally:
            await worker.end()

    return asyncio.run(talked())


@pytest.mark.parametrize("size", [0, 1, 300_000, 1_000_000, 3_999_999])
def test_bodies_of_every_size_come_back(size: int) -> None:
    body = b"e" * size

    async def talk(channel: Channel) -> None:
        for _ in range(2):
            told, data = await channel.ask({}, [body])
            assert told["ok"] == "json"
            assert data == body

    run(talk)


@pytest.mark.parametrize("said", ["late", "silent", "noise 13", "noise 70000000", "large 4000001"])
def test_what_is_no_answer_to_this_request_is_a_lie(said: str) -> None:
    async def talk(channel: Channel) -> None:
        await channel.ask({}, [b"first"])
        with pytest.raises(LyingError):
            await channel.ask({}, [said.encode()])
        with pytest.raises(LyingError):
            await channel.ask({}, [b"next"])

    run(talk)


def test_a_second_answer_is_never_taken_for_that_of_the_next_request() -> None:
    async def talk(channel: Channel) -> None:
        told = asyncio.get_running_loop().create_future()
        channel.on_end = told.set_result
        try:
            _, data = await channel.ask({}, [b"twice"])
            assert data == b"twice"
            assert isinstance(await told, LyingError)
        except LyingError:  # both came at once
            pass
        with pytest.raises(LyingError):
            await channel.ask({}, [b"next"])

    run(talk)


def test_who_waits_learns_that_the_worker_is_gone() -> None:
    async def talk(channel: Channel) -> None:
        with pytest.raises(BrokenFrameError, match="gone"):
            await channel.ask({}, [b"exit 3"])

    run(talk)


def test_the_answer_to_who_has_left_is_dropped() -> None:
    async def talk(channel: Channel) -> None:
        left = channel.ask({}, [b"sleep 0.1"])
        await asyncio.sleep(0)
        left.cancel()
        while channel.is_waiting:
            await asyncio.sleep(0.01)
        _, data = await channel.ask({}, [b"mine"])
        assert data == b"mine"

    run(talk)
