"""Run over a file again and again, each time killed one step later; print what became of each.

A program of its own, so that its processes are those of one thread: FOLDER holds the input, NAME is
the output, and every STRIDE-th step is tried.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[4]))

import pandas  # noqa: F401  # pyarrow asks it, here once, and not in each process
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc
import pyarrow.parquet

from tests.modelenv.batch.files.running import ONE, Model, Refused, predicted

STEPS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "open"}


def refusing(table: Any) -> Any:
    """Predict twice the column, and refuse what is 17."""
    values = table["x"].to_pylist()
    if 17.0 in values:
        raise Refused("17 is refused", values.index(17.0))
    return pa.table({"prediction": pc.multiply(table["x"], 2)})


def in_child(act: Callable[[], None]) -> int:
    """Return what signal ended a process that did it, or 0."""
    child = os.fork()
    if child == 0:
        code = 1
        with suppress(BaseException):
            act()
            code = 0
        os._exit(code)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status <= 0, "it failed"
    return -status


def kill_at(step: int, folder: Path) -> None:
    """Kill this process before it changes something in the folder for that many times and one."""
    count = [0]

    def hook(event: str, args: tuple[Any, ...]) -> None:
        writes = event != "open" or (isinstance(args[1], str) and set("wa+") & set(args[1]))
        if event in STEPS and writes and str(folder) in str(args[0]):
            if count[0] == step:
                os.kill(os.getpid(), signal.SIGKILL)
            count[0] += 1

    sys.addaudithook(hook)


def main(folder: Path, name: str, stride: int) -> None:
    """Print a line of JSON for each step: the output after the kill, and after another run."""
    output = folder / name
    refused = folder / f"{name}.refused.jsonl"
    keep = () if name.endswith(".npy") else ("id",)  # whole numbers, and an array has one type
    options = {"batch_rows": 25, "keep": keep, "skip": True, "takes": ONE, "overwrite": True}

    def run(noted: Path) -> None:
        model = Model(refusing)
        try:
            done = predicted(folder / "in.parquet", output, model, **options)
            noted.write_text(json.dumps({**done.to_json(), "asked": len(model.batches)}))
        except BaseException as error:
            noted.write_text(repr(error))
            raise

    def killed(step: int) -> None:
        kill_at(step, folder)
        run(folder.parent / "killed.json")

    for step in range(1, 1000, stride):
        output.write_bytes(b"what was there before")
        refused.write_bytes(b"and its refused rows")
        ended = in_child(lambda step=step: killed(step))  # type: ignore[misc]
        between = output.read_bytes()
        in_child(lambda: run(folder.parent / "again.json"))
        told = {
            "killed": ended == signal.SIGKILL,
            "between": between.hex(),
            "after": output.read_bytes().hex(),
            "refused": refused.read_text(),
            "left": sorted(each.name for each in folder.iterdir()),
            "again": json.loads((folder.parent / "again.json").read_text()),
        }
        print(json.dumps(told), flush=True)
        if not ended:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
