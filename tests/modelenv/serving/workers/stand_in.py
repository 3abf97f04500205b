"""A worker that does what the body of a request says: a process across a real pair of sockets."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import modelenv
from modelenv.serving.workers.channel import Channel
from modelenv.serving.workers.pool import Limits, Pool

ROOT = Path(modelenv.__file__).parent.parent

PROGRAM = """
import os, socket, sys, time
sys.path.insert(0, sys.argv[2])
from modelenv.worker import frames

with socket.socket(fileno=int(sys.argv[1])) as ours:
    while True:
        try:
            head, body = frames.receive(ours)
        except frames.BrokenFrameError:
            break
        if head.get("content") == "batch":
            sizes = [each["size"] for each in head["items"]]
            heads = [{"ok": "json", "size": size, "of": len(sizes)} for size in sizes]
            if b"torn" in bytes(body):
                heads[0]["size"] += 1
            last = {"last": True} if b"memory" in bytes(body) else {}
            if last:
                heads[0].update(last)
            frames.Frame({"batch": heads, "n": head["n"], **last}, [bytes(body)]).send(ours)
            continue
        word, _, rest = bytes(body).decode().partition(" ")
        told, data = {"ok": "json", "n": head.get("n")}, [bytes(body)]
        if word == "sleep":
            time.sleep(float(rest))
        elif word == "exit":
            os._exit(int(rest))
        elif word == "twice":
            frames.Frame(told, data).send(ours)
        elif word == "late":
            told["n"] -= 1
        elif word == "silent":
            told.pop("n")
        elif word == "noise":
            ours.sendall(b"x" * int(rest))
            continue
        elif word == "large":
            data = [b"l" * int(rest)]
        elif word == "seen":
            time.sleep(float(rest))
            told["seen"] = {"hosts": {}}
        elif word == "memory":
            told = {"failed": "predict", "type": "MemoryError", "n": head["n"], "last": True}
        frames.Frame(told, data).send(ours)
"""


class StandIn:
    """A process that stands in for one with a model, and ends like one."""

    def __init__(self, program: str = PROGRAM, largest: int = 4_000_000) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-S", "-c", program, str(theirs.fileno()), str(ROOT)],
                pass_fds=(theirs.fileno(),),
            )
        self._ours = ours
        self.channel = Channel(ours, largest=largest)
        self.pid = self.process.pid
        self.printed = ""
        self.memory: int | None = None
        self.met: dict[str, dict[str, dict[str, object]]] = {}

    async def end(self) -> str:
        self.channel.close()
        try:
            await asyncio.to_thread(self.process.wait, 0.2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            await asyncio.to_thread(self.process.wait)
        self._ours.close()
        return f"ended with {self.process.returncode}"


class Starter:
    """Start stand-ins, as long as `may` says so; `started` keeps them."""

    def __init__(self, may: Callable[[int], Exception | None] = lambda _: None) -> None:
        self.started: list[StandIn] = []
        self._may = may
        self.asked = 0

    async def __call__(self) -> StandIn:
        self.asked += 1
        refused = self._may(self.asked)
        if refused is not None:
            raise refused
        made = StandIn()
        self.started.append(made)
        return made


Talk = Callable[[Pool, list[StandIn]], Awaitable[None]]


def run(talk: Talk, may: Callable[[int], Exception | None] = lambda _: None, **limits: Any) -> None:
    """Talk to a pool of stand-ins."""

    async def talked() -> None:
        starter = Starter(may)
        pool = Pool(starter, Limits(**{"pause": 0.1, **limits}), lambda _: None)
        await pool.open()
        try:
            await asyncio.wait_for(talk(pool, starter.started), 30)
        finally:
            await pool.close()

    asyncio.run(talked())


async def until(condition: Callable[[], object]) -> None:
    """Wait until that is so."""
    while not condition():
        await asyncio.sleep(0.01)
