"""Keep one model loaded and predict on request. Run by path, in the interpreter of its caller.

    python resident_worker.py PORT < KEY

Requests and answers are pickles, over a connection within this machine that only the holder of the
key can make. Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any


def _answer(model: Any, request: tuple[Any, Any]) -> tuple[str, Any]:
    """Predict; an exception becomes words, since its class may not be known to the caller."""
    import traceback

    data, params = request
    try:
        given = (data,) if params is None else (data, params)
        return "prediction", model.predict(*given)
    except Exception as error:  # noqa: BLE001  # whatever the model raises is its answer
        return "error", ("%s: %s" % (type(error).__name__, error), traceback.format_exc())


def main(arguments: list[str]) -> None:
    """Load the model that the first message names, then answer until the caller is gone."""
    from multiprocessing.connection import Client

    key = sys.stdin.buffer.readline().strip()
    with Client(("127.0.0.1", int(arguments[0])), authkey=key) as connection:
        path, code, loader_folder, name, data = connection.recv()
        sys.path[:] = path
        sys.path[:0] = code
        package = type(sys)("_modelenv_loader")
        package.__path__ = [loader_folder]
        sys.modules["_modelenv_loader"] = package
        try:
            loader = getattr(__import__("_modelenv_loader." + name), name)
            model = loader._load_pyfunc(data)
        except Exception as error:  # noqa: BLE001  # whatever loading raises is the answer
            import traceback

            words = "%s: %s" % (type(error).__name__, error)
            connection.send(("error", (words, traceback.format_exc())))
            return
        connection.send(("loaded", os.getpid()))
        while True:
            try:
                request = connection.recv()
            except EOFError:
                return
            answer = _answer(model, request)
            try:
                connection.send(answer)
            except Exception as error:  # noqa: BLE001  # what cannot be pickled
                kind = type(answer[1]).__name__
                words = "the prediction, a %s, cannot be pickled: %s" % (kind, error)
                connection.send(("error", (words, "")))


if __name__ == "__main__":
    main(sys.argv[1:])
