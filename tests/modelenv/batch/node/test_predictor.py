"""A model predicts on one batch after the other, whatever happens to its process."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest

from modelenv.batch.node.errors import BatchError, BatchFailedError, WorkerEndedError
from modelenv.batch.node.predictions.outcome import BatchOutcome
from modelenv.batch.node.worker import BatchLimits

from ..conftest import Asked, words

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it has no socket pairs of Unix")


def failure(asked: Asked, *said: str, **how: object) -> BatchError:
    with pytest.raises(BatchError) as caught:
        asked(**how).predict(words(*said), number=3, before=20)
    return caught.value


def test_one_process_answers_all_batches(asked: Asked) -> None:
    model = asked()
    first = model.predict(words("pid", "hello"))
    assert first[1] == 2.0
    assert model.predict(words("pid")) == first[:1]


@pytest.mark.parametrize("row", [0, 736])
def test_the_row_that_it_fails_of_is_named_with_the_model_s_exception(
    asked: Asked, row: int
) -> None:
    said = ["hello"] * 1000
    said[row] = "raise no such word"
    error = failure(asked, *said)
    assert (error.number, error.row, error.row_of_all) == (3, row, 20 + row)
    assert isinstance(error.cause, BatchFailedError)
    assert (error.cause.type, error.cause.stage) == ("ValueError", "predict")
    assert not error.others
    text = f"row {row} of batch 3 (row {20 + row} of all): ValueError: no such word"
    assert str(error).splitlines()[0] == text
    assert "in do_raise" in str(error)
    assert "batch_worker.py" not in str(error)


def test_a_failure_of_every_row_is_said_to_be_such(asked: Asked) -> None:
    error = failure(asked, *["raise no such word"] * 9)
    assert (error.row, error.others) == (0, True)
    assert "row 0 of batch 3 (row 20 of all), and not that row alone: " in str(error)


def test_a_table_is_halved_too(asked: Asked) -> None:
    rows = words(*["hello"] * 50)
    rows[31]["word"] = "raise no"
    pyarrow = pytest.importorskip("pyarrow")
    for batch in (pd.DataFrame(rows), pyarrow.Table.from_pylist(rows)):
        with pytest.raises(BatchError, match=r"^row 31 of the batch: ValueError: no"):
            asked().predict(batch)


def test_it_goes_on_after_a_failure(asked: Asked) -> None:
    model = asked()
    (pid,) = model.predict(words("pid"))
    with pytest.raises(BatchError):
        model.predict(words("raise no"))
    with pytest.raises(BatchError, match="SystemExit: 3"):
        model.predict(words("exit 3"))
    assert model.predict(words("pid")) == [pid]


def test_a_process_that_is_killed_costs_one_batch(asked: Asked, tmp_path: Path) -> None:
    model = asked()
    (pid,) = model.predict(words("pid"))
    assert model.predict(words("hello", f"once {tmp_path / 'there'}")) == [0.0, -1.0]
    assert model.predict(words("pid")) != [pid]


@pytest.mark.parametrize(
    ("word", "how"),
    [
        (f"kill {signal.SIGKILL:d}", "was killed by SIGKILL"),
        pytest.param(f"kill {signal.SIGSEGV:d}", "was killed by SIGSEGV", marks=pytest.mark.slow),
        ("leave 7", "ended with exit code 7"),
        pytest.param("leave 0", "ended with exit code 0", marks=pytest.mark.slow),
    ],
)
def test_one_that_ends_twice_is_told_with_its_batch(asked: Asked, word: str, how: str) -> None:
    error = failure(asked, "hello", word)
    assert isinstance(error.cause, WorkerEndedError)
    assert (error.number, error.row, error.cause.how, error.last) == (3, None, how, False)
    assert str(error).startswith(f"batch 3: the model's process {how}")


def test_the_processes_that_are_started_in_a_row_are_counted(asked: Asked) -> None:
    model = asked(BatchLimits(restarts=2))
    told = []
    for _ in range(4):
        with pytest.raises(BatchError) as caught:
            model.predict(words("leave 1"))
        told.append(caught.value)
    assert [each.last for each in told] == [False, True, True, True]
    assert "so no other is started" in str(told[-1])


@pytest.mark.slow
def test_an_answer_makes_up_for_those_that_ended(asked: Asked) -> None:
    model = asked(BatchLimits(restarts=2))
    for _ in range(3):
        with pytest.raises(BatchError):
            model.predict(words("leave 1"))
        assert model.predict(words("hello")) == [0.0]


def test_a_batch_that_takes_too_long_is_not_asked_again(asked: Asked) -> None:
    limits = BatchLimits(batch=0.5)
    began = time.monotonic()
    error = failure(asked, "sleep 600", limits=limits)
    assert time.monotonic() - began < 5
    assert str(error).startswith("batch 3: the model's process did not answer within 0.5 s")
    assert "asleep" in str(error)


def test_memory_that_ran_out_ends_that_process_alone(asked: Asked) -> None:
    model = asked(memory=2_000_000_000)
    assert model.predict(words("fill 1000000")) == [1000000]
    with pytest.raises(BatchError, match=r"^row 0 of the batch: MemoryError"):
        model.predict(words("fill 3000000000"))
    assert model.predict(words("hello")) == [0.0]


def test_a_prediction_that_only_a_pickle_holds_is_an_error(asked: Asked) -> None:
    with pytest.raises(BatchError, match=r"^the batch: UnfaithfulError: .*object"):
        asked().predict(words("object"))


def test_a_child_that_the_model_forked_answers_nobody(asked: Asked) -> None:
    model = asked()
    assert model.predict(words("fork")) == [1]
    assert model.predict(words("hello")) == [0.0]


def test_rows_that_are_no_input_are_an_error_that_names_the_place(asked: Asked) -> None:
    batch = pd.DataFrame({"word": ["a", "b"], "n": ["1", "x"]})
    with pytest.raises(BatchError) as caught:
        asked().predict(batch, number=0, before=0)
    assert caught.value.row == 0
    assert str(caught.value).startswith("row 0 of batch 0: column 'n', row 0: '1' is a text")
    with pytest.raises(BatchError, match="column 'n': is missing; there are 'word'"):
        asked().predict(batch[["word"]])


def test_whoever_ends_it_ends_all_that_it_started(asked: Asked) -> None:
    token = f"token-{os.urandom(8).hex()}"
    model = asked()
    model.predict(words(f"start {token}"))
    while not bearing(token):
        time.sleep(0.01)
    model.end()
    assert not bearing(token)
    with pytest.raises(BatchError, match="was ended"):
        model.predict(words("hello"))


def test_it_may_be_ended_while_it_predicts(asked: Asked) -> None:
    model = asked()
    model.predict(words("hello"))
    caught: list[BaseException] = []

    def predict() -> None:
        try:
            model.predict(words("sleep 600"))
        except BatchError as error:
            caught.append(error)

    thread = threading.Thread(target=predict)
    thread.start()
    time.sleep(0.2)
    began = time.monotonic()
    model.end()
    thread.join(10)
    assert time.monotonic() - began < 5
    assert len(caught) == 1


def test_a_batch_without_rows_gets_a_prediction_without(asked: Asked) -> None:
    assert asked().predict([]) == []
    outcome = BatchOutcome("like", ("n",))
    empty = asked(outcome=outcome).predict(pd.DataFrame(words("a"))[:0])
    assert (list(empty.columns), len(empty)) == (["n", "prediction"], 0)


def test_errors_go_from_one_process_to_another(asked: Asked) -> None:
    error = failure(asked, "raise no")
    back = pickle.loads(pickle.dumps(error))
    assert str(back) == str(error)
    assert (back.row, back.cause.type) == (0, "ValueError")


def bearing(token: str) -> bool:
    """Return whether a process runs that was started with a word."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if token.encode() in file.read_bytes():
                return True
    return False
