"""A real cluster of Dask's: a scheduler and two workers, with one thread each."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modelenv.batch.files.run_files import RowsRefusedError
from modelenv.batch.model import BatchModel
from modelenv.batch.node.errors import BatchError
from modelenv.batch.predict_files import predict_files

from .conftest import Nodes, check_predicted, running, until, write_rows

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # of others
pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def address(nodes: Nodes) -> Iterator[str]:
    file = nodes.home / "scheduler.json"
    dask = nodes.python.parent / "dask"
    told = ["--scheduler-file", str(file), "--no-dashboard"]
    workers = ["--nworkers", "2", "--nthreads", "1"]
    with (
        running(nodes, dask, "scheduler", "--port", "0", *told),
        running(nodes, dask, "worker", *workers, *told),
    ):
        yield until(lambda: file.exists() and json.loads(file.read_text())["address"])
    nodes.check_nothing_is_left()


@pytest.fixture
def client(address: str) -> Iterator[Any]:
    from distributed import Client

    with Client(address) as client:
        client.wait_for_workers(2)
        yield client


def _frame(rows: Path, pieces: int = 8) -> Any:
    import dask.dataframe
    import pandas as pd

    return dask.dataframe.from_pandas(pd.read_parquet(rows), npartitions=pieces)


def test_files_are_predicted_on(
    model: Path, rows: Path, address: str, client: Any, tmp_path: Path
) -> None:
    import pandas as pd

    output = tmp_path / "out.parquet"
    said: list[str] = []
    predict_files(
        model, rows, output, engine="dask", address=address, keep="id", batch_rows=500,
        progress=said.append,
    )  # fmt: skip
    check_predicted(pd.read_parquet(output))
    assert len(client.scheduler_info()["workers"]) == 2
    assert len(said) > 10


def test_partitions_are_mapped(model: Path, rows: Path, client: Any) -> None:
    batches = BatchModel.of(model, keep="id")
    meta = batches.schema("pandas", like=_frame(rows)._meta)
    check_predicted(_frame(rows).map_partitions(batches, meta=meta).compute())


def test_a_row_that_the_model_refuses_is_named(
    model: Path, address: str, client: Any, tmp_path: Path
) -> None:
    bad = write_rows(tmp_path / "bad.parquet", 8000, infinite=4321)
    batches = BatchModel.of(model, keep="id")
    with pytest.raises(BatchError, match=r"id 4321: row 321 of the batch.*ValueError: x is inf"):
        _frame(bad).map_partitions(batches, meta={"id": "i8", "prediction": "f8"}).compute()
    with pytest.raises(RowsRefusedError) as caught:
        predict_files(model, bad, tmp_path / "out.csv", engine="dask", address=address)
    assert caught.value.row == 4321
    assert "ValueError: x is infinite" in str(caught.value)
    assert not (tmp_path / "out.csv").exists()


def test_killed_processes_cost_their_batches(
    model: Path, nodes: Nodes, address: str, client: Any, tmp_path: Path
) -> None:
    import pandas as pd

    slow = write_rows(tmp_path / "slow.parquet", 20_000, wait=0.1)
    output = tmp_path / "out.parquet"

    def predict() -> None:
        predict_files(
            model, slow, output, engine="dask", address=address, keep="id", batch_rows=200
        )

    thread = threading.Thread(target=predict)
    thread.start()
    parts = Path(f"{output}.parts")
    until(lambda: len(list(parts.glob("*.arrow"))) > 5)
    os.kill(until(nodes.models)[0], signal.SIGKILL)
    until(lambda: len(list(parts.glob("*.arrow"))) > 20)
    engine = client.run(os.getpid)
    os.kill(next(iter(engine.values())), signal.SIGKILL)
    thread.join()
    check_predicted(pd.read_parquet(output), 20_000)


def test_what_is_cancelled_ends(model: Path, nodes: Nodes, address: str, tmp_path: Path) -> None:
    slow = write_rows(tmp_path / "slow.parquet", 100_000, wait=0.2)
    output = tmp_path / "out.parquet"

    class Stopped(Exception): ...

    def stop(_: str) -> None:
        if len(list(Path(f"{output}.parts").glob("*.arrow"))) > 3:
            raise Stopped

    with pytest.raises(Stopped):
        predict_files(
            model, slow, output, engine="dask", address=address, batch_rows=500, progress=stop
        )
    parts = list(Path(f"{output}.parts").glob("*"))
    assert not [each for each in parts if each.suffix in (".new", ".running")]
    assert len(parts) < 50
