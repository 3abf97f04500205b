"""Keep a model loaded and answer a server. Run by path in the model's own interpreter.

python serving_worker.py JOB DESCRIPTOR

JOB is a JSON file as `ServingJob` writes it; DESCRIPTOR is one end of a pair of sockets (see
``worker/frames.py``). The first message names the interpreter; the second reports that the model is
loaded and has predicted on its example, or the failure. Each request gets one answer, in the order
of the requests; the ``last`` one is marked. The process ends when the other side does. Python 3.8
syntax and the standard library only.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any

    from ...worker.processes.line import WorkerLine

_ROOMS = "_modelenv_rooms"


def _package(name: str, *folders: str) -> None:
    """Make the files in `folders` importable as `name`, without an entry on ``sys.path``."""
    module = type(sys)(name)
    module.__path__ = list(folders)
    sys.modules[name] = module


def _serve(job: dict[str, Any], line: WorkerLine) -> int:
    """Load the model and answer requests; return the exit code."""
    from _modelenv_rooms.serving.inside import (  # type: ignore[import-not-found]
        served,
        watching,
    )

    watcher = watching.Watcher(job["watch"])
    model = served.ServingModel(job)
    failed = model.load() or model.warm()
    if failed:
        line.say(failed)
        return 1
    watcher.begin()
    line.say({"ok": "loaded"})
    while True:
        asked = line.hear()
        if asked is None:
            return 0
        told, body = model.answer(*asked)
        seen = watcher.taken()
        line.say({**told, "seen": seen} if seen else told, body)
        if told.get("last"):
            return 1


def main(arguments: list[str]) -> int:
    """Load the model that the job names, then answer until the server is gone."""
    here = os.path.dirname(os.path.abspath(__file__))
    rooms = os.path.dirname(os.path.dirname(here))
    for name in (_ROOMS, _ROOMS + ".serving"):
        _package(name)  # whose own folder a seal does not show
    for name in ("worker", "table", "serving/inside"):
        _package("%s.%s" % (_ROOMS, name.replace("/", ".")), os.path.join(rooms, name))
    from _modelenv_rooms.worker.processes import line  # type: ignore[import-not-found]

    with line.opened(arguments, here) as (job, server):
        return _serve(job, server)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
