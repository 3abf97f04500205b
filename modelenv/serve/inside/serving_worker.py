"""Keep a model loaded and answer a server. Run by path in the model's own interpreter.

    python serving_worker.py JOB DESCRIPTOR

JOB is a JSON file with ``model``, ``loader``, ``code``, ``path``, ``input``, ``like`` and
``memory``; DESCRIPTOR is one end of a pair of sockets (see ``frames.py``). The first message names
the interpreter, the second says that the model is loaded and has predicted on its example. Each
request gets one answer, in the order of the requests. The process ends when the other side does.
Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    import socket
    from typing import Any

_MOST_WORDS = 4_000
_MOST_TRACEBACK = 20_000


def _package(name: str, *folders: str) -> None:
    """Make the files in `folders` importable as `name`, without an entry on ``sys.path``."""
    module = type(sys)(name)
    module.__path__ = list(folders)
    sys.modules[name] = module


class Served:
    """The model, and what describes its example."""

    def __init__(self, job: dict[str, Any]) -> None:
        loader_folder, file = os.path.split(job["loader"])
        _package("_modelenv_loader", loader_folder)
        name = os.path.splitext(file)[0]
        loader = getattr(__import__("_modelenv_loader." + name), name)
        self._model = loader._load_pyfunc(job["model"])
        self._like = job["like"]

    def warm(self, described: dict[str, Any]) -> None:
        """Predict on the example once, so that the first request waits for no import."""
        if described["type"] == "none":
            return
        from _modelenv_rooms.worker import values  # type: ignore[import-not-found]

        example = values.read(described)
        for each in example if described["type"] == "examples" else [example]:
            self._model.predict(each)

    def answer(self, head: dict[str, Any], body: memoryview) -> tuple[dict[str, Any], list[bytes]]:
        """Return the head and the body of the answer to one request."""
        from _modelenv_rooms.serve.inside import (  # type: ignore[import-not-found]
            answers,
            requests,
        )
        from _modelenv_rooms.serve.inside.tensors import (  # type: ignore[import-not-found]
            outgoing,
        )
        from _modelenv_rooms.table.errors import (  # type: ignore[import-not-found]
            RowsError,
            UnfaithfulError,
        )

        stage = "input"
        try:
            request = requests.read(head, body, self._like)
            value = request.value()
            stage = "predict"
            prediction = self._predict(value, {**request.params, **head.get("params", {})})
            stage = "output"
            if head["content"] == "tensors":
                told, raw = outgoing.answer(request.document, outgoing.tensors_of(prediction))
                return {"ok": "tensors", "answer": told, "notes": request.notes}, raw
            return {"ok": "json", "notes": request.notes}, [answers.predictions(prediction)]
        except RowsError as error:
            place = {"column": _plain(error.column), "row": error.row, "line": error.line}
            return {"refused": error.reason, "text": str(error), **place}, []
        except UnfaithfulError as error:
            return {"failed": stage, "type": "", "message": str(error), "traceback": ""}, []
        except Exception as error:  # noqa: BLE001  # whatever the model raises is its answer
            return failure(stage, error), []

    def _predict(self, value: Any, params: dict[str, Any]) -> Any:
        return self._model.predict(value, params) if params else self._model.predict(value)


def failure(stage: str, error: BaseException) -> dict[str, Any]:
    """Return what is told of an exception."""
    import traceback

    try:
        message = str(error)[:_MOST_WORDS]
    except Exception as trouble:  # noqa: BLE001  # somebody's __str__
        message = "(its message cannot be read: %s)" % type(trouble).__name__
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__, limit=-30))
    return {
        "failed": stage,
        "type": type(error).__name__,
        "message": message,
        "traceback": text[-_MOST_TRACEBACK:],
    }


def _plain(name: Any) -> Any:
    return name if name is None or isinstance(name, (str, int)) else str(name)


def _serve(job: dict[str, Any], connection: socket.socket) -> None:
    from _modelenv_rooms.serve.inside import frames

    stage = "load"
    try:
        served = Served(job)
        stage = "warm up"
        served.warm(job["input"])
    except BaseException as error:
        frames.Frame(failure(stage, error)).send(connection)
        raise
    frames.Frame({"ok": "loaded"}).send(connection)
    while True:
        try:
            head, body = frames.receive(connection)
        except frames.BrokenFrameError:
            return
        frames.Frame(*served.answer(head, body)).send(connection)


def main(arguments: list[str]) -> None:
    """Load the model that the job names, then answer until the server is gone."""
    rooms = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    for name in ("", "worker", "table", "serve"):
        _package(".".join(filter(None, ("_modelenv_rooms", name))), os.path.join(rooms, name))
    import json
    import socket

    from _modelenv_rooms.serve.inside import frames

    with open(arguments[0], encoding="utf-8") as file:
        job = json.load(file)
    with socket.socket(fileno=int(arguments[1])) as connection:
        connection.set_inheritable(False)
        here = {"executable": sys.executable, "prefix": sys.prefix, "version": sys.version}
        frames.Frame(here).send(connection)
        if job.get("path") is not None:
            sys.path[:] = job["path"]
        sys.path[:0] = job["code"]
        _serve(job, connection)


if __name__ == "__main__":
    main(sys.argv[1:])
