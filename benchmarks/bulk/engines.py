"""How many rows a second does a model predict on a cluster, in an environment of its own?

    python -m benchmarks engines [--engine spark …] [--nodes PYTHON] [--mlflow PYTHON] [--rows N]

A logistic regression of 30 columns on a cluster with two workers on this machine, by each of our
engines, and by MLflow's `spark_udf` with ``env_manager="uv"`` on the same Spark, data and model.
Each program predicts twice on all rows and adds the predictions up; the second time is counted, so
environments have been built. MLflow is given fewer rows, as it takes a second for every batch.

This Python has modelenv and the engines, that of `--nodes` the engines alone; that of `--mlflow`
has MLflow, the same release of pyspark, and scikit-learn.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..results.command import conclude, parser_of
from ..results.figures import Figure
from ..results.timing import environment

MASTER = "local-cluster[2,1,1024]"
_DATA = """
import sys
import numpy as np, pandas as pd
from sklearn.linear_model import LogisticRegression
folder, rows = sys.argv[1], int(sys.argv[2])
rng = np.random.default_rng(0)
names = [f"x{i}" for i in range(30)]
frame = pd.DataFrame(rng.normal(size=(rows, 30)), columns=names)
head = frame.head(2000)
model = LogisticRegression().fit(head, (head.x0 + head.x1 > 0).astype(int))
"""
_SAVE = f"""{_DATA}
import modelenv
modelenv.save_model(model, f"{{folder}}/ours", input_example=head.head(5))
frame.to_parquet(f"{{folder}}/rows.parquet", row_group_size=20_000)
"""
_SAVE_MLFLOW = f"""{_DATA}
import mlflow.sklearn
mlflow.sklearn.save_model(model, f"{{folder}}/theirs", input_example=head.head(5))
"""
_TWICE = """
import json, sys, time
def twice(predict, rows):
    seconds = []
    for _ in range(2):
        began = time.perf_counter()
        total = predict()
        seconds.append(time.perf_counter() - began)
    print(json.dumps({"rows": rows, "first": seconds[0], "second": seconds[1], "sum": int(total)}))
folder, rows = sys.argv[1], int(sys.argv[2])
"""
_SESSION = f"""
from pyspark.sql import SparkSession
session = SparkSession.builder.master("{MASTER}").config("spark.ui.enabled", "false").getOrCreate()
session.sparkContext.setLogLevel("OFF")
table = session.read.parquet(f"{{folder}}/rows.parquet").limit(rows).repartition(2).cache()
table.count()
"""
PROGRAMS = {
    "spark": f"""{_TWICE}{_SESSION}
import modelenv
model = modelenv.BatchModel.of(f"{{folder}}/ours")
answers = table.mapInArrow(model.in_arrow, model.schema("spark"))
twice(lambda: answers.agg({{"prediction": "sum"}}).collect()[0][0], rows)
""",
    "dask": f"""{_TWICE}
import dask.dataframe, modelenv
from distributed import Client, LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        with Client(cluster):
            table = dask.dataframe.read_parquet(f"{{folder}}/rows.parquet", split_row_groups=5)
            table = table.persist()
            model = modelenv.BatchModel.of(f"{{folder}}/ours")
            answers = table.map_partitions(model, meta=model.schema("pandas"))
            twice(lambda: answers["prediction"].sum().compute(), rows)
""",
    "ray": f"""{_TWICE}
import logging, ray, ray.data, modelenv
ray.init(num_cpus=2, log_to_driver=False, logging_level=logging.ERROR)
ray.data.DataContext.get_current().enable_progress_bars = False
table = ray.data.read_parquet(f"{{folder}}/rows.parquet").repartition(4).materialize()
model = modelenv.BatchModel.of(f"{{folder}}/ours").on_ray()
answers = table.map_batches(model, batch_format="pyarrow", batch_size=None)
twice(lambda: answers.sum("prediction"), rows)
""",
    "mlflow": f"""{_TWICE}{_SESSION}
import mlflow.pyfunc
from pyspark.sql.functions import struct
def predict():
    model = mlflow.pyfunc.spark_udf(
        session, f"{{folder}}/theirs", result_type="long", env_manager="uv"
    )
    answers = table.select(model(struct(*table.columns)).alias("prediction"))
    return answers.agg({{"prediction": "sum"}}).collect()[0][0]
twice(predict, rows)
""",
}


def main(arguments: Sequence[str]) -> int:
    parser = parser_of("engines", __doc__)
    ours = [name for name in PROGRAMS if name != "mlflow"]
    parser.add_argument("--engine", action="append", choices=ours, help="one of ours, or several")
    parser.add_argument("--nodes", default=sys.executable, help="the Python of Spark's executors")
    parser.add_argument("--mlflow", help="a Python that has MLflow")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--mlflow-rows", type=int, default=40_000)
    options = parser.parse_args(arguments)
    print("| what | rows | first time, s | second time, s | rows a second |")
    print("|---|---|---|---|---|", flush=True)
    rates = {}
    with tempfile.TemporaryDirectory() as folder:
        _run(sys.executable, _SAVE, folder, options.rows)
        for name in options.engine or ours:
            told = _run(sys.executable, PROGRAMS[name], folder, options.rows, options.nodes)
            rates[name] = _tell(name, told)
        if options.mlflow:
            _run(options.mlflow, _SAVE_MLFLOW, folder, options.rows)
            rows = options.mlflow_rows
            told = _run(options.mlflow, PROGRAMS["mlflow"], folder, rows, options.mlflow)
            rates["mlflow"] = _tell("MLflow's spark_udf", told)
    if {"spark", "mlflow"} <= rates.keys():
        print(f"\nspark answers {rates['spark'] / rates['mlflow']:.0f} x as many as MLflow")
    unit = "rows a second"
    figures = [
        Figure("predict on a cluster by Spark", rate, unit, who="MLflow")
        if name == "mlflow"
        else Figure(f"predict on a cluster by {name.title()}", rate, unit)
        for name, rate in rates.items()
    ]
    return conclude(options, figures)


def _tell(name: str, told: Mapping[str, float]) -> float:
    rate = told["rows"] / told["second"]
    print(
        f"| {name} | {told['rows']:,} | {told['first']:.1f} | {told['second']:.1f} | {rate:,.0f} |",
        flush=True,
    )
    return rate


def _run(python: str, program: str, folder: str, rows: int, nodes: str = "") -> dict[str, float]:
    """Run a program and return what its last line tells."""
    file = Path(folder) / "program.py"
    file.write_text(program)
    own = {"PYSPARK_PYTHON": nodes, "RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled"}
    path = os.pathsep.join((str(Path(python).parent), os.environ["PATH"]))
    ended = subprocess.run(
        [python, file, folder, str(rows)],
        env={**environment(), **own, "PATH": path},
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )
    if ended.returncode:
        raise SystemExit(f"{file} ended with {ended.returncode}:\n{ended.stderr[-3000:]}")
    lines = [line for line in ended.stdout.splitlines() if line.startswith("{")]
    return dict(json.loads(lines[-1])) if lines else {}
