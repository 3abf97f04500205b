"""A saved model predicts on batches in an environment of its pins alone."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

import envfiles
import modelenv
from modelenv.base.arguments import BadArgumentError
from modelenv.base.errors import WrongUseError
from modelenv.base.files.scratch import scratch_folder

from ..conftest import made_once
from .conftest import words

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it has no socket pairs of Unix")
ROOT = Path(__file__).parents[3]


def test_it_reads_a_batch_for_each_prediction_and_ends_with_its_loop(folder: Path) -> None:
    read = []

    def batches() -> Iterator[Any]:
        for number in range(100):
            read.append(number)
            yield words("hello", "pid")

    made = modelenv.predict_batches(folder, batches())
    assert read == []
    pids = {next(made)[1] for _ in range(3)}
    assert (len(pids), read) == (1, [0, 1, 2])
    made.close()  # type: ignore[attr-defined]
    with pytest.raises(StopIteration):
        next(made)


def test_several_processes_answer_in_order(folder: Path) -> None:
    batches = [words(f"sleep {0.3 if number == 0 else 0}", "pid") for number in range(8)]
    batches = [[{**row, "n": number} for row in each] for number, each in enumerate(batches)]
    named = [[*each, {"word": "hello", "n": number}] for number, each in enumerate(batches)]
    made = list(modelenv.predict_batches(folder, named, workers=2, seal="off"))
    assert [each[2] for each in made] == [2.0 * number for number in range(8)]
    assert len({each[1] for each in made}) == 2


def test_an_error_names_batch_and_row_among_all(folder: Path) -> None:
    batches = [words("hello", "hello"), words("hello", "raise no", "hello")]
    with pytest.raises(modelenv.ModelenvError) as caught:
        list(modelenv.predict_batches(folder, batches))
    error: Any = caught.value
    assert (error.number, error.row, error.row_of_all) == (1, 1, 3)


def test_a_batch_that_fails_may_be_left_out(folder: Path) -> None:
    batches = [words("hello"), words("raise no"), words("leave 1"), words("hello", "hello")]
    with pytest.warns(UserWarning, match="left out: ") as caught:
        made = list(modelenv.predict_batches(folder, batches, on_error="skip"))
    assert [len(each) for each in made] == [1, 2]
    said = [str(each.message).splitlines()[0] for each in caught]
    assert said == [
        "left out: row 0 of batch 1 (row 1 of all): ValueError: no",
        "left out: batch 2: the model's process ended with exit code 1",
    ]
    assert {each.filename for each in caught} == {__file__}


@pytest.mark.parametrize(
    "one",
    [
        pd.DataFrame({"x": [1.0]}),
        pd.Series([1.0]),
        np.ones((2, 2)),
        csr_matrix([[1.0]]),
        {"x": [1.0]},
        "rows.parquet",
        Path("rows.parquet"),
        5,
        None,
    ],
    ids=lambda one: type(one).__name__,
)
def test_one_batch_is_no_iterable_of_batches(tmp_path: Path, one: Any) -> None:
    with pytest.raises(BadArgumentError, match=r"batches must be .*, \[table\] where there is one"):
        modelenv.predict_batches(tmp_path, one)


def test_what_is_left_out_is_said_once(folder: Path) -> None:
    table = pd.DataFrame(words("hello")).assign(more=1)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        list(modelenv.predict_batches(folder, [table, table]))
    said = [str(each.message) for each in caught]
    assert said == ["left out, as the model's example has no such key: 'more'"]


def test_arguments_are_looked_at_before_anything_runs(folder: Path) -> None:
    for how in ({"returns": "frame"}, {"workers": 0}, {"on_error": "no"}, {"batch_timeout": 0}):
        with pytest.raises(BadArgumentError, match=f"^{next(iter(how))} must be"):
            modelenv.predict_batches(folder, [], **how)
    with pytest.raises(WrongUseError, match="unknown params: 'x'; the model's signature has none"):
        modelenv.predict_batches(folder, [], params={"x": 1})
    with pytest.raises(WrongUseError, match="columns are kept in a table"):
        modelenv.predict_batches(folder, [], keep=["x"])
    with pytest.raises(modelenv.ModelenvError, match="no-such-folder"):
        modelenv.predict_batches(folder / "no-such-folder", [])


def test_a_folder_that_somebody_changes_is_no_fault_of_the_model(
    folder: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)

    def batches() -> Iterator[Any]:
        yield words("hello")
        (copy / "more.txt").write_text("more")
        yield words("raise no")

    with pytest.raises(envfiles.TargetChanged, match="somebody else changed it meanwhile"):
        list(modelenv.predict_batches(copy, batches()))


KILLED = """
import sys
import modelenv
batches = ([{"word": word, "n": 1}] for word in ["pid", "sleep 600"])
for made in modelenv.predict_batches(sys.argv[1], batches):
    print(int(made[0]), flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing ends what a killed one left")
@pytest.mark.parametrize(
    "number", [signal.SIGKILL, pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)
def test_whoever_is_ended_leaves_no_process(folder: Path, number: int) -> None:
    token = f"token_{os.urandom(8).hex()}"
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TOKEN": token},
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    time.sleep(0.2)
    process.send_signal(number)
    process.wait(20)
    process.stdout.close()
    until = time.monotonic() + 10
    while bearing(token) and time.monotonic() < until:
        time.sleep(0.02)
    assert not bearing(token)
    with scratch_folder():  # whoever runs next removes the folders of whom nobody could ask
        pass


def bearing(token: str) -> list[str]:
    """Return the processes that have a word in their environment."""
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if token.encode() in place.read_bytes():
                found.append(place.parent.name)
    return found


@pytest.fixture(scope="module")
def wines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model of wines, and a file of them."""
    datasets = pytest.importorskip("sklearn.datasets")
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    data = datasets.load_wine(as_frame=True)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(data.data, data.target)
    with made_once(tmp_path_factory) as project:
        place: Path = project.root.parent
        modelenv.save_model(model, place / "wine_model", input_example=data.data[:5], prove=False)
        frame = data.data.assign(bottle=np.arange(len(data.data)) + 1000)
        frame.to_parquet(place / "wines.parquet")
        np.save(place / "expected.npy", model.predict(data.data))
    return place


@pytest.mark.slow
def test_it_predicts_as_the_model_does(wines: Path) -> None:
    frame = pd.read_parquet(wines / "wines.parquet")
    batches = [frame[:100].drop(columns="bottle"), frame[100:].drop(columns="bottle")]
    made = np.concatenate(list(modelenv.predict_batches(wines / "wine_model", batches)))
    assert made.tolist() == np.load(wines / "expected.npy").tolist()
