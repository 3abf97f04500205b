"""Keep a model loaded and predict on batches. Run by path in the model's own interpreter.

    python batch_worker.py JOB DESCRIPTOR

JOB is a JSON file as `BatchJob` writes it; DESCRIPTOR is one end of a socket pair (see
``worker/frames.py``). The first message describes the interpreter, the second reports that the
model is loaded, or its error. Each batch is a message whose body is a value in buffers (see
``table/crossing/raw.py``), and so is its answer, whose head has ``ok``, or the error in ``failed``
and whether it is the ``last``. The process ends when the other side closes. Python 3.8 syntax and
the standard library only.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any

    from ...worker.processes.line import WorkerLine

    Answer = tuple[dict[str, Any], list[Any]]

_ROOMS = "_modelenv_rooms"


def _package(name: str, *folders: str) -> None:
    """Make the files in `folders` importable as `name`, without an entry on ``sys.path``."""
    module = type(sys)(name)
    module.__path__ = list(folders)
    sys.modules[name] = module


class LoadedBatchModel:
    """A loaded model and its answers."""

    def __init__(self, job: dict[str, Any], rooms: str) -> None:
        from _modelenv_rooms.worker.processes.params import (  # type: ignore[import-not-found]
            Params,
        )

        self._job = job
        self._own = (rooms + os.sep, job["loader"])
        self._params = Params(job["params"])
        self._model: Any = None

    def load(self) -> dict[str, Any]:
        """Load the model; return its description."""
        from _modelenv_rooms.worker.processes import own  # type: ignore[import-not-found]

        try:
            self._model = own.load_model(self._job["loader"], self._job["model"])
        except BaseException as error:  # noqa: BLE001  # any error is reported
            return self._failed("load", error)
        return {"ok": "loaded"}

    def answer(self, head: dict[str, Any], body: memoryview) -> Answer:
        """Return the head and the body of the answer to a batch."""
        from _modelenv_rooms.table import values as tables  # type: ignore[import-not-found]
        from _modelenv_rooms.table.crossing import raw  # type: ignore[import-not-found]
        from _modelenv_rooms.worker import values  # type: ignore[import-not-found]

        stage = "input"
        try:
            told, buffers = raw.from_bytes(body)
            for module in tables.modules_of(told):
                __import__(module)
            value = tables.build(told, iter(buffers))
            params = self._params.read(head["params"])
            stage = "predict"
            given = (value, params) if params else (value,)
            prediction = self._model.predict(*given)
            stage = "output"
            return {"ok": "prediction"}, raw.to_bytes(*values.to_buffers(prediction))
        except BaseException as error:  # noqa: BLE001  # SystemExit and KeyboardInterrupt too
            return self._failed(stage, error), []

    def _failed(self, stage: str, error: BaseException) -> dict[str, Any]:
        """Return the description of an exception; a MemoryError makes this the last answer."""
        from _modelenv_rooms.worker.processes import failures

        last = {"last": True} if isinstance(error, MemoryError) else {}
        try:
            return {"failed": stage, **failures.told(error, self._own), **last}
        except MemoryError:
            nothing = {"type": "MemoryError", "message": "", "traceback": ""}
            return {"failed": stage, **nothing, "last": True}


def _answer_all(model: LoadedBatchModel, line: WorkerLine) -> int:
    """Load the model and answer batches; return the exit status."""
    told = model.load()
    line.say(told)
    if "failed" in told:
        return 1
    while True:
        asked = line.hear()
        if asked is None:
            return 0
        told, body = model.answer(*asked)
        line.say(told, body)
        if told.get("last"):
            return 1


def main(arguments: list[str]) -> int:
    """Load the model that the job names, then answer until the other side closes."""
    here = os.path.dirname(os.path.abspath(__file__))
    rooms = os.path.dirname(os.path.dirname(here))
    _package(_ROOMS)  # whose folder a seal hides
    for name in ("worker", "table"):
        _package("%s.%s" % (_ROOMS, name), os.path.join(rooms, name))
    from _modelenv_rooms.worker.processes import line

    with line.opened(arguments, here) as (job, asking):
        return _answer_all(LoadedBatchModel(job, rooms), asking)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
