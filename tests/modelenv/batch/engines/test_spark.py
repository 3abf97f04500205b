"""A real cluster of Spark's: two executors with one core each, classic and by Spark Connect."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from modelenv.batch.files.run_files import RowsRefusedError
from modelenv.batch.model import BatchModel
from modelenv.batch.predict_files import predict_files

from .conftest import Nodes, check_predicted, running, until, write_rows

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # of others
    pytest.mark.usefixtures("variables"),
]
pytest.importorskip("pyspark")
MASTER = "local-cluster[2,1,1024]"
SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"


@pytest.fixture(scope="module", params=["classic", "connect"])
def session(request: pytest.FixtureRequest, nodes: Nodes, variables: None) -> Iterator[Any]:
    """A session of either kind; Spark Connect's has a server in front of such a cluster."""
    with _classic(nodes) if request.param == "classic" else _connect(nodes) as session:
        yield session
    nodes.check_nothing_is_left()


@contextmanager
def _classic(nodes: Nodes) -> Iterator[Any]:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(MASTER).config("spark.ui.enabled", "false")
    session = builder.config("spark.local.dir", str(nodes.tmp)).getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@contextmanager
def _connect(nodes: Nodes) -> Iterator[Any]:
    from pyspark.sql import SparkSession

    submit = nodes.python.parent / "spark-submit"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = {"ui.enabled": "false", "local.dir": nodes.tmp, "connect.grpc.binding.port": port}
    told = [word for name, value in options.items() for word in ("--conf", f"spark.{name}={value}")]
    server = ("--class", SERVER, "--master", MASTER, *told, "spark-internal")
    log = nodes.home / "spark-submit---class.log"
    with pytest.MonkeyPatch.context() as patch, running(nodes, submit, *server):
        until(lambda: "Spark Connect server started at" in log.read_text())
        patch.setenv("SPARK_CONNECT_MODE_ENABLED", "1")  # as Spark sets it, and leaves it
        session = SparkSession.builder.remote(f"sc://127.0.0.1:{port}").getOrCreate()
        yield session
        session.stop()


def _table(session: Any, rows: Path) -> Any:
    return session.read.parquet(str(rows)).repartition(4)


def test_tables_are_mapped(model: Path, rows: Path, session: Any) -> None:
    table = _table(session, rows)
    batches = BatchModel.of(model, keep="id")
    schema = "id long, prediction double"
    check_predicted(table.mapInArrow(batches.in_arrow, schema).toPandas())
    check_predicted(table.mapInPandas(batches.in_pandas, schema).toPandas())


def test_files_are_predicted_on(model: Path, rows: Path, session: Any, tmp_path: Path) -> None:
    import pandas as pd

    output = tmp_path / "out.parquet"
    predict_files(model, rows, output, engine="spark", keep="id", batch_rows=500)
    check_predicted(pd.read_parquet(output))
    assert session.range(3).count() == 3, "the session of others goes on"


def test_a_row_that_the_model_refuses_is_named(model: Path, session: Any, tmp_path: Path) -> None:
    bad = write_rows(tmp_path / "bad.parquet", 8000, infinite=4321)
    batches = BatchModel.of(model, keep="id")
    mapped = _table(session, bad).mapInArrow(batches.in_arrow, "id long, prediction double")
    with pytest.raises(Exception, match=r"id 4321: row \d+ of the batch.*ValueError: x is inf"):
        mapped.toPandas()
    with pytest.raises(RowsRefusedError) as caught:
        predict_files(model, bad, tmp_path / "out.csv", engine="spark")
    assert caught.value.row == 4321
    assert "ValueError: x is infinite" in str(caught.value)


def test_killed_processes_cost_their_batches(
    model: Path, nodes: Nodes, session: Any, tmp_path: Path
) -> None:
    import pandas as pd

    slow = write_rows(tmp_path / "slow.parquet", 20_000, wait=0.1)
    output = tmp_path / "out.parquet"

    def predict() -> None:
        predict_files(model, slow, output, engine="spark", keep="id", batch_rows=200)

    thread = threading.Thread(target=predict)
    thread.start()
    parts = Path(f"{output}.parts")
    until(lambda: len(list(parts.glob("*.arrow"))) > 5)
    os.kill(until(nodes.models)[0], signal.SIGKILL)
    until(lambda: len(list(parts.glob("*.arrow"))) > 20)
    os.kill(_executors(nodes)[0], signal.SIGKILL)
    thread.join()
    check_predicted(pd.read_parquet(output), 20_000)


def test_what_is_cancelled_ends(model: Path, nodes: Nodes, session: Any, tmp_path: Path) -> None:
    slow = write_rows(tmp_path / "slow.parquet", 100_000, wait=0.2)
    output = tmp_path / "out.parquet"

    class Stopped(Exception): ...

    def stop(_: str) -> None:
        if len(list(Path(f"{output}.parts").glob("*.arrow"))) > 1:
            raise Stopped

    with pytest.raises(Stopped):
        predict_files(model, slow, output, engine="spark", batch_rows=500, progress=stop)
    nodes.check_nothing_is_left()
    assert not list(Path(f"{output}.parts").glob("*.running"))


def _executors(nodes: Nodes) -> list[int]:
    """Return the executors of our session: those whose folders are ours."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            command = (folder / "cmdline").read_bytes() if folder.name.isdigit() else b""
            environment = (folder / "environ").read_bytes() if b"Coarse" in command else b""
        except OSError:
            continue
        if str(nodes.tmp).encode() in environment:
            found.append(int(folder.name))
    return found
