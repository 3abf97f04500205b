"""What does it cost to predict on batches in the model's own environment, beyond doing so here?

    python -m benchmarks batches [--rows N] [--batch N] [--runs N] [--check]

Two models, a logistic regression and 100 boosted trees, predict on a file of Parquet with 30
columns of floats: in this process, and by `predict_batches`. What counts is the CPU time of all
processes from the first prediction to the last, reading too; runs are in turn, each in a process
of its own, and the ratio is the median of rounds. `--check` fails where a bound does not hold.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from ..results.command import conclude, parser_of
from ..results.figures import Figure

BOUNDS = {"logistic regression": 2.2, "100 trees": 1.1}
"""How often the CPU time of predicting here may be taken, for each model."""
COLUMNS = [f"c{number}" for number in range(30)]
_FILE = "rows.parquet"
_TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def main(arguments: Sequence[str]) -> int:
    parser = parser_of("batches", __doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _write(folder, options.rows)
        print(f"{options.rows} rows of 30 floats, batches of {options.batch}: CPU s\n")
        print("| model | in process | isolated: here + the model's process | ratio | bound |")
        print("|---|---|---|---|---|")
        figures = [_measure(folder, name, options.batch, options.runs) for name in BOUNDS]
    good = all(each.holds for each in figures)
    return conclude(options, figures, good=good or not options.check)


def _write(folder: Path, rows: int) -> None:
    """Write the rows and both models."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from pyarrow import parquet
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    import modelenv

    random = np.random.default_rng(0)
    table = pa.table({name: random.normal(size=rows) for name in COLUMNS})
    parquet.write_table(table, folder / _FILE, row_group_size=100_000)
    data = pd.DataFrame(random.normal(size=(5_000, len(COLUMNS))), columns=COLUMNS)
    target = (data.c0 * data.c1 + data.c2 > 0).astype(int)
    made = {
        "logistic regression": LogisticRegression(),
        "100 trees": HistGradientBoostingClassifier(max_iter=100, early_stopping=False),
    }
    for name, model in made.items():
        modelenv.save_model(
            model.fit(data, target), folder / name, input_example=data[:5], prove=False
        )


def _measure(folder: Path, name: str, batch: int, runs: int) -> Figure:
    """Print the row of a model; return its figure."""
    rounds = []
    for _ in range(runs):
        told = {how: _run(folder, name, batch, how) for how in ("here", "isolated")}
        assert told["here"]["sum"] == told["isolated"]["sum"], told
        rounds.append(told)
    ratios = [
        (each["isolated"]["own"] + each["isolated"]["other"]) / each["here"]["own"]
        for each in rounds
    ]
    figures = [
        median(each[how][part] for each in rounds)
        for how, part in (("here", "own"), ("isolated", "own"), ("isolated", "other"))
    ]
    here, own, other = figures
    ratio = median(ratios)
    print(f"| {name} | {here:.2f} | {own:.2f} + {other:.2f} | {ratio:.2f} | {BOUNDS[name]} |")
    text = f"predict on batches in an environment of its own: {name}"
    return Figure(text, ratio, "x in this process, CPU", most=BOUNDS[name])


def _run(folder: Path, name: str, batch: int, how: str) -> dict[str, float]:
    words = [sys.executable, "-m", "benchmarks.bulk.batches", how, str(folder), name, str(batch)]
    # Threads that wait for one another burn what is measured.
    variables = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    ended = subprocess.run(words, env=variables, check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, float] = json.loads(ended.stdout)
    return told


def _predict(how: str, folder: Path, name: str, batch: int) -> None:
    """Predict on all rows, and print what that took."""
    from pyarrow import parquet

    import modelenv

    file = parquet.ParquetFile(folder / _FILE)
    batches = file.iter_batches(batch)
    first = next(batches)
    made: Iterator[Any]
    if how == "here":
        model = modelenv.load_model(folder / name)
        tables = (each.to_pandas() for each in itertools.chain([first], batches))
        made = (model.predict(table) for table in tables)
    else:
        made = modelenv.predict_batches(folder / name, itertools.chain([first], batches))
    total = int(next(made).sum())
    own, other = _spent()
    count = -(-file.metadata.num_rows // batch)
    for prediction in itertools.islice(made, count - 1):  # its process is there to be asked after
        total += int(prediction.sum())
    now = _spent()
    print(json.dumps({"own": now[0] - own, "other": now[1] - other, "sum": total}))


def _spent() -> tuple[float, float]:
    """Return the CPU seconds of this process, and of all below it (Linux)."""
    parents, spent = {}, {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = place.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(place.parent.name)
        parents[pid], spent[pid] = int(fields[1]), sum(map(int, fields[11:15])) / _TICK
    below = 0.0
    for pid, seconds in spent.items():
        above = parents[pid]
        while above in parents and above != os.getpid():
            above = parents[above]
        below += seconds if above == os.getpid() else 0
    own = os.times()
    return own.user + own.system, below


if __name__ == "__main__":
    how, folder, name, batch = sys.argv[1:]
    _predict(how, Path(folder), name, int(batch))
