"""modelenv's web process before a worker that answers at once, and always the same.

python -m benchmarks.serving.echo PORT ANSWER
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from modelenv.serving.http.app import app
from modelenv.serving.http.served import HttpSettings
from modelenv.serving.models.hosted import Hosted, HostedModels
from modelenv.serving.observing.log import Log
from modelenv.serving.observing.metrics import Metrics
from modelenv.serving.observing.observer import ServingObserver
from modelenv.serving.web import Web, WebOptions, listen
from modelenv.serving.workers.channel import Channel
from modelenv.serving.workers.crew import WorkerProcess
from modelenv.serving.workers.pool import Limits, Pool

from .channel import echo


@dataclass(eq=False, slots=True)
class Echo:
    """A worker that does nothing with what it hears."""

    channel: Channel
    process: subprocess.Popen[bytes]
    memory: int | None = None
    printed: str = ""
    met: Mapping[str, Any] = MappingProxyType({})

    @property
    def pid(self) -> int:
        """Its number."""
        return self.process.pid

    async def end(self) -> str:
        """End it."""
        self.channel.close()
        self.process.kill()
        return "was ended"


def main(arguments: list[str]) -> None:
    """Serve until it is killed."""

    async def hire() -> WorkerProcess:
        ours, theirs = socket.socketpair()
        with theirs:
            process = echo(theirs.fileno(), arguments[1])
        return Echo(Channel(ours, largest=2**20), process)

    models = HostedModels(["model"], "model")
    pool = Pool(hire, Limits(), print)
    models.put(Hosted(name="model", version="1", like={}, prediction={}, signature={}, pool=pool))
    log = Log(os.open(os.devnull, os.O_WRONLY))
    observer = ServingObserver(log, Metrics(models), models)
    answer = app(models, HttpSettings(largest=2**26), observer)
    timing = WebOptions(timeout=60.0, grace=1.0)
    with listen("127.0.0.1", int(arguments[0])) as listener:
        web = Web(answer, listener, timing, observer, lambda: None)
        web.start()
        web.submit(pool.open()).result()
        threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1:])
