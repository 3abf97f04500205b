"""The time of a body to a worker and of its answer back, without work in between."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import modelenv
from modelenv.serving.web import new_loop
from modelenv.serving.workers.channel import Channel

from ..results.timing import environment

_TOP = str(Path(modelenv.__file__).parent.parent)
ECHO = """
import socket, sys
sys.path.insert(0, sys.argv[2])
from modelenv.worker import frames
answer = [sys.argv[3].encode()]
with socket.socket(fileno=int(sys.argv[1])) as connection:
    while True:
        try:
            head, body = frames.receive(connection)
        except frames.BrokenFrameError:
            break
        told = {"ok": "json", "notes": [], "n": head["n"], "cost": 0.0}
        frames.Frame(told, answer).send(connection)
"""


def echo(descriptor: int, answer: str = "{}") -> subprocess.Popen[bytes]:
    """Start a process that hears each request whole and answers the same to all."""
    line = [sys.executable, "-c", ECHO, str(descriptor), _TOP, answer]
    return subprocess.Popen(line, pass_fds=[descriptor], env=environment())


def trips(size: int, count: int) -> list[float]:
    """Return the seconds of so many trips of a body of `size` bytes, sorted."""
    loop = new_loop()
    try:
        return loop.run_until_complete(_trips(os.urandom(size), count))
    finally:
        loop.close()


async def _trips(body: bytes, count: int) -> list[float]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = echo(theirs.fileno())
        theirs.close()
        channel = Channel(ours, largest=2**20)
        head = {"content": "buffers"}
        await channel.ask(head, [body])
        waits = []
        for _ in range(count):
            await asyncio.sleep(0.001)
            began = time.perf_counter()
            await channel.ask(head, [body])
            waits.append(time.perf_counter() - began)
        channel.close()
    process.wait()
    return sorted(waits)
