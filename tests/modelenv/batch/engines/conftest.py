"""Clusters of real engines: two workers on this machine, whose Python has no modelenv.

MODELENV_NODES names that Python: it has the engine, pyarrow and pandas, as this one has.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import modelenv
from modelenv.base.settings import Settings

ROWS = 40_000
CAREFUL = """
import time
import numpy

class Careful:
    def predict(self, frame):
        time.sleep(float(frame["wait"].max()))
        if numpy.isinf(frame["x"]).any():
            raise ValueError("x is infinite")
        return frame["x"].to_numpy() * 2
"""


@dataclass(frozen=True)
class Nodes:
    """The Python of the nodes, and where their processes may write."""

    python: Path
    home: Path

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables of the engine's processes, which it hands on."""
        uv = Settings.from_environment().uv
        path = os.pathsep.join([*([str(uv.parent)] if uv else []), os.environ["PATH"]])
        own = {
            "PATH": path,
            "TMPDIR": str(self.tmp),
            "MODELENV_CACHE_DIR": str(self.home / "cache"),
            "PYSPARK_PYTHON": str(self.python),
            "RAY_AUTH_MODE": "disabled",
            "RAY_USAGE_STATS_ENABLED": "0",
        }
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return {**kept, **own}

    @property
    def tmp(self) -> Path:
        return self.home / "tmp"

    def processes(self) -> dict[int, str]:
        """Return the processes of the model, and the starters between: all that we started."""
        cache = str(self.home / "cache").encode()
        found = {}
        for folder in Path("/proc").iterdir():
            try:
                command = (folder / "cmdline").read_bytes() if folder.name.isdigit() else b""
            except OSError:
                continue
            if cache in command:
                found[int(folder.name)] = command.replace(b"\0", b" ").decode()
        return found

    def models(self) -> list[int]:
        """Return the processes in which the model is."""
        return [pid for pid, said in self.processes().items() if "batch_worker.py" in said]

    def left(self) -> list[str]:
        """Return what of ours runs, and what of ours lies in the temporary folder."""
        return [*self.processes().values(), *map(str, self.tmp.glob("modelenv*"))]

    def check_nothing_is_left(self, seconds: float = 60.0) -> None:
        """Wait until nothing is left; fail with what is."""
        end = time.monotonic() + seconds
        while (left := self.left()) and time.monotonic() < end:
            time.sleep(0.1)
        assert not left

    def check_the_next_run_finds_nothing(self) -> None:
        """Wait until no process is left, and let another run clean what one that was killed had.

        For an engine that kills all that its process has started, and whoever cleans up with it.
        """
        until(lambda: not self.processes())
        code = "from modelenv.base.files.scratch import scratch_folder as s\nwith s(): pass"
        environment = {**os.environ, "TMPDIR": str(self.tmp)}
        subprocess.run([sys.executable, "-c", code], check=True, env=environment)
        assert not self.left()


def until(seen: Callable[[], Any], seconds: float = 180.0) -> Any:
    """Return what is seen as soon as it is anything; fail after so many seconds."""
    end = time.monotonic() + seconds
    while not (found := seen()):
        assert time.monotonic() < end, "it was never seen"
        time.sleep(0.1)
    return found


@pytest.fixture(scope="session")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Nodes:
    """The nodes, whose cache is their own."""
    named = os.environ.get("MODELENV_NODES")
    if named is None:
        pytest.skip("MODELENV_NODES names no Python of nodes")
    found = Nodes(Path(named), tmp_path_factory.mktemp("nodes"))
    found.tmp.mkdir()
    return found


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that waits as long as it is told to, and refuses what is infinite."""
    import pandas as pd

    folder = tmp_path_factory.mktemp("model")
    (folder / "careful.py").write_text(dedent(CAREFUL))
    sys.path.insert(0, str(folder))
    try:
        from careful import Careful  # type: ignore[import-not-found]

        example = pd.DataFrame({"x": [1.0, 2.0], "wait": [0.0, 0.0]})
        modelenv.save_model(
            Careful(), folder / "saved", input_example=example, code_paths=[folder / "careful.py"]
        )
    finally:
        sys.path.remove(str(folder))
    return folder / "saved"


@pytest.fixture(scope="session")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of Parquet in pieces; the prediction on it is known."""
    return write_rows(tmp_path_factory.mktemp("rows") / "rows.parquet", ROWS)


def write_rows(file: Path, count: int, *, wait: float = 0.0, infinite: int | None = None) -> Path:
    """Write rows in groups of a thousand."""
    import pandas as pd

    x = [float(number) for number in range(count)]
    if infinite is not None:
        x[infinite] = float("inf")
    frame = pd.DataFrame({"id": range(count), "x": x, "wait": [wait] * count})
    frame.to_parquet(file, row_group_size=1000)
    return file


def check_predicted(table: Any, count: int = ROWS) -> None:
    """Check that a frame has every row once, and the prediction of it beside."""
    table = table.sort_values("id")
    assert table["id"].tolist() == list(range(count))
    assert table["prediction"].tolist() == [2.0 * number for number in range(count)]


@contextmanager
def running(nodes: Nodes, *command: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program of the nodes' environment for a block."""
    log = nodes.home / f"{Path(command[0]).name}-{command[1]}.log"
    with (
        log.open("ab") as stream,
        subprocess.Popen(
            command, env=nodes.variables, cwd=nodes.home, stdout=stream, stderr=stream
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def variables(nodes: Nodes) -> Iterator[None]:
    """The driver's own variables, of which an engine that it starts hands on some."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in nodes.variables.items():
            if os.environ.get(name) != value:
                patch.setenv(name, value)
        yield
