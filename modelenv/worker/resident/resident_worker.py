"""Keep one model loaded and predict on request. Run by path, in the interpreter of its caller.

python resident_worker.py PORT < KEY

It serves one connection from this machine, which only the holder of the key can make. Requests
are pickles with a number. An answer is JSON with its kind and that number; for a prediction, a
message with its buffers follows, or with a pickle if the caller allowed one. Python 3.8 syntax
and the standard library only.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any

    Answer = tuple[dict[str, Any], bytes | None]


def _package(name: str, *folders: str) -> None:
    """Make the files in `folders` importable as `name`, without an entry on ``sys.path``."""
    module = type(sys)(name)
    module.__path__ = list(folders)
    sys.modules[name] = module


def _error(error: Exception) -> Answer:
    """Describe an exception in plain data, since the caller may not have its class."""
    import traceback

    words = "%s: %s" % (type(error).__name__, error)
    return {"kind": "error", "reason": words, "detail": traceback.format_exc()}, None


def _answer(model: Any, data: Any, params: Any, *, unpickle: bool) -> Answer:
    """Predict, and return the messages of the answer."""
    try:
        given = (data,) if params is None else (data, params)
        prediction = model.predict(*given)
    except Exception as error:  # noqa: BLE001  # whatever the model raises is its answer
        return _error(error)
    from _modelenv_rooms.table.crossing import raw  # type: ignore[import-not-found]
    from _modelenv_rooms.table.errors import UnfaithfulError  # type: ignore[import-not-found]
    from _modelenv_rooms.worker import values  # type: ignore[import-not-found]

    class_ = "%s.%s" % (type(prediction).__module__, type(prediction).__qualname__)
    try:
        parts = raw.to_bytes(*values.to_buffers(prediction))
        return {"kind": "prediction"}, b"".join(parts)
    except (UnfaithfulError, RecursionError) as error:
        told = {"kind": "untyped", "class": class_, "reason": str(error)}
    return _pickled(prediction, class_) if unpickle else (told, None)


def _pickled(prediction: Any, class_: str) -> Answer:
    from multiprocessing.reduction import ForkingPickler

    try:
        return {"kind": "pickle"}, bytes(ForkingPickler.dumps(prediction))
    except Exception as error:  # noqa: BLE001  # what cannot be pickled
        words = "the prediction, a %s, cannot be pickled: %s" % (class_, error)
        return {"kind": "error", "reason": words, "detail": ""}, None


def main(arguments: list[str]) -> None:
    """Load the model that the first message names, then answer until the caller is gone."""
    import json
    from multiprocessing.connection import Client

    ours = os.getpid()

    def send(question: int, answer: Answer) -> None:
        if os.getpid() != ours:  # a child that the model forked has returned from it
            os._exit(0)
        connection.send_bytes(json.dumps(dict(answer[0], question=question)).encode("ascii"))
        if answer[1] is not None:
            connection.send_bytes(answer[1])

    worker = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    _package("_modelenv_rooms")
    _package("_modelenv_rooms.worker", worker)
    _package("_modelenv_rooms.table", os.path.join(os.path.dirname(worker), "table"))
    from _modelenv_rooms.worker.processes import subinterpreters  # type: ignore[import-not-found]

    key = sys.stdin.buffer.readline().strip()
    with Client(("127.0.0.1", int(arguments[0])), authkey=key) as connection:
        question, (path, code, loader_folder, name, data) = connection.recv()
        sys.path[:] = path
        sys.path[:0] = code
        subinterpreters.share_path()
        _package("_modelenv_loader", loader_folder)
        try:
            loader = getattr(__import__("_modelenv_loader." + name), name)
            model = loader._load_pyfunc(data)
        except Exception as error:  # noqa: BLE001  # whatever loading raises is the answer
            send(question, _error(error))
            return
        send(question, ({"kind": "loaded"}, None))
        while True:
            try:
                question, (data, params, unpickle) = connection.recv()
            except EOFError:
                return
            send(question, _answer(model, data, params, unpickle=unpickle))


if __name__ == "__main__":
    main(sys.argv[1:])
