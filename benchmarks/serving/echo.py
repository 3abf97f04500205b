"""modelenv's web process before a worker that answers at once, and always the same.

python -m benchmarks.serving.echo PORT ANSWER
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass

from modelenv.serve.hosted import Hosted, HostedModels
from modelenv.serve.http.app import app
from modelenv.serve.http.served import HttpSettings
from modelenv.serve.observing.log import Log
from modelenv.serve.observing.metrics import Metrics
from modelenv.serve.observing.observer import ServingObserver
from modelenv.serve.web import Web, listen
from modelenv.serve.workers.channel import Channel
from modelenv.serve.workers.crew import WorkerProcess
from modelenv.serve.workers.pool import Limits, Pool

from .channel import echo


@dataclass(eq=False, slots=True)
class Echo:
    """A worker that does nothing with what it hears."""

    channel: Channel
    process: subprocess.Popen[bytes]
    memory: int | None = None

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
    models.put(
        Hosted(name="model", version="1", like={}, prediction={}, signature={}, pool=pool)
    )
    log = Log(os.open(os.devnull, os.O_WRONLY))
    answer = app(models, HttpSettings(), ServingObserver(log, Metrics(models), models))
    with listen("127.0.0.1", int(arguments[0])) as listener:
        web = Web(answer, listener, 1.0, lambda: None)
        web.start()
        web.submit(pool.open()).result()
        threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1:])
