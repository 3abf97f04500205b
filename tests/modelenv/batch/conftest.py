"""A model of rows that does as it is told, saved once, and those who ask it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.batch.batches import job_of
from modelenv.batch.node.predictions.outcome import BatchOutcome
from modelenv.batch.node.predictor import BatchPredictor
from modelenv.batch.node.worker import BatchLimits, BatchWorker
from modelenv.folder.model_folder import ModelFolder
from modelenv.run.incoming import like_of, told_by
from modelenv.worker.process import Interpreter

MODEL = """
import os, subprocess, sys, time

class Model:
    def predict(self, data, params=None):
        return [self.one(each["word"], each["n"]) for each in data]

    def one(self, word, n):
        name, _, rest = word.partition(" ")
        return getattr(self, "do_" + name, lambda rest: n * 2.0)(rest)

    def do_kill(self, number):
        os.kill(os.getpid(), int(number))

    def do_once(self, file):
        if not os.path.exists(file):
            open(file, "w").close()
            os.kill(os.getpid(), 9)
        return -1.0

    def do_leave(self, code):
        os._exit(int(code))

    def do_raise(self, text):
        raise ValueError(text)

    def do_exit(self, code):
        sys.exit(int(code))

    def do_fill(self, size):
        return len(bytearray(int(size)))

    def do_pid(self, _):
        return os.getpid()

    def do_object(self, _):
        return object()

    def do_start(self, word):
        words = [sys.executable, "-IS", "-c", "import time; time.sleep(600)", word]
        subprocess.Popen(words, start_new_session=True, env={})
        return 0

    def do_sleep(self, seconds):
        print("asleep")
        time.sleep(float(seconds))
        return 0

    def do_fork(self, _):
        return 0 if not os.fork() else 1

model = Model()
"""
HERE = Interpreter(executable=Path(sys.executable))


def words(*said: str) -> list[dict[str, Any]]:
    """Return a batch of a row for each word."""
    return [{"word": each, "n": place} for place, each in enumerate(said)]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a saved model that does as it is told."""
    place = tmp_path_factory.mktemp("batches")
    script = place / "script.py"
    script.write_text(MODEL)
    example = [{"word": "hello", "n": 1}]
    modelenv.save_model(script, place / "model", input_example=example, prove=False)
    return place / "model"


Asked = Callable[..., BatchPredictor]


@pytest.fixture
def asked(folder: Path) -> Iterator[Asked]:
    """Return what makes predictors of that model in this Python; they end with the test."""
    with ExitStack() as stack:

        def make(
            limits: BatchLimits | None = None,
            outcome: BatchOutcome | None = None,
            memory: int | None = None,
        ) -> BatchPredictor:
            opened = ModelFolder.open(folder)
            start = partial(BatchWorker, job_of(opened, memory=memory), HERE, limits)
            made = BatchPredictor(
                start, like_of(told_by(opened)), limits, outcome, opened.prediction
            )
            stack.callback(made.end)
            return made

        yield make
