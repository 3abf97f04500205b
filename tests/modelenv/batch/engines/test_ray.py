"""A real cluster of Ray's, with two processors."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modelenv.batch.files.run_files import RowsRefusedError
from modelenv.batch.model import BatchModel
from modelenv.batch.predict_files import predict_files

from .conftest import Nodes, check_predicted, until, write_rows

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # of others
    pytest.mark.usefixtures("variables"),
]
pytest.importorskip("ray")
PORT = 6397


@pytest.fixture(scope="module")
def address(nodes: Nodes, variables: None) -> Iterator[str]:
    ray = nodes.python.parent / "ray"
    told = ["--num-cpus=2", "--include-dashboard=false", "--object-store-memory=100000000"]
    place = f"--temp-dir={nodes.home / 'ray'}"  # short: sockets stand below it
    subprocess.run(
        [ray, "start", "--head", f"--port={PORT}", *told, place],
        env=nodes.variables, cwd=nodes.home, check=True, capture_output=True,
    )  # fmt: skip
    yield f"127.0.0.1:{PORT}"
    subprocess.run([ray, "stop"], env=nodes.variables, check=True, capture_output=True)
    nodes.check_the_next_run_finds_nothing()


@pytest.fixture
def data(address: str, nodes: Nodes) -> Iterator[Any]:
    import ray
    import ray.data

    ray.init(address, log_to_driver=False, runtime_env={"py_executable": str(nodes.python)})
    ray.data.DataContext.get_current().enable_progress_bars = False
    yield ray.data
    ray.shutdown()


def test_files_are_predicted_on(model: Path, rows: Path, address: str, tmp_path: Path) -> None:
    import pandas as pd

    output = tmp_path / "out.parquet"
    predict_files(model, rows, output, engine="ray", address=address, keep="id", batch_rows=500)
    check_predicted(pd.read_parquet(output))


@pytest.mark.parametrize("form", ["pandas", "pyarrow", "numpy"])
def test_batches_are_mapped(model: Path, rows: Path, data: Any, form: str) -> None:
    batches = BatchModel.of(model, keep="id").on_ray()
    read = data.read_parquet(str(rows)).repartition(4)
    check_predicted(read.map_batches(batches, batch_format=form).to_pandas())


def test_a_row_that_the_model_refuses_is_named(
    model: Path, address: str, data: Any, tmp_path: Path
) -> None:
    bad = write_rows(tmp_path / "bad.parquet", 8000, infinite=4321)
    batches = BatchModel.of(model, keep="id").on_ray()
    with pytest.raises(Exception, match=r"id 4321: row \d+ of the batch.*ValueError: x is inf"):
        data.read_parquet(str(bad)).map_batches(batches, batch_format="pyarrow").materialize()
    with pytest.raises(RowsRefusedError) as caught:
        predict_files(model, bad, tmp_path / "out.csv", engine="ray", address=address)
    assert caught.value.row == 4321
    assert "ValueError: x is infinite" in str(caught.value)


def test_killed_processes_cost_their_batches(
    model: Path, nodes: Nodes, address: str, tmp_path: Path
) -> None:
    import pandas as pd

    slow = write_rows(tmp_path / "slow.parquet", 20_000, wait=0.1)
    output = tmp_path / "out.parquet"

    def predict() -> None:
        predict_files(model, slow, output, engine="ray", address=address, keep="id", batch_rows=200)

    thread = threading.Thread(target=predict)
    thread.start()
    parts = Path(f"{output}.parts")
    until(lambda: len(list(parts.glob("*.arrow"))) > 5)
    os.kill(until(nodes.models)[0], signal.SIGKILL)
    until(lambda: len(list(parts.glob("*.arrow"))) > 20)
    for worker in _workers():
        os.kill(worker, signal.SIGKILL)
    thread.join()
    check_predicted(pd.read_parquet(output), 20_000)
    nodes.check_the_next_run_finds_nothing()


def test_what_is_cancelled_ends(model: Path, nodes: Nodes, address: str, tmp_path: Path) -> None:
    slow = write_rows(tmp_path / "slow.parquet", 100_000, wait=0.2)
    output = tmp_path / "out.parquet"

    class Stopped(Exception): ...

    def stop(_: str) -> None:
        if len(list(Path(f"{output}.parts").glob("*.arrow"))) > 1:
            raise Stopped

    with pytest.raises(Stopped):
        predict_files(
            model, slow, output, engine="ray", address=address, batch_rows=500, progress=stop
        )
    nodes.check_the_next_run_finds_nothing()
    assert not list(Path(f"{output}.parts").glob("*.running"))


def _workers() -> list[int]:
    """Return the processes in which Ray runs our function."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            command = (folder / "cmdline").read_bytes() if folder.name.isdigit() else b""
        except OSError:
            continue
        if command.startswith(b"ray::predict_piece"):
            found.append(int(folder.name))
    return found
