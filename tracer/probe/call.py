"""Call a pickled function and record its touches: ``python call.py FOLDER``.

The folder holds ``call``, two pickles: the path, then the function and its arguments. The value
goes to ``result``, an error's traceback to ``error``, the records to the folder ``spool``.
"""

from __future__ import annotations

import os
import pickle
import sys


def main(folder: str) -> int:
    """Call, record, and leave the result; the exit code is 0 if there is one."""
    here = os.path.dirname(os.path.abspath(__file__))
    package = type(sys)("_modelenv_probe")
    package.__path__ = [here]
    sys.modules["_modelenv_probe"] = package
    __import__("_modelenv_probe.start")
    start = sys.modules["_modelenv_probe.start"].start

    with open(os.path.join(folder, "call"), "rb") as file:
        sys.path[:] = pickle.load(file)
        call = file.read()
    recorder = start(os.path.join(folder, "spool"), own=(here + os.sep,))
    recorder.phase("load")
    try:
        function, arguments, named = pickle.loads(call)
        recorder.hold((function, arguments, named))
        recorder.phase("call")
        value = pickle.dumps(function(*arguments, **named))
    except BaseException as error:  # noqa: BLE001  # the caller hears of it, whatever it is
        return _failed(folder, recorder, error)
    recorder.stop()
    with open(os.path.join(folder, "result"), "wb") as file:
        file.write(value)
    return 0


def _failed(folder: str, recorder: object, error: BaseException) -> int:
    recorder.stop(error)  # type: ignore[attr-defined]
    import traceback

    with open(os.path.join(folder, "error"), "w", encoding="utf-8") as file:
        file.write("".join(traceback.format_exception(type(error), error, error.__traceback__)))
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
